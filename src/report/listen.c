/*
 * A server that binds more than it was told shows an operator's positions to the street. The
 * address is therefore taken literally: a numeric host and a port, or a refusal.
 */
#include "report/listen.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
