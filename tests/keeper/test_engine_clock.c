/* Somebody sets the wall clock, ahead and back, under a keeper that is sending. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_clock, .timeout = 120);

static atomic_llong wall_leap_s;

/* In place of the C library's, for everything in this process: no leap but where a test says so. */
int clock_gettime(clockid_t which, struct timespec *out)
{
    long code = syscall(SYS_clock_gettime, which, out);

    if (which == CLOCK_REALTIME)
        out->tv_sec += atomic_load(&wall_leap_s);
    return (int)code;
}

#define HOUR_S 3600
#define DAY_S 86400

/* One after the other, each at a later block. */
static const long long leaps_s[] = {HOUR_S, -2 * HOUR_S, DAY_S, -2 * DAY_S, 0};
static size_t leaps;
static uint64_t leapt_block;
static int64_t last_ms;
static struct chain *chain;

static bool leaps_until_the_end_of_the_chain(const struct turn_state *state)
{
    cr_assert(ge(i64, state->now_ms, last_ms), "time went back");
    last_ms = state->now_ms;
    if (state->is_ready && leaps < ARRAY_LENGTH(leaps_s) && state->header.number > leapt_block) {
        leapt_block = state->header.number;
        atomic_store(&wall_leap_s, leaps_s[leaps++]);
    }
    return state->is_ready && state->header.number == chain_number(chain, chain_blocks(chain) - 1);
}

Test(engine_clock, that_is_set_ahead_and_back_neither_stops_it_nor_sends_twice)
{
    const struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};
    unsigned kinds[CHAIN_KINDS];
    HOUSE house;

    chain = chain_of(recording_or_skip());
    house_make(&house, chain);
    house_go_live(&house);
    house_serve(&house);
    chain_walk(chain, 3);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, leaps_until_the_end_of_the_chain), EXIT_DONE), "%s",
              engine_why(house.engine));
    const struct turn_state *state = engine_state(house.engine);
    cr_assert(eq(sz, leaps, ARRAY_LENGTH(leaps_s)));
    chain_count(chain, kinds);
    cr_expect(gt(uint, kinds[CHAIN_SEND], 0), "nothing was sent any more");
    cr_expect(gt(u64, state->counters.transactions[FLIGHT_MINED], 0), "nothing landed");
    cr_expect(eq(u64, state->counters.resyncs, 0), "it took a leap for an outage");
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        const struct flight *one = &state->fleet.flight[i];

        for (size_t k = 0; k < i && flight_is_live(one); k++)
            cr_expect(not(flight_is_live(&state->fleet.flight[k]) &&
                          state->fleet.flight[k].nonce == one->nonce));
    }
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}
