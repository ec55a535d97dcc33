/* /metrics of a whole daemon, over HTTP, after it has decided: every name that the surface
 * promises.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/fetch.h"
#include "tests/keeper/house.h"
#include "tests/keeper/recording.h"

struct question {
    char listen[64];
    struct text body;
    enum report_fetch_error error;
    atomic_bool is_over;
};

static struct question question; /* callbacks of engine_run have no context */

static void *question_ask(void *context)
{
    (void)context;
    question.error = report_fetch(&question.body, question.listen, "/metrics");
    atomic_store(&question.is_over, true);
    return NULL;
}

static bool until_decided(const struct turn_state *state)
{
    return state->recent_count > 0; /* a decision may wait for its simulation */
}

static bool until_answered(const struct turn_state *state)
{
    (void)state;
    return atomic_load(&question.is_over);
}

static void listen_choose(struct house *house)
{
    char url[64];
    char line[96];

    server_dead_url(url);
    snprintf(question.listen, sizeof(question.listen), "%.*s",
             (int)strcspn(url + strlen("http://"), "/"), url + strlen("http://"));
    snprintf(line, sizeof(line), "\"listen\": \"%s\"", question.listen);
    house_configure(house, "\"listen\": \"none\"", line);
}

Test(engine_page, has_every_metric_that_the_surface_names, .timeout = 60)
{
    static const char *const names[] = {"head_block",
                                        "head_lag_seconds",
                                        "positions{market=",
                                        "candidates{market=",
                                        "decisions_total{market=",
                                        "transactions_total{outcome=",
                                        "stage_seconds_bucket{stage=\"fetched\",",
                                        "stage_seconds_bucket{stage=\"decided\",",
                                        "turn_seconds_count",
                                        "journal_commit_seconds_count",
                                        "rpc_requests_total{endpoint=",
                                        "rpc_seconds_count{endpoint=",
                                        "endpoint_healthy{endpoint=\"0\"} 1",
                                        "mirror_drift_total{market=",
                                        "gas_spent_ether_total",
                                        "profit_realised_ether_total",
                                        "loss_realised_ether_total",
                                        "balance_ether",
                                        "flights",
                                        "last_turn_timestamp_seconds",
                                        "breaker_open{breaker=",
                                        "build_info{version="};
    const struct engine_options options = {
        .purpose = PURPOSE_RUN, .with_journal = true, .with_server = true};
    struct chain *chain = chain_of(recording_or_skip());
    HOUSE house;
    pthread_t asker;
    char line[96];

    house_make(&house, chain);
    listen_choose(&house);
    house_serve(&house);
    chain_walk(chain, 1);
    cr_assert(eq(int, house_open_with(&house, &options), EXIT_DONE), "%s",
              engine_why(house.engine));
    cr_assert(eq(int, house_run(&house, until_decided), EXIT_DONE));
    cr_assert_eq(pthread_create(&asker, NULL, question_ask, NULL), 0);
    cr_assert(eq(int, house_run(&house, until_answered), EXIT_DONE));
    pthread_join(asker, NULL);
    cr_assert_eq(question.error, REPORT_FETCH_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        snprintf(line, sizeof(line), "\nplimsoll_%s", names[i]);
        cr_assert_not_null(strstr(text_string(&question.body), line), "no %s in:\n%s", names[i],
                           text_string(&question.body));
    }
    text_release(&question.body);
    house_close(&house);
    house_end(&house);
    chain_free(chain);
}
