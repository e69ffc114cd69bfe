/*
 * Connecting by either opener, and the whole way of rows, with allocations that fail: HY001 and
 * nothing else, no wrong row, and the connection goes on where it can.
 */
#include "hostbed.h"

#include "oom.h"

static struct t_conn conn;
static SQLHSTMT stmt, other;
static int lost; /* runs after which the connection was dead */

static bool judge(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc)
{
    char state[6] = "", text[512] = "";

    if (SQL_SUCCEEDED(rc) || rc == SQL_NEED_DATA)
        return true;
    assert_int_equal(rc, SQL_ERROR);
    if (!t_diag(kind, handle, 1, state, text, sizeof text) || strcmp(state, "HY001") != 0)
        fail_msg("not HY001: %s %s", state, text);
    return false;
}

#define RUN(h, call) judge(SQL_HANDLE_STMT, h, call)

/* ---- connecting ---- */

static bool connects(void *ctx)
{
    SQLHDBC dbc = SQL_NULL_HDBC;
    bool ok = judge(SQL_HANDLE_ENV, conn.env, SQLAllocHandle(SQL_HANDLE_DBC, conn.env, &dbc));

    if (!ok)
        return false;
    ok = judge(
        SQL_HANDLE_DBC, dbc,
        SQLDriverConnect(dbc, NULL, SQL((const char *)ctx), NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    if (ok)
        assert_int_equal(SQLDisconnect(dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
    return ok;
}

static void sweep_connect(const char *opener)
{
    char keys[128], string[2048];

    snprintf(keys, sizeof keys, "Opener=%s;SSLMode=%s", opener,
             h_mode == H_TLS ? "verify-full" : "disable");
    t_string(string, sizeof string, T_POSTGRES, keys);
    t_alloc(&conn, SQL_OV_ODBC3);
    rs_test_oom(connects, string);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
}

static void connects_by_libpq(void **state)
{
    (void)state;
    sweep_connect("libpq");
}

static void connects_natively(void **state)
{
    (void)state;
    sweep_connect("native");
}

/* ---- rows ---- */

/* The next rows have the numbers from..to. */
static bool counts(SQLHSTMT from_stmt, int from, int to)
{
    for (int i = from; i <= to; i++) {
        SQLINTEGER n = -1;
        SQLRETURN rc = SQLFetch(from_stmt);

        if (!RUN(from_stmt, rc) ||
            !RUN(from_stmt, SQLGetData(from_stmt, 1, SQL_C_SLONG, &n, 0, NULL)))
            return false;
        assert_int_equal(n, i);
    }
    return true;
}

static bool ends(SQLHSTMT at)
{
    SQLRETURN rc = SQLFetch(at);

    return rc == SQL_NO_DATA || !RUN(at, rc);
}

/* A parameter, pieces of a long value, the rest stored in memory and in a file, read to the end. */
static bool spills(void)
{
    SQLINTEGER last = 1500;
    char piece[600];
    SQLLEN n;

    return RUN(stmt, SQLPrepare(stmt, SQL("SELECT i, rpad('', 2000, 'x') FROM "
                                          "generate_series(1, CAST(? AS integer)) AS g(i)"))) &&
           RUN(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0,
                                      &last, 0, NULL)) &&
           RUN(stmt, SQLExecute(stmt)) && counts(stmt, 1, 3) &&
           RUN(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, piece, sizeof piece, &n)) &&
           RUN(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, piece, sizeof piece, &n)) &&
           RUN(other, SQLExecDirect(other, SQL("SELECT generate_series(1, 20); SELECT 9"))) &&
           counts(other, 1, 20) && counts(stmt, 4, 1500) && ends(stmt) &&
           RUN(other, SQLMoreResults(other)) && counts(other, 9, 9);
}

static bool data_at_execution(void)
{
    SQLLEN at_exec = SQL_DATA_AT_EXEC;
    SQLPOINTER token;
    char got[16] = "";
    bool ok = RUN(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0,
                                         &at_exec, 0, &at_exec)) &&
              RUN(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(? AS varchar)"))) &&
              RUN(stmt, SQLParamData(stmt, &token)) && RUN(stmt, SQLPutData(stmt, TEXT("ab"), 2)) &&
              RUN(stmt, SQLPutData(stmt, TEXT("cd"), 2)) && RUN(stmt, SQLParamData(stmt, &token)) &&
              RUN(stmt, SQLFetch(stmt)) &&
              RUN(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, got, sizeof got, NULL));

    if (ok)
        assert_string_equal(got, "abcd");
    else
        SQLCancel(stmt);
    return ok;
}

static bool (*step)(void);

static bool walks(void *ctx)
{
    SQLUINTEGER dead = SQL_CD_FALSE;
    bool ok;

    (void)ctx;
    ok = step();
    SQLFreeStmt(stmt, SQL_CLOSE);
    SQLFreeStmt(stmt, SQL_UNBIND);
    SQLFreeStmt(stmt, SQL_RESET_PARAMS);
    SQLFreeStmt(other, SQL_CLOSE);
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    if (dead == SQL_CD_TRUE)
        lost++;
    assert_true(dead == SQL_CD_FALSE);
    return ok;
}

static void sweep(bool (*which)(void))
{
    h_open(&conn, "ResultMemoryBytes=1048576;");
    stmt = t_stmt(&conn);
    other = t_stmt(&conn);
    step = which;
    lost = 0;
    rs_test_oom(walks, NULL);
    t_free(stmt);
    t_free(other);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

static void spills_with_failures(void **state)
{
    (void)state;
    sweep(spills);
}

static void data_at_execution_with_failures(void **state)
{
    (void)state;
    sweep(data_at_execution);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_by_libpq),
        cmocka_unit_test(connects_natively),
        cmocka_unit_test(spills_with_failures),
        cmocka_unit_test(data_at_execution_with_failures),
    };

    return h_run("memory", tests, COUNT_OF(tests));
}
