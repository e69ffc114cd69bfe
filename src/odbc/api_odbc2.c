/*
 * Entry points of ODBC 1 and 2 without text arguments, but for allocating and freeing (api.c).
 */
#include "odbc2.h"

SQLRETURN SQL_API SQLTransact(SQLHENV env, SQLHDBC dbc, SQLUSMALLINT type)
{
    return rs_old_transact(env, dbc, type);
}

SQLRETURN SQL_API SQLSetStmtOption(SQLHSTMT handle, SQLUSMALLINT option, SQLULEN value)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt,
                         rs_stmt_is_idle(stmt)
                             ? rs_stmt_set_attr(stmt, option, (SQLPOINTER)value, SQL_NTS, false)
                             : SQL_ERROR);
}

SQLRETURN SQL_API SQLGetStmtOption(SQLHSTMT handle, SQLUSMALLINT option, SQLPOINTER value)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_get_attr(stmt, option, value, NULL)
                                                     : SQL_ERROR);
}

SQLRETURN SQL_API SQLBindParam(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT c_type,
                               SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits,
                               SQLPOINTER data, SQLLEN *ind)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_old_bind(stmt, number, c_type, sql_type,
                                                                   column_size, digits, data, ind)
                                                     : SQL_ERROR);
}

SQLRETURN SQL_API SQLSetParam(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT c_type,
                              SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits,
                              SQLPOINTER data, SQLLEN *ind)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_old_bind(stmt, number, c_type, sql_type,
                                                                   column_size, digits, data, ind)
                                                     : SQL_ERROR);
}

SQLRETURN SQL_API SQLParamOptions(SQLHSTMT handle, SQLULEN n_sets, SQLULEN *set)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_old_param_options(stmt, n_sets, set)
                                                     : SQL_ERROR);
}

SQLRETURN SQL_API SQLSetScrollOptions(SQLHSTMT handle, SQLUSMALLINT concurrency, SQLLEN keyset,
                                      SQLUSMALLINT rowset)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt)
                                   ? rs_old_scroll_options(stmt, concurrency, keyset, rowset)
                                   : SQL_ERROR);
}
