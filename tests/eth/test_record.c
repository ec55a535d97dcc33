/* Fields are read by name and type; anything else is refused. */
#include "eth/record.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static bool parses(const char *json)
{
    RECORD record = {0};

    return record_parse(&record, bytes_of_text(json));
}

Test(record, takes_an_object_of_texts_integers_and_booleans)
{
    cr_assert(parses("{}"));
    cr_assert(parses("{\"a\":\"x\",\"b\":1,\"c\":-1,\"d\":true,\"e\":false}"));
}

Test(record, refuses_anything_that_is_no_flat_object)
{
    static const char *const refused[] = {
        "",
        "null",
        "1",
        "\"x\"",
        "[]",
        "[{}]",
        "{\"a\":null}",
        "{\"a\":1.5}",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1e3}",
        "{\"a\":9223372036854775808}",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        cr_assert(not(parses(refused[i])), "%s", refused[i]);
    cr_assert(not(parses("{\"a\":\"\xff\"}")), "no UTF-8");
}

Test(record, refuses_no_bytes_at_all)
{
    RECORD record = {0};

    cr_assert(not(record_parse(&record, (struct bytes){0})));
}

static struct record record;

static void record_begin(void)
{
    static const char json[] =
        "{\"text\":\"a\\u0000b\",\"one\":1,\"minus\":-1,\"large\":4294967296,"
        "\"most\":9223372036854775807,\"yes\":true,\"no\":false,\"decimal\":\"123\","
        "\"too_large\":\"115792089237316195423570985008687907853269984665640564039457584007913129"
        "639936\",\"hex\":\"0x00ff\",\"odd\":\"0x0\",\"bare\":\"00ff\",\"none\":\"0x\","
        "\"wrong\":\"0x0g\",\"address\":\"0x00000000000000000000000000000000000000ab\"}";

    cr_assert(record_parse(&record, bytes_of_text(json)));
}

static void record_end(void)
{
    record_release(&record);
}

TestSuite(record_field, .init = record_begin, .fini = record_end);

Test(record_field, is_a_text_of_any_characters)
{
    struct bytes text;

    cr_assert(record_text(&text, &record, "text"));
    cr_assert(bytes_equal(text, bytes_of("a\0b", 3)));
    cr_assert(not(record_text(&text, &record, "one")));
    cr_assert(not(record_text(&text, &record, "absent")));
}

Test(record_field, is_an_integer_within_its_range)
{
    int64_t i;
    uint64_t u;
    uint32_t v = 77;

    cr_assert(record_i64(&i, &record, "minus"));
    cr_assert(eq(i64, i, -1));
    cr_assert(record_u64(&u, &record, "most"));
    cr_assert(eq(u64, u, INT64_MAX));
    cr_assert(not(record_u64(&u, &record, "minus")));
    cr_assert(not(record_u32(&v, &record, "large")));
    cr_assert(not(record_u32(&v, &record, "minus")));
    cr_assert(not(record_i64(&i, &record, "decimal")));
    cr_assert(not(record_i64(&i, &record, "absent")));
    cr_assert(eq(u32, v, 77), "untouched");
    cr_assert(record_u32(&v, &record, "one"));
    cr_assert(eq(u32, v, 1));
}

Test(record_field, is_a_boolean_and_no_number)
{
    bool value;

    cr_assert(record_bool(&value, &record, "yes"));
    cr_assert(value);
    cr_assert(record_bool(&value, &record, "no"));
    cr_assert(not(value));
    cr_assert(not(record_bool(&value, &record, "one")));
    cr_assert(not(record_bool(&value, &record, "absent")));
}

Test(record_field, is_a_decimal_of_256_bits_in_a_text)
{
    struct u256 value;
    struct u256 expected = u256_of(123);

    cr_assert(record_u256(&value, &record, "decimal"));
    cr_assert(u256_is_equal(&value, &expected));
    cr_assert(not(record_u256(&value, &record, "too_large")));
    cr_assert(not(record_u256(&value, &record, "one")));
    cr_assert(not(record_u256(&value, &record, "hex")));
    cr_assert(not(record_u256(&value, &record, "absent")));
}

Test(record_field, is_hex_of_exactly_the_size_asked_for)
{
    uint8_t bytes[3];
    size_t size;

    cr_assert(record_hex(bytes, 2, &record, "hex"));
    cr_assert(eq(u8, bytes[1], 0xff));
    cr_assert(record_hex_size(&size, &record, "hex"));
    cr_assert(eq(sz, size, 2));
    cr_assert(record_hex(bytes, 0, &record, "none"));
    cr_assert(not(record_hex(bytes, 1, &record, "hex")));
    cr_assert(not(record_hex(bytes, 3, &record, "hex")));
    cr_assert(not(record_hex(bytes, 1, &record, "odd")));
    cr_assert(not(record_hex(bytes, 1, &record, "bare")));
    cr_assert(not(record_hex(bytes, 1, &record, "wrong")));
    cr_assert(not(record_hex(bytes, 1, &record, "one")));
    cr_assert(not(record_hex(bytes, 1, &record, "absent")));
    cr_assert(not(record_hex_size(&size, &record, "odd")));
    cr_assert(not(record_hex_size(&size, &record, "bare")));
}

Test(record_field, is_an_address_or_a_hash_of_its_length)
{
    struct address address;
    struct hash32 hash;

    cr_assert(record_address(&address, &record, "address"));
    cr_assert(eq(u8, address.byte[19], 0xab));
    cr_assert(not(record_address(&address, &record, "hex")));
    cr_assert(not(record_hash32(&hash, &record, "address")));
    cr_assert(not(record_hash32(&hash, &record, "absent")));
}
