/* Bound C values as text for the server; odbc.md 10.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "odbc/datetime.h"
#include "odbc/param.h"
#include "oom.h"
#include "os.h"

enum { LIMIT = 100000 };

/* What is bound, how, and what comes out. */
struct param_case {
    SQLSMALLINT c, sql;
    const void *value;
    SQLLEN len;
    const char *want, *state; /* want NULL: refused; a state beside want is a warning */
    SQLULEN size;
    SQLSMALLINT digits;
    bool strict_nanos, is_postgres;
};

static void check(const struct param_case *c)
{
    struct rs_param_spec spec = { .c_type = c->c,
                                  .sql_type = c->sql,
                                  .column_size = c->size,
                                  .digits = c->digits,
                                  .truncate_nanoseconds = !c->strict_nanos,
                                  .is_redshift = !c->is_postgres };
    struct rs_buf out = RS_BUF_INIT(LIMIT);
    struct rs_diag diag = { 0 };
    bool ok = rs_param_encode(&spec, c->value, c->len, &out, &diag);
    const char *state = diag.n == 0 ? "" : rs_state_text(diag.rec[0].state, false);
    const char *got = out.p == NULL ? "" : out.p;

    if (ok != (c->want != NULL) || strcmp(state, c->state == NULL ? "" : c->state) != 0 ||
        (ok && strcmp(got, c->want) != 0))
        fail_msg("%d to %d, want \"%s\" %s: got %d \"%s\" %s %s", c->c, c->sql,
                 c->want == NULL ? "" : c->want, c->state == NULL ? "" : c->state, ok, got, state,
                 rs_diag_first(&diag));
    assert_int_equal(diag.n_error, !ok);
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
}

/* clang-format off */
#define T(text, sql) SQL_C_CHAR, sql, text, sizeof(text) - 1

static const struct param_case from_text[] = {
    { T("abc", SQL_VARCHAR), "abc", NULL },
    { T("", SQL_VARCHAR), "", NULL },
    { T("abc", SQL_VARCHAR), "abc", NULL, .size = 3 },
    { T("abcd", SQL_VARCHAR), NULL, "22001", .size = 3 },
    { T("abc  ", SQL_CHAR), "abc  ", NULL, .size = 3 },
    { T("\xC3\xA4\xC3\xB6", SQL_LONGVARCHAR), "\xC3\xA4\xC3\xB6", NULL, .size = 2 },
    { T("a\0b", SQL_VARCHAR), NULL, "HY000" },
    { SQL_C_CHAR, SQL_VARCHAR, "abc", SQL_NTS, "abc", NULL },
    { SQL_C_CHAR, SQL_VARCHAR, "abc", 2, "ab", NULL },
    { SQL_C_CHAR, SQL_VARCHAR, "abc", -7, NULL, "HY090" },
    { SQL_C_CHAR, SQL_VARCHAR, NULL, 0, "", NULL },
    /* numbers */
    { T("12", SQL_INTEGER), "12", NULL },
    { T(" +12 ", SQL_INTEGER), "12", NULL },
    { T("1e3", SQL_INTEGER), "1000", NULL },
    { T("-0", SQL_INTEGER), "0", NULL },
    { T("12.0", SQL_INTEGER), "12", NULL },
    { T("12.5", SQL_INTEGER), NULL, "22001" },
    { T("2147483648", SQL_INTEGER), NULL, "22001" },
    { T("-2147483648", SQL_INTEGER), "-2147483648", NULL },
    { T("32768", SQL_SMALLINT), NULL, "22001" },
    { T("255", SQL_TINYINT), "255", NULL },
    { T("256", SQL_TINYINT), NULL, "22001" },
    { T("9223372036854775807", SQL_BIGINT), "9223372036854775807", NULL },
    { T("9223372036854775808", SQL_BIGINT), NULL, "22001" },
    { T("x", SQL_INTEGER), NULL, "22018" },
    { T("", SQL_INTEGER), NULL, "22018" },
    { T("NaN", SQL_INTEGER), NULL, "22018" },
    { T("123.45", SQL_NUMERIC), "123.45", NULL },
    { T("123.45", SQL_NUMERIC), "123.45", NULL, .size = 5, .digits = 2 },
    { T("123.450", SQL_DECIMAL), "123.45", NULL, .size = 5, .digits = 2 },
    { T("123.456", SQL_NUMERIC), NULL, "22001", .size = 5, .digits = 2 },
    { T("1234.5", SQL_NUMERIC), NULL, "22001", .size = 5, .digits = 2 },
    { T("1.5e2", SQL_NUMERIC), "150", NULL, .size = 5, .digits = 2 },
    { T("1e600", SQL_NUMERIC), NULL, "22001" },
    { T("x", SQL_NUMERIC), NULL, "22018" },
    { T(" 1.5 ", SQL_DOUBLE), "1.5", NULL },
    { T("1e309", SQL_DOUBLE), NULL, "22003" },
    { T("1e39", SQL_REAL), NULL, "22003" },
    { T("x", SQL_DOUBLE), NULL, "22018" },
    { T("0", SQL_BIT), "0", NULL },
    { T("1", SQL_BIT), "1", NULL },
    { T("1.5", SQL_BIT), NULL, "22001" },
    { T("2", SQL_BIT), NULL, "22003" },
    { T("-1", SQL_BIT), NULL, "22003" },
    { T("true", SQL_BIT), NULL, "22018" },
    /* hex */
    { T("00fF", SQL_VARBINARY), "00fF", NULL },
    { T("00f", SQL_VARBINARY), "00", NULL },
    { T("0g", SQL_VARBINARY), NULL, "22018" },
    { T("00ff", SQL_VARBINARY), NULL, "22001", .size = 1 },
    { T("00ff", SQL_VARBINARY), "\\x00ff", NULL, .is_postgres = true },
    /* dates */
    { T("2024-02-29", SQL_TYPE_DATE), "2024-02-29", NULL },
    { T("{d '2024-02-29'}", SQL_TYPE_DATE), "2024-02-29", NULL },
    { T("2024-02-29 00:00:00", SQL_TYPE_DATE), "2024-02-29", NULL },
    { T("2024-02-29 00:00:01", SQL_TYPE_DATE), NULL, "22008" },
    { T("2023-02-29", SQL_TYPE_DATE), NULL, "22018" },
    { T("10:11:12", SQL_TYPE_DATE), NULL, "22018" },
    { T("infinity", SQL_TYPE_DATE), NULL, "22018" },
    { T("2024-02-29", SQL_DATE), "2024-02-29", NULL },
    { T("10:11:12.5", SQL_TYPE_TIME), "10:11:12.5", NULL },
    { T("10:11:12.1234567", SQL_TYPE_TIME), NULL, "22008" },
    { T("2024-02-29 10:11:12", SQL_TYPE_TIME), "10:11:12", NULL },
    { T("2024-02-29", SQL_TYPE_TIME), NULL, "22018" },
    { T("24:00:00", SQL_TYPE_TIME), NULL, "22018" },
    { T("2024-02-29 10:11:12.123456", SQL_TYPE_TIMESTAMP), "2024-02-29 10:11:12.123456", NULL },
    { T("2024-02-29 10:11:12.1234567", SQL_TYPE_TIMESTAMP), NULL, "22008" },
    { T("2024-02-29 10:11:12.1234560", SQL_TYPE_TIMESTAMP), "2024-02-29 10:11:12.123456", NULL },
    { T("2024-02-29T10:11", SQL_TYPE_TIMESTAMP), "2024-02-29 10:11:00", NULL },
    { T("2024-02-29", SQL_TYPE_TIMESTAMP), "2024-02-29 00:00:00", NULL },
    { T("{ts '2024-02-29 10:11:12'}", SQL_TIMESTAMP), "2024-02-29 10:11:12", NULL },
    { T("bad", SQL_TYPE_TIMESTAMP), NULL, "22018" },
    { T("10000-01-01", SQL_TYPE_DATE), NULL, "22018" },
    /* intervals */
    { T("1-2", SQL_INTERVAL_YEAR_TO_MONTH), "1-2", NULL },
    { T("-1-2", SQL_INTERVAL_YEAR_TO_MONTH), "-1 years -2 mons", NULL },
    { T("5", SQL_INTERVAL_YEAR), "5-0", NULL },
    { T("14", SQL_INTERVAL_MONTH), "1-2", NULL },
    { T("1 02:03:04.5", SQL_INTERVAL_DAY_TO_SECOND), "1 02:03:04.5", NULL },
    { T("-1 02:03:04.5", SQL_INTERVAL_DAY_TO_SECOND), "-1 days -02:03:04.5", NULL },
    { T("-5", SQL_INTERVAL_DAY), "-5 days 00:00:00", NULL },
    { T("26", SQL_INTERVAL_HOUR), "1 02:00:00", NULL },
    { T("10:30", SQL_INTERVAL_HOUR_TO_MINUTE), "0 10:30:00", NULL },
    { T("{interval '10:30' minute to second}", SQL_INTERVAL_MINUTE_TO_SECOND), "0 00:10:30", NULL },
    { T("1-2", SQL_INTERVAL_YEAR), NULL, "22015" },
    { T("1.1234567", SQL_INTERVAL_SECOND), NULL, "22015" },
    { T("1.1234567891", SQL_INTERVAL_SECOND), NULL, "22015" },
    { T("x", SQL_INTERVAL_YEAR), NULL, "22018" },
    { T("{01234567-89AB-CDEF-0123-456789ABCDEF}", SQL_GUID), "01234567-89ab-cdef-0123-456789abcdef", NULL },
    { T("x", SQL_GUID), NULL, "22018" },
    { T("x", 12345), NULL, "07006" },
};

static const uint16_t w_abc[] = { 'a', 'b', 'c', 0 };
static const uint16_t w_pair[] = { 0xD83D, 0xDE00, 0xE4, 0 };
static const uint16_t w_half[] = { 'a', 0xD83D, 0 };
static const uint16_t w_low[] = { 0xDE00, 'a', 0 };
static const uint16_t w_nul[] = { 'a', 0, 'b', 0 };
static const uint16_t w_12[] = { '1', '2', 0 };

static const struct param_case from_wide[] = {
    { SQL_C_WCHAR, SQL_WVARCHAR, w_abc, SQL_NTS, "abc", NULL },
    { SQL_C_WCHAR, SQL_VARCHAR, w_abc, 4, "ab", NULL },
    { SQL_C_WCHAR, SQL_VARCHAR, w_abc, 6, NULL, "22001", .size = 2 },
    { SQL_C_WCHAR, SQL_VARCHAR, w_abc, 3, NULL, "HY090" },
    { SQL_C_WCHAR, SQL_VARCHAR, w_abc, -5, NULL, "HY090" },
    { SQL_C_WCHAR, SQL_WVARCHAR, w_pair, SQL_NTS, "\xF0\x9F\x98\x80\xC3\xA4", NULL, .size = 2 },
    { SQL_C_WCHAR, SQL_WVARCHAR, w_half, SQL_NTS, NULL, "22018" },
    { SQL_C_WCHAR, SQL_WVARCHAR, w_low, SQL_NTS, NULL, "22018" },
    { SQL_C_WCHAR, SQL_INTEGER, w_half, SQL_NTS, NULL, "22018" },
    { SQL_C_WCHAR, SQL_WVARCHAR, w_nul, 6, NULL, "HY000" },
    { SQL_C_WCHAR, SQL_INTEGER, w_12, SQL_NTS, "12", NULL },
    { SQL_C_WCHAR, SQL_INTEGER, w_abc, SQL_NTS, NULL, "22018" },
    { SQL_C_WCHAR, SQL_VARBINARY, w_12, SQL_NTS, "12", NULL },
    { SQL_C_WCHAR, SQL_WVARCHAR, NULL, 0, "", NULL },
};

static const int8_t i1 = -128;
static const uint8_t u1 = 255, one = 1, two = 2;
static const int16_t i2 = -32768;
static const uint16_t u2 = 65535;
static const int32_t i4 = -2147483647 - 1, i5 = 5;
static const uint32_t u4 = 4294967295u;
static const int64_t i8 = INT64_MIN, i12 = 123456789012;
static const uint64_t u8 = UINT64_MAX;
static const double d_half = 0.5, d_neg = -12.75, d_big = 1e20, d_huge = 1e300, d_tenth = 0.1,
                    d_nan = NAN, d_inf = INFINITY, d_one = 1;
static const float f_tenth = 0.1f, f_big = 3e38f;

static const struct param_case from_numbers[] = {
    { SQL_C_STINYINT, SQL_SMALLINT, &i1, 0, "-128", NULL },
    { SQL_C_TINYINT, SQL_TINYINT, &i1, 0, "-128", NULL },
    { SQL_C_UTINYINT, SQL_TINYINT, &u1, 0, "255", NULL },
    { SQL_C_SSHORT, SQL_SMALLINT, &i2, 0, "-32768", NULL },
    { SQL_C_USHORT, SQL_SMALLINT, &u2, 0, NULL, "22003" },
    { SQL_C_USHORT, SQL_INTEGER, &u2, 0, "65535", NULL },
    { SQL_C_SLONG, SQL_INTEGER, &i4, 0, "-2147483648", NULL },
    { SQL_C_SLONG, SQL_INTEGER, &i5, 12345, "5", NULL },
    { SQL_C_ULONG, SQL_INTEGER, &u4, 0, NULL, "22003" },
    { SQL_C_ULONG, SQL_BIGINT, &u4, 0, "4294967295", NULL },
    { SQL_C_SBIGINT, SQL_BIGINT, &i8, 0, "-9223372036854775808", NULL },
    { SQL_C_UBIGINT, SQL_BIGINT, &u8, 0, NULL, "22003" },
    { SQL_C_UBIGINT, SQL_NUMERIC, &u8, 0, "18446744073709551615", NULL },
    { SQL_C_SBIGINT, SQL_NUMERIC, &i12, 0, NULL, "22003", .size = 5 },
    { SQL_C_SBIGINT, SQL_DOUBLE, &i12, 0, "123456789012", NULL },
    { SQL_C_SBIGINT, SQL_REAL, &i12, 0, "123456789012", NULL },
    { SQL_C_SBIGINT, SQL_VARCHAR, &i12, 0, "123456789012", NULL, .size = 12 },
    { SQL_C_SBIGINT, SQL_VARCHAR, &i12, 0, NULL, "22001", .size = 11 },
    { SQL_C_SLONG, SQL_BIT, &i5, 0, NULL, "22003" },
    { SQL_C_UTINYINT, SQL_BIT, &one, 0, "1", NULL },
    { SQL_C_SLONG, SQL_INTERVAL_DAY, &i5, 0, "5 00:00:00", NULL },
    { SQL_C_SLONG, SQL_INTERVAL_MONTH, &i5, 0, "0-5", NULL },
    { SQL_C_SBIGINT, SQL_INTERVAL_DAY, &i12, 0, NULL, "22015" },
    { SQL_C_SLONG, SQL_INTERVAL_DAY_TO_HOUR, &i5, 0, NULL, "07006" },
    { SQL_C_SLONG, SQL_TYPE_DATE, &i5, 0, NULL, "07006" },
    { SQL_C_SLONG, SQL_VARBINARY, &i5, 0, NULL, "07006" },
    { SQL_C_BIT, SQL_BIT, &one, 0, "1", NULL },
    { SQL_C_BIT, SQL_INTEGER, &one, 0, "1", NULL },
    { SQL_C_BIT, SQL_VARCHAR, &one, 0, "1", NULL },
    { SQL_C_BIT, SQL_BIT, &two, 0, NULL, "22003" },
    { SQL_C_BIT, SQL_INTERVAL_DAY, &one, 0, NULL, "07006" },
    { SQL_C_DOUBLE, SQL_DOUBLE, &d_tenth, 0, "0.1", NULL },
    { SQL_C_DOUBLE, SQL_DOUBLE, &d_nan, 0, "NaN", NULL },
    { SQL_C_DOUBLE, SQL_DOUBLE, &d_inf, 0, "Infinity", NULL },
    { SQL_C_DOUBLE, SQL_FLOAT, &d_huge, 0, "1e+300", NULL },
    { SQL_C_DOUBLE, SQL_REAL, &d_huge, 0, NULL, "22003" },
    { SQL_C_DOUBLE, SQL_REAL, &d_tenth, 0, "0.1", NULL },
    { SQL_C_FLOAT, SQL_DOUBLE, &f_tenth, 0, "0.1", NULL },
    { SQL_C_FLOAT, SQL_REAL, &f_big, 0, "3e+38", NULL },
    { SQL_C_DOUBLE, SQL_INTEGER, &d_neg, 0, "-12", NULL },
    { SQL_C_DOUBLE, SQL_BIGINT, &d_big, 0, NULL, "22003" },
    { SQL_C_DOUBLE, SQL_INTEGER, &d_nan, 0, NULL, "22003" },
    { SQL_C_DOUBLE, SQL_NUMERIC, &d_inf, 0, NULL, "22003" },
    { SQL_C_DOUBLE, SQL_NUMERIC, &d_neg, 0, "-12.75", NULL },
    { SQL_C_DOUBLE, SQL_NUMERIC, &d_neg, 0, "-12.7", NULL, .size = 5, .digits = 1 },
    { SQL_C_DOUBLE, SQL_NUMERIC, &d_big, 0, "100000000000000000000", NULL },
    { SQL_C_DOUBLE, SQL_BIT, &d_half, 0, NULL, "22001" },
    { SQL_C_DOUBLE, SQL_BIT, &d_one, 0, "1", NULL },
    { SQL_C_DOUBLE, SQL_BIT, &d_neg, 0, NULL, "22003" },
    { SQL_C_DOUBLE, SQL_VARCHAR, &d_tenth, 0, "0.1", NULL, .size = 3 },
    { SQL_C_DOUBLE, SQL_VARCHAR, &d_tenth, 0, NULL, "22001", .size = 2 },
    { SQL_C_DOUBLE, SQL_INTERVAL_DAY, &d_half, 0, NULL, "07006" },
};

static const SQL_NUMERIC_STRUCT n_plain = { 5, 2, 1, { 0x39, 0x30 } },
    n_negative = { 5, 2, 0, { 0x39, 0x30 } }, n_up = { 5, -2, 1, { 0x39, 0x30 } },
    n_most = { 38, 0, 1, { 0xff, 0xff, 0xff, 0xff, 0x3f, 0x22, 0x8a, 0x09, 0x7a, 0xc4, 0x86, 0x5a,
                           0xa8, 0x4c, 0x3b, 0x4b } }, n_zero = { 1, 0, 0, { 0 } };

static const struct param_case from_numeric[] = {
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_plain, 0, "123.45", NULL },
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_negative, 0, "-123.45", NULL, .size = 5, .digits = 2 },
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_plain, 0, "123.4", NULL, .size = 5, .digits = 1 },
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_plain, 0, NULL, "22003", .size = 4, .digits = 2 },
    { SQL_C_NUMERIC, SQL_DECIMAL, &n_up, 0, "1234500", NULL },
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_most, 0, "99999999999999999999999999999999999999", NULL },
    { SQL_C_NUMERIC, SQL_NUMERIC, &n_zero, 0, "0", NULL },
    { SQL_C_NUMERIC, SQL_INTEGER, &n_plain, 0, "123", NULL },
    { SQL_C_NUMERIC, SQL_BIGINT, &n_most, 0, NULL, "22003" },
    { SQL_C_NUMERIC, SQL_DOUBLE, &n_plain, 0, "123.45", NULL },
    { SQL_C_NUMERIC, SQL_VARCHAR, &n_plain, 0, NULL, "22001", .size = 5 },
    { SQL_C_NUMERIC, SQL_INTERVAL_SECOND, &n_plain, 0, "0 00:02:03.45", NULL },
    { SQL_C_NUMERIC, SQL_INTERVAL_HOUR, &n_plain, 0, NULL, "22015" },
};

static const SQL_DATE_STRUCT date = { 2024, 2, 29 }, bad_date = { 2023, 2, 29 }, year0 = { 0, 1, 1 },
    year10k = { 10000, 1, 1 };
static const SQL_TIME_STRUCT time_ = { 10, 11, 12 }, bad_time = { 24, 0, 0 };
static const SQL_TIMESTAMP_STRUCT ts = { 2024, 2, 29, 10, 11, 12, 123456000 },
    ts_nano = { 2024, 2, 29, 10, 11, 12, 123456789 }, ts_whole = { 2024, 2, 29, 10, 11, 12, 0 },
    ts_midnight = { 2024, 2, 29, 0, 0, 0, 0 }, ts_bad = { 2024, 2, 30, 0, 0, 0, 0 },
    ts_over = { 2024, 2, 29, 0, 0, 0, 1000000000 };

static const struct param_case from_time[] = {
    { SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, 0, "2024-02-29", NULL },
    { SQL_C_DATE, SQL_TYPE_DATE, &date, 0, "2024-02-29", NULL },
    { SQL_C_TYPE_DATE, SQL_TYPE_DATE, &bad_date, 0, NULL, "22007" },
    { SQL_C_TYPE_DATE, SQL_TYPE_DATE, &year0, 0, NULL, "22007" },
    { SQL_C_TYPE_DATE, SQL_TYPE_DATE, &year10k, 0, NULL, "22007" },
    { SQL_C_TYPE_DATE, SQL_VARCHAR, &bad_date, 0, NULL, "22008" },
    { SQL_C_TYPE_DATE, SQL_VARCHAR, &date, 0, "2024-02-29", NULL, .size = 10 },
    { SQL_C_TYPE_DATE, SQL_VARCHAR, &date, 0, NULL, "22001", .size = 9 },
    { SQL_C_TYPE_DATE, SQL_TYPE_TIMESTAMP, &date, 0, "2024-02-29 00:00:00", NULL },
    { SQL_C_TYPE_DATE, SQL_TYPE_TIME, &date, 0, NULL, "07006" },
    { SQL_C_TYPE_TIME, SQL_TYPE_TIME, &time_, 0, "10:11:12", NULL },
    { SQL_C_TYPE_TIME, SQL_TYPE_TIME, &bad_time, 0, NULL, "22007" },
    { SQL_C_TYPE_TIME, SQL_VARCHAR, &time_, 0, "10:11:12", NULL, .size = 8 },
    { SQL_C_TYPE_TIME, SQL_VARCHAR, &time_, 0, NULL, "22001", .size = 7 },
    { SQL_C_TYPE_TIME, SQL_TYPE_DATE, &time_, 0, NULL, "07006" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, 0, "2024-02-29 10:11:12.123456", NULL },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts_whole, 0, "2024-02-29 10:11:12", NULL },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts_nano, 0, "2024-02-29 10:11:12.123456", "01S07" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts_nano, 0, NULL, "22008", .strict_nanos = true },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, 0, "2024-02-29 10:11:12.123", "01S07", .size = 23, .digits = 3 },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, 0, "2024-02-29 10:11:12.123456", NULL, .size = 26, .digits = 0 },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, 0, "2024-02-29 10:11:12", "01S07", .size = 19, .digits = 0 },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts_bad, 0, NULL, "22007" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts_over, 0, NULL, "22007" },
    { SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, &ts_bad, 0, NULL, "22008" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_DATE, &ts, 0, NULL, "22008" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_DATE, &ts_midnight, 0, "2024-02-29", NULL },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIME, &ts, 0, "10:11:12.123456", NULL },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIME, &ts_nano, 0, NULL, "22008", .strict_nanos = true },
    { SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, &ts, 0, "2024-02-29 10:11:12.123456", NULL },
    { SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, &ts, 0, "2024-02-29 10:11:12.123", "01S07", .size = 23 },
    { SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, &ts_whole, 0, "2024-02-29 10:11:12", NULL, .size = 19 },
    { SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, &ts_whole, 0, NULL, "22001", .size = 18 },
    { SQL_C_TIMESTAMP, SQL_TIMESTAMP, &ts, 0, "2024-02-29 10:11:12.123456", NULL },
};

static const SQL_INTERVAL_STRUCT ym = { SQL_IS_YEAR_TO_MONTH, 0, { .year_month = { 1, 2 } } },
    ym_negative = { SQL_IS_YEAR_TO_MONTH, 1, { .year_month = { 1, 2 } } },
    ym_bad = { SQL_IS_YEAR_TO_MONTH, 0, { .year_month = { 1, 12 } } },
    month = { SQL_IS_MONTH, 0, { .year_month = { 0, 14 } } },
    ds = { SQL_IS_DAY_TO_SECOND, 0, { .day_second = { 1, 2, 3, 4, 500000 } } },
    ds_negative = { SQL_IS_DAY_TO_SECOND, 1, { .day_second = { 1, 2, 3, 4, 500000 } } },
    ds_bad = { SQL_IS_DAY_TO_SECOND, 0, { .day_second = { 1, 24, 0, 0, 0 } } },
    ds_fraction = { SQL_IS_DAY_TO_SECOND, 0, { .day_second = { 0, 0, 0, 0, 1000000 } } },
    hours = { SQL_IS_HOUR, 1, { .day_second = { 0, 26, 0, 0, 0 } } },
    days_large = { SQL_IS_DAY, 0, { .day_second = { 1000000000, 0, 0, 0, 0 } } };

static const struct param_case from_interval[] = {
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_YEAR_TO_MONTH, &ym, 0, "1-2", NULL },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_YEAR_TO_MONTH, &ym_negative, 0, "-1 years -2 mons", NULL },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_YEAR_TO_MONTH, &ym_bad, 0, NULL, "22015" },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_YEAR, &ym, 0, NULL, "22015" },
    { SQL_C_INTERVAL_MONTH, SQL_INTERVAL_YEAR_TO_MONTH, &month, 0, "1-2", NULL },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL_DAY_TO_SECOND, &ds, 0, "1 02:03:04.5", NULL },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL_DAY_TO_SECOND, &ds_negative, 0, "-1 days -02:03:04.5", NULL },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL_DAY_TO_SECOND, &ds_bad, 0, NULL, "22015" },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL_DAY_TO_SECOND, &ds_fraction, 0, NULL, "22015" },
    { SQL_C_INTERVAL_HOUR, SQL_INTERVAL_DAY_TO_SECOND, &hours, 0, "-1 days -02:00:00", NULL },
    { SQL_C_INTERVAL_DAY, SQL_INTERVAL_DAY, &days_large, 0, NULL, "22015" },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_INTERVAL_DAY, &ym, 0, NULL, "07006" },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_VARCHAR, &ym_negative, 0, "-1-2", NULL },
    { SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_VARCHAR, &ym, 0, NULL, "22001", .size = 2 },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_VARCHAR, &ds, 0, "1 02:03:04.5", NULL },
    { SQL_C_INTERVAL_HOUR, SQL_VARCHAR, &hours, 0, "-26", NULL },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_VARCHAR, &ds_bad, 0, NULL, "22015" },
    { SQL_C_INTERVAL_HOUR, SQL_INTEGER, &hours, 0, "-26", NULL },
    { SQL_C_INTERVAL_HOUR, SQL_NUMERIC, &hours, 0, "-26", NULL },
    { SQL_C_INTERVAL_DAY, SQL_SMALLINT, &days_large, 0, NULL, "22003" },
    { SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTEGER, &ds, 0, NULL, "22015" },
    { SQL_C_INTERVAL_HOUR, SQL_DOUBLE, &hours, 0, NULL, "07006" },
};

static const SQLGUID guid = { 0x01234567, 0x89ab, 0xcdef, { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef } };

static const struct param_case from_bytes[] = {
    { SQL_C_BINARY, SQL_VARBINARY, "\x00\xff\x10", 3, "00ff10", NULL },
    { SQL_C_BINARY, SQL_VARBINARY, "\x00\xff\x10", 3, "\\x00ff10", NULL, .is_postgres = true },
    { SQL_C_BINARY, SQL_VARBINARY, "", 0, "", NULL },
    { SQL_C_BINARY, SQL_VARBINARY, "\x00\xff\x10", 3, NULL, "22001", .size = 2 },
    { SQL_C_BINARY, SQL_VARBINARY, "a", -9, NULL, "HY090" },
    { SQL_C_BINARY, SQL_VARCHAR, "abc", 3, "abc", NULL },
    { SQL_C_BINARY, SQL_VARCHAR, "a\xC3(", 3, NULL, "22018" },
    { SQL_C_BINARY, SQL_VARCHAR, "a\0b", 3, NULL, "HY000" },
    { SQL_C_BINARY, SQL_INTEGER, &i5, 4, "5", NULL },
    { SQL_C_BINARY, SQL_INTEGER, &i5, 3, NULL, "22003" },
    { SQL_C_BINARY, SQL_BIGINT, &i8, 8, "-9223372036854775808", NULL },
    { SQL_C_BINARY, SQL_DOUBLE, &d_tenth, 8, "0.1", NULL },
    { SQL_C_BINARY, SQL_REAL, &f_tenth, 4, "0.1", NULL },
    { SQL_C_BINARY, SQL_BIT, &one, 1, "1", NULL },
    { SQL_C_BINARY, SQL_NUMERIC, &n_plain, sizeof n_plain, "123.45", NULL },
    { SQL_C_BINARY, SQL_TYPE_DATE, &date, sizeof date, "2024-02-29", NULL },
    { SQL_C_BINARY, SQL_TYPE_TIMESTAMP, &ts, sizeof ts, "2024-02-29 10:11:12.123456", NULL },
    { SQL_C_BINARY, SQL_INTERVAL_DAY_TO_SECOND, &ds, sizeof ds, "1 02:03:04.5", NULL },
    { SQL_C_BINARY, SQL_GUID, &guid, sizeof guid, "01234567-89ab-cdef-0123-456789abcdef", NULL },
    { SQL_C_GUID, SQL_GUID, &guid, 0, "01234567-89ab-cdef-0123-456789abcdef", NULL },
    { SQL_C_GUID, SQL_VARCHAR, &guid, 0, "01234567-89ab-cdef-0123-456789abcdef", NULL, .size = 36 },
    { SQL_C_GUID, SQL_VARCHAR, &guid, 0, NULL, "22001", .size = 35 },
    { SQL_C_GUID, SQL_INTEGER, &guid, 0, NULL, "07006" },
};
/* clang-format on */

#define TABLE(name)                                                                                \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        for (size_t i = 0; i < RS_COUNT(name); i++)                                                \
            check(&name[i]);                                                                       \
    }

TABLE(from_text)
TABLE(from_wide)
TABLE(from_numbers)
TABLE(from_numeric)
TABLE(from_time)
TABLE(from_interval)
TABLE(from_bytes)

static void time_alone_is_today(void **state)
{
    struct rs_param_spec spec = { .c_type = SQL_C_TYPE_TIME, .sql_type = SQL_TYPE_TIMESTAMP };
    char before[64], after[64];
    struct rs_when when = { 0 };
    struct rs_buf out = RS_BUF_INIT(LIMIT);
    struct rs_diag diag = { 0 };

    (void)state;
    rs_when_today(&when);
    snprintf(before, sizeof before, "%04d-%02u-%02u 10:11:12", when.year, when.month, when.day);
    assert_true(rs_param_encode(&spec, &time_, 0, &out, &diag));
    rs_when_today(&when);
    snprintf(after, sizeof after, "%04d-%02u-%02u 10:11:12", when.year, when.month, when.day);
    assert_true(strcmp(out.p, before) == 0 || strcmp(out.p, after) == 0);
    rs_buf_clear(&out);
}

/* Unaligned values, and values appended behind others. */
static void appended(void **state)
{
    static const SQLSMALLINT c[] = { SQL_C_SLONG, SQL_C_DOUBLE, SQL_C_TYPE_TIMESTAMP, SQL_C_GUID };
    static const void *const values[] = { &i5, &d_tenth, &ts, &guid };
    static const size_t sizes[] = { sizeof i5, sizeof d_tenth, sizeof ts, sizeof guid };
    struct rs_buf out = RS_BUF_INIT(LIMIT);
    struct rs_diag diag = { 0 };
    struct rs_param_spec spec = { .c_type = SQL_C_WCHAR, .sql_type = SQL_VARCHAR };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(c); i++) {
        char space[64];

        memcpy(space + 1, values[i], sizes[i]);
        spec = (struct rs_param_spec){ .c_type = c[i], .sql_type = SQL_VARCHAR };
        assert_true(rs_param_encode(&spec, space + 1, 0, &out, &diag));
    }
    spec = (struct rs_param_spec){ .c_type = SQL_C_WCHAR, .sql_type = SQL_VARCHAR };
    assert_true(rs_param_encode(&spec, w_abc, SQL_NTS, &out, &diag));
    assert_string_equal(out.p, "50.12024-02-29 10:11:12.12345601234567-89ab-cdef-0123-456789abcdef"
                               "abc");
    rs_buf_clear(&out);
}

/* rs_param_can and rs_param_encode agree: what cannot is 07006, what can is something else. */
static void can_agrees(void **state)
{
    static const SQLSMALLINT c_types[] = {
        SQL_C_CHAR,         SQL_C_WCHAR,
        SQL_C_BINARY,       SQL_C_BIT,
        SQL_C_STINYINT,     SQL_C_UTINYINT,
        SQL_C_SSHORT,       SQL_C_USHORT,
        SQL_C_SLONG,        SQL_C_ULONG,
        SQL_C_SBIGINT,      SQL_C_UBIGINT,
        SQL_C_FLOAT,        SQL_C_DOUBLE,
        SQL_C_NUMERIC,      SQL_C_TYPE_DATE,
        SQL_C_TYPE_TIME,    SQL_C_TYPE_TIMESTAMP,
        SQL_C_GUID,         SQL_C_INTERVAL_YEAR,
        SQL_C_INTERVAL_DAY, SQL_C_INTERVAL_DAY_TO_SECOND,
        SQL_C_DEFAULT,
    };
    static const char zeros[64];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(c_types); i++) {
        for (SQLSMALLINT sql = -20; sql < 120; sql++) {
            struct rs_param_spec spec = { .c_type = c_types[i], .sql_type = sql };
            struct rs_buf out = RS_BUF_INIT(LIMIT);
            struct rs_diag diag = { 0 };
            bool can = rs_param_can(c_types[i], sql);
            bool ok = rs_param_encode(&spec, zeros, 0, &out, &diag);

            if (can == (!ok && rs_diag_state(&diag) == RS_07006))
                fail_msg("%d to %d: %d", c_types[i], sql, can);
            rs_diag_clear(&diag);
            rs_buf_clear(&out);
        }
    }
}

/* Whole numbers on both sides of each type's limits: the same digits, or 22003 with the value. */
static void whole_limits(void **state)
{
    static const struct {
        SQLSMALLINT sql;
        int64_t low, high;
    } types[] = {
        { SQL_TINYINT, -128, 255 },
        { SQL_SMALLINT, INT16_MIN, INT16_MAX },
        { SQL_INTEGER, INT32_MIN, INT32_MAX },
        { SQL_BIGINT, INT64_MIN, INT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(types); i++) {
        for (int step = -2; step <= 2; step++) {
            const int64_t sides[] = { types[i].low, types[i].high };

            for (size_t side = 0; side < RS_COUNT(sides); side++) {
                int64_t value = (int64_t)((uint64_t)sides[side] + (uint64_t)(int64_t)step);
                bool fits = value >= types[i].low && value <= types[i].high;
                struct rs_param_spec spec = { .c_type = SQL_C_SBIGINT, .sql_type = types[i].sql };
                struct rs_buf out = RS_BUF_INIT(LIMIT);
                struct rs_diag diag = { 0 };
                char want[32];

                snprintf(want, sizeof want, "%lld", (long long)value);
                assert_int_equal(rs_param_encode(&spec, &value, 0, &out, &diag), fits);
                if (fits) {
                    assert_string_equal(out.p, want);
                } else {
                    assert_int_equal(rs_diag_state(&diag), RS_22003);
                    assert_non_null(strstr(rs_diag_first(&diag), want));
                    assert_int_equal(out.len, 0);
                }
                rs_diag_clear(&diag);
                rs_buf_clear(&out);
            }
        }
    }
}

static bool encode_all(void *ctx)
{
    bool ok = true;

    (void)ctx;
    for (size_t i = 0; ok && i < RS_COUNT(from_wide); i++) {
        const struct param_case *c = &from_wide[i];
        struct rs_param_spec spec = { .c_type = c->c, .sql_type = c->sql, .column_size = c->size };
        struct rs_buf out = RS_BUF_INIT(LIMIT);
        struct rs_diag diag = { 0 };

        if (!rs_param_encode(&spec, c->value, c->len, &out, &diag) && c->want != NULL) {
            ok = false;
            assert_int_equal(rs_diag_state(&diag), RS_HY001);
        }
        rs_diag_clear(&diag);
        rs_buf_clear(&out);
    }
    return ok;
}

static void out_of_memory(void **state)
{
    (void)state;
    rs_test_oom(encode_all, NULL);
}

/* A value over the limit of the buffer is refused, whatever its way. */
static void too_long(void **state)
{
    static const struct param_case rows[] = {
        { T("0123456789", SQL_VARCHAR) },
        { T("0123456789", SQL_VARBINARY) },
        { SQL_C_BINARY, SQL_VARBINARY, "0123456789", 10 },
        { SQL_C_WCHAR, SQL_VARCHAR, w_abc, 6 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_param_spec spec = { .c_type = rows[i].c, .sql_type = rows[i].sql };
        struct rs_buf out = RS_BUF_INIT(2);
        struct rs_diag diag = { 0 };

        assert_false(rs_param_encode(&spec, rows[i].value, rows[i].len, &out, &diag));
        assert_int_equal(diag.n_error, 1);
        rs_diag_clear(&diag);
        rs_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_text),    cmocka_unit_test(test_from_wide),
        cmocka_unit_test(test_from_numbers), cmocka_unit_test(test_from_numeric),
        cmocka_unit_test(test_from_time),    cmocka_unit_test(test_from_interval),
        cmocka_unit_test(test_from_bytes),   cmocka_unit_test(time_alone_is_today),
        cmocka_unit_test(appended),          cmocka_unit_test(can_agrees),
        cmocka_unit_test(whole_limits),      cmocka_unit_test(out_of_memory),
        cmocka_unit_test(too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
