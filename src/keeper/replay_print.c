/* For a person at a terminal: block by block what would be sent, then what it comes to. */
#include "keeper/replay_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keeper/replay_story.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define GREEN "\033[32m"
#define RED "\033[31m"
#define BLUE "\033[34m"
#define PLAIN "\033[0m"

struct replay_print {
    FILE *out;
    bool has_colour;
    struct story story;
    uint64_t said_block;
    struct timespec began;
};

static const char *paint(const struct replay_print *print, const char *colour)
{
    return print->has_colour ? colour : "";
}

struct replay_print *replay_print_new(FILE *out)
{
    struct replay_print *print = must_alloc(1, sizeof(*print));

    print->out = out;
    print->has_colour = out != NULL && isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
    clock_gettime(CLOCK_MONOTONIC, &print->began);
    return print;
}

static void block_say(struct replay_print *print, const struct turn_state *state)
{
    const struct market *market = &state->tracked[0].market;
    struct u256 unit = market->price_unit;
    uint32_t shown = 0;

    if (print->said_block == state->header.number)
        return;
    print->said_block = state->header.number;
    fprintf(print->out, "\n%sblock %llu%s%s", paint(print, BOLD),
            (unsigned long long)state->header.number, paint(print, PLAIN), paint(print, DIM));
    for (uint32_t i = 0; i < market->reserve_count && shown < 5; i++) {
        const struct reserve *reserve = &market->reserve[i];
        TEXT price = {0};

        if (reserve->price.status != PRICE_OK)
            continue;
        story_money(&price, &reserve->price.value, &unit);
        fprintf(print->out, "   %s %s", reserve->symbol, text_string(&price));
        shown++;
    }
    fprintf(print->out, "%s\n", paint(print, PLAIN));
}

static void row_say(struct replay_print *print, const struct story_row *row)
{
    TEXT net = {0};

    story_ether(&net, &row->net_wei, row->net_is_loss);
    fprintf(print->out, "  %.6s…%s  health %s%s%s  repay %18s → seize %18s  net %s%10s ETH%s\n",
            row->account, row->account + 38, paint(print, RED), row->health, paint(print, PLAIN),
            row->repay, row->seize, paint(print, GREEN), text_string(&net), paint(print, PLAIN));
}

void replay_print_turn(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct replay_print *print = context;
    size_t first = story_turn(&print->story, state, actions);

    for (; first < print->story.row_count; first++) {
        const struct story_row *row = &print->story.row[first];

        if (!row->is_liquidation || print->out == NULL)
            continue;
        block_say(print, state);
        row_say(print, row);
    }
}

static double seconds_since(const struct timespec *began)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static void skipped_say(const struct replay_print *print)
{
    bool is_first = true;

    for (int i = 0; i < REASON_COUNT; i++) {
        if (print->story.skipped[i] == 0)
            continue;
        fprintf(print->out, "%s%llu %s", is_first ? "  held back: " : ", ",
                (unsigned long long)print->story.skipped[i], reason_text((enum reason)i));
        is_first = false;
    }
    if (!is_first)
        fprintf(print->out, "  %s(`plimsoll help reasons`)%s\n", paint(print, DIM),
                paint(print, PLAIN));
}

static void summary_say(const struct replay_print *print, const struct replay_result *result)
{
    const struct story *story = &print->story;
    double seconds = seconds_since(&print->began);
    TEXT repaid = {0};
    TEXT net = {0};

    story_money(&repaid, &story->repay_value, &story->price_unit);
    story_ether(&net, &story->net_wei, false);
    fprintf(print->out, "\n%s%llu liquidations of %u accounts would be sent%s  (%s)\n",
            paint(print, BOLD), (unsigned long long)story->liquidations,
            story->has_accounts ? story->accounts.count : 0, paint(print, PLAIN), story->market);
    fprintf(print->out, "  repaid %s in the market's base currency, %s%s ETH%s after gas\n",
            text_string(&repaid), paint(print, GREEN), text_string(&net), paint(print, PLAIN));
    skipped_say(print);
    fprintf(print->out,
            "  blocks %llu to %llu, %llu turns, %llu observations in %.2f s; no node, no key\n",
            (unsigned long long)story->first_block, (unsigned long long)story->last_block,
            (unsigned long long)result->turns, (unsigned long long)result->observations, seconds);
}

void replay_print_end(struct replay_print *print, const struct replay_result *result,
                      const char *report)
{
    if (print->out != NULL)
        summary_say(print, result);
    if (report != NULL && !story_report(&print->story, report))
        fprintf(stderr, "plimsoll replay: --report %s: %s\n", report, strerror(errno));
    else if (report != NULL && print->out != NULL)
        fprintf(print->out, "  report: %s%s%s\n", paint(print, BLUE), report, paint(print, PLAIN));
    story_release(&print->story);
    free(print);
}
