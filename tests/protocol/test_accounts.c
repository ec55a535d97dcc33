/* What is read of an account, and when it is whole. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/protocol/fake_pool.h"

static const struct address alice = {{0xa1, 0x1c}};

struct scene {
    struct fake_pool fake;
    struct market *market;
    struct book *book;
};

/* Of every account: the first asset is collateral, the second (index 2) owed. */
static void scene_begin(struct scene *scene, uint64_t revision)
{
    struct header header = {.number = 1, .timestamp_s = 2000};

    fake_pool_init(&scene->fake, revision);
    scene->fake.config = u256_of(2u << 0 | 1u << 4);
    scene->market = fake_market();
    scene->book = book_new(1);
    market_begin_block(scene->market, &header);
    fake_settle(&scene->fake, scene->market, NULL);
    cr_assert(market_is_complete(scene->market));
}

static void scene_end(struct scene *scene)
{
    book_free(scene->book);
    free(scene->market);
}

static size_t round_of(struct scene *scene)
{
    return fake_round(&scene->fake, scene->market, scene->book);
}

static struct position alice_of(const struct scene *scene)
{
    return book_position(scene->book, book_find(scene->book, &alice));
}

Test(accounts, first_ask_for_config_and_then_for_what_it_names)
{
    struct scene scene;

    scene_begin(&scene, 10);
    book_touch(scene.book, &alice, 0);
    cr_expect(eq(sz, round_of(&scene), 2), "config and category");
    cr_expect(eq(sz, round_of(&scene), 2), "what is supplied of one, owed of the other");
    cr_expect(eq(sz, round_of(&scene), 0));
    cr_expect(eq(u32, book_stale_count(scene.book), 0));
    struct position position = alice_of(&scene);
    cr_assert(eq(u16, position.leg_count, 2));
    cr_expect(eq(u64, (uint64_t)position_leg(&position, 0)->supplied, 1000));
    cr_expect(eq(u64, (uint64_t)position_leg(&position, 2)->owed, 500));
    scene_end(&scene);
}

Test(accounts, that_are_known_are_whole_again_after_one_round)
{
    struct scene scene;

    scene_begin(&scene, 10);
    book_touch(scene.book, &alice, RESERVE_NONE);
    fake_settle(&scene.fake, scene.market, scene.book);
    book_touch(scene.book, &alice, 3); /* an asset that it did not hold */
    scene.fake.config = u256_of(2u << 0 | 1u << 4 | 2u << 6);
    cr_expect(eq(sz, round_of(&scene), 4), "config, category, both amounts of what was touched");
    cr_expect(eq(u32, book_stale_count(scene.book), 0));
    struct position position = alice_of(&scene);
    cr_expect(eq(u16, position.leg_count, 3));
    scene_end(&scene);
}

Test(accounts, of_whom_nothing_was_touched_ask_for_nothing)
{
    struct scene scene;

    scene_begin(&scene, 10);
    book_touch(scene.book, &alice, RESERVE_NONE);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(sz, round_of(&scene), 0));
    scene_end(&scene);
}

Test(accounts, a_category_that_somebody_enters_is_read_from_then_on)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene.fake.category = 9;
    book_touch(scene.book, &alice, RESERVE_NONE);
    round_of(&scene);
    cr_expect(not(market_is_complete(scene.market)));
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(market_is_complete(scene.market));
    cr_expect(eq(u32, scene.market->category[9].threshold_bps, 9300));
    cr_expect(eq(u64, scene.market->category[9].collateral_bitmap.limb[0], 5));
    cr_expect(eq(u8, alice_of(&scene).category, 9));
    scene_end(&scene);
}

Test(accounts, a_flag_on_a_dropped_reserve_makes_no_leg)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene.fake.config = u256_of(2u << 2 | 1u << 4); /* index 1 was dropped */
    book_touch(scene.book, &alice, RESERVE_NONE);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(u16, alice_of(&scene).leg_count, 1));
    cr_expect(eq(u32, book_stale_count(scene.book), 0));
    scene_end(&scene);
}

Test(accounts, a_stable_debt_is_not_modelled_and_said_so)
{
    struct scene scene;

    scene_begin(&scene, 1);
    book_touch(scene.book, &alice, RESERVE_NONE);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(u8, alice_of(&scene).flags, 0));
    scene.fake.stable_debt = U256_ONE;
    book_touch(scene.book, &alice, 2);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(u8, alice_of(&scene).flags, POSITION_UNSUPPORTED));
    cr_expect(eq(u32, book_stale_count(scene.book), 0));
    scene.fake.stable_debt = U256_ZERO; /* paid back: any log of the account finds that out */
    book_touch(scene.book, &alice, 0);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(u8, alice_of(&scene).flags, 0));
    scene_end(&scene);
}

Test(accounts, that_cannot_be_read_are_unsupported_and_asked_no_more)
{
    static const char *const calls[] = {"getUserConfiguration(address)", "getUserEMode(address)",
                                        "scaledBalanceOf(address)"};

    for (size_t i = 0; i < 2 * ARRAY_LENGTH(calls); i++) {
        struct scene scene;
        scene_begin(&scene, 10);
        scene.fake.broken = i % 2 == 0 ? calls[i / 2] : NULL;
        scene.fake.garbled = i % 2 != 0 ? calls[i / 2] : NULL;
        book_touch(scene.book, &alice, RESERVE_NONE);
        fake_settle(&scene.fake, scene.market, scene.book);
        cr_expect(eq(u8, alice_of(&scene).flags, POSITION_UNSUPPORTED), "%s", calls[i / 2]);
        cr_expect(eq(sz, round_of(&scene), 0), "%s", calls[i / 2]);
        scene.fake.broken = NULL;
        scene.fake.garbled = NULL;
        book_touch_all(scene.book);
        fake_settle(&scene.fake, scene.market, scene.book);
        cr_expect(eq(u8, alice_of(&scene).flags, 0), "%s, when it answers again", calls[i / 2]);
        scene_end(&scene);
    }
}

Test(accounts, a_category_out_of_bounds_is_not_modelled)
{
    struct scene scene;

    scene_begin(&scene, 10);
    scene.fake.category = CATEGORIES_MAX;
    book_touch(scene.book, &alice, RESERVE_NONE);
    fake_settle(&scene.fake, scene.market, scene.book);
    cr_expect(eq(u8, alice_of(&scene).flags, POSITION_UNSUPPORTED));
    scene_end(&scene);
}

Test(accounts, an_audit_gives_the_chains_own_health)
{
    struct scene scene;
    struct read_list reads = {0};
    struct account_fact fact;
    BUFFER data = {0};

    scene_begin(&scene, 10);
    const struct protocol *protocol = protocol_at(scene.market->protocol);
    protocol->want_audit(&reads, scene.market, &alice, 42);
    cr_assert(eq(sz, reads.count, 1));
    cr_assert(fake_answer(&data, &scene.fake, &reads.read[0]));
    cr_assert(eq(
        int, (int)protocol->accept(&fact, scene.market, &reads.read[0], true, buffer_bytes(&data)),
        READ_OK));
    cr_expect(eq(int, (int)fact.kind, ACCOUNT_FACT_HEALTH));
    cr_expect(eq(u32, fact.account, 42));
    cr_expect(eq(u64, fact.value.limb[0], 66));
    cr_assert(eq(
        int, (int)protocol->accept(&fact, scene.market, &reads.read[0], false, (struct bytes){0}),
        READ_FAILED));
    cr_expect(eq(int, (int)fact.kind, ACCOUNT_FACT_NONE), "a failed audit says nothing of it");
    read_list_release(&reads);
    scene_end(&scene);
}
