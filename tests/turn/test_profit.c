/* What a liquidation brought is what its receipt's own logs say, among the others that the pool
 * emits. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "tests/turn/aloft.h"
#include "turn/state.h"

#define LIQUIDATION "LiquidationCall(address,address,address,uint256,uint256,address,bool)"
#define RESERVE_DATA "ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)"

static void topic_say(struct text *out, const struct address *address)
{
    uint8_t topic[32] = {0};

    memcpy(topic + 12, address->byte, sizeof(address->byte));
    text_add(out, ",\"");
    text_add_hex(out, bytes_of(topic, sizeof(topic)));
    text_add(out, "\"");
}

/* Of the pool; its topics are left open. */
static void log_begin(struct text *out, const struct market *market, const char *signature)
{
    static const char hash[] =
        "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";
    struct hash32 topic;

    keccak256(&topic, bytes_of_text(signature));
    text_add(out, "{\"address\":\"");
    text_add_hex(out, bytes_of(market->pool.byte, sizeof(market->pool.byte)));
    text_add(out,
             "\",\"blockNumber\":\"0x4e\",\"logIndex\":\"0x0\",\"removed\":false,\"blockHash\":");
    text_add(out, hash);
    text_add(out, ",\"transactionHash\":");
    text_add(out, hash);
    text_add(out, ",\"topics\":[\"");
    text_add_hex(out, bytes_of(topic.byte, sizeof(topic.byte)));
    text_add(out, "\"");
}

static void log_end(struct text *out, const struct buffer *data)
{
    text_add(out, "],\"data\":\"");
    text_add_hex(out, buffer_bytes(data));
    text_add(out, "\"}");
}

static void reserve_data_say(struct text *out, const struct market *market, uint32_t reserve)
{
    BUFFER data = {0};

    log_begin(out, market, RESERVE_DATA);
    topic_say(out, &market->reserve[reserve].asset);
    for (size_t i = 0; i < 5; i++)
        abi_add_u64(&data, 1);
    log_end(out, &data);
}

/* As the pool emits them: both reserves move on before it says what was seized. */
static void logs_say(struct text *out, const struct market *market, uint64_t repaid,
                     uint64_t seized)
{
    struct address account = address_named(1);
    struct address keeper = address_named(9);
    BUFFER data = {0};

    text_add(out, "[");
    reserve_data_say(out, market, USDC);
    text_add(out, ",");
    reserve_data_say(out, market, WETH);
    text_add(out, ",");
    log_begin(out, market, LIQUIDATION);
    topic_say(out, &market->reserve[WETH].asset);
    topic_say(out, &market->reserve[USDC].asset);
    topic_say(out, &account);
    abi_add_u64(&data, repaid);
    abi_add_u64(&data, seized);
    abi_add_address(&data, &keeper);
    abi_add_bool(&data, false);
    log_end(out, &data);
    text_add(out, "]");
}

static void lands_with(struct aloft *aloft, uint64_t repaid, uint64_t seized)
{
    TEXT logs = {0};

    aloft_make(aloft, 1);
    aloft->state->tracked[0].market.pool = address_named(7);
    cr_assert(eq(sz, aloft_sent(aloft), 1));
    aloft_heal(aloft, 1);
    logs_say(&logs, &aloft->state->tracked[0].market, repaid, seized);
    aloft->logs = text_string(&logs);
    aloft_landed(aloft, "\"0x6\"", 0, 0, true);
    aloft->logs = NULL;
    cr_assert(eq(sz, aloft_said(aloft, "mined"), 1));
    cr_expect_null(strstr(text_string(&aloft->notes), "without a liquidation"));
}

/* 1000 USDC for 0.525 WETH at 2000: 50 USD, a fortieth of an ether, less 400,000 gas at a gwei. */
Test(profit, is_what_the_receipt_says_was_seized_less_what_was_repaid_and_the_gas)
{
    struct u256 net = u256_of(24600000000000000);
    ALOFT aloft;

    lands_with(&aloft, 1000000000, 525000000000000000);
    cr_expect_not_null(strstr(text_string(&aloft.events),
                              "\"gross\":\"25000000000000000\",\"gas\":\"400000000000000\","
                              "\"net\":\"24600000000000000\""));
    cr_expect(u256_is_equal(&aloft.state->counters.profit_realised.value, &net));
    cr_expect(u256_is_zero(&aloft.state->gate.day.loss.value), "a gain is no loss of the day");
}

Test(profit, is_a_loss_of_the_day_where_less_was_seized_than_repaid)
{
    struct u256 loss = u256_of(25400000000000000);
    ALOFT aloft;

    lands_with(&aloft, 1000000000, 475000000000000000);
    cr_expect(u256_is_equal(&aloft.state->gate.day.loss.value, &loss));
    cr_expect(u256_is_equal(&aloft.state->counters.loss_realised.value, &loss));
}
