/*
 * Legs of several assets wait for values to pass their triggers. A tick must find those without
 * looking at the others, and give them new ones at once: so triggers lie in buckets by value, wide
 * enough that a list costs nothing to change, narrow enough that few are woken early.
 *
 * A bucket is the top bits of the value's own double: order is kept, and every bucket is between
 * 2^-13 and 2^-14 of its value wide.
 */
#include <stdlib.h>
#include <string.h>

#include "risk/inside.h"

#define FIRST_CAPACITY 1024u
#define MANTISSA_BITS 52
/* Steps of a walk over who is woken. */
#define AHEAD_FAR 8u
#define AHEAD_NEAR 3u

static bool is_supplied(uint32_t variable)
{
    return variable % 2 == 0;
}

/* Grows with the value. */
static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits >> (MANTISSA_BITS - BUCKET_BITS);
}

static uint32_t bucket_of(const struct watch *watch, uint32_t variable, double value)
{
    return (uint32_t)(bits_of(value) - watch->bucket_base[variable]);
}

static uint32_t trigger_take(struct watch *watch)
{
    uint32_t index = watch->trigger_free;

    if (index != WATCH_NONE) {
        watch->trigger_free = watch->trigger[index].next;
        return index;
    }
    if (watch->trigger_count == watch->trigger_capacity) {
        watch->trigger_capacity = watch->trigger_capacity == 0
                                      ? FIRST_CAPACITY
                                      : watch->trigger_capacity + watch->trigger_capacity / 4;
        watch->trigger =
            must_realloc(watch->trigger, watch->trigger_capacity, sizeof(*watch->trigger));
    }
    return watch->trigger_count++;
}

static uint32_t *bucket_head(struct watch *watch, uint32_t variable, uint32_t bucket)
{
    if (watch->bucket[variable] == NULL) {
        watch->bucket[variable] = must_alloc(BUCKETS, sizeof(uint32_t));
        memset(watch->bucket[variable], 0xff, BUCKETS * sizeof(uint32_t));
    }
    return &watch->bucket[variable][bucket];
}

static void trigger_set(struct watch *watch, uint32_t slot, uint32_t variable, uint32_t bucket)
{
    const uint32_t index = trigger_take(watch);
    uint32_t *head = bucket_head(watch, variable, bucket);

    watch->trigger[index] = (struct trigger){.next = *head,
                                             .previous = WATCH_NONE,
                                             .sibling = watch->place[slot].index,
                                             .slot = slot,
                                             .variable = (uint16_t)variable,
                                             .bucket = (uint16_t)bucket};
    if (*head != WATCH_NONE) {
        watch->trigger[*head].previous = index;
    }
    *head = index;
    watch->place[slot].index = index;
}

static void trigger_unset(struct watch *watch, uint32_t index)
{
    struct trigger *trigger = &watch->trigger[index];

    if (trigger->previous != WATCH_NONE) {
        watch->trigger[trigger->previous].next = trigger->next;
    } else {
        watch->bucket[trigger->variable][trigger->bucket] = trigger->next;
    }
    if (trigger->next != WATCH_NONE) {
        watch->trigger[trigger->next].previous = trigger->previous;
    }
    trigger->next = watch->trigger_free;
    watch->trigger_free = index;
}

void triggers_remove(struct watch *watch, uint32_t slot)
{
    uint32_t index = watch->place[slot].index;

    while (index != WATCH_NONE) {
        uint32_t sibling = watch->trigger[index].sibling;
        trigger_unset(watch, index);
        index = sibling;
    }
}

bool triggers_set(struct watch *watch, uint32_t slot, const struct edge *edge, double distance)
{
    watch->place[slot] = (struct place){.kind = WATCHED_TRIGGER, .index = WATCH_NONE};
    for (uint32_t i = 0; i < edge->leg_count; i++) {
        const uint32_t variable = edge->leg[i].variable;
        const double value = watch->value[variable];
        const double reference = watch->reference[variable];
        const bool falls = is_supplied(variable);
        const double at = falls ? value * (1 - distance) : value * (1 + distance);

        if (falls ? at <= reference / EDGE_FACTOR : at >= reference * EDGE_FACTOR) {
            continue; /* everything is made anew before that */
        }
        const uint32_t bucket = bucket_of(watch, variable, at);
        if (falls ? bucket >= watch->bucket_now[variable] : bucket <= watch->bucket_now[variable]) {
            triggers_remove(watch, slot);
            return false;
        }
        trigger_set(watch, slot, variable, bucket);
    }
    return true;
}

/* Whose links are about to be changed. */
static void neighbours_prefetch(const struct watch *watch, uint32_t index)
{
    const struct trigger *trigger = &watch->trigger[index];

    if (trigger->previous != WATCH_NONE) {
        __builtin_prefetch(&watch->trigger[trigger->previous]);
    }
    if (trigger->next != WATCH_NONE) {
        __builtin_prefetch(&watch->trigger[trigger->next]);
    }
    if (trigger->sibling != WATCH_NONE) {
        __builtin_prefetch(&watch->trigger[trigger->sibling]);
    }
}

/* Everybody of the bucket is marked as woken, which takes them off no list yet. */
static void bucket_fire(struct watch *watch, uint32_t variable, uint32_t bucket)
{
    uint32_t index = watch->bucket[variable][bucket];

    for (; index != WATCH_NONE; index = watch->trigger[index].next) {
        const uint32_t slot = watch->trigger[index].slot;

        if (watch->place[slot].kind == WATCHED_TRIGGER) {
            watch->place[slot].kind = WATCHED_FIRED;
            slot_list_add(&watch->fired, slot);
        }
    }
}

/* Without triggers from now on. They lie anywhere, so it is said early where this goes next. */
static void fired_remove(struct watch *watch)
{
    const uint32_t *slot = watch->fired.slot;

    for (uint32_t i = 0; i < watch->fired.count; i++) {
        if (i + AHEAD_FAR < watch->fired.count) {
            __builtin_prefetch(&watch->trigger[watch->place[slot[i + AHEAD_FAR]].index]);
        }
        if (i + AHEAD_NEAR < watch->fired.count) {
            neighbours_prefetch(watch, watch->place[slot[i + AHEAD_NEAR]].index);
        }
        triggers_remove(watch, slot[i]);
        watch->place[slot[i]] = (struct place){.kind = WATCHED_NOT};
    }
}

/* Those that lie between, the new one included. */
static void buckets_fire(struct watch *watch, uint32_t variable, uint32_t before, uint32_t now)
{
    while (is_supplied(variable) && before > now) {
        bucket_fire(watch, variable, --before);
    }
    while (!is_supplied(variable) && before < now) {
        bucket_fire(watch, variable, ++before);
    }
}

void triggers_pass(struct watch *watch)
{
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        if (watch->bucket[variable] != NULL && watch->reference[variable] > 0) {
            const uint32_t before = watch->bucket_now[variable];
            const uint32_t now = bucket_of(watch, variable, watch->value[variable]);

            watch->bucket_now[variable] = now;
            buckets_fire(watch, variable, before, now);
        }
    }
    fired_remove(watch);
}

void triggers_clear(struct watch *watch)
{
    watch->trigger_count = 0;
    watch->trigger_free = WATCH_NONE;
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        const double reference = watch->reference[variable];

        if (watch->bucket[variable] != NULL) {
            memset(watch->bucket[variable], 0xff, BUCKETS * sizeof(uint32_t));
        }
        if (reference > 0) {
            watch->bucket_base[variable] = bits_of(reference / EDGE_FACTOR);
            watch->bucket_now[variable] = bucket_of(watch, variable, reference);
        }
    }
}

void triggers_release(struct watch *watch)
{
    for (uint32_t variable = 0; variable < EDGE_VARIABLES; variable++) {
        free(watch->bucket[variable]);
    }
    free(watch->trigger);
}
