/* Dates, times, timestamps, intervals into all their targets; odbc.md 10.3, redshift.md 6.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "odbc/datetime.h"
#include "os.h"

#define TEXT RS_KIND_TEXT
#define DA   RS_KIND_DATE
#define TI   RS_KIND_TIME
#define TZ   RS_KIND_TIMETZ
#define TS   RS_KIND_TIMESTAMP
#define TSZ  RS_KIND_TIMESTAMPTZ
#define CH   RS_CTYPE_CHAR
#define WC   RS_CTYPE_WCHAR
#define BI   RS_CTYPE_BINARY
#define D    RS_CTYPE_DATE
#define T    RS_CTYPE_TIME
#define S    RS_CTYPE_TIMESTAMP

/* clang-format off */
static const struct cell_case cases[] = {
    { DA, "2024-02-29", D, "2024-2-29", NULL },
    { DA, "0001-01-01", D, "1-1-1", NULL },
    { DA, "9999-12-31", D, "9999-12-31", NULL },
    { DA, "10000-01-01", D, "10000-1-1", NULL },
    { DA, "32767-12-31", D, "32767-12-31", NULL },
    { DA, "32768-01-01", D, NULL, "22008" },
    { DA, "0044-03-15 BC", D, NULL, "22008" },
    { DA, "infinity", D, NULL, "22008" },
    { DA, "2023-02-29", D, NULL, "22018" },
    { DA, "2000-02-29", D, "2000-2-29", NULL },
    { DA, "1900-02-29", D, NULL, "22018" },
    { DA, "2024-13-01", D, NULL, "22018" },
    { DA, "2024-00-01", D, NULL, "22018" },
    { DA, "2024-04-31", D, NULL, "22018" },
    { DA, "0000-01-01", D, NULL, "22018" },
    { DA, "2024-1x-01", D, NULL, "22018" },
    { DA, "2024-02-29", S, "2024-2-29 0:0:0.000000000", NULL },
    { DA, "2024-02-29", BI, "e80702001d00", NULL },
    { DA, "2024-02-29", BI, NULL, "22003", .cap = 5 },
    { DA, "infinity", BI, NULL, "22008" },
    { DA, "2024-02-29", CH, "2024-02-29", NULL, .cap = 11 },
    { DA, "2024-02-29", CH, NULL, "22003", .cap = 10 },
    { DA, "2024-02-29", WC, "2024-02-29", NULL, .cap = 22 },
    { DA, "2024-02-29", WC, NULL, "22003", .cap = 21 },
    { DA, "2024-02-29", CH, "", "01004", .cap = -1 },
    { DA, "infinity", CH, "infinity", NULL },
    { DA, "infinity", CH, NULL, "22003", .cap = 8 },
    { DA, "0044-03-15 BC", CH, "0044-03-15 BC", NULL },

    { TI, "12:34:56", T, "12:34:56", NULL },
    { TI, "12:34:56.789", T, "12:34:56", "01S07" },
    { TI, "12:34:56.000", T, "12:34:56", NULL },
    { TI, "24:00:00", T, NULL, "22008" },
    { TI, "24:00:01", T, NULL, "22018" },
    { TI, "25:00:00", T, NULL, "22018" },
    { TI, "12:60:00", T, NULL, "22018" },
    { TI, "12:34:56", BI, "0c0022003800", NULL },
    { TI, "12:34:56.5", BI, "0c0022003800", "01S07" },
    { TI, "12:34:56", BI, NULL, "22003", .cap = 3 },
    { TI, "24:00:00", BI, NULL, "22008" },
    { TI, "12:34:56.789", CH, "12:34:56.789", NULL, .cap = 13 },
    { TI, "12:34:56.789", CH, "12:34:56.7", "01004", .cap = 11 },
    { TI, "12:34:56.789", CH, "12:34:56", "01004", .cap = 10 },
    { TI, "12:34:56.789", CH, "12:34:56", "01004", .cap = 9 },
    { TI, "12:34:56.789", CH, NULL, "22003", .cap = 8 },
    { TI, "12:34:56.789", WC, "12:34:56", "01004", .cap = 18 },
    { TI, "12:34:56.789", WC, NULL, "22003", .cap = 17 },
    { TI, "24:00:00", CH, "24:00:00", NULL },
    { TZ, "12:34:56+02", T, "12:34:56", NULL },
    { TZ, "12:34:56.5-03:30", T, "12:34:56", "01S07" },
    { TZ, "12:34:56+02", CH, "12:34:56", NULL },
    { TZ, "12:34:56.5-03:30", CH, "12:34:56.5", NULL },
    { TZ, "12:34:56.5-03:30:15", WC, "12:34:56.5", NULL },
    { TZ, "12:34:56+02", CH, "12:34:56+02", NULL, .keep_offset = true },

    { TS, "2024-02-29 12:34:56", S, "2024-2-29 12:34:56.000000000", NULL },
    { TS, "2024-02-29 12:34:56.789012", S, "2024-2-29 12:34:56.789012000", NULL },
    { TS, "2024-02-29 12:34:56.7", S, "2024-2-29 12:34:56.700000000", NULL },
    { TS, "2024-02-29 12:34:56.", S, "2024-2-29 12:34:56.000000000", NULL },
    { TS, "2024-02-29 24:00:00", S, NULL, "22018" },
    { TS, "2024-02-29 12:34:5x", S, NULL, "22018" },
    { TS, "12024-02-29 12:34:56", S, "12024-2-29 12:34:56.000000000", NULL },
    { TS, "0044-03-15 12:00:00 BC", S, NULL, "22008" },
    { TS, "infinity", S, NULL, "22008" },
    { TS, "-infinity", S, NULL, "22008" },
    { TS, "2024-02-29 00:00:00", D, "2024-2-29", NULL },
    { TS, "2024-02-29 00:00:01", D, "2024-2-29", "01S07" },
    { TS, "2024-02-29 00:00:00.5", D, "2024-2-29", "01S07" },
    { TS, "2024-02-29 12:34:56", T, "12:34:56", NULL },
    { TS, "2024-02-29 12:34:56.5", T, "12:34:56", "01S07" },
    { TS, "infinity", T, NULL, "22008" },
    { TS, "2024-02-29 12:34:56.5", BI, "e80702001d000c00220038000065cd1d", NULL },
    { TS, "2024-02-29 12:34:56.5", BI, NULL, "22003", .cap = 15 },
    { TS, "x", BI, NULL, "22018" },
    { TS, "2024-02-29 12:34:56.789012", CH, "2024-02-29 12:34:56.789012", NULL, .cap = 27 },
    { TS, "2024-02-29 12:34:56.789012", CH, "2024-02-29 12:34:56.78901", "01004", .cap = 26 },
    { TS, "2024-02-29 12:34:56.789012", CH, "2024-02-29 12:34:56", "01004", .cap = 21 },
    { TS, "2024-02-29 12:34:56.789012", CH, "2024-02-29 12:34:56", "01004", .cap = 20 },
    { TS, "2024-02-29 12:34:56.789012", CH, NULL, "22003", .cap = 19 },
    { TS, "2024-02-29 12:34:56.789012", WC, "2024-02-29 12:34:56", "01004", .cap = 40 },
    { TS, "2024-02-29 12:34:56.789012", WC, NULL, "22003", .cap = 39 },
    { TS, "infinity", CH, "infinity", NULL },
    { TS, "0044-03-15 12:00:00 BC", CH, "0044-03-15 12:00:00 BC", NULL },
    { TS, "0044-03-15 12:00:00 BC", CH, NULL, "22003", .cap = 20 },
    { TSZ, "2024-02-29 12:34:56+00", S, "2024-2-29 12:34:56.000000000", NULL },
    { TSZ, "2024-02-29 12:34:56.5-03:30", S, "2024-2-29 12:34:56.500000000", NULL },
    { TSZ, "2024-02-29 12:34:56.789012+05:30", S, "2024-2-29 12:34:56.789012000", NULL },
    { TSZ, "2024-02-29 12:34:56+05:30:15", S, "2024-2-29 12:34:56.000000000", NULL },
    { TSZ, "2024-02-29 12:34:56", S, "2024-2-29 12:34:56.000000000", NULL },
    { TSZ, "2024-02-29 12:34:56+0x", S, NULL, "22018" },
    { TSZ, "2024-02-29 12:34:56+05:3x", S, NULL, "22018" },
    { TSZ, "2024-02-30 12:34:56+05", S, NULL, "22018" },
    { TSZ, "2024-02-29 12:34:56+00", CH, "2024-02-29 12:34:56", NULL },
    { TSZ, "2024-02-29 12:34:56.5+05:30", CH, "2024-02-29 12:34:56.5", NULL },
    { TSZ, "2024-02-29 12:34:56+00", WC, "2024-02-29 12:34:56", NULL },
    { TSZ, "2024-02-29 12:34:56+00", CH, "2024-02-29 12:34:56+00", NULL, .keep_offset = true },
    { TSZ, "2024-02-29 12:34:56+00", CH, NULL, "22003", .keep_offset = true, .cap = 20 },
    { TSZ, "0044-03-15 12:00:00+00 BC", CH, "0044-03-15 12:00:00 BC", NULL },
    { TSZ, "infinity", CH, "infinity", NULL },
    { TSZ, "2024-02-29 12:34:56+00", D, "2024-2-29", "01S07" },

    /* text: ODBC's forms and the server's */
    { TEXT, " 2024-02-29 ", D, "2024-2-29", NULL },
    { TEXT, "{d '2024-02-29'}", D, "2024-2-29", NULL },
    { TEXT, "{ d '2024-02-29' }", D, "2024-2-29", NULL },
    { TEXT, "{t '10:11:12'}", D, NULL, "22018" },
    { TEXT, "{ts '2024-02-29 10:11:12'}", D, "2024-2-29", "01S07" },
    { TEXT, "{d '2024-02-29'", D, NULL, "22018" },
    { TEXT, "{x '2024-02-29'}", D, NULL, "22018" },
    { TEXT, "10:11:12", D, NULL, "22018" },
    { TEXT, "2024-02-30", D, NULL, "22018" },
    { TEXT, "", D, NULL, "22018" },
    { TEXT, "10:11", T, "10:11:0", NULL },
    { TEXT, "10:11:12", T, "10:11:12", NULL },
    { TEXT, "10:11:12.5", T, "10:11:12", "01S07" },
    { TEXT, "2024-02-29 10:11:12", T, "10:11:12", NULL },
    { TEXT, "{t '10:11:12'}", T, "10:11:12", NULL },
    { TEXT, "2024-02-29", T, NULL, "22018" },
    { TEXT, "24:00:00", T, NULL, "22018" },
    { TEXT, "14:40:40", T, "14:40:40", NULL },
    { TEXT, "2024-02-29T10:11:12Z", S, "2024-2-29 10:11:12.000000000", NULL },
    { TEXT, "2024-02-29 10:11", S, "2024-2-29 10:11:0.000000000", NULL },
    { TEXT, "2024-02-29", S, "2024-2-29 0:0:0.000000000", NULL },
    { TEXT, "2024-02-29 10:11:12.123456789", S, "2024-2-29 10:11:12.123456789", NULL },
    { TEXT, "2024-02-29 10:11:12.1234567890", S, "2024-2-29 10:11:12.123456789", NULL },
    { TEXT, "2024-02-29 10:11:12.1234567891", S, "2024-2-29 10:11:12.123456789", "01S07" },
    { TEXT, "{ts '2024-02-29 10:11:12'}", S, "2024-2-29 10:11:12.000000000", NULL },
    { TEXT, "{ts '2024-02-29'}", S, NULL, "22018" },
    { TEXT, "2024-02-29x", S, NULL, "22018" },
};

#define YM  RS_KIND_INTERVAL_YM
#define DS  RS_KIND_INTERVAL_DS
#define IV  RS_CTYPE_INTERVAL

static const struct cell_case intervals[] = {
    { YM, "1 year 2 mons", IV, "7:1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "1 years 2 mons", IV, "7:1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "-1 years -2 mons", IV, "7:-1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "0 years 0 mons", IV, "7:0-0", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "@ 1 year 2 mons ago", IV, "7:-1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "1-2", IV, "7:1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "-1-2", IV, "7:-1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "P1Y2M", IV, "7:1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "2 mons", IV, "7:0-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { YM, "1 year 2 mons", IV, "1:1-0", "01S07", .interval = SQL_C_INTERVAL_YEAR },
    { YM, "1 year", IV, "1:1-0", NULL, .interval = SQL_C_INTERVAL_YEAR },
    { YM, "1 year 2 mons", IV, "2:0-14", NULL, .interval = SQL_C_INTERVAL_MONTH },
    { YM, "100000000 years", IV, NULL, "22015", .interval = SQL_C_INTERVAL_MONTH },
    { YM, "1 year 1 day", IV, NULL, "22018", .interval = SQL_C_INTERVAL_MONTH },
    { YM, "1 year", IV, NULL, "07006", .interval = SQL_C_INTERVAL_DAY },
    { YM, "bad", IV, NULL, "22018", .interval = SQL_C_INTERVAL_YEAR },
    { YM, "1-2", RS_CTYPE_SLONG, NULL, "22015" },
    { DS, "1 day 02:03:04.5", IV, "10:1 2:3:4.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "1 days 2 hours 3 mins 4.5 secs", IV, "10:1 2:3:4.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "@ 1 day 2 hours ago", IV, "10:-1 2:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "1 2:03:04.5", IV, "10:1 2:3:4.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "-1 2:03:04.5", IV, "10:-1 2:3:4.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "P1DT2H3M4.5S", IV, "10:1 2:3:4.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "PT-2H", IV, "10:-0 2:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "1 day -02:03:04", IV, "10:0 21:56:56.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "-1 days +02:03:04", IV, "10:-0 21:56:56.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "1 day -00:00:00.5", IV, "10:0 23:59:59.500000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "02:03:04", IV, "10:0 2:3:4.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { DS, "1 day 02:03:04", IV, "4:0 26:0:0.000000", "01S07", .interval = SQL_C_INTERVAL_HOUR },
    { DS, "1 day 02:00:00", IV, "4:0 26:0:0.000000", NULL, .interval = SQL_C_INTERVAL_HOUR },
    { DS, "1 day 02:03:04", IV, "3:1 0:0:0.000000", "01S07", .interval = SQL_C_INTERVAL_DAY },
    { DS, "1 day 02:03:04", IV, "5:0 0:1563:0.000000", "01S07", .interval = SQL_C_INTERVAL_MINUTE },
    { DS, "02:03:04.5", IV, "6:0 0:0:7384.500000", NULL, .interval = SQL_C_INTERVAL_SECOND },
    { DS, "1 day 02:03:04", IV, "8:1 2:0:0.000000", "01S07", .interval = SQL_C_INTERVAL_DAY_TO_HOUR },
    { DS, "1 day 02:03:04", IV, "9:1 2:3:0.000000", "01S07", .interval = SQL_C_INTERVAL_DAY_TO_MINUTE },
    { DS, "1 day 02:03:00", IV, "11:0 26:3:0.000000", NULL, .interval = SQL_C_INTERVAL_HOUR_TO_MINUTE },
    { DS, "1 day 02:03:04", IV, "12:0 26:3:4.000000", NULL, .interval = SQL_C_INTERVAL_HOUR_TO_SECOND },
    { DS, "1 day 02:03:04", IV, "13:0 0:1563:4.000000", NULL, .interval = SQL_C_INTERVAL_MINUTE_TO_SECOND },
    { DS, "100 days", IV, "3:100 0:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY },
    { DS, "1000000000 days", IV, NULL, "22015", .interval = SQL_C_INTERVAL_DAY },
    { DS, "1 day", IV, NULL, "07006", .interval = SQL_C_INTERVAL_MONTH },
    { DS, "1 mon", IV, NULL, "22018", .interval = SQL_C_INTERVAL_DAY },
    { DS, "1.5 days", IV, NULL, "22018", .interval = SQL_C_INTERVAL_DAY },
    { DS, "1 day", RS_CTYPE_UBIGINT, NULL, "22015" },
    /* as characters */
    { YM, "1 year 2 mons", CH, "1-2", NULL },
    { YM, "-1 years -2 mons", CH, "-1-2", NULL },
    { YM, "-1 years -2 mons", CH, NULL, "22003", .cap = 4 },
    { YM, "-1 years -2 mons", WC, "-1-2", NULL, .cap = 10 },
    { YM, "x", CH, NULL, "22018" },
    { DS, "1 day 02:03:04.5", CH, "1 02:03:04.5", NULL },
    { DS, "1 day 02:03:04", CH, "1 02:03:04", NULL, .cap = 11 },
    { DS, "1 day 02:03:04", CH, NULL, "22003", .cap = 10 },
    { DS, "1 day 02:03:04.123456", CH, "1 02:03:04.12", "01004", .cap = 14 },
    { DS, "1 day 02:03:04.123456", WC, "1 02:03:04", "01004", .cap = 22 },
    { DS, "-1 days -02:03:04.5", CH, "-1 02:03:04.5", NULL },
    { DS, "00:00:00", CH, "0 00:00:00", NULL },
    { DS, "x", WC, NULL, "22018" },
    { YM, "1-2", BI, "0700000000000000010000000200000000000000000000000000" "0000", NULL },
    { YM, "1-2", BI, NULL, "22003", .cap = 27 },
    { YM, "x", BI, NULL, "22018" },
    /* text: bodies of ODBC's literals, whole literals, the server's spellings */
    { TEXT, "5", IV, "3:5 0:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY },
    { TEXT, " -5 ", IV, "1:-5-0", NULL, .interval = SQL_C_INTERVAL_YEAR },
    { TEXT, "10:30", IV, "11:0 10:30:0.000000", NULL, .interval = SQL_C_INTERVAL_HOUR_TO_MINUTE },
    { TEXT, "10:30", IV, "13:0 0:10:30.000000", NULL, .interval = SQL_C_INTERVAL_MINUTE_TO_SECOND },
    { TEXT, "1 10", IV, "8:1 10:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_HOUR },
    { TEXT, "1-2", IV, "7:1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { TEXT, "1-2", IV, "1:1-0", "01S07", .interval = SQL_C_INTERVAL_YEAR },
    { TEXT, "1-12", IV, NULL, "22018", .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { TEXT, "{interval -'1-2' year to month}", IV, "7:-1-2", NULL, .interval = SQL_C_INTERVAL_YEAR_TO_MONTH },
    { TEXT, "INTERVAL '5' DAY(3)", IV, "4:0 120:0:0.000000", NULL, .interval = SQL_C_INTERVAL_HOUR },
    { TEXT, "interval '5'", IV, NULL, "22018", .interval = SQL_C_INTERVAL_HOUR },
    { TEXT, "1 day 2 hours", IV, "10:1 2:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY_TO_SECOND },
    { TEXT, "1234567890", IV, NULL, "22015", .interval = SQL_C_INTERVAL_DAY },
    { TEXT, "4.1234567", IV, "6:0 0:0:4.123456", "01S07", .interval = SQL_C_INTERVAL_SECOND },
    { TEXT, "", IV, NULL, "22018", .interval = SQL_C_INTERVAL_SECOND },
    { TEXT, "0 01:02:03", IV, "5:0 0:62:0.000000", "01S07", .interval = SQL_C_INTERVAL_MINUTE },
    { TEXT, "01:02:03", IV, "13:0 0:62:3.000000", NULL, .interval = SQL_C_INTERVAL_MINUTE_TO_SECOND },
    { TEXT, "10:60", IV, NULL, "22018", .interval = SQL_C_INTERVAL_HOUR_TO_MINUTE },
    /* an exact number is the only field of a single-field interval */
    { RS_KIND_INT, "5", IV, "3:5 0:0:0.000000", NULL, .interval = SQL_C_INTERVAL_DAY },
    { RS_KIND_INT2, "-5", IV, "1:-5-0", NULL, .interval = SQL_C_INTERVAL_YEAR },
    { RS_KIND_INT4, "13", IV, "2:0-13", NULL, .interval = SQL_C_INTERVAL_MONTH },
    { RS_KIND_NUMERIC, "5.5", IV, "4:0 5:0:0.000000", "01S07", .interval = SQL_C_INTERVAL_HOUR },
    { RS_KIND_NUMERIC, "5.5", IV, "6:0 0:0:5.500000", NULL, .interval = SQL_C_INTERVAL_SECOND },
    { RS_KIND_NUMERIC, "0.0000001", IV, "6:0 0:0:0.000000", "01S07", .interval = SQL_C_INTERVAL_SECOND },
    { RS_KIND_INT, "1234567890", IV, NULL, "22015", .interval = SQL_C_INTERVAL_DAY },
    { RS_KIND_INT, "5", IV, NULL, "22015", .interval = SQL_C_INTERVAL_DAY_TO_HOUR },
    { RS_KIND_INT, "x", IV, NULL, "22018", .interval = SQL_C_INTERVAL_DAY },
};
/* clang-format on */

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        cell_check(&cases[i]);
}

static void interval_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(intervals); i++)
        cell_check(&intervals[i]);
}

/* The leading precision of the ARD, and its fraction. */
static void interval_precision(void **state)
{
    SQL_INTERVAL_STRUCT v;
    struct rs_diag diag = { 0 };
    struct rs_target to = {
        .buf = &v, .interval = SQL_C_INTERVAL_DAY_TO_SECOND, .interval_precision = 2, .precision = 3
    };
    rs_convert_fn *fn = rs_convert_find(DS, IV);

    (void)state;
    assert_int_equal(fn((struct rs_cell){ "99 days 00:00:00.5", 18 }, &to, &diag), RS_FIT_EXACT);
    assert_int_equal(v.intval.day_second.day, 99);
    assert_int_equal(v.intval.day_second.fraction, 500);
    assert_int_equal(fn((struct rs_cell){ "100 days", 8 }, &to, &diag), RS_FIT_FAILED);
    assert_string_equal(cell_state(&diag), "22015");
    rs_diag_clear(&diag);
}

/* A time alone gets the date of today. */
static void today(void **state)
{
    static const enum rs_kind kinds[] = { TI, TZ, TEXT };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(kinds); i++) {
        struct cell_case c = { kinds[i], "10:11:12.5", S, NULL, NULL };
        struct cell_got got;
        char before[64], after[64];
        struct rs_when when = { 0 };

        rs_when_today(&when);
        snprintf(before, sizeof before, "%d-%u-%u 10:11:12.500000000", when.year, when.month,
                 when.day);
        cell_convert(&c, &got);
        rs_when_today(&when);
        snprintf(after, sizeof after, "%d-%u-%u 10:11:12.500000000", when.year, when.month,
                 when.day);
        assert_true(strcmp(got.text, before) == 0 || strcmp(got.text, after) == 0);
    }
}

/* Each day of four centuries through the fast way, and each second of a day. */
static void every_day(void **state)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct rs_diag diag = { 0 };
    SQL_DATE_STRUCT d;
    struct rs_target to = { .buf = &d };
    rs_convert_fn *fn = rs_convert_find(DA, D);

    (void)state;
    for (int y = 1800; y < 2200; y++) {
        for (int m = 0; m <= 13; m++) {
            for (int day = 0; day <= 32; day++) {
                char text[40];
                bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
                bool good = m >= 1 && m <= 12 && day >= 1 && day <= days[m - 1] + (m == 2 && leap);

                snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, day);
                assert_int_equal(fn((struct rs_cell){ text, 10 }, &to, &diag),
                                 good ? RS_FIT_EXACT : RS_FIT_FAILED);
                if (good)
                    assert_true(d.year == y && d.month == m && d.day == day);
                rs_diag_clear(&diag);
            }
        }
    }
}

static void every_second(void **state)
{
    struct rs_diag diag = { 0 };
    SQL_TIMESTAMP_STRUCT ts;
    struct rs_target to = { .buf = &ts };
    rs_convert_fn *fn = rs_convert_find(TS, S);

    (void)state;
    for (int s = 0; s < 86400; s++) {
        char text[40];
        int n = snprintf(text, sizeof text, "2024-02-29 %02d:%02d:%02d.%06d", s / 3600, s / 60 % 60,
                         s % 60, s);

        assert_int_equal(fn((struct rs_cell){ text, n }, &to, &diag), RS_FIT_EXACT);
        assert_true(ts.hour == s / 3600 && ts.minute == s / 60 % 60 && ts.second == s % 60 &&
                    ts.fraction == (SQLUINTEGER)s * 1000);
    }
}

/* One wrong byte anywhere is noticed. */
static void wrong_bytes(void **state)
{
    static const char good[] = "2024-02-29 12:34:56.789012";
    SQL_TIMESTAMP_STRUCT ts;
    struct rs_target to = { .buf = &ts };
    rs_convert_fn *fn = rs_convert_find(TS, S);

    (void)state;
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (int c = 0; c < 256; c++) {
            struct rs_diag diag = { 0 };
            char text[sizeof good];
            enum rs_fit fit;

            memcpy(text, good, sizeof good);
            text[i] = (char)c;
            fit = fn((struct rs_cell){ text, sizeof good - 1 }, &to, &diag);
            if (fit != RS_FIT_FAILED && (c < '0' || c > '9') && text[i] != good[i] &&
                strchr(" \t\n\v\f\rTt+-Zz:", c) == NULL)
                fail_msg("byte %zu may be %d", i, c);
            rs_diag_clear(&diag);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(interval_table),
        cmocka_unit_test(today),       cmocka_unit_test(interval_precision),
        cmocka_unit_test(every_day),   cmocka_unit_test(every_second),
        cmocka_unit_test(wrong_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
