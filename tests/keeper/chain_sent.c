/* The keeper's own transactions: what was posted to this chain, and what of it is in a block. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/hex.h"
#include "eth/keccak.h"
#include "tests/keeper/chain_inside.h"

uint64_t chain_nonce_locked(struct chain *chain)
{
    uint64_t count = chain->nonce;
    const char *hash;
    json_t *receipt;

    json_object_foreach(chain->receipts, hash, receipt)
    {
        count += chain_is_mined(chain, receipt) && !chain_is_before(chain, receipt);
    }
    return count;
}

uint64_t chain_nonce(struct chain *chain)
{
    pthread_mutex_lock(&chain->lock);
    uint64_t nonce = chain_nonce_locked(chain);
    pthread_mutex_unlock(&chain->lock);
    return nonce;
}

/* It went well, in the block behind the head. */
static json_t *receipt_of(const struct chain *chain, const char *hash)
{
    const uint32_t behind = chain->shown + 1;
    TEXT number = {0};

    text_add_quantity(&number, chain->block[chain->shown].number + 1);
    return json_pack("{ss ss ss ss ss ss s[]}", "transactionHash", hash, "blockHash",
                     behind < chain->count ? chain->block[behind].hash : hash, "blockNumber",
                     text_string(&number), "gasUsed", "0x61a80", "effectiveGasPrice", "0x3b9aca00",
                     "status", "0x1", "logs");
}

void chain_take_sent(struct text *out, struct chain *chain, const char *raw)
{
    BUFFER bytes = {0};
    struct hash32 hash;
    char text[HASH32_TEXT_SIZE];

    cr_assert(hex_decode_prefixed(&bytes, raw, strlen(raw)));
    keccak256(&hash, buffer_bytes(&bytes));
    hash32_format(text, &hash);
    json_object_set_new(chain->sent, text, json_true());
    if (chain->mines && json_object_get(chain->receipts, text) == NULL)
        json_object_set_new(chain->receipts, text, receipt_of(chain, text));
    text_add(out, "\"");
    text_add(out, text);
    text_add(out, "\"");
}

void chain_tell_transaction(struct text *out, struct chain *chain, const char *hash)
{
    bool is_known = json_object_get(chain->sent, hash) != NULL ||
                    chain_is_mined(chain, json_object_get(chain->receipts, hash));

    text_add(out, is_known ? "{\"hash\":\"" : "null");
    if (is_known) {
        text_add(out, hash);
        text_add(out, "\"}");
    }
}
