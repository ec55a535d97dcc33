/* Contract ABI: words out, words in, and offsets that lie. */
#include "eth/abi.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "tests/base/random.h"
#include "tests/eth/bytes_of_hex.h"

#define WORD_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define WORD_1 "0000000000000000000000000000000000000000000000000000000000000001"
#define WORD_20 "0000000000000000000000000000000000000000000000000000000000000020"
#define WORD_MAX "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

Test(abi, writes_a_call)
{
    BUFFER out = {0};
    struct address to = {.byte = {[0] = 0xaa, [19] = 0xbb}};
    struct u256 max = U256_MAX;
    abi_add_selector(&out, "transfer(address,uint256)");
    abi_add_address(&out, &to);
    abi_add_u256(&out, &max);
    cr_expect(is_hex(buffer_bytes(&out),
                     "0xa9059cbb000000000000000000000000aa000000000000000000000000000000000000bb"
                     "" WORD_MAX));
}

Test(abi, pads_bytes_to_whole_words)
{
    uint8_t bytes[65] = {0};
    for (size_t size = 0; size <= 65; size++) {
        BUFFER out = {0};
        struct bytes back;
        abi_add_u64(&out, 0);
        abi_set_u64(&out, 0, 32);
        abi_add_bytes(&out, bytes_of(bytes, size));
        cr_expect(eq(sz, out.size % 32, 0));
        cr_expect(eq(sz, out.size, 64 + (size + 31) / 32 * 32));
        cr_assert(abi_bytes(&back, buffer_bytes(&out), 0));
        cr_expect(bytes_equal(back, bytes_of(bytes, size)));
    }
}

Test(abi, sets_no_word_behind_the_end, .signal = SIGABRT)
{
    BUFFER out = {0};
    abi_add_u64(&out, 0);
    abi_set_u64(&out, 1, 0);
}

Test(abi, reads_words_by_index)
{
    BUFFER buffer = {0};
    struct bytes data = bytes_of_hex(&buffer, "0x" WORD_1 WORD_MAX);
    struct u256 wide;
    uint64_t number;
    bool flag;
    cr_assert(abi_u256(&wide, data, 1));
    cr_expect(u256_is_equal(&wide, &U256_MAX));
    cr_assert(abi_u64(&number, data, 0));
    cr_expect(eq(u64, number, 1));
    cr_assert(abi_bool(&flag, data, 0));
    cr_expect(flag);
}

Test(abi, refuses_words_behind_the_end)
{
    BUFFER buffer = {0};
    struct bytes data = bytes_of_hex(&buffer, "0x" WORD_1 "00");
    struct u256 wide;
    cr_expect(not(abi_u256(&wide, data, 1)));
    cr_expect(not(abi_u256(&wide, data, SIZE_MAX)));
    cr_expect(not(abi_u256(&wide, data, SIZE_MAX / 32 + 1)));
    cr_expect(not(abi_u256(&wide, (struct bytes){0}, 0)));
}

Test(abi, refuses_words_out_of_range_for_their_type)
{
    BUFFER buffer = {0};
    struct bytes data =
        bytes_of_hex(&buffer, "0x0000000000000000000000000000000000000000000000010000000000000000"
                              "0000000000000000000000010000000000000000000000000000000000000000"
                              "0000000000000000000000000000000000000000000000000000000000000002");
    uint64_t number;
    struct address address;
    bool flag;
    cr_expect(not(abi_u64(&number, data, 0)));
    cr_expect(not(abi_address(&address, data, 1)));
    cr_expect(not(abi_bool(&flag, data, 2)));
    cr_expect(abi_address(&address, data, 0));
}

Test(abi, follows_offsets_to_bytes_and_arrays)
{
    BUFFER buffer = {0};
    struct bytes data = bytes_of_hex(
        &buffer, "0x0000000000000000000000000000000000000000000000000000000000000040"
                 "0000000000000000000000000000000000000000000000000000000000000080"
                 "0000000000000000000000000000000000000000000000000000000000000003"
                 "abcdef0000000000000000000000000000000000000000000000000000000000"
                 "0000000000000000000000000000000000000000000000000000000000000002" WORD_1 WORD_20);
    struct bytes bytes;
    size_t count;
    uint64_t number;
    cr_assert(abi_bytes(&bytes, data, 0));
    cr_expect(is_hex(bytes, "0xabcdef"));
    cr_assert(abi_array(&bytes, &count, data, 1));
    cr_expect(eq(sz, count, 2));
    cr_assert(abi_u64(&number, bytes, 1));
    cr_expect(eq(u64, number, 32));
}

Test(abi, refuses_offsets_and_lengths_that_point_out_of_the_data)
{
    const char *row[] = {
        "0x" WORD_20,                /* nothing at the offset */
        "0x" WORD_MAX WORD_0,        /* an offset that is no size */
        "0x" WORD_1 WORD_0,          /* an offset into its own word: reads a length of 256 */
        "0x" WORD_20 WORD_1,         /* one byte of none */
        "0x" WORD_20 WORD_MAX WORD_0 /* a length that is no size */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        BUFFER buffer = {0};
        struct bytes data = bytes_of_hex(&buffer, row[i]);
        struct bytes bytes;
        size_t count;
        cr_expect(not(abi_bytes(&bytes, data, 0)), "%s", row[i]);
        cr_expect(not(abi_array(&bytes, &count, data, 0)), "%s", row[i]);
    }
}

Test(abi, refuses_a_count_that_the_data_cannot_hold)
{
    BUFFER buffer = {0};
    struct bytes data = bytes_of_hex(
        &buffer, "0x" WORD_20
                 "0000000000000000000000000000000000000000000000000000000000000002" WORD_0 "00");
    struct bytes bytes;
    size_t count;
    cr_expect(not(abi_array(&bytes, &count, data, 0)));
}

Test(abi, reads_symbols_new_and_old)
{
    char symbol[8];
    BUFFER buffer = {0};
    struct bytes text = bytes_of_hex(
        &buffer, "0x" WORD_20 "0000000000000000000000000000000000000000000000000000000000000004"
                 "5553444300000000000000000000000000000000000000000000000000000000");
    cr_assert(abi_symbol(symbol, sizeof symbol, text));
    cr_expect(eq(str, symbol, "USDC"));
    struct bytes word =
        bytes_of_hex(&buffer, "0x4d4b520000000000000000000000000000000000000000000000000000000000");
    cr_assert(abi_symbol(symbol, sizeof symbol, word));
    cr_expect(eq(str, symbol, "MKR"));
}

Test(abi, cuts_and_cleans_symbols)
{
    char symbol[4];
    BUFFER buffer = {0};
    struct bytes word =
        bytes_of_hex(&buffer, "0x41e20a4200000000000000000000000000000000000000000000000000000000");
    cr_assert(abi_symbol(symbol, sizeof symbol, word));
    cr_expect(eq(str, symbol, "A??"));
    uint8_t full[32];
    memset(full, 'x', sizeof full);
    cr_assert(abi_symbol(symbol, sizeof symbol, bytes_of(full, sizeof full)));
    cr_expect(eq(str, symbol, "xxx"));
    cr_assert(abi_symbol(symbol, 1, bytes_of(full, sizeof full)));
    cr_expect(eq(str, symbol, ""));
}

Test(abi, refuses_what_is_no_symbol)
{
    char symbol[8];
    uint8_t bytes[64] = {[31] = 32, [63] = 200};
    cr_expect(not(abi_symbol(symbol, sizeof symbol, (struct bytes){0})));
    cr_expect(not(abi_symbol(symbol, sizeof symbol, bytes_of(bytes, 31))));
    cr_expect(not(abi_symbol(symbol, sizeof symbol, bytes_of(bytes, 64))));
}

Test(abi, stays_within_its_bounds_whatever_the_bytes)
{
    uint64_t state = 13;
    for (int i = 0; i < 20000; i++) {
        uint8_t data[160];
        size_t size = random_below(&state, sizeof data + 1);
        memset(data, 0, sizeof data);
        for (size_t at = 31; at < sizeof data; at += 32) /* small words, as offsets are */
            data[at] = (uint8_t)random_below(&state, 200);
        if (random_below(&state, 2) == 0)
            data[random_below(&state, sizeof data)] = (uint8_t)random_u64(&state);
        struct bytes all = bytes_of(data, size);
        struct bytes out;
        size_t count;
        char symbol[16];
        size_t index = random_below(&state, 6);
        if (abi_bytes(&out, all, index))
            cr_assert(le(ptr, (void *)(out.data + out.size), (void *)(data + size)));
        if (abi_array(&out, &count, all, index))
            cr_assert(le(sz, count * 32, out.size));
        (void)!abi_symbol(symbol, sizeof symbol, all);
    }
}
