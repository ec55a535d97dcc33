/* A run under another config asks other questions, in another order. Answers are found by the
 * question's digest; each question waits in a queue of its own kind. */
#include "keeper/replay_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

void match_init(struct match *match)
{
    memset(match, 0, sizeof(*match));
    match->free_first = TABLE_NONE;
    table_init(&match->table, MATCH_KEY_SIZE, 0);
}

void match_release(struct match *match)
{
    table_release(&match->table);
    free(match->key);
    free(match->waiting);
    memset(match, 0, sizeof(*match));
}

static struct match_key *key_of(struct match *match, const char *key)
{
    bool is_new;
    uint32_t slot = table_add(&match->table, key, &is_new);

    if (slot >= match->key_capacity) {
        match->key_capacity = match->key_capacity == 0 ? 256 : match->key_capacity * 2;
        match->key = must_realloc(match->key, match->key_capacity, sizeof(*match->key));
    }
    if (is_new)
        match->key[slot] = (struct match_key){.first = TABLE_NONE, .last = TABLE_NONE};
    return &match->key[slot];
}

void match_count(struct match *match, const char *key)
{
    key_of(match, key)->left++;
}

static uint32_t waiting_take(struct match *match)
{
    uint32_t index = match->free_first;

    if (index != TABLE_NONE) {
        match->free_first = match->waiting[index].next;
        return index;
    }
    if (match->waiting_count == match->waiting_capacity) {
        match->waiting_capacity = match->waiting_capacity == 0 ? 256 : match->waiting_capacity * 2;
        match->waiting =
            must_realloc(match->waiting, match->waiting_capacity, sizeof(*match->waiting));
    }
    return match->waiting_count++;
}

bool match_ask(struct match *match, const char *key, uint64_t id)
{
    struct match_key *known = key_of(match, key);
    uint32_t index;

    if (known->count >= known->left)
        return false;
    index = waiting_take(match);
    match->waiting[index] = (struct match_waiting){id, TABLE_NONE};
    if (known->last == TABLE_NONE)
        known->first = index;
    else
        match->waiting[known->last].next = index;
    known->last = index;
    known->count++;
    return true;
}

bool match_answer(struct match *match, const char *key, uint64_t *id)
{
    struct match_key *known = key_of(match, key);
    uint32_t index = known->first;

    if (known->left > 0)
        known->left--;
    if (index == TABLE_NONE)
        return false;
    *id = match->waiting[index].id;
    known->first = match->waiting[index].next;
    if (known->first == TABLE_NONE)
        known->last = TABLE_NONE;
    known->count--;
    match->waiting[index].next = match->free_first;
    match->free_first = index;
    return true;
}

void match_forget(struct match *match)
{
    for (uint32_t i = 0; i < match->table.count; i++) {
        match->key[i].first = TABLE_NONE;
        match->key[i].last = TABLE_NONE;
        match->key[i].count = 0;
    }
    match->waiting_count = 0;
    match->free_first = TABLE_NONE;
}
