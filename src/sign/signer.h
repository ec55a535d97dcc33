/*
 * The signer's process: reads its key, then answers requests on one end of a stream socket until
 * that closes. It trusts nobody: it parses again what it is asked to sign, and refuses what its
 * policy does not name.
 *
 * On the wire, both ways: four bytes of the payload's length, big-endian, one byte of kind, the
 * payload. Each request has one answer, in order.
 *   'P' policy   JSON: {"chain":31337,"targets":["0x…"],"approve_spenders":["0x…"],
 *                "selectors":["00a718a9"],"fee_per_gas_max":"wei, decimal",
 *                "spend_per_day_max":"wei, decimal; 0: no limit"}; once, before the first
 *                'S'; answered 'P' and nothing. On a socket of its own a later 'P' is well where it
 *                says the same, since a daemon may come back; else it is refused. Where the signer
 *                has a policy of its own (signer.policy), any 'P' may only narrow that one.
 *   'A' address  payload empty; answered 'A' with 20 bytes
 *   'S' sign     the unsigned encoding; answered 'S' with the raw signed transaction, or
 *   'R' refused  UTF-8 text, why. Also what a signer says that could not open its key, unasked,
 *                before it ends.
 */
#ifndef SIGN_SIGNER_H
#define SIGN_SIGNER_H

#include "base/text.h"
#include "eth/transaction.h"
#include "report/log.h"
#include "sign/keystore.h"

#define SIGNER_MESSAGE_MAX (128 * 1024)
#define SIGNER_TARGETS_MAX 64
#define SIGNER_CLIENTS_MAX 8
/** EIP-7825: what one transaction may have at most. */
#define SIGNER_GAS_MAX 16777216

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
    struct wei spend_per_day_max; /* of gas × max fee over 24 h; zero: no limit */
    uint64_t gas_max;             /* at most SIGNER_GAS_MAX; 'P' does not say it */
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
    POLICY_FEE_OVER_CAP,    /* or a tip over the fee */
    POLICY_GAS_OVER_CAP,    /* over gas_max */
    POLICY_CANCEL_OVER_CAP, /* to its own account, with more gas than sending nothing takes */
    POLICY_HAS_ACCESS_LIST,
    /* policy_judge, which is pure, never says these two */
    POLICY_OVER_SPEND, /* over spend_per_day_max */
    POLICY_NOT_KEPT,   /* the disk did not take the count */
    POLICY_MALFORMED   /* bytes that are no transaction, calldata that is no call */
};

/** What a transaction costs that does nothing. One with this gas runs no code, whatever stands at
 *  its receiver. */
#define SIGNER_CANCEL_GAS 21000

/** Pure: may these unsigned bytes be signed by the key of `account`? Liquidations on a target, an
 *  approve of any token for a spender, and the cancel: nothing, sent to `account` itself. */
MUST_CHECK enum policy_verdict policy_judge(const struct signer_policy *policy,
                                            const struct address *account,
                                            const struct transaction *transaction);
/**
 * What is left of `own` where a daemon asks for `asked`: the lower of each cap, the lists that it
 * asks for.
 * False: another chain, or a target, spender or selector that `own` has not; `why` names it, and
 * *out is unspecified
 */
MUST_CHECK bool policy_narrow(struct signer_policy *out, char why[256],
                              const struct signer_policy *own, const struct signer_policy *asked);
/** The payload of 'P'. False: not exactly those six keys, each well; *out is then unspecified. */
MUST_CHECK bool policy_parse(struct signer_policy *out, struct bytes json);
/** What policy_parse takes back. */
void policy_format(struct text *out, const struct signer_policy *policy);
bool policy_is_equal(const struct signer_policy *a, const struct signer_policy *b);
const char *policy_verdict_text(enum policy_verdict verdict);

/** Raw signed bytes of a transaction whose fields are set; RFC 6979, low s. False: bad key. */
MUST_CHECK bool transaction_sign(struct buffer *out, struct transaction *transaction,
                                 const struct secret *secret);
/** Address of a key. */
MUST_CHECK bool secret_address(struct address *out, const struct secret *secret);

struct signer_options {
    const char *keystore;
    const char *password_file; /* NULL: the systemd credential keeper.password */
    const char *socket_path; /* NULL: `fd` is the connected socket, and its end ends the process */
    int fd;
    uint64_t chain_id;                  /* no policy for another one is taken */
    const char *spend_file;             /* NULL: it names its address, and signs nothing */
    const struct signer_policy *policy; /* its own; NULL: taken once from the first 'P' */
    const struct address *account;      /* NULL, or whose key it must be */
    void (*ready)(void);                /* NULL, or called once requests are answered */
};

/**
 * The process's whole life. Out: an exit code of the surface (0, 4, 1). No core dumps, memory
 * locked. With `fd` it dies with its parent, which must be the process that made the socket pair,
 * and lives through SIGINT, SIGTERM and SIGHUP: it ends when the daemon is done with it, not
 * before. With `socket_path` it answers up to SIGNER_CLIENTS_MAX clients, each of its own user, of
 * its own group, or root; more wait in the kernel's queue until one leaves.
 */
int signer_run(const struct signer_options *options, struct log_sink *log);

#endif
