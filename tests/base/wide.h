/*
 * A second implementation of whole numbers, as slow and plain as can be: products by adding,
 * quotients a bit at a time. Wide enough for a product of two words of the EVM and a carry.
 */
#ifndef TESTS_BASE_WIDE_H
#define TESTS_BASE_WIDE_H

#include "base/u256.h"

#define WIDE_WORDS 18

/* Least significant word first. */
struct wide {
    uint32_t word[WIDE_WORDS];
};

struct wide wide_of(const struct u256 *value);
struct wide wide_of_u64(uint64_t value);
int wide_compare(const struct wide *a, const struct wide *b);
bool wide_is_zero(const struct wide *a);
void wide_add(struct wide *a, const struct wide *b);
/** Wraps below zero. */
void wide_sub(struct wide *a, const struct wide *b);
bool wide_bit(const struct wide *a, int bit);
/** Of two numbers of at most 256 bits. */
struct wide wide_mul(const struct wide *a, const struct wide *b);
/** By anything but zero. */
void wide_divide(struct wide *quotient, struct wide *remainder, const struct wide *a,
                 const struct wide *b);
/** In 256 bits. */
bool wide_fits(const struct wide *a);
/** Of one that fits. */
struct u256 wide_to_u256(const struct wide *a);

#endif
