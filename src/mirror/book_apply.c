/*
 * What one answer of the chain does to one position. Legs come and go with the config, amounts
 * settle what was stale, and what cannot be held is not believed.
 */
#include <stdlib.h>

#include "mirror/inside.h"

static void record_set_owes(struct book *book, struct record *record, bool owes)
{
    bool owed = (record->flags & RECORD_OWES) != 0;

    book->debtors = book->debtors - (owed ? 1 : 0) + (owes ? 1 : 0);
    record->flags = (uint8_t)(owes ? record->flags | RECORD_OWES : record->flags & ~RECORD_OWES);
}

static unsigned config_bits(const struct u256 *config, uint32_t reserve)
{
    unsigned bits = (unsigned)(config->limb[reserve / 32] >> (reserve % 32 * 2)) & 3;

    return ((bits & 1) != 0 ? LEG_DEBT : 0u) | ((bits & 2) != 0 ? LEG_COLLATERAL : 0u);
}

/* Keeps the legs that the config still names. */
static void record_prune(struct book *book, struct record *record)
{
    struct leg *legs = record_legs(book, record);
    uint8_t kept = 0;

    for (uint32_t i = 0; i < record->leg_count; i++) {
        if ((legs[i].flags & (LEG_COLLATERAL | LEG_DEBT)) != 0) {
            legs[kept++] = legs[i];
        }
    }
    if (kept == 0 && record->leg_count != 0) {
        slab_give(&book->slab, record->run, record->size_class);
    }
    record->leg_count = kept;
}

/* A leg for each reserve that the config names and that has none. */
static void record_add_legs(struct book *book, struct record *record, const struct u256 *config)
{
    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        if (config->limb[i / 32] == 0) {
            i += 31; /* none of this word's */
        } else if (config_bits(config, i) != 0 && record_leg(book, record, i) == NULL) {
            (void)record_add_leg(book, record, i);
        }
    }
}

static void record_apply_config(struct book *book, struct record *record, const struct u256 *config)
{
    const unsigned cleared = LEG_COLLATERAL | LEG_DEBT | LEG_TOUCHED;
    bool owes = false;

    record->flags = (uint8_t)((record->flags & ~RECORD_WANTS_CONFIG) | RECORD_KNOWN);
    record_add_legs(book, record, config);
    struct leg *legs = record_legs(book, record);
    for (uint32_t i = 0; i < record->leg_count; i++) {
        unsigned bits = config_bits(config, legs[i].reserve);
        legs[i].flags = (uint16_t)((legs[i].flags & ~cleared) | bits);
        leg_settle(&legs[i], record);
        owes = owes || (bits & LEG_DEBT) != 0;
    }
    record_prune(book, record);
    record_set_owes(book, record, owes);
}

static void record_apply_amount(struct book *book, struct record *record,
                                const struct account_fact *fact)
{
    struct leg *leg = record_leg(book, record, fact->reserve);

    if (leg == NULL || !u256_fits_u128(&fact->value)) {
        return;
    }
    if (fact->kind == ACCOUNT_FACT_SUPPLIED) {
        leg->supplied = u256_to_u128(&fact->value);
        leg->flags |= LEG_KNOWS_SUPPLIED;
    } else {
        leg->owed = u256_to_u128(&fact->value);
        leg->flags |= LEG_KNOWS_OWED;
    }
    leg_settle(leg, record);
}

/* Asked no more until a log names the account again: what it holds cannot be known. */
static void record_apply_unsupported(struct book *book, struct record *record,
                                     const struct account_fact *fact)
{
    struct leg *leg = record_leg(book, record, fact->reserve);

    if (u256_is_zero(&fact->value)) {
        return;
    }
    record->flags |= POSITION_UNSUPPORTED;
    if (fact->reserve == RESERVE_NONE) {
        record->flags = (uint8_t)(record->flags & ~RECORD_WANTS);
    } else if (leg != NULL) {
        leg->flags |= LEG_KNOWS;
        leg_settle(leg, record);
    }
}

void book_apply(struct book *book, const struct account_fact *fact)
{
    MUST(fact->account < book->accounts.count);
    struct record *record = &book->record[fact->account];

    undo_save(book, fact->account);
    switch (fact->kind) {
    case ACCOUNT_FACT_NONE:
    case ACCOUNT_FACT_HEALTH:
        return;
    case ACCOUNT_FACT_CONFIG:
        record_apply_config(book, record, &fact->value);
        break;
    case ACCOUNT_FACT_CATEGORY:
        record->category = (uint8_t)fact->value.limb[0];
        record->flags = (uint8_t)(record->flags & ~RECORD_WANTS_CATEGORY);
        break;
    case ACCOUNT_FACT_SUPPLIED:
    case ACCOUNT_FACT_OWED:
        record_apply_amount(book, record, fact);
        break;
    case ACCOUNT_FACT_UNSUPPORTED:
        record_apply_unsupported(book, record, fact);
        break;
    }
    if ((record->flags & RECORD_WANTS) == 0) {
        record->flags = (uint8_t)(record->flags & ~POSITION_STALE);
    }
    slot_settle(book, fact->account);
}
