/*
 * A nonce is won by whoever pays more for it: nodes take a second transaction of the same nonce
 * only where both of its caps are clearly above the first's, and drop it without a word otherwise.
 */
#include "submit/fees.h"

bool fees_choose(struct wei *max_fee, struct wei *tip, const struct wei *base_fee,
                 const struct wei *tip_wanted, const struct wei *fee_max)
{
    struct u256 least;
    struct u256 roomy;

    if (!u256_add(&least, &base_fee->value, &tip_wanted->value) ||
        u256_is_less(&fee_max->value, &least))
        return false;
    /* past 256 bits is past any ceiling */
    if (!u256_add(&roomy, &least, &base_fee->value))
        roomy = fee_max->value;
    max_fee->value = u256_min(&roomy, &fee_max->value);
    *tip = *tip_wanted;
    return true;
}

/* amount / gas; 0 where there is none. */
static struct u256 per_gas(const struct wei *amount, uint64_t gas)
{
    struct u256 divisor = u256_of(gas);
    struct u256 out;

    return u256_div(&out, NULL, &amount->value, &divisor) ? out : U256_ZERO;
}

void fees_stretch(struct wei *max_fee, const struct fees_worth *worth)
{
    const struct u256 kept = u256_of(64); /* (8 / 9)² */
    const struct u256 whole = u256_of(81);
    const struct u256 parts = u256_of(FEES_LEFT_PARTS);
    struct u256 most = per_gas(&worth->most, worth->gas);
    struct wei part;
    struct u256 bound;

    if (!u256_div(&part.value, NULL, &worth->left.value, &parts) ||
        !u256_mul_div(&bound, &worth->fee_max.value, &kept, &whole))
        return;
    most = u256_min(&most, &bound);
    bound = per_gas(&part, worth->gas_limit);
    most = u256_min(&most, &bound);
    if (u256_is_less(&max_fee->value, &most))
        max_fee->value = most;
}

/* Old × (1 + per_mille / 1000), and a wei: rounding down must not leave it under the step. */
static bool cap_raise(struct u256 *out, const struct u256 *old, uint32_t per_mille)
{
    const struct u256 parts = u256_of(1000 + per_mille);
    const struct u256 whole = u256_of(1000);
    const struct u256 one = U256_ONE;

    return u256_mul_div(out, old, &parts, &whole) && u256_add(out, out, &one);
}

/* By as much as is wanted; where that is over `most`, up to there, if most nodes take it so. */
static bool cap_raise_within(struct u256 *out, const struct u256 *old, uint32_t per_mille,
                             const struct u256 *most)
{
    if (cap_raise(out, old, per_mille) && !u256_is_less(most, out))
        return true;
    if (!cap_raise(out, old, RAISE_PER_MILLE_LEAST) || u256_is_less(most, out))
        return false;
    *out = *most;
    return true;
}

bool fees_raise(struct flight_bid *bid, const struct flight *flight, uint32_t per_mille,
                const struct wei *fee_max)
{
    const struct u256 *most = &fee_max->value;
    struct u256 cap;
    struct u256 tip;

    if (!cap_raise_within(&cap, &flight->max_fee_per_gas.value, per_mille, most) ||
        !cap_raise_within(&tip, &flight->max_priority_fee_per_gas.value, per_mille, most))
        return false;
    if (u256_is_less(&bid->max_fee_per_gas.value, &cap))
        bid->max_fee_per_gas.value = cap;
    if (u256_is_less(&bid->max_priority_fee_per_gas.value, &tip))
        bid->max_priority_fee_per_gas.value = tip;
    if (u256_is_less(&bid->max_fee_per_gas.value, &bid->max_priority_fee_per_gas.value))
        bid->max_fee_per_gas = bid->max_priority_fee_per_gas;
    return !u256_is_less(most, &bid->max_fee_per_gas.value);
}

enum fees_behind fees_step_below(struct wei *max_fee, struct wei *tip,
                                 const struct fees_offered *other, const struct wei *base_fee,
                                 const struct wei *fee_max)
{
    const struct u256 one = U256_ONE;
    const struct u256 cap =
        u256_min(&other->max_priority_fee_per_gas.value, &other->max_fee_per_gas.value);
    struct u256 paid; /* over the base fee */
    struct u256 least;
    struct u256 below;

    if (!u256_sub(&paid, &other->max_fee_per_gas.value, &base_fee->value))
        return FEES_BEHIND_LOW;
    paid = u256_min(&paid, &cap);
    if (u256_is_zero(&paid))
        return FEES_BEHIND_NO_STEP;
    paid = u256_sub_floor(&paid, &one);
    below = u256_sub_floor(&other->max_fee_per_gas.value, &one);
    if (!u256_add(&least, &base_fee->value, &paid) || u256_is_less(&fee_max->value, &least))
        return FEES_BEHIND_CEILING;
    /* past 256 bits is past any ceiling */
    if (!u256_add(&max_fee->value, &least, &base_fee->value))
        max_fee->value = U256_MAX;
    max_fee->value = u256_min(&max_fee->value, &below);
    max_fee->value = u256_min(&max_fee->value, &fee_max->value);
    below = u256_sub_floor(&cap, &one);
    tip->value = u256_min(&below, &max_fee->value);
    return FEES_BEHIND_OK;
}
