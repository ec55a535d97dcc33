/*
 * Answers come back one by one; each goes into the market, or becomes a fact about one account. One
 * that reverted or does not parse is never guessed at: what it was about becomes a typed unknown.
 */
#include "protocol/aave_v3/accept.h"
#include "eth/abi.h"

static enum read_error accept_config(struct account_fact *fact, const struct market *market,
                                     const struct aave_answer *answer)
{
    if (!abi_u256(&fact->value, answer->data, 0)) {
        return READ_MALFORMED;
    }
    /* what is left of a flag on a reserve that was dropped means nothing: the pool skips it too */
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        if ((market->reserve[i].flags & RESERVE_DROPPED) != 0) {
            fact->value.limb[i / 32] &= ~((uint64_t)3 << (i % 32 * 2));
        }
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

static enum read_error accept_amount(struct account_fact *fact, const struct aave_answer *answer)
{
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
static enum read_error accept_audit(struct account_fact *fact, const struct aave_answer *answer)
{
    if (!abi_u256(&fact->value, answer->data, 5)) {
        return READ_MALFORMED;
    }
    fact->kind = ACCOUNT_FACT_HEALTH;
    return READ_OK;
}

static enum read_error accept_account(struct account_fact *fact, struct market *market,
                                      const struct aave_answer *answer)
{
    switch (answer->kind) {
    case AAVE_READ_CONFIG:
        return accept_config(fact, market, answer);
    case AAVE_READ_EMODE:
        return accept_emode(fact, market, answer);
    case AAVE_READ_AUDIT:
        return accept_audit(fact, answer);
    case AAVE_READ_SUPPLIED:
    case AAVE_READ_OWED:
    case AAVE_READ_STABLE:
        return accept_amount(fact, answer);
    case AAVE_READ_POOL:
    case AAVE_READ_ORACLE:
    case AAVE_READ_SENTINEL:
    case AAVE_READ_CONFIGURATOR:
    case AAVE_READ_DATA_PROVIDER:
    case AAVE_READ_REVISION:
    case AAVE_READ_RESERVES:
    case AAVE_READ_UNIT:
    case AAVE_READ_ALLOWS:
    case AAVE_READ_RESERVE:
    case AAVE_READ_SYMBOL:
    case AAVE_READ_PRICE:
    case AAVE_READ_HELD:
    case AAVE_READ_ALLOWED:
    case AAVE_READ_BALANCE:
    case AAVE_READ_VIRTUAL:
    case AAVE_READ_GRACE:
    case AAVE_READ_CATEGORY_LEGACY:
    case AAVE_READ_CATEGORY:
    case AAVE_READ_BITMAP:
    case AAVE_READ_CATEGORY_PRICE:
    case AAVE_READ_KINDS:
        return READ_MALFORMED;
    }
    return READ_MALFORMED;
}

/* The kinds lie in order of what they are about. */
static enum read_error accept_any(struct account_fact *fact, struct market *market,
                                  const struct aave_answer *answer)
{
    if (answer->kind <= AAVE_READ_ALLOWS) {
        return aave_accept_shared(market, answer);
    }
    if (answer->kind <= AAVE_READ_GRACE) {
        return aave_accept_reserve(market, answer);
    }
    if (answer->kind <= AAVE_READ_CATEGORY_PRICE) {
        return aave_accept_category(market, answer);
    }
    return accept_account(fact, market, answer);
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
    } else if (kind > AAVE_READ_ALLOWS && kind <= AAVE_READ_GRACE) {
        aave_reject_reserve(market, read, kind);
    } else if (kind == AAVE_READ_CATEGORY_PRICE) {
        market->category[read->index].price.status = PRICE_MISSING;
        market->category[read->index].stale &= ~(uint32_t)CATEGORY_STALE_PRICE;
    } else if (kind >= AAVE_READ_CONFIG && kind < AAVE_READ_AUDIT) {
        fact->kind = ACCOUNT_FACT_UNSUPPORTED;
        fact->value = U256_ONE;
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
    enum read_error error = succeeded ? accept_any(fact, market, &answer) : READ_FAILED;
    if (error != READ_OK) {
        reject_any(fact, market, read);
    }
    return error;
}
