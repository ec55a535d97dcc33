/*
 * A watch finds whom a full sweep finds: the same candidates and the same skips, in the same order,
 * after every tick, whatever moves.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/risk/worlds.h"

#define RESERVES 9u
/* Upheavals wear a world out: after so many ticks another one begins. */
#define WORLDS 60u
#define TICKS 200u

static void tick(struct world *world, uint32_t step)
{
    world_prices(world, step);
    if (world_below(world, 40) == 0)
        world_upheaval(world);
    if (world_below(world, 12) == 0)
        world_position(world, (uint32_t)world_below(world, WORLD_POSITIONS));
    world->at_s += world_below(world, 15);
    world_judge(world);
}

/* Counts for the end: what a world came to. */
struct tally {
    uint64_t candidates;
    uint64_t skips;
    uint64_t touched;
};

static void life(struct tally *tally, uint32_t revision, uint64_t seed)
{
    struct world world;

    world_begin(&world, revision, RESERVES, seed);
    for (uint32_t i = 0; i < WORLD_POSITIONS; i++)
        world_position(&world, i);
    for (uint32_t step = 0; step < TICKS; step++) {
        tick(&world, step);
        world_is_as_swept(&world, step);
        tally->candidates += world.found.candidate_count;
        tally->skips += world.found.skip_count;
    }
    tally->touched += watch_counters(world.watch).touched;
    world_end(&world);
}

/* Small steps, near edges, dust, upheavals: what a sweep finds, and fewer looked at. */
Test(watch, misses_nobody_that_a_sweep_finds)
{
    static const uint32_t revisions[] = {1, 7, 9, 10};
    const uint64_t ticks = (uint64_t)TICKS * WORLDS;

    for (uint32_t i = 0; i < ARRAY_LENGTH(revisions); i++) {
        struct tally tally = {0};

        for (uint32_t world = 0; world < WORLDS; world++)
            life(&tally, revisions[i], world * 8 + i);
        cr_assert(tally.candidates > ticks && tally.skips > ticks / 10, "%lu %lu",
                  (unsigned long)tally.candidates, (unsigned long)tally.skips);
        cr_assert(tally.touched < ticks * WORLD_POSITIONS, "touched %lu of %lu",
                  (unsigned long)tally.touched, (unsigned long)(ticks * WORLD_POSITIONS));
    }
}

/* Else the test above would only show that everybody is looked at each time. */
Test(watch, looks_at_nobody_where_nobody_is_near)
{
    struct world world;
    struct watch_counters before;

    world_begin(&world, 10, RESERVES, 5);
    world.octave_min = 38; /* of dust little can be said beforehand */
    for (uint32_t i = 0; i < WORLD_POSITIONS; i++)
        world_position(&world, i);
    for (uint32_t i = 0; i < RESERVES; i++) /* collateral is worth twice what it was */
        MUST(u256_mul(&world.market->reserve[i].collateral_index.value,
                      &world.market->reserve[i].collateral_index.value, &(struct u256){{2}}));
    cr_assert(protocol_at(0)->prepare(world.market, world.at_s));
    watch_tick(&world.found, world.watch, world.market, world.book);
    before = watch_counters(world.watch);
    for (uint32_t step = 0; step < 100; step++) {
        struct u256 *price = &world.market->reserve[step % RESERVES].price.value;

        price->limb[0] -= price->limb[0] / 5000;
        world.at_s += 12;
        world_judge(&world);
        world_is_as_swept(&world, step);
        world.candidates += world.found.candidate_count; /* who is, is looked at each time */
    }
    struct watch_counters after = watch_counters(world.watch);
    cr_assert(eq(u64, after.rebuilds, before.rebuilds));
    cr_assert(after.touched - before.touched < world.candidates + 100 * WORLD_POSITIONS / 100,
              "%lu, %lu candidates", (unsigned long)(after.touched - before.touched),
              (unsigned long)world.candidates);
    world_end(&world);
}

/* A block that is taken back takes the accounts with it that came in it; their triggers are passed
 * all the same. */
Test(watch, names_nobody_who_is_gone)
{
    const struct block_ref block = {.number = 1};

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct world world;

        world_begin(&world, 10, RESERVES, seed);
        world.octave_min = 38;
        for (uint32_t i = 0; i < WORLD_POSITIONS / 8; i++)
            world_position(&world, i);
        book_checkpoint(world.book, &block);
        for (uint32_t i = WORLD_POSITIONS / 8; i < WORLD_POSITIONS; i++)
            world_position(&world, i);
        world_judge(&world);
        cr_assert(book_rewind(world.book, &block));
        for (uint32_t i = 0; i < RESERVES; i++)
            world_price(&world, i, i % 2 == 0, 5000);
        world_judge(&world);
        world_is_as_swept(&world, 1);
        for (uint32_t i = 0; i < world.found.near_count; i++)
            cr_assert(world.found.near[i] < book_count(world.book));
        world_end(&world);
    }
}
