/*
 * Lists of slots. Ten thousand that are due at once are put in order by their digits: comparing
 * them would cost more than judging a tenth of them.
 */
#include <stdlib.h>
#include <string.h>

#include "risk/inside.h"

#define FIRST_CAPACITY 64u
/* So few are sorted by comparing. */
#define FEW 256u
#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)

void slot_list_grow(struct slot_list *list, uint32_t count)
{
    list->capacity = list->capacity == 0 ? FIRST_CAPACITY : list->capacity * 2;
    list->capacity = list->capacity < count ? count : list->capacity;
    list->slot = must_realloc(list->slot, list->capacity, sizeof(*list->slot));
}

static int slot_compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* By one digit, in an order that keeps what stood there. */
static void digit_sort(uint32_t *out, const struct slot_list *list, uint32_t shift)
{
    uint32_t place[DIGITS] = {0};
    uint32_t before = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        place[list->slot[i] >> shift & (DIGITS - 1)]++;
    }
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        const uint32_t count = place[digit];

        place[digit] = before;
        before += count;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        out[place[list->slot[i] >> shift & (DIGITS - 1)]++] = list->slot[i];
    }
}

void slot_list_sort(struct slot_list *list, struct slot_list *scratch)
{
    if (list->count <= FEW) {
        if (list->count > 1) {
            qsort(list->slot, list->count, sizeof(*list->slot), slot_compare);
        }
        return;
    }
    slot_list_reserve(scratch, list->count);
    for (uint32_t shift = 0; shift < 32; shift += DIGIT_BITS) {
        digit_sort(scratch->slot, list, shift);
        memcpy(list->slot, scratch->slot, list->count * sizeof(*list->slot));
    }
}
