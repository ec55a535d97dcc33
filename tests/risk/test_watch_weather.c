/*
 * More feeds and wider positions than in test_watch.c, and one kind of weather at a time, so that
 * each way in which a bound can be used up goes on for long: by many small moves of a few, by moves
 * there and back, by jumps, by nothing but interest, by what the protocol counts.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/risk/worlds.h"

#define RESERVES 24u
#define CLASS 4u /* reserves that move together */
#define WORLDS 5u
#define TICKS 250u

enum weather { WEATHER_CALM, WEATHER_TIDES, WEATHER_JUMPS, WEATHER_STILL, WEATHER_TERMS };

/* One to three feeds of a class, by 0.05 to 0.5 %, all up or all down. */
static void calm(struct world *world)
{
    const uint32_t class = (uint32_t)world_below(world, RESERVES / CLASS);
    const bool rises = world_below(world, 2) == 0;
    const uint64_t step = 500 + world_below(world, 4500);

    for (uint64_t left = 1 + world_below(world, 3); left > 0; left--)
        world_price(world, class * CLASS + (uint32_t)world_below(world, CLASS), rises, step);
}

/* A few feeds go one way for some ticks, and the same way back. */
static void tide(struct world *world, uint32_t step)
{
    if (step % 32 == 0)
        world->weather = world_below(world, 1ull << 48);
    for (uint32_t i = 0; i < 3; i++) {
        const uint32_t reserve = (uint32_t)(world->weather >> 8 * i & 0xff) % RESERVES;
        const bool rises = (world->weather >> (40 + i) & 1) != 0;

        world_price(world, reserve, rises == (step % 32 < 16),
                    100ull << (world->weather >> 24 & 7) % 7);
    }
}

/* By up to a third at once: within what everything is made anew for, mostly. */
static void jump(struct world *world)
{
    if (world_below(world, 4) == 0)
        world_price(world, (uint32_t)world_below(world, RESERVES), world_below(world, 2) == 0,
                    world_below(world, 333333));
    else
        calm(world);
}

static void terms_change(struct world *world, uint32_t step)
{
    struct reserve *reserve = &world->market->reserve[world_below(world, RESERVES)];

    if (step % 8 == 0)
        reserve->threshold_bps =
            reserve->threshold_bps - 40 + (uint32_t)world_below(world, 81); /* of ten thousand */
    if (step % 64 == 0)
        world->market->category[1].collateral_bitmap =
            u256_of(world_below(world, 1ull << RESERVES));
    calm(world);
}

static void weather_tick(struct world *world, enum weather weather, uint32_t step)
{
    switch (weather) {
    case WEATHER_CALM:
        calm(world);
        break;
    case WEATHER_TIDES:
        tide(world, step);
        break;
    case WEATHER_JUMPS:
        jump(world);
        break;
    case WEATHER_STILL: /* an hour to a day each */
        world->at_s += 3600 + world_below(world, 82800);
        break;
    case WEATHER_TERMS:
        terms_change(world, step);
        break;
    }
    if (world_below(world, 16) == 0)
        world_position(world, (uint32_t)world_below(world, WORLD_POSITIONS));
    for (size_t i = 0; i < world->found.candidate_count; i++) {
        if (world_below(world, 8) == 0) /* made anew: most are candidates to be */
            world_position(world, world->found.candidate[i].slot);
    }
    world->at_s += world_below(world, 15);
}

/* What it came to. */
struct tally {
    uint64_t candidates;
    uint64_t touched;
    uint64_t rebuilds;
};

static void weather_live(struct tally *tally, enum weather weather, uint64_t seed)
{
    static const uint32_t revisions[] = {1, 7, 9, 10};
    struct world world;

    world_begin(&world, revisions[seed % ARRAY_LENGTH(revisions)], RESERVES, seed);
    world.octave_min = 24; /* dust is in test_watch.c */
    for (uint32_t i = 0; i < WORLD_POSITIONS; i++)
        world_position(&world, i);
    for (uint32_t step = 0; step < TICKS; step++) {
        weather_tick(&world, weather, step);
        world_judge(&world);
        world_is_as_swept(&world, step);
        tally->candidates += world.found.candidate_count;
    }
    tally->touched += watch_counters(world.watch).touched;
    tally->rebuilds += watch_counters(world.watch).rebuilds;
    world_end(&world);
}

/* Of a hundred times that somebody stood above the edge, how often at most they were looked at all
 * the same: else the test would only show that everybody is. */
Test(watch_weather, misses_nobody_in_any)
{
    static const struct {
        enum weather weather;
        uint32_t touched_max;
    } row[] = {{WEATHER_CALM, 40},
               {WEATHER_TIDES, 40},
               {WEATHER_JUMPS, 40},
               {WEATHER_STILL, 40},
               {WEATHER_TERMS, 60}};
    const uint64_t judged = (uint64_t)WORLDS * TICKS * WORLD_POSITIONS;

    for (uint32_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct tally tally = {0};

        for (uint32_t world = 0; world < WORLDS; world++)
            weather_live(&tally, row[i].weather, world + 100 * i);
        cr_assert(tally.candidates > (uint64_t)WORLDS * TICKS, "%u: %lu candidates", i,
                  (unsigned long)tally.candidates);
        cr_assert(100 * (tally.touched - tally.candidates) <
                      (judged - tally.candidates) * row[i].touched_max,
                  "%u: touched %lu, candidates %lu of %lu", i, (unsigned long)tally.touched,
                  (unsigned long)tally.candidates, (unsigned long)judged);
    }
}
