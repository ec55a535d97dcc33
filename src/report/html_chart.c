/* One look should tell how far prices may fall before there is work, and how much of it. */
#include <stdlib.h>

#include "report/html.h"
#include "report/view_words.h"

#define CHART_WIDTH 720
#define BAR_FLOOR 182
#define BAR_HEIGHT_MAX 140

static void number_attribute(struct text *out, const char *name, int64_t value)
{
    text_add_char(out, ' ');
    text_add(out, name);
    text_add(out, "=\"");
    text_add_i64(out, value);
    text_add_char(out, '"');
}

static void label_add(struct text *out, int64_t x, int64_t y, const char *kind)
{
    text_add(out, "<text text-anchor=\"middle\"");
    text_add(out, kind);
    number_attribute(out, "x", x);
    number_attribute(out, "y", y);
    text_add_char(out, '>');
}

/* Only how high a bar is drawn depends on this, so that a double will do. */
static double debt_of(const struct view_drop *drop)
{
    double debt = strtod(drop->debt, NULL);
    return debt > 0 ? debt : 0;
}

static void bar_add(struct text *out, const struct view_drop *drop, int64_t x, int64_t width,
                    double debt_max)
{
    double share = debt_max > 0 ? debt_of(drop) / debt_max : 0;
    int64_t height = (int64_t)(share * BAR_HEIGHT_MAX);
    if (height == 0 && drop->accounts > 0)
        height = 2;
    text_add(out, "<g><title>−");
    text_add_u64(out, drop->percent);
    text_add(out, " %: ");
    text_add_u64(out, drop->accounts);
    text_add(out, drop->accounts == 1 ? " account, debt " : " accounts, debt ");
    html_add(out, drop->debt);
    text_add(out, "</title><rect rx=\"3\"");
    number_attribute(out, "x", x + width / 6);
    number_attribute(out, "y", BAR_FLOOR - height);
    number_attribute(out, "width", width - width / 3);
    number_attribute(out, "height", height);
    text_add(out, "/>");
    label_add(out, x + width / 2, BAR_FLOOR - height - 6, " class=\"v\"");
    text_add_u64(out, drop->accounts);
    text_add(out, "</text>");
    label_add(out, x + width / 2, BAR_FLOOR + 17, "");
    text_add(out, "−");
    text_add_u64(out, drop->percent);
    text_add(out, " %</text></g>\n");
}

void html_chart(struct text *out, const struct view *view)
{
    double debt_max = 0;

    if (view->drop_count == 0) {
        html_nothing(out, "What a drop in prices would liquidate", "Not known yet.");
        return;
    }
    for (uint32_t i = 0; i < view->drop_count; i++)
        debt_max = debt_of(&view->drop[i]) > debt_max ? debt_of(&view->drop[i]) : debt_max;
    text_add(out, "<section><h2>What a drop in prices would liquidate</h2>"
                  "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 720 210\">"
                  "<title>Accounts (number) and their debt (height) by drop of every volatile "
                  "price</title><line x1=\"0\" x2=\"720\" y1=\"182\" y2=\"182\"/>\n");
    int64_t width = CHART_WIDTH / view->drop_count;
    width = width > 90 ? 90 : width;
    for (uint32_t i = 0; i < view->drop_count; i++)
        bar_add(out, &view->drop[i], (int64_t)i * width, width, debt_max);
    text_add(out, "</svg><p class=\"faint\">Number: accounts. Height: their debt");
    text_add(out, view->drop[view->drop_count - 1].debt[0] == '\0' ? "." : ", at most ");
    TEXT last = {0};
    words_add_thousands(&last, view->drop[view->drop_count - 1].debt);
    html_add(out, text_string(&last));
    text_add(out, ".</p></section>\n");
}
