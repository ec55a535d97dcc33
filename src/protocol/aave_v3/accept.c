/*
 * Answers come back one by one; each goes into the market, or becomes a fact about one account. One
 * that reverted or does not parse is never guessed at: what it was about becomes a typed unknown.
 */
#include <string.h>

#include "eth/abi.h"
#include "protocol/aave_v3/accept.h"

/* A list of reserves is under way, or where one of it stands. */
static bool reserves_move(const struct market *market)
{
    uint32_t stale = 0;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        stale |= market->reserve[i].stale & RESERVE_STALE_ASSET;
    }
    return stale != 0 || (market->stale & MARKET_STALE_RESERVES) != 0;
}

static enum read_error accept_config(struct account_fact *fact, struct market *market,
                                     const struct aave_answer *answer)
{
    bool names_nothing = false;

    if (!abi_u256(&fact->value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    /* a flag on a reserve that was dropped, or never was, means nothing: the pool skips it too */
    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        const uint64_t bits = (uint64_t)3 << (i % 32 * 2);
        if (i < market->reserve_count && (market->reserve[i].flags & RESERVE_DROPPED) == 0) {
            continue;
        }
        names_nothing |= (fact->value.limb[i / 32] & bits) != 0;
        fact->value.limb[i / 32] &= ~bits;
    }
    if (names_nothing && reserves_move(market)) {
        return READ_OK; /* somebody may be about to stand there: asked again when that is known */
    }
    fact->kind = ACCOUNT_FACT_CONFIG;
    return READ_OK;
}

static enum read_error accept_emode(struct account_fact *fact, struct market *market,
                                    const struct aave_answer *answer)
{
    uint64_t category;

    if (!abi_u64(&category, answer->data, 0)) {
        return READ_MALFORMED;
    }
    if (category >= CATEGORIES_MAX) {
        return READ_OUT_OF_RANGE;
    }
    if (category != 0) {
        aave_use_category(market, (uint32_t)category);
    }
    fact->kind = ACCOUNT_FACT_CATEGORY;
    fact->value = u256_of(category);
    return READ_OK;
}

static enum read_error accept_amount(struct account_fact *fact, struct market *market,
                                     const struct aave_answer *answer)
{
    (void)market;
    if (!abi_u256(&fact->value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    if (answer->kind == AAVE_READ_STABLE) {
        fact->kind = ACCOUNT_FACT_UNSUPPORTED;
        return READ_OK;
    }
    if (!u256_fits_u128(&fact->value)) {
        return READ_OUT_OF_RANGE;
    }
    fact->kind = answer->kind == AAVE_READ_SUPPLIED ? ACCOUNT_FACT_SUPPLIED : ACCOUNT_FACT_OWED;
    return READ_OK;
}

/* getUserAccountData: the health factor is its sixth word. */
static enum read_error accept_audit(struct account_fact *fact, struct market *market,
                                    const struct aave_answer *answer)
{
    (void)market;
    if (!abi_u256(&fact->value, answer->data, 5)) {
        return READ_MALFORMED;
    }
    fact->kind = ACCOUNT_FACT_HEALTH;
    return READ_OK;
}

/* Kinds lie in order of what they are about: shared, reserve, category, account. */
#define ACCOUNT_KIND(kind) ((kind)-AAVE_READ_CONFIG)

static enum read_error (*const account_accepts[])(struct account_fact *, struct market *,
                                                  const struct aave_answer *) = {
    [ACCOUNT_KIND(AAVE_READ_CONFIG)] = accept_config,
    [ACCOUNT_KIND(AAVE_READ_EMODE)] = accept_emode,
    [ACCOUNT_KIND(AAVE_READ_SUPPLIED)] = accept_amount,
    [ACCOUNT_KIND(AAVE_READ_OWED)] = accept_amount,
    [ACCOUNT_KIND(AAVE_READ_STABLE)] = accept_amount,
    [ACCOUNT_KIND(AAVE_READ_AUDIT)] = accept_audit,
};

_Static_assert(ARRAY_LENGTH(account_accepts) == ACCOUNT_KIND(AAVE_READ_KINDS), "every kind");

static enum read_error accept_any(struct account_fact *fact, struct market *market,
                                  const struct aave_answer *answer)
{
    if (answer->kind < AAVE_READ_RESERVE) {
        return aave_accept_shared(market, answer);
    }
    if (answer->kind < AAVE_READ_CATEGORY_LEGACY) {
        return aave_accept_reserve(market, answer);
    }
    if (answer->kind < AAVE_READ_CONFIG) {
        return aave_accept_category(market, answer);
    }
    return account_accepts[ACCOUNT_KIND(answer->kind)](fact, market, answer);
}

/* What the question was about is unknown now, in a way that whoever needs it will see. */
static void reject_any(struct account_fact *fact, struct market *market, const struct read *read)
{
    const enum aave_read kind = (enum aave_read)read->kind;

    if (kind == AAVE_READ_REVISION) {
        market->revision = 0;
        market->trust = MARKET_UNKNOWN_REVISION;
        market->stale &= ~(uint32_t)MARKET_STALE_VERSION;
    } else if (kind == AAVE_READ_ALLOWS) {
        market->sentinel_allows = false;
        market->stale &= ~(uint32_t)MARKET_STALE_SENTINEL;
    } else if (kind >= AAVE_READ_RESERVE && kind < AAVE_READ_CATEGORY_LEGACY) {
        aave_reject_reserve(market, read, kind);
    } else if (kind == AAVE_READ_CATEGORY_PRICE) {
        market->category[read->index].price = (struct price){.status = PRICE_MISSING};
        market->category[read->index].stale &= ~(uint32_t)CATEGORY_STALE_PRICE;
    } else if (kind >= AAVE_READ_CONFIG && kind < AAVE_READ_AUDIT) {
        fact->kind = ACCOUNT_FACT_UNSUPPORTED;
        fact->value = U256_ONE;
    }
}

/* Another answer of the same round has named another oracle, sentinel or source: this one is of
 * whom nobody asks any more. What it was about stays unknown, and is asked of the other. */
static bool is_of_another(const struct market *market, const struct read *read)
{
    const uint8_t *argument = read->data + 16; /* an address, to the right in its word */

    switch (read->kind) {
    case AAVE_READ_REVISION:
    case AAVE_READ_RESERVES:
        return !address_is_equal(&read->target, &market->pool);
    case AAVE_READ_ALLOWS:
        return !address_is_equal(&read->target, &market->sentinel);
    case AAVE_READ_CATEGORY_PRICE:
        return !address_is_equal(&read->target, &market->oracle) ||
               memcmp(argument, market->category[read->index].price_source.byte,
                      sizeof(struct address)) != 0;
    case AAVE_READ_UNIT:
    case AAVE_READ_PRICE:
    case AAVE_READ_SOURCE:
        return !address_is_equal(&read->target, &market->oracle);
    default:
        return false;
    }
}

enum read_error aave_accept(struct account_fact *fact, struct market *market,
                            const struct read *read, bool succeeded, struct bytes data)
{
    const struct aave_answer answer = {
        .read = read, .kind = (enum aave_read)read->kind, .data = data};

    *fact =
        (struct account_fact){.account = read->account,
                              .reserve = read->index < RESERVES_MAX ? read->index : RESERVE_NONE};
    MUST(read->kind < AAVE_READ_KINDS && read->index < CATEGORIES_MAX);
    const bool is_taken = !is_of_another(market, read);
    enum read_error error = succeeded ? READ_OK : READ_FAILED;
    if (succeeded && is_taken) {
        error = accept_any(fact, market, &answer);
    }
    if (error != READ_OK && is_taken) {
        reject_any(fact, market, read);
    }
    return error;
}
