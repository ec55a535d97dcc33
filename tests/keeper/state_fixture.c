#include "tests/keeper/state_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"

#define NOW_S 1700000000u

static struct ray one_ray(void)
{
    return (struct ray){u256_ten_to(27)};
}

static void reserve_put(struct market *market, uint32_t index, const char *symbol,
                        const struct reserve *terms)
{
    struct address asset = {{(uint8_t)(0xa0 + index)}};
    struct reserve *reserve = &market->reserve[index];

    market_set_asset(market, index, &asset);
    *reserve = *terms;
    reserve->asset = asset;
    strcpy(reserve->symbol, symbol);
    reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
    reserve->bonus_bps = 10500;
    reserve->collateral_index = reserve->debt_index = one_ray();
    reserve->updated_at_s = NOW_S;
    reserve->liquidity.value = u256_ten_to(30);
    reserve->price.status = PRICE_OK;
}

struct turn_state *a_state(void)
{
    static struct config config;
    config_of(&config, config_sound);
    struct turn_state *state = turn_new(&config.settings, PURPOSE_RUN);
    struct tracked *tracked = &state->tracked[0];
    struct market *market = &tracked->market;
    struct reserve weth = {.decimals = 18, .threshold_bps = 8000};
    struct reserve usdc = {.decimals = 6, .threshold_bps = 8500};

    weth.price.value = u256_of(200000000000);
    usdc.price.value = u256_of(100000000);
    reserve_put(market, WETH, "WETH", &weth);
    reserve_put(market, USDC, "USDC", &usdc);
    market->stale = 0;
    market->revision = 1;
    market->trust = MARKET_TRUSTED;
    market->price_unit = u256_of(100000000);
    market->native = WETH;
    market->native_asset = market->reserve[WETH].asset;
    market->sentinel_allows = true;
    market->block.number = 77;
    market->timestamp_s = NOW_S;
    cr_assert(tracked->protocol->prepare(market, NOW_S));
    tracked->is_complete = true;
    state->header.number = 77;
    state->header.timestamp_s = NOW_S;
    state->header.base_fee.value = u256_of(1000000000);
    state->header.gas_limit = 30000000;
    state->header.gas_used = 15000000;
    state->phase = PHASE_FOLLOW;
    state->is_ready = true;
    state->now_ms = (int64_t)NOW_S * 1000 + 2500;
    return state;
}

struct address address_named(uint8_t name)
{
    struct address address = {{0}};
    memset(address.byte, name, sizeof(address.byte));
    return address;
}

static void fact(struct turn_state *state, uint32_t slot, enum account_fact_kind kind,
                 uint32_t reserve, struct u256 value)
{
    const struct account_fact said = {
        .kind = kind, .account = slot, .reserve = reserve, .value = value};
    book_apply(state->tracked[0].book, &said);
}

uint32_t an_account(struct turn_state *state, uint8_t name, uint64_t milli_weth, uint64_t usdc)
{
    struct address address = address_named(name);
    uint32_t slot = book_touch(state->tracked[0].book, &address, RESERVE_NONE);
    struct u256 supplied = u256_of(milli_weth);
    struct u256 owed = u256_of(usdc * 1000000);
    struct u256 milli = u256_ten_to(15);

    cr_assert(u256_mul(&supplied, &supplied, &milli));
    /* bit 1: WETH is collateral; bit 2: USDC is owed */
    fact(state, slot, ACCOUNT_FACT_CONFIG, 0, u256_of(usdc > 0 ? 6 : 2));
    fact(state, slot, ACCOUNT_FACT_CATEGORY, 0, U256_ZERO);
    fact(state, slot, ACCOUNT_FACT_SUPPLIED, WETH, supplied);
    fact(state, slot, ACCOUNT_FACT_OWED, USDC, owed);
    return slot;
}
