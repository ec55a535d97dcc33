/*
 * Somebody has the daemon, and with it this socket. Whatever he says on it, for as long as he
 * likes: what he gets is liquidations and approvals for the frozen target, within the day's budget.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eth/abi.h"
#include "sign/frame.h"
#include "sign/recover.h"
#include "tests/sign/sign_fixture.h"

TestSuite(hostile, .timeout = 60);

/* A signer whose own policy has room for ten of transaction_of_test (0.0612 ether each) in a day.
 */
struct siege {
    struct signer_process signer;
    struct signer_policy policy;
    struct transaction transaction;
    struct buffer calldata;
    struct buffer wanted;
    struct buffer answer;
};

static void siege_begin(struct siege *siege)
{
    *siege = (struct siege){0};
    policy_of_test(&siege->policy);
    siege->policy.spend_per_day_max.value = u256_of(612000000000000000);
    siege->policy.gas_max = 1000000;
    folder_make(&siege->signer.folder);
    signer_start_in(&siege->signer, keystore_cheap, "foo", &siege->policy);
    transaction_of_test(&siege->transaction, &siege->calldata);
}

static void siege_end(struct siege *siege)
{
    cr_assert(eq(int, signer_stop(&siege->signer), 0), "it lived through all of it");
    buffer_release(&siege->calldata);
    buffer_release(&siege->wanted);
    buffer_release(&siege->answer);
}

static char ask(struct siege *siege)
{
    buffer_clear(&siege->wanted);
    transaction_encode_unsigned(&siege->wanted, &siege->transaction);
    return request(&siege->answer, siege->signer.fd, 'S', buffer_bytes(&siege->wanted));
}

static void refuses(struct siege *siege, enum policy_verdict verdict)
{
    cr_assert(eq(chr, ask(siege), 'R'));
    cr_assert(eq(str, (char *)siege->answer.data, (char *)policy_verdict_text(verdict)));
    transaction_of_test(&siege->transaction, &siege->calldata);
}

Test(hostile, gets_no_other_call_signed)
{
    struct siege siege;

    siege_begin(&siege);
    siege.transaction.chain_id = 1;
    refuses(&siege, POLICY_WRONG_CHAIN);
    memset(siege.transaction.to.byte, 0x66, 20);
    refuses(&siege, POLICY_UNKNOWN_TARGET);
    siege.calldata.data[0] ^= 0xff;
    refuses(&siege, POLICY_UNKNOWN_SELECTOR);
    siege.transaction.value.value = U256_ONE;
    refuses(&siege, POLICY_CARRIES_VALUE);
    siege.transaction.max_fee_per_gas = siege.policy.fee_per_gas_max;
    siege.transaction.max_fee_per_gas.value.limb[0]++;
    refuses(&siege, POLICY_FEE_OVER_CAP);
    siege.transaction.gas = 1000001;
    refuses(&siege, POLICY_GAS_OVER_CAP);
    siege.transaction.has_to = false;
    refuses(&siege, POLICY_CREATES_CONTRACT);
    siege.transaction.data = (struct bytes){0}; /* all the ether's way out but for its value */
    refuses(&siege, POLICY_MALFORMED);
    approval_of_test(&siege.transaction, &siege.calldata);
    memset(siege.calldata.data + 16, 0x99, 20);
    refuses(&siege, POLICY_UNKNOWN_SPENDER);
    cr_assert(eq(chr, ask(&siege), 'S'));
    siege_end(&siege);
}

Test(hostile, cannot_widen_the_policy)
{
    static const char *const changes[][2] = {
        {"0x1111111111111111111111111111111111111111",
         "0x6666666666666666666666666666666666666666"},
        {"0x2222222222222222222222222222222222222222",
         "0x6666666666666666666666666666666666666666"},
        {"00a718a9", "a9059cbb"},
        {"31337", "1"},
    };
    struct siege siege;

    siege_begin(&siege);
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        char *wider = text_with(policy_text, changes[i][0], changes[i][1]);
        cr_assert(eq(chr, request(&siege.answer, siege.signer.fd, 'P', bytes_of_text(wider)), 'R'));
        free(wider);
    }
    /* a wider fee and no limit on the day are taken for what they are: nothing changes */
    char *dear = text_with(policy_text, "\"300000000000\"", "\"900000000000\"");
    cr_assert(eq(chr, request(&siege.answer, siege.signer.fd, 'P', bytes_of_text(dear)), 'P'));
    free(dear);
    siege.transaction.max_fee_per_gas.value = u256_of(300000000001);
    refuses(&siege, POLICY_FEE_OVER_CAP);
    for (uint64_t nonce = 0; nonce < 12; nonce++) {
        siege.transaction.nonce = nonce;
        cr_assert(eq(chr, ask(&siege), nonce < 10 ? 'S' : 'R'));
    }
    siege_end(&siege);
}

Test(hostile, may_narrow_it_and_find_it_narrowed)
{
    struct siege siege;
    char *cheap = text_with(policy_text, "\"300000000000\"", "\"99000000000\"");

    siege_begin(&siege);
    cr_assert(eq(chr, request(&siege.answer, siege.signer.fd, 'P', bytes_of_text(cheap)), 'P'));
    free(cheap);
    refuses(&siege, POLICY_FEE_OVER_CAP);
    siege_end(&siege);
}

/* What may be mined of all that he got: for each nonce the dearest. */
Test(hostile, gets_no_more_than_the_day_s_budget_by_nonces_replays_and_restarts)
{
    struct siege siege;
    uint64_t dearest[40] = {0};
    uint64_t total_gwei = 0;

    siege_begin(&siege);
    for (uint64_t i = 0; i < 400; i++) {
        if (i % 100 == 99) {
            cr_assert(kill(siege.signer.pid, SIGKILL) == 0);
            cr_assert(eq(int, signer_wait(&siege.signer), -SIGKILL));
            close(siege.signer.fd);
            signer_start_in(&siege.signer, keystore_cheap, "foo", &siege.policy);
        }
        uint64_t gwei = 2 + (i * 7919) % 298;
        siege.transaction.nonce = (i * 31) % ARRAY_LENGTH(dearest);
        siege.transaction.max_fee_per_gas.value = u256_of(gwei * 1000000000);
        if (ask(&siege) == 'S' && gwei > dearest[siege.transaction.nonce])
            dearest[siege.transaction.nonce] = gwei;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(dearest); i++)
        total_gwei += dearest[i] * 612000;
    cr_assert(le(u64, total_gwei, 612000000));
    cr_assert(gt(u64, total_gwei, 500000000), "it is a budget, not a wall");
    siege_end(&siege);
}

static bool is_closed(int fd)
{
    BUFFER in = {0};
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    while (poll(&wait, 1, 30000) == 1)
        if (stream_receive(&in, fd) == STREAM_CLOSED)
            return true;
    return false;
}

Test(hostile, says_too_much_in_one_frame_and_is_not_listened_to)
{
    struct siege siege;
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 'S', 1, 2, 3};

    siege_begin(&siege);
    cr_assert(send(siege.signer.fd, huge, sizeof huge, MSG_NOSIGNAL) == sizeof huge);
    cr_assert(is_closed(siege.signer.fd));
    siege_end(&siege);
}

/* Each word but the last is no request; a byte at a time. */
Test(hostile, drips_nonsense_and_still_gets_only_refusals)
{
    struct siege siege;
    BUFFER words = {0};
    struct frame frame;
    BUFFER in = {0};
    size_t answers = 0;

    siege_begin(&siege);
    for (unsigned kind = 0; kind < 256; kind++)
        if (kind != 'A')
            frame_add(&words, (uint8_t)kind, bytes_of_text("nonsense"));
    for (size_t i = 0; i < words.size; i++)
        cr_assert(send(siege.signer.fd, words.data + i, 1, MSG_NOSIGNAL) == 1);
    while (answers < 255) {
        struct pollfd wait = {.fd = siege.signer.fd, .events = POLLIN};
        while (frame_peek(&frame, &in) == FRAME_READY) {
            cr_assert(eq(chr, (char)frame.kind, 'R'));
            frame_drop(&in);
            answers++;
        }
        if (answers < 255) {
            cr_assert(poll(&wait, 1, 30000) == 1);
            cr_assert(stream_receive(&in, siege.signer.fd) == STREAM_MOVED);
        }
    }
    cr_assert(eq(chr, ask(&siege), 'S'));
    siege_end(&siege);
}

/* He writes and never reads: the signer stops to listen, and holds no more than two messages. */
Test(hostile, floods_without_listening_and_fills_only_his_own_side)
{
    struct siege siege;
    BUFFER words = {0};
    size_t waited = 0, sent = 0;

    siege_begin(&siege);
    for (int i = 0; i < 1000; i++)
        frame_add(&words, 'S', bytes_of_text("nonsense"));
    while (waited < 20 && sent < 64 << 20) {
        struct pollfd wait = {.fd = siege.signer.fd, .events = POLLOUT};
        ssize_t put = send(siege.signer.fd, words.data, words.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += put > 0 ? (size_t)put : 0;
        waited = put > 0 ? 0 : waited + 1;
        if (put <= 0)
            (void)poll(&wait, 1, 20);
    }
    cr_assert(lt(sz, sent, 64 << 20));
    siege_end(&siege);
}

/* His bytes with one changed, all of them: what is signed is of the frozen kind, and ours. */
Test(hostile, changes_each_byte_of_a_request)
{
    struct siege siege;
    size_t signatures = 0;

    siege_begin(&siege);
    cr_assert(eq(chr, ask(&siege), 'S'));
    for (size_t at = 0; at < siege.wanted.size; at++) {
        struct transaction back;
        siege.wanted.data[at] ^= 0x01;
        char kind = request(&siege.answer, siege.signer.fd, 'S', buffer_bytes(&siege.wanted));
        siege.wanted.data[at] ^= 0x01;
        if (kind != 'S')
            continue;
        signatures++;
        cr_assert(transaction_decode(&back, buffer_bytes(&siege.answer)) == TRANSACTION_OK);
        cr_assert(back.chain_id == 31337 && u256_is_zero(&back.value.value));
        cr_assert(address_is_equal(&back.to, &siege.policy.target[0]));
        cr_assert(memcmp(back.data.data, siege.policy.selector[0], 4) == 0);
    }
    cr_assert(gt(sz, signatures, 0));
    siege_end(&siege);
}
