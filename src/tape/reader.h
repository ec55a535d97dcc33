/* What the writer asks of a reader that has come to the end of a recording which is to go on. */
#ifndef TAPE_READER_H
#define TAPE_READER_H

#include "tape/source.h"
#include "tape/tape.h"

struct tape_end {
    struct source_place place; /* behind the last whole turn or header */
    bool is_compressed;
    bool is_bare; /* an editor took the last newline away */
    bool has_header;
    uint64_t chain_id;
    uint64_t turn; /* the last one's number */
};

struct tape_end tape_reader_end(const struct tape_reader *reader);

#endif
