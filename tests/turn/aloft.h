/*
 * A live keeper whose mirror stands, some accounts under water, and every answer in the test's
 * hand: a turn is made, what it asks is looked at, what it gets is said word by word.
 */
#ifndef TESTS_TURN_ALOFT_H
#define TESTS_TURN_ALOFT_H

#include "tests/keeper/recording.h"
#include "tests/keeper/state_fixture.h"
#include "turn/turn.h"

#define ALOFT_WAITING_MAX 512
/** Heads without it after which a transaction is raised. */
#define ALOFT_STUCK_BLOCKS 3

struct aloft {
    struct turn_state *state;
    const struct actions *actions; /* of the last turn */
    int64_t now_ms;
    size_t count;
    struct observation waiting[ALOFT_WAITING_MAX]; /* for the next turn */
    struct text body[ALOFT_WAITING_MAX];
    const char *logs;   /* JSON of what stands in receipts; NULL: none */
    struct text events; /* since aloft_make */
    struct text notes;
};

#define ALOFT __attribute__((cleanup(aloft_release))) struct aloft

/** `accounts` under water, none simulated; nonce 5 is the next. */
void aloft_make(struct aloft *out, uint8_t accounts);
void aloft_release(struct aloft *aloft);
/** What was said goes into one turn. */
void aloft_turn(struct aloft *aloft);
/** The next head: nothing changes but its number. Receipts that were asked for before it are never
 *  answered. Then a turn. */
void aloft_block(struct aloft *aloft);

/** The signer's answers to what the last turn wants signed: signed, or refused. */
void aloft_signed(struct aloft *aloft, bool is_refused);
/** Ask `index` of the last turn whose first call is that method; NULL: none. */
const struct ask *aloft_ask(const struct aloft *aloft, const char *method, size_t index);
size_t aloft_asks(const struct aloft *aloft, const char *method);
/** Its answer: for each call the JSON of a result, NULL at the end. */
void aloft_answer(struct aloft *aloft, const struct ask *ask, const char *const *results);
void aloft_answer_error(struct aloft *aloft, const struct ask *ask, int code, const char *message);
void aloft_answer_nothing(struct aloft *aloft, const struct ask *ask,
                          enum observation_status status);
/** Any other observation; lends nothing. */
void aloft_tell(struct aloft *aloft, const struct observation *observation);

/** Drafted, signed and posted; what the node says is still open. Out: how many. */
size_t aloft_posted(struct aloft *aloft);
/** The same, and taken by the node. */
size_t aloft_sent(struct aloft *aloft);
/** The next head, and nothing of ours is in it: the count of nonces is `count`, no hash is known
 *  (where asked for) unless `is_known`. Then a turn that hears it. */
void aloft_missing(struct aloft *aloft, const char *count, bool is_known);
/** The same, but attempt `attempt` of flight `index` has a receipt. */
void aloft_landed(struct aloft *aloft, const char *count, size_t index, uint32_t attempt,
                  bool succeeded);
/** Heads without it, the count of nonces being `count`, until one is signed anew; the signature is
 *  then given, and it is posted. */
void aloft_raised(struct aloft *aloft, const char *count);
/** The node says that it took what was posted. */
void aloft_taken(struct aloft *aloft);
/** By 12.5 % at least: a node that wants that takes it in the other's place. */
bool aloft_is_raised(const struct u256 *fresh, const struct u256 *old);
/** Transaction events with that status. */
size_t aloft_said(const struct aloft *aloft, const char *status);
/** Actions of that kind in the last turn; of KEEP and FORGET with keys that begin so. */
size_t aloft_actions(const struct aloft *aloft, enum action_kind kind, const char *key);
/** JSON of a receipt of that flight: fourth of its block, 400,000 gas at 1 gwei. */
void receipt_text(struct text *out, const struct flight *flight, uint64_t block, bool succeeded);
/** The n-th live flight. */
struct flight *aloft_flight(const struct aloft *aloft, size_t index);
/** Account `name` no longer stands under water. */
void aloft_heal(struct aloft *aloft, uint8_t name);

/** Another (0xee…) liquidates account 1 in that block, with its transaction of that index. */
void aloft_rival(struct aloft *aloft, uint64_t block, uint32_t index);

#endif
