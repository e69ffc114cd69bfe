/*
 * SQLGetData: one value, in as many pieces as the application likes. Source: odbc.md 9.
 */
#include <string.h>

#include "bookmark.h"
#include "number.h"
#include "scroll.h"

/* The cell of the current row. A single row is read where it lies; a row of a bigger rowset is
 * walked in what was kept of it. */
static inline bool current_cell(struct rs_stmt *stmt, size_t column, struct rs_cell *out)
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

RS_APART static bool may_get(struct rs_stmt *stmt, SQLUSMALLINT column, const void *data,
                             SQLLEN cap)
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
    if (data == NULL)
        return rs_fail(diag, RS_HY009, 0, "no buffer for the value");
    return true;
}

/* The usual call in one look; what is not usual, or is wrong, may_get says. */
static inline bool is_usual(const struct rs_stmt *stmt, SQLUSMALLINT column, const void *data,
                            SQLLEN cap)
{
    return stmt->state >= RS_S6_FETCHED && stmt->position == RS_POS_ON_ROW &&
           stmt->rowset.failed.len == 0 && column - 1u < stmt->columns.n && cap >= 0 &&
           data != NULL;
}

/* ---- which converter ---- */

/* Never 0, so that a column nobody asked for fits no call. */
static inline uint32_t asked_of(SQLSMALLINT c_type)
{
    return (uint32_t)(uint16_t)c_type | 0x10000u;
}

static uint8_t width_of(enum rs_ctype ctype)
{
    return rs_ctype_size(ctype) > 0 ? 0 : ctype == RS_CTYPE_WCHAR ? sizeof(SQLWCHAR) : 1;
}

/* SQL_ARD_TYPE is the record's type; precision and scale come from there too. */
static bool type_of_record(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT *c_type,
                           struct rs_target *to)
{
    const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)column);

    if (rec == NULL)
        return rs_fail(&stmt->head.diag, RS_07009, 0,
                       "SQL_ARD_TYPE: the descriptor has no record %u", (unsigned)column);
    *c_type = rec->concise_type;
    to->precision = rec->precision;
    to->scale = rec->scale;
    to->has_scale = rec->has_scale;
    to->interval_precision = rec->has_interval_precision ? rec->interval_precision : 0;
    return true;
}

/* Chooses for a C type that the column was not asked for last time. */
RS_APART static bool choose(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT asked,
                            struct rs_target *to)
{
    struct rs_column *col = &stmt->columns.at[column - 1];
    SQLSMALLINT c_type = asked;
    enum rs_ctype ctype;
    rs_convert_fn *fn;

    if (asked == SQL_ARD_TYPE && !type_of_record(stmt, column, &c_type, to))
        return false;
    if (c_type == SQL_C_DEFAULT)
        c_type = col->typed.default_c;
    ctype = rs_ctype_of(c_type);
    if (ctype == RS_CTYPE_NONE)
        return rs_fail(&stmt->head.diag, RS_HY003, 0, "%d is no C type", c_type);
    fn = rs_column_convert(col, ctype);
    if (fn == NULL)
        return rs_fail(&stmt->head.diag, RS_07006, 0, "column %u: type %s cannot become C type %d",
                       (unsigned)column, col->typed.type_name, c_type);
    /* The record may say something else next time, so that SQL_ARD_TYPE is not kept. */
    col->get = (struct rs_column_get){ .convert = fn,
                                       .asked = asked_of(asked == SQL_ARD_TYPE ? c_type : asked),
                                       .c_type = c_type,
                                       .width = width_of(ctype) };
    return true;
}

/* ---- the value ---- */

/* All of it in one call, as a bound column is converted, where it fits by its length; whatever
 * does not fit after all is done again in pieces. */
static inline enum rs_fit convert(const struct rs_column_get *get, struct rs_cell cell,
                                  bool is_fresh, struct rs_piece *piece, struct rs_target *to,
                                  struct rs_diag *diag)
{
    size_t before = diag->n;
    enum rs_fit fit;

    if (RS_UNLIKELY(cell.n < 0)) {
        fit = rs_convert_null(to, diag);
        piece->is_done = fit != RS_FIT_FAILED;
        return fit;
    }
    if (get->width == 0) {
        fit = get->convert(cell, to, diag);
        piece->is_done = fit != RS_FIT_FAILED;
        return fit;
    }
    if (is_fresh && (SQLLEN)cell.n * get->width < to->cap) {
        fit = get->convert(cell, to, diag);
        piece->is_done = fit == RS_FIT_EXACT;
        if (RS_LIKELY(fit != RS_FIT_TRUNCATED))
            return fit;
        rs_diag_cut(diag, before);
    }
    to->piece = piece;
    return get->convert(cell, to, diag);
}

/* Going to another column, or asking for another type, starts the value anew. */
static inline bool start_piece(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type)
{
    if (stmt->piece_column == column && stmt->piece_c_type == c_type)
        return false;
    stmt->piece_column = column;
    stmt->piece_c_type = c_type;
    memset(&stmt->piece, 0, sizeof stmt->piece);
    return true;
}

/* What was posted is about this row and column. */
RS_APART static SQLRETURN place(struct rs_stmt *stmt, SQLUSMALLINT column, bool had_bad,
                                SQLRETURN rc)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->warned_utf8 && !had_bad)
        rs_warn(diag, RS_01000, "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
    rs_diag_place(diag, 0, stmt->row_number + (int64_t)stmt->current, (int32_t)column);
    return rc;
}

SQLRETURN rs_stmt_get_data(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                           SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    struct rs_target to = { .buf = data, .cap = cap, .len = ind, .ind = ind };
    const struct rs_column *col;
    struct rs_cell cell;
    bool is_fresh, had_bad = stmt->warned_utf8;
    enum rs_fit fit = RS_FIT_FAILED;

    if (RS_UNLIKELY(!is_usual(stmt, column, data, cap))) {
        if (!may_get(stmt, column, data, cap))
            return SQL_ERROR;
        if (column == 0)
            return rs_bookmark_get(stmt, c_type, data, cap, ind);
    }
    col = &stmt->columns.at[column - 1];
    if (RS_UNLIKELY(col->get.asked != asked_of(c_type)) && !choose(stmt, column, c_type, &to))
        return SQL_ERROR;
    is_fresh = start_piece(stmt, column, col->get.c_type);
    if (RS_UNLIKELY(stmt->piece.is_done))
        return SQL_NO_DATA;
    to.interval = col->get.c_type;
    to.max_length = stmt->attrs.max_length;
    to.keep_offset = col->typed.keep_offset;
    to.bad_utf8 = &stmt->warned_utf8;
    if (current_cell(stmt, (size_t)column - 1, &cell))
        fit = convert(&col->get, cell, is_fresh, &stmt->piece, &to, &stmt->head.diag);
    if (RS_UNLIKELY(stmt->head.diag.n > 0 || stmt->warned_utf8 != had_bad))
        return place(stmt, column, had_bad, fit == RS_FIT_FAILED ? SQL_ERROR : SQL_SUCCESS);
    return SQL_SUCCESS;
}
