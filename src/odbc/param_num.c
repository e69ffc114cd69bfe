/* Numbers on their way to the server. */
#include "param_in.h"

#include <float.h>
#include <math.h>

enum { NUMERIC_TEXT = 512 };

static struct rs_str number_shown(const struct rs_number *number, char *buf, size_t cap)
{
    return (struct rs_str){ buf, number->form == RS_NUMBER_FINITE
                                     ? rs_number_print(number, -1, buf, cap)
                                     : 0 };
}

/* Digits are lost: from text 22001, from numbers 22003 in front of the point. */
static bool lost_whole(const struct rs_param *p)
{
    return rs_param_fail(p, p->is_text ? RS_22001 : RS_22003);
}

static bool is_in_range(SQLSMALLINT sql_type, bool is_negative, uint64_t whole)
{
    static const struct {
        SQLSMALLINT sql_type;
        uint64_t low, high; /* magnitudes */
    } ranges[] = {
        { SQL_TINYINT, 128, 255 },
        { SQL_SMALLINT, UINT64_C(1) << 15, (UINT64_C(1) << 15) - 1 },
        { SQL_INTEGER, UINT64_C(1) << 31, (UINT64_C(1) << 31) - 1 },
        { SQL_BIGINT, UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1 },
    };
    size_t i = 0;

    while (i < RS_COUNT(ranges) - 1 && ranges[i].sql_type != sql_type)
        i++;
    return whole <= (is_negative ? ranges[i].low : ranges[i].high);
}

static bool add_whole(const struct rs_param *p, bool is_negative, uint64_t whole)
{
    char text[24];
    size_t n = 0;

    if (is_negative && whole > 0)
        text[n++] = '-';
    n += rs_print_u64(text + n, whole);
    rs_buf_append(p->out, (struct rs_str){ text, n });
    return rs_buf_ok(p->out, p->diag);
}

static bool to_int(const struct rs_param *p, const struct rs_number *number)
{
    uint64_t whole;

    if (!rs_number_whole(number, &whole) ||
        !is_in_range(p->spec->sql_type, number->is_negative, whole))
        return lost_whole(p);
    if (p->is_text && rs_number_has_beyond(number, 0))
        return rs_param_fail(p, RS_22001);
    return add_whole(p, number->is_negative, whole);
}

static bool to_numeric(const struct rs_param *p, const struct rs_number *number)
{
    int64_t precision = p->spec->column_size > INT32_MAX ? 0 : (int64_t)p->spec->column_size;
    int64_t scale = precision > 0 ? p->spec->digits : -1;
    char text[NUMERIC_TEXT];
    size_t n;

    if (precision > 0 && number->n > 0 && number->point > precision - scale)
        return lost_whole(p);
    if (precision > 0 && p->is_text && rs_number_has_beyond(number, scale))
        return rs_param_fail(p, RS_22001);
    if (precision > 0 && scale < 0)
        scale = 0;
    n = rs_number_print(number, scale, text, sizeof text);
    if (n == 0)
        return lost_whole(p);
    return rs_param_add(p, text, n);
}

static bool to_bit(const struct rs_param *p, const struct rs_number *number)
{
    uint64_t whole;

    if (!rs_number_whole(number, &whole) || whole > 1 || (number->is_negative && number->n > 0))
        return rs_param_fail(p, RS_22003);
    if (rs_number_has_beyond(number, 0))
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, whole == 0 ? "0" : "1", 1);
}

static bool to_float(const struct rs_param *p, const struct rs_number *number)
{
    char text[NUMERIC_TEXT];
    struct rs_str s = number_shown(number, text, sizeof text);
    enum rs_read read = RS_READ_RANGE;
    double d;
    float f;

    if (s.n > 0)
        read = p->to == RS_SQL_REAL ? rs_read_float(s, &f) : rs_read_double(s, &d);
    if (read != RS_READ_OK)
        return rs_param_fail(p, RS_22003);
    return rs_param_add(p, s.p, s.n);
}

/* "Digits needed": the text as it is sent. */
static bool to_text(const struct rs_param *p, struct rs_str s)
{
    if (s.n == 0 || (p->spec->column_size > 0 && s.n > p->spec->column_size))
        return rs_param_fail(p, RS_22001);
    return rs_param_add(p, s.p, s.n);
}

static bool to_interval(const struct rs_param *p, const struct rs_number *number)
{
    struct rs_span span;
    bool was_cut = false;

    if (!rs_span_from_number(number, p->spec->sql_type, &span, &was_cut) || was_cut)
        return rs_param_fail(p, RS_22015);
    return rs_param_span(p, &span, p->spec->sql_type);
}

static bool write_number(const struct rs_param *p, const struct rs_number *number)
{
    char text[NUMERIC_TEXT];

    switch (p->to) {
    case RS_SQL_INT:
        return to_int(p, number);
    case RS_SQL_NUMERIC:
        return to_numeric(p, number);
    case RS_SQL_BIT:
        return to_bit(p, number);
    case RS_SQL_REAL:
    case RS_SQL_DOUBLE:
        return to_float(p, number);
    case RS_SQL_TEXT:
        return to_text(p, number_shown(number, text, sizeof text));
    case RS_SQL_INTERVAL:
        return to_interval(p, number);
    case RS_SQL_BINARY:
    case RS_SQL_DATE:
    case RS_SQL_TIME:
    case RS_SQL_TIMESTAMP:
    case RS_SQL_GUID:
    case RS_SQL_NONE:
        break;
    }
    return rs_param_fail(p, RS_07006);
}

bool rs_param_number(const struct rs_param *p, const struct rs_number *number)
{
    struct rs_param with_text = *p;
    char text[NUMERIC_TEXT];

    if (number->form != RS_NUMBER_FINITE)
        return rs_param_fail(p, p->is_text ? RS_22018 : RS_22003);
    if (p->shown.p == NULL)
        with_text.shown = number_shown(number, text, sizeof text);
    return write_number(&with_text, number);
}

bool rs_param_whole(const struct rs_param *p, bool is_negative, uint64_t whole)
{
    struct rs_number number;
    char buf[20];

    if (p->to == RS_SQL_INT && is_in_range(p->spec->sql_type, is_negative, whole))
        return add_whole(p, is_negative, whole);
    number = rs_number_of(is_negative, whole, buf);
    return rs_param_number(p, &number);
}

bool rs_param_double(const struct rs_param *p, double value, bool is_single)
{
    struct rs_param with_text = *p;
    struct rs_number number;
    char text[RS_DOUBLE_TEXT];
    size_t n;

    if (p->to == RS_SQL_REAL && !is_single && isfinite(value)) {
        if (fabs(value) > (double)FLT_MAX && isinf((float)value))
            return rs_param_fail(p, RS_22003);
        is_single = true;
    }
    n = is_single ? rs_print_float((float)value, text) : rs_print_double(value, text);
    with_text.shown = (struct rs_str){ text, n };
    if (p->to == RS_SQL_REAL || p->to == RS_SQL_DOUBLE)
        return rs_param_add(p, text, n);
    if (p->to == RS_SQL_TEXT)
        return to_text(&with_text, with_text.shown);
    if (!rs_number_parse(with_text.shown, &number))
        return rs_param_fail(&with_text, RS_22003);
    return rs_param_number(&with_text, &number);
}
