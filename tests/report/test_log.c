/* One event, one line, whatever is in it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/log.h"

static int ends[2];
static char line[16384];

static void begin(void)
{
    unsetenv("JOURNAL_STREAM");
    cr_assert_eq(pipe(ends), 0);
    cr_assert_neq(fcntl(ends[0], F_SETFL, O_NONBLOCK), -1);
}

TestSuite(log, .init = begin);

static const char *written(void)
{
    ssize_t size = read(ends[0], line, sizeof(line) - 1);
    line[size < 0 ? 0 : size] = '\0';
    return line;
}

static struct log_sink a_sink(void)
{
    return (struct log_sink){.fd = ends[1], .level = LOG_LEVEL_INFO};
}

Test(log, writes_level_event_and_pairs)
{
    struct log_sink sink = a_sink();
    log_line(&sink, LOG_LEVEL_INFO, "head", "block=%d endpoint=%s", 7, "a");
    cr_assert_str_eq(written(), "level=info event=head block=7 endpoint=a\n");
    log_line(&sink, LOG_LEVEL_ERROR, "stopped for good", "%s", "");
    cr_assert_str_eq(written(), "level=error event=\"stopped for good\" \n");
    const char *nothing = NULL;
    log_line(&sink, LOG_LEVEL_WARNING, "bare", nothing, 0);
    cr_assert_str_eq(written(), "level=warning event=bare\n");
}

Test(log, leaves_out_what_is_below_its_level)
{
    struct log_sink sink = a_sink();
    log_line(&sink, LOG_LEVEL_DEBUG, "head", "block=%d", 7);
    cr_assert_str_eq(written(), "");
    sink.level = LOG_LEVEL_DEBUG;
    log_line(&sink, LOG_LEVEL_DEBUG, "head", "block=%d", 7);
    cr_assert_str_eq(written(), "level=debug event=head block=7\n");
    sink.level = LOG_LEVEL_ERROR;
    log_line(&sink, LOG_LEVEL_WARNING, "head", "block=%d", 7);
    cr_assert_str_eq(written(), "");
}

Test(log, makes_one_line_of_many)
{
    struct log_sink sink = a_sink();
    log_line(&sink, LOG_LEVEL_INFO, "answer", "body=%s", "a\nb\r\n\x1b[31mc\t");
    cr_assert_str_eq(written(), "level=info event=answer body=a b   [31mc \n");
}

Test(log, cuts_what_is_too_long_and_says_so)
{
    static char big[9000];
    struct log_sink sink = a_sink();
    memset(big, 'x', sizeof(big) - 1);
    log_line(&sink, LOG_LEVEL_INFO, "answer", "body=%s", big);
    const char *text = written();
    cr_assert(eq(sz, strlen(text), 4096));
    cr_assert_str_eq(text + 4096 - 8, "x cut=1\n");
}

Test(log, puts_the_time_in_front)
{
    struct log_sink sink;
    log_init(&sink, ends[1], LOG_LEVEL_INFO);
    cr_assert_not(sink.journald);
    log_line(&sink, LOG_LEVEL_INFO, "head", "block=%d", 7);
    const char *text = written();
    int year, month, day, hour, minute, second, milli, used = 0;
    cr_assert_eq(sscanf(text, "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n", &year, &month, &day, &hour,
                        &minute, &second, &milli, &used),
                 7);
    cr_assert(eq(int, used, 30));
    cr_assert_str_eq(text + used, "level=info event=head block=7\n");
}

static void stream_is(int fd, unsigned long long more)
{
    struct stat status;
    char stream[64];
    cr_assert_eq(fstat(fd, &status), 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino + more);
    setenv("JOURNAL_STREAM", stream, 1);
}

Test(log, gives_priorities_where_systemd_reads_it)
{
    static const char *const lines[] = {"<3>level=error event=e\n", "<4>level=warning event=e\n",
                                        "<6>level=info event=e\n", "<7>level=debug event=e\n"};
    const char *nothing = NULL;
    struct log_sink sink;
    stream_is(ends[1], 0);
    log_init(&sink, ends[1], LOG_LEVEL_DEBUG);
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        log_line(&sink, (enum log_level)level, "e", nothing, 0);
        cr_assert_str_eq(written(), lines[level]);
    }
}

Test(log, gives_none_where_its_descriptor_goes_elsewhere)
{
    struct log_sink sink;
    stream_is(ends[1], 1);
    log_init(&sink, ends[1], LOG_LEVEL_INFO);
    cr_assert_not(sink.journald);
    setenv("JOURNAL_STREAM", "nonsense", 1);
    log_init(&sink, ends[1], LOG_LEVEL_INFO);
    cr_assert_not(sink.journald);
}

Test(log, loses_lines_that_nobody_takes_rather_than_wait)
{
    struct log_sink sink = a_sink();
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 20000; i++)
        log_line(&sink, LOG_LEVEL_INFO, "head", "block=%d", i);
    sink.fd = -1;
    log_line(&sink, LOG_LEVEL_INFO, "head", "block=%d", 1);
    cr_assert_eq(strncmp(written(), "level=info event=head block=0\n", 30), 0);
}

Test(log, knows_its_levels_by_name)
{
    enum log_level level = LOG_LEVEL_ERROR;
    cr_assert(log_level_parse(&level, "debug"));
    cr_assert_eq(level, LOG_LEVEL_DEBUG);
    cr_assert(log_level_parse(&level, "warning"));
    cr_assert_eq(level, LOG_LEVEL_WARNING);
    cr_assert_not(log_level_parse(&level, "INFO"));
    cr_assert_not(log_level_parse(&level, ""));
    cr_assert_eq(level, LOG_LEVEL_WARNING);
}

/* A pager that was left open, a pipe to a program that hangs: the loop must go on. */
Test(log, waits_for_nobody_and_says_how_much_was_lost)
{
    struct log_sink sink = a_sink();
    const char text[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
    unsigned said = 0;
    unsigned heard = 0;
    ssize_t size;

    for (; said < 20000; said++) /* a pipe holds 64 KiB; a write that waits never returns */
        log_line(&sink, LOG_LEVEL_INFO, "head", "block=%u text=%s", said, text);
    cr_assert(sink.lost > 0);
    const uint64_t lost = sink.lost;
    while ((size = read(ends[0], line, sizeof(line))) > 0)
        for (ssize_t i = 0; i < size; i++)
            heard += line[i] == '\n';
    cr_assert(eq(u64, heard + lost, said), "each is heard or counted");
    char wanted[128];
    snprintf(wanted, sizeof(wanted),
             "level=warning event=\"log lost\" lines=%lu\nlevel=info event=head block=20000\n",
             (unsigned long)lost);
    log_line(&sink, LOG_LEVEL_INFO, "head", "block=%u", said);
    cr_assert_str_eq(written(), wanted);
}
