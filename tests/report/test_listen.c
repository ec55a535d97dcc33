/* Which address the page binds. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "report/listen.h"

Test(listen, takes_numeric_hosts_and_localhost)
{
    struct listen_address address;
    cr_assert(listen_parse(&address, "127.0.0.1:9464"));
    cr_assert_str_eq(address.host, "127.0.0.1");
    cr_assert_str_eq(address.port, "9464");
    cr_assert_not(address.is_v6);
    cr_assert(listen_parse(&address, "[::1]:0"));
    cr_assert_str_eq(address.host, "::1");
    cr_assert_str_eq(address.port, "0");
    cr_assert(address.is_v6);
    cr_assert(listen_parse(&address, "localhost:65535"));
    cr_assert_str_eq(address.host, "127.0.0.1");
}

Test(listen, refuses_everything_else)
{
    static const char *const wrong[] = {"",
                                        "9464",
                                        ":9464",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:-1",
                                        "127.0.0.1: 1",
                                        "example.com:80",
                                        "::1:80",
                                        "[::1]",
                                        "[::1:80",
                                        "[]:80",
                                        "[127.0.0.1]:80",
                                        "*:80",
                                        "127.0.0.1:123456",
                                        "1.2.3.4.5:80"};
    struct listen_address address;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        cr_assert_not(listen_parse(&address, wrong[i]), "%s", wrong[i]);
}
