/*
 * SQLTables, SQLColumns, SQLGetTypeInfo against real catalogs; odbc.md 13. Objects are made through
 * PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "reach.h"

#include <time.h>
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
    snprintf(schema, sizeof schema, "rs_cat_%d", (int)getpid());
    snprintf(schema_like, sizeof schema_like, "rs\\_cat\\_%d", (int)getpid());
    run("CREATE SCHEMA", "");
    run("CREATE TABLE", ".t_a (n integer NOT NULL)");
    run("CREATE TABLE", ".txa (n integer)");
    run("CREATE TABLE", ".\"t%b\" (n integer)");
    run("CREATE TABLE", ".\"back\\slash\" (n integer)");
    run("CREATE TABLE", ".\"it's\" (n integer)");
    run("CREATE TABLE", ".\"qu\"\"ote\" (n integer)");
    run("CREATE TABLE", ".\"UPPER\" (\"MixedCase\" integer)");
    run("CREATE TABLE", ".\"späße\" (\"größe\" integer)");
    run("CREATE VIEW", ".v_a AS SELECT 1 AS n");
    run("CREATE MATERIALIZED VIEW", ".m_a AS SELECT 1 AS n");
    run("CREATE TABLE", ".p_a (n integer) PARTITION BY RANGE (n)");
    run("COMMENT ON TABLE", ".t_a IS 'remarks on it'");
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

/* ---- SQLTables: names ---- */

enum { NORMAL = 0, IDENTIFIERS = 1 };

static const struct {
    const char *table;
    int how;
    const char *postgres, *redshift; /* NULL: the same as on PostgreSQL; "-": HY009 */
} names[] = {
    { "t_a", NORMAL, "t_a|txa", NULL },
    { "t\\_a", NORMAL, "t_a", NULL },
    { "T\\_A", NORMAL, "", "t_a" },
    { "t\\%b", NORMAL, "t%b", NULL },
    { "t%", NORMAL, "t%b|t_a|txa", NULL },
    { "%a", NORMAL, "m_a|p_a|t_a|txa|v_a", NULL }, /* by kind first */
    { "back\\slash", NORMAL, "back\\slash", NULL },
    { "back\\\\slash", NORMAL, "back\\slash", NULL },
    { "back_slash", NORMAL, "back\\slash", NULL },
    { "back\\_slash", NORMAL, "", NULL },
    { "back\\", NORMAL, "", NULL },
    { "it's", NORMAL, "it's", NULL },
    { "qu\"ote", NORMAL, "qu\"ote", NULL },
    { "UPPER", NORMAL, "UPPER", "" }, /* folded: Redshift has no such name */
    { "upper", NORMAL, "", NULL },
    { "späße", NORMAL, "späße", NULL },
    { "sp__e", NORMAL, "späße", NULL },
    { "", NORMAL, "", NULL },
    { "no_such", NORMAL, "", NULL },
    { "' OR 1 = 1 --", NORMAL, "", NULL },
    { "T_A  ", IDENTIFIERS, "t_a", NULL },
    { "t%b", IDENTIFIERS, "t%b", NULL },
    { "t%", IDENTIFIERS, "", NULL },
    { "\"UPPER\"", IDENTIFIERS, "UPPER", NULL },
    { "UPPER", IDENTIFIERS, "", NULL },
    { "\"qu\"\"ote\"", IDENTIFIERS, "qu\"ote", NULL },
    { "back\\slash", IDENTIFIERS, "back\\slash", NULL },
    { NULL, IDENTIFIERS, "-", NULL },
};

static void expect_names(struct reach *reach, size_t i, const char *want)
{
    SQLHSTMT stmt = reach_stmt(reach);
    const char *where = names[i].how == IDENTIFIERS ? schema : schema_like;
    char got[2048];
    SQLRETURN rc;

    if (names[i].how == IDENTIFIERS)
        stmt_ok(SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)(SQLULEN)SQL_TRUE, 0), stmt);
    rc = SQLTables(stmt, TEXT_OF(names[i].how == IDENTIFIERS ? "dev" : NULL), TEXT_OF(where),
                   TEXT_OF(names[i].table), NULL, 0);
    if (strcmp(want, "-") == 0) {
        assert_int_equal(rc, SQL_ERROR);
        reach_state(SQL_HANDLE_STMT, stmt, "HY009");
    } else {
        stmt_ok(rc, stmt);
        reach_list(stmt, 3, got, sizeof got);
        if (strcmp(got, want) != 0)
            fail_msg("\"%s\": got \"%s\", not \"%s\"", names[i].table, got, want);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void finds_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_names(&postgres, i, names[i].postgres);
        expect_names(&redshift, i,
                     names[i].redshift != NULL ? names[i].redshift : names[i].postgres);
    }
}

static void keeps_case_by_key(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char got[256];

    (void)state;
    reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, "CatalogFoldCase=0");
    stmt = reach_stmt(&reach);
    stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("UPPER"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "UPPER");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

static void keeps_case_by_setting(void **state)
{
    SQLHSTMT stmt = reach_stmt(&redshift);
    char got[256];

    (void)state;
    reach_run(&redshift, "SET enable_case_sensitive_identifier TO true");
    stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("UPPER"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    reach_run(&redshift, "SET enable_case_sensitive_identifier TO false");
    assert_string_equal(got, "UPPER");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void takes_wide_names(void **state)
{
    static SQLWCHAR table[] = { 's', 'p', 0xE4, 0xDF, 'e', 'x', 0 };
    SQLHSTMT stmt = reach_stmt(&redshift);
    SQLWCHAR wide_schema[64];
    char got[256];
    size_t n = 0;

    (void)state;
    for (; schema[n] != '\0'; n++)
        wide_schema[n] = (SQLWCHAR)schema[n];
    stmt_ok(SQLTablesW(stmt, NULL, 0, wide_schema, (SQLSMALLINT)n, table, 5, NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "späße");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void refuses_long_names(void **state)
{
    SQLHSTMT stmt = reach_stmt(&redshift);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    assert_int_equal(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF(name), NULL, 0), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY090");
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, (SQLCHAR *)name, 127, NULL, 0), stmt);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* ---- SQLTables: catalogs, types, listings ---- */

static const struct {
    const char *catalog, *types, *want; /* table names */
} searches[] = {
    { NULL, "VIEW", "v_a" },
    { "dev", "'VIEW'", "v_a" },
    { "d%", "view", "v_a" },
    { "%", " 'MATERIALIZED VIEW' ", "m_a" },
    { "", "VIEW", "" },
    { "other", "VIEW", "" },
    { NULL, "'TABLE','VIEW'", "UPPER|back\\slash|it's|p_a|qu\"ote|späße|t%b|t_a|txa|v_a" },
    { NULL, "SYSTEM TABLE,SYNONYM", "" },
    { NULL, "SYNONYM", "" },
    { NULL, "SYNONYM,MATERIALIZED VIEW", "m_a" },
};

static void filters_by_type_and_catalog(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt = reach_stmt(r ? &redshift : &postgres);
            char got[1024];

            stmt_ok(SQLTables(stmt, TEXT_OF(searches[i].catalog), TEXT_OF(schema_like), NULL, 0,
                              TEXT_OF(searches[i].types)),
                    stmt);
            reach_list(stmt, 3, got, sizeof got);
            if (strcmp(got, searches[i].want) != 0)
                fail_msg("row %zu: got \"%s\"", i, got);
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        }
    }
}

static const struct {
    const char *schema, *table, *want;
} kinds[] = {
    { NULL, "p\\_a", "TABLE" }, /* partitioned */
    { NULL, "m\\_a", "MATERIALIZED VIEW" },
    { "pg\\_catalog", "pg\\_class", "SYSTEM TABLE" },
    { "pg\\_catalog", "pg\\_views", "SYSTEM VIEW" },
    { "information\\_schema", "tables", "SYSTEM VIEW" },
    { "pg\\_temp%", "rs\\_temp\\_t", "TEMPORARY TABLE" },
    { "pg\\_temp%", "rs\\_temp\\_v", "TEMPORARY VIEW" },
};

static void tells_kinds(void **state)
{
    (void)state;
    reach_run(&postgres, "CREATE TEMPORARY TABLE rs_temp_t (n integer)");
    reach_run(&postgres, "CREATE TEMPORARY VIEW rs_temp_v AS SELECT 1 AS n");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        SQLHSTMT stmt = reach_stmt(&postgres);
        char got[256];

        stmt_ok(SQLTables(stmt, NULL, 0,
                          TEXT_OF(kinds[i].schema != NULL ? kinds[i].schema : schema_like),
                          TEXT_OF(kinds[i].table), NULL, 0),
                stmt);
        reach_list(stmt, 4, got, sizeof got);
        assert_string_equal(got, kinds[i].want);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
    reach_run(&postgres, "DROP VIEW rs_temp_v");
    reach_run(&postgres, "DROP TABLE rs_temp_t");
}

static void fills_a_row(void **state)
{
    static const char *const want[] = { "dev", NULL, "t_a", "TABLE", "remarks on it" };

    (void)state;
    for (SQLUSMALLINT i = 1; i <= 5; i++) {
        SQLHSTMT stmt = reach_stmt(&redshift);
        char got[256];

        stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema_like), TEXT_OF("t\\_a"), NULL, 0), stmt);
        reach_list(stmt, i, got, sizeof got);
        assert_string_equal(got, want[i - 1] != NULL ? want[i - 1] : schema);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

static void listed(struct reach *reach, const char *catalog, const char *where, const char *types,
                   SQLUSMALLINT column, char *got, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);

    stmt_ok(SQLTables(stmt, TEXT_OF(catalog), TEXT_OF(where), TEXT_OF(""), TEXT_OF(types)), stmt);
    reach_list(stmt, column, got, cap);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void lists_catalogs_schemas_types(void **state)
{
    char got[2048];

    (void)state;
    for (int r = 0; r < 2; r++) {
        struct reach *reach = r ? &redshift : &postgres;

        listed(reach, "%", "", "", 1, got, sizeof got);
        assert_string_equal(got, "dev");
        listed(reach, "%", "", "TABLE", 2, got, sizeof got);
        assert_string_equal(got, "<null>");
        listed(reach, "", "%", "", 2, got, sizeof got);
        assert_non_null(strstr(got, schema));
        assert_non_null(strstr(got, "information_schema|"));
        assert_null(strstr(got, "toast"));
        listed(reach, "", "", "%", 4, got, sizeof got);
        assert_string_equal(got, "EXTERNAL TABLE|MATERIALIZED VIEW|SYSTEM TABLE|SYSTEM VIEW|TABLE|"
                                 "TEMPORARY TABLE|TEMPORARY VIEW|VIEW");
    }
}

/* NULL is not empty: catalog % with NULL names searches. */
static void null_is_no_listing(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);
    char got[256];

    (void)state;
    stmt_ok(SQLTables(stmt, TEXT_OF("%"), NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "demo_sales");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* ---- SQLColumns ---- */

/* Reads one column of SQLColumns for every column of a table. */
static void columns_list(struct reach *reach, const char *table, const char *column,
                         SQLUSMALLINT which, char *got, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);

    stmt_ok(SQLColumns(stmt, NULL, 0, TEXT_OF(schema_like), TEXT_OF(table), TEXT_OF(column)), stmt);
    reach_list(stmt, which, got, cap);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void tells_defaults_and_remarks(void **state)
{
    char got[512];

    (void)state;
    run("CREATE TABLE", ".defaults (a integer DEFAULT 5 NOT NULL, gone integer, b varchar(9)"
                        " DEFAULT 'it''s', c varchar(9) DEFAULT NULL, d integer,"
                        " e date DEFAULT current_date)");
    run("ALTER TABLE", ".defaults DROP COLUMN gone");
    run("COMMENT ON COLUMN", ".defaults.b IS 'größer'");
    for (int r = 0; r < 2; r++) {
        struct reach *reach = r ? &redshift : &postgres;

        columns_list(reach, "defaults", NULL, 4, got, sizeof got);
        assert_string_equal(got, "a|b|c|d|e");
        columns_list(reach, "defaults", NULL, 13, got, sizeof got);
        assert_string_equal(got, "5|'it''s'::character varying|NULL|<null>|CURRENT_DATE");
        columns_list(reach, "defaults", NULL, 12, got, sizeof got);
        assert_string_equal(got, "<null>|größer|<null>|<null>|<null>");
        columns_list(reach, "defaults", NULL, 18, got, sizeof got);
        assert_string_equal(got, "NO|YES|YES|YES|YES");
        columns_list(reach, "defaults", NULL, 11, got, sizeof got);
        assert_string_equal(got, "0|1|1|1|1");
        columns_list(reach, "defaults", NULL, 16, got, sizeof got);
        assert_string_equal(got, "<null>|9|9|<null>|<null>");
        columns_list(reach, "defaults", NULL, 15, got, sizeof got);
        assert_string_equal(got, "<null>|<null>|<null>|<null>|1");
    }
    run("DROP TABLE", ".defaults");
}

static void finds_columns(void **state)
{
    static const struct {
        const char *table, *column, *postgres, *redshift;
    } rows[] = {
        { "UPPER", NULL, "MixedCase", "" },
        { "%PPER", "Mixed%", "MixedCase", "" },
        { "t\\_a", "n", "n", "n" },
        { "T\\_A", "N", "", "n" },
        { "t\\_a", "", "", "" },
        { "back\\slash", "_", "n", "n" },
        { "späße", "gr__e", "größe", "größe" },
        { "v\\_a", "%", "n", "n" },
        { "m\\_a", "%", "n", "n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[256];

        columns_list(&postgres, rows[i].table, rows[i].column, 4, got, sizeof got);
        assert_string_equal(got, rows[i].postgres);
        columns_list(&redshift, rows[i].table, rows[i].column, 4, got, sizeof got);
        assert_string_equal(got, rows[i].redshift);
    }
}

/* The catalog of SQLColumns is no pattern. */
static void column_catalog_is_exact(void **state)
{
    static const struct {
        const char *catalog, *want;
    } rows[] = { { "dev", "n" }, { "%", "" }, { "d_v", "" }, { "other", "" }, { "", "" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SQLHSTMT stmt = reach_stmt(&postgres);
        char got[64];

        stmt_ok(
            SQLColumns(stmt, TEXT_OF(rows[i].catalog), TEXT_OF(schema), TEXT_OF("t\\_a"), NULL, 0),
            stmt);
        reach_list(stmt, 4, got, sizeof got);
        assert_string_equal(got, rows[i].want);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

static void names_result_columns(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char name[64];

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC2, "");
    stmt = reach_stmt(&reach);
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
    stmt_ok(SQLDescribeCol(stmt, 1, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL, NULL),
            stmt);
    assert_string_equal(name, "TABLE_QUALIFIER");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
    stmt = reach_stmt(&postgres);
    stmt_ok(SQLColumns(stmt, NULL, 0, NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
    stmt_ok(SQLDescribeCol(stmt, 7, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL, NULL),
            stmt);
    assert_string_equal(name, "COLUMN_SIZE");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* ---- the statement and the transaction around ---- */

static void refuses_an_open_cursor(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);

    (void)state;
    stmt_ok(SQLExecDirect(stmt, TEXT_OF("SELECT 1")), stmt);
    assert_int_equal(SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "24000");
    /* SQLCloseCursor will not do: unixODBC now believes that there is no cursor */
    stmt_ok(SQLFreeStmt(stmt, SQL_CLOSE), stmt);
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), stmt);
    assert_int_equal(SQLGetTypeInfo(stmt, SQL_ALL_TYPES), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "24000");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void leaves_other_results_alone(void **state)
{
    SQLHSTMT rows = reach_stmt(&postgres), tables = reach_stmt(&postgres);
    SQLINTEGER value = 0;

    (void)state;
    stmt_ok(SQLExecDirect(rows, TEXT_OF("SELECT n FROM generate_series(1, 1000) AS g(n)")), rows);
    for (SQLINTEGER i = 1; i <= 1000; i++) {
        stmt_ok(SQLFetch(rows), rows);
        if (i == 500)
            stmt_ok(SQLTables(tables, NULL, 0, NULL, 0, NULL, 0, NULL, 0), tables);
        stmt_ok(SQLGetData(rows, 1, SQL_C_SLONG, &value, 0, NULL), rows);
        assert_int_equal(value, i);
    }
    stmt_ok(SQLFetch(tables), tables);
    SQLFreeHandle(SQL_HANDLE_STMT, rows);
    SQLFreeHandle(SQL_HANDLE_STMT, tables);
}

static void works_in_transactions(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char got[64];

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, "TransactionErrorBehavior=0");
    reach_ok(SQLSetConnectAttr(reach.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
             SQL_HANDLE_DBC, reach.dbc);
    stmt = reach_stmt(&reach);
    reach_run(&reach, "CREATE TEMPORARY TABLE rs_txn_t (n integer)");
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF("rs\\_txn\\_t"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "rs_txn_t");
    /* a failed transaction refuses catalog queries like any other statement */
    assert_int_equal(SQLExecDirect(stmt, TEXT_OF("SELECT no_such")), SQL_ERROR);
    assert_int_equal(SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), SQL_ERROR);
    reach_ok(SQLEndTran(SQL_HANDLE_DBC, reach.dbc, SQL_ROLLBACK), SQL_HANDLE_DBC, reach.dbc);
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF("rs\\_txn\\_t"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_ok(SQLEndTran(SQL_HANDLE_DBC, reach.dbc, SQL_ROLLBACK), SQL_HANDLE_DBC, reach.dbc);
    reach_close(&reach);
}

static void wait_20_ms(void)
{
    struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

    nanosleep(&pause, NULL);
}

/* In manual mode a catalog function begins the transaction, as any statement does. */
static void begins_a_transaction(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char got[64];

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, "");
    reach_ok(SQLSetConnectAttr(reach.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
             SQL_HANDLE_DBC, reach.dbc);
    stmt = reach_stmt(&reach);
    stmt_ok(SQLColumns(stmt, NULL, 0, NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
    stmt_ok(SQLFreeStmt(stmt, SQL_CLOSE), stmt);
    wait_20_ms();
    stmt_ok(SQLExecDirect(stmt, TEXT_OF("SELECT CASE WHEN statement_timestamp() - now() >= "
                                        "interval '20 ms' THEN 'old' ELSE 'new' END")),
            stmt);
    reach_list(stmt, 1, got, sizeof got);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_ok(SQLEndTran(SQL_HANDLE_DBC, reach.dbc, SQL_ROLLBACK), SQL_HANDLE_DBC, reach.dbc);
    reach_close(&reach);
    assert_string_equal(got, "old");
}

/* A transaction that a catalog function begins is as read-only as the connection. */
static void keeps_read_only(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, "");
    reach_ok(SQLSetConnectAttr(reach.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
             SQL_HANDLE_DBC, reach.dbc);
    reach_ok(SQLSetConnectAttr(reach.dbc, SQL_ATTR_ACCESS_MODE,
                               (SQLPOINTER)(SQLULEN)SQL_MODE_READ_ONLY, 0),
             SQL_HANDLE_DBC, reach.dbc);
    stmt = reach_stmt(&reach);
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
    stmt_ok(SQLFreeStmt(stmt, SQL_CLOSE), stmt);
    assert_int_equal(SQLExecDirect(stmt, TEXT_OF("DELETE FROM demo_sales WHERE 1 = 0")), SQL_ERROR);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_ok(SQLEndTran(SQL_HANDLE_DBC, reach.dbc, SQL_ROLLBACK), SQL_HANDLE_DBC, reach.dbc);
    reach_close(&reach);
}

static void heeds_max_rows(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);

    (void)state;
    stmt_ok(SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)2, 0), stmt);
    stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), stmt);
    stmt_ok(SQLFetch(stmt), stmt);
    stmt_ok(SQLFetch(stmt), stmt);
    assert_int_equal(SQLFetch(stmt), SQL_NO_DATA);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* ---- SQLGetTypeInfo ---- */

static void lists_types(void **state)
{
    SQLHSTMT stmt = reach_stmt(&redshift);
    char got[1024];

    (void)state;
    stmt_ok(SQLGetTypeInfo(stmt, SQL_TYPE_TIMESTAMP), stmt);
    reach_list(stmt, 1, got, sizeof got);
    assert_string_equal(got, "timestamp|timestamptz");
    stmt_ok(SQLGetTypeInfo(stmt, SQL_NUMERIC), stmt);
    reach_list(stmt, 15, got, sizeof got);
    assert_string_equal(got, "37");
    stmt_ok(SQLGetTypeInfo(stmt, SQL_GUID), stmt);
    reach_list(stmt, 1, got, sizeof got);
    assert_string_equal(got, "");
    stmt_ok(SQLGetTypeInfo(stmt, SQL_ALL_TYPES), stmt);
    reach_list(stmt, 1, got, sizeof got);
    assert_non_null(strstr(got, "super"));
    assert_int_equal(SQLGetTypeInfo(stmt, 500), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY004");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_names),
        cmocka_unit_test(keeps_case_by_key),
        cmocka_unit_test(keeps_case_by_setting),
        cmocka_unit_test(takes_wide_names),
        cmocka_unit_test(refuses_long_names),
        cmocka_unit_test(filters_by_type_and_catalog),
        cmocka_unit_test(tells_kinds),
        cmocka_unit_test(fills_a_row),
        cmocka_unit_test(lists_catalogs_schemas_types),
        cmocka_unit_test(null_is_no_listing),
        cmocka_unit_test(tells_defaults_and_remarks),
        cmocka_unit_test(finds_columns),
        cmocka_unit_test(column_catalog_is_exact),
        cmocka_unit_test(names_result_columns),
        cmocka_unit_test(refuses_an_open_cursor),
        cmocka_unit_test(leaves_other_results_alone),
        cmocka_unit_test(works_in_transactions),
        cmocka_unit_test(begins_a_transaction),
        cmocka_unit_test(keeps_read_only),
        cmocka_unit_test(heeds_max_rows),
        cmocka_unit_test(lists_types),
    };

    return cmocka_run_group_tests(tests, open_both, close_both);
}
