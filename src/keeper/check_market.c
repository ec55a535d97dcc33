/*
 * What only a mirror can show: that the market is one we understand, that its oracle answers for
 * every reserve, that a sample of accounts is judged as the chain judges it, and that
 * keeper.account can pay.
 */
#include <inttypes.h>
#include <stdio.h>

#include "keeper/amount_text.h"
#include "keeper/check.h"
#include "turn/prepare.h"

#define WHERE_MAX 64

static bool reserve_is_used(const struct reserve *reserve)
{
    return (reserve->flags & RESERVE_DROPPED) == 0;
}

static void add_name(struct text *out, const struct reserve *reserve)
{
    char asset[ADDRESS_TEXT_SIZE];

    if (text_length(out) > 0)
        text_add(out, ", ");
    address_format(asset, &reserve->asset);
    text_add(out, reserve->symbol[0] != '\0' ? reserve->symbol : asset);
}

static void trust_check(struct check *check, const char *where, const struct tracked *tracked)
{
    switch (tracked->market.trust) {
    case MARKET_TRUSTED:
        check_well(check, where,
                   "revision %u, %u accounts owe something, %" PRIu64
                   " of them compared with the chain: equal",
                   tracked->market.revision, book_debtors(tracked->book), tracked->parity_equal);
        return;
    case MARKET_UNKNOWN_REVISION:
        check_fault(check, EXIT_CHAIN, where,
                    "the pool says revision %u, which this version does not know: read-only; "
                    "`plimsoll help protocols` names those that it does",
                    tracked->market.revision);
        return;
    case MARKET_UNPROVED:
    case MARKET_FAILED_PARITY:
    case MARKET_TOO_LARGE:
        check_fault(check, EXIT_CHAIN, where,
                    "read-only: %s; nothing of it is liquidated until that is understood",
                    tracked->why[0] != '\0' ? tracked->why : "it could not be read whole");
        return;
    }
}

static void prices_check(struct check *check, const char *where, const struct market *market)
{
    char oracle[ADDRESS_TEXT_SIZE];
    uint32_t used = 0;
    TEXT missing = {0};

    address_format(oracle, &market->oracle);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        const struct reserve *reserve = &market->reserve[i];

        if (!reserve_is_used(reserve))
            continue;
        used++;
        if (reserve->price.status != PRICE_OK || u256_is_zero(&reserve->price.value))
            add_name(&missing, reserve);
    }
    if (text_length(&missing) > 0)
        check_fault(check, EXIT_CHAIN, where,
                    "the oracle %s has no price of %s: whoever holds that cannot be judged; see "
                    "whether its feed is set and answers",
                    oracle, text_string(&missing));
    else
        check_well(check, where, "the oracle %s has a price of each of %u reserves", oracle, used);
    if (market->native == RESERVE_NONE)
        check_fault(check, EXIT_USAGE, "chain.native",
                    "is no reserve of market %s, so that gas cannot be priced there and nothing "
                    "would ever pay; name the wrapped native token that the market lists",
                    market->name);
}

static void allowances_check(struct check *check, const char *where, const struct market *market)
{
    TEXT missing = {0};

    for (uint32_t i = 0; i < market->reserve_count; i++)
        if (prepare_is_needed(&market->reserve[i]))
            add_name(&missing, &market->reserve[i]);
    if (text_length(&missing) > 0)
        check_fault_if_live(check, EXIT_REFUSED, where,
                            "the pool may not take %s of keeper.account; run `plimsoll prepare`",
                            text_string(&missing));
    else
        check_well(check, where, "the pool may take whatever is repaid");
}

static void inventory_check(struct check *check, const char *where, const struct market *market)
{
    uint32_t held = 0;
    TEXT empty = {0};

    for (uint32_t i = 0; i < market->reserve_count; i++) {
        const struct reserve *reserve = &market->reserve[i];

        if (!reserve_is_used(reserve) || (reserve->flags & RESERVE_BORROWABLE) == 0)
            continue;
        if (u256_is_zero(&reserve->held.value))
            add_name(&empty, reserve);
        else
            held++;
    }
    if (held == 0)
        check_fault_if_live(check, EXIT_REFUSED, where,
                            "keeper.account holds nothing that can be owed there, so that it can "
                            "repay nothing; fund it");
    else if (text_length(&empty) > 0)
        check_note(check, where, "keeper.account holds no %s: debts in that are skipped (no_funds)",
                   text_string(&empty));
    else
        check_well(check, where, "keeper.account holds some of each of %u tokens", held);
}

/* Accounts that no verdict will ever be about. */
static void accounts_check(struct check *check, const char *where, const struct tracked *tracked)
{
    uint32_t unjudged = 0;

    for (uint32_t slot = 0; slot < book_count(tracked->book); slot++) {
        struct position position = book_position(tracked->book, slot);
        struct health health;

        if (tracked->protocol->health(&health, &tracked->market, &position) != HEALTH_OK)
            unjudged++;
    }
    if (unjudged > 0)
        check_note(check, where, "%u accounts cannot be judged; `plimsoll health` says why",
                   unjudged);
    if (tracked->read_errors > 0)
        check_note(check, where, "%" PRIu64 " answers of the chain could not be used",
                   tracked->read_errors);
}

void check_market(struct check *check, const struct turn_state *state, uint32_t index)
{
    const struct tracked *tracked = &state->tracked[index];
    char where[WHERE_MAX];

    (void)snprintf(where, sizeof(where), "markets[%u] %s", index, tracked->market.name);
    trust_check(check, where, tracked);
    prices_check(check, where, &tracked->market);
    accounts_check(check, where, tracked);
    allowances_check(check, where, &tracked->market);
    inventory_check(check, where, &tracked->market);
}

void check_gas(struct check *check, const struct turn_state *state)
{
    char account[ADDRESS_TEXT_SIZE];
    struct wei max_fee;
    struct wei tip;
    struct wei base_fee;
    TEXT amount = {0};

    address_format(account, &state->settings.account);
    amount_add_wei(&amount, &state->gas_balance, false);
    if (u256_is_zero(&state->gas_balance.value))
        check_fault_if_live(check, EXIT_REFUSED, "keeper.account",
                            "%s has no native coin to pay gas with; fund it", account);
    else
        check_well(check, "keeper.account", "%s has %s for gas", account, text_string(&amount));
    if (!decide_fees(state, &max_fee, &tip, &base_fee))
        check_note(check, "limits.fee_per_gas_max",
                   "is under what the next block asks for, so that nothing would be sent now");
}
