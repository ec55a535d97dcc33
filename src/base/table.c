/*
 * A million accounts by address, found in a few nanoseconds, and no stranger may slow it down by
 * choosing addresses that collide: SipHash-1-3 under a seed. Buckets hold slots and slots count in
 * order of insertion, so nothing that is decided ever depends on the seed.
 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

#define TABLE_BUCKETS_MIN 16u
/* Buckets are kept at most half full: linear probing stays short. */
#define TABLE_BUCKETS_PER_SLOT 2u
#define TABLE_COUNT_MAX 0x40000000u

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint64_t table_hash(const struct table *table, const uint8_t *key)
{
    uint64_t k0 = table->seed;
    uint64_t k1 = rotate(table->seed, 32) ^ 0x9e3779b97f4a7c15u;
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    size_t size = table->key_size;
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, key + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)size << 56;
    memcpy(&last, key + at, size - at);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The bucket that holds the key, or the empty one where it would go. */
static uint32_t table_bucket(const struct table *table, const void *key)
{
    uint32_t mask = table->bucket_count - 1;
    uint32_t bucket = (uint32_t)table_hash(table, key) & mask;
    while (table->buckets[bucket] != TABLE_NONE) {
        const uint8_t *there = table->keys + (size_t)table->buckets[bucket] * table->key_size;
        if (memcmp(there, key, table->key_size) == 0)
            break;
        bucket = (bucket + 1) & mask;
    }
    return bucket;
}

/* Where a key goes that is not in it. */
static uint32_t table_empty(const struct table *table, const void *key)
{
    uint32_t mask = table->bucket_count - 1;
    uint32_t bucket = (uint32_t)table_hash(table, key) & mask;
    while (table->buckets[bucket] != TABLE_NONE)
        bucket = (bucket + 1) & mask;
    return bucket;
}

static void table_rehash(struct table *table, uint32_t bucket_count)
{
    table->buckets = must_realloc(table->buckets, bucket_count, sizeof *table->buckets);
    table->bucket_count = bucket_count;
    for (uint32_t i = 0; i < bucket_count; i++)
        table->buckets[i] = TABLE_NONE;
    for (uint32_t slot = 0; slot < table->count; slot++)
        table->buckets[table_empty(table, table_key(table, slot))] = slot;
}

void table_init(struct table *table, uint32_t key_size, uint64_t seed)
{
    MUST(key_size > 0);
    *table = (struct table){.key_size = key_size, .seed = seed};
}

void table_release(struct table *table)
{
    free(table->keys);
    free(table->buckets);
    *table = (struct table){.key_size = table->key_size, .seed = table->seed};
}

void table_clear(struct table *table)
{
    table->count = 0;
    for (uint32_t i = 0; i < table->bucket_count; i++)
        table->buckets[i] = TABLE_NONE;
}

uint32_t table_find(const struct table *table, const void *key)
{
    if (table->bucket_count == 0)
        return TABLE_NONE;
    return table->buckets[table_bucket(table, key)];
}

static void table_grow(struct table *table)
{
    MUST(table->count < TABLE_COUNT_MAX);
    if (table->count == table->capacity) {
        table->capacity =
            table->capacity == 0 ? TABLE_BUCKETS_MIN / TABLE_BUCKETS_PER_SLOT : table->capacity * 2;
        table->keys = must_realloc(table->keys, table->capacity, table->key_size);
    }
    if (table->bucket_count / TABLE_BUCKETS_PER_SLOT <= table->count)
        table_rehash(table, table->bucket_count == 0 ? TABLE_BUCKETS_MIN : table->bucket_count * 2);
}

/* At the end of the keys, and in that bucket, which is empty. */
static uint32_t table_put(struct table *table, const void *key, uint32_t bucket)
{
    uint32_t slot = table->count++;

    memcpy(table->keys + (size_t)slot * table->key_size, key, table->key_size);
    table->buckets[bucket] = slot;
    return slot;
}

uint32_t table_add(struct table *table, const void *key, bool *is_new)
{
    uint32_t bucket = table->bucket_count == 0 ? 0 : table_bucket(table, key);
    uint32_t slot = table->bucket_count == 0 ? TABLE_NONE : table->buckets[bucket];
    const uint32_t bucket_count = table->bucket_count;

    if (is_new != NULL)
        *is_new = slot == TABLE_NONE;
    if (slot != TABLE_NONE)
        return slot;
    table_grow(table);
    if (table->bucket_count != bucket_count)
        bucket = table_bucket(table, key);
    return table_put(table, key, bucket);
}

void table_reserve(struct table *table, uint32_t count)
{
    uint32_t bucket_count = TABLE_BUCKETS_MIN;

    MUST(count < TABLE_COUNT_MAX);
    if (count > table->capacity) {
        table->capacity = count;
        table->keys = must_realloc(table->keys, table->capacity, table->key_size);
    }
    while (bucket_count / TABLE_BUCKETS_PER_SLOT <= count)
        bucket_count *= 2;
    if (bucket_count > table->bucket_count)
        table_rehash(table, bucket_count);
}

uint32_t table_append(struct table *table, const void *key)
{
    table_grow(table);
    return table_put(table, key, table_empty(table, key));
}

/* Nobody's probe went past the bucket of the key that came last (buckets are made anew in order of
 * slots too): in that order each may simply be emptied. */
void table_truncate(struct table *table, uint32_t count)
{
    while (table->count > count) {
        uint32_t bucket = table_bucket(table, table_key(table, table->count - 1));

        MUST(table->buckets[bucket] == table->count - 1);
        table->buckets[bucket] = TABLE_NONE;
        table->count--;
    }
}
