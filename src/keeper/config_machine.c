/* What belongs to this machine and not to the thinking: files, the signer, what is listened on. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "keeper/config_section.h"
#include "report/listen.h"

/* A relative path is meant from where the config lies, whatever folder a unit starts in. */
void config_path_take(struct config_reader *reader, const struct config_field *field,
                      const struct config_place *place, const struct config *config, char *out)
{
    const char *path = config_scalar(reader, field, place);
    const char *slash = strrchr(config->file, '/');
    int folder =
        path == NULL || path[0] == '/' || slash == NULL ? 0 : (int)(slash - config->file) + 1;
    if (path == NULL)
        return;
    int length = snprintf(out, CONFIG_PATH_MAX, "%.*s%s", folder, config->file, path);
    if (length >= 0 && length < CONFIG_PATH_MAX)
        return;
    out[0] = '\0';
    config_fault(reader, place, "is a path of over %d characters; %s", CONFIG_PATH_MAX - 1,
                 field->hint);
}

static void take_journal_path(struct config_reader *reader, const struct config_field *field,
                              const struct config_place *place, void *target)
{
    struct config *config = target;
    config_path_take(reader, field, place, config, config->journal);
}

/* Wants are "none", or a duration. */
static void take_snapshot_every(struct config_reader *reader, const struct config_field *field,
                                const struct config_place *place, void *target)
{
    struct config *config = target;

    if (place->node->type == YAML_SCALAR_NODE &&
        strcmp((const char *)place->node->data.scalar.value, "none") == 0)
        config->snapshot_every_ms = -1;
    else
        config_take_duration(reader, field, place, &config->snapshot_every_ms);
}

static void take_listen(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    struct config *config = target;
    struct listen_address address;
    bool is_scalar = place->node->type == YAML_SCALAR_NODE;

    if (is_scalar && (place->node->data.scalar.length == 0 ||
                      strcmp((const char *)place->node->data.scalar.value, "none") == 0)) {
        config->listen[0] = '\0';
        return;
    }
    const char *value = config_scalar(reader, field, place);
    if (value == NULL)
        return;
    if (!listen_parse(&address, value))
        config_fault(reader, place, "is no address to listen on; %s", field->hint);
    else
        config_take_text(reader, field, place, config->listen);
}

static void take_log(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target)
{
    struct config *config = target;
    const char *value = config_scalar(reader, field, place);
    if (value != NULL && !log_level_parse(&config->log, value))
        config_fault(reader, place, "is no level of the log; %s", field->hint);
}

void config_take_journal(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    static const struct config_field fields[] = {
        {.key = "path",
         .take = take_journal_path,
         .hint = "write the file that holds the journal",
         .is_required = true},
        {.key = "snapshot_every",
         .take = take_snapshot_every,
         .min = 1000,
         .max = 86400000,
         .hint = "write how often the mirror is kept, 1s to 24h, e.g. 10m, or none"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    (void)field;
    config_take_mapping(reader, &table, place, target);
}

void config_take_report(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    static const struct config_field fields[] = {
        {.key = "listen",
         .take = take_listen,
         .size = sizeof(((struct config *)NULL)->listen),
         .hint = "write HOST:PORT with a numeric host, e.g. 127.0.0.1:9464, or none"},
        {.key = "log", .take = take_log, .hint = "write error, warning, info or debug"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    (void)field;
    config_take_mapping(reader, &table, place, target);
}

/* Where an operator looks first: beside the config. A file of a name too long kills nothing. */
static void kill_file_default(struct config *config)
{
    const char *slash = strrchr(config->file, '/');
    int folder = slash == NULL ? 0 : (int)(slash - config->file) + 1;
    int length = snprintf(config->kill_file, CONFIG_PATH_MAX, "%.*s%s", folder, config->file,
                          CONFIG_KILL_FILE_DEFAULT);

    if (length < 0 || length >= CONFIG_PATH_MAX)
        config->kill_file[0] = '\0';
}

static struct wei wei_of_gwei(uint64_t gwei)
{
    struct wei amount;
    struct u256 count = u256_of(gwei);
    struct u256 unit = u256_of(1000000000);
    bool is_whole = u256_mul(&amount.value, &count, &unit);
    MUST(is_whole);
    return amount;
}

void config_set_defaults(struct config *config)
{
    struct settings *settings = &config->settings;
    /* the same address on nearly every chain; `check` proves it */
    bool is_sound = hex_decode(settings->chain.multicall.byte, 20,
                               "cA11bde05977b3631167028862bE2a173976CA11", 40);
    MUST(is_sound);
    settings->chain.poll_ms = CONFIG_POLL_MS_DEFAULT;
    settings->chain.connect_timeout_ms = 3000;
    settings->chain.total_timeout_ms = 20000;
    settings->chain.log_range_max = 10000;
    settings->mode = KEEPER_DRY_RUN;
    settings->funding = FUNDING_INVENTORY;
    settings->haircut_bps = 10000;
    settings->simulate = SIMULATE_UNAUDITED;
    settings->race_profit_share = 50;
    settings->parity_sample = 32;
    settings->audit_accounts = 16;
    settings->way_out = WAY_PUBLIC;
    settings->private_blocks = 5;
    settings->limits.fee_per_gas_max = wei_of_gwei(300);
    settings->limits.priority_fee_per_gas = wei_of_gwei(1);
    settings->limits.profit_min = wei_of_gwei(5000000);
    settings->limits.gas_per_day_max = wei_of_gwei(500000000);
    settings->limits.loss_per_day_max = wei_of_gwei(200000000);
    settings->limits.in_flight_max = 8;
    settings->limits.stale_head_max_ms = 60000;
    settings->limits.latency_max_ms = 5000;
    settings->limits.revert_rate_max = 50;
    settings->limits.revert_window = 10;
    settings->limits.revert_pause_ms = 3600000;
    settings->limits.drift_max = 3;
    kill_file_default(config);
    memcpy(config->listen, CONFIG_LISTEN_DEFAULT, sizeof(CONFIG_LISTEN_DEFAULT));
    config->log = LOG_LEVEL_INFO;
    config->snapshot_every_ms = CONFIG_SNAPSHOT_MS_DEFAULT;
}
