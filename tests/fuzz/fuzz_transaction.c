/* What is decoded is canonical: encoded again it gives the same bytes, signed or not. */
#include "eth/transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes raw = bytes_of(data, size);
    struct transaction transaction;
    BUFFER again = {0};
    if (transaction_decode(&transaction, raw) == TRANSACTION_OK) {
        struct hash32 hash;
        transaction_encode(&again, &transaction);
        MUST(bytes_equal(buffer_bytes(&again), raw));
        transaction_signing_hash(&hash, &transaction);
    }
    buffer_clear(&again);
    if (transaction_decode_unsigned(&transaction, raw) == TRANSACTION_OK) {
        transaction_encode_unsigned(&again, &transaction);
        MUST(bytes_equal(buffer_bytes(&again), raw));
    }
    return 0;
}
