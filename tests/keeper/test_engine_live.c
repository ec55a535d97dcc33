/* The daemon with its key, its journal and a node: what leaves it, and what does not when the disk
 * says no. The signer is this binary, as in test_signer_link.c. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_live, .timeout = 60);

static struct house *lived_in;
static bool fills_the_disk; /* once the mirror stands */

static void live_open(struct house *house, struct chain *chain)
{
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};

    house_make(house, chain);
    house_go_live(house);
    house_serve(house);
    lived_in = house;
    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(house, &options), EXIT_DONE), "%s",
              engine_why(house->engine));
}

static void file_size_limit(rlim_t bytes)
{
    struct rlimit limit;

    cr_assert(eq(int, getrlimit(RLIMIT_FSIZE, &limit), 0));
    limit.rlim_cur = bytes;
    cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
}

static bool until_something_landed(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_MINED] > 0;
}

static bool until_a_sending(const struct turn_state *state)
{
    unsigned kinds[CHAIN_KINDS];

    if (state->is_ready && state->counters.transactions[FLIGHT_DRAFTED] == 0 && !fills_the_disk) {
        fills_the_disk = true;
        file_size_limit(1);
    }
    chain_count(lived_in->chain, kinds);
    return kinds[CHAIN_SEND] > 0;
}

Test(engine_live, signs_sends_and_sees_it_land)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;
    unsigned kinds[CHAIN_KINDS];

    live_open(&house, chain);
    cr_assert(eq(int, house_run(&house, until_something_landed), EXIT_DONE));
    chain_count(chain, kinds);
    cr_assert(kinds[CHAIN_SEND] > 0);
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

Test(engine_live, sends_nothing_where_the_journal_s_disk_takes_nothing)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;
    unsigned kinds[CHAIN_KINDS];

    signal(SIGXFSZ, SIG_IGN);
    live_open(&house, chain);
    cr_assert(eq(int, house_run(&house, until_a_sending), EXIT_REFUSED), "%s",
              engine_why(house.engine));
    file_size_limit(RLIM_INFINITY);
    cr_assert(fills_the_disk);
    cr_assert_not_null(strstr(engine_why(house.engine), "nothing of this turn was sent"), "%s",
                       engine_why(house.engine));
    cr_assert_not_null(strstr(engine_why(house.engine), "live.db"));
    chain_count(chain, kinds);
    cr_assert(eq(uint, kinds[CHAIN_SEND], 0));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* As systemd starts both again: the daemon may be the first. */
Test(engine_live, waits_a_moment_for_a_signer_that_starts_later)
{
    struct engine_options options = {.purpose = PURPOSE_RUN, .with_signer = true};
    HOUSE house;

    house_make(&house, chain_of(recording_or_skip()));
    house_go_live(&house);
    house_configure(&house, "\"signer\": {", "\"signer\": {\"socket\": \"signer.socket\", ");
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        usleep(500000);
        execl("/proc/self/exe", "plimsoll", "sign", "-c", house.config.file, NULL);
        _exit(99);
    }
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    house_close(&house);
    cr_assert(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    chain_free(house.chain);
}

/* A signer of its own unit, after a while. Gives: a process to end. */
static pid_t unit_start(const struct house *house, useconds_t delay_us)
{
    pid_t child = fork();

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        usleep(delay_us);
        execl("/proc/self/exe", "plimsoll", "sign", "-c", house->config.file, NULL);
        _exit(99);
    }
    return child;
}

static pid_t unit;
static bool has_failed_over;
static bool unit_returns;

/* Ends it as soon as the mirror stands, and starts the next. The head stands until that one is
 * heard of, or else there might be nothing left to liquidate by then. */
static bool until_landed_with_the_next(const struct turn_state *state)
{
    static bool is_back;

    if (!has_failed_over && state->is_ready) {
        has_failed_over = true;
        cr_assert(kill(unit, SIGKILL) == 0 && waitpid(unit, NULL, 0) == unit);
        if (unit_returns) {
            chain_walk(lived_in->chain, 0);
            unit = unit_start(lived_in, 700000);
        }
    }
    if (unit_returns && has_failed_over && !is_back) {
        char *log = house_log(lived_in);
        is_back = strstr(log, "signer is back") != NULL;
        free(log);
        if (is_back)
            chain_walk(lived_in->chain, 2);
    }
    return has_failed_over && state->counters.transactions[FLIGHT_MINED] > 0;
}

static void unit_open(struct house *house, struct chain *chain)
{
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};

    house_make(house, chain);
    house_go_live(house);
    house_configure(house, "\"signer\": {", "\"signer\": {\"socket\": \"signer.socket\", ");
    house_serve(house);
    lived_in = house;
    chain_walk(chain, 2);
    unit = unit_start(house, 0);
    cr_assert(eq(int, house_open_with(house, &options), EXIT_DONE), "%s",
              engine_why(house->engine));
}

Test(engine_live, goes_on_with_the_signer_that_takes_the_place_of_one_that_was_killed)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    unit_returns = true;
    unit_open(&house, chain);
    cr_assert(eq(int, house_run(&house, until_landed_with_the_next), EXIT_DONE), "%s",
              engine_why(house.engine));
    house_close(&house);
    cr_assert(kill(unit, SIGKILL) == 0 && waitpid(unit, NULL, 0) == unit);
    house_end(&house);
    chain_free(chain);
}

Test(engine_live, sends_nothing_without_its_signer_and_gives_up_in_the_end)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned kinds[CHAIN_KINDS];
    HOUSE house;

    unit_open(&house, chain);
    cr_assert(eq(int, house_run(&house, until_landed_with_the_next), EXIT_INTERNAL), "%s",
              engine_why(house.engine));
    cr_assert_not_null(strstr(engine_why(house.engine), "the signer is gone: no signer answers"));
    chain_count(chain, kinds);
    cr_assert(eq(uint, kinds[CHAIN_SEND], 0));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* The only child that this process has. */
static pid_t only_child(void)
{
    char path[64];
    char line[64] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
    file = fopen(path, "r");
    cr_assert(file != NULL && fgets(line, sizeof(line), file) != NULL);
    fclose(file);
    return (pid_t)strtol(line, NULL, 10);
}

static bool kill_the_signer(const struct turn_state *state)
{
    static bool is_killed;

    if (state->counters.transactions[FLIGHT_SENT] > 0 && !is_killed) {
        is_killed = true;
        kill(only_child(), SIGKILL);
    }
    return false;
}

/* A signer comes back, so whoever starts us must start us again: an exit that says "refused" would
 * keep systemd from it. */
Test(engine_live, ends_so_that_it_is_started_again_where_the_signer_is_gone)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    live_open(&house, chain);
    cr_assert(eq(int, house_run(&house, kill_the_signer), EXIT_INTERNAL), "%s",
              engine_why(house.engine));
    cr_assert_not_null(strstr(engine_why(house.engine), "the signer is gone"));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

static bool stop_the_signer(const struct turn_state *state)
{
    static bool is_stopped;

    if (state->is_ready && !is_stopped) {
        is_stopped = true;
        kill(only_child(), SIGSTOP);
    }
    return false;
}

Test(engine_live, gives_up_a_signer_that_answers_nothing)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned kinds[CHAIN_KINDS];
    HOUSE house;

    live_open(&house, chain);
    cr_assert(eq(int, house_run(&house, stop_the_signer), EXIT_INTERNAL), "%s",
              engine_why(house.engine));
    house_said(&house, "signer is silent");
    chain_count(chain, kinds);
    cr_assert(eq(uint, kinds[CHAIN_SEND], 0));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}
