/*
 * Inside of fetching, shared by fetch.c (the rowset loop), scroll.c (positions), setpos.c
 * (SQLSetPos) and bookmark.c. Locked: dbc.
 */
#ifndef RS_ODBC_FETCH_H
#define RS_ODBC_FETCH_H

#include "execute.h"

/* Where a fetching call puts what it says of its rowset. */
struct rs_rowset_out {
    SQLULEN size;
    SQLUSMALLINT *status; /* may be NULL */
    SQLULEN *fetched;     /* may be NULL */
    bool is_extended;     /* SQLExtendedFetch */
};

/* The rowset that begins with row `first`; for stored rows scroll.next says it too. */
SQLRETURN rs_fetch_rowset(struct rs_stmt *stmt, const struct rs_rowset_out *out, int64_t first);
/* No rowset: the cursor stands before the first row or behind the last. SQL_NO_DATA. */
SQLRETURN rs_fetch_nothing(struct rs_stmt *stmt, const struct rs_rowset_out *out,
                           enum rs_position position);
/* The result cannot be read on: its error is posted, and fetching is over. SQL_ERROR. */
SQLRETURN rs_fetch_fail(struct rs_stmt *stmt);
/* Behind the last row, by the server's word or by SQL_ATTR_MAX_ROWS. False: as of
 * rs_stmt_end_rows. */
bool rs_fetch_end(struct rs_stmt *stmt, bool by_max);
/* Writes a stored row, `number` of the result, into element `at` (from 0) of what is bound. */
RS_NODISCARD bool rs_fetch_again(struct rs_stmt *stmt, const struct rs_rowset_out *out, size_t at,
                                 int64_t number, enum rs_fit *fit);

#endif
