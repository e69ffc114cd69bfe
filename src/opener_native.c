#include "opener.h"

#include <errno.h>
#include <string.h>

#include "known.h"
#include "line.h"
#include "opener_say.h"
#include "rowstream.h"
#include "startup.h"
#include "tls.h"

enum { CANCEL_REQUEST = 80877102, CANCEL_BUFFER = 4096 };

static void put32(char to[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(v >> (24 - 8 * i));
}

/* ---- a session: cancel and end ---- */

struct native {
    struct rs_line line;
    struct rs_tls_context *tls; /* NULL: the session goes without */
    struct rs_address address;
    int32_t port, server_pid;
    struct rs_secret request; /* to the proxy at that address and port; not set: there is none */
    char key[RS_CANCEL_KEY_MAX];
    size_t key_n;
    int64_t pid;
};

static void native_free(struct native *native)
{
    if (native == NULL)
        return;
    rs_line_close(&native->line);
    rs_tls_context_free(native->tls);
    rs_secret_clear(&native->request);
    rs_wipe(native->key, sizeof(native->key));
    rs_free(native);
}

static struct rs_line_to line_to(const struct native *native)
{
    return (struct rs_line_to){ .address = &native->address,
                                .port = native->port,
                                .request = &native->request,
                                .tls = native->tls };
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
    struct rs_line_to to = line_to(native);
    struct rs_line line = { .fd = -1 };
    struct rs_transport *transport = NULL;
    struct rs_diag scratch = { 0 };
    bool ok = false;

    if (native->key_n == 0 || native->pid != rs_os_pid())
        return false;
    if (rs_line_open(&to, &plain, deadline, &line) == RS_LINE_UP)
        transport = rs_transport_new(line.fd, line.ssl, CANCEL_BUFFER, &scratch);
    if (transport != NULL)
        ok = cancel_on(native, transport, deadline, &scratch);
    rs_transport_free(transport);
    rs_line_close(&line);
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

static enum rs_try line_failed(const struct attempt *at, enum rs_line_end end,
                               const struct rs_line *line, struct rs_diag *diag)
{
    if (end == RS_LINE_NO_MEMORY) {
        (void)rs_fail_memory(diag);
        return RS_TRY_REFUSED;
    }
    if (!line->is_past)
        return rs_say_no_proxy(&at->options->proxy, end, line, diag);
    switch (end) {
    case RS_LINE_NO_ANSWER:
        return rs_say_no_answer(at->login, diag);
    case RS_LINE_NO_TLS:
        return rs_say_no_tls(at->login, diag);
    case RS_LINE_BAD_TLS:
        return rs_say_tls_failed(at->login, at->options, line->ssl, checks_name(at),
                                 rs_str_of(line->why), diag);
    case RS_LINE_UP:
    case RS_LINE_BROKEN:
    case RS_LINE_NO_PROXY:
    case RS_LINE_NO_MEMORY:
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
    struct rs_line_to to;
    enum rs_line_end end;

    if (o->proxy.host != NULL &&
        !rs_proxy_request(&o->proxy, at->login->host, at->login->port, &native->request, diag))
        return RS_TRY_REFUSED;
    if (at->with_tls) {
        native->tls = rs_tls_context_new(&tls, diag);
        if (native->tls == NULL)
            return RS_TRY_REFUSED;
    }
    to = line_to(native);
    end = rs_line_open(&to, &socket, at->deadline, &native->line);
    if (end == RS_LINE_NO_TLS && at->or_without) {
        rs_tls_context_free(native->tls);
        native->tls = NULL;
    } else if (end != RS_LINE_UP) {
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
    native->port = at->options->proxy.host != NULL ? at->options->proxy.port : at->login->port;
    RS_LOG(at->options->log, RS_LOG_DEBUG, "connect", "trying %s port %d natively, %s",
           at->address->text, (int)native->port, at->with_tls ? "with TLS" : "without TLS");
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
    struct rs_line_to to = { .address = address, .port = login->port, .tls = context };
    struct rs_line line = { .fd = -1 };
    enum rs_try outcome = RS_TRY_OPEN;

    if (context == NULL)
        return RS_TRY_REFUSED;
    switch (rs_line_open(&to, &plain, deadline, &line)) {
    case RS_LINE_NO_TLS:
        outcome = rs_say_no_tls(login, diag);
        break;
    case RS_LINE_BAD_TLS:
        outcome =
            rs_say_tls_failed(login, options, line.ssl, check_name, rs_str_of(line.why), diag);
        break;
    case RS_LINE_UP:
    case RS_LINE_NO_ANSWER:
    case RS_LINE_BROKEN:
    case RS_LINE_NO_PROXY:
    case RS_LINE_NO_MEMORY:
        break;
    }
    rs_line_close(&line);
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
