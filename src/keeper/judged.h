/* One position as it is judged at the mirror's block, for health and explain: what it holds leg by
 * leg, what that is worth, and its own health. */
#ifndef KEEPER_JUDGED_H
#define KEEPER_JUDGED_H

#include "turn/state.h"

struct judged {
    const struct tracked *tracked;
    struct position position; /* lent by the book */
    enum health_error error;  /* where not OK, `health` is not known */
    struct health health;
};

/** One leg as health counts it. */
struct judged_leg {
    const struct reserve *reserve;
    bool is_known; /* amounts are of this block */
    bool is_collateral;
    bool owes;
    struct token_amount supplied;
    struct token_amount owed;
    bool has_value;               /* could be judged on its own */
    struct u256 collateral_value; /* base currency; 0 where it is no collateral */
    struct u256 debt_value;
    uint32_t threshold_bps; /* that it is weighted with; 0 where it is no collateral */
};

/** In: the market is prepared at the timestamp to judge at. */
void judged_of(struct judged *out, const struct tracked *tracked, uint32_t slot);
/** Owes something, whatever it is worth. */
bool judged_owes(const struct judged *judged);
/** Below the threshold, with something to seize. */
bool judged_is_liquidatable(const struct judged *judged);
void judged_leg_of(struct judged_leg *out, const struct judged *judged, uint16_t index);

/** The object of `health --json`, without its closing brace, so that explain can go on. */
void judged_json(struct text *out, const struct judged *judged);
/* ,"key": and a value, as judged_json writes them */
void member_key(struct text *out, const char *key);
void member_text(struct text *out, const char *key, const char *value);
void member_u256(struct text *out, const char *key, const struct u256 *value, bool is_negative);
void member_address(struct text *out, const char *key, const struct address *address);

#endif
