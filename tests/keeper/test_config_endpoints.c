/* Where a node may be, and who may not be asked there. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/keeper/config_fixture.h"

static struct config config;

Test(config, takes_endpoints_of_every_kind)
{
    static const char *const urls[] = {"http://127.0.0.1:1", "https://[::1]/v3/key",
                                       "ws://localhost:8546", "wss://me:word@node.example/ws?key=1",
                                       "/var/run/geth.ipc"};
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        char *text = config_with("http://127.0.0.1:8545", urls[i]);
        config_of(&config, text);
        cr_assert_str_eq(config.settings.chain.endpoint[0].url, urls[i]);
        free(text);
    }
}

Test(config, refuses_endpoints_that_this_version_cannot_speak_to)
{
#define URL "5:12: chain.endpoints[0].url: "
    REFUSED(
        {"http://127.0.0.1:8545", "ws://", URL "is no URL of a node; write http://HOST:PORT,"},
        {"http://127.0.0.1:8545", "wss:///v3/key", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "wss://host:0", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "ipc:///node.ipc", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "node.ipc", URL "is no whole path; write it from the root on,"},
        {"http://127.0.0.1:8545", "127.0.0.1:8545", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "ftp://127.0.0.1", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http:///path", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://:8545", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://host:0", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://host:65536", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "'http://host:'", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://host:85x", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://[::1", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "http://[]:1", URL "is no URL of a node;"},
        {"http://127.0.0.1:8545", "\"http://a b\"", URL "is no URL of a node;"});
#undef URL
}

Test(config, refuses_a_path_that_no_socket_can_have)
{
    char path[128];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[108] = '\0';
    REFUSED(
        {"http://127.0.0.1:8545", path,
         "5:12: chain.endpoints[0].url: is a path of 108 characters, and a socket's has at most "
         "107;"});
}

Test(config, refuses_relays_that_are_not_asked_over_http)
{
    REFUSED({"http://127.0.0.1:8545\n      roles: [read, send]",
             "ws://127.0.0.1:8545\n      roles: [read, send, private]",
             "5:7: chain.endpoints[0]: has the role private or bundle, and relays are asked over "
             "HTTP;"},
            {"http://127.0.0.1:8545\n      roles: [read, send]",
             "/run/geth.ipc\n      roles: [read, send, bundle]",
             "5:7: chain.endpoints[0]: has the role private or bundle"});
}

Test(config, refuses_endpoints_without_their_roles)
{
    REFUSED({"[read, send]", "[read, write]", "6:21: chain.endpoints[0].roles[1]: is no role"},
            {"[read, send]", "[]", "6:14: chain.endpoints[0].roles: is an empty list;"},
            {"[read, send]", "[read, send, read, send, read]",
             "6:14: chain.endpoints[0].roles: has 5 items;"},
            {"[read, send]", "[send]", "5:5: chain.endpoints: none of them may read;"},
            {"[read, send]", "[read]", "5:5: chain.endpoints: none of them may send, and keeper"});
}
