#include "convert_put.h"

#include "../widen.h"

/* Progress of a bound column is kept for the length of one call. */
static struct rs_piece *piece_of(const struct rs_target *to, struct rs_piece *own)
{
    if (to->piece != NULL)
        return to->piece;
    *own = (struct rs_piece){ 0 };
    return own;
}

/* Room for characters in front of the NUL; -1: not even for that. */
static ptrdiff_t room_of(const struct rs_target *to, size_t width)
{
    return to->cap < (SQLLEN)width ? -1 : (ptrdiff_t)((size_t)to->cap / width) - 1;
}

static void put_nul(const struct rs_target *to, size_t at, size_t width)
{
    memset((char *)to->buf + at * width, 0, width);
}

/* SQL_ATTR_MAX_LENGTH cuts silently, whole characters. */
static struct rs_str limited(struct rs_cell cell, const struct rs_target *to)
{
    struct rs_str text = { cell.p, (size_t)cell.n };

    if (to->max_length > 0 && text.n > to->max_length)
        text.n = rs_utf8_cut(text, to->max_length);
    return text;
}

/* ---- plain ASCII ---- */

static void widen(const char *from, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++)
        rs_wide_put(to + i * RS_WIDE, from[i]);
}

static void put_chars(const struct rs_target *to, const char *from, size_t n, size_t width)
{
    if (width == 1)
        memcpy(to->buf, from, n);
    else
        widen(from, n, to->buf);
    put_nul(to, n, width);
}

enum rs_fit rs_put_long(struct rs_cell cell, const struct rs_target *to)
{
    memcpy(to->buf, cell.p, (size_t)cell.n);
    ((char *)to->buf)[cell.n] = '\0';
    rs_put_length(to, cell.n);
    return RS_FIT_EXACT;
}

enum rs_fit rs_put_ascii(struct rs_cell text, size_t must, size_t width, const struct rs_target *to,
                         struct rs_diag *diag)
{
    struct rs_piece own, *piece = piece_of(to, &own);
    size_t rest = (size_t)text.n - piece->at, take;
    ptrdiff_t room = room_of(to, width);

    if (to->buf == NULL || room < 0) {
        rs_put_length(to, (SQLLEN)(rest * width));
        return to->buf == NULL ? RS_FIT_EXACT : rs_put_truncated(to, diag);
    }
    if ((size_t)room >= rest) {
        put_chars(to, text.p + piece->at, rest, width);
        rs_put_length(to, (SQLLEN)(rest * width));
        piece->is_done = true;
        return RS_FIT_EXACT;
    }
    take = (size_t)room;
    if (piece->at == 0 && take < must)
        return rs_put_fail(diag, RS_22003, text, width == 1 ? RS_CTYPE_CHAR : RS_CTYPE_WCHAR);
    /* A point without digits behind it is left for the next piece. */
    if (piece->at == 0 && take == must + 1 && take > 1 && text.p[must] == '.')
        take--;
    put_chars(to, text.p + piece->at, take, width);
    rs_put_length(to, (SQLLEN)(rest * width));
    piece->at += take;
    return rs_put_truncated(to, diag);
}

enum rs_fit rs_put_struct(const void *value, size_t size, const struct rs_target *to,
                          struct rs_diag *diag)
{
    if (to->buf != NULL && to->cap == 0) {
        rs_put_length(to, (SQLLEN)size);
        return rs_put_truncated(to, diag);
    }
    if (to->buf != NULL && to->cap < (SQLLEN)size) {
        rs_fail(diag, RS_22003, 0, "the value needs a binary buffer of %zu bytes, not %lld", size,
                (long long)to->cap);
        return RS_FIT_FAILED;
    }
    return rs_put_fixed(to, value, size);
}

/* ---- text to bytes ---- */

/* Most bytes of p that fit into room without splitting a character; room when one is larger. */
static size_t cut_text(const char *p, size_t room)
{
    size_t at = room, len;
    unsigned char lead;

    while (at > 0 && room - at < 3 && ((unsigned char)p[at] & 0xC0) == 0x80)
        at--;
    lead = (unsigned char)p[at];
    len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return at > 0 && at + len > room ? at : room;
}

static enum rs_fit text_to_bytes(struct rs_cell cell, bool is_char, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    struct rs_piece own, *piece = piece_of(to, &own);
    struct rs_str text = limited(cell, to);
    const char *p = text.p + piece->at;
    size_t rest = text.n - piece->at, take;
    ptrdiff_t room = is_char ? room_of(to, 1) : (ptrdiff_t)(to->cap < 0 ? 0 : to->cap);

    rs_put_length(to, (SQLLEN)rest);
    if (to->buf == NULL)
        return RS_FIT_EXACT;
    if (room < 0)
        return rs_put_truncated(to, diag);
    take = (size_t)room >= rest ? rest : (size_t)room;
    /* A piece fills the buffer, for clients count on BufferLength - 1 bytes in each but the last;
     * what a bound buffer cuts off is lost, so there it is cut at a character. */
    if (take < rest && take > 0 && is_char && to->piece == NULL)
        take = cut_text(p, take);
    if (take > 0)
        memcpy(to->buf, p, take);
    if (is_char)
        put_nul(to, take, 1);
    piece->at += take;
    if (take < rest)
        return rs_put_truncated(to, diag);
    piece->is_done = true;
    return RS_FIT_EXACT;
}

static enum rs_fit text_to_char(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    if (rs_fits_whole(cell, to) && to->max_length == 0)
        return rs_put_whole(cell, to);
    return text_to_bytes(cell, true, to, diag);
}

static enum rs_fit text_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return text_to_bytes(cell, false, to, diag);
}

/* ---- text to units ---- */

/* Sixteen ASCII bytes; false when one is not. */
static inline bool widen16(const char *from, char *to)
{
    return RS_WIDE == 2 ? rs_widen16_to_16(from, to) : rs_widen16_to_32(from, to);
}

static inline bool widen4(const char *from, char *to)
{
    return RS_WIDE == 2 ? rs_widen4_to_16(from, to) : rs_widen4_to_32(from, to);
}

/* All of it when it is ASCII; tails overlap what is done already. to has room for n units. */
static inline bool widen_ascii(const char *from, size_t n, char *to)
{
    if (n >= 16) {
        for (size_t i = 0; i + 16 <= n; i += 16) {
            if (!widen16(from + i, to + i * RS_WIDE))
                return false;
        }
        return widen16(from + n - 16, to + (n - 16) * RS_WIDE);
    }
    if (n >= 4) {
        for (size_t i = 0; i + 4 <= n; i += 4) {
            if (!widen4(from + i, to + i * RS_WIDE))
                return false;
        }
        return widen4(from + n - 4, to + (n - 4) * RS_WIDE);
    }
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)from[i] > 0x7F)
            return false;
        widen(from + i, 1, to + i * RS_WIDE);
    }
    return true;
}

/* The low half of a pair whose high half was given out. */
static uint16_t low_surrogate(const char *p, size_t n)
{
    uint32_t cp = 0x10000;

    (void)rs_utf8_decode(p, n, &cp);
    return (uint16_t)(0xDC00 | (cp & 0x3FF));
}

static uint16_t high_surrogate(const char *p, size_t n)
{
    uint32_t cp = 0x10000;

    (void)rs_utf8_decode(p, n, &cp);
    return (uint16_t)(0xD800 | (cp - 0x10000) >> 10);
}

/* As many units as fit; returns how many, source and held half in *piece are moved on. */
static size_t put_units(struct rs_str text, size_t room, const struct rs_target *to,
                        struct rs_piece *piece)
{
    char *out = to->buf;
    bool scratch = false, *bad = to->bad_utf8 != NULL ? to->bad_utf8 : &scratch;
    size_t n = 0, used = 0;
    uint16_t unit; /* UTF-16 alone has pairs */

    if (piece->n_held > 0 && room > 0) {
        unit = low_surrogate(text.p + piece->at, text.n - piece->at);
        memcpy(out, &unit, sizeof unit);
        piece->n_held = 0;
        piece->at += 4;
        n = 1;
    }
    n += rs_wide_from_8(rs_str_sub(text, piece->at, text.n - piece->at), out + n * RS_WIDE,
                        room - n, &used, bad);
    piece->at += used;
    /* Room for half of a pair: a piece fills the buffer, and a lone unit must get on at all. */
    if (RS_WIDE == 2 && n + 1 == room && piece->at < text.n && (to->piece != NULL || n == 0)) {
        unit = high_surrogate(text.p + piece->at, text.n - piece->at);
        memcpy(out + n * RS_WIDE, &unit, sizeof unit);
        piece->n_held = 1;
        n++;
    }
    return n;
}

/* All units of the value, of which the first n are out already: what is behind them is counted. */
static void start_count(struct rs_str text, size_t n, struct rs_piece *piece)
{
    struct rs_str rest = rs_str_sub(text, piece->at, text.n - piece->at);

    piece->left = n + rs_wide_units(rest) - piece->n_held;
    piece->is_started = true;
}

static enum rs_fit text_to_units(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    struct rs_piece own, *piece = piece_of(to, &own);
    struct rs_str text = limited(cell, to);
    ptrdiff_t room = room_of(to, RS_WIDE);
    size_t n;

    if (to->buf == NULL || room < 0) {
        if (!piece->is_started)
            start_count(text, 0, piece);
        rs_put_length(to, (SQLLEN)(piece->left * RS_WIDE));
        return to->buf == NULL ? RS_FIT_EXACT : rs_put_truncated(to, diag);
    }
    n = put_units(text, (size_t)room, to, piece);
    if (!piece->is_started)
        start_count(text, n, piece);
    rs_put_length(to, (SQLLEN)(piece->left * RS_WIDE));
    put_nul(to, n, RS_WIDE);
    piece->left -= n;
    if (piece->left > 0)
        return rs_put_truncated(to, diag);
    piece->is_done = true;
    return RS_FIT_EXACT;
}

static enum rs_fit text_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    size_t n = (size_t)cell.n, used, units;
    bool scratch = false;

    if (RS_UNLIKELY(to->piece != NULL || (SQLLEN)n >= to->cap / RS_WIDE || to->buf == NULL ||
                    to->max_length > 0))
        return text_to_units(cell, to, diag);
    /* There are never more units than bytes, so all fits. */
    if (RS_LIKELY(widen_ascii(cell.p, n, to->buf)))
        units = n;
    else
        units = rs_wide_from_8((struct rs_str){ cell.p, n }, to->buf, n, &used,
                               to->bad_utf8 != NULL ? to->bad_utf8 : &scratch);
    put_nul(to, units, RS_WIDE);
    rs_put_length(to, (SQLLEN)(units * RS_WIDE));
    return RS_FIT_EXACT;
}

/* ---- numbers, dates: the server's text as it is ---- */

static size_t whole_digits(struct rs_cell cell)
{
    const char *point = cell.n > 0 ? memchr(cell.p, '.', (size_t)cell.n) : NULL;

    return point != NULL ? (size_t)(point - cell.p) : (size_t)cell.n;
}

RS_APART static enum rs_fit number_to_ascii(struct rs_cell cell, size_t width,
                                            const struct rs_target *to, struct rs_diag *diag)
{
    return rs_put_ascii(cell, whole_digits(cell), width, to, diag);
}

static enum rs_fit number_to_char(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    if (rs_fits_whole(cell, to))
        return rs_put_whole(cell, to);
    return number_to_ascii(cell, 1, to, diag);
}

bool rs_put_wide(struct rs_cell cell, const struct rs_target *to)
{
    size_t n = (size_t)cell.n;
    if (!widen_ascii(cell.p, n, to->buf))
        return false;
    put_nul(to, n, RS_WIDE);
    rs_put_length(to, (SQLLEN)(n * RS_WIDE));
    return true;
}

static enum rs_fit number_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    if (rs_fits_wide(cell, to) && RS_LIKELY(rs_put_wide(cell, to)))
        return RS_FIT_EXACT;
    return number_to_ascii(cell, RS_WIDE, to, diag);
}

/* ---- floats: the shortest text ---- */

/* With an exponent the fraction in front of it is what may be cut; nothing comes after. */
static enum rs_fit scientific_to_ascii(struct rs_cell cell, size_t exponent_at, size_t width,
                                       const struct rs_target *to, struct rs_diag *diag)
{
    size_t n = (size_t)cell.n, tail = n - exponent_at, whole = whole_digits(cell), keep;
    ptrdiff_t room = room_of(to, width);
    char text[RS_DOUBLE_TEXT * 2];

    if (whole > exponent_at)
        whole = exponent_at;
    if (to->buf == NULL || room <= 0 || (size_t)room >= n || n > sizeof text ||
        (size_t)room < whole + tail)
        return rs_put_ascii(cell, n, width, to, diag);
    keep = (size_t)room - tail;
    if (keep == whole + 1)
        keep = whole;
    memcpy(text, cell.p, keep);
    memcpy(text + keep, cell.p + exponent_at, tail);
    put_chars(to, text, keep + tail, width);
    rs_put_length(to, (SQLLEN)(n * width));
    if (to->piece != NULL)
        to->piece->is_done = true;
    return rs_put_truncated(to, diag);
}

static enum rs_fit float_to_ascii(struct rs_cell cell, size_t width, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    const char *e = cell.n > 0 ? memchr(cell.p, 'e', (size_t)cell.n) : NULL;

    if (e != NULL)
        return scientific_to_ascii(cell, (size_t)(e - cell.p), width, to, diag);
    return rs_put_ascii(cell, whole_digits(cell), width, to, diag);
}

static enum rs_fit float_to_char(struct rs_cell cell, const struct rs_target *to,
                                 struct rs_diag *diag)
{
    if (rs_fits_whole(cell, to))
        return rs_put_whole(cell, to);
    return float_to_ascii(cell, 1, to, diag);
}

static enum rs_fit float_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    if (rs_fits_wide(cell, to) && RS_LIKELY(rs_put_wide(cell, to)))
        return RS_FIT_EXACT;
    return float_to_ascii(cell, RS_WIDE, to, diag);
}

static struct rs_cell shortest8(struct rs_cell cell, char *text)
{
    size_t n = rs_shorten_double((struct rs_str){ cell.p, (size_t)cell.n }, text);

    return n > 0 ? (struct rs_cell){ text, (int32_t)n } : cell;
}

static struct rs_cell shortest4(struct rs_cell cell, char *text)
{
    size_t n = rs_shorten_float((struct rs_str){ cell.p, (size_t)cell.n }, text);

    return n > 0 ? (struct rs_cell){ text, (int32_t)n } : cell;
}

static enum rs_fit float8_to_char(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_char(shortest8(cell, text), to, diag);
}

static enum rs_fit float8_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_wchar(shortest8(cell, text), to, diag);
}

/* An exact number as the double nearest to it is printed. */
static struct rs_cell inexact(struct rs_cell cell, char *text)
{
    double value;

    if (rs_read_double((struct rs_str){ cell.p, (size_t)cell.n }, &value) != RS_READ_OK)
        return cell;
    return (struct rs_cell){ text, (int32_t)rs_print_double(value, text) };
}

static enum rs_fit inexact_to_char(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_char(inexact(cell, text), to, diag);
}

static enum rs_fit inexact_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_wchar(inexact(cell, text), to, diag);
}

static enum rs_fit float4_to_char(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_char(shortest4(cell, text), to, diag);
}

static enum rs_fit float4_to_wchar(struct rs_cell cell, const struct rs_target *to,
                                   struct rs_diag *diag)
{
    char text[RS_DOUBLE_TEXT];

    return float_to_wchar(shortest4(cell, text), to, diag);
}

/* ---- the matrix ---- */

static rs_convert_fn *const matrix[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_TEXT] = { [RS_CTYPE_CHAR] = text_to_char,
                       [RS_CTYPE_WCHAR] = text_to_wchar,
                       [RS_CTYPE_BINARY] = text_to_binary },
    [RS_KIND_INT] = { [RS_CTYPE_CHAR] = number_to_char, [RS_CTYPE_WCHAR] = number_to_wchar },
    [RS_KIND_INT2] = { [RS_CTYPE_CHAR] = number_to_char, [RS_CTYPE_WCHAR] = number_to_wchar },
    [RS_KIND_INT4] = { [RS_CTYPE_CHAR] = number_to_char, [RS_CTYPE_WCHAR] = number_to_wchar },
    [RS_KIND_NUMERIC] = { [RS_CTYPE_CHAR] = number_to_char, [RS_CTYPE_WCHAR] = number_to_wchar },
    [RS_KIND_INEXACT] = { [RS_CTYPE_CHAR] = inexact_to_char, [RS_CTYPE_WCHAR] = inexact_to_wchar },
    [RS_KIND_FLOAT4] = { [RS_CTYPE_CHAR] = float4_to_char, [RS_CTYPE_WCHAR] = float4_to_wchar },
    [RS_KIND_FLOAT8] = { [RS_CTYPE_CHAR] = float8_to_char, [RS_CTYPE_WCHAR] = float8_to_wchar },
};

rs_convert_fn *rs_convert_find_text(enum rs_kind kind, enum rs_ctype ctype)
{
    rs_convert_fn *fn = matrix[kind][ctype];

    return fn != NULL ? fn : rs_convert_find_bytes(kind, ctype);
}
