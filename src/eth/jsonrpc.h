/*
 * JSON-RPC envelopes. Requests are built as text; answers are parsed with jansson, with the flags
 * that real nodes need (NUL in strings, integers past 63 bits, scalars at the top, doubles
 * refused). Whatever a node may say becomes one of a closed list of typed answers.
 */
#ifndef ETH_JSONRPC_H
#define ETH_JSONRPC_H

#include "base/text.h"
#include "eth/log.h"
#include "eth/observation.h"

/** Calls in one batch at most. Ids in the body are ask id × this + position. */
#define RPC_BATCH_MAX 256

/** Builds the body of one POST: a single call, or a batch where there are more. */
struct rpc_request {
    struct text body;
    uint64_t id;
    uint32_t calls;     /* added so far */
    uint32_t announced; /* by rpc_request_begin */
    bool is_batch;
};

/** `id`: of the ask. `calls`: how many will follow; 1 makes a single object, more an array. */
void rpc_request_begin(struct rpc_request *request, uint64_t id, uint32_t calls);
/** One call; `params` is JSON text, an array: "[\"latest\",false]". */
void rpc_request_add(struct rpc_request *request, const char *method, const char *params);
/** As rpc_request_add, for long params: they are written behind what it lends, before anything else
 *  is done with the request, and rpc_request_params_end follows them. */
struct text *rpc_request_params(struct rpc_request *request, const char *method);
void rpc_request_params_end(struct rpc_request *request);
/** MUST have as many calls as were announced. */
void rpc_request_end(struct rpc_request *request);
void rpc_request_release(struct rpc_request *request);

/** What a keeper should do about an error; the table of spellings is data in eth/fault.c. */
enum rpc_fault {
    RPC_FAULT_NONE,
    RPC_FAULT_REVERT,         /* the call was executed and reverted: an answer, never a failover */
    RPC_FAULT_RATE_LIMIT,     /* another endpoint, and slower here */
    RPC_FAULT_RANGE_TOO_WIDE, /* eth_getLogs: fewer blocks */
    RPC_FAULT_GAS_CAP,        /* eth_call: out of gas or over the node's cap: fewer calls */
    RPC_FAULT_UNKNOWN_BLOCK,  /* this endpoint is behind, or dropped that state */
    RPC_FAULT_METHOD_MISSING,
    RPC_FAULT_ALREADY_KNOWN, /* the transaction is in the pool: as good as sent */
    RPC_FAULT_NONCE_TOO_LOW,
    RPC_FAULT_NONCE_TOO_HIGH,
    RPC_FAULT_UNDERPRICED, /* also replacement underpriced, fee below the base fee */
    RPC_FAULT_NO_FUNDS,    /* gas × fee + value over the balance */
    RPC_FAULT_REJECTED_TX, /* the node will never take these bytes */
    RPC_FAULT_POOL_FULL,
    RPC_FAULT_UNAUTHORISED, /* key, quota, allow list: this endpoint only */
    RPC_FAULT_BUSY,         /* overloaded, syncing, time-out inside the node: later, or another */
    RPC_FAULT_INVALID_REQUEST, /* our own bug, or a node that cannot do it */
    RPC_FAULT_OTHER
};

/** One answer of one call. All pointers are lent by the rpc_answers that holds them. */
struct rpc_answer {
    enum rpc_fault fault;
    int64_t code;          /* of the error object, 0 where none */
    const char *message;   /* NUL-terminated, never NULL; "" where none */
    struct json_t *result; /* NULL where there was an error */
    struct bytes revert;   /* bytes of a revert, wherever the node put them */
    int64_t pause_ms;      /* that the error asks us to make; 0: it does not. Bounded by a day */
};

enum rpc_envelope {
    RPC_ENVELOPE_OK,
    RPC_ENVELOPE_TRANSPORT, /* the observation itself was a failure */
    RPC_ENVELOPE_GARBAGE,   /* no JSON, or JSON that is no answer to this request */
    RPC_ENVELOPE_MISSING    /* a batch with an id missing, doubled or foreign */
};

/** Owned; zero-initialise, then rpc_answers_release. Reuse keeps its memory. */
struct rpc_answers {
    enum rpc_envelope envelope;
    uint32_t count;
    uint32_t capacity;
    struct rpc_answer *answer; /* by position in the request, whatever order the node chose */
    struct json_t *root;
    struct bytes original; /* what long hex is read from: pass it to json_bytes and its like */
    struct buffer scratch;
    const char *why; /* for GARBAGE and MISSING: what was wrong */
};

/**
 * In:  observation  kind ANSWER
 *      id, calls    of the request it answers
 * An error object, a plain string, a bare array to a single call, or one error for a whole batch
 * become that fault in every answer. A revert as a *result* (0x08c379a0…) stays a result.
 */
void rpc_answers_parse(struct rpc_answers *out, const struct observation *observation, uint64_t id,
                       uint32_t calls);
void rpc_answers_release(struct rpc_answers *answers);

/** Whether rpc should try the next endpoint: transport failures, rate limits, busy nodes and the
 *  like; never for an answered execution error. Looks at the body's errors only. */
bool rpc_should_fail_over(const struct observation *observation, uint64_t id, uint32_t calls);

/** By code and the words of the message, in any case. `method` may be NULL, as it is where answers
 *  are parsed: whoever knows that it was eth_getLogs may ask again with the answer's code and
 *  message, because some say "limit exceeded" there and mean the range. */
enum rpc_fault rpc_fault_of(int64_t code, const char *message, const char *method);
const char *rpc_fault_text(enum rpc_fault fault);

/* Typed reading of results. False: not of that shape; *out is then unspecified. `original`: what
 * the JSON was shortened from (the field of rpc_answers); {0} where it was parsed as it came. */
MUST_CHECK bool json_quantity(uint64_t *out, const struct json_t *value);
/** With all of 64 digits it is false: no amount of wei is so large. */
MUST_CHECK bool json_u256(struct u256 *out, const struct json_t *value);
MUST_CHECK bool json_hash32(struct hash32 *out, const struct json_t *value, struct bytes original);
MUST_CHECK bool json_address(struct address *out, const struct json_t *value);
/** Appends the bytes of "0x…". */
MUST_CHECK bool json_bytes(struct buffer *out, const struct json_t *value, struct bytes original);
MUST_CHECK bool json_header(struct header *out, const struct json_t *value, struct bytes original);
/** `data` receives the log's data, which out->data then lends from `data`: until it grows. To read
 *  many, call log by log. A pending log (no block hash) is false. */
MUST_CHECK bool json_log(struct log *out, struct buffer *data, const struct json_t *value,
                         struct bytes original);

/** The JSON of an eth_getLogs filter: {"address":[…],"topics":[[…]],…}. `block`: for one block by
 *  hash; else from and to. */
void rpc_add_filter_by_hash(struct text *out, const struct log_filter *filter,
                            const struct hash32 *block);
void rpc_add_filter_range(struct text *out, const struct log_filter *filter, uint64_t from,
                          uint64_t to);
/** fromBlock and toBlock "latest". */
void rpc_add_filter_latest(struct text *out, const struct log_filter *filter);

#endif
