/* Who signed it. No key here. */
#ifndef SIGN_RECOVER_H
#define SIGN_RECOVER_H

#include "eth/transaction.h"

/** False: r, s and the parity give no point. */
MUST_CHECK bool transaction_sender(struct address *out, const struct transaction *transaction);

#endif
