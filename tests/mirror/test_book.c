/* A position is whole when all that its flags make matter is known at this block, and not before.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "mirror/book.h"

static struct address account(uint32_t number)
{
    struct address address = {{0}};

    memcpy(address.byte, &number, sizeof(number));
    return address;
}

static void apply(struct book *book, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                  uint64_t value)
{
    const struct account_fact fact = {
        .kind = kind, .account = slot, .reserve = reserve, .value = u256_of(value)};

    book_apply(book, &fact);
}

/* Bits of a config: supplied as collateral, owed. */
static uint64_t in(uint32_t reserve)
{
    return (uint64_t)2 << (2 * reserve);
}

static uint64_t from(uint32_t reserve)
{
    return (uint64_t)1 << (2 * reserve);
}

static void configure(struct book *book, uint32_t slot, uint64_t config)
{
    apply(book, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE, config);
    apply(book, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, 0);
}

/* Slot 0: 100 of reserve 1 supplied, 50 of reserve 4 owed, whole. */
static struct book *a_book(void)
{
    struct book *book = book_new(1);
    struct address alice = account(1);

    cr_assert(eq(u32, book_touch(book, &alice, RESERVE_NONE), 0));
    configure(book, 0, in(1) | from(4));
    apply(book, 0, ACCOUNT_FACT_SUPPLIED, 1, 100);
    apply(book, 0, ACCOUNT_FACT_OWED, 4, 50);
    cr_assert(eq(u32, book_stale_count(book), 0));
    return book;
}

static uint16_t flags_of(const struct book *book, uint32_t slot, uint32_t reserve)
{
    struct position position = book_position(book, slot);
    const struct leg *leg = position_leg(&position, reserve);

    return leg == NULL ? 0 : leg->flags;
}

Test(book, a_touched_stranger_is_stale_until_config_category_and_amounts_are_known)
{
    struct book *book = book_new(1);
    struct address alice = account(1);

    uint32_t slot = book_touch(book, &alice, 1);
    cr_expect(eq(u32, book_count(book), 1));
    cr_expect(eq(u32, book_find(book, &alice), slot));
    cr_expect(eq(u8, book_position(book, slot).flags, POSITION_STALE));
    cr_expect(eq(u16, book_position(book, slot).leg_count, 0), "the config comes first");
    apply(book, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE, in(1) | from(4));
    cr_expect(eq(u8, book_position(book, slot).flags, POSITION_STALE));
    apply(book, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, 2);
    cr_expect(eq(u8, book_position(book, slot).flags, 0));
    cr_expect(eq(u8, book_position(book, slot).category, 2));
    cr_expect(eq(u16, flags_of(book, slot, 1), LEG_COLLATERAL | LEG_STALE));
    cr_expect(eq(u16, flags_of(book, slot, 4), LEG_DEBT | LEG_STALE));
    apply(book, slot, ACCOUNT_FACT_SUPPLIED, 1, 7);
    cr_expect(eq(u32, book_stale_count(book), 1));
    apply(book, slot, ACCOUNT_FACT_OWED, 4, 8);
    cr_expect(eq(u32, book_stale_count(book), 0));
    cr_expect(eq(u32, book_debtors(book), 1));
    book_free(book);
}

Test(book, facts_may_come_in_any_order)
{
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};

    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++) {
        struct book *book = a_book();
        struct address alice = account(1);
        book_touch(book, &alice, 4); /* now also collateral */
        for (size_t k = 0; k < 4; k++) {
            cr_expect(eq(u32, book_stale_count(book), 1));
            if (orders[i][k] == 0)
                apply(book, 0, ACCOUNT_FACT_CONFIG, RESERVE_NONE, in(1) | in(4) | from(4));
            else if (orders[i][k] == 1)
                apply(book, 0, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, 0);
            else
                apply(book, 0, orders[i][k] == 2 ? ACCOUNT_FACT_SUPPLIED : ACCOUNT_FACT_OWED, 4, 9);
        }
        cr_expect(eq(u32, book_stale_count(book), 0), "order %zu", i);
        book_free(book);
    }
}

Test(book, a_touch_makes_old_only_what_it_names)
{
    struct book *book = a_book();
    struct address alice = account(1);

    book_touch(book, &alice, 1);
    cr_expect(ne(u16, flags_of(book, 0, 1) & LEG_STALE, 0));
    cr_expect(eq(u16, flags_of(book, 0, 4) & LEG_STALE, 0));
    cr_expect(eq(u8, book_position(book, 0).flags, POSITION_STALE));
    book_free(book);
}

Test(book, an_amount_that_became_needed_is_asked_for)
{
    struct book *book = a_book();
    struct address alice = account(1);

    book_touch(book, &alice, RESERVE_NONE);
    configure(book, 0,
              in(1) | from(1) | from(4)); /* owes of reserve 1 as well, and no log said so */
    cr_expect(ne(u16, flags_of(book, 0, 1) & LEG_STALE, 0));
    apply(book, 0, ACCOUNT_FACT_OWED, 1, 3);
    cr_expect(eq(u32, book_stale_count(book), 0));
    book_free(book);
}

Test(book, a_leg_with_neither_flag_is_dropped)
{
    struct book *book = a_book();
    struct address alice = account(1);

    book_touch(book, &alice, 4);
    configure(book, 0, in(1));
    cr_expect(eq(u16, book_position(book, 0).leg_count, 1));
    cr_expect(eq(u32, book_debtors(book), 0));
    cr_expect(eq(u32, book_stale_count(book), 0));
    apply(book, 0, ACCOUNT_FACT_OWED, 4, 3); /* the answer of the same round comes late */
    cr_expect(eq(u16, book_position(book, 0).leg_count, 1));
    book_touch(book, &alice, 1);
    configure(book, 0, 0);
    cr_expect(eq(u16, book_position(book, 0).leg_count, 0));
    cr_expect(eq(u32, book_stale_count(book), 0));
    book_free(book);
}

Test(book, legs_lie_in_order_of_reserve_up_to_the_last)
{
    struct book *book = book_new(1);
    struct address alice = account(1);
    struct account_fact all = {.kind = ACCOUNT_FACT_CONFIG, .value = U256_MAX};

    book_touch(book, &alice, RESERVE_NONE);
    book_apply(book, &all);
    struct position position = book_position(book, 0);
    cr_assert(eq(u16, position.leg_count, RESERVES_MAX));
    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        cr_assert(eq(u16, position.legs[i].reserve, (uint16_t)i));
        cr_assert(position_leg(&position, i) == &position.legs[i]);
    }
    cr_expect(position_leg(&position, RESERVES_MAX) == NULL);
    book_free(book);
}

Test(book, growing_keeps_what_is_known)
{
    struct book *book = a_book();
    struct address alice = account(1);

    for (uint32_t i = 127; i > 4; i--) {
        book_touch(book, &alice, i);
        struct account_fact config = {.kind = ACCOUNT_FACT_CONFIG};
        for (uint32_t k = i; k < 128; k++)
            config.value.limb[k / 32] |= (uint64_t)1 << (k % 32 * 2);
        config.value.limb[0] |= in(1) | from(4);
        book_apply(book, &config);
        apply(book, 0, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, 0);
        apply(book, 0, ACCOUNT_FACT_OWED, i, i);
    }
    struct position position = book_position(book, 0);
    cr_expect(eq(u32, book_stale_count(book), 0));
    cr_expect(eq(u64, (uint64_t)position_leg(&position, 1)->supplied, 100));
    for (uint32_t i = 5; i < 128; i++)
        cr_assert(eq(u64, (uint64_t)position_leg(&position, i)->owed, i));
    book_free(book);
}

Test(book, stale_slots_come_in_order)
{
    struct book *book = book_new(9);
    uint32_t cursor = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        struct address one = account(i);
        book_touch(book, &one, RESERVE_NONE);
        if (i % 7 != 0)
            configure(book, i, 0);
    }
    for (uint32_t i = 0; i < 1000; i += 7)
        cr_assert(eq(u32, book_next_stale(book, &cursor), i));
    cr_expect(eq(u32, book_next_stale(book, &cursor), TABLE_NONE));
    cr_expect(eq(u32, book_stale_count(book), 143));
    book_free(book);
}

Test(book, touching_all_makes_each_amount_old)
{
    struct book *book = a_book();

    book_touch_all(book);
    cr_expect(eq(u32, book_stale_count(book), 1));
    configure(book, 0, in(1) | from(4));
    cr_expect(eq(u32, book_stale_count(book), 1));
    apply(book, 0, ACCOUNT_FACT_SUPPLIED, 1, 1);
    apply(book, 0, ACCOUNT_FACT_OWED, 4, 1);
    cr_expect(eq(u32, book_stale_count(book), 0));
    book_free(book);
}

Test(book, what_is_not_modelled_stays_marked_until_a_log_names_it)
{
    struct book *book = a_book();
    struct address alice = account(1);

    apply(book, 0, ACCOUNT_FACT_UNSUPPORTED, 4, 0);
    cr_expect(eq(u8, book_position(book, 0).flags, 0), "of nothing there is nothing to model");
    apply(book, 0, ACCOUNT_FACT_UNSUPPORTED, 4, 1);
    cr_expect(eq(u8, book_position(book, 0).flags, POSITION_UNSUPPORTED));
    cr_expect(eq(u32, book_stale_count(book), 0), "asked no more");
    book_touch(book, &alice, 1);
    cr_expect(eq(u8, book_position(book, 0).flags, POSITION_STALE));
    cr_expect(ne(u16, flags_of(book, 0, 4) & LEG_STALE, 0), "and all of it is read again");
    book_free(book);
}

Test(book, drift_is_marked_and_cleared)
{
    struct book *book = a_book();

    book_set_drifted(book, 0, true);
    cr_expect(eq(u8, book_position(book, 0).flags, POSITION_DRIFTED));
    book_set_drifted(book, 0, false);
    cr_expect(eq(u8, book_position(book, 0).flags, 0));
    book_free(book);
}

Test(book, facts_that_are_none_change_nothing)
{
    struct book *book = a_book();

    apply(book, 0, ACCOUNT_FACT_NONE, 1, 1);
    apply(book, 0, ACCOUNT_FACT_HEALTH, 1, 1);
    struct account_fact huge = {.kind = ACCOUNT_FACT_SUPPLIED, .reserve = 1, .value = U256_MAX};
    book_apply(book, &huge);
    struct position position = book_position(book, 0);
    cr_expect(eq(u64, (uint64_t)position_leg(&position, 1)->supplied, 100));
    cr_expect(eq(u32, book_find(book, &(struct address){{9, 9, 9}}), TABLE_NONE));
    book_free(book);
}

Test(book, a_position_of_three_legs_costs_less_than_256_bytes)
{
    struct book *book = book_new(3);
    const uint32_t count = 100000;

    for (uint32_t i = 0; i < count; i++) {
        struct address one = account(i);
        book_touch(book, &one, RESERVE_NONE);
        configure(book, i, in(1) | in(2) | from(3));
    }
    cr_expect(lt(sz, book_memory(book) / count, 256), "%zu", book_memory(book) / count);
    book_free(book);
}
