/* Governance changes the terms in mid-run: what its event makes old is read again, and the market
 * is then what somebody who only starts now would find. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "tests/protocol/fake_pool.h"

static const struct address alice = {{0xa1, 0x1c}};

static const struct protocol *protocol_of(const struct market *market)
{
    return protocol_at(market->protocol);
}

static void settle(struct fake_pool *fake, struct market *market, struct book *book)
{
    struct header header = {.number = market->block.number + 1, .timestamp_s = 2000};

    market_begin_block(market, &header);
    fake_settle(fake, market, book);
    (void)protocol_of(market)->prepare(market, header.timestamp_s);
}

/* Alice supplied the first asset and owes the second (index 2). */
static struct book *followed(struct fake_pool *fake, struct market *market)
{
    struct book *book = book_new(1);

    fake->config = u256_of(2u << 0 | 1u << 4);
    settle(fake, market, book);
    book_touch(book, &alice, RESERVE_NONE);
    settle(fake, market, book);
    return book;
}

static void hear(struct market *market, struct book *book, const struct address *emitter,
                 const char *signature)
{
    struct touched touched = {0};
    struct log log = {.address = *emitter, .topic_count = 1};

    topic_of(&log.topic[0], signature);
    cr_assert_eq(protocol_of(market)->touch(&touched, market, &log), TOUCH_OK, "%s", signature);
    for (uint32_t i = 0; i < touched.count; i++)
        book_touch(book, &touched.account[i].account, touched.account[i].reserve);
}

static bool is_dropped(const struct market *market, uint32_t index)
{
    return index >= market->reserve_count || (market->reserve[index].flags & RESERVE_DROPPED) != 0;
}

static bool reserve_equals(const struct reserve *a, const struct reserve *b)
{
    return address_is_equal(&a->asset, &b->asset) && a->flags == b->flags &&
           a->threshold_bps == b->threshold_bps && a->bonus_bps == b->bonus_bps &&
           a->protocol_fee_bps == b->protocol_fee_bps && a->category == b->category &&
           a->price.status == b->price.status && u256_is_equal(&a->price.value, &b->price.value) &&
           u256_is_equal(&a->liquidity.value, &b->liquidity.value);
}

static bool category_equals(const struct category *a, const struct category *b)
{
    return a->threshold_bps == b->threshold_bps && a->price.status == b->price.status &&
           u256_is_equal(&a->price.value, &b->price.value);
}

/* A start knows only the categories that a reserve names. */
static bool market_equals(const struct market *a, const struct market *b)
{
    bool is_equal = a->revision == b->revision && a->trust == b->trust &&
                    address_is_equal(&a->sentinel, &b->sentinel) &&
                    (address_is_zero(&a->sentinel) || a->sentinel_allows == b->sentinel_allows) &&
                    address_is_equal(&a->oracle, &b->oracle) &&
                    u256_is_equal(&a->price_unit, &b->price_unit);

    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        if (is_dropped(a, i) && is_dropped(b, i))
            continue;
        is_equal = is_equal && reserve_equals(&a->reserve[i], &b->reserve[i]);
    }
    for (uint32_t i = 1; i < CATEGORIES_MAX; i++)
        is_equal = is_equal &&
                   (!b->category[i].is_used || category_equals(&a->category[i], &b->category[i]));
    return is_equal;
}

static void threshold_change(struct fake_pool *fake)
{
    fake->threshold = 7500;
}

static void bonus_change(struct fake_pool *fake)
{
    fake->bonus = 11000;
}

static void fee_change(struct fake_pool *fake)
{
    fake->protocol_fee = 2000;
}

static void category_change(struct fake_pool *fake)
{
    fake->category_threshold = 9500;
}

static void category_source_change(struct fake_pool *fake)
{
    fake->category_source.byte[1]++;
}

static void category_source_remove(struct fake_pool *fake)
{
    fake->category_source = (struct address){{0}};
}

static void oracle_change(struct fake_pool *fake)
{
    fake->has_moved_oracle = true;
}

static void source_change(struct fake_pool *fake)
{
    fake->price[0] /= 2;
    fake->source[0].byte[5]++;
}

static void reserve_add(struct fake_pool *fake)
{
    fake->reserve_count++;
}

static void reserve_drop(struct fake_pool *fake)
{
    fake->reserve_count--;
}

static void pool_upgrade(struct fake_pool *fake)
{
    fake->revision++;
}

static void pool_leap(struct fake_pool *fake)
{
    fake->revision = 99;
}

static void sentinel_set(struct fake_pool *fake)
{
    fake->has_sentinel = true;
}

static void sentinel_change(struct fake_pool *fake)
{
    fake->has_moved_sentinel = true;
}

static void sentinel_remove(struct fake_pool *fake)
{
    fake->has_sentinel = false;
}

enum emitter { BY_CONFIGURATOR, BY_ORACLE, BY_ROOT };

static const struct {
    const char *event;
    enum emitter by;
    void (*change)(struct fake_pool *fake);
    uint32_t reserves;
    bool has_sentinel;
} changes[] = {
    {"CollateralConfigurationChanged(address,uint256,uint256,uint256)", BY_CONFIGURATOR,
     threshold_change, 3, false},
    {"CollateralConfigurationChanged(address,uint256,uint256,uint256)", BY_CONFIGURATOR,
     bonus_change, 3, false},
    {"LiquidationProtocolFeeChanged(address,uint256,uint256)", BY_CONFIGURATOR, fee_change, 3,
     false},
    {"EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)", BY_CONFIGURATOR,
     category_change, 3, false},
    {"EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)", BY_CONFIGURATOR,
     category_source_change, 3, false},
    {"EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)", BY_CONFIGURATOR,
     category_source_remove, 3, false},
    {"PriceOracleUpdated(address,address)", BY_ROOT, oracle_change, 3, false},
    {"AssetSourceUpdated(address,address)", BY_ORACLE, source_change, 3, false},
    {"ReserveInitialized(address,address,address,address,address)", BY_CONFIGURATOR, reserve_add, 2,
     false},
    {"ReserveDropped(address)", BY_CONFIGURATOR, reserve_drop, 3, false},
    {"PoolUpdated(address,address)", BY_ROOT, pool_upgrade, 3, false},
    {"PoolUpdated(address,address)", BY_ROOT, pool_leap, 3, false},
    {"PriceOracleSentinelUpdated(address,address)", BY_ROOT, sentinel_set, 3, false},
    {"PriceOracleSentinelUpdated(address,address)", BY_ROOT, sentinel_change, 3, true},
    {"PriceOracleSentinelUpdated(address,address)", BY_ROOT, sentinel_remove, 3, true},
};

/* Of 3.0, whose reserves name their category themselves. */
static void change_is_followed(size_t i, bool backwards)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 1);
    fake.category_source = (struct address){{0xee}};
    fake.answers_backwards = backwards;
    fake.reserve_count = changes[i].reserves;
    fake.has_sentinel = changes[i].has_sentinel;
    struct market *market = fake_market();
    struct market *fresh = fake_market();
    struct book *book = followed(&fake, market);
    const struct address by[] = {fake_configurator(), fake_oracle(&fake), fake_root()};

    changes[i].change(&fake);
    settle(&fake, fresh, NULL);
    cr_expect(not(market_equals(market, fresh)), "%zu: %s changes nothing", i, changes[i].event);
    hear(market, book, &by[changes[i].by], changes[i].event);
    settle(&fake, market, book);
    cr_expect(market_equals(market, fresh), "%zu: %s", i, changes[i].event);
    cr_expect(market_is_complete(market), "%zu: %s", i, changes[i].event);
    book_free(book);
    free(market);
    free(fresh);
}

Test(terms, that_any_event_of_governance_changes_are_those_that_a_start_would_read)
{
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++)
        change_is_followed(i, false);
}

/* Of two calls of one round that may be answered first which was asked last. */
Test(terms, that_change_are_the_same_in_whatever_order_they_are_answered)
{
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++)
        change_is_followed(i, true);
}

static struct wad health_of_alice(const struct market *market, const struct book *book)
{
    struct health health = {0};
    struct position position = book_position(book, book_find(book, &alice));

    cr_assert_eq(protocol_of(market)->health(&health, market, &position), HEALTH_OK);
    return health.factor;
}

/* The aggregator behind the proxy of a feed is replaced: no event of the market says so. */
Test(terms, a_price_that_moves_without_any_event_is_the_next_blocks)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = fake_market();
    struct book *book = followed(&fake, market);
    struct wad before = health_of_alice(market, book);
    fake.price[0] /= 2;
    settle(&fake, market, book);
    struct wad after = health_of_alice(market, book);
    cr_expect(u256_is_less(&after.value, &before.value));
    book_free(book);
    free(market);
}

Test(terms, a_threshold_that_falls_lowers_the_health_of_who_was_not_touched)
{
    struct fake_pool fake;
    const struct address by = fake_configurator();

    fake_pool_init(&fake, 10);
    struct market *market = fake_market();
    struct book *book = followed(&fake, market);
    struct wad before = health_of_alice(market, book);
    fake.threshold = 7500;
    hear(market, book, &by, changes[0].event);
    settle(&fake, market, book);
    struct wad after = health_of_alice(market, book);
    cr_expect(u256_is_less(&after.value, &before.value));
    book_free(book);
    free(market);
}

Test(terms, who_owes_nothing_any_more_has_no_edge)
{
    struct fake_pool fake;

    fake_pool_init(&fake, 10);
    struct market *market = fake_market();
    struct book *book = followed(&fake, market);
    fake.config = u256_of(2u << 0);
    book_touch(book, &alice, 2);
    settle(&fake, market, book);
    struct wad health = health_of_alice(market, book);
    cr_expect(u256_is_equal(&health.value, &U256_MAX));
    cr_expect(eq(u32, book_debtors(book), 0));
    book_free(book);
    free(market);
}

Test(terms, an_asset_that_is_listed_again_is_known_again)
{
    struct fake_pool fake;
    const struct address third = fake_asset(2);
    const struct address by = fake_configurator();

    fake_pool_init(&fake, 10);
    struct market *market = fake_market();
    struct book *book = followed(&fake, market);
    fake.reserve_count = 2;
    hear(market, book, &by, "ReserveDropped(address)");
    settle(&fake, market, book);
    cr_expect(eq(u32, market_reserve(market, &third), RESERVE_NONE));
    fake.reserve_count = 3;
    fake.id[2] = 1; /* the first that is free */
    hear(market, book, &by, "ReserveInitialized(address,address,address,address,address)");
    settle(&fake, market, book);
    cr_expect(eq(u32, market_reserve(market, &third), 1));
    cr_expect(is_dropped(market, 3));
    cr_expect(not(is_dropped(market, 1)));
    cr_expect(eq(u64, market->reserve[1].price.value.limb[0], fake.price[2]));
    cr_expect(market_is_complete(market));
    book_free(book);
    free(market);
}
