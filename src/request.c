/*
 * What is sent for a request: one block of messages, one write.
 *
 * Source: PostgreSQL documentation, "Message Flow"; redshift.md 12 and 13.
 */
#include <string.h>

#include "session_impl.h"

/* ---- prepared statements ---- */

void rs_prepared_name(const struct rs_prepared *prepared, char name[16])
{
    memcpy(name, "rs", 2);
    name[2 + rs_print_u64(name + 2, prepared->id)] = '\0';
}

static void prepared_destroy(struct rs_prepared *p)
{
    rs_free(p->shape);
    rs_free(p->sql);
    rs_free(p->types);
    rs_free(p);
}

static void close_later(struct rs_session *s, const struct rs_prepared *p)
{
    char name[16];

    rs_prepared_name(p, name);
    rs_msg_close(&s->closes, 'S', name);
    if (s->closes.bad) /* better one statement left over than half a message */
        rs_buf_clear(&s->closes);
}

void rs_prepared_free(struct rs_session *s, struct rs_prepared *p)
{
    if (p == NULL)
        return;
    for (struct rs_exchange *ex = s->all; ex != NULL; ex = ex->next) {
        if (ex->prepared != p)
            continue;
        ex->prepared = NULL;
        if (ex->shape == p->shape) {
            ex->shape = NULL;
            ex->in_rows = false;
            ex->shape_gone = true;
        }
    }
    if (p->is_made)
        close_later(s, p);
    prepared_destroy(p);
}

bool rs_prepared_is_made(const struct rs_prepared *p)
{
    return p != NULL && p->is_made;
}

struct rs_str rs_prepared_sql(const struct rs_prepared *p)
{
    return (struct rs_str){ p->sql, p->sql_n };
}

static size_t repeat_of(const struct rs_request *request)
{
    return request->repeat == 0 ? 1 : request->repeat;
}

static struct rs_prepared *prepared_new(struct rs_session *s, const struct rs_request *request,
                                        struct rs_diag *diag)
{
    struct rs_prepared *p = rs_new(struct rs_prepared, diag);

    if (p == NULL)
        return NULL;
    p->sql = rs_str_dup(request->sql, diag);
    if (p->sql != NULL)
        p->types = rs_alloc(request->n_params, sizeof(*p->types), diag);
    if (p->types == NULL) {
        prepared_destroy(p);
        return NULL;
    }
    p->sql_n = request->sql.n;
    p->n_types = request->n_params;
    p->repeat = repeat_of(request);
    for (size_t i = 0; i < p->n_types; i++)
        p->types[i].type_oid = request->params[i].type_oid;
    p->id = ++s->last_id;
    return p;
}

static bool types_differ(const struct rs_prepared *p, const struct rs_request *request)
{
    if (p->n_types != request->n_params || p->repeat != repeat_of(request))
        return true;
    for (size_t i = 0; i < p->n_types; i++) {
        if (p->types[i].type_oid != request->params[i].type_oid)
            return true;
    }
    return false;
}

/* The statement the request runs; made when there is none yet, made anew when its parameters have
 * other types now (DESCRIBE takes it as it is). */
static bool prepared_find(struct rs_exchange *ex, const struct rs_request *request,
                          struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_prepared *p;

    if (request->prepared == NULL)
        return true;
    p = *request->prepared;
    if (p == NULL || (request->kind == RS_REQ_EXTENDED && types_differ(p, request))) {
        struct rs_prepared *made = prepared_new(s, request, diag);

        if (made == NULL)
            return false;
        rs_prepared_free(s, p);
        p = *request->prepared = made;
    }
    ex->prepared = p;
    return true;
}

/* ---- messages ---- */

static void put_begin(struct rs_buf *out, const char *begin)
{
    rs_msg_parse(out, "", rs_str_of(begin), NULL, 0);
    rs_msg_bind(out, "", NULL, 0);
    rs_msg_execute(out, 0);
}

static void put_simple(struct rs_exchange *ex, const struct rs_request *request)
{
    struct rs_buf *out = &ex->session->out;
    struct rs_buf before = RS_BUF_INIT(1024);

    /* One Query for both: if BEGIN fails, the rest does not run outside a transaction. */
    if (ex->has_begin) {
        rs_buf_addf(&before, "%s;", request->begin);
        ex->skip = (int64_t)before.len;
        if (before.bad)
            out->bad = true;
    }
    if (request->is_spliced)
        ex->skip = INT64_MAX;
    rs_msg_query(out, rs_buf_str(&before), request->sql);
    rs_buf_clear(&before);
}

static void put_bind(struct rs_buf *out, const char *name, const struct rs_request *request)
{
    if (request->values.p == NULL)
        rs_msg_bind(out, name, request->params, request->n_params);
    else
        rs_msg_bind_values(out, name, request->n_params * repeat_of(request), request->values);
}

/* Writes into the description what the application wants. */
static void choose_formats(struct rs_prepared *p, struct rs_str forms, struct rs_log *log)
{
    size_t n_binary = 0;

    for (size_t i = 0; i < p->shape->n; i++) {
        p->shape->field[i].format = i < forms.n && forms.p[i] == 1 ? 1 : 0;
        n_binary += p->shape->field[i].format == 1;
    }
    p->n_formats = n_binary > 0 ? p->shape->n : 0;
    RS_LOG(log, RS_LOG_TRACE, "wire.binary", "statement %u: %zu columns of %zu", (unsigned)p->id,
           n_binary, p->shape->n);
}

/* What the columns look like is known: they may come in binary. */
static void put_formats(struct rs_exchange *ex, struct rs_str forms)
{
    struct rs_prepared *p = ex->prepared;

    if (forms.n > 0 || p->n_formats > 0)
        choose_formats(p, forms, ex->session->log);
    ex->n_formats = p->n_formats;
    if (p->n_formats > 0)
        rs_msg_bind_formats(&ex->session->out, ex->bind_at, 0, p->shape);
}

static void put_extended(struct rs_exchange *ex, const struct rs_request *request)
{
    struct rs_buf *out = &ex->session->out;
    struct rs_prepared *p = ex->prepared;
    char name[16] = "";

    if (p != NULL)
        rs_prepared_name(p, name);
    ex->parses_left = 0;
    if (ex->has_begin) {
        put_begin(out, request->begin);
        ex->parses_left++;
    }
    ex->sent_parse = p == NULL || !p->is_made;
    if (ex->sent_parse) {
        rs_msg_parse_repeated(out, name, p == NULL ? request->sql : rs_prepared_sql(p),
                              request->params, request->n_params, repeat_of(request));
        ex->parses_left++;
    }
    if (request->kind == RS_REQ_DESCRIBE) {
        ex->is_remembered = !ex->sent_parse;
        rs_msg_describe(out, 'S', name);
    } else {
        ex->is_remembered = !ex->sent_parse && p->is_described;
        ex->bind_at = out->len;
        put_bind(out, name, request);
        if (ex->is_remembered && p->shape != NULL)
            put_formats(ex, request->forms);
        ex->bind_n = out->len - ex->bind_at;
        if (!ex->is_remembered)
            rs_msg_describe(out, 'P', "");
        rs_msg_execute(out, 0);
    }
    rs_msg_sync(out);
}

void rs_request_clear(struct rs_session *s)
{
    if (s->out.bad || s->out.cap > RS_OUT_KEEP)
        rs_buf_clear(&s->out);
    rs_buf_truncate(&s->out, 0);
    if (s->closes.len > 0) {
        rs_buf_add(&s->out, rs_buf_str(&s->closes));
        rs_buf_truncate(&s->closes, 0);
    }
}

static void put_request(struct rs_exchange *ex, const struct rs_request *request)
{
    rs_request_clear(ex->session);
    if (request->kind == RS_REQ_SIMPLE)
        put_simple(ex, request);
    else
        put_extended(ex, request);
}

bool rs_request_send(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_str bytes = rs_buf_str(&s->out);

    RS_LOG(s->log, RS_LOG_DEBUG, "wire.send", "%zu bytes", bytes.n);
    for (;;) {
        size_t unsent;

        switch (rs_transport_send(s->transport, bytes, rs_exchange_deadline(ex), s->read_timeout_ms,
                                  diag)) {
        case RS_WAIT_OK:
            return true;
        case RS_WAIT_INTERRUPTED:
            if (rs_cancel_is_asked(s))
                ex->is_cancelled = true;
            unsent = rs_transport_unsent(s->transport);
            bytes = rs_str_sub(bytes, bytes.n - unsent, unsent);
            break;
        case RS_WAIT_DEADLINE:
            return rs_exchange_timed_out(ex, false, diag);
        case RS_WAIT_FAILED:
            return rs_exchange_lost(ex, diag);
        }
    }
}

bool rs_request_again(struct rs_exchange *ex, struct rs_diag *diag)
{
    struct rs_session *s = ex->session;
    struct rs_prepared *p = ex->prepared;
    struct rs_buf bind = RS_BUF_INIT(RS_MSG_MAX);
    char name[16];
    bool ok = false;

    RS_LOG(s->log, RS_LOG_DEBUG, "wire.prepare", "statement %u is prepared anew", (unsigned)p->id);
    rs_prepared_name(p, name);
    rs_buf_add(&bind, rs_str_sub(rs_buf_str(&s->out), ex->bind_at, ex->bind_n));
    if (ex->n_formats > 0) /* the columns may be others now */
        rs_msg_bind_formats(&bind, 0, ex->n_formats, NULL);
    if (!rs_buf_ok(&bind, diag))
        goto out;
    rs_buf_truncate(&s->out, 0);
    rs_msg_close(&s->out, 'S', name);
    rs_msg_parse_repeated(&s->out, name, rs_prepared_sql(p), p->types, p->n_types, p->repeat);
    if (ex->kind == RS_REQ_DESCRIBE) {
        rs_msg_describe(&s->out, 'S', name);
    } else {
        rs_buf_add(&s->out, rs_buf_str(&bind));
        rs_msg_describe(&s->out, 'P', "");
        rs_msg_execute(&s->out, 0);
    }
    rs_msg_sync(&s->out);
    if (!rs_buf_ok(&s->out, diag))
        goto out;
    p->is_made = p->is_described = false;
    ex->is_remembered = ex->prepare_again = false;
    ex->sent_parse = true;
    ex->parses_left = 1;
    ok = rs_request_send(ex, diag);
out:
    rs_buf_clear(&bind);
    return ok;
}

/* ---- start ---- */

static struct rs_exchange *exchange_new(struct rs_session *s, const struct rs_request *request,
                                        struct rs_diag *diag)
{
    struct rs_exchange *ex = s->spare;

    if (ex == NULL)
        ex = rs_new(struct rs_exchange, diag);
    if (ex == NULL)
        return NULL;
    s->spare = NULL;
    ex->session = s;
    ex->loaded = -1;
    ex->in = rs_transport_inbox(s->transport);
    ex->kind = (int)request->kind;
    ex->deadline = request->deadline.at_ms == 0 ? RS_FOREVER : request->deadline;
    ex->times_rows = request->times_rows;
    ex->began_ms = s->statement_timeout_ms > 0 ? rs_now_ms() : 0;
    ex->owner = request->owner;
    ex->has_begin = ex->begin_left = request->begin != NULL;
    ex->moves_txn = request->moves_txn;
    ex->was_idle = s->txn == RS_TXN_IDLE && !ex->has_begin;
    ex->next = s->all;
    s->all = ex;
    return ex;
}

static bool request_check(const struct rs_request *request, struct rs_diag *diag)
{
    if (request->sql.n > 0 && memchr(request->sql.p, '\0', request->sql.n) != NULL)
        return rs_fail(diag, RS_42000, 0, "the statement contains a zero byte");
    if (request->n_params > RS_MSG_MAX_PARAMS / repeat_of(request))
        return rs_fail(diag, RS_07002, 0, "%zu parameters; the server takes %d at most",
                       request->n_params * repeat_of(request), RS_MSG_MAX_PARAMS);
    return true;
}

struct rs_exchange *rs_request_begin(struct rs_session *s, const struct rs_request *request,
                                     struct rs_diag *diag)
{
    if (!rs_session_usable(s, diag) || !request_check(request, diag))
        return NULL;
    if (s->live != NULL && !rs_exchange_store(s->live, request->deadline, request->owner, diag))
        return NULL;
    return exchange_new(s, request, diag);
}

bool rs_exchange_start(struct rs_session *s, const struct rs_request *request,
                       struct rs_exchange **out, struct rs_diag *diag)
{
    struct rs_exchange *ex = rs_request_begin(s, request, diag);
    bool ok;

    if (ex == NULL)
        return false;
    ok = prepared_find(ex, request, diag);
    if (ok) {
        put_request(ex, request);
        ok = rs_buf_ok(&s->out, diag);
    }
    if (ok) {
        s->live = ex;
        rs_cancel_begin(s, request->owner);
        ok = rs_request_send(ex, diag);
    }
    if (!ok) {
        rs_exchange_free(ex);
        return false;
    }
    *out = ex;
    return true;
}
