/* Calldata of a stranger that a price is read from. What is taken says what its contract would say:
 * each length and offset is where Solidity puts it, the observations are in order, and the answer
 * is the middle one; a byte less and it is none. */
#include <string.h>

#include "eth/abi.h"
#include "feed/update.h"

#define SELECTOR_SIZE 4
#define ADDRESS_SIZE 20
#define INT192_BITS 191

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct address TO = {{0xfe, 0xed}};

struct layout {
    size_t head;   /* words of the arguments' head */
    size_t first;  /* word of the report's offset */
    size_t report; /* words of the report's head */
};

static bool has_selector(struct bytes data, const char *signature)
{
    BUFFER selector = {0};

    abi_add_selector(&selector, signature);
    return data.size >= SELECTOR_SIZE && memcmp(data.data, selector.data, SELECTOR_SIZE) == 0;
}

static uint64_t word(struct bytes data, size_t index)
{
    uint64_t value;

    MUST(abi_u64(&value, data, index));
    return value;
}

static void observations_check(struct bytes words, size_t first, size_t count,
                               const struct u256 *answer)
{
    struct u256 last = U256_ZERO;

    for (size_t i = 0; i < count; i++) {
        struct u256 one;

        MUST(abi_u256(&one, words, first + i));
        MUST(!u256_is_zero(&one) && u256_bits(&one) <= INT192_BITS);
        MUST(!u256_is_less(&one, &last));
        MUST(i != count / 2 || u256_is_equal(&one, answer));
        last = one;
    }
}

static void transmit_check(struct bytes words, const struct layout *of, const struct u256 *answer)
{
    const size_t body = of->head + 1; /* behind the report's length */
    const size_t count = word(words, body + of->report);
    const size_t report = of->report + 1 + count;

    MUST(count >= 1 && count <= UPDATE_OBSERVATIONS_MAX);
    MUST(word(words, of->first) == of->head * ABI_WORD);
    MUST(word(words, of->head) == report * ABI_WORD);
    MUST(word(words, body + 2) == of->report * ABI_WORD);
    observations_check(words, body + of->report + 1, count, answer);
    /* behind it two lists of as many words, each with its length */
    MUST(words.size % ABI_WORD == 0 && words.size / ABI_WORD >= body + report + 4);
    const size_t signatures = words.size / ABI_WORD - body - report - 2;
    MUST(signatures % 2 == 0 && signatures / 2 <= UPDATE_OBSERVATIONS_MAX);
}

static void plain_check(struct bytes data, const struct u256 *answer)
{
    static const struct layout ocr1 = {4, 0, 3};
    static const struct layout ocr2 = {7, 3, 4};
    const struct bytes words = bytes_slice(data, SELECTOR_SIZE, data.size - SELECTOR_SIZE);
    struct update less;

    MUST(update_decode(&less, &TO, bytes_slice(data, 0, data.size - 1)) != UPDATE_OK);
    if (has_selector(data, "transmit(bytes,bytes32[],bytes32[],bytes32)"))
        transmit_check(words, &ocr1, answer);
    else if (has_selector(data, "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)"))
        transmit_check(words, &ocr2, answer);
    else {
        MUST(words.size == ABI_WORD);
        observations_check(words, 0, 1, answer);
    }
}

/* What is handed on says what it would say by itself, of the feed that it is handed to. */
static void forwarded_check(struct bytes data, const struct update *update)
{
    const struct bytes words = bytes_slice(data, SELECTOR_SIZE, data.size - SELECTOR_SIZE);
    const struct bytes inner = bytes_slice(words, 3 * ABI_WORD, word(words, 2));
    struct update alone;

    MUST(memcmp(words.data + ABI_WORD - ADDRESS_SIZE, update->feed.byte, ADDRESS_SIZE) == 0);
    MUST(word(words, 1) == 2 * ABI_WORD && !has_selector(inner, "forward(address,bytes)"));
    MUST(update_decode(&alone, &TO, inner) == UPDATE_OK);
    MUST(u256_is_equal(&alone.answer, &update->answer));
    plain_check(inner, &update->answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes call = bytes_of(data, size);
    struct address target;
    struct update update;
    const bool has_target = update_target(&target, &TO, call);

    if (update_decode(&update, &TO, call) != UPDATE_OK)
        return 0;
    MUST(size <= UPDATE_DATA_MAX && has_target && address_is_equal(&target, &update.feed));
    if (has_selector(call, "forward(address,bytes)")) {
        forwarded_check(call, &update);
        return 0;
    }
    MUST(address_is_equal(&update.feed, &TO));
    plain_check(call, &update.answer);
    return 0;
}
