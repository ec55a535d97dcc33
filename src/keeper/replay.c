/*
 * Reads the recording twice: once to know which questions it answers, once to live it. The second
 * pass is the daemon's own turns with the recorded clock.
 */
#include "keeper/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/replay_match.h"
#include "tape/tape.h"
#include "turn/state.h"

struct replay {
    const struct replay_options *options;
    struct replay_result *result;
    char *why;
    struct match match;
    uint64_t version;    /* of the life that is lived */
    struct buffer plain; /* a question */
    struct arena arena;
    struct config *config;
    struct turn_state *state;
    struct observation *observations;
    size_t capacity;
    uint64_t *unrecorded; /* questions to answer so in the next turn: id × 2 + is_sign */
    size_t unrecorded_count;
    size_t unrecorded_capacity;
    uint64_t head;
    bool is_over;
    int code;
};

static void replay_end(struct replay *replay, int code, const char *why)
{
    replay->is_over = true;
    replay->code = code;
    if (code != EXIT_DONE)
        snprintf(replay->why, 512, "%s: %s", replay->options->recording, why);
}

static int exit_of(enum tape_error error)
{
    return error == TAPE_CANNOT_OPEN || error == TAPE_FOREIGN || error == TAPE_NEWER ||
                   error == TAPE_WRONG_CHAIN || error == TAPE_CORRUPT
               ? EXIT_USAGE
               : EXIT_INTERNAL;
}

/* ---- first pass */

static bool answers_count(struct replay *replay)
{
    struct tape_reader *reader;
    struct tape_turn recorded;
    char why[256] = "";
    enum tape_error error = tape_reader_open(&reader, why, replay->options->recording);

    if (error != TAPE_OK) {
        replay_end(replay, exit_of(error), why[0] != '\0' ? why : tape_error_text(error));
        return false;
    }
    while ((error = tape_read(&recorded, why, reader, &replay->arena)) == TAPE_OK) {
        for (size_t i = 0; !recorded.is_header && i < recorded.count; i++) {
            if (recorded.keys[i][0] != '\0')
                match_count(&replay->match, recorded.keys[i]);
        }
        arena_clear(&replay->arena);
    }
    tape_reader_close(reader);
    arena_clear(&replay->arena);
    if (error == TAPE_END || error == TAPE_TORN)
        return true;
    replay_end(replay, exit_of(error), why[0] != '\0' ? why : tape_error_text(error));
    return false;
}

/* ---- second pass */

static bool life_begin(struct replay *replay, const struct tape_header *header)
{
    TEXT faults = {0};

    if (replay->options->config != NULL) {
        *replay->config = *replay->options->config;
    } else if (!config_parse(replay->config, &faults, bytes_of_text(header->config),
                             "the recording's config")) {
        replay_end(replay, EXIT_USAGE, text_string(&faults));
        return false;
    }
    if (replay->config->settings.chain.id != header->chain_id) {
        replay_end(replay, EXIT_USAGE, "recorded on another chain than the config's chain.id");
        return false;
    }
    turn_free(replay->state);
    replay->state = turn_new(&replay->config->settings, PURPOSE_RUN);
    replay->unrecorded_count = 0;
    replay->version = header->version;
    match_forget(&replay->match);
    replay->result->lives++;
    return true;
}

static void unrecorded_add(struct replay *replay, uint64_t id, bool is_sign)
{
    if (replay->unrecorded_count == replay->unrecorded_capacity) {
        replay->unrecorded_capacity = replay->unrecorded_capacity * 2 + 64;
        replay->unrecorded = must_realloc(replay->unrecorded, replay->unrecorded_capacity,
                                          sizeof(*replay->unrecorded));
    }
    replay->unrecorded[replay->unrecorded_count++] = id * 2 + is_sign;
    replay->result->unrecorded++;
}

static void actions_take(struct replay *replay, const struct actions *actions)
{
    char key[17];

    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->action[i];

        if (action->kind == ACTION_STOP) {
            replay_end(replay, action->code, action->text);
        } else if (action->kind == ACTION_SIGN) {
            tape_key(key, &replay->plain, replay->version, action->body);
            if (!match_ask(&replay->match, key, action->id))
                unrecorded_add(replay, action->id, true);
        }
    }
    for (uint32_t i = 0; i < actions->asks->count; i++) {
        tape_key(key, &replay->plain, replay->version, actions->asks->ask[i].body);
        if (!match_ask(&replay->match, key, actions->asks->ask[i].id))
            unrecorded_add(replay, actions->asks->ask[i].id, false);
    }
}

static void reload_take(struct replay *replay, const struct observation *observation)
{
    struct config *fresh;
    TEXT faults = {0};

    if (replay->options->config != NULL || !bytes_equal(observation->key, bytes_of_text("reload")))
        return;
    fresh = must_alloc(1, sizeof(*fresh));
    if (config_parse(fresh, &faults, observation->body, "the recording's reload"))
        turn_reload(replay->state, &fresh->settings);
    free(fresh);
}

/* Recorded observations with this run's ids; those that answer nothing here are left out. */
static size_t observations_of(struct replay *replay, const struct tape_turn *recorded)
{
    size_t count = 0;
    size_t room = recorded->count + replay->unrecorded_count;

    if (room > replay->capacity) {
        replay->capacity = room * 2;
        replay->observations =
            must_realloc(replay->observations, replay->capacity, sizeof(*replay->observations));
    }
    for (size_t i = 0; i < replay->unrecorded_count; i++) {
        uint64_t packed = replay->unrecorded[i];

        replay->observations[count++] = (struct observation){
            .kind = (packed & 1) != 0 ? OBSERVATION_SIGNED : OBSERVATION_ANSWER,
            .status = OBSERVED_UNRECORDED,
            .id = packed / 2};
    }
    replay->unrecorded_count = 0;
    for (size_t i = 0; i < recorded->count; i++) {
        struct observation observation = recorded->observations[i];

        if (observation.kind == OBSERVATION_COMMAND)
            reload_take(replay, &observation);
        if (recorded->keys[i][0] != '\0' &&
            !match_answer(&replay->match, recorded->keys[i], &observation.id)) {
            replay->result->unasked++;
            continue;
        }
        observation.asked_as = recorded->observations[i].id;
        replay->observations[count++] = observation;
    }
    return count;
}

static void turn_live(struct replay *replay, const struct tape_turn *recorded)
{
    size_t count = observations_of(replay, recorded);
    const struct actions *actions =
        turn(replay->state, recorded->now_ms, replay->observations, count);

    replay->result->turns++;
    replay->result->observations += recorded->count;
    if (replay->state->header.number != replay->head) {
        replay->head = replay->state->header.number;
        replay->result->heads++;
    }
    actions_take(replay, actions);
    if (replay->options->turned != NULL)
        replay->options->turned(replay->options->context, replay->state, actions);
}

static void recording_live(struct replay *replay)
{
    struct tape_reader *reader;
    struct tape_turn recorded;
    char why[256] = "";
    enum tape_error error = tape_reader_open(&reader, why, replay->options->recording);

    while (error == TAPE_OK &&
           (error = tape_read(&recorded, why, reader, &replay->arena)) == TAPE_OK) {
        if (recorded.is_header) {
            replay->is_over = false;
            if (!life_begin(replay, &recorded.header))
                break;
        } else if (!replay->is_over) {
            turn_live(replay, &recorded);
        }
        arena_clear(&replay->arena);
    }
    tape_reader_close(reader);
    if (error == TAPE_TORN && replay->options->warn != NULL)
        replay->options->warn(replay->options->context,
                              "the recording's last line is cut off; replayed up to there");
    else if (error != TAPE_END && error != TAPE_TORN && error != TAPE_OK)
        replay_end(replay, exit_of(error), why[0] != '\0' ? why : tape_error_text(error));
}

int replay_run(struct replay_result *out, char why[512], const struct replay_options *options)
{
    struct replay replay = {.options = options, .result = out, .why = why};

    memset(out, 0, sizeof(*out));
    why[0] = '\0';
    match_init(&replay.match);
    replay.config = must_alloc(1, sizeof(*replay.config));
    if (answers_count(&replay))
        recording_live(&replay);
    turn_free(replay.state);
    match_release(&replay.match);
    buffer_release(&replay.plain);
    arena_release(&replay.arena);
    free(replay.config);
    free(replay.observations);
    free(replay.unrecorded);
    return replay.code;
}
