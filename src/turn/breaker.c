/*
 * A limit bounds what one decision may cost; a node that lags, a mirror that drifted or a rule that
 * changed makes every decision wrong in the same way. So the signs of that are counted, and past
 * their limit nothing new leaves until they are gone.
 */
#include "turn/breaker.h"

#include "eth/record.h"

void breakers_head(struct breakers *breakers, int64_t now_ms)
{
    breakers->head_ms = now_ms;
}

void breakers_asked(struct breakers *breakers, int64_t now_ms)
{
    breakers->head_asked_ms = now_ms;
}

void breakers_answered(struct breakers *breakers, const struct limit_settings *limits, bool is_head,
                       int64_t now_ms)
{
    if (breakers->head_asked_ms == 0)
        return; /* a further question about the same head */
    breakers->latency_ms = now_ms - breakers->head_asked_ms;
    breakers->head_asked_ms = 0;
    if (limits->latency_max_ms != 0 && breakers->latency_ms > limits->latency_max_ms) {
        if (breakers->slow_answers < LATENCY_ANSWERS)
            breakers->slow_answers++;
    } else if (is_head) {
        breakers->slow_answers = 0;
    }
}

/* Reverts of the last `revert_window` receipts, of which there may be fewer yet. */
static uint32_t reverts_of(const struct breakers *breakers, const struct limit_settings *limits)
{
    uint32_t known =
        breakers->receipts < limits->revert_window ? breakers->receipts : limits->revert_window;
    uint32_t count = 0;

    for (uint32_t i = 0; i < known; i++)
        count += (uint32_t)(breakers->reverts >> i & 1);
    return count;
}

/* Held against the whole window, so that the first receipt of a life, reverted, is no rate of 100 %
 * yet, and so that nobody waits for a window to fill while it is already lost. */
void breakers_receipt(struct breakers *breakers, const struct limit_settings *limits,
                      bool has_reverted, int64_t now_ms)
{
    breakers->reverts = breakers->reverts << 1 | (has_reverted ? 1 : 0);
    if (breakers->receipts < REVERT_WINDOW_MAX)
        breakers->receipts++;
    if (limits->revert_rate_max == 0 || breakers->reverts_ms != 0 || !has_reverted)
        return;
    if ((uint64_t)reverts_of(breakers, limits) * 100 >
        (uint64_t)limits->revert_rate_max * limits->revert_window)
        breakers->reverts_ms = now_ms;
}

static void reverts_close(struct breakers *breakers)
{
    breakers->reverts_ms = 0;
    breakers->reverts = 0;
    breakers->receipts = 0;
}

void breakers_audit(struct breakers *breakers, uint32_t market, uint64_t compared, uint64_t wrong)
{
    uint64_t sum = breakers->drifted[market] + wrong;

    if (wrong > 0)
        breakers->drifted[market] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
    else if (compared > 0)
        breakers->drifted[market] = 0;
}

static uint64_t drift_of(const struct breakers *breakers)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < SETTINGS_MARKETS_MAX; i++)
        sum += breakers->drifted[i];
    return sum;
}

void breakers_unfunded(struct breakers *breakers, uint64_t block, const struct wei *balance,
                       const struct wei *needed)
{
    if (breakers->unfunded_blocks == 0)
        breakers->unfunded_blocks = FUNDS_BLOCKS;
    else if (breakers->unfunded_blocks < FUNDS_BLOCKS_MAX)
        breakers->unfunded_blocks *= 2;
    breakers->is_unfunded = true;
    breakers->unfunded_block = block;
    breakers->unfunded_balance = *balance;
    breakers->unfunded_needed = *needed;
}

void breakers_funded(struct breakers *breakers)
{
    breakers->unfunded_blocks = 0;
}

void breakers_balance(struct breakers *breakers, uint64_t block, const struct wei *balance)
{
    if (!breakers->is_unfunded || block <= breakers->unfunded_block)
        return;
    if (!u256_is_equal(&balance->value, &breakers->unfunded_balance.value) ||
        (block >= breakers->unfunded_block + breakers->unfunded_blocks &&
         !u256_is_less(&balance->value, &breakers->unfunded_needed.value)))
        breakers->is_unfunded = false;
}

void breakers_command(struct breakers *breakers, bool is_kill, bool is_file)
{
    if (is_file) {
        breakers->has_kill_file = is_kill;
        return;
    }
    breakers->is_killed = is_kill;
    if (is_kill)
        return;
    reverts_close(breakers);
    breakers->is_unfunded = false;
}

void breakers_tick(struct breakers *breakers, const struct limit_settings *limits, int64_t now_ms)
{
    if (breakers->reverts_ms != 0 && (limits->revert_rate_max == 0 ||
                                      (limits->revert_pause_ms != 0 &&
                                       now_ms - breakers->reverts_ms >= limits->revert_pause_ms)))
        reverts_close(breakers);
}

bool breaker_is_open(const struct breakers *breakers, enum breaker which,
                     const struct limit_settings *limits, int64_t now_ms)
{
    switch (which) {
    case BREAKER_KILL:
        return breakers->is_killed || breakers->has_kill_file;
    case BREAKER_STALE_HEAD:
        return limits->stale_head_max_ms != 0 && breakers->head_ms != 0 &&
               now_ms - breakers->head_ms > limits->stale_head_max_ms;
    case BREAKER_LATENCY:
        return limits->latency_max_ms != 0 && breakers->slow_answers >= LATENCY_ANSWERS;
    case BREAKER_REVERT_RATE:
        return limits->revert_rate_max != 0 && breakers->reverts_ms != 0;
    case BREAKER_DRIFT:
        return limits->drift_max != 0 && drift_of(breakers) >= limits->drift_max;
    case BREAKER_FUNDS:
        return breakers->is_unfunded;
    case BREAKER_FEE_CEILING:
    case BREAKER_GAS_PER_DAY:
    case BREAKER_LOSS_PER_DAY:
        return false;
    }
    return true;
}

const char *breaker_text(enum breaker which)
{
    switch (which) {
    case BREAKER_KILL:
        return "kill";
    case BREAKER_STALE_HEAD:
        return "stale_head";
    case BREAKER_LATENCY:
        return "latency";
    case BREAKER_REVERT_RATE:
        return "revert_rate";
    case BREAKER_DRIFT:
        return "drift";
    case BREAKER_FUNDS:
        return "funds";
    case BREAKER_FEE_CEILING:
        return "fee_ceiling";
    case BREAKER_GAS_PER_DAY:
        return "gas_per_day";
    case BREAKER_LOSS_PER_DAY:
        return "loss_per_day";
    }
    return "unknown";
}

static const char *kill_closes(const struct breakers *breakers)
{
    if (breakers->is_killed && breakers->has_kill_file)
        return "when limits.kill_file is removed and an operator sends SIGUSR2";
    return breakers->has_kill_file ? "when the file limits.kill_file is removed"
                                   : "when an operator sends SIGUSR2";
}

const char *breaker_closes(const struct breakers *breakers, enum breaker which,
                           const struct limit_settings *limits)
{
    switch (which) {
    case BREAKER_KILL:
        return kill_closes(breakers);
    case BREAKER_STALE_HEAD:
        return "when the head changes";
    case BREAKER_LATENCY:
        return "when a head is answered within limits.latency_max";
    case BREAKER_REVERT_RATE:
        return limits->revert_pause_ms != 0 ? "after limits.revert_pause, or with SIGUSR2"
                                            : "when an operator sends SIGUSR2";
    case BREAKER_DRIFT:
        return "when an audit of the market finds no difference";
    case BREAKER_FUNDS:
        return "with another balance at a later head, after some heads where it covers this, or "
               "with SIGUSR2";
    case BREAKER_FEE_CEILING:
        return "when base fee and tip fit under limits.fee_per_gas_max";
    case BREAKER_GAS_PER_DAY:
        return "at midnight UTC, or with a higher limits.gas_per_day_max";
    case BREAKER_LOSS_PER_DAY:
        return "at midnight UTC, or with a higher limits.loss_per_day_max";
    }
    return "";
}

static void figure_add(struct text *out, int64_t figure, const char *words)
{
    text_add_i64(out, figure);
    text_add(out, words);
}

void breaker_why(struct text *out, const struct breakers *breakers, enum breaker which,
                 const struct limit_settings *limits, int64_t now_ms)
{
    switch (which) {
    case BREAKER_KILL:
        text_add(out, breakers->is_killed ? "a signal" : "");
        text_add(out, breakers->is_killed && breakers->has_kill_file ? " and " : "");
        text_add(out, breakers->has_kill_file ? "the kill file" : "");
        return;
    case BREAKER_STALE_HEAD:
        figure_add(out, now_ms - breakers->head_ms, " ms since the head last changed");
        return;
    case BREAKER_LATENCY:
        figure_add(out, LATENCY_ANSWERS,
                   " heads in a row over limits.latency_max, the last after ");
        figure_add(out, breakers->latency_ms, " ms");
        return;
    case BREAKER_REVERT_RATE:
        figure_add(out, reverts_of(breakers, limits), " reverts within the last ");
        figure_add(out, limits->revert_window, " receipts");
        return;
    case BREAKER_DRIFT:
        figure_add(out, (int64_t)drift_of(breakers), " accounts differ from the chain");
        return;
    case BREAKER_FUNDS:
        text_add(out, "a node says that the balance does not cover it; known are ");
        text_add_u256(out, &breakers->unfunded_balance.value);
        text_add(out, " wei at block ");
        text_add_u64(out, breakers->unfunded_block);
        return;
    case BREAKER_FEE_CEILING:
        text_add(out, "base fee and tip are over limits.fee_per_gas_max");
        return;
    case BREAKER_GAS_PER_DAY:
        text_add(out, "the day's gas has reached limits.gas_per_day_max");
        return;
    case BREAKER_LOSS_PER_DAY:
        text_add(out, "the day's losses have reached limits.loss_per_day_max");
        return;
    }
}

/* Two halves: a whole 64-bit number is no integer of JSON's. */
void breakers_encode(struct text *out, const struct breakers *breakers)
{
    text_add(out, "{\"reverts_new\":");
    text_add_u64(out, breakers->reverts & UINT32_MAX);
    text_add(out, ",\"reverts_old\":");
    text_add_u64(out, breakers->reverts >> 32);
    text_add(out, ",\"receipts\":");
    text_add_u64(out, breakers->receipts);
    text_add(out, ",\"reverts_ms\":");
    text_add_i64(out, breakers->reverts_ms);
    text_add_char(out, '}');
}

bool breakers_restore(struct breakers *breakers, struct bytes json)
{
    RECORD record = {0};
    uint32_t fresh;
    uint32_t old;
    uint32_t receipts;
    int64_t reverts_ms;

    if (!record_parse(&record, json) || !record_u32(&fresh, &record, "reverts_new") ||
        !record_u32(&old, &record, "reverts_old") || !record_u32(&receipts, &record, "receipts") ||
        receipts > REVERT_WINDOW_MAX || !record_i64(&reverts_ms, &record, "reverts_ms") ||
        reverts_ms < 0)
        return false;
    breakers->reverts = (uint64_t)old << 32 | fresh;
    breakers->receipts = receipts;
    breakers->reverts_ms = reverts_ms;
    return true;
}
