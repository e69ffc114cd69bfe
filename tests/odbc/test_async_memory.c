/*
 * Polled calls with allocations that fail: HY001 or the result, and the statement goes on.
 */
#include "hostbed.h"

#include "oom.h"

static struct t_conn conn;
static SQLHSTMT stmt;

static bool judge(SQLRETURN rc)
{
    char state[6] = "", text[512] = "";

    if (rc == SQL_SUCCESS)
        return true;
    assert_int_equal(rc, SQL_ERROR);
    if (!t_diag(SQL_HANDLE_STMT, stmt, 1, state, text, sizeof text) || strcmp(state, "HY001") != 0)
        fail_msg("not HY001: %s %s", state, text);
    return false;
}

#define RUN(call)                                                                                  \
    do {                                                                                           \
        while ((rc = (call)) == SQL_STILL_EXECUTING)                                               \
            t_sleep_ms(1);                                                                         \
        if (!judge(rc))                                                                            \
            return false;                                                                          \
    } while (0)

static bool work(void)
{
    static SQLCHAR text[] = "SELECT i, repeat('x', 300) FROM generate_series(1, 40) AS g(i)";
    SQLWCHAR wide[sizeof text];
    SQLINTEGER n = 0, one = 1;
    SQLRETURN rc;

    for (size_t i = 0; i < sizeof text; i++)
        wide[i] = text[i];
    if (!judge(SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, NUMBER(1), 0)))
        return false;
    RUN(SQLExecDirectW(stmt, wide, SQL_NTS));
    for (int i = 1; i <= 40; i++) {
        RUN(SQLFetch(stmt));
        if (!judge(SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL)))
            return false;
        assert_int_equal(n, i);
    }
    RUN(SQLFreeStmt(stmt, SQL_CLOSE));
    RUN(SQLTables(stmt, NULL, 0, NULL, 0, SQL("no_such_table"), NULL, 0));
    RUN(SQLFreeStmt(stmt, SQL_CLOSE));
    RUN(SQLPrepare(stmt, SQL("SELECT CAST(? AS int)")));
    RUN(SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &one, 0, NULL));
    RUN(SQLExecute(stmt));
    RUN(SQLFetch(stmt));
    return true;
}

static bool scenario(void *ctx)
{
    bool ok;

    (void)ctx;
    if (SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, &stmt) != SQL_SUCCESS)
        return false;
    ok = work();
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    return ok;
}

static void polls_without_memory(void **state)
{
    (void)state;
    h_open(&conn, "");
    rs_test_oom(scenario, NULL);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polls_without_memory),
    };

    return h_run("polled calls and memory", tests, COUNT_OF(tests));
}
