/*
 * SQLGetData's entry point. Applications call it for every value, and nearly always it is the first
 * call for that value, the column was asked for the same C type in the row before, and all of it
 * fits. That case is one function here, entering and leaving included; getdata.c knows every case
 * and starts anew where this one goes no further.
 */
#include "stmt.h"

static inline bool enter_at_once(struct rs_stmt *stmt)
{
    return stmt != NULL && stmt->head.magic == (uint32_t)RS_MAGIC_STMT &&
           rs_try_lock(&stmt->dbc->lock);
}

RS_APART static SQLRETURN get_in_turn(SQLHSTMT handle, SQLUSMALLINT column, SQLSMALLINT c_type,
                                      SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_get_data(stmt, column, c_type, data, cap, ind));
}

/* From here on the lock is held. */

static inline void forget_records(struct rs_stmt *stmt)
{
    if (stmt->head.diag.n > 0 || stmt->head.diag.n_dropped > 0)
        rs_diag_reset(&stmt->head.diag);
}

RS_APART static SQLRETURN get_by_rule(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                                      SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    forget_records(stmt);
    return rs_stmt_leave(stmt, rs_stmt_get_data(stmt, column, c_type, data, cap, ind));
}

RS_APART static SQLRETURN get_piece(struct rs_stmt *stmt, struct rs_column_get *get,
                                    SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    if (cap < 0)
        return get_by_rule(stmt, rs_get_column(get), (SQLSMALLINT)get->asked, data, cap, ind);
    rs_get_into(&get->to, data, cap, ind, stmt->attrs.max_length);
    forget_records(stmt);
    return rs_stmt_leave(
        stmt, rs_stmt_get_piece(stmt, get, stmt->cells[rs_get_column(get) - 1], &get->to));
}

/* The converter warned or failed: once more, with all that is to be said and kept. */
RS_APART static SQLRETURN get_again(struct rs_stmt *stmt, struct rs_column_get *get)
{
    stmt->saw_bad_utf8 = false;
    return get_piece(stmt, get, get->to.buf, get->to.cap, get->to.ind);
}

SQLRETURN SQL_API SQLGetData(SQLHSTMT handle, SQLUSMALLINT column, SQLSMALLINT c_type,
                             SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_stmt *stmt = handle;
    struct rs_column_get *get;
    struct rs_cell cell;

    if (RS_UNLIKELY(!enter_at_once(stmt)))
        return get_in_turn(handle, column, c_type, data, cap, ind);
    if (RS_UNLIKELY(column - 1u >= stmt->n_ready || data == NULL))
        return get_by_rule(stmt, column, c_type, data, cap, ind);
    get = &stmt->columns.at[column - 1].get;
    if (RS_UNLIKELY(get->asked != rs_get_asked(c_type)))
        return get_by_rule(stmt, column, c_type, data, cap, ind);
    cell = stmt->cells[column - 1];
    if (RS_UNLIKELY(cell.n < 0 || !rs_get_fits(get, cell, cap) || get->value == stmt->piece_of ||
                    stmt->head.diag.n > 0))
        return get_piece(stmt, get, data, cap, ind);
    rs_get_into(&get->to, data, cap, ind, stmt->attrs.max_length);
    if (RS_UNLIKELY(get->convert(cell, &get->to, &stmt->head.diag) != RS_FIT_EXACT ||
                    stmt->saw_bad_utf8))
        return get_again(stmt, get);
    stmt->piece_of = get->value;
    stmt->piece.is_done = true;
    stmt->head.last_rc = SQL_SUCCESS;
    rs_unlock(&stmt->dbc->lock);
    return SQL_SUCCESS;
}
