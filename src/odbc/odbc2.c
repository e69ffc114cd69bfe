#include "odbc2.h"

SQLRETURN rs_old_bind(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT c_type,
                      SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits,
                      SQLPOINTER data, SQLLEN *ind)
{
    /* Where the buffer ends is unknown, so nothing is ever written to it. */
    return rs_bind_param(stmt, number, SQL_PARAM_INPUT, c_type, sql_type, column_size, digits, data,
                         SQL_SETPARAM_VALUE_MAX, ind);
}

SQLRETURN rs_old_param_options(struct rs_stmt *stmt, SQLULEN n_sets, SQLULEN *set)
{
    SQLRETURN rc;

    if (n_sets == 0) {
        rs_fail(&stmt->head.diag, RS_HY107, 0, "there must be one set of parameters at least");
        return SQL_ERROR;
    }
    rc = rs_stmt_set_attr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)n_sets, 0, false);
    if (rc == SQL_SUCCESS)
        rc = rs_stmt_set_attr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, set, 0, false);
    return rc;
}

/* ---- SQLSetScrollOptions ---- */

static bool check_scroll(struct rs_stmt *stmt, SQLUSMALLINT concurrency, SQLLEN keyset,
                         SQLUSMALLINT rowset)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state != RS_S1_ALLOCATED)
        return rs_fail(diag, RS_HY010, 0,
                       "scroll options are set before anything is prepared or executed");
    if (concurrency < SQL_CONCUR_READ_ONLY || concurrency > SQL_CONCUR_VALUES)
        return rs_fail(diag, RS_HY108, 0, "%u is no concurrency", (unsigned)concurrency);
    if (rowset == 0 || keyset < SQL_SCROLL_STATIC || (keyset > 0 && keyset < rowset))
        return rs_fail(diag, RS_HY107, 0, "a keyset of %ld rows and a rowset of %u do not fit",
                       (long)keyset, (unsigned)rowset);
    return true;
}

/* A size of keyset asks for a keyset-driven cursor of that size. */
static SQLULEN type_of(SQLLEN keyset)
{
    switch (keyset) {
    case SQL_SCROLL_FORWARD_ONLY:
        return SQL_CURSOR_FORWARD_ONLY;
    case SQL_SCROLL_STATIC:
        return SQL_CURSOR_STATIC;
    case SQL_SCROLL_DYNAMIC:
        return SQL_CURSOR_DYNAMIC;
    default:
        return SQL_CURSOR_KEYSET_DRIVEN;
    }
}

SQLRETURN rs_old_scroll_options(struct rs_stmt *stmt, SQLUSMALLINT concurrency, SQLLEN keyset,
                                SQLUSMALLINT rowset)
{
    const struct {
        SQLINTEGER id;
        SQLULEN value;
    } to_set[] = {
        { SQL_ATTR_CURSOR_TYPE, type_of(keyset) },
        { SQL_ATTR_KEYSET_SIZE, keyset > 0 ? (SQLULEN)keyset : 0 },
        { SQL_ATTR_CONCURRENCY, concurrency },
        { SQL_ROWSET_SIZE, rowset },
    };

    if (!check_scroll(stmt, concurrency, keyset, rowset))
        return SQL_ERROR;
    for (size_t i = 0; i < RS_COUNT(to_set); i++)
        if (rs_stmt_set_attr(stmt, to_set[i].id, (SQLPOINTER)to_set[i].value, 0, false) !=
            SQL_SUCCESS)
            return SQL_ERROR;
    return SQL_SUCCESS;
}

/* ---- SQLTransact ---- */

SQLRETURN rs_old_transact(SQLHENV env_handle, SQLHDBC dbc_handle, SQLUSMALLINT type)
{
    struct rs_env *env;
    struct rs_dbc *dbc;

    if (dbc_handle != SQL_NULL_HDBC) {
        dbc = rs_dbc_enter(dbc_handle);
        if (dbc == NULL)
            return SQL_INVALID_HANDLE;
        return rs_dbc_leave(dbc, rs_dbc_end_tran(dbc, (SQLSMALLINT)type));
    }
    env = rs_env_enter(env_handle);
    if (env == NULL)
        return SQL_INVALID_HANDLE;
    return rs_env_leave(env, rs_env_end_tran(env, (SQLSMALLINT)type));
}
