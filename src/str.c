#include "str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "os.h"
#include "secret.h"

struct rs_str rs_str_of(const char *text)
{
    return (struct rs_str){ text, text == NULL ? 0 : strlen(text) };
}

bool rs_str_eq(struct rs_str a, struct rs_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool same_nocase(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rs_lower(a[i]) != rs_lower(b[i]))
            return false;
    return true;
}

bool rs_str_eq_nocase(struct rs_str a, struct rs_str b)
{
    return a.n == b.n && same_nocase(a.p, b.p, a.n);
}

bool rs_str_starts_nocase(struct rs_str s, struct rs_str prefix)
{
    return s.n >= prefix.n && same_nocase(s.p, prefix.p, prefix.n);
}

bool rs_str_ends_nocase(struct rs_str s, struct rs_str suffix)
{
    return s.n >= suffix.n && rs_str_eq_nocase(rs_str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

ptrdiff_t rs_str_find_nocase(struct rs_str s, struct rs_str needle)
{
    if (needle.n == 0)
        return 0;
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (rs_lower(s.p[i]) == rs_lower(needle.p[0]) && same_nocase(s.p + i, needle.p, needle.n))
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t rs_str_chr(struct rs_str s, char c)
{
    const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

    return at == NULL ? -1 : at - s.p;
}

struct rs_str rs_str_trim(struct rs_str s)
{
    while (s.n > 0 && rs_is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && rs_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct rs_str rs_str_sub(struct rs_str s, size_t from, size_t n)
{
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (struct rs_str){ s.p == NULL ? NULL : s.p + from, n };
}

bool rs_str_split(struct rs_str *rest, char sep, bool *done, struct rs_str *part)
{
    ptrdiff_t at;

    if (*done)
        return false;
    at = rs_str_chr(*rest, sep);
    if (at < 0) {
        *part = *rest;
        *done = true;
    } else {
        *part = rs_str_sub(*rest, 0, (size_t)at);
        *rest = rs_str_sub(*rest, (size_t)at + 1, rest->n);
    }
    return true;
}

bool rs_parse_u64(struct rs_str s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit;

        if (!rs_is_digit(s.p[i]))
            return false;
        digit = (unsigned)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool rs_parse_i64(struct rs_str s, int64_t *out)
{
    bool is_negative = s.n > 0 && s.p[0] == '-';
    uint64_t magnitude;

    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = rs_str_sub(s, 1, s.n);
    if (!rs_parse_u64(s, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + (is_negative ? 1 : 0))
        return false;
    *out = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

size_t rs_print_u64(char *to, uint64_t value)
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++)
        to[i] = digits[n - 1 - i];
    return n;
}

size_t rs_print_i64(char *to, int64_t value)
{
    if (value >= 0)
        return rs_print_u64(to, (uint64_t)value);
    to[0] = '-';
    return 1 + rs_print_u64(to + 1, 0 - (uint64_t)value);
}

char *rs_str_dup(struct rs_str s, struct rs_diag *diag)
{
    char *copy;

    if (s.n == SIZE_MAX) {
        if (diag != NULL)
            rs_fail_memory(diag);
        return NULL;
    }
    copy = rs_alloc(s.n + 1, 1, diag);
    if (copy != NULL && s.n > 0)
        memcpy(copy, s.p, s.n);
    return copy;
}

/* A wiped buffer may not leave its old block behind, so it never goes through realloc. */
static bool grow_wiped(struct rs_buf *b, size_t cap)
{
    char *p = rs_alloc(cap, 1, NULL);

    if (p == NULL)
        return false;
    if (b->p != NULL) {
        memcpy(p, b->p, b->len + 1);
        rs_wipe(b->p, b->cap);
        rs_free(b->p);
    }
    b->p = p;
    return true;
}

static bool grow(struct rs_buf *b, size_t need)
{
    size_t cap = b->cap < 32 ? 64 : b->cap;
    char *p;

    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (b->wipe) {
        if (!grow_wiped(b, cap))
            return false;
    } else {
        p = rs_realloc(b->p, cap, 1, NULL);
        if (p == NULL)
            return false;
        /* Room may be asked for and left empty: an end of file, for one. */
        if (b->p == NULL)
            p[0] = '\0';
        b->p = p;
    }
    b->cap = cap;
    return true;
}

char *rs_buf_room(struct rs_buf *b, size_t n)
{
    if (b->bad)
        return NULL;
    if (n > b->max || b->len > b->max - n) {
        b->bad = b->too_long = true;
        return NULL;
    }
    if (n > SIZE_MAX - b->len - 1 || (b->len + n + 1 > b->cap && !grow(b, b->len + n + 1))) {
        b->bad = true;
        return NULL;
    }
    return b->p + b->len;
}

void rs_buf_seal(struct rs_buf *b, size_t added)
{
    b->len += added;
    b->p[b->len] = '\0';
}

void rs_buf_add(struct rs_buf *b, struct rs_str s)
{
    char *to = rs_buf_room(b, s.n);

    if (to == NULL)
        return;
    if (s.n > 0)
        memcpy(to, s.p, s.n);
    rs_buf_seal(b, s.n);
}

void rs_buf_addc(struct rs_buf *b, char c)
{
    rs_buf_add(b, (struct rs_str){ &c, 1 });
}

void rs_buf_add32(struct rs_buf *b, uint32_t v)
{
    char bytes[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };

    rs_buf_add(b, (struct rs_str){ bytes, sizeof(bytes) });
}

void rs_buf_adds(struct rs_buf *b, const char *text)
{
    rs_buf_add(b, rs_str_of(text));
}

void rs_buf_addf(struct rs_buf *b, const char *fmt, ...)
{
    va_list args, again;
    int n;
    char *to;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    if (n < 0)
        b->bad = true;
    to = n < 0 ? NULL : rs_buf_room(b, (size_t)n);
    if (to != NULL) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        rs_buf_seal(b, (size_t)n);
    }
    va_end(again);
    va_end(args);
}

void rs_buf_add_line(struct rs_buf *b, struct rs_str text, size_t max)
{
    text = rs_str_trim(text);
    if (rs_str_chr(text, '\n') >= 0)
        text = rs_str_trim(rs_str_sub(text, 0, (size_t)rs_str_chr(text, '\n')));
    if (text.n > max) {
        text.n = max;
        while (text.n > 0 && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
            text.n--;
    }
    for (size_t i = 0; i < text.n; i++)
        rs_buf_addc(b, (unsigned char)text.p[i] < ' ' || text.p[i] == 127 ? ' ' : text.p[i]);
}

void rs_buf_truncate(struct rs_buf *b, size_t len)
{
    if (len < b->len) {
        if (b->wipe)
            rs_wipe(b->p + len, b->len - len);
        b->len = len;
        b->p[len] = '\0';
    }
}

bool rs_buf_ok(const struct rs_buf *b, struct rs_diag *diag)
{
    if (!b->bad)
        return true;
    if (b->too_long)
        return rs_fail(diag, RS_HY000, 0, "text is longer than %zu bytes", b->max);
    return rs_fail_memory(diag);
}

struct rs_str rs_buf_str(const struct rs_buf *b)
{
    return (struct rs_str){ b->p == NULL ? "" : b->p, b->len };
}

char *rs_buf_take(struct rs_buf *b)
{
    char *p;

    if (b->p == NULL && !b->bad)
        rs_buf_add(b, RS_STR(""));
    if (b->bad) {
        rs_buf_clear(b);
        return NULL;
    }
    p = b->p;
    b->p = NULL;
    b->len = b->cap = 0;
    return p;
}

void rs_buf_clear(struct rs_buf *b)
{
    if (b == NULL)
        return;
    if (b->p != NULL && b->wipe)
        rs_wipe(b->p, b->cap);
    rs_free(b->p);
    b->p = NULL;
    b->len = b->cap = 0;
    b->bad = b->too_long = false;
}
