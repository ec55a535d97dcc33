/* `plimsoll explain`: one account, and why the daemon does with it what it does. */
#include <stdlib.h>
#include <string.h>

#include "keeper/commands.h"
#include "keeper/explain.h"
#include "keeper/help.h"
#include "keeper/look.h"
#include "keeper/pick.h"

struct request {
    const char *config;
    struct pick pick;
    bool is_json;
};

static int request_read(struct request *out, int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "market", "account", "json!"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "explain", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count;
    out->config = values[0];
    out->is_json = values[3] != NULL;
    if (!pick_read(&out->pick, "explain", values[0], values[1], values[2]))
        return OPTIONS_REFUSED;
    if (out->pick.has_account)
        return 0;
    fputs("plimsoll explain: no account; name one with --account 0x…\n", stderr);
    return OPTIONS_REFUSED;
}

static void one_print(const struct request *request, const struct turn_state *state,
                      const struct tracked *tracked, uint32_t slot)
{
    struct explanation *explanation = must_alloc(1, sizeof(*explanation));
    TEXT json = {0};

    explain(explanation, state, tracked, slot);
    if (request->is_json) {
        explain_json(&json, explanation);
        fputs(text_string(&json), stdout);
    } else {
        explain_print(stdout, explanation);
    }
    free(explanation);
}

static int explain_all(const struct request *request, const struct turn_state *state)
{
    char account[ADDRESS_TEXT_SIZE];
    uint32_t found = 0;

    if (!pick_is_known(&request->pick, "explain", state))
        return EXIT_USAGE;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];
        uint32_t slot = book_find(tracked->book, &request->pick.account);

        if (slot == TABLE_NONE || !pick_has_market(&request->pick, tracked))
            continue;
        if (found++ > 0 && !request->is_json)
            putchar('\n');
        one_print(request, state, tracked, slot);
    }
    if (found > 0)
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
    address_format(account, &request->pick.account);
    fprintf(stderr,
            "plimsoll explain: %s never owed anything in %s%s since markets[].from_block; check "
            "the address\n",
            account, request->pick.market != NULL ? "market " : "any market of the config",
            request->pick.market != NULL ? request->pick.market : "");
    return EXIT_USAGE;
}

int command_explain(int argc, char **argv)
{
    struct request request = {0};
    struct look look;
    int code = request_read(&request, argc, argv);

    if (code < 0)
        return code == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    code = look_open(&look, request.config);
    if (code != EXIT_DONE)
        return code;
    code = explain_all(&request, look.state);
    look_close(&look);
    return code;
}
