/* See a_pool.h. */
#include "tests/protocol/a_pool.h"

#include <criterion/criterion.h>
#include <string.h>

static void reserve_add(struct market *market, uint32_t index, uint64_t price, uint32_t decimals)
{
    static const uint32_t thresholds[] = {8000, 7500, 7000};
    const struct address asset = {{0xa5, (uint8_t)(index + 1)}};

    market_set_asset(market, index, &asset);
    struct reserve *reserve = &market->reserve[index];
    reserve->stale = 0;
    reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
    reserve->decimals = decimals;
    reserve->threshold_bps = thresholds[index];
    reserve->bonus_bps = 10500;
    reserve->updated_at_s = POOL_AT_S;
    reserve->collateral_index.value = u256_ten_to(27);
    reserve->debt_index.value = u256_ten_to(27);
    reserve->price = (struct price){PRICE_OK, u256_of(price * 100000000)};
    reserve->liquidity.value = u256_ten_to(30);
    reserve->collateral_token.byte[0] = (uint8_t)(0x10 + index);
    reserve->debt_token.byte[0] = (uint8_t)(0x20 + index);
}

struct market *a_pool(uint32_t revision)
{
    struct market *market = must_alloc(1, sizeof(*market));
    const struct address root = {{0x01}};

    market_init(market, "pool", protocol_find("aave-v3"), &root);
    market->stale = 0;
    market->revision = revision;
    market->pool.byte[0] = 0x02;
    market->oracle.byte[0] = 0x03;
    market->configurator.byte[0] = 0x04;
    market->keeper.byte[0] = 0x05;
    market->timestamp_s = POOL_AT_S;
    market->price_unit = u256_of(100000000);
    reserve_add(market, WETH, 2000, 18);
    reserve_add(market, USDC, 1, 6);
    reserve_add(market, WBTC, 40000, 8);
    return market;
}

unsigned __int128 micro(const struct market *market, uint32_t reserve, uint64_t millionths)
{
    unsigned __int128 amount = millionths;

    for (uint32_t i = 6; i < market->reserve[reserve].decimals; i++)
        amount *= 10;
    return amount;
}

void held_add(struct held *held, const struct leg *leg)
{
    uint16_t at = held->position.leg_count++;

    while (at > 0 && held->leg[at - 1].reserve > leg->reserve) {
        held->leg[at] = held->leg[at - 1];
        at--;
    }
    held->leg[at] = *leg;
    held->position.legs = held->leg;
}

void a_loan(struct held *out, const struct market *market, uint32_t collateral, uint64_t supplied,
            uint32_t debt, uint64_t owed)
{
    memset(out, 0, sizeof(*out));
    out->position.account.byte[0] = 0xac;
    out->position.legs = out->leg;
    const struct leg in = {.supplied = micro(market, collateral, supplied),
                           .reserve = (uint16_t)collateral,
                           .flags = LEG_COLLATERAL};
    const struct leg from = {
        .owed = micro(market, debt, owed), .reserve = (uint16_t)debt, .flags = LEG_DEBT};
    if (supplied != 0)
        held_add(out, &in);
    if (owed != 0)
        held_add(out, &from);
}

struct health health_of(const struct market *market, const struct position *position)
{
    struct health health = {0};
    enum health_error error = protocol_at(market->protocol)->health(&health, market, position);

    cr_assert(error == HEALTH_OK, "%s", health_error_text(error));
    return health;
}

enum liquidation_error size_of(struct liquidation *out, const struct market *market,
                               const struct held *held, const struct u256 *cap)
{
    const struct health health = health_of(market, &held->position);
    struct liquidation_request request = {
        .cap = {*cap}, .timestamp_s = POOL_AT_S, .deadline_s = POOL_AT_S + 60};

    for (uint16_t i = 0; i < held->position.leg_count; i++) {
        const struct leg *leg = &held->position.legs[i];
        if ((leg->flags & LEG_DEBT) != 0)
            request.debt = leg->reserve;
        if ((leg->flags & LEG_COLLATERAL) != 0)
            request.collateral = leg->reserve;
    }
    return protocol_at(market->protocol)
        ->liquidation(out, market, &held->position, &health, &request);
}
