/*
 * SQLProcedures, SQLProcedureColumns against real catalogs; odbc.md 13. Routines are made through
 * PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "reach.h"

#include <unistd.h>

/* An argument and its length; NULL has the length 0, as some applications say it. */
#define TEXT_OF(s) (SQLCHAR *)(uintptr_t)(s), length_of(s)

static SQLSMALLINT length_of(const char *text)
{
    return text == NULL ? 0 : SQL_NTS;
}

static struct reach postgres, redshift;
static char schema[64];      /* ours alone: the direct twin may run beside us */
static char schema_like[80]; /* the same as a pattern */

static void run(const char *before, const char *after)
{
    char sql[2048];

    snprintf(sql, sizeof sql, "%s %s%s", before, schema, after);
    reach_run(&postgres, sql);
}

static int open_both(void **state)
{
    (void)state;
    reach_open(&postgres, REACH_POSTGRES, SQL_OV_ODBC3, "");
    reach_open(&redshift, REACH_REDSHIFT, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_proc_%d", (int)getpid());
    snprintf(schema_like, sizeof schema_like, "rs\\_proc\\_%d", (int)getpid());
    run("CREATE SCHEMA", "");
    run("CREATE FUNCTION", ".f_plain(a integer, b varchar) RETURNS numeric LANGUAGE sql"
                           " AS 'SELECT 1.5'");
    run("CREATE FUNCTION", ".f_unnamed(integer, date) RETURNS boolean LANGUAGE sql"
                           " AS 'SELECT true'");
    run("CREATE FUNCTION", ".f_void() RETURNS void LANGUAGE sql AS 'SELECT 1'");
    run("CREATE FUNCTION", ".f_out(a integer, OUT x date, INOUT y text) LANGUAGE sql"
                           " AS 'SELECT current_date, y'");
    run("CREATE FUNCTION", ".f_table(a integer) RETURNS TABLE (\"Two, Words\" integer, d date)"
                           " LANGUAGE sql AS 'SELECT 1, current_date'");
    run("CREATE FUNCTION", ".f_over(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    run("CREATE FUNCTION", ".f_over(b text) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    run("CREATE PROCEDURE", ".p_modes(a integer, INOUT b bigint, INOUT \"qu\"\"o\\te\" text)"
                            " LANGUAGE sql AS 'SELECT b, ''x''::text'");
    run("CREATE PROCEDURE", ".p_in(a integer) LANGUAGE sql AS 'SELECT 1'");
    run("CREATE FUNCTION", ".trig() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    run("CREATE AGGREGATE", ".agg(integer) (sfunc = int4pl, stype = integer)");
    run("COMMENT ON FUNCTION", ".f_plain(integer, varchar) IS 'remarks on it'");
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    run("DROP SCHEMA", " CASCADE");
    reach_close(&postgres);
    reach_close(&redshift);
    return 0;
}

static struct reach *each(int r)
{
    return r ? &redshift : &postgres;
}

/* ---- SQLProcedures ---- */

static void procedures_list(struct reach *reach, const char *catalog, const char *name,
                            SQLUSMALLINT column, char *got, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);

    stmt_ok(SQLProcedures(stmt, TEXT_OF(catalog), TEXT_OF(schema_like), TEXT_OF(name)), stmt);
    reach_list(stmt, column, got, cap);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

#define ALL_NAMES "f_out|f_over|f_over|f_plain|f_table|f_unnamed|f_void|p_in|p_modes"

static const struct {
    const char *catalog, *name, *postgres, *redshift; /* NULL: as on PostgreSQL */
} searches[] = {
    { NULL, NULL, ALL_NAMES, NULL },
    { "dev", "%", ALL_NAMES, NULL },
    { "other", NULL, "", NULL },
    { "%", NULL, "", NULL }, /* the catalog is no pattern */
    { "d_v", NULL, "", NULL },
    { NULL, "p\\_%", "p_in|p_modes", NULL },
    { NULL, "f_over", "f_over|f_over", NULL },
    { NULL, "P\\_IN", "", "p_in" },
    { NULL, "", "", NULL },
    { NULL, "p\\%in", "", NULL },
    { NULL, "' OR 1 = 1 --", "", NULL },
};

/* No aggregate, no trigger. */
static void finds_procedures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        for (int r = 0; r < 2; r++) {
            const char *want =
                r && searches[i].redshift != NULL ? searches[i].redshift : searches[i].postgres;
            char got[1024];

            procedures_list(each(r), searches[i].catalog, searches[i].name, 3, got, sizeof got);
            if (strcmp(got, want) != 0)
                fail_msg("row %zu, %d: got \"%s\"", i, r, got);
        }
    }
}

static void fills_a_row(void **state)
{
    static const char *const want[] = { "dev", NULL, "f_plain",       "-1",
                                        "-1",  "-1", "remarks on it", "2" };

    (void)state;
    for (int r = 0; r < 2; r++) {
        char got[256];

        for (SQLUSMALLINT i = 1; i <= 8; i++) {
            procedures_list(each(r), NULL, "f\\_plain", i, got, sizeof got);
            assert_string_equal(got, want[i - 1] != NULL ? want[i - 1] : schema);
        }
        procedures_list(each(r), NULL, "p\\_in", 7, got, sizeof got);
        assert_string_equal(got, "<null>");
        procedures_list(each(r), NULL, "p\\_in", 8, got, sizeof got);
        assert_string_equal(got, "1"); /* SQL_PT_PROCEDURE */
    }
}

/* ---- SQLProcedureColumns ---- */

static void columns_list(struct reach *reach, const char *name, const char *column,
                         SQLUSMALLINT which, char *got, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);

    stmt_ok(
        SQLProcedureColumns(stmt, NULL, 0, TEXT_OF(schema_like), TEXT_OF(name), TEXT_OF(column)),
        stmt);
    reach_list(stmt, which, got, cap);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

enum { NAME = 4, COLUMN_TYPE = 5, TYPE_NAME = 7, ORDINAL = 18 };

/* COLUMN_TYPE: 1 input, 2 input and output, 3 result column, 4 output, 5 return value */
static const struct {
    const char *procedure, *names, *kinds, *types, *ordinals;
} routines[] = {
    { "f\\_plain", "|a|b", "5|1|1", "numeric|int4|varchar", "0|1|2" },
    { "f\\_unnamed", "||", "5|1|1", "bool|int4|date", "0|1|2" },
    { "f\\_void", "", "", "", "" },
    { "f\\_out", "a|x|y", "1|4|2", "int4|date|text", "1|2|3" },
    { "f\\_table", "a|Two, Words|d", "1|3|3", "int4|int4|date", "1|1|2" },
    { "f\\_over", "|a||b", "5|1|5|1", "int4|int4|int4|text", "0|1|0|1" },
    { "p\\_in", "a", "1", "int4", "1" },
    { "p\\_modes", "a|b|qu\"o\\te", "1|2|2", "int4|int8|text", "1|2|3" },
};

static void expect(struct reach *reach, size_t i, SQLUSMALLINT which, const char *want)
{
    char got[512];

    columns_list(reach, routines[i].procedure, NULL, which, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("%s, column %d: got \"%s\", not \"%s\"", routines[i].procedure, which, got, want);
}

static void tells_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof routines / sizeof *routines; i++) {
        for (int r = 0; r < 2; r++) {
            expect(each(r), i, NAME, routines[i].names);
            expect(each(r), i, COLUMN_TYPE, routines[i].kinds);
            expect(each(r), i, TYPE_NAME, routines[i].types);
            expect(each(r), i, ORDINAL, routines[i].ordinals);
        }
    }
}

/* The column's pattern is looked through by the driver itself. */
static void finds_parameters(void **state)
{
    static const struct {
        const char *column, *postgres, *redshift;
    } rows[] = {
        { "%", "a|b|qu\"o\\te", "a|b|qu\"o\\te" },
        { "_", "a|b", "a|b" },
        { "A", "", "a" },
        { "qu%te", "qu\"o\\te", "qu\"o\\te" },
        { "qu\"o\\te", "qu\"o\\te", "qu\"o\\te" },
        { "\\%", "", "" },
        { "", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[256];

        columns_list(&postgres, "p\\_modes", rows[i].column, NAME, got, sizeof got);
        assert_string_equal(got, rows[i].postgres);
        columns_list(&redshift, "p\\_modes", rows[i].column, NAME, got, sizeof got);
        assert_string_equal(got, rows[i].redshift);
    }
}

static void sorts_by_procedure(void **state)
{
    char got[256];

    (void)state;
    columns_list(&postgres, "p\\_%", NULL, 3, got, sizeof got);
    assert_string_equal(got, "p_in|p_modes|p_modes|p_modes");
}

/* An unnamed parameter is none that an empty name rules out. */
static void finds_what_has_no_name(void **state)
{
    char got[64];

    (void)state;
    columns_list(&postgres, "f\\_plain", "", COLUMN_TYPE, got, sizeof got);
    assert_string_equal(got, "5");
    columns_list(&postgres, "f\\_unnamed", "_%", COLUMN_TYPE, got, sizeof got);
    assert_string_equal(got, "");
}

/* Every cell of a parameter is what SQLColumns says of a column of that type. */
static void agrees_with_columns(void **state)
{
    static const char types[] =
        " boolean, c02 smallint, c03 integer, c04 bigint, c05 numeric, c06 real,"
        " c07 double precision, c08 char, c09 varchar, c10 text, c11 bytea, c12 date, c13 time,"
        " c14 timetz, c15 timestamp, c16 timestamptz, c17 interval, c18 uuid, c19 json,"
        " c20 integer[], c21 name, c22 oid";
    char sql[1024];

    (void)state;
    snprintf(sql, sizeof sql, ".every_type (c01%s)", types);
    run("CREATE TABLE", sql);
    snprintf(sql, sizeof sql, ".every_type(c01%s) LANGUAGE sql AS 'SELECT 1'", types);
    run("CREATE PROCEDURE", sql);
    /* a parameter's CHAR has no length: compare with one that has none either */
    run("ALTER TABLE", ".every_type ALTER c08 TYPE bpchar");
    for (int r = 0; r < 2; r++) {
        SQLUSMALLINT rest[] = { 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };

        for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
            SQLHSTMT stmt = reach_stmt(each(r));
            char columns[2048], parameters[2048];

            stmt_ok(SQLColumns(stmt, NULL, 0, TEXT_OF(schema_like), TEXT_OF("every_type"), NULL, 0),
                    stmt);
            reach_list(stmt, rest[i], columns, sizeof columns);
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
            columns_list(each(r), "every_type", NULL, (SQLUSMALLINT)(rest[i] + 1), parameters,
                         sizeof parameters);
            assert_string_equal(parameters, columns);
        }
    }
    run("DROP PROCEDURE", ".every_type");
    run("DROP TABLE", ".every_type");
}

/* PostgreSQL alone has domains and knows defaults. */
static void tells_domains_and_defaults(void **state)
{
    char sql[1024], got[256];

    (void)state;
    snprintf(sql, sizeof sql,
             "CREATE DOMAIN %s.d1 AS varchar(20); CREATE DOMAIN %s.d2 AS %s.d1;"
             "CREATE FUNCTION %s.f_domain(a %s.d2, b integer DEFAULT 5, c text DEFAULT 'it''s',"
             " d text DEFAULT NULL) RETURNS %s.d1 LANGUAGE sql AS 'SELECT a'",
             schema, schema, schema, schema, schema, schema);
    reach_run(&postgres, sql);
    columns_list(&postgres, "f_domain", NULL, TYPE_NAME, got, sizeof got);
    assert_string_equal(got, "varchar|varchar|int4|text|text");
    columns_list(&postgres, "f_domain", NULL, 8, got, sizeof got);
    assert_string_equal(got, "20|20|10|8000|8000");
    columns_list(&postgres, "f_domain", NULL, 14, got, sizeof got);
    assert_string_equal(got, "<null>|<null>|5|'it''s'::text|NULL");
    columns_list(&redshift, "f_domain", NULL, 14, got, sizeof got);
    assert_string_equal(got, "<null>|<null>|<null>|<null>|<null>");
    run("DROP FUNCTION", ".f_domain");
}

/* ---- the rest ---- */

static void names_result_columns(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char name[64];
    SQLSMALLINT n = 0;

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC2, "");
    stmt = reach_stmt(&reach);
    stmt_ok(SQLProcedures(stmt, NULL, 0, TEXT_OF(schema), NULL, 0), stmt);
    stmt_ok(SQLDescribeCol(stmt, 1, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL, NULL),
            stmt);
    assert_string_equal(name, "PROCEDURE_QUALIFIER");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
    stmt = reach_stmt(&postgres);
    stmt_ok(SQLProcedureColumns(stmt, NULL, 0, TEXT_OF(schema), NULL, 0, NULL, 0), stmt);
    stmt_ok(SQLNumResultCols(stmt, &n), stmt);
    assert_int_equal(n, 19);
    stmt_ok(SQLDescribeCol(stmt, 8, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL, NULL),
            stmt);
    assert_string_equal(name, "COLUMN_SIZE");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void takes_wide_names(void **state)
{
    static SQLWCHAR name[] = { 'p', '_', 'i', 'n', 'x' }, column[] = { 'a' };
    SQLHSTMT stmt = reach_stmt(&redshift);
    char got[64];

    (void)state;
    stmt_ok(SQLProceduresW(stmt, NULL, 0, NULL, 0, name, 4), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_non_null(strstr(got, "p_in"));
    stmt_ok(SQLProcedureColumnsW(stmt, NULL, 0, NULL, 0, name, 4, column, 1), stmt);
    reach_list(stmt, 4, got, sizeof got);
    assert_int_equal(got[0], 'a');
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void refuses(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    assert_int_equal(SQLProcedures(stmt, NULL, 0, NULL, 0, TEXT_OF(name)), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY090");
    assert_int_equal(SQLProcedureColumns(stmt, NULL, 0, NULL, 0, NULL, 0, TEXT_OF(name)),
                     SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY090");
    stmt_ok(SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)(SQLULEN)SQL_TRUE, 0), stmt);
    assert_int_equal(SQLProcedures(stmt, TEXT_OF("dev"), TEXT_OF("a"), NULL, 0), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY009");
    stmt_ok(SQLProcedures(stmt, TEXT_OF("dev"), TEXT_OF(schema), TEXT_OF("P_IN ")), stmt);
    stmt_ok(SQLFetch(stmt), stmt);
    assert_int_equal(
        SQLProcedureColumns(stmt, TEXT_OF("dev"), TEXT_OF("a"), TEXT_OF("b"), TEXT_OF("c")),
        SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "24000");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* The whole of the server's own catalog can be read: no list in it is too much for the parser. */
static void reads_the_system_catalog(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = reach_stmt(each(r));
        SQLRETURN rc;
        size_t n = 0;

        stmt_ok(SQLProcedureColumns(stmt, NULL, 0, TEXT_OF("pg\\_catalog"), NULL, 0, NULL, 0),
                stmt);
        while (SQL_SUCCEEDED(rc = SQLFetch(stmt)))
            n++;
        assert_int_equal(rc, SQL_NO_DATA);
        assert_true(n > 5000);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_procedures),
        cmocka_unit_test(fills_a_row),
        cmocka_unit_test(tells_parameters),
        cmocka_unit_test(finds_parameters),
        cmocka_unit_test(sorts_by_procedure),
        cmocka_unit_test(finds_what_has_no_name),
        cmocka_unit_test(agrees_with_columns),
        cmocka_unit_test(tells_domains_and_defaults),
        cmocka_unit_test(names_result_columns),
        cmocka_unit_test(takes_wide_names),
        cmocka_unit_test(refuses),
        cmocka_unit_test(reads_the_system_catalog),
    };

    return cmocka_run_group_tests(tests, open_both, close_both);
}
