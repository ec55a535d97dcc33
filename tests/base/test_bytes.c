/* Views and buffers, and what MUST does about a promise that was broken. */
#include "base/bytes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

Test(buffer, keeps_what_it_holds_while_it_grows)
{
    BUFFER buffer = {0};
    for (unsigned i = 0; i < 10000; i++)
        buffer_add_byte(&buffer, (uint8_t)i);
    cr_assert(eq(sz, buffer.size, 10000));
    for (unsigned i = 0; i < 10000; i++)
        cr_assert(eq(u8, buffer.data[i], (uint8_t)i));
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    cr_expect(eq(sz, buffer.size, 0));
    cr_expect(eq(sz, buffer.capacity, capacity));
}

Test(buffer, lends_zeros_to_write_into)
{
    BUFFER buffer = {0};
    buffer_add(&buffer, "dirt", 4);
    buffer_clear(&buffer);
    uint8_t *start = buffer_extend(&buffer, 4);
    cr_expect(eq(int, memcmp(start, "\0\0\0\0", 4), 0));
    cr_expect(ne(ptr, buffer_extend(&buffer, 0), NULL));
    cr_expect(eq(sz, buffer.size, 4));
}

Test(buffer, is_empty_again_after_release)
{
    struct buffer buffer = {0};
    buffer_add(&buffer, "x", 1);
    buffer_release(&buffer);
    cr_expect(eq(ptr, buffer.data, NULL));
    cr_expect(eq(sz, buffer.size, 0));
    buffer_release(&buffer);
}

Test(buffer, ends_the_process_rather_than_wrap_around, .signal = SIGABRT)
{
    struct buffer buffer = {0};
    buffer_add_byte(&buffer, 1);
    buffer_reserve(&buffer, SIZE_MAX);
}

Test(bytes, compare_by_content)
{
    cr_expect(bytes_equal(bytes_of("ab", 2), bytes_of_text("ab")));
    cr_expect(not(bytes_equal(bytes_of_text("ab"), bytes_of_text("ac"))));
    cr_expect(not(bytes_equal(bytes_of_text("ab"), bytes_of_text("abc"))));
    cr_expect(bytes_equal((struct bytes){0}, bytes_of_text("")));
}

Test(bytes, are_cut_within_their_bounds)
{
    struct bytes all = bytes_of_text("abcdef");
    cr_expect(bytes_equal(bytes_slice(all, 2, 3), bytes_of_text("cde")));
    cr_expect(eq(sz, bytes_slice(all, 6, 0).size, 0));
    cr_expect(eq(sz, bytes_slice((struct bytes){0}, 0, 0).size, 0));
}

Test(bytes, are_not_cut_beyond_their_end, .signal = SIGABRT)
{
    (void)bytes_slice(bytes_of_text("abcdef"), 3, 4);
}

Test(bytes, are_not_cut_by_a_sum_that_wraps, .signal = SIGABRT)
{
    (void)bytes_slice(bytes_of_text("abcdef"), 3, SIZE_MAX);
}

Test(must, lets_a_kept_promise_pass)
{
    MUST(1 + 1 == 2);
}

Test(must, ends_the_process_over_a_broken_one, .signal = SIGABRT)
{
    MUST(1 + 1 == 3);
}

Test(must, gives_zeroed_memory_even_of_no_size)
{
    uint8_t *some = must_alloc(3, 5);
    for (int i = 0; i < 15; i++)
        cr_expect(eq(u8, some[i], 0));
    void *none = must_alloc(0, 8);
    cr_expect(ne(ptr, none, NULL));
    free(some);
    none = must_realloc(none, 0, 8);
    cr_expect(ne(ptr, none, NULL));
    free(none);
}

Test(must, does_not_allocate_a_product_that_wraps, .signal = SIGABRT)
{
    free(must_realloc(NULL, SIZE_MAX / 2, 3));
}
