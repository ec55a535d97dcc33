/* The NDJSON of the surface: what programs read. Money is a decimal string, counts are numbers. */
#include <string.h>

#include "turn/inside.h"

static void add_key(struct text *out, const char *key)
{
    text_add(out, ",\"");
    text_add(out, key);
    text_add(out, "\":");
}

static void add_string(struct text *out, const char *key, const char *value)
{
    add_key(out, key);
    text_add_json(out, bytes_of_text(value));
}

static void add_number(struct text *out, const char *key, uint64_t value)
{
    add_key(out, key);
    text_add_u64(out, value);
}

static void add_u256(struct text *out, const char *key, const struct u256 *value, bool is_negative)
{
    add_key(out, key);
    text_add(out, is_negative && !u256_is_zero(value) ? "\"-" : "\"");
    text_add_u256(out, value);
    text_add(out, "\"");
}

/* The checksum is a keccak, and the same few addresses stand in every event of a block. */
static const char *address_text(struct turn_state *state, const struct address *address)
{
    struct spelled *spelled = &state->spelled[address->byte[19] % SPELLED_MAX];

    if (spelled->text[0] == '\0' || !address_is_equal(&spelled->address, address)) {
        spelled->address = *address;
        address_format(spelled->text, address);
    }
    return spelled->text;
}

static void add_address(struct text *out, struct turn_state *state, const char *key,
                        const struct address *address)
{
    add_string(out, key, address_text(state, address));
}

static void add_hash(struct text *out, const char *key, const struct hash32 *hash)
{
    char text[HASH32_TEXT_SIZE];

    hash32_format(text, hash);
    add_string(out, key, text);
}

static void event_begin(struct text *out, const char *event, const struct header *header)
{
    text_add(out, "{\"event\":\"");
    text_add(out, event);
    text_add(out, "\"");
    add_number(out, "block", header->number);
    add_hash(out, "block_hash", &header->hash);
}

static void add_flight_call(struct text *out, struct turn_state *state, const struct flight *flight)
{
    text_add(out, ",\"transaction\":{\"to\":");
    text_add_json(out, bytes_of_text(address_text(state, &flight->to)));
    text_add(out, ",\"data\":\"");
    text_add_hex(out, bytes_of(flight->data, flight->data_size));
    text_add(out, "\",\"value\":\"0\"");
    add_number(out, "nonce", flight->nonce);
    add_number(out, "gas", flight->gas);
    add_u256(out, "max_fee_per_gas", &flight->max_fee_per_gas.value, false);
    add_u256(out, "max_priority_fee_per_gas", &flight->max_priority_fee_per_gas.value, false);
    text_add(out, "}");
}

static void add_plan(struct text *out, struct turn_state *state, const struct market *market,
                     const struct plan *plan)
{
    const struct liquidation *best = &plan->liquidation;
    const struct u256 zero = U256_ZERO;

    if (!plan->has_liquidation)
        return;
    add_address(out, state, "debt_asset", &market->reserve[best->debt].asset);
    add_address(out, state, "collateral_asset", &market->reserve[best->collateral].asset);
    add_u256(out, "repay", &best->repay.value, false);
    add_u256(out, "seize", &best->seize.value, false);
    text_add(out, ",\"profit\":{\"unit\":\"wei\"");
    add_u256(out, "gross", &plan->gross.value, plan->is_loss);
    add_u256(out, "gas", &plan->gas_cost.value, false);
    add_u256(out, "swap", &zero, false);
    add_u256(out, "net", &plan->net.value, plan->net_is_loss);
    text_add(out, "}");
}

/* One line in the log for what would leave; the journal has them all. */
static void decision_note(struct turn_state *state, const struct market *market,
                          const struct address *account, const struct plan *plan)
{
    TEXT pairs = {0};

    if (plan->verdict != VERDICT_LIQUIDATE)
        return;
    text_add(&pairs, "market=");
    text_add(&pairs, market->name);
    text_add(&pairs, " account=");
    text_add(&pairs, address_text(state, account));
    text_add(&pairs, " debt=");
    text_add(&pairs, market->reserve[plan->liquidation.debt].symbol);
    text_add(&pairs, " collateral=");
    text_add(&pairs, market->reserve[plan->liquidation.collateral].symbol);
    text_add(&pairs, " net_wei=");
    text_add_u256(&pairs, &plan->net.value);
    state_note(state, NOTE_INFO, "liquidate", text_string(&pairs));
}

void event_decision(struct turn_state *state, uint32_t market, const struct position *position,
                    const struct plan *plan, const struct flight *flight)
{
    const struct tracked *tracked = &state->tracked[market];
    struct recent *recent = &state->recent[state->recent_count++ % RECENT_MAX];
    TEXT json = {0};

    event_begin(&json, "decision", &state->header);
    add_string(&json, "market", tracked->market.name);
    add_address(&json, state, "account", &position->account);
    if (u256_is_zero(&plan->health.debt_value))
        text_add(&json, ",\"health_wad\":null"); /* could not be judged: no price, unsupported … */
    else
        add_u256(&json, "health_wad", &plan->health.factor.value, false);
    add_string(&json, "verdict", verdict_text(plan->verdict));
    add_string(&json, "reason", reason_text(plan->reason));
    add_plan(&json, state, &tracked->market, plan);
    if (flight != NULL)
        add_flight_call(&json, state, flight);
    text_add(&json, "}");
    state_event(state, &json);
    decision_note(state, &tracked->market, &position->account, plan);
    state->counters.decisions[market][plan->verdict][plan->reason]++;
    *recent = (struct recent){state->header.number, position->account, plan->verdict,
                              plan->reason,         plan->net_is_loss, plan->net};
}

void event_head(struct turn_state *state, uint64_t candidates)
{
    TEXT json = {0};

    event_begin(&json, "head", &state->header);
    add_number(&json, "timestamp", state->header.timestamp_s);
    add_u256(&json, "base_fee", &state->header.base_fee.value, false);
    add_number(&json, "candidates", candidates);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_transaction(struct turn_state *state, const struct flight *flight, const char *status,
                       const char *profit)
{
    TEXT json = {0};

    event_begin(&json, "transaction", &state->header);
    add_string(&json, "status", status);
    if (flight->market < state->tracked_count)
        add_string(&json, "market", state->tracked[flight->market].market.name);
    add_address(&json, state, "account", &flight->account);
    add_number(&json, "flight", flight->id);
    add_number(&json, "decided_block", flight->decided_block);
    if (!hash32_is_zero(&flight->hash))
        add_hash(&json, "hash", &flight->hash);
    if (flight->is_cancel)
        text_add(&json, ",\"cancel\":true");
    if (flight->is_private)
        add_string(&json, "way", "private");
    if (!hash32_is_zero(&flight->behind))
        add_hash(&json, "behind", &flight->behind);
    if (flight->state == FLIGHT_SIGNED) {
        text_add(&json, ",\"raw\":\"");
        text_add_hex(&json, bytes_of(flight->raw, flight->raw_size));
        text_add(&json, "\"");
    }
    if (flight->gas_used > 0) {
        add_number(&json, "mined_block", flight->mined_block);
        add_number(&json, "gas_used", flight->gas_used);
        add_u256(&json, "gas_price", &flight->gas_price.value, false);
    }
    add_flight_call(&json, state, flight);
    if (profit != NULL)
        text_add(&json, profit);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_backrun(struct turn_state *state, const struct pending_update *update,
                   const struct plan *plan, const struct flight *flight)
{
    const struct market *market = &state->tracked[flight->market].market;
    TEXT json = {0};

    event_begin(&json, "backrun", &state->header);
    add_string(&json, "market", market->name);
    add_address(&json, state, "account", &flight->account);
    add_hash(&json, "behind", &update->transaction.hash);
    add_address(&json, state, "feed", &update->says.feed);
    add_u256(&json, "answer", &update->says.answer, false);
    add_u256(&json, "health_wad", &plan->health.factor.value, false);
    add_plan(&json, state, market, plan);
    add_number(&json, "flight", flight->id);
    add_flight_call(&json, state, flight);
    text_add(&json, "}");
    state_event(state, &json);
    decision_note(state, market, &flight->account, plan);
}

void event_missed(struct turn_state *state, uint32_t market, const struct touched *touched,
                  const struct missed *missed)
{
    const uint64_t block = missed->block.number;
    TEXT json = {0};

    event_begin(&json, "missed", &(struct header){.number = block, .hash = missed->block.hash});
    add_string(&json, "market", state->tracked[market].market.name);
    add_address(&json, state, "account", &touched->liquidation.account);
    add_address(&json, state, "by", &touched->liquidation.liquidator);
    add_number(&json, "blocks_under_water",
               block > missed->first_block ? block - missed->first_block : 0);
    add_string(&json, "stage", missed->stage);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_reorg(struct turn_state *state, uint64_t fork, const struct header *header)
{
    TEXT json = {0};

    event_begin(&json, "reorg", header);
    add_number(&json, "fork_block", fork);
    add_number(&json, "old_head", state->header.number);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_breaker(struct turn_state *state, const struct breaker_turned *turned)
{
    TEXT json = {0};

    event_begin(&json, "breaker", &state->header);
    add_string(&json, "breaker", turned->breaker);
    add_string(&json, "state", turned->is_open ? "open" : "closed");
    add_string(&json, "why", turned->why);
    add_string(&json, "closes_when", turned->closes_when);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_resync(struct turn_state *state, const struct header *header, const char *why)
{
    TEXT json = {0};

    event_begin(&json, "resync", header);
    add_number(&json, "old_head", state->header.number);
    add_string(&json, "why", why);
    text_add(&json, "}");
    state_event(state, &json);
}

void event_drift(struct turn_state *state, uint32_t market, const struct address *account,
                 const struct wad *ours, const struct wad *theirs)
{
    TEXT json = {0};

    event_begin(&json, "drift", &state->header);
    add_string(&json, "market", state->tracked[market].market.name);
    add_address(&json, state, "account", account);
    add_u256(&json, "ours_wad", &ours->value, false);
    add_u256(&json, "chain_wad", &theirs->value, false);
    text_add(&json, "}");
    state_event(state, &json);
}
