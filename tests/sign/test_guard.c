/* What the kernel denies a process with a key, tried from inside. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sign/guard.h"

static int spend_fd = -1; /* each test has a process of its own */

/* Runs `attempt` behind the filter. Out: its exit code; 77 where this kernel takes no filter. */
static int behind_filter(bool (*attempt)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        bool has_filter = guard_process() && guard_syscalls(spend_fd);
        _exit(!has_filter ? 77 : attempt() ? 1 : 0);
    }
    cr_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool can_open(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0 || errno != EPERM;
}

static bool can_connect(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM;
}

static bool can_start(void)
{
    char *none[] = {NULL};
    return execve("/bin/true", none, none) == 0 || errno != EPERM;
}

static bool can_fork(void)
{
    return vfork() >= 0 || errno != EPERM;
}

static bool can_undo(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 || errno != EPERM;
}

static bool can_make_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED ||
           errno != EPERM;
}

Test(guard, leaves_no_file_no_connection_no_program)
{
    static bool (*const attempts[])(void) = {can_open, can_connect, can_start,
                                             can_fork, can_undo,    can_make_code};

    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        int code = behind_filter(attempts[i]);
        if (code == 77)
            cr_skip_test("this kernel takes no seccomp filter");
        cr_assert(eq(int, code, 0), "attempt %zu", i);
    }
}

static bool is_exposed(void)
{
    int fd[2];
    return guard_parent(0) || guard_peer(-1) || pipe(fd) == 0;
}

Test(guard, takes_no_word_from_what_is_no_socket)
{
    int code = behind_filter(is_exposed);
    if (code == 77)
        cr_skip_test("this kernel takes no seccomp filter");
    cr_assert(eq(int, code, 0));
}

static bool can_keep_the_count(void)
{
    return pwrite(spend_fd, "x", 1, 3) == 1 && fdatasync(spend_fd) == 0;
}

static bool can_write_elsewhere(void)
{
    return pwrite(2, "", 0, 0) == 0 || errno != EPERM || fdatasync(2) == 0 || errno != EPERM;
}

static bool can_cut_the_count(void)
{
    return ftruncate(spend_fd, 0) == 0 || errno != EPERM || lseek(spend_fd, 0, SEEK_SET) == 0 ||
           errno != EPERM;
}

Test(guard, leaves_one_file_to_be_written_in_place)
{
    char path[] = "/tmp/plimsoll-test-XXXXXX";

    spend_fd = mkstemp(path);
    cr_assert(spend_fd >= 0 && unlink(path) == 0);
    int code = behind_filter(can_keep_the_count);
    if (code == 77)
        cr_skip_test("this kernel takes no seccomp filter");
    cr_assert(eq(int, code, 1));
    cr_assert(eq(int, behind_filter(can_write_elsewhere), 0));
    cr_assert(eq(int, behind_filter(can_cut_the_count), 0));
    cr_assert(eq(int, behind_filter(can_open), 0));
}
