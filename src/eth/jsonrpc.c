/*
 * Nodes answer with objects, arrays around objects, strings, web pages, and errors in five places.
 * Out of all that comes one list of answers in the order of the questions, each a result or a named
 * fault; what cannot be placed with certainty spoils the whole, since half a batch is no block.
 */
#include "eth/jsonrpc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "eth/elide.h"
#include "eth/jsonrpc_error.h"

#define PARSE_FLAGS                                                                                \
    (JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES)

/* A position in the request, or that there is none. */
#define NO_POSITION UINT32_MAX

static void fill(struct rpc_answers *out, const struct rpc_answer *answer)
{
    for (uint32_t i = 0; i < out->count; i++)
        out->answer[i] = *answer;
}

/* Nothing of it can be used: the same fault in every answer, so that nobody reads a stale result.
 */
static void spoil(struct rpc_answers *out, enum rpc_envelope envelope, const char *why,
                  uint16_t http_status)
{
    struct rpc_answer answer = {.fault = rpc_fault_of_http(http_status), .message = why};
    out->envelope = envelope;
    out->why = why;
    fill(out, &answer);
}

static bool is_error(const struct json_t *object)
{
    const json_t *error = json_object_get(object, "error");
    if (error != NULL)
        return !json_is_null(error);
    /* A gateway's own complaint: {"message":"no API key found"}. */
    return json_object_get(object, "result") == NULL && json_object_get(object, "message") != NULL;
}

/* False: neither a result nor an error. */
static bool read_answer(struct rpc_answers *out, struct rpc_answer *answer,
                        const struct json_t *object, uint16_t http_status)
{
    if (is_error(object)) {
        const json_t *error = json_object_get(object, "error");
        rpc_error_read(answer, out, error == NULL ? object : error, http_status);
        return true;
    }
    *answer = (struct rpc_answer){.message = "", .result = json_object_get(object, "result")};
    return answer->result != NULL;
}

/* The id of the call at position 0, and how many follow it. */
struct expected {
    uint64_t first_id;
    uint32_t calls;
    uint16_t http_status;
};

/* Some nodes send ids back as strings. */
static bool id_of_text(uint64_t *out, const char *text)
{
    struct u256 wide;
    if (!u256_parse(&wide, text, strlen(text)) || !u256_fits_u64(&wide))
        return false;
    *out = wide.limb[0];
    return true;
}

static uint32_t position_of(const struct json_t *object, const struct expected *expected)
{
    const json_t *value = json_object_get(object, "id");
    uint64_t id;
    if (json_is_string(value)) {
        if (!id_of_text(&id, json_string_value(value)))
            return NO_POSITION;
    } else if (json_is_real(value)) {
        double number = json_real_value(value);
        if (!(number >= 0 && number < 9007199254740992.0)) /* 2^53: exact up to there */
            return NO_POSITION;
        id = (uint64_t)number;
        if ((double)id < number)
            return NO_POSITION;
    } else {
        return NO_POSITION;
    }
    if (id < expected->first_id || id - expected->first_id >= expected->calls)
        return NO_POSITION;
    return (uint32_t)(id - expected->first_id);
}

static void read_single(struct rpc_answers *out, const struct json_t *object,
                        const struct expected *expected)
{
    if (!read_answer(out, &out->answer[0], object, expected->http_status)) {
        spoil(out, RPC_ENVELOPE_GARBAGE, "neither result nor error", expected->http_status);
        return;
    }
    /* An error may lack its id: there was only one question that it can be about. */
    bool is_ours = position_of(object, expected) == 0;
    if (!is_ours && out->answer[0].fault == RPC_FAULT_NONE)
        spoil(out, RPC_ENVELOPE_GARBAGE, "answer to another question", expected->http_status);
}

/* One element of a batch. Out: *stray  an error without a place. Returns what is wrong, or NULL. */
static const char *read_element(struct rpc_answers *out, struct rpc_answer *stray,
                                const struct json_t *object, const struct expected *expected)
{
    struct rpc_answer answer;
    if (!json_is_object(object) || !read_answer(out, &answer, object, expected->http_status))
        return "an element of the batch is no answer";
    uint32_t position = position_of(object, expected);
    bool is_taken = position != NO_POSITION && out->answer[position].message != NULL;
    if ((position == NO_POSITION || is_taken) && answer.fault != RPC_FAULT_NONE) {
        *stray = answer;
        return NULL;
    }
    if (position == NO_POSITION)
        return "an id that was never asked";
    if (is_taken)
        return "an id twice";
    out->answer[position] = answer;
    return NULL;
}

static void read_batch(struct rpc_answers *out, const struct json_t *array,
                       const struct expected *expected)
{
    struct rpc_answer stray = {0};
    const struct rpc_answer none = {0};
    fill(out, &none); /* no message: nothing has been placed there */
    /* A batch that is too long already is not ours, however it goes on. */
    const char *why = json_array_size(array) > expected->calls ? "too many answers" : NULL;
    for (size_t i = 0; why == NULL && i < json_array_size(array); i++)
        why = read_element(out, &stray, json_array_get(array, i), expected);
    for (uint32_t i = 0; why == NULL && i < out->count; i++) {
        if (out->answer[i].message != NULL)
            continue;
        /* An error that lost its id is about those that have no answer. */
        out->answer[i] = stray;
        if (stray.message == NULL)
            why = "an id without an answer";
    }
    if (why != NULL)
        spoil(out, RPC_ENVELOPE_MISSING, why, expected->http_status);
}

static void read_root(struct rpc_answers *out, const struct expected *expected)
{
    const struct json_t *root = out->root;
    struct rpc_answer answer;
    bool is_list = json_is_array(root);
    if (is_list && expected->calls == 1 && json_array_size(root) == 1)
        root = json_array_get(root, 0); /* some wrap a single answer */
    if (json_is_object(root) && expected->calls == 1) {
        read_single(out, root, expected);
    } else if (json_is_array(root) && expected->calls > 1) {
        read_batch(out, root, expected);
    } else if (json_is_string(root) || (json_is_object(root) && is_error(root))) {
        const json_t *error = json_object_get(root, "error");
        rpc_error_read(&answer, out, error == NULL ? root : error, expected->http_status);
        fill(out, &answer);
    } else {
        spoil(out, RPC_ENVELOPE_GARBAGE, "JSON that is no answer", expected->http_status);
    }
}

static void reset(struct rpc_answers *out, uint32_t calls)
{
    json_decref(out->root);
    out->root = NULL;
    out->why = "";
    out->envelope = RPC_ENVELOPE_OK;
    out->original = (struct bytes){0};
    buffer_clear(&out->scratch);
    if (calls > out->capacity) {
        out->answer = must_realloc(out->answer, calls, sizeof *out->answer);
        out->capacity = calls;
    }
    out->count = calls;
}

void rpc_answers_parse(struct rpc_answers *out, const struct observation *observation, uint64_t id,
                       uint32_t calls)
{
    MUST(calls >= 1 && calls <= RPC_BATCH_MAX);
    uint64_t asked_as = observation->asked_as != 0 ? observation->asked_as : id;
    struct expected expected = {asked_as * RPC_BATCH_MAX, calls, observation->http_status};
    reset(out, calls);
    if (observation->status != OBSERVED_OK) {
        spoil(out, RPC_ENVELOPE_TRANSPORT, observation_status_text(observation->status),
              observation->http_status);
        return;
    }
    elide(&out->scratch, observation->body);
    out->root = json_loadb((const char *)out->scratch.data, out->scratch.size, PARSE_FLAGS, NULL);
    buffer_clear(&out->scratch); /* jansson has its own copies */
    out->original = observation->body;
    if (out->root == NULL)
        spoil(out, RPC_ENVELOPE_GARBAGE, "no JSON", observation->http_status);
    else
        read_root(out, &expected);
}

void rpc_answers_release(struct rpc_answers *answers)
{
    json_decref(answers->root);
    free(answers->answer);
    buffer_release(&answers->scratch);
    *answers = (struct rpc_answers){0};
}
