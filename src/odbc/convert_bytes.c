/* Binary values, which the server sends as text: VARBYTE, GEOMETRY, GEOGRAPHY, BYTEA. */
#include "convert_put.h"

enum form { FORM_HEX, FORM_ESCAPED, FORM_RAW };

/* Where the bytes of a value are taken from. */
struct source {
    const char *p;
    size_t n;
    enum form form;
};

/* 255: no hex digit. */
static inline unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 255;
}

static bool all_hex(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hex_digit(p[i]) == 255)
            return false;
    }
    return n % 2 == 0;
}

static bool is_octal(const char *p)
{
    return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' && p[2] <= '7';
}

/* One byte of the old escape form; 0 when it is malformed, else the characters taken. */
static size_t unescape(const char *p, size_t n, char *out)
{
    if (*p != '\\') {
        *out = *p;
        return 1;
    }
    if (n >= 2 && p[1] == '\\') {
        *out = '\\';
        return 2;
    }
    if (n < 4 || !is_octal(p + 1))
        return 0;
    *out = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
    return 4;
}

/* Decodes up to cap bytes from *at on; false when the text is malformed. */
static bool take_bytes(const struct source *from, size_t *at, char *to, size_t cap)
{
    const char *p = from->p + *at;

    switch (from->form) {
    case FORM_RAW:
        if (cap > 0)
            memcpy(to, p, cap);
        *at += cap;
        return true;
    case FORM_HEX:
        for (size_t i = 0; i < cap; i++, p += 2) {
            unsigned high = hex_digit(p[0]), low = hex_digit(p[1]);

            if ((high | low) > 15)
                return false;
            to[i] = (char)(high << 4 | low);
        }
        *at += 2 * cap;
        return true;
    case FORM_ESCAPED:
        for (size_t i = 0; i < cap; i++) {
            size_t used = unescape(from->p + *at, from->n - *at, to + i);

            if (used == 0)
                return false;
            *at += used;
        }
        return true;
    }
    return false;
}

/* Bytes that the whole value becomes; false when its text is malformed as far as a count shows. */
static bool count_bytes(const struct source *from, size_t *out)
{
    size_t n = 0, at = 0, used;
    char byte;

    switch (from->form) {
    case FORM_RAW:
        *out = from->n;
        return true;
    case FORM_HEX:
        *out = from->n / 2;
        return from->n % 2 == 0;
    case FORM_ESCAPED:
        for (; at < from->n; at += used, n++) {
            used = unescape(from->p + at, from->n - at, &byte);
            if (used == 0)
                return false;
        }
        *out = n;
        return true;
    }
    return false;
}

enum { HEX_CHUNK = 256 };

static bool put_hex(const struct source *from, size_t *at, size_t n_bytes, size_t width, char *to)
{
    static const char digits[] = "0123456789ABCDEF";
    char bytes[HEX_CHUNK];

    for (size_t done = 0; done < n_bytes;) {
        size_t n = n_bytes - done < HEX_CHUNK ? n_bytes - done : HEX_CHUNK;

        if (!take_bytes(from, at, bytes, n))
            return false;
        for (size_t i = 0; i < n; i++) {
            unsigned byte = (unsigned char)bytes[i];
            const char pair[2] = { digits[byte >> 4], digits[byte & 15] };

            if (width == 1) {
                memcpy(to, pair, sizeof pair);
            } else {
                rs_wide_put(to, pair[0]);
                rs_wide_put(to + RS_WIDE, pair[1]);
            }
            to += sizeof pair * width;
        }
        done += n;
    }
    return true;
}

/* Units of width bytes each byte becomes: 0 in binary buffers, where it stays one. */
struct output {
    size_t width;
    enum rs_ctype ctype;
};

static size_t bytes_that_fit(const struct output *out, const struct rs_target *to)
{
    size_t cap = to->cap < 0 ? 0 : (size_t)to->cap;

    if (out->width == 0)
        return cap;
    return cap < out->width ? 0 : (cap / out->width - 1) / 2;
}

static bool put_some(const struct source *from, size_t n, const struct output *out,
                     const struct rs_target *to, size_t *at)
{
    if (out->width == 0)
        return take_bytes(from, at, to->buf, n);
    if (!put_hex(from, at, n, out->width, to->buf))
        return false;
    memset((char *)to->buf + n * 2 * out->width, 0, out->width);
    return true;
}

static enum rs_fit put_bytes(struct rs_cell cell, const struct source *from,
                             const struct output *out, const struct rs_target *to,
                             struct rs_diag *diag)
{
    struct rs_piece own = { 0 }, *piece = to->piece != NULL ? to->piece : &own;
    size_t factor = out->width == 0 ? 1 : 2 * out->width, n, at;

    if (!piece->is_started) {
        if (!count_bytes(from, &piece->left))
            return rs_put_fail(diag, RS_22018, cell, out->ctype);
        if (to->max_length > 0 && piece->left > to->max_length)
            piece->left = to->max_length;
        piece->is_started = true;
    }
    n = bytes_that_fit(out, to);
    if (n > piece->left)
        n = piece->left;
    at = piece->at;
    if (to->buf != NULL && to->cap >= (SQLLEN)out->width && !put_some(from, n, out, to, &at))
        return rs_put_fail(diag, RS_22018, cell, out->ctype);
    rs_put_length(to, (SQLLEN)(piece->left * factor));
    if (to->buf == NULL)
        return RS_FIT_EXACT;
    piece->at = at;
    piece->left -= n;
    if (piece->left > 0 || (to->cap == 0 && out->width > 0))
        return rs_put_truncated(to, diag);
    piece->is_done = true;
    return RS_FIT_EXACT;
}

static enum rs_fit hex_to(struct rs_cell cell, struct output out, const struct rs_target *to,
                          struct rs_diag *diag)
{
    struct source from = { cell.p, (size_t)cell.n, FORM_HEX };

    return put_bytes(cell, &from, &out, to, diag);
}

static enum rs_fit geometry_to(struct rs_cell cell, struct output out, const struct rs_target *to,
                               struct rs_diag *diag)
{
    struct source from = { cell.p, (size_t)cell.n, FORM_HEX };
    bool is_known = to->piece != NULL && to->piece->is_started;
    bool is_raw = is_known ? to->piece->is_raw : !all_hex(cell.p, from.n);

    if (to->piece != NULL)
        to->piece->is_raw = is_raw;
    if (is_raw)
        from.form = FORM_RAW;
    return put_bytes(cell, &from, &out, to, diag);
}

static enum rs_fit bytea_to(struct rs_cell cell, struct output out, const struct rs_target *to,
                            struct rs_diag *diag)
{
    struct source from = { cell.p, (size_t)cell.n, FORM_ESCAPED };

    if (cell.n >= 2 && cell.p[0] == '\\' && cell.p[1] == 'x')
        from = (struct source){ cell.p + 2, (size_t)cell.n - 2, FORM_HEX };
    return put_bytes(cell, &from, &out, to, diag);
}

static const struct output to_char = { 1, RS_CTYPE_CHAR };
static const struct output to_wchar = { RS_WIDE, RS_CTYPE_WCHAR };
static const struct output to_binary = { 0, RS_CTYPE_BINARY };

#define BYTES_TO(from, name)                                                                       \
    static enum rs_fit from##_to_##name(struct rs_cell cell, const struct rs_target *to,           \
                                        struct rs_diag *diag)                                      \
    {                                                                                              \
        return from##_to(cell, to_##name, to, diag);                                               \
    }

BYTES_TO(hex, char)
BYTES_TO(hex, wchar)
BYTES_TO(hex, binary)
BYTES_TO(geometry, char)
BYTES_TO(geometry, wchar)
BYTES_TO(geometry, binary)
BYTES_TO(bytea, char)
BYTES_TO(bytea, wchar)
BYTES_TO(bytea, binary)
#undef BYTES_TO

static rs_convert_fn *const matrix[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_HEX] = { [RS_CTYPE_CHAR] = hex_to_char,
                      [RS_CTYPE_WCHAR] = hex_to_wchar,
                      [RS_CTYPE_BINARY] = hex_to_binary },
    [RS_KIND_GEOMETRY] = { [RS_CTYPE_CHAR] = geometry_to_char,
                           [RS_CTYPE_WCHAR] = geometry_to_wchar,
                           [RS_CTYPE_BINARY] = geometry_to_binary },
    [RS_KIND_BYTEA] = { [RS_CTYPE_CHAR] = bytea_to_char,
                        [RS_CTYPE_WCHAR] = bytea_to_wchar,
                        [RS_CTYPE_BINARY] = bytea_to_binary },
};

rs_convert_fn *rs_convert_find_bytes(enum rs_kind kind, enum rs_ctype ctype)
{
    return matrix[kind][ctype];
}
