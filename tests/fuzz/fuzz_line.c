/* The lines of a recording, edited by any hand: each is refused or read, and an observation that is
 * read is written as a line which reads as the same. */
#include <string.h>

#include "tape/line.h"
#include "tape/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Escapes may stand for what no text is; written again it is the same bytes. */
static void again_check(const struct observation *is, const char key[17], struct arena *arena)
{
    struct observation again;
    char key_again[17];
    struct line line;
    TEXT text = {0};

    line_add_observation(&text, is, key);
    struct bytes bytes = text_bytes(&text);
    MUST(memchr(bytes.data, '\n', bytes.size) == bytes.data + bytes.size - 1);
    MUST(line_read(&line, bytes_slice(bytes, 0, bytes.size - 1)));
    MUST(line_observation(&again, key_again, &line, arena));
    MUST(again.kind == is->kind && again.status == is->status && again.id == is->id);
    MUST(again.endpoint == is->endpoint && again.http_status == is->http_status);
    MUST(strcmp(key_again, key) == 0);
    MUST(bytes_equal(again.key, is->key) && bytes_equal(again.body, is->body));
}

static void line_check(struct bytes text)
{
    struct arena arena = {0};
    struct tape_header header;
    struct tape_turn turn;
    struct observation observation;
    struct line line;
    char key[17];

    if (line_read(&line, text)) {
        if (line_header(&header, &line, &arena) && header.version <= TAPE_VERSION)
            MUST(header.program != NULL && header.config != NULL);
        if (line_turn(&turn, &line))
            MUST(turn.count <= TAPE_OBSERVATIONS_MAX);
        if (line_observation(&observation, key, &line, &arena))
            again_check(&observation, key, &arena);
    }
    MUST(!scan_is_value(text) || scan_is_utf8(text));
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes left = bytes_of(data, size);

    for (;;) {
        const uint8_t *end = left.size > 0 ? memchr(left.data, '\n', left.size) : NULL;
        size_t here = end != NULL ? (size_t)(end - left.data) : left.size;

        line_check(bytes_slice(left, 0, here));
        if (end == NULL)
            return 0;
        left = bytes_slice(left, here + 1, left.size - here - 1);
    }
}
