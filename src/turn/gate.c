/*
 * A keeper that errs does so at the speed of a computer. Whatever the rest of this program thinks,
 * it passes here last, and here stand the operator's limits: each is read, each bites, each is
 * counted.
 */
#include "turn/gate.h"

#include "eth/record.h"

#define DAY_MS 86400000

void gate_tick(struct gate *gate, int64_t now_ms, bool is_ready)
{
    gate->is_ready = is_ready;
    gate->now_ms = now_ms;
    if (now_ms < 0)
        return;
    uint64_t day = (uint64_t)now_ms / DAY_MS;
    if (day > gate->day.day)
        gate->day = (struct gate_day){.day = day};
}

/* All of its gas at its highest fee. */
static bool flight_ceiling(struct u256 *out, const struct flight *flight)
{
    struct u256 gas = u256_of(flight->gas);

    return u256_mul(out, &gas, &flight->max_fee_per_gas.value);
}

void gate_unfunded(struct gate *gate, const struct fleet *fleet, const struct flight *refused,
                   uint64_t block, const struct wei *balance)
{
    struct wei needed = {U256_ZERO};
    struct u256 ceiling;

    for (size_t i = 0; i < fleet->used; i++) {
        const struct flight *flight = &fleet->flight[i];

        if ((flight_is_live(flight) || flight == refused) &&
            (!flight_ceiling(&ceiling, flight) ||
             !u256_add(&needed.value, &needed.value, &ceiling)))
            needed.value = U256_MAX;
    }
    breakers_unfunded(&gate->breakers, block, balance, &needed);
}

/* Live flights but the one that is judged, which may lie in the fleet already. */
static uint32_t others_live(const struct fleet *fleet, const struct flight *drafted)
{
    uint32_t live = 0;

    for (size_t i = 0; i < fleet->used; i++) {
        const struct flight *flight = &fleet->flight[i];
        live += flight_is_live(flight) && flight->id != drafted->id ? 1 : 0;
    }
    return live;
}

static bool account_is_busy(const struct fleet *fleet, const struct flight *drafted)
{
    for (size_t i = 0; i < fleet->used; i++) {
        const struct flight *flight = &fleet->flight[i];
        if (flight_is_live(flight) && flight->id != drafted->id &&
            flight->market == drafted->market &&
            address_is_equal(&flight->account, &drafted->account))
            return true;
    }
    return false;
}

static bool fees_are_allowed(const struct limit_settings *limits, const struct flight *drafted)
{
    return !u256_is_less(&limits->fee_per_gas_max.value, &drafted->max_fee_per_gas.value) &&
           !u256_is_less(&drafted->max_fee_per_gas.value, &drafted->max_priority_fee_per_gas.value);
}

static bool profit_is_enough(const struct limit_settings *limits, const struct plan *plan)
{
    return plan->verdict == VERDICT_LIQUIDATE && !plan->net_is_loss &&
           !u256_is_less(&plan->net.value, &limits->profit_min.value);
}

/* What may still be spent by all that is under way but this one. */
static bool others_ceiling(struct u256 *out, const struct fleet *fleet,
                           const struct flight *drafted)
{
    struct u256 ceiling;

    *out = U256_ZERO;
    for (size_t i = 0; i < fleet->used; i++) {
        const struct flight *flight = &fleet->flight[i];
        if (flight_is_live(flight) && flight->id != drafted->id &&
            (!flight_ceiling(&ceiling, flight) || !u256_add(out, out, &ceiling)))
            return false;
    }
    return true;
}

/* Spent, and what may still be spent by all that is under way and by this one. */
static bool gas_is_within(const struct gate *gate, const struct limit_settings *limits,
                          const struct fleet *fleet, const struct flight *drafted)
{
    struct u256 sum;
    struct u256 ceiling;

    return flight_ceiling(&ceiling, drafted) && others_ceiling(&sum, fleet, drafted) &&
           u256_add(&sum, &sum, &ceiling) && u256_add(&sum, &sum, &gate->day.gas_spent.value) &&
           !u256_is_less(&limits->gas_per_day_max.value, &sum);
}

struct wei gate_gas_left(const struct gate *gate, const struct limit_settings *limits,
                         const struct fleet *fleet, const struct flight *drafted,
                         const struct wei *balance)
{
    struct u256 others;
    struct u256 day;
    struct u256 held;

    if (!others_ceiling(&others, fleet, drafted))
        return (struct wei){U256_ZERO};
    day = u256_sub_floor(&limits->gas_per_day_max.value, &gate->day.gas_spent.value);
    day = u256_sub_floor(&day, &others);
    held = u256_sub_floor(&balance->value, &others);
    return (struct wei){u256_min(&day, &held)};
}

/* A limit of 0 closes with the first loss, not before it. */
static bool loss_is_within(const struct gate *gate, const struct limit_settings *limits)
{
    return u256_is_zero(&gate->day.loss.value) ||
           u256_is_less(&gate->day.loss.value, &limits->loss_per_day_max.value);
}

/* GATE_ADMITTED: all closed. */
static enum gate_refusal breakers_judge(const struct gate *gate,
                                        const struct limit_settings *limits)
{
    static const struct {
        enum breaker breaker;
        enum gate_refusal refusal;
    } rows[] = {{BREAKER_KILL, GATE_KILLED},     {BREAKER_STALE_HEAD, GATE_STALE_HEAD},
                {BREAKER_LATENCY, GATE_LATENCY}, {BREAKER_REVERT_RATE, GATE_REVERT_RATE},
                {BREAKER_DRIFT, GATE_DRIFT},     {BREAKER_FUNDS, GATE_FUNDS}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (breaker_is_open(&gate->breakers, rows[i].breaker, limits, gate->now_ms))
            return rows[i].refusal;
    return GATE_ADMITTED;
}

static enum gate_refusal gate_decide(const struct gate *gate, const struct settings *settings,
                                     const struct fleet *fleet, const struct plan *plan,
                                     const struct flight *drafted)
{
    const struct limit_settings *limits = &settings->limits;
    const bool is_replacement = plan == NULL && drafted->attempt_count > 0;
    enum gate_refusal breaker = breakers_judge(gate, limits);

    if (breaker != GATE_ADMITTED)
        return breaker;
    if (!gate->is_ready || !fleet->nonce_is_known)
        return GATE_NOT_READY;
    if (!fees_are_allowed(limits, drafted))
        return GATE_FEE_CEILING;
    if (plan != NULL && !profit_is_enough(limits, plan))
        return GATE_PROFIT_FLOOR;
    if (plan != NULL && account_is_busy(fleet, drafted))
        return GATE_ACCOUNT_BUSY;
    if (!is_replacement && others_live(fleet, drafted) >= limits->in_flight_max)
        return GATE_IN_FLIGHT;
    if (!gas_is_within(gate, limits, fleet, drafted))
        return GATE_GAS_PER_DAY;
    return loss_is_within(gate, limits) ? GATE_ADMITTED : GATE_LOSS_PER_DAY;
}

enum gate_refusal gate_judge(struct gate *gate, const struct settings *settings,
                             const struct fleet *fleet, const struct plan *plan,
                             const struct flight *drafted)
{
    enum gate_refusal refusal = gate_decide(gate, settings, fleet, plan, drafted);

    gate->refused[refusal]++;
    return refusal;
}

enum gate_refusal gate_judge_cancel(struct gate *gate, const struct settings *settings,
                                    const struct fleet *fleet, const struct flight *drafted)
{
    const struct limit_settings *limits = &settings->limits;
    enum gate_refusal refusal = GATE_ADMITTED;

    if (!gate_may_post(gate))
        refusal = GATE_KILLED;
    else if (!gate->is_ready || !fleet->nonce_is_known)
        refusal = GATE_NOT_READY;
    else if (!fees_are_allowed(limits, drafted))
        refusal = GATE_FEE_CEILING;
    else if (!gas_is_within(gate, limits, fleet, drafted))
        refusal = GATE_GAS_PER_DAY;
    gate->refused[refusal]++;
    return refusal;
}

bool gate_may_post(const struct gate *gate)
{
    return !gate->breakers.is_killed && !gate->breakers.has_kill_file;
}

bool gate_may_post_again(const struct gate *gate)
{
    return gate_may_post(gate) && !gate->breakers.is_unfunded;
}

/* Past 256 bits it stays at the end of the scale: over every limit. */
static void spend_add(struct wei *sum, const struct wei *amount)
{
    if (!u256_add(&sum->value, &sum->value, &amount->value))
        sum->value = U256_MAX;
}

void gate_receipt(struct gate *gate, const struct wei *gas, bool is_loss, const struct wei *net)
{
    spend_add(&gate->day.gas_spent, gas);
    if (is_loss)
        spend_add(&gate->day.loss, net);
}

void gate_take_back(struct gate *gate, uint64_t day, const struct wei *gas, const struct wei *loss)
{
    struct gate_day *today = &gate->day;

    if (day != today->day)
        return;
    today->gas_spent.value = u256_sub_floor(&today->gas_spent.value, &gas->value);
    today->loss.value = u256_sub_floor(&today->loss.value, &loss->value);
}

const char *gate_refusal_text(enum gate_refusal refusal)
{
    switch (refusal) {
    case GATE_ADMITTED:
        return "admitted";
    case GATE_NOT_READY:
        return "not_ready";
    case GATE_KILLED:
        return "killed";
    case GATE_STALE_HEAD:
        return "stale_head";
    case GATE_LATENCY:
        return "latency";
    case GATE_REVERT_RATE:
        return "revert_rate";
    case GATE_DRIFT:
        return "drift";
    case GATE_FUNDS:
        return "funds";
    case GATE_FEE_CEILING:
        return "fee_ceiling";
    case GATE_PROFIT_FLOOR:
        return "profit_floor";
    case GATE_IN_FLIGHT:
        return "in_flight";
    case GATE_ACCOUNT_BUSY:
        return "account_busy";
    case GATE_GAS_PER_DAY:
        return "gas_per_day";
    case GATE_LOSS_PER_DAY:
        return "loss_per_day";
    }
    return "not_ready";
}

static void add_wei(struct text *out, const char *name, const struct wei *amount)
{
    text_add(out, ",\"");
    text_add(out, name);
    text_add(out, "\":\"");
    text_add_u256(out, &amount->value);
    text_add_char(out, '"');
}

void gate_encode(struct text *out, const struct gate *gate)
{
    text_add(out, "{\"day\":");
    text_add_u64(out, gate->day.day);
    add_wei(out, "gas_spent", &gate->day.gas_spent);
    add_wei(out, "loss", &gate->day.loss);
    text_add_char(out, '}');
}

static void spend_raise(struct wei *spent, const struct wei *other)
{
    if (u256_is_less(&spent->value, &other->value))
        *spent = *other;
}

bool gate_restore(struct gate *gate, struct bytes json)
{
    RECORD record = {0};
    struct gate_day day;

    if (!record_parse(&record, json) || !record_u64(&day.day, &record, "day") ||
        !record_u256(&day.gas_spent.value, &record, "gas_spent") ||
        !record_u256(&day.loss.value, &record, "loss"))
        return false;
    if (day.day > gate->day.day) {
        gate->day = day;
    } else if (day.day == gate->day.day) {
        spend_raise(&gate->day.gas_spent, &day.gas_spent);
        spend_raise(&gate->day.loss, &day.loss);
    }
    return true;
}
