/* Escapes in the servers' words; odbc.md 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "odbc/escape.h"
#include "oom.h"
#include "os.h"

static struct rs_escape_rules rules_of(bool is_redshift)
{
    return (struct rs_escape_rules){ .backslash_escapes = is_redshift, .is_redshift = is_redshift };
}

/* The text comes as an exact copy, so that a read past its end is seen. */
static struct rs_sql scan(const char *text, struct rs_escape_rules rules)
{
    size_t n = strlen(text);
    char *copy = malloc(n > 0 ? n : 1);
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };

    memcpy(copy, text, n);
    if (!rs_escape_scan((struct rs_str){ copy, n }, rules, &sql, &diag))
        fail_msg("%s: %s", text, rs_diag_first(&diag));
    free(copy);
    return sql;
}

/* clang-format off */
static const struct {
    const char *text;
    const char *redshift;
    const char *postgres; /* NULL: the same */
    size_t n;
} rows[] = {
    /* literals */
    { "select {d '2024-02-29'}", "select CAST('2024-02-29' AS DATE)", NULL, 0 },
    { "{ D  '2024-02-29' }", "CAST('2024-02-29' AS DATE)", NULL, 0 },
    { "{t '12:30:00'}", "CAST('12:30:00' AS TIME)", NULL, 0 },
    { "{ts'2024-02-29 12:30:00.5'}", "CAST('2024-02-29 12:30:00.5' AS TIMESTAMP)", NULL, 0 },
    { "{guid 'a-b'}", "'a-b'", "CAST('a-b' AS UUID)", 0 },
    { "{d 'a\\''b'}", "CAST('a\\\\''b' AS DATE)", "CAST('a\\''b' AS DATE)", 0 },
    { "a like ? {escape '\\'} and b = ?", "a like $1 ESCAPE '\\\\' and b = $2",
      "a like $1 ESCAPE '\\' and b = $2", 2 },
    { "{escape '\\\\'}", "ESCAPE '\\\\'", "ESCAPE '\\'", 0 },
    { "{escape '!'}", "ESCAPE '!'", NULL, 0 },
    /* intervals */
    { "{interval '1-2' year to month}", "INTERVAL '1-2' year to month", NULL, 0 },
    { "{interval -'1-2' year(4) to month}", "INTERVAL '-1-2' year to month", NULL, 0 },
    { "{interval - '-3' day}", "INTERVAL '3' day", NULL, 0 },
    { "{INTERVAL + '3.5' SECOND(2, 1)}", "INTERVAL '3.5' SECOND", NULL, 0 },
    { "{interval '1 2' day(3) to second(6)}", "INTERVAL '1 2' day to second(6)", NULL, 0 },
    /* joins and procedures */
    { "select * from {oj a left outer join b on a.x = {fn abs(?)}} where ?",
      "select * from a left outer join b on a.x = ABS($1) where $2", NULL, 2 },
    { "{call p(?, {d '2024-01-01'})}", "CALL p($1, CAST('2024-01-01' AS DATE))", NULL, 1 },
    { "{ call s.p }", "CALL s.p()", NULL, 0 },
    /* functions */
    { "{fn ucase('a')} || '{fn ucase(x)}'", "UPPER('a') || '{fn ucase(x)}'", NULL, 0 },
    { "{fn concat({fn lcase(a)}, 'b,)')}", "(LOWER(a) || 'b,)')", NULL, 0 },
    { "{fn locate(?, ?)}, ?", "STRPOS(CAST($2 AS VARCHAR), CAST($1 AS VARCHAR)), $3", NULL, 3 },
    { "{fn locate('a', b, 2)}",
      "CASE WHEN STRPOS(SUBSTRING(b, 2), 'a') = 0 THEN 0 "
      "ELSE STRPOS(SUBSTRING(b, 2), 'a') + (2) - 1 END", NULL, 0 },
    { "{fn insert(a, ?, 2, b)}",
      "(SUBSTRING(a, 1, (CAST($1 AS INTEGER)) - 1) || b || "
      "SUBSTRING(a, (CAST($1 AS INTEGER)) + (2)))", NULL, 1 },
    { "{fn round(a, 2)}", "ROUND(a, 2)", "ROUND(CAST(a AS NUMERIC), 2)", 0 },
    { "{fn truncate(a, 2)}", "TRUNC(a, 2)", "TRUNC(CAST(a AS NUMERIC), 2)", 0 },
    { "{fn log(2)} {fn log10(2)}", "LN(2) LOG(2)", NULL, 0 },
    { "{fn pi()}{fn rand()}{fn rand(7)}", "PI()RANDOM()RANDOM()", NULL, 0 },
    { "{fn position('a' in b)}", "POSITION('a' in b)", NULL, 0 },
    { "{fn extract(year from {d '2024-01-01'})}",
      "EXTRACT(year from CAST('2024-01-01' AS DATE))", NULL, 0 },
    { "{fn soundex(a)}", "SOUNDEX(a)", "soundex(a)", 0 },
    { "{fn curdate()}", "CURRENT_DATE", NULL, 0 },
    { "{fn curtime()}", "CAST(GETDATE() AS TIME)", "LOCALTIME(0)", 0 },
    { "{fn now()}", "GETDATE()", "LOCALTIMESTAMP", 0 },
    { "{fn current_timestamp(6)}", "SYSDATE", "LOCALTIMESTAMP", 0 },
    { "{fn current_timestamp(0)}", "GETDATE()", "LOCALTIMESTAMP", 0 },
    { "{fn dayofweek(?)}", "(CAST(EXTRACT(DOW FROM CAST($1 AS TIMESTAMP)) AS INTEGER) + 1)", NULL, 1 },
    { "{fn timestampadd(SQL_TSI_QUARTER, ?, ?)}",
      "DATEADD('quarter', CAST($1 AS INTEGER), CAST($2 AS TIMESTAMP))",
      "(CAST($2 AS TIMESTAMP) + CAST($1 AS INTEGER) * INTERVAL '3 month')", 2 },
    { "{fn timestampadd(sql_tsi_frac_second, n, a)}",
      "DATEADD('microsecond', CAST((n) / 1000 AS INTEGER), a)",
      "(CAST(a AS TIMESTAMP) + CAST((n) / 1000 AS INTEGER) * INTERVAL '1 microsecond')", 0 },
    { "{fn timestampdiff(SQL_TSI_DAY, a, b)}", "DATEDIFF('day', a, b)",
      "CAST(EXTRACT(EPOCH FROM DATE_TRUNC('day', CAST(b AS TIMESTAMP)) - "
      "DATE_TRUNC('day', CAST(a AS TIMESTAMP))) / 86400 AS BIGINT)", 0 },
    { "{fn timestampdiff(SQL_TSI_EON, a, {fn now()})}", "timestampdiff(SQL_TSI_EON, a, GETDATE())",
      "timestampdiff(SQL_TSI_EON, a, LOCALTIMESTAMP)", 0 },
    { "{fn user()} {fn database()} {fn ifnull(?, 1)}",
      "CURRENT_USER CURRENT_DATABASE() COALESCE($1, 1)", NULL, 1 },
    { "{fn convert(?, SQL_DECIMAL)}", "CAST($1 AS NUMERIC(38,18))", "CAST($1 AS NUMERIC)", 1 },
    { "{fn convert(?, SQL_WCHAR)}", "CAST($1 AS VARCHAR(65535))", "CAST($1 AS VARCHAR)", 1 },
    { "{fn convert(?, SQL_LONGVARCHAR)}", "CAST($1 AS VARCHAR(65535))",
      "CAST($1 AS VARCHAR(10485760))", 1 },
    { "{fn convert(?, SQL_GUID)}", "CAST($1 AS VARCHAR(36))", "CAST($1 AS UUID)", 1 },
    { "{fn convert(a, SQL_VARBINARY)}", "CAST(a AS VARBYTE)", "CAST(a AS BYTEA)", 0 },
    { "{fn convert(a, SQL_ODD)}", "convert(a, SQL_ODD)", NULL, 0 },
    { "{fn abs(1 -- one\n)} + 1", "ABS(1  ) + 1", NULL, 0 },
    { "{fn abs(-- one\n1)} + 1", "ABS( \n1) + 1", NULL, 0 },
    { "{fn ascii(a[1, 2])}", "ASCII(a[1, 2])", NULL, 0 },
    /* passed as they are written */
    { "{fn abs(1, 2)}", "abs(1, 2)", NULL, 0 },
    { "{fn mine(?, {fn abs(?)})}", "mine($1, ABS($2))", NULL, 2 },
    { "{fn abs(1) + 2}", "abs(1) + 2", NULL, 0 },
    { "{fn current_date}", "current_date", NULL, 0 },
    { "{odd {d '2024-01-01'} ?} ?", "{odd {d '2024-01-01'} $1} $2", NULL, 2 },
    { "{d 5}", "{d 5}", NULL, 0 },
    { "{interval 5 day}", "{interval 5 day}", NULL, 0 },
    { "{?=odd ?}", "{$1=odd $2}", NULL, 2 },
    { "{call }", "{call }", NULL, 0 },
    { "{fn abs(? {d '2024-01-01'}", "{fn abs($1 {d '2024-01-01'}", NULL, 1 },
    { "a } {fn abs(1)}", "a } ABS(1)", NULL, 0 },
    { "{}{", "{}{", NULL, 0 },
    { "-- {fn abs(1)}\n/* {d '2024-01-01'} */ \"{fn abs(1)}\" $$ {fn abs(1)} $$",
      "-- {fn abs(1)}\n/* {d '2024-01-01'} */ \"{fn abs(1)}\" $$ {fn abs(1)} $$", NULL, 0 },
};
/* clang-format on */

static void rewrites(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * RS_COUNT(rows); i++) {
        bool is_redshift = i % 2 == 0;
        const char *want = is_redshift || rows[i / 2].postgres == NULL ? rows[i / 2].redshift
                                                                       : rows[i / 2].postgres;
        struct rs_sql sql = scan(rows[i / 2].text, rules_of(is_redshift));

        if (strcmp(sql.text, want) != 0 || sql.n_markers != rows[i / 2].n)
            fail_msg("%s:\n%s with %zu, not\n%s", rows[i / 2].text, sql.text, sql.n_markers, want);
        rs_sql_clear(&sql);
    }
}

static void leaves_native_markers(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_buf out = RS_BUF_INIT(1000);

    (void)state;
    assert_true(rs_escape_native(RS_STR("select ?, {fn ucase(?)}"), rules_of(true), &out, &diag));
    assert_string_equal(out.p, "select ?, UPPER(CAST(? AS VARCHAR))");
    rs_buf_clear(&out);
}

static void may_be_off(void **state)
{
    struct rs_sql sql = scan("{d '1'} ?", (struct rs_escape_rules){ .is_off = true });

    (void)state;
    assert_string_equal(sql.text, "{d '1'} $1");
    rs_sql_clear(&sql);
}

static void knows_verbs(void **state)
{
    struct rs_sql sql = scan("{call p}", rules_of(false));

    (void)state;
    assert_int_equal(sql.verb, RS_VERB_CALL);
    rs_sql_clear(&sql);
}

/* The marker of the value is counted, and is not in the text. */
static void numbers_past_the_value(void **state)
{
    static const struct {
        const char *text, *sent;
        size_t n_markers;
    } calls[] = {
        { "{?=call f(?,?)}", "SELECT f($2,$3)", 3 },
        { "{ ? = CALL f }", "SELECT f()", 1 },
        { "/* c */ {?=call s.f({fn UCASE(?)})}; ",
          "/* c */ SELECT s.f(UPPER(CAST($2 AS VARCHAR))); ", 2 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(calls); i++) {
        struct rs_sql sql = scan(calls[i].text, rules_of(false));

        assert_string_equal(sql.text, calls[i].sent);
        assert_int_equal(sql.n_markers, calls[i].n_markers);
        assert_int_equal(sql.verb, RS_VERB_CALL);
        assert_true(sql.returns);
        rs_sql_clear(&sql);
    }
}

/* A value that would never arrive must not seem to. */
static void refuses_returned_values(void **state)
{
    static const char *const texts[] = { "select 1; {?=call f()}", "{?=call f()}; select 1",
                                         "select * from {?=call f()} as t", "{?=call f() + 1}" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(texts); i++) {
        struct rs_buf native = RS_BUF_INIT(1000);
        struct rs_diag diag = { 0 };
        struct rs_sql sql = { 0 };

        assert_false(rs_escape_scan(rs_str_of(texts[i]), rules_of(false), &sql, &diag));
        assert_int_equal(rs_diag_state(&diag), RS_HYC00);
        assert_null(sql.text);
        rs_diag_clear(&diag);
        rs_sql_clear(&sql);
        assert_true(rs_escape_native(rs_str_of(texts[i]), rules_of(false), &native, &diag));
        assert_non_null(strstr(native.p, "SELECT f("));
        rs_buf_clear(&native);
    }
}

/* head, 1, tails; so many times. */
static struct rs_buf nested(size_t depth, const char *head, const char *tail)
{
    struct rs_buf text = RS_BUF_INIT(1000000);

    for (size_t i = 0; i < depth; i++)
        rs_buf_adds(&text, head);
    rs_buf_addc(&text, '1');
    for (size_t i = 0; i < depth; i++)
        rs_buf_adds(&text, tail);
    return text;
}

static void nests(void **state)
{
    struct rs_buf text = nested(64, "{fn abs(", ")}");
    struct rs_sql sql = scan(text.p, rules_of(true));
    struct rs_diag diag = { 0 };

    (void)state;
    assert_null(strchr(sql.text, '{'));
    rs_sql_clear(&sql);
    rs_buf_clear(&text);
    text = nested(65, "{fn abs(", ")}");
    sql = scan(text.p, rules_of(true));
    assert_non_null(strstr(sql.text, "ABS({fn abs(1)})"));
    rs_sql_clear(&sql);
    rs_buf_clear(&text);
    /* What is repeated at each level grows past every limit. */
    text = nested(60, "{fn locate('a', ", ", 1)}");
    assert_false(rs_escape_scan(rs_buf_str(&text), rules_of(true), &sql, &diag));
    assert_string_equal(rs_state_text(rs_diag_get(&diag, 0)->state, false), "HY000");
    assert_int_equal(diag.n_error, 1);
    rs_diag_clear(&diag);
    rs_buf_clear(&text);
}

static void limits_markers(void **state)
{
    struct rs_buf text = RS_BUF_INIT(100000);
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };

    (void)state;
    rs_buf_adds(&text, "{fn abs(1)}");
    for (size_t i = 0; i < 32767; i++)
        rs_buf_addc(&text, '?');
    assert_true(rs_escape_scan(rs_buf_str(&text), rules_of(true), &sql, &diag));
    assert_int_equal(sql.n_markers, 32767);
    rs_sql_clear(&sql);
    rs_buf_addc(&text, '?');
    assert_false(rs_escape_scan(rs_buf_str(&text), rules_of(true), &sql, &diag));
    assert_int_equal(diag.n_error, 1);
    rs_diag_clear(&diag);
    rs_buf_clear(&text);
}

static bool rewrite_once(void *ctx)
{
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };
    bool ok = rs_escape_scan(RS_STR("select {fn concat({fn ucase(?)}, {fn timestampdiff("
                                    "SQL_TSI_FRAC_SECOND, {ts '2024-01-01 00:00:00'}, ?)})}"),
                             rules_of(false), &sql, &diag);

    (void)ctx;
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    assert_true(ok == (sql.text != NULL));
    rs_sql_clear(&sql);
    rs_diag_clear(&diag);
    return ok;
}

static void survives_no_memory(void **state)
{
    (void)state;
    rs_test_oom(rewrite_once, NULL);
}

/* Every bit ODBC has, but for what PostgreSQL lacks. */
static void tells_masks(void **state)
{
    (void)state;
    assert_int_equal(rs_escape_mask(RS_ESCAPE_STRING, true), 0xFFFFFF);
    assert_int_equal(rs_escape_mask(RS_ESCAPE_STRING, false), 0xFFFFFF & ~0x28000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rs_escape_mask(RS_ESCAPE_NUMERIC, i), 0xFFFFFF);
        assert_int_equal(rs_escape_mask(RS_ESCAPE_TIMEDATE, i), 0x1FFFFF);
        assert_int_equal(rs_escape_mask(RS_ESCAPE_SYSTEM, i), 7);
        assert_int_equal(rs_escape_mask(RS_ESCAPE_CONVERT, i), 1);
        assert_int_equal(rs_escape_mask(RS_ESCAPE_UNITS, i), 0x1FF);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewrites),
        cmocka_unit_test(leaves_native_markers),
        cmocka_unit_test(may_be_off),
        cmocka_unit_test(knows_verbs),
        cmocka_unit_test(numbers_past_the_value),
        cmocka_unit_test(refuses_returned_values),
        cmocka_unit_test(nests),
        cmocka_unit_test(limits_markers),
        cmocka_unit_test(survives_no_memory),
        cmocka_unit_test(tells_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
