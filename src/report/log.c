/*
 * A log is read by people in a hurry and by machines that split at spaces and line ends. One event
 * is one line and one write, whatever a node or a stranger put into the text.
 */
#include "report/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/** A line's bytes at most, its end included; a longer one is cut and says so. A pipe that has any
 * room takes so many at once (PIPE_BUF). */
#define LOG_LINE_MAX 4096

static const char *const level_names[] = {"error", "warning", "info", "debug"};

/* JOURNAL_STREAM is "DEVICE:INODE" of what systemd connected; a redirection of ours differs. */
static bool is_journald(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device;
    unsigned long long inode;
    struct stat status;

    if (stream == NULL || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
        return false;
    return fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void log_init(struct log_sink *sink, int fd, enum log_level level)
{
    bool journald = is_journald(fd);
    *sink =
        (struct log_sink){.fd = fd, .level = level, .journald = journald, .with_time = !journald};
}

bool log_level_parse(enum log_level *out, const char *text)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                            LOG_LEVEL_DEBUG};
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcmp(level_names[i], text) != 0)
            continue;
        *out = levels[i];
        return true;
    }
    return false;
}

/* What journald sorts by; see sd-daemon(3). */
static const char *priority(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "<3>";
    case LOG_LEVEL_WARNING:
        return "<4>";
    case LOG_LEVEL_INFO:
        return "<6>";
    case LOG_LEVEL_DEBUG:
        return "<7>";
    }
    return "<3>";
}

/* Formats at `used`, and gives the new length, which never passes the line's room. */
__attribute__((format(printf, 3, 0))) static size_t
line_add_values(char line[LOG_LINE_MAX], size_t used, const char *format, va_list values)
{
    int length = vsnprintf(line + used, LOG_LINE_MAX - used, format, values);
    if (length < 0)
        return used;
    return used + (size_t)length < LOG_LINE_MAX ? used + (size_t)length : LOG_LINE_MAX - 1;
}

__attribute__((format(printf, 3, 4))) static size_t line_add(char line[LOG_LINE_MAX], size_t used,
                                                             const char *format, ...)
{
    va_list values;
    va_start(values, format);
    used = line_add_values(line, used, format, values);
    va_end(values);
    return used;
}

static size_t time_add(char line[LOG_LINE_MAX], size_t used)
{
    struct timespec now;
    struct tm utc;
    char text[32];

    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || gmtime_r(&now.tv_sec, &utc) == NULL)
        return used;
    (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    return line_add(line, used, "time=%s.%03ldZ ", text, now.tv_nsec / 1000000);
}

/* A log that cannot be written, or that nobody reads, must not stop the keeper: what does not go
 * out at once is lost. False: it is. */
static bool line_write(int fd, const char *line, size_t size)
{
    struct pollfd out = {.fd = fd, .events = POLLOUT};

    if (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0)
        return false;
    while (size > 0) {
        ssize_t written = write(fd, line, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        line += written;
        size -= (size_t)written;
    }
    return true;
}

/* What stands before the event's own words. */
static size_t line_begin(char line[LOG_LINE_MAX], const struct log_sink *sink, enum log_level level)
{
    size_t used = 0;

    if (sink->journald)
        used = line_add(line, used, "%s", priority(level));
    if (sink->with_time)
        used = time_add(line, used);
    return line_add(line, used, "level=%s ", level_names[level]);
}

/* Before the first line that is taken again: how many were not. */
static void lost_say(struct log_sink *sink)
{
    char line[LOG_LINE_MAX];
    size_t used = line_begin(line, sink, LOG_LEVEL_WARNING);

    used = line_add(line, used, "event=\"log lost\" lines=%llu\n", (unsigned long long)sink->lost);
    if (line_write(sink->fd, line, used))
        sink->lost = 0;
}

void log_line(struct log_sink *sink, enum log_level level, const char *event, const char *format,
              ...)
{
    char line[LOG_LINE_MAX];
    size_t used;
    va_list values;

    if (level > sink->level)
        return;
    used = line_begin(line, sink, level);
    bool is_sentence = strchr(event, ' ') != NULL;
    used = line_add(line, used, is_sentence ? "event=\"%s\"" : "event=%s", event);
    if (format != NULL && format[0] != '\0') {
        used = line_add(line, used, " ");
        va_start(values, format);
        used = line_add_values(line, used, format, values);
        va_end(values);
    }
    if (used == LOG_LINE_MAX - 1)
        memcpy(line + used - 6, " cut=1", 6);
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = ' ';
    line[used] = '\n';
    if (sink->lost > 0)
        lost_say(sink);
    if (sink->lost > 0 || !line_write(sink->fd, line, used + 1))
        sink->lost++;
}
