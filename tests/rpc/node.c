/* Whoever connects has a thread of its own. */
#include "tests/rpc/node.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/rpc/peer.h"

#define PEERS_MAX 256
#define MESSAGES_MAX 65536
#define HANDSHAKE_SIZE 4096

struct node {
    enum node_wire wire;
    int fd;
    char url[128];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    node_serve *serve;
    void *context;
    const char *greeting;
    char handshake[HANDSHAKE_SIZE];
    unsigned connection_count;
    unsigned peer_count;
    unsigned message_count;
    struct peer peers[PEERS_MAX];
    char *messages[MESSAGES_MAX];
};

static bool shake_hands(struct peer *peer)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    struct node *node = peer->node;
    char request[HANDSHAKE_SIZE] = "";
    size_t size = 0;
    while (strstr(request, "\r\n\r\n") == NULL && (size == 0 || request[0] == 'G'))
        if (size + 1 == sizeof request || recv(peer->fd, request + size++, 1, 0) != 1)
            return false;
    pthread_mutex_lock(&node->lock);
    memcpy(node->handshake, request, sizeof request);
    const char *greeting = node->greeting;
    pthread_mutex_unlock(&node->lock);
    if (greeting != NULL) {
        (void)put_bytes(peer->fd, greeting, strlen(greeting));
        return false;
    }
    const char *key = strcasestr(request, "sec-websocket-key: ");
    if (key == NULL)
        return false;
    char joined[128];
    unsigned char digest[SHA_DIGEST_LENGTH];
    char accept[64];
    char reply[256];
    snprintf(joined, sizeof joined, "%.24s%s", key + 19, guid);
    SHA1((unsigned char *)joined, strlen(joined), digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    snprintf(reply, sizeof reply,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    return put_bytes(peer->fd, reply, strlen(reply));
}

static void answer_all(void *context, struct peer *peer, const char *message)
{
    (void)context;
    (void)peer_answer(peer, message);
}

static void *serve_peer(void *context)
{
    struct peer *peer = context;
    struct node *node = peer->node;
    char *message = NULL;
    if (node->wire == NODE_IPC || shake_hands(peer)) {
        pthread_mutex_lock(&node->lock);
        node->connection_count++;
        peer->is_open = true;
        pthread_mutex_unlock(&node->lock);
        message = peer_hear(peer);
    }
    while (message != NULL) {
        pthread_mutex_lock(&node->lock);
        bool is_said = message[0] != '\0';
        if (node->message_count == MESSAGES_MAX)
            abort();
        node->messages[node->message_count] = message;
        node->message_count += is_said;
        node_serve *serve = node->serve;
        void *serve_context = node->context;
        pthread_cond_broadcast(&node->changed);
        pthread_mutex_unlock(&node->lock);
        if (is_said)
            serve(serve_context, peer, message);
        else
            free(message);
        message = peer_hear(peer);
    }
    peer->is_open = false;
    shutdown(peer->fd, SHUT_RDWR);
    return NULL;
}

static void *accept_peers(void *context)
{
    struct node *node = context;
    int fd;
    while ((fd = accept4(node->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        if (node->wire == NODE_WEBSOCKET)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        pthread_mutex_lock(&node->lock);
        if (node->peer_count == PEERS_MAX)
            abort();
        struct peer *peer = &node->peers[node->peer_count++];
        peer->node = node;
        peer->wire = node->wire;
        peer->fd = fd;
        pthread_mutex_init(&peer->lock, NULL);
        if (pthread_create(&peer->thread, NULL, serve_peer, peer) != 0)
            abort();
        pthread_mutex_unlock(&node->lock);
    }
    return NULL;
}

/* ---- the node */

static int listen_on_loopback(char url[128], uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    snprintf(url, 128, "ws://127.0.0.1:%u/", ntohs(address.sin_port));
    return fd;
}

static int listen_at_path(char url[128], const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (path == NULL) {
        char folder[] = "/tmp/plimsoll-node-XXXXXX";
        if (mkdtemp(folder) == NULL)
            abort();
        snprintf(url, 128, "%s/node.ipc", folder);
    } else {
        snprintf(url, 128, "%s", path);
    }
    unlink(url);
    memcpy(address.sun_path, url, strlen(url));
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 128) != 0)
        abort();
    return fd;
}

struct node *node_new_at(enum node_wire wire, const char *url)
{
    struct node *node = calloc(1, sizeof *node);
    const char *port = url == NULL ? NULL : strrchr(url, ':');
    node->wire = wire;
    node->serve = answer_all;
    node->fd = wire == NODE_IPC
                   ? listen_at_path(node->url, url)
                   : listen_on_loopback(node->url,
                                        port == NULL ? 0 : (uint16_t)strtoul(port + 1, NULL, 10));
    pthread_mutex_init(&node->lock, NULL);
    pthread_cond_init(&node->changed, NULL);
    if (pthread_create(&node->thread, NULL, accept_peers, node) != 0)
        abort();
    return node;
}

struct node *node_new(enum node_wire wire)
{
    return node_new_at(wire, NULL);
}

void node_on_message(struct node *node, node_serve *serve, void *context)
{
    pthread_mutex_lock(&node->lock);
    node->serve = serve;
    node->context = context;
    pthread_mutex_unlock(&node->lock);
}

void node_greet_with(struct node *node, const char *bytes)
{
    pthread_mutex_lock(&node->lock);
    node->greeting = bytes;
    pthread_mutex_unlock(&node->lock);
}

const char *node_url(const struct node *node)
{
    return node->url;
}

const char *node_handshake(struct node *node)
{
    return node->handshake;
}

unsigned node_connections(struct node *node)
{
    pthread_mutex_lock(&node->lock);
    unsigned count = node->connection_count;
    pthread_mutex_unlock(&node->lock);
    return count;
}

unsigned node_messages(struct node *node)
{
    pthread_mutex_lock(&node->lock);
    unsigned count = node->message_count;
    pthread_mutex_unlock(&node->lock);
    return count;
}

const char *node_message(struct node *node, unsigned index)
{
    pthread_mutex_lock(&node->lock);
    const char *message = index < node->message_count ? node->messages[index] : "";
    pthread_mutex_unlock(&node->lock);
    return message;
}

bool node_wait_for(struct node *node, unsigned messages)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    int failed = 0;
    pthread_mutex_lock(&node->lock);
    while (node->message_count < messages && failed == 0)
        failed = pthread_cond_timedwait(&node->changed, &node->lock, &until);
    pthread_mutex_unlock(&node->lock);
    return failed == 0;
}

void node_cut(struct node *node)
{
    pthread_mutex_lock(&node->lock);
    for (unsigned i = 0; i < node->peer_count; i++)
        shutdown(node->peers[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&node->lock);
}

void node_say(struct node *node, const char *text)
{
    pthread_mutex_lock(&node->lock);
    for (unsigned i = 0; i < node->peer_count; i++)
        if (node->peers[i].is_open)
            (void)peer_say(&node->peers[i], text);
    pthread_mutex_unlock(&node->lock);
}

void node_push(struct node *node, unsigned head)
{
    char hash[67];
    char text[512];
    head_hash(hash, head);
    push_text(text, hash, head);
    node_say(node, text);
}

void node_free(struct node *node)
{
    shutdown(node->fd, SHUT_RDWR);
    pthread_join(node->thread, NULL);
    node_cut(node);
    for (unsigned i = 0; i < node->peer_count; i++) {
        pthread_join(node->peers[i].thread, NULL);
        close(node->peers[i].fd);
        pthread_mutex_destroy(&node->peers[i].lock);
    }
    for (unsigned i = 0; i < node->message_count; i++)
        free(node->messages[i]);
    close(node->fd);
    if (node->wire == NODE_IPC) {
        unlink(node->url);
        *strrchr(node->url, '/') = '\0';
        (void)rmdir(node->url);
    }
    pthread_mutex_destroy(&node->lock);
    pthread_cond_destroy(&node->changed);
    free(node);
}
