/*
 * `plimsoll key`: where a keeper's key comes from. Neither the key nor its password ever stands on
 * a command line, in the environment or in a log, and no file is written over.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "keeper/commands.h"
#include "keeper/help.h"
#include "keeper/terminal.h"
#include "sign/guard.h"
#include "sign/signer.h"

#define SECRET CLEANUP(secret_release) struct secret
#define PASSWORD CLEANUP(password_release) struct buffer
#define KEY_DIGITS 64
#define KEY_TEXT_MAX 256

struct key_request {
    const char *path;
    const char *password_file; /* NULL: asks at the terminal */
};

static void password_release(struct buffer *password)
{
    wipe(password->data, password->capacity);
    buffer_release(password);
}

static int refuse(int code, const char *why)
{
    fprintf(stderr, "plimsoll key: %s\n", why);
    return code;
}

static int address_print(const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];

    address_format(text, address);
    return printf("%s\n", text) > 0 && fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

/* Twice, because what is mistyped here locks the key away for good. */
static int password_choose(struct buffer *out, const struct key_request *request)
{
    PASSWORD again = {0};
    char why[256] = "";

    if (request->password_file != NULL) {
        if (password_read(out, why, request->password_file) != KEYSTORE_OK)
            return refuse(EXIT_REFUSED, why);
    } else if (!terminal_ask_secret(out, "password: ") ||
               !terminal_ask_secret(&again, "once more: ")) {
        return refuse(EXIT_USAGE, "no terminal to ask for the password; give --password-file FILE");
    } else if (!bytes_equal(buffer_bytes(out), buffer_bytes(&again))) {
        return refuse(EXIT_REFUSED, "the two passwords differ; nothing was written");
    }
    if (out->size == 0)
        return refuse(EXIT_REFUSED, "an empty password protects nothing; nothing was written");
    return EXIT_DONE;
}

/* Before anybody types a password for nothing; keystore_write has the last word. */
static bool is_taken(const char *path)
{
    return access(path, F_OK) == 0 || errno != ENOENT;
}

static int key_store(const struct secret *secret, const struct key_request *request)
{
    PASSWORD password = {0};
    struct address address;
    char why[256] = "";
    int code = password_choose(&password, request);

    if (code != EXIT_DONE)
        return code;
    if (!secret_address(&address, secret))
        return refuse(EXIT_REFUSED, keystore_error_text(KEYSTORE_BAD_KEY));
    if (keystore_write(why, request->path, secret, buffer_bytes(&password)) != KEYSTORE_OK)
        return refuse(EXIT_REFUSED, why);
    return address_print(&address);
}

static int key_new(const struct key_request *request)
{
    SECRET secret = {0};
    enum keystore_error error = keystore_new_key(&secret);

    if (error != KEYSTORE_OK)
        return refuse(EXIT_INTERNAL, keystore_error_text(error));
    return key_store(&secret, request);
}

/* All of standard input, since a key that is followed by something else is not what was meant. */
static bool input_read(char text[KEY_TEXT_MAX], size_t *length)
{
    *length = 0;
    while (*length < KEY_TEXT_MAX) {
        ssize_t got = read(STDIN_FILENO, text + *length, KEY_TEXT_MAX - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        *length += (size_t)got;
    }
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool key_parse(struct secret *out, const char *text, size_t length)
{
    while (length > 0 && is_space(text[length - 1]))
        length--;
    while (length > 0 && is_space(text[0])) {
        text++;
        length--;
    }
    if (length == KEY_DIGITS + 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        length -= 2;
    }
    return hex_decode(out->key, KEY_DIGITS / 2, text, length);
}

static bool key_ask(struct secret *out)
{
    PASSWORD typed = {0};

    return terminal_ask_secret(&typed, "key in hex: ") &&
           key_parse(out, (const char *)typed.data, typed.size);
}

static bool key_read(struct secret *out)
{
    char text[KEY_TEXT_MAX];
    size_t length;

    if (isatty(STDIN_FILENO) == 1)
        return key_ask(out);
    bool is_read = input_read(text, &length) && key_parse(out, text, length);
    wipe(text, sizeof text);
    return is_read;
}

static int key_import(const struct key_request *request)
{
    SECRET secret = {0};
    enum keystore_error error = secret_new(&secret);

    if (error != KEYSTORE_OK)
        return refuse(EXIT_INTERNAL, keystore_error_text(error));
    if (!key_read(&secret))
        return refuse(EXIT_REFUSED, "standard input is no key: 64 hex digits, with or without 0x");
    return key_store(&secret, request);
}

static int key_address(const struct key_request *request)
{
    SECRET secret = {0};
    PASSWORD password = {0};
    struct address address;
    char why[256] = "";

    if (request->password_file == NULL) {
        enum keystore_error error = keystore_address(&address, why, request->path);
        return error == KEYSTORE_OK ? address_print(&address) : refuse(EXIT_REFUSED, why);
    }
    if (password_read(&password, why, request->password_file) != KEYSTORE_OK ||
        keystore_open(&secret, &address, why, request->path, buffer_bytes(&password)) !=
            KEYSTORE_OK)
        return refuse(EXIT_REFUSED, why);
    return address_print(&address);
}

int command_key(int argc, char **argv)
{
    static const char *const specs[] = {"password-file"};
    struct key_request request = {0};
    const char *rest[2] = {NULL, NULL};
    const struct option_parse parse = {.command = "key",
                                       .specs = specs,
                                       .values = &request.password_file,
                                       .spec_count = ARRAY_LENGTH(specs),
                                       .rest = rest,
                                       .rest_max = ARRAY_LENGTH(rest)};
    int count = options_parse(&parse, argc, argv);

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (count < 2)
        return refuse(EXIT_USAGE, "new, import or address, and a file; see `plimsoll help key`");
    request.path = rest[1];
    bool is_address = strcmp(rest[0], "address") == 0;
    bool is_new = strcmp(rest[0], "new") == 0;
    if (!is_address && !is_new && strcmp(rest[0], "import") != 0)
        return refuse(EXIT_USAGE, "knows new, import and address; see `plimsoll help key`");
    if (!guard_process())
        return refuse(EXIT_INTERNAL, "the kernel refuses to guard this process");
    if (is_address)
        return key_address(&request);
    if (is_taken(request.path)) {
        fprintf(stderr, "plimsoll key: %s exists already, and a key is never written over\n",
                request.path);
        return EXIT_REFUSED;
    }
    return is_new ? key_new(&request) : key_import(&request);
}
