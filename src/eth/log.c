/*
 * One filter for all markets: a node answers one question about forty contracts as fast as one
 * about a single one, and a contract that two markets share must not make it say everything twice.
 */
#include "eth/log.h"

#include <stdlib.h>

#include "eth/keccak.h"

#define FIRST_CAPACITY 16

void log_filter_release(struct log_filter *filter)
{
    free(filter->address);
    free(filter->bits);
    free(filter->topic);
    *filter = (struct log_filter){0};
}

void log_filter_clear(struct log_filter *filter)
{
    filter->address_count = 0;
    filter->topic_count = 0;
}

void log_filter_add_address(struct log_filter *filter, const struct address *address)
{
    for (uint32_t i = 0; i < filter->address_count; i++) {
        if (address_is_equal(&filter->address[i], address))
            return;
    }
    MUST(filter->address_count < LOG_FILTER_ADDRESSES_MAX);
    if (filter->address_count == filter->address_capacity) {
        filter->address_capacity =
            filter->address_capacity == 0 ? FIRST_CAPACITY : 2 * filter->address_capacity;
        filter->address =
            must_realloc(filter->address, filter->address_capacity, sizeof *filter->address);
        filter->bits = must_realloc(filter->bits, filter->address_capacity, sizeof *filter->bits);
    }
    filter->bits[filter->address_count] = bloom_bits_of(bytes_of(address->byte, 20));
    filter->address[filter->address_count++] = *address;
}

void log_filter_add_topic(struct log_filter *filter, const char *signature)
{
    struct hash32 topic;
    topic_of(&topic, signature);
    for (uint32_t i = 0; i < filter->topic_count; i++) {
        if (hash32_is_equal(&filter->topic[i], &topic))
            return;
    }
    MUST(filter->topic_count < LOG_FILTER_TOPICS_MAX);
    if (filter->topic_count == filter->topic_capacity) {
        filter->topic_capacity =
            filter->topic_capacity == 0 ? FIRST_CAPACITY : 2 * filter->topic_capacity;
        filter->topic = must_realloc(filter->topic, filter->topic_capacity, sizeof *filter->topic);
    }
    filter->topic[filter->topic_count++] = topic;
}

bool log_filter_may_match(const struct log_filter *filter, const uint8_t bloom[256])
{
    for (uint32_t i = 0; i < filter->address_count; i++) {
        if (bloom_has(bloom, &filter->bits[i]))
            return true;
    }
    return filter->address_count == 0; /* which asks for logs of any address */
}
