/* Where the keeper must stop: each key bounds something, or opens a breaker; only breakers may be
 * left out with `none`. */
#include <string.h>

#include "keeper/config_section.h"
#include "submit/submit.h"
#include "turn/breaker.h"

static bool is_none(const struct config_place *place)
{
    return place->node->type == YAML_SCALAR_NODE &&
           strcmp((const char *)place->node->data.scalar.value, "none") == 0;
}

static void take_duration_or_none(struct config_reader *reader, const struct config_field *field,
                                  const struct config_place *place, void *target)
{
    if (is_none(place))
        *(int64_t *)target = 0;
    else
        config_take_duration(reader, field, place, target);
}

static void take_count_or_none(struct config_reader *reader, const struct config_field *field,
                               const struct config_place *place, void *target)
{
    if (is_none(place))
        *(uint32_t *)target = 0;
    else
        config_take_u32(reader, field, place, target);
}

/* "50%", without places. */
void config_take_percent_or_none(struct config_reader *reader, const struct config_field *field,
                                 const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    uint32_t percent = 0;
    size_t i = 0;

    if (value == NULL)
        return;
    if (strcmp(value, "none") == 0) {
        *(uint32_t *)target = 0;
        return;
    }
    for (; value[i] >= '0' && value[i] <= '9' && i < 3; i++)
        percent = percent * 10 + (uint32_t)(value[i] - '0');
    if (i == 0 || strcmp(value + i, "%") != 0 || percent < field->min || percent > field->max)
        config_fault(reader, place, "\"%s\" is no whole share of 1%% to 99%%; %s", value,
                     field->hint);
    else
        *(uint32_t *)target = percent;
}

static void take_kill_file(struct config_reader *reader, const struct config_field *field,
                           const struct config_place *place, void *target)
{
    struct config *config = target;

    if (is_none(place))
        config->kill_file[0] = '\0';
    else
        config_path_take(reader, field, place, config, config->kill_file);
}

#define LIMIT(member) offsetof(struct config, settings.limits.member)
#define WEI_LIMIT(name, example)                                                                   \
    {                                                                                              \
        .key = #name, .take = config_take_wei, .offset = LIMIT(name),                              \
        .hint = "write it with its unit, e.g. " example                                            \
    }
#define DAY_MS 86400000ULL

void config_take_limits(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    static const struct config_field fields[] = {
        WEI_LIMIT(fee_per_gas_max, "300 gwei"),
        WEI_LIMIT(priority_fee_per_gas, "1 gwei"),
        WEI_LIMIT(profit_min, "0.005 ether"),
        WEI_LIMIT(gas_per_day_max, "0.5 ether"),
        WEI_LIMIT(loss_per_day_max, "0.2 ether"),
        {.key = "in_flight_max",
         .take = config_take_u32,
         .offset = LIMIT(in_flight_max),
         .min = 1,
         .max = FLIGHTS_MAX,
         .hint = "write a number of transactions, e.g. 8"},
        {.key = "stale_head_max",
         .take = take_duration_or_none,
         .offset = LIMIT(stale_head_max_ms),
         .min = 1,
         .max = DAY_MS,
         .hint = "write it with its unit, e.g. 1m, or none"},
        {.key = "latency_max",
         .take = take_duration_or_none,
         .offset = LIMIT(latency_max_ms),
         .min = 1,
         .max = DAY_MS,
         .hint = "write it with its unit, e.g. 5s, or none"},
        {.key = "revert_rate_max",
         .take = config_take_percent_or_none,
         .offset = LIMIT(revert_rate_max),
         .min = 1,
         .max = 99,
         .hint = "write e.g. 50%, or none"},
        {.key = "revert_window",
         .take = config_take_u32,
         .offset = LIMIT(revert_window),
         .min = 1,
         .max = REVERT_WINDOW_MAX,
         .hint = "write a number of receipts, e.g. 10"},
        {.key = "revert_pause",
         .take = take_duration_or_none,
         .offset = LIMIT(revert_pause_ms),
         .min = 1,
         .max = 30 * DAY_MS,
         .hint = "write it with its unit, e.g. 1h, or none"},
        {.key = "drift_max",
         .take = take_count_or_none,
         .offset = LIMIT(drift_max),
         .min = 1,
         .max = UINT32_MAX,
         .hint = "write a number of accounts, e.g. 3, or none"},
        {.key = "kill_file", .take = take_kill_file, .hint = "write a path, or none"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    (void)field;
    config_take_mapping(reader, &table, place, target);
}
