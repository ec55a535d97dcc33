/*
 * Money and time carry their unit in their type. A struct wei cannot be added to a struct wad, and
 * a bare number in a config is refused where a unit is needed.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/u256.h"

/** 1e18 is one whole native coin. */
struct wei {
    struct u256 value;
};

/** Smallest units of one token; which token, the context says. */
struct token_amount {
    struct u256 value;
};

/** 1e18 is one. */
struct wad {
    struct u256 value;
};

/** 1e27 is one. */
struct ray {
    struct u256 value;
};

#define WAD_ONE_U64 1000000000000000000ULL

enum unit_error {
    UNIT_OK,
    UNIT_MISSING,   /* a bare number */
    UNIT_UNKNOWN,   /* "5 parsec" */
    UNIT_MALFORMED, /* no number, two points, more digits than the unit has */
    UNIT_TOO_LARGE
};

/** "300 gwei", "0.005 ether", "7 wei", "0 ether"; exactly representable in wei or refused. */
MUST_CHECK enum unit_error wei_parse(struct wei *out, const char *text);
/** "250ms", "12s", "5m", "2h", "7d", with or without a space, in milliseconds. */
MUST_CHECK enum unit_error duration_parse(int64_t *out_ms, const char *text);
/** "1500 USDC": whole tokens, cut into units of `decimals`. Out: the symbol, at most 31 characters.
 */
MUST_CHECK enum unit_error token_parse(struct token_amount *out, char symbol[32], const char *text,
                                       unsigned decimals);
/** "0.95", "1", "12.5": into wad, exact or refused. */
MUST_CHECK enum unit_error wad_parse(struct wad *out, const char *text);
/** What the error means, for an operator. */
const char *unit_error_text(enum unit_error error);

#endif
