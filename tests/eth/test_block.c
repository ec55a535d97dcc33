/* Blooms and base fees. */
#include "eth/block.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "eth/keccak.h"
#include "eth/log.h"
#include "tests/eth/bytes_of_hex.h"

/* As the Yellow Paper has it: three bits of the hash's first six bytes. */
static void bloom_add(uint8_t bloom[256], struct bytes item)
{
    struct hash32 hash;
    keccak256(&hash, item);
    for (size_t i = 0; i < 6; i += 2) {
        unsigned bit = ((unsigned)hash.byte[i] << 8 | hash.byte[i + 1]) & 2047;
        bloom[255 - bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

static bool has(const uint8_t bloom[256], struct bytes item)
{
    const struct bloom_bits bits = bloom_bits_of(item);
    return bloom_has(bloom, &bits);
}

Test(bloom, has_what_was_added_and_mostly_nothing_else)
{
    uint8_t bloom[256] = {0};
    uint8_t item[20] = {0};
    cr_expect(not(has(bloom, bytes_of(item, 20))));
    bloom_add(bloom, bytes_of(item, 20));
    cr_expect(has(bloom, bytes_of(item, 20)));
    int found = 0;
    for (unsigned i = 1; i < 200; i++) {
        item[19] = (uint8_t)i;
        found += has(bloom, bytes_of(item, 20));
    }
    cr_expect(lt(int, found, 5));
}

Test(bloom, has_everything_where_it_is_full)
{
    uint8_t bloom[256];
    memset(bloom, 0xff, sizeof bloom);
    cr_expect(has(bloom, bytes_of_text("anything")));
}

Test(log_filter, keeps_doubles_out)
{
    struct log_filter filter = {0};
    struct address a = {.byte = {1}};
    struct address b = {.byte = {2}};
    log_filter_add_address(&filter, &a);
    log_filter_add_address(&filter, &b);
    log_filter_add_address(&filter, &a);
    log_filter_add_topic(&filter, "A()");
    log_filter_add_topic(&filter, "A()");
    log_filter_add_topic(&filter, "B()");
    cr_expect(eq(u32, filter.address_count, 2));
    cr_expect(eq(u32, filter.topic_count, 2));
    log_filter_clear(&filter);
    cr_expect(eq(u32, filter.address_count, 0));
    log_filter_release(&filter);
}

Test(log_filter, grows_up_to_its_bounds)
{
    struct log_filter filter = {0};
    for (unsigned i = 0; i < LOG_FILTER_ADDRESSES_MAX; i++) {
        struct address address = {.byte = {(uint8_t)i, (uint8_t)(i >> 8)}};
        log_filter_add_address(&filter, &address);
    }
    cr_expect(eq(u32, filter.address_count, LOG_FILTER_ADDRESSES_MAX));
    log_filter_release(&filter);
}

Test(log_filter, breaks_a_promise_beyond_its_bound, .signal = SIGABRT)
{
    struct log_filter filter = {0};
    for (unsigned i = 0; i <= LOG_FILTER_ADDRESSES_MAX; i++) {
        struct address address = {.byte = {(uint8_t)i, (uint8_t)(i >> 8)}};
        log_filter_add_address(&filter, &address);
    }
}

Test(log_filter, may_match_where_the_bloom_has_one_of_its_addresses)
{
    struct log_filter filter = {0};
    uint8_t bloom[256] = {0};
    struct address a = {.byte = {1}};
    struct address b = {.byte = {2}};
    cr_expect(log_filter_may_match(&filter, bloom)); /* no address: any */
    log_filter_add_address(&filter, &a);
    log_filter_add_address(&filter, &b);
    cr_expect(not(log_filter_may_match(&filter, bloom)));
    bloom_add(bloom, bytes_of(b.byte, sizeof b.byte));
    cr_expect(log_filter_may_match(&filter, bloom));
    log_filter_release(&filter);
}

static struct u256 next(uint64_t base_fee, uint64_t gas_limit, uint64_t gas_used)
{
    struct header header = {.gas_limit = gas_limit, .gas_used = gas_used};
    header.base_fee.value = u256_of(base_fee);
    return header_next_base_fee(&header).value;
}

Test(base_fee, follows_eip_1559)
{
    const struct {
        uint64_t base_fee, gas_limit, gas_used, next;
    } row[] = {
        {1000000000, 20000000, 10000000, 1000000000}, /* at the target */
        {1000000000, 20000000, 9000000, 987500000},   /* below */
        {1000000000, 20000000, 11000000, 1012500000}, /* above */
        {1000000000, 20000000, 20000000, 1125000000}, /* full */
        {1000000000, 20000000, 0, 875000000},         /* empty */
        {1, 20000000, 20000000, 2},                   /* rises by one at least */
        {7, 20000000, 0, 7},                          /* but need not fall */
        {0, 20000000, 20000000, 1},
        {1000000000, 30000001, 15000000, 1000000000}, /* an odd limit: the target is cut */
        {1000000000, 0, 0, 1000000000},               /* no limit, no target */
        {1000000000, 1, 1, 1000000000},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct u256 fee = next(row[i].base_fee, row[i].gas_limit, row[i].gas_used);
        cr_expect(eq(u64, fee.limb[0], row[i].next));
    }
}

Test(base_fee, stays_within_256_bits_whatever_a_header_says)
{
    struct header header = {.gas_limit = 2, .gas_used = UINT64_MAX};
    header.base_fee.value = U256_MAX;
    struct u256 most = header_next_base_fee(&header).value;
    cr_expect(u256_is_equal(&most, &U256_MAX));
    header.gas_limit = UINT64_MAX;
    header.gas_used = 0;
    struct u256 less = header_next_base_fee(&header).value;
    cr_expect(u256_is_less(&less, &U256_MAX));
}
