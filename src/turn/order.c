/*
 * Planning ten thousand candidates takes longer than the best of them may wait. Two heaps: what is
 * still open by its bound, what is planned by its profit. A bound is never below the profit that it
 * stands for, so taking from the planned only what no bound exceeds gives the order of a full sort.
 */
#include "turn/order.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64u
/* What a double may differ from the integer it was made of. */
#define LESS (1 - 1e-12)

void order_release(struct order *order)
{
    free(order->open);
    free(order->item);
    free(order->planned);
    *order = (struct order){0};
}

void order_clear(struct order *order)
{
    order->open_count = 0;
    order->planned_count = 0;
    order->item_count = 0;
}

int item_compare(const struct item *a, const struct item *b)
{
    int order = (int)b->plan.verdict - (int)a->plan.verdict;

    if (order == 0 && a->plan.net_is_loss != b->plan.net_is_loss)
        order = a->plan.net_is_loss ? 1 : -1;
    if (order == 0)
        order = u256_compare(&b->plan.net.value, &a->plan.net.value);
    if (order == 0)
        order = (int)a->market - (int)b->market;
    if (order == 0)
        order = a->slot < b->slot ? -1 : 1;
    return order;
}

static uint32_t grown(uint32_t capacity)
{
    return capacity == 0 ? FIRST_CAPACITY : capacity * 2;
}

void order_open(struct order *order, const struct item_open *item)
{
    uint32_t at = order->open_count++;

    if (at == order->open_capacity) {
        order->open_capacity = grown(order->open_capacity);
        order->open = must_realloc(order->open, order->open_capacity, sizeof(*order->open));
    }
    for (; at > 0 && order->open[(at - 1) / 2].bound < item->bound; at = (at - 1) / 2)
        order->open[at] = order->open[(at - 1) / 2];
    order->open[at] = *item;
}

struct item_open order_take_open(struct order *order)
{
    MUST(order->open_count > 0);
    const struct item_open top = order->open[0];
    const struct item_open last = order->open[--order->open_count];
    uint32_t at = 0;

    for (uint32_t child; (child = 2 * at + 1) < order->open_count; at = child) {
        if (child + 1 < order->open_count &&
            order->open[child + 1].bound > order->open[child].bound)
            child++;
        if (order->open[child].bound <= last.bound)
            break;
        order->open[at] = order->open[child];
    }
    order->open[at] = last;
    return top;
}

static bool is_first(const struct order *order, uint32_t a, uint32_t b)
{
    return item_compare(&order->item[a], &order->item[b]) < 0;
}

void order_add(struct order *order, const struct item *item)
{
    const uint32_t index = order->item_count++;
    uint32_t at = order->planned_count++;

    if (index == order->item_capacity) {
        order->item_capacity = grown(order->item_capacity);
        order->item = must_realloc(order->item, order->item_capacity, sizeof(*order->item));
    }
    if (at == order->planned_capacity) {
        order->planned_capacity = grown(order->planned_capacity);
        order->planned =
            must_realloc(order->planned, order->planned_capacity, sizeof(*order->planned));
    }
    order->item[index] = *item;
    for (; at > 0 && is_first(order, index, order->planned[(at - 1) / 2]); at = (at - 1) / 2)
        order->planned[at] = order->planned[(at - 1) / 2];
    order->planned[at] = index;
}

void order_take(struct order *order, struct item *out)
{
    MUST(order->planned_count > 0);
    const uint32_t last = order->planned[--order->planned_count];
    uint32_t at = 0;

    *out = order->item[order->planned[0]];
    for (uint32_t child; (child = 2 * at + 1) < order->planned_count; at = child) {
        if (child + 1 < order->planned_count &&
            is_first(order, order->planned[child + 1], order->planned[child]))
            child++;
        if (!is_first(order, order->planned[child], last))
            break;
        order->planned[at] = order->planned[child];
    }
    order->planned[at] = last;
    if (order->planned_count == 0)
        order->item_count = 0;
}

enum order_step order_next(const struct order *order)
{
    if (order->open_count == 0)
        return order->planned_count == 0 ? ORDER_DONE : ORDER_DECIDE;
    if (order->planned_count == 0)
        return ORDER_PLAN;
    const struct plan *best = &order->item[order->planned[0]].plan;
    return best->verdict == VERDICT_LIQUIDATE &&
                   order->open[0].bound < u256_to_double(&best->net.value) * LESS
               ? ORDER_DECIDE
               : ORDER_PLAN;
}

bool order_is_near(const struct order *order)
{
    if (order->planned_count == 0)
        return false;
    const struct plan *best = &order->item[order->planned[0]].plan;
    return best->verdict == VERDICT_LIQUIDATE &&
           (order->open_count == 0 ||
            order->open[0].bound * ORDER_NEAR < u256_to_double(&best->net.value));
}
