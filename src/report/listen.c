/*
 * A server that binds more than it was told shows an operator's positions to the street. The
 * address is therefore taken literally: a numeric host and a port, or a refusal.
 */
#include "report/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

static bool port_parse(char out[6], const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > 5 || text[strspn(text, "0123456789")] != '\0')
        return false;
    if (strtoul(text, NULL, 10) > 65535)
        return false;
    memcpy(out, text, length + 1);
    return true;
}

static bool host_is_numeric(const char *host, bool is_v6)
{
    /* the C library would take "*" and "0x7f000001" too */
    if (!is_v6 && host[strspn(host, "0123456789.")] != '\0')
        return false;
    struct addrinfo hints = {.ai_family = is_v6 ? AF_INET6 : AF_INET,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, "0", &hints, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

bool listen_parse(struct listen_address *out, const char *text)
{
    const char *colon = strrchr(text, ':');
    struct listen_address address = {.is_v6 = text[0] == '['};
    if (colon == NULL || !port_parse(address.port, colon + 1))
        return false;
    const char *host = text;
    size_t length = (size_t)(colon - text);
    if (address.is_v6) {
        if (length < 3 || text[length - 1] != ']')
            return false;
        host++;
        length -= 2;
    }
    if (length == 0 || length >= sizeof(address.host))
        return false;
    memcpy(address.host, host, length);
    if (strcmp(address.host, "localhost") == 0)
        memcpy(address.host, "127.0.0.1", sizeof("127.0.0.1"));
    if (!host_is_numeric(address.host, address.is_v6))
        return false;
    *out = address;
    return true;
}

bool listen_host_is_literal(const char *host)
{
    struct listen_address address;
    TEXT with_port = {0};

    if (listen_parse(&address, host))
        return true;
    text_add(&with_port, host);
    text_add(&with_port, ":0");
    return listen_parse(&address, text_string(&with_port));
}

static bool socket_bind(int listener, const struct addrinfo *to)
{
    const int yes = 1;

    /* a daemon that starts again must not wait for the connections of the one before */
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0)
        return false;
    /* "[::]" means what it says */
    if (to->ai_family == AF_INET6 &&
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) != 0)
        return false;
    return bind(listener, to->ai_addr, to->ai_addrlen) == 0 && listen(listener, 64) == 0;
}

int listen_open(const struct listen_address *address)
{
    struct addrinfo hints = {.ai_family = address->is_v6 ? AF_INET6 : AF_INET,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;

    if (getaddrinfo(address->host, address->port, &hints, &found) != 0) {
        errno = EINVAL;
        return -1;
    }
    int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener >= 0 && !socket_bind(listener, found)) {
        int failure = errno;
        (void)close(listener);
        errno = failure;
        listener = -1;
    }
    freeaddrinfo(found);
    return listener;
}

uint16_t listen_port(int listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    char port[6];

    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((const struct sockaddr *)&address, size, NULL, 0, port, sizeof(port),
                    NI_NUMERICSERV) != 0)
        return 0;
    return (uint16_t)strtoul(port, NULL, 10);
}
