/* Escape codes in a file or a pipe are dirt; so each use asks here first. */
#include "keeper/ink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool ink_is_wanted(FILE *out)
{
    const char *refused = getenv("NO_COLOR");
    const char *kind = getenv("TERM");

    if (refused != NULL && refused[0] != '\0')
        return false;
    return isatty(fileno(out)) == 1 && kind != NULL && strcmp(kind, "dumb") != 0;
}

const char *ink_on(bool is_wanted, enum ink ink)
{
    if (!is_wanted)
        return "";
    switch (ink) {
    case INK_PLAIN:
        return "";
    case INK_FAINT:
        return "\033[2m";
    case INK_STRONG:
        return "\033[1m";
    case INK_GOOD:
        return "\033[32m";
    case INK_WARN:
        return "\033[33m";
    case INK_BAD:
        return "\033[31m";
    }
    return "";
}

const char *ink_off(bool is_wanted, enum ink ink)
{
    return is_wanted && ink != INK_PLAIN ? "\033[0m" : "";
}
