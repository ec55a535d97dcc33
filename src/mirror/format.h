/* What mirror_encode and mirror_decode agree on. Nobody else includes it. */
#ifndef MIRROR_FORMAT_H
#define MIRROR_FORMAT_H

#include "mirror/inside.h"
#include "mirror/mirror.h"

/* magic 8, format 4, chain 8, from 8, name 32, root 20, protocol 4, revision 4, block 8 and its
 * hash 32, timestamp 8, reserves 4, accounts 4, bytes behind the header 8. */
#define MIRROR_MAGIC "plimsoll"
#define MIRROR_MAGIC_SIZE 8
#define MIRROR_HEADER_SIZE 152
/* An account: address 20, category 1, flags 1, legs 1. A leg: reserve 1, flags 1, and for each
 * amount that is known its length in bytes 1, and as many. */
#define MIRROR_ACCOUNT_SIZE 23

#define MIRROR_ACCOUNT_FLAGS (POSITION_UNSUPPORTED | RECORD_WANTS | RECORD_KNOWN)
#define MIRROR_LEG_FLAGS (LEG_COLLATERAL | LEG_DEBT | LEG_TOUCHED | LEG_KNOWS)

_Static_assert(MIRROR_ACCOUNT_FLAGS == (2 | 16 | 32 | 64), "another value is a new MIRROR_FORMAT");
_Static_assert(MIRROR_LEG_FLAGS == (1 | 2 | 8 | 16 | 32), "another value is a new MIRROR_FORMAT");
_Static_assert(RESERVES_MAX <= 256 && CATEGORIES_MAX <= 256, "both are a byte");
_Static_assert(LEGS_MAX <= 255, "so are they");

/** Which amounts of a leg matter: those that are kept. */
static inline unsigned leg_needs(unsigned flags)
{
    return ((flags & LEG_COLLATERAL) != 0 ? LEG_KNOWS_SUPPLIED : 0u) |
           ((flags & LEG_DEBT) != 0 ? LEG_KNOWS_OWED : 0u);
}

#endif
