/* What a contract's refusal means to a keeper, whatever the version's spelling. */
#ifndef PROTOCOL_REVERT_H
#define PROTOCOL_REVERT_H

#include "base/bytes.h"

enum revert_meaning {
    REVERT_UNKNOWN,
    REVERT_HEALTHY, /* the price came back, or somebody else was first */
    REVERT_PAUSED,
    REVERT_GRACE,
    REVERT_DUST,
    REVERT_NO_FUNDS, /* our balance or allowance */
    REVERT_NO_LIQUIDITY,
    REVERT_NO_DEBT, /* nothing owed in that asset any more: lost race */
    REVERT_NO_PRICE
};
enum revert_meaning revert_meaning_of(struct bytes revert);
const char *revert_meaning_text(enum revert_meaning meaning);

#endif
