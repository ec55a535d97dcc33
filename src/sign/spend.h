/* What the signatures of one day can cost at most, counted by the signer itself. */
#ifndef SIGN_SPEND_H
#define SIGN_SPEND_H

#include "sign/signer.h"

#define SPEND_WINDOW_MS 86400000
/** Nonces that are remembered, as many as there may be flights; of more, the lowest is forgotten,
 *  and counted anew if it comes again. That errs to the safe side. */
#define SPEND_NONCES_MAX 256

/** Plain: zero is a window that never began. sign/spend_file.h keeps it over restarts. */
struct spend {
    bool has_begun;
    int64_t begun_ms; /* a window opens with its first signature */
    struct wei total;
    uint32_t count;
    uint64_t nonce[SPEND_NONCES_MAX];
    struct wei dearest[SPEND_NONCES_MAX];
};

/**
 * Counts one that is about to be signed: gas × max fee, for each nonce the dearest only, since one
 * of them at most can be mined.
 * In:    now_ms   wall clock; where it stands before the window's beginning, the window stays open
 * Out:   *counted it changed: keep it before the signature leaves
 * False: it would take the window over `max` (zero: there is no limit); nothing was counted
 */
MUST_CHECK bool spend_admit(struct spend *spend, bool *counted,
                            const struct transaction *transaction, const struct wei *max,
                            int64_t now_ms);

#endif
