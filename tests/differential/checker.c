/*
 * What this program believes at a block, for somebody who asks the contracts the same thing. It
 * follows the head through the daemon's own engine in a dry run, so that a log which was not
 * understood shows as a wrong number; only the printing is its own.
 *
 * usage: checker follow CONFIG FRAMES    follows the chain, and keeps what it stood on in FRAMES
 *        checker again FRAMES            judges the kept blocks once more (for a program with a
 * fault) Standard input, a line a question: HASH LATER_S SALT. Out: a line of JSON for each account
 * and pair.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/engine.h"
#include "tests/differential/frame.h"

/* Between the time at which a plan is meant to land and the last at which it may. */
#define DEADLINE_S 90
/* Pairs of one account at most, and how seldom a healthy one is asked about. */
#define PAIRS_MAX 6
#define HEALTHY_EVERY 16
#define REFUSED_EVERY 8

struct question {
    struct hash32 hash;
    uint64_t later_s;
    uint64_t salt;
};

/* A frame prepared for two timestamps. */
struct judge {
    const struct question *question;
    const struct frame *frame;
    const struct protocol *protocol;
    struct market now;
    struct market later;
    struct market plan; /* later, made ready for all that may land up to the deadline */
};

/* One pair of one account at one time. */
struct request {
    const char *what;
    const struct market *market;
    const struct health *health;
    uint32_t debt;
    uint32_t collateral;
    struct u256 cap;
    uint64_t deadline_s;
};

/* engine_run's `until` has no context */
static struct hash32 wanted;

static bool stands_at_wanted(const struct turn_state *state)
{
    return state->is_ready && !state->is_updating &&
           hash32_is_equal(&state->tracked[0].market.block.hash, &wanted);
}

static bool question_read(struct question *out)
{
    char line[256];
    char hash[80];
    unsigned long long later;
    unsigned long long salt;

    if (fgets(line, sizeof(line), stdin) == NULL) {
        return false;
    }
    MUST(sscanf(line, "%79s %llu %llu", hash, &later, &salt) == 3);
    MUST(hash32_parse(&out->hash, hash, strlen(hash)));
    out->later_s = later;
    out->salt = salt;
    return true;
}

/* ---- printing */

static void print_amount(const char *key, const struct u256 *value)
{
    char text[U256_TEXT_SIZE];

    u256_format(text, value);
    printf(",\"%s\":\"%s\"", key, text);
}

static void print_address(const char *key, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];

    address_format(text, address);
    printf(",\"%s\":\"%s\"", key, text);
}

/* One word for each, by which the other side tells whether the contract means the same. */
static const char *const health_words[] = {
    [HEALTH_OK] = "",
    [HEALTH_NO_PRICE] = "no_price",
    [HEALTH_STALE] = "stale",
    [HEALTH_OVERFLOW] = "overflow",
    [HEALTH_UNSUPPORTED] = "unsupported",
    [HEALTH_DRIFTED] = "drifted",
};
static const char *const liquidation_words[] = {
    [LIQUIDATION_OK] = "",
    [LIQUIDATION_HEALTHY] = "healthy",
    [LIQUIDATION_NOT_SEIZABLE] = "not_seizable",
    [LIQUIDATION_PAUSED] = "paused",
    [LIQUIDATION_GRACE] = "grace",
    [LIQUIDATION_NO_LIQUIDITY] = "no_liquidity",
    [LIQUIDATION_DUST] = "dust",
    [LIQUIDATION_TOO_SMALL] = "too_small",
    [LIQUIDATION_OVERFLOW] = "overflow",
};

static void print_health(const char *key, enum health_error error, const struct health *health)
{
    printf(",\"%s\":{\"error\":\"%s\"", key, health_words[error]);
    if (error == HEALTH_OK) {
        print_amount("factor", &health->factor.value);
        print_amount("collateral", &health->collateral_value);
        print_amount("debt", &health->debt_value);
        printf(",\"threshold\":%u", health->threshold_bps);
    }
    printf("}");
}

/* What stands on both sides, for whoever asks why less than the most was taken. */
static void print_sides(const struct judge *judge, const struct position *position,
                        const struct request *request)
{
    const struct reserve *debt = &request->market->reserve[request->debt];
    const struct reserve *collateral = &request->market->reserve[request->collateral];
    struct token_amount supplied[2] = {0};
    struct token_amount owed[2] = {0};

    MUST(judge->protocol->leg_amounts(&supplied[0], &owed[0], request->market,
                                      position_leg(position, request->debt)) &&
         judge->protocol->leg_amounts(&supplied[1], &owed[1], request->market,
                                      position_leg(position, request->collateral)));
    print_amount("owed", &owed[0].value);
    print_amount("supplied", &supplied[1].value);
    const struct u256 scaled[] = {
        u256_of_u128(position_leg(position, request->debt)->owed),
        u256_of_u128(position_leg(position, request->collateral)->supplied)};
    print_amount("owed_scaled", &scaled[0]);
    print_amount("supplied_scaled", &scaled[1]);
    print_amount("debt_index", &debt->debt_index_now.value);
    print_amount("collateral_index", &collateral->collateral_index_now.value);
    print_amount("debt_price", &debt->price.value);
    print_amount("collateral_price", &collateral->price.value);
    print_amount("liquidity", &collateral->liquidity.value);
    printf(",\"debt_decimals\":%u,\"collateral_decimals\":%u", debt->decimals,
           collateral->decimals);
}

static void print_pair(const struct judge *judge, const struct position *position,
                       const struct request *request)
{
    const struct market *market = request->market;
    const uint64_t at = market == &judge->now ? judge->now.timestamp_s
                                              : judge->now.timestamp_s + judge->question->later_s;
    const struct liquidation_request asked = {.debt = request->debt,
                                              .collateral = request->collateral,
                                              .cap = {request->cap},
                                              .timestamp_s = at,
                                              .deadline_s = request->deadline_s};
    struct liquidation out = {0};
    enum liquidation_error error =
        judge->protocol->liquidation(&out, market, position, request->health, &asked);

    printf("{\"pair\":\"%s\"", request->what);
    print_address("account", &position->account);
    print_address("debt", &market->reserve[request->debt].asset);
    print_address("collateral", &market->reserve[request->collateral].asset);
    printf(",\"at\":%llu,\"deadline\":%llu,\"error\":\"%s\"", (unsigned long long)at,
           (unsigned long long)request->deadline_s, liquidation_words[error]);
    print_amount("cap", &request->cap);
    print_sides(judge, position, request);
    if (error == LIQUIDATION_OK) {
        print_amount("repay", &out.repay.value);
        print_amount("repay_max", &out.repay_max.value);
        print_amount("argument", &out.repay_argument.value);
        print_amount("seize", &out.seize.value);
        print_amount("fee", &out.protocol_fee.value);
    }
    puts("}");
}

/* ---- judging */

static uint64_t mix(const struct address *account, uint64_t salt)
{
    uint64_t value = salt * 0x9e3779b97f4a7c15u;

    for (size_t i = 0; i < sizeof(account->byte); i++) {
        value = (value ^ account->byte[i]) * 0x100000001b3u;
    }
    return value ^ value >> 29;
}

/* A hundredth to all of what is owed, so that caps meet every rule of size. */
static struct u256 cap_of(const struct judge *judge, const struct position *position,
                          const struct leg *leg)
{
    const struct u256 parts = u256_of(100);
    const struct u256 some =
        u256_of(1 + mix(&position->account, judge->question->salt + leg->reserve) % 100);
    struct token_amount supplied;
    struct token_amount owed;
    struct u256 cap = U256_MAX;

    if (!judge->protocol->leg_amounts(&supplied, &owed, &judge->later, leg) ||
        !u256_mul_div(&cap, &owed.value, &some, &parts)) {
        return U256_MAX;
    }
    return cap;
}

static void pair_judge(const struct judge *judge, const struct position *position,
                       const struct leg *const leg[2], const struct health health[2])
{
    const uint64_t now_s = judge->now.timestamp_s;
    const uint64_t later_s = now_s + judge->question->later_s;
    struct request request = {.what = "now",
                              .market = &judge->now,
                              .health = &health[0],
                              .debt = leg[0]->reserve,
                              .collateral = leg[1]->reserve,
                              .cap = U256_MAX,
                              .deadline_s = now_s};

    print_pair(judge, position, &request);
    request.what = "later";
    request.market = &judge->later;
    request.health = &health[1];
    request.deadline_s = later_s;
    print_pair(judge, position, &request);
    /* as the daemon plans: judged at the head, sized for a block to come, by what it holds */
    request.what = "plan";
    request.market = &judge->plan;
    request.health = &health[0];
    request.cap = cap_of(judge, position, leg[0]);
    request.deadline_s = later_s + DEADLINE_S;
    print_pair(judge, position, &request);
}

static void pairs_judge(const struct judge *judge, const struct position *position,
                        const struct health health[2])
{
    const struct u256 one = u256_of(WAD_ONE_U64);
    const bool is_low =
        u256_is_less(&health[0].factor.value, &one) || u256_is_less(&health[1].factor.value, &one);
    /* what is no collateral is refused, which need not be asked of everybody */
    const bool is_odd = mix(&position->account, judge->question->salt + 1) % REFUSED_EVERY == 0;
    uint32_t left = is_low ? PAIRS_MAX : 1;

    if (!is_low && mix(&position->account, judge->question->salt) % HEALTHY_EVERY != 0) {
        return;
    }
    for (uint16_t i = 0; i < position->leg_count; i++) {
        for (uint16_t j = 0; j < position->leg_count && left > 0; j++) {
            const struct leg *const leg[] = {&position->legs[i], &position->legs[j]};
            if ((leg[0]->flags & LEG_DEBT) != 0 &&
                ((leg[1]->flags & LEG_COLLATERAL) != 0 || is_odd)) {
                pair_judge(judge, position, leg, health);
                left--;
            }
        }
    }
}

static void account_judge(const struct judge *judge, const struct position *position)
{
    struct health health[2] = {0};
    enum health_error now = judge->protocol->health(&health[0], &judge->now, position);
    enum health_error later = judge->protocol->health(&health[1], &judge->later, position);

    printf("{\"legs\":%u,\"category\":%u", position->leg_count, position->category);
    print_address("account", &position->account);
    print_health("now", now, &health[0]);
    print_health("later", later, &health[1]);
    puts("}");
    if (now == HEALTH_OK && later == HEALTH_OK) {
        pairs_judge(judge, position, health);
    }
}

static void frame_judge(const struct frame *frame, const struct question *question)
{
    const uint64_t later_s = frame->market.timestamp_s + question->later_s;
    static struct judge judge;

    judge = (struct judge){.question = question,
                           .frame = frame,
                           .protocol = protocol_at(frame->market.protocol),
                           .now = frame->market,
                           .later = frame->market};
    MUST(judge.protocol->prepare(&judge.now, judge.now.timestamp_s));
    MUST(judge.protocol->prepare(&judge.later, later_s));
    judge.plan = judge.later;
    /* as the daemon does it for a head: the fast ways are those that are compared */
    judge.protocol->reach(&judge.now, NULL, judge.now.timestamp_s, judge.now.timestamp_s);
    judge.protocol->reach(&judge.later, NULL, later_s, later_s);
    judge.protocol->reach(&judge.plan, NULL, later_s, later_s + DEADLINE_S);
    for (uint32_t i = 0; i < frame->count; i++) {
        account_judge(&judge, &frame->position[i]);
    }
    printf("{\"block\":%llu,\"trust\":%u}\n", (unsigned long long)frame->market.block.number,
           frame->market.trust);
    fflush(stdout);
}

static int follow(const char *config_path, const char *frames_path)
{
    static struct config config;
    struct log_sink log;
    struct engine_options options = {.config = &config, .purpose = PURPOSE_RUN, .log = &log};
    struct engine *engine;
    struct question question;
    struct frame frame = {0};
    TEXT faults = {0};
    FILE *frames = fopen(frames_path, "wb");

    if (!config_read(&config, &faults, config_path)) {
        fputs(text_string(&faults), stderr);
        return EXIT_USAGE;
    }
    MUST(frames != NULL);
    log_init(&log, STDERR_FILENO, LOG_LEVEL_WARNING);
    config.settings.mode = KEEPER_DRY_RUN;
    config.settings.chain.poll_ms = 1; /* a block is there already when it is asked for */
    int code = engine_open(&engine, &options);
    while (code == EXIT_DONE && question_read(&question)) {
        wanted = question.hash;
        code = engine_run(engine, stands_at_wanted);
        if (code == EXIT_DONE && !stands_at_wanted(engine_state(engine))) {
            break; /* a signal ends it */
        }
        frame_take(&frame, &engine_state(engine)->tracked[0]);
        frame_write(frames, &frame);
        frame_judge(&frame, &question);
    }
    frame_release(&frame);
    fclose(frames);
    engine_close(engine);
    return code;
}

static int again(const char *frames_path)
{
    FILE *frames = fopen(frames_path, "rb");
    struct frame frame = {0};
    struct question question;

    MUST(frames != NULL);
    while (question_read(&question) && frame_read(&frame, frames)) {
        MUST(hash32_is_equal(&frame.market.block.hash, &question.hash));
        frame_judge(&frame, &question);
    }
    frame_release(&frame);
    fclose(frames);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "follow") == 0) {
        return follow(argv[2], argv[3]);
    }
    if (argc == 3 && strcmp(argv[1], "again") == 0) {
        return again(argv[2]);
    }
    fputs("usage: checker follow CONFIG FRAMES | again FRAMES\n", stderr);
    return EXIT_USAGE;
}
