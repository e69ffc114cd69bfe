/* SQL_C_NUMERIC; odbc.md 10.3. Values: +high:low(precision,scale), high and low in hex. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cells.h"

#define NUM  RS_KIND_NUMERIC
#define TEXT RS_KIND_TEXT
#define N    RS_CTYPE_NUMERIC

/* clang-format off */
static const struct cell_case cases[] = {
    { NUM,  "123.45",  N, "+0:3039(38,2)", NULL },
    { NUM,  "-123.45", N, "-0:3039(38,2)", NULL },
    { NUM,  "12.50",   N, "+0:4e2(38,2)", NULL },
    { NUM,  "0.00",    N, "+0:0(38,2)", NULL },
    { NUM,  "-0",      N, "+0:0(38,0)", NULL },
    { NUM,  "99999999999999999999999999999999999999", N, "+4b3b4ca85a86c47a:98a223fffffffff(38,0)", NULL },
    { NUM,  "100000000000000000000000000000000000000", N, NULL, "22003" },
    { NUM,  "10000000000000000000000000000000000000", N, "+785ee10d5da46d9:f436a000000000(38,0)", NULL },
    { NUM,  "123.45",  N, "+0:7b(38,0)", "01S07", .has_scale = true },
    { NUM,  "123.45",  N, "+0:4d2(10,1)", "01S07", .has_scale = true, .precision = 10, .scale = 1 },
    { NUM,  "123.45",  N, "+0:12d644(10,4)", NULL, .has_scale = true, .precision = 10, .scale = 4 },
    { NUM,  "123.45",  N, NULL, "22003", .has_scale = true, .precision = 4, .scale = 2 },
    { NUM,  "12300",   N, "+0:7b(38,-2)", NULL, .has_scale = true, .scale = -2 },
    { NUM,  "NaN",     N, NULL, "22003" },
    { NUM,  "Infinity", N, NULL, "22003" },
    { TEXT, " 1e3 ",   N, "+0:3e8(38,0)", NULL },
    { TEXT, "1.5e-3",  N, "+0:f(38,4)", NULL },
    { TEXT, "x",       N, NULL, "22018" },
    { TEXT, "0.000000000000000000000000000000000000000000001", N, "+0:0(38,38)", "01S07" },
    { TEXT, "1.1234567890123456789012345678901234567890", N, "+873b2f65440e58e:2e2ec50e7c9f4b87(38,37)", "01S07" },
    { RS_KIND_INT, "7", N, "+0:7(38,0)", NULL },
    { RS_KIND_INT2, "-7", N, "-0:7(38,0)", NULL },
    { RS_KIND_FLOAT8, "1.5e+2", N, "+0:96(38,0)", NULL },
    { RS_KIND_FLOAT4, "0.5", N, "+0:5(38,1)", NULL },
    { RS_KIND_BOOL, "t", N, "+0:1(38,0)", NULL },
    { RS_KIND_BOOL_TEXT, "f", N, "+0:0(38,0)", NULL },
    { RS_KIND_INTERVAL_YM, "1-2", N, NULL, "22015" },
    { NUM,  "1.5", RS_CTYPE_BINARY, "2601010f000000000000000000000000000000", NULL },
    { NUM,  "1.5", RS_CTYPE_BINARY, NULL, "22003", .cap = 18 },
    { NUM,  "x", RS_CTYPE_BINARY, NULL, "22018" },
    /* as characters: whole digits must fit, the fraction may be cut */
    { NUM,  "123.45", RS_CTYPE_CHAR, "123.45", NULL, .cap = 7 },
    { NUM,  "123.45", RS_CTYPE_CHAR, "123.4", "01004", .cap = 6 },
    { NUM,  "123.45", RS_CTYPE_CHAR, "123", "01004", .cap = 5 },
    { NUM,  "123.45", RS_CTYPE_CHAR, "123", "01004", .cap = 4 },
    { NUM,  "123.45", RS_CTYPE_CHAR, NULL, "22003", .cap = 3 },
    { NUM,  "-123",   RS_CTYPE_CHAR, NULL, "22003", .cap = 4 },
    { NUM,  "-123",   RS_CTYPE_CHAR, "-123", NULL, .cap = 5 },
    { NUM,  "123.45", RS_CTYPE_WCHAR, "123.45", NULL, .cap = 14 },
    { NUM,  "123.45", RS_CTYPE_WCHAR, "123", "01004", .cap = 8 },
    { NUM,  "123.45", RS_CTYPE_WCHAR, NULL, "22003", .cap = 7 },
    { NUM,  "123.45", RS_CTYPE_CHAR, "", "01004", .cap = -1 },
    { RS_KIND_INT, "-9223372036854775808", RS_CTYPE_CHAR, "-9223372036854775808", NULL },
    { RS_KIND_INT, "-9223372036854775808", RS_CTYPE_WCHAR, "-9223372036854775808", NULL },
    { RS_KIND_INT, "123", RS_CTYPE_CHAR, NULL, "22003", .cap = 3 },
    { RS_KIND_FLOAT8, "0.10000000000000001", RS_CTYPE_CHAR, "0.1", NULL },
    { RS_KIND_FLOAT8, "1.2345678901234567", RS_CTYPE_CHAR, "1.2345678901234567", NULL },
    { RS_KIND_FLOAT8, "3.1400000000000001e+50", RS_CTYPE_WCHAR, "3.14e+50", NULL },
    { RS_KIND_FLOAT8, "1.2345e+100", RS_CTYPE_CHAR, "1.2e+100", "01004", .cap = 9 },
    { RS_KIND_FLOAT8, "1.2345e+100", RS_CTYPE_CHAR, "1e+100", "01004", .cap = 7 },
    { RS_KIND_FLOAT8, "1.2345e+100", RS_CTYPE_CHAR, NULL, "22003", .cap = 6 },
    { RS_KIND_FLOAT8, "-1.25", RS_CTYPE_CHAR, "-1.2", "01004", .cap = 5 },
    { RS_KIND_FLOAT8, "NaN", RS_CTYPE_CHAR, "NaN", NULL },
    { RS_KIND_FLOAT8, "Infinity", RS_CTYPE_CHAR, NULL, "22003", .cap = 8 },
    { RS_KIND_FLOAT4, "0.100000001", RS_CTYPE_CHAR, "0.1", NULL },
    { RS_KIND_FLOAT4, "0.100000001", RS_CTYPE_WCHAR, "0.1", NULL },
};
/* clang-format on */

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        cell_check(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(table) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
