/*
 * SQLPrepare, SQLExecute, SQLExecDirect, SQLMoreResults: from text and parameters to a result.
 * Source: odbc.md 1.4, 7, 18.
 */
#include "describe.h"
#include "execute.h"

#include <string.h>

#include "array.h"
#include "batch.h"
#include "escape.h"
#include "query.h"
#include "routine.h"
#include "rows.h"
#include "scroll.h"
#include "turn.h"

enum { SQL_TEXT_MAX = 1 << 26 };

/* ---- text ---- */

/* Takes the application's text over as the statement's; the old one is forgotten. */
static bool take_text(struct rs_stmt *stmt, struct rs_text text)
{
    struct rs_buf utf8 = RS_BUF_INIT(SQL_TEXT_MAX);
    struct rs_escape_rules rules = {
        .backslash_escapes = rs_session_backslash_escapes(stmt->dbc->session),
        .is_redshift = stmt->dbc->policy.is_redshift,
        .is_off = stmt->attrs.noscan == SQL_NOSCAN_ON,
    };
    struct rs_str sql;
    bool ok;

    rs_stmt_forget(stmt);
    ok = rs_text_view(text, &utf8, &sql, &stmt->head.diag) &&
         rs_escape_scan(sql, rules, &stmt->sql, &stmt->head.diag) && rs_routine_new(stmt);
    rs_buf_clear(&utf8);
    return ok;
}

/* HY009, HY090 do not lose an earlier preparation, so they come first. */
static bool may_take_text(struct rs_stmt *stmt, struct rs_text text)
{
    if (!rs_dbc_ready(stmt->dbc, &stmt->head.diag) || !rs_stmt_no_cursor(stmt))
        return false;
    if (text.p == NULL)
        return rs_fail(&stmt->head.diag, RS_HY009, 0, "no SQL text");
    if (text.n < 0 && text.n != SQL_NTS)
        return rs_fail(&stmt->head.diag, RS_HY090, 0, "text length %ld is negative", (long)text.n);
    return true;
}

SQLRETURN rs_stmt_prepare(struct rs_stmt *stmt, struct rs_text sql)
{
    const char *mode = stmt->dbc->settings.prepare_mode;
    size_t n;

    if (!may_take_text(stmt, sql) || !take_text(stmt, sql))
        return SQL_ERROR;
    stmt->is_prepared = true;
    /* Redshift cannot Parse it, and would abort the transaction that it needs. */
    stmt->goes_simply = stmt->dbc->policy.is_redshift && stmt->sql.n_markers == 0 &&
                        stmt->sql.verb == RS_VERB_DECLARE;
    stmt->state = RS_S2_PREPARED;
    if (stmt->attrs.enable_auto_ipd == SQL_TRUE || (mode != NULL && strcmp(mode, "eager") == 0)) {
        if (!rs_stmt_need_columns(stmt, &n)) {
            rs_stmt_forget(stmt);
            return SQL_ERROR;
        }
    }
    return SQL_SUCCESS;
}

/* ---- sending ---- */

/* SQL_ATTR_ACCESS_MODE takes effect before the next statement that opens no transaction midway. */
static bool apply_access_mode(struct rs_dbc *dbc, struct rs_diag *diag)
{
    bool read_only = dbc->access_mode == SQL_MODE_READ_ONLY;
    struct rs_str sql;

    if (dbc->access_mode_applied || rs_session_txn(dbc->session) != RS_TXN_IDLE)
        return true;
    if (dbc->policy.is_redshift)
        sql = read_only ? RS_STR("SET readonly TO 1") : RS_STR("SET readonly TO 0");
    else
        sql = read_only ? RS_STR("SET default_transaction_read_only TO on")
                        : RS_STR("SET default_transaction_read_only TO off");
    if (!rs_session_run(dbc->session, sql, RS_FOREVER, NULL, diag))
        return false;
    dbc->access_mode_applied = true;
    return true;
}

struct rs_deadline rs_stmt_deadline(const struct rs_stmt *stmt)
{
    return rs_deadline_in((int64_t)stmt->attrs.query_timeout_s * 1000);
}

bool rs_stmt_before_wire(struct rs_stmt *stmt)
{
    struct rs_dbc *dbc = stmt->dbc;

    return rs_dbc_claim(dbc, stmt, &stmt->head.diag) && apply_access_mode(dbc, &stmt->head.diag);
}

/* A statement that brings its own BEGIN, COMMIT or ROLLBACK gets none of ours in front. */
static const char *begin_for(struct rs_stmt *stmt, const struct rs_run *run)
{
    enum rs_verb verb = stmt->sql.verb;

    if (verb == RS_VERB_NONE || verb == RS_VERB_BEGIN || verb == RS_VERB_COMMIT ||
        verb == RS_VERB_ROLLBACK)
        return NULL;
    if ((run->own_txn || run->for_cursors) && rs_session_txn(stmt->dbc->session) == RS_TXN_IDLE)
        return rs_dbc_begin_text(stmt->dbc);
    return rs_dbc_begin(stmt->dbc);
}

/* Types to declare. When they changed since the server parsed the statement, it parses anew. */
static bool declare_types(struct rs_stmt *stmt)
{
    size_t n = rs_stmt_n_sent(stmt);
    uint32_t few[16], *types;

    if (n == 0)
        return true;
    if (n <= RS_COUNT(few) && stmt->parsed_types != NULL) { /* mostly nothing changed */
        rs_bound_types(stmt, few);
        if (memcmp(few, stmt->parsed_types, n * sizeof *few) == 0)
            return true;
    }
    types = rs_alloc(n, sizeof *types, &stmt->head.diag);
    if (types == NULL)
        return false;
    rs_bound_types(stmt, types);
    if (stmt->parsed_types != NULL && memcmp(types, stmt->parsed_types, n * sizeof *types) == 0) {
        rs_free(types);
        return true;
    }
    if (stmt->prepared != NULL) {
        rs_prepared_free(stmt->dbc->session, stmt->prepared);
        stmt->prepared = NULL;
    }
    rs_rows_free(stmt);
    rs_free(stmt->parsed_types);
    stmt->parsed_types = types;
    return true;
}

void rs_stmt_request(struct rs_stmt *stmt, const struct rs_run *run, struct rs_request *out)
{
    bool is_prepared = stmt->is_prepared && !stmt->goes_simply;
    bool is_extended = is_prepared || stmt->sql.n_markers > 0;

    *out = (struct rs_request){
        .kind = is_extended ? RS_REQ_EXTENDED : RS_REQ_SIMPLE,
        .sql = rs_stmt_sent_text(stmt),
        .prepared = is_prepared || run->n_sets > 1 ? &stmt->prepared : NULL,
        .params = stmt->wire,
        .n_params = rs_stmt_n_sent(stmt),
        .values = rs_buf_str(&stmt->wire_bytes),
        .forms =
            is_prepared && stmt->routine == NULL ? rs_stmt_forms(stmt) : (struct rs_str){ NULL, 0 },
        .deadline = run->deadline,
        .times_rows = stmt->dbc->settings.query_timeout_fetch,
        .owner = stmt,
    };
}

static bool start(struct rs_stmt *stmt, const struct rs_request *request)
{
    rs_cache_before(&stmt->dbc->catalog_cache, &stmt->sql);
    if (stmt->dbc->case_known)
        rs_query_before(stmt->dbc, &stmt->sql);
    if (stmt->dbc->log.sql)
        RS_LOG(&stmt->dbc->log, RS_LOG_DEBUG, "sql", "%.*s", RS_ARG(request->sql));
    return rs_exchange_start(stmt->dbc->session, request, &stmt->exchange, &stmt->head.diag);
}

bool rs_stmt_start(struct rs_stmt *stmt, const struct rs_request *request)
{
    return rs_stmt_before_wire(stmt) && start(stmt, request);
}

/* Without autocommit the statements behind a COMMIT of the batch are in a transaction, too. */
static bool look_at_batch(struct rs_stmt *stmt, struct rs_request *request, struct rs_buf *spliced)
{
    bool is_manual = stmt->dbc->autocommit == SQL_AUTOCOMMIT_OFF;
    struct rs_batch batch;

    if (request->kind != RS_REQ_SIMPLE)
        return true;
    batch = rs_batch_scan(request->sql, rs_session_backslash_escapes(stmt->dbc->session),
                          is_manual ? rs_dbc_begin_text(stmt->dbc) : NULL, spliced);
    request->moves_txn = batch.moves_txn;
    if (!is_manual || batch.n_begun == 0)
        return true;
    request->sql = rs_buf_str(spliced);
    request->is_spliced = true;
    return rs_buf_ok(spliced, &stmt->head.diag);
}

static bool send(struct rs_stmt *stmt, const struct rs_run *run, struct rs_request *request)
{
    struct rs_buf spliced = RS_BUF_INIT(SQL_TEXT_MAX);
    bool ok = rs_stmt_before_wire(stmt);

    if (ok)
        request->begin = begin_for(stmt, run);
    request->moves_txn = stmt->sql.verb == RS_VERB_CALL; /* a procedure may commit */
    ok = ok && (stmt->sql.n_statements <= 1 || look_at_batch(stmt, request, &spliced)) &&
         start(stmt, request);
    rs_buf_clear(&spliced);
    if (!ok)
        return false;
    stmt->is_batch = stmt->sql.n_statements > 1;
    if (run->for_cursors && request->begin != NULL)
        stmt->dbc->call_owner = stmt;
    return true;
}

/* ---- results ---- */

static void end_exchange(struct rs_stmt *stmt)
{
    rs_exchange_free(stmt->exchange);
    stmt->exchange = NULL;
}

static bool take_columns(struct rs_stmt *stmt, const struct rs_shape *shape)
{
    if (shape == NULL)
        return true;
    if (rs_columns_fit(&stmt->columns, shape)) {
        if (rs_columns_take_forms(&stmt->columns, shape))
            stmt->columns_change++;
        return true;
    }
    if (rs_columns_fit(&stmt->kept, shape)) {
        rs_columns_clear(&stmt->columns);
        stmt->columns = stmt->kept;
        stmt->kept = (struct rs_columns){ .n = 0 };
        if (rs_columns_take_forms(&stmt->columns, shape) ||
            stmt->kept_change != stmt->columns_change)
            stmt->columns_change++;
        return true;
    }
    stmt->columns_change++;
    return rs_columns_from(&stmt->columns, shape, &stmt->dbc->policy, &stmt->head.diag);
}

/* A result with rows is open: the cursor stands before its first row. */
static bool open_rows(struct rs_stmt *stmt, const struct rs_shape *shape)
{
    if (!rs_exchange_first(stmt->exchange, &stmt->head.diag) || !take_columns(stmt, shape) ||
        !rs_stmt_need_cells(stmt, &stmt->head.diag))
        return false;
    if (stmt->is_prepared)
        stmt->is_described = stmt->routine == NULL;
    stmt->state = RS_S5_OPEN;
    stmt->position = RS_POS_BEFORE;
    stmt->row_number = 0;
    stmt->rowset_rows = 0;
    stmt->row_count = -1;
    stmt->fetch_failed = false;
    rs_stored_open(stmt);
    return true;
}

void rs_stmt_open_count(struct rs_stmt *stmt, int64_t count)
{
    if (!(stmt->is_prepared && stmt->is_described))
        rs_stmt_drop_columns(stmt);
    stmt->state = RS_S4_EXECUTED;
    stmt->row_count = count;
    stmt->has_row_count = count >= 0;
}

bool rs_stmt_read_to_ready(struct rs_stmt *stmt, int64_t *total, struct rs_diag *diag)
{
    struct rs_reply reply;
    bool ok = true;

    while (rs_exchange_next(stmt->exchange, &reply, diag)) {
        if (reply.kind == RS_EVENT_READY) {
            end_exchange(stmt);
            return ok;
        }
        if (reply.kind == RS_EVENT_ERROR)
            ok = false;
        if (reply.kind == RS_EVENT_COMMAND && reply.count > 0 && total != NULL)
            *total += reply.count;
    }
    end_exchange(stmt);
    return false;
}

enum rs_opened_result rs_stmt_fail_result(struct rs_stmt *stmt)
{
    struct rs_dbc *dbc = stmt->dbc;

    if (stmt->exchange != NULL)
        end_exchange(stmt);
    if (dbc->call_owner == stmt)
        (void)rs_dbc_end_call(dbc, &stmt->head.diag);
    rs_dbc_after_error(dbc, &stmt->head.diag);
    return RS_OPENED_ERROR;
}

/*
 * Goes to the next result that ODBC shows: rows, or a count. Statements with neither (SET, DDL)
 * are passed over, unless nothing else comes; the command that ends a result with rows is its own.
 */
enum rs_opened_result rs_stmt_open_next(struct rs_stmt *stmt)
{
    bool behind_rows = rs_stmt_has_cursor(stmt);
    struct rs_reply reply;

    while (rs_exchange_next(stmt->exchange, &reply, &stmt->head.diag)) {
        switch (reply.kind) {
        case RS_EVENT_ROWS:
            return open_rows(stmt, reply.shape) ? RS_OPENED_ROWS : rs_stmt_fail_result(stmt);
        case RS_EVENT_COMMAND:
            if (behind_rows) {
                behind_rows = false;
                break;
            }
            if (reply.count < 0)
                break;
            rs_stmt_open_count(stmt, reply.count);
            if (stmt->is_batch)
                return RS_OPENED_COUNT;
            return rs_stmt_read_to_ready(stmt, NULL, &stmt->head.diag) ? RS_OPENED_COUNT
                                                                       : rs_stmt_fail_result(stmt);
        case RS_EVENT_READY:
            end_exchange(stmt);
            return RS_OPENED_NONE;
        case RS_EVENT_ERROR:
            return rs_stmt_fail_result(stmt);
        case RS_EVENT_EMPTY:
        case RS_EVENT_PARAMS:
        case RS_EVENT_NODATA:
            break;
        }
    }
    return rs_stmt_fail_result(stmt);
}

static bool is_refused(const struct rs_diag *diag)
{
    for (size_t i = 0; i < diag->n; i++)
        if (diag->rec[i].is_error && diag->rec[i].from_server)
            return true;
    return false;
}

/* A line that fails here has delivered all rows: the next call that needs it says so. */
bool rs_stmt_end_rows(struct rs_stmt *stmt)
{
    size_t before = stmt->late.n;

    if (stmt->exchange == NULL || stmt->is_batch)
        return true;
    if (!rs_stmt_read_to_ready(stmt, NULL, &stmt->late)) {
        if (is_refused(&stmt->late))
            return false;
        rs_diag_cut(&stmt->late, before);
    }
    if (stmt->late.n > 0)
        rs_diag_move(&stmt->head.diag, &stmt->late);
    return true;
}

bool rs_stmt_cannot_be_parsed(const struct rs_stmt *stmt, size_t from)
{
    const struct rs_diag *diag = &stmt->head.diag;

    if (!stmt->dbc->policy.is_redshift || !stmt->is_prepared || stmt->sql.n_markers > 0 ||
        rs_prepared_is_made(stmt->prepared) || rs_session_is_dead(stmt->dbc->session))
        return false;
    for (size_t i = from; i < diag->n; i++)
        if (diag->rec[i].is_error && diag->rec[i].from_server && diag->rec[i].state == RS_HYC00)
            return true;
    return false;
}

static enum rs_opened_result send_and_open(struct rs_stmt *stmt, const struct rs_run *run,
                                           struct rs_request *request)
{
    return send(stmt, run, request) ? rs_stmt_open_next(stmt) : rs_stmt_fail_result(stmt);
}

/*
 * What the server cannot Parse goes as plain text from now on (redshift.md 12): at once where no
 * transaction was open before, so that nothing is lost by the first try.
 */
static enum rs_opened_result first_result(struct rs_stmt *stmt, const struct rs_run *run,
                                          struct rs_request *request)
{
    struct rs_session *session = stmt->dbc->session;
    bool was_idle = rs_session_txn(session) == RS_TXN_IDLE;
    size_t before = stmt->head.diag.n;
    enum rs_opened_result opened = send_and_open(stmt, run, request);

    if (opened != RS_OPENED_ERROR || request->kind != RS_REQ_EXTENDED ||
        !rs_stmt_cannot_be_parsed(stmt, before))
        return opened;
    stmt->goes_simply = true;
    if (!was_idle)
        return opened;
    if (rs_session_txn(session) == RS_TXN_FAILED &&
        !rs_session_run(session, RS_STR("ROLLBACK"), run->deadline, NULL, &stmt->head.diag))
        return opened;
    rs_diag_cut(&stmt->head.diag, before);
    rs_stmt_request(stmt, run, request);
    return send_and_open(stmt, run, request);
}

enum rs_opened_result rs_stmt_run(struct rs_stmt *stmt, struct rs_run *run,
                                  struct rs_request *request)
{
    enum rs_opened_result opened = first_result(stmt, run, request);

    if (opened == RS_OPENED_NONE)
        rs_stmt_open_count(stmt, -1);
    if (stmt->routine != NULL && opened != RS_OPENED_ERROR)
        return rs_routine_take(stmt, run, opened);
    return opened;
}

void rs_stmt_after_failure(struct rs_stmt *stmt)
{
    if (stmt->is_prepared)
        rs_stmt_close(stmt);
    else
        rs_stmt_forget(stmt);
}

SQLRETURN rs_stmt_count_result(const struct rs_stmt *stmt, int64_t count)
{
    bool is_dml = stmt->sql.verb == RS_VERB_INSERT || stmt->sql.verb == RS_VERB_UPDATE ||
                  stmt->sql.verb == RS_VERB_DELETE;

    return is_dml && count == 0 && stmt->sql.n_statements == 1 && !rs_stmt_is_v2(stmt)
               ? SQL_NO_DATA
               : SQL_SUCCESS;
}

static SQLRETURN run_all(struct rs_stmt *stmt)
{
    struct rs_run run = { .n_sets = stmt->sql.n_markers > 0 ? stmt->apd->array_size : 1 };
    bool is_kept = rs_bound_is_kept(stmt);

    if (!rs_dbc_know_txn(stmt->dbc, &stmt->head.diag))
        return SQL_ERROR;
    if ((!is_kept && !rs_bound_all(stmt)) || !rs_stored_may_open(stmt))
        return SQL_ERROR;
    if (run.n_sets > 1 && stmt->sql.verb == RS_VERB_SELECT) {
        rs_fail(&stmt->head.diag, RS_HYC00, 0,
                "a query cannot be executed with an array of parameters (SQL_PAS_NO_SELECT)");
        return SQL_ERROR;
    }
    if (stmt->routine != NULL) {
        if (!rs_routine_plan(stmt, &run))
            return SQL_ERROR;
        is_kept = rs_bound_is_kept(stmt);
    }
    if ((!is_kept && !declare_types(stmt)) || !rs_stmt_plan_sets(stmt, &run))
        return SQL_ERROR;
    return rs_stmt_run_sets(stmt, &run);
}

SQLRETURN rs_stmt_exec_direct(struct rs_stmt *stmt, struct rs_text sql)
{
    SQLRETURN rc;

    if (!may_take_text(stmt, sql))
        return SQL_ERROR;
    if (!take_text(stmt, sql)) {
        rs_stmt_forget(stmt);
        return SQL_ERROR;
    }
    rc = run_all(stmt);
    if (rc == SQL_ERROR && stmt->state == RS_S1_ALLOCATED)
        rs_stmt_forget(stmt);
    return rc;
}

SQLRETURN rs_stmt_execute(struct rs_stmt *stmt)
{
    if (!rs_dbc_ready(stmt->dbc, &stmt->head.diag))
        return SQL_ERROR;
    if (!stmt->is_prepared) {
        rs_fail(&stmt->head.diag, RS_HY010, 0, "no statement is prepared");
        return SQL_ERROR;
    }
    if (!rs_stmt_no_cursor(stmt))
        return SQL_ERROR;
    rs_stmt_close(stmt);
    return run_all(stmt);
}

SQLRETURN rs_stmt_more_results(struct rs_stmt *stmt)
{
    enum rs_opened_result opened;

    if (stmt->state < RS_S4_EXECUTED)
        return SQL_NO_DATA;
    if (stmt->exchange == NULL) {
        rs_stmt_close(stmt);
        return SQL_NO_DATA;
    }
    stmt->cells_are_borrowed = false;
    stmt->rowset.n_rows = 0;
    stmt->n_ready = 0;
    stmt->piece_of = 0;
    rs_stored_close(stmt);
    rs_diag_clear(&stmt->late);
    opened = rs_stmt_open_next(stmt);
    if (opened == RS_OPENED_NONE) {
        rs_stmt_close(stmt);
        return SQL_NO_DATA;
    }
    if (opened == RS_OPENED_ERROR) {
        rs_stmt_after_failure(stmt);
        return SQL_ERROR;
    }
    return SQL_SUCCESS;
}

SQLRETURN rs_stmt_row_count(struct rs_stmt *stmt, SQLLEN *out)
{
    if (stmt->state < RS_S4_EXECUTED) {
        rs_fail(&stmt->head.diag, RS_HY010, 0, "the statement has not been executed");
        return SQL_ERROR;
    }
    rs_turn_regain(stmt);
    if (out != NULL)
        *out = rs_stmt_has_cursor(stmt) && stmt->is_stored ? (SQLLEN)rs_stored_rows(stmt)
                                                           : (SQLLEN)stmt->row_count;
    return SQL_SUCCESS;
}

/* ---- the driver's own rows ---- */

SQLRETURN rs_stmt_open_made(struct rs_stmt *stmt, struct rs_made_rows *rows,
                            struct rs_columns *columns)
{
    rs_stmt_forget(stmt);
    stmt->made = *rows;
    stmt->columns = *columns;
    *rows = (struct rs_made_rows){ .n_columns = 0 };
    *columns = (struct rs_columns){ .n = 0 };
    stmt->columns_change++;
    stmt->is_made = stmt->is_catalog = true;
    rs_stored_open(stmt);
    if (!rs_stored_may_open(stmt) || !rs_stmt_need_cells(stmt, &stmt->head.diag)) {
        rs_stmt_forget(stmt);
        return SQL_ERROR;
    }
    stmt->state = RS_S5_OPEN;
    return SQL_SUCCESS;
}
