/* Health and sizes against what real pools said, to the last unit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/protocol/recorded_v30.h"
#include "tests/protocol/recorded_v36.h"

static void assert_number(const struct u256 *is, const char *should, const char *what, size_t row)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, is);
    cr_expect(eq(str, text, (char *)should), "%s of row %zu", what, row);
}

static void assert_health(const struct recorded *recorded)
{
    struct market *market = recorded_market(recorded);
    const struct protocol *protocol = protocol_at(market->protocol);

    cr_assert(protocol->prepare(market, recorded->at_s));
    for (size_t i = 0; i < recorded->account_count; i++) {
        const struct recorded_account *account = &recorded->accounts[i];
        struct leg legs[RECORDED_LEGS_MAX];
        struct position position = recorded_position(legs, account);
        struct health health = {0};
        cr_assert(eq(int, (int)protocol->health(&health, market, &position), HEALTH_OK));
        assert_number(&health.collateral_value, account->collateral_value, "collateral", i);
        assert_number(&health.debt_value, account->debt_value, "debt", i);
        assert_number(&health.factor.value, account->factor, "factor", i);
        cr_expect(eq(u32, health.threshold_bps, account->threshold_bps));
    }
    free(market);
}

static void assert_sizes(const struct recorded *recorded)
{
    struct market *market = recorded_market(recorded);
    const struct protocol *protocol = protocol_at(market->protocol);

    cr_assert(protocol->prepare(market, recorded->lands_s));
    for (size_t i = 0; i < recorded->liquidation_count; i++) {
        const struct recorded_liquidation *row = &recorded->liquidations[i];
        struct leg legs[RECORDED_LEGS_MAX];
        struct position position = recorded_position(legs, &recorded->accounts[row->account]);
        struct health health;
        struct liquidation liquidation;
        struct liquidation_request request = {
            .debt = row->debt,
            .collateral = row->collateral,
            .cap = {row->cap[0] != 0 ? number(row->cap) : U256_MAX},
            .timestamp_s = recorded->lands_s,
            .deadline_s = recorded->lands_s + 60};
        cr_assert(eq(int, (int)protocol->health(&health, market, &position), HEALTH_OK));
        cr_assert(eq(int,
                     (int)protocol->liquidation(&liquidation, market, &position, &health, &request),
                     LIQUIDATION_OK),
                  "row %zu", i);
        assert_number(&liquidation.repay.value, row->repaid, "repaid", i);
        assert_number(&liquidation.seize.value, row->seized, "seized", i);
    }
    free(market);
}

Test(recorded, health_of_version_3_0_equals_the_pool)
{
    assert_health(&recorded_v30);
}

Test(recorded, health_of_version_3_6_equals_the_pool)
{
    assert_health(&recorded_v36);
}

Test(recorded, sizes_of_version_3_0_equal_what_the_pool_took_and_gave)
{
    assert_sizes(&recorded_v30);
}

Test(recorded, sizes_of_version_3_6_equal_what_the_pool_took_and_gave)
{
    assert_sizes(&recorded_v36);
}
