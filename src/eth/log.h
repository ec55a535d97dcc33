/* One event log. */
#ifndef ETH_LOG_H
#define ETH_LOG_H

#include "eth/block.h"

#define LOG_TOPICS_MAX 4
/** A place within a block that the node does not name. */
#define INDEX_UNKNOWN UINT32_MAX

struct log {
    struct address address;
    uint8_t topic_count;
    bool removed;
    struct hash32 topic[LOG_TOPICS_MAX];
    struct bytes data; /* lent by whatever decoded it */
    struct block_ref block;
    struct hash32 transaction;
    uint32_t index;
    uint32_t transaction_index; /* INDEX_UNKNOWN */
};

/** What eth_getLogs is asked: any of the addresses, first topic any of the topics. */
#define LOG_FILTER_ADDRESSES_MAX 1024
#define LOG_FILTER_TOPICS_MAX 96

/** Owned; zero-initialise, then log_filter_release. Doubles are kept out. */
struct log_filter {
    struct address *address;
    struct bloom_bits *bits; /* of each address */
    uint32_t address_count;
    uint32_t address_capacity;
    struct hash32 *topic;
    uint32_t topic_count;
    uint32_t topic_capacity;
};

void log_filter_release(struct log_filter *filter);
void log_filter_clear(struct log_filter *filter);
void log_filter_add_address(struct log_filter *filter, const struct address *address);
void log_filter_add_topic(struct log_filter *filter, const char *signature);
/** May the block hold a log of one of the filter's addresses? */
bool log_filter_may_match(const struct log_filter *filter, const uint8_t bloom[256]);

#endif
