/*
 * Aave V3, from 3.0 to 3.7, and forks that number their revisions as Aave does. The config gives
 * the PoolAddressesProvider; everything else is read from there.
 */
#ifndef PROTOCOL_AAVE_V3_AAVE_V3_H
#define PROTOCOL_AAVE_V3_AAVE_V3_H

#include "protocol/protocol.h"

extern const struct protocol aave_v3;

#endif
