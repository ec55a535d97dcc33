/* What a contract returned, read at every word as every type: nothing reaches out of the data. */
#include <stdlib.h>

#include "eth/abi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_within(struct bytes part, struct bytes whole)
{
    if (part.size > whole.size || part.data < whole.data ||
        part.data + part.size > whole.data + whole.size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    char symbol[32];
    (void)!abi_symbol(symbol, sizeof symbol, all);
    for (size_t index = 0; index <= size / ABI_WORD; index++) {
        struct bytes part;
        size_t count;
        struct address address;
        struct u256 wide;
        uint64_t number;
        bool flag;
        (void)!abi_address(&address, all, index);
        (void)!abi_u256(&wide, all, index);
        (void)!abi_u64(&number, all, index);
        (void)!abi_bool(&flag, all, index);
        if (abi_bytes(&part, all, index))
            expect_within(part, all);
        if (abi_array(&part, &count, all, index)) {
            expect_within(part, all);
            if (count > part.size / ABI_WORD)
                abort();
        }
    }
    return 0;
}
