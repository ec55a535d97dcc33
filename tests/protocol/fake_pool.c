/* See fake_pool.h. */
#include "tests/protocol/fake_pool.h"

#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"

enum place {
    ROOT = 1,
    POOL,
    ORACLE,
    SENTINEL,
    CONFIGURATOR,
    DATA_PROVIDER,
    KEEPER,
    ORACLE_NEXT,
    SENTINEL_NEXT
};

static struct address place(enum place which)
{
    return (struct address){{(uint8_t)which, 0xfa}};
}

struct address fake_root(void)
{
    return place(ROOT);
}

struct address fake_configurator(void)
{
    return place(CONFIGURATOR);
}

struct address fake_oracle(const struct fake_pool *fake)
{
    return place(fake->has_moved_oracle ? ORACLE_NEXT : ORACLE);
}

static struct address fake_sentinel(const struct fake_pool *fake)
{
    return place(fake->has_moved_sentinel ? SENTINEL_NEXT : SENTINEL);
}

struct address fake_keeper(void)
{
    return place(KEEPER);
}

static struct address token(uint8_t kind, uint32_t which)
{
    return (struct address){{kind, (uint8_t)(which + 1)}};
}

struct address fake_asset(uint32_t which)
{
    return token(0xa0, which);
}

void fake_pool_init(struct fake_pool *fake, uint64_t revision)
{
    *fake = (struct fake_pool){.revision = revision,
                               .reserve_count = FAKE_RESERVES,
                               .id = {0, 2, 3},
                               .price = {200000000000, 100000000, 4000000000000},
                               .source = {{{0xf0, 1}}, {{0xf0, 2}}, {{0xf0, 3}}},
                               .price_at_s = {1900, 1800, 1700},
                               .decimals = 6,
                               .threshold = 8000,
                               .bonus = 10500,
                               .protocol_fee = 1000,
                               .category_threshold = 9300,
                               .scaled = u256_of(1000)};
}

struct market *fake_market(void)
{
    struct market *market = must_alloc(1, sizeof(*market));
    struct address root = fake_root();

    market_init(market, "fake", protocol_find("aave-v3"), &root);
    market->keeper = fake_keeper();
    market->native_asset = fake_asset(2);
    return market;
}

static bool asks(const struct read *read, const char *signature)
{
    uint8_t selector[4];

    selector_of(selector, signature);
    return memcmp(selector, read->data, 4) == 0;
}

static struct address argument(const struct read *read, size_t index)
{
    struct address address = {{0}};
    struct bytes words = bytes_of(read->data + 4, (size_t)read->data_size - 4u);

    (void)!abi_address(&address, words, index);
    return address;
}

/* Which asset, or FAKE_RESERVES. */
static uint32_t which_of(uint8_t kind, const struct address *address)
{
    for (uint32_t i = 0; i < FAKE_RESERVES; i++) {
        struct address is = token(kind, i);
        if (address_is_equal(&is, address))
            return i;
    }
    return FAKE_RESERVES;
}

static bool answer_root(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    static const struct {
        const char *signature;
        enum place place;
    } places[] = {{"getPool()", POOL},
                  {"getPriceOracle()", ORACLE},
                  {"getPriceOracleSentinel()", SENTINEL},
                  {"getPoolConfigurator()", CONFIGURATOR},
                  {"getPoolDataProvider()", DATA_PROVIDER}};

    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        struct address is = place(places[i].place);
        if (!asks(read, places[i].signature))
            continue;
        if (places[i].place == SENTINEL && !fake->has_sentinel)
            is = (struct address){{0}};
        else if (places[i].place == SENTINEL)
            is = fake_sentinel(fake);
        if (places[i].place == ORACLE)
            is = fake_oracle(fake);
        abi_add_address(out, &is);
        return true;
    }
    return false;
}

static void answer_reserve(struct buffer *out, const struct fake_pool *fake, uint32_t which)
{
    struct u256 ray = u256_ten_to(27);
    struct address collateral = token(0xb0, which);
    struct address stable = token(0xd0, which);
    struct address debt = token(0xc0, which);
    struct u256 configuration = U256_ZERO;
    uint64_t decimals =
        fake->has_odd && which == FAKE_RESERVES - 1 ? fake->odd_decimals : fake->decimals;

    configuration.limb[0] = 7000 | fake->threshold << 16 | fake->bonus << 32 | decimals << 48 |
                            (uint64_t)1 << 56 | (uint64_t)1 << 58;
    configuration.limb[2] = fake->protocol_fee << 24 | (uint64_t)(which == 0 ? 5 : 0) << 40;
    configuration.limb[3] = (uint64_t)1 << 60; /* virtual accounting */
    abi_add_u256(out, &configuration);
    abi_add_u256(out, &ray);
    abi_add_u64(out, 0);
    abi_add_u256(out, &ray);
    abi_add_u64(out, 0);
    abi_add_u64(out, 0);
    abi_add_u64(out, 1000);
    abi_add_u64(out, fake->id[which]);
    abi_add_address(out, &collateral);
    abi_add_address(out, &stable);
    abi_add_address(out, &debt);
    for (uint32_t i = 0; i < 4; i++)
        abi_add_u64(out, 0);
}

static void answer_list(struct buffer *out, const struct fake_pool *fake)
{
    abi_add_u64(out, 32);
    abi_add_u64(out, fake->reserve_count);
    for (uint32_t i = 0; i < fake->reserve_count; i++) {
        struct address asset = fake_asset(i);
        abi_add_address(out, &asset);
    }
}

/* ltv, threshold, bonus; to 3.1 behind an offset, with a price source and a label. */
static void answer_category(struct buffer *out, const struct fake_pool *fake, bool is_legacy)
{
    if (is_legacy)
        abi_add_u64(out, 32);
    abi_add_u64(out, 9000);
    abi_add_u64(out, fake->category_threshold);
    abi_add_u64(out, 10100);
    if (is_legacy) {
        abi_add_address(out, &fake->category_source);
        abi_add_u64(out, 160);
        abi_add_bytes(out, bytes_of_text("ETH correlated"));
    }
}

static bool answer_pool_asset(struct buffer *out, const struct fake_pool *fake,
                              const struct read *read)
{
    struct address asset = argument(read, 0);
    uint32_t which = which_of(0xa0, &asset);

    if (which == FAKE_RESERVES)
        return false;
    if (asks(read, "getReserveData(address)")) {
        answer_reserve(out, fake, which);
        return true;
    }
    if (fake->revision <= 3)
        return false;
    if (asks(read, "getVirtualUnderlyingBalance(address)")) {
        abi_add_u64(out, 555);
        return true;
    }
    if (asks(read, "getLiquidationGracePeriod(address)")) {
        abi_add_u64(out, 999);
        return true;
    }
    return false;
}

static bool answer_pool(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    const bool has_bitmaps = fake->revision >= 5;

    if (asks(read, "POOL_REVISION()"))
        abi_add_u64(out, fake->revision);
    else if (asks(read, "getReservesList()"))
        answer_list(out, fake);
    else if (asks(read, "getUserConfiguration(address)"))
        abi_add_u256(out, &fake->config);
    else if (asks(read, "getUserEMode(address)"))
        abi_add_u64(out, fake->category);
    else if (asks(read, "getUserAccountData(address)"))
        for (uint64_t i = 1; i <= 6; i++)
            abi_add_u64(out, i * 11);
    else if (asks(read, "getEModeCategoryData(uint8)") && !has_bitmaps)
        answer_category(out, fake, true);
    else if (asks(read, "getEModeCategoryCollateralConfig(uint8)") && has_bitmaps)
        answer_category(out, fake, false);
    else if (asks(read, "getEModeCategoryCollateralBitmap(uint8)") && has_bitmaps)
        abi_add_u64(out, 5);
    else
        return answer_pool_asset(out, fake, read);
    return true;
}

static bool answer_oracle(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    struct address asset = argument(read, 0);
    uint32_t which = which_of(0xa0, &asset);

    if (asks(read, "BASE_CURRENCY_UNIT()")) {
        abi_add_u64(out, fake->has_moved_oracle ? 200000000 : 100000000);
        return true;
    }
    if (asks(read, "getSourceOfAsset(address)") && which != FAKE_RESERVES) {
        abi_add_address(out, &fake->source[which]);
        return true;
    }
    if (!asks(read, "getAssetPrice(address)"))
        return false;
    if (address_is_equal(&asset, &fake->category_source)) {
        abi_add_u64(out, 77u + asset.byte[1]);
        return true;
    }
    if (which == FAKE_RESERVES || fake->price[which] == 0)
        return false;
    abi_add_u64(out, fake->price[which] * (fake->has_moved_oracle ? 2 : 1));
    return true;
}

/* Assets, aTokens and debt tokens. */
static bool answer_token(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    const uint8_t kind = read->target.byte[0];
    struct address holder = argument(read, 0);
    struct address keeper = fake_keeper();

    if (which_of(kind, &read->target) == FAKE_RESERVES)
        return false;
    if (kind == 0xa0 && asks(read, "symbol()")) {
        abi_add_u64(out, 32);
        abi_add_bytes(out, bytes_of_text("TOK"));
    } else if (kind == 0xa0 && asks(read, "balanceOf(address)")) {
        abi_add_u64(out, address_is_equal(&holder, &keeper) ? 31 : 444);
    } else if (kind == 0xa0 && asks(read, "allowance(address,address)")) {
        struct address spender = argument(read, 1);
        struct address pool = place(POOL);
        abi_add_u64(out, address_is_equal(&spender, &pool) ? 32 : 0);
    } else if (kind == 0xb0 && asks(read, "scaledBalanceOf(address)")) {
        abi_add_u256(out, &fake->scaled);
    } else if (kind == 0xc0 && asks(read, "scaledBalanceOf(address)")) {
        abi_add_u64(out, 500);
    } else if (kind == 0xd0 && asks(read, "principalBalanceOf(address)")) {
        abi_add_u256(out, &fake->stable_debt);
    } else {
        return false;
    }
    return true;
}

static bool answer_source(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    for (uint32_t i = 0; i < FAKE_RESERVES; i++) {
        if (address_is_equal(&read->target, &fake->source[i]) && asks(read, "latestTimestamp()")) {
            abi_add_u64(out, fake->price_at_s[i]);
            return true;
        }
    }
    return false;
}

static bool answer_any(struct buffer *out, const struct fake_pool *fake, const struct read *read)
{
    struct address root = fake_root();
    struct address pool = place(POOL);
    struct address oracle = fake_oracle(fake);
    struct address sentinel = fake_sentinel(fake);

    if (address_is_equal(&read->target, &root))
        return answer_root(out, fake, read);
    if (address_is_equal(&read->target, &pool))
        return answer_pool(out, fake, read);
    if (address_is_equal(&read->target, &oracle))
        return answer_oracle(out, fake, read);
    if (address_is_equal(&read->target, &sentinel) && asks(read, "isLiquidationAllowed()")) {
        abi_add_bool(out, !fake->has_moved_sentinel);
        return true;
    }
    return answer_source(out, fake, read) || answer_token(out, fake, read);
}

bool fake_answer(struct buffer *out, struct fake_pool *fake, const struct read *read)
{
    fake->asked++;
    if (fake->broken != NULL && asks(read, fake->broken))
        return false;
    if (fake->garbled != NULL && asks(read, fake->garbled)) {
        buffer_add(out, "abc", 3);
        return true;
    }
    bool is_answered = answer_any(out, fake, read);
    fake->unanswered += is_answered ? 0 : 1;
    return is_answered;
}
