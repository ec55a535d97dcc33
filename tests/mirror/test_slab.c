/* Runs of legs: as long as asked for, never shared, used again. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "mirror/slab.h"

Test(slab, a_class_holds_what_is_asked_and_little_more)
{
    for (uint32_t count = 1; count <= LEGS_MAX; count++) {
        uint32_t capacity = slab_capacity(slab_class(count));
        cr_expect(ge(u32, capacity, count));
        cr_expect(le(u32, capacity, 2 * count));
    }
}

Test(slab, runs_do_not_overlap)
{
    struct slab slab;
    uint32_t run[3000];

    slab_init(&slab);
    for (uint32_t i = 0; i < ARRAY_LENGTH(run); i++) {
        uint8_t size_class = (uint8_t)(i % SLAB_CLASSES);
        run[i] = slab_take(&slab, size_class);
        struct leg *legs = slab_legs(&slab, run[i]);
        for (uint32_t k = 0; k < slab_capacity(size_class); k++)
            legs[k] = (struct leg){.supplied = i, .reserve = (uint16_t)k};
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(run); i++) {
        const struct leg *legs = slab_legs(&slab, run[i]);
        for (uint32_t k = 0; k < slab_capacity((uint8_t)(i % SLAB_CLASSES)); k++) {
            cr_assert(eq(u64, (uint64_t)legs[k].supplied, i));
            cr_assert(eq(u16, legs[k].reserve, (uint16_t)k));
        }
    }
    slab_release(&slab);
}

Test(slab, what_is_given_back_is_taken_again)
{
    struct slab slab;

    slab_init(&slab);
    uint32_t first = slab_take(&slab, slab_class(3));
    uint32_t second = slab_take(&slab, slab_class(3));
    slab_give(&slab, first, slab_class(3));
    slab_give(&slab, second, slab_class(3));
    cr_expect(eq(u32, slab_take(&slab, slab_class(3)), second));
    cr_expect(eq(u32, slab_take(&slab, slab_class(3)), first));
    size_t memory = slab_memory(&slab);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t run = slab_take(&slab, slab_class(1 + i % 128));
        slab_give(&slab, run, slab_class(1 + i % 128));
    }
    cr_expect(eq(sz, slab_memory(&slab), memory), "a steady state grows");
    slab_release(&slab);
}
