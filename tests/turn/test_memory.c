/* What was said, tried and waited for at blocks that never were, and terms that changed there. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/keeper/state_fixture.h"
#include "turn/inside.h"

static struct memory *memory_at(struct turn_state *state, uint64_t block)
{
    struct address account = address_named(1);
    struct memory *memory = memory_of(state, 0, &account);

    state->header.number = block;
    memory->block = memory->first_block = memory->wait_block = memory->simulated_block = block;
    memory->simulation = SIMULATION_FAILED;
    memory->verdict = VERDICT_LIQUIDATE;
    memory_back_off(state, memory);
    cr_assert(memory->retry_block > block);
    return memory;
}

Test(memory, forgets_what_was_said_and_tried_at_a_block_that_vanished)
{
    struct turn_state *state = a_state();
    struct memory *memory = memory_at(state, 80);

    memory_rewind(state, 79);
    cr_assert(memory->is_void, "the same verdict is said again");
    cr_assert(eq(u64, memory->block, 79));
    cr_assert(eq(u64, memory->first_block, 0));
    cr_assert(eq(u64, memory->wait_block, 0));
    cr_assert(eq(u64, memory->simulated_block, 0));
    cr_assert(eq(int, (int)memory->simulation, SIMULATION_NONE));
    cr_assert(eq(u64, memory->retry_block, 0), "what failed there may go well here");
    turn_free(state);
}

Test(memory, keeps_what_was_said_at_a_block_that_still_stands)
{
    struct turn_state *state = a_state();
    struct memory *memory = memory_at(state, 79);

    memory_rewind(state, 79);
    cr_assert(not(memory->is_void));
    cr_assert(eq(u64, memory->block, 79));
    cr_assert(eq(u64, memory->first_block, 79));
    cr_assert(eq(u64, memory->wait_block, 79));
    cr_assert(eq(u64, memory->simulated_block, 79));
    cr_assert(eq(int, (int)memory->simulation, SIMULATION_FAILED));
    turn_free(state);
}

Test(memory, an_answer_to_what_was_tried_at_a_block_that_vanished_is_nobody_s)
{
    struct turn_state *state = a_state();
    struct observation late = {.kind = OBSERVATION_ANSWER, .status = OBSERVED_OK, .id = 9};

    state->simulation[0] = (struct simulation){.id = 9, .block = 80, .count = 1};
    state->simulation[1] = (struct simulation){.id = 8, .block = 79, .count = 1};
    simulate_rewind(state, 79);
    cr_assert(not(simulate_answer(state, &late)));
    cr_assert(eq(u64, state->simulation[1].id, 8));
    turn_free(state);
}

Test(memory, terms_that_changed_at_a_block_that_vanished_are_as_they_were)
{
    struct turn_state *state = a_state();
    struct tracked *tracked = &state->tracked[0];
    const uint32_t slot = an_account(state, 1, 1000, 1500);
    const uint32_t threshold = tracked->market.reserve[WETH].threshold_bps;
    const struct block_ref before = {state->header.number, state->header.hash};
    struct position position;

    checkpoint_take(state);
    state->header.number++;
    state->header.hash.byte[31] ^= 1;
    tracked->market.block = (struct block_ref){state->header.number, state->header.hash};
    tracked->market.reserve[WETH].threshold_bps = 1000;
    (void)an_account(state, 1, 1000, 1900);
    checkpoint_take(state);
    cr_assert(checkpoint_rewind(state, &before));
    cr_assert(eq(u32, tracked->market.reserve[WETH].threshold_bps, threshold));
    position = book_position(tracked->book, slot);
    cr_assert(eq(sz, (size_t)position.leg_count, 2));
    turn_free(state);
}
