/* The questions of one turn, kept until the shell has posted them. */
#include "feed/ask.h"

#include <string.h>

void ask_list_release(struct ask_list *list)
{
    rpc_request_release(&list->scratch.request);
    text_release(&list->scratch.params);
    text_release(&list->scratch.header_params);
    buffer_release(&list->scratch.data);
}

struct ask_scratch *ask_list_scratch(struct ask_list *list)
{
    text_clear(&list->scratch.params);
    text_clear(&list->scratch.header_params);
    buffer_clear(&list->scratch.data);
    return &list->scratch;
}

uint64_t ask_list_id(struct ask_list *list)
{
    return ++list->next_id;
}

bool ask_list_add(struct ask_list *list, const struct rpc_request *request, const char *method,
                  int endpoint)
{
    struct bytes body = text_bytes(&request->body);

    if (list->count == ASKS_MAX)
        return false;
    body.data = arena_copy(list->arena, body.data, body.size);
    list->ask[list->count++] = (struct ask){.id = request->id,
                                            .calls = request->calls,
                                            .endpoint = endpoint,
                                            .method = method,
                                            .body = body};
    return true;
}
