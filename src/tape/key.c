/*
 * A replay under another config asks in another order, so its ids differ. The same question must
 * still find its answer: it is known by what it says, not by when it was asked.
 */
#include <string.h>

#include "base/hex.h"
#include "eth/keccak.h"
#include "tape/tape.h"

void tape_key(char out[17], struct bytes request_body)
{
    static const char name[] = "\"id\":";
    const size_t length = sizeof name - 1;
    BUFFER plain = {0};
    struct bytes rest = request_body;
    const uint8_t *found;
    while (rest.size > length && (found = memmem(rest.data, rest.size, name, length)) != NULL) {
        size_t behind = (size_t)(found - rest.data) + length;
        size_t digits = behind;
        while (digits < rest.size && rest.data[digits] >= '0' && rest.data[digits] <= '9')
            digits++;
        buffer_add(&plain, rest.data, behind);
        if (digits > behind)
            buffer_add_byte(&plain, '0');
        rest = bytes_slice(rest, digits, rest.size - digits);
    }
    buffer_add_bytes(&plain, rest);
    struct hash32 hash;
    keccak256(&hash, buffer_bytes(&plain));
    hex_encode(out, bytes_of(&hash, 8));
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
