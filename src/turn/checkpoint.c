/*
 * A block that was read whole may turn out never to have been. What stood at the last blocks is
 * kept: of a book what changed since, of a market, which is flat and small, a copy.
 */
#include <stdlib.h>

#include "turn/inside.h"

static struct market *copy_of(const struct tracked *tracked, const struct block_ref *block)
{
    for (uint32_t i = 0; tracked->copies != NULL && i < BOOK_CHECKPOINTS; i++) {
        const struct block_ref *of = &tracked->copies[i].block;

        if (of->number == block->number && hash32_is_equal(&of->hash, &block->hash))
            return &tracked->copies[i];
    }
    return NULL;
}

void checkpoint_take(struct turn_state *state)
{
    const struct block_ref block = {state->header.number, state->header.hash};

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct market *copy = copy_of(tracked, &block);

        if (tracked->copies == NULL)
            tracked->copies = must_alloc(BOOK_CHECKPOINTS, sizeof(*tracked->copies));
        if (copy == NULL) {
            copy = &tracked->copies[tracked->copy_next];
            tracked->copy_next = (tracked->copy_next + 1) % BOOK_CHECKPOINTS;
        }
        market_become(copy, &tracked->market);
        book_checkpoint(tracked->book, &block);
    }
    head_stand(&state->follow);
    state->checkpoint_is_due = false;
}

void checkpoint_catch_up(struct turn_state *state)
{
    if (state->checkpoint_is_due)
        checkpoint_take(state);
}

bool checkpoint_rewind(struct turn_state *state, const struct block_ref *block)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (copy_of(&state->tracked[i], block) == NULL ||
            !book_has_checkpoint(state->tracked[i].book, block))
            return false;
    }
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        const struct market *copy = copy_of(tracked, block);

        if (!book_rewind(tracked->book, block))
            return false;
        tracked->market = *copy;
        risk_sweep_forget(&tracked->sweep); /* whoever it found may have no slot any more */
        tracked->copy_next = (uint32_t)(copy - tracked->copies + 1) % BOOK_CHECKPOINTS;
        if (tracked->audited_block > block->number)
            tracked->audited_block = 0;
    }
    blocks_filter(state);
    return true;
}

void checkpoint_forget(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        book_forget_checkpoints(state->tracked[i].book);
        free(state->tracked[i].copies);
        state->tracked[i].copies = NULL;
        state->tracked[i].copy_next = 0;
    }
}
