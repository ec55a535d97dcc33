/* A sound config of known lines, and the same with one thing wrong in it. */
#ifndef TESTS_KEEPER_CONFIG_FIXTURE_H
#define TESTS_KEEPER_CONFIG_FIXTURE_H

#include "keeper/config.h"

/* Line 1 is "chain:"; see config_fixture.c */
extern const char config_sound[];

/** The sound text with the first `old` replaced; `old` must be there. Gives: free. */
char *config_with(const char *old, const char *fresh);
/** Faults of reading that as a file "t.yaml" would be, machine's part included; "" where it is
 * sound. Gives: free. */
char *config_faults_of(const char *text);
/** Must parse. */
void config_of(struct config *out, const char *text);

#endif
