/* A node that answers from another block than it was asked for: nothing of it is believed. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/walk.h"
#include "turn/inside.h"

TestSuite(strayed, .timeout = 120);

#define WHY "an answer of another block"

static bool says_so(const struct stage *stage)
{
    return !stage->state->is_ready && strcmp(stage->state->not_ready, WHY) == 0;
}

static bool has_noted(const struct stage *stage)
{
    return strstr(text_string(&stage->notes), WHY) != NULL;
}

static bool has_ended(const struct stage *stage)
{
    return stage->state->round.state == ROUND_RUNNING && stage->state->round.strayed < 0;
}

/* The first block with somebody to decide on, and a node that strays there. */
static struct chain *strays(struct stage *stage, struct settings *settings, unsigned times)
{
    struct chain *chain = chain_of(recording_or_skip());

    if (settings->chain.id == 0)
        *settings = dry_settings(chain);
    stage_make(stage, chain, settings);
    stage->trusts = true;
    walk_to(stage, 2);
    chain_stray(chain, times);
    chain_show(chain, 3);
    return chain;
}

static size_t decisions_at(const struct stage *stage, uint64_t number)
{
    TEXT block = {0};

    text_add(&block, "\"block\":");
    text_add_u64(&block, number);
    text_add(&block, ",");
    return lines_with(&stage->events, "\"event\":\"decision\"", text_string(&block));
}

Test(strayed, reads_fail_with_the_reason_and_nothing_is_decided_until_they_are_of_the_block)
{
    struct settings settings = {0};
    STAGE stage;
    struct chain *chain = strays(&stage, &settings, 1);
    size_t decisions = 0;

    for (uint32_t i = chain_shown(chain); i < chain_blocks(chain); i++) {
        uint64_t number = chain_number(chain, i);

        chain_stray(chain, 1);
        chain_show(chain, i);
        stage_until(&stage, says_so, 400);
        cr_assert(eq(u64, stage.state->header.number, number));
        cr_assert(eq(sz, decisions_at(&stage, number), 0));
        stage_until(&stage, stands_at_the_head, 400);
        decisions += decisions_at(&stage, number);
    }
    cr_assert(has_noted(&stage));
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    cr_assert(decisions > 0, "the control: there is something to decide");
    bytes_equal_afresh(&stage);
    chain_free(chain);
}

Test(strayed, another_endpoint_is_asked_where_there_is_one_that_reads)
{
    struct chain *config_of = chain_of(recording_or_skip());
    struct settings settings = dry_settings(config_of);
    STAGE stage;
    struct chain *chain;

    settings.chain.endpoint_count = 3;
    settings.chain.endpoint[1] = settings.chain.endpoint[2] = settings.chain.endpoint[0];
    settings.chain.endpoint[1].may_read = false;
    chain = strays(&stage, &settings, 1);
    stage_until(&stage, says_so, 400);
    cr_assert(eq(int, blocks_endpoint(stage.state), 2));
    stage_until(&stage, has_ended, 400);
    cr_assert(eq(int, stage.state->round.endpoint, 2));
    stage_until(&stage, stands_at_the_head, 400);
    stage.state->header.number += STRAYED_BLOCKS + 1;
    cr_assert(eq(int, blocks_endpoint(stage.state), 0), "not for ever");
    chain_free(chain);
    chain_free(config_of);
}

Test(strayed, a_start_too_believes_nothing_of_another_block)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct settings settings = dry_settings(chain);
    STAGE stage;

    chain_show(chain, chain_blocks(chain) / 2);
    chain_stray(chain, 1);
    stage_make(&stage, chain, &settings);
    stage.trusts = true;
    stage_until(&stage, has_noted, 400);
    cr_assert(not(stage.state->is_ready));
    stage_until(&stage, stands_at_the_head, 400);
    bytes_equal_afresh(&stage);
    chain_free(chain);
}
