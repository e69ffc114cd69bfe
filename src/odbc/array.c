#include "array.h"

#include <string.h>

#include "need.h"
#include "pipeline.h"
#include "rows.h"
#include "scroll.h"

/* ---- what the application is told of a set ---- */

void rs_array_status(const struct rs_stmt *stmt, SQLULEN set, SQLUSMALLINT status)
{
    if (stmt->own_ipd.array_status_ptr != NULL)
        stmt->own_ipd.array_status_ptr[set] = status;
}

void rs_array_processed(const struct rs_stmt *stmt, SQLULEN n)
{
    if (stmt->own_ipd.rows_processed_ptr != NULL)
        *stmt->own_ipd.rows_processed_ptr = n;
}

/* A row status array can serve as operation array. */
static bool is_left_out(const struct rs_stmt *stmt, SQLULEN set)
{
    const SQLUSMALLINT *operation = stmt->apd->array_status_ptr;

    return operation != NULL && operation[set] != SQL_PARAM_PROCEED &&
           operation[set] != SQL_ROW_ADDED && operation[set] != SQL_ROW_SUCCESS_WITH_INFO;
}

bool rs_array_skips(struct rs_stmt *stmt, struct rs_run *run)
{
    if (!is_left_out(stmt, run->set))
        return false;
    rs_array_status(stmt, run->set++, SQL_PARAM_UNUSED);
    return true;
}

void rs_array_good(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set, bool has_warned)
{
    run->n_good++;
    rs_array_status(stmt, set, has_warned ? SQL_PARAM_SUCCESS_WITH_INFO : SQL_PARAM_SUCCESS);
}

enum rs_step rs_array_bad_value(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set)
{
    run->n_failed++;
    rs_array_status(stmt, set, SQL_PARAM_ERROR);
    return run->stops ? RS_STEP_STOP : RS_STEP_ON;
}

enum rs_step rs_array_after(struct rs_stmt *stmt, struct rs_run *run, enum rs_outcome outcome)
{
    if (run->in_txn && rs_session_txn(stmt->dbc->session) != RS_TXN_OPEN)
        run->undone = true;
    if (outcome == RS_OUTCOME_BROKEN)
        run->broken = true;
    return run->broken || run->in_txn || run->stops ||
                   rs_session_txn(stmt->dbc->session) != RS_TXN_IDLE
               ? RS_STEP_STOP
               : RS_STEP_ON;
}

enum rs_step rs_array_failed(struct rs_stmt *stmt, struct rs_run *run, SQLULEN set,
                             enum rs_outcome outcome)
{
    run->n_failed++;
    rs_array_status(stmt, set, SQL_PARAM_ERROR);
    return rs_array_after(stmt, run, outcome);
}

bool rs_array_is_cancelled(struct rs_stmt *stmt, struct rs_run *run)
{
    if (run->broken || run->set == run->n_sets ||
        !atomic_load_explicit(&stmt->is_cancelled, memory_order_relaxed))
        return false;
    run->n_failed++;
    run->broken = true;
    rs_fail(&stmt->head.diag, RS_HY008, 0, "the statement was canceled");
    return true;
}

/* ---- one set ---- */

enum rs_outcome rs_array_judge(struct rs_stmt *stmt, const struct rs_diag *told)
{
    if (rs_session_is_dead(stmt->dbc->session))
        return RS_OUTCOME_BROKEN;
    for (size_t i = 0; i < told->n; i++) {
        enum rs_state state = told->rec[i].state;

        if (told->rec[i].is_error &&
            (state == RS_HY008 || state == RS_HYT00 || state == RS_HYT01 || state == RS_08S01))
            return RS_OUTCOME_BROKEN;
    }
    return RS_OUTCOME_FAILED;
}

static bool run_to_end(struct rs_stmt *stmt, struct rs_run *run, struct rs_request *request)
{
    enum rs_opened_result opened = rs_stmt_run(stmt, run, request);

    if (opened == RS_OPENED_COUNT && stmt->row_count > 0)
        run->total += stmt->row_count;
    if (opened == RS_OPENED_ERROR)
        return false;
    if (run->n_sets == 1) /* it may leave its result open */
        return true;
    rs_stored_close(stmt);
    return stmt->exchange == NULL || rs_stmt_read_to_ready(stmt, &run->total, &stmt->head.diag);
}

enum rs_outcome rs_array_send(struct rs_stmt *stmt, struct rs_run *run, struct rs_request *request,
                              int64_t row, struct rs_diag *told)
{
    struct rs_diag before = { .n = 0 };
    enum rs_outcome outcome = RS_OUTCOME_GOOD;

    /* The records of the array may be full; these are looked at. */
    rs_diag_swap(&before, &stmt->head.diag);
    if (!run_to_end(stmt, run, request))
        outcome = rs_array_judge(stmt, &stmt->head.diag);
    if (run->n_sets > 1)
        rs_diag_place_rest(&stmt->head.diag, 0, row, RS_ROW_UNKNOWN);
    rs_diag_clear(told);
    rs_diag_swap(told, &stmt->head.diag);
    rs_diag_swap(&before, &stmt->head.diag);
    return outcome;
}

static enum rs_step run_encoded(struct rs_stmt *stmt, struct rs_run *run, bool has_warned)
{
    struct rs_diag told = { .n = 0 };
    struct rs_request request;
    enum rs_outcome outcome;

    rs_stmt_request(stmt, run, &request);
    outcome = rs_array_send(stmt, run, &request, (int64_t)run->set + 1, &told);
    has_warned = has_warned || told.n > 0;
    rs_diag_move(&stmt->head.diag, &told);
    rs_diag_clear(&told);
    if (outcome != RS_OUTCOME_GOOD)
        return rs_array_failed(stmt, run, run->set, outcome);
    rs_array_good(stmt, run, run->set, has_warned);
    return RS_STEP_ON;
}

enum rs_step rs_array_one(struct rs_stmt *stmt, struct rs_run *run)
{
    size_t before = stmt->head.diag.n;
    enum rs_step step = RS_STEP_ON;

    rs_array_processed(stmt, run->set + 1);
    if (rs_array_skips(stmt, run))
        return RS_STEP_ON;
    rs_buf_truncate(&stmt->wire_bytes, 0);
    switch (rs_bound_add(stmt, run->set, run->has_data)) {
    case RS_BOUND_WANTS_DATA:
        return RS_STEP_NEED;
    case RS_BOUND_FAILED:
        step = rs_array_bad_value(stmt, run, run->set);
        break;
    case RS_BOUND_OK:
        step = run_encoded(stmt, run, stmt->head.diag.n > before);
        break;
    }
    run->has_data = false;
    run->set++;
    return step;
}

/* ---- the whole array ---- */

bool rs_stmt_plan_sets(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_dbc *dbc = stmt->dbc;
    const char *errors = dbc->settings.param_errors;
    bool is_idle = rs_session_txn(dbc->session) == RS_TXN_IDLE;

    if (!rs_bound_open(stmt))
        return false;
    run->own_txn = dbc->settings.array_transaction && run->n_sets > 1 && is_idle &&
                   dbc->autocommit == SQL_AUTOCOMMIT_ON;
    run->in_txn = run->own_txn || dbc->autocommit != SQL_AUTOCOMMIT_ON || !is_idle;
    run->stops = errors == NULL ? run->in_txn : strcmp(errors, "stop") == 0;
    /* What was sent cannot be taken back. */
    run->by_pipe = dbc->settings.pipeline_params && run->n_sets > 1 &&
                   (run->in_txn || !run->stops) && stmt->routine == NULL;
    return run->n_sets == 1 || rs_rows_plan(stmt, run);
}

/* ArrayTransaction: all or nothing. */
static void end_own_txn(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_dbc *dbc = stmt->dbc;
    SQLSMALLINT how = run->n_failed > 0 ? SQL_ROLLBACK : SQL_COMMIT;

    if (run->n_failed > 0)
        run->undone = true;
    if (rs_session_is_dead(dbc->session) || rs_session_txn(dbc->session) == RS_TXN_IDLE)
        return;
    if (!rs_dbc_run_end(dbc, how, &stmt->head.diag)) {
        run->n_failed++;
        run->undone = true;
    }
}

void rs_stmt_drop_sets(struct rs_stmt *stmt, const struct rs_run *run)
{
    struct rs_run dropped = *run;

    dropped.n_failed++;
    if (run->own_txn && stmt->dbc->session != NULL)
        end_own_txn(stmt, &dropped);
}

static SQLRETURN finish(struct rs_stmt *stmt, struct rs_run *run)
{
    if (run->own_txn)
        end_own_txn(stmt, run);
    if (run->n_failed > 0 && (run->n_good == 0 || run->undone || run->broken)) {
        rs_stmt_after_failure(stmt);
        return SQL_ERROR;
    }
    if (run->n_sets == 1)
        return stmt->state == RS_S4_EXECUTED ? rs_stmt_count_result(stmt, stmt->row_count)
                                             : SQL_SUCCESS;
    rs_stmt_open_count(stmt, run->total);
    return run->n_failed > 0 ? SQL_SUCCESS : rs_stmt_count_result(stmt, run->total);
}

static enum rs_step step_on(struct rs_stmt *stmt, struct rs_run *run)
{
    if (run->has_data)
        return rs_array_one(stmt, run);
    if (run->by_rows)
        return rs_rows_step(stmt, run);
    if (run->by_pipe)
        return rs_pipeline_step(stmt, run);
    return rs_array_one(stmt, run);
}

SQLRETURN rs_stmt_run_sets(struct rs_stmt *stmt, struct rs_run *run)
{
    enum rs_step step = RS_STEP_ON;

    run->deadline = rs_stmt_deadline(stmt);
    atomic_store_explicit(&stmt->is_cancelled, false, memory_order_relaxed);
    while (step == RS_STEP_ON && run->set < run->n_sets && !rs_array_is_cancelled(stmt, run))
        step = step_on(stmt, run);
    if (step == RS_STEP_NEED)
        return rs_need_begin(stmt, run);
    for (SQLULEN set = run->set; set < run->n_sets; set++)
        rs_array_status(stmt, set, SQL_PARAM_UNUSED);
    return finish(stmt, run);
}
