/*
 * Bookmarks of static cursors: column 0, the number of the row. Of fixed length (SQL_UB_ON) it is a
 * SQLULEN, of variable length (SQL_UB_VARIABLE) eight bytes, the lowest first.
 *
 * Locked: dbc. Source: odbc.md 8.4; ODBC "Using Bookmarks", "SQLBulkOperations".
 */
#ifndef RS_ODBC_BOOKMARK_H
#define RS_ODBC_BOOKMARK_H

#include "fetch.h"

enum { RS_BOOKMARK_BYTES = 8 };

/* What column 0 is; NULL while bookmarks are off. */
const struct rs_column *rs_bookmark_column(const struct rs_stmt *stmt);
/* Writes row's bookmark as its bytes. */
void rs_bookmark_put(char to[RS_BOOKMARK_BYTES], int64_t row);
/* How its cell goes into a C type; NULL: the type does not fit the attribute. */
rs_convert_fn *rs_bookmark_convert(const struct rs_stmt *stmt, SQLSMALLINT c_type);
/* The row that SQL_ATTR_FETCH_BOOKMARK_PTR points out. HY111. */
RS_NODISCARD bool rs_bookmark_wanted(struct rs_stmt *stmt, int64_t *row);
/* HY111 unless there is such a row. FAILED: as rs_stored_need. */
RS_NODISCARD enum rs_row rs_bookmark_check(struct rs_stmt *stmt, int64_t row);
/* SQLGetData of column 0. */
SQLRETURN rs_bookmark_get(struct rs_stmt *stmt, SQLSMALLINT c_type, SQLPOINTER data, SQLLEN cap,
                          SQLLEN *ind);

#endif
