/* Transactions as nodes show them while they wait. */
#include "feed/pooled.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/node.h"

#define HASH "\"0x1111111111111111111111111111111111111111111111111111111111111111\""
#define FROM "\"0x2222222222222222222222222222222222222222\""
#define TO "\"0x3333333333333333333333333333333333333333\""
#define BASE                                                                                       \
    "{\"hash\":" HASH ",\"from\":" FROM ",\"to\":" TO                                              \
    ",\"nonce\":\"0x5\",\"gas\":\"0x30d40\",\"value\":\"0x0\",\"input\":\"0xabcdef\""
#define DYNAMIC ",\"type\":\"0x2\",\"maxFeePerGas\":\"0x64\",\"maxPriorityFeePerGas\":\"0x3\""

struct parsed {
    struct rpc_answers answers;
    struct text body;
};

static const struct json_t *parse(struct parsed *out, const char *json)
{
    struct observation answer;

    memset(out, 0, sizeof(*out));
    node_result(&out->body, 1, 0, json);
    answer = node_answer(1, &out->body);
    rpc_answers_parse(&out->answers, &answer, 1, 1);
    cr_assert(eq(int, out->answers.envelope, RPC_ENVELOPE_OK), "%s", json);
    return out->answers.answer[0].result;
}

static void done(struct parsed *parsed)
{
    rpc_answers_release(&parsed->answers);
    text_release(&parsed->body);
}

static enum pooled_error read_text(struct pooled *out, const char *json)
{
    struct parsed parsed;
    const struct json_t *value = parse(&parsed, json);
    enum pooled_error error = pooled_read(out, value, parsed.answers.original);

    out->input = NULL;
    done(&parsed);
    return error;
}

Test(pooled, of_type_two_has_both_of_its_caps)
{
    struct pooled pooled;

    cr_assert(eq(int, read_text(&pooled, BASE DYNAMIC ",\"blockHash\":null}"), POOLED_OK));
    cr_assert(eq(u64, pooled.nonce, 5));
    cr_assert(eq(u64, pooled.gas, 200000));
    cr_assert(eq(u64, pooled.max_fee_per_gas.value.limb[0], 100));
    cr_assert(eq(u64, pooled.max_priority_fee_per_gas.value.limb[0], 3));
}

Test(pooled, of_before_types_pays_its_gas_price_whatever_the_base_fee)
{
    static const char *const rows[] = {",\"type\":\"0x0\"", ",\"type\":\"0x1\"", "",
                                       ",\"type\":null"};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct pooled pooled;
        TEXT json = {0};

        text_add(&json, BASE ",\"gasPrice\":\"0x64\"");
        text_add(&json, rows[i]);
        text_add(&json, "}");
        cr_assert(eq(int, read_text(&pooled, text_string(&json)), POOLED_OK), "%s", rows[i]);
        cr_assert(eq(u64, pooled.max_fee_per_gas.value.limb[0], 100));
        cr_assert(eq(u64, pooled.max_priority_fee_per_gas.value.limb[0], 100));
    }
}

Test(pooled, of_a_shape_that_is_not_spoken_is_refused)
{
    static const struct {
        const char *json;
        enum pooled_error error;
    } rows[] = {
        {"null", POOLED_MALFORMED},
        {"[]", POOLED_MALFORMED},
        {"{}", POOLED_MALFORMED},
        {"{\"hash\":\"0x12\"}", POOLED_MALFORMED},
        {BASE "}", POOLED_MALFORMED},
        {BASE ",\"type\":\"0x2\",\"gasPrice\":\"0x64\"}", POOLED_MALFORMED},
        {BASE ",\"type\":\"0x2\",\"maxFeePerGas\":\"0x1\",\"maxPriorityFeePerGas\":\"0x3\"}",
         POOLED_MALFORMED},
        {BASE ",\"type\":\"0x3\",\"maxFeePerGas\":\"0x64\",\"maxPriorityFeePerGas\":\"0x3\"}",
         POOLED_TYPE},
        {BASE ",\"type\":\"0x4\",\"maxFeePerGas\":\"0x64\",\"maxPriorityFeePerGas\":\"0x3\"}",
         POOLED_TYPE},
        {BASE ",\"type\":7}", POOLED_TYPE},
        {"{\"hash\":" HASH ",\"from\":" FROM ",\"to\":null" DYNAMIC "}", POOLED_TYPE},
        {"{\"hash\":" HASH ",\"to\":" TO
         ",\"nonce\":\"0x5\",\"gas\":\"0x1\",\"value\":\"0x0\"" DYNAMIC "}",
         POOLED_MALFORMED},
        {BASE DYNAMIC ",\"blockHash\":" HASH ",\"blockNumber\":\"0x7\"}", POOLED_MINED},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct pooled pooled;

        cr_expect(eq(int, read_text(&pooled, rows[i].json), rows[i].error), "%s", rows[i].json);
    }
}

Test(pooled, input_is_taken_under_either_name_and_within_its_bound)
{
    static const char *const names[] = {"input", "data"};

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct parsed parsed;
        struct pooled pooled;
        TEXT json = {0};
        BUFFER data = {0};

        text_add(&json, "{\"hash\":" HASH ",\"from\":" FROM ",\"to\":" TO
                        ",\"nonce\":\"0x5\",\"gas\":\"0x1\",\"value\":\"0x0\"" DYNAMIC ",\"");
        text_add(&json, names[i]);
        text_add(&json, "\":\"0x");
        for (int k = 0; k < 300; k++)
            text_add(&json, "ab");
        text_add(&json, "\"}");
        const struct json_t *value = parse(&parsed, text_string(&json));
        cr_assert(eq(int, pooled_read(&pooled, value, parsed.answers.original), POOLED_OK));
        cr_assert(pooled_input(&data, &pooled, parsed.answers.original, 300));
        cr_assert(eq(sz, data.size, 300));
        cr_assert(not(pooled_input(&data, &pooled, parsed.answers.original, 299)));
        done(&parsed);
    }
}

static void count_up(void *context, const struct json_t *value)
{
    (void)value;
    ++*(size_t *)context;
}

Test(pooled, list_names_each_that_can_be_mined_and_none_that_is_queued)
{
    struct parsed parsed;
    size_t left = 9;
    size_t count = 0;

    cr_assert(
        pooled_list(&left,
                    parse(&parsed, "{\"pending\":{\"0x1\":{\"5\":{},\"6\":{}},\"0x2\":{\"0\":{}},"
                                   "\"0x3\":7},\"queued\":{\"0x1\":{\"9\":{}}}}"),
                    count_up, &count));
    cr_assert(eq(sz, count, 3));
    cr_assert(eq(sz, left, 0));
    done(&parsed);
}

Test(pooled, list_that_is_none_is_refused)
{
    static const char *const rows[] = {"null", "[]", "{}", "{\"pending\":[]}", "\"0x\""};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct parsed parsed;
        size_t left;
        size_t count = 0;

        cr_expect(not(pooled_list(&left, parse(&parsed, rows[i]), count_up, &count)), "%s",
                  rows[i]);
        done(&parsed);
    }
}

Test(pooled, list_is_looked_at_as_far_as_its_bound_and_the_rest_is_counted)
{
    struct parsed parsed;
    TEXT json = {0};
    size_t left = 0;
    size_t count = 0;

    text_add(&json, "{\"pending\":{\"0x1\":{");
    for (uint64_t i = 0; i < POOLED_LIST_MAX + 7; i++) {
        text_add(&json, i == 0 ? "\"" : ",\"");
        text_add_u64(&json, i);
        text_add(&json, "\":{}");
    }
    text_add(&json, "}}}");
    cr_assert(pooled_list(&left, parse(&parsed, text_string(&json)), count_up, &count));
    cr_assert(eq(sz, count, POOLED_LIST_MAX));
    cr_assert(eq(sz, left, 7));
    done(&parsed);
}
