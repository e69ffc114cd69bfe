/*
 * One conversion as a row of a table: kind, text and C type go in, the C value comes out as text,
 * with its length and the SQLSTATE that was posted. Guard bytes around the buffer are checked.
 */
#ifndef RS_TEST_CELLS_H
#define RS_TEST_CELLS_H

#include "odbc/convert.h"

#include "diag.h"

enum { CELL_CAP = 256, CELL_GUARD = 16, CELL_TEXT = 1024 };

struct cell_case {
    enum rs_kind kind;
    const char *text;
    enum rs_ctype ctype;
    const char *want;  /* NULL: nothing written */
    const char *state; /* NULL: none */
    SQLLEN cap;        /* 0: CELL_CAP; -1: really 0 */
    SQLSMALLINT interval;
    SQLSMALLINT precision, scale; /* NUMERIC */
    bool has_scale, keep_offset;
};

struct cell_got {
    enum rs_fit fit;
    SQLLEN len; /* -77: not written */
    char state[6];
    char text[CELL_TEXT]; /* the value as text; "" when nothing was written */
    bool bad_utf8;
};

void cell_convert(const struct cell_case *c, struct cell_got *got);
/* Converts and compares, with messages that name the case. */
void cell_check(const struct cell_case *c);
/* The state of the first record, "" without one. */
const char *cell_state(const struct rs_diag *diag);
/* A C value as text. n: bytes of variable-length ones. */
void cell_show(enum rs_ctype ctype, const void *value, size_t n, char out[CELL_TEXT]);

#endif
