/*
 * The page must never show a turn half done, nor hold the loop up: so it is given a copy, made in
 * one go from the state as the last turn left it.
 */
#include <stdio.h>
#include <string.h>

#include "keeper/engine.h"
#include "keeper/host_text.h"
#include "keeper/version.h"
#include "turn/state.h"

/* Turns happen once a second at least; without one for so long the loop stands still. */
#define LIVE_MS 15000

static void copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

static void wei_show(char out[80], const struct wei *amount)
{
    (void)u256_format(out, &amount->value);
}

static void add_head(struct view *out, const struct turn_state *state,
                     const struct engine_facts *facts)
{
    int64_t head_ms = (int64_t)state->header.timestamp_s * 1000;

    out->head_block = state->header.number;
    hash32_format(out->head_hash, &state->header.hash);
    out->head_timestamp_s = state->header.timestamp_s;
    /* test chains' clocks run ahead */
    out->head_age_ms = facts->now_ms > head_ms ? facts->now_ms - head_ms : 0;
    out->turns = state->turns;
    out->last_turn_ms = facts->last_turn_ms;
    out->live = facts->now_ms - facts->last_turn_ms < LIVE_MS;
    out->ready = state->is_ready && state->not_ready[0] == '\0';
    copy(out->ready_why, sizeof(out->ready_why), state->not_ready);
}

static void add_money(struct view *out, const struct turn_state *state)
{
    const struct limit_settings *limits = &state->settings.limits;
    struct wei profit = {u256_sub_floor(&state->counters.profit_realised.value,
                                        &state->counters.loss_realised.value)};
    struct wei loss = {u256_sub_floor(&state->counters.loss_realised.value,
                                      &state->counters.profit_realised.value)};
    bool is_loss = !u256_is_zero(&loss.value);

    wei_show(out->gas_balance, &state->gas_balance);
    wei_show(out->gas_spent_today, &state->gate.day.gas_spent);
    wei_show(out->gas_per_day_max, &limits->gas_per_day_max);
    wei_show(out->loss_today, &state->gate.day.loss);
    wei_show(out->loss_per_day_max, &limits->loss_per_day_max);
    out->profit_total[0] = '-';
    (void)u256_format(out->profit_total + (is_loss ? 1 : 0), is_loss ? &loss.value : &profit.value);
    out->in_flight = fleet_live(&state->fleet);
    out->in_flight_max = limits->in_flight_max;
}

static void add_markets(struct view *out, const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count && i < ARRAY_LENGTH(state->tracked); i++) {
        const struct tracked *tracked = &state->tracked[i];
        struct view_market *market = &out->market[out->market_count++];

        copy(market->name, sizeof(market->name), tracked->market.name);
        copy(market->protocol, sizeof(market->protocol), tracked->protocol->name);
        market->revision = tracked->market.revision;
        market->positions = book_debtors(tracked->book);
        market->candidates = tracked->sweep.candidate_count;
        market->read_only = tracked->market.trust != MARKET_TRUSTED;
        if (market->read_only)
            copy(market->why, sizeof(market->why),
                 tracked->why[0] != '\0' ? tracked->why : "not compared with the chain yet");
    }
}

static void add_flights(struct view *out, const struct turn_state *state, int64_t now_ms)
{
    for (uint32_t i = 0; i < state->fleet.used && out->flight_count < VIEW_FLIGHTS_MAX; i++) {
        const struct flight *flight = &state->fleet.flight[i];
        struct view_flight *shown;

        if (!flight_is_live(flight))
            continue;
        shown = &out->flight[out->flight_count++];
        shown->nonce = flight->nonce;
        copy(shown->state, sizeof(shown->state), flight_state_text(flight->state));
        address_format(shown->account, &flight->account);
        if (!hash32_is_zero(&flight->hash))
            hash32_format(shown->hash, &flight->hash);
        shown->age_ms = now_ms > flight->drafted_ms ? (uint64_t)(now_ms - flight->drafted_ms) : 0;
    }
}

static void add_decisions(struct view *out, const struct turn_state *state)
{
    uint64_t kept = state->recent_count < RECENT_MAX ? state->recent_count : RECENT_MAX;

    for (uint64_t i = 0; i < kept && i < VIEW_DECISIONS_MAX; i++) {
        const struct recent *recent = &state->recent[(state->recent_count - 1 - i) % RECENT_MAX];
        struct view_decision *shown = &out->decision[out->decision_count++];
        bool is_loss = recent->net_is_loss && !u256_is_zero(&recent->net.value);

        shown->block = recent->block;
        address_format(shown->account, &recent->account);
        copy(shown->verdict, sizeof(shown->verdict), verdict_text(recent->verdict));
        copy(shown->reason, sizeof(shown->reason), reason_text(recent->reason));
        shown->net[0] = '-';
        (void)u256_format(shown->net + (is_loss ? 1 : 0), &recent->net.value);
    }
}

static void add_endpoints(struct view *out, const struct chain_settings *chain,
                          const struct engine_facts *facts)
{
    for (uint32_t i = 0; i < chain->endpoint_count && i < VIEW_ENDPOINTS_MAX; i++) {
        struct view_endpoint *endpoint = &out->endpoint[out->endpoint_count++];

        host_format(endpoint->name, sizeof(endpoint->name), chain->endpoint[i].url);
        endpoint->healthy = facts->healthy[i];
        endpoint->requests = facts->requests[i];
        endpoint->failures = facts->failures[i];
    }
}

static void add_breakers(struct view *out, const struct turn_state *state)
{
    for (int i = 0; i < BREAKER_COUNT; i++) {
        struct view_breaker *breaker = &out->breaker[out->breaker_count++];
        enum breaker which = (enum breaker)i;

        copy(breaker->name, sizeof(breaker->name), breaker_text(which));
        copy(breaker->closes, sizeof(breaker->closes),
             breaker_closes(&state->gate.breakers, which, &state->settings.limits));
        breaker->open = breakers_open(state, which);
    }
}

void engine_view(struct view *out, const struct turn_state *state, const struct config *config,
                 const struct engine_facts *facts)
{
    const struct settings *settings = &state->settings;

    memset(out, 0, sizeof(*out));
    copy(out->mode, sizeof(out->mode), settings->mode == KEEPER_LIVE ? "live" : "dry-run");
    copy(out->version, sizeof(out->version), PLIMSOLL_VERSION_TEXT);
    out->chain_id = settings->chain.id;
    address_format(out->account, &settings->account);
    add_head(out, state, facts);
    add_money(out, state);
    add_markets(out, state);
    add_flights(out, state, facts->now_ms);
    add_decisions(out, state);
    add_endpoints(out, &config->settings.chain, facts);
    add_breakers(out, state);
}
