/* A table on a terminal: columns as wide as their widest cell. */
#ifndef KEEPER_GRID_H
#define KEEPER_GRID_H

#include "base/text.h"
#include "keeper/ink.h"

#define GRID_COLUMNS_MAX 12

/** Owned; set columns, then grid_release. */
struct grid {
    uint32_t columns;
    uint32_t right;  /* bit i: column i stands to the right */
    uint32_t indent; /* spaces before each row */
    bool has_ink;
    struct buffer text;  /* each cell and a NUL */
    struct buffer cells; /* of struct grid_cell */
};

struct grid_cell {
    size_t offset;
    enum ink ink;
};

#define GRID __attribute__((cleanup(grid_release))) struct grid

void grid_release(struct grid *grid);
/** Cells fill rows from left to right. */
void grid_add(struct grid *grid, enum ink ink, const char *cell);
/** As grid_add, of what the text holds; the text is empty afterwards. */
void grid_take(struct grid *grid, enum ink ink, struct text *cell);
/** A whole row of headings. */
void grid_head(struct grid *grid, const char *const *names);
/** Every row that is full. */
void grid_print(const struct grid *grid, FILE *out);

#endif
