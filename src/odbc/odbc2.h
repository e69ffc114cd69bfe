/*
 * What ODBC 1 and 2 called by other names, in terms of today's functions.
 *
 * Locked: the handle's connection. Source: ODBC Programmer's Reference, Appendix G, "Mapping
 * Deprecated Functions"; the pages of SQLParamOptions and SQLSetScrollOptions.
 */
#ifndef RS_ODBC_ODBC2_H
#define RS_ODBC_ODBC2_H

#include "stmt.h"

/* SQLBindParam, SQLSetParam: an input parameter whose buffer length is not told. */
SQLRETURN rs_old_bind(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT c_type,
                      SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits,
                      SQLPOINTER data, SQLLEN *ind);
/* SQLParamOptions. HY107: no set at all. */
SQLRETURN rs_old_param_options(struct rs_stmt *stmt, SQLULEN n_sets, SQLULEN *set);
/* SQLSetScrollOptions: three attributes at once; all or none. HY010, HY107, HY108, 01S02. */
SQLRETURN rs_old_scroll_options(struct rs_stmt *stmt, SQLUSMALLINT concurrency, SQLLEN keyset,
                                SQLUSMALLINT rowset);
/* SQLTransact: a connection, or all of an environment when dbc is NULL. Takes its own locks. */
SQLRETURN rs_old_transact(SQLHENV env, SQLHDBC dbc, SQLUSMALLINT type);

#endif
