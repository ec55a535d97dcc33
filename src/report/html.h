/* Inside report only: pieces of the page. What comes from outside goes in by html_add alone. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/view.h"

/** Escaped for text and for attributes in double quotes. */
void html_add(struct text *out, const char *text);
/** <td class="KIND">escaped</td>; kind "" for none. */
void html_cell(struct text *out, const char *kind, const char *text);
void html_cell_u64(struct text *out, uint64_t number);
/** A cell with a hash or an address, short, and whole on hovering. */
void html_cell_hex(struct text *out, const char *hex);
/** Heading, then a table with its head row of `count` names; html_table_end closes both. */
void html_table_begin(struct text *out, const char *title, const char *const *names, size_t count);
void html_table_end(struct text *out);
/** Heading and one faint line, where a table would be empty. */
void html_nothing(struct text *out, const char *title, const char *line);

/** The chart of what a drop in prices would liquidate. */
void html_chart(struct text *out, const struct view *view);

extern const char html_style[];

#endif
