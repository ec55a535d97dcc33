/* What a signer keeps for itself, against the real process as test_signer_link.c starts it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/signer_connect.h"
#include "keeper/signer_spawn.h"
#include "sign/spend_file.h"
#include "tests/keeper/config_fixture.h"
#include "tests/sign/sign_fixture.h"

/* A folder with a keystore, its password, and a config that names the key's account. */
struct place {
    struct folder folder;
    struct config config;
};

static void place_make(struct place *place, const char *password)
{
    char path[128], account[ADDRESS_TEXT_SIZE];
    struct secret secret;
    TEXT faults = {0};

    secret_of(&secret, keystore_cheap_key);
    cr_assert(secret_address(&place->config.settings.account, &secret));
    secret_release(&secret);
    address_format(account, &place->config.settings.account);
    char *loud = config_with("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", account);
    char *text = text_with(loud, "log: debug", "log: error");
    folder_make(&place->folder);
    folder_put(path, &place->folder, "keeper.json", keystore_cheap, 0600);
    folder_put(path, &place->folder, "keeper.password", password, 0600);
    folder_put(path, &place->folder, "plimsoll.yaml", text, 0600);
    free(loud);
    free(text);
    cr_assert(config_read(&place->config, &faults, path), "%s", text_string(&faults));
}

static void place_remove(struct place *place)
{
    folder_remove(&place->folder);
}

#define PLACE CLEANUP(place_remove) struct place

/* The file that the day's count is kept in, by default: beside the keystore. */
static void spend_path(char out[256], const struct place *place)
{
    char account[ADDRESS_TEXT_SIZE];

    address_format(account, &place->config.settings.account);
    snprintf(out, 256, "%s/signer-31337-%s.spend", place->folder.path, account);
}

Test(signer_own, proves_a_key_beside_the_one_that_signs_with_it)
{
    PLACE place;
    struct signer_link *link, *second;
    char why[256] = "", path[256];

    place_make(&place, "foo");
    spend_path(path, &place);
    cr_assert(eq(int, signer_prove(why, &place.config), SIGNER_LINK_OK), "%s", why);
    cr_assert(access(path, F_OK) != 0, "who only asks leaves nothing behind");
    cr_assert(signer_link_open(&link, why, &place.config, NULL) == SIGNER_LINK_OK);
    cr_assert(access(path, F_OK) == 0);
    cr_assert(eq(int, signer_prove(why, &place.config), SIGNER_LINK_OK), "%s", why);
    cr_assert(signer_link_open(&second, why, &place.config, NULL) == SIGNER_LINK_KEY_REFUSED);
    cr_assert_not_null(strstr(why, "another signer"), "%s", why);
    signer_link_close(link);
}

/* A daemon that is started again and again would else spend the day's limit by its ends alone. */
Test(signer_own, counts_nothing_ahead_where_its_daemon_ends)
{
    PLACE place;
    struct signer_policy policy;
    struct transaction transaction;
    struct signer_link *link;
    struct observation answer;
    struct spend_file file;
    struct spend spend = {0};
    struct u256 signed_for;
    bool is_broken = false;
    char why[256] = "", path[256];
    BUFFER wanted = {0};
    BUFFER calldata = {0};

    place_make(&place, "foo");
    policy_of_test(&policy);
    policy.spend_per_day_max.value = u256_ten_to(20);
    transaction_of_test(&transaction, &calldata);
    transaction_encode_unsigned(&wanted, &transaction);
    for (uint64_t i = 0; i < 3; i++) {
        cr_assert(signer_link_open(&link, why, &place.config, &policy) == SIGNER_LINK_OK, "%s",
                  why);
        cr_assert(signer_link_sign(link, 1, buffer_bytes(&wanted)));
        while (!signer_link_take(&answer, &is_broken, link))
            cr_assert(not(is_broken));
        cr_assert(eq(int, answer.status, OBSERVED_OK));
        signer_link_close(link);
    }
    spend_path(path, &place);
    file = (struct spend_file){
        .fd = -1, .chain_id = transaction.chain_id, .account = place.config.settings.account};
    cr_assert(spend_file_open(&file, &spend, why, path), "%s", why);
    signed_for = u256_of(transaction.gas);
    cr_assert(u256_mul(&signed_for, &signed_for, &transaction.max_fee_per_gas.value));
    cr_assert(u256_is_equal(&spend.total.value, &signed_for), "the same nonce three times");
    spend_file_close(&file);
}

Test(signer_own, that_is_stuck_is_killed_with_its_daemon)
{
    PLACE place;
    struct signer_child child;
    char path[128];

    place_make(&place, "foo");
    folder_path(path, &place.folder, "plimsoll.yaml");
    cr_assert(signer_spawn(&child, path, true));
    const pid_t pid = child.pid;

    cr_assert(kill(pid, SIGSTOP) == 0);
    const int status = signer_child_end(&child);

    const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    cr_assert(was_killed);
    cr_assert(child.pid == 0 && child.fd == -1);
    cr_assert(kill(pid, 0) != 0, "it is left behind");
}

Test(signer_own, is_refused_a_policy_beyond_the_signer_s_own)
{
    PLACE place;
    struct signer_policy policy;
    struct signer_link *link;
    char why[256] = "", path[128];

    place_make(&place, "foo");
    folder_path(path, &place.folder, "plimsoll.yaml");
    char *before = file_text(path);
    char *text = text_with(before, "  keystore:",
                           "  policy: {targets: [\"0x2222222222222222222222222222222222222222\"], "
                           "fee_per_gas_max: 400 gwei, spend_per_day_max: 1 ether}\n  keystore:");
    folder_put(path, &place.folder, "plimsoll.yaml", text, 0600);
    policy_of_test(&policy);
    cr_assert(signer_link_open(&link, why, &place.config, &policy) == SIGNER_LINK_KEY_REFUSED);
    cr_assert_not_null(strstr(why, "0x1111111111111111111111111111111111111111"), "%s", why);
    memset(policy.target[0].byte, 0x22, 20);
    cr_assert(signer_link_open(&link, why, &place.config, &policy) == SIGNER_LINK_OK, "%s", why);
    signer_link_close(link);
    free(before);
    free(text);
}
