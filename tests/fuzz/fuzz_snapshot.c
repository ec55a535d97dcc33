/* Whatever the bytes: no mirror comes of them, or one that says exactly them again. */
#include <stdlib.h>
#include <string.h>

#include "mirror/mirror.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t number(const uint8_t *byte)
{
    uint64_t value = 0;

    for (unsigned i = 8; i-- > 0;)
        value = value << 8 | byte[i];
    return value;
}

/* The identity is taken from the bytes themselves, so that what lies behind it is reached. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct market *market = must_alloc(1, sizeof(*market));
    struct mirror_origin origin = {0};
    struct mirror mirror = {0};
    struct address root = {{0}};
    BUFFER again = {0};

    market_init(market, "", 0, &root);
    if (size >= 152) {
        origin = (struct mirror_origin){number(data + 12), number(data + 20)};
        memcpy(market->name, data + 28, sizeof(market->name));
        memcpy(&market->root, data + 60, sizeof(market->root));
        market->protocol = (uint32_t)(number(data + 80) & UINT32_MAX);
    }
    if (mirror_decode(&mirror, bytes_of(data, size), market, &origin, 1) == MIRROR_OK) {
        market->revision = mirror.revision;
        market->block = mirror.block;
        market->timestamp_s = mirror.timestamp_s;
        market->reserve_count = mirror.reserve_count;
        for (uint32_t i = 0; i < mirror.reserve_count; i++)
            market->reserve[i].asset = mirror.asset[i];
        mirror_encode(&again, market, mirror.book, &origin);
        MUST(bytes_equal(buffer_bytes(&again), bytes_of(data, size)));
        book_free(mirror.book);
    }
    free(market);
    return 0;
}
