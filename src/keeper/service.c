/*
 * What systemd is told. READY only once the mirror stands; the watchdog is patted by finished turns
 * and by nothing else, so that a turn which never returns is noticed.
 */
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "keeper/wiring.h"
#include "turn/state.h"

/* Pats in one watchdog interval. */
#define PATS 4

void service_start(struct service *service)
{
    uint64_t interval_us = 0;

    *service = (struct service){0};
    if (sd_watchdog_enabled(0, &interval_us) > 0)
        service->watchdog_ms = (int64_t)(interval_us / 1000 / PATS);
}

void service_turned(struct service *service, const struct turn_state *state, int64_t now_ms)
{
    if (state->is_ready && !service->is_ready_said) {
        (void)sd_notifyf(0, "READY=1\nSTATUS=following, head %llu",
                         (unsigned long long)state->header.number);
        service->is_ready_said = true;
    }
    if (service->watchdog_ms > 0 && now_ms - service->patted_ms >= service->watchdog_ms) {
        (void)sd_notify(0, "WATCHDOG=1");
        service->patted_ms = now_ms;
    }
}

void service_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}
