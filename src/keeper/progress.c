/* Whoever waits at a terminal wants to know for what. */
#include <stdio.h>
#include <unistd.h>

#include "keeper/wiring.h"
#include "turn/state.h"

#define PATIENCE_MS 1000

void progress_show(struct progress *progress, const struct turn_state *state)
{
    bool is_done = state->phase == PHASE_FOLLOW || state->phase == PHASE_STOPPED;
    TEXT pairs = {0};

    if (progress->began_ms == 0)
        progress->began_ms = state->now_ms;
    if (!isatty(STDERR_FILENO) || state->now_ms - progress->began_ms < PATIENCE_MS)
        return;
    if (is_done && progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = !is_done;
    if (is_done)
        return;
    sync_progress_text(&pairs, state);
    fprintf(stderr, "\r\033[Ksynchronising %s", text_string(&pairs));
}
