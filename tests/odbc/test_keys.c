/*
 * SQLPrimaryKeys and SQLForeignKeys against real catalogs; odbc.md 13. Keys are made through
 * PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "catalogbed.h"

static int up(void **state)
{
    (void)state;
    bed_up("keys");
    bed_run("CREATE TABLE $.one (x integer, id integer CONSTRAINT one_key PRIMARY KEY)");
    bed_run("CREATE TABLE $.two (a integer, gone integer, b integer, c integer,"
            " CONSTRAINT two_key PRIMARY KEY (c, a))");
    bed_run("ALTER TABLE $.two DROP COLUMN gone");
    bed_run("CREATE TABLE $.none (a integer UNIQUE)");
    bed_run("CREATE TABLE $.\"t_o\" (a integer PRIMARY KEY)");
    bed_run("CREATE TABLE $.\"t%\" (a integer PRIMARY KEY)");
    bed_run("CREATE TABLE $.\"UPPER\" (\"Mixed\" integer, CONSTRAINT \"Key\" PRIMARY KEY"
            " (\"Mixed\"))");
    bed_run("CREATE TABLE $.\"späße\" (\"größe\" integer CONSTRAINT \"schlüssel\" PRIMARY KEY)");
    bed_run("CREATE TABLE $.parted (n integer CONSTRAINT parted_key PRIMARY KEY)"
            " PARTITION BY RANGE (n)");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_down();
    return 0;
}

/* ---- SQLPrimaryKeys ---- */

enum { NORMAL = 0, IDENTIFIERS = 1 };

static const struct {
    const char *catalog, *schema, *table;
    int how;
    const char *postgres, *redshift; /* NULL: the same as on PostgreSQL; "-": HY009 */
} primaries[] = {
    { "dev", "$", "one", NORMAL, "dev|$|one|id|1|one_key", NULL },
    { NULL, "$", "one", NORMAL, "dev|$|one|id|1|one_key", NULL },
    /* in the key's order, which is not the table's */
    { NULL, "$", "two", NORMAL, "dev|$|two|c|1|two_key;dev|$|two|a|2|two_key", NULL },
    { NULL, "$", "none", NORMAL, "", NULL },
    { NULL, "$", "parted", NORMAL, "dev|$|parted|n|1|parted_key", NULL },
    { NULL, "$", "no_such", NORMAL, "", NULL },
    { NULL, "$", "", NORMAL, "", NULL },
    { NULL, "", "one", NORMAL, "", NULL },
    { "", "$", "one", NORMAL, "", NULL },
    { "other", "$", "one", NORMAL, "", NULL },
    /* no patterns */
    { NULL, "$", "t_o", NORMAL, "dev|$|t_o|a|1|t_o_pkey", NULL },
    { NULL, "$", "t%", NORMAL, "dev|$|t%|a|1|t%_pkey", NULL },
    { NULL, "$", "t\\_o", NORMAL, "", NULL },
    { NULL, "$", "%", NORMAL, "", NULL },
    { "d%", "$", "one", NORMAL, "", NULL },
    { NULL, "%", "one", NORMAL, "", NULL },
    { NULL, "$", "' OR 1 = 1 --", NORMAL, "", NULL },
    { NULL, "$", "UPPER", NORMAL, "dev|$|UPPER|Mixed|1|Key", "" },
    { NULL, "$", "ONE", NORMAL, "", "dev|$|one|id|1|one_key" },
    { NULL, "$", "späße", NORMAL, "dev|$|späße|größe|1|schlüssel", NULL },
    { NULL, "$", NULL, NORMAL, "-", NULL },
    { "DEV", "$", "ONE ", IDENTIFIERS, "dev|$|one|id|1|one_key", NULL },
    { "dev", "$", "\"UPPER\"", IDENTIFIERS, "dev|$|UPPER|Mixed|1|Key", NULL },
    { "dev", "$", "UPPER", IDENTIFIERS, "", NULL },
    { "dev", "$", "t%", IDENTIFIERS, "dev|$|t%|a|1|t%_pkey", NULL },
    { NULL, "$", "one", IDENTIFIERS, "-", NULL },
    { "dev", NULL, "one", IDENTIFIERS, "-", NULL },
};

static void expect_primary(struct t_conn *conn, size_t i, const char *want)
{
    SQLHSTMT stmt = bed_stmt(conn, primaries[i].how == IDENTIFIERS);
    SQLRETURN rc = SQLPrimaryKeys(stmt, BED_TEXT(primaries[i].catalog),
                                  BED_TEXT(primaries[i].schema), BED_TEXT(primaries[i].table));
    char row[32];

    if (strcmp(want, "-") == 0) {
        ERR(stmt, "HY009", rc);
        t_free(stmt);
        return;
    }
    OK(stmt, rc);
    snprintf(row, sizeof row, "row %zu", i);
    bed_expect(stmt, want, row);
}

static void finds_primary_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(primaries); i++) {
        expect_primary(&bed_postgres, i, primaries[i].postgres);
        expect_primary(&bed_redshift, i,
                       primaries[i].redshift != NULL ? primaries[i].redshift
                                                     : primaries[i].postgres);
    }
}

/* Without a schema all tables of that name show, in order. */
static void finds_primary_keys_of_namesakes(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);

    (void)state;
    bed_run("CREATE TABLE $.t_$ (b integer, a integer, CONSTRAINT k PRIMARY KEY (b, a));"
            "CREATE SCHEMA $_b; CREATE TABLE $_b.t_$ (z integer PRIMARY KEY)");
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, BED_TEXT("t_$")));
    bed_expect(stmt, "dev|$|t_$|b|1|k;dev|$|t_$|a|2|k;dev|$_b|t_$|z|1|t_$_pkey", "namesakes");
    bed_run("DROP SCHEMA $_b CASCADE");
}

/* As many columns as a key can have. */
static void finds_the_widest_key(void **state)
{
    char columns[512] = "c1 integer", key[512] = "c1", sql[1200], want[2048] = "";
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);

    (void)state;
    for (int i = 2; i <= 32; i++) {
        snprintf(columns + strlen(columns), sizeof columns - strlen(columns), ", c%d integer", i);
        snprintf(key + strlen(key), sizeof key - strlen(key), ", c%d", i);
    }
    for (int i = 1; i <= 32; i++)
        snprintf(want + strlen(want), sizeof want - strlen(want), "%sdev|$|wide|c%d|%d|wide_pkey",
                 i > 1 ? ";" : "", i, i);
    snprintf(sql, sizeof sql, "CREATE TABLE $.wide (%s, PRIMARY KEY (%s))", columns, key);
    bed_run(sql);
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, BED_TEXT("$"), SQL("wide")));
    bed_expect(stmt, want, "32 columns");
    bed_run("DROP TABLE $.wide");
}

static void takes_wide_primary_names(void **state)
{
    static SQLWCHAR table[] = { 's', 'p', 0xE4, 0xDF, 'e', 'x', 0 };
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    SQLWCHAR schema[64];
    SQLSMALLINT n = 0;

    (void)state;
    for (; bed_schema[n] != '\0'; n++)
        schema[n] = (SQLWCHAR)bed_schema[n];
    OK(stmt, SQLPrimaryKeysW(stmt, NULL, 0, schema, n, table, 5));
    bed_expect(stmt, "dev|$|späße|größe|1|schlüssel", "wide");
}

static void describes_primary_keys(void **state)
{
    static const struct bed_column columns[] = {
        { "TABLE_CAT", "TABLE_QUALIFIER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "TABLE_SCHEM", "TABLE_OWNER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "TABLE_NAME", "TABLE_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "COLUMN_NAME", "COLUMN_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "KEY_SEQ", "KEY_SEQ", SQL_SMALLINT, 5, SQL_NO_NULLS },
        { "PK_NAME", "PK_NAME", SQL_VARCHAR, 127, SQL_NULLABLE },
    };
    struct t_conn old;
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);

    (void)state;
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, BED_TEXT("$"), SQL("one")));
    bed_columns(stmt, false, columns, COUNT_OF(columns));
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = bed_stmt(&old, false);
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, BED_TEXT("$"), SQL("one")));
    bed_columns(stmt, true, columns, COUNT_OF(columns));
    t_close(&old);
}

static void refuses_for_primary_keys(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY090", SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, SQL(name)));
    ERR(stmt, "HY090", SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, TEXT("one"), -4));
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, TEXT(name), 127));
    ERR(stmt, "24000", SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, SQL("one")));
    t_free(stmt);
}

/* The rows are a result like another one: a static cursor, a count, a limit. */
static void scrolls_primary_keys(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    SQLCHAR name[32];
    SQLLEN count = -1;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLPrimaryKeys(stmt, NULL, 0, BED_TEXT("$"), SQL("two")));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 2);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, name, sizeof name, NULL));
    assert_string_equal((char *)name, "a");
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, name, sizeof name, NULL));
    assert_string_equal((char *)name, "c");
    t_free(stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_primary_keys),     cmocka_unit_test(finds_primary_keys_of_namesakes),
        cmocka_unit_test(finds_the_widest_key),   cmocka_unit_test(takes_wide_primary_names),
        cmocka_unit_test(describes_primary_keys), cmocka_unit_test(refuses_for_primary_keys),
        cmocka_unit_test(scrolls_primary_keys),
    };

    return cmocka_run_group_tests(tests, up, down);
}
