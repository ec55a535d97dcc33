/*
 * Whoever watches the keeper, a person or a machine, must be answered without a thread that could
 * see a turn half done, and without a way to make the keeper do anything.
 */
#include "report/server.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/listen.h"

/** One more waits in the kernel until one of them ends. */
#define CONNECTIONS_MAX 64
/** Seconds after which an idle connection is closed. */
#define IDLE_S 10

struct report_server {
    struct MHD_Daemon *daemon;
    struct report_source source;
    struct view *view; /* large; made once */
    int listener;
};

/* Answers are made here and handed on; `text` is empty afterwards. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
                              const char *type, struct text *text)
{
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri "
                                    "'none'; form-action 'none'; frame-ancestors 'none'"},
    };
    struct bytes body = text_bytes(text);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.size, (void *)text->buffer.data, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        return MHD_NO; /* the connection is cut, and the text stays ours */
    text->buffer = (struct buffer){0};
    bool is_whole =
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES;
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        is_whole =
            MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES && is_whole;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        is_whole =
            MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES &&
            is_whole;
    enum MHD_Result result = is_whole ? MHD_queue_response(connection, status, response) : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

#define PLAIN "text/plain; charset=utf-8"

static enum MHD_Result answer_line(struct MHD_Connection *connection, unsigned int status,
                                   const char *line)
{
    TEXT text = {0};
    text_add(&text, line);
    text_add_char(&text, '\n');
    return answer(connection, status, PLAIN, &text);
}

static enum MHD_Result answer_health(struct report_server *server,
                                     struct MHD_Connection *connection)
{
    server->source.view(server->source.context, server->view);
    if (server->view->live)
        return answer_line(connection, MHD_HTTP_OK, "ok");
    return answer_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the loop makes no progress");
}

static enum MHD_Result answer_ready(struct report_server *server, struct MHD_Connection *connection)
{
    const struct view *view = server->view;

    server->source.view(server->source.context, server->view);
    if (view->ready)
        return answer_line(connection, MHD_HTTP_OK, "ready");
    return answer_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                       view->ready_why[0] == '\0' ? "not synchronised" : view->ready_why);
}

static enum MHD_Result answer_path(struct report_server *server, struct MHD_Connection *connection,
                                   const char *path)
{
    TEXT text = {0};

    if (strcmp(path, "/healthz") == 0)
        return answer_health(server, connection);
    if (strcmp(path, "/readyz") == 0)
        return answer_ready(server, connection);
    if (strcmp(path, "/metrics") == 0) {
        server->source.metrics(server->source.context, &text);
        return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &text);
    }
    if (strcmp(path, "/status") == 0) {
        server->source.view(server->source.context, server->view);
        view_json(&text, server->view);
        return answer(connection, MHD_HTTP_OK, "application/json", &text);
    }
    if (strcmp(path, "/") == 0) {
        server->source.view(server->source.context, server->view);
        view_page(&text, server->view);
        return answer(connection, MHD_HTTP_OK, "text/html; charset=utf-8", &text);
    }
    return answer_line(connection, MHD_HTTP_NOT_FOUND,
                       "not found; there are / /status /metrics /healthz /readyz");
}

/* A stranger's page may have a name of its own that leads to this address, and then read what is
 * here as if it came from there. Its browser says the name; who asks without one is no browser. */
static bool is_asked_by_name(struct MHD_Connection *connection)
{
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

    return host != NULL && !listen_host_is_literal(host);
}

/* The type is libmicrohttpd's. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **seen)
{
    static const char once;

    (void)version, (void)upload;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                           "only GET and HEAD: nothing can be changed here");
    if (is_asked_by_name(connection))
        return answer_line(connection, MHD_HTTP_FORBIDDEN,
                           "ask by address or as localhost: a name could be anybody's");
    if (*seen == NULL) { /* the head is there, a body may follow */
        *seen = (void *)(uintptr_t)&once;
        return MHD_YES;
    }
    if (*upload_size > 0) { /* nobody asked for it */
        *upload_size = 0;
        return MHD_YES;
    }
    return answer_path(context, connection, path);
}

enum report_server_error report_server_start(struct report_server **out, const char *listen,
                                             struct report_source source)
{
    struct listen_address address;
    if (!listen_parse(&address, listen))
        return REPORT_SERVER_BAD_ADDRESS;
    int listener = listen_open(&address);
    if (listener < 0)
        return errno == EADDRINUSE ? REPORT_SERVER_IN_USE : REPORT_SERVER_FAILED;
    struct report_server *server = must_alloc(1, sizeof(*server));
    *server = (struct report_server){
        .source = source, .listener = listener, .view = must_alloc(1, sizeof(struct view))};
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | (address.is_v6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL,
                         on_request, server, MHD_OPTION_LISTEN_SOCKET, listener,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S, MHD_OPTION_END);
    if (server->daemon == NULL) {
        (void)close(listener);
        free(server->view);
        free(server);
        return REPORT_SERVER_FAILED;
    }
    *out = server;
    return REPORT_SERVER_OK;
}

int report_server_fd(const struct report_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    MUST(info != NULL);
    return info->epoll_fd;
}

int report_server_timeout_ms(struct report_server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES)
        return -1;
    return timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
}

void report_server_pump(struct report_server *server)
{
    (void)MHD_run(server->daemon);
}

uint16_t report_server_port(const struct report_server *server)
{
    return listen_port(server->listener);
}

void report_server_stop(struct report_server *server)
{
    if (server == NULL)
        return;
    MHD_stop_daemon(server->daemon); /* closes the listening socket too */
    free(server->view);
    free(server);
}
