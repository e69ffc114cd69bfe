/*
 * Text: borrowed slices and owned growing buffers. All text inside the driver is UTF-8.
 */
#ifndef RS_STR_H
#define RS_STR_H

#include <string.h>

#include "attrs.h"

struct rs_diag;

/* Borrowed bytes, not terminated; valid as long as their source. p may be NULL when n is 0. */
struct rs_str {
    const char *p;
    size_t n;
};

/*
 * Owned bytes. max: the largest len ever allowed. bad: an append failed and all later ones did
 * nothing; too_long: it failed because of max, not for want of memory. wipe: old blocks are
 * cleansed before they are freed.
 * A NUL always follows the last byte, so p is a C string when the content has no NUL; p is NULL
 * only while nothing was ever appended.
 */
struct rs_buf {
    char *p;
    size_t len, cap, max;
    bool bad, too_long, wipe;
};

#define RS_STR(lit) ((struct rs_str){ "" lit, sizeof(lit) - 1 })
#define RS_STR_NULL ((struct rs_str){ NULL, 0 })
#define RS_BUF_INIT(limit)                                                                         \
    {                                                                                              \
        .max = (limit)                                                                             \
    }
#define RS_BUF_WIPED(limit)                                                                        \
    {                                                                                              \
        .max = (limit), .wipe = true                                                               \
    }

/* For printf: "%.*s", RS_ARG(s). */
#define RS_ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

struct rs_str rs_str_of(const char *text); /* NULL gives an empty slice */
bool rs_str_eq(struct rs_str a, struct rs_str b);
bool rs_str_eq_nocase(struct rs_str a, struct rs_str b); /* ASCII letters only */
bool rs_str_starts_nocase(struct rs_str s, struct rs_str prefix);
bool rs_str_ends_nocase(struct rs_str s, struct rs_str suffix);
/* First place of needle in s, ASCII case ignored; -1 if none. */
ptrdiff_t rs_str_find_nocase(struct rs_str s, struct rs_str needle);
ptrdiff_t rs_str_chr(struct rs_str s, char c);                    /* -1 if none */
struct rs_str rs_str_trim(struct rs_str s);                       /* rs_is_space at both ends */
struct rs_str rs_str_sub(struct rs_str s, size_t from, size_t n); /* cut to what is there */
/* Cuts the text before the first sep off *rest and returns it; false when *rest was used up.
 * Start with done = false; an empty text gives one empty part. */
bool rs_str_split(struct rs_str *rest, char sep, bool *done, struct rs_str *part);

/* ASCII only, whatever the locale. */
static inline bool rs_is_space(char c) /* blank, \t \n \v \f \r */
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool rs_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool rs_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool rs_is_alnum(char c)
{
    return rs_is_alpha(c) || rs_is_digit(c);
}
static inline char rs_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
static inline char rs_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Locale-free, whole text, optional sign; false when not a number or out of range. */
RS_NODISCARD bool rs_parse_i64(struct rs_str s, int64_t *out);
RS_NODISCARD bool rs_parse_u64(struct rs_str s, uint64_t *out); /* no sign */
/* Writes decimal digits, no NUL; returns how many (at most 20). */
size_t rs_print_i64(char *to, int64_t value);
size_t rs_print_u64(char *to, uint64_t value);

/* Owned copy with a NUL after it; NULL after posting HY001. Free with rs_free. */
RS_NODISCARD char *rs_str_dup(struct rs_str s, struct rs_diag *diag);

void rs_buf_add(struct rs_buf *b, struct rs_str s);
void rs_buf_addc(struct rs_buf *b, char c);
void rs_buf_adds(struct rs_buf *b, const char *text);
void rs_buf_add32(struct rs_buf *b, uint32_t v); /* four bytes, the highest first */
void rs_buf_addf(struct rs_buf *b, const char *fmt, ...) RS_PRINTF(2, 3);
/* Makes room for n more bytes and returns where to write them; the caller then adds to len what
 * it wrote and calls rs_buf_seal. NULL (and bad) when there is no room. */
RS_NODISCARD char *rs_buf_room(struct rs_buf *b, size_t n);
void rs_buf_seal(struct rs_buf *b, size_t added);
/* rs_buf_add for the path of rows: what has room already costs no call. */
static inline void rs_buf_append(struct rs_buf *b, struct rs_str s)
{
    if (RS_UNLIKELY(b->bad || s.n >= b->cap - b->len || s.n > b->max - b->len)) {
        rs_buf_add(b, s);
        return;
    }
    memcpy(b->p + b->len, s.p, s.n);
    b->len += s.n;
    b->p[b->len] = '\0';
}
/* What others say, for a message: its first line, trimmed, control characters made blanks, at most
 * max bytes, cut between characters. (A signature error's next lines repeat the request.) */
void rs_buf_add_line(struct rs_buf *b, struct rs_str text, size_t max);
void rs_buf_truncate(struct rs_buf *b, size_t len);
/* False after posting HY001 or HY000 (too long) when an append failed. */
RS_NODISCARD bool rs_buf_ok(const struct rs_buf *b, struct rs_diag *diag);
struct rs_str rs_buf_str(const struct rs_buf *b);
/* The text, NUL-terminated, now the caller's (rs_free); the buffer is empty again. Never NULL
 * unless the buffer is bad or nothing could be allocated. */
char *rs_buf_take(struct rs_buf *b);
void rs_buf_clear(struct rs_buf *b); /* frees; keeps max and wipe */

#endif
