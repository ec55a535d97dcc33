/* A certificate that nobody vouches for, or that is of another name, opens no connection. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/rpc/desk.h"

struct tls_server {
    char folder[64];
    char port[16];
    pid_t pid;
};

static void start(struct tls_server *server)
{
    char url[64];
    char command[512];
    snprintf(server->folder, sizeof server->folder, "/tmp/plimsoll-tls-XXXXXX");
    cr_assert(mkdtemp(server->folder) != NULL);
    snprintf(command, sizeof command,
             "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
             "-keyout key -out cert -days 2 -subj /CN=node.example -addext "
             "subjectAltName=DNS:localhost 2>log",
             server->folder);
    cr_assert(eq(int, system(command), 0));
    server_dead_url(url);
    snprintf(server->port, sizeof server->port, "%lu", strtoul(strrchr(url, ':') + 1, NULL, 10));
    server->pid = fork();
    if (server->pid == 0) {
        if (chdir(server->folder) == 0 && freopen("log", "w", stdout) != NULL &&
            freopen("log", "w", stderr) != NULL)
            execlp("openssl", "openssl", "s_server", "-accept", server->port, "-cert", "cert",
                   "-key", "key", "-quiet", "-www", (char *)NULL);
        _exit(127);
    }
}

static void stop(struct tls_server *server)
{
    char command[128];
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", server->folder);
    cr_assert(eq(int, system(command), 0));
}

/* What is said of wss://HOST:PORT, once somebody listens there. */
static void ask_of(const struct tls_server *server, const char *host, char said[256])
{
    char url[64];
    snprintf(url, sizeof url, "wss://%s:%s/secret", host, server->port);
    for (int i = 0; i < 200; i++) {
        struct desk *desk = desk_of(url, NULL, NULL);
        desk_open(desk);
        desk_ask(desk, RPC_ROLE_READ);
        desk_wait(desk, 1);
        cr_assert(eq(int, desk->answers[0].status, OBSERVED_UNREACHABLE));
        snprintf(said, 256, "%s", desk->answers[0].body);
        desk_close(desk);
        if (strstr(said, "onnect to") == NULL && strstr(said, "onn fail") == NULL &&
            strstr(said, "refused") == NULL)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
}

Test(rpc_tls, trusts_no_certificate_that_nobody_vouches_for)
{
    struct tls_server server;
    char said[256] = "";
    start(&server);
    ask_of(&server, "localhost", said);
    stop(&server);
    cr_assert(strstr(said, "ssl") != NULL || strstr(said, "SSL") != NULL ||
                  strstr(said, "tls") != NULL,
              "%s", said);
}

/* With it in the machine's list it is trusted, and the answer is then no upgrade; but of no other
 * name than its own. */
Test(rpc_tls, trusts_what_the_machine_trusts_and_only_by_its_name)
{
    struct tls_server server;
    char path[128];
    char by_name[256] = "";
    char by_another[256] = "";
    start(&server);
    snprintf(path, sizeof path, "%s/cert", server.folder);
    setenv("SSL_CERT_FILE", path, 1);
    ask_of(&server, "localhost", by_name);
    ask_of(&server, "127.0.0.1", by_another);
    stop(&server);
    cr_assert(strstr(by_name, "HS:") != NULL, "%s", by_name);
    cr_assert(strstr(by_another, "HS:") == NULL, "%s", by_another);
}
