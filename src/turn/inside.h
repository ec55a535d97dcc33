/* What the files of this room call in each other. Nobody else includes it. */
#ifndef TURN_INSIDE_H
#define TURN_INSIDE_H

#include "turn/event.h"
#include "turn/simulate.h"
#include "turn/state.h"

/** Adds an action; at ACTIONS_MAX a note says so once and the rest of the turn's notes are lost,
 *  never an entry of the journal: callers check state_has_room before deciding more. */
struct action *state_action(struct turn_state *state, enum action_kind kind);
bool state_has_room(const struct turn_state *state);
/** Copies the text into the turn's arena. */
const char *state_text(struct turn_state *state, const struct text *text);
void state_note(struct turn_state *state, enum note_level level, const char *event,
                const char *pairs);
void state_event(struct turn_state *state, const struct text *json);
void state_keep(struct turn_state *state, const char *key, const struct text *json);
void state_stop(struct turn_state *state, int code, const char *why);

/* sync.c: from the greeting to a trusted mirror */
void sync_start(struct turn_state *state, const char *why);
void sync_greet(struct turn_state *state);
bool sync_answer(struct turn_state *state, const struct observation *observation);
void sync_progress(struct turn_state *state);
void sync_say(struct turn_state *state);

/* restore.c: a mirror of an earlier life */
/** The block that restored mirrors stand at; NULL: none was restored, or all are caught up. */
const struct block_ref *restored_block(const struct turn_state *state);
/** What the node said of that block: where it is not on its chain, all is built afresh. False: it
 *  cannot say now. */
MUST_CHECK bool restored_judge(struct turn_state *state, const struct rpc_answer *answer,
                               const struct header *head);
/** The last blocks are known by hash. False: another stands where the restored mirror's would, and
 *  all is built afresh: the node flipped after it was asked. */
MUST_CHECK bool restored_is_pinned(struct turn_state *state);
/** The markets' terms are read: what code, what tokens. */
void restored_compare(struct turn_state *state);
/** Some market has no restored mirror: its whole history is read. */
bool restored_lacks_some(const struct turn_state *state);
/** What happened since is in. */
void restored_done(struct turn_state *state);
/* parity.c: a sample against the chain */
void parity_start(struct turn_state *state);
/** The chain's own health of one account of the sample. */
void parity_take(struct turn_state *state, uint32_t market, const struct account_fact *fact);
/** False: synchronisation begins again, to compare at a later head. */
bool parity_judge(struct turn_state *state);
/** A market that had nobody to compare has somebody now. */
bool parity_is_due(const struct turn_state *state);

/* blocks.c: one block's reads */
void blocks_begin(struct turn_state *state, const struct header *header);
/** Wanted reads of every market into the round; false: nothing is wanted any more. */
bool blocks_round(struct turn_state *state, bool with_accounts);
/** All reads of the block are applied: who is whole may be judged. */
void market_prepare(struct turn_state *state, struct tracked *tracked);
/** Who is asked first for reads: whoever told the head, unless it strayed lately. */
int blocks_endpoint(const struct turn_state *state);
/** The round failed: was it since somebody answered from another block? */
void blocks_strayed(struct turn_state *state);
void blocks_filter(struct turn_state *state);
struct log_sink_to blocks_log_sink(struct turn_state *state);
struct log_sink_to blocks_history_sink(struct turn_state *state);
struct round_sink blocks_read_sink(struct turn_state *state);

/* follow.c: the head, and the logs of a way that is too long for it */
bool follow_answer(struct turn_state *state, const struct observation *observation);
void follow_progress(struct turn_state *state);
void follow_poll(struct turn_state *state);
/** When the newest head is asked for next, by the clock or by what was pushed. */
int64_t follow_poll_at_ms(const struct turn_state *state);
/** Every log of [from, newest], whatever branch a node flips to meanwhile: a range, and the last
 *  blocks by hash. */
void span_begin(struct turn_state *state, uint64_t from, const struct header *newest);
/** NULL: none so far. */
const char *span_failure(const struct turn_state *state);
bool span_is_done(const struct turn_state *state);
/** The logs that were kept until all were there. */
void span_finish(struct turn_state *state, const struct log_sink_to *sink);
void span_abandon(struct turn_state *state);

/* checkpoint.c: what a fork takes back */
/** Everything as it stands now is how it stood at `header`. */
void checkpoint_take(struct turn_state *state);
/** The one that was put off for what hurries; before anything changes what it is of. */
void checkpoint_catch_up(struct turn_state *state);
/** Books and markets stand as they did at that block. False: no checkpoint of it is left, nothing
 *  was touched. */
MUST_CHECK bool checkpoint_rewind(struct turn_state *state, const struct block_ref *block);
void checkpoint_forget(struct turn_state *state);

/* decide.c: candidates → verdicts → drafted flights */
void decide(struct turn_state *state);
/** What live flights hold, seen from one market: the same token may stand in several. */
void decide_reserved(const struct turn_state *state, uint32_t market, struct plan_reserved *out);
/** A flight's purpose, without its account and its fees. */
void decide_describe(struct flight *flight, const struct turn_state *state, uint32_t market,
                     const struct plan *plan);

/* memory.c: what was said and tried */
struct memory *memory_of(struct turn_state *state, uint32_t market, const struct address *account);
/** It stood under water at that block or few before it. */
bool memory_is_fresh(const struct memory *memory, uint64_t block);
/** Waits 1, 2, 4 … blocks before the account is tried again. */
void memory_back_off(struct turn_state *state, struct memory *memory);
/** What was said, tried and waited for at blocks behind that one is believed no more. */
void memory_rewind(struct turn_state *state, uint64_t fork_number);

/* fees.c */
/** Fees of a plan's flight, its bid on top of the floor. False: over limits.fee_per_gas_max. */
MUST_CHECK bool decide_bid(const struct turn_state *state, struct flight *flight,
                           const struct plan *plan);
/** Before a head is decided on: what is heard from here on is for the next one, so that all that is
 *  decided at one head bids alike. */
void fees_begin(struct turn_state *state);
/** What blocks took lately, once a head; only where somebody is about to bid. */
/** One of ours came behind somebody else's in the same block, or too late: what it offered does not
 *  do. */
void fees_race_lost(struct turn_state *state, const struct flight *flight);
void fees_ask(struct turn_state *state);
bool fees_answer(struct turn_state *state, const struct observation *observation);

/* flights.c: from the signer to the node */
/** For the signer: the draft, or the next attempt. */
void flights_sign(struct turn_state *state, const struct flight *flight);
/** Into and out of the journal, under another prefix than that of live flights; not in dry run. */
void flights_key_keep(struct turn_state *state, const char *prefix, const struct flight *flight);
void flights_key_forget(struct turn_state *state, const char *prefix, uint64_t id);
void flights_launch(struct turn_state *state, struct flight *flight);
/** The same nonce anew, to the signer. False: see flight_raise. */
bool flights_replace(struct turn_state *state, struct flight *flight, const struct flight_bid *bid);
void flights_signed(struct turn_state *state, const struct observation *observation);
bool flights_answer(struct turn_state *state, const struct observation *observation);
void flights_restore(struct turn_state *state, const struct observation *observation);
void flights_keep(struct turn_state *state, const struct flight *flight);
void flights_keep_landed(struct turn_state *state, const struct flight *landed);
void flights_forget_landed(struct turn_state *state, uint64_t id);
/** An event and a note; `say` counts the state that was reached as well. */
void flights_tell(struct turn_state *state, const struct flight *flight, const char *status,
                  const char *profit);
void flights_say(struct turn_state *state, const struct flight *flight, const char *status,
                 const char *profit);
/** The end of a flight: out of the fleet; what the chain saw of it is remembered as landed. */
void flights_end(struct turn_state *state, struct flight *flight);
/** At this head it cannot be liquidated any more: healthy, another was first, or the pool is shut
 *  for its pair. What is not known is not gone. */
bool flights_candidate_is_gone(const struct turn_state *state, const struct flight *flight);
/** No block takes it next at its fee. */
bool flights_is_below_base_fee(const struct turn_state *state, const struct flight *flight);
/** A flight's gone_block: no node has its bytes, so that its cancel is due at once. */
#define GONE_AND_UNHELD 1
/** Back-off of its account. */
void flights_failed(struct turn_state *state, const struct flight *flight);

/** What came of a posting; of the flight that it leaves nothing to wait for, this is the end. */
void flights_sent(struct turn_state *state, struct flight *flight, enum send_outcome outcome);

/* send.c: by which way it leaves */
/** Its bytes, by the way of this flight. */
void flights_post(struct turn_state *state, struct flight *flight);
/** At a head that lacks it: bundles for the blocks that come next, or now to the public pool. */
void flights_follow_private(struct turn_state *state, struct flight *flight);
/** Nothing else is done about that flight until the node has answered. */
bool send_is_awaited(const struct turn_state *state, uint32_t slot);
bool send_answer(struct turn_state *state, const struct observation *observation);

/* receipts.c: what became of it */
/** Receipts of what is live; at each new head, and at once where something is in doubt. */
void flights_ask(struct turn_state *state);
void flights_receipts(struct turn_state *state, const struct observation *observation);

/* breaker_say.c */
/** Of the breakers whatever changed since it was last said: an event, a line of the log. */
void breakers_say(struct turn_state *state);
/** The receipt of a liquidation (breakers_receipt), kept for the next life. */
void breakers_outcome(struct turn_state *state, bool has_reverted);

/* landed.c: the end, and what a reorg makes of it */
void flight_landed(struct turn_state *state, struct flight *flight, const struct receipt *receipt);
/** No receipt of what had landed: live again, its spend taken back. */
void flight_vanished(struct turn_state *state, struct flight *landed);
/** Blocks above `fork` vanished: what had landed in them is live again, and the count of nonces may
 *  have fallen. */
void flights_reorg(struct turn_state *state, uint64_t fork);
/** What no reorg will reach any more is forgotten. */
void flights_settle_deep(struct turn_state *state);

/* tend.c: what does not move is raised, cancelled, or filled; once a head */
void flights_tend(struct turn_state *state);

/* prepare.c */
void prepare_progress(struct turn_state *state);

#endif
