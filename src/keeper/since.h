/* Points in time as an operator writes them. */
#ifndef KEEPER_SINCE_H
#define KEEPER_SINCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/must.h"

/** "2025-10-10T21:00:00Z", "2025-10-10T23:00:00.5+02:00" (RFC 3339), or "2h", "15m": so long before
 *  now_ms. Out: ms since 1970. False: neither. */
MUST_CHECK bool since_parse(int64_t *out_ms, const char *text, int64_t now_ms);
/** "2025-10-10 21:00:00", in UTC. */
void time_format(char out[24], int64_t time_ms);

#endif
