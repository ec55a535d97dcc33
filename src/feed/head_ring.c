/* Which blocks were ours, and at which of them we stood: a walk back ends only where there is a
 * state to go back to, while a block that we merely passed is known for no stranger. */
#include <string.h>

#include "feed/head.h"

static bool mark_is_used(const struct head_mark *mark)
{
    return !hash32_is_zero(&mark->block.hash);
}

const struct head_mark *head_mark_of(const struct head *head, const struct hash32 *hash)
{
    for (uint32_t i = 0; i < HEAD_RING; i++) {
        if (mark_is_used(&head->ring[i]) && hash32_is_equal(&head->ring[i].block.hash, hash))
            return &head->ring[i];
    }
    return NULL;
}

const struct head_mark *head_mark_at(const struct head *head, uint64_t number)
{
    const struct head_mark *mark = &head->ring[number % HEAD_RING];

    return mark_is_used(mark) && mark->block.number == number ? mark : NULL;
}

void head_mark_put(struct head *head, const struct block_ref *block, bool is_stood)
{
    head->ring[block->number % HEAD_RING] = (struct head_mark){*block, is_stood};
}

void head_mark_drop(struct head *head, uint64_t number)
{
    for (uint32_t i = 0; i < HEAD_RING; i++) {
        if (head->ring[i].block.number > number)
            memset(&head->ring[i], 0, sizeof(head->ring[i]));
    }
}

const struct head_mark *head_mark_stood(const struct head *head, uint64_t number)
{
    const struct head_mark *best = NULL;

    for (uint32_t i = 0; i < HEAD_RING; i++) {
        const struct head_mark *mark = &head->ring[i];

        if (mark_is_used(mark) && mark->is_stood && mark->block.number <= number &&
            (best == NULL || mark->block.number > best->block.number))
            best = mark;
    }
    return best;
}

bool head_mark_is_oldest(const struct head *head, uint64_t number)
{
    return number == 0 || head_mark_stood(head, number - 1) == NULL;
}
