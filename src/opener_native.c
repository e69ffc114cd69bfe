#include "opener.h"

#include <errno.h>
#include <string.h>

#include "known.h"
#include "opener_say.h"
#include "rowstream.h"
#include "socket.h"
#include "startup.h"
#include "tls.h"

enum { TLS_REQUEST = 80877103, CANCEL_REQUEST = 80877102, CANCEL_BUFFER = 4096 };

/* ---- a line to the server: TCP, and TLS where it is wanted ---- */

struct line {
    int fd;    /* -1: none */
    void *ssl; /* NULL: none */
    char why[RS_WHY_BYTES];
};

enum line_end {
    LINE_UP,
    LINE_NO_ANSWER,
    LINE_BROKEN,
    LINE_NO_TLS, /* the server does not speak TLS; the line is up without */
    LINE_BAD_TLS
};

static void line_close(struct line *line)
{
    rs_tls_release(line->ssl);
    rs_socket_close(line->fd);
    line->ssl = NULL;
    line->fd = -1;
}

static enum line_end line_wait(struct line *line, enum rs_wait wait, int error)
{
    if (wait == RS_WAIT_OK)
        return LINE_UP;
    if (wait != RS_WAIT_FAILED)
        return LINE_NO_ANSWER;
    if (error == 0)
        rs_why_set(line->why, "the server closed the connection");
    else
        rs_why_errno(line->why, error);
    return LINE_BROKEN;
}

static void put32(char to[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(v >> (24 - 8 * i));
}

/* One byte answers. More than that cannot come from an honest server: it waits for TLS to begin,
 * and what came in the clear would else be taken for what TLS protects. */
static enum line_end tls_ask(struct line *line, struct rs_deadline deadline)
{
    char request[8], answer[16];
    enum line_end end;
    enum rs_wait wait;
    size_t n = 0;
    int error = 0;

    put32(request, sizeof(request));
    put32(request + 4, TLS_REQUEST);
    wait = rs_socket_send(line->fd, (struct rs_str){ request, sizeof(request) }, deadline, &error);
    if (wait == RS_WAIT_OK)
        wait = rs_socket_receive(line->fd, answer, sizeof(answer), deadline, &n, &error);
    end = line_wait(line, wait, error);
    if (end != LINE_UP || (n == 1 && answer[0] == 'S'))
        return end;
    if (n == 1 && answer[0] == 'N')
        return LINE_NO_TLS;
    rs_why_set(line->why, answer[0] == 'S' || answer[0] == 'N'
                              ? RS_SAY_EARLY_BYTES
                              : "the answer to the request for TLS is neither yes nor no");
    return LINE_BAD_TLS;
}

static enum line_end line_open(const struct rs_address *address, int32_t port,
                               const struct rs_socket_options *options, struct rs_tls_context *tls,
                               struct rs_deadline deadline, struct line *line)
{
    int error = 0;
    enum rs_wait wait = rs_socket_connect(address, port, options, deadline, &line->fd, &error);
    enum line_end end = line_wait(line, wait, error);

    if (end != LINE_UP || tls == NULL)
        return end;
    end = tls_ask(line, deadline);
    if (end != LINE_UP)
        return end;
    switch (rs_tls_connect(tls, line->fd, deadline, &line->ssl, line->why)) {
    case RS_TLS_UP:
        return LINE_UP;
    case RS_TLS_DEADLINE:
        return LINE_NO_ANSWER;
    case RS_TLS_FAILED:
        break;
    }
    return LINE_BAD_TLS;
}

/* ---- a session: cancel and end ---- */

struct native {
    struct line line;
    struct rs_tls_context *tls; /* NULL: the session goes without */
    struct rs_address address;
    int32_t port, server_pid;
    char key[RS_CANCEL_KEY_MAX];
    size_t key_n;
    int64_t pid;
};

static void native_free(struct native *native)
{
    if (native == NULL)
        return;
    line_close(&native->line);
    rs_tls_context_free(native->tls);
    rs_wipe(native->key, sizeof(native->key));
    rs_free(native);
}

/* Sends the request and waits until the server has closed: it has been served then. */
static bool cancel_on(const struct native *native, struct rs_transport *transport,
                      struct rs_deadline deadline, struct rs_diag *scratch)
{
    char request[12 + RS_CANCEL_KEY_MAX];
    struct rs_str bytes = { request, 12 + native->key_n };
    enum rs_wait wait;

    put32(request, (uint32_t)bytes.n);
    put32(request + 4, CANCEL_REQUEST);
    put32(request + 8, (uint32_t)native->server_pid);
    memcpy(request + 12, native->key, native->key_n);
    wait = rs_transport_send(transport, bytes, deadline, 0, scratch);
    rs_wipe(request, sizeof(request));
    if (wait != RS_WAIT_OK)
        return false;
    do {
        rs_transport_consume(transport, rs_transport_peek(transport).n);
        wait = rs_transport_need(transport, 1, deadline, 0, scratch);
    } while (wait == RS_WAIT_OK);
    return wait == RS_WAIT_FAILED;
}

static bool native_cancel(void *ctx, struct rs_deadline deadline)
{
    static const struct rs_socket_options plain = { 0 };
    const struct native *native = ctx;
    struct line line = { .fd = -1 };
    struct rs_transport *transport = NULL;
    struct rs_diag scratch = { 0 };
    bool ok = false;

    if (native->key_n == 0 || native->pid != rs_os_pid())
        return false;
    if (line_open(&native->address, native->port, &plain, native->tls, deadline, &line) == LINE_UP)
        transport = rs_transport_new(line.fd, line.ssl, CANCEL_BUFFER, &scratch);
    if (transport != NULL)
        ok = cancel_on(native, transport, deadline, &scratch);
    rs_transport_free(transport);
    line_close(&line);
    rs_diag_clear(&scratch);
    return ok;
}

/* In a forked child the connection is the parent's: only the descriptor is closed. */
static void native_finish(void *ctx, struct rs_transport *transport, bool polite)
{
    struct native *native = ctx;

    if (native->pid == rs_os_pid()) {
        if (polite && rs_say_goodbye(transport) && native->line.ssl != NULL)
            rs_tls_bye(native->line.ssl);
        rs_socket_shutdown(native->line.fd, !polite);
    }
    rs_transport_free(transport);
    native_free(native);
}

/* ---- one attempt at one address ---- */

struct attempt {
    const struct rs_login *login;
    const struct rs_open_options *options;
    const struct rs_address *address;
    struct rs_deadline deadline;
    bool with_tls, or_without;    /* TLS is tried; the server need not have it */
    bool is_plain;                /* struct rs_startup's */
    bool refused_unasked;         /* by an error, before it asked who we are */
    bool was_too_much, may_again; /* struct rs_started's */
};

static bool checks_name(const struct attempt *at)
{
    return at->options->sslmode == RS_SSL_VERIFY_FULL;
}

static enum rs_try line_failed(const struct attempt *at, enum line_end end, const struct line *line,
                               struct rs_diag *diag)
{
    switch (end) {
    case LINE_NO_ANSWER:
        return rs_say_no_answer(at->login, diag);
    case LINE_NO_TLS:
        return rs_say_no_tls(at->login, diag);
    case LINE_BAD_TLS:
        return rs_say_tls_failed(at->login, at->options, line->ssl, checks_name(at),
                                 rs_str_of(line->why), diag);
    case LINE_UP:
    case LINE_BROKEN:
        break;
    }
    return rs_say_not_connected(at->login, rs_str_of(line->why), diag);
}

static enum rs_try line_make(const struct attempt *at, struct native *native, struct rs_diag *diag)
{
    const struct rs_open_options *o = at->options;
    struct rs_socket_options socket = { .keepalive = o->keepalive,
                                        .idle_s = o->keepalive_idle_s,
                                        .interval_s = o->keepalive_interval_s,
                                        .count = o->keepalive_count };
    struct rs_tls_options tls = { .ca_file = o->ca_file,
                                  .host = at->login->host,
                                  .check_name = checks_name(at),
                                  .tls13_only = o->tls13_only };
    enum line_end end;

    if (at->with_tls) {
        native->tls = rs_tls_context_new(&tls, diag);
        if (native->tls == NULL)
            return RS_TRY_REFUSED;
    }
    end =
        line_open(at->address, at->login->port, &socket, native->tls, at->deadline, &native->line);
    if (end == LINE_NO_TLS && at->or_without) {
        rs_tls_context_free(native->tls);
        native->tls = NULL;
    } else if (end != LINE_UP) {
        return line_failed(at, end, &native->line, diag);
    }
    return RS_TRY_OPEN;
}

/* Clear text goes through TLS, or where the user himself has given TLS up. */
static bool may_send_clear(const struct attempt *at, const struct native *native)
{
    const struct rs_open_options *o = at->options;

    return native->line.ssl != NULL ||
           (!rs_login_needs_tls(at->login) && o->sslmode_is_explicit &&
            (o->sslmode == RS_SSL_DISABLE || o->sslmode == RS_SSL_ALLOW));
}

static enum rs_try attempt_once(struct attempt *at, struct rs_opened *out, struct rs_diag *diag)
{
    struct rs_startup startup = {
        .login = at->login, .options = at->options, .address = at->address, .is_plain = at->is_plain
    };
    struct rs_started started = { 0 };
    struct rs_opened opened = { .cancel = native_cancel, .finish = native_finish };
    struct native *native = rs_new(struct native, diag);
    enum rs_try outcome = RS_TRY_REFUSED;

    at->refused_unasked = at->was_too_much = at->may_again = false;
    if (native == NULL)
        return RS_TRY_REFUSED;
    native->line.fd = -1;
    native->pid = rs_os_pid();
    native->address = *at->address;
    native->port = at->login->port;
    RS_LOG(at->options->log, RS_LOG_DEBUG, "connect", "trying %s port %d natively, %s",
           at->address->text, (int)at->login->port, at->with_tls ? "with TLS" : "without TLS");
    outcome = line_make(at, native, diag);
    if (outcome != RS_TRY_OPEN)
        goto out;
    outcome = RS_TRY_REFUSED;
    opened.address = rs_str_dup(rs_str_of(at->address->text), diag);
    if (opened.address == NULL)
        goto out;
    opened.transport =
        rs_transport_new(native->line.fd, native->line.ssl, at->options->receive_bytes, diag);
    if (opened.transport == NULL)
        goto out;
    startup.may_send_clear = may_send_clear(at, native);
    outcome = rs_startup_run(opened.transport, &startup, at->deadline, &started, diag);
    at->refused_unasked = started.was_refused && !started.was_asked;
    at->was_too_much = started.was_too_much;
    at->may_again = started.may_again;
    if (outcome != RS_TRY_OPEN)
        goto out;
    native->server_pid = started.server_pid;
    memcpy(native->key, started.key, started.key_n);
    native->key_n = started.key_n;
    opened.statuses = started.statuses;
    started.statuses = NULL;
    opened.server_pid = started.server_pid;
    opened.uses_tls = native->line.ssl != NULL;
    opened.ctx = native;
    *out = opened;
out:
    rs_started_clear(&started);
    if (outcome != RS_TRY_OPEN) {
        rs_transport_free(opened.transport);
        rs_free(opened.address);
        native_free(native);
    }
    return outcome;
}

/* PostgreSQL takes the password first and refuses what it does not know then: it costs a whole
 * opening, once a server and process. */
static enum rs_try attempt_run(struct attempt *at, struct rs_opened *out, struct rs_diag *diag)
{
    const struct rs_login *login = at->login;
    enum rs_try outcome;

    at->is_plain = at->options->level == 0 || rs_known_is(RS_KNOWN_PLAIN, login->host, login->port);
    outcome = attempt_once(at, out, diag);
    if (outcome == RS_TRY_OPEN || !at->was_too_much)
        return outcome;
    rs_known_add(RS_KNOWN_PLAIN, login->host, login->port);
    if (!at->may_again)
        return outcome;
    RS_LOG(at->options->log, RS_LOG_INFO, "connect", "again without what Redshift alone knows: %s",
           rs_diag_first(diag));
    rs_diag_clear(diag);
    at->is_plain = true;
    return attempt_once(at, out, diag);
}

enum rs_try rs_native_tls_look(const struct rs_login *login, const struct rs_open_options *options,
                               const struct rs_address *address, bool check_name,
                               struct rs_deadline deadline, struct rs_diag *diag)
{
    static const struct rs_socket_options plain = { 0 };
    struct rs_tls_options tls = { .ca_file = options->ca_file,
                                  .host = login->host,
                                  .check_name = check_name,
                                  .tls13_only = options->tls13_only };
    struct rs_tls_context *context = rs_tls_context_new(&tls, diag);
    struct line line = { .fd = -1 };
    enum rs_try outcome = RS_TRY_OPEN;

    if (context == NULL)
        return RS_TRY_REFUSED;
    switch (line_open(address, login->port, &plain, context, deadline, &line)) {
    case LINE_NO_TLS:
        outcome = rs_say_no_tls(login, diag);
        break;
    case LINE_BAD_TLS:
        outcome =
            rs_say_tls_failed(login, options, line.ssl, check_name, rs_str_of(line.why), diag);
        break;
    case LINE_UP:
    case LINE_NO_ANSWER:
    case LINE_BROKEN:
        break;
    }
    line_close(&line);
    rs_tls_context_free(context);
    return outcome;
}

/* ---- one address, in the modes SSLMode allows ---- */

static enum rs_try address_try(const struct rs_login *login, const struct rs_open_options *options,
                               const struct rs_address *address, struct rs_deadline deadline,
                               struct rs_opened *out, struct rs_diag *diag)
{
    enum rs_sslmode mode = options->sslmode;
    struct attempt at = {
        .login = login, .options = options, .address = address, .deadline = deadline
    };
    bool first_without =
        !rs_login_needs_tls(login) && mode == RS_SSL_ALLOW && options->sslmode_is_explicit;
    enum rs_try outcome;

    at.with_tls = rs_login_needs_tls(login) || (mode != RS_SSL_DISABLE && !first_without);
    at.or_without = !rs_login_needs_tls(login) && (mode == RS_SSL_PREFER || mode == RS_SSL_ALLOW);
    outcome = attempt_run(&at, out, diag);
    if (!first_without || !at.refused_unasked)
        return outcome;
    rs_diag_clear(diag); /* such a server may demand TLS */
    at.with_tls = true;
    at.or_without = false;
    return attempt_run(&at, out, diag);
}

bool rs_open_native(const struct rs_login *login, const struct rs_open_options *options,
                    struct rs_deadline deadline, struct rs_opened *out, struct rs_diag *diag)
{
    return rs_open_each(address_try, login, options, deadline, out, diag) == RS_TRY_OPEN;
}
