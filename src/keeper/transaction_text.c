/*
 * People and programs are told the same fields in the same order; so both are written by one walk
 * over them, which differs in what stands around a name and a value.
 */
#include "keeper/transaction_text.h"

#define NAME_WIDTH 26

struct fields_writer {
    struct text *out;
    bool is_json;
    bool is_first;
};

static void field_begin(struct fields_writer *writer, const char *name)
{
    if (writer->is_json) {
        text_add(writer->out, writer->is_first ? "{\"" : ",\"");
        text_add(writer->out, name);
        text_add(writer->out, "\":");
    } else {
        size_t start = text_length(writer->out);
        if (!writer->is_first)
            text_add_char(writer->out, '\n');
        start += writer->is_first ? 0 : 1;
        text_add(writer->out, name);
        while (text_length(writer->out) - start < NAME_WIDTH)
            text_add_char(writer->out, ' ');
    }
    writer->is_first = false;
}

static void field_number(struct fields_writer *writer, const char *name, uint64_t value)
{
    field_begin(writer, name);
    text_add_u64(writer->out, value);
}

static void field_null(struct fields_writer *writer, const char *name, const char *word)
{
    field_begin(writer, name);
    text_add(writer->out, writer->is_json ? "null" : word);
}

static void quote(struct fields_writer *writer)
{
    if (writer->is_json)
        text_add_char(writer->out, '"');
}

static void field_wei(struct fields_writer *writer, const char *name, const struct wei *value)
{
    field_begin(writer, name);
    quote(writer);
    text_add_u256(writer->out, &value->value);
    quote(writer);
}

static void field_hex(struct fields_writer *writer, const char *name, struct bytes value)
{
    field_begin(writer, name);
    quote(writer);
    text_add_hex(writer->out, value);
    quote(writer);
}

static void field_word(struct fields_writer *writer, const char *name, const struct u256 *value)
{
    uint8_t word[32];
    u256_to_word(word, value);
    field_hex(writer, name, bytes_of(word, sizeof word));
}

static void field_address(struct fields_writer *writer, const char *name,
                          const struct address *value)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, value);
    field_begin(writer, name);
    quote(writer);
    text_add(writer->out, text);
    quote(writer);
}

static void add_storage_keys(struct text *out, struct rlp_reader keys)
{
    struct bytes key;

    for (bool is_first = true; rlp_next_string(&keys, &key) == RLP_OK; is_first = false) {
        text_add(out, is_first ? "\"" : ",\"");
        text_add_hex(out, key);
        text_add_char(out, '"');
    }
}

/* JSON in both: a list of lists has no better form on a line. Its shape was proved by decoding. */
static void field_access_list(struct fields_writer *writer, struct bytes payload)
{
    struct rlp_reader entries = {payload}, entry, keys;
    struct bytes contract;

    field_begin(writer, "access_list");
    text_add_char(writer->out, '[');
    for (bool is_first = true; rlp_next_list(&entries, &entry) == RLP_OK; is_first = false) {
        struct address address = {0};
        char text[ADDRESS_TEXT_SIZE];
        if (rlp_next_string(&entry, &contract) != RLP_OK || contract.size != sizeof address.byte ||
            rlp_next_list(&entry, &keys) != RLP_OK)
            break;
        for (size_t i = 0; i < sizeof address.byte; i++)
            address.byte[i] = contract.data[i];
        address_format(text, &address);
        text_add(writer->out, is_first ? "{\"address\":\"" : ",{\"address\":\"");
        text_add(writer->out, text);
        text_add(writer->out, "\",\"storage_keys\":[");
        add_storage_keys(writer->out, keys);
        text_add(writer->out, "]}");
    }
    text_add_char(writer->out, ']');
}

static void write_fields(struct fields_writer *writer, const struct transaction_facts *facts)
{
    const struct transaction *transaction = facts->transaction;

    field_number(writer, "type", (uint64_t)transaction->type);
    if (transaction->has_chain_id)
        field_number(writer, "chain_id", transaction->chain_id);
    else
        field_null(writer, "chain_id", "none (before EIP-155: valid on every chain)");
    field_number(writer, "nonce", transaction->nonce);
    if (transaction->has_to)
        field_address(writer, "to", &transaction->to);
    else
        field_null(writer, "to", "none (creates a contract)");
    field_wei(writer, "value", &transaction->value);
    field_hex(writer, "data", transaction->data);
    field_number(writer, "gas", transaction->gas);
    if (transaction->type == TRANSACTION_DYNAMIC_FEE) {
        field_wei(writer, "max_fee_per_gas", &transaction->max_fee_per_gas);
        field_wei(writer, "max_priority_fee_per_gas", &transaction->max_priority_fee_per_gas);
    } else {
        field_wei(writer, "gas_price", &transaction->gas_price);
    }
    field_access_list(writer, transaction->access_list);
    field_number(writer, "y_parity", transaction->y_parity);
    field_word(writer, "r", &transaction->r);
    field_word(writer, "s", &transaction->s);
    field_hex(writer, "hash", bytes_of(facts->hash.byte, sizeof facts->hash.byte));
    field_address(writer, "from", &facts->sender);
}

void transaction_add_json(struct text *out, const struct transaction_facts *facts)
{
    struct fields_writer writer = {.out = out, .is_json = true, .is_first = true};

    write_fields(&writer, facts);
    text_add_char(out, '}');
}

void transaction_add_lines(struct text *out, const struct transaction_facts *facts)
{
    struct fields_writer writer = {.out = out, .is_first = true};

    write_fields(&writer, facts);
}
