/* Strangers write keystores. What is taken has costs under the cap, and what we would write of it
 * is taken for the same again. */
#include <string.h>

#include "sign/keystore_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t id[16];
    struct keystore_file file, again;
    char why[256] = "";
    TEXT text = {0};

    if (keystore_file_parse(&file, why, bytes_of(data, size)) != KEYSTORE_OK) {
        MUST(why[0] != '\0' && memchr(why, '\0', sizeof why) != NULL);
        return 0;
    }
    MUST(file.ciphertext_size > 0 && file.ciphertext_size <= sizeof file.ciphertext);
    MUST(file.kdf.salt_size <= sizeof file.kdf.salt);
    if (file.kdf.name != KDF_SCRYPT || !file.has_address)
        return 0;
    keystore_file_format(&text, &file, id);
    MUST(keystore_file_parse(&again, why, text_bytes(&text)) == KEYSTORE_OK);
    MUST(again.kdf.n == file.kdf.n && again.kdf.r == file.kdf.r && again.kdf.p == file.kdf.p);
    MUST(memcmp(again.iv, file.iv, sizeof file.iv) == 0);
    MUST(memcmp(again.mac, file.mac, sizeof file.mac) == 0);
    MUST(again.ciphertext_size == file.ciphertext_size &&
         memcmp(again.ciphertext, file.ciphertext, file.ciphertext_size) == 0);
    MUST(address_is_equal(&again.address, &file.address));
    return 0;
}
