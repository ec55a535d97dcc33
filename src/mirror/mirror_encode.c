/*
 * Two keepers that know the same must write the same, though one learned it from logs over a year
 * and the other from a list this morning: so what is written goes by address, and an amount that
 * one happens to know and nobody needs is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "mirror/format.h"

/* Accounts by address, for the order in which they are written. */
struct place {
    struct address account;
    uint32_t slot;
};

static int place_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct address));
}

/* Gives: free. */
static struct place *places_sorted(const struct book *book)
{
    struct place *place = must_alloc((size_t)book->accounts.count + 1, sizeof(*place));

    for (uint32_t slot = 0; slot < book->accounts.count; slot++) {
        memcpy(&place[slot].account, table_key(&book->accounts, slot), sizeof(struct address));
        place[slot].slot = slot;
    }
    qsort(place, book->accounts.count, sizeof(*place), place_compare);
    return place;
}

static void put_number(struct buffer *out, uint64_t value, unsigned size)
{
    uint8_t byte[8];

    for (unsigned i = 0; i < size; i++) {
        byte[i] = (uint8_t)(value >> (8 * i));
    }
    buffer_add(out, byte, size);
}

static void put_amount(struct buffer *out, unsigned __int128 amount)
{
    uint8_t byte[1 + 16];
    uint8_t length = 0;

    for (; amount != 0; amount >>= 8) {
        byte[1 + length++] = (uint8_t)amount;
    }
    byte[0] = length;
    buffer_add(out, byte, (size_t)length + 1);
}

/* Of a leg that a log has named both amounts are read again, whatever is known of them; neither is
 * kept. 0: the leg is not worth keeping. */
static unsigned leg_kept(const struct leg *leg, unsigned account_flags, uint32_t reserve_count)
{
    unsigned kept = leg->flags & (LEG_COLLATERAL | LEG_DEBT);

    if (leg->reserve >= reserve_count) {
        return 0;
    }
    if ((leg->flags & LEG_TOUCHED) != 0 && (account_flags & RECORD_WANTS_CONFIG) != 0) {
        return kept | LEG_TOUCHED;
    }
    return kept | (leg->flags & leg_needs(kept));
}

/* A reserve that the market does not have (yet) cannot be kept; its account is asked again. */
static unsigned account_kept(const struct record *record, const struct leg *legs,
                             uint32_t reserve_count)
{
    unsigned kept = record->flags & MIRROR_ACCOUNT_FLAGS;

    if (record->leg_count > 0 && legs[record->leg_count - 1].reserve >= reserve_count) {
        kept |= RECORD_WANTS;
    }
    return (record->flags & POSITION_DRIFTED) != 0 ? kept | RECORD_WANTS : kept;
}

static void put_leg(struct buffer *out, const struct leg *leg, unsigned flags)
{
    put_number(out, leg->reserve, 1);
    put_number(out, flags, 1);
    if ((flags & LEG_KNOWS_SUPPLIED) != 0) {
        put_amount(out, leg->supplied);
    }
    if ((flags & LEG_KNOWS_OWED) != 0) {
        put_amount(out, leg->owed);
    }
}

static void put_account(struct buffer *out, const struct book *book, const struct place *place,
                        uint32_t reserve_count)
{
    const struct record *record = &book->record[place->slot];
    const struct leg *legs = record_legs(book, record);
    const unsigned flags = account_kept(record, legs, reserve_count);
    const unsigned doubted = (record->flags & POSITION_DRIFTED) != 0 ? LEG_KNOWS : 0u;
    uint8_t count = 0;

    buffer_add(out, &place->account, sizeof(place->account));
    put_number(out, (flags & RECORD_WANTS_CATEGORY) != 0 ? 0u : record->category, 1);
    put_number(out, flags, 1);
    put_number(out, 0, 1);
    const size_t count_at = out->size - 1;
    for (uint32_t i = 0; i < record->leg_count; i++) {
        unsigned kept = leg_kept(&legs[i], flags, reserve_count) & ~doubted;

        if (kept != 0) {
            put_leg(out, &legs[i], kept);
            count++;
        }
    }
    out->data[count_at] = count;
}

static void put_header(struct buffer *out, const struct market *market,
                       const struct mirror_origin *origin, uint32_t account_count)
{
    buffer_add(out, MIRROR_MAGIC, MIRROR_MAGIC_SIZE);
    put_number(out, MIRROR_FORMAT, 4);
    put_number(out, origin->chain_id, 8);
    put_number(out, origin->from_block, 8);
    buffer_add(out, market->name, sizeof(market->name));
    buffer_add(out, &market->root, sizeof(market->root));
    put_number(out, market->protocol, 4);
    put_number(out, market->revision, 4);
    put_number(out, market->block.number, 8);
    buffer_add(out, &market->block.hash, sizeof(market->block.hash));
    put_number(out, market->timestamp_s, 8);
    put_number(out, market->reserve_count, 4);
    put_number(out, account_count, 4);
    put_number(out, 0, 8);
}

void mirror_encode(struct buffer *out, const struct market *market, const struct book *book,
                   const struct mirror_origin *origin)
{
    const uint32_t count = book_count(book);
    struct place *place = places_sorted(book);
    const size_t start = out->size;
    BUFFER size = {0};

    put_header(out, market, origin, count);
    MUST(out->size - start == MIRROR_HEADER_SIZE);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        buffer_add(out, &market->reserve[i].asset, sizeof(struct address));
    }
    for (uint32_t i = 0; i < count; i++) {
        put_account(out, book, &place[i], market->reserve_count);
    }
    free(place);
    put_number(&size, out->size - start - MIRROR_HEADER_SIZE, 8);
    memcpy(out->data + start + MIRROR_HEADER_SIZE - 8, size.data, 8);
}
