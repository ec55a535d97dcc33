/* aggregate3 by hand: one dynamic array of (address, bool, bytes), offsets counted from the array's
 * first element. Every offset of an answer is a stranger's number and is checked. */
#include "feed/multicall.h"

#include <string.h>

#include "eth/abi.h"

/* How far BLOCKHASH reaches back; a number further off counts something else. */
#define NUMBER_NEAR 256

enum witness { WITNESS_NUMBER, WITNESS_TIMESTAMP, WITNESS_PARENT };

#define SELECTOR 4

/* Multicall3 v3: its selectors never change, since the contract cannot. */
static const uint8_t aggregate3[SELECTOR] = {0x82, 0xad, 0x56, 0xcb};
static const uint8_t witnesses[MULTICALL_WITNESSES][SELECTOR] = {
    [WITNESS_NUMBER] = {0x42, 0xcb, 0xb1, 0x5c},    /* getBlockNumber() */
    [WITNESS_TIMESTAMP] = {0x0f, 0x28, 0xc9, 0x7d}, /* getCurrentBlockTimestamp() */
    [WITNESS_PARENT] = {0x27, 0xe8, 0x6d, 0x6e}};   /* getLastBlockHash() */

static void call_add(struct buffer *out, size_t base, size_t index, const struct address *target,
                     struct bytes data)
{
    abi_set_u64(out, base + index * ABI_WORD, out->size - base);
    abi_add_address(out, target);
    abi_add_bool(out, true);
    abi_add_u64(out, 3 * ABI_WORD);
    abi_add_bytes(out, data);
}

void multicall_encode(struct buffer *out, const struct address *multicall, const struct read *reads,
                      size_t count)
{
    const size_t calls = MULTICALL_WITNESSES + count;
    size_t base;

    buffer_add(out, aggregate3, sizeof(aggregate3));
    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, calls);
    base = out->size;
    buffer_extend(out, calls * ABI_WORD);
    for (size_t i = 0; i < MULTICALL_WITNESSES; i++)
        call_add(out, base, i, multicall, bytes_of(witnesses[i], SELECTOR));
    for (size_t i = 0; i < count; i++)
        call_add(out, base, MULTICALL_WITNESSES + i, &reads[i].target,
                 bytes_of(reads[i].data, reads[i].data_size));
}

static bool results_of(struct bytes *array, struct bytes answer, size_t count)
{
    size_t length;

    return abi_array(array, &length, answer, 0) && length == count;
}

static bool result_at(struct multicall_result *out, struct bytes array, size_t index)
{
    struct bytes tuple;
    uint64_t offset;

    if (!abi_u64(&offset, array, index) || offset > array.size)
        return false;
    tuple = bytes_slice(array, (size_t)offset, array.size - (size_t)offset);
    return abi_bool(&out->succeeded, tuple, 0) && abi_bytes(&out->data, tuple, 1);
}

bool multicall_result(struct multicall_result *out, struct bytes answer, size_t count, size_t index)
{
    struct bytes array;

    return index < count && results_of(&array, answer, count) && result_at(out, array, index);
}

bool multicall_check(struct bytes answer, size_t count)
{
    struct multicall_result result;
    struct bytes array;

    if (!results_of(&array, answer, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!result_at(&result, array, i))
            return false;
    }
    return count > 0;
}

static bool witness_of(struct bytes *out, struct bytes answer, size_t count, enum witness which)
{
    struct multicall_result result;

    if (!multicall_result(&result, answer, count, which) || !result.succeeded ||
        result.data.size != ABI_WORD)
        return false;
    *out = result.data;
    return true;
}

enum multicall_origin multicall_origin(struct bytes answer, size_t count,
                                       const struct header *header)
{
    struct bytes word[MULTICALL_WITNESSES];
    uint64_t number;
    uint64_t timestamp_s;
    uint64_t distance;

    for (enum witness i = WITNESS_NUMBER; i <= WITNESS_PARENT; i++) {
        if (!witness_of(&word[i], answer, count, i))
            return MULTICALL_WITHOUT_WITNESS;
    }
    if (!abi_u64(&number, word[WITNESS_NUMBER], 0) ||
        !abi_u64(&timestamp_s, word[WITNESS_TIMESTAMP], 0))
        return MULTICALL_WITHOUT_WITNESS;
    if (timestamp_s != header->timestamp_s)
        return MULTICALL_OF_ANOTHER;
    distance = number < header->number ? header->number - number : number - header->number;
    if (distance > NUMBER_NEAR)
        return MULTICALL_OF_BLOCK;
    if (distance != 0 || memcmp(word[WITNESS_PARENT].data, header->parent.byte, ABI_WORD) != 0)
        return MULTICALL_OF_ANOTHER;
    return MULTICALL_OF_BLOCK;
}

void multicall_params(struct text *out, const struct address *multicall, struct bytes calldata,
                      const struct hash32 *block)
{
    text_add(out, "[{\"to\":\"");
    text_add_hex(out, bytes_of(multicall->byte, sizeof(multicall->byte)));
    text_add(out, "\",\"data\":\"");
    text_add_hex(out, calldata);
    text_add(out, "\"},{\"blockHash\":\"");
    text_add_hex(out, bytes_of(block->byte, sizeof(block->byte)));
    text_add(out, "\"}]");
}
