/* Flights to test with: a fleet whose count is known, a draft, and a signature that decodes. */
#ifndef TESTS_SUBMIT_FLEETS_H
#define TESTS_SUBMIT_FLEETS_H

#include "submit/submit.h"

#define CHAIN_ID 31337

/** Zeroed, on the heap; free it. */
struct fleet *fleet_new(uint64_t transaction_count);
/** A draft with fees and gas, of that account number. */
struct flight *flight_drafted(struct fleet *fleet, uint8_t account);
/** The wire bytes of the flight's transaction, under a signature that is none of any key. */
void flight_sign(struct buffer *out, const struct flight *flight, uint64_t chain_id);
/** Drafted, signed and taken by a node. */
struct flight *flight_launched(struct fleet *fleet, uint8_t account);
/** A receipt of that flight's hash. */
struct receipt receipt_of(const struct flight *flight, bool succeeded);
/** SplitMix64: the same numbers everywhere. */
uint64_t random_next(uint64_t *state);

#endif
