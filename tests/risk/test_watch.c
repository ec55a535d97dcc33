/*
 * A watch finds whom a full sweep finds: the same candidates and the same skips, in the same order,
 * after every tick, whatever moves.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "risk/watch.h"
#include "tests/base/random.h"
#include "tests/protocol/a_pool.h"

#define RESERVES 9u
#define POSITIONS 64u
/* Upheavals wear a world out: after so many ticks another one begins. */
#define WORLDS 60u
#define TICKS 200u

static const struct wad one = {{{WAD_ONE_U64}}};

struct scene {
    struct market *market;
    struct book *book;
    struct watch *watch;
    struct risk_sweep found;
    struct risk_sweep expected;
    uint64_t seed;
    uint64_t at_s;
    uint32_t octave_min; /* of sizes */
    uint64_t weather;    /* bit i: reserve i rises while this lasts */
    uint64_t candidates;
    uint64_t skips;
};

static void reserves_make(struct scene *scene)
{
    static const uint32_t decimals[] = {18, 6, 8, 18, 6, 0, 27, 9, 18};
    static const uint64_t cents[] = {200000, 100, 4000000, 1700, 100, 5000, 31, 9900, 215000};

    for (uint32_t i = 0; i < RESERVES; i++) {
        const struct address asset = {{0xa5, (uint8_t)(i + 1)}};
        struct reserve *reserve = &scene->market->reserve[i];

        market_set_asset(scene->market, i, &asset);
        reserve->stale = 0;
        reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
        reserve->decimals = decimals[i];
        reserve->threshold_bps = 6500 + 250 * i;
        reserve->bonus_bps = 10500;
        reserve->updated_at_s = POOL_AT_S;
        reserve->collateral_index.value = u256_ten_to(27);
        reserve->debt_index.value = u256_ten_to(27);
        reserve->collateral_rate.value = u256_ten_to(25);
        MUST(u256_mul(&reserve->debt_rate.value, &(struct u256){{3 + i}}, &(struct u256){{1}}));
        MUST(u256_mul(&reserve->debt_rate.value, &reserve->debt_rate.value,
                      &reserve->collateral_rate.value));
        reserve->price = (struct price){PRICE_OK, u256_of(cents[i] * 1000000)};
    }
    for (uint8_t i = 1; i < 3; i++) {
        struct category *category = &scene->market->category[i];

        category->is_used = true;
        category->threshold_bps = 9300 + 200u * i;
        category->bonus_bps = 10100;
        category->collateral_bitmap = u256_of(i == 1 ? 0x109 : 0x12);
        scene->market->reserve[i == 1 ? 3 : 4].category = i;
    }
}

static void scene_begin(struct scene *scene, uint32_t revision, uint64_t seed)
{
    memset(scene, 0, sizeof(*scene));
    scene->seed = seed;
    scene->market = a_pool(revision);
    scene->market->reserve_count = 0;
    scene->book = book_new(1);
    scene->watch = watch_new();
    scene->at_s = POOL_AT_S;
    reserves_make(scene);
    cr_assert(protocol_at(0)->prepare(scene->market, scene->at_s));
}

static void scene_end(struct scene *scene)
{
    risk_sweep_release(&scene->found);
    risk_sweep_release(&scene->expected);
    watch_free(scene->watch);
    book_free(scene->book);
    free(scene->market);
}

static uint64_t below(struct scene *scene, uint64_t bound)
{
    return random_below(&scene->seed, bound);
}

static void fact(struct scene *scene, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                 const struct u256 *value)
{
    const struct account_fact fact = {
        .kind = kind, .account = slot, .reserve = reserve, .value = *value};

    book_apply(scene->book, &fact);
}

/* What is stored for that value in 1e-8 of the base currency, at least one unit. */
static struct u256 amount_of(const struct scene *scene, uint32_t reserve, uint64_t value,
                             bool is_debt)
{
    const struct reserve *of = &scene->market->reserve[reserve];
    const struct ray *index = is_debt ? &of->debt_index_now : &of->collateral_index_now;
    const struct u256 ray = u256_ten_to(27);
    struct u256 amount = u256_of(value);

    if (of->price.status != PRICE_OK || u256_is_zero(&of->price.value) ||
        !u256_mul_div(&amount, &amount, &of->unit, &of->price.value) ||
        !u256_mul_div(&amount, &amount, &ray, &index->value) || u256_is_zero(&amount) ||
        !u256_fits_u128(&amount))
        return U256_ONE;
    return amount;
}

/* From dust to millions; what it owes lies within a hundredth of a per mille to a factor of two of
 * what its collateral bears. */
static void position_make(struct scene *scene, uint32_t number)
{
    const struct address account = {{0xac, (uint8_t)number}};
    const uint32_t slot = book_touch(scene->book, &account, RESERVE_NONE);
    const struct u256 category = u256_of(below(scene, 4) == 0 ? 1 + below(scene, 2) : 0);
    const uint32_t supplied = below(scene, 2) == 0 ? 1 : 1 + (uint32_t)below(scene, 4);
    const uint32_t owed = below(scene, 2) == 0 ? 1 : 1 + (uint32_t)below(scene, 3);
    const uint64_t size = 1ull << (scene->octave_min + below(scene, 48 - scene->octave_min));
    const uint64_t nearness = 10ull << below(scene, 17);
    uint64_t bears = 0;
    uint32_t config = 0;
    struct u256 word;

    for (uint32_t i = 0; i < supplied + owed; i++)
        config |= (i < supplied ? 2u : 1u) << 2 * below(scene, RESERVES);
    word = u256_of(config);
    fact(scene, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE, &word);
    fact(scene, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, &category);
    for (uint32_t i = 0; i < RESERVES; i++) {
        uint64_t value = size / 2 + below(scene, size / 2 + 1);
        struct u256 amount = amount_of(scene, i, value, false);

        if ((config >> 2 * i & 2) == 0)
            continue;
        fact(scene, slot, ACCOUNT_FACT_SUPPLIED, i, &amount);
        bears += value / 10000 * scene->market->reserve[i].threshold_bps;
    }
    bears = bears / (uint32_t)__builtin_popcount(config & 0x55555555u ? config & 0x55555555u : 1);
    for (uint32_t i = 0; i < RESERVES; i++) {
        struct u256 amount = amount_of(scene, i, bears - bears / nearness, true);

        if ((config >> 2 * i & 1) != 0)
            fact(scene, slot, ACCOUNT_FACT_OWED, i, &amount);
    }
}

static void price_move(struct scene *scene, uint32_t reserve, bool rises, uint64_t step)
{
    struct price *price = &scene->market->reserve[reserve].price;
    struct u256 million = u256_of(1000000);
    struct u256 factor = u256_of(rises ? 1000000 + step : 1000000 - step);

    MUST(u256_mul_div(&price->value, &price->value, &factor, &million));
    if (u256_is_zero(&price->value))
        price->value = U256_ONE;
}

/* Things that are rare in the world and common here. */
static void upheaval(struct scene *scene)
{
    const uint32_t reserve = (uint32_t)below(scene, RESERVES);
    struct reserve *of = &scene->market->reserve[reserve];
    const uint32_t slot = (uint32_t)below(scene, book_count(scene->book));
    const struct position position = book_position(scene->book, slot);

    switch (below(scene, 10)) {
    case 0:
        of->price.status = of->price.status == PRICE_OK ? PRICE_MISSING : PRICE_OK;
        break;
    case 1: /* a feed that jumps */
        of->price.value = u256_of(1 + below(scene, 1ull << below(scene, 63)));
        break;
    case 2:
        of->threshold_bps = below(scene, 8) == 0 ? 0 : 6000 + (uint32_t)below(scene, 3000);
        break;
    case 3:
        scene->market->category[1].collateral_bitmap = u256_of(below(scene, 1u << RESERVES));
        break;
    case 4:
        book_set_drifted(scene->book, slot, below(scene, 2) == 0);
        break;
    case 5:
        (void)book_touch(scene->book, &position.account, reserve);
        break;
    case 6:
        of->flags ^= RESERVE_DROPPED;
        break;
    case 7: /* months */
        scene->at_s += below(scene, 20000000);
        break;
    default:
        position_make(scene, (uint32_t)below(scene, POSITIONS));
    }
}

/* Now and then a few feeds move; now and then all of them by one step, on and on in the same
 * directions: then every trigger of a position comes near at once. */
static void prices_move(struct scene *scene, uint32_t step)
{
    const bool is_weather = (scene->weather >> 32 & 1) != 0;
    const uint64_t size = 1 + below(scene, 1ull << below(scene, is_weather ? 12 : 16));

    if (step % 64 == 0)
        scene->weather = random_u64(&scene->seed);
    for (uint32_t i = 0; i < RESERVES && is_weather; i++)
        price_move(scene, i, (scene->weather >> i & 1) != 0, size);
    for (uint64_t moves = is_weather ? 0 : below(scene, 4); moves > 0; moves--)
        price_move(scene, (uint32_t)below(scene, RESERVES), below(scene, 2) == 0, size);
}

static void tick(struct scene *scene, uint32_t step)
{
    prices_move(scene, step);
    if (below(scene, 40) == 0)
        upheaval(scene);
    if (below(scene, 12) == 0)
        position_make(scene, (uint32_t)below(scene, POSITIONS));
    scene->at_s += below(scene, 15);
    cr_assert(protocol_at(0)->prepare(scene->market, scene->at_s));
    watch_tick(&scene->found, scene->watch, scene->market, scene->book);
    risk_sweep(&scene->expected, scene->market, scene->book, &one);
}

static void found_is_expected(const struct scene *scene, uint32_t step)
{
    cr_assert(eq(sz, scene->found.candidate_count, scene->expected.candidate_count), "tick %u",
              step);
    cr_assert(eq(sz, scene->found.skip_count, scene->expected.skip_count), "tick %u", step);
    for (size_t i = 0; i < scene->found.candidate_count; i++) {
        const struct risk_candidate *found = &scene->found.candidate[i];
        const struct risk_candidate *expected = &scene->expected.candidate[i];

        cr_assert(found->slot == expected->slot &&
                      u256_is_equal(&found->health.factor.value, &expected->health.factor.value),
                  "tick %u", step);
    }
    for (size_t i = 0; i < scene->found.skip_count; i++)
        cr_assert(scene->found.skip[i].slot == scene->expected.skip[i].slot &&
                      scene->found.skip[i].error == scene->expected.skip[i].error,
                  "tick %u", step);
}

/* Counts for the end: what a world came to. */
struct tally {
    uint64_t candidates;
    uint64_t skips;
    uint64_t touched;
};

static void world_live(struct tally *tally, uint32_t revision, uint64_t seed)
{
    struct scene scene;

    scene_begin(&scene, revision, seed);
    for (uint32_t i = 0; i < POSITIONS; i++)
        position_make(&scene, i);
    for (uint32_t step = 0; step < TICKS; step++) {
        tick(&scene, step);
        found_is_expected(&scene, step);
        tally->candidates += scene.found.candidate_count;
        tally->skips += scene.found.skip_count;
    }
    tally->touched += watch_counters(scene.watch).touched;
    scene_end(&scene);
}

/* Small steps, near edges, dust, upheavals: what a sweep finds, and fewer looked at. */
Test(watch, misses_nobody_that_a_sweep_finds)
{
    static const uint32_t revisions[] = {1, 7, 9, 10};
    const uint64_t ticks = (uint64_t)TICKS * WORLDS;

    for (uint32_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct tally tally = {0};

        for (uint32_t world = 0; world < WORLDS; world++)
            world_live(&tally, revisions[i], world * 8 + i);
        cr_assert(tally.candidates > ticks && tally.skips > ticks / 10, "%lu %lu",
                  (unsigned long)tally.candidates, (unsigned long)tally.skips);
        cr_assert(tally.touched < ticks * POSITIONS, "touched %lu of %lu",
                  (unsigned long)tally.touched, (unsigned long)(ticks * POSITIONS));
    }
}

/* Else the test above would only show that everybody is looked at each time. */
Test(watch, looks_at_nobody_where_nobody_is_near)
{
    struct scene scene;
    struct watch_counters before;

    scene_begin(&scene, 10, 5);
    scene.octave_min = 38; /* of dust little can be said beforehand */
    for (uint32_t i = 0; i < POSITIONS; i++)
        position_make(&scene, i);
    for (uint32_t i = 0; i < RESERVES; i++) /* collateral is worth twice what it was */
        MUST(u256_mul(&scene.market->reserve[i].collateral_index.value,
                      &scene.market->reserve[i].collateral_index.value, &(struct u256){{2}}));
    cr_assert(protocol_at(0)->prepare(scene.market, scene.at_s));
    watch_tick(&scene.found, scene.watch, scene.market, scene.book);
    before = watch_counters(scene.watch);
    for (uint32_t step = 0; step < 100; step++) {
        struct u256 *price = &scene.market->reserve[step % RESERVES].price.value;

        price->limb[0] -= price->limb[0] / 5000;
        scene.at_s += 12;
        cr_assert(protocol_at(0)->prepare(scene.market, scene.at_s));
        watch_tick(&scene.found, scene.watch, scene.market, scene.book);
        risk_sweep(&scene.expected, scene.market, scene.book, &one);
        found_is_expected(&scene, step);
        scene.candidates += scene.found.candidate_count; /* who is, is looked at each time */
    }
    struct watch_counters after = watch_counters(scene.watch);
    cr_assert(eq(u64, after.rebuilds, before.rebuilds));
    cr_assert(after.touched - before.touched < scene.candidates + 100 * POSITIONS / 100,
              "%lu, %lu candidates", (unsigned long)(after.touched - before.touched),
              (unsigned long)scene.candidates);
    scene_end(&scene);
}
