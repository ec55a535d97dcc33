/*
 * submit: one transaction's life: nonce, fees, replacement, receipt. It refuses to know why it is
 * sent.
 *
 *   drafted → signed → sent → seen → mined | reverted | cancelled | dropped
 *
 * A nonce is given once, and stays with its flight until the chain has spoken: what does not move
 * is signed anew under the same nonce (an attempt), and the receipt of any attempt ends the flight.
 * A flight whose sending is in doubt stays live until its hash or its nonce is seen on the chain,
 * and what landed is remembered until no reorg can take it back. Everything here is plain state;
 * what must survive goes to the journal as one line of JSON per flight (flight_encode /
 * flight_decode).
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include "eth/receipt.h"
#include "eth/transaction.h"
#include "submit/outcome.h"

#define FLIGHTS_MAX 256
#define FLIGHT_DATA_MAX 512
#define FLIGHT_RAW_MAX 1024
/** Signatures under one nonce; past that a flight waits for what it has. */
#define ATTEMPTS_MAX 8
/** What landed is remembered for so many blocks, and so many flights: then the oldest goes. */
#define LANDED_BLOCKS 64
#define LANDED_MAX 512
/** Of a transaction to ourselves with neither value nor data: the yellow paper's G_transaction. */
#define CANCEL_GAS 21000

enum flight_state {
    FLIGHT_FREE,    /* the slot */
    FLIGHT_DRAFTED, /* has a nonce, is at the signer */
    FLIGHT_SIGNED,  /* raw bytes are on disk, may or may not have left */
    FLIGHT_SENT,    /* a node took it */
    FLIGHT_SEEN,    /* a node showed it by its hash */
    FLIGHT_MINED,
    FLIGHT_REVERTED,
    FLIGHT_CANCELLED, /* its nonce went to a transaction to ourselves */
    FLIGHT_DROPPED    /* never left, or its nonce was used by another transaction */
};

#define FLIGHT_STATE_COUNT 9

/** One signature under the flight's nonce. */
struct flight_attempt {
    struct hash32 hash;
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas;
    bool is_cancel;
};

/** What a flight is to be signed as next; nothing of it has left. */
struct flight_bid {
    bool is_asked; /* it is at the signer */
    bool is_cancel;
    uint64_t gas;
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas;
    struct address to;
};

struct flight {
    enum flight_state state;
    uint64_t id; /* never reused; counts up over restarts */
    uint64_t nonce;
    /* the newest attempt */
    uint64_t gas;
    struct wei max_fee_per_gas;
    struct wei max_priority_fee_per_gas;
    struct address to;
    uint32_t data_size;
    uint8_t data[FLIGHT_DATA_MAX];
    uint32_t raw_size;
    uint8_t raw[FLIGHT_RAW_MAX];
    struct hash32 hash;
    bool is_cancel;         /* a transaction to ourselves: only its nonce matters */
    bool is_private;        /* no attempt of it went to the public pool */
    uint64_t attempt_block; /* head at which it was signed last */
    uint32_t attempt_count; /* signed ones, oldest first */
    struct flight_attempt attempt[ATTEMPTS_MAX];
    struct flight_bid next;
    uint64_t decided_block;
    int64_t drafted_ms;
    int64_t sent_ms;
    uint32_t send_count;
    uint64_t passed_block;  /* head at which its nonce was first seen used without a receipt; 0 */
    uint64_t missing_block; /* head at which no attempt was mined yet; 0 */
    uint64_t gone_block;    /* head since which its candidate is none; 0 */
    bool in_doubt;       /* sending's outcome is not known: ask for its hash before anything else */
    bool is_underpriced; /* another transaction of this nonce pays more: raise at once */
    /* the purpose, opaque here: what the planner needs again */
    uint32_t market;
    struct address account;
    uint32_t debt;
    uint32_t collateral;
    struct token_amount reserved; /* of the debt asset, until it ends */
    struct wei gross;             /* what it earns before gas; 0: not known */
    uint64_t gas_expected;
    /* the end */
    uint64_t mined_block; /* of DROPPED: where its nonce was seen used, 0 where it never left */
    uint64_t gas_used;
    struct wei gas_price;
    bool is_unexplained;  /* REVERTED, and the node is still asked why */
    uint32_t mined_index; /* in its block, of one that is unexplained; INDEX_UNKNOWN */
    uint64_t counted_day; /* what it cost stands in that day's spend; 0: in none */
    struct wei counted_loss;
    bool has_landed_before; /* a reorg took a receipt of it back */
    struct hash32 behind;   /* the transaction that it is to land behind; zero: none */
};

/** All flights of one account. Plain; large: lives in the state, never on the stack. Which nonces
 *  are taken is not kept apart: it is the live flights', and all below the chain's count. */
struct fleet {
    struct flight flight[FLIGHTS_MAX];
    uint32_t used;                    /* flights from there on are free, and never looked at */
    struct flight landed[LANDED_MAX]; /* ended on chain, a reorg may still undo it */
    uint32_t landed_used;             /* as `used` */
    uint64_t next_id;                 /* ids begin at 1 */
    uint64_t transaction_count;
    bool nonce_is_known;
};

/** The chain's transaction count, at its newest head. It may fall: a reorg takes some back. */
void fleet_set_nonce(struct fleet *fleet, uint64_t transaction_count);
/** The lowest nonce that neither the chain nor a live flight has: a hole first, then the next. */
MUST_CHECK bool fleet_next_nonce(uint64_t *out, const struct fleet *fleet);
/** A nonce that nobody has, below a live flight's, which waits for it. */
MUST_CHECK bool fleet_hole(uint64_t *out, const struct fleet *fleet);
/** A live flight waits behind that nonce. */
bool fleet_waits_behind(const struct fleet *fleet, uint64_t nonce);
/** Live flights. */
uint32_t fleet_live(const struct fleet *fleet);
/** A new flight with that nonce, state DRAFTED; NULL: no free slot, no nonce known, or more data
 *  than FLIGHT_DATA_MAX. */
struct flight *fleet_draft(struct fleet *fleet, const struct address *to, struct bytes data,
                           int64_t now_ms);
/** By id; NULL: none. */
struct flight *fleet_find(struct fleet *fleet, uint64_t id);
/** What landed, by id; NULL: none. */
struct flight *fleet_find_landed(struct fleet *fleet, uint64_t id);
/** A live flight for that account of that market; NULL: none. */
const struct flight *fleet_of_account(const struct fleet *fleet, uint32_t market,
                                      const struct address *account);
bool flight_is_live(const struct flight *flight);
/** Its bytes may be with a node. */
bool flight_may_have_left(const struct flight *flight);
/** Remembers a flight that has ended on chain; its own slot stays. Out: the id of the one that is
 *  forgotten for it, 0: none. */
uint64_t fleet_land(struct fleet *fleet, const struct flight *flight);
/** Its block vanished: live again under its nonce, in doubt, out of what landed. NULL: no free
 *  slot, or its nonce is another's by now; it is then out of what landed all the same. */
struct flight *fleet_revive(struct fleet *fleet, struct flight *landed);

/** The unsigned transaction of a flight: of its next attempt where one is asked for, else of its
 *  newest. Lends: data, of the flight. */
void flight_transaction(struct transaction *out, const struct flight *flight, uint64_t chain_id);

/** What the signer gave back: must decode to exactly the transaction that was asked for. It is the
 *  newest attempt then, and SIGNED. False: it does not, and nothing changed. */
MUST_CHECK bool flight_signed(struct flight *flight, struct bytes raw, uint64_t chain_id);
/** Signs anew under the same nonce. False: it has not been signed yet, is at the signer, or has no
 *  attempt left. */
MUST_CHECK bool flight_raise(struct flight *flight, const struct flight_bid *bid);
/** The signer refused or the gate closed before anything left: DROPPED, and the next draft takes
 * its nonce. In: DRAFTED; a signed flight may have left: only its next attempt is withdrawn. */
void flight_withdraw(struct fleet *fleet, struct flight *flight);

/** TAKEN: SENT. DOUBTFUL and NONCE_USED: in doubt. UNDERPRICED: to be raised. Rejected: DROPPED
 *  where this was its first sending; of one that another node may have, only in doubt. `sent_ms` is
 *  of the last. */
void flight_sent(struct flight *flight, enum send_outcome outcome, int64_t now_ms);
/** A node showed it by its hash: SEEN, and no doubt any more. */
void flight_seen(struct flight *flight);

/** A receipt of one of its attempts (another's changes nothing). MINED, REVERTED or CANCELLED, no
 *  longer live. */
void flight_receipt(struct fleet *fleet, struct flight *flight, const struct receipt *receipt);
/** The chain's count passed its nonce and none of its hashes has a receipt: another took it.
 *  DROPPED. */
void flight_overtaken(struct fleet *fleet, struct flight *flight);
/** Frees an ended flight's slot; MUST not be live. */
void flight_release(struct fleet *fleet, struct flight *flight);

/** One line of JSON, and back. `key` is "flight/ID", of what landed "landed/ID". Lines of versions
 *  without attempts come back with the one that they have. */
void flight_encode(struct text *out, const struct flight *flight);
MUST_CHECK bool flight_decode(struct flight *out, struct bytes json);
/** After a restart: every flight that the journal kept, in any order. Makes next_id right; what was
 *  signed is in doubt, and so is what landed, since nobody watched the chain meanwhile. A DRAFTED
 *  one never left: withdraw it.
 *  False: no flight, no slot free, or its id or nonce is another live flight's. */
MUST_CHECK bool fleet_restore(struct fleet *fleet, struct bytes json);
const char *flight_state_text(enum flight_state state);

#endif
