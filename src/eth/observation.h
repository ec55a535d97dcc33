/*
 * What the world said, as bytes, in the order in which the loop heard it. Callbacks only make
 * these; all thinking happens later, over a list of them. They are what a recording holds.
 */
#ifndef ETH_OBSERVATION_H
#define ETH_OBSERVATION_H

#include "base/bytes.h"

enum observation_kind {
    OBSERVATION_ANSWER,   /* to an ask or a send: what the endpoint's HTTP body said */
    OBSERVATION_SIGNED,   /* to a sign: the raw signed transaction, or the signer's refusal */
    OBSERVATION_RESTORED, /* one key and value that the journal kept from an earlier life */
    OBSERVATION_COMMAND,  /* the operator: "stop", "reload" (body: the new config's canonical text)
                           */
    OBSERVATION_PUSH,     /* a hint that a new head may be there */
    OBSERVATION_POOL /* what a node pushed about its pool. OK: a transaction's JSON, or its hash
                        alone, or, empty, that pushes of it begin; REFUSED: so many were dropped
                        here (body: the number); UNREACHABLE: pushes stopped */
};

enum observation_status {
    OBSERVED_OK,          /* body is what was said; for SIGNED, the raw bytes */
    OBSERVED_UNREACHABLE, /* no connection, or cut off; body: a word why */
    OBSERVED_TIMED_OUT,
    OBSERVED_TOO_LARGE,  /* the answer passed the bound on its size */
    OBSERVED_HTTP_ERROR, /* a status that is no success, and a body that is no JSON-RPC */
    OBSERVED_REFUSED,    /* our own bound or the signer's policy said no; body: why */
    OBSERVED_WITHHELD,   /* dry run: the world was not touched */
    OBSERVED_UNRECORDED  /* replay: the recording does not answer this */
};

struct observation {
    enum observation_kind kind;
    enum observation_status status;
    uint64_t asked_as;    /* replay: the id that its body speaks of, where it is another; else 0 */
    uint64_t id;          /* of the action that it answers; 0 where none */
    uint16_t endpoint;    /* index in the config; who answered */
    uint16_t http_status; /* 0 where there is none */
    struct bytes key;     /* RESTORED: the key; COMMAND: the word */
    struct bytes body;    /* lent for the turn */
};

const char *observation_status_text(enum observation_status status);
const char *observation_kind_text(enum observation_kind kind);

#endif
