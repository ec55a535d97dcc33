/* A block in which very many borrow for the first time. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/text.h"
#include "eth/keccak.h"
#include "tests/keeper/chain_inside.h"

#define BORROW "Borrow(address,address,address,uint256,uint8,uint256,uint16)"

static void word_add(struct text *out, const uint8_t *byte, size_t size)
{
    static const uint8_t zeros[32];

    text_add_hex(out, bytes_of(zeros, 32 - size));
    for (size_t i = 0; i < size; i++)
        text_add_char(out, "0123456789abcdef"[byte[i] >> 4]),
            text_add_char(out, "0123456789abcdef"[byte[i] & 15]);
}

static json_t *word_of(const uint8_t *byte, size_t size)
{
    TEXT text = {0};

    word_add(&text, byte, size);
    return json_string(text_string(&text));
}

static json_t *borrow_of(const struct chain_block *block, const struct chain_borrow *borrow,
                         uint32_t index)
{
    const struct address account = chain_borrower(index);
    const uint8_t data[4 * 32] = {[2 * 32 - 1] = 1, [3 * 32 - 1] = 2};
    const uint8_t none = 0;
    struct hash32 topic;
    char pool[ADDRESS_TEXT_SIZE];
    char number[32];
    char place[32];
    TEXT text = {0};
    json_t *log;

    topic_of(&topic, BORROW);
    address_format(pool, &borrow->pool);
    snprintf(number, sizeof(number), "0x%lx", block->number);
    snprintf(place, sizeof(place), "0x%x", 5000 + index);
    text_add_hex(&text, bytes_of(data, sizeof(data)));
    log = json_pack("{ss, s[oooo], ss, ss, ss, ss, ss, ss, sb}", "address", pool, "topics",
                    word_of(topic.byte, 32), word_of(borrow->asset.byte, 20),
                    word_of(account.byte, 20), word_of(&none, 1), "data", text_string(&text),
                    "blockNumber", number, "blockHash", block->hash, "transactionHash", block->hash,
                    "logIndex", place, "transactionIndex", "0x3", "removed", 0);
    cr_assert(log != NULL);
    return log;
}

struct address chain_borrower(uint32_t index)
{
    struct address account = {.byte = {0x90}};

    for (uint32_t i = 0; i < 4; i++)
        account.byte[19 - i] = (uint8_t)(index >> 8 * i);
    return account;
}

void chain_borrow(struct chain *chain, uint32_t block, const struct chain_borrow *borrow,
                  uint32_t count)
{
    pthread_mutex_lock(&chain->lock);
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(chain->block[block].logs, borrow_of(&chain->block[block], borrow, i));
    pthread_mutex_unlock(&chain->lock);
}
