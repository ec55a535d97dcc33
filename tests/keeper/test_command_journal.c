/* `plimsoll journal`, as somebody after an incident uses it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"
#include "keeper/commands.h"
#include "keeper/journal_row.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/config_fixture.h"

#define ACCOUNT "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

static char folder[64];
static char file[96];
static char database[96];

static void begin(void)
{
    strcpy(folder, "/tmp/plimsoll-command-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/c.yaml", folder);
    snprintf(database, sizeof(database), "%s/live.db", folder);
    FILE *out = fopen(file, "w");
    fputs(config_sound, out);
    fclose(out);
}

static void end(void)
{
    static const char *const names[] = {"c.yaml", "live.db", "live.db-wal", "live.db-shm",
                                        "live.db.lock"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s/%s", folder, names[i]);
        unlink(name);
    }
    rmdir(folder);
}

TestSuite(command_journal, .init = begin, .fini = end);

static const char *const lines[] = {
    "{\"event\":\"decision\",\"block\":19000123,\"account\":\"" ACCOUNT
    "\",\"verdict\":\"liquidate\",\"reason\":\"profitable\",\"profit\":{\"unit\":\"wei\",\"net\":"
    "\"41200000000000000\"}}",
    "{\"event\":\"transaction\",\"block\":19000124,\"status\":\"reverted\",\"account\":\"" ACCOUNT
    "\",\"hash\":\"0x4b1f3c8dd2f6c5c8f3b6a1d0e9f8c7b6a5948372615049f8e7d6c5b4a3928170\","
    "\"profit\":{\"net\":\"-3200000000000000\"}}",
    "{\"event\":\"reorg\",\"block\":19000125}",
};

static struct journal *written(void)
{
    struct journal *journal;
    char why[256];
    cr_assert_eq(journal_open(&journal, why, database, "31337 " ACCOUNT), JOURNAL_OK);
    for (int64_t i = 0; i < 3; i++) {
        struct journal_entry entry = {.kind = JOURNAL_EVENT, .value = bytes_of_text(lines[i])};
        cr_assert_eq(journal_commit(journal, why, &entry, 1, 1760130000000 + i * 1000), JOURNAL_OK);
    }
    return journal;
}

static void exits_with(const struct outcome *outcome, int code, const char *out, const char *err)
{
    cr_assert_str_eq(outcome->out, out);
    cr_assert_str_eq(outcome->err, err);
    cr_assert(eq(int, outcome->code, code));
}

Test(command_journal, shows_a_table_beside_a_running_daemon)
{
    OUTCOME outcome;
    struct journal *daemon = written();
    outcome_of(&outcome, command_journal, (const char *[]){"-c", file, NULL}, NULL);
    exits_with(
        &outcome, EXIT_DONE,
        "time (UTC)           block       what        account                                     "
        "why                 net, ether\n"
        "2025-10-10 21:00:00  19000123    liquidate   " ACCOUNT "  profitable          0.041200\n"
        "2025-10-10 21:00:01  19000124    reverted    " ACCOUNT "  0x4b1f3c8d…928170   -0.003200\n"
        "2025-10-10 21:00:02  19000125    reorg\n",
        "");
    journal_close(daemon);
}

Test(command_journal, gives_programs_the_lines_as_they_are)
{
    OUTCOME outcome;
    TEXT all = {0};
    journal_close(written());
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        text_add(&all, lines[i]);
        text_add_char(&all, '\n');
    }
    outcome_of(&outcome, command_journal, (const char *[]){"-c", file, "--json", NULL}, NULL);
    exits_with(&outcome, EXIT_DONE, text_string(&all), "");
}

Test(command_journal, begins_where_it_is_told_to)
{
    OUTCOME outcome;
    OUTCOME later;
    TEXT last = {0};
    journal_close(written());
    text_add(&last, lines[2]);
    text_add_char(&last, '\n');
    outcome_of(&outcome, command_journal,
               (const char *[]){"-c", file, "--json", "--since", "2025-10-10T21:00:02Z", NULL},
               NULL);
    exits_with(&outcome, EXIT_DONE, text_string(&last), "");
    outcome_of(&later, command_journal, (const char *[]){"-c", file, "--since", "1s", NULL}, NULL);
    exits_with(&later, EXIT_DONE, "no events\n", "");
}

Test(command_journal, refuses_a_time_that_is_none)
{
    OUTCOME outcome;
    outcome_of(&outcome, command_journal, (const char *[]){"-c", file, "--since", "noon", NULL},
               NULL);
    exits_with(&outcome, EXIT_USAGE, "",
               "plimsoll journal: --since noon is no time; write 2025-10-10T21:00:00Z, or 2h\n");
}

Test(command_journal, refuses_a_command_line_without_a_config)
{
    OUTCOME outcome;
    outcome_of(&outcome, command_journal, (const char *[]){NULL}, NULL);
    exits_with(&outcome, EXIT_USAGE, "",
               "plimsoll journal: -c FILE is missing; see `plimsoll help journal`\n");
}

Test(command_journal, refuses_a_faulty_config)
{
    OUTCOME outcome;
    outcome_of(&outcome, command_journal, (const char *[]){"-c", "/none.yaml", NULL}, NULL);
    exits_with(&outcome, EXIT_USAGE, "",
               "/none.yaml:1:1: config: No such file or directory; name the config file with -c\n");
}

Test(command_journal, says_that_there_is_no_journal)
{
    OUTCOME outcome;
    char wanted[256];
    outcome_of(&outcome, command_journal, (const char *[]){"-c", file, NULL}, NULL);
    snprintf(
        wanted, sizeof(wanted),
        "plimsoll journal: %s: No such file or directory; the daemon makes it when it first runs\n",
        database);
    exits_with(&outcome, EXIT_REFUSED, "", wanted);
    cr_assert_neq(access(database, F_OK), 0);
}

static void row_is(const char *line, const char *wanted)
{
    TEXT row = {0};
    journal_row_add(&row, false, 0, bytes_of_text(line));
    cr_assert_str_eq(text_string(&row), wanted);
}

Test(journal_row, shows_what_it_does_not_know)
{
    row_is("{\"event\":\"eclipse\",\"block\":7,\"reason\":\"moon\"}",
           "1970-01-01 00:00:00  7           eclipse                                              "
           "   moon\n");
    row_is("{}", "1970-01-01 00:00:00\n");
    row_is("not json", "1970-01-01 00:00:00  not json\n");
    row_is("[1]", "1970-01-01 00:00:00  [1]\n");
    row_is("", "1970-01-01 00:00:00\n");
    row_is("{\"event\":5,\"block\":\"7\",\"profit\":[],\"account\":{}}", "1970-01-01 00:00:00\n");
}

Test(journal_row, lets_nobody_steer_the_terminal)
{
    row_is("{\"event\":\"\\u001b[2J\\u0007\"}", "1970-01-01 00:00:00              ?[2J?\n");
    row_is("\x1b[2J", "1970-01-01 00:00:00  ?[2J\n");
}

Test(journal_row, colours_what_matters)
{
    TEXT row = {0};
    journal_row_add(&row, true, 0, bytes_of_text(lines[0]));
    cr_assert_not_null(strstr(text_string(&row), "\033[32mliquidate\033[0m"));
    text_clear(&row);
    journal_row_add(&row, true, 0, bytes_of_text(lines[1]));
    cr_assert_not_null(strstr(text_string(&row), "\033[31mreverted\033[0m"));
    cr_assert_not_null(strstr(text_string(&row), "\033[31m-0.003200\033[0m"));
}
