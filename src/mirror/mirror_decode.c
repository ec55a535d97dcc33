/*
 * A file may be half written, of another life, or made by somebody: nothing in it is believed that
 * a book could not have said itself. What passes is whole, and encodes to the same bytes again.
 */
#include <stdlib.h>
#include <string.h>

#include "mirror/format.h"

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

static void book_free_at(struct book **book)
{
    book_free(*book);
}

/* NULL: there is not so much left. */
static const uint8_t *take(struct reader *reader, size_t size)
{
    const uint8_t *at = reader->at;

    if ((size_t)(reader->end - at) < size) {
        return NULL;
    }
    reader->at += size;
    return at;
}

static uint64_t number(struct reader *reader, unsigned size)
{
    const uint8_t *byte = take(reader, size);
    uint64_t value = 0;

    MUST(byte != NULL); /* of the header, whose size was looked at */
    for (unsigned i = size; i-- > 0;) {
        value = value << 8 | byte[i];
    }
    return value;
}

static void copy(void *out, struct reader *reader, size_t size)
{
    const uint8_t *byte = take(reader, size);

    MUST(byte != NULL);
    memcpy(out, byte, size);
}

struct header_rest {
    uint32_t account_count;
    uint64_t size; /* behind the header */
};

static enum mirror_error header_take(struct mirror *out, struct header_rest *rest,
                                     struct reader *reader, const struct market *market,
                                     const struct mirror_origin *origin)
{
    struct market is = {0};
    uint64_t from_block;

    if (number(reader, 8) != origin->chain_id) {
        return MIRROR_OF_CHAIN;
    }
    from_block = number(reader, 8);
    copy(is.name, reader, sizeof(is.name));
    copy(&is.root, reader, sizeof(is.root));
    is.protocol = (uint32_t)number(reader, 4);
    if (memcmp(is.name, market->name, sizeof(is.name)) != 0 || is.protocol != market->protocol ||
        !address_is_equal(&is.root, &market->root)) {
        return MIRROR_OF_MARKET;
    }
    if (from_block > origin->from_block) {
        return MIRROR_BEGINS_LATE;
    }
    out->revision = (uint32_t)number(reader, 4);
    out->block.number = number(reader, 8);
    copy(&out->block.hash, reader, sizeof(out->block.hash));
    out->timestamp_s = number(reader, 8);
    out->reserve_count = (uint32_t)number(reader, 4);
    rest->account_count = (uint32_t)number(reader, 4);
    rest->size = number(reader, 8);
    return out->reserve_count > RESERVES_MAX || rest->account_count > BOOK_ACCOUNTS_MAX
               ? MIRROR_TOO_MANY
               : MIRROR_OK;
}

/* Sixteen bytes; compilers make two loads of it. */
static unsigned __int128 low_first(const uint8_t *byte)
{
    uint64_t half[2] = {0, 0};

    for (unsigned i = 0; i < 8; i++) {
        half[0] |= (uint64_t)byte[i] << (8 * i);
        half[1] |= (uint64_t)byte[i + 8] << (8 * i);
    }
    return (unsigned __int128)half[1] << 64 | half[0];
}

static bool amount_take(unsigned __int128 *out, struct reader *reader)
{
    const uint8_t *length = take(reader, 1);
    const uint8_t *byte = length == NULL || *length > 16 ? NULL : take(reader, *length);

    if (byte == NULL || (*length > 0 && byte[*length - 1] == 0)) {
        return false;
    }
    if ((size_t)(reader->end - byte) >= sizeof(*out)) {
        /* what lies behind it is cut off again: a loop over bytes costs thrice as much */
        const unsigned unused = 8 * ((unsigned)sizeof(*out) - *length);
        const unsigned __int128 all = low_first(byte);

        *out = unused == 8 * sizeof(*out) ? 0 : all << unused >> unused;
        return true;
    }
    *out = 0;
    for (unsigned i = *length; i-- > 0;) {
        *out = *out << 8 | byte[i];
    }
    return true;
}

static bool leg_take(struct leg *out, struct reader *reader, const struct record *record)
{
    const uint8_t *byte = take(reader, 2);
    unsigned __int128 supplied = 0;
    unsigned __int128 owed = 0;

    if (byte == NULL) {
        return false;
    }
    const unsigned flags = byte[1];
    const bool is_touched = (flags & LEG_TOUCHED) != 0;
    const unsigned may_know = is_touched ? 0u : leg_needs(flags);
    if (flags == 0 || (flags & ~(unsigned)MIRROR_LEG_FLAGS) != 0 ||
        (flags & LEG_KNOWS & ~may_know) != 0 ||
        (is_touched && (record->flags & RECORD_WANTS_CONFIG) == 0)) {
        return false;
    }
    if (((flags & LEG_KNOWS_SUPPLIED) != 0 && !amount_take(&supplied, reader)) ||
        ((flags & LEG_KNOWS_OWED) != 0 && !amount_take(&owed, reader))) {
        return false;
    }
    *out = (struct leg){
        .supplied = supplied, .owed = owed, .reserve = byte[0], .flags = (uint16_t)flags};
    leg_settle(out, record);
    return true;
}

static bool legs_take(struct book *book, struct record *record, struct reader *reader,
                      uint32_t count, uint32_t reserve_count)
{
    struct leg *legs;

    if (count > reserve_count) {
        return false;
    }
    record->size_class = slab_class(count);
    record->run = slab_take(&book->slab, record->size_class);
    record->leg_count = (uint8_t)count;
    legs = record_legs(book, record);
    for (uint32_t i = 0; i < count; i++) {
        if (!leg_take(&legs[i], reader, record) || legs[i].reserve >= reserve_count ||
            (i > 0 && legs[i].reserve <= legs[i - 1].reserve)) {
            return false;
        }
        if ((legs[i].flags & LEG_DEBT) != 0) {
            record->flags |= RECORD_OWES;
        }
    }
    return true;
}

/* What a position of those flags can be. */
static bool account_is_sane(unsigned flags, uint8_t category, uint32_t leg_count)
{
    const bool is_known = (flags & RECORD_KNOWN) != 0;

    if ((flags & ~(unsigned)MIRROR_ACCOUNT_FLAGS) != 0 || (leg_count > 0 && !is_known)) {
        return false;
    }
    if ((flags & RECORD_WANTS_CATEGORY) != 0 && category != 0) {
        return false;
    }
    return is_known || (flags & (RECORD_WANTS_CONFIG | POSITION_UNSUPPORTED)) != 0;
}

static bool account_take(struct book *book, struct reader *reader, uint32_t reserve_count)
{
    const uint8_t *byte = take(reader, MIRROR_ACCOUNT_SIZE);
    const uint32_t slot = book_count(book);

    if (byte == NULL || (slot > 0 && memcmp(table_key(&book->accounts, slot - 1), byte, 20) >= 0) ||
        !account_is_sane(byte[21], byte[20], byte[22])) {
        return false;
    }
    MUST(table_append(&book->accounts, byte) == slot && slot < book->record_capacity);
    struct record *record = &book->record[slot];
    record->category = byte[20];
    record->flags = byte[21];
    if ((record->flags & RECORD_WANTS) != 0) {
        record->flags |= POSITION_STALE;
    }
    if (byte[22] > 0 && !legs_take(book, record, reader, byte[22], reserve_count)) {
        return false;
    }
    book->debtors += (record->flags & RECORD_OWES) != 0 ? 1 : 0;
    slot_settle(book, slot);
    return true;
}

enum mirror_error mirror_decode(struct mirror *out, struct bytes bytes, const struct market *market,
                                const struct mirror_origin *origin, uint64_t seed)
{
    struct reader reader = {bytes.data, bytes.data + bytes.size};
    struct header_rest rest = {0};
    struct mirror mirror = {0};
    CLEANUP(book_free_at) struct book *book = NULL;
    enum mirror_error error;

    if (bytes.size < MIRROR_MAGIC_SIZE + 4) {
        return MIRROR_TORN;
    }
    if (memcmp(take(&reader, MIRROR_MAGIC_SIZE), MIRROR_MAGIC, MIRROR_MAGIC_SIZE) != 0) {
        return MIRROR_NOT_ONE;
    }
    if (number(&reader, 4) != MIRROR_FORMAT) {
        return MIRROR_VERSION;
    }
    if (bytes.size < MIRROR_HEADER_SIZE) {
        return MIRROR_TORN;
    }
    error = header_take(&mirror, &rest, &reader, market, origin);
    if (error != MIRROR_OK) {
        return error;
    }
    const size_t left = (size_t)(reader.end - reader.at);
    const size_t assets = (size_t)mirror.reserve_count * sizeof(struct address);
    if (left < rest.size) {
        return MIRROR_TORN;
    }
    if (left > rest.size || left < assets + (size_t)rest.account_count * MIRROR_ACCOUNT_SIZE) {
        return MIRROR_MALFORMED;
    }
    copy(mirror.asset, &reader, assets);
    book = book_new(seed);
    book_reserve(book, rest.account_count);
    for (uint32_t i = 0; i < rest.account_count; i++) {
        if (!account_take(book, &reader, mirror.reserve_count)) {
            return MIRROR_MALFORMED;
        }
    }
    if (reader.at != reader.end) {
        return MIRROR_MALFORMED;
    }
    mirror.book = book;
    book = NULL;
    *out = mirror;
    return MIRROR_OK;
}

const char *mirror_error_text(enum mirror_error error)
{
    switch (error) {
    case MIRROR_OK:
        return "whole";
    case MIRROR_TORN:
        return "it is torn: it ends before it says it does";
    case MIRROR_NOT_ONE:
        return "it does not begin as a mirror does";
    case MIRROR_VERSION:
        return "it is of another version of the format";
    case MIRROR_OF_CHAIN:
        return "it is of another chain than chain.id";
    case MIRROR_OF_MARKET:
        return "it is of another market: name, address or protocol differ";
    case MIRROR_BEGINS_LATE:
        return "its history begins behind the from_block of the config";
    case MIRROR_TOO_MANY:
        return "it says to hold more than a mirror may";
    case MIRROR_MALFORMED:
        return "it says what no mirror says";
    case MIRROR_OF_BLOCK:
        return "it is of another block than the others with it";
    }
    return "";
}
