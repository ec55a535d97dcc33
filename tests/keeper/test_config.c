/* What a sound config means, and that it survives being written down. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"

static struct config config;
static struct config again;

static void address_is(const struct address *address, const char *text)
{
    char shown[ADDRESS_TEXT_SIZE];
    address_format(shown, address);
    cr_assert_str_eq(shown, text);
}

static void wei_is(const struct wei *wei, const char *digits)
{
    char text[U256_TEXT_SIZE];
    u256_format(text, &wei->value);
    cr_assert_str_eq(text, digits);
}

Test(config, takes_every_key)
{
    config_of(&config, config_sound);
    struct settings *settings = &config.settings;
    cr_assert(eq(u64, settings->chain.id, 31337));
    address_is(&settings->chain.native, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2");
    cr_assert(eq(u32, settings->chain.endpoint_count, 1));
    cr_assert_str_eq(settings->chain.endpoint[0].url, "http://127.0.0.1:8545");
    cr_assert(settings->chain.endpoint[0].may_read && settings->chain.endpoint[0].may_send);
    cr_assert(eq(i64, settings->chain.poll_ms, 250));
    cr_assert(eq(i64, settings->chain.total_timeout_ms, 20000));
    cr_assert(eq(u32, settings->market_count, 1));
    cr_assert_str_eq(settings->market[0].name, "main");
    cr_assert_str_eq(settings->market[0].protocol, "aave-v3");
    address_is(&settings->market[0].address, "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e");
    cr_assert(eq(u64, settings->market[0].from_block, 7));
    cr_assert(eq(i64, settings->market[0].price_age_max_ms, 3600000));
    cr_assert_eq(settings->mode, KEEPER_LIVE);
    address_is(&settings->account, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    cr_assert(eq(u32, settings->haircut_bps, 9700));
    cr_assert_eq(settings->simulate, SIMULATE_ALWAYS);
    wei_is(&settings->limits.fee_per_gas_max, "400000000000");
    wei_is(&settings->limits.profit_min, "0");
    wei_is(&settings->limits.gas_per_day_max, "100000000000000000000");
    cr_assert(eq(u32, settings->limits.in_flight_max, 128));
    cr_assert_str_eq(config.listen, "127.0.0.1:9611");
    cr_assert_eq(config.log, LOG_LEVEL_DEBUG);
}

static const char smallest[] = "chain: {id: 1, native: 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2, "
                               "endpoints: [{url: 'https://node.example/v3/abc?k=1'}]}\n"
                               "markets: [{name: a, protocol: aave-v3, address: "
                               "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e}]\n"
                               "keeper: {account: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8}\n"
                               "journal: {path: j.db}\n";

Test(config, fills_in_the_defaults_of_the_surface)
{
    config_of(&config, smallest);
    struct settings *settings = &config.settings;
    address_is(&settings->chain.multicall, "0xcA11bde05977b3631167028862bE2a173976CA11");
    cr_assert(settings->chain.endpoint[0].may_read && settings->chain.endpoint[0].may_send);
    cr_assert(eq(u32, settings->chain.endpoint[0].requests_per_second, 0));
    cr_assert(eq(i64, settings->chain.poll_ms, 250));
    cr_assert(eq(i64, settings->chain.connect_timeout_ms, 3000));
    cr_assert(eq(i64, settings->chain.total_timeout_ms, 20000));
    cr_assert(eq(u64, settings->chain.log_range_max, 10000));
    cr_assert(eq(u64, settings->market[0].from_block, 0));
    cr_assert(eq(i64, settings->market[0].price_age_max_ms, -1));
    cr_assert_eq(settings->mode, KEEPER_DRY_RUN);
    cr_assert_eq(settings->funding, FUNDING_INVENTORY);
    cr_assert(eq(u32, settings->haircut_bps, 10000));
    cr_assert_eq(settings->simulate, SIMULATE_UNAUDITED);
    cr_assert(eq(u32, settings->parity_sample, 32));
    cr_assert(eq(u32, settings->audit_accounts, 16));
    cr_assert(eq(u32, settings->armed, 0));
    cr_assert_eq(settings->backrun, BACKRUN_OFF);
    cr_assert_eq(settings->receive, RECEIVE_NEVER);
    cr_assert(eq(u32, settings->tip_profit_share, 0));
    cr_assert(eq(u32, settings->race_profit_share, 50));
    cr_assert_eq(settings->way_out, WAY_PUBLIC);
    cr_assert(eq(u32, settings->private_blocks, 5));
    wei_is(&settings->limits.fee_per_gas_max, "300000000000");
    wei_is(&settings->limits.priority_fee_per_gas, "1000000000");
    wei_is(&settings->limits.profit_min, "5000000000000000");
    wei_is(&settings->limits.gas_per_day_max, "500000000000000000");
    wei_is(&settings->limits.loss_per_day_max, "200000000000000000");
    cr_assert(eq(u32, settings->limits.in_flight_max, 8));
    cr_assert_str_eq(config.keystore, "");
    cr_assert_str_eq(config.password_file, "");
    cr_assert_str_eq(config.signer_socket, "");
    cr_assert_str_eq(config.listen, "127.0.0.1:9464");
    cr_assert_eq(config.log, LOG_LEVEL_INFO);
}

Test(config, needs_no_signer_in_dry_run)
{
    char *faults = config_faults_of(smallest);
    cr_assert_str_eq(faults, "");
    free(faults);
}

Test(config, takes_a_socket_instead_of_a_keystore)
{
    char *text = config_with("keystore: keeper.json", "socket: /run/plimsoll.sock");
    char *faults = config_faults_of(text);
    cr_assert_str_eq(faults, "");
    free(faults);
    free(text);
}

Test(config, means_relative_paths_from_its_own_folder)
{
    char *text = config_with("live.db", "/var/lib/j.db");
    config_of(&config, text);
    cr_assert_str_eq(config.file, "/etc/plimsoll/t.yaml");
    cr_assert_str_eq(config.keystore, "/etc/plimsoll/keeper.json");
    cr_assert_str_eq(config.password_file, "/etc/plimsoll/keeper.password");
    cr_assert_str_eq(config.journal, "/var/lib/j.db");
    free(text);
    TEXT faults = {0};
    cr_assert(config_parse(&config, &faults, bytes_of_text(config_sound), "t.yaml"));
    cr_assert_str_eq(config.journal, "live.db");
}

Test(config, keeps_the_mirror_every_ten_minutes_unless_told_otherwise)
{
    static const struct {
        const char *text;
        int64_t every_ms;
    } rows[] = {{"live.db", 600000},
                {"live.db, snapshot_every: 30s", 30000},
                {"live.db, snapshot_every: none", -1}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char *text = config_with("live.db", rows[i].text);

        config_of(&config, text);
        cr_expect(eq(i64, config.snapshot_every_ms, rows[i].every_ms), "%s", rows[i].text);
        free(text);
    }
}

Test(config, listens_nowhere_where_it_is_told_so)
{
    static const char *const nowhere[] = {"none", "\"\""};
    for (size_t i = 0; i < ARRAY_LENGTH(nowhere); i++) {
        char *text = config_with("127.0.0.1:9611", nowhere[i]);
        config_of(&config, text);
        cr_assert_str_eq(config.listen, "");
        free(text);
    }
}

Test(config, treats_plain_and_quoted_values_alike)
{
    static const char *const pairs[][2] = {{"id: 31337", "id: '31337'"},
                                           {"mode: live", "mode: \"live\""},
                                           {"haircut: 0.97", "haircut: \"0.97\""},
                                           {"400 gwei", "'400 gwei'"},
                                           {"listen: 127.0.0.1:9611", "listen: '127.0.0.1:9611'"},
                                           {"[read, send]", "['read', \"send\"]"}};
    config_of(&config, config_sound);
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        char *text = config_with(pairs[i][0], pairs[i][1]);
        config_of(&again, text);
        cr_assert_eq(memcmp(&config.settings, &again.settings, sizeof(config.settings)), 0, "%s",
                     pairs[i][1]);
        free(text);
    }
}

Test(config, takes_an_alias_for_what_it_stands_for)
{
    char *text = config_with("native: \"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\"",
                             "native: &a 0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n"
                             "  multicall: *a");
    config_of(&config, text);
    address_is(&config.settings.chain.multicall, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    free(text);
}

Test(config, survives_an_alias_of_itself)
{
    char *faults = config_faults_of("chain: &a {endpoints: [*a], id: *a}\nmarkets: &b [*b]\n");
    cr_assert_not_null(strstr(faults, "chain.id: must be one value"));
    free(faults);
}

static void comes_back(const char *text)
{
    TEXT canonical = {0};
    TEXT twice = {0};
    TEXT faults = {0};
    config_of(&config, text);
    config_canonical(&canonical, &config);
    cr_assert_null(strchr(text_string(&canonical), '\n'));
    bool is_sound = config_parse(&again, &faults, text_bytes(&canonical), "recording");
    cr_assert(is_sound, "%s", text_string(&faults));
    config_canonical(&twice, &again);
    cr_assert_str_eq(text_string(&twice), text_string(&canonical));
}

Test(config, comes_back_from_its_canonical_form)
{
    comes_back(config_sound);
    cr_assert_eq(memcmp(&config.settings, &again.settings, sizeof(config.settings)), 0);
    comes_back(smallest);
}

Test(config, comes_back_with_all_that_may_differ)
{
    static const char *const pairs[][2] = {
        {"[read, send]", "[read]"},
        {"[read, send]", "[read, private]"},
        {"[read, send]", "[bundle, read, private, send]"},
        {"simulate:", "way_out: private\n  private_blocks: 0\n  simulate:"},
        {"second: 0", "second: 25"},
        {"1h", "none"},
        {"0.97", "0.0001"},
        {"0.97", "1"},
        {"simulate: always", "simulate: never"},
        {"mode: live", "mode: dry-run"},
        {"400 gwei", "400.000000001 gwei"},
        {"id: 31337", "id: 9223372036854775771"},
        {"from_block: 7", "from_block: 9223372036854775807"},
        {"poll_ms: 250", "poll_ms: 60000\n  log_range_max: 1\n  connect_timeout: 51ms"},
        {"simulate:", "parity_sample: 1024\n  simulate:"},
        {"simulate:", "audit_accounts: 256\n  simulate:"},
        {"simulate:", "armed: 16\n  simulate:"},
        {"simulate: always", "armed: 1\n  backrun: true\n  simulate: never"},
        {"simulate:", "receive_atoken: when_dry\n  simulate:"},
        {"100 ether", "100 ether\n  loss_per_day_max: 7 wei\n  priority_fee_per_gas: 0 wei"},
        {"max: 128", "max: 128\n  stale_head_max: none\n  latency_max: none\n  drift_max: none"},
        {"max: 128", "max: 128\n  revert_rate_max: none\n  revert_pause: none"},
        {"max: 128", "max: 128\n  stale_head_max: 1ms\n  latency_max: 1d\n  drift_max: 1"},
        {"max: 128", "max: 128\n  revert_rate_max: 99%\n  revert_window: 64\n  revert_pause: 1s"}};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        char *text = config_with(pairs[i][0], pairs[i][1]);
        comes_back(text);
        cr_assert_eq(memcmp(&config.settings, &again.settings, sizeof(config.settings)), 0, "%s",
                     pairs[i][1]);
        free(text);
    }
}

Test(config, looks_for_the_kill_file_beside_itself_unless_told_otherwise)
{
    config_of(&config, config_sound);
    cr_assert_str_eq(config.kill_file, "/etc/plimsoll/plimsoll.kill");
    char *text = config_with("max: 128", "max: 128\n  kill_file: /run/stop");
    config_of(&config, text);
    cr_assert_str_eq(config.kill_file, "/run/stop");
    free(text);
    text = config_with("max: 128", "max: 128\n  kill_file: none");
    config_of(&config, text);
    cr_assert_str_eq(config.kill_file, "");
    free(text);
}

Test(config, cuts_what_opens_anything_from_its_canonical_form)
{
    static const char *const urls[][2] = {
        {"https://node.example/v3/0123456789abcdef", "https://node.example"},
        {"https://me:hush@node.example:8545/x@y", "https://node.example:8545"},
        {"http://node.example?key=hush", "http://node.example"},
        {"http://[::1]:8545/#hush", "http://[::1]:8545"},
        {"wss://me:hush@node.example/v3/hush", "wss://node.example"},
        {"ws://127.0.0.1:8546", "ws://127.0.0.1:8546"},
        {"/run/geth/geth.ipc", "/run/geth/geth.ipc"}};
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        TEXT canonical = {0};
        char wanted[128];
        snprintf(wanted, sizeof(wanted), "\"url\": \"%s\",", urls[i][1]);
        char *text = config_with("http://127.0.0.1:8545", urls[i][0]);
        comes_back(text);
        config_canonical(&canonical, &config);
        const char *line = text_string(&canonical);
        cr_assert_not_null(strstr(line, wanted), "%s", line);
        cr_assert_null(strstr(line, "hush"));
        cr_assert_null(strstr(line, "keystore"));
        cr_assert_null(strstr(line, "password"));
        cr_assert_null(strstr(line, "live.db"));
        free(text);
    }
}

Test(config, never_breaks_on_a_torn_file)
{
    TEXT canonical = {0};
    TEXT faults = {0};
    config_of(&config, config_sound);
    config_canonical(&canonical, &config);
    const struct bytes texts[] = {bytes_of_text(config_sound), text_bytes(&canonical)};
    for (size_t t = 0; t < ARRAY_LENGTH(texts); t++)
        for (size_t size = 0; size < texts[t].size; size++) {
            text_clear(&faults);
            bool is_sound = config_parse(&again, &faults, bytes_slice(texts[t], 0, size), "torn");
            cr_assert_eq(is_sound, text_length(&faults) == 0, "at %zu", size);
        }
}

Test(config, never_breaks_on_changed_bytes)
{
    static char text[4096];
    static const char odd[] = "{}[]:,-&*!|>'\"%@`#?~\n\t 0x\\\xff\x80";
    TEXT faults = {0};
    uint32_t random = 7;
    for (int round = 0; round < 4000; round++) {
        memcpy(text, config_sound, strlen(config_sound) + 1);
        for (int change = 0; change < 3; change++) {
            random = random * 1664525 + 1013904223;
            text[random / 7 % strlen(config_sound)] = odd[random / 65536 % (sizeof(odd) - 1)];
        }
        text_clear(&faults);
        bool is_sound = config_parse(&again, &faults, bytes_of_text(text), "odd");
        cr_assert_eq(is_sound, text_length(&faults) == 0);
    }
}

Test(config, shows_every_key_in_the_example)
{
    char keys[] = "id native multicall endpoints url roles requests_per_second poll_ms "
                  "connect_timeout total_timeout log_range_max name protocol address from_block "
                  "price_age_max mode account funding haircut simulate tip_profit_share "
                  "race_profit_share "
                  "parity_sample audit_accounts armed backrun receive_atoken way_out "
                  "private_blocks "
                  "keystore password_file socket fee_per_gas_max priority_fee_per_gas profit_min "
                  "gas_per_day_max loss_per_day_max in_flight_max stale_head_max latency_max "
                  "revert_rate_max revert_window revert_pause drift_max kill_file path "
                  "snapshot_every listen log";
    static char text[32768];
    FILE *file = fopen("config/plimsoll.example.yaml", "r");
    if (file == NULL)
        cr_skip_test("config/plimsoll.example.yaml is not here: not started from the repository");
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    for (char *rest = keys, *name; (name = strsep(&rest, " ")) != NULL;) {
        char key[64];
        snprintf(key, sizeof(key), " %s:", name);
        cr_assert_not_null(strstr(text, key), "%s is not shown", name);
    }
    config_of(&config, text);
    cr_assert_eq(config.settings.mode, KEEPER_DRY_RUN);
}

Test(config, refuses_files_that_it_cannot_read)
{
    TEXT faults = {0};
    cr_assert_not(config_read(&config, &faults, "/nonexistent/p.yaml"));
    cr_assert_str_eq(text_string(&faults), "/nonexistent/p.yaml:1:1: config: No such file or "
                                           "directory; name the config file with -c\n");
    text_clear(&faults);
    cr_assert_not(config_read(&config, &faults, "/"));
    cr_assert_str_eq(text_string(&faults),
                     "/:1:1: config: Is a directory; name the config file with -c\n");
    text_clear(&faults);
    cr_assert_not(config_read(&config, &faults, "/dev/zero"));
    cr_assert_str_eq(text_string(&faults),
                     "/dev/zero:1:1: config: is over 1 MiB; name the config file with -c\n");
}
