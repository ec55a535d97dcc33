/*
 * Figures are compared by eye only where they stand under each other, and how wide they are is
 * known when the last one is: so cells are kept, and printed at the end.
 */
#include "keeper/grid.h"

#include <string.h>

#define GAP 2

void grid_release(struct grid *grid)
{
    buffer_release(&grid->text);
    buffer_release(&grid->cells);
}

void grid_add(struct grid *grid, enum ink ink, const char *cell)
{
    struct grid_cell made = {.offset = grid->text.size, .ink = ink};

    MUST(grid->columns > 0 && grid->columns <= GRID_COLUMNS_MAX);
    buffer_add(&grid->text, cell, strlen(cell) + 1);
    buffer_add(&grid->cells, &made, sizeof(made));
}

void grid_take(struct grid *grid, enum ink ink, struct text *cell)
{
    grid_add(grid, ink, text_string(cell));
    text_clear(cell);
}

void grid_head(struct grid *grid, const char *const *names)
{
    for (uint32_t i = 0; i < grid->columns; i++)
        grid_add(grid, INK_FAINT, names[i]);
}

/* Characters, not bytes: UTF-8's later bytes begin with 10. */
static size_t cell_width(const char *cell)
{
    size_t width = 0;

    for (; *cell != '\0'; cell++)
        width += ((unsigned char)*cell & 0xc0) != 0x80 ? 1 : 0;
    return width;
}

static const char *cell_text(const struct grid *grid, const struct grid_cell *cell)
{
    return (const char *)grid->text.data + cell->offset;
}

static void spaces(FILE *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fputc(' ', out);
}

static void row_print(const struct grid *grid, FILE *out, const struct grid_cell *row,
                      const size_t *widths)
{
    spaces(out, grid->indent);
    for (uint32_t i = 0; i < grid->columns; i++) {
        const char *text = cell_text(grid, &row[i]);
        size_t pad = widths[i] - cell_width(text);
        bool is_right = (grid->right >> i & 1) != 0;

        spaces(out, (i > 0 ? GAP : 0) + (is_right ? pad : 0));
        fputs(ink_on(grid->has_ink, row[i].ink), out);
        fputs(text, out);
        fputs(ink_off(grid->has_ink, row[i].ink), out);
        if (!is_right && i + 1 < grid->columns)
            spaces(out, pad);
    }
    fputc('\n', out);
}

void grid_print(const struct grid *grid, FILE *out)
{
    const struct grid_cell *cells = (const struct grid_cell *)(const void *)grid->cells.data;
    size_t rows = grid->cells.size / sizeof(*cells) / grid->columns;
    size_t widths[GRID_COLUMNS_MAX] = {0};

    for (size_t i = 0; i < rows * grid->columns; i++) {
        size_t width = cell_width(cell_text(grid, &cells[i]));
        if (width > widths[i % grid->columns])
            widths[i % grid->columns] = width;
    }
    for (size_t row = 0; row < rows; row++)
        row_print(grid, out, &cells[row * grid->columns], widths);
}
