/* A node may say anything. The first byte chooses how many calls it answers; each gets one answer,
 * with its pointers whole, and a garbled envelope leaves no result standing. */
#include <jansson.h>
#include <string.h>

#include "eth/jsonrpc.h"

#define ASK_ID 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct rpc_answers *answers)
{
    for (uint32_t i = 0; i < answers->count; i++) {
        const struct rpc_answer *answer = &answers->answer[i];
        struct header header;
        struct log log;
        BUFFER bytes = {0};
        MUST(answer->message != NULL);
        MUST(answer->fault == RPC_FAULT_NONE || answer->result == NULL);
        MUST(answers->envelope == RPC_ENVELOPE_OK || answer->fault != RPC_FAULT_NONE);
        MUST(strlen(rpc_fault_text(answer->fault)) > 0);
        buffer_add_bytes(&bytes, answer->revert);
        if (answer->result == NULL)
            continue;
        (void)!json_bytes(&bytes, answer->result, answers->original);
        (void)!json_header(&header, answer->result, answers->original);
        (void)!json_log(&log, &bytes, answer->result, answers->original);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_answers answers = {0};
    if (size == 0)
        return 0;
    uint32_t calls = data[0] % 4 + 1;
    struct observation observation = {.kind = OBSERVATION_ANSWER,
                                      .status = OBSERVED_OK,
                                      .id = ASK_ID,
                                      .http_status = data[0] < 128 ? 200 : 429,
                                      .body = bytes_of(data + 1, size - 1)};
    rpc_answers_parse(&answers, &observation, ASK_ID, calls);
    MUST(answers.count == calls);
    read_all(&answers);
    (void)rpc_should_fail_over(&observation, ASK_ID, calls);
    rpc_answers_release(&answers);
    return 0;
}
