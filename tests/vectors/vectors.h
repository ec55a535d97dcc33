/* Published vectors, one JSON file each; tests/vectors/fetch.sh brings them in. */
#ifndef TESTS_VECTORS_VECTORS_H
#define TESTS_VECTORS_VECTORS_H

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/** The file's JSON, to be given to json_decref; skips the test that calls it where it is absent. */
static inline json_t *vectors_load(const char *name)
{
    const char *folder = getenv("PLIMSOLL_VECTORS");
    TEXT path = {0};
    text_add(&path, folder == NULL || *folder == '\0' ? "build/vectors" : folder);
    text_add_char(&path, '/');
    text_add(&path, name);
    json_t *root = json_load_file(text_string(&path), 0, NULL);
    if (root == NULL) {
        fprintf(stderr, "[SKIP] %s is absent: `make vectors` fetches it\n", text_string(&path));
        text_release(&path);
        cr_skip_test("%s is absent", name); /* which Criterion shows only when it is verbose */
    }
    return root;
}

/** A member that is a string, or NULL. */
static inline const char *vector_text(const json_t *vector, const char *member)
{
    return json_string_value(json_object_get(vector, member));
}

#endif
