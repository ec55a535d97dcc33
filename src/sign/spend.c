/*
 * Each single transaction may be within the policy and a thousand of them still burn all that the
 * account has. The daemon's own budgets do not count here: whoever broke into it has switched them
 * off.
 */
#include "sign/spend.h"

#include <stdlib.h>

void spend_init(struct spend *spend)
{
    *spend = (struct spend){0};
    /* nonces are our own account's: nobody grinds them to fall into one bucket */
    table_init(&spend->nonces, sizeof(uint64_t), 0);
}

void spend_release(struct spend *spend)
{
    table_release(&spend->nonces);
    free(spend->dearest);
    *spend = (struct spend){0};
}

static void window_roll(struct spend *spend, int64_t now_ms)
{
    if (spend->has_begun && now_ms - spend->begun_ms < SPEND_WINDOW_MS)
        return;
    spend->has_begun = true;
    spend->begun_ms = now_ms;
    spend->total = (struct wei){0};
    table_clear(&spend->nonces);
}

static void nonce_keep(struct spend *spend, uint64_t nonce, const struct wei *cost)
{
    bool is_new = false;
    uint32_t slot = table_add(&spend->nonces, &nonce, &is_new);

    if (slot >= spend->capacity) {
        spend->capacity = spend->capacity == 0 ? 64 : spend->capacity * 2;
        spend->dearest = must_realloc(spend->dearest, spend->capacity, sizeof *spend->dearest);
    }
    spend->dearest[slot] = *cost;
}

bool spend_admit(struct spend *spend, const struct transaction *transaction, const struct wei *max,
                 int64_t now_ms)
{
    struct u256 gas = u256_of(transaction->gas);
    struct wei cost, more, total;

    if (u256_is_zero(&max->value))
        return true;
    if (!u256_mul(&cost.value, &gas, &transaction->max_fee_per_gas.value))
        return false;
    window_roll(spend, now_ms);
    uint32_t slot = table_find(&spend->nonces, &transaction->nonce);
    if (slot == TABLE_NONE && spend->nonces.count == SPEND_NONCES_MAX)
        return false;
    struct u256 counted = slot == TABLE_NONE ? U256_ZERO : spend->dearest[slot].value;
    more.value = u256_sub_floor(&cost.value, &counted);
    if (!u256_add(&total.value, &spend->total.value, &more.value) ||
        u256_compare(&total.value, &max->value) > 0)
        return false;
    spend->total = total;
    if (!u256_is_zero(&more.value))
        nonce_keep(spend, transaction->nonce, &cost);
    return true;
}
