/* Programs read /status: the names here are promises, and stand together. */
#include "report/view_fields.h"

#define FIELD(type, member, view_kind)                                                             \
    {                                                                                              \
#member, view_kind, offsetof(struct type, member), sizeof(((struct type *)NULL)->member)   \
    }
#define TEXT_OF(type, member) FIELD(type, member, VIEW_TEXT)

const struct view_field view_fields[] = {
    TEXT_OF(view, mode),
    TEXT_OF(view, version),
    FIELD(view, chain_id, VIEW_U64),
    TEXT_OF(view, account),
    FIELD(view, ready, VIEW_BOOL),
    TEXT_OF(view, ready_why),
    FIELD(view, live, VIEW_BOOL),
    FIELD(view, head_block, VIEW_U64),
    TEXT_OF(view, head_hash),
    FIELD(view, head_timestamp_s, VIEW_U64),
    FIELD(view, head_age_ms, VIEW_I64),
    FIELD(view, turns, VIEW_U64),
    FIELD(view, last_turn_ms, VIEW_I64),
    TEXT_OF(view, gas_balance),
    TEXT_OF(view, gas_spent_today),
    TEXT_OF(view, gas_per_day_max),
    TEXT_OF(view, loss_today),
    TEXT_OF(view, loss_per_day_max),
    TEXT_OF(view, profit_total),
    FIELD(view, in_flight, VIEW_U32),
    FIELD(view, in_flight_max, VIEW_U32),
};

const size_t view_field_count = ARRAY_LENGTH(view_fields);

static const struct view_field market_fields[] = {
    TEXT_OF(view_market, name),
    TEXT_OF(view_market, protocol),
    FIELD(view_market, revision, VIEW_U32),
    FIELD(view_market, positions, VIEW_U64),
    FIELD(view_market, candidates, VIEW_U64),
    FIELD(view_market, read_only, VIEW_BOOL),
    TEXT_OF(view_market, why),
};

static const struct view_field position_fields[] = {
    TEXT_OF(view_position, market),     TEXT_OF(view_position, account),
    TEXT_OF(view_position, health),     TEXT_OF(view_position, debt),
    TEXT_OF(view_position, collateral),
};

static const struct view_field flight_fields[] = {
    FIELD(view_flight, nonce, VIEW_U64),  TEXT_OF(view_flight, state),
    TEXT_OF(view_flight, account),        TEXT_OF(view_flight, hash),
    FIELD(view_flight, age_ms, VIEW_U64),
};

static const struct view_field decision_fields[] = {
    FIELD(view_decision, block, VIEW_U64), TEXT_OF(view_decision, account),
    TEXT_OF(view_decision, verdict),       TEXT_OF(view_decision, reason),
    TEXT_OF(view_decision, net),
};

static const struct view_field endpoint_fields[] = {
    TEXT_OF(view_endpoint, name),
    FIELD(view_endpoint, healthy, VIEW_BOOL),
    FIELD(view_endpoint, requests, VIEW_U64),
    FIELD(view_endpoint, failures, VIEW_U64),
};

static const struct view_field breaker_fields[] = {
    TEXT_OF(view_breaker, name),
    FIELD(view_breaker, open, VIEW_BOOL),
    TEXT_OF(view_breaker, closes),
};

static const struct view_field drop_fields[] = {
    FIELD(view_drop, percent, VIEW_U32),
    FIELD(view_drop, accounts, VIEW_U64),
    TEXT_OF(view_drop, debt),
};

#define LIST(key, member, fields)                                                                  \
    {                                                                                              \
        key, offsetof(struct view, member), offsetof(struct view, member##_count),                 \
            sizeof(((struct view *)NULL)->member[0]), ARRAY_LENGTH(((struct view *)NULL)->member), \
            fields, ARRAY_LENGTH(fields)                                                           \
    }

const struct view_list view_lists[] = {
    LIST("markets", market, market_fields),
    LIST("edge", edge, position_fields),
    LIST("flights", flight, flight_fields),
    LIST("decisions", decision, decision_fields),
    LIST("endpoints", endpoint, endpoint_fields),
    LIST("breakers", breaker, breaker_fields),
    LIST("drops", drop, drop_fields),
};

const size_t view_list_count = ARRAY_LENGTH(view_lists);
