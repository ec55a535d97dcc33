/* What is sized holds at every time at which it may land, and for a step of a feed besides. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"
#include "tests/protocol/a_pool.h"
#include "tests/protocol/pool_model.h"

#define LANDS_S (POOL_AT_S + 12)
#define DEADLINE_S (POOL_AT_S + 120)

static const uint32_t revisions[] = {1, 4, 6, 7, 8, 9, 10, 11};

struct draw {
    struct market *market;
    struct held held;
    struct liquidation_request request;
};

/* Any pair of the three assets, of any size between a dollar and ten million, a little under water.
 */
static void draw_account(struct draw *draw, uint64_t *state)
{
    struct market *market = draw->market;
    uint32_t collateral = (uint32_t)random_below(state, 3);
    uint32_t debt = (uint32_t)random_below(state, 3);
    uint64_t size = 1u << random_below(state, 24);
    uint64_t dollars = size + random_below(state, size); /* of debt */
    uint64_t price = market->reserve[collateral].price.value.limb[0];
    uint64_t debt_price = market->reserve[debt].price.value.limb[0];
    uint64_t health_bps = 8000 + random_below(state, 2000);
    /* in millionths of tokens: dollars × 1e6 × 1e8 / price */
    uint64_t owed = (uint64_t)((unsigned __int128)dollars * 100000000000000u / debt_price);
    uint64_t supplied = (uint64_t)((unsigned __int128)dollars * 100000000000000u / price *
                                   health_bps / market->reserve[collateral].threshold_bps);

    debt = debt == collateral ? (debt + 1) % 3 : debt;
    debt_price = market->reserve[debt].price.value.limb[0];
    owed = (uint64_t)((unsigned __int128)dollars * 100000000000000u / debt_price);
    a_loan(&draw->held, market, collateral, supplied + 1, debt, owed + 1);
    draw->request = (struct liquidation_request){.debt = debt,
                                                 .collateral = collateral,
                                                 .cap = {U256_MAX},
                                                 .timestamp_s = LANDS_S,
                                                 .deadline_s = DEADLINE_S};
    if (random_below(state, 2) == 0) {
        struct u256 owed_now = u256_of_u128(micro(market, debt, owed + 1));
        struct u256 parts = u256_of(1 + random_below(state, 130));
        struct u256 hundred = u256_of(100);
        cr_assert(u256_mul_div(&draw->request.cap.value, &owed_now, &parts, &hundred));
    }
}

static void draw_market(struct draw *draw, uint64_t *state)
{
    draw->market->revision = revisions[random_below(state, ARRAY_LENGTH(revisions))];
    for (uint32_t i = 0; i < draw->market->reserve_count; i++) {
        struct reserve *reserve = &draw->market->reserve[i];
        struct u256 percent = u256_ten_to(25);
        struct u256 rate = u256_of(random_below(state, 300));
        reserve->updated_at_s = POOL_AT_S - random_below(state, 1000000);
        reserve->protocol_fee_bps = (uint32_t)random_below(state, 3) * 1000;
        reserve->bonus_bps = 10100 + (uint32_t)random_below(state, 10) * 100;
        cr_assert(u256_mul(&reserve->debt_rate.value, &rate, &percent));
        cr_assert(u256_mul(&reserve->collateral_rate.value, &percent, &U256_ONE));
    }
}

/* Sizes one; false: there is nothing to try. */
static bool draw_size(struct liquidation *out, struct draw *draw)
{
    const struct protocol *protocol = protocol_at(draw->market->protocol);
    struct health health;

    cr_assert(protocol->prepare(draw->market, LANDS_S));
    cr_assert(
        eq(int, (int)protocol->health(&health, draw->market, &draw->held.position), HEALTH_OK));
    return protocol->liquidation(out, draw->market, &draw->held.position, &health,
                                 &draw->request) == LIQUIDATION_OK;
}

static enum model_outcome draw_land(struct model_result *result, struct draw *draw,
                                    const struct liquidation *liquidation, uint64_t timestamp_s)
{
    const struct model_call call = {.debt = liquidation->debt,
                                    .collateral = liquidation->collateral,
                                    .argument = liquidation->repay_argument.value,
                                    .timestamp_s = timestamp_s};

    return model_liquidate(result, draw->market, &draw->held.position, &call);
}

Test(liquidation_property, lands_as_said_at_any_time_until_the_deadline)
{
    uint64_t state = 11;
    uint32_t landed = 0;
    uint32_t whole = 0;
    struct draw draw = {.market = a_pool(10)};

    for (uint32_t i = 0; i < 6000; i++) {
        struct liquidation out;
        struct model_result result;
        draw_market(&draw, &state);
        draw_account(&draw, &state);
        if (!draw_size(&out, &draw))
            continue;
        landed++;
        whole += out.is_whole ? 1 : 0;
        cr_assert(not(u256_is_less(&draw.request.cap.value, &out.repay_max.value)));
        cr_assert(eq(int, (int)draw_land(&result, &draw, &out, LANDS_S), MODEL_DONE), "draw %u", i);
        cr_assert(u256_is_equal(&result.paid, &out.repay.value), "draw %u", i);
        cr_assert(u256_is_equal(&result.seized, &out.seize.value), "draw %u", i);
        for (uint64_t at = LANDS_S; at <= DEADLINE_S; at += 36) {
            enum model_outcome outcome = draw_land(&result, &draw, &out, at);
            cr_assert(outcome == MODEL_DONE || outcome == MODEL_HEALTHY, "draw %u at %lu: %d", i,
                      at, (int)outcome);
            cr_assert(not(u256_is_less(&out.repay_max.value, &result.paid)), "draw %u", i);
        }
    }
    cr_expect(gt(u32, landed, 3000), "%u", landed);
    cr_expect(gt(u32, whole, 500), "%u", whole);
    free(draw.market);
}

/* A part that is said exactly survives each price moving by one in a hundred, either way. */
Test(liquidation_property, a_part_leaves_no_dust_after_a_step_of_the_feeds)
{
    uint64_t state = 12;
    uint32_t parts = 0;
    struct draw draw = {.market = a_pool(10)};

    for (uint32_t i = 0; i < 6000; i++) {
        struct liquidation out;
        struct model_result result;
        draw_market(&draw, &state);
        draw_account(&draw, &state);
        if (!draw_size(&out, &draw) || u256_is_equal(&out.repay_argument.value, &U256_MAX) ||
            u256_is_less(&out.repay.value, &out.repay_argument.value))
            continue;
        parts++;
        struct price *price = &draw.market->reserve[i % 2 == 0 ? out.debt : out.collateral].price;
        const uint64_t before = price->value.limb[0];
        price->value.limb[0] = before / 1000 * (random_below(&state, 2) == 0 ? 990 : 1010);
        enum model_outcome outcome = draw_land(&result, &draw, &out, LANDS_S);
        price->value.limb[0] = before;
        cr_assert(outcome == MODEL_DONE || outcome == MODEL_HEALTHY, "draw %u: %d", i,
                  (int)outcome);
    }
    cr_expect(gt(u32, parts, 1000), "%u", parts);
    free(draw.market);
}
