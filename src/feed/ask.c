/* The questions of one turn, kept until the shell has posted them. */
#include "feed/ask.h"

#include <string.h>

uint64_t ask_list_id(struct ask_list *list)
{
    return ++list->next_id;
}

bool ask_list_add(struct ask_list *list, const struct rpc_request *request, const char *method,
                  int endpoint)
{
    struct bytes body = text_bytes(&request->body);
    uint8_t *copy;

    if (list->count == ASKS_MAX)
        return false;
    copy = arena_take(list->arena, body.size);
    memcpy(copy, body.data, body.size);
    list->ask[list->count++] = (struct ask){.id = request->id,
                                            .calls = request->calls,
                                            .endpoint = endpoint,
                                            .method = method,
                                            .body = {copy, body.size}};
    return true;
}
