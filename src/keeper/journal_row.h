/* One event of the journal as a line for people. */
#ifndef KEEPER_JOURNAL_ROW_H
#define KEEPER_JOURNAL_ROW_H

#include "base/text.h"

/** The names above the columns, and a line's end. */
void journal_head_add(struct text *out, bool colour);
/** Time, block, what, account, why, net; a line that is no JSON is shown as it stands. */
void journal_row_add(struct text *out, bool colour, int64_t time_ms, struct bytes line);

#endif
