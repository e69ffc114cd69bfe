/*
 * SQLGetData: one value, in as many pieces as the application likes. Source: odbc.md 9.
 */
#include <string.h>

#include "bookmark.h"
#include "scroll.h"

/* The cell of the current row. A single row is read where it lies; a row of a bigger rowset is
 * walked in what was kept of it. */
static bool current_cell(struct rs_stmt *stmt, size_t column, struct rs_cell *out)
{
    const struct rs_rowset *kept = &stmt->rowset;

    if (stmt->is_stored) {
        if (!rs_stored_load(stmt, stmt->row_number + (int64_t)stmt->current, &stmt->head.diag))
            return false;
        *out = stmt->cells[column];
    } else if (kept->n_rows == 0) {
        *out = stmt->cells[column];
    } else {
        *out = rs_row_cell(kept->bytes.p + kept->at[stmt->current], column);
    }
    return true;
}

static bool is_in_error(const struct rs_stmt *stmt)
{
    const struct rs_buf *failed = &stmt->rowset.failed;

    for (size_t at = 0; at + sizeof(size_t) <= failed->len; at += sizeof(size_t))
        if (memcmp(failed->p + at, &stmt->current, sizeof(size_t)) == 0)
            return true;
    return false;
}

static bool may_get(struct rs_stmt *stmt, SQLUSMALLINT column, SQLLEN cap)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state < RS_S4_EXECUTED)
        return rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    if (stmt->state < RS_S6_FETCHED || stmt->position != RS_POS_ON_ROW)
        return rs_fail(diag, RS_24000, 0, "the cursor is not on a row");
    if (RS_UNLIKELY(stmt->rowset.failed.len > 0) && is_in_error(stmt))
        return rs_fail(diag, RS_HY109, 0, "the current row could not be fetched");
    if (column == 0 && stmt->attrs.use_bookmarks == SQL_UB_OFF)
        return rs_fail(diag, RS_07009, 0, "column 0 is the bookmark; bookmarks are off");
    if (column > stmt->columns.n)
        return rs_fail(diag, RS_07009, 0, "the result has %zu columns, not %u", stmt->columns.n,
                       (unsigned)column);
    if (cap < 0)
        return rs_fail(diag, RS_HY090, 0, "buffer length %ld is negative", (long)cap);
    return true;
}

/* SQL_C_DEFAULT and SQL_ARD_TYPE become a C type; precision and scale come from the ARD then. */
static bool real_type(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT *c_type,
                      struct rs_target *to)
{
    const struct rs_desc_rec *rec;

    if (*c_type == SQL_ARD_TYPE) {
        rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)column);
        if (rec == NULL)
            return rs_fail(&stmt->head.diag, RS_07009, 0,
                           "SQL_ARD_TYPE: the descriptor has no record %u", (unsigned)column);
        *c_type = rec->concise_type;
        to->precision = rec->precision;
        to->scale = rec->scale;
        to->has_scale = rec->has_scale;
        to->interval_precision = rec->has_interval_precision ? rec->interval_precision : 0;
    }
    if (*c_type == SQL_C_DEFAULT)
        *c_type = stmt->columns.at[column - 1].typed.default_c;
    return true;
}

/* Going to another column, or asking for another type, starts the value anew. */
static void start_piece(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type)
{
    if (stmt->piece_column == column && stmt->piece_c_type == c_type)
        return;
    stmt->piece_column = column;
    stmt->piece_c_type = c_type;
    memset(&stmt->piece, 0, sizeof stmt->piece);
}

static enum rs_fit convert(struct rs_stmt *stmt, SQLUSMALLINT column, rs_convert_fn *fn,
                           enum rs_ctype ctype, struct rs_target *to)
{
    bool had_bad = stmt->warned_utf8;
    struct rs_cell cell;
    enum rs_fit fit;

    if (!current_cell(stmt, (size_t)column - 1, &cell))
        return RS_FIT_FAILED;
    if (cell.n < 0) {
        fit = rs_convert_null(to, &stmt->head.diag);
        stmt->piece.is_done = fit != RS_FIT_FAILED;
        return fit;
    }
    fit = fn(cell, to, &stmt->head.diag);
    if (fit != RS_FIT_FAILED && rs_ctype_size(ctype) > 0)
        stmt->piece.is_done = true;
    if (stmt->warned_utf8 && !had_bad)
        rs_warn(&stmt->head.diag, RS_01000,
                "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
    return fit;
}

SQLRETURN rs_stmt_get_data(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                           SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_target to = { .buf = data, .cap = cap, .len = ind, .ind = ind };
    enum rs_ctype ctype;
    rs_convert_fn *fn;
    enum rs_fit fit;
    size_t before = stmt->head.diag.n;

    if (!may_get(stmt, column, cap))
        return SQL_ERROR;
    if (data == NULL) {
        rs_fail(&stmt->head.diag, RS_HY009, 0, "no buffer for the value");
        return SQL_ERROR;
    }
    if (column == 0)
        return rs_bookmark_get(stmt, c_type, data, cap, ind);
    if (!real_type(stmt, column, &c_type, &to))
        return SQL_ERROR;
    ctype = rs_ctype_of(c_type);
    if (ctype == RS_CTYPE_NONE) {
        rs_fail(&stmt->head.diag, RS_HY003, 0, "%d is no C type", c_type);
        return SQL_ERROR;
    }
    fn = rs_convert_find(stmt->columns.at[column - 1].typed.kind, ctype);
    if (fn == NULL) {
        rs_fail(&stmt->head.diag, RS_07006, 0, "column %u: type %s cannot become C type %d",
                (unsigned)column, stmt->columns.at[column - 1].typed.type_name, c_type);
        return SQL_ERROR;
    }
    start_piece(stmt, column, c_type);
    if (stmt->piece.is_done)
        return SQL_NO_DATA;
    to.interval = c_type;
    to.max_length = stmt->attrs.max_length;
    to.keep_offset = stmt->columns.at[column - 1].typed.keep_offset;
    to.bad_utf8 = &stmt->warned_utf8;
    to.piece = &stmt->piece;
    fit = convert(stmt, column, fn, ctype, &to);
    if (stmt->head.diag.n > before)
        rs_diag_place(&stmt->head.diag, before, stmt->row_number + (int64_t)stmt->current,
                      (int32_t)column);
    return fit == RS_FIT_FAILED ? SQL_ERROR : SQL_SUCCESS;
}
