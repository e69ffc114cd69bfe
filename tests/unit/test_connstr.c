/* Connection strings: text to pairs, pairs to text, and that the two agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "odbc/connstr.h"
#include "oom.h"
#include "os.h"

/* want: key=<value> joined by |; warning: the only record; state: of the error. */
static const struct {
    const char *text, *want, *warning, *state;
} cases[] = {
    { "", "", NULL, NULL },
    { ";; ; ;", "", NULL, NULL },
    { "Server=h", "Server=<h>", NULL, NULL },
    { " Server = h ; Port = 1 ;", "Server=<h>|Port=<1>", NULL, NULL },
    { "UID={a b};", "UID=<a b>", NULL, NULL },
    { "UID={ a };DB=x", "UID=< a >|DB=<x>", NULL, NULL },
    { "PWD={p;w}}};DB=d", "PWD=<p;w}>|DB=<d>", NULL, NULL },
    { "PWD={}}};", "PWD=<}>", NULL, NULL },
    { "PWD={}", "PWD=<>", NULL, NULL },
    { "PWD={a}  ;DB=d", "PWD=<a>|DB=<d>", NULL, NULL },
    { "PWD={{}", "PWD=<{>", NULL, NULL },
    { "PWD=a{b}c", "PWD=<a{b}c>", NULL, NULL },
    { "PWD=a=b", "PWD=<a=b>", NULL, NULL },
    { "DbUser=;DB=d", "DbUser=<>|DB=<d>", NULL, NULL },
    { "UID=a;User=b;LogonID=c;uid=d", "UID=<a>", NULL, NULL },
    { "Foo=1;foo=2;Bar=3", "Foo=<1>|Bar=<3>", NULL, NULL },
    { "User AutoCreate=1", "User AutoCreate=<1>", NULL, NULL },
    { "DSN=d;DRIVER=x;UID=u", "DSN=<d>|UID=<u>", NULL, NULL },
    { "Driver={x y};DSN=d", "Driver=<x y>", NULL, NULL },
    { "DSN=;Driver=x", "Driver=<x>", NULL, NULL },
    { "FILEDSN=f;SaveFile=g;UID=u", "UID=<u>", NULL, NULL },
    { "UID=u;rubbish;DB=d", "UID=<u>|DB=<d>", "part 2 of the connection string is not key=value",
      NULL },
    { "=x;DB=d", "DB=<d>", "part 1 of the connection string is not key=value", NULL },
    { "=;DB=d", "DB=<d>", "part 1 of the connection string is not key=value", NULL },
    { "DB=d;x", "DB=<d>", "part 2 of the connection string is not key=value", NULL },
    { "PWD={abc", NULL, NULL, "HY000" },
    { "PWD={abc}}", NULL, NULL, "HY000" },
    { "PWD={abc;Server=h", NULL, NULL, "HY000" },
    { "PWD={abc}d;Server=h", NULL, NULL, "HY000" },
    { "jdbc:redshift:iam://c:us-west-2/dev?AccessKeyID=a;PWD=b",
      "Url=<jdbc:redshift:iam://c:us-west-2/dev?AccessKeyID=a;PWD=b>", NULL, NULL },
    { " JDBC:redshift://h/dev ", "Url=<JDBC:redshift://h/dev>", NULL, NULL },
    { "Url={jdbc:redshift://h/dev?a=b;c=d};UID=u", "Url=<jdbc:redshift://h/dev?a=b;c=d>|UID=<u>",
      NULL, NULL },
    { ";;=;jdbc:=D", NULL, NULL, "HY000" },
    { "UID=u;jdbc:redshift://h/dev", NULL, NULL, "HY000" },
};

static void show(const struct rs_connstr *list, struct rs_buf *out)
{
    for (size_t i = 0; i < list->n; i++)
        rs_buf_addf(out, "%s%s=<%s>", i == 0 ? "" : "|", list->pair[i].key,
                    rs_secret_reveal(&list->pair[i].value));
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_connstr list = { 0 };
        struct rs_diag diag = { 0 };
        struct rs_buf got = RS_BUF_INIT(4096);
        bool ok = rs_connstr_parse(rs_str_of(cases[i].text), &list, &diag);

        if (ok != (cases[i].state == NULL))
            fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
        if (ok) {
            show(&list, &got);
            assert_string_equal(got.p == NULL ? "" : got.p, cases[i].want);
            assert_int_equal(diag.n, cases[i].warning != NULL ? 1 : 0);
        } else {
            assert_string_equal(rs_state_text(rs_diag_state(&diag), false), cases[i].state);
            assert_null(strstr(rs_diag_first(&diag), "abc")); /* no value in a message */
        }
        if (cases[i].warning != NULL) {
            assert_string_equal(rs_diag_get(&diag, 0)->text, cases[i].warning);
            assert_int_equal(rs_diag_get(&diag, 0)->state, RS_01S00);
        }
        rs_buf_clear(&got);
        rs_connstr_clear(&list);
        rs_diag_clear(&diag);
    }
}

static void test_nul(void **state)
{
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_connstr_parse((struct rs_str){ "UID=u\0", 6 }, &list, &diag));
    assert_string_equal(rs_secret_reveal(&list.pair[0].value), "u");
    rs_connstr_clear(&list);
    assert_false(rs_connstr_parse((struct rs_str){ "UID=u\0v", 7 }, &list, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_connstr_clear(&list);
    rs_diag_clear(&diag);
}

static void test_too_many(void **state)
{
    struct rs_buf text = RS_BUF_INIT(100000);
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    for (int i = 0; i < 2000; i++)
        rs_buf_addf(&text, "k%d=v;", i);
    assert_false(rs_connstr_parse(rs_buf_str(&text), &list, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_connstr_clear(&list);
    rs_diag_clear(&diag);
    rs_buf_clear(&text);
}

/* Browsing: what was said earlier stands. */
static void test_append(void **state)
{
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_buf got = RS_BUF_INIT(4096);

    (void)state;
    assert_true(rs_connstr_parse(RS_STR("Driver=x;UID=a"), &list, &diag));
    assert_true(rs_connstr_parse(RS_STR("UID=b;PWD=c;DSN=y"), &list, &diag));
    show(&list, &got);
    assert_string_equal(got.p, "Driver=<x>|UID=<a>|PWD=<c>");
    rs_buf_clear(&got);
    rs_connstr_clear(&list);
}

static const struct {
    const char *text, *dsn, *want;
} outputs[] = {
    { "DSN=x", NULL, "DSN=x" },
    { "uid=u;DSN=x;password={a;b};Foo=1", NULL, "DSN=x;UID=u;PWD={a;b};Foo=1" },
    { "Driver={Redshift ODBC};host=h;db=d", NULL, "DRIVER={Redshift ODBC};Server=h;Database=d" },
    { "driver=x;accesskeyid=A;SSLMODE=require;User AutoCreate=1", NULL,
      "DRIVER={x};AccessKeyID=A;SSLMode=require;AutoCreate=1" },
    { "Driver=x;Pwd={p}}w};Strange Key={ v }", NULL, "DRIVER={x};PWD={p}}w};Strange Key={ v }" },
    { "Server=h", "DEFAULT", "DSN=DEFAULT;Server=h" },
    { "Server=h", NULL, "Server=h" },
    { "Driver=x;UID=a;User=b;rubbish", NULL, "DRIVER={x};UID=a" },
    { "Driver=x;DbUser=", NULL, "DRIVER={x};DbUser=" },
    { "Driver=x;A=[;B=];C={{};D=(;E=);F=,;G=?;H=*;I==;J=!;K=@;L=a b;M={a }", NULL,
      "DRIVER={x};A={[};B={]};C={{};D={(};E={)};F={,};G={?};H={*};I={=};J={!};K={@};L=a b;"
      "M={a }" },
};

static void test_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(outputs); i++) {
        struct rs_connstr list = { 0 };
        struct rs_diag diag = { 0 };
        struct rs_buf got = RS_BUF_WIPED(4096);
        struct rs_settings set;

        assert_true(rs_settings_init(&set, &diag));
        if (outputs[i].dsn != NULL)
            assert_true(
                rs_settings_put(&set, RS_KEY_dsn, rs_str_of(outputs[i].dsn), RS_LAYER_DSN, &diag));
        /* a secret from elsewhere never shows */
        assert_true(
            rs_settings_put(&set, RS_KEY_secret_access_key, RS_STR("canary"), RS_LAYER_DSN, &diag));
        assert_true(rs_connstr_parse(rs_str_of(outputs[i].text), &list, &diag));
        rs_connstr_output(&list, &set, &got);
        assert_string_equal(got.p, outputs[i].want);
        rs_buf_clear(&got);
        rs_connstr_clear(&list);
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
}

static void expect_same(const struct rs_connstr *a, const struct rs_connstr *b, const char *text)
{
    if (a->n != b->n)
        fail_msg("%zu pairs, read back %zu: %s", a->n, b->n, text);
    for (size_t i = 0; i < a->n; i++) {
        const struct rs_connstr_pair *other = &b->pair[i];

        if (a->pair[i].id != other->id || !rs_secret_equal(&a->pair[i].value, &other->value))
            fail_msg("pair %zu differs: %s", i, text);
        if (other->id == RS_KEY_NONE)
            assert_string_equal(a->pair[i].key, other->key);
    }
}

/* Random pairs, hostile characters: composing and parsing gives the same pairs. */
static void test_round_trip(void **state)
{
    static const char alphabet[] = "aB1 \t{}}};=[](),?*!@\"'\\\r\n\xC3\xA4";
    static const char *const names[] = { "Driver", "Server", "UID",    "PWD",  "Foo",
                                         "DbUser", "IAM",    "ba r.x", "Url_2" };

    (void)state;
    srand(7);
    for (int round = 0; round < 5000; round++) {
        struct rs_connstr made = { 0 }, back = { 0 };
        struct rs_settings none = { 0 };
        struct rs_diag diag = { 0 };
        struct rs_buf text = RS_BUF_WIPED(65536);

        for (size_t i = 0; i < RS_COUNT(names); i++) {
            char value[12];
            size_t n = (size_t)rand() % sizeof value;

            for (size_t k = 0; k < n; k++)
                value[k] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
            if (i == 0 && n == 0)
                value[n++] = 'x';
            if (i == 0 || rand() % 2 == 0)
                assert_true(
                    rs_connstr_add(&made, rs_str_of(names[i]), (struct rs_str){ value, n }, &diag));
        }
        rs_connstr_output(&made, &none, &text);
        if (!rs_connstr_parse(rs_buf_str(&text), &back, &diag))
            fail_msg("%s: %s", rs_diag_first(&diag), text.p);
        assert_int_equal(diag.n, 0);
        expect_same(&made, &back, text.p);
        rs_buf_clear(&text);
        rs_connstr_clear(&made);
        rs_connstr_clear(&back);
    }
}

static bool parse_once(void *ctx)
{
    struct rs_connstr list = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_settings none = { 0 };
    struct rs_buf text = RS_BUF_WIPED(4096);
    bool ok = rs_connstr_parse(rs_str_of(ctx), &list, &diag);

    if (ok) {
        rs_connstr_output(&list, &none, &text);
        ok = rs_buf_ok(&text, &diag);
    }
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_buf_clear(&text);
    rs_connstr_clear(&list);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    static char text[] = "Driver=x;A=1;B={b}}b};C=3;D=4;E=5;F=6;G=7;H=8;I=9;J=1;K=2;L=3;M=4;N=5;"
                         "O=6;P=7;Q=8;R=9";

    (void)state;
    rs_test_oom(parse_once, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_nul),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_append),
        cmocka_unit_test(test_output),   cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
