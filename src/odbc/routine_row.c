/*
 * What comes back from a call: one row of values for the parameters, then the rows of cursors.
 */
#include <string.h>

#include "binding.h"
#include "routine.h"
#include "scroll.h"

enum { OID_REFCURSOR = 1790, FETCH_MAX_BYTES = 1 << 20 };

/* ---- which column is whose ---- */

/* Without the catalog: every argument that comes back is a marker bound so. */
static size_t count_back(const struct rs_routine *routine)
{
    size_t n = 0;

    for (size_t i = 0; i < routine->n_markers; i++)
        n += routine->role[i] == RS_ROLE_INOUT || routine->role[i] == RS_ROLE_OUT;
    return n;
}

static bool facts_fit(const struct rs_stmt *stmt)
{
    const struct rs_routine_facts *facts = &stmt->routine->facts;

    return facts->is_known && facts->n_columns == stmt->columns.n;
}

/* Asks the catalog where the bindings cannot be all there is to it. */
static bool know_columns(struct rs_stmt *stmt)
{
    struct rs_routine *routine = stmt->routine;

    if (routine->is_function || facts_fit(stmt) || count_back(routine) == stmt->columns.n)
        return true;
    if (!rs_routine_look(stmt))
        return false;
    return facts_fit(stmt) ||
           rs_fail(
               &stmt->head.diag, RS_HY000, 0,
               "the procedure ran and gave %zu values, %zu parameters are bound for output, "
               "and the catalog does not tell which is whose: bind every INOUT and OUT argument",
               stmt->columns.n, count_back(routine));
}

/* The column for an argument of a procedure; *back counts those before it that come back. */
static size_t column_of_arg(const struct rs_stmt *stmt, size_t arg, enum rs_role role, size_t *back)
{
    if (facts_fit(stmt))
        return stmt->routine->facts.column[arg];
    if (role != RS_ROLE_INOUT && role != RS_ROLE_OUT)
        return RS_NO_COLUMN;
    return (*back)++;
}

/* ---- one value ---- */

static bool wants_value(const struct rs_bound_column *bound)
{
    return bound->ipd->parameter_type != SQL_PARAM_INPUT &&
           (bound->value != NULL || bound->len != NULL || bound->ind != NULL);
}

static void *element(const char *first, SQLULEN set, size_t step)
{
    return first == NULL ? NULL : (void *)((uintptr_t)first + set * step);
}

static struct rs_target target_of(const struct rs_bound_column *bound, SQLULEN set)
{
    const struct rs_desc_rec *rec = bound->apd;

    return (struct rs_target){
        .buf = element(bound->value, set, bound->value_step),
        .cap = rec->octet_length,
        .len = element(bound->len, set, bound->len_step),
        .ind = element(bound->ind, set, bound->len_step),
        .precision = rec->precision,
        .scale = rec->scale,
        .has_scale = rec->has_scale,
        .interval = bound->way.spec.c_type,
        .interval_precision = rec->has_interval_precision ? rec->interval_precision : 0,
    };
}

static enum rs_fit put_value(struct rs_stmt *stmt, const struct rs_bound_column *bound, SQLULEN set,
                             size_t column)
{
    const struct rs_column *from = &stmt->columns.at[column];
    rs_convert_fn *convert = rs_column_convert(from, bound->way.ctype);
    struct rs_target to = target_of(bound, set);
    bool had_bad = stmt->warned_utf8;
    enum rs_fit fit;

    if (stmt->cells[column].n < 0)
        return rs_convert_null(&to, &stmt->head.diag);
    if (convert == NULL) {
        rs_fail(&stmt->head.diag, RS_07006, 0, "a value of type %s cannot become C type %d",
                from->typed.type_name, bound->way.spec.c_type);
        return RS_FIT_FAILED;
    }
    to.keep_offset = from->typed.keep_offset;
    to.source_scale = rs_column_scale(from);
    to.bad_utf8 = &stmt->warned_utf8;
    fit = convert(stmt->cells[column], &to, &stmt->head.diag);
    if (stmt->warned_utf8 && !had_bad)
        rs_warn(&stmt->head.diag, RS_01000,
                "a text is not well-formed UTF-8; bad bytes are shown as U+FFFD");
    return fit;
}

/* The procedure gives nothing for it; that is said where there is a place to say it. */
static enum rs_fit put_nothing(const struct rs_bound_column *bound, SQLULEN set)
{
    struct rs_target to = target_of(bound, set);
    SQLLEN null = SQL_NULL_DATA;

    if (to.ind != NULL)
        memcpy(to.ind, &null, sizeof null);
    else if (to.len != NULL)
        memcpy(to.len, &null, sizeof null);
    return RS_FIT_EXACT;
}

static bool put_marker(struct rs_stmt *stmt, size_t marker, SQLULEN set, size_t column)
{
    const struct rs_bound_column *bound = &stmt->bound[marker];
    struct rs_diag *diag = &stmt->head.diag;
    size_t before = diag->n;
    enum rs_fit fit = RS_FIT_EXACT;

    if (!wants_value(bound))
        return true;
    fit = column < stmt->columns.n ? put_value(stmt, bound, set, column) : put_nothing(bound, set);
    rs_diag_place(diag, before, (int64_t)set + 1, (int32_t)marker + 1);
    return fit != RS_FIT_FAILED;
}

/* has_row: there is one in stmt->cells; else every parameter is told that it gets nothing. */
static bool put_row(struct rs_stmt *stmt, SQLULEN set, bool has_row)
{
    struct rs_routine *routine = stmt->routine;
    size_t back = 0;
    bool ok = true;

    if (has_row && !know_columns(stmt))
        return false;
    if (routine->is_function)
        return put_marker(stmt, 0, set, has_row ? 0 : RS_NO_COLUMN);
    for (size_t i = 0; i < routine->form.n; i++) {
        size_t marker = routine->form.arg[i].marker;
        enum rs_role role = marker == 0 ? RS_ROLE_IN : (enum rs_role)routine->role[marker - 1];
        size_t column = has_row ? column_of_arg(stmt, i, role, &back) : RS_NO_COLUMN;

        if (marker > 0 && !put_marker(stmt, marker - 1, set, column))
            ok = false;
    }
    return ok;
}

/* ---- cursors ---- */

/* FETCH ALL of every cursor that the row names; how many there are. */
static size_t add_fetches(const struct rs_stmt *stmt, struct rs_buf *out)
{
    size_t n = 0;

    for (size_t i = 0; i < stmt->columns.n; i++) {
        const struct rs_cell *cell = &stmt->cells[i];

        if (stmt->columns.at[i].type_oid != OID_REFCURSOR || cell->n < 0)
            continue;
        rs_buf_adds(out, n++ > 0 ? "; FETCH ALL FROM " : "FETCH ALL FROM ");
        rs_sql_ident(out, (struct rs_str){ cell->p, (size_t)cell->n });
    }
    return n;
}

/* Several are one message. Our own transaction ends with it: once the rows are read, or given up,
 * it is over. */
static enum rs_opened_result open_cursors(struct rs_stmt *stmt, const struct rs_run *run, size_t n,
                                          struct rs_buf *sql)
{
    struct rs_request request = { .kind = RS_REQ_SIMPLE,
                                  .deadline = run->deadline,
                                  .times_rows = stmt->dbc->settings.query_timeout_fetch,
                                  .owner = stmt };

    if (stmt->dbc->call_owner == stmt)
        rs_buf_adds(sql, "; COMMIT");
    request.sql = rs_buf_str(sql);
    if (!rs_buf_ok(sql, &stmt->head.diag) || !rs_stmt_start(stmt, &request))
        return rs_stmt_fail_result(stmt);
    stmt->is_batch = n > 1;
    return rs_stmt_open_next(stmt);
}

/* ---- the row ---- */

/* Reads the one row there is and what follows it; the cells stay. */
static bool read_row(struct rs_stmt *stmt, bool *has_row)
{
    struct rs_diag *diag = &stmt->head.diag;
    enum rs_row got = rs_exchange_row(stmt->exchange, stmt->cells, diag);

    *has_row = got == RS_ROW_OK;
    if (got == RS_ROW_FAILED)
        return false;
    stmt->cells_are_borrowed = *has_row;
    return rs_stmt_pin(stmt, diag) && rs_stmt_read_to_ready(stmt, NULL, diag);
}

/* The statement shows nothing of the row. */
static void hide_row(struct rs_stmt *stmt)
{
    rs_stored_close(stmt);
    stmt->is_described = false;
    rs_stmt_open_count(stmt, -1);
    rs_buf_clear(&stmt->pinned);
}

/* What the procedure did stands, though a value could not be handed over. */
static enum rs_opened_result finish(struct rs_stmt *stmt, bool ok)
{
    hide_row(stmt);
    if (!rs_dbc_end_call(stmt->dbc, &stmt->head.diag))
        return rs_stmt_fail_result(stmt);
    return ok ? RS_OPENED_COUNT : RS_OPENED_ERROR;
}

static enum rs_opened_result take_row(struct rs_stmt *stmt, const struct rs_run *run)
{
    struct rs_buf fetch = RS_BUF_INIT(FETCH_MAX_BYTES);
    enum rs_opened_result opened;
    bool has_row = false, ok;
    size_t n = 0;

    if (!read_row(stmt, &has_row))
        return rs_stmt_fail_result(stmt);
    ok = put_row(stmt, run->set, has_row);
    if (has_row && run->n_sets == 1 && rs_routine_has_cursors(stmt))
        n = add_fetches(stmt, &fetch);
    if (!ok || n == 0) {
        opened = finish(stmt, ok);
    } else {
        hide_row(stmt);
        opened = open_cursors(stmt, run, n, &fetch);
    }
    rs_buf_clear(&fetch);
    return opened;
}

enum rs_opened_result rs_routine_take(struct rs_stmt *stmt, struct rs_run *run,
                                      enum rs_opened_result opened)
{
    if (opened == RS_OPENED_ROWS) {
        if (rs_routine_takes_row(stmt) || rs_routine_has_cursors(stmt))
            return take_row(stmt, run);
        return opened;
    }
    if (!rs_dbc_end_call(stmt->dbc, &stmt->head.diag))
        return rs_stmt_fail_result(stmt);
    if (rs_routine_takes_row(stmt) && !put_row(stmt, run->set, false))
        return rs_stmt_fail_result(stmt);
    return opened;
}
