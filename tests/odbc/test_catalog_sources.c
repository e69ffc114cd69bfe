/*
 * Which of Redshift's sources a catalog function asks: by the server's statuses and the keys, when
 * one is refused, and what is asked once. Source: redshift.md 4, 9.3, 17; odbc.md 13.3.
 */
#include "catalogbed.h"

static struct t_conn conn;
static SQLHSTMT stmt;

static void open_with(const char *keys)
{
    t_open(&conn, T_REDSHIFT, SQL_OV_ODBC3, keys);
    stmt = t_stmt(&conn);
}

static void close_it(void)
{
    t_free(stmt);
    t_close(&conn);
}

/* How many tables of that name are seen, whichever database. */
static size_t tables(const char *catalog, const char *name)
{
    OK(stmt, SQLTables(stmt, BED_TEXT(catalog), NULL, 0, SQL(name), NULL, 0));
    return bed_count(stmt);
}

#define STATUS(of) "ApplicationName={rs-status:" of "}"
#define CROSS      "DatabaseMetadataCurrentDbOnly=0;"

/* ---- one database or all ---- */

static const struct {
    const char *keys;
    bool is_cross;
} modes[] = {
    { "", false },
    { "DatabaseMetadataCurrentDbOnly=1", false },
    { CROSS, true },
    { CROSS STATUS("datashare_enabled=off"), false },
    { CROSS STATUS("datashare_enabled"), false },
    { STATUS("external_database=on"), true },
    { CROSS "MetadataSource=catalog", false },
    { CROSS "MetadataSource=views", true },
};

static void looks_where_statuses_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        open_with(modes[i].keys);
        if (tables(NULL, "order\\_lines") != modes[i].is_cross ||
            tables("dev", "demo\\_sales") != 1 || tables("other", "demo\\_sales") != 0)
            fail_msg("%s", modes[i].keys);
        close_it();
    }
}

/* ---- SHOW ---- */

static size_t keys_of_lines(void)
{
    OK(stmt, SQLPrimaryKeys(stmt, SQL("other"), SQL("public"), SQL("order_lines")));
    return bed_count(stmt);
}

static void shows_from_level_4(void **state)
{
    (void)state;
    open_with(CROSS STATUS("show_discovery=3"));
    assert_int_equal(keys_of_lines(), 0);
    close_it();
    open_with(CROSS STATUS("show_discovery"));
    assert_int_equal(keys_of_lines(), 0);
    close_it();
    open_with(CROSS STATUS("show_discovery=5"));
    assert_int_equal(keys_of_lines(), 2);
    close_it();
}

/* Both know the table by the views; keys are told by SHOW alone. */
static void warns_of_a_refused_show(void **state)
{
    (void)state;
    open_with(CROSS);
    INFO(stmt, "01000", SQLColumns(stmt, SQL("shared_sales"), SQL("gone"), SQL("lost"), NULL, 0));
    assert_int_equal(bed_count(stmt), 1);
    INFO(stmt, "01000", SQLPrimaryKeys(stmt, SQL("shared_sales"), SQL("gone"), SQL("lost")));
    assert_int_equal(bed_count(stmt), 0);
    OK(stmt, SQLPrimaryKeys(stmt, SQL("shared_sales"), SQL("mart"), SQL("no_such")));
    assert_int_equal(bed_count(stmt), 0);
    close_it();
}

/* A SHOW has 10,000 rows at most, or here fewer. */
static void warns_of_too_many_rows(void **state)
{
    (void)state;
    open_with("MetadataSource=show;" STATUS("show_limit=20"));
    INFO(stmt, "01000", SQLTables(stmt, NULL, 0, SQL("pg\\_catalog"), SQL("pg\\_c%"), NULL, 0));
    assert_true(bed_count(stmt) > 0);
    OK(stmt, SQLTables(stmt, NULL, 0, SQL("second"), NULL, 0, NULL, 0));
    assert_int_equal(bed_count(stmt), 3);
    close_it();
}

/* ---- pg_catalog and views in one statement ---- */

static void remembers_a_refused_union(void **state)
{
    (void)state;
    open_with(STATUS("strict_leader=on"));
    INFO(stmt, "01000", SQLTables(stmt, NULL, 0, SQL("spectrum"), NULL, 0, NULL, 0));
    assert_int_equal(bed_count(stmt), 2);
    bed_statements(&conn);
    OK(stmt, SQLTables(stmt, NULL, 0, SQL("public"), SQL("demo\\_sales"), NULL, 0));
    assert_int_equal(bed_count(stmt), 1);
    assert_int_equal(bed_statements(&conn), 1);
    close_it();
}

/* Not tried there: the transaction goes on. */
static void does_not_risk_a_transaction(void **state)
{
    (void)state;
    open_with(STATUS("strict_leader=on"));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_run(&conn, "CREATE TEMPORARY TABLE in_it (a integer)");
    OK(stmt, SQLTables(stmt, NULL, 0, SQL("spectrum"), NULL, 0, NULL, 0));
    assert_int_equal(bed_count(stmt), 2);
    t_run(&conn, "INSERT INTO in_it VALUES (1)");
    close_it();
}

/* ---- extra columns ---- */

static void expect_extra(const char *keys, SQLUSMALLINT n, const char *label, const char *want)
{
    SQLSMALLINT count = 0;
    SQLCHAR name[64];
    char got[256];

    OK(stmt, SQLNumResultCols(stmt, &count));
    if (count != n)
        fail_msg("%s: %d columns, not %d", keys, count, n);
    OK(stmt, SQLDescribeCol(stmt, n, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    assert_string_equal((char *)name, label);
    bed_list(stmt, (SQLUSMALLINT)(n - 1), got, sizeof got);
    assert_string_equal(got, want);
}

static const struct {
    const char *keys, *style, *encodings;
} extras[] = {
    { "", "AUTO(ALL)", "lzo|lzo|lzo" },
    { CROSS, "AUTO(ALL)", "lzo|lzo|lzo" },
    { "MetadataSource=views", "<null>", "<null>|<null>|<null>" },
    { "MetadataSource=catalog", "<null>", "<null>|<null>|<null>" },
    { STATUS("show_discovery=0"), "<null>", "<null>|<null>|<null>" },
};

static void appends_columns_by_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(extras); i++) {
        char keys[256];

        snprintf(keys, sizeof keys, "%s;ExtraCatalogColumns=1", extras[i].keys);
        open_with(keys);
        OK(stmt, SQLTables(stmt, SQL("dev"), SQL("second"), SQL("regions"), NULL, 0));
        expect_extra(keys, 10, "TABLE_SUBTYPE", extras[i].style);
        OK(stmt, SQLColumns(stmt, SQL("dev"), SQL("second"), SQL("regions"), NULL, 0));
        expect_extra(keys, 23, "COLLATION", extras[i].encodings);
        OK(stmt, SQLTables(stmt, SQL("%"), SQL(""), SQL(""), NULL, 0));
        assert_true(bed_count(stmt) > 0);
        OK(stmt, SQLTables(stmt, SQL(""), SQL(""), SQL(""), SQL("%")));
        assert_int_equal(bed_count(stmt), 8);
        close_it();
    }
}

/* ---- how names fold ---- */

/* Statements of a call with capitals, of which one may ask. The view's text stays prepared. */
static size_t asked(void)
{
    size_t n;

    bed_statements(&conn);
    OK(stmt, SQLColumns(stmt, NULL, 0, SQL("PUBLIC%"), SQL("DEMO\\_SALES"), NULL, 0));
    bed_count(stmt);
    n = bed_statements(&conn);
    return n;
}

static void asks_once_how_names_fold(void **state)
{
    (void)state;
    open_with("");
    assert_int_equal(asked(), 2);
    assert_int_equal(asked(), 0);
    t_run(&conn, "SELECT 1");
    assert_int_equal(asked(), 0);
    t_run(&conn, "SET Enable_Case_Sensitive_Identifier TO on");
    OK(stmt, SQLTables(stmt, NULL, 0, NULL, 0, SQL("DEMO\\_SALES"), NULL, 0));
    assert_int_equal(bed_count(stmt), 0);
    assert_int_equal(asked(), 0);
    t_run(&conn, "RESET enable_case_sensitive_identifier");
    assert_int_equal(asked(), 1);
    close_it();
}

/* What was set in a transaction is undone with it. */
static void asks_anew_after_a_transaction(void **state)
{
    (void)state;
    open_with("");
    assert_int_equal(tables(NULL, "DEMO\\_SALES"), 1);
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_run(&conn, "SET enable_case_sensitive_identifier TO on");
    assert_int_equal(tables(NULL, "DEMO\\_SALES"), 0);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    assert_int_equal(tables(NULL, "DEMO\\_SALES"), 1);
    close_it();
}

/* ---- kept answers ---- */

static const char *const kept_keys[] = {
    "MetadataCacheSeconds=86400",
    CROSS "MetadataCacheSeconds=86400",
    CROSS "MetadataSource=show;MetadataCacheSeconds=86400",
};

static size_t seen(const char *schema)
{
    size_t n;

    OK(stmt, SQLTables(stmt, SQL("dev"), BED_TEXT(schema), NULL, 0, NULL, 0));
    n = bed_count(stmt);
    OK(stmt, SQLColumns(stmt, SQL("dev"), BED_TEXT(schema), SQL("t"), NULL, 0));
    n += bed_count(stmt);
    OK(stmt, SQLPrimaryKeys(stmt, SQL("dev"), BED_TEXT(schema), SQL("t")));
    return n + bed_count(stmt);
}

static void keeps_answers_of_every_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kept_keys); i++) {
        bed_run("CREATE TABLE $.t (a integer PRIMARY KEY)");
        open_with(kept_keys[i]);
        assert_int_equal(seen("$"), 3);
        bed_run("DROP TABLE $.t");
        bed_statements(&conn);
        assert_int_equal(seen("$"), 3);
        assert_int_equal(bed_statements(&conn), 0);
        t_run(&conn, "CREATE TEMPORARY TABLE of_ours (a integer)");
        assert_int_equal(seen("$"), 0);
        close_it();
    }
}

static int up(void **state)
{
    (void)state;
    bed_up("sources");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_down();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_where_statuses_say),
        cmocka_unit_test(shows_from_level_4),
        cmocka_unit_test(warns_of_a_refused_show),
        cmocka_unit_test(warns_of_too_many_rows),
        cmocka_unit_test(remembers_a_refused_union),
        cmocka_unit_test(does_not_risk_a_transaction),
        cmocka_unit_test(appends_columns_by_key),
        cmocka_unit_test(asks_once_how_names_fold),
        cmocka_unit_test(asks_anew_after_a_transaction),
        cmocka_unit_test(keeps_answers_of_every_source),
    };

    return cmocka_run_group_tests(tests, up, down);
}
