/* The sums behind a verdict, laid out as one would check them with a pencil. */
#include <stdio.h>

#include "keeper/amount_text.h"
#include "keeper/explain.h"
#include "keeper/grid.h"
#include "keeper/help_text.h"

#include <string.h>

#define INDENT 2
#define AMOUNT_SHOWN 6
#define VALUE_SHOWN 2
#define BPS_ONE 10000u

struct page {
    FILE *out;
    bool has_ink;
    const struct explanation *explanation;
    const struct market *market;
    unsigned decimals; /* of the base currency */
};

static void heading(const struct page *page, const char *words)
{
    fprintf(page->out, "\n%s%s%s\n", ink_on(page->has_ink, INK_STRONG), words,
            ink_off(page->has_ink, INK_STRONG));
}

static const char *symbol_of(const struct reserve *reserve)
{
    return reserve->symbol[0] != '\0' ? reserve->symbol : "?";
}

static void add_token(struct text *out, const struct token_amount *amount,
                      const struct reserve *reserve)
{
    amount_add(out, &amount->value, reserve->decimals, AMOUNT_SHOWN);
    text_add_char(out, ' ');
    text_add(out, symbol_of(reserve));
}

/* "82.50 %" */
static void add_percent(struct text *out, uint64_t bps)
{
    struct u256 value = u256_of(bps);

    amount_add(out, &value, 2, 2);
    text_add(out, " %");
}

static void value_cell(struct grid *grid, const struct page *page, const struct u256 *value,
                       bool is_shown)
{
    TEXT cell = {0};

    if (is_shown)
        amount_add(&cell, value, page->decimals, VALUE_SHOWN);
    grid_take(grid, INK_PLAIN, &cell);
}

static struct u256 weighted_of(const struct judged_leg *leg)
{
    struct u256 bps = u256_of(leg->threshold_bps);
    struct u256 one = u256_of(BPS_ONE);
    struct u256 out = U256_ZERO;

    if (!u256_mul_div(&out, &leg->collateral_value, &bps, &one))
        return U256_MAX;
    return out;
}

static void leg_row(struct grid *grid, const struct page *page, const struct judged_leg *leg)
{
    struct u256 weighted = weighted_of(leg);
    bool counts = leg->is_collateral && leg->has_value;
    TEXT cell = {0};

    grid_add(grid, INK_PLAIN, symbol_of(leg->reserve));
    if (!leg->is_known)
        text_add_char(&cell, '?');
    else if (!u256_is_zero(&leg->supplied.value))
        amount_add(&cell, &leg->supplied.value, leg->reserve->decimals, AMOUNT_SHOWN);
    grid_take(grid, INK_PLAIN, &cell);
    if (!leg->is_known)
        text_add_char(&cell, '?');
    else if (leg->owes)
        amount_add(&cell, &leg->owed.value, leg->reserve->decimals, AMOUNT_SHOWN);
    grid_take(grid, INK_PLAIN, &cell);
    if (leg->reserve->price.status == PRICE_OK)
        amount_add(&cell, &leg->reserve->price.value, page->decimals, 4);
    else
        text_add(&cell, "no price");
    grid_take(grid, leg->reserve->price.status == PRICE_OK ? INK_PLAIN : INK_BAD, &cell);
    value_cell(grid, page, &leg->collateral_value, counts);
    if (counts)
        add_percent(&cell, leg->threshold_bps);
    grid_take(grid, INK_PLAIN, &cell);
    value_cell(grid, page, &weighted, counts);
    value_cell(grid, page, &leg->debt_value, leg->owes && leg->has_value);
}

static void sum_row(struct grid *grid, const struct page *page, const struct u256 *weighted)
{
    const struct health *health = &page->explanation->judged.health;
    TEXT cell = {0};

    grid_add(grid, INK_STRONG, "sum");
    for (int i = 0; i < 3; i++)
        grid_add(grid, INK_PLAIN, "");
    value_cell(grid, page, &health->collateral_value, true);
    add_percent(&cell, health->threshold_bps);
    grid_take(grid, INK_PLAIN, &cell);
    value_cell(grid, page, weighted, true);
    value_cell(grid, page, &health->debt_value, true);
}

static void legs_print(const struct page *page)
{
    static const char *const names[] = {"asset", "supplied",  "owed",     "price",
                                        "worth", "threshold", "weighted", "debt"};
    const struct judged *judged = &page->explanation->judged;
    GRID grid = {.columns = ARRAY_LENGTH(names), .right = 0xfe, .indent = INDENT};
    struct u256 sum = U256_ZERO;

    grid.has_ink = page->has_ink;
    heading(page, "What it holds and owes");
    grid_head(&grid, names);
    for (uint16_t i = 0; i < judged->position.leg_count; i++) {
        struct judged_leg leg;

        judged_leg_of(&leg, judged, i);
        leg_row(&grid, page, &leg);
        struct u256 weighted = weighted_of(&leg);
        if (!u256_add(&sum, &sum, &weighted))
            sum = U256_MAX;
    }
    if (judged->error == HEALTH_OK)
        sum_row(&grid, page, &sum);
    grid_print(&grid, page->out);
}

/* Of a healthy account: how much its collateral may lose against its debt. */
static void distance_print(const struct page *page, const struct wad *health)
{
    struct u256 one = u256_of(WAD_ONE_U64);
    struct u256 bps = u256_of(BPS_ONE);
    struct u256 kept;
    TEXT text = {0};

    if (!u256_mul_div_up(&kept, &one, &bps, &health->value))
        return;
    add_percent(&text, BPS_ONE - kept.limb[0]);
    fprintf(page->out,
            "  its collateral may lose %s against its debt before anyone may liquidate\n",
            text_string(&text));
}

static void health_print(const struct page *page)
{
    const struct judged *judged = &page->explanation->judged;
    const struct u256 one = u256_of(WAD_ONE_U64);
    bool is_low = u256_is_less(&judged->health.factor.value, &one);
    enum ink ink = is_low ? INK_BAD : INK_GOOD;
    TEXT text = {0};

    heading(page, "Health");
    if (judged->error != HEALTH_OK) {
        fprintf(page->out, "  cannot be judged: %s\n", health_error_text(judged->error));
        return;
    }
    if (u256_is_zero(&judged->health.debt_value)) {
        fputs("  nothing is owed: it cannot be liquidated\n", page->out);
        return;
    }
    text_add_fixed(&text, &judged->health.factor.value, 18, 18);
    fprintf(page->out, "  %s%s%s = ", ink_on(page->has_ink, ink), text_string(&text),
            ink_off(page->has_ink, ink));
    text_clear(&text);
    amount_add(&text, &judged->health.collateral_value, page->decimals, VALUE_SHOWN);
    text_add(&text, " × ");
    add_percent(&text, judged->health.threshold_bps);
    text_add(&text, " / ");
    amount_add(&text, &judged->health.debt_value, page->decimals, VALUE_SHOWN);
    fprintf(page->out, "%s\n", text_string(&text));
    if (is_low)
        fputs("  under water: anyone may liquidate it\n", page->out);
    else
        distance_print(page, &judged->health.factor);
}

static void pair_row(struct grid *grid, const struct page *page, const struct explained_pair *pair)
{
    const struct reserve *debt = &page->market->reserve[pair->debt];
    const struct reserve *collateral = &page->market->reserve[pair->collateral];
    const struct liquidation *best = &page->explanation->plan.liquidation;
    bool is_best = page->explanation->plan.has_liquidation && best->debt == pair->debt &&
                   best->collateral == pair->collateral;
    TEXT cell = {0};

    text_add(&cell, symbol_of(debt));
    text_add(&cell, " → ");
    text_add(&cell, symbol_of(collateral));
    grid_take(grid, is_best ? INK_STRONG : INK_PLAIN, &cell);
    if (pair->error != LIQUIDATION_OK) {
        for (int i = 0; i < 4; i++)
            grid_add(grid, INK_PLAIN, "");
        grid_add(grid, INK_FAINT, liquidation_error_text(pair->error));
        return;
    }
    add_token(&cell, &pair->liquidation.repay, debt);
    grid_take(grid, INK_PLAIN, &cell);
    add_token(&cell, &pair->liquidation.seize, collateral);
    grid_take(grid, INK_PLAIN, &cell);
    if (pair->has_worth)
        amount_add_wei(&cell, &pair->gross, pair->is_loss);
    grid_take(grid, INK_PLAIN, &cell);
    if (pair->has_worth)
        amount_add_wei(&cell, &pair->net, pair->net_is_loss);
    grid_take(grid, pair->net_is_loss ? INK_BAD : INK_GOOD, &cell);
    grid_add(grid, pair->is_funded ? INK_FAINT : INK_WARN,
             !pair->is_funded ? "we hold too little of the debt"
             : is_best        ? "the best"
                              : "");
}

static void pairs_print(const struct page *page)
{
    static const char *const names[] = {"repay → seize", "we pay",    "we get",
                                        "gross",         "after gas", ""};
    const struct explanation *explanation = page->explanation;
    GRID grid = {.columns = ARRAY_LENGTH(names), .right = 0x1e, .indent = INDENT};

    if (explanation->pair_count == 0 || explanation->plan.reason == REASON_HEALTHY)
        return;
    grid.has_ink = page->has_ink;
    heading(page, "What could be done");
    grid_head(&grid, names);
    for (uint32_t i = 0; i < explanation->pair_count; i++)
        pair_row(&grid, page, &explanation->pair[i]);
    grid_print(&grid, page->out);
    if (explanation->pairs_left > 0)
        fprintf(page->out, "  and %u more\n", explanation->pairs_left);
}

static void sum_line(struct grid *grid, const char *name, struct text *amount, struct text *how)
{
    grid_add(grid, INK_PLAIN, name);
    grid_take(grid, INK_PLAIN, amount);
    grid_take(grid, INK_FAINT, how);
}

/* "seized   6,783.42   856.043755 LINK × 7.9240": cut, so that it may differ by a unit from the sum
 * that the verdict is made of. */
static void token_line(struct grid *grid, const struct page *page, const char *name,
                       const struct token_amount *amount, uint32_t index)
{
    const struct reserve *reserve = &page->market->reserve[index];
    struct u256 unit = u256_ten_to(reserve->decimals);
    struct u256 worth = U256_ZERO;
    TEXT value = {0};
    TEXT how = {0};

    if (u256_mul_div(&worth, &amount->value, &reserve->price.value, &unit))
        amount_add(&value, &worth, page->decimals, VALUE_SHOWN);
    add_token(&how, amount, reserve);
    text_add(&how, " × ");
    amount_add(&how, &reserve->price.value, page->decimals, 4);
    sum_line(grid, name, &value, &how);
}

static void gas_line(struct grid *grid, const struct page *page)
{
    const struct explanation *explanation = page->explanation;
    struct u256 units = u256_of(explanation->plan.gas_expected);
    TEXT amount = {0};
    TEXT how = {0};

    amount_add_wei(&amount, &explanation->plan.gas_cost, true);
    amount_add(&how, &units, 0, 0);
    text_add(&how, " gas × ");
    amount_add(&how, &explanation->terms.gas_price.value, 9, 3);
    text_add(&how, " gwei (next base fee and tip)");
    sum_line(grid, "gas", &amount, &how);
}

static void profit_print(const struct page *page)
{
    const struct explanation *explanation = page->explanation;
    const struct plan *plan = &explanation->plan;
    GRID grid = {.columns = 3, .right = 2, .indent = INDENT};
    TEXT amount = {0};
    TEXT how = {0};

    if (!plan->has_liquidation)
        return;
    grid.has_ink = page->has_ink;
    heading(page, "Profit of the best");
    token_line(&grid, page, "seized", &plan->liquidation.seize, plan->liquidation.collateral);
    token_line(&grid, page, "repaid", &plan->liquidation.repay, plan->liquidation.debt);
    amount_add_wei(&amount, &plan->gross, plan->is_loss);
    text_add(&how, "their difference after a haircut to ");
    add_percent(&how, explanation->terms.haircut_bps);
    text_add(&how, ", at the native token's price");
    sum_line(&grid, "gross", &amount, &how);
    gas_line(&grid, page);
    amount_add_wei(&amount, &plan->net, plan->net_is_loss);
    text_add(&how, "limits.profit_min is ");
    amount_add_wei(&how, &explanation->terms.profit_min, false);
    sum_line(&grid, "net", &amount, &how);
    grid_print(&grid, page->out);
}

static const char *meaning_of(const char *word)
{
    for (size_t i = 0; i < help_reason_count; i++)
        if (strcmp(help_reasons[i].word, word) == 0)
            return help_reasons[i].meaning;
    return "";
}

static void verdict_print(const struct page *page)
{
    const struct plan *plan = &page->explanation->plan;
    enum ink ink = plan->verdict == VERDICT_LIQUIDATE ? INK_GOOD : INK_WARN;
    const char *reason = reason_text(plan->reason);

    heading(page, "Verdict");
    fprintf(page->out, "  %s%s: %s%s\n  %s\n", ink_on(page->has_ink, ink),
            verdict_text(plan->verdict), reason, ink_off(page->has_ink, ink),
            plan->reason == REASON_HEALTHY ? "above the edge at this block" : meaning_of(reason));
}

void explain_print(FILE *out, const struct explanation *explanation)
{
    const struct judged *judged = &explanation->judged;
    const struct market *market = &judged->tracked->market;
    struct page page = {.out = out,
                        .has_ink = ink_is_wanted(out),
                        .explanation = explanation,
                        .market = market,
                        .decimals = unit_decimals(&market->price_unit)};
    char account[ADDRESS_TEXT_SIZE];
    char hash[HASH32_TEXT_SIZE];

    address_format(account, &judged->position.account);
    hash32_format(hash, &market->block.hash);
    fprintf(out, "%s%s%s in %s (%s, revision %u)\nat block %llu %s\n",
            ink_on(page.has_ink, INK_STRONG), account, ink_off(page.has_ink, INK_STRONG),
            market->name, judged->tracked->protocol->name, market->revision,
            (unsigned long long)market->block.number, hash);
    if (judged->position.category != 0)
        fprintf(out, "e-mode category %u\n", judged->position.category);
    if (market->trust != MARKET_TRUSTED)
        fprintf(out, "the market is read-only: %s\n",
                judged->tracked->why[0] != '\0' ? judged->tracked->why : "not compared yet");
    legs_print(&page);
    health_print(&page);
    pairs_print(&page);
    profit_print(&page);
    verdict_print(&page);
}
