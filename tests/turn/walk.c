#include "tests/turn/walk.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

bool stands_at_the_head(const struct stage *stage)
{
    return stage->state->is_ready &&
           stage->state->header.number == chain_number(stage->chain, chain_shown(stage->chain));
}

void walk_to(struct stage *stage, uint32_t index)
{
    for (uint32_t i = chain_shown(stage->chain); i <= index; i++) {
        chain_show(stage->chain, i);
        stage_until(stage, stands_at_the_head, 400);
    }
}

static const struct leg *leg_that_counts(const struct position *position, uint16_t *at)
{
    for (; *at < position->leg_count; (*at)++) {
        if ((position->legs[*at].flags & (LEG_COLLATERAL | LEG_DEBT)) != 0)
            return &position->legs[(*at)++];
    }
    return NULL;
}

static void position_equals(const struct position *ours, const struct position *fresh)
{
    uint16_t i = 0;
    uint16_t k = 0;
    const struct leg *a;
    const struct leg *b;

    cr_assert(eq(int, ours->category, fresh->category));
    cr_assert(eq(int, ours->flags, fresh->flags));
    do {
        a = leg_that_counts(ours, &i);
        b = leg_that_counts(fresh, &k);
        cr_assert_eq(a == NULL, b == NULL);
        if (a == NULL)
            return;
        cr_assert(a->reserve == b->reserve);
        cr_assert_eq(a->flags & (LEG_COLLATERAL | LEG_DEBT),
                     b->flags & (LEG_COLLATERAL | LEG_DEBT));
        if ((a->flags & LEG_COLLATERAL) != 0)
            cr_assert(a->supplied == b->supplied);
        if ((a->flags & LEG_DEBT) != 0)
            cr_assert(a->owed == b->owed);
    } while (true);
}

static void reserve_equals(const struct reserve *ours, const struct reserve *fresh)
{
    cr_assert(eq(int, ours->price.status, fresh->price.status));
    cr_assert(u256_is_equal(&ours->price.value, &fresh->price.value), "%s", ours->symbol);
    cr_assert(u256_is_equal(&ours->debt_index.value, &fresh->debt_index.value), "%s", ours->symbol);
    cr_assert(u256_is_equal(&ours->collateral_index.value, &fresh->collateral_index.value), "%s",
              ours->symbol);
    cr_assert(u256_is_equal(&ours->debt_rate.value, &fresh->debt_rate.value), "%s", ours->symbol);
    cr_assert(eq(u64, ours->updated_at_s, fresh->updated_at_s));
    cr_assert(u256_is_equal(&ours->liquidity.value, &fresh->liquidity.value), "%s", ours->symbol);
    cr_assert(u256_is_equal(&ours->held.value, &fresh->held.value), "%s", ours->symbol);
}

void mirror_equals(const struct turn_state *ours, const struct turn_state *fresh)
{
    const struct tracked *a = &ours->tracked[0];
    const struct tracked *b = &fresh->tracked[0];

    cr_assert(hash32_is_equal(&ours->header.hash, &fresh->header.hash));
    cr_assert(eq(u32, book_debtors(a->book), book_debtors(b->book)));
    cr_assert(eq(u32, a->market.reserve_count, b->market.reserve_count));
    for (uint32_t i = 0; i < b->market.reserve_count; i++)
        reserve_equals(&a->market.reserve[i], &b->market.reserve[i]);
    for (uint32_t slot = 0; slot < book_count(b->book); slot++) {
        struct position theirs = book_position(b->book, slot);
        uint32_t known = book_find(a->book, &theirs.account);
        struct position mine;

        cr_assert(known != TABLE_NONE, "an account is missing");
        mine = book_position(a->book, known);
        position_equals(&mine, &theirs);
    }
}

struct settings dry_settings(const struct chain *chain)
{
    struct settings settings = chain_config(chain)->settings;

    settings.mode = KEEPER_DRY_RUN;
    settings.simulate = SIMULATE_NEVER;
    return settings;
}

void bytes_equal_afresh(struct stage *stage)
{
    STAGE fresh;
    BUFFER ours = {0};
    BUFFER theirs = {0};

    stage_make(&fresh, stage->chain, &stage->state->settings);
    fresh.trusts = true;
    stage_until(&fresh, stands_at_the_head, 400);
    mirror_equals(stage->state, fresh.state);
    cr_assert(turn_keep(&ours, stage->state, 0));
    cr_assert(turn_keep(&theirs, fresh.state, 0));
    cr_assert(bytes_equal(buffer_bytes(&ours), buffer_bytes(&theirs)));
}

static struct hash32 shown_hash;

static bool stands_at_another(const struct stage *stage)
{
    return stands_at_the_head(stage) && !hash32_is_equal(&stage->state->header.hash, &shown_hash);
}

void fork_at_once(struct stage *stage, uint32_t depth)
{
    shown_hash = stage->state->header.hash;
    chain_fork(stage->chain, chain_shown(stage->chain) - depth + 1);
    stage_until(stage, stands_at_another, 400);
}

struct chain *a_long_walk(struct stage *stage, struct settings *settings)
{
    struct chain *chain = chain_of(recording_or_skip());

    if (chain_blocks(chain) < HEAD_FORK_MAX + 4)
        chain_extend(chain, HEAD_FORK_MAX + 4 - chain_blocks(chain));
    *settings = dry_settings(chain);
    stage_make(stage, chain, settings);
    stage->trusts = true;
    walk_to(stage, chain_blocks(chain) - 1);
    return chain;
}
