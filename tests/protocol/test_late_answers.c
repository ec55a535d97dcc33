/* An oracle, a pool, a sentinel or a source that was asked, and is the market's no more when its
 * answer comes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "tests/protocol/fake_pool.h"

static struct address *pool_of(struct market *market)
{
    return &market->pool;
}

static struct address *oracle_of(struct market *market)
{
    return &market->oracle;
}

static struct address *sentinel_of(struct market *market)
{
    return &market->sentinel;
}

static struct address *category_source_of(struct market *market)
{
    return &market->category[5].price_source; /* the one that the fake pool's reserves name */
}

static const struct {
    const char *call;
    struct address *(*asked)(struct market *market);
} places[] = {
    {"POOL_REVISION()", pool_of},
    {"getReservesList()", pool_of},
    {"isLiquidationAllowed()", sentinel_of},
    {"BASE_CURRENCY_UNIT()", oracle_of},
    {"getAssetPrice(address)", oracle_of},
    {"getSourceOfAsset(address)", oracle_of},
    {"getAssetPrice(address)", category_source_of},
};

/* Out: how many such reads there were. */
static uint32_t late_answers_change_nothing(const struct market *market,
                                            const struct read_list *reads, size_t row)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    struct market *moved = must_alloc(2, sizeof(*moved));
    uint8_t selector[4];
    uint32_t count = 0;

    selector_of(selector, places[row].call);
    for (size_t i = 0; i < reads->count; i++) {
        const struct read *read = &reads->read[i];
        struct account_fact fact;
        uint8_t word[32] = {0};

        memcpy(&moved[0], market, sizeof(*market));
        struct address *place = places[row].asked(&moved[0]);
        const bool is_argument = places[row].asked == category_source_of;
        if (memcmp(read->data, selector, 4) != 0 ||
            (is_argument && memcmp(read->data + 16, place->byte, sizeof(place->byte)) != 0))
            continue;
        place->byte[7] ^= 1;
        memcpy(&moved[1], &moved[0], sizeof(*moved));
        word[31] = 1;
        cr_expect_eq(protocol->accept(&fact, &moved[0], read, true, bytes_of(word, 32)), READ_OK);
        cr_expect_eq(protocol->accept(&fact, &moved[0], read, false, (struct bytes){0}),
                     READ_FAILED);
        cr_expect_eq(memcmp(&moved[0], &moved[1], sizeof(*moved)), 0, "%s", places[row].call);
        count++;
    }
    free(moved);
    return count;
}

Test(late_answers, of_whom_nobody_asks_any_more_change_nothing)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 1);
    fake.category_source = (struct address){{0xee}};
    fake.has_sentinel = true;
    struct market *market = fake_market();
    market->price_age_max_s = 3600;
    fake_settle(&fake, market, NULL);
    for (size_t row = 0; row < ARRAY_LENGTH(places); row++) {
        struct read_list reads = {0};
        uint32_t count = 0;

        market_touch_all(market);
        for (uint32_t round = 0; round < 3; round++) {
            read_list_clear(&reads);
            protocol_at(market->protocol)->want_market(&reads, market);
            count += late_answers_change_nothing(market, &reads, row);
            (void)fake_round(&fake, market, NULL);
        }
        cr_expect(gt(u32, count, 0), "%s is never asked", places[row].call);
        read_list_release(&reads);
    }
    free(market);
}
