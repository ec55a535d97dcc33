/* The signer as a unit of its own: a socket with a name, clients that come and go. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sign/sign_fixture.h"

struct unit {
    struct folder folder;
    char socket[128];
    pid_t pid;
};

static void unit_start(struct unit *unit)
{
    char keystore[128], password[128], log[128], spend[128];

    folder_put(keystore, &unit->folder, "keeper.json", keystore_cheap, 0600);
    folder_put(password, &unit->folder, "keeper.password", "foo", 0600);
    folder_path(unit->socket, &unit->folder, "socket");
    folder_path(log, &unit->folder, "log");
    folder_path(spend, &unit->folder, "spend");
    unit->pid = fork();
    if (unit->pid == 0) {
        struct signer_options options = {.keystore = keystore,
                                         .password_file = password,
                                         .chain_id = 31337,
                                         .spend_file = spend,
                                         .socket_path = unit->socket};
        struct log_sink sink = {.fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600),
                                .level = LOG_LEVEL_DEBUG};
        _exit(signer_run(&options, &sink));
    }
}

static int client_try(const struct unit *unit)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(name.sun_path, unit->socket);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Waits until it listens. */
static int client_connect(const struct unit *unit)
{
    for (int tries = 0; tries < 3000; tries++) {
        int fd = client_try(unit);
        if (fd >= 0)
            return fd;
        usleep(10000);
    }
    cr_assert(false, "the signer never listened");
    return -1;
}

static void unit_end(struct unit *unit)
{
    kill(unit->pid, SIGTERM);
    waitpid(unit->pid, NULL, 0);
}

Test(signer_unit, answers_one_daemon_after_another_under_the_policy_of_the_first)
{
    struct unit unit;
    struct stat status;
    BUFFER answer = {0};
    char *wider = text_with(policy_text, "300000000000", "900000000000");

    folder_make(&unit.folder);
    unit_start(&unit);
    for (int life = 0; life < 3; life++) {
        int fd = client_connect(&unit);
        cr_assert(eq(chr, request(&answer, fd, 'A', (struct bytes){0}), 'A'));
        cr_assert(eq(chr, request(&answer, fd, 'P', bytes_of_text(policy_text)), 'P'));
        cr_assert(eq(chr, request(&answer, fd, 'P', bytes_of_text(wider)), 'R'));
        close(fd);
    }
    cr_assert(stat(unit.socket, &status) == 0 && (status.st_mode & 0777) == 0660);
    unit_end(&unit);
    folder_remove(&unit.folder);
    free(wider);
}

Test(signer_unit, answers_several_at_once_and_is_not_held_by_one_that_falls_silent)
{
    struct unit unit;
    BUFFER answer = {0};
    int fd[SIGNER_CLIENTS_MAX + 1];

    folder_make(&unit.folder);
    unit_start(&unit);
    for (size_t i = 0; i < ARRAY_LENGTH(fd); i++)
        fd[i] = client_connect(&unit);
    cr_assert(send(fd[0], "\0\0", 2, MSG_NOSIGNAL) == 2); /* half a word */
    for (size_t i = 1; i < SIGNER_CLIENTS_MAX; i++)
        cr_assert(eq(chr, request(&answer, fd[i], 'A', (struct bytes){0}), 'A'));
    close(fd[0]); /* now there is a place for the last */
    cr_assert(eq(chr, request(&answer, fd[SIGNER_CLIENTS_MAX], 'A', (struct bytes){0}), 'A'));
    for (size_t i = 1; i < ARRAY_LENGTH(fd); i++)
        close(fd[i]);
    unit_end(&unit);
    folder_remove(&unit.folder);
}

Test(signer_unit, takes_the_name_of_a_dead_one_and_leaves_that_of_a_living)
{
    struct unit unit;
    int status = 0;
    BUFFER answer = {0};

    folder_make(&unit.folder);
    unit_start(&unit);
    close(client_connect(&unit));
    kill(unit.pid, SIGKILL);
    waitpid(unit.pid, NULL, 0);
    unit_start(&unit);
    int fd = client_connect(&unit);
    cr_assert(eq(chr, request(&answer, fd, 'A', (struct bytes){0}), 'A'));
    struct unit second = unit;
    unit_start(&second);
    cr_assert(waitpid(second.pid, &status, 0) == second.pid);
    cr_assert(eq(int, WEXITSTATUS(status), 4));
    cr_assert(eq(chr, request(&answer, fd, 'A', (struct bytes){0}), 'A'));
    close(fd);
    unit_end(&unit);
    folder_remove(&unit.folder);
}

Test(signer_unit, does_not_remove_a_file_that_is_no_socket)
{
    struct unit unit;
    char path[128];
    int status = 0;

    folder_make(&unit.folder);
    folder_put(path, &unit.folder, "socket", "precious", 0600);
    unit_start(&unit);
    cr_assert(waitpid(unit.pid, &status, 0) == unit.pid);
    cr_assert(eq(int, WEXITSTATUS(status), 4));
    char *text = file_text(path);
    cr_assert(eq(str, text, "precious"));
    free(text);
    folder_remove(&unit.folder);
}

Test(signer_unit, turns_strangers_away)
{
    struct unit unit;
    int status = 0;

    if (geteuid() != 0)
        cr_skip_test("only root can become a stranger");
    folder_make(&unit.folder);
    cr_assert(chmod(unit.folder.path, 0777) == 0);
    unit_start(&unit);
    close(client_connect(&unit));
    cr_assert(chmod(unit.socket, 0666) == 0);
    pid_t stranger = fork();
    if (stranger == 0) {
        BUFFER answer = {0};
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(9);
        int fd = client_try(&unit);
        _exit(fd < 0 ? 8 : request(&answer, fd, 'A', (struct bytes){0}) == 0 ? 0 : 7);
    }
    cr_assert(waitpid(stranger, &status, 0) == stranger);
    cr_assert(eq(int, WEXITSTATUS(status), 0));
    unit_end(&unit);
    folder_remove(&unit.folder);
}
