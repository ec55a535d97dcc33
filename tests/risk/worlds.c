/* See worlds.h. */
#include "tests/risk/worlds.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/base/random.h"
#include "tests/protocol/a_pool.h"
#include "tests/risk/sound.h"

/* Of a config's word. */
#define DEBTS 0x5555555555555555u

static void reserves_make(struct world *world)
{
    static const uint32_t decimals[] = {18, 6, 8, 18, 6, 0, 27, 9, 18};
    static const uint64_t cents[] = {200000, 100, 4000000, 1700, 100, 5000, 31, 9900, 215000};

    for (uint32_t i = 0; i < world->reserves; i++) {
        const struct address asset = {{0xa5, (uint8_t)(i + 1)}};
        struct reserve *reserve = &world->market->reserve[i];

        market_set_asset(world->market, i, &asset);
        reserve->stale = 0;
        reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
        reserve->decimals = decimals[i % ARRAY_LENGTH(decimals)];
        reserve->threshold_bps = 6500 + 250 * (i % 9);
        reserve->bonus_bps = 10500;
        reserve->updated_at_s = POOL_AT_S;
        reserve->collateral_index.value = u256_ten_to(27);
        reserve->debt_index.value = u256_ten_to(27);
        reserve->collateral_rate.value = u256_ten_to(25);
        MUST(u256_mul(&reserve->debt_rate.value, &(struct u256){{3 + i % 9}}, &(struct u256){{1}}));
        MUST(u256_mul(&reserve->debt_rate.value, &reserve->debt_rate.value,
                      &reserve->collateral_rate.value));
        reserve->price =
            (struct price){PRICE_OK, u256_of(cents[i % ARRAY_LENGTH(cents)] * 1000000)};
    }
    for (uint8_t i = 1; i < 3; i++) {
        struct category *category = &world->market->category[i];

        category->is_used = true;
        category->threshold_bps = 9300 + 200u * i;
        category->bonus_bps = 10100;
        category->collateral_bitmap = u256_of(i == 1 ? 0x109 : 0x12);
        world->market->reserve[i == 1 ? 3 : 4].category = i;
    }
}

void world_begin(struct world *world, uint32_t revision, uint32_t reserves, uint64_t seed)
{
    memset(world, 0, sizeof(*world));
    world->reserves = reserves;
    world->seed = seed;
    world->market = a_pool(revision);
    world->market->reserve_count = 0;
    world->book = book_new(1);
    world->watch = watch_new();
    world->at_s = POOL_AT_S;
    reserves_make(world);
    cr_assert(protocol_at(0)->prepare(world->market, world->at_s));
}

void world_end(struct world *world)
{
    risk_sweep_release(&world->found);
    risk_sweep_release(&world->expected);
    watch_free(world->watch);
    book_free(world->book);
    free(world->market);
}

uint64_t world_below(struct world *world, uint64_t bound)
{
    return random_below(&world->seed, bound);
}

static void fact(struct world *world, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                 const struct u256 *value)
{
    const struct account_fact fact = {
        .kind = kind, .account = slot, .reserve = reserve, .value = *value};

    book_apply(world->book, &fact);
}

/* What is stored for that value in 1e-8 of the base currency, at least one unit. */
static struct u256 amount_of(const struct world *world, uint32_t reserve, uint64_t value,
                             bool is_debt)
{
    const struct reserve *of = &world->market->reserve[reserve];
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
void world_position(struct world *world, uint32_t number)
{
    const struct address account = {{0xac, (uint8_t)number}};
    const uint32_t slot = book_touch(world->book, &account, RESERVE_NONE);
    const struct u256 category =
        u256_of(world_below(world, 4) == 0 ? 1 + world_below(world, 2) : 0);
    const uint32_t supplied = world_below(world, 2) == 0 ? 1 : 1 + (uint32_t)world_below(world, 4);
    const uint32_t owed = world_below(world, 2) == 0 ? 1 : 1 + (uint32_t)world_below(world, 3);
    const uint64_t size = 1ull << (world->octave_min + world_below(world, 48 - world->octave_min));
    const uint64_t nearness = 10ull << world_below(world, 17);
    uint64_t bears = 0;
    uint64_t config = 0;
    struct u256 word;

    for (uint32_t i = 0; i < supplied + owed; i++)
        config |= (i < supplied ? 2ull : 1ull) << 2 * world_below(world, world->reserves);
    word = u256_of(config);
    fact(world, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE, &word);
    fact(world, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, &category);
    for (uint32_t i = 0; i < world->reserves; i++) {
        uint64_t value = size / 2 + world_below(world, size / 2 + 1);
        struct u256 amount = amount_of(world, i, value, false);

        if ((config >> 2 * i & 2) == 0)
            continue;
        fact(world, slot, ACCOUNT_FACT_SUPPLIED, i, &amount);
        bears += value / 10000 * world->market->reserve[i].threshold_bps;
    }
    bears = bears / (uint32_t)__builtin_popcountll((config & DEBTS) != 0 ? config & DEBTS : 1);
    for (uint32_t i = 0; i < world->reserves; i++) {
        struct u256 amount = amount_of(world, i, bears - bears / nearness, true);

        if ((config >> 2 * i & 1) != 0)
            fact(world, slot, ACCOUNT_FACT_OWED, i, &amount);
    }
}

void world_price(struct world *world, uint32_t reserve, bool rises, uint64_t step)
{
    struct price *price = &world->market->reserve[reserve].price;
    struct u256 million = u256_of(1000000);
    struct u256 factor = u256_of(rises ? 1000000 + step : 1000000 - step);

    MUST(u256_mul_div(&price->value, &price->value, &factor, &million));
    if (u256_is_zero(&price->value))
        price->value = U256_ONE;
}

/* Things that are rare in the world and common here. */
void world_upheaval(struct world *world)
{
    const uint32_t reserve = (uint32_t)world_below(world, world->reserves);
    struct reserve *of = &world->market->reserve[reserve];
    const uint32_t slot = (uint32_t)world_below(world, book_count(world->book));
    const struct position position = book_position(world->book, slot);

    switch (world_below(world, 10)) {
    case 0:
        of->price.status = of->price.status == PRICE_OK ? PRICE_MISSING : PRICE_OK;
        break;
    case 1: /* a feed that jumps */
        of->price.value = u256_of(1 + world_below(world, 1ull << world_below(world, 63)));
        break;
    case 2:
        of->threshold_bps =
            world_below(world, 8) == 0 ? 0 : 6000 + (uint32_t)world_below(world, 3000);
        break;
    case 3:
        world->market->category[1].collateral_bitmap =
            u256_of(world_below(world, 1ull << world->reserves));
        break;
    case 4:
        book_set_drifted(world->book, slot, world_below(world, 2) == 0);
        break;
    case 5:
        (void)book_touch(world->book, &position.account, reserve);
        break;
    case 6:
        of->flags ^= RESERVE_DROPPED;
        break;
    case 7: /* months */
        world->at_s += world_below(world, 20000000);
        break;
    default:
        world_position(world, (uint32_t)world_below(world, WORLD_POSITIONS));
    }
}

/* Now and then a few feeds move; now and then all of them by one step, on and on in the same
 * directions: then every trigger of a position comes near at once. */
void world_prices(struct world *world, uint32_t step)
{
    const bool is_weather = (world->weather >> 32 & 1) != 0;
    const uint64_t size = 1 + world_below(world, 1ull << world_below(world, is_weather ? 12 : 16));

    if (step % 64 == 0)
        world->weather = random_u64(&world->seed);
    for (uint32_t i = 0; i < world->reserves && is_weather; i++)
        world_price(world, i, (world->weather >> i % 32 & 1) != 0, size);
    for (uint64_t moves = is_weather ? 0 : world_below(world, 4); moves > 0; moves--)
        world_price(world, (uint32_t)world_below(world, world->reserves),
                    world_below(world, 2) == 0, size);
}

void world_judge(struct world *world)
{
    static const struct wad one = {{{WAD_ONE_U64}}};

    cr_assert(protocol_at(0)->prepare(world->market, world->at_s));
    watch_tick(&world->found, world->watch, world->market, world->book);
    risk_sweep(&world->expected, world->market, world->book, &one);
    watch_is_sound(world->watch, world->market, world->book);
}

void world_is_as_swept(const struct world *world, uint32_t step)
{
    cr_assert(eq(sz, world->found.candidate_count, world->expected.candidate_count), "tick %u",
              step);
    cr_assert(eq(sz, world->found.skip_count, world->expected.skip_count), "tick %u", step);
    for (size_t i = 0; i < world->found.candidate_count; i++) {
        const struct risk_candidate *found = &world->found.candidate[i];
        const struct risk_candidate *expected = &world->expected.candidate[i];

        cr_assert(found->slot == expected->slot &&
                      u256_is_equal(&found->health.factor.value, &expected->health.factor.value),
                  "tick %u", step);
    }
    for (size_t i = 0; i < world->found.skip_count; i++)
        cr_assert(world->found.skip[i].slot == world->expected.skip[i].slot &&
                      world->found.skip[i].error == world->expected.skip[i].error,
                  "tick %u", step);
}
