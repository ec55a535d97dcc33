/*
 * Months are made of heads at which nothing happens. From the node's answers to the questions that
 * follow, such a head allocates nothing: what it needs is kept and used again. What jansson makes
 * of an answer is its own and goes with it; it is counted apart and bounded.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "tests/turn/walk.h"

#define WARM_HEADS 140u
#define HEADS 60u
/* Jansson's, a head: objects, strings and tables of a header, of an empty list of logs, and of one
 * multicall's answer. */
#define PARSED_MAX 256u

/* AddressSanitizer's (sanitizer/allocator_interface.h, which not every compiler brings); not there
 * in a build without it. */
__attribute__((weak)) int
__sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                          void (*on_free)(const volatile void *));

/* A hook has no context. */
static volatile bool is_counting;
static volatile unsigned all;
static volatile unsigned parsed;
static volatile size_t last_size; /* of one that is not jansson's */
static bool is_parsing;

static void on_malloc(const volatile void *at, size_t size)
{
    (void)at;
    if (!is_counting)
        return;
    all++;
    if (!is_parsing)
        last_size = size;
}

static void on_free(const volatile void *at)
{
    (void)at;
}

static void *parsed_alloc(size_t size)
{
    void *at;

    is_parsing = true;
    parsed += is_counting;
    at = malloc(size);
    is_parsing = false;
    return at;
}

static void heads_walk(struct stage *stage, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        chain_show(stage->chain, chain_shown(stage->chain) + 1);
        for (unsigned turns = 0; turns < 400 && (turns == 0 || !stands_at_the_head(stage)); turns++)
            stage_turn(stage);
        cr_assert(stands_at_the_head(stage));
    }
}

/* Of turn() alone: the stage keeps copies. */
static const struct actions *counted_turn(struct turn_state *state, int64_t now_ms,
                                          const struct observation *observations, size_t count)
{
    const struct actions *actions;

    is_counting = true;
    actions = turn(state, now_ms, observations, count);
    is_counting = false;
    return actions;
}

Test(quiet, heads_allocate_nothing_but_what_jansson_makes_of_an_answer, .timeout = 120)
{
    struct settings settings;
    struct stage stage;

    if (__sanitizer_install_malloc_and_free_hooks == NULL)
        cr_skip_test("nothing counts in this build");
    cr_assert(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
    json_set_alloc_funcs(parsed_alloc, free);
    struct chain *chain = a_long_walk(&stage, &settings);
    chain_extend(chain, WARM_HEADS + HEADS);
    heads_walk(&stage, WARM_HEADS);
    stage.turn = counted_turn;
    heads_walk(&stage, HEADS);
    cr_assert(eq(u64, stage.state->counters.resyncs, 0));
    cr_expect(eq(uint, all - parsed, 0), "%u allocations in %u heads, the last of %zu bytes",
              all - parsed, HEADS, last_size);
    cr_expect(gt(uint, parsed, HEADS), "nothing was parsed");
    cr_expect(le(uint, parsed, HEADS * PARSED_MAX), "%u allocations a head in answers",
              parsed / HEADS);
    stage_release(&stage);
    chain_free(chain);
}
