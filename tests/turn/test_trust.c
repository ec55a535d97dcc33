/* A market is acted on only where its version is known and a sample of its accounts equals the
 * chain. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/turn/walk.h"

#define POOL_REVISION "0148170e"

TestSuite(trust, .timeout = 120);

static const char *wanted;

static bool stands_by_for_it(const struct stage *stage)
{
    return stage->count == 0 && strstr(stage->state->not_ready, wanted) != NULL &&
           stage->state->header.number == chain_number(stage->chain, chain_shown(stage->chain));
}

/* A live keeper through all of the crash; it must say why it stands by, and do so. */
static void stands_by(struct chain *chain, const char *why)
{
    const struct settings settings = chain_config(chain)->settings;
    STAGE stage;

    wanted = why;
    stage_make(&stage, chain, &settings);
    for (uint32_t i = 0; i < chain_blocks(chain); i++) {
        chain_show(chain, i);
        stage_until(&stage, stands_by_for_it, 600);
    }
    cr_assert_not_null(strstr(text_string(&stage.notes), why));
    cr_assert_null(strstr(text_string(&stage.events), "\"verdict\":\"liquidate\""));
    cr_assert(eq(sz, text_length(&stage.posted), 0));
}

Test(trust, is_not_given_to_a_pool_of_an_unknown_revision_which_is_named)
{
    struct chain *chain = chain_of(recording_or_skip());
    char revision[65];

    snprintf(revision, sizeof(revision), "%064x", 99);
    chain_overrule(chain, POOL_REVISION, revision);
    stands_by(chain, "pool revision 99 is not known to this version: read-only");
    chain_free(chain);
}

Test(trust, is_not_given_where_a_sample_differs_from_the_chain_by_a_unit)
{
    struct chain *chain = chain_of(recording_or_skip());

    chain_misjudge(chain, 1000);
    stands_by(chain, "accounts differ from the chain: read-only");
    chain_free(chain);
}

Test(trust, is_given_where_a_sample_equals_the_chain)
{
    struct chain *chain = chain_of(recording_or_skip());
    const struct settings settings = dry_settings(chain);
    STAGE stage;

    stage_make(&stage, chain, &settings);
    stage_until(&stage, stands_at_the_head, 600);
    cr_assert(eq(str, (char *)stage.state->not_ready, ""));
    cr_assert(eq(int, (int)stage.state->tracked[0].market.trust, MARKET_TRUSTED));
    cr_assert(gt(u64, stage.state->tracked[0].parity_equal, 0));
    chain_free(chain);
}
