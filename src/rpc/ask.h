/*
 * An ask that is not answered yet, and the line in which it waits. Sends stand before reads: a
 * liquidation does not wait behind a synchronisation. Within each, first come, first served.
 */
#ifndef RPC_ASK_H
#define RPC_ASK_H

#include "rpc/rpc.h"

#define RPC_METHOD_SIZE 48
/** How long a read waits for endpoints that limit their rate, from the first that did. */
#define RPC_LIMITED_US 10000000
/** Asks refused within one turn of the loop; more is a caller that does not keep a budget. */
#define RPC_REFUSED_MAX 65536
/** Memory that an answered ask keeps for the next one. */
#define RPC_KEEP_MAX ((size_t)1 << 20)

/** What is observed if nobody does better. */
struct failure {
    enum observation_status status;
    uint16_t endpoint;
    uint16_t http_status;
    struct buffer body;
};

struct ask {
    struct ask *next;
    uint64_t sequence;
    uint64_t id;
    enum rpc_role role;
    int prefer;
    uint32_t calls;
    uint32_t eligible;  /* a bit for each endpoint that may be asked */
    uint32_t tried;     /* a bit for each that was */
    int64_t limited_us; /* since then it waits for limits to pass; 0: it does not */
    uint32_t limited;   /* of `tried`: a bit for each that only limited its rate */
    bool is_refused;
    bool in_doubt; /* of a send: somebody may have taken it, whatever others say */
    struct buffer body;
    struct buffer header;   /* NUL-terminated; empty: none of its own */
    struct failure failure; /* set where tried != 0, and where it was refused */
    char method[RPC_METHOD_SIZE];
};

/** A line of asks. Zero is an empty one. */
struct ask_line {
    struct ask *first;
    struct ask *last;
};

/** By role, then by age, wherever it comes back from. */
void ask_line_join(struct ask_line *line, struct ask *ask);
/** At the end, whatever it is. */
void ask_line_append(struct ask_line *line, struct ask *ask);
/** The first, taken out; NULL: empty. */
struct ask *ask_line_take(struct ask_line *line);

/** Gives: ask_free. A copy of what is asked; eligible and sequence are the caller's to set. */
struct ask *ask_new(struct ask_line *spare, const struct rpc_ask *ask);
/** Back to the spare ones, whose memory is used again; a refused one was over the bound: freed. */
void ask_retire(struct ask_line *spare, struct ask *ask);
void ask_free(struct ask *ask);
/** Remembers what to observe if no other endpoint does better; once in doubt, the doubt stays. */
void ask_fail(struct ask *ask, const struct observation *seen);
/** That, as an observation. Lends: its body, of the ask. */
struct observation ask_failed(const struct ask *ask);

#endif
