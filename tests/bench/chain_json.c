/* Headers, logs and receipts as a node spells them. */
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "protocol/aave_v3/inside.h"
#include "tests/bench/node.h"

static void add_hash(struct text *out, const char *name, const struct hash32 *hash)
{
    text_add(out, name);
    text_add_hex(out, bytes_of(hash->byte, sizeof(hash->byte)));
    text_add(out, "\"");
}

static void add_quantity(struct text *out, const char *name, uint64_t value)
{
    text_add(out, name);
    text_add_quantity(out, value);
    text_add(out, "\"");
}

static bool block_has_flight(const struct world *world, uint64_t block)
{
    return world->flight.is_known && block != 0 && world->flight.block == block;
}

void chain_add_header(struct text *out, const struct world *world, uint64_t block)
{
    struct hash32 hash = world_hash(block);
    struct hash32 parent = world_hash(block - 1);
    uint8_t bloom[256];

    memset(bloom, block_has_flight(world, block) ? 0xff : 0, sizeof(bloom));
    text_add(out, "{\"logsBloom\":\"");
    text_add_hex(out, bytes_of(bloom, sizeof(bloom)));
    add_hash(out, "\",\"hash\":\"", &hash);
    add_hash(out, ",\"parentHash\":\"", &parent);
    add_quantity(out, ",\"number\":\"", block);
    add_quantity(out, ",\"timestamp\":\"", world_timestamp(block));
    add_quantity(out, ",\"baseFeePerGas\":\"", WORLD_BASE_FEE);
    add_quantity(out, ",\"gasLimit\":\"", 30000000);
    add_quantity(out, ",\"gasUsed\":\"", 15000000);
    text_add(out, "}");
}

struct event {
    enum aave_event kind;
    uint64_t block;
    uint32_t index;
    uint32_t topics;
    struct address topic[3]; /* behind the first */
    struct buffer data;
};

/* An event of the pool; releases its data. */
static void add_event(struct text *out, const struct world *world, struct event *event)
{
    struct hash32 block = world_hash(event->block);
    struct hash32 topic;

    topic_of(&topic, aave_event_signature(event->kind));
    text_add(out, event->index == 0 ? "{" : ",{");
    text_add(out, "\"removed\":false,\"address\":\"");
    text_add_hex(out, bytes_of(world->market.pool.byte, sizeof(world->market.pool.byte)));
    add_hash(out, "\",\"topics\":[\"", &topic);
    for (uint32_t i = 0; i < event->topics; i++) {
        struct hash32 word = {0};
        memcpy(word.byte + 12, event->topic[i].byte, sizeof(event->topic[i].byte));
        add_hash(out, ",\"", &word);
    }
    text_add(out, "],\"data\":\"");
    text_add_hex(out, buffer_bytes(&event->data));
    add_hash(out, "\",\"blockHash\":\"", &block);
    add_hash(out, ",\"transactionHash\":\"", &world->flight.hash);
    add_quantity(out, ",\"blockNumber\":\"", event->block);
    add_quantity(out, ",\"transactionIndex\":\"", 0);
    add_quantity(out, ",\"logIndex\":\"", event->index);
    text_add(out, "}");
    buffer_release(&event->data);
}

/* Borrow(reserve, onBehalfOf, referral | user, amount, mode, rate) */
void chain_add_history(struct text *out, const struct world *world)
{
    text_add(out, "[");
    for (uint32_t i = 0; i < world->account_count; i++) {
        const struct bench_account *account = &world->account[i];
        struct event event = {.kind = AAVE_EVENT_BORROW, .block = 1, .index = i, .topics = 3};

        for (uint32_t k = 0; k < account->leg_count; k++) {
            if (account->leg[k].is_debt)
                event.topic[0] = world->market.reserve[account->leg[k].reserve].asset;
        }
        event.topic[1] = account->address;
        abi_add_address(&event.data, &account->address);
        abi_add_u64(&event.data, 1);
        abi_add_u64(&event.data, 2);
        abi_add_u64(&event.data, 1);
        add_event(out, world, &event);
    }
    text_add(out, "]");
}

static void add_reserve_data_updated(struct text *out, const struct world *world, uint32_t reserve,
                                     uint32_t index)
{
    const struct reserve *state = &world->market.reserve[reserve];
    struct event event = {.kind = AAVE_EVENT_RESERVE_DATA,
                          .block = world->flight.block,
                          .index = index,
                          .topics = 1,
                          .topic = {state->asset}};

    abi_add_u256(&event.data, &state->collateral_rate.value);
    abi_add_u64(&event.data, 0);
    abi_add_u256(&event.data, &state->debt_rate.value);
    abi_add_u256(&event.data, &state->collateral_index.value);
    abi_add_u256(&event.data, &state->debt_index.value);
    add_event(out, world, &event);
}

void chain_add_logs(struct text *out, const struct world *world, uint64_t block)
{
    const struct world_flight *flight = &world->flight;
    struct event event = {.kind = AAVE_EVENT_LIQUIDATION, .block = block, .index = 2, .topics = 3};

    text_add(out, "[");
    if (block_has_flight(world, block)) {
        add_reserve_data_updated(out, world, flight->debt, 0);
        add_reserve_data_updated(out, world, flight->collateral, 1);
        event.topic[0] = world->market.reserve[flight->collateral].asset;
        event.topic[1] = world->market.reserve[flight->debt].asset;
        event.topic[2] = world->account[flight->account].address;
        abi_add_u256(&event.data, &flight->repaid);
        abi_add_u256(&event.data, &flight->seized);
        abi_add_address(&event.data, &world->keeper);
        abi_add_bool(&event.data, false);
        add_event(out, world, &event);
    }
    text_add(out, "]");
}

void chain_add_receipt(struct text *out, const struct world *world)
{
    struct hash32 block = world_hash(world->flight.block);

    if (!world->flight.is_known || world->flight.block == 0) {
        text_add(out, "null");
        return;
    }
    add_hash(out, "{\"transactionHash\":\"", &world->flight.hash);
    add_hash(out, ",\"blockHash\":\"", &block);
    add_quantity(out, ",\"blockNumber\":\"", world->flight.block);
    add_quantity(out, ",\"transactionIndex\":\"", 0);
    add_quantity(out, ",\"status\":\"", 1);
    add_quantity(out, ",\"gasUsed\":\"", WORLD_GAS_USED);
    add_quantity(out, ",\"cumulativeGasUsed\":\"", WORLD_GAS_USED);
    add_quantity(out, ",\"effectiveGasPrice\":\"", 2ull * WORLD_BASE_FEE);
    text_add(out, ",\"logs\":");
    chain_add_logs(out, world, world->flight.block);
    text_add(out, "}");
}
