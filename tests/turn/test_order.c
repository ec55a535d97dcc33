/* Taking by bounds gives the order of planning everything and sorting. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#include "tests/base/random.h"
#include "turn/order.h"

#define ITEMS_MAX 300u
#define TIMES 400u

/* As few different profits as make ties, or any. */
static struct item an_item(uint64_t *state, uint32_t index)
{
    const bool is_loss = random_below(state, 4) == 0;
    struct item item = {.market = index % 3, .slot = index};

    item.plan.verdict = !is_loss && random_below(state, 2) == 0 ? VERDICT_LIQUIDATE : VERDICT_SKIP;
    item.plan.net_is_loss = is_loss;
    item.plan.net.value =
        random_below(state, 3) == 0 ? random_u256(state) : u256_of(random_below(state, 20));
    return item;
}

/* No lower than what it stands for, and often far above. */
static double a_bound(uint64_t *state, const struct item *item)
{
    const double net = u256_to_double(&item->plan.net.value);

    if (item->plan.verdict != VERDICT_LIQUIDATE)
        return random_below(state, 3) == 0 ? 1e300 : (double)random_below(state, 30) - 5;
    return net * (1 + (double)random_below(state, 1000) / 500);
}

static int by_order(const void *a, const void *b)
{
    return item_compare(a, b);
}

/* Counts the plans that were made before the first was decided on. */
static uint32_t taken_as_sorted(struct order *order, struct item *sorted, uint32_t count,
                                uint64_t *state)
{
    struct item *item = must_alloc(count, sizeof(*item));
    uint32_t planned = 0;
    uint32_t first = UINT32_MAX;
    uint32_t taken = 0;
    struct item top;

    for (uint32_t i = 0; i < count; i++) {
        item[i] = sorted[i] = an_item(state, i);
        order_open(order, &(struct item_open){.bound = a_bound(state, &item[i]), .candidate = i});
    }
    qsort(sorted, count, sizeof(*sorted), by_order);
    for (enum order_step step; (step = order_next(order)) != ORDER_DONE;) {
        if (step == ORDER_PLAN) {
            order_add(order, &item[order_take_open(order).candidate]);
            planned++;
            continue;
        }
        order_take(order, &top);
        first = first < planned ? first : planned;
        cr_assert(top.slot == sorted[taken].slot && top.market == sorted[taken].market, "%u of %u",
                  taken, count);
        taken++;
    }
    cr_assert(eq(u32, taken, count), "nobody is lost");
    free(item);
    return first;
}

Test(order, of_those_that_are_nearly_alike_need_not_wait_for_the_last_plan)
{
    struct order order = {0};
    struct item item = {.plan = {.verdict = VERDICT_LIQUIDATE, .net = {u256_of(999500)}}};

    cr_expect(not(order_is_near(&order)), "nobody is planned");
    order_open(&order, &(struct item_open){.bound = 1000000});
    order_add(&order, &item);
    cr_expect(eq(int, order_next(&order), ORDER_PLAN));
    cr_expect(order_is_near(&order));
    order_open(&order, &(struct item_open){.bound = 1001000});
    cr_expect(not(order_is_near(&order)), "one may be dearer by more than a thousandth");
    order_clear(&order);
    item.plan.verdict = VERDICT_SKIP;
    order_add(&order, &item);
    cr_expect(not(order_is_near(&order)), "a skip is no hurry");
    order_release(&order);
}

Test(order, is_that_of_planning_everything)
{
    static struct item sorted[ITEMS_MAX];
    struct order order = {0};
    uint64_t state = 9;
    uint64_t early = 0;

    for (uint32_t i = 0; i < TIMES; i++) {
        const uint32_t count = 1 + (uint32_t)random_below(&state, ITEMS_MAX - 1);

        early += taken_as_sorted(&order, sorted, count, &state) < count;
        order_clear(&order);
    }
    cr_assert(early > TIMES / 2, "the first need not wait for the last: %lu", (unsigned long)early);
    order_release(&order);
}
