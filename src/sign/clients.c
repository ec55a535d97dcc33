/*
 * `plimsoll check` asks for the address while the daemon signs, and neither may wait for the other;
 * nor may one that fell silent in the middle of a word take the signer with it.
 */
#include "sign/clients.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "sign/guard.h"
#include "sign/listener.h"

struct clients {
    int listener;
    struct signer *signer;
    struct session session[SIGNER_CLIENTS_MAX]; /* fd -1: a free place */
    struct pollfd wait[SIGNER_CLIENTS_MAX + 1]; /* by session; then the listener */
};

static struct session *free_place(struct clients *clients)
{
    for (size_t i = 0; i < SIGNER_CLIENTS_MAX; i++)
        if (clients->session[i].fd < 0)
            return &clients->session[i];
    return NULL;
}

/* A full house leaves the listener out of the poll: newcomers wait in the kernel's queue. poll
 * skips negative descriptors. */
static void wait_prepare(struct clients *clients)
{
    bool has_place = free_place(clients) != NULL;

    for (size_t i = 0; i < SIGNER_CLIENTS_MAX; i++)
        clients->wait[i] = (struct pollfd){.fd = clients->session[i].fd,
                                           .events = session_events(&clients->session[i])};
    clients->wait[SIGNER_CLIENTS_MAX] =
        (struct pollfd){.fd = has_place ? clients->listener : -1, .events = POLLIN};
}

static void client_accept(struct clients *clients)
{
    struct session *place = free_place(clients);
    int fd = listener_accept(clients->listener);

    if (fd < 0)
        return;
    if (guard_peer(fd)) {
        place->fd = fd;
        return;
    }
    log_line(clients->signer->log, LOG_LEVEL_WARNING, "client turned away",
             "why=\"neither our user, nor our group, nor root\"");
    (void)close(fd);
}

/* False: the listener is lost. */
static bool clients_step(struct clients *clients)
{
    wait_prepare(clients);
    if (poll(clients->wait, SIGNER_CLIENTS_MAX + 1, -1) < 0)
        return errno == EINTR;
    for (size_t i = 0; i < SIGNER_CLIENTS_MAX; i++) {
        struct session *session = &clients->session[i];
        if (clients->wait[i].revents != 0 && !session_step(session, clients->signer))
            session_end(session);
    }
    short revents = clients->wait[SIGNER_CLIENTS_MAX].revents;
    if ((revents & POLLIN) != 0)
        client_accept(clients);
    return (revents & (POLLERR | POLLNVAL)) == 0;
}

void clients_serve(int listener, struct signer *signer)
{
    struct clients clients = {.listener = listener, .signer = signer};

    for (size_t i = 0; i < SIGNER_CLIENTS_MAX; i++)
        clients.session[i].fd = -1;
    while (clients_step(&clients)) {
    }
    for (size_t i = 0; i < SIGNER_CLIENTS_MAX; i++) {
        if (clients.session[i].fd >= 0)
            session_end(&clients.session[i]);
        session_release(&clients.session[i]);
    }
}
