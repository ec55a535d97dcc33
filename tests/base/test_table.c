/* Keys to slots. */
#include "base/table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/must.h"
#include "tests/base/random.h"

#define KEYS 5000

Test(table, counts_slots_in_order_of_insertion_whatever_the_seed)
{
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct table table;
        uint64_t state = 9;
        table_init(&table, 20, seed * 0x123456789abcdefu);
        for (uint32_t i = 0; i < KEYS; i++) {
            uint8_t key[20];
            bool is_new = false;
            random_fill(&state, key, sizeof key);
            cr_assert(eq(u32, table_add(&table, key, &is_new), i));
            cr_assert(is_new);
            cr_assert(eq(int, memcmp(table_key(&table, i), key, sizeof key), 0));
        }
        table_release(&table);
    }
}

Test(table, finds_each_key_and_no_other)
{
    struct table table;
    table_init(&table, 4, 42);
    for (uint32_t key = 0; key < KEYS; key += 2)
        table_add(&table, &key, NULL);
    for (uint32_t key = 0; key < KEYS; key++)
        cr_assert(eq(u32, table_find(&table, &key), key % 2 == 0 ? key / 2 : TABLE_NONE));
    table_release(&table);
}

Test(table, gives_a_key_that_is_there_its_slot_again)
{
    struct table table;
    bool is_new = true;
    table_init(&table, 3, 1);
    cr_expect(eq(u32, table_add(&table, "abc", NULL), 0));
    cr_expect(eq(u32, table_add(&table, "abd", NULL), 1));
    cr_expect(eq(u32, table_add(&table, "abc", &is_new), 0));
    cr_expect(not(is_new));
    cr_expect(eq(u32, table.count, 2));
    table_release(&table);
}

Test(table, is_empty_before_the_first_key_and_after_clear)
{
    struct table table;
    table_init(&table, 1, 1);
    cr_expect(eq(u32, table_find(&table, "a"), TABLE_NONE));
    table_add(&table, "a", NULL);
    table_clear(&table);
    cr_expect(eq(u32, table_find(&table, "a"), TABLE_NONE));
    cr_expect(eq(u32, table_add(&table, "b", NULL), 0));
    table_release(&table);
    cr_expect(eq(u32, table_find(&table, "b"), TABLE_NONE));
}

Test(table, tells_keys_of_every_size_apart)
{
    for (uint32_t size = 1; size <= 72; size++) {
        struct table table;
        uint8_t key[72] = {0};
        table_init(&table, size, size);
        uint32_t zero = table_add(&table, key, NULL);
        for (uint32_t at = 0; at < size; at++) {
            key[at] = 1;
            cr_assert(ne(u32, table_add(&table, key, NULL), zero));
            key[at] = 0;
        }
        cr_assert(eq(u32, table.count, size + 1));
        table_release(&table);
    }
}

/* Longest run of full buckets: what a search may have to walk. */
static uint32_t longest_run(const struct table *table)
{
    uint32_t longest = 0;
    uint32_t run = 0;
    for (uint32_t i = 0; i < table->bucket_count; i++) {
        run = table->buckets[i] == TABLE_NONE ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

Test(table, spreads_keys_that_differ_little)
{
    struct table table;
    table_init(&table, 20, 77);
    for (uint32_t i = 0; i < KEYS; i++) {
        uint8_t key[20] = {0};
        memcpy(key + 16, &i, 4);
        table_add(&table, key, NULL);
    }
    cr_expect(lt(u32, longest_run(&table), 64));
    table_release(&table);
}

Test(table, forgets_what_came_last_and_finds_the_rest)
{
    struct table table;

    table_init(&table, sizeof(uint64_t), 7);
    for (uint64_t key = 0; key < 1000; key++)
        (void)table_add(&table, &key, NULL);
    for (uint32_t left = 1000; left > 0; left -= 50) {
        table_truncate(&table, left);
        cr_assert_eq(table.count, left);
        for (uint64_t key = 0; key < 1000; key++)
            cr_assert_eq(table_find(&table, &key), key < left ? (uint32_t)key : TABLE_NONE);
    }
    for (uint64_t key = 2000; key < 2100; key++)
        cr_assert_eq(table_add(&table, &key, NULL), 50 + (uint32_t)(key - 2000));
    table_release(&table);
}
