/* A pool is written by everybody: what is not a plain transaction to a contract is named and left.
 */
#include "feed/pooled.h"

#include "eth/result.h"

static bool number_read(uint64_t *out, const struct json_t *value, const char *name)
{
    return json_quantity(out, result_member(value, name));
}

static bool wei_read(struct wei *out, const struct json_t *value, const char *name)
{
    return json_u256(&out->value, result_member(value, name));
}

/* Without a type it is one of before types. */
static bool fees_read(struct pooled *out, const struct json_t *value)
{
    uint64_t type = 0;

    if (!result_is_null(result_member(value, "type")) && !number_read(&type, value, "type"))
        return false;
    if (type == 2)
        return wei_read(&out->max_fee_per_gas, value, "maxFeePerGas") &&
               wei_read(&out->max_priority_fee_per_gas, value, "maxPriorityFeePerGas");
    if (!wei_read(&out->max_fee_per_gas, value, "gasPrice"))
        return false;
    out->max_priority_fee_per_gas = out->max_fee_per_gas;
    return true;
}

static bool is_of_spoken_type(const struct json_t *value)
{
    uint64_t type = 0;

    return result_is_null(result_member(value, "type")) ||
           (number_read(&type, value, "type") && type <= 2);
}

enum pooled_error pooled_read(struct pooled *out, const struct json_t *value, struct bytes original)
{
    *out = (struct pooled){0};
    if (!json_hash32(&out->hash, result_member(value, "hash"), original))
        return POOLED_MALFORMED;
    if (!result_is_null(result_member(value, "blockNumber")) &&
        !result_is_null(result_member(value, "blockHash")))
        return POOLED_MINED;
    if (!is_of_spoken_type(value) || result_is_null(result_member(value, "to")))
        return POOLED_TYPE;
    out->input = result_member(value, "input");
    if (result_is_null(out->input))
        out->input = result_member(value, "data");
    if (!json_address(&out->from, result_member(value, "from")) ||
        !json_address(&out->to, result_member(value, "to")) ||
        !number_read(&out->nonce, value, "nonce") || !number_read(&out->gas, value, "gas") ||
        !wei_read(&out->value, value, "value") || !fees_read(out, value) ||
        u256_is_less(&out->max_fee_per_gas.value, &out->max_priority_fee_per_gas.value))
        return POOLED_MALFORMED;
    return POOLED_OK;
}

bool pooled_input(struct buffer *out, const struct pooled *pooled, struct bytes original,
                  size_t most)
{
    buffer_clear(out);
    return !result_is_null(pooled->input) && json_bytes(out, pooled->input, original) &&
           out->size <= most;
}

struct pass {
    pooled_each *each;
    void *context;
    size_t seen;
};

static void one_take(void *context, const struct json_t *value)
{
    struct pass *pass = context;

    if (pass->seen++ < POOLED_LIST_MAX)
        pass->each(pass->context, value);
}

/* By nonce, of one sender. */
static void sender_take(void *context, const struct json_t *value)
{
    if (!result_each(value, one_take, context))
        return; /* of a sender nothing that could be read */
}

bool pooled_list(size_t *left, const struct json_t *content, pooled_each *each, void *context)
{
    struct pass pass = {each, context, 0};

    if (!result_each(result_member(content, "pending"), sender_take, &pass))
        return false;
    *left = pass.seen > POOLED_LIST_MAX ? pass.seen - POOLED_LIST_MAX : 0;
    return true;
}
