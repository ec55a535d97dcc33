/* What a market is told when its node has been greeted. */
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/text.h"
#include "eth/jsonrpc.h"
#include "turn/state.h"

#define CHAIN 31337

/* A node's answers: chain id, head and nonce, as to the ask of that id. */
static void greeting_text(struct text *out, uint64_t ask)
{
    static const char *const results[] = {"\"0x7a69\"", NULL, "\"0x0\""};
    static const char *const hashes[] = {"hash", "parentHash"};

    for (uint64_t i = 0; i < ARRAY_LENGTH(results); i++) {
        text_add(out, i == 0 ? "[{\"id\":" : ",{\"id\":");
        text_add_u64(out, ask * RPC_BATCH_MAX + i);
        text_add(out, ",\"result\":");
        if (results[i] != NULL) {
            text_add(out, results[i]);
            text_add(out, "}");
            continue;
        }
        text_add(
            out,
            "{\"number\":\"0x5\",\"timestamp\":\"0x6\",\"gasLimit\":\"0x1\",\"gasUsed\":\"0x0\"");
        for (size_t k = 0; k < ARRAY_LENGTH(hashes); k++) {
            text_add(out, ",\"");
            text_add(out, hashes[k]);
            text_add(out, "\":\"0x");
            for (int byte = 0; byte < 32; byte++)
                text_add(out, "07");
            text_add(out, "\"");
        }
        text_add(out, ",\"logsBloom\":\"0x");
        for (int byte = 0; byte < 256; byte++)
            text_add(out, "00");
        text_add(out, "\"}}");
    }
    text_add(out, "]");
}

Test(greeting, tells_each_market_how_old_a_price_may_be_rounded_up_to_seconds)
{
    static const struct {
        int64_t config_ms;
        uint64_t told_s;
    } rows[] = {{-1, 0}, {1000, 1}, {1001, 2}, {1999, 2}, {3600000, 3600}};
    static struct settings settings;
    TEXT body = {0};

    settings.chain.id = CHAIN;
    settings.account.byte[0] = 1;
    settings.market_count = ARRAY_LENGTH(rows);
    for (uint32_t i = 0; i < settings.market_count; i++) {
        strcpy(settings.market[i].protocol, "aave-v3");
        settings.market[i].price_age_max_ms = rows[i].config_ms;
    }
    struct turn_state *state = turn_new(&settings, PURPOSE_RUN);
    (void)turn(state, 1, NULL, 0);
    greeting_text(&body, state->greeting_ask);
    struct observation answer = {.kind = OBSERVATION_ANSWER,
                                 .status = OBSERVED_OK,
                                 .id = state->greeting_ask,
                                 .http_status = 200,
                                 .body = bytes_of_text(text_string(&body))};
    (void)turn(state, 2, &answer, 1);
    cr_assert(eq(int, (int)state->phase, PHASE_TERMS));
    for (uint32_t i = 0; i < settings.market_count; i++)
        cr_expect(eq(u64, state->tracked[i].market.price_age_max_s, rows[i].told_s), "row %u", i);
    turn_free(state);
}
