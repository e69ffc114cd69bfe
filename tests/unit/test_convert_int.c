/* Numbers, text and BOOL into integers, bits and floats; odbc.md 10.2 and 10.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cells.h"

#define INT      RS_KIND_INT
#define NUM      RS_KIND_NUMERIC
#define F8       RS_KIND_FLOAT8
#define TEXT     RS_KIND_TEXT
#define DBL      RS_KIND_INEXACT
#define BOOLEAN  RS_KIND_BOOL
#define WORD     RS_KIND_BOOL_TEXT
#define C(ctype) RS_CTYPE_##ctype

/* clang-format off */
static const struct cell_case cases[] = {
    /* whole numbers, at both ends of each type */
    { INT,  "0",                     C(SLONG),    "0", NULL },
    { INT,  "-0",                    C(SLONG),    "0", NULL },
    { INT,  "42",                    C(SLONG),    "42", NULL },
    { INT,  "12345678",              C(SLONG),    "12345678", NULL },
    { INT,  "2147483647",            C(SLONG),    "2147483647", NULL },
    { INT,  "2147483648",            C(SLONG),    NULL, "22003" },
    { INT,  "-2147483648",           C(SLONG),    "-2147483648", NULL },
    { INT,  "-2147483649",           C(SLONG),    NULL, "22003" },
    { INT,  "4294967295",            C(ULONG),    "4294967295", NULL },
    { INT,  "4294967296",            C(ULONG),    NULL, "22003" },
    { INT,  "-1",                    C(ULONG),    NULL, "22003" },
    { INT,  "127",                   C(STINYINT), "127", NULL },
    { INT,  "128",                   C(STINYINT), NULL, "22003" },
    { INT,  "-128",                  C(STINYINT), "-128", NULL },
    { INT,  "-129",                  C(STINYINT), NULL, "22003" },
    { INT,  "255",                   C(UTINYINT), "255", NULL },
    { INT,  "256",                   C(UTINYINT), NULL, "22003" },
    { INT,  "32767",                 C(SSHORT),   "32767", NULL },
    { INT,  "32768",                 C(SSHORT),   NULL, "22003" },
    { INT,  "-32768",                C(SSHORT),   "-32768", NULL },
    { INT,  "65535",                 C(USHORT),   "65535", NULL },
    { INT,  "65536",                 C(USHORT),   NULL, "22003" },
    { INT,  "123456789012345678",    C(SBIGINT),  "123456789012345678", NULL },
    { INT,  "9223372036854775807",   C(SBIGINT),  "9223372036854775807", NULL },
    { INT,  "9223372036854775808",   C(SBIGINT),  NULL, "22003" },
    { INT,  "-9223372036854775808",  C(SBIGINT),  "-9223372036854775808", NULL },
    { INT,  "-9223372036854775809",  C(SBIGINT),  NULL, "22003" },
    { NUM,  "18446744073709551615",  C(UBIGINT),  "18446744073709551615", NULL },
    { NUM,  "18446744073709551616",  C(UBIGINT),  NULL, "22003" },
    { INT,  "-1",                    C(UBIGINT),  NULL, "22003" },
    { NUM,  "-0.0",                  C(UBIGINT),  "0", NULL },
    { INT,  "",                      C(SLONG),    NULL, "22018" },
    { INT,  "-",                     C(SLONG),    NULL, "22018" },
    { INT,  "1234567x",              C(SLONG),    NULL, "22018" },
    { INT,  "12345678901234567:",    C(SBIGINT),  NULL, "22018" },
    /* fractions are cut towards zero */
    { NUM,  "12.70",                 C(SLONG),    "12", "01S07" },
    { NUM,  "-12.70",                C(SLONG),    "-12", "01S07" },
    { NUM,  "12.00",                 C(SLONG),    "12", NULL },
    { NUM,  "-0.9",                  C(ULONG),    "0", "01S07" },
    { NUM,  "99999999999999999999.5", C(SBIGINT), NULL, "22003" },
    { NUM,  "NaN",                   C(SLONG),    NULL, "22003" },
    { F8,   "1e+20",                 C(SBIGINT),  NULL, "22003" },
    { F8,   "1.5e3",                 C(SLONG),    "1500", NULL },
    { F8,   "1.2345e+02",            C(SLONG),    "123", "01S07" },
    { F8,   "Infinity",              C(SBIGINT),  NULL, "22003" },
    { F8,   "1e-300",                C(SLONG),    "0", "01S07" },
    /* text */
    { TEXT, "12",                    C(SLONG),    "12", NULL },
    { TEXT, " -7 ",                  C(SLONG),    "-7", NULL },
    { TEXT, "+7",                    C(SLONG),    "7", NULL },
    { TEXT, "12.70",                 C(SLONG),    "12", "01S07" },
    { TEXT, "1e3",                   C(SLONG),    "1000", NULL },
    { TEXT, "12345e-3",              C(SLONG),    "12", "01S07" },
    { TEXT, ".5",                    C(SLONG),    "0", "01S07" },
    { TEXT, "5.",                    C(SLONG),    "5", NULL },
    { TEXT, "1e99999999999999999999", C(SLONG),   NULL, "22003" },
    { TEXT, "0e99999999999999999999", C(SLONG),   "0", NULL },
    { TEXT, "2147483648",            C(SLONG),    NULL, "22003" },
    { TEXT, "12x",                   C(SLONG),    NULL, "22018" },
    { TEXT, "1 2",                   C(SLONG),    NULL, "22018" },
    { TEXT, "1e",                    C(SLONG),    NULL, "22018" },
    { TEXT, ".",                     C(SLONG),    NULL, "22018" },
    { TEXT, "",                      C(SLONG),    NULL, "22018" },
    { TEXT, "0x10",                  C(SLONG),    NULL, "22018" },
    { TEXT, "true",                  C(SLONG),    NULL, "22018" },
    /* bits */
    { TEXT, "0",                     C(BIT),      "0", NULL },
    { TEXT, "1",                     C(BIT),      "1", NULL },
    { TEXT, "1.5",                   C(BIT),      "1", "01S07" },
    { TEXT, "0.001",                 C(BIT),      "0", "01S07" },
    { TEXT, "2",                     C(BIT),      NULL, "22003" },
    { TEXT, "-1",                    C(BIT),      NULL, "22003" },
    { TEXT, "-0.5",                  C(BIT),      NULL, "22003" },
    { TEXT, "t",                     C(BIT),      NULL, "22018" },
    { TEXT, "true",                  C(BIT),      NULL, "22018" },
    { INT,  "1",                     C(BIT),      "1", NULL },
    { INT,  "2",                     C(BIT),      NULL, "22003" },
    { F8,   "0.5",                   C(BIT),      "0", "01S07" },
    /* BOOL */
    { BOOLEAN, "t",                  C(BIT),      "1", NULL },
    { BOOLEAN, "f",                  C(BIT),      "0", NULL },
    { BOOLEAN, "true",               C(BIT),      "1", NULL },
    { BOOLEAN, "0",                  C(BIT),      "0", NULL },
    { BOOLEAN, "x",                  C(BIT),      NULL, "22018" },
    { BOOLEAN, "t",                  C(STINYINT), "1", NULL },
    { BOOLEAN, "t",                  C(UTINYINT), "1", NULL },
    { BOOLEAN, "t",                  C(SSHORT),   "1", NULL },
    { BOOLEAN, "t",                  C(USHORT),   "1", NULL },
    { BOOLEAN, "t",                  C(SLONG),    "1", NULL },
    { BOOLEAN, "f",                  C(ULONG),    "0", NULL },
    { BOOLEAN, "t",                  C(SBIGINT),  "1", NULL },
    { BOOLEAN, "t",                  C(UBIGINT),  "1", NULL },
    { BOOLEAN, "t",                  C(FLOAT),    "1", NULL },
    { BOOLEAN, "f",                  C(DOUBLE),   "0", NULL },
    { BOOLEAN, "t",                  C(CHAR),     "1", NULL },
    { BOOLEAN, "f",                  C(WCHAR),    "0", NULL },
    /* NUMERIC as a double */
    { DBL,  "12.340",                C(CHAR),     "12.34", NULL },
    { DBL,  "12.340",                C(WCHAR),    "12.34", NULL },
    { DBL,  "0.0000000000000000000000000000000000001", C(CHAR), "1e-37", NULL },
    { DBL,  "12345678901234567890123456789012345678", C(CHAR), "1.2345678901234568e+37", NULL },
    { DBL,  "NaN",                   C(CHAR),     "NaN", NULL },
    { DBL,  "12.34",                 C(CHAR),     "12", "01004", .cap = 3 },
    { DBL,  "123.4",                 C(CHAR),     NULL, "22003", .cap = 3 },
    { DBL,  "123.4",                 C(WCHAR),    NULL, "22003", .cap = 6 },
    { DBL,  "1.5",                   C(DOUBLE),   "1.5", NULL },
    { DBL,  "1.5",                   C(SLONG),    "1", "01S07" },
    { DBL,  "1.0",                   C(BINARY),   "000000000000f03f", NULL },
    { DBL,  "1.0",                   C(BINARY),   NULL, "22003", .cap = 7 },
    { WORD, "t",                     C(BINARY),   "74727565", NULL },
    { WORD, "f",                     C(BINARY),   "66616c", "01004", .cap = 3 },
    { WORD, "x",                     C(BINARY),   NULL, "22018" },
    { BOOLEAN, "t",                  C(CHAR),     NULL, "22003", .cap = 1 },
    { BOOLEAN, "t",                  C(CHAR),     "1", NULL, .cap = 2 },
    { BOOLEAN, "t",                  C(BINARY),   "01", NULL },
    { BOOLEAN, "maybe",              C(BINARY),   NULL, "22018" },
    { BOOLEAN, "maybe",              C(CHAR),     NULL, "22018" },
    { WORD, "t",                     C(CHAR),     "true", NULL },
    { WORD, "f",                     C(CHAR),     "false", NULL },
    { WORD, "f",                     C(WCHAR),    "false", NULL },
    { WORD, "f",                     C(CHAR),     "fal", "01004", .cap = 4 },
    { WORD, "t",                     C(SLONG),    "1", NULL },
    { WORD, "t",                     C(DATE),     NULL, "22018" },
    /* floats */
    { F8,   "0.1",                   C(DOUBLE),   "0.10000000000000001", NULL },
    { F8,   "-1.7976931348623157e+308", C(DOUBLE), "-1.7976931348623157e+308", NULL },
    { F8,   "5e-324",                C(DOUBLE),   "4.9406564584124654e-324", NULL },
    { F8,   "NaN",                   C(DOUBLE),   "nan", NULL },
    { F8,   "-Infinity",             C(DOUBLE),   "-inf", NULL },
    { TEXT, " 1.5 ",                 C(DOUBLE),   "1.5", NULL },
    { TEXT, "1e400",                 C(DOUBLE),   NULL, "22003" },
    { TEXT, "1e-400",                C(DOUBLE),   "0", NULL },
    { TEXT, "1,5",                   C(DOUBLE),   NULL, "22018" },
    { TEXT, "abc",                   C(DOUBLE),   NULL, "22018" },
    { TEXT, "0x1p3",                 C(DOUBLE),   NULL, "22018" },
    { TEXT, "inf",                   C(DOUBLE),   "inf", NULL },
    { NUM,  "123.45",                C(DOUBLE),   "123.45", NULL },
    { INT,  "9007199254740993",      C(DOUBLE),   "9007199254740992", NULL },
    { F8,   "0.1",                   C(FLOAT),    "0.100000001", NULL },
    { F8,   "1e39",                  C(FLOAT),    NULL, "22003" },
    { TEXT, "3.4028235e38",          C(FLOAT),    "3.40282347e+38", NULL },
    { TEXT, "x",                     C(FLOAT),    NULL, "22018" },
    { NUM,  "16777217",              C(FLOAT),    "16777216", NULL },
    /* the C form in a binary buffer */
    { RS_KIND_INT2, "258",           C(BINARY),   "0201", NULL },
    { RS_KIND_INT4, "-2",            C(BINARY),   "feffffff", NULL },
    { INT,  "1",                     C(BINARY),   "0100000000000000", NULL },
    { INT,  "1",                     C(BINARY),   NULL, "22003", .cap = 7 },
    { INT,  "1",                     C(BINARY),   "0100000000000000", NULL, .cap = 8 },
    { RS_KIND_FLOAT4, "1",           C(BINARY),   "0000803f", NULL },
    { F8,   "1",                     C(BINARY),   "000000000000f03f", NULL },
    { F8,   "x",                     C(BINARY),   NULL, "22018" },
    { RS_KIND_FLOAT4, "x",           C(BINARY),   NULL, "22018" },
    { INT,  "x",                     C(BINARY),   NULL, "22018" },
};
/* clang-format on */

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        cell_check(&cases[i]);
}

/* Every 16-bit number and its neighbours in width, as text and back. */
static void all_small_numbers(void **state)
{
    (void)state;
    for (int32_t i = -70000; i <= 70000; i++) {
        char text[20];
        struct cell_case c = { INT, text, RS_CTYPE_SSHORT, text,
                               i < INT16_MIN || i > INT16_MAX ? "22003" : NULL };

        text[rs_print_i64(text, i)] = '\0';
        if (c.state != NULL)
            c.want = NULL;
        cell_check(&c);
    }
}

/* The indicator is separate from the length; a bound column may have neither. */
static void lengths(void **state)
{
    struct rs_diag diag = { 0 };
    SQLLEN len = -7, ind = -7;
    int32_t value = 0;
    struct rs_target to = { .buf = &value, .len = &len, .ind = &ind };
    struct rs_cell cell = { "5", 1 };
    rs_convert_fn *fn = rs_convert_find(RS_KIND_INT4, RS_CTYPE_SLONG);

    (void)state;
    assert_int_equal(fn(cell, &to, &diag), RS_FIT_EXACT);
    assert_int_equal(len, 4);
    assert_int_equal(ind, 0);
    to = (struct rs_target){ .buf = &value };
    assert_int_equal(fn(cell, &to, &diag), RS_FIT_EXACT);
    assert_int_equal(value, 5);
    to = (struct rs_target){ .len = &len };
    len = 0;
    assert_int_equal(fn(cell, &to, &diag), RS_FIT_EXACT);
    assert_int_equal(len, 4);
    to = (struct rs_target){ .len = &len, .ind = &ind };
    len = 9;
    assert_int_equal(rs_convert_null(&to, &diag), RS_FIT_EXACT);
    assert_int_equal(ind, SQL_NULL_DATA);
    assert_int_equal(len, 9);
    to = (struct rs_target){ .len = &len };
    assert_int_equal(rs_convert_null(&to, &diag), RS_FIT_FAILED);
    assert_string_equal(cell_state(&diag), "22002");
    rs_diag_clear(&diag);
}

/* odbc.md 10.2, the whole of it. */
static void who_may(void **state)
{
    static const char *const rows[RS_KIND_COUNT] = {
        /* CHAR WCHAR BINARY BIT | 8 integers | FLOAT DOUBLE NUMERIC | DATE TIME TIMESTAMP GUID
           INTERVAL */
        [RS_KIND_BOOL] = "xxxxxxxxxxxxxxx.....",
        [RS_KIND_BOOL_TEXT] = "xxxxxxxxxxxxxxxxxxxx",
        [RS_KIND_INT] = "xxxxxxxxxxxxxxx....x",
        [RS_KIND_INT2] = "xxxxxxxxxxxxxxx....x",
        [RS_KIND_INT4] = "xxxxxxxxxxxxxxx....x",
        [RS_KIND_FLOAT4] = "xxxxxxxxxxxxxxx.....",
        [RS_KIND_FLOAT8] = "xxxxxxxxxxxxxxx.....",
        [RS_KIND_NUMERIC] = "xxxxxxxxxxxxxxx....x",
        [RS_KIND_TEXT] = "xxxxxxxxxxxxxxxxxxxx",
        [RS_KIND_BYTEA] = "xxx.................",
        [RS_KIND_HEX] = "xxx.................",
        [RS_KIND_GEOMETRY] = "xxx.................",
        [RS_KIND_DATE] = "xxx............x.x..",
        [RS_KIND_TIME] = "xxx.............xx..",
        [RS_KIND_TIMETZ] = "xxx.............xx..",
        [RS_KIND_TIMESTAMP] = "xxx............xxx..",
        [RS_KIND_TIMESTAMPTZ] = "xxx............xxx..",
        [RS_KIND_INTERVAL_YM] = "xxx.xxxxxxxx..x....x",
        [RS_KIND_INTERVAL_DS] = "xxx.xxxxxxxx..x....x",
        [RS_KIND_UUID] = "xxx...............x.",
        [RS_KIND_INEXACT] = "xxxxxxxxxxxxxxx.....",
    };

    (void)state;
    for (int kind = 0; kind < RS_KIND_COUNT; kind++) {
        assert_int_equal(strlen(rows[kind]), RS_CTYPE_COUNT);
        for (int ctype = 0; ctype < RS_CTYPE_COUNT; ctype++) {
            bool has = rs_convert_find((enum rs_kind)kind, (enum rs_ctype)ctype) != NULL;

            if (has != (rows[kind][ctype] == 'x'))
                fail_msg("kind %d, C type %d: %d", kind, ctype, has);
        }
    }
    assert_null(rs_convert_find(RS_KIND_COUNT, RS_CTYPE_CHAR));
    assert_null(rs_convert_find(RS_KIND_TEXT, RS_CTYPE_NONE));
}

static void c_types(void **state)
{
    static const struct {
        SQLSMALLINT code;
        enum rs_ctype want;
        size_t size;
    } rows[] = {
        { SQL_C_CHAR, RS_CTYPE_CHAR, 0 },
        { SQL_C_WCHAR, RS_CTYPE_WCHAR, 0 },
        { SQL_C_BINARY, RS_CTYPE_BINARY, 0 },
        { SQL_C_BIT, RS_CTYPE_BIT, 1 },
        { SQL_C_TINYINT, RS_CTYPE_STINYINT, 1 },
        { SQL_C_SHORT, RS_CTYPE_SSHORT, 2 },
        { SQL_C_LONG, RS_CTYPE_SLONG, 4 },
        { SQL_C_SBIGINT, RS_CTYPE_SBIGINT, 8 },
        { SQL_C_UBIGINT, RS_CTYPE_UBIGINT, 8 },
        { SQL_C_FLOAT, RS_CTYPE_FLOAT, 4 },
        { SQL_C_DOUBLE, RS_CTYPE_DOUBLE, 8 },
        { SQL_C_NUMERIC, RS_CTYPE_NUMERIC, 19 },
        { SQL_C_DATE, RS_CTYPE_DATE, 6 },
        { SQL_C_TYPE_DATE, RS_CTYPE_DATE, 6 },
        { SQL_C_TIME, RS_CTYPE_TIME, 6 },
        { SQL_C_TYPE_TIME, RS_CTYPE_TIME, 6 },
        { SQL_C_TIMESTAMP, RS_CTYPE_TIMESTAMP, 16 },
        { SQL_C_TYPE_TIMESTAMP, RS_CTYPE_TIMESTAMP, 16 },
        { SQL_C_GUID, RS_CTYPE_GUID, 16 },
        { SQL_C_INTERVAL_YEAR, RS_CTYPE_INTERVAL, 28 },
        { SQL_C_INTERVAL_MINUTE_TO_SECOND, RS_CTYPE_INTERVAL, 28 },
        { SQL_C_DEFAULT, RS_CTYPE_NONE, 0 },
        { SQL_ARD_TYPE, RS_CTYPE_NONE, 0 },
        { 1234, RS_CTYPE_NONE, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        assert_int_equal(rs_ctype_of(rows[i].code), rows[i].want);
        assert_int_equal(rs_ctype_size(rows[i].want), rows[i].size);
    }
}

/* The message names the type and at most 40 bytes of the value, whole characters. */
static void messages(void **state)
{
    struct rs_diag diag = { 0 };
    int32_t value;
    struct rs_target to = { .buf = &value };
    static const char text[] = "123456789-123456789-123456789-123456789\xC3\xA4xyz";

    (void)state;
    assert_int_equal(rs_convert_find(RS_KIND_TEXT, RS_CTYPE_SLONG)(
                         (struct rs_cell){ text, sizeof text - 1 }, &to, &diag),
                     RS_FIT_FAILED);
    assert_string_equal(rs_diag_first(&diag),
                        "the value \"123456789-123456789-123456789-123456789\" is not valid for "
                        "SQL_C_SLONG");
    rs_diag_clear(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),   cmocka_unit_test(all_small_numbers), cmocka_unit_test(lengths),
        cmocka_unit_test(who_may), cmocka_unit_test(c_types),           cmocka_unit_test(messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
