/*
 * A signer that is somebody else's: Web3Signer, or what speaks as it does, at signer.url. It is
 * asked by JSON-RPC (eth_signTransaction, eth_accounts), and knows nothing of our policy.
 */
#ifndef KEEPER_REMOTE_SIGNER_H
#define KEEPER_REMOTE_SIGNER_H

#include "keeper/signer_link.h"
#include "rpc/rpc.h"

struct remote_signer;

/** In: chain.connect_timeout and total_timeout hold for it too.
 *  Gives: remote_signer_free. NULL: the URL cannot be used, `why` says so. */
struct remote_signer *remote_signer_new(char why[256], struct ev_loop *loop,
                                        const struct config *config, struct log_sink *log);
/** Called once for each request, from the loop: kind SIGNED, status OK or REFUSED, as a
 * signer_link's. OK: a signed transaction of keeper.account; which one is the turn's to compare. */
void remote_signer_on_signed(struct remote_signer *remote, rpc_observe *observe, void *context);
/** Asks; never calls back from inside. The bytes MUST be those of an unsigned transaction. */
void remote_signer_sign(struct remote_signer *remote, uint64_t id, struct bytes unsigned_bytes);
void remote_signer_free(struct remote_signer *remote);

/** Has it keeper.account? Waits for its answer. Fails: CANNOT_CONNECT, KEY_REFUSED (its own words),
 *  WRONG_ACCOUNT. */
MUST_CHECK enum signer_link_error remote_signer_prove(char why[256], const struct config *config);

/** The request's params, and what its answer (kind ANSWER, to ask `id`) is worth. Pure.
 *  Out: body lent by `raw`, or a constant. */
void remote_sign_params(struct text *out, const struct address *account,
                        const struct transaction *transaction);
void remote_sign_answer(struct observation *out, struct buffer *raw,
                        const struct observation *answer, const struct address *account);

#endif
