#include "pipeline.h"
#include "query.h"

enum {
    SENT_MOST = 1024,       /* sets sent and not answered; a power of two */
    SENT_LEAST = 512,       /* answers are awaited down to here */
    SEND_BYTES = 64 * 1024, /* one write */
    SEND_SETS = 256
};

/* The sets under way, in the order they were sent. */
struct pipe {
    struct rs_stmt *stmt;
    struct rs_run *run;
    struct rs_exchange *exchange;
    enum rs_step step; /* STOP: nothing more is added */
    bool is_skipping;  /* the server skips what was sent */
    size_t first, n, n_unsent;
    struct {
        SQLULEN set;
        bool has_warned;
    } sent[SENT_MOST];
};

static void push(struct pipe *pipe, SQLULEN set, bool has_warned)
{
    size_t at = (pipe->first + pipe->n++) % SENT_MOST;

    pipe->sent[at].set = set;
    pipe->sent[at].has_warned = has_warned;
    pipe->n_unsent++;
}

static void pop(struct pipe *pipe)
{
    pipe->first = (pipe->first + 1) % SENT_MOST;
    pipe->n--;
}

/* ---- answers ---- */

static void stop(struct pipe *pipe, enum rs_step step)
{
    if (step != RS_STEP_ON)
        pipe->step = RS_STEP_STOP;
}

/* The oldest set failed. Inside of a transaction the block has failed with it, though READY does
 * not say so yet. */
static void take_failure(struct pipe *pipe, struct rs_diag *told)
{
    SQLULEN set = pipe->sent[pipe->first].set;
    enum rs_outcome outcome = rs_array_judge(pipe->stmt, told);

    rs_diag_place(told, 0, (int64_t)set + 1, RS_ROW_UNKNOWN);
    rs_array_processed(pipe->stmt, set + 1);
    if (pipe->run->in_txn) {
        pipe->run->undone = true;
        pipe->is_skipping = true;
    }
    stop(pipe, rs_array_failed(pipe->stmt, pipe->run, set, outcome));
    pop(pipe);
}

/* What became of the sets that were not answered: nothing after an error inside of a transaction,
 * else nobody knows. */
static void take_end(struct pipe *pipe, bool is_lost)
{
    for (; pipe->n > 0; pop(pipe)) {
        bool is_unused = pipe->is_skipping && !is_lost;

        rs_array_status(pipe->stmt, pipe->sent[pipe->first].set,
                        is_unused ? SQL_PARAM_UNUSED : (SQLUSMALLINT)SQL_PARAM_DIAG_UNAVAILABLE);
        if (!is_unused)
            pipe->run->n_failed++;
    }
}

static void take_lost(struct pipe *pipe, struct rs_diag *told)
{
    if (pipe->n > 0 && !pipe->is_skipping)
        take_failure(pipe, told);
    else
        rs_diag_place(told, 0, RS_ROW_UNKNOWN, RS_ROW_UNKNOWN);
    pipe->run->broken = true;
    pipe->step = RS_STEP_STOP;
    take_end(pipe, true);
}

static enum rs_pipe_answer take_answer(struct pipe *pipe, bool may_wait)
{
    struct rs_diag told = { .n = 0 };
    int64_t count = -1;
    enum rs_pipe_answer answer = rs_pipe_next(pipe->exchange, may_wait, &count, &told);

    switch (answer) {
    case RS_PIPE_DONE:
        if (pipe->n == 0 || pipe->is_skipping)
            break;
        if (count > 0)
            pipe->run->total += count;
        rs_diag_place(&told, 0, (int64_t)pipe->sent[pipe->first].set + 1, RS_ROW_UNKNOWN);
        rs_array_processed(pipe->stmt, pipe->sent[pipe->first].set + 1);
        rs_array_good(pipe->stmt, pipe->run, pipe->sent[pipe->first].set,
                      pipe->sent[pipe->first].has_warned || told.n > 0);
        pop(pipe);
        break;
    case RS_PIPE_FAILED:
        if (pipe->n > 0 && !pipe->is_skipping)
            take_failure(pipe, &told);
        break;
    case RS_PIPE_LOST:
        take_lost(pipe, &told);
        break;
    case RS_PIPE_END:
        take_end(pipe, false);
        break;
    case RS_PIPE_NOTHING:
        break;
    }
    rs_diag_move(&pipe->stmt->head.diag, &told);
    rs_diag_clear(&told);
    return answer;
}

/* Reads what is there, and waits while too much is under way. */
static void take_some(struct pipe *pipe)
{
    enum rs_pipe_answer answer = RS_PIPE_DONE;

    while (pipe->n > 0 && (answer == RS_PIPE_DONE || answer == RS_PIPE_FAILED) &&
           !pipe->is_skipping)
        answer = take_answer(pipe, pipe->n > SENT_LEAST);
}

static void take_rest(struct pipe *pipe)
{
    enum rs_pipe_answer answer = RS_PIPE_DONE;

    while (answer == RS_PIPE_DONE || answer == RS_PIPE_FAILED)
        answer = take_answer(pipe, true);
}

/* ---- sending ---- */

static void sending_failed(struct pipe *pipe, struct rs_diag *told)
{
    take_lost(pipe, told);
    rs_diag_move(&pipe->stmt->head.diag, told);
}

static void send_some(struct pipe *pipe)
{
    struct rs_diag told = { .n = 0 };

    pipe->n_unsent = 0;
    if (rs_pipe_send(pipe->exchange, &told))
        take_some(pipe);
    else
        sending_failed(pipe, &told);
    rs_diag_clear(&told);
}

static void finish(struct pipe *pipe)
{
    struct rs_diag told = { .n = 0 };

    if (pipe->run->broken && pipe->n == 0)
        return;
    if (rs_pipe_finish(pipe->exchange, &told))
        take_rest(pipe);
    else
        sending_failed(pipe, &told);
    rs_diag_clear(&told);
}

/* Adds run->set. False: it wants data. */
static bool add_set(struct pipe *pipe)
{
    struct rs_stmt *stmt = pipe->stmt;
    struct rs_run *run = pipe->run;
    size_t before = stmt->head.diag.n;
    SQLULEN set = run->set;

    rs_buf_truncate(&stmt->wire_bytes, 0);
    switch (rs_bound_add(stmt, set, false)) {
    case RS_BOUND_WANTS_DATA:
        return false;
    case RS_BOUND_FAILED:
        stop(pipe, rs_array_bad_value(stmt, run, set));
        break;
    case RS_BOUND_OK:
        if (rs_pipe_add(pipe->exchange, rs_buf_str(&stmt->wire_bytes), &stmt->head.diag))
            push(pipe, set, stmt->head.diag.n > before);
        else
            stop(pipe, rs_array_bad_value(stmt, run, set));
        break;
    }
    run->set++;
    return true;
}

static bool wants_sending(const struct pipe *pipe)
{
    return pipe->n_unsent >= SEND_SETS || pipe->n == SENT_MOST ||
           rs_pipe_unsent(pipe->exchange) >= SEND_BYTES;
}

static void run_sets(struct pipe *pipe)
{
    struct rs_run *run = pipe->run;

    while (pipe->step == RS_STEP_ON && run->set < run->n_sets) {
        if (rs_array_is_cancelled(pipe->stmt, run)) {
            pipe->step = RS_STEP_STOP;
            break;
        }
        if (rs_array_skips(pipe->stmt, run))
            continue;
        if (!add_set(pipe))
            break;
        if (pipe->step == RS_STEP_ON && wants_sending(pipe))
            send_some(pipe);
    }
    finish(pipe);
}

static enum rs_step run_pipe(struct rs_stmt *stmt, struct rs_run *run)
{
    struct pipe *pipe = rs_new(struct pipe, &stmt->head.diag);
    struct rs_request request;
    SQLULEN first = run->set;
    enum rs_step step = RS_STEP_STOP;

    if (pipe == NULL)
        return rs_array_bad_value(stmt, run, run->set++);
    pipe->stmt = stmt;
    pipe->run = run;
    rs_stmt_request(stmt, run, &request);
    rs_cache_before(&stmt->dbc->catalog_cache, &stmt->sql);
    if (stmt->dbc->case_known)
        rs_query_before(stmt->dbc, &stmt->sql);
    if (!rs_pipe_start(stmt->dbc->session, &request, !run->in_txn, &pipe->exchange,
                       &stmt->head.diag)) {
        step = rs_array_failed(stmt, run, run->set++, RS_OUTCOME_FAILED);
        goto out;
    }
    run_sets(pipe);
    step = pipe->step;
    rs_exchange_free(pipe->exchange);
    rs_dbc_after_error(stmt->dbc, &stmt->head.diag);
    if (step == RS_STEP_ON && run->set == first) /* it wants data */
        step = rs_array_one(stmt, run);
out:
    rs_free(pipe);
    return step;
}

enum rs_step rs_pipeline_step(struct rs_stmt *stmt, struct rs_run *run)
{
    if (!rs_prepared_is_made(stmt->prepared) || run->set == 0 ||
        (run->in_txn && rs_session_txn(stmt->dbc->session) != RS_TXN_OPEN))
        return rs_array_one(stmt, run);
    return run_pipe(stmt, run);
}
