/* What SIGHUP may change, and what needs a restart. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"

static struct config config;
static struct config again;

static bool may_reload(const char *old, const char *fresh, char keys[512])
{
    TEXT faults = {0};
    config_of(&config, config_sound);
    char *text = config_with(old, fresh);
    config_of(&again, text);
    free(text);
    bool may = config_may_reload(&faults, &config, &again);
    snprintf(keys, 512, "%s", text_string(&faults));
    return may;
}

Test(config_reload, may_change_its_limits_under_a_running_daemon)
{
    static const char *const pairs[][2] = {
        {"400 gwei", "30 gwei"},
        {"0 ether", "1 ether"},
        {"max: 128", "max: 1"},
        {"0.97", "0.5"},
        {"simulate: always", "simulate: never"},
        {"simulate:", "audit_accounts: 0\n  simulate:"},
        {"simulate:", "armed: 4\n  simulate:"},
        {"simulate:", "receive_atoken: always\n  simulate:"},
        {"poll_ms: 250", "poll_ms: 50"},
        {"simulate:", "private_blocks: 9\n  simulate:"},
        {"log: debug", "log: error"},
        {"max: 128", "max: 128\n  stale_head_max: none\n  kill_file: /run/stop"},
        {"live.db", "live.db, snapshot_every: none"},
        {"100 ether", "1 ether\n  loss_per_day_max: 0 wei\n  priority_fee_per_gas: 2 gwei"}};
    char keys[512];
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++)
        cr_assert(may_reload(pairs[i][0], pairs[i][1], keys), "%s: %s", pairs[i][1], keys);
}

Test(config_reload, may_change_nothing_else_under_a_running_daemon)
{
    static const char *const rows[][3] = {
        {"id: 31337", "id: 1", "chain.id"},
        {"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
         "chain.native"},
        {"poll_ms:", "multicall: 0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n  poll_ms:",
         "chain.multicall"},
        {"8545", "8546", "chain.endpoints"},
        {"second: 0", "second: 3", "chain.endpoints"},
        {"20s", "21s", "chain.total_timeout"},
        {"20s", "20s\n  connect_timeout: 4s", "chain.connect_timeout"},
        {"20s", "20s\n  log_range_max: 4", "chain.log_range_max"},
        {"name: main", "name: other", "markets"},
        {"1h", "2h", "markets"},
        {"from_block: 7", "from_block: 8", "markets"},
        {"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
         "markets"},
        {"keeper:",
         "  - {name: b, protocol: aave-v3, address: "
         "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e}\nkeeper:",
         "markets"},
        {"[read, send]", "[read]", "chain.endpoints"},
        {"[read, send]", "[read, send, bundle]", "chain.endpoints"},
        {"[read, send]", "[read, send, private]", "chain.endpoints"},
        {"second: 0", "second: 0\n    - url: http://b", "chain.endpoints"},
        {"mode: live", "mode: dry-run", "keeper.mode"},
        {"simulate: always", "simulate: never\n  armed: 4\n  backrun: true", "keeper.backrun"},
        {"0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
         "keeper.account"},
        {"simulate:", "parity_sample: 5\n  simulate:", "keeper.parity_sample"},
        {"keeper.json", "other.json", "signer.keystore"},
        {"keeper.password", "other.password", "signer.password_file"},
        {"  keystore:", "  socket: s\n  keystore:", "signer.socket"},
        {"  keystore:", "  spend_file: s\n  keystore:", "signer.spend_file"},
        {"  keystore:",
         "  policy: {targets: [\"0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\"], fee_per_gas_max: "
         "400 "
         "gwei, spend_per_day_max: 1 ether}\n  keystore:",
         "signer.policy"},
        {"live.db", "other.db", "journal.path"},
        {"9611", "9612", "report.listen"}};
    char keys[512];
    char wanted[512];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        cr_assert_not(may_reload(rows[i][0], rows[i][1], keys), "%s", rows[i][2]);
        snprintf(wanted, sizeof(wanted),
                 "/etc/plimsoll/t.yaml: %s: differs from what runs; it needs a restart\n",
                 rows[i][2]);
        cr_assert_str_eq(keys, wanted);
    }
}
