/* The next member of a large set, against looking at each. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "mirror/bitmap.h"
#include "tests/base/random.h"

#define BITS 300000u

Test(bitmap, is_empty_at_first)
{
    struct bitmap bitmap = {0};

    cr_expect(eq(u32, bitmap_next(&bitmap, 0), BITMAP_NONE));
    cr_expect(not(bitmap_has(&bitmap, 7)));
    bitmap_set(&bitmap, 7, false);
    cr_expect(eq(u32, bitmap.count, 0));
    bitmap_release(&bitmap);
}

Test(bitmap, finds_members_in_order_and_forgets_them)
{
    static const uint32_t members[] = {0, 63, 64, 4095, 4096, 262143, 262144, 17000000};
    struct bitmap bitmap = {0};

    for (size_t i = ARRAY_LENGTH(members); i-- > 0;)
        bitmap_set(&bitmap, members[i], true);
    cr_expect(eq(u32, bitmap.count, ARRAY_LENGTH(members)));
    uint32_t from = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        cr_expect(eq(u32, bitmap_next(&bitmap, from), members[i]));
        from = members[i] + 1;
    }
    cr_expect(eq(u32, bitmap_next(&bitmap, from), BITMAP_NONE));
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        bitmap_set(&bitmap, members[i], false);
    cr_expect(eq(u32, bitmap_next(&bitmap, 0), BITMAP_NONE));
    bitmap_release(&bitmap);
}

Test(bitmap, equals_a_plain_array_whatever_is_done)
{
    bool *plain = must_alloc(BITS, sizeof(*plain));
    struct bitmap bitmap = {0};
    uint64_t state = 5;

    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t index = (uint32_t)random_below(&state, BITS);
        bool is_member = random_below(&state, 3) == 0;
        plain[index] = is_member;
        bitmap_set(&bitmap, index, is_member);
    }
    uint32_t count = 0;
    uint32_t next = bitmap_next(&bitmap, 0);
    for (uint32_t i = 0; i < BITS; i++) {
        cr_assert(eq(int, bitmap_has(&bitmap, i), plain[i]));
        if (!plain[i])
            continue;
        count++;
        cr_assert(eq(u32, next, i));
        next = bitmap_next(&bitmap, i + 1);
    }
    cr_expect(eq(u32, next, BITMAP_NONE));
    cr_expect(eq(u32, bitmap.count, count));
    bitmap_release(&bitmap);
    free(plain);
}
