/*
 * SQLFetch, SQLFetchScroll, SQLExtendedFetch, SQLSetPos: the rowset loop and the compiled plan.
 *
 * The plan holds for each bound column its converter, target and strides. It is made anew when the
 * bindings or the columns change, which two counters tell. Per row and cell there is one indirect
 * call, and no decision that was known when the column was bound.
 *
 * Source: odbc.md 8; wire.md rules 1 and 2.
 */
#include <string.h>

#include "execute.h"

struct step {
    rs_convert_fn *convert;
    uint32_t column; /* 0-based */
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
    bool all_bound;
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

static bool compile_step(struct rs_stmt *stmt, const struct rs_desc_rec *rec, size_t column,
                         struct step *step)
{
    const struct rs_column *col = &stmt->columns.at[column];
    SQLSMALLINT c_type = bound_c_type(rec, col);
    enum rs_ctype ctype = rs_ctype_of(c_type);
    bool by_row = stmt->ard->bind_type != SQL_BIND_BY_COLUMN;
    size_t size = ctype == RS_CTYPE_NONE ? 0 : rs_ctype_size(ctype), row_step;

    step->convert = ctype == RS_CTYPE_NONE ? NULL : rs_convert_find(col->typed.kind, ctype);
    if (step->convert == NULL) {
        size_t before = stmt->head.diag.n;

        rs_fail(&stmt->head.diag, RS_07006, 0, "column %zu: type %s cannot become C type %d",
                column + 1, col->typed.type_name, c_type);
        rs_diag_place(&stmt->head.diag, before, RS_ROW_NONE, (int32_t)column + 1);
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

static bool compile(struct rs_stmt *stmt)
{
    size_t n = stmt->columns.n;
    struct rs_plan *plan = stmt->plan;

    if (plan == NULL || plan->cap < n) {
        plan = rs_alloc(1, sizeof *plan + n * sizeof plan->step[0], &stmt->head.diag);
        if (plan == NULL)
            return false;
        rs_plan_free(stmt->plan);
        stmt->plan = plan;
        plan->cap = n;
    }
    plan->ard = NULL; /* not valid until it is whole */
    plan->n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)(i + 1));

        if (!is_bound(rec))
            continue;
        if (!compile_step(stmt, rec, i, &plan->step[plan->n]))
            return false;
        plan->step[plan->n++].to.bad_utf8 = &stmt->warned_utf8;
    }
    plan->all_bound = plan->n == n;
    plan->ard_change = stmt->ard->change;
    plan->columns_change = stmt->columns_change;
    plan->max_length = stmt->attrs.max_length;
    plan->ard = stmt->ard;
    return true;
}

static bool need_plan(struct rs_stmt *stmt)
{
    const struct rs_plan *plan = stmt->plan;

    if (plan != NULL && plan->ard == stmt->ard && plan->ard_change == stmt->ard->change &&
        plan->columns_change == stmt->columns_change && plan->max_length == stmt->attrs.max_length)
        return true;
    return compile(stmt);
}

/* ---- one row ---- */

static enum rs_row next_made(struct rs_stmt *stmt)
{
    const struct rs_made_rows *made = &stmt->made;
    size_t row = made->next;

    if (row >= made->n_rows)
        return RS_ROW_END;
    for (size_t i = 0; i < stmt->columns.n; i++) {
        const struct rs_made_cell *cell = &made->cells[row * made->n_columns + i];

        stmt->cells[i].n = cell->n;
        stmt->cells[i].p = cell->n <= 0 ? "" : made->bytes.p + cell->at;
    }
    stmt->made.next = row + 1;
    return RS_ROW_OK;
}

static inline enum rs_row next_row(struct rs_stmt *stmt)
{
    if (RS_UNLIKELY(stmt->is_made))
        return next_made(stmt);
    if (RS_UNLIKELY(stmt->exchange == NULL))
        return RS_ROW_END;
    return rs_exchange_row(stmt->exchange, stmt->cells, &stmt->late);
}

static inline void *at(char *p, SQLLEN offset)
{
    return p == NULL ? NULL : p + offset;
}

/* Points every step at the first row of the rowset. */
static void start_steps(struct rs_plan *plan, SQLLEN offset)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct step *step = &plan->step[i];

        step->to.buf = at(step->buf, offset);
        step->to.len = at(step->len, offset);
        step->to.ind = at(step->ind, offset);
    }
}

/* As numbers: a step of nothing from NULL is no pointer arithmetic. */
static inline void *moved(void *p, size_t step)
{
    return (void *)((uintptr_t)p + step);
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
            rs_diag_place(diag, before, number, (int32_t)step->column + 1);
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
    rs_buf_add(&kept->bytes, rs_row_bytes(stmt->cells, stmt->columns.n));
    if (!rs_buf_ok(&kept->bytes, &stmt->late)) {
        rs_buf_clear(&kept->bytes);
        return false;
    }
    kept->n_rows = row + 1;
    return true;
}

/* ---- the rowset ---- */

struct rowset {
    SQLULEN size;
    SQLUSMALLINT *status; /* may be NULL */
    SQLULEN *fetched;     /* may be NULL */
    bool is_extended;
};

static void put_status(const struct rowset *set, size_t row, SQLUSMALLINT status)
{
    if (set->status != NULL)
        set->status[row] = status;
}

static SQLUSMALLINT row_status(const struct rowset *set, enum rs_fit fit)
{
    if (fit == RS_FIT_FAILED)
        return SQL_ROW_ERROR;
    return fit == RS_FIT_TRUNCATED && !set->is_extended ? SQL_ROW_SUCCESS_WITH_INFO
                                                        : SQL_ROW_SUCCESS;
}

static bool is_at_max(const struct rs_stmt *stmt, int64_t number)
{
    return stmt->attrs.max_rows > 0 && (SQLULEN)number > stmt->attrs.max_rows;
}

/* The end, by the server's word or by SQL_ATTR_MAX_ROWS. */
static void end_of_rows(struct rs_stmt *stmt, bool by_max)
{
    if (by_max && stmt->exchange != NULL && stmt->sql.n_statements <= 1) {
        rs_exchange_free(stmt->exchange); /* drains or cancels what is left */
        stmt->exchange = NULL;
    } else if (!by_max) {
        rs_stmt_end_rows(stmt);
    }
    stmt->cells_are_borrowed = false;
}

/* Reads one row and writes it; END and FAILED leave the buffers alone. */
static enum rs_row fetch_row(struct rs_stmt *stmt, const struct rowset *set, size_t row,
                             int64_t number, size_t *n_failed)
{
    struct rs_diag *diag = &stmt->head.diag;
    enum rs_row got;
    enum rs_fit fit = RS_FIT_EXACT;
    bool had_bad = stmt->warned_utf8;

    if (RS_UNLIKELY(is_at_max(stmt, number))) {
        end_of_rows(stmt, true);
        return RS_ROW_END;
    }
    got = next_row(stmt);
    if (RS_UNLIKELY(got != RS_ROW_OK)) {
        if (got == RS_ROW_END)
            end_of_rows(stmt, false);
        return got;
    }
    if (RS_UNLIKELY(stmt->late.n > 0))
        rs_diag_move(diag, &stmt->late); /* notices between rows */
    if (set->size > 1 && !stmt->is_made && stmt->columns.n > 0 && !keep_row(stmt, row))
        return RS_ROW_FAILED;
    if (stmt->attrs.retrieve_data == SQL_RD_ON)
        fit = write_row(stmt, number);
    if (RS_UNLIKELY(stmt->warned_utf8 && !had_bad))
        rs_warn(diag, RS_01000,
                "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
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

/* A failure behind rows that were already delivered is the next call's. */
static SQLRETURN fail_fetch(struct rs_stmt *stmt)
{
    rs_diag_move(&stmt->head.diag, &stmt->late);
    stmt->fetch_failed = true;
    stmt->cells_are_borrowed = false;
    stmt->position = RS_POS_AFTER;
    stmt->rowset_rows = 0;
    if (stmt->exchange != NULL) {
        rs_exchange_free(stmt->exchange);
        stmt->exchange = NULL;
    }
    rs_dbc_after_error(stmt->dbc, &stmt->head.diag);
    return SQL_ERROR;
}

static SQLRETURN fetch_rowset(struct rs_stmt *stmt, const struct rowset *set)
{
    SQLLEN offset = stmt->ard->bind_offset_ptr == NULL ? 0 : *stmt->ard->bind_offset_ptr;
    int64_t first = stmt->row_number == 0 ? 1 : stmt->row_number + (int64_t)stmt->rowset_rows;
    size_t n = 0, n_failed = 0;
    enum rs_row got = RS_ROW_OK;

    stmt->piece_column = 0;
    stmt->current = 0;
    stmt->rowset.n_rows = 0;
    stmt->rowset.first_made = stmt->made.next;
    rs_buf_truncate(&stmt->rowset.bytes, 0);
    rs_buf_truncate(&stmt->rowset.failed, 0);
    start_steps(stmt->plan, offset);
    while (n < set->size) {
        got = fetch_row(stmt, set, n, first + (int64_t)n, &n_failed);
        if (got != RS_ROW_OK)
            break;
        n++;
    }
    if (got == RS_ROW_FAILED && n == 0)
        return fail_fetch(stmt);
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
    stmt->cells_are_borrowed = !stmt->is_made && got == RS_ROW_OK && n == 1;
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

static SQLRETURN fetch_next(struct rs_stmt *stmt, const struct rowset *set)
{
    stmt->state = set->is_extended ? RS_S7_EXTFETCHED : RS_S6_FETCHED;
    if (stmt->late.n_error > 0)
        return fail_fetch(stmt);
    if (stmt->position == RS_POS_AFTER) {
        if (set->fetched != NULL)
            *set->fetched = 0;
        for (size_t i = 0; i < set->size; i++)
            put_status(set, i, SQL_ROW_NOROW);
        return SQL_NO_DATA;
    }
    return fetch_rowset(stmt, set);
}

SQLRETURN rs_stmt_fetch(struct rs_stmt *stmt)
{
    struct rowset set = {
        .size = stmt->ard->array_size,
        .status = stmt->own_ird.array_status_ptr,
        .fetched = stmt->own_ird.rows_processed_ptr,
    };

    return may_fetch(stmt, false) ? fetch_next(stmt, &set) : SQL_ERROR;
}

static bool is_next(struct rs_stmt *stmt, SQLSMALLINT orientation)
{
    switch (orientation) {
    case SQL_FETCH_NEXT:
        return true;
    case SQL_FETCH_FIRST:
    case SQL_FETCH_LAST:
    case SQL_FETCH_PRIOR:
    case SQL_FETCH_ABSOLUTE:
    case SQL_FETCH_RELATIVE:
    case SQL_FETCH_BOOKMARK:
        return rs_fail(&stmt->head.diag, RS_HY106, 0,
                       "the cursor is forward-only: SQL_FETCH_NEXT alone is possible");
    default:
        return rs_fail(&stmt->head.diag, RS_HY106, 0, "%d is no fetch orientation", orientation);
    }
}

SQLRETURN rs_stmt_fetch_scroll(struct rs_stmt *stmt, SQLSMALLINT orientation, SQLLEN offset)
{
    (void)offset; /* SQL_FETCH_NEXT has none */
    return is_next(stmt, orientation) ? rs_stmt_fetch(stmt) : SQL_ERROR;
}

SQLRETURN rs_stmt_extended_fetch(struct rs_stmt *stmt, SQLUSMALLINT orientation, SQLLEN offset,
                                 SQLULEN *row_count, SQLUSMALLINT *row_status_array)
{
    struct rowset set = {
        .size = stmt->attrs.rowset_size,
        .status = row_status_array,
        .fetched = row_count,
        .is_extended = true,
    };

    (void)offset;
    if (!is_next(stmt, (SQLSMALLINT)orientation) || !may_fetch(stmt, true))
        return SQL_ERROR;
    return fetch_next(stmt, &set);
}

SQLRETURN rs_stmt_set_pos(struct rs_stmt *stmt, SQLULEN row, SQLUSMALLINT operation,
                          SQLUSMALLINT lock)
{
    struct rs_diag *diag = &stmt->head.diag;
    bool ok = true;

    if (stmt->state < RS_S4_EXECUTED)
        ok = rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    else if (stmt->state < RS_S6_FETCHED || stmt->position != RS_POS_ON_ROW)
        ok = rs_fail(diag, RS_24000, 0, "the cursor is not on a row");
    else if (operation == SQL_REFRESH)
        ok = rs_fail(diag, RS_HYC00, 0, "a forward-only cursor cannot refresh");
    else if (operation != SQL_POSITION)
        ok = rs_fail(diag, RS_HY092, 0, "the cursor is read-only");
    else if (lock != SQL_LOCK_NO_CHANGE)
        ok = rs_fail(diag, RS_HYC00, 0, "rows cannot be locked");
    else if (row == 0)
        ok = rs_fail(diag, RS_HY109, 0, "SQL_POSITION needs the number of a row");
    else if (row > stmt->rowset_rows)
        ok = rs_fail(diag, RS_HY107, 0, "the rowset has %zu rows", stmt->rowset_rows);
    if (!ok)
        return SQL_ERROR;
    stmt->current = row - 1;
    stmt->piece_column = 0;
    return SQL_SUCCESS;
}
