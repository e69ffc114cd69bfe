#include "turn.h"

#include <assert.h>
#include <string.h>

#include "execute.h"

struct rs_turn {
    struct rs_stmt *stmt;
    struct rs_task *task;
    const struct rs_core *core; /* NULL: no call */
    SQLRETURN rc;
    bool is_running; /* the task has its turn */
    bool is_done;    /* it has ended, nobody has been told */
    /* the statement's, while the call is paused or its end untold */
    enum rs_stmt_state state;
    size_t n_ready;
    struct rs_diag diag;
    /* of the first call: those of a poll are not looked at */
    max_align_t args[RS_CORE_ARGS_MAX / sizeof(max_align_t)];
};

/* ---- one turn ---- */

/* To everybody else the statement is in a polled call and shows nothing of it. */
static void hide(struct rs_turn *turn)
{
    turn->state = turn->stmt->state;
    turn->n_ready = turn->stmt->n_ready;
    turn->stmt->state = RS_S11_POLLED;
    turn->stmt->dbc->n_polled++;
    turn->stmt->n_ready = 0;
    rs_diag_swap(&turn->stmt->head.diag, &turn->diag);
}

static void show(struct rs_turn *turn)
{
    turn->stmt->state = turn->state;
    turn->stmt->dbc->n_polled--;
    turn->stmt->n_ready = turn->n_ready;
    rs_diag_swap(&turn->stmt->head.diag, &turn->diag);
}

static void pause_on_wire(void *p)
{
    struct rs_turn *turn = p;
    struct rs_dbc *dbc = turn->stmt->dbc;

    dbc->paused = turn->stmt;
    rs_task_pause(turn->task);
    dbc->paused = NULL;
}

static bool wait_for_wire(struct rs_stmt *stmt, bool for_own, struct rs_diag *diag);

static void work(void *p)
{
    struct rs_turn *turn = p;
    struct rs_stmt *stmt = turn->stmt;

    turn->rc =
        wait_for_wire(stmt, true, &stmt->head.diag) ? turn->core->run(stmt, turn->args) : SQL_ERROR;
}

/* Runs until the end or the next pause. */
static void run(struct rs_turn *turn, bool is_first)
{
    struct rs_session *session = turn->stmt->dbc->session;
    struct rs_pause own = { pause_on_wire, turn };
    struct rs_pause before = rs_session_set_pause(session, own);

    turn->is_running = true;
    turn->is_done = is_first ? rs_task_start(turn->task, work, turn) : rs_task_resume(turn->task);
    turn->is_running = false;
    (void)rs_session_set_pause(session, before);
}

static void go_on(struct rs_turn *turn)
{
    show(turn);
    run(turn, false);
    hide(turn);
}

/* ---- who has the wire ---- */

static void set_waiter(struct rs_dbc *dbc, const struct rs_stmt *stmt)
{
    rs_lock(&dbc->cancel_lock);
    dbc->waiter = stmt;
    dbc->waiter_stop = false;
    rs_unlock(&dbc->cancel_lock);
}

static bool is_stopped(struct rs_dbc *dbc)
{
    bool stopped;

    rs_lock(&dbc->cancel_lock);
    stopped = dbc->waiter_stop;
    rs_unlock(&dbc->cancel_lock);
    return stopped;
}

/* Gives the paused call time: in a polled call until the next poll, else until something comes. */
static bool wait_a_while(struct rs_dbc *dbc, struct rs_stmt *stmt, struct rs_deadline deadline,
                         struct rs_diag *diag)
{
    bool is_polled = stmt != NULL && stmt->turn != NULL && stmt->turn->is_running;

    if (is_polled) {
        rs_task_pause(stmt->turn->task);
        if (atomic_load(&stmt->is_cancelled))
            return rs_fail(diag, RS_HY008, 0, "the statement was canceled");
    }
    if (rs_deadline_passed(deadline) ||
        (!is_polled && rs_session_await(dbc->session, deadline) == RS_WAIT_DEADLINE))
        return rs_fail(diag, RS_HYT00, 0,
                       "query timeout expired while another statement of the connection was "
                       "executing");
    if (!is_polled && is_stopped(dbc))
        return rs_fail(diag, RS_HY008, 0, "the statement was canceled");
    return true;
}

static bool drive(struct rs_dbc *dbc, struct rs_stmt *stmt, bool for_own, struct rs_diag *diag)
{
    struct rs_deadline deadline = stmt == NULL ? RS_FOREVER : rs_stmt_deadline(stmt);
    bool ok = true;

    while (ok && dbc->paused != NULL && dbc->paused != stmt &&
           (!for_own || (stmt->exchange != NULL && rs_exchange_is_live(stmt->exchange)))) {
        if (rs_turn_drop_lost(dbc->paused))
            continue;
        if (rs_session_stays_paused(dbc->session))
            ok = wait_a_while(dbc, stmt, deadline, diag);
        else
            go_on(dbc->paused->turn);
    }
    return ok;
}

static bool wait_in_turn(struct rs_dbc *dbc, struct rs_stmt *stmt, bool for_own,
                         struct rs_diag *diag)
{
    bool ok;

    if (stmt != NULL && stmt->turn != NULL && stmt->turn->is_running)
        return drive(dbc, stmt, for_own, diag);
    set_waiter(dbc, stmt);
    ok = drive(dbc, stmt, for_own, diag);
    set_waiter(dbc, NULL);
    return ok;
}

static bool wait_for_wire(struct rs_stmt *stmt, bool for_own, struct rs_diag *diag)
{
    return stmt->dbc->paused == NULL || wait_in_turn(stmt->dbc, stmt, for_own, diag);
}

bool rs_turn_wait(struct rs_dbc *dbc, struct rs_stmt *for_whom, struct rs_diag *diag)
{
    return wait_in_turn(dbc, for_whom, false, diag);
}

void rs_turn_wait_own(struct rs_stmt *stmt)
{
    struct rs_dbc *dbc = stmt->dbc;

    while (dbc->paused != NULL && dbc->paused != stmt && stmt->exchange != NULL &&
           rs_exchange_is_live(stmt->exchange) && !rs_turn_drop_lost(dbc->paused) &&
           rs_session_await(dbc->session, RS_FOREVER) != RS_WAIT_DEADLINE)
        go_on(dbc->paused->turn);
}

/* ---- beginning ---- */

/* The fetch of one row that lies in the buffer: it cannot wait, and comes by the million. */
static bool has_next_row(const struct rs_stmt *stmt)
{
    return !stmt->is_stored && stmt->ard->array_size == 1 && stmt->row_limit == INT64_MAX &&
           rs_exchange_has_row(stmt->exchange);
}

static bool needs_server(const struct rs_stmt *stmt, const struct rs_core *core)
{
    switch (core->needs) {
    case RS_CORE_ANY:
        break;
    case RS_CORE_ONCE:
        return false;
    case RS_CORE_ROWS:
        if (stmt->dbc->paused != NULL)
            break;
        return stmt->exchange != NULL &&
               !(core->function == SQL_API_SQLFETCH && has_next_row(stmt));
    }
    return true;
}

/* NULL: no memory or no thread. The call is then made at once, which ODBC leaves to the driver. */
static struct rs_turn *need_turn(struct rs_stmt *stmt)
{
    struct rs_turn *turn = stmt->turn;

    if (turn == NULL) {
        turn = rs_new(struct rs_turn, NULL);
        if (turn == NULL)
            return NULL;
        turn->stmt = stmt;
        stmt->turn = turn;
    }
    if (turn->task != NULL && rs_task_is_lost(turn->task)) {
        rs_task_free(turn->task);
        turn->task = NULL;
    }
    if (turn->task == NULL)
        turn->task = rs_task_new();
    return turn->task == NULL ? NULL : turn;
}

static SQLRETURN begin(struct rs_stmt *stmt, const struct rs_core *core, const void *args)
{
    struct rs_turn *turn = NULL;

    if (stmt->attrs.async != SQL_ASYNC_ENABLE_OFF && stmt->dbc->session != NULL &&
        needs_server(stmt, core))
        turn = need_turn(stmt);
    if (turn == NULL)
        return wait_for_wire(stmt, true, &stmt->head.diag) ? core->run(stmt, args) : SQL_ERROR;
    assert(core->args_size <= sizeof turn->args);
    if (core->args_size > 0)
        memcpy(turn->args, args, core->args_size);
    turn->core = core;
    atomic_store(&stmt->is_cancelled, false);
    run(turn, true);
    if (!turn->is_done) {
        hide(turn);
        return SQL_STILL_EXECUTING;
    }
    turn->core = NULL;
    return turn->rc;
}

/* ---- polling ---- */

static SQLRETURN poll_call(struct rs_turn *turn)
{
    struct rs_dbc *dbc = turn->stmt->dbc;
    bool has_wire = dbc->paused == turn->stmt;

    if (!turn->is_done && !(has_wire && rs_session_stays_paused(dbc->session)))
        go_on(turn);
    if (!turn->is_done)
        return SQL_STILL_EXECUTING;
    show(turn);
    turn->core = NULL;
    return turn->rc;
}

bool rs_turn_drop_lost(struct rs_stmt *stmt)
{
    struct rs_turn *turn = stmt->turn;

    if (stmt->state != RS_S11_POLLED || !rs_task_is_lost(turn->task))
        return false;
    show(turn);
    if (stmt->dbc->paused == stmt)
        stmt->dbc->paused = NULL;
    turn->core = NULL;
    return true;
}

SQLRETURN rs_turn_take(struct rs_stmt *stmt, const struct rs_core *core, const void *args)
{
    bool is_polled = stmt->state == RS_S11_POLLED && stmt->turn->core->function == core->function;

    if (is_polled && rs_turn_drop_lost(stmt)) {
        rs_fail(&stmt->head.diag, RS_08S01, 0,
                "the call was begun in the process this one was forked from");
        return SQL_ERROR;
    }
    if (is_polled)
        return poll_call(stmt->turn);
    if (!(core->in_need_data && stmt->state == RS_S8_NEED_DATA) && !rs_stmt_is_idle(stmt))
        return SQL_ERROR;
    return begin(stmt, core, args);
}

SQLRETURN rs_stmt_do(SQLHANDLE handle, const struct rs_core *core, const void *args)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle);

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    return rs_stmt_leave(stmt, rs_stmt_is_plain(stmt) ? core->run(stmt, args)
                                                      : rs_turn_take(stmt, core, args));
}

/* ---- what else looks at a polled call ---- */

void rs_turn_cancel(struct rs_stmt *stmt)
{
    if (!stmt->turn->is_done)
        atomic_store(&stmt->is_cancelled, true);
}

bool rs_turn_spares(const struct rs_desc *desc, struct rs_diag *diag)
{
    if (RS_LIKELY(desc->dbc->n_polled == 0))
        return true;
    for (struct rs_stmt *stmt = desc->dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (stmt->state == RS_S11_POLLED && !rs_turn_drop_lost(stmt) &&
            (stmt->ard == desc || stmt->apd == desc || desc->stmt == stmt))
            return rs_fail(diag, RS_HY010, 0,
                           "a statement that is executing asynchronously uses the descriptor");
    return true;
}

void rs_turn_free(struct rs_stmt *stmt)
{
    struct rs_turn *turn = stmt->turn;

    if (turn == NULL)
        return;
    rs_task_free(turn->task);
    rs_diag_clear(&turn->diag);
    rs_free(turn);
    stmt->turn = NULL;
}
