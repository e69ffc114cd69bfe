/* A statement that is one call; odbc/callform.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "odbc/callform.h"

static struct rs_callform find(const char *text)
{
    struct rs_callform form = { .n = 0 };
    struct rs_diag diag = { 0 };

    assert_true(rs_callform_find(rs_str_of(text), false, &form, &diag));
    assert_int_equal(diag.n, 0);
    return form;
}

/* use: a letter an argument, s sent, n NULL, - left out; markers sent are numbered anew. */
static const struct {
    const char *text, *use, *want;
} rewrites[] = {
    { "CALL p($1, $2, $3)", "sss", "CALL p($1, $2, $3)" },
    { "CALL p($1, $2, $3)", "sns", "CALL p($1, NULL, $2)" },
    { "CALL p($1, $2, $3)", "-s-", "CALL p($1)" },
    { "call s.\"P, (\" ( $1 , 'a,$1' ) ;", "-s", "call s.\"P, (\"('a,$1')" },
    { "select f($2 + $3, g($4, [$5]))", "ss", "select f($1 + $2, g($3, [$4]))" },
    { " CALL p ( /* one */ $1 -- two\n , $2)", "ns", "CALL p(NULL, $1)" },
    { "CALL p()", "", "CALL p()" },
    { "CALL p($tag$ $1,$tag$, $1)", "s-", "CALL p($tag$ $1,$tag$)" },
};

static void number_anew(const struct rs_callform *form, const char *use, unsigned char *used,
                        uint16_t *number)
{
    uint16_t next = 0;

    /* Every marker that is no argument of its own is sent. */
    for (size_t marker = 1; marker <= 5; marker++) {
        bool is_sent = rs_str_find_nocase(form->verb, RS_STR("select")) < 0 || marker > 1;

        for (size_t i = 0; i < form->n; i++)
            is_sent = is_sent && (form->arg[i].marker != marker || use[i] == 's');
        number[marker - 1] = is_sent ? ++next : 0;
    }
    for (size_t i = 0; i < form->n; i++)
        used[i] = use[i] == 's' ? RS_ARG_SENT : use[i] == 'n' ? RS_ARG_NULL : RS_ARG_LEFT_OUT;
}

static void rewrites_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(rewrites); i++) {
        struct rs_callform form = find(rewrites[i].text);
        struct rs_buf out = RS_BUF_INIT(1000);
        unsigned char use[8];
        uint16_t number[8];

        assert_true(form.is_found);
        assert_int_equal(form.n, strlen(rewrites[i].use));
        number_anew(&form, rewrites[i].use, use, number);
        rs_callform_write(&form, use, number, false, &out);
        assert_string_equal(out.p, rewrites[i].want);
        rs_buf_clear(&out);
        rs_callform_clear(&form);
    }
}

static void knows_what_is_no_call(void **state)
{
    static const char *const texts[] = { "",
                                         "CALL",
                                         "CALL p",
                                         "CALL ()",
                                         "CALL p(",
                                         "CALL p(1,",
                                         "CALL p(1,)",
                                         "CALL p(,1)",
                                         "CALL p(1) + 1",
                                         "CALL p(1); CALL q(2)",
                                         "SELECT 1",
                                         "SELECT f(1) FROM t",
                                         "INSERT INTO t VALUES (1)",
                                         "CALL 'p'(1)",
                                         "CALL p(1;2)" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(texts); i++) {
        struct rs_callform form = find(texts[i]);

        if (form.is_found)
            fail_msg("\"%s\" is taken for a call", texts[i]);
        rs_callform_clear(&form);
    }
}

static const struct {
    const char *name, *schema, *last; /* last NULL: no such name */
} names[] = {
    { "p", "", "p" },
    { "Schema.Proc", "schema", "proc" },
    { "db . \"Odd\"\"S\" . \"a.B\"", "Odd\"S", "a.B" },
    { "a.b.c.d", "", NULL },
    { "a.", "", NULL },
    { ".a", "", NULL },
    { "a b", "", NULL },
};

static void takes_names_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++) {
        struct rs_buf schema = RS_BUF_INIT(100), last = RS_BUF_INIT(100);
        bool ok = rs_callform_name(rs_str_of(names[i].name), &schema, &last);

        assert_int_equal(ok, names[i].last != NULL);
        if (ok) {
            assert_true(rs_str_eq(rs_buf_str(&schema), rs_str_of(names[i].schema)));
            assert_true(rs_str_eq(rs_buf_str(&last), rs_str_of(names[i].last)));
        }
        rs_buf_clear(&schema);
        rs_buf_clear(&last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewrites_calls),
        cmocka_unit_test(knows_what_is_no_call),
        cmocka_unit_test(takes_names_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
