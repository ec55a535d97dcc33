/*
 * Answers about one reserve. Its terms are packed into one word by the pool (ReserveConfiguration);
 * whatever of it cannot be read closes the reserve in the way that its field has: no price, no age
 * of it, nothing held, no liquidity, an endless grace period.
 */
#include <string.h>

#include "eth/abi.h"
#include "protocol/aave_v3/accept.h"

#define RESERVE_WORDS 15u
#define WORD 32u
#define DECIMALS_MAX 77u
#define PRICE_BITS_MAX 255u

/* The words of getReserveData (ReserveData in 3.0, ReserveDataLegacy from 3.1): alike to 3.7. */
enum reserve_word {
    WORD_CONFIGURATION = 0,
    WORD_COLLATERAL_INDEX = 1,
    WORD_COLLATERAL_RATE = 2,
    WORD_DEBT_INDEX = 3,
    WORD_DEBT_RATE = 4,
    WORD_UPDATED_AT = 6,
    WORD_ID = 7,
    WORD_COLLATERAL_TOKEN = 8,
    WORD_STABLE_DEBT_TOKEN = 9,
    WORD_DEBT_TOKEN = 10
};

static uint64_t bits_of(const struct u256 *word, unsigned first, unsigned count)
{
    const unsigned limb = first / 64;
    const unsigned shift = first % 64;
    uint64_t bits = word->limb[limb] >> shift;

    if (shift != 0 && limb < 3) {
        bits |= word->limb[limb + 1] << (64 - shift);
    }
    return bits & (((uint64_t)1 << count) - 1);
}

static uint32_t flags_of(const struct u256 *configuration, const struct aave_rules *rules)
{
    uint32_t flags = 0;

    flags |= bits_of(configuration, 56, 1) != 0 ? RESERVE_ACTIVE : 0u;
    flags |= bits_of(configuration, 57, 1) != 0 ? RESERVE_FROZEN : 0u;
    flags |= bits_of(configuration, 58, 1) != 0 ? RESERVE_BORROWABLE : 0u;
    flags |= bits_of(configuration, 60, 1) != 0 ? RESERVE_PAUSED : 0u;
    /* bit 252: virtual accounting */
    flags |= rules->has_mintable && bits_of(configuration, 252, 1) == 0 ? RESERVE_MINTED : 0u;
    return flags;
}

static void reserve_set_terms(struct reserve *reserve, const struct u256 *configuration,
                              const struct aave_rules *rules)
{
    reserve->flags = flags_of(configuration, rules);
    reserve->ltv_bps = (uint32_t)bits_of(configuration, 0, 16);
    reserve->threshold_bps = (uint32_t)bits_of(configuration, 16, 16);
    reserve->bonus_bps = (uint32_t)bits_of(configuration, 32, 16);
    reserve->decimals = (uint32_t)bits_of(configuration, 48, 8);
    reserve->protocol_fee_bps = (uint32_t)bits_of(configuration, 152, 16);
    reserve->category = rules->has_category_price ? (uint32_t)bits_of(configuration, 168, 8) : 0;
    reserve->debt_ceiling = u256_of(bits_of(configuration, 212, 40));
}

static bool index_word(struct ray *out, struct bytes data, size_t word)
{
    return abi_u256(&out->value, data, word) && u256_fits_u128(&out->value);
}

/* All of it or none: *out is what stood there, with what the answer says. */
static enum read_error reserve_decode(struct reserve *out, uint64_t *id, struct bytes data,
                                      const struct aave_rules *rules)
{
    struct u256 configuration;

    if (data.size < (size_t)RESERVE_WORDS * WORD ||
        !abi_u256(&configuration, data, WORD_CONFIGURATION) || !abi_u64(id, data, WORD_ID) ||
        !abi_u64(&out->updated_at_s, data, WORD_UPDATED_AT) ||
        !abi_address(&out->collateral_token, data, WORD_COLLATERAL_TOKEN) ||
        !abi_address(&out->stable_debt_token, data, WORD_STABLE_DEBT_TOKEN) ||
        !abi_address(&out->debt_token, data, WORD_DEBT_TOKEN)) {
        return READ_MALFORMED;
    }
    if (address_is_zero(&out->collateral_token) || address_is_zero(&out->debt_token)) {
        return READ_MALFORMED; /* the pool does not know this asset */
    }
    out->first.at_s = out->last.at_s = 0; /* of the indexes before */
    if (!index_word(&out->collateral_index, data, WORD_COLLATERAL_INDEX) ||
        !index_word(&out->collateral_rate, data, WORD_COLLATERAL_RATE) ||
        !index_word(&out->debt_index, data, WORD_DEBT_INDEX) ||
        !index_word(&out->debt_rate, data, WORD_DEBT_RATE)) {
        return READ_OUT_OF_RANGE;
    }
    reserve_set_terms(out, &configuration, rules);
    return out->decimals > DECIMALS_MAX || *id >= RESERVES_MAX ? READ_OUT_OF_RANGE : READ_OK;
}

static enum read_error accept_state(struct market *market, uint32_t index,
                                    const struct aave_answer *answer)
{
    const struct aave_rules *rules = aave_rules_to_follow(market->revision);
    struct reserve reserve = market->reserve[index];
    uint64_t id = RESERVES_MAX;
    enum read_error error = reserve_decode(&reserve, &id, answer->data, rules);

    if (error == READ_MALFORMED || id >= RESERVES_MAX) {
        return error;
    }
    if (id != index && (reserve.stale & RESERVE_STALE_ASSET) == 0) {
        return READ_MALFORMED; /* it stood elsewhere a block ago: indexes do not move */
    }
    if (id < market->reserve_count && id != index && !address_is_zero(&market->reserve[id].asset) &&
        (market->reserve[id].stale & RESERVE_STALE_ASSET) == 0) {
        return READ_MALFORMED; /* two assets claim one index */
    }
    /* terms that we cannot hold are unknown, where the asset stands is not: who does not hold it
     * goes on being judged */
    reserve = error == READ_OK ? reserve : market->reserve[index];
    reserve.stale &= ~(uint32_t)(error == READ_OK ? RESERVE_STALE_STATE | RESERVE_STALE_ASSET
                                                  : RESERVE_STALE_ASSET);
    if (!rules->has_virtual_balance) {
        reserve.stale &= ~(uint32_t)RESERVE_STALE_GRACE;
    }
    market->reserve[index] = reserve;
    if (id != index) {
        market_swap_reserves(market, index, (uint32_t)id);
    }
    if (error == READ_OK && reserve.category != 0) {
        aave_use_category(market, reserve.category);
    }
    return error;
}

static enum read_error accept_symbol(struct market *market, uint32_t index,
                                     const struct aave_answer *answer)
{
    struct reserve *reserve = &market->reserve[index];

    if (!abi_symbol(reserve->symbol, sizeof(reserve->symbol), answer->data)) {
        return READ_MALFORMED;
    }
    reserve->stale &= ~(uint32_t)RESERVE_STALE_TOKEN;
    return READ_OK;
}

/* An oracle that answers 0 has no price (AaveOracle.getAssetPrice, its fallback's answer). */
enum read_error aave_price_decode(struct price *out, struct bytes data)
{
    struct u256 value;

    if (!abi_u256(&value, data, 0)) {
        return READ_MALFORMED;
    }
    if (u256_bits(&value) > PRICE_BITS_MAX) {
        return READ_OUT_OF_RANGE;
    }
    *out = (struct price){u256_is_zero(&value) ? PRICE_MISSING : PRICE_OK, value};
    return READ_OK;
}

static enum read_error accept_price(struct market *market, uint32_t index,
                                    const struct aave_answer *answer)
{
    struct reserve *reserve = &market->reserve[index];
    enum read_error error = aave_price_decode(&reserve->price, answer->data);

    if (error == READ_OK) {
        reserve->stale &= ~(uint32_t)RESERVE_STALE_PRICE;
    }
    return error;
}

static enum read_error accept_held(struct market *market, uint32_t index,
                                   const struct aave_answer *answer)
{
    if (!abi_u256(&market->reserve[index].held.value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->reserve[index].stale &= ~(uint32_t)RESERVE_STALE_HELD;
    return READ_OK;
}

static enum read_error accept_allowed(struct market *market, uint32_t index,
                                      const struct aave_answer *answer)
{
    if (!abi_u256(&market->reserve[index].allowed.value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->reserve[index].stale &= ~(uint32_t)RESERVE_STALE_ALLOWED;
    return READ_OK;
}

static enum read_error accept_liquidity(struct market *market, uint32_t index,
                                        const struct aave_answer *answer)
{
    if (!abi_u256(&market->reserve[index].liquidity.value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->reserve[index].stale &= ~(uint32_t)RESERVE_STALE_EXTRA;
    return READ_OK;
}

static enum read_error accept_grace(struct market *market, uint32_t index,
                                    const struct aave_answer *answer)
{
    if (!abi_u64(&market->reserve[index].grace_until_s, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->reserve[index].stale &= ~(uint32_t)RESERVE_STALE_GRACE;
    return READ_OK;
}

static void reserve_set_source(struct reserve *reserve, const struct address *source)
{
    const bool is_same = address_is_equal(&reserve->price_source, source);

    reserve->stale &= ~(uint32_t)RESERVE_STALE_SOURCE;
    if (is_same && !address_is_zero(source)) {
        return; /* an age that it gave in the same round holds */
    }
    reserve->price_source = *source;
    reserve->price_at_s = 0;
    reserve->stale &= ~(uint32_t)RESERVE_STALE_AGE;
    reserve->stale |= address_is_zero(source) ? 0u : RESERVE_STALE_AGE;
}

/* Zero: the fallback oracle gives this price (AaveOracle.getAssetPrice), and tells no time. */
static enum read_error accept_source(struct market *market, uint32_t index,
                                     const struct aave_answer *answer)
{
    struct address source;

    if (!abi_address(&source, answer->data, 0)) {
        return READ_MALFORMED;
    }
    reserve_set_source(&market->reserve[index], &source);
    return READ_OK;
}

static enum read_error accept_age(struct market *market, uint32_t index,
                                  const struct aave_answer *answer)
{
    if (!abi_u64(&market->reserve[index].price_at_s, answer->data, 0)) {
        return READ_MALFORMED;
    }
    market->reserve[index].stale &= ~(uint32_t)RESERVE_STALE_AGE;
    return READ_OK;
}

#define RESERVE_KIND(kind) ((kind)-AAVE_READ_RESERVE)

struct reserve_answer {
    enum read_error (*accept)(struct market *market, uint32_t index,
                              const struct aave_answer *answer);
    /* cleared when there is no answer: it closes the reserve as its field does, and is asked no
     * more at this block; 0: nothing can stand for it, it stays unknown */
    uint32_t stale;
};

static const struct reserve_answer reserve_answers[] = {
    [RESERVE_KIND(AAVE_READ_RESERVE)] = {accept_state, 0},
    [RESERVE_KIND(AAVE_READ_SYMBOL)] = {accept_symbol, RESERVE_STALE_TOKEN},
    [RESERVE_KIND(AAVE_READ_PRICE)] = {accept_price, RESERVE_STALE_PRICE},
    [RESERVE_KIND(AAVE_READ_HELD)] = {accept_held, RESERVE_STALE_HELD},
    [RESERVE_KIND(AAVE_READ_ALLOWED)] = {accept_allowed, RESERVE_STALE_ALLOWED},
    [RESERVE_KIND(AAVE_READ_BALANCE)] = {accept_liquidity, RESERVE_STALE_EXTRA},
    [RESERVE_KIND(AAVE_READ_VIRTUAL)] = {accept_liquidity, RESERVE_STALE_EXTRA},
    [RESERVE_KIND(AAVE_READ_GRACE)] = {accept_grace, RESERVE_STALE_GRACE},
    [RESERVE_KIND(AAVE_READ_SOURCE)] = {accept_source, RESERVE_STALE_SOURCE},
    [RESERVE_KIND(AAVE_READ_AGE)] = {accept_age, RESERVE_STALE_AGE},
};

_Static_assert(ARRAY_LENGTH(reserve_answers) == RESERVE_KIND(AAVE_READ_CATEGORY_LEGACY),
               "every kind");

/* A source that is the reserve's no more answers for nobody. Moved meanwhile: asked once more. */
static uint32_t reserve_of_source(const struct market *market, const struct read *read)
{
    uint32_t index = read->index;

    return index < market->reserve_count &&
                   address_is_equal(&market->reserve[index].price_source, &read->target)
               ? index
               : RESERVE_NONE;
}

/*
 * Where the asset of the question stands now: an answer of the same round may have moved it. It is
 * in the calldata of what the pool and the oracle were asked, else it was asked itself.
 */
static uint32_t reserve_of(const struct market *market, const struct read *read,
                           enum aave_read kind)
{
    struct address asset = read->target;

    if (kind == AAVE_READ_AGE) {
        return reserve_of_source(market, read);
    }
    if (kind == AAVE_READ_RESERVE || kind == AAVE_READ_PRICE || kind == AAVE_READ_VIRTUAL ||
        kind == AAVE_READ_GRACE || kind == AAVE_READ_SOURCE) {
        memcpy(&asset, read->data + 16, sizeof(asset));
    }
    if (read->index < market->reserve_count &&
        address_is_equal(&market->reserve[read->index].asset, &asset)) {
        return read->index;
    }
    return market_reserve(market, &asset);
}

enum read_error aave_accept_reserve(struct market *market, const struct aave_answer *answer)
{
    uint32_t index = reserve_of(market, answer->read, answer->kind);

    if (index == RESERVE_NONE) {
        return READ_OK; /* dropped meanwhile */
    }
    return reserve_answers[RESERVE_KIND(answer->kind)].accept(market, index, answer);
}

void aave_reject_reserve(struct market *market, const struct read *read, enum aave_read kind)
{
    uint32_t index = reserve_of(market, read, kind);
    uint32_t stale = reserve_answers[RESERVE_KIND(kind)].stale;

    if (index == RESERVE_NONE) {
        return;
    }
    struct reserve *reserve = &market->reserve[index];
    reserve->stale &= ~stale;
    if ((stale & RESERVE_STALE_TOKEN) != 0) {
        reserve->symbol[0] = '\0';
    }
    if ((stale & RESERVE_STALE_PRICE) != 0) {
        reserve->price = (struct price){.status = PRICE_MISSING};
    }
    if ((stale & RESERVE_STALE_HELD) != 0) {
        reserve->held.value = U256_ZERO;
    }
    if ((stale & RESERVE_STALE_ALLOWED) != 0) {
        reserve->allowed.value = U256_ZERO;
    }
    if ((stale & RESERVE_STALE_EXTRA) != 0) {
        reserve->liquidity.value = U256_ZERO;
    }
    if ((stale & RESERVE_STALE_GRACE) != 0) {
        reserve->grace_until_s = UINT64_MAX;
    }
    if ((stale & RESERVE_STALE_SOURCE) != 0) {
        reserve_set_source(reserve, &(struct address){0});
    }
    if ((stale & RESERVE_STALE_AGE) != 0) {
        reserve->price_at_s = 0;
    }
}
