/* The signer's keys in the config: what it may sign, and which one it is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/config.h"
#include "tests/keeper/config_fixture.h"
#include "tests/sign/sign_fixture.h"

static struct config config; /* large: not for the stack */

static void wei_is(const struct wei *wei, const char *digits)
{
    char text[U256_TEXT_SIZE];
    u256_format(text, &wei->value);
    cr_assert_str_eq(text, digits);
}

#define POLICY                                                                                     \
    "  policy:\n"                                                                                  \
    "    targets: [\"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\"]\n"                              \
    "    fee_per_gas_max: 500 gwei\n"                                                              \
    "    spend_per_day_max: 2 ether\n"

Test(config_signer, takes_a_policy_of_the_signer_s_own)
{
    char *text = config_with("  keystore:", POLICY "    gas_max: 2000000\n  keystore:");
    TEXT faults = {0};

    cr_assert(config_parse(&config, &faults, bytes_of_text(text), "t.yaml"), "%s",
              text_string(&faults));
    cr_assert(config.has_policy && config.policy.chain_id == 31337);
    cr_assert(config.policy.target_count == 1 && config.policy.spender_count == 1);
    cr_assert(address_is_equal(&config.policy.target[0], &config.policy.spender[0]));
    cr_assert(memcmp(config.policy.selector[0], "\x00\xa7\x18\xa9", 4) == 0);
    cr_assert(eq(u64, config.policy.gas_max, 2000000));
    wei_is(&config.policy.fee_per_gas_max, "500000000000");
    wei_is(&config.policy.spend_per_day_max, "2000000000000000000");
    free(text);
}

Test(config_signer, refuses_a_signer_s_policy_that_cannot_be_meant)
{
    static const char *const rows[][3] = {
        {"500 gwei", "399 gwei", "signer.policy.fee_per_gas_max is under limits.fee_per_gas_max"},
        {"2 ether", "0 ether", "signer.policy.spend_per_day_max: is nothing"},
        {"[\"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\"]", "[]", "signer.policy.targets"},
        {"[\"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\"]", "[\"0x2f39\"]",
         "signer.policy.targets[0]"},
        {"    fee_per_gas_max: 500 gwei\n", "", "signer.policy.fee_per_gas_max: is missing"},
        {"    targets:", "    selectors: [\"00a718a9\"]\n    targets:",
         "signer.policy.selectors[0]: is no selector"},
        {"    targets:", "    gas_max: 20999\n    targets:", "signer.policy.gas_max"},
        {"    targets:", "    value: 1 ether\n    targets:", "signer.policy.value: unknown key"},
    };
    char *sound = config_with("  keystore:", POLICY "  keystore:");

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char *text = text_with(sound, rows[i][0], rows[i][1]);
        char *faults = config_faults_of(text);
        cr_assert_not_null(strstr(faults, rows[i][2]), "%s: %s", rows[i][2], faults);
        free(faults);
        free(text);
    }
    free(sound);
}

Test(config_signer, takes_one_signer_only)
{
    static const char *const rows[][2] = {
        {"keystore: keeper.json\n  password_file: keeper.password\n", ""},
        {"keystore: keeper.json\n", "signer.url stands beside a keystore or a socket"},
        {"socket: s\n", "signer.url stands beside a keystore or a socket"},
        {"spend_file: s\n", "signer.url is somebody else's signer"},
        {POLICY, "signer.url is somebody else's signer"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        TEXT fresh = {0};
        text_add(&fresh, "  url: http://127.0.0.1:9000\n");
        if (i > 0)
            text_add(&fresh, strncmp(rows[i][0], "  ", 2) == 0 ? "" : "  ");
        if (i > 0)
            text_add(&fresh, rows[i][0]);
        char *text = config_with("  keystore: keeper.json\n  password_file: keeper.password\n",
                                 text_string(&fresh));
        char *faults = config_faults_of(text);
        if (i == 0)
            cr_assert_str_eq(faults, "");
        else
            cr_assert_not_null(strstr(faults, rows[i][1]), "%s", faults);
        free(faults);
        free(text);
    }
}
