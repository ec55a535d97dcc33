/* What the questions of a replay are, and how many: the same as the daemon's. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/keeper/recording.h"
#include "turn/state.h"

#define HEALTH_SELECTOR "bf92857c" /* getUserAccountData, the chain's own health */
#define PRICE_SELECTOR "b3596f07"  /* getAssetPrice, which each head asks for */

struct watch {
    size_t audits;
    size_t heads;  /* of them, in the reads of a head */
    size_t strays; /* audits in a trip of their own, outside the phase for them */
    size_t asks;
};

static bool names(const struct ask *ask, const char *selector)
{
    return memmem(ask->body.data, ask->body.size, selector, strlen(selector)) != NULL;
}

static void asks_look(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct watch *watch = context;
    bool is_of_head = false;

    for (uint32_t i = 0; i < actions->asks->count; i++)
        is_of_head |= names(&actions->asks->ask[i], PRICE_SELECTOR);
    for (uint32_t i = 0; i < actions->asks->count; i++) {
        watch->asks++;
        if (!names(&actions->asks->ask[i], HEALTH_SELECTOR))
            continue;
        watch->audits++;
        watch->heads += state->phase == PHASE_FOLLOW;
        watch->strays +=
            state->phase != PHASE_PARITY && (state->phase != PHASE_FOLLOW || !is_of_head);
    }
}

Test(budget, asks_for_the_health_before_trust_and_then_only_in_a_trip_that_is_made_anyway)
{
    const char *path = recording_or_skip();
    struct watch watch = {0};
    TOLD told = {.watch = asks_look, .watch_context = &watch};

    told_of(&told, path, NULL);
    cr_assert(watch.asks > 0);
    cr_assert(watch.audits > watch.heads, "the mirror was not compared before it was believed");
    cr_assert(watch.heads > 0, "the mirror was never compared with the chain afterwards");
    cr_assert(eq(sz, watch.strays, 0), "the health is read, not computed");
}

/* One head: what was asked from its first question to the moment at which it stands decided. */
struct budget {
    uint64_t head;
    uint64_t missed;
    uint64_t calls_before;
    uint64_t trips_before;
    uint64_t heads;
    uint64_t calls_most;
    uint64_t trips_most;
    uint32_t positions;
    uint64_t rounds_before;
    uint64_t round_trips;
};

static void head_weigh(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct budget *budget = context;
    uint64_t calls = state->follow.calls_asked + state->round.calls;
    uint64_t trips;

    (void)actions;
    /* what is asked in one turn is under way at once */
    budget->round_trips += state->round.calls != budget->rounds_before;
    budget->rounds_before = state->round.calls;
    trips = state->follow.trips + budget->round_trips;
    if (state->phase != PHASE_FOLLOW || !state->is_ready || state->header.number == budget->head)
        return;
    if (budget->head != 0 && state->follow.missed == budget->missed) {
        budget->heads++;
        if (calls - budget->calls_before > budget->calls_most)
            budget->calls_most = calls - budget->calls_before;
        if (trips - budget->trips_before > budget->trips_most)
            budget->trips_most = trips - budget->trips_before;
    }
    budget->head = state->header.number;
    budget->missed = state->follow.missed;
    budget->calls_before = calls;
    budget->trips_before = trips;
    budget->positions = book_count(state->tracked[0].book);
}

Test(budget, of_a_head_is_two_round_trips_and_four_calls_whatever_the_number_of_positions)
{
    const char *path = recording_or_skip();
    struct budget budget = {0};
    TOLD told = {.watch = head_weigh, .watch_context = &budget};

    told_of(&told, path, NULL);
    cr_assert(budget.heads > 5, "%lu heads", budget.heads);
    cr_assert(budget.positions > 50, "%u positions", budget.positions);
    cr_assert(le(u64, budget.trips_most, 2));
    cr_assert(le(u64, budget.calls_most, 4));
}

static size_t sockets_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(folder)) != NULL) {
        char path[300];
        char target[64] = "";

        snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
        if (readlink(path, target, sizeof(target) - 1) > 0)
            count += strncmp(target, "socket:", 7) == 0;
    }
    closedir(folder);
    return count;
}

struct sockets {
    size_t before;
    bool grew;
};

static void sockets_look(void *context, const struct turn_state *state,
                         const struct actions *actions)
{
    struct sockets *sockets = context;

    (void)actions;
    if (state->phase == PHASE_FOLLOW)
        sockets->grew |= sockets_open() > sockets->before;
}

Test(budget, of_a_replay_holds_no_socket)
{
    const char *path = recording_or_skip();
    struct sockets sockets = {.before = sockets_open()};
    TOLD told = {.watch = sockets_look, .watch_context = &sockets};

    told_of(&told, path, NULL);
    cr_assert(told.liquidations > 0);
    cr_assert(not(sockets.grew), "a replay spoke to somebody");
}
