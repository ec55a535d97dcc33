/* See recorded.h. */
#include "tests/protocol/recorded.h"

#include <criterion/criterion.h>
#include <string.h>

struct u256 number(const char *digits)
{
    struct u256 value = U256_ZERO;

    cr_assert(u256_parse(&value, digits, strlen(digits)), "no number: %s", digits);
    return value;
}

static void reserve_set(struct market *market, uint32_t index, const struct recorded_reserve *from)
{
    struct address asset = {{0xa5, (uint8_t)(index + 1)}};

    market_set_asset(market, index, &asset);
    struct reserve *reserve = &market->reserve[index];
    reserve->stale = 0;
    reserve->flags = from->flags;
    reserve->decimals = from->decimals;
    reserve->ltv_bps = from->ltv_bps;
    reserve->threshold_bps = from->threshold_bps;
    reserve->bonus_bps = from->bonus_bps;
    reserve->protocol_fee_bps = from->protocol_fee_bps;
    reserve->category = from->category;
    reserve->updated_at_s = from->updated_at_s;
    reserve->collateral_index.value = number(from->collateral_index);
    reserve->debt_index.value = number(from->debt_index);
    reserve->collateral_rate.value = number(from->collateral_rate);
    reserve->debt_rate.value = number(from->debt_rate);
    reserve->price = (struct price){PRICE_OK, number(from->price)};
    reserve->liquidity.value = number(from->liquidity);
}

struct market *recorded_market(const struct recorded *recorded)
{
    struct market *market = must_alloc(1, sizeof(*market));
    struct address root = {{0x01}};

    market_init(market, "recorded", protocol_find("aave-v3"), &root);
    market->revision = recorded->revision;
    market->stale = 0;
    market->timestamp_s = recorded->at_s;
    market->price_unit = u256_of(100000000);
    for (uint32_t i = 0; i < recorded->reserve_count; i++)
        reserve_set(market, i, &recorded->reserves[i]);
    for (uint32_t i = 0; i < recorded->category_count; i++) {
        const struct recorded_category *from = &recorded->categories[i];
        struct category *category = &market->category[from->index];
        category->is_used = true;
        category->threshold_bps = from->threshold_bps;
        category->bonus_bps = from->bonus_bps;
        category->collateral_bitmap = u256_of(from->collateral_bitmap);
    }
    return market;
}

struct position recorded_position(struct leg legs[RECORDED_LEGS_MAX],
                                  const struct recorded_account *account)
{
    for (uint32_t i = 0; i < account->leg_count; i++) {
        struct u256 supplied = number(account->leg[i].supplied);
        struct u256 owed = number(account->leg[i].owed);
        legs[i] = (struct leg){.supplied = u256_to_u128(&supplied),
                               .owed = u256_to_u128(&owed),
                               .reserve = account->leg[i].reserve,
                               .flags = account->leg[i].flags};
    }
    return (struct position){.account = {{0xac}},
                             .category = account->category,
                             .leg_count = account->leg_count,
                             .legs = legs};
}
