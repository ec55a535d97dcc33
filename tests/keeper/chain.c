/* A chain's blocks: what was before them, which of them is the head, and which never were. */
#include "tests/keeper/chain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "tests/keeper/chain_inside.h"
#include "tests/keeper/recording.h"

struct chain_block *chain_block_of(struct chain *chain, const char *hash)
{
    for (uint32_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->block[i].hash, hash) == 0)
            return &chain->block[i];
    }
    return NULL;
}

uint64_t chain_number_of(json_t *placed)
{
    const char *text = json_string_value(json_object_get(placed, "blockNumber"));
    uint64_t number;

    cr_assert(text != NULL && hex_quantity(&number, text, strlen(text)));
    return number;
}

void chain_number_key(char out[32], uint64_t number)
{
    snprintf(out, 32, "%lu", number);
}

/* Any hash will do that no block has; the one before the first is named by it. */
static void before_hash(char out[67], const struct chain *chain, uint64_t number)
{
    const char *parent = json_string_value(json_object_get(chain->block[0].header, "parentHash"));

    if (number + 1 == chain->block[0].number)
        snprintf(out, 67, "%s", parent);
    else
        snprintf(out, 67, "0xbe%062lx", number);
}

json_t *chain_before(const struct chain *chain, uint64_t number)
{
    char key[32];
    char hash[67];
    json_t *known;
    json_t *made;

    chain_number_key(key, number);
    known = json_object_get(chain->before, key);
    if (known != NULL)
        return json_incref(known);
    made = json_copy(chain->block[0].header);
    snprintf(key, sizeof(key), "0x%lx", number);
    json_object_set_new(made, "number", json_string(key));
    before_hash(hash, chain, number);
    json_object_set_new(made, "hash", json_string(hash));
    before_hash(hash, chain, number - 1);
    json_object_set_new(made, "parentHash", json_string(hash));
    return made;
}

struct chain *chain_of(const char *recording)
{
    struct chain *chain = calloc(1, sizeof(*chain));

    recording_config(&chain->config, recording);
    snprintf(chain->multicall, 3, "0x");
    hex_encode(chain->multicall + 2, bytes_of(chain->config.settings.chain.multicall.byte, 20));
    chain->history = json_array();
    chain->before = json_object();
    chain->reads = json_object();
    chain->receipts = json_object();
    chain->overruled = json_object();
    chain->sent = json_object();
    chain->fees = json_object();
    chain->estimates = json_object();
    chain->nonce = UINT64_MAX;
    pthread_mutex_init(&chain->lock, NULL);
    chain_learn(chain, recording);
    cr_assert(chain->count > 2, "the recording holds %u blocks", chain->count);
    return chain;
}

void chain_free(struct chain *chain)
{
    for (uint32_t i = 0; i < chain->count; i++) {
        json_decref(chain->block[i].header);
        json_decref(chain->block[i].logs);
    }
    json_decref(chain->history);
    json_decref(chain->before);
    json_decref(chain->reads);
    json_decref(chain->overruled);
    json_decref(chain->receipts);
    json_decref(chain->sent);
    json_decref(chain->fees);
    json_decref(chain->estimates);
    pthread_mutex_destroy(&chain->lock);
    free(chain);
}

const struct config *chain_config(const struct chain *chain)
{
    return &chain->config;
}

uint32_t chain_blocks(const struct chain *chain)
{
    return chain->count;
}

uint64_t chain_number(const struct chain *chain, uint32_t index)
{
    return chain->block[index].number;
}

void chain_show(struct chain *chain, uint32_t index)
{
    pthread_mutex_lock(&chain->lock);
    chain->shown = index < chain->count ? index : chain->count - 1;
    chain->polls = 0;
    pthread_mutex_unlock(&chain->lock);
}

uint32_t chain_shown(struct chain *chain)
{
    pthread_mutex_lock(&chain->lock);
    uint32_t shown = chain->shown;
    pthread_mutex_unlock(&chain->lock);
    return shown;
}

bool chain_is_before(const struct chain *chain, json_t *receipt)
{
    return chain_number_of(receipt) <= chain->nonce_block;
}

bool chain_is_mined(const struct chain *chain, json_t *receipt)
{
    return receipt != NULL && chain_number_of(receipt) <= chain->block[chain->shown].number;
}

void chain_fork(struct chain *chain, uint32_t from)
{
    char zeros[515] = "0x";
    const char *hash;
    json_t *receipt;
    void *next;

    memset(zeros + 2, '0', 512);
    pthread_mutex_lock(&chain->lock);
    chain->forks++;
    json_object_foreach_safe(chain->receipts, next, hash, receipt)
    {
        if (chain_number_of(receipt) >= chain->block[from].number)
            json_object_del(chain->receipts, hash);
    }
    for (uint32_t i = from; i < chain->count; i++) {
        struct chain_block *block = &chain->block[i];
        json_t *header = json_copy(block->header);

        for (unsigned digit = 0; digit < 4; digit++)
            block->hash[4 + digit] = "0123456789abcdef"[chain->forks >> (4 * digit) & 15];
        block->reads_at = chain->block[from - 1].reads_at;
        json_object_set_new(header, "hash", json_string(block->hash));
        json_object_set_new(header, "parentHash", json_string(chain->block[i - 1].hash));
        json_object_set_new(header, "logsBloom", json_string(zeros));
        json_decref(block->header);
        block->header = header;
        json_array_clear(block->logs);
    }
    pthread_mutex_unlock(&chain->lock);
}

void chain_branch(struct chain *chain, uint32_t from, unsigned branch)
{
    pthread_mutex_lock(&chain->lock);
    chain->forks = branch - 1; /* the next is this one */
    pthread_mutex_unlock(&chain->lock);
    chain_fork(chain, from);
}

void chain_extend(struct chain *chain, uint32_t blocks)
{
    char number[32];

    pthread_mutex_lock(&chain->lock);
    for (uint32_t i = 0; i < blocks; i++) {
        const struct chain_block *last = &chain->block[chain->count - 1];
        struct chain_block *block = &chain->block[chain->count++];

        cr_assert(chain->count <= CHAIN_BLOCKS_MAX);
        *block = *last;
        block->number++;
        block->header = json_copy(last->header);
        block->logs = json_array();
        snprintf(block->hash, sizeof(block->hash), "0xee%062lx", block->number);
        snprintf(number, sizeof(number), "0x%lx", block->number);
        json_object_set_new(block->header, "hash", json_string(block->hash));
        json_object_set_new(block->header, "parentHash", json_string(last->hash));
        json_object_set_new(block->header, "number", json_string(number));
    }
    pthread_mutex_unlock(&chain->lock);
    chain_fork(chain, chain->count - blocks); /* their blooms are empty too */
}

void chain_bulk(struct chain *chain, uint32_t blocks)
{
    char nobody[67];

    snprintf(nobody, sizeof(nobody), "0x%064d", 0);
    chain_extend(chain, blocks);
    pthread_mutex_lock(&chain->lock);
    for (uint32_t i = chain->count - blocks; i + 1 < chain->count; i++)
        json_object_set_new(chain->block[i].header, "parentHash", json_string(nobody));
    pthread_mutex_unlock(&chain->lock);
}

void chain_mine(struct chain *chain)
{
    pthread_mutex_lock(&chain->lock);
    json_object_clear(chain->receipts);
    chain->mines = true;
    pthread_mutex_unlock(&chain->lock);
}

void chain_lie(struct chain *chain, bool lies)
{
    pthread_mutex_lock(&chain->lock);
    chain->lies = lies;
    pthread_mutex_unlock(&chain->lock);
}

void chain_overrule(struct chain *chain, const char *selector, const char *digits)
{
    pthread_mutex_lock(&chain->lock);
    json_object_set_new(chain->overruled, selector, json_pack("[ibs]", 0, 1, digits));
    pthread_mutex_unlock(&chain->lock);
}

void chain_misjudge(struct chain *chain, unsigned times)
{
    pthread_mutex_lock(&chain->lock);
    chain->misjudges = times;
    pthread_mutex_unlock(&chain->lock);
}

void chain_estimate(struct chain *chain, uint64_t gas)
{
    pthread_mutex_lock(&chain->lock);
    chain->estimate = gas;
    pthread_mutex_unlock(&chain->lock);
}

void chain_stray(struct chain *chain, unsigned times)
{
    pthread_mutex_lock(&chain->lock);
    chain->strays = times;
    pthread_mutex_unlock(&chain->lock);
}

void chain_walk(struct chain *chain, unsigned polls)
{
    pthread_mutex_lock(&chain->lock);
    chain->walk = polls;
    pthread_mutex_unlock(&chain->lock);
}

void chain_spoil(struct chain *chain, enum chain_kind kind, unsigned times, const char *text)
{
    pthread_mutex_lock(&chain->lock);
    chain->spoiler[kind] = (struct chain_spoiler){times, text};
    pthread_mutex_unlock(&chain->lock);
}

void chain_count(struct chain *chain, unsigned out[CHAIN_KINDS])
{
    pthread_mutex_lock(&chain->lock);
    memcpy(out, chain->kinds, sizeof(chain->kinds));
    pthread_mutex_unlock(&chain->lock);
}

unsigned chain_unknown(struct chain *chain)
{
    pthread_mutex_lock(&chain->lock);
    unsigned unknown = chain->unknown;
    pthread_mutex_unlock(&chain->lock);
    return unknown;
}
