/*
 * Rows that can be read again: those that the driver made, and those of a static cursor, which are
 * kept as they are read; and the fetch orientations over them.
 *
 * A static cursor reads from the server no more than is asked of it. Rows are numbered from 1.
 * Locked: dbc. Source: odbc.md 8.2; ODBC "SQLFetchScroll".
 */
#ifndef RS_ODBC_SCROLL_H
#define RS_ODBC_SCROLL_H

#include "fetch.h"

/* HYC00: bookmarks are wanted of a forward-only cursor. Before executing and catalog functions. */
RS_NODISCARD bool rs_stored_may_open(struct rs_stmt *stmt);
/* A result was opened: what kind it is, by the attributes. */
void rs_stored_open(struct rs_stmt *stmt);
void rs_stored_close(struct rs_stmt *stmt);
/* Is there a row? Reads on as far as needed. FAILED: the reason is in scroll.failure. */
RS_NODISCARD enum rs_row rs_stored_need(struct rs_stmt *stmt, int64_t row);
/* Number of rows; a static cursor is read to its end for it. -1: that could not be done, which the
 * fetch that comes to the place will say, or rows are not stored. Never posts. */
int64_t rs_stored_rows(struct rs_stmt *stmt);
/* Puts the cells of a row that is there into stmt->cells. Posts HY001, HY000. */
RS_NODISCARD bool rs_stored_load(struct rs_stmt *stmt, int64_t row, struct rs_diag *diag);
/* Row scroll.next, for the rowset loop; errors are left in scroll.failure. */
RS_NODISCARD enum rs_row rs_stored_next(struct rs_stmt *stmt);

/* SQLFetchScroll and SQLExtendedFetch of a static cursor, checked so far that it may fetch.
 * bookmark: that of SQL_FETCH_BOOKMARK, a row number. */
SQLRETURN rs_scroll(struct rs_stmt *stmt, const struct rs_rowset_out *out, SQLSMALLINT orientation,
                    SQLLEN offset, int64_t bookmark);

#endif
