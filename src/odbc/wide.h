/*
 * Wide text, whose unit is SQLWCHAR: UTF-16 under unixODBC, UTF-32 under iODBC. RS_WIDE is the one
 * place that knows which. Files that include this are compiled once for each width (wide.cmake);
 * no other file depends on it, and none but this and the W entry points names SQLWCHAR.
 *
 * Source: sqltypes.h of both managers; odbc.md 11.
 */
#ifndef RS_ODBC_WIDE_H
#define RS_ODBC_WIDE_H

#include <sql.h>
#include <sqlext.h>
#include <string.h>

#include "../utf.h"

#ifndef RS_WIDE_BUILD
#error "a file that depends on the width of SQLWCHAR belongs into wide.cmake"
#endif

enum { RS_WIDE = sizeof(SQLWCHAR) }; /* bytes of a unit */

_Static_assert(RS_WIDE == 2 || RS_WIDE == 4, "wide text is UTF-16 or UTF-32");

/* What no text may hold, for messages. */
#define RS_WIDE_FAULT                                                                              \
    (RS_WIDE == 2 ? "an unpaired UTF-16 surrogate" : "a UTF-32 unit that is no character")

/* A row for SQLSetPos: iODBC's SQLSETPOSIROW has 16 bits, and what a register holds above them is
 * nobody's. Among arguments it is the only other one that differs. */
static inline SQLULEN rs_row_in(SQLULEN row)
{
    return RS_WIDE == 2 ? row : (uint16_t)row;
}

/* One ASCII character as a unit. */
static inline void rs_wide_put(char *to, char c)
{
    const SQLWCHAR unit = (SQLWCHAR)(unsigned char)c;

    memcpy(to, &unit, sizeof unit);
}

/* As in utf.h, whatever the width. */
static inline size_t rs_wide_len(const void *from)
{
    return RS_WIDE == 2 ? rs_utf16_len(from) : rs_utf32_len(from);
}

static inline size_t rs_wide_to_8(const void *from, size_t n, struct rs_buf *out)
{
    return RS_WIDE == 2 ? rs_utf16_to_8(from, n, out) : rs_utf32_to_8(from, n, out);
}

static inline size_t rs_wide_units(struct rs_str s)
{
    return RS_WIDE == 2 ? rs_utf8_units16(s) : rs_utf8_chars(s);
}

static inline size_t rs_wide_from_8(struct rs_str s, void *to, size_t cap, size_t *used, bool *bad)
{
    return RS_WIDE == 2 ? rs_utf8_to_16_raw(s, to, cap, used, bad)
                        : rs_utf8_to_32_raw(s, to, cap, used, bad);
}

#endif
