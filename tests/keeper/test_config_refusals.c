/* Everything that a config is refused for, with the line that names it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"

Test(config, refuses_unknown_keys_of_every_section)
{
    REFUSED({"poll_ms", "pol_ms", "8:3: chain.pol_ms: unknown key;"},
            {"report:", "report_:", "31:1: report_: unknown key;"},
            {"roles:", "role:", "6:7: chain.endpoints[0].role: unknown key;"},
            {"from_block", "fromblock", "14:5: markets[0].fromblock: unknown key;"},
            {"  simulate", "  simulated", "21:3: keeper.simulated: unknown key;"},
            {"password_file", "passwordfile", "24:3: signer.passwordfile: unknown key;"},
            {"profit_min", "profit_minimum", "27:3: limits.profit_minimum: unknown key;"},
            {"{ path: live.db", "{ path: live.db, mode: wal", "30:27: journal.mode: unknown key;"},
            {"log: debug", "level: debug", "31:35: report.level: unknown key;"},
            {"signer:", "<<: {}\nsigner:", "22:1: <<: unknown key;"});
}

Test(config, refuses_keys_that_stand_twice)
{
    REFUSED({"  poll_ms", "  id: 1\n  poll_ms", "8:3: chain.id: stands here a second time;"},
            {"report:", "limits: {}\nreport:", "31:1: limits: stands here a second time;"},
            {"log: debug", "log: debug, \"log\": info", "31:47: report.log: stands here a second"});
}

Test(config, refuses_what_is_missing)
{
    REFUSED({"  id: 31337\n", "", "2:3: chain.id: is missing;"},
            {"  native: \"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\"\n", "",
             "2:3: chain.native: is missing;"},
            {"url: http://127.0.0.1:8545\n      ", "", "5:7: chain.endpoints[0].url: is missing;"},
            {"name: main\n    ", "", "11:5: markets[0].name: is missing;"},
            {"    protocol: aave-v3\n", "", "11:5: markets[0].protocol: is missing;"},
            {"    address: 0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\n", "",
             "11:5: markets[0].address: is missing;"},
            {"  account: \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\n", "",
             "17:3: keeper.account: is missing;"},
            {"  keystore: keeper.json\n", "", "23:3: signer.keystore: is missing, and keeper.mode"},
            {"journal: { path: live.db }\n", "", "1:1: journal.path: is missing;"},
            {"{ path: live.db }", "{}", "30:10: journal.path: is missing;"});
}

Test(config, refuses_wrong_types)
{
    REFUSED({"id: 31337", "id: [1]", "2:7: chain.id: must be one value,"},
            {"id: 31337", "id: {}", "2:7: chain.id: must be one value,"},
            {"id: 31337", "id:", "2:6: chain.id: is empty;"},
            {"id: 31337", "id: ~", "2:7: chain.id: is empty;"},
            {"id: 31337", "id: null", "2:7: chain.id: is empty;"},
            {"id: 31337", "id: \"\"", "2:7: chain.id: is empty;"},
            {"[read, send]", "read", "6:14: chain.endpoints[0].roles: must be a list;"},
            {"[read, send]", "[[read]]", "6:15: chain.endpoints[0].roles[0]: must be one value,"},
            {"{ path: live.db }", "live.db", "30:10: journal: must hold keys;"},
            {"{ path: live.db }", "[live.db]", "30:10: journal: must hold keys;"},
            {"live.db", "\"a\\nb\"", "30:18: journal.path: has a control character in it;"},
            {"live.db", "\"a\\0b\"", "30:18: journal.path: has a control character in it;"},
            {"log: debug", "? [a] : b", "31:37: report: a key that is no plain text;"});
}

Test(config, refuses_numbers_out_of_range)
{
    REFUSED(
        {"id: 31337", "id: 0", "2:7: chain.id: \"0\" is not within 1 to "},
        {"id: 31337", "id: 0x7a69", "2:7: chain.id: \"0x7a69\" is no whole number;"},
        {"id: 31337", "id: -1", "2:7: chain.id: \"-1\" is no whole number;"},
        {"id: 31337", "id: 1.0", "2:7: chain.id: \"1.0\" is no whole number;"},
        {"id: 31337", "id: 1_000", "2:7: chain.id: \"1_000\" is no whole number;"},
        {"id: 31337", "id: 18446744073709551615", "2:7: chain.id: \"18446744073709551615\" is "},
        {"id: 31337", "id: 18446744073709551617", "2:7: chain.id: \"18446744073709551617\" is "},
        {"poll_ms: 250", "poll_ms: 9", "8:12: chain.poll_ms: \"9\" is not within 10 to 60000;"},
        {"poll_ms: 250", "poll_ms: 250ms", "8:12: chain.poll_ms: \"250ms\" is no whole number;"},
        {"second: 0", "second: 1000001", "7:28: chain.endpoints[0].requests_per_second: "},
        {"max: 128", "max: 0", "29:18: limits.in_flight_max: \"0\" is not within 1 to 256;"},
        {"max: 128", "max: 257", "29:18: limits.in_flight_max: \"257\" is not within"},
        {"max: 128", "max: 8\n  revert_window: 65", "30:18: limits.revert_window: \"65\" is not"},
        {"max: 128", "max: 8\n  revert_rate_max: 50",
         "30:20: limits.revert_rate_max: \"50\" is no whole"},
        {"max: 128", "max: 8\n  revert_rate_max: 100%",
         "30:20: limits.revert_rate_max: \"100%\" is no whole share of 1% to 99%;"},
        {"max: 128", "max: 8\n  revert_rate_max: 0%",
         "30:20: limits.revert_rate_max: \"0%\" is no whole share of 1% to 99%;"},
        {"max: 128", "max: 8\n  revert_rate_max: 1000%",
         "30:20: limits.revert_rate_max: \"1000%\" is no whole share of"},
        {"max: 128", "max: 8\n  drift_max: 0", "30:14: limits.drift_max: \"0\" is not within"},
        {"funding:", "parity_sample: 0\n  funding:", "19:18: keeper.parity_sample: \"0\" is not"},
        {"funding:", "armed: 17\n  funding:", "19:10: keeper.armed: \"17\" is not"},
        {"funding:", "audit_accounts: 257\n  funding:",
         "19:19: keeper.audit_accounts: \"257\" is not"},
        {"funding:", "receive_atoken: yes\n  funding:",
         "19:19: keeper.receive_atoken: \"yes\" is none of its"},
        {"poll_ms:", "log_range_max: 0\n  poll_ms:", "8:18: chain.log_range_max: \"0\" is not"});
}

Test(config, refuses_backruns_that_nothing_would_come_of)
{
    static struct config config;
    TEXT faults = {0};

    REFUSED({"funding:", "backrun: maybe\n  funding:",
             "19:12: keeper.backrun: \"maybe\" is none of its"},
            {"simulate: always", "simulate: never\n  backrun: true",
             "22:12: keeper.backrun: is true, and keeper.armed is 0"},
            {"simulate: always", "simulate: always\n  armed: 4\n  backrun: true",
             "23:12: keeper.backrun: is true, and keeper.simulate is always"});
    char *text = config_with("simulate: always",
                             "simulate: never\n  way_out: private\n  armed: 4\n  backrun: true");
    cr_assert(not(config_parse(&config, &faults, bytes_of_text(text), "odd")));
    cr_assert_not_null(strstr(text_string(&faults), "keeper.backrun: is true, and keeper.way_out"));
    free(text);
}

Test(config, refuses_amounts_and_durations_without_a_unit_or_with_a_wrong_one)
{
    REFUSED(
        {"400 gwei", "400",
         "26:20: limits.fee_per_gas_max: \"400\" is a bare number, where a unit"},
        {"400 gwei", "400 gwie",
         "26:20: limits.fee_per_gas_max: \"400 gwie\" is a unit that is not"},
        {"400 gwei", "-1 gwei", "26:20: limits.fee_per_gas_max: \"-1 gwei\" is no number"},
        {"0 ether", "0", "27:15: limits.profit_min: \"0\" is a bare number"},
        {"0 ether", "5 USDC", "27:15: limits.profit_min: \"5 USDC\" is a unit that is not known"},
        {"0 ether", "0.0000000000000000001 ether", "27:15: limits.profit_min: "},
        {"100 ether", "1e3 ether", "28:20: limits.gas_per_day_max: "},
        {"in_flight_max", "loss_per_day_max: 1\n  in_flight_max",
         "29:21: limits.loss_per_day_max: "},
        {"in_flight_max", "priority_fee_per_gas: 1\n  in_flight_max",
         "29:25: limits.priority_fee_per_gas: \"1\" is a bare number"},
        {"20s", "20", "9:18: chain.total_timeout: \"20\" is a bare number"},
        {"20s", "20 parsecs", "9:18: chain.total_timeout: \"20 parsecs\" is a unit"},
        {"20s", "1ms", "9:18: chain.total_timeout: \"1ms\" is not within 100ms to 600000ms;"},
        {"20s", "1s", "2:3: chain: total_timeout is shorter than connect_timeout;"},
        {"20s", "20s\n  connect_timeout: 3",
         "10:20: chain.connect_timeout: \"3\" is a bare number"},
        {"1h", "3600", "15:20: markets[0].price_age_max: \"3600\" is a bare number"},
        {"1h", "1ms", "15:20: markets[0].price_age_max: \"1ms\" is not within"},
        {"live.db", "live.db, snapshot_every: 999ms",
         "30:43: journal.snapshot_every: \"999ms\" is not within 1000ms"},
        {"live.db", "live.db, snapshot_every: 25h",
         "30:43: journal.snapshot_every: \"25h\" is not"},
        {"live.db", "live.db, snapshot_every: 600",
         "30:43: journal.snapshot_every: \"600\" is a bare number"});
}

Test(config, refuses_addresses_that_are_none)
{
    REFUSED({"0xC02aaA39", "0xC02aaA38", "3:11: chain.native: \"0xC02aaA38b223FE8D0A0e5C4F27eAD90"},
            {"0xC02aaA39", "0xc02aaA39", "3:11: chain.native: \"0xc02aaA39b223FE8D0A0e5C4F27eAD90"},
            {"0xC02aaA39", "C02aaA39",
             "3:11: chain.native: \"C02aaA39b223FE8D0A0e5C4F27eAD9083C756"
             "Cc2\" is no address"},
            {"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e", "main.eth",
             "13:14: markets[0].address: \"main.eth\" is no address"},
            {"0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
             "0x0000000000000000000000000000000000000000",
             "18:12: keeper.account: is the zero address;"},
            {"poll_ms:", "multicall: 0x12\n  poll_ms:", "8:14: chain.multicall: \"0x12\" is no"});
}

Test(config, says_that_a_checksum_is_bad)
{
    char *text = config_with("0xC02aaA39", "0xC02aaA38");
    char *faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "has a bad checksum; copy the address again"));
    free(faults);
    free(text);
}

Test(config, refuses_lists_that_are_empty_or_endless)
{
    TEXT many = {0};
    text_add(&many, "endpoints: [");
    for (int i = 0; i < 17; i++)
        text_add(&many, i == 0 ? "{url: http://a}" : ", {url: http://a}");
    text_add(&many, "]\n  x:");
    char *text = config_with("endpoints:", text_string(&many));
    char *faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "4:14: chain.endpoints: has 17 items; at most 16 are"));
    free(faults);
    free(text);
    text = config_with("markets:", "markets: []\nx:");
    faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "10:10: markets: is an empty list;"));
    free(faults);
    free(text);
}

Test(config, refuses_markets_that_it_cannot_watch)
{
    REFUSED({"aave-v3", "aave-v2",
             "12:15: markets[0].protocol: is no protocol that this version "
             "supports; see `plimsoll help protocols`\n"},
            {"name: main", "name: my market", "11:11: markets[0].name: may hold letters,"},
            {"name: main", "name: abcdefghijklmnopqrstuvwxyz012345",
             "11:11: markets[0].name: has 32 characters; at most 31 are supported\n"},
            {"keeper:",
             "  - {name: main, protocol: aave-v3, address: "
             "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e}\nkeeper:",
             "16:5: markets[1]: has the name of markets[0];"});
}

Test(config, refuses_what_the_keeper_cannot_do)
{
    REFUSED(
        {"mode: live", "mode: wet", "17:9: keeper.mode: \"wet\" is none of its choices;"},
        {"funding: inventory", "funding: executor",
         "19:12: keeper.funding: executor is not supported by this version; write inventory\n"},
        {"funding: inventory", "funding: loan", "19:12: keeper.funding: is no way of funding;"},
        {"funding:", "executor: 0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\n  funding:",
         "19:13: keeper.executor: not supported by this version;"},
        {"0.97", "1.01", "20:12: keeper.haircut: is not within 0.0001 to 1, in four places;"},
        {"0.97", "0", "20:12: keeper.haircut: is not within"},
        {"0.97", "0.97001", "20:12: keeper.haircut: is not within"},
        {"0.97", "97 %", "20:12: keeper.haircut: is "},
        {"simulate: always", "simulate: yes", "21:13: keeper.simulate: \"yes\" is none of its"});
}

Test(config, refuses_a_fee_ceiling_under_the_tip)
{
    REFUSED({"400 gwei", "1 wei", "26:20: limits.fee_per_gas_max: is under limits.priority_fee_"});
}

Test(config, refuses_addresses_to_listen_on_that_are_none)
{
    REFUSED({"127.0.0.1:9611", "9611", "31:19: report.listen: is no address to listen on;"},
            {"127.0.0.1:9611", "127.0.0.1", "31:19: report.listen: is no address"},
            {"127.0.0.1:9611", "example.com:80", "31:19: report.listen: is no address"},
            {"127.0.0.1:9611", "127.0.0.1:65536", "31:19: report.listen: is no address"},
            {"127.0.0.1:9611", "'[::1:9611'", "31:19: report.listen: is no address"},
            {"127.0.0.1:9611", "'::1:9611'", "31:19: report.listen: is no address"},
            {"127.0.0.1:9611", "{}", "31:19: report.listen: must be one value"},
            {"log: debug", "log: loud", "31:40: report.log: is no level of the log;"});
}

Test(config, refuses_paths_that_are_too_long)
{
    char path[1100] = {0};
    memset(path, 'a', 1090);
    char *text = config_with("live.db", path);
    char *faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "30:18: journal.path: is a path of over 1023 characters;"));
    free(faults);
    free(text);
    memset(path + 120, 0, sizeof(path) - 120);
    char key[160];
    snprintf(key, sizeof(key), "signer:\n  socket: /%.120s", path);
    text = config_with("signer:", key);
    faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "23:11: signer.socket: is a path of over 107 characters"));
    free(faults);
    free(text);
}

#define KEY "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

Test(config, refuses_secrets_and_never_repeats_them)
{
    static const struct config_refusal rows[] = {
        {"signer:", "signer:\n  private_key: hunter2", "23:3: private_key: a secret in the config"},
        {"signer:", "signer:\n  password: hunter2", "23:3: password: a secret in the config"},
        {"signer:", "signer:\n  Mnemonic: hunter2", "23:3: Mnemonic: a secret in the config"},
        {"keeper.json", "0x" KEY, "23:13: keystore: a secret in the config"},
        {"keeper.json", KEY, "23:13: keystore: a secret in the config"},
        {"live.db", "'0X" KEY "'", "30:18: path: a secret in the config"},
        {"keeper.password", "test test test test test test test test test test test junk",
         "24:18: password_file: a secret in the config"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        config_refused(&rows[i]);
    char *text = config_with("31337", KEY);
    char *faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "2:7: id: a secret in the config file;"));
    cr_assert_null(strstr(faults, "ac0974"), "the secret is repeated: %s", faults);
    free(faults);
    free(text);
    text = config_with("roles: [read, send]", "roles: [\"" KEY "\"]");
    faults = config_faults_of(text);
    cr_assert_not_null(strstr(faults, "6:15: a list's item: a secret in the config file;"));
    cr_assert_null(strstr(faults, "ac0974"), "the secret is repeated: %s", faults);
    free(faults);
    free(text);
}

Test(config, lists_all_faults_at_once_in_order_of_lines)
{
    char *faults = config_faults_of("chain:\n"
                                    "  id: none\n"
                                    "  nativ: 5\n"
                                    "keeper: []\n"
                                    "signer: {password: x}\n"
                                    "limits: {profit_min: 5}\n");
    static const char *const starts[] = {"1:1: journal.path: is missing",
                                         "1:1: markets: is missing",
                                         "2:3: chain.endpoints: is missing",
                                         "2:3: chain.native: is missing",
                                         "2:7: chain.id: \"none\" is no",
                                         "3:3: chain.nativ: unknown key",
                                         "4:9: keeper: must hold keys",
                                         "5:10: password: a secret",
                                         "6:22: limits.profit_min: \"5\" is a bare number"};
    char *save = NULL;
    char *line = strtok_r(faults, "\n", &save);
    for (size_t i = 0; i < ARRAY_LENGTH(starts); i++) {
        cr_assert_not_null(line, "missing: %s", starts[i]);
        cr_assert_eq(strncmp(line, starts[i], strlen(starts[i])), 0, "%s", line);
        line = strtok_r(NULL, "\n", &save);
    }
    cr_assert_null(line);
    free(faults);
}

Test(config, bounds_the_list_of_faults)
{
    TEXT text = {0};
    for (int i = 0; i < 100; i++) {
        text_add(&text, "x");
        text_add_u64(&text, (uint64_t)i);
        text_add(&text, ": 1\n");
    }
    char *faults = config_faults_of(text_string(&text));
    size_t lines = 0;
    for (const char *c = faults; *c != '\0'; c++)
        lines += *c == '\n';
    cr_assert(eq(sz, lines, 65));
    cr_assert_not_null(strstr(faults, "and 40 more faults; mend these first\n"));
    free(faults);
}

Test(config, refuses_what_is_no_yaml_with_the_place)
{
    static const struct {
        const char *text;
        const char *fault;
    } rows[] = {
        {"", "1:1: config: is empty;"},
        {"# nothing\n", "1:1: config: is empty;"},
        {"- a\n", "1:1: config: must hold keys;"},
        {"chain\n", "1:1: config: must hold keys;"},
        {"chain: {\n", "2:1: yaml: "},
        {"chain:\n\tid: 1\n", "2:1: yaml: "},
        {"chain: *nowhere\n", "1:8: yaml: "},
        {"a: \"\xff\"\n", "1:5: yaml: "},
        {"a: b\n---\nc: d\n", "1:1: a: unknown key;"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char *faults = config_faults_of(rows[i].text);
        cr_expect_eq(strncmp(faults, rows[i].fault, strlen(rows[i].fault)), 0,
                     "said \"%s\" instead of \"%s\"", faults, rows[i].fault);
        free(faults);
    }
}
