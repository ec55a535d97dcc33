/*
 * Each single transaction may be within the policy and a thousand of them still burn all that the
 * account has. The daemon's own budgets do not count here: whoever broke into it has switched them
 * off.
 */
#include "sign/spend.h"

static void window_roll(struct spend *spend, int64_t now_ms)
{
    if (spend->has_begun && now_ms - spend->begun_ms < SPEND_WINDOW_MS)
        return;
    *spend = (struct spend){.has_begun = true, .begun_ms = now_ms};
}

static uint32_t nonce_find(const struct spend *spend, uint64_t nonce)
{
    uint32_t at = 0;

    while (at < spend->count && spend->nonce[at] != nonce)
        at++;
    return at;
}

/* The lowest is the likeliest to be mined and done with. */
static uint32_t nonce_place(struct spend *spend)
{
    uint32_t lowest = 0;

    if (spend->count < SPEND_NONCES_MAX)
        return spend->count++;
    for (uint32_t i = 1; i < SPEND_NONCES_MAX; i++)
        if (spend->nonce[i] < spend->nonce[lowest])
            lowest = i;
    return lowest;
}

bool spend_admit(struct spend *spend, bool *counted, const struct transaction *transaction,
                 const struct wei *max, int64_t now_ms)
{
    struct u256 gas = u256_of(transaction->gas);
    struct u256 before = U256_ZERO;
    struct wei cost, more, total;

    *counted = false;
    if (u256_is_zero(&max->value))
        return true;
    if (!u256_mul(&cost.value, &gas, &transaction->max_fee_per_gas.value))
        return false;
    window_roll(spend, now_ms);
    uint32_t at = nonce_find(spend, transaction->nonce);
    if (at < spend->count)
        before = spend->dearest[at].value;
    more.value = u256_sub_floor(&cost.value, &before);
    if (!u256_add(&total.value, &spend->total.value, &more.value) ||
        u256_compare(&total.value, &max->value) > 0)
        return false;
    if (u256_is_zero(&more.value))
        return true;
    if (at == spend->count)
        at = nonce_place(spend);
    spend->nonce[at] = transaction->nonce;
    spend->dearest[at] = cost;
    spend->total = total;
    *counted = true;
    return true;
}
