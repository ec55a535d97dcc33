/* What an error means, whoever words it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "tests/eth/answers.h"
#include "tests/eth/shared.h"

#define NODE_ERRORS "../shared/data/node-errors.json"

struct row {
    int64_t code;
    const char *message;
    const char *method;
    enum rpc_fault fault;
};

static void expect_rows(const struct row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum rpc_fault fault = rpc_fault_of(row[i].code, row[i].message, row[i].method);
        cr_expect(eq(str, (char *)rpc_fault_text(fault), (char *)rpc_fault_text(row[i].fault)),
                  "%ld %s", row[i].code, row[i].message);
    }
}

Test(fault, is_a_revert_before_anything_that_its_reason_says)
{
    const struct row row[] = {
        {3, "nonce too low", NULL, RPC_FAULT_REVERT},
        {-32000, "execution reverted: rate limit", NULL, RPC_FAULT_REVERT},
        {-32000, "execution reverted: out of gas", NULL, RPC_FAULT_REVERT},
        {-32603, "VM Exception while processing transaction: revert already known", NULL,
         RPC_FAULT_REVERT},
        {-32015, "VM execution error.", NULL, RPC_FAULT_REVERT},
        {-32000, "invalid opcode: INVALID", NULL, RPC_FAULT_REVERT},
    };
    expect_rows(row, ARRAY_LENGTH(row));
}

Test(fault, is_told_by_words_in_any_case)
{
    const struct row row[] = {
        {0, "NONCE TOO LOW", NULL, RPC_FAULT_NONCE_TOO_LOW},
        {-32000, "Nonce too high. Expected nonce to be 1 but got 5.", NULL,
         RPC_FAULT_NONCE_TOO_HIGH},
        {-32000, "OldNonce, Current nonce: 7, nonce of rejected tx: 5", NULL,
         RPC_FAULT_NONCE_TOO_LOW},
        {-32000, "Known Transaction", NULL, RPC_FAULT_ALREADY_KNOWN},
        {-32000, "Sender doesn't have enough funds to send tx.", NULL, RPC_FAULT_NO_FUNDS},
        {-32000,
         "Transaction maxFeePerGas (1) is too low for the next block, which has a "
         "baseFeePerGas of 7",
         NULL, RPC_FAULT_UNDERPRICED},
        {-32603, "You've exceeded the quota usage", NULL, RPC_FAULT_UNAUTHORISED},
        {-32000, "missing trie node aa (path ) <nil>", NULL, RPC_FAULT_UNKNOWN_BLOCK},
        {-32000, "required historical state unavailable (reexec=128)", NULL,
         RPC_FAULT_UNKNOWN_BLOCK},
        {-32007, "15/second request limit reached - reduce calls per second", NULL,
         RPC_FAULT_RATE_LIMIT},
        {-32601, "the method eth_fooBar does not exist/is not available", NULL,
         RPC_FAULT_METHOD_MISSING},
        {-32000, "Query timeout exceeded. Consider reducing your block range.", NULL,
         RPC_FAULT_RANGE_TOO_WIDE},
        {-32011, "no backend is currently healthy to serve traffic", NULL, RPC_FAULT_BUSY},
    };
    expect_rows(row, ARRAY_LENGTH(row));
}

Test(fault, is_told_by_code_where_there_are_no_known_words)
{
    const struct row row[] = {
        {-32601, "", NULL, RPC_FAULT_METHOD_MISSING},
        {-32602, "x", NULL, RPC_FAULT_INVALID_REQUEST},
        {-32603, "x", NULL, RPC_FAULT_BUSY},
        {429, "x", NULL, RPC_FAULT_RATE_LIMIT},
        {-32005, "x", NULL, RPC_FAULT_RATE_LIMIT},
        {-32005, "x", "eth_call", RPC_FAULT_RATE_LIMIT},
        {-32005, "x", "eth_getLogs", RPC_FAULT_RANGE_TOO_WIDE},
        {-32000, "x", NULL, RPC_FAULT_OTHER},
        {0, "", NULL, RPC_FAULT_OTHER},
    };
    expect_rows(row, ARRAY_LENGTH(row));
}

Test(fault, depends_on_the_method_where_one_word_means_two_things)
{
    const struct row row[] = {
        {-32000, "response too large", "eth_getLogs", RPC_FAULT_RANGE_TOO_WIDE},
        {-32000, "response too large", "eth_call", RPC_FAULT_GAS_CAP},
        {-32000, "request timeout", "eth_getLogs", RPC_FAULT_RANGE_TOO_WIDE},
        {-32000, "request timeout", "eth_call", RPC_FAULT_BUSY},
    };
    expect_rows(row, ARRAY_LENGTH(row));
}

Test(fault, judges_a_long_message_by_its_beginning)
{
    char message[2000];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    memcpy(message + 1000, "nonce too low", 13);
    cr_expect(eq(int, rpc_fault_of(0, message, NULL), RPC_FAULT_OTHER));
    memcpy(message + 100, "nonce too low", 13);
    cr_expect(eq(int, rpc_fault_of(0, message, NULL), RPC_FAULT_NONCE_TOO_LOW));
}

Test(fault, has_a_name_each)
{
    for (int fault = RPC_FAULT_NONE; fault <= RPC_FAULT_OTHER; fault++)
        cr_expect(gt(sz, strlen(rpc_fault_text((enum rpc_fault)fault)), 3));
}

/* What one should do about an error, as the collection has it, and the faults that make us do it.
 */
static const struct {
    const char *reaction;
    enum rpc_fault fault[4];
} reaction[] = {
    {"treat as accepted", {RPC_FAULT_ALREADY_KNOWN}},
    {"refresh nonce", {RPC_FAULT_NONCE_TOO_LOW, RPC_FAULT_NONCE_TOO_HIGH}},
    {"raise both fee caps", {RPC_FAULT_UNDERPRICED}},
    {"re-price", {RPC_FAULT_UNDERPRICED}},
    {"back off",
     {RPC_FAULT_RATE_LIMIT, RPC_FAULT_BUSY, RPC_FAULT_POOL_FULL, RPC_FAULT_UNAUTHORISED}},
    {"long back-off", {RPC_FAULT_UNAUTHORISED}},
    {"not retryable: switch endpoint", {RPC_FAULT_UNAUTHORISED}},
    {"stop sending", {RPC_FAULT_NO_FUNDS, RPC_FAULT_REJECTED_TX}},
    {"drop the candidate", {RPC_FAULT_REVERT, RPC_FAULT_GAS_CAP, RPC_FAULT_REJECTED_TX}},
    {"raise the gas limit", {RPC_FAULT_REJECTED_TX}},
    {"own bug", {RPC_FAULT_REJECTED_TX, RPC_FAULT_INVALID_REQUEST}},
    {"endpoint lags", {RPC_FAULT_UNKNOWN_BLOCK, RPC_FAULT_BUSY}},
    {"halve the block range", {RPC_FAULT_RANGE_TOO_WIDE}},
    {"retry with the range", {RPC_FAULT_RANGE_TOO_WIDE}},
    {"use fewer topics", {RPC_FAULT_RANGE_TOO_WIDE}},
    {"smaller batches", {RPC_FAULT_GAS_CAP}},
    {"not the same as not found", {RPC_FAULT_BUSY}},
};

static bool is_right(const char *should, enum rpc_fault fault)
{
    for (size_t i = 0; i < ARRAY_LENGTH(reaction); i++) {
        if (strncmp(should, reaction[i].reaction, strlen(reaction[i].reaction)) != 0)
            continue;
        for (size_t at = 0; at < 4; at++) {
            if (fault != RPC_FAULT_NONE && reaction[i].fault[at] == fault)
                return true;
        }
        return false;
    }
    cr_fail("a reaction that this test does not know: %s", should);
    return false;
}

/* As a node would have sent it. Limits of no known words are those of logs. */
static enum rpc_fault fault_of(const json_t *entry)
{
    const char *message = json_string_value(json_object_get(entry, "message"));
    if (strcmp(message, "(any)") == 0)
        return rpc_fault_of((int64_t)json_integer_value(json_object_get(entry, "code")), message,
                            "eth_getLogs");
    json_t *error =
        json_pack("{s:O*, s:O, s:O*}", "code", json_object_get(entry, "code"), "message",
                  json_object_get(entry, "message"), "data", json_object_get(entry, "data"));
    json_t *body = json_pack("{s:i, s:o}", "id", 256, "error", error);
    char *text = json_dumps(body, 0);
    int64_t http_status = json_integer_value(json_object_get(entry, "http_status"));
    struct observation observation = answer_with(text, (uint16_t)http_status);
    ANSWERS answers = {0};
    rpc_answers_parse(&answers, &observation, 1, 1);
    free(text);
    json_decref(body);
    return answers.answer[0].fault;
}

Test(fault, leads_to_the_right_reaction_for_each_error_that_was_collected)
{
    BUFFER file = {0};
    shared_read(&file, NODE_ERRORS);
    json_t *root = json_loads((const char *)file.data, 0, NULL);
    size_t judged = 0;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(root, "entries"), i, entry)
    {
        const char *should = json_string_value(json_object_get(entry, "keeper_should"));
        if (!json_is_string(json_object_get(entry, "message")))
            continue; /* bodies that are no JSON-RPC, in the next test */
        enum rpc_fault fault = fault_of(entry);
        judged++;
        cr_expect(is_right(should, fault), "%s (%s) was %s",
                  json_string_value(json_object_get(entry, "message")), should,
                  rpc_fault_text(fault));
    }
    cr_expect(gt(sz, judged, 130));
    json_decref(root);
}

Test(fault, is_none_that_harms_in_bodies_that_are_no_error_object)
{
    BUFFER file = {0};
    shared_read(&file, NODE_ERRORS);
    json_t *root = json_loads((const char *)file.data, 0, NULL);
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(root, "entries"), i, entry)
    {
        const char *body = json_string_value(json_object_get(entry, "raw_body"));
        if (body == NULL)
            continue;
        int64_t http_status = json_integer_value(json_object_get(entry, "http_status"));
        char *ours = strdup(body);
        char *id = strstr(ours, "\"id\":46");
        if (id != NULL)
            memcpy(id, "\"id\": 0", 7); /* as if we had asked it */
        struct observation observation = answer_with(ours, (uint16_t)http_status);
        ANSWERS answers = {0};
        rpc_answers_parse(&answers, &observation, 0, 1);
        free(ours);
        bool is_result = answers.answer[0].fault == RPC_FAULT_NONE;
        cr_log_info("%s: %s", json_string_value(json_object_get(entry, "situation")),
                    rpc_fault_text(answers.answer[0].fault));
        cr_expect(eq(int, is_result, strstr(body, "0x08c379a0") != NULL), "%s", body);
    }
    json_decref(root);
}
