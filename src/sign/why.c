/*
 * A typed error says which refusal it was; only the place that refused still knows the path and the
 * errno. This keeps both without a heap and without a log.
 */
#include "sign/why.h"

#include <stdarg.h>
#include <stdio.h>

void why_set(char why[WHY_SIZE], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(why, WHY_SIZE, format, arguments);
    va_end(arguments);
}
