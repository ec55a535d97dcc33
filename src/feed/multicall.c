/* aggregate3 by hand: one dynamic array of (address, bool, bytes), offsets counted from the array's
 * first element. Every offset of an answer is a stranger's number and is checked. */
#include "feed/multicall.h"

#include "eth/abi.h"

void multicall_encode(struct buffer *out, const struct read *reads, size_t count)
{
    size_t base;

    abi_add_selector(out, "aggregate3((address,bool,bytes)[])");
    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, count);
    base = out->size;
    for (size_t i = 0; i < count; i++)
        abi_add_u64(out, 0);
    for (size_t i = 0; i < count; i++) {
        abi_set_u64(out, base + i * ABI_WORD, out->size - base);
        abi_add_address(out, &reads[i].target);
        abi_add_bool(out, true);
        abi_add_u64(out, 3 * ABI_WORD);
        abi_add_bytes(out, bytes_of(reads[i].data, reads[i].data_size));
    }
}

bool multicall_result(struct multicall_result *out, struct bytes answer, size_t count, size_t index)
{
    struct bytes array;
    struct bytes tuple;
    size_t length;
    uint64_t offset;

    if (!abi_array(&array, &length, answer, 0) || length != count || index >= count)
        return false;
    if (!abi_u64(&offset, array, index) || offset > array.size)
        return false;
    tuple = bytes_slice(array, (size_t)offset, array.size - (size_t)offset);
    return abi_bool(&out->succeeded, tuple, 0) && abi_bytes(&out->data, tuple, 1);
}

bool multicall_check(struct bytes answer, size_t count)
{
    struct multicall_result result;

    for (size_t i = 0; i < count; i++) {
        if (!multicall_result(&result, answer, count, i))
            return false;
    }
    return count > 0;
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
