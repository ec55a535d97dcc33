/* The same as a page: the sweep as a chart, because a cliff is seen before it is read. */
#include "keeper/amount_text.h"
#include "keeper/page.h"
#include "keeper/stress_told.h"

#define CHART_WIDTH 960u
#define CHART_HEIGHT 240u
#define LABELS_HEIGHT 40u
#define ROWS_SHOWN 2000u

static void value_card(FILE *out, const struct market *market, const struct u256 *value,
                       const char *label)
{
    TEXT text = {0};

    stress_told_value(&text, market, value);
    page_card(out, text_string(&text), label);
}

static void count_card(FILE *out, uint64_t count, const char *label)
{
    TEXT text = {0};

    text_add_u64(&text, count);
    page_card(out, text_string(&text), label);
}

static void cards(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    const struct stress_sum *sum = &told->then.sum[index];

    fputs("<div class=\"cards\">", out);
    count_card(out, sum->below, "accounts below the edge");
    count_card(out, sum->liquidations, "would be liquidated");
    value_card(out, market, &sum->repaid, "repaid, in base currency");
    value_card(out, market, &sum->seized, "seized");
    value_card(out, market, &sum->bad_debt, "bad debt");
    fputs("</div>", out);
}

/* value × height / most, in whole units of the chart; nothing is decided from it. */
static unsigned scaled(const struct u256 *value, const struct u256 *most)
{
    struct u256 tall = u256_of(CHART_HEIGHT);
    struct u256 out;

    if (u256_is_zero(most) || !u256_mul_div(&out, value, &tall, most) || !u256_fits_u64(&out))
        return 0;
    return (unsigned)out.limb[0];
}

static void bar(FILE *out, unsigned x, unsigned height, const char *colour, const char *title)
{
    fprintf(out,
            "<rect x=\"%u\" y=\"%u\" width=\"28\" height=\"%u\" fill=\"var(--%s)\">"
            "<title>%s</title></rect>",
            x, CHART_HEIGHT - height, height, colour, title);
}

static void chart(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    struct u256 most = U256_ONE;

    for (uint32_t i = 0; i < told->step_count; i++) {
        const struct stress_sum *sum = &told->step[i].sum[index];

        most = u256_is_less(&most, &sum->repaid) ? sum->repaid : most;
        most = u256_is_less(&most, &sum->bad_debt) ? sum->bad_debt : most;
    }
    fprintf(out,
            "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"repaid and bad debt at each "
            "step\">",
            CHART_WIDTH, CHART_HEIGHT + LABELS_HEIGHT);
    for (uint32_t i = 0; i < told->step_count; i++) {
        const struct stress_sum *sum = &told->step[i].sum[index];
        unsigned x = i * CHART_WIDTH / told->step_count;
        TEXT text = {0};

        stress_told_value(&text, market, &sum->repaid);
        bar(out, x, scaled(&sum->repaid, &most), "sea", text_string(&text));
        text_clear(&text);
        stress_told_value(&text, market, &sum->bad_debt);
        bar(out, x + 30, scaled(&sum->bad_debt, &most), "red", text_string(&text));
        text_clear(&text);
        stress_percent(&text, told->step[i].bps);
        fprintf(out, "<text x=\"%u\" y=\"%u\" fill=\"var(--dim)\" font-size=\"12\">%s</text>", x,
                CHART_HEIGHT + 16, text_string(&text));
    }
    fprintf(out,
            "<text x=\"0\" y=\"%u\" fill=\"var(--dim)\" font-size=\"12\">left bars: repaid; right "
            "bars: bad debt</text></svg>",
            CHART_HEIGHT + 36);
}

static void number_cell(FILE *out, struct text *text)
{
    fputs("<td class=\"n\">", out);
    page_add(out, text_string(text));
    text_clear(text);
}

static void steps(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    TEXT text = {0};

    fputs("<table><tr><th>change<th>price<th>accounts<th>liquidations<th>repaid<th>seized"
          "<th>bad debt</tr>",
          out);
    for (uint32_t i = 0; i < told->step_count; i++) {
        const struct stress_sum *sum = &told->step[i].sum[index];

        fputs("<tr>", out);
        stress_percent(&text, told->step[i].bps);
        number_cell(out, &text);
        stress_told_price(&text, told, market, told->step[i].bps);
        number_cell(out, &text);
        text_add_u64(&text, sum->below);
        number_cell(out, &text);
        text_add_u64(&text, sum->liquidations);
        number_cell(out, &text);
        stress_told_value(&text, market, &sum->repaid);
        number_cell(out, &text);
        stress_told_value(&text, market, &sum->seized);
        number_cell(out, &text);
        stress_told_value(&text, market, &sum->bad_debt);
        number_cell(out, &text);
        fputs("</tr>", out);
    }
    fputs("</table>", out);
}

static void row_add(FILE *out, const struct stress_told *told, const struct stress_row *row)
{
    const struct tracked *tracked = &told->state->tracked[row->market];
    const struct market *market = &tracked->market;
    const struct liquidation *best = &row->plan.liquidation;
    struct position position = book_position(tracked->book, row->slot);
    char account[ADDRESS_TEXT_SIZE];
    TEXT text = {0};

    address_format(account, &position.account);
    fprintf(out, "<tr><td><code>%s</code>", account);
    amount_add_health(&text, &row->plan.health.factor);
    number_cell(out, &text);
    stress_told_value(&text, market, &row->plan.health.debt_value);
    number_cell(out, &text);
    if (row->plan.has_liquidation)
        stress_told_amount(&text, &market->reserve[best->debt], &best->repay);
    number_cell(out, &text);
    if (row->plan.has_liquidation)
        stress_told_amount(&text, &market->reserve[best->collateral], &best->seize);
    number_cell(out, &text);
    stress_told_value(&text, market, &row->bad_debt);
    number_cell(out, &text);
    fprintf(out, "<td>%s</tr>", reason_text(row->plan.reason));
}

static void rows(FILE *out, const struct stress_told *told, uint32_t index)
{
    size_t shown = 0;

    fputs("<table><tr><th>account<th>health<th>debt<th>repay<th>seize<th>bad debt<th>reason</tr>",
          out);
    for (size_t i = 0; i < told->then.row_count && shown < ROWS_SHOWN; i++) {
        if (told->then.row[i].market != index)
            continue;
        row_add(out, told, &told->then.row[i]);
        shown++;
    }
    fputs("</table>", out);
}

static void market_add(FILE *out, const struct stress_told *told, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    TEXT shocks = {0};

    stress_told_shocks(&shocks, told);
    fputs("<p class=\"sub\">market ", out);
    page_add(out, market->name);
    fprintf(out, ", block %llu, ", (unsigned long long)market->block.number);
    page_add(out, told->shock_count > 0 ? text_string(&shocks) : "prices as they are");
    fputs("</p>", out);
    if (!told->now.sum[index].is_judged) {
        fputs("<p>Not whole at this block: nothing can be said of it.</p>", out);
        return;
    }
    cards(out, told, index);
    if (told->step_count > 0) {
        chart(out, told, index);
        steps(out, told, index);
    }
    if (told->then.row_count > 0)
        rows(out, told, index);
}

bool stress_report(const struct stress_told *told, const char *path)
{
    FILE *out = fopen(path, "we");
    bool is_well;

    if (out == NULL)
        return false;
    page_begin(out, "Plimsoll stress");
    for (uint32_t i = 0; i < told->state->tracked_count; i++)
        market_add(out, told, i);
    fputs("\n", out);
    is_well = ferror(out) == 0;
    return fclose(out) == 0 && is_well;
}
