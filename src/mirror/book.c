/*
 * Answers about one account come one by one and in no promised order, while logs go on making it
 * old again. Each amount therefore knows whether it is of this block, and a position is whole again
 * only when all that its flags make matter is known.
 */
#include "mirror/book.h"

#include <stdlib.h>
#include <string.h>

#include "mirror/inside.h"

struct book *book_new(uint64_t seed)
{
    struct book *book = must_alloc(1, sizeof(*book));

    table_init(&book->accounts, sizeof(struct address), seed);
    slab_init(&book->slab);
    return book;
}

void book_free(struct book *book)
{
    if (book == NULL) {
        return;
    }
    table_release(&book->accounts);
    slab_release(&book->slab);
    bitmap_release(&book->stale);
    undo_release(&book->undo);
    bitmap_release(&book->changed);
    free(book->record);
    free(book);
}

uint32_t book_count(const struct book *book)
{
    return book->accounts.count;
}

uint32_t book_debtors(const struct book *book)
{
    return book->debtors;
}

size_t book_memory(const struct book *book)
{
    return sizeof(*book) + (size_t)book->accounts.capacity * sizeof(struct address) +
           (size_t)book->accounts.bucket_count * sizeof(uint32_t) +
           (size_t)book->record_capacity * sizeof(struct record) + slab_memory(&book->slab) +
           bitmap_memory(&book->stale) + bitmap_memory(&book->changed) + undo_memory(&book->undo);
}

struct position book_position(const struct book *book, uint32_t slot)
{
    MUST(slot < book->accounts.count);
    const struct record *record = &book->record[slot];
    struct position position = {.category = record->category,
                                .flags = record->flags & RECORD_SHOWN,
                                .leg_count = record->leg_count,
                                .legs = record_legs(book, record)};

    memcpy(&position.account, table_key(&book->accounts, slot), sizeof(position.account));
    return position;
}

uint32_t book_find(const struct book *book, const struct address *account)
{
    return table_find(&book->accounts, account);
}

/* Where the leg of that reserve lies, or where it would. */
static uint32_t legs_place(const struct leg *legs, uint32_t count, uint32_t reserve)
{
    uint32_t place = 0;

    while (place < count && legs[place].reserve < reserve) {
        place++;
    }
    return place;
}

struct leg *record_leg(const struct book *book, const struct record *record, uint32_t reserve)
{
    struct leg *legs = record_legs(book, record);
    uint32_t place = legs_place(legs, record->leg_count, reserve);

    return place < record->leg_count && legs[place].reserve == reserve ? &legs[place] : NULL;
}

struct leg *record_add_leg(struct book *book, struct record *record, uint32_t reserve)
{
    uint32_t count = record->leg_count;

    if (count == 0) {
        record->size_class = slab_class(1);
        record->run = slab_take(&book->slab, record->size_class);
    } else if (count == slab_capacity(record->size_class)) {
        uint8_t size_class = slab_class(count + 1);
        uint32_t run = slab_take(&book->slab, size_class);
        memcpy(slab_legs(&book->slab, run), slab_legs(&book->slab, record->run),
               count * sizeof(struct leg));
        slab_give(&book->slab, record->run, record->size_class);
        record->size_class = size_class;
        record->run = run;
    }
    struct leg *legs = slab_legs(&book->slab, record->run);
    uint32_t place = legs_place(legs, count, reserve);
    memmove(&legs[place + 1], &legs[place], (count - place) * sizeof(struct leg));
    legs[place] = (struct leg){.reserve = (uint16_t)reserve};
    record->leg_count++;
    return &legs[place];
}

/* Of a leg that a log has named both amounts matter until the config is known again, because it may
 * be about to become collateral or debt. */
void leg_settle(struct leg *leg, const struct record *record)
{
    unsigned needs = ((leg->flags & LEG_COLLATERAL) != 0 ? LEG_KNOWS_SUPPLIED : 0u) |
                     ((leg->flags & LEG_DEBT) != 0 ? LEG_KNOWS_OWED : 0u);

    if ((leg->flags & LEG_TOUCHED) != 0) {
        needs = (record->flags & RECORD_WANTS_CONFIG) != 0 ? LEG_KNOWS : needs;
    }
    bool is_stale = (leg->flags & needs) != needs;
    leg->flags = (uint16_t)(is_stale ? leg->flags | LEG_STALE : leg->flags & ~LEG_STALE);
}

static void leg_forget(struct leg *leg, const struct record *record)
{
    leg->flags = (uint16_t)(leg->flags & ~LEG_KNOWS);
    leg_settle(leg, record);
}

void slot_settle(struct book *book, uint32_t slot)
{
    const struct record *record = &book->record[slot];
    const struct leg *legs = record_legs(book, record);
    bool is_stale = (record->flags & POSITION_STALE) != 0;

    for (uint32_t i = 0; i < record->leg_count; i++) {
        is_stale = is_stale || (legs[i].flags & LEG_STALE) != 0;
    }
    bitmap_set(&book->stale, slot, is_stale);
    bitmap_set(&book->changed, slot, true);
}

/* What it holds that we do not model may be gone now: all of it is read again. */
static void record_touch(struct book *book, struct record *record)
{
    struct leg *legs = record_legs(book, record);
    bool was_unsupported = (record->flags & POSITION_UNSUPPORTED) != 0;

    record->flags =
        (uint8_t)((record->flags & ~POSITION_UNSUPPORTED) | POSITION_STALE | RECORD_WANTS);
    for (uint32_t i = 0; was_unsupported && i < record->leg_count; i++) {
        leg_forget(&legs[i], record);
    }
}

static void records_fit(struct book *book, uint32_t capacity)
{
    book->record = must_realloc(book->record, capacity, sizeof(*book->record));
    memset(book->record + book->record_capacity, 0,
           (capacity - book->record_capacity) * sizeof(*book->record));
    book->record_capacity = capacity;
}

uint32_t book_add(struct book *book, const struct address *account)
{
    if (book->accounts.count >= BOOK_ACCOUNTS_MAX) {
        return table_find(&book->accounts, account);
    }
    uint32_t slot = table_add(&book->accounts, account, NULL);
    if (slot >= book->record_capacity) {
        records_fit(book, book->record_capacity + book->record_capacity / 2 + 1024);
    }
    return slot;
}

void book_reserve(struct book *book, uint32_t count)
{
    table_reserve(&book->accounts, count);
    if (count > book->record_capacity) {
        records_fit(book, count);
    }
}

uint32_t book_touch(struct book *book, const struct address *account, uint32_t reserve)
{
    uint32_t slot = book_add(book, account);

    if (slot == TABLE_NONE) {
        return TABLE_NONE;
    }
    undo_save(book, slot);
    struct record *record = &book->record[slot];
    record_touch(book, record);
    /* of an account that was never read the config says first which legs there are at all */
    if (reserve < RESERVES_MAX && (record->flags & RECORD_KNOWN) != 0) {
        struct leg *leg = record_leg(book, record, reserve);
        leg = leg != NULL ? leg : record_add_leg(book, record, reserve);
        leg->flags |= LEG_TOUCHED;
        leg_forget(leg, record);
    }
    bitmap_set(&book->stale, slot, true);
    bitmap_set(&book->changed, slot, true);
    return slot;
}

static void slot_touch_whole(struct book *book, uint32_t slot)
{
    struct record *record = &book->record[slot];
    struct leg *legs = record_legs(book, record);

    record_touch(book, record);
    for (uint32_t i = 0; i < record->leg_count; i++) {
        leg_forget(&legs[i], record);
    }
    bitmap_set(&book->stale, slot, true);
    bitmap_set(&book->changed, slot, true);
}

void book_touch_whole(struct book *book, uint32_t slot)
{
    MUST(slot < book->accounts.count);
    undo_save(book, slot);
    slot_touch_whole(book, slot);
}

void book_touch_all(struct book *book)
{
    book_forget_checkpoints(book);
    for (uint32_t slot = 0; slot < book->accounts.count; slot++) {
        slot_touch_whole(book, slot);
    }
}

uint32_t book_next_stale(const struct book *book, uint32_t *cursor)
{
    uint32_t slot = bitmap_next(&book->stale, *cursor);

    if (slot == BITMAP_NONE) {
        return TABLE_NONE;
    }
    *cursor = slot + 1;
    return slot;
}

uint32_t book_take_changed(struct book *book)
{
    uint32_t slot = bitmap_next(&book->changed, 0);

    if (slot == BITMAP_NONE) {
        return TABLE_NONE;
    }
    bitmap_set(&book->changed, slot, false);
    return slot;
}

uint32_t book_stale_count(const struct book *book)
{
    return book->stale.count;
}

void book_set_drifted(struct book *book, uint32_t slot, bool drifted)
{
    MUST(slot < book->accounts.count);
    struct record *record = &book->record[slot];

    undo_save(book, slot);
    record->flags =
        (uint8_t)(drifted ? record->flags | POSITION_DRIFTED : record->flags & ~POSITION_DRIFTED);
    bitmap_set(&book->changed, slot, true);
}
