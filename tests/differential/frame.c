/*
 * A fault that is planted in the arithmetic shall be seen without a chain: what the sound program
 * stood on is kept, byte for byte, and judged again by the other.
 */
#include "tests/differential/frame.h"

#include <stdlib.h>

static void put(FILE *file, const void *bytes, size_t size)
{
    MUST(size == 0 || fwrite(bytes, size, 1, file) == 1);
}

static void get(FILE *file, void *bytes, size_t size)
{
    MUST(size == 0 || fread(bytes, size, 1, file) == 1);
}

void frame_release(struct frame *frame)
{
    free(frame->position);
    free(frame->legs);
    *frame = (struct frame){0};
}

void frame_take(struct frame *out, const struct tracked *tracked)
{
    frame_release(out);
    out->market = tracked->market;
    out->count = book_count(tracked->book);
    out->position = must_alloc(out->count + 1, sizeof(*out->position));
    for (uint32_t i = 0; i < out->count; i++) {
        out->position[i] = book_position(tracked->book, i);
    }
}

void frame_write(FILE *file, const struct frame *frame)
{
    uint32_t leg_count = 0;

    for (uint32_t i = 0; i < frame->count; i++) {
        leg_count += frame->position[i].leg_count;
    }
    put(file, &frame->market, sizeof(frame->market));
    put(file, &frame->count, sizeof(frame->count));
    put(file, &leg_count, sizeof(leg_count));
    put(file, frame->position, frame->count * sizeof(*frame->position));
    for (uint32_t i = 0; i < frame->count; i++) {
        put(file, frame->position[i].legs, frame->position[i].leg_count * sizeof(struct leg));
    }
}

bool frame_read(struct frame *out, FILE *file)
{
    uint32_t leg_count;
    uint32_t at = 0;

    frame_release(out);
    if (fread(&out->market, sizeof(out->market), 1, file) != 1) {
        return false;
    }
    get(file, &out->count, sizeof(out->count));
    get(file, &leg_count, sizeof(leg_count));
    out->position = must_alloc(out->count + 1, sizeof(*out->position));
    out->legs = must_alloc(leg_count + 1, sizeof(*out->legs));
    get(file, out->position, out->count * sizeof(*out->position));
    get(file, out->legs, leg_count * sizeof(*out->legs));
    for (uint32_t i = 0; i < out->count; i++) {
        out->position[i].legs = out->legs + at;
        at += out->position[i].leg_count;
    }
    return true;
}
