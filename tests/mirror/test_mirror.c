/* A mirror that was kept comes back as what it was, and nothing else comes back. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/mirror/books.h"

/* Where fields of the header lie, and where the first account does with eight reserves. */
#define AT_FORMAT 8
#define AT_CHAIN 12
#define AT_FROM 20
#define AT_NAME 28
#define AT_ROOT 60
#define AT_PROTOCOL 80
#define AT_RESERVES 136
#define AT_ACCOUNTS 140
#define AT_SIZE 144
#define AT_BODY 152
#define AT_FIRST (AT_BODY + 8 * 20)

static struct market market;

static void encode(struct buffer *out, const struct book *book)
{
    books_market(&market, 8);
    mirror_encode(out, &market, book, &books_origin);
}

static enum mirror_error decode(struct mirror *out, struct bytes bytes)
{
    books_market(&market, 8);
    return mirror_decode(out, bytes, &market, &books_origin, 5);
}

/* Two accounts of two legs each, whole. */
static void encode_two(struct buffer *out)
{
    struct book *book = book_new(1);

    (void)books_add(book, 1, 1, 4);
    (void)books_add(book, 2, 2, 5);
    encode(out, book);
    book_free(book);
}

static enum mirror_error decode_dropped(struct bytes bytes)
{
    struct mirror mirror = {0};
    enum mirror_error error = decode(&mirror, bytes);

    book_free(mirror.book);
    return error;
}

Test(mirror, comes_back_as_it_was)
{
    struct book *book = books_mixed(300, 0);
    struct mirror mirror = {0};
    BUFFER bytes = {0};
    BUFFER again = {0};

    encode(&bytes, book);
    cr_assert(eq(int, decode(&mirror, buffer_bytes(&bytes)), MIRROR_OK));
    cr_expect(eq(u64, mirror.block.number, 1000));
    cr_expect(eq(u8, mirror.block.hash.byte[31], 0xab));
    cr_expect(eq(u64, mirror.timestamp_s, 1700000000));
    cr_expect(eq(u32, mirror.revision, 3));
    cr_expect(eq(u32, mirror.reserve_count, 8));
    cr_expect(eq(u8, mirror.asset[7].byte[1], 7));
    cr_expect(eq(u32, book_count(mirror.book), 300));
    cr_expect(eq(u32, book_debtors(mirror.book), book_debtors(book)));
    encode(&again, mirror.book);
    cr_expect(bytes_equal(buffer_bytes(&bytes), buffer_bytes(&again)));
    for (uint32_t slot = 0; slot < book_count(book); slot++) {
        struct position was = book_position(book, slot);
        struct position is = book_position(mirror.book, book_find(mirror.book, &was.account));

        if (was.flags != 0)
            continue;
        cr_assert(eq(u8, is.flags, 0));
        cr_assert(eq(u8, is.category, was.category));
        cr_assert(eq(u16, is.leg_count, was.leg_count));
        for (uint32_t i = 0; i < is.leg_count; i++) {
            cr_assert(eq(u16, is.legs[i].reserve, was.legs[i].reserve));
            cr_assert(is.legs[i].supplied == was.legs[i].supplied);
            if ((was.legs[i].flags & LEG_DEBT) != 0)
                cr_assert(is.legs[i].owed == was.legs[i].owed);
        }
    }
    book_free(mirror.book);
    book_free(book);
}

Test(mirror, equal_mirrors_are_equal_bytes_whatever_order_they_were_learned_in)
{
    struct book *one = books_mixed(300, 0);
    struct book *other = books_mixed(300, 173);
    BUFFER a = {0};
    BUFFER b = {0};

    encode(&a, one);
    encode(&b, other);
    cr_expect(bytes_equal(buffer_bytes(&a), buffer_bytes(&b)));
    book_free(one);
    book_free(other);
}

Test(mirror, what_was_stale_or_in_doubt_is_read_again)
{
    struct book *book = books_mixed(11, 0);
    struct mirror mirror = {0};
    BUFFER bytes = {0};

    encode(&bytes, book);
    cr_assert(eq(int, decode(&mirror, buffer_bytes(&bytes)), MIRROR_OK));
    for (uint32_t number = 0; number < 11; number++) {
        struct address account = books_account(number);
        uint32_t slot = book_find(mirror.book, &account);
        struct position position = book_position(mirror.book, slot);

        cr_expect(eq(int, (position.flags & POSITION_STALE) != 0, number < 4), "%u", number);
        cr_expect(eq(int, (position.flags & POSITION_UNSUPPORTED) != 0, number == 4));
        cr_expect(eq(int, (position.flags & POSITION_DRIFTED) != 0, 0));
        for (uint32_t i = 0; number == 3 && i < position.leg_count; i++)
            cr_expect(ne(int, position.legs[i].flags &LEG_STALE, 0), "an audit doubts it");
    }
    cr_expect(eq(u32, book_stale_count(mirror.book), 4));
    book_free(mirror.book);
    book_free(book);
}

Test(mirror, an_empty_book_and_one_of_every_reserve_come_back)
{
    struct book *empty = book_new(1);
    struct book *full = book_new(1);
    struct account_fact all = {.kind = ACCOUNT_FACT_CONFIG, .value = U256_MAX};
    struct address alice = books_account(1);
    struct mirror mirror = {0};
    BUFFER bytes = {0};

    encode(&bytes, empty);
    cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), MIRROR_OK));
    (void)book_touch(full, &alice, RESERVE_NONE);
    book_apply(full, &all);
    struct account_fact most = {
        .kind = ACCOUNT_FACT_SUPPLIED, .reserve = 127, .value = {{UINT64_MAX, UINT64_MAX, 0, 0}}};
    book_apply(full, &most);
    buffer_clear(&bytes);
    books_market(&market, RESERVES_MAX);
    mirror_encode(&bytes, &market, full, &books_origin);
    cr_assert(eq(int, mirror_decode(&mirror, buffer_bytes(&bytes), &market, &books_origin, 1),
                 MIRROR_OK));
    struct position position = book_position(mirror.book, 0);
    cr_expect(eq(u16, position.leg_count, RESERVES_MAX));
    cr_expect(position.legs[127].supplied == ~(unsigned __int128)0);
    book_free(mirror.book);
    book_free(empty);
    book_free(full);
}

Test(mirror, a_leg_of_a_reserve_that_the_market_lacks_is_asked_again)
{
    struct book *book = book_new(1);
    struct mirror mirror = {0};
    BUFFER bytes = {0};

    (void)books_add(book, 1, 1, 9);
    encode(&bytes, book);
    cr_assert(eq(int, decode(&mirror, buffer_bytes(&bytes)), MIRROR_OK));
    cr_expect(eq(u8, book_position(mirror.book, 0).flags, POSITION_STALE));
    cr_expect(eq(u16, book_position(mirror.book, 0).leg_count, 1));
    book_free(mirror.book);
    book_free(book);
}

Test(mirror, of_something_else_is_refused_and_says_of_what)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t byte;
        enum mirror_error error;
    } rows[] = {{"no mirror", 0, 'q', MIRROR_NOT_ONE},
                {"a later format", AT_FORMAT, MIRROR_FORMAT + 1, MIRROR_VERSION},
                {"an earlier format", AT_FORMAT, MIRROR_FORMAT - 1, MIRROR_VERSION},
                {"another chain", AT_CHAIN, 1, MIRROR_OF_CHAIN},
                {"a history begun later", AT_FROM, 11, MIRROR_BEGINS_LATE},
                {"a history begun earlier", AT_FROM, 9, MIRROR_OK},
                {"another name", AT_NAME, 'M', MIRROR_OF_MARKET},
                {"another address", AT_ROOT + 19, 1, MIRROR_OF_MARKET},
                {"another protocol", AT_PROTOCOL, 1, MIRROR_OF_MARKET},
                {"too many reserves", AT_RESERVES, RESERVES_MAX + 1, MIRROR_TOO_MANY},
                {"too many accounts", AT_ACCOUNTS + 3, 2, MIRROR_TOO_MANY},
                {"a size that is not there", AT_SIZE + 2, 1, MIRROR_TORN},
                {"more accounts than fit", AT_ACCOUNTS + 1, 1, MIRROR_MALFORMED},
                {"fewer accounts", AT_ACCOUNTS, 1, MIRROR_MALFORMED},
                {"fewer reserves", AT_RESERVES, 5, MIRROR_MALFORMED}};
    BUFFER whole = {0};

    encode_two(&whole);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        BUFFER bytes = {0};

        buffer_add_bytes(&bytes, buffer_bytes(&whole));
        bytes.data[rows[i].at] = rows[i].byte;
        cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), (int)rows[i].error), "%s",
                  rows[i].what);
    }
}

Test(mirror, torn_anywhere_is_refused)
{
    BUFFER bytes = {0};

    encode_two(&bytes);
    for (size_t size = 0; size < bytes.size; size++)
        cr_assert(eq(int, decode_dropped(bytes_of(bytes.data, size)), MIRROR_TORN), "%zu", size);
    buffer_add_byte(&bytes, 0);
    cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), MIRROR_MALFORMED), "and with a tail");
}

/* The first account's bytes, from its category on: 0 flags legs | reserve flags 1 amount … */
Test(mirror, an_account_that_no_book_could_hold_is_refused)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t byte;
    } rows[] = {{"an unknown flag", 21, 64 | 128},
                {"legs of an account never read", 21, 16},
                {"neither known nor wanted", 21, 0},
                {"a category that is to be read", 21, 64 | 32},
                {"more legs than reserves", 22, 9},
                {"fewer legs than follow", 22, 1},
                {"no legs, and yet some follow", 22, 0},
                {"a reserve that is none", 23, 8},
                {"legs out of order", 23, 6},
                {"a leg twice", 23, 5},
                {"a leg of nothing", 24, 0},
                {"a leg that is stale by its own word", 24, 1 | 4 | 16},
                {"an amount that does not matter", 24, 1 | 16 | 32},
                {"touched, and its config known", 24, 1 | 8},
                {"an amount of seventeen bytes", 25, 17},
                {"an amount that ends in nothing", 25 + 4, 0}};
    BUFFER whole = {0};

    encode_two(&whole);
    cr_assert(eq(u8, whole.data[AT_FIRST], 0x62), "number 2: of reserves 2 and 5");
    cr_assert(eq(u8, whole.data[AT_FIRST + 25], 4), "a leg of four bytes");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        BUFFER bytes = {0};

        buffer_add_bytes(&bytes, buffer_bytes(&whole));
        bytes.data[AT_FIRST + rows[i].at] = rows[i].byte;
        cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), MIRROR_MALFORMED), "%s",
                  rows[i].what);
    }
}

Test(mirror, an_account_twice_or_out_of_order_is_refused)
{
    BUFFER bytes = {0};
    size_t second;

    encode_two(&bytes);
    second = AT_FIRST + (bytes.size - AT_FIRST) / 2;
    cr_assert(lt(int, memcmp(bytes.data + AT_FIRST, bytes.data + second, 20), 0));
    memcpy(bytes.data + second, bytes.data + AT_FIRST, 20);
    cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), MIRROR_MALFORMED), "twice");
    memset(bytes.data + second, 0, 20);
    cr_expect(eq(int, decode_dropped(buffer_bytes(&bytes)), MIRROR_MALFORMED), "out of order");
}

/* Whatever bit is wrong, what is not refused is a mirror: it says exactly the same again. */
Test(mirror, with_any_bit_flipped_is_refused_or_sane)
{
    struct book *book = books_mixed(23, 0);
    BUFFER bytes = {0};

    encode(&bytes, book);
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        struct mirror mirror = {0};
        BUFFER again = {0};

        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (decode(&mirror, buffer_bytes(&bytes)) == MIRROR_OK) {
            struct mirror_origin origin = books_origin;

            memcpy(&origin.from_block, bytes.data + AT_FROM, 8);
            market.revision = mirror.revision;
            market.block = mirror.block;
            market.timestamp_s = mirror.timestamp_s;
            for (uint32_t i = 0; i < mirror.reserve_count; i++)
                market.reserve[i].asset = mirror.asset[i];
            mirror_encode(&again, &market, mirror.book, &origin);
            cr_assert(bytes_equal(buffer_bytes(&again), buffer_bytes(&bytes)), "bit %zu", bit);
        }
        book_free(mirror.book);
        bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    book_free(book);
}

Test(mirror, each_refusal_has_its_words)
{
    for (int error = MIRROR_OK; error <= MIRROR_OF_BLOCK; error++)
        cr_expect(gt(sz, strlen(mirror_error_text((enum mirror_error)error)), 4));
}
