/*
 * What status, /status and the page show: a plain copy that the keeper fills at most once a second
 * and when asked. Strings are fixed arrays, so that a view can be kept past the turn that made it.
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define VIEW_EDGE_MAX 50
#define VIEW_FLIGHTS_MAX 64
#define VIEW_DECISIONS_MAX 50
#define VIEW_MARKETS_MAX 16
#define VIEW_ENDPOINTS_MAX 16
#define VIEW_BREAKERS_MAX 16
#define VIEW_DROPS_MAX 13

struct view_market {
    char name[32];
    char protocol[16];
    uint32_t revision;
    uint64_t positions;
    uint64_t candidates;
    bool read_only;
    char why[96]; /* of read_only */
};

struct view_position {
    char market[32];
    char account[43];
    char health[80]; /* decimal, "1.0123" */
    char debt[80];   /* in the market's base currency, decimal */
    char collateral[80];
};

struct view_flight {
    uint64_t nonce;
    char state[16];
    char account[43];
    char hash[67];
    uint64_t age_ms;
};

struct view_decision {
    uint64_t block;
    char account[43];
    char verdict[16];
    char reason[24];
    char net[80]; /* wei, decimal */
};

struct view_endpoint {
    char name[96]; /* host only: no key of a provider's URL */
    bool healthy;
    uint64_t requests;
    uint64_t failures;
};

struct view_breaker {
    char name[24];
    bool open;
    char closes[96]; /* how it closes */
};

/** What a drop of every volatile price by `percent` would do (chart of the page). */
struct view_drop {
    uint32_t percent;
    uint64_t accounts;
    char debt[80];
};

struct view {
    char mode[16];
    char version[48];
    uint64_t chain_id;
    char account[43];
    bool ready;
    char ready_why[128]; /* when not */
    bool live;           /* the loop makes progress */
    uint64_t head_block;
    char head_hash[67];
    uint64_t head_timestamp_s;
    int64_t head_age_ms;
    uint64_t turns;
    int64_t last_turn_ms; /* wall clock */
    char gas_balance[80]; /* wei */
    char gas_spent_today[80];
    char gas_per_day_max[80];
    char loss_today[80];
    char loss_per_day_max[80];
    char profit_total[80];
    uint32_t in_flight;
    uint32_t in_flight_max;
    uint32_t market_count;
    struct view_market market[VIEW_MARKETS_MAX];
    uint32_t edge_count;
    struct view_position edge[VIEW_EDGE_MAX];
    uint32_t flight_count;
    struct view_flight flight[VIEW_FLIGHTS_MAX];
    uint32_t decision_count; /* newest first */
    struct view_decision decision[VIEW_DECISIONS_MAX];
    uint32_t endpoint_count;
    struct view_endpoint endpoint[VIEW_ENDPOINTS_MAX];
    uint32_t breaker_count;
    struct view_breaker breaker[VIEW_BREAKERS_MAX];
    uint32_t drop_count;
    struct view_drop drop[VIEW_DROPS_MAX];
};

/** /status: one JSON object. Wei as decimal strings, block and counts as numbers. */
void view_json(struct text *out, const struct view *view);
/** What view_json wrote, here or elsewhere. False: it is none; *out is then unspecified. */
MUST_CHECK bool view_parse(struct view *out, struct bytes json);
/** `/`: one self-contained page (no request to anywhere), readable without scripts. */
void view_page(struct text *out, const struct view *view);
/** `status` on a terminal. `colour`: ANSI. */
void view_terminal(struct text *out, const struct view *view, bool colour);

#endif
