/*
 * The state table of statements and connections; odbc.md 1.3, 1.4. The manager believes some
 * states by itself; BY(direct, managed) says where the two differ.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMP TABLE t (n integer)");
    return 0;
}

static SQLRETURN get_data(void)
{
    SQLINTEGER n;

    return SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL);
}

static SQLRETURN describe_col(void)
{
    return SQLDescribeCol(stmt, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL);
}

static SQLRETURN column_type(void)
{
    SQLLEN n;

    return SQLColAttribute(stmt, 1, SQL_DESC_TYPE, NULL, 0, NULL, &n);
}

static SQLRETURN row_number(void)
{
    SQLULEN n;

    return SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &n, 0, NULL);
}

static SQLRETURN extended_fetch(void)
{
    SQLULEN n;
    SQLUSMALLINT status[1];

    return SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &n, status);
}

static SQLRETURN row_count(void)
{
    SQLLEN n;

    return SQLRowCount(stmt, &n);
}

static SQLRETURN num_cols(void)
{
    SQLSMALLINT n;

    return SQLNumResultCols(stmt, &n);
}

static SQLRETURN set_pos(void)
{
    return SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE);
}

static SQLRETURN num_params(void)
{
    SQLSMALLINT n;

    return SQLNumParams(stmt, &n);
}

static SQLRETURN describe_param(void)
{
    SQLSMALLINT n;

    return SQLDescribeParam(stmt, 1, &n, NULL, NULL, NULL);
}

static SQLRETURN param_data(void)
{
    SQLPOINTER token;

    return SQLParamData(stmt, &token);
}

static SQLRETURN put_data(void)
{
    return SQLPutData(stmt, TEXT("x"), 1);
}

static SQLRETURN ird_type(void)
{
    SQLHDESC ird;
    SQLSMALLINT n;

    SQLGetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL);
    return SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL);
}

static void state_of_ird(SQLRETURN want, const char *state)
{
    SQLHDESC ird;
    SQLRETURN rc = ird_type();

    SQLGetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL);
    t_check(SQL_HANDLE_DESC, ird, rc, want, state, "IRD", __FILE__, __LINE__);
}

/* The calls that a state without a result refuses. */
static void refuses_rows(const char *state)
{
    ERR(stmt, state, SQLFetch(stmt));
    ERR(stmt, state, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    ERR(stmt, state, get_data());
    ERR(stmt, state, set_pos());
}

static void refuses_need_calls(void)
{
    ERR(stmt, "HY010", param_data());
    ERR(stmt, "HY010", put_data());
}

static void s1_allocated(void **state)
{
    (void)state;
    ERR(stmt, "HY010", SQLExecute(stmt));
    ERR(stmt, "HY010", column_type());
    ERR(stmt, "HY010", describe_col());
    ERR(stmt, "HY010", num_cols());
    ERR(stmt, "HY010", num_params());
    ERR(stmt, "HY010", describe_param());
    ERR(stmt, "HY010", row_count());
    refuses_rows("HY010");
    ERR(stmt, "HY010", extended_fetch());
    refuses_need_calls();
    ERR(stmt, "24000", SQLCloseCursor(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    ERR(stmt, "HY092", SQLFreeStmt(stmt, 77));
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLCancel(stmt));
    state_of_ird(SQL_ERROR, "HY007");
    ERR(stmt, "24000", row_number());
}

static void s2_prepared_without_columns(void **state)
{
    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("DELETE FROM t")));
    refuses_rows("HY010");
    ERR(stmt, "HY010", row_count());
    refuses_need_calls();
    ERR(stmt, "07005", describe_col());
    ERR(stmt, "07005", column_type());
    ERR(stmt, "24000", SQLCloseCursor(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    state_of_ird(SQL_NO_DATA, NULL);
    {
        SQLLEN n = 7;

        OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_COUNT, NULL, 0, NULL, &n));
        assert_int_equal(n, 0);
    }
    OK(stmt, num_cols());
    OK(stmt, num_params());
    ERR(stmt, "07009", describe_param());
}

static void s3_prepared_with_columns(void **state)
{
    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT n FROM t")));
    refuses_rows("HY010");
    ERR(stmt, "HY010", row_count());
    refuses_need_calls();
    OK(stmt, describe_col());
    OK(stmt, column_type());
    state_of_ird(SQL_SUCCESS, NULL);
    ERR(stmt, "24000", SQLCloseCursor(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    ERR(stmt, "24000", row_number());
    /* preparing anew is allowed */
    OK(stmt, SQLPrepare(stmt, SQL("DELETE FROM t")));
}

static void s4_executed_without_cursor(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (1)")));
    refuses_rows("24000");
    ERR(stmt, "24000", extended_fetch());
    ERR(stmt, "24000", SQLCloseCursor(stmt));
    ERR(stmt, "24000", SQLSetCursorName(stmt, SQL("mine")));
    ERR(stmt, "07005", describe_col());
    ERR(stmt, "07005", column_type());
    OK(stmt, num_cols());
    OK(stmt, row_count());
    refuses_need_calls();
    state_of_ird(SQL_NO_DATA, NULL);
    NODATA(stmt, SQLMoreResults(stmt));
    ERR(stmt, "HY010", row_count());
    ERR(stmt, "HY010", SQLExecute(stmt));
    /* no further result: executing again is allowed */
    OK(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t")));
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (1)")));
    OK(stmt, SQLPrepare(stmt, SQL("DELETE FROM t")));
    OK(stmt, SQLExecute(stmt));
    /* through the manager a NO_DATA execution counts as closed */
    NODATA(stmt, SQLExecute(stmt));
    NODATA(stmt, SQLExecute(stmt));
}

static void s4_with_a_further_result(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (1); SELECT 2")));
    if (!RS_DIRECT) { /* each refusal lets the manager forget the result */
        ERR(stmt, "24000", SQLExecDirect(stmt, SQL("SELECT 1")));
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        t_run(&conn, "DELETE FROM t");
        return;
    }
    ERR(stmt, "24000", SQLExecDirect(stmt, SQL("SELECT 1")));
    ERR(stmt, "24000", SQLPrepare(stmt, SQL("SELECT 1")));
    ERR(stmt, "24000", SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0));
    OK(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLFetch(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t")));
}

/* ---- executing calls while a cursor is open ---- */

static SQLRETURN exec_direct(void)
{
    return SQLExecDirect(stmt, SQL("SELECT 1"));
}

static SQLRETURN prepare(void)
{
    return SQLPrepare(stmt, SQL("SELECT 1"));
}

static SQLRETURN tables(void)
{
    return SQLTables(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0);
}

static SQLRETURN type_info(void)
{
    return SQLGetTypeInfo(stmt, SQL_ALL_TYPES);
}

static SQLRETURN execute(void)
{
    return SQLExecute(stmt);
}

static SQLRETURN name_cursor(void)
{
    return SQLSetCursorName(stmt, SQL("mine"));
}

enum where { BEFORE_A_ROW, ON_A_ROW, AFTER_EXTENDED_FETCH, AT_THE_END };

static void open_cursor(bool prepared, enum where where)
{
    if (prepared) {
        OK(stmt, prepare());
        OK(stmt, execute());
    } else {
        OK(stmt, exec_direct());
    }
    if (where == AFTER_EXTENDED_FETCH)
        OK(stmt, extended_fetch());
    else if (where != BEFORE_A_ROW)
        OK(stmt, SQLFetch(stmt));
    if (where == AT_THE_END)
        NODATA(stmt, SQLFetch(stmt));
}

/* After a refusal the manager has its own idea of the state: each call has a cursor of its own. */
static void cursors_refuse_executing(void **state)
{
    static SQLRETURN (*const calls[])(void) = { exec_direct, prepare, tables,
                                                type_info,   execute, name_cursor };

    (void)state;
    for (int where = BEFORE_A_ROW; where <= AT_THE_END; where++)
        for (int prepared = 0; prepared < 2; prepared++)
            for (size_t i = 0; i < COUNT_OF(calls); i++) {
                bool unprepared = calls[i] == execute && !prepared;

                t_free(stmt);
                stmt = t_stmt(&conn);
                open_cursor(prepared, where);
                ERR(stmt, unprepared ? "HY010" : "24000", calls[i]());
                OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
                OK(stmt, exec_direct());
            }
}

static void s5_cursor_open(void **state)
{
    (void)state;
    for (int prepared = 0; prepared < 2; prepared++) {
        open_cursor(prepared, BEFORE_A_ROW);
        refuses_need_calls();
        ERR(stmt, "24000", get_data());
        ERR(stmt, "24000", set_pos());
        ERR(stmt, "24000", row_number());
        OK(stmt, describe_col());
        OK(stmt, num_cols());
        OK(stmt, row_count());
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLCloseCursor(stmt));
        if (prepared)
            ERR(stmt, "HY010", row_count());
    }
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "24000", SQLCloseCursor(stmt));
}

static void s6_on_a_row(void **state)
{
    SQLULEN n = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 UNION ALL SELECT 2")));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "HY010", extended_fetch());
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &n, 0, NULL));
    assert_int_equal(n, 1);
    OK(stmt, set_pos());
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &n, 0, NULL));
    assert_int_equal(n, 2);
    NODATA(stmt, SQLFetch(stmt));
    /* a cursor stays open after its last row */
    ERR(stmt, "24000", get_data());
    ERR(stmt, "24000", set_pos());
    ERR(stmt, "24000", row_number());
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

static void s7_after_extended_fetch(void **state)
{
    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 UNION ALL SELECT 2")));
    OK(stmt, extended_fetch());
    ERR(stmt, "HY010", SQLFetch(stmt));
    ERR(stmt, "HY010", SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    OK(stmt, get_data());
    OK(stmt, extended_fetch());
    NODATA(stmt, extended_fetch());
    ERR(stmt, "24000", get_data());
    OK(stmt, SQLCloseCursor(stmt));
}

static void s8_needs_data(void **state)
{
    SQLLEN length = SQL_DATA_AT_EXEC;
    SQLPOINTER token;
    SQLHSTMT other = t_stmt(&conn);

    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0,
                                  TEXT("token"), 0, &length));
        if (direct) {
            NEED(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(? AS varchar(10))")));
        } else {
            OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS varchar(10))")));
            NEED(stmt, SQLExecute(stmt));
        }
        ERR(stmt, "HY010", put_data());
        ERR(stmt, "HY010", SQLFetch(stmt));
        ERR(stmt, "HY010", get_data());
        ERR(stmt, "HY010", SQLExecute(stmt));
        ERR(stmt, "HY010", SQLExecDirect(stmt, SQL("SELECT 1")));
        ERR(stmt, "HY010", SQLPrepare(stmt, SQL("SELECT 1")));
        ERR(stmt, "HY010", num_cols());
        ERR(stmt, "HY010", num_params());
        ERR(stmt, "HY010", row_count());
        ERR(stmt, "HY010", SQLFreeStmt(stmt, SQL_CLOSE));
        ERR(stmt, "HY010", SQLFreeStmt(stmt, SQL_RESET_PARAMS));
        ERR(stmt, "HY010",
            SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0,
                             TEXT("token"), 0, &length));
        ERR(stmt, "HY010", SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(1), 0));
        ERR(stmt, "HY010", SQLFreeHandle(SQL_HANDLE_STMT, stmt));
        DBC_ERR(conn.dbc, "HY010", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
        DBC_ERR(conn.dbc, "HY010", SQLDisconnect(conn.dbc));
        /* other statements work meanwhile */
        OK(other, SQLExecDirect(other, SQL("SELECT 1")));
        OK(other, SQLCloseCursor(other));
        NEED(stmt, SQLParamData(stmt, &token));
        assert_string_equal((char *)token, "token");
        ERR(stmt, "HY010", SQLParamData(stmt, &token)); /* S9: no data yet */
        if (!RS_DIRECT) { /* the manager refused that, so the driver still waits */
            OK(stmt, SQLCancel(stmt));
            continue;
        }
        /* an error of SQLParamData leaves: prepared after SQLExecute, allocated else */
        if (direct)
            ERR(stmt, "HY010", SQLExecute(stmt));
        else
            NEED(stmt, SQLExecute(stmt));
        OK(stmt, SQLCancel(stmt));
    }
    t_free(other);
}

static void cancel_leaves_need_data(void **state)
{
    SQLLEN length = SQL_DATA_AT_EXEC;
    SQLPOINTER token;

    (void)state;
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, NULL, 0,
                              &length));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS varchar(10))")));
    NEED(stmt, SQLExecute(stmt));
    OK(stmt, SQLCancel(stmt));
    NEED(stmt, SQLExecute(stmt));
    NEED(stmt, SQLParamData(stmt, &token));
    OK(stmt, SQLCancel(stmt));
    NEED(stmt, SQLExecute(stmt));
    NEED(stmt, SQLParamData(stmt, &token));
    OK(stmt, put_data());
    OK(stmt, SQLCancel(stmt));
    NEED(stmt, SQLExecute(stmt));
    OK(stmt, SQLCancelHandle(SQL_HANDLE_STMT, stmt));
    NEED(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(? AS varchar(10))")));
    OK(stmt, SQLCancel(stmt));
    ERR(stmt, "HY010", SQLExecute(stmt));
}

/* What a failing or succeeding call leaves of an earlier preparation. */
static void loses_and_keeps_preparations(void **state)
{
    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table")));
    ERR(stmt, "HY010", SQLExecute(stmt));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 2")));
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "HY010", SQLExecute(stmt));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
    OK(stmt, SQLGetTypeInfo(stmt, SQL_INTEGER));
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "HY010", SQLExecute(stmt));
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO t SELECT 1 / count(*) FROM t WHERE n = 77")));
    ERR(stmt, "22012", SQLExecute(stmt));
    t_run(&conn, "INSERT INTO t VALUES (77)");
    OK(stmt, SQLExecute(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLExecute(stmt));
    t_run(&conn, "DELETE FROM t");
}

static void names_cursors(void **state)
{
    SQLCHAR name[64];
    SQLSMALLINT length;
    SQLHSTMT other = t_stmt(&conn);
    char longest[129];

    (void)state;
    OK(stmt, SQLGetCursorName(stmt, name, sizeof name, &length));
    assert_memory_equal(name, "SQL_CUR", 7);
    assert_in_range(length, 8, 18);
    OK(stmt, SQLSetCursorName(stmt, SQL("mine")));
    OK(stmt, SQLGetCursorName(stmt, name, sizeof name, &length));
    assert_string_equal((char *)name, "mine");
    ERR(other, "3C000", SQLSetCursorName(other, SQL("mine")));
    ERR(other, "34000", SQLSetCursorName(other, SQL("SQL_CURx")));
    ERR(other, "34000", SQLSetCursorName(other, SQL("sqlcur1")));
    memset(longest, 'x', sizeof longest);
    longest[128] = '\0';
    ERR(other, "34000", SQLSetCursorName(other, SQL(longest)));
    longest[127] = '\0';
    OK(other, SQLSetCursorName(other, SQL(longest)));
    OK(other, SQLSetCursorName(other, TEXT("mine-not"), 4 + 2));
    ERR(stmt, "HY090", SQLGetCursorName(stmt, name, -5, &length));
    INFO(stmt, "01004", SQLGetCursorName(stmt, name, 3, &length));
    assert_string_equal((char *)name, "mi");
    assert_int_equal(length, 4);
    t_free(other);
}

/* ---- attributes that want a state ---- */

static void cursor_attributes_want_s1(void **state)
{
    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1")));
    ERR(stmt, "HY011", SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, NUMBER(SQL_CONCUR_READ_ONLY), 0));
    ERR(stmt, "HY011",
        SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_FORWARD_ONLY), 0));
    OK(stmt, SQLExecute(stmt));
    ERR(stmt, "24000",
        SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_FORWARD_ONLY), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(5), 0));
    OK(stmt, SQLCloseCursor(stmt));
}

/* ---- handles ---- */

static void knows_its_handles(void **state)
{
    SQLHDBC fresh;
    SQLHSTMT none = NULL;
    SQLHENV env;

    (void)state;
    assert_int_equal(SQLFetch(SQL_NULL_HSTMT), SQL_INVALID_HANDLE);
    assert_int_equal(SQLExecute(conn.dbc), SQL_INVALID_HANDLE);
    assert_int_equal(SQLDisconnect(stmt), SQL_INVALID_HANDLE);
    if (RS_DIRECT) /* the manager knows no such handles */
        T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_ERROR, "HY092",
                SQLCancelHandle(SQL_HANDLE_ENV, conn.env));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_STMT, SQL_NULL_HSTMT), SQL_INVALID_HANDLE);
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, SQL_NULL_HENV, &fresh), SQL_INVALID_HANDLE);

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, conn.env, &fresh), SQL_SUCCESS);
    DBC_ERR(fresh, "08003", SQLAllocHandle(SQL_HANDLE_STMT, fresh, &none));
    assert_null(none);
    DBC_ERR(fresh, "08003", SQLDisconnect(fresh));
    DBC_ERR(fresh, "08003", SQLNativeSql(fresh, SQL("SELECT 1"), NULL, 0, NULL));
    DBC_ERR(fresh, "08003", SQLEndTran(SQL_HANDLE_DBC, fresh, SQL_COMMIT));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, fresh), SQL_SUCCESS);

    DBC_ERR(conn.dbc, "HY010", SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc));
    DBC_ERR(conn.dbc, "08002", t_try(&conn, "Driver={Redshift ODBC};Server=x"));
    T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_ERROR, "HY010", SQLFreeHandle(SQL_HANDLE_ENV, conn.env));
    DBC_ERR(conn.dbc, "HY009", SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, NULL));
    T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_ERROR, "HY010",
            SQLSetEnvAttr(conn.env, SQL_ATTR_ODBC_VERSION, NUMBER(SQL_OV_ODBC3), 0));

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), SQL_SUCCESS);
    T_CHECK(SQL_HANDLE_ENV, env, SQL_ERROR, "HY010", SQLAllocHandle(SQL_HANDLE_DBC, env, &fresh));
    T_CHECK(SQL_HANDLE_ENV, env, SQL_ERROR, BY("HY024", "S1009"),
            SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, NUMBER(4), 0));
    T_CHECK(SQL_HANDLE_ENV, env, SQL_SUCCESS, NULL,
            SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, NUMBER(SQL_OV_ODBC3_80), 0));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, env), SQL_SUCCESS);
}

static void disconnect_frees_all(void **state)
{
    struct t_conn own;
    SQLHDESC desc;

    (void)state;
    t_open(&own, T_POSTGRES, SQL_OV_ODBC3, "");
    for (int i = 0; i < 20; i++) {
        SQLHSTMT one = t_stmt(&own);

        OK(one, SQLExecDirect(one, SQL("SELECT generate_series(1, 100)")));
        OK(one, SQLFetch(one));
    }
    DBC_OK(own.dbc, SQLAllocHandle(SQL_HANDLE_DESC, own.dbc, &desc));
    t_close(&own);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(s1_allocated),
        EACH(s2_prepared_without_columns),
        EACH(s3_prepared_with_columns),
        EACH(s4_executed_without_cursor),
        EACH(s4_with_a_further_result),
        EACH(cursors_refuse_executing),
        EACH(s5_cursor_open),
        EACH(s6_on_a_row),
        EACH(s7_after_extended_fetch),
        EACH(s8_needs_data),
        EACH(cancel_leaves_need_data),
        EACH(loses_and_keeps_preparations),
        EACH(names_cursors),
        EACH(cursor_attributes_want_s1),
        EACH(knows_its_handles),
        EACH(disconnect_frees_all),
    };

    return cmocka_run_group_tests_name("states", tests, open_conn, face_close);
}
