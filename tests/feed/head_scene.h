/* A head and the node that it asks, for tests of heads. */
#ifndef TESTS_FEED_HEAD_SCENE_H
#define TESTS_FEED_HEAD_SCENE_H

#include "tests/feed/node.h"

/** The contract whose logs are followed. */
#define POOL "0x1111111111111111111111111111111111111111"

struct scene {
    struct head head;
    struct arena arena;
    struct ask_list *asks;
    struct log_filter filter;
    struct rpc_answers answers;
    uint32_t logs;
    uint64_t log_block[256];
    bool stands; /* at each head at once, as if all of it had been read */
};

/** The head stands at that block of branch 0. */
void scene_begin(struct scene *scene, uint64_t number);
void scene_end(struct scene *scene);
/** The answer to what the head asked last; what it delivers is counted. */
enum head_outcome scene_answer(struct scene *scene, const struct text *body, int64_t now_ms);
/** Header and logs of one batch. */
void scene_batch(struct text *out, uint64_t id, const char *header, const char *logs);
/** That block, with one log. */
enum head_outcome scene_show(struct scene *scene, uint64_t number, uint8_t branch,
                             uint8_t parent_branch, int64_t now_ms);
/** The headers that a wide gap asks for, by number: ours of branch 0 up to `same`, else another's.
 */
enum head_outcome scene_join(struct scene *scene, uint64_t same);
/** Head by head up to that block. */
void scene_walk(struct scene *scene, uint64_t from, uint64_t to);

#endif
