#include "http.h"

#include <curl/curl.h>
#ifndef _WIN32
#include <signal.h>
#include <time.h>
#endif

#include "ca.h"
#include "crypto.h"
#include "secret.h"
#include "transport.h"
#include "url.h"
#include "version.h"

enum { HEADERS_MAX_BYTES = 64 << 10, HEADER_MAX_BYTES = 128 << 10 };

static struct rs_once ready = RS_ONCE_INIT;
static bool is_ready;

static void get_ready(void)
{
    is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* One exchange while it runs. */
struct exchange {
    struct rs_http_reply reply;
    bool is_too_large, no_memory;
};

static size_t take(struct exchange *x, struct rs_buf *buf, const char *p, size_t n)
{
    if (n > buf->max - buf->len) {
        x->is_too_large = true;
        return 0; /* ends the transfer with CURLE_WRITE_ERROR */
    }
    rs_buf_add(buf, (struct rs_str){ p, n });
    x->no_memory = buf->bad;
    return buf->bad ? 0 : n;
}

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct exchange *x = ctx;

    return take(x, &x->reply.body, p, size * count);
}

/* A status line begins the headers anew: 100 Continue and the like come first. */
static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
    struct exchange *x = ctx;
    size_t n = size * count;
    struct rs_str line = rs_str_trim((struct rs_str){ p, n });

    if (rs_str_starts_nocase(line, RS_STR("HTTP/"))) {
        rs_buf_truncate(&x->reply.headers, 0);
        return n;
    }
    if (line.n == 0)
        return n;
    if (take(x, &x->reply.headers, line.p, line.n) == 0 || take(x, &x->reply.headers, "\n", 1) == 0)
        return 0;
    return n;
}

static bool is_clean(struct rs_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            return false;
    return true;
}

/* A value with a line end would be two headers on the wire. */
static bool add_header(struct curl_slist **list, struct rs_str name, struct rs_str value,
                       struct rs_diag *diag)
{
    struct rs_buf line = RS_BUF_WIPED(HEADER_MAX_BYTES);
    struct curl_slist *longer = NULL;
    bool ok = false;

    if (!is_clean(name) || !is_clean(value)) {
        rs_fail(diag, RS_HY000, 0, "the value for HTTP header \"%.*s\" contains a line end",
                is_clean(name) ? (int)name.n : 0, name.p == NULL ? "" : name.p);
        goto out;
    }
    rs_buf_add(&line, name);
    rs_buf_adds(&line, value.n == 0 ? ":" : ": ");
    rs_buf_add(&line, value);
    if (!rs_buf_ok(&line, diag))
        goto out;
    longer = curl_slist_append(*list, line.p);
    if (longer == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    *list = longer;
    ok = true;
out:
    rs_buf_clear(&line);
    return ok;
}

static void free_headers(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item != NULL; item = item->next)
        rs_wipe(item->data, rs_str_of(item->data).n);
    curl_slist_free_all(list);
}

static bool make_headers(const struct rs_http_request *req, struct curl_slist **list,
                         struct rs_diag *diag)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (!add_header(list, req->headers[i].name, req->headers[i].value, diag))
            return false;
    /* "Name:" with nothing behind it takes the library's own header away. */
    return add_header(list, RS_STR("Expect"), RS_STR_NULL, diag);
}

#define SET(curl, option, value) (curl_easy_setopt((curl), (option), (value)) == CURLE_OK)

/* The empty name keeps libcurl from looking into the environment. */
static bool set_proxy(CURL *curl, const struct rs_http_request *req)
{
    const struct rs_http_proxy *proxy = req->proxy;

    if (proxy == NULL || !rs_str_starts_nocase(rs_str_of(req->url), RS_STR("https:")))
        return SET(curl, CURLOPT_PROXY, "");
    return SET(curl, CURLOPT_PROXYTYPE, (long)CURLPROXY_HTTP) &&
           SET(curl, CURLOPT_PROXY, proxy->host) &&
           SET(curl, CURLOPT_PROXYPORT, (long)proxy->port) && SET(curl, CURLOPT_NOPROXY, "") &&
           SET(curl, CURLOPT_HTTPPROXYTUNNEL, 1L) &&
           SET(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
           SET(curl, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) &&
           (proxy->user == NULL || proxy->user[0] == '\0' ||
            (SET(curl, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC) &&
             SET(curl, CURLOPT_PROXYUSERNAME, proxy->user) &&
             SET(curl, CURLOPT_PROXYPASSWORD, proxy->password)));
}

static bool set_trust(CURL *curl, const char *ca_file)
{
    if (rs_ca_is_store(ca_file))
        return SET(curl, CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_NATIVE_CA);
    return ca_file == NULL || SET(curl, CURLOPT_CAINFO, ca_file);
}

static bool set_safety(CURL *curl, const struct rs_http_request *req)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    bool ok = SET(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    bool ok = SET(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    return ok && SET(curl, CURLOPT_FOLLOWLOCATION, 0L) && set_proxy(curl, req) &&
           SET(curl, CURLOPT_NOSIGNAL, 1L) &&
           SET(curl, CURLOPT_SSL_VERIFYPEER, req->is_unchecked ? 0L : 1L) &&
           SET(curl, CURLOPT_SSL_VERIFYHOST, req->is_unchecked ? 0L : 2L) &&
           SET(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           SET(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           set_trust(curl, req->ca_file);
}

/* A cookie that is none turns cookies on. (The name of a file would be lost inside the library at
 * the next reset.) The empty user is who the ticket names; it goes to the host that is asked and
 * nowhere else. */
static bool set_session(CURL *curl, const struct rs_http_request *req)
{
    if (req->session != NULL && !SET(curl, CURLOPT_COOKIELIST, ""))
        return false;
    return !req->negotiates ||
           (SET(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_NEGOTIATE) &&
            SET(curl, CURLOPT_USERPWD, ":") && SET(curl, CURLOPT_UNRESTRICTED_AUTH, 0L) &&
            SET(curl, CURLOPT_GSSAPI_DELEGATION, (long)CURLGSSAPI_DELEGATION_NONE));
}

static bool set_request(CURL *curl, const struct rs_http_request *req, struct curl_slist *headers,
                        struct exchange *x)
{
    int64_t left = rs_deadline_left(req->deadline);
    bool ok = SET(curl, CURLOPT_URL, req->url) && SET(curl, CURLOPT_HTTPHEADER, headers) &&
              SET(curl, CURLOPT_USERAGENT,
                  req->user_agent != NULL ? req->user_agent : "redshift-odbc/" RS_VERSION) &&
              SET(curl, CURLOPT_WRITEFUNCTION, on_body) && SET(curl, CURLOPT_WRITEDATA, x) &&
              SET(curl, CURLOPT_HEADERFUNCTION, on_header) && SET(curl, CURLOPT_HEADERDATA, x);

    if (ok && left < LONG_MAX)
        ok = SET(curl, CURLOPT_TIMEOUT_MS, left < 1 ? 1L : (long)left) &&
             SET(curl, CURLOPT_CONNECTTIMEOUT_MS, left < 1 ? 1L : (long)left);
    if (ok && (req->body.n > 0 || rs_str_eq(rs_str_of(req->method), RS_STR("POST"))))
        ok = SET(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n) &&
             SET(curl, CURLOPT_POSTFIELDS, req->body.n == 0 ? "" : req->body.p);
    return ok && SET(curl, CURLOPT_CUSTOMREQUEST, req->method);
}

/*
 * Older libcurl writes TLS records with plain write(), which raises SIGPIPE when the peer has gone,
 * and NOSIGNAL leaves that to us. The signal is held back in this thread for the transfer and a
 * pending one is taken out again.
 */
#ifdef _WIN32
struct held {
    char nothing;
};
static void hold(struct held *held)
{
    (void)held;
}
static void let_go(const struct held *held)
{
    (void)held;
}
#else
struct held {
    sigset_t pipe_set, old;
    bool was_pending;
};

static void hold(struct held *held)
{
    sigset_t pending;

    sigemptyset(&held->pipe_set);
    sigaddset(&held->pipe_set, SIGPIPE);
    sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &held->pipe_set, &held->old);
}

static void let_go(const struct held *held)
{
    sigset_t pending;

    sigpending(&pending);
    if (!held->was_pending && sigismember(&pending, SIGPIPE) == 1) {
#ifdef __APPLE__
        int taken;

        sigwait(&held->pipe_set, &taken);
#else
        struct timespec none = { 0, 0 };

        sigtimedwait(&held->pipe_set, NULL, &none);
#endif
    }
    pthread_sigmask(SIG_SETMASK, &held->old, NULL);
}
#endif

static CURLcode perform(CURL *curl)
{
    struct held held;
    CURLcode code;

    hold(&held);
    code = curl_easy_perform(curl);
    let_go(&held);
    return code;
}

/* Says goodbye on what is still open. */
static void clean_up(CURL *curl)
{
    struct held held;

    hold(&held);
    curl_easy_cleanup(curl);
    let_go(&held);
}

/* A session's handle keeps cookies and connections, and nothing of the request before. */
static CURL *take_handle(struct rs_http_session *session)
{
    if (session == NULL || session->curl == NULL)
        return curl_easy_init();
    curl_easy_reset(session->curl);
    return session->curl;
}

/* The options point at what lives no longer than the request. */
static void give_back(CURL *curl, struct rs_http_session *session)
{
    if (curl == NULL)
        return;
    if (session == NULL) {
        clean_up(curl);
        return;
    }
    curl_easy_reset(curl);
    session->curl = curl;
}

enum cause {
    CAUSE_NAME,
    CAUSE_TRANSPORT,
    CAUSE_CERTIFICATE,
    CAUSE_TIME,
    CAUSE_MEMORY,
    CAUSE_OTHER
};

static enum cause cause_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        enum cause cause;
    } causes[] = {
        { CURLE_COULDNT_RESOLVE_HOST, CAUSE_NAME },
        { CURLE_COULDNT_RESOLVE_PROXY, CAUSE_NAME },
        { CURLE_COULDNT_CONNECT, CAUSE_TRANSPORT },
        { CURLE_SSL_CONNECT_ERROR, CAUSE_TRANSPORT },
        { CURLE_SEND_ERROR, CAUSE_TRANSPORT },
        { CURLE_RECV_ERROR, CAUSE_TRANSPORT },
        { CURLE_GOT_NOTHING, CAUSE_TRANSPORT },
        { CURLE_PARTIAL_FILE, CAUSE_TRANSPORT },
        { CURLE_PEER_FAILED_VERIFICATION, CAUSE_CERTIFICATE },
        { CURLE_SSL_CACERT_BADFILE, CAUSE_CERTIFICATE },
        { CURLE_SSL_ISSUER_ERROR, CAUSE_CERTIFICATE },
        { CURLE_OPERATION_TIMEDOUT, CAUSE_TIME },
        { CURLE_OUT_OF_MEMORY, CAUSE_MEMORY },
    };

    for (size_t i = 0; i < RS_COUNT(causes); i++)
        if (causes[i].code == code)
            return causes[i].cause;
    return CAUSE_OTHER;
}

/* A proxy that answers, and does not connect: what it says is final, but for a 5xx. */
static bool fail_proxy(long status, const struct rs_http_request *req, bool *retryable,
                       struct rs_diag *diag)
{
    *retryable = status >= 500;
    return rs_fail(diag, RS_08001, 0, "the proxy %s:%d refused the connection (HTTP %ld)%s",
                   req->proxy->host, (int)req->proxy->port, status,
                   status == 407 ? "; https_proxy_username and https_proxy_password say who asks"
                                 : "");
}

/* libcurl does not tell a name that nobody has from a name server that is out of order. */
static bool may_find_it_later(CURLcode code, const struct rs_http_request *req)
{
    char name[256] = "";
    struct rs_url url;

    if (code == CURLE_COULDNT_RESOLVE_PROXY)
        return !rs_name_is_unknown(req->proxy->host, req->deadline);
    if (!rs_url_split(rs_str_of(req->url), &url) || url.host.n >= sizeof name)
        return false;
    for (size_t i = 0; i < url.host.n; i++)
        name[i] = url.host.p[i];
    return !rs_name_is_unknown(name, req->deadline);
}

static bool fail_send(CURLcode code, const char *detail, const struct exchange *x,
                      const struct rs_http_request *req, bool *retryable, struct rs_diag *diag)
{
    const char *text = detail[0] != '\0' ? detail : curl_easy_strerror(code);
    enum cause cause = cause_of(code);

    *retryable = cause == CAUSE_TRANSPORT || cause == CAUSE_TIME ||
                 (cause == CAUSE_NAME && may_find_it_later(code, req));
    if (x->is_too_large)
        return rs_fail(diag, RS_HY000, 0, "the answer is larger than %zu bytes",
                       req->max_reply_bytes);
    if (x->no_memory || cause == CAUSE_MEMORY)
        return rs_fail_memory(diag);
    if (cause == CAUSE_TIME)
        return rs_fail(diag, RS_HYT00, 0, "no answer within the time allowed");
    if (cause == CAUSE_CERTIFICATE)
        return rs_fail(diag, RS_08001, 0,
                       "the server's certificate was not accepted: %s; CaFile names the "
                       "authorities to trust (now \"%s\")",
                       text, req->ca_file == NULL ? "" : req->ca_file);
    if (cause == CAUSE_NAME || code == CURLE_COULDNT_CONNECT)
        return rs_fail(diag, RS_08001, 0, "could not reach the %s: %s",
                       req->proxy == NULL ? "server" : "server through the proxy", text);
    return rs_fail(diag, RS_08001, 0, "no answer from the server: %s", text);
}

static bool run(CURL *curl, const struct rs_http_request *req, struct curl_slist *headers,
                struct exchange *x, bool *retryable, struct rs_diag *diag)
{
    char detail[CURL_ERROR_SIZE] = "";
    struct rs_str date;
    long status = 0;
    CURLcode code;

    if (!set_safety(curl, req) || !set_session(curl, req) || !set_request(curl, req, headers, x) ||
        !SET(curl, CURLOPT_ERRORBUFFER, detail))
        return rs_fail(diag, RS_HY000, 0, "the HTTP library refused an option");
    code = perform(curl);
    if (code != CURLE_OK && req->proxy != NULL && !x->is_too_large && !x->no_memory) {
        curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
        if (status != 0 && status / 100 != 2)
            return fail_proxy(status, req, retryable, diag);
        status = 0;
    }
    if (code != CURLE_OK)
        return fail_send(code, detail, x, req, retryable, diag);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    x->reply.status = (int)status;
    date = rs_http_header(&x->reply, "Date");
    if (date.n > 0 && date.n < 64) {
        char text[64] = "";

        for (size_t i = 0; i < date.n; i++)
            text[i] = date.p[i];
        int64_t when = (int64_t)curl_getdate(text, NULL);

        x->reply.date_s = when < 0 ? 0 : when;
    }
    return true;
}

bool rs_http_send(const struct rs_http_request *req, struct rs_http_reply *reply, bool *retryable,
                  struct rs_diag *diag)
{
    struct exchange x = { .reply = { .body = RS_BUF_WIPED(req->max_reply_bytes),
                                     .headers = RS_BUF_WIPED(HEADERS_MAX_BYTES) } };
    struct curl_slist *headers = NULL;
    CURL *curl = NULL;
    bool ok = false;

    *retryable = false;
    rs_once(&ready, get_ready);
    curl = is_ready ? take_handle(req->session) : NULL;
    if (curl == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    if (!make_headers(req, &headers, diag) || !run(curl, req, headers, &x, retryable, diag))
        goto out;
    *reply = x.reply;
    x.reply = (struct rs_http_reply){ 0 };
    ok = true;
out:
    rs_http_reply_clear(&x.reply);
    give_back(curl, req->session);
    free_headers(headers);
    return ok;
}

void rs_http_session_clear(struct rs_http_session *session)
{
    if (session->curl != NULL)
        clean_up(session->curl);
    session->curl = NULL;
}

bool rs_http_can_negotiate(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    return (info->features & CURL_VERSION_SPNEGO) != 0;
}

void rs_http_reply_clear(struct rs_http_reply *reply)
{
    rs_buf_clear(&reply->body);
    rs_buf_clear(&reply->headers);
    reply->status = 0;
    reply->date_s = 0;
}

struct rs_str rs_http_header(const struct rs_http_reply *reply, const char *name)
{
    struct rs_str rest = rs_buf_str(&reply->headers), line, wanted = rs_str_of(name);
    bool done = false;

    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t colon = rs_str_chr(line, ':');

        if (colon > 0 && rs_str_eq_nocase(rs_str_sub(line, 0, (size_t)colon), wanted))
            return rs_str_trim(rs_str_sub(line, (size_t)colon + 1, line.n));
    }
    return RS_STR_NULL;
}
