/* A block that never was leaves nothing behind: the book stands as it did before it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "mirror/inside.h"
#include "tests/base/random.h"
#include "tests/mirror/books.h"

#define ACCOUNTS 40
#define RESERVES 12

static struct block_ref block(uint64_t number, uint8_t branch)
{
    struct block_ref ref = {.number = number};

    memset(ref.hash.byte, branch + 1, sizeof(ref.hash.byte));
    memcpy(ref.hash.byte, &number, sizeof(number));
    return ref;
}

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

/* Everything that the room shows, slot by slot, and what it lists. */
static void book_bytes(struct buffer *out, const struct book *book)
{
    uint32_t cursor = 0;
    uint32_t slot;
    uint32_t figures[] = {book_count(book), book_debtors(book), book_stale_count(book)};

    buffer_clear(out);
    buffer_add(out, figures, sizeof(figures));
    for (slot = 0; slot < book_count(book); slot++) {
        struct position position = book_position(book, slot);

        cr_assert_eq(book_find(book, &position.account), slot);
        buffer_add(out, &position.account, sizeof(position.account));
        buffer_add_byte(out, position.category);
        buffer_add_byte(out, book->record[slot].flags);
        buffer_add_byte(out, (uint8_t)position.leg_count);
        if (position.leg_count > 0)
            buffer_add(out, position.legs, position.leg_count * sizeof(struct leg));
    }
    while ((slot = book_next_stale(book, &cursor)) != TABLE_NONE)
        buffer_add(out, &slot, sizeof(slot));
}

static void random_change(struct book *book, uint64_t *random)
{
    struct address who = account((uint32_t)random_below(random, ACCOUNTS));
    uint32_t slot = book_find(book, &who);
    uint32_t reserve = (uint32_t)random_below(random, RESERVES);

    if (slot == TABLE_NONE || random_below(random, 5) == 0) {
        (void)book_touch(book, &who, random_below(random, 3) == 0 ? RESERVE_NONE : reserve);
        return;
    }
    switch (random_below(random, 6)) {
    case 0:
        apply(book, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE,
              random_u64(random) & random_u64(random) & ((1u << (2 * RESERVES)) - 1));
        return;
    case 1:
        apply(book, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, random_below(random, 4));
        return;
    case 2:
        apply(book, slot, ACCOUNT_FACT_UNSUPPORTED,
              random_below(random, 2) == 0 ? RESERVE_NONE : reserve, random_below(random, 2));
        return;
    case 3:
        book_set_drifted(book, slot, random_below(random, 2) == 0);
        return;
    case 4:
        apply(book, slot, ACCOUNT_FACT_SUPPLIED, reserve, random_u64(random));
        return;
    default:
        apply(book, slot, ACCOUNT_FACT_OWED, reserve, random_u64(random));
        return;
    }
}

Test(undo, of_any_number_of_random_steps_leaves_every_byte_as_it_was)
{
    static struct buffer stood[BOOK_CHECKPOINTS];
    struct buffer now = {0};
    struct book *book = book_new(1);
    uint64_t random = 3;
    uint64_t number = 0; /* of the newest checkpoint; the oldest kept is 64 before it */
    uint64_t oldest = 1;

    for (uint32_t step = 0; step < 4000; step++) {
        struct block_ref ref = block(++number, (uint8_t)step);

        book_checkpoint(book, &ref);
        book_bytes(&stood[number % BOOK_CHECKPOINTS], book);
        oldest = number > BOOK_UNDO_DEPTH && number - BOOK_UNDO_DEPTH > oldest
                     ? number - BOOK_UNDO_DEPTH
                     : oldest;
        for (uint64_t i = random_below(&random, 12); i > 0; i--)
            random_change(book, &random);
        if (random_below(&random, 8) != 0)
            continue;
        /* back to a random one; the branch in its hash is that of the step that made it */
        uint64_t to = number - random_below(&random, number - oldest + 1);
        struct undo_epoch *epoch =
            &book->undo.epoch[(book->undo.first + (uint32_t)(to - oldest)) % BOOK_CHECKPOINTS];
        cr_assert(eq(u64, epoch->block.number, to));
        struct block_ref target = epoch->block;
        cr_assert(book_rewind(book, &target));
        book_bytes(&now, book);
        cr_assert(bytes_equal(buffer_bytes(&now), buffer_bytes(&stood[to % BOOK_CHECKPOINTS])),
                  "step %u: back to block %lu of %lu", step, to, number);
        number = to;
    }
    for (uint32_t i = 0; i < BOOK_CHECKPOINTS; i++)
        buffer_release(&stood[i]);
    buffer_release(&now);
    book_free(book);
}

/* What a restart would find: mirrors of the same accounts are the same bytes. */
Test(undo, of_blocks_leaves_the_snapshot_as_it_was)
{
    struct market market;
    uint64_t random = 17;

    books_market(&market, RESERVES);
    for (uint32_t story = 0; story < 40; story++) {
        struct book *book = books_mixed(ACCOUNTS / 2, story);
        const struct block_ref stood = block(1000, 0);
        BUFFER before = {0};
        BUFFER after = {0};

        mirror_encode(&before, &market, book, &books_origin);
        book_checkpoint(book, &stood);
        for (uint64_t number = 1001, left = random_below(&random, 60); left > 0; left--) {
            const struct block_ref ref = block(number++, (uint8_t)story);

            for (uint64_t i = random_below(&random, 12); i > 0; i--)
                random_change(book, &random);
            book_checkpoint(book, &ref);
        }
        random_change(book, &random);
        cr_assert(book_rewind(book, &stood));
        mirror_encode(&after, &market, book, &books_origin);
        cr_assert(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)), "story %u", story);
        book_free(book);
    }
}

Test(undo, reaches_back_as_many_blocks_as_a_fork_may_take_and_no_further)
{
    struct book *book = book_new(1);
    struct address alice = account(1);

    for (uint64_t number = 1; number <= BOOK_CHECKPOINTS + 1; number++) {
        struct block_ref ref = block(number, 0);

        (void)book_touch(book, &alice, RESERVE_NONE);
        book_checkpoint(book, &ref);
    }
    cr_assert(not(book_has_checkpoint(book, &(struct block_ref){1, block(1, 0).hash})));
    cr_assert(book_has_checkpoint(book, &(struct block_ref){2, block(2, 0).hash}));
    cr_assert(not(book_rewind(book, &(struct block_ref){1, block(1, 0).hash})));
    cr_assert(book_rewind(book, &(struct block_ref){2, block(2, 0).hash}));
    book_free(book);
}

Test(undo, is_of_the_very_block_not_of_another_with_its_number)
{
    struct book *book = book_new(1);
    struct block_ref ref = block(7, 0);

    book_checkpoint(book, &ref);
    cr_assert(not(book_rewind(book, &(struct block_ref){7, block(7, 1).hash})));
    cr_assert(book_rewind(book, &ref));
    book_free(book);
}

Test(undo, makes_accounts_that_came_later_strangers_again)
{
    struct book *book = book_new(1);
    struct address alice = account(1);
    struct address bob = account(2);
    struct block_ref ref = block(7, 0);

    (void)book_touch(book, &alice, RESERVE_NONE);
    book_checkpoint(book, &ref);
    (void)book_touch(book, &bob, RESERVE_NONE);
    apply(book, 1, ACCOUNT_FACT_CONFIG, RESERVE_NONE, 5);
    cr_assert(eq(u32, book_debtors(book), 1));
    cr_assert(book_rewind(book, &ref));
    cr_assert(eq(u32, book_find(book, &bob), TABLE_NONE));
    cr_assert(eq(u32, book_find(book, &alice), 0));
    cr_assert(eq(u32, book_debtors(book), 0));
    cr_assert(eq(u32, book_touch(book, &bob, RESERVE_NONE), 1), "its slot is given out again");
    cr_assert(eq(u16, book_position(book, 1).leg_count, 0), "and nothing of it was left");
    book_free(book);
}

Test(undo, drops_the_oldest_checkpoints_where_images_reach_their_bound)
{
    struct book *book = book_new(1);
    const uint32_t accounts = 20000;
    uint64_t number = 0;

    for (uint32_t i = 0; i < accounts; i++) {
        struct address who = account(i);

        (void)book_touch(book, &who, RESERVE_NONE);
        apply(book, i, ACCOUNT_FACT_CONFIG, RESERVE_NONE, 0xffffff);
    }
    while (++number <= 20) {
        struct block_ref ref = block(number, 0);

        book_checkpoint(book, &ref);
        for (uint32_t i = 0; i < accounts; i++)
            book_set_drifted(book, i, number % 2 == 0);
        cr_assert(book->undo.bytes <= BOOK_UNDO_BYTES_MAX);
    }
    cr_assert(not(book_has_checkpoint(book, &(struct block_ref){1, block(1, 0).hash})));
    cr_assert(book_has_checkpoint(book, &(struct block_ref){20, block(20, 0).hash}));
    cr_assert(book_rewind(book, &(struct block_ref){20, block(20, 0).hash}));
    cr_assert(eq(u8, book_position(book, 5).flags & POSITION_DRIFTED, 0));
    book_free(book);
}

Test(undo, of_more_changes_than_it_may_hold_is_none)
{
    struct book *book = book_new(1);
    struct block_ref ref = block(1, 0);
    const uint32_t accounts = 160000;

    for (uint32_t i = 0; i < accounts; i++) {
        struct address who = account(i);

        (void)book_touch(book, &who, RESERVE_NONE);
        apply(book, i, ACCOUNT_FACT_CONFIG, RESERVE_NONE, 0xffffff);
    }
    book_checkpoint(book, &ref);
    for (uint32_t i = 0; i < accounts; i++)
        book_set_drifted(book, i, true);
    cr_assert(not(book_rewind(book, &ref)));
    cr_assert(eq(u64, book->undo.bytes, 0));
    book_free(book);
}

Test(undo, keeps_its_memory_for_the_next_block)
{
    struct book *book = book_new(1);
    size_t memory = 0;

    for (uint64_t number = 1; number <= 5 * BOOK_CHECKPOINTS; number++) {
        struct block_ref ref = block(number, 0);

        book_checkpoint(book, &ref);
        for (uint32_t i = 0; i < 50; i++) {
            struct address who = account(i);

            (void)book_touch(book, &who, RESERVE_NONE);
        }
        if (number == 2 * BOOK_CHECKPOINTS)
            memory = book_memory(book);
    }
    cr_assert(eq(sz, book_memory(book), memory));
    book_free(book);
}
