/*
 * report: what an operator sees. Log lines, metrics, the status view and its page.
 * It refuses to know where the figures come from.
 *
 * This file: `key=value` lines on standard error, with journald priorities when systemd runs us.
 */
#ifndef REPORT_LOG_H
#define REPORT_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/** Owned by the process's shell and handed down; zero is a log at level error, to fd 0's place: use
 *  log_init. One writer thread. */
struct log_sink {
    int fd;
    enum log_level level;
    bool journald;  /* "<4>" before each line */
    bool with_time; /* wall clock in front; off under journald, which has its own */
    uint64_t lost;  /* lines that nobody took, since the last that was taken */
};

/** Looks at JOURNAL_STREAM for journald. */
void log_init(struct log_sink *sink, int fd, enum log_level level);
/** "error", "warning", "info", "debug"; false: none of these. */
bool log_level_parse(enum log_level *out, const char *text);

/**
 * One line: level, a fixed `event` word or short sentence, then pairs.
 * `format` makes the pairs "endpoint=%s block=%llu"; values with spaces are the caller's to quote.
 * Newlines in what is formatted become spaces: one event, one line. Nobody is waited for: where
 * the other end of the pipe or socket reads nothing, lines are lost, and the next that is taken is
 * led by `event="log lost" lines=N`.
 */
__attribute__((format(printf, 4, 5))) void log_line(struct log_sink *sink, enum log_level level,
                                                    const char *event, const char *format, ...);

#endif
