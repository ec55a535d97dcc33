/* The last blocks by hash: their headers are believed by their parents, and their logs by both. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "tests/feed/head_scene.h"

struct pinned {
    struct pin pin;
    struct arena arena;
    struct ask_list *asks;
    struct log_filter filter;
    struct rpc_answers answers;
};

static void pinned_make(struct pinned *out, uint64_t number, uint64_t from)
{
    struct header header = {.number = number, .hash = node_hash(number, 0)};

    memset(out, 0, sizeof(*out));
    header.parent = node_hash(number - 1, 0);
    out->asks = must_alloc(1, sizeof(*out->asks));
    out->asks->arena = &out->arena;
    log_filter_add_topic(&out->filter, "Borrow()");
    pin_begin(&out->pin, &header, from, 0);
}

static void pinned_release(struct pinned *pinned)
{
    arena_release(&pinned->arena);
    pin_release(&pinned->pin);
    log_filter_release(&pinned->filter);
    rpc_answers_release(&pinned->answers);
    ask_list_release(pinned->asks);
    free(pinned->asks);
}

static void answer(struct pinned *pinned, const struct text *body)
{
    struct observation observation = node_answer(pinned->pin.ask, body);

    cr_assert(pin_answer(&pinned->pin, &observation, &pinned->answers));
}

/* Headers or logs, whichever it asks for, of that branch. Out: how many calls. */
static uint32_t answered(struct pinned *pinned, uint8_t branch)
{
    struct pin *pin = &pinned->pin;
    bool wants_logs = pin->known == pin->count;
    uint32_t calls;
    TEXT body = {0};

    pin_ask(pin, pinned->asks, &pinned->filter);
    calls = pin->calls;
    for (uint32_t i = 0; i < calls; i++) {
        TEXT one = {0};

        if (wants_logs) {
            text_add(&one, "[");
            node_log(&one, POOL, pin->block[pin->taken + i].number, branch);
            text_add(&one, "]");
        } else {
            node_header(&one, pin->block[pin->known - 1].number - 1 - i, branch, branch);
        }
        text_add(&body, calls == 1 ? "" : i == 0 ? "[" : ",");
        node_result(&body, pin->ask, i, text_string(&one));
    }
    text_add(&body, calls == 1 ? "" : "]");
    answer(pinned, &body);
    return calls;
}

static void log_number(void *context, const struct log *log)
{
    uint64_t *last = context;

    cr_assert(eq(u64, log->block.number, *last + 1), "not in the order of the chain");
    *last = log->block.number;
}

Test(pin, takes_the_last_blocks_in_two_batches_and_gives_their_logs_oldest_first)
{
    struct pinned pinned;
    uint64_t last = 1000 - PIN_BLOCKS;
    struct log_sink_to sink = {&last, log_number};

    pinned_make(&pinned, 1000, 5);
    cr_assert(eq(u32, answered(&pinned, 0), PIN_BLOCKS - 1));
    cr_assert(eq(u32, answered(&pinned, 0), PIN_BLOCKS));
    cr_assert(eq(int, (int)pinned.pin.state, PIN_DONE));
    log_store_deliver(&pinned.pin.store, &sink);
    cr_assert(eq(u64, last, 1000));
    cr_assert(not(pin_contradicts(&pinned.pin, &(struct block_ref){990, node_hash(990, 0)})));
    cr_assert(pin_contradicts(&pinned.pin, &(struct block_ref){990, node_hash(990, 1)}));
    cr_assert(not(pin_contradicts(&pinned.pin, &(struct block_ref){900, node_hash(900, 1)})),
              "so far back it knows nothing");
    pinned_release(&pinned);
}

Test(pin, takes_no_more_blocks_than_from_where_it_is_wanted)
{
    struct pinned pinned;

    pinned_make(&pinned, 1000, 998);
    cr_assert(eq(u32, answered(&pinned, 0), 2));
    cr_assert(eq(u32, answered(&pinned, 0), 3));
    cr_assert(eq(int, (int)pinned.pin.state, PIN_DONE));
    pinned_release(&pinned);
}

Test(pin, fails_where_the_node_has_another_branch_by_now)
{
    struct pinned pinned;

    pinned_make(&pinned, 1000, 5);
    (void)answered(&pinned, 1);
    cr_assert(eq(int, (int)pinned.pin.state, PIN_FAILED));
    cr_assert_not_null(strstr(pinned.pin.why, "no longer that of the block"));
    pinned_release(&pinned);
}

Test(pin, fails_where_logs_by_hash_are_of_another_block)
{
    struct pinned pinned;

    pinned_make(&pinned, 1000, 5);
    (void)answered(&pinned, 0);
    (void)answered(&pinned, 1);
    cr_assert(eq(int, (int)pinned.pin.state, PIN_FAILED));
    cr_assert_not_null(strstr(pinned.pin.why, "of another block"));
    pinned_release(&pinned);
}

/* The headers that it asks for, as hardhat_mine makes them: of no parent. The `wrong`th of them is
 * of another number. */
static void answered_in_bulk(struct pinned *pinned, uint32_t wrong)
{
    struct pin *pin = &pinned->pin;
    TEXT body = {0};

    pin_ask(pin, pinned->asks, &pinned->filter);
    for (uint32_t i = 0; i < pin->calls; i++) {
        TEXT one = {0};

        node_header(&one, pin->block[pin->known - 1].number - 1 - i - (i == wrong ? 1 : 0), 0,
                    NODE_NO_PARENT);
        text_add(&body, pin->calls == 1 ? "" : i == 0 ? "[" : ",");
        node_result(&body, pin->ask, i, text_string(&one));
    }
    text_add(&body, pin->calls == 1 ? "" : "]");
    answer(pinned, &body);
}

Test(pin, goes_by_number_behind_blocks_whose_parent_the_node_does_not_name)
{
    struct pinned pinned;
    uint64_t last = 1000 - PIN_BLOCKS;
    struct log_sink_to sink = {&last, log_number};

    pinned_make(&pinned, 1000, 5);
    answered_in_bulk(&pinned, UINT32_MAX);
    cr_assert(eq(u32, answered(&pinned, 0), PIN_BLOCKS));
    cr_assert(eq(int, (int)pinned.pin.state, PIN_DONE));
    log_store_deliver(&pinned.pin.store, &sink);
    cr_assert(eq(u64, last, 1000));
    pinned_release(&pinned);
}

Test(pin, fails_where_such_a_block_is_of_another_number)
{
    struct pinned pinned;

    pinned_make(&pinned, 1000, 5);
    answered_in_bulk(&pinned, 7);
    cr_assert(eq(int, (int)pinned.pin.state, PIN_FAILED));
    pinned_release(&pinned);
}

/* The node refuses what is asked now. */
static void refused(struct pinned *pinned)
{
    TEXT body = {0};

    pin_ask(&pinned->pin, pinned->asks, &pinned->filter);
    node_error(&body, pinned->pin.ask, 0, -32600, "batch too large");
    answer(pinned, &body);
    cr_assert(eq(int, (int)pinned->pin.state, PIN_FAILED));
}

Test(pin, asks_for_half_as_much_each_time_that_a_batch_fails_and_for_more_once_it_went_well)
{
    struct pinned pinned;
    struct header header = {
        .number = 1000, .hash = node_hash(1000, 0), .parent = node_hash(999, 0)};
    uint32_t batches = 0;

    pinned_make(&pinned, 1000, 5);
    for (uint32_t most = PIN_BLOCKS; most > 8; most /= 2) {
        cr_assert(eq(u32, pinned.pin.calls_max, most));
        refused(&pinned);
        pin_begin(&pinned.pin, &header, 5, 0);
    }
    while (pinned.pin.state == PIN_RUNNING && ++batches < 100)
        cr_assert(le(u32, answered(&pinned, 0), 8));
    cr_assert(eq(int, (int)pinned.pin.state, PIN_DONE));
    cr_assert(eq(u32, batches, 8 + 8));
    cr_assert(eq(u32, pinned.pin.calls_max, 16));
    pinned_release(&pinned);
}

Test(pin, leaves_a_late_answer_to_nobody)
{
    struct pinned pinned;
    struct observation late;
    TEXT body = {0};

    pinned_make(&pinned, 1000, 5);
    pin_ask(&pinned.pin, pinned.asks, &pinned.filter);
    node_result(&body, pinned.pin.ask, 0, "null");
    late = node_answer(pinned.pin.ask, &body);
    pin_abandon(&pinned.pin);
    cr_assert(not(pin_answer(&pinned.pin, &late, &pinned.answers)));
    pinned_release(&pinned);
}
