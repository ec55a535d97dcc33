/*
 * The exchange of a pair for numbers as small as they nearly always are. In a crash it is done ten
 * thousand times, thrice for each; a test holds it equal to the way in 256 bits.
 */
#include "protocol/aave_v3/pair_quick.h"

#define SMALL_BPS_MAX 65535u

static bool is_price_small(const struct u256 *price)
{
    return u256_fits_u64(price) && price->limb[0] != 0;
}

/* The one that is known, where it is of that value. */
static struct divisor divisor_known(const struct divisor *known, uint64_t value)
{
    return divisor_is_of(known, value) ? *known : divisor_of(value);
}

void aave_pair_divisors(struct aave_pair *pair)
{
    pair->is_small = is_price_small(&pair->debt_price) && is_price_small(&pair->collateral_price) &&
                     pair->debt->decimals <= DIVISOR_DECIMALS_MAX &&
                     pair->collateral->decimals <= DIVISOR_DECIMALS_MAX && pair->bonus_bps != 0 &&
                     pair->bonus_bps <= SMALL_BPS_MAX &&
                     pair->collateral->protocol_fee_bps <= SMALL_BPS_MAX;
    if (pair->is_small) {
        pair->by_debt_price = divisor_known(&pair->debt->by_price, pair->debt_price.limb[0]);
        pair->by_collateral_price =
            divisor_known(&pair->collateral->by_price, pair->collateral_price.limb[0]);
        pair->by_bonus = divisor_known(pair->by_known_bonus, pair->bonus_bps);
    }
}

bool aave_quick_amounts(struct aave_amounts *out, const struct aave_pair *pair)
{
    struct quick_amounts quick;
    unsigned __int128 owed_value;
    unsigned __int128 supplied_value;

    if (!pair->is_small ||
        !quick_amounts_at(&quick, pair, &out->debt_index, &out->collateral_index,
                          pair->rules->rounds_against) ||
        !quick_owed_value(&owed_value, pair, quick.owed, pair->rules->rounds_against) ||
        !quick_supplied_value(&supplied_value, pair, quick.supplied)) {
        return false;
    }
    out->owed = u256_of_u128(quick.owed);
    out->supplied = u256_of_u128(quick.supplied);
    out->owed_value = u256_of_u128(owed_value);
    out->supplied_value = u256_of_u128(supplied_value);
    return true;
}

bool aave_quick_exchange(struct aave_exchange *out, const struct aave_pair *pair,
                         const struct aave_amounts *amounts, const struct u256 *offer)
{
    unsigned __int128 paid;
    unsigned __int128 taken;
    unsigned __int128 fee;

    if (!pair->is_small || !quick_fits(offer) || !quick_fits(&amounts->supplied) ||
        !quick_wanted(&taken, pair, quick_low(offer))) {
        return false;
    }
    paid = quick_low(offer);
    if (taken > quick_low(&amounts->supplied)) {
        taken = quick_low(&amounts->supplied);
        if (!quick_paid_for(&paid, pair, taken)) {
            return false;
        }
    }
    if (!quick_fee(&fee, pair, taken)) {
        return false;
    }
    out->paid = u256_of_u128(paid);
    out->taken = u256_of_u128(taken);
    out->seize = u256_of_u128(taken - fee);
    out->fee = u256_of_u128(fee);
    out->takes_all = taken == quick_low(&amounts->supplied);
    return true;
}

/* 96 bits at a price of 64, 64 of decimals and 16 of bonus are 240; with a bonus that is none below
 * zero and a share of it that is no more than it, nothing is taken from less. */
bool aave_quick_is_liquid(const struct aave_pair *pair, const struct u256 *offer)
{
    return pair->is_small && pair->bonus_bps >= QUICK_BPS_ONE &&
           pair->collateral->protocol_fee_bps <= QUICK_BPS_ONE && quick_fits(offer) &&
           quick_fits(&pair->late.supplied) &&
           !u256_is_less(&pair->collateral->liquidity.value, &pair->late.supplied);
}
