/* libcurl takes URLs apart; what is refused is refused here, once, before anything is opened. */
#include "rpc/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"

/* Ends with NULL. */
static char *joined(const char *const *parts)
{
    TEXT text = {0};
    for (const char *const *part = parts; *part != NULL; part++)
        text_add(&text, *part);
    size_t size = text_length(&text) + 1;
    char *copy = must_alloc(size, 1);
    memcpy(copy, text_string(&text), size);
    return copy;
}

static bool read_scheme(struct url *out, const char *scheme)
{
    out->is_secure = strcmp(scheme, "https") == 0 || strcmp(scheme, "wss") == 0;
    if (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)
        out->kind = WIRE_HTTP;
    else if (strcmp(scheme, "ws") == 0 || strcmp(scheme, "wss") == 0)
        out->kind = WIRE_WEBSOCKET;
    else
        return false;
    return true;
}

static void read_login(struct url *out, CURLU *url)
{
    char *user = NULL;
    char *password = NULL;
    (void)curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE);
    (void)curl_url_get(url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
    if (user != NULL || password != NULL) {
        const char *const parts[] = {user == NULL ? "" : user, ":",
                                     password == NULL ? "" : password, NULL};
        out->login = joined(parts);
    }
    curl_free(user);
    curl_free(password);
}

/* What a handshake names; libcurl does it for itself where it is HTTP. */
static void read_place(struct url *out, CURLU *url)
{
    char *port = NULL;
    char *path = NULL;
    char *query = NULL;
    (void)curl_url_get(url, CURLUPART_PORT, &port, 0);
    (void)curl_url_get(url, CURLUPART_PATH, &path, 0);
    (void)curl_url_get(url, CURLUPART_QUERY, &query, 0);
    const char *const parts[] = {path == NULL ? "/" : path, query == NULL ? "" : "?",
                                 query == NULL ? "" : query, NULL};
    out->path = joined(parts);
    out->port = out->is_secure ? 443 : 80;
    if (port != NULL)
        out->port = (uint16_t)strtoul(port, NULL, 10);
    read_login(out, url);
    curl_free(port);
    curl_free(path);
    curl_free(query);
}

static bool read_path(struct url *out, char why[256], size_t index, const char *text)
{
    const struct sockaddr_un *address = NULL;
    out->kind = WIRE_IPC;
    (void)snprintf(out->host, sizeof out->host, "%s", text);
    if (strlen(text) < sizeof address->sun_path)
        return true;
    (void)snprintf(why, 256,
                   "endpoint %zu: a socket's path has at most %zu characters, this one has %zu",
                   index, sizeof address->sun_path - 1, strlen(text));
    return false;
}

static bool read_url(struct url *out, char why[256], size_t index, const char *text)
{
    CURLU *url = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    MUST(url != NULL);
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    bool is_read = code == CURLUE_OK && curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    bool is_spoken = is_read && read_scheme(out, scheme);
    if (is_read)
        (void)snprintf(out->host, sizeof out->host, "%s", host);
    if (!is_read)
        (void)snprintf(why, 256, "endpoint %zu: its URL cannot be read: %s", index,
                       curl_url_strerror(code));
    else if (!is_spoken)
        (void)snprintf(why, 256,
                       "endpoint %zu (%.100s): http, https, ws, wss and the path of an IPC socket "
                       "are spoken, not %.20s",
                       index, host, scheme);
    else
        read_place(out, url);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
    return is_spoken;
}

bool url_read(struct url *out, char why[256], size_t index, const char *text)
{
    const char *const parts[] = {text, NULL};
    out->text = joined(parts);
    return text[0] == '/' ? read_path(out, why, index, text) : read_url(out, why, index, text);
}

void url_release(struct url *url)
{
    free(url->text);
    free(url->path);
    free(url->login);
    *url = (struct url){0};
}
