/*
 * The only place from which anything leaves. All journal entries of a turn are on disk before the
 * first byte of a transaction leaves this machine, but for what was armed, whose own record has
 * been there since. What has no consequence (a question; a draft at our own signer) does not wait
 * for the records of its turn; where the journal takes them not, nothing of the turn is sent.
 */
#include <stdlib.h>
#include <string.h>

#include "keeper/wiring.h"
#include "turn/state.h"

static bool is_live(const struct engine *engine)
{
    return engine->config.settings.mode == KEEPER_LIVE && engine->options.with_signer;
}

static bool sends_any(const struct actions *actions)
{
    bool sends = false;

    for (uint32_t i = 0; i < actions->asks->count; i++)
        sends |= actions->asks->ask[i].is_send;
    return sends;
}

/* Questions, and drafts for the signer of this machine: no disk is waited for, since the signed
 * bytes are recorded, and waited for with all that was before them, ahead of any send. Whatever the
 * power takes until then had no consequence. */
static bool stays_here(const struct engine *engine, const struct actions *actions)
{
    const bool has_own_signer = !is_live(engine) || engine->signer != NULL;

    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->action[i].kind == ACTION_STOP ||
            (actions->action[i].kind == ACTION_SIGN && !has_own_signer))
            return false;
    }
    return !sends_any(actions);
}

/* Nothing leaves but what has been on disk since it was armed, with every value that was kept
 * before it: it waits for no record now, only the end of its turn does. */
static bool sends_only_kept(const struct engine *engine, const struct actions *actions)
{
    for (uint32_t i = 0; i < actions->asks->count; i++) {
        if (actions->asks->ask[i].is_send && !actions->asks->ask[i].is_kept)
            return false;
    }
    return sends_any(actions) && (engine->journal == NULL || journal_is_kept(engine->journal));
}

static enum journal_error entries_put(struct engine *engine, char why[256],
                                      const struct actions *actions,
                                      const struct journal_entry *entries, size_t count)
{
    int64_t began_us = stages_now_us();
    int64_t now_ms = engine->facts.last_turn_ms;
    enum journal_error error = JOURNAL_OK;

    if (stays_here(engine, actions))
        error = journal_write(engine->journal, why, entries, count, now_ms);
    else if (count > 0 || sends_any(actions))
        error = journal_commit(engine->journal, why, entries, count, now_ms);
    if (count > 0)
        metrics_observe(engine->metrics, "journal_commit_seconds", NULL,
                        stages_seconds(began_us, stages_now_us()));
    return error;
}

static bool journal_entries(struct engine *engine, const struct actions *actions)
{
    struct journal_entry *entries;
    size_t count = 0;
    char why[256] = "";
    enum journal_error error;

    if (engine->journal == NULL || (actions->count == 0 && !sends_any(actions)))
        return true;
    entries = must_alloc(actions->count + 1, sizeof(*entries));
    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->action[i];

        if (action->kind == ACTION_EVENT)
            entries[count++] =
                (struct journal_entry){JOURNAL_EVENT, {0}, bytes_of_text(action->text)};
        else if (action->kind == ACTION_KEEP)
            entries[count++] = (struct journal_entry){JOURNAL_KEEP, bytes_of_text(action->key),
                                                      bytes_of_text(action->text)};
        else if (action->kind == ACTION_FORGET)
            entries[count++] =
                (struct journal_entry){JOURNAL_FORGET, bytes_of_text(action->key), {0}};
    }
    error = entries_put(engine, why, actions, entries, count);
    free(entries);
    if (error == JOURNAL_OK)
        return true;
    engine_end(engine, EXIT_REFUSED, "journal %s: %s; %s", engine->config.journal,
               why[0] != '\0' ? why : journal_error_text(error),
               sends_only_kept(engine, actions) ? "what was armed has left, and its record stands"
                                                : "nothing of this turn was sent");
    return false;
}

static enum log_level level_of(enum note_level level)
{
    switch (level) {
    case NOTE_ERROR:
        return LOG_LEVEL_ERROR;
    case NOTE_WARNING:
        return LOG_LEVEL_WARNING;
    case NOTE_INFO:
        return LOG_LEVEL_INFO;
    case NOTE_DEBUG:
        return LOG_LEVEL_DEBUG;
    }
    return LOG_LEVEL_INFO;
}

static void withhold(struct engine *engine, enum observation_kind kind, uint64_t id,
                     enum observation_status status, const char *why)
{
    struct observation observation = {
        .kind = kind, .status = status, .id = id, .body = bytes_of_text(why)};

    queue_add(&engine->queue, &observation);
}

static void sign(struct engine *engine, const struct action *action)
{
    char key[ASK_KEY_SIZE];

    if (engine->tape != NULL) {
        tape_key(key, &engine->asked, TAPE_VERSION, action->body);
        queue_remember(&engine->queue, action->id, true, key);
    }
    if (!is_live(engine)) {
        withhold(engine, OBSERVATION_SIGNED, action->id, OBSERVED_WITHHELD, "");
        return;
    }
    if (engine->remote != NULL) {
        remote_signer_sign(engine->remote, action->id, action->body);
        return;
    }
    if (engine->signer != NULL && effects_policy(engine) &&
        signer_link_sign(engine->signer, action->id, action->body)) {
        signer_expect(engine);
        return;
    }
    withhold(engine, OBSERVATION_SIGNED, action->id, OBSERVED_REFUSED,
             "the signer cannot be reached");
}

static void ask(struct engine *engine, const struct ask *question)
{
    struct rpc_ask posted = {.id = question->id,
                             .role = question->is_send ? RPC_ROLE_SEND : RPC_ROLE_READ,
                             .prefer = question->endpoint,
                             .only = question->is_relayed,
                             .calls = question->calls,
                             .body = question->body,
                             .method = question->method};
    char header[RELAY_HEADER_SIZE];
    char key[ASK_KEY_SIZE];

    if (engine->tape != NULL) {
        tape_key(key, &engine->asked, TAPE_VERSION, question->body);
        queue_remember(&engine->queue, question->id, false, key);
    }
    if (question->is_send && !is_live(engine)) {
        withhold(engine, OBSERVATION_ANSWER, question->id, OBSERVED_WITHHELD, "");
        return;
    }
    if (question->is_relayed) {
        MUST(relay_header(header, &engine->relay_key, question->body));
        posted.header = header;
    }
    rpc_send(engine->rpc, &posted);
}

static void act(struct engine *engine, const struct action *action)
{
    switch (action->kind) {
    case ACTION_EVENT:
    case ACTION_KEEP:
    case ACTION_FORGET:
        return;
    case ACTION_SIGN:
        sign(engine, action);
        return;
    case ACTION_NOTE:
        log_line(engine->log, level_of(action->level), action->key, "%s", action->text);
        return;
    case ACTION_STOP:
        engine_end(engine, action->code, "%s", action->text);
        return;
    }
}

static void asks_run(struct engine *engine, const struct actions *actions, bool is_send)
{
    for (uint32_t i = 0; i < actions->asks->count; i++) {
        if (actions->asks->ask[i].is_send == is_send)
            ask(engine, &actions->asks->ask[i]);
    }
}

static void acts_run(struct engine *engine, const struct actions *actions, bool is_sign)
{
    for (uint32_t i = 0; i < actions->count; i++) {
        if ((actions->action[i].kind == ACTION_SIGN) == is_sign)
            act(engine, &actions->action[i]);
    }
}

/* What has no consequence, or signatures from elsewhere. */
static void requests_run(struct engine *engine, const struct actions *actions)
{
    acts_run(engine, actions, true);
    asks_run(engine, actions, false);
}

bool effects_run(struct engine *engine, const struct actions *actions)
{
    const bool stays = stays_here(engine, actions);
    const bool is_kept = sends_only_kept(engine, actions);

    if (is_kept)
        asks_run(engine, actions, true);
    if (stays)
        requests_run(engine, actions);
    if (stays && actions->asks->count > 0)
        rpc_push(engine->rpc);
    if (stays || is_kept)
        stages_asked(&engine->stages, engine->state, stages_now_us());
    if (!journal_entries(engine, actions))
        return false;
    if (!stays && !is_kept)
        asks_run(engine, actions, true);
    if (!stays)
        requests_run(engine, actions);
    if (!stays && !is_kept)
        stages_asked(&engine->stages, engine->state, stages_now_us());
    acts_run(engine, actions, false);
    return true;
}

/* What was armed shall not wait for its disk when it is fired. */
void effects_rest(struct engine *engine)
{
    char why[256] = "";

    if (engine->journal == NULL || engine->state->is_updating)
        return;
    if (!journal_is_synced(engine->journal) &&
        (engine->signer == NULL || signer_link_open_requests(engine->signer) == 0) &&
        journal_commit(engine->journal, why, NULL, 0, engine->facts.last_turn_ms) != JOURNAL_OK)
        engine_end(engine, EXIT_REFUSED, "journal %s: %s", engine->config.journal, why);
    if (fleet_live(&engine->state->fleet) == 0)
        journal_tidy(engine->journal);
}

void effects_signed(struct engine *engine)
{
    struct observation observation;
    bool is_broken = false;

    while (signer_link_take(&observation, &is_broken, engine->signer)) {
        stages_signed(&engine->stages, engine->metrics, observation.id, stages_now_us());
        queue_add(&engine->queue, &observation);
    }
    if (is_broken)
        signer_lost(engine);
    else
        signer_expect(engine);
}

void effects_signed_remotely(void *context, const struct observation *observation)
{
    struct engine *engine = context;

    stages_signed(&engine->stages, engine->metrics, observation->id, stages_now_us());
    queue_add(&engine->queue, observation);
}

/* The signer counts what a signature could cost at worst, gas limit × fee ceiling, which is about
 * four times what is spent; with room for replacements on top. */
#define SPEND_CAP_FACTOR 8

static struct wei spend_cap(const struct limit_settings *limits)
{
    struct u256 factor = u256_of(SPEND_CAP_FACTOR);
    struct wei cap;

    if (!u256_mul(&cap.value, &limits->gas_per_day_max.value, &factor))
        cap.value = U256_MAX;
    return cap;
}

/* Whatever the config's markets say now is all that this signer will ever call. */
bool effects_policy(struct engine *engine)
{
    const struct turn_state *state = engine->state;
    struct signer_policy *policy;
    char why[256] = "";
    enum signer_link_error error;

    if (engine->policy_is_set)
        return true;
    policy = must_alloc(1, sizeof(*policy));
    policy->chain_id = engine->config.settings.chain.id;
    policy->fee_per_gas_max = engine->config.settings.limits.fee_per_gas_max;
    policy->spend_per_day_max = spend_cap(&engine->config.settings.limits);
    for (uint32_t i = 0; i < state->tracked_count && i < SIGNER_TARGETS_MAX; i++) {
        const struct tracked *tracked = &state->tracked[i];

        tracked->protocol->call_target(&policy->target[i], policy->selector[i], &tracked->market);
        policy->spender[i] = policy->target[i];
        policy->target_count = policy->spender_count = policy->selector_count = i + 1;
    }
    error = signer_link_policy(engine->signer, why, policy);
    free(policy);
    if (error != SIGNER_LINK_OK)
        log_line(engine->log, LOG_LEVEL_ERROR, "signer refuses its policy", "why=\"%s\"", why);
    engine->policy_is_set = error == SIGNER_LINK_OK;
    return engine->policy_is_set;
}
