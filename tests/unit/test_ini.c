/* Lines of an ini file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/ini.h"

static const struct {
    const char *text;
    const char *want; /* S:name, K:key=value, X for nonsense; separated by | */
} cases[] = {
    { "", "" },
    { "\n\r\n", "" },
    { "[a]", "S:a" },
    { "[ a b ] x", "S:a b" },
    { "k=v", "K:k=v" },
    { "  User AutoCreate =  1 \r\n", "K:User AutoCreate=1" },
    { "k=", "K:k=" },
    { "k={a;b} ; c # d", "K:k={a;b} ; c # d" },
    { "k=a=b", "K:k=a=b" },
    { "# c\n; d\n [s]\nk=v", "S:s|K:k=v" },
    { "\xEF\xBB\xBF[s]\n", "S:s" },
    { "nonsense\nk=v", "X|K:k=v" },
    { "=v", "X" },
    { "[open", "X" },
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf got = RS_BUF_INIT(1000);
        struct rs_str name, value;
        enum rs_ini_item item;
        struct rs_ini ini;

        rs_ini_init(&ini, rs_str_of(cases[i].text));
        while ((item = rs_ini_next(&ini, &name, &value)) != RS_INI_END) {
            if (got.len > 0)
                rs_buf_addc(&got, '|');
            if (item == RS_INI_SECTION)
                rs_buf_addf(&got, "S:%.*s", RS_ARG(name));
            else if (item == RS_INI_PAIR)
                rs_buf_addf(&got, "K:%.*s=%.*s", RS_ARG(name), RS_ARG(value));
            else
                rs_buf_addc(&got, 'X');
        }
        assert_string_equal(got.p == NULL ? "" : got.p, cases[i].want);
        rs_buf_clear(&got);
    }
}

static void test_numbers(void **state)
{
    struct rs_str name, value;
    struct rs_ini ini;

    (void)state;
    rs_ini_init(&ini, RS_STR("\n# c\nbad\n\nk=v\nn\0l=1"));
    assert_int_equal(rs_ini_next(&ini, &name, &value), RS_INI_NONSENSE);
    assert_int_equal(ini.line, 3);
    assert_int_equal(rs_ini_next(&ini, &name, &value), RS_INI_PAIR);
    assert_int_equal(ini.line, 5);
    assert_int_equal(rs_ini_next(&ini, &name, &value), RS_INI_NONSENSE);
    assert_int_equal(rs_ini_next(&ini, &name, &value), RS_INI_END);
    assert_int_equal(rs_ini_next(&ini, &name, &value), RS_INI_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines),
                                        cmocka_unit_test(test_numbers) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
