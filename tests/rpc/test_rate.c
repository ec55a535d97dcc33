#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "rpc/rate.h"

#define SECOND 1000000

/* Sends as early as it may; the moments at which each of `count` calls went. */
static void send_all(struct rate *rate, int64_t at[], int count, uint32_t calls, int64_t now_us)
{
    for (int i = 0; i < count; i++) {
        int64_t wait_us;
        while ((wait_us = rate_wait_us(rate, calls, now_us)) > 0)
            now_us += wait_us;
        rate_take(rate, calls, now_us);
        at[i] = now_us;
    }
}

Test(rate, lets_everything_through_where_there_is_no_limit)
{
    struct rate rate = {0};
    for (int i = 0; i < 100000; i++) {
        cr_assert(eq(i64, rate_wait_us(&rate, 256, 77), 0));
        rate_take(&rate, 256, 77);
    }
}

Test(rate, lets_a_whole_second_go_at_once)
{
    struct rate rate = {.per_second = 50};
    for (int i = 0; i < 50; i++) {
        cr_assert(eq(i64, rate_wait_us(&rate, 1, 123456), 0));
        rate_take(&rate, 1, 123456);
    }
    cr_assert(gt(i64, rate_wait_us(&rate, 1, 123456), 0));
}

Test(rate, never_lets_more_through_in_any_second_than_the_limit)
{
    static const uint32_t limits[] = {1, 2, 3, 7, 25, 100, 333};
    static int64_t at[2000];
    for (size_t l = 0; l < 7; l++) {
        struct rate rate = {.per_second = limits[l]};
        send_all(&rate, at, 2000, 1, 987654321);
        for (int i = 0; i + (int)limits[l] < 2000; i++)
            cr_assert(ge(i64, at[i + (int)limits[l]] - at[i], SECOND));
    }
}

Test(rate, stays_close_to_the_limit)
{
    static int64_t at[1001];
    struct rate rate = {.per_second = 10};
    send_all(&rate, at, 1001, 1, 5);
    cr_assert(le(i64, at[1000] - at[0], 106 * (int64_t)SECOND));
}

Test(rate, counts_each_call_of_a_batch)
{
    static int64_t at[100];
    struct rate rate = {.per_second = 30};
    send_all(&rate, at, 100, 10, 0);
    for (int i = 0; i + 3 < 100; i++)
        cr_assert(ge(i64, at[i + 3] - at[i], SECOND));
}

Test(rate, lets_a_batch_over_the_limit_go_alone_and_pays_it_back)
{
    struct rate rate = {.per_second = 10};
    cr_assert(eq(i64, rate_wait_us(&rate, 100, 3 * SECOND), 0));
    rate_take(&rate, 100, 3 * SECOND);
    cr_assert(eq(i64, rate_wait_us(&rate, 1, 3 * SECOND), 10 * SECOND));
    cr_assert(eq(i64, rate_wait_us(&rate, 1, 13 * SECOND), 0));
    rate_take(&rate, 1, 13 * SECOND);
    cr_assert(gt(i64, rate_wait_us(&rate, 100, 13 * SECOND), 0));
    cr_assert(eq(i64, rate_wait_us(&rate, 100, 15 * SECOND), 0));
}

Test(rate, says_a_wait_after_which_it_is_free)
{
    struct rate rate = {.per_second = 3};
    int64_t now_us = 0;
    for (int i = 0; i < 5000; i++) {
        uint32_t calls = (uint32_t)(i * 7 % 5 + 1);
        now_us += i * 7919 % 400000;
        now_us += rate_wait_us(&rate, calls, now_us);
        cr_assert(eq(i64, rate_wait_us(&rate, calls, now_us), 0));
        rate_take(&rate, calls, now_us);
    }
}
