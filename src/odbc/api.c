/*
 * Entry points without text arguments. Each enters its handle, calls one core function, leaves.
 */
#include "desc.h"
#include "stmt.h"

/* ---- handles ---- */

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT kind, SQLHANDLE parent, SQLHANDLE *out)
{
    return rs_handle_alloc(kind, parent, out);
}

SQLRETURN SQL_API SQLFreeHandle(SQLSMALLINT kind, SQLHANDLE handle)
{
    return rs_handle_free(kind, handle);
}

SQLRETURN SQL_API SQLAllocEnv(SQLHENV *out)
{
    SQLRETURN rc = rs_env_new(out);

    /* A caller of this function is an ODBC 2 application by definition. */
    if (rc == SQL_SUCCESS)
        ((struct rs_env *)*out)->odbc_version = SQL_OV_ODBC2;
    return rc;
}

SQLRETURN SQL_API SQLAllocConnect(SQLHENV env, SQLHDBC *out)
{
    return rs_handle_alloc(SQL_HANDLE_DBC, env, out);
}

SQLRETURN SQL_API SQLAllocStmt(SQLHDBC dbc, SQLHSTMT *out)
{
    return rs_handle_alloc(SQL_HANDLE_STMT, dbc, out);
}

SQLRETURN SQL_API SQLFreeEnv(SQLHENV env)
{
    return rs_handle_free(SQL_HANDLE_ENV, env);
}

SQLRETURN SQL_API SQLFreeConnect(SQLHDBC dbc)
{
    return rs_handle_free(SQL_HANDLE_DBC, dbc);
}

SQLRETURN SQL_API SQLFreeStmt(SQLHSTMT handle, SQLUSMALLINT option)
{
    struct rs_stmt *stmt;

    if (option == SQL_DROP)
        return rs_handle_free(SQL_HANDLE_STMT, handle);
    stmt = rs_stmt_enter(handle);
    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt,
                         rs_stmt_is_idle(stmt) ? rs_stmt_free_option(stmt, option) : SQL_ERROR);
}

/* ---- environment ---- */

SQLRETURN SQL_API SQLSetEnvAttr(SQLHENV handle, SQLINTEGER attribute, SQLPOINTER value,
                                SQLINTEGER length)
{
    struct rs_env *env = rs_env_enter(handle);

    if (env == NULL)
        return SQL_INVALID_HANDLE;
    return rs_env_leave(env, rs_env_set_attr(env, attribute, value, length));
}

SQLRETURN SQL_API SQLGetEnvAttr(SQLHENV handle, SQLINTEGER attribute, SQLPOINTER value,
                                SQLINTEGER cap, SQLINTEGER *length)
{
    struct rs_env *env = rs_env_enter(handle);

    if (env == NULL)
        return SQL_INVALID_HANDLE;
    return rs_env_leave(env, rs_env_get_attr(env, attribute, value, cap, length));
}

/* ---- connection ---- */

SQLRETURN SQL_API SQLDisconnect(SQLHDBC handle)
{
    struct rs_dbc *dbc = rs_dbc_enter(handle);

    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    return rs_dbc_leave(dbc, rs_disconnect(dbc));
}

SQLRETURN SQL_API SQLEndTran(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT type)
{
    struct rs_env *env;
    struct rs_dbc *dbc;

    if (kind == SQL_HANDLE_ENV) {
        env = rs_env_enter(handle);
        if (env == NULL)
            return SQL_INVALID_HANDLE;
        return rs_env_leave(env, rs_env_end_tran(env, type));
    }
    if (kind != SQL_HANDLE_DBC)
        return rs_handle_fail_kind(kind, handle);
    dbc = rs_dbc_enter(handle);
    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    return rs_dbc_leave(dbc, rs_dbc_end_tran(dbc, type));
}

SQLRETURN SQL_API SQLGetFunctions(SQLHDBC handle, SQLUSMALLINT id, SQLUSMALLINT *out)
{
    struct rs_dbc *dbc = rs_dbc_enter(handle);

    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    return rs_dbc_leave(dbc, rs_get_functions(dbc, id, out));
}

SQLRETURN SQL_API SQLCancel(SQLHSTMT handle)
{
    return rs_cancel_stmt(handle);
}

SQLRETURN SQL_API SQLCancelHandle(SQLSMALLINT kind, SQLHANDLE handle)
{
    if (kind == SQL_HANDLE_STMT)
        return rs_cancel_stmt(handle);
    return kind == SQL_HANDLE_DBC ? rs_cancel_dbc(handle) : rs_handle_fail_kind(kind, handle);
}

/* ---- statement ---- */

SQLRETURN SQL_API SQLExecute(SQLHSTMT handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_execute(stmt) : SQL_ERROR);
}

SQLRETURN SQL_API SQLMoreResults(SQLHSTMT handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_more_results(stmt) : SQL_ERROR);
}

SQLRETURN SQL_API SQLCloseCursor(SQLHSTMT handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_close_cursor(stmt) : SQL_ERROR);
}

SQLRETURN SQL_API SQLNumResultCols(SQLHSTMT handle, SQLSMALLINT *out)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt,
                         rs_stmt_is_idle(stmt) ? rs_stmt_num_result_cols(stmt, out) : SQL_ERROR);
}

SQLRETURN SQL_API SQLRowCount(SQLHSTMT handle, SQLLEN *out)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_row_count(stmt, out) : SQL_ERROR);
}

SQLRETURN SQL_API SQLNumParams(SQLHSTMT handle, SQLSMALLINT *out)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_num_params(stmt, out) : SQL_ERROR);
}

SQLRETURN SQL_API SQLDescribeParam(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT *type,
                                   SQLULEN *size, SQLSMALLINT *digits, SQLSMALLINT *nullable)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt,
                         rs_stmt_is_idle(stmt)
                             ? rs_stmt_describe_param(stmt, number, type, size, digits, nullable)
                             : SQL_ERROR);
}

SQLRETURN SQL_API SQLParamData(SQLHSTMT handle, SQLPOINTER *token)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_param_data(stmt, token));
}

SQLRETURN SQL_API SQLPutData(SQLHSTMT handle, SQLPOINTER data, SQLLEN length)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_put_data(stmt, data, length));
}

SQLRETURN SQL_API SQLBindCol(SQLHSTMT handle, SQLUSMALLINT column, SQLSMALLINT c_type,
                             SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt)
                                   ? rs_bind_col(stmt, column, c_type, data, cap, ind)
                                   : SQL_ERROR);
}

SQLRETURN SQL_API SQLBindParameter(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT direction,
                                   SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN column_size,
                                   SQLSMALLINT digits, SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt)
                                   ? rs_bind_param(stmt, number, direction, c_type, sql_type,
                                                   column_size, digits, data, cap, ind)
                                   : SQL_ERROR);
}

SQLRETURN SQL_API SQLFetch(SQLHSTMT handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_fetch(stmt) : SQL_ERROR);
}

SQLRETURN SQL_API SQLFetchScroll(SQLHSTMT handle, SQLSMALLINT orientation, SQLLEN offset)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(
        stmt, rs_stmt_is_idle(stmt) ? rs_stmt_fetch_scroll(stmt, orientation, offset) : SQL_ERROR);
}

SQLRETURN SQL_API SQLExtendedFetch(SQLHSTMT handle, SQLUSMALLINT orientation, SQLLEN offset,
                                   SQLULEN *row_count, SQLUSMALLINT *row_status)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(
        stmt, rs_stmt_is_idle(stmt)
                  ? rs_stmt_extended_fetch(stmt, orientation, offset, row_count, row_status)
                  : SQL_ERROR);
}

SQLRETURN SQL_API SQLSetPos(SQLHSTMT handle, SQLSETPOSIROW row, SQLUSMALLINT operation,
                            SQLUSMALLINT lock)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_set_pos(stmt, row, operation, lock)
                                                     : SQL_ERROR);
}

SQLRETURN SQL_API SQLBulkOperations(SQLHSTMT handle, SQLSMALLINT operation)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_bulk_operations(stmt, operation)
                                                     : SQL_ERROR);
}

/* ---- descriptors ---- */

SQLRETURN SQL_API SQLSetDescRec(SQLHDESC handle, SQLSMALLINT number, SQLSMALLINT type,
                                SQLSMALLINT subtype, SQLLEN length, SQLSMALLINT precision,
                                SQLSMALLINT scale, SQLPOINTER data, SQLLEN *len, SQLLEN *ind)
{
    struct rs_desc *desc = rs_desc_enter(handle);

    if (desc == NULL)
        return SQL_INVALID_HANDLE;
    return rs_desc_leave(desc, rs_desc_set_rec(desc, number, type, subtype, length, precision,
                                               scale, data, len, ind));
}

SQLRETURN SQL_API SQLCopyDesc(SQLHDESC from, SQLHDESC to)
{
    struct rs_desc *target, *source;

    /* Two descriptors of one connection share a lock, so it is taken once. */
    source = rs_desc_enter_keep(from);
    if (source == NULL)
        return SQL_INVALID_HANDLE;
    rs_desc_leave_keep(source, SQL_SUCCESS);
    target = rs_desc_enter(to);
    if (target == NULL)
        return SQL_INVALID_HANDLE;
    if (source->dbc != target->dbc) {
        SQLRETURN rc;

        /* Another connection's: its lock is taken in the order of addresses. */
        if (source->dbc < target->dbc) {
            rs_unlock(&target->dbc->lock);
            rs_lock(&source->dbc->lock);
            rs_lock(&target->dbc->lock);
        } else {
            rs_lock(&source->dbc->lock);
        }
        rc = rs_desc_copy(source, target);
        rs_unlock(&source->dbc->lock);
        return rs_desc_leave(target, rc);
    }
    return rs_desc_leave(target, rs_desc_copy(source, target));
}
