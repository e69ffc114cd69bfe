/* INSERT of one tuple: recognised, and written with many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "odbc/multirow.h"
#include "odbc/sqlscan.h"
#include "oom.h"
#include "os.h"

/* The text as the scanner writes it; want: with two tuples, or NULL when it is left alone. */
static void check(const char *text, bool backslash, const char *want)
{
    struct rs_diag diag = { .n = 0 };
    struct rs_sql sql = { .text = NULL };
    struct rs_sql_rules rules = { backslash };
    struct rs_multirow shape;
    struct rs_buf out = RS_BUF_INIT(100000);

    assert_true(rs_sql_scan(rs_str_of(text), rules, &sql, &diag));
    assert_true(rs_multirow_find((struct rs_str){ sql.text, sql.len }, backslash, sql.n_markers,
                                 &shape, &diag));
    if ((shape.n_markers > 0) != (want != NULL))
        fail_msg("%s is%s of the shape", text, want == NULL ? "" : " not");
    if (want != NULL) {
        rs_multirow_write((struct rs_str){ sql.text, sql.len }, &shape, 2, &out);
        assert_string_equal(out.p, want);
    }
    rs_buf_clear(&out);
    rs_multirow_clear(&shape);
    rs_sql_clear(&sql);
    rs_diag_clear(&diag);
}

static void recognises(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "INSERT INTO t VALUES (?)", "INSERT INTO t VALUES ($1),($2)" },
        { "insert into a.\"B c\" (x, \"Y\") values(?,?) ;;-- end",
          "insert into a.\"B c\" (x, \"Y\") values($1,$2),($3,$4) ;;-- end" },
        { "INSERT INTO t VALUES (1, 'it''s (?)', ?, NULL, DEFAULT, now())",
          "INSERT INTO t VALUES (1, 'it''s (?)', $1, NULL, DEFAULT, now()),"
          "(1, 'it''s (?)', $2, NULL, DEFAULT, now())" },
        { "/* a ( */ INSERT INTO t VALUES (? -- )\n, ?)",
          "/* a ( */ INSERT INTO t VALUES ($1 -- )\n, $2),($3 -- )\n, $4)" },
        { "INSERT INTO t VALUES (CAST(? AS numeric(10,2)), ?::varchar(3), -(? + 1), $$)$$)",
          "INSERT INTO t VALUES (CAST($1 AS numeric(10,2)), $2::varchar(3), -($3 + 1), $$)$$),"
          "(CAST($4 AS numeric(10,2)), $5::varchar(3), -($6 + 1), $$)$$)" },
        { "INSERT INTO t VALUES (case when ? in (1, 2) then upper(?) end)",
          "INSERT INTO t VALUES (case when $1 in (1, 2) then upper($2) end),"
          "(case when $3 in (1, 2) then upper($4) end)" },
        { "INSERT INTO t VALUES (?,?,?,?,?,?)",
          "INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6),($7,$8,$9,$10,$11,$12)" },
        /* other shapes, and what could mean something else */
        { "INSERT INTO t VALUES (1)", NULL },
        { "INSERT INTO t VALUES (?), (?)", NULL },
        { "INSERT INTO t SELECT ?", NULL },
        { "INSERT INTO t VALUES ((SELECT ?))", NULL },
        { "INSERT INTO t VALUES (? IN (VALUES (1)))", NULL },
        { "INSERT INTO t VALUES (?) RETURNING a", NULL },
        { "INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING", NULL },
        { "INSERT INTO t VALUES (generate_series(1, ?))", NULL },
        { "INSERT INTO t VALUES (s.now(), ?)", NULL },
        { "INSERT INTO t VALUES (\"now\"(), ?)", NULL },
        { "INSERT INTO t VALUES (unheard_of(?))", NULL },
        { "INSERT INTO t VALUES (? (1))", NULL },
        { "INSERT INTO t (a[?]) VALUES (1)", NULL },
        { "INSERT INTO t AS x VALUES (?)", NULL },
        { "WITH x AS (SELECT 1) INSERT INTO t VALUES (?)", NULL },
        { "INSERT INTO t VALUES (?); DELETE FROM t", NULL },
        { "INSERT INTO t VALUES (?", NULL },
        { "INSERT INTO t VALUES (?, 'x)", NULL },
        { "INSERT INTO t VALUES (?) /* x", "INSERT INTO t VALUES ($1),($2) /* x" },
        { "INSERT INTO t VALUES ?", NULL },
        { "INSERT INTO t DEFAULT VALUES", NULL },
        { "INSERT INTO t () VALUES (?)", NULL },
        { "INSERT INTO VALUES (?)", NULL },
        { "INSERT INTO t VALUES ($2, ?)", NULL }, /* the application's own numbers */
        { "INSERT INTO t VALUES ($1, ?)", NULL },
        { "INSERT INTO t VALUES (?x)", NULL },
        { "INSERT INTO t VALUES (?;)", NULL },
        { "UPDATE t SET a = ?", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        check(cases[i].text, false, cases[i].want);
    check("INSERT INTO t VALUES ('\\'', ?)", true, "INSERT INTO t VALUES ('\\'', $1),('\\'', $2)");
    check("INSERT INTO t VALUES ('\\'', ?)", false, NULL);
}

static size_t most_of(const char *text, size_t n_markers, size_t wanted)
{
    struct rs_diag diag = { .n = 0 };
    struct rs_multirow shape;
    size_t most;

    assert_true(rs_multirow_find(rs_str_of(text), false, n_markers, &shape, &diag));
    assert_true(shape.n_markers == n_markers);
    most = rs_multirow_most(rs_str_of(text), &shape, wanted);
    rs_multirow_clear(&shape);
    return most;
}

static void keeps_within_the_limits(void **state)
{
    enum { LONG = 8 * 1024 * 1024 };
    struct rs_buf text = RS_BUF_INIT(3 * LONG);

    (void)state;
    assert_int_equal(most_of("insert into t values ($1)", 1, 1000), 1000);
    assert_int_equal(most_of("insert into t values ($1)", 1, 32767), 32767);
    assert_int_equal(most_of("insert into t values ($1,$2)", 2, 32767), 16383);
    /* text of 15 MB */
    rs_buf_adds(&text, "insert into t values ($1,'");
    for (int i = 0; i < 15 * 1024; i++)
        rs_buf_addc(&text, 'x');
    rs_buf_adds(&text, "')");
    assert_in_range(most_of(text.p, 1, 32767), 1000, 1024);
    for (int i = 0; i < 2; i++) {
        /* one tuple is too long already, in the tuple and beside it */
        rs_buf_truncate(&text, 0);
        rs_buf_adds(&text, i == 0 ? "insert into t values ($1,'" : "insert into t values ($1)--");
        for (int k = 0; k < 2 * LONG; k++)
            rs_buf_addc(&text, 'x');
        if (i == 0)
            rs_buf_adds(&text, "')");
        assert_int_equal(most_of(text.p, 1, 1000), 1);
    }
    rs_buf_clear(&text);
}

/* With the most tuples that fit the numbers are right to the last one. */
static void numbers_to_the_end(void **state)
{
    struct rs_str sql = RS_STR("insert into t values ($1, $2, $3) ");
    struct rs_diag diag = { .n = 0 };
    struct rs_multirow shape;
    struct rs_buf out = RS_BUF_INIT(1 << 20);
    size_t most;

    (void)state;
    assert_true(rs_multirow_find(sql, false, 3, &shape, &diag));
    most = rs_multirow_most(sql, &shape, 100000);
    assert_int_equal(most, 32767 / 3);
    rs_multirow_write(sql, &shape, most, &out);
    assert_true(rs_str_ends_nocase(rs_buf_str(&out), RS_STR(",($32764, $32765, $32766) ")));
    rs_buf_clear(&out);
    rs_multirow_clear(&shape);
}

static bool find_once(void *ctx)
{
    struct rs_diag diag = { .n = 0 };
    struct rs_multirow shape;
    bool ok = rs_multirow_find(RS_STR("insert into t values ($1)"), false, 1, &shape, &diag);

    (void)ctx;
    if (ok)
        rs_multirow_clear(&shape);
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    return ok;
}

static void survives_want_of_memory(void **state)
{
    (void)state;
    rs_test_oom(find_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognises),
        cmocka_unit_test(keeps_within_the_limits),
        cmocka_unit_test(numbers_to_the_end),
        cmocka_unit_test(survives_want_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
