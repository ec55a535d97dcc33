/*
 * A receipt says that a liquidation reverted, and not why. That a rival was first or that the price
 * came back is nobody's fault; that our purse is empty or our bytes are wrong must stop us. So the
 * same call is made once more, as of the block before the one that it landed in and as of that
 * block, and the logs of liquidations tell who else was there.
 *
 * It is asked apart from everything that a head waits for. What is not answered counts as ours,
 * unless the mirror knows better. The account waits meanwhile; a restart asks again.
 */
#include "turn/inquiry.h"

#include "turn/inside.h"

static void cause_tell(struct turn_state *state, const struct flight *flight,
                       enum revert_cause cause, const struct rival *rival)
{
    const char *status = revert_cause_is_fate(cause) ? revert_cause_text(cause) : "explained";
    char text[HASH32_TEXT_SIZE];
    TEXT pairs = {0};
    TEXT more = {0};

    text_add(&more, ",\"why\":\"");
    text_add(&more, revert_cause_text(cause));
    text_add(&more, "\"");
    if (cause == CAUSE_LOST_RACE && rival->block != 0) {
        address_format(text, &rival->by);
        text_add(&more, ",\"by\":\"");
        text_add(&more, text);
        text_add(&more, "\"");
    }
    event_transaction(state, flight, status, text_string(&more));
    hash32_format(text, &flight->hash);
    text_add(&pairs, "status=");
    text_add(&pairs, status);
    text_add(&pairs, " why=");
    text_add(&pairs, revert_cause_text(cause));
    text_add(&pairs, " nonce=");
    text_add_u64(&pairs, flight->nonce);
    text_add(&pairs, " hash=");
    text_add(&pairs, text);
    state_note(state, revert_cause_is_fate(cause) ? NOTE_INFO : NOTE_WARNING, "transaction",
               text_string(&pairs));
}

static void explain(struct turn_state *state, struct flight *flight,
                    const struct evidence *evidence)
{
    struct memory *memory = memory_of(state, flight->market, &flight->account);
    enum revert_cause cause = cause_found(state, flight, evidence, &memory->rival);

    flight->is_unexplained = false;
    state->counters.reverts[cause]++;
    state->judge_again = true;
    cause_tell(state, flight, cause, &memory->rival);
    if (cause == CAUSE_LOST_RACE)
        fees_race_lost(state, flight);
    if (revert_cause_is_fate(cause))
        return;
    breakers_outcome(state, true);
    memory->wants_gas |= cause == CAUSE_GAS;
    memory_back_off(state, memory);
}

/* ---- who is asked about */

static const struct block_ref *block_before(const struct turn_state *state,
                                            const struct flight *flight)
{
    const struct head_mark *mark = head_mark_at(&state->follow, flight->mined_block - 1);

    return mark != NULL ? &mark->block : NULL;
}

static const struct block_ref *block_at(const struct turn_state *state, const struct flight *flight)
{
    const struct head_mark *mark = head_mark_at(&state->follow, flight->mined_block);

    return mark != NULL ? &mark->block : NULL;
}

/* A cancel signed meanwhile has taken the place of the call's bytes; and of a block whose hash is
 * not remembered nothing can be asked. */
static bool can_be_asked(const struct turn_state *state, const struct flight *flight)
{
    return flight->data_size > 0 && state->inquiries.count < INQUIRIES_MAX &&
           (block_before(state, flight) != NULL || block_at(state, flight) != NULL);
}

static void open_add(struct turn_state *state, const struct flight *flight, uint64_t block)
{
    struct inquiries *inquiries = &state->inquiries;

    inquiries->open[inquiries->count++] =
        (struct inquiry){flight->id, block, flight->market, flight->account};
}

void inquiry_begin(struct turn_state *state, struct flight *flight)
{
    flight->is_unexplained = can_be_asked(state, flight);
    if (flight->is_unexplained)
        open_add(state, flight, state->header.number);
}

void inquiry_without(struct turn_state *state, struct flight *flight)
{
    const struct evidence none = {0};

    if (!flight->is_unexplained)
        explain(state, flight, &none);
}

bool inquiry_is_open(const struct turn_state *state, uint32_t market, const struct address *account)
{
    for (uint32_t i = 0; i < state->inquiries.count; i++) {
        const struct inquiry *open = &state->inquiries.open[i];

        if (open->market == market && address_is_equal(&open->account, account))
            return true;
    }
    return false;
}

bool inquiry_forget(struct turn_state *state, uint64_t flight)
{
    struct inquiries *inquiries = &state->inquiries;

    for (uint32_t i = 0; i < inquiries->count; i++) {
        if (inquiries->open[i].flight != flight)
            continue;
        inquiries->open[i] = inquiries->open[--inquiries->count];
        return true;
    }
    return false;
}

void inquiry_restore(struct turn_state *state)
{
    for (uint32_t i = 0; i < state->fleet.landed_used; i++) {
        const struct flight *landed = &state->fleet.landed[i];

        if (landed->state == FLIGHT_FREE || !landed->is_unexplained ||
            landed->market >= state->tracked_count || state->inquiries.count == INQUIRIES_MAX)
            continue;
        (void)inquiry_forget(state, landed->id);
        open_add(state, landed, 0);
    }
}

/* ---- asking */

static void calls_add(struct rpc_request *request, const struct turn_state *state,
                      const struct inquiry_question *question, const struct flight *flight)
{
    const struct simulated_call call = {
        .to = flight->to, .gas = flight->gas, .data = bytes_of(flight->data, flight->data_size)};
    TEXT params = {0};

    if (question->asks_before) {
        simulation_params(&params, state, &call, &block_before(state, flight)->hash);
        rpc_request_add(request, "eth_call", text_string(&params));
    }
    text_clear(&params);
    if (question->asks_at) {
        simulation_params(&params, state, &call, &block_at(state, flight)->hash);
        rpc_request_add(request, "eth_call", text_string(&params));
    }
}

/* Of the landed ones that an earlier life left, only those whose block was seen again. Out: calls.
 */
static uint32_t questions_collect(struct turn_state *state)
{
    struct inquiries *inquiries = &state->inquiries;
    uint32_t calls = 0;

    inquiries->question_count = 0;
    for (uint32_t i = 0; i < inquiries->count; i++) {
        const struct flight *flight = fleet_find_landed(&state->fleet, inquiries->open[i].flight);
        struct inquiry_question question;

        if (flight == NULL || flight->in_doubt)
            continue;
        question = (struct inquiry_question){.flight = flight->id,
                                             .asks_before = block_before(state, flight) != NULL,
                                             .asks_at = block_at(state, flight) != NULL};
        calls += question.asks_before + question.asks_at;
        if (question.asks_before || question.asks_at)
            inquiries->question[inquiries->question_count++] = question;
    }
    return calls;
}

/* What waited too long, or cannot be asked, is judged by what is known. */
static void inquiries_expire(struct turn_state *state)
{
    const struct evidence none = {0};

    for (uint32_t i = state->inquiries.count; i-- > 0;) {
        struct inquiry *open = &state->inquiries.open[i];
        struct flight *flight = fleet_find_landed(&state->fleet, open->flight);

        if (open->since_block == 0)
            open->since_block = state->header.number;
        if (flight != NULL &&
            (flight->in_doubt || state->header.number <= open->since_block + INQUIRY_BLOCKS))
            continue;
        (void)inquiry_forget(state, open->flight);
        if (flight == NULL)
            continue; /* so many landed since that it is not remembered */
        explain(state, flight, &none);
        flights_keep_landed(state, flight);
    }
}

void inquiry_ask(struct turn_state *state)
{
    struct inquiries *inquiries = &state->inquiries;
    struct rpc_request request = {0};
    uint32_t calls;

    if (inquiries->count == 0)
        return;
    inquiries_expire(state);
    calls = inquiries->ask == 0 ? questions_collect(state) : 0;
    if (calls == 0)
        return;
    inquiries->ask = ask_list_id(&state->asks);
    rpc_request_begin(&request, inquiries->ask, calls);
    for (uint32_t i = 0; i < inquiries->question_count; i++) {
        const struct inquiry_question *question = &inquiries->question[i];

        calls_add(&request, state, question, fleet_find_landed(&state->fleet, question->flight));
    }
    rpc_request_end(&request);
    state->counters.inquiry_calls += calls;
    if (!ask_list_add(&state->asks, &request, "eth_call", state->follow.endpoint))
        inquiries->ask = 0;
    rpc_request_release(&request);
}

static void question_settle(struct turn_state *state, uint64_t id, const struct evidence *evidence)
{
    struct flight *flight = fleet_find_landed(&state->fleet, id);

    if (!inquiry_forget(state, id) || flight == NULL)
        return; /* its block vanished meanwhile, or it was judged without */
    explain(state, flight, evidence);
    flights_keep_landed(state, flight);
}

bool inquiry_answer(struct turn_state *state, const struct observation *observation)
{
    struct inquiries *inquiries = &state->inquiries;
    const struct rpc_answers *answers = &state->answers;
    uint32_t calls = 0;
    uint32_t next = 0;

    if (inquiries->ask == 0 || observation->id != inquiries->ask)
        return false;
    inquiries->ask = 0;
    for (uint32_t i = 0; i < inquiries->question_count; i++)
        calls += inquiries->question[i].asks_before + inquiries->question[i].asks_at;
    rpc_answers_parse(&state->answers, observation, observation->id, calls);
    for (uint32_t i = 0; i < inquiries->question_count; i++) {
        const struct inquiry_question question = inquiries->question[i];
        struct evidence evidence = {0};

        if (answers->envelope == RPC_ENVELOPE_OK && question.asks_before)
            evidence.before = found_of(&answers->answer[next++], answers->original);
        if (answers->envelope == RPC_ENVELOPE_OK && question.asks_at)
            evidence.at = found_of(&answers->answer[next++], answers->original);
        question_settle(state, question.flight, &evidence);
    }
    return true;
}
