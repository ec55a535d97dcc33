/* A node that answers nonsense, at every question: nothing is believed, nothing stops, and it goes
 * on where the answers are right again. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/keeper/stage.h"

TestSuite(garbage, .timeout = 120);

static const char *const kind_names[CHAIN_KINDS] = {"greeting", "terms", "history", "accounts",
                                                    "audit",    "poll",  "block",   "simulation",
                                                    "receipts", "send"};

static const char *const nonsense[] = {
    NULL, /* cut off */
    "",
    "hello",
    "<html><body>502 Bad Gateway</body></html>",
    "null",
    "[]",
    "{}",
    "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x7a",
    "{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":\"0x\"}",
    "[{\"jsonrpc\":\"2.0\",\"id\":999999999,\"result\":null}]",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":\"Internal error\"}}",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":\"a string\"}",
};

static bool is_ready(const struct stage *stage)
{
    return stage->state->is_ready;
}

Test(garbage, during_a_start_is_never_believed_and_outlived)
{
    static const enum chain_kind kinds[] = {CHAIN_GREETING, CHAIN_TERMS, CHAIN_HISTORY,
                                            CHAIN_ACCOUNTS, CHAIN_AUDIT, CHAIN_POLL};
    struct chain *chain = chain_of(recording_or_skip());

    for (size_t k = 0; k < ARRAY_LENGTH(kinds); k++) {
        for (size_t i = 0; i < ARRAY_LENGTH(nonsense); i++) {
            unsigned before[CHAIN_KINDS];
            unsigned after[CHAIN_KINDS];
            STAGE stage;

            stage_make(&stage, chain, NULL);
            chain_count(chain, before);
            chain_spoil(chain, kinds[k], 2, nonsense[i]);
            stage_until(&stage, is_ready, 400);
            chain_count(chain, after);
            cr_assert(after[kinds[k]] >= before[kinds[k]] + 3, "%s: %s was taken for an answer",
                      kind_names[kinds[k]], nonsense[i]);
            cr_assert(not(stage.has_stopped));
            cr_assert(eq(u64, stage.state->header.number, chain_number(chain, 0)));
            cr_assert(eq(u64, stage.state->tracked[0].parity_wrong, 0));
            cr_assert(eq(int, stage.state->tracked[0].market.trust, MARKET_TRUSTED));
            cr_assert(eq(uint, chain_unknown(chain), 0));
        }
    }
    chain_free(chain);
}

static bool is_through(const struct stage *stage)
{
    return chain_shown(stage->chain) + 1 == chain_blocks(stage->chain) && stage->state->is_ready &&
           stage->state->header.number ==
               chain_number(stage->chain, chain_blocks(stage->chain) - 1);
}

/* The whole crash, live, with that question spoiled again and again. */
static void lives_through(struct chain *chain, enum chain_kind kind, const char *text)
{
    STAGE stage;
    unsigned asked[CHAIN_KINDS];

    stage_make(&stage, chain, NULL);
    chain_show(chain, 0);
    chain_walk(chain, 0);
    stage_until(&stage, is_ready, 400);
    chain_walk(chain, 3);
    for (unsigned i = 0; i < 4000 && !is_through(&stage); i++) {
        if (i % 7 == 0)
            chain_spoil(chain, kind, 1, text);
        stage_turn(&stage);
        cr_assert(not(stage.has_stopped), "%s: %s: %s", kind_names[kind], text, stage.why);
    }
    chain_spoil(chain, kind, 0, NULL);
    stage_until(&stage, is_through, 400);
    chain_count(chain, asked);
    cr_assert(asked[kind] > 0, "%s was never asked for", kind_names[kind]);
    cr_assert(stage_posted_once(&stage) > 0, "%s: %s: nothing was sent", kind_names[kind], text);
    cr_assert(eq(u32, fleet_live(&stage.state->fleet), 0));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
}

Test(garbage, in_a_crash_costs_no_nonce_and_no_mirror)
{
    static const enum chain_kind kinds[] = {CHAIN_POLL, CHAIN_SIMULATION, CHAIN_RECEIPTS,
                                            CHAIN_SEND};
    struct chain *chain = chain_of(recording_or_skip());

    for (size_t k = 0; k < ARRAY_LENGTH(kinds); k++)
        lives_through(chain, kinds[k], nonsense[k * 2]);
    chain_free(chain);
}

/* Every head is three blocks on: what lies between is asked for by hash. */
Test(garbage, about_blocks_that_were_missed_is_asked_for_again)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = chain_config(chain)->settings;
    STAGE stage;
    unsigned asked[CHAIN_KINDS];

    settings.mode = KEEPER_DRY_RUN;
    stage_make(&stage, chain, &settings);
    stage_until(&stage, is_ready, 400);
    for (unsigned i = 0; i < 4000 && !is_through(&stage); i++) {
        if (stage.state->header.number == chain_number(chain, chain_shown(chain))) {
            chain_spoil(chain, CHAIN_BLOCK, 2, nonsense[i % ARRAY_LENGTH(nonsense)]);
            chain_show(chain, chain_shown(chain) + 3);
        }
        stage_turn(&stage);
    }
    cr_assert(is_through(&stage), "%s", stage.state->not_ready);
    chain_count(chain, asked);
    cr_assert(asked[CHAIN_BLOCK] > 0);
    cr_assert(stage.state->follow.missed > 0);
    cr_assert(not(stage.has_stopped));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    cr_assert(eq(u64, stage.state->counters.reorgs, 0));
    chain_free(chain);
}
