/* Results read by type; each shape that is not, refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>

#include "eth/receipt.h"
#include "tests/eth/answers.h"
#include "tests/eth/bytes_of_hex.h"

#define HASH_1 "0x1111111111111111111111111111111111111111111111111111111111111111"
#define HASH_2 "0x2222222222222222222222222222222222222222222222222222222222222222"
#define ADDRESS_1 "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
#define ZEROS_64 "0000000000000000000000000000000000000000000000000000000000000000"
#define BLOOM                                                                                      \
    "0x80" ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64                          \
    "0000000000000000000000000000000000000000000000000000000000"                                   \
    "0001"

#define ZEROS_62 "00000000000000000000000000000000000000000000000000000000000000"

/* The text of an object with `member` set to `value` (JSON), or taken out where that is NULL. */
static char *with(const char *object, const char *member, const char *value)
{
    json_t *json = json_loads(object, 0, NULL);
    cr_assert(ne(ptr, json, NULL));
    if (value == NULL)
        json_object_del(json, member);
    else
        json_object_set_new(json, member, json_loads(value, JSON_DECODE_ANY, NULL));
    char *text = json_dumps(json, 0);
    json_decref(json);
    return text;
}

/* The result of an answer with that text in it. */
static struct json_t *result_of(struct rpc_answers *answers, struct text *body, const char *json)
{
    text_clear(body);
    text_add(body, "{\"id\":256,\"result\":");
    text_add(body, json);
    text_add(body, "}");
    parse(answers, text_string(body), 1, 1);
    cr_assert(eq(int, answers->envelope, RPC_ENVELOPE_OK));
    return answers->answer[0].result;
}

/* The answer is made before what is cut out of it is looked for. */
static bool read_hash(struct rpc_answers *answers, struct text *body, const char *json,
                      struct hash32 *out)
{
    const struct json_t *result = result_of(answers, body, json);

    return json_hash32(out, result, answers->original);
}

static bool read_receipt(struct rpc_answers *answers, struct text *body, const char *json,
                         struct receipt *out)
{
    const struct json_t *result = result_of(answers, body, json);

    return json_receipt(out, result, answers->original);
}

Test(json, quantities_are_short_hex_strings)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    uint64_t value;
    struct u256 wide;
    cr_assert(json_quantity(&value, result_of(&answers, &body, "\"0x1b4\"")));
    cr_expect(eq(u64, value, 436));
    cr_assert(json_u256(&wide, result_of(&answers, &body, "\"0x1ffffffffffffffff\"")));
    cr_expect(eq(u64, wide.limb[1], 1));
    const char *row[] = {"436", "436.0", "null", "true", "\"436\"", "\"\"", "\"0x\"", "[]", "{}"};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        cr_expect(not(json_quantity(&value, result_of(&answers, &body, row[i]))), "%s", row[i]);
        cr_expect(not(json_u256(&wide, result_of(&answers, &body, row[i]))), "%s", row[i]);
    }
    cr_expect(not(json_quantity(&value, result_of(&answers, &body, "\"0x1ffffffffffffffff\""))));
    cr_expect(not(json_quantity(&value, NULL)));
}

Test(json, hashes_and_addresses_have_one_length)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct hash32 hash;
    struct address address;
    cr_expect(read_hash(&answers, &body, "\"" HASH_1 "\"", &hash));
    cr_expect(json_address(&address, result_of(&answers, &body, "\"" ADDRESS_1 "\"")));
    /* a chain's own checksum is none of ours */
    cr_expect(json_address(
        &address, result_of(&answers, &body, "\"0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD\"")));
    const char *row[] = {"\"0x\"", "\"0x11\"", "null", "7", "\"" HASH_1 "11\""};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        cr_expect(not(read_hash(&answers, &body, row[i], &hash)), "%s", row[i]);
        cr_expect(not(json_address(&address, result_of(&answers, &body, row[i]))), "%s", row[i]);
    }
    cr_expect(not(json_hash32(&hash, NULL, answers.original)));
    cr_expect(not(json_address(&address, NULL)));
}

Test(json, a_node_s_own_note_is_no_hash_though_one_stands_where_it_points)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct hash32 hash;
    const struct json_t *list = result_of(&answers, &body, "[\"" HASH_1 "\",\"@21,66\"]");

    cr_assert(eq(chr, (char)answers.original.data[21], '0')); /* there it begins */
    cr_expect(json_hash32(&hash, json_array_get(list, 0), answers.original));
    cr_expect(not(json_hash32(&hash, json_array_get(list, 1), answers.original)));
}

Test(json, an_amount_of_all_digits_is_none)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct u256 wide;

    cr_expect(json_u256(&wide, result_of(&answers, &body, "\"0x1" ZEROS_62 "\"")));
    cr_expect(not(json_u256(&wide, result_of(&answers, &body, "\"0x10" ZEROS_62 "\""))));
}

Test(json, bytes_are_read_short_or_long)
{
    const char *row[] = {"0x", "0x12", "0x" ZEROS_64, "0x" ZEROS_64 "ab", BLOOM};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        ANSWERS answers = {0};
        BUFFER bytes = {0};
        TEXT body = {0};
        TEXT json = {0};
        text_add_json(&json, bytes_of_text(row[i]));
        struct json_t *result = result_of(&answers, &body, text_string(&json));
        cr_assert(json_bytes(&bytes, result, answers.original));
        cr_expect(is_hex(buffer_bytes(&bytes), row[i]));
    }
}

Test(json, bytes_are_refused_where_they_are_none)
{
    ANSWERS answers = {0};
    BUFFER bytes = {0};
    TEXT body = {0};
    const char *row[] = {"null",
                         "1",
                         "\"\"",
                         "\"0x1\"",
                         "\"0xgg\"",
                         "\"@1,2\"",
                         "\"@0,10\"",
                         "\"\\u00401,20\"",
                         "\"0x" ZEROS_64 ZEROS_64 "1\""};
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        struct json_t *result = result_of(&answers, &body, row[i]);
        cr_expect(not(json_bytes(&bytes, result, answers.original)), "%s", row[i]);
    }
    cr_expect(not(json_bytes(&bytes, NULL, answers.original)));
    cr_expect(eq(sz, bytes.size, 0));
}

#define HEADER                                                                                     \
    "{\"number\":\"0x10\",\"hash\":\"" HASH_1 "\",\"parentHash\":\"" HASH_2                        \
    "\",\"timestamp\":\"0x60\",\"baseFeePerGas\":\"0x7\",\"gasLimit\":\"0x1c9c380\","              \
    "\"gasUsed\":\"0x5208\",\"logsBloom\":\"" BLOOM "\",\"extraData\":\"0x\"}"

Test(json, headers_are_read)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct header header;
    struct json_t *result = result_of(&answers, &body, HEADER);
    cr_assert(json_header(&header, result, answers.original));
    cr_expect(eq(u64, header.number, 16));
    cr_expect(eq(u8, header.hash.byte[0], 0x11));
    cr_expect(eq(u8, header.parent.byte[31], 0x22));
    cr_expect(eq(u64, header.timestamp_s, 96));
    cr_expect(eq(u64, header.base_fee.value.limb[0], 7));
    cr_expect(eq(u64, header.gas_limit, 30000000));
    cr_expect(eq(u64, header.gas_used, 21000));
    cr_expect(eq(u8, header.bloom[0], 0x80));
    cr_expect(eq(u8, header.bloom[255], 0x01));
}

Test(json, headers_without_a_bloom_may_hold_any_log_and_without_a_base_fee_charge_none)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct header header;
    char *without = with(HEADER, "logsBloom", NULL);
    char *neither = with(without, "baseFeePerGas", "null");
    cr_assert(json_header(&header, result_of(&answers, &body, neither), answers.original));
    cr_expect(u256_is_zero(&header.base_fee.value));
    cr_expect(eq(u8, header.bloom[0], 0xff));
    cr_expect(eq(u8, header.bloom[255], 0xff));
    free(without);
    free(neither);
}

Test(json, headers_are_refused_with_a_field_missing_or_of_another_shape)
{
    const char *name[] = {"number", "hash", "parentHash", "timestamp", "gasLimit", "gasUsed"};
    ANSWERS answers = {0};
    TEXT body = {0};
    struct header header;
    for (size_t i = 0; i < ARRAY_LENGTH(name); i++) {
        const char *value[] = {NULL, "null", "7", "\"0x\""};
        for (size_t at = 0; at < ARRAY_LENGTH(value); at++) {
            char *text = with(HEADER, name[i], value[at]);
            struct json_t *result = result_of(&answers, &body, text);
            cr_expect(not(json_header(&header, result, answers.original)), "%s", name[i]);
            free(text);
        }
    }
    const char *bloom[] = {"\"0x\"", "\"0x00\"", "7", "\"" BLOOM "00\"", "\"@1,514\""};
    for (size_t i = 0; i < ARRAY_LENGTH(bloom); i++) {
        char *text = with(HEADER, "logsBloom", bloom[i]);
        struct json_t *result = result_of(&answers, &body, text);
        cr_expect(not(json_header(&header, result, answers.original)), "%s", bloom[i]);
        free(text);
    }
    char *fee = with(HEADER, "baseFeePerGas", "7");
    cr_expect(not(json_header(&header, result_of(&answers, &body, fee), answers.original)));
    free(fee);
    cr_expect(not(json_header(&header, result_of(&answers, &body, "null"), answers.original)));
    cr_expect(not(json_header(&header, NULL, answers.original)));
}

#define LOG                                                                                        \
    "{\"address\":\"" ADDRESS_1 "\",\"topics\":[\"" HASH_1 "\",\"" HASH_2                          \
    "\"],\"data\":\"0x" ZEROS_64 ZEROS_64 "\",\"blockNumber\":\"0x10\",\"blockHash\":\"" HASH_2    \
    "\",\"transactionHash\":\"" HASH_1                                                             \
    "\",\"transactionIndex\":\"0x0\",\"logIndex\":\"0x3\",\"removed\":false}"

Test(json, logs_are_read)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    BUFFER data = {0};
    struct log log;
    cr_assert(json_log(&log, &data, result_of(&answers, &body, LOG), answers.original));
    cr_expect(eq(u8, log.topic_count, 2));
    cr_expect(eq(u8, log.topic[1].byte[5], 0x22));
    cr_expect(eq(u64, log.block.number, 16));
    cr_expect(eq(u8, log.block.hash.byte[0], 0x22));
    cr_expect(eq(u8, log.transaction.byte[0], 0x11));
    cr_expect(eq(u32, log.index, 3));
    cr_expect(eq(sz, log.data.size, 64));
    cr_expect(not(log.removed));
    char *removed = with(LOG, "removed", "true");
    cr_assert(json_log(&log, &data, result_of(&answers, &body, removed), answers.original));
    cr_expect(log.removed);
    cr_expect(eq(sz, data.size, 128));
    free(removed);
    char *bare = with(LOG, "topics", "[]");
    char *silent = with(bare, "removed", NULL);
    char *empty = with(silent, "data", "\"0x\"");
    cr_assert(json_log(&log, &data, result_of(&answers, &body, empty), answers.original));
    cr_expect(eq(u8, log.topic_count, 0));
    cr_expect(eq(sz, log.data.size, 0));
    free(bare);
    free(silent);
    free(empty);
}

Test(json, logs_are_refused_with_a_field_missing_or_of_another_shape)
{
    const struct {
        const char *name, *value;
    } row[] = {
        {"address", NULL},
        {"address", "\"0x\""},
        {"topics", NULL},
        {"topics", "{}"},
        {"topics", "[null]"},
        {"topics", "[\"0x11\"]"},
        {"topics", "[\"" HASH_1 "\",\"" HASH_1 "\",\"" HASH_1 "\",\"" HASH_1 "\",\"" HASH_1 "\"]"},
        {"data", NULL},
        {"data", "null"},
        {"data", "\"\""},
        {"data", "\"0x1\""},
        {"blockNumber", "null"}, /* pending */
        {"blockHash", "null"},
        {"transactionHash", "null"},
        {"logIndex", "null"},
        {"logIndex", "\"0x100000000\""},
        {"removed", "\"false\""}};
    ANSWERS answers = {0};
    TEXT body = {0};
    BUFFER data = {0};
    struct log log;
    for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
        char *text = with(LOG, row[i].name, row[i].value);
        struct json_t *result = result_of(&answers, &body, text);
        cr_expect(not(json_log(&log, &data, result, answers.original)), "%s", row[i].name);
        free(text);
    }
    cr_expect(not(json_log(&log, &data, NULL, answers.original)));
}

#define RECEIPT                                                                                    \
    "{\"transactionHash\":\"" HASH_1 "\",\"blockHash\":\"" HASH_2                                  \
    "\",\"blockNumber\":\"0x10\",\"status\":\"0x1\",\"gasUsed\":\"0x5208\","                       \
    "\"effectiveGasPrice\":\"0x3b9aca00\",\"logs\":[" LOG "]}"

Test(json, receipts_are_read)
{
    ANSWERS answers = {0};
    TEXT body = {0};
    struct receipt receipt;
    cr_assert(read_receipt(&answers, &body, RECEIPT, &receipt));
    cr_expect(receipt.succeeded);
    cr_expect(eq(u64, receipt.block.number, 16));
    cr_expect(eq(u64, receipt.gas_used, 21000));
    cr_expect(eq(u64, receipt.gas_price.value.limb[0], 1000000000));
    cr_expect(eq(sz, json_array_size(receipt.logs), 1));
    char *failed = with(RECEIPT, "status", "\"0x0\"");
    cr_assert(read_receipt(&answers, &body, failed, &receipt));
    cr_expect(not(receipt.succeeded));
    free(failed);
}

Test(json, receipts_are_refused_with_a_field_missing_or_of_another_shape)
{
    const char *name[] = {"transactionHash", "blockHash",         "blockNumber", "status",
                          "gasUsed",         "effectiveGasPrice", "logs"};
    ANSWERS answers = {0};
    TEXT body = {0};
    struct receipt receipt;
    for (size_t i = 0; i < ARRAY_LENGTH(name); i++) {
        const char *value[] = {NULL, "null", "7", "\"0x\""};
        for (size_t at = 0; at < ARRAY_LENGTH(value); at++) {
            char *text = with(RECEIPT, name[i], value[at]);
            cr_expect(not(read_receipt(&answers, &body, text, &receipt)), "%s", name[i]);
            free(text);
        }
    }
    char *text = with(RECEIPT, "status", "\"0x2\"");
    cr_expect(not(read_receipt(&answers, &body, text, &receipt)));
    free(text);
    cr_expect(not(read_receipt(&answers, &body, "null", &receipt)));
    cr_expect(not(json_receipt(&receipt, NULL, answers.original)));
}
