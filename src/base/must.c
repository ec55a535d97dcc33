/*
 * A daemon that goes on after breaking its own promise sends money on the word of a bug. So it
 * ends, at once and in every build, and comes back through its journal.
 */
#include "base/must.h"

#include <stdlib.h>

__attribute__((weak)) void must_report(const char *what, const char *file, int line)
{
    (void)what;
    (void)file;
    (void)line;
}

void must_fail(const char *what, const char *file, int line)
{
    must_report(what, file, line);
    abort();
}

void *must_alloc(size_t count, size_t size)
{
    /* calloc(0, …) may answer NULL, which here means something else. */
    void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (memory == NULL)
        must_fail("out of memory", __FILE__, __LINE__);
    return memory;
}

void *must_realloc(void *old, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        must_fail("allocation over SIZE_MAX", __FILE__, __LINE__);
    void *memory = realloc(old, total == 0 ? 1 : total);
    if (memory == NULL)
        must_fail("out of memory", __FILE__, __LINE__);
    return memory;
}
