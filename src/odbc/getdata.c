/*
 * SQLGetData: one value, in as many pieces as the application likes. Source: odbc.md 9.
 */
#include <string.h>

#include "bookmark.h"
#include "scroll.h"
#include "wide.h"

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

static bool may_get(struct rs_stmt *stmt, SQLUSMALLINT column, const void *data, SQLLEN cap)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (!rs_stmt_is_idle(stmt))
        return false;
    if (stmt->state < RS_S4_EXECUTED)
        return rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    if (stmt->state < RS_S6_FETCHED || stmt->position != RS_POS_ON_ROW)
        return rs_fail(diag, RS_24000, 0, "the cursor is not on a row");
    if (is_in_error(stmt))
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

/* ---- which converter ---- */

static SQLLEN width_of(enum rs_ctype ctype)
{
    return rs_ctype_size(ctype) > 0 ? 0 : ctype == RS_CTYPE_WCHAR ? RS_WIDE : 1;
}

/* The record may say something else next time, so that SQL_ARD_TYPE is not kept: what is kept then
 * is the type that it was. */
static void keep(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT asked, SQLSMALLINT c_type,
                 rs_convert_fn *convert)
{
    struct rs_column *col = &stmt->columns.at[column - 1];
    SQLLEN width = width_of(rs_ctype_of(c_type));

    col->get = (struct rs_column_get){
        .convert = convert,
        .asked = rs_get_asked(asked == SQL_ARD_TYPE ? c_type : asked),
        .value = (uint32_t)column << 16 | (uint16_t)c_type,
        .width = width,
        .more = width > 0 ? 1 : 0,
        .to = { .source_scale = rs_column_scale(col),
                .interval = c_type,
                .keep_offset = col->typed.keep_offset,
                .bad_utf8 = &stmt->saw_bad_utf8 },
    };
}

/* The record must be one that could be bound. */
static bool type_of_record(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT *out)
{
    const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)column);
    struct rs_diag why = { .n = 0 };
    bool ok;

    if (rec == NULL)
        return rs_fail(&stmt->head.diag, RS_07009, 0,
                       "SQL_ARD_TYPE: the descriptor has no record %u", (unsigned)column);
    ok = rs_desc_check(stmt->ard, rec, &why);
    if (ok)
        *out = rec->concise_type;
    else
        rs_fail(&stmt->head.diag, RS_07009, 0,
                "SQL_ARD_TYPE: record %u of the descriptor does not make a type", (unsigned)column);
    rs_diag_clear(&why);
    return ok;
}

/* Chooses for a C type that the column was not asked for last time. */
static bool choose(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT asked)
{
    const struct rs_column *col = &stmt->columns.at[column - 1];
    SQLSMALLINT c_type = asked;
    enum rs_ctype ctype;
    rs_convert_fn *fn;

    if (asked == SQL_ARD_TYPE && !type_of_record(stmt, column, &c_type))
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
    keep(stmt, column, asked, c_type, fn);
    return true;
}

/* With SQL_ARD_TYPE precision and scale come from the record, too. */
static void take_record(const struct rs_desc_rec *rec, struct rs_target *to)
{
    to->precision = rec->precision;
    to->scale = rec->scale;
    to->has_scale = rec->has_scale;
    to->interval_precision = rec->has_interval_precision ? rec->interval_precision : 0;
}

/* ---- the value ---- */

static enum rs_fit convert_piece(const struct rs_column_get *get, struct rs_cell cell,
                                 struct rs_piece *piece, struct rs_target *to, struct rs_diag *diag)
{
    enum rs_fit fit;

    to->piece = piece;
    fit = get->convert(cell, to, diag);
    to->piece = NULL;
    return fit;
}

/* In one call, as a bound column is converted; what fits by its length and does not fit after all
 * is done again in pieces. */
RS_APART static enum rs_fit convert_whole(const struct rs_column_get *get, struct rs_cell cell,
                                          struct rs_piece *piece, struct rs_target *to,
                                          struct rs_diag *diag)
{
    size_t before = diag->n;
    enum rs_fit fit = cell.n < 0 ? rs_convert_null(to, diag) : get->convert(cell, to, diag);

    if (cell.n < 0 || get->width == 0) {
        piece->is_done = fit != RS_FIT_FAILED;
        return fit;
    }
    piece->is_done = fit == RS_FIT_EXACT;
    if (fit != RS_FIT_TRUNCATED)
        return fit;
    rs_diag_cut(diag, before);
    return convert_piece(get, cell, piece, to, diag);
}

static inline enum rs_fit convert(const struct rs_column_get *get, struct rs_cell cell,
                                  bool is_fresh, struct rs_piece *piece, struct rs_target *to,
                                  struct rs_diag *diag)
{
    if (cell.n < 0 || get->width == 0 || (is_fresh && rs_get_fits(get, cell, to->cap)))
        return convert_whole(get, cell, piece, to, diag);
    return convert_piece(get, cell, piece, to, diag);
}

/* Going to another column, or asking for another type, starts the value anew. */
static bool start_piece(struct rs_stmt *stmt, uint32_t value)
{
    if (stmt->piece_of == value)
        return false;
    stmt->piece_of = value;
    memset(&stmt->piece, 0, sizeof stmt->piece);
    return true;
}

static void warn_bad_utf8(struct rs_stmt *stmt)
{
    stmt->saw_bad_utf8 = false;
    if (!stmt->warned_utf8)
        rs_warn(&stmt->head.diag, RS_01000,
                "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
    stmt->warned_utf8 = true;
}

/* What was posted is about this row and column. */
static void place(struct rs_stmt *stmt, SQLUSMALLINT column)
{
    rs_diag_place(&stmt->head.diag, 0, stmt->row_number + (int64_t)stmt->current, (int32_t)column);
}

SQLRETURN rs_stmt_get_piece(struct rs_stmt *stmt, const struct rs_column_get *get,
                            struct rs_cell cell, struct rs_target *to)
{
    bool is_fresh = start_piece(stmt, get->value);
    enum rs_fit fit;

    if (stmt->piece.is_done)
        return SQL_NO_DATA;
    fit = convert(get, cell, is_fresh, &stmt->piece, to, &stmt->head.diag);
    if (RS_UNLIKELY(stmt->saw_bad_utf8))
        warn_bad_utf8(stmt);
    if (stmt->head.diag.n > 0)
        place(stmt, rs_get_column(get));
    return fit == RS_FIT_FAILED ? SQL_ERROR : SQL_SUCCESS;
}

SQLRETURN rs_stmt_get_data(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                           SQLPOINTER data, SQLLEN cap, SQLLEN *ind)
{
    const struct rs_column_get *get;
    struct rs_target to;
    struct rs_cell cell;

    if (!may_get(stmt, column, data, cap))
        return SQL_ERROR;
    if (column == 0)
        return rs_bookmark_get(stmt, c_type, data, cap, ind);
    get = &stmt->columns.at[column - 1].get;
    if (get->asked != rs_get_asked(c_type) && !choose(stmt, column, c_type))
        return SQL_ERROR;
    to = get->to;
    if (c_type == SQL_ARD_TYPE)
        take_record(rs_desc_rec(stmt->ard, (SQLSMALLINT)column), &to);
    rs_get_into(&to, data, cap, ind, stmt->attrs.max_length);
    if (!current_cell(stmt, (size_t)column - 1, &cell)) {
        place(stmt, column);
        return SQL_ERROR;
    }
    return rs_stmt_get_piece(stmt, get, cell, &to);
}
