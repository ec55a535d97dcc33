/*
 * The process with the key in it: closes itself off, opens the key, forgets the password, and then
 * does nothing but answer. It has no network, no clock and no opinion on what is worth signing.
 */
#include "sign/signer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sign/clients.h"
#include "sign/frame.h"
#include "sign/guard.h"
#include "sign/listener.h"
#include "sign/session.h"
#include "sign/why.h"

enum signer_exit { SIGNER_DONE = 0, SIGNER_INTERNAL = 1, SIGNER_REFUSED = 4 };

/* The daemon waits for an answer, and should hear why there is none. */
static void tell_parent(const struct signer_options *options, const char *why)
{
    BUFFER out = {0};

    if (options->socket_path != NULL)
        return;
    frame_add(&out, FRAME_REFUSED, bytes_of_text(why));
    (void)!stream_send(&out, options->fd);
}

static enum keystore_error key_open(struct signer *signer, char why[256],
                                    const struct signer_options *options)
{
    BUFFER password = {0};
    enum keystore_error error = password_read(&password, why, options->password_file);

    if (error == KEYSTORE_OK)
        error = keystore_open(&signer->secret, &signer->address, why, options->keystore,
                              buffer_bytes(&password));
    wipe(password.data, password.capacity);
    return error;
}

/* A terminal sends SIGINT to the whole group, and systemd SIGTERM: the daemon, which may want a
 * last answer, decides when both are done. */
static bool signals_leave_to_parent(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    return sigaction(SIGINT, &ignore, NULL) == 0 && sigaction(SIGTERM, &ignore, NULL) == 0 &&
           sigaction(SIGHUP, &ignore, NULL) == 0;
}

/* A second wall: a kernel without seccomp still has the first. */
static void requests_begin(struct signer *signer, const struct signer_options *options)
{
    if (options->ready != NULL)
        options->ready();
    if (!guard_syscalls(signer->spend_file.fd))
        log_line(signer->log, LOG_LEVEL_WARNING, "no seccomp",
                 "why=\"this kernel takes no filter; the signer goes on without\"");
}

/* Ends with the parent. */
static int serve_parent(struct signer *signer, const struct signer_options *options)
{
    CLEANUP(session_release) struct session session = {.fd = options->fd};
    struct pollfd wait = {.fd = options->fd};

    requests_begin(signer, options);
    do {
        wait.events = session_events(&session);
        while (poll(&wait, 1, -1) < 0 && errno == EINTR) {
        }
    } while (session_step(&session, signer));
    return SIGNER_DONE;
}

/* Ends by a signal, or where the socket is lost. */
static int serve_socket(struct signer *signer, const struct signer_options *options)
{
    char why[256] = "";
    int listener = listener_open(why, options->socket_path);

    if (listener < 0) {
        log_line(signer->log, LOG_LEVEL_ERROR, "no socket", "why=\"%s\"", why);
        return SIGNER_REFUSED;
    }
    requests_begin(signer, options);
    clients_serve(listener, signer);
    log_line(signer->log, LOG_LEVEL_ERROR, "socket lost", "path=%s", options->socket_path);
    (void)close(listener);
    return SIGNER_INTERNAL;
}

static bool process_prepare(const struct signer_options *options, struct log_sink *log)
{
    if (!guard_process()) {
        log_line(log, LOG_LEVEL_ERROR, "unguarded", "why=\"the kernel refused: %s\"",
                 strerror(errno));
        return false;
    }
    if (options->socket_path != NULL)
        return true;
    if (!signals_leave_to_parent() || !guard_parent(options->fd)) {
        log_line(log, LOG_LEVEL_ERROR, "no parent",
                 "why=\"--fd is for the daemon that starts its own signer; it is gone\"");
        return false;
    }
    return true;
}

static void signer_release(struct signer *signer)
{
    secret_release(&signer->secret);
    spend_file_settle(&signer->spend_file, &signer->spend);
    spend_file_close(&signer->spend_file);
    buffer_release(&signer->raw);
}

/* What must be well before the first request: the key, whose it is, and what it spent today. */
static bool signer_open(struct signer *signer, char why[WHY_SIZE],
                        const struct signer_options *options)
{
    if (key_open(signer, why, options) != KEYSTORE_OK)
        return false;
    if (options->account != NULL && !address_is_equal(options->account, &signer->address)) {
        why_set(why, "signer.policy is for keeper.account, and the key is another account's");
        return false;
    }
    signer->spend_file.chain_id = options->chain_id;
    signer->spend_file.account = signer->address;
    return options->spend_file == NULL ||
           spend_file_open(&signer->spend_file, &signer->spend, why, options->spend_file);
}

static void signer_init(struct signer *signer, const struct signer_options *options,
                        struct log_sink *log)
{
    *signer = (struct signer){.log = log,
                              .policy_may_repeat = options->socket_path != NULL,
                              .chain_id = options->chain_id,
                              .own = options->policy,
                              .has_policy = options->policy != NULL,
                              .spend_file.fd = -1};
    if (options->policy != NULL)
        signer->policy = *options->policy;
}

int signer_run(const struct signer_options *options, struct log_sink *log)
{
    CLEANUP(signer_release) struct signer signer;
    char why[WHY_SIZE] = "";
    char account[ADDRESS_TEXT_SIZE];

    signer_init(&signer, options, log);
    if (!process_prepare(options, log))
        return SIGNER_INTERNAL;
    if (!signer_open(&signer, why, options)) {
        log_line(log, LOG_LEVEL_ERROR, "not started", "why=\"%s\"", why);
        tell_parent(options, why);
        return SIGNER_REFUSED;
    }
    address_format(account, &signer.address);
    log_line(log, LOG_LEVEL_INFO, "signer ready", "account=%s", account);
    if (options->socket_path == NULL)
        return serve_parent(&signer, options);
    return serve_socket(&signer, options);
}
