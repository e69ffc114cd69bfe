/*
 * Entry points without text arguments. Each enters its handle, calls one core function, leaves.
 */
#include "desc.h"
#include "turn.h"

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

static SQLRETURN run_execute(struct rs_stmt *stmt, const void *args)
{
    (void)args;
    return rs_stmt_execute(stmt);
}

SQLRETURN SQL_API SQLExecute(SQLHSTMT handle)
{
    static const struct rs_core core = { .function = SQL_API_SQLEXECUTE, .run = run_execute };

    return rs_stmt_do(handle, &core, NULL);
}

static SQLRETURN run_more_results(struct rs_stmt *stmt, const void *args)
{
    (void)args;
    return rs_stmt_more_results(stmt);
}

SQLRETURN SQL_API SQLMoreResults(SQLHSTMT handle)
{
    static const struct rs_core core = { .function = SQL_API_SQLMORERESULTS,
                                         .run = run_more_results,
                                         .needs = RS_CORE_ONCE };

    return rs_stmt_do(handle, &core, NULL);
}

SQLRETURN SQL_API SQLCloseCursor(SQLHSTMT handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_idle(stmt) ? rs_stmt_close_cursor(stmt) : SQL_ERROR);
}

static SQLRETURN run_num_result_cols(struct rs_stmt *stmt, const void *args)
{
    return rs_stmt_num_result_cols(stmt, *(SQLSMALLINT *const *)args);
}

SQLRETURN SQL_API SQLNumResultCols(SQLHSTMT handle, SQLSMALLINT *out)
{
    static const struct rs_core core = { .function = SQL_API_SQLNUMRESULTCOLS,
                                         .run = run_num_result_cols,
                                         .args_size = sizeof out,
                                         .needs = RS_CORE_ONCE };

    return rs_stmt_do(handle, &core, &out);
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

struct describe_param {
    SQLUSMALLINT number;
    SQLSMALLINT *type;
    SQLULEN *size;
    SQLSMALLINT *digits, *nullable;
};

static SQLRETURN run_describe_param(struct rs_stmt *stmt, const void *args)
{
    const struct describe_param *arg = args;

    return rs_stmt_describe_param(stmt, arg->number, arg->type, arg->size, arg->digits,
                                  arg->nullable);
}

SQLRETURN SQL_API SQLDescribeParam(SQLHSTMT handle, SQLUSMALLINT number, SQLSMALLINT *type,
                                   SQLULEN *size, SQLSMALLINT *digits, SQLSMALLINT *nullable)
{
    static const struct rs_core core = { .function = SQL_API_SQLDESCRIBEPARAM,
                                         .run = run_describe_param,
                                         .args_size = sizeof(struct describe_param),
                                         .needs = RS_CORE_ONCE };
    const struct describe_param arg = { number, type, size, digits, nullable };

    return rs_stmt_do(handle, &core, &arg);
}

static SQLRETURN run_param_data(struct rs_stmt *stmt, const void *args)
{
    return rs_stmt_param_data(stmt, *(SQLPOINTER *const *)args);
}

SQLRETURN SQL_API SQLParamData(SQLHSTMT handle, SQLPOINTER *token)
{
    static const struct rs_core core = { .function = SQL_API_SQLPARAMDATA,
                                         .run = run_param_data,
                                         .args_size = sizeof token,
                                         .in_need_data = true };

    return rs_stmt_do(handle, &core, &token);
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

static SQLRETURN run_fetch(struct rs_stmt *stmt, const void *args)
{
    (void)args;
    return rs_stmt_fetch(stmt);
}

/* Called for every row: what is plain goes straight to its work. */
SQLRETURN SQL_API SQLFetch(SQLHSTMT handle)
{
    static const struct rs_core core = { .function = SQL_API_SQLFETCH,
                                         .run = run_fetch,
                                         .needs = RS_CORE_ROWS };
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_plain(stmt) ? rs_stmt_fetch(stmt)
                                                      : rs_turn_take(stmt, &core, NULL));
}

struct fetch_scroll {
    SQLSMALLINT orientation;
    SQLLEN offset;
};

static SQLRETURN run_fetch_scroll(struct rs_stmt *stmt, const void *args)
{
    const struct fetch_scroll *arg = args;

    return rs_stmt_fetch_scroll(stmt, arg->orientation, arg->offset);
}

SQLRETURN SQL_API SQLFetchScroll(SQLHSTMT handle, SQLSMALLINT orientation, SQLLEN offset)
{
    static const struct rs_core core = { .function = SQL_API_SQLFETCHSCROLL,
                                         .run = run_fetch_scroll,
                                         .args_size = sizeof(struct fetch_scroll),
                                         .needs = RS_CORE_ROWS };
    const struct fetch_scroll arg = { orientation, offset };

    return rs_stmt_do(handle, &core, &arg);
}

struct extended_fetch {
    SQLUSMALLINT orientation;
    SQLLEN offset;
    SQLULEN *row_count;
    SQLUSMALLINT *row_status;
};

static SQLRETURN run_extended_fetch(struct rs_stmt *stmt, const void *args)
{
    const struct extended_fetch *arg = args;

    return rs_stmt_extended_fetch(stmt, arg->orientation, arg->offset, arg->row_count,
                                  arg->row_status);
}

SQLRETURN SQL_API SQLExtendedFetch(SQLHSTMT handle, SQLUSMALLINT orientation, SQLLEN offset,
                                   SQLULEN *row_count, SQLUSMALLINT *row_status)
{
    static const struct rs_core core = { .function = SQL_API_SQLEXTENDEDFETCH,
                                         .run = run_extended_fetch,
                                         .args_size = sizeof(struct extended_fetch),
                                         .needs = RS_CORE_ONCE };
    const struct extended_fetch arg = { orientation, offset, row_count, row_status };

    return rs_stmt_do(handle, &core, &arg);
}

struct set_pos {
    SQLSETPOSIROW row;
    SQLUSMALLINT operation, lock;
};

static SQLRETURN run_set_pos(struct rs_stmt *stmt, const void *args)
{
    const struct set_pos *arg = args;

    return rs_stmt_set_pos(stmt, arg->row, arg->operation, arg->lock);
}

SQLRETURN SQL_API SQLSetPos(SQLHSTMT handle, SQLSETPOSIROW row, SQLUSMALLINT operation,
                            SQLUSMALLINT lock)
{
    static const struct rs_core core = { .function = SQL_API_SQLSETPOS,
                                         .run = run_set_pos,
                                         .args_size = sizeof(struct set_pos),
                                         .needs = RS_CORE_ONCE };
    const struct set_pos arg = { row, operation, lock };

    return rs_stmt_do(handle, &core, &arg);
}

static SQLRETURN run_bulk_operations(struct rs_stmt *stmt, const void *args)
{
    return rs_stmt_bulk_operations(stmt, *(const SQLSMALLINT *)args);
}

SQLRETURN SQL_API SQLBulkOperations(SQLHSTMT handle, SQLSMALLINT operation)
{
    static const struct rs_core core = { .function = SQL_API_SQLBULKOPERATIONS,
                                         .run = run_bulk_operations,
                                         .args_size = sizeof operation,
                                         .needs = RS_CORE_ONCE };

    return rs_stmt_do(handle, &core, &operation);
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
