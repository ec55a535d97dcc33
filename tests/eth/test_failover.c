/* Whom to ask next, and when nobody. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/eth/answers.h"

static bool fails_over(const char *body, uint32_t calls)
{
    struct observation observation = answer_with(body, 200);
    return rpc_should_fail_over(&observation, 1, calls);
}

Test(fail_over, happens_for_each_failure_of_the_transport_and_for_no_decision_of_ours)
{
    const struct {
        enum observation_status status;
        bool should;
    } row[] = {{OBSERVED_UNREACHABLE, true}, {OBSERVED_TIMED_OUT, true}, {OBSERVED_TOO_LARGE, true},
               {OBSERVED_HTTP_ERROR, true},  {OBSERVED_REFUSED, false},  {OBSERVED_WITHHELD, false},
               {OBSERVED_UNRECORDED, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct observation observation = {.status = row[i].status};
        cr_expect(eq(int, rpc_should_fail_over(&observation, 1, 1), row[i].should));
    }
}

Test(fail_over, never_happens_for_an_answered_execution)
{
    cr_expect(not(fails_over("{\"id\":256,\"result\":null}", 1)));
    cr_expect(not(fails_over("{\"id\":256,\"error\":{\"code\":3,\"message\":\"execution reverted: "
                             "rate limit\",\"data\":\"0x\"}}",
                             1)));
    cr_expect(not(fails_over("[{\"id\":256,\"result\":\"0x\"},{\"id\":257,\"error\":{\"code\":3,"
                             "\"message\":\"execution reverted\"}}]",
                             2)));
    const char *message[] = {"nonce too low",
                             "already known",
                             "replacement transaction underpriced",
                             "insufficient funds",
                             "query returned more than 10000 results",
                             "out of gas",
                             "intrinsic gas too low"};
    for (size_t i = 0; i < ARRAY_LENGTH(message); i++) {
        TEXT body = {0};
        text_add(&body, "{\"id\":256,\"error\":{\"code\":-32000,\"message\":");
        text_add_json(&body, bytes_of_text(message[i]));
        text_add(&body, "}}");
        cr_expect(not(fails_over(text_string(&body), 1)), "%s", message[i]);
    }
}

Test(fail_over, happens_where_another_endpoint_may_know_better)
{
    const char *row[] = {
        "",
        "<html></html>",
        "{\"id\":256,\"error\":{\"code\":-32005,\"message\":\"rate limit\"}}",
        "{\"id\":256,\"error\":{\"code\":-32000,\"message\":\"header not found\"}}",
        "{\"id\":256,\"error\":{\"code\":-32601,\"message\":\"\"}}",
        "{\"id\":256,\"error\":{\"code\":-32000,\"message\":\"what nobody ever said\"}}",
        "{\"id\":256,\"error\":\"unauthorized\"}",
        "{\"id\":256,\"error\":{\"code\":-32000,\"message\":\"txpool is full\"}}",
        "[{\"id\":256,\"result\":\"a \\\"result\\\" \"},{\"id\":257,\"error\":{\"code\":429}}]",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(fails_over(row[i], 1), "%s", row[i]);
}

Test(fail_over, is_not_fooled_by_the_word_in_a_result)
{
    cr_expect(not(fails_over("{\"id\":256,\"result\":{\"error\":1}}", 1)));
    cr_expect(not(fails_over("{\"id\":256,\"result\":\"\\\"error\\\"\"}", 1)));
}
