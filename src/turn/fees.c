/*
 * What a transaction offers. The floor is the operator's; over it goes a share of what is won, and
 * what the last blocks took, so that a keeper neither loses every race by a wei nor gives its
 * profit away where nobody races. A node may say anything about past blocks: its word only ever
 * moves the bid within what the profit floor and the fee ceiling leave.
 */
#include "submit/fees.h"

#include "eth/result.h"
#include "turn/arm.h"
#include "turn/inside.h"

/* Until a block has shown how far apart blocks are. */
#define BLOCK_INTERVAL_FIRST_S 12
/* Amounts must hold for this long, or for so many blocks, whichever is longer. */
#define LANDING_S 300
#define LANDING_BLOCKS 8
/* Blocks whose tips are asked for, and at which percentile of their gas. */
#define FEE_BLOCKS 4
#define FEE_PERCENTILE "50"
/* Heads without a race lost after which less is bid again. */
#define RACE_BLOCKS 32

bool decide_fees(const struct turn_state *state, struct wei *max_fee, struct wei *tip,
                 struct wei *base_fee)
{
    const struct limit_settings *limits = &state->settings.limits;

    *base_fee = header_next_base_fee(&state->header);
    return fees_choose(max_fee, tip, base_fee, &limits->priority_fee_per_gas,
                       &limits->fee_per_gas_max);
}

/* Over the floor. */
static struct wei over_floor(const struct turn_state *state, const struct wei *tip)
{
    return (struct wei){
        u256_sub_floor(&tip->value, &state->settings.limits.priority_fee_per_gas.value)};
}

/* Gas is paid at the next base fee and the tip; where that is over the ceiling, the gate says so.
 */
void decide_terms(const struct turn_state *state, struct plan_terms *out)
{
    uint64_t interval =
        state->block_interval_s > 0 ? state->block_interval_s : BLOCK_INTERVAL_FIRST_S;
    uint64_t landing = interval * LANDING_BLOCKS;
    struct wei tip = state->settings.limits.priority_fee_per_gas;
    struct wei base_fee;

    *out = (struct plan_terms){
        .haircut_bps = state->settings.haircut_bps,
        .receive = state->settings.receive,
        .profit_min = state->settings.limits.profit_min,
        .gas_price_max = state->settings.limits.fee_per_gas_max,
        .fee_max = state->settings.limits.fee_per_gas_max,
        .tip_needed = over_floor(state, &state->tip_lately),
        .tip_share = state->settings.tip_profit_share,
        .race_needed = over_floor(state, &state->race_tip),
        .race_share = state->settings.race_profit_share,
        .gas_balance = state->gas_balance,
        .timestamp_s = state->header.timestamp_s + interval,
        .deadline_s = state->header.timestamp_s + (landing > LANDING_S ? landing : LANDING_S),
    };
    (void)decide_fees(state, &out->gas_price_max, &tip, &base_fee);
    if (!u256_add(&out->gas_price.value, &base_fee.value, &tip.value))
        out->gas_price.value = U256_MAX;
}

/* Up to where it would leave no more than profit_min. */
static void ceiling_stretch(const struct turn_state *state, struct flight *flight,
                            const struct plan *plan)
{
    const struct limit_settings *limits = &state->settings.limits;
    struct fees_worth worth = {
        .gas = plan->gas_expected,
        .gas_limit = plan->gas_limit,
        .left = gate_gas_left(&state->gate, limits, &state->fleet, flight, &state->gas_balance),
        .fee_max = limits->fee_per_gas_max};

    if (plan->is_loss)
        return;
    worth.most.value = u256_sub_floor(&plan->gross.value, &limits->profit_min.value);
    fees_stretch(&flight->max_fee_per_gas, &worth);
}

bool decide_bid(const struct turn_state *state, struct flight *flight, const struct plan *plan)
{
    const struct limit_settings *limits = &state->settings.limits;
    struct wei base_fee = header_next_base_fee(&state->header);
    struct wei tip = {U256_ZERO};

    if (!u256_add(&tip.value, &limits->priority_fee_per_gas.value, &plan->bid.value) ||
        !fees_choose(&flight->max_fee_per_gas, &flight->max_priority_fee_per_gas, &base_fee, &tip,
                     &limits->fee_per_gas_max))
        return false;
    ceiling_stretch(state, flight, plan);
    return true;
}

/* An eighth of it, and a wei. */
static struct u256 step_of(const struct wei *tip)
{
    const struct u256 eight = u256_of(8);
    const struct u256 one = u256_of(1);
    struct u256 out;

    return u256_div(&out, NULL, &tip->value, &eight) && u256_add(&out, &out, &one) ? out : one;
}

void fees_race_lost(struct turn_state *state, const struct flight *flight)
{
    struct u256 more = step_of(&flight->max_priority_fee_per_gas);
    struct wei tip;

    state->race_block = state->header.number;
    if (u256_add(&tip.value, &flight->max_priority_fee_per_gas.value, &more) &&
        u256_is_less(&state->race_tip.value, &tip.value))
        state->race_tip = tip;
}

/* Who raced has gone, or bids less by now: it is found out an eighth at a time. */
static void race_cool(struct turn_state *state)
{
    struct u256 less = step_of(&state->race_tip);

    if (state->header.number < state->race_block + RACE_BLOCKS)
        return;
    state->race_tip.value = u256_sub_floor(&state->race_tip.value, &less);
    if (u256_is_less(&state->race_tip.value, &state->settings.limits.priority_fee_per_gas.value))
        state->race_tip.value = U256_ZERO;
}

void fees_begin(struct turn_state *state)
{
    if (state->tip_block == state->header.number)
        return;
    race_cool(state);
    state->tip_block = state->header.number;
    state->tip_lately = state->tip_heard;
}

void fees_ask(struct turn_state *state)
{
    struct rpc_request request = {0};
    TEXT params = {0};

    if (!state->fees_wanted || state->fees_ask != 0 || state->fees_block == state->header.number ||
        turn_hurries(state))
        return; /* it is heard for the next head's bids: whatever is for this one goes first */
    state->fees_wanted = false;
    state->fees_block = state->header.number;
    state->fees_ask = ask_list_id(&state->asks);
    text_add(&params, "[\"");
    text_add_quantity(&params, FEE_BLOCKS);
    text_add(&params, "\",\"");
    text_add_quantity(&params, state->header.number);
    text_add(&params, "\",[" FEE_PERCENTILE "]]");
    rpc_request_begin(&request, state->fees_ask, 1);
    rpc_request_add(&request, "eth_feeHistory", text_string(&params));
    rpc_request_end(&request);
    if (!ask_list_add(&state->asks, &request, "eth_feeHistory", state->follow.endpoint))
        state->fees_ask = 0;
    rpc_request_release(&request);
}

/* Of an even count the upper one: a wei short is a place lost. */
static void median_take(struct u256 *out, struct u256 *tips, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && u256_is_less(&tips[k], &tips[k - 1]); k--) {
            struct u256 swap = tips[k];

            tips[k] = tips[k - 1];
            tips[k - 1] = swap;
        }
    }
    *out = count > 0 ? tips[count / 2] : U256_ZERO;
}

bool fees_answer(struct turn_state *state, const struct observation *observation)
{
    struct u256 tips[FEE_BLOCKS];
    const struct json_t *reward;
    size_t blocks;
    size_t count = 0;

    if (state->fees_ask == 0 || observation->id != state->fees_ask)
        return false;
    state->fees_ask = 0;
    rpc_answers_parse(&state->answers, observation, observation->id, 1);
    if (state->answers.envelope != RPC_ENVELOPE_OK ||
        state->answers.answer[0].fault != RPC_FAULT_NONE)
        return true; /* what was heard last still holds */
    reward = result_member(state->answers.answer[0].result, "reward");
    if (!result_array(&blocks, reward))
        return true;
    for (size_t i = 0; i < blocks && count < FEE_BLOCKS; i++) {
        if (json_u256(&tips[count], result_at(result_at(reward, i), 0)))
            count++;
    }
    median_take(&state->tip_heard.value, tips, count);
    return true;
}
