/* See random_pool.h. */
#include "tests/protocol/random_pool.h"

#include <string.h>

#include "tests/base/random.h"

static const uint32_t revisions[] = {1, 2, 4, 5, 6, 7, 8, 9, 10, 11};

static struct ray ray_about(uint64_t *state, uint64_t parts)
{
    struct u256 ray = u256_ten_to(27);
    const struct u256 part = u256_of(1000000000 + random_below(state, parts));
    const struct u256 billion = u256_of(1000000000);

    MUST(u256_mul_div(&ray, &ray, &part, &billion));
    return (struct ray){ray};
}

static void reserve_spoil(struct reserve *reserve, uint64_t *state)
{
    switch (random_below(state, 12)) {
    case 0:
        reserve->flags ^= RESERVE_PAUSED;
        break;
    case 1:
        reserve->flags ^= RESERVE_DROPPED;
        break;
    case 2:
        reserve->flags ^= RESERVE_MINTED;
        break;
    case 3:
        reserve->stale = 1u << random_below(state, 8);
        break;
    case 4:
        reserve->price.status = random_below(state, 2) == 0 ? PRICE_MISSING : PRICE_UNKNOWN;
        break;
    case 5:
        reserve->price.value = random_u256(state);
        break;
    case 6:
        reserve->threshold_bps = (uint32_t)random_u64(state) >> random_below(state, 32);
        break;
    case 7:
        reserve->debt_index.value = random_u256(state);
        break;
    case 8:
        reserve->debt_rate.value = random_u256(state);
        break;
    case 9:
        reserve->grace_until_s = POOL_AT_S + 100;
        break;
    case 10:
        reserve->bonus_bps = 0;
        break;
    default:
        reserve->liquidity.value = random_u256(state);
    }
}

static void reserve_make(struct reserve *reserve, uint32_t index, uint64_t *state)
{
    static const uint32_t decimals[] = {18, 6, 8, 18, 6, 0, 27, 9, 19};
    static const uint64_t cents[] = {200000, 100, 4000000, 1700, 100, 5000, 31, 9900, 1};

    reserve->stale = 0;
    reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
    reserve->decimals = decimals[index];
    reserve->threshold_bps = random_below(state, 12) == 0 ? 0 : 6500 + 250 * index;
    reserve->bonus_bps = 10300 + (uint32_t)random_below(state, 900);
    reserve->protocol_fee_bps =
        random_below(state, 3) == 0 ? 0 : (uint32_t)random_below(state, 2500);
    reserve->updated_at_s = POOL_AT_S - random_below(state, 100000);
    reserve->collateral_index = ray_about(state, 900000000);
    reserve->debt_index = ray_about(state, 900000000);
    reserve->collateral_rate.value = u256_of(1000000000000000000u);
    reserve->debt_rate.value = u256_of(5000000000000000000u);
    MUST(
        u256_mul(&reserve->debt_rate.value, &reserve->debt_rate.value, &(struct u256){{20000000}}));
    reserve->price =
        (struct price){PRICE_OK, u256_of(cents[index] * (900000 + random_below(state, 200000)))};
    reserve->liquidity.value = u256_ten_to(reserve->decimals + (unsigned)random_below(state, 9));
    reserve->held.value = u256_ten_to(reserve->decimals + (unsigned)random_below(state, 7));
    reserve->allowed.value = random_below(state, 4) == 0 ? U256_ZERO : U256_MAX;
}

struct market *random_pool(uint64_t *state, bool is_wild)
{
    struct market *market = a_pool(revisions[random_below(state, ARRAY_LENGTH(revisions))]);

    market->trust = MARKET_TRUSTED;
    market->sentinel_allows = true;
    for (uint32_t i = 0; i < RANDOM_RESERVES; i++) {
        const struct address asset = {{0xa5, (uint8_t)(i + 1)}};

        market_set_asset(market, i, &asset);
        reserve_make(&market->reserve[i], i, state);
        if (is_wild && random_below(state, 8) == 0)
            reserve_spoil(&market->reserve[i], state);
    }
    market->native = WETH;
    for (uint32_t i = 1; i < 3; i++) {
        struct category *category = &market->category[i];

        category->is_used = !is_wild || random_below(state, 16) != 0;
        category->threshold_bps = 9300 + 200u * i;
        category->bonus_bps = 10100;
        category->collateral_bitmap = u256_of(random_below(state, 1u << RANDOM_RESERVES));
        market->reserve[i == 1 ? 3 : 4].category = i;
        if (is_wild && random_below(state, 4) == 0) {
            category->price_source.byte[4] = 9;
            category->price = market->reserve[i].price;
        }
    }
    bool all = protocol_at(market->protocol)->prepare(market, POOL_AT_S + 12);
    MUST(all || is_wild);
    return market;
}

/* What is stored for so much of the base currency, at least one unit. */
static unsigned __int128 stored_for(const struct reserve *reserve, unsigned __int128 value)
{
    struct u256 amount = u256_of_u128(value);

    if (u256_is_zero(&reserve->price.value) || u256_is_zero(&reserve->unit) ||
        !u256_mul_div(&amount, &amount, &reserve->unit, &reserve->price.value) ||
        !u256_fits_u128(&amount) || u256_is_zero(&amount))
        return 1;
    return u256_to_u128(&amount);
}

static void leg_spoil(struct leg *leg, uint64_t *state)
{
    const struct u256 any = random_u256(state);

    switch (random_below(state, 4)) {
    case 0:
        leg->flags |= LEG_STALE;
        break;
    case 1:
        leg->owed = (unsigned __int128)any.limb[1] << 64 | any.limb[0];
        break;
    case 2:
        leg->supplied = (unsigned __int128)any.limb[1] << 64 | any.limb[0];
        break;
    default:
        leg->reserve = (uint16_t)random_below(state, RANDOM_RESERVES + 2);
    }
}

void random_position(struct random_position *out, const struct market *market, uint64_t *state,
                     bool is_wild)
{
    const uint32_t legs = 2 + (uint32_t)random_below(state, random_below(state, 2) == 0 ? 1 : 7);
    const unsigned __int128 size = (unsigned __int128)1000 << random_below(state, 44);
    const uint32_t owes = 600 + (uint32_t)random_below(state, 500);
    uint32_t kinds = (uint32_t)random_u64(state) | 1u; /* bit i: leg i is a debt */
    uint32_t at = (uint32_t)random_below(state, RANDOM_RESERVES);

    memset(out, 0, sizeof(*out));
    kinds &= ~2u;
    out->position = (struct position){.leg_count = (uint16_t)legs, .legs = out->leg};
    random_fill(state, out->position.account.byte, sizeof(out->position.account.byte));
    out->position.category =
        random_below(state, 4) == 0 ? (uint8_t)(1 + random_below(state, 2)) : 0;
    for (uint32_t i = 0; i < legs; i++) {
        struct leg *leg = &out->leg[i];
        const bool is_debt = (kinds >> i & 1) != 0;
        const uint32_t debts = (uint32_t)__builtin_popcount(kinds & ((1u << legs) - 1));
        const unsigned __int128 value = is_debt ? size / 1000 * owes * (legs - debts) / debts
                                                : size / 2 + size / 100 * random_below(state, 100);

        leg->reserve = (uint16_t)(at++ % RANDOM_RESERVES);
        leg->flags = is_debt ? LEG_DEBT | LEG_KNOWS_OWED : LEG_COLLATERAL | LEG_KNOWS_SUPPLIED;
        if (is_debt)
            leg->owed = stored_for(&market->reserve[leg->reserve], value);
        else
            leg->supplied = stored_for(&market->reserve[leg->reserve], value);
        if (random_below(state, 16) == 0) /* both at once */
            leg->flags |= LEG_DEBT | LEG_COLLATERAL;
        if (is_wild && random_below(state, 24) == 0)
            leg_spoil(leg, state);
    }
    for (uint32_t i = 1; i < legs; i++) /* in order of reserve */
        for (uint32_t k = i; k > 0 && out->leg[k].reserve < out->leg[k - 1].reserve; k--) {
            const struct leg swap = out->leg[k];

            out->leg[k] = out->leg[k - 1];
            out->leg[k - 1] = swap;
        }
    if (is_wild && random_below(state, 40) == 0)
        out->position.flags = 1u << random_below(state, 3);
}
