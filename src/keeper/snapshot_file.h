/* The mirrors of all markets in one file beside the journal: written whole or not at all, and taken
 * back only where it is. */
#ifndef KEEPER_SNAPSHOT_FILE_H
#define KEEPER_SNAPSHOT_FILE_H

#include "keeper/config.h"
#include "report/log.h"
#include "turn/turn.h"

#define SNAPSHOT_SUFFIX ".mirror"
#define SNAPSHOT_PATH_SIZE (CONFIG_PATH_MAX + sizeof(SNAPSHOT_SUFFIX))
/** Bytes of the file, and of what is packed in it, at most; 20 million accounts have half of it.
 *  More is not written, and refused where it stands. */
#define SNAPSHOT_SIZE_MAX ((size_t)4 << 30)

/** Beside the journal. */
void snapshot_path(char out[SNAPSHOT_PATH_SIZE], const struct config *config);

/**
 * Replaces the file by what the state's mirrors are now, 0600. On failure the old file stays.
 * Out: 0, or an errno. Nothing is logged: it runs in a child.
 */
MUST_CHECK int snapshot_write(const char *path, const struct turn_state *state);
/** Takes away what a write left beside the file that did not come to its end. */
void snapshot_abandon(const char *path);

/** Offers what the file holds to a state that has had no turn. Whatever cannot be taken is logged
 *  with its reason, and read from the chain; no file is no fault. */
void snapshot_read(const char *path, struct turn_state *state, struct log_sink *log);

#endif
