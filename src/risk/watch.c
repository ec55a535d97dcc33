/*
 * A tick: bring values up to date, move whom they have passed, judge whoever may be under water.
 * Work follows what changed; that nobody is missed is held against a full sweep by a test over
 * random books and ticks.
 */
#include "risk/watch.h"

#include <stdlib.h>
#include <string.h>

#include "mirror/ahead.h"
#include "risk/inside.h"

static const struct wad one = {{{WAD_ONE_U64, 0, 0, 0}}};

struct watch *watch_new(void)
{
    struct watch *watch = must_alloc(1, sizeof(*watch));

    lines_clear(watch);
    return watch;
}

void watch_free(struct watch *watch)
{
    if (watch == NULL) {
        return;
    }
    pairs_release(watch);
    lines_release(watch);
    free(watch->place);
    free(watch->hot.slot);
    free(watch->due.slot);
    free(watch->fired.slot);
    free(watch->stack.slot);
    free(watch);
}

void watch_forget(struct watch *watch)
{
    watch->is_built = false;
}

struct watch_counters watch_counters(const struct watch *watch)
{
    return watch->counters;
}

size_t watch_memory(const struct watch *watch)
{
    size_t bytes = sizeof(*watch) + (size_t)watch->cell_capacity * sizeof(union cell) +
                   (size_t)watch->place_capacity * sizeof(struct place) +
                   ((size_t)watch->hot.capacity + watch->due.capacity + watch->fired.capacity +
                    watch->stack.capacity) *
                       sizeof(uint32_t);

    for (uint32_t i = 0; i < EDGE_VARIABLES; i++) {
        bytes += watch->trigger[i].capacity * sizeof(struct heap_entry);
    }
    for (uint32_t i = 0; i < watch->pair_count; i++) {
        bytes += watch->pair[i].heap.capacity * sizeof(struct heap_entry);
    }
    return bytes + (size_t)watch->pair_capacity * (sizeof(struct pair) + sizeof(float));
}

static void hot_add(struct watch *watch, uint32_t slot)
{
    watch->place[slot] = (struct place){.kind = WATCHED_HOT, .index = watch->hot.count};
    slot_list_add(&watch->hot, slot);
}

static void hot_remove(struct watch *watch, uint32_t slot)
{
    const uint32_t index = watch->place[slot].index;
    const uint32_t last = watch->hot.slot[--watch->hot.count];

    watch->hot.slot[index] = last;
    watch->place[last].index = index;
}

static void slot_remove(struct watch *watch, uint32_t slot)
{
    switch ((enum watch_kind)watch->place[slot].kind) {
    case WATCHED_NOT:
        return;
    case WATCHED_HOT:
        hot_remove(watch, slot);
        break;
    case WATCHED_PAIR:
        pair_remove(watch, slot);
        break;
    case WATCHED_LINE:
        line_remove(watch, watch->place[slot].index);
        break;
    }
    watch->place[slot] = (struct place){.kind = WATCHED_NOT};
}

static double line_health(const struct watch *watch, const struct edge *edge)
{
    double side[2] = {0, 0};

    for (uint32_t i = 0; i < edge->leg_count; i++) {
        const struct edge_leg *leg = &edge->leg[i];
        side[i < edge->supplied_count ? 0 : 1] += leg->weight * watch->value[leg->variable];
    }
    return side[0] / side[1] / (1 + edge_slack(watch, edge));
}

static void edge_add(struct watch *watch, uint32_t slot, const struct edge *edge)
{
    if (edge->leg_count == 2) {
        pair_add(watch, slot, edge);
    } else if (!line_set(watch, slot, edge)) {
        hot_add(watch, slot);
    }
}

static void slot_add(struct watch *watch, const struct market *market, const struct book *book,
                     uint32_t slot)
{
    const struct position position = book_position(book, slot);

    watch->counters.touched++;
    protocol_at(market->protocol)->edge(&watch->edge, market, &position, watch->value);
    switch (watch->edge.kind) {
    case EDGE_NONE:
        watch->place[slot] = (struct place){.kind = WATCHED_NOT};
        return;
    case EDGE_UNKNOWN:
        hot_add(watch, slot);
        return;
    case EDGE_LINE:
        edge_add(watch, slot, &watch->edge);
        return;
    }
}

/* Slots that are new to us, or gone: a book that was rewound has fewer. */
static void places_fit(struct watch *watch, uint32_t count)
{
    while (watch->place_count > count) {
        slot_remove(watch, --watch->place_count);
    }
    if (count > watch->place_capacity) {
        watch->place_capacity = count + count / 4 + 64;
        watch->place = must_realloc(watch->place, watch->place_capacity, sizeof(*watch->place));
    }
    while (watch->place_count < count) {
        watch->place[watch->place_count++] = (struct place){.kind = WATCHED_NOT};
    }
}

static void ratios_take(struct watch *watch)
{
    for (uint32_t i = 0; i < EDGE_VARIABLES; i++) {
        watch->ratio[i] = watch->reference[i] > 0 ? watch->value[i] / watch->reference[i] : 0;
    }
}

static void rebuild(struct watch *watch, const struct market *market, struct book *book)
{
    watch->counters.rebuilds++;
    watch->is_built = true;
    memcpy(watch->reference, watch->value, sizeof(watch->reference));
    ratios_take(watch);
    pairs_clear(watch);
    lines_clear(watch);
    watch->hot.count = 0;
    watch->place_count = 0;
    places_fit(watch, book_count(book));
    while (book_take_changed(book) != TABLE_NONE) {
        /* all are added below */
    }
    for (uint32_t slot = 0; slot < watch->place_count; slot++) {
        slot_add(watch, market, book, slot);
    }
}

/* False: lines drawn before hold no longer. */
static bool values_read(struct watch *watch, const struct market *market)
{
    const struct protocol *protocol = protocol_at(market->protocol);
    const uint64_t terms = protocol->edge_terms(market);
    bool holds = watch->is_built && terms == watch->terms;

    watch->terms = terms;
    for (uint32_t i = 0; i < EDGE_VARIABLES; i++) {
        const bool is_known = i < 2 * market->reserve_count;
        const double value = is_known ? protocol->edge_value(market, i) : 0;
        const double reference = watch->reference[i];

        holds = holds && (value > 0) == (reference > 0) && value * EDGE_FACTOR >= reference &&
                value <= reference * EDGE_FACTOR;
        watch->value[i] = value;
    }
    return holds;
}

static void changes_take(struct watch *watch, const struct market *market, struct book *book)
{
    uint32_t slot;

    while ((slot = book_take_changed(book)) != TABLE_NONE) {
        if (slot >= watch->place_count) {
            continue; /* gone with a rewind */
        }
        slot_remove(watch, slot);
        slot_add(watch, market, book, slot);
    }
}

/* Just above the edge, and moved. */
static void near_add(struct risk_sweep *out, uint32_t slot, double margin)
{
    if (margin < 1.0 / RISK_NEAR_PARTS && out->near_count < RISK_NEAR_MAX) {
        out->near[out->near_count++] = slot;
    }
}

/* From the last on: those farther from a heap's top are moved before those above them. */
static void fired_settle(struct risk_sweep *out, struct watch *watch)
{
    watch->counters.touched += watch->fired.count;
    for (uint32_t i = watch->fired.count; i-- > 0;) {
        const uint32_t first = watch->fired.slot[i];
        const uint32_t slot = watch->cell[first].line.slot;
        double margin;

        lines_ahead(watch, i);
        margin = line_settle(watch, first);
        if (margin <= 0) {
            hot_add(watch, slot);
        } else {
            near_add(out, slot, margin);
        }
    }
}

/* Whoever stands well above the edge again gets triggers. */
static void hot_cool(struct watch *watch, const struct market *market, const struct book *book)
{
    for (uint32_t i = watch->hot.count; i-- > 0;) {
        const uint32_t slot = watch->hot.slot[i];
        const struct position position = book_position(book, slot);

        if (i >= AHEAD_RECORD) { /* this walk goes down */
            book_ahead_record(book, watch->hot.slot[i - AHEAD_RECORD]);
            book_ahead_legs(book, watch->hot.slot[i - AHEAD_LEGS]);
        }
        protocol_at(market->protocol)->edge(&watch->edge, market, &position, watch->value);
        if (watch->edge.kind == EDGE_LINE &&
            line_health(watch, &watch->edge) > 1 + 2 * WATCH_NEAR) {
            hot_remove(watch, slot);
            edge_add(watch, slot, &watch->edge);
        }
    }
}

void watch_tick(struct risk_sweep *out, struct watch *watch, const struct market *market,
                struct book *book)
{
    sweep_clear(out);
    watch->counters.ticks++;
    watch->due.count = 0;
    if (!values_read(watch, market)) {
        rebuild(watch, market, book);
    } else {
        ratios_take(watch);
        places_fit(watch, book_count(book));
        hot_cool(watch, market, book); /* before those who are hot from now on */
        lines_fire(watch);
        fired_settle(out, watch);
        changes_take(watch, market, book);
    }
    for (uint32_t i = 0; i < watch->hot.count; i++) {
        slot_list_add(&watch->due, watch->hot.slot[i]);
    }
    pairs_due(watch);
    watch->counters.touched += watch->due.count;
    slot_list_sort(&watch->due, &watch->stack);
    for (uint32_t i = 0; i < watch->due.count; i++) {
        book_ahead(book, watch->due.slot, watch->due.count, i);
        sweep_judge(out, market, book, watch->due.slot[i], &one);
    }
}
