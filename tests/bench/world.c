/* See world.h. */
#include "tests/bench/world.h"

#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"

#define WETH 0u
#define USDC 3u
#define TARGET_USD 5000000000000u /* 50,000 in base currency */
#define STEP_PARTS 2000u          /* a fall is one of so many parts of the first price */

/* The price after `halves` half steps. */
static uint64_t price_at(const struct world *world, uint64_t first, uint32_t halves)
{
    (void)world;
    return first - first / (2 * STEP_PARTS) * halves;
}

static uint64_t first_price(void)
{
    return 345000000000u;
}

/* Stands at the edge in the middle between two falls. */
static void target_set(struct world *world, uint32_t index)
{
    struct bench_account *account = &world->account[index];
    const struct market *market = &world->market;
    uint64_t edge = price_at(world, first_price(), 2 * index + 1);
    uint64_t borne = TARGET_USD / 10000 * market->reserve[WETH].threshold_bps;
    struct u256 debt = u256_of(borne);
    struct u256 numerator = u256_of(edge);
    struct u256 denominator = u256_of(first_price());

    MUST(u256_mul_div(&debt, &debt, &numerator, &denominator));
    account->category = 0;
    account->leg_count = 2;
    account->leg[0].reserve = WETH;
    account->leg[0].is_debt = false;
    account->leg[0].scaled = bench_scaled(&market->reserve[WETH], TARGET_USD, false);
    account->leg[1].reserve = USDC;
    account->leg[1].is_debt = true;
    account->leg[1].scaled = bench_scaled(&market->reserve[USDC], debt.limb[0], true);
}

struct world *world_new(uint32_t positions, uint32_t targets, const struct address *keeper)
{
    struct world *world = must_alloc(1, sizeof(*world));

    bench_market(&world->market);
    world->keeper = *keeper;
    MUST(address_parse(&world->multicall, "0xcA11bde05977b3631167028862bE2a173976CA11", 42) ==
         ADDRESS_OK);
    world->account = must_alloc(positions, sizeof(*world->account));
    world->account_count = positions;
    world->target_count = targets;
    table_init(&world->accounts, sizeof(struct address), 1);
    for (uint32_t i = 0; i < positions; i++) {
        bench_account(&world->account[i], &world->market, i, 300, 650);
        if (i < targets)
            target_set(world, i);
        (void)table_add(&world->accounts, &world->account[i].address, NULL);
    }
    world->head = 1;
    MUST(protocol_at(world->market.protocol)->prepare(&world->market, world_timestamp(1)));
    return world;
}

void world_free(struct world *world)
{
    table_release(&world->accounts);
    free(world->account);
    free(world);
}

struct hash32 world_hash(uint64_t block)
{
    struct hash32 hash;

    keccak256(&hash, bytes_of(&block, sizeof(block)));
    return hash;
}

uint64_t world_timestamp(uint64_t block)
{
    return BENCH_TIMESTAMP_S + WORLD_BLOCK_S * block;
}

void world_pass(struct world *world)
{
    const struct protocol *protocol = protocol_at(world->market.protocol);

    world->head++;
    MUST(world->head < WORLD_BLOCKS_MAX);
    world->nonces[world->head] = world->nonces[world->head - 1];
    MUST(protocol->prepare(&world->market, world_timestamp(world->head)));
}

void world_fall(struct world *world)
{
    world->fallen++;
    world->market.reserve[WETH].price.value =
        u256_of(price_at(world, first_price(), 2 * world->fallen));
    world_pass(world);
}

/* liquidationCall(collateral, debt, user, debtToCover, receiveAToken) */
static bool flight_decode_call(struct world_flight *out, const struct world *world,
                               struct bytes data)
{
    struct address collateral;
    struct address debt;
    struct address user;

    if (data.size != 4 + 5 * ABI_WORD)
        return false;
    data = bytes_slice(data, 4, data.size - 4);
    if (!abi_address(&collateral, data, 0) || !abi_address(&debt, data, 1) ||
        !abi_address(&user, data, 2) || !abi_u256(&out->repaid, data, 3))
        return false;
    out->collateral = market_reserve(&world->market, &collateral);
    out->debt = market_reserve(&world->market, &debt);
    out->account = table_find(&world->accounts, &user);
    return out->collateral != RESERVE_NONE && out->debt != RESERVE_NONE &&
           out->account != TABLE_NONE;
}

bool world_take(struct world *world, struct bytes raw)
{
    struct transaction transaction;
    struct world_flight flight = {.is_known = true};
    const struct u256 much = u256_ten_to(24);
    const struct u256 bonus = u256_of(104);
    const struct u256 unit = u256_ten_to(18 - 6 + 8 + 2);

    if (transaction_decode(&transaction, raw) != TRANSACTION_OK ||
        transaction.chain_id != WORLD_CHAIN_ID || transaction.nonce != world->nonces[world->head] ||
        !address_is_equal(&transaction.to, &world->market.pool) ||
        !flight_decode_call(&flight, world, transaction.data))
        return false;
    if (u256_is_less(&much, &flight.repaid))
        flight.repaid = u256_ten_to(10); /* the whole debt: about ten thousand of USDC */
    /* USDC to WETH, and 4 per cent: near enough for a receipt */
    MUST(u256_mul_div(&flight.seized, &flight.repaid, &unit,
                      &world->market.reserve[WETH].price.value));
    MUST(u256_mul(&flight.seized, &flight.seized, &bonus));
    MUST(u256_div(&flight.seized, NULL, &flight.seized, &(struct u256){{10000, 0, 0, 0}}));
    flight.nonce = transaction.nonce;
    keccak256(&flight.hash, raw);
    world->flight = flight;
    return true;
}

/* The account is far from the edge afterwards, so that it never comes back. */
void world_mine(struct world *world)
{
    struct bench_account *account = &world->account[world->flight.account];

    world_pass(world);
    world->nonces[world->head]++;
    world->flight.block = world->head;
    for (uint32_t i = 0; i < account->leg_count; i++)
        account->leg[i].scaled /= account->leg[i].is_debt ? 4 : 2;
}
