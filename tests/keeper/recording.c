#include "tests/keeper/recording.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eth/keccak.h"
#include "turn/state.h"

#define SHIPPED "tests/replay/crash.rec.zst"

const char *recording_or_skip(void)
{
    const char *named = getenv("PLIMSOLL_RECORDING");
    const char *path = named != NULL ? named : SHIPPED;

    if (access(path, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is not there; tests/devnet/run.sh record makes it\n", path);
        cr_skip_test("no recording");
    }
    return path;
}

void recording_config(struct config *out, const char *path)
{
    struct tape_reader *reader;
    struct tape_turn turn;
    struct arena arena = {0};
    TEXT faults = {0};
    char why[256];

    cr_assert_eq(tape_reader_open(&reader, why, path), TAPE_OK, "%s", why);
    cr_assert_eq(tape_read(&turn, why, reader, &arena), TAPE_OK, "%s", why);
    cr_assert(turn.is_header);
    cr_assert(config_parse(out, &faults, bytes_of_text(turn.header.config), "the recording"), "%s",
              text_string(&faults));
    arena_release(&arena);
    tape_reader_close(reader);
}

void recording_key(struct secret *out)
{
    struct hash32 hash;

    keccak256(&hash, bytes_of_text("plimsoll devnet keeper")); /* as tests/devnet/keeper.mjs */
    cr_assert_eq(secret_new(out), KEYSTORE_OK);
    memcpy(out->key, hash.byte, sizeof(hash.byte));
}

static void turn_copy(struct tape_writer **writer, const char *to, const struct tape_turn *turn)
{
    bool was_torn;

    if (!turn->is_header) {
        cr_assert_eq(tape_write_turn(*writer, turn->now_ms, turn->observations,
                                     (const char(*)[17])turn->keys, turn->count),
                     TAPE_OK);
        return;
    }
    cr_assert_eq(tape_writer_close(*writer), TAPE_OK);
    cr_assert_eq(tape_writer_open(writer, &was_torn, to, &turn->header), TAPE_OK);
}

void recording_copy(const char *to, const char *from, const struct recording_edit *edit)
{
    struct tape_reader *reader;
    struct tape_writer *writer = NULL;
    struct tape_turn turn;
    struct arena arena = {0};
    char why[256];

    cr_assert_eq(tape_reader_open(&reader, why, from), TAPE_OK, "%s", why);
    while (tape_read(&turn, why, reader, &arena) == TAPE_OK) {
        if (edit != NULL && !edit->pass(edit->context, &turn, &arena))
            break;
        turn_copy(&writer, to, &turn);
        arena_clear(&arena);
    }
    cr_assert_eq(tape_writer_close(writer), TAPE_OK);
    tape_reader_close(reader);
    arena_release(&arena);
}

static void word_text(char out[65], const struct u256 *word)
{
    for (size_t i = 0; i < 4; i++)
        snprintf(out + 16 * i, 17, "%016llx", (unsigned long long)word->limb[3 - i]);
}

struct bytes words_replaced(struct bytes body, const struct u256 *old, const struct u256 *fresh,
                            struct arena *arena, size_t *count)
{
    char before[65];
    char after[65];
    char *copy = arena_take(arena, body.size + 1);
    char *at = copy;

    word_text(before, old);
    word_text(after, fresh);
    memcpy(copy, body.data, body.size);
    copy[body.size] = '\0';
    while ((at = strstr(at, before)) != NULL) {
        memcpy(at, after, 64);
        at += 64;
        (*count)++;
    }
    return bytes_of(copy, body.size);
}

static void warning_take(void *context, const char *text)
{
    struct told *told = context;

    text_add(&told->warnings, text);
    text_add_char(&told->warnings, '\n');
}

static void turn_take(void *context, const struct turn_state *state, const struct actions *actions)
{
    struct told *told = context;

    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->action[i];

        if (action->kind != ACTION_EVENT)
            continue;
        text_add(&told->events, action->text);
        text_add_char(&told->events, '\n');
        told->liquidations += strstr(action->text, "\"verdict\":\"liquidate\"") != NULL;
        told->skips += strstr(action->text, "\"verdict\":\"skip\"") != NULL;
    }
    if (told->watch != NULL)
        told->watch(told->watch_context, state, actions);
}

void told_of(struct told *out, const char *path, const struct config *config)
{
    struct replay_options options = {.recording = path,
                                     .config = config,
                                     .context = out,
                                     .turned = turn_take,
                                     .warn = warning_take};

    out->code = replay_run(&out->result, out->why, &options);
}

void told_release(struct told *told)
{
    text_release(&told->events);
    text_release(&told->warnings);
}

size_t lines_with(const struct text *text, const char *piece, const char *other)
{
    size_t count = 0;
    const char *line = text_string(text);

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        const void *a = memmem(line, length, piece, strlen(piece));
        const void *b = memmem(line, length, other, strlen(other));

        count += a != NULL && b != NULL;
        line += length + (line[length] == '\n');
    }
    return count;
}
