/*
 * A node that answers multicalls in any way: right, from another block, from a contract that is no
 * Multicall3, out of gas at once or from some read on, in pieces, with any bytes, twice, too late.
 * Whatever it says, a read is answered at most once a round, and by all of them where the round
 * says that it is done; what stands in an answer from another block reaches nobody; a round that
 * failed says why; and it comes to an end.
 *
 * The input is a script; the same bytes are also taken for an answer to any number of reads, of
 * which each result must lie within them.
 */
#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/feed/node.h"

#define READS_MAX 40u
#define ROUNDS_MAX 4u
#define ANSWERS_MAX 400
#define ENDPOINTS 3
#define RAW_MAX 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum truth {
    TRUE_OF_BLOCK, /* each result is its read's own */
    OF_ANOTHER,    /* what it holds is of another block, or nobody knows of which */
    ANY_BYTES
};

struct scene {
    struct bytes script;
    struct round round;
    struct arena arena;
    struct ask_list *asks;
    struct rpc_answers answers;
    struct header header;
    uint32_t reads;
    uint8_t seen[READS_MAX];
    enum truth truth; /* of the answer that is given now */
    bool is_aside;    /* it is to reads that may be done without */
};

static uint8_t next(struct scene *scene)
{
    if (scene->script.size == 0)
        return 0;
    uint8_t byte = scene->script.data[0];
    scene->script = bytes_slice(scene->script, 1, scene->script.size - 1);
    return byte;
}

/* ---- any bytes as an answer */

static void results_check(struct bytes answer)
{
    const struct header header = {.number = 1};

    for (size_t count = 0; count < 8; count++) {
        const bool is_whole = multicall_check(answer, count);

        MUST(!is_whole || count >= 1);
        for (size_t i = 0; i < count; i++) {
            struct multicall_result result;
            const bool has = multicall_result(&result, answer, count, i);

            MUST(has || !is_whole);
            MUST(!has || (result.data.size <= answer.size &&
                          (result.data.size == 0 ||
                           (result.data.data >= answer.data &&
                            result.data.data + result.data.size <= answer.data + answer.size))));
        }
        if (is_whole && count < MULTICALL_WITNESSES)
            MUST(multicall_origin(answer, count, &header) == MULTICALL_WITHOUT_WITNESS);
    }
}

/* ---- the node's answers */

static void result_add(struct buffer *out, size_t base, size_t index, struct bytes data)
{
    abi_set_u64(out, base + index * ABI_WORD, out->size - base);
    abi_add_bool(out, data.data != NULL);
    abi_add_u64(out, 2 * ABI_WORD);
    abi_add_bytes(out, data);
}

/* The block that executed it, in one respect another where the answer is said to be. */
static void witnesses_add(struct scene *scene, struct buffer *out, size_t base)
{
    const uint8_t how = scene->truth == OF_ANOTHER ? 1 + next(scene) % 5 : next(scene) % 2 * 8;
    struct header executed = scene->header;
    BUFFER words = {0};

    if (how == 1)
        executed.number += 1 + next(scene) % 255;
    else if (how == 2)
        executed.timestamp_s += 1 + next(scene);
    else if (how == 3)
        executed.parent.byte[next(scene) % 32] ^= (uint8_t)(1u << next(scene) % 8);
    else if (how == 8) /* a chain whose contracts count another's blocks */
        executed.number += 1000000;
    abi_add_u64(&words, executed.number);
    abi_add_u64(&words, executed.timestamp_s);
    buffer_add(&words, executed.parent.byte, ABI_WORD);
    for (size_t i = 0; i < MULTICALL_WITNESSES; i++) {
        const struct bytes word = bytes_of(words.data + i * ABI_WORD, ABI_WORD);

        if (how == 4 || (how == 5 && i == 1)) /* no such function there, or it says nothing */
            result_add(out, base, i, how == 4 ? (struct bytes){0} : bytes_of(word.data, 0));
        else
            result_add(out, base, i, word);
    }
}

/* What aggregate3 gives back for that piece; from `failed_from` on without a word. */
static void results_add(struct scene *scene, struct buffer *out, const struct round_piece *piece,
                        size_t failed_from)
{
    const size_t count = MULTICALL_WITNESSES + piece->count;

    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, count);
    const size_t base = out->size;
    for (size_t i = 0; i < count; i++)
        abi_add_u64(out, 0);
    witnesses_add(scene, out, base);
    for (size_t i = 0; i < piece->count; i++) {
        const uint8_t word[2] = {(uint8_t)scene->round.reads.read[piece->first + i].account, 7};

        result_add(out, base, MULTICALL_WITNESSES + i,
                   i < failed_from ? bytes_of(word, sizeof(word)) : (struct bytes){0});
    }
}

/* Pieces of it exchanged for what the script says. */
static void results_spoil(struct scene *scene, struct buffer *out)
{
    for (uint8_t left = next(scene) % 4; left > 0; left--) {
        const size_t at = (next(scene) * 256u + next(scene)) % out->size;
        out->data[at] = next(scene);
    }
    if (next(scene) % 4 == 0)
        out->size = out->size * next(scene) / 256;
}

static void raw_add(struct scene *scene, struct buffer *out)
{
    for (uint8_t left = next(scene) % RAW_MAX; left > 0; left--)
        buffer_add_byte(out, next(scene));
}

static void data_add(struct scene *scene, struct buffer *out, const struct round_piece *piece,
                     uint8_t how)
{
    if (how >= 250) {
        raw_add(scene, out);
        return;
    }
    results_add(scene, out, piece,
                how < 160 ? piece->count : next(scene) % (uint32_t)(piece->count + 1));
    if (how >= 230)
        results_spoil(scene, out);
}

static void answer_text(struct text *body, struct scene *scene, const struct round_ask *ask)
{
    static const char *const errors[] = {
        "out of gas", "header not found", "execution reverted", "limit exceeded",
        "busy",       "request too large"};
    const uint8_t how = next(scene);
    BUFFER data = {0};
    TEXT result = {0};

    scene->truth = ANY_BYTES;
    if (how < 60) {
        node_error(body, ask->id, 0, -32000, errors[how % ARRAY_LENGTH(errors)]);
        return;
    }
    if (how < 70) { /* no envelope at all */
        raw_add(scene, &data);
        text_add_bytes(body, buffer_bytes(&data));
        return;
    }
    if (how < 230)
        scene->truth = how < 100 ? OF_ANOTHER : TRUE_OF_BLOCK;
    data_add(scene, &data, &ask->piece, how);
    text_add(&result, "\"");
    text_add_hex(&result, buffer_bytes(&data));
    text_add(&result, "\"");
    node_result(body, ask->id, 0, text_string(&result));
}

/* ---- what must hold */

static void scene_result(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct scene *scene = context;

    MUST(read->account < scene->reads && scene->seen[read->account] == 0);
    scene->seen[read->account] = 1;
    MUST(succeeded || scene->truth != TRUE_OF_BLOCK || data.size == 0);
    switch (scene->truth) {
    case TRUE_OF_BLOCK:
        MUST(!succeeded || (data.size == 2 && data.data[0] == read->account && data.data[1] == 7));
        return;
    case OF_ANOTHER:
        MUST(scene->is_aside && !succeeded && data.size == 0);
        return;
    case ANY_BYTES:
        MUST(!succeeded || data.size < SIZE_MAX / 2);
        return;
    }
}

static void round_check(const struct scene *scene, int endpoint)
{
    const struct round *round = &scene->round;

    MUST(round->reads_max >= 1 && round->reads_max <= ROUND_READS_MAX + ROUND_READS_MAX / 16 + 1);
    MUST(round->state != ROUND_IDLE);
    if (scene->truth == OF_ANOTHER && !scene->is_aside)
        MUST(round->state != ROUND_RUNNING && round->state != ROUND_DONE);
    if (round->state == ROUND_FAILED)
        MUST(round->why != NULL && (round->strayed == ENDPOINT_ANY || round->strayed == endpoint));
    if (round->state == ROUND_DONE)
        MUST(scene->reads == 0 || memchr(scene->seen, 0, scene->reads) == NULL);
}

/* ---- deeds */

static void scene_answer(struct scene *scene)
{
    const struct round_sink sink = {scene, scene_result};
    const struct round_ask ask = scene->round.ask[next(scene) % ROUND_ASKS_MAX];
    TEXT body = {0};

    if (ask.id == 0)
        return;
    answer_text(&body, scene, &ask);
    scene->is_aside = ask.piece.first >= scene->round.aside;
    struct observation observation = node_answer(ask.id, &body);
    observation.endpoint = next(scene) % ENDPOINTS;
    if (next(scene) % 16 == 1)
        observation.status = OBSERVED_TIMED_OUT;
    const bool was_running = scene->round.state == ROUND_RUNNING;
    MUST(round_answer(&scene->round, &observation, &scene->answers, &sink));
    if (was_running && observation.status != OBSERVED_TIMED_OUT)
        round_check(scene, observation.endpoint);
    MUST(!round_answer(&scene->round, &observation, &scene->answers, &sink));
}

/* Nobody is told what comes too late. */
static void scene_abandon(struct scene *scene)
{
    const struct round_sink sink = {scene, scene_result};
    const uint64_t id = scene->round.ask[next(scene) % ROUND_ASKS_MAX].id;
    TEXT body = {0};

    round_abandon(&scene->round);
    if (id == 0)
        return;
    node_error(&body, id, 0, -32000, "out of gas");
    struct observation observation = node_answer(id, &body);
    MUST(!round_answer(&scene->round, &observation, &scene->answers, &sink));
}

static void scene_round(struct scene *scene)
{
    const struct address multicall = {{0xca, 0x11}};
    const uint8_t patience = next(scene);
    struct read_list reads = {0};

    scene->reads = next(scene) % (READS_MAX + 1);
    memset(scene->seen, 0, sizeof(scene->seen));
    for (uint32_t i = 0; i < scene->reads; i++)
        read_list_add(&reads)->account = i;
    round_begin(&scene->round, &reads, &scene->header, ENDPOINT_ANY);
    MUST(reads.count == 0);
    if (next(scene) % 2 == 1)
        round_set_aside(&scene->round, next(scene) % (READS_MAX + 1));
    for (int i = 0; i < ANSWERS_MAX && scene->round.state == ROUND_RUNNING; i++) {
        scene->asks->count = 0;
        arena_clear(&scene->arena);
        round_ask(&scene->round, scene->asks, &multicall);
        scene_answer(scene);
        if (patience >= 200 && i == patience - 200)
            scene_abandon(scene);
    }
    /* what is still under way where the round has ended */
    for (int i = 0; i < ROUND_ASKS_MAX && scene->round.state != ROUND_IDLE; i++)
        scene_answer(scene);
    read_list_release(&reads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene = {.script = bytes_of(data, size),
                          .header = {.number = 1007,
                                     .hash = node_hash(1007, 0),
                                     .parent = node_hash(1006, 0),
                                     .timestamp_s = 12084}};

    results_check(bytes_of(data, size));
    scene.asks = must_alloc(1, sizeof(*scene.asks));
    scene.asks->arena = &scene.arena;
    scene.round.reads_max = next(&scene) % READS_MAX;
    for (uint32_t i = 0; i < ROUNDS_MAX && scene.script.size > 0; i++)
        scene_round(&scene);
    round_release(&scene.round);
    arena_release(&scene.arena);
    rpc_answers_release(&scene.answers);
    ask_list_release(scene.asks);
    free(scene.asks);
    return 0;
}
