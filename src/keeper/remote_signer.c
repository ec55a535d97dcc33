/*
 * Some keep their keys in a service of their own, in front of a vault or a module of hardware. What
 * it answers comes over a network and is trusted as little as a node: it must be a transaction,
 * signed by keeper.account, and in the turn it must be the very one that was asked for.
 */
#include "keeper/remote_signer.h"

#include <ev.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/jsonrpc.h"
#include "keeper/version.h"
#include "sign/recover.h"

#define METHOD "eth_signTransaction"

struct remote_signer {
    struct rpc *rpc;
    struct address account;
    rpc_observe *observe;
    void *context;
};

static void quantity_add(struct text *out, const char *name, const struct u256 *value)
{
    uint8_t word[32];
    char digits[2 * sizeof word + 1];

    u256_to_word(word, value);
    hex_encode(digits, bytes_of(word, sizeof word));
    size_t zeros = strspn(digits, "0");
    text_add(out, ",\"");
    text_add(out, name);
    text_add(out, "\":\"0x");
    text_add(out, digits + (zeros < 2 * sizeof word ? zeros : 2 * sizeof word - 1));
    text_add_char(out, '"');
}

static void number_add(struct text *out, const char *name, uint64_t value)
{
    struct u256 number = u256_of(value);
    quantity_add(out, name, &number);
}

void remote_sign_params(struct text *out, const struct address *account,
                        const struct transaction *transaction)
{
    text_add(out, "[{\"from\":\"");
    text_add_hex(out, bytes_of(account->byte, sizeof account->byte));
    text_add(out, "\",\"to\":\"");
    text_add_hex(out, bytes_of(transaction->to.byte, sizeof transaction->to.byte));
    text_add_char(out, '"');
    number_add(out, "gas", transaction->gas);
    quantity_add(out, "maxFeePerGas", &transaction->max_fee_per_gas.value);
    quantity_add(out, "maxPriorityFeePerGas", &transaction->max_priority_fee_per_gas.value);
    number_add(out, "nonce", transaction->nonce);
    quantity_add(out, "value", &transaction->value.value);
    number_add(out, "chainId", transaction->chain_id);
    text_add(out, ",\"data\":\"");
    text_add_hex(out, transaction->data);
    text_add(out, "\"}]");
}

static const char *answers_why(const struct rpc_answers *answers, const struct observation *from)
{
    if (answers->envelope == RPC_ENVELOPE_TRANSPORT)
        return observation_status_text(from->status);
    if (answers->envelope != RPC_ENVELOPE_OK)
        return "its answer is no JSON-RPC";
    return answers->answer[0].message[0] != '\0' ? answers->answer[0].message
                                                 : rpc_fault_text(answers->answer[0].fault);
}

static bool is_answered(const struct rpc_answers *answers)
{
    return answers->envelope == RPC_ENVELOPE_OK && answers->answer[0].fault == RPC_FAULT_NONE;
}

/* Web3Signer gives the bytes; Clef, and geth in front of it, an object that holds them. */
static const char *raw_take(struct buffer *raw, const struct rpc_answers *answers,
                            const struct address *account)
{
    const json_t *result = answers->answer[0].result;
    struct transaction transaction;
    struct address sender;

    if (json_is_object(result))
        result = json_object_get(result, "raw");
    if (!json_bytes(raw, result, answers->original) ||
        transaction_decode(&transaction, buffer_bytes(raw)) != TRANSACTION_OK)
        return "what it answers is no signed transaction";
    if (!transaction_sender(&sender, &transaction) || !address_is_equal(&sender, account))
        return "it signed with another key than keeper.account's";
    return NULL;
}

void remote_sign_answer(struct observation *out, struct buffer *raw,
                        const struct observation *answer, const struct address *account)
{
    struct rpc_answers answers = {0};
    const char *why = NULL;

    *out =
        (struct observation){.kind = OBSERVATION_SIGNED, .status = OBSERVED_OK, .id = answer->id};
    buffer_clear(raw);
    rpc_answers_parse(&answers, answer, answer->id, 1);
    why = is_answered(&answers) ? raw_take(raw, &answers, account) : answers_why(&answers, answer);
    if (why != NULL) {
        out->status = OBSERVED_REFUSED;
        buffer_clear(raw);
        buffer_add_bytes(raw, bytes_of_text("signer.url: "));
        buffer_add_bytes(raw, bytes_of_text(why));
    }
    out->body = buffer_bytes(raw);
    rpc_answers_release(&answers);
}

static void on_observation(void *context, const struct observation *answer)
{
    struct remote_signer *remote = context;
    struct observation signed_one;
    BUFFER raw = {0};

    remote_sign_answer(&signed_one, &raw, answer, &remote->account);
    remote->observe(remote->context, &signed_one);
}

static struct rpc *rpc_make(char why[256], struct ev_loop *loop, const struct config *config,
                            struct log_sink *log)
{
    const struct rpc_endpoint_config endpoint = {.url = config->signer_url,
                                                 .roles = RPC_ROLE_READ | RPC_ROLE_SEND};
    const struct rpc_config settings = {.endpoints = &endpoint,
                                        .endpoint_count = 1,
                                        .connect_timeout_ms =
                                            config->settings.chain.connect_timeout_ms,
                                        .total_timeout_ms = config->settings.chain.total_timeout_ms,
                                        .answer_size_max = SIGNER_MESSAGE_MAX,
                                        .user_agent = "plimsoll/" PLIMSOLL_VERSION_TEXT};

    return rpc_new(why, loop, &settings, log);
}

/* One attempt, at this signer or nobody. */
static void rpc_post(struct rpc *rpc, uint64_t id, const char *method, const char *params)
{
    struct rpc_request request = {0};
    struct rpc_ask ask = {
        .id = id, .role = RPC_ROLE_SEND, .only = true, .calls = 1, .method = method};

    rpc_request_begin(&request, id, 1);
    rpc_request_add(&request, method, params);
    rpc_request_end(&request);
    ask.body = text_bytes(&request.body);
    rpc_send(rpc, &ask);
    rpc_request_release(&request);
}

struct remote_signer *remote_signer_new(char why[256], struct ev_loop *loop,
                                        const struct config *config, struct log_sink *log)
{
    struct rpc *rpc = rpc_make(why, loop, config, log);

    if (rpc == NULL)
        return NULL;
    struct remote_signer *remote = must_alloc(1, sizeof *remote);
    *remote = (struct remote_signer){.rpc = rpc, .account = config->settings.account};
    return remote;
}

void remote_signer_on_signed(struct remote_signer *remote, rpc_observe *observe, void *context)
{
    remote->observe = observe;
    remote->context = context;
    rpc_on_observation(remote->rpc, on_observation, remote);
}

void remote_signer_sign(struct remote_signer *remote, uint64_t id, struct bytes unsigned_bytes)
{
    struct transaction transaction;
    TEXT params = {0};

    MUST(transaction_decode_unsigned(&transaction, unsigned_bytes) == TRANSACTION_OK);
    remote_sign_params(&params, &remote->account, &transaction);
    rpc_post(remote->rpc, id, METHOD, text_string(&params));
}

void remote_signer_free(struct remote_signer *remote)
{
    if (remote == NULL)
        return;
    rpc_free(remote->rpc);
    free(remote);
}

/* ---- the proof */

struct proof {
    struct ev_loop *loop;
    char *why;
    const struct address *account;
    enum signer_link_error error;
};

static void accounts_judge(struct proof *proof, const json_t *list)
{
    char account[ADDRESS_TEXT_SIZE];
    struct address address;

    proof->error = SIGNER_LINK_WRONG_ACCOUNT;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_address(&address, json_array_get(list, i)) &&
            address_is_equal(&address, proof->account))
            proof->error = SIGNER_LINK_OK;
    address_format(account, proof->account);
    if (proof->error != SIGNER_LINK_OK)
        (void)snprintf(proof->why, 256, "signer.url: eth_accounts names %zu, none is %s",
                       json_array_size(list), account);
}

static void on_accounts(void *context, const struct observation *answer)
{
    struct proof *proof = context;
    struct rpc_answers answers = {0};

    rpc_answers_parse(&answers, answer, answer->id, 1);
    if (is_answered(&answers)) {
        accounts_judge(proof, answers.answer[0].result);
    } else {
        proof->error = answers.envelope == RPC_ENVELOPE_TRANSPORT ? SIGNER_LINK_CANNOT_CONNECT
                                                                  : SIGNER_LINK_KEY_REFUSED;
        (void)snprintf(proof->why, 256, "signer.url: %.200s", answers_why(&answers, answer));
    }
    rpc_answers_release(&answers);
    ev_break(proof->loop, EVBREAK_ALL);
}

enum signer_link_error remote_signer_prove(char why[256], const struct config *config)
{
    struct proof proof = {.loop = ev_loop_new(EVFLAG_AUTO),
                          .why = why,
                          .account = &config->settings.account,
                          .error = SIGNER_LINK_CANNOT_CONNECT};

    MUST(proof.loop != NULL);
    struct rpc *rpc = rpc_make(why, proof.loop, config, NULL);
    if (rpc != NULL) {
        rpc_on_observation(rpc, on_accounts, &proof);
        rpc_post(rpc, 1, "eth_accounts", "[]");
        ev_run(proof.loop, 0);
        rpc_free(rpc);
    }
    ev_loop_destroy(proof.loop);
    return proof.error;
}
