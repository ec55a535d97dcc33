/* What a node puts on the wire when it is well, and when it is not. */
#include "tests/rpc/deeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/rpc/peer.h"

#define FLOOD_SIZE (200u << 20)

static bool put_text(int fd, const char *text)
{
    return put_bytes(fd, text, strlen(text));
}

/* `template` with each $ID made `id`. */
static char *fill_in(const char *template, unsigned long id)
{
    size_t size = 0;
    char *out = NULL;
    FILE *file = open_memstream(&out, &size);
    for (const char *next = template; *next != '\0'; next++) {
        if (strncmp(next, "$ID", 3) == 0) {
            fprintf(file, "%lu", id);
            next += 2;
        } else {
            fputc(*next, file);
        }
    }
    fclose(file);
    return out;
}

/* A body for each call of the request: an array where it is one. */
static char *answer_to(const char *request, const char *template)
{
    static const char result[] = "{\"jsonrpc\":\"2.0\",\"id\":$ID,\"result\":\"0x1\"}";
    const char *body = strstr(request, "\r\n\r\n") + 4;
    const char *id = strstr(body, "\"id\":");
    if (template != NULL || *body != '[')
        return fill_in(template == NULL ? result : template,
                       id == NULL ? 0 : strtoul(id + 5, NULL, 10));
    size_t size = 0;
    char *out = NULL;
    FILE *file = open_memstream(&out, &size);
    for (const char *separator = "["; id != NULL; separator = ",") {
        char *one = fill_in(result, strtoul(id + 5, NULL, 10));
        fprintf(file, "%s%s", separator, one);
        free(one);
        id = strstr(id + 5, "\"id\":");
    }
    fputc(']', file);
    fclose(file);
    return out;
}

static void nap_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool put_head(int fd, const struct server_reply *reply, const char *framing)
{
    char line[64];
    snprintf(line, sizeof line, "HTTP/1.1 %d Word\r\n", reply->status == 0 ? 200 : reply->status);
    return put_text(fd, line) && put_text(fd, reply->headers == NULL ? "" : reply->headers) &&
           put_text(fd, framing) && put_text(fd, "\r\n");
}

static bool put_answer(int fd, const struct server_reply *reply, const char *request)
{
    char *body = reply->answer == NULL
                     ? answer_to(request, reply->body)
                     : reply->answer(reply->context, strstr(request, "\r\n\r\n") + 4);
    if (body == NULL)
        return false;
    char framing[64];
    size_t size = strlen(body);
    bool chunked = reply->deed == SERVER_ANSWERS_CHUNKED;
    snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", size);
    bool went = put_head(fd, reply, chunked ? "Transfer-Encoding: chunked\r\n" : framing);
    for (size_t i = 0; chunked && went && i < size; i += 7) {
        size_t piece = size - i < 7 ? size - i : 7;
        snprintf(framing, sizeof framing, "%zx\r\n", piece);
        went = put_text(fd, framing) && put_bytes(fd, body + i, piece) && put_text(fd, "\r\n");
    }
    went = went && (chunked ? put_text(fd, "0\r\n\r\n") : put_bytes(fd, body, size));
    free(body);
    return went;
}

static bool put_flood(int fd, const struct server_reply *reply)
{
    static const char zeros[65536];
    bool chunked = reply->deed == SERVER_FLOODS;
    bool went = put_head(
        fd, reply, chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 209715200\r\n");
    for (size_t sent = 0; went && sent < FLOOD_SIZE; sent += sizeof zeros)
        went = (!chunked || put_text(fd, "10000\r\n")) && put_bytes(fd, zeros, sizeof zeros) &&
               (!chunked || put_text(fd, "\r\n"));
    return false;
}

/* Deflate with fixed codes: a zero, then matches of 258 bytes at distance 1, 13 bits each. */
static bool put_bomb(int fd, const struct server_reply *reply)
{
    static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    enum { SIZE = 1 << 20 };
    unsigned char *bits = calloc(1, SIZE);
    size_t at = 0;
    const char *code = "11000110000";            /* last block, fixed codes; the literal 0 */
    static const char match[] = "1100010100000"; /* length symbol 285, distance 1 */
    for (; *code != '\0'; code++, at++)
        bits[at / 8] |= (unsigned char)((*code == '1') << at % 8);
    while (at + 13 < SIZE * 8) {
        for (code = match; *code != '\0'; code++, at++)
            bits[at / 8] |= (unsigned char)((*code == '1') << at % 8);
    }
    char framing[96];
    snprintf(framing, sizeof framing, "Content-Encoding: gzip\r\nContent-Length: %zu\r\n",
             (size_t)SIZE + sizeof head);
    (void)(put_head(fd, reply, framing) && put_bytes(fd, head, sizeof head) &&
           put_bytes(fd, bits, SIZE));
    free(bits);
    return false;
}

static bool put_drips(int fd, const struct server_reply *reply)
{
    bool went = put_head(fd, reply, "Content-Length: 100000\r\n");
    while (went) {
        went = put_bytes(fd, " ", 1);
        nap_ms(20);
    }
    return false;
}

static bool put_headers(int fd)
{
    bool went = put_text(fd, "HTTP/1.1 200 Word\r\n");
    for (size_t i = 0; went && i < FLOOD_SIZE / 32; i++)
        went = put_text(fd, "X-Header: a header, and another\r\n");
    return false;
}

bool deed_do(int fd, const struct server_reply *reply, const char *request)
{
    switch (reply->deed) {
    case SERVER_HOLDS:
    case SERVER_CUTS_REUSED:
    case SERVER_ANSWERS:
    case SERVER_ANSWERS_CHUNKED:
        return put_answer(fd, reply, request);
    case SERVER_ANSWERS_AND_CLOSES:
        (void)put_answer(fd, reply, request);
        return false;
    case SERVER_CUTS_BEFORE_HEADERS:
        return false;
    case SERVER_CUTS_AFTER_HEADERS:
        (void)put_head(fd, reply, "Content-Length: 100\r\n");
        return false;
    case SERVER_DRIPS:
        return put_drips(fd, reply);
    case SERVER_FLOODS:
    case SERVER_CLAIMS_MUCH:
        return put_flood(fd, reply);
    case SERVER_BOMBS:
        return put_bomb(fd, reply);
    case SERVER_FLOODS_HEADERS:
        return put_headers(fd);
    }
    return false;
}
