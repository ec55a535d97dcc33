/*
 * submit: one transaction's life: nonce, fees, receipt. It refuses to know why it is sent.
 *
 *   drafted → signed → sent → mined | reverted | dropped
 *
 * A nonce is given once. A flight whose sending is in doubt stays live until its hash or its nonce
 * is seen on the chain. Everything here is plain state; what must survive goes to the journal as
 * one line of JSON per flight (flight_encode / flight_decode).
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include "eth/receipt.h"
#include "eth/transaction.h"

#define FLIGHTS_MAX 256
#define FLIGHT_DATA_MAX 512
#define FLIGHT_RAW_MAX 1024

enum flight_state {
    FLIGHT_FREE, /* the slot */
    FLIGHT_DRAFTED, /* has a nonce, is at the signer */
    FLIGHT_SIGNED, /* raw bytes are on disk, may or may not have left */
    FLIGHT_SENT,   /* the node took it */
    FLIGHT_MINED,
    FLIGHT_REVERTED,
    FLIGHT_DROPPED /* never left, or its nonce was used by another transaction */
};

struct flight {
    enum flight_state state;
    uint64_t id;    /* never reused; counts up over restarts */
    uint64_t nonce;
    uint64_t gas;
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas;
    struct address to;
    uint32_t data_size;
    uint8_t data[FLIGHT_DATA_MAX];
    uint32_t raw_size;
    uint8_t raw[FLIGHT_RAW_MAX];
    struct hash32 hash;
    uint64_t decided_block;
    int64_t drafted_ms;
    int64_t sent_ms;
    uint32_t send_count;
    /* the purpose, opaque here: what the planner needs again */
    uint32_t market;
    struct address account;
    uint32_t debt;
    uint32_t collateral;
    struct token_amount reserved; /* of the debt asset, until it ends */
    /* the end */
    uint64_t mined_block;
    uint64_t gas_used;
    struct wei gas_price;
};

/** All flights of one account. Plain; large: lives in the state, never on the stack. */
struct fleet {
    struct flight flight[FLIGHTS_MAX];
    uint32_t live;
    uint64_t next_id;
    uint64_t next_nonce;
    bool nonce_is_known;
};

/** The chain's transaction count: the next nonce is the highest of it and every live flight's + 1. */
void fleet_set_nonce(struct fleet *fleet, uint64_t transaction_count);
/** A new flight with the next nonce, state DRAFTED; NULL: FLIGHTS_MAX are live, or no nonce known. */
struct flight *fleet_draft(struct fleet *fleet, const struct address *to, struct bytes data,
                           int64_t now_ms);
/** By id; NULL: none. */
struct flight *fleet_find(struct fleet *fleet, uint64_t id);
/** A live flight for that account of that market; NULL: none. */
const struct flight *fleet_of_account(const struct fleet *fleet, uint32_t market,
                                      const struct address *account);
bool flight_is_live(const struct flight *flight);

/**
 * Fees for a block behind one whose next base fee is `base_fee`: tip as asked, ceiling
 * 2 × base fee + tip so that it stays valid for a while, never over `fee_max`.
 * False: not even base fee + tip fits under fee_max.
 */
MUST_CHECK bool fees_choose(struct wei *max_fee, struct wei *tip, const struct wei *base_fee,
                            const struct wei *tip_wanted, const struct wei *fee_max);

/** The unsigned transaction of a flight. Lends: data, of the flight. */
void flight_transaction(struct transaction *out, const struct flight *flight, uint64_t chain_id);

/** What the signer gave back: must decode to exactly the flight's transaction. False: it does not,
 *  and nothing changed. */
MUST_CHECK bool flight_signed(struct flight *flight, struct bytes raw, uint64_t chain_id);
/** The signer refused or the gate closed before anything left: the nonce goes back if it was the
 *  last one given; a nonce in the middle stays a hole that the next draft fills first. */
void flight_withdraw(struct fleet *fleet, struct flight *flight);

/** What the node answered to the sending. */
enum send_outcome {
    SEND_TAKEN,     /* accepted, or already known */
    SEND_DOUBTFUL,  /* time-out, cut, unparsable: resolve by hash and nonce */
    SEND_NONCE_USED, /* nonce too low: ours was mined meanwhile, or another's */
    SEND_REJECTED   /* these bytes will never be taken, and were not */
};
enum send_outcome send_outcome_of(const struct rpc_answers *answers);
void flight_sent(struct flight *flight, enum send_outcome outcome, int64_t now_ms);

/** A receipt of its hash. State MINED or REVERTED; the flight is no longer live. */
void flight_receipt(struct fleet *fleet, struct flight *flight, const struct receipt *receipt);
/** The chain's count passed its nonce and its hash has no receipt: another took the nonce. */
void flight_overtaken(struct fleet *fleet, struct flight *flight);
/** Frees an ended flight's slot. */
void flight_release(struct fleet *fleet, struct flight *flight);

/** One line of JSON, and back. `key` is "flight/ID". */
void flight_encode(struct text *out, const struct flight *flight);
MUST_CHECK bool flight_decode(struct flight *out, struct bytes json);
/** After a restart: every flight that the journal kept. Makes next_id and nonces right. */
MUST_CHECK bool fleet_restore(struct fleet *fleet, struct bytes json);
const char *flight_state_text(enum flight_state state);

#endif
