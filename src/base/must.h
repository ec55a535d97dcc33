/*
 * base: words that C forgot. Bytes, hex, text, 256-bit integers, units, an arena, a table.
 * It refuses to know Ethereum.
 *
 * This file: the three kinds of error meet here. A promise that we broke ourselves (MUST) and a
 * machine that is out of memory both end the process; the unit restarts and the journal recovers.
 * What the world does to us is never a MUST: it is a typed enum that the caller handles.
 */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/** Aborts, after must_report has been told what and where. */
_Noreturn void must_fail(const char *what, const char *file, int line);

/** Weak and silent here, because this room can neither write nor keep a handler in a global: the
 *  shell defines the strong one, which logs. It must not fail a MUST itself. */
void must_report(const char *what, const char *file, int line);

/** Always compiled in: a promise of this program to itself. */
#define MUST(condition) ((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

/** As calloc, realloc and free, but never NULL: a machine without memory ends the process. */
MUST_CHECK void *must_alloc(size_t count, size_t size);
MUST_CHECK void *must_realloc(void *old, size_t count, size_t size);

#endif
