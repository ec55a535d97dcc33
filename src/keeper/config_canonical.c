/*
 * A recording must be judged years later under the config it was made with, and must not carry the
 * keys of its maker: so the settings are written out whole, defaults and all, without what opens
 * anything.
 */
#include <string.h>

#include "keeper/config_section.h"

static void key_add(struct text *out, const char *before, const char *key)
{
    text_add(out, before);
    text_add_json(out, bytes_of_text(key));
    text_add(out, ": ");
}

static void string_add(struct text *out, const char *before, const char *key, const char *value)
{
    key_add(out, before, key);
    text_add_json(out, bytes_of_text(value));
}

static void number_add(struct text *out, const char *before, const char *key, uint64_t value)
{
    key_add(out, before, key);
    text_add_u64(out, value);
}

static void address_add(struct text *out, const char *before, const char *key,
                        const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, address);
    string_add(out, before, key, text);
}

static void duration_add(struct text *out, const char *before, const char *key, int64_t value_ms)
{
    key_add(out, before, key);
    text_add_char(out, '"');
    text_add_i64(out, value_ms);
    text_add(out, "ms\"");
}

static void wei_add(struct text *out, const char *before, const char *key, const struct wei *wei)
{
    key_add(out, before, key);
    text_add_char(out, '"');
    text_add_u256(out, &wei->value);
    text_add(out, " wei\"");
}

/* Scheme, host and port. What stands in front of '@' and behind the host may be a provider's key.
 */
static void url_add(struct text *out, const char *before, const char *url)
{
    TEXT cut = {0};
    const char *authority = strstr(url, "://");
    if (authority == NULL) {
        string_add(out, before, "url", url); /* the path of a socket */
        return;
    }
    authority += 3;
    size_t length = strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', length);
    text_add_bytes(&cut, bytes_of(url, (size_t)(authority - url)));
    if (at != NULL) {
        length -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    text_add_bytes(&cut, bytes_of(authority, length));
    string_add(out, before, "url", text_string(&cut));
}

static void roles_add(struct text *out, const struct endpoint_settings *endpoint)
{
    const struct {
        const char *name;
        bool is_set;
    } roles[] = {{"read", endpoint->may_read},
                 {"send", endpoint->may_send},
                 {"private", endpoint->takes_private},
                 {"bundle", endpoint->takes_bundles}};
    const char *before = "[";

    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        if (!roles[i].is_set)
            continue;
        text_add(out, before);
        text_add_json(out, bytes_of_text(roles[i].name));
        before = ", ";
    }
    text_add_char(out, ']');
}

static void endpoint_add(struct text *out, const struct endpoint_settings *endpoint)
{
    url_add(out, "{", endpoint->url);
    key_add(out, ", ", "roles");
    roles_add(out, endpoint);
    number_add(out, ", ", "requests_per_second", endpoint->requests_per_second);
    text_add_char(out, '}');
}

static void chain_add(struct text *out, const struct chain_settings *chain)
{
    number_add(out, "{", "id", chain->id);
    address_add(out, ", ", "native", &chain->native);
    address_add(out, ", ", "multicall", &chain->multicall);
    key_add(out, ", ", "endpoints");
    for (uint32_t i = 0; i < chain->endpoint_count; i++) {
        text_add(out, i == 0 ? "[" : ", ");
        endpoint_add(out, &chain->endpoint[i]);
    }
    text_add_char(out, ']');
    number_add(out, ", ", "poll_ms", (uint64_t)chain->poll_ms);
    duration_add(out, ", ", "connect_timeout", chain->connect_timeout_ms);
    duration_add(out, ", ", "total_timeout", chain->total_timeout_ms);
    number_add(out, ", ", "log_range_max", chain->log_range_max);
    text_add_char(out, '}');
}

static void market_add(struct text *out, const struct market_settings *market)
{
    string_add(out, "{", "name", market->name);
    string_add(out, ", ", "protocol", market->protocol);
    address_add(out, ", ", "address", &market->address);
    number_add(out, ", ", "from_block", market->from_block);
    if (market->price_age_max_ms < 0)
        string_add(out, ", ", "price_age_max", "none");
    else
        duration_add(out, ", ", "price_age_max", market->price_age_max_ms);
    text_add_char(out, '}');
}

static void percent_or_none_add(struct text *out, const char *key, uint32_t percent)
{
    key_add(out, ", ", key);
    text_add_char(out, '"');
    if (percent == 0) {
        text_add(out, "none");
    } else {
        text_add_u64(out, percent);
        text_add_char(out, '%');
    }
    text_add_char(out, '"');
}

static void keeper_add(struct text *out, const struct settings *settings)
{
    struct u256 points = u256_of(settings->haircut_bps);

    string_add(out, "{", "mode", config_mode_choices[settings->mode]);
    address_add(out, ", ", "account", &settings->account);
    switch (settings->funding) {
    case FUNDING_INVENTORY:
        string_add(out, ", ", "funding", "inventory");
        break;
    }
    key_add(out, ", ", "haircut");
    text_add_char(out, '"');
    text_add_fixed(out, &points, 4, 4);
    text_add_char(out, '"');
    string_add(out, ", ", "simulate", config_simulate_choices[settings->simulate]);
    string_add(out, ", ", "receive_atoken", config_receive_choices[settings->receive]);
    percent_or_none_add(out, "tip_profit_share", settings->tip_profit_share);
    percent_or_none_add(out, "race_profit_share", settings->race_profit_share);
    number_add(out, ", ", "parity_sample", settings->parity_sample);
    number_add(out, ", ", "audit_accounts", settings->audit_accounts);
    number_add(out, ", ", "armed", settings->armed);
    string_add(out, ", ", "backrun", config_backrun_choices[settings->backrun]);
    string_add(out, ", ", "way_out", config_way_out_choices[settings->way_out]);
    number_add(out, ", ", "private_blocks", settings->private_blocks);
    text_add_char(out, '}');
}

static void duration_or_none_add(struct text *out, const char *key, int64_t value_ms)
{
    if (value_ms == 0)
        string_add(out, ", ", key, "none");
    else
        duration_add(out, ", ", key, value_ms);
}

static void limits_add(struct text *out, const struct limit_settings *limits)
{
    wei_add(out, "{", "fee_per_gas_max", &limits->fee_per_gas_max);
    wei_add(out, ", ", "priority_fee_per_gas", &limits->priority_fee_per_gas);
    wei_add(out, ", ", "profit_min", &limits->profit_min);
    wei_add(out, ", ", "gas_per_day_max", &limits->gas_per_day_max);
    wei_add(out, ", ", "loss_per_day_max", &limits->loss_per_day_max);
    number_add(out, ", ", "in_flight_max", limits->in_flight_max);
    duration_or_none_add(out, "stale_head_max", limits->stale_head_max_ms);
    duration_or_none_add(out, "latency_max", limits->latency_max_ms);
    percent_or_none_add(out, "revert_rate_max", limits->revert_rate_max);
    number_add(out, ", ", "revert_window", limits->revert_window);
    duration_or_none_add(out, "revert_pause", limits->revert_pause_ms);
    if (limits->drift_max == 0)
        string_add(out, ", ", "drift_max", "none");
    else
        number_add(out, ", ", "drift_max", limits->drift_max);
    text_add_char(out, '}');
}

void config_canonical(struct text *out, const struct config *config)
{
    const struct settings *settings = &config->settings;

    key_add(out, "{", "chain");
    chain_add(out, &settings->chain);
    key_add(out, ", ", "markets");
    for (uint32_t i = 0; i < settings->market_count; i++) {
        text_add(out, i == 0 ? "[" : ", ");
        market_add(out, &settings->market[i]);
    }
    text_add_char(out, ']');
    key_add(out, ", ", "keeper");
    keeper_add(out, settings);
    key_add(out, ", ", "limits");
    limits_add(out, &settings->limits);
    text_add_char(out, '}');
}
