/* Who a log names, and which shared terms it makes old. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "tests/protocol/a_pool.h"

static const struct address alice = {{0xa1}};
static const struct address bob = {{0xb0}};

struct scene {
    struct market *market;
    struct buffer data;
    struct log log;
    struct touched out;
    enum touch_error error;
};

static void scene_begin(struct scene *scene, const struct address *emitter, const char *signature)
{
    memset(scene, 0, sizeof(*scene));
    scene->market = a_pool(10);
    scene->log.address = emitter != NULL ? *emitter : scene->market->pool;
    topic_of(&scene->log.topic[0], signature);
    scene->log.topic_count = 1;
}

static void topic_add(struct scene *scene, const struct address *address)
{
    memcpy(scene->log.topic[scene->log.topic_count++].byte + 12, address, sizeof(*address));
}

static void scene_touch(struct scene *scene)
{
    scene->log.data = buffer_bytes(&scene->data);
    scene->error =
        protocol_at(scene->market->protocol)->touch(&scene->out, scene->market, &scene->log);
}

static void scene_end(struct scene *scene)
{
    buffer_release(&scene->data);
    free(scene->market);
}

static void assert_touched(const struct scene *scene, uint32_t at, const struct address *account,
                           uint32_t reserve)
{
    cr_assert(eq(int, (int)scene->error, TOUCH_OK));
    cr_assert(gt(u32, scene->out.count, at));
    cr_expect(address_is_equal(&scene->out.account[at].account, account));
    cr_expect(eq(u32, scene->out.account[at].reserve, reserve));
}

static bool shared_is_stale(const struct market *market)
{
    return (market->stale & MARKET_STALE_ADDRESSES) != 0 &&
           (market->reserve[WETH].stale & RESERVE_STALE_STATE) != 0 &&
           (market->reserve[WBTC].stale & RESERVE_STALE_GRACE) != 0;
}

Test(touch, the_account_is_on_whose_behalf_it_is_done)
{
    static const char *const events[] = {
        "Supply(address,address,address,uint256,uint16)",
        "MintUnbacked(address,address,address,uint256,uint16)",
        "Withdraw(address,address,address,uint256)",
        "Repay(address,address,address,uint256,bool)",
        "ReserveUsedAsCollateralEnabled(address,address)",
        "ReserveUsedAsCollateralDisabled(address,address)",
        "SwapBorrowRateMode(address,address,uint8)",
        "RebalanceStableBorrowRate(address,address)",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(events); i++) {
        struct scene scene;
        scene_begin(&scene, NULL, events[i]);
        topic_add(&scene, &scene.market->reserve[USDC].asset);
        topic_add(&scene, &alice);
        topic_add(&scene, &bob);
        scene_touch(&scene);
        assert_touched(&scene, 0, &alice, USDC);
        cr_expect(eq(u32, scene.out.count, 1), "%s", events[i]);
        cr_expect(not(scene.out.account[0].is_borrower), "%s", events[i]);
        scene_end(&scene);
    }
}

Test(touch, a_borrow_proves_a_debt)
{
    struct scene scene;

    scene_begin(&scene, NULL, "Borrow(address,address,address,uint256,uint8,uint256,uint16)");
    topic_add(&scene, &scene.market->reserve[WBTC].asset);
    topic_add(&scene, &alice);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, WBTC);
    cr_expect(scene.out.account[0].is_borrower);
    scene_end(&scene);
}

Test(touch, an_asset_that_is_not_known_yet_touches_the_account_as_such)
{
    struct scene scene;

    scene_begin(&scene, NULL, "Borrow(address,address,address,uint256,uint8,uint256,uint16)");
    topic_add(&scene, &bob);
    topic_add(&scene, &alice);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, RESERVE_NONE);
    scene_end(&scene);
}

Test(touch, a_deficit_names_the_account_first)
{
    struct scene scene;

    scene_begin(&scene, NULL, "DeficitCreated(address,address,uint256)");
    topic_add(&scene, &alice);
    topic_add(&scene, &scene.market->reserve[USDC].asset);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, USDC);
    scene_end(&scene);
}

Test(touch, an_emode_touches_config_and_category)
{
    struct scene scene;

    scene_begin(&scene, NULL, "UserEModeSet(address,uint8)");
    topic_add(&scene, &alice);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, RESERVE_NONE);
    scene_end(&scene);
}

static void liquidation_begin(struct scene *scene, bool receives)
{
    scene_begin(scene, NULL,
                "LiquidationCall(address,address,address,uint256,uint256,address,bool)");
    topic_add(scene, &scene->market->reserve[WETH].asset);
    topic_add(scene, &scene->market->reserve[USDC].asset);
    topic_add(scene, &alice);
    abi_add_u64(&scene->data, 111);
    abi_add_u64(&scene->data, 222);
    abi_add_address(&scene->data, &bob);
    abi_add_bool(&scene->data, receives);
}

Test(touch, a_liquidation_touches_both_reserves_and_is_told)
{
    struct scene scene;

    liquidation_begin(&scene, false);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, USDC);
    assert_touched(&scene, 1, &alice, WETH);
    cr_expect(eq(u32, scene.out.count, 2));
    cr_assert(scene.out.is_liquidation);
    cr_expect(address_is_equal(&scene.out.liquidation.account, &alice));
    cr_expect(address_is_equal(&scene.out.liquidation.liquidator, &bob));
    cr_expect(eq(u32, scene.out.liquidation.debt, USDC));
    cr_expect(eq(u32, scene.out.liquidation.collateral, WETH));
    cr_expect(eq(u64, scene.out.liquidation.repaid.value.limb[0], 111));
    cr_expect(eq(u64, scene.out.liquidation.seized.value.limb[0], 222));
    scene_end(&scene);
}

Test(touch, a_liquidator_that_takes_atokens_gains_collateral)
{
    struct scene scene;

    liquidation_begin(&scene, true);
    scene_touch(&scene);
    cr_expect(eq(u32, scene.out.count, 3));
    assert_touched(&scene, 2, &bob, WETH);
    scene_end(&scene);
}

/* 3.6 stores the collateral's index anew without saying so when the aTokens go to the liquidator */
Test(touch, a_liquidation_makes_the_collateral_s_index_old)
{
    struct scene scene;

    liquidation_begin(&scene, true);
    scene_touch(&scene);
    cr_expect(
        eq(u32, scene.market->reserve[WETH].stale, RESERVE_STALE_STATE | RESERVE_STALE_EXTRA));
    scene_end(&scene);
}

Test(touch, a_transfer_of_an_atoken_touches_both_ends)
{
    struct scene scene;
    const struct address token = {{0x10 + WBTC}};

    scene_begin(&scene, &token, "BalanceTransfer(address,address,uint256,uint256)");
    topic_add(&scene, &alice);
    topic_add(&scene, &bob);
    scene_touch(&scene);
    assert_touched(&scene, 0, &alice, WBTC);
    assert_touched(&scene, 1, &bob, WBTC);
    scene_end(&scene);
}

Test(touch, new_rates_make_the_reserve_old_and_nobody_else)
{
    struct scene scene;

    scene_begin(&scene, NULL,
                "ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)");
    topic_add(&scene, &scene.market->reserve[USDC].asset);
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_OK));
    cr_expect(eq(u32, scene.out.count, 0));
    cr_expect(
        eq(u32, scene.market->reserve[USDC].stale, RESERVE_STALE_STATE | RESERVE_STALE_EXTRA));
    cr_expect(eq(u32, scene.market->reserve[WETH].stale, 0));
    scene_end(&scene);
}

Test(touch, rates_of_an_unknown_asset_make_the_list_old)
{
    struct scene scene;

    scene_begin(&scene, NULL,
                "ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)");
    topic_add(&scene, &alice);
    scene_touch(&scene);
    cr_expect(ne(u32, scene.market->stale & MARKET_STALE_RESERVES, 0));
    scene_end(&scene);
}

Test(touch, whoever_governs_makes_all_shared_terms_old)
{
    static const char *const events[] = {
        "PoolUpdated(address,address)",
        "CollateralConfigurationChanged(address,uint256,uint256,uint256)",
        "AssetSourceUpdated(address,address)", "GracePeriodUpdated(uint256)",
        "AnEventOfAVersionToCome(bytes)"};

    for (size_t i = 0; i < ARRAY_LENGTH(events); i++) {
        struct scene scene;
        scene_begin(&scene, NULL, events[i]);
        const struct address *const places[] = {&scene.market->root, &scene.market->configurator,
                                                &scene.market->oracle, &scene.market->root,
                                                &scene.market->configurator};
        scene.log.address = *places[i];
        scene_touch(&scene);
        cr_expect(eq(int, (int)scene.error, TOUCH_OK));
        cr_expect(shared_is_stale(scene.market), "%s", events[i]);
        scene_end(&scene);
    }
}

Test(touch, the_sentinel_governs_where_there_is_one)
{
    struct scene scene;
    const struct address sentinel = {{0x99}};

    scene_begin(&scene, &sentinel, "SequencerOracleUpdated(address)");
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_IGNORED));
    scene.market->sentinel = sentinel;
    scene_touch(&scene);
    cr_expect(shared_is_stale(scene.market));
    scene_end(&scene);
}

/* ---- what says nothing */

Test(touch, ignores_a_stranger_and_what_is_no_event_of_ours)
{
    struct scene scene;
    const struct address token = {{0x10 + WBTC}};

    scene_begin(&scene, &bob, "Borrow(address,address,address,uint256,uint8,uint256,uint16)");
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_IGNORED));
    scene_end(&scene);
    scene_begin(&scene, NULL, "FlashLoan(address,address,address,uint256,uint8,uint256,uint16)");
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_IGNORED));
    scene_end(&scene);
    scene_begin(&scene, &token, "Transfer(address,address,uint256)");
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_IGNORED));
    scene.log.topic_count = 0;
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_IGNORED));
    scene_end(&scene);
}

Test(touch, refuses_events_with_too_few_topics)
{
    static const char *const events[] = {
        "Supply(address,address,address,uint256,uint16)",
        "Borrow(address,address,address,uint256,uint8,uint256,uint16)",
        "LiquidationCall(address,address,address,uint256,uint256,address,bool)",
        "DeficitCreated(address,address,uint256)",
        "UserEModeSet(address,uint8)",
        "ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(events); i++) {
        struct scene scene;
        scene_begin(&scene, NULL, events[i]);
        scene_touch(&scene);
        cr_expect(eq(int, (int)scene.error, TOUCH_UNDECODABLE), "%s", events[i]);
        scene_end(&scene);
    }
}

Test(touch, refuses_a_transfer_without_a_receiver)
{
    struct scene scene;
    const struct address token = {{0x10 + WBTC}};

    scene_begin(&scene, &token, "BalanceTransfer(address,address,uint256,uint256)");
    topic_add(&scene, &alice);
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_UNDECODABLE));
    scene_end(&scene);
}

Test(touch, refuses_a_topic_that_is_no_address)
{
    struct scene scene;

    scene_begin(&scene, NULL, "UserEModeSet(address,uint8)");
    topic_add(&scene, &alice);
    scene.log.topic[1].byte[0] = 1;
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_UNDECODABLE));
    scene_end(&scene);
}

Test(touch, refuses_a_liquidation_whose_data_is_cut)
{
    struct scene scene;

    liquidation_begin(&scene, false);
    scene.data.size -= 32;
    scene_touch(&scene);
    cr_expect(eq(int, (int)scene.error, TOUCH_UNDECODABLE));
    scene_end(&scene);
}

/* ---- filters */

Test(touch, the_filter_holds_each_token_and_each_governor)
{
    struct market *market = a_pool(10);
    struct log_filter filter = {0};

    protocol_at(market->protocol)->filter(&filter, market);
    cr_expect(eq(u32, filter.address_count, 4 + 3)); /* root, pool, configurator, oracle; aTokens */
    cr_expect(le(u32, filter.topic_count, LOG_FILTER_TOPICS_MAX));
    for (uint32_t i = 0; i < filter.address_count; i++)
        cr_expect(not(address_is_zero(&filter.address[i])));
    log_filter_release(&filter);
    free(market);
}

Test(touch, history_is_borrows_on_the_pool)
{
    struct market *market = a_pool(10);
    struct log_filter filter = {0};
    struct hash32 topic;

    protocol_at(market->protocol)->history_filter(&filter, market);
    topic_of(&topic, "Borrow(address,address,address,uint256,uint8,uint256,uint16)");
    cr_assert(eq(u32, filter.address_count, 1));
    cr_assert(eq(u32, filter.topic_count, 1));
    cr_expect(address_is_equal(&filter.address[0], &market->pool));
    cr_expect(hash32_is_equal(&filter.topic[0], &topic));
    log_filter_release(&filter);
    free(market);
}
