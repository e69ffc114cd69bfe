/*
 * SQL_ATTR_RESET_CONNECTION: nothing of the former user is left; odbc.md 2.2.
 */
#define FACE_NO_STMT
#include "facebed.h"

enum { BOTH = -1 };

static enum t_server server;

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3,
           "ApplicationName=reset test;TimeZone=Asia/Tokyo;"
           "InitializationString=SET statement_timeout TO 54321;");
    return 0;
}

static void reset(void)
{
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_RESET_CONNECTION,
                                       NUMBER(SQL_RESET_CONNECTION_YES), 0));
}

static void attributes_go_back(void **state)
{
    SQLUINTEGER n = 99;
    SQLULEN rows = 99;
    SQLHSTMT stmt;

    (void)state;
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(0), 0));
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(1), 0));
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_TIMEOUT, NUMBER(77), 0));
    reset();
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, &n, 0, NULL));
    assert_int_equal(n, SQL_MODE_READ_WRITE);
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_TIMEOUT, &n, 0, NULL));
    assert_int_equal(n, 0);
    t_run(&conn, "CREATE TEMPORARY TABLE reset_mode (n integer)"); /* neither read-only … */
    stmt = t_stmt(&conn);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, &rows, 0, NULL));
    assert_int_equal(rows, 0);
    t_free(stmt);
    DBC_OK(conn.dbc, SQLDisconnect(conn.dbc)); /* … nor in a transaction: that would be 25000 */
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
    open_conn(NULL);
}

static void the_session_goes_back(void **state)
{
    static const struct {
        int on; /* that server alone, or BOTH */
        const char *show, *change;
    } cases[] = {
        { BOTH, "SHOW search_path", "SET search_path TO pg_catalog" },
        { BOTH, "SHOW statement_timeout", "SET statement_timeout TO 4711" },
        { BOTH, "SHOW timezone", "SET timezone TO 'Europe/Rome'" },
        { T_POSTGRES, "SELECT current_user", "SET ROLE borrowed" },
        { T_REDSHIFT, "SHOW query_group", "SET query_group TO 'borrowed'" },
    };
    char before[256], after[256];
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].on != BOTH && cases[i].on != (int)server)
            continue;
        OK(stmt, SQLExecDirect(stmt, SQL(cases[i].show)));
        t_rows(stmt, before, sizeof before);
        t_run(&conn, cases[i].change);
        OK(stmt, SQLExecDirect(stmt, SQL(cases[i].show)));
        t_rows(stmt, after, sizeof after);
        assert_string_not_equal(after, before);
        reset();
        t_expect(&conn, cases[i].show, before);
    }
    t_free(stmt);
}

static void open_work_is_rolled_back(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    t_run(&conn, "CREATE TABLE public.reset_work (n integer)");
    t_run(&conn, "BEGIN");
    t_run(&conn, "INSERT INTO public.reset_work VALUES (1)");
    reset();
    t_expect(&conn, "SELECT count(*) FROM public.reset_work", "0");
    t_run(&conn, "BEGIN");
    assert_int_equal(SQLExecDirect(stmt, SQL("SELECT 1 / 0")), SQL_ERROR);
    reset(); /* of a failed transaction too */
    t_expect(&conn, "SELECT count(*) FROM public.reset_work", "0");
    t_run(&conn, "DROP TABLE public.reset_work");
    t_free(stmt);
}

static void temporary_tables_go(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    t_run(&conn, "CREATE TEMPORARY TABLE reset_temp (n integer)");
    t_run(&conn, "CREATE TEMPORARY TABLE \"reset \"\"temp\" (n integer)");
    t_run(&conn, "INSERT INTO reset_temp VALUES (1)");
    reset();
    assert_int_equal(SQLExecDirect(stmt, SQL("SELECT n FROM reset_temp")), SQL_ERROR);
    assert_int_equal(SQLExecDirect(stmt, SQL("SELECT n FROM \"reset \"\"temp\"")), SQL_ERROR);
    t_free(stmt);
}

/* A cursor in mid-result and one that waits for data are ended; what is prepared can run again. */
static void statements_go_on(void **state)
{
    SQLHSTMT open = t_stmt(&conn), prepared = t_stmt(&conn);
    SQLINTEGER n = 5;
    SQLLEN len = SQL_DATA_AT_EXEC;
    SQLPOINTER token;
    char got[64];

    (void)state;
    OK(prepared,
       SQLBindParameter(prepared, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    OK(prepared, SQLPrepare(prepared, SQL("SELECT ? + 1")));
    OK(prepared, SQLExecute(prepared));
    OK(open, SQLExecDirect(open, SQL("SELECT i FROM generate_series(1, 50000) AS g(i)")));
    OK(open, SQLFetch(open));
    reset();
#if RS_DIRECT
    ERR(open, "HY010", SQLFetch(open)); /* the manager knows nothing of it */
    OK(prepared, SQLExecute(prepared));
    t_rows(prepared, got, sizeof got);
    assert_string_equal(got, "6");
    OK(prepared,
       SQLBindParameter(prepared, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, &n, 0, &len));
    OK(prepared, SQLPrepare(prepared, SQL("SELECT ?")));
    NEED(prepared, SQLExecute(prepared));
    NEED(prepared, SQLParamData(prepared, &token));
    reset();
    ERR(prepared, "HY010", SQLPutData(prepared, got, 1));
#else
    (void)len;
    (void)token;
    (void)got;
#endif
    t_free(open);
    t_free(prepared);
    t_expect(&conn, "SELECT 1", "1");
}

static void other_values_and_states(void **state)
{
    struct t_conn closed;

    (void)state;
    DBC_ERR(conn.dbc, "HY024",
            SQLSetConnectAttr(conn.dbc, SQL_ATTR_RESET_CONNECTION, NUMBER(2), 0));
    t_alloc(&closed, SQL_OV_ODBC3);
#if RS_DIRECT
    DBC_ERR(closed.dbc, "08003",
            SQLSetConnectAttr(closed.dbc, SQL_ATTR_RESET_CONNECTION, NUMBER(1), 0));
#endif
    SQLFreeHandle(SQL_HANDLE_DBC, closed.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, closed.env);
}

/* What cannot be undone: the connection is given up. */
static void what_cannot_be_undone_ends_it(void **state)
{
    struct t_conn own;
    SQLUINTEGER dead = 9;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3,
           "InitializationString=SELECT 1 / count(*) FROM public.reset_gate;");
    t_run(&own, "DELETE FROM public.reset_gate");
    DBC_ERR(own.dbc, "22012", SQLSetConnectAttr(own.dbc, SQL_ATTR_RESET_CONNECTION, NUMBER(1), 0));
    DBC_OK(own.dbc, SQLGetConnectAttr(own.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    assert_int_equal(dead, SQL_CD_TRUE);
    t_close(&own);
}

static int gate(void **state)
{
    (void)state;
    t_run(&conn, "CREATE TABLE public.reset_gate (n integer)");
    t_run(&conn, "INSERT INTO public.reset_gate VALUES (1)");
    return 0;
}

static int no_gate(void **state)
{
    (void)state;
    t_run(&conn, "DROP TABLE public.reset_gate");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_go_back),
        cmocka_unit_test(the_session_goes_back),
        cmocka_unit_test(open_work_is_rolled_back),
        cmocka_unit_test(temporary_tables_go),
        cmocka_unit_test(statements_go_on),
        cmocka_unit_test(other_values_and_states),
        cmocka_unit_test_setup_teardown(what_cannot_be_undone_ends_it, gate, no_gate),
    };
    int failed = on_redshift()
                     ? 0
                     : cmocka_run_group_tests_name("on PostgreSQL", tests, open_conn, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("on Redshift", tests, open_conn, face_close);
}
