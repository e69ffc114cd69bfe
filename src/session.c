#include "session_impl.h"

#include <string.h>

/* ---- states of the connection ---- */

void rs_session_kill(struct rs_session *s)
{
    s->is_dead = true;
    rs_transport_break(s->transport);
}

bool rs_session_violation(struct rs_session *s, const char *what, struct rs_diag *diag)
{
    rs_session_kill(s);
    if (!s->has_answered)
        return rs_fail(diag, RS_08S01, 0,
                       "communication with the server failed: its first reply is not whole (%s)",
                       what);
    return rs_fail(diag, RS_08S01, 0, "communication with the server failed: %s", what);
}

bool rs_session_usable(struct rs_session *s, struct rs_diag *diag)
{
    if (rs_os_pid() != s->pid)
        return rs_fail(diag, RS_08S01, 0,
                       "the connection belongs to the process this one was forked from");
    if (s->is_dead || rs_transport_is_broken(s->transport)) {
        s->is_dead = true;
        return rs_fail(diag, RS_08S01, 0, "the connection to the server was lost before");
    }
    return true;
}

/* UTF8 and UNICODE name the same; case, '-' and '_' do not matter. */
static bool is_utf8_name(const char *name)
{
    char plain[16];
    size_t n = 0;

    for (; *name != '\0' && n < sizeof(plain); name++) {
        if (*name != '-' && *name != '_')
            plain[n++] = rs_lower(*name);
    }
    return (n == 4 && memcmp(plain, "utf8", 4) == 0) ||
           (n == 7 && memcmp(plain, "unicode", 7) == 0);
}

static bool encoding_check(struct rs_session *s, struct rs_diag *diag)
{
    const char *name = rs_session_status(s, "client_encoding");

    if (name == NULL || is_utf8_name(name))
        return true;
    rs_session_kill(s);
    return rs_fail(diag, RS_08S01, 0,
                   "the server changed client_encoding to \"%s\"; only UTF8 can be used", name);
}

static void datestyle_check(struct rs_session *s, struct rs_diag *diag)
{
    const char *style = rs_session_status(s, "DateStyle");

    if (style == NULL || strncmp(style, "ISO", 3) == 0 || s->datestyle_warned)
        return;
    s->datestyle_warned = true;
    rs_warn(diag, RS_01000,
            "DateStyle is now \"%s\"; dates and times can only be read in ISO style", style);
}

static void level_read(struct rs_session *s)
{
    const char *text = rs_session_status(s, "server_protocol_version");
    int64_t level = 0;

    if (text == NULL || !rs_parse_i64(rs_str_of(text), &level) || level < 0)
        level = 0;
    if (level > 3) {
        RS_LOG(s->log, RS_LOG_WARNING, "session", "protocol level \"%s\" is taken as 3", text);
        level = 3;
    }
    s->level = (int32_t)level;
}

/* Asked for every statement, so it is not looked up each time. */
static void backslash_find(struct rs_session *s)
{
    const char *conforming = rs_session_status(s, "standard_conforming_strings");

    s->backslash_escapes = conforming == NULL
                               ? s->is_redshift
                               : rs_str_eq_nocase(rs_str_of(conforming), RS_STR("off"));
}

bool rs_session_effect(struct rs_session *s, const struct rs_msg *msg, struct rs_diag *diag)
{
    struct rs_str name, value;
    char txn;

    if (msg->type == RS_MSG_READY) {
        if (!rs_msg_ready(msg->body, &txn))
            return rs_session_violation(s, "malformed ReadyForQuery", diag);
        s->txn = (enum rs_txn)txn;
    } else if (msg->type == RS_MSG_STATUS) {
        if (!rs_msg_status(msg->body, &name, &value))
            return rs_session_violation(s, "malformed ParameterStatus", diag);
        if (!rs_status_set(&s->opened.statuses, name, value, diag)) {
            rs_session_kill(s); /* what is known of the session would be wrong from now on */
            return false;
        }
        if (rs_str_eq_nocase(name, RS_STR("client_encoding")))
            return encoding_check(s, diag);
        if (rs_str_eq_nocase(name, RS_STR("DateStyle")))
            datestyle_check(s, diag);
        else
            backslash_find(s);
    }
    s->has_answered = true;
    return true;
}

/* ---- life ---- */

/* padb_version says it; an 8.0.2 that hides it is asked, once. */
static bool redshift_find(struct rs_session *s, struct rs_deadline deadline, struct rs_diag *diag)
{
    const char *version = rs_session_status(s, "server_version");
    struct rs_request request = { .kind = RS_REQ_SIMPLE,
                                  .sql = RS_STR("SELECT version()"),
                                  .deadline = deadline };
    struct rs_exchange *ex;
    struct rs_reply reply = { .kind = RS_EVENT_READY };
    struct rs_cell cell;
    bool ok;

    s->is_redshift = rs_session_status(s, "padb_version") != NULL;
    if (s->is_redshift || version == NULL || strcmp(version, "8.0.2") != 0)
        return true;
    if (!rs_exchange_start(s, &request, &ex, diag))
        return false;
    ok = rs_exchange_next(ex, &reply, diag);
    if (ok && reply.kind == RS_EVENT_ROWS && reply.shape->n == 1 &&
        rs_exchange_row(ex, &cell, diag) == RS_ROW_OK && cell.n > 0)
        s->is_redshift =
            rs_str_find_nocase((struct rs_str){ cell.p, (size_t)cell.n }, RS_STR("redshift")) >= 0;
    else
        ok = ok && reply.kind != RS_EVENT_ERROR;
    rs_exchange_free(ex);
    return ok && !s->is_dead;
}

static void opened_end(struct rs_opened *opened, bool polite)
{
    opened->finish(opened->ctx, opened->transport, polite);
    rs_status_free(opened->statuses);
    rs_free(opened->address);
}

bool rs_session_adopt(struct rs_opened *opened, const struct rs_session_options *options,
                      struct rs_deadline deadline, struct rs_session **out, struct rs_diag *diag)
{
    struct rs_session *s = rs_new(struct rs_session, diag);

    if (s == NULL) {
        opened_end(opened, true);
        return false;
    }
    s->opened = *opened;
    s->transport = s->opened.transport;
    s->log = options->open.log;
    s->budget = (struct rs_store_budget){ .limit = options->store_bytes,
                                          .may_spill = options->may_spill,
                                          .dir = options->spill_dir };
    s->read_timeout_ms = options->read_timeout_ms;
    s->statement_timeout_ms = options->statement_timeout_ms;
    s->show_notices = options->show_notices;
    s->pid = rs_os_pid();
    s->txn = RS_TXN_IDLE;
    s->out.max = RS_MSG_MAX;
    s->closes.max = RS_OUT_KEEP;
    rs_mutex_init(&s->cancel_lock);
    level_read(s);
    if (!encoding_check(s, diag) || !redshift_find(s, deadline, diag)) {
        rs_session_close(s);
        return false;
    }
    datestyle_check(s, diag);
    backslash_find(s);
    *out = s;
    return true;
}

bool rs_session_open(const struct rs_login *login, const struct rs_session_options *options,
                     struct rs_deadline deadline, struct rs_session **out, struct rs_diag *diag)
{
    struct rs_opened opened;

    return rs_open(login, &options->open, deadline, &opened, diag) &&
           rs_session_adopt(&opened, options, deadline, out, diag);
}

void rs_session_close(struct rs_session *s)
{
    bool polite;

    if (s == NULL)
        return;
    (void)rs_cancel_end(s);
    polite = s->live == NULL && !s->is_dead && !rs_transport_is_broken(s->transport);
    opened_end(&s->opened, polite);
    rs_buf_clear(&s->out);
    rs_buf_clear(&s->closes);
    rs_exchange_destroy(s->spare);
    rs_mutex_destroy(&s->cancel_lock);
    rs_free(s);
}

/* ---- questions ---- */

enum rs_txn rs_session_txn(const struct rs_session *s)
{
    /* ReadyForQuery has not been read, but a BEGIN went out with what is being read. */
    if (s->txn == RS_TXN_IDLE && s->live != NULL && s->live->has_begin)
        return RS_TXN_OPEN;
    return s->txn;
}

bool rs_session_txn_is_open_question(const struct rs_session *s)
{
    return s->live != NULL && s->live->moves_txn;
}

bool rs_session_is_redshift(const struct rs_session *s)
{
    return s->is_redshift;
}

int32_t rs_session_protocol(const struct rs_session *s)
{
    return s->level;
}

int32_t rs_session_server_pid(const struct rs_session *s)
{
    return s->opened.server_pid;
}

const char *rs_session_status(const struct rs_session *s, const char *name)
{
    return rs_status_get(s->opened.statuses, name);
}

bool rs_session_backslash_escapes(const struct rs_session *s)
{
    return s->backslash_escapes;
}

/* Between exchanges the server may say S, N, A; an error then always means that it hangs up. */
static bool idle_messages_read(struct rs_session *s)
{
    struct rs_diag scratch = { 0 };
    struct rs_msg msg;
    size_t need;
    bool ok = true;

    while (ok && rs_msg_peek(rs_transport_peek(s->transport), &msg, &need) == RS_MSG_WHOLE) {
        ok = msg.type == RS_MSG_STATUS || msg.type == RS_MSG_NOTICE || msg.type == RS_MSG_NOTIFY;
        ok = ok && rs_session_effect(s, &msg, &scratch);
        rs_transport_consume(s->transport, RS_MSG_HEAD + msg.body.n);
    }
    rs_diag_clear(&scratch);
    return ok;
}

bool rs_session_is_dead(struct rs_session *s)
{
    if (s->is_dead || rs_transport_is_broken(s->transport) || rs_os_pid() != s->pid)
        return true;
    /* Its rows lie in the buffer, or it is in the middle of sending; it will see for itself. */
    if (s->live != NULL || rs_transport_is_paused(s->transport))
        return false;
    if (!rs_transport_poll_alive(s->transport) || !idle_messages_read(s))
        rs_session_kill(s);
    return s->is_dead;
}

struct rs_pause rs_session_set_pause(struct rs_session *s, struct rs_pause pause)
{
    return rs_transport_set_pause(s->transport, pause);
}

bool rs_session_stays_paused(struct rs_session *s)
{
    return rs_transport_stays_paused(s->transport);
}

enum rs_wait rs_session_await(struct rs_session *s, struct rs_deadline deadline)
{
    return rs_transport_await(s->transport, deadline);
}

void rs_session_interrupt(struct rs_session *s)
{
    rs_transport_interrupt(s->transport);
}

void rs_session_set_read_timeout(struct rs_session *s, int64_t ms)
{
    s->read_timeout_ms = ms;
}

void rs_session_set_show_notices(struct rs_session *s, bool on)
{
    s->show_notices = on;
}

struct rs_traffic rs_session_traffic(const struct rs_session *s)
{
    return rs_transport_traffic(s->transport);
}

/* ---- a whole statement at once ---- */

bool rs_session_run(struct rs_session *s, struct rs_str sql, struct rs_deadline deadline,
                    struct rs_buf *tag, struct rs_diag *diag)
{
    struct rs_request request = { .kind = RS_REQ_SIMPLE, .sql = sql, .deadline = deadline };
    struct rs_exchange *ex;
    struct rs_reply reply = { .kind = RS_EVENT_EMPTY };
    bool ok = true;

    if (!rs_exchange_start(s, &request, &ex, diag))
        return false;
    while (ok && reply.kind != RS_EVENT_READY) {
        ok = rs_exchange_next(ex, &reply, diag) && reply.kind != RS_EVENT_ERROR;
        if (ok && reply.kind == RS_EVENT_COMMAND && tag != NULL) {
            rs_buf_truncate(tag, 0);
            rs_buf_add(tag, reply.tag);
        }
    }
    rs_exchange_free(ex);
    return ok && (tag == NULL || rs_buf_ok(tag, diag));
}

/* ---- cancel ---- */

void rs_cancel_begin(struct rs_session *s, const void *owner)
{
    rs_lock(&s->cancel_lock);
    s->is_running = true;
    s->owner = owner;
    rs_unlock(&s->cancel_lock);
}

bool rs_cancel_end(struct rs_session *s)
{
    struct rs_event *event;
    bool astray;

    rs_lock(&s->cancel_lock);
    s->is_running = false;
    s->owner = NULL;
    event = s->cancel_event;
    astray = s->cancel_astray;
    rs_unlock(&s->cancel_lock);
    if (event != NULL) {
        /* The request's connection must have ended before anything else is sent, or it could hit
         * the next statement. The canceller itself waits no longer than its grace. */
        while (!rs_event_wait(event, (struct rs_deadline){ 0 }) && rs_transport_pause(s->transport))
            ;
        (void)rs_event_wait(event, RS_FOREVER);
        rs_event_release(event);
        rs_transport_clear_interrupt(s->transport);
        rs_lock(&s->cancel_lock);
        s->cancel_event = NULL;
        astray = s->cancel_astray;
        rs_unlock(&s->cancel_lock);
    }
    if (astray)
        rs_session_kill(s);
    return !astray;
}

bool rs_cancel_is_asked(struct rs_session *s)
{
    bool asked;

    rs_lock(&s->cancel_lock);
    asked = s->cancel_event != NULL;
    rs_unlock(&s->cancel_lock);
    return asked;
}

/* A request that has not ended by its deadline may arrive at any time: nothing more may run. */
static bool cancel_request(struct rs_session *s, int64_t within_ms)
{
    struct rs_deadline deadline = rs_deadline_in(within_ms);
    bool ok = s->opened.cancel(s->opened.ctx, deadline);

    if (!ok && rs_deadline_passed(deadline)) {
        rs_lock(&s->cancel_lock);
        s->cancel_astray = true;
        rs_unlock(&s->cancel_lock);
    }
    return ok;
}

void rs_cancel_send(struct rs_session *s, int64_t within_ms)
{
    if (!rs_cancel_is_asked(s)) /* else one is on its way */
        rs_cancel_again(s, within_ms);
}

void rs_cancel_again(struct rs_session *s, int64_t within_ms)
{
    RS_LOG(s->log, RS_LOG_DEBUG, "cancel", "sent to server process %d", (int)s->opened.server_pid);
    (void)cancel_request(s, within_ms);
}

void rs_waiter_begin(struct rs_session *s, const void *owner)
{
    rs_lock(&s->cancel_lock);
    s->has_waiter = true;
    s->waiter_stop = false;
    s->waiter = owner;
    rs_unlock(&s->cancel_lock);
}

void rs_waiter_end(struct rs_session *s)
{
    rs_lock(&s->cancel_lock);
    s->has_waiter = false;
    rs_unlock(&s->cancel_lock);
}

bool rs_waiter_is_stopped(struct rs_session *s)
{
    bool stopped;

    rs_lock(&s->cancel_lock);
    stopped = s->waiter_stop;
    rs_unlock(&s->cancel_lock);
    return stopped;
}

bool rs_session_cancel(struct rs_session *s, const void *owner)
{
    struct rs_event *event = NULL;
    bool stop_waiter, send, ok;

    rs_lock(&s->cancel_lock);
    stop_waiter = s->has_waiter && (owner == NULL || owner == s->waiter);
    if (stop_waiter) {
        s->waiter_stop = true;
        rs_transport_interrupt(s->transport);
    }
    send = s->is_running && (owner == NULL || (owner == s->owner && !stop_waiter)) &&
           s->cancel_event == NULL;
    if (send) {
        event = rs_event_new(2, NULL);
        s->cancel_event = event;
    }
    rs_unlock(&s->cancel_lock);
    if (!send)
        return true;
    if (event == NULL)
        return false;
    ok = cancel_request(s, RS_CANCEL_GRACE_MS);
    rs_transport_interrupt(s->transport); /* the waiting call begins to count its grace */
    rs_event_set(event);
    rs_event_release(event);
    return ok;
}
