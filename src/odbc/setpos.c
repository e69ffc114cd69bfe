/*
 * SQLSetPos: another row of the rowset becomes the current one; rows are written again.
 * Source: odbc.md 8.3; ODBC "SQLSetPos".
 */
#include <string.h>

#include "scroll.h"
#include "wide.h"

static bool check_operation(struct rs_stmt *stmt, SQLULEN row, SQLUSMALLINT operation,
                            SQLUSMALLINT lock)
{
    struct rs_diag *diag = &stmt->head.diag;

    switch (operation) {
    case SQL_POSITION:
        if (row == 0)
            return rs_fail(diag, RS_HY109, 0, "SQL_POSITION needs the number of a row");
        break;
    case SQL_REFRESH:
        if (!stmt->is_static)
            return rs_fail(diag, RS_HYC00, 0, "a forward-only cursor cannot refresh");
        break;
    case SQL_UPDATE:
    case SQL_DELETE:
    case SQL_ADD:
        return rs_fail(diag, RS_HY092, 0, "the cursor is read-only");
    default:
        return rs_fail(diag, RS_HY092, 0, "SQLSetPos has no operation %u", (unsigned)operation);
    }
    if (lock == SQL_LOCK_EXCLUSIVE || lock == SQL_LOCK_UNLOCK)
        return rs_fail(diag, RS_HYC00, 0, "rows cannot be locked");
    if (lock != SQL_LOCK_NO_CHANGE)
        return rs_fail(diag, RS_HY092, 0, "SQLSetPos has no lock type %u", (unsigned)lock);
    if (row > stmt->rowset_rows)
        return rs_fail(diag, RS_HY107, 0, "the rowset has %zu rows", stmt->rowset_rows);
    return true;
}

static bool may_set_pos(struct rs_stmt *stmt)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state < RS_S4_EXECUTED)
        return rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    if (stmt->state < RS_S6_FETCHED || stmt->position != RS_POS_ON_ROW)
        return rs_fail(diag, RS_24000, 0, "the cursor is not on a row");
    return true;
}

/* Forgets that a row was in error, or all of them did. */
static void forget_failed(struct rs_buf *failed, size_t row)
{
    size_t to = 0, one;

    for (size_t at = 0; at + sizeof one <= failed->len; at += sizeof one) {
        memcpy(&one, failed->p + at, sizeof one);
        if (one == row)
            continue;
        memmove(failed->p + to, failed->p + at, sizeof one);
        to += sizeof one;
    }
    rs_buf_truncate(failed, to);
}

static bool refresh_row(struct rs_stmt *stmt, const struct rs_rowset_out *out, size_t row,
                        size_t *n_failed)
{
    struct rs_buf *failed = &stmt->rowset.failed;
    enum rs_fit fit = RS_FIT_EXACT;

    forget_failed(failed, row);
    if (!rs_fetch_again(stmt, out, row, stmt->row_number + (int64_t)row, &fit))
        return false;
    if (fit == RS_FIT_FAILED) {
        ++*n_failed;
        rs_buf_add(failed, (struct rs_str){ (const char *)&row, sizeof row });
    }
    return true;
}

/* Row 0 is all rows, but for those that the row operation array passes over. */
static SQLRETURN refresh(struct rs_stmt *stmt, SQLULEN row)
{
    const SQLUSMALLINT *operation = stmt->ard->array_status_ptr;
    struct rs_rowset_out out = {
        .size = stmt->scroll.last_size,
        .status = stmt->scroll.status,
        .is_extended = stmt->state == RS_S7_EXTFETCHED,
    };
    size_t from = row == 0 ? 0 : row - 1, to = row == 0 ? stmt->rowset_rows : row;
    size_t n = 0, n_failed = 0;

    for (size_t i = from; i < to; i++) {
        if (row == 0 && operation != NULL && operation[i] == SQL_ROW_IGNORE)
            continue;
        if (!refresh_row(stmt, &out, i, &n_failed))
            return SQL_ERROR;
        n++;
    }
    return n > 0 && n_failed == n ? SQL_ERROR : SQL_SUCCESS;
}

SQLRETURN rs_stmt_set_pos(struct rs_stmt *stmt, SQLULEN row, SQLUSMALLINT operation,
                          SQLUSMALLINT lock)
{
    row = rs_row_in(row);
    if (!may_set_pos(stmt) || !check_operation(stmt, row, operation, lock))
        return SQL_ERROR;
    stmt->piece_of = 0;
    if (row > 0)
        stmt->current = row - 1;
    return operation == SQL_REFRESH ? refresh(stmt, row) : SQL_SUCCESS;
}
