/*
 * protocol: the contracts that we speak to, one folder each behind this one table of functions, and
 * what a revert means. It refuses to know sockets and profit.
 *
 * Logs say who changed; reads at the same block hash say what it is now. A protocol lists the reads
 * that are still wanted, and turns each answer into market fields or into a fact about one account.
 * Asking until nothing is wanted any more is how a market is discovered, followed and repaired.
 */
#ifndef PROTOCOL_PROTOCOL_H
#define PROTOCOL_PROTOCOL_H

#include "base/arena.h"
#include "eth/log.h"
#include "market/market.h"
#include "protocol/edge.h"
#include "protocol/liquidation.h"
#include "protocol/revert.h"

/** One eth_call inside a multicall. Calldata at most four bytes and four words. */
#define READ_DATA_MAX 132

struct read {
    struct address target;
    uint8_t kind;     /* the protocol's own */
    uint8_t market;   /* index; set by the caller */
    uint16_t index;   /* reserve or category */
    uint32_t account; /* slot in the book */
    uint8_t data_size;
    uint8_t data[READ_DATA_MAX];
};

/** Owned; zero-initialise, then read_list_release. */
struct read_list {
    struct read *read;
    size_t count;
    size_t capacity;
};

void read_list_release(struct read_list *list);
void read_list_clear(struct read_list *list);
/** Lends: a zeroed read at the end, until the list grows. */
struct read *read_list_add(struct read_list *list);

enum read_error {
    READ_OK,
    READ_FAILED,      /* the call reverted where it must not: typed skip for what it concerned */
    READ_MALFORMED,   /* bytes that are no answer to it */
    READ_OUT_OF_RANGE /* a value that we cannot hold (decimals 77+, over 128 bits) */
};

/** What one log touches. */
struct touched_account {
    struct address account;
    uint32_t reserve; /* RESERVE_NONE: config and category only */
    bool
        is_borrower; /* the log proves a debt; others need no place in the book if they have none */
};

#define TOUCHED_PER_LOG_MAX 4

struct touched {
    uint32_t count;
    struct touched_account account[TOUCHED_PER_LOG_MAX];
    bool is_liquidation; /* of `liquidation`: somebody's, maybe ours */
    struct {
        struct address account;
        struct address liquidator;
        uint32_t debt;
        uint32_t collateral;
        struct token_amount repaid;
        struct token_amount seized;
    } liquidation;
};

enum touch_error { TOUCH_OK, TOUCH_IGNORED, TOUCH_UNDECODABLE };

enum health_error {
    HEALTH_OK,
    HEALTH_NO_PRICE,    /* an asset that it holds has none */
    HEALTH_STALE,       /* a part of it is not known at this block */
    HEALTH_OVERFLOW,    /* a product left 256 bits: distrust the inputs */
    HEALTH_UNSUPPORTED, /* POSITION_UNSUPPORTED */
    HEALTH_DRIFTED
};

struct health {
    struct wad factor;            /* 1e18 is the threshold; U256_MAX where nothing is owed */
    struct u256 collateral_value; /* base currency, as the protocol floors it */
    struct u256 debt_value;
    uint32_t threshold_bps; /* weighted average */
};

struct protocol {
    const char *name; /* of the config */

    /** Adds the addresses and topics to follow. Again after each change of reserves. */
    void (*filter)(struct log_filter *out, const struct market *market);
    /** The filter that finds every account that ever owed something (first synchronisation). */
    void (*history_filter)(struct log_filter *out, const struct market *market);
    /** Marks what is shared as stale in `market`; names the accounts. */
    enum touch_error (*touch)(struct touched *out, struct market *market, const struct log *log);
    /** Reads for every stale shared part whose address is known by now. None: complete. */
    void (*want_market)(struct read_list *out, const struct market *market);
    /** Reads for the stale parts of one position. `slot` goes into read.account. */
    void (*want_account)(struct read_list *out, const struct market *market,
                         const struct position *position, uint32_t slot);
    /** The chain's own health of one account: audits only. */
    void (*want_audit)(struct read_list *out, const struct market *market,
                       const struct address *account, uint32_t slot);
    /** One answer. Market fields are updated in place, account facts go to *fact. An error leaves
     *  the part unknown in a typed way (price MISSING, position unsupported …), never guessed: so
     *  apply *fact after an error too. */
    enum read_error (*accept)(struct account_fact *fact, struct market *market,
                              const struct read *read, bool succeeded, struct bytes data);
    /** Computes what health and liquidation need at one timestamp; false: an overflow, and whoever
     *  holds a reserve marked RESERVE_OVERFLOWS cannot be judged. */
    bool (*prepare)(struct market *market, uint64_t timestamp_s);
    /** Computes once what each liquidation of that position that may land from the one timestamp to
     *  the other needs; NULL: of whatever position. One that was not prepared for computes it for
     *  itself. The function is NULL: nothing of the kind. */
    void (*reach)(struct market *market, const struct position *position, uint64_t first_s,
                  uint64_t last_s);
    /** The protocol's own number, to the last unit, at the prepared timestamp. */
    enum health_error (*health)(struct health *out, const struct market *market,
                                const struct position *position);
    /** The line behind that number, for bounds only (protocol/edge.h).
     *  In: value  what edge_value says of each variable of the market's reserves */
    void (*edge)(struct edge *out, const struct market *market, const struct position *position,
                 const double *value);
    /** What one stored unit of that variable is worth at the prepared timestamp; 0: not known. */
    double (*edge_value)(const struct market *market, uint32_t variable);
    /** Changes with whatever else a line depends on: thresholds, categories, which assets. */
    uint64_t (*edge_terms)(const struct market *market);
    /** A leg in token units at the prepared timestamp, as the contract's balanceOf rounds. For
     *  people. False: an overflow. */
    bool (*leg_amounts)(struct token_amount *supplied, struct token_amount *owed,
                        const struct market *market, const struct leg *leg);
    /** The most that may be liquidated of one pair, by the pool's own rules; health at the market's
     *  prepared timestamp says whether at all. */
    enum liquidation_error (*liquidation)(struct liquidation *out, const struct market *market,
                                          const struct position *position,
                                          const struct health *health,
                                          const struct liquidation_request *request);
    /** What `liquidation` with any cap can come to; false: nothing is known. May be NULL. */
    bool (*liquidation_bound)(struct liquidation_bound *out, const struct market *market,
                              const struct position *position, const struct health *health,
                              const struct liquidation_request *request);
    /** Appends the calldata to be sent to `*target`. */
    void (*liquidation_call)(struct buffer *out, struct address *target,
                             const struct market *market, const struct address *account,
                             const struct liquidation *liquidation);
    /** Gas: what to expect and what to allow for that position. */
    uint64_t (*gas_expected)(const struct market *market, const struct position *position);
    uint64_t (*gas_limit)(const struct market *market, const struct position *position);
    /** Selector of the liquidation call, and who must be allowed to take the repay. */
    void (*call_target)(struct address *target, uint8_t selector[4], const struct market *market);
};

/** Index of a protocol by its config name, or UINT32_MAX. */
uint32_t protocol_find(const char *name);
const struct protocol *protocol_at(uint32_t index);
uint32_t protocol_count(void);

const char *health_error_text(enum health_error error);
const char *liquidation_error_text(enum liquidation_error error);

#endif
