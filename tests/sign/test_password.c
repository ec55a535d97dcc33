/* Password files, and systemd's credentials in their place. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sign/sign_fixture.h"

static enum keystore_error read_text(char out[64], const char *content, mode_t mode)
{
    FOLDER folder;
    BUFFER password = {0};
    char path[128], why[256] = "";

    folder_make(&folder);
    folder_put(path, &folder, "p", content, mode);
    enum keystore_error error = password_read(&password, why, path);
    if (error == KEYSTORE_OK) {
        memcpy(out, password.data, password.size);
        out[password.size] = '\0';
    } else {
        cr_assert(strlen(why) > 0 && strstr(why, "sesame") == NULL && password.size == 0);
    }
    return error;
}

Test(password, is_the_first_line_without_its_newline)
{
    static const char *const rows[][2] = {
        {"open sesame", "open sesame"},
        {"open sesame\n", "open sesame"},
        {"open sesame\r\n", "open sesame"},
        {"open sesame\nmore\n", "open sesame"},
        {" open \t\n", " open \t"},
        {"", ""},
        {"\n", ""},
    };
    char password[64];

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        cr_assert(eq(int, read_text(password, rows[i][0], 0600), KEYSTORE_OK));
        cr_assert(eq(str, password, (char *)rows[i][1]));
    }
}

Test(password, is_refused_where_others_can_get_at_it)
{
    static const mode_t modes[] = {0640, 0604, 0644, 0620, 0602, 0610, 0601};
    char password[64];

    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++)
        cr_assert(eq(int, read_text(password, "sesame", modes[i]), KEYSTORE_PERMISSIONS));
    cr_assert(eq(int, read_text(password, "sesame", 0400), KEYSTORE_OK));
}

/* What counts is the file that was opened, whatever name led to it. */
Test(password, is_looked_at_behind_a_link)
{
    FOLDER folder;
    BUFFER password = {0};
    char open_path[128], closed_path[128], link_path[128], why[256] = "";

    folder_make(&folder);
    folder_put(open_path, &folder, "open", "sesame", 0644);
    folder_put(closed_path, &folder, "closed", "sesame", 0600);
    folder_path(link_path, &folder, "link");
    cr_assert(symlink(open_path, link_path) == 0);
    cr_assert(eq(int, password_read(&password, why, link_path), KEYSTORE_PERMISSIONS));
    cr_assert(unlink(link_path) == 0 && symlink(closed_path, link_path) == 0);
    cr_assert(eq(int, password_read(&password, why, link_path), KEYSTORE_OK));
    if (geteuid() != 0)
        cr_skip_test("only root can give a file away");
    cr_assert(chown(closed_path, 65534, 65534) == 0);
    cr_assert(eq(int, password_read(&password, why, link_path), KEYSTORE_PERMISSIONS));
}

Test(password, is_refused_where_it_is_too_long_for_one)
{
    char password[64];
    char *large = calloc(1, 4098);

    memset(large, 'x', 4097);
    cr_assert(eq(int, read_text(password, large, 0600), KEYSTORE_MALFORMED));
    free(large);
}

Test(password, is_refused_where_there_is_none)
{
    BUFFER password = {0};
    char why[256];

    unsetenv("CREDENTIALS_DIRECTORY");
    cr_assert(eq(int, password_read(&password, why, "/nowhere/at.all"), KEYSTORE_CANNOT_READ));
    cr_assert(eq(int, password_read(&password, why, NULL), KEYSTORE_CANNOT_READ));
}

Test(password, comes_from_a_credential_whatever_its_mode)
{
    FOLDER folder;
    BUFFER password = {0};
    char path[128], why[256];

    folder_make(&folder);
    folder_put(path, &folder, "keeper.password", "sesame\n", 0444);
    setenv("CREDENTIALS_DIRECTORY", folder.path, 1);
    const char *const names[] = {path, NULL, "/etc/plimsoll/keeper.password", "keeper.password"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        cr_assert(eq(int, password_read(&password, why, names[i]), KEYSTORE_OK), "%s", why);
        cr_assert(bytes_equal(buffer_bytes(&password), bytes_of_text("sesame")));
    }
    cr_assert(eq(int, password_read(&password, why, "other"), KEYSTORE_CANNOT_READ));
}

Test(password, has_its_mode_looked_at_where_a_path_only_passes_by_the_credentials)
{
    FOLDER folder;
    BUFFER password = {0};
    char path[128], around[256], why[256];

    folder_make(&folder);
    folder_put(path, &folder, "p", "sesame", 0444);
    setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
    (void)snprintf(around, sizeof around, "/tmp/..%s", path);
    cr_assert(eq(int, password_read(&password, why, path), KEYSTORE_PERMISSIONS));
    cr_assert(eq(int, password_read(&password, why, around), KEYSTORE_PERMISSIONS));
}
