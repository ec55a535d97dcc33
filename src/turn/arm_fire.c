/*
 * The shot. Nothing is decided here that was not decided already: the plan is of this head, the
 * gate judges the flight as any other, with the fees that were signed. Its record is on disk since
 * it was armed, so that it may leave in this very turn.
 */
#include "turn/arm.h"

#include "turn/inside.h"

bool arm_is_admitted(const struct turn_state *state, const struct plan *plan,
                     const struct flight *flight)
{
    struct gate probe = state->gate;

    return gate_judge(&probe, &state->settings, &state->fleet, plan, flight) == GATE_ADMITTED;
}

static struct flight *shot_draft(struct turn_state *state, const struct arm_target *target,
                                 const struct plan *plan, const struct armed *armed)
{
    const struct flight *ready = &armed->flight;
    struct flight *flight = fleet_draft(&state->fleet, &ready->to,
                                        bytes_of(ready->data, ready->data_size), state->now_ms);

    if (flight == NULL)
        return NULL;
    decide_describe(flight, state, target->market, plan);
    flight->account = target->position->account;
    if (flight->nonce == ready->nonce && armed_fire(flight, armed, state->settings.chain.id) &&
        arm_is_admitted(state, plan, flight))
        return flight;
    *flight = (struct flight){.state = FLIGHT_FREE}; /* nothing of it was said or kept */
    return NULL;
}

struct flight *arm_fire(struct turn_state *state, const struct arm_target *target,
                        struct plan *plan)
{
    struct armed *armed =
        arsenal_of_account(&state->arsenal, target->market, &target->position->account);
    const struct arm_offer offer = {armed, header_next_base_fee(&state->header)};
    struct plan *fitted;
    struct flight *flight;

    if (armed == NULL || state->arming.in_doubt || state->settings.mode != KEEPER_LIVE ||
        !gate_may_post(&state->gate))
        return NULL;
    fitted = arena_take(&state->arena, sizeof(*fitted));
    if (!arm_plan_fits(fitted, state, target, plan, &offer))
        return NULL;
    flight = shot_draft(state, target, fitted, armed);
    if (flight == NULL)
        return NULL;
    *plan = *fitted;
    (void)gate_judge(&state->gate, &state->settings, &state->fleet, plan, flight); /* counted */
    return flight;
}

void arm_launch(struct turn_state *state, struct flight *flight)
{
    struct armed *armed = arsenal_find(&state->arsenal, flight->id);
    uint32_t first = state->asks.count;

    MUST(armed != NULL && flight->state == FLIGHT_SIGNED);
    state->counters.transactions[FLIGHT_DRAFTED]++;
    flights_tell(state, flight, "drafted", NULL);
    flights_say(state, flight, "signed", NULL);
    flights_keep(state, flight);
    arm_forget(state, armed);
    arm_discard(state); /* their nonce is given: anew, with the next one */
    state->counters.armed_fired++;
    flights_post(state, flight);
    for (uint32_t i = first; i < state->asks.count; i++)
        state->asks.ask[i].is_kept = true;
}
