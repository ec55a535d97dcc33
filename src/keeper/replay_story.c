/* Events are lines of JSON for programs; here they become rows for people. */
#include "keeper/replay_story.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void story_release(struct story *story)
{
    free(story->row);
    free(story->block);
    if (story->has_accounts)
        table_release(&story->accounts);
    memset(story, 0, sizeof(*story));
}

/* "16389" → "16,389", the digits before the point. */
static void add_grouped(struct text *out, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            text_add_char(out, ',');
        text_add_char(out, digits[i]);
    }
}

static void add_fixed_grouped(struct text *out, const struct u256 *value, unsigned decimals,
                              unsigned shown)
{
    TEXT plain = {0};
    const char *digits;
    const char *point;

    text_add_fixed(&plain, value, decimals, shown);
    digits = text_string(&plain);
    point = strchr(digits, '.');
    add_grouped(out, digits, point != NULL ? (size_t)(point - digits) : strlen(digits));
    if (point != NULL)
        text_add(out, point);
}

void story_amount(struct text *out, const struct u256 *amount, unsigned decimals,
                  const char *symbol)
{
    struct u256 thousand = u256_ten_to(decimals < 70 ? decimals + 3 : decimals);

    add_fixed_grouped(out, amount, decimals, u256_is_less(amount, &thousand) ? 4 : 2);
    text_add_char(out, ' ');
    text_add(out, symbol);
}

void story_money(struct text *out, const struct u256 *value, const struct u256 *unit)
{
    struct u256 hundred = u256_of(100);
    struct u256 cents;

    if (u256_is_zero(unit) || !u256_mul_div(&cents, value, &hundred, unit))
        cents = U256_ZERO;
    add_fixed_grouped(out, &cents, 2, u256_bits(&cents) > 24 ? 0 : 2);
}

void story_ether(struct text *out, const struct u256 *wei, bool is_negative)
{
    text_add_char(out, is_negative && !u256_is_zero(wei) ? '-' : '+');
    add_fixed_grouped(out, wei, 18, 4);
}

static void *grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    return must_realloc(array, *capacity, size);
}

static struct story_block *block_of(struct story *story, const struct turn_state *state)
{
    const struct market *market = &state->tracked[0].market;
    struct story_block *last =
        story->block_count > 0 ? &story->block[story->block_count - 1] : NULL;

    if (last != NULL && last->number == state->header.number)
        return last;
    story->block =
        grow(story->block, &story->block_capacity, story->block_count, sizeof(*story->block));
    last = &story->block[story->block_count++];
    *last = (struct story_block){.number = state->header.number,
                                 .timestamp_s = state->header.timestamp_s};
    if (market->native < market->reserve_count)
        last->price = market->reserve[market->native].price.value;
    return last;
}

static const char *string_of(const json_t *event, const char *key)
{
    const char *value = json_string_value(json_object_get(event, key));

    return value != NULL ? value : "";
}

static struct u256 number_of(const json_t *event, const char *key, bool *is_negative)
{
    const char *digits = string_of(event, key);
    struct u256 value = U256_ZERO;

    if (is_negative != NULL)
        *is_negative = digits[0] == '-';
    digits += digits[0] == '-';
    if (!u256_parse(&value, digits, strlen(digits)))
        return U256_ZERO;
    return value;
}

static const struct reserve *reserve_of(const struct turn_state *state, const json_t *event,
                                        const char *key)
{
    const char *text = string_of(event, key);
    struct address asset;

    if (address_parse(&asset, text, strlen(text)) != ADDRESS_OK)
        return NULL;
    for (uint32_t i = 0; i < state->tracked_count; i++) {
        const struct market *market = &state->tracked[i].market;
        uint32_t index = market_reserve(market, &asset);

        if (strcmp(market->name, string_of(event, "market")) == 0 && index != RESERVE_NONE)
            return &market->reserve[index];
    }
    return NULL;
}

static void amount_put(char *out, size_t size, const struct reserve *reserve,
                       const struct u256 *amount)
{
    TEXT text = {0};

    if (reserve == NULL)
        return;
    story_amount(&text, amount, reserve->decimals, reserve->symbol);
    snprintf(out, size, "%s", text_string(&text));
}

static void row_fill(struct story_row *row, const struct turn_state *state, const json_t *event)
{
    const struct reserve *debt = reserve_of(state, event, "debt_asset");
    struct u256 health = number_of(event, "health_wad", NULL);
    struct u256 repay = number_of(event, "repay", NULL);
    struct u256 seize = number_of(event, "seize", NULL);
    TEXT text = {0};

    memset(row, 0, sizeof(*row));
    row->block = state->header.number;
    snprintf(row->account, sizeof(row->account), "%s", string_of(event, "account"));
    snprintf(row->reason, sizeof(row->reason), "%s", string_of(event, "reason"));
    row->is_liquidation = strcmp(string_of(event, "verdict"), "liquidate") == 0;
    text_add_fixed(&text, &health, 18, 4);
    snprintf(row->health, sizeof(row->health), "%s", text_string(&text));
    amount_put(row->repay, sizeof(row->repay), debt, &repay);
    amount_put(row->seize, sizeof(row->seize), reserve_of(state, event, "collateral_asset"),
               &seize);
    row->net_wei = number_of(json_object_get(event, "profit"), "net", &row->net_is_loss);
    if (debt != NULL && !u256_is_zero(&debt->unit) &&
        !u256_mul_div(&row->repay_value, &repay, &debt->price.value, &debt->unit))
        row->repay_value = U256_ZERO;
}

static void add_to(struct u256 *sum, const struct u256 *value)
{
    if (!u256_add(sum, sum, value))
        *sum = U256_MAX;
}

static void row_count_in(struct story *story, struct story_block *block,
                         const struct story_row *row)
{
    block->candidates++;
    if (!row->is_liquidation) {
        for (int i = 0; i < REASON_COUNT; i++)
            story->skipped[i] += strcmp(reason_text((enum reason)i), row->reason) == 0;
        return;
    }
    if (!story->has_accounts)
        table_init(&story->accounts, ADDRESS_TEXT_SIZE, 0);
    story->has_accounts = true;
    (void)table_add(&story->accounts, row->account, NULL);
    story->liquidations++;
    block->liquidations++;
    add_to(&block->repay_value, &row->repay_value);
    add_to(&story->repay_value, &row->repay_value);
    if (!row->net_is_loss)
        add_to(&story->net_wei, &row->net_wei);
}

static void event_take(struct story *story, const struct turn_state *state, const char *line)
{
    json_t *event = json_loads(line, 0, NULL);
    struct story_block *block;
    struct story_row row;

    if (event != NULL && strcmp(string_of(event, "event"), "decision") == 0) {
        row_fill(&row, state, event);
        block = block_of(story, state);
        row_count_in(story, block, &row);
        if (story->row_count < STORY_ROWS_MAX) {
            story->row =
                grow(story->row, &story->row_capacity, story->row_count, sizeof(*story->row));
            story->row[story->row_count++] = row;
        }
    }
    json_decref(event);
}

size_t story_turn(struct story *story, const struct turn_state *state,
                  const struct actions *actions)
{
    size_t first = story->row_count;
    const struct market *market = &state->tracked[0].market;

    if (state->phase == PHASE_FOLLOW && market->reserve_count > 0) {
        snprintf(story->market, sizeof(story->market), "%s, %s revision %u", market->name,
                 state->tracked[0].protocol->name, market->revision);
        story->chain_id = state->settings.chain.id;
        story->price_unit = market->price_unit;
        if (story->first_block == 0)
            story->first_block = state->header.number;
        story->last_block = state->header.number;
        if (state->is_ready)
            (void)block_of(story, state);
    }
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->action[i].kind == ACTION_EVENT)
            event_take(story, state, actions->action[i].text);
    }
    return first;
}
