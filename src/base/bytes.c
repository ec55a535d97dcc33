/*
 * C strings end at a NUL and arrays forget their length; chain data has NULs and lengths that a
 * stranger chose. So bytes travel with their size, and what grows owns itself.
 */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_CAPACITY 64

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

void buffer_reserve(struct buffer *buffer, size_t extra)
{
    size_t needed;
    MUST(!__builtin_add_overflow(buffer->size, extra, &needed));
    if (needed <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity == 0 ? BUFFER_FIRST_CAPACITY : buffer->capacity;
    while (capacity < needed)
        MUST(!__builtin_mul_overflow(capacity, (size_t)2, &capacity));
    buffer->data = must_realloc(buffer->data, capacity, 1);
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (size == 0)
        return;
    buffer_reserve(buffer, size);
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

void buffer_add_bytes(struct buffer *buffer, struct bytes bytes)
{
    buffer_add(buffer, bytes.data, bytes.size);
}

void buffer_add_byte(struct buffer *buffer, uint8_t byte)
{
    buffer_reserve(buffer, 1);
    buffer->data[buffer->size++] = byte;
}

uint8_t *buffer_extend(struct buffer *buffer, size_t size)
{
    buffer_reserve(buffer, size == 0 ? 1 : size);
    uint8_t *start = buffer->data + buffer->size;
    memset(start, 0, size);
    buffer->size += size;
    return start;
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->size};
}

struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){data, size};
}

struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

struct bytes bytes_slice(struct bytes bytes, size_t offset, size_t size)
{
    MUST(offset <= bytes.size && size <= bytes.size - offset);
    if (bytes.data == NULL) /* NULL + 0 is undefined in C */
        return bytes;
    return (struct bytes){bytes.data + offset, size};
}
