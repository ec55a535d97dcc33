/*
 * Who holds the key, and what it may be used for at most. The signer reads this from a file that
 * the daemon cannot write; so what stands here holds, whatever the daemon becomes.
 */
#include <string.h>

#include "base/hex.h"
#include "keeper/config_section.h"

/* liquidationCall(address,address,address,uint256,bool) */
static const uint8_t selector_default[4] = {0x00, 0xa7, 0x18, 0xa9};

static void take_keystore(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place, void *target)
{
    struct config *config = target;
    config_path_take(reader, field, place, config, config->keystore);
}

static void take_password_file(struct config_reader *reader, const struct config_field *field,
                               const struct config_place *place, void *target)
{
    struct config *config = target;
    config_path_take(reader, field, place, config, config->password_file);
}

static void take_spend_file(struct config_reader *reader, const struct config_field *field,
                            const struct config_place *place, void *target)
{
    struct config *config = target;
    config_path_take(reader, field, place, config, config->spend_file);
}

static void take_socket(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    struct config *config = target;
    config_path_take(reader, field, place, config, config->signer_socket);
    /* sun_path, with its NUL */
    if (strlen(config->signer_socket) < 108)
        return;
    config_fault(reader, place, "is a path of over 107 characters, too long for a socket; %s",
                 field->hint);
}

/* Whoever may be called may also be approved: the one is of no use without the other. */
static void take_targets(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    struct signer_policy *policy = target;
    size_t count = config_list(reader, place, SIGNER_TARGETS_MAX, field->hint);

    for (size_t i = 0; i < count; i++) {
        struct config_place item = config_item(reader, place, i);
        config_take_address(reader, field, &item, &policy->target[i]);
        policy->spender[i] = policy->target[i];
    }
    policy->target_count = policy->spender_count = (uint32_t)count;
}

static void take_selectors(struct config_reader *reader, const struct config_field *field,
                           const struct config_place *place, void *target)
{
    struct signer_policy *policy = target;
    size_t count = config_list(reader, place, SIGNER_TARGETS_MAX, field->hint);

    for (size_t i = 0; i < count; i++) {
        struct config_place item = config_item(reader, place, i);
        const char *value = config_scalar(reader, field, &item);
        if (value == NULL)
            continue;
        if (strncmp(value, "0x", 2) != 0 ||
            !hex_decode(policy->selector[i], sizeof policy->selector[i], value + 2,
                        strlen(value + 2)))
            config_fault(reader, &item, "is no selector; %s", field->hint);
    }
    policy->selector_count = (uint32_t)count;
}

/* Zero would be no limit at all on the wire. */
static void take_spend(struct config_reader *reader, const struct config_field *field,
                       const struct config_place *place, void *target)
{
    struct wei *amount = target;

    amount->value = U256_ONE;
    config_take_wei(reader, field, place, amount);
    if (u256_is_zero(&amount->value))
        config_fault(reader, place, "is nothing, so that nothing could be signed; %s", field->hint);
}

#define POLICY(member) offsetof(struct signer_policy, member)

static void take_policy(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    static const struct config_field fields[] = {
        {.key = "targets",
         .take = take_targets,
         .hint = "write the addresses of the markets' pools, as a list",
         .is_required = true},
        {.key = "selectors",
         .take = take_selectors,
         .hint = "write 0x and eight hex digits each, as a list in quotes, e.g. [\"0x00a718a9\"]"},
        {.key = "fee_per_gas_max",
         .take = config_take_wei,
         .offset = POLICY(fee_per_gas_max),
         .hint = "write it with its unit, e.g. 300 gwei",
         .is_required = true},
        {.key = "gas_max",
         .take = config_take_u64,
         .offset = POLICY(gas_max),
         .min = SIGNER_CANCEL_GAS,
         .max = SIGNER_GAS_MAX,
         .hint = "write the gas that one transaction may have at most"},
        {.key = "spend_per_day_max",
         .take = take_spend,
         .offset = POLICY(spend_per_day_max),
         .hint = "write it with its unit, e.g. 4 ether",
         .is_required = true},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};
    struct config *config = target;

    (void)field;
    config->has_policy = true;
    config->policy.gas_max = SIGNER_GAS_MAX;
    config->policy.selector_count = 1;
    memcpy(config->policy.selector[0], selector_default, sizeof selector_default);
    config_take_mapping(reader, &table, place, &config->policy);
}

void config_take_signer(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    static const struct config_field fields[] = {
        {.key = "keystore", .take = take_keystore, .hint = "write a keystore's file"},
        {.key = "password_file",
         .take = take_password_file,
         .hint = "write the file that holds the password, or leave the key out"},
        {.key = "socket",
         .take = take_socket,
         .hint = "write the socket's path, or leave the key out"},
        {.key = "url",
         .take = config_take_url,
         .offset = offsetof(struct config, signer_url),
         .size = sizeof(((struct config *)NULL)->signer_url),
         .hint = "write the signer's http:// or https:// address, or leave the key out"},
        {.key = "spend_file",
         .take = take_spend_file,
         .hint = "write a file that only the signer writes, or leave the key out"},
        {.key = "policy", .take = take_policy, .hint = "write targets and caps under it"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    (void)field;
    config_take_mapping(reader, &table, place, target);
}

void config_check_signer(struct config_reader *reader, const struct config_place *place,
                         const struct config *config)
{
    if (config->signer_url[0] != '\0' &&
        (config->keystore[0] != '\0' || config->signer_socket[0] != '\0'))
        config_fault(reader, place,
                     "signer.url stands beside a keystore or a socket; keep one of them");
    if (config->signer_url[0] != '\0' && (config->has_policy || config->spend_file[0] != '\0'))
        config_fault(reader, place,
                     "signer.url is somebody else's signer, which knows no policy and no "
                     "spend_file of ours; leave them out, and set them there");
    if (config->has_policy && u256_compare(&config->settings.limits.fee_per_gas_max.value,
                                           &config->policy.fee_per_gas_max.value) > 0)
        config_fault(reader, place,
                     "signer.policy.fee_per_gas_max is under limits.fee_per_gas_max, so that the "
                     "signer would refuse what the daemon may ask; raise the one or lower the "
                     "other");
}
