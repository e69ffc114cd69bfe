/*
 * Intervals: the server's spellings and ODBC's literals, read into one signed length, and that
 * length as the fields of an interval type. Locale-free, no allocation.
 *
 * Source: redshift.md 6.1; ODBC Programmer's Reference, Appendix D, "Interval Literals".
 */
#ifndef RS_ODBC_SPAN_H
#define RS_ODBC_SPAN_H

#include <sql.h>
#include <sqlext.h>

#include "../attrs.h"
#include "../str.h"
#include "number.h"

enum rs_unit {
    RS_UNIT_YEAR,
    RS_UNIT_MONTH,
    RS_UNIT_DAY,
    RS_UNIT_HOUR,
    RS_UNIT_MINUTE,
    RS_UNIT_SECOND
};

/* First and last field of an interval type. */
struct rs_fields {
    enum rs_unit first, last;
};

/* Months for types of years and months; seconds and nanoseconds for the others. */
struct rs_span {
    bool is_months, is_negative;
    uint64_t months, seconds;
    uint32_t nanos;
    bool has_more; /* digits behind the nanoseconds that are not zero */
};

/* type: SQL_INTERVAL_YEAR … SQL_INTERVAL_MINUTE_TO_SECOND (C and SQL codes are the same). */
bool rs_interval_is(SQLSMALLINT type);
struct rs_fields rs_interval_fields(SQLSMALLINT type);
bool rs_interval_is_months(SQLSMALLINT type);
bool rs_interval_is_single(SQLSMALLINT type);

/* type says what fields without a name are; a literal that names its own fields overrules it.
 * False: no interval of that class. */
RS_NODISCARD bool rs_span_parse(struct rs_str text, SQLSMALLINT type, struct rs_span *out);

enum rs_span_fit { RS_SPAN_EXACT, RS_SPAN_CUT, RS_SPAN_TOO_BIG };
/* digits: of the leading field; fraction_digits: unit of the struct's fraction. */
enum rs_span_fit rs_span_to_struct(const struct rs_span *span, SQLSMALLINT type, int digits,
                                   int fraction_digits, SQL_INTERVAL_STRUCT *out);
/* False when a field that is not the leading one is out of its range, or type is no interval. */
RS_NODISCARD bool rs_span_from_struct(const SQL_INTERVAL_STRUCT *in, SQLSMALLINT type,
                                      int fraction_digits, struct rs_span *out);
/* A number as the only field of a single-field type. False: too large. */
RS_NODISCARD bool rs_span_from_number(const struct rs_number *number, SQLSMALLINT type,
                                      struct rs_span *out, bool *was_cut);
/* Body of the literal of a type, without trailing zeros of the fraction; no NUL; at most
 * RS_SPAN_TEXT bytes. *must: characters in front of the fraction. */
enum { RS_SPAN_TEXT = 64 };
size_t rs_span_print(const struct rs_span *span, SQLSMALLINT type, char *to, size_t *must);

#endif
