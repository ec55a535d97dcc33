/* Envelopes: whatever a node may say becomes one of a closed list. */
#include "eth/jsonrpc.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "tests/base/random.h"
#include "tests/eth/answers.h"
#include "tests/eth/bytes_of_hex.h"

#define WORDS                                                                                      \
    "0000000000000000000000000000000000000000000000000000000000000020"                             \
    "0000000000000000000000000000000000000000000000000000000000000002"                             \
    "3435000000000000000000000000000000000000000000000000000000000000"
#define REVERT_45 "0x08c379a0" WORDS

Test(answers, come_in_the_order_of_the_questions)
{
    ANSWERS answers = {0};
    uint64_t value;
    parse(&answers,
          "[{\"id\":258,\"result\":\"0x2\"},{\"id\":\"256\",\"result\":\"0x0\"},"
          "{\"id\":257.0,\"result\":\"0x1\"}]",
          1, 3);
    cr_assert(eq(int, answers.envelope, RPC_ENVELOPE_OK));
    cr_assert(eq(u32, answers.count, 3));
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect(eq(int, answers.answer[i].fault, RPC_FAULT_NONE));
        cr_expect(eq(str, (char *)answers.answer[i].message, ""));
        cr_assert(json_quantity(&value, answers.answer[i].result));
        cr_expect(eq(u64, value, i));
    }
}

Test(answers, of_a_recording_are_read_by_the_id_they_were_asked_under)
{
    ANSWERS answers = {0};
    struct observation observation = answer_with("{\"id\":1792,\"result\":\"0x1\"}", 200);
    observation.asked_as = 7;
    rpc_answers_parse(&answers, &observation, 1, 1);
    cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_OK));
    observation.asked_as = 0;
    rpc_answers_parse(&answers, &observation, 1, 1);
    cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_GARBAGE));
}

Test(answers, keep_null_as_a_result)
{
    ANSWERS answers = {0};
    parse(&answers, "{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":null}", 1, 1);
    cr_assert(eq(int, answers.envelope, RPC_ENVELOPE_OK));
    cr_expect(eq(int, json_typeof(answers.answer[0].result), JSON_NULL));
    parse(&answers, "{\"id\":256,\"error\":null,\"result\":\"0x1\"}", 1, 1);
    cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_NONE));
    cr_expect(eq(int, json_typeof(answers.answer[0].result), JSON_STRING));
}

Test(answers, are_garbage_where_there_is_no_answer_in_them)
{
    const char *row[] = {"",
                         " ",
                         "<html>429</html>",
                         "{\"id\":256,\"result\":\"0x1\"",
                         "{\"id\":256}",
                         "{}",
                         "42",
                         "null",
                         "[]",
                         "[[]]",
                         "[{\"id\":256,\"result\":1},{\"id\":257,\"result\":1}]",
                         "{\"id\":257,\"result\":\"0x1\"}",
                         "{\"id\":null,\"result\":\"0x1\"}",
                         "{\"result\":\"0x1\"}",
                         "{\"id\":256.5,\"result\":\"0x1\"}",
                         "{\"id\":-256,\"result\":\"0x1\"}",
                         "{\"id\":\"x\",\"result\":\"0x1\"}",
                         "{\"id\":1e300,\"result\":\"0x1\"}",
                         "{\"id\":256,\"result\":\"0x1\",\"result\":\"0x2\"}",
                         "{\"id\":256,\"result\":\"0x1\"} {}"};
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        parse(&answers, row[i], 1, 1);
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_GARBAGE), "%s", row[i]);
        cr_expect(gt(sz, strlen(answers.why), 3));
        cr_expect(eq(u32, answers.count, 1));
        cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_OTHER));
        cr_expect(eq(ptr, answers.answer[0].result, NULL));
    }
}

Test(answers, are_missing_where_a_batch_lost_doubled_or_gained_one)
{
    const char *row[] = {
        "[]",
        "[{\"id\":256,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":256,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":258,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":0,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":257,\"result\":1},{\"id\":258,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":null,\"result\":1}]",
        "[{\"id\":256,\"result\":1},{\"id\":257,\"result\":1},{\"id\":null,\"error\":\"no\"}]",
        "[{\"id\":256,\"result\":1},7]",
        "[{\"id\":256,\"result\":1},{\"id\":257}]",
    };
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        parse(&answers, row[i], 1, 2);
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_MISSING), "%s", row[i]);
        cr_expect(gt(sz, strlen(answers.why), 3));
        for (uint32_t at = 0; at < 2; at++)
            cr_expect(eq(int, answers.answer[at].fault, RPC_FAULT_OTHER));
    }
}

Test(answers, to_a_batch_may_be_one_error_for_all)
{
    const char *row[] = {
        "{\"id\":null,\"error\":{\"code\":-32005,\"message\":\"rate limited\"}}",
        "{\"error\":\"rate limited\"}",
        "{\"message\":\"API rate limit exceeded\"}",
        "\"rate limit\"",
        "[{\"id\":null,\"error\":{\"code\":-32005,\"message\":\"rate limited\"}}]",
        "[{\"id\":\"257\",\"error\":{\"code\":-32012,\"message\":\"credits limited to 6000/sec\"}},"
        "{\"id\":\"257\",\"error\":{\"code\":-32012,\"message\":\"credits limited to 6000/sec\"}}]",
    };
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        parse(&answers, row[i], 1, 3);
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_OK), "%s", row[i]);
        for (uint32_t at = 0; at < 3; at++)
            cr_expect(eq(int, answers.answer[at].fault, RPC_FAULT_RATE_LIMIT), "%s", row[i]);
    }
}

Test(answers, of_a_batch_that_lost_their_ids_are_about_those_without_one)
{
    ANSWERS answers = {0};
    parse(&answers,
          "[{\"id\":257,\"result\":\"0x1\"},"
          "{\"id\":null,\"error\":{\"code\":-32000,\"message\":\"header not found\"}}]",
          1, 3);
    cr_assert(eq(int, answers.envelope, RPC_ENVELOPE_OK));
    cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_UNKNOWN_BLOCK));
    cr_expect(eq(int, answers.answer[1].fault, RPC_FAULT_NONE));
    cr_expect(eq(int, answers.answer[2].fault, RPC_FAULT_UNKNOWN_BLOCK));
}

Test(answers, to_a_single_call_may_be_wrapped_or_be_an_error_of_any_id)
{
    const char *row[] = {
        "[{\"id\":256,\"error\":{\"code\":-32000,\"message\":\"nonce too low\"}}]",
        "{\"id\":0,\"error\":\"nonce too low\"}",
        "{\"error\":{\"message\":\"nonce too low\"}}",
        "{\"id\":null,\"error\":{\"code\":\"x\",\"message\":\"Nonce too low\",\"data\":7}}",
        "{\"message\":\"nonce too low\"}",
        "\"nonce too low\"",
    };
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        parse(&answers, row[i], 1, 1);
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_OK), "%s", row[i]);
        cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_NONCE_TOO_LOW), "%s", row[i]);
        cr_expect(eq(ptr, answers.answer[0].result, NULL));
    }
}

Test(answers, keep_the_pause_that_an_error_asks_for)
{
    static const struct {
        const char *data;
        int64_t pause_ms;
    } rows[] = {
        {"{\"rate\":{\"backoff_seconds\":30.0},\"see\":\"https://a\"}", 30000},
        {"{\"rate\":{\"backoff_seconds\":0}}", 0},
        {"{\"backoff_seconds\":2.5}", 2500},
        {"{\"backoff_seconds\":1e300}", 86400000},
        {"{\"backoff_seconds\":-1}", 0},
        {"{\"backoff_seconds\":\"30\"}", 0},
        {"\"backoff_seconds\"", 0},
        {"7", 0},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS answers = {0};
        TEXT body = {0};

        text_add(&body, "{\"id\":256,\"error\":{\"code\":-32005,\"message\":\"slow\",\"data\":");
        text_add(&body, rows[i].data);
        text_add(&body, "}}");
        parse(&answers, text_string(&body), 1, 1);
        cr_expect(eq(i64, answers.answer[0].pause_ms, rows[i].pause_ms), "%s", rows[i].data);
    }
}

Test(answers, keep_code_and_message_of_an_error)
{
    ANSWERS answers = {0};
    parse(&answers, "{\"id\":256,\"error\":{\"code\":-32000,\"message\":\"A\\u0000B\"}}", 1, 1);
    cr_expect(eq(i64, answers.answer[0].code, -32000));
    cr_expect(eq(str, (char *)answers.answer[0].message, "A"));
    parse(&answers, "{\"id\":256,\"error\":{\"code\":1e40}}", 1, 1);
    cr_expect(eq(i64, answers.answer[0].code, 0));
    cr_expect(eq(str, (char *)answers.answer[0].message, ""));
    cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_OTHER));
    parse(&answers, "{\"id\":256,\"error\":7}", 1, 1);
    cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_OTHER));
    parse(&answers, "{\"id\":256,\"error\":{\"message\":\"" REVERT_45 "\"}}", 1, 1);
    cr_expect(eq(str, (char *)answers.answer[0].message, REVERT_45));
    parse(&answers, "{\"id\":256,\"error\":{\"message\":\"@1,2\"}}", 1, 1);
    cr_expect(eq(str, (char *)answers.answer[0].message, "@1,2"));
}

Test(answers, hold_a_reverts_bytes_wherever_the_node_put_them)
{
    const char *row[] = {
        "{\"code\":3,\"message\":\"execution reverted: 45\",\"data\":\"" REVERT_45 "\"}",
        "{\"code\":-32603,\"message\":\"Error: VM Exception while processing transaction: reverted "
        "with reason string '45'\",\"data\":{\"message\":\"x\",\"txHash\":\"0x12\",\"data\":"
        "\"" REVERT_45 "\"}}",
        "{\"code\":-32000,\"message\":\"VM Exception while processing transaction: revert 45\","
        "\"data\":\"" REVERT_45 "\"}",
        "{\"code\":-32000,\"message\":\"VM Exception while processing transaction: revert 45\","
        "\"data\":{\"hash\":null,\"programCounter\":5,\"result\":\"" REVERT_45 "\"}}",
        "{\"code\":-32000,\"message\":\"VM Exception while processing transaction: revert\","
        "\"data\":{\"0xaa\":{\"error\":\"revert\",\"return\":\"" REVERT_45 "\"},\"stack\":\"x\"}}",
        "{\"code\":-32015,\"message\":\"VM execution error.\",\"data\":\"Reverted " REVERT_45 "\"}",
    };
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        TEXT body = {0};
        text_add(&body, "{\"id\":256,\"error\":");
        text_add(&body, row[i]);
        text_add(&body, "}");
        parse(&answers, text_string(&body), 1, 1);
        cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_REVERT), "%s", row[i]);
        cr_expect(is_hex(answers.answer[0].revert, REVERT_45), "%s", row[i]);
    }
}

Test(answers, hold_no_bytes_where_a_revert_has_none)
{
    const char *data[] = {
        "\"0x\"",       "\"\"", "\"0x1\"", "\"0xzz\"",
        "\"Reverted\"", "null", "{}",      "{\"data\":{\"data\":{\"data\":{\"data\":\"0x12\"}}}}",
        "[\"0x12\"]"};
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(data); i++) {
        TEXT body = {0};
        text_add(&body, "{\"id\":256,\"error\":{\"code\":3,\"message\":\"execution reverted\","
                        "\"data\":");
        text_add(&body, data[i]);
        text_add(&body, "}}");
        parse(&answers, text_string(&body), 1, 1);
        cr_expect(eq(int, answers.answer[0].fault, RPC_FAULT_REVERT), "%s", data[i]);
        cr_expect(eq(sz, answers.answer[0].revert.size, 0), "%s", data[i]);
    }
}

Test(answers, leave_a_revert_that_came_as_a_result_a_result)
{
    ANSWERS answers = {0};
    BUFFER bytes = {0};
    parse(&answers, "{\"id\":256,\"result\":\"" REVERT_45 "\"}", 1, 1);
    cr_assert(eq(int, answers.answer[0].fault, RPC_FAULT_NONE));
    cr_assert(json_bytes(&bytes, answers.answer[0].result, answers.original));
    cr_expect(is_hex(buffer_bytes(&bytes), REVERT_45));
}

Test(answers, keep_many_messages_and_reverts_apart)
{
    TEXT body = {0};
    ANSWERS answers = {0};
    for (unsigned i = 0; i < RPC_BATCH_MAX; i++) {
        text_add(&body, i == 0 ? "[" : ",");
        text_add(&body, "{\"id\":");
        text_add_u64(&body, 256 + i);
        text_add(&body, ",\"error\":{\"code\":3,\"message\":\"@");
        text_add_u64(&body, i);
        text_add(&body, "\",\"data\":\"" REVERT_45);
        text_add_hex(&body, (struct bytes){0});
        body.buffer.size -= 2; /* the "0x" of nothing */
        uint8_t byte = (uint8_t)i;
        char digits[3];
        hex_encode(digits, bytes_of(&byte, 1));
        text_add(&body, digits);
        text_add(&body, "\"}}");
    }
    text_add(&body, "]");
    parse(&answers, text_string(&body), 1, RPC_BATCH_MAX);
    cr_assert(eq(int, answers.envelope, RPC_ENVELOPE_OK));
    for (unsigned i = 0; i < RPC_BATCH_MAX; i++) {
        TEXT message = {0};
        text_add_char(&message, '@');
        text_add_u64(&message, i);
        cr_assert(eq(str, (char *)answers.answer[i].message, (char *)text_string(&message)));
        cr_assert(eq(sz, answers.answer[i].revert.size, 101));
        cr_assert(eq(u8, answers.answer[i].revert.data[100], (uint8_t)i));
    }
}

Test(answers, of_a_failed_transport_say_so)
{
    ANSWERS answers = {0};
    for (int status = OBSERVED_UNREACHABLE; status <= OBSERVED_UNRECORDED; status++) {
        struct observation observation = answer_with("{\"id\":256,\"result\":1}", 0);
        observation.status = (enum observation_status)status;
        rpc_answers_parse(&answers, &observation, 1, 2);
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_TRANSPORT));
        cr_expect(eq(u32, answers.count, 2));
        cr_expect(eq(ptr, answers.answer[1].result, NULL));
        cr_expect(eq(str, (char *)answers.answer[1].message,
                     (char *)observation_status_text(observation.status)));
    }
}

Test(answers, take_the_http_status_where_the_body_says_nothing)
{
    const struct {
        const char *body;
        uint16_t http_status;
        enum rpc_fault fault;
    } row[] = {
        {"<html>slow down</html>", 429, RPC_FAULT_RATE_LIMIT},
        {"<html>no</html>", 403, RPC_FAULT_UNAUTHORISED},
        {"{\"error\":\"no\"}", 401, RPC_FAULT_UNAUTHORISED},
        {"{\"error\":{\"code\":-32000,\"message\":\"oops\"}}", 502, RPC_FAULT_BUSY},
        {"{\"error\":{\"code\":-32000,\"message\":\"oops\"}}", 413, RPC_FAULT_GAS_CAP},
        {"{\"error\":{\"code\":-32000,\"message\":\"oops\"}}", 408, RPC_FAULT_BUSY},
        {"{\"error\":{\"code\":-32000,\"message\":\"oops\"}}", 400, RPC_FAULT_OTHER},
        {"{\"error\":{\"code\":-32000,\"message\":\"already known\"}}", 500,
         RPC_FAULT_ALREADY_KNOWN},
    };
    ANSWERS answers = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct observation observation = answer_with(row[i].body, row[i].http_status);
        rpc_answers_parse(&answers, &observation, 1, 1);
        cr_expect(eq(int, answers.answer[0].fault, row[i].fault), "%s", row[i].body);
    }
}

Test(answers, read_integers_past_63_bits)
{
    ANSWERS answers = {0};
    parse(&answers, "{\"id\":256,\"result\":{\"difficulty\":340282366920938463463374607431}}", 1,
          1);
    cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_OK));
}

Test(answers, survive_any_garbage)
{
    static const char *const seed[] = {
        "[{\"id\":256,\"result\":\"0x2\"},{\"id\":257,\"error\":{\"code\":3,\"message\":\"@0,1\","
        "\"data\":\"" REVERT_45 "\"}}]",
        "{\"id\":256,\"error\":{\"code\":3,\"message\":\"\\u0040\",\"data\":{\"data\":"
        "\"" REVERT_45 "\"}}}",
    };
    uint64_t state = 17;
    ANSWERS answers = {0};
    for (int i = 0; i < 20000; i++) {
        TEXT body = {0};
        text_add(&body, seed[random_below(&state, 2)]);
        for (uint64_t flips = random_below(&state, 4); flips > 0; flips--) {
            size_t at = random_below(&state, text_length(&body));
            body.buffer.data[at] = random_below(&state, 2) == 0
                                       ? (uint8_t)random_u64(&state)
                                       : (uint8_t) "\"\\@:,{}[]0x29"[random_below(&state, 13)];
        }
        struct observation observation = answer_with("", 200);
        observation.body = text_bytes(&body);
        uint32_t calls = 1 + (uint32_t)random_below(&state, 3);
        rpc_answers_parse(&answers, &observation, 1, calls);
        cr_assert(eq(u32, answers.count, calls));
        for (uint32_t at = 0; at < calls; at++) {
            cr_assert(ne(ptr, (void *)answers.answer[at].message, NULL));
            bool has_result = answers.answer[at].result != NULL;
            cr_assert(eq(int, has_result, answers.answer[at].fault == RPC_FAULT_NONE));
        }
        (void)rpc_should_fail_over(&observation, 1, calls);
    }
}

Test(observation, has_a_name_for_each_kind_and_status)
{
    for (int kind = OBSERVATION_ANSWER; kind <= OBSERVATION_POOL; kind++)
        cr_expect(gt(sz, strlen(observation_kind_text((enum observation_kind)kind)), 1));
    for (int status = OBSERVED_OK; status <= OBSERVED_UNRECORDED; status++)
        cr_expect(gt(sz, strlen(observation_status_text((enum observation_status)status)), 1));
}
