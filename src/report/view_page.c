/*
 * An operator opens the page when something feels wrong: the first line must say whether it works,
 * the next what it costs, the rest where to look. No script, no request to anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/view_words.h"

static void chip_add(struct text *out, const char *kind, const char *text)
{
    text_add(out, "<span class=\"chip ");
    text_add(out, kind);
    text_add(out, "\">");
    html_add(out, text);
    text_add(out, "</span>\n");
}

static bool is_running(const struct view *view)
{
    return strcmp(view->mode, "live") == 0 || strcmp(view->mode, "dry-run") == 0;
}

static void head_add(struct text *out, const struct view *view)
{
    text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    /* a report of a replay or of a stress test does not change any more */
    if (is_running(view))
        text_add(out, "<meta http-equiv=\"refresh\" content=\"5\">");
    text_add(out, "<title>Plimsoll · ");
    text_add_u64(out, view->head_block);
    text_add(out, view->ready ? "" : " · not ready");
    text_add(out, "</title>\n<style>\n");
    text_add(out, html_style);
    text_add(out, "</style></head><body>\n");
}

/* The load line of a ship, for which this is named. */
static const char mark[] = "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" "
                           "stroke-width=\"2.4\" aria-hidden=\"true\">"
                           "<circle cx=\"12\" cy=\"12\" r=\"7.5\"/><path d=\"M1 12h22\"/></svg>";

static void header_add(struct text *out, const struct view *view)
{
    TEXT account = {0};

    text_add(out, "<header><h1>");
    text_add(out, mark);
    text_add(out, "Plimsoll</h1>\n");
    chip_add(out, strcmp(view->mode, "live") == 0 ? "good" : "", view->mode);
    if (!view->live)
        chip_add(out, "bad", "the loop stands still");
    if (view->ready)
        chip_add(out, "good", "ready");
    else
        chip_add(out, "warn", view->ready_why[0] == '\0' ? "not ready" : view->ready_why);
    for (uint32_t i = 0; i < view->breaker_count; i++)
        if (view->breaker[i].open)
            chip_add(out, "bad", view->breaker[i].name);
    text_add(out, "<span class=\"who\">chain ");
    text_add_u64(out, view->chain_id);
    text_add(out, " · <span class=\"m\" title=\"");
    html_add(out, view->account);
    text_add(out, "\">");
    words_add_short(&account, view->account);
    html_add(out, text_string(&account));
    text_add(out, "</span></span></header>\n<main>\n");
}

static void card_begin(struct text *out, const char *name)
{
    text_add(out, "<div class=\"card\"><h2>");
    html_add(out, name);
    text_add(out, "</h2><b>");
}

/* Spent of a limit, with a bar. */
static void spend_card(struct text *out, const char *name, const char *value, const char *limit)
{
    TEXT spent = {0};
    TEXT most = {0};

    card_begin(out, name);
    words_add_ether(&spent, value);
    html_add(out, text_string(&spent));
    text_add(out, "</b><small>of ");
    words_add_ether(&most, limit);
    html_add(out, text_string(&most));
    text_add(out, " ether</small><meter min=\"0\" max=\"100\" low=\"60\" high=\"85\" optimum=\"0\" "
                  "value=\"");
    text_add_u64(out, words_percent(value, limit));
    text_add(out, "\"></meter></div>\n");
}

static void ether_card(struct text *out, const char *name, const char *value)
{
    TEXT amount = {0};

    card_begin(out, name);
    words_add_ether(&amount, value);
    html_add(out, text_string(&amount));
    text_add(out, "</b><small>ether</small></div>\n");
}

static void cards_add(struct text *out, const struct view *view)
{
    TEXT block = {0};
    TEXT shown = {0};

    text_add(out, "<div class=\"cards\">\n");
    card_begin(out, "Head");
    text_add_u64(&block, view->head_block);
    words_add_thousands(&shown, text_string(&block));
    html_add(out, text_string(&shown));
    text_add(out, "</b><small title=\"");
    html_add(out, view->head_hash);
    text_add(out, "\">");
    words_add_age(out, view->head_age_ms);
    text_add(out, " old</small></div>\n");
    card_begin(out, "In flight");
    text_add_u64(out, view->in_flight);
    text_add(out, "</b><small>of ");
    text_add_u64(out, view->in_flight_max);
    text_add(out, "</small></div>\n");
    spend_card(out, "Gas today", view->gas_spent_today, view->gas_per_day_max);
    spend_card(out, "Loss today", view->loss_today, view->loss_per_day_max);
    ether_card(out, "Profit in all", view->profit_total);
    ether_card(out, "Gas money", view->gas_balance);
    text_add(out, "</div>\n");
}

static void markets_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"Market",     "Protocol",    "#Revision",
                                        "#Positions", "#Candidates", "State"};

    html_table_begin(out, "Markets", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->market_count; i++) {
        const struct view_market *market = &view->market[i];
        text_add(out, "<tr>");
        html_cell(out, "", market->name);
        html_cell(out, "", market->protocol);
        html_cell_u64(out, market->revision);
        html_cell_u64(out, market->positions);
        html_cell_u64(out, market->candidates);
        if (market->read_only)
            html_cell(out, "w warn", market->why[0] == '\0' ? "read-only" : market->why);
        else
            html_cell(out, "good", "trusted");
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

/* Colour only: what decides is the protocol's own number. */
static const char *health_kind(const char *health)
{
    char *end;
    double value = strtod(health, &end);
    if (end == health)
        return "n";
    return value < 1 ? "n bad" : value < 1.05 ? "n warn" : "n";
}

static void edge_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"Account", "Market", "#Health", "#Debt", "#Collateral"};
    TEXT amount = {0};

    if (view->edge_count == 0) {
        html_nothing(out, "Nearest the edge", "Nobody owes anything, or nothing is known yet.");
        return;
    }
    html_table_begin(out, "Nearest the edge", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->edge_count; i++) {
        const struct view_position *position = &view->edge[i];
        text_add(out, "<tr>");
        html_cell_hex(out, position->account);
        html_cell(out, "", position->market);
        html_cell(out, health_kind(position->health), position->health);
        text_clear(&amount);
        words_add_thousands(&amount, position->debt);
        html_cell(out, "n", text_string(&amount));
        text_clear(&amount);
        words_add_thousands(&amount, position->collateral);
        html_cell(out, "n", text_string(&amount));
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

static void flights_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"#Nonce", "State", "Account", "Hash", "#Age"};
    TEXT age = {0};

    if (view->flight_count == 0) {
        html_nothing(out, "Flights", "No transaction is under way.");
        return;
    }
    html_table_begin(out, "Flights", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->flight_count; i++) {
        const struct view_flight *flight = &view->flight[i];
        text_add(out, "<tr>");
        html_cell_u64(out, flight->nonce);
        html_cell(out, "", flight->state);
        html_cell_hex(out, flight->account);
        html_cell_hex(out, flight->hash);
        text_clear(&age);
        words_add_age(&age, (int64_t)flight->age_ms);
        html_cell(out, "n", text_string(&age));
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

static void decisions_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"#Block", "Account", "Verdict", "Reason", "#Net, ether"};
    TEXT net = {0};

    if (view->decision_count == 0) {
        html_nothing(out, "Recent decisions", "None yet.");
        return;
    }
    html_table_begin(out, "Recent decisions", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->decision_count; i++) {
        const struct view_decision *decision = &view->decision[i];
        bool is_liquidation = strcmp(decision->verdict, "liquidate") == 0;
        text_add(out, "<tr>");
        html_cell_u64(out, decision->block);
        html_cell_hex(out, decision->account);
        html_cell(out, is_liquidation ? "good" : "", decision->verdict);
        html_cell(out, "", decision->reason);
        text_clear(&net);
        words_add_ether(&net, decision->net);
        html_cell(out, decision->net[0] == '-' ? "n bad" : "n", text_string(&net));
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

static void endpoints_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"Endpoint", "State", "#Requests", "#Failures"};

    html_table_begin(out, "Endpoints", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->endpoint_count; i++) {
        const struct view_endpoint *endpoint = &view->endpoint[i];
        text_add(out, "<tr>");
        html_cell(out, "", endpoint->name);
        html_cell(out, endpoint->healthy ? "good" : "bad",
                  endpoint->healthy ? "in use" : "set aside");
        html_cell_u64(out, endpoint->requests);
        html_cell_u64(out, endpoint->failures);
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

static void breakers_add(struct text *out, const struct view *view)
{
    static const char *const names[] = {"Breaker", "State", "Closes"};

    html_table_begin(out, "Breakers", names, ARRAY_LENGTH(names));
    for (uint32_t i = 0; i < view->breaker_count; i++) {
        const struct view_breaker *breaker = &view->breaker[i];
        text_add(out, "<tr>");
        html_cell(out, "", breaker->name);
        html_cell(out, breaker->open ? "bad" : "good", breaker->open ? "open" : "closed");
        html_cell(out, "w", breaker->closes);
        text_add(out, "</tr>\n");
    }
    html_table_end(out);
}

void view_page(struct text *out, const struct view *view)
{
    head_add(out, view);
    header_add(out, view);
    cards_add(out, view);
    html_chart(out, view);
    edge_add(out, view);
    flights_add(out, view);
    decisions_add(out, view);
    markets_add(out, view);
    text_add(out, "<div class=\"pair\">\n");
    breakers_add(out, view);
    endpoints_add(out, view);
    text_add(out, "</div>\n<footer>Plimsoll ");
    html_add(out, view->version);
    text_add(out, " · ");
    text_add_u64(out, view->turns);
    text_add(out, " turns");
    if (is_running(view))
        text_add(out, " · <a href=\"/status\">status</a> · <a href=\"/metrics\">metrics</a>");
    text_add(out, "</footer>\n</main></body></html>\n");
}
