/*
 * Each kind of value has one way in. A figure without its unit, an address with one digit wrong, a
 * number out of range: refused here, with what to write instead.
 */
#include <stdio.h>
#include <string.h>

#include "eth/address.h"
#include "keeper/config_node.h"

#define SHOWN_MAX 48

/* How a value is repeated in a fault: short ones in quotes, and never what may be a secret. */
struct value_shown {
    char text[SHOWN_MAX + 3];
};

static struct value_shown value_show(const char *value)
{
    struct value_shown shown;
    if (strlen(value) > SHOWN_MAX || config_is_secret_value(value))
        (void)snprintf(shown.text, sizeof(shown.text), "its value (%zu characters)", strlen(value));
    else
        (void)snprintf(shown.text, sizeof(shown.text), "\"%s\"", value);
    return shown;
}

void config_take_text(struct config_reader *reader, const struct config_field *field,
                      const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    if (value == NULL)
        return;
    size_t length = strlen(value);
    if (length >= field->size) {
        config_fault(reader, place, "has %zu characters; at most %zu are supported", length,
                     field->size - 1);
        return;
    }
    memcpy(target, value, length + 1);
}

/* A whole number within the field's range. */
static bool number_take(uint64_t *out, struct config_reader *reader,
                        const struct config_field *field, const struct config_place *place)
{
    const char *value = config_scalar(reader, field, place);
    struct u256 number;
    if (value == NULL)
        return false;
    if (!u256_parse(&number, value, strlen(value))) {
        config_fault(reader, place, "%s is no whole number; %s", value_show(value).text,
                     field->hint);
        return false;
    }
    if (!u256_fits_u64(&number) || number.limb[0] < field->min || number.limb[0] > field->max) {
        config_fault(reader, place, "%s is not within %llu to %llu; %s", value_show(value).text,
                     (unsigned long long)field->min, (unsigned long long)field->max, field->hint);
        return false;
    }
    *out = number.limb[0];
    return true;
}

void config_take_u64(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target)
{
    uint64_t number;
    if (number_take(&number, reader, field, place))
        *(uint64_t *)target = number;
}

void config_take_u32(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target)
{
    uint64_t number;
    MUST(field->max <= UINT32_MAX);
    if (number_take(&number, reader, field, place))
        *(uint32_t *)target = (uint32_t)number;
}

void config_take_ms(struct config_reader *reader, const struct config_field *field,
                    const struct config_place *place, void *target)
{
    uint64_t number;
    MUST(field->max <= INT64_MAX);
    if (number_take(&number, reader, field, place))
        *(int64_t *)target = (int64_t)number;
}

void config_take_duration(struct config_reader *reader, const struct config_field *field,
                          const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    int64_t duration_ms;
    if (value == NULL)
        return;
    enum unit_error error = duration_parse(&duration_ms, value);
    if (error != UNIT_OK) {
        config_fault(reader, place, "%s is %s; %s", value_show(value).text, unit_error_text(error),
                     field->hint);
        return;
    }
    if ((uint64_t)duration_ms < field->min || (uint64_t)duration_ms > field->max) {
        config_fault(reader, place, "%s is not within %llums to %llums; %s", value_show(value).text,
                     (unsigned long long)field->min, (unsigned long long)field->max, field->hint);
        return;
    }
    *(int64_t *)target = duration_ms;
}

void config_take_wei(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    struct wei amount;
    if (value == NULL)
        return;
    enum unit_error error = wei_parse(&amount, value);
    if (error != UNIT_OK) {
        config_fault(reader, place, "%s is %s; %s", value_show(value).text, unit_error_text(error),
                     field->hint);
        return;
    }
    *(struct wei *)target = amount;
}

void config_take_address(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    struct address address;
    if (value == NULL)
        return;
    switch (address_parse(&address, value, strlen(value))) {
    case ADDRESS_OK:
        break;
    case ADDRESS_MALFORMED:
        config_fault(reader, place, "%s is no address (0x and 40 hex digits); %s",
                     value_show(value).text, field->hint);
        return;
    case ADDRESS_BAD_CHECKSUM:
        config_fault(reader, place, "%s has a bad checksum; copy the address again from its source",
                     value_show(value).text);
        return;
    }
    if (address_is_zero(&address)) {
        config_fault(reader, place, "is the zero address; %s", field->hint);
        return;
    }
    *(struct address *)target = address;
}

void config_take_choice(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target)
{
    const char *value = config_scalar(reader, field, place);
    if (value == NULL)
        return;
    for (unsigned int i = 0; field->choice[i] != NULL; i++) {
        if (strcmp(field->choice[i], value) != 0)
            continue;
        *(unsigned int *)target = i;
        return;
    }
    config_fault(reader, place, "%s is none of its choices; %s", value_show(value).text,
                 field->hint);
}
