/* Redshift's manners with allocations that fail: a statement that the server cannot Parse, an error
 * that goes to the log, the session's id. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reach.h"

#include "oom.h"
#include "os.h"
#include "redshift_odbc.h"

static struct reach reach;
static SQLHSTMT stmt;

static SQLCHAR *chars(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

static bool judge(SQLRETURN rc)
{
    if (SQL_SUCCEEDED(rc))
        return true;
    assert_int_equal(rc, SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY001");
    return false;
}

static bool unparsed(void *describe_first)
{
    SQLSMALLINT n = 0;
    bool ok = judge(SQLPrepare(stmt, chars("VACUUM swept"), SQL_NTS));

    if (ok && describe_first != NULL)
        ok = judge(SQLNumResultCols(stmt, &n));
    ok = ok && judge(SQLExecute(stmt)) && judge(SQLExecute(stmt));
    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

/* It fails in any case; well when the state is the one of the text. */
static bool failure(void *unused)
{
    SQLCHAR state[6] = "";

    (void)unused;
    assert_int_equal(SQLExecDirect(stmt, chars("SELECT rs.fail('1023')"), SQL_NTS), SQL_ERROR);
    assert_true(SQL_SUCCEEDED(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, NULL, NULL, 0, NULL)));
    if (strcmp((char *)state, "40001") == 0)
        return true;
    assert_string_equal((char *)state, "HY001");
    return false;
}

static void sweeps(void **state)
{
    char folder[] = "/tmp/rs-manners-XXXXXX", keys[100], path[200];
    SQLCHAR id[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(keys, sizeof keys, "LogLevel=4;LogPath=%s;", folder);
    reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, keys);
    stmt = reach_stmt(&reach);
    assert_true(SQL_SUCCEEDED(
        SQLExecDirect(stmt, chars("CREATE TEMPORARY TABLE swept (n integer)"), SQL_NTS)));
    rs_test_oom(unparsed, NULL);
    rs_test_oom(unparsed, &stmt);
    rs_test_oom(failure, NULL);
    assert_int_equal(SQLGetConnectAttr(reach.dbc, RS_ATTR_SESSION_TEXT, id, sizeof id, NULL),
                     SQL_SUCCESS);
    assert_int_equal(strlen((char *)id), 36);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps) };

    return cmocka_run_group_tests_name("Redshift's manners without memory", tests, NULL, NULL);
}
