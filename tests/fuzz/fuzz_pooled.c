/* A pool as a node shows it, whole or one transaction of it, from a node that may say anything:
 * what is taken has fees that can be, calldata no longer than asked for, and is looked at at most
 * so often; whose call it is and what it says agree. */
#include "eth/jsonrpc.h"
#include "feed/pooled.h"
#include "feed/update.h"
#include "tests/feed/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pass {
    const struct rpc_answers *answers;
    size_t count;
};

static void one_check(void *context, const struct json_t *value)
{
    struct pass *pass = context;
    BUFFER data = {0};
    struct pooled pooled;
    struct address target;
    struct update update;

    pass->count++;
    if (pooled_read(&pooled, value, pass->answers->original) != POOLED_OK)
        return;
    MUST(!u256_is_less(&pooled.max_fee_per_gas.value, &pooled.max_priority_fee_per_gas.value));
    if (!pooled_input(&data, &pooled, pass->answers->original, UPDATE_DATA_MAX))
        return;
    MUST(data.size <= UPDATE_DATA_MAX);
    const bool has_target = update_target(&target, &pooled.to, buffer_bytes(&data));
    if (update_decode(&update, &pooled.to, buffer_bytes(&data)) == UPDATE_OK)
        MUST(has_target && address_is_equal(&target, &update.feed));
}

static void pool_check(const struct rpc_answers *answers)
{
    struct pass pass = {answers, 0};
    size_t left = 0;

    one_check(&pass, answers->answer[0].result);
    pass.count = 0;
    if (pooled_list(&left, answers->answer[0].result, one_check, &pass))
        MUST(left == 0 || pass.count == POOLED_LIST_MAX);
    MUST(pass.count <= POOLED_LIST_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_answers answers = {0};
    TEXT body = {0};

    node_parse(&answers, &body, bytes_of(data, size));
    if (answers.envelope == RPC_ENVELOPE_OK && answers.answer[0].fault == RPC_FAULT_NONE)
        pool_check(&answers);
    rpc_answers_release(&answers);
    return 0;
}
