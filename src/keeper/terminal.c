/*
 * A password that is typed must not stay on the screen, nor in a buffer of stdio that nobody can
 * wipe. So this reads the terminal itself, byte by byte into memory that the caller owns.
 */
#include "keeper/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_SIZE 4096

static bool line_read(struct buffer *out, int fd)
{
    buffer_clear(out);
    buffer_reserve(out, LINE_MAX_SIZE);
    while (out->size < LINE_MAX_SIZE) {
        ssize_t got = read(fd, out->data + out->size, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        if (out->data[out->size] == '\n')
            return true;
        out->size++;
    }
    return false;
}

bool terminal_ask_secret(struct buffer *out, const char *prompt)
{
    struct termios shown, hidden;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return false;
    bool is_read = tcgetattr(fd, &shown) == 0;
    if (is_read) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        is_read = write(fd, prompt, strlen(prompt)) > 0 && tcsetattr(fd, TCSAFLUSH, &hidden) == 0 &&
                  line_read(out, fd);
        (void)tcsetattr(fd, TCSAFLUSH, &shown);
        (void)!write(fd, "\n", 1);
    }
    (void)close(fd);
    return is_read;
}
