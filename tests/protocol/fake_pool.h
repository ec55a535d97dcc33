/* A chain that answers calls of a pool by target and calldata alone, as a node would: what is asked
 * in a wrong way is not answered. Three reserves at the indexes 0, 2 and 3, since what stood at 1
 * was dropped. */
#ifndef TESTS_PROTOCOL_FAKE_POOL_H
#define TESTS_PROTOCOL_FAKE_POOL_H

#include "mirror/book.h"
#include "protocol/protocol.h"

#define FAKE_RESERVES 3u

struct fake_pool {
    uint64_t revision;
    bool has_sentinel;
    uint32_t reserve_count; /* of FAKE_RESERVES; of more nothing but the address is known */
    uint64_t id[FAKE_RESERVES];
    uint64_t price[FAKE_RESERVES];        /* 0: the oracle reverts */
    struct address source[FAKE_RESERVES]; /* who gives the price; zero: nobody in particular */
    uint64_t price_at_s[FAKE_RESERVES];
    uint64_t decimals;
    uint64_t threshold; /* of every reserve */
    uint64_t bonus;
    uint64_t protocol_fee;
    uint64_t category_threshold;
    uint64_t odd_decimals; /* of the last reserve alone, where has_odd */
    bool has_odd;
    bool has_moved_oracle;          /* the provider names another, which gives twice the prices */
    bool has_moved_sentinel;        /* the provider names another, which allows nothing */
    bool answers_backwards;         /* of each round the last question first, as nodes may */
    uint64_t category;              /* of every account */
    struct address category_source; /* its second byte makes another price of it */
    struct u256 config;             /* of every account */
    struct u256 stable_debt;        /* of every account */
    struct u256 scaled;             /* supplied, of every account and asset */
    const char *broken;             /* signature of a call that reverts; NULL: none */
    const char *garbled;            /* signature of a call that answers three bytes; NULL: none */
    uint32_t asked;
    uint32_t unanswered; /* calls that nobody here knows */
};

void fake_pool_init(struct fake_pool *fake, uint64_t revision);
struct address fake_root(void);
struct address fake_configurator(void);
struct address fake_oracle(const struct fake_pool *fake);
struct address fake_asset(uint32_t which);
struct address fake_keeper(void);
/** A market that knows its root and keeper only. Gives: free. */
struct market *fake_market(void);
/** Out: appended. False: it reverts. */
bool fake_answer(struct buffer *out, struct fake_pool *fake, const struct read *read);
/** One round of whatever is wanted; the number of reads. `book` may be NULL. */
size_t fake_round(struct fake_pool *fake, struct market *market, struct book *book);
/** Rounds until nothing is wanted that the last one did not ask already, at most twenty. */
void fake_settle(struct fake_pool *fake, struct market *market, struct book *book);

#endif
