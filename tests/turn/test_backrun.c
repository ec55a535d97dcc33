/* What is sent behind an update that waits, at what fee, and whatever keeps it from being sent. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/behind.h"

#define SEND "eth_sendRawTransaction"
#define GWEI 1000000000u

static struct market copy_of(const struct aloft *aloft)
{
    return aloft->state->tracked[0].market;
}

Test(backrun, is_sent_behind_an_update_that_stands_next_one_wei_below_its_tip)
{
    const struct waiting_update update = {0};
    struct hash32 hash = behind_hash(&update);
    struct flight *flight;
    ALOFT aloft;

    behind_make(&aloft, 2);
    behind_next(&aloft, &update);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1), "one goes under, the other does not");
    flight = aloft_flight(&aloft, 0);
    cr_assert(eq(u64, flight->nonce, 5));
    cr_assert(eq(u64, flight->max_priority_fee_per_gas.value.limb[0], 3ull * GWEI - 1));
    cr_assert(u256_is_less(&flight->max_fee_per_gas.value,
                           &behind_update(&aloft)->transaction.max_fee_per_gas.value));
    cr_assert(hash32_is_equal(&flight->behind, &hash));
    cr_assert(eq(sz, aloft_actions(&aloft, ACTION_SIGN, NULL), 1));
    aloft_signed(&aloft, false);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, SEND), 1));
    cr_assert(eq(u64, aloft.state->counters.backruns[BACKRUN_FIRED], 1));
    cr_assert(eq(sz, lines_with(&aloft.events, "\"event\":\"backrun\"", "\"behind\":\"0x0101"), 1));
    cr_assert(
        ge(sz, lines_with(&aloft.events, "\"event\":\"transaction\"", "\"behind\":\"0x0101"), 2));
}

Test(backrun, of_an_update_of_before_types_pays_a_wei_less_per_gas)
{
    const struct waiting_update update = {.gas_price = 40ull * GWEI};
    struct flight *flight;
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_next(&aloft, &update);
    flight = aloft_flight(&aloft, 0);
    cr_assert(eq(u64, flight->max_fee_per_gas.value.limb[0], 40ull * GWEI - 1));
    cr_assert(eq(u64, flight->max_priority_fee_per_gas.value.limb[0], 40ull * GWEI - 1));
}

Test(backrun, leaves_the_mirror_as_it_is)
{
    struct market before;
    ALOFT aloft;

    behind_make(&aloft, 2);
    before = copy_of(&aloft);
    behind_next(&aloft, &(struct waiting_update){.usd = 1000});
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 2));
    cr_assert(eq(int, memcmp(&before, &aloft.state->tracked[0].market, sizeof(before)), 0));
}

Test(backrun, of_several_goes_in_order_of_profit_and_each_has_its_nonce)
{
    ALOFT aloft;

    behind_make(&aloft, 3);
    behind_next(&aloft, &(struct waiting_update){.usd = 1980});
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 3));
    for (size_t i = 0; i < 3; i++) {
        cr_assert(eq(u64, aloft_flight(&aloft, i)->nonce, 5 + i));
        cr_assert(eq(u64, aloft_flight(&aloft, i)->max_priority_fee_per_gas.value.limb[0],
                     3ull * GWEI - 1));
    }
}

Test(backrun, is_tried_once_at_a_head)
{
    ALOFT aloft;

    behind_make(&aloft, 2);
    behind_next(&aloft, &(struct waiting_update){0});
    aloft_signed(&aloft, true);
    aloft_turn(&aloft);
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    cr_assert(eq(u64, aloft.state->counters.backruns[BACKRUN_FIRED], 1));
}

/* ---- what keeps it back: each row is an update, and what the chain says of it */

static void nothing_leaves(struct aloft *aloft)
{
    cr_assert(eq(u32, fleet_live(&aloft->state->fleet), 0));
    cr_assert(eq(sz, aloft_actions(aloft, ACTION_SIGN, NULL), 0));
    cr_assert(eq(sz, aloft_asks(aloft, SEND), 0));
}

Test(backrun, holds_back_by_what_the_chain_says_of_the_update)
{
    static const struct {
        struct waiting_update update;
        struct behind_word word;
        enum pool_count count;
    } rows[] = {
        {{.nonce = 3}, {.count = "\"0x2\""}, POOL_OF_NONCE},
        {{.nonce = 3}, {.count = "\"0x4\""}, POOL_OF_NONCE},
        {{0}, {.reverts = true}, POOL_OF_REVERT},
        {{0}, {.is_gone = true}, POOL_GONE},
        {{.max_fee = GWEI / 2, .tip = 1}, {0}, POOL_OF_FEE},
        {{.max_fee = 900ull * GWEI, .tip = 400ull * GWEI}, {0}, POOL_OF_CEILING},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ALOFT aloft;

        behind_make(&aloft, 1);
        behind_push(&aloft, &rows[i].update);
        behind_answer(&aloft, &rows[i].update, &rows[i].word);
        nothing_leaves(&aloft);
        cr_expect(eq(u64, pool_counted(&aloft, rows[i].count), 1), "row %zu", i);
    }
}

Test(backrun, holds_back_behind_a_feed_that_was_not_right_yet)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    aloft.state->pending.feed[0].is_right = false;
    behind_next(&aloft, &(struct waiting_update){0});
    nothing_leaves(&aloft);
    cr_assert(eq(u64, pool_counted(&aloft, POOL_OF_NO_PROOF), 1));
}

Test(backrun, holds_back_where_another_update_of_the_feed_says_another_price)
{
    const struct waiting_update one = {.usd = 1996};
    const struct waiting_update two = {.name = 2, .from = 0x52, .usd = 1990};
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_push(&aloft, &one);
    behind_push(&aloft, &two); /* nobody was asked about it yet */
    aloft.state->pending.update[0].state = UPDATE_NEXT;
    aloft.state->pending.update[0].asked =
        (struct block_ref){aloft.state->header.number, aloft.state->header.hash};
    aloft_turn(&aloft);
    nothing_leaves(&aloft);
    cr_assert(eq(u64, pool_counted(&aloft, POOL_OF_CONTRADICT), 1));
}

Test(backrun, follows_the_dearer_of_two_that_say_the_same)
{
    const struct waiting_update one = {.usd = 1996};
    const struct waiting_update two = {.name = 2, .from = 0x52, .tip = 5ull * GWEI, .usd = 1996};
    struct hash32 dearer = behind_hash(&two);
    struct block_ref head;
    ALOFT aloft;

    behind_make(&aloft, 1);
    head = (struct block_ref){aloft.state->header.number, aloft.state->header.hash};
    behind_push(&aloft, &one);
    behind_push(&aloft, &two);
    for (int i = 0; i < 2; i++) {
        aloft.state->pending.update[i].state = UPDATE_NEXT;
        aloft.state->pending.update[i].asked = head;
    }
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
    cr_assert(hash32_is_equal(&aloft_flight(&aloft, 0)->behind, &dearer));
}

Test(backrun, holds_back_what_another_waiting_update_would_heal)
{
    struct pending *pending;
    struct pending_update *other;
    ALOFT aloft;

    behind_make(&aloft, 1);
    pending = &aloft.state->pending;
    aloft.state->tracked[0].market.reserve[USDC].price_source = address_named(0x77);
    pending->wanted[1] = pending->feed[1].source = address_named(0x77);
    pending->feed[1].aggregator = address_named(0x78);
    pending->wanted_count = pending->feed_count = 2;
    other = &pending->update[5];
    other->state = UPDATE_NEXT;
    other->feed = 1;
    other->says.answer = u256_of(98000000); /* what is owed falls as well */
    other->heard_block = aloft.state->header.number;
    other->asked = (struct block_ref){aloft.state->header.number, aloft.state->header.hash};
    behind_next(&aloft, &(struct waiting_update){0});
    nothing_leaves(&aloft);
}

/* State of ours: each of these alone. */
static void killed(struct turn_state *state)
{
    state->gate.breakers.is_killed = true;
}
static void at_its_limit(struct turn_state *state)
{
    state->settings.limits.in_flight_max = 0;
}
static void without_gas_for_today(struct turn_state *state)
{
    state->settings.limits.gas_per_day_max.value = U256_ONE;
}
static void greedy(struct turn_state *state)
{
    state->settings.limits.profit_min.value = u256_ten_to(24);
}
static void without_money(struct turn_state *state)
{
    state->tracked[0].market.reserve[USDC].held.value = U256_ZERO;
}
static void untrusted(struct turn_state *state)
{
    state->tracked[0].market.trust = MARKET_FAILED_PARITY;
}
static void unaudited(struct turn_state *state)
{
    state->settings.simulate = SIMULATE_UNAUDITED;
}
static void without_a_nonce(struct turn_state *state)
{
    state->fleet.nonce_is_known = false;
    state->receipts_block = state->header.number;
}
static void behind_a_head(struct turn_state *state)
{
    state->hint.is_open = true;
    state->hint.has_hash = true;
    state->hint.hash.byte[0] = 0x99;
    state->follow.state = HEAD_IDLE;
}
static void switched_off(struct turn_state *state)
{
    state->settings.backrun = BACKRUN_OFF;
}
static void backing_off(struct turn_state *state)
{
    struct address account = address_named(1);

    memory_of(state, 0, &account)->retry_block = state->header.number + 4;
}

Test(backrun, passes_the_gate_and_every_limit)
{
    static void (*const rows[])(struct turn_state * state) = {
        killed,    at_its_limit, without_gas_for_today, greedy,       without_money,
        untrusted, unaudited,    without_a_nonce,       switched_off, backing_off};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ALOFT aloft;

        behind_make(&aloft, 1);
        behind_push(&aloft, &(struct waiting_update){0});
        rows[i](aloft.state);
        behind_answer(&aloft, &(struct waiting_update){0}, &(struct behind_word){0});
        cr_expect(eq(u32, fleet_live(&aloft.state->fleet), 0), "row %zu", i);
        cr_expect(eq(u64, aloft.state->counters.backruns[BACKRUN_FIRED], 0), "row %zu", i);
    }
}

Test(backrun, waits_where_a_newer_head_was_pushed)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_push(&aloft, &(struct waiting_update){0});
    aloft.state->polled_ms = INT64_MAX / 2; /* not polled for it within this test */
    behind_a_head(aloft.state);
    behind_answer(&aloft, &(struct waiting_update){0}, &(struct behind_word){0});
    nothing_leaves(&aloft);
    aloft.state->hint = (struct hint){0};
    aloft_turn(&aloft);
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
}

Test(backrun, pays_for_its_tip_out_of_its_profit)
{
    struct flight *flight;
    struct u256 least;
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_next(&aloft, &(struct waiting_update){0});
    flight = aloft_flight(&aloft, 0);
    least = flight->gross.value; /* before gas */
    for (int i = 0; i < 2; i++) {
        ALOFT other;

        behind_make(&other, 1);
        /* a tip that takes all of it, and none that is refused by the ceiling */
        other.state->settings.limits.fee_per_gas_max.value = U256_MAX;
        other.state->gas_balance.value = u256_ten_to(30);
        other.state->settings.limits.gas_per_day_max.value = u256_ten_to(30);
        uint64_t per_gas = least.limb[0] / (flight->gas_expected + 1);
        behind_next(&other, &(struct waiting_update){.max_fee = per_gas * (i == 0 ? 1 : 4),
                                                     .tip = per_gas * (i == 0 ? 1 : 4) / 2});
        cr_expect(eq(u32, fleet_live(&other.state->fleet), i == 0 ? 1 : 0), "row %d", i);
    }
}

Test(backrun, asks_again_at_the_next_head_before_it_is_believed_there)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    aloft.state->settings.limits.in_flight_max = 0;
    behind_next(&aloft, &(struct waiting_update){0});
    nothing_leaves(&aloft);
    aloft.state->settings.limits.in_flight_max = 8;
    aloft_block(&aloft);
    nothing_leaves(&aloft);
    cr_assert_not_null(behind_ask(&aloft));
    behind_answer(&aloft, &(struct waiting_update){0}, &(struct behind_word){0});
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
}
