/*
 * `plimsoll sign`: a process of its own, so that no fault of the daemon can read the key. Started
 * by `run` it has one end of a socket pair (`--fd`); as a unit it listens at signer.socket.
 */
#include <stdio.h>
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

static int signer_start(const struct config *config, const char *fd_text)
{
    struct log_sink log;
    struct signer_options options = {
        .keystore = config->keystore,
        .password_file = config->password_file[0] == '\0' ? NULL : config->password_file,
        .fd = -1,
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
    static const char *const specs[] = {"config:c", "fd"};
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
    return signer_start(&config, values[1]);
}
