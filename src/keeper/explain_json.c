/* The same explanation for programs: integers as they are. */
#include "keeper/explain.h"

static void add_profit(struct text *out, const struct explained_pair *pair, const struct wei *gas)
{
    text_add(out, ",\"profit\":{\"unit\":\"wei\"");
    member_u256(out, "gross", &pair->gross.value, pair->is_loss);
    member_u256(out, "gas", &gas->value, false);
    text_add(out, ",\"swap\":\"0\"");
    member_u256(out, "net", &pair->net.value, pair->net_is_loss);
    text_add_char(out, '}');
}

static void add_exchange(struct text *out, const struct market *market,
                         const struct liquidation *liquidation)
{
    member_address(out, "debt_asset", &market->reserve[liquidation->debt].asset);
    member_address(out, "collateral_asset", &market->reserve[liquidation->collateral].asset);
    member_u256(out, "repay", &liquidation->repay.value, false);
    member_u256(out, "seize", &liquidation->seize.value, false);
}

static void add_pair(struct text *out, const struct explanation *explanation, uint32_t index)
{
    const struct market *market = &explanation->judged.tracked->market;
    const struct explained_pair *pair = &explanation->pair[index];

    text_add(out, index == 0 ? "{\"funded\":" : ",{\"funded\":");
    text_add(out, pair->is_funded ? "true" : "false");
    if (pair->error == LIQUIDATION_OK) {
        add_exchange(out, market, &pair->liquidation);
        member_u256(out, "protocol_fee", &pair->liquidation.protocol_fee.value, false);
        if (pair->has_worth)
            add_profit(out, pair, &explanation->gas_cost);
    } else {
        member_address(out, "debt_asset", &market->reserve[pair->debt].asset);
        member_address(out, "collateral_asset", &market->reserve[pair->collateral].asset);
        member_text(out, "error", liquidation_error_text(pair->error));
    }
    text_add_char(out, '}');
}

static void add_plan(struct text *out, const struct explanation *explanation)
{
    const struct plan *plan = &explanation->plan;
    const struct explained_pair shown = {.is_loss = plan->is_loss,
                                         .gross = plan->gross,
                                         .net_is_loss = plan->net_is_loss,
                                         .net = plan->net};

    member_text(out, "verdict", verdict_text(plan->verdict));
    member_text(out, "reason", reason_text(plan->reason));
    if (!plan->has_liquidation)
        return;
    add_exchange(out, &explanation->judged.tracked->market, &plan->liquidation);
    add_profit(out, &shown, &plan->gas_cost);
}

void explain_json(struct text *out, const struct explanation *explanation)
{
    const struct judged *judged = &explanation->judged;

    judged_json(out, judged);
    member_key(out, "category");
    text_add_u64(out, judged->position.category);
    if (judged->error == HEALTH_OK) {
        member_key(out, "threshold_bps");
        text_add_u64(out, judged->health.threshold_bps);
    }
    text_add(out, ",\"pairs\":[");
    for (uint32_t i = 0; i < explanation->pair_count; i++)
        add_pair(out, explanation, i);
    text_add_char(out, ']');
    add_plan(out, explanation);
    text_add(out, "}\n");
}
