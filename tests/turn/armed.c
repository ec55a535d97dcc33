#include "tests/turn/armed.h"

#include <criterion/criterion.h>

void armed_price(struct aloft *aloft, uint64_t usd)
{
    struct tracked *tracked = &aloft->state->tracked[0];

    tracked->market.reserve[WETH].price.value = u256_of(usd * 100000000);
    cr_assert(tracked->protocol->prepare(&tracked->market, tracked->market.timestamp_s));
}

void armed_make(struct aloft *aloft, uint8_t near, uint32_t most)
{
    aloft_make(aloft, 0);
    aloft->state->settings.armed = most;
    /* a day so small that no ceiling is let out over two base fees */
    aloft->state->settings.limits.gas_per_day_max.value = u256_of(100000000000000000u);
    for (uint8_t name = 1; name <= near; name++)
        (void)an_account(aloft->state, name, 1000, 1599 - 2u * name);
    (void)an_account(aloft->state, 99, 1000, 800);
    aloft_block(aloft);
}

size_t armed_ready(const struct aloft *aloft)
{
    size_t count = 0;

    for (size_t i = 0; i < ARMED_MAX; i++)
        count += aloft->state->arsenal.armed[i].flight.state == FLIGHT_SIGNED;
    return count;
}

void armed_signed(struct aloft *aloft)
{
    aloft_signed(aloft, false);
    aloft_turn(aloft);
}

const struct flight *armed_for(const struct aloft *aloft, uint8_t name)
{
    struct address account = address_named(name);
    struct armed *found = arsenal_of_account(&aloft->state->arsenal, 0, &account);

    return found == NULL ? NULL : &found->flight;
}
