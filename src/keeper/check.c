/* One fault must not hide the next: so each is said when it is found, and only the code is kept. */
#include "keeper/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "keeper/ink.h"

static void say(FILE *out, const char *where, const char *format, va_list arguments)
{
    fprintf(out, "%s: ", where);
    vfprintf(out, format, arguments);
    fputc('\n', out);
}

static void fault_say(struct check *check, int code, const char *where, const char *format,
                      va_list arguments)
{
    if (check->code == EXIT_DONE || code < check->code)
        check->code = code;
    check->faults++;
    (void)fflush(stdout); /* in the order in which it was found, where both are one terminal */
    fputs("plimsoll check: ", stderr);
    say(stderr, where, format, arguments);
}

static void note_say(struct check *check, const char *where, const char *format, va_list arguments)
{
    check->notes++;
    printf("%snote%s  ", ink_on(check->has_ink, INK_WARN), ink_off(check->has_ink, INK_WARN));
    say(stdout, where, format, arguments);
}

void check_fault(struct check *check, int code, const char *where, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fault_say(check, code, where, format, arguments);
    va_end(arguments);
}

void check_note(struct check *check, const char *where, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    note_say(check, where, format, arguments);
    va_end(arguments);
}

void check_fault_if_live(struct check *check, int code, const char *where, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (check->config->settings.mode == KEEPER_LIVE)
        fault_say(check, code, where, format, arguments);
    else
        note_say(check, where, format, arguments);
    va_end(arguments);
}

void check_well(struct check *check, const char *where, const char *format, ...)
{
    va_list arguments;

    printf("%sok%s    ", ink_on(check->has_ink, INK_GOOD), ink_off(check->has_ink, INK_GOOD));
    va_start(arguments, format);
    say(stdout, where, format, arguments);
    va_end(arguments);
}
