/* What `check` has found so far, and how it is said: a fault a line on standard error, with the
 * place and what to do; what is well and what is worth knowing on standard output. */
#ifndef KEEPER_CHECK_H
#define KEEPER_CHECK_H

#include "keeper/config.h"
#include "keeper/exit.h"
#include "turn/state.h"

struct check {
    const struct config *config;
    bool has_ink;
    int code; /* lowest of the faults; EXIT_DONE: none */
    unsigned faults;
    unsigned notes;
};

/** Begins with the `plimsoll check:` that every error of this command begins with. */
__attribute__((format(printf, 4, 5))) void check_fault(struct check *check, int code,
                                                       const char *where, const char *format, ...);
/** Worth knowing, and no fault. */
__attribute__((format(printf, 3, 4))) void check_note(struct check *check, const char *where,
                                                      const char *format, ...);
__attribute__((format(printf, 3, 4))) void check_well(struct check *check, const char *where,
                                                      const char *format, ...);
/** A fault where the config would send, else a note. */
__attribute__((format(printf, 4, 5))) void
check_fault_if_live(struct check *check, int code, const char *where, const char *format, ...);

/** check_chain.c: each endpoint, and code at each address. True: a mirror can be built. */
bool check_chain(struct check *check);
/** check_market.c: what the mirror shows of each market, and what keeper.account has to work with.
 */
void check_market(struct check *check, const struct turn_state *state, uint32_t index);
void check_gas(struct check *check, const struct turn_state *state);
/** check_machine.c: the key, through the signer as `run` would; the journal, without its lock. */
void check_key(struct check *check);
void check_journal(struct check *check);

#endif
