/* Text and binary values into CHAR, WCHAR and BINARY, GUIDs; odbc.md 10.3, redshift.md 6.1, 6.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cells.h"

#define TEXT RS_KIND_TEXT
#define HEX  RS_KIND_HEX
#define GEO  RS_KIND_GEOMETRY
#define BYT  RS_KIND_BYTEA
#define ID   RS_KIND_UUID
#define CH   RS_CTYPE_CHAR
#define WC   RS_CTYPE_WCHAR
#define BI   RS_CTYPE_BINARY
#define GU   RS_CTYPE_GUID

static const char id[] = "01234567-89ab-cdef-0123-456789abcdef";

/* clang-format off */
static const struct cell_case cases[] = {
    { TEXT, "abc", CH, "abc", NULL },
    { TEXT, "abc", CH, "abc", NULL, .cap = 4 },
    { TEXT, "abc", CH, "ab", "01004", .cap = 3 },
    { TEXT, "abc", CH, "", "01004", .cap = 1 },
    { TEXT, "abc", CH, "", "01004", .cap = -1 },
    { TEXT, "", CH, "", NULL },
    { TEXT, "", CH, "", NULL, .cap = 1 },
    { TEXT, "", CH, "", "01004", .cap = -1 },
    { TEXT, "\xC3\xA4" "b", CH, "\xC3\xA4", "01004", .cap = 3 },
    { TEXT, "a\xC3\xA4", CH, "a", "01004", .cap = 3 },
    { TEXT, "\xC3\xA4", CH, "\xC3", "01004", .cap = 2 },
    { TEXT, "ab\xF0\x9F\x98\x80", CH, "ab", "01004", .cap = 6 },
    { TEXT, "\xFF\xFEx", CH, "\xFF\xFEx", NULL },
    { TEXT, "abc", WC, "abc", NULL },
    { TEXT, "abc", WC, "abc", NULL, .cap = 8 },
    { TEXT, "abc", WC, "ab", "01004", .cap = 7 },
    { TEXT, "abc", WC, "", "01004", .cap = 3 },
    { TEXT, "abc", WC, "", "01004", .cap = 1 },
    { TEXT, "", WC, "", NULL, .cap = 2 },
    { TEXT, "", WC, "", "01004", .cap = -1 },
    { TEXT, "\xC3\xA4\xE2\x82\xAC", WC, "<00E4><20AC>", NULL },
    { TEXT, "\xF0\x9F\x98\x80", WC, "<D83D><DE00>", NULL },
    { TEXT, "a\xF0\x9F\x98\x80", WC, "a", "01004", .cap = 6 },
    { TEXT, "\xF0\x9F\x98\x80", WC, "<D83D>", "01004", .cap = 4 },
    { TEXT, "0123456789abcdef0123456789abcde\xC3\xA4", WC, "0123456789abcdef0123456789abcde<00E4>", NULL },
    { TEXT, "a\xC3(", WC, "a<FFFD>(", NULL },
    { TEXT, "abc", BI, "616263", NULL },
    { TEXT, "abc", BI, "6162", "01004", .cap = 2 },
    { TEXT, "abc", BI, "", "01004", .cap = -1 },
    { TEXT, "", BI, "", NULL, .cap = -1 },
    /* binary: pairs of upper-case hex digits, only whole ones */
    { HEX, "616263", BI, "616263", NULL },
    { HEX, "00ff", BI, "00ff", NULL },
    { HEX, "00fF", CH, "00FF", NULL },
    { HEX, "00ff", CH, "00FF", NULL, .cap = 5 },
    { HEX, "00ff", CH, "00", "01004", .cap = 4 },
    { HEX, "00ff", CH, "00", "01004", .cap = 3 },
    { HEX, "00ff", CH, "", "01004", .cap = 2 },
    { HEX, "00ff", CH, "", "01004", .cap = -1 },
    { HEX, "00ff", WC, "00FF", NULL, .cap = 10 },
    { HEX, "00ff", WC, "00", "01004", .cap = 9 },
    { HEX, "00ff", BI, "00", "01004", .cap = 1 },
    { HEX, "", BI, "", NULL, .cap = -1 },
    { HEX, "", CH, "", NULL },
    { HEX, "0", BI, NULL, "22018" },
    { HEX, "0g", BI, NULL, "22018" },
    { HEX, "0g", CH, NULL, "22018" },
    { GEO, "0101", BI, "0101", NULL },
    { GEO, "01zz", BI, "30317a7a", NULL },
    { GEO, "010", CH, "303130", NULL },
    { GEO, "01zz", WC, "30317A7A", NULL },
    { BYT, "\\x00ff", BI, "00ff", NULL },
    { BYT, "\\x00ff", CH, "00FF", NULL },
    { BYT, "\\x", BI, "", NULL },
    { BYT, "a\\\\b\\001\\377", BI, "615c6201ff", NULL },
    { BYT, "a\\001", CH, "6101", NULL },
    { BYT, "a\\001", WC, "6101", NULL },
    { BYT, "a\\001", BI, "61", "01004", .cap = 1 },
    { BYT, "\\9", BI, NULL, "22018" },
    { BYT, "\\", BI, NULL, "22018" },
    { BYT, "\\xf", BI, NULL, "22018" },
    /* GUID */
    { ID, id, CH, id, NULL, .cap = 37 },
    { ID, id, CH, NULL, "22003", .cap = 36 },
    { ID, id, WC, id, NULL, .cap = 74 },
    { ID, id, WC, NULL, "22003", .cap = 72 },
    { ID, id, GU, id, NULL },
    { ID, id, BI, "67452301ab89efcd0123456789abcdef", NULL },
    { ID, id, BI, NULL, "22003", .cap = 15 },
    { ID, "x", BI, NULL, "22018" },
    { TEXT, id, GU, id, NULL },
    { TEXT, "{01234567-89AB-CDEF-0123-456789ABCDEF}", GU, id, NULL },
    { TEXT, "01234567-89ab-cdef-0123-456789abcde", GU, NULL, "22018" },
    { TEXT, "01234567+89ab-cdef-0123-456789abcdef", GU, NULL, "22018" },
    { TEXT, "g1234567-89ab-cdef-0123-456789abcdef", GU, NULL, "22018" },
};
/* clang-format on */

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        cell_check(&cases[i]);
}

/* The length is that of the whole value, whatever was cut. */
static void lengths(void **state)
{
    static const struct {
        struct cell_case c;
        SQLLEN want;
    } rows[] = {
        { { TEXT, "abcdef", CH, .cap = 3 }, 6 },
        { { TEXT, "abcdef", WC, .cap = 4 }, 12 },
        { { TEXT, "abcdef", WC, .cap = -1 }, 12 },
        { { TEXT, "\xF0\x9F\x98\x80\xC3\xA4", WC, .cap = 4 }, 6 },
        { { TEXT, "\xC3(\xE2\x82", WC }, 6 },
        { { TEXT, "abcdef", BI, .cap = 1 }, 6 },
        { { HEX, "616263", CH, .cap = 3 }, 6 },
        { { HEX, "616263", WC, .cap = 3 }, 12 },
        { { HEX, "616263", BI, .cap = 1 }, 3 },
        { { BYT, "\\\\\\001", BI, .cap = 1 }, 2 },
        { { RS_KIND_NUMERIC, "1.2345", CH, .cap = 3 }, 6 },
        { { RS_KIND_NUMERIC, "1.2345", WC, .cap = 8 }, 12 },
        { { RS_KIND_FLOAT8, "1.2345e+100", WC, .cap = 18 }, 22 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct cell_got got;

        cell_convert(&rows[i].c, &got);
        if (got.len != rows[i].want)
            fail_msg("row %zu: length %lld", i, (long long)got.len);
    }
}

/* Narrow text of every length around the widths of the fast ways into a buffer of exactly its size,
 * and into one that is larger: the bytes, their NUL, and nothing else. */
static void narrow_lengths(void **state)
{
    static const char text[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const enum rs_kind kinds[] = { TEXT, RS_KIND_NUMERIC };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(kinds); i++) {
        rs_convert_fn *convert = rs_convert_find(kinds[i], CH);

        for (size_t n = 0; n < sizeof text; n++) {
            for (size_t more = 0; more < 2; more++) {
                char buf[80], want[80];
                SQLLEN len = -1, ind = -1;
                struct rs_diag diag = { 0 };
                struct rs_target to = {
                    .buf = buf + 4, .cap = (SQLLEN)(n + 1 + more), .len = &len, .ind = &ind
                };
                struct rs_cell cell = { text, (int32_t)n };

                memset(buf, '#', sizeof buf);
                memset(want, '#', sizeof want);
                memcpy(want + 4, text, n);
                want[4 + n] = '\0';
                assert_int_equal(convert(cell, &to, &diag), RS_FIT_EXACT);
                assert_memory_equal(buf, want, sizeof buf);
                assert_int_equal(len, n);
                assert_int_equal(ind, 0);
                assert_int_equal(diag.n, 0);
            }
        }
    }
}

/* Wide text of every length around the widths of the fast ways, with one character that is not
 * ASCII at every place. */
static void wide_lengths(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 50; n++) {
        for (size_t at = 0; at <= n; at++) {
            char text[64], want[64 + 8];
            struct cell_case c = { TEXT, text, WC, want, NULL };

            memset(text, 'x', n);
            memset(want, 'x', n);
            text[n] = want[n] = '\0';
            if (at < n) {
                memmove(text + at + 2, text + at + 1, n - at);
                memcpy(text + at, "\xC3\xA4", 2);
                memmove(want + at + 6, want + at + 1, n - at);
                memcpy(want + at, "<00E4>", 6);
            }
            cell_check(&c);
        }
    }
}

static void bad_utf8_is_noted(void **state)
{
    struct cell_case c = { TEXT, "a\xFF", WC };
    struct cell_got got;

    (void)state;
    cell_convert(&c, &got);
    assert_true(got.bad_utf8);
    assert_string_equal(got.text, "a<FFFD>");
    c.text = "a\xC3\xA4";
    cell_convert(&c, &got);
    assert_false(got.bad_utf8);
}

/* SQL_ATTR_MAX_LENGTH cuts without a word, whole characters, lengths too. */
static void max_length(void **state)
{
    static const struct {
        enum rs_kind kind;
        const char *text;
        enum rs_ctype ctype;
        SQLULEN max;
        const char *want;
        SQLLEN len;
    } rows[] = {
        { TEXT, "abcdef", CH, 3, "abc", 3 },           { TEXT, "abcdef", CH, 6, "abcdef", 6 },
        { TEXT, "a\xC3\xA4", CH, 2, "a", 1 },          { TEXT, "abcdef", WC, 3, "abc", 6 },
        { TEXT, "abcdef", BI, 2, "6162", 2 },          { HEX, "616263", BI, 2, "6162", 2 },
        { HEX, "616263", CH, 2, "6162", 4 },           { BYT, "\\x616263", BI, 1, "61", 1 },
        { RS_KIND_INT, "123456", CH, 3, "123456", 6 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        char buf[64], shown[CELL_TEXT];
        SQLLEN len = -1;
        struct rs_diag diag = { 0 };
        struct rs_target to = {
            .buf = buf, .cap = sizeof buf, .len = &len, .ind = &len, .max_length = rows[i].max
        };
        struct rs_cell cell = { rows[i].text, (int32_t)strlen(rows[i].text) };

        assert_int_equal(rs_convert_find(rows[i].kind, rows[i].ctype)(cell, &to, &diag),
                         RS_FIT_EXACT);
        assert_int_equal(len, rows[i].len);
        cell_show(rows[i].ctype, buf, (size_t)len, shown);
        assert_string_equal(shown, rows[i].want);
        rs_diag_clear(&diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),        cmocka_unit_test(lengths),
        cmocka_unit_test(wide_lengths), cmocka_unit_test(bad_utf8_is_noted),
        cmocka_unit_test(max_length),   cmocka_unit_test(narrow_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
