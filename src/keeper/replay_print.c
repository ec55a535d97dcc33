/* What a person wants of a replay. */
#include "keeper/replay_print.h"

#include <stdlib.h>

#include "base/must.h"

struct replay_print {
    FILE *out;
};

struct replay_print *replay_print_new(FILE *out)
{
    struct replay_print *print = must_alloc(1, sizeof(*print));

    print->out = out;
    return print;
}

void replay_print_turn(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct replay_print *print = context;

    (void)state;
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->action[i].kind == ACTION_EVENT)
            fprintf(print->out, "%s\n", actions->action[i].text);
    }
}

void replay_print_end(struct replay_print *print, const struct replay_result *result,
                      const char *report)
{
    (void)report;
    fprintf(print->out, "%llu turns, %llu heads\n", (unsigned long long)result->turns,
            (unsigned long long)result->heads);
    free(print);
}
