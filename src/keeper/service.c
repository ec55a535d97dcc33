/*
 * What systemd is told. READY only once the mirror stands; the watchdog is patted by finished turns
 * and by nothing else, so that a turn which never returns is noticed. Its socket holds few messages
 * and a full one holds up the loop, so what is only nice to know is said seldom.
 */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "keeper/wiring.h"
#include "turn/state.h"

/* Pats in one watchdog interval. */
#define PATS 4
/* A status that says the same of another head, so often at most. */
#define STATUS_MS 10000

void service_start(struct service *service)
{
    uint64_t interval_us = 0;

    *service = (struct service){0};
    if (sd_watchdog_enabled(0, &interval_us) > 0)
        service->watchdog_ms = (int64_t)(interval_us / 1000 / PATS) + 1;
}

/* Between two blocks the mirror is behind for a moment; that is no news. */
static const char *status_of(const struct turn_state *state)
{
    if (state->phase != PHASE_FOLLOW)
        return state->not_ready;
    if (state->head_failures >= HEAD_FAILURES_MAX)
        return "no endpoint gives a new head";
    return "following";
}

static void status_say(struct service *service, const struct turn_state *state, int64_t now_ms)
{
    const char *status = status_of(state);
    bool is_following = state->phase == PHASE_FOLLOW;

    if (is_following && !service->is_ready_said)
        return; /* it is said with READY */
    if (strcmp(service->status, status) == 0 &&
        (!is_following || service->status_block == state->header.number ||
         now_ms - service->status_ms < STATUS_MS))
        return;
    if (is_following)
        (void)sd_notifyf(0, "STATUS=%s, head %llu", status,
                         (unsigned long long)state->header.number);
    else
        (void)sd_notifyf(0, "STATUS=%s", status);
    snprintf(service->status, sizeof(service->status), "%s", status);
    service->status_block = state->header.number;
    service->status_ms = now_ms;
}

void service_turned(struct service *service, const struct turn_state *state, int64_t now_ms)
{
    if (state->is_ready && !service->is_ready_said) {
        (void)sd_notify(0, "READY=1");
        service->is_ready_said = true;
    }
    status_say(service, state, now_ms);
    if (service->watchdog_ms > 0 && now_ms - service->patted_ms >= service->watchdog_ms) {
        (void)sd_notify(0, "WATCHDOG=1");
        service->patted_ms = now_ms;
    }
}

/* A line of its own would be an assignment of its own. */
void service_stopping(const char *why)
{
    char line[512];

    snprintf(line, sizeof(line), "%s", why);
    for (char *c = line; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    (void)sd_notifyf(0, "STOPPING=1\nSTATUS=%s", line);
}
