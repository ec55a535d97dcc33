/*
 * A chain changes its mind about its last blocks, and reading a million positions again for each
 * change of mind would take longer than the next one. So before an account first changes behind a
 * checkpoint its image is kept, and a rewind puts images back, newest epoch first.
 */
#include "mirror/undo.h"

#include <string.h>

#include "mirror/inside.h"

/* Its legs follow. */
struct image {
    uint32_t slot;
    uint8_t leg_count;
    uint8_t category;
    uint8_t flags;
    bool is_stale;
};

_Static_assert(LEGS_MAX <= UINT8_MAX, "an image counts its legs");

void undo_release(struct undo *undo)
{
    for (uint32_t i = 0; i < BOOK_CHECKPOINTS; i++) {
        buffer_release(&undo->epoch[i].images);
    }
    bitmap_release(&undo->saved);
    *undo = (struct undo){0};
}

size_t undo_memory(const struct undo *undo)
{
    return undo->bytes + bitmap_memory(&undo->saved);
}

static struct undo_epoch *epoch_at(struct undo *undo, uint32_t index)
{
    return &undo->epoch[(undo->first + index) % BOOK_CHECKPOINTS];
}

static struct undo_epoch *epoch_newest(struct undo *undo)
{
    return epoch_at(undo, undo->count - 1);
}

static void saved_clear(struct undo *undo)
{
    uint32_t slot = 0;

    while ((slot = bitmap_next(&undo->saved, slot)) != BITMAP_NONE) {
        bitmap_set(&undo->saved, slot, false);
    }
}

static void epoch_release(struct undo *undo, struct undo_epoch *epoch)
{
    undo->bytes -= epoch->images.capacity;
    buffer_release(&epoch->images);
}

/* Memory of epochs that are not in use goes first, then that of the oldest. False: nothing is left
 * to make room in. */
static bool undo_make_room(struct undo *undo, size_t wanted)
{
    for (uint32_t i = undo->count;
         i < BOOK_CHECKPOINTS && undo->bytes + wanted > BOOK_UNDO_BYTES_MAX; i++) {
        epoch_release(undo, epoch_at(undo, i));
    }
    while (undo->count > 1 && undo->bytes + wanted > BOOK_UNDO_BYTES_MAX) {
        epoch_release(undo, epoch_at(undo, 0));
        undo->first = (undo->first + 1) % BOOK_CHECKPOINTS;
        undo->count--;
    }
    return undo->bytes + wanted <= BOOK_UNDO_BYTES_MAX;
}

void undo_save(struct book *book, uint32_t slot)
{
    struct undo *undo = &book->undo;
    const struct record *record = &book->record[slot];
    const size_t legs_size = record->leg_count * sizeof(struct leg);
    struct buffer *images;

    if (undo->count == 0 || slot >= epoch_newest(undo)->accounts ||
        bitmap_has(&undo->saved, slot)) {
        return;
    }
    images = &epoch_newest(undo)->images;
    if (images->size + sizeof(struct image) + legs_size > images->capacity) {
        /* a buffer grows by doubling: at most so much more */
        const size_t more = images->capacity + 2 * (sizeof(struct image) + legs_size);
        const size_t before = images->capacity;

        if (!undo_make_room(undo, more)) {
            book_forget_checkpoints(book);
            return;
        }
        images = &epoch_newest(undo)->images;
        buffer_reserve(images, sizeof(struct image) + legs_size);
        undo->bytes += images->capacity - before;
    }
    buffer_add(images,
               &(struct image){.slot = slot,
                               .leg_count = record->leg_count,
                               .category = record->category,
                               .flags = record->flags,
                               .is_stale = bitmap_has(&book->stale, slot)},
               sizeof(struct image));
    if (legs_size > 0) {
        buffer_add(images, record_legs(book, record), legs_size);
    }
    bitmap_set(&undo->saved, slot, true);
}

void book_forget_checkpoints(struct book *book)
{
    struct undo *undo = &book->undo;

    for (uint32_t i = 0; i < BOOK_CHECKPOINTS; i++) {
        epoch_release(undo, &undo->epoch[i]);
    }
    undo->count = 0;
    saved_clear(undo);
}

static bool epoch_is_of(const struct undo_epoch *epoch, const struct block_ref *block)
{
    return epoch->block.number == block->number &&
           hash32_is_equal(&epoch->block.hash, &block->hash);
}

void book_checkpoint(struct book *book, const struct block_ref *block)
{
    struct undo *undo = &book->undo;
    struct undo_epoch *epoch;

    if (undo->count > 0 && epoch_is_of(epoch_newest(undo), block)) {
        return;
    }
    if (undo->count == BOOK_CHECKPOINTS) {
        undo->first = (undo->first + 1) % BOOK_CHECKPOINTS;
        undo->count--;
    }
    undo->count++;
    epoch = epoch_newest(undo);
    epoch->block = *block;
    epoch->accounts = book->accounts.count;
    buffer_clear(&epoch->images);
    saved_clear(undo);
}

/* How many checkpoints there are up to and with that one; 0: it is none. */
static uint32_t checkpoint_find(const struct book *book, const struct block_ref *block)
{
    const struct undo *undo = &book->undo;

    for (uint32_t i = undo->count; i > 0; i--) {
        if (epoch_is_of(&undo->epoch[(undo->first + i - 1) % BOOK_CHECKPOINTS], block)) {
            return i;
        }
    }
    return 0;
}

bool book_has_checkpoint(const struct book *book, const struct block_ref *block)
{
    return checkpoint_find(book, block) > 0;
}

static void record_set_flags(struct book *book, struct record *record, uint8_t flags)
{
    book->debtors -= (record->flags & RECORD_OWES) != 0 ? 1 : 0;
    book->debtors += (flags & RECORD_OWES) != 0 ? 1 : 0;
    record->flags = flags;
}

/* Room for that many legs, whose content is then unspecified. */
static void record_make_legs(struct book *book, struct record *record, uint8_t count)
{
    if (record->leg_count > 0 && (count == 0 || slab_capacity(record->size_class) < count)) {
        slab_give(&book->slab, record->run, record->size_class);
        record->leg_count = 0;
    }
    if (record->leg_count == 0 && count > 0) {
        record->size_class = slab_class(count);
        record->run = slab_take(&book->slab, record->size_class);
    }
    record->leg_count = count;
}

static size_t image_restore(struct book *book, struct bytes images)
{
    struct image image;

    memcpy(&image, images.data, sizeof(image));
    struct record *record = &book->record[image.slot];
    const size_t legs_size = image.leg_count * sizeof(struct leg);
    record_make_legs(book, record, image.leg_count);
    if (legs_size > 0) {
        memcpy(record_legs(book, record), images.data + sizeof(image), legs_size);
    }
    record->category = image.category;
    record_set_flags(book, record, image.flags);
    bitmap_set(&book->stale, image.slot, image.is_stale);
    bitmap_set(&book->changed, image.slot, true);
    bitmap_set(&book->changed, image.slot, true);
    return sizeof(image) + legs_size;
}

static void accounts_truncate(struct book *book, uint32_t count)
{
    for (uint32_t slot = count; slot < book->accounts.count; slot++) {
        struct record *record = &book->record[slot];
        record_make_legs(book, record, 0);
        record_set_flags(book, record, 0);
        *record = (struct record){0};
        bitmap_set(&book->stale, slot, false);
        bitmap_set(&book->changed, slot, true);
        bitmap_set(&book->changed, slot, false);
    }
    table_truncate(&book->accounts, count);
}

bool book_rewind(struct book *book, const struct block_ref *block)
{
    struct undo *undo = &book->undo;
    const uint32_t keep = checkpoint_find(book, block);

    if (keep == 0) {
        return false;
    }
    for (uint32_t i = undo->count; i >= keep; i--) {
        struct undo_epoch *epoch = epoch_at(undo, i - 1);
        size_t at = 0;
        while (at < epoch->images.size) {
            at += image_restore(
                book, bytes_slice(buffer_bytes(&epoch->images), at, epoch->images.size - at));
        }
        buffer_clear(&epoch->images);
    }
    undo->count = keep;
    accounts_truncate(book, epoch_newest(undo)->accounts);
    saved_clear(undo);
    return true;
}
