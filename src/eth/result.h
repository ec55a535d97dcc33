/* A result's outer shape, for rooms that do not know jansson. */
#ifndef ETH_RESULT_H
#define ETH_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/must.h"

struct json_t;

/** JSON null (or nothing at all): "not known to me". */
bool result_is_null(const struct json_t *value);
/** False: no array. */
MUST_CHECK bool result_array(size_t *count, const struct json_t *value);
/** Lends: as long as the answers. NULL behind the end. */
const struct json_t *result_at(const struct json_t *value, size_t index);
/** Lends: as long as the answers. NULL: no object, or no such name in it. */
const struct json_t *result_member(const struct json_t *value, const char *name);
/** Each value of an object, in its order. False: no object. */
MUST_CHECK bool result_each(const struct json_t *value,
                            void (*each)(void *context, const struct json_t *value), void *context);

#endif
