/* One transaction from draft to receipt: what ends it, and what only casts doubt on it. */
#include "tests/submit/fleets.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct fleet *fleet;

static void fleet_begin(void)
{
    fleet = fleet_new(7);
}

static void fleet_end(void)
{
    free(fleet);
}

TestSuite(flight, .init = fleet_begin, .fini = fleet_end);

/* ---- the transaction */

Test(flight, is_a_dynamic_fee_transaction_without_value)
{
    struct flight *flight = flight_drafted(fleet, 1);
    struct transaction transaction;

    flight_transaction(&transaction, flight, CHAIN_ID);
    cr_assert(eq(int, transaction.type, TRANSACTION_DYNAMIC_FEE));
    cr_assert(eq(u64, transaction.chain_id, CHAIN_ID));
    cr_assert(eq(u64, transaction.nonce, 7));
    cr_assert(eq(u64, transaction.gas, 700000));
    cr_assert(transaction.has_to);
    cr_assert(address_is_equal(&transaction.to, &flight->to));
    cr_assert(u256_is_zero(&transaction.value.value));
    cr_assert(bytes_equal(transaction.data, bytes_of(flight->data, flight->data_size)));
    cr_assert(eq(sz, transaction.access_list.size, 0));
}

/* ---- sending */

Test(flight, is_sent_when_a_node_takes_it)
{
    struct flight *flight = flight_launched(fleet, 1);

    cr_assert(eq(int, flight->state, FLIGHT_SENT));
    cr_assert(not(flight->in_doubt));
    cr_assert(eq(u32, flight->send_count, 1));
    cr_assert(eq(i64, flight->sent_ms, 1010));
}

static struct flight *flight_of_outcome(enum send_outcome outcome)
{
    struct flight *flight = flight_drafted(fleet, 1);
    BUFFER raw = {0};

    flight_sign(&raw, flight, CHAIN_ID);
    cr_assert(flight_signed(flight, buffer_bytes(&raw), CHAIN_ID));
    flight_sent(flight, outcome, 2000);
    return flight;
}

Test(flight, that_a_node_takes_after_all_pays_enough)
{
    struct flight *flight = flight_of_outcome(SEND_UNDERPRICED);

    cr_assert(flight->is_underpriced);
    flight_sent(flight, SEND_TAKEN, 2010);
    cr_assert(not(flight->is_underpriced), "raised once more, for nothing");
}

Test(flight, keeps_its_nonce_when_the_reply_is_lost)
{
    struct flight *flight = flight_of_outcome(SEND_DOUBTFUL);

    cr_assert(flight_is_live(flight));
    cr_assert(flight->in_doubt);
    cr_assert(eq(u64, flight_drafted(fleet, 2)->nonce, 8));
}

Test(flight, keeps_its_nonce_when_a_node_calls_it_used)
{
    struct flight *flight = flight_of_outcome(SEND_NONCE_USED);

    cr_assert(flight_is_live(flight));
    cr_assert(flight->in_doubt);
}

Test(flight, is_dropped_when_the_first_node_rejects_it)
{
    static const enum send_outcome rejections[] = {SEND_REJECTED, SEND_UNCOVERED, SEND_GUARDED,
                                                   SEND_GAS_SHORT};

    for (size_t i = 0; i < ARRAY_LENGTH(rejections); i++) {
        struct flight *flight = flight_of_outcome(rejections[i]);

        cr_assert(eq(int, flight->state, FLIGHT_DROPPED));
        cr_assert(not(flight->in_doubt));
        flight_release(fleet, flight);
    }
    cr_assert(eq(u64, flight_drafted(fleet, 2)->nonce, 7));
}

Test(flight, stays_live_when_a_second_node_rejects_what_a_first_may_have)
{
    struct flight *taken = flight_of_outcome(SEND_TAKEN);
    struct flight *doubtful = flight_of_outcome(SEND_DOUBTFUL);

    flight_sent(taken, SEND_REJECTED, 3000);
    flight_sent(doubtful, SEND_REJECTED, 3000);
    cr_assert(eq(int, taken->state, FLIGHT_SENT));
    cr_assert(eq(int, doubtful->state, FLIGHT_SIGNED));
    cr_assert(taken->in_doubt);
    cr_assert(doubtful->in_doubt);
}

Test(flight, loses_its_doubt_when_a_node_has_it)
{
    struct flight *flight = flight_of_outcome(SEND_DOUBTFUL);

    flight_sent(flight, SEND_TAKEN, 3000);
    cr_assert(eq(int, flight->state, FLIGHT_SENT));
    cr_assert(not(flight->in_doubt));
    cr_assert(eq(u32, flight->send_count, 2));
    cr_assert(eq(i64, flight->sent_ms, 3000));
}

Test(flight, cannot_be_sent_before_it_is_signed_or_after_it_ended)
{
    struct flight *drafted = flight_drafted(fleet, 1);
    struct flight *ended = flight_launched(fleet, 2);
    struct receipt receipt = receipt_of(ended, true);

    flight_sent(drafted, SEND_TAKEN, 2000);
    cr_assert(eq(int, drafted->state, FLIGHT_DRAFTED));
    cr_assert(eq(u32, drafted->send_count, 0));
    flight_receipt(fleet, ended, &receipt);
    flight_sent(ended, SEND_DOUBTFUL, 2000);
    cr_assert(eq(int, ended->state, FLIGHT_MINED));
    cr_assert(not(ended->in_doubt));
}

Test(flight, can_be_withdrawn_only_while_nothing_left)
{
    struct flight *drafted = flight_drafted(fleet, 1);
    struct flight *launched = flight_launched(fleet, 2);

    flight_withdraw(fleet, drafted);
    flight_withdraw(fleet, launched);
    cr_assert(eq(int, drafted->state, FLIGHT_DROPPED));
    cr_assert(eq(int, launched->state, FLIGHT_SENT));
}

/* ---- the end */

Test(flight, ends_with_its_receipt)
{
    struct flight *mined = flight_launched(fleet, 1);
    struct flight *reverted = flight_launched(fleet, 2);
    struct receipt first = receipt_of(mined, true);
    struct receipt second = receipt_of(reverted, false);
    struct u256 price = u256_of(9000000000u);

    flight_receipt(fleet, mined, &first);
    flight_receipt(fleet, reverted, &second);
    cr_assert(eq(int, mined->state, FLIGHT_MINED));
    cr_assert(eq(int, reverted->state, FLIGHT_REVERTED));
    cr_assert(eq(u64, mined->mined_block, 77));
    cr_assert(eq(u64, mined->gas_used, 400000));
    cr_assert(u256_is_equal(&mined->gas_price.value, &price));
    cr_assert(not(flight_is_live(mined)));
    cr_assert(not(flight_is_live(reverted)));
}

Test(flight, that_is_in_doubt_ends_with_its_receipt_too)
{
    struct flight *flight = flight_of_outcome(SEND_DOUBTFUL);
    struct receipt receipt = receipt_of(flight, true);

    flight_receipt(fleet, flight, &receipt);
    cr_assert(eq(int, flight->state, FLIGHT_MINED));
    cr_assert(not(flight->in_doubt));
}

Test(flight, is_not_ended_by_anothers_receipt)
{
    struct flight *first = flight_launched(fleet, 1);
    struct flight *second = flight_launched(fleet, 2);
    struct flight *drafted = flight_drafted(fleet, 3);
    struct receipt receipt = receipt_of(second, true);

    flight_receipt(fleet, first, &receipt);
    cr_assert(flight_is_live(first));
    receipt.transaction = drafted->hash; /* all zero: it has none */
    flight_receipt(fleet, drafted, &receipt);
    cr_assert(eq(int, drafted->state, FLIGHT_DRAFTED));
}

Test(flight, is_dropped_when_another_took_its_nonce)
{
    struct flight *flight = flight_of_outcome(SEND_NONCE_USED);

    flight_overtaken(fleet, flight);
    cr_assert(eq(int, flight->state, FLIGHT_DROPPED));
    cr_assert(not(flight->in_doubt));
}

Test(flight, that_ended_is_not_overtaken)
{
    struct flight *flight = flight_launched(fleet, 1);
    struct receipt receipt = receipt_of(flight, true);

    flight_receipt(fleet, flight, &receipt);
    flight_overtaken(fleet, flight);
    cr_assert(eq(int, flight->state, FLIGHT_MINED));
}

Test(flight, leaves_an_empty_slot)
{
    struct flight *flight = flight_drafted(fleet, 1);
    const struct flight empty = {.state = FLIGHT_FREE};

    flight_withdraw(fleet, flight);
    flight_release(fleet, flight);
    cr_assert(eq(int, memcmp(flight, &empty, sizeof(empty)), 0));
}

Test(flight, cannot_be_released_while_it_is_live, .signal = SIGABRT)
{
    flight_release(fleet, flight_launched(fleet, 1));
}

/* ---- its line in the journal */

static void flight_fill(struct flight *flight, uint64_t *seed)
{
    uint64_t draw = random_next(seed);

    flight->id = draw >> 2 | 1;
    flight->nonce = random_next(seed) >> 1;
    flight->gas = random_next(seed) >> 1;
    for (size_t i = 0; i < 4; i++) {
        flight->max_fee_per_gas.value.limb[i] = random_next(seed);
        flight->reserved.value.limb[i] = random_next(seed);
        flight->gas_price.value.limb[i] = random_next(seed);
    }
    flight->in_doubt = draw & 1;
    flight->data_size = (uint32_t)(draw % (FLIGHT_DATA_MAX + 1));
    for (size_t i = 0; i < flight->data_size; i++)
        flight->data[i] = (uint8_t)random_next(seed);
    flight->decided_block = random_next(seed) >> 1;
    flight->drafted_ms = (int64_t)random_next(seed);
    flight->sent_ms = (int64_t)random_next(seed);
    flight->send_count = (uint32_t)random_next(seed);
    flight->market = (uint32_t)random_next(seed);
    flight->debt = (uint32_t)random_next(seed);
    flight->collateral = (uint32_t)random_next(seed);
    flight->mined_block = random_next(seed) >> 1;
    flight->gas_used = random_next(seed) >> 1;
    for (size_t i = 0; i < 20; i++) {
        flight->to.byte[i] = (uint8_t)random_next(seed);
        flight->account.byte[i] = (uint8_t)random_next(seed);
    }
}

Test(flight, comes_back_from_its_line_as_it_was)
{
    uint64_t seed = 7;

    for (int i = 0; i < 200; i++) {
        struct flight flight = {.state = (enum flight_state)(FLIGHT_DRAFTED + i % 6)};
        struct flight decoded;
        TEXT json = {0};
        BUFFER raw = {0};
        flight_fill(&flight, &seed);
        if (flight.state != FLIGHT_DRAFTED) {
            enum flight_state state = flight.state;
            flight.state = FLIGHT_DRAFTED;
            flight_sign(&raw, &flight, CHAIN_ID);
            cr_assert(flight_signed(&flight, buffer_bytes(&raw), CHAIN_ID));
            flight.state = state;
        }
        memset(&decoded, 0xee, sizeof(decoded));
        flight_encode(&json, &flight);
        cr_assert(flight_decode(&decoded, text_bytes(&json)), "%s", text_string(&json));
        TEXT again = {0};
        flight_encode(&again, &decoded);
        cr_assert(eq(str, (char *)text_string(&json), (char *)text_string(&again)));
        cr_assert(eq(int, decoded.state, flight.state));
        cr_assert(eq(int, memcmp(decoded.raw, flight.raw, sizeof(flight.raw)), 0));
        cr_assert(eq(int, memcmp(decoded.data, flight.data, sizeof(flight.data)), 0));
    }
}
