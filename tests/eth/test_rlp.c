/* RLP: what the Yellow Paper's examples say, and that no second spelling passes. */
#include "eth/rlp.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"
#include "tests/eth/bytes_of_hex.h"

static enum rlp_error check_hex(const char *hex)
{
    BUFFER buffer = {0};
    return rlp_check(bytes_of_hex(&buffer, hex));
}

Test(rlp, encodes_strings)
{
    const char *lorem = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";
    BUFFER out = {0};
    rlp_add_string(&out, bytes_of_text("dog"));
    rlp_add_string(&out, (struct bytes){0});
    rlp_add_string(&out, bytes_of("\0", 1));
    rlp_add_string(&out, bytes_of("\x7f", 1));
    rlp_add_string(&out, bytes_of("\x80", 1));
    cr_expect(is_hex(buffer_bytes(&out), "0x83646f6780007f8180"));
    buffer_clear(&out);
    rlp_add_string(&out, bytes_of_text(lorem)); /* 56 characters: the first long one */
    cr_expect(eq(u8, out.data[0], 0xb8));
    cr_expect(eq(u8, out.data[1], 56));
    buffer_clear(&out);
    rlp_add_string(&out, bytes_of(lorem, 55));
    cr_expect(eq(u8, out.data[0], 0xb7));
}

Test(rlp, encodes_integers_without_leading_zeros)
{
    BUFFER out = {0};
    struct u256 max = U256_MAX;
    rlp_add_u64(&out, 0);
    rlp_add_u64(&out, 15);
    rlp_add_u64(&out, 127);
    rlp_add_u64(&out, 128);
    rlp_add_u64(&out, 1024);
    rlp_add_u64(&out, UINT64_MAX);
    cr_expect(is_hex(buffer_bytes(&out), "0x800f7f818082040088ffffffffffffffff"));
    buffer_clear(&out);
    rlp_add_u256(&out, &max);
    cr_expect(eq(sz, out.size, 33));
    cr_expect(eq(u8, out.data[0], 0xa0));
}

Test(rlp, encodes_lists)
{
    BUFFER out = {0};
    rlp_end_list(&out, 0);
    cr_expect(is_hex(buffer_bytes(&out), "0xc0"));
    buffer_clear(&out);
    rlp_add_string(&out, bytes_of_text("cat"));
    rlp_add_string(&out, bytes_of_text("dog"));
    rlp_end_list(&out, 0);
    cr_expect(is_hex(buffer_bytes(&out), "0xc88363617483646f67"));
    /* [ [], [[]], [ [], [[]] ] ] */
    buffer_clear(&out);
    rlp_end_list(&out, 0);
    size_t second = out.size;
    rlp_end_list(&out, second);
    rlp_end_list(&out, second);
    size_t third = out.size;
    rlp_end_list(&out, third);
    size_t inner = out.size;
    rlp_end_list(&out, inner);
    rlp_end_list(&out, inner);
    rlp_end_list(&out, third);
    rlp_end_list(&out, 0);
    cr_expect(is_hex(buffer_bytes(&out), "0xc7c0c1c0c3c0c1c0"));
    cr_expect(eq(int, rlp_check(buffer_bytes(&out)), RLP_OK));
}

Test(rlp, refuses_a_single_byte_with_a_prefix)
{
    cr_expect(eq(int, check_hex("0x8100"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0x817f"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0x8180"), RLP_OK));
}

Test(rlp, refuses_a_long_length_where_a_short_one_does)
{
    cr_expect(eq(int, check_hex("0xb800"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xb801ff"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xf800"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xf803010203"), RLP_NOT_CANONICAL));
    uint8_t longest_short[2 + 55] = {0xb8, 55};
    uint8_t shortest_long[2 + 56] = {0xb8, 56};
    cr_expect(eq(int, rlp_check(bytes_of(longest_short, sizeof longest_short)), RLP_NOT_CANONICAL));
    cr_expect(eq(int, rlp_check(bytes_of(shortest_long, sizeof shortest_long)), RLP_OK));
}

Test(rlp, refuses_a_length_with_leading_zeros)
{
    cr_expect(eq(int, check_hex("0xb90001ff"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xf900ff"), RLP_NOT_CANONICAL));
}

Test(rlp, refuses_a_length_behind_the_end)
{
    const char *row[] = {
        "0x81",       "0x83646f",
        "0xb8",       "0xb838",
        "0xb9ffff00", "0xbfffffffffffffffff",
        "0xc1",       "0xc883636174",
        "0xf8",       "0xffffffffffffffffff",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++)
        cr_expect(eq(int, check_hex(row[i]), RLP_TRUNCATED), "%s", row[i]);
    cr_expect(eq(int, rlp_check((struct bytes){0}), RLP_TRUNCATED));
}

Test(rlp, refuses_an_item_that_reaches_out_of_its_list)
{
    cr_expect(eq(int, check_hex("0xc2830102"), RLP_NOT_CANONICAL)); /* and one byte behind */
    cr_expect(eq(int, check_hex("0xc5c38301020304"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xc3c2830102"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xc2c201"), RLP_TRUNCATED));
}

Test(rlp, refuses_bytes_behind_the_last_item)
{
    cr_expect(eq(int, check_hex("0x0000"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0xc000"), RLP_NOT_CANONICAL));
    cr_expect(eq(int, check_hex("0x83646f6700"), RLP_NOT_CANONICAL));
}

Test(rlp, refuses_lists_deeper_than_its_bound)
{
    BUFFER out = {0};
    for (size_t depth = 1; depth <= RLP_DEPTH_MAX; depth++)
        rlp_end_list(&out, 0);
    cr_expect(eq(int, rlp_check(buffer_bytes(&out)), RLP_OK));
    rlp_end_list(&out, 0);
    cr_expect(eq(int, rlp_check(buffer_bytes(&out)), RLP_TOO_LARGE));
}

Test(rlp, reads_forward_and_leaves_the_reader_where_it_refuses)
{
    BUFFER buffer = {0};
    struct rlp_reader reader = {bytes_of_hex(&buffer, "0x83646f67c20102820400")};
    struct rlp_reader list;
    struct bytes string;
    uint64_t number;
    cr_expect(eq(int, rlp_next_list(&reader, &list), RLP_WRONG_TYPE));
    cr_assert(eq(int, rlp_next_string(&reader, &string), RLP_OK));
    cr_expect(bytes_equal(string, bytes_of_text("dog")));
    cr_expect(eq(int, rlp_next_string(&reader, &string), RLP_WRONG_TYPE));
    cr_expect(eq(int, rlp_next_u64(&reader, &number), RLP_WRONG_TYPE));
    cr_assert(eq(int, rlp_next_list(&reader, &list), RLP_OK));
    cr_assert(eq(int, rlp_next_u64(&list, &number), RLP_OK));
    cr_expect(eq(u64, number, 1));
    cr_assert(eq(int, rlp_next_u64(&list, &number), RLP_OK));
    cr_expect(eq(int, rlp_next_u64(&list, &number), RLP_END));
    cr_assert(eq(int, rlp_next_u64(&reader, &number), RLP_OK));
    cr_expect(eq(u64, number, 1024));
    cr_expect(eq(int, rlp_next_string(&reader, &string), RLP_END));
}

Test(rlp, refuses_integers_with_leading_zeros_or_too_wide)
{
    BUFFER buffer = {0};
    uint64_t number;
    struct u256 wide;
    struct rlp_reader reader = {bytes_of_hex(&buffer, "0x820001")};
    cr_expect(eq(int, rlp_next_u64(&reader, &number), RLP_NOT_CANONICAL));
    reader.rest = bytes_of_hex(&buffer, "0x00");
    cr_expect(eq(int, rlp_next_u256(&reader, &wide), RLP_NOT_CANONICAL));
    reader.rest = bytes_of_hex(&buffer, "0x89010000000000000000");
    cr_expect(eq(int, rlp_next_u64(&reader, &number), RLP_TOO_LARGE));
    cr_expect(eq(int, rlp_next_u256(&reader, &wide), RLP_OK));
    uint8_t much[34] = {0xa1, 1};
    reader.rest = bytes_of(much, sizeof much);
    cr_expect(eq(int, rlp_next_u256(&reader, &wide), RLP_TOO_LARGE));
}

Test(rlp, has_words_for_each_error)
{
    for (int error = RLP_OK; error <= RLP_TOO_LARGE; error++)
        cr_expect(gt(sz, strlen(rlp_error_text((enum rlp_error)error)), 3));
}

/* A random tree, nested to at most `depth`. */
static void add_random(struct buffer *out, uint64_t *state, int depth)
{
    if (depth > 0 && random_below(state, 3) == 0) {
        size_t start = out->size;
        for (uint64_t i = random_below(state, 5); i > 0; i--)
            add_random(out, state, depth - 1);
        rlp_end_list(out, start);
        return;
    }
    uint8_t bytes[80];
    size_t size = random_below(state, random_below(state, 2) == 0 ? 3 : sizeof bytes);
    random_fill(state, bytes, size);
    rlp_add_string(out, bytes_of(bytes, size));
}

/* Decodes and encodes again, item by item. */
static void copy_items(struct buffer *out, struct rlp_reader reader)
{
    struct rlp_item item;
    while (rlp_next(&reader, &item) == RLP_OK) {
        if (!item.is_list) {
            rlp_add_string(out, item.payload);
            continue;
        }
        size_t start = out->size;
        copy_items(out, (struct rlp_reader){item.payload});
        rlp_end_list(out, start);
    }
}

Test(rlp, comes_back_as_it_was_encoded)
{
    uint64_t state = 11;
    for (int i = 0; i < 2000; i++) {
        BUFFER first = {0};
        BUFFER second = {0};
        add_random(&first, &state, 6);
        cr_assert(eq(int, rlp_check(buffer_bytes(&first)), RLP_OK));
        copy_items(&second, (struct rlp_reader){buffer_bytes(&first)});
        cr_assert(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
}

Test(rlp, takes_no_bytes_that_it_would_not_have_written)
{
    uint64_t state = 12;
    int taken = 0;
    for (int i = 0; i < 20000; i++) {
        BUFFER first = {0};
        BUFFER second = {0};
        add_random(&first, &state, 3);
        first.data[random_below(&state, first.size)] ^= (uint8_t)(1 << random_below(&state, 8));
        if (rlp_check(buffer_bytes(&first)) != RLP_OK)
            continue;
        taken++;
        copy_items(&second, (struct rlp_reader){buffer_bytes(&first)});
        cr_assert(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
    cr_expect(gt(int, taken, 100));
}
