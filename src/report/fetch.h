/* Asks a running daemon's HTTP server on this machine: the other end of report/server.h. */
#ifndef REPORT_FETCH_H
#define REPORT_FETCH_H

#include "base/text.h"

/** Of an answer, its head included; a longer one is REPORT_FETCH_BROKEN. */
#define REPORT_FETCH_MAX (4 * 1024 * 1024)

enum report_fetch_error {
    REPORT_FETCH_OK,
    REPORT_FETCH_BAD_ADDRESS,
    REPORT_FETCH_NOBODY, /* nothing listens there */
    REPORT_FETCH_SILENT, /* something does, and says nothing within 5 s */
    REPORT_FETCH_BROKEN  /* an answer that is none, is cut short, or not 200 */
};

/**
 * In:   listen  the daemon's own report.listen; "any address" is asked on the loopback
 *       path    "/status"
 * Out:  *body   appended
 */
MUST_CHECK enum report_fetch_error report_fetch(struct text *body, const char *listen,
                                                const char *path);

#endif
