/*
 * A node's socket carries one JSON text after the other, answers to many questions and pushes among
 * them. Where each one ends, and whose it is, is told by a scan that looks at brackets, quotes and
 * a few names: what an answer means is read later, by whoever asked. Pure: no socket here.
 */
#ifndef RPC_MESSAGE_H
#define RPC_MESSAGE_H

#include "eth/address.h"

/** Where the scan of a stream stands. Zero: before a text. */
struct frame {
    size_t depth;
    bool is_in_string;
    bool is_escaped;
};

enum frame_end {
    FRAME_OPEN,  /* the text goes on behind these bytes */
    FRAME_WHOLE, /* it ended; the next scan begins with the next text */
    FRAME_BROKEN /* neither object nor array: nobody can say where the next one begins */
};

/**
 * In:  bytes   what came next on the stream
 * Out: *used   bytes that belong to this text, or are space in front of it
 * Geth, its heirs and anvil put a newline between texts, or nothing.
 */
enum frame_end frame_scan(struct frame *frame, size_t *used, struct bytes bytes);

enum message_kind {
    MESSAGE_ANSWER, /* has an id of a question */
    MESSAGE_PUSH,   /* eth_subscription: of a head, or of what is not known */
    MESSAGE_POOL,   /* eth_subscription: a transaction that waits */
    MESSAGE_STRAY   /* names no question: an error that lost its id, or garbage */
};

struct message {
    enum message_kind kind;
    uint64_t id;   /* of an ANSWER: of the first in the list that has one */
    bool is_error; /* an ANSWER that is a single error */
    bool has_hash; /* of a PUSH: the new head's */
    struct hash32 hash;
    struct bytes pooled; /* of a POOL: the transaction's JSON, or the hash in its quotes; lent by
                            the text */
};

/** Of a whole text, or of as much of it as there is: what stands further behind is not known. */
void message_read(struct message *out, struct bytes text);

#endif
