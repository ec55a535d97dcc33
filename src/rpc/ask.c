/*
 * A failed ask comes back to its place, not to the end: else whoever failed once would wait behind
 * everybody who came later, and the order would depend on how fast each endpoint fails.
 */
#include "rpc/ask.h"

#include <stdlib.h>
#include <string.h>

static bool stands_before(const struct ask *a, const struct ask *b)
{
    if (a->role != b->role)
        return a->role == RPC_ROLE_SEND;
    return a->sequence < b->sequence;
}

void ask_line_join(struct ask_line *line, struct ask *ask)
{
    struct ask **place = &line->first;
    if (line->last != NULL && stands_before(line->last, ask))
        place = &line->last->next;
    while (*place != NULL && stands_before(*place, ask))
        place = &(*place)->next;
    ask->next = *place;
    *place = ask;
    if (ask->next == NULL)
        line->last = ask;
}

void ask_line_append(struct ask_line *line, struct ask *ask)
{
    ask->next = NULL;
    if (line->last == NULL)
        line->first = ask;
    else
        line->last->next = ask;
    line->last = ask;
}

struct ask *ask_line_take(struct ask_line *line)
{
    struct ask *ask = line->first;
    if (ask == NULL)
        return NULL;
    line->first = ask->next;
    if (line->first == NULL)
        line->last = NULL;
    ask->next = NULL;
    return ask;
}

static void clear_or_release(struct buffer *buffer)
{
    if (buffer->capacity > RPC_KEEP_MAX)
        buffer_release(buffer);
    buffer_clear(buffer);
}

struct ask *ask_new(struct ask_line *spare, const struct rpc_ask *asked)
{
    struct ask *ask = ask_line_take(spare);
    if (ask == NULL)
        ask = must_alloc(1, sizeof *ask);
    ask->id = asked->id;
    ask->role = asked->role;
    ask->prefer = asked->prefer;
    ask->calls = asked->calls;
    ask->eligible = 0;
    ask->tried = 0;
    ask->limited_us = 0;
    ask->limited = 0;
    ask->is_refused = false;
    ask->in_doubt = false;
    buffer_add_bytes(&ask->body, asked->body);
    if (asked->header != NULL)
        buffer_add(&ask->header, asked->header, strlen(asked->header) + 1);
    const char *method = asked->method == NULL ? "" : asked->method;
    size_t length = strnlen(method, RPC_METHOD_SIZE - 1);
    memcpy(ask->method, method, length);
    ask->method[length] = '\0';
    return ask;
}

void ask_retire(struct ask_line *spare, struct ask *ask)
{
    if (ask->is_refused) {
        ask_free(ask);
        return;
    }
    clear_or_release(&ask->body);
    clear_or_release(&ask->header);
    clear_or_release(&ask->failure.body);
    ask_line_append(spare, ask);
}

void ask_free(struct ask *ask)
{
    buffer_release(&ask->body);
    buffer_release(&ask->header);
    buffer_release(&ask->failure.body);
    free(ask);
}

void ask_fail(struct ask *ask, const struct observation *seen)
{
    if (ask->in_doubt)
        return;
    ask->failure.status = seen->status;
    ask->failure.endpoint = seen->endpoint;
    ask->failure.http_status = seen->http_status;
    buffer_clear(&ask->failure.body);
    buffer_add_bytes(&ask->failure.body, seen->body);
}

struct observation ask_failed(const struct ask *ask)
{
    return (struct observation){.kind = OBSERVATION_ANSWER,
                                .status = ask->failure.status,
                                .id = ask->id,
                                .endpoint = ask->failure.endpoint,
                                .http_status = ask->failure.http_status,
                                .body = buffer_bytes(&ask->failure.body)};
}
