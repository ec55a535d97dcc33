/*
 * All that a client can say to a signer that holds a key, in whatever pieces: it answers in frames,
 * each signature is of the key and within the policy, and no bytes that it signed could mean
 * anything else. The first byte of the input says how it is cut.
 */
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sign/frame.h"
#include "sign/recover.h"
#include "sign/secret.h"
#include "sign/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char own_text[] =
    "{\"chain\":31337,\"targets\":[\"0x1111111111111111111111111111111111111111\"],"
    "\"approve_spenders\":[\"0x2222222222222222222222222222222222222222\"],"
    "\"selectors\":[\"00a718a9\"],\"fee_per_gas_max\":\"300000000000\","
    "\"spend_per_day_max\":\"4000000000000000000\"}";

/* Once for the whole process. */
static void signer_make(struct signer *signer, struct log_sink *log)
{
    static struct signer_policy own;

    if (signer->secret.key != NULL)
        return;
    log_init(log, -1, LOG_LEVEL_ERROR);
    signer->log = log;
    MUST(secret_new(&signer->secret) == KEYSTORE_OK);
    memset(signer->secret.key, 0x42, SECRET_SIZE);
    MUST(secret_address(&signer->address, &signer->secret));
    signer->spend_file.fd = memfd_create("spend", MFD_CLOEXEC);
    MUST(signer->spend_file.fd >= 0);
    MUST(policy_parse(&own, bytes_of_text(own_text)));
    signer->own = &own;
    signer->chain_id = 31337;
}

static void signature_check(const struct signer *signer, struct bytes raw)
{
    struct transaction transaction;
    struct address sender;

    MUST(transaction_decode(&transaction, raw) == TRANSACTION_OK);
    MUST(transaction_sender(&sender, &transaction));
    MUST(address_is_equal(&sender, &signer->address));
    MUST(policy_judge(signer->own, &signer->address, &transaction) == POLICY_ALLOWED);
    MUST(transaction.chain_id == 31337 && u256_is_zero(&transaction.value.value));
    bool is_cancel = transaction.data.size == 0 && transaction.gas <= SIGNER_CANCEL_GAS &&
                     address_is_equal(&transaction.to, &signer->address);
    bool is_approval = transaction.data.size == 68 &&
                       memcmp(transaction.data.data, "\x09\x5e\xa7\xb3", 4) == 0 &&
                       memcmp(transaction.data.data + 16, signer->own->spender[0].byte, 20) == 0;
    bool is_liquidation = transaction.data.size == 164 &&
                          memcmp(transaction.data.data, "\x00\xa7\x18\xa9", 4) == 0 &&
                          address_is_equal(&transaction.to, &signer->own->target[0]);
    MUST(is_cancel || is_approval || is_liquidation);
}

static void answers_check(const struct signer *signer, struct buffer *in, int fd)
{
    struct frame frame;

    while (stream_receive(in, fd) == STREAM_MOVED) {
    }
    while (frame_peek(&frame, in) == FRAME_READY) {
        MUST(frame.kind == 'P' || frame.kind == 'A' || frame.kind == 'S' || frame.kind == 'R');
        if (frame.kind == 'S')
            signature_check(signer, frame.payload);
        frame_drop(in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct signer signer;
    static struct log_sink log;
    CLEANUP(session_release) struct session session = {0};
    BUFFER answers = {0};
    int pair[2];

    signer_make(&signer, &log);
    signer.has_policy = true;
    signer.policy = *signer.own;
    memset(&signer.spend, 0, sizeof signer.spend);
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    session.fd = pair[1];
    size_t step = size == 0 ? 1 : (size_t)data[0] + 1;
    bool goes_on = true;
    for (size_t at = 1; at < size && goes_on; at += step) {
        size_t count = size - at < step ? size - at : step;
        MUST(send(pair[0], data + at, count, MSG_NOSIGNAL) == (ssize_t)count);
        for (int i = 0; i < 64 && goes_on; i++) {
            struct pollfd wait = {.fd = pair[1], .events = session_events(&session)};
            if (poll(&wait, 1, 0) != 1)
                break;
            goes_on = session_step(&session, &signer);
            answers_check(&signer, &answers, pair[0]);
        }
    }
    answers_check(&signer, &answers, pair[0]);
    session_end(&session);
    close(pair[0]);
    return 0;
}
