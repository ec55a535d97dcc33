/* What is done about each answer that was collected from real nodes: the collection says what a
 * keeper should do, a row here says what that is in our words. */
#include "eth/reaction.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <string.h>

#include "tests/eth/answers.h"
#include "tests/eth/shared.h"

#define NODE_ERRORS "../shared/data/node-errors.json"

static const struct row {
    const char *client;
    const char *situation;
    enum rpc_reaction reaction;
} rows[] = {
    {"geth", "same tx resent", REACTION_TAKEN},
    {"geth", "nonce below account", REACTION_RESOLVE},
    {"geth", "replacement too cheap", REACTION_RAISE_FEES},
    {"geth", "below pool minimum tip", REACTION_REPRICE},
    {"geth", "pool full / too cheap", REACTION_REPRICE},
    {"geth", "pool full", REACTION_BACK_OFF},
    {"geth", "future tx would evict a pending one", REACTION_RESOLVE},
    {"geth", "not enough ETH", REACTION_ALERT},
    {"geth", "not enough ETH for queued set", REACTION_ALERT},
    {"geth", "gas limit above block", REACTION_DROP},
    {"geth", "gas limit above EIP-7825 cap", REACTION_DROP},
    {"geth", "gas limit too small", REACTION_DROP},
    {"geth", "calldata floor (EIP-7623)", REACTION_RAISE_GAS},
    {"geth", "tip above cap", REACTION_BUG},
    {"geth", "fee cap below base fee (call/estimate)", REACTION_REPRICE},
    {"geth", "oversized", REACTION_DROP},
    {"geth", "delegated account in flight (EIP-7702)", REACTION_BACK_OFF},
    {"geth", "gapped nonce from delegated account", REACTION_RESOLVE},
    {"geth", "node fee guard", REACTION_ALERT},
    {"geth", "unprotected legacy tx", REACTION_BUG},
    {"geth", "bad signature", REACTION_BUG},
    {"geth", "state pruned", REACTION_OTHER_ENDPOINT},
    {"geth", "block unknown", REACTION_OTHER_ENDPOINT},
    {"geth", "history pruned", REACTION_OTHER_ENDPOINT},
    {"geth", "logs: future range", REACTION_OTHER_ENDPOINT},
    {"geth", "logs: reversed range", REACTION_BUG},
    {"geth", "logs: range limit set by operator", REACTION_SPLIT_RANGE},
    {"geth", "logs: too many addresses/topics", REACTION_BUG},
    {"geth", "call timeout", REACTION_BACK_OFF},
    {"geth", "request timeout", REACTION_BACK_OFF},
    {"geth", "batch reply too large", REACTION_SPLIT_CALLS},
    {"geth", "batch too large", REACTION_SPLIT_CALLS},
    {"geth", "estimate above balance or cap", REACTION_DROP},
    {"geth", "receipt index not ready", REACTION_ASK_AGAIN},
    {"geth", "revert with reason", REACTION_REVERT},
    {"geth", "revert with panic", REACTION_REVERT},
    {"geth", "revert, ASCII bytes that are not ABI", REACTION_REVERT},
    {"erigon", "same tx resent", REACTION_TAKEN},
    {"erigon", "same hash in pool", REACTION_TAKEN},
    {"erigon", "replacement too cheap", REACTION_RAISE_FEES},
    {"erigon", "replacement too cheap (other branch)", REACTION_RAISE_FEES},
    {"erigon", "too cheap", REACTION_REPRICE},
    {"erigon", "too cheap", REACTION_REPRICE},
    {"erigon", "nonce below account", REACTION_RESOLVE},
    {"erigon", "not enough ETH", REACTION_ALERT},
    {"erigon", "already in a block", REACTION_TAKEN},
    {"erigon", "evicted", REACTION_RESOLVE},
    {"erigon", "pool full", REACTION_BACK_OFF},
    {"erigon", "base fee above cap, sub-pool full", REACTION_REPRICE},
    {"erigon", "nonce gap, sub-pool full", REACTION_RESOLVE},
    {"erigon", "gas limit too small", REACTION_DROP},
    {"erigon", "gas limit too big", REACTION_DROP},
    {"erigon", "flagged", REACTION_ALERT},
    {"nethermind", "same tx resent", REACTION_TAKEN},
    {"nethermind", "too cheap", REACTION_REPRICE},
    {"nethermind", "replacement too cheap", REACTION_RAISE_FEES},
    {"nethermind", "gas limit above block", REACTION_DROP},
    {"nethermind", "not enough ETH", REACTION_ALERT},
    {"nethermind", "nonce gap", REACTION_RESOLVE},
    {"nethermind", "nonce below account", REACTION_RESOLVE},
    {"nethermind", "far nonce", REACTION_RESOLVE},
    {"nethermind", "bad signature", REACTION_BUG},
    {"nethermind", "same tx resent, releases up to 2025", REACTION_TAKEN},
    {"nethermind", "too cheap, releases up to 2025", REACTION_REPRICE},
    {"nethermind", "state pruned", REACTION_OTHER_ENDPOINT},
    {"nethermind", "limit", REACTION_SPLIT_RANGE},
    {"nethermind", "timeout", REACTION_BACK_OFF},
    {"besu", "same tx resent", REACTION_TAKEN},
    {"besu", "replacement too cheap", REACTION_RAISE_FEES},
    {"besu", "nonce below account", REACTION_RESOLVE},
    {"besu", "bad signature", REACTION_BUG},
    {"besu", "gas limit too small", REACTION_DROP},
    {"besu", "not enough ETH", REACTION_ALERT},
    {"besu", "gas above block", REACTION_DROP},
    {"besu", "logs range", REACTION_SPLIT_RANGE},
    {"besu", "batch", REACTION_SPLIT_CALLS},
    {"besu", "nonce gap", REACTION_RESOLVE},
    {"besu", "syncing", REACTION_OTHER_ENDPOINT},
    {"besu", "too cheap", REACTION_REPRICE},
    {"besu", "too cheap", REACTION_REPRICE},
    {"besu", "wrong chain", REACTION_BUG},
    {"besu", "tip above cap", REACTION_BUG},
    {"besu", "far nonce", REACTION_RESOLVE},
    {"besu", "lower nonce invalid", REACTION_RESOLVE},
    {"besu", "revert", REACTION_REVERT},
    {"besu", "halted", REACTION_REVERT},
    {"besu", "state pruned", REACTION_OTHER_ENDPOINT},
    {"besu", "block unknown", REACTION_OTHER_ENDPOINT},
    {"besu", "fee guard", REACTION_ALERT},
    {"besu", "timeout", REACTION_BACK_OFF},
    {"besu", "pool off", REACTION_OTHER_ENDPOINT},
    {"reth", "same tx resent", REACTION_TAKEN},
    {"reth", "nonce below account", REACTION_RESOLVE},
    {"reth", "nonce gap", REACTION_RESOLVE},
    {"reth", "replacement too cheap", REACTION_RAISE_FEES},
    {"reth", "too cheap", REACTION_REPRICE},
    {"reth", "pool full", REACTION_BACK_OFF},
    {"reth", "not enough ETH", REACTION_ALERT},
    {"reth", "fee cap below base fee", REACTION_REPRICE},
    {"reth", "tip below minimum", REACTION_REPRICE},
    {"reth", "fee guard", REACTION_ALERT},
    {"reth", "gas too high", REACTION_DROP},
    {"reth", "block unknown", REACTION_OTHER_ENDPOINT},
    {"reth", "head behind", REACTION_OTHER_ENDPOINT},
    {"reth", "estimate", REACTION_DROP},
    {"reth", "out of gas in call", REACTION_DROP},
    {"reth", "call timeout", REACTION_BACK_OFF},
    {"reth", "logs: range", REACTION_SPLIT_RANGE},
    {"reth", "logs: results", REACTION_SPLIT_RANGE},
    {"reth", "logs: head behind", REACTION_OTHER_ENDPOINT},
    {"anvil 1.7.1", "same tx resent", REACTION_TAKEN},
    {"anvil 1.7.1", "replacement too cheap", REACTION_RAISE_FEES},
    {"anvil 1.7.1", "nonce below account", REACTION_RESOLVE},
    {"anvil 1.7.1", "not enough ETH", REACTION_ALERT},
    {"anvil 1.7.1", "fee cap below base fee", REACTION_REPRICE},
    {"anvil 1.7.1", "gas limit above block", REACTION_DROP},
    {"anvil 1.7.1", "future block", REACTION_OTHER_ENDPOINT},
    {"anvil 1.7.1", "out of gas in call", REACTION_DROP},
    {"anvil 1.7.1", "block hash unknown", REACTION_OTHER_ENDPOINT},
    {"infura", "rate limit; backoff hint may be 0 and rps is a float", REACTION_BACK_OFF},
    {"infura", "rate limit, older flat data", REACTION_BACK_OFF},
    {"infura", "daily cap", REACTION_FAIL_OVER},
    {"infura", "logs: too many results", REACTION_SPLIT_RANGE},
    {"infura", "logs: range, live 2026 behaviour", REACTION_SPLIT_RANGE},
    {"infura", "200 + application/json whose body is not JSON", REACTION_BACK_OFF},
    {"aurora relayer (infura-like)", "logs: too many results with echo of the request",
     REACTION_SPLIT_RANGE},
    {"alchemy", "rate limit", REACTION_BACK_OFF},
    {"alchemy", "monthly cap, HTTP 429", REACTION_FAIL_OVER},
    {"alchemy", "monthly cap, HTTP 403", REACTION_FAIL_OVER},
    {"alchemy", "monthly cap, -32000", REACTION_FAIL_OVER},
    {"alchemy", "logs: size", REACTION_SPLIT_RANGE},
    {"alchemy", "logs: range with a hint", REACTION_SPLIT_RANGE},
    {"alchemy/erigon", "same tx resent", REACTION_TAKEN},
    {"quicknode", "logs: range, HTTP 413", REACTION_SPLIT_RANGE},
    {"quicknode", "rate limit; batch items, ids came back as strings", REACTION_BACK_OFF},
    {"bsc dataseed", "logs", REACTION_SPLIT_RANGE},
    {"tenderly", "logs: the reason only in data", REACTION_SPLIT_RANGE},
    {"1rpc.io", "logs", REACTION_SPLIT_RANGE},
    {"morphl2", "logs", REACTION_SPLIT_RANGE},
    {"candle chain", "logs; answer to a single request wrapped in an array", REACTION_SPLIT_RANGE},
    {"cloudflare gateway", "revert returned as a successful result", REACTION_REVERT},
    {"cloudfront in front of a node", "HTML body", REACTION_BACK_OFF},
    {"blockscout", "error is a string, id is 0", REACTION_BACK_OFF},
    {"flashbots relay", "bad bundle, not a JSON-RPC object", REACTION_BUG},
    {"flashbots relay", "bad bundle, JSON-RPC form", REACTION_BUG},
};

/* The collection's words, and which of ours may stand for them. */
static const struct {
    const char *should;
    enum rpc_reaction reaction[2];
} words[] = {
    {"treat as accepted", {REACTION_TAKEN}},
    {"refresh nonce from the node", {REACTION_RESOLVE}},
    {"raise both fee caps", {REACTION_RAISE_FEES}},
    {"re-price from the newest base fee", {REACTION_REPRICE}},
    {"back off (honour hints), switch endpoint", {REACTION_BACK_OFF}},
    {"long back-off, switch endpoint", {REACTION_FAIL_OVER}},
    {"not retryable: switch endpoint", {REACTION_FAIL_OVER}},
    {"drop the candidate", {REACTION_DROP, REACTION_REVERT}},
    {"endpoint lags or lacks state", {REACTION_OTHER_ENDPOINT}},
    {"halve the block range", {REACTION_SPLIT_RANGE}},
    {"retry with the range it names", {REACTION_SPLIT_RANGE}},
    {"stop sending; alert", {REACTION_ALERT}},
    {"own bug", {REACTION_BUG}},
    {"smaller batches", {REACTION_SPLIT_CALLS}},
    {"raise the gas limit", {REACTION_RAISE_GAS}},
    {"use fewer topics", {REACTION_BUG}}, /* ours are few, whatever the market */
    {"not the same as not found", {REACTION_ASK_AGAIN}},
    {"a result that starts 0x08c379a0", {REACTION_REVERT}},
};

static bool may_stand_for(const char *should, enum rpc_reaction reaction)
{
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strncmp(should, words[i].should, strlen(words[i].should)) == 0)
            return reaction == words[i].reaction[0] || reaction == words[i].reaction[1];
    return false;
}

static const char *text_at(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));

    return text == NULL ? "" : text;
}

/* The entry's row, each once. */
static const struct row *row_of(const json_t *entry, bool used[ARRAY_LENGTH(rows)])
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (used[i] || strcmp(rows[i].client, text_at(entry, "client")) != 0 ||
            strcmp(rows[i].situation, text_at(entry, "situation")) != 0)
            continue;
        used[i] = true;
        return &rows[i];
    }
    return NULL;
}

/* Gives: free. As a node would have sent it to the question of id 0. */
static char *body_of(const json_t *entry)
{
    const char *raw = json_string_value(json_object_get(entry, "raw_body"));
    json_t *body;
    char *text;
    char *id;

    if (raw == NULL) {
        body = json_pack("{s:i, s:{s:O*, s:O, s:O*}}", "id", 0, "error", "code",
                         json_object_get(entry, "code"), "message",
                         json_object_get(entry, "message"), "data", json_object_get(entry, "data"));
        text = json_dumps(body, 0);
        json_decref(body);
        return text;
    }
    text = strdup(raw);
    if ((id = strstr(text, "\"id\":46")) != NULL)
        memcpy(id, "\"id\": 0", 7); /* as if we had asked it */
    return text;
}

static bool is_of_logs(const json_t *entry)
{
    const char *situation = text_at(entry, "situation");

    return strncmp(situation, "logs", 4) == 0 || strcmp(situation, "limit") == 0;
}

static enum rpc_reaction reaction_to(const json_t *entry)
{
    char *body = body_of(entry);
    struct observation observation =
        answer_with(body, (uint16_t)json_integer_value(json_object_get(entry, "http_status")));
    enum rpc_reaction reaction;
    ANSWERS answers = {0};

    rpc_answers_parse(&answers, &observation, 0, 1);
    if (answers.envelope != RPC_ENVELOPE_OK)
        reaction = rpc_should_fail_over(&observation, 0, 1) ? REACTION_BACK_OFF : REACTION_NONE;
    else if (is_of_logs(entry))
        reaction = rpc_reaction_to_logs(&answers.answer[0]);
    else
        reaction = rpc_reaction_to(&answers.answer[0], answers.original);
    if (answers.envelope == RPC_ENVELOPE_OK && reaction != REACTION_REVERT)
        cr_expect(eq(int, rpc_should_fail_over(&observation, 0, 1),
                     rpc_reaction_is_elsewhere(
                         rpc_reaction_of(answers.answer[0].fault, answers.answer[0].message))));
    free(body);
    return reaction;
}

Test(reaction, is_the_one_that_stands_beside_each_answer_that_was_collected)
{
    bool used[ARRAY_LENGTH(rows)] = {false};
    BUFFER file = {0};
    shared_read(&file, NODE_ERRORS);
    json_t *root = json_loads((const char *)file.data, 0, NULL);
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(root, "entries"), i, entry)
    {
        const struct row *row = row_of(entry, used);
        cr_assert(row != NULL, "no row for %s, %s", text_at(entry, "client"),
                  text_at(entry, "situation"));
        cr_expect(may_stand_for(text_at(entry, "keeper_should"), row->reaction), "%s, %s",
                  row->client, row->situation);
        enum rpc_reaction reaction = reaction_to(entry);
        cr_expect(eq(int, reaction, row->reaction), "%s, %s: %s instead of %s", row->client,
                  row->situation, rpc_reaction_text(reaction), rpc_reaction_text(row->reaction));
    }
    for (i = 0; i < ARRAY_LENGTH(rows); i++)
        cr_expect(used[i], "no entry for %s, %s", rows[i].client, rows[i].situation);
    json_decref(root);
}

Test(reaction, takes_the_range_that_a_node_names_from_where_it_was_asked)
{
    static const char spoken[] = "query exceeds max results 20000, retry with the range "
                                 "24000000-24000412";
    static const char bracketed[] = "this block range should work: [0x123c9b2, 0x123cba5]";
    uint64_t to = 0;

    cr_assert(rpc_range_named(&to, 24000000, spoken));
    cr_assert(eq(u64, to, 24000412));
    cr_assert(rpc_range_named(&to, 0x123c9b2, bracketed));
    cr_assert(eq(u64, to, 0x123cba5));
    cr_assert(not(rpc_range_named(&to, 24000001, spoken)), "of another range");
    cr_assert(not(rpc_range_named(&to, 10, "range 10-9")));
    cr_assert(not(rpc_range_named(&to, 10, "more than 10 results, 10-")));
    cr_assert(not(rpc_range_named(&to, 0, "")));
}

Test(reaction, has_a_name_each)
{
    for (int i = REACTION_NONE; i <= REACTION_SPLIT_CALLS; i++)
        cr_expect(gt(sz, strlen(rpc_reaction_text((enum rpc_reaction)i)), 2));
}
