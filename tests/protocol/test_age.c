/* Since when a price stands is read where somebody minds, and what fails stops that price only. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "tests/protocol/fake_pool.h"

#define HOUR_S 3600u
/* Prices, our balances and our allowances. */
#define READS_AT_A_BLOCK (3 * (size_t)FAKE_RESERVES)

static struct fake_pool fake;
static struct market *market;

static void next_block(void)
{
    struct header header = {.number = market->block.number + 1, .timestamp_s = 2000};

    market_begin_block(market, &header);
}

static void age_begin(void)
{
    fake_pool_init(&fake, 10);
    market = fake_market();
    market->price_age_max_s = HOUR_S;
    next_block();
}

static void age_end(void)
{
    free(market);
}

TestSuite(age, .init = age_begin, .fini = age_end);

static size_t settle_at_next_block(void)
{
    uint32_t before = fake.asked;

    next_block();
    fake_settle(&fake, market, NULL);
    return fake.asked - before;
}

/* As the oracle says when governance names another source. */
static void log_source_updated(void)
{
    struct log log = {.address = market->oracle, .topic_count = 1};
    struct touched touched;

    topic_of(&log.topic[0], "AssetSourceUpdated(address,address)");
    cr_assert(eq(int, (int)protocol_at(market->protocol)->touch(&touched, market, &log), TOUCH_OK));
}

Test(age, is_asked_of_whom_the_oracle_itself_asks)
{
    fake_settle(&fake, market, NULL);
    cr_expect(market_is_complete(market));
    cr_expect(eq(u32, fake.unanswered, 0));
    cr_expect(address_is_equal(&market->reserve[0].price_source, &fake.source[0]));
    cr_expect(address_is_equal(&market->reserve[2].price_source, &fake.source[1]));
    cr_expect(eq(u64, market->reserve[0].price_at_s, 1900));
    cr_expect(eq(u64, market->reserve[2].price_at_s, 1800));
    cr_expect(eq(u64, market->reserve[3].price_at_s, 1700));
    cr_expect(not(market_price_is_old(market, 3)));
}

Test(age, costs_no_read_where_nobody_minds)
{
    struct market *careless = fake_market();
    struct header header = {.number = 1, .timestamp_s = 2000};
    uint32_t asked;

    fake_settle(&fake, market, NULL);
    asked = fake.asked;
    market_begin_block(careless, &header);
    fake_settle(&fake, careless, NULL);
    cr_expect(eq(u32, fake.asked - asked, asked - 2 * FAKE_RESERVES));
    cr_expect(address_is_zero(&careless->reserve[0].price_source));
    cr_expect(eq(u64, careless->reserve[0].price_at_s, 0));
    free(careless);
}

Test(age, is_read_at_each_block_and_who_gives_it_is_not)
{
    fake_settle(&fake, market, NULL);
    fake.price_at_s[1] = 1999;
    cr_expect(eq(sz, settle_at_next_block(), READS_AT_A_BLOCK + FAKE_RESERVES));
    cr_expect(eq(u64, market->reserve[2].price_at_s, 1999));
}

Test(age, of_a_source_that_tells_no_time_is_unknown_for_that_price_only)
{
    const struct address mute = {{0xf9}}; /* nothing stands there */
    const struct address good = fake.source[1];

    fake_settle(&fake, market, NULL);
    fake.source[1] = mute;
    log_source_updated();
    fake_settle(&fake, market, NULL);
    fake.source[1] = good;
    settle_at_next_block();
    cr_expect(market_is_complete(market));
    cr_expect(address_is_equal(&market->reserve[2].price_source, &mute));
    cr_expect(eq(u64, market->reserve[2].price_at_s, 0));
    cr_expect(market_price_is_old(market, 2));
    cr_expect(not(market_price_is_old(market, 0)));
    cr_expect(eq(int, (int)market->reserve[2].price.status, PRICE_OK), "the price itself stands");
}

Test(age, that_reverts_or_is_garbled_or_zero_is_unknown_until_it_answers)
{
    fake_settle(&fake, market, NULL);
    for (int i = 0; i < 3; i++) {
        fake.broken = i == 0 ? "latestTimestamp()" : NULL;
        fake.garbled = i == 1 ? "latestTimestamp()" : NULL;
        fake.price_at_s[0] = i == 2 ? 0 : 1900;
        settle_at_next_block();
        cr_expect(market_is_complete(market), "%d", i);
        cr_expect(eq(u64, market->reserve[0].price_at_s, 0), "%d", i);
        cr_expect(market_price_is_old(market, 0), "%d", i);
        fake.broken = fake.garbled = NULL;
        fake.price_at_s[0] = 1950;
        settle_at_next_block();
        cr_expect(eq(u64, market->reserve[0].price_at_s, 1950), "%d", i);
    }
}

Test(age, is_unknown_where_the_oracle_names_no_source_and_asked_for_again)
{
    static const char *const call = "getSourceOfAsset(address)";
    const struct address good = fake.source[0];

    for (int i = 0; i < 3; i++) {
        fake.broken = i == 0 ? call : NULL;
        fake.garbled = i == 1 ? call : NULL;
        fake.source[0] = i == 2 ? (struct address){{0}} : good;
        market_touch_all(market);
        settle_at_next_block();
        cr_expect(market_is_complete(market), "%d", i);
        cr_expect(address_is_zero(&market->reserve[0].price_source), "%d", i);
        cr_expect(eq(u64, market->reserve[0].price_at_s, 0), "%d", i);
        cr_expect(market_price_is_old(market, 0), "%d", i);
        fake.broken = fake.garbled = NULL;
        fake.source[0] = good;
        settle_at_next_block();
        cr_expect(eq(u64, market->reserve[0].price_at_s, 1900), "%d", i);
    }
}

Test(age, follows_a_source_that_governance_changes)
{
    fake_settle(&fake, market, NULL);
    fake.source[0] = (struct address){{0xf7}};
    fake.price_at_s[0] = 1234;
    log_source_updated();
    cr_expect(market_price_is_old(market, 0), "until it is read again");
    settle_at_next_block();
    cr_expect(address_is_equal(&market->reserve[0].price_source, &fake.source[0]));
    cr_expect(eq(u64, market->reserve[0].price_at_s, 1234));
    log_source_updated();
    settle_at_next_block();
    cr_expect(eq(u64, market->reserve[0].price_at_s, 1234), "the same again");
}

/* The answers of one round, the last first. */
static void round_backwards(void)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    struct read_list reads = {0};

    protocol->want_market(&reads, market);
    for (size_t i = reads.count; i-- > 0;) {
        BUFFER data = {0};
        struct account_fact fact;
        bool succeeded = fake_answer(&data, &fake, &reads.read[i]);
        (void)protocol->accept(&fact, market, &reads.read[i], succeeded, buffer_bytes(&data));
    }
    read_list_release(&reads);
}

Test(age, that_an_old_source_gave_is_not_taken_for_the_new_ones)
{
    const struct address old = fake.source[0];

    fake_settle(&fake, market, NULL);
    fake.source[2] = old; /* it goes on answering, for another asset */
    fake.source[0] = (struct address){{0xf7}};
    fake.price_at_s[0] = 1234;
    market->reserve[0].stale = RESERVE_STALE_SOURCE | RESERVE_STALE_AGE;
    round_backwards();
    cr_expect(eq(u32, market->reserve[0].stale, RESERVE_STALE_AGE));
    cr_expect(market_price_is_old(market, 0));
    cr_expect(eq(u64, market->reserve[0].price_at_s, 0));
    round_backwards();
    cr_expect(eq(u64, market->reserve[0].price_at_s, 1234));
}

Test(age, is_asked_of_another_oracles_sources)
{
    struct address oracle;

    fake_settle(&fake, market, NULL);
    oracle = market->oracle;
    market->oracle = (struct address){{0x99}};
    market->stale |= MARKET_STALE_ORACLE_ADDRESS;
    fake.source[0] = (struct address){{0xf7}};
    fake_settle(&fake, market, NULL);
    cr_expect(address_is_equal(&market->oracle, &oracle));
    cr_expect(address_is_equal(&market->reserve[0].price_source, &fake.source[0]));
    cr_expect(market_is_complete(market));
}
