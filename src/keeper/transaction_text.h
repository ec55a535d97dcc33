/* A signed transaction in words: for a person, and for a program. */
#ifndef KEEPER_TRANSACTION_TEXT_H
#define KEEPER_TRANSACTION_TEXT_H

#include "base/text.h"
#include "eth/transaction.h"

/** What is said of one. `hash` is of the bytes on the wire. */
struct transaction_facts {
    const struct transaction *transaction;
    struct hash32 hash;
    struct address sender;
};

/** One object, without a newline: the fields of `tx decode --json`. */
void transaction_add_json(struct text *out, const struct transaction_facts *facts);
/** The same fields, one a line. */
void transaction_add_lines(struct text *out, const struct transaction_facts *facts);

#endif
