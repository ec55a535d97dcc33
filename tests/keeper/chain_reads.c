/* What contracts say, as of the block that they are asked in. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/abi.h"
#include "tests/keeper/chain_inside.h"

/* Health moves with every price and second: it is known where it was read, and reverts elsewhere.
 */
static json_t *health_of_block(json_t *known, const struct chain_block *block)
{
    static json_t *reverts;
    json_t *one;
    size_t i;

    json_array_foreach(known, i, one)
    {
        if (block->reads_at == block->number &&
            (uint64_t)json_integer_value(json_array_get(one, 0)) == block->number)
            return one;
    }
    if (reverts == NULL)
        reverts = json_pack("[ibs]", 0, 0, "08c379a0");
    return reverts;
}

/* What a test said of all reads of that selector. */
static json_t *overruled_of(const struct chain *chain, const char *key)
{
    char selector[9];

    snprintf(selector, sizeof(selector), "%.8s", strchr(key, ':') + 1);
    return json_object_get(chain->overruled, selector);
}

/* As of the block, or the last before it; else the first that is known. */
static json_t *read_of(struct chain *chain, const char *key, const struct chain_block *block)
{
    json_t *known = json_object_get(chain->reads, key);
    json_t *best = json_array_get(known, 0);
    json_t *one;
    size_t i;

    if (overruled_of(chain, key) != NULL)
        return overruled_of(chain, key);
    if (strstr(key, ":" HEALTH_SELECTOR) != NULL)
        return health_of_block(known, block);
    json_array_foreach(known, i, one)
    {
        if ((uint64_t)json_integer_value(json_array_get(one, 0)) <= block->reads_at)
            best = one;
    }
    chain->unknown += best == NULL;
    return best;
}

static void result_add(struct buffer *out, json_t *read)
{
    const char *digits = read == NULL ? "" : json_string_value(json_array_get(read, 2));
    BUFFER data = {0};
    TEXT prefixed = {0};

    text_add(&prefixed, "0x");
    text_add(&prefixed, digits);
    cr_assert(hex_decode_prefixed(&data, text_string(&prefixed), text_length(&prefixed)));
    abi_add_bool(out, read != NULL && json_is_true(json_array_get(read, 1)));
    abi_add_u64(out, 2 * ABI_WORD);
    abi_add_bytes(out, buffer_bytes(&data));
}

/* What Multicall3 says of the block that it is executed in. Gives: json_decref; NULL: another read.
 */
static json_t *witness_of(const char *key, const struct chain_block *block)
{
    static const char *const selectors[] = {
        "42cbb15c", "0f28c97d", "27e86d6e"}; /* getBlockNumber, …Timestamp, getLastBlockHash */
    static const char *const names[] = {"number", "timestamp", "parentHash"};
    const char *data = strchr(key, ':') + 1;

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *said = json_string_value(json_object_get(block->header, names[i])) + 2;
        char word[65];

        if (strcmp(data, selectors[i]) != 0)
            continue;
        memset(word, '0', 64);
        memcpy(word + 64 - strlen(said), said, strlen(said) + 1);
        return json_pack("[Ibs]", (json_int_t)block->number, 1, word);
    }
    return NULL;
}

void chain_calls_answer(struct text *out, struct chain *chain, struct bytes calldata,
                        struct chain_block *block)
{
    bool has_health = false;
    struct bytes array;
    size_t count;
    size_t base;
    char key[512];
    BUFFER said = {0};

    cr_assert(chain_calls(&array, &count, calldata));
    abi_add_u64(&said, ABI_WORD);
    abi_add_u64(&said, count);
    base = said.size;
    for (size_t i = 0; i < count; i++)
        abi_add_u64(&said, 0);
    for (size_t i = 0; i < count; i++) {
        abi_set_u64(&said, base + i * ABI_WORD, said.size - base);
        cr_assert(chain_key(key, array, i));
        json_t *witness = witness_of(key, block);

        result_add(&said, witness != NULL ? witness : read_of(chain, key, block));
        json_decref(witness);
        if (strstr(key, ":" HEALTH_SELECTOR) == NULL)
            continue;
        has_health = true;
        said.data[said.size - 1] += block->healths < chain->misjudges; /* its last word */
    }
    block->healths += has_health;
    text_add(out, "\"");
    text_add_hex(out, buffer_bytes(&said));
    text_add(out, "\"");
}
