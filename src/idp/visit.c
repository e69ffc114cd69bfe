#include "visit.h"

#include "../link.h"
#include "version.h"

enum { NO_PATIENCE_S = 60, HTTPS_PORT = 443, HEADERS_MAX = 8 };

void rs_idp_visit_begin(struct rs_idp_visit *visit, const struct rs_idp_ask *ask, const char *host,
                        int32_t port)
{
    *visit = (struct rs_idp_visit){
        .ask = ask, .host = host, .port = port, .url = RS_BUF_WIPED(RS_IDP_MAX_URL)
    };
    if (ask->set->ssl_insecure)
        RS_LOG(ask->log, RS_LOG_WARNING, "idp.tls",
               "ssl_insecure is set: the identity provider's certificate is not checked");
}

void rs_idp_visit_end(struct rs_idp_visit *visit)
{
    rs_http_session_clear(&visit->session);
    rs_http_reply_clear(&visit->reply);
    rs_buf_clear(&visit->url);
}

/* ---- where to ---- */

static int32_t port_of(const struct rs_url *url)
{
    return url->port == 0 ? HTTPS_PORT : url->port;
}

static bool is_https(const struct rs_url *url)
{
    return rs_str_eq_nocase(url->scheme, RS_STR("https")) && !url->has_userinfo;
}

/* Brackets do not count. */
static struct rs_str bare(struct rs_str host)
{
    return host.n > 2 && host.p[0] == '[' ? rs_str_sub(host, 1, host.n - 2) : host;
}

static bool is_same_place(const struct rs_url *a, const struct rs_url *b)
{
    return rs_str_eq_nocase(a->host, b->host) && port_of(a) == port_of(b);
}

bool rs_idp_is_trusted(const struct rs_settings *set, struct rs_str host)
{
    struct rs_str rest = rs_str_of(set->idp_trusted_hosts), part;
    bool done = false;

    while (rs_str_split(&rest, ',', &done, &part)) {
        part = bare(rs_str_trim(part));
        if (part.n > 0 && rs_str_eq_nocase(part, bare(host)))
            return true;
    }
    return false;
}

bool rs_idp_visit_may(const struct rs_idp_visit *visit, const struct rs_url *url)
{
    if (!is_https(url))
        return false;
    return (rs_str_eq_nocase(url->host, bare(rs_str_of(visit->host))) &&
            port_of(url) == visit->port) ||
           rs_idp_is_trusted(visit->ask->set, url->host);
}

bool rs_idp_visit_resolve(const struct rs_idp_visit *visit, struct rs_str base, struct rs_str link,
                          struct rs_buf *out, bool *is_link, struct rs_diag *diag)
{
    struct rs_buf from = RS_BUF_WIPED(RS_IDP_MAX_URL);
    bool has_base = false, ok = true;

    if (base.n > 0)
        ok = rs_link_resolve(rs_buf_str(&visit->url), base, &from, &has_base, diag);
    ok = ok && rs_buf_ok(&from, diag) &&
         rs_link_resolve(has_base ? rs_buf_str(&from) : rs_buf_str(&visit->url), link, out, is_link,
                         diag) &&
         rs_buf_ok(out, diag);
    rs_buf_clear(&from);
    return ok;
}

bool rs_idp_host_check(const struct rs_settings *set, struct rs_diag *diag)
{
    struct rs_str host = rs_str_of(set->idp_host);
    bool is_ipv6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';

    for (size_t i = 1; is_ipv6 && i + 1 < host.n; i++)
        is_ipv6 = rs_is_digit(host.p[i]) || host.p[i] == ':' || host.p[i] == '.' ||
                  (rs_lower(host.p[i]) >= 'a' && rs_lower(host.p[i]) <= 'f');
    return is_ipv6 || rs_url_is_host(host) ||
           rs_fail(diag, RS_HY000, 0,
                   "idp_host must be a host name, without a scheme, port or path");
}

/* ---- one request ---- */

static int64_t patience_s(const struct rs_idp_ask *ask)
{
    return ask->set->sts_connection_timeout > 0 ? ask->set->sts_connection_timeout : NO_PATIENCE_S;
}

static bool says_certificate(const char *text)
{
    return rs_str_find_nocase(rs_str_of(text), RS_STR("certificate")) >= 0;
}

static bool fail(const struct rs_idp_visit *visit, const struct rs_diag *cause,
                 struct rs_diag *diag)
{
    const char *text = rs_diag_first(cause);
    enum rs_state state = rs_diag_state(cause);
    struct rs_url url;

    if (state == RS_HY001)
        return rs_fail_memory(diag);
    if (state == RS_HYT00 && rs_deadline_passed(visit->ask->deadline))
        return rs_fail(diag, RS_HYT00, 0,
                       "the identity provider did not answer before the login timeout ran out");
    if (state == RS_HYT00)
        return rs_fail(diag, RS_HYT00, 0, "the identity provider did not answer in %lld s",
                       (long long)patience_s(visit->ask));
    if (state == RS_HY000)
        return rs_fail(diag, RS_HY000, 0, "identity provider: %s", text);
    if (!rs_url_split(rs_buf_str(&visit->url), &url))
        return rs_fail(diag, state, 0, "cannot reach the identity provider: %s", text);
    return rs_fail(diag, state, 0, "cannot reach the identity provider %.*s:%d: %s%s",
                   RS_ARG(url.host), (int)port_of(&url), text,
                   says_certificate(text) ? "; ssl_insecure=1 checks nothing, for tests" : "");
}

static bool ask_once(struct rs_idp_visit *visit, const struct rs_idp_step *step,
                     struct rs_diag *diag)
{
    const struct rs_idp_ask *ask = visit->ask;
    struct rs_http_request req = {
        .method = step->method,
        .url = visit->url.p,
        .headers = step->headers,
        .n_headers = step->n_headers,
        .body = step->body,
        .ca_file = ask->ca_file,
        .proxy = ask->proxy,
        .deadline = rs_deadline_min(ask->deadline, rs_deadline_in(patience_s(ask) * 1000)),
        .max_reply_bytes = RS_IDP_MAX_REPLY,
        .session = &visit->session,
        .user_agent =
            visit->user_agent != NULL ? visit->user_agent : "Mozilla/5.0 redshift-odbc/" RS_VERSION,
        .is_unchecked = ask->set->ssl_insecure,
        .negotiates = visit->negotiates
    };
    struct rs_diag cause = { 0 };
    bool retryable = false, ok;

    rs_http_reply_clear(&visit->reply);
    ok = ask->world->http(ask->world->ctx, &req, &visit->reply, &retryable, &cause);
    if (rs_log_on(ask->log, RS_LOG_DEBUG)) {
        struct rs_url url = { .port = 0 };

        if (!rs_url_split(rs_buf_str(&visit->url), &url))
            url.host = RS_STR_NULL;
        rs_log_write(ask->log, RS_LOG_DEBUG, "idp.call", "%s %.*s:%d: %d %s", step->method,
                     RS_ARG(url.host), (int)port_of(&url), visit->reply.status,
                     ok ? "" : rs_diag_first(&cause));
    }
    if (!ok)
        fail(visit, &cause, diag);
    rs_diag_clear(&cause);
    return ok;
}

/* ---- redirects ---- */

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool refuse_redirect(const struct rs_url *to, struct rs_diag *diag)
{
    if (!is_https(to))
        return rs_fail(diag, RS_08001, 0,
                       "IdP redirected to a place that is not https (%.*s); nothing was sent there",
                       RS_ARG(to->host));
    return rs_fail(diag, RS_08001, 0,
                   "IdP redirected to another host (%.*s:%d); add it to idp_trusted_hosts if it is "
                   "yours",
                   RS_ARG(to->host), (int)port_of(to));
}

/* What the answer leads to becomes the visit's URL, and *step what is sent there. */
static bool follow(struct rs_idp_visit *visit, struct rs_idp_step *step, struct rs_diag *diag)
{
    struct rs_buf next = RS_BUF_WIPED(RS_IDP_MAX_URL);
    struct rs_url from, to;
    int status = visit->reply.status;
    bool keeps = status == 307 || status == 308, is_link = false, ok = false;

    if (!rs_idp_visit_resolve(visit, RS_STR_NULL, rs_http_header(&visit->reply, "Location"), &next,
                              &is_link, diag))
        goto out;
    if (!is_link || !rs_url_split(rs_buf_str(&next), &to) ||
        !rs_url_split(rs_buf_str(&visit->url), &from)) {
        rs_fail(diag, RS_08001, 0, "IdP redirected to something that is no address (HTTP %d)",
                status);
        goto out;
    }
    if (!(is_https(&to) && is_same_place(&from, &to)) && !rs_idp_visit_may(visit, &to)) {
        refuse_redirect(&to, diag);
        goto out;
    }
    if (keeps && step->body.n > 0 && !is_same_place(&from, &to)) {
        rs_fail(diag, RS_08001, 0,
                "IdP wants what was sent to be sent to another host as well (%.*s); that is not "
                "done",
                RS_ARG(to.host));
        goto out;
    }
    if (!keeps && !rs_str_eq(rs_str_of(step->method), RS_STR("GET")))
        *step = (struct rs_idp_step){ .method = "GET" };
    rs_buf_clear(&visit->url);
    visit->url = next;
    return true;
out:
    rs_buf_clear(&next);
    return ok;
}

static bool warn_unchecked(struct rs_idp_visit *visit, struct rs_diag *diag)
{
    if (visit->ask->set->ssl_insecure && !visit->has_warned)
        rs_warn(diag, RS_01000,
                "ssl_insecure is set: the identity provider's certificate was not checked, so "
                "anyone on the way could read the password");
    visit->has_warned = true;
    return true;
}

bool rs_idp_visit_go(struct rs_idp_visit *visit, const struct rs_idp_step *first,
                     struct rs_diag *diag)
{
    struct rs_idp_step step = *first;

    rs_buf_truncate(&visit->url, 0);
    rs_buf_adds(&visit->url, step.url);
    if (!rs_buf_ok(&visit->url, diag))
        return false;
    for (int n = 0;; n++) {
        if (!ask_once(visit, &step, diag))
            return false;
        if (!is_redirect(visit->reply.status))
            return warn_unchecked(visit, diag);
        if (n == RS_IDP_MAX_REDIRECTS)
            return rs_fail(diag, RS_08001, 0, "IdP redirected more than %d times",
                           RS_IDP_MAX_REDIRECTS);
        if (!follow(visit, &step, diag))
            return false;
    }
}

bool rs_idp_visit_need_ok(const struct rs_idp_visit *visit, struct rs_diag *diag)
{
    int status = visit->reply.status;

    return status == 200 ||
           rs_fail(diag, RS_08001, status, "the identity provider answered HTTP %d", status);
}
