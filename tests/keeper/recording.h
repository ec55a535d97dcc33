/* The shipped recording of a crash: read, copied with changes, replayed and told. */
#ifndef TESTS_KEEPER_RECORDING_H
#define TESTS_KEEPER_RECORDING_H

#include "keeper/replay.h"
#include "sign/keystore.h"
#include "tape/tape.h"

/** tests/replay/crash.rec.zst, or what PLIMSOLL_RECORDING names; the test is skipped where there is
 *  none. */
const char *recording_or_skip(void);
/** The config inside it. */
void recording_config(struct config *out, const char *path);

/** The key of the keeper that made it. Gives: secret_release. */
void recording_key(struct secret *out);

/** One header or turn on its way into a copy; what it points to may be exchanged for what lives in
 *  the arena. False: the copy ends before it. */
struct recording_edit {
    void *context;
    bool (*pass)(void *context, struct tape_turn *turn, struct arena *arena);
};
void recording_copy(const char *to, const char *from, const struct recording_edit *edit);
/** A copy of the body with every word (64 digits) of `old` made `fresh`, in the arena. Out: *count
 *  grows by how many there were. */
struct bytes words_replaced(struct bytes body, const struct u256 *old, const struct u256 *fresh,
                            struct arena *arena, size_t *count);

/** What a replay said. */
struct told {
    int code;
    char why[512];
    struct replay_result result;
    struct text events; /* a line each */
    struct text warnings;
    size_t liquidations;
    size_t skips;
    void *watch_context;
    /** Each turn, as it is. */
    void (*watch)(void *context, const struct turn_state *state, const struct actions *actions);
};

#define TOLD __attribute__((cleanup(told_release))) struct told

/** In: config  NULL: the recording's own. Adds to a zeroed or watched *out. */
void told_of(struct told *out, const char *path, const struct config *config);
void told_release(struct told *told);
/** How many lines of `text` hold both pieces. */
size_t lines_with(const struct text *text, const char *piece, const char *other);

#endif
