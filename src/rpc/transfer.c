/*
 * A node is a stranger: it may answer with a gigabyte, with gzip that unfolds to one, drip a byte a
 * minute, redirect us elsewhere, or never answer. What it may cost is fixed here, and what came of
 * it becomes one observation.
 */
#include "rpc/state.h"

#include <string.h>

#define SET(option, value) MUST(curl_easy_setopt(easy, option, value) == CURLE_OK)

/* Called with what is already unpacked, so that the bound is on what fills our memory. */
static size_t on_body(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;
    (void)one;
    if (size > transfer->rpc->answer_size_max - transfer->answer.size) {
        transfer->is_too_large = true;
        return 0;
    }
    buffer_add(&transfer->answer, data, size);
    return size;
}

static size_t on_header(char *data, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;
    (void)data;
    (void)one;
    transfer->header_size += size;
    transfer->is_too_large = transfer->header_size > RPC_HEADERS_MAX;
    return transfer->is_too_large ? 0 : size;
}

static CURL *easy_new(struct transfer *transfer)
{
    const struct rpc *rpc = transfer->rpc;
    CURL *easy = curl_easy_init();
    MUST(easy != NULL);
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_URL, rpc->endpoints[transfer->endpoint].url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, rpc->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    /* The config says where we speak to; an environment variable does not. */
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_BUFFERSIZE, 65536L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)rpc->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)rpc->total_timeout_ms);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)rpc->answer_size_max);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_POST, 1L);
    return easy;
}

/* The handle is kept from ask to ask; what one of them said of itself must not go with the next. */
static void headers_set(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct ask *ask = transfer->ask;

    if (ask != NULL && ask->header.size > 0) {
        for (const struct curl_slist *one = transfer->rpc->headers; one != NULL; one = one->next)
            transfer->headers = header_list_add(transfer->headers, one->data);
        transfer->headers = header_list_add(transfer->headers, (const char *)ask->header.data);
    }
    SET(CURLOPT_HTTPHEADER, transfer->headers != NULL ? transfer->headers : transfer->rpc->headers);
}

static void headers_drop(struct transfer *transfer)
{
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
}

static struct transfer *transfer_free_one(struct endpoint *endpoint)
{
    for (size_t i = 0; i < RPC_CONNECTIONS_MAX; i++) {
        if (!endpoint->transfers[i].is_busy)
            return &endpoint->transfers[i];
    }
    must_fail("a free transfer", __FILE__, __LINE__);
}

void transfer_start(struct rpc *rpc, size_t index, struct ask *ask, bool is_probe)
{
    struct endpoint *endpoint = &rpc->endpoints[index];
    struct transfer *transfer = transfer_free_one(endpoint);
    struct bytes body = ask == NULL ? text_bytes(&rpc->probe.body) : buffer_bytes(&ask->body);
    transfer->rpc = rpc;
    transfer->endpoint = (uint16_t)index;
    transfer->is_busy = true;
    transfer->is_probe = is_probe;
    transfer->is_too_large = false;
    transfer->ask = ask;
    transfer->header_size = 0;
    transfer->began_us = wires_clock_us();
    buffer_clear(&transfer->answer);
    if (transfer->easy == NULL)
        transfer->easy = easy_new(transfer);
    CURL *easy = transfer->easy;
    headers_set(transfer);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    SET(CURLOPT_POSTFIELDS, body.size == 0 ? "" : (const char *)body.data);
    endpoint->busy++;
    rate_take(&endpoint->rate, ask == NULL ? 1 : ask->calls, transfer->began_us);
    if (is_probe)
        health_begin_probe(&endpoint->health);
    MUST(curl_multi_add_handle(rpc->multi, easy) == CURLM_OK);
}

static enum observation_status status_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK)
        return OBSERVED_OK;
    if (transfer->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        return OBSERVED_TOO_LARGE;
    return code == CURLE_OPERATION_TIMEDOUT ? OBSERVED_TIMED_OUT : OBSERVED_UNREACHABLE;
}

/* A node may send its error with any status; the words decide, if they are JSON-RPC. */
static bool is_json_rpc(const struct observation *seen, uint32_t calls)
{
    struct rpc_answers answers = {0};
    rpc_answers_parse(&answers, seen, seen->id, calls);
    bool is_answer =
        answers.envelope == RPC_ENVELOPE_OK || answers.envelope == RPC_ENVELOPE_MISSING;
    rpc_answers_release(&answers);
    return is_answer;
}

struct observation transfer_observation(const struct transfer *transfer, CURLcode code)
{
    long http_status = 0;
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &http_status) == CURLE_OK);
    struct observation seen = {.kind = OBSERVATION_ANSWER,
                               .status = status_of(transfer, code),
                               .id = transfer->ask == NULL ? 0 : transfer->ask->id,
                               .endpoint = transfer->endpoint,
                               .http_status = (uint16_t)http_status,
                               .body = buffer_bytes(&transfer->answer)};
    if (seen.status != OBSERVED_OK)
        seen.body = bytes_of_text(curl_easy_strerror(code));
    else if ((http_status < 200 || http_status > 299) &&
             !is_json_rpc(&seen, transfer->ask == NULL ? 1 : transfer->ask->calls))
        seen.status = OBSERVED_HTTP_ERROR;
    return seen;
}

bool transfer_may_have_arrived(const struct transfer *transfer)
{
    long size = 0;
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &size) == CURLE_OK);
    return size != 0;
}

int64_t transfer_pause_us(const struct transfer *transfer)
{
    curl_off_t seconds = 0;
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK);
    int64_t longest_s = HEALTH_PAUSE_MAX_US / 1000000;
    return (seconds < longest_s ? seconds : longest_s) * 1000000;
}

void transfer_end(struct transfer *transfer)
{
    transfer->rpc->endpoints[transfer->endpoint].busy--;
    transfer->is_busy = false;
    transfer->ask = NULL;
    headers_drop(transfer);
    if (transfer->answer.capacity > RPC_KEEP_MAX)
        buffer_release(&transfer->answer);
}

void transfer_release(struct transfer *transfer)
{
    if (transfer->easy != NULL) {
        if (transfer->is_busy)
            (void)curl_multi_remove_handle(transfer->rpc->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    headers_drop(transfer);
    if (transfer->ask != NULL)
        ask_free(transfer->ask);
    buffer_release(&transfer->answer);
}
