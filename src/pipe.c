/*
 * Executions sent without waiting: what is written, and the answers in their order.
 *
 * Everything sent before one Sync is one implicit transaction, and after an error the server skips
 * to the next Sync; so outside of a transaction block each execution has its own.
 */
#include "session_impl.h"

bool rs_pipe_start(struct rs_session *s, const struct rs_request *request, bool sync_each,
                   struct rs_exchange **out, struct rs_diag *diag)
{
    struct rs_exchange *ex = rs_request_begin(s, request, diag);

    if (ex == NULL)
        return false;
    ex->is_pipe = true;
    ex->prepared = *request->prepared;
    ex->n_params = request->n_params;
    ex->sync_each = sync_each;
    ex->count = -1;
    rs_request_clear(s);
    s->live = ex;
    rs_cancel_begin(s, request->owner);
    *out = ex;
    return true;
}

/* A message that did not fit is taken back; what stood before is whole. */
static bool added(struct rs_buf *out, size_t before, struct rs_diag *diag)
{
    if (rs_buf_ok(out, diag))
        return true;
    out->bad = out->too_long = false;
    rs_buf_truncate(out, before);
    return false;
}

bool rs_pipe_add(struct rs_exchange *ex, struct rs_str values, struct rs_diag *diag)
{
    struct rs_buf *out = &ex->session->out;
    size_t before = out->len;
    char name[16];

    rs_prepared_name(ex->prepared, name);
    rs_msg_bind_values(out, name, ex->n_params, values);
    rs_msg_execute(out, 0);
    if (ex->sync_each)
        rs_msg_sync(out);
    if (!added(out, before, diag))
        return false;
    ex->syncs_unsent += ex->sync_each;
    return true;
}

size_t rs_pipe_unsent(const struct rs_exchange *ex)
{
    return ex->session->out.len;
}

static bool send_added(struct rs_exchange *ex, struct rs_diag *diag)
{
    bool ok;

    ex->syncs_left += ex->syncs_unsent;
    ex->syncs_unsent = 0;
    ok = ex->session->out.len == 0 || rs_request_send(ex, diag);
    rs_request_clear(ex->session);
    return ok;
}

bool rs_pipe_send(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_buf *out = &ex->session->out;
    size_t before = out->len;

    /* Without a Sync the server would keep its answers until its buffer is full. */
    if (!ex->sync_each) {
        rs_msg_flush(out);
        if (!added(out, before, diag))
            return false;
    }
    return send_added(ex, diag);
}

bool rs_pipe_finish(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_buf *out = &ex->session->out;
    size_t before = out->len;

    if (ex->is_over || ex->is_finished)
        return true;
    if (!ex->sync_each) {
        rs_msg_sync(out);
        if (!added(out, before, diag))
            return false;
        ex->syncs_unsent = 1;
    }
    ex->is_finished = true;
    if (!send_added(ex, diag))
        return false;
    if (ex->syncs_left == 0) {
        ex->is_over = true;
        rs_exchange_settle(ex);
    }
    return true;
}

bool rs_pipe_abandon(struct rs_exchange *ex)
{
    struct rs_diag unseen = { 0 };
    bool ok;

    if (!ex->is_pipe || ex->is_finished)
        return true;
    rs_buf_truncate(&ex->session->out, 0);
    ex->syncs_unsent = 0;
    ok = rs_pipe_finish(ex, &unseen);
    rs_diag_clear(&unseen);
    return ok;
}

/* ---- answers ---- */

static bool is_whole_there(const struct rs_exchange *ex)
{
    struct rs_str have = { ex->in->p, rs_inbox_have(ex->in) };
    struct rs_msg msg;
    size_t need = 0;

    return rs_msg_peek(have, &msg, &need) != RS_MSG_PARTIAL;
}

static enum rs_pipe_answer lost(struct rs_exchange *ex)
{
    rs_exchange_fail(ex);
    return RS_PIPE_LOST;
}

static enum rs_pipe_answer violation(struct rs_exchange *ex, const char *what, struct rs_diag *diag)
{
    rs_session_violation(ex->session, what, diag);
    return lost(ex);
}

static enum rs_pipe_answer outcome(struct rs_exchange *ex, int64_t *count)
{
    enum rs_pipe_answer answer = ex->has_failed ? RS_PIPE_FAILED : RS_PIPE_DONE;

    *count = ex->count;
    ex->is_done = ex->has_failed = false;
    ex->count = -1;
    return answer;
}

/* Of two errors of one execution the first is told. */
static enum rs_pipe_answer take_error(struct rs_exchange *ex, struct rs_str body,
                                      struct rs_diag *diag)
{
    size_t before = diag->n;

    if (!rs_reply_error(ex, body, diag))
        return lost(ex);
    if (ex->session->is_dead)
        return lost(ex);
    if (ex->has_failed)
        rs_diag_cut(diag, before);
    ex->has_failed = true;
    return ex->sync_each ? RS_PIPE_NOTHING : RS_PIPE_FAILED;
}

static enum rs_pipe_answer take_ready(struct rs_exchange *ex, int64_t *count, struct rs_diag *diag)
{
    if (ex->syncs_left == 0)
        return violation(ex, "ReadyForQuery out of turn", diag);
    ex->syncs_left--;
    if (ex->syncs_left == 0 && ex->is_finished) {
        ex->is_over = true;
        rs_exchange_settle(ex);
    }
    if (!ex->sync_each)
        return RS_PIPE_END;
    if (!ex->is_done && !ex->has_failed)
        return violation(ex, "an execution without an end", diag);
    return outcome(ex, count);
}

/* NOTHING: go on. */
static enum rs_pipe_answer take(struct rs_exchange *ex, const struct rs_msg *msg, int64_t *count,
                                struct rs_diag *diag)
{
    struct rs_str tag;

    switch (msg->type) {
    case RS_MSG_COMMAND:
        if (!rs_msg_command(msg->body, &tag, &ex->count))
            return violation(ex, "malformed CommandComplete", diag);
        ex->is_done = true;
        return ex->sync_each ? RS_PIPE_NOTHING : outcome(ex, count);
    case RS_MSG_EMPTY:
        ex->is_done = true;
        return ex->sync_each ? RS_PIPE_NOTHING : outcome(ex, count);
    case RS_MSG_ERROR:
        return take_error(ex, msg->body, diag);
    case RS_MSG_READY:
        return take_ready(ex, count, diag);
    case RS_MSG_NOTICE:
        return rs_reply_notice(ex, msg->body, diag) ? RS_PIPE_NOTHING : lost(ex);
    case RS_MSG_ROW:
    case RS_MSG_BIND_DONE:
    case RS_MSG_CLOSE_DONE:
    case RS_MSG_STATUS:
    case RS_MSG_NOTIFY:
        return RS_PIPE_NOTHING;
    case RS_MSG_COPY_IN:
    case RS_MSG_COPY_OUT:
    case RS_MSG_COPY_BOTH:
        return violation(ex, "COPY from or to the client is not supported", diag);
    default:
        return violation(ex, "a message out of turn", diag);
    }
}

enum rs_pipe_answer rs_pipe_next(struct rs_exchange *ex, bool may_wait, int64_t *count,
                                 struct rs_diag *diag)
{
    while (!ex->is_over && (ex->syncs_left > 0 || !ex->sync_each)) {
        enum rs_pipe_answer answer;
        struct rs_msg msg;

        if (!may_wait && !is_whole_there(ex))
            return RS_PIPE_NOTHING;
        if (!rs_exchange_message(ex, &msg, diag))
            return RS_PIPE_LOST;
        answer = take(ex, &msg, count, diag);
        if (answer != RS_PIPE_NOTHING)
            return answer;
    }
    return RS_PIPE_END;
}
