/*
 * `plimsoll tx decode`: what do these bytes say, and who signed them? An answer is only given where
 * every byte is accounted for; what a node would refuse is refused here in words.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "eth/keccak.h"
#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/transaction_text.h"
#include "sign/recover.h"

/** Characters of one transaction; nodes stop at 128 KiB of bytes, blobs apart. The rest of a longer
 *  line is skipped, and the line refused. */
#define LINE_MAX_SIZE (4 * 1024 * 1024)

struct decoder {
    struct buffer raw;
    struct text out;
};

static void decoder_release(struct decoder *decoder)
{
    buffer_release(&decoder->raw);
    text_release(&decoder->out);
}

static bool hex_read(struct buffer *out, struct bytes line)
{
    const char *text = (const char *)line.data;
    size_t length = line.size;

    buffer_clear(out);
    if (length >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        length -= 2;
    }
    if (length == 0 || length % 2 != 0)
        return false;
    return hex_decode(buffer_extend(out, length / 2), length / 2, text, length);
}

static struct bytes trimmed(struct bytes line)
{
    static const char blank[] = " \t\r\n";

    while (line.size > 0 && memchr(blank, line.data[line.size - 1], sizeof blank - 1) != NULL)
        line.size--;
    while (line.size > 0 && memchr(blank, line.data[0], sizeof blank - 1) != NULL)
        line = bytes_slice(line, 1, line.size - 1);
    return line;
}

/* Out: words of refusal, or NULL and the transaction in decoder->out. */
static const char *decode(struct decoder *decoder, struct bytes line, bool is_json)
{
    struct transaction transaction;
    struct transaction_facts facts = {.transaction = &transaction};

    if (!hex_read(&decoder->raw, trimmed(line)))
        return "not hex: an even number of digits, with or without 0x";
    struct bytes raw = buffer_bytes(&decoder->raw);
    enum transaction_error error = transaction_decode(&transaction, raw);
    if (error != TRANSACTION_OK)
        return transaction_error_text(error);
    if (!transaction_sender(&facts.sender, &transaction))
        return "a signature that no key can have made";
    keccak256(&facts.hash, raw);
    if (is_json)
        transaction_add_json(&decoder->out, &facts);
    else
        transaction_add_lines(&decoder->out, &facts);
    return NULL;
}

static bool answer_print(struct decoder *decoder)
{
    text_add_char(&decoder->out, '\n');
    size_t length = text_length(&decoder->out);
    bool is_printed = fwrite(text_string(&decoder->out), 1, length, stdout) == length;
    text_clear(&decoder->out);
    return is_printed && fflush(stdout) == 0;
}

static bool line_answer(struct decoder *decoder, struct bytes line, bool is_too_long)
{
    const char *why = is_too_long ? "longer than any transaction" : decode(decoder, line, true);

    if (why != NULL) {
        text_add(&decoder->out, "{\"error\":");
        text_add_json(&decoder->out, bytes_of_text(why));
        text_add_char(&decoder->out, '}');
    }
    return answer_print(decoder);
}

static int lines_decode(struct decoder *decoder)
{
    BUFFER line = {0};
    bool is_open = false; /* something stands on the line, though no newline yet */
    bool is_too_long = false;
    int c;

    while ((c = getchar()) != EOF) {
        if (c != '\n') {
            is_open = true;
            is_too_long = is_too_long || line.size == LINE_MAX_SIZE;
            if (!is_too_long)
                buffer_add_byte(&line, (uint8_t)c);
            continue;
        }
        if (!line_answer(decoder, buffer_bytes(&line), is_too_long))
            return EXIT_INTERNAL;
        buffer_clear(&line);
        is_open = is_too_long = false;
    }
    if (is_open && !line_answer(decoder, buffer_bytes(&line), is_too_long))
        return EXIT_INTERNAL;
    return ferror(stdin) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static int one_decode(struct decoder *decoder, const char *raw, bool is_json)
{
    const char *why = decode(decoder, bytes_of_text(raw), is_json);

    if (why != NULL) {
        fprintf(stderr, "plimsoll tx decode: refused: %s\n", why);
        return EXIT_USAGE;
    }
    return answer_print(decoder) ? EXIT_DONE : EXIT_INTERNAL;
}

int command_tx(int argc, char **argv)
{
    static const char *const specs[] = {"json!"};
    CLEANUP(decoder_release) struct decoder decoder = {0};
    const char *json = NULL;
    const char *rest[2] = {NULL, NULL};
    const struct option_parse parse = {.command = "tx",
                                       .specs = specs,
                                       .values = &json,
                                       .spec_count = ARRAY_LENGTH(specs),
                                       .rest = rest,
                                       .rest_max = ARRAY_LENGTH(rest)};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (count < 2 || strcmp(rest[0], "decode") != 0) {
        fprintf(stderr, "plimsoll tx: decode, and a transaction in hex or -; see `plimsoll help "
                        "tx`\n");
        return EXIT_USAGE;
    }
    if (strcmp(rest[1], "-") == 0)
        return lines_decode(&decoder);
    return one_decode(&decoder, rest[1], json != NULL);
}
