/* A daemon that ends leaves its mirror behind, and the next one begins with it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/snapshot_file.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_snapshot, .timeout = 60);

static struct house *lived_in; /* callbacks of engine_run have no context */
static char path[SNAPSHOT_PATH_SIZE];
static uint64_t turns;

static void house_of(struct house *out, struct chain *chain, const char *every)
{
    char setting[128];

    house_make(out, chain);
    snprintf(setting, sizeof(setting), "\"path\": \"live.db\", \"snapshot_every\": \"%s\"", every);
    house_configure(out, "\"path\": \"live.db\"", setting);
    snapshot_path(path, &out->config);
    house_serve(out);
    lived_in = out;
    turns = 0;
}

static bool never(const struct turn_state *state)
{
    if (state->is_ready && turns++ == 0)
        raise(SIGTERM);
    return false;
}

static void said_not(const struct house *house, const char *piece)
{
    char *log = house_log(house);

    cr_assert_null(strstr(log, piece), "\"%s\" in:\n%s", piece, log);
    free(log);
}

/* From the start to SIGTERM, once the mirror stands. */
static void lives_once(struct house *house)
{
    turns = 0;
    cr_assert(eq(int, house_open(house), EXIT_DONE));
    cr_assert(eq(int, house_run(house, never), EXIT_DONE));
    house_close(house);
}

Test(engine_snapshot, is_left_by_one_that_is_stopped_and_taken_up_by_the_next)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned first[CHAIN_KINDS];
    unsigned both[CHAIN_KINDS];
    char restored[96];
    HOUSE house;

    house_of(&house, chain, "24h");
    lives_once(&house);
    chain_count(chain, first);
    cr_assert(eq(int, access(path, F_OK), 0));
    house_said(&house, "mirror kept");
    said_not(&house, "mirror restored");
    lives_once(&house);
    chain_count(chain, both);
    snprintf(restored, sizeof(restored), "event=\"mirror restored\" block=%lu accounts=80",
             chain_number(chain, chain_shown(chain)));
    house_said(&house, restored);
    said_not(&house, "mirror not used");
    said_not(&house, "mirror refused");
    cr_expect(eq(uint, both[CHAIN_GREETING], 2 * first[CHAIN_GREETING]));
    house_end(&house);
    chain_free(chain);
}

Test(engine_snapshot, that_is_torn_is_named_and_the_mirror_built_from_the_chain)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_of(&house, chain, "24h");
    lives_once(&house);
    cr_assert(eq(int, truncate(path, 100), 0));
    lives_once(&house);
    house_said(&house, "mirror refused");
    house_said(&house, path);
    said_not(&house, "mirror restored");
    lives_once(&house);
    house_said(&house, "mirror restored");
    house_end(&house);
    chain_free(chain);
}

static bool until_kept(const struct turn_state *state)
{
    (void)state;
    return access(path, F_OK) == 0;
}

/* Nobody stops this one: a child writes. */
Test(engine_snapshot, is_written_by_a_child_while_the_daemon_runs)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct stat is;
    HOUSE house;

    house_of(&house, chain, "1s");
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_kept), EXIT_DONE));
    cr_assert(eq(int, stat(path, &is), 0));
    cr_expect(eq(int, (int)(is.st_mode & 07777), 0600));
    house_close(&house);
    lives_once(&house);
    house_said(&house, "mirror restored");
    house_end(&house);
    chain_free(chain);
}

static bool until_failed(const struct turn_state *state)
{
    char *log = house_log(lived_in);
    bool is_said = strstr(log, "mirror not kept") != NULL;

    (void)state;
    free(log);
    return is_said;
}

Test(engine_snapshot, that_cannot_be_written_is_said_and_the_daemon_goes_on)
{
    struct chain *chain = chain_of(recording_or_skip());
    char blocked[SNAPSHOT_PATH_SIZE + 8];
    HOUSE house;

    house_of(&house, chain, "1s");
    snprintf(blocked, sizeof(blocked), "%s.new", path);
    cr_assert(eq(int, mkdir(blocked, 0700), 0));
    cr_assert(eq(int, house_open(&house), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_failed), EXIT_DONE));
    house_said(&house, "Is a directory");
    cr_expect(engine_state(house.engine)->is_ready);
    turns = 0;
    cr_assert(eq(int, house_run(&house, never), EXIT_DONE));
    char *log = house_log(&house);
    cr_expect_null(strstr(strstr(log, "mirror not kept") + 1, "mirror not kept"), "said twice");
    free(log);
    house_close(&house);
    cr_expect(ne(int, access(path, F_OK), 0));
    house_end(&house);
    chain_free(chain);
}

static long size_of(const char *file)
{
    struct stat is;

    return stat(file, &is) == 0 ? (long)is.st_size : -1;
}

/* A disk that does not answer: nobody reads that pipe, so that opening it for writing hangs. */
Test(engine_snapshot, that_does_not_come_to_an_end_is_abandoned_and_the_old_file_stands)
{
    struct chain *chain = chain_of(recording_or_skip());
    const struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .snapshot_stop_ms = 300};
    char hanging[SNAPSHOT_PATH_SIZE + 8];
    long before;
    HOUSE house;

    house_of(&house, chain, "24h");
    lives_once(&house);
    before = size_of(path);
    cr_assert(gt(long, before, 0));
    snprintf(hanging, sizeof(hanging), "%s.new", path);
    cr_assert(eq(int, mkfifo(hanging, 0600), 0));
    chain_show(chain, 1);
    turns = 0;
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, never), EXIT_DONE), "the exit is a clean one");
    house_close(&house);
    house_said(&house, "mirror not kept");
    house_said(&house, "it took too long");
    cr_expect(eq(long, size_of(path), before));
    cr_expect(ne(int, access(hanging, F_OK), 0), "left behind");
    lives_once(&house);
    house_said(&house, "mirror restored");
    house_end(&house);
    chain_free(chain);
}

Test(engine_snapshot, is_neither_written_nor_read_where_it_is_off)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_of(&house, chain, "none");
    lives_once(&house);
    cr_expect(ne(int, access(path, F_OK), 0));
    cr_assert(eq(int, symlink("/dev/null", path), 0));
    lives_once(&house);
    said_not(&house, "mirror refused");
    house_end(&house);
    chain_free(chain);
}

/* A recording that began with what an earlier life knew could not be judged by anybody else. */
Test(engine_snapshot, is_not_read_where_a_recording_is_made)
{
    struct chain *chain = chain_of(recording_or_skip());
    char tape[128];
    struct engine_options options = {.purpose = PURPOSE_RUN, .with_journal = true, .record = tape};
    HOUSE house;

    house_of(&house, chain, "24h");
    lives_once(&house);
    folder_path(tape, &house.folder, "a.rec.zst");
    turns = 0;
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, never), EXIT_DONE));
    house_close(&house);
    said_not(&house, "mirror restored");
    house_end(&house);
    chain_free(chain);
}
