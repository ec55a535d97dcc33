/* A journal that the daemon cannot write, or that is of another version: what it says, and that it
 * sends nothing without it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/keeper/config_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"
#include "turn/inside.h"

TestSuite(engine_journal, .timeout = 60);

static struct house *lived_in; /* callbacks of engine_run have no context */

Test(engine_journal, is_named_once_where_it_refuses)
{
    static struct config config;
    struct log_sink log;
    struct engine_options options = {
        .config = &config, .purpose = PURPOSE_RUN, .log = &log, .with_journal = true};
    struct engine *engine;
    const char *first;

    config_of(&config, config_sound);
    snprintf(config.journal, sizeof(config.journal), "/nowhere/at/all/live.db");
    log_init(&log, STDERR_FILENO, LOG_LEVEL_ERROR);
    cr_assert(eq(int, engine_open(&engine, &options), EXIT_REFUSED));
    first = strstr(engine_why(engine), "/nowhere/at/all/live.db");
    cr_assert_not_null(first, "%s", engine_why(engine));
    cr_assert_null(strstr(first + 1, "/nowhere"), "%s", engine_why(engine));
    cr_assert_not_null(strstr(first, "must be writable"), "%s", first);
    engine_close(engine);
}

static void refused_with(struct house *house, const char *piece)
{
    cr_assert(eq(int, house_open(house), EXIT_REFUSED));
    cr_assert_not_null(strstr(engine_why(house->engine), piece), "%s", engine_why(house->engine));
    house_close(house);
}

/* ---- a disk that is read-only */

Test(engine_journal, on_a_disk_that_is_read_only_is_refused_at_the_start)
{
    char disk[128];
    HOUSE house;

    house_make(&house, NULL);
    house_configure(&house, "live.db", "disk/live.db");
    folder_path(disk, &house.folder, "disk");
    cr_assert(eq(int, mkdir(disk, 0700), 0));
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("plimsoll", disk, "tmpfs", MS_RDONLY, "size=1m") != 0) {
        rmdir(disk);
        cr_skip_test("no disk can be made here: not root");
    }
    refused_with(&house, strerror(EROFS));
    cr_assert(eq(int, umount2(disk, MNT_DETACH), 0));
    cr_assert(eq(int, rmdir(disk), 0));
}

static int disk_error;

static ssize_t write_refused(int file, const void *data, size_t size, off_t offset)
{
    (void)file, (void)data, (void)size, (void)offset;
    errno = disk_error;
    return -1;
}

static bool until_a_sending(const struct turn_state *state)
{
    unsigned kinds[CHAIN_KINDS];
    sqlite3_vfs *files = sqlite3_vfs_find(NULL);

    if (state->is_ready && state->counters.transactions[FLIGHT_DRAFTED] == 0)
        cr_assert(eq(int,
                     files->xSetSystemCall(files, "pwrite64", (sqlite3_syscall_ptr)write_refused),
                     SQLITE_OK));
    chain_count(lived_in->chain, kinds);
    return kinds[CHAIN_SEND] > 0;
}

static const struct engine_options live = {
    .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};

static void live_make(struct house *house, struct chain *chain)
{
    house_make(house, chain);
    house_go_live(house);
    house_serve(house);
    chain_walk(chain, 2);
    lived_in = house;
}

static void ends_before_anything_is_sent(int error)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned kinds[CHAIN_KINDS];
    HOUSE house;

    disk_error = error;
    live_make(&house, chain);
    cr_assert(eq(int, house_open_with(&house, &live), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_a_sending), EXIT_REFUSED));
    cr_assert_not_null(strstr(engine_why(house.engine), "nothing of this turn was sent"), "%s",
                       engine_why(house.engine));
    chain_count(chain, kinds);
    cr_assert(eq(uint, kinds[CHAIN_SEND], 0));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

Test(engine_journal, on_a_disk_that_becomes_read_only_ends_it_before_anything_is_sent)
{
    ends_before_anything_is_sent(EROFS);
}

Test(engine_journal, on_a_disk_that_is_full_ends_it_before_anything_is_sent)
{
    ends_before_anything_is_sent(ENOSPC);
}

/* ---- of another version */

static void changed(const struct house *house, const char *sql)
{
    char path[128];
    char *why = NULL;
    sqlite3 *database;

    folder_path(path, &house->folder, "live.db");
    cr_assert(eq(int, sqlite3_open(path, &database), SQLITE_OK));
    cr_assert(eq(int, sqlite3_exec(database, sql, NULL, NULL, &why), SQLITE_OK), "%s", why);
    cr_assert(eq(int, sqlite3_close(database), SQLITE_OK));
}

static void journal_made(struct house *house)
{
    house_make(house, NULL);
    cr_assert(eq(int, house_open(house), EXIT_DONE), "%s", engine_why(house->engine));
    house_close(house);
}

Test(engine_journal, of_a_later_version_is_refused)
{
    HOUSE house;

    journal_made(&house);
    changed(&house, "PRAGMA user_version = 3");
    refused_with(&house, "a later version wrote it (format 3, this one knows 2); run that one");
}

/* Nothing ever wrote format 0. */
Test(engine_journal, of_no_version_is_refused)
{
    HOUSE house;

    journal_made(&house);
    changed(&house, "PRAGMA user_version = 0");
    refused_with(&house, "the file is damaged (format 0)");
}

static bool until_one_is_out(const struct turn_state *state)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (state->fleet.flight[i].state == FLIGHT_SENT)
            return true;
    return false;
}

static bool until_it_landed(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_MINED] > 0;
}

/* What the first version kept of a flight; replacements, days and breakers came later. */
#define AS_FIRST_WRITTEN                                                                           \
    "PRAGMA user_version = 1;"                                                                     \
    "DELETE FROM kept WHERE key = CAST('breakers' AS BLOB);"                                       \
    "UPDATE kept SET value = CAST(json_remove(CAST(value AS TEXT), '$.attempts',"                  \
    " '$.attempt_block', '$.is_cancel', '$.gross', '$.gas_expected', '$.counted_day',"             \
    " '$.counted_loss', '$.has_landed_before') AS BLOB)"                                           \
    " WHERE CAST(key AS TEXT) LIKE 'flight/%'"

/* Format 1; the tables have had one form so far, what stands in them grew. */
Test(engine_journal, of_the_first_version_is_taken_up_and_its_flights_land)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned first[CHAIN_KINDS];
    unsigned both[CHAIN_KINDS];
    uint64_t nonce;
    HOUSE house;

    live_make(&house, chain);
    cr_assert(eq(int, house_open_with(&house, &live), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, until_one_is_out), EXIT_DONE));
    nonce = chain_nonce(chain);
    chain_count(chain, first);
    chain_walk(chain, 0);
    house_close(&house);
    changed(&house, AS_FIRST_WRITTEN);
    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(&house, &live), EXIT_DONE), "%s", engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until_it_landed), EXIT_DONE), "%s",
              engine_why(house.engine));
    chain_count(chain, both);
    cr_assert(gt(uint, first[CHAIN_SEND], 0));
    cr_assert(gt(u64, chain_nonce(chain), nonce));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

/* ---- in which order */

static bool shot_is_armed;
static bool has_shot;

/* The real turn; once the mirror stands, with a record more and a transaction that leaves. */
static const struct actions *turn_with_a_shot(struct turn_state *state, int64_t now_ms,
                                              const struct observation *observations, size_t count)
{
    const struct actions *actions = turn(state, now_ms, observations, count);
    sqlite3_vfs *files = sqlite3_vfs_find(NULL);
    struct rpc_request request = {0};
    struct ask *shot;

    if (!state->is_ready || has_shot)
        return actions;
    has_shot = true;
    disk_error = EIO;
    files->xSetSystemCall(files, "pwrite64", (sqlite3_syscall_ptr)write_refused);
    state_action(state, ACTION_EVENT)->text = "{\"event\":\"shot\"}";
    rpc_request_begin(&request, ask_list_id(&state->asks), 1);
    rpc_request_add(&request, "eth_sendRawTransaction", "[\"0x00\"]");
    rpc_request_end(&request);
    cr_assert(ask_list_add(&state->asks, &request, "eth_sendRawTransaction", ENDPOINT_ANY));
    rpc_request_release(&request);
    shot = &state->asks.ask[state->asks.count - 1];
    shot->is_send = true;
    shot->is_kept = shot_is_armed;
    return actions;
}

static void ends_where_nothing_is_recorded(const char *why, unsigned sendings)
{
    struct engine_options options = live;
    struct chain *chain = chain_of(recording_or_skip());
    unsigned kinds[CHAIN_KINDS] = {0};
    HOUSE house;

    options.turn = turn_with_a_shot;
    live_make(&house, chain);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE));
    cr_assert(eq(int, house_run(&house, NULL), EXIT_REFUSED));
    cr_assert(has_shot);
    cr_assert_not_null(strstr(engine_why(house.engine), why), "%s", engine_why(house.engine));
    for (int i = 0; i < 200 && kinds[CHAIN_SEND] < sendings; i++) {
        usleep(10000);
        chain_count(chain, kinds);
    }
    cr_assert(eq(uint, kinds[CHAIN_SEND], sendings));
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}

Test(engine_journal, is_written_before_a_transaction_leaves)
{
    ends_where_nothing_is_recorded("nothing of this turn was sent", 0);
}

Test(engine_journal, has_what_is_armed_and_its_shot_waits_for_no_record)
{
    shot_is_armed = true;
    ends_where_nothing_is_recorded("what was armed has left", 1);
}
