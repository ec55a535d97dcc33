/*
 * Strangers write calldata, and money follows what is read here: so every length must be the one
 * that the contract itself insists on, every offset the canonical one, every observation in order.
 * What a contract would take and this does not costs a chance; the other way round costs gas.
 */
#include "feed/update.h"

#include <string.h>

#include "eth/abi.h"

#define SELECTOR_SIZE 4
/* AuthorizedForwarder v1.0.0 (Chainlink): forward(address to, bytes data). */
static const uint8_t forward_selector[SELECTOR_SIZE] = {0x6f, 0xad, 0xcf, 0x72};

struct arguments {
    struct bytes report;
    size_t head_words;      /* of transmit itself: arguments and offsets */
    size_t observations_at; /* word of the report that holds the observations' offset */
    size_t report_words;    /* words of the report's head */
};

static bool word_is(struct bytes data, size_t index, uint64_t value)
{
    uint64_t found;

    return abi_u64(&found, data, index) && found == value;
}

/* So high that no int192 below zero is taken for a price. */
static bool is_price(const struct u256 *value)
{
    return !u256_is_zero(value) && u256_bits(value) < 192;
}

/* In order, and the one in the middle: OffchainAggregator.transmit and OCR2Aggregator._report take
 * observations[length / 2] for the median. */
static enum update_error median_read(struct u256 *out, const struct arguments *of)
{
    const size_t head = of->report_words;
    struct u256 before = U256_ZERO;
    uint64_t count;

    if (!word_is(of->report, of->observations_at, head * ABI_WORD) ||
        !abi_u64(&count, of->report, head) || count == 0 || count > UPDATE_OBSERVATIONS_MAX ||
        of->report.size != (head + 1 + count) * ABI_WORD)
        return UPDATE_MALFORMED;
    for (size_t i = 0; i < count; i++) {
        struct u256 one;

        if (!abi_u256(&one, of->report, head + 1 + i))
            return UPDATE_MALFORMED;
        if (!is_price(&one))
            return UPDATE_NO_PRICE;
        if (u256_is_less(&one, &before))
            return UPDATE_MALFORMED;
        before = one;
        if (i == count / 2)
            *out = one;
    }
    return UPDATE_OK;
}

/* The report, then as many r as s: their places and the whole's length as both contracts insist on
 * (_requireExpectedMsgDataLength). `first`: word of the report's offset. */
static bool transmit_read(struct arguments *of, struct bytes data, size_t first)
{
    struct bytes rest;
    size_t rs;
    size_t ss;

    return word_is(data, first, of->head_words * ABI_WORD) && abi_bytes(&of->report, data, first) &&
           abi_array(&rest, &rs, data, first + 1) && abi_array(&rest, &ss, data, first + 2) &&
           rs == ss && rs > 0 && rs <= UPDATE_OBSERVATIONS_MAX &&
           data.size == (of->head_words + 3 + rs + ss) * ABI_WORD + of->report.size;
}

/* libocr OffchainAggregator 4.0.0, transmit(bytes report, bytes32[] rs, bytes32[] ss, bytes32 vs);
 * its report is (bytes32 context, bytes32 observers, int192[] observations). */
static enum update_error ocr1_read(struct u256 *out, struct bytes data)
{
    struct arguments of = {.head_words = 4, .observations_at = 2, .report_words = 3};

    return transmit_read(&of, data, 0) ? median_read(out, &of) : UPDATE_MALFORMED;
}

/* libocr OCR2Aggregator 1.0.0, transmit(bytes32[3] context, bytes report, bytes32[] rs, bytes32[]
 * ss, bytes32 vs); its report is (uint32 time, bytes32 observers, int192[] observations, int192
 * juels). */
static enum update_error ocr2_read(struct u256 *out, struct bytes data)
{
    struct arguments of = {.head_words = 7, .observations_at = 2, .report_words = 4};

    return transmit_read(&of, data, 3) ? median_read(out, &of) : UPDATE_MALFORMED;
}

/* One int256, nothing behind it. */
static enum update_error setter_read(struct u256 *out, struct bytes data)
{
    if (data.size != ABI_WORD || !abi_u256(out, data, 0))
        return UPDATE_MALFORMED;
    return is_price(out) ? UPDATE_OK : UPDATE_NO_PRICE;
}

static const struct update_kind {
    uint8_t selector[SELECTOR_SIZE];
    enum update_error (*read)(struct u256 *out, struct bytes arguments);
} kinds[] = {
    {{0xc9, 0x80, 0x75, 0x39}, ocr1_read},
    {{0xb1, 0xdc, 0x65, 0xa4}, ocr2_read},
    /* feeds of test chains: set(int256), setAnswer(int256), updateAnswer(int256) of Chainlink's
     * MockV3Aggregator */
    {{0xe5, 0xc1, 0x9b, 0x2d}, setter_read},
    {{0x99, 0x21, 0x3c, 0xd8}, setter_read},
    {{0xa8, 0x7a, 0x20, 0xce}, setter_read},
};

static struct bytes arguments_of(struct bytes data)
{
    return bytes_slice(data, SELECTOR_SIZE, data.size - SELECTOR_SIZE);
}

/* Out of its envelope, where it has one. A forwarder within a forwarder is nobody's. */
static bool unwrap(struct address *to, struct bytes *data)
{
    struct bytes arguments;

    if (data->size < SELECTOR_SIZE)
        return false;
    if (memcmp(data->data, forward_selector, SELECTOR_SIZE) != 0)
        return true;
    arguments = arguments_of(*data);
    return abi_address(to, arguments, 0) && word_is(arguments, 1, 2 * ABI_WORD) &&
           abi_bytes(data, arguments, 1) && data->size >= SELECTOR_SIZE;
}

bool update_target(struct address *out, const struct address *to, struct bytes data)
{
    *out = *to;
    return unwrap(out, &data);
}

enum update_error update_decode(struct update *out, const struct address *to, struct bytes data)
{
    out->feed = *to;
    if (data.size > UPDATE_DATA_MAX || !unwrap(&out->feed, &data))
        return UPDATE_MALFORMED;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (memcmp(data.data, kinds[i].selector, SELECTOR_SIZE) == 0)
            return kinds[i].read(&out->answer, arguments_of(data));
    }
    return UPDATE_UNKNOWN;
}

const char *update_error_text(enum update_error error)
{
    switch (error) {
    case UPDATE_OK:
        return "ok";
    case UPDATE_UNKNOWN:
        return "unknown";
    case UPDATE_MALFORMED:
        return "malformed";
    case UPDATE_NO_PRICE:
        return "no_price";
    }
    return "unknown";
}
