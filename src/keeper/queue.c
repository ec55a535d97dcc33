/* Callbacks only append, and what they append must outlive the buffer that they were handed. */
#include "keeper/queue.h"

#include <stdlib.h>
#include <string.h>

void queue_release(struct queue *queue)
{
    arena_release(&queue->arena[0]);
    arena_release(&queue->arena[1]);
    free(queue->waiting);
    free(queue->keys);
    free(queue->lent);
    free(queue->lent_keys);
    free(queue->ask);
    memset(queue, 0, sizeof(*queue));
}

static struct bytes bytes_keep(struct arena *arena, struct bytes bytes)
{
    uint8_t *copy;

    if (bytes.size == 0)
        return (struct bytes){0};
    copy = arena_take(arena, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    return bytes_of(copy, bytes.size);
}

static struct ask_key *ask_key_find(struct queue *queue, uint64_t id, bool is_sign)
{
    for (size_t i = 0; queue->ask != NULL && i < ASK_KEYS_MAX; i++) {
        struct ask_key *slot = &queue->ask[(id + i) % ASK_KEYS_MAX];

        if (slot->id == id && slot->is_sign == is_sign)
            return slot;
    }
    return NULL;
}

void queue_remember(struct queue *queue, uint64_t id, bool is_sign, const char key[ASK_KEY_SIZE])
{
    if (queue->ask == NULL)
        queue->ask = must_alloc(ASK_KEYS_MAX, sizeof(*queue->ask));
    for (size_t i = 0; i < ASK_KEYS_MAX; i++) {
        struct ask_key *slot = &queue->ask[(id + i) % ASK_KEYS_MAX];

        if (slot->id != 0)
            continue;
        slot->id = id;
        slot->is_sign = is_sign;
        memcpy(slot->key, key, ASK_KEY_SIZE);
        return;
    }
}

void queue_add(struct queue *queue, const struct observation *observation)
{
    struct arena *arena = &queue->arena[queue->side];
    bool is_sign = observation->kind == OBSERVATION_SIGNED;
    struct ask_key *asked;

    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity == 0 ? 64 : queue->capacity * 2;
        queue->waiting = must_realloc(queue->waiting, queue->capacity, sizeof(*queue->waiting));
        queue->keys = must_realloc(queue->keys, queue->capacity, sizeof(*queue->keys));
    }
    queue->waiting[queue->count] = *observation;
    queue->waiting[queue->count].key = bytes_keep(arena, observation->key);
    queue->waiting[queue->count].body = bytes_keep(arena, observation->body);
    memset(queue->keys[queue->count], 0, ASK_KEY_SIZE);
    asked = observation->id != 0 ? ask_key_find(queue, observation->id, is_sign) : NULL;
    if (asked != NULL) {
        memcpy(queue->keys[queue->count], asked->key, ASK_KEY_SIZE);
        asked->id = 0;
    }
    queue->count++;
}

size_t queue_take(struct queue *queue, struct observation **out, char (**keys)[ASK_KEY_SIZE])
{
    size_t count = queue->count;
    struct observation *lent = queue->lent;
    char(*lent_keys)[ASK_KEY_SIZE] = queue->lent_keys;
    size_t lent_capacity = queue->lent_capacity;

    *out = queue->lent = queue->waiting;
    *keys = queue->lent_keys = queue->keys;
    queue->lent_capacity = queue->capacity;
    queue->waiting = lent;
    queue->keys = lent_keys;
    queue->capacity = lent_capacity;
    queue->count = 0;
    queue->side ^= 1;
    arena_clear(&queue->arena[queue->side]);
    return count;
}
