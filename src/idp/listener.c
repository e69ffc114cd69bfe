#include "listener.h"

#include <stdarg.h>
#include <stdio.h>

#include "../socket.h"

enum {
    CONNECTIONS_MAX = 64,
    REQUEST_MAX_MS = 5000,
    DRAIN_MAX_MS = 1000,
    DRAIN_MAX_BYTES = 4 << 20,
    READ_AT_ONCE = 16 << 10,
    DRAIN_AT_ONCE = 4 << 10,
    PAGE_MAX_BYTES = 4096,
    REASON_MAX_BYTES = 1024
};

/* ---- what the browser is told ---- */

static const char *title_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 431:
        return "Request Header Fields Too Large";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}

static const char *const words_taken =
    "Your sign-in is complete. You may close this window and go back to your application.";
static const char *const words_failed =
    "The sign-in did not succeed. Your application says why. You may close this window.";
static const char *const words_refused =
    "This is not the answer that the application is waiting for. It goes on waiting: please start "
    "again from the page that it opened.";

/* Nothing of the request is in it. */
static void write_page(struct rs_buf *out, int status, const char *words, bool by_get)
{
    struct rs_buf page = RS_BUF_INIT(PAGE_MAX_BYTES);

    rs_buf_addf(&page,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Amazon "
                "Redshift</title></head>\n<body><h1>Amazon Redshift</h1><p>%s</p></body></html>\n",
                words);
    rs_buf_addf(out,
                "HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
                "%zu\r\nCache-Control: no-store\r\nContent-Security-Policy: default-src "
                "'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n%s"
                "Connection: close\r\n\r\n",
                status, title_of(status), page.len,
                status != 405 ? ""
                : by_get      ? "Allow: GET\r\n"
                              : "Allow: POST\r\n");
    rs_buf_add(out, rs_buf_str(&page));
    out->bad = out->bad || page.bad;
    rs_buf_clear(&page);
}

/* What was sent and not read would make the system drop our answer with the connection. */
static void drain(int fd, struct rs_deadline deadline)
{
    static const size_t most = DRAIN_MAX_BYTES;
    char some[DRAIN_AT_ONCE];
    size_t got = 0, all = 0;
    int error;

    rs_socket_shutdown(fd, false);
    while (all < most &&
           rs_socket_receive(fd, some, sizeof some, deadline, &got, &error) == RS_WAIT_OK)
        all += got;
    rs_wipe(some, sizeof some);
}

/* Whether it arrives changes nothing for us. */
static void tell(int fd, int status, const char *words, bool by_get)
{
    struct rs_deadline deadline = rs_deadline_in(DRAIN_MAX_MS);
    struct rs_buf answer = RS_BUF_INIT(2 * PAGE_MAX_BYTES);
    int error = 0;

    write_page(&answer, status, words, by_get);
    if (!answer.bad && rs_socket_send(fd, rs_buf_str(&answer), deadline, &error) == RS_WAIT_OK)
        drain(fd, deadline);
    rs_buf_clear(&answer);
}

/* ---- one wait ---- */

struct wait {
    struct rs_listener *listener;
    struct rs_browser browser;
    struct rs_deadline deadline;
    struct rs_diag *diag;
    unsigned n_connections;
    int last_refusal; /* a status; 0: none */
    bool is_over, ok;
};

static void end(struct wait *wait, bool ok)
{
    wait->is_over = true;
    wait->ok = ok;
}

static void refuse(struct wait *wait, int fd, int status, bool may_be_meant)
{
    const struct rs_buf *reason = &wait->listener->reason;

    RS_LOG(wait->listener->ask->log, may_be_meant ? RS_LOG_WARNING : RS_LOG_DEBUG, "auth.listener",
           "a request was refused: %d %s%s%s", status, title_of(status),
           reason->len == 0 ? "" : ": ", reason->len == 0 ? "" : reason->p);
    if (may_be_meant)
        wait->last_refusal = status;
    tell(fd, status, words_refused, wait->listener->by_get);
}

static void judge(struct wait *wait, int fd, const struct rs_incoming *request)
{
    struct rs_listener *listener = wait->listener;

    rs_buf_truncate(&listener->reason, 0);
    switch (listener->take(listener->ctx, request, wait->diag)) {
    case RS_VERDICT_TAKEN:
        end(wait, true);
        tell(fd, 200, words_taken, listener->by_get);
        break;
    case RS_VERDICT_FAILED:
        end(wait, false);
        tell(fd, 200, words_failed, listener->by_get);
        break;
    case RS_VERDICT_BAD:
        refuse(wait, fd, 400, true);
        break;
    case RS_VERDICT_STRANGER:
        refuse(wait, fd, 403, true);
        break;
    }
}

/* Reads until what came is a whole request, or none. */
static void hear(struct wait *wait, int fd)
{
    struct rs_incoming_want want = { wait->listener->by_get, wait->listener->listen.port };
    struct rs_deadline deadline = rs_deadline_min(wait->deadline, rs_deadline_in(REQUEST_MAX_MS));
    struct rs_buf text = RS_BUF_WIPED(RS_INCOMING_MAX + 2 * READ_AT_ONCE);
    struct rs_incoming request = { .status = 0 };
    enum rs_incoming_says says = RS_INCOMING_MORE;

    while (says == RS_INCOMING_MORE) {
        char *to = rs_buf_room(&text, READ_AT_ONCE);
        size_t got = 0;
        int error = 0;

        if (to == NULL) {
            end(wait, rs_buf_ok(&text, wait->diag));
            break;
        }
        if (rs_deadline_passed(deadline) ||
            rs_socket_receive(fd, to, READ_AT_ONCE, deadline, &got, &error) != RS_WAIT_OK)
            break;
        rs_buf_seal(&text, got);
        says = rs_incoming_read(rs_buf_str(&text), &want, &request);
    }
    if (says == RS_INCOMING_WHOLE)
        judge(wait, fd, &request);
    else if (says == RS_INCOMING_REFUSED) {
        rs_buf_truncate(&wait->listener->reason, 0);
        refuse(wait, fd, request.status, request.is_known_method && !wait->listener->by_get);
    } else
        RS_LOG(wait->listener->ask->log, RS_LOG_DEBUG, "auth.listener",
               "a connection without a whole request");
    rs_buf_clear(&text);
}

static bool fail_late(const struct wait *wait)
{
    const struct rs_listener *listener = wait->listener;
    const struct rs_idp_ask *ask = listener->ask;
    struct rs_buf more = RS_BUF_INIT(PAGE_MAX_BYTES);
    bool ok;

    if (wait->last_refusal != 0)
        rs_buf_addf(&more, "; the last request that came was refused with HTTP %d %s%s%s",
                    wait->last_refusal, title_of(wait->last_refusal),
                    listener->reason.len == 0 ? "" : ": ",
                    listener->reason.len == 0 ? "" : listener->reason.p);
    if (wait->browser.is_elsewhere)
        rs_buf_addf(&more,
                    "; no browser could be opened here, the page to open elsewhere while port %d "
                    "leads to this computer was %s",
                    (int)listener->listen.port, wait->browser.url);
    ok = rs_buf_ok(&more, wait->diag);
    if (ok && rs_deadline_passed(ask->deadline))
        ok = rs_fail(wait->diag, RS_HYT00, 0,
                     "the login timeout ran out before the browser brought the %s%s",
                     listener->what, more.len == 0 ? "" : more.p);
    else if (ok)
        ok = rs_fail(wait->diag, RS_HYT00, 0, "no %s arrived within %d seconds%s", listener->what,
                     (int)ask->set->idp_response_timeout, more.len == 0 ? "" : more.p);
    rs_buf_clear(&more);
    return ok;
}

static void wait_on(struct wait *wait)
{
    struct rs_listen *listen = &wait->listener->listen;
    int64_t check_ms = 0;
    int fd = -1, error = 0;
    enum rs_wait came;

    if (rs_deadline_passed(wait->deadline)) {
        end(wait, fail_late(wait));
        return;
    }
    if (!rs_browser_check(&wait->browser, &check_ms, wait->diag)) {
        end(wait, false);
        return;
    }
    came = rs_listen_accept(listen,
                            check_ms == INT64_MAX
                                ? wait->deadline
                                : rs_deadline_min(wait->deadline, rs_deadline_in(check_ms)),
                            &fd, &error);
    if (came == RS_WAIT_FAILED) {
        end(wait,
            rs_fail(wait->diag, RS_08001, error, "waiting on port %d failed", (int)listen->port));
    } else if (came == RS_WAIT_OK) {
        hear(wait, fd);
        rs_socket_close(fd);
        if (!wait->is_over && ++wait->n_connections == CONNECTIONS_MAX)
            end(wait, rs_fail(wait->diag, RS_08001, 0,
                              "%d connections came to port %d and none brought a %s",
                              (int)CONNECTIONS_MAX, (int)listen->port, wait->listener->what));
    }
}

/* ---- entry ---- */

bool rs_listener_open(struct rs_listener *listener, int32_t usual_port, struct rs_diag *diag)
{
    const struct rs_settings *set = listener->ask->set;
    bool is_set = rs_settings_is_set(set, RS_KEY_listen_port), is_busy = false;
    int32_t port = is_set ? set->listen_port : usual_port;
    int error = 0;

    listener->listen = (struct rs_listen)RS_LISTEN_INIT;
    if (port == 0 && usual_port != 0)
        return rs_fail(diag, RS_HY000, 0,
                       "listen_port must be between 1 and 65535 for this plugin: the identity "
                       "provider knows it beforehand");
    if (rs_listen_open(&listener->listen, port, &is_busy, &error))
        return true;
    if (is_busy)
        return rs_fail(diag, RS_08001, error,
                       "port %d is in use (listen_port); another program, or another sign-in, "
                       "waits on it",
                       (int)port);
    return rs_fail(diag, RS_08001, error, "port %d cannot be listened on (listen_port)", (int)port);
}

int32_t rs_listener_port(const struct rs_listener *listener)
{
    return listener->listen.port;
}

bool rs_listener_run(struct rs_listener *listener, const char *url, struct rs_diag *diag)
{
    const struct rs_idp_ask *ask = listener->ask;
    struct wait wait = {
        .listener = listener,
        .browser = { .ask = ask,
                     .url = url,
                     .port = listener->listen.port,
                     .stays_here = listener->stays_here },
        .deadline = rs_deadline_min(ask->deadline,
                                    rs_deadline_in((int64_t)ask->set->idp_response_timeout * 1000)),
        .diag = diag,
    };

    if (rs_browser_open(&wait.browser, diag))
        while (!wait.is_over)
            wait_on(&wait);
    listener->has_no_browser = wait.browser.is_elsewhere;
    rs_browser_leave(&wait.browser);
    rs_listener_close(listener);
    return wait.ok;
}

void rs_listener_close(struct rs_listener *listener)
{
    rs_listen_close(&listener->listen);
    rs_buf_clear(&listener->reason);
}

void rs_listener_because(struct rs_listener *listener, const char *fmt, ...)
{
    va_list args;
    char text[REASON_MAX_BYTES];

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    listener->reason.max = sizeof text;
    rs_buf_truncate(&listener->reason, 0);
    rs_buf_adds(&listener->reason, text);
}
