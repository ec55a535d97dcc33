/* Fees, and what a node's answer to a sending is worth. */
#include "submit/fees.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct wei gwei(uint64_t amount)
{
    return (struct wei){u256_of(amount * 1000000000u)};
}

static bool is_gwei(const struct wei *value, uint64_t amount)
{
    struct wei expected = gwei(amount);

    return u256_is_equal(&value->value, &expected.value);
}

/* ---- fees */

Test(fees, leave_room_for_the_base_fee_to_double)
{
    struct wei base = gwei(20), wanted = gwei(3), limit = gwei(300), fee, tip;

    cr_assert(fees_choose(&fee, &tip, &base, &wanted, &limit));
    cr_assert(is_gwei(&fee, 43));
    cr_assert(is_gwei(&tip, 3));
}

Test(fees, never_pass_the_ceiling)
{
    struct wei base = gwei(20), wanted = gwei(3), limit = gwei(30), fee, tip;

    cr_assert(fees_choose(&fee, &tip, &base, &wanted, &limit));
    cr_assert(is_gwei(&fee, 30));
    limit = gwei(23);
    cr_assert(fees_choose(&fee, &tip, &base, &wanted, &limit));
    cr_assert(is_gwei(&fee, 23));
}

Test(fees, are_refused_where_not_even_the_next_block_fits)
{
    struct wei base = gwei(20), wanted = gwei(3), limit = gwei(22);
    struct wei fee = gwei(1), tip = gwei(1);

    cr_assert(not(fees_choose(&fee, &tip, &base, &wanted, &limit)));
    cr_assert(is_gwei(&fee, 1), "untouched");
    cr_assert(is_gwei(&tip, 1), "untouched");
}

Test(fees, are_refused_past_256_bits)
{
    struct wei base = {U256_MAX}, wanted = gwei(3), limit = {U256_MAX}, fee, tip;

    cr_assert(not(fees_choose(&fee, &tip, &base, &wanted, &limit)));
}

Test(fees, stop_at_the_ceiling_where_the_room_leaves_256_bits)
{
    struct wei base = {U256_MAX}, wanted = {U256_ZERO}, limit = {U256_MAX}, fee, tip;

    cr_assert(fees_choose(&fee, &tip, &base, &wanted, &limit));
    cr_assert(u256_is_equal(&fee.value, &limit.value));
}

/* ---- outcomes, from the words of nodes */

static enum send_outcome outcome_of(const char *body)
{
    struct rpc_answers answers = {0};
    struct observation observation = {.kind = OBSERVATION_ANSWER,
                                      .status = OBSERVED_OK,
                                      .id = 4,
                                      .http_status = 200,
                                      .body = bytes_of_text(body)};
    enum send_outcome outcome;

    rpc_answers_parse(&answers, &observation, 4, 1);
    outcome = send_outcome_of(&answers);
    rpc_answers_release(&answers);
    return outcome;
}

static enum send_outcome outcome_of_error(const char *code, const char *message)
{
    TEXT body = {0};

    text_add(&body, "{\"jsonrpc\":\"2.0\",\"id\":1024,\"error\":{\"code\":");
    text_add(&body, code);
    text_add(&body, ",\"message\":\"");
    text_add(&body, message);
    text_add(&body, "\"}}");
    return outcome_of(text_string(&body));
}

#define HASH "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

Test(outcome, is_taken_with_a_hash)
{
    cr_assert(eq(int, outcome_of("{\"jsonrpc\":\"2.0\",\"id\":1024,\"result\":\"" HASH "\"}"),
                 SEND_TAKEN));
}

Test(outcome, is_doubt_with_a_result_that_is_no_hash)
{
    cr_assert(
        eq(int, outcome_of("{\"jsonrpc\":\"2.0\",\"id\":1024,\"result\":null}"), SEND_DOUBTFUL));
    cr_assert(
        eq(int, outcome_of("{\"jsonrpc\":\"2.0\",\"id\":1024,\"result\":\"0x\"}"), SEND_DOUBTFUL));
    cr_assert(
        eq(int, outcome_of("{\"jsonrpc\":\"2.0\",\"id\":1024,\"result\":true}"), SEND_DOUBTFUL));
}

Test(outcome, is_doubt_with_anything_that_is_no_answer)
{
    cr_assert(eq(int, outcome_of(""), SEND_DOUBTFUL));
    cr_assert(eq(int, outcome_of("<html>502</html>"), SEND_DOUBTFUL));
    cr_assert(eq(int, outcome_of("{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":\"" HASH "\"}"),
                 SEND_DOUBTFUL));
}

Test(outcome, is_doubt_where_the_wire_failed)
{
    static const enum observation_status statuses[] = {
        OBSERVED_UNREACHABLE, OBSERVED_TIMED_OUT, OBSERVED_TOO_LARGE, OBSERVED_HTTP_ERROR,
        OBSERVED_REFUSED,     OBSERVED_WITHHELD,  OBSERVED_UNRECORDED};

    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct rpc_answers answers = {0};
        struct observation observation = {
            .kind = OBSERVATION_ANSWER, .status = statuses[i], .id = 4};
        rpc_answers_parse(&answers, &observation, 4, 1);
        cr_assert(eq(int, send_outcome_of(&answers), SEND_DOUBTFUL), "%zu", i);
        rpc_answers_release(&answers);
    }
}

Test(outcome, is_taken_where_the_node_has_it_already)
{
    cr_assert(eq(int, outcome_of_error("-32000", "already known"), SEND_TAKEN));
}

Test(outcome, is_a_used_nonce_where_the_node_says_so)
{
    cr_assert(eq(int, outcome_of_error("-32000", "nonce too low: next nonce 5, tx nonce 4"),
                 SEND_NONCE_USED));
}

Test(outcome, of_a_relay_is_taken_with_a_result_of_any_shape_but_none)
{
    static const char *const taken[] = {"{\"bundleHash\":\"" HASH "\"}", "\"" HASH "\"", "{}",
                                        "\"0x\"", "true"};
    for (size_t i = 0; i < ARRAY_LENGTH(taken) + 1; i++) {
        bool is_null = i == ARRAY_LENGTH(taken);
        struct rpc_answers answers = {0};
        struct observation observation = {
            .kind = OBSERVATION_ANSWER, .status = OBSERVED_OK, .id = 4, .http_status = 200};
        TEXT body = {0};

        text_add(&body, "{\"jsonrpc\":\"2.0\",\"id\":1024,\"result\":");
        text_add(&body, is_null ? "null" : taken[i]);
        text_add(&body, "}");
        observation.body = text_bytes(&body);
        rpc_answers_parse(&answers, &observation, 4, 1);
        cr_assert(eq(int, relay_outcome_of(&answers), is_null ? SEND_DOUBTFUL : SEND_TAKEN), "%zu",
                  i);
        rpc_answers_release(&answers);
    }
}

Test(outcome, of_a_relay_that_refuses_or_does_not_answer_is_that_of_a_node)
{
    struct rpc_answer answer = {.fault = RPC_FAULT_NO_FUNDS, .message = ""};
    struct rpc_answers answers = {.envelope = RPC_ENVELOPE_OK, .count = 1, .answer = &answer};

    cr_assert(eq(int, relay_outcome_of(&answers), SEND_UNCOVERED));
    answer.fault = RPC_FAULT_UNAUTHORISED;
    cr_assert(eq(int, relay_outcome_of(&answers), SEND_DOUBTFUL));
    answers.envelope = RPC_ENVELOPE_TRANSPORT;
    cr_assert(eq(int, relay_outcome_of(&answers), SEND_DOUBTFUL));
}

Test(outcome, is_rejection_only_where_it_is_certain)
{
    cr_assert(
        eq(int, outcome_of_error("-32000", "insufficient funds for gas * price + value: balance 0"),
           SEND_UNCOVERED));
    cr_assert(eq(int, outcome_of_error("-32000", "insufficient gas for floor data gas cost: gas 1"),
                 SEND_GAS_SHORT));
    cr_assert(eq(
        int,
        outcome_of_error("-32000", "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)"),
        SEND_GUARDED));
    cr_assert(eq(int, outcome_of_error("-32000", "intrinsic gas too low"), SEND_REJECTED));
    cr_assert(eq(int, outcome_of_error("-32000", "transaction underpriced"), SEND_REJECTED));
}

/* node-errors: geth and its kin, besu, and erigon's other branch. */
Test(outcome, tells_a_nonce_that_must_be_paid_more_for_from_bytes_that_are_refused)
{
    static const char *const words[] = {"replacement transaction underpriced",
                                        "Replacement transaction underpriced",
                                        "could not replace existing tx"};

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        cr_assert(eq(int, outcome_of_error("-32000", words[i]), SEND_UNDERPRICED), "%s", words[i]);
}

Test(outcome, is_doubt_for_every_other_fault)
{
    static const enum rpc_fault faults[] = {
        RPC_FAULT_REVERT,          RPC_FAULT_RATE_LIMIT,    RPC_FAULT_RANGE_TOO_WIDE,
        RPC_FAULT_GAS_CAP,         RPC_FAULT_UNKNOWN_BLOCK, RPC_FAULT_METHOD_MISSING,
        RPC_FAULT_POOL_FULL,       RPC_FAULT_UNAUTHORISED,  RPC_FAULT_BUSY,
        RPC_FAULT_INVALID_REQUEST, RPC_FAULT_OTHER,
    };

    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
        struct rpc_answer answer = {.fault = faults[i], .message = ""};
        struct rpc_answers answers = {.envelope = RPC_ENVELOPE_OK, .count = 1, .answer = &answer};
        cr_assert(eq(int, send_outcome_of(&answers), SEND_DOUBTFUL), "%zu", i);
    }
}

Test(outcome, follows_the_fault)
{
    struct rpc_answer answer = {.message = ""};
    struct rpc_answers answers = {.envelope = RPC_ENVELOPE_OK, .count = 1, .answer = &answer};

    answer.fault = RPC_FAULT_ALREADY_KNOWN;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_TAKEN));
    answer.fault = RPC_FAULT_NONCE_TOO_LOW;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_NONCE_USED));
    answer.fault = RPC_FAULT_NONCE_TOO_HIGH; /* it fits once the hole before it is filled */
    cr_assert(eq(int, send_outcome_of(&answers), SEND_DOUBTFUL));
    answer.fault = RPC_FAULT_UNDERPRICED;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_REJECTED));
    answer.fault = RPC_FAULT_NO_FUNDS;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_UNCOVERED));
    answer.fault = RPC_FAULT_REJECTED_TX;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_REJECTED));
    answers.count = 2;
    cr_assert(eq(int, send_outcome_of(&answers), SEND_DOUBTFUL));
}
