#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "rpc/health.h"

Test(health, rests_after_three_failures_in_a_row)
{
    struct health health = {0};
    health_fail(&health, false, 0);
    health_fail(&health, false, 0);
    cr_assert(not(health.is_resting));
    health_fail(&health, false, 1000);
    cr_assert(health.is_resting);
    cr_assert(eq(i64, health.wake_us, 1000 + HEALTH_REST_MIN_US));
}

Test(health, forgets_failures_at_a_success)
{
    struct health health = {0};
    for (int i = 0; i < 10; i++) {
        health_fail(&health, false, 0);
        health_fail(&health, false, 0);
        health_succeed(&health, false, 1);
    }
    cr_assert(not(health.is_resting));
}

Test(health, does_not_rest_longer_for_what_was_under_way_already)
{
    struct health health = {0};
    for (int i = 0; i < 11; i++)
        health_fail(&health, false, i);
    cr_assert(eq(i64, health.rest_us, HEALTH_REST_MIN_US));
    cr_assert(eq(i64, health.wake_us, 2 + HEALTH_REST_MIN_US));
}

Test(health, is_probed_by_one_at_a_time)
{
    struct health health = {0};
    health_limit(&health, false, 0, 0);
    cr_assert(not(health_wants_probe(&health, HEALTH_REST_MIN_US - 1)));
    cr_assert(health_wants_probe(&health, HEALTH_REST_MIN_US));
    health_begin_probe(&health);
    cr_assert(not(health_wants_probe(&health, INT64_MAX)));
}

Test(health, rests_twice_as_long_after_each_probe_up_to_a_bound)
{
    struct health health = {0};
    int64_t now_us = 0;
    int64_t expected_us = HEALTH_REST_MIN_US;
    for (int i = 0; i < 3; i++)
        health_fail(&health, false, now_us);
    for (int i = 0; i < 20; i++) {
        cr_assert(eq(i64, health.wake_us - now_us, expected_us));
        now_us = health.wake_us;
        health_begin_probe(&health);
        health_fail(&health, true, now_us);
        expected_us = expected_us * 2 > HEALTH_REST_MAX_US ? HEALTH_REST_MAX_US : expected_us * 2;
    }
    cr_assert(eq(i64, expected_us, HEALTH_REST_MAX_US));
}

Test(health, is_back_at_the_first_probe_that_is_answered)
{
    struct health health = {0};
    health_limit(&health, false, 0, 0);
    health_begin_probe(&health);
    health_limit(&health, true, 0, 300000);
    health_begin_probe(&health);
    health_succeed(&health, true, 1);
    cr_assert(not(health.is_resting));
    health_limit(&health, false, 0, 0);
    cr_assert(eq(i64, health.rest_us, HEALTH_REST_MIN_US));
}

Test(health, keeps_resting_when_something_older_is_answered)
{
    struct health health = {0};
    health_limit(&health, false, 0, 0);
    health_succeed(&health, false, 1);
    cr_assert(health.is_resting);
    cr_assert(eq(int, health.failures, 0));
}

Test(health, believes_a_node_that_asks_for_a_pause_up_to_a_bound)
{
    struct health health = {0};
    health_limit(&health, false, 2000000, 0);
    cr_assert(eq(i64, health.wake_us, 2000000));
    health_limit(&health, false, INT64_MAX, 0);
    cr_assert(eq(i64, health.wake_us, HEALTH_PAUSE_MAX_US));
    health_limit(&health, false, 0, 0);
    cr_assert(eq(i64, health.wake_us, HEALTH_PAUSE_MAX_US));
}

#define SECOND_US 1000000

/* However long it blew, and however long each refusal asked us to wait. */
Test(health, after_a_storm_of_limits_is_tried_within_a_minute)
{
    static const int64_t pauses_us[] = {0, SECOND_US, HEALTH_PAUSE_MAX_US, INT64_MAX};
    for (int64_t storm_s = 1; storm_s < 600; storm_s++) {
        struct health health = {0};
        int64_t now_us = 0;
        unsigned tries = 0;
        health_limit(&health, false, pauses_us[storm_s % 4], now_us);
        for (; health.wake_us < storm_s * SECOND_US; tries++) {
            now_us = health.wake_us;
            cr_assert(health_wants_probe(&health, now_us));
            health_begin_probe(&health);
            health_limit(&health, true, pauses_us[storm_s % 4], now_us);
        }
        cr_assert(lt(i64, health.wake_us - storm_s * SECOND_US, 60 * SECOND_US));
        cr_assert(le(i64, tries, 6 + storm_s / (HEALTH_REST_MAX_US / SECOND_US)));
    }
}

/* A node that refuses seven of ten is no node that is gone: what is asked of it gets on. */
Test(health, that_limits_a_share_only_rests_for_a_second_at_most)
{
    struct health health = {0};
    int64_t now_us = SECOND_US;

    health_succeed(&health, false, now_us);
    health_limit(&health, false, 0, now_us);
    for (unsigned tries = 0; tries < 8; tries++) {
        cr_assert(le(i64, health.wake_us - now_us, SECOND_US));
        now_us = health.wake_us;
        health_begin_probe(&health);
        health_limit(&health, true, 0, now_us);
    }
    now_us = health.wake_us + HEALTH_SHARE_US; /* nothing was answered since: a storm after all */
    health_begin_probe(&health);
    health_limit(&health, true, 0, now_us);
    cr_assert(gt(i64, health.wake_us - now_us, SECOND_US));
    now_us = health.wake_us;
    health_begin_probe(&health);
    health_limit(&health, true, 3 * SECOND_US, now_us);
    cr_assert(ge(i64, health.wake_us - now_us, 3 * SECOND_US), "it asked for more");
}
