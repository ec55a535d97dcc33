/* What every file of the room needs: actions into the turn's list, text into its arena. */
#include "turn/inside.h"

#include <string.h>

/* Kept free for what must not be lost: journal entries of flights that move on. */
#define ACTIONS_SPARE 1024

bool state_has_room(const struct turn_state *state)
{
    return state->actions.count + ACTIONS_SPARE < ACTIONS_MAX;
}

struct action *state_action(struct turn_state *state, enum action_kind kind)
{
    struct action *action;

    MUST(state->actions.count < ACTIONS_MAX);
    action = &state->actions.action[state->actions.count++];
    memset(action, 0, sizeof(*action));
    action->kind = kind;
    return action;
}

const char *state_text(struct turn_state *state, const struct text *text)
{
    return arena_text(&state->arena, text_string(text), text_length(text));
}

void state_note(struct turn_state *state, enum note_level level, const char *event,
                const char *pairs)
{
    struct action *action;

    if (!state_has_room(state))
        return;
    action = state_action(state, ACTION_NOTE);
    action->level = level;
    action->key = event;
    action->text = arena_text(&state->arena, pairs, strlen(pairs));
}

void state_event(struct turn_state *state, const struct text *json)
{
    state_action(state, ACTION_EVENT)->text = state_text(state, json);
}

void state_keep(struct turn_state *state, const char *key, const struct text *json)
{
    struct action *action = state_action(state, ACTION_KEEP);

    action->key = arena_text(&state->arena, key, strlen(key));
    action->text = state_text(state, json);
}

void state_stop(struct turn_state *state, int code, const char *why)
{
    struct action *action = state_action(state, ACTION_STOP);

    action->code = code;
    action->text = arena_text(&state->arena, why, strlen(why));
    state->phase = PHASE_STOPPED;
}
