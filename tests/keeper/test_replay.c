/* The same turns from a recording: what it says, and what changes when one word of it does. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/recording.h"
#include "tests/sign/sign_fixture.h"
#include "turn/state.h"

/* ---- a copy in which one reserve has another price from some head on */

#define PRICES_MAX 128

struct change {
    uint64_t from_block; /* first head with changed prices */
    uint32_t reserve;
    bool is_missing;               /* else as it was before */
    struct u256 price[PRICES_MAX]; /* what the recording says from there on */
    size_t prices;
    struct u256 before;
    size_t turn;       /* that is being replayed */
    size_t first_turn; /* that saw the head `from_block` */
    size_t at;         /* that is being copied */
    size_t words;      /* exchanged */
};

/* First pass: which prices come, and from which turn on. */
static void prices_learn(void *context, const struct turn_state *state,
                         const struct actions *actions)
{
    struct change *change = context;
    const struct price *price = &state->tracked[0].market.reserve[change->reserve].price;

    (void)actions;
    change->turn++;
    if (state->header.number < change->from_block || state->phase != PHASE_FOLLOW) {
        change->before = price->value;
        return;
    }
    if (change->first_turn == 0)
        change->first_turn = change->turn;
    if (!state->is_ready || u256_is_equal(&price->value, &change->before))
        return;
    if (change->prices == 0 || !u256_is_equal(&change->price[change->prices - 1], &price->value)) {
        cr_assert(change->prices < PRICES_MAX);
        change->price[change->prices++] = price->value;
    }
}

static bool prices_change(void *context, struct tape_turn *turn, struct arena *arena)
{
    struct change *change = context;
    const struct u256 zero = U256_ZERO;
    const struct u256 *fresh = change->is_missing ? &zero : &change->before;

    if (turn->is_header || ++change->at < change->first_turn)
        return true;
    for (size_t i = 0; i < turn->count; i++) {
        struct bytes *body = &turn->observations[i].body;

        if (turn->observations[i].kind != OBSERVATION_ANSWER)
            continue;
        if (change->is_missing)
            *body = words_replaced(*body, &change->before, fresh, arena, &change->words);
        for (size_t k = 0; k < change->prices; k++)
            *body = words_replaced(*body, &change->price[k], fresh, arena, &change->words);
    }
    return true;
}

static void changed_copy(const char *to, const char *from, struct change *change)
{
    TOLD told = {.watch = prices_learn, .watch_context = change};
    struct recording_edit edit = {change, prices_change};

    told_of(&told, from, NULL);
    recording_copy(to, from, &edit);
    cr_assert(change->words > 0, "nothing was changed");
}

/* How often each collateral is seized, and the block of the first liquidation. */
struct seized {
    uint64_t count[RESERVES_MAX];
    uint64_t first_block;
    uint32_t native;
};

static void seized_count(void *context, const struct turn_state *state,
                         const struct actions *actions)
{
    struct seized *seized = context;

    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->action[i];
        const char *at =
            action->kind == ACTION_EVENT ? strstr(action->text, "\"collateral_asset\":\"") : NULL;
        struct address asset;
        uint32_t reserve;

        if (at == NULL || strstr(action->text, "\"verdict\":\"liquidate\"") == NULL)
            continue;
        if (seized->first_block == 0)
            seized->first_block = state->header.number;
        cr_assert_eq(address_parse(&asset, at + 20, 42), ADDRESS_OK);
        reserve = market_reserve(&state->tracked[0].market, &asset);
        seized->count[reserve]++;
        seized->native = state->tracked[0].market.native;
    }
}

/* Without the native token's price nothing at all could be valued, so it may be left out. */
static uint32_t most_seized(const struct seized *seized, bool with_native)
{
    uint64_t most = 0;
    uint32_t best = RESERVE_NONE;

    for (uint32_t i = 0; i < RESERVES_MAX; i++) {
        if (seized->count[i] <= most || (i == seized->native && !with_native))
            continue;
        most = seized->count[i];
        best = i;
    }
    cr_assert(best != RESERVE_NONE, "nothing is seized");
    return best;
}

/* Every account that stands in a line with `piece`, as a set. */
static json_t *accounts_of(const struct told *told, const char *piece)
{
    json_t *accounts = json_object();
    const char *line = text_string(&told->events);

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        const char *at = memmem(line, length, "\"account\":\"", 11);
        char account[43] = "";

        if (at != NULL && memmem(line, length, piece, strlen(piece)) != NULL) {
            memcpy(account, at + 11, 42);
            json_object_set_new(accounts, account, json_true());
        }
        line += length + (line[length] == '\n');
    }
    return accounts;
}

/* What is decided and nothing else: no simulation, signature or sending, whose answers would be of
 * other bytes in a changed copy. */
static struct config *deciding_only(const char *path)
{
    struct config *config = must_alloc(1, sizeof(*config));

    recording_config(config, path);
    config->settings.mode = KEEPER_DRY_RUN;
    config->settings.simulate = SIMULATE_NEVER;
    return config;
}

/* ---- */

Test(replay, says_the_same_twice)
{
    const char *path = recording_or_skip();
    TOLD first = {0};
    TOLD second = {0};

    told_of(&first, path, NULL);
    told_of(&second, path, NULL);
    cr_assert(eq(int, first.code, EXIT_DONE), "%s", first.why);
    cr_assert(first.liquidations > 0, "a recording of a crash without a liquidation");
    cr_assert(bytes_equal(text_bytes(&first.events), text_bytes(&second.events)));
}

Test(replay, of_the_shipped_recording_answers_every_question)
{
    const char *path = recording_or_skip();
    TOLD told = {0};

    told_of(&told, path, NULL);
    cr_assert(eq(u64, told.result.unrecorded, 0));
    cr_assert(eq(u64, told.result.unasked, 0));
    cr_assert(eq(u64, told.result.lives, 1));
    cr_assert_str_eq(text_string(&told.warnings), "");
}

Test(replay, of_a_copy_says_the_same)
{
    const char *path = recording_or_skip();
    FOLDER folder;
    char copy[128];
    TOLD first = {0};
    TOLD second = {0};

    folder_make(&folder);
    folder_path(copy, &folder, "copy.rec");
    recording_copy(copy, path, NULL);
    told_of(&first, path, NULL);
    told_of(&second, copy, NULL);
    cr_assert(bytes_equal(text_bytes(&first.events), text_bytes(&second.events)));
}

/* ---- digests of version 1, and of now */

struct digests {
    struct json_t *fresh; /* by the old ones */
    struct buffer plain;
};

static void digest_learn(struct digests *digests, struct bytes body)
{
    char old[17];
    char fresh[17];

    tape_key(old, &digests->plain, 1, body);
    tape_key(fresh, &digests->plain, TAPE_VERSION, body);
    json_object_set_new(digests->fresh, old, json_string(fresh));
}

static void digests_learn(void *context, const struct turn_state *state,
                          const struct actions *actions)
{
    (void)state;
    for (uint32_t i = 0; i < actions->asks->count; i++)
        digest_learn(context, actions->asks->ask[i].body);
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->action[i].kind == ACTION_SIGN)
            digest_learn(context, actions->action[i].body);
    }
}

static bool digests_renew(void *context, struct tape_turn *turn, struct arena *arena)
{
    const struct digests *digests = context;

    (void)arena;
    if (turn->is_header) {
        cr_assert(eq(u64, turn->header.version, 1), "the shipped recordings are of version 1");
        turn->header.version = 0;
    }
    for (size_t i = 0; i < turn->count; i++) {
        const char *fresh = json_string_value(json_object_get(digests->fresh, turn->keys[i]));

        cr_assert(turn->keys[i][0] == '\0' || fresh != NULL, "%s was never asked", turn->keys[i]);
        if (fresh != NULL)
            snprintf(turn->keys[i], sizeof(turn->keys[i]), "%s", fresh);
    }
    return true;
}

/* One file: a life of an older program, and behind it the same of this one. */
Test(replay, reads_lives_of_both_versions)
{
    const char *path = recording_or_skip();
    FOLDER folder;
    char copy[128];
    struct digests digests = {.fresh = json_object()};
    struct recording_edit edit = {&digests, digests_renew};
    TOLD first = {.watch = digests_learn, .watch_context = &digests};
    TOLD both = {0};

    folder_make(&folder);
    folder_path(copy, &folder, "both.rec");
    told_of(&first, path, NULL);
    recording_copy(copy, path, NULL);
    recording_copy(copy, path, &edit);
    told_of(&both, copy, NULL);
    cr_assert(eq(int, both.code, EXIT_DONE), "%s", both.why);
    cr_assert(eq(u64, both.result.lives, 2));
    cr_assert(eq(u64, both.result.turns, 2 * first.result.turns));
    cr_assert(eq(u64, both.result.unrecorded, 0));
    cr_assert(eq(u64, both.result.unasked, 0));
    cr_assert(eq(sz, both.liquidations, 2 * first.liquidations));
    json_decref(digests.fresh);
    buffer_release(&digests.plain);
}

/* The recording, and a copy in which the collateral that is seized most never fell, or has no price
 * any more. */
struct pair {
    struct folder folder;
    struct config *config;
    struct told first;
    struct told second;
    json_t *before; /* accounts that are liquidated */
    json_t *after;
};

static void pair_make(struct pair *pair, bool is_missing)
{
    const char *path = recording_or_skip();
    char copy[128];
    struct seized seized = {0};
    struct change change = {.is_missing = is_missing};

    memset(pair, 0, sizeof(*pair));
    folder_make(&pair->folder);
    folder_path(copy, &pair->folder, "copy.rec");
    pair->config = deciding_only(path);
    pair->first.watch = seized_count;
    pair->first.watch_context = &seized;
    told_of(&pair->first, path, pair->config);
    change.from_block = seized.first_block;
    change.reserve = most_seized(&seized, !is_missing);
    changed_copy(copy, path, &change);
    told_of(&pair->second, copy, pair->config);
    cr_assert(eq(int, pair->second.code, EXIT_DONE), "%s", pair->second.why);
    pair->before = accounts_of(&pair->first, "\"verdict\":\"liquidate\"");
    pair->after = accounts_of(&pair->second, "\"verdict\":\"liquidate\"");
}

static void pair_remove(struct pair *pair)
{
    folder_remove(&pair->folder);
    free(pair->config);
    told_release(&pair->first);
    told_release(&pair->second);
    json_decref(pair->before);
    json_decref(pair->after);
}

#define PAIR CLEANUP(pair_remove) struct pair

Test(replay, decides_otherwise_where_one_price_is_another)
{
    PAIR pair;
    const char *account;
    json_t *value;
    size_t spared = 0;

    pair_make(&pair, false);
    json_object_foreach(pair.before, account, value)
    {
        spared += json_object_get(pair.after, account) == NULL;
    }
    cr_assert(json_object_size(pair.after) > 0);
    cr_assert(spared > 0, "nobody is spared where the collateral never falls");
}

Test(replay, skips_who_holds_an_asset_without_a_price_and_judges_all_others)
{
    PAIR pair;
    const char *account;
    json_t *value;
    size_t skipped = 0;
    size_t judged = 0;

    pair_make(&pair, true);
    json_t *priceless = accounts_of(&pair.second, "\"reason\":\"no_price\"");
    json_object_foreach(pair.before, account, value)
    {
        bool is_skipped = json_object_get(priceless, account) != NULL;
        bool is_judged = json_object_get(pair.after, account) != NULL;

        cr_expect(is_skipped || is_judged, "%s was forgotten", account);
        skipped += is_skipped;
        judged += is_judged;
    }
    cr_expect(skipped > 0 && judged > 0, "%zu skipped, %zu judged", skipped, judged);
    json_decref(priceless);
}

Test(replay, under_a_huge_profit_floor_skips_everything)
{
    const char *path = recording_or_skip();
    struct config *config = deciding_only(path);
    TOLD told = {0};

    config->settings.limits.profit_min.value = u256_ten_to(30);
    told_of(&told, path, config);
    cr_assert(eq(int, told.code, EXIT_DONE), "%s", told.why);
    cr_assert(eq(sz, told.liquidations, 0));
    cr_assert(told.skips > 0);
    cr_assert(eq(sz, lines_with(&told.events, "\"event\":\"transaction\"", ""), 0));
    free(config);
}
