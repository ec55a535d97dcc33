/* What nodes say of their pools, and what is kept of it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/behind.h"

#define SOURCE_CALL "0x245a7bfc"
#define READ "eth_getTransactionByHash"
#define CONTENT "txpool_content"

static void pool_say(struct aloft *aloft, enum observation_status status, const char *body)
{
    struct observation said = {
        .kind = OBSERVATION_POOL, .status = status, .body = bytes_of_text(body)};

    aloft_tell(aloft, &said);
    aloft_turn(aloft);
}

static size_t updates_known(const struct aloft *aloft)
{
    size_t count = 0;

    for (size_t i = 0; i < UPDATES_MAX; i++)
        count += aloft->state->pending.update[i].state != UPDATE_FREE;
    return count;
}

Test(pending, of_a_feed_is_understood_and_asked_about)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_push(&aloft, &(struct waiting_update){0});
    cr_assert(eq(u64, pool_counted(&aloft, POOL_SEEN), 1));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_UNDERSTOOD), 1));
    cr_assert(eq(u64, behind_update(&aloft)->says.answer.limb[0], 199600000000u));
    cr_assert(eq(u32, behind_ask(&aloft)->calls, 4));
    behind_push(&aloft, &(struct waiting_update){0});
    cr_assert(eq(u64, pool_counted(&aloft, POOL_SEEN), 1), "once, however often it is pushed");
}

Test(pending, that_is_none_of_a_feed_is_let_go)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_push(&aloft,
                &(struct waiting_update){.to = "0x4444444444444444444444444444444444444444"});
    cr_assert(eq(u64, pool_counted(&aloft, POOL_SEEN), 1));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_UNDERSTOOD), 0));
    cr_assert(eq(sz, updates_known(&aloft), 0));
    cr_assert_null(behind_ask(&aloft));
}

Test(pending, call_of_a_feed_that_is_not_understood_is_counted)
{
    static const char *const inputs[] = {
        "0x12345678", "0x", "0xe5c19b2d",
        "0xe5c19b2d0000000000000000000000000000000000000000000000000000000000000000"};

    for (size_t i = 0; i < ARRAY_LENGTH(inputs); i++) {
        ALOFT aloft;

        behind_make(&aloft, 1);
        behind_push(&aloft, &(struct waiting_update){.input = inputs[i]});
        cr_expect(eq(sz, updates_known(&aloft), 0), "%s", inputs[i]);
        cr_expect(eq(u64, pool_counted(&aloft, POOL_UNDERSTOOD), 0), "%s", inputs[i]);
        cr_expect(eq(u64, pool_counted(&aloft, POOL_UNKNOWN), strlen(inputs[i]) > 2), "%s",
                  inputs[i]);
    }
}

Test(pending, rubbish_is_dropped_and_changes_nothing)
{
    static const char *const rows[] = {"7",         "null", "[]", "{}",           "{",
                                       "\"0x12\"",  "\"\"", "x",  "{\"hash\":7}", "\"}},{\"id\":0",
                                       "[[[[[[[[[["};
    ALOFT aloft;

    behind_make(&aloft, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        pool_say(&aloft, OBSERVED_OK, rows[i]);
    pool_say(&aloft, OBSERVED_REFUSED, "rubbish");
    cr_assert(eq(sz, updates_known(&aloft), 0));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_SEEN), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, READ), 0));
}

Test(pending, that_was_dropped_on_the_way_is_counted)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    pool_say(&aloft, OBSERVED_REFUSED, "17");
    cr_assert(eq(u64, pool_counted(&aloft, POOL_DROPPED), 17));
}

Test(pending, is_not_heard_where_backrun_is_off)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    aloft.state->settings.backrun = BACKRUN_OFF;
    behind_push(&aloft, &(struct waiting_update){0});
    cr_assert(eq(u64, pool_counted(&aloft, POOL_SEEN), 0));
    cr_assert(eq(sz, aloft_asks(&aloft, CONTENT), 0));
}

Test(pending, flood_of_a_feeds_updates_is_kept_within_its_bound)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    for (uint8_t name = 1; name <= UPDATES_MAX + 5; name++)
        behind_push(&aloft, &(struct waiting_update){.name = name, .from = name});
    cr_assert(eq(sz, updates_known(&aloft), UPDATES_MAX));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_DROPPED), 5));
    cr_assert(eq(u64, pool_counted(&aloft, POOL_UNDERSTOOD), UPDATES_MAX + 5));
}

/* ---- as a hash */

static void hash_push(struct aloft *aloft, const struct waiting_update *update)
{
    struct hash32 hash = behind_hash(update);
    TEXT text = {0};

    text_add(&text, "\"");
    text_add_hex(&text, bytes_of(hash.byte, 32));
    text_add(&text, "\"");
    pool_say(aloft, OBSERVED_OK, text_string(&text));
}

Test(pending, that_is_pushed_as_a_hash_is_read_first)
{
    const struct waiting_update update = {0};
    TEXT json = {0};
    ALOFT aloft;

    behind_make(&aloft, 1);
    hash_push(&aloft, &update);
    cr_assert(eq(sz, aloft_asks(&aloft, READ), 1));
    behind_json(&json, &update);
    aloft_answer(&aloft, aloft_ask(&aloft, READ, 0),
                 (const char *const[]){text_string(&json), NULL});
    aloft_turn(&aloft);
    cr_assert(eq(sz, updates_known(&aloft), 1));
    cr_assert_not_null(behind_ask(&aloft));
    cr_assert(eq(sz, aloft_asks(&aloft, READ), 0));
}

Test(pending, hashes_are_read_in_batches_and_dropped_past_their_bound)
{
    ALOFT aloft;

    behind_make(&aloft, 1);
    for (uint32_t name = 1; name <= UNREAD_MAX + 3; name++)
        hash_push(&aloft, &(struct waiting_update){.name = (uint8_t)name});
    cr_assert(eq(u64, pool_counted(&aloft, POOL_DROPPED), 3));
    cr_assert(le(u32, aloft.state->pending.unread_asked, UNREAD_CALLS));
}

Test(pending, hash_whose_reading_fails_is_dropped)
{
    const struct ask *ask;
    ALOFT aloft;

    behind_make(&aloft, 1);
    hash_push(&aloft, &(struct waiting_update){0});
    ask = aloft_ask(&aloft, READ, 0);
    aloft_answer_nothing(&aloft, ask, OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(eq(u64, pool_counted(&aloft, POOL_DROPPED), 1));
    cr_assert(eq(u32, aloft.state->pending.unread_count, 0));
    cr_assert(eq(sz, aloft_asks(&aloft, READ), 0));
}

/* ---- in one answer */

static void pool_answer(struct aloft *aloft, const char *json)
{
    const struct ask *ask = aloft_ask(aloft, CONTENT, 0);

    cr_assert_not_null(ask);
    aloft_answer(aloft, ask, (const char *const[]){json, NULL});
    aloft_turn(aloft);
}

Test(pending, is_polled_for_where_nobody_pushes)
{
    const struct waiting_update update = {0};
    TEXT json = {0};
    ALOFT aloft;

    behind_make(&aloft, 1);
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, CONTENT), 0), "somebody pushes");
    pool_say(&aloft, OBSERVED_UNREACHABLE, "");
    text_add(&json, "{\"pending\":{\"0x51\":{\"0\":");
    behind_json(&json, &update);
    text_add(&json, "}},\"queued\":{}}");
    pool_answer(&aloft, text_string(&json));
    cr_assert(eq(sz, updates_known(&aloft), 1));
    cr_assert_not_null(behind_ask(&aloft));
    aloft_turn(&aloft);
    cr_assert(eq(sz, aloft_asks(&aloft, CONTENT), 1), "and again");
}

Test(pending, pool_that_is_not_shown_is_left_alone_for_a_while_and_said_once)
{
    static const char *const rows[] = {"null", "[]", "7", "{}"};

    for (size_t i = 0; i < ARRAY_LENGTH(rows) + 1; i++) {
        ALOFT aloft;

        behind_make(&aloft, 1);
        pool_say(&aloft, OBSERVED_UNREACHABLE, "");
        if (i < ARRAY_LENGTH(rows)) {
            pool_answer(&aloft, rows[i]);
        } else {
            aloft_answer_error(&aloft, aloft_ask(&aloft, CONTENT, 0), -32601, "not found");
            aloft_turn(&aloft);
        }
        for (int k = 0; k < 20; k++) {
            aloft_turn(&aloft);
            cr_expect(eq(sz, aloft_asks(&aloft, CONTENT), 0));
        }
        cr_expect(eq(sz, lines_with(&aloft.notes, "no pool", ""), 1));
    }
}

/* ---- whose updates */

static const struct ask *feeds_asked(const struct aloft *aloft)
{
    const struct ask *ask = aloft_ask(aloft, "eth_call", 0);

    return ask != NULL && ask->id == aloft->state->pending.feeds_ask ? ask : NULL;
}

/* Of a keeper that knows no feed yet. */
static void without_feeds(struct aloft *aloft)
{
    behind_make(aloft, 1);
    memset(&aloft->state->pending, 0, sizeof(aloft->state->pending));
    aloft_turn(aloft);
}

Test(pending, feeds_are_what_sources_name_and_sources_themselves_where_they_name_none)
{
    static const char *const rows[] = {
        "\"0x0000000000000000000000003333333333333333333333333333333333333333\"", "\"0x\""};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct address named = address_named(0x33);
        ALOFT aloft;

        without_feeds(&aloft);
        cr_assert_not_null(feeds_asked(&aloft));
        cr_assert_not_null(strstr((const char *)feeds_asked(&aloft)->body.data, SOURCE_CALL));
        aloft_answer(&aloft, feeds_asked(&aloft), (const char *const[]){rows[i], NULL});
        aloft_turn(&aloft);
        cr_assert(eq(u32, aloft.state->pending.feed_count, 1));
        cr_assert(address_is_equal(&aloft.state->pending.feed[0].aggregator,
                                   i == 0 ? &named : &aloft.state->pending.feed[0].source));
        cr_assert(not(aloft.state->pending.feed[0].is_right), "nothing of it was seen to land");
        cr_assert(eq(sz, aloft_asks(&aloft, CONTENT), 1), "what waits already is heard of");
    }
}

Test(pending, feeds_that_were_not_told_are_asked_for_at_the_next_head)
{
    ALOFT aloft;

    without_feeds(&aloft);
    aloft_answer_nothing(&aloft, feeds_asked(&aloft), OBSERVED_TIMED_OUT);
    aloft_turn(&aloft);
    cr_assert(eq(u32, aloft.state->pending.feed_count, 0));
    cr_assert_null(feeds_asked(&aloft));
    aloft_block(&aloft);
    cr_assert_not_null(feeds_asked(&aloft));
}

/* ---- believed */

static void lands(struct aloft *aloft, uint64_t usd)
{
    const struct waiting_update update = {.usd = 1996};
    TEXT receipt = {0};

    behind_push(aloft, &update);
    behind_answer(aloft, &update, &(struct behind_word){0});
    armed_price(aloft, usd);
    aloft->state->header.number++;
    aloft_turn(aloft);
    behind_receipt(&receipt, aloft, &update, aloft->state->header.number);
    behind_answer(aloft, &update, &(struct behind_word){.receipt = text_string(&receipt)});
}

Test(pending, feed_is_believed_once_an_update_of_it_landed_and_the_oracle_says_so)
{
    static const struct {
        uint64_t usd;
        bool was_right;
        bool is_right;
    } rows[] = {{1996, false, true}, {1996, true, true}, {1995, true, false}, {1995, false, false}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ALOFT aloft;

        behind_make(&aloft, 0);
        aloft.state->pending.feed[0].is_right = rows[i].was_right;
        lands(&aloft, rows[i].usd);
        cr_expect(eq(int, aloft.state->pending.feed[0].is_right, rows[i].is_right), "row %zu", i);
        cr_expect(eq(u64, pool_counted(&aloft, POOL_RIGHT), rows[i].is_right), "row %zu", i);
        cr_expect(eq(u64, pool_counted(&aloft, POOL_WRONG), !rows[i].is_right), "row %zu", i);
    }
}

Test(pending, answer_of_another_batch_or_none_is_asked_for_again)
{
    const struct ask *ask;
    ALOFT aloft;

    behind_make(&aloft, 1);
    behind_push(&aloft, &(struct waiting_update){0});
    for (int i = 0; i < 20; i++) {
        ask = behind_ask(&aloft);
        if (ask != NULL)
            aloft_answer_nothing(&aloft, ask, OBSERVED_TIMED_OUT);
        aloft_turn(&aloft);
    }
    cr_assert_null(behind_ask(&aloft), "as often as one head allows");
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 0));
    aloft_block(&aloft);
    cr_assert_not_null(behind_ask(&aloft));
}

Test(pending, that_a_fork_took_back_waits_again)
{
    ALOFT aloft;

    behind_make(&aloft, 0);
    lands(&aloft, 1996);
    cr_assert(eq(int, behind_update(&aloft)->state, UPDATE_LANDED));
    updates_rewind(aloft.state, aloft.state->header.number - 1);
    cr_assert(eq(int, behind_update(&aloft)->state, UPDATE_HEARD));
    aloft_turn(&aloft);
    cr_assert_not_null(behind_ask(&aloft));
}

/* Nothing is allocated for what comes: the same turn after turn leaves the arena as it is. */
Test(pending, steady_flood_takes_no_memory_of_ours)
{
    size_t blocks = 0;
    ALOFT aloft;

    behind_make(&aloft, 1);
    for (uint32_t i = 0; i < 600; i++) {
        behind_push(&aloft, &(struct waiting_update){.name = (uint8_t)(1 + i % 250),
                                                     .from = (uint8_t)(1 + i % 250)});
        if (i == 300)
            blocks = aloft.state->arena.blocks;
    }
    cr_assert(eq(sz, aloft.state->arena.blocks, blocks));
}
