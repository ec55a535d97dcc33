/*
 * `plimsoll sign`: a process of its own, so that no fault of the daemon can read the key. Started
 * by `run` it has one end of a socket pair (`--fd`); as a unit it listens at signer.socket.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "keeper/commands.h"
#include "keeper/config.h"
#include "keeper/help.h"
#include "sign/signer.h"

#define FD_DIGITS_MAX 6

/* A descriptor that is an open socket; -1: it is none. */
static int socket_parse(const char *text)
{
    struct stat status;
    size_t length = strlen(text);
    int fd = 0;

    if (length == 0 || length > FD_DIGITS_MAX || strspn(text, "0123456789") != length)
        return -1;
    for (size_t i = 0; i < length; i++)
        fd = fd * 10 + (text[i] - '0');
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? fd : -1;
}

static void tell_systemd(void)
{
    (void)sd_notify(0, "READY=1");
}

static int refuse(const char *why)
{
    fprintf(stderr, "plimsoll sign: %s\n", why);
    return EXIT_USAGE;
}

/* Where only the signer writes: its unit's StateDirectory, else beside the keystore. Two chains may
 * share either. */
static void spend_path(struct text *out, const struct config *config)
{
    const char *folder = getenv("STATE_DIRECTORY");
    const char *slash = strrchr(config->keystore, '/');
    char account[ADDRESS_TEXT_SIZE];

    if (config->spend_file[0] != '\0') {
        text_add(out, config->spend_file);
        return;
    }
    if (folder != NULL && folder[0] == '/') /* systemd parts several with colons: the first */
        text_add_bytes(out, bytes_of(folder, strcspn(folder, ":")));
    else if (slash != NULL)
        text_add_bytes(out, bytes_of(config->keystore, (size_t)(slash - config->keystore)));
    else
        text_add_char(out, '.');
    address_format(account, &config->settings.account);
    text_add(out, "/signer-");
    text_add_u64(out, config->settings.chain.id);
    text_add_char(out, '-');
    text_add(out, account);
    text_add(out, ".spend");
}

static int signer_start(const struct config *config, const char *fd_text, bool address_only)
{
    struct log_sink log;
    TEXT spend = {0};

    spend_path(&spend, config);
    struct signer_options options = {
        .keystore = config->keystore,
        .password_file = config->password_file[0] == '\0' ? NULL : config->password_file,
        .fd = -1,
        .chain_id = config->settings.chain.id,
        .spend_file = address_only ? NULL : text_string(&spend),
        .policy = config->has_policy ? &config->policy : NULL,
        .account = config->has_policy ? &config->settings.account : NULL,
    };

    if (config->keystore[0] == '\0')
        return refuse("the config has no signer.keystore; `plimsoll key new FILE` makes one");
    if (fd_text != NULL) {
        options.fd = socket_parse(fd_text);
        if (options.fd < 0)
            return refuse("--fd is the number of an open socket, which `run` makes; leave it out");
    } else if (config->signer_socket[0] == '\0') {
        return refuse("the config has no signer.socket to listen at; without one, `run` starts its "
                      "own signer");
    } else {
        options.socket_path = config->signer_socket;
        options.ready = tell_systemd;
    }
    log_init(&log, 2, config->log);
    return signer_run(&options, &log);
}

int command_sign(int argc, char **argv)
{
    static const char *const specs[] = {"config:c", "fd", "address-only!"};
    const char *values[ARRAY_LENGTH(specs)];
    const struct option_parse parse = {
        .command = "sign", .specs = specs, .values = values, .spec_count = ARRAY_LENGTH(specs)};
    int count = options_parse(&parse, argc, argv);
    struct config config;
    TEXT faults = {0};

    if (count < 0)
        return count == OPTIONS_HELPED ? EXIT_DONE : EXIT_USAGE;
    if (values[0] == NULL)
        return refuse("-c FILE is missing; see `plimsoll help sign`");
    if (!config_read(&config, &faults, values[0])) {
        fputs(text_string(&faults), stderr);
        return EXIT_USAGE;
    }
    return signer_start(&config, values[1], values[2] != NULL);
}
