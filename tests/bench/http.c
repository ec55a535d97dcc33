/* See http.h. */
#include "tests/bench/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/clock.h"

#define CHUNK 65536

bool http_open(struct http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(server->listener, HTTP_CONNECTIONS) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    server->port = ntohs(address.sin_port);
    return true;
}

static void connection_close(struct http_connection *connection)
{
    close(connection->socket);
    connection->socket = 0;
    buffer_release(&connection->input);
}

static void connection_accept(struct http_server *server)
{
    int one = 1;
    int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

    for (size_t i = 0; socket > 0 && i < HTTP_CONNECTIONS; i++) {
        if (server->connection[i].socket != 0)
            continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        server->connection[i] = (struct http_connection){.socket = socket};
        return;
    }
    if (socket > 0)
        close(socket);
}

static bool socket_write(int socket, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Another connection has something to say. */
static bool has_company(const struct http_server *server, const struct http_connection *but)
{
    struct pollfd polls[HTTP_CONNECTIONS];

    for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
        const struct http_connection *one = &server->connection[i];
        polls[i] = (struct pollfd){.fd = one->socket > 0 && one != but ? one->socket : -1,
                                   .events = POLLIN};
    }
    return poll(polls, HTTP_CONNECTIONS, server->patience_ms) > 0;
}

/* Bytes of the head with its empty line; 0: not all there. */
static size_t head_size(const struct buffer *input)
{
    const uint8_t *end = memmem(input->data, input->size, "\r\n\r\n", 4);

    return end == NULL ? 0 : (size_t)(end - input->data) + 4;
}

static size_t content_length(const struct buffer *input, size_t head)
{
    static const char name[] = "\r\ncontent-length:";

    for (size_t i = 0; i + sizeof(name) < head; i++) {
        if (strncasecmp((const char *)input->data + i, name, sizeof(name) - 1) == 0)
            return strtoul((const char *)input->data + i + sizeof(name) - 1, NULL, 10);
    }
    return 0;
}

static bool connection_answer(struct http_server *server, struct http_connection *connection,
                              struct bytes body)
{
    const struct http_request request = {.body = body, .began = connection->began};
    TEXT head = {0};

    text_clear(&server->output);
    server->answer(server->context, &server->output, &request);
    text_add(&head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    text_add_u64(&head, text_length(&server->output));
    text_add(&head, "\r\n\r\n");
    text_add_bytes(&head, text_bytes(&server->output));
    bool is_not_alone = server->patience_ms > 0 && has_company(server, connection);
    /* taken before: behind it the kernel may let the other process run first */
    server->written(server->context, bench_now(), is_not_alone);
    return socket_write(connection->socket, text_string(&head), text_length(&head));
}

/* One request at most is whole: this client waits for its answer. */
static bool connection_serve(struct http_server *server, struct http_connection *connection)
{
    struct buffer *input = &connection->input;
    size_t head = head_size(input);
    size_t body = head > 0 ? content_length(input, head) : 0;

    if (head == 0)
        return true;
    if (input->size == head && body > 0 && memmem(input->data, head, "100-continue", 12) != NULL)
        return socket_write(connection->socket, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    if (input->size < head + body)
        return true;
    if (!connection_answer(server, connection, bytes_of(input->data + head, body)))
        return false;
    buffer_clear(input);
    return true;
}

static void connection_read(struct http_server *server, struct http_connection *connection)
{
    uint8_t chunk[CHUNK];
    ssize_t size = recv(connection->socket, chunk, sizeof(chunk), 0);

    if (size > 0 && connection->input.size == 0)
        connection->began = bench_now();
    if (size > 0)
        buffer_add(&connection->input, chunk, (size_t)size);
    if (size <= 0 || !connection_serve(server, connection))
        connection_close(connection);
}

void http_step(struct http_server *server, int timeout_ms)
{
    struct pollfd polls[HTTP_CONNECTIONS + 1] = {{.fd = server->listener, .events = POLLIN}};

    for (size_t i = 0; i < HTTP_CONNECTIONS; i++)
        polls[i + 1] = (struct pollfd){
            .fd = server->connection[i].socket > 0 ? server->connection[i].socket : -1,
            .events = POLLIN};
    if (poll(polls, HTTP_CONNECTIONS + 1, timeout_ms) <= 0)
        return;
    for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
        if (polls[i + 1].revents != 0)
            connection_read(server, &server->connection[i]);
    }
    if (polls[0].revents != 0)
        connection_accept(server);
}

void http_close(struct http_server *server)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
        if (server->connection[i].socket != 0)
            connection_close(&server->connection[i]);
    }
    text_release(&server->output);
    close(server->listener);
}
