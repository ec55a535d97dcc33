/*
 * What a multicall's answer may be. The bytes as an answer to any number of reads: each result lies
 * within them. And as answers to a round's questions: every read is answered at most once, and all
 * of them where the round says that it is done.
 *
 * The first byte says how many reads; then, again and again, how a question is answered: right, as
 * out of gas, with what follows, …
 */
#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"
#include "tests/feed/node.h"

#define READS_MAX 24u
#define ANSWERS_MAX 200
#define RAW_MAX 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void results_check(struct bytes answer)
{
    for (size_t count = 0; count < 8; count++) {
        const bool is_whole = multicall_check(answer, count);

        for (size_t i = 0; i < count; i++) {
            struct multicall_result result;
            const bool has = multicall_result(&result, answer, count, i);

            MUST(has || !is_whole);
            MUST(!has || (result.data.size <= answer.size &&
                          (result.data.size == 0 ||
                           (result.data.data >= answer.data &&
                            result.data.data + result.data.size <= answer.data + answer.size))));
        }
    }
}

struct scene {
    struct bytes script;
    struct round round;
    struct arena arena;
    struct ask_list *asks;
    struct rpc_answers answers;
    uint32_t reads;
    uint8_t seen[READS_MAX];
};

static uint8_t next(struct scene *scene)
{
    if (scene->script.size == 0)
        return 0;
    uint8_t byte = scene->script.data[0];
    scene->script = bytes_slice(scene->script, 1, scene->script.size - 1);
    return byte;
}

static void scene_result(void *context, const struct read *read, bool succeeded, struct bytes data)
{
    struct scene *scene = context;

    MUST(read->account < scene->reads && scene->seen[read->account] == 0);
    MUST(succeeded || data.size <= RAW_MAX);
    scene->seen[read->account] = 1;
}

/* What aggregate3 gives back for so many reads; the last ones fail without a word. */
static void results(struct buffer *out, size_t count, size_t succeeded)
{
    size_t base;

    abi_add_u64(out, ABI_WORD);
    abi_add_u64(out, count);
    base = out->size;
    for (size_t i = 0; i < count; i++)
        abi_add_u64(out, 0);
    for (size_t i = 0; i < count; i++) {
        abi_set_u64(out, base + i * ABI_WORD, out->size - base);
        abi_add_bool(out, i < succeeded);
        abi_add_u64(out, 2 * ABI_WORD);
        abi_add_bytes(out, bytes_of("0123456789", i < succeeded ? 10 : 0));
    }
}

/* Pieces of it exchanged for what the script says. */
static void results_spoil(struct scene *scene, struct buffer *out)
{
    for (uint8_t left = next(scene) % 4; left > 0 && out->size > 0; left--)
        out->data[(next(scene) * 256u + next(scene)) % out->size] = next(scene);
    if (next(scene) % 4 == 0)
        out->size = out->size * next(scene) / 256;
}

static void raw_add(struct scene *scene, struct buffer *out)
{
    for (uint8_t left = next(scene) % RAW_MAX; left > 0; left--)
        buffer_add_byte(out, next(scene));
}

static void answer_text(struct text *body, struct scene *scene, const struct round_ask *ask)
{
    static const char *const errors[] = {
        "out of gas", "header not found", "execution reverted", "limit exceeded",
        "busy",       "request too large"};
    const uint8_t how = next(scene);
    BUFFER data = {0};
    TEXT result = {0};

    if (how < 60) {
        node_error(body, ask->id, 0, -32000, errors[how % ARRAY_LENGTH(errors)]);
        return;
    }
    if (how < 80) { /* no envelope at all */
        raw_add(scene, &data);
        text_add_bytes(body, buffer_bytes(&data));
        return;
    }
    results(&data, ask->piece.count,
            how < 180 ? ask->piece.count : next(scene) % (ask->piece.count + 1));
    if (how >= 230)
        results_spoil(scene, &data);
    if (how >= 250) {
        buffer_clear(&data);
        raw_add(scene, &data);
    }
    text_add(&result, "\"");
    text_add_hex(&result, buffer_bytes(&data));
    text_add(&result, "\"");
    node_result(body, ask->id, 0, text_string(&result));
}

static void scene_answer(struct scene *scene)
{
    const struct round_sink sink = {scene, scene_result};
    const struct round_ask *ask = &scene->round.ask[next(scene) % ROUND_ASKS_MAX];
    const uint64_t id = ask->id;
    TEXT body = {0};

    if (id == 0)
        return;
    answer_text(&body, scene, ask);
    struct observation observation = node_answer(id, &body);
    MUST(round_answer(&scene->round, &observation, &scene->answers, &sink));
    MUST(!round_answer(&scene->round, &observation, &scene->answers, &sink));
}

static void rounds_check(struct bytes script)
{
    const struct address multicall = {{0xca, 0x11}};
    const struct hash32 block = node_hash(7, 0);
    struct scene scene = {.script = script};
    struct read_list reads = {0};

    scene.asks = must_alloc(1, sizeof(*scene.asks));
    scene.asks->arena = &scene.arena;
    scene.reads = next(&scene) % (READS_MAX + 1);
    scene.round.reads_max = next(&scene) % READS_MAX;
    for (uint32_t i = 0; i < scene.reads; i++)
        read_list_add(&reads)->account = i;
    round_begin(&scene.round, &reads, &block, 0);
    for (uint32_t i = 0; i < ANSWERS_MAX && scene.round.state == ROUND_RUNNING; i++) {
        scene.asks->count = 0;
        round_ask(&scene.round, scene.asks, &multicall);
        scene_answer(&scene);
    }
    if (scene.round.state == ROUND_DONE)
        MUST(scene.reads == 0 || memchr(scene.seen, 0, scene.reads) == NULL);
    if (scene.round.state == ROUND_FAILED)
        MUST(scene.round.why != NULL);
    round_release(&scene.round);
    read_list_release(&reads);
    arena_release(&scene.arena);
    rpc_answers_release(&scene.answers);
    free(scene.asks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    results_check(bytes_of(data, size));
    rounds_check(bytes_of(data, size));
    return 0;
}
