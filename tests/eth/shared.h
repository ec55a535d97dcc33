/* Material beside the tree, which need not be there: the test is then skipped, and says so. */
#ifndef TESTS_ETH_SHARED_H
#define TESTS_ETH_SHARED_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/bytes.h"

/** Appends the file and a NUL; skips the test that calls it where the file is absent. */
static inline void shared_read(struct buffer *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "[SKIP] %s is absent\n", path);
        cr_skip_test("%s is absent", path); /* which Criterion shows only when it is verbose */
    }
    size_t size;
    do {
        buffer_reserve(out, 65536);
        size = fread(out->data + out->size, 1, 65536, file);
        out->size += size;
    } while (size > 0);
    fclose(file);
    buffer_add_byte(out, '\0');
}

#endif
