/* What others liquidate is told, with what ours had come to meanwhile. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/turn/aloft.h"
#include "turn/inside.h"

/* Of what the logs of a block have just made of it: `missed` events with that piece. */
static size_t missed(const struct aloft *aloft, const char *piece)
{
    const struct actions *actions = &aloft->state->actions;
    size_t count = 0;

    for (uint32_t i = 0; i < actions->count; i++)
        count += actions->action[i].kind == ACTION_EVENT &&
                 strstr(actions->action[i].text, "\"event\":\"missed\"") != NULL &&
                 strstr(actions->action[i].text, piece) != NULL;
    return count;
}

Test(missed, names_who_was_first_how_long_it_stood_and_what_ours_had_come_to)
{
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft_rival(&aloft, aloft.state->header.number + 1, 0);
    cr_assert(missed(&aloft, "\"stage\":\"sent\"") == 1);
    cr_assert(missed(&aloft, "\"blocks_under_water\":1,") == 1);
    cr_assert(missed(&aloft, "\"by\":\"0x") == 1);
    cr_assert(eq(u64, aloft.state->counters.missed, 1));
}

Test(missed, says_so_where_the_account_was_never_seen_under_water)
{
    ALOFT aloft;

    aloft_make(&aloft, 0);
    (void)an_account(aloft.state, 1, 1000, 1000);
    aloft_turn(&aloft);
    aloft_rival(&aloft, aloft.state->header.number + 1, 0);
    cr_assert(missed(&aloft, "\"stage\":\"unseen\"") == 1);
}

Test(missed, is_not_what_we_liquidated_ourselves)
{
    struct address account = address_named(1);
    ALOFT aloft;

    aloft_make(&aloft, 1);
    cr_assert(eq(sz, aloft_sent(&aloft), 1));
    aloft.state->settings.account = address_named(0xee);
    aloft_rival(&aloft, aloft.state->header.number + 1, 0);
    cr_assert(missed(&aloft, "") == 0);
    cr_assert(eq(u64, memory_of(aloft.state, 0, &account)->rival.block, 0));
}

/* What was written of one address is never said of another, and what is said is EIP-55's form. */
Test(missed, tells_addresses_apart_that_end_alike)
{
    const struct touched touched = {
        .liquidation = {.account = {{0xab, [19] = 7}}, .liquidator = {{0xcd, [19] = 7}}}};
    char account[ADDRESS_TEXT_SIZE];
    char by[ADDRESS_TEXT_SIZE];
    TEXT pair = {0};
    ALOFT aloft;

    aloft_make(&aloft, 0);
    address_format(account, &touched.liquidation.account);
    address_format(by, &touched.liquidation.liquidator);
    text_add(&pair, "\"account\":\"");
    text_add(&pair, account);
    text_add(&pair, "\",\"by\":\"");
    text_add(&pair, by);
    text_add(&pair, "\"");
    aloft.state->actions.count = 0;
    for (int i = 0; i < 3; i++)
        event_missed(aloft.state, 0, &touched, &(struct missed){.stage = "seen"});
    cr_assert(eq(sz, missed(&aloft, text_string(&pair)), 3));
}
