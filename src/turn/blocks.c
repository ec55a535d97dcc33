/*
 * One block at a time: its logs say what is stale, reads at its hash make it known again, and only
 * when nothing is wanted any more is anything decided. A block that cannot be finished stays
 * undecided; what is stale stays stale until it has been read.
 */
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "turn/inside.h"

/* The keeper's own gas balance is asked of the multicall contract itself, in the same call. */
#define MARKET_OF_CHAIN UINT8_MAX

void blocks_filter(struct turn_state *state)
{
    log_filter_clear(&state->filter);
    for (uint32_t i = 0; i < state->tracked_count; i++)
        state->tracked[i].protocol->filter(&state->filter, &state->tracked[i].market);
    state->filter_is_stale = false;
}

void blocks_begin(struct turn_state *state, const struct header *header)
{
    if (state->header.number != 0 && header->number == state->header.number + 1 &&
        header->timestamp_s > state->header.timestamp_s)
        state->block_interval_s = header->timestamp_s - state->header.timestamp_s;
    if (!hash32_is_equal(&state->header.hash, &header->hash))
        breakers_head(&state->gate.breakers, state->now_ms);
    state->header = *header;
    state->rounds = 0;
    state->sample.count = 0;
    doubts_carry(state);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        if (tracked->audit.wants_terms)
            market_touch_all(&tracked->market);
        tracked->audit.wants_terms = false;
        market_begin_block(&tracked->market, header);
        tracked->is_complete = false;
    }
    (void)blocks_round(state, state->phase == PHASE_FOLLOW);
}

static void balance_want(struct turn_state *state)
{
    struct read *read = read_list_add(&state->wanted);
    const struct address *account = &state->settings.account;

    selector_of(read->data, "getEthBalance(address)"); /* the rest is zero: a word, to the right */
    memcpy(read->data + 4 + ABI_WORD - sizeof(account->byte), account->byte, sizeof(account->byte));
    read->data_size = 4 + ABI_WORD;
    read->target = state->settings.chain.multicall;
    read->market = MARKET_OF_CHAIN;
}

static void accounts_want(struct turn_state *state, struct tracked *tracked)
{
    uint32_t cursor = 0;
    uint32_t slot;

    while ((slot = book_next_stale(tracked->book, &cursor)) != TABLE_NONE) {
        struct position position = book_position(tracked->book, slot);

        tracked->protocol->want_account(&state->wanted, &tracked->market, &position, slot);
    }
}

int blocks_endpoint(const struct turn_state *state)
{
    const struct chain_settings *chain = &state->settings.chain;
    const int endpoint = state->follow.endpoint;

    if (state->strayed_block == 0 || endpoint != state->strayed ||
        state->header.number > state->strayed_block + STRAYED_BLOCKS)
        return endpoint;
    for (uint32_t i = 1; i < chain->endpoint_count; i++) {
        uint32_t other = ((uint32_t)endpoint + i) % chain->endpoint_count;

        if (chain->endpoint[other].may_read)
            return (int)other;
    }
    return endpoint;
}

void blocks_strayed(struct turn_state *state)
{
    if (state->round.strayed == ENDPOINT_ANY)
        return;
    state->strayed = state->round.strayed;
    state->strayed_block = state->header.number;
}

static bool is_same_read(const struct read *a, const struct read *b)
{
    return address_is_equal(&a->target, &b->target) && a->kind == b->kind &&
           a->market == b->market && a->index == b->index && a->account == b->account &&
           bytes_equal(bytes_of(a->data, a->data_size), bytes_of(b->data, b->data_size));
}

/* Nothing is wanted but what the last round asked already: the same block answers the same. */
static bool is_in_vain(const struct turn_state *state)
{
    const struct read_list *wanted = &state->wanted;
    const struct read_list *asked = &state->round.reads;
    size_t found = 0;

    /* both are in the order in which parts are asked for */
    for (size_t k = 0; k < asked->count && found < wanted->count; k++)
        found += is_same_read(&wanted->read[found], &asked->read[k]);
    return found == wanted->count;
}

bool blocks_round(struct turn_state *state, bool with_accounts)
{
    size_t audits = SIZE_MAX;

    read_list_clear(&state->wanted);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        size_t first = state->wanted.count;

        tracked->protocol->want_market(&state->wanted, &tracked->market);
        if (with_accounts)
            accounts_want(state, tracked);
        for (; first < state->wanted.count; first++)
            state->wanted.read[first].market = (uint8_t)i;
    }
    if (state->rounds == 0) {
        balance_want(state); /* last, because it cannot fail: what fails there was out of gas */
        audits = state->wanted.count;
        audit_want(state); /* aside: a recording in which prices differ has not asked for these */
    } else if (is_in_vain(state)) {
        return false;
    }
    if (state->wanted.count == 0 || ++state->rounds > ROUNDS_MAX)
        return false;
    round_begin(&state->round, &state->wanted, &state->header, blocks_endpoint(state));
    round_set_aside(&state->round, audits);
    return true;
}

/* ---- what logs and reads do to the state */

static void log_touch(void *context, const struct log *log)
{
    struct turn_state *state = context;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct touched touched = {0};
        enum touch_error error = tracked->protocol->touch(&touched, &tracked->market, log);

        if (error == TOUCH_UNDECODABLE)
            tracked->undecodable++;
        if (error != TOUCH_OK)
            continue;
        for (uint32_t k = 0; k < touched.count; k++) {
            const struct touched_account *one = &touched.account[k];

            if (one->is_borrower || book_find(tracked->book, &one->account) != TABLE_NONE)
                (void)book_touch(tracked->book, &one->account, one->reserve);
        }
        if (tracked->market.stale != 0)
            state->filter_is_stale = true;
        if (touched.is_liquidation && state->phase == PHASE_FOLLOW)
            rival_note(state, i, &touched, log);
    }
}

static void log_history(void *context, const struct log *log)
{
    struct turn_state *state = context;

    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct touched touched = {0};
        struct market *market = &tracked->market;

        if (tracked->protocol->touch(&touched, market, log) != TOUCH_OK)
            continue;
        for (uint32_t k = 0; k < touched.count; k++) {
            if (touched.account[k].is_borrower)
                (void)book_touch(tracked->book, &touched.account[k].account, RESERVE_NONE);
        }
    }
}

struct log_sink_to blocks_log_sink(struct turn_state *state)
{
    return (struct log_sink_to){state, log_touch};
}

struct log_sink_to blocks_history_sink(struct turn_state *state)
{
    return (struct log_sink_to){state, log_history};
}

static void health_take(struct turn_state *state, uint32_t market, const struct account_fact *fact)
{
    if (state->phase == PHASE_PARITY)
        parity_take(state, market, fact);
    else
        audit_take(state, market, fact);
}

static void read_result(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct turn_state *state = context;
    struct tracked *tracked;
    struct account_fact fact = {0};
    enum read_error error;

    if (read->market == MARKET_OF_CHAIN) {
        if (!succeeded || !abi_u256(&state->gas_balance.value, data, 0))
            return;
        state->counters.gas_balance = state->gas_balance;
        breakers_balance(&state->gate.breakers, state->header.number, &state->gas_balance);
        return;
    }
    tracked = &state->tracked[read->market];
    error = tracked->protocol->accept(&fact, &tracked->market, read, succeeded, data);
    if (error != READ_OK)
        tracked->read_errors++;
    if (fact.kind == ACCOUNT_FACT_NONE)
        return;
    fact.account = read->account;
    if (fact.kind == ACCOUNT_FACT_HEALTH)
        health_take(state, read->market, &fact);
    else
        book_apply(tracked->book, &fact);
}

struct round_sink blocks_read_sink(struct turn_state *state)
{
    return (struct round_sink){state, read_result};
}

/* Said where it changes, lest each head repeats it. */
static void unread_say(struct turn_state *state, struct tracked *tracked)
{
    uint32_t unread = market_unread(&tracked->market);
    TEXT pairs = {0};

    if (!tracked->is_complete)
        state_note(state, NOTE_WARNING, "market incomplete at this block", tracked->market.name);
    if (unread == tracked->unread)
        return;
    tracked->unread = unread;
    text_add(&pairs, "market=");
    text_add(&pairs, tracked->market.name);
    text_add(&pairs, " reserves=");
    text_add_u64(&pairs, unread);
    state_note(state, unread > 0 ? NOTE_WARNING : NOTE_INFO, "reserves not read",
               text_string(&pairs));
}

void market_prepare(struct turn_state *state, struct tracked *tracked)
{
    (void)tracked->protocol->prepare(&tracked->market, state->header.timestamp_s);
    tracked->is_complete = market_can_judge(&tracked->market);
    unread_say(state, tracked);
}
