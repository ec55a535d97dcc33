/*
 * risk: who is near the edge. Exact health of every position that owes something, in one pass over
 * memory. It refuses to know money to be made.
 */
#ifndef RISK_RISK_H
#define RISK_RISK_H

#include "mirror/book.h"
#include "protocol/protocol.h"

/** Just above the edge is up to a twentieth of it more; past the bound only the first are named. */
#define RISK_NEAR_PARTS 20u
#define RISK_NEAR_MAX 1024u

/** Why an account could not be judged; counted, named, tried again at the next block. */
struct risk_skip {
    uint32_t slot;
    enum health_error error;
};

struct risk_candidate {
    uint32_t slot;
    struct health health;
};

/** Owned; zero-initialise, then risk_sweep_release; reused, so a steady state allocates nothing. */
struct risk_sweep {
    struct risk_candidate *candidate; /* health below `below`, in order of slot */
    size_t candidate_count;
    size_t candidate_capacity;
    struct risk_skip *skip;
    size_t skip_count;
    size_t skip_capacity;
    uint64_t judged;
    uint32_t near_count;
    uint32_t near[RISK_NEAR_MAX]; /* slots of those just above, the first that were met */
};

void risk_sweep_release(struct risk_sweep *sweep);
/** For step `at` of a walk over the candidates: the positions that come next are read ahead. */
void risk_ahead(const struct risk_sweep *sweep, const struct book *book, size_t at);
/** Nobody was found: those that were may be of a block that never was. */
void risk_sweep_forget(struct risk_sweep *sweep);
/** In: market prepared (protocol->prepare) at the timestamp to judge at; `below` in wad. */
void risk_sweep(struct risk_sweep *out, const struct market *market, const struct book *book,
                const struct wad *below);

#endif
