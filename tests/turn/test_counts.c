/* A node's count of our nonces may be too high, or too low, now and then. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define RECEIPTS "eth_getTransactionReceipt"
#define RESULTS(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void nonce_passes(struct aloft *aloft, const char *count)
{
    aloft_block(aloft);
    aloft_answer(aloft, aloft_ask(aloft, RECEIPTS, 0),
                 aloft_ask(aloft, RECEIPTS, 0)->calls == 2 ? RESULTS(count, "null")
                                                           : RESULTS(count, "null", "null"));
    aloft_turn(aloft);
}

/* A node that said too much once; what is drafted above the hole would wait for ever. */
Test(counts, are_believed_below_ours_once_they_stay_there)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    nonce_passes(&aloft, "\"0x9\"");
    cr_assert(eq(u64, aloft.state->fleet.transaction_count, 9));
    for (int i = 0; i < 3; i++) {
        nonce_passes(&aloft, "\"0x5\"");
        cr_assert(eq(u64, aloft.state->fleet.transaction_count, 9), "believed at once");
    }
    nonce_passes(&aloft, "\"0x5\"");
    cr_assert(eq(u64, aloft.state->fleet.transaction_count, 5));
    cr_assert(eq(u32, fleet_live(&aloft.state->fleet), 1));
}

Test(counts, are_not_believed_where_they_are_below_ours_now_and_then)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    for (int i = 0; i < 8; i++)
        aloft_missing(&aloft, i % 3 == 2 ? "\"0x5\"" : "\"0x4\"", true);
    cr_assert(eq(u64, aloft.state->fleet.transaction_count, 5));
}
