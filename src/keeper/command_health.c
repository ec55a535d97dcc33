/*
 * `plimsoll health`: everyone who owes something, nearest the edge first. What cannot be judged is
 * listed too, since a position that nobody looks at is the one that costs money.
 */
#include <stdlib.h>
#include <string.h>

#include "keeper/amount_text.h"
#include "keeper/commands.h"
#include "keeper/grid.h"
#include "keeper/help.h"
#include "keeper/judged.h"
#include "keeper/look.h"
#include "keeper/pick.h"

struct rows {
    struct judged *row;
    size_t count;
    size_t capacity;
};

struct request {
    const char *config;
    struct pick pick;
    bool has_below;
    struct wad below;
    bool is_json;
};

static void rows_release(struct rows *rows)
{
    free(rows->row);
}

static bool is_wanted(const struct request *request, const struct judged *judged)
{
    if (!judged_owes(judged))
        return false;
    return !request->has_below || judged->error != HEALTH_OK ||
           u256_is_less(&judged->health.factor.value, &request->below.value);
}

static void rows_add(struct rows *rows, const struct judged *judged)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity == 0 ? 256 : rows->capacity * 2;
        rows->row = must_realloc(rows->row, rows->capacity, sizeof(*rows->row));
    }
    rows->row[rows->count++] = *judged;
}

static void rows_fill(struct rows *rows, const struct request *request,
                      const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct tracked *tracked = &state->tracked[i];

        if (!pick_has_market(&request->pick, tracked))
            continue;
        for (uint32_t slot = 0; slot < book_count(tracked->book); slot++) {
            struct judged judged;

            judged_of(&judged, tracked, slot);
            if (pick_has_account(&request->pick, &judged.position.account) &&
                is_wanted(request, &judged))
                rows_add(rows, &judged);
        }
    }
}

/* By health; what cannot be judged stands last, where a person looks first. Ties: by account, so
 * that two runs over one block print the same. */
static int row_compare(const void *left, const void *right)
{
    const struct judged *a = left;
    const struct judged *b = right;
    int order = (a->error != HEALTH_OK) - (b->error != HEALTH_OK);

    if (order == 0 && a->error == HEALTH_OK)
        order = u256_compare(&a->health.factor.value, &b->health.factor.value);
    if (order == 0)
        order = memcmp(&a->position.account, &b->position.account, sizeof(struct address));
    if (order == 0)
        order = strcmp(a->tracked->market.name, b->tracked->market.name);
    return order;
}

static void rows_json(const struct rows *rows)
{
    TEXT line = {0};

    for (size_t i = 0; i < rows->count; i++) {
        text_clear(&line);
        judged_json(&line, &rows->row[i]);
        text_add(&line, "}\n");
        fputs(text_string(&line), stdout);
    }
}

static void add_symbol(struct text *out, const struct judged_leg *leg)
{
    if (text_length(out) > 0)
        text_add(out, " ");
    text_add(out, leg->reserve->symbol[0] != '\0' ? leg->reserve->symbol : "?");
}

static void row_show(struct grid *grid, const struct judged *judged)
{
    const struct market *market = &judged->tracked->market;
    unsigned decimals = unit_decimals(&market->price_unit);
    enum ink ink = judged->error != HEALTH_OK       ? INK_WARN
                   : judged_is_liquidatable(judged) ? INK_BAD
                                                    : INK_PLAIN;
    char account[ADDRESS_TEXT_SIZE];
    TEXT cell = {0};
    TEXT supplied = {0};
    TEXT owed = {0};

    address_format(account, &judged->position.account);
    if (judged->error == HEALTH_OK)
        amount_add_health(&cell, &judged->health.factor);
    else
        text_add(&cell, health_error_text(judged->error));
    grid_take(grid, ink, &cell);
    grid_add(grid, INK_PLAIN, account);
    grid_add(grid, INK_PLAIN, market->name);
    amount_add(&cell, &judged->health.debt_value, decimals, 2);
    grid_take(grid, INK_PLAIN, &cell);
    amount_add(&cell, &judged->health.collateral_value, decimals, 2);
    grid_take(grid, INK_PLAIN, &cell);
    for (uint16_t i = 0; i < judged->position.leg_count; i++) {
        struct judged_leg leg;

        judged_leg_of(&leg, judged, i);
        if (leg.is_collateral)
            add_symbol(&supplied, &leg);
        if (leg.owes)
            add_symbol(&owed, &leg);
    }
    grid_take(grid, INK_FAINT, &supplied);
    grid_take(grid, INK_FAINT, &owed);
}

static void rows_show(const struct rows *rows, const struct turn_state *state)
{
    static const char *const names[] = {"health",     "account",    "market", "owes",
                                        "collateral", "collateral", "debt"};
    GRID grid = {.columns = ARRAY_LENGTH(names), .right = 1u << 0 | 1u << 3 | 1u << 4};
    size_t liquidatable = 0;
    size_t unjudged = 0;
    size_t hollow = 0;

    grid.has_ink = ink_is_wanted(stdout);
    grid_head(&grid, names);
    for (size_t i = 0; i < rows->count; i++) {
        const struct judged *judged = &rows->row[i];

        row_show(&grid, judged);
        liquidatable += judged_is_liquidatable(judged) ? 1 : 0;
        unjudged += judged->error != HEALTH_OK ? 1 : 0;
        hollow += judged->error == HEALTH_OK && u256_is_zero(&judged->health.collateral_value);
    }
    if (rows->count > 0)
        grid_print(&grid, stdout);
    printf("%s%zu position%s at block %llu, %zu to be liquidated", rows->count > 0 ? "\n" : "",
           rows->count, rows->count == 1 ? "" : "s", (unsigned long long)state->header.number,
           liquidatable);
    if (hollow > 0)
        printf(", %zu with nothing to seize", hollow);
    if (unjudged > 0)
        printf(", %zu that cannot be judged", unjudged);
    putchar('\n');
}

static int request_read(struct request *out, int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "market", "account", "below", "json!"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "health", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int count = options_parse(&parse, argc, argv);

    memset(out, 0, sizeof(*out));
    if (count < 0)
        return count;
    out->config = values[0];
    out->is_json = values[4] != NULL;
    out->has_below = values[3] != NULL;
    if (!pick_read(&out->pick, "health", values[0], values[1], values[2]))
        return OPTIONS_REFUSED;
    if (out->has_below && wad_parse(&out->below, values[3]) != UNIT_OK) {
        fprintf(stderr,
                "plimsoll health: --below %s is no health; write it as a number, e.g. 1.05\n",
                values[3]);
        return OPTIONS_REFUSED;
    }
    return 0;
}

int command_health(int argc, char **argv)
{
    CLEANUP(rows_release) struct rows rows = {0};
    struct request request;
    struct look look;
    int code = request_read(&request, argc, argv);

    if (code < 0)
        return code == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    code = look_open(&look, request.config);
    if (code != EXIT_DONE)
        return code;
    if (!pick_is_known(&request.pick, "health", look.state)) {
        look_close(&look);
        return EXIT_USAGE;
    }
    rows_fill(&rows, &request, look.state);
    if (rows.count > 0)
        qsort(rows.row, rows.count, sizeof(*rows.row), row_compare);
    if (request.is_json)
        rows_json(&rows);
    else
        rows_show(&rows, look.state);
    look_close(&look);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}
