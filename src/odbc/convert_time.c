#include "convert_put.h"
#include "datetime.h"
#include "span.h"

/* ---- reading: the server's fixed forms first ---- */

static bool read_when(struct rs_cell cell, struct rs_when *out)
{
    return rs_when_parse((struct rs_str){ cell.p, (size_t)cell.n }, out);
}

/* A date or timestamp that the structs can hold; else 22018 or 22008. */
static enum rs_fit check_date(struct rs_cell cell, const struct rs_when *when, enum rs_ctype ctype,
                              struct rs_diag *diag)
{
    if (when->is_infinite || when->is_bc || when->year > INT16_MAX)
        return rs_put_fail(diag, RS_22008, cell, ctype);
    return RS_FIT_EXACT;
}

static bool has_time_of_day(const struct rs_when *when)
{
    return when->hour != 0 || when->minute != 0 || when->second != 0 || when->nanos != 0 ||
           when->has_more;
}

/* ---- struct targets ---- */

static enum rs_fit put_date(const struct rs_when *when, const struct rs_target *to)
{
    SQL_DATE_STRUCT out = { (SQLSMALLINT)when->year, when->month, when->day };

    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit put_time(const struct rs_when *when, const struct rs_target *to)
{
    SQL_TIME_STRUCT out = { when->hour, when->minute, when->second };

    return rs_put_fixed(to, &out, sizeof out);
}

static SQL_TIMESTAMP_STRUCT timestamp_struct(const struct rs_when *when)
{
    return (SQL_TIMESTAMP_STRUCT){ .year = (SQLSMALLINT)when->year,
                                   .month = when->month,
                                   .day = when->day,
                                   .hour = when->hour,
                                   .minute = when->minute,
                                   .second = when->second,
                                   .fraction = when->nanos };
}

static enum rs_fit put_timestamp(const struct rs_when *when, const struct rs_target *to)
{
    SQL_TIMESTAMP_STRUCT out = timestamp_struct(when);

    return rs_put_fixed(to, &out, sizeof out);
}

static enum rs_fit cut_if(bool was_cut, enum rs_fit fit, const struct rs_target *to,
                          struct rs_diag *diag)
{
    return was_cut && fit == RS_FIT_EXACT ? rs_put_cut(to, diag) : fit;
}

/* DATE, TIMESTAMP, TIMESTAMPTZ and text. */
static enum rs_fit when_to_date(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    struct rs_when when;

    if (RS_LIKELY(cell.n == 10 && rs_when_date(cell.p, &when)))
        return put_date(&when, to);
    if (!read_when(cell, &when) || (!when.has_date && !when.is_infinite))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_DATE);
    if (check_date(cell, &when, RS_CTYPE_DATE, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    return cut_if(has_time_of_day(&when), put_date(&when, to), to, diag);
}

static enum rs_fit when_to_time(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    struct rs_when when;

    if (cell.n == 8 && rs_when_time(cell.p, &when))
        return put_time(&when, to);
    if (!read_when(cell, &when) || (!when.has_time && !when.is_infinite))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_TIME);
    if (when.is_infinite || when.hour == 24)
        return rs_put_fail(diag, RS_22008, cell, RS_CTYPE_TIME);
    return cut_if(when.nanos != 0 || when.has_more, put_time(&when, to), to, diag);
}

/* What TIME may hold, text of an application may not: 24:00:00 is no time there. */
static enum rs_fit text_to_time(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    struct rs_when when;

    if (cell.n >= 5 && memchr(cell.p, '4', (size_t)cell.n) != NULL && read_when(cell, &when) &&
        when.hour == 24)
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_TIME);
    return when_to_time(cell, to, diag);
}

static bool read_timestamp(struct rs_cell cell, struct rs_when *out)
{
    const char *p = cell.p;

    return cell.n >= 19 && p[10] == ' ' && rs_when_date(p, out) && rs_when_time(p + 11, out) &&
           rs_when_fraction(p + 19, p + cell.n, &out->nanos);
}

/* Any text of date and time as the fields of a timestamp; a time alone is today's. */
static enum rs_fit complete_timestamp(struct rs_cell cell, enum rs_ctype ctype,
                                      struct rs_when *when, struct rs_diag *diag)
{
    if (!read_when(cell, when))
        return rs_put_fail(diag, RS_22018, cell, ctype);
    if (check_date(cell, when, ctype, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    if (when->hour == 24)
        return rs_put_fail(diag, RS_22008, cell, ctype);
    if (!when->has_date)
        rs_when_today(when);
    return RS_FIT_EXACT;
}

static enum rs_fit when_to_timestamp(struct rs_cell cell, const struct rs_target *to,
                                     struct rs_diag *diag)
{
    struct rs_when when;

    if (RS_LIKELY(read_timestamp(cell, &when)))
        return put_timestamp(&when, to);
    if (complete_timestamp(cell, RS_CTYPE_TIMESTAMP, &when, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    return cut_if(when.has_more, put_timestamp(&when, to), to, diag);
}

/* The usual `+00` or `-03:30` at the end is not needed: it is the session's own. */
static enum rs_fit zoned_to_timestamp(struct rs_cell cell, const struct rs_target *to,
                                      struct rs_diag *diag)
{
    const char *p = cell.p;
    struct rs_when when;
    int32_t n = cell.n;

    if (n > 25 && p[n - 3] == ':')
        n -= 3;
    if (RS_LIKELY(n >= 22 && (p[n - 3] == '+' || p[n - 3] == '-') && rs_digit_of(p[n - 2]) <= 9 &&
                  rs_digit_of(p[n - 1]) <= 9 &&
                  (n == cell.n || (rs_digit_of(p[n + 1]) <= 5 && rs_digit_of(p[n + 2]) <= 9)) &&
                  read_timestamp((struct rs_cell){ p, n - 3 }, &when)))
        return put_timestamp(&when, to);
    return when_to_timestamp(cell, to, diag);
}

/* ---- the same structs into binary buffers ---- */

static enum rs_fit timestamp_to_binary(struct rs_cell cell, const struct rs_target *to,
                                       struct rs_diag *diag)
{
    struct rs_when when;
    SQL_TIMESTAMP_STRUCT out;

    if (complete_timestamp(cell, RS_CTYPE_BINARY, &when, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    out = timestamp_struct(&when);
    return rs_put_struct(&out, sizeof out, to, diag);
}

static enum rs_fit date_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    struct rs_when when;
    SQL_DATE_STRUCT out;

    if (complete_timestamp(cell, RS_CTYPE_BINARY, &when, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    out = (SQL_DATE_STRUCT){ (SQLSMALLINT)when.year, when.month, when.day };
    return rs_put_struct(&out, sizeof out, to, diag);
}

static enum rs_fit time_to_binary(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    struct rs_when when;
    SQL_TIME_STRUCT out;

    if (complete_timestamp(cell, RS_CTYPE_BINARY, &when, diag) == RS_FIT_FAILED)
        return RS_FIT_FAILED;
    out = (SQL_TIME_STRUCT){ when.hour, when.minute, when.second };
    return cut_if(when.nanos != 0 || when.has_more, rs_put_struct(&out, sizeof out, to, diag), to,
                  diag);
}

/* ---- text targets: the server's text, without the UTC offset unless it is to be kept ---- */

enum { DATE_CHARS = 10, TIME_CHARS = 8, TIMESTAMP_CHARS = 19, LONGEST = 64 };

/* Characters that must fit: all up to the fraction; all of a text of another shape. */
static size_t needed(struct rs_cell cell, size_t usual)
{
    size_t n = (size_t)cell.n;
    bool is_usual = n > usual && cell.p[usual] == '.';

    for (size_t i = usual + 1; is_usual && i < n; i++)
        is_usual = rs_is_digit(cell.p[i]);
    return is_usual ? usual : n;
}

/* Takes the offset out of the text; buf: LONGEST bytes. */
static struct rs_cell without_offset(struct rs_cell cell, char *buf)
{
    struct rs_when when;
    size_t behind, n = (size_t)cell.n;

    if (!read_when(cell, &when) || when.offset_n == 0)
        return cell;
    behind = n - when.offset_at - when.offset_n;
    if (behind == 0)
        return (struct rs_cell){ cell.p, (int32_t)when.offset_at };
    if (when.offset_at + behind > LONGEST)
        return cell;
    memcpy(buf, cell.p, when.offset_at);
    memcpy(buf + when.offset_at, cell.p + when.offset_at + when.offset_n, behind);
    return (struct rs_cell){ buf, (int32_t)(when.offset_at + behind) };
}

/* The usual `+00` or `+hh:mm` at the end needs no reading of the rest. */
static struct rs_cell drop_offset(struct rs_cell cell, size_t usual, char *buf)
{
    const char *p = cell.p;
    int32_t n = cell.n, digits = 0;

    while (n > (int32_t)usual && digits < 6 && (rs_is_digit(p[n - 1]) || p[n - 1] == ':')) {
        n--;
        digits++;
    }
    if (n > (int32_t)usual && digits >= 2 && (p[n - 1] == '+' || p[n - 1] == '-'))
        return (struct rs_cell){ p, n - 1 };
    return without_offset(cell, buf);
}

RS_APART static enum rs_fit unusual_to_ascii(struct rs_cell cell, size_t usual, size_t width,
                                             const struct rs_target *to, struct rs_diag *diag)
{
    return rs_put_ascii(cell, needed(cell, usual), width, to, diag);
}

static RS_WITHIN enum rs_fit usual_to_ascii(struct rs_cell cell, size_t usual, size_t width,
                                            bool has_zone, const struct rs_target *to,
                                            struct rs_diag *diag)
{
    char buf[LONGEST];

    if (has_zone && !to->keep_offset)
        cell = drop_offset(cell, usual, buf);
    if (width == 1 && rs_fits_whole(cell, to))
        return rs_put_whole(cell, to);
    if (width == RS_WIDE && rs_fits_wide(cell, to) && RS_LIKELY(rs_put_wide(cell, to)))
        return RS_FIT_EXACT;
    return unusual_to_ascii(cell, usual, width, to, diag);
}

#define WHEN_TO(name, usual, width, has_zone)                                                      \
    static enum rs_fit name(struct rs_cell cell, const struct rs_target *to, struct rs_diag *diag) \
    {                                                                                              \
        return usual_to_ascii(cell, usual, width, has_zone, to, diag);                             \
    }

WHEN_TO(date_to_char, DATE_CHARS, 1, false)
WHEN_TO(date_to_wchar, DATE_CHARS, RS_WIDE, false)
WHEN_TO(time_to_char, TIME_CHARS, 1, false)
WHEN_TO(time_to_wchar, TIME_CHARS, RS_WIDE, false)
WHEN_TO(timetz_to_char, TIME_CHARS, 1, true)
WHEN_TO(timetz_to_wchar, TIME_CHARS, RS_WIDE, true)
WHEN_TO(timestamp_to_char, TIMESTAMP_CHARS, 1, false)
WHEN_TO(timestamp_to_wchar, TIMESTAMP_CHARS, RS_WIDE, false)
WHEN_TO(timestamptz_to_char, TIMESTAMP_CHARS, 1, true)
WHEN_TO(timestamptz_to_wchar, TIMESTAMP_CHARS, RS_WIDE, true)
#undef WHEN_TO

/* ---- intervals ---- */

enum { LEADING_DIGITS = 9, FRACTION_DIGITS = 6 };

static bool read_span(struct rs_cell cell, SQLSMALLINT type, struct rs_span *out)
{
    return rs_span_parse((struct rs_str){ cell.p, (size_t)cell.n }, type, out);
}

static int fraction_digits(const struct rs_target *to)
{
    return to->precision > 0 && to->precision <= 9 ? to->precision : FRACTION_DIGITS;
}

static enum rs_fit put_span(struct rs_cell cell, const struct rs_span *span,
                            const struct rs_target *to, bool was_cut, struct rs_diag *diag)
{
    int digits = to->interval_precision > 0 ? (int)to->interval_precision : LEADING_DIGITS;
    SQL_INTERVAL_STRUCT out;

    switch (rs_span_to_struct(span, to->interval, digits, fraction_digits(to), &out)) {
    case RS_SPAN_TOO_BIG:
        return rs_put_fail(diag, RS_22015, cell, RS_CTYPE_INTERVAL);
    case RS_SPAN_CUT:
        was_cut = true;
        break;
    case RS_SPAN_EXACT:
        break;
    }
    return cut_if(was_cut, rs_put_fixed(to, &out, sizeof out), to, diag);
}

static enum rs_fit text_to_interval(struct rs_cell cell, const struct rs_target *to,
                                    struct rs_diag *diag)
{
    struct rs_span span;

    if (!rs_interval_is(to->interval) || !read_span(cell, to->interval, &span))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_INTERVAL);
    return put_span(cell, &span, to, false, diag);
}

static enum rs_fit interval_to_interval(struct rs_cell cell, SQLSMALLINT type,
                                        const struct rs_target *to, struct rs_diag *diag)
{
    struct rs_span span;

    if (!rs_interval_is(to->interval) ||
        rs_interval_is_months(to->interval) != rs_interval_is_months(type)) {
        rs_fail(diag, RS_07006, 0,
                "an interval of years and months and one of days and time are not converted");
        return RS_FIT_FAILED;
    }
    if (!read_span(cell, type, &span))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_INTERVAL);
    return put_span(cell, &span, to, false, diag);
}

static enum rs_fit ym_to_interval(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return interval_to_interval(cell, SQL_INTERVAL_YEAR_TO_MONTH, to, diag);
}

static enum rs_fit ds_to_interval(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag)
{
    return interval_to_interval(cell, SQL_INTERVAL_DAY_TO_SECOND, to, diag);
}

/* An exact number is the only field of a single-field type. */
static enum rs_fit number_to_interval(struct rs_cell cell, const struct rs_target *to,
                                      struct rs_diag *diag)
{
    struct rs_number number;
    struct rs_span span;
    bool was_cut;

    if (!rs_number_parse((struct rs_str){ cell.p, (size_t)cell.n }, &number))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_INTERVAL);
    if (!rs_interval_is(to->interval) || !rs_interval_is_single(to->interval) ||
        !rs_span_from_number(&number, to->interval, &span, &was_cut))
        return rs_put_fail(diag, RS_22015, cell, RS_CTYPE_INTERVAL);
    return put_span(cell, &span, to, was_cut, diag);
}

/* Our two interval types have several fields: none of them is a number. */
static enum rs_fit interval_to_number(struct rs_cell cell, const struct rs_target *to,
                                      struct rs_diag *diag)
{
    (void)to;
    (void)cell;
    rs_fail(diag, RS_22015, 0, "an interval of several fields does not fit into a number");
    return RS_FIT_FAILED;
}

static enum rs_fit interval_to_binary(struct rs_cell cell, SQLSMALLINT type,
                                      const struct rs_target *to, struct rs_diag *diag)
{
    struct rs_span span;
    SQL_INTERVAL_STRUCT out;
    enum rs_span_fit fit;

    if (!read_span(cell, type, &span))
        return rs_put_fail(diag, RS_22018, cell, RS_CTYPE_BINARY);
    fit = rs_span_to_struct(&span, type, LEADING_DIGITS, FRACTION_DIGITS, &out);
    if (fit == RS_SPAN_TOO_BIG)
        return rs_put_fail(diag, RS_22015, cell, RS_CTYPE_BINARY);
    return cut_if(fit == RS_SPAN_CUT, rs_put_struct(&out, sizeof out, to, diag), to, diag);
}

static enum rs_fit ym_to_binary(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    return interval_to_binary(cell, SQL_INTERVAL_YEAR_TO_MONTH, to, diag);
}

static enum rs_fit ds_to_binary(struct rs_cell cell, const struct rs_target *to,
                                struct rs_diag *diag)
{
    return interval_to_binary(cell, SQL_INTERVAL_DAY_TO_SECOND, to, diag);
}

static enum rs_fit interval_to_ascii(struct rs_cell cell, SQLSMALLINT type, size_t width,
                                     const struct rs_target *to, struct rs_diag *diag)
{
    struct rs_span span;
    char text[RS_SPAN_TEXT];
    size_t must, n;

    if (!read_span(cell, type, &span))
        return rs_put_fail(diag, RS_22018, cell, width == 1 ? RS_CTYPE_CHAR : RS_CTYPE_WCHAR);
    n = rs_span_print(&span, type, text, &must);
    return rs_put_ascii((struct rs_cell){ text, (int32_t)n }, must, width, to, diag);
}

#define INTERVAL_TO(name, type, width)                                                             \
    static enum rs_fit name(struct rs_cell cell, const struct rs_target *to, struct rs_diag *diag) \
    {                                                                                              \
        return interval_to_ascii(cell, type, width, to, diag);                                     \
    }

INTERVAL_TO(ym_to_char, SQL_INTERVAL_YEAR_TO_MONTH, 1)
INTERVAL_TO(ym_to_wchar, SQL_INTERVAL_YEAR_TO_MONTH, 2)
INTERVAL_TO(ds_to_char, SQL_INTERVAL_DAY_TO_SECOND, 1)
INTERVAL_TO(ds_to_wchar, SQL_INTERVAL_DAY_TO_SECOND, 2)
#undef INTERVAL_TO

/* ---- the matrix ---- */

#define TIME_ROW(from) [RS_CTYPE_CHAR] = from##_to_char, [RS_CTYPE_WCHAR] = from##_to_wchar

#define FROM_INTERVAL(from)                                                                        \
    [RS_CTYPE_CHAR] = from##_to_char, [RS_CTYPE_WCHAR] = from##_to_wchar,                          \
    [RS_CTYPE_BINARY] = from##_to_binary, [RS_CTYPE_INTERVAL] = from##_to_interval,                \
    [RS_CTYPE_STINYINT] = interval_to_number, [RS_CTYPE_UTINYINT] = interval_to_number,            \
    [RS_CTYPE_SSHORT] = interval_to_number, [RS_CTYPE_USHORT] = interval_to_number,                \
    [RS_CTYPE_SLONG] = interval_to_number, [RS_CTYPE_ULONG] = interval_to_number,                  \
    [RS_CTYPE_SBIGINT] = interval_to_number, [RS_CTYPE_UBIGINT] = interval_to_number,              \
    [RS_CTYPE_NUMERIC] = interval_to_number

#define FROM_TEXT                                                                                  \
    [RS_CTYPE_DATE] = when_to_date, [RS_CTYPE_TIME] = text_to_time,                                \
    [RS_CTYPE_TIMESTAMP] = when_to_timestamp, [RS_CTYPE_INTERVAL] = text_to_interval

static rs_convert_fn *const matrix[RS_KIND_COUNT][RS_CTYPE_COUNT] = {
    [RS_KIND_TEXT] = { FROM_TEXT },
    [RS_KIND_BOOL_TEXT] = { FROM_TEXT },
    [RS_KIND_INT] = { [RS_CTYPE_INTERVAL] = number_to_interval },
    [RS_KIND_INT2] = { [RS_CTYPE_INTERVAL] = number_to_interval },
    [RS_KIND_INT4] = { [RS_CTYPE_INTERVAL] = number_to_interval },
    [RS_KIND_NUMERIC] = { [RS_CTYPE_INTERVAL] = number_to_interval },
    [RS_KIND_DATE] = { TIME_ROW(date), [RS_CTYPE_DATE] = when_to_date,
                       [RS_CTYPE_TIMESTAMP] = when_to_timestamp,
                       [RS_CTYPE_BINARY] = date_to_binary },
    [RS_KIND_TIME] = { TIME_ROW(time), [RS_CTYPE_TIME] = when_to_time,
                       [RS_CTYPE_TIMESTAMP] = when_to_timestamp,
                       [RS_CTYPE_BINARY] = time_to_binary },
    [RS_KIND_TIMETZ] = { TIME_ROW(timetz), [RS_CTYPE_TIME] = when_to_time,
                         [RS_CTYPE_TIMESTAMP] = when_to_timestamp,
                         [RS_CTYPE_BINARY] = time_to_binary },
    [RS_KIND_TIMESTAMP] = { TIME_ROW(timestamp), [RS_CTYPE_DATE] = when_to_date,
                            [RS_CTYPE_TIME] = when_to_time,
                            [RS_CTYPE_TIMESTAMP] = when_to_timestamp,
                            [RS_CTYPE_BINARY] = timestamp_to_binary },
    [RS_KIND_TIMESTAMPTZ] = { TIME_ROW(timestamptz), [RS_CTYPE_DATE] = when_to_date,
                              [RS_CTYPE_TIME] = when_to_time,
                              [RS_CTYPE_TIMESTAMP] = zoned_to_timestamp,
                              [RS_CTYPE_BINARY] = timestamp_to_binary },
    [RS_KIND_INTERVAL_YM] = { FROM_INTERVAL(ym) },
    [RS_KIND_INTERVAL_DS] = { FROM_INTERVAL(ds) },
};

rs_convert_fn *rs_convert_find_time(enum rs_kind kind, enum rs_ctype ctype)
{
    rs_convert_fn *fn = matrix[kind][ctype];

    return fn != NULL ? fn : rs_convert_find_guid(kind, ctype);
}
