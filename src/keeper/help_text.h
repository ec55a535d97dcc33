/* What `plimsoll help` can say, as data: a line for the list, and the whole text for the topic. */
#ifndef KEEPER_HELP_TEXT_H
#define KEEPER_HELP_TEXT_H

#include <stddef.h>

struct help_topic {
    const char *name;
    const char *summary; /* one line of the list; NULL: a subject, not a command */
    const char *text;
};

/** In the order in which the list shows them. */
extern const struct help_topic help_topics[];
extern const size_t help_topic_count;

/** A verdict's reason (the words of plan/verdict.h) and what it means to an operator. */
struct help_reason {
    const char *word;
    const char *meaning;
};

extern const struct help_reason help_reasons[];
extern const size_t help_reason_count;

#endif
