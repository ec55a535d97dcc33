/*
 * More than a head's worth of news at once: heads and hints in a burst, and a block in which ten
 * thousand accounts are named. What is asked is bounded, and decisions come out whole.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/turn/walk.h"
#include "turn/judge.h"

TestSuite(flood, .timeout = 300);

#define PUSHES 300u
#define HEADS 12u

/* Questions so far, by what is paid for them. */
struct asked {
    unsigned kinds[CHAIN_KINDS];
    uint64_t reads;
};

static struct asked asked_of(const struct stage *stage)
{
    struct asked asked;

    chain_count(stage->chain, asked.kinds);
    asked.reads = stage->state->counters.read_calls_at_heads;
    return asked;
}

/* Each of another head, most of heads that nobody has. */
static void push(struct stage *stage, uint32_t index)
{
    struct observation observation = {.kind = OBSERVATION_PUSH};
    char hash[67];

    snprintf(hash, sizeof(hash), "0x%064x", 0xabc000 + index);
    observation.body = bytes_of_text(hash);
    stage_tell(stage, &observation);
}

static size_t heads_said(const struct stage *stage)
{
    size_t count = 0;

    for (const char *at = text_string(&stage->events);
         (at = strstr(at, "\"event\":\"head\"")) != NULL; at++)
        count++;
    return count;
}

Test(flood, of_heads_and_hints_has_the_newest_judged_and_costs_one_round)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = dry_settings(chain);
    struct stage stage;
    struct asked before;
    struct asked one;
    struct asked flood;

    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    walk_to(&stage, 2);
    before = asked_of(&stage);
    walk_to(&stage, 3); /* what one head costs */
    one = asked_of(&stage);
    text_clear(&stage.events);
    chain_show(chain, 3 + HEADS);
    for (uint32_t i = 0; i < PUSHES; i++)
        push(&stage, i);
    for (unsigned i = 0; i < 400 && (i == 0 || !stands_at_the_head(&stage)); i++) {
        stage_turn(&stage);
        push(&stage, PUSHES + i); /* and on while it reads */
    }
    cr_assert(stands_at_the_head(&stage));
    flood = asked_of(&stage);
    cr_expect(le(u64, flood.reads - one.reads, one.reads - before.reads + 1),
              "%lu reads, one head takes %lu", flood.reads - one.reads, one.reads - before.reads);
    cr_expect(le(uint, flood.kinds[CHAIN_POLL] - one.kinds[CHAIN_POLL],
                 one.kinds[CHAIN_POLL] - before.kinds[CHAIN_POLL] + 1));
    cr_expect(le(uint, flood.kinds[CHAIN_ACCOUNTS] - one.kinds[CHAIN_ACCOUNTS],
                 one.kinds[CHAIN_ACCOUNTS] - before.kinds[CHAIN_ACCOUNTS] + 1));
    cr_expect(le(sz, heads_said(&stage), 1), "heads on the way were judged");
    cr_expect(eq(u64, stage.state->counters.resyncs, 0));
    stage_release(&stage);
    chain_free(chain);
}

/* ---- ten thousand accounts in one block */

#define BORROWERS 10000u
/* Config and category, then the two amounts and what is owed at a stable rate of each of two legs.
 */
#define READS_EACH 8u

static uint32_t reserve_named(const struct market *market, const char *symbol)
{
    for (uint32_t i = 0; i < market->reserve_count; i++)
        if (strcmp(market->reserve[i].symbol, symbol) == 0)
            return i;
    cr_skip_test("the recording holds no %s", symbol);
    return 0;
}

/* Whoever is asked about from now on supplied 1 WETH and owes 1e18 units of USDC. */
static void reads_overrule(struct chain *chain, const struct market *market)
{
    const uint32_t weth = reserve_named(market, "WETH");
    const uint32_t usdc = reserve_named(market, "USDC");
    char word[65];

    snprintf(word, sizeof(word), "%064lx", 2ul << 2 * weth | 1ul << 2 * usdc);
    chain_overrule(chain, "4417a583", word); /* getUserConfiguration */
    snprintf(word, sizeof(word), "%064x", 0);
    chain_overrule(chain, "eddf1b79", word); /* getUserEMode */
    chain_overrule(chain, "c634dfaa", word); /* principalBalanceOf */
    snprintf(word, sizeof(word), "%064lx", 1000000000000000000ul);
    chain_overrule(chain, "1da24f3e", word); /* scaledBalanceOf */
}

static uint32_t calls_in_a_turn(const struct stage *stage)
{
    uint32_t count = 0;

    for (const char *at = text_string(&stage->asked); (at = strstr(at, "\"eth_call\"")) != NULL;
         at++)
        count++;
    return count;
}

/* Decisions on those accounts, each of them once at the most. */
static uint32_t borrowers_decided(const struct stage *stage)
{
    uint8_t *said = must_alloc(BORROWERS, 1);
    uint32_t count = 0;

    for (const char *at = text_string(&stage->events);
         (at = strstr(at, "\"account\":\"0x90000000")) != NULL; at++) {
        char digits[9] = {0};

        memcpy(digits, at + strlen("\"account\":\"0x") + 32, 8);
        const uint32_t index = (uint32_t)strtoul(digits, NULL, 16);
        cr_assert(index < BORROWERS && said[index]++ == 0, "%u was said twice", index);
        count++;
    }
    free(said);
    return count;
}

Test(flood, of_ten_thousand_touched_accounts_is_read_in_pieces_and_all_are_decided_on)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = dry_settings(chain);
    const struct wad edge = {u256_of(WAD_ONE_U64)};
    struct risk_sweep sweep = {0};
    struct stage stage;
    uint32_t calls_most = 0;

    settings.audit_accounts = 0; /* nobody recorded the chain's own health of them */
    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    walk_to(&stage, 2);
    const struct tracked *tracked = &stage.state->tracked[0];
    const uint32_t known = book_count(tracked->book);
    const struct chain_borrow borrow = {
        tracked->market.pool,
        tracked->market.reserve[reserve_named(&tracked->market, "USDC")].asset};
    const uint64_t before = stage.state->counters.read_calls_at_heads;

    reads_overrule(chain, &tracked->market);
    chain_borrow(chain, 3, &borrow, BORROWERS);
    chain_show(chain, 3);
    text_clear(&stage.events);
    for (unsigned i = 0; i < 400 && (i == 0 || !stands_at_the_head(&stage) ||
                                     decide_is_open(stage.state) || stage.state->judge_again);
         i++) {
        stage_turn(&stage);
        calls_most = calls_in_a_turn(&stage) > calls_most ? calls_in_a_turn(&stage) : calls_most;
    }
    cr_assert(stands_at_the_head(&stage) && !decide_is_open(stage.state));
    cr_expect(ge(u32, book_count(tracked->book), known + BORROWERS));
    cr_expect(eq(u32, book_stale_count(tracked->book), 0), "not all was read");
    cr_expect(le(u32, calls_most, ROUND_ASKS_MAX), "%u calls at once", calls_most);
    cr_expect(le(u64, stage.state->counters.read_calls_at_heads - before,
                 READS_EACH * BORROWERS / ROUND_READS_MAX + ROUNDS_MAX),
              "%lu calls", stage.state->counters.read_calls_at_heads - before);
    risk_sweep(&sweep, &tracked->market, tracked->book, &edge);
    cr_expect(ge(sz, sweep.candidate_count, BORROWERS));
    cr_expect(eq(sz, tracked->sweep.candidate_count, sweep.candidate_count));
    cr_expect(eq(u32, borrowers_decided(&stage), BORROWERS), "%u of them were decided on",
              borrowers_decided(&stage));
    risk_sweep_release(&sweep);
    stage_release(&stage);
    chain_free(chain);
}
