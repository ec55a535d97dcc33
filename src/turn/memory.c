/*
 * What was last said of each candidate, and what it waits for, so that nothing is said or tried
 * again without a reason; and what of that falls with a block that never was.
 */
#include <string.h>

#include "turn/judge.h"

#define MEMORY_KEY_SIZE (sizeof(struct address) + 1)

static void key_of(uint8_t key[MEMORY_KEY_SIZE], uint32_t market, const struct address *account)
{
    key[0] = (uint8_t)market;
    memcpy(key + 1, account->byte, sizeof(account->byte));
}

const struct memory *memory_find(const struct turn_state *state, uint32_t market,
                                 const struct address *account)
{
    uint8_t key[MEMORY_KEY_SIZE];

    key_of(key, market, account);
    const uint32_t slot = table_find(&state->memory_table, key);
    return slot == TABLE_NONE ? NULL : &state->memory[slot];
}

struct memory *memory_of(struct turn_state *state, uint32_t market, const struct address *account)
{
    uint8_t key[MEMORY_KEY_SIZE];
    bool is_new;
    uint32_t slot;

    key_of(key, market, account);
    if (state->memory_table.count >= MEMORY_MAX &&
        table_find(&state->memory_table, key) == TABLE_NONE)
        table_clear(&state->memory_table);
    slot = table_add(&state->memory_table, key, &is_new);
    if (slot >= state->memory_capacity) {
        state->memory_capacity = state->memory_capacity == 0 ? 256 : state->memory_capacity * 2;
        state->memory = must_realloc(state->memory, state->memory_capacity, sizeof(*state->memory));
    }
    if (is_new)
        memset(&state->memory[slot], 0, sizeof(*state->memory));
    return &state->memory[slot];
}

bool memory_is_fresh(const struct memory *memory, uint64_t block)
{
    uint64_t seen = memory->block > memory->first_block ? memory->block : memory->first_block;

    return memory->first_block != 0 && seen + MEMORY_GAP_BLOCKS >= block;
}

void memory_back_off(struct turn_state *state, struct memory *memory)
{
    uint64_t wait = memory->failures < 6 ? 1ULL << memory->failures : BACKOFF_BLOCKS_MAX;

    if (memory->failures < UINT32_MAX)
        memory->failures++;
    memory->retry_block = state->header.number + wait;
}

void memory_rewind(struct turn_state *state, uint64_t fork_number)
{
    for (uint32_t i = 0; i < state->memory_table.count; i++) {
        struct memory *memory = &state->memory[i];

        memory->retry_block = 0;
        if (memory->wait_block > fork_number)
            memory->wait_block = 0;
        if (memory->first_block > fork_number)
            memory->first_block = 0;
        if (memory->rival.block > fork_number)
            memory->rival.block = 0;
        if (memory->simulated_block > fork_number) {
            memory->simulated_block = memory->gas_estimate = 0;
            memory->simulation = SIMULATION_NONE;
        }
        if (memory->block > fork_number) {
            memory->block = fork_number;
            memory->is_void = true;
        }
    }
}
