/* What is known of the way on which a flight's bytes last left. */
#ifndef TURN_SEND_H
#define TURN_SEND_H

#include "submit/outcome.h"

/** The last posting of a flight's bytes, to one endpoint or to several. */
struct sending {
    uint64_t first;         /* id of its first ask */
    uint32_t count;         /* asks; each has the id behind the one before */
    uint32_t left;          /* not answered yet */
    enum send_outcome best; /* of those that were */
    /* of the flight, from one posting to the next; 0 in a new life, which posts anew */
    uint64_t private_until; /* relays were asked to try so long */
    uint64_t bundled_block; /* the last that it was offered for */
};

/** Methods by which bytes are posted. */
enum send_way { SEND_WAY_PUBLIC, SEND_WAY_PRIVATE, SEND_WAY_BUNDLE };

#define SEND_WAY_COUNT 3

#endif
