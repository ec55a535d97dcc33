/* For a person: what it comes to, then the accounts that matter most. */
#include "keeper/amount_text.h"
#include "keeper/grid.h"
#include "keeper/stress_told.h"

/* Accounts shown of one market; the rest is counted. */
#define ROWS_SHOWN 20

static const char *const sum_names[] = {"",       "price",  "accounts", "liquidations",
                                        "repaid", "seized", "net, ETH", "bad debt"};

static void cell_count(struct grid *grid, uint64_t count)
{
    TEXT cell = {0};
    struct u256 value = u256_of(count);

    amount_add(&cell, &value, 0, 0);
    grid_take(grid, INK_PLAIN, &cell);
}

static void cell_value(struct grid *grid, enum ink ink, const struct market *market,
                       const struct u256 *value)
{
    TEXT cell = {0};

    stress_told_value(&cell, market, value);
    grid_take(grid, u256_is_zero(value) ? INK_PLAIN : ink, &cell);
}

static void sum_show(struct grid *grid, const struct market *market, const struct stress_sum *sum)
{
    TEXT cell = {0};

    cell_count(grid, sum->below);
    cell_count(grid, sum->liquidations);
    cell_value(grid, INK_PLAIN, market, &sum->repaid);
    cell_value(grid, INK_PLAIN, market, &sum->seized);
    amount_add(&cell, &sum->net.value, 18, 4);
    grid_take(grid, INK_PLAIN, &cell);
    cell_value(grid, INK_BAD, market, &sum->bad_debt);
}

static void sums_print(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    GRID grid = {.columns = 8, .right = 0xfe, .indent = 2, .has_ink = ink_is_wanted(out)};
    TEXT cell = {0};

    grid_head(&grid, sum_names);
    grid_add(&grid, INK_PLAIN, "now");
    if (told->has_sweep)
        stress_told_price(&cell, told, market, 0);
    grid_take(&grid, INK_PLAIN, &cell);
    sum_show(&grid, market, &told->now.sum[index]);
    if (told->shock_count > 0) {
        stress_told_shocks(&cell, told);
        grid_take(&grid, INK_STRONG, &cell);
        grid_add(&grid, INK_PLAIN, "");
        sum_show(&grid, market, &told->then.sum[index]);
    }
    for (uint32_t i = 0; i < told->step_count; i++) {
        text_add(&cell, told->sweep.asset.name);
        text_add_char(&cell, ' ');
        stress_percent(&cell, told->step[i].bps);
        grid_take(&grid, INK_PLAIN, &cell);
        stress_told_price(&cell, told, market, told->step[i].bps);
        grid_take(&grid, INK_PLAIN, &cell);
        sum_show(&grid, market, &told->step[i].sum[index]);
    }
    grid_print(&grid, out);
}

static void row_show(struct grid *grid, const struct stress_told *told,
                     const struct stress_row *row)
{
    const struct tracked *tracked = &told->state->tracked[row->market];
    const struct market *market = &tracked->market;
    const struct liquidation *best = &row->plan.liquidation;
    struct position position = book_position(tracked->book, row->slot);
    char account[ADDRESS_TEXT_SIZE];
    TEXT cell = {0};

    address_format(account, &position.account);
    amount_add_health(&cell, &row->plan.health.factor);
    grid_take(grid, INK_BAD, &cell);
    grid_add(grid, INK_PLAIN, account);
    cell_value(grid, INK_PLAIN, market, &row->plan.health.debt_value);
    if (row->plan.has_liquidation)
        stress_told_amount(&cell, &market->reserve[best->debt], &best->repay);
    grid_take(grid, INK_PLAIN, &cell);
    if (row->plan.has_liquidation)
        stress_told_amount(&cell, &market->reserve[best->collateral], &best->seize);
    grid_take(grid, INK_PLAIN, &cell);
    cell_value(grid, INK_BAD, market, &row->bad_debt);
    grid_add(grid, row->plan.verdict == VERDICT_LIQUIDATE ? INK_GOOD : INK_WARN,
             reason_text(row->plan.reason));
}

static void rows_print(FILE *out, const struct stress_told *told, uint32_t index)
{
    static const char *const names[] = {"health", "account",  "debt",  "repay",
                                        "seize",  "bad debt", "reason"};
    GRID grid = {.columns = 7, .right = 0x3d, .indent = 2, .has_ink = ink_is_wanted(out)};
    size_t count = 0;

    grid_head(&grid, names);
    for (size_t i = 0; i < told->then.row_count; i++) {
        const struct stress_row *row = &told->then.row[i];

        if (row->market == index && count++ < ROWS_SHOWN)
            row_show(&grid, told, row);
    }
    if (count == 0)
        return;
    fputc('\n', out);
    grid_print(&grid, out);
    if (count > ROWS_SHOWN)
        fprintf(out, "  and %zu more, which --json lists\n", count - ROWS_SHOWN);
}

static void skipped_print(FILE *out, const struct stress_sum *sum)
{
    bool is_first = true;

    for (int i = 0; i < REASON_COUNT; i++) {
        if (sum->skipped[i] == 0)
            continue;
        fprintf(out, "%s%llu %s", is_first ? "  held back: " : ", ",
                (unsigned long long)sum->skipped[i], reason_text((enum reason)i));
        is_first = false;
    }
    fputs(is_first ? "" : "  (`plimsoll help reasons`)\n", out);
    if (sum->unjudged > 0)
        fprintf(out, "  not judged: %llu, for want of a price or a part\n",
                (unsigned long long)sum->unjudged);
}

static void market_print(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;

    fprintf(out, "%smarket %s at block %llu, values in its base currency\n", index > 0 ? "\n" : "",
            market->name, (unsigned long long)market->block.number);
    if (!told->now.sum[index].is_judged) {
        fputs("  not whole at this block: nothing can be said of it\n", out);
        return;
    }
    sums_print(out, told, index);
    skipped_print(out, &told->then.sum[index]);
    if (told->shock_count > 0)
        rows_print(out, told, index);
}

void stress_print(FILE *out, const struct stress_told *told)
{
    for (uint32_t i = 0; i < told->state->tracked_count; i++)
        market_print(out, told, i);
}
