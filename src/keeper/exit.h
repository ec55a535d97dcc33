/* Exit codes of the surface. */
#ifndef KEEPER_EXIT_H
#define KEEPER_EXIT_H

enum exit_code {
    EXIT_DONE = 0,
    EXIT_INTERNAL = 1,
    EXIT_USAGE = 2,  /* the command line or the config is wrong */
    EXIT_CHAIN = 3,  /* the chain cannot be reached, or is not the one configured */
    EXIT_REFUSED = 4 /* the journal, key or signer refuses */
};

#endif
