/* What a real node said, exchange by exchange: each body is read, and means what it should. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "tests/eth/answers.h"
#include "tests/eth/shared.h"

#define TRANSCRIPTS "../shared/data/anvil_transcripts.jsonl"

static const struct {
    const char *name; /* how the exchange's name begins */
    enum rpc_fault fault;
} expected[] = {
    {"sendRaw ok", RPC_FAULT_NONE},
    {"sendRaw same again", RPC_FAULT_ALREADY_KNOWN},
    {"sendRaw replacement underpriced", RPC_FAULT_UNDERPRICED},
    {"sendRaw nonce gap", RPC_FAULT_NONE},
    {"sendRaw nonce too low", RPC_FAULT_NONCE_TOO_LOW},
    {"sendRaw mined tx again", RPC_FAULT_NONCE_TOO_LOW},
    {"sendRaw insufficient funds", RPC_FAULT_NO_FUNDS},
    {"sendRaw fee cap below base fee", RPC_FAULT_UNDERPRICED},
    {"sendRaw tip above cap", RPC_FAULT_REJECTED_TX},
    {"sendRaw intrinsic gas too low", RPC_FAULT_REJECTED_TX},
    {"sendRaw gas above block limit", RPC_FAULT_REJECTED_TX},
    {"sendRaw wrong chain id", RPC_FAULT_REJECTED_TX},
    {"sendRaw garbage", RPC_FAULT_REJECTED_TX},
    {"sendRaw empty", RPC_FAULT_REJECTED_TX},
    {"sendRaw odd hex", RPC_FAULT_INVALID_REQUEST},
    {"eth_call revert", RPC_FAULT_REVERT},
    {"eth_estimateGas revert", RPC_FAULT_REVERT},
    {"eth_call invalid opcode", RPC_FAULT_REVERT},
    {"eth_call out of gas", RPC_FAULT_GAS_CAP},
    {"eth_call to address without code", RPC_FAULT_NONE},
    {"eth_call future block", RPC_FAULT_UNKNOWN_BLOCK},
    {"eth_call unknown block hash", RPC_FAULT_UNKNOWN_BLOCK},
    {"eth_getBlockByNumber future", RPC_FAULT_NONE},
    {"eth_getLogs future range", RPC_FAULT_UNKNOWN_BLOCK},
    {"eth_getLogs blockHash and range", RPC_FAULT_INVALID_REQUEST},
    {"eth_getLogs empty", RPC_FAULT_NONE},
    {"unknown method", RPC_FAULT_METHOD_MISSING},
    {"eth_feeHistory", RPC_FAULT_NONE},
    {"not an object", RPC_FAULT_INVALID_REQUEST},
};

/* The bytes that a revert should carry: those that the request asked the echo contract for. */
static void expect_revert(const struct rpc_answer *answer, const json_t *request)
{
    const json_t *call = json_array_get(json_object_get(request, "params"), 0);
    const char *data = json_string_value(json_object_get(call, "data"));
    TEXT text = {0};
    text_add_hex(&text, answer->revert);
    cr_expect(eq(str, (char *)text_string(&text), (char *)data));
}

static void judge(const json_t *exchange)
{
    const char *name = json_string_value(json_object_get(exchange, "name"));
    const char *response = json_string_value(json_object_get(exchange, "response"));
    json_t *request = json_loads(json_string_value(json_object_get(exchange, "request")), 0, NULL);
    /* Ids here count from 1; ours are ask × RPC_BATCH_MAX + position. */
    uint64_t id = (uint64_t)json_integer_value(json_object_get(request, "id"));
    json_t *body = json_loads(response, JSON_ALLOW_NUL, NULL);
    if (json_is_object(body) && id != 0)
        json_object_set_new(body, "id", json_integer(RPC_BATCH_MAX));
    char *text = json_dumps(body, 0);
    ANSWERS answers = {0};
    parse(&answers, text == NULL ? "" : text, 1, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        if (strncmp(name, expected[i].name, strlen(expected[i].name)) != 0)
            continue;
        enum rpc_fault fault = answers.answer[0].fault;
        cr_expect(eq(int, answers.envelope, RPC_ENVELOPE_OK), "%s", name);
        cr_expect(eq(str, (char *)rpc_fault_text(fault), (char *)rpc_fault_text(expected[i].fault)),
                  "%s", name);
        if (fault == RPC_FAULT_REVERT && strstr(name, "opcode") == NULL)
            expect_revert(&answers.answer[0], request);
        break;
    }
    free(text);
    json_decref(body);
    json_decref(request);
}

Test(transcripts, mean_what_they_should)
{
    BUFFER file = {0};
    shared_read(&file, TRANSCRIPTS);
    size_t lines = 0;
    char *rest = NULL;
    for (char *line = strtok_r((char *)file.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *exchange = json_loads(line, JSON_ALLOW_NUL, NULL);
        cr_assert(ne(ptr, (void *)exchange, NULL));
        judge(exchange);
        json_decref(exchange);
        lines++;
    }
    cr_expect(gt(sz, lines, 60));
}

Test(transcripts, hold_a_header_that_reads)
{
    BUFFER file = {0};
    shared_read(&file, TRANSCRIPTS);
    bool is_found = false;
    char *rest = NULL;
    for (char *line = strtok_r((char *)file.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *exchange = json_loads(line, JSON_ALLOW_NUL, NULL);
        const char *name = json_string_value(json_object_get(exchange, "name"));
        if (strcmp(name, "eth_getBlockByNumber latest full") == 0) {
            json_t *body =
                json_loads(json_string_value(json_object_get(exchange, "response")), 0, NULL);
            json_object_set_new(body, "id", json_integer(RPC_BATCH_MAX));
            char *text = json_dumps(body, 0);
            ANSWERS answers = {0};
            struct header header;
            parse(&answers, text, 1, 1);
            cr_assert(json_header(&header, answers.answer[0].result, answers.original));
            cr_expect(eq(u64, header.number, 1));
            is_found = true;
            free(text);
            json_decref(body);
        }
        json_decref(exchange);
    }
    cr_expect(is_found);
}
