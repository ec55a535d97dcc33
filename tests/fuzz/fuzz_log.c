/* The `result` of an eth_getLogs, from a node that may say anything, read into a market: what a log
 * touches is in the log, and a market changes only in what it does not know any more. */
#include <stdlib.h>
#include <string.h>

#include "eth/jsonrpc.h"
#include "eth/result.h"
#include "tests/feed/node.h"
#include "tests/protocol/fake_pool.h"
#include "tests/protocol/touched_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once for the whole process. */
static const struct market *market_settled(void)
{
    static struct market *market;
    struct fake_pool fake;

    if (market == NULL) {
        fake_pool_init(&fake, 10);
        fake.has_sentinel = true;
        market = fake_market();
        fake_settle(&fake, market, NULL);
    }
    return market;
}

static void logs_touch(const struct rpc_answers *answers)
{
    struct market *market = must_alloc(1, sizeof(*market));
    const struct json_t *result = answers->answer[0].result;
    BUFFER data = {0};
    size_t count;

    memcpy(market, market_settled(), sizeof(*market));
    if (result == NULL || !result_array(&count, result))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        struct log log;

        buffer_clear(&data);
        if (!json_log(&log, &data, result_at(result, i), answers->original))
            continue;
        MUST(log.topic_count <= LOG_TOPICS_MAX && log.data.size == data.size);
        (void)touched_check(market, &log);
    }
    free(market);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_answers answers = {0};
    TEXT body = {0};

    node_parse(&answers, &body, bytes_of(data, size));
    if (answers.envelope == RPC_ENVELOPE_OK)
        logs_touch(&answers);
    rpc_answers_release(&answers);
    return 0;
}
