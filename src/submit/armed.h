/*
 * Transactions that are signed before they are needed. All of them share one nonce, the next: at
 * most one is fired, which ends the others. Until then none of them is a flight: it holds no nonce,
 * no capital and no place.
 *
 * An armed transaction is on disk, bytes and nonce, before it may be fired, so that no disk is
 * waited for then; whoever finds one after a restart asks the chain for its hash.
 */
#ifndef SUBMIT_ARMED_H
#define SUBMIT_ARMED_H

#include "submit/submit.h"

/** At most so many; keeper.armed says how many. */
#define ARMED_MAX 16

struct armed {
    /* FREE; DRAFTED: at the signer; SIGNED: on disk. Its nonce is given to nobody. */
    struct flight flight;
    struct token_amount argument; /* what its call says is to be repaid; U256_MAX: all */
    bool is_wanted;               /* of whoever goes through them */
};

/** Plain; large: lives in the state. */
struct arsenal {
    struct armed armed[ARMED_MAX];
};

/** What the normal way would send now, and must be met. */
struct armed_wish {
    uint64_t nonce;
    struct address to;
    struct bytes data;
    uint64_t gas;
    struct wei tip;
    struct wei base_fee; /* of the block that it is meant for */
};

/** NULL: none. */
struct armed *arsenal_find(struct arsenal *arsenal, uint64_t id);
struct armed *arsenal_of_account(struct arsenal *arsenal, uint32_t market,
                                 const struct address *account);
uint32_t arsenal_count(const struct arsenal *arsenal);
/** A slot with an id of the fleet's; its content is the caller's. NULL: all are taken. */
struct armed *arsenal_draft(struct arsenal *arsenal, struct fleet *fleet, const struct address *to,
                            struct bytes data);
/**
 * Would its bytes do what is wished? The same nonce and call; as much gas, and not over twice; a
 * tip that is not below; and a ceiling that leaves all of that tip at the base fee. What more of a
 * tip costs is for the caller to judge.
 */
MUST_CHECK bool armed_fits(const struct armed *armed, const struct armed_wish *wish);
/** Into a drafted flight of the same nonce: its id, fees and bytes; SIGNED then. False: the bytes
 *  are not this flight's; it must be withdrawn. The slot is the caller's to end. */
MUST_CHECK bool armed_fire(struct flight *flight, const struct armed *armed, uint64_t chain_id);

#endif
