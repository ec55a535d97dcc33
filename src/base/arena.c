/*
 * A turn takes hundreds of small things that all die together. Taking them from the heap would cost
 * a search and a free each, and every forgotten free would be a leak in a process that runs for
 * months. Here they cost an addition, and the turn's end frees them all.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define ARENA_ALIGNMENT 16
#define ARENA_BLOCK_MIN ((size_t)64 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(ARENA_ALIGNMENT) uint8_t data[];
};

/* A kept block behind the current one that is large enough, unlinked; NULL where there is none. */
static struct arena_block *arena_unlink_fitting(struct arena_block *current, size_t size)
{
    for (struct arena_block **link = &current->next; *link != NULL; link = &(*link)->next) {
        struct arena_block *block = *link;
        if (block->size >= size) {
            *link = block->next;
            return block;
        }
    }
    return NULL;
}

/* Makes a block of at least `size` the current one. It is linked right behind the old one, so that
 * no kept block is skipped and lost to the rest of the turn. */
static void arena_advance(struct arena *arena, size_t size)
{
    struct arena_block *current = arena->current;
    struct arena_block *block = current == NULL ? NULL : arena_unlink_fitting(current, size);
    if (block == NULL) {
        size_t room = size > ARENA_BLOCK_MIN ? size : ARENA_BLOCK_MIN;
        MUST(room <= SIZE_MAX - sizeof *block);
        block = must_realloc(NULL, sizeof *block + room, 1);
        block->size = room;
        arena->blocks++;
    }
    if (current == NULL) {
        block->next = NULL;
        arena->first = block;
    } else {
        block->next = current->next;
        current->next = block;
    }
    arena->current = block;
    arena->used = 0;
}

/* Not zeroed. Out: *rounded  bytes of it */
static void *arena_room(struct arena *arena, size_t *rounded, size_t size)
{
    MUST(size <= SIZE_MAX - ARENA_ALIGNMENT);
    *rounded = (size + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (*rounded == 0) /* two empty things still have two addresses */
        *rounded = ARENA_ALIGNMENT;
    if (arena->current == NULL || arena->current->size - arena->used < *rounded)
        arena_advance(arena, *rounded);
    void *room = arena->current->data + arena->used;
    arena->used += *rounded;
    return room;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t rounded;
    void *taken = arena_room(arena, &rounded, size);
    memset(taken, 0, rounded);
    return taken;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    MUST(size < SIZE_MAX);
    size_t rounded;
    uint8_t *copy = arena_room(arena, &rounded, size + 1);
    if (size != 0)
        memcpy(copy, data, size);
    copy[size] = 0;
    return copy;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    return arena_copy(arena, text, length);
}

void arena_clear(struct arena *arena)
{
    arena->current = arena->first;
    arena->used = 0;
}

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena->first;
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct arena){0};
}
