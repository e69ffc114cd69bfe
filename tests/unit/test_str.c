/* Slices, numbers, growing buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "diag.h"
#include "freed.h"
#include "oom.h"
#include "os.h"
#include "str.h"

#define CANARY "hunter2-canary"

static void test_compare(void **state)
{
    static const struct {
        const char *a, *b;
        bool eq, eq_nocase, starts, ends;
        ptrdiff_t find;
    } cases[] = {
        { "", "", true, true, true, true, 0 },
        { "abc", "", false, false, true, true, 0 },
        { "", "a", false, false, false, false, -1 },
        { "abc", "abc", true, true, true, true, 0 },
        { "abc", "ABC", false, true, true, true, 0 },
        { "abcd", "AB", false, false, true, false, 0 },
        { "abcd", "cD", false, false, false, true, 2 },
        { "abab", "bA", false, false, false, false, 1 },
        { "ab", "abc", false, false, false, false, -1 },
        { "@", "`", false, false, false, false, -1 }, /* differ by 32, but are no letters */
        { "[", "{", false, false, false, false, -1 },
        { "\xC3\x84", "\xC3\xA4", false, false, false, false, -1 }, /* ASCII only */
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str a = rs_str_of(cases[i].a), b = rs_str_of(cases[i].b);

        assert_int_equal(rs_str_eq(a, b), cases[i].eq);
        assert_int_equal(rs_str_eq_nocase(a, b), cases[i].eq_nocase);
        assert_int_equal(rs_str_starts_nocase(a, b), cases[i].starts);
        assert_int_equal(rs_str_ends_nocase(a, b), cases[i].ends);
        assert_int_equal(rs_str_find_nocase(a, b), cases[i].find);
    }
}

static void test_null_slices(void **state)
{
    struct rs_str none = rs_str_of(NULL), part;
    bool done = false;

    (void)state;
    assert_int_equal(none.n, 0);
    assert_true(rs_str_eq(none, RS_STR("")));
    assert_true(rs_str_eq_nocase(none, RS_STR_NULL));
    assert_true(rs_str_ends_nocase(none, none));
    assert_int_equal(rs_str_chr(none, 'a'), -1);
    assert_int_equal(rs_str_trim(none).n, 0);
    assert_int_equal(rs_str_sub(none, 3, 4).n, 0);
    assert_true(rs_str_split(&none, ',', &done, &part));
    assert_int_equal(part.n, 0);
    assert_false(rs_str_split(&none, ',', &done, &part));
}

static void test_parts(void **state)
{
    (void)state;
    assert_true(rs_str_eq(rs_str_trim(RS_STR(" \t\r\n\v\f a b \n")), RS_STR("a b")));
    assert_int_equal(rs_str_trim(RS_STR(" \t ")).n, 0);
    assert_true(rs_str_eq(rs_str_sub(RS_STR("abc"), 1, 1), RS_STR("b")));
    assert_true(rs_str_eq(rs_str_sub(RS_STR("abc"), 1, SIZE_MAX), RS_STR("bc")));
    assert_true(rs_str_eq(rs_str_sub(RS_STR("abc"), SIZE_MAX, SIZE_MAX), RS_STR("")));
    assert_int_equal(rs_str_chr(RS_STR("a\0b"), 'b'), 2);
    assert_int_equal(rs_str_chr(RS_STR("abc"), 'd'), -1);
}

static void test_split(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "<>" },
        { "a", "<a>" },
        { "a,b", "<a><b>" },
        { ",", "<><>" },
        { "a,,b,", "<a><><b><>" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf got = RS_BUF_INIT(100);
        struct rs_str rest = rs_str_of(cases[i].text), part;
        bool done = false;

        while (rs_str_split(&rest, ',', &done, &part))
            rs_buf_addf(&got, "<%.*s>", RS_ARG(part));
        assert_string_equal(got.p, cases[i].want);
        rs_buf_clear(&got);
    }
}

/* Against the C locale's own sets, over all bytes. */
static void test_classes(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool lower = i >= 'a' && i <= 'z', upper = i >= 'A' && i <= 'Z';

        assert_int_equal(rs_is_space(c), i != 0 && strchr(" \t\n\v\f\r", i) != NULL);
        assert_int_equal(rs_is_digit(c), i >= '0' && i <= '9');
        assert_int_equal(rs_is_alpha(c), lower || upper);
        assert_int_equal(rs_is_alnum(c), lower || upper || (i >= '0' && i <= '9'));
        assert_int_equal(rs_lower(c), (char)(upper ? i + 32 : i));
        assert_int_equal(rs_upper(c), (char)(lower ? i - 32 : i));
    }
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        bool is_i64;
        int64_t i64;
        bool is_u64;
        uint64_t u64;
    } cases[] = {
        { "0", true, 0, true, 0 },
        { "-0", true, 0, false, 0 },
        { "+7", true, 7, false, 0 },
        { "007", true, 7, true, 7 },
        { "9223372036854775807", true, INT64_MAX, true, INT64_MAX },
        { "9223372036854775808", false, 0, true, (uint64_t)INT64_MAX + 1 },
        { "-9223372036854775808", true, INT64_MIN, false, 0 },
        { "-9223372036854775809", false, 0, false, 0 },
        { "18446744073709551615", false, 0, true, UINT64_MAX },
        { "18446744073709551616", false, 0, false, 0 },
        { "18446744073709551620", false, 0, false, 0 },
        { "99999999999999999999", false, 0, false, 0 },
        { "", false, 0, false, 0 },
        { "-", false, 0, false, 0 },
        { "+", false, 0, false, 0 },
        { "+-1", false, 0, false, 0 },
        { "--1", false, 0, false, 0 },
        { " 1", false, 0, false, 0 },
        { "1 ", false, 0, false, 0 },
        { "1x", false, 0, false, 0 },
        { "0x10", false, 0, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        int64_t i64 = 77;
        uint64_t u64 = 77;

        assert_int_equal(rs_parse_i64(rs_str_of(cases[i].text), &i64), cases[i].is_i64);
        assert_int_equal(i64, cases[i].is_i64 ? cases[i].i64 : 77);
        assert_int_equal(rs_parse_u64(rs_str_of(cases[i].text), &u64), cases[i].is_u64);
        assert_int_equal(u64, cases[i].is_u64 ? cases[i].u64 : 77);
    }
}

static void test_print(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -1, "-1" },
        { 10, "10" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };
    char to[21];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        memset(to, '#', sizeof to);
        assert_int_equal(rs_print_i64(to, cases[i].value), strlen(cases[i].text));
        assert_memory_equal(to, cases[i].text, strlen(cases[i].text));
        assert_int_equal(to[strlen(cases[i].text)], '#');
    }
    assert_int_equal(rs_print_u64(to, UINT64_MAX), 20);
    assert_memory_equal(to, "18446744073709551615", 20);
}

static void test_dup(void **state)
{
    struct rs_diag diag = { .n = 0 };
    char *copy = rs_str_dup(RS_STR("a\0b"), &diag);

    (void)state;
    assert_memory_equal(copy, "a\0b", 4);
    rs_free(copy);
    copy = rs_str_dup(RS_STR_NULL, &diag);
    assert_string_equal(copy, "");
    rs_free(copy);
    assert_int_equal(diag.n, 0);
    /* No size has a byte more than this one. */
    assert_null(rs_str_dup((struct rs_str){ "", SIZE_MAX }, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_null(rs_str_dup((struct rs_str){ "", SIZE_MAX }, NULL));
    rs_diag_clear(&diag);
}

static void test_buf_limit(void **state)
{
    struct rs_buf b = RS_BUF_INIT(10);
    struct rs_diag diag = { .n = 0 };

    (void)state;
    assert_string_equal(rs_buf_str(&b).p, "");
    rs_buf_adds(&b, "12345");
    rs_buf_addf(&b, "%d%c", 678, '9');
    rs_buf_addc(&b, '0');
    assert_true(rs_buf_ok(&b, &diag));
    assert_string_equal(b.p, "1234567890"); /* exactly the limit */
    rs_buf_addc(&b, 'x');
    assert_true(b.bad);
    /* Sticky: what would fit again is not added either. */
    rs_buf_truncate(&b, 3);
    rs_buf_adds(&b, "y");
    rs_buf_addf(&b, "%s", "z");
    assert_null(rs_buf_room(&b, 1));
    assert_string_equal(b.p, "123");
    assert_false(rs_buf_ok(&b, &diag));
    assert_int_equal(diag.n, 1);
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    assert_string_equal(rs_diag_first(&diag), "text is longer than 10 bytes");
    rs_diag_clear(&diag);
    /* Cleared it is as good as new, with the same limit. */
    rs_buf_clear(&b);
    assert_true(rs_buf_ok(&b, &diag));
    rs_buf_adds(&b, "12345678901");
    assert_false(rs_buf_ok(&b, &diag));
    rs_buf_clear(&b);
    rs_buf_clear(NULL);
    rs_diag_clear(&diag);
}

static void test_buf_no_memory(void **state)
{
    struct rs_buf b = RS_BUF_INIT(10);
    struct rs_diag diag = { .n = 0 };

    (void)state;
    rs_os_fail_alloc(1);
    rs_buf_adds(&b, "a");
    rs_os_fail_alloc(0);
    rs_buf_adds(&b, "b");
    assert_false(rs_buf_ok(&b, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_null(rs_buf_take(&b)); /* and is empty again */
    rs_buf_adds(&b, "c");
    assert_string_equal(b.p, "c");
    rs_buf_clear(&b);
    rs_diag_clear(&diag);
}

static void test_buf_huge(void **state)
{
    struct rs_buf b = RS_BUF_INIT(SIZE_MAX);

    (void)state;
    rs_buf_adds(&b, "abc");
    assert_null(rs_buf_room(&b, SIZE_MAX));
    assert_true(b.bad);
    assert_string_equal(b.p, "abc");
    rs_buf_clear(&b);
    rs_buf_adds(&b, "abc");
    assert_null(rs_buf_room(&b, SIZE_MAX - 3)); /* within the limit, but the NUL is one too many */
    assert_true(b.bad && !b.too_long);
    rs_buf_clear(&b);
}

static void test_buf_room(void **state)
{
    struct rs_buf b = RS_BUF_INIT(100000);
    char *to;

    (void)state;
    /* Room that stays unused leaves a C string behind all the same. */
    assert_non_null(rs_buf_room(&b, 50000));
    assert_string_equal(b.p, "");
    to = rs_buf_room(&b, 3);
    memcpy(to, "abc", 3);
    rs_buf_seal(&b, 2);
    assert_string_equal(b.p, "ab");
    rs_buf_truncate(&b, 5); /* longer than it is: nothing */
    assert_string_equal(b.p, "ab");
    for (int i = 0; i < 90000; i++)
        rs_buf_addc(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 90002);
    assert_int_equal(strlen(b.p), 90002);
    for (int i = 0; i < 90000; i++)
        if (b.p[i + 2] != (char)('a' + i % 26))
            fail_msg("byte %d is wrong", i);
    rs_buf_clear(&b);
}

static void test_line(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } cases[] = {
        { "  a b\t\r\nsecond", 100, "a b" },
        { "a\x01"
          "b\x7f",
          100, "a b " },
        { "abc", 2, "ab" },
        { "a\xC3\xA9", 2, "a" },
        { "a\xC3\xA9", 3, "a\xC3\xA9" },
        { " \n", 5, "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf b = RS_BUF_INIT(100);

        rs_buf_add_line(&b, rs_str_of(cases[i].text), cases[i].max);
        assert_true(rs_str_eq(rs_buf_str(&b), rs_str_of(cases[i].want)));
        rs_buf_clear(&b);
    }
}

static void test_buf_take(void **state)
{
    struct rs_buf b = RS_BUF_INIT(10);
    char *text = rs_buf_take(&b);

    (void)state;
    assert_string_equal(text, "");
    rs_free(text);
    rs_buf_adds(&b, "abc");
    text = rs_buf_take(&b);
    assert_string_equal(text, "abc");
    assert_null(b.p);
    assert_int_equal(b.len, 0);
    rs_free(text);
    rs_buf_adds(&b, "more than ten");
    assert_null(rs_buf_take(&b));
    assert_false(b.bad);
}

/* No block that held the secret is given back with it, however the buffer grows and ends. */
static void test_wiped(void **state)
{
    struct rs_buf b = RS_BUF_WIPED(1 << 20);

    (void)state;
    freed_watch(CANARY);
    rs_buf_adds(&b, CANARY);
    for (int i = 0; i < 5000; i++)
        rs_buf_addf(&b, "%d ", i);
    assert_true(freed_blocks() >= 5);
    assert_int_equal(freed_dirty(), 0);
    /* Written behind the end and never sealed. */
    memcpy(rs_buf_room(&b, 100), CANARY, sizeof CANARY);
    rs_buf_clear(&b);
    assert_int_equal(freed_dirty(), 0);

    rs_buf_adds(&b, "user ");
    rs_buf_adds(&b, CANARY);
    rs_buf_truncate(&b, 5);
    assert_string_equal(b.p, "user ");
    for (size_t i = 5; i < b.cap; i++)
        assert_int_equal(b.p[i], 0);
    rs_buf_adds(&b, CANARY);
    b.max = 20;
    rs_buf_adds(&b, "too much");
    assert_null(rs_buf_take(&b));
    assert_int_equal(freed_dirty(), 0);

    /* The watch itself works: a plain buffer leaves its blocks as they are. */
    b = (struct rs_buf)RS_BUF_INIT(1 << 20);
    rs_buf_adds(&b, CANARY);
    rs_buf_clear(&b);
    assert_int_equal(freed_dirty(), 1);
    freed_watch(NULL);
}

static void test_wiped_keeps_old_on_failure(void **state)
{
    struct rs_buf b = RS_BUF_WIPED(1 << 20);

    (void)state;
    rs_buf_adds(&b, CANARY);
    rs_os_fail_alloc(1);
    assert_null(rs_buf_room(&b, 1000));
    rs_os_fail_alloc(0);
    assert_string_equal(b.p, CANARY);
    freed_watch(CANARY);
    rs_buf_clear(&b);
    assert_int_equal(freed_dirty(), 0);
    freed_watch(NULL);
}

static bool build(void *ctx)
{
    struct rs_buf b = RS_BUF_INIT(10000);
    struct rs_diag diag = { .n = 0 };
    char *text = NULL, *copy = NULL;
    bool ok = false;

    b.wipe = *(bool *)ctx;
    for (int i = 0; i < 500; i++)
        rs_buf_addf(&b, "%d,", i);
    if (!rs_buf_ok(&b, &diag))
        goto out;
    text = rs_buf_take(&b);
    copy = rs_str_dup(rs_str_of(text), &diag);
    ok = copy != NULL && strcmp(copy, text) == 0;
out:
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_free(text);
    rs_free(copy);
    rs_buf_clear(&b);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    bool wipe = false;

    (void)state;
    rs_test_oom(build, &wipe);
    wipe = true;
    rs_test_oom(build, &wipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),   cmocka_unit_test(test_null_slices),
        cmocka_unit_test(test_parts),     cmocka_unit_test(test_split),
        cmocka_unit_test(test_classes),   cmocka_unit_test(test_parse),
        cmocka_unit_test(test_print),     cmocka_unit_test(test_dup),
        cmocka_unit_test(test_buf_limit), cmocka_unit_test(test_buf_no_memory),
        cmocka_unit_test(test_buf_huge),  cmocka_unit_test(test_buf_room),
        cmocka_unit_test(test_line),      cmocka_unit_test(test_buf_take),
        cmocka_unit_test(test_wiped),     cmocka_unit_test(test_wiped_keeps_old_on_failure),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
