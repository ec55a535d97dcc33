/* See result.h: arrays and nothing, without jansson's header above this floor. */
#include "eth/result.h"

#include <jansson.h>

bool result_is_null(const struct json_t *value)
{
    return value == NULL || json_is_null(value);
}

bool result_array(size_t *count, const struct json_t *value)
{
    if (value == NULL || !json_is_array(value))
        return false;
    *count = json_array_size(value);
    return true;
}

const struct json_t *result_at(const struct json_t *value, size_t index)
{
    return json_array_get(value, index);
}

const struct json_t *result_member(const struct json_t *value, const char *name)
{
    return json_object_get(value, name);
}

bool result_each(const struct json_t *value,
                 void (*each)(void *context, const struct json_t *value), void *context)
{
    json_t *object = (json_t *)value; /* jansson's iterators want it so, and change nothing */

    if (value == NULL || !json_is_object(value))
        return false;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        each(context, json_object_iter_value(at));
    return true;
}
