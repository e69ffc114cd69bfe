/*
 * Text across the ODBC border, in one place: in (narrow or wide, length or SQL_NTS, to UTF-8) and
 * out (truncation at a whole character, terminator, full length, 01004).
 *
 * Narrow text is UTF-8, wide text is what wide.h says. Source: odbc.md 11; ODBC "Unicode Function
 * Arguments".
 */
#ifndef RS_ODBC_TEXT_H
#define RS_ODBC_TEXT_H

#include <sql.h>
#include <sqlext.h>

#include "../diag.h"
#include "../str.h"

/* An input argument. n: bytes (narrow) or units (wide), or SQL_NTS. */
struct rs_text {
    const void *p;
    SQLLEN n;
    bool is_wide;
};

/*
 * An argument whose length is in bytes, wide or not (or SQL_NTS). Posts HY090 for half a unit;
 * other lengths are looked at by rs_text_get.
 */
RS_NODISCARD bool rs_text_of_bytes(const void *p, SQLLEN bytes, bool is_wide, struct rs_text *out,
                                   struct rs_diag *diag);

/* Where an output text goes. cap and the length written count bytes, or units when in_units. */
struct rs_text_out {
    void *p;
    SQLLEN cap;
    SQLSMALLINT *len16; /* one of the two, or neither */
    SQLINTEGER *len32;
    bool is_wide, in_units;
};

/*
 * Appends the argument as UTF-8. NULL pointer: nothing is appended (look at t.p where NULL means
 * something). Posts HY090 (length < 0 and not SQL_NTS), 22018 (no Unicode), HY001.
 */
RS_NODISCARD bool rs_text_get(struct rs_text t, struct rs_buf *out, struct rs_diag *diag);
/* The same as a slice: of the argument itself when that is UTF-8 already, else of room. */
RS_NODISCARD bool rs_text_view(struct rs_text t, struct rs_buf *room, struct rs_str *out,
                               struct rs_diag *diag);

/* Posts HY090 for a negative capacity. */
RS_NODISCARD bool rs_text_out_ok(const struct rs_text_out *out, struct rs_diag *diag);
/* True when the value was written whole; else it was cut at a character. Posts nothing. */
bool rs_text_put_quiet(const struct rs_text_out *out, struct rs_str value);
/* The same, posting 01004 when cut. */
void rs_text_put(const struct rs_text_out *out, struct rs_str value, struct rs_diag *diag);

#endif
