/*
 * Whatever an oracle, or a node in its place, says about a price, its source and its age: a number
 * that can be one is taken as it is, and everything else is a price that is missing or an age that
 * is unknown, with a typed error. Nothing is guessed, and the last answer does not live on.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "protocol/aave_v3/inside.h"
#include "tests/base/random.h"
#include "tests/protocol/fake_pool.h"

#define WORD 32u

/* A market in which all is known, and now asks for everything about prices again. */
static struct market *asking(struct fake_pool *fake, struct read_list *reads)
{
    struct market *market = fake_market();
    struct header header = {.number = 1, .timestamp_s = 2000};

    fake_pool_init(fake, 1);
    fake->category_source = (struct address){{0xee}};
    market->price_age_max_s = 3600;
    market_begin_block(market, &header);
    fake_settle(fake, market, NULL);
    cr_assert(market_is_complete(market));
    market_touch_prices(market);
    market->stale |= MARKET_STALE_ORACLE;
    market->category[5].stale = CATEGORY_STALE_PRICE;
    protocol_at(market->protocol)->want_market(reads, market);
    return market;
}

static const struct read *read_of(const struct read_list *reads, enum aave_read kind)
{
    for (size_t i = 0; i < reads->count; i++) {
        if (reads->read[i].kind == (uint8_t)kind)
            return &reads->read[i];
    }
    cr_assert(false, "it does not ask for %s", aave_read_signature(kind));
    return NULL;
}

static enum read_error answered(struct market *market, const struct read *read, bool succeeded,
                                struct bytes data)
{
    struct account_fact fact;
    enum read_error error =
        protocol_at(market->protocol)->accept(&fact, market, read, succeeded, data);

    cr_assert(eq(int, (int)fact.kind, ACCOUNT_FACT_NONE));
    return error;
}

static const uint8_t zero[2 * WORD];
static const uint8_t one[WORD] = {[31] = 1};
static const uint8_t most[WORD] = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t least[WORD] = {0x80};
static const uint8_t minus_one[WORD] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t longer[2 * WORD] = {[31] = 1, [63] = 9};

struct answer {
    const char *name;
    bool reverts;
    const uint8_t *data;
    size_t size;
    enum read_error error;
    enum price_status status;
};

static const struct answer prices[] = {
    {"one", false, one, WORD, READ_OK, PRICE_OK},
    {"the largest int256", false, most, WORD, READ_OK, PRICE_OK},
    {"more than was asked for", false, longer, 2 * WORD, READ_OK, PRICE_OK},
    {"zero", false, zero, WORD, READ_OK, PRICE_MISSING},
    {"minus one", false, minus_one, WORD, READ_OUT_OF_RANGE, PRICE_MISSING},
    {"2^255, the least int256", false, least, WORD, READ_OUT_OF_RANGE, PRICE_MISSING},
    {"a byte too few", false, one, WORD - 1, READ_MALFORMED, PRICE_MISSING},
    {"nothing", false, zero, 0, READ_MALFORMED, PRICE_MISSING},
    {"a revert", true, zero, 0, READ_FAILED, PRICE_MISSING},
    {"a revert with a number in it", true, one, WORD, READ_FAILED, PRICE_MISSING},
};

static void price_is(const struct price *price, const struct answer *answer)
{
    struct u256 should = U256_ZERO;

    if (answer->status == PRICE_OK)
        should = u256_of_word(answer->data);
    cr_expect(eq(int, (int)price->status, (int)answer->status), "%s", answer->name);
    cr_expect(u256_is_equal(&price->value, &should), "%s", answer->name);
}

Test(oracle_answers, are_a_price_or_a_typed_lack_of_one)
{
    for (size_t i = 0; i < ARRAY_LENGTH(prices); i++) {
        struct fake_pool fake;
        struct read_list reads = {0};
        struct market *market = asking(&fake, &reads);
        struct bytes data = bytes_of(prices[i].data, prices[i].size);
        const struct read *asset = read_of(&reads, AAVE_READ_PRICE);
        const struct read *category = read_of(&reads, AAVE_READ_CATEGORY_PRICE);

        cr_expect(
            eq(int, (int)answered(market, asset, !prices[i].reverts, data), (int)prices[i].error),
            "%s", prices[i].name);
        price_is(&market->reserve[asset->index].price, &prices[i]);
        cr_expect(eq(u32, market->reserve[asset->index].stale & RESERVE_STALE_PRICE, 0));
        cr_expect(eq(int, (int)answered(market, category, !prices[i].reverts, data),
                     (int)prices[i].error),
                  "%s", prices[i].name);
        price_is(&market->category[category->index].price, &prices[i]);
        cr_expect(eq(u32, market->category[category->index].stale & CATEGORY_STALE_PRICE, 0));
        read_list_release(&reads);
        free(market);
    }
}

static const uint8_t over_64[WORD] = {[23] = 1};

/* The status says here whether an age is known. */
static const struct answer ages[] = {
    {"one", false, one, WORD, READ_OK, PRICE_OK},
    {"zero", false, zero, WORD, READ_OK, PRICE_MISSING},
    {"minus one", false, minus_one, WORD, READ_MALFORMED, PRICE_MISSING},
    {"2^255", false, least, WORD, READ_MALFORMED, PRICE_MISSING},
    {"2^64", false, over_64, WORD, READ_MALFORMED, PRICE_MISSING},
    {"a byte too few", false, one, WORD - 1, READ_MALFORMED, PRICE_MISSING},
    {"nothing", false, zero, 0, READ_MALFORMED, PRICE_MISSING},
    {"a revert", true, one, WORD, READ_FAILED, PRICE_MISSING},
};

Test(oracle_answers, are_an_age_or_one_that_is_not_known)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ages); i++) {
        struct fake_pool fake;
        struct read_list reads = {0};
        struct market *market = asking(&fake, &reads);
        const struct read *read = read_of(&reads, AAVE_READ_AGE);
        struct reserve *reserve = &market->reserve[read->index];

        reserve->stale &= ~(uint32_t)RESERVE_STALE_SOURCE;
        enum read_error error =
            answered(market, read, !ages[i].reverts, bytes_of(ages[i].data, ages[i].size));
        cr_expect(eq(int, (int)error, (int)ages[i].error), "%s", ages[i].name);
        cr_expect(eq(u64, reserve->price_at_s, ages[i].status == PRICE_OK ? 1 : 0), "%s",
                  ages[i].name);
        cr_expect(eq(u32, reserve->stale & RESERVE_STALE_AGE, 0), "%s", ages[i].name);
        cr_expect(eq(int, market_price_is_old(market, read->index), ages[i].status != PRICE_OK),
                  "%s", ages[i].name);
        read_list_release(&reads);
        free(market);
    }
}

static const uint8_t dirty[WORD] = {[11] = 1, [31] = 1};

static const struct answer sources[] = {
    {"another", false, one, WORD, READ_OK, PRICE_OK},
    {"nobody", false, zero, WORD, READ_OK, PRICE_MISSING},
    {"no address", false, dirty, WORD, READ_MALFORMED, PRICE_MISSING},
    {"minus one", false, minus_one, WORD, READ_MALFORMED, PRICE_MISSING},
    {"a byte too few", false, one, WORD - 1, READ_MALFORMED, PRICE_MISSING},
    {"a revert", true, one, WORD, READ_FAILED, PRICE_MISSING},
};

Test(oracle_answers, are_a_source_or_nobody_and_the_age_of_another_does_not_live_on)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        struct fake_pool fake;
        struct read_list reads = {0};
        struct market *market = asking(&fake, &reads);
        const struct read *read = read_of(&reads, AAVE_READ_SOURCE);
        struct reserve *reserve = &market->reserve[read->index];
        bool is_named = sources[i].status == PRICE_OK;

        cr_assert(ne(u64, reserve->price_at_s, 0));
        enum read_error error =
            answered(market, read, !sources[i].reverts, bytes_of(sources[i].data, sources[i].size));
        cr_expect(eq(int, (int)error, (int)sources[i].error), "%s", sources[i].name);
        cr_expect(eq(int, address_is_zero(&reserve->price_source), !is_named), "%s",
                  sources[i].name);
        cr_expect(eq(u64, reserve->price_at_s, 0), "%s", sources[i].name);
        cr_expect(eq(int, (reserve->stale & RESERVE_STALE_AGE) != 0, is_named), "%s",
                  sources[i].name);
        cr_expect(market_price_is_old(market, read->index), "%s", sources[i].name);
        read_list_release(&reads);
        free(market);
    }
}

/* No price can be read in a currency whose unit is nothing. */
Test(oracle_answers, that_the_base_unit_is_zero_leave_it_unknown)
{
    struct fake_pool fake;
    struct read_list reads = {0};
    struct market *market = asking(&fake, &reads);
    const struct read *read = read_of(&reads, AAVE_READ_UNIT);

    cr_expect(eq(int, (int)answered(market, read, true, bytes_of(zero, WORD)), READ_OUT_OF_RANGE));
    cr_expect(ne(u32, market->stale & MARKET_STALE_ORACLE, 0));
    cr_expect(eq(u64, market->price_unit.limb[0], 100000000), "what was known is not overwritten");
    cr_expect(eq(int, (int)answered(market, read, true, bytes_of(one, WORD)), READ_OK));
    cr_expect(eq(u32, market->stale & MARKET_STALE_ORACLE, 0));
    read_list_release(&reads);
    free(market);
}
