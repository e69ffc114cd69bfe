/*
 * Dates, times and timestamps as text: the server's forms and ODBC's. Validates every field;
 * knows nothing of C types. Locale-free, no allocation.
 *
 * Source: redshift.md 6.1; ODBC Programmer's Reference, Appendix C, "Date, Time, and Timestamp
 * Escape Sequences".
 */
#ifndef RS_ODBC_DATETIME_H
#define RS_ODBC_DATETIME_H

#include "../attrs.h"
#include "../str.h"
#include "number.h"

/* Proleptic Gregorian. */
struct rs_when {
    int32_t year; /* counted from 1 in front of and behind the era's start; 0 without a date */
    uint16_t month, day, hour, minute, second;
    uint32_t nanos;
    bool has_date, has_time;
    bool is_bc;
    bool is_infinite;           /* nothing else is set */
    bool has_more;              /* digits behind the nanoseconds that are not zero */
    size_t offset_at, offset_n; /* place of the UTC offset in the text; n 0: none */
};

/*
 * Reads a whole text: date, time or both, blanks around, seconds may be missing, `T` or blanks in
 * between, an offset, ` BC`, infinity, an ODBC escape around it. 24:00:00 is let through. False:
 * no such text, or a field that no calendar has; out is then not written.
 */
RS_NODISCARD bool rs_when_parse(struct rs_str text, struct rs_when *out);
bool rs_when_is_date(int32_t year, unsigned month, unsigned day);
/* Date of today where the program runs. */
void rs_when_today(struct rs_when *out);
/* `yyyy-mm-dd`, `hh:mm:ss[.f]` with as many digits of fraction as are given and needed (trailing
 * zeros are not); no NUL. Returns the length. At most 16 and 18 bytes. */
size_t rs_when_print_date(const struct rs_when *when, char *to);
size_t rs_when_print_time(const struct rs_when *when, int digits, char *to);

/* The server's fixed forms `yyyy-mm-dd`, `hh:mm:ss`, `.ffffff` follow, read fast; false: read the
 * long way. */

/* Bytes of a word that hold digits are at most 9 and those of separators are zero, after the
 * expected text was taken off. Separators are ones in `marks`. */
static inline bool rs_has_shape(uint64_t word, uint64_t marks)
{
    uint64_t add = 0x7676767676767676u + marks * 9;

    return (((word + add) | word) & 0x8080808080808080u) == 0;
}

static inline unsigned rs_pair_at(uint64_t pairs, int byte)
{
    return (unsigned)(pairs >> 8 * byte) & 0xFF;
}

/* p: ten bytes. */
static inline bool rs_when_date(const char *p, struct rs_when *out)
{
    uint64_t word = rs_load8(p) ^ 0x2D30302D30303030u; /* 0000-00- */
    unsigned tens = (unsigned)(unsigned char)p[8] - '0', ones = (unsigned)(unsigned char)p[9] - '0';

    if (!rs_has_shape(word, 0x0100000100000000u) || tens > 9 || ones > 9)
        return false;
    word = word * 10 + (word >> 8);
    out->year = (int32_t)(rs_pair_at(word, 0) * 100 + rs_pair_at(word, 2));
    out->month = (uint16_t)rs_pair_at(word, 5);
    out->day = (uint16_t)(tens * 10 + ones);
    return out->month - 1u < 12 && out->year > 0 &&
           (out->day - 1u < 28 || rs_when_is_date(out->year, out->month, out->day));
}

/* p: eight bytes. */
static inline bool rs_when_time(const char *p, struct rs_when *out)
{
    uint64_t word = rs_load8(p) ^ 0x30303A30303A3030u; /* 00:00:00 */

    if (!rs_has_shape(word, 0x0000010000010000u))
        return false;
    word = word * 10 + (word >> 8);
    out->hour = (uint16_t)rs_pair_at(word, 0);
    out->minute = (uint16_t)rs_pair_at(word, 3);
    out->second = (uint16_t)rs_pair_at(word, 6);
    return out->hour < 24 && out->minute < 60 && out->second < 60;
}

/* Point and one to six digits; nothing at all is a fraction of zero. */
static inline bool rs_when_fraction(const char *p, const char *end, uint32_t *nanos)
{
    static const uint32_t scale[] = { 0, 100000000, 10000000, 1000000, 100000, 10000, 1000 };
    ptrdiff_t n = end - p - 1;
    uint32_t value = 0;

    *nanos = 0;
    if (p == end)
        return true;
    if (*p != '.' || n < 1 || n > 6)
        return false;
    for (p++; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';

        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *nanos = value * scale[n];
    return true;
}

#endif
