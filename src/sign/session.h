/* One client of the signer, from its first byte to its last. */
#ifndef SIGN_SESSION_H
#define SIGN_SESSION_H

#include "sign/signer.h"
#include "sign/spend_file.h"

/** What outlives every client. Owned by signer_run, for the life of the process. */
struct signer {
    struct log_sink *log;
    struct secret secret;
    struct address address;
    bool policy_may_repeat;          /* a daemon that comes back says it again */
    uint64_t chain_id;               /* of every policy that is taken */
    const struct signer_policy *own; /* NULL, or the bound of every policy that is taken */
    bool has_policy;
    struct signer_policy policy;
    struct spend spend;
    bool spend_moved;             /* since it was written to the file */
    struct spend_file spend_file; /* closed: nothing is signed */
    struct buffer raw;            /* the latest signed transaction */
};

/** Owned; zero-initialise, then session_release. */
struct session {
    int fd;
    struct buffer in;
    struct buffer out;
};

/** What to poll for: room to write while there is something to say, else something to hear. So a
 *  client that does not listen is not heard either, which bounds both buffers. */
short session_events(const struct session *session);
/** One step after poll found one of session_events, or an end. Never blocks. False: the client is
 *  gone, or broke the form. */
MUST_CHECK bool session_step(struct session *session, struct signer *signer);
/** Closes the descriptor, forgets what was said; ready for the next client. */
void session_end(struct session *session);
void session_release(struct session *session);

#endif
