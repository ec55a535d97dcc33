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

struct config_refusal {
    const char *old;
    const char *fresh;
    const char *fault; /* how the only fault begins, or all of it */
};

/** Asserts that config_sound with `old` made `fresh` is refused, for that and nothing else. */
void config_refused(const struct config_refusal *row);

#define REFUSED(...)                                                                               \
    const struct config_refusal rows[] = {__VA_ARGS__};                                            \
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)                                                \
    config_refused(&rows[i])

#endif
