/* Text across the ODBC border. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/text.h"
#include "oom.h"
#include "os.h"

static const SQLWCHAR wide_text[] = { 'a', 0xE4, 0xD83D, 0xDE00, 0 };
static const SQLWCHAR wide_bad[] = { 'a', 0xD83D, 'b', 0 };

static void test_get(void **state)
{
    static const struct {
        struct rs_text in;
        const char *want; /* NULL: fails */
        enum rs_state state;
    } cases[] = {
        { { "abc", SQL_NTS, false }, "abc", RS_00000 },
        { { "abc", 2, false }, "ab", RS_00000 },
        { { "abc", 0, false }, "", RS_00000 },
        { { "", SQL_NTS, false }, "", RS_00000 },
        { { NULL, 0, false }, "", RS_00000 },
        { { NULL, SQL_NTS, true }, "", RS_00000 },
        { { NULL, -77, true }, "", RS_00000 },
        { { "\xC3\xA4", SQL_NTS, false }, "\xC3\xA4", RS_00000 },
        { { "abc", -1, false }, NULL, RS_HY090 },
        { { "abc", -4, false }, NULL, RS_HY090 },
        { { wide_text, -1, true }, NULL, RS_HY090 },
        { { wide_text, SQL_NTS, true }, "a\xC3\xA4\xF0\x9F\x98\x80", RS_00000 },
        { { wide_text, 2, true }, "a\xC3\xA4", RS_00000 },
        { { wide_text, 0, true }, "", RS_00000 },
        { { wide_text, 3, true }, NULL, RS_22018 }, /* half a pair */
        { { wide_bad, SQL_NTS, true }, NULL, RS_22018 },
        { { wide_bad, 1, true }, "a", RS_00000 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(100);
        struct rs_diag diag = { .n = 0 };
        /* SQL_NTS is -3; other negative lengths are errors. */
        bool ok = rs_text_get(cases[i].in, &out, &diag);

        assert_int_equal(ok, cases[i].want != NULL);
        assert_int_equal(diag.n, ok ? 0 : 1);
        assert_int_equal(rs_diag_state(&diag), cases[i].state);
        if (ok)
            assert_string_equal(out.p, cases[i].want);
        rs_buf_clear(&out);
        rs_diag_clear(&diag);
    }
}

/* Where a function counts bytes, a wide text of half a unit is none. */
static void test_of_bytes(void **state)
{
    static const struct {
        SQLLEN bytes;
        bool is_wide;
        SQLLEN want; /* 0: refused */
    } rows[] = {
        { 4, true, 2 },   { 3, true, 0 }, { 3, false, 3 }, { SQL_NTS, true, SQL_NTS },
        { -1, true, -1 }, /* rs_text_get says so */
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_diag diag = { .n = 0 };
        struct rs_text text;

        assert_int_equal(rs_text_of_bytes(wide_text, rows[i].bytes, rows[i].is_wide, &text, &diag),
                         rows[i].want != 0);
        if (rows[i].want != 0)
            assert_int_equal(text.n, rows[i].want);
        else
            assert_int_equal(rs_diag_state(&diag), RS_HY090);
        rs_diag_clear(&diag);
    }
}

/* Narrow text is looked at where it is; the rest as rs_text_get has it. */
static void test_view(void **state)
{
    static const char narrow[] = "abc";
    struct rs_buf room = RS_BUF_INIT(100);
    struct rs_diag diag = { .n = 0 };
    struct rs_str got = RS_STR_NULL;

    (void)state;
    assert_true(rs_text_view((struct rs_text){ narrow, SQL_NTS, false }, &room, &got, &diag));
    assert_ptr_equal(got.p, narrow);
    assert_int_equal(got.n, 3);
    assert_true(rs_text_view((struct rs_text){ narrow, 2, false }, &room, &got, &diag));
    assert_int_equal(got.n, 2);
    assert_null(room.p);
    assert_true(rs_text_view((struct rs_text){ NULL, 0, false }, &room, &got, &diag));
    assert_int_equal(got.n, 0);
    assert_true(rs_text_view((struct rs_text){ wide_text, 2, true }, &room, &got, &diag));
    assert_int_equal(got.n, 3);
    assert_memory_equal(got.p, "a\xC3\xA4", 3);
    assert_false(rs_text_view((struct rs_text){ narrow, -1, false }, &room, &got, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY090);
    rs_diag_clear(&diag);
    assert_false(rs_text_view((struct rs_text){ wide_bad, SQL_NTS, true }, &room, &got, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_22018);
    rs_diag_clear(&diag);
    rs_buf_clear(&room);
}

static void test_get_appends(void **state)
{
    struct rs_buf out = RS_BUF_INIT(5);
    struct rs_diag diag = { .n = 0 };

    (void)state;
    rs_buf_adds(&out, "ab");
    assert_true(rs_text_get((struct rs_text){ "a\0b", 3, false }, &out, &diag));
    assert_memory_equal(out.p, "aba\0b", 6);
    assert_false(rs_text_get((struct rs_text){ "x", 1, false }, &out, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000); /* longer than the buffer's limit */
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
}

/* For every room: what is written, the end, the full length, and nothing behind. */
static void test_put_narrow(void **state)
{
    static const struct {
        const char *value;
        SQLLEN cap;
        const char *want; /* NULL: nothing is written */
        bool whole;
    } cases[] = {
        { "abc", 4, "abc", true },
        { "abc", 100, "abc", true },
        { "abc", 3, "ab", false },
        { "abc", 1, "", false },
        { "abc", 0, NULL, false },
        { "abc", -5, NULL, false },
        { "", 1, "", true },
        { "", 0, NULL, false },
        { "a\xE2\x82\xAC", 5, "a\xE2\x82\xAC", true },
        { "a\xE2\x82\xAC", 4, "a", false },
        { "a\xE2\x82\xAC", 3, "a", false },
        { "a\xE2\x82\xAC", 2, "a", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char to[16];
        SQLSMALLINT len16 = -7;
        SQLINTEGER len32 = -7;
        struct rs_text_out out = { to, cases[i].cap, &len16, NULL, false, false };
        struct rs_diag diag = { .n = 0 };
        size_t n = cases[i].want == NULL ? 0 : strlen(cases[i].want) + 1;

        memset(to, '#', sizeof to);
        assert_int_equal(rs_text_put_quiet(&out, rs_str_of(cases[i].value)), cases[i].whole);
        if (n > 0)
            assert_string_equal(to, cases[i].want);
        for (size_t k = n; k < sizeof to; k++)
            assert_int_equal(to[k], '#');
        assert_int_equal(len16, strlen(cases[i].value));
        out.len16 = NULL;
        out.len32 = &len32;
        rs_text_put(&out, rs_str_of(cases[i].value), &diag);
        assert_int_equal(len32, strlen(cases[i].value));
        assert_int_equal(diag.n, cases[i].whole ? 0 : 1);
        assert_int_equal(diag.n_error, 0);
        if (!cases[i].whole)
            assert_int_equal(diag.rec[0].state, RS_01004);
        rs_diag_clear(&diag);
    }
}

static void test_put_wide(void **state)
{
    static const struct {
        const char *value;
        SQLLEN cap; /* units */
        SQLWCHAR want[5];
        int n; /* units written with the end; 0: nothing */
        SQLSMALLINT units;
        bool whole;
    } cases[] = {
        { "abc", 4, { 'a', 'b', 'c' }, 4, 3, true },
        { "abc", 7, { 'a', 'b', 'c' }, 4, 3, true },
        { "abc", 3, { 'a', 'b' }, 3, 3, false },
        { "abc", 1, { 0 }, 1, 3, false },
        { "abc", 0, { 0 }, 0, 3, false },
        { "abc", -1, { 0 }, 0, 3, false },
        { "", 1, { 0 }, 1, 0, true },
        { "a\xF0\x9F\x98\x80", 4, { 'a', 0xD83D, 0xDE00 }, 4, 3, true },
        { "a\xF0\x9F\x98\x80", 3, { 'a' }, 2, 3, false }, /* a pair is not split */
        { "a\xFF"
          "b",
          4,
          { 'a', 0xFFFD, 'b' },
          4,
          3,
          true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        for (int in_units = 0; in_units < 2; in_units++) {
            char raw[21]; /* at an odd address */
            SQLWCHAR got[8];
            SQLSMALLINT len16 = -7;
            SQLINTEGER len32 = -7;
            struct rs_text_out out = { raw + 1, in_units ? cases[i].cap : cases[i].cap * 2 + 1,
                                       &len16,  &len32,
                                       true,    in_units == 1 };
            int n = cases[i].n;

            if (!in_units && cases[i].cap < 0)
                out.cap = -1;
            memset(raw, '#', sizeof raw);
            assert_int_equal(rs_text_put_quiet(&out, rs_str_of(cases[i].value)), cases[i].whole);
            memcpy(got, raw + 1, sizeof got);
            assert_memory_equal(got, cases[i].want, (size_t)n * 2);
            for (size_t k = 1 + (size_t)n * 2; k < sizeof raw; k++)
                assert_int_equal(raw[k], '#');
            assert_int_equal(len16, in_units ? cases[i].units : cases[i].units * 2);
            assert_int_equal(len32, len16);
        }
}

/* No place for the text: the length alone, and no warning. */
static void test_put_nowhere(void **state)
{
    SQLSMALLINT len16 = -7;
    struct rs_text_out out = { NULL, 0, &len16, NULL, false, false };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    rs_text_put(&out, RS_STR("abc"), &diag);
    assert_int_equal(len16, 3);
    out.is_wide = true;
    rs_text_put(&out, RS_STR("abc"), &diag);
    assert_int_equal(len16, 6);
    out.in_units = true;
    rs_text_put(&out, RS_STR("\xF0\x9F\x98\x80"), &diag);
    assert_int_equal(len16, 2);
    out.len16 = NULL;
    rs_text_put(&out, RS_STR("abc"), &diag);
    assert_int_equal(diag.n, 0);
}

static void test_put_huge_length(void **state)
{
    struct rs_buf text = RS_BUF_INIT(40000);
    SQLSMALLINT len16 = -7;
    SQLINTEGER len32 = -7;
    char to[3];
    struct rs_text_out out = { to, sizeof to, &len16, &len32, false, false };

    (void)state;
    while (text.len < 40000)
        rs_buf_addc(&text, 'x');
    assert_false(rs_text_put_quiet(&out, rs_buf_str(&text)));
    assert_int_equal(len16, 32767); /* the most it can say */
    assert_int_equal(len32, 40000);
    assert_string_equal(to, "xx");
    rs_buf_clear(&text);
}

static bool get(void *ctx)
{
    struct rs_text *text = ctx;
    struct rs_buf out = RS_BUF_INIT(100);
    struct rs_diag diag = { .n = 0 };
    bool ok = rs_text_get(*text, &out, &diag);

    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    struct rs_text narrow = { "abc", SQL_NTS, false }, wide = { wide_text, SQL_NTS, true },
                   none = { NULL, 0, false };

    (void)state;
    rs_test_oom(get, &narrow);
    rs_test_oom(get, &wide);
    rs_test_oom(get, &none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),         cmocka_unit_test(test_of_bytes),
        cmocka_unit_test(test_view),        cmocka_unit_test(test_get_appends),
        cmocka_unit_test(test_put_narrow),  cmocka_unit_test(test_put_wide),
        cmocka_unit_test(test_put_nowhere), cmocka_unit_test(test_put_huge_length),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
