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
    bed_run("CREATE TABLE $.parted_1 PARTITION OF $.parted FOR VALUES FROM (0) TO (9)");
    bed_run("CREATE TABLE $.parent (a integer, b integer, c integer, u integer UNIQUE,"
            " CONSTRAINT parent_key PRIMARY KEY (b, a), UNIQUE (a, c), UNIQUE (a))");
    bed_run("CREATE TABLE $.child (x integer, y integer, CONSTRAINT to_parent FOREIGN KEY (y, x)"
            " REFERENCES $.parent (a, b) ON UPDATE CASCADE ON DELETE SET NULL"
            " DEFERRABLE INITIALLY DEFERRED)");
    bed_run("CREATE TABLE $.\"Kid\" (f integer CONSTRAINT f1 REFERENCES $.one ON DELETE RESTRICT,"
            " g integer CONSTRAINT f2 REFERENCES $.one ON DELETE SET DEFAULT DEFERRABLE,"
            " h integer, i integer, CONSTRAINT f3 FOREIGN KEY (i, h) REFERENCES $.two)");
    bed_run("CREATE TABLE $.chain (id integer CONSTRAINT chain_key PRIMARY KEY,"
            " up integer CONSTRAINT chain_up REFERENCES $.chain)");
    bed_run("CREATE TABLE $.goal (id integer CONSTRAINT goal_key PRIMARY KEY);"
            "CREATE SCHEMA $_far; CREATE TABLE $_far.away (id integer CONSTRAINT away_to"
            " REFERENCES $.goal)");
    /* these point to no primary key */
    bed_run("CREATE TABLE $.stray (u integer REFERENCES $.parent (u), a integer, c integer,"
            " FOREIGN KEY (a, c) REFERENCES $.parent (a, c), FOREIGN KEY (a) REFERENCES"
            " $.parent (a))");
    bed_run("CREATE TABLE $.to_parted (n integer CONSTRAINT to_parted REFERENCES $.parted)");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_run("DROP SCHEMA $_far CASCADE");
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

/* want: rows, or "-" for a call that HY009 refuses. */
static void expect_answer(SQLHSTMT stmt, SQLRETURN rc, size_t i, const char *want)
{
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

static void expect_primary(struct t_conn *conn, size_t i, const char *want)
{
    SQLHSTMT stmt = bed_stmt(conn, primaries[i].how == IDENTIFIERS);
    SQLRETURN rc = SQLPrimaryKeys(stmt, BED_TEXT(primaries[i].catalog),
                                  BED_TEXT(primaries[i].schema), BED_TEXT(primaries[i].table));

    expect_answer(stmt, rc, i, want);
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
    SQLSMALLINT n = bed_wide_schema(schema);

    (void)state;
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

/* ---- SQLForeignKeys ---- */

#define CHILD_1 "dev|$|parent|a|dev|$|child|y|1|0|2|to_parent|parent_key|5"
#define CHILD_2 "dev|$|parent|b|dev|$|child|x|2|0|2|to_parent|parent_key|5"
#define KID_F   "dev|$|one|id|dev|$|Kid|f|1|3|3|f1|one_key|7"
#define KID_G   "dev|$|one|id|dev|$|Kid|g|1|3|4|f2|one_key|6"
#define KID_TWO                                                                                    \
    "dev|$|two|c|dev|$|Kid|i|1|3|3|f3|two_key|7;dev|$|two|a|dev|$|Kid|h|2|3|3|f3|two_key|7"
#define CHAIN    "dev|$|chain|id|dev|$|chain|up|1|3|3|chain_up|chain_key|7"
#define AWAY     "dev|$|goal|id|dev|$_far|away|id|1|3|3|away_to|goal_key|7"
/* Redshift: nothing is enforced */
#define CHILD_R1 "dev|$|parent|a|dev|$|child|y|1|3|3|to_parent|parent_key|7"
#define CHILD_R2 "dev|$|parent|b|dev|$|child|x|2|3|3|to_parent|parent_key|7"
#define KID_GR   "dev|$|one|id|dev|$|Kid|g|1|3|3|f2|one_key|7"

static const struct {
    const char *name[6]; /* catalog, schema, table of both */
    int how;
    const char *postgres, *redshift; /* NULL: the same as on PostgreSQL; "-": HY009 */
} foreigns[] = {
    { { NULL, "$", "parent" }, NORMAL, CHILD_1 ";" CHILD_2, CHILD_R1 ";" CHILD_R2 },
    { { NULL, NULL, NULL, NULL, "$", "child" },
      NORMAL,
      CHILD_1 ";" CHILD_2,
      CHILD_R1 ";" CHILD_R2 },
    { { "dev", "$", "parent", "dev", "$", "child" },
      NORMAL,
      CHILD_1 ";" CHILD_2,
      CHILD_R1 ";" CHILD_R2 },
    { { NULL, "$", "one" }, NORMAL, KID_F ";" KID_G, KID_F ";" KID_GR },
    { { NULL, NULL, NULL, NULL, "$", "Kid" }, NORMAL, KID_F ";" KID_G ";" KID_TWO, "" },
    { { NULL, "$", "two", NULL, "$", "Kid" }, NORMAL, KID_TWO, "" },
    { { NULL, "$", "two", NULL, NULL, NULL }, NORMAL, KID_TWO, NULL },
    { { NULL, "$", "chain" }, NORMAL, CHAIN, NULL },
    { { NULL, NULL, NULL, NULL, "$", "chain" }, NORMAL, CHAIN, NULL },
    { { NULL, "$", "one", NULL, "$", "child" }, NORMAL, "", NULL },
    { { NULL, NULL, NULL, NULL, "$", "stray" }, NORMAL, "", NULL },
    { { NULL, NULL, NULL, NULL, "$", "to_parted" },
      NORMAL,
      "dev|$|parted|n|dev|$|to_parted|n|1|3|3|to_parted|parted_key|7",
      "*" },
    { { NULL, "$", "goal" }, NORMAL, AWAY, NULL },
    { { NULL, NULL, NULL, NULL, "$_far", "away" }, NORMAL, AWAY, NULL },
    { { NULL, "$", "goal", NULL, "$_far" }, NORMAL, AWAY, NULL },
    { { NULL, "$_far", "goal" }, NORMAL, "", NULL },
    { { NULL, "$", "goal", NULL, "$", "away" }, NORMAL, "", NULL },
    { { "other", "$", "one" }, NORMAL, "", NULL },
    { { NULL, "$", "one", "other" }, NORMAL, "", NULL },
    { { "dev", "$", "one", "dev" }, NORMAL, KID_F ";" KID_G, KID_F ";" KID_GR },
    { { NULL, "", "one" }, NORMAL, "", NULL },
    { { NULL, "$", "o%" }, NORMAL, "", NULL },
    { { NULL, NULL, NULL, NULL, "$", "ch%" }, NORMAL, "", NULL },
    { { NULL, "$", "no_such" }, NORMAL, "", NULL },
    { { NULL, "$", "ONE" }, NORMAL, "", KID_F ";" KID_GR },
    { { NULL }, NORMAL, "-", NULL },
    { { "dev", "$", NULL, "dev", "$", NULL }, NORMAL, "-", NULL },
    { { "DEV", "$", "ONE " }, IDENTIFIERS, KID_F ";" KID_G, KID_F ";" KID_GR },
    { { NULL, NULL, NULL, "dev", "$", "\"Kid\"" },
      IDENTIFIERS,
      KID_F ";" KID_G ";" KID_TWO,
      KID_F ";" KID_GR ";" KID_TWO },
    { { "dev", "$", "one", "dev", "$", "Kid" }, IDENTIFIERS, "", NULL },
    { { "dev", NULL, "one" }, IDENTIFIERS, "-", NULL },
    { { NULL, "$", "one" }, IDENTIFIERS, "-", NULL },
    { { NULL, NULL, NULL, NULL, "$", "chain" }, IDENTIFIERS, "-", NULL },
    { { NULL }, IDENTIFIERS, "-", NULL },
};

static SQLRETURN foreign_keys(SQLHSTMT stmt, const char *const name[6])
{
    return SQLForeignKeys(stmt, BED_TEXT(name[0]), BED_TEXT(name[1]), BED_TEXT(name[2]),
                          BED_TEXT(name[3]), BED_TEXT(name[4]), BED_TEXT(name[5]));
}

static void expect_foreign(struct t_conn *conn, size_t i, const char *want)
{
    SQLHSTMT stmt = bed_stmt(conn, foreigns[i].how == IDENTIFIERS);
    SQLRETURN rc = foreign_keys(stmt, foreigns[i].name);

    expect_answer(stmt, rc, i, want);
}

static void finds_foreign_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(foreigns); i++) {
        const char *redshift =
            foreigns[i].redshift != NULL ? foreigns[i].redshift : foreigns[i].postgres;

        expect_foreign(&bed_postgres, i, foreigns[i].postgres);
        if (strcmp(redshift, "*") != 0) /* Redshift has no partitioned tables */
            expect_foreign(&bed_redshift, i, redshift);
    }
}

/* By the other side's tables, and within one by the place in the key. */
static void sorts_foreign_keys(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    static const char *const by_primary[6] = { NULL, "$", "hub" };
    static const char *const by_foreign[6] = { NULL, NULL, NULL, NULL, "$", "z_spoke" };

    (void)state;
    bed_run("CREATE TABLE $.hub (a integer, b integer, CONSTRAINT hub_key PRIMARY KEY (a, b))");
    bed_run("CREATE TABLE $.a_hub (a integer, b integer, CONSTRAINT a_key PRIMARY KEY (a, b))");
    bed_run("CREATE TABLE $.z_spoke (a integer, b integer, CONSTRAINT z1 FOREIGN KEY (a, b)"
            " REFERENCES $.hub, CONSTRAINT z2 FOREIGN KEY (a, b) REFERENCES $.a_hub)");
    bed_run("CREATE TABLE $.b_spoke (a integer, b integer, CONSTRAINT b1 FOREIGN KEY (a, b)"
            " REFERENCES $.hub)");
    OK(stmt, foreign_keys(stmt, by_primary));
    bed_expect(stmt,
               "dev|$|hub|a|dev|$|b_spoke|a|1|3|3|b1|hub_key|7;"
               "dev|$|hub|b|dev|$|b_spoke|b|2|3|3|b1|hub_key|7;"
               "dev|$|hub|a|dev|$|z_spoke|a|1|3|3|z1|hub_key|7;"
               "dev|$|hub|b|dev|$|z_spoke|b|2|3|3|z1|hub_key|7",
               "by primary key");
    stmt = bed_stmt(&bed_postgres, false);
    OK(stmt, foreign_keys(stmt, by_foreign));
    bed_expect(stmt,
               "dev|$|a_hub|a|dev|$|z_spoke|a|1|3|3|z2|a_key|7;"
               "dev|$|a_hub|b|dev|$|z_spoke|b|2|3|3|z2|a_key|7;"
               "dev|$|hub|a|dev|$|z_spoke|a|1|3|3|z1|hub_key|7;"
               "dev|$|hub|b|dev|$|z_spoke|b|2|3|3|z1|hub_key|7",
               "by foreign key");
    bed_run("DROP TABLE $.z_spoke, $.b_spoke, $.hub, $.a_hub");
}

static void describes_foreign_keys(void **state)
{
    static const struct bed_column columns[] = {
        { "PKTABLE_CAT", "PKTABLE_QUALIFIER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "PKTABLE_SCHEM", "PKTABLE_OWNER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "PKTABLE_NAME", "PKTABLE_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "PKCOLUMN_NAME", "PKCOLUMN_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "FKTABLE_CAT", "FKTABLE_QUALIFIER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "FKTABLE_SCHEM", "FKTABLE_OWNER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "FKTABLE_NAME", "FKTABLE_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "FKCOLUMN_NAME", "FKCOLUMN_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "KEY_SEQ", "KEY_SEQ", SQL_SMALLINT, 5, SQL_NO_NULLS },
        { "UPDATE_RULE", "UPDATE_RULE", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "DELETE_RULE", "DELETE_RULE", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "FK_NAME", "FK_NAME", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "PK_NAME", "PK_NAME", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "DEFERRABILITY", "DEFERRABILITY", SQL_SMALLINT, 5, SQL_NULLABLE },
    };
    static const char *const name[6] = { NULL, "$", "one" };
    struct t_conn old;
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);

    (void)state;
    OK(stmt, foreign_keys(stmt, name));
    bed_columns(stmt, false, columns, COUNT_OF(columns));
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = bed_stmt(&old, false);
    OK(stmt, foreign_keys(stmt, name));
    bed_columns(stmt, true, columns, COUNT_OF(columns));
    /* ODBC 2 has RESTRICT where ODBC 3 has NO ACTION */
    stmt = bed_stmt(&old, false);
    OK(stmt, foreign_keys(stmt, name));
    bed_expect(stmt,
               "dev|$|one|id|dev|$|Kid|f|1|1|1|f1|one_key|7;"
               "dev|$|one|id|dev|$|Kid|g|1|1|4|f2|one_key|6",
               "ODBC 2");
    t_close(&old);
}

static void refuses_for_foreign_keys(void **state)
{
    static const char *const good[6] = { NULL, "$", "one" };
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY090",
        SQLForeignKeys(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, SQL(name)));
    ERR(stmt, "HY090",
        SQLForeignKeys(stmt, NULL, 0, NULL, 0, SQL("one"), NULL, 0, TEXT("x"), -4, NULL, 0));
    OK(stmt, foreign_keys(stmt, good));
    ERR(stmt, "24000", foreign_keys(stmt, good));
    t_free(stmt);
}

static void takes_wide_foreign_names(void **state)
{
    static SQLWCHAR table[] = { 'o', 'n', 'e' };
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    SQLWCHAR schema[64];
    SQLSMALLINT n = bed_wide_schema(schema);

    (void)state;
    OK(stmt, SQLForeignKeysW(stmt, NULL, 0, schema, n, table, 3, NULL, 0, schema, n, NULL, 0));
    bed_expect(stmt, KID_F ";" KID_GR, "wide");
}

/* ---- the statement around, for SQLStatistics and SQLSpecialColumns as well ---- */

/* In the midst of parameter data nothing of a catalog is told. */
static void waits_for_parameter_data(void **state)
{
    static const char *const name[6] = { NULL, "$", "one" };
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    SQLLEN at_exec = SQL_DATA_AT_EXEC;
    SQLPOINTER token;

    (void)state;
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, &at_exec, 0,
                              &at_exec));
    NEED(stmt, SQLExecDirect(stmt, SQL("SELECT ?")));
    ERR(stmt, "HY010", SQLPrimaryKeys(stmt, NULL, 0, BED_TEXT("$"), SQL("one")));
    ERR(stmt, "HY010", foreign_keys(stmt, name));
    ERR(stmt, "HY010",
        SQLStatistics(stmt, NULL, 0, BED_TEXT("$"), SQL("one"), SQL_INDEX_ALL, SQL_QUICK));
    ERR(stmt, "HY010",
        SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, BED_TEXT("$"), SQL("one"),
                          SQL_SCOPE_SESSION, SQL_NULLABLE));
    NEED(stmt, SQLParamData(stmt, &token));
    OK(stmt, SQLPutData(stmt, TEXT("x"), 1));
    OK(stmt, SQLParamData(stmt, &token));
    bed_expect(stmt, "x", "the parameter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_primary_keys),
        cmocka_unit_test(finds_primary_keys_of_namesakes),
        cmocka_unit_test(finds_the_widest_key),
        cmocka_unit_test(takes_wide_primary_names),
        cmocka_unit_test(describes_primary_keys),
        cmocka_unit_test(refuses_for_primary_keys),
        cmocka_unit_test(scrolls_primary_keys),
        cmocka_unit_test(finds_foreign_keys),
        cmocka_unit_test(sorts_foreign_keys),
        cmocka_unit_test(describes_foreign_keys),
        cmocka_unit_test(refuses_for_foreign_keys),
        cmocka_unit_test(takes_wide_foreign_names),
        cmocka_unit_test(waits_for_parameter_data),
    };

    return cmocka_run_group_tests(tests, up, down);
}
