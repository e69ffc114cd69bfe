/*
 * Static cursors with allocations that fail: HY001 and nothing else, and the connection goes on.
 */
#include "odbctest.h"

#include "oom.h"

static struct t_conn conn;

static bool judge(SQLHSTMT stmt, SQLRETURN rc)
{
    char state[6] = "";

    if (SQL_SUCCEEDED(rc))
        return true;
    assert_int_equal(rc, SQL_ERROR);
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, state, NULL, 0));
    assert_string_equal(state, "HY001");
    return false;
}

/* Reads on, counts, goes back, refreshes; rows are partly in memory, partly in a file. */
static bool walks(void *ctx)
{
    SQLHSTMT stmt = ctx;
    SQLINTEGER n[3] = { 0 };
    char text[64];
    SQLLEN count = 0;
    bool ok =
        judge(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0)) &&
        judge(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(3), 0)) &&
        judge(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL)) &&
        judge(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer), rpad('', 3000, 'x') "
                                            "FROM generate_series(1, 700) AS g(i)"))) &&
        judge(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 2));

    if (ok)
        ok = n[0] == 2 && judge(stmt, SQLRowCount(stmt, &count)) && (count == 700 || count == -1) &&
             judge(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0)) && n[0] == 698 &&
             judge(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, NULL)) &&
             judge(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 50)) && n[0] == 50 &&
             judge(stmt, SQLSetPos(stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    SQLFreeStmt(stmt, SQL_CLOSE);
    SQLFreeStmt(stmt, SQL_UNBIND);
    return ok;
}

static void sweeps(void **state)
{
    SQLHSTMT stmt;

    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "ResultMemoryBytes=1048576");
    stmt = t_stmt(&conn);
    rs_test_oom(walks, stmt);
    t_expect(&conn, "SELECT 1", "1");
    t_free(stmt);
    t_close(&conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
