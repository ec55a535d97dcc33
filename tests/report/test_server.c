/* The HTTP server with real sockets, pumped as the loop would. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report/server.h"

static struct report_server *server;
static struct view shown;
static int views_asked;
static char reply[262144];

static void give_view(void *context, struct view *out)
{
    cr_assert_eq(context, &shown);
    views_asked++;
    *out = shown;
}

static void give_metrics(void *context, struct text *out)
{
    cr_assert_eq(context, &shown);
    text_add(out, "plimsoll_head_block 7\n");
}

static const struct report_source source = {&shown, give_view, give_metrics};

static void begin(void)
{
    strcpy(shown.mode, "live");
    shown.live = true;
    shown.ready = true;
    shown.head_block = 7;
    cr_assert_eq(report_server_start(&server, "127.0.0.1:0", source), REPORT_SERVER_OK);
    cr_assert(gt(u16, report_server_port(server), 0));
}

static void end(void)
{
    report_server_stop(server);
}

TestSuite(server, .init = begin, .fini = end);

static void pump(int client)
{
    struct pollfd polled[2] = {{.fd = report_server_fd(server), .events = POLLIN},
                               {.fd = client, .events = POLLIN}};
    int timeout_ms = report_server_timeout_ms(server);
    (void)poll(polled, 2, timeout_ms < 0 || timeout_ms > 50 ? 50 : timeout_ms);
    report_server_pump(server);
}

static int connected(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(report_server_port(server)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_geq(client, 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void sent(int client, const char *request)
{
    cr_assert_eq(send(client, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
}

/* All that comes until the server closes. */
static const char *answered(int client)
{
    size_t size = 0;
    for (int turns = 0; turns < 2000; turns++) {
        pump(client);
        ssize_t count = recv(client, reply + size, sizeof(reply) - 1 - size, MSG_DONTWAIT);
        if (count == 0)
            break;
        if (count < 0) {
            if (errno == EAGAIN)
                continue;
            cr_assert_eq(errno, ECONNRESET);
            break;
        }
        size += (size_t)count;
    }
    reply[size] = '\0';
    close(client);
    return reply;
}

static const char *asked(const char *method, const char *path)
{
    char request[256];
    int client = connected();
    snprintf(request, sizeof(request),
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", method, path);
    sent(client, request);
    return answered(client);
}

static void is(const char *answer, const char *start, const char *body)
{
    cr_assert_eq(strncmp(answer, start, strlen(start)), 0, "%s", answer);
    const char *found = strstr(answer, "\r\n\r\n");
    cr_assert_not_null(found);
    cr_assert_str_eq(found + 4, body);
}

Test(server, says_that_the_loop_makes_progress)
{
    is(asked("GET", "/healthz"), "HTTP/1.1 200 OK\r\n", "ok\n");
    shown.live = false;
    is(asked("GET", "/healthz"), "HTTP/1.1 503 Service Unavailable\r\n",
       "the loop makes no progress\n");
}

Test(server, says_that_it_is_ready_or_why_not)
{
    is(asked("GET", "/readyz"), "HTTP/1.1 200 OK\r\n", "ready\n");
    shown.ready = false;
    strcpy(shown.ready_why, "market main: 3 of 32 accounts differ");
    is(asked("GET", "/readyz"), "HTTP/1.1 503 ", "market main: 3 of 32 accounts differ\n");
    shown.ready_why[0] = '\0';
    is(asked("GET", "/readyz"), "HTTP/1.1 503 ", "not synchronised\n");
}

Test(server, gives_metrics)
{
    const char *answer = asked("GET", "/metrics");
    is(answer, "HTTP/1.1 200 OK\r\n", "plimsoll_head_block 7\n");
    cr_assert_not_null(
        strstr(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
}

Test(server, gives_the_status_as_json)
{
    struct view *view = malloc(sizeof(*view));
    const char *answer = asked("GET", "/status");
    cr_assert_not_null(strstr(answer, "Content-Type: application/json\r\n"));
    const char *body = strstr(answer, "\r\n\r\n");
    cr_assert(view_parse(view, bytes_of_text(body + 4)));
    cr_assert_eq(view->head_block, 7);
    free(view);
}

Test(server, gives_the_page_with_headers_that_keep_it_to_itself)
{
    static const char *const headers[] = {
        "Content-Type: text/html; charset=utf-8\r\n",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline';",
        "frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "Cache-Control: no-store\r\n"};
    const char *answer = asked("GET", "/");
    cr_assert_eq(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        cr_assert_not_null(strstr(answer, headers[i]), "no %s", headers[i]);
    cr_assert_not_null(strstr(answer, "\r\n\r\n<!doctype html>"));
    cr_assert_not_null(strstr(answer, "</html>\n"));
    cr_assert_null(strstr(answer, "Access-Control-Allow-Origin"));
}

Test(server, ignores_a_query)
{
    is(asked("GET", "/healthz?verbose=1"), "HTTP/1.1 200 OK\r\n", "ok\n");
}

Test(server, answers_head_without_a_body)
{
    const char *answer = asked("HEAD", "/metrics");
    is(answer, "HTTP/1.1 200 OK\r\n", "");
    cr_assert_not_null(strstr(answer, "Content-Length: 22\r\n"));
}

Test(server, refuses_paths_that_it_does_not_know)
{
    static const char *const paths[] = {"/nothing", "//", "/status/", "/../etc/passwd", "/%2e%2e/"};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++)
        is(asked("GET", paths[i]), "HTTP/1.1 404 Not Found\r\n",
           "not found; there are / /status /metrics /healthz /readyz\n");
    cr_assert_eq(views_asked, 0);
}

Test(server, refuses_methods_that_could_change_something)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"};
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        const char *answer = asked(methods[i], "/status");
        is(answer, "HTTP/1.1 405 Method Not Allowed\r\n",
           "only GET and HEAD: nothing can be changed here\n");
        cr_assert_not_null(strstr(answer, "Allow: GET, HEAD\r\n"));
    }
    cr_assert_eq(views_asked, 0);
}

static const char *asked_as(const char *host)
{
    char request[256];
    int client = connected();
    snprintf(request, sizeof(request),
             "GET /status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    sent(client, request);
    return answered(client);
}

Test(server, answers_whoever_asks_by_address)
{
    static const char *const hosts[] = {"127.0.0.1",      "127.0.0.1:9464", "localhost",
                                        "localhost:9464", "[::1]",          "[::1]:9464",
                                        "192.0.2.7:80"};
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++)
        cr_assert_eq(strncmp(asked_as(hosts[i]), "HTTP/1.1 200 ", 13), 0, "%s", hosts[i]);
}

Test(server, refuses_whoever_asks_by_a_name)
{
    static const char *const hosts[] = {"evil.example",
                                        "evil.example:9464",
                                        "127.0.0.1.nip.io",
                                        "localhost.evil.example:9464",
                                        "127.0.0.1@evil.com",
                                        "",
                                        "::1",
                                        "[evil.example]:9464"};
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++)
        is(asked_as(hosts[i]), "HTTP/1.1 403 Forbidden\r\n",
           "ask by address or as localhost: a name could be anybody's\n");
    cr_assert_eq(views_asked, 0);
}

Test(server, answers_a_program_that_says_no_host)
{
    int client = connected();
    sent(client, "GET /healthz HTTP/1.0\r\n\r\n");
    cr_assert_not_null(strstr(answered(client), "200 OK"));
}

Test(server, refuses_a_post_with_a_body)
{
    int client = connected();
    sent(client, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello");
    cr_assert_eq(strncmp(answered(client), "HTTP/1.1 405 ", 13), 0);
}

Test(server, takes_a_get_with_a_body_that_nobody_asked_for)
{
    int client = connected();
    sent(
        client,
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
        "hello");
    is(answered(client), "HTTP/1.1 200 OK\r\n", "ok\n");
}

Test(server, answers_nonsense_with_an_error_and_lives_on)
{
    static const char *const nonsense[] = {"\r\n\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n",
                                           "GET / HTTP/9.9\r\n\r\n",
                                           "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(nonsense); i++) {
        int client = connected();
        sent(client, nonsense[i]);
        shutdown(client, SHUT_WR);
        cr_assert_neq(strncmp(answered(client), "HTTP/1.1 200", 12), 0, "%s", nonsense[i]);
    }
    is(asked("GET", "/healthz"), "HTTP/1.1 200 OK\r\n", "ok\n");
}

Test(server, keeps_a_connection_for_the_next_question)
{
    int client = connected();
    sent(client, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    sent(client, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    const char *answer = answered(client);
    cr_assert_not_null(strstr(answer, "ok\n"));
    cr_assert_not_null(strstr(answer, "plimsoll_head_block 7\n"));
}

Test(server, bounds_its_connections)
{
    int idle[64];
    for (int i = 0; i < 64; i++) {
        idle[i] = connected();
        pump(idle[i]);
    }
    int late = connected();
    sent(late, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 20; i++)
        pump(late);
    ssize_t count = recv(late, reply, sizeof(reply), MSG_DONTWAIT);
    cr_assert(count <= 0, "a 65th connection was answered");
    for (int i = 0; i < 64; i++)
        close(idle[i]);
    close(late);
    is(asked("GET", "/healthz"), "HTTP/1.1 200 OK\r\n", "ok\n");
}

Test(server, says_when_it_must_be_pumped_again)
{
    cr_assert(eq(int, report_server_timeout_ms(server), -1));
    int client = connected();
    for (int i = 0; i < 5; i++)
        pump(client);
    int timeout_ms = report_server_timeout_ms(server);
    cr_assert(timeout_ms >= 0 && timeout_ms <= 10000, "%d", timeout_ms);
    close(client);
}

Test(server, refuses_a_port_that_is_taken)
{
    struct report_server *second;
    char listen[32];
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", report_server_port(server));
    cr_assert_eq(report_server_start(&second, listen, source), REPORT_SERVER_IN_USE);
}

Test(server, refuses_an_address_that_is_none)
{
    struct report_server *second;
    static const char *const wrong[] = {"", "9464", "example.com:9464", "127.0.0.1:99999"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        cr_assert_eq(report_server_start(&second, wrong[i], source), REPORT_SERVER_BAD_ADDRESS);
}

Test(server, refuses_an_address_that_is_not_this_machines)
{
    struct report_server *second;
    cr_assert_eq(report_server_start(&second, "192.0.2.1:0", source), REPORT_SERVER_FAILED);
}

Test(server, binds_no_other_address_than_it_was_told)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(report_server_port(server))};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
    cr_assert_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), -1);
    cr_assert_eq(errno, ECONNREFUSED);
    close(client);
}

Test(server, gives_its_port_back_when_it_stops)
{
    struct report_server *second;
    char listen[32];
    asked("GET", "/healthz");
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", report_server_port(server));
    report_server_stop(server);
    cr_assert_eq(report_server_start(&second, listen, source), REPORT_SERVER_OK);
    server = second;
    is(asked("GET", "/healthz"), "HTTP/1.1 200 OK\r\n", "ok\n");
}
