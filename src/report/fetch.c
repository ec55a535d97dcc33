/*
 * `status` must work beside a daemon that is busy or stuck, from whatever shell an operator has:
 * one question over one connection, with an end to the waiting.
 */
#include "report/fetch.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "report/listen.h"

#define WAIT_S 5

static enum report_fetch_error socket_open(int *out, const struct listen_address *address)
{
    struct addrinfo hints = {.ai_family = address->is_v6 ? AF_INET6 : AF_INET,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const struct timeval wait = {.tv_sec = WAIT_S};
    struct addrinfo *found = NULL;
    const char *host = address->host;

    if (strcmp(host, "0.0.0.0") == 0)
        host = "127.0.0.1";
    else if (strcmp(host, "::") == 0)
        host = "::1";
    if (getaddrinfo(host, address->port, &hints, &found) != 0)
        return REPORT_FETCH_BAD_ADDRESS;
    int peer = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_connected = peer >= 0 &&
                        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
                        setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
                        connect(peer, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (is_connected) {
        *out = peer;
        return REPORT_FETCH_OK;
    }
    if (peer >= 0)
        (void)close(peer);
    return REPORT_FETCH_NOBODY;
}

static bool question_send(int peer, const char *path)
{
    TEXT question = {0};

    text_add(&question, "GET ");
    text_add(&question, path);
    text_add(&question, " HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    ssize_t sent = send(peer, text_string(&question), text_length(&question), MSG_NOSIGNAL);
    return sent == (ssize_t)text_length(&question);
}

static enum report_fetch_error answer_take(struct buffer *answer, int peer)
{
    uint8_t piece[16384];

    for (;;) {
        ssize_t count = recv(peer, piece, sizeof(piece), 0);
        if (count == 0)
            return REPORT_FETCH_OK;
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno == EAGAIN ? REPORT_FETCH_SILENT : REPORT_FETCH_BROKEN;
        if (answer->size + (size_t)count > REPORT_FETCH_MAX)
            return REPORT_FETCH_BROKEN;
        buffer_add(answer, piece, (size_t)count);
    }
}

/* A length that the head promises must be there: an answer may have been cut. */
static bool body_take(struct text *body, const struct text *answer)
{
    static const char length_name[] = "\r\nContent-Length: ";
    const char *whole = text_string(answer);
    const char *gap = strstr(whole, "\r\n\r\n");

    if (gap == NULL || strncmp(whole, "HTTP/1.", 7) != 0 || strncmp(whole + 8, " 200 ", 5) != 0)
        return false;
    size_t size = text_length(answer) - (size_t)(gap + 4 - whole);
    const char *length = strstr(whole, length_name);
    if (length == NULL || length > gap ||
        strtoull(length + strlen(length_name), NULL, 10) != (unsigned long long)size)
        return false;
    text_add_bytes(body, bytes_of(gap + 4, size));
    return true;
}

enum report_fetch_error report_fetch(struct text *body, const char *listen, const char *path)
{
    struct listen_address address;
    TEXT answer = {0};
    int peer = -1;

    if (!listen_parse(&address, listen))
        return REPORT_FETCH_BAD_ADDRESS;
    enum report_fetch_error error = socket_open(&peer, &address);
    if (error != REPORT_FETCH_OK)
        return error;
    error = question_send(peer, path) ? answer_take(&answer.buffer, peer) : REPORT_FETCH_BROKEN;
    (void)close(peer);
    if (error != REPORT_FETCH_OK)
        return error;
    /* filled as a buffer, read as a text: the NUL behind it is still missing */
    buffer_add_byte(&answer.buffer, 0);
    answer.buffer.size--;
    return body_take(body, &answer) ? REPORT_FETCH_OK : REPORT_FETCH_BROKEN;
}
