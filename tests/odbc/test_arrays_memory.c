/* Arrays with allocations that fail: HY001, the sets' statuses say so, and all goes on after it. */
#include "reach.h"

#include "oom.h"
#include "os.h"

enum { SETS = 60 };

static struct reach reach;
static SQLHSTMT stmt;
static SQLINTEGER n[SETS];
static SQLWCHAR text[SETS][20];
static SQLUSMALLINT status[SETS];

static SQLCHAR *chars(const char *s)
{
    return (SQLCHAR *)(uintptr_t)s;
}

/* Every set that is not GOOD has failed for want of memory. */
static bool run(const char *sql)
{
    SQLRETURN rc;

    memset(status, 0xff, sizeof status);
    rc = SQLExecDirect(stmt, chars(sql), SQL_NTS);
    if (rc == SQL_SUCCESS) {
        for (int i = 0; i < SETS; i++)
            assert_int_equal(status[i], SQL_PARAM_SUCCESS);
        return true;
    }
    assert_true(rc == SQL_ERROR || rc == SQL_SUCCESS_WITH_INFO);
    reach_state(SQL_HANDLE_STMT, stmt, "HY001");
    return false;
}

static bool insert(void *unused)
{
    bool ok = run("INSERT INTO memory_t VALUES (?, ?)");

    (void)unused;
    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool update(void *unused)
{
    bool ok = run("UPDATE memory_t SET n = ? WHERE s = ?");

    (void)unused;
    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static void sweep_with(const char *keys)
{
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, keys);
    stmt = reach_stmt(&reach);
    assert_true(SQL_SUCCEEDED(
        SQLExecDirect(stmt, chars("CREATE TEMP TABLE memory_t (n integer, s text)"), SQL_NTS)));
    assert_true(SQL_SUCCEEDED(SQLExecDirect(
        stmt, chars("INSERT INTO memory_t VALUES (0, 'aaaaaaaaaaaaaaaaaaa')"), SQL_NTS)));
    for (int i = 0; i < SETS; i++) {
        n[i] = i;
        for (int k = 0; k < 19; k++)
            text[i][k] = 'a';
    }
    SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL);
    SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, text,
                     sizeof text[0], NULL);
    SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)(uintptr_t)SETS, 0);
    SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0);
    rs_test_oom(insert, NULL);
    rs_test_oom(update, NULL);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

static void sweeps(void **state)
{
    (void)state;
    sweep_with("InsertBatchRows=25");
    sweep_with("PipelineParams=1;ParamErrors=continue");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
