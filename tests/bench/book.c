/* See book.h. */
#include "tests/bench/book.h"

#include <string.h>

#define BASE_ONE 100000000u
#define STEP 1000000000000000000u /* of a ray: 1e-9 */

struct asset {
    const char *symbol;
    uint32_t decimals;
    uint64_t usd_cents;
    uint32_t threshold_bps;
    uint32_t bonus_bps;
};

static const struct asset assets[BENCH_RESERVES] = {
    {"WETH", 18, 345000, 8300, 10500},  {"wstETH", 18, 410000, 8100, 10600},
    {"WBTC", 8, 9800000, 7800, 10500},  {"USDC", 6, 100, 7800, 10450},
    {"USDT", 6, 100, 7800, 10450},      {"DAI", 18, 100, 7700, 10450},
    {"LINK", 18, 1740, 7100, 10700},    {"AAVE", 18, 21000, 7300, 10750},
    {"weETH", 18, 365000, 7900, 10700}, {"cbBTC", 8, 9790000, 7800, 10750},
    {"LUSD", 18, 100, 7700, 10450},     {"rETH", 18, 390000, 7900, 10750},
};

enum { WETH, WSTETH, WBTC, USDC, USDT, DAI, LINK, AAVE, WEETH, CBBTC, LUSD, RETH };

/* Collateral and debt, with a weight out of a hundred. */
struct shape {
    uint32_t weight;
    uint8_t category;
    uint8_t collateral_count;
    uint8_t debt_count;
    uint8_t reserve[BENCH_LEGS_MAX]; /* collateral first */
};

static const struct shape shapes[] = {
    {22, 0, 1, 1, {WETH, USDC}},
    {10, 0, 1, 1, {WBTC, USDT}},
    {8, 0, 1, 1, {WSTETH, DAI}},
    {10, 1, 1, 1, {WSTETH, WETH}},
    {8, 1, 1, 1, {WEETH, WETH}},
    {6, 2, 1, 1, {USDC, USDT}},
    {5, 0, 1, 1, {USDC, WETH}},
    {10, 0, 2, 1, {WETH, WBTC, USDC}},
    {6, 0, 2, 2, {WETH, CBBTC, USDC, DAI}},
    {8, 0, 3, 1, {WETH, LINK, AAVE, USDT}},
    {4, 0, 1, 2, {RETH, USDC, LUSD}},
    {3, 0, 5, 3, {WETH, WBTC, LINK, WSTETH, AAVE, USDC, DAI, USDT}},
};

uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static struct address address_of(uint8_t kind, uint32_t index)
{
    struct address address = {.byte = {0xbe, 0x7c, kind}};

    address.byte[18] = (uint8_t)(index >> 8);
    address.byte[19] = (uint8_t)index;
    return address;
}

/* 1 and some billionths, in ray. */
static struct ray ray_of(uint64_t billionths)
{
    struct u256 value = u256_of(STEP);
    struct u256 factor = u256_of(billionths);

    MUST(u256_mul(&value, &value, &factor));
    return (struct ray){value};
}

static void reserve_set(struct reserve *reserve, uint32_t index)
{
    const struct asset *asset = &assets[index];

    reserve->asset = address_of(1, index);
    reserve->collateral_token = address_of(2, index);
    reserve->stable_debt_token = address_of(3, index);
    reserve->debt_token = address_of(4, index);
    strncpy(reserve->symbol, asset->symbol, SYMBOL_SIZE - 1);
    reserve->flags = RESERVE_ACTIVE | RESERVE_BORROWABLE;
    reserve->decimals = asset->decimals;
    reserve->ltv_bps = asset->threshold_bps - 300;
    reserve->threshold_bps = asset->threshold_bps;
    reserve->bonus_bps = asset->bonus_bps;
    reserve->protocol_fee_bps = 1000;
    reserve->collateral_index = ray_of(1000000000 + 13000000 * (index + 1));
    reserve->debt_index = ray_of(1000000000 + 21000000 * (index + 1));
    reserve->collateral_rate = ray_of(9000000 + 1000000 * index);
    reserve->debt_rate = ray_of(22000000 + 1500000 * index);
    reserve->updated_at_s = BENCH_TIMESTAMP_S - 60 * (index + 1);
    reserve->liquidity.value = u256_ten_to(asset->decimals + 9);
    reserve->price.status = PRICE_OK;
    reserve->price.value = u256_of(asset->usd_cents * (BASE_ONE / 100));
    reserve->held.value = u256_ten_to(asset->decimals + 7);
    reserve->allowed.value = U256_MAX;
}

static void category_set(struct category *category, uint64_t bitmap, uint32_t threshold_bps)
{
    category->is_used = true;
    category->ltv_bps = threshold_bps - 200;
    category->threshold_bps = threshold_bps;
    category->bonus_bps = 10100;
    category->collateral_bitmap = u256_of(bitmap);
}

void bench_market(struct market *market)
{
    const struct address root = address_of(9, 1);

    market_init(market, "bench", protocol_find("aave-v3"), &root);
    market->stale = 0;
    market->revision = 10;
    market->trust = MARKET_TRUSTED;
    market->pool = address_of(9, 2);
    market->configurator = address_of(9, 3);
    market->oracle = address_of(9, 4);
    market->data_provider = address_of(9, 5);
    market->sentinel_allows = true;
    market->price_unit = u256_of(BASE_ONE);
    market->native = WETH;
    market->native_asset = address_of(1, WETH);
    market->reserve_count = BENCH_RESERVES;
    market->timestamp_s = BENCH_TIMESTAMP_S;
    for (uint32_t i = 0; i < BENCH_RESERVES; i++) {
        memset(&market->reserve[i], 0, sizeof(market->reserve[i]));
        reserve_set(&market->reserve[i], i);
    }
    category_set(&market->category[1], 1u << WETH | 1u << WSTETH | 1u << WEETH | 1u << RETH, 9500);
    category_set(&market->category[2], 1u << USDC | 1u << USDT | 1u << DAI | 1u << LUSD, 9300);
    MUST(protocol_at(market->protocol)->prepare(market, BENCH_TIMESTAMP_S));
}

unsigned __int128 bench_scaled(const struct reserve *reserve, uint64_t value, bool is_debt)
{
    const struct u256 one = ray_of(1000000000).value;
    struct u256 amount = u256_of(value);

    MUST(u256_mul_div(&amount, &amount, &reserve->unit, &reserve->price.value));
    MUST(u256_mul_div(&amount, &amount, &one,
                      is_debt ? &reserve->debt_index_now.value
                              : &reserve->collateral_index_now.value));
    return u256_to_u128(&amount);
}

static const struct shape *shape_of(uint64_t draw)
{
    uint64_t rest = draw % 100;

    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (rest < shapes[i].weight)
            return &shapes[i];
        rest -= shapes[i].weight;
    }
    return &shapes[0];
}

/* 100 USD to 3.2 M, each doubling as likely as the next. */
static uint64_t size_of(uint64_t *state)
{
    uint64_t octave = bench_random(state) % 15;

    return (100ull * BASE_ONE << octave) / 1000 * (1000 + bench_random(state) % 1000);
}

static uint32_t threshold_of(const struct market *market, const struct shape *shape, uint32_t leg)
{
    return shape->category != 0 ? market->category[shape->category].threshold_bps
                                : market->reserve[shape->reserve[leg]].threshold_bps;
}

void bench_account(struct bench_account *out, const struct market *market, uint64_t index,
                   uint64_t from, uint64_t to)
{
    uint64_t state = index * 0x2545f4914f6cdd1du + 1;
    const struct shape *shape = shape_of(bench_random(&state));
    uint64_t borne = 0;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(out->address.byte); i++)
        out->address.byte[i] = (uint8_t)bench_random(&state);
    out->category = shape->category;
    out->leg_count = (uint32_t)(shape->collateral_count + shape->debt_count);
    for (uint32_t i = 0; i < out->leg_count; i++) {
        uint64_t value = size_of(&state);

        if (i < shape->collateral_count)
            borne += value / 10000 * threshold_of(market, shape, i);
        else
            value =
                borne / 1000 * (from + bench_random(&state) % (to - from + 1)) / shape->debt_count;
        out->leg[i].reserve = shape->reserve[i];
        out->leg[i].is_debt = i >= shape->collateral_count;
        out->leg[i].scaled =
            bench_scaled(&market->reserve[shape->reserve[i]], value, out->leg[i].is_debt);
    }
}

struct u256 bench_config(const struct bench_account *account)
{
    uint64_t config = 0;

    for (uint32_t i = 0; i < account->leg_count; i++)
        config |= (account->leg[i].is_debt ? 1ull : 2ull) << 2 * account->leg[i].reserve;
    return u256_of(config);
}

struct book *bench_book(const struct market *market, uint32_t count)
{
    struct book *book = book_new(1);

    for (uint32_t i = 0; i < count; i++) {
        struct bench_account account;
        struct account_fact fact = {.kind = ACCOUNT_FACT_CONFIG};

        bench_account(&account, market, i, 300, 950);
        fact.account = book_touch(book, &account.address, RESERVE_NONE);
        fact.value = bench_config(&account);
        book_apply(book, &fact);
        fact.kind = ACCOUNT_FACT_CATEGORY;
        fact.value = u256_of(account.category);
        book_apply(book, &fact);
        for (uint32_t k = 0; k < account.leg_count; k++) {
            fact.kind = account.leg[k].is_debt ? ACCOUNT_FACT_OWED : ACCOUNT_FACT_SUPPLIED;
            fact.reserve = account.leg[k].reserve;
            fact.value = u256_of_u128(account.leg[k].scaled);
            book_apply(book, &fact);
        }
    }
    return book;
}
