/* Cells in the server's binary form, by the vectors of redshift.md 6.2 and 6.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cells.h"
#include "odbc/binary.h"
#include "odbc/wirenum.h"

struct vector {
    enum rs_kind kind;
    const char *hex;
    enum rs_ctype ctype;
    const char *want, *state; /* want NULL: it fails with that state */
    uint8_t scale;            /* of the column */
    bool has_scale;           /* the application's: */
    SQLSMALLINT precision, own_scale;
};

#define NUM    RS_KIND_NUMERIC
#define DATE   RS_KIND_DATE
#define TIME   RS_KIND_TIME
#define TIMETZ RS_KIND_TIMETZ
#define CHAR   RS_CTYPE_CHAR

/* clang-format off */
static const struct vector vectors[] = {
    { DATE,   "00002279", CHAR, "2024-02-29", NULL },
    { DATE,   "00002279", RS_CTYPE_DATE, "2024-2-29", NULL },
    { DATE,   "ffffffff", CHAR, "1999-12-31", NULL },
    { DATE,   "ffffffff", RS_CTYPE_DATE, "1999-12-31", NULL },
    { DATE,   "fff4dbf9", CHAR, "0001-01-01", NULL },
    { DATE,   "fff4dbf9", RS_CTYPE_DATE, "1-1-1", NULL },
    { DATE,   "002c95d3", CHAR, "9999-12-31", NULL },
    { DATE,   "002c95d3", RS_CTYPE_DATE, "9999-12-31", NULL },
    { DATE,   "0000227900", CHAR, NULL, "22018" },
    { DATE,   "002279", RS_CTYPE_DATE, NULL, "22018" },
    { RS_KIND_TIMESTAMP, "0002b58341728614", CHAR, "2024-02-29 12:34:56.789012", NULL },
    { RS_KIND_TIMESTAMP, "00000002b58341728614", CHAR, NULL, "22018" },
    { TIME,   "0000000a8be62614", CHAR, "12:34:56.789012", NULL },
    { TIME,   "0000000a8be62614", RS_CTYPE_TIME, "12:34:56", "01S07" },
    { TIME,   "0000000000000000", RS_CTYPE_TIME, "0:0:0", NULL },
    { TIME,   "0000000000000001", CHAR, "00:00:00.000001", NULL },
    { TIME,   "000000141dc81dc0", RS_CTYPE_TIME, "23:59:59", NULL },
    { TIME,   "000000141dd76000", CHAR, "24:00:00", NULL },
    { TIME,   "000000141dd76000", RS_CTYPE_TIME, NULL, "22008" },
    { TIME,   "000000141dd76001", CHAR, NULL, "22018" },
    { TIME,   "ffffffffffffffff", CHAR, NULL, "22018" },
    { TIME,   "0a8be62614", CHAR, NULL, "22018" },
    { TIME,   "0000000a8be6261400000000", RS_CTYPE_TIME, NULL, "22018" },
    { TIMETZ, "0000000a8be6261400000000", CHAR, "12:34:56.789012", NULL },
    { TIMETZ, "0000000a8bda1c00ffffb29a", RS_CTYPE_TIME, "12:34:56", NULL },
    { TIMETZ, "0000000a8be6261400010000", CHAR, NULL, "22018" },
    { TIMETZ, "0000000a8be62614", RS_CTYPE_TIME, NULL, "22018" },
    { NUM, "0000000000003039", CHAR, "123.45", NULL, 2 },
    { NUM, "0000000000003039", RS_CTYPE_NUMERIC, "+0:3039(38,2)", NULL, 2 },
    { NUM, "0000000000003039", RS_CTYPE_DOUBLE, "123.45", NULL, 2 },
    { NUM, "0000000000003039", RS_CTYPE_SLONG, "123", "01S07", 2 },
    { NUM, "ffffffffffffcfc7", CHAR, "-123.45", NULL, 2 },
    { NUM, "ffffffffffffcfc7", RS_CTYPE_NUMERIC, "-0:3039(38,2)", NULL, 2 },
    { NUM, "ffffffffffffcfc7", RS_CTYPE_DOUBLE, "-123.45", NULL, 2 },
    { NUM, "ffffffffffffffffffffffffffffffff", CHAR, "-1", NULL },
    { NUM, "ffffffffffffffffffffffffffffffff", RS_CTYPE_NUMERIC, "-0:1(38,0)", NULL },
    { NUM, "0785ee10d5da46d900f436a000000000", CHAR, "10000000000000000000000000000000000000", NULL },
    { NUM, "0785ee10d5da46d900f436a000000000", RS_CTYPE_NUMERIC, "+785ee10d5da46d9:f436a000000000(38,0)", NULL },
    { NUM, "0785ee10d5da46d900f436a000000000", RS_CTYPE_DOUBLE, "9.9999999999999995e+36", NULL },
    { NUM, "0785ee10d5da46d900f436a000000000", CHAR, "1.0000000000000000000000000000000000000", NULL, 37 },
    { NUM, "0000000000000000", RS_CTYPE_NUMERIC, "+0:0(38,3)", NULL, 3 },
    { NUM, "0000000000000000", CHAR, "0.000", NULL, 3 },
    { NUM, "fffffffffffffffb", CHAR, "-0.005", NULL, 3 },
    { NUM, "8000000000000000", CHAR, "-9223372036854775808", NULL },
    { NUM, "7fffffffffffffff", RS_CTYPE_SBIGINT, "9223372036854775807", NULL },
    /* a column's scale and the application's */
    { NUM, "0000000000003039", RS_CTYPE_NUMERIC, "+0:7b(38,0)", "01S07", 2, true },
    { NUM, "0000000000003039", RS_CTYPE_NUMERIC, "+0:3039(10,2)", NULL, 2, true, 10, 2 },
    { NUM, "0000000000003039", RS_CTYPE_NUMERIC, NULL, "22003", 2, true, 4, 2 },
    /* 10^38 - 1 has room, 10^38 has not */
    { NUM, "4b3b4ca85a86c47a098a223fffffffff", RS_CTYPE_NUMERIC, "+4b3b4ca85a86c47a:98a223fffffffff(38,0)", NULL },
    { NUM, "4b3b4ca85a86c47a098a224000000000", RS_CTYPE_NUMERIC, NULL, "22003" },
    { NUM, "80000000000000000000000000000000", CHAR, "-170141183460469231731687303715884105728", NULL },
    { NUM, "00003039", CHAR, NULL, "22018", 2 },
    { NUM, "0002000000000002007b1194", CHAR, NULL, "22018", 2 }, /* PostgreSQL's layout */
    { NUM, "", RS_CTYPE_NUMERIC, NULL, "22018", 2 },
    { NUM, "0000000000003039", CHAR, NULL, "22018", 39 },
    { NUM, "0000000000003039", RS_CTYPE_NUMERIC, NULL, "22018", UINT8_MAX },
};
/* clang-format on */

static int32_t from_hex(const char *hex, char *to)
{
    static const char digits[] = "0123456789abcdef";
    int32_t n = 0;

    for (; hex[0] != '\0'; hex += 2)
        to[n++] =
            (char)((strchr(digits, hex[0]) - digits) << 4 | (strchr(digits, hex[1]) - digits));
    return n;
}

static void check(const struct vector *v)
{
    rs_convert_fn *convert = rs_binary_find(v->kind, v->ctype);
    char bytes[32], out[256], shown[CELL_TEXT] = "";
    struct rs_cell cell = { bytes, from_hex(v->hex, bytes) };
    struct rs_diag diag = { .n = 0 };
    SQLLEN len = -77;
    struct rs_target to = { .buf = out,
                            .cap = sizeof out,
                            .len = &len,
                            .ind = &len,
                            .source_scale = v->scale,
                            .has_scale = v->has_scale,
                            .precision = v->precision,
                            .scale = v->own_scale };
    enum rs_fit fit;

    assert_non_null(convert);
    fit = convert(cell, &to, &diag);
    if (fit != RS_FIT_FAILED)
        cell_show(v->ctype, out, (size_t)len, shown);
    if ((fit == RS_FIT_FAILED) != (v->want == NULL) ||
        strcmp(shown, v->want == NULL ? "" : v->want) != 0 ||
        strcmp(cell_state(&diag), v->state == NULL ? "" : v->state) != 0)
        fail_msg("kind %d, %s, C type %d: \"%s\" %s, not \"%s\"", v->kind, v->hex, v->ctype, shown,
                 cell_state(&diag), v->want == NULL ? "" : v->want);
    rs_diag_clear(&diag);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(vectors); i++)
        check(&vectors[i]);
}

/* The offset is shown where TimestampTzText wants it. */
static void test_offsets(void **state)
{
    static const struct {
        const char *hex, *want;
    } offsets[] = {
        { "0000000a8bda1c0000000000", "12:34:56+00" },
        { "00000000000000000000c4e0", "00:00:00-14" },
        { "0000000000000000ffffb2a8", "00:00:00+05:30" },
        { "0000000000000000ffffb2a7", "00:00:00+05:30:01" },
        { "00000000000000000000e0ff", "00:00:00-15:59:59" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(offsets); i++) {
        char bytes[16], out[64];
        struct rs_cell cell = { bytes, from_hex(offsets[i].hex, bytes) };
        struct rs_diag diag = { .n = 0 };
        SQLLEN len;
        struct rs_target to = { .buf = out, .cap = sizeof out, .len = &len, .keep_offset = true };

        assert_int_equal(rs_binary_find(TIMETZ, CHAR)(cell, &to, &diag), RS_FIT_EXACT);
        assert_string_equal(out, offsets[i].want);
    }
}

/* Where one division gives a double it is that of the text. */
static void test_doubles(void **state)
{
    uint64_t seed = 12345;
    unsigned divided = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct rs_wirenum number = { .is_negative = i % 2 == 0 };
        char text[RS_WIRENUM_TEXT];
        double by_division, by_text;
        uint64_t value;
        size_t n;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        value = seed >> (8 + i % 50);
        number.wide.limb[0] = (uint32_t)value;
        number.wide.limb[1] = (uint32_t)(value >> 32);
        n = rs_wirenum_print(&number, i % 39, text);
        assert_int_equal(rs_read_double((struct rs_str){ text, n }, &by_text), RS_READ_OK);
        if (!rs_wirenum_double(&number, i % 39, &by_division))
            continue;
        divided++;
        if (value != 0)
            assert_memory_equal(&by_division, &by_text, sizeof by_text);
    }
    assert_in_range(divided, 5000, 20000);
}

/* What no binary form is read of has no converter, and what pays has one. */
static void test_pairs(void **state)
{
    (void)state;
    for (int kind = 0; kind < RS_KIND_COUNT; kind++) {
        for (int ctype = 0; ctype < RS_CTYPE_COUNT; ctype++) {
            bool is_read = kind == RS_KIND_FLOAT8 || kind == NUM || kind == DATE || kind == TIME ||
                           kind == TIMETZ || kind == RS_KIND_TIMESTAMP;
            bool is_allowed = rs_convert_find((enum rs_kind)kind, (enum rs_ctype)ctype) != NULL;

            assert_int_equal(rs_binary_find((enum rs_kind)kind, (enum rs_ctype)ctype) != NULL,
                             is_read && is_allowed);
            if (rs_binary_pays((enum rs_kind)kind, (enum rs_ctype)ctype))
                assert_true(is_read && is_allowed);
        }
        assert_false(rs_binary_pays((enum rs_kind)kind, RS_CTYPE_NONE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
