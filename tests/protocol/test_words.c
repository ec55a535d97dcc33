/* Written-out selectors and topics against the signatures that they stand for. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/keccak.h"
#include "protocol/aave_v3/inside.h"

Test(words, each_selector_is_that_of_its_signature)
{
    for (uint32_t i = 0; i < AAVE_READ_KINDS; i++) {
        uint8_t selector[4];
        selector_of(selector, aave_read_signature((enum aave_read)i));
        cr_expect(memcmp(selector, aave_read_selector((enum aave_read)i), 4) == 0, "%s",
                  aave_read_signature((enum aave_read)i));
    }
}

Test(words, each_topic_is_that_of_its_signature)
{
    for (uint32_t i = 0; i < AAVE_EVENT_KINDS; i++) {
        struct hash32 topic;
        topic_of(&topic, aave_event_signature((enum aave_event)i));
        cr_expect(eq(int, (int)aave_event_of(&topic), (int)i), "%s",
                  aave_event_signature((enum aave_event)i));
    }
}

Test(words, a_topic_of_something_else_is_none_of_ours)
{
    struct hash32 topic;

    topic_of(&topic, "Transfer(address,address,uint256)");
    cr_expect(eq(int, (int)aave_event_of(&topic), AAVE_EVENT_KINDS));
}

Test(words, the_liquidation_call_has_its_selector)
{
    struct market *market = must_alloc(1, sizeof(*market));
    struct address target;
    uint8_t is[4];
    uint8_t should[4];

    market->pool.byte[0] = 7;
    aave_call_target(&target, is, market);
    selector_of(should, "liquidationCall(address,address,address,uint256,bool)");
    cr_expect(memcmp(is, should, 4) == 0);
    cr_expect(address_is_equal(&target, &market->pool));
    free(market);
}
