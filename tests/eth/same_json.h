/* Whether a shortened copy, read back, is what plain jansson reads in the original. Of use to the
 * tests of eth/elide. */
#ifndef TESTS_ETH_SAME_JSON_H
#define TESTS_ETH_SAME_JSON_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "eth/elide.h"

#define SAME_JSON_FLAGS                                                                            \
    (JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES)

static inline bool json_is_same(const json_t *plain, const json_t *elided, struct bytes original)
{
    if (json_typeof(plain) != json_typeof(elided))
        return false;
    if (json_is_string(plain)) {
        const char *text;
        size_t size;
        return elide_find(&text, &size, original, json_string_value(elided),
                          json_string_length(elided)) &&
               size == json_string_length(plain) &&
               memcmp(text, json_string_value(plain), size) == 0;
    }
    if (json_is_array(plain)) {
        bool is_same = json_array_size(plain) == json_array_size(elided);
        for (size_t i = 0; is_same && i < json_array_size(plain); i++)
            is_same = json_is_same(json_array_get(plain, i), json_array_get(elided, i), original);
        return is_same;
    }
    if (json_is_object(plain)) {
        bool is_same = json_object_size(plain) == json_object_size(elided);
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)plain, key, value)
        {
            const json_t *other = json_object_get(elided, key);
            is_same = is_same && other != NULL && json_is_same(value, other, original);
        }
        return is_same;
    }
    return json_equal(plain, elided);
}

/** Aborts where the two differ; whether the original is JSON at all. */
static inline bool elided_is_same(struct bytes original)
{
    BUFFER copy = {0};
    elide(&copy, original);
    /* An address of its own, because jansson takes no NULL. */
    const char *text = original.size == 0 ? "" : (const char *)original.data;
    const char *shorter = copy.size == 0 ? "" : (const char *)copy.data;
    json_t *plain = json_loadb(text, original.size, SAME_JSON_FLAGS, NULL);
    json_t *elided = json_loadb(shorter, copy.size, SAME_JSON_FLAGS, NULL);
    bool is_json = plain != NULL;
    if (is_json != (elided != NULL) || (is_json && !json_is_same(plain, elided, original)))
        abort();
    json_decref(plain);
    json_decref(elided);
    return is_json;
}

#endif
