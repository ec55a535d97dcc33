/* One sentence for an operator, in the caller's 256 bytes: what was wrong, where, what to do. */
#ifndef SIGN_WHY_H
#define SIGN_WHY_H

#define WHY_SIZE 256

/** Cuts what does not fit. Never hand it a secret. */
__attribute__((format(printf, 2, 3))) void why_set(char why[WHY_SIZE], const char *format, ...);

#endif
