#include "rows.h"

#include "multirow.h"

/* A set that is part of the INSERT being made. */
struct member {
    SQLULEN set;
    bool has_warned;
};

/* A statement on the server with k tuples. */
struct slot {
    size_t k;
    struct rs_prepared *prepared;
};

struct rs_rows {
    struct rs_multirow shape; /* all zero: of another shape */
    bool is_refused;          /* the server takes the sets one by one but not together */
    size_t most;              /* tuples of one statement */
    struct slot full, rest;
    struct member *member;
    size_t n, cap;
};

void rs_rows_free(struct rs_stmt *stmt)
{
    struct rs_rows *rows = stmt->rows;

    if (rows == NULL)
        return;
    if (stmt->dbc->session != NULL) {
        rs_prepared_free(stmt->dbc->session, rows->full.prepared);
        rs_prepared_free(stmt->dbc->session, rows->rest.prepared);
    }
    rs_multirow_clear(&rows->shape);
    rs_free(rows->member);
    rs_free(rows);
    stmt->rows = NULL;
}

static struct rs_str text_of(const struct rs_stmt *stmt)
{
    return (struct rs_str){ stmt->sql.text, stmt->sql.len };
}

static bool find_shape(struct rs_stmt *stmt)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_rows *rows;

    if (stmt->rows != NULL)
        return true;
    rows = rs_new(struct rs_rows, diag);
    if (rows == NULL)
        return false;
    if (!rs_multirow_find(text_of(stmt), rs_session_backslash_escapes(stmt->dbc->session),
                          stmt->sql.n_markers, &rows->shape, diag)) {
        rs_free(rows);
        return false;
    }
    if (rows->shape.n_markers > 0)
        rows->most = rs_multirow_most(text_of(stmt), &rows->shape,
                                      (size_t)stmt->dbc->settings.insert_batch_rows);
    stmt->rows = rows;
    return true;
}

bool rs_rows_plan(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_rows *rows;
    size_t need;

    if (!stmt->dbc->settings.multi_insert_cmd_convert_enable || stmt->sql.verb != RS_VERB_INSERT ||
        stmt->sql.n_statements != 1)
        return true;
    if (!find_shape(stmt))
        return false;
    rows = stmt->rows;
    if (rows->most < 2 || rows->is_refused)
        return true;
    need = run->n_sets < rows->most ? run->n_sets : rows->most;
    if (need > rows->cap) {
        struct member *grown = rs_realloc(rows->member, need, sizeof *grown, &stmt->head.diag);

        if (grown == NULL)
            return false;
        rows->member = grown;
        rows->cap = need;
    }
    run->by_rows = true;
    return true;
}

/* ---- collecting ---- */

enum filled { FILLED, FILLED_WANTS_DATA, FILLED_STOP };

/* Encodes sets from run->set on until the statement is full or the array is at its end. */
static enum filled fill(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_rows *rows = stmt->rows;

    rs_buf_truncate(&stmt->wire_bytes, 0);
    rows->n = 0;
    while (run->set < run->n_sets && rows->n < rows->cap && rows->n < rows->most &&
           stmt->wire_bytes.len < RS_MULTIROW_BYTES) {
        size_t before = stmt->head.diag.n;

        if (rs_array_skips(stmt, run))
            continue;
        switch (rs_bound_add(stmt, run->set, false)) {
        case RS_BOUND_OK:
            rows->member[rows->n++] = (struct member){ run->set++, stmt->head.diag.n > before };
            break;
        case RS_BOUND_WANTS_DATA:
            return FILLED_WANTS_DATA;
        case RS_BOUND_FAILED:
            if (rs_array_bad_value(stmt, run, run->set++) == RS_STEP_STOP)
                return FILLED_STOP;
            break;
        }
    }
    return FILLED;
}

/* ---- sending ---- */

/* The statement with k tuples: the one of full size stays, that of the rest is replaced. */
static struct slot *slot_for(struct rs_stmt *stmt, size_t k)
{
    struct rs_rows *rows = stmt->rows;
    struct slot *slot = k == rows->most ? &rows->full : &rows->rest;

    if (slot->k != k) {
        rs_prepared_free(stmt->dbc->session, slot->prepared);
        *slot = (struct slot){ .k = k };
    }
    return slot;
}

static enum rs_outcome send_members(struct rs_stmt *stmt, struct rs_run *run, struct rs_diag *told)
{
    struct rs_rows *rows = stmt->rows;
    struct rs_buf text = RS_BUF_INIT(RS_MULTIROW_BYTES);
    struct rs_request request;
    enum rs_outcome outcome = RS_OUTCOME_FAILED;
    int64_t row = RS_ROW_UNKNOWN;

    rs_stmt_request(stmt, run, &request);
    if (rows->n == 1) {
        row = (int64_t)rows->member[0].set + 1;
    } else {
        struct slot *slot = slot_for(stmt, rows->n);

        if (slot->prepared == NULL) /* it keeps its text */
            rs_multirow_write(text_of(stmt), &rows->shape, rows->n, &text);
        request.sql = rs_buf_str(&text);
        request.prepared = &slot->prepared;
        request.repeat = rows->n;
    }
    if (rs_buf_ok(&text, told))
        outcome = rs_array_send(stmt, run, &request, row, told);
    rs_buf_clear(&text);
    return outcome;
}

/* Every set alone; what they warn of has been told. */
static enum rs_step again_one_by_one(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_rows *rows = stmt->rows;
    SQLULEN after = run->set, failed_before = run->n_failed;
    enum rs_step step = RS_STEP_ON;

    for (size_t i = 0; i < rows->n && step == RS_STEP_ON; i++) {
        struct rs_diag told = { .n = 0 };
        struct rs_request request;
        struct member member = rows->member[i];
        size_t before = stmt->head.diag.n;
        enum rs_outcome outcome = RS_OUTCOME_FAILED;

        rs_buf_truncate(&stmt->wire_bytes, 0);
        run->set = member.set;
        if (rs_bound_add(stmt, member.set, false) == RS_BOUND_OK) {
            rs_diag_cut(&stmt->head.diag, before);
            rs_stmt_request(stmt, run, &request);
            outcome = rs_array_send(stmt, run, &request, (int64_t)member.set + 1, &told);
        }
        if (outcome == RS_OUTCOME_GOOD)
            rs_array_good(stmt, run, member.set, member.has_warned || told.n > 0);
        else
            step = rs_array_failed(stmt, run, member.set, outcome);
        rs_diag_move(&stmt->head.diag, &told);
        rs_diag_clear(&told);
        run->set++;
    }
    if (step == RS_STEP_ON)
        run->set = after;
    /* Several tuples are what the server refused. */
    if (run->n_failed == failed_before)
        rows->is_refused = true;
    run->by_rows = !rows->is_refused;
    return step;
}

/* Only what the server itself said of an atomic statement tells that nothing was done. */
static bool may_try_again(struct rs_stmt *stmt, const struct rs_run *run, enum rs_outcome outcome,
                          const struct rs_diag *told)
{
    if (outcome != RS_OUTCOME_FAILED || run->in_txn || stmt->rows->n == 1 ||
        rs_session_txn(stmt->dbc->session) != RS_TXN_IDLE)
        return false;
    for (size_t i = 0; i < told->n; i++) {
        if (told->rec[i].is_error && !told->rec[i].from_server)
            return false;
    }
    return true;
}

/* Nobody knows which set it was, nor, when the connection is lost, what became of them. */
static enum rs_step members_failed(struct rs_stmt *stmt, struct rs_run *run,
                                   enum rs_outcome outcome)
{
    struct rs_rows *rows = stmt->rows;
    SQLUSMALLINT status = rows->n == 1 ? SQL_PARAM_ERROR : (SQLUSMALLINT)SQL_PARAM_DIAG_UNAVAILABLE;

    for (size_t i = 0; i < rows->n; i++)
        rs_array_status(stmt, rows->member[i].set, status);
    run->n_failed += rows->n;
    return rs_array_after(stmt, run, outcome);
}

static enum rs_step run_members(struct rs_stmt *stmt, struct rs_run *run)
{
    struct rs_rows *rows = stmt->rows;
    struct rs_diag told = { .n = 0 };
    enum rs_outcome outcome = send_members(stmt, run, &told);
    enum rs_step step = RS_STEP_ON;

    if (may_try_again(stmt, run, outcome, &told)) {
        rs_diag_clear(&told);
        return again_one_by_one(stmt, run);
    }
    if (outcome == RS_OUTCOME_GOOD) {
        for (size_t i = 0; i < rows->n; i++)
            rs_array_good(stmt, run, rows->member[i].set, rows->member[i].has_warned);
    } else {
        step = members_failed(stmt, run, outcome);
    }
    rs_diag_move(&stmt->head.diag, &told);
    rs_diag_clear(&told);
    return step;
}

enum rs_step rs_rows_step(struct rs_stmt *stmt, struct rs_run *run)
{
    enum filled filled = fill(stmt, run);
    enum rs_step step = RS_STEP_ON;

    if (stmt->rows->n > 0)
        step = run_members(stmt, run);
    rs_array_processed(stmt, run->set);
    if (step != RS_STEP_ON || filled == FILLED)
        return step;
    return filled == FILLED_STOP ? RS_STEP_STOP : rs_array_one(stmt, run);
}
