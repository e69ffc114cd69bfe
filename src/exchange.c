/*
 * An exchange's hold on the wire: waiting for messages, giving the wire up to another exchange,
 * timeouts, and ending early.
 */
#include "session_impl.h"

enum {
    DRAIN_BYTES = 1 << 17, /* "little is left": so much, or what comes within so long */
    DRAIN_MS = 100,
    KEPT_BYTES = 4096, /* for the next exchange: a shape of up to so many */
    KEPT_SHAPES = 8    /* and a list of up to so many shapes */
};

/* ---- ends ---- */

void rs_exchange_settle(struct rs_exchange *ex)
{
    struct rs_session *s = ex->session;

    if (s->live != ex)
        return;
    if (s->is_dead) /* no ReadyForQuery will tell of the transaction it began */
        s->txn = rs_session_txn(s);
    s->live = NULL;
    (void)rs_cancel_end(s);
}

bool rs_exchange_fail(struct rs_exchange *ex)
{
    ex->is_over = true;
    ex->in_rows = false;
    if (ex->session->is_dead)
        rs_exchange_settle(ex);
    return false;
}

bool rs_exchange_lost(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_msg msg;
    size_t need;

    rs_session_kill(s);
    while (rs_msg_peek(rs_transport_peek(s->transport), &msg, &need) == RS_MSG_WHOLE) {
        rs_transport_consume(s->transport, RS_MSG_HEAD + msg.body.n);
        if (msg.type != RS_MSG_ERROR)
            continue;
        if (diag->n > 0)
            rs_diag_cut(diag, diag->n - 1);
        (void)rs_reply_error(ex, msg.body, diag);
        break;
    }
    return rs_exchange_fail(ex);
}

/* The cancel request was not taken within its own time: no answer to it is worth waiting for. */
static bool cancel_is_astray(struct rs_session *s)
{
    bool astray;

    rs_lock(&s->cancel_lock);
    astray = s->cancel_astray;
    rs_unlock(&s->cancel_lock);
    return astray;
}

static struct rs_deadline cancel_deadline(struct rs_session *s)
{
    return rs_deadline_in(cancel_is_astray(s) ? 1 : RS_CANCEL_GRACE_MS);
}

/* When the wait for the answer to a cancel request is looked at again. */
static struct rs_deadline answer_deadline(const struct rs_exchange *ex)
{
    if (cancel_is_astray(ex->session))
        return cancel_deadline(ex->session);
    return rs_deadline_in(ex->asked_again ? RS_CANCEL_GRACE_MS - RS_CANCEL_AGAIN_MS
                                          : RS_CANCEL_AGAIN_MS);
}

/* True: the server was asked to cancel once more, and is waited for again. */
static bool ask_again(struct rs_exchange *ex)
{
    if (!ex->is_cancelled || ex->asked_again || cancel_is_astray(ex->session) ||
        rs_deadline_passed(ex->deadline))
        return false;
    ex->asked_again = true;
    rs_cancel_again(ex->session, RS_CANCEL_GRACE_MS - RS_CANCEL_AGAIN_MS);
    return true;
}

static bool is_timed(const struct rs_exchange *ex)
{
    return !ex->got_first || ex->times_rows;
}

struct rs_deadline rs_exchange_deadline(const struct rs_exchange *ex)
{
    struct rs_deadline d = is_timed(ex) ? ex->deadline : RS_FOREVER;

    return ex->is_cancelled ? rs_deadline_min(d, answer_deadline(ex)) : d;
}

bool rs_exchange_effect(struct rs_exchange *ex, const struct rs_msg *msg, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_msg_report report;

    if (!rs_session_effect(s, msg, diag))
        return rs_exchange_fail(ex);
    if (msg->type == RS_MSG_PARSE_DONE && ex->parses_left > 0) {
        ex->parses_left--;
        if (ex->parses_left == 0 && ex->sent_parse && ex->prepared != NULL)
            ex->prepared->is_made = true;
    } else if (msg->type == RS_MSG_ERROR && rs_msg_report(msg->body, &report) && report.is_fatal) {
        rs_session_kill(s);
    }
    return true;
}

/* Reads and drops until ReadyForQuery. False: the deadline passed or the bytes were used up. */
static bool drain(struct rs_exchange *ex, size_t bytes, struct rs_deadline deadline)
{
    struct rs_session *s = ex->session;
    struct rs_diag scratch = { 0 };
    enum { GOING, DONE, STOPPED } at = GOING;

    while (at == GOING) {
        struct rs_msg msg;
        size_t need = 0, whole;
        enum rs_wait wait;

        switch (rs_msg_peek(rs_transport_peek(s->transport), &msg, &need)) {
        case RS_MSG_WHOLE:
            whole = RS_MSG_HEAD + msg.body.n;
            rs_transport_consume(s->transport, whole);
            if (!rs_exchange_effect(ex, &msg, &scratch) || s->is_dead ||
                (msg.type == RS_MSG_READY && (ex->syncs_left == 0 || --ex->syncs_left == 0)))
                at = DONE;
            else if (whole > bytes)
                at = STOPPED;
            else
                bytes -= whole;
            break;
        case RS_MSG_BAD:
            rs_session_kill(s);
            at = DONE;
            break;
        case RS_MSG_PARTIAL:
            wait = rs_transport_need(s->transport, need, deadline, s->read_timeout_ms, &scratch);
            if (wait == RS_WAIT_FAILED) {
                rs_session_kill(s);
                at = DONE;
            } else if (wait == RS_WAIT_DEADLINE) {
                at = STOPPED;
            }
            break;
        }
    }
    rs_diag_clear(&scratch);
    return at == DONE;
}

bool rs_exchange_timed_out(struct rs_exchange *ex, bool may_answer, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_deadline grace = rs_deadline_in(RS_CANCEL_GRACE_MS);
    bool answered = false;

    if (is_timed(ex) && rs_deadline_passed(ex->deadline)) {
        rs_fail(diag, RS_HYT00, 0, "query timeout expired");
        if (may_answer && rs_pipe_abandon(ex)) {
            rs_cancel_send(s, RS_CANCEL_GRACE_MS);
            answered = drain(ex, SIZE_MAX, grace) && !s->is_dead;
        }
        if (!answered)
            rs_fail(diag, RS_08S01, 0,
                    "the server did not answer the cancel request in time; the connection was "
                    "given up");
    } else if (ex->is_cancelled) {
        rs_fail(diag, RS_HY008, 0, "the statement was canceled");
        rs_fail(diag, RS_08S01, 0,
                "the server did not answer the cancel request in time; the connection was given "
                "up");
    } else {
        if (may_answer)
            rs_cancel_send(s, RS_CANCEL_GRACE_MS / 5);
        rs_fail(diag, RS_HYT01, 0,
                "no answer from the server within ReadTimeout (%lld ms); the connection was given "
                "up",
                (long long)s->read_timeout_ms);
    }
    if (!answered)
        rs_session_kill(s);
    else
        rs_exchange_settle(ex);
    return rs_exchange_fail(ex);
}

/* ---- the next message ---- */

/* The next message cannot be one: 08S01 says why. Always false. */
static bool message_bad(struct rs_session *s, struct rs_str in, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(128);

    rs_msg_say_bad(in, &why);
    (void)rs_session_violation(s, why.bad || why.len == 0 ? "a malformed message" : why.p, diag);
    rs_buf_clear(&why);
    return false;
}

static bool wire_more(struct rs_exchange *ex, size_t need, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;

    if (rs_os_pid() != s->pid) {
        (void)rs_session_usable(s, diag);
        ex->is_over = true;
        return false;
    }
    /* Rows that keep coming would never make a wait end by its deadline. */
    if (ex->times_rows && ex->got_first && rs_deadline_passed(ex->deadline))
        return rs_exchange_timed_out(ex, true, diag);
    for (;;) {
        switch (rs_transport_need(s->transport, need, rs_exchange_deadline(ex), s->read_timeout_ms,
                                  diag)) {
        case RS_WAIT_OK:
            return true;
        case RS_WAIT_INTERRUPTED:
            if (rs_cancel_is_asked(s))
                ex->is_cancelled = true;
            break;
        case RS_WAIT_DEADLINE:
            if (ask_again(ex))
                break;
            return rs_exchange_timed_out(ex, true, diag);
        case RS_WAIT_FAILED:
            rs_session_kill(s);
            return rs_exchange_fail(ex);
        }
    }
}

static bool store_more(struct rs_exchange *ex, size_t need, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;

    switch (ex->store == NULL ? RS_MORE_END : rs_store_need(ex->store, need, diag)) {
    case RS_MORE_OK:
        return true;
    case RS_MORE_END:
        if (ex->store_failed)
            rs_diag_move(diag, &ex->store_error);
        else if (s->live == ex) { /* the store was left half way: the rest is on the wire */
            ex->in = rs_transport_inbox(s->transport);
            return true;
        } else
            rs_fail(diag, RS_08S01, 0, "the stored result ends before its time");
        return rs_exchange_fail(ex);
    case RS_MORE_FAILED:
        return rs_exchange_fail(ex);
    }
    return false;
}

bool rs_exchange_message(struct rs_exchange *ex, struct rs_msg *msg, struct rs_diag *diag)
{
    for (;;) {
        struct rs_str have = { ex->in->p, rs_inbox_have(ex->in) };
        bool on_wire = rs_exchange_on_wire(ex);
        size_t need = 0;

        switch (rs_msg_peek(have, msg, &need)) {
        case RS_MSG_WHOLE:
            ex->in->p += RS_MSG_HEAD + msg->body.n;
            RS_LOG(ex->session->log, RS_LOG_TRACE, "wire.message", "%c, %zu bytes", msg->type,
                   msg->body.n);
            return !on_wire || rs_exchange_effect(ex, msg, diag);
        case RS_MSG_BAD:
            (void)message_bad(ex->session, have, diag);
            return rs_exchange_fail(ex);
        case RS_MSG_PARTIAL:
            if (on_wire ? !wire_more(ex, need, diag) : !store_more(ex, need, diag))
                return false;
            break;
        }
    }
}

/* ---- giving the wire to another exchange ---- */

static void store_failed(struct rs_exchange *ex, struct rs_diag *why)
{
    ex->store_failed = true;
    rs_diag_move(&ex->store_error, why);
}

/* Keeps a run of whole messages; once that failed, the rest is dropped. */
static void store_run(struct rs_exchange *ex, const char *from, const char *to)
{
    struct rs_diag why = { 0 };
    bool ok;

    if (ex->store_failed || from == to)
        return;
    if (ex->store == NULL)
        ex->store = rs_store_new(&ex->session->budget, &why);
    ok = ex->store != NULL &&
         rs_store_add(ex->store, (struct rs_str){ from, (size_t)(to - from) }, &why);
    if (!ok)
        store_failed(ex, &why);
}

/* The connection ended while its result was being stored: both sides are told. */
static bool store_lost(struct rs_exchange *ex)
{
    struct rs_diag why = { 0 };

    rs_fail(&why, RS_08S01, 0,
            "the connection to the server was lost before the end of the "
            "result");
    if (!ex->store_failed)
        store_failed(ex, &why);
    rs_diag_clear(&why);
    rs_session_kill(ex->session);
    rs_exchange_settle(ex);
    return false;
}

static bool store_wait(struct rs_exchange *ex, size_t need, struct rs_deadline deadline,
                       struct rs_diag *diag)
{
    struct rs_session *s = ex->session;

    for (;;) {
        struct rs_deadline until = deadline;

        if (ex->is_cancelled)
            until = rs_deadline_min(until, cancel_deadline(s));
        switch (rs_transport_need(s->transport, need, until, s->read_timeout_ms, diag)) {
        case RS_WAIT_OK:
            return true;
        case RS_WAIT_INTERRUPTED:
            if (rs_waiter_is_stopped(s))
                return rs_fail(diag, RS_HY008, 0, "the statement was canceled");
            if (rs_cancel_is_asked(s))
                ex->is_cancelled = true;
            break;
        case RS_WAIT_DEADLINE:
            if (rs_deadline_passed(deadline))
                return rs_fail(diag, RS_HYT00, 0,
                               "query timeout expired while another result was being stored");
            rs_fail(diag, RS_HYT01, 0,
                    "no answer from the server in time while another result was being stored; "
                    "the connection was given up");
            return store_lost(ex);
        case RS_WAIT_FAILED:
            return store_lost(ex);
        }
    }
}

/* Moves what is left of the live exchange into its store. */
static bool store_rest(struct rs_exchange *ex, struct rs_deadline deadline, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_inbox *in = rs_transport_inbox(s->transport);
    const char *from = in->p;

    for (;;) {
        struct rs_msg msg;
        size_t need = 0;
        struct rs_str have = { in->p, rs_inbox_have(in) };

        switch (rs_msg_peek(have, &msg, &need)) {
        case RS_MSG_WHOLE:
            in->p += RS_MSG_HEAD + msg.body.n;
            if (!rs_exchange_effect(ex, &msg, diag)) {
                ex->is_over = false; /* what is stored can still be read */
                return store_lost(ex);
            }
            if (s->is_dead || msg.type == RS_MSG_READY) {
                store_run(ex, from, in->p);
                rs_exchange_settle(ex);
                return !s->is_dead || rs_session_usable(s, diag);
            }
            break;
        case RS_MSG_PARTIAL:
            store_run(ex, from, in->p);
            if (!store_wait(ex, need, deadline, diag))
                return false;
            from = in->p;
            break;
        case RS_MSG_BAD:
            store_run(ex, from, in->p);
            (void)message_bad(s, have, diag);
            return store_lost(ex);
        }
    }
}

bool rs_exchange_store(struct rs_exchange *ex, struct rs_deadline deadline, const void *waiter,
                       struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    bool ok;

    if (deadline.at_ms == 0)
        deadline = RS_FOREVER;
    RS_LOG(s->log, RS_LOG_DEBUG, "wire.store", "the rest of a result is stored");
    rs_waiter_begin(s, waiter);
    ok = store_rest(ex, deadline, diag);
    rs_waiter_end(s);
    if (ex->store != NULL)
        ex->in = rs_store_inbox(ex->store);
    else if (ex->store_failed && !ex->is_over)
        ex->in = &ex->nothing;
    return ok;
}

struct rs_store_budget *rs_session_budget(struct rs_session *s)
{
    return &s->budget;
}

bool rs_session_store_live(struct rs_session *s, struct rs_diag *diag)
{
    if (s->live == NULL)
        return true;
    return rs_session_usable(s, diag) && rs_exchange_store(s->live, RS_FOREVER, NULL, diag);
}

/* ---- ending early ---- */

bool rs_exchange_is_live(const struct rs_exchange *ex)
{
    return ex->session->live == ex;
}

/* A cancel makes a transaction fail as a whole: inside one the rest is read instead. */
static void discard_rest(struct rs_exchange *ex)
{
    struct rs_session *s = ex->session;
    bool in_transaction = s->txn != RS_TXN_IDLE || ex->has_begin;
    struct rs_deadline grace;

    if (in_transaction && drain(ex, SIZE_MAX, RS_FOREVER))
        return;
    if (!in_transaction && drain(ex, DRAIN_BYTES, rs_deadline_in(DRAIN_MS)))
        return;
    grace = rs_deadline_in(RS_CANCEL_GRACE_MS); /* for the request and for the answer to it */
    rs_cancel_send(s, RS_CANCEL_GRACE_MS);
    if (!drain(ex, SIZE_MAX, grace))
        rs_session_kill(s);
}

void rs_exchange_destroy(struct rs_exchange *ex)
{
    if (ex == NULL)
        return;
    rs_free(ex->shapes);
    rs_free(ex->old_shape);
    rs_free(ex);
}

/* It begins anew; a shape's block and the list of shapes stay unless they are large. */
static void wipe(struct rs_exchange *ex)
{
    struct rs_shape *shape = ex->old_shape, **shapes = ex->shapes;
    size_t cap = ex->shapes_cap;

    if (cap > KEPT_SHAPES) {
        rs_free(shapes);
        shapes = NULL;
        cap = 0;
    }
    *ex = (struct rs_exchange){ .old_shape = shape, .shapes = shapes, .shapes_cap = cap };
}

void rs_exchange_free(struct rs_exchange *ex)
{
    struct rs_session *s;

    if (ex == NULL)
        return;
    s = ex->session;
    if (s->live == ex) {
        if (!s->is_dead && rs_os_pid() == s->pid && rs_pipe_abandon(ex) && s->live == ex)
            discard_rest(ex);
        rs_exchange_settle(ex);
    }
    for (struct rs_exchange **at = &s->all; *at != NULL; at = &(*at)->next) {
        if (*at == ex) {
            *at = ex->next;
            break;
        }
    }
    for (size_t i = 0; i < ex->n_shapes; i++) {
        if (ex->old_shape == NULL && ex->shapes[i]->cap <= KEPT_BYTES)
            ex->old_shape = ex->shapes[i];
        else
            rs_free(ex->shapes[i]);
    }
    rs_free(ex->param_types);
    rs_store_free(ex->store);
    rs_diag_clear(&ex->store_error);
    if (s->spare != NULL) {
        rs_exchange_destroy(ex);
        return;
    }
    wipe(ex);
    s->spare = ex;
}
