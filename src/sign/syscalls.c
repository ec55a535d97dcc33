/*
 * Once the key is open, all that is left to do is listen, answer and log. Code that somebody brings
 * in over the socket would want files, connections and programs: the kernel answers EPERM to those.
 */
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "sign/guard.h"

/* What answering takes; what the allocator, the clock and the end of the process take; and what a
 * sanitized build adds. */
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(recvfrom),    SCMP_SYS(sendto),     SCMP_SYS(write),
    SCMP_SYS(poll),         SCMP_SYS(ppoll),       SCMP_SYS(accept4),    SCMP_SYS(getsockopt),
    SCMP_SYS(close),        SCMP_SYS(brk),         SCMP_SYS(mremap),     SCMP_SYS(munmap),
    SCMP_SYS(munlock),      SCMP_SYS(madvise),     SCMP_SYS(getrandom),  SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(geteuid),     SCMP_SYS(getegid),    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),        SCMP_SYS(exit_group), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(futex),        SCMP_SYS(sigaltstack),
};

/* The day's count, in place: its file is open, made to its full size, and the only one. */
static bool spend_allow(scmp_filter_ctx filter, int spend_fd)
{
    static const int calls[] = {SCMP_SYS(pwrite64), SCMP_SYS(fdatasync)};
    bool is_made = true;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0] && spend_fd >= 0 && is_made; i++)
        is_made = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
                                   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)spend_fd)) == 0;
    return is_made;
}

bool guard_syscalls(int spend_fd)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool is_made = filter != NULL;

    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0] && is_made; i++)
        is_made = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    /* memory, but none that could be run */
    is_made = is_made && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    is_made = is_made && spend_allow(filter, spend_fd) && seccomp_load(filter) == 0;
    if (filter != NULL)
        seccomp_release(filter);
    return is_made;
}
