/* Each endpoint asked apart, over the wire. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "keeper/check.h"
#include "keeper/probe.h"
#include "tests/keeper/config_fixture.h"
#include "tests/rpc/server.h"

#define HEADER                                                                                     \
    "{\"number\":\"0x4d\",\"hash\":\"0x" ZEROS "\",\"parentHash\":\"0x" ZEROS                      \
    "\",\"timestamp\":\"0x65\",\"gasLimit\":\"0x1\",\"gasUsed\":\"0x0\",\"baseFeePerGas\":"        \
    "\"0x7\","                                                                                     \
    "\"logsBloom\":\"0x" BLOOM "\"}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define BLOOM ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS
#define RESULT(position, value) "{\"jsonrpc\":\"2.0\",\"id\":" position ",\"result\":" value "}"

static struct chain_settings chain;
static struct probe probes[SETTINGS_ENDPOINTS_MAX];
static struct server *server;
static char body[4096];
static const struct address targets[2] = {{{1}}, {{2}}};

static void begin(void)
{
    static struct config config;
    config_of(&config, config_sound);
    chain = config.settings.chain;
    server = server_new();
    strcpy(chain.endpoint[0].url, server_url(server));
}

static void end(void)
{
    server_free(server);
}

TestSuite(probe, .init = begin, .fini = end);

/* The first endpoint's batch has id 1, so that its calls are numbered from 256. */
static void server_is_on(const char *chain_id, const char *second_code)
{
    snprintf(body, sizeof(body),
             "[" RESULT("256", "\"%s\"") "," RESULT("257", HEADER) "," RESULT(
                 "258", "\"0x60\"") "," RESULT("259", "\"%s\"") "]",
             chain_id, second_code);
    server_say(server, (struct server_reply){.body = body});
}

static void probe(void)
{
    char why[256] = "";
    cr_assert(probe_endpoints(probes, why, &chain, targets, 2), "%s", why);
}

Test(probe, tells_chain_head_and_code)
{
    server_is_on("0x7a69", "0x");
    probe();
    cr_assert(probes[0].has_chain && probes[0].has_head, "%s", probes[0].why);
    cr_assert(eq(u64, probes[0].chain_id, 31337));
    cr_assert(eq(u64, probes[0].head, 77));
    cr_assert(probes[0].knows_code[0] && probes[0].has_code[0]);
    cr_assert(probes[0].knows_code[1] && !probes[0].has_code[1]);
    cr_assert(eq(uint, server_requests(server), 1));
}

Test(probe, asks_every_endpoint_and_hides_none_behind_another)
{
    server_is_on("0x7a69", "0x");
    server_dead_url(chain.endpoint[1].url);
    chain.endpoint[1].may_read = chain.endpoint[1].may_send = true;
    chain.endpoint_count = 2;
    probe();
    cr_assert(probes[0].has_chain);
    cr_assert_not(probes[1].has_chain);
    cr_assert_not_null(strstr(probes[1].why, "unreachable"), "%s", probes[1].why);
}

Test(probe, asks_one_that_only_sends_for_its_chain_alone)
{
    server_say(server, (struct server_reply){.body = RESULT("256", "\"0x1\"")});
    chain.endpoint[0].may_read = false;
    probe();
    cr_assert(probes[0].has_chain);
    cr_assert(eq(u64, probes[0].chain_id, 1));
    cr_assert_null(strstr(server_request(server, 0), "eth_getCode"));
}

Test(probe, knows_a_relay_by_its_answering_at_all)
{
    server_say(server, (struct server_reply){
                           .body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32601,"
                                   "\"message\":\"method not found\"}}"});
    chain.endpoint[0].may_read = chain.endpoint[0].may_send = false;
    chain.endpoint[0].takes_bundles = true;
    probe();
    cr_assert(probes[0].has_answered && !probes[0].has_chain);
    server_say(server, (struct server_reply){.status = 403, .body = "<html>no</html>"});
    probe();
    cr_assert_not(probes[0].has_answered);
}

Test(probe, keeps_the_words_of_a_page_that_is_no_node)
{
    server_say(server, (struct server_reply){.status = 403, .body = "<html>\nno key</html>"});
    probe();
    cr_assert_not(probes[0].has_chain);
    cr_assert_not_null(strstr(probes[0].why, "<html> no key"), "%s", probes[0].why);
}

Test(probe, names_a_url_that_cannot_be_used)
{
    char why[256] = "";
    strcpy(chain.endpoint[0].url, "gopher://example.org");
    cr_assert_not(probe_endpoints(probes, why, &chain, targets, 2));
    cr_assert_str_not_empty(why);
}

Test(check, keeps_the_lowest_code_of_its_faults)
{
    static struct config config;
    struct check check = {.config = &config};
    check_fault(&check, EXIT_REFUSED, "there", "a");
    check_fault(&check, EXIT_CHAIN, "there", "b");
    check_fault(&check, EXIT_REFUSED, "there", "c");
    cr_assert(eq(int, check.code, EXIT_CHAIN));
    cr_assert(eq(uint, check.faults, 3));
}

Test(check, counts_what_only_live_needs_as_a_note_in_dry_run)
{
    static struct config config;
    struct check check = {.config = &config};
    config.settings.mode = KEEPER_DRY_RUN;
    check_fault_if_live(&check, EXIT_REFUSED, "there", "no funds");
    cr_assert(eq(int, check.code, EXIT_DONE));
    cr_assert(eq(uint, check.notes, 1));
    config.settings.mode = KEEPER_LIVE;
    check_fault_if_live(&check, EXIT_REFUSED, "there", "no funds");
    cr_assert(eq(int, check.code, EXIT_REFUSED));
}
