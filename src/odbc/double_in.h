/*
 * Shared by double.c and double_print.c: the two binary formats and decimal rounding.
 */
#ifndef RS_ODBC_DOUBLE_IN_H
#define RS_ODBC_DOUBLE_IN_H

#include "number.h"

/* One binary format. */
struct rs_format {
    int mantissa_bits;         /* without the hidden one */
    int min_exponent;          /* bias, negated */
    int infinite;              /* exponent field of infinity */
    int first_ten, last_ten;   /* powers of ten outside of which all is zero, infinite */
    int even_first, even_last; /* powers of ten where a tie is possible */
};

/* Mantissa without the hidden bit, and the exponent field. */
struct rs_rounded {
    uint64_t mantissa;
    int exponent;
};

extern const struct rs_format rs_double_format, rs_float_format;
extern const double rs_tens[23];

static inline bool rs_same(struct rs_rounded a, struct rs_rounded b)
{
    return a.mantissa == b.mantissa && a.exponent == b.exponent;
}

/* w × 10^q, rounded to nearest, ties to even. */
struct rs_rounded rs_round_decimal(uint64_t w, int64_t q, const struct rs_format *f);

/* Digits, point, exponent without blanks and of at most 19 digits, the usual text of the server;
 * false: read the long way. */
struct rs_plain {
    uint64_t w;
    int q;
    bool is_negative;
};
bool rs_read_plain(struct rs_str text, struct rs_plain *out);

#endif
