#include "tests/keeper/stage.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "eth/transaction.h"
#include "sign/signer.h"

void stage_make(struct stage *out, struct chain *chain, const struct settings *settings)
{
    memset(out, 0, sizeof(*out));
    out->chain = chain;
    out->now_ms = 1800000000000;
    out->kept = json_object();
    out->state =
        turn_new(settings != NULL ? settings : &chain_config(chain)->settings, PURPOSE_RUN);
}

static void waiting_drop(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++)
        free(stage->body[i]);
    stage->count = 0;
}

void stage_release(struct stage *stage)
{
    waiting_drop(stage);
    turn_free(stage->state);
    text_release(&stage->events);
    text_release(&stage->notes);
    text_release(&stage->asked);
    text_release(&stage->posted);
    json_decref(stage->kept);
    if (stage->key.key != NULL)
        secret_release(&stage->key);
}

void stage_restart(struct stage *stage)
{
    struct settings settings = stage->state->settings;
    const char *key;
    json_t *value;

    waiting_drop(stage);
    turn_free(stage->state);
    stage->state = turn_new(&settings, PURPOSE_RUN);
    json_object_foreach(stage->kept, key, value)
    {
        struct observation restored = {.kind = OBSERVATION_RESTORED,
                                       .key = bytes_of_text(key),
                                       .body = bytes_of_text(json_string_value(value))};

        stage_tell(stage, &restored);
    }
}

void stage_tell(struct stage *stage, const struct observation *observation)
{
    size_t key_size = observation->key.size;
    size_t size = observation->body.size;
    char *copy = malloc(key_size + size + 1);

    cr_assert(stage->count < STAGE_WAITING_MAX);
    if (key_size > 0)
        memcpy(copy, observation->key.data, key_size);
    if (size > 0)
        memcpy(copy + key_size, observation->body.data, size);
    stage->waiting[stage->count] = *observation;
    stage->waiting[stage->count].key = bytes_of(copy, key_size);
    stage->waiting[stage->count].body = bytes_of(copy + key_size, size);
    stage->body[stage->count++] = copy;
}

static void sign(struct stage *stage, const struct action *action)
{
    struct observation answer = {
        .kind = OBSERVATION_SIGNED, .status = OBSERVED_WITHHELD, .id = action->id};
    struct transaction transaction;
    BUFFER raw = {0};

    if (stage->state->settings.mode == KEEPER_LIVE) {
        if (stage->key.key == NULL)
            recording_key(&stage->key);
        cr_assert_eq(transaction_decode_unsigned(&transaction, action->body), TRANSACTION_OK);
        cr_assert(transaction_sign(&raw, &transaction, &stage->key));
        answer.status = OBSERVED_OK;
        answer.body = buffer_bytes(&raw);
    }
    stage_tell(stage, &answer);
}

static void posted_add(struct stage *stage, const char *request)
{
    const char *raw = strstr(request, "\"0x") + 1;

    text_add_bytes(&stage->posted, bytes_of(raw, strcspn(raw, "\"")));
    text_add_char(&stage->posted, '\n');
}

static void ask(struct stage *stage, const struct ask *question)
{
    struct observation answer = {
        .kind = OBSERVATION_ANSWER, .status = OBSERVED_UNREACHABLE, .id = question->id};
    char *request = strndup((const char *)question->body.data, question->body.size);
    char *body = NULL;

    text_add(&stage->asked, request);
    text_add_char(&stage->asked, '\n');
    if (question->is_send)
        posted_add(stage, request);
    if (!stage->holds) {
        body = stage->chain != NULL ? chain_answer(stage->chain, request) : NULL;
        if (body != NULL) {
            answer.status = OBSERVED_OK;
            answer.http_status = 200;
            answer.body = bytes_of_text(body);
        }
        stage_tell(stage, &answer);
    }
    free(body);
    free(request);
}

static void action_take(struct stage *stage, const struct action *action)
{
    switch (action->kind) {
    case ACTION_EVENT:
        text_add(&stage->events, action->text);
        text_add_char(&stage->events, '\n');
        break;
    case ACTION_NOTE:
        text_add(&stage->notes, action->key);
        text_add(&stage->notes, ": ");
        text_add(&stage->notes, action->text);
        text_add_char(&stage->notes, '\n');
        break;
    case ACTION_SIGN:
        sign(stage, action);
        break;
    case ACTION_STOP:
        stage->has_stopped = true;
        stage->code = action->code;
        snprintf(stage->why, sizeof(stage->why), "%s", action->text);
        break;
    case ACTION_KEEP:
        json_object_set_new(stage->kept, action->key, json_string(action->text));
        break;
    case ACTION_FORGET:
        json_object_del(stage->kept, action->key);
        break;
    }
}

void stage_turn(struct stage *stage)
{
    const struct actions *actions = (stage->turn != NULL ? stage->turn : turn)(
        stage->state, stage->now_ms, stage->waiting, stage->count);

    waiting_drop(stage);
    text_clear(&stage->asked);
    for (uint32_t i = 0; stage->trusts && i < stage->state->tracked_count; i++) {
        if (stage->state->tracked[i].market.trust == MARKET_UNPROVED)
            stage->state->tracked[i].market.trust = MARKET_TRUSTED;
    }
    for (uint32_t i = 0; i < actions->count; i++)
        action_take(stage, &actions->action[i]);
    for (uint32_t i = 0; i < actions->asks->count; i++)
        ask(stage, &actions->asks->ask[i]);
    if (stage->count > 0)
        stage->now_ms++;
    else if (actions->wake_ms > stage->now_ms)
        stage->now_ms = actions->wake_ms;
}

void stage_until(struct stage *stage, bool (*is_so)(const struct stage *stage), unsigned turns)
{
    for (unsigned i = 0; i < turns && !is_so(stage); i++)
        stage_turn(stage);
    cr_assert(is_so(stage), "not within %u turns; %s; notes:\n%s", turns, stage->state->not_ready,
              text_string(&stage->notes));
}

bool stage_is_ready(const struct stage *stage)
{
    return stage->state->is_ready;
}

/* Both caps up by an eighth at least, and the same call, or nothing to ourselves. */
static bool is_replaced(const char *old_text, const struct transaction *fresh)
{
    const struct u256 eight = u256_of(8);
    const struct u256 nine = u256_of(9);
    struct transaction old;
    struct u256 a;
    struct u256 b;
    BUFFER raw = {0};

    cr_assert(hex_decode_prefixed(&raw, old_text, strlen(old_text)));
    cr_assert_eq(transaction_decode(&old, buffer_bytes(&raw)), TRANSACTION_OK);
    return u256_mul(&a, &fresh->max_fee_per_gas.value, &eight) &&
           u256_mul(&b, &old.max_fee_per_gas.value, &nine) && !u256_is_less(&a, &b) &&
           (fresh->data.size == 0 ||
            (bytes_equal(fresh->data, old.data) && address_is_equal(&fresh->to, &old.to)));
}

size_t stage_posted_once(const struct stage *stage)
{
    json_t *nonces = json_object();
    json_t *seen = json_object();
    const char *line = text_string(&stage->posted);
    size_t count;

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        struct transaction transaction;
        BUFFER raw = {0};
        char nonce[32];
        char *text = strndup(line, length);
        const char *known;

        cr_assert(hex_decode_prefixed(&raw, line, length));
        cr_assert_eq(transaction_decode(&transaction, buffer_bytes(&raw)), TRANSACTION_OK);
        snprintf(nonce, sizeof(nonce), "%lu", transaction.nonce);
        known = json_string_value(json_object_get(nonces, nonce));
        cr_assert(known == NULL || json_object_get(seen, text) != NULL ||
                      is_replaced(known, &transaction),
                  "nonce %s was given twice", nonce);
        json_object_set_new(nonces, nonce, json_string(text));
        json_object_set_new(seen, text, json_true());
        free(text);
        line += length + 1;
    }
    count = json_object_size(nonces);
    json_decref(seen);
    json_decref(nonces);
    return count;
}
