/* More approvals than may be under way at once: the rest follow as the first land. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/turn/aloft.h"
#include "turn/state.h"

#define NEEDED 2u

static void nothing_is_allowed(struct aloft *aloft)
{
    struct market *market = &aloft->state->tracked[0].market;
    uint32_t left = NEEDED;

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        market->reserve[i].allowed.value = left > 0 ? U256_ZERO : U256_MAX;
        market->reserve[i].flags |= RESERVE_BORROWABLE;
        left -= left > 0;
    }
    cr_assert(eq(u32, left, 0));
}

/* What the last turn drafted is signed, and the node takes it. */
static size_t taken(struct aloft *aloft)
{
    static const char *const hash[] = {
        "\"0x1111111111111111111111111111111111111111111111111111111111111111\"", NULL};
    size_t count;

    aloft_signed(aloft, false);
    aloft_turn(aloft);
    count = aloft_asks(aloft, "eth_sendRawTransaction");
    for (size_t i = 0; i < count; i++)
        aloft_answer(aloft, aloft_ask(aloft, "eth_sendRawTransaction", i), hash);
    aloft_turn(aloft);
    return count;
}

Test(prepare, drafts_the_rest_when_the_first_have_landed)
{
    static const char *const counts[] = {"\"0x6\"", "\"0x7\""};
    ALOFT aloft;

    aloft_make(&aloft, 0);
    aloft.state->purpose = PURPOSE_PREPARE;
    aloft.state->settings.limits.in_flight_max = 1;
    nothing_is_allowed(&aloft);
    aloft.state->prepare_go = true;
    aloft_turn(&aloft);
    for (uint32_t i = 0; i < NEEDED; i++) {
        cr_assert_not(aloft.state->phase == PHASE_STOPPED);
        cr_assert(eq(int, aloft.state->prepared, i + 1 == NEEDED));
        cr_assert(eq(sz, taken(&aloft), 1), "approval %u", i);
        aloft_landed(&aloft, counts[i], 0, 0, true);
    }
    aloft_turn(&aloft);
    cr_assert(aloft.state->phase == PHASE_STOPPED);
    cr_assert(eq(u32, aloft.state->prepare_failed, 0));
    cr_assert(eq(sz, aloft_said(&aloft, "mined"), NEEDED));
}
