/*
 * SQLProcedures, SQLProcedureColumns against real catalogs; odbc.md 13. Routines are made through
 * PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "catalogbed.h"

static int up(void **state)
{
    (void)state;
    bed_up("proc");
    bed_run("CREATE FUNCTION $.f_plain(a integer, b varchar) RETURNS numeric LANGUAGE sql"
            " AS 'SELECT 1.5'");
    bed_run("CREATE FUNCTION $.f_unnamed(integer, date) RETURNS boolean LANGUAGE sql"
            " AS 'SELECT true'");
    bed_run("CREATE FUNCTION $.f_void() RETURNS void LANGUAGE sql AS 'SELECT 1'");
    bed_run("CREATE FUNCTION $.f_out(a integer, OUT x date, INOUT y text) LANGUAGE sql"
            " AS 'SELECT current_date, y'");
    bed_run("CREATE FUNCTION $.f_table(a integer) RETURNS TABLE (\"Two, Words\" integer, d date)"
            " LANGUAGE sql AS 'SELECT 1, current_date'");
    bed_run("CREATE FUNCTION $.f_over(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    bed_run("CREATE FUNCTION $.f_over(b text) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    bed_run("CREATE PROCEDURE $.p_modes(a integer, INOUT b bigint, INOUT \"qu\"\"o\\te\" text)"
            " LANGUAGE sql AS 'SELECT b, ''x''::text'");
    bed_run("CREATE PROCEDURE $.p_in(a integer) LANGUAGE sql AS 'SELECT 1'");
    bed_run("CREATE FUNCTION $.trig() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    bed_run("CREATE AGGREGATE $.agg(integer) (sfunc = int4pl, stype = integer)");
    bed_run("COMMENT ON FUNCTION $.f_plain(integer, varchar) IS 'remarks on it'");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_down();
    return 0;
}

static struct t_conn *each(int r)
{
    return r ? &bed_redshift : &bed_postgres;
}

/* ---- SQLProcedures ---- */

static void procedures_list(struct t_conn *conn, const char *catalog, const char *name,
                            SQLUSMALLINT column, char *got, size_t cap)
{
    SQLHSTMT stmt = t_stmt(conn);

    OK(stmt, SQLProcedures(stmt, BED_TEXT(catalog), BED_TEXT("$"), BED_TEXT(name)));
    bed_list(stmt, column, got, cap);
    t_free(stmt);
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
    for (size_t i = 0; i < COUNT_OF(searches); i++) {
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
    static const char *const want[] = { "dev", "$",  "f_plain",       "-1",
                                        "-1",  "-1", "remarks on it", "2" };

    (void)state;
    for (int r = 0; r < 2; r++) {
        char got[256];

        for (SQLUSMALLINT i = 1; i <= 8; i++) {
            procedures_list(each(r), NULL, "f\\_plain", i, got, sizeof got);
            assert_string_equal(got, want[i - 1]);
        }
        procedures_list(each(r), NULL, "p\\_in", 7, got, sizeof got);
        assert_string_equal(got, "<null>");
        procedures_list(each(r), NULL, "p\\_in", 8, got, sizeof got);
        assert_string_equal(got, "1"); /* SQL_PT_PROCEDURE */
    }
}

/* ---- SQLProcedureColumns ---- */

static void columns_list(struct t_conn *conn, const char *name, const char *column,
                         SQLUSMALLINT which, char *got, size_t cap)
{
    SQLHSTMT stmt = t_stmt(conn);

    OK(stmt, SQLProcedureColumns(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT(name), BED_TEXT(column)));
    bed_list(stmt, which, got, cap);
    t_free(stmt);
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

static void expect(struct t_conn *conn, size_t i, SQLUSMALLINT which, const char *want)
{
    char got[512];

    columns_list(conn, routines[i].procedure, NULL, which, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("%s, column %d: got \"%s\", not \"%s\"", routines[i].procedure, which, got, want);
}

static void tells_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(routines); i++) {
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
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char got[256];

        columns_list(&bed_postgres, "p\\_modes", rows[i].column, NAME, got, sizeof got);
        assert_string_equal(got, rows[i].postgres);
        columns_list(&bed_redshift, "p\\_modes", rows[i].column, NAME, got, sizeof got);
        assert_string_equal(got, rows[i].redshift);
    }
}

static void sorts_by_procedure(void **state)
{
    char got[256];

    (void)state;
    columns_list(&bed_postgres, "p\\_%", NULL, 3, got, sizeof got);
    assert_string_equal(got, "p_in|p_modes|p_modes|p_modes");
}

/* An unnamed parameter is none that an empty name rules out. */
static void finds_what_has_no_name(void **state)
{
    char got[64];

    (void)state;
    columns_list(&bed_postgres, "f\\_plain", "", COLUMN_TYPE, got, sizeof got);
    assert_string_equal(got, "5");
    columns_list(&bed_postgres, "f\\_unnamed", "_%", COLUMN_TYPE, got, sizeof got);
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
    snprintf(sql, sizeof sql, "CREATE TABLE $.every_type (c01%s)", types);
    bed_run(sql);
    snprintf(sql, sizeof sql, "CREATE PROCEDURE $.every_type(c01%s) LANGUAGE sql AS 'SELECT 1'",
             types);
    bed_run(sql);
    /* a parameter's CHAR has no length: compare with one that has none either */
    bed_run("ALTER TABLE $.every_type ALTER c08 TYPE bpchar");
    for (int r = 0; r < 2; r++) {
        SQLUSMALLINT rest[] = { 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };

        for (size_t i = 0; i < COUNT_OF(rest); i++) {
            SQLHSTMT stmt = t_stmt(each(r));
            char columns[2048], parameters[2048];

            OK(stmt, SQLColumns(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT("every_type"), NULL, 0));
            bed_list(stmt, rest[i], columns, sizeof columns);
            t_free(stmt);
            columns_list(each(r), "every_type", NULL, (SQLUSMALLINT)(rest[i] + 1), parameters,
                         sizeof parameters);
            assert_string_equal(parameters, columns);
        }
    }
    bed_run("DROP PROCEDURE $.every_type");
    bed_run("DROP TABLE $.every_type");
}

/* PostgreSQL alone has domains and knows defaults. */
static void tells_domains_and_defaults(void **state)
{
    char got[256];

    (void)state;
    bed_run("CREATE DOMAIN $.d1 AS varchar(20); CREATE DOMAIN $.d2 AS $.d1;"
            "CREATE FUNCTION $.f_domain(a $.d2, b integer DEFAULT 5, c text DEFAULT 'it''s',"
            " d text DEFAULT NULL) RETURNS $.d1 LANGUAGE sql AS 'SELECT a'");
    columns_list(&bed_postgres, "f_domain", NULL, TYPE_NAME, got, sizeof got);
    assert_string_equal(got, "varchar|varchar|int4|text|text");
    columns_list(&bed_postgres, "f_domain", NULL, 8, got, sizeof got);
    assert_string_equal(got, "20|20|10|8000|8000");
    columns_list(&bed_postgres, "f_domain", NULL, 14, got, sizeof got);
    assert_string_equal(got, "<null>|<null>|5|'it''s'::text|NULL");
    columns_list(&bed_redshift, "f_domain", NULL, 14, got, sizeof got);
    assert_string_equal(got, "<null>|<null>|<null>|<null>|<null>");
    bed_run("DROP FUNCTION $.f_domain");
}

/* ---- the rest ---- */

static void names_result_columns(void **state)
{
    struct t_conn old;
    SQLHSTMT stmt;
    char name[64];
    SQLSMALLINT n = 0;

    (void)state;
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = t_stmt(&old);
    OK(stmt, SQLProcedures(stmt, NULL, 0, BED_TEXT("$"), NULL, 0));
    OK(stmt, SQLDescribeCol(stmt, 1, TEXT(name), sizeof name, NULL, NULL, NULL, NULL, NULL));
    assert_string_equal(name, "PROCEDURE_QUALIFIER");
    t_free(stmt);
    t_close(&old);
    stmt = t_stmt(&bed_postgres);
    OK(stmt, SQLProcedureColumns(stmt, NULL, 0, BED_TEXT("$"), NULL, 0, NULL, 0));
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 19);
    OK(stmt, SQLDescribeCol(stmt, 8, TEXT(name), sizeof name, NULL, NULL, NULL, NULL, NULL));
    assert_string_equal(name, "COLUMN_SIZE");
    t_free(stmt);
}

static void takes_wide_names(void **state)
{
    static SQLWCHAR name[] = { 'p', '_', 'i', 'n', 'x' }, column[] = { 'a' };
    SQLHSTMT stmt = t_stmt(&bed_redshift);
    char got[64];

    (void)state;
    OK(stmt, SQLProceduresW(stmt, NULL, 0, NULL, 0, name, 4));
    bed_list(stmt, 3, got, sizeof got);
    assert_non_null(strstr(got, "p_in"));
    OK(stmt, SQLProcedureColumnsW(stmt, NULL, 0, NULL, 0, name, 4, column, 1));
    bed_list(stmt, 4, got, sizeof got);
    assert_int_equal(got[0], 'a');
    t_free(stmt);
}

static void refuses(void **state)
{
    SQLHSTMT stmt = t_stmt(&bed_postgres);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY090", SQLProcedures(stmt, NULL, 0, NULL, 0, BED_TEXT(name)));
    ERR(stmt, "HY090", SQLProcedureColumns(stmt, NULL, 0, NULL, 0, NULL, 0, BED_TEXT(name)));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_TRUE), 0));
    ERR(stmt, "HY009", SQLProcedures(stmt, BED_TEXT("dev"), BED_TEXT("a"), NULL, 0));
    OK(stmt, SQLProcedures(stmt, BED_TEXT("dev"), BED_TEXT("$"), BED_TEXT("P_IN ")));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "24000",
        SQLProcedureColumns(stmt, BED_TEXT("dev"), BED_TEXT("a"), BED_TEXT("b"), BED_TEXT("c")));
    t_free(stmt);
}

/* The whole of the server's own catalog can be read: no list in it is too much for the parser. */
static void reads_the_system_catalog(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = t_stmt(each(r));

        OK(stmt, SQLProcedureColumns(stmt, NULL, 0, BED_TEXT("pg\\_catalog"), NULL, 0, NULL, 0));
        assert_true(bed_count(stmt) > 5000);
        t_free(stmt);
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

    return cmocka_run_group_tests(tests, up, down);
}
