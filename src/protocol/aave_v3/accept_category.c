/*
 * Answers about e-mode categories: to 3.1 a struct with a label and perhaps a price of its own,
 * from 3.2 its terms and a bitmap of what counts in it.
 */
#include "eth/abi.h"
#include "protocol/aave_v3/accept.h"

void aave_use_category(struct market *market, uint32_t index)
{
    struct category *category = &market->category[index];

    if (!category->is_used) {
        *category =
            (struct category){.is_used = true, .stale = CATEGORY_STALE | CATEGORY_STALE_BITMAP};
    }
}

static enum read_error category_accept_terms(struct category *category, struct bytes data,
                                             size_t first)
{
    uint64_t ltv;
    uint64_t threshold;
    uint64_t bonus;

    if (!abi_u64(&ltv, data, first) || !abi_u64(&threshold, data, first + 1) ||
        !abi_u64(&bonus, data, first + 2)) {
        return READ_MALFORMED;
    }
    if (ltv > UINT16_MAX || threshold > UINT16_MAX || bonus > UINT16_MAX) {
        return READ_OUT_OF_RANGE;
    }
    category->ltv_bps = (uint32_t)ltv;
    category->threshold_bps = (uint32_t)threshold;
    category->bonus_bps = (uint32_t)bonus;
    return READ_OK;
}

/* To 3.1 a struct behind an offset: ltv, threshold, bonus, price source, label. */
static enum read_error category_accept_legacy(struct category *category, struct bytes data)
{
    struct address source;
    enum read_error error = category_accept_terms(category, data, 1);

    if (error != READ_OK) {
        return error;
    }
    if (!abi_address(&source, data, 4)) {
        return READ_MALFORMED;
    }
    category->stale &= CATEGORY_STALE_PRICE;
    if (!address_is_equal(&source, &category->price_source)) {
        category->price = (struct price){0};
        category->stale = CATEGORY_STALE_PRICE;
    }
    if (address_is_zero(&source)) {
        category->stale = 0;
    }
    category->price_source = source;
    return READ_OK;
}

/* From 3.2. */
static enum read_error category_accept_config(struct category *category, struct bytes data)
{
    enum read_error error = category_accept_terms(category, data, 0);

    if (error == READ_OK) {
        category->price_source = (struct address){0};
        category->stale &= ~(uint32_t)(CATEGORY_STALE | CATEGORY_STALE_PRICE);
    }
    return error;
}

static enum read_error category_accept_bitmap(struct category *category, struct bytes data)
{
    if (!abi_u256(&category->collateral_bitmap, data, 0)) {
        return READ_MALFORMED;
    }
    category->stale &= ~(uint32_t)CATEGORY_STALE_BITMAP;
    return READ_OK;
}

static enum read_error category_accept_price(struct category *category, struct bytes data)
{
    enum read_error error = aave_price_decode(&category->price, data);

    if (error == READ_OK) {
        category->stale &= ~(uint32_t)CATEGORY_STALE_PRICE;
    }
    return error;
}

#define CATEGORY_KIND(kind) ((kind)-AAVE_READ_CATEGORY_LEGACY)

static enum read_error (*const category_accepts[])(struct category *, struct bytes) = {
    [CATEGORY_KIND(AAVE_READ_CATEGORY_LEGACY)] = category_accept_legacy,
    [CATEGORY_KIND(AAVE_READ_CATEGORY)] = category_accept_config,
    [CATEGORY_KIND(AAVE_READ_BITMAP)] = category_accept_bitmap,
    [CATEGORY_KIND(AAVE_READ_CATEGORY_PRICE)] = category_accept_price,
};

_Static_assert(ARRAY_LENGTH(category_accepts) == CATEGORY_KIND(AAVE_READ_CONFIG), "every kind");

enum read_error aave_accept_category(struct market *market, const struct aave_answer *answer)
{
    struct category *category = &market->category[answer->read->index];

    return category_accepts[CATEGORY_KIND(answer->kind)](category, answer->data);
}
