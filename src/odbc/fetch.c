/*
 * SQLFetch, SQLFetchScroll, SQLExtendedFetch: the rowset loop and the compiled plan.
 *
 * The plan holds for each bound column its converter, target and strides. It is made anew when the
 * bindings or the columns change, which two counters tell. Per row and cell there is one indirect
 * call, and no decision that was known when the column was bound.
 *
 * Source: odbc.md 8; wire.md rules 1 and 2.
 */
#include <string.h>

#include "bookmark.h"
#include "scroll.h"

struct step {
    rs_convert_fn *convert;
    uint32_t column; /* 0-based; behind the last one the bookmark */
    char *buf;       /* of the first row, bind offset not yet added */
    char *len, *ind;
    size_t stride, len_stride, ind_stride; /* 0 where there is no pointer: NULL stays NULL */
    struct rs_target to;                   /* pointers of the row under way */
};

struct rs_plan {
    const struct rs_desc *ard;
    uint32_t ard_change, columns_change;
    SQLULEN max_length;
    size_t n, cap;
    struct step step[];
};

void rs_plan_free(struct rs_plan *plan)
{
    rs_free(plan);
}

/* ---- compiling ---- */

static SQLSMALLINT bound_c_type(const struct rs_desc_rec *rec, const struct rs_column *column)
{
    return rec->concise_type == SQL_C_DEFAULT ? column->typed.default_c : rec->concise_type;
}

/* As ODBC numbers them. */
static int32_t column_number(const struct rs_stmt *stmt, size_t column)
{
    return column == stmt->columns.n ? 0 : (int32_t)column + 1;
}

static bool compile_step(struct rs_stmt *stmt, const struct rs_desc_rec *rec, size_t column,
                         struct step *step)
{
    bool is_bookmark = column == stmt->columns.n;
    const struct rs_column *col =
        is_bookmark ? rs_bookmark_column(stmt) : &stmt->columns.at[column];
    SQLSMALLINT c_type = bound_c_type(rec, col);
    enum rs_ctype ctype = rs_ctype_of(c_type);
    bool by_row = stmt->ard->bind_type != SQL_BIND_BY_COLUMN;
    size_t size = ctype == RS_CTYPE_NONE ? 0 : rs_ctype_size(ctype), row_step;

    if (ctype == RS_CTYPE_NONE)
        step->convert = NULL;
    else
        step->convert =
            is_bookmark ? rs_bookmark_convert(stmt, c_type) : rs_column_convert(col, ctype);
    if (step->convert == NULL) {
        size_t before = stmt->head.diag.n;

        rs_fail(&stmt->head.diag, RS_07006, 0, "column %d: type %s cannot become C type %d",
                column_number(stmt, column), col->typed.type_name, c_type);
        rs_diag_place(&stmt->head.diag, before, RS_ROW_NONE, column_number(stmt, column));
        return false;
    }
    step->column = (uint32_t)column;
    step->buf = rec->data_ptr;
    step->len = (char *)rec->len_ptr;
    step->ind = (char *)rec->ind_ptr;
    row_step = by_row ? (size_t)stmt->ard->bind_type : sizeof(SQLLEN);
    step->len_stride = step->len == NULL ? 0 : row_step;
    step->ind_stride = step->ind == NULL ? 0 : row_step;
    if (!by_row)
        row_step = size > 0 ? size : (size_t)rec->octet_length;
    step->stride = step->buf == NULL ? 0 : row_step;
    step->to = (struct rs_target){
        .cap = rec->octet_length,
        .precision = rec->precision,
        .scale = rec->scale,
        .has_scale = rec->has_scale,
        .source_scale = rs_column_scale(col),
        .interval = c_type,
        .interval_precision = rec->has_interval_precision ? rec->interval_precision : 0,
        .max_length = stmt->attrs.max_length,
        .keep_offset = col->typed.keep_offset,
        .bad_utf8 = NULL,
    };
    return true;
}

static bool is_bound(const struct rs_desc_rec *rec)
{
    return rec != NULL && (rec->data_ptr != NULL || rec->len_ptr != NULL || rec->ind_ptr != NULL);
}

RS_APART static bool compile(struct rs_stmt *stmt)
{
    size_t n = stmt->columns.n;
    struct rs_plan *plan = stmt->plan;

    if (plan == NULL || plan->cap < n) {
        plan = rs_alloc(1, sizeof *plan + (n + 1) * sizeof plan->step[0], &stmt->head.diag);
        if (plan == NULL)
            return false;
        rs_plan_free(stmt->plan);
        stmt->plan = plan;
        plan->cap = n;
    }
    plan->ard = NULL; /* not valid until it is whole */
    plan->n = 0;
    for (size_t i = 0; i <= n; i++) {
        const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)column_number(stmt, i));

        if (!is_bound(rec) || (i == n && stmt->attrs.use_bookmarks == SQL_UB_OFF))
            continue;
        if (!compile_step(stmt, rec, i, &plan->step[plan->n]))
            return false;
        plan->step[plan->n++].to.bad_utf8 = &stmt->warned_utf8;
    }
    plan->ard_change = stmt->ard->change;
    plan->columns_change = stmt->columns_change;
    plan->max_length = stmt->attrs.max_length;
    plan->ard = stmt->ard;
    return true;
}

static inline bool need_plan(struct rs_stmt *stmt)
{
    const struct rs_plan *plan = stmt->plan;

    if (plan != NULL && plan->ard == stmt->ard && plan->ard_change == stmt->ard->change &&
        plan->columns_change == stmt->columns_change && plan->max_length == stmt->attrs.max_length)
        return true;
    return compile(stmt);
}

/* ---- one row ---- */

static inline enum rs_row next_row(struct rs_stmt *stmt)
{
    if (RS_UNLIKELY(stmt->is_stored))
        return rs_stored_next(stmt);
    if (RS_UNLIKELY(stmt->exchange == NULL))
        return RS_ROW_END;
    return rs_exchange_row(stmt->exchange, stmt->cells, &stmt->late);
}

static inline void *at(char *p, SQLLEN offset)
{
    return p == NULL ? NULL : p + offset;
}

/* As numbers: a step of nothing from NULL is no pointer arithmetic. */
static inline void *moved(void *p, size_t step)
{
    return (void *)((uintptr_t)p + step);
}

/* Points every step at a row of the rowset. */
static void start_steps(struct rs_plan *plan, SQLLEN offset, size_t row)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct step *step = &plan->step[i];

        step->to.buf = moved(at(step->buf, offset), row * step->stride);
        step->to.len = moved(at(step->len, offset), row * step->len_stride);
        step->to.ind = moved(at(step->ind, offset), row * step->ind_stride);
    }
}

static inline void next_step(struct step *step)
{
    step->to.buf = moved(step->to.buf, step->stride);
    step->to.len = moved(step->to.len, step->len_stride);
    step->to.ind = moved(step->to.ind, step->ind_stride);
}

/* Writes the bound columns of one row and moves on to the next; the row's worst verdict. */
static enum rs_fit write_row(struct rs_stmt *stmt, int64_t number)
{
    struct rs_plan *plan = stmt->plan;
    struct rs_diag *diag = &stmt->head.diag;
    const struct rs_cell *cells = stmt->cells;
    enum rs_fit worst = RS_FIT_EXACT;
    size_t before = diag->n;

    for (struct step *step = plan->step, *end = step + plan->n; step < end; step++) {
        const struct rs_cell *cell = &cells[step->column];
        enum rs_fit fit = RS_LIKELY(cell->n >= 0) ? step->convert(*cell, &step->to, diag)
                                                  : rs_convert_null(&step->to, diag);

        next_step(step);
        if (RS_UNLIKELY(fit != RS_FIT_EXACT)) {
            rs_diag_place(diag, before, number, column_number(stmt, step->column));
            before = diag->n;
            if (fit > worst)
                worst = fit;
        }
    }
    return worst;
}

/* ---- rowsets of several rows, kept for SQLGetData ---- */

/* The row's bytes as they came: one copy, walked again only when SQLGetData asks. */
static bool keep_row(struct rs_stmt *stmt, size_t row)
{
    struct rs_rowset *kept = &stmt->rowset;

    if (row >= kept->cap) {
        size_t cap = row < 32 ? 64 : row * 2;
        size_t *grown = rs_realloc(kept->at, cap, sizeof *grown, &stmt->late);

        if (grown == NULL)
            return false;
        kept->at = grown;
        kept->cap = cap;
    }
    kept->at[row] = kept->bytes.len;
    rs_buf_append(&kept->bytes, rs_row_bytes(stmt->cells, stmt->columns.n));
    if (!rs_buf_ok(&kept->bytes, &stmt->late)) {
        rs_buf_clear(&kept->bytes);
        return false;
    }
    kept->n_rows = row + 1;
    return true;
}

/* ---- the rowset ---- */

static void put_status(const struct rs_rowset_out *set, size_t row, SQLUSMALLINT status)
{
    if (set->status != NULL)
        set->status[row] = status;
}

static SQLUSMALLINT row_status(const struct rs_rowset_out *set, enum rs_fit fit)
{
    if (fit == RS_FIT_FAILED)
        return SQL_ROW_ERROR;
    return fit == RS_FIT_TRUNCATED && !set->is_extended ? SQL_ROW_SUCCESS_WITH_INFO
                                                        : SQL_ROW_SUCCESS;
}

bool rs_fetch_end(struct rs_stmt *stmt, bool by_max)
{
    bool ok = true;

    if (by_max && stmt->exchange != NULL && !stmt->is_batch) {
        rs_exchange_free(stmt->exchange); /* drains or cancels what is left */
        stmt->exchange = NULL;
    } else if (!by_max) {
        ok = rs_stmt_end_rows(stmt);
    }
    stmt->cells_are_borrowed = false;
    return ok;
}

/* Reads one row and writes it; END and FAILED leave the buffers alone. */
static enum rs_row fetch_row(struct rs_stmt *stmt, const struct rs_rowset_out *set, size_t row,
                             int64_t number, size_t *n_failed)
{
    struct rs_diag *diag = &stmt->head.diag;
    enum rs_row got;
    enum rs_fit fit = RS_FIT_EXACT;
    bool had_bad = stmt->warned_utf8;

    if (RS_UNLIKELY(number > stmt->row_limit)) {
        (void)rs_fetch_end(stmt, true);
        return RS_ROW_END;
    }
    got = next_row(stmt);
    if (RS_UNLIKELY(got != RS_ROW_OK))
        return got == RS_ROW_END && !rs_fetch_end(stmt, false) ? RS_ROW_FAILED : got;
    if (RS_UNLIKELY(stmt->late.n > 0))
        rs_diag_move(diag, &stmt->late); /* notices between rows */
    if (set->size > 1 && !stmt->is_stored && stmt->columns.n > 0 && !keep_row(stmt, row))
        return RS_ROW_FAILED;
    if (stmt->plan->n > 0 && stmt->attrs.retrieve_data == SQL_RD_ON)
        fit = write_row(stmt, number);
    if (RS_UNLIKELY(stmt->warned_utf8 && !had_bad))
        rs_warn(diag, RS_01000, "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
    if (RS_UNLIKELY(fit == RS_FIT_FAILED)) {
        ++*n_failed;
        rs_buf_add(&stmt->rowset.failed, (struct rs_str){ (const char *)&row, sizeof row });
        if (set->is_extended) {
            size_t before = diag->n;

            rs_warn(diag, RS_01S01, "row %ld has an error", (long)number);
            rs_diag_place(diag, before, number, RS_ROW_UNKNOWN);
        }
    }
    put_status(set, row, row_status(set, fit));
    return RS_ROW_OK;
}

bool rs_fetch_again(struct rs_stmt *stmt, const struct rs_rowset_out *set, size_t row,
                    int64_t number, enum rs_fit *fit)
{
    SQLLEN offset = stmt->ard->bind_offset_ptr == NULL ? 0 : *stmt->ard->bind_offset_ptr;

    if (!need_plan(stmt) || !rs_stored_load(stmt, number, &stmt->head.diag))
        return false;
    start_steps(stmt->plan, offset, row);
    *fit = stmt->attrs.retrieve_data == SQL_RD_ON ? write_row(stmt, number) : RS_FIT_EXACT;
    put_status(set, row, row_status(set, *fit));
    return true;
}

static inline void forget_rowset(struct rs_rowset *kept)
{
    kept->n_rows = 0;
    if (kept->bytes.len > 0)
        rs_buf_truncate(&kept->bytes, 0);
    if (kept->failed.len > 0)
        rs_buf_truncate(&kept->failed, 0);
}

/* A failure behind rows that were already delivered is the next call's. */
SQLRETURN rs_fetch_fail(struct rs_stmt *stmt)
{
    rs_diag_move(&stmt->head.diag, &stmt->late);
    rs_diag_move(&stmt->head.diag, &stmt->scroll.failure);
    stmt->fetch_failed = true;
    stmt->cells_are_borrowed = false;
    stmt->position = RS_POS_AFTER;
    stmt->n_ready = 0;
    stmt->rowset_rows = 0;
    if (stmt->exchange != NULL) {
        rs_exchange_free(stmt->exchange);
        stmt->exchange = NULL;
    }
    if (stmt->dbc->call_owner == stmt)
        (void)rs_dbc_end_call(stmt->dbc, &stmt->head.diag);
    rs_dbc_after_error(stmt->dbc, &stmt->head.diag);
    return SQL_ERROR;
}

SQLRETURN rs_fetch_rowset(struct rs_stmt *stmt, const struct rs_rowset_out *set, int64_t first)
{
    SQLLEN offset = stmt->ard->bind_offset_ptr == NULL ? 0 : *stmt->ard->bind_offset_ptr;
    size_t n = 0, n_failed = 0;
    enum rs_row got = RS_ROW_OK;

    stmt->n_ready = 0;
    stmt->piece_of = 0;
    stmt->current = 0;
    forget_rowset(&stmt->rowset);
    start_steps(stmt->plan, offset, 0);
    while (n < set->size) {
        got = fetch_row(stmt, set, n, first + (int64_t)n, &n_failed);
        if (got != RS_ROW_OK)
            break;
        n++;
    }
    if (got == RS_ROW_FAILED && n == 0)
        return rs_fetch_fail(stmt);
    if (got == RS_ROW_END) /* all rows are known now */
        stmt->row_count = first - 1 + (int64_t)n;
    for (size_t i = n; i < set->size; i++)
        put_status(set, i, SQL_ROW_NOROW);
    if (set->fetched != NULL)
        *set->fetched = n;
    stmt->row_number = first;
    stmt->rowset_rows = n;
    if (n == 0) {
        stmt->position = RS_POS_AFTER;
        return SQL_NO_DATA;
    }
    stmt->position = RS_POS_ON_ROW;
    stmt->cells_are_borrowed = !stmt->is_stored && got == RS_ROW_OK && n == 1;
    if (set->size == 1 && !stmt->is_stored && n_failed == 0)
        stmt->n_ready = stmt->columns.n;
    return n_failed == n && !set->is_extended ? SQL_ERROR : SQL_SUCCESS;
}

static bool may_fetch(struct rs_stmt *stmt, bool is_extended)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state < RS_S4_EXECUTED)
        return rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    if (stmt->state == RS_S4_EXECUTED)
        return rs_fail(diag, RS_24000, 0, "the statement gave no rows");
    if (stmt->state == (is_extended ? RS_S6_FETCHED : RS_S7_EXTFETCHED))
        return rs_fail(diag, RS_HY010, 0, "SQLExtendedFetch does not mix with SQLFetch");
    if (stmt->fetch_failed)
        return rs_fail(diag, RS_24000, 0, "the result ended with an error before");
    return need_plan(stmt);
}

SQLRETURN rs_fetch_nothing(struct rs_stmt *stmt, const struct rs_rowset_out *set,
                           enum rs_position position)
{
    stmt->position = position;
    stmt->n_ready = 0;
    stmt->rowset_rows = 0;
    if (set->fetched != NULL)
        *set->fetched = 0;
    for (size_t i = 0; i < set->size; i++)
        put_status(set, i, SQL_ROW_NOROW);
    return SQL_NO_DATA;
}

static SQLRETURN fetch_next(struct rs_stmt *stmt, const struct rs_rowset_out *set)
{
    if (stmt->late.n_error > 0)
        return rs_fetch_fail(stmt);
    if (stmt->position == RS_POS_AFTER)
        return rs_fetch_nothing(stmt, set, RS_POS_AFTER);
    return rs_fetch_rowset(
        stmt, set, stmt->row_number == 0 ? 1 : stmt->row_number + (int64_t)stmt->rowset_rows);
}

/* ---- the calls ---- */

static bool check_orientation(struct rs_stmt *stmt, SQLSMALLINT orientation)
{
    struct rs_diag *diag = &stmt->head.diag;

    switch (orientation) {
    case SQL_FETCH_NEXT:
        return true;
    case SQL_FETCH_BOOKMARK:
        if (stmt->attrs.use_bookmarks == SQL_UB_OFF)
            return rs_fail(diag, RS_HY106, 0, "bookmarks are off (SQL_ATTR_USE_BOOKMARKS)");
        break;
    case SQL_FETCH_FIRST:
    case SQL_FETCH_LAST:
    case SQL_FETCH_PRIOR:
    case SQL_FETCH_ABSOLUTE:
    case SQL_FETCH_RELATIVE:
        break;
    default:
        return rs_fail(diag, RS_HY106, 0, "%d is no fetch orientation", orientation);
    }
    if (stmt->attrs.cursor_type != SQL_CURSOR_STATIC)
        return rs_fail(diag, RS_HY106, 0,
                       "the cursor is forward-only: SQL_FETCH_NEXT alone is possible");
    return true;
}

RS_APART static SQLRETURN check_bookmark(struct rs_stmt *stmt, int64_t bookmark)
{
    switch (rs_bookmark_check(stmt, bookmark)) {
    case RS_ROW_OK:
        break;
    case RS_ROW_END:
        return SQL_ERROR;
    case RS_ROW_FAILED:
        return rs_fetch_fail(stmt);
    }
    return SQL_SUCCESS;
}

static inline SQLRETURN fetch(struct rs_stmt *stmt, const struct rs_rowset_out *set,
                              SQLSMALLINT orientation, SQLLEN offset, int64_t bookmark)
{
    if (orientation == SQL_FETCH_BOOKMARK && check_bookmark(stmt, bookmark) != SQL_SUCCESS)
        return SQL_ERROR;
    stmt->state = set->is_extended ? RS_S7_EXTFETCHED : RS_S6_FETCHED;
    if (!stmt->is_static)
        return fetch_next(stmt, set);
    return rs_scroll(stmt, set, orientation, offset, bookmark);
}

static struct rs_rowset_out plain_rowset(const struct rs_stmt *stmt)
{
    return (struct rs_rowset_out){
        .size = stmt->ard->array_size,
        .status = stmt->own_ird.array_status_ptr,
        .fetched = stmt->own_ird.rows_processed_ptr,
    };
}

SQLRETURN rs_stmt_fetch(struct rs_stmt *stmt)
{
    struct rs_rowset_out set = plain_rowset(stmt);

    return may_fetch(stmt, false) ? fetch(stmt, &set, SQL_FETCH_NEXT, 0, 0) : SQL_ERROR;
}

SQLRETURN rs_stmt_fetch_scroll(struct rs_stmt *stmt, SQLSMALLINT orientation, SQLLEN offset)
{
    struct rs_rowset_out set = plain_rowset(stmt);
    int64_t bookmark = 0;

    if (!check_orientation(stmt, orientation) || !may_fetch(stmt, false))
        return SQL_ERROR;
    if (orientation == SQL_FETCH_BOOKMARK && !rs_bookmark_wanted(stmt, &bookmark))
        return SQL_ERROR;
    return fetch(stmt, &set, orientation, offset, bookmark);
}

SQLRETURN rs_stmt_extended_fetch(struct rs_stmt *stmt, SQLUSMALLINT orientation, SQLLEN offset,
                                 SQLULEN *row_count, SQLUSMALLINT *row_status_array)
{
    struct rs_rowset_out set = {
        .size = stmt->attrs.rowset_size,
        .status = row_status_array,
        .fetched = row_count,
        .is_extended = true,
    };

    if (!check_orientation(stmt, (SQLSMALLINT)orientation) || !may_fetch(stmt, true))
        return SQL_ERROR;
    if (orientation == SQL_FETCH_BOOKMARK) /* the offset is the bookmark itself */
        return fetch(stmt, &set, SQL_FETCH_BOOKMARK, 0, offset);
    return fetch(stmt, &set, (SQLSMALLINT)orientation, offset, 0);
}
