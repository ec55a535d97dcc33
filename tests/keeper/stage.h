/*
 * Turns without a shell: questions are answered by a chain at once, signatures are made up, and the
 * clock is a number. What the shell would do with a turn's actions is kept as text.
 */
#ifndef TESTS_KEEPER_STAGE_H
#define TESTS_KEEPER_STAGE_H

#include "tests/keeper/chain.h"
#include "tests/keeper/recording.h"
#include "turn/state.h"

#define STAGE_WAITING_MAX 4096

struct stage {
    struct chain *chain;
    struct turn_state *state;
    int64_t now_ms;
    struct observation waiting[STAGE_WAITING_MAX];
    char *body[STAGE_WAITING_MAX]; /* owned bodies of what waits */
    size_t count;
    struct text events; /* a line each */
    struct text notes;
    struct text asked;   /* bodies of the last turn's questions, a line each */
    struct text posted;  /* raw transactions, a line each */
    struct json_t *kept; /* what the journal would hold: key → value */
    struct secret key;   /* of the recording's keeper, where a signature was wanted */
    bool has_stopped;
    int code;
    char why[256];
    bool trusts; /* without an audit: the chain's own health is recorded of its first block only */
    bool holds;  /* questions are not answered, only kept in `asked` */
    /* turn, or what wraps it; NULL: turn */
    const struct actions *(*turn)(struct turn_state *, int64_t, const struct observation *, size_t);
};

#define STAGE __attribute__((cleanup(stage_release))) struct stage

/** In: chain  NULL: nobody answers. Settings: the chain's config unless given. */
void stage_make(struct stage *out, struct chain *chain, const struct settings *settings);
void stage_release(struct stage *stage);
/** The process ended: another one begins with what was kept. Its clock goes on. */
void stage_restart(struct stage *stage);
/** One turn; the clock goes on to when it wants to be woken where nothing waits. */
void stage_turn(struct stage *stage);
/** Turns until `is_so`, which must come true within that many. */
void stage_until(struct stage *stage, bool (*is_so)(const struct stage *stage), unsigned turns);
/** Something for the next turn; key and body are copied. */
void stage_tell(struct stage *stage, const struct observation *observation);
bool stage_is_ready(const struct stage *stage);
/** Every posted transaction is the only one of its nonce, or replaces the one before it: fees up,
 * the same call or none. Out: how many nonces. */
size_t stage_posted_once(const struct stage *stage);

#endif
