/*
 * A replay under another config asks in another order, so its ids differ. The same question must
 * still find its answer: it is known by what it says, not by when it was asked.
 */
#include <string.h>

#include <xxhash.h>

#include "base/hex.h"
#include "eth/keccak.h"
#include "tape/tape.h"

#define DIGEST_SIZE 8u
/* The last whose digests are of keccak. */
#define VERSION_KECCAK 1u

/* Every "id":N becomes "id":0. */
static void add_without_ids(struct buffer *out, struct bytes body)
{
    static const char name[] = "id\":";
    const size_t length = sizeof name - 1;
    size_t copied = 0;
    size_t at = 0;
    const uint8_t *quote;
    while (at < body.size && (quote = memchr(body.data + at, '"', body.size - at)) != NULL) {
        at = (size_t)(quote - body.data) + 1;
        if (body.size - at < length || memcmp(body.data + at, name, length) != 0)
            continue;
        at += length;
        buffer_add_bytes(out, bytes_slice(body, copied, at - copied));
        copied = at;
        while (at < body.size && body.data[at] >= '0' && body.data[at] <= '9')
            at++;
        if (at > copied)
            buffer_add_byte(out, '0');
        copied = at;
    }
    buffer_add_bytes(out, bytes_slice(body, copied, body.size - copied));
}

void tape_key(char out[17], struct buffer *plain, uint64_t version, struct bytes request_body)
{
    buffer_clear(plain);
    add_without_ids(plain, request_body);
    if (version <= VERSION_KECCAK) {
        struct hash32 hash;
        keccak256(&hash, buffer_bytes(plain));
        hex_encode(out, bytes_of(&hash, DIGEST_SIZE));
    } else {
        /* who records is who replays: nobody gains by two questions of one digest */
        XXH64_canonical_t hash;
        XXH64_canonicalFromHash(&hash, XXH3_64bits(plain->data, plain->size));
        hex_encode(out, bytes_of(hash.digest, DIGEST_SIZE));
    }
}

const char *tape_error_text(enum tape_error error)
{
    switch (error) {
    case TAPE_OK:
        return "no error";
    case TAPE_END:
        return "the recording ends here";
    case TAPE_TORN:
        return "the recording is cut off in the middle of its last turn";
    case TAPE_FOREIGN:
        return "this is no recording";
    case TAPE_NEWER:
        return "the recording was written by a newer version of this program";
    case TAPE_WRONG_CHAIN:
        return "the recording is of another chain";
    case TAPE_CANNOT_OPEN:
        return "the recording cannot be opened";
    case TAPE_FULL:
        return "the disk takes no more of the recording";
    case TAPE_CORRUPT:
        return "the recording is damaged";
    }
    must_fail("no tape_error", __FILE__, __LINE__);
}
