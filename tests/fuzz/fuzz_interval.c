/*
 * Intervals as servers and applications write them: what was read is printed and read again as the
 * same length, and so by way of ODBC's struct where nothing is cut. Input: type, digits, text.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "odbc/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2, TYPES = 13 };

static bool same(const struct rs_span *a, const struct rs_span *b)
{
    return a->is_months == b->is_months && a->is_negative == b->is_negative &&
           a->months == b->months && a->seconds == b->seconds && a->nanos == b->nanos;
}

static void check_text(const struct rs_span *span)
{
    SQLSMALLINT whole = span->is_months ? SQL_INTERVAL_YEAR_TO_MONTH : SQL_INTERVAL_DAY_TO_SECOND;
    char text[RS_SPAN_TEXT];
    size_t must = 0, len = rs_span_print(span, whole, text, &must);
    struct rs_span again;

    assert(len > 0 && len <= sizeof text && must <= len);
    assert(rs_span_parse((struct rs_str){ text, len }, whole, &again));
    assert(same(span, &again) && !again.has_more);
}

static void check_struct(const struct rs_span *span, SQLSMALLINT type, int digits, int fraction)
{
    struct rs_span again;
    SQL_INTERVAL_STRUCT value;
    enum rs_span_fit fit;
    char text[RS_SPAN_TEXT];
    size_t must = 0;

    if (rs_interval_is_months(type) != span->is_months)
        return;
    assert(rs_span_print(span, type, text, &must) <= sizeof text);
    fit = rs_span_to_struct(span, type, digits, fraction, &value);
    if (fit == RS_SPAN_TOO_BIG)
        return;
    assert(rs_span_from_struct(&value, type, fraction, &again));
    assert(fit == RS_SPAN_CUT || same(span, &again));
    assert(again.months <= span->months && again.seconds <= span->seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_str text = { (const char *)data + HEAD, size - HEAD };
    struct rs_span span;
    SQLSMALLINT type;

    if (size < HEAD)
        return 0;
    type = (SQLSMALLINT)(SQL_INTERVAL_YEAR + data[0] % TYPES);
    assert(rs_interval_is(type));
    if (!rs_span_parse(text, type, &span))
        return 0;
    assert(span.is_months ? span.seconds == 0 && span.nanos == 0 : span.months == 0);
    assert(span.nanos < 1000000000);
    assert(!span.is_negative || span.months != 0 || span.seconds != 0 || span.nanos != 0 ||
           span.has_more);
    check_text(&span);
    check_struct(&span, type, 1 + data[1] % 9, data[1] / 16 % 10);
    return 0;
}
