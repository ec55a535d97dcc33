/* Tried before it is signed: by the policy, at the block of the decision, and not for ever. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/keeper/state_fixture.h"
#include "turn/inside.h"

#define UNDER_WATER 1
#define ETHER 1000000000000000000ULL

/* One candidate of 1,000 mWETH against 1,750 USDC, and a keeper that could pay. */
static struct turn_state *a_live_state(enum keeper_simulate policy)
{
    struct turn_state *state = a_state();
    struct market *market = &state->tracked[0].market;

    state->settings.mode = KEEPER_LIVE;
    state->settings.simulate = policy;
    state->settings.haircut_bps = 10000;
    state->settings.limits.in_flight_max = 8;
    state->settings.limits.fee_per_gas_max.value = u256_of(300000000000);
    state->settings.limits.priority_fee_per_gas.value = u256_of(1);
    state->settings.limits.gas_per_day_max.value = u256_of(ETHER);
    state->settings.limits.loss_per_day_max.value = u256_of(ETHER);
    state->gas_balance.value = u256_of(ETHER);
    market->reserve[USDC].held.value = u256_of(1000000000000);
    market->reserve[USDC].allowed.value = U256_MAX;
    market->reserve[WETH].liquidity.value = u256_ten_to(24);
    fleet_set_nonce(&state->fleet, 5);
    state->estimate_block = UINT64_MAX; /* what gas it takes is asked in test_estimate.c */
    (void)an_account(state, UNDER_WATER, 1000, 1750);
    return state;
}

static void decide_again(struct turn_state *state)
{
    state->actions.count = 0;
    state->asks.count = 0;
    state->simulate_count = 0;
    decide(state);
    simulate_ask(state);
}

static size_t count_of(const struct turn_state *state, enum action_kind kind, const char *piece)
{
    size_t count = 0;

    for (uint32_t i = 0; i < state->actions.count; i++) {
        const struct action *action = &state->actions.action[i];

        count += action->kind == kind &&
                 (piece == NULL || (action->text != NULL && strstr(action->text, piece) != NULL));
    }
    return count;
}

static void answer(struct turn_state *state, const char *result_or_error)
{
    struct observation observation = {.kind = OBSERVATION_ANSWER, .status = OBSERVED_OK};
    TEXT body = {0};

    cr_assert(eq(u32, state->asks.count, 1));
    observation.id = state->asks.ask[0].id;
    text_add(&body, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_u64(&body, observation.id * RPC_BATCH_MAX);
    text_add(&body, ",");
    text_add(&body, result_or_error);
    text_add(&body, "}");
    observation.body = text_bytes(&body);
    cr_assert(simulate_answer(state, &observation));
}

Test(simulate, asks_before_it_signs_and_says_nothing_until_the_answer)
{
    struct turn_state *state = a_live_state(SIMULATE_ALWAYS);

    decide_again(state);
    cr_expect(eq(u32, state->asks.count, 1));
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 0));
    cr_expect(eq(sz, count_of(state, ACTION_EVENT, "\"event\":\"decision\""), 0));
    turn_free(state);
}

Test(simulate, signs_what_the_node_says_would_go_through)
{
    struct turn_state *state = a_live_state(SIMULATE_ALWAYS);

    decide_again(state);
    answer(state, "\"result\":\"0x\"");
    cr_expect(state->judge_again);
    decide_again(state);
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 1));
    cr_expect(eq(sz, count_of(state, ACTION_EVENT, "\"reason\":\"profitable\""), 1));
    turn_free(state);
}

Test(simulate, holds_back_what_would_revert_with_the_reason_of_the_revert)
{
    static const struct {
        const char *error;
        const char *reason;
    } rows[] = {
        /* Error("45"): HEALTH_FACTOR_NOT_BELOW_THRESHOLD of 3.0 */
        {"\"error\":{\"code\":3,\"message\":\"execution reverted: 45\",\"data\":\"0x08c379a0"
         "0000000000000000000000000000000000000000000000000000000000000020"
         "0000000000000000000000000000000000000000000000000000000000000002"
         "3435000000000000000000000000000000000000000000000000000000000000\"}",
         "\"reason\":\"healthy\""},
        {"\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\"0x\"}",
         "\"reason\":\"simulation_failed\""},
        {"\"error\":{\"code\":-32603,\"message\":\"internal error\"}",
         "\"reason\":\"simulation_failed\""},
        /* a gateway that hands a revert on as a result */
        {"\"result\":\"0x08c379a0"
         "0000000000000000000000000000000000000000000000000000000000000020"
         "0000000000000000000000000000000000000000000000000000000000000002"
         "3435000000000000000000000000000000000000000000000000000000000000\"",
         "\"reason\":\"simulation_failed\""},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct turn_state *state = a_live_state(SIMULATE_ALWAYS);

        decide_again(state);
        answer(state, rows[i].error);
        decide_again(state);
        cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 0), "row %zu", i);
        cr_expect(eq(sz, count_of(state, ACTION_EVENT, rows[i].reason), 1), "row %zu", i);
        turn_free(state);
    }
}

Test(simulate, takes_a_failed_question_for_no_answer_and_asks_at_the_next_block)
{
    struct turn_state *state = a_live_state(SIMULATE_ALWAYS);
    struct observation observation = {.kind = OBSERVATION_ANSWER, .status = OBSERVED_TIMED_OUT};

    decide_again(state);
    observation.id = state->asks.ask[0].id;
    cr_assert(simulate_answer(state, &observation));
    decide_again(state);
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 0));
    cr_expect(eq(sz, count_of(state, ACTION_EVENT, "simulation_failed"), 1));
    state->header.number++;
    decide_again(state);
    cr_expect(eq(u32, state->asks.count, 1), "it was not asked again");
    answer(state, "\"result\":\"0x\"");
    decide_again(state);
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 1), "a moment's trouble cost more");
    turn_free(state);
}

Test(simulate, waits_longer_each_time_where_it_reverts_for_no_known_reason)
{
    struct turn_state *state = a_live_state(SIMULATE_ALWAYS);
    uint64_t asked_at[4] = {0};
    size_t asked = 0;

    for (int block = 0; block < 32 && asked < 4; block++) {
        decide_again(state);
        if (state->asks.count > 0) {
            asked_at[asked++] = state->header.number;
            answer(state, "\"error\":{\"code\":3,\"message\":\"execution reverted\"}");
        }
        state->header.number++;
    }
    cr_assert(eq(sz, asked, 4));
    cr_expect(gt(u64, asked_at[2] - asked_at[1], asked_at[1] - asked_at[0]));
    cr_expect(gt(u64, asked_at[3] - asked_at[2], asked_at[2] - asked_at[1]));
    turn_free(state);
}

Test(simulate, never_asks_by_the_policy_never)
{
    struct turn_state *state = a_live_state(SIMULATE_NEVER);

    decide_again(state);
    cr_expect(eq(u32, state->asks.count, 0));
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 1));
    turn_free(state);
}

Test(simulate, spares_the_question_where_the_mirror_was_audited_equal_at_this_block)
{
    struct turn_state *state = a_live_state(SIMULATE_UNAUDITED);

    state->tracked[0].audited_block = state->header.number;
    state->sample.account[state->sample.count++] =
        (struct audited){.is_answered = true, .is_equal = true};
    decide_again(state);
    cr_expect(eq(u32, state->asks.count, 0));
    cr_expect(eq(sz, count_of(state, ACTION_SIGN, NULL), 1));
    turn_free(state);
}

Test(simulate, asks_where_the_audit_is_of_another_block)
{
    struct turn_state *state = a_live_state(SIMULATE_UNAUDITED);

    state->tracked[0].audited_block = state->header.number - 1;
    state->sample.account[state->sample.count++] =
        (struct audited){.is_answered = true, .is_equal = true};
    decide_again(state);
    cr_expect(eq(u32, state->asks.count, 1));
    turn_free(state);
}

Test(simulate, asks_nothing_for_what_could_not_fly)
{
    struct turn_state *state = a_live_state(SIMULATE_ALWAYS);

    for (uint8_t name = 2; name < 20; name++)
        (void)an_account(state, name, 1000, 1750);
    state->settings.limits.in_flight_max = 3;
    decide_again(state);
    cr_expect(eq(u32, state->asks.ask[0].calls, 3));
    cr_expect(eq(sz, count_of(state, ACTION_EVENT, "\"reason\":\"limit\""), 16));
    turn_free(state);
}
