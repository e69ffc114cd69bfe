/*
 * Preparing and executing without parameters: SQLPrepare, SQLExecute, SQLExecDirect, SQLRowCount,
 * SQLNumResultCols, SQLDescribeCol, SQLNativeSql; odbc.md 7.1. Error states of the server:
 * redshift.md 16.4.
 */
#define FACE_NO_STMT
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMP TABLE t (n integer PRIMARY KEY, s varchar(20) NOT NULL)");
    return 0;
}

/* ---- errors of the server ---- */

static const struct {
    const char *sql, *state3, *state2;
} errors[] = {
    { "SELEC 1", "42000", "37000" },
    { "SELECT no_such_column", "42S22", "S0022" },
    { "SELECT * FROM no_such_table", "42S02", "S0002" },
    { "SELECT no_such_function(1)", "42000", "37000" },
    { "SELECT 1 / 0", "22012", "22012" },
    { "SELECT CAST('x' AS integer)", "22018", "22005" },
    { "SELECT CAST('2026-02-30' AS date)", "22008", "22008" },
    { "SELECT CAST('never' AS date)", "22007", "22008" },
    { "SELECT CAST(99999 AS smallint)", "22003", "22003" },
    { "INSERT INTO t VALUES (1, 'a'), (1, 'b')", "23000", "23000" },
    { "INSERT INTO t VALUES (2, NULL)", "23000", "23000" },
    { "INSERT INTO t VALUES (3, 'a text that is too long for it')", "22001", "22001" },
    { "CREATE TEMP TABLE t (n integer)", "42S01", "S0001" },
    { "ALTER TABLE t ADD COLUMN n integer", "42S21", "S0021" },
    { "SELECT * FROM no_such_schema.t", "42S02", "S0002" },
    { "SET search_path_of_nobody TO x", "42000", "37000" },
    { "DROP TABLE pg_catalog.pg_class", "42000", "37000" },
    { "SELECT n, count(*) FROM t", "42000", "37000" },
};

static void reports_server_errors(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        char text[2048], got[6];

        ERR(stmt, errors[i].state3, SQLExecDirect(stmt, SQL(errors[i].sql)));
        assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
        assert_non_null(strstr(text, "[Redshift][ODBC Driver][Server]"));
        /* after the failure the statement is as new, and the connection usable */
        ERR(stmt, "HY010", SQLExecute(stmt));
        /* prepared: the error comes with the execution, and the preparation stays */
        OK(stmt, SQLPrepare(stmt, SQL(errors[i].sql)));
        ERR(stmt, errors[i].state3, SQLExecute(stmt));
        ERR(stmt, errors[i].state3, SQLExecute(stmt));
    }
    t_free(stmt);
    t_expect(&conn, "SELECT count(*) FROM t", "0");
}

static void maps_errors_for_odbc_2(void **state)
{
    struct t_conn old;
    SQLHSTMT stmt;

    (void)state;
    t_open(&old, server, SQL_OV_ODBC2, "");
    t_run(&old, "CREATE TEMP TABLE t (n integer PRIMARY KEY, s varchar(20) NOT NULL)");
    stmt = t_stmt(&old);
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        ERR(stmt, errors[i].state2, SQLExecDirect(stmt, SQL(errors[i].sql)));
    t_free(stmt);
    t_close(&old);
}

/* ---- counts ---- */

/* Rows on their way are not counted before the last of them is known. */
static void counts_rows_when_known(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLLEN count = -7;

    (void)state;
    for (SQLULEN size = 1; size <= 10; size += 9) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(size), 0));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")));
        OK(stmt, SQLRowCount(stmt, &count));
        assert_int_equal(count, -1);
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLRowCount(stmt, &count));
        assert_int_equal(count, size == 1 ? -1 : 3);
        while (SQLFetch(stmt) == SQL_SUCCESS)
            ;
        OK(stmt, SQLRowCount(stmt, &count));
        assert_int_equal(count, 3);
        OK(stmt, SQLCloseCursor(stmt));
    }
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 WHERE 1 = 0")));
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 0);
    t_free(stmt);
}

static void counts_rows(void **state)
{
    static const struct {
        const char *sql;
        SQLRETURN rc;
        SQLLEN count;
    } cases[] = {
        { "INSERT INTO t VALUES (10, 'a'), (11, 'b'), (12, 'c')", SQL_SUCCESS, 3 },
        { "UPDATE t SET s = 'z' WHERE n >= 11", SQL_SUCCESS, 2 },
        { "UPDATE t SET s = 'z' WHERE n > 99", SQL_NO_DATA, 0 },
        { "DELETE FROM t WHERE n > 99", SQL_NO_DATA, 0 },
        { "INSERT INTO t SELECT 1, 'x' WHERE 1 = 0", SQL_NO_DATA, 0 },
        { "DELETE FROM t", SQL_SUCCESS, 3 },
        { "CREATE TEMP TABLE counts_rows (n integer)", SQL_SUCCESS, -1 },
        { "SET DateStyle TO ISO", SQL_SUCCESS, -1 },
        { "", SQL_SUCCESS, -1 },
        { "  -- only a comment\n /* and another */ ", SQL_SUCCESS, -1 },
        { ";", SQL_SUCCESS, -1 },
    };
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SQLLEN count = -7;
        SQLSMALLINT columns = -7;

        T_CHECK(SQL_HANDLE_STMT, stmt, cases[i].rc, NULL, SQLExecDirect(stmt, SQL(cases[i].sql)));
        OK(stmt, SQLRowCount(stmt, &count));
        if (count != cases[i].count)
            fail_msg("%s: count %ld", cases[i].sql, (long)count);
        OK(stmt, SQLNumResultCols(stmt, &columns));
        assert_int_equal(columns, 0);
        NODATA(stmt, SQLMoreResults(stmt));
    }
    t_free(stmt);
    t_run(&conn, "DROP TABLE counts_rows");
}

static void no_row_is_success_for_odbc_2(void **state)
{
    struct t_conn old;
    SQLHSTMT stmt;

    (void)state;
    t_open(&old, server, SQL_OV_ODBC2, "");
    t_run(&old, "CREATE TEMP TABLE t (n integer)");
    stmt = t_stmt(&old);
    OK(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t")));
    t_free(stmt);
    t_close(&old);
}

/* ---- texts ---- */

static void takes_lengths(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    char got[64];

    (void)state;
    OK(stmt, SQLExecDirect(stmt, TEXT("SELECT 42 of what is not read"), 9));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "42");
    OK(stmt, SQLPrepare(stmt, TEXT("SELECT 43 of what is not read"), 9));
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "43");
    ERR(stmt, "HY009", SQLExecDirect(stmt, NULL, SQL_NTS));
    ERR(stmt, "HY009", SQLPrepare(stmt, NULL, 3));
    ERR(stmt, "HY090", SQLExecDirect(stmt, TEXT("SELECT 1"), -7));
    ERR(stmt, "HY090", SQLPrepare(stmt, TEXT("SELECT 1"), -7));
    /* none of these lost the preparation */
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "43");
    t_free(stmt);
}

static void takes_wide_text(void **state)
{
    /* SELECT 'ä😀' */
    static SQLWCHAR sql[] = {
        'S', 'E', 'L', 'E', 'C', 'T', ' ', '\'', 0xe4, 0xd83d, 0xde00, '\'', 0
    };
    SQLHSTMT stmt = t_stmt(&conn);
    char got[64];

    (void)state;
    OK(stmt, SQLExecDirectW(stmt, sql, SQL_NTS));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "ä😀");
    OK(stmt, SQLPrepareW(stmt, sql, 12));
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "ä😀");
    t_free(stmt);
}

static void answers_native_sql(void **state)
{
    SQLCHAR out[32] = "untouched";
    SQLINTEGER length = -1;

    (void)state;
    DBC_OK(conn.dbc, SQLNativeSql(conn.dbc, SQL("SELECT ? FROM t"), out, sizeof out, &length));
    assert_string_equal((char *)out, "SELECT ? FROM t");
    assert_int_equal(length, 15);
    DBC_INFO(conn.dbc, "01004", SQLNativeSql(conn.dbc, SQL("SELECT ? FROM t"), out, 7, &length));
    assert_string_equal((char *)out, "SELECT");
    assert_int_equal(length, 15);
    length = -1;
    DBC_OK(conn.dbc, SQLNativeSql(conn.dbc, SQL("SELECT ?"), NULL, 0, &length));
    assert_int_equal(length, 8);
    DBC_ERR(conn.dbc, "HY009", SQLNativeSql(conn.dbc, NULL, 0, out, sizeof out, &length));
    DBC_ERR(conn.dbc, "HY090", SQLNativeSql(conn.dbc, SQL("SELECT ?"), out, -5, &length));
}

/* ---- description ---- */

static void describes_before_and_after(void **state)
{
    static const struct {
        const char *name;
        SQLSMALLINT type;
        SQLULEN size;
        SQLSMALLINT digits;
    } want[] = {
        { "sale_id", SQL_INTEGER, 10, 0 },        { "customer", SQL_VARCHAR, 60, 0 },
        { "amount", SQL_NUMERIC, 18, 4 },         { "sold_on", SQL_TYPE_DATE, 10, 0 },
        { "sold_at", SQL_TYPE_TIMESTAMP, 26, 6 }, { "paid", SQL_BIT, 1, 0 },
    };
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT * FROM public.demo_sales")));
    for (int pass = 0; pass < 2; pass++) {
        SQLSMALLINT n = 0;

        OK(stmt, SQLNumResultCols(stmt, &n));
        assert_int_equal(n, COUNT_OF(want));
        for (size_t i = 0; i < COUNT_OF(want); i++) {
            SQLCHAR name[32];
            SQLSMALLINT length, type, digits, nullable;
            SQLULEN size;

            OK(stmt, SQLDescribeCol(stmt, (SQLUSMALLINT)(i + 1), name, sizeof name, &length, &type,
                                    &size, &digits, &nullable));
            assert_string_equal((char *)name, want[i].name);
            assert_int_equal(length, strlen(want[i].name));
            assert_int_equal(type, want[i].type);
            assert_int_equal(size, want[i].size);
            assert_int_equal(digits, want[i].digits);
        }
        ERR(stmt, "07009", SQLDescribeCol(stmt, 7, NULL, 0, NULL, NULL, NULL, NULL, NULL));
        if (pass == 0)
            OK(stmt, SQLExecute(stmt));
    }
    t_free(stmt);
}

static void describe_finds_errors(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLSMALLINT n;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT no_such_column")));
    ERR(stmt, "42S22", SQLNumResultCols(stmt, &n));
    ERR(stmt, "42S22", SQLNumResultCols(stmt, &n));
    ERR(stmt, "42S22", SQLExecute(stmt));
    OK(stmt, SQLPrepare(stmt, SQL("DELETE FROM t")));
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 0);
    t_free(stmt);
}

static void eager_key_finds_errors_at_prepare(void **state)
{
    struct t_conn eager;
    SQLHSTMT stmt;

    (void)state;
    t_open(&eager, server, SQL_OV_ODBC3, "PrepareMode=eager;");
    stmt = t_stmt(&eager);
    ERR(stmt, "42S22", SQLPrepare(stmt, SQL("SELECT no_such_column")));
    ERR(stmt, "HY010", SQLExecute(stmt));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
    OK(stmt, SQLExecute(stmt));
    t_free(stmt);
    t_close(&eager);
}

static void executes_again_and_again(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    char got[64];

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT sale_id FROM public.demo_sales WHERE sale_id < 3 "
                                  "ORDER BY 1")));
    for (int i = 0; i < 5; i++) {
        OK(stmt, SQLExecute(stmt));
        t_rows(stmt, got, sizeof got);
        assert_string_equal(got, "1;2");
    }
    t_free(stmt);
}

/* A prepared SELECT whose table changes between executions answers with the new columns. */
static void sees_changed_columns(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLSMALLINT n;
    SQLRETURN rc;

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE changing (a integer)");
    OK(stmt, SQLPrepare(stmt, SQL("SELECT * FROM changing")));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    t_run(&conn, "ALTER TABLE changing ADD COLUMN b integer");
    rc = SQLExecute(stmt);
    if (rc == SQL_ERROR) { /* the server may refuse: cached plan must not change result type */
        OK(stmt, SQLPrepare(stmt, SQL("SELECT * FROM changing")));
        OK(stmt, SQLExecute(stmt));
    }
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 2);
    t_free(stmt);
    t_run(&conn, "DROP TABLE changing");
}

/* ---- one statement, results of many looks ---- */

static const struct {
    const char *sql; /* NULL: SQLGetTypeInfo */
    SQLSMALLINT type[2];
    SQLLEN length[2];
    const char *value[2]; /* NULL: NULL */
    int number;           /* of the first column as an integer; -1: it is none */
} looks[] = {
    { "SELECT CAST(7 AS integer) AS a, CAST('x' AS varchar(20)) AS b",
      { SQL_INTEGER, SQL_VARCHAR },
      { 4, 1 },
      { NULL, "x" },
      7 },
    { "SELECT CAST('seven' AS varchar(20)) AS a, CAST(8 AS integer) AS b",
      { SQL_VARCHAR, SQL_INTEGER },
      { 5, 1 },
      { "seven", "8" },
      -1 },
    { "SELECT CAST(7 AS integer) AS a, CAST('x' AS varchar(20)) AS b",
      { SQL_INTEGER, SQL_VARCHAR },
      { 4, 1 },
      { NULL, "x" },
      7 },
    { NULL, { SQL_VARCHAR, SQL_SMALLINT }, { 4, 1 }, { "int4", "4" }, -1 },
    { "SELECT CAST(7 AS integer) AS a, CAST('x' AS varchar(20)) AS b",
      { SQL_INTEGER, SQL_VARCHAR },
      { 4, 1 },
      { NULL, "x" },
      7 },
    { "SELECT CAST(NULL AS varchar(20)) AS a, CAST(NULL AS integer) AS b",
      { SQL_VARCHAR, SQL_INTEGER },
      { SQL_NULL_DATA, SQL_NULL_DATA },
      { NULL, NULL },
      -1 },
};

/* Columns and the plan of fetching are kept from one result to the next: each is shown its own.
 * The first column is bound as what it is by itself. */
static void shows_each_result_as_it_is(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    union {
        int number;
        char text[32];
    } a;
    char b[32];
    SQLLEN length[2];

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_DEFAULT, &a, sizeof a, &length[0]));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, b, sizeof b, &length[1]));
    for (size_t i = 0; i < 4 * COUNT_OF(looks); i++) {
        size_t k = i % COUNT_OF(looks);

        memset(&a, '#', sizeof a);
        memset(b, '#', sizeof b);
        if (looks[k].sql == NULL)
            OK(stmt, SQLGetTypeInfo(stmt, SQL_INTEGER));
        else
            OK(stmt, SQLExecDirect(stmt, SQL(looks[k].sql)));
        for (SQLUSMALLINT c = 0; c < 2; c++) {
            SQLSMALLINT type = 0;

            OK(stmt, SQLDescribeCol(stmt, c + 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
            assert_int_equal(type, looks[k].type[c]);
        }
        OK(stmt, SQLFetch(stmt));
        assert_int_equal(length[0], looks[k].length[0]);
        assert_int_equal(length[1], looks[k].length[1]);
        if (looks[k].number >= 0)
            assert_int_equal(a.number, looks[k].number);
        if (looks[k].value[0] != NULL)
            assert_string_equal(a.text, looks[k].value[0]);
        if (looks[k].value[1] != NULL)
            assert_string_equal(b, looks[k].value[1]);
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
    t_free(stmt);
}

static void shows_notices(void **state)
{
    struct t_conn quiet;
    SQLHSTMT stmt = t_stmt(&conn);
    char got[6], text[512];

    (void)state;
    INFO(stmt, "01000", SQLExecDirect(stmt, SQL("DROP TABLE IF EXISTS no_such_table")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
    assert_non_null(strstr(text, "no_such_table"));
    OK(stmt, SQLPrepare(stmt, SQL("DROP TABLE IF EXISTS no_such_table")));
    INFO(stmt, "01000", SQLExecute(stmt));
    t_free(stmt);
    t_open(&quiet, server, SQL_OV_ODBC3, "ShowNotices=0;");
    stmt = t_stmt(&quiet);
    OK(stmt, SQLExecDirect(stmt, SQL("DROP TABLE IF EXISTS no_such_table")));
    t_free(stmt);
    t_close(&quiet);
}

/* Errors of the stand-in that PostgreSQL does not make: Redshift packs causes into the detail. */
static void maps_redshift_texts(void **state)
{
    static const struct {
        const char *fault, *state;
    } cases[] = {
        { "XX000:1023", "HY000" },
        { "XX000:Serializable isolation violation", "40001" },
        { "XX000:deadlock detected", "40001" },
        { "XX000:String length exceeds DDL length", "22001" },
        { "XX000:Numeric data overflow (result precision)", "22003" },
        { "XX000:Divide by zero", "22012" },
        { "0A000:this is not supported", "HYC00" },
        { "42501:permission denied for relation x", "42000" },
        { "25006:transaction is read-only", "42000" },
        { "55P03:could not obtain lock", "HYT00" },
        { "57014:cancelled on user's request", "HY008" },
        { "57014:Query cancelled by WLM abort action", "HYT00" },
        { "3F000:schema x does not exist", "3F000" },
        { "ZZZZZ:who knows", "HY000" },
    };
    SQLHSTMT stmt;

    (void)state;
    if (server != T_REDSHIFT)
        return;
    stmt = t_stmt(&conn);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char sql[256];

        snprintf(sql, sizeof sql, "/* rs-fault: row=1=error=%s */ SELECT 1", cases[i].fault);
        /* What fails before the first row fails where it is executed. */
        ERR(stmt, cases[i].state, SQLExecDirect(stmt, SQL(sql)));
    }
    t_free(stmt);
    t_expect(&conn, "SELECT 1", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_server_errors),
        cmocka_unit_test(maps_errors_for_odbc_2),
        cmocka_unit_test(counts_rows),
        cmocka_unit_test(counts_rows_when_known),
        cmocka_unit_test(no_row_is_success_for_odbc_2),
        cmocka_unit_test(takes_lengths),
        cmocka_unit_test(takes_wide_text),
        cmocka_unit_test(answers_native_sql),
        cmocka_unit_test(describes_before_and_after),
        cmocka_unit_test(describe_finds_errors),
        cmocka_unit_test(eager_key_finds_errors_at_prepare),
        cmocka_unit_test(executes_again_and_again),
        cmocka_unit_test(sees_changed_columns),
        cmocka_unit_test(shows_each_result_as_it_is),
        cmocka_unit_test(shows_notices),
        cmocka_unit_test(maps_redshift_texts),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("exec on PostgreSQL", tests, open_conn,
                                                             face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("exec on Redshift", tests, open_conn, face_close);
}
