/*
 * "What happened since nine?" is asked in local time, in UTC, or as "the last two hours", and after
 * an incident by people who are in a hurry: no locale, no guess, one meaning for each form.
 */
#include "keeper/since.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

/* Exactly `count` digits. */
static bool digits_take(int *out, const char **text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    *out = value;
    return true;
}

static bool mark_take(const char **text, const char *marks)
{
    if (**text == '\0' || strchr(marks, **text) == NULL)
        return false;
    (*text)++;
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool day_exists(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March. */
static int64_t days_of(int year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t months = month <= 2 ? month + 9 : month - 3;
    int64_t before = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400;
    return before + (months * 153 + 2) / 5 + day - 1 - 719468;
}

static bool date_take(int64_t *days, const char **text)
{
    int year;
    int month;
    int day;
    if (!digits_take(&year, text, 4) || !mark_take(text, "-") || !digits_take(&month, text, 2) ||
        !mark_take(text, "-") || !digits_take(&day, text, 2) || !day_exists(year, month, day))
        return false;
    *days = days_of(year, month, day);
    return true;
}

static bool clock_take(int64_t *ms, const char **text)
{
    int hour;
    int minute;
    int second;
    if (!digits_take(&hour, text, 2) || !mark_take(text, ":") || !digits_take(&minute, text, 2) ||
        !mark_take(text, ":") || !digits_take(&second, text, 2) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * 1000;
    if (**text != '.')
        return true;
    (*text)++;
    int64_t unit_ms = 100;
    const char *start = *text;
    for (; **text >= '0' && **text <= '9'; (*text)++, unit_ms /= 10)
        *ms += (**text - '0') * unit_ms;
    return *text != start;
}

/* "Z", "+02:00", "-05:30": minutes ahead of UTC. */
static bool zone_take(int64_t *minutes, const char **text)
{
    int hour;
    int minute;
    bool is_behind = **text == '-';
    *minutes = 0;
    if (mark_take(text, "Zz"))
        return true;
    if (!mark_take(text, "+-") || !digits_take(&hour, text, 2) || !mark_take(text, ":") ||
        !digits_take(&minute, text, 2) || hour > 23 || minute > 59)
        return false;
    *minutes = (is_behind ? -1 : 1) * (hour * 60 + minute);
    return true;
}

bool since_parse(int64_t *out_ms, const char *text, int64_t now_ms)
{
    int64_t ago_ms;
    int64_t days;
    int64_t clock_ms;
    int64_t zone_minutes;

    if (duration_parse(&ago_ms, text) == UNIT_OK) {
        if (__builtin_sub_overflow(now_ms, ago_ms, out_ms))
            *out_ms = INT64_MIN;
        return true;
    }
    if (!date_take(&days, &text) || !mark_take(&text, "Tt ") || !clock_take(&clock_ms, &text) ||
        !zone_take(&zone_minutes, &text) || *text != '\0')
        return false;
    *out_ms = days * 86400000 + clock_ms - zone_minutes * 60000;
    return true;
}

void time_format(char out[24], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0));
    struct tm utc;

    out[0] = '\0';
    if (gmtime_r(&seconds, &utc) != NULL)
        (void)strftime(out, 24, "%Y-%m-%d %H:%M:%S", &utc);
}
