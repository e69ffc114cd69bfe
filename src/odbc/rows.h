/*
 * Array execution of `INSERT … VALUES (one tuple)` as INSERTs of many tuples.
 *
 * Each such INSERT is atomic. Outside of a transaction one that failed is run again set by set, so
 * that each set has its own outcome; never after a cancel, a timeout or a lost connection. Inside
 * of one the server has undone everything, and which set was at fault cannot be known.
 * Locked: dbc. Source: odbc.md 7.4.
 */
#ifndef RS_ODBC_ROWS_H
#define RS_ODBC_ROWS_H

#include "array.h"

/* Sets run->by_rows when the statement and the settings allow it. Posts HY001. */
RS_NODISCARD bool rs_rows_plan(struct rs_stmt *stmt, struct rs_run *run);
enum rs_step rs_rows_step(struct rs_stmt *stmt, struct rs_run *run);
/* The statement's text or its parameters' types are gone. */
void rs_rows_free(struct rs_stmt *stmt);

#endif
