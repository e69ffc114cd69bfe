/*
 * SQLTablePrivileges, SQLColumnPrivileges against real catalogs; odbc.md 13. Privileges are given
 * through PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "catalogbed.h"

static int up(void **state)
{
    (void)state;
    bed_up("right");
    bed_run("GRANT USAGE ON SCHEMA $ TO borrowed");
    bed_run("CREATE TABLE $.t_none (a integer, gone integer, b integer)");
    bed_run("ALTER TABLE $.t_none DROP COLUMN gone");
    bed_run("CREATE TABLE $.t_given (n integer, \"späße\" integer)");
    bed_run("GRANT SELECT ON $.t_given TO PUBLIC");
    bed_run("GRANT INSERT, UPDATE ON $.t_given TO group1 WITH GRANT OPTION");
    bed_run("GRANT SELECT ON $.t_given TO borrowed WITH GRANT OPTION");
    bed_run("GRANT DELETE, TRUNCATE ON $.t_given TO \"odd, \"\"role\"\"\"");
    bed_run("SET ROLE borrowed");
    bed_run("GRANT SELECT ON $.t_given TO group2");
    bed_run("RESET ROLE");
    bed_run("GRANT REFERENCES (n), UPDATE (n) ON $.t_given TO group1");
    bed_run("GRANT SELECT (\"späße\") ON $.t_given TO \"odd, \"\"role\"\"\" WITH GRANT OPTION");
    bed_run("CREATE TABLE $.t_revoked (n integer)");
    bed_run("REVOKE ALL ON $.t_revoked FROM CURRENT_USER");
    bed_run("CREATE TABLE $.\"UPPER\" (n integer)");
    bed_run("CREATE VIEW $.v_a AS SELECT 1 AS n");
    bed_run("GRANT SELECT ON $.v_a TO group1");
    bed_run(
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON $.v_a FROM CURRENT_USER");
    bed_run("CREATE SEQUENCE $.s_a");
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
            OK(stmt, SQLGetData(stmt, (SQLUSMALLINT)(first + i), SQL_C_CHAR, cell[i],
                                sizeof cell[i], NULL));
        n += (size_t)snprintf(out + n, cap - n, "%s<%s>%s%s|", cell[2], cell[1], cell[0],
                              strcmp(cell[3], "YES") == 0 ? "*" : "");
        assert_true(n < cap);
        assert_true(cell[3][0] == 'Y' || strcmp(cell[3], "NO") == 0);
    }
    assert_int_equal(rc, SQL_NO_DATA);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* ---- SQLTablePrivileges ---- */

static void table_grants(struct t_conn *conn, const char *table, char *got, size_t cap)
{
    SQLHSTMT stmt = t_stmt(conn);

    OK(stmt, SQLTablePrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT(table)));
    grants_of(stmt, 4, got, cap);
    t_free(stmt);
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
    assert_string_equal(t_server_var(T_POSTGRES, "_USER"), "rs_test");
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
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
    for (size_t i = 0; i < COUNT_OF(searches); i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt = t_stmt(each(r));
            char got[256];

            OK(stmt, SQLTablePrivileges(stmt, BED_TEXT(searches[i].catalog), BED_TEXT("$"),
                                        BED_TEXT(searches[i].table)));
            bed_list(stmt, 3, got, sizeof got);
            assert_string_equal(got, r ? searches[i].redshift : searches[i].postgres);
            t_free(stmt);
        }
    }
}

static void fills_the_names(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = t_stmt(each(r));
        char got[256];

        OK(stmt, SQLTablePrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT("v\\_a")));
        bed_list(stmt, 1, got, sizeof got);
        assert_string_equal(got, "dev|dev");
        OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT("v_a"), NULL, 0));
        bed_list(stmt, 2, got, sizeof got);
        assert_string_equal(got, "$|$");
        OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT("v_a"), NULL, 0));
        bed_list(stmt, 4, got, sizeof got);
        assert_string_equal(got, "n|n");
        t_free(stmt);
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
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt = t_stmt(each(r));
            char got[1024];

            OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT(columns[i].table),
                                         BED_TEXT(columns[i].column)));
            grants_of(stmt, 5, got, sizeof got);
            if (strcmp(got, columns[i].want) != 0)
                fail_msg("row %zu, %d: got \"%s\"", i, r, got);
            t_free(stmt);
        }
    }
}

/* By column name, not by number. */
static void sorts_by_column(void **state)
{
    SQLHSTMT stmt = t_stmt(&bed_postgres);
    char got[256];

    (void)state;
    bed_run("CREATE TABLE $.t_order (z integer, a integer)");
    bed_run("REVOKE ALL ON $.t_order FROM CURRENT_USER");
    bed_run("GRANT SELECT ON $.t_order TO group1");
    OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT("t_order"), NULL, 0));
    bed_list(stmt, 4, got, sizeof got);
    assert_string_equal(got, "a|z");
    bed_run("DROP TABLE $.t_order");
    t_free(stmt);
}

/* ---- the rest ---- */

static void names_result_columns(void **state)
{
    static const char *const want[] = { "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME",
                                        "GRANTOR",   "GRANTEE",     "PRIVILEGE",  "IS_GRANTABLE" };
    SQLHSTMT stmt = t_stmt(&bed_postgres);
    struct t_conn old;
    char name[64];
    SQLSMALLINT n = 0, nullable = 0;

    (void)state;
    OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, BED_TEXT("x"), NULL, 0));
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 8);
    for (SQLUSMALLINT i = 1; i <= 8; i++) {
        OK(stmt,
           SQLDescribeCol(stmt, i, TEXT(name), sizeof name, NULL, NULL, NULL, NULL, &nullable));
        assert_string_equal(name, want[i - 1]);
        assert_int_equal(nullable, (i >= 3 && i != 5 && i != 8) ? SQL_NO_NULLS : SQL_NULLABLE);
    }
    t_free(stmt);
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = t_stmt(&old);
    OK(stmt, SQLTablePrivileges(stmt, NULL, 0, NULL, 0, BED_TEXT("x")));
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 7);
    OK(stmt, SQLDescribeCol(stmt, 2, TEXT(name), sizeof name, NULL, NULL, NULL, NULL, NULL));
    assert_string_equal(name, "TABLE_OWNER");
    t_free(stmt);
    t_close(&old);
}

static void takes_wide_names(void **state)
{
    static SQLWCHAR table[] = { 'd', 'e', 'm', 'o', '_', 's', 'a', 'l', 'e', 's', 'x' };
    static SQLWCHAR column[] = { 'p', 'a', 'i', 'd', 'x' };
    SQLHSTMT stmt = t_stmt(&bed_redshift);
    char got[1024];

    (void)state;
    OK(stmt, SQLTablePrivilegesW(stmt, NULL, 0, NULL, 0, table, 10));
    grants_of(stmt, 4, got, sizeof got);
    assert_non_null(strstr(got, "SELECT<PUBLIC>"));
    assert_non_null(strstr(got, "DELETE<rs_test>"));
    OK(stmt, SQLColumnPrivilegesW(stmt, NULL, 0, NULL, 0, table, 10, column, 4));
    bed_list(stmt, 4, got, sizeof got);
    assert_non_null(strstr(got, "paid|paid"));
    t_free(stmt);
}

static void refuses(void **state)
{
    SQLHSTMT stmt = t_stmt(&bed_postgres);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY009", SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0));
    ERR(stmt, "HY090", SQLTablePrivileges(stmt, NULL, 0, NULL, 0, BED_TEXT(name)));
    ERR(stmt, "HY090", SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, BED_TEXT(name), NULL, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_TRUE), 0));
    ERR(stmt, "HY009", SQLTablePrivileges(stmt, BED_TEXT("dev"), BED_TEXT("a"), NULL, 0));
    ERR(stmt, "HY009",
        SQLColumnPrivileges(stmt, BED_TEXT("dev"), BED_TEXT("a"), BED_TEXT("b"), NULL, 0));
    OK(stmt, SQLTablePrivileges(stmt, BED_TEXT("dev"), BED_TEXT("$"), BED_TEXT("V_A ")));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "24000",
        SQLColumnPrivileges(stmt, BED_TEXT("dev"), BED_TEXT("a"), BED_TEXT("b"), BED_TEXT("c")));
    t_free(stmt);
}

/* The whole of the server's own catalog can be read. */
static void reads_the_system_catalog(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        SQLHSTMT stmt = t_stmt(each(r));

        OK(stmt, SQLTablePrivileges(stmt, NULL, 0, BED_TEXT("pg\\_catalog"), NULL, 0));
        assert_true(bed_count(stmt) > 500);
        t_free(stmt);
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

    return cmocka_run_group_tests(tests, up, down);
}
