/* Memory that lives one turn: taken by moving a mark, given back all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/** Owned; zero-initialise, then arena_release. */
struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;
    size_t blocks;
};

/** Zeroed, aligned to 16. Lends: until arena_clear. */
void *arena_take(struct arena *arena, size_t size);
/** A copy, aligned as above, with a zero byte behind it. */
void *arena_copy(struct arena *arena, const void *data, size_t size);
/** A NUL-terminated copy. */
char *arena_text(struct arena *arena, const char *text, size_t length);
/** Everything taken is gone; blocks are kept, so a steady state allocates nothing. */
void arena_clear(struct arena *arena);
void arena_release(struct arena *arena);

#endif
