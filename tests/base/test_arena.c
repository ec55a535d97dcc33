/* Memory that lives one turn. */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/base/random.h"

Test(arena, gives_zeroed_aligned_memory)
{
    struct arena arena = {0};
    for (size_t size = 0; size < 300; size++) {
        uint8_t *some = arena_take(&arena, size);
        cr_assert(eq(u64, (uint64_t)some % 16, 0));
        for (size_t i = 0; i < size; i++)
            cr_assert(eq(u8, some[i], 0));
        memset(some, 0xff, size);
    }
    arena_clear(&arena);
    const uint8_t *again = arena_take(&arena, 64);
    for (size_t i = 0; i < 64; i++)
        cr_assert(eq(u8, again[i], 0));
    arena_release(&arena);
}

Test(arena, copies_what_it_is_given_and_zeroes_what_is_taken_behind)
{
    struct arena arena = {0};
    uint8_t from[300];
    memset(from, 0xee, sizeof from);
    for (size_t size = 0; size < sizeof from; size++) {
        arena_clear(&arena);
        uint8_t *copy = arena_copy(&arena, from, size);
        const uint8_t *taken = arena_take(&arena, 40);
        cr_assert(eq(u64, (uint64_t)copy % 16, 0));
        cr_assert(eq(int, memcmp(copy, from, size), 0));
        cr_assert(eq(u8, copy[size], 0));
        for (size_t i = 0; i < 40; i++)
            cr_assert(eq(u8, taken[i], 0));
    }
    arena_release(&arena);
}

Test(arena, gives_two_things_two_addresses)
{
    struct arena arena = {0};
    void *one = arena_take(&arena, 0);
    cr_expect(ne(ptr, one, arena_take(&arena, 0)));
    arena_release(&arena);
}

Test(arena, allocates_nothing_in_a_steady_state)
{
    struct arena arena = {0};
    uint64_t state = 10;
    size_t size[200];
    for (size_t i = 0; i < 200; i++)
        size[i] = random_below(&state, 300000);
    for (size_t i = 0; i < 200; i++)
        arena_take(&arena, size[i]);
    size_t blocks = arena.blocks;
    for (int turn = 0; turn < 10; turn++) {
        arena_clear(&arena);
        for (size_t i = 0; i < 200; i++)
            memset(arena_take(&arena, size[i]), 0xff, size[i]);
    }
    cr_expect(eq(sz, arena.blocks, blocks));
    arena_release(&arena);
}

Test(arena, uses_a_kept_large_block_although_a_small_one_comes_first)
{
    struct arena arena = {0};
    arena_take(&arena, 60000);
    arena_take(&arena, 60000);
    arena_take(&arena, 1000000);
    size_t blocks = arena.blocks;
    arena_clear(&arena);
    arena_take(&arena, 60000);
    arena_take(&arena, 1000000);
    arena_take(&arena, 60000);
    cr_expect(eq(sz, arena.blocks, blocks));
    arena_release(&arena);
}

Test(arena, copies_text_and_ends_it)
{
    struct arena arena = {0};
    char *text = arena_text(&arena, "abcdef", 3);
    cr_expect(eq(str, text, "abc"));
    cr_expect(eq(str, arena_text(&arena, NULL, 0), ""));
    arena_release(&arena);
}

Test(arena, is_empty_after_release)
{
    struct arena arena = {0};
    arena_take(&arena, 1);
    arena_release(&arena);
    cr_expect(eq(ptr, arena.first, NULL));
    cr_expect(eq(sz, arena.blocks, 0));
    arena_take(&arena, 1);
    arena_release(&arena);
}
