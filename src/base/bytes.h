/* A view of bytes that somebody else owns, and a growing buffer that owns its own. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/must.h"

/** Borrowed: valid as long as what it points into. `data` may be NULL only where size is 0. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

/** Owned; zero-initialise, then buffer_release. Grows by doubling, never shrinks before release. */
struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

#define BUFFER __attribute__((cleanup(buffer_release))) struct buffer

void buffer_release(struct buffer *buffer);
/** Size 0, memory kept for reuse. */
void buffer_clear(struct buffer *buffer);
void buffer_reserve(struct buffer *buffer, size_t extra);
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_add_bytes(struct buffer *buffer, struct bytes bytes);
void buffer_add_byte(struct buffer *buffer, uint8_t byte);
/** Appends `size` zero bytes and lends them until the buffer next grows. */
uint8_t *buffer_extend(struct buffer *buffer, size_t size);

/** Lends: until the buffer next grows or is released. */
struct bytes buffer_bytes(const struct buffer *buffer);
struct bytes bytes_of(const void *data, size_t size);
struct bytes bytes_of_text(const char *text);
bool bytes_equal(struct bytes a, struct bytes b);
/** [offset, offset + size) of it; MUST lie within. */
struct bytes bytes_slice(struct bytes bytes, size_t offset, size_t size);

#endif
