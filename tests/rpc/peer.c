/* A client is judged by what it makes of a bad node, so frames are written here byte by byte. */
#include "tests/rpc/peer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* ---- what is sent */

bool put_bytes(int fd, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        ssize_t sent = send(fd, next, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        next += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool peer_put(struct peer *peer, const void *bytes, size_t size)
{
    pthread_mutex_lock(&peer->lock);
    bool went = put_bytes(peer->fd, bytes, size);
    pthread_mutex_unlock(&peer->lock);
    return went;
}

bool peer_frame(struct peer *peer, unsigned opcode, const void *bytes, size_t size)
{
    uint8_t head[10] = {(uint8_t)opcode, (uint8_t)size};
    size_t length = 2;
    if (size > 65535) {
        head[1] = 127;
        for (size_t i = 0; i < 8; i++)
            head[2 + i] = (uint8_t)(size >> (56 - 8 * i));
        length = 10;
    } else if (size > 125) {
        head[1] = 126;
        head[2] = (uint8_t)(size >> 8);
        head[3] = (uint8_t)size;
        length = 4;
    }
    pthread_mutex_lock(&peer->lock);
    bool went = put_bytes(peer->fd, head, length) && put_bytes(peer->fd, bytes, size);
    pthread_mutex_unlock(&peer->lock);
    return went;
}

bool peer_say(struct peer *peer, const char *text)
{
    if (peer->wire == NODE_WEBSOCKET)
        return peer_frame(peer, 0x81, text, strlen(text));
    return peer_put(peer, text, strlen(text));
}

bool peer_say_pieces(struct peer *peer, const char *text, size_t piece)
{
    size_t size = strlen(text);
    bool went = true;
    for (size_t at = 0; went && at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        unsigned opcode = (at == 0 ? 1u : 0u) | (at + part == size ? 0x80u : 0u);
        went = peer->wire == NODE_WEBSOCKET ? peer_frame(peer, opcode, text + at, part)
                                            : peer_put(peer, text + at, part);
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    return went;
}

unsigned long message_id(const char *message)
{
    const char *id = strstr(message, "\"id\":");
    return id == NULL ? 0 : strtoul(id + 5, NULL, 10);
}

bool message_is_subscribe(const char *message)
{
    return strstr(message, "\"eth_subscribe\"") != NULL;
}

bool peer_answer(struct peer *peer, const char *message)
{
    size_t size = 0;
    char *out = NULL;
    FILE *file = open_memstream(&out, &size);
    const char *separator = *message == '[' ? "[" : "";
    for (const char *id = strstr(message, "\"id\":"); id != NULL;
         id = strstr(id + 5, "\"id\":"), separator = ",")
        fprintf(file, "%s{\"jsonrpc\":\"2.0\",\"id\":%lu,\"result\":\"0x1\"}", separator,
                strtoul(id + 5, NULL, 10));
    if (*message == '[')
        fputc(']', file);
    fclose(file);
    bool went = peer_say(peer, out);
    free(out);
    return went;
}

void head_hash(char out[67], unsigned head)
{
    snprintf(out, 67, "0x%064x", head);
}

void push_text(char out[512], const char *hash, unsigned head)
{
    snprintf(out, 512,
             "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{\"subscription\":"
             "\"0x1\",\"result\":{\"number\":\"0x%x\",\"hash\":\"%s\"}}}",
             head, hash);
}

bool peer_push(struct peer *peer, unsigned head)
{
    char hash[67];
    char text[512];
    head_hash(hash, head);
    push_text(text, hash, head);
    return peer_say(peer, text);
}

void peer_cut(struct peer *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
}

/* ---- what is heard */

static bool get(int fd, void *out, size_t size)
{
    return size == 0 || recv(fd, out, size, MSG_WAITALL) == (ssize_t)size;
}

/* The client's frame; a control frame gives "". NULL: the connection ended. */
static char *read_frame(struct peer *peer)
{
    uint8_t head[2];
    uint8_t more[8];
    uint8_t mask[4];
    if (!get(peer->fd, head, 2) || (head[0] & 0x80) == 0 || (head[1] & 0x80) == 0)
        return NULL; /* clients do not fragment here, and always mask */
    size_t size = head[1] & 0x7f;
    size_t length = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (!get(peer->fd, more, length))
        return NULL;
    for (size_t i = 0; i < length; i++)
        size = (i == 0 ? 0 : size << 8) | more[i];
    if (!get(peer->fd, mask, 4))
        return NULL;
    char *text = calloc(1, size + 1);
    if (!get(peer->fd, text, size)) {
        free(text);
        return NULL;
    }
    for (size_t i = 0; i < size; i++)
        text[i] ^= (char)mask[i % 4];
    if ((head[0] & 0x0f) == 1)
        return text;
    free(text);
    return (head[0] & 0x0f) == 8 ? NULL : calloc(1, 1);
}

/* Our own client ends each text with a newline, and writes none inside. */
static char *read_line(struct peer *peer)
{
    size_t size = 0;
    char *out = NULL;
    FILE *file = open_memstream(&out, &size);
    char one = 0;
    while (get(peer->fd, &one, 1) && one != '\n')
        fputc(one, file);
    fclose(file);
    if (one == '\n')
        return out;
    free(out);
    return NULL;
}

char *peer_hear(struct peer *peer)
{
    return peer->wire == NODE_IPC ? read_line(peer) : read_frame(peer);
}
