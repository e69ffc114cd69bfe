#include "opener_each.h"

enum { RETRY_PAUSE_MAX_MS = 30000 };

/* One record for all addresses; a single one speaks for itself. */
static void tell_all(const struct rs_login *login, struct rs_buf *all, size_t n,
                     struct rs_diag *last, struct rs_diag *diag)
{
    if (n == 1 || all->bad || all->p == NULL)
        rs_diag_move(diag, last);
    else
        rs_fail(diag, rs_diag_state(last), 0, "could not connect to \"%s\" at any address: %s",
                login->host, all->p);
}

static bool is_final(enum rs_try outcome)
{
    return outcome == RS_TRY_REFUSED || outcome == RS_TRY_UNABLE;
}

static enum rs_try addresses_try(rs_try_fn *try, const struct rs_login *login,
                                 const struct rs_open_options *options,
                                 const struct rs_address *list, size_t n,
                                 struct rs_deadline deadline, struct rs_opened *out,
                                 struct rs_diag *diag)
{
    struct rs_buf all = RS_BUF_INIT(RS_DIAG_MAX_TEXT / 2);
    struct rs_diag last = { 0 };
    enum rs_try outcome = RS_TRY_FAILED, worst = RS_TRY_FAILED;

    for (size_t i = 0; i < n; i++) {
        int64_t left = rs_deadline_left(deadline);
        int64_t share = left / (int64_t)(n - i);
        struct rs_deadline until =
            left == INT64_MAX ? RS_FOREVER : rs_deadline_in(share > 0 ? share : 1);

        rs_diag_clear(&last);
        outcome = try(login, options, &list[i], until, out, &last);
        if (outcome == RS_TRY_OPEN || is_final(outcome))
            break;
        if (outcome == RS_TRY_LATER)
            worst = outcome;
        rs_buf_addf(&all, "%s%s: %s", all.len > 0 ? "; " : "", list[i].text, rs_diag_first(&last));
        RS_LOG(options->log, RS_LOG_INFO, "connect", "%s: %s", list[i].text, rs_diag_first(&last));
    }
    if (is_final(outcome))
        rs_diag_move(diag, &last);
    else if (outcome != RS_TRY_OPEN) {
        tell_all(login, &all, n, &last, diag);
        outcome = worst;
    }
    rs_diag_clear(&last);
    rs_buf_clear(&all);
    return outcome;
}

static bool login_check(const struct rs_login *login, struct rs_diag *diag)
{
    if (login->kind != RS_LOGIN_TOKEN && (login->user == NULL || login->user[0] == '\0'))
        return rs_fail(diag, RS_28000, 0, "no user name is set (UID)");
    if (login->host == NULL || login->host[0] == '\0')
        return rs_fail(diag, RS_08001, 0, "no server is set (Server)");
    return true;
}

/* A cluster that resumes takes minutes; a longer pause than the longest was asked for. */
static int64_t next_delay(int64_t delay)
{
    if (delay >= RETRY_PAUSE_MAX_MS)
        return delay;
    return delay * 2 > RETRY_PAUSE_MAX_MS ? RETRY_PAUSE_MAX_MS : delay * 2;
}

static void log_addresses(struct rs_log *log, const char *host, const struct rs_address *list,
                          size_t n)
{
    struct rs_buf text = RS_BUF_INIT(4096);

    if (!rs_log_on(log, RS_LOG_DEBUG))
        return;
    for (size_t i = 0; i < n; i++)
        rs_buf_addf(&text, "%s%s", i > 0 ? ", " : "", list[i].text);
    rs_log_write(log, RS_LOG_DEBUG, "connect.address", "%s is %s", host,
                 text.p == NULL ? "" : text.p);
    rs_buf_clear(&text);
}

static void log_tls(struct rs_log *log, const struct rs_opened *opened)
{
    struct rs_buf text = RS_BUF_INIT(4096);

    if (rs_log_on(log, RS_LOG_DEBUG) && rs_transport_describe_tls(opened->transport, &text) &&
        !text.bad)
        rs_log_write(log, RS_LOG_DEBUG, "connect.tls", "%s", text.p);
    rs_buf_clear(&text);
}

enum rs_try rs_open_each(rs_try_fn *try, const struct rs_login *login,
                         const struct rs_open_options *options, struct rs_deadline deadline,
                         struct rs_opened *out, struct rs_diag *diag)
{
    struct rs_address *list = NULL;
    struct rs_diag last = { 0 };
    enum rs_try outcome = RS_TRY_FAILED;
    int64_t delay = (int64_t)options->retry_delay_s * 1000;
    bool has_proxy = options->proxy.host != NULL; /* it looks the server's name up */
    size_t n = 0;

    if (!login_check(login, diag) ||
        !rs_resolve(has_proxy ? options->proxy.host : login->host, deadline, &list, &n, diag))
        return RS_TRY_REFUSED;
    log_addresses(options->log, has_proxy ? options->proxy.host : login->host, list, n);
    for (int32_t i = 0; i <= options->retry_count; i++) {
        if (i > 0) {
            if (delay >= rs_deadline_left(deadline))
                break;
            RS_LOG(options->log, RS_LOG_INFO, "connect", "trying again in %lld ms",
                   (long long)delay);
            rs_sleep_ms(delay);
            delay = next_delay(delay);
        }
        rs_diag_clear(&last);
        outcome = addresses_try(try, login, options, list, n, deadline, out, &last);
        if (outcome != RS_TRY_LATER || rs_deadline_passed(deadline))
            break;
    }
    rs_free(list);
    if (outcome == RS_TRY_OPEN) {
        RS_LOG(options->log, RS_LOG_INFO, "connect", "connected to %s%s port %d, %s",
               has_proxy ? "the proxy " : "", out->address,
               (int)(has_proxy ? options->proxy.port : login->port),
               out->uses_tls ? "TLS" : "no TLS");
        log_tls(options->log, out);
        rs_diag_clear(&last);
        return outcome;
    }
    if (rs_deadline_passed(deadline) && rs_diag_state(&last) != RS_HYT00 && !is_final(outcome))
        rs_fail(diag, RS_HYT00, 0, "login timeout expired; last: %s", rs_diag_first(&last));
    else
        rs_diag_move(diag, &last);
    rs_diag_clear(&last);
    return outcome;
}
