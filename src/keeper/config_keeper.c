/* What the keeper watches, and whose money it uses. */
#include <string.h>

#include "keeper/config_section.h"
#include "submit/armed.h"

const char *const config_mode_choices[] = {"dry-run", "live", NULL};
const char *const config_way_out_choices[] = {"public", "private", NULL};
const char *const config_backrun_choices[] = {"false", "true", NULL};
const char *const config_simulate_choices[] = {"always", "unaudited", "never", NULL};
const char *const config_receive_choices[] = {"never", "when_dry", "always", NULL};

/* Names stand in metrics' labels and on command lines, where quotes and spaces only hurt. */
static void take_name(struct config_reader *reader, const struct config_field *field,
                      const struct config_place *place, void *target)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *name = config_scalar(reader, field, place);
    if (name == NULL)
        return;
    if (name[strspn(name, letters)] != '\0')
        config_fault(reader, place, "may hold letters, digits, '.', '_' and '-' only; %s",
                     field->hint);
    else
        config_take_text(reader, field, place, target);
}

static void take_protocol(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place, void *target)
{
    const char *protocol = config_scalar(reader, field, place);
    if (protocol == NULL)
        return;
    if (strcmp(protocol, "aave-v3") == 0)
        config_take_text(reader, field, place, target);
    else
        config_fault(reader, place, "is no protocol that this version supports; %s", field->hint);
}

static void take_price_age(struct config_reader *reader, const struct config_field *field,
                           const struct config_place *place, void *target)
{
    if (place->node->type == YAML_SCALAR_NODE &&
        strcmp((const char *)place->node->data.scalar.value, "none") == 0)
        *(int64_t *)target = -1;
    else
        config_take_duration(reader, field, place, target);
}

#define MARKET(member) offsetof(struct market_settings, member)

static void take_market(struct config_reader *reader, const struct config_place *place,
                        struct market_settings *market)
{
    static const struct config_field fields[] = {
        {.key = "name",
         .take = take_name,
         .offset = MARKET(name),
         .size = sizeof(market->name),
         .hint = "write a short name of your own, e.g. main",
         .is_required = true},
        {.key = "protocol",
         .take = take_protocol,
         .offset = MARKET(protocol),
         .size = sizeof(market->protocol),
         .hint = "see `plimsoll help protocols`",
         .is_required = true},
        {.key = "address",
         .take = config_take_address,
         .offset = MARKET(address),
         .hint = "write the PoolAddressesProvider's address (`plimsoll help protocols`)",
         .is_required = true},
        {.key = "from_block",
         .take = config_take_u64,
         .offset = MARKET(from_block),
         .max = INT64_MAX,
         .hint = "write the block in which the market was deployed, or 0"},
        {.key = "price_age_max",
         .take = take_price_age,
         .offset = MARKET(price_age_max_ms),
         .min = 1000,
         .max = 366ULL * 86400000,
         .hint = "write it with its unit, e.g. 1h, or none"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    market->price_age_max_ms = -1;
    config_take_mapping(reader, &table, place, market);
}

void config_take_markets(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    struct settings *settings = target;
    size_t count = config_list(reader, place, SETTINGS_MARKETS_MAX, field->hint);

    for (size_t i = 0; i < count; i++) {
        struct config_place item = config_item(reader, place, i);
        struct market_settings *market = &settings->market[i];
        take_market(reader, &item, market);
        for (size_t k = 0; k < i; k++)
            if (market->name[0] != '\0' && strcmp(market->name, settings->market[k].name) == 0)
                config_fault(reader, &item, "has the name of markets[%zu]; give it one of its own",
                             k);
    }
    settings->market_count = (uint32_t)count;
}

static void take_funding(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    const char *funding = config_scalar(reader, field, place);
    if (funding == NULL)
        return;
    if (strcmp(funding, "inventory") == 0)
        *(enum keeper_funding *)target = FUNDING_INVENTORY;
    else if (strcmp(funding, "executor") == 0)
        config_fault(reader, place, "executor is not supported by this version; %s", field->hint);
    else
        config_fault(reader, place, "is no way of funding; %s", field->hint);
}

static void take_executor(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place, void *target)
{
    (void)target;
    config_fault(reader, place, "not supported by this version; %s", field->hint);
}

/* Basis points are enough to say how far seized collateral is trusted to fetch its price. */
static void take_haircut(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    struct wad share;
    struct u256 points;
    struct u256 rest;
    struct u256 step = u256_ten_to(14);
    if (value == NULL)
        return;
    enum unit_error error = wad_parse(&share, value);
    if (error != UNIT_OK) {
        config_fault(reader, place, "is %s; %s", unit_error_text(error), field->hint);
        return;
    }
    bool is_divided = u256_div(&points, &rest, &share.value, &step);
    MUST(is_divided);
    if (!u256_is_zero(&rest) || !u256_fits_u64(&points) || points.limb[0] < 1 ||
        points.limb[0] > 10000) {
        config_fault(reader, place, "is not within 0.0001 to 1, in four places; %s", field->hint);
        return;
    }
    *(uint32_t *)target = (uint32_t)points.limb[0];
}

#define SETTINGS(member) offsetof(struct settings, member)

static const struct config_field keeper_fields[] = {
    {.key = "mode",
     .take = config_take_choice,
     .offset = SETTINGS(mode),
     .choice = config_mode_choices,
     .hint = "write dry-run or live"},
    {.key = "account",
     .take = config_take_address,
     .offset = SETTINGS(account),
     .hint = "write the address of the key that signs (`plimsoll key address FILE`)",
     .is_required = true},
    {.key = "funding",
     .take = take_funding,
     .offset = SETTINGS(funding),
     .hint = "write inventory"},
    {.key = "haircut",
     .take = take_haircut,
     .offset = SETTINGS(haircut_bps),
     .hint = "write the share of its price that seized collateral fetches, e.g. 0.97, or 1"},
    {.key = "simulate",
     .take = config_take_choice,
     .offset = SETTINGS(simulate),
     .choice = config_simulate_choices,
     .hint = "write always, unaudited or never"},
    {.key = "receive_atoken",
     .take = config_take_choice,
     .offset = SETTINGS(receive),
     .choice = config_receive_choices,
     .hint = "write never, when_dry or always"},
    {.key = "tip_profit_share",
     .take = config_take_percent_or_none,
     .offset = SETTINGS(tip_profit_share),
     .min = 1,
     .max = 99,
     .hint = "write a share, e.g. 10%, or none"},
    {.key = "race_profit_share",
     .take = config_take_percent_or_none,
     .offset = SETTINGS(race_profit_share),
     .min = 1,
     .max = 99,
     .hint = "write a share, e.g. 50%, or none"},
    {.key = "parity_sample",
     .take = config_take_u32,
     .offset = SETTINGS(parity_sample),
     .min = 1,
     .max = 1024,
     .hint = "write a number of accounts, e.g. 32"},
    {.key = "armed",
     .take = config_take_u32,
     .offset = SETTINGS(armed),
     .max = ARMED_MAX,
     .hint = "write a number of transactions up to 16, e.g. 4; 0 signs none ahead"},
    {.key = "backrun",
     .take = config_take_choice,
     .offset = SETTINGS(backrun),
     .choice = config_backrun_choices,
     .hint = "write true or false"},
    {.key = "audit_accounts",
     .take = config_take_u32,
     .offset = SETTINGS(audit_accounts),
     .max = 256,
     .hint = "write a number of accounts up to 256, e.g. 16; 0 compares none"},
    {.key = "way_out",
     .take = config_take_choice,
     .offset = SETTINGS(way_out),
     .choice = config_way_out_choices,
     .hint = "write public or private"},
    {.key = "private_blocks",
     .take = config_take_u32,
     .offset = SETTINGS(private_blocks),
     .max = 1000,
     .hint = "write a number of blocks, e.g. 5, or 0 for never"},
    {.key = "executor",
     .take = take_executor,
     .hint = "leave the key out and write funding: inventory"},
};

/* What it would be good for must be there: else it is a key that says nothing, or not what was
 * meant.
 */
void config_check_backrun(struct config_reader *reader, const struct config_place *place,
                          const struct settings *settings)
{
    if (settings->backrun == BACKRUN_OFF)
        return;
    if (settings->armed == 0)
        config_fault(reader, place,
                     "is true, and keeper.armed is 0: nobody is looked at ahead; write "
                     "keeper.armed: 4, or backrun: false");
    if (settings->way_out == WAY_PRIVATE)
        config_fault(reader, place,
                     "is true, and keeper.way_out is private: what the pool does not see cannot "
                     "stand behind what it shows; write way_out: public, or backrun: false");
    if (settings->simulate == SIMULATE_ALWAYS)
        config_fault(reader, place,
                     "is true, and keeper.simulate is always: no node can try what stands on a "
                     "price that is none yet; write simulate: unaudited, or backrun: false");
}

void config_take_keeper(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    static const struct config_table table = {keeper_fields, ARRAY_LENGTH(keeper_fields)};

    (void)field;
    config_take_mapping(reader, &table, place, target);
}
