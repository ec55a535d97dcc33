/* A folder of files for one test, keystores whose keys are known, and a signer process to talk to.
 */
#ifndef TESTS_SIGN_FIXTURE_H
#define TESTS_SIGN_FIXTURE_H

#include <sys/types.h>

#include "sign/signer.h"

/* geth's own test file "31_byte_key": password "foo", scrypt with n = 2, so that it opens at once.
 */
extern const char keystore_cheap[];
extern const char keystore_cheap_key[];
/* The two test vectors of the Web3 Secret Storage definition: password "testpassword". */
extern const char keystore_pbkdf2[];
extern const char keystore_scrypt[];
extern const char keystore_definition_key[];

struct folder {
    char path[64];
};

#define FOLDER __attribute__((cleanup(folder_remove))) struct folder

void folder_make(struct folder *folder);
void folder_remove(struct folder *folder);
/** Out: folder/name. */
void folder_path(char out[128], const struct folder *folder, const char *name);
/** A file of that content and mode. */
void folder_put(char out[128], const struct folder *folder, const char *name, const char *content,
                mode_t mode);
/** All of it, NUL-terminated. Gives: free. */
char *file_text(const char *path);

/** A copy of `text` with the first `old` replaced; it must be there. Gives: free. */
char *text_with(const char *text, const char *old, const char *fresh);
/** A secret from 64 hex digits. */
void secret_of(struct secret *out, const char *hex);

struct signer_process {
    struct folder folder;
    pid_t pid;
    int fd;
    char log[128];
    char keystore[128];
    char spend[128];
};

/** signer_run on one end of a socket pair, in a child. */
void signer_start(struct signer_process *out, const char *keystore, const char *password);
/** The same in a folder that is there, with a policy of its own. */
void signer_start_in(struct signer_process *out, const char *keystore, const char *password,
                     const struct signer_policy *policy);
/** Waits for its end. Out: the exit code, or minus the signal. */
int signer_wait(struct signer_process *process);
/** Closes our end, waits, removes the folder. */
int signer_stop(struct signer_process *process);

/** Sends one request and waits for its answer. Out: its kind, 0 where the other end closed. */
char request(struct buffer *answer, int fd, char kind, struct bytes payload);
/** The request's bytes for transaction_of_test() under that nonce. */
void sign_wanted(struct buffer *wanted, uint64_t nonce);
/** Asks for its signature. Out: as request(). */
char sign_one(struct buffer *answer, int fd, uint64_t nonce);

/* Chain 31337; target 0x11…11; spender 0x22…22; liquidationCall; 300 gwei. */
extern const char policy_text[];
void policy_of_test(struct signer_policy *out);
/** liquidationCall on the target, 100 gwei, within the policy. Lends: data, of `calldata`. */
void transaction_of_test(struct transaction *out, struct buffer *calldata);
/** approve(spender, all) on a token. Lends as above. */
void approval_of_test(struct transaction *out, struct buffer *calldata);

#endif
