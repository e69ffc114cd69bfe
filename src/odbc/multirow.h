/*
 * `INSERT INTO t [(columns)] VALUES (one tuple)`: recognised in a statement's text, and written
 * with the tuple many times over, its markers numbered on. Text only; knows no statement.
 *
 * Refused is whatever could mean something else with several tuples: sub-selects, functions that
 * are not known to give one value, RETURNING, ON CONFLICT, several tuples, markers outside of the
 * tuple. Source: odbc.md 7.4; PostgreSQL documentation, INSERT and VALUES.
 */
#ifndef RS_ODBC_MULTIROW_H
#define RS_ODBC_MULTIROW_H

#include "../diag.h"
#include "../str.h"

enum {
    RS_MULTIROW_MARKERS = 32767,         /* of one statement (redshift.md 11) */
    RS_MULTIROW_BYTES = 15 * 1024 * 1024 /* of its text, and of its values */
};

/* All zero: not of that shape. Places count from the text's first byte. */
struct rs_multirow {
    size_t from, to; /* the tuple with its parentheses */
    size_t n_markers;
    size_t *at; /* place of each marker's `$`; owned */
};

/* sql: markers are $1, $2 … in order, n_markers of them. out is all zero when the statement has
 * another shape. Posts HY001. */
RS_NODISCARD bool rs_multirow_find(struct rs_str sql, bool backslash_escapes, size_t n_markers,
                                   struct rs_multirow *out, struct rs_diag *diag);
void rs_multirow_clear(struct rs_multirow *shape);
/* Most tuples a statement can have within the limits, at most `wanted`, at least 1. */
size_t rs_multirow_most(struct rs_str sql, const struct rs_multirow *shape, size_t wanted);
/* Appends the statement with k tuples. */
void rs_multirow_write(struct rs_str sql, const struct rs_multirow *shape, size_t k,
                       struct rs_buf *out);

#endif
