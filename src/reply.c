/*
 * What comes back: messages become events and rows.
 *
 * Source: PostgreSQL documentation, "Message Flow"; redshift.md 12, 15, 16.
 */
#include <string.h>

#include "session_impl.h"

/* ---- errors and notices ---- */

/* Redshift tells of statement_timeout in the words of a cancel: only the time passed tells them
 * apart (redshift.md 16.3). */
static bool by_statement_timeout(const struct rs_exchange *ex, struct rs_str message)
{
    int64_t limit = ex->session->statement_timeout_ms;

    return limit > 0 && rs_str_find_nocase(message, RS_STR("on user's request")) >= 0 &&
           rs_now_ms() - ex->began_ms >= limit;
}

static enum rs_state error_state(struct rs_exchange *ex, const struct rs_msg_report *report)
{
    if (strcmp(report->code, "57014") == 0) {
        if (rs_exchange_on_wire(ex) && rs_cancel_is_asked(ex->session))
            ex->is_cancelled = true;
        if (ex->is_cancelled)
            return RS_HY008;
        if (by_statement_timeout(ex, report->message))
            return RS_HYT00;
    }
    if (report->is_fatal)
        return RS_08S01;
    return rs_server_state(report->code, report->message, report->detail, false);
}

bool rs_reply_error(struct rs_exchange *ex, struct rs_str body, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(RS_DIAG_MAX_TEXT);
    struct rs_msg_report report;
    enum rs_state state;
    int32_t native;

    if (!rs_msg_report(body, &report))
        return rs_session_violation(ex->session, "malformed ErrorResponse", diag);
    state = error_state(ex, &report);
    native = rs_msg_report_native(&report);
    rs_msg_report_text(&report, ex->skip, &text);
    if (report.code[0] != '\0' && strcmp(report.code, rs_state_text(state, false)) != 0)
        rs_buf_addf(&text, " [SQLSTATE %s]", report.code);
    if (text.bad) /* too long, or no memory: the message alone */
        rs_fail_server(diag, state, native, "%.*s",
                       (int)(report.message.n < 4096 ? report.message.n : 4096),
                       report.message.p == NULL ? "" : report.message.p);
    else
        rs_fail_server(diag, state, native, "%s", text.p);
    rs_buf_clear(&text);
    return true;
}

static enum rs_state notice_state(const char *code)
{
    static const enum rs_state own[] = { RS_01003, RS_01004, RS_01006, RS_01007 };

    for (size_t i = 0; i < RS_COUNT(own); i++) {
        if (strcmp(code, rs_state_text(own[i], false)) == 0)
            return own[i];
    }
    return RS_01000;
}

bool rs_reply_notice(struct rs_exchange *ex, struct rs_str body, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(RS_DIAG_MAX_TEXT);
    struct rs_msg_report report;
    int64_t loaded;

    if (!rs_msg_report(body, &report))
        return rs_session_violation(ex->session, "malformed NoticeResponse", diag);
    if (rs_msg_report_loaded(&report, &loaded))
        ex->loaded = loaded;
    if (!ex->session->show_notices)
        return true;
    if (ex->notices >= RS_NOTICES_MAX) {
        ex->notices_dropped++;
        return true;
    }
    ex->notices++;
    rs_msg_report_text(&report, ex->skip, &text);
    if (!text.bad)
        rs_warn_server(diag, notice_state(report.code), "%s", text.p);
    rs_buf_clear(&text);
    return true;
}

/* ---- messages to events ---- */

enum step { STEP_ON, STEP_EVENT, STEP_FAILED };

static enum step failed(struct rs_exchange *ex)
{
    rs_exchange_fail(ex);
    return STEP_FAILED;
}

static enum step violation(struct rs_exchange *ex, const char *what, struct rs_diag *diag)
{
    rs_session_violation(ex->session, what, diag);
    return failed(ex);
}

static enum step event(struct rs_reply *out, enum rs_event_kind kind)
{
    out->kind = kind;
    return STEP_EVENT;
}

static enum step rows_begin(struct rs_exchange *ex, const struct rs_shape *shape,
                            struct rs_reply *out)
{
    ex->shape = shape;
    ex->n_cells = shape->n;
    ex->in_rows = ex->kind != RS_REQ_DESCRIBE;
    ex->any_result = true;
    out->shape = shape;
    return event(out, RS_EVENT_ROWS);
}

static bool shape_keep(struct rs_exchange *ex, struct rs_shape *shape, struct rs_diag *diag)
{
    if (ex->n_shapes == ex->shapes_cap) {
        size_t cap = ex->n_shapes + 1;
        struct rs_shape **grown = rs_realloc(ex->shapes, cap, sizeof(*ex->shapes), diag);

        if (grown == NULL)
            return false;
        ex->shapes = grown;
        ex->shapes_cap = cap;
    }
    ex->shapes[ex->n_shapes++] = shape;
    return true;
}

static enum step take_shape(struct rs_exchange *ex, struct rs_str body, struct rs_reply *out,
                            struct rs_diag *diag)
{
    struct rs_prepared *p = ex->prepared;
    struct rs_shape *shape;

    if (ex->begin_left)
        return violation(ex, "a result before BEGIN was done", diag);
    switch (rs_msg_shape(body, ex->session->level, &ex->old_shape, diag)) {
    case RS_MADE_MALFORMED:
        return violation(ex, "malformed RowDescription", diag);
    case RS_MADE_FAILED:
        return failed(ex);
    case RS_MADE_OK:
        break;
    }
    shape = ex->old_shape;
    ex->old_shape = NULL;
    if (p != NULL && p->shape == NULL) {
        p->shape = shape;
        p->is_described = true;
    } else if (!shape_keep(ex, shape, diag)) {
        rs_free(shape);
        return failed(ex);
    }
    return rows_begin(ex, shape, out);
}

static enum step take_nodata(struct rs_exchange *ex, struct rs_reply *out)
{
    if (ex->prepared != NULL)
        ex->prepared->is_described = true;
    return event(out, RS_EVENT_NODATA);
}

/* BindComplete of a statement that was described earlier stands for its description. */
static enum step take_bound(struct rs_exchange *ex, struct rs_reply *out)
{
    struct rs_prepared *p = ex->prepared;

    if (ex->begin_left)
        return STEP_ON;
    ex->is_bound = true;
    if (!ex->is_remembered || p == NULL)
        return STEP_ON;
    if (p->shape == NULL)
        return event(out, RS_EVENT_NODATA);
    return rows_begin(ex, p->shape, out);
}

static enum step take_command(struct rs_exchange *ex, struct rs_str body, struct rs_reply *out,
                              struct rs_diag *diag)
{
    if (!rs_msg_command(body, &out->tag, &out->count))
        return violation(ex, "malformed CommandComplete", diag);
    if (ex->begin_left) {
        ex->begin_left = false;
        return STEP_ON;
    }
    ex->in_rows = false;
    ex->got_first = true;
    ex->any_result = true;
    if (out->count < 0 && rs_str_eq(out->tag, RS_STR("COPY")))
        out->count = ex->loaded;
    ex->loaded = -1;
    return event(out, RS_EVENT_COMMAND);
}

static enum step take_param_types(struct rs_exchange *ex, struct rs_str body, struct rs_reply *out,
                                  struct rs_diag *diag)
{
    uint32_t *types = NULL;
    size_t n = 0;

    switch (rs_msg_param_types(body, &types, &n, diag)) {
    case RS_MADE_MALFORMED:
        return violation(ex, "malformed ParameterDescription", diag);
    case RS_MADE_FAILED:
        return failed(ex);
    case RS_MADE_OK:
        break;
    }
    rs_free(ex->param_types);
    ex->param_types = types;
    out->param_types = types;
    out->n_params = n;
    return event(out, RS_EVENT_PARAMS);
}

/* A statement that was prepared earlier is gone (a pooler in between) or no longer fits: nothing
 * of this execution has happened yet, and no transaction was lost by the error. */
static bool is_stale(const struct rs_exchange *ex, struct rs_str body)
{
    static const char stale[][6] = { "26000", "0A000", "08P01" };
    struct rs_msg_report report;

    if (ex->sent_parse || ex->is_bound || !ex->was_idle || ex->kind == RS_REQ_SIMPLE ||
        ex->prepared == NULL || ex->is_cancelled || !rs_exchange_on_wire(ex) ||
        !rs_msg_report(body, &report) || report.is_fatal)
        return false;
    for (size_t i = 0; i < RS_COUNT(stale); i++) {
        if (strcmp(report.code, stale[i]) == 0)
            return true;
    }
    return false;
}

static enum step take_error(struct rs_exchange *ex, struct rs_str body, struct rs_reply *out,
                            struct rs_diag *diag)
{
    if (is_stale(ex, body)) {
        ex->prepare_again = true;
        return STEP_ON;
    }
    ex->in_rows = false;
    ex->any_result = true;
    if (!rs_reply_error(ex, body, diag))
        return failed(ex);
    if (ex->session->is_dead)
        rs_exchange_fail(ex);
    return event(out, RS_EVENT_ERROR);
}

static void forget_shape(struct rs_exchange *ex)
{
    struct rs_prepared *p = ex->prepared;
    struct rs_diag scratch = { 0 };

    /* Earlier executions may still show the old one: it stays with this exchange. */
    if (p->shape != NULL && !shape_keep(ex, p->shape, &scratch))
        rs_free(p->shape);
    p->shape = NULL;
    p->n_formats = 0;
    rs_diag_clear(&scratch);
}

static enum step take_ready(struct rs_exchange *ex, struct rs_reply *out, struct rs_diag *diag)
{
    if (ex->prepare_again && ex->prepared != NULL) {
        forget_shape(ex);
        if (rs_request_again(ex, diag))
            return STEP_ON;
        return failed(ex);
    }
    if (rs_exchange_on_wire(ex))
        rs_exchange_settle(ex);
    ex->is_over = true;
    ex->in_rows = false;
    if (ex->notices_dropped > 0)
        rs_warn(diag, RS_01000, "%zu more messages of the server are not shown",
                ex->notices_dropped);
    if (ex->kind == RS_REQ_SIMPLE && !ex->any_result) /* BEGIN before an empty text */
        return event(out, RS_EVENT_EMPTY);
    return event(out, RS_EVENT_READY);
}

static enum step take(struct rs_exchange *ex, const struct rs_msg *msg, struct rs_reply *out,
                      struct rs_diag *diag)
{
    switch (msg->type) {
    case RS_MSG_ROW:
        return ex->in_rows || ex->shape_gone ? STEP_ON : violation(ex, "a row out of turn", diag);
    case RS_MSG_SHAPE:
        return take_shape(ex, msg->body, out, diag);
    case RS_MSG_NODATA:
        return take_nodata(ex, out);
    case RS_MSG_BIND_DONE:
        return take_bound(ex, out);
    case RS_MSG_COMMAND:
        return take_command(ex, msg->body, out, diag);
    case RS_MSG_EMPTY:
        ex->got_first = true;
        ex->any_result = true;
        return event(out, RS_EVENT_EMPTY);
    case RS_MSG_PARAM_TYPES:
        return take_param_types(ex, msg->body, out, diag);
    case RS_MSG_ERROR:
        return take_error(ex, msg->body, out, diag);
    case RS_MSG_NOTICE:
        return rs_reply_notice(ex, msg->body, diag) ? STEP_ON : failed(ex);
    case RS_MSG_READY:
        return take_ready(ex, out, diag);
    case RS_MSG_PARSE_DONE:
    case RS_MSG_CLOSE_DONE:
    case RS_MSG_STATUS:
    case RS_MSG_NOTIFY:
        return STEP_ON;
    case RS_MSG_COPY_IN:
    case RS_MSG_COPY_OUT:
    case RS_MSG_COPY_BOTH:
        return violation(ex, "COPY from or to the client is not supported", diag);
    default:
        return violation(ex, "a message out of turn", diag);
    }
}

bool rs_exchange_next(struct rs_exchange *ex, struct rs_reply *out, struct rs_diag *diag)
{
    struct rs_reply reply = { .count = -1 };

    while (!ex->is_over) {
        struct rs_msg msg;

        if (!rs_exchange_message(ex, &msg, diag))
            return false;
        switch (take(ex, &msg, &reply, diag)) {
        case STEP_ON:
            break;
        case STEP_EVENT:
            *out = reply;
            return true;
        case STEP_FAILED:
            return false;
        }
    }
    reply.kind = RS_EVENT_READY;
    *out = reply;
    return true;
}

/* ---- rows ---- */

static enum rs_row row_bad(struct rs_exchange *ex, struct rs_diag *diag)
{
    (void)violation(ex, "a row does not fit its description", diag);
    return RS_ROW_FAILED;
}

/* Puts the message that was just taken back to the front. */
static void put_back(struct rs_exchange *ex, const struct rs_msg *msg)
{
    ex->in->p -= RS_MSG_HEAD + msg->body.n;
}

bool rs_exchange_first(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_reply ignored = { .count = -1 };

    while (ex->in_rows) {
        struct rs_msg msg;

        if (!rs_exchange_message(ex, &msg, diag))
            return false;
        switch (msg.type) {
        case RS_MSG_COMMAND: /* looked at here: a result must not end well by a damaged one */
            if (!rs_msg_command(msg.body, &ignored.tag, &ignored.count)) {
                (void)violation(ex, "malformed CommandComplete", diag);
                return false;
            }
            /* fallthrough */
        case RS_MSG_ROW:
            ex->got_first = true;
            put_back(ex, &msg);
            return true;
        case RS_MSG_NOTICE:
        case RS_MSG_STATUS:
        case RS_MSG_NOTIFY:
            if (take(ex, &msg, &ignored, diag) == STEP_FAILED)
                return false;
            break;
        case RS_MSG_ERROR:
            (void)take(ex, &msg, &ignored, diag);
            return false;
        default:
            (void)violation(ex, "a message out of turn among rows", diag);
            return false;
        }
    }
    return true;
}

/* Everything but a whole row at the front of the inbox. */
static enum rs_row row_slow(struct rs_exchange *ex, struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_msg msg;

    if (!rs_exchange_first(ex, diag))
        return RS_ROW_FAILED;
    if (!ex->in_rows)
        return RS_ROW_END;
    if (!rs_exchange_message(ex, &msg, diag))
        return RS_ROW_FAILED;
    if (msg.type == RS_MSG_ROW)
        return rs_row_walk(msg.body, cells, ex->n_cells) ? RS_ROW_OK : row_bad(ex, diag);
    put_back(ex, &msg); /* the command's end is for rs_exchange_next */
    ex->in_rows = false;
    return RS_ROW_END;
}

bool rs_exchange_has_row(const struct rs_exchange *ex)
{
    size_t have = rs_inbox_have(ex->in);

    return ex->in_rows && have >= RS_MSG_HEAD && ex->in->p[0] == RS_MSG_ROW &&
           rs_be32(ex->in->p + 1) < have;
}

enum rs_row rs_exchange_row(struct rs_exchange *ex, struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_inbox *in = ex->in;
    size_t have = rs_inbox_have(in);

    if (RS_LIKELY(ex->in_rows && have >= RS_MSG_HEAD && in->p[0] == RS_MSG_ROW)) {
        size_t length = rs_be32(in->p + 1);

        if (RS_LIKELY(length >= 4 && length < have)) {
            struct rs_str body = { in->p + RS_MSG_HEAD, length - 4 };

            in->p += 1 + length;
            ex->got_first = true;
            return RS_LIKELY(rs_row_walk(body, cells, ex->n_cells)) ? RS_ROW_OK : row_bad(ex, diag);
        }
    }
    return row_slow(ex, cells, diag);
}
