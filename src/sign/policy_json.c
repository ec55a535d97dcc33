/*
 * The policy crosses the socket once, as JSON, and is frozen. A key that is missing, doubled,
 * unknown or too long refuses the whole: half a policy would be a wider one than was meant, or a
 * narrower.
 */
#include <jansson.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "sign/signer.h"

#define POLICY_KEYS 6

static bool addresses_read(struct address *out, uint32_t *count, const json_t *list)
{
    size_t size = json_array_size(list);

    if (!json_is_array(list) || size > SIGNER_TARGETS_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item) ||
            address_parse(&out[i], json_string_value(item), json_string_length(item)) != ADDRESS_OK)
            return false;
    }
    *count = (uint32_t)size;
    return true;
}

static bool selectors_read(struct signer_policy *out, const json_t *list)
{
    size_t size = json_array_size(list);

    if (!json_is_array(list) || size > SIGNER_TARGETS_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item) || !hex_decode(out->selector[i], sizeof out->selector[i],
                                                 json_string_value(item), json_string_length(item)))
            return false;
    }
    out->selector_count = (uint32_t)size;
    return true;
}

static bool wei_read(struct wei *out, const json_t *value)
{
    return json_is_string(value) &&
           u256_parse(&out->value, json_string_value(value), json_string_length(value));
}

static bool root_read(struct signer_policy *out, const json_t *root)
{
    const json_t *chain = json_object_get(root, "chain");

    if (!json_is_object(root) || json_object_size(root) != POLICY_KEYS)
        return false;
    if (!json_is_integer(chain) || json_integer_value(chain) <= 0)
        return false;
    out->chain_id = (uint64_t)json_integer_value(chain);
    out->gas_max = SIGNER_GAS_MAX;
    return wei_read(&out->fee_per_gas_max, json_object_get(root, "fee_per_gas_max")) &&
           wei_read(&out->spend_per_day_max, json_object_get(root, "spend_per_day_max")) &&
           addresses_read(out->target, &out->target_count, json_object_get(root, "targets")) &&
           addresses_read(out->spender, &out->spender_count,
                          json_object_get(root, "approve_spenders")) &&
           selectors_read(out, json_object_get(root, "selectors"));
}

bool policy_parse(struct signer_policy *out, struct bytes json)
{
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, NULL);

    memset(out, 0, sizeof *out);
    bool is_read = root_read(out, root);
    json_decref(root);
    return is_read;
}

static void addresses_add(struct text *out, const struct address *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        address_format(text, &list[i]);
        text_add(out, i == 0 ? "\"" : ",\"");
        text_add(out, text);
        text_add_char(out, '"');
    }
}

void policy_format(struct text *out, const struct signer_policy *policy)
{
    text_add(out, "{\"chain\":");
    text_add_u64(out, policy->chain_id);
    text_add(out, ",\"targets\":[");
    addresses_add(out, policy->target, policy->target_count);
    text_add(out, "],\"approve_spenders\":[");
    addresses_add(out, policy->spender, policy->spender_count);
    text_add(out, "],\"selectors\":[");
    for (uint32_t i = 0; i < policy->selector_count; i++) {
        char digits[2 * sizeof policy->selector[i] + 1];
        hex_encode(digits, bytes_of(policy->selector[i], sizeof policy->selector[i]));
        text_add(out, i == 0 ? "\"" : ",\"");
        text_add(out, digits);
        text_add_char(out, '"');
    }
    text_add(out, "],\"fee_per_gas_max\":\"");
    text_add_u256(out, &policy->fee_per_gas_max.value);
    text_add(out, "\",\"spend_per_day_max\":\"");
    text_add_u256(out, &policy->spend_per_day_max.value);
    text_add(out, "\"}");
}

bool policy_is_equal(const struct signer_policy *a, const struct signer_policy *b)
{
    TEXT left = {0};
    TEXT right = {0};

    policy_format(&left, a);
    policy_format(&right, b);
    return bytes_equal(text_bytes(&left), text_bytes(&right));
}
