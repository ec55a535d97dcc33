/* The day's spend outlives the process: a restart is no way around a limit. */
#include "turn/gate.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define NOW_MS (20000ll * 86400000 + 5000)

static struct gate gate;

static void gate_begin(void)
{
    const struct wei gas = {u256_of(50)};
    const struct wei loss = {u256_of(40)};

    memset(&gate, 0, sizeof(gate));
    gate_tick(&gate, NOW_MS, true);
    gate_receipt(&gate, &gas, true, &loss);
}

TestSuite(gate_record, .init = gate_begin);

Test(gate_record, comes_back_with_its_day)
{
    struct gate after = {0};
    TEXT json = {0};

    gate_encode(&json, &gate);
    cr_assert(gate_restore(&after, text_bytes(&json)));
    cr_assert(eq(u64, after.day.day, 20000));
    cr_assert(u256_is_equal(&after.day.gas_spent.value, &gate.day.gas_spent.value));
    cr_assert(u256_is_equal(&after.day.loss.value, &gate.day.loss.value));
    gate_tick(&after, NOW_MS + 1, true);
    cr_assert(u256_is_equal(&after.day.loss.value, &gate.day.loss.value), "the day goes on");
}

Test(gate_record, does_not_come_back_killed_or_ready)
{
    struct gate after = {0};
    TEXT json = {0};

    gate.breakers.is_killed = true;
    gate_encode(&json, &gate);
    cr_assert(gate_restore(&after, text_bytes(&json)));
    cr_assert(not(after.breakers.is_killed), "the kill file says so anew, each turn");
    cr_assert(not(after.is_ready));
}

Test(gate_record, is_not_emptied_by_an_older_day)
{
    static const char old[] = "{\"day\":19999,\"gas_spent\":\"0\",\"loss\":\"0\"}";

    cr_assert(gate_restore(&gate, bytes_of_text(old)));
    cr_assert(eq(u64, gate.day.day, 20000));
    cr_assert(not(u256_is_zero(&gate.day.gas_spent.value)));
}

Test(gate_record, takes_the_larger_spend_of_the_same_day)
{
    static const char less[] = "{\"day\":20000,\"gas_spent\":\"5\",\"loss\":\"900\"}";
    struct u256 gas = u256_of(50);
    struct u256 loss = u256_of(900);

    cr_assert(gate_restore(&gate, bytes_of_text(less)));
    cr_assert(u256_is_equal(&gate.day.gas_spent.value, &gas));
    cr_assert(u256_is_equal(&gate.day.loss.value, &loss));
}

Test(gate_record, refuses_a_line_that_is_none)
{
    static const char *const lines[] = {
        "",
        "{}",
        "[]",
        "{\"day\":20000,\"gas_spent\":\"5\"}",
        "{\"day\":20000,\"loss\":\"5\"}",
        "{\"gas_spent\":\"5\",\"loss\":\"5\"}",
        "{\"day\":-1,\"gas_spent\":\"5\",\"loss\":\"5\"}",
        "{\"day\":\"1\",\"gas_spent\":\"5\",\"loss\":\"5\"}",
        "{\"day\":20001,\"gas_spent\":5,\"loss\":\"5\"}",
        "{\"day\":20001,\"gas_spent\":\"5\",\"loss\":\"x\"}",
        "{\"day\":20001,\"gas_spent\":\"5\",\"loss\":\"5\"",
    };
    struct gate before = gate;

    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        cr_assert(not(gate_restore(&gate, bytes_of_text(lines[i]))), "%s", lines[i]);
        cr_assert(eq(int, memcmp(&gate, &before, sizeof(gate)), 0), "%s", lines[i]);
    }
}
