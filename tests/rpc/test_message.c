/* Where a text ends on a stream, and whose it is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "rpc/message.h"

#define HASH "0x00000000000000000000000000000000000000000000000000000000000000ff"

Test(frame, ends_where_its_brackets_do)
{
    static const struct {
        const char *stream;
        size_t used;
        enum frame_end end;
    } rows[] = {{"{}", 2, FRAME_WHOLE},
                {" \r\n\t[]{}", 6, FRAME_WHOLE},
                {"{\"a\":[{}]}{", 10, FRAME_WHOLE},
                {"{\"}\\\"}\":1}", 10, FRAME_WHOLE},
                {"{\"\\\\\"}", 6, FRAME_WHOLE},
                {"{\"a\":{}", 7, FRAME_OPEN},
                {"{\"}", 3, FRAME_OPEN},
                {"", 0, FRAME_OPEN},
                {" \n", 2, FRAME_OPEN},
                {"x{}", 0, FRAME_BROKEN},
                {" ]", 1, FRAME_BROKEN},
                {"\"{}\"", 0, FRAME_BROKEN},
                {"1", 0, FRAME_BROKEN}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct frame frame = {0};
        size_t used;
        enum frame_end end = frame_scan(&frame, &used, bytes_of_text(rows[i].stream));
        cr_assert(eq(int, end, rows[i].end), "%s", rows[i].stream);
        cr_assert(eq(sz, used, rows[i].used), "%s", rows[i].stream);
    }
}

Test(frame, is_the_same_byte_by_byte)
{
    static const char stream[] = " {\"a\":\"\\\"}\\\\\",\"b\":[{\"c\":\"[\"}]}\n[1,2]";
    struct frame frame = {0};
    size_t ends[2];
    size_t count = 0;
    for (size_t at = 0; at < strlen(stream); at++) {
        size_t used;
        if (frame_scan(&frame, &used, bytes_of(stream + at, 1)) == FRAME_WHOLE)
            ends[count++] = at + 1;
        cr_assert(eq(sz, used, 1));
    }
    cr_assert(eq(sz, count, 2));
    cr_assert(eq(sz, ends[0], strlen(stream) - 6));
    cr_assert(eq(sz, ends[1], strlen(stream)));
}

Test(message, is_an_answer_by_its_id)
{
    static const struct {
        const char *text;
        uint64_t id;
        bool is_error;
    } rows[] = {{"{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":\"0x1\"}", 256, false},
                {"{\"result\":{\"id\":5,\"x\":[{}]},\"id\":7}", 7, false},
                {" { \"id\" : \"300\" , \"error\" : {\"code\":1} } ", 300, true},
                {"{\"id\":3,\"error\":null,\"result\":1}", 3, false},
                {"[{\"id\":512,\"error\":{}},{\"id\":513}]", 512, false},
                {"[{\"id\":null,\"error\":{}},{\"result\":[1,{\"id\":4}],\"id\":513}]", 513, false},
                {"{\"result\":\"}\\\"\",\"id\":18446744073709551615}", UINT64_MAX, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct message message;
        message_read(&message, bytes_of_text(rows[i].text));
        cr_assert(eq(int, message.kind, MESSAGE_ANSWER), "%s", rows[i].text);
        cr_assert(eq(u64, message.id, rows[i].id), "%s", rows[i].text);
        cr_assert(eq(int, message.is_error, rows[i].is_error), "%s", rows[i].text);
    }
}

Test(message, is_a_push_by_its_method)
{
    struct message message;
    message_read(&message, bytes_of_text("{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\","
                                         "\"params\":{\"result\":{\"number\":\"0x1\",\"hash\":"
                                         "\"" HASH "\"},\"subscription\":\"0x5\"}}"));
    cr_assert(eq(int, message.kind, MESSAGE_PUSH));
    cr_assert(message.has_hash);
    cr_assert(eq(u8, message.hash.byte[31], 0xff));
    static const char *const vague[] = {
        "{\"method\":\"eth_subscription\"}", "{\"method\":\"eth_subscription\",\"params\":[]}",
        "{\"method\":\"eth_subscription\",\"params\":{\"result\":{\"hash\":1}}}",
        "{\"params\":{\"result\":{\"hash\":\"0x12\"}},\"method\":\"eth_subscription\"}",
        "{\"params\":{\"result\":{\"hash\":null}},\"id\":1,\"method\":\"eth_subscription\"}"};
    for (size_t i = 0; i < ARRAY_LENGTH(vague); i++) {
        message_read(&message, bytes_of_text(vague[i]));
        cr_assert(eq(int, message.kind, MESSAGE_PUSH), "%s", vague[i]);
        cr_assert(not(message.has_hash), "%s", vague[i]);
    }
}

Test(message, is_of_the_pool_where_it_holds_a_transaction_or_its_hash)
{
    static const char *const pooled[] = {"\"" HASH "\"", "{\"hash\":\"" HASH
                                                         "\",\"from\":\"0x1\",\"nonce\":\"0x0\"}"};
    static const char *const others[] = {"\"0x12\"", "7", "{\"hash\":\"" HASH "\"}",
                                         "{\"hash\":\"" HASH
                                         "\",\"from\":\"0x1\",\"parentHash\":\"0x2\"}"};
    struct message message;
    char text[512];
    for (size_t i = 0; i < ARRAY_LENGTH(pooled) + ARRAY_LENGTH(others); i++) {
        bool is_pooled = i < ARRAY_LENGTH(pooled);
        const char *result = is_pooled ? pooled[i] : others[i - ARRAY_LENGTH(pooled)];
        snprintf(text, sizeof text,
                 "{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":{"
                 "\"subscription\":\"0x6\",\"result\":%s}}",
                 result);
        message_read(&message, bytes_of_text(text));
        cr_assert(eq(int, message.kind, is_pooled ? MESSAGE_POOL : MESSAGE_PUSH), "%s", result);
        if (is_pooled)
            cr_assert(bytes_equal(message.pooled, bytes_of_text(result)));
    }
}

Test(message, is_a_stray_where_it_names_no_question)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{}",
                                        "null",
                                        "<html>",
                                        "[[{\"id\":5}]]",
                                        "{\"id\":null,\"error\":{}}",
                                        "{\"id\":-1}",
                                        "{\"id\":1.5}",
                                        "{\"id\":18446744073709551616}",
                                        "{\"id\":{\"id\":1}}",
                                        "{\"id\"",
                                        "{\"id\":25",
                                        "{\"id\":\"25",
                                        "[{\"method\":\"eth_subscription\"}]",
                                        "{\"method\":\"eth_other\",\"params\":{}}"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct message message;
        message_read(&message, bytes_of_text(texts[i]));
        cr_assert(eq(int, message.kind, MESSAGE_STRAY), "%s", texts[i]);
    }
}

Test(message, that_is_cut_short_is_known_by_what_there_is)
{
    struct message message;
    message_read(&message,
                 bytes_of_text("{\"jsonrpc\":\"2.0\",\"id\":256,\"result\":[{\"a\":\"0x"));
    cr_assert(eq(int, message.kind, MESSAGE_ANSWER));
    cr_assert(eq(u64, message.id, 256));
    message_read(&message, bytes_of_text("[{\"id\":512,\"result\":\"0x"));
    cr_assert(eq(u64, message.id, 512));
}
