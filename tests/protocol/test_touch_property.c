/* Logs as nobody would write them: of any emitter, with any topics, words and lengths. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "protocol/aave_v3/inside.h"
#include "tests/base/random.h"
#include "tests/protocol/a_pool.h"
#include "tests/protocol/touched_check.h"

#define DATA_MAX 200u

/* Places that matter, two accounts, nobody, and anybody. */
static struct address random_address(uint64_t *state, const struct market *market)
{
    const struct address places[] = {market->pool,
                                     market->root,
                                     market->oracle,
                                     market->configurator,
                                     market->sentinel,
                                     market->reserve[WETH].asset,
                                     market->reserve[USDC].asset,
                                     market->reserve[WBTC].collateral_token,
                                     market->reserve[WBTC].debt_token,
                                     {{0xa1}},
                                     {{0xb0}},
                                     {{0}}};
    uint64_t which = random_below(state, ARRAY_LENGTH(places) + 2);
    struct address any;

    if (which < ARRAY_LENGTH(places))
        return places[which];
    random_fill(state, any.byte, sizeof(any.byte));
    return any;
}

/* An address as it should stand, with something before it, a small number, or anything. */
static void random_word(uint8_t word[32], uint64_t *state, const struct market *market)
{
    struct address address = random_address(state, market);
    uint64_t how = random_below(state, 8);

    memset(word, 0, 32);
    if (how == 0)
        random_fill(state, word, 32);
    else if (how == 1)
        word[31] = (uint8_t)random_below(state, 3);
    else
        memcpy(word + 12, address.byte, sizeof(address.byte));
    if (how == 2)
        word[random_below(state, 12)] = 1;
}

static void random_log(struct log *out, uint8_t data[DATA_MAX], uint64_t *state,
                       const struct market *market)
{
    *out = (struct log){.address = random_address(state, market)};
    if (random_below(state, 2) == 0)
        out->address = market->pool;
    out->topic_count = (uint8_t)random_below(state, LOG_TOPICS_MAX + 1);
    for (uint32_t i = 0; i < LOG_TOPICS_MAX; i++)
        random_word(out->topic[i].byte, state, market);
    if (random_below(state, 10) != 0)
        topic_of(&out->topic[0],
                 aave_event_signature((enum aave_event)random_below(state, AAVE_EVENT_KINDS)));
    for (size_t at = 0; at + 32 <= DATA_MAX; at += 32)
        random_word(data + at, state, market);
    out->data = bytes_of(data, random_below(state, DATA_MAX));
}

Test(touch_property, of_any_log_names_only_who_is_in_it)
{
    uint32_t taken[TOUCH_UNDECODABLE + 1] = {0};
    uint64_t state = 41;

    for (uint32_t i = 0; i < 4000; i++) {
        struct market *market = a_pool((uint32_t)random_below(&state, 13));
        struct log log;
        uint8_t data[DATA_MAX];

        market->sentinel.byte[0] = (uint8_t)(i % 2 == 0 ? 0x99 : 0);
        random_log(&log, data, &state, market);
        taken[touched_check(market, &log)]++;
        free(market);
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(taken); i++)
        cr_assert(gt(u32, taken[i], 300), "hardly any log ends as %u", i);
}
