/*
 * Functions of ODBC 1 and 2, as an application of that time calls them; odbc.md 1.1.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC2, "");
    return 0;
}

static int new_stmt(void **state)
{
    (void)state;
    DBC_OK(conn.dbc, SQLAllocStmt(conn.dbc, &stmt));
    return 0;
}

static int drop_stmt(void **state)
{
    (void)state;
    assert_int_equal(SQLFreeStmt(stmt, SQL_DROP), SQL_SUCCESS);
    return 0;
}

static void handles_are_made_and_freed(void **state)
{
    SQLHENV env = NULL;
    SQLHDBC dbc = NULL;

    (void)state;
    assert_int_equal(SQLAllocEnv(&env), SQL_SUCCESS);
    assert_int_equal(SQLAllocConnect(env, &dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeConnect(dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeEnv(env), SQL_SUCCESS);
}

static void statement_options(void **state)
{
    static const struct {
        SQLUSMALLINT id;
        SQLULEN value;
    } cases[] = {
        { SQL_QUERY_TIMEOUT, 17 },
        { SQL_MAX_ROWS, 3 },
        { SQL_NOSCAN, SQL_NOSCAN_ON },
        { SQL_MAX_LENGTH, 40 },
        { SQL_ROWSET_SIZE, 5 },
        { SQL_BIND_TYPE, 64 },
        { SQL_CURSOR_TYPE, SQL_CURSOR_STATIC },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SQLULEN got = 0;

        OK(stmt, SQLSetStmtOption(stmt, cases[i].id, cases[i].value));
        OK(stmt, SQLGetStmtOption(stmt, cases[i].id, &got));
        assert_int_equal(got, cases[i].value);
    }
    INFO(stmt, "01S02", SQLSetStmtOption(stmt, SQL_CURSOR_TYPE, SQL_CURSOR_DYNAMIC));
    ERR(stmt, "S1092", SQLSetStmtOption(stmt, 999, 1));
    ERR(stmt, "S1009", SQLSetStmtOption(stmt, SQL_NOSCAN, 7));
}

static void connection_options(void **state)
{
    SQLUINTEGER mode = 9;
    char got[SQL_MAX_OPTION_STRING_LENGTH + 1] = "";
    char want[SQL_MAX_OPTION_STRING_LENGTH + 1] = "";

    (void)state;
    DBC_OK(conn.dbc, SQLSetConnectOption(conn.dbc, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    DBC_OK(conn.dbc, SQLGetConnectOption(conn.dbc, SQL_AUTOCOMMIT, &mode));
    assert_int_equal(mode, SQL_AUTOCOMMIT_OFF);
    DBC_OK(conn.dbc, SQLSetConnectOption(conn.dbc, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_ON));
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_DATABASE_NAME, want, sizeof want, NULL));
    DBC_OK(conn.dbc, SQLGetConnectOption(conn.dbc, SQL_CURRENT_QUALIFIER, got));
    assert_string_equal(got, want);
    DBC_OK(conn.dbc, SQLSetConnectOption(conn.dbc, SQL_CURRENT_QUALIFIER, (SQLULEN)want));
    DBC_ERR(conn.dbc, "S1C00",
            SQLSetConnectOption(conn.dbc, SQL_CURRENT_QUALIFIER, (SQLULEN) "elsewhere"));
    DBC_ERR(conn.dbc, "S1092", SQLSetConnectOption(conn.dbc, 999, 1));
}

static void wide_connection_options(void **state)
{
    SQLWCHAR got[SQL_MAX_OPTION_STRING_LENGTH] = { 0 };
    char want[SQL_MAX_OPTION_STRING_LENGTH] = "";

    (void)state;
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_DATABASE_NAME, want, sizeof want, NULL));
    DBC_OK(conn.dbc, SQLGetConnectOptionW(conn.dbc, SQL_CURRENT_QUALIFIER, got));
    for (size_t i = 0; i <= strlen(want); i++)
        assert_int_equal(got[i], want[i]);
    DBC_OK(conn.dbc, SQLSetConnectOptionW(conn.dbc, SQL_CURRENT_QUALIFIER, (SQLULEN)got));
    got[0] = '-';
    DBC_ERR(conn.dbc, "S1C00", SQLSetConnectOptionW(conn.dbc, SQL_CURRENT_QUALIFIER, (SQLULEN)got));
}

static void ends_transactions(void **state)
{
    (void)state;
    DBC_OK(conn.dbc, SQLSetConnectOption(conn.dbc, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    t_run(&conn, "CREATE TEMPORARY TABLE odbc2_txn (n integer)");
    DBC_OK(conn.dbc, SQLTransact(conn.env, conn.dbc, SQL_COMMIT));
    t_run(&conn, "INSERT INTO odbc2_txn VALUES (1)");
    assert_int_equal(SQLTransact(conn.env, SQL_NULL_HDBC, SQL_ROLLBACK), SQL_SUCCESS);
    t_expect(&conn, "SELECT count(*) FROM odbc2_txn", "0");
    DBC_OK(conn.dbc, SQLTransact(SQL_NULL_HENV, conn.dbc, SQL_ROLLBACK));
    DBC_ERR(conn.dbc, "S1012", SQLTransact(conn.env, conn.dbc, 7));
    assert_int_equal(SQLTransact(SQL_NULL_HENV, SQL_NULL_HDBC, SQL_COMMIT), SQL_INVALID_HANDLE);
    DBC_OK(conn.dbc, SQLSetConnectOption(conn.dbc, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_ON));
}

static void column_attributes(void **state)
{
    static const struct {
        SQLUSMALLINT field;
        SQLLEN want;
    } cases[] = {
        { SQL_COLUMN_COUNT, 2 },           { SQL_COLUMN_TYPE, SQL_TIMESTAMP },
        { SQL_COLUMN_LENGTH, 16 },         { SQL_COLUMN_PRECISION, 26 },
        { SQL_COLUMN_SCALE, 6 },           { SQL_COLUMN_DISPLAY_SIZE, 26 },
        { SQL_COLUMN_UNSIGNED, SQL_TRUE },
    };
    char name[32] = "";
    SQLWCHAR wide[32] = { 0 };
    SQLSMALLINT len = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST('2001-02-03' AS timestamp) AS \"when\", 1")));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SQLLEN got = -9;

        OK(stmt, SQLColAttributes(stmt, 1, cases[i].field, NULL, 0, NULL, &got));
        assert_int_equal(got, cases[i].want);
    }
    OK(stmt, SQLColAttributes(stmt, 1, SQL_COLUMN_NAME, name, sizeof name, &len, NULL));
    assert_string_equal(name, "when");
    assert_int_equal(len, 4);
    INFO(stmt, "01004", SQLColAttributes(stmt, 1, SQL_COLUMN_LABEL, name, 3, &len, NULL));
    assert_string_equal(name, "wh");
    OK(stmt, SQLColAttributesW(stmt, 1, SQL_COLUMN_NAME, wide, sizeof wide, &len, NULL));
    assert_int_equal(wide[3], 'n');
    assert_int_equal(len, 8);
    ERR(stmt, "S1002", SQLColAttributes(stmt, 3, SQL_COLUMN_TYPE, NULL, 0, NULL, NULL));
}

static void binds_parameters(void **state)
{
    SQLINTEGER n = 6;
    char got[64], text[] = "seven";
    SQLLEN len = SQL_NTS, n_len = 0;

    (void)state;
    OK(stmt, SQLSetParam(stmt, 1, SQL_C_SLONG, SQL_INTEGER, 10, 0, &n, &n_len));
    OK(stmt, SQLBindParam(stmt, 2, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, &len));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT ?, ?")));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "6|seven");
    ERR(stmt, "S1004", SQLSetParam(stmt, 1, SQL_C_SLONG, 4711, 10, 0, &n, &n_len));
}

static void sets_of_parameters(void **state)
{
    SQLINTEGER n[3] = { 1, 2, 3 };
    SQLLEN len[3] = { 0, 0, 0 };
    SQLULEN set = 0;

    (void)state;
    t_run(&conn, "CREATE TEMPORARY TABLE odbc2_sets (n integer)");
    OK(stmt, SQLParamOptions(stmt, 3, &set));
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 10, 0, n, 0, len));
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO odbc2_sets VALUES (?)")));
    assert_int_equal(set, 3);
    t_expect(&conn, "SELECT sum(n) FROM odbc2_sets", "6");
    ERR(stmt, "S1107", SQLParamOptions(stmt, 0, &set));
}

static void scroll_options(void **state)
{
    SQLULEN type = 99, size = 0, n_rows = 0;
    SQLUSMALLINT rows[4] = { 9, 9, 9, 9 };
    SQLINTEGER n[4] = { 0 };

    (void)state;
    ERR(stmt, "S1108", SQLSetScrollOptions(stmt, 9, SQL_SCROLL_STATIC, 1));
    ERR(stmt, "S1107", SQLSetScrollOptions(stmt, SQL_CONCUR_READ_ONLY, SQL_SCROLL_STATIC, 0));
    ERR(stmt, "S1107", SQLSetScrollOptions(stmt, SQL_CONCUR_READ_ONLY, 3, 4));
    OK(stmt, SQLSetScrollOptions(stmt, SQL_CONCUR_READ_ONLY, SQL_SCROLL_STATIC, 4));
    OK(stmt, SQLGetStmtOption(stmt, SQL_CURSOR_TYPE, &type));
    OK(stmt, SQLGetStmtOption(stmt, SQL_ROWSET_SIZE, &size));
    assert_int_equal(type, SQL_CURSOR_STATIC);
    assert_int_equal(size, 4);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    OK(stmt,
       SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) FROM generate_series(1, 6) AS g(i)")));
    OK(stmt, SQLExtendedFetch(stmt, SQL_FETCH_LAST, 0, &n_rows, rows));
    assert_int_equal(n_rows, 4);
    assert_int_equal(n[0], 3);
    ERR(stmt, "S1010", SQLSetScrollOptions(stmt, SQL_CONCUR_READ_ONLY, SQL_SCROLL_STATIC, 4));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    INFO(stmt, "01S02", SQLSetScrollOptions(stmt, SQL_CONCUR_VALUES, SQL_SCROLL_DYNAMIC, 4));
}

/* The record is handed out once; the statement's comes before the connection's. */
static void hands_out_errors(void **state)
{
    SQLCHAR five[6], text[512];
    SQLSMALLINT len = 0;

    (void)state;
    assert_int_equal(SQLExecDirect(stmt, SQL("SELECT nothing_there")), SQL_ERROR);
    assert_int_equal(SQLError(conn.env, conn.dbc, stmt, five, NULL, text, sizeof text, &len),
                     SQL_SUCCESS);
    assert_string_equal(five, "S0022");
    assert_int_equal(SQLError(conn.env, conn.dbc, stmt, five, NULL, text, sizeof text, &len),
                     SQL_NO_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_are_made_and_freed),
        cmocka_unit_test_setup_teardown(statement_options, new_stmt, drop_stmt),
        cmocka_unit_test(connection_options),
        cmocka_unit_test(wide_connection_options),
        cmocka_unit_test(ends_transactions),
        cmocka_unit_test_setup_teardown(column_attributes, new_stmt, drop_stmt),
        cmocka_unit_test_setup_teardown(binds_parameters, new_stmt, drop_stmt),
        cmocka_unit_test_setup_teardown(sets_of_parameters, new_stmt, drop_stmt),
        cmocka_unit_test_setup_teardown(scroll_options, new_stmt, drop_stmt),
        cmocka_unit_test_setup_teardown(hands_out_errors, new_stmt, drop_stmt),
    };

    return cmocka_run_group_tests(tests, open_conn, face_close);
}
