#include "incoming.h"

#include "../url.h"

/* ---- the head, line by line ---- */

struct head {
    struct rs_str method, target, version, host, type;
    int n_host, n_length, n_type, n_origin;
    size_t length;
    bool is_coded; /* Transfer-Encoding */
};

static enum rs_incoming_says refuse(struct rs_incoming *out, int status)
{
    out->status = status;
    return RS_INCOMING_REFUSED;
}

/* Visible characters that are no separators. */
static bool is_token(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_alnum(text.p[i]) && memchr("!#$%&'*+-.^_`|~", text.p[i], 15) == NULL)
            return false;
    return text.n > 0;
}

static bool cut(struct rs_str *rest, char sep, struct rs_str *part)
{
    ptrdiff_t at = rs_str_chr(*rest, sep);

    if (at < 0)
        return false;
    *part = rs_str_sub(*rest, 0, (size_t)at);
    *rest = rs_str_sub(*rest, (size_t)at + 1, rest->n);
    return true;
}

static bool read_request_line(struct rs_str line, struct head *head)
{
    if (!cut(&line, ' ', &head->method) || !cut(&line, ' ', &head->target))
        return false;
    head->version = line;
    return is_token(head->method) && head->target.n > 0 &&
           rs_str_starts_nocase(head->version, RS_STR("HTTP/"));
}

static bool read_length(struct rs_str value, size_t *out)
{
    uint64_t n = 0;

    for (size_t i = 0; i < value.n; i++)
        if (!rs_is_digit(value.p[i]))
            return false;
    if (value.n == 0)
        return false;
    if (!rs_parse_u64(value, &n) || n > RS_INCOMING_BODY_MAX)
        n = RS_INCOMING_BODY_MAX + 1;
    *out = (size_t)n;
    return true;
}

static bool read_header(struct rs_str line, struct head *head, struct rs_incoming *out)
{
    struct rs_str name, value;

    if (!cut(&line, ':', &name) || !is_token(name))
        return false;
    value = rs_str_trim(line);
    if (rs_str_eq_nocase(name, RS_STR("Host"))) {
        head->host = value;
        return ++head->n_host == 1;
    }
    if (rs_str_eq_nocase(name, RS_STR("Content-Length")))
        return ++head->n_length == 1 && read_length(value, &head->length);
    if (rs_str_eq_nocase(name, RS_STR("Content-Type"))) {
        head->type = value;
        return ++head->n_type == 1;
    }
    if (rs_str_eq_nocase(name, RS_STR("Origin"))) {
        out->has_origin = true;
        out->origin = value;
        return ++head->n_origin == 1;
    }
    head->is_coded = head->is_coded || rs_str_eq_nocase(name, RS_STR("Transfer-Encoding"));
    return true;
}

/* The next line without its end, of at most so many bytes. */
enum line { LINE_WHOLE, LINE_MORE, LINE_BAD, LINE_LONG };

static enum line next_line(struct rs_str *rest, size_t max, struct rs_str *line)
{
    for (size_t i = 0; i < rest->n; i++) {
        unsigned char c = (unsigned char)rest->p[i];

        if (c == '\r') {
            if (i + 1 == rest->n)
                return LINE_MORE;
            if (rest->p[i + 1] != '\n')
                return LINE_BAD;
            *line = rs_str_sub(*rest, 0, i);
            *rest = rs_str_sub(*rest, i + 2, rest->n);
            return LINE_WHOLE;
        }
        if ((c < ' ' && c != '\t') || c == 127)
            return LINE_BAD;
        if (i == max)
            return LINE_LONG;
    }
    return LINE_MORE;
}

/* WHOLE: *rest is what follows the headers. */
static enum rs_incoming_says read_headers(struct rs_str *rest, struct head *head,
                                          struct rs_incoming *out)
{
    size_t all = rest->n;

    for (;;) {
        size_t used = all - rest->n;
        struct rs_str line = RS_STR_NULL;
        enum line found = used > RS_INCOMING_HEADERS_MAX
                              ? LINE_LONG
                              : next_line(rest, RS_INCOMING_HEADERS_MAX - used, &line);

        if (found == LINE_MORE)
            return RS_INCOMING_MORE;
        if (found == LINE_LONG)
            return refuse(out, 431);
        if (found == LINE_WHOLE && line.n == 0)
            return RS_INCOMING_WHOLE;
        if (found == LINE_BAD || !read_header(line, head, out))
            return refuse(out, 400);
    }
}

/* WHOLE: *rest is what follows the head. */
static enum rs_incoming_says read_head(struct rs_str *rest, struct head *head,
                                       struct rs_incoming *out)
{
    struct rs_str line = RS_STR_NULL;
    enum line found = next_line(rest, RS_INCOMING_LINE_MAX, &line);

    if (found == LINE_MORE)
        return RS_INCOMING_MORE;
    if (found == LINE_LONG)
        return refuse(out, 414);
    if (found == LINE_BAD || !read_request_line(line, head))
        return refuse(out, 400);
    return read_headers(rest, head, out);
}

/* ---- what it must be ---- */

/* The name that the browser believes to speak to: that of a stranger's page led here by a name
 * server is not ours. */
static bool is_our_host(struct rs_str host, int32_t port)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    char digits[24];
    struct rs_str number = { digits, rs_print_i64(digits, port) };

    for (size_t i = 0; i < RS_COUNT(names); i++) {
        struct rs_str name = rs_str_of(names[i]), tail;

        if (!rs_str_starts_nocase(host, name))
            continue;
        tail = rs_str_sub(host, name.n, host.n);
        if (tail.n == 0)
            return port == 80; /* which goes without saying */
        if (tail.p[0] == ':' && rs_str_eq(rs_str_sub(tail, 1, tail.n), number))
            return true;
    }
    return false;
}

static bool is_form(struct rs_str type)
{
    struct rs_str name = type;

    (void)cut(&type, ';', &name);
    return rs_str_eq_nocase(rs_str_trim(name), RS_STR("application/x-www-form-urlencoded"));
}

static bool is_our_path(struct rs_str path, bool by_get)
{
    if (by_get)
        return rs_str_eq(path, RS_STR("/"));
    return rs_str_eq(path, RS_STR("/redshift/")) || rs_str_eq(path, RS_STR("/redshift"));
}

/* 0: it may go on. */
static int judge(const struct head *head, const struct rs_incoming_want *want,
                 struct rs_incoming *out)
{
    struct rs_str query = head->target, path = head->target;
    bool has_query = cut(&query, '?', &path);

    out->is_known_method = rs_str_eq(head->method, want->by_get ? RS_STR("GET") : RS_STR("POST"));
    if (!rs_str_eq(head->version, RS_STR("HTTP/1.1")) &&
        !rs_str_eq(head->version, RS_STR("HTTP/1.0")))
        return 505;
    if (head->n_host != 1 || !is_our_host(head->host, want->port))
        return 403;
    if (head->is_coded)
        return 411;
    if (rs_str_eq(head->method, RS_STR("OPTIONS")))
        return 405;
    if (!is_our_path(path, want->by_get))
        return 404;
    if (!out->is_known_method)
        return 405;
    if (want->by_get) {
        out->fields = has_query ? query : RS_STR_NULL;
        return 0;
    }
    if (head->n_length != 1)
        return 411;
    if (head->length > RS_INCOMING_BODY_MAX)
        return 413;
    return is_form(head->type) ? 0 : 415;
}

static int hex_value(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Each % begins an escape, and no byte is zero. */
static bool is_sound(struct rs_str fields)
{
    for (size_t i = 0; i < fields.n; i++) {
        if (fields.p[i] == '\0')
            return false;
        if (fields.p[i] != '%')
            continue;
        if (fields.n - i < 3 || hex_value(fields.p[i + 1]) < 0 || hex_value(fields.p[i + 2]) < 0 ||
            (fields.p[i + 1] == '0' && fields.p[i + 2] == '0'))
            return false;
    }
    return true;
}

enum rs_incoming_says rs_incoming_read(struct rs_str text, const struct rs_incoming_want *want,
                                       struct rs_incoming *out)
{
    struct head head = { .n_host = 0 };
    struct rs_incoming read = { .status = 0 };
    enum rs_incoming_says says = read_head(&text, &head, &read);

    if (says == RS_INCOMING_WHOLE) {
        read.status = judge(&head, want, &read);
        if (read.status != 0)
            says = RS_INCOMING_REFUSED;
        else if (!want->by_get && text.n < head.length)
            says = RS_INCOMING_MORE;
        else if (!want->by_get)
            read.fields = rs_str_sub(text, 0, head.length);
    }
    if (says == RS_INCOMING_WHOLE && !is_sound(read.fields))
        says = refuse(&read, 400);
    *out = read;
    return says;
}

/* ---- fields ---- */

static void decode(struct rs_buf *out, struct rs_str text)
{
    while (text.n > 0) {
        struct rs_str piece = text;
        bool has_plus = cut(&text, '+', &piece);

        rs_url_decode(out, piece);
        if (!has_plus)
            return;
        rs_buf_addc(out, ' ');
    }
}

/* Without memory: where there is none, a field must not look like one that is not there. */
static bool is_name(struct rs_str encoded, const char *name)
{
    for (size_t i = 0; i < encoded.n; i++) {
        char c = encoded.p[i] == '+' ? ' ' : encoded.p[i];

        if (c == '%' && encoded.n - i > 2) {
            c = (char)(hex_value(encoded.p[i + 1]) * 16 + hex_value(encoded.p[i + 2]));
            i += 2;
        }
        if (c != *name++ || c == '\0')
            return false;
    }
    return *name == '\0';
}

enum rs_field rs_incoming_field(struct rs_str fields, const char *name, struct rs_buf *out)
{
    struct rs_str found, value, first = RS_STR_NULL;
    int n = 0;

    while (rs_query_next(&fields, &found, &value)) {
        if (!is_name(found, name))
            continue;
        if (n++ == 0)
            first = value;
    }
    if (n == 1)
        decode(out, first);
    return n == 0 ? RS_FIELD_NONE : n == 1 ? RS_FIELD_ONE : RS_FIELD_REPEATED;
}
