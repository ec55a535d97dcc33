/*
 * libcurl knows which sockets it waits for, libev waits. Two traps: libev's timers count from when
 * it last looked at the clock, and libcurl does not ask for its time-out again when it was called a
 * moment too early. Both end in a request that hangs for ever, so both are mended here.
 */
#include "rpc/state.h"

#include <stdlib.h>
#include <time.h>

struct socket_watch {
    struct socket_watch *next;
    struct rpc *rpc;
    ev_io io;
};

int64_t wires_clock_us(void)
{
    struct timespec now;
    MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void wires_start_timer(struct ev_loop *loop, ev_timer *timer, int64_t wait_us)
{
    ev_timer_stop(loop, timer);
    ev_now_update(loop);
    ev_timer_set(timer, (double)wait_us / 1e6, 0.);
    ev_timer_start(loop, timer);
}

/* After libcurl was called: what it finished, then whoever waited for a place. */
static void look_after(struct rpc *rpc)
{
    wires_collect(rpc);
    asks_wake(rpc);
}

static void on_socket(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    struct rpc *rpc = ((struct socket_watch *)io->data)->rpc;
    int ready =
        (events & EV_READ ? CURL_CSELECT_IN : 0) | (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
    int running;
    MUST(curl_multi_socket_action(rpc->multi, io->fd, ready, &running) == CURLM_OK);
    look_after(rpc);
}

static void on_curl_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct rpc *rpc = timer->data;
    int running;
    MUST(curl_multi_socket_action(rpc->multi, CURL_SOCKET_TIMEOUT, 0, &running) == CURLM_OK);
    long wait_ms = -1;
    if (!ev_is_active(timer) && curl_multi_timeout(rpc->multi, &wait_ms) == CURLM_OK &&
        wait_ms >= 0)
        wires_start_timer(loop, timer, (wait_ms > 0 ? wait_ms : 1) * 1000);
    look_after(rpc);
}

void wires_push(struct rpc *rpc)
{
    int running;
    MUST(curl_multi_socket_action(rpc->multi, CURL_SOCKET_TIMEOUT, 0, &running) == CURLM_OK);
    /* one that failed at once is told from the loop */
    wires_start_timer(rpc->loop, &rpc->curl_timer, 0);
}

static int on_curl_wants_timer(CURLM *multi, long wait_ms, void *context)
{
    (void)multi;
    struct rpc *rpc = context;
    if (wait_ms < 0)
        ev_timer_stop(rpc->loop, &rpc->curl_timer);
    else
        wires_start_timer(rpc->loop, &rpc->curl_timer, wait_ms * 1000);
    return 0;
}

static void watch_drop(struct rpc *rpc, struct socket_watch *watch)
{
    struct socket_watch **place = &rpc->watches;
    while (*place != watch)
        place = &(*place)->next;
    *place = watch->next;
    ev_io_stop(rpc->loop, &watch->io);
    free(watch);
}

static int on_curl_wants_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    (void)easy;
    struct rpc *rpc = context;
    struct socket_watch *watch = known;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            watch_drop(rpc, watch);
        return 0;
    }
    if (watch == NULL) {
        watch = must_alloc(1, sizeof *watch);
        watch->rpc = rpc;
        watch->next = rpc->watches;
        rpc->watches = watch;
        ev_init(&watch->io, on_socket);
        watch->io.data = watch;
        MUST(curl_multi_assign(rpc->multi, fd, watch) == CURLM_OK);
    }
    ev_io_stop(rpc->loop, &watch->io);
    ev_io_set(&watch->io, fd,
              (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
    ev_io_start(rpc->loop, &watch->io);
    return 0;
}

static void on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct rpc *rpc = timer->data;
    asks_wake(rpc);
}

void wires_connect(struct rpc *rpc)
{
    ev_init(&rpc->curl_timer, on_curl_timer);
    ev_init(&rpc->wake_timer, on_wake);
    ev_init(&rpc->tell_timer, on_wake);
    rpc->curl_timer.data = rpc->wake_timer.data = rpc->tell_timer.data = rpc;
    MUST(curl_multi_setopt(rpc->multi, CURLMOPT_SOCKETFUNCTION, on_curl_wants_socket) == CURLM_OK);
    MUST(curl_multi_setopt(rpc->multi, CURLMOPT_SOCKETDATA, rpc) == CURLM_OK);
    MUST(curl_multi_setopt(rpc->multi, CURLMOPT_TIMERFUNCTION, on_curl_wants_timer) == CURLM_OK);
    MUST(curl_multi_setopt(rpc->multi, CURLMOPT_TIMERDATA, rpc) == CURLM_OK);
}

void wires_cut(struct rpc *rpc)
{
    while (rpc->watches != NULL)
        watch_drop(rpc, rpc->watches);
    ev_timer_stop(rpc->loop, &rpc->curl_timer);
    ev_timer_stop(rpc->loop, &rpc->wake_timer);
    ev_timer_stop(rpc->loop, &rpc->tell_timer);
}

void wires_collect(struct rpc *rpc)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(rpc->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        /* The message dies with the handle's removal. */
        CURLcode code = message->data.result;
        CURL *easy = message->easy_handle;
        struct easy_end *end = NULL;
        MUST(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &end) == CURLE_OK);
        MUST(curl_multi_remove_handle(rpc->multi, easy) == CURLM_OK);
        end->done(end, code);
    }
}
