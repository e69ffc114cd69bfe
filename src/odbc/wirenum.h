/*
 * NUMERIC in Redshift's binary form: one signed integer of 8 or 16 bytes, which the column's scale
 * divides. No layout of PostgreSQL's, and only from protocol level 2 on.
 *
 * Source: redshift.md 6.3.
 */
#ifndef RS_ODBC_WIRENUM_H
#define RS_ODBC_WIRENUM_H

#include "../rowstream.h"
#include "number.h"

enum {
    RS_WIRENUM_MAX_SCALE = 38,
    RS_WIRENUM_TEXT = 48 /* sign, 39 digits or a zero and 38 behind it, point */
};

struct rs_wirenum {
    bool is_negative;
    struct rs_wide wide; /* magnitude, before the scale */
};

/* False: the cell has another size. */
RS_NODISCARD bool rs_wirenum_read(struct rs_cell cell, struct rs_wirenum *out);
/* As the server writes it: `scale` digits after the point. No NUL. Returns the length; 0: no such
 * scale. */
size_t rs_wirenum_print(const struct rs_wirenum *number, int scale, char to[RS_WIRENUM_TEXT]);
/* True where one division gives the nearest double. */
RS_NODISCARD bool rs_wirenum_double(const struct rs_wirenum *number, int scale, double *out);
/* True when it has at most so many digits. */
bool rs_wirenum_fits(const struct rs_wirenum *number, int digits);

#endif
