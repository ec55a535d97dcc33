/* The same figures for somebody on a terminal, perhaps over a slow line, perhaps at night. */
#include <string.h>

#include "report/view.h"
#include "report/view_words.h"

#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define YELLOW "\x1b[33m"
#define FAINT "\x1b[2m"
#define PLAIN "\x1b[0m"

struct screen {
    struct text *out;
    bool colour;
    size_t gap; /* spaces before the next cell; none at a line's end */
};

static void ink(const struct screen *screen, const char *code)
{
    if (screen->colour)
        text_add(screen->out, code);
}

/* What came over a socket must not steer the terminal. Returns the places that it takes up. */
static size_t clean_add(struct text *out, const char *text)
{
    size_t places = 0;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        text_add_char(out, c < ' ' || c == 0x7f ? '?' : *text);
        places += (c & 0xc0) != 0x80; /* not inside a UTF-8 sequence */
    }
    return places;
}

static void gap_add(struct screen *screen, size_t more)
{
    for (screen->gap += more; screen->gap > 0; screen->gap--)
        text_add_char(screen->out, ' ');
}

/* A cell of `width` places: below zero, the text stands to the right. A longer one pushes. */
static void cell(struct screen *screen, const char *code, int width, const char *text)
{
    TEXT shown = {0};
    size_t places = clean_add(&shown, text);
    size_t wanted = (size_t)(width < 0 ? -width : width);
    size_t rest = wanted > places ? wanted - places : 0;

    if (places > 0) {
        gap_add(screen, width < 0 ? rest : 0);
        ink(screen, code);
        text_add_bytes(screen->out, text_bytes(&shown));
        ink(screen, code[0] == '\0' ? "" : PLAIN);
    }
    screen->gap += 2 + (width >= 0 || places == 0 ? rest : 0);
}

static void number_cell(struct screen *screen, int width, uint64_t number)
{
    TEXT digits = {0};
    TEXT shown = {0};
    text_add_u64(&digits, number);
    words_add_thousands(&shown, text_string(&digits));
    cell(screen, "", width, text_string(&shown));
}

static void hex_cell(struct screen *screen, int width, const char *hex)
{
    TEXT shown = {0};
    words_add_short(&shown, hex);
    cell(screen, "", width, text_string(&shown));
}

static void ether_cell(struct screen *screen, int width, const char *wei)
{
    TEXT shown = {0};
    words_add_ether(&shown, wei);
    cell(screen, wei[0] == '-' ? RED : "", width, text_string(&shown));
}

static void age_cell(struct screen *screen, int width, int64_t age_ms)
{
    TEXT shown = {0};
    words_add_age(&shown, age_ms);
    cell(screen, "", width, text_string(&shown));
}

static void amount_cell(struct screen *screen, int width, const char *decimal)
{
    TEXT shown = {0};
    words_add_thousands(&shown, decimal);
    cell(screen, "", width, text_string(&shown));
}

static void line_end(struct screen *screen)
{
    screen->gap = 0;
    text_add_char(screen->out, '\n');
}

static void title(struct screen *screen, const char *name)
{
    line_end(screen);
    ink(screen, FAINT);
    text_add(screen->out, name);
    ink(screen, PLAIN);
    line_end(screen);
}

static void head_add(struct screen *screen, const struct view *view)
{
    cell(screen, "", 0, "plimsoll");
    cell(screen, FAINT, 0, view->version);
    cell(screen, strcmp(view->mode, "live") == 0 ? GREEN : "", 0, view->mode);
    if (!view->live)
        cell(screen, RED, 0, "the loop stands still");
    if (view->ready)
        cell(screen, GREEN, 0, "ready");
    else
        cell(screen, YELLOW, 0, view->ready_why[0] == '\0' ? "not ready" : view->ready_why);
    line_end(screen);
    cell(screen, FAINT, 9, "chain");
    number_cell(screen, 0, view->chain_id);
    cell(screen, "", 0, view->account);
    line_end(screen);
    cell(screen, FAINT, 9, "head");
    number_cell(screen, 0, view->head_block);
    hex_cell(screen, 0, view->head_hash);
    age_cell(screen, 0, view->head_age_ms);
    line_end(screen);
}

/* "0.012 of 0.5" */
static void spend_line(struct screen *screen, const char *name, const char *value,
                       const char *limit)
{
    TEXT spent = {0};

    words_add_ether(&spent, value);
    text_add(&spent, " of ");
    words_add_ether(&spent, limit);
    text_add(&spent, " ether today");
    cell(screen, FAINT, 9, name);
    cell(screen, words_percent(value, limit) >= 85 ? RED : "", 0, text_string(&spent));
    line_end(screen);
}

static void money_add(struct screen *screen, const struct view *view)
{
    spend_line(screen, "gas", view->gas_spent_today, view->gas_per_day_max);
    spend_line(screen, "loss", view->loss_today, view->loss_per_day_max);
    cell(screen, FAINT, 9, "profit");
    ether_cell(screen, 0, view->profit_total);
    cell(screen, FAINT, 0, "ether in all, gas money");
    ether_cell(screen, 0, view->gas_balance);
    line_end(screen);
    cell(screen, FAINT, 9, "flights");
    number_cell(screen, 0, view->in_flight);
    cell(screen, FAINT, 0, "of");
    number_cell(screen, 0, view->in_flight_max);
    line_end(screen);
}

static void markets_add(struct screen *screen, const struct view *view)
{
    title(screen, "market            protocol        positions  candidates");
    for (uint32_t i = 0; i < view->market_count; i++) {
        const struct view_market *market = &view->market[i];
        cell(screen, "", 16, market->name);
        cell(screen, "", 13, market->protocol);
        number_cell(screen, -10, market->positions);
        number_cell(screen, -10, market->candidates);
        if (market->read_only)
            cell(screen, YELLOW, 0, market->why[0] == '\0' ? "read-only" : market->why);
        line_end(screen);
    }
}

static void edge_add(struct screen *screen, const struct view *view)
{
    if (view->edge_count == 0)
        return;
    title(screen, "nearest the edge                              health                debt");
    for (uint32_t i = 0; i < view->edge_count && i < 10; i++) {
        const struct view_position *position = &view->edge[i];
        cell(screen, "", 42, position->account);
        cell(screen, position->health[0] == '0' ? RED : "", -6, position->health);
        amount_cell(screen, -18, position->debt);
        cell(screen, FAINT, 0, position->market);
        line_end(screen);
    }
}

static void flights_add(struct screen *screen, const struct view *view)
{
    if (view->flight_count == 0)
        return;
    title(screen, "nonce       state     account                                     age");
    for (uint32_t i = 0; i < view->flight_count; i++) {
        const struct view_flight *flight = &view->flight[i];
        number_cell(screen, 10, flight->nonce);
        cell(screen, "", 8, flight->state);
        cell(screen, "", 42, flight->account);
        age_cell(screen, 0, (int64_t)flight->age_ms);
        hex_cell(screen, 0, flight->hash);
        line_end(screen);
    }
}

static void decisions_add(struct screen *screen, const struct view *view)
{
    if (view->decision_count == 0)
        return;
    title(screen, "block        account                                     verdict    reason");
    for (uint32_t i = 0; i < view->decision_count && i < 10; i++) {
        const struct view_decision *decision = &view->decision[i];
        bool is_liquidation = strcmp(decision->verdict, "liquidate") == 0;
        number_cell(screen, 11, decision->block);
        cell(screen, "", 42, decision->account);
        cell(screen, is_liquidation ? GREEN : "", 9, decision->verdict);
        cell(screen, "", 17, decision->reason);
        ether_cell(screen, -10, decision->net);
        line_end(screen);
    }
}

static void rest_add(struct screen *screen, const struct view *view)
{
    title(screen, "breakers");
    for (uint32_t i = 0; i < view->breaker_count; i++) {
        const struct view_breaker *breaker = &view->breaker[i];
        cell(screen, "", 16, breaker->name);
        cell(screen, breaker->open ? RED : GREEN, 6, breaker->open ? "open" : "closed");
        cell(screen, FAINT, 0, breaker->open ? breaker->closes : "");
        line_end(screen);
    }
    title(screen, "endpoints");
    for (uint32_t i = 0; i < view->endpoint_count; i++) {
        const struct view_endpoint *endpoint = &view->endpoint[i];
        cell(screen, "", 30, endpoint->name);
        cell(screen, endpoint->healthy ? GREEN : RED, 9,
             endpoint->healthy ? "in use" : "set aside");
        number_cell(screen, -10, endpoint->requests);
        cell(screen, FAINT, 0, "requests");
        number_cell(screen, -6, endpoint->failures);
        cell(screen, FAINT, 0, "failed");
        line_end(screen);
    }
}

void view_terminal(struct text *out, const struct view *view, bool colour)
{
    struct screen screen = {.out = out, .colour = colour};

    head_add(&screen, view);
    money_add(&screen, view);
    markets_add(&screen, view);
    edge_add(&screen, view);
    flights_add(&screen, view);
    decisions_add(&screen, view);
    rest_add(&screen, view);
}
