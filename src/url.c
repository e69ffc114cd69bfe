#include "url.h"

static bool is_unreserved(char c)
{
    return rs_is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

static struct rs_str from(struct rs_str s, size_t at)
{
    return rs_str_sub(s, at, s.n);
}

bool rs_url_is_host(struct rs_str host)
{
    size_t label = 0;

    if (host.n == 0 || host.n > 253)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];

        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (rs_is_alnum(c) || c == '-' || c == '_') {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return true; /* one trailing dot is the root's */
}

static bool is_ipv6_text(struct rs_str s)
{
    size_t colons = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = rs_lower(s.p[i]);

        if (c == ':')
            colons++;
        else if (!rs_is_digit(c) && !(c >= 'a' && c <= 'f') && c != '.')
            return false;
    }
    return colons >= 2 && s.n <= 45;
}

static bool split_port(struct rs_str text, int32_t *out)
{
    int64_t port = 0;

    if (text.n == 0) { /* "host:" means the default */
        *out = 0;
        return true;
    }
    if (text.n > 5 || !rs_is_digit(text.p[0]) || !rs_parse_i64(text, &port) || port < 1 ||
        port > 65535)
        return false;
    *out = (int32_t)port;
    return true;
}

static bool split_authority(struct rs_str text, struct rs_url *url)
{
    ptrdiff_t at = -1, colon;

    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '@')
            at = (ptrdiff_t)i;
    if (at >= 0) {
        url->has_userinfo = true;
        url->userinfo = rs_str_sub(text, 0, (size_t)at);
        text = from(text, (size_t)at + 1);
    }
    if (text.n > 0 && text.p[0] == '[') {
        ptrdiff_t end = rs_str_chr(text, ']');

        if (end < 0)
            return false;
        url->host = rs_str_sub(text, 1, (size_t)end - 1);
        url->is_ipv6 = true;
        text = from(text, (size_t)end + 1);
        if (!is_ipv6_text(url->host) || (text.n > 0 && text.p[0] != ':'))
            return false;
        return text.n == 0 || split_port(from(text, 1), &url->port);
    }
    colon = rs_str_chr(text, ':');
    url->host = colon < 0 ? text : rs_str_sub(text, 0, (size_t)colon);
    if (!rs_url_is_host(url->host))
        return false;
    return colon < 0 || split_port(from(text, (size_t)colon + 1), &url->port);
}

static bool split_scheme(struct rs_str *text, struct rs_str *scheme)
{
    ptrdiff_t colon = rs_str_chr(*text, ':');

    if (colon < 1 || !rs_is_alpha(text->p[0]) || text->n < (size_t)colon + 3 ||
        text->p[colon + 1] != '/' || text->p[colon + 2] != '/')
        return false;
    for (ptrdiff_t i = 0; i < colon; i++)
        if (!rs_is_alnum(text->p[i]) && text->p[i] != '+' && text->p[i] != '-' && text->p[i] != '.')
            return false;
    *scheme = rs_str_sub(*text, 0, (size_t)colon);
    *text = from(*text, (size_t)colon + 3);
    return true;
}

/* Cuts what follows sep off *text. */
static bool cut_tail(struct rs_str *text, char sep, struct rs_str *tail)
{
    ptrdiff_t at = rs_str_chr(*text, sep);

    if (at < 0)
        return false;
    *tail = from(*text, (size_t)at + 1);
    *text = rs_str_sub(*text, 0, (size_t)at);
    return true;
}

bool rs_url_split(struct rs_str text, struct rs_url *out)
{
    struct rs_url url = { 0 };
    size_t end = 0;

    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == '\\' || text.p[i] == 127)
            return false;
    if (!split_scheme(&text, &url.scheme))
        return false;
    url.has_fragment = cut_tail(&text, '#', &url.fragment);
    url.has_query = cut_tail(&text, '?', &url.query);
    while (end < text.n && text.p[end] != '/')
        end++;
    url.path = from(text, end);
    if (!split_authority(rs_str_sub(text, 0, end), &url))
        return false;
    *out = url;
    return true;
}

static bool is_loopback_v4(struct rs_str host)
{
    struct rs_str rest = host, part;
    bool done = false;
    size_t n = 0;

    while (rs_str_split(&rest, '.', &done, &part)) {
        int64_t value = 0;

        if (part.n == 0 || part.n > 3 || !rs_is_digit(part.p[0]) || !rs_parse_i64(part, &value) ||
            value > 255 || (n == 0 && value != 127))
            return false;
        n++;
    }
    return n == 4;
}

bool rs_url_is_loopback(struct rs_str host)
{
    return rs_str_eq_nocase(host, RS_STR("localhost")) || rs_str_eq(host, RS_STR("::1")) ||
           is_loopback_v4(host);
}

void rs_url_encode(struct rs_buf *out, struct rs_str text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (is_unreserved((char)c)) {
            rs_buf_addc(out, (char)c);
        } else {
            rs_buf_addc(out, '%');
            rs_buf_addc(out, digits[c >> 4]);
            rs_buf_addc(out, digits[c & 15]);
        }
    }
}

static int hex_value(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void rs_url_decode(struct rs_buf *out, struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' && text.n - i > 2 && hex_value(text.p[i + 1]) >= 0 &&
            hex_value(text.p[i + 2]) >= 0) {
            rs_buf_addc(out, (char)(hex_value(text.p[i + 1]) * 16 + hex_value(text.p[i + 2])));
            i += 2;
        } else {
            rs_buf_addc(out, text.p[i]);
        }
    }
}

void rs_query_add(struct rs_buf *out, const char *name, struct rs_str value)
{
    if (out->len > 0)
        rs_buf_addc(out, '&');
    rs_url_encode(out, rs_str_of(name));
    rs_buf_addc(out, '=');
    rs_url_encode(out, value);
}

bool rs_query_next(struct rs_str *query, struct rs_str *name, struct rs_str *value)
{
    while (query->n > 0) {
        ptrdiff_t amp = rs_str_chr(*query, '&');
        struct rs_str part = amp < 0 ? *query : rs_str_sub(*query, 0, (size_t)amp);
        ptrdiff_t eq = rs_str_chr(part, '=');

        *query = amp < 0 ? RS_STR_NULL : from(*query, (size_t)amp + 1);
        if (part.n == 0)
            continue;
        *name = eq < 0 ? part : rs_str_sub(part, 0, (size_t)eq);
        *value = eq < 0 ? RS_STR_NULL : from(part, (size_t)eq + 1);
        return true;
    }
    return false;
}
