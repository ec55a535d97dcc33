/*
 * Nothing is decided before the signer has opened its key, so this may wait, unlike all that
 * follows. It ends in a connection that is known to be good, or in a sentence for the operator.
 */
#include "keeper/signer_connect.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/why.h"

/* One question under way. */
struct hello {
    struct signer_child child;
    int64_t patience_ms;
    int64_t deadline_ms;
    struct buffer in;
    struct buffer out;
};

enum hello_state { HELLO_ANSWERED, HELLO_CLOSED, HELLO_LATE };

static int64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void hello_release(struct hello *hello)
{
    buffer_release(&hello->in);
    buffer_release(&hello->out);
}

/* False: it is too late. */
static bool hello_wait(const struct hello *hello, short events)
{
    int64_t left_ms = hello->deadline_ms - clock_ms();
    struct pollfd wait = {.fd = hello->child.fd, .events = events};

    return left_ms > 0 && (poll(&wait, 1, (int)left_ms) != 0);
}

/* What was said beyond the answers would be taken for the answer to something else. */
static enum signer_link_error hello_end(const struct hello *hello, char why[256])
{
    if (hello->in.size == 0)
        return SIGNER_LINK_OK;
    why_set(why, "the signer says more than it was asked");
    return SIGNER_LINK_CANNOT_CONNECT;
}

/* A signer that could not open its key says so and ends, maybe before it is asked: what has arrived
 * counts, even where the question could not be sent. */
static enum hello_state hello_ask(struct hello *hello, struct frame *answer, uint8_t kind,
                                  struct bytes payload)
{
    frame_add(&hello->out, kind, payload);
    while (hello->out.size > 0) {
        enum stream_state sent = stream_send(&hello->out, hello->child.fd);
        if (sent == STREAM_CLOSED)
            break;
        if (sent == STREAM_WAITS && !hello_wait(hello, POLLOUT))
            return HELLO_LATE;
    }
    for (;;) {
        enum frame_state state = frame_peek(answer, &hello->in);
        if (state == FRAME_READY)
            return HELLO_ANSWERED;
        if (state == FRAME_TOO_LARGE)
            return HELLO_CLOSED;
        enum stream_state got = stream_receive(&hello->in, hello->child.fd);
        if (got == STREAM_CLOSED)
            return HELLO_CLOSED;
        if (got == STREAM_WAITS && !hello_wait(hello, POLLIN))
            return HELLO_LATE;
    }
}

static enum signer_link_error refuse_silence(const struct hello *hello, char why[256],
                                             enum hello_state state)
{
    bool is_ours = hello->child.pid > 0;

    if (state == HELLO_LATE)
        why_set(why, "the signer did not answer within %lld s%s",
                (long long)hello->patience_ms / 1000,
                is_ours ? "" : "; it has a few places only: who else asks it?");
    else
        why_set(why, "the signer ended before it answered; its log says why");
    return is_ours ? SIGNER_LINK_CANNOT_START : SIGNER_LINK_CANNOT_CONNECT;
}

static enum signer_link_error refuse_answer(char why[256], const char *what,
                                            const struct frame *answer)
{
    if (answer->kind == FRAME_REFUSED)
        why_set(why, "%s: %.*s", what, (int)answer->payload.size,
                (const char *)answer->payload.data);
    else
        why_set(why, "%s: its answer is not understood", what);
    return SIGNER_LINK_KEY_REFUSED;
}

static enum signer_link_error hello_account(struct hello *hello, char why[256],
                                            const struct address *account)
{
    char wanted[ADDRESS_TEXT_SIZE], found[ADDRESS_TEXT_SIZE];
    struct address address;
    struct frame answer;
    enum hello_state state = hello_ask(hello, &answer, FRAME_ADDRESS, (struct bytes){0});

    if (state != HELLO_ANSWERED)
        return refuse_silence(hello, why, state);
    if (answer.kind != FRAME_ADDRESS || answer.payload.size != sizeof address.byte)
        return refuse_answer(why, "the signer has no key", &answer);
    memcpy(address.byte, answer.payload.data, sizeof address.byte);
    frame_drop(&hello->in);
    if (address_is_equal(&address, account))
        return SIGNER_LINK_OK;
    address_format(wanted, account);
    address_format(found, &address);
    why_set(why, "the signer's key is of %s, keeper.account is %s", found, wanted);
    return SIGNER_LINK_WRONG_ACCOUNT;
}

static enum signer_link_error hello_policy(struct hello *hello, char why[256],
                                           const struct signer_policy *policy)
{
    CLEANUP(text_release) struct text json = {0};
    struct frame answer;

    policy_format(&json, policy);
    enum hello_state state = hello_ask(hello, &answer, FRAME_POLICY, text_bytes(&json));
    if (state != HELLO_ANSWERED)
        return refuse_silence(hello, why, state);
    if (answer.kind != FRAME_POLICY)
        return refuse_answer(why, "the signer does not take the policy", &answer);
    frame_drop(&hello->in);
    return SIGNER_LINK_OK;
}

static enum signer_link_error socket_connect(struct signer_child *out, char why[256],
                                             const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof name.sun_path) {
        why_set(why, "signer.socket is too long for a socket");
        return SIGNER_LINK_CANNOT_CONNECT;
    }
    memcpy(name.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof name) == 0) {
        *out = (struct signer_child){.fd = fd};
        return SIGNER_LINK_OK;
    }
    why_set(why, "no signer answers on %s: %s; start `plimsoll sign`", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return SIGNER_LINK_CANNOT_CONNECT;
}

static enum signer_link_error reach(struct signer_child *out, char why[256],
                                    const struct config *config, bool address_only)
{
    if (config->signer_socket[0] != '\0')
        return socket_connect(out, why, config->signer_socket);
    if (signer_spawn(out, config->file, address_only))
        return SIGNER_LINK_OK;
    why_set(why, "no signer could be started: %s", strerror(errno));
    return SIGNER_LINK_CANNOT_START;
}

/* One that is reached and asked. Out: *hello is to be released, its child ended by whoever failed.
 */
static enum signer_link_error hello_begin(struct hello *hello, char why[256],
                                          const struct config *config,
                                          const struct signer_policy *policy)
{
    hello->deadline_ms = clock_ms() + hello->patience_ms;
    enum signer_link_error error = hello_account(hello, why, &config->settings.account);
    if (error == SIGNER_LINK_OK && policy != NULL)
        error = hello_policy(hello, why, policy);
    if (error == SIGNER_LINK_OK)
        error = hello_end(hello, why);
    if (error != SIGNER_LINK_OK)
        (void)signer_child_end(&hello->child);
    return error;
}

enum signer_link_error signer_connect(struct signer_child *child, char why[256],
                                      const struct config *config,
                                      const struct signer_policy *policy, int64_t patience_ms)
{
    CLEANUP(hello_release) struct hello hello = {.patience_ms = patience_ms};
    enum signer_link_error error = reach(&hello.child, why, config, false);

    if (error != SIGNER_LINK_OK)
        return error;
    error = hello_begin(&hello, why, config, policy);
    if (error == SIGNER_LINK_OK)
        *child = hello.child;
    return error;
}

enum signer_link_error signer_prove(char why[256], const struct config *config)
{
    CLEANUP(hello_release) struct hello hello = {.patience_ms = SIGNER_CONNECT_TIMEOUT_MS};
    enum signer_link_error error = reach(&hello.child, why, config, true);

    if (error != SIGNER_LINK_OK)
        return error;
    error = hello_begin(&hello, why, config, NULL);
    if (error == SIGNER_LINK_OK)
        (void)signer_child_end(&hello.child);
    return error;
}

enum signer_link_error signer_tell_policy(const struct signer_child *child, char why[256],
                                          const struct signer_policy *policy)
{
    CLEANUP(hello_release)
    struct hello hello = {.child = *child, .patience_ms = SIGNER_POLICY_TIMEOUT_MS};

    hello.deadline_ms = clock_ms() + hello.patience_ms;
    enum signer_link_error error = hello_policy(&hello, why, policy);
    return error == SIGNER_LINK_OK ? hello_end(&hello, why) : error;
}
