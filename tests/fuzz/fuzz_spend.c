/* A slot of the spend file is taken only as it would be written. */
#include <string.h>

#include "eth/keccak.h"
#include "sign/spend_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t slot[SPEND_SLOT_SIZE], again[SPEND_SLOT_SIZE];
    static struct spend spend;
    struct spend_file file = {.fd = -1};
    struct hash32 hash;
    size_t body = sizeof slot - sizeof hash.byte;

    memset(slot, 0, sizeof slot);
    if (size > 0)
        memcpy(slot, data, size < sizeof slot ? size : sizeof slot);
    (void)!spend_slot_decode(&file, &spend, slot);
    /* a checksum is no secret: whoever can write the file can make one */
    keccak256(&hash, bytes_of(slot, body));
    memcpy(slot + body, hash.byte, sizeof hash.byte);
    if (!spend_slot_decode(&file, &spend, slot))
        return 0;
    MUST(spend.count <= SPEND_NONCES_MAX && spend.begun_ms >= 0);
    spend_slot_encode(again, &file, &spend);
    struct spend_file second = {.fd = -1};
    static struct spend same;
    MUST(spend_slot_decode(&second, &same, again));
    MUST(second.sequence == file.sequence && second.chain_id == file.chain_id);
    MUST(same.count == spend.count && u256_is_equal(&same.total.value, &spend.total.value));
    return 0;
}
