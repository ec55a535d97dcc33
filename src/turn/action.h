/* What a turn wants done to the world, in order. The shell commits every journal entry of a turn
 * first, in one transaction, and only then signs, sends and asks. */
#ifndef TURN_ACTION_H
#define TURN_ACTION_H

#include "feed/ask.h"

#define ACTIONS_MAX 4096

enum action_kind {
    ACTION_EVENT,  /* append one line of JSON to the journal (and to replay's output) */
    ACTION_KEEP,   /* journal: key → value */
    ACTION_FORGET, /* journal: key */
    ACTION_SIGN,   /* body: unsigned transaction; id comes back in the SIGNED observation */
    ACTION_NOTE,   /* something an operator wants to know now: one log line */
    ACTION_STOP    /* end the process with `code`; text says why */
};

enum note_level { NOTE_ERROR, NOTE_WARNING, NOTE_INFO, NOTE_DEBUG };

struct action {
    enum action_kind kind;
    uint64_t id; /* FORGET of a flight: the flight's */
    enum note_level level;
    int code;         /* STOP; FORGET of a flight: enum flight_state, how it ended */
    const char *key;  /* KEEP, FORGET; of a NOTE: its event word */
    const char *text; /* EVENT, KEEP: JSON; NOTE: pairs; STOP: why */
    struct bytes body;
};

/** What came out of a turn; all memory is the state's, lent until the next turn. */
struct actions {
    uint32_t count;
    struct action action[ACTIONS_MAX];
    struct ask_list *asks; /* questions and sends, in order */
    int64_t wake_ms;       /* turn again at the latest then (the turn's clock) */
};

#endif
