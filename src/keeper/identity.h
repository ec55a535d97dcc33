/* Whose journal it is: one never serves two chains or two accounts. */
#ifndef KEEPER_IDENTITY_H
#define KEEPER_IDENTITY_H

#include "turn/settings.h"

#define JOURNAL_IDENTITY_SIZE 96

/** "31337 0xabc…" */
void journal_identity(char out[JOURNAL_IDENTITY_SIZE], const struct settings *settings);

#endif
