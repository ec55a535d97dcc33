/*
 * A stream of a node's texts in whatever pieces, which the first byte says: the texts end where
 * they do in one piece, and where jansson can read one, the scan told its id and its kind rightly.
 */
#include <jansson.h>
#include <string.h>

#include "base/must.h"
#include "rpc/message.h"

#define FLAGS (JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_push(const json_t *object)
{
    const json_t *method = json_object_get(object, "method");
    return json_is_string(method) && json_string_length(method) == 16 &&
           strcmp(json_string_value(method), "eth_subscription") == 0;
}

/* What jansson shows may have been written with escapes, which the scan does not follow. */
static void check(struct bytes text)
{
    struct message message;
    message_read(&message, text);
    if (text.size > 0 && memchr(text.data, '\\', text.size) != NULL)
        return;
    json_t *root = json_loadb((const char *)text.data, text.size, FLAGS, NULL);
    if (json_is_object(root)) {
        const json_t *id = json_object_get(root, "id");
        double number = json_is_real(id) ? json_real_value(id) : -1;
        MUST((message.kind == MESSAGE_PUSH) == is_push(root));
        MUST(message.kind != MESSAGE_ANSWER || json_is_real(id) || json_is_string(id));
        MUST(message.kind != MESSAGE_ANSWER || !json_is_real(id) || (double)message.id == number);
    }
    if (json_is_array(root))
        MUST(message.kind != MESSAGE_PUSH);
    json_decref(root);
}

/* Where the text that begins at `from` ends, in pieces of `piece`; size: it does not. */
static size_t end_of(enum frame_end *end, struct bytes stream, size_t from, size_t piece)
{
    struct frame frame = {0};
    size_t at = from;
    *end = FRAME_OPEN;
    while (at < stream.size && *end == FRAME_OPEN) {
        size_t part = stream.size - at < piece ? stream.size - at : piece;
        size_t used;
        *end = frame_scan(&frame, &used, bytes_slice(stream, at, part));
        MUST(used <= part && (*end != FRAME_OPEN || used == part));
        at += used;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t piece = (size_t)data[0] + 1;
    struct bytes stream = bytes_of(data + 1, size - 1);
    enum frame_end end = FRAME_WHOLE;
    for (size_t at = 0; end == FRAME_WHOLE && at < stream.size;) {
        enum frame_end whole_end;
        size_t next = end_of(&end, stream, at, piece);
        MUST(next == end_of(&whole_end, stream, at, stream.size) && end == whole_end);
        check(bytes_slice(stream, at, next - at));
        at = next;
    }
    return 0;
}
