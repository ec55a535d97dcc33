/* What is wanted of the chain, listed before it is asked: the list is made anew for each head and
 * keeps its memory. */
#include <stdlib.h>

#include "protocol/protocol.h"

#define FIRST_CAPACITY 64

void read_list_release(struct read_list *list)
{
    free(list->read);
    *list = (struct read_list){0};
}

void read_list_clear(struct read_list *list)
{
    list->count = 0;
}

struct read *read_list_add(struct read_list *list)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? FIRST_CAPACITY : list->capacity * 2;
        list->read = must_realloc(list->read, list->capacity, sizeof(*list->read));
    }
    struct read *read = &list->read[list->count++];
    *read = (struct read){0};
    return read;
}
