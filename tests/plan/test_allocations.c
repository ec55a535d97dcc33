/* In a steady state judging and planning allocate nothing: what they need is kept and used again.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "plan/plan.h"
#include "risk/watch.h"
#include "tests/base/random.h"
#include "tests/protocol/random_pool.h"

#define BORROWERS 300u
#define WARM_TICKS 400u
#define TICKS 400u

/* AddressSanitizer's (sanitizer/allocator_interface.h, which not every compiler brings); not there
 * in a build without it. */
__attribute__((weak)) int
__sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                          void (*on_free)(const volatile void *));

/* A hook has no context. */
static volatile bool is_counting;
static volatile unsigned allocated;
static volatile size_t allocated_size;

static void on_malloc(const volatile void *at, size_t size)
{
    (void)at;
    if (is_counting) {
        allocated++;
        allocated_size = size;
    }
}

static void on_free(const volatile void *at)
{
    (void)at;
}

static void around(bool begins)
{
    is_counting = begins;
}

static void counting_begin(void)
{
    if (__sanitizer_install_malloc_and_free_hooks == NULL)
        cr_skip_test("nothing counts in this build");
    cr_assert(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
}

/* Else a count of nothing would prove nothing. */
Test(allocations, are_counted)
{
    counting_begin();
    around(true);
    free(must_alloc(1, 77));
    around(false);
    cr_assert(allocated == 1 && allocated_size == 77);
}

/* Whoever stands under water is planned, as the engine does once a head. */
static void candidates_plan(struct market *market, const struct book *book,
                            const struct risk_sweep *sweep)
{
    static const struct plan_reserved nothing;
    const struct plan_terms terms = {.haircut_bps = 10000,
                                     .gas_price = {u256_of(2000000000u)},
                                     .gas_price_max = {u256_of(4000000000u)},
                                     .gas_balance = {u256_ten_to(20)},
                                     .timestamp_s = POOL_AT_S + 24,
                                     .deadline_s = POOL_AT_S + 300};

    protocol_at(market->protocol)->reach(market, NULL, terms.timestamp_s, terms.deadline_s);
    for (size_t i = 0; i < sweep->candidate_count; i++) {
        const struct position position = book_position(book, sweep->candidate[i].slot);
        const struct plan_candidate candidate = {
            .market = market, .position = &position, .health = &sweep->candidate[i].health};
        struct plan plan;

        plan_choose(&plan, &candidate, &nothing, &terms);
    }
}

static void position_enter(struct book *book, const struct position *position)
{
    struct account_fact fact = {.kind = ACCOUNT_FACT_CONFIG};

    fact.account = book_touch(book, &position->account, RESERVE_NONE);
    for (uint32_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];

        fact.value.limb[0] |= (uint64_t)((leg->flags & LEG_DEBT) != 0 ? 1 : 0) << 2 * leg->reserve;
        fact.value.limb[0] |= (uint64_t)((leg->flags & LEG_COLLATERAL) != 0 ? 2 : 0)
                              << 2 * leg->reserve;
    }
    book_apply(book, &fact);
    fact.kind = ACCOUNT_FACT_CATEGORY;
    fact.value = u256_of(position->category);
    book_apply(book, &fact);
    for (uint32_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];

        fact.reserve = leg->reserve;
        fact.kind = ACCOUNT_FACT_SUPPLIED;
        fact.value = u256_of_u128(leg->supplied);
        book_apply(book, &fact);
        fact.kind = ACCOUNT_FACT_OWED;
        fact.value = u256_of_u128(leg->owed);
        book_apply(book, &fact);
    }
}

/* Up and down by turns, so that what is looked at stays within what was. */
static void prices_tick(struct market *market, const struct price *before, uint32_t step)
{
    for (uint32_t i = 0; i < RANDOM_RESERVES; i++) {
        const uint64_t value = before[i].value.limb[0];
        const uint64_t part = value / 1000 * ((step * (i + 3)) % 41);

        market->reserve[i].price.value.limb[0] = value - value / 50 + part;
    }
}

Test(allocations, are_none_at_a_price_tick)
{
    uint64_t state = 8;
    struct market *market = random_pool(&state, false);
    struct book *book = book_new(1);
    struct watch *watch = watch_new();
    struct risk_sweep sweep = {0};
    struct price before[RANDOM_RESERVES];
    size_t candidates = 0;

    for (uint32_t i = 0; i < BORROWERS; i++) {
        struct random_position held;

        random_position(&held, market, &state, false);
        position_enter(book, &held.position);
    }
    for (uint32_t i = 0; i < RANDOM_RESERVES; i++)
        before[i] = market->reserve[i].price;
    counting_begin();
    for (uint32_t step = 0; step < WARM_TICKS + TICKS; step++) {
        prices_tick(market, before, step);
        around(step >= WARM_TICKS);
        cr_assert(protocol_at(market->protocol)->prepare(market, POOL_AT_S + 12));
        watch_tick(&sweep, watch, market, book);
        candidates_plan(market, book, &sweep);
        around(false);
        candidates += sweep.candidate_count;
    }
    cr_assert(candidates > 1000, "%zu", candidates);
    cr_assert(allocated == 0, "%u allocations, the last of %zu bytes", allocated, allocated_size);
    risk_sweep_release(&sweep);
    watch_free(watch);
    book_free(book);
    free(market);
}
