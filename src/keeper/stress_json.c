/* For programs: integers as they are, values with the unit that they are counted in. */
#include "keeper/judged.h"
#include "keeper/stress_told.h"

static void member_count(struct text *out, const char *key, uint64_t count)
{
    member_key(out, key);
    text_add_u64(out, count);
}

static void line_begin(struct text *out, const char *event, const struct market *market)
{
    char hash[HASH32_TEXT_SIZE];

    text_clear(out);
    text_add(out, "{\"event\":\"");
    text_add(out, event);
    text_add_char(out, '"');
    member_count(out, "block", market->block.number);
    hash32_format(hash, &market->block.hash);
    member_text(out, "block_hash", hash);
    member_text(out, "market", market->name);
}

static void line_end(struct text *line, FILE *out)
{
    text_add(line, "}\n");
    fputs(text_string(line), out);
}

static void add_plan(struct text *out, const struct market *market, const struct plan *plan)
{
    member_text(out, "verdict", verdict_text(plan->verdict));
    member_text(out, "reason", reason_text(plan->reason));
    if (!plan->has_liquidation)
        return;
    member_address(out, "debt_asset", &market->reserve[plan->liquidation.debt].asset);
    member_address(out, "collateral_asset", &market->reserve[plan->liquidation.collateral].asset);
    member_u256(out, "repay", &plan->liquidation.repay.value, false);
    member_u256(out, "seize", &plan->liquidation.seize.value, false);
}

static void row_print(struct text *line, FILE *out, const struct stress_told *told,
                      const struct stress_row *row)
{
    const struct tracked *tracked = &told->state->tracked[row->market];
    const struct health *health = &row->plan.health;
    struct position position = book_position(tracked->book, row->slot);

    line_begin(line, "candidate", &tracked->market);
    member_address(line, "account", &position.account);
    member_u256(line, "health_wad", &health->factor.value, false);
    add_plan(line, &tracked->market, &row->plan);
    member_u256(line, "debt_value", &health->debt_value, false);
    member_u256(line, "collateral_value", &health->collateral_value, false);
    member_u256(line, "bad_debt_value", &row->bad_debt, false);
    member_u256(line, "value_unit", &tracked->market.price_unit, false);
    line_end(line, out);
}

static void add_shock(struct text *out, const struct stress_shock *shock, int32_t bps)
{
    char asset[ADDRESS_TEXT_SIZE];
    TEXT percent = {0};

    address_format(asset, &shock->asset);
    text_add(out, "{\"asset\":\"");
    text_add(out, asset);
    text_add_char(out, '"');
    stress_percent(&percent, bps);
    member_text(out, "change", text_string(&percent));
    text_add_char(out, '}');
}

static void add_shocks(struct text *out, const struct stress_told *told,
                       const struct stress_step *step)
{
    member_key(out, "shocks");
    text_add_char(out, '[');
    for (size_t i = 0; i < told->shock_count; i++) {
        text_add(out, i > 0 ? "," : "");
        add_shock(out, &told->shock[i], told->shock[i].bps);
    }
    if (step != NULL) {
        text_add(out, told->shock_count > 0 ? "," : "");
        add_shock(out, &told->sweep.asset, step->bps);
    }
    text_add_char(out, ']');
}

static void add_skipped(struct text *out, const struct stress_sum *sum)
{
    bool is_first = true;

    member_key(out, "skipped");
    text_add_char(out, '{');
    for (int i = 0; i < REASON_COUNT; i++) {
        if (sum->skipped[i] == 0)
            continue;
        text_add(out, is_first ? "\"" : ",\"");
        text_add(out, reason_text((enum reason)i));
        text_add(out, "\":");
        text_add_u64(out, sum->skipped[i]);
        is_first = false;
    }
    text_add_char(out, '}');
}

static void sum_print(struct text *line, FILE *out, const struct stress_told *told,
                      const struct stress_step *step, uint32_t index)
{
    const struct market *market = &told->state->tracked[index].market;
    const struct stress_sum *sum = step != NULL ? &step->sum[index] : &told->then.sum[index];

    line_begin(line, "stress", market);
    add_shocks(line, told, step);
    member_key(line, "judged");
    text_add(line, sum->is_judged ? "true" : "false");
    if (sum->is_judged) {
        member_count(line, "accounts", sum->below);
        member_count(line, "liquidations", sum->liquidations);
        member_count(line, "unjudged", sum->unjudged);
        member_count(line, "bad_debt_accounts", sum->with_bad_debt);
        add_skipped(line, sum);
        member_u256(line, "repay_value", &sum->repaid, false);
        member_u256(line, "seize_value", &sum->seized, false);
        member_u256(line, "debt_value", &sum->debt, false);
        member_u256(line, "collateral_value", &sum->collateral, false);
        member_u256(line, "bad_debt_value", &sum->bad_debt, false);
        member_u256(line, "value_unit", &market->price_unit, false);
        text_add(line, ",\"profit\":{\"unit\":\"wei\"");
        member_u256(line, "net", &sum->net.value, false);
        text_add_char(line, '}');
    }
    line_end(line, out);
}

void stress_json(FILE *out, const struct stress_told *told)
{
    TEXT line = {0};

    for (size_t i = 0; told->shock_count > 0 && i < told->then.row_count; i++)
        row_print(&line, out, told, &told->then.row[i]);
    for (uint32_t i = 0; i < told->state->tracked_count; i++) {
        if (told->shock_count > 0)
            sum_print(&line, out, told, NULL, i);
        for (uint32_t k = 0; k < told->step_count; k++)
            sum_print(&line, out, told, &told->step[k], i);
    }
}
