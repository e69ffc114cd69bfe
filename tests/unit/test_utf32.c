/* UTF-32, to UTF-8 and back: Unicode Standard, chapter 3.9, table 3-7 and definition D90. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "freed.h"
#include "oom.h"
#include "os.h"
#include "utf.h"

#define CANARY "hunter2-canary"

/* Every number of 21 bits as a unit: a scalar value goes there and back, another is U+FFFD. */
static void test_all_units(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x1FFFFF; cp++) {
        bool is_scalar = cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF), bad = false;
        struct rs_buf text = RS_BUF_INIT(8);
        uint32_t back = 77;
        size_t used = 0;

        if (rs_utf32_to_8(&cp, 1, &text) != (is_scalar ? 1u : 0u) || text.bad)
            fail_msg("U+%04X to UTF-8", (unsigned)cp);
        if (rs_utf8_to_32_raw(rs_buf_str(&text), &back, 1, &used, &bad) != 1 || bad ||
            used != text.len || back != (is_scalar ? cp : 0xFFFD))
            fail_msg("U+%04X came back as U+%04X", (unsigned)cp, (unsigned)back);
        rs_buf_clear(&text);
    }
}

#define B(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }

/* One U+FFFD for each maximal bad part, as in UTF-16. */
static void test_parts(void **state)
{
    static const struct {
        struct rs_str bytes;
        size_t units;
        bool is_bad;
        uint32_t want[20];
    } cases[] = {
        { B(""), 0, false, { 0 } },
        { B("a\0b"), 3, false, { 'a', 0, 'b' } },
        { B("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), 3, false, { 0xE4, 0x20AC, 0x1F600 } },
        { B("\xF4\x8F\xBF\xBF"), 1, false, { 0x10FFFF } },
        { B("\xF4\x90\x80\x80"), 4, true, { 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD } },
        { B("\xED\xA0\x80"), 3, true, { 0xFFFD, 0xFFFD, 0xFFFD } },
        { B("\xF0\x9F\x98\xC3\xA4"), 2, true, { 0xFFFD, 0xE4 } },
        { B("0123456789abcdef\xC3"),
          17,
          true,
          { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
            0xFFFD } },
        { B("\xE2\x82\xAC"
            "0123456789abcdef"),
          17,
          false,
          { 0x20AC, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e',
            'f' } },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str s = cases[i].bytes;
        char raw[4 * 20 + 1];
        size_t used = 0;
        bool bad = false;

        assert_int_equal(rs_utf8_chars(s), cases[i].units);
        /* At an odd address. */
        assert_int_equal(rs_utf8_to_32_raw(s, raw + 1, 20, &used, &bad), cases[i].units);
        assert_memory_equal(raw + 1, cases[i].want, cases[i].units * 4);
        assert_int_equal(used, s.n);
        assert_int_equal(bad, cases[i].is_bad);
    }
}
#undef B

/* For every room there is: all of it used, nothing behind it, the rest goes on from used. */
static void test_cap(void **state)
{
    static const char text[] = "a\xC3\xA4\xF0\x9F\x98\x80"
                               "0123456789abcdefXYZ0123456789abcdef0123456789abcdef\xE2\x82\xAC";
    struct rs_str s = { text, sizeof text - 1 };
    uint32_t all[64];
    size_t total, used;
    bool bad = false;

    (void)state;
    total = rs_utf8_to_32_raw(s, all, 64, &used, &bad);
    assert_int_equal(total, rs_utf8_chars(s));
    for (size_t cap = 0; cap <= total; cap++) {
        uint32_t part[64];
        size_t n, rest;

        memset(part, 0x77, sizeof part);
        n = rs_utf8_to_32_raw(s, part, cap, &used, &bad);
        assert_int_equal(n, cap);
        assert_int_equal(part[n], 0x77777777);
        n += rs_utf8_to_32_raw(rs_str_sub(s, used, s.n), part + n, 64 - n, &rest, &bad);
        assert_int_equal(n, total);
        assert_memory_equal(part, all, total * 4);
    }
    assert_false(bad);
}

static void test_bad_units(void **state)
{
    static const struct {
        uint32_t units[4];
        size_t n, want_at;
        const char *want;
    } wide[] = {
        { { 0 }, 0, 0, "" },
        { { 'a', 0xE4, 0x20AC, 0x1F600 }, 4, 4, "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80" },
        { { 0xD83D, 0xDE00 }, 2, 0, "\xEF\xBF\xBD\xEF\xBF\xBD" }, /* no pairs in UTF-32 */
        { { 'a', 0x110000 }, 2, 1, "a\xEF\xBF\xBD" },
        { { 'a', 'b', 0xFFFFFFFF, 0xE4 }, 4, 2, "ab\xEF\xBF\xBD\xC3\xA4" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(wide); i++) {
        struct rs_buf out = RS_BUF_INIT(100);
        char raw[17];

        memcpy(raw + 1, wide[i].units, sizeof wide[i].units);
        assert_int_equal(rs_utf32_to_8(raw + 1, wide[i].n, &out), wide[i].want_at);
        assert_string_equal(out.p, wide[i].want);
        rs_buf_clear(&out);
    }
}

/* Longer than the piece it is made in, with characters of all lengths at the seams. */
static void test_long(void **state)
{
    static const uint32_t chars[] = { 'a', 0xE4, 0x20AC, 0x1F600 };
    struct rs_buf text = RS_BUF_INIT(100000), small = RS_BUF_INIT(2);
    uint32_t units[4000], back[4000];
    size_t used = 0;
    bool bad = false;

    (void)state;
    for (uint32_t i = 0; i < 4000; i++)
        units[i] = chars[(i * i + i / 7) % 4];
    assert_int_equal(rs_utf32_to_8(units, 4000, &text), 4000);
    assert_int_equal(rs_utf8_to_32_raw(rs_buf_str(&text), back, 4000, &used, &bad), 4000);
    assert_memory_equal(units, back, sizeof back);
    units[3] = 0xD800;
    assert_int_equal(rs_utf32_to_8(units, 4000, &small), 3); /* said even without room */
    assert_true(small.bad);
    rs_buf_clear(&text);
    rs_buf_clear(&small);
}

static void test_len(void **state)
{
    static const uint32_t units[] = { 'x', 0x10000, 0x100, 0 }; /* zero bytes are no end */
    char raw[sizeof units + 1];

    (void)state;
    memcpy(raw + 1, units, sizeof units);
    assert_int_equal(rs_utf32_len(raw + 1), 3);
    assert_int_equal(rs_utf32_len(raw + 13), 0);
}

/* Wide text with a secret into a wiped buffer. */
static bool secret_from_32(void *ctx)
{
    struct rs_buf out = RS_BUF_WIPED(10000);
    uint32_t units[1000];
    bool ok;

    (void)ctx;
    for (size_t i = 0; i < 1000; i++)
        units[i] = (unsigned char)CANARY[i % (sizeof CANARY - 1)];
    ok = rs_utf32_to_8(units, 1000, &out) == 1000 && !out.bad;
    rs_buf_clear(&out);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    freed_watch(CANARY);
    rs_test_oom(secret_from_32, NULL);
    assert_true(freed_blocks() > 0);
    assert_int_equal(freed_dirty(), 0);
    freed_watch(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_units), cmocka_unit_test(test_parts), cmocka_unit_test(test_cap),
        cmocka_unit_test(test_bad_units), cmocka_unit_test(test_long),  cmocka_unit_test(test_len),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
