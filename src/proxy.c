#include "proxy.h"

#include <string.h>

#include "crypto.h"

enum { REQUEST_MAX = 64 * 1024, STATUS_LINE_MIN = 12 };

/* ---- the request ---- */

/* What a host name or a numeric address is made of; anything else could end the line or mean
 * something to the proxy. */
static bool is_host(struct rs_str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (!rs_is_alnum(host.p[i]) && host.p[i] != '.' && host.p[i] != '-' && host.p[i] != '_' &&
            host.p[i] != ':')
            return false;
    return host.n > 0;
}

static void add_target(struct rs_buf *out, struct rs_str host, int32_t port)
{
    bool is_v6 = rs_str_chr(host, ':') >= 0;

    rs_buf_addf(out, is_v6 ? "[%.*s]:%d" : "%.*s:%d", RS_ARG(host), (int)port);
}

static void add_basic(struct rs_buf *out, const struct rs_proxy *proxy)
{
    struct rs_buf pair = RS_BUF_WIPED(REQUEST_MAX);

    rs_buf_adds(&pair, proxy->user);
    rs_buf_addc(&pair, ':');
    if (proxy->password != NULL)
        rs_buf_add(&pair, (struct rs_str){ rs_secret_reveal(proxy->password),
                                           rs_secret_len(proxy->password) });
    rs_buf_adds(out, "Proxy-Authorization: Basic ");
    rs_base64_add(out, rs_buf_str(&pair));
    rs_buf_adds(out, "\r\n");
    out->bad = out->bad || pair.bad;
    rs_buf_clear(&pair);
}

bool rs_proxy_request(const struct rs_proxy *proxy, const char *host, int32_t port,
                      struct rs_secret *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(REQUEST_MAX);
    struct rs_str name = rs_str_of(host);
    bool ok = false;

    if (!is_host(name))
        return rs_fail(diag, RS_08001, 0,
                       "the server name \"%s\" cannot be put to a proxy: it is neither a host name "
                       "in ASCII nor a numeric address",
                       host);
    rs_buf_adds(&text, "CONNECT ");
    add_target(&text, name, port);
    rs_buf_adds(&text, " HTTP/1.1\r\nHost: ");
    add_target(&text, name, port);
    rs_buf_adds(&text, "\r\n");
    if (proxy->user != NULL)
        add_basic(&text, proxy);
    rs_buf_adds(&text, "\r\n");
    ok = rs_buf_ok(&text, diag) && rs_secret_set(out, rs_buf_str(&text), diag);
    rs_buf_clear(&text);
    return ok;
}

/* ---- the reply ---- */

/* Bytes up to and with the empty line that ends a head, 0: it has not come. Lines end in LF, most
 * in CR LF. */
static size_t head_length(struct rs_str text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.n; i++) {
        size_t n = i - from;

        if (text.p[i] != '\n')
            continue;
        if (n == 0 || (n == 1 && text.p[from] == '\r'))
            return i + 1;
        from = i + 1;
    }
    return 0;
}

/* "HTTP/1.x NNN", then a blank or the line's end. 0: it is none. */
static int status_of(struct rs_str head)
{
    int status = 0;

    if (head.n <= STATUS_LINE_MIN || memcmp(head.p, "HTTP/1.", 7) != 0 || !rs_is_digit(head.p[7]) ||
        head.p[8] != ' ')
        return 0;
    for (size_t i = 9; i < STATUS_LINE_MIN; i++) {
        if (!rs_is_digit(head.p[i]))
            return 0;
        status = status * 10 + (head.p[i] - '0');
    }
    if (head.p[STATUS_LINE_MIN] != ' ' && head.p[STATUS_LINE_MIN] != '\r' &&
        head.p[STATUS_LINE_MIN] != '\n')
        return 0;
    return status < 100 ? 0 : status;
}

/* So much as has come could begin a reply: a server of another kind is not waited for. */
static bool may_begin(struct rs_str text)
{
    static const char start[] = "HTTP/1.";
    size_t n = text.n < sizeof(start) - 1 ? text.n : sizeof(start) - 1;

    return memcmp(text.p, start, n) == 0;
}

enum rs_proxy_says rs_proxy_read(struct rs_str reply, int *status, size_t *used)
{
    size_t at = 0;

    while (at < reply.n) {
        struct rs_str rest = rs_str_sub(reply, at, reply.n);
        size_t n = head_length(rest);
        int code;

        if (at + n > RS_PROXY_HEAD_MAX || !may_begin(rest))
            return RS_PROXY_NONSENSE;
        if (n == 0)
            break;
        code = status_of(rs_str_sub(rest, 0, n));
        if (code == 0 || memchr(rest.p, '\0', n) != NULL)
            return RS_PROXY_NONSENSE;
        at += n;
        if (code < 200)
            continue;
        *status = code;
        *used = at;
        return code < 300 ? RS_PROXY_OPEN : RS_PROXY_REFUSES;
    }
    return reply.n >= RS_PROXY_HEAD_MAX ? RS_PROXY_NONSENSE : RS_PROXY_MORE;
}

const char *rs_proxy_variable(const struct rs_world *world)
{
    static const char *const names[] = { "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy" };

    for (size_t i = 0; i < RS_COUNT(names); i++)
        if (world->env(world->ctx, names[i]) != NULL)
            return names[i];
    return NULL;
}
