#include "tests/sign/sign_fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "eth/abi.h"
#include "sign/frame.h"

const char keystore_cheap[] =
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\","
    "\"cipherparams\":{\"iv\":\"e0c41130a323adc1446fc82f724bca2f\"},"
    "\"ciphertext\":\"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984\","
    "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"r\":8,\"p\":1,"
    "\"salt\":\"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63\"},"
    "\"mac\":\"d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5\"},"
    "\"id\":\"fecfc4ce-e956-48fd-953b-30f8b52ed66c\",\"version\":3}";
const char keystore_cheap_key[] =
    "00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35";

const char keystore_pbkdf2[] =
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\","
    "\"cipherparams\":{\"iv\":\"6087dab2f9fdbbfaddc31a909735c1e6\"},"
    "\"ciphertext\":\"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46\","
    "\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":262144,\"dklen\":32,\"prf\":\"hmac-sha256\","
    "\"salt\":\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd\"},"
    "\"mac\":\"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2\"},"
    "\"id\":\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}";
const char keystore_scrypt[] =
    "{\"crypto\":{\"cipher\":\"aes-128-ctr\","
    "\"cipherparams\":{\"iv\":\"83dbcc02d8ccb40e466191a123791e0e\"},"
    "\"ciphertext\":\"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c\","
    "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":262144,\"r\":1,\"p\":8,"
    "\"salt\":\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"},"
    "\"mac\":\"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097\"},"
    "\"id\":\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}";
const char keystore_definition_key[] =
    "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

const char policy_text[] =
    "{\"chain\":31337,\"targets\":[\"0x1111111111111111111111111111111111111111\"],"
    "\"approve_spenders\":[\"0x2222222222222222222222222222222222222222\"],"
    "\"selectors\":[\"00a718a9\"],\"fee_per_gas_max\":\"300000000000\",\"spend_per_day_max\":"
    "\"0\"}";

void folder_make(struct folder *folder)
{
    strcpy(folder->path, "/tmp/plimsoll-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder->path));
}

void folder_remove(struct folder *folder)
{
    DIR *dir = opendir(folder->path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    (void)rmdir(folder->path);
}

void folder_path(char out[128], const struct folder *folder, const char *name)
{
    (void)snprintf(out, 128, "%s/%s", folder->path, name);
}

void folder_put(char out[128], const struct folder *folder, const char *name, const char *content,
                mode_t mode)
{
    folder_path(out, folder, name);
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    cr_assert(fchmod(fd, mode) == 0 && close(fd) == 0);
}

char *file_text(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);

    cr_assert(fd >= 0 && fstat(fd, &status) == 0);
    char *text = calloc(1, (size_t)status.st_size + 1);
    cr_assert(read(fd, text, (size_t)status.st_size) == status.st_size && close(fd) == 0);
    return text;
}

char *text_with(const char *text, const char *old, const char *fresh)
{
    const char *at = strstr(text, old);
    char *out = calloc(1, strlen(text) + strlen(fresh) + 1);

    cr_assert_not_null(at);
    memcpy(out, text, (size_t)(at - text));
    strcat(out, fresh);
    strcat(out, at + strlen(old));
    return out;
}

void secret_of(struct secret *out, const char *hex)
{
    cr_assert(secret_new(out) == KEYSTORE_OK);
    cr_assert(hex_decode(out->key, 32, hex, strlen(hex)));
}

void signer_start(struct signer_process *out, const char *keystore, const char *password)
{
    folder_make(&out->folder);
    signer_start_in(out, keystore, password, NULL);
}

void signer_start_in(struct signer_process *out, const char *keystore, const char *password,
                     const struct signer_policy *policy)
{
    char password_file[128];
    int pair[2];

    folder_path(out->spend, &out->folder, "spend");
    folder_put(out->keystore, &out->folder, "keeper.json", keystore, 0600);
    folder_put(password_file, &out->folder, "keeper.password", password, 0600);
    folder_put(out->log, &out->folder, "log", "", 0600);
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    out->pid = fork();
    cr_assert(out->pid >= 0);
    if (out->pid == 0) {
        struct signer_options options = {.keystore = out->keystore,
                                         .password_file = password_file,
                                         .chain_id = 31337,
                                         .spend_file = out->spend,
                                         .policy = policy,
                                         .fd = pair[1]};
        struct log_sink log = {.fd = open(out->log, O_WRONLY | O_APPEND), .level = LOG_LEVEL_DEBUG};
        close(pair[0]);
        _exit(signer_run(&options, &log));
    }
    close(pair[1]);
    out->fd = pair[0];
}

int signer_wait(struct signer_process *process)
{
    int status = 0;

    cr_assert(waitpid(process->pid, &status, 0) == process->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int signer_stop(struct signer_process *process)
{
    close(process->fd);
    int code = signer_wait(process);
    folder_remove(&process->folder);
    return code;
}

char request(struct buffer *answer, int fd, char kind, struct bytes payload)
{
    BUFFER in = {0};
    BUFFER out = {0};
    struct frame frame;

    frame_add(&out, (uint8_t)kind, payload);
    while (out.size > 0)
        if (stream_send(&out, fd) == STREAM_CLOSED)
            break;
    while (frame_peek(&frame, &in) != FRAME_READY) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        cr_assert(poll(&wait, 1, 30000) == 1, "the signer says nothing");
        if (stream_receive(&in, fd) == STREAM_CLOSED)
            return 0;
    }
    buffer_clear(answer);
    buffer_add_bytes(answer, frame.payload);
    buffer_add_byte(answer, 0);
    answer->size--;
    return (char)frame.kind;
}

void policy_of_test(struct signer_policy *out)
{
    cr_assert(policy_parse(out, bytes_of_text(policy_text)));
}

static struct wei gwei(uint64_t amount)
{
    return (struct wei){u256_of(amount * 1000000000)};
}

static void transaction_set(struct transaction *out, uint8_t to)
{
    *out = (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                .has_chain_id = true,
                                .has_to = true,
                                .chain_id = 31337,
                                .nonce = 7,
                                .gas = 612000,
                                .max_fee_per_gas = gwei(100),
                                .max_priority_fee_per_gas = gwei(2)};
    memset(out->to.byte, to, sizeof out->to.byte);
}

static void add_address(struct buffer *out, uint8_t byte)
{
    struct address address;
    memset(address.byte, byte, sizeof address.byte);
    abi_add_address(out, &address);
}

void transaction_of_test(struct transaction *out, struct buffer *calldata)
{
    transaction_set(out, 0x11);
    buffer_clear(calldata);
    abi_add_selector(calldata, "liquidationCall(address,address,address,uint256,bool)");
    add_address(calldata, 0xc0);
    add_address(calldata, 0xde);
    add_address(calldata, 0xac);
    abi_add_u256(calldata, &U256_MAX);
    abi_add_bool(calldata, false);
    out->data = buffer_bytes(calldata);
}

void approval_of_test(struct transaction *out, struct buffer *calldata)
{
    transaction_set(out, 0x70);
    buffer_clear(calldata);
    abi_add_selector(calldata, "approve(address,uint256)");
    add_address(calldata, 0x22);
    abi_add_u256(calldata, &U256_MAX);
    out->data = buffer_bytes(calldata);
}

void sign_wanted(struct buffer *wanted, uint64_t nonce)
{
    BUFFER calldata = {0};
    struct transaction transaction;

    transaction_of_test(&transaction, &calldata);
    transaction.nonce = nonce;
    transaction_encode_unsigned(wanted, &transaction);
}

char sign_one(struct buffer *answer, int fd, uint64_t nonce)
{
    BUFFER wanted = {0};

    sign_wanted(&wanted, nonce);
    return request(answer, fd, 'S', buffer_bytes(&wanted));
}
