/*
 * A restart that reads years of logs and a million accounts is blind for hours. What an earlier
 * life knew is taken instead, where the chain still has the block that it was known at; then the
 * logs since say what is old. Whatever is in doubt is read again, and a sample is compared with
 * the chain before anything is decided, as after any synchronisation.
 */
#include "turn/inside.h"

/* Its history is read from the earliest from_block of all, for all. */
static struct mirror_origin origin_of(const struct turn_state *state)
{
    struct mirror_origin origin = {state->settings.chain.id, UINT64_MAX};

    for (uint32_t i = 0; i < state->settings.market_count; i++) {
        if (state->settings.market[i].from_block < origin.from_block)
            origin.from_block = state->settings.market[i].from_block;
    }
    return origin;
}

const struct block_ref *restored_block(const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (state->tracked[i].is_restored)
            return &state->tracked[i].restored.block;
    }
    return NULL;
}

bool restored_lacks_some(const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (!state->tracked[i].is_restored)
            return true;
    }
    return false;
}

static bool is_same_block(const struct block_ref *a, const struct block_ref *b)
{
    return a->number == b->number && hash32_is_equal(&a->hash, &b->hash);
}

enum mirror_error turn_restore(struct turn_state *state, struct bytes bytes)
{
    const struct mirror_origin origin = origin_of(state);
    const struct block_ref *block = restored_block(state);
    enum mirror_error error = MIRROR_OF_MARKET;

    MUST(state->turns == 0);
    for (uint32_t i = 0; i < state->tracked_count && error == MIRROR_OF_MARKET; i++) {
        struct tracked *tracked = &state->tracked[i];
        struct mirror mirror;

        if (tracked->is_restored)
            continue;
        error = mirror_decode(&mirror, bytes, &tracked->market, &origin, state->settings.chain.id);
        if (error != MIRROR_OK)
            continue;
        if (block != NULL && !is_same_block(block, &mirror.block)) {
            book_free(mirror.book);
            return MIRROR_OF_BLOCK;
        }
        book_free(tracked->book);
        tracked->book = mirror.book;
        watch_forget(tracked->watch);
        tracked->restored = mirror;
        tracked->is_restored = true;
    }
    return error;
}

static void restored_drop(struct turn_state *state, const char *why)
{
    TEXT pairs = {0};

    text_add(&pairs, "block=");
    text_add_u64(&pairs, restored_block(state)->number);
    text_add(&pairs, " why=");
    text_add_json(&pairs, bytes_of_text(why));
    text_add(&pairs, " it is built afresh from from_block");
    state_note(state, NOTE_WARNING, "mirror not used", text_string(&pairs));
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        if (!tracked->is_restored)
            continue;
        book_free(tracked->book);
        tracked->book = book_new(state->settings.chain.id);
        watch_forget(tracked->watch);
        tracked->is_restored = false;
    }
    state->history_next = origin_of(state).from_block; /* nobody's history was read for these */
}

bool restored_is_pinned(struct turn_state *state)
{
    const struct block_ref *block = restored_block(state);

    if (block == NULL || !pin_contradicts(&state->pin, block))
        return true;
    restored_drop(state, "its block is on another branch than the head's");
    return false;
}

bool restored_judge(struct turn_state *state, const struct rpc_answer *answer,
                    const struct header *head)
{
    const struct block_ref *block = restored_block(state);
    struct header header;

    switch (answer->fault) {
    case RPC_FAULT_RATE_LIMIT:
    case RPC_FAULT_BUSY:
    case RPC_FAULT_UNAUTHORISED:
        return false;
    case RPC_FAULT_NONE:
    case RPC_FAULT_REVERT:
    case RPC_FAULT_RANGE_TOO_WIDE:
    case RPC_FAULT_GAS_CAP:
    case RPC_FAULT_UNKNOWN_BLOCK:
    case RPC_FAULT_METHOD_MISSING:
    case RPC_FAULT_ALREADY_KNOWN:
    case RPC_FAULT_NONCE_TOO_LOW:
    case RPC_FAULT_NONCE_TOO_HIGH:
    case RPC_FAULT_UNDERPRICED:
    case RPC_FAULT_NO_FUNDS:
    case RPC_FAULT_REJECTED_TX:
    case RPC_FAULT_POOL_FULL:
    case RPC_FAULT_INVALID_REQUEST:
    case RPC_FAULT_OTHER:
        break;
    }
    if (block->number > head->number)
        restored_drop(state, "the node's head lies before it: its chain was set back");
    else if (answer->fault != RPC_FAULT_NONE ||
             !json_header(&header, answer->result, state->answers.original))
        restored_drop(state, "the node does not have its block (any more)");
    else if (header.number != block->number || !hash32_is_equal(&header.hash, &block->hash))
        restored_drop(state, "its block is not on the node's chain: a reorg took it away");
    return true;
}

static bool has_same_assets(const struct tracked *tracked)
{
    const struct mirror *restored = &tracked->restored;

    if (tracked->market.reserve_count < restored->reserve_count)
        return false;
    for (uint32_t i = 0; i < restored->reserve_count; i++) {
        if (!address_is_equal(&restored->asset[i], &tracked->market.reserve[i].asset))
            return false;
    }
    return true;
}

/* New code may keep its amounts in another way, and say so in no log; of another token at the same
 * index nothing is known. Who borrowed stays true. */
void restored_compare(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        struct tracked *tracked = &state->tracked[i];

        if (!tracked->is_restored ||
            (tracked->market.revision == tracked->restored.revision && has_same_assets(tracked)))
            continue;
        book_touch_all(tracked->book);
        state_note(state, NOTE_INFO, "market has changed since its mirror was kept",
                   tracked->market.name);
    }
}

void restored_done(struct turn_state *state)
{
    TEXT pairs = {0};
    uint64_t accounts = 0;
    uint64_t stale = 0;

    if (restored_block(state) == NULL)
        return;
    text_add(&pairs, "block=");
    text_add_u64(&pairs, restored_block(state)->number);
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        if (!state->tracked[i].is_restored)
            continue;
        accounts += book_count(state->tracked[i].book);
        stale += book_stale_count(state->tracked[i].book);
        state->tracked[i].is_restored = false;
    }
    text_add(&pairs, " accounts=");
    text_add_u64(&pairs, accounts);
    text_add(&pairs, " unread=");
    text_add_u64(&pairs, stale);
    state_note(state, NOTE_INFO, "mirror restored", text_string(&pairs));
}

bool turn_may_keep(const struct turn_state *state, bool is_late)
{
    if (state->phase != PHASE_FOLLOW || !state->is_synchronised || !state->is_ready ||
        state->is_updating || fleet_live(&state->fleet) > 0 || simulate_pending(state) > 0)
        return false;
    for (uint32_t i = 0; !is_late && i < state->tracked_count; i++) {
        if (state->tracked[i].sweep.candidate_count > 0)
            return false;
    }
    return true;
}

bool turn_keep(struct buffer *out, const struct turn_state *state, uint32_t market)
{
    MUST(market < state->tracked_count);
    const struct tracked *tracked = &state->tracked[market];
    const struct mirror_origin origin = origin_of(state);

    if (!state->is_synchronised ||
        (tracked->market.trust != MARKET_TRUSTED && tracked->market.trust != MARKET_UNPROVED))
        return false;
    mirror_encode(out, &tracked->market, tracked->book, &origin);
    return true;
}
