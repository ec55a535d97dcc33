/* A URL ends up in tickets and screenshots; its key must not. */
#include "keeper/host_text.h"

#include <stdio.h>
#include <string.h>

void host_format(char *out, size_t size, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme == NULL ? url : scheme + 3;
    size_t length = scheme == NULL ? strlen(url) : strcspn(host, "/?#");

    for (size_t i = 0; scheme != NULL && i < length; i++) {
        if (host[i] != '@')
            continue;
        length -= i + 1;
        host += i + 1;
        i = (size_t)-1; /* the last '@' counts: a password may hold one */
    }
    (void)snprintf(out, size, "%.*s", (int)length, host);
}
