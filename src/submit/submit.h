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
    FLIGHT_FREE,    /* the slot */
    FLIGHT_DRAFTED, /* has a nonce, is at the signer */
    FLIGHT_SIGNED,  /* raw bytes are on disk, may or may not have left */
    FLIGHT_SENT,    /* the node took it */
    FLIGHT_MINED,
    FLIGHT_REVERTED,
    FLIGHT_DROPPED /* never left, or its nonce was used by another transaction */
};

struct flight {
    enum flight_state state;
    uint64_t id; /* never reused; counts up over restarts */
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
    uint64_t passed_block; /* head at which its nonce was first seen used without a receipt; 0 */
    bool in_doubt; /* sending's outcome is not known: ask for its hash before anything else */
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

/** All flights of one account. Plain; large: lives in the state, never on the stack. Which nonces
 *  are taken is not kept apart: it is the live flights', and all below the chain's count. */
struct fleet {
    struct flight flight[FLIGHTS_MAX];
    uint64_t next_id; /* ids begin at 1 */
    uint64_t transaction_count;
    bool nonce_is_known;
};

/** The chain's transaction count, at its newest head. It may fall: a reorg takes some back. */
void fleet_set_nonce(struct fleet *fleet, uint64_t transaction_count);
/** The lowest nonce that neither the chain nor a live flight has: a hole first, then the next. */
MUST_CHECK bool fleet_next_nonce(uint64_t *out, const struct fleet *fleet);
/** Live flights. */
uint32_t fleet_live(const struct fleet *fleet);
/** A new flight with that nonce, state DRAFTED; NULL: no free slot, no nonce known, or more data
 *  than FLIGHT_DATA_MAX. */
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
/** The signer refused or the gate closed before anything left: DROPPED, and the next draft takes
 * its nonce. In: DRAFTED; a signed flight may have left, so of any other state nothing changes. */
void flight_withdraw(struct fleet *fleet, struct flight *flight);

/** What the node answered to the sending. */
enum send_outcome {
    SEND_TAKEN,      /* accepted, or already known */
    SEND_DOUBTFUL,   /* time-out, cut, unparsable: resolve by hash and nonce */
    SEND_NONCE_USED, /* nonce too low: ours was mined meanwhile, or another's */
    SEND_REJECTED    /* these bytes will never be taken, and were not */
};
enum send_outcome send_outcome_of(const struct rpc_answers *answers);
/** TAKEN: SENT. DOUBTFUL and NONCE_USED: in doubt. REJECTED: DROPPED where this was its first
 *  sending; of one that another node may have, only in doubt. `sent_ms` is of the last. */
void flight_sent(struct flight *flight, enum send_outcome outcome, int64_t now_ms);

/** A receipt of its hash (another's changes nothing). MINED or REVERTED, no longer live. */
void flight_receipt(struct fleet *fleet, struct flight *flight, const struct receipt *receipt);
/** The chain's count passed its nonce and its hash has no receipt: another took it. DROPPED. */
void flight_overtaken(struct fleet *fleet, struct flight *flight);
/** Frees an ended flight's slot; MUST not be live. */
void flight_release(struct fleet *fleet, struct flight *flight);

/** One line of JSON, and back. `key` is "flight/ID". */
void flight_encode(struct text *out, const struct flight *flight);
MUST_CHECK bool flight_decode(struct flight *out, struct bytes json);
/** After a restart: every flight that the journal kept, in any order. Makes next_id right; what has
 *  ended takes no slot; what was signed is in doubt. A DRAFTED one never left: withdraw it.
 *  False: no flight, no slot free, or its id or nonce is another live flight's. */
MUST_CHECK bool fleet_restore(struct fleet *fleet, struct bytes json);
const char *flight_state_text(enum flight_state state);

#endif
