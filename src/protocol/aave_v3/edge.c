/*
 * The line behind Aave's health factor, and how far its roundings can lie from it. Each amount is
 * rounded to a unit of its token and each value to a unit of the base currency; up to 3.4 the
 * average threshold is cut to a whole basis point besides (GenericLogic.calculateUserAccountData).
 */
#include "protocol/aave_v3/inside.h"

/* Of doubles: far more than some ten roundings of 2^-52 each. */
#define SLACK_OF_DOUBLES 0x1p-40
/* Both sides err, and a quotient of two that err a little errs a little more than their sum. */
#define SLACK_FACTOR 2.5
#define BPS_ONE 10000.0
/* A position worth more, or a price over so many bits, may leave 256 bits: judged exactly. */
#define VALUE_MAX 1e40
#define PRICE_BITS_MAX 100

/* FNV-1a over 64-bit words. */
#define HASH_FIRST 0xcbf29ce484222325u
#define HASH_FACTOR 0x100000001b3u

double aave_edge_value(const struct market *market, uint32_t variable)
{
    const uint32_t index = variable / 2;
    const struct reserve *reserve = &market->reserve[index];
    const struct ray *growth =
        variable % 2 == 0 ? &reserve->collateral_index_now : &reserve->debt_index_now;
    const uint32_t needed = RESERVE_STALE_ASSET | RESERVE_STALE_STATE | RESERVE_STALE_PRICE;

    if (index >= market->reserve_count || (reserve->flags & RESERVE_DROPPED) != 0 ||
        (reserve->stale & needed) != 0 || reserve->price.status != PRICE_OK ||
        u256_is_zero(&reserve->unit) || u256_bits(&reserve->price.value) > PRICE_BITS_MAX) {
        return 0;
    }
    return u256_to_double(&reserve->price.value) * (u256_to_double(&growth->value) * 1e-27) /
           u256_to_double(&reserve->unit);
}

static void hash_add(uint64_t *hash, uint64_t word)
{
    *hash = (*hash ^ word) * HASH_FACTOR;
    *hash ^= *hash >> 29;
}

static void hash_add_u256(uint64_t *hash, const struct u256 *value)
{
    for (uint32_t i = 0; i < 4; i++) {
        hash_add(hash, value->limb[i]);
    }
}

uint64_t aave_edge_terms(const struct market *market)
{
    uint64_t hash = HASH_FIRST;

    hash_add(&hash, market->revision);
    hash_add(&hash, market->reserve_count);
    for (uint32_t i = 0; i < market->reserve_count; i++) {
        const struct reserve *reserve = &market->reserve[i];

        hash_add(&hash, reserve->flags & (RESERVE_DROPPED | RESERVE_MINTED));
        hash_add(&hash, (uint64_t)reserve->threshold_bps << 32 | reserve->category);
        hash_add(&hash, (uint64_t)reserve->decimals << 32 | (reserve->stale & RESERVE_STALE_ASSET));
    }
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        const struct category *category = &market->category[i];

        if (!category->is_used) {
            continue;
        }
        hash_add(&hash,
                 (uint64_t)i << 48 | (uint64_t)category->stale << 32 | category->threshold_bps);
        hash_add(&hash, !address_is_zero(&category->price_source));
        hash_add_u256(&hash, &category->collateral_bitmap);
    }
    return hash;
}

/* What the line of one position comes to, leg by leg. */
struct line {
    struct edge *edge;
    const struct market *market;
    const double *value; /* by variable */
    const struct aave_rules *rules;
    const struct position *position;
    double rounding;      /* base currency, weighted: what both sides can lose to rounding */
    double debt;          /* base currency */
    double threshold_min; /* bps, of the legs of collateral */
};

static double stored(unsigned __int128 amount)
{
    return (double)(uint64_t)(amount >> 64) * 0x1p64 + (double)(uint64_t)amount;
}

static bool line_add(struct line *line, uint32_t variable, double amount, double weight)
{
    const double value = line->value[variable];
    struct edge *edge = line->edge;

    if (value <= 0 || amount * value > VALUE_MAX) {
        return false; /* no price, or no bound: to be judged, and named */
    }
    if (amount > 0) {
        edge->leg[edge->leg_count++] = (struct edge_leg){variable, amount * weight};
    }
    line->rounding += (EDGE_FACTOR * value + 1) * weight;
    line->debt += variable % 2 == 1 ? amount * value : 0;
    return true;
}

static uint32_t threshold_of(const struct line *line, const struct leg *leg)
{
    const uint8_t category = line->position->category;

    return aave_is_in_category(line->market, category, leg->reserve)
               ? line->market->category[category].threshold_bps
               : line->market->reserve[leg->reserve].threshold_bps;
}

/* False: no line is known to hold. */
static bool line_add_supplied(struct line *line, const struct leg *leg)
{
    const struct reserve *reserve = &line->market->reserve[leg->reserve];

    if ((reserve->flags & RESERVE_DROPPED) != 0 || (leg->flags & LEG_COLLATERAL) == 0) {
        return true;
    }
    if (reserve->threshold_bps == 0 && !line->rules->counts_unweighted) {
        return line->value[EDGE_SUPPLIED(leg->reserve)] > 0;
    }
    const uint32_t threshold = threshold_of(line, leg);
    if (threshold == 0 && !line->rules->rounds_against) {
        return false; /* it stands in the average, and weighs nothing */
    }
    if (threshold < line->threshold_min) {
        line->threshold_min = threshold;
    }
    return line_add(line, EDGE_SUPPLIED(leg->reserve), threshold == 0 ? 0 : stored(leg->supplied),
                    threshold);
}

static bool line_add_owed(struct line *line, const struct leg *leg)
{
    const struct reserve *reserve = &line->market->reserve[leg->reserve];

    if ((reserve->flags & RESERVE_DROPPED) != 0 || (leg->flags & LEG_DEBT) == 0) {
        return true;
    }
    return (reserve->flags & RESERVE_MINTED) == 0 &&
           line_add(line, EDGE_OWED(leg->reserve), stored(leg->owed), BPS_ONE);
}

static bool is_readable(const struct line *line)
{
    const struct position *position = line->position;
    const struct category *category = &line->market->category[position->category];

    if (line->rules == NULL || position->flags != 0) {
        return false;
    }
    for (uint32_t i = 0; i < position->leg_count; i++) {
        const struct leg *leg = &position->legs[i];

        if (leg->reserve >= line->market->reserve_count || (leg->flags & LEG_STALE) != 0) {
            return false;
        }
    }
    /* a category with a price of its own has values that are not any reserve's */
    return position->category == 0 ||
           (category->is_used &&
            (category->stale & (CATEGORY_STALE | CATEGORY_STALE_BITMAP)) == 0 &&
            !(line->rules->has_category_price && !address_is_zero(&category->price_source)));
}

static bool owes(const struct position *position)
{
    for (uint32_t i = 0; i < position->leg_count; i++) {
        if ((position->legs[i].flags & LEG_DEBT) != 0) {
            return true;
        }
    }
    return false;
}

static double slack_of(const struct line *line)
{
    const double least_debt = line->debt * BPS_ONE / EDGE_FACTOR;
    double slack = SLACK_OF_DOUBLES + SLACK_FACTOR * line->rounding / least_debt;

    if (line->edge->supplied_count > 1 && !line->rules->rounds_against) {
        slack += 2 / line->threshold_min; /* the average, cut to a basis point */
    }
    return slack;
}

static enum edge_kind line_draw(struct line *line)
{
    const struct position *position = line->position;
    struct edge *edge = line->edge;

    if (!is_readable(line)) {
        return EDGE_UNKNOWN;
    }
    for (uint32_t i = 0; i < position->leg_count; i++) {
        if (!line_add_supplied(line, &position->legs[i])) {
            return EDGE_UNKNOWN;
        }
    }
    edge->supplied_count = edge->leg_count;
    for (uint32_t i = 0; i < position->leg_count; i++) {
        if (!line_add_owed(line, &position->legs[i])) {
            return EDGE_UNKNOWN;
        }
    }
    if (edge->supplied_count == 0 || edge->supplied_count == edge->leg_count) {
        return EDGE_UNKNOWN;
    }
    edge->slack = slack_of(line);
    return EDGE_LINE;
}

void aave_edge(struct edge *out, const struct market *market, const struct position *position,
               const double *value)
{
    struct line line = {.edge = out,
                        .market = market,
                        .value = value,
                        .rules = aave_rules_of(market->revision),
                        .position = position,
                        .threshold_min = BPS_ONE};

    out->leg_count = 0;
    out->supplied_count = 0;
    out->kind = position->flags == 0 && !owes(position) ? EDGE_NONE : line_draw(&line);
}
