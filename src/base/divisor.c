/*
 * What is prepared once for a divisor. The inverse of one that is known only at run time is itself
 * a division, by schoolbook digits: compilers make a library call of one of 128 bits.
 */
#include "base/divisor.h"

#include "base/must.h"

const struct divisor divisor_tens[DIVISOR_DECIMALS_MAX + 1] = {
    DIVISOR(1u),
    DIVISOR(10u),
    DIVISOR(100u),
    DIVISOR(1000u),
    DIVISOR(10000u),
    DIVISOR(100000u),
    DIVISOR(1000000u),
    DIVISOR(10000000u),
    DIVISOR(100000000u),
    DIVISOR(1000000000u),
    DIVISOR(10000000000u),
    DIVISOR(100000000000u),
    DIVISOR(1000000000000u),
    DIVISOR(10000000000000u),
    DIVISOR(100000000000000u),
    DIVISOR(1000000000000000u),
    DIVISOR(10000000000000000u),
    DIVISOR(100000000000000000u),
    DIVISOR(1000000000000000000u),
    DIVISOR(10000000000000000000u),
};

/*
 * One digit of 32 bits of (rest × 2^32 + next) / divisor, with rest < divisor, whose top bit is
 * set: a guess from the top halves is at most two too large (Knuth, 4.3.1, algorithm D).
 * Out: *rest, what is left.
 */
static uint64_t divide_digit(uint64_t *rest, uint64_t next, uint64_t divisor)
{
    const uint64_t top = divisor >> 32;
    const uint64_t bottom = divisor & UINT32_MAX;
    uint64_t digit = *rest / top;
    uint64_t left = *rest % top;

    while (left <= UINT32_MAX && (digit > UINT32_MAX || digit * bottom > (left << 32 | next))) {
        digit--;
        left += top;
    }
    *rest = (*rest << 32 | next) - digit * divisor;
    return digit;
}

/* floor((2^128 - 1) / d) - 2^64 is floor(((2^64 - 1 - d) × 2^64 + 2^64 - 1) / d), and 2^64 - 1 - d
 * lies below d, whose top bit is set. */
struct divisor divisor_of(uint64_t value)
{
    MUST(value != 0);
    const uint32_t shift = DIVISOR_SHIFT(value);
    const uint64_t scaled = value << shift;
    uint64_t rest = ~scaled;
    const uint64_t high = divide_digit(&rest, UINT32_MAX, scaled);
    const uint64_t low = divide_digit(&rest, UINT32_MAX, scaled);

    return (struct divisor){scaled, high << 32 | low, shift};
}
