/* What must hold of any log's reading, whatever the log. */
#ifndef TESTS_PROTOCOL_TOUCHED_CHECK_H
#define TESTS_PROTOCOL_TOUCHED_CHECK_H

#include "protocol/protocol.h"

/**
 * Reads the log into the market and aborts where the reading names an account that is not in the
 * log, a reserve that is none, or changes a market though the log was ignored or not understood.
 */
enum touch_error touched_check(struct market *market, const struct log *log);

#endif
