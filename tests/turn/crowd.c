#include "tests/turn/crowd.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "turn/judge.h"

#define FLIGHTS 8u

static void account_add(struct crowd *crowd, uint32_t index, const struct crowd_size *size)
{
    struct book *book = crowd->aloft.state->tracked[0].book;
    struct address address = {.byte = {0xc0}};
    struct account_fact fact = {.kind = ACCOUNT_FACT_CONFIG, .value = u256_of(6)};
    const struct u256 milli = u256_ten_to(15);

    for (uint32_t i = 0; i < 4; i++)
        address.byte[19 - i] = (uint8_t)(index >> 8 * i);
    fact.account = book_touch(book, &address, RESERVE_NONE);
    book_apply(book, &fact); /* bit 1: WETH is collateral; bit 2: USDC is owed */
    fact.kind = ACCOUNT_FACT_CATEGORY;
    fact.value = U256_ZERO;
    book_apply(book, &fact);
    fact.kind = ACCOUNT_FACT_SUPPLIED;
    fact.reserve = WETH;
    fact.value = u256_of(size->milli_weth);
    MUST(u256_mul(&fact.value, &fact.value, &milli));
    book_apply(book, &fact);
    fact.kind = ACCOUNT_FACT_OWED;
    fact.reserve = USDC;
    fact.value = u256_of(size->usdc * 1000000);
    book_apply(book, &fact);
}

void crowd_make(struct crowd *out, uint32_t count, struct crowd_size (*size)(uint32_t index))
{
    memset(out, 0, sizeof(*out));
    aloft_make(&out->aloft, 0);
    out->aloft.state->settings.limits.in_flight_max = FLIGHTS;
    out->count = count;
    out->said = must_alloc(count, sizeof(*out->said));
    for (uint32_t i = 0; i < count; i++) {
        const struct crowd_size each = size(i);

        account_add(out, i, &each);
    }
    out->aloft.state->judge_again = true;
    crowd_forget(out);
}

void crowd_release(struct crowd *crowd)
{
    free(crowd->said);
    aloft_release(&crowd->aloft);
}

void crowd_forget(struct crowd *crowd)
{
    memset(crowd->said, 0, crowd->count * sizeof(*crowd->said));
    crowd->decisions = crowd->liquidations = crowd->without_reason = crowd->disorder = 0;
    crowd->posted = crowd->posted_open = crowd->plans_max = crowd->turns = 0;
    crowd->last_net = 1e300;
}

static const char *behind(const char *event, const char *key)
{
    const char *at = strstr(event, key);

    return at == NULL ? NULL : at + strlen(key);
}

static void decision_count(struct crowd *crowd, const char *event)
{
    const char *account = behind(event, "\"account\":\"0x");
    const char *reason = behind(event, "\"reason\":\"");
    const char *net = behind(event, "\"net\":\"");
    const bool flies = strstr(event, "\"verdict\":\"liquidate\"") != NULL;
    const bool would = flies || (reason != NULL && strncmp(reason, "limit\"", 6) == 0);
    uint32_t index;

    cr_assert(account != NULL && reason != NULL, "%s", event);
    index = (uint32_t)strtoul(account + 32, NULL, 16);
    cr_assert(index < crowd->count, "%s", event);
    crowd->said[index]++;
    crowd->decisions++;
    crowd->liquidations += flies;
    crowd->without_reason += *reason == '"';
    if (would && net != NULL) {
        crowd->disorder += strtod(net, NULL) > crowd->last_net;
        crowd->last_net = strtod(net, NULL);
    }
}

/* What was signed in the last turn comes back, and so does what was posted. */
static void answers_tell(struct crowd *crowd)
{
    static const char hash[] =
        "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";
    const struct ask *send;

    aloft_signed(&crowd->aloft, false);
    for (size_t i = 0; (send = aloft_ask(&crowd->aloft, "eth_sendRawTransaction", i)) != NULL; i++)
        aloft_answer(&crowd->aloft, send, (const char *const[]){hash, NULL});
}

void crowd_turn(struct crowd *crowd)
{
    struct aloft *aloft = &crowd->aloft;
    struct turn_state *state = aloft->state;
    const struct judging *judging = &state->judging;
    size_t sends;

    aloft->now_ms += 100;
    aloft->actions = turn(state, aloft->now_ms, aloft->waiting, aloft->count);
    aloft->count = 0;
    crowd->turns++;
    cr_assert(aloft->actions->count < ACTIONS_MAX, "a turn of more actions than there is room");
    for (uint32_t i = 0; i < aloft->actions->count; i++) {
        const struct action *action = &aloft->actions->action[i];

        if (action->kind == ACTION_EVENT && strstr(action->text, "\"event\":\"decision\"") != NULL)
            decision_count(crowd, action->text);
    }
    if (judging->turn == state->turns && judging->plans > crowd->plans_max)
        crowd->plans_max = judging->plans;
    sends = aloft_asks(aloft, "eth_sendRawTransaction");
    crowd->posted += (uint32_t)sends;
    crowd->posted_open += decide_is_open(state) ? (uint32_t)sends : 0;
    answers_tell(crowd);
}

void crowd_head(struct crowd *crowd, uint64_t micro_usd)
{
    struct turn_state *state = crowd->aloft.state;
    struct tracked *tracked = &state->tracked[0];

    tracked->market.reserve[WETH].price.value = u256_of(micro_usd * 100); /* eight decimals */
    MUST(tracked->protocol->prepare(&tracked->market, tracked->market.timestamp_s));
    state->header.number++;
    state->judge_again = true;
    crowd->last_net = 1e300;
    crowd_turn(crowd);
}

void crowd_settle(struct crowd *crowd, uint32_t turns)
{
    uint32_t made = 0;

    while (decide_is_open(crowd->aloft.state) || crowd->aloft.state->judge_again) {
        cr_assert(made++ < turns, "somebody still waits after %u turns", turns);
        crowd_turn(crowd);
    }
}

uint32_t crowd_unheard(const struct crowd *crowd, uint32_t least, uint32_t most)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < crowd->count; i++)
        count += crowd->said[i] < least || crowd->said[i] > most;
    return count;
}

uint64_t crowd_touched(const struct crowd *crowd)
{
    return watch_counters(crowd->aloft.state->tracked[0].watch).touched;
}

size_t crowd_swept(const struct crowd *crowd)
{
    const struct tracked *tracked = &crowd->aloft.state->tracked[0];
    const struct risk_sweep *ours = &tracked->sweep;
    const struct wad one = {u256_of(WAD_ONE_U64)};
    struct risk_sweep sweep = {0};
    size_t count;

    risk_sweep(&sweep, &tracked->market, tracked->book, &one);
    count = sweep.candidate_count;
    cr_assert(eq(sz, ours->candidate_count, count));
    for (size_t i = 0; i < count; i++)
        cr_assert(eq(u32, ours->candidate[i].slot, sweep.candidate[i].slot));
    risk_sweep_release(&sweep);
    return count;
}
