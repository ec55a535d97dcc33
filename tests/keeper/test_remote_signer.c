/* A signer behind HTTP, as Web3Signer speaks: a stub of its wire, and all that such a one can do
 * wrong. */
#include "keeper/remote_signer.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ev.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/jsonrpc.h"
#include "sign/recover.h"
#include "tests/keeper/config_fixture.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"
#include "tests/rpc/server.h"
#include "tests/sign/sign_fixture.h"

TestSuite(remote_signer, .timeout = 60);

enum stub_deed { STUB_SIGNS, STUB_SIGNS_AS_CLEF, STUB_SIGNS_ANOTHER, STUB_CHANGES_THE_FEE };

/* What Web3Signer does with a key in its folder. */
struct stub {
    struct secret secret;
    struct address account;
    enum stub_deed deed;
};

/* In the server's thread, where Criterion cannot be told: what is wrong ends the process. */
static void quantity(struct u256 *out, const json_t *params, const char *name)
{
    const char *text = json_string_value(json_object_get(params, name));
    MUST(text != NULL && strncmp(text, "0x", 2) == 0);
    MUST(u256_parse_hex(out, text, strlen(text)));
    MUST(text[2] != '0' || text[3] == '\0');
}

static uint64_t number(const json_t *params, const char *name)
{
    struct u256 value;
    quantity(&value, params, name);
    return value.limb[0];
}

static void transaction_of(struct transaction *out, struct buffer *data, const json_t *params)
{
    *out = (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                .has_chain_id = true,
                                .has_to = true,
                                .chain_id = number(params, "chainId"),
                                .nonce = number(params, "nonce"),
                                .gas = number(params, "gas")};
    quantity(&out->max_fee_per_gas.value, params, "maxFeePerGas");
    quantity(&out->max_priority_fee_per_gas.value, params, "maxPriorityFeePerGas");
    quantity(&out->value.value, params, "value");
    MUST(json_address(&out->to, json_object_get(params, "to")));
    MUST(json_bytes(data, json_object_get(params, "data"), (struct bytes){0}));
    out->data = buffer_bytes(data);
}

static void sign_answer(struct text *out, const struct stub *stub, const json_t *params)
{
    struct transaction transaction;
    struct address from;
    BUFFER data = {0}, raw = {0};

    MUST(json_address(&from, json_object_get(params, "from")));
    MUST(address_is_equal(&from, &stub->account));
    transaction_of(&transaction, &data, params);
    if (stub->deed == STUB_SIGNS_ANOTHER)
        transaction.to.byte[0] ^= 1;
    if (stub->deed == STUB_CHANGES_THE_FEE)
        transaction.max_fee_per_gas.value.limb[0]++;
    MUST(transaction_sign(&raw, &transaction, &stub->secret));
    text_add(out, stub->deed == STUB_SIGNS_AS_CLEF ? "{\"tx\":{},\"raw\":\"" : "\"");
    text_add_hex(out, buffer_bytes(&raw));
    text_add(out, stub->deed == STUB_SIGNS_AS_CLEF ? "\"}" : "\"");
}

static char *stub_answer(void *context, const char *request)
{
    const struct stub *stub = context;
    json_t *root = json_loads(request, 0, NULL);
    const char *method = json_string_value(json_object_get(root, "method"));
    TEXT out = {0};

    text_add(&out, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_add_i64(&out, json_integer_value(json_object_get(root, "id")));
    text_add(&out, ",\"result\":");
    if (strcmp(method, "eth_accounts") == 0) {
        text_add(&out, "[\"0x00000000000000000000000000000000000000aa\",\"");
        text_add_hex(&out, bytes_of(stub->account.byte, 20));
        text_add(&out, "\"]");
    } else {
        MUST(strcmp(method, "eth_signTransaction") == 0);
        sign_answer(&out, stub, json_array_get(json_object_get(root, "params"), 0));
    }
    text_add_char(&out, '}');
    json_decref(root);
    return strdup(text_string(&out));
}

/* A stub that listens, and a daemon's half that is pointed at it. */
struct place {
    struct stub stub;
    struct server *server;
    struct ev_loop *loop;
    struct remote_signer *remote;
    struct config config;
    struct observation said;
    struct buffer body;
};

static void on_signed(void *context, const struct observation *observation)
{
    struct place *place = context;

    place->said = *observation;
    buffer_clear(&place->body);
    buffer_add_bytes(&place->body, observation->body);
    place->said.body = buffer_bytes(&place->body);
    ev_break(place->loop, EVBREAK_ALL);
}

static void place_make(struct place *place)
{
    char why[256] = "";

    memset(place, 0, sizeof *place);
    secret_of(&place->stub.secret, keystore_cheap_key);
    cr_assert(secret_address(&place->stub.account, &place->stub.secret));
    place->server = server_new();
    server_say(place->server,
               (struct server_reply){.answer = stub_answer, .context = &place->stub});
    place->config.settings.account = place->stub.account;
    place->config.settings.chain.connect_timeout_ms = 2000;
    place->config.settings.chain.total_timeout_ms = 2000;
    strcpy(place->config.signer_url, server_url(place->server));
    place->loop = ev_loop_new(EVFLAG_AUTO);
    place->remote = remote_signer_new(why, place->loop, &place->config, NULL);
    cr_assert_not_null(place->remote, "%s", why);
    remote_signer_on_signed(place->remote, on_signed, place);
}

static void place_remove(struct place *place)
{
    remote_signer_free(place->remote);
    ev_loop_destroy(place->loop);
    server_free(place->server);
    secret_release(&place->stub.secret);
    buffer_release(&place->body);
}

#define PLACE CLEANUP(place_remove) struct place

static void ask(struct place *place, struct transaction *transaction, struct buffer *calldata)
{
    BUFFER wanted = {0};

    transaction_of_test(transaction, calldata);
    transaction_encode_unsigned(&wanted, transaction);
    remote_signer_sign(place->remote, 77, buffer_bytes(&wanted));
    ev_run(place->loop, 0);
    cr_assert(place->said.kind == OBSERVATION_SIGNED && place->said.id == 77);
}

static void refuses(struct place *place, const char *why)
{
    struct transaction transaction;
    BUFFER calldata = {0};

    ask(place, &transaction, &calldata);
    cr_assert(eq(int, place->said.status, OBSERVED_REFUSED));
    buffer_add_byte(&place->body, 0);
    cr_assert_not_null(strstr((char *)place->body.data, why), "%s", (char *)place->body.data);
}

Test(remote_signer, gives_the_bytes_that_were_asked_for)
{
    PLACE place;
    struct transaction wanted, back;
    BUFFER calldata = {0}, before = {0}, after = {0};

    for (int deed = STUB_SIGNS; deed <= STUB_SIGNS_AS_CLEF; deed++) {
        place_make(&place);
        place.stub.deed = (enum stub_deed)deed;
        ask(&place, &wanted, &calldata);
        cr_assert(eq(int, place.said.status, OBSERVED_OK));
        cr_assert(transaction_decode(&back, place.said.body) == TRANSACTION_OK);
        buffer_clear(&before);
        buffer_clear(&after);
        transaction_encode_unsigned(&before, &wanted);
        transaction_encode_unsigned(&after, &back);
        cr_assert(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
        if (deed < STUB_SIGNS_AS_CLEF)
            place_remove(&place);
    }
}

Test(remote_signer, is_asked_in_the_words_of_web3signer)
{
    struct transaction transaction;
    struct address account = {{0x33}};
    BUFFER calldata = {0};
    TEXT params = {0};

    transaction_of_test(&transaction, &calldata);
    transaction.data = bytes_slice(transaction.data, 0, 4);
    remote_sign_params(&params, &account, &transaction);
    cr_assert_str_eq(text_string(&params),
                     "[{\"from\":\"0x3300000000000000000000000000000000000000\","
                     "\"to\":\"0x1111111111111111111111111111111111111111\",\"gas\":\"0x956a0\","
                     "\"maxFeePerGas\":\"0x174876e800\",\"maxPriorityFeePerGas\":\"0x77359400\","
                     "\"nonce\":\"0x7\",\"value\":\"0x0\",\"chainId\":\"0x7a69\","
                     "\"data\":\"0x00a718a9\"}]");
}

Test(remote_signer, is_refused_where_another_key_signed)
{
    PLACE place;
    struct transaction transaction;
    BUFFER calldata = {0};

    place_make(&place);
    ask(&place, &transaction, &calldata);
    cr_assert(eq(int, place.said.status, OBSERVED_OK));
    secret_release(&place.stub.secret);
    secret_of(&place.stub.secret, keystore_definition_key);
    refuses(&place, "another key than keeper.account's");
}

Test(remote_signer, is_refused_in_its_own_words_or_in_ours)
{
    static const struct {
        struct server_reply reply;
        const char *why;
    } rows[] = {
        {{.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":-32000,\"message\":\"no key "
                  "for that\"}}"},
         "no key for that"},
        {{.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":null}"}, "no signed transaction"},
        {{.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":\"0x02c0\"}"},
         "no signed transaction"},
        {{.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":{\"tx\":{}}}"},
         "no signed transaction"},
        {{.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":[]}"}, "no signed transaction"},
        {{.body = "hello"}, "signer.url: "},
        {{.status = 500, .body = "out of order"}, "signer.url: "},
        {{.deed = SERVER_CUTS_BEFORE_HEADERS}, "signer.url: "},
        {{.deed = SERVER_HOLDS}, "signer.url: "},
        {{.deed = SERVER_FLOODS}, "signer.url: "},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        PLACE place;
        place_make(&place);
        place.config.settings.chain.total_timeout_ms = 300;
        server_say(place.server, rows[i].reply);
        refuses(&place, rows[i].why);
        server_release(place.server);
    }
}

Test(remote_signer, is_proved_by_its_accounts)
{
    PLACE place;
    char why[256] = "";

    place_make(&place);
    cr_assert(eq(int, remote_signer_prove(why, &place.config), SIGNER_LINK_OK), "%s", why);
    place.config.settings.account.byte[3] ^= 1;
    cr_assert(eq(int, remote_signer_prove(why, &place.config), SIGNER_LINK_WRONG_ACCOUNT));
    cr_assert_not_null(strstr(why, "eth_accounts names 2, none is 0x"), "%s", why);
    server_say(place.server,
               (struct server_reply){.body = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"error\":{\"code\":"
                                             "-32601,\"message\":\"not here\"}}"});
    cr_assert(eq(int, remote_signer_prove(why, &place.config), SIGNER_LINK_KEY_REFUSED));
    cr_assert_not_null(strstr(why, "not here"), "%s", why);
    server_dead_url(place.config.signer_url);
    cr_assert(eq(int, remote_signer_prove(why, &place.config), SIGNER_LINK_CANNOT_CONNECT));
}

/* ---- the daemon */

static bool until_landed(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_MINED] > 0;
}

static bool until_two_were_dropped(const struct turn_state *state)
{
    return state->counters.transactions[FLIGHT_DROPPED] > 1 || until_landed(state);
}

/* Runs a live daemon with that stub. Out: sendings that left. */
static unsigned live_run(struct stub *stub, bool (*until)(const struct turn_state *))
{
    const struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_signer = true};
    struct chain *chain = chain_of(recording_or_skip());
    struct server *server = server_new();
    unsigned kinds[CHAIN_KINDS];
    TEXT fresh = {0};
    HOUSE house;

    recording_key(&stub->secret);
    cr_assert(secret_address(&stub->account, &stub->secret));
    server_say(server, (struct server_reply){.answer = stub_answer, .context = stub});
    house_make(&house, chain);
    text_add(&fresh, "\"signer\": {\"url\": \"");
    text_add(&fresh, server_url(server));
    text_add(&fresh, "\"},");
    house_configure(&house,
                    "\"signer\": {\"keystore\": \"keeper.json\", \"password_file\": "
                    "\"keeper.password\"},",
                    text_string(&fresh));
    house_configure(&house, "\"mode\": \"dry-run\"", "\"mode\": \"live\"");
    house_serve(&house);
    chain_walk(chain, 2);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until), EXIT_DONE), "%s", engine_why(house.engine));
    chain_count(chain, kinds);
    house_close(&house);
    house_end(&house);
    chain_free(chain);
    server_free(server);
    secret_release(&stub->secret);
    return kinds[CHAIN_SEND];
}

Test(remote_signer, signs_for_a_live_daemon)
{
    struct stub stub = {.deed = STUB_SIGNS};
    cr_assert(gt(uint, live_run(&stub, until_landed), 0));
}

Test(remote_signer, that_signs_another_call_has_nothing_of_it_sent)
{
    struct stub stub = {.deed = STUB_SIGNS_ANOTHER};
    cr_assert(eq(uint, live_run(&stub, until_two_were_dropped), 0));
}

Test(remote_signer, that_changes_a_fee_by_a_wei_has_nothing_of_it_sent)
{
    struct stub stub = {.deed = STUB_CHANGES_THE_FEE};
    cr_assert(eq(uint, live_run(&stub, until_two_were_dropped), 0));
}
