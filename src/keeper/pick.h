/* --config, --market and --account, as health and explain understand them. */
#ifndef KEEPER_PICK_H
#define KEEPER_PICK_H

#include "turn/state.h"

struct pick {
    const char *market; /* NULL: any */
    bool has_account;
    struct address account;
};

/** False, after an error line: no config is named, or the account is no address. NULL: not given.
 */
MUST_CHECK bool pick_read(struct pick *out, const char *command, const char *config,
                          const char *market, const char *account);
/** False, after an error line that names the markets there are: none is called so. */
MUST_CHECK bool pick_is_known(const struct pick *pick, const char *command,
                              const struct turn_state *state);
bool pick_has_market(const struct pick *pick, const struct tracked *tracked);
bool pick_has_account(const struct pick *pick, const struct address *account);

#endif
