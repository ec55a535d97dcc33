/* What the files of this room share: how a book is laid out. Nobody else includes it. */
#ifndef MIRROR_INSIDE_H
#define MIRROR_INSIDE_H

#include "mirror/bitmap.h"
#include "mirror/book.h"
#include "mirror/slab.h"
#include "mirror/undo.h"

/* Behind the flags that a position shows. */
enum record_flag {
    RECORD_WANTS_CONFIG = 16,
    RECORD_WANTS_CATEGORY = 32,
    RECORD_KNOWN = 64, /* its config has been read once: legs are what they were then */
    RECORD_OWES = 128
};

#define RECORD_SHOWN (POSITION_STALE | POSITION_UNSUPPORTED | POSITION_DRIFTED)
#define RECORD_WANTS (RECORD_WANTS_CONFIG | RECORD_WANTS_CATEGORY)
#define LEG_KNOWS (LEG_KNOWS_SUPPLIED | LEG_KNOWS_OWED)

struct record {
    uint32_t run; /* of legs; unused while there is none */
    uint8_t leg_count;
    uint8_t size_class;
    uint8_t category;
    uint8_t flags;
};

struct book {
    struct table accounts;
    struct record *record;
    uint32_t record_capacity;
    uint32_t debtors;
    struct slab slab;
    struct bitmap stale;
    struct undo undo;
    struct bitmap changed; /* since whoever watches last asked */
};

/** Its slot, new where it was not there; TABLE_NONE at BOOK_ACCOUNTS_MAX. */
uint32_t book_add(struct book *book, const struct address *account);
/** Room for so many accounts. */
void book_reserve(struct book *book, uint32_t count);
/** Lends: until the book changes. NULL: it has none. */
static inline struct leg *record_legs(const struct book *book, const struct record *record)
{
    return record->leg_count == 0 ? NULL : slab_legs(&book->slab, record->run);
}

/** NULL: no leg of that reserve. */
struct leg *record_leg(const struct book *book, const struct record *record, uint32_t reserve);
/** A new leg, with nothing known, at its place in the order. */
struct leg *record_add_leg(struct book *book, struct record *record, uint32_t reserve);
/** Is it stale, by what its flags make matter? */
void leg_settle(struct leg *leg, const struct record *record);
/** Lists the slot as stale, or takes it off the list. */
void slot_settle(struct book *book, uint32_t slot);
/** Before a known account's first change since the newest checkpoint: how it is now. */
void undo_save(struct book *book, uint32_t slot);

#endif
