/* `plimsoll status` against a daemon's server, and against what is none. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/commands.h"
#include "report/fetch.h"
#include "report/server.h"
#include "tests/keeper/command_fixture.h"
#include "tests/keeper/config_fixture.h"

static char file[] = "/tmp/plimsoll-status-XXXXXX";
static pid_t other;

static void end(void)
{
    unlink(file);
    if (other > 0) {
        kill(other, SIGKILL);
        waitpid(other, NULL, 0);
    }
}

TestSuite(command_status, .fini = end);

static void give_view(void *context, struct view *out)
{
    (void)context;
    memset(out, 0, sizeof(*out));
    strcpy(out->mode, "live");
    strcpy(out->version, "1.2.3");
    out->live = true;
    strcpy(out->ready_why, "no endpoint answers");
    out->head_block = 19000123;
}

static void give_metrics(void *context, struct text *out)
{
    (void)context;
    (void)out;
}

static void config_written(const char *listen)
{
    char *text = config_with("127.0.0.1:9611", listen);
    int out = mkstemp(file);
    cr_assert_geq(out, 0);
    cr_assert_eq(write(out, text, strlen(text)), (ssize_t)strlen(text));
    close(out);
    free(text);
}

static void daemon_started(const char *listen)
{
    const struct report_source source = {NULL, give_view, give_metrics};
    struct report_server *server;
    char address[32];
    cr_assert_eq(report_server_start(&server, listen, source), REPORT_SERVER_OK);
    snprintf(address, sizeof(address), "%.*s:%u", (int)strcspn(listen, ":"), listen,
             report_server_port(server));
    config_written(address);
    other = fork();
    while (other == 0) {
        struct pollfd polled = {.fd = report_server_fd(server), .events = POLLIN};
        poll(&polled, 1, 100);
        report_server_pump(server);
    }
    report_server_stop(server);
}

/* Something else that says `reply` to whoever comes. */
static void stranger_started(const char *reply)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    char text[32];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(listener, 4), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
    config_written(text);
    other = fork();
    while (other == 0) {
        char question[1024];
        int client = accept(listener, NULL, NULL);
        (void)!read(client, question, sizeof(question));
        (void)!send(client, reply, strlen(reply), MSG_NOSIGNAL);
        close(client);
    }
    close(listener);
}

static void asked(struct outcome *outcome, const char *option)
{
    outcome_of(outcome, command_status, (const char *[]){"-c", file, option, NULL}, NULL);
}

Test(command_status, shows_how_the_daemon_is)
{
    OUTCOME outcome;
    daemon_started("127.0.0.1:0");
    asked(&outcome, NULL);
    cr_assert_str_eq(outcome.err, "");
    cr_assert(eq(int, outcome.code, EXIT_DONE));
    cr_assert_eq(strncmp(outcome.out, "plimsoll  1.2.3  live  no endpoint answers\n", 43), 0, "%s",
                 outcome.out);
    cr_assert_not_null(strstr(outcome.out, "head       19,000,123"));
}

Test(command_status, asks_on_the_loopback_where_any_address_is_listened_on)
{
    OUTCOME outcome;
    daemon_started("0.0.0.0:0");
    asked(&outcome, NULL);
    cr_assert(eq(int, outcome.code, EXIT_DONE));
}

Test(command_status, gives_programs_the_status_as_it_is)
{
    OUTCOME outcome;
    struct view *view = malloc(sizeof(*view));
    daemon_started("127.0.0.1:0");
    asked(&outcome, "--json");
    cr_assert(eq(int, outcome.code, EXIT_DONE));
    cr_assert(view_parse(view, bytes_of_text(outcome.out)));
    cr_assert_eq(view->head_block, 19000123);
    free(view);
}

static void refused(const struct outcome *outcome, const char *piece)
{
    cr_assert(eq(int, outcome->code, EXIT_CHAIN));
    cr_assert_str_eq(outcome->out, "");
    cr_assert_not_null(strstr(outcome->err, piece), "%s", outcome->err);
}

Test(command_status, says_that_no_daemon_runs)
{
    OUTCOME outcome;
    config_written("127.0.0.1:9");
    asked(&outcome, NULL);
    refused(&outcome, "plimsoll status: 127.0.0.1:9: nobody answers; start the daemon with "
                      "`plimsoll run`\n");
}

Test(command_status, refuses_answers_that_are_no_status)
{
    static const char *const replies[] = {
        "",
        "SSH-2.0-OpenSSH_9\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{}",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nX: a\r\n\r\nContent-Length: 2\r\n\r\n{}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(replies); i++) {
        OUTCOME outcome;
        strcpy(file, "/tmp/plimsoll-status-XXXXXX");
        stranger_started(replies[i]);
        asked(&outcome, NULL);
        refused(&outcome, "is no daemon of this version; look who listens there\n");
        end();
        other = 0;
    }
}

Test(command_status, refuses_a_config_that_listens_nowhere)
{
    OUTCOME outcome;
    config_written("none");
    asked(&outcome, NULL);
    cr_assert(eq(int, outcome.code, EXIT_USAGE));
    cr_assert_not_null(strstr(outcome.err, "report.listen is none"));
}

Test(command_status, refuses_a_command_line_without_a_config)
{
    OUTCOME outcome;
    outcome_of(&outcome, command_status, (const char *[]){"--json", NULL}, NULL);
    cr_assert(eq(int, outcome.code, EXIT_USAGE));
    cr_assert_str_eq(outcome.err,
                     "plimsoll status: -c FILE is missing; see `plimsoll help status`\n");
}

Test(fetch, refuses_an_address_that_is_none)
{
    TEXT body = {0};
    cr_assert_eq(report_fetch(&body, "example.com:80", "/status"), REPORT_FETCH_BAD_ADDRESS);
    cr_assert_eq(report_fetch(&body, "", "/status"), REPORT_FETCH_BAD_ADDRESS);
}
