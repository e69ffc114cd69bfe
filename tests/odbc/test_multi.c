/*
 * Several results of one text (odbc.md 18) and several open statements of one connection, which
 * share its wire (odbc.md 8.1, 16).
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3, "ResultMemoryBytes=1048576;");
    t_run(&conn, "CREATE TEMP TABLE t (n integer PRIMARY KEY)");
    return 0;
}

static int new_stmt(void **state)
{
    (void)state;
    t_run(&conn, "DELETE FROM t");
    stmt = t_stmt(&conn);
    return 0;
}

static SQLLEN count(void)
{
    SQLLEN n = -7;

    OK(stmt, SQLRowCount(stmt, &n));
    return n;
}

static SQLSMALLINT columns(void)
{
    SQLSMALLINT n = -7;

    OK(stmt, SQLNumResultCols(stmt, &n));
    return n;
}

static SQLINTEGER fetch_number(SQLHSTMT from)
{
    SQLINTEGER n = -7;

    OK(from, SQLFetch(from));
    OK(from, SQLGetData(from, 1, SQL_C_SLONG, &n, 0, NULL));
    return n;
}

static void walks_results(void **state)
{
    SQLINTEGER bound = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &bound, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1; INSERT INTO t VALUES (1), (2); SELECT 3, 4; "
                                     "UPDATE t SET n = n + 10; SELECT 5 WHERE 1 = 0")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(bound, 1);
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(columns(), 0);
    assert_int_equal(count(), 2);
    ERR(stmt, "24000", SQLFetch(stmt));
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(columns(), 2);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(bound, 3);
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(count(), 2);
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(columns(), 1);
    NODATA(stmt, SQLFetch(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    /* the cursor is closed */
    ERR(stmt, "24000", SQLCloseCursor(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
}

static void counts_of_zero_are_results(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t; INSERT INTO t VALUES (1); DELETE FROM t "
                                     "WHERE n = 99")));
    assert_int_equal(count(), 0);
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(count(), 1);
    OK(stmt, SQLMoreResults(stmt)); /* not NO_DATA: that would be the end */
    assert_int_equal(count(), 0);
    NODATA(stmt, SQLMoreResults(stmt));
}

static void passes_over_what_gives_nothing(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SET DateStyle TO ISO; SELECT 7; SET DateStyle TO ISO")));
    assert_int_equal(fetch_number(stmt), 7);
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL("SET DateStyle TO ISO; SET DateStyle TO ISO")));
    assert_int_equal(count(), -1);
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL(";; SELECT 8;;")));
    assert_int_equal(fetch_number(stmt), 8);
    NODATA(stmt, SQLMoreResults(stmt));
}

static void unread_rows_are_passed_over(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 50000); SELECT 9")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLMoreResults(stmt));
    assert_int_equal(fetch_number(stmt), 9);
    NODATA(stmt, SQLMoreResults(stmt));
}

static void an_error_in_the_middle(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1; SELECT 1 / 0; SELECT 3")));
    assert_int_equal(fetch_number(stmt), 1);
    NODATA(stmt, SQLFetch(stmt));
    ERR(stmt, "22012", SQLMoreResults(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    t_expect(&conn, "SELECT 1", "1");
    /* an error of the first: of the execution */
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL("SELECT 1 / 0; SELECT 3")));
    /* a syntax error anywhere: the server runs none of it */
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELECT 1; SELEC 2")));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
}

static void closing_discards_the_rest(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 300000); SELECT 2; SELECT 3")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 4")));
    assert_int_equal(fetch_number(stmt), 4);
}

static void prepared_text_of_one_statement(void **state)
{
    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 11;")));
    OK(stmt, SQLExecute(stmt));
    assert_int_equal(fetch_number(stmt), 11);
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLExecute(stmt)); /* still prepared */
    OK(stmt, SQLCloseCursor(stmt));
}

/* ---- several statements ---- */

static void interleaves_fetches(void **state)
{
    enum { N = 5 };
    SQLHSTMT many[N];

    (void)state;
    for (int i = 0; i < N; i++) {
        char sql[128];

        many[i] = t_stmt(&conn);
        snprintf(sql, sizeof sql, "SELECT i * 10 + %d FROM generate_series(1, 2000) AS g(i)", i);
        OK(many[i], SQLExecDirect(many[i], SQL(sql)));
    }
    for (int row = 1; row <= 2000; row++)
        for (int i = 0; i < N; i++)
            assert_int_equal(fetch_number(many[i]), row * 10 + i);
    for (int i = 0; i < N; i++) {
        NODATA(many[i], SQLFetch(many[i]));
        t_free(many[i]);
    }
}

/* 100 MiB of result beside a store of 1 MiB: the rest goes to a file. */
static void stores_what_must_wait(void **state)
{
    SQLHSTMT other = t_stmt(&conn);
    long before = t_peak_kib();
    SQLINTEGER n = 0;
    SQLLEN ind;
    char pad[1100];
    SQLRETURN rc;

    (void)state;
    if (server != T_POSTGRES) {
        t_free(other);
        return;
    }
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, pad, sizeof pad, &ind));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer), repeat('x', 1000) FROM "
                                     "generate_series(1, 100000) AS g(i)")));
    for (int i = 1; i <= 10; i++) {
        OK(stmt, SQLFetch(stmt));
        assert_int_equal(n, i);
    }
    OK(other, SQLExecDirect(other, SQL("SELECT 5")));
    assert_int_equal(fetch_number(other), 5);
    for (int i = 11; (rc = SQLFetch(stmt)) == SQL_SUCCESS; i++) {
        if (n != i || ind != 1000)
            fail_msg("row %d: %d", i, n);
    }
    NODATA(stmt, rc);
    assert_int_equal(n, 100000);
    t_free(other);
    assert_in_range(t_peak_kib() - before, 0, 24 * 1024);
}

/* An error inside what was stored comes when its place is reached. */
static void stored_errors_come_in_their_place(void **state)
{
    SQLRETURN rc;
    int rows = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 / (2000 - i) FROM generate_series(1, 4000) "
                                     "AS g(i)")));
    OK(stmt, SQLFetch(stmt));
    rows++;
    t_expect(&conn, "SELECT 1", "1");
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS)
        rows++;
    ERR(stmt, "22012", rc);
    assert_int_equal(rows, 1999);
    t_expect(&conn, "SELECT 1", "1");
}

static void commit_and_rollback_preserve(void **state)
{
    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    for (int end = SQL_COMMIT; end <= SQL_ROLLBACK; end++) {
        SQLHSTMT prepared = t_stmt(&conn);

        OK(prepared, SQLPrepare(prepared, SQL("SELECT 77")));
        OK(prepared, SQLExecute(prepared));
        OK(prepared, SQLCloseCursor(prepared));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 3000)")));
        for (int i = 1; i <= 10; i++)
            assert_int_equal(fetch_number(stmt), i);
        DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, (SQLSMALLINT)end));
        for (int i = 11; i <= 3000; i++)
            assert_int_equal(fetch_number(stmt), i);
        NODATA(stmt, SQLFetch(stmt));
        OK(stmt, SQLCloseCursor(stmt));
        OK(prepared, SQLExecute(prepared));
        assert_int_equal(fetch_number(prepared), 77);
        t_free(prepared);
        DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    }
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

static void freeing_a_running_result_frees_the_wire(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        SQLHSTMT one = t_stmt(&conn);

        OK(one, SQLExecDirect(one, SQL("SELECT generate_series(1, 1000000)")));
        OK(one, SQLFetch(one));
        t_free(one);
        t_expect(&conn, "SELECT 1", "1");
    }
}

/* Catalog calls and prepared descriptions share the wire too. */
static void catalog_calls_beside_an_open_result(void **state)
{
    SQLHSTMT other = t_stmt(&conn);
    SQLSMALLINT n;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 3000)")));
    assert_int_equal(fetch_number(stmt), 1);
    OK(other, SQLTables(other, SQL("dev"), SQL("public"), SQL("demo_sales"), NULL, 0));
    OK(other, SQLFetch(other));
    assert_int_equal(fetch_number(stmt), 2);
    NODATA(other, SQLFetch(other));
    OK(other, SQLCloseCursor(other));
    OK(other, SQLPrepare(other, SQL("SELECT 1, 2, 3")));
    OK(other, SQLNumResultCols(other, &n));
    assert_int_equal(n, 3);
    assert_int_equal(fetch_number(stmt), 3);
    t_free(other);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, new_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(walks_results),
        EACH(counts_of_zero_are_results),
        EACH(passes_over_what_gives_nothing),
        EACH(unread_rows_are_passed_over),
        EACH(an_error_in_the_middle),
        EACH(closing_discards_the_rest),
        EACH(prepared_text_of_one_statement),
        EACH(interleaves_fetches),
        EACH(stores_what_must_wait),
        EACH(stored_errors_come_in_their_place),
        EACH(commit_and_rollback_preserve),
        EACH(freeing_a_running_result_frees_the_wire),
        EACH(catalog_calls_beside_an_open_result),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("multi on PostgreSQL", tests,
                                                             open_conn, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("multi on Redshift", tests, open_conn, face_close);
}
