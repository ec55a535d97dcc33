/* A connection that is made and left: one more for each time that the socket is opened. */
#include "rpc/resolve.h"

#include <stdio.h>
#include <string.h>

#define SET(option, value) MUST(curl_easy_setopt(easy, option, value) == CURLE_OK)

bool resolve_is_numeric(const char *host)
{
    return host[0] == '[' || host[strspn(host, "0123456789.")] == '\0';
}

static void on_done(struct easy_end *end, CURLcode code)
{
    struct resolve *resolve = (struct resolve *)end;
    char address[64] = "";
    char *ip = NULL;
    if (code == CURLE_OK &&
        curl_easy_getinfo(resolve->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip != NULL)
        (void)snprintf(address, sizeof address, "%s", ip);
    curl_easy_cleanup(resolve->easy);
    resolve->easy = NULL;
    if (address[0] != '\0')
        resolve->done(resolve->context, address, "");
    else
        resolve->done(resolve->context, NULL, curl_easy_strerror(code));
}

void resolve_start(struct resolve *resolve, struct rpc *rpc, const struct url *url)
{
    char place[RPC_HOST_SIZE + 32];
    CURL *easy = curl_easy_init();
    MUST(easy != NULL && resolve->easy == NULL);
    (void)snprintf(place, sizeof place, "http://%s:%u/", url->host, url->port);
    resolve->end.done = on_done;
    resolve->rpc = rpc;
    resolve->easy = easy;
    SET(CURLOPT_PRIVATE, &resolve->end);
    SET(CURLOPT_URL, place);
    SET(CURLOPT_PROTOCOLS_STR, "http");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* whoever gives up does not wait for the name server */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)rpc->connect_timeout_ms);
    MUST(curl_multi_add_handle(rpc->multi, easy) == CURLM_OK);
}

void resolve_cancel(struct resolve *resolve)
{
    if (resolve->easy == NULL)
        return;
    (void)curl_multi_remove_handle(resolve->rpc->multi, resolve->easy);
    curl_easy_cleanup(resolve->easy);
    resolve->easy = NULL;
}
