/* A mirror that an earlier life kept: taken where the chain still has its block, caught up with
 * little, and else not believed. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/stage.h"

TestSuite(restored, .timeout = 120);

static struct settings settings;

static bool stands_at_the_head(const struct stage *stage)
{
    return stage->state->is_ready &&
           stage->state->header.number == chain_number(stage->chain, chain_shown(stage->chain));
}

static void start(struct stage *out, struct chain *chain)
{
    settings = chain_config(chain)->settings;
    settings.mode = KEEPER_DRY_RUN;
    settings.simulate = SIMULATE_NEVER;
    stage_make(out, chain, &settings);
    out->trusts = true;
}

/* What a keeper knows that followed the chain up to that block. */
static void keep_at(struct buffer *out, struct chain *chain, uint32_t index)
{
    STAGE stage;

    start(&stage, chain);
    for (uint32_t i = chain_shown(chain); i <= index; i++) {
        chain_show(chain, i);
        stage_until(&stage, stands_at_the_head, 400);
    }
    cr_assert(turn_keep(out, stage.state, 0));
}

static void keep_now(struct buffer *out, const struct stage *stage)
{
    buffer_clear(out);
    cr_assert(turn_keep(out, stage->state, 0));
}

static size_t counted(struct chain *chain, unsigned before[CHAIN_KINDS], enum chain_kind kind)
{
    unsigned now[CHAIN_KINDS];

    chain_count(chain, now);
    return now[kind] - before[kind];
}

Test(restored, equals_a_mirror_made_afresh_byte_for_byte_and_asks_little)
{
    struct chain *chain = chain_of(recording_or_skip());
    const uint32_t tip = chain_blocks(chain) - 1;
    BUFFER kept = {0};
    BUFFER ours = {0};
    BUFFER theirs = {0};
    STAGE stage;
    STAGE fresh;

    keep_at(&kept, chain, tip / 2);
    chain_show(chain, tip);
    start(&fresh, chain);
    stage_until(&fresh, stands_at_the_head, 400);
    start(&stage, chain);
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
    stage_until(&stage, stands_at_the_head, 400);
    keep_now(&ours, &stage);
    keep_now(&theirs, &fresh);
    cr_expect(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
    cr_expect_not_null(strstr(text_string(&stage.notes), "mirror restored: block="), "%s",
                       text_string(&stage.notes));
    cr_expect(lt(u64, stage.state->round.calls, fresh.state->round.calls + 1));
    cr_expect(eq(u64, stage.state->counters.resyncs, 0));
    cr_expect(eq(uint, chain_unknown(chain), 0));
    chain_free(chain);
}

/* At the same head: only what the last few blocks touched is asked. */
Test(restored, at_the_head_that_it_was_kept_at_reads_no_history_and_few_accounts)
{
    struct chain *chain = chain_of(recording_or_skip());
    const char *unread;
    unsigned before[CHAIN_KINDS];
    BUFFER kept = {0};
    BUFFER again = {0};
    STAGE stage;

    keep_at(&kept, chain, chain_blocks(chain) - 1);
    chain_count(chain, before);
    start(&stage, chain);
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
    stage_until(&stage, stands_at_the_head, 400);
    cr_expect(eq(sz, counted(chain, before, CHAIN_GREETING), 1));
    cr_expect(eq(sz, counted(chain, before, CHAIN_HISTORY), 0), "more than the last blocks");
    cr_expect(eq(sz, counted(chain, before, CHAIN_BLOCK), 2), "their headers, and their logs");
    unread = strstr(text_string(&stage.notes), "unread=");
    cr_assert_not_null(unread, "%s", text_string(&stage.notes));
    cr_expect(lt(ulong, strtoul(unread + 7, NULL, 10), book_count(stage.state->tracked[0].book)),
              "%s", unread);
    keep_now(&again, &stage);
    cr_expect(bytes_equal(buffer_bytes(&again), buffer_bytes(&kept)));
    chain_free(chain);
}

/* In each of these the mirror is thrown away, and what comes of it is as if there had been none. */
static void is_built_afresh(struct chain *chain, struct buffer *kept, const char *why)
{
    BUFFER ours = {0};
    BUFFER theirs = {0};
    STAGE stage;
    STAGE fresh;

    start(&stage, chain);
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(kept)), MIRROR_OK));
    stage_until(&stage, stands_at_the_head, 400);
    cr_expect_not_null(strstr(text_string(&stage.notes), "mirror not used: block="), "%s",
                       text_string(&stage.notes));
    cr_expect_not_null(strstr(text_string(&stage.notes), why), "%s", text_string(&stage.notes));
    start(&fresh, chain);
    stage_until(&fresh, stands_at_the_head, 400);
    keep_now(&ours, &stage);
    keep_now(&theirs, &fresh);
    cr_expect(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
}

Test(restored, of_a_block_that_a_reorg_took_away_is_not_used)
{
    struct chain *chain = chain_of(recording_or_skip());
    const uint32_t at = chain_blocks(chain) / 2;
    BUFFER kept = {0};

    keep_at(&kept, chain, at);
    chain_fork(chain, at);
    chain_show(chain, at + 2);
    is_built_afresh(chain, &kept, "a reorg took it away");
    chain_free(chain);
}

Test(restored, of_a_block_ahead_of_the_head_is_not_used)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};

    keep_at(&kept, chain, 5);
    chain_show(chain, 2);
    is_built_afresh(chain, &kept, "its chain was set back");
    chain_free(chain);
}

/* The block is there by number, and the node has none of it. */
Test(restored, of_a_block_that_the_node_does_not_have_is_not_used)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};

    keep_at(&kept, chain, 1);
    kept.data[88] = 3; /* block number 3, before the first that the chain knows */
    memset(kept.data + 89, 0, 7);
    is_built_afresh(chain, &kept, "does not have its block");
    chain_free(chain);
}

Test(restored, of_other_code_keeps_who_borrowed_and_reads_what_they_hold)
{
    struct chain *chain = chain_of(recording_or_skip());
    unsigned before[CHAIN_KINDS];
    BUFFER kept = {0};
    BUFFER again = {0};
    BUFFER whole = {0};
    STAGE stage;

    keep_at(&kept, chain, chain_blocks(chain) - 1);
    buffer_add_bytes(&whole, buffer_bytes(&kept));
    kept.data[84]++; /* the pool's revision */
    chain_count(chain, before);
    start(&stage, chain);
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
    stage_until(&stage, stands_at_the_head, 400);
    cr_expect_not_null(strstr(text_string(&stage.notes), "market has changed since"), "%s",
                       text_string(&stage.notes));
    cr_expect(ge(sz, counted(chain, before, CHAIN_ACCOUNTS), 1));
    keep_now(&again, &stage);
    cr_expect(bytes_equal(buffer_bytes(&again), buffer_bytes(&whole)));
    chain_free(chain);
}

/* Whatever goes wrong on the way, the next attempt has it still. */
Test(restored, survives_a_node_that_fails_at_each_step)
{
    static const enum chain_kind kinds[] = {CHAIN_GREETING, CHAIN_TERMS, CHAIN_HISTORY};
    struct chain *chain = chain_of(recording_or_skip());
    const uint32_t tip = chain_blocks(chain) - 1;
    BUFFER kept = {0};
    BUFFER theirs = {0};
    STAGE fresh;

    keep_at(&kept, chain, tip / 2);
    chain_show(chain, tip);
    start(&fresh, chain);
    stage_until(&fresh, stands_at_the_head, 400);
    keep_now(&theirs, &fresh);
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        BUFFER ours = {0};
        STAGE stage;

        chain_spoil(chain, kinds[i], 1, NULL);
        start(&stage, chain);
        cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
        stage_until(&stage, stands_at_the_head, 400);
        cr_expect_not_null(strstr(text_string(&stage.notes), "mirror restored: "), "%s",
                           text_string(&stage.notes));
        keep_now(&ours, &stage);
        cr_expect(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
    }
    chain_free(chain);
}

Test(restored, beside_a_market_that_has_none_leaves_that_one_to_be_built)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};
    BUFFER first = {0};
    BUFFER second = {0};
    STAGE stage;

    keep_at(&kept, chain, chain_blocks(chain) / 2);
    settings = chain_config(chain)->settings;
    settings.mode = KEEPER_DRY_RUN;
    settings.market[1] = settings.market[0];
    strcpy(settings.market[1].name, "twin");
    settings.market_count = 2;
    chain_show(chain, chain_blocks(chain) - 1);
    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OF_MARKET));
    stage_until(&stage, stands_at_the_head, 400);
    cr_assert(turn_keep(&first, stage.state, 0));
    cr_assert(turn_keep(&second, stage.state, 1));
    cr_assert(eq(sz, first.size, second.size));
    memcpy(second.data + 28, first.data + 28, 32); /* but for the name */
    cr_expect(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    chain_free(chain);
}

Test(restored, of_several_blocks_are_not_mixed)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};
    STAGE stage;

    keep_at(&kept, chain, 1);
    settings = chain_config(chain)->settings;
    settings.market[1] = settings.market[0];
    strcpy(settings.market[1].name, "twin");
    settings.market_count = 2;
    stage_make(&stage, chain, &settings);
    cr_assert(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OK));
    memset(kept.data + 28, 0, 32);
    strcpy((char *)kept.data + 28, "twin");
    kept.data[88]++;
    cr_expect(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_OF_BLOCK));
    chain_free(chain);
}

Test(restored, is_refused_where_the_config_wants_an_earlier_history)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};
    STAGE stage;

    keep_at(&kept, chain, 0);
    settings = chain_config(chain)->settings;
    kept.data[20 + 7] = 1; /* read from a block far ahead on */
    stage_make(&stage, chain, &settings);
    cr_expect(eq(int, turn_restore(stage.state, buffer_bytes(&kept)), MIRROR_BEGINS_LATE));
    chain_free(chain);
}

Test(restored, is_kept_only_of_a_mirror_that_is_whole_and_trusted)
{
    struct chain *chain = chain_of(recording_or_skip());
    BUFFER kept = {0};
    STAGE stage;

    start(&stage, chain);
    cr_expect(not(turn_keep(&kept, stage.state, 0)), "nothing is known yet");
    cr_expect(not(turn_may_keep(stage.state, true)));
    stage_until(&stage, stands_at_the_head, 400);
    cr_expect(turn_may_keep(stage.state, true));
    stage.state->tracked[0].sweep.candidate_count++;
    cr_expect(not(turn_may_keep(stage.state, false)), "somebody stands under water");
    cr_expect(turn_may_keep(stage.state, true));
    stage.state->is_updating = true;
    cr_expect(not(turn_may_keep(stage.state, true)));
    stage.state->tracked[0].market.trust = MARKET_FAILED_PARITY;
    cr_expect(not(turn_keep(&kept, stage.state, 0)), "an audit found it wrong");
    cr_expect(eq(sz, kept.size, 0));
    chain_free(chain);
}
