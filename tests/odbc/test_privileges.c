/*
 * SQLTablePrivileges, SQLColumnPrivileges against real catalogs; odbc.md 13. Privileges are given
 * through PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
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

/* Text with $ for the schema. */
static void run(const char *text)
{
    char sql[2048];
    size_t n = 0;

    for (; *text != '\0'; text++) {
        n += (size_t)(*text == '$' ? snprintf(sql + n, sizeof sql - n, "%s", schema)
                                   : snprintf(sql + n, sizeof sql - n, "%c", *text));
        assert_true(n < sizeof sql);
    }
    reach_run(&postgres, sql);
}

static int open_both(void **state)
{
    (void)state;
    reach_open(&postgres, REACH_POSTGRES, SQL_OV_ODBC3, "");
    reach_open(&redshift, REACH_REDSHIFT, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_right_%d", (int)getpid());
    snprintf(schema_like, sizeof schema_like, "rs\\_right\\_%d", (int)getpid());
    run("CREATE SCHEMA $");
    run("GRANT USAGE ON SCHEMA $ TO borrowed");
    run("CREATE TABLE $.t_none (a integer, gone integer, b integer)");
    run("ALTER TABLE $.t_none DROP COLUMN gone");
    run("CREATE TABLE $.t_given (n integer, \"späße\" integer)");
    run("GRANT SELECT ON $.t_given TO PUBLIC");
    run("GRANT INSERT, UPDATE ON $.t_given TO group1 WITH GRANT OPTION");
    run("GRANT SELECT ON $.t_given TO borrowed WITH GRANT OPTION");
    run("GRANT DELETE, TRUNCATE ON $.t_given TO \"odd, \"\"role\"\"\"");
    run("SET ROLE borrowed");
    run("GRANT SELECT ON $.t_given TO group2");
    run("RESET ROLE");
    run("GRANT REFERENCES (n), UPDATE (n) ON $.t_given TO group1");
    run("GRANT SELECT (\"späße\") ON $.t_given TO \"odd, \"\"role\"\"\" WITH GRANT OPTION");
    run("CREATE TABLE $.t_revoked (n integer)");
    run("REVOKE ALL ON $.t_revoked FROM CURRENT_USER");
    run("CREATE TABLE $.\"UPPER\" (n integer)");
    run("CREATE VIEW $.v_a AS SELECT 1 AS n");
    run("GRANT SELECT ON $.v_a TO group1");
    run("REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON $.v_a FROM CURRENT_USER");
    run("CREATE SEQUENCE $.s_a");
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    run("DROP SCHEMA $ CASCADE");
    reach_close(&postgres);
    reach_close(&redshift);
    return 0;
}

static struct reach *each(int r)
{
    return r ? &redshift : &postgres;
}

/* Every row as PRIVILEGE<GRANTEE>GRANTOR, a star after it for YES, and a bar. first: the grantor's
 * column. */
static void grants_of(SQLHSTMT stmt, SQLUSMALLINT first, char *out, size_t cap)
{
    size_t n = 0;
    SQLRETURN rc;

    out[0] = '\0';
    while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
        char cell[4][64];

        for (SQLUSMALLINT i = 0; i < 4; i++)
            stmt_ok(SQLGetData(stmt, (SQLUSMALLINT)(first + i), SQL_C_CHAR, cell[i], sizeof cell[i],
                               NULL),
                    stmt);
        n += (size_t)snprintf(out + n, cap - n, "%s<%s>%s%s|", cell[2], cell[1], cell[0],
                              strcmp(cell[3], "YES") == 0 ? "*" : "");
        assert_true(n < cap);
        assert_true(cell[3][0] == 'Y' || strcmp(cell[3], "NO") == 0);
    }
    assert_int_equal(rc, SQL_NO_DATA);
    stmt_ok(SQLFreeStmt(stmt, SQL_CLOSE), stmt);
}

/* ---- SQLTablePrivileges ---- */

static void table_grants(struct reach *reach, const char *table, char *got, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);

    stmt_ok(SQLTablePrivileges(stmt, NULL, 0, TEXT_OF(schema_like), TEXT_OF(table)), stmt);
    grants_of(stmt, 4, got, cap);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

#define OWNS(privilege)   privilege "<rs_test>_SYSTEM*|"
#define TO_ODD(privilege) privilege "<odd, \"role\">rs_test|"
#define SELECTS_GIVEN     "SELECT<PUBLIC>rs_test|SELECT<borrowed>rs_test*|SELECT<group2>borrowed|"

/* The letter D means DROP to Redshift. */
static const struct {
    const char *table, *postgres, *redshift; /* NULL: as on PostgreSQL */
} tables[] = {
    { "t\\_none",
      OWNS("DELETE") OWNS("INSERT") OWNS("REFERENCES") OWNS("SELECT") OWNS("TRIGGER")
          OWNS("TRUNCATE") OWNS("UPDATE"),
      OWNS("DELETE") OWNS("DROP") OWNS("INSERT") OWNS("REFERENCES") OWNS("SELECT") OWNS("TRIGGER")
          OWNS("UPDATE") },
    { "t\\_given",
      TO_ODD("DELETE") OWNS("DELETE") "INSERT<group1>rs_test*|" OWNS("INSERT") OWNS("REFERENCES")
          SELECTS_GIVEN OWNS("SELECT") OWNS("TRIGGER") TO_ODD("TRUNCATE")
              OWNS("TRUNCATE") "UPDATE<group1>rs_test*|" OWNS("UPDATE"),
      TO_ODD("DELETE") OWNS("DELETE") TO_ODD("DROP") OWNS("DROP") "INSERT<group1>rs_test*|" OWNS(
          "INSERT") OWNS("REFERENCES") SELECTS_GIVEN OWNS("SELECT")
          OWNS("TRIGGER") "UPDATE<group1>rs_test*|" OWNS("UPDATE") },
    { "t\\_revoked", "", NULL },
    { "v\\_a", "SELECT<group1>rs_test|" OWNS("SELECT"), NULL },
    { "s\\_a", "", NULL }, /* a sequence is no table */
    { "", "", NULL },
};

static void tells_table_privileges(void **state)
{
    (void)state;
    assert_string_equal(reach_var(REACH_POSTGRES, "_USER"), "rs_test");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (int r = 0; r < 2; r++) {
            const char *want =
                r && tables[i].redshift != NULL ? tables[i].redshift : tables[i].postgres;
            char got[1024];

            table_grants(each(r), tables[i].table, got, sizeof got);
            if (strcmp(got, want) != 0)
                fail_msg("%s, %d: got \"%s\", not \"%s\"", tables[i].table, r, got, want);
        }
    }
}

static const struct {
    const char *catalog, *table, *postgres, *redshift; /* table names of the rows */
} searches[] = {
    { NULL, "v\\_a", "v_a|v_a", "v_a|v_a" },
    { "dev", "v%", "v_a|v_a", "v_a|v_a" },
    { "dev", "V\\_A", "", "v_a|v_a" },
    { "d%", "v%", "", "" }, /* the catalog is no pattern */
    { "other", "v%", "", "" },
};

static void finds_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt = reach_stmt(each(r));
            char got[256];

            stmt_ok(SQLTablePrivileges(stmt, TEXT_OF(searches[i].catalog), TEXT_OF(schema_like),
                                       TEXT_OF(searches[i].table)),
                    stmt);
            reach_list(stmt, 3, got, sizeof got);
            assert_string_equal(got, r ? searches[i].redshift : searches[i].postgres);
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        }
    }
}

static void fills_the_names(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = reach_stmt(each(r));
        char got[256], want[256];

        stmt_ok(SQLTablePrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("v\\_a")), stmt);
        reach_list(stmt, 1, got, sizeof got);
        assert_string_equal(got, "dev|dev");
        stmt_ok(SQLColumnPrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("v_a"), NULL, 0), stmt);
        reach_list(stmt, 2, got, sizeof got);
        snprintf(want, sizeof want, "%s|%s", schema, schema);
        assert_string_equal(got, want);
        stmt_ok(SQLColumnPrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("v_a"), NULL, 0), stmt);
        reach_list(stmt, 4, got, sizeof got);
        assert_string_equal(got, "n|n");
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

/* ---- SQLColumnPrivileges ---- */

#define OWNS_COLUMN OWNS("INSERT") OWNS("REFERENCES") OWNS("SELECT") OWNS("UPDATE")

/* What holds for the table holds for its columns; what was given twice stands once. */
static const struct {
    const char *table, *column, *want;
} columns[] = {
    { "t_none", "a", OWNS_COLUMN },
    { "t_none", "%", OWNS_COLUMN OWNS_COLUMN },
    { "t_none", "gone", "" },
    { "t_given", "n",
      "INSERT<group1>rs_test*|" OWNS("INSERT") "REFERENCES<group1>rs_test|" OWNS("REFERENCES")
          SELECTS_GIVEN OWNS("SELECT") "UPDATE<group1>rs_test*|" OWNS("UPDATE") },
    { "t_given", "sp__e",
      "INSERT<group1>rs_test*|" OWNS("INSERT") OWNS("REFERENCES") SELECTS_GIVEN
      "SELECT<odd, \"role\">rs_test*|" OWNS("SELECT") "UPDATE<group1>rs_test*|" OWNS("UPDATE") },
    { "t_given", "", "" },
    { "t_revoked", NULL, "" },
    { "v_a", NULL, "SELECT<group1>rs_test|" OWNS("SELECT") },
    { "t%", NULL, "" }, /* the table is no pattern */
};

static void tells_column_privileges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt = reach_stmt(each(r));
            char got[1024];

            stmt_ok(SQLColumnPrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF(columns[i].table),
                                        TEXT_OF(columns[i].column)),
                    stmt);
            grants_of(stmt, 5, got, sizeof got);
            if (strcmp(got, columns[i].want) != 0)
                fail_msg("row %zu, %d: got \"%s\"", i, r, got);
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        }
    }
}

/* By column name, not by number. */
static void sorts_by_column(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);
    char got[256];

    (void)state;
    run("CREATE TABLE $.t_order (z integer, a integer)");
    run("REVOKE ALL ON $.t_order FROM CURRENT_USER");
    run("GRANT SELECT ON $.t_order TO group1");
    stmt_ok(SQLColumnPrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t_order"), NULL, 0), stmt);
    reach_list(stmt, 4, got, sizeof got);
    assert_string_equal(got, "a|z");
    run("DROP TABLE $.t_order");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* ---- the rest ---- */

static void names_result_columns(void **state)
{
    static const char *const want[] = { "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME",
                                        "GRANTOR",   "GRANTEE",     "PRIVILEGE",  "IS_GRANTABLE" };
    SQLHSTMT stmt = reach_stmt(&postgres);
    struct reach reach;
    char name[64];
    SQLSMALLINT n = 0, nullable = 0;

    (void)state;
    stmt_ok(SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, TEXT_OF("x"), NULL, 0), stmt);
    stmt_ok(SQLNumResultCols(stmt, &n), stmt);
    assert_int_equal(n, 8);
    for (SQLUSMALLINT i = 1; i <= 8; i++) {
        stmt_ok(SQLDescribeCol(stmt, i, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL,
                               &nullable),
                stmt);
        assert_string_equal(name, want[i - 1]);
        assert_int_equal(nullable, (i >= 3 && i != 5 && i != 8) ? SQL_NO_NULLS : SQL_NULLABLE);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC2, "");
    stmt = reach_stmt(&reach);
    stmt_ok(SQLTablePrivileges(stmt, NULL, 0, NULL, 0, TEXT_OF("x")), stmt);
    stmt_ok(SQLNumResultCols(stmt, &n), stmt);
    assert_int_equal(n, 7);
    stmt_ok(SQLDescribeCol(stmt, 2, (SQLCHAR *)name, sizeof name, NULL, NULL, NULL, NULL, NULL),
            stmt);
    assert_string_equal(name, "TABLE_OWNER");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

static void takes_wide_names(void **state)
{
    static SQLWCHAR table[] = { 'd', 'e', 'm', 'o', '_', 's', 'a', 'l', 'e', 's', 'x' };
    static SQLWCHAR column[] = { 'p', 'a', 'i', 'd', 'x' };
    SQLHSTMT stmt = reach_stmt(&redshift);
    char got[1024];

    (void)state;
    stmt_ok(SQLTablePrivilegesW(stmt, NULL, 0, NULL, 0, table, 10), stmt);
    grants_of(stmt, 4, got, sizeof got);
    assert_non_null(strstr(got, "SELECT<PUBLIC>"));
    assert_non_null(strstr(got, "DELETE<rs_test>"));
    stmt_ok(SQLColumnPrivilegesW(stmt, NULL, 0, NULL, 0, table, 10, column, 4), stmt);
    reach_list(stmt, 4, got, sizeof got);
    assert_non_null(strstr(got, "paid|paid"));
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void refuses(void **state)
{
    SQLHSTMT stmt = reach_stmt(&postgres);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    assert_int_equal(SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY009");
    assert_int_equal(SQLTablePrivileges(stmt, NULL, 0, NULL, 0, TEXT_OF(name)), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY090");
    assert_int_equal(SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, TEXT_OF(name), NULL, 0),
                     SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY090");
    stmt_ok(SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)(SQLULEN)SQL_TRUE, 0), stmt);
    assert_int_equal(SQLTablePrivileges(stmt, TEXT_OF("dev"), TEXT_OF("a"), NULL, 0), SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY009");
    assert_int_equal(SQLColumnPrivileges(stmt, TEXT_OF("dev"), TEXT_OF("a"), TEXT_OF("b"), NULL, 0),
                     SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY009");
    stmt_ok(SQLTablePrivileges(stmt, TEXT_OF("dev"), TEXT_OF(schema), TEXT_OF("V_A ")), stmt);
    stmt_ok(SQLFetch(stmt), stmt);
    assert_int_equal(
        SQLColumnPrivileges(stmt, TEXT_OF("dev"), TEXT_OF("a"), TEXT_OF("b"), TEXT_OF("c")),
        SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "24000");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* The whole of the server's own catalog can be read. */
static void reads_the_system_catalog(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = reach_stmt(each(r));
        SQLRETURN rc;
        size_t n = 0;

        stmt_ok(SQLTablePrivileges(stmt, NULL, 0, TEXT_OF("pg\\_catalog"), NULL, 0), stmt);
        while (SQL_SUCCEEDED(rc = SQLFetch(stmt)))
            n++;
        assert_int_equal(rc, SQL_NO_DATA);
        assert_true(n > 500);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_table_privileges),   cmocka_unit_test(finds_tables),
        cmocka_unit_test(fills_the_names),          cmocka_unit_test(tells_column_privileges),
        cmocka_unit_test(sorts_by_column),          cmocka_unit_test(names_result_columns),
        cmocka_unit_test(takes_wide_names),         cmocka_unit_test(refuses),
        cmocka_unit_test(reads_the_system_catalog),
    };

    return cmocka_run_group_tests(tests, open_both, close_both);
}
