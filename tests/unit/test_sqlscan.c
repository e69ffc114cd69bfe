/* The scanner: what is a marker, what is a statement, what it does; redshift.md 9.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "odbc/sqlscan.h"
#include "oom.h"
#include "os.h"

static struct rs_sql scan(const char *text, bool backslash)
{
    size_t n = strlen(text);
    char *copy = malloc(n > 0 ? n : 1); /* exact: a read past the end is seen */
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };

    memcpy(copy, text, n);
    if (!rs_sql_scan((struct rs_str){ copy, n }, (struct rs_sql_rules){ backslash }, &sql, &diag))
        fail_msg("%s: %s", text, rs_diag_first(&diag));
    assert_int_equal(strlen(sql.text), sql.len);
    free(copy);
    return sql;
}

static void markers(void **state)
{
    static const struct {
        const char *text, *want;
        size_t n;
        bool backslash;
    } rows[] = {
        { "select ?", "select $1", 1, false },
        { "select ?,?", "select $1,$2", 2, false },
        { "?", "$1", 1, false },
        { "select '?'", "select '?'", 0, false },
        { "select 'it''s ?', ?", "select 'it''s ?', $1", 1, false },
        { "select '\\', ?", "select '\\', $1", 1, false },
        { "select '\\'?', ?", "select '\\'?', $1", 1, true },
        { "select '\\\\', ?", "select '\\\\', $1", 1, true },
        { "select E'\\'?', ?", "select E'\\'?', $1", 1, false },
        { "select e'\\'?', ?", "select e'\\'?', $1", 1, false },
        { "select me'\\', ?", "select me'\\', $1", 1, false },
        { "select \"?\", ?", "select \"?\", $1", 1, false },
        { "select \"a\"\"?\", ?", "select \"a\"\"?\", $1", 1, false },
        { "select \"\\\", ?", "select \"\\\", $1", 1, true },
        { "select -- ? '\n ?", "select -- ? '\n $1", 1, false },
        { "select 1 - -?", "select 1 - -$1", 1, false },
        { "select /* ? */ ?", "select /* ? */ $1", 1, false },
        { "select /* /* ? */ ? */ ?", "select /* /* ? */ ? */ $1", 1, false },
        { "select /* ' */ ?", "select /* ' */ $1", 1, false },
        { "select $$?$$, ?", "select $$?$$, $1", 1, false },
        { "select $a$ ? $b$ ? $a$, ?", "select $a$ ? $b$ ? $a$, $1", 1, false },
        { "select $1, ?", "select $1, $1", 1, false },
        { "select a$b$?", "select a$b$$1", 1, false },
        { "select x::int, :name, ?", "select x::int, :name, $1", 1, false },
        { "select 1?", "select 1$1", 1, false },
        { "select a?", "select a$1", 1, false },
        { "select 1e5, 0x1F, 1.5, ?", "select 1e5, 0x1F, 1.5, $1", 1, false },
        /* unterminated: as it is */
        { "select '?", "select '?", 0, false },
        { "select \"?", "select \"?", 0, false },
        { "select /* ?", "select /* ?", 0, false },
        { "select $$?", "select $$?", 0, false },
        { "select '\\", "select '\\", 0, true },
        { "select $", "select $", 0, false },
        { "select \xC3\xA4?", "select \xC3\xA4$1", 1, false },
        { "", "", 0, false },
        { "  ", "  ", 0, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_sql sql = scan(rows[i].text, rows[i].backslash);

        assert_string_equal(sql.text, rows[i].want);
        assert_int_equal(sql.n_markers, rows[i].n);
        rs_sql_clear(&sql);
    }
}

static void statements(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        { "", 0 },
        { " ; ; ", 0 },
        { "-- only\n/* comments */", 0 },
        { "select 1", 1 },
        { "select 1;", 1 },
        { "select 1; -- end", 1 },
        { "select 1; select 2", 2 },
        { ";;select 1;;select 2;;", 2 },
        { "select ';'; select $$;$$; select \";\"", 3 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_sql sql = scan(rows[i].text, false);

        if (sql.n_statements != rows[i].n)
            fail_msg("%s: %zu", rows[i].text, sql.n_statements);
        rs_sql_clear(&sql);
    }
}

static void verbs(void **state)
{
    static const struct {
        const char *text, *name;
        int32_t code;
        enum rs_verb verb;
    } rows[] = {
        { "", "", 0, RS_VERB_NONE },
        { "-- x", "", 0, RS_VERB_NONE },
        { "select 1", "SELECT CURSOR", 85, RS_VERB_SELECT },
        { " /* a */ SELECT 1", "SELECT CURSOR", 85, RS_VERB_SELECT },
        { "(select 1) union (select 2)", "SELECT CURSOR", 85, RS_VERB_SELECT },
        { "values (1)", "SELECT CURSOR", 85, RS_VERB_SELECT },
        { "insert into t values (1); select 1", "INSERT", 50, RS_VERB_INSERT },
        { "update t set a=1", "UPDATE WHERE", 82, RS_VERB_UPDATE },
        { "DELETE FROM t", "DELETE WHERE", 19, RS_VERB_DELETE },
        { "call p(1)", "CALL", 7, RS_VERB_CALL },
        { "declare c cursor for select 1", "", 0, RS_VERB_DECLARE },
        { "{? = call p(1)}", "CALL", 7, RS_VERB_CALL },
        { "create table t (a int)", "CREATE TABLE", 77, RS_VERB_CREATE_TABLE },
        { "create temp table t (a int)", "CREATE TABLE", 77, RS_VERB_CREATE_TABLE },
        { "create or replace view v as select 1", "CREATE VIEW", 84, RS_VERB_CREATE_VIEW },
        { "create materialized view v as select 1", "CREATE VIEW", 84, RS_VERB_CREATE_VIEW },
        { "create external schema s", "CREATE SCHEMA", 64, RS_VERB_CREATE_SCHEMA },
        { "create unique index i on t (a)", "CREATE INDEX", -1, RS_VERB_CREATE_INDEX },
        { "create function f()", "", 0, RS_VERB_OTHER },
        { "create \"table\"", "", 0, RS_VERB_OTHER },
        { "alter table t add b int", "ALTER TABLE", 4, RS_VERB_ALTER_TABLE },
        { "drop table t", "DROP TABLE", 32, RS_VERB_DROP_TABLE },
        { "drop view v", "DROP VIEW", 36, RS_VERB_DROP_VIEW },
        { "drop schema s", "DROP SCHEMA", 31, RS_VERB_DROP_SCHEMA },
        { "drop index i", "DROP INDEX", -2, RS_VERB_DROP_INDEX },
        { "grant all on t to u", "GRANT", 48, RS_VERB_GRANT },
        { "revoke all on t from u", "REVOKE", 59, RS_VERB_REVOKE },
        { "begin", "", 0, RS_VERB_BEGIN },
        { "start transaction", "", 0, RS_VERB_BEGIN },
        { "commit work", "", 0, RS_VERB_COMMIT },
        { "end", "", 0, RS_VERB_COMMIT },
        { "rollback", "", 0, RS_VERB_ROLLBACK },
        { "abort", "", 0, RS_VERB_ROLLBACK },
        { "show tables", "", 0, RS_VERB_OTHER },
        { "selection", "", 0, RS_VERB_OTHER },
        { "with a as (select 1) select * from a", "SELECT CURSOR", 85, RS_VERB_SELECT },
        { "with a as (select 1) insert into t select * from a", "INSERT", 50, RS_VERB_INSERT },
        { "with recursive a(n) as (select 1), b as (delete from c) update t set a=1",
          "UPDATE WHERE", 82, RS_VERB_UPDATE },
        { "with a as (select ')') delete from t", "DELETE WHERE", 19, RS_VERB_DELETE },
        { "?", "", 0, RS_VERB_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_sql sql = scan(rows[i].text, false);

        if (sql.verb != rows[i].verb)
            fail_msg("%s: %d", rows[i].text, sql.verb);
        assert_string_equal(rs_verb_name(sql.verb), rows[i].name);
        assert_int_equal(rs_verb_code(sql.verb), rows[i].code);
        rs_sql_clear(&sql);
    }
}

static void case_setting(void **state)
{
    struct rs_sql sql = scan("SET Enable_Case_Sensitive_Identifier TO true", false);

    (void)state;
    assert_true(sql.names_case_setting);
    rs_sql_clear(&sql);
    sql = scan("set x to y", false);
    assert_false(sql.names_case_setting);
    rs_sql_clear(&sql);
    rs_sql_clear(&sql);
    rs_sql_clear(NULL);
}

/* A text takes the place of one that was forgotten, unless that one was large. */
static void block(void **state)
{
    static char text[70000];
    struct rs_diag diag = { 0 };
    struct rs_sql_rules rules = { false };
    struct rs_sql sql = { 0 };
    const char *first;

    (void)state;
    assert_true(rs_sql_scan(RS_STR("select 1, ?"), rules, &sql, &diag));
    first = sql.text;
    rs_sql_reset(&sql);
    assert_null(sql.text);
    assert_int_equal(sql.len + sql.n_markers + sql.n_statements, 0);
    assert_int_equal(sql.verb, RS_VERB_NONE);
    assert_true(rs_sql_scan(RS_STR("drop table t"), rules, &sql, &diag));
    assert_ptr_equal(sql.text, first);
    assert_string_equal(sql.text, "drop table t");
    assert_int_equal(sql.n_markers, 0);
    memset(text, '?', sizeof text);
    rs_sql_reset(&sql);
    assert_false(rs_sql_scan((struct rs_str){ text, sizeof text }, rules, &sql, &diag));
    assert_null(sql.text);
    assert_null(sql.block);
    rs_diag_clear(&diag);
    memset(text, ' ', sizeof text);
    assert_true(rs_sql_scan((struct rs_str){ text, sizeof text }, rules, &sql, &diag));
    rs_sql_reset(&sql);
    assert_null(sql.block);
    rs_sql_clear(&sql);
}

/* 32767 markers are the most the protocol counts. */
static void limits(void **state)
{
    static char text[70000], *large;
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };

    (void)state;
    memset(text, '?', sizeof text);
    assert_true(
        rs_sql_scan((struct rs_str){ text, 32767 }, (struct rs_sql_rules){ false }, &sql, &diag));
    assert_int_equal(sql.n_markers, 32767);
    rs_sql_clear(&sql);
    assert_false(
        rs_sql_scan((struct rs_str){ text, 32768 }, (struct rs_sql_rules){ false }, &sql, &diag));
    assert_null(sql.text);
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
    large = calloc(1, 16 * 1024 * 1024 + 1);
    assert_non_null(large);
    memset(large, ' ', 16 * 1024 * 1024 + 1);
    assert_false(rs_sql_scan((struct rs_str){ large, 16 * 1024 * 1024 + 1 },
                             (struct rs_sql_rules){ false }, &sql, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
    assert_true(rs_sql_scan((struct rs_str){ large, 16 * 1024 * 1024 },
                            (struct rs_sql_rules){ false }, &sql, &diag));
    rs_sql_clear(&sql);
    free(large);
}

static void quoting(void **state)
{
    static const struct {
        const char *text, *ident, *literal, *escaped;
    } rows[] = {
        { "", "\"\"", "''", "''" },
        { "a", "\"a\"", "'a'", "'a'" },
        { "a\"b", "\"a\"\"b\"", "'a\"b'", "'a\"b'" },
        { "it's", "\"it's\"", "'it''s'", "'it''s'" },
        { "''", "\"''\"", "''''''", "''''''" },
        { "a\\b", "\"a\\b\"", "'a\\b'", "'a\\\\b'" },
        { "\\'", "\"\\'\"", "'\\'''", "'\\\\'''" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_buf out = RS_BUF_INIT(1000);

        rs_sql_ident(&out, rs_str_of(rows[i].text));
        assert_string_equal(out.p, rows[i].ident);
        rs_buf_truncate(&out, 0);
        rs_sql_literal(&out, rs_str_of(rows[i].text), false);
        assert_string_equal(out.p, rows[i].literal);
        rs_buf_truncate(&out, 0);
        rs_sql_literal(&out, rs_str_of(rows[i].text), true);
        assert_string_equal(out.p, rows[i].escaped);
        rs_buf_clear(&out);
    }
}

static bool scan_scenario(void *ctx)
{
    struct rs_diag diag = { 0 };
    struct rs_sql sql = { 0 };
    bool ok = rs_sql_scan(RS_STR("insert into t values (?, '?', ?), (?, ?, ?) -- and more text"),
                          (struct rs_sql_rules){ false }, &sql, &diag);

    (void)ctx;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_sql_clear(&sql);
    rs_diag_clear(&diag);
    return ok;
}

static void out_of_memory(void **state)
{
    (void)state;
    rs_test_oom(scan_scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markers),      cmocka_unit_test(statements),    cmocka_unit_test(verbs),
        cmocka_unit_test(case_setting), cmocka_unit_test(block),         cmocka_unit_test(limits),
        cmocka_unit_test(quoting),      cmocka_unit_test(out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
