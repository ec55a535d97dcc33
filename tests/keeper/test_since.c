/* Points in time, as they are typed in a hurry. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "keeper/since.h"

#define NOW 1700000000000

Test(since, takes_rfc_3339)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"1970-01-01T00:00:00Z", 0},
                {"1970-01-01T00:00:00.001Z", 1},
                {"2025-10-10T21:00:00Z", 1760130000000},
                {"2025-10-10t21:00:00z", 1760130000000},
                {"2025-10-10 21:00:00Z", 1760130000000},
                {"2025-10-10T23:00:00+02:00", 1760130000000},
                {"2025-10-10T15:30:00-05:30", 1760130000000},
                {"2025-10-10T21:00:00.25Z", 1760130000250},
                {"2025-10-10T21:00:00.123456Z", 1760130000123},
                {"2024-02-29T00:00:00Z", 1709164800000},
                {"2000-02-29T00:00:00Z", 951782400000},
                {"1969-12-31T23:59:59Z", -1000},
                {"2016-12-31T23:59:60Z", 1483228800000}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t ms = -7;
        cr_assert(since_parse(&ms, rows[i].text, NOW), "%s", rows[i].text);
        cr_assert(eq(i64, ms, rows[i].ms), "%s", rows[i].text);
    }
}

Test(since, takes_how_long_ago)
{
    int64_t ms;
    cr_assert(since_parse(&ms, "2h", NOW));
    cr_assert(eq(i64, ms, NOW - 7200000));
    cr_assert(since_parse(&ms, "90s", NOW));
    cr_assert(eq(i64, ms, NOW - 90000));
    cr_assert(since_parse(&ms, "9223372036854775807ms", -NOW));
    cr_assert(eq(i64, ms, INT64_MIN));
}

Test(since, refuses_everything_else)
{
    static const char *const wrong[] = {"",
                                        "now",
                                        "2",
                                        "-2h",
                                        "2 parsecs",
                                        "2025-10-10",
                                        "2025-10-10T21:00:00",
                                        "2025-10-10T21:00Z",
                                        "2025-13-10T21:00:00Z",
                                        "2025-00-10T21:00:00Z",
                                        "2025-02-29T21:00:00Z",
                                        "1900-02-29T21:00:00Z",
                                        "2025-04-31T21:00:00Z",
                                        "2025-04-00T21:00:00Z",
                                        "2025-10-10T24:00:00Z",
                                        "2025-10-10T21:60:00Z",
                                        "2025-10-10T21:00:61Z",
                                        "2025-10-10T21:00:00.Z",
                                        "2025-10-10T21:00:00+2:00",
                                        "2025-10-10T21:00:00+24:00",
                                        "2025-10-10T21:00:00Z ",
                                        "25-10-10T21:00:00Z"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        int64_t ms;
        cr_assert_not(since_parse(&ms, wrong[i], NOW), "%s", wrong[i]);
    }
}

Test(since, shows_time_in_utc)
{
    char text[24];
    time_format(text, 1760130000999);
    cr_assert_str_eq(text, "2025-10-10 21:00:00");
    time_format(text, -1);
    cr_assert_str_eq(text, "1969-12-31 23:59:59");
    time_format(text, INT64_MAX);
    time_format(text, INT64_MIN);
}
