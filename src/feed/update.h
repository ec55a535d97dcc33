/*
 * What a call that is not mined yet would make a price feed say. Who asks for prices reads them at
 * a block; this reads them out of the calldata of the transaction that will set them. One row for
 * each kind of call (update.c); what none of them takes whole is no update.
 */
#ifndef FEED_UPDATE_H
#define FEED_UPDATE_H

#include "base/u256.h"
#include "eth/address.h"

/** Of a call: Chainlink's largest, 31 observations and as many signatures, has less than 4 KiB. */
#define UPDATE_DATA_MAX 8192
/** Chainlink's maxNumOracles (OffchainAggregatorBilling, OCR2Abstract). */
#define UPDATE_OBSERVATIONS_MAX 31

enum update_error {
    UPDATE_OK,
    UPDATE_UNKNOWN,   /* of no kind that sets a price */
    UPDATE_MALFORMED, /* of such a kind, and not as its contract takes it */
    UPDATE_NO_PRICE   /* what it would say is zero or below */
};

struct update {
    struct address feed; /* the contract whose latestAnswer() it sets */
    struct u256 answer;  /* what that would be, in the feed's own unit */
};

/** The contract that a call is meant for, whoever hands it on; false: it names none. */
MUST_CHECK bool update_target(struct address *out, const struct address *to, struct bytes data);
MUST_CHECK enum update_error update_decode(struct update *out, const struct address *to,
                                           struct bytes data);
const char *update_error_text(enum update_error error);

#endif
