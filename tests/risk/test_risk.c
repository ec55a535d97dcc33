/* One pass finds who is below the edge, in order, and names whom it could not judge. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "risk/risk.h"
#include "tests/protocol/a_pool.h"

static const struct wad one = {{{WAD_ONE_U64}}};

struct scene {
    struct market *market;
    struct book *book;
    struct risk_sweep sweep;
};

static void scene_begin(struct scene *scene)
{
    memset(scene, 0, sizeof(*scene));
    scene->market = a_pool(10);
    scene->book = book_new(1);
    cr_assert(protocol_at(0)->prepare(scene->market, POOL_AT_S));
}

static void scene_end(struct scene *scene)
{
    risk_sweep_release(&scene->sweep);
    book_free(scene->book);
    free(scene->market);
}

static void fact(struct scene *scene, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                 unsigned __int128 value)
{
    const struct account_fact fact = {
        .kind = kind, .account = slot, .reserve = reserve, .value = u256_of_u128(value)};

    book_apply(scene->book, &fact);
}

/* One WETH against that many USDC. */
static uint32_t borrower(struct scene *scene, uint64_t usdc)
{
    const uint32_t number = book_count(scene->book);
    struct address account = {{0xac, (uint8_t)number}};
    uint32_t slot = book_touch(scene->book, &account, RESERVE_NONE);

    fact(scene, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE,
         usdc == 0 ? 2u << (2 * WETH) : 2u << (2 * WETH) | 1u << (2 * USDC));
    fact(scene, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, 0);
    fact(scene, slot, ACCOUNT_FACT_SUPPLIED, WETH, micro(scene->market, WETH, 1000000));
    fact(scene, slot, ACCOUNT_FACT_OWED, USDC, micro(scene->market, USDC, usdc * 1000000));
    return slot;
}

Test(risk, finds_who_is_below_and_nobody_at_the_edge)
{
    struct scene scene;

    scene_begin(&scene);
    borrower(&scene, 1500);
    uint32_t deep = borrower(&scene, 1800);
    borrower(&scene, 1600); /* exactly one */
    uint32_t just = borrower(&scene, 1601);
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_assert(eq(sz, scene.sweep.candidate_count, 2));
    cr_expect(eq(u32, scene.sweep.candidate[0].slot, deep));
    cr_expect(eq(u32, scene.sweep.candidate[1].slot, just));
    cr_expect(eq(u64, scene.sweep.judged, 4));
    cr_expect(eq(sz, scene.sweep.skip_count, 0));
    scene_end(&scene);
}

Test(risk, a_wider_edge_finds_more)
{
    struct scene scene;
    struct wad wide = {u256_of(WAD_ONE_U64 / 10 * 11)};

    scene_begin(&scene);
    borrower(&scene, 1500);
    borrower(&scene, 1000);
    risk_sweep(&scene.sweep, scene.market, scene.book, &wide);
    cr_expect(eq(sz, scene.sweep.candidate_count, 1));
    scene_end(&scene);
}

Test(risk, who_owes_nothing_is_not_judged)
{
    struct scene scene;

    scene_begin(&scene);
    borrower(&scene, 0);
    scene.market->reserve[WETH].price.status = PRICE_MISSING;
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_expect(eq(u64, scene.sweep.judged, 0));
    cr_expect(eq(sz, scene.sweep.skip_count, 0));
    scene_end(&scene);
}

Test(risk, who_cannot_be_judged_is_named_with_the_reason)
{
    struct scene scene;
    struct address stranger = {{0xee}};

    scene_begin(&scene);
    uint32_t drifted = borrower(&scene, 1800);
    uint32_t stale = book_touch(scene.book, &stranger, RESERVE_NONE);
    uint32_t fine = borrower(&scene, 1800);
    book_set_drifted(scene.book, drifted, true);
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_assert(eq(sz, scene.sweep.skip_count, 2));
    cr_expect(eq(u32, scene.sweep.skip[0].slot, drifted));
    cr_expect(eq(int, (int)scene.sweep.skip[0].error, HEALTH_DRIFTED));
    cr_expect(eq(u32, scene.sweep.skip[1].slot, stale));
    cr_expect(eq(int, (int)scene.sweep.skip[1].error, HEALTH_STALE));
    cr_assert(eq(sz, scene.sweep.candidate_count, 1));
    cr_expect(eq(u32, scene.sweep.candidate[0].slot, fine));
    scene_end(&scene);
}

Test(risk, a_price_that_is_missing_stops_those_who_hold_the_asset_only)
{
    struct scene scene;

    scene_begin(&scene);
    borrower(&scene, 1800);
    scene.market->reserve[WBTC].price.status = PRICE_MISSING;
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_expect(eq(sz, scene.sweep.candidate_count, 1));
    scene.market->reserve[USDC].price.status = PRICE_MISSING;
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_expect(eq(sz, scene.sweep.candidate_count, 0));
    cr_assert(eq(sz, scene.sweep.skip_count, 1));
    cr_expect(eq(int, (int)scene.sweep.skip[0].error, HEALTH_NO_PRICE));
    scene_end(&scene);
}

Test(risk, the_same_sweep_again_gives_the_same_and_takes_no_more_memory)
{
    struct scene scene;

    scene_begin(&scene);
    for (uint32_t i = 0; i < 200; i++)
        borrower(&scene, 1500 + i);
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    const struct risk_candidate *before = scene.sweep.candidate;
    size_t count = scene.sweep.candidate_count;
    cr_expect(gt(sz, count, 64));
    risk_sweep(&scene.sweep, scene.market, scene.book, &one);
    cr_expect(eq(sz, scene.sweep.candidate_count, count));
    cr_expect(scene.sweep.candidate == before);
    scene_end(&scene);
}
