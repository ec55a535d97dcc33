/*
 * A million positions take a second to write, and a keeper that stands still for a second is late.
 * A forked child has the mirror as it was at the fork, and nothing else to do; it inherits neither
 * the journal nor a socket nor a signal, and ends with its parent.
 */
#include "keeper/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper/snapshot_file.h"
#include "keeper/wiring.h"
#include "turn/state.h"

/* After a failure; longer than any pass of a backup or a log's rotation. */
#define AGAIN_MS 60000
#define CHILD_LOST 255
#define CHILD_LATE 254
/* Between two looks at a child that the end waits for. */
#define LOOK_MS 5
/* What was killed is gone within that, unless a disk that does not answer holds it. */
#define KILLED_MS 1000

static const char *error_text(int error)
{
    if (error == CHILD_LOST)
        return "the child that writes it was ended";
    if (error == CHILD_LATE)
        return "it took too long, and the daemon was asked to stop; the file of before stands";
    return strerror(error);
}

static void failed(struct engine *engine, const char *path, int error)
{
    struct snapshot *snapshot = &engine->snapshot;

    metrics_add(engine->metrics, "snapshots_total", "result=\"failed\"", 1);
    snapshot->due_ms = engine->facts.last_turn_ms + AGAIN_MS;
    if (snapshot->is_failing)
        return;
    snapshot->is_failing = true;
    log_line(engine->log, LOG_LEVEL_ERROR, "mirror not kept",
             "path=%s why=\"%s\" a start will read more from the chain; make room, or see to the "
             "folder's rights; tried again each minute, and said once",
             path, error_text(error));
}

static void kept(struct engine *engine, const char *path, uint64_t block)
{
    struct snapshot *snapshot = &engine->snapshot;

    metrics_add(engine->metrics, "snapshots_total", "result=\"kept\"", 1);
    snapshot->due_ms = engine->facts.last_turn_ms + engine->config.snapshot_every_ms;
    snapshot->kept_block = block;
    log_line(engine->log, snapshot->is_failing ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "mirror kept",
             "path=%s block=%llu", path, (unsigned long long)block);
    snapshot->is_failing = false;
}

void snapshot_start(struct engine *engine)
{
    char path[SNAPSHOT_PATH_SIZE];

    engine->snapshot.is_on = engine->journal != NULL && engine->options.purpose == PURPOSE_RUN;
    if (!engine->snapshot.is_on || engine->config.snapshot_every_ms < 0 ||
        engine->options.record != NULL)
        return;
    snapshot_path(path, &engine->config);
    snapshot_read(path, engine->state, engine->log);
}

static _Noreturn void child_run(const char *path, const struct turn_state *state, pid_t parent)
{
    int error;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent ||
        close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        _exit(CHILD_LOST);
    error = snapshot_write(path, state);
    _exit(error < CHILD_LATE ? error : CHILD_LOST);
}

/* Every signal is held back in the child: the loop's handlers would write to the loop's own pipe.
 */
static void child_start(struct engine *engine)
{
    char path[SNAPSHOT_PATH_SIZE];
    sigset_t all;
    sigset_t before;
    pid_t self = getpid();
    pid_t pid;
    int reason;

    snapshot_path(path, &engine->config);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        child_run(path, engine->state, self);
    reason = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        failed(engine, path, reason);
        return;
    }
    engine->snapshot.child = pid;
    engine->snapshot.child_block = engine->state->header.number;
}

static void child_reap(struct engine *engine)
{
    struct snapshot *snapshot = &engine->snapshot;
    char path[SNAPSHOT_PATH_SIZE];
    int status = 0;
    pid_t pid = waitpid(snapshot->child, &status, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return;
    snapshot->child = 0;
    snapshot_path(path, &engine->config);
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        kept(engine, path, snapshot->child_block);
    else
        failed(engine, path, pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_LOST);
}

/* Where somebody always stands under water whom nobody earns by, the moment never is quite calm:
 * once it is late by as long again, it need not be. */
void snapshot_turned(struct engine *engine)
{
    struct snapshot *snapshot = &engine->snapshot;
    const int64_t every_ms = engine->config.snapshot_every_ms;
    const int64_t now_ms = engine->facts.last_turn_ms;

    if (snapshot->child > 0)
        child_reap(engine);
    if (!snapshot->is_on || every_ms < 0 || snapshot->child > 0 || engine->is_over)
        return;
    if (snapshot->due_ms == 0)
        snapshot->due_ms = now_ms;
    if (now_ms >= snapshot->due_ms && engine->state->header.number != snapshot->kept_block &&
        turn_may_keep(engine->state, now_ms >= snapshot->due_ms + every_ms))
        child_start(engine);
}

static int64_t clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void look_later(void)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000};

    (void)nanosleep(&pause, NULL);
}

/* A child, and not the loop itself: what hangs in a disk cannot be told to stop. */
void snapshot_stopped(struct engine *engine)
{
    struct snapshot *snapshot = &engine->snapshot;
    const int64_t stop_ms = engine->options.snapshot_stop_ms;
    int64_t until_ms;
    char path[SNAPSHOT_PATH_SIZE];

    snapshot_end(snapshot);
    if (!snapshot->is_on || engine->config.snapshot_every_ms < 0 ||
        !engine->state->is_synchronised || engine->state->header.number == snapshot->kept_block)
        return;
    until_ms = clock_ms() + (stop_ms > 0 ? stop_ms : SNAPSHOT_STOP_MS);
    child_start(engine);
    while (snapshot->child > 0 && clock_ms() < until_ms) {
        child_reap(engine);
        if (snapshot->child > 0)
            look_later();
    }
    if (snapshot->child <= 0)
        return;
    snapshot_end(snapshot);
    snapshot_path(path, &engine->config);
    snapshot_abandon(path);
    snapshot->is_failing = false; /* said whatever was said before: it is the last word */
    failed(engine, path, CHILD_LATE);
}

void snapshot_end(struct snapshot *snapshot)
{
    const int64_t until_ms = clock_ms() + KILLED_MS;

    if (snapshot->child <= 0)
        return;
    (void)kill(snapshot->child, SIGKILL);
    while (waitpid(snapshot->child, NULL, WNOHANG) == 0 && clock_ms() < until_ms)
        look_later();
    snapshot->child = 0;
}
