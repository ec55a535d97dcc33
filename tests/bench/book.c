/* See book.h. */
#include "tests/bench/book.h"

#include <math.h>
#include <string.h>

#define BASE_ONE 100000000u
#define STEP 1000000000000000000u /* of a ray: 1e-9 */

struct asset {
    const char *symbol;
    uint32_t decimals;
    uint64_t usd_cents;
    uint32_t threshold_bps;
    uint32_t bonus_bps;
    enum bench_class class;
    uint32_t supplied; /* how often it is collateral, and debt */
    uint32_t owed;
};

static const struct asset assets[BENCH_RESERVES] = {
    {"WETH", 18, 345000, 8300, 10500, BENCH_ETHER, 24, 14},
    {"wstETH", 18, 410000, 8100, 10600, BENCH_ETHER, 14, 2},
    {"WBTC", 8, 9800000, 7800, 10500, BENCH_BITCOIN, 12, 2},
    {"USDC", 6, 100, 7800, 10450, BENCH_STABLE, 8, 30},
    {"USDT", 6, 100, 7800, 10450, BENCH_STABLE, 5, 24},
    {"DAI", 18, 100, 7700, 10450, BENCH_STABLE, 3, 8},
    {"LINK", 18, 1740, 7100, 10700, BENCH_OTHER, 4, 1},
    {"AAVE", 18, 21000, 7300, 10750, BENCH_OTHER, 4, 0},
    {"weETH", 18, 365000, 7900, 10700, BENCH_ETHER, 9, 1},
    {"cbBTC", 8, 9790000, 7800, 10750, BENCH_BITCOIN, 6, 1},
    {"LUSD", 18, 100, 7700, 10450, BENCH_STABLE, 1, 2},
    {"rETH", 18, 390000, 7900, 10750, BENCH_ETHER, 3, 1},
    {"cbETH", 18, 375000, 7700, 10750, BENCH_ETHER, 2, 1},
    {"osETH", 18, 361000, 7500, 10750, BENCH_ETHER, 1, 0},
    {"ezETH", 18, 358000, 7500, 10750, BENCH_ETHER, 2, 0},
    {"rsETH", 18, 359000, 7500, 10750, BENCH_ETHER, 2, 0},
    {"tBTC", 18, 9780000, 7800, 10750, BENCH_BITCOIN, 2, 1},
    {"LBTC", 8, 9790000, 7500, 10850, BENCH_BITCOIN, 2, 0},
    {"FRAX", 18, 100, 7200, 10600, BENCH_STABLE, 1, 1},
    {"crvUSD", 18, 100, 7200, 10600, BENCH_STABLE, 0, 1},
    {"PYUSD", 6, 100, 7800, 10750, BENCH_STABLE, 0, 2},
    {"USDe", 18, 100, 7500, 10850, BENCH_STABLE, 3, 2},
    {"sUSDe", 18, 118, 7500, 10850, BENCH_STABLE, 5, 0},
    {"sDAI", 18, 113, 7800, 10450, BENCH_STABLE, 2, 0},
    {"UNI", 18, 920, 6500, 11000, BENCH_OTHER, 2, 1},
    {"CRV", 18, 61, 4100, 10830, BENCH_OTHER, 1, 1},
    {"BAL", 18, 190, 5900, 10830, BENCH_OTHER, 1, 1},
    {"SNX", 18, 150, 6500, 10850, BENCH_OTHER, 1, 1},
    {"LDO", 18, 120, 5000, 10900, BENCH_OTHER, 1, 1},
    {"MKR", 18, 160000, 7000, 10850, BENCH_OTHER, 1, 1},
};

enum { WETH, WSTETH, WBTC, USDC, USDT, DAI };

enum bench_class bench_class_of(uint32_t reserve)
{
    return assets[reserve].class;
}

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

static uint64_t bitmap_of(enum bench_class class)
{
    uint64_t bitmap = 0;

    for (uint32_t i = 0; i < BENCH_RESERVES; i++)
        bitmap |= (uint64_t)(assets[i].class == class) << i;
    return bitmap;
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
    category_set(&market->category[1], bitmap_of(BENCH_ETHER), 9500);
    category_set(&market->category[2], bitmap_of(BENCH_STABLE), 9300);
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

/* 100 USD to 3.2 M, each doubling as likely as the next. */
static uint64_t size_of(uint64_t *state)
{
    uint64_t octave = bench_random(state) % 15;

    return (100ull * BASE_ONE << octave) / 1000 * (1000 + bench_random(state) % 1000);
}

/* One that it does not hold yet, as often as the table says. */
static uint32_t asset_of(uint64_t *state, const struct bench_account *account, bool is_debt)
{
    for (;;) {
        uint64_t draw = bench_random(state) % 120;
        uint32_t reserve = 0;
        bool is_held = false;

        for (; reserve < BENCH_RESERVES; reserve++) {
            const uint32_t weight = is_debt ? assets[reserve].owed : assets[reserve].supplied;
            if (draw < weight)
                break;
            draw -= weight;
        }
        for (uint32_t i = 0; i < account->leg_count; i++)
            is_held |= account->leg[i].reserve == reserve;
        if (reserve < BENCH_RESERVES && !is_held)
            return reserve;
    }
}

/* Half hold two assets, 35 % three or four, 15 % five to eight. */
static void shape_draw(struct bench_account *out, uint32_t *supplied, uint64_t *state)
{
    uint64_t draw = bench_random(state) % 100;
    uint32_t legs = draw < 50   ? 2
                    : draw < 85 ? 3 + (uint32_t)(bench_random(state) % 2)
                                : 5 + (uint32_t)(bench_random(state) % 4);
    uint32_t owed = 1 + (uint32_t)(bench_random(state) % (legs / 2));

    *supplied = legs - owed;
    for (uint32_t i = 0; i < legs; i++) {
        out->leg[i].is_debt = i >= *supplied;
        out->leg[i].reserve = asset_of(state, out, out->leg[i].is_debt);
        out->leg_count++;
    }
    /* a loop of two that move together runs in its category */
    if (legs == 2 && assets[out->leg[0].reserve].class == assets[out->leg[1].reserve].class) {
        out->category = assets[out->leg[0].reserve].class == BENCH_ETHER    ? 1
                        : assets[out->leg[0].reserve].class == BENCH_STABLE ? 2
                                                                            : 0;
    }
}

static uint32_t threshold_of(const struct market *market, const struct bench_account *account,
                             uint32_t leg)
{
    return account->category != 0 ? market->category[account->category].threshold_bps
                                  : market->reserve[account->leg[leg].reserve].threshold_bps;
}

/* Owes that many of a million of what it bears. */
static void account_make(struct bench_account *out, const struct market *market, uint64_t *state,
                         uint64_t millionths)
{
    uint32_t supplied;
    uint64_t borne = 0;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(out->address.byte); i++)
        out->address.byte[i] = (uint8_t)bench_random(state);
    shape_draw(out, &supplied, state);
    for (uint32_t i = 0; i < out->leg_count; i++) {
        uint64_t value = size_of(state);

        if (i < supplied)
            borne += value / 10000 * threshold_of(market, out, i);
        else
            value = borne / 1000000 * millionths / (out->leg_count - supplied);
        out->leg[i].scaled =
            bench_scaled(&market->reserve[out->leg[i].reserve], value, out->leg[i].is_debt);
    }
}

void bench_account(struct bench_account *out, const struct market *market, uint64_t index,
                   uint64_t from, uint64_t to)
{
    uint64_t state = index * 0x2545f4914f6cdd1du + 1;

    account_make(out, market, &state, 1000 * (from + bench_random(&state) % (to - from + 1)));
}

void bench_account_spread(struct bench_account *out, const struct market *market, uint64_t index)
{
    const double near = 1.0005;
    const double far = 10;
    uint64_t state = index * 0x2545f4914f6cdd1du + 1;
    double part = (double)(bench_random(&state) >> 11) * 0x1p-53;
    double health = near * pow(far / near, part);

    account_make(out, market, &state, (uint64_t)(1e6 / health));
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

        bench_account_spread(&account, market, i);
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
