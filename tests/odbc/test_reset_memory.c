/*
 * Resetting and browsing with allocations that fail: HY001 and nothing else; what was reset in part
 * is given up.
 */
#include "odbctest.h"

#include "oom.h"
#include "os.h"

static struct t_conn conn;

static bool judge(SQLRETURN rc)
{
    char state[6] = "";

    if (rc != SQL_ERROR)
        return true;
    assert_true(t_diag(SQL_HANDLE_DBC, conn.dbc, 1, state, NULL, 0));
    assert_string_equal(state, "HY001");
    return false;
}

/* What was reset in part is dead: each round begins with a connection that was made in peace. */
static bool resets(void *ctx)
{
    enum t_server *server = ctx;
    static uint64_t round[2];
    SQLUINTEGER dead = SQL_CD_FALSE;
    bool ok;

    rs_os_fail_alloc(0);
    t_open(&conn, *server, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMPORARY TABLE reset_memory (n integer)");
    rs_os_fail_alloc(++round[*server]);
    ok = judge(SQLSetConnectAttr(conn.dbc, SQL_ATTR_RESET_CONNECTION,
                                 NUMBER(SQL_RESET_CONNECTION_YES), 0));
    if (!ok) {
        SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL);
        assert_int_equal(dead, SQL_CD_TRUE);
    }
    SQLDisconnect(conn.dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, conn.env);
    return ok;
}

static void sweeps_resetting(void **state)
{
    enum t_server server = T_POSTGRES;

    (void)state;
    rs_test_oom(resets, &server);
    server = T_REDSHIFT;
    rs_test_oom(resets, &server);
}

static bool browses(void *ctx)
{
    char answer[512];
    SQLSMALLINT length;
    bool ok;

    (void)ctx;
    ok = judge(SQLBrowseConnect(conn.dbc, SQL("DRIVER={Redshift ODBC};AuthType=Standard;Server=h"),
                                TEXT(answer), sizeof answer, &length)) &&
         judge(SQLBrowseConnect(conn.dbc, SQL("Database=d"), TEXT(answer), sizeof answer, &length));
    if (ok)
        assert_string_equal(answer, "UID:User=?");
    SQLDisconnect(conn.dbc);
    return ok;
}

static void sweeps_browsing(void **state)
{
    (void)state;
    t_alloc(&conn, SQL_OV_ODBC3);
    rs_test_oom(browses, NULL);
    SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, conn.env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_resetting),
        cmocka_unit_test(sweeps_browsing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
