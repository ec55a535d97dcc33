/* The gas of what is sent, from a node's answer through the running daemon to the signed bytes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

TestSuite(engine_gas, .timeout = 120);

#define ESTIMATE 350000u
#define LANDINGS 3

static struct house house; /* callbacks of engine_run have no context */
static struct chain *chain;

static const struct flight *liquidation_landed(const struct turn_state *state, uint32_t index)
{
    for (uint32_t i = 0; i < LANDED_MAX; i++) {
        const struct flight *landed = &state->fleet.landed[i];

        if (landed->state == FLIGHT_MINED && landed->debt != RESERVE_NONE && index-- == 0)
            return landed;
    }
    return NULL;
}

static bool some_landed(const struct turn_state *state)
{
    const uint32_t shown = chain_shown(chain);
    bool is_waiting = !state->is_ready || state->judge_again ||
                      state->header.number != chain_number(chain, shown);

    for (uint32_t i = 0; i < SIMULATIONS_MAX; i++)
        is_waiting |= state->simulation[i].id != 0 || state->simulation[i].estimates != 0;
    if (!is_waiting) /* else an answer would come too late, on a slow machine */
        chain_show(chain, shown + 1);
    return liquidation_landed(state, LANDINGS - 1) != NULL;
}

static void run(uint64_t estimate)
{
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};

    chain = chain_of(recording_or_skip());
    chain_mine(chain);
    chain_estimate(chain, estimate);
    house_make(&house, chain);
    house_go_live(&house);
    house_configure(&house, "\"simulate\": \"unaudited\"", "\"simulate\": \"always\"");
    house_serve(&house);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, some_landed), EXIT_DONE), "%s", engine_why(house.engine));
}

static void end(void)
{
    house_close(&house);
    house_end(&house);
    house_remove(&house);
    chain_free(chain);
}

Test(engine_gas, is_the_nodes_estimate_and_as_much_again)
{
    run(ESTIMATE);
    for (uint32_t i = 0; i < LANDINGS; i++) {
        const struct flight *landed = liquidation_landed(engine_state(house.engine), i);
        struct transaction sent;

        cr_assert(eq(u64, landed->gas_expected, ESTIMATE));
        cr_assert(eq(int, transaction_decode(&sent, bytes_of(landed->raw, landed->raw_size)),
                     TRANSACTION_OK));
        cr_assert(eq(u64, sent.gas, 2 * ESTIMATE));
    }
    end();
}

Test(engine_gas, is_the_tables_where_the_node_knows_no_estimates)
{
    unsigned kinds[CHAIN_KINDS];

    run(0);
    chain_count(chain, kinds);
    cr_assert(gt(uint, kinds[CHAIN_SIMULATION], kinds[CHAIN_ESTIMATE]), "asked again and again");
    for (uint32_t i = 0; i < LANDINGS; i++) {
        const struct flight *landed = liquidation_landed(engine_state(house.engine), i);

        cr_assert(eq(u64, landed->gas, 2 * landed->gas_expected));
        cr_assert(gt(u64, landed->gas_expected, ESTIMATE));
    }
    end();
}
