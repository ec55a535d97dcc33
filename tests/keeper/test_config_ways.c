/* Ways out that lead nowhere, told before the first liquidation would find out. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"
#include "tests/sign/sign_fixture.h"

Test(config_ways, refuses_a_way_out_that_leads_nowhere)
{
    static const char *const rows[][3] = {
        {"funding:", "way_out: dark\n  funding:", "19:12: keeper.way_out: \"dark\" is none of"},
        {"funding:", "private_blocks: 1001\n  funding:",
         "19:19: keeper.private_blocks: \"1001\" is not within 0 to 1000;"},
        {"funding:", "way_out: private\n  funding:",
         "5:5: chain.endpoints: none of them has the role private or bundle, and keeper"},
        {"[read, send]", "[read, private, bundle]",
         "5:5: chain.endpoints: none of them may send, and keeper.mode is live;"}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char *text = config_with(rows[i][0], rows[i][1]);
        char *faults = config_faults_of(text);

        cr_expect_eq(strncmp(faults, rows[i][2], strlen(rows[i][2])), 0, "%s: said %s", rows[i][1],
                     faults);
        free(faults);
        free(text);
    }
}

Test(config_ways, refuses_to_go_public_where_nobody_sends)
{
    char *text = config_with("[read, send]", "[read, bundle]");
    char *private = text_with(text, "funding:", "way_out: private\n  funding:");
    char *never = text_with(private, "funding:", "private_blocks: 0\n  funding:");
    char *faults = config_faults_of(private);

    cr_assert_not_null(strstr(faults, "5:5: chain.endpoints: none of them may send, though what"));
    free(faults);
    faults = config_faults_of(never);
    cr_assert_str_eq(faults, "");
    free(faults);
    free(never);
    free(private);
    free(text);
}

Test(config, refuses_a_second_document)
{
    TEXT text = {0};
    text_add(&text, config_sound);
    text_add(&text, "---\nchain: {}\n");
    char *faults = config_faults_of(text_string(&text));
    cr_assert_str_eq(faults, "33:1: yaml: a second document begins; a config is one document\n");
    free(faults);
}
