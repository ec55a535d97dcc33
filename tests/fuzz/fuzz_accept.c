/*
 * Answers to every kind of read, in any order: as a pool gives them, cut, changed in a word, of
 * another read, of an earlier round, reverted, or any bytes. Whatever comes, the market says
 * nothing that is none of its words, and what the accounts are worth can be asked at any moment.
 *
 * The input is a script: each byte a deed, those behind it what the deed needs.
 */
#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/protocol/fake_pool.h"

#define DEEDS_MAX 300
#define ACCOUNTS 3
#define RAW_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
    const uint8_t *data;
    size_t left;
};

struct scene {
    struct fake_pool fake;
    struct market *market;
    struct book *book;
    struct read_list reads;
    uint64_t time_s;
};

static uint8_t script_next(struct script *script)
{
    if (script->left == 0)
        return 0;
    script->left--;
    return *script->data++;
}

/* ---- what must hold */

static void price_check(const struct price *price)
{
    MUST(price->status == PRICE_UNKNOWN || price->status == PRICE_OK ||
         price->status == PRICE_MISSING);
    MUST(price->status != PRICE_OK ||
         (!u256_is_zero(&price->value) && u256_bits(&price->value) <= 255));
}

static void reserve_check(const struct reserve *reserve)
{
    const uint32_t flags = RESERVE_ACTIVE | RESERVE_FROZEN | RESERVE_PAUSED | RESERVE_BORROWABLE |
                           RESERVE_DROPPED | RESERVE_MINTED | RESERVE_OVERFLOWS;
    const bool is_dropped = (reserve->flags & RESERVE_DROPPED) != 0;

    MUST((reserve->flags & ~flags) == 0 && reserve->stale < 2 * RESERVE_STALE_AGE);
    MUST(reserve->decimals <= 77 && reserve->category < CATEGORIES_MAX);
    MUST(memchr(reserve->symbol, '\0', sizeof(reserve->symbol)) != NULL);
    MUST(u256_fits_u128(&reserve->debt_index.value) && u256_fits_u128(&reserve->debt_rate.value));
    MUST(is_dropped == address_is_zero(&reserve->asset));
    if (!is_dropped && (reserve->stale & (RESERVE_STALE_ASSET | RESERVE_STALE_STATE)) == 0)
        MUST(!address_is_zero(&reserve->collateral_token) &&
             !address_is_zero(&reserve->debt_token));
    price_check(&reserve->price);
}

static void market_check(const struct market *market)
{
    MUST(market->reserve_count <= RESERVES_MAX);
    MUST(market->stale < 2 * MARKET_STALE_DATA_PROVIDER_ADDRESS);
    MUST(market->trust <= MARKET_TOO_LARGE);
    MUST(market->native == RESERVE_NONE ||
         (market->native < market->reserve_count &&
          address_is_equal(&market->reserve[market->native].asset, &market->native_asset)));
    for (uint32_t i = 0; i < market->reserve_count; i++)
        reserve_check(&market->reserve[i]);
    for (uint32_t i = 0; i < CATEGORIES_MAX; i++) {
        const struct category *category = &market->category[i];

        MUST(category->stale <= (CATEGORY_STALE | CATEGORY_STALE_PRICE | CATEGORY_STALE_BITMAP));
        MUST(category->threshold_bps <= UINT16_MAX && category->bonus_bps <= UINT16_MAX);
        MUST(category->is_used || category->stale == 0);
        price_check(&category->price);
    }
    if (market_is_complete(market)) {
        MUST(!address_is_zero(&market->pool) && !address_is_zero(&market->oracle));
        MUST(!u256_is_zero(&market->price_unit));
    }
}

static void accounts_check(const struct scene *scene)
{
    const struct protocol *protocol = protocol_at(scene->market->protocol);
    (void)!protocol->prepare(scene->market, scene->time_s);

    for (uint32_t slot = 0; slot < book_count(scene->book); slot++) {
        const struct position position = book_position(scene->book, slot);
        struct health health;
        enum health_error error = protocol->health(&health, scene->market, &position);

        MUST(error <= HEALTH_DRIFTED);
        MUST(error != HEALTH_OK || health.threshold_bps <= UINT16_MAX);
    }
}

/* ---- deeds */

static void scene_ask(struct scene *scene)
{
    const struct protocol *protocol = protocol_at(scene->market->protocol);

    read_list_clear(&scene->reads);
    protocol->want_market(&scene->reads, scene->market);
    for (uint32_t slot = 0; slot < book_count(scene->book); slot++) {
        const struct position position = book_position(scene->book, slot);

        protocol->want_account(&scene->reads, scene->market, &position, slot);
        protocol->want_audit(&scene->reads, scene->market, &position.account, slot);
    }
}

static void scene_accept(struct scene *scene, const struct read *read, bool succeeded,
                         struct bytes data)
{
    struct account_fact fact;
    enum read_error error =
        protocol_at(scene->market->protocol)->accept(&fact, scene->market, read, succeeded, data);

    MUST(error <= READ_OUT_OF_RANGE && (succeeded || error == READ_FAILED));
    MUST(fact.kind <= ACCOUNT_FACT_HEALTH && fact.account == read->account);
    MUST(fact.reserve < RESERVES_MAX || fact.reserve == RESERVE_NONE);
    if (fact.kind != ACCOUNT_FACT_NONE)
        book_apply(scene->book, &fact);
}

/* Numbers at which something ends. */
static void word_set(struct buffer *data, struct script *script)
{
    static const unsigned bits[] = {0, 1, 8, 16, 31, 32, 63, 64, 127, 128, 160, 255, 256};
    const size_t words = data->size / ABI_WORD;
    const size_t at = words == 0 ? 0 : script_next(script) % words;
    const uint8_t which = script_next(script);
    const unsigned bit = bits[which / 2 % ARRAY_LENGTH(bits)];
    struct u256 value = U256_ZERO;

    if (words == 0)
        return;
    if (bit < 256)
        value.limb[bit / 64] = (uint64_t)1 << bit % 64;
    if (which % 2 == 1 && !u256_sub(&value, &value, &U256_ONE))
        value = U256_MAX;
    u256_to_word(data->data + at * ABI_WORD, &value);
}

enum deed {
    DEED_ANSWER,
    DEED_REVERT,
    DEED_WORD,
    DEED_CUT,
    DEED_FLIP,
    DEED_RAW,
    DEED_OF_ANOTHER,
    DEED_ROUND,
    DEED_ASK,
    DEED_BLOCK,
    DEED_TOUCH,
    DEED_POOL,
    DEED_KINDS
};

/* One read, answered in that way. */
static void scene_answer(struct scene *scene, struct script *script, enum deed deed)
{
    const uint8_t at = script_next(script);
    BUFFER data = {0};

    if (scene->reads.count == 0)
        return;
    const struct read *read = &scene->reads.read[at % scene->reads.count];
    const struct read *asked = deed == DEED_OF_ANOTHER
                                   ? &scene->reads.read[script_next(script) % scene->reads.count]
                                   : read;
    bool succeeded = fake_answer(&data, &scene->fake, asked) && deed != DEED_REVERT;
    if (deed == DEED_WORD)
        word_set(&data, script);
    if (deed == DEED_CUT)
        data.size = data.size * script_next(script) / 256;
    if (deed == DEED_FLIP && data.size > 0)
        data.data[(size_t)script_next(script) * 7 % data.size] ^=
            (uint8_t)(script_next(script) | 1);
    if (deed == DEED_RAW) {
        buffer_clear(&data);
        for (uint8_t left = script_next(script) % RAW_MAX; left > 0; left--)
            buffer_add_byte(&data, script_next(script));
        succeeded = true;
    }
    scene_accept(scene, read, succeeded, buffer_bytes(&data));
}

static void scene_round(struct scene *scene)
{
    scene_ask(scene);
    for (size_t i = 0; i < scene->reads.count; i++) {
        BUFFER data = {0};
        bool succeeded = fake_answer(&data, &scene->fake, &scene->reads.read[i]);

        scene_accept(scene, &scene->reads.read[i], succeeded, buffer_bytes(&data));
    }
}

/* The contracts themselves become others. */
static void pool_change(struct fake_pool *fake, struct script *script)
{
    const uint8_t what = script_next(script);
    const uint8_t value = script_next(script);

    switch (what % 7) {
    case 0:
        fake->revision = value % 14;
        return;
    case 1:
        fake->reserve_count = value % (FAKE_RESERVES + 1);
        return;
    case 2:
        fake->id[what / 7 % FAKE_RESERVES] = value % (RESERVES_MAX + 2);
        return;
    case 3:
        fake->category = value;
        return;
    case 4:
        fake->config = u256_of((uint64_t)value * 0x0101);
        return;
    case 5:
        fake->decimals = value;
        return;
    default:
        fake->category_source.byte[0] = value;
        fake->has_sentinel = value % 2 == 0;
        return;
    }
}

static void scene_do(struct scene *scene, struct script *script)
{
    const enum deed deed = (enum deed)(script_next(script) % DEED_KINDS);
    struct header header = {.number = scene->market->block.number + 1};

    switch ((int)deed) {
    case DEED_ROUND:
        scene_round(scene);
        return;
    case DEED_ASK:
        scene_ask(scene);
        return;
    case DEED_BLOCK:
        scene->time_s += script_next(script);
        header.timestamp_s = scene->time_s;
        market_begin_block(scene->market, &header);
        return;
    case DEED_TOUCH:
        market_touch_all(scene->market);
        book_touch_all(scene->book);
        return;
    case DEED_POOL:
        pool_change(&scene->fake, script);
        return;
    default:
        scene_answer(scene, script, deed);
        return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    struct scene scene = {.market = fake_market(), .book = book_new(1), .time_s = 2000};

    fake_pool_init(&scene.fake, 1 + script_next(&script) % 12);
    scene.fake.config = u256_of(0x69);
    scene.market->price_age_max_s = script_next(&script) % 2 * 3600u;
    for (uint8_t i = 0; i < ACCOUNTS; i++)
        (void)book_touch(scene.book, &(struct address){{0xac, i}}, i == 0 ? RESERVE_NONE : i);
    for (uint32_t i = 0; i < DEEDS_MAX && script.left > 0; i++) {
        scene_do(&scene, &script);
        market_check(scene.market);
        accounts_check(&scene);
    }
    read_list_release(&scene.reads);
    book_free(scene.book);
    free(scene.market);
    return 0;
}
