/* Liquidations by others: what they won, what held us meanwhile, and whether they came before ours.
 */
#include "turn/inside.h"

static bool is_ours(const struct turn_state *state, const struct touched *touched)
{
    return address_is_equal(&touched->liquidation.liquidator, &state->settings.account);
}

/* What our own transaction may have lost to is the first since it was decided. */
static bool is_first(const struct turn_state *state, const struct touched *touched, uint32_t market,
                     const struct memory *memory)
{
    const struct address *account = &touched->liquidation.account;
    const struct flight *flight = fleet_of_account(&state->fleet, market, account);

    if (inquiry_is_open(state, market, account))
        return memory->rival.block == 0;
    return flight == NULL || memory->rival.block <= flight->decided_block;
}

/* Where our own stands, else what was last said of the account. */
static const char *stage_of(const struct turn_state *state, uint32_t market,
                            const struct touched *touched, const struct memory *memory)
{
    const struct flight *flight =
        fleet_of_account(&state->fleet, market, &touched->liquidation.account);

    return flight != NULL ? flight_state_text(flight->state) : reason_text(memory->reason);
}

void rival_note(struct turn_state *state, uint32_t market, const struct touched *touched,
                const struct log *log)
{
    struct missed missed = {log->block, log->block.number, "unseen"};
    struct memory *memory;

    if (is_ours(state, touched))
        return;
    memory = memory_of(state, market, &touched->liquidation.account);
    if (is_first(state, touched, market, memory))
        memory->rival = (struct rival){log->block.number, log->transaction_index,
                                       touched->liquidation.liquidator};
    if (memory_is_fresh(memory, log->block.number)) {
        missed.first_block = memory->first_block;
        missed.stage = stage_of(state, market, touched, memory);
    }
    state->counters.missed++;
    event_missed(state, market, touched, &missed);
}

bool rival_came_first(const struct rival *rival, const struct flight *flight, bool is_sure)
{
    if (rival->block <= flight->decided_block || rival->block > flight->mined_block)
        return false;
    if (rival->block < flight->mined_block)
        return true;
    if (rival->index == INDEX_UNKNOWN || flight->mined_index == INDEX_UNKNOWN)
        return !is_sure;
    return rival->index < flight->mined_index;
}
