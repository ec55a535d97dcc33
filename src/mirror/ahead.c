/* Hints only: nothing here changes what is read. */
#include "mirror/ahead.h"

#include "mirror/inside.h"

#define LINE_SIZE 64u

void book_ahead_record(const struct book *book, uint32_t slot)
{
    if (slot < book->accounts.count) {
        __builtin_prefetch(&book->record[slot]);
        __builtin_prefetch(table_key(&book->accounts, slot));
    }
}

void book_ahead_legs(const struct book *book, uint32_t slot)
{
    if (slot >= book->accounts.count) {
        return;
    }
    const struct record *record = &book->record[slot];
    const char *legs = (const char *)record_legs(book, record);
    const size_t size = record->leg_count * sizeof(struct leg);

    for (size_t at = 0; at < size; at += LINE_SIZE) {
        __builtin_prefetch(legs + at);
    }
}

void book_ahead(const struct book *book, const uint32_t *slot, uint32_t count, uint32_t at)
{
    if (at + AHEAD_RECORD < count) {
        book_ahead_record(book, slot[at + AHEAD_RECORD]);
    }
    if (at + AHEAD_LEGS < count) {
        book_ahead_legs(book, slot[at + AHEAD_LEGS]);
    }
}
