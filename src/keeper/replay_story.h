/* What happened in a replay, as rows that a terminal and a page can both show. */
#ifndef KEEPER_REPLAY_STORY_H
#define KEEPER_REPLAY_STORY_H

#include "base/text.h"
#include "eth/address.h"
#include "plan/verdict.h"
#include "turn/state.h"

/** Rows kept for the page; later ones are counted only. */
#define STORY_ROWS_MAX 20000

struct story_row {
    uint64_t block;
    char account[ADDRESS_TEXT_SIZE];
    char health[16]; /* "0.9876" */
    char repay[48];  /* "16,389.02 USDC" */
    char seize[48];
    bool net_is_loss;
    struct u256 net_wei;
    struct u256 repay_value; /* base currency */
    bool is_liquidation;
    char reason[24];
};

struct story_block {
    uint64_t number;
    uint64_t timestamp_s;
    uint32_t liquidations;
    uint32_t candidates;
    struct u256 repay_value;
    struct u256 price; /* of the native token, base currency */
};

/** Owned; zero-initialise, then story_release. */
struct story {
    char market[64];
    uint64_t chain_id;
    struct u256 price_unit;
    struct story_row *row;
    size_t row_count;
    size_t row_capacity;
    struct story_block *block;
    size_t block_count;
    size_t block_capacity;
    struct table accounts; /* liquidated */
    bool has_accounts;
    uint64_t skipped[REASON_COUNT];
    uint64_t liquidations;
    struct u256 repay_value;
    struct u256 net_wei; /* of what would be sent */
    uint64_t first_block;
    uint64_t last_block;
};

void story_release(struct story *story);
/** Adds this turn's events. Out: index of the first row that is new (row_count: none). */
size_t story_turn(struct story *story, const struct turn_state *state,
                  const struct actions *actions);
/** "16,389.02 USDC" of smallest units. */
void story_amount(struct text *out, const struct u256 *amount, unsigned decimals,
                  const char *symbol);
/** Base currency as "1.60 M", "380.2 k", "12.40". */
void story_money(struct text *out, const struct u256 *value, const struct u256 *unit);
/** Wei as "0.3032". */
void story_ether(struct text *out, const struct u256 *wei, bool is_negative);

/** replay_report.c: one self-contained page. False: the file cannot be written; errno says why. */
MUST_CHECK bool story_report(const struct story *story, const char *path);

#endif
