/* What a node is asked, as text. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <signal.h>

#include "eth/jsonrpc.h"

Test(request, is_an_object_where_there_is_one_call)
{
    struct rpc_request request = {0};
    rpc_request_begin(&request, 3, 1);
    rpc_request_add(&request, "eth_blockNumber", "[]");
    rpc_request_end(&request);
    cr_expect(eq(str, (char *)text_string(&request.body),
                 "{\"jsonrpc\":\"2.0\",\"id\":768,\"method\":\"eth_blockNumber\",\"params\":[]}"));
    rpc_request_release(&request);
}

Test(request, is_an_array_with_ids_counted_through)
{
    struct rpc_request request = {0};
    rpc_request_begin(&request, 1, 2);
    rpc_request_add(&request, "a", "[1]");
    rpc_request_add(&request, "b", "[]");
    rpc_request_end(&request);
    cr_expect(request.is_batch);
    cr_expect(eq(str, (char *)text_string(&request.body),
                 "[{\"jsonrpc\":\"2.0\",\"id\":256,\"method\":\"a\",\"params\":[1]},"
                 "{\"jsonrpc\":\"2.0\",\"id\":257,\"method\":\"b\",\"params\":[]}]"));
    rpc_request_begin(&request, 2, 1);
    cr_expect(eq(sz, text_length(&request.body), 0));
    rpc_request_release(&request);
}

Test(request, is_the_same_where_params_are_written_into_it)
{
    struct rpc_request given = {0};
    struct rpc_request written = {0};
    rpc_request_begin(&given, 5, 2);
    rpc_request_begin(&written, 5, 2);
    for (uint32_t i = 0; i < 2; i++) {
        rpc_request_add(&given, "eth_call", "[{\"data\":\"0x00\"}]");
        text_add(rpc_request_params(&written, "eth_call"), "[{\"data\":\"0x00\"}]");
        rpc_request_params_end(&written);
    }
    rpc_request_end(&given);
    rpc_request_end(&written);
    cr_expect(eq(str, (char *)text_string(&given.body), (char *)text_string(&written.body)));
    rpc_request_release(&given);
    rpc_request_release(&written);
}

Test(request, must_have_as_many_calls_as_announced, .signal = SIGABRT)
{
    struct rpc_request request = {0};
    rpc_request_begin(&request, 1, 2);
    rpc_request_add(&request, "a", "[]");
    rpc_request_end(&request);
}

Test(request, must_not_have_more, .signal = SIGABRT)
{
    struct rpc_request request = {0};
    rpc_request_begin(&request, 1, 1);
    rpc_request_add(&request, "a", "[]");
    rpc_request_add(&request, "a", "[]");
}

Test(request, writes_filters)
{
    struct log_filter filter = {0};
    TEXT text = {0};
    struct hash32 block = {.byte = {[31] = 1}};
    struct address address = {.byte = {[19] = 2}};
    rpc_add_filter_latest(&text, &filter);
    cr_expect(eq(str, (char *)text_string(&text),
                 "{\"fromBlock\":\"latest\",\"toBlock\":\"latest\",\"address\":[]}"));
    text_clear(&text);
    log_filter_add_address(&filter, &address);
    address.byte[0] = 3;
    log_filter_add_address(&filter, &address);
    log_filter_add_topic(&filter, "Transfer(address,address,uint256)");
    rpc_add_filter_by_hash(&text, &filter, &block);
    cr_expect(
        eq(str, (char *)text_string(&text),
           "{\"blockHash\":\"0x0000000000000000000000000000000000000000000000000000000000000001\","
           "\"address\":[\"0x0000000000000000000000000000000000000002\","
           "\"0x0300000000000000000000000000000000000002\"],\"topics\":[["
           "\"0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef\"]]}"));
    text_clear(&text);
    rpc_add_filter_range(&text, &filter, 16, 255);
    json_t *json = json_loads(text_string(&text), 0, NULL);
    cr_assert(ne(ptr, json, NULL));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(json, "fromBlock")), "0x10"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(json, "toBlock")), "0xff"));
    json_decref(json);
    log_filter_release(&filter);
}
