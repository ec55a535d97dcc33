/* One market as turns keep it: what it is, who is in it, and how far both are believed. */
#ifndef TURN_TRACKED_H
#define TURN_TRACKED_H

#include "mirror/book.h"
#include "mirror/mirror.h"
#include "protocol/protocol.h"
#include "risk/watch.h"
#include "turn/audit.h"

struct tracked {
    struct market market;
    struct book *book;
    struct watch *watch; /* over `book` */
    struct risk_sweep sweep;
    const struct protocol *protocol;
    struct market *copies; /* the market at each checkpoint, BOOK_CHECKPOINTS; NULL: none yet */
    uint32_t copy_next;
    uint64_t read_errors;
    uint64_t undecodable;   /* logs */
    uint64_t audited_block; /* a sample equalled the chain there, whole; 0: never */
    uint64_t parity_asked;  /* accounts of the last sample before trust */
    uint64_t parity_equal;
    uint64_t parity_wrong;
    struct market_audit audit;
    uint32_t unread;        /* reserves whose terms could not be read at the newest block */
    bool is_complete;       /* at the newest block, but for what one reserve lacks */
    bool is_restored;       /* `book` is a kept one, and what happened since is not in it yet */
    struct mirror restored; /* what is known of that one; its book is `book` */
    char why[96];           /* of a market that cannot be read or trusted */
};

#endif
