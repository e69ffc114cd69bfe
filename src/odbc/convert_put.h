/*
 * What all converters share: writing fixed values and lengths, text that may be cut, and the
 * wording of failures. Internal to convert*.c.
 *
 * Source: ODBC Programmer's Reference, "SQLFetch" (buffers and lengths), "SQLGetData";
 * odbc.md 8.1, 9.
 */
#ifndef RS_ODBC_CONVERT_PUT_H
#define RS_ODBC_CONVERT_PUT_H

#include <string.h>

#include "../diag.h"
#include "convert.h"
#include "number.h"
#include "wide.h"

/* The indicator is written only when it is not the length itself. */
static inline void rs_put_length(const struct rs_target *to, SQLLEN n)
{
    if (RS_UNLIKELY(to->ind != to->len && to->ind != NULL))
        memset(to->ind, 0, sizeof *to->ind);
    if (to->len != NULL)
        memcpy(to->len, &n, sizeof n);
}

/* A value of fixed size: done with one call. */
static inline enum rs_fit rs_put_fixed(const struct rs_target *to, const void *value, size_t size)
{
    if (RS_LIKELY(to->buf != NULL))
        memcpy(to->buf, value, size);
    rs_put_length(to, (SQLLEN)size);
    if (to->piece != NULL)
        to->piece->is_done = true;
    return RS_FIT_EXACT;
}

/* Plain text fits whole, with its NUL, into a bound buffer: the usual case. */
static inline bool rs_fits_whole(struct rs_cell cell, const struct rs_target *to)
{
    return RS_LIKELY(to->piece == NULL && (SQLLEN)cell.n < to->cap && to->buf != NULL);
}

/* Up to so many bytes are copied without a call. */
enum { RS_SHORT_TEXT = 32 };

/* n up to RS_SHORT_TEXT. The two halves may overlap, nothing else is touched. */
static inline void rs_copy_short(char *to, const char *from, size_t n)
{
    uint64_t head, tail;
    uint32_t head4, tail4;
    struct {
        uint64_t half[2];
    } head16, tail16;

    if (n - 8 <= 8) {
        memcpy(&head, from, 8);
        memcpy(&tail, from + n - 8, 8);
        memcpy(to, &head, 8);
        memcpy(to + n - 8, &tail, 8);
    } else if (n > 16) {
        memcpy(&head16, from, 16);
        memcpy(&tail16, from + n - 16, 16);
        memcpy(to, &head16, 16);
        memcpy(to + n - 16, &tail16, 16);
    } else if (n >= 4) {
        memcpy(&head4, from, 4);
        memcpy(&tail4, from + n - 4, 4);
        memcpy(to, &head4, 4);
        memcpy(to + n - 4, &tail4, 4);
    } else if (n > 0) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

RS_APART enum rs_fit rs_put_long(struct rs_cell cell, const struct rs_target *to);

/* The long way is apart: with nothing to come back to, this needs no stack. */
static inline enum rs_fit rs_put_whole(struct rs_cell cell, const struct rs_target *to)
{
    char *buf = to->buf;

    if (cell.n > RS_SHORT_TEXT)
        return rs_put_long(cell, to);
    rs_copy_short(buf, cell.p, (size_t)cell.n);
    buf[cell.n] = '\0';
    rs_put_length(to, cell.n);
    return RS_FIT_EXACT;
}

/* ASCII fits whole, with its NUL, into a bound wide buffer; rs_put_wide returns false when it is
 * not ASCII. */
static inline bool rs_fits_wide(struct rs_cell cell, const struct rs_target *to)
{
    return RS_LIKELY(to->piece == NULL && (SQLLEN)cell.n < to->cap / (SQLLEN)RS_WIDE &&
                     to->buf != NULL);
}
bool rs_put_wide(struct rs_cell cell, const struct rs_target *to);

/* Posts the error or the warning and returns the verdict. shown: the value; what: the C type. */
enum rs_fit rs_put_fail(struct rs_diag *diag, enum rs_state state, struct rs_cell shown,
                        enum rs_ctype ctype);
enum rs_fit rs_put_cut(const struct rs_target *to, struct rs_diag *diag); /* 01S07 */

/*
 * ASCII text of a number, date or interval; width: 1 or RS_WIDE bytes a character. The first `must`
 * characters must fit (22003), what follows is a fraction and may be cut (01004).
 */
enum rs_fit rs_put_ascii(struct rs_cell text, size_t must, size_t width, const struct rs_target *to,
                         struct rs_diag *diag);
/* The C form of a value into a binary buffer: whole or 22003. */
enum rs_fit rs_put_struct(const void *value, size_t size, const struct rs_target *to,
                          struct rs_diag *diag);
/* 01004. */
enum rs_fit rs_put_truncated(const struct rs_target *to, struct rs_diag *diag);

/* "0" or "1" for the server's words of truth; what is no such word comes back as it is. */
struct rs_cell rs_bool_digit(struct rs_cell cell);

/* The rows of the matrix, by file. */
rs_convert_fn *rs_convert_find_text(enum rs_kind kind, enum rs_ctype ctype);
rs_convert_fn *rs_convert_find_bytes(enum rs_kind kind, enum rs_ctype ctype);
rs_convert_fn *rs_convert_find_num(enum rs_kind kind, enum rs_ctype ctype);
rs_convert_fn *rs_convert_find_guid(enum rs_kind kind, enum rs_ctype ctype);
rs_convert_fn *rs_convert_find_time(enum rs_kind kind, enum rs_ctype ctype);

#endif
