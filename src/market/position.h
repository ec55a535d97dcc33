/*
 * One account of one market: what it supplied and owes, leg by leg, and what an answer of the chain
 * can say about it.
 */
#ifndef MARKET_POSITION_H
#define MARKET_POSITION_H

#include "base/u256.h"
#include "eth/address.h"

enum leg_flag {
    LEG_COLLATERAL = 1, /* enabled as collateral */
    LEG_DEBT = 2,       /* owes */
    LEG_STALE = 4,      /* an amount that matters is not known at this block */
    LEG_TOUCHED = 8, /* a log named it: its flags may be about to change, so both amounts matter */
    LEG_KNOWS_SUPPLIED = 16,
    LEG_KNOWS_OWED = 32
};

/** Amounts as the protocol stores them (Aave: scaled by the index). Packed, because a million
 *  positions are held. */
struct leg {
    unsigned __int128 supplied;
    unsigned __int128 owed;
    uint16_t reserve;
    uint16_t flags;
} __attribute__((packed, aligned(4)));

enum position_flag {
    POSITION_STALE = 1, /* its config and category are not known at this block */
    POSITION_UNSUPPORTED =
        2,               /* holds what this program does not model (stable debt): never judged */
    POSITION_DRIFTED = 4 /* an audit found it different from the chain */
};

/** A view of one account. Legs lie in order of reserve; lent by the book until it changes. */
struct position {
    struct address account;
    uint8_t category;
    uint8_t flags;
    uint16_t leg_count;
    const struct leg *legs;
};

const struct leg *position_leg(const struct position *position, uint32_t reserve);

/** What one answer says about one account; the mirror applies it. */
enum account_fact_kind {
    ACCOUNT_FACT_NONE,     /* the answer was about the market, which has been updated */
    ACCOUNT_FACT_CONFIG,   /* which reserves are collateral and debt (two bits each) */
    ACCOUNT_FACT_CATEGORY, /* e-mode */
    ACCOUNT_FACT_SUPPLIED, /* stored amount of one leg */
    ACCOUNT_FACT_OWED,
    ACCOUNT_FACT_UNSUPPORTED, /* `value` is not zero: holds what we do not model */
    ACCOUNT_FACT_HEALTH       /* the chain's own answer; audits only */
};

struct account_fact {
    enum account_fact_kind kind;
    uint32_t account;
    uint32_t reserve;
    struct u256 value; /* config: bit 2i debt, bit 2i+1 collateral of reserve i */
};

#endif
