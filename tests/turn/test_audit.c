/* A mirror that lies by one unit is found out at the head that looks, and not acted upon. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/keeper/state_fixture.h"
#include "turn/inside.h"

/* Health of 1,000 mWETH against 1,000 USDC: 2000 × 0.8 / 1000. */
#define CALM_WAD 1600000000000000000u

static struct turn_state *an_audited_state(uint8_t accounts)
{
    struct turn_state *state = a_state();

    state->tracked[0].market.pool.byte[0] = 0x11;
    state->settings.audit_accounts = 8;
    state->settings.parity_sample = 4;
    for (uint8_t name = 1; name <= accounts; name++)
        (void)an_account(state, name, 1000, 1000);
    return state;
}

/* The next head's first round: who is asked for. */
static void head_begin(struct turn_state *state)
{
    state->header.number++;
    state->sample.count = 0;
    doubts_carry(state);
    state->actions.count = 0;
    read_list_clear(&state->wanted);
    audit_want(state);
}

static struct wad answer_of(uint32_t slot, uint32_t liars, const uint32_t *liar)
{
    struct wad answer = {u256_of(CALM_WAD)};

    for (uint32_t k = 0; k < liars; k++)
        answer.value.limb[0] += slot == liar[k];
    return answer;
}

/* The chain answers for everybody in the sample; for `liar` a unit more. */
static void head_answer_first(struct turn_state *state, uint32_t liars, const uint32_t *liar)
{
    for (uint32_t i = 0; i < state->sample.count; i++) {
        struct account_fact fact = {.kind = ACCOUNT_FACT_HEALTH,
                                    .account = state->sample.account[i].slot};

        fact.value = answer_of(fact.account, liars, liar).value;
        audit_take(state, 0, &fact);
    }
    audit_judge(state);
}

/* And once more for those of whom that differed. */
static void doubts_hear(struct turn_state *state, uint32_t liars, const uint32_t *liar)
{
    for (uint32_t i = 0; i < state->doubts.count; i++) {
        struct doubt *one = &state->doubts.account[i];

        one->theirs = answer_of(one->slot, liars, liar);
        one->is_answered = true;
    }
    if (state->doubts.round.state == ROUND_RUNNING)
        state->doubts.round.state = ROUND_DONE;
    doubts_settle(state);
}

static void head_judge(struct turn_state *state, uint32_t liars, const uint32_t *liar)
{
    head_answer_first(state, liars, liar);
    doubts_hear(state, liars, liar);
}

static void head_pass(struct turn_state *state, uint32_t liars, const uint32_t *liar)
{
    head_begin(state);
    head_judge(state, liars, liar);
}

/* What the reads of a head would bring for an account that was asked for again. */
static void read_again(struct turn_state *state, uint8_t name)
{
    (void)an_account(state, name, 1000, 1000);
}

static bool is_drifted(const struct turn_state *state, uint32_t slot)
{
    return (book_position(state->tracked[0].book, slot).flags & POSITION_DRIFTED) != 0;
}

static size_t events_with(const struct turn_state *state, const char *piece)
{
    size_t count = 0;

    for (uint32_t i = 0; i < state->actions.count; i++)
        count += state->actions.action[i].kind == ACTION_EVENT &&
                 strstr(state->actions.action[i].text, piece) != NULL;
    return count;
}

Test(audit, has_each_account_in_turn_within_the_book_over_the_sample_heads)
{
    struct turn_state *state = an_audited_state(20);
    bool seen[20] = {false};

    for (int head = 0; head < 3; head++) {
        head_begin(state);
        cr_assert(eq(u32, state->sample.count, 8));
        cr_assert(eq(sz, state->wanted.count, 8));
        for (uint32_t i = 0; i < state->sample.count; i++)
            seen[state->sample.account[i].slot] = true;
    }
    for (int slot = 0; slot < 20; slot++)
        cr_expect(seen[slot], "%d", slot);
    turn_free(state);
}

Test(audit, asks_for_those_near_the_edge_at_every_head_and_goes_on_with_the_rest)
{
    struct turn_state *state = an_audited_state(20);
    struct risk_sweep *sweep = &state->tracked[0].sweep;

    sweep->near_count = 2;
    sweep->near[0] = 17;
    sweep->near[1] = 19;
    for (uint32_t head = 0; head < 3; head++) {
        head_begin(state);
        cr_assert(eq(u32, state->sample.count, 8));
        cr_expect(eq(u32, state->sample.account[0].slot, 17));
        cr_expect(eq(u32, state->sample.account[1].slot, 19));
        cr_expect(eq(u32, state->sample.account[2].slot, head * 6 % 17));
    }
    turn_free(state);
}

Test(audit, asks_for_nobody_where_it_is_switched_off_or_would_cost_a_call)
{
    struct turn_state *state = an_audited_state(20);

    state->settings.audit_accounts = 0;
    head_begin(state);
    cr_expect(eq(u32, state->sample.count, 0));
    state->settings.audit_accounts = 8;
    state->round.reads_max = 1; /* each read is a call of its own */
    head_begin(state);
    cr_expect(eq(u32, state->sample.count, 0));
    turn_free(state);
}

Test(audit, that_is_equal_spares_the_simulation_of_its_own_accounts_at_this_block_only)
{
    struct turn_state *state = an_audited_state(9);

    state->settings.simulate = SIMULATE_UNAUDITED;
    head_pass(state, 0, NULL);
    cr_expect(eq(u64, state->tracked[0].audited_block, state->header.number));
    cr_expect(not(simulate_is_wanted(state, 0, 0)));
    cr_expect(simulate_is_wanted(state, 0, 8), "it was not in the sample");
    state->header.number++;
    cr_expect(simulate_is_wanted(state, 0, 0));
    turn_free(state);
}

Test(audit, that_finds_one_unit_of_drift_says_so_once_and_wants_the_account_whole)
{
    struct turn_state *state = an_audited_state(3);
    const uint32_t liar[] = {1};

    head_pass(state, 1, liar);
    cr_expect(is_drifted(state, 1));
    cr_expect(eq(u64, state->tracked[0].audit.wrong, 1));
    cr_expect(eq(u64, state->counters.drifts, 1));
    cr_expect(eq(sz, events_with(state, "\"event\":\"drift\""), 1));
    cr_expect(state->tracked[0].audit.wants_terms);
    cr_expect(eq(u32, book_stale_count(state->tracked[0].book), 1));
    cr_expect(simulate_is_wanted(state, 0, 0) || state->settings.simulate == SIMULATE_NEVER,
              "the sample was not whole");
    head_pass(state, 1, liar); /* not read yet: nothing to compare */
    cr_expect(is_drifted(state, 1));
    read_again(state, 2);
    head_pass(state, 1, liar); /* differs still */
    cr_expect(is_drifted(state, 1));
    cr_expect(eq(u64, state->tracked[0].audit.wrong, 1));
    cr_expect(eq(sz, events_with(state, "\"event\":\"drift\""), 0));
    turn_free(state);
}

Test(audit, lets_a_drifted_account_be_decided_on_once_it_is_equal_at_a_later_head)
{
    struct turn_state *state = an_audited_state(3);
    const struct wad below = {u256_of(2000000000000000000u)};
    const uint32_t liar[] = {1};
    struct risk_sweep sweep = {0};

    head_pass(state, 1, liar);
    risk_sweep(&sweep, &state->tracked[0].market, state->tracked[0].book, &below);
    cr_expect(eq(sz, sweep.candidate_count, 2));
    cr_assert(eq(sz, sweep.skip_count, 1));
    cr_expect(eq(int, reason_of_health(sweep.skip[0].error), REASON_UNTRUSTED));
    read_again(state, 2);
    head_pass(state, 0, NULL);
    cr_expect(not(is_drifted(state, 1)));
    cr_expect(eq(u32, state->tracked[0].audit.drifted_count, 0));
    risk_sweep(&sweep, &state->tracked[0].market, state->tracked[0].book, &below);
    cr_expect(eq(sz, sweep.candidate_count, 3));
    risk_sweep_release(&sweep);
    turn_free(state);
}

Test(audit, finds_a_lie_that_was_planted_in_the_mirror_and_its_truth_heals)
{
    struct turn_state *state = an_audited_state(20);
    struct account_fact lie = {
        .kind = ACCOUNT_FACT_OWED, .account = 13, .reserve = USDC, .value = u256_of(1000000001)};
    unsigned heads = 0;

    book_apply(state->tracked[0].book, &lie);
    while (!is_drifted(state, 13) && heads++ < 20 / 8 + 1)
        head_pass(state, 0, NULL);
    cr_assert(is_drifted(state, 13));
    read_again(state, 14);
    head_pass(state, 0, NULL);
    cr_expect(not(is_drifted(state, 13)));
    cr_expect(eq(u64, state->tracked[0].audit.wrong, 1));
    turn_free(state);
}

Test(audit, makes_a_market_read_only_where_several_still_differ_until_a_sample_is_equal)
{
    struct turn_state *state = an_audited_state(6);
    struct tracked *tracked = &state->tracked[0];
    const uint32_t liars[] = {0, 2, 4};

    head_pass(state, 3, liars);
    cr_expect(eq(int, tracked->market.trust, MARKET_TRUSTED), "a node may mine while it answers");
    for (uint8_t name = 1; name <= 5; name += 2)
        read_again(state, name);
    head_pass(state, 3, liars);
    cr_expect(eq(int, tracked->market.trust, MARKET_FAILED_PARITY));
    cr_expect(strstr(tracked->why, "3 accounts drifted") != NULL);
    for (uint8_t name = 1; name <= 5; name += 2)
        read_again(state, name);
    for (int head = 0; head < 3 && tracked->market.trust != MARKET_TRUSTED; head++)
        head_pass(state, 0, NULL);
    cr_expect(eq(int, tracked->market.trust, MARKET_TRUSTED));
    cr_expect(eq(str, tracked->why, ""));
    turn_free(state);
}

/* ---- a difference is a doubt first */

Test(audit, that_differs_once_only_is_no_drift_and_is_decided_on_at_the_same_head)
{
    struct turn_state *state = an_audited_state(3);
    const struct wad below = {u256_of(2000000000000000000u)};
    const uint32_t liar[] = {1};
    struct risk_sweep sweep = {0};

    head_begin(state);
    head_answer_first(state, 1, liar);
    cr_expect(eq(u64, state->counters.audit_doubts, 1));
    cr_expect(eq(sz, state->doubts.round.reads.count, 1), "asked again, and nobody else");
    cr_expect(hash32_is_equal(&state->doubts.round.header.hash, &state->header.hash));
    risk_sweep(&sweep, &state->tracked[0].market, state->tracked[0].book, &below);
    cr_expect(eq(sz, sweep.candidate_count, 2), "the others wait for nothing");
    cr_expect(ne(u64, state->tracked[0].audited_block, state->header.number));
    doubts_hear(state, 0, NULL);
    cr_expect(eq(u32, state->doubts.count, 0));
    cr_expect(not(is_drifted(state, 1)));
    cr_expect(state->judge_again);
    cr_expect(eq(u64, state->tracked[0].audit.wrong, 0));
    cr_expect(eq(sz, events_with(state, "\"event\":\"drift\""), 0));
    cr_expect(eq(u64, state->tracked[0].audited_block, state->header.number));
    cr_expect(audit_is_equal(state, 0, 1));
    cr_expect(eq(u32, book_stale_count(state->tracked[0].book), 0), "nothing is read again");
    risk_sweep(&sweep, &state->tracked[0].market, state->tracked[0].book, &below);
    cr_expect(eq(sz, sweep.candidate_count, 3));
    risk_sweep_release(&sweep);
    turn_free(state);
}

Test(audit, whose_second_answer_never_came_is_in_doubt_until_the_next_heads)
{
    const uint32_t liar[] = {1};

    for (uint32_t liars = 0; liars < 2; liars++) {
        struct turn_state *state = an_audited_state(3);

        head_begin(state);
        head_answer_first(state, 1, liar);
        state->doubts.round.state = ROUND_FAILED;
        doubts_settle(state);
        cr_expect(is_drifted(state, 1));
        cr_expect(eq(u64, state->tracked[0].audit.wrong, 0));
        head_begin(state);
        cr_assert(eq(u32, state->sample.account[0].slot, 1), "it comes first");
        head_answer_first(state, liars, liar);
        cr_expect(eq(u32, state->doubts.count, 0));
        cr_expect(eq(u64, state->tracked[0].audit.wrong, liars));
        cr_expect_eq(is_drifted(state, 1), liars == 1);
        turn_free(state);
    }
}

Test(audit, believes_a_difference_at_once_where_there_is_no_place_for_a_doubt)
{
    struct turn_state *state = an_audited_state(DOUBTS_MAX + 6);
    uint32_t liars[DOUBTS_MAX + 6];

    state->settings.audit_accounts = ROUND_READS_FIRST;
    state->round.reads_max = ROUND_READS_MAX;
    for (uint32_t i = 0; i < DOUBTS_MAX + 6; i++)
        liars[i] = i;
    head_begin(state);
    cr_assert(eq(u32, state->sample.count, DOUBTS_MAX + 6));
    head_answer_first(state, DOUBTS_MAX + 6, liars);
    cr_expect(eq(u32, state->doubts.count, DOUBTS_MAX));
    cr_expect(eq(u64, state->tracked[0].audit.wrong, 6));
    for (uint32_t i = 0; i < DOUBTS_MAX + 6; i++)
        cr_expect(is_drifted(state, i), "%u may be decided on", i);
    turn_free(state);
}

Test(audit, forgets_doubts_and_drifts_of_accounts_that_a_reorg_took_away)
{
    struct turn_state *state = an_audited_state(3);
    const struct block_ref block = {.number = state->header.number};
    const uint32_t liars[] = {3, 4};

    book_checkpoint(state->tracked[0].book, &block);
    (void)an_account(state, 4, 1000, 1000);
    (void)an_account(state, 5, 1000, 1000);
    head_begin(state);
    head_answer_first(state, 2, liars);
    doubts_hear(state, 2, liars);
    head_begin(state);
    head_answer_first(state, 2, liars); /* not read again yet */
    read_again(state, 4);
    head_begin(state);
    head_answer_first(state, 2, liars);
    cr_assert(eq(u32, state->doubts.count, 1));
    cr_assert(eq(u32, state->tracked[0].audit.drifted_count, 2));
    cr_assert(book_rewind(state->tracked[0].book, &block));
    head_begin(state);
    cr_expect(eq(u32, state->doubts.count, 0));
    cr_expect(eq(u32, state->tracked[0].audit.drifted_count, 0));
    cr_expect(eq(u32, state->sample.count, 3));
    turn_free(state);
}

Test(audit, asks_for_nobody_near_the_edge_whom_a_reorg_took_away)
{
    struct turn_state *state = an_audited_state(3);
    struct risk_sweep *sweep = &state->tracked[0].sweep;
    const struct block_ref block = {state->header.number, state->header.hash};

    checkpoint_take(state);
    (void)an_account(state, 4, 1000, 1000);
    (void)an_account(state, 5, 1000, 1000);
    sweep->near_count = 1;
    sweep->near[0] = 4;
    head_begin(state);
    cr_assert(eq(u32, state->sample.count, 5));
    cr_assert(checkpoint_rewind(state, &block));
    head_begin(state);
    cr_expect(eq(u32, state->sample.count, 3));
    turn_free(state);
}
