/* A node that mines while it answers judges an account by another block's state: asked once more it
 * says the truth, or it does not. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <string.h>

#include "tests/keeper/stage.h"
#include "turn/inside.h"

TestSuite(doubt, .timeout = 120);

static bool stands_at_the_head(const struct stage *stage)
{
    return stage->state->is_ready && stage->count == 0 &&
           stage->state->header.number == chain_number(stage->chain, chain_shown(stage->chain));
}

/* "block account" of every liquidation that is decided, in a dry run head by head; of those that
 * were found to differ at that head *drifted. */
static json_t *liquidations_of(struct stage *stage, struct chain *chain, unsigned misjudges,
                               json_t *drifted)
{
    struct settings settings = chain_config(chain)->settings;
    json_t *out = json_object();
    json_t *event;
    size_t flags = JSON_DISABLE_EOF_CHECK;

    settings.mode = KEEPER_DRY_RUN;
    stage_make(stage, chain, &settings);
    stage->trusts = true;
    chain_show(chain, 0);
    stage_until(stage, stands_at_the_head, 400);
    chain_misjudge(chain, misjudges);
    for (uint32_t i = 1; i < chain_blocks(chain); i++) {
        const struct audit_sample *sample = &stage->state->sample;

        chain_show(chain, i);
        stage_until(stage, stands_at_the_head, 400);
        for (uint32_t k = 0; k < sample->count; k++) {
            TEXT key = {0};
            struct position position =
                book_position(stage->state->tracked[0].book, sample->account[k].slot);
            char account[ADDRESS_TEXT_SIZE];

            if (!sample->account[k].is_wrong)
                continue;
            address_format(account, &position.account);
            text_add_u64(&key, stage->state->header.number);
            text_add(&key, " ");
            text_add(&key, account);
            json_object_set_new(drifted, text_string(&key), json_true());
        }
    }
    for (const char *line = text_string(&stage->events); *line != '\0';
         line = strchr(line, '\n') + 1) {
        TEXT key = {0};

        event = json_loads(line, flags, NULL);
        cr_assert_not_null(event);
        if (strcmp(json_string_value(json_object_get(event, "event")), "decision") == 0 &&
            strcmp(json_string_value(json_object_get(event, "verdict")), "liquidate") == 0) {
            text_add_u64(&key, (uint64_t)json_integer_value(json_object_get(event, "block")));
            text_add(&key, " ");
            text_add(&key, json_string_value(json_object_get(event, "account")));
            json_object_set_new(out, text_string(&key), json_true());
        }
        json_decref(event);
    }
    return out;
}

static size_t missing_from(json_t *from, json_t *keys)
{
    const char *key;
    json_t *value;
    size_t count = 0;

    json_object_foreach(keys, key, value)
    {
        count += json_object_get(from, key) == NULL;
    }
    return count;
}

Test(doubt, that_a_second_answer_ends_changes_no_decision_at_any_head)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct chain *raced = chain_of(recording_or_skip());
    STAGE truth;
    STAGE stage;
    json_t *drifted = json_object();
    json_t *expected = liquidations_of(&truth, chain, 0, drifted);
    json_t *decided = liquidations_of(&stage, raced, 1, drifted);

    cr_expect(eq(u64, truth.state->counters.audit_doubts, 0));
    cr_expect(stage.state->counters.audit_doubts > 10, "%lu", stage.state->counters.audit_doubts);
    cr_expect(eq(u64, stage.state->counters.drifts, 0));
    cr_expect(strstr(text_string(&stage.events), "\"event\":\"drift\"") == NULL);
    cr_expect(strstr(text_string(&stage.events), "untrusted") == NULL);
    cr_assert(json_object_size(expected) > 10);
    cr_expect(eq(sz, missing_from(decided, expected), 0));
    cr_expect(eq(sz, missing_from(expected, decided), 0));
    json_decref(drifted);
    json_decref(expected);
    json_decref(decided);
    chain_free(chain);
    chain_free(raced);
}

Test(doubt, that_a_second_answer_confirms_is_drift_and_sends_nothing)
{
    struct chain *chain = chain_of(recording_or_skip());
    STAGE stage;
    json_t *drifted = json_object();
    json_t *decided = liquidations_of(&stage, chain, 2, drifted);

    cr_expect(stage.state->counters.drifts > 2);
    cr_expect(strstr(text_string(&stage.events), "\"event\":\"drift\"") != NULL);
    cr_assert(json_object_size(drifted) > 10);
    cr_expect(eq(sz, missing_from(decided, drifted), json_object_size(drifted)));
    cr_expect(eq(int, stage.state->tracked[0].market.trust, MARKET_FAILED_PARITY));
    json_decref(drifted);
    json_decref(decided);
    chain_free(chain);
}
