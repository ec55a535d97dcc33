/* Inside report only: struct view as a table of fields, so that writing it and reading it back
 * cannot differ. */
#ifndef REPORT_VIEW_FIELDS_H
#define REPORT_VIEW_FIELDS_H

#include <stddef.h>

#include "report/view.h"

enum view_kind { VIEW_TEXT, VIEW_BOOL, VIEW_U32, VIEW_U64, VIEW_I64 };

struct view_field {
    const char *key;
    enum view_kind kind;
    size_t offset;
    size_t size; /* of a text */
};

/** An array in the view: its items' fields, and where it and its count lie. */
struct view_list {
    const char *key;
    size_t offset;
    size_t count_offset;
    size_t item_size;
    uint32_t max;
    const struct view_field *field;
    size_t field_count;
};

extern const struct view_field view_fields[];
extern const size_t view_field_count;
extern const struct view_list view_lists[];
extern const size_t view_list_count;

#endif
