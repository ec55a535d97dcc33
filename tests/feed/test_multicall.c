/* What a multicall is made of, against the names of the contract's own words. */
#include "feed/multicall.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"

/* The calldata of one call, by the offsets that the contract would follow. */
static bool call_at(struct bytes *data, struct bytes calldata, size_t index)
{
    struct bytes array;
    size_t count;
    uint64_t offset;

    if (!abi_array(&array, &count, bytes_slice(calldata, 4, calldata.size - 4), 0) ||
        index >= count || !abi_u64(&offset, array, index) || offset > array.size)
        return false;
    return abi_bytes(data, bytes_slice(array, offset, array.size - offset), 2);
}

Test(multicall, begins_with_the_words_for_the_block)
{
    const char *const witnesses[MULTICALL_WITNESSES] = {
        "getBlockNumber()", "getCurrentBlockTimestamp()", "getLastBlockHash()"};
    const struct address multicall = {.byte = {7}};
    BUFFER calldata = {0};
    BUFFER word = {0};
    struct bytes data;

    multicall_encode(&calldata, &multicall, NULL, 0);
    abi_add_selector(&word, "aggregate3((address,bool,bytes)[])");
    cr_assert(eq(int, memcmp(calldata.data, word.data, 4), 0));
    for (size_t i = 0; i < MULTICALL_WITNESSES; i++) {
        buffer_clear(&word);
        abi_add_selector(&word, witnesses[i]);
        cr_assert(call_at(&data, buffer_bytes(&calldata), i));
        cr_assert(bytes_equal(data, buffer_bytes(&word)), "%s", witnesses[i]);
    }
    cr_assert(not(call_at(&data, buffer_bytes(&calldata), MULTICALL_WITNESSES)));
}

Test(multicall, says_each_read_behind_them)
{
    const struct address multicall = {.byte = {7}};
    struct read reads[READ_DATA_MAX + 1] = {0};
    BUFFER calldata = {0};
    struct bytes data;

    for (size_t i = 0; i <= READ_DATA_MAX; i++) {
        reads[i].data_size = (uint8_t)i;
        memset(reads[i].data, (int)i, i);
    }
    multicall_encode(&calldata, &multicall, reads, READ_DATA_MAX + 1);
    for (size_t i = 0; i <= READ_DATA_MAX; i++) {
        cr_assert(call_at(&data, buffer_bytes(&calldata), MULTICALL_WITNESSES + i));
        cr_assert(bytes_equal(data, bytes_of(reads[i].data, i)), "%zu", i);
    }
}
