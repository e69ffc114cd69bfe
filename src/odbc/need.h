/*
 * Data at execution: the exchange of SQLParamData and SQLPutData (states S8 to S10), and what is
 * kept of parameters between them.
 *
 * Source: odbc.md 7.3; ODBC "Sending Long Data".
 */
#ifndef RS_ODBC_NEED_H
#define RS_ODBC_NEED_H

#include "execute.h"

/* Forgets collected data; the state of the statement is the caller's. */
void rs_need_free(struct rs_stmt *stmt);
/* The run's present set wants data: SQL_NEED_DATA, or SQL_ERROR with HY001. */
SQLRETURN rs_need_begin(struct rs_stmt *stmt, const struct rs_run *run);
/* Collected value of parameter `index` (0-based) of the present set; NULL: none collected.
 * *n: bytes; SQL_NULL_DATA when NULL was put. */
const char *rs_need_value(const struct rs_stmt *stmt, size_t index, SQLLEN *n);
/* SQLCancel in NEED_DATA: back to S2 or S1. */
void rs_need_cancel(struct rs_stmt *stmt);

#endif
