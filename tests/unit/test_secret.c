/* Secrets: what they hold, that they are wiped. */
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
#include "secret.h"

#define CANARY "hunter2-canary"

static void test_empty(void **state)
{
    struct rs_secret a = { .len = 0 }, b = { .len = 0 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    assert_false(rs_secret_is_set(&a));
    assert_int_equal(rs_secret_len(&a), 0);
    assert_string_equal(rs_secret_reveal(&a), "");
    assert_true(rs_secret_equal(&a, &b));
    assert_true(rs_secret_set(&a, RS_STR_NULL, &diag));
    assert_true(rs_secret_copy(&b, &a, &diag));
    assert_false(rs_secret_is_set(&b));
    rs_secret_move(&a, &b);
    rs_secret_clear(&a);
    rs_secret_clear(NULL);
    assert_int_equal(diag.n, 0);
}

static void test_equal(void **state)
{
    static const struct {
        struct rs_str a, b;
        bool want;
    } cases[] = {
        { { "abc", 3 }, { "abc", 3 }, true },    { { "abc", 3 }, { "abd", 3 }, false },
        { { "xbc", 3 }, { "abc", 3 }, false },   { { "abc", 3 }, { "ab", 2 }, false },
        { { "a\0b", 3 }, { "a\0c", 3 }, false }, { { "\x80", 1 }, { "\0", 1 }, false },
        { { "a", 1 }, { "", 0 }, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_secret a = { .len = 0 }, b = { .len = 0 };
        struct rs_diag diag = { .n = 0 };

        assert_true(rs_secret_set(&a, cases[i].a, &diag));
        assert_true(rs_secret_set(&b, cases[i].b, &diag));
        assert_int_equal(rs_secret_equal(&a, &b), cases[i].want);
        assert_int_equal(rs_secret_equal(&b, &a), cases[i].want);
        rs_secret_clear(&a);
        rs_secret_clear(&b);
    }
}

static void test_values(void **state)
{
    struct rs_secret a = { .len = 0 }, b = { .len = 0 };
    struct rs_diag diag = { .n = 0 };

    (void)state;
    freed_watch(CANARY);
    assert_true(rs_secret_set(&a, RS_STR(CANARY), &diag));
    assert_true(rs_secret_is_set(&a));
    assert_int_equal(rs_secret_len(&a), strlen(CANARY));
    assert_string_equal(rs_secret_reveal(&a), CANARY);
    assert_true(rs_secret_copy(&b, &a, &diag));
    assert_true(rs_secret_reveal(&b) != rs_secret_reveal(&a));
    assert_true(rs_secret_equal(&a, &b));

    /* A part of its own value, and a copy of itself. */
    assert_true(rs_secret_set(&a, rs_str_sub(rs_str_of(rs_secret_reveal(&a)), 0, 7), &diag));
    assert_string_equal(rs_secret_reveal(&a), "hunter2");
    assert_true(rs_secret_copy(&b, &b, &diag));
    assert_string_equal(rs_secret_reveal(&b), CANARY);

    /* Moving leaves the other one empty, and one into itself is nothing. */
    rs_secret_move(&a, &b);
    assert_string_equal(rs_secret_reveal(&a), CANARY);
    assert_false(rs_secret_is_set(&b));
    rs_secret_move(&a, &a);
    assert_string_equal(rs_secret_reveal(&a), CANARY);
    rs_secret_move(&a, &b);
    assert_false(rs_secret_is_set(&a));

    assert_true(rs_secret_set(&a, RS_STR(CANARY), &diag));
    assert_true(rs_secret_set(&a, RS_STR_NULL, &diag)); /* an empty value clears */
    assert_false(rs_secret_is_set(&a));
    assert_true(freed_blocks() >= 4);
    assert_int_equal(freed_dirty(), 0);
    freed_watch(NULL);
}

static void test_wipe(void **state)
{
    char bytes[100];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    rs_wipe(bytes + 10, 80);
    for (size_t i = 0; i < sizeof bytes; i++)
        assert_int_equal(bytes[i] == 'x', i < 10 || i >= 90);
    rs_wipe(bytes, 0);
    assert_int_equal(bytes[0], 'x');
    rs_wipe(NULL, 0);
}

static bool copy_about(void *ctx)
{
    struct rs_secret a = { .len = 0 }, b = { .len = 0 };
    struct rs_diag diag = { .n = 0 };
    bool ok = false;

    (void)ctx;
    if (!rs_secret_set(&a, RS_STR("old"), &diag))
        goto out;
    if (!rs_secret_set(&a, RS_STR(CANARY), &diag)) {
        assert_string_equal(rs_secret_reveal(&a), "old");
        goto out;
    }
    ok = rs_secret_copy(&b, &a, &diag);
out:
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_secret_clear(&a);
    rs_secret_clear(&b);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    freed_watch(CANARY);
    rs_test_oom(copy_about, NULL);
    assert_int_equal(freed_dirty(), 0);
    freed_watch(NULL);
}

static void in_text(void **state)
{
    static const struct {
        const char *secret, *text;
        bool is_in;
    } cases[] = {
        { "Pa55", "wrong password pA55!", true },
        { "Pa55", "Pa5", false },
        { "Pa55", "", false },
        { "", "text", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_secret secret = { 0 };
        struct rs_diag diag = { 0 };

        assert_true(rs_secret_set(&secret, rs_str_of(cases[i].secret), &diag));
        assert_int_equal(rs_secret_is_in(&secret, rs_str_of(cases[i].text)), cases[i].is_in);
        rs_secret_clear(&secret);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_text),     cmocka_unit_test(test_empty), cmocka_unit_test(test_equal),
        cmocka_unit_test(test_values), cmocka_unit_test(test_wipe),  cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
