/* The daemon, two builders and a relay: what leaves it by each way out, byte for byte, and that
 * nothing does in a dry run. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/keccak.h"
#include "sign/recover.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"
#include "tests/keeper/relay.h"

#define RELAYS 3

TestSuite(engine_ways, .timeout = 90);

static struct relay relays[RELAYS]; /* two builders, a relay of private transactions */
static struct chain *walked;        /* by until_landed_by_relays */

static void relays_open(struct house *house, struct chain *chain)
{
    static const char *const roles[RELAYS] = {"bundle", "bundle", "private"};
    TEXT endpoints = {0};

    text_add(&endpoints, "\"requests_per_second\": 0}");
    for (int i = 0; i < RELAYS; i++) {
        relay_open(&relays[i], chain);
        text_add(&endpoints, ", {\"url\": \"");
        text_add(&endpoints, server_url(relays[i].server));
        text_add(&endpoints, "\", \"roles\": [\"");
        text_add(&endpoints, roles[i]);
        text_add(&endpoints, "\"]}");
    }
    house_configure(house, "\"requests_per_second\": 0}", text_string(&endpoints));
}

static void go_private(struct house *house)
{
    house_configure(house, "\"way_out\": \"public\"", "\"way_out\": \"private\"");
    house_configure(house, "\"private_blocks\": 5", "\"private_blocks\": 0");
    house_configure(house, "\"roles\": [\"read\", \"send\"]", "\"roles\": [\"read\"]");
}

static void end(struct house *house, struct chain *chain)
{
    house_close(house);
    house_end(house);
    for (int i = 0; i < RELAYS; i++)
        relay_close(&relays[i]);
    chain_free(chain);
}

/* Requests to the node that carry a transaction. */
static unsigned node_sends(const struct house *house)
{
    unsigned count = 0;

    for (unsigned i = 0; i < server_requests(house->server); i++)
        count += strstr(server_request(house->server, i), "\"eth_send") != NULL;
    return count;
}

static unsigned posts(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    unsigned count = relay->count;
    pthread_mutex_unlock(&relay->lock);
    return count;
}

/* What the recording holds is mined at its block, whoever posted it: so the head stands until all
 * that was signed for it is where it belongs. */
static bool until_landed_by_relays(const struct turn_state *state)
{
    static unsigned calm;
    uint64_t is_signed = state->counters.transactions[FLIGHT_SIGNED] + state->counters.replaced;
    bool is_posted = state->counters.transactions[FLIGHT_DRAFTED] ==
                         state->counters.transactions[FLIGHT_SIGNED] &&
                     posts(&relays[0]) >= 3 * is_signed && posts(&relays[1]) >= 3 * is_signed &&
                     posts(&relays[2]) >= is_signed;
    uint32_t shown = chain_shown(walked);

    calm = state->is_ready && state->header.number == chain_number(walked, shown) && is_posted
               ? calm + 1
               : 0;
    if (calm > 3 && shown + 1 < chain_blocks(walked)) {
        chain_show(walked, shown + 1);
        calm = 0;
    }
    return state->counters.transactions[FLIGHT_MINED] > 0;
}

static bool until_something_landed(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_MINED] > 0;
}

static bool until_something_is_decided(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_DROPPED] > 0;
}

/* Of the keeper's account, for this chain, with a call in it: what is read from the very bytes. */
static void is_a_liquidation(const struct settings *settings, const char *raw)
{
    struct transaction transaction;
    struct address sender;
    BUFFER bytes = {0};

    cr_assert(hex_decode_prefixed(&bytes, raw, strlen(raw)));
    cr_assert(eq(int, transaction_decode(&transaction, buffer_bytes(&bytes)), TRANSACTION_OK));
    cr_assert(transaction.is_signed && transaction.has_chain_id && transaction.has_to);
    cr_assert(eq(u64, transaction.chain_id, settings->chain.id));
    cr_assert(transaction_sender(&sender, &transaction));
    cr_assert(address_is_equal(&sender, &settings->account));
    cr_assert(transaction.data.size >= 4 &&
                  memcmp(transaction.data.data, "\x00\xa7\x18\xa9", 4) == 0,
              "no call of liquidationCall");
}

static bool has_raw(const struct relay *relay, const char *raw)
{
    for (unsigned i = 0; i < relay->count; i++) {
        if (strcmp(relay->post[i].raw, raw) == 0)
            return true;
    }
    return false;
}

/* The blocks that these bytes were offered for follow each other. */
static void blocks_are_consecutive(const struct relay *relay, const char *raw)
{
    uint64_t last = 0;
    unsigned count = 0;

    for (uint64_t block = 0;; block = last + 1) {
        uint64_t next = UINT64_MAX;

        for (unsigned i = 0; i < relay->count; i++) {
            const struct relay_post *post = &relay->post[i];

            if (strcmp(post->raw, raw) == 0 && post->block >= block && post->block < next)
                next = post->block;
        }
        if (next == UINT64_MAX)
            break;
        cr_assert(last == 0 || next == last + 1, "a block was left out");
        last = next;
        count++;
    }
    cr_assert(count >= 3, "only %u blocks", count);
}

Test(engine_ways, private_bytes_reach_every_builder_and_relay_alike_and_never_the_node)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};
    char signer[RELAYS][43];
    char account[ADDRESS_TEXT_SIZE];
    HOUSE house;

    house_make(&house, chain);
    relays_open(&house, chain);
    go_private(&house);
    house_go_live(&house);
    house_serve(&house);
    walked = chain;
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until_landed_by_relays), EXIT_DONE), "%s",
              engine_why(house.engine));
    house_close(&house);
    cr_assert(eq(uint, node_sends(&house), 0));
    address_format(account, &house.config.settings.account);
    for (int i = 0; i < RELAYS; i++) {
        cr_assert_null(relays[i].fault, "%s", relays[i].fault);
        relay_signer(signer[i], &relays[i]);
        cr_assert(eq(str, signer[i], signer[0]));
        cr_assert(ne(str, signer[i], account), "the key that pays");
    }
    /* the first flights, before any was raised or ended between two of the relays */
    is_a_liquidation(&house.config.settings, relays[0].post[0].raw);
    blocks_are_consecutive(&relays[0], relays[0].post[0].raw);
    for (int i = 1; i < RELAYS; i++)
        cr_assert(has_raw(&relays[i], relays[0].post[0].raw), "not the same bytes");
    end(&house, chain);
}

Test(engine_ways, public_bytes_reach_no_builder_and_no_relay)
{
    struct chain *chain = chain_of(recording_or_skip());
    struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};
    HOUSE house;

    house_make(&house, chain);
    relays_open(&house, NULL);
    house_go_live(&house);
    house_serve(&house);
    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until_something_landed), EXIT_DONE));
    house_close(&house);
    cr_assert(node_sends(&house) > 0);
    for (int i = 0; i < RELAYS; i++) {
        cr_assert(eq(uint, server_requests(relays[i].server), 0));
    }
    for (unsigned i = 0; i < server_requests(house.server); i++)
        cr_assert_null(strstr(server_request(house.server, i), "Flashbots"));
    end(&house, chain);
}

static void nothing_leaves(bool is_private)
{
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;

    house_make(&house, chain);
    relays_open(&house, NULL);
    if (is_private)
        go_private(&house);
    house_serve(&house);
    chain_walk(chain, 2);
    cr_assert(eq(int, house_open(&house), EXIT_DONE), "%s", engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until_something_is_decided), EXIT_DONE));
    house_close(&house);
    cr_assert(eq(uint, node_sends(&house), 0));
    for (int i = 0; i < RELAYS; i++)
        cr_assert(eq(uint, server_requests(relays[i].server), 0));
    end(&house, chain);
}

Test(engine_ways, a_dry_run_sends_nothing_to_the_pool)
{
    nothing_leaves(false);
}

Test(engine_ways, a_dry_run_sends_nothing_to_builders_and_relays)
{
    nothing_leaves(true);
}
