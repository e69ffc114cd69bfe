/* UTF-8 and UTF-16: Unicode Standard, chapter 3.9, tables 3-7 and 3-8. */
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

/* Every scalar value there and back, alone and as UTF-16. */
static void test_all_scalars(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        uint32_t back = 77;
        size_t n = rs_utf8_encode(cp, bytes), used = 0;
        uint16_t units[2];
        bool bad = false;

        if (cp == 0xD800) {
            cp = 0xDFFF;
            continue;
        }
        if (n != (cp < 0x80      ? 1u
                  : cp < 0x800   ? 2u
                  : cp < 0x10000 ? 3u
                                 : 4u) ||
            rs_utf8_decode(bytes, n, &back) != n || back != cp)
            fail_msg("U+%04X", (unsigned)cp);
        for (size_t cut = 0; cut < n; cut++)
            if (rs_utf8_decode(bytes, cut, &back) != 0 ||
                rs_utf8_cut((struct rs_str){ bytes, n }, cut) != 0)
                fail_msg("U+%04X within %zu bytes", (unsigned)cp, cut);
        if (rs_utf8_to_16((struct rs_str){ bytes, n }, units, 2, &used, &bad) !=
                (cp < 0x10000 ? 1u : 2u) ||
            used != n || bad)
            fail_msg("U+%04X to UTF-16", (unsigned)cp);
        if (cp < 0x10000 ? units[0] != cp
                         : (units[0] & 0xFC00) != 0xD800 || (units[1] & 0xFC00) != 0xDC00 ||
                               0x10000 + ((units[0] & 0x3FFu) << 10 | (units[1] & 0x3FFu)) != cp)
            fail_msg("U+%04X as UTF-16", (unsigned)cp);
    }
}

static const struct {
    struct rs_str bytes;
    size_t bad_at, units, chars;
    uint16_t want[8];
} cases[] = {
#define B(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }
    { B(""), 0, 0, 0, { 0 } },
    { B("abc"), 3, 3, 3, { 'a', 'b', 'c' } },
    { B("a\0b"), 3, 3, 3, { 'a', 0, 'b' } },
    { B("\xC3\xA4"), 2, 1, 1, { 0xE4 } },
    { B("\xE2\x82\xAC"), 3, 1, 1, { 0x20AC } },
    { B("\xF0\x9F\x98\x80"), 4, 2, 1, { 0xD83D, 0xDE00 } },
    { B("\xF4\x8F\xBF\xBF"), 4, 2, 1, { 0xDBFF, 0xDFFF } },
    { B("\xEF\xBF\xBF"), 3, 1, 1, { 0xFFFF } },
    /* Continuations alone, lead bytes that are none. */
    { B("\x80"), 0, 1, 1, { 0xFFFD } },
    { B("a\xBF"
        "b"),
      1,
      3,
      3,
      { 'a', 0xFFFD, 'b' } },
    { B("\xC0\xAF"), 0, 2, 2, { 0xFFFD, 0xFFFD } },
    { B("\xC1\xBF"), 0, 2, 2, { 0xFFFD, 0xFFFD } },
    { B("\xF5\x80\x80\x80"), 0, 4, 4, { 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xFE\xFF"), 0, 2, 2, { 0xFFFD, 0xFFFD } },
    /* Overlong, surrogates, too large: each byte a part of its own (table 3-8). */
    { B("\xE0\x80\xAF"), 0, 3, 3, { 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xE0\x9F\xBF"), 0, 3, 3, { 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xED\xA0\x80"), 0, 3, 3, { 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xED\xBF\xBF"), 0, 3, 3, { 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xF0\x8F\xBF\xBF"), 0, 4, 4, { 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD } },
    { B("\xF4\x90\x80\x80"), 0, 4, 4, { 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD } },
    /* Truncated: the longest valid beginning is one part (table 3-11). */
    { B("\xC3"), 0, 1, 1, { 0xFFFD } },
    { B("\xE2\x82"), 0, 1, 1, { 0xFFFD } },
    { B("\xE2\x82"
        "a"),
      0,
      2,
      2,
      { 0xFFFD, 'a' } },
    { B("\xF0\x9F\x98"), 0, 1, 1, { 0xFFFD } },
    { B("\xF0\x9F\x98\xC3\xA4"), 0, 2, 2, { 0xFFFD, 0xE4 } },
    { B("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
        "A"),
      0,
      5,
      5,
      { 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 'A' } },
    { B("12345678\xC3\xA4"), 10, 9, 9, { '1', '2', '3', '4', '5', '6', '7', '8' } },
    { B("1234567\xFF"
        "9abcdefgh"),
      7,
      17,
      17,
      { '1', '2', '3', '4', '5', '6', '7', 0xFFFD } },
#undef B
};

static void test_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str s = cases[i].bytes;
        uint16_t units[32], raw_units[32];
        char raw[65];
        size_t used = 0, n, compare = cases[i].units < 8 ? cases[i].units : 8;
        bool bad = false;

        assert_int_equal(rs_utf8_bad_at(s), cases[i].bad_at);
        assert_int_equal(rs_utf8_units16(s), cases[i].units);
        assert_int_equal(rs_utf8_chars(s), cases[i].chars);
        n = rs_utf8_to_16(s, units, 32, &used, &bad);
        assert_int_equal(n, cases[i].units);
        assert_int_equal(used, s.n);
        assert_int_equal(bad, cases[i].bad_at < s.n);
        assert_memory_equal(units, cases[i].want, compare * 2);
        /* The same at an odd address. */
        bad = false;
        assert_int_equal(rs_utf8_to_16_raw(s, raw + 1, 32, &used, &bad), n);
        memcpy(raw_units, raw + 1, n * 2);
        assert_memory_equal(units, raw_units, n * 2);
    }
}

/* For every room there is: whole characters, nothing behind it, the rest goes on from used. */
static void test_cap(void **state)
{
    static const char text[] = "a\xC3\xA4\xF0\x9F\x98\x80"
                               "0123456789abcdefXYZ\xE2\x82\xAC\xF0\x9F\x98\x81";
    struct rs_str s = { text, sizeof text - 1 };
    uint16_t all[64];
    size_t total, used;
    bool bad = false;

    (void)state;
    total = rs_utf8_to_16(s, all, 64, &used, &bad);
    assert_int_equal(total, rs_utf8_units16(s));
    for (size_t cap = 0; cap <= total; cap++) {
        uint16_t part[64];
        size_t n, more, rest;

        memset(part, 0x77, sizeof part);
        n = rs_utf8_to_16(s, part, cap, &used, &bad);
        assert_true(n <= cap && n + 1 >= cap);
        assert_int_equal(part[n], 0x7777);
        assert_memory_equal(part, all, n * 2);
        assert_int_equal(rs_utf8_cut(s, used), used);
        more = rs_utf8_to_16(rs_str_sub(s, used, s.n), part + n, 64 - n, &rest, &bad);
        assert_int_equal(n + more, total);
        assert_memory_equal(part, all, total * 2);
    }
    assert_false(bad);
}

static void test_cut(void **state)
{
    static const struct {
        const char *text;
        size_t n, want;
    } cuts[] = {
        { "", 0, 0 },
        { "abc", 0, 0 },
        { "abc", 2, 2 },
        { "abc", 3, 3 },
        { "abc", SIZE_MAX, 3 },
        { "a\xC3\xA4", 2, 1 },
        { "a\xC3\xA4", 3, 3 },
        { "a\xE2\x82\xAC"
          "b",
          2, 1 },
        { "a\xE2\x82\xAC"
          "b",
          3, 1 },
        { "a\xE2\x82\xAC"
          "b",
          4, 4 },
        { "\xF0\x9F\x98\x80", 3, 0 },
        { "\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 7, 4 },
        /* Bad bytes may be cut anywhere, but not lost. */
        { "\x80\x80\x80\x80\x80\x80", 5, 5 },
        { "\xC3\xA4\x80\x80", 3, 3 },
        { "\xE2\x82", 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cuts); i++)
        assert_int_equal(rs_utf8_cut(rs_str_of(cuts[i].text), cuts[i].n), cuts[i].want);
}

static void test_from_16(void **state)
{
    static const struct {
        uint16_t units[6];
        size_t n, want_at;
        const char *want;
    } wide[] = {
        { { 0 }, 0, 0, "" },
        { { 'a', 0xE4, 0x20AC, 0xD83D, 0xDE00 }, 5, 5, "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80" },
        { { 0xDBFF, 0xDFFF }, 2, 2, "\xF4\x8F\xBF\xBF" },
        { { 'a', 0xD83D }, 2, 1, "a\xEF\xBF\xBD" },
        { { 0xD83D, 'a' },
          2,
          0,
          "\xEF\xBF\xBD"
          "a" },
        { { 0xDE00, 'a' },
          2,
          0,
          "\xEF\xBF\xBD"
          "a" },
        { { 0xD83D, 0xD83D, 0xDE00 }, 3, 0, "\xEF\xBF\xBD\xF0\x9F\x98\x80" },
        { { 'a', 0xDC00, 0xD800 }, 3, 1, "a\xEF\xBF\xBD\xEF\xBF\xBD" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(wide); i++) {
        struct rs_buf out = RS_BUF_INIT(100);
        char raw[13];

        memcpy(raw + 1, wide[i].units, sizeof wide[i].units);
        assert_int_equal(rs_utf16_to_8(raw + 1, wide[i].n, &out), wide[i].want_at);
        assert_string_equal(out.p, wide[i].want);
        rs_buf_clear(&out);
    }
}

/* Longer than the piece it is made in, with characters of all lengths at the seams. */
static void test_from_16_long(void **state)
{
    static const uint32_t chars[] = { 'a', 0xE4, 0x20AC, 0x1F600 };
    struct rs_buf text = RS_BUF_INIT(100000), out = RS_BUF_INIT(100000);
    uint16_t units[8000];
    size_t n, used = 0;
    bool bad = false;

    (void)state;
    for (uint32_t i = 0; i < 4000; i++) {
        char bytes[4];
        size_t len = rs_utf8_encode(chars[(i * i + i / 7) % 4], bytes);

        rs_buf_add(&text, (struct rs_str){ bytes, len });
    }
    n = rs_utf8_to_16(rs_buf_str(&text), units, 8000, &used, &bad);
    assert_int_equal(used, text.len);
    assert_int_equal(rs_utf16_to_8(units, n, &out), n);
    assert_true(rs_str_eq(rs_buf_str(&out), rs_buf_str(&text)));
    assert_int_equal(rs_utf8_chars(rs_buf_str(&out)), 4000);
    rs_buf_clear(&text);
    rs_buf_clear(&out);
}

static void test_from_16_limits(void **state)
{
    static const uint16_t units[] = { 'a', 'b', 'c', 0xD800, 'd' };
    struct rs_buf out = RS_BUF_INIT(2);

    (void)state;
    assert_int_equal(rs_utf16_to_8(units, 5, &out), 3); /* said even when there is no room */
    assert_true(out.bad);
    assert_int_equal(rs_utf16_to_8(NULL, 0, &out), 0);
    rs_buf_clear(&out);
}

static void test_len(void **state)
{
    char raw[9] = { 0 };
    uint16_t unit = 'x';

    (void)state;
    assert_int_equal(rs_utf16_len(raw + 1), 0);
    memcpy(raw + 1, &unit, 2);
    unit = 0x100; /* a zero byte is no end */
    memcpy(raw + 3, &unit, 2);
    assert_int_equal(rs_utf16_len(raw + 1), 2);
}

/* Wide text with a secret into a wiped buffer. */
static bool secret_from_16(void *ctx)
{
    struct rs_buf out = RS_BUF_WIPED(10000);
    uint16_t units[1000];
    bool ok;

    (void)ctx;
    for (size_t i = 0; i < 1000; i++)
        units[i] = (unsigned char)CANARY[i % (sizeof CANARY - 1)];
    ok = rs_utf16_to_8(units, 1000, &out) == 1000 && !out.bad;
    rs_buf_clear(&out);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    freed_watch(CANARY);
    rs_test_oom(secret_from_16, NULL);
    assert_true(freed_blocks() > 0);
    assert_int_equal(freed_dirty(), 0);
    freed_watch(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_scalars),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_from_16),
        cmocka_unit_test(test_from_16_long),
        cmocka_unit_test(test_from_16_limits),
        cmocka_unit_test(test_len),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
