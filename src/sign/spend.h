/* What the signatures of one day can cost at most, counted by the signer itself. */
#ifndef SIGN_SPEND_H
#define SIGN_SPEND_H

#include "base/table.h"
#include "sign/signer.h"

#define SPEND_WINDOW_MS 86400000
/** Nonces in one window; the next one is refused. Ten a minute, all day, is a fifth of it. */
#define SPEND_NONCES_MAX 65536

/** Owned; spend_init, then spend_release. Lives as long as the process: a restart forgets. */
struct spend {
    bool has_begun;
    int64_t begun_ms; /* a window opens with its first signature */
    struct wei total;
    struct table nonces;
    struct wei *dearest; /* by slot of `nonces` */
    uint32_t capacity;
};

void spend_init(struct spend *spend);
void spend_release(struct spend *spend);
/**
 * Counts one that is about to be signed: gas × max fee, for each nonce the dearest only, since one
 * of them at most can be mined.
 * In:    now_ms  of a clock that never goes back
 * False: it would take the window over `max` (zero: there is no limit); nothing was counted
 */
MUST_CHECK bool spend_admit(struct spend *spend, const struct transaction *transaction,
                            const struct wei *max, int64_t now_ms);

#endif
