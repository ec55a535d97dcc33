/* Inside report only: how figures of the view are put for people. */
#ifndef REPORT_VIEW_WORDS_H
#define REPORT_VIEW_WORDS_H

#include "base/text.h"

/** "-0.012345": wei in decimal to whole coins, cut; as it is where it is no number. */
void words_add_ether(struct text *out, const char *wei);
/** "1,234,567.89" of "1234567.89". */
void words_add_thousands(struct text *out, const char *decimal);
/** "820 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
void words_add_age(struct text *out, int64_t age_ms);
/** "0x7099…79C8". */
void words_add_short(struct text *out, const char *hex);
/** Share of a limit in percent, 0 to 100; 0 where either is no number, or the limit is 0. */
unsigned words_percent(const char *value, const char *limit);

#endif
