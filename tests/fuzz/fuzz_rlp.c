/* Whatever the bytes, the reader stays inside of them, ends, and agrees with itself about what is
 * canonical. */
#include "eth/rlp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Items again as bytes; false where one is refused. */
static bool copy_items(struct buffer *out, struct rlp_reader reader, unsigned depth)
{
    for (;;) {
        struct rlp_item item;
        enum rlp_error error = rlp_next(&reader, &item);
        if (error == RLP_END)
            return true;
        if (error != RLP_OK || depth > RLP_DEPTH_MAX)
            return false;
        size_t start = out->size;
        if (!item.is_list) {
            rlp_add_string(out, item.payload);
            continue;
        }
        if (!copy_items(out, (struct rlp_reader){item.payload}, depth + 1))
            return false;
        rlp_end_list(out, start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    BUFFER again = {0};
    bool is_copied = copy_items(&again, (struct rlp_reader){input}, 0);
    MUST(!is_copied || bytes_equal(buffer_bytes(&again), input));
    MUST(rlp_check(input) != RLP_OK || is_copied);
    return 0;
}
