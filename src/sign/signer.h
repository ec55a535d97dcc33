/*
 * The signer's process: reads its key, then answers requests on one end of a stream socket until
 * that closes. It trusts nobody: it parses again what it is asked to sign, and refuses what its
 * policy does not name.
 *
 * On the wire, both ways: four bytes of big-endian length, one byte of kind, the payload.
 *   'P' policy   JSON: {"chain":31337,"targets":["0x…"],"approve_spenders":["0x…"],
 *                "selectors":["00a718a9","095ea7b3"],"fee_per_gas_max":"…wei"}; once, before the first 'S', where no policy file is set
 *   'A' address  payload empty; answered 'A' with 20 bytes
 *   'S' sign     the unsigned encoding; answered 'S' with the raw signed transaction, or
 *   'R' refused  UTF-8 text, why
 */
#ifndef SIGN_SIGNER_H
#define SIGN_SIGNER_H

#include "eth/transaction.h"
#include "report/log.h"
#include "sign/keystore.h"

#define SIGNER_MESSAGE_MAX (128 * 1024)
#define SIGNER_TARGETS_MAX 64

/** Frozen before the first signature. */
struct signer_policy {
    uint64_t chain_id;
    uint32_t target_count;
    struct address target[SIGNER_TARGETS_MAX]; /* contracts that may be called with a selector */
    uint32_t spender_count;
    struct address spender[SIGNER_TARGETS_MAX]; /* approve(spender, …) is allowed on any token */
    uint32_t selector_count;
    uint8_t selector[SIGNER_TARGETS_MAX][4];
    struct wei fee_per_gas_max;
};

enum policy_verdict {
    POLICY_ALLOWED,
    POLICY_WRONG_CHAIN,
    POLICY_WRONG_TYPE, /* only EIP-1559 */
    POLICY_CREATES_CONTRACT,
    POLICY_CARRIES_VALUE,
    POLICY_UNKNOWN_TARGET,
    POLICY_UNKNOWN_SELECTOR,
    POLICY_UNKNOWN_SPENDER,
    POLICY_FEE_OVER_CAP,
    POLICY_MALFORMED /* bytes that are no transaction, calldata that is no call */
};

/** Pure: may these unsigned bytes be signed? */
MUST_CHECK enum policy_verdict policy_judge(const struct signer_policy *policy,
                                            const struct transaction *transaction);
MUST_CHECK bool policy_parse(struct signer_policy *out, struct bytes json);
const char *policy_verdict_text(enum policy_verdict verdict);

/** Raw signed bytes of a transaction whose fields are set; RFC 6979, low s. False: bad key. */
MUST_CHECK bool transaction_sign(struct buffer *out, struct transaction *transaction,
                                 const struct secret *secret);
/** Address of a key. */
MUST_CHECK bool secret_address(struct address *out, const struct secret *secret);

struct signer_options {
    const char *keystore;
    const char *password_file; /* NULL: the systemd credential keeper.password */
    const char *socket_path;   /* NULL: `fd` is the connected socket, and its end ends the process */
    int fd;
    const struct signer_policy *policy; /* NULL: taken once from the first 'P' */
};

/** The process's whole life. Out: an exit code of the surface (0, 4, 1). No core dumps, memory
 *  locked, dies with its parent where it was started by `run`. */
int signer_run(const struct signer_options *options, struct log_sink *log);

#endif
