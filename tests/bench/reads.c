/* What the contracts of the market answer: Aave V3.6 as far as a keeper reads it, and Multicall3.
 */
#include <string.h>

#include "eth/abi.h"
#include "protocol/aave_v3/inside.h"
#include "tests/bench/world.h"

static bool is_call(struct bytes data, enum aave_read kind)
{
    return data.size >= 4 && memcmp(data.data, aave_read_selector(kind), 4) == 0;
}

static struct bytes arguments_of(struct bytes data)
{
    return bytes_slice(data, 4, data.size - 4);
}

static bool read_root(struct buffer *out, const struct world *world, struct bytes data)
{
    const struct market *market = &world->market;
    const struct {
        enum aave_read kind;
        const struct address *address;
    } places[] = {{AAVE_READ_POOL, &market->pool},
                  {AAVE_READ_ORACLE, &market->oracle},
                  {AAVE_READ_SENTINEL, &market->sentinel},
                  {AAVE_READ_CONFIGURATOR, &market->configurator},
                  {AAVE_READ_DATA_PROVIDER, &market->data_provider}};

    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        if (is_call(data, places[i].kind)) {
            abi_add_address(out, places[i].address);
            return true;
        }
    }
    return false;
}

static struct u256 configuration_of(const struct reserve *reserve)
{
    struct u256 word = U256_ZERO;

    word.limb[0] = (uint64_t)reserve->ltv_bps | (uint64_t)reserve->threshold_bps << 16 |
                   (uint64_t)reserve->bonus_bps << 32 | (uint64_t)reserve->decimals << 48 |
                   1ull << 56 | 1ull << 58;
    word.limb[2] = (uint64_t)reserve->protocol_fee_bps << (152 - 128);
    word.limb[3] = 1ull << (252 - 192);
    return word;
}

static void add_reserve_data(struct buffer *out, const struct reserve *reserve, uint32_t index)
{
    struct u256 configuration = configuration_of(reserve);

    abi_add_u256(out, &configuration);
    abi_add_u256(out, &reserve->collateral_index.value);
    abi_add_u256(out, &reserve->collateral_rate.value);
    abi_add_u256(out, &reserve->debt_index.value);
    abi_add_u256(out, &reserve->debt_rate.value);
    abi_add_u64(out, 0);
    abi_add_u64(out, reserve->updated_at_s);
    abi_add_u64(out, index);
    abi_add_address(out, &reserve->collateral_token);
    abi_add_address(out, &reserve->stable_debt_token);
    abi_add_address(out, &reserve->debt_token);
    for (size_t i = 11; i < 15; i++)
        abi_add_u64(out, 0);
}

static void add_list(struct buffer *out, const struct market *market)
{
    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, market->reserve_count);
    for (uint32_t i = 0; i < market->reserve_count; i++)
        abi_add_address(out, &market->reserve[i].asset);
}

static bool read_pool_reserve(struct buffer *out, const struct market *market, struct bytes data)
{
    struct address asset;
    uint32_t index;

    if (!abi_address(&asset, arguments_of(data), 0))
        return false;
    index = market_reserve(market, &asset);
    if (index == RESERVE_NONE)
        return false;
    if (is_call(data, AAVE_READ_RESERVE))
        add_reserve_data(out, &market->reserve[index], index);
    else if (is_call(data, AAVE_READ_VIRTUAL))
        abi_add_u256(out, &market->reserve[index].liquidity.value);
    else if (is_call(data, AAVE_READ_GRACE))
        abi_add_u64(out, 0);
    return out->size > 0;
}

static bool read_category(struct buffer *out, const struct market *market, struct bytes data)
{
    uint64_t index;

    if (!abi_u64(&index, arguments_of(data), 0) || index >= CATEGORIES_MAX)
        return false;
    if (is_call(data, AAVE_READ_BITMAP)) {
        abi_add_u256(out, &market->category[index].collateral_bitmap);
        return true;
    }
    abi_add_u64(out, market->category[index].ltv_bps);
    abi_add_u64(out, market->category[index].threshold_bps);
    abi_add_u64(out, market->category[index].bonus_bps);
    return true;
}

/* getUserAccountData, by the same rules; only its sixth word is looked at. */
static void add_account_data(struct buffer *out, const struct market *market,
                             const struct bench_account *account)
{
    struct leg legs[BENCH_LEGS_MAX] = {0};
    struct position position = {.category = account->category, .legs = legs};
    struct health health = {0};

    for (uint32_t reserve = 0; reserve < market->reserve_count; reserve++) {
        struct leg leg = {.reserve = (uint16_t)reserve};
        for (uint32_t i = 0; i < account->leg_count; i++) {
            if (account->leg[i].reserve != reserve)
                continue;
            leg.flags |= account->leg[i].is_debt ? LEG_DEBT : LEG_COLLATERAL;
            *(account->leg[i].is_debt ? &leg.owed : &leg.supplied) = account->leg[i].scaled;
        }
        if (leg.flags != 0)
            legs[position.leg_count++] = leg;
    }
    MUST(aave_health(&health, market, &position) == HEALTH_OK);
    for (size_t i = 0; i < 5; i++)
        abi_add_u64(out, 0);
    abi_add_u256(out, &health.factor.value);
}

static const struct bench_account *account_named(const struct world *world, struct bytes data)
{
    struct address address;
    uint32_t index;

    if (!abi_address(&address, arguments_of(data), 0))
        return NULL;
    index = table_find(&world->accounts, &address);
    return index == TABLE_NONE ? NULL : &world->account[index];
}

static bool read_pool_account(struct buffer *out, const struct world *world, struct bytes data)
{
    const struct bench_account *account = account_named(world, data);
    struct u256 config = account != NULL ? bench_config(account) : U256_ZERO;

    if (is_call(data, AAVE_READ_CONFIG))
        abi_add_u256(out, &config);
    else if (is_call(data, AAVE_READ_EMODE))
        abi_add_u64(out, account != NULL ? account->category : 0);
    else if (is_call(data, AAVE_READ_AUDIT) && account != NULL)
        add_account_data(out, &world->market, account);
    return out->size > 0;
}

static bool read_pool(struct buffer *out, const struct world *world, struct bytes data)
{
    if (is_call(data, AAVE_READ_REVISION)) {
        abi_add_u64(out, world->market.revision);
        return true;
    }
    if (is_call(data, AAVE_READ_RESERVES)) {
        add_list(out, &world->market);
        return true;
    }
    if (is_call(data, AAVE_READ_RESERVE) || is_call(data, AAVE_READ_VIRTUAL) ||
        is_call(data, AAVE_READ_GRACE))
        return read_pool_reserve(out, &world->market, data);
    if (is_call(data, AAVE_READ_CATEGORY) || is_call(data, AAVE_READ_BITMAP))
        return read_category(out, &world->market, data);
    return read_pool_account(out, world, data);
}

static bool read_oracle(struct buffer *out, const struct world *world, struct bytes data)
{
    struct address asset;
    uint32_t index;

    if (is_call(data, AAVE_READ_UNIT)) {
        abi_add_u256(out, &world->market.price_unit);
        return true;
    }
    if (!is_call(data, AAVE_READ_PRICE) || !abi_address(&asset, arguments_of(data), 0))
        return false;
    index = market_reserve(&world->market, &asset);
    if (index == RESERVE_NONE)
        return false;
    abi_add_u256(out, &world->market.reserve[index].price.value);
    return true;
}

static bool read_token(struct buffer *out, const struct reserve *reserve, struct bytes data)
{
    if (is_call(data, AAVE_READ_SYMBOL)) {
        abi_add_u64(out, ABI_WORD);
        abi_add_bytes(out, bytes_of_text(reserve->symbol));
    } else if (is_call(data, AAVE_READ_HELD)) {
        abi_add_u256(out, &reserve->held.value);
    } else if (is_call(data, AAVE_READ_ALLOWED)) {
        abi_add_u256(out, &reserve->allowed.value);
    }
    return out->size > 0;
}

static bool read_scaled(struct buffer *out, const struct world *world, struct bytes data,
                        uint32_t reserve, bool is_debt)
{
    const struct bench_account *account = account_named(world, data);
    struct u256 amount = U256_ZERO;

    for (uint32_t i = 0; account != NULL && i < account->leg_count; i++) {
        if (account->leg[i].reserve == reserve && account->leg[i].is_debt == is_debt)
            amount = u256_of_u128(account->leg[i].scaled);
    }
    abi_add_u256(out, &amount);
    return is_call(data, AAVE_READ_SUPPLIED);
}

static bool read_multicall(struct buffer *out, const struct world *world, struct bytes data)
{
    static const char *const words[] = {"getBlockNumber()", "getCurrentBlockTimestamp()",
                                        "getLastBlockHash()"};
    const struct hash32 parent = world_hash(world->head - 1);
    const struct u256 ether = u256_ten_to(21);
    BUFFER selectors = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        abi_add_selector(&selectors, words[i]);
    if (memcmp(data.data, selectors.data, 4) == 0)
        abi_add_u64(out, world->head);
    else if (memcmp(data.data, selectors.data + 4, 4) == 0)
        abi_add_u64(out, world_timestamp(world->head));
    else if (memcmp(data.data, selectors.data + 8, 4) == 0)
        buffer_add(out, parent.byte, sizeof(parent.byte));
    else
        abi_add_u256(out, &ether); /* getEthBalance */
    return true;
}

bool world_read(struct buffer *out, const struct world *world, const struct address *target,
                struct bytes data)
{
    const struct market *market = &world->market;

    if (address_is_equal(target, &market->root))
        return read_root(out, world, data);
    if (address_is_equal(target, &market->pool))
        return read_pool(out, world, data);
    if (address_is_equal(target, &market->oracle))
        return read_oracle(out, world, data);
    if (address_is_equal(target, &world->multicall))
        return read_multicall(out, world, data);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if (address_is_equal(target, &market->reserve[i].asset))
            return read_token(out, &market->reserve[i], data);
        if (address_is_equal(target, &market->reserve[i].collateral_token))
            return read_scaled(out, world, data, i, false);
        if (address_is_equal(target, &market->reserve[i].debt_token))
            return read_scaled(out, world, data, i, true);
    }
    return false;
}

/* One call of the array: (address target, bool allowFailure, bytes callData). */
static bool multicall_one(struct buffer *out, const struct world *world, struct bytes array,
                          size_t index)
{
    BUFFER answer = {0};
    struct address target;
    struct bytes call;
    uint64_t offset;

    if (!abi_u64(&offset, array, index) || offset > array.size)
        return false;
    struct bytes tuple = bytes_slice(array, (size_t)offset, array.size - (size_t)offset);
    if (!abi_address(&target, tuple, 0) || !abi_bytes(&call, tuple, 2))
        return false;
    bool succeeded = world_read(&answer, world, &target, call);
    abi_add_bool(out, succeeded);
    abi_add_u64(out, 2 * ABI_WORD);
    abi_add_bytes(out, succeeded ? buffer_bytes(&answer) : (struct bytes){0});
    return true;
}

bool world_multicall(struct buffer *out, const struct world *world, struct bytes data)
{
    struct bytes array;
    size_t count;

    if (data.size < 4 || !abi_array(&array, &count, arguments_of(data), 0) ||
        count > array.size / ABI_WORD)
        return false;
    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, count);
    size_t base = out->size;
    (void)buffer_extend(out, count * ABI_WORD);
    for (size_t i = 0; i < count; i++) {
        abi_set_u64(out, base + i * ABI_WORD, out->size - base);
        if (!multicall_one(out, world, array, i))
            return false;
    }
    return true;
}
