#include "scroll.h"

#include <string.h>

#include "bookmark.h"
#include "keep.h"

/* ---- opening and closing ---- */

bool rs_stored_may_open(struct rs_stmt *stmt)
{
    if (stmt->attrs.use_bookmarks == SQL_UB_OFF || stmt->attrs.cursor_type == SQL_CURSOR_STATIC)
        return true;
    return rs_fail(&stmt->head.diag, RS_HYC00, 0,
                   "a forward-only cursor has no bookmarks (SQL_ATTR_CURSOR_TYPE)");
}

void rs_stored_open(struct rs_stmt *stmt)
{
    SQLULEN max = stmt->attrs.max_rows;

    rs_stored_close(stmt);
    stmt->is_static = stmt->attrs.cursor_type == SQL_CURSOR_STATIC;
    stmt->is_stored = stmt->is_static || stmt->is_made;
    stmt->row_limit = max == 0 || max > INT64_MAX ? INT64_MAX : (int64_t)max;
    stmt->scroll.next = 1;
}

void rs_stored_close(struct rs_stmt *stmt)
{
    rs_keep_free(stmt->scroll.keep);
    rs_diag_clear(&stmt->scroll.failure);
    stmt->scroll = (struct rs_scroll){ .keep = NULL };
    stmt->is_static = stmt->is_stored = false;
}

/* ---- reading ---- */

static int64_t rows_at_hand(const struct rs_stmt *stmt)
{
    int64_t n;

    if (!stmt->is_made)
        return stmt->scroll.keep == NULL ? 0 : rs_keep_count(stmt->scroll.keep);
    n = (int64_t)stmt->made.n_rows;
    return n < stmt->row_limit ? n : stmt->row_limit;
}

static bool keep_row(struct rs_stmt *stmt)
{
    struct rs_scroll *scroll = &stmt->scroll;
    struct rs_str bytes = RS_STR_NULL;

    if (scroll->keep == NULL)
        scroll->keep = rs_keep_new(rs_session_budget(stmt->dbc->session), &scroll->failure);
    if (scroll->keep == NULL)
        return false;
    if (stmt->columns.n > 0)
        bytes = rs_row_bytes(stmt->cells, stmt->columns.n);
    return rs_keep_add(scroll->keep, bytes, &scroll->failure);
}

/* Reads one row more into what is kept. */
static enum rs_row read_on(struct rs_stmt *stmt)
{
    struct rs_scroll *scroll = &stmt->scroll;
    enum rs_row got;

    if (scroll->failure.n_error > 0)
        return RS_ROW_FAILED;
    if (scroll->is_complete || stmt->is_made || stmt->exchange == NULL)
        return RS_ROW_END;
    if (rows_at_hand(stmt) >= stmt->row_limit) {
        scroll->is_complete = true;
        (void)rs_fetch_end(stmt, true);
        return RS_ROW_END;
    }
    scroll->loaded = 0;
    got = rs_exchange_row(stmt->exchange, stmt->cells, &stmt->late);
    if (got == RS_ROW_OK && keep_row(stmt))
        return RS_ROW_OK;
    if (got == RS_ROW_END) {
        scroll->is_complete = true;
        if (rs_fetch_end(stmt, false))
            return RS_ROW_END;
    }
    rs_diag_move(&scroll->failure, &stmt->late);
    return RS_ROW_FAILED;
}

enum rs_row rs_stored_need(struct rs_stmt *stmt, int64_t row)
{
    enum rs_row got = RS_ROW_OK;

    while (got == RS_ROW_OK && rows_at_hand(stmt) < row)
        got = read_on(stmt);
    return got;
}

static enum rs_row count_rows(struct rs_stmt *stmt, int64_t *n)
{
    enum rs_row got = rs_stored_need(stmt, INT64_MAX);

    if (got == RS_ROW_FAILED)
        return got;
    *n = rows_at_hand(stmt);
    return RS_ROW_OK;
}

int64_t rs_stored_rows(struct rs_stmt *stmt)
{
    struct rs_diag seen = { .n = 0 };
    int64_t n = -1;

    if (!stmt->is_stored)
        return -1;
    rs_diag_swap(&seen, &stmt->head.diag);
    if (count_rows(stmt, &n) == RS_ROW_FAILED)
        n = -1;
    rs_diag_swap(&seen, &stmt->head.diag);
    rs_diag_clear(&seen);
    return n;
}

/* ---- one row ---- */

static void load_made(struct rs_stmt *stmt, int64_t row)
{
    const struct rs_made_rows *made = &stmt->made;
    const struct rs_made_cell *cell = &made->cells[(size_t)(row - 1) * made->n_columns];

    for (size_t i = 0; i < stmt->columns.n; i++) {
        stmt->cells[i].n = cell[i].n;
        stmt->cells[i].p = cell[i].n <= 0 ? "" : made->bytes.p + cell[i].at;
    }
}

/* The bytes came from a row whose lengths were checked. */
static void load_kept(struct rs_stmt *stmt, const char *p)
{
    for (size_t i = 0; i < stmt->columns.n; i++) {
        struct rs_cell *cell = &stmt->cells[i];

        cell->n = (int32_t)rs_be32(p);
        cell->p = p + 4;
        p = cell->p + (cell->n > 0 ? cell->n : 0);
    }
}

bool rs_stored_load(struct rs_stmt *stmt, int64_t row, struct rs_diag *diag)
{
    struct rs_scroll *scroll = &stmt->scroll;
    struct rs_str bytes;

    if (scroll->loaded == row)
        return true;
    scroll->loaded = 0;
    if (stmt->is_made) {
        load_made(stmt, row);
    } else {
        if (!rs_keep_get(scroll->keep, row, &bytes, diag))
            return false;
        load_kept(stmt, bytes.p);
    }
    rs_bookmark_put(scroll->bookmark, row);
    stmt->cells[stmt->columns.n] = (struct rs_cell){ scroll->bookmark, sizeof scroll->bookmark };
    scroll->loaded = row;
    return true;
}

enum rs_row rs_stored_next(struct rs_stmt *stmt)
{
    struct rs_scroll *scroll = &stmt->scroll;
    enum rs_row got = rs_stored_need(stmt, scroll->next);

    if (got != RS_ROW_OK)
        return got;
    if (!rs_stored_load(stmt, scroll->next, &scroll->failure))
        return RS_ROW_FAILED;
    scroll->next++;
    return RS_ROW_OK;
}

/* ---- positions ---- */

struct target {
    enum { TO_ROW, TO_BEFORE, TO_AFTER, TO_FAILED } at;
    int64_t row;
    bool is_cut; /* 01S06: the rowset would have begun before the first row */
};

static const struct target before_start = { .at = TO_BEFORE };
static const struct target after_end = { .at = TO_AFTER };
static const struct target failed = { .at = TO_FAILED };

static struct target to_row(struct rs_stmt *stmt, int64_t row, bool is_cut)
{
    switch (rs_stored_need(stmt, row)) {
    case RS_ROW_OK:
        return (struct target){ .at = TO_ROW, .row = row, .is_cut = is_cut };
    case RS_ROW_END:
        return after_end;
    case RS_ROW_FAILED:
        break;
    }
    return failed;
}

/* Of numbers that an application makes up: past the ends there is nothing to tell apart. */
static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

static uint64_t magnitude(int64_t k)
{
    return k < 0 ? 0 - (uint64_t)k : (uint64_t)k;
}

/* Before the first row, but by no more than a rowset. */
static struct target to_first_if(struct rs_stmt *stmt, bool is_near)
{
    return is_near ? to_row(stmt, 1, true) : before_start;
}

static struct target to_next(struct rs_stmt *stmt)
{
    SQLULEN last = stmt->scroll.last_size;

    if (stmt->position == RS_POS_BEFORE)
        return to_row(stmt, 1, false);
    if (stmt->position == RS_POS_AFTER)
        return after_end;
    return to_row(stmt, add(stmt->row_number, last > INT64_MAX ? INT64_MAX : (int64_t)last), false);
}

/* The last rows, as many as the rowset has. */
static struct target to_last(struct rs_stmt *stmt, SQLULEN n, bool says_cut)
{
    int64_t rows;

    if (count_rows(stmt, &rows) == RS_ROW_FAILED)
        return failed;
    if (n <= (SQLULEN)rows)
        return to_row(stmt, rows - (int64_t)n + 1, false);
    return to_row(stmt, 1, says_cut);
}

static struct target to_prior(struct rs_stmt *stmt, SQLULEN n)
{
    int64_t s = stmt->row_number;

    if (stmt->position == RS_POS_AFTER)
        return to_last(stmt, n, true);
    if (stmt->position == RS_POS_BEFORE || s == 1)
        return before_start;
    if ((SQLULEN)s <= n)
        return to_row(stmt, 1, true);
    return to_row(stmt, s - (int64_t)n, false);
}

static struct target to_absolute(struct rs_stmt *stmt, SQLULEN n, int64_t k)
{
    int64_t rows;

    if (k > 0)
        return to_row(stmt, k, false);
    if (k == 0)
        return before_start;
    if (count_rows(stmt, &rows) == RS_ROW_FAILED)
        return failed;
    if (magnitude(k) <= (uint64_t)rows)
        return to_row(stmt, rows + k + 1, false);
    return to_first_if(stmt, magnitude(k) <= n);
}

static struct target to_relative(struct rs_stmt *stmt, SQLULEN n, int64_t k)
{
    int64_t s = stmt->row_number;

    if (stmt->position == RS_POS_BEFORE)
        return k > 0 ? to_absolute(stmt, n, k) : before_start;
    if (stmt->position == RS_POS_AFTER)
        return k < 0 ? to_absolute(stmt, n, k) : after_end;
    if (s == 1 && k < 0)
        return before_start;
    if (add(s, k) < 1)
        return to_first_if(stmt, magnitude(k) <= n);
    return to_row(stmt, add(s, k), false);
}

static struct target to_bookmark(struct rs_stmt *stmt, int64_t bookmark, int64_t k)
{
    int64_t row = add(bookmark, k);

    return row < 1 ? before_start : to_row(stmt, row, false);
}

static struct target find(struct rs_stmt *stmt, SQLULEN n, SQLSMALLINT orientation, int64_t k,
                          int64_t bookmark)
{
    switch (orientation) {
    case SQL_FETCH_FIRST:
        return to_row(stmt, 1, false);
    case SQL_FETCH_LAST:
        return to_last(stmt, n, false);
    case SQL_FETCH_PRIOR:
        return to_prior(stmt, n);
    case SQL_FETCH_ABSOLUTE:
        return to_absolute(stmt, n, k);
    case SQL_FETCH_RELATIVE:
        return to_relative(stmt, n, k);
    case SQL_FETCH_BOOKMARK:
        return to_bookmark(stmt, bookmark, k);
    default:
        return to_next(stmt);
    }
}

SQLRETURN rs_scroll(struct rs_stmt *stmt, const struct rs_rowset_out *out, SQLSMALLINT orientation,
                    SQLLEN offset, int64_t bookmark)
{
    struct target target = find(stmt, out->size, orientation, offset, bookmark);

    stmt->scroll.last_size = out->size;
    stmt->scroll.status = out->status;
    switch (target.at) {
    case TO_BEFORE:
        return rs_fetch_nothing(stmt, out, RS_POS_BEFORE);
    case TO_AFTER:
        return rs_fetch_nothing(stmt, out, RS_POS_AFTER);
    case TO_FAILED:
        return rs_fetch_fail(stmt);
    case TO_ROW:
        break;
    }
    if (target.is_cut)
        rs_warn(&stmt->head.diag, RS_01S06,
                "the rowset would begin before the first row; it begins with the first row");
    stmt->scroll.next = target.row;
    return rs_fetch_rowset(stmt, out, target.row);
}
