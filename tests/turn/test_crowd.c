/*
 * Very many at once. What a turn does is bounded, the dearest come first, nobody waits for ever,
 * and of everybody it is said what was decided and why. Work is counted here, not timed.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/turn/crowd.h"
#include "turn/judge.h"

TestSuite(crowd, .timeout = 300);

#define USD 1000000u
/* Turns besides those that planning takes: the flights' own, and the last. */
#define TURNS_MORE 4u

/* At 2000 all stand at 0.914, and no two are equally large. */
static struct crowd_size under_water(uint32_t index)
{
    const uint64_t milli_weth = 1000 + index * 7919u % 50021u / 10;

    return (struct crowd_size){milli_weth, milli_weth * 7 / 4};
}

static uint32_t turns_for(uint32_t count)
{
    return count / PLANS_PER_TURN + TURNS_MORE;
}

/* The several turns of one head, with what the first decided on signed and posted meanwhile. */
Test(crowd, that_is_all_under_water_is_decided_on_best_first_over_several_turns)
{
    const uint32_t count = 10000;
    CROWD crowd;

    crowd_make(&crowd, count, under_water);
    crowd_head(&crowd, 2000ull * USD);
    cr_assert(decide_is_open(crowd.aloft.state), "all of it in one turn");
    cr_expect(eq(u32, crowd.liquidations, 8), "the first turn has decided on the best");
    crowd_settle(&crowd, turns_for(count));
    cr_expect(eq(sz, crowd_swept(&crowd), count));
    cr_expect(le(u32, crowd.plans_max, PLANS_PER_TURN));
    cr_expect(eq(u32, crowd.disorder, 0), "%u out of order", crowd.disorder);
    cr_expect(eq(u32, crowd.liquidations, 8));
    cr_expect(eq(u32, crowd.posted, 8));
    cr_expect(eq(u32, crowd.posted_open, 8), "sends waited for the last verdict");
    cr_expect(eq(u32, crowd.without_reason, 0));
    cr_expect(eq(u32, crowd_unheard(&crowd, 1, 1), 0), "each has its one decision");
}

/* Every second is worth nothing. */
static struct crowd_size half_dust(uint32_t index)
{
    return index % 2 == 0 ? under_water(index) : (struct crowd_size){1, 2};
}

/* More than are kept, and a new head before a tenth of them is planned, again and again. */
Test(crowd, is_heard_to_the_last_though_heads_come_faster_than_all_can_be_planned)
{
    const uint32_t count = 20000;
    const uint32_t heads = count / ORDER_FAIR + 2;
    CROWD crowd;
    uint32_t dust = 0;

    cr_assert(count > ORDER_KEPT_MAX);
    crowd_make(&crowd, count, half_dust);
    crowd.aloft.state->settings.limits.profit_min.value = u256_ten_to(15);
    for (uint32_t i = 0; i < heads; i++)
        crowd_head(&crowd, 2000ull * USD);
    for (uint32_t i = 1; i < count; i += 2)
        dust += crowd.said[i] > 0;
    cr_expect(eq(u32, dust, count / 2), "%u of those worth nothing were told so", dust);
    cr_expect(eq(u32, crowd.liquidations, 8));
    cr_expect(le(u32, crowd.plans_max, PLANS_PER_TURN));
    crowd_settle(&crowd, turns_for(count)); /* the heads rest */
    cr_expect(eq(u32, crowd.without_reason, 0));
    cr_expect(eq(u32, crowd_unheard(&crowd, 1, UINT32_MAX), 0));
}

/* Under water below 1937.5, all of them. */
static struct crowd_size of_one_price(uint32_t index)
{
    (void)index;
    return (struct crowd_size){1000, 1550};
}

Test(crowd, of_a_hundred_thousand_at_one_price_costs_nothing_above_it_and_is_heard_below)
{
    const uint32_t count = 100000;
    CROWD crowd;
    uint64_t touched;

    crowd_make(&crowd, count, of_one_price);
    crowd_head(&crowd, 2000ull * USD);
    touched = crowd_touched(&crowd);
    for (uint64_t usd = 2000; usd > 1938; usd -= 3) { /* down to a hair above it */
        crowd_head(&crowd, usd * USD);
        cr_assert(eq(sz, crowd_swept(&crowd), 0));
    }
    cr_expect(le(u64, crowd_touched(&crowd) - touched, 21), "%lu looked at above the trigger",
              crowd_touched(&crowd) - touched);
    touched = crowd_touched(&crowd);
    crowd_head(&crowd, 1937ull * USD);
    cr_expect(eq(u64, crowd_touched(&crowd) - touched, count), "each once");
    cr_expect(eq(u32, crowd.liquidations, 8), "who is like all others need not wait for them");
    cr_expect(eq(sz, crowd_swept(&crowd), count));
    crowd_settle(&crowd, turns_for(count));
    cr_expect(le(u32, crowd.plans_max, PLANS_PER_TURN));
    cr_expect(eq(u32, crowd.without_reason, 0));
    cr_expect(eq(u32, crowd.liquidations, 8));
    cr_expect(eq(u32, crowd_unheard(&crowd, 1, 1), 0));
}

/* Health between 0.9 and 3 at 2000. */
static struct crowd_size spread(uint32_t index)
{
    const uint64_t milli_weth = 100 + index * 7919u % 10007u;

    return (struct crowd_size){milli_weth, milli_weth * 1600 / 1000 * 100 / (90 + index % 210)};
}

/* A feed that is a million times too high or too low for a head, as a wrong number of decimals. */
Test(crowd, under_a_feed_that_is_off_a_million_fold_is_judged_exactly_with_two_looks_each)
{
    static const uint64_t micro_usd[] = {2000ull * USD,
                                         2000ull * USD * 1000000,
                                         2000ull * USD,
                                         2000,
                                         2000ull * USD,
                                         2000ull * USD,
                                         2000,
                                         2000,
                                         2000ull * USD * 1000000,
                                         2000ull * USD};
    const uint32_t count = 3000;
    CROWD crowd;

    crowd_make(&crowd, count, spread);
    for (size_t i = 0; i < ARRAY_LENGTH(micro_usd); i++) {
        const uint64_t touched = crowd_touched(&crowd);
        size_t candidates;

        crowd_forget(&crowd);
        crowd_head(&crowd, micro_usd[i]);
        candidates = crowd_swept(&crowd);
        cr_expect(le(u64, crowd_touched(&crowd) - touched, 2 * count));
        cr_expect(eq(sz, candidates == count, micro_usd[i] == 2000));
        cr_expect(eq(sz, candidates == 0, micro_usd[i] > 2000ull * USD));
        crowd_settle(&crowd, turns_for(count));
        cr_expect(le(u32, crowd.plans_max, PLANS_PER_TURN));
        cr_expect(eq(u32, crowd.without_reason, 0));
        cr_expect(eq(u32, crowd.disorder, 0));
        cr_expect(eq(u32, crowd_unheard(&crowd, 0, 1), 0), "nobody twice at one head");
        cr_expect(i == 0 || micro_usd[i] != 2000 || micro_usd[i - 1] == 2000 ||
                      crowd_unheard(&crowd, 1, 1) == 0,
                  "who is new under water at step %zu is heard", i);
    }
}
