/*
 * Numbers as text: exact decimals seen in place, doubles and floats read correctly rounded and
 * printed as the shortest text that reads back. Knows no locale, allocates nothing.
 *
 * Source: redshift.md 6.1; Lemire, "Number Parsing at a Gigabyte per Second"; Mushtak and Lemire,
 * "Fast Number Parsing Without Fallback".
 */
#ifndef RS_ODBC_NUMBER_H
#define RS_ODBC_NUMBER_H

#include <string.h>

#include "../attrs.h"
#include "../str.h"

enum rs_number_form { RS_NUMBER_FINITE, RS_NUMBER_NAN, RS_NUMBER_INFINITE };

/*
 * value = 0.d1 d2 … dn × 10^point, d1 and dn not zero; zero has n = 0. The digits lie in the
 * source text in two runs: in front of the point and behind it.
 */
struct rs_number {
    enum rs_number_form form;
    bool is_negative;
    const char *front, *back;
    size_t n_front, n;
    int64_t point;
    int64_t shown; /* digits after the point as written, trailing zeros too */
};

/* A 128-bit magnitude, lowest limb first. */
struct rs_wide {
    uint32_t limb[4];
};

/* Reads a whole text: blanks around, sign, digits with a point, exponent; NaN, Infinity, inf in
 * any case. False: no number; out is then not written. */
RS_NODISCARD bool rs_number_parse(struct rs_str text, struct rs_number *out);
struct rs_number rs_number_zero(void);
/* Digits of u in buf (20 bytes), seen as a number. */
struct rs_number rs_number_of(bool is_negative, uint64_t magnitude, char buf[20]);
/* A 128-bit magnitude × 10^-scale, its digits in buf. */
struct rs_number rs_number_of_wide(bool is_negative, const struct rs_wide *wide, int scale,
                                   char buf[40]);
/* The whole part; false when it does not fit or the number is not finite. */
RS_NODISCARD bool rs_number_whole(const struct rs_number *number, uint64_t *out);
/* Digits that are not zero behind `scale` digits after the point. */
bool rs_number_has_beyond(const struct rs_number *number, int64_t scale);
/* Digits after the point. */
int64_t rs_number_scale(const struct rs_number *number);
/* The magnitude × 10^scale cut to a whole number; false when it needs more than 128 bits. */
RS_NODISCARD bool rs_number_scaled(const struct rs_number *number, int64_t scale,
                                   struct rs_wide *out);
/* False when it takes more than 10^digits - 1. */
bool rs_wide_fits(const struct rs_wide *wide, int digits);
/*
 * Plain decimal without exponent, cut behind `scale` digits after the point (negative: all). No
 * NUL. Returns the length; 0 when cap is too small.
 */
size_t rs_number_print(const struct rs_number *number, int64_t scale, char *to, size_t cap);
/* Decimal digits of a 128-bit magnitude, at most 39, no NUL. */
size_t rs_wide_print(const struct rs_wide *wide, char *to);

enum rs_read { RS_READ_OK, RS_READ_BAD, RS_READ_RANGE };
/* Whole text as rs_number_parse; nearest, ties to even. RANGE: larger than the type's largest. */
RS_NODISCARD enum rs_read rs_read_double(struct rs_str text, double *out);
RS_NODISCARD enum rs_read rs_read_float(struct rs_str text, float *out);

enum { RS_DOUBLE_TEXT = 32 };
/* Shortest text that reads back, at most RS_DOUBLE_TEXT bytes, no NUL; exponents below -4 and
 * from 15 on as 1.5e+20. */
size_t rs_print_double(double value, char *to);
size_t rs_print_float(float value, char *to);
/* The same from the server's text of a value, without the way over its binary form when the text
 * is short enough to be the shortest; 0: the text is to be used as it is. */
size_t rs_shorten_double(struct rs_str text, char *to);
size_t rs_shorten_float(struct rs_str text, char *to);

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define RS_LE64(x) __builtin_bswap64(x)
#else
#define RS_LE64(x) (x)
#endif

/* Eight bytes, the first one lowest. */
static inline uint64_t rs_load8(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return RS_LE64(word);
}

/* The value of a digit; more than 9 for what is none. */
static inline unsigned rs_digit_of(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* Value of a word of eight digits, 0 to 9 a byte, the first one lowest. */
static inline uint32_t rs_sum_digits(uint64_t word)
{
    word = word * 10 + (word >> 8); /* pairs in every second byte */
    word = (((word & 0x000000FF000000FFu) * 0x000F424000000064u) +
            ((word >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u)) >>
           32;
    return (uint32_t)word;
}

/* Every byte is 0 to 9. */
static inline bool rs_all_digits(uint64_t word)
{
    return (((word + 0x7676767676767676u) | word) & 0x8080808080808080u) == 0;
}

static inline uint32_t rs_load4(const char *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

/* n (1 to 8) characters, '0' taken off each, moved up so that zeros stand in front of them;
 * nothing behind them is touched. */
static inline uint64_t rs_load_digits(const char *p, size_t n)
{
    uint64_t word;

    if (n >= 4) {
        word = rs_load4(p) | (uint64_t)rs_load4(p + n - 4) << 8 * (n - 4);
    } else {
        word = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
               (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
    }
    return (word ^ 0x3030303030303030u) << 8 * (8 - n);
}

/* Value of eight digits; false when they are not all digits. */
static inline bool rs_eight_digits(const char *p, uint32_t *out)
{
    uint64_t word = rs_load8(p) ^ 0x3030303030303030u;

    if (!rs_all_digits(word))
        return false;
    *out = rs_sum_digits(word);
    return true;
}

#endif
