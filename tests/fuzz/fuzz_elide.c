/* elide must not change what an answer means: what jansson makes of the shortened copy, with each
 * note followed, is what it makes of the original. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "eth/elide.h"

#define FLAGS (JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same_string(const json_t *plain, const json_t *elided, struct bytes original)
{
    const char *text;
    size_t size;
    return elide_find(&text, &size, original, json_string_value(elided),
                      json_string_length(elided)) &&
           size == json_string_length(plain) && memcmp(text, json_string_value(plain), size) == 0;
}

static bool is_same(json_t *plain, json_t *elided, struct bytes original)
{
    if (json_typeof(plain) != json_typeof(elided))
        return false;
    if (json_is_string(plain))
        return is_same_string(plain, elided, original);
    if (json_is_array(plain)) {
        if (json_array_size(plain) != json_array_size(elided))
            return false;
        for (size_t i = 0; i < json_array_size(plain); i++)
            if (!is_same(json_array_get(plain, i), json_array_get(elided, i), original))
                return false;
        return true;
    }
    if (json_is_object(plain)) {
        const char *key;
        json_t *value;
        json_object_foreach(plain, key, value)
        {
            json_t *other = json_object_get(elided, key);
            if (other == NULL || !is_same(value, other, original))
                return false;
        }
        return json_object_size(plain) == json_object_size(elided);
    }
    return json_equal(plain, elided);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes original = bytes_of(data, size);
    BUFFER shortened = {0};
    elide(&shortened, original);
    json_t *plain = json_loadb((const char *)data, size, FLAGS, NULL);
    json_t *elided = json_loadb((const char *)shortened.data, shortened.size, FLAGS, NULL);
    MUST((plain == NULL) == (elided == NULL));
    MUST(plain == NULL || is_same(plain, elided, original));
    json_decref(plain);
    json_decref(elided);
    return 0;
}
