/*
 * Calls that are polled: SQL_ATTR_ASYNC_ENABLE, what may be called meanwhile, and how such a call
 * ends; odbc.md 1.4, 17, 19.
 */
#include "hostbed.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redshift_odbc.h"

#define SLEEP   "SELECT pg_sleep(20)"
#define SECONDS "SELECT 7 FROM pg_sleep(0.3)"

static struct t_conn conn;
static SQLHSTMT stmt;
static SQLSMALLINT small;
static SQLULEN large;
static SQLLEN length;
static SQLINTEGER number;
static SQLCHAR room[64];

static void poll_on(SQLHSTMT one)
{
    OK(one, SQLSetStmtAttr(one, SQL_ATTR_ASYNC_ENABLE, NUMBER(SQL_ASYNC_ENABLE_ON), 0));
}

static int open_one(void **state)
{
    (void)state;
    h_open(&conn, "");
    stmt = t_stmt(&conn);
    poll_on(stmt);
    return 0;
}

static int close_one(void **state)
{
    (void)state;
    t_close(&conn);
    return 0;
}

/* Repeats the call until it is done; n_polls: how often it was not. */
#define POLLED(n_polls, call)                                                                      \
    do {                                                                                           \
        (n_polls) = 0;                                                                             \
        while ((rc = (call)) == SQL_STILL_EXECUTING) {                                             \
            (n_polls)++;                                                                           \
            t_sleep_ms(1);                                                                         \
        }                                                                                          \
    } while (0)

static SQLRETURN direct(SQLHSTMT one, const char *sql)
{
    SQLRETURN rc;
    int polls;

    POLLED(polls, SQLExecDirect(one, SQL(sql)));
    return rc;
}

static SQLRETURN fetched(SQLHSTMT one)
{
    SQLRETURN rc;
    int polls;

    POLLED(polls, SQLFetch(one));
    return rc;
}

#define STILL(one, call) T_CHECK(SQL_HANDLE_STMT, one, SQL_STILL_EXECUTING, NULL, call)

/* All rows of the open result as t_rows gives them. */
static void rows(SQLHSTMT one, char *out, size_t cap)
{
    SQLSMALLINT columns = 0;
    SQLRETURN rc;
    size_t n = 0;

    out[0] = '\0';
    OK(one, SQLNumResultCols(one, &columns));
    while ((rc = fetched(one)) == SQL_SUCCESS) {
        for (SQLUSMALLINT i = 1; i <= columns; i++) {
            char cell[2000] = "<null>";
            SQLLEN is;

            OK(one, SQLGetData(one, i, SQL_C_CHAR, cell, sizeof cell, &is));
            n += (size_t)snprintf(out + n, cap - n, "%s%s", is == SQL_NULL_DATA ? "<null>" : cell,
                                  i < columns ? "|" : ";");
            assert_true(n < cap);
        }
    }
    NODATA(one, rc);
    if (n > 0)
        out[n - 1] = '\0';
    OK(one, SQLFreeStmt(one, SQL_CLOSE));
}

static void expect_rows(SQLHSTMT one, const char *want)
{
    char got[4096];

    rows(one, got, sizeof got);
    assert_string_equal(got, want);
}

static void ends_in(SQLHSTMT one, SQLRETURN rc, const char *state)
{
    ERR(one, state, rc);
    poll_on(one);
    OK(one, direct(one, "SELECT 5"));
    expect_rows(one, "5");
}

/* ---- switching on and saying so ---- */

static void is_off_until_it_is_asked_for(void **state)
{
    SQLHSTMT one = t_stmt(&conn), two;
    SQLUINTEGER info = 99;
    SQLUSMALLINT has = 9;
    SQLULEN on = 9;

    (void)state;
    OK(one, SQLGetStmtAttr(one, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    assert_int_equal(on, SQL_ASYNC_ENABLE_OFF);
    OK(one, SQLExecDirect(one, SQL(SECONDS)));
    OK(one, SQLFetch(one));
    DBC_ERR(conn.dbc, "HY011", SQLSetConnectAttr(conn.dbc, SQL_ATTR_ASYNC_ENABLE, NUMBER(1), 0));
    OK(one, SQLFreeStmt(one, SQL_CLOSE));
    DBC_ERR(conn.dbc, "HY024", SQLSetConnectAttr(conn.dbc, SQL_ATTR_ASYNC_ENABLE, NUMBER(2), 0));
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_ASYNC_ENABLE, NUMBER(1), 0));
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    assert_int_equal(on, SQL_ASYNC_ENABLE_ON);
    OK(one, SQLExecDirect(one, SQL(SECONDS))); /* made before */
    OK(one, SQLFreeStmt(one, SQL_CLOSE));
    two = t_stmt(&conn);
    OK(two, SQLGetStmtAttr(two, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    assert_int_equal(on, SQL_ASYNC_ENABLE_ON);
    STILL(two, SQLExecDirect(two, SQL(SECONDS)));
    OK(two, direct(two, SECONDS));
    OK(two, SQLFreeStmt(two, SQL_CLOSE));
    OK(two, SQLSetStmtAttr(two, SQL_ATTR_ASYNC_ENABLE, NUMBER(SQL_ASYNC_ENABLE_OFF), 0));
    OK(two, SQLExecDirect(two, SQL(SECONDS)));
    t_free(two);
    t_free(one);
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_ASYNC_MODE, &info, 0, NULL));
    assert_int_equal(info, SQL_AM_STATEMENT);
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_MAX_ASYNC_CONCURRENT_STATEMENTS, &info, 0, NULL));
    assert_int_equal(info, 1);
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_ASYNC_NOTIFICATION, &info, 0, NULL));
    assert_int_equal(info, SQL_ASYNC_NOTIFICATION_NOT_CAPABLE);
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_ASYNC_DBC_FUNCTIONS, &info, 0, NULL));
    assert_int_equal(info, SQL_ASYNC_DBC_NOT_CAPABLE);
    if (RS_DIRECT) { /* SQLCompleteAsync is a manager's */
        DBC_OK(conn.dbc, SQLGetFunctions(conn.dbc, 1551, &has));
        assert_int_equal(has, SQL_FALSE);
    }
}

/* ---- the call itself ---- */

static void polls_to_the_result(void **state)
{
    SQLRETURN rc, told = 9;
    int polls;

    (void)state;
    POLLED(polls, SQLExecDirect(stmt, SQL(SECONDS)));
    OK(stmt, rc);
    assert_in_range(polls, 10, 1000);
    expect_rows(stmt, "7");
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 1 + CAST(? AS int), 'x'")));
    for (int i = 0; i < 3; i++) {
        SQLINTEGER n = 40 + i;
        char want[16];

        OK(stmt,
           SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
        POLLED(polls, SQLExecute(stmt));
        OK(stmt, rc);
        snprintf(want, sizeof want, "%d|x", 41 + i);
        expect_rows(stmt, want);
    }
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    if (RS_DIRECT) {
        assert_int_equal(
            SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_RETURNCODE, &told, 0, NULL),
            SQL_SUCCESS);
        assert_int_equal(told, SQL_STILL_EXECUTING);
        /* only the function counts: the text, and whether it is wide, was the first call's */
        t_sleep_ms(400);
        rc = SQLExecDirectW(stmt, NULL, 0);
        OK(stmt, rc);
    } else {
        OK(stmt, direct(stmt, SECONDS));
    }
    expect_rows(stmt, "7");
}

/* The text that was passed first is gone when the call goes on. */
static void keeps_the_text(void **state)
{
    enum { ROOM = 600 };
    char *text = malloc(ROOM);
    SQLHSTMT other = t_stmt(&conn);

    (void)state;
    assert_non_null(text);
    poll_on(other);
    STILL(other, SQLExecDirect(other, SQL(SECONDS)));
    snprintf(text, ROOM, "SELECT '%0500d'", 9);
    STILL(stmt, SQLExecDirect(stmt, SQL(text))); /* the other has the wire */
    memset(text, '?', ROOM);
    free(text);
    OK(stmt, direct(stmt, "SELECT 'another'"));
    OK(other, direct(other, SECONDS));
    OK(stmt, fetched(stmt));
    {
        char got[600];

        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, got, sizeof got, NULL));
        assert_int_equal(strlen(got), 500);
        assert_int_equal(got[499], '9');
    }
    t_free(other);
}

/* True: the call was still under way when its arguments were spoilt. */
static bool names_are_kept(SQLHSTMT one, const char *name, const char *column)
{
    SQLCHAR *name_in = malloc(32), *column_in = malloc(32);
    SQLRETURN rc;
    int polls;

    assert_non_null(name_in);
    assert_non_null(column_in);
    memcpy(name_in, name, strlen(name) + 1);
    memcpy(column_in, column, strlen(column) + 1);
    rc = SQLColumns(one, NULL, 0, NULL, 0, name_in, SQL_NTS, column_in, SQL_NTS);
    if (rc == SQL_STILL_EXECUTING) {
        memset(name_in, '?', strlen(name));
        memset(column_in, '?', strlen(column));
        POLLED(polls, SQLColumns(one, NULL, 0, NULL, 0, name_in, SQL_NTS, column_in, SQL_NTS));
        OK(one, rc);
        OK(one, fetched(one));
        OK(one, SQLGetData(one, 4, SQL_C_CHAR, room, sizeof room, NULL));
        assert_string_equal((char *)room, "second");
        NODATA(one, fetched(one));
        rc = SQL_STILL_EXECUTING;
    }
    OK(one, SQLFreeStmt(one, SQL_CLOSE));
    free(name_in);
    free(column_in);
    return rc == SQL_STILL_EXECUTING;
}

/* On Redshift a name in capitals is asked about before the query itself is sent. */
static void keeps_the_names(void **state)
{
    struct t_conn redshift;
    char name[32], sql[96];
    SQLHSTMT one;
    int tries = 0;

    (void)state;
    /* other sessions' temporary tables are listed too: the name is this process's alone */
    snprintf(name, sizeof name, "KEEP_%ld", (long)getpid());
    snprintf(sql, sizeof sql, "CREATE TEMP TABLE %s (first int, second int)", name);
    t_open(&redshift, T_REDSHIFT, SQL_OV_ODBC3, "");
    t_run(&redshift, sql);
    one = t_stmt(&redshift);
    poll_on(one);
    while (!names_are_kept(one, name, "SECOND"))
        assert_true(++tries < 100); /* the answer was faster */
    t_free(one);
    t_close(&redshift);
}

#define FAILS "SELECT 1 / (n - 7) FROM generate_series(7, 7) AS g(n), pg_sleep(0.3)"

static void errors_come_when_it_is_done(void **state)
{
    char five[6];
    int records = 0;

    (void)state;
    STILL(stmt, SQLExecDirect(stmt, SQL(FAILS)));
    assert_false(t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0));
    ERR(stmt, "22012", direct(stmt, FAILS));
    while (t_diag(SQL_HANDLE_STMT, stmt, (SQLSMALLINT)(records + 1), five, NULL, 0))
        records++;
    assert_int_equal(records, 1);
    ERR(stmt, "42000", direct(stmt, "SELEC"));
    /* found before anything is sent */
    ERR(stmt, "HY090", SQLExecDirect(stmt, TEXT("SELECT 1"), -5));
    OK(stmt, direct(stmt, "SELECT 5"));
    expect_rows(stmt, "5");
}

/* ---- what may be called meanwhile ---- */

#define CALL(name, call)                                                                           \
    static SQLRETURN name(SQLHSTMT one)                                                            \
    {                                                                                              \
        return call;                                                                               \
    }
CALL(c_prepare, SQLPrepare(one, SQL("SELECT 1")))
CALL(c_execute, SQLExecute(one))
CALL(c_fetch, SQLFetch(one))
CALL(c_scroll, SQLFetchScroll(one, SQL_FETCH_NEXT, 0))
CALL(c_get_data, SQLGetData(one, 1, SQL_C_CHAR, room, sizeof room, NULL))
CALL(c_more, SQLMoreResults(one))
CALL(c_columns, SQLNumResultCols(one, &small))
CALL(c_params, SQLNumParams(one, &small))
CALL(c_describe, SQLDescribeCol(one, 1, room, sizeof room, NULL, &small, &large, NULL, NULL))
CALL(c_attribute, SQLColAttribute(one, 1, SQL_DESC_TYPE, NULL, 0, NULL, &length))
CALL(c_row_count, SQLRowCount(one, &length))
CALL(c_bind_col, SQLBindCol(one, 1, SQL_C_SLONG, &number, 0, NULL))
CALL(c_bind_param,
     SQLBindParameter(one, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &number, 0, NULL))
CALL(c_close, SQLFreeStmt(one, SQL_CLOSE))
CALL(c_unbind, SQLFreeStmt(one, SQL_UNBIND))
CALL(c_cursor, SQLCloseCursor(one))
CALL(c_free, SQLFreeHandle(SQL_HANDLE_STMT, one))
CALL(c_set_attr, SQLSetStmtAttr(one, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0))
CALL(c_get_attr, SQLGetStmtAttr(one, SQL_ATTR_QUERY_TIMEOUT, &large, 0, NULL))
CALL(c_sync, SQLSetStmtAttr(one, SQL_ATTR_ASYNC_ENABLE, NUMBER(SQL_ASYNC_ENABLE_OFF), 0))
CALL(c_tables, SQLTables(one, NULL, 0, NULL, 0, NULL, 0, NULL, 0))
CALL(c_types, SQLGetTypeInfo(one, SQL_ALL_TYPES))
CALL(c_param_data, SQLParamData(one, &(SQLPOINTER){ NULL }))
CALL(c_put_data, SQLPutData(one, room, 1))
CALL(c_name, SQLGetCursorName(one, room, sizeof room, NULL))
CALL(c_set_pos, SQLSetPos(one, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE))

static const struct {
    SQLRETURN (*call)(SQLHSTMT one);
    const char *name;
} refused[] = {
    { c_prepare, "SQLPrepare" },
    { c_execute, "SQLExecute" },
    { c_fetch, "SQLFetch" },
    { c_scroll, "SQLFetchScroll" },
    { c_get_data, "SQLGetData" },
    { c_more, "SQLMoreResults" },
    { c_columns, "SQLNumResultCols" },
    { c_params, "SQLNumParams" },
    { c_describe, "SQLDescribeCol" },
    { c_attribute, "SQLColAttribute" },
    { c_row_count, "SQLRowCount" },
    { c_bind_col, "SQLBindCol" },
    { c_bind_param, "SQLBindParameter" },
    { c_close, "SQLFreeStmt(SQL_CLOSE)" },
    { c_unbind, "SQLFreeStmt(SQL_UNBIND)" },
    { c_cursor, "SQLCloseCursor" },
    { c_free, "SQLFreeHandle" },
    { c_set_attr, "SQLSetStmtAttr" },
    { c_get_attr, "SQLGetStmtAttr" },
    { c_sync, "SQLSetStmtAttr(SQL_ATTR_ASYNC_ENABLE)" },
    { c_tables, "SQLTables" },
    { c_types, "SQLGetTypeInfo" },
    { c_param_data, "SQLParamData" },
    { c_put_data, "SQLPutData" },
    { c_name, "SQLGetCursorName" },
    { c_set_pos, "SQLSetPos" },
};

static void refuses_all_other_calls(const char *when)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        SQLRETURN rc = refused[i].call(stmt);
        char five[6] = "";

        (void)t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0);
        if (rc != SQL_ERROR || strcmp(five, "HY010") != 0)
            fail_msg("%s, %s: %d %s", refused[i].name, when, rc, five);
    }
}

static void refuses_others_on_the_statement(void **state)
{
    SQLRETURN rc;
    int polls;

    (void)state;
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    refuses_all_other_calls("executing");
    OK(stmt, direct(stmt, SECONDS));
    expect_rows(stmt, "7");
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    OK(stmt, SQLCancel(stmt));
    refuses_all_other_calls("canceled");
    POLLED(polls, SQLExecDirect(stmt, SQL(SLEEP)));
    ends_in(stmt, rc, "HY008");
}

static void refuses_some_on_the_connection(void **state)
{
    SQLUSMALLINT has;
    SQLUINTEGER n;
    SQLHDESC shared, ard;
    SQLHSTMT other;

    (void)state;
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DESC, conn.dbc, &shared), SQL_SUCCESS);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_PARAM_DESC, &ard, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, shared, 0));
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    DBC_ERR(conn.dbc, "HY010", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    DBC_ERR(conn.dbc, "HY010", SQLDisconnect(conn.dbc));
    DBC_ERR(conn.dbc, "HY010",
            SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    assert_int_equal(SQLEndTran(SQL_HANDLE_ENV, conn.env, SQL_COMMIT), SQL_ERROR);
    T_CHECK(SQL_HANDLE_DESC, ard, SQL_ERROR, "HY010",
            SQLSetDescField(ard, 1, SQL_DESC_TYPE, NUMBER(SQL_C_SLONG), 0));
    T_CHECK(SQL_HANDLE_DESC, shared, SQL_ERROR, "HY010",
            SQLSetDescField(shared, 1, SQL_DESC_TYPE, NUMBER(SQL_C_SLONG), 0));
    T_CHECK(SQL_HANDLE_DESC, shared, SQL_ERROR, "HY010", SQLCopyDesc(shared, shared));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DESC, shared), SQL_ERROR);
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_MAX_IDENTIFIER_LEN, &small, 0, NULL));
    DBC_OK(conn.dbc, SQLGetFunctions(conn.dbc, SQL_API_SQLFETCH, &has));
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &n, 0, NULL));
    assert_int_equal(n, SQL_CD_FALSE);
    DBC_OK(conn.dbc,
           SQLNativeSql(conn.dbc, SQL("SELECT {fn ucase('a')}"), room, sizeof room, &number));
    other = t_stmt(&conn);
    OK(other, SQLSetStmtAttr(other, SQL_ATTR_APP_ROW_DESC, shared, 0));
    ERR(other, "HY010", SQLBindCol(other, 1, SQL_C_SLONG, &number, 0, NULL));
    ERR(other, "HY010", SQLSetStmtAttr(other, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(5), 0));
    ERR(other, "HY010", SQLFreeStmt(other, SQL_UNBIND));
    OK(stmt, direct(stmt, SECONDS));
    OK(other, SQLSetStmtAttr(other, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(1), 0));
    expect_rows(stmt, "7");
    t_free(other);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DESC, shared), SQL_SUCCESS);
}

/* ---- ending it ---- */

static void cancels(void **state)
{
    SQLRETURN rc;
    int polls;

    (void)state;
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    OK(stmt, SQLCancel(stmt));
    OK(stmt, SQLCancel(stmt));
    ends_in(stmt, direct(stmt, SLEEP), "HY008");
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    assert_int_equal(SQLCancelHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    ends_in(stmt, direct(stmt, SLEEP), "HY008");
    OK(stmt, SQLPrepare(stmt, SQL(SLEEP)));
    STILL(stmt, SQLExecute(stmt));
    OK(stmt, SQLCancel(stmt));
    POLLED(polls, SQLExecute(stmt));
    if (rc == SQL_SUCCESS) /* described before it slept */
        rc = fetched(stmt);
    ends_in(stmt, rc, "HY008");
    /* the server was faster */
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    t_sleep_ms(600);
    OK(stmt, SQLCancel(stmt));
    OK(stmt, direct(stmt, SECONDS));
}

static void times_out(void **state)
{
    int64_t began = t_now_ms();

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    ERR(stmt, "HYT00", direct(stmt, SLEEP));
    assert_in_range(t_now_ms() - began, 900, 9000);
    OK(stmt, direct(stmt, "SELECT 5"));
    expect_rows(stmt, "5");
}

static void ends_with_the_connection(void **state)
{
    char sql[80], five[6] = "";
    struct t_conn killer;
    SQLUINTEGER pid = 0;

    (void)state;
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, RS_ATTR_SESSION_ID, &pid, 0, NULL));
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    h_open(&killer, "");
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%u)", (unsigned)pid);
    t_expect(&killer, sql, "1");
    t_close(&killer);
    assert_int_equal(direct(stmt, SLEEP), SQL_ERROR);
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0));
    assert_string_equal(five, "08S01");
    ERR(stmt, "08S01", SQLExecDirect(stmt, SQL("SELECT 5")));
}

/* ---- every function ---- */

#define SAME(call)                                                                                 \
    do {                                                                                           \
        char want[8192], got[8192];                                                                \
        SQLHSTMT one = t_stmt(&conn);                                                              \
        int polls;                                                                                 \
        SQLRETURN rc = (call);                                                                     \
        OK(one, rc);                                                                               \
        rows(one, want, sizeof want);                                                              \
        poll_on(one);                                                                              \
        POLLED(polls, call);                                                                       \
        OK(one, rc);                                                                               \
        rows(one, got, sizeof got);                                                                \
        assert_string_equal(got, want);                                                            \
        t_free(one);                                                                               \
    } while (0)

#define PART(s) TEXT(s), (SQLSMALLINT)strlen(s)

static void lists_the_catalog(void **state)
{
    (void)state;
    t_run(&conn, "CREATE TEMP TABLE parent_t (a int PRIMARY KEY, b varchar(20))");
    t_run(&conn, "CREATE TEMP TABLE child_t (c int REFERENCES parent_t (a))");
    SAME(SQLTables(one, NULL, 0, NULL, 0, PART("%_t"), NULL, 0));
    SAME(SQLColumns(one, NULL, 0, NULL, 0, PART("parent_t"), SQL("%")));
    SAME(SQLPrimaryKeys(one, NULL, 0, NULL, 0, SQL("parent_t")));
    SAME(SQLForeignKeys(one, NULL, 0, NULL, 0, SQL("parent_t"), NULL, 0, NULL, 0, NULL, 0));
    SAME(SQLStatistics(one, NULL, 0, NULL, 0, PART("parent_t"), SQL_INDEX_ALL, SQL_QUICK));
    SAME(SQLSpecialColumns(one, SQL_BEST_ROWID, NULL, 0, NULL, 0, PART("parent_t"),
                           SQL_SCOPE_SESSION, SQL_NULLABLE));
    SAME(SQLTablePrivileges(one, NULL, 0, NULL, 0, SQL("parent_t")));
    SAME(SQLColumnPrivileges(one, NULL, 0, NULL, 0, PART("parent_t"), SQL("b")));
    SAME(SQLProcedures(one, NULL, 0, SQL("pg_catalog"), PART("lo%")));
    SAME(SQLProcedureColumns(one, NULL, 0, SQL("pg_catalog"), PART("lo_c%"), NULL, 0));
    SAME(SQLGetTypeInfo(one, SQL_INTEGER));
}

static void prepares(void **state)
{
    SQLRETURN rc;
    int polls;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ENABLE_AUTO_IPD, NUMBER(SQL_TRUE), 0));
    for (int i = 0; i < 2; i++) {
        POLLED(polls, SQLPrepare(stmt, SQL("SELECT CAST(? AS int) + 1")));
        OK(stmt, rc);
        OK(stmt, SQLNumParams(stmt, &small));
        assert_int_equal(small, 1);
    }
    POLLED(polls, SQLPrepare(stmt, SQL("SELECT nothing_there")));
    ERR(stmt, "42S22", rc);
    OK(stmt, direct(stmt, "SELECT 5"));
    expect_rows(stmt, "5");
}

/* These are never polled: unixODBC's manager would not find back from it. */
static void describes_at_once(void **state)
{
    static const char *const text = "SELECT b, a FROM d_t WHERE a = ? AND b = ?";
    SQLSMALLINT type = 0;
    SQLULEN size = 0;

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE d_t (a int, b varchar(20))");
    OK(stmt, SQLPrepare(stmt, SQL(text)));
    OK(stmt, SQLNumResultCols(stmt, &small));
    assert_int_equal(small, 2);
    OK(stmt, SQLPrepare(stmt, SQL(text)));
    OK(stmt, SQLDescribeCol(stmt, 1, room, sizeof room, NULL, &type, &size, NULL, NULL));
    assert_string_equal((char *)room, "b");
    assert_int_equal(size, 20);
    OK(stmt, SQLPrepare(stmt, SQL(text)));
    OK(stmt, SQLColAttribute(stmt, 2, SQL_DESC_TYPE, NULL, 0, NULL, &length));
    assert_int_equal(length, SQL_INTEGER);
    OK(stmt, SQLPrepare(stmt, SQL(text)));
    OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, NULL, NULL));
    assert_int_equal(type, SQL_INTEGER);
}

/* Rows that come slowly, in rowsets of several sizes and with either cursor. */
static void fetches(void **state)
{
    enum { ROWS = 3000, MOST = 64 };
    static const SQLULEN sizes[] = { 1, 7, MOST };
    SQLINTEGER got[MOST];

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++) {
        SQLULEN size = sizes[i / 2], n = 0;
        long rows_seen = 0, sum = 0, n_polls = 0;
        SQLHSTMT one = t_stmt(&conn);
        SQLRETURN rc;
        int polls;

        poll_on(one);
        OK(one,
           SQLSetStmtAttr(one, SQL_ATTR_CURSOR_TYPE,
                          NUMBER(i % 2 == 0 ? SQL_CURSOR_FORWARD_ONLY : SQL_CURSOR_STATIC), 0));
        OK(one, SQLSetStmtAttr(one, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(size), 0));
        OK(one, SQLSetStmtAttr(one, SQL_ATTR_ROWS_FETCHED_PTR, &n, 0));
        OK(one, SQLBindCol(one, 1, SQL_C_SLONG, got, 0, NULL));
        OK(one, direct(one, "SELECT i, repeat('x', 100), CASE WHEN i = 2500 THEN pg_sleep(0.4) "
                            "END FROM generate_series(1, 3000) AS g(i)"));
        for (;;) {
            POLLED(polls, SQLFetch(one));
            n_polls += polls;
            if (rc != SQL_SUCCESS)
                break;
            for (SQLULEN row = 0; row < n; row++)
                sum += got[row];
            rows_seen += (long)n;
        }
        NODATA(one, rc);
        assert_int_equal(rows_seen, ROWS);
        assert_int_equal(sum, (long)ROWS * (ROWS + 1) / 2);
        assert_true(n_polls > 0);
        if (i % 2 == 1) {
            POLLED(polls, SQLFetchScroll(one, SQL_FETCH_ABSOLUTE, 1000));
            OK(one, rc);
            assert_int_equal(got[0], 1000);
        }
        t_free(one);
    }
}

static void cancels_a_fetch(void **state)
{
    SQLRETURN rc;
    int polls = 0;

    (void)state;
    OK(stmt, direct(stmt, "SELECT i, CASE WHEN i > 2000 THEN pg_sleep(20) END FROM "
                          "generate_series(1, 10000) AS g(i)"));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS || (rc == SQL_STILL_EXECUTING && polls++ < 100))
        if (rc == SQL_STILL_EXECUTING)
            t_sleep_ms(1);
    assert_int_equal(rc, SQL_STILL_EXECUTING);
    OK(stmt, SQLCancel(stmt));
    while ((rc = fetched(stmt)) == SQL_SUCCESS) /* what was on its way */
        ;
    ERR(stmt, "HY008", rc);
    rc = SQLFreeStmt(stmt, SQL_CLOSE);
    if (!RS_DIRECT && rc == SQL_ERROR) {
        /* unixODBC's manager sometimes takes the call for one that is still under way. */
        ERR(stmt, "HY010", rc);
        return;
    }
    OK(stmt, rc);
    OK(stmt, direct(stmt, "SELECT 5"));
    expect_rows(stmt, "5");
}

static void goes_through_several_results(void **state)
{
    SQLRETURN rc;
    int polls;

    (void)state;
    /* what is before the sleep fills the server's buffer, so that some of it comes first */
    OK(stmt, direct(stmt, "SELECT repeat('x', 20000) FROM generate_series(1, 3); SELECT 7 FROM "
                          "pg_sleep(0.3); SELECT 8"));
    OK(stmt, fetched(stmt));
    POLLED(polls, SQLMoreResults(stmt));
    OK(stmt, rc);
    assert_int_equal(polls, 0); /* unixODBC's manager takes the poll for SQLExecute's */
    OK(stmt, fetched(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &number, 0, NULL));
    assert_int_equal(number, 7);
    POLLED(polls, SQLMoreResults(stmt));
    OK(stmt, rc);
    OK(stmt, fetched(stmt));
    POLLED(polls, SQLMoreResults(stmt));
    NODATA(stmt, rc);
}

static void takes_parameters(void **state)
{
    enum { SETS = 40 };
    static char text[] = "some data";
    SQLINTEGER values[SETS];
    SQLULEN processed = 0;
    SQLLEN at_exec = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    SQLRETURN rc;
    int polls;

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE p_t (a int, b varchar(40))");
    for (int i = 0; i < SETS; i++)
        values[i] = i;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    OK(stmt, direct(stmt, "INSERT INTO p_t (a) VALUES (?)"));
    assert_int_equal(processed, SETS);
    OK(stmt, direct(stmt, "UPDATE p_t SET b = 'y' WHERE a = ?"));
    t_expect(&conn, "SELECT count(*), sum(a), min(b) FROM p_t", "40|780|y");
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(1), 0));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 40, 0, text, 0,
                              &at_exec));
    NEED(stmt, direct(stmt, "INSERT INTO p_t SELECT -1, CAST(? AS varchar) FROM pg_sleep(0.2)"));
    POLLED(polls, SQLParamData(stmt, &token));
    NEED(stmt, rc);
    assert_ptr_equal(token, text);
    OK(stmt, SQLPutData(stmt, text, SQL_NTS));
    POLLED(polls, SQLParamData(stmt, &token));
    OK(stmt, rc);
    assert_true(polls > 0);
    t_expect(&conn, "SELECT b FROM p_t WHERE a = -1", "some data");
}

static void commits_afterwards(void **state)
{
    (void)state;
    t_run(&conn, "CREATE TEMP TABLE t_t (a int)");
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(0), 0));
    STILL(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t_t SELECT 1 FROM pg_sleep(0.2)")));
    DBC_ERR(conn.dbc, "HY010", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    OK(stmt, direct(stmt, "INSERT INTO t_t SELECT 1 FROM pg_sleep(0.2)"));
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(1), 0));
    t_expect(&conn, "SELECT count(*) FROM t_t", "1");
}

/* ---- other statements of the connection ---- */

static void another_waits_for_it(void **state)
{
    SQLHSTMT other = t_stmt(&conn);

    (void)state;
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    OK(other, SQLExecDirect(other, SQL("SELECT 8")));
    expect_rows(other, "8");
    OK(stmt, SQLExecDirect(stmt, SQL(SECONDS))); /* it ended meanwhile */
    expect_rows(stmt, "7");
    /* its query timeout counts, and nothing happens to the other */
    OK(other, SQLSetStmtAttr(other, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    STILL(stmt, SQLExecDirect(stmt, SQL("SELECT 9 FROM pg_sleep(2)")));
    ERR(other, "HYT00", SQLExecDirect(other, SQL("SELECT 8")));
    OK(stmt, direct(stmt, "SELECT 9 FROM pg_sleep(2)"));
    expect_rows(stmt, "9");
    t_free(other);
}

static void two_are_polled(void **state)
{
    SQLHSTMT other = t_stmt(&conn);

    (void)state;
    poll_on(other);
    STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    STILL(other, SQLExecDirect(other, SQL("SELECT 8")));
    OK(other, direct(other, "SELECT 8")); /* drives the first */
    OK(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
    expect_rows(other, "8");
    expect_rows(stmt, "7");
    STILL(stmt, SQLExecDirect(stmt, SQL(SLEEP)));
    STILL(other, SQLExecDirect(other, SQL("SELECT 8")));
    OK(other, SQLCancel(other));
    ERR(other, "HY008", direct(other, "SELECT 8"));
    STILL(other, SQLExecDirect(other, SQL("SELECT 8")));
    OK(stmt, SQLCancel(stmt));
    OK(other, direct(other, "SELECT 8"));
    ERR(stmt, "HY008", direct(stmt, SLEEP));
    expect_rows(other, "8");
    t_free(other);
}

#define MANY "SELECT i, repeat('x', 200) FROM generate_series(1, 60000) AS g(i)"

/* The polled call stores another's result: that one is read, or closed, meanwhile. */
static void stores_another_result(void **state)
{
    enum { READ, CLOSED, FREED, COUNTED, ENDS };

    (void)state;
    for (int end = READ; end < ENDS; end++) {
        SQLHSTMT other = t_stmt(&conn);
        SQLRETURN rc;

        OK(other, SQLExecDirect(other, SQL(MANY)));
        for (int i = 1; i <= 10; i++)
            OK(other, SQLFetch(other));
        rc = SQLExecDirect(stmt, SQL(SECONDS));
        assert_int_equal(rc, SQL_STILL_EXECUTING);
        OK(other, SQLGetData(other, 1, SQL_C_SLONG, &number, 0, NULL));
        assert_int_equal(number, 10);
        if (end == READ) {
            for (int i = 11; i <= 60000; i++) {
                OK(other, SQLFetch(other));
                OK(other, SQLGetData(other, 1, SQL_C_SLONG, &number, 0, NULL));
                assert_int_equal(number, i);
            }
            NODATA(other, SQLFetch(other));
        } else if (end == CLOSED) {
            OK(other, SQLFreeStmt(other, SQL_CLOSE));
        } else if (end == COUNTED) {
            OK(other, SQLRowCount(other, &length));
        }
        t_free(other);
        OK(stmt, direct(stmt, SECONDS));
        expect_rows(stmt, "7");
    }
}

/* ---- threads and processes ---- */

static void *cancel_soon(void *arg)
{
    t_sleep_ms(200);
    SQLCancel(arg);
    return NULL;
}

static void a_waiting_one_is_canceled(void **state)
{
    SQLHSTMT other = t_stmt(&conn);
    pthread_t thread;

    (void)state;
    STILL(stmt, SQLExecDirect(stmt, SQL("SELECT 9 FROM pg_sleep(1)")));
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, other), 0);
    ERR(other, "HY008", SQLExecDirect(other, SQL("SELECT 8")));
    pthread_join(thread, NULL);
    OK(stmt, direct(stmt, "SELECT 9 FROM pg_sleep(1)"));
    expect_rows(stmt, "9");
    OK(other, SQLExecDirect(other, SQL("SELECT 8")));
    expect_rows(other, "8");
    t_free(other);
}

static void *poll_some(void *arg)
{
    int *n_wrong = arg;
    SQLHSTMT one;

    if (SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, &one) != SQL_SUCCESS)
        return NULL;
    (void)SQLSetStmtAttr(one, SQL_ATTR_ASYNC_ENABLE, NUMBER(1), 0);
    for (int i = 0; i < 20; i++) {
        SQLINTEGER got = -1;
        SQLRETURN rc = direct(one, "SELECT 7 FROM generate_series(1, 3)");

        while (rc == SQL_SUCCESS && (rc = fetched(one)) == SQL_SUCCESS) {
            SQLGetData(one, 1, SQL_C_SLONG, &got, 0, NULL);
            *n_wrong += got != 7;
        }
        *n_wrong += rc != SQL_NO_DATA;
        SQLFreeStmt(one, SQL_CLOSE);
        if (i % 5 == 0 && SQLExecDirect(one, SQL(SLEEP)) == SQL_STILL_EXECUTING) {
            SQLCancel(one);
            rc = direct(one, SLEEP);
            *n_wrong += rc != SQL_ERROR;
        }
    }
    SQLFreeHandle(SQL_HANDLE_STMT, one);
    return NULL;
}

static void threads_poll_side_by_side(void **state)
{
    enum { THREADS = 4 };
    int wrong[THREADS] = { 0 };
    pthread_t thread[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, poll_some, &wrong[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    t_expect(&conn, "SELECT 1", "1");
}

static void child_ends(int how)
{
    bool ok = true;
    char five[6] = "";

    if (how == 0)
        ok = SQLExecDirect(stmt, SQL(SECONDS)) == SQL_ERROR &&
             t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0) && strcmp(five, "08S01") == 0;
    if (how < 2)
        ok = ok && SQLFreeHandle(SQL_HANDLE_STMT, stmt) == SQL_SUCCESS;
    if (how < 3)
        ok = ok && SQLDisconnect(conn.dbc) == SQL_SUCCESS &&
             SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc) == SQL_SUCCESS;
    _exit(ok ? 0 : 1);
}

/* The manager knows nothing of processes: the child must poll first there. */
static void a_child_cannot_poll(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        int status = -1;
        pid_t pid;

        if (!RS_DIRECT && (how == 1 || how == 2))
            continue;
        STILL(stmt, SQLExecDirect(stmt, SQL(SECONDS)));
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child_ends(how);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        OK(stmt, direct(stmt, SECONDS));
        expect_rows(stmt, "7");
    }
}

#define ONE(name) cmocka_unit_test_setup_teardown(name, open_one, close_one)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(is_off_until_it_is_asked_for),
        ONE(polls_to_the_result),
        ONE(keeps_the_text),
        ONE(keeps_the_names),
        ONE(errors_come_when_it_is_done),
        ONE(refuses_others_on_the_statement),
        ONE(refuses_some_on_the_connection),
        ONE(cancels),
        ONE(times_out),
        ONE(ends_with_the_connection),
        ONE(lists_the_catalog),
        ONE(prepares),
        ONE(describes_at_once),
        ONE(fetches),
        ONE(cancels_a_fetch),
        ONE(goes_through_several_results),
        ONE(takes_parameters),
        ONE(commits_afterwards),
        ONE(another_waits_for_it),
        ONE(two_are_polled),
        ONE(stores_another_result),
        ONE(a_waiting_one_is_canceled),
        ONE(threads_poll_side_by_side),
        ONE(a_child_cannot_poll),
    };

    return h_run("asynchronous calls", tests, COUNT_OF(tests));
}
