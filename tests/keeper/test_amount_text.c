/* What a person reads of an amount. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "keeper/amount_text.h"
#include "keeper/grid.h"
#include "keeper/host_text.h"

Test(amount_text, keeps_thousands_apart_and_cuts_toward_zero)
{
    static const struct {
        uint64_t amount;
        unsigned decimals;
        unsigned shown;
        const char *text;
    } rows[] = {{0, 0, 0, "0"},
                {999, 0, 0, "999"},
                {1000, 0, 0, "1,000"},
                {1234567, 0, 0, "1,234,567"},
                {123456789, 2, 2, "1,234,567.89"},
                {199999999, 8, 2, "1.99"},
                {5, 8, 2, "0.00"},
                {123456, 3, 6, "123.456"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct u256 amount = u256_of(rows[i].amount);
        TEXT text = {0};
        amount_add(&text, &amount, rows[i].decimals, rows[i].shown);
        cr_assert_str_eq(text_string(&text), rows[i].text);
    }
}

Test(amount_text, shows_a_loss_with_its_sign_and_nothing_as_nothing)
{
    struct wei loss = {u256_of(1500000000000000)};
    struct wei nothing = {U256_ZERO};
    TEXT text = {0};
    amount_add_wei(&text, &loss, true);
    cr_assert_str_eq(text_string(&text), "-0.001500 ETH");
    text_clear(&text);
    amount_add_wei(&text, &nothing, true);
    cr_assert_str_eq(text_string(&text), "0.000000 ETH");
}

Test(amount_text, shows_health_and_its_absence)
{
    struct wad health = {u256_of(1234567890123456789)};
    struct wad endless = {U256_MAX};
    TEXT text = {0};
    amount_add_health(&text, &health);
    amount_add_health(&text, &endless);
    cr_assert_str_eq(text_string(&text), "1.2345∞");
}

Test(amount_text, knows_the_decimals_of_a_unit)
{
    struct u256 dollar = u256_of(100000000);
    struct u256 one = U256_ONE;
    struct u256 odd = u256_of(12);
    cr_assert(eq(uint, unit_decimals(&dollar), 8));
    cr_assert(eq(uint, unit_decimals(&one), 0));
    cr_assert(eq(uint, unit_decimals(&odd), 0));
}

Test(amount_text, gives_gauges_a_double)
{
    struct u256 amount = u256_ten_to(20);
    struct u256 most = U256_MAX;
    cr_assert(epsilon_eq(dbl, amount_real(&amount, 18), 100, 1e-9));
    cr_assert(gt(dbl, amount_real(&most, 0), 1e77));
}

static char *printed(const struct grid *grid)
{
    static char out[512];
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    grid_print(grid, file);
    rewind(file);
    out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
    fclose(file);
    return out;
}

Test(grid, puts_figures_under_each_other)
{
    GRID grid = {.columns = 3, .right = 2, .indent = 1};
    static const char *const names[] = {"who", "how much", "what"};
    grid_head(&grid, names);
    grid_add(&grid, INK_BAD, "a→b");
    grid_add(&grid, INK_PLAIN, "1");
    grid_add(&grid, INK_PLAIN, "x");
    cr_assert_str_eq(printed(&grid), " who  how much  what\n"
                                     " a→b         1  x\n");
}

Test(grid, prints_no_half_row)
{
    GRID grid = {.columns = 2};
    grid_add(&grid, INK_PLAIN, "alone");
    cr_assert_str_eq(printed(&grid), "");
}

Test(grid, colours_cells_only_where_that_is_wanted)
{
    GRID grid = {.columns = 2, .has_ink = true};
    grid_add(&grid, INK_GOOD, "yes");
    grid_add(&grid, INK_PLAIN, "no");
    cr_assert_str_eq(printed(&grid), "\033[32myes\033[0m  no\n");
}

Test(host_text, shows_no_key_of_a_url)
{
    static const char *const rows[][2] = {
        {"http://127.0.0.1:8545", "127.0.0.1:8545"},
        {"https://eth.example.org/v3/SECRET", "eth.example.org"},
        {"https://user:SECRET@eth.example.org?key=SECRET", "eth.example.org"},
        {"https://user:SEC@RET@eth.example.org/", "eth.example.org"},
        {"https://eth.example.org#SECRET@x", "eth.example.org"},
        {"/run/node.ipc", "/run/node.ipc"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char host[64];
        host_format(host, sizeof(host), rows[i][0]);
        cr_assert_str_eq(host, rows[i][1]);
    }
}
