/*
 * A node that shows a chain of branches in any order, deep or shallow, ahead or behind, and lies
 * where the first byte allows it: headers of other blocks, logs of other blocks, logs twice or
 * removed, errors, pieces, any bytes. Whatever it says, a log that is delivered is of a block on
 * the chain that leads to the head, in the order of the chain, and none of it twice.
 *
 * Branch b leaves the trunk, which is branch 0, behind block `leaves(b)`. The input is a script.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/feed/node.h"

#define BRANCHES 4u
#define START 100u
#define DEEDS_MAX 40
#define NUMBERS_MAX (START + DEEDS_MAX * 320) /* a tip moves by 318 at most */
#define POOL "0x1111111111111111111111111111111111111111"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
    const uint8_t *data;
    size_t left;
};

struct block {
    uint64_t number;
    uint8_t branch;
};

struct scene {
    struct script script;
    struct head head;
    struct arena arena;
    struct ask_list *asks;
    struct log_filter filter;
    struct rpc_answers answers;
    int64_t now_ms;
    bool may_lie;
    uint64_t leaves[BRANCHES];
    struct block tip;           /* what the node shows as its newest */
    struct block ours;          /* the head that we follow */
    uint64_t delivered;         /* the highest number, since the head before */
    uint64_t logs;              /* how many, since then */
    uint8_t stood[NUMBERS_MAX]; /* by number: 1 + branch of the block that was read whole; 0 */
};

static uint8_t next(struct scene *scene)
{
    if (scene->script.left == 0)
        return 0;
    scene->script.left--;
    return *scene->script.data++;
}

/* ---- the tree */

/* The block of that number on the way to a block of that branch. */
static struct block ancestor(const struct scene *scene, uint8_t branch, uint64_t number)
{
    return (struct block){number, number > scene->leaves[branch] ? branch : 0};
}

static bool is_same(struct block a, struct block b)
{
    return a.number == b.number && a.branch == b.branch;
}

static struct block block_of(const struct scene *scene, const struct hash32 *hash)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++)
        number |= (uint64_t)hash->byte[i] << (8 * i);
    const struct block block = {number, (uint8_t)(hash->byte[31] - 1)};
    MUST(block.branch < BRANCHES);
    MUST(is_same(block, ancestor(scene, block.branch, number)));
    return block;
}

static bool leads_to(const struct scene *scene, struct block from, struct block to)
{
    return from.number <= to.number && is_same(from, ancestor(scene, to.branch, from.number));
}

/* ---- the node */

static void header_text(struct text *out, const struct scene *scene, struct block block)
{
    node_header(out, block.number, block.branch,
                ancestor(scene, block.branch, block.number - 1).branch);
}

static bool has_log(uint64_t number)
{
    return number % 3 != 0;
}

static void logs_text(struct text *out, struct block block)
{
    text_add(out, "[");
    if (has_log(block.number))
        node_log(out, POOL, block.number, block.branch);
    text_add(out, "]");
}

/* Any block near ours. */
static struct block some_block(struct scene *scene)
{
    const uint8_t branch = next(scene) % BRANCHES;
    const uint8_t distance = next(scene);
    const uint64_t near = scene->ours.number + distance;

    return ancestor(scene, branch, near < START ? START : near - 90 < START ? START : near - 90);
}

static void lie_header(struct text *out, struct scene *scene, struct block block)
{
    switch (next(scene) % 6) {
    case 0:
        header_text(out, scene, some_block(scene));
        return;
    case 1:
        text_add(out, "null");
        return;
    case 2:
        text_add(out, "{\"hash\":\"0x\",\"number\":5}");
        return;
    case 3:
        node_header(out, block.number, block.branch, NODE_NO_PARENT);
        return;
    default:
        header_text(out, scene, block);
    }
}

static void lie_logs(struct text *out, struct scene *scene, struct block block)
{
    const struct block other = some_block(scene);

    switch (next(scene) % 6) {
    case 0:
        logs_text(out, other);
        return;
    case 1: /* one of the block, one of another */
        text_add(out, "[");
        node_log(out, POOL, block.number, block.branch);
        text_add(out, ",");
        node_log(out, POOL, other.number, other.branch);
        text_add(out, "]");
        return;
    case 2:
        text_add(out, "{}");
        return;
    case 3:
        text_add(out, "[{\"address\":1}]");
        return;
    default:
        logs_text(out, block);
        return;
    }
}

static uint64_t number_in(struct bytes text)
{
    uint64_t number = 0;

    for (size_t i = 0; i < text.size; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = memchr(digits, text.data[i], 16);

        if (at == NULL)
            break;
        number = number * 16 + (uint64_t)(at - digits);
    }
    return number;
}

/* What stands behind that key in the question, `skip` occurrences on; size 0: nothing. */
static struct bytes behind(struct bytes body, const char *key, uint32_t skip)
{
    size_t size = strlen(key);

    for (size_t i = 0; i + size <= body.size; i++) {
        if (memcmp(body.data + i, key, size) == 0 && skip-- == 0)
            return bytes_slice(body, i + size, body.size - i - size);
    }
    return (struct bytes){0};
}

/* Each call of the question in the node's words. */
static void results_text(struct text *out, struct scene *scene, const struct ask *ask)
{
    const bool is_latest = behind(ask->body, "\"latest\",false", 0).size != 0;
    const bool is_by_number = !is_latest && behind(ask->body, "BlockByNumber", 0).size != 0;
    struct block block = scene->tip;
    struct hash32 wanted = scene->head.walker.parent;

    if (!is_latest && !is_by_number)
        block = block_of(scene, ask->calls == 2 ? &wanted : &scene->head.walker.hash);
    for (uint32_t i = 0; i < ask->calls; i++) {
        TEXT result = {0};
        const bool is_header = is_by_number || (ask->calls == 2 && i == 0);
        const bool is_lie = scene->may_lie && next(scene) % 4 == 0;

        if (is_by_number)
            block = ancestor(scene, scene->tip.branch,
                             number_in(behind(ask->body, "\"params\":[\"0x", i)));
        if (is_header && is_lie)
            lie_header(&result, scene, block);
        else if (is_header)
            header_text(&result, scene, block);
        else if (is_lie)
            lie_logs(&result, scene, block);
        else
            logs_text(&result, block);
        text_add(out, i == 0 ? "" : ",");
        node_result(out, ask->id, i, text_string(&result));
    }
}

/* ---- what must hold */

static void log_check(void *context, const struct log *log)
{
    struct scene *scene = context;
    const struct block head = block_of(scene, &scene->head.header.hash);
    const struct block block = block_of(scene, &log->block.hash);

    MUST(log->block.number == block.number && !log->removed);
    MUST(leads_to(scene, block, head));
    MUST(block.number >= scene->delivered);
    MUST(scene->may_lie || block.number > scene->delivered);
    scene->delivered = block.number;
    scene->logs++;
}

/* The head moved on from `from`: a block of our chain that also leads to it. */
static void arrive(struct scene *scene, struct block from)
{
    const struct log_sink_to sink = {scene, log_check};
    const struct block head = block_of(scene, &scene->head.header.hash);

    MUST(scene->head.header.number == head.number);
    MUST(leads_to(scene, from, scene->ours) && leads_to(scene, from, head));
    scene->logs = 0;
    scene->delivered = scene->may_lie ? from.number + 1 : from.number;
    head_deliver(&scene->head, &sink);
    for (uint64_t number = from.number + 1; number <= head.number; number++)
        scene->logs -= has_log(number) ? 1 : 0;
    MUST(scene->may_lie || scene->logs == 0);
    scene->ours = head;
}

/* What stood behind the fork stands no more. */
static void went_back(struct scene *scene, struct block from)
{
    MUST(scene->stood[from.number] == 1 + from.branch);
    for (uint64_t number = from.number + 1; number < NUMBERS_MAX; number++)
        scene->stood[number] = 0;
    arrive(scene, from);
}

static void stand(struct scene *scene)
{
    scene->stood[scene->ours.number] = (uint8_t)(1 + scene->ours.branch);
    head_stand(&scene->head);
}

static void wide(struct scene *scene)
{
    const struct block fork = block_of(scene, &scene->head.fork.hash);

    MUST(fork.number == scene->head.fork.number && leads_to(scene, fork, scene->ours));
    MUST(scene->may_lie || leads_to(scene, fork, block_of(scene, &scene->head.newest.hash)));
    MUST(scene->head.gap.from == fork.number + 1 && scene->head.gap.from <= scene->head.gap.to);
}

static void outcome_check(struct scene *scene, enum head_outcome outcome)
{
    struct header newest = scene->head.newest;

    switch (outcome) {
    case HEAD_NOTHING:
        return;
    case HEAD_FAILED:
        MUST(scene->head.why != NULL && scene->head.state == HEAD_IDLE);
        return;
    case HEAD_NEW:
        arrive(scene, scene->ours);
        break;
    case HEAD_REORG:
        went_back(scene, block_of(scene, &scene->head.fork.hash));
        break;
    case HEAD_WIDE:
        wide(scene);
        memset(scene->stood, 0, sizeof(scene->stood));
        head_set(&scene->head, &newest);
        break;
    case HEAD_LOST:
        MUST(scene->head.why != NULL);
        memset(scene->stood, 0, sizeof(scene->stood));
        head_set(&scene->head, &newest);
        break;
    }
    scene->ours = block_of(scene, &scene->head.header.hash);
    if (next(scene) % 8 != 0 || outcome == HEAD_WIDE || outcome == HEAD_LOST)
        stand(scene);
}

/* ---- deeds */

static void answer(struct scene *scene, const struct ask *ask)
{
    const uint8_t how = scene->may_lie ? next(scene) : 255;
    struct head_context context = {&scene->filter, &scene->answers, scene->asks, scene->now_ms};
    bool is_mine;
    TEXT body = {0};

    if (how < 8) {
        node_error(&body, ask->id, 0, -32000, how < 4 ? "unknown block" : "busy");
    } else {
        text_add(&body, ask->calls == 1 ? "" : "[");
        results_text(&body, scene, ask);
        text_add(&body, ask->calls == 1 ? "" : "]");
    }
    struct observation observation = node_answer(ask->id, &body);
    if (how >= 8 && how < 16)
        observation.body.size = observation.body.size * next(scene) / 256;
    if (how >= 16 && how < 20)
        observation.status = OBSERVED_TIMED_OUT;
    enum head_outcome outcome = head_answer(&is_mine, &scene->head, &observation, &context);
    MUST(is_mine);
    outcome_check(scene, outcome);
    outcome = head_answer(&is_mine, &scene->head, &observation, &context);
    MUST(!is_mine && outcome == HEAD_NOTHING);
}

/* The node's newest block is another one. */
static void tip_move(struct scene *scene)
{
    const uint8_t how = next(scene);
    const uint64_t number = scene->tip.number;

    if (how < 128) {
        scene->tip.number += how % 4;
    } else if (how < 160) { /* another branch, about as high */
        scene->tip = ancestor(scene, how % BRANCHES, number + next(scene) % 8);
    } else if (how < 176) { /* behind */
        scene->tip = ancestor(scene, scene->tip.branch,
                              number - how % 16 < START ? START : number - how % 16);
    } else if (how < 184) { /* far ahead */
        scene->tip.number += 60 + next(scene);
    }
    if (scene->tip.number <= scene->leaves[scene->tip.branch])
        scene->tip.branch = 0;
}

static void scene_step(struct scene *scene)
{
    scene->asks->count = 0;
    arena_clear(&scene->arena);
    tip_move(scene);
    scene->now_ms += next(scene) * 40;
    head_ask(&scene->head, scene->asks, &scene->filter);
    for (uint32_t i = 0; i < scene->asks->count && i < HEAD_WALK_MAX + 40; i++) {
        const struct ask ask = scene->asks->ask[i];

        MUST(ask.id == scene->head.ask);
        answer(scene, &ask);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene = {.script = {data, size}, .tip = {START, 0}, .ours = {START, 0}};
    struct header header = {.number = START, .hash = node_hash(START, 0)};
    struct address pool;

    scene.asks = must_alloc(1, sizeof(*scene.asks));
    scene.asks->arena = &scene.arena;
    MUST(address_parse(&pool, POOL, strlen(POOL)) == ADDRESS_OK);
    log_filter_add_address(&scene.filter, &pool);
    log_filter_add_topic(&scene.filter, "Borrow()");
    scene.may_lie = next(&scene) % 2 == 1;
    for (uint32_t i = 1; i < BRANCHES; i++)
        scene.leaves[i] = START + next(&scene);
    head_set(&scene.head, &header);
    stand(&scene);
    for (uint32_t i = 0; i < DEEDS_MAX && scene.script.left > 0; i++)
        scene_step(&scene);
    arena_release(&scene.arena);
    head_release(&scene.head);
    log_filter_release(&scene.filter);
    rpc_answers_release(&scene.answers);
    ask_list_release(scene.asks);
    free(scene.asks);
    return 0;
}
