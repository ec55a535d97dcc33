/* What may be shown of an endpoint's URL: providers keep their keys in its path, its query, or
 * before an '@'. */
#ifndef KEEPER_HOST_TEXT_H
#define KEEPER_HOST_TEXT_H

#include <stddef.h>

/** "127.0.0.1:8545", or the path of a socket. */
void host_format(char *out, size_t size, const char *url);

#endif
