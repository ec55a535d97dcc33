/* A log of ours that does not decode is counted, and touches nobody. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "tests/keeper/state_fixture.h"
#include "turn/inside.h"

static void deliver(struct turn_state *state, const struct log *log)
{
    struct log_sink_to sink = blocks_log_sink(state);

    sink.log(sink.context, log);
}

Test(logs, that_do_not_decode_are_counted_and_touch_nobody)
{
    struct turn_state *state = a_state();
    struct tracked *tracked = &state->tracked[0];
    const struct address borrower = address_named(1);
    struct log log = {.topic_count = 2};

    (void)an_account(state, 1, 1000, 1000);
    tracked->market.pool = log.address = address_named(0x70);
    topic_of(&log.topic[0], "Borrow(address,address,address,uint256,uint8,uint256,uint16)");
    memcpy(log.topic[1].byte + 12, &tracked->market.reserve[USDC].asset, 20);
    deliver(state, &log);
    cr_expect(eq(u64, tracked->undecodable, 1));
    cr_expect(eq(u32, book_stale_count(tracked->book), 0));
    cr_expect(eq(int, (int)state->phase, PHASE_FOLLOW));
    log.topic_count = 4; /* the same, whole */
    memcpy(log.topic[2].byte + 12, &borrower, sizeof(borrower));
    deliver(state, &log);
    cr_expect(eq(u64, tracked->undecodable, 1));
    cr_expect(eq(u32, book_stale_count(tracked->book), 1));
    turn_free(state);
}
