/* Text, dates and intervals on their way to the server. */
#include "guid.h"
#include "param_in.h"

enum { FRACTION_DIGITS = 6, LEADING_DIGITS = 9, MAX_YEAR = 9999, DATE_TIME_SIZE = 19 };

static const uint32_t nano_units[] = {
    1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000
};

static bool has_time_of_day(const struct rs_when *when)
{
    return when->hour != 0 || when->minute != 0 || when->second != 0 || when->nanos != 0 ||
           when->has_more;
}

/* Digits of the fraction that the column takes: careless clients give 0, which says nothing unless
 * the size leaves no room either. */
static int wanted_digits(const struct rs_param *p)
{
    SQLULEN size = p->spec->column_size;

    if (p->to == RS_SQL_TEXT)
        return size == 0 || size >= DATE_TIME_SIZE + 1 + FRACTION_DIGITS ? FRACTION_DIGITS
               : size > DATE_TIME_SIZE + 1 ? (int)size - DATE_TIME_SIZE - 1
                                           : 0;
    if (p->to != RS_SQL_TIMESTAMP)
        return FRACTION_DIGITS;
    if (p->spec->digits > 0 && p->spec->digits < FRACTION_DIGITS)
        return p->spec->digits;
    return p->spec->digits == 0 && size > 0 && size <= DATE_TIME_SIZE ? 0 : FRACTION_DIGITS;
}

/* Cuts the fraction to what the server and the column take; warns once. */
static bool cut_fraction(const struct rs_param *p, struct rs_when *when, int digits)
{
    bool is_fine = when->nanos % nano_units[FRACTION_DIGITS] == 0 && !when->has_more;
    uint32_t unit = nano_units[digits];
    bool was_cut = !is_fine || when->nanos % unit != 0;

    if (!is_fine && (p->is_text || !p->spec->truncate_nanoseconds))
        return rs_param_fail(p, RS_22008);
    when->nanos -= when->nanos % unit;
    if (was_cut)
        rs_param_cut(p);
    return true;
}

static bool add_parts(const struct rs_param *p, const struct rs_when *when, bool date, bool time)
{
    char text[48];
    size_t n = 0;

    if (date)
        n = rs_when_print_date(when, text);
    if (date && time)
        text[n++] = ' ';
    if (time)
        n += rs_when_print_time(when, FRACTION_DIGITS, text + n);
    if (p->to == RS_SQL_TEXT && p->spec->column_size > 0 && n > p->spec->column_size)
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, text, n);
}

static bool to_date(const struct rs_param *p, const struct rs_when *when)
{
    if (!when->has_date)
        return rs_param_fail(p, RS_22018);
    if (has_time_of_day(when))
        return rs_param_fail(p, RS_22008);
    return add_parts(p, when, true, false);
}

bool rs_param_when(const struct rs_param *p, const struct rs_when *in)
{
    struct rs_when when = *in;

    if (p->to == RS_SQL_DATE)
        return to_date(p, &when);
    if (p->to == RS_SQL_TIME && !when.has_time)
        return rs_param_fail(p, RS_22018);
    if (when.has_time && !cut_fraction(p, &when, wanted_digits(p)))
        return false;
    if (p->to == RS_SQL_TIME)
        return add_parts(p, &when, false, true);
    if (p->to == RS_SQL_TEXT)
        return add_parts(p, &when, when.has_date, when.has_time);
    if (!when.has_date)
        rs_when_today(&when);
    return add_parts(p, &when, true, true);
}

/* ---- structs ---- */

static bool is_valid(const struct rs_when *when)
{
    if (when->has_date && (when->year < 1 || when->year > MAX_YEAR ||
                           !rs_when_is_date(when->year, when->month, when->day)))
        return false;
    return when->hour < 24 && when->minute < 60 && when->second < 60 && when->nanos < nano_units[0];
}

static struct rs_when read_struct(enum rs_ctype ctype, const void *value)
{
    SQL_DATE_STRUCT d;
    SQL_TIME_STRUCT t;
    SQL_TIMESTAMP_STRUCT ts;

    if (ctype == RS_CTYPE_DATE) {
        memcpy(&d, value, sizeof d);
        return (struct rs_when){ .has_date = true, .year = d.year, .month = d.month, .day = d.day };
    }
    if (ctype == RS_CTYPE_TIME) {
        memcpy(&t, value, sizeof t);
        return (struct rs_when){
            .has_time = true, .hour = t.hour, .minute = t.minute, .second = t.second
        };
    }
    memcpy(&ts, value, sizeof ts);
    return (struct rs_when){ .has_date = true,
                             .has_time = true,
                             .year = ts.year,
                             .month = ts.month,
                             .day = ts.day,
                             .hour = ts.hour,
                             .minute = ts.minute,
                             .second = ts.second,
                             .nanos = (uint32_t)ts.fraction };
}

bool rs_param_from_when(const struct rs_param *p, enum rs_ctype ctype, const void *value)
{
    struct rs_when when = read_struct(ctype, value);

    if (!is_valid(&when))
        return rs_fail(p->diag, p->to == RS_SQL_TEXT ? RS_22008 : RS_22007, 0,
                       "the parameter has a field out of range: %d-%u-%u %u:%u:%u.%u", when.year,
                       when.month, when.day, when.hour, when.minute, when.second,
                       (unsigned)when.nanos);
    return rs_param_when(p, &when);
}

/* ---- intervals ---- */

/* With the sign at every part: one sign in front means different things to IntervalStyles. */
static size_t print_for_server(const struct rs_span *span, char *to)
{
    struct rs_span part = { .seconds = span->seconds % 86400, .nanos = span->nanos };
    bool is_zero = part.seconds == 0 && part.nanos == 0;
    size_t n = 0, must;

    to[n++] = '-';
    n += rs_print_u64(to + n, span->is_months ? span->months / 12 : span->seconds / 86400);
    if (span->is_months) {
        memcpy(to + n, " years -", 8);
        n += 8;
        n += rs_print_u64(to + n, span->months % 12);
        memcpy(to + n, " mons", 5);
        return n + 5;
    }
    memcpy(to + n, " days ", 6);
    n += 6;
    if (!is_zero)
        to[n++] = '-';
    if (part.seconds < 10 * 3600)
        to[n++] = '0';
    return n + rs_span_print(&part, SQL_INTERVAL_HOUR_TO_SECOND, to + n, &must);
}

static bool to_interval(const struct rs_param *p, const struct rs_span *span)
{
    SQLSMALLINT whole = span->is_months ? SQL_INTERVAL_YEAR_TO_MONTH : SQL_INTERVAL_DAY_TO_SECOND;
    SQL_INTERVAL_STRUCT fields;
    char text[2 * RS_SPAN_TEXT];
    size_t must, n;

    if (rs_span_to_struct(span, p->spec->sql_type, LEADING_DIGITS, FRACTION_DIGITS, &fields) !=
        RS_SPAN_EXACT)
        return rs_param_fail(p, RS_22015);
    n = span->is_negative ? print_for_server(span, text) : rs_span_print(span, whole, text, &must);
    return rs_param_add(p, text, n);
}

/* The only field of a single-field type as a number. */
static bool to_number(const struct rs_param *p, const struct rs_span *span, SQLSMALLINT c_type)
{
    struct rs_number number;
    char text[RS_SPAN_TEXT];
    size_t must, n;

    if (!rs_interval_is_single(c_type))
        return rs_param_fail(p, RS_22015);
    n = rs_span_print(span, c_type, text, &must);
    if (!rs_number_parse((struct rs_str){ text, n }, &number))
        return rs_param_fail(p, RS_22015);
    return rs_param_number(p, &number);
}

bool rs_param_span(const struct rs_param *p, const struct rs_span *span, SQLSMALLINT c_type)
{
    char text[RS_SPAN_TEXT];
    size_t must, n;

    if (p->to == RS_SQL_INTERVAL)
        return to_interval(p, span);
    if (p->to != RS_SQL_TEXT)
        return to_number(p, span, c_type);
    n = rs_span_print(span, c_type, text, &must);
    if (p->spec->column_size > 0 && n > p->spec->column_size)
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, text, n);
}

/* ---- from text ---- */

static bool text_to_when(const struct rs_param *p, struct rs_str text)
{
    struct rs_when when;

    if (!rs_when_parse(text, &when) || when.is_infinite || when.is_bc || when.year > MAX_YEAR ||
        when.hour == 24)
        return rs_param_fail(p, RS_22018);
    return rs_param_when(p, &when);
}

static bool text_to_float(const struct rs_param *p, struct rs_str text)
{
    struct rs_str s = rs_str_trim(text);
    enum rs_read read;
    double d;
    float f;

    read = p->to == RS_SQL_REAL ? rs_read_float(s, &f) : rs_read_double(s, &d);
    if (read != RS_READ_OK)
        return rs_param_fail(p, read == RS_READ_RANGE ? RS_22003 : RS_22018);
    return rs_param_add(p, s.p, s.n);
}

static bool text_to_guid(const struct rs_param *p, struct rs_str text)
{
    SQLGUID guid;
    char out[RS_GUID_TEXT];

    if (!rs_guid_parse(text, &guid))
        return rs_param_fail(p, RS_22018);
    rs_guid_print(&guid, out);
    return rs_param_add(p, out, sizeof out);
}

static bool text_to_span(const struct rs_param *p, struct rs_str text)
{
    struct rs_span span;

    if (!rs_span_parse(text, p->spec->sql_type, &span))
        return rs_param_fail(p, RS_22018);
    if (span.has_more)
        return rs_param_fail(p, RS_22015);
    return rs_param_span(p, &span, p->spec->sql_type);
}

bool rs_param_from_text(const struct rs_param *p, struct rs_str text)
{
    struct rs_number number;

    switch (p->to) {
    case RS_SQL_INT:
    case RS_SQL_NUMERIC:
    case RS_SQL_BIT:
        return rs_number_parse(text, &number) ? rs_param_number(p, &number)
                                              : rs_param_fail(p, RS_22018);
    case RS_SQL_REAL:
    case RS_SQL_DOUBLE:
        return text_to_float(p, text);
    case RS_SQL_BINARY:
        return rs_param_hex(p, text);
    case RS_SQL_DATE:
    case RS_SQL_TIME:
    case RS_SQL_TIMESTAMP:
        return text_to_when(p, text);
    case RS_SQL_INTERVAL:
        return text_to_span(p, text);
    case RS_SQL_GUID:
        return text_to_guid(p, text);
    case RS_SQL_TEXT:
    case RS_SQL_NONE:
        break;
    }
    return rs_param_fail(p, RS_07006);
}
