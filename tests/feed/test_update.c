/* Calls that set a price: what each kind says, and what is none. */
#include "feed/update.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/hex.h"
#include "eth/abi.h"
#include "tests/feed/transmission.h"
#include "tests/submit/fleets.h"

static const struct address FEED = {{0xfe, 0xed}};
static const struct address FORWARDER = {{0xf0}};

struct transmit {
    bool is_second; /* OCR2 */
    size_t count;
    uint64_t first; /* observations go up by one */
    size_t signatures;
};

static void report_add(struct buffer *out, const struct transmit *of)
{
    size_t words = of->is_second ? 4 : 3;

    abi_add_u64(out, 7); /* context, or time */
    abi_add_u64(out, 8); /* observers */
    abi_add_u64(out, words * ABI_WORD);
    if (of->is_second)
        abi_add_u64(out, 9);
    abi_add_u64(out, of->count);
    for (size_t i = 0; i < of->count; i++)
        abi_add_u64(out, of->first + i);
}

static void transmit_make(struct buffer *out, const struct transmit *of)
{
    size_t head = (of->is_second ? 7 : 4) * ABI_WORD;
    BUFFER report = {0};

    buffer_clear(out);
    report_add(&report, of);
    abi_add_selector(out, of->is_second ? "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)"
                                        : "transmit(bytes,bytes32[],bytes32[],bytes32)");
    for (int i = 0; of->is_second && i < 3; i++)
        abi_add_u64(out, 1);
    abi_add_u64(out, head);
    abi_add_u64(out, head + ABI_WORD + report.size);
    abi_add_u64(out, head + (2 + of->signatures) * ABI_WORD + report.size);
    abi_add_u64(out, 0);
    abi_add_bytes(out, buffer_bytes(&report));
    for (int list = 0; list < 2; list++) {
        abi_add_u64(out, of->signatures);
        for (size_t i = 0; i < of->signatures; i++)
            abi_add_u64(out, 3);
    }
}

static void forward_make(struct buffer *out, struct bytes inner)
{
    buffer_clear(out);
    abi_add_selector(out, "forward(address,bytes)");
    abi_add_address(out, &FEED);
    abi_add_u64(out, 2 * ABI_WORD);
    abi_add_bytes(out, inner);
}

static enum update_error decode(struct update *out, const struct buffer *data)
{
    return update_decode(out, &FEED, buffer_bytes(data));
}

static void says(const struct buffer *data, uint64_t answer)
{
    struct update update;
    struct u256 wanted = u256_of(answer);

    cr_assert(eq(int, decode(&update, data), UPDATE_OK));
    cr_assert(u256_is_equal(&update.answer, &wanted));
    cr_assert(address_is_equal(&update.feed, &FEED));
}

Test(update, says_what_a_transmission_on_ethereum_said)
{
    BUFFER data = {0};

    (void)buffer_extend(&data, strlen(transmission) / 2);
    cr_assert(hex_decode(data.data, data.size, transmission, strlen(transmission)));
    says(&data, TRANSMISSION_ANSWER);
}

Test(update, says_the_observation_in_the_middle_and_of_an_even_count_the_upper_one)
{
    static const struct {
        size_t count;
        uint64_t answer;
    } rows[] = {{1, 100}, {2, 101}, {3, 101}, {4, 102}, {16, 108}, {31, 115}};
    BUFFER data = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (int second = 0; second < 2; second++) {
            struct transmit of = {second == 1, rows[i].count, 100, 6};

            transmit_make(&data, &of);
            says(&data, rows[i].answer);
        }
    }
}

Test(update, is_of_the_feed_that_a_forwarder_hands_it_to)
{
    struct transmit of = {true, 5, 10, 2};
    struct address target;
    struct update update;
    BUFFER inner = {0};
    BUFFER data = {0};

    transmit_make(&inner, &of);
    forward_make(&data, buffer_bytes(&inner));
    cr_assert(update_target(&target, &FORWARDER, buffer_bytes(&data)));
    cr_assert(address_is_equal(&target, &FEED));
    cr_assert(eq(int, update_decode(&update, &FORWARDER, buffer_bytes(&data)), UPDATE_OK));
    cr_assert(address_is_equal(&update.feed, &FEED));
    cr_assert(eq(u64, update.answer.limb[0], 12));
}

Test(update, within_two_forwarders_is_nobodys)
{
    struct transmit of = {true, 5, 10, 2};
    struct update update;
    BUFFER inner = {0};
    BUFFER data = {0};
    BUFFER twice = {0};

    transmit_make(&inner, &of);
    forward_make(&data, buffer_bytes(&inner));
    forward_make(&twice, buffer_bytes(&data));
    cr_assert(eq(int, update_decode(&update, &FORWARDER, buffer_bytes(&twice)), UPDATE_UNKNOWN));
}

Test(update, of_a_test_chains_feed_is_a_number)
{
    static const char *const setters[] = {"set(int256)", "setAnswer(int256)",
                                          "updateAnswer(int256)"};

    for (size_t i = 0; i < ARRAY_LENGTH(setters); i++) {
        struct update update;
        BUFFER data = {0};

        abi_add_selector(&data, setters[i]);
        abi_add_u64(&data, 4711);
        says(&data, 4711);
        abi_add_u64(&data, 1);
        cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED), "one word too many");
    }
}

Test(update, of_a_call_that_sets_no_price_is_unknown)
{
    struct update update;
    BUFFER data = {0};

    cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED), "no selector");
    abi_add_selector(&data, "setAnswerAt(int256,uint64)");
    abi_add_u64(&data, 1);
    abi_add_u64(&data, 2);
    cr_assert(eq(int, decode(&update, &data), UPDATE_UNKNOWN));
}

Test(update, of_zero_or_below_is_no_price)
{
    struct transmit of = {false, 3, 0, 2};
    struct u256 minus = U256_MAX;
    struct update update;
    BUFFER data = {0};

    transmit_make(&data, &of);
    cr_assert(eq(int, decode(&update, &data), UPDATE_NO_PRICE));
    buffer_clear(&data);
    abi_add_selector(&data, "set(int256)");
    abi_add_u256(&data, &minus);
    cr_assert(eq(int, decode(&update, &data), UPDATE_NO_PRICE));
    data.data[4 + 8] = 0xff; /* the highest bit of an int192 */
    memset(data.data + 4, 0, 8);
    cr_assert(eq(int, decode(&update, &data), UPDATE_NO_PRICE));
}

/* Word by word, and byte by byte at the end: whatever the contract would not take. */
Test(update, with_another_layout_than_its_contract_insists_on_is_malformed)
{
    static const struct {
        bool is_second;
        size_t word;
        uint64_t value;
        const char *what;
    } rows[] = {
        {false, 0, 5 * ABI_WORD, "the report's offset"},
        {false, 4, 6 * ABI_WORD, "the report's length"},
        {false, 7, 4 * ABI_WORD, "the observations' offset"},
        {false, 8, 4, "more observations than there are"},
        {false, 8, 2, "fewer observations than there are"},
        {false, 8, 0, "no observation"},
        {false, 9, 200, "observations out of order"},
        {false, 12, 9, "more signatures than there are"},
        {true, 3, 8 * ABI_WORD, "the report's offset"},
        {true, 10, 3 * ABI_WORD, "the observations' offset"},
        {true, 13, 200, "observations out of order"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct transmit of = {rows[i].is_second, 3, 100, 2};
        struct update update;
        BUFFER data = {0};

        transmit_make(&data, &of);
        abi_set_u64(&data, 4 + rows[i].word * ABI_WORD, rows[i].value);
        cr_expect(eq(int, decode(&update, &data), UPDATE_MALFORMED), "%s", rows[i].what);
    }
}

Test(update, that_is_cut_short_or_longer_than_its_arguments_is_malformed)
{
    for (int second = 0; second < 2; second++) {
        struct transmit of = {second == 1, 3, 100, 2};
        struct update update;
        BUFFER data = {0};

        transmit_make(&data, &of);
        for (size_t size = 4; size < data.size; size++)
            cr_expect(
                eq(int, update_decode(&update, &FEED, bytes_of(data.data, size)), UPDATE_MALFORMED),
                "%zu bytes", size);
        buffer_add_bytes(&data, bytes_of_text("0"));
        cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED));
    }
}

Test(update, larger_than_any_transmission_is_malformed)
{
    struct transmit of = {true, 31, 100, 31};
    struct update update;
    BUFFER data = {0};

    transmit_make(&data, &of);
    cr_assert(data.size < UPDATE_DATA_MAX);
    says(&data, 115);
    (void)buffer_extend(&data, UPDATE_DATA_MAX);
    cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED));
    of.count = 32;
    transmit_make(&data, &of);
    cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED), "more than there are oracles");
}

/* Cross-chain commits of Chainlink share the selector of a transmission; their report is another.
 */
Test(update, of_another_product_of_the_same_selector_is_malformed)
{
    struct update update;
    BUFFER report = {0};
    BUFFER data = {0};

    for (size_t i = 0; i < 9; i++)
        abi_add_u64(&report, i == 0 ? 32 : i == 1 ? 128 : 0x3d15 + i);
    abi_add_selector(&data, "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)");
    for (int i = 0; i < 3; i++)
        abi_add_u64(&data, 1);
    abi_add_u64(&data, 7 * ABI_WORD);
    abi_add_u64(&data, 8 * ABI_WORD + report.size);
    abi_add_u64(&data, 10 * ABI_WORD + report.size);
    abi_add_u64(&data, 0);
    abi_add_bytes(&data, buffer_bytes(&report));
    for (int i = 0; i < 4; i++)
        abi_add_u64(&data, 1);
    cr_assert(eq(int, decode(&update, &data), UPDATE_MALFORMED));
}

/* Whatever is read is what the contract would take: at most one median, in order. */
Test(update, of_random_bytes_never_reads_past_its_end)
{
    uint64_t state = 7;
    BUFFER data = {0};
    size_t taken = 0;

    for (int i = 0; i < 20000; i++) {
        struct transmit of = {random_next(&state) % 2 == 0, 1 + random_next(&state) % 31,
                              1 + random_next(&state) % 1000, 1 + random_next(&state) % 31};
        struct update update;
        size_t size;
        uint8_t *copy;

        transmit_make(&data, &of);
        for (uint64_t changes = random_next(&state) % 4; changes > 0; changes--)
            data.data[random_next(&state) % data.size] = (uint8_t)random_next(&state);
        size = random_next(&state) % 4 == 0 ? random_next(&state) % data.size : data.size;
        copy = must_alloc(size + 1, 1); /* so that the sanitizer sees its end */
        memcpy(copy, data.data, size);
        taken += update_decode(&update, &FEED, bytes_of(copy, size)) == UPDATE_OK;
        free(copy);
    }
    cr_assert(gt(sz, taken, 1000));
}

Test(update, error_has_a_word)
{
    for (int error = UPDATE_OK; error <= UPDATE_NO_PRICE; error++)
        cr_expect(gt(sz, strlen(update_error_text((enum update_error)error)), 1));
}
