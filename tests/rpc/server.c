/* A node that is well behaved can be had anywhere; this one is for the others. */
#include "tests/rpc/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/rpc/deeds.h"

#define CONNECTIONS_MAX 1024
#define REQUESTS_MAX 4096

struct connection {
    struct server *server;
    int fd;
    unsigned served;
    pthread_t thread;
};

struct server {
    int fd;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stops;
    bool released;
    struct server_reply reply;
    struct server_reply first;
    unsigned first_left;
    unsigned connection_count;
    unsigned request_count;
    struct connection connections[CONNECTIONS_MAX];
    char *requests[REQUESTS_MAX];
};

/* Port 0: any that is free. */
static int listen_on_loopback(char url[64], int backlog, uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, backlog) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    snprintf(url, 64, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    return fd;
}

/* Head and body; NULL: the connection ended. */
static char *read_request(int fd)
{
    size_t size = 0;
    size_t capacity = 65536;
    char *text = calloc(1, capacity);
    for (;;) {
        char *body = strstr(text, "\r\n\r\n");
        char *length = strcasestr(text, "content-length:");
        if (body != NULL && length != NULL &&
            size >= (size_t)(body + 4 - text) + strtoul(length + 15, NULL, 10))
            return text;
        if (size + 1 >= capacity)
            text = realloc(text, capacity *= 2);
        ssize_t got = recv(fd, text + size, capacity - size - 1, 0);
        if (got <= 0) {
            free(text);
            return NULL;
        }
        size += (size_t)got;
        text[size] = '\0';
    }
}

static void hold(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    while (!server->released && !server->stops)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

/* False: the connection ends. */
static bool serve(struct connection *connection, const struct server_reply *reply,
                  const char *request)
{
    connection->served++;
    if (reply->deed == SERVER_CUTS_REUSED && connection->served > 1)
        return false;
    if (reply->deed == SERVER_HOLDS)
        hold(connection->server);
    return deed_do(connection->fd, reply, request);
}

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct server *server = connection->server;
    char *request;
    bool goes_on = true;
    while (goes_on && (request = read_request(connection->fd)) != NULL) {
        pthread_mutex_lock(&server->lock);
        if (server->request_count == REQUESTS_MAX)
            abort();
        server->requests[server->request_count++] = request;
        struct server_reply reply = server->first_left > 0 ? server->first : server->reply;
        server->first_left -= server->first_left > 0;
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
        goes_on = serve(connection, &reply, request);
    }
    shutdown(connection->fd, SHUT_RDWR);
    return NULL;
}

static void *accept_connections(void *context)
{
    struct server *server = context;
    int fd;
    while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        /* Else each head waits 40 ms for the acknowledgement before its body goes. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        pthread_mutex_lock(&server->lock);
        if (server->connection_count == CONNECTIONS_MAX)
            abort();
        struct connection *connection = &server->connections[server->connection_count++];
        connection->server = server;
        connection->fd = fd;
        if (pthread_create(&connection->thread, NULL, serve_connection, connection) != 0)
            abort();
        pthread_mutex_unlock(&server->lock);
    }
    return NULL;
}

static struct server *server_on(uint16_t port)
{
    struct server *server = calloc(1, sizeof *server);
    server->fd = listen_on_loopback(server->url, 128, port);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    if (pthread_create(&server->thread, NULL, accept_connections, server) != 0)
        abort();
    return server;
}

struct server *server_new(void)
{
    return server_on(0);
}

struct server *server_new_at(const char *url)
{
    return server_on((uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10));
}

void server_say(struct server *server, struct server_reply reply)
{
    pthread_mutex_lock(&server->lock);
    server->reply = reply;
    pthread_mutex_unlock(&server->lock);
}

void server_say_first(struct server *server, unsigned count, struct server_reply reply)
{
    pthread_mutex_lock(&server->lock);
    server->first = reply;
    server->first_left = count;
    pthread_mutex_unlock(&server->lock);
}

void server_release(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->released = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

const char *server_url(const struct server *server)
{
    return server->url;
}

unsigned server_connections(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    unsigned count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

unsigned server_requests(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    unsigned count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *server_request(struct server *server, unsigned index)
{
    pthread_mutex_lock(&server->lock);
    const char *request = index < server->request_count ? server->requests[index] : "";
    pthread_mutex_unlock(&server->lock);
    return request;
}

bool server_wait_for(struct server *server, unsigned requests)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    int failed = 0;
    pthread_mutex_lock(&server->lock);
    while (server->request_count < requests && failed == 0)
        failed = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
    return failed == 0;
}

void server_free(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->stops = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    for (unsigned i = 0; i < server->connection_count; i++) {
        shutdown(server->connections[i].fd, SHUT_RDWR);
        pthread_join(server->connections[i].thread, NULL);
        close(server->connections[i].fd);
    }
    for (unsigned i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    close(server->fd);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    free(server);
}

void server_dead_url(char out[64])
{
    close(listen_on_loopback(out, 128, 0));
}

void server_full_url(char out[64], int fds[8])
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    fds[0] = listen_on_loopback(out, 0, 0);
    getsockname(fds[0], (struct sockaddr *)&address, &size);
    /* A queue of none still holds one or two; whoever comes later is not answered. */
    for (size_t i = 1; i < 8; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], (struct sockaddr *)&address, size);
    }
}
