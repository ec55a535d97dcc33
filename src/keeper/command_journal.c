/* `plimsoll journal`: what was decided, sent, and what became of it. Reads beside the daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal/journal.h"
#include "keeper/commands.h"
#include "keeper/config.h"
#include "keeper/help.h"
#include "keeper/ink.h"
#include "keeper/journal_row.h"
#include "keeper/since.h"

struct reading {
    bool is_json;
    bool colour;
    uint64_t count;
    struct text row;
};

/* False ends it: whoever read at the other end of a pipe has gone. */
static bool event_print(void *context, int64_t time_ms, struct bytes line)
{
    struct reading *reading = context;

    text_clear(&reading->row);
    if (reading->is_json) {
        text_add_bytes(&reading->row, line);
        text_add_char(&reading->row, '\n');
    } else {
        if (reading->count == 0)
            journal_head_add(&reading->row, reading->colour);
        journal_row_add(&reading->row, reading->colour, time_ms, line);
    }
    reading->count++;
    size_t length = text_length(&reading->row);
    return fwrite(text_string(&reading->row), 1, length, stdout) == length;
}

static int journal_print(const char *path, int64_t since_ms, bool is_json)
{
    struct reading reading = {.is_json = is_json, .colour = !is_json && ink_is_wanted(stdout)};
    struct journal *journal;
    char why[256];

    if (journal_open_read(&journal, why, path) != JOURNAL_OK) {
        fprintf(stderr, "plimsoll journal: %s\n", why);
        return EXIT_REFUSED;
    }
    enum journal_error error = journal_events(journal, since_ms, &reading, event_print);
    journal_close(journal);
    text_release(&reading.row);
    if (error != JOURNAL_OK) {
        fprintf(stderr, "plimsoll journal: %s: %s\n", path, journal_error_text(error));
        return EXIT_REFUSED;
    }
    if (!is_json && reading.count == 0)
        puts("no events");
    if (fflush(stdout) != 0 && errno != EPIPE) {
        fprintf(stderr, "plimsoll journal: standard output: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    return EXIT_DONE;
}

int command_journal(int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "since", "json!"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "journal", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int rest = options_parse(&parse, argc, argv);
    int64_t since_ms = INT64_MIN;

    if (rest < 0)
        return rest == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (values[0] == NULL) {
        fputs("plimsoll journal: -c FILE is missing; see `plimsoll help journal`\n", stderr);
        return EXIT_USAGE;
    }
    if (values[1] != NULL && !since_parse(&since_ms, values[1], (int64_t)time(NULL) * 1000)) {
        fprintf(stderr,
                "plimsoll journal: --since %s is no time; write 2025-10-10T21:00:00Z, or 2h\n",
                values[1]);
        return EXIT_USAGE;
    }
    struct config *config = must_alloc(1, sizeof(*config));
    TEXT faults = {0};
    int code = EXIT_USAGE;
    if (config_read(config, &faults, values[0]))
        code = journal_print(config->journal, since_ms, values[2] != NULL);
    else
        fputs(text_string(&faults), stderr);
    free(config);
    return code;
}
