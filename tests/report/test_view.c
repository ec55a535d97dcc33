/* The same view as JSON, as a page, and on a terminal. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/view.h"
#include "report/view_words.h"

#define ACCOUNT "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
#define HASH "0x4b1f3c8dd2f6c5c8f3b6a1d0e9f8c7b6a5948372615049f8e7d6c5b4a3928170"

static struct view *view;
static struct view *again;
static struct text text;

static void begin(void)
{
    view = calloc(1, sizeof(*view));
    again = calloc(1, sizeof(*again));
    strcpy(view->mode, "live");
    strcpy(view->version, "1.2.3");
    view->chain_id = 31337;
    strcpy(view->account, ACCOUNT);
    view->ready = true;
    view->live = true;
    view->head_block = 19000123;
    strcpy(view->head_hash, HASH);
    view->head_timestamp_s = 1700000000;
    view->head_age_ms = 4200;
    view->turns = 42;
    view->last_turn_ms = 1700000004200;
    strcpy(view->gas_balance, "12345678901234567890");
    strcpy(view->gas_spent_today, "312000000000000000");
    strcpy(view->gas_per_day_max, "500000000000000000");
    strcpy(view->loss_today, "0");
    strcpy(view->loss_per_day_max, "200000000000000000");
    strcpy(view->profit_total, "-4312000000000000000");
    view->in_flight = 1;
    view->in_flight_max = 8;
}

static void end(void)
{
    text_release(&text);
    free(view);
    free(again);
}

TestSuite(view, .init = begin, .fini = end);

static void everything_added(void)
{
    view->market_count = 2;
    view->market[0] = (struct view_market){"main", "aave-v3", 10, 48213, 3, false, ""};
    view->market[1] = (struct view_market){"old", "aave-v3", 1, 7, 0, true, "2 of 32 differ"};
    view->edge_count = 1;
    view->edge[0] = (struct view_position){"main", ACCOUNT, "0.9876", "1500000.25", "1900000.5"};
    view->flight_count = 1;
    view->flight[0] = (struct view_flight){1041, "sent", ACCOUNT, HASH, 65000};
    view->decision_count = 2;
    view->decision[0] =
        (struct view_decision){19000123, ACCOUNT, "liquidate", "profitable", "41200000000000000"};
    view->decision[1] =
        (struct view_decision){19000122, ACCOUNT, "skip", "unprofitable", "-3200000000000000"};
    view->endpoint_count = 1;
    view->endpoint[0] = (struct view_endpoint){"127.0.0.1:8545", true, 812345, 12};
    view->breaker_count = 2;
    view->breaker[0] = (struct view_breaker){"kill", false, "when an operator says so"};
    view->breaker[1] = (struct view_breaker){"loss_per_day", true, "at midnight UTC"};
    view->drop_count = 2;
    view->drop[0] = (struct view_drop){5, 0, "0"};
    view->drop[1] = (struct view_drop){10, 17, "2500000.75"};
}

static void has(const char *piece)
{
    cr_assert_not_null(strstr(text_string(&text), piece), "no \"%s\" in:\n%s", piece,
                       text_string(&text));
}

static void has_not(const char *piece)
{
    cr_assert_null(strstr(text_string(&text), piece), "\"%s\" in:\n%s", piece, text_string(&text));
}

Test(view, comes_back_from_its_json)
{
    everything_added();
    view_json(&text, view);
    cr_assert(view_parse(again, text_bytes(&text)));
    TEXT twice = {0};
    view_json(&twice, again);
    cr_assert_str_eq(text_string(&twice), text_string(&text));
    cr_assert_eq(memcmp(view, again, sizeof(*view)), 0);
}

Test(view, comes_back_empty_and_full)
{
    memset(view, 0, sizeof(*view));
    view_json(&text, view);
    cr_assert(view_parse(again, text_bytes(&text)));
    cr_assert_eq(memcmp(view, again, sizeof(*view)), 0);
    view->market_count = VIEW_MARKETS_MAX;
    view->edge_count = VIEW_EDGE_MAX;
    view->flight_count = VIEW_FLIGHTS_MAX;
    view->decision_count = VIEW_DECISIONS_MAX;
    view->endpoint_count = VIEW_ENDPOINTS_MAX;
    view->breaker_count = VIEW_BREAKERS_MAX;
    view->drop_count = VIEW_DROPS_MAX;
    view->head_age_ms = -5;
    text_clear(&text);
    view_json(&text, view);
    cr_assert(view_parse(again, text_bytes(&text)));
    cr_assert_eq(memcmp(view, again, sizeof(*view)), 0);
}

Test(view, is_json_of_the_promised_names)
{
    everything_added();
    view_json(&text, view);
    json_t *root = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root);
    cr_assert_eq(json_integer_value(json_object_get(root, "head_block")), 19000123);
    cr_assert_str_eq(json_string_value(json_object_get(root, "gas_spent_today")),
                     "312000000000000000");
    json_t *edge = json_array_get(json_object_get(root, "edge"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(edge, "health")), "0.9876");
    json_t *drop = json_array_get(json_object_get(root, "drops"), 1);
    cr_assert_eq(json_integer_value(json_object_get(drop, "accounts")), 17);
    json_t *breaker = json_array_get(json_object_get(root, "breakers"), 1);
    cr_assert_eq(json_object_get(breaker, "open"), json_true());
    json_decref(root);
}

Test(view, escapes_what_strangers_named_in_json)
{
    strcpy(view->ready_why, "\"quoted\" \\ and\nbroken \xff");
    view_json(&text, view);
    cr_assert(view_parse(again, text_bytes(&text)));
    cr_assert_str_eq(again->ready_why, "\"quoted\" \\ and\nbroken \xef\xbf\xbd");
}

Test(view, refuses_json_that_is_no_view)
{
    static const char *const wrong[] = {"",
                                        "[]",
                                        "null",
                                        "{\"mode\":5}",
                                        "{\"ready\":\"yes\"}",
                                        "{\"head_block\":\"7\"}",
                                        "{\"head_block\":-1}",
                                        "{\"in_flight\":4294967296}",
                                        "{\"turns\":1.5}",
                                        "{\"head_age_ms\":null}",
                                        "{\"edge\":{}}",
                                        "{\"edge\":[5]}",
                                        "{\"edge\":[{\"health\":1}]}",
                                        "{\"mode\":\"live\"",
                                        "{\"mode\":\"live\",\"mode\":\"live\"}"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        cr_assert_not(view_parse(again, bytes_of_text(wrong[i])), "%s", wrong[i]);
}

Test(view, takes_the_json_of_another_version)
{
    text_add(&text,
             "{\"mode\":\"a mode that has many more letters than fit\",\"new\":[1],\"drops\":[");
    for (int i = 0; i < VIEW_DROPS_MAX + 5; i++)
        text_add(&text, i == 0 ? "{\"percent\":5}" : ",{\"percent\":5}");
    text_add(&text, "]}");
    cr_assert(view_parse(again, text_bytes(&text)));
    cr_assert_str_eq(again->mode, "a mode that has");
    cr_assert_eq(again->drop_count, VIEW_DROPS_MAX);
}

Test(view, shows_all_of_it_on_the_page)
{
    everything_added();
    view_page(&text, view);
    static const char *const pieces[] = {
        "<!doctype html>\n<html lang=\"en\">",
        "<meta http-equiv=\"refresh\" content=\"5\">",
        "<span class=\"chip good\">live</span>",
        "<span class=\"chip good\">ready</span>",
        "<span class=\"chip bad\">loss_per_day</span>",
        "<b>19,000,123</b>",
        "4.2 s old",
        "<b>0.312000</b><small>of 0.500000 ether</small>",
        "value=\"62\"></meter>",
        "<b>-4.312000</b>",
        "<b>12.345678</b>",
        "title=\"" ACCOUNT "\">0x7099…79C8</td>",
        "<td class=\"n bad\">0.9876</td><td class=\"n\">1,500,000.25</td>",
        "<td class=\"n\">48,213</td>",
        "<td class=\"w warn\">2 of 32 differ</td>",
        "<td>sent</td>",
        "1 min 5 s",
        "<td class=\"good\">liquidate</td><td>profitable</td><td class=\"n\">0.041200</td>",
        "<td>skip</td><td>unprofitable</td><td class=\"n bad\">-0.003200</td>",
        "<td class=\"bad\">open</td><td class=\"w\">at midnight UTC</td>",
        "<td>127.0.0.1:8545</td><td class=\"good\">in use</td>",
        "−10 %: 17 accounts, debt 2500000.75",
        "<svg class=\"chart\"",
        "at most 2,500,000.75.",
        "</html>\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++)
        has(pieces[i]);
}

Test(view, says_what_is_wrong_first)
{
    view->ready = false;
    view->live = false;
    strcpy(view->ready_why, "market old: 2 of 32 differ");
    view_page(&text, view);
    has("<span class=\"chip bad\">the loop stands still</span>");
    has("<span class=\"chip warn\">market old: 2 of 32 differ</span>");
    has("· not ready</title>");
    view->ready_why[0] = '\0';
    text_clear(&text);
    view_page(&text, view);
    has("<span class=\"chip warn\">not ready</span>");
}

Test(view, says_so_where_there_is_nothing)
{
    view_page(&text, view);
    has("No transaction is under way.");
    has("Nobody owes anything");
    has("Not known yet.");
    has("None yet.");
}

Test(view, asks_nothing_of_any_other_machine)
{
    everything_added();
    view_page(&text, view);
    has_not("<script");
    has_not("<img");
    has_not("<link");
    has_not("url(");
    has_not("@import");
    has_not("http://");
    has_not("https://");
    has_not("//");
}

Test(view, stands_still_in_the_report_of_a_replay)
{
    strcpy(view->mode, "replay");
    view_page(&text, view);
    has_not("http-equiv");
    has_not("href=");
}

/* Each text of a view could be a stranger's. */
Test(view, escapes_what_strangers_named_on_the_page)
{
    everything_added();
#define EVIL "\"><b>'&"
    strcpy(view->mode, EVIL);
    strcpy(view->version, EVIL);
    strcpy(view->account, EVIL);
    strcpy(view->head_hash, EVIL);
    strcpy(view->gas_balance, EVIL);
    strcpy(view->gas_spent_today, EVIL);
    strcpy(view->gas_per_day_max, EVIL);
    strcpy(view->profit_total, EVIL);
    view->ready = false;
    strcpy(view->ready_why, EVIL);
    strcpy(view->market[0].name, EVIL);
    strcpy(view->market[0].protocol, EVIL);
    strcpy(view->market[1].why, EVIL);
    strcpy(view->edge[0].market, EVIL);
    strcpy(view->edge[0].account, EVIL);
    strcpy(view->edge[0].health, EVIL);
    strcpy(view->edge[0].debt, EVIL);
    strcpy(view->edge[0].collateral, EVIL);
    strcpy(view->flight[0].state, EVIL);
    strcpy(view->flight[0].account, EVIL);
    strcpy(view->flight[0].hash, EVIL);
    strcpy(view->decision[0].account, EVIL);
    strcpy(view->decision[0].verdict, EVIL);
    strcpy(view->decision[0].reason, EVIL);
    strcpy(view->decision[0].net, EVIL);
    strcpy(view->endpoint[0].name, EVIL);
    strcpy(view->breaker[1].name, EVIL);
    strcpy(view->breaker[1].closes, EVIL);
    strcpy(view->drop[1].debt, EVIL);
    view_page(&text, view);
    has("&quot;&gt;&lt;b&gt;&#39;&amp;");
    has_not(EVIL);
    has_not("\"><b>");
    has_not("<b>'");
}

Test(view, shows_the_figures_on_a_terminal)
{
    everything_added();
    view_terminal(&text, view, false);
    static const char *const pieces[] = {
        "plimsoll  1.2.3  live  ready\n",
        "chain      31,337  " ACCOUNT "\n",
        "head       19,000,123  0x4b1f…8170  4.2 s\n",
        "gas        0.312000 of 0.500000 ether today\n",
        "profit     -4.312000  ether in all, gas money  12.345678\n",
        "flights    1  of  8\n",
        "main              aave-v3            48,213           3\n",
        "old               aave-v3                 7           0  2 of 32 differ\n",
        ACCOUNT "  0.9876        1,500,000.25  main\n",
        "1,041       sent      " ACCOUNT "  1 min 5 s  0x4b1f…8170\n",
        "19,000,123   " ACCOUNT "  liquidate  profitable           0.041200\n",
        "loss_per_day      open    at midnight UTC\n",
        "kill              closed\n",
        "127.0.0.1:8545                  in use        812,345  requests      12  failed\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++)
        has(pieces[i]);
    has_not("\x1b");
    has_not(" \n");
}

Test(view, colours_a_terminal_that_wants_it)
{
    view->ready = false;
    strcpy(view->ready_why, "no endpoint answers");
    view_terminal(&text, view, true);
    has("\x1b[33mno endpoint answers\x1b[0m");
    has_not(" \n");
}

Test(view, lets_nobody_steer_the_terminal)
{
    everything_added();
    strcpy(view->ready_why, "\x1b[2J\a\x7f");
    strcpy(view->endpoint[0].name, "a\r\nb");
    view->ready = false;
    view_terminal(&text, view, false);
    has_not("\x1b");
    has("?[2J??\n");
    has("a??b");
}

Test(words, put_figures_for_people)
{
    static const struct {
        int64_t age_ms;
        const char *text;
    } ages[] = {{-5, "0 ms"},
                {0, "0 ms"},
                {999, "999 ms"},
                {1000, "1.0 s"},
                {59999, "59.9 s"},
                {60000, "1 min 0 s"},
                {3599999, "59 min 59 s"},
                {3600000, "1 h 0 min"},
                {86399999, "23 h 59 min"},
                {90000000, "1 d 1 h"}};
    for (size_t i = 0; i < ARRAY_LENGTH(ages); i++) {
        TEXT words = {0};
        words_add_age(&words, ages[i].age_ms);
        cr_assert_str_eq(text_string(&words), ages[i].text);
    }
    static const char *const thousands[][2] = {{"", ""},
                                               {"0", "0"},
                                               {"999", "999"},
                                               {"1000", "1,000"},
                                               {"-1000", "-1,000"},
                                               {"12", "12"},
                                               {"1234567.8901", "1,234,567.8901"},
                                               {"n/a", "n/a"}};
    for (size_t i = 0; i < ARRAY_LENGTH(thousands); i++) {
        TEXT words = {0};
        words_add_thousands(&words, thousands[i][0]);
        cr_assert_str_eq(text_string(&words), thousands[i][1]);
    }
    static const char *const ethers[][2] = {{"", ""},
                                            {"0", "0.000000"},
                                            {"1", "0.000000"},
                                            {"-1500000000000000000", "-1.500000"},
                                            {"none", "none"}};
    for (size_t i = 0; i < ARRAY_LENGTH(ethers); i++) {
        TEXT words = {0};
        words_add_ether(&words, ethers[i][0]);
        cr_assert_str_eq(text_string(&words), ethers[i][1]);
    }
}

Test(words, give_the_share_of_a_limit)
{
    cr_assert(eq(uint, words_percent("1", "4"), 25));
    cr_assert(eq(uint, words_percent("5", "4"), 100));
    cr_assert(eq(uint, words_percent("0", "4"), 0));
    cr_assert(eq(uint, words_percent("1", "0"), 0));
    cr_assert(eq(uint, words_percent("", "4"), 0));
    cr_assert(eq(uint, words_percent("4", "nothing"), 0));
}
