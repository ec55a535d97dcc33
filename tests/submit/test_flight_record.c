/* A line of the journal that is not what we wrote is refused, whatever is wrong with it. */
#include "tests/submit/fleets.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct fleet *fleet;
static struct text json;

static void line_begin(void)
{
    fleet = fleet_new(7);
    flight_encode(&json, flight_launched(fleet, 1));
}

static void line_end(void)
{
    text_release(&json);
    free(fleet);
}

TestSuite(flight_record, .init = line_begin, .fini = line_end);

/* Decodes the line with the first `old` replaced by `new`. */
static bool decodes_with(const char *old, const char *new)
{
    struct flight flight;
    TEXT changed = {0};
    const char *line = text_string(&json);
    const char *at = strstr(line, old);

    cr_assert(not(zero(ptr, (void *)at)), "%s stands in the line", old);
    text_add_bytes(&changed, bytes_of(line, (size_t)(at - line)));
    text_add(&changed, new);
    text_add(&changed, at + strlen(old));
    return flight_decode(&flight, text_bytes(&changed));
}

Test(flight_record, is_taken_as_written)
{
    cr_assert(decodes_with("\"id\":1", "\"id\":2"));
}

Test(flight_record, knows_which_way_a_flight_left_and_takes_lines_that_do_not_say)
{
    struct flight flight;
    struct flight back;
    TEXT line = {0};

    cr_assert(flight_decode(&flight, text_bytes(&json)));
    cr_assert_not(flight.is_private);
    flight.is_private = true;
    flight_encode(&line, &flight);
    cr_assert(flight_decode(&back, text_bytes(&line)));
    cr_assert(back.is_private);
    cr_assert(not(decodes_with("\"is_cancel\":false", "\"is_cancel\":false,\"is_private\":1")));
}

Test(flight_record, names_each_state)
{
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_FREE), "free"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_DRAFTED), "drafted"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_SIGNED), "signed"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_SENT), "sent"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_MINED), "mined"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_REVERTED), "reverted"));
    cr_assert(eq(str, (char *)flight_state_text(FLIGHT_DROPPED), "dropped"));
}

Test(flight_record, is_refused_with_a_state_that_is_none)
{
    cr_assert(not(decodes_with("\"sent\"", "\"free\"")));
    cr_assert(not(decodes_with("\"sent\"", "\"lost\"")));
    cr_assert(not(decodes_with("\"sent\"", "\"\"")));
    cr_assert(not(decodes_with("\"sent\"", "3")));
}

Test(flight_record, is_refused_without_an_id)
{
    cr_assert(not(decodes_with("\"id\":1", "\"id\":0")));
    cr_assert(not(decodes_with("\"id\":1", "\"id\":-1")));
    cr_assert(not(decodes_with("\"id\":1", "\"id\":\"1\"")));
    cr_assert(not(decodes_with("\"id\":1,", "")));
}

Test(flight_record, is_refused_when_any_field_is_gone)
{
    static const char *const names[] = {
        "state",
        "id",
        "nonce",
        "gas",
        "max_fee_per_gas",
        "to",
        "data",
        "raw",
        "hash",
        "max_priority_fee_per_gas",
        "decided_block",
        "drafted_ms",
        "sent_ms",
        "in_doubt",
        "send_count",
        "market",
        "account",
        "debt",
        "reserved",
        "collateral",
        "mined_block",
        "gas_used",
        "gas_price",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        TEXT quoted = {0};
        text_add(&quoted, "\"");
        text_add(&quoted, names[i]);
        text_add(&quoted, "\":");
        cr_assert(not(decodes_with(text_string(&quoted), "\"other\":")), "%s", names[i]);
    }
}

Test(flight_record, is_refused_with_numbers_out_of_range)
{
    cr_assert(not(decodes_with("\"market\":0", "\"market\":4294967296")));
    cr_assert(not(decodes_with("\"nonce\":7", "\"nonce\":-7")));
    cr_assert(not(decodes_with("\"nonce\":7", "\"nonce\":7.0")));
    cr_assert(not(decodes_with("\"nonce\":7", "\"nonce\":99999999999999999999")));
    cr_assert(not(decodes_with("\"30000000000\"", "\"-30000000000\"")));
    cr_assert(not(decodes_with("\"30000000000\"", "30000000000")));
    cr_assert(not(decodes_with("\"30000000000\"", "\"\"")));
}

Test(flight_record, is_refused_with_more_bytes_than_a_flight_holds)
{
    TEXT data = {0};
    uint8_t zeros[FLIGHT_RAW_MAX + 1] = {0};

    text_add(&data, "\"data\":\"");
    text_add_hex(&data, bytes_of(zeros, FLIGHT_DATA_MAX + 1));
    cr_assert(not(decodes_with("\"data\":\"0x00a718a901020304", text_string(&data))));
    text_clear(&data);
    text_add(&data, "\"raw\":\"");
    text_add_hex(&data, bytes_of(zeros, FLIGHT_RAW_MAX + 1));
    text_add(&data, "\",\"old\":\"");
    cr_assert(not(decodes_with("\"raw\":\"", text_string(&data))));
}

Test(flight_record, is_refused_with_an_address_of_another_length)
{
    cr_assert(not(decodes_with("\"to\":\"0x50", "\"to\":\"0x")));
    cr_assert(not(decodes_with("\"to\":\"0x50", "\"to\":\"0x5050")));
    cr_assert(not(decodes_with("\"to\":\"0x50", "\"to\":\"0x5g")));
    cr_assert(not(decodes_with("\"to\":\"0x50", "\"to\":\"5050")));
}

Test(flight_record, is_refused_when_the_hash_is_not_of_its_bytes)
{
    cr_assert(not(decodes_with("\"raw\":\"0x02", "\"raw\":\"0x01")));
    cr_assert(not(decodes_with("\"raw\":\"0x", "\"raw\":\"0x\",\"old\":\"")));
}

Test(flight_record, is_refused_as_anything_but_one_object)
{
    struct flight flight;

    cr_assert(not(flight_decode(&flight, bytes_of_text(""))));
    cr_assert(not(flight_decode(&flight, (struct bytes){0})));
    cr_assert(not(flight_decode(&flight, bytes_of_text("null"))));
    cr_assert(not(flight_decode(&flight, bytes_of_text("[]"))));
    cr_assert(not(decodes_with("}", "}{")));
    cr_assert(not(decodes_with("\"id\":1", "\"id\":1,\"id\":1")));
}

Test(flight_record, is_refused_cut_anywhere)
{
    struct flight flight;

    for (size_t size = 0; size < text_length(&json); size++)
        cr_assert(not(flight_decode(&flight, bytes_of(text_string(&json), size))));
}

Test(flight_record, leaves_its_output_alone_when_refused)
{
    struct flight flight;
    struct flight before;

    memset(&flight, 0x5a, sizeof(flight));
    memcpy(&before, &flight, sizeof(before));
    cr_assert(not(flight_decode(&flight, bytes_of_text("{\"state\":\"sent\",\"id\":4}"))));
    cr_assert(eq(int, memcmp(&flight, &before, sizeof(flight)), 0));
}
