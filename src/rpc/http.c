/*
 * A node is a stranger: it may answer with a gigabyte, with gzip that unfolds to one, drip a byte a
 * minute, redirect us elsewhere, or never answer. What it may cost is fixed here, and what came of
 * it becomes one outcome.
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
    SET(CURLOPT_PRIVATE, &transfer->end);
    SET(CURLOPT_URL, rpc->endpoints[transfer->endpoint].url.text);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, rpc->user_agent);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    /* The config says where we speak to; an environment variable does not. */
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    /* Else a time-out waits until the name server has answered, and the loop with it. */
    SET(CURLOPT_QUICK_EXIT, 1L);
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

static enum observation_status status_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK)
        return OBSERVED_OK;
    if (transfer->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        return OBSERVED_TOO_LARGE;
    return code == CURLE_OPERATION_TIMEDOUT ? OBSERVED_TIMED_OUT : OBSERVED_UNREACHABLE;
}

static int64_t pause_us(const struct transfer *transfer)
{
    curl_off_t seconds = 0;
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK);
    int64_t longest_s = HEALTH_PAUSE_MAX_US / 1000000;
    return (seconds < longest_s ? seconds : longest_s) * 1000000;
}

static void on_done(struct easy_end *end, CURLcode code)
{
    struct transfer *transfer = (struct transfer *)end;
    long http_status = 0;
    long size = 0;
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &http_status) == CURLE_OK);
    MUST(curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &size) == CURLE_OK);
    struct outcome outcome = {.status = status_of(transfer, code),
                              .http_status = (uint16_t)http_status,
                              .said = code == CURLE_OK ? buffer_bytes(&transfer->answer)
                                                       : bytes_of_text(curl_easy_strerror(code)),
                              .may_have_arrived = size != 0,
                              .pause_us = pause_us(transfer)};
    transfer_settle(transfer, &outcome);
}

void http_start(struct transfer *transfer)
{
    struct bytes body = transfer_body(transfer);
    transfer->end.done = on_done;
    transfer->is_too_large = false;
    transfer->header_size = 0;
    buffer_clear(&transfer->answer);
    if (transfer->easy == NULL)
        transfer->easy = easy_new(transfer);
    CURL *easy = transfer->easy;
    headers_set(transfer);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    SET(CURLOPT_POSTFIELDS, body.size == 0 ? "" : (const char *)body.data);
    MUST(curl_multi_add_handle(transfer->rpc->multi, easy) == CURLM_OK);
}

void http_end(struct transfer *transfer)
{
    headers_drop(transfer);
    if (transfer->answer.capacity > RPC_KEEP_MAX)
        buffer_release(&transfer->answer);
}

void http_release(struct transfer *transfer)
{
    if (transfer->easy != NULL) {
        if (transfer->is_busy)
            (void)curl_multi_remove_handle(transfer->rpc->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    headers_drop(transfer);
    buffer_release(&transfer->answer);
}
