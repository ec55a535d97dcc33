/* One page, no request to anywhere: what a crash did to the book and what would have been sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/page.h"
#include "keeper/replay_story.h"

#define CHART_WIDTH 960u
#define CHART_HEIGHT 240u
#define ROWS_SHOWN 2000u

static void cards(FILE *out, const struct story *story)
{
    TEXT repaid = {0};
    TEXT net = {0};
    char count[32];

    fputs("<div class=\"cards\">", out);
    snprintf(count, sizeof(count), "%llu", (unsigned long long)story->liquidations);
    page_card(out, count, "liquidations would be sent");
    snprintf(count, sizeof(count), "%u", story->has_accounts ? story->accounts.count : 0);
    page_card(out, count, "accounts");
    story_money(&repaid, &story->repay_value, &story->price_unit);
    page_card(out, text_string(&repaid), "repaid, in base currency");
    story_ether(&net, &story->net_wei, false);
    page_card(out, text_string(&net), "ETH after gas");
    fputs("</div>", out);
}

/* value × height / most, in whole units of the chart; nothing is decided from it. */
static unsigned scaled(const struct u256 *value, const struct u256 *most, unsigned height)
{
    struct u256 tall = u256_of(height);
    struct u256 out;

    if (u256_is_zero(most) || !u256_mul_div(&out, value, &tall, most) || !u256_fits_u64(&out))
        return 0;
    return (unsigned)out.limb[0];
}

/* Bars: value repaid in each block. Line: the native token's price. */
static void chart(FILE *out, const struct story *story)
{
    struct u256 most = U256_ZERO;
    struct u256 dearest = U256_ZERO;
    unsigned count = (unsigned)(story->block_count > 0 ? story->block_count : 1);

    for (size_t i = 0; i < story->block_count; i++) {
        if (u256_is_less(&most, &story->block[i].repay_value))
            most = story->block[i].repay_value;
        if (u256_is_less(&dearest, &story->block[i].price))
            dearest = story->block[i].price;
    }
    fprintf(out,
            "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"value repaid in each block, "
            "and the price of the native token\">",
            CHART_WIDTH, CHART_HEIGHT + 20);
    for (unsigned i = 0; i < story->block_count; i++) {
        unsigned height = scaled(&story->block[i].repay_value, &most, CHART_HEIGHT);

        fprintf(out,
                "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"var(--sea)\">"
                "<title>block %llu: %u liquidations</title></rect>",
                i * CHART_WIDTH / count, CHART_HEIGHT - height,
                CHART_WIDTH / count > 2 ? CHART_WIDTH / count - 1 : 1, height,
                (unsigned long long)story->block[i].number, story->block[i].liquidations);
    }
    fputs("<polyline fill=\"none\" stroke=\"var(--red)\" stroke-width=\"2\" points=\"", out);
    for (unsigned i = 0; i < story->block_count; i++)
        fprintf(out, "%u,%u ", i * CHART_WIDTH / count + CHART_WIDTH / count / 2,
                CHART_HEIGHT - scaled(&story->block[i].price, &dearest, CHART_HEIGHT - 10));
    fprintf(out,
            "\"/><text x=\"0\" y=\"%u\" fill=\"var(--dim)\" font-size=\"12\">bars: value repaid in "
            "each block; line: price of the native token</text></svg>",
            CHART_HEIGHT + 16);
}

static void rows(FILE *out, const struct story *story)
{
    size_t shown = 0;

    fputs("<table><tr><th>block<th>account<th>health<th>repay<th>seize<th>net, ETH</tr>", out);
    for (size_t i = 0; i < story->row_count && shown < ROWS_SHOWN; i++) {
        const struct story_row *row = &story->row[i];
        TEXT net = {0};

        if (!row->is_liquidation)
            continue;
        shown++;
        story_ether(&net, &row->net_wei, row->net_is_loss);
        fprintf(out, "<tr><td>%llu<td><code>%s</code><td class=\"n\">%s<td class=\"n\">",
                (unsigned long long)row->block, row->account, row->health);
        page_add(out, row->repay);
        fputs("<td class=\"n\">", out);
        page_add(out, row->seize);
        fprintf(out, "<td class=\"n\">%s</tr>", text_string(&net));
    }
    fputs("</table>", out);
}

bool story_report(const struct story *story, const char *path)
{
    FILE *out = fopen(path, "we");
    bool is_well;

    if (out == NULL)
        return false;
    page_begin(out, "Plimsoll replay");
    fprintf(out, "<p class=\"sub\">chain %llu, ", (unsigned long long)story->chain_id);
    page_add(out, story->market);
    fprintf(out, ", blocks %llu to %llu</p>", (unsigned long long)story->first_block,
            (unsigned long long)story->last_block);
    cards(out, story);
    chart(out, story);
    rows(out, story);
    is_well = ferror(out) == 0;
    return fclose(out) == 0 && is_well;
}
