#include "tests/turn/relayed.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "turn/state.h"

void private_make(struct aloft *aloft, uint8_t accounts, uint32_t private_blocks)
{
    struct settings *settings;

    aloft_make(aloft, accounts);
    settings = &aloft->state->settings;
    settings->way_out = WAY_PRIVATE;
    settings->private_blocks = private_blocks;
    settings->chain.endpoint_count = 4;
    settings->chain.endpoint[0].may_read = settings->chain.endpoint[0].may_send = true;
    settings->chain.endpoint[1].takes_bundles = settings->chain.endpoint[2].takes_bundles = true;
    settings->chain.endpoint[3].takes_private = true;
}

void signed_and_posted(struct aloft *aloft)
{
    aloft_turn(aloft);
    aloft_signed(aloft, false);
    aloft_turn(aloft);
}

void all_answer(struct aloft *aloft, const char *method, const char *result)
{
    size_t count = aloft_asks(aloft, method);

    for (size_t i = 0; i < count; i++)
        aloft_answer(aloft, aloft_ask(aloft, method, i), (const char *const[]){result, NULL});
}

void all_refuse(struct aloft *aloft, const char *method)
{
    size_t count = aloft_asks(aloft, method);

    for (size_t i = 0; i < count; i++)
        aloft_answer_error(aloft, aloft_ask(aloft, method, i), -32000,
                           "insufficient funds for gas * price + value");
}

void all_take(struct aloft *aloft)
{
    all_answer(aloft, BUNDLE, "{\"bundleHash\":" HASH "}");
    all_answer(aloft, PRIVATE, HASH);
    aloft_turn(aloft);
}

void is_exactly(const struct ask *ask, const char *method, const char *params, int endpoint)
{
    TEXT expected = {0};

    cr_assert_not_null(ask, "no %s", method);
    text_add(&expected, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(&expected, ask->id * RPC_BATCH_MAX);
    text_add(&expected, ",\"method\":\"");
    text_add(&expected, method);
    text_add(&expected, "\",\"params\":");
    text_add(&expected, params);
    text_add(&expected, "}");
    cr_assert(bytes_equal(ask->body, text_bytes(&expected)), "%.*s\ninstead of\n%s",
              (int)ask->body.size, (const char *)ask->body.data, text_string(&expected));
    cr_assert(ask->is_send && ask->is_relayed == (endpoint != ENDPOINT_ANY));
    cr_assert(eq(int, ask->endpoint, endpoint));
}

void params_of(struct text *out, const struct flight *flight, const char *before,
               const char *behind, uint64_t block, const char *end)
{
    text_clear(out);
    text_add(out, before);
    text_add_hex(out, bytes_of(flight->raw, flight->raw_size));
    text_add(out, behind);
    if (block > 0)
        text_add_quantity(out, block);
    text_add(out, end);
}

void bundle_is(const struct aloft *aloft, size_t index, uint64_t block, int endpoint)
{
    TEXT params = {0};

    params_of(&params, aloft_flight(aloft, 0), "[{\"txs\":[\"", "\"],\"blockNumber\":\"", block,
              "\"}]");
    is_exactly(aloft_ask(aloft, BUNDLE, index), BUNDLE, text_string(&params), endpoint);
}
