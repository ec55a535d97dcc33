/* `plimsoll tx decode`: what it says of a transaction, and of what is none. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/commands.h"
#include "tests/keeper/command_fixture.h"

/* The example of EIP-155. */
static const char raw_eip155[] =
    "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
    "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
    "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
static const char json_eip155[] =
    "{\"type\":0,\"chain_id\":1,\"nonce\":9,"
    "\"to\":\"0x3535353535353535353535353535353535353535\",\"value\":\"1000000000000000000\","
    "\"data\":\"0x\",\"gas\":21000,\"gas_price\":\"20000000000\",\"access_list\":[],"
    "\"y_parity\":0,"
    "\"r\":\"0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276\","
    "\"s\":\"0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83\","
    "\"hash\":\"0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788\","
    "\"from\":\"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\"}\n";

static void decode(struct outcome *out, const char *raw, const char *option, const char *input)
{
    const char *words[] = {"decode", raw, option, NULL};
    outcome_of(out, command_tx, words, input);
}

Test(command_tx, says_the_example_of_eip_155_in_each_field)
{
    OUTCOME outcome;
    decode(&outcome, raw_eip155, "--json", NULL);
    cr_assert(eq(int, outcome.code, 0));
    cr_assert(eq(str, outcome.out, (char *)json_eip155));
}

Test(command_tx, takes_hex_without_0x_in_either_case_and_space_around_it)
{
    OUTCOME bare;
    OUTCOME spaced;
    char text[400] = " \t";

    decode(&bare, raw_eip155 + 2, "--json", NULL);
    cr_assert(eq(str, bare.out, (char *)json_eip155));
    strcat(strcat(text, raw_eip155), "\r");
    for (size_t i = 4; text[i] != '\0'; i++)
        text[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 32 : text[i]);
    decode(&spaced, text, "--json", NULL);
    cr_assert(eq(str, spaced.out, (char *)json_eip155));
}

Test(command_tx, tells_a_person_the_same_fields)
{
    OUTCOME outcome;
    decode(&outcome, raw_eip155, NULL, NULL);
    cr_assert(eq(int, outcome.code, 0));
    cr_assert(strstr(outcome.out, "gas_price                 20000000000\n") != NULL);
    cr_assert(strstr(outcome.out,
                     "from                      0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\n") !=
              NULL);
}

/* A signed transaction of the test's key, changed by `change`. */
static char *raw_of(void (*change)(struct transaction *))
{
    CLEANUP(secret_release) struct secret secret = {0};
    BUFFER calldata = {0}, raw = {0};
    TEXT text = {0};
    struct transaction transaction;

    secret_of(&secret, keystore_cheap_key);
    transaction_of_test(&transaction, &calldata);
    change(&transaction);
    cr_assert(transaction_sign(&raw, &transaction, &secret));
    text_add_hex(&text, buffer_bytes(&raw));
    return strdup(text_string(&text));
}

static json_t *json_of(const char *raw)
{
    OUTCOME outcome;
    decode(&outcome, raw, "--json", NULL);
    cr_assert(eq(int, outcome.code, 0), "%s", outcome.err);
    json_t *json = json_loads(outcome.out, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(json);
    return json;
}

static void create(struct transaction *transaction)
{
    transaction->has_to = false;
}

Test(command_tx, says_null_where_a_contract_is_created)
{
    char *raw = raw_of(create);
    json_t *json = json_of(raw);

    cr_assert(eq(int, json_typeof(json_object_get(json, "to")), JSON_NULL));
    cr_assert(eq(int, (int)json_integer_value(json_object_get(json, "type")), 2));
    cr_assert_null(json_object_get(json, "gas_price"));
    cr_assert(eq(str, (char *)json_string_value(json_object_get(json, "max_fee_per_gas")),
                 "100000000000"));
    cr_assert(eq(str, (char *)json_string_value(json_object_get(json, "max_priority_fee_per_gas")),
                 "2000000000"));
    json_decref(json);
    free(raw);
}

static void date_back(struct transaction *transaction)
{
    transaction->type = TRANSACTION_LEGACY;
    transaction->has_chain_id = false;
}

Test(command_tx, says_null_for_the_chain_before_eip_155)
{
    char *raw = raw_of(date_back);
    json_t *json = json_of(raw);

    cr_assert(eq(int, json_typeof(json_object_get(json, "chain_id")), JSON_NULL));
    cr_assert_null(json_object_get(json, "max_fee_per_gas"));
    json_decref(json);
    free(raw);
}

/* [[0x11…11, [0x22…22]]] without the outermost list's head: 55 bytes */
static uint8_t access_list[56];

static void list_access(struct transaction *transaction)
{
    access_list[0] = 0xf7; /* a list of 55 bytes */
    access_list[1] = 0x94;
    memset(access_list + 2, 0x11, 20);
    access_list[22] = 0xe1;
    access_list[23] = 0xa0;
    memset(access_list + 24, 0x22, 32);
    transaction->type = TRANSACTION_ACCESS_LIST;
    transaction->access_list = bytes_of(access_list, sizeof access_list);
}

Test(command_tx, spells_an_access_list_out)
{
    char *raw = raw_of(list_access);
    json_t *json = json_of(raw);
    char *list = json_dumps(json_object_get(json, "access_list"), JSON_COMPACT);

    cr_assert(eq(str, list,
                 "[{\"address\":\"0x1111111111111111111111111111111111111111\","
                 "\"storage_keys\":[\"0x22222222222222222222222222222222"
                 "22222222222222222222222222222222\"]}]"));
    free(list);
    json_decref(json);
    free(raw);
}

Test(command_tx, refuses_what_is_no_transaction_with_2)
{
    static const char *const raws[] = {
        "",
        "0x",
        "0xf",
        "0xzz",
        "hello",
        "0x00",
        "0x03c0",
        "0x04c0",
        "0xc0",
        "0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
        "018080", /* unsigned */
    };

    for (size_t i = 0; i < ARRAY_LENGTH(raws); i++) {
        OUTCOME outcome;
        decode(&outcome, raws[i], "--json", NULL);
        cr_assert(eq(int, outcome.code, 2), "%s", raws[i]);
        cr_assert(eq(str, outcome.out, ""));
        cr_assert(strlen(outcome.err) > 0);
    }
}

Test(command_tx, refuses_a_signature_in_the_upper_half_or_of_zero)
{
    static const char *const changes[][2] = {
        /* s becomes n - s, and the parity the other one: the same key, another hash */
        {"25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
         "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
         "26a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
         "a098341627668089e51348fccfb4c7ff31c55912f2d2e47ef09652acf665fad3be"},
        {"a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276", "80"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        OUTCOME outcome;
        char *raw = text_with(raw_eip155, changes[i][0], changes[i][1]);
        decode(&outcome, raw, NULL, NULL);
        cr_assert(eq(int, outcome.code, 2));
        free(raw);
    }
}

Test(command_tx, answers_each_line_and_goes_on)
{
    OUTCOME outcome;
    char input[1200] = "";

    strcat(strcat(strcat(input, raw_eip155), "\nnonsense\n\n"), raw_eip155);
    decode(&outcome, "-", NULL, input);
    cr_assert(eq(int, outcome.code, 0));
    size_t length = strlen(json_eip155);
    cr_assert(strncmp(outcome.out, json_eip155, length) == 0);
    const char *rest = outcome.out + length;
    cr_assert(strncmp(rest, "{\"error\":\"", 10) == 0);
    rest = strchr(rest, '\n') + 1;
    cr_assert(strncmp(rest, "{\"error\":\"", 10) == 0);
    rest = strchr(rest, '\n') + 1;
    cr_assert(eq(str, (char *)rest, (char *)json_eip155));
}

Test(command_tx, answers_nothing_to_nothing)
{
    OUTCOME outcome;
    decode(&outcome, "-", "--json", NULL);
    cr_assert(outcome.code == 0 && outcome.out[0] == '\0');
}

Test(command_tx, refuses_a_line_that_is_longer_than_any_transaction)
{
    OUTCOME outcome;
    size_t size = 4 * 1024 * 1024 + 1;
    char *input = malloc(size + sizeof raw_eip155 + 2);

    memset(input, '0', size);
    input[size] = '\n';
    strcpy(input + size + 1, raw_eip155);
    decode(&outcome, "-", NULL, input);
    free(input);
    cr_assert(eq(int, outcome.code, 0));
    cr_assert(strstr(outcome.out, "{\"error\":\"longer than any transaction\"}\n{\"type\":0") ==
              outcome.out);
}

Test(command_tx, refuses_what_it_does_not_know)
{
    static const char *const rows[][4] = {{NULL},
                                          {"decode", NULL},
                                          {"encode", "0x", NULL},
                                          {"decode", "0x", "0x", NULL},
                                          {"decode", "--yaml", "0x", NULL}};

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        OUTCOME outcome;
        outcome_of(&outcome, command_tx, rows[i], NULL);
        cr_assert(eq(int, outcome.code, 2));
    }
}
