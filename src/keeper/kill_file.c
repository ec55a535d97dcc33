/*
 * When something is wrong, whoever is awake may have nothing but a shell, or a mount: `touch` must
 * stop the keeper as surely as a signal. The file is looked at before each turn, so that none
 * decides past it, and watched, so that there is a turn at once.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "keeper/wiring.h"

/* Where inotify says nothing (another machine's mount), the file is looked at so often, in s. */
#define LOOK_S 1.0

/* A file that cannot be looked for may be there. */
static bool is_there(const char *path)
{
    struct stat found;

    return path[0] != '\0' && (lstat(path, &found) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

void kill_file_look(struct engine *engine)
{
    bool is_killed = is_there(engine->config.kill_file);
    struct observation observation = {.kind = OBSERVATION_COMMAND,
                                      .key = bytes_of_text(is_killed ? "kill" : "resume"),
                                      .body = bytes_of_text("file")};

    if (is_killed == engine->has_kill_file || engine->options.purpose != PURPOSE_RUN)
        return;
    engine->has_kill_file = is_killed;
    queue_add(&engine->queue, &observation);
    log_line(engine->log, LOG_LEVEL_WARNING, is_killed ? "kill file" : "kill file gone", "path=%s",
             engine->config.kill_file);
}

static void on_change(struct ev_loop *loop, struct ev_stat *watcher, int events)
{
    (void)loop, (void)events;
    kill_file_look(watcher->data);
}

void kill_file_watch(struct engine *engine)
{
    ev_stat_stop(engine->loop, &engine->on_kill_file);
    memcpy(engine->kill_file_watched, engine->config.kill_file, sizeof(engine->kill_file_watched));
    kill_file_look(engine);
    if (engine->kill_file_watched[0] == '\0')
        return;
    ev_stat_init(&engine->on_kill_file, on_change, engine->kill_file_watched, LOOK_S);
    engine->on_kill_file.data = engine;
    ev_stat_start(engine->loop, &engine->on_kill_file);
}
