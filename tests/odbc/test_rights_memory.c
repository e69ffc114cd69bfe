/* Catalog functions that read lists, with allocations that fail: HY001, and all goes on after it.
 */
#include "reach.h"

#include "oom.h"
#include "os.h"

static struct reach reach;

static SQLCHAR *chars(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

/* What failed without a record of HY001 is a bug. */
static bool judge(SQLHSTMT stmt, SQLRETURN rc)
{
    bool ok = SQL_SUCCEEDED(rc);

    if (!ok) {
        assert_int_equal(rc, SQL_ERROR);
        reach_state(SQL_HANDLE_STMT, stmt, "HY001");
    }
    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_procedures(void *stmt)
{
    return judge(stmt, SQLProcedures(stmt, NULL, 0, NULL, 0, chars("JSON\\_%"), SQL_NTS));
}

static bool list_parameters(void *stmt)
{
    return judge(stmt, SQLProcedureColumns(stmt, NULL, 0, NULL, 0, chars("json\\_e%"), SQL_NTS,
                                           chars("%"), SQL_NTS));
}

static void sweep(const char *server)
{
    SQLHSTMT stmt;

    reach_open(&reach, server, SQL_OV_ODBC3, "");
    stmt = reach_stmt(&reach);
    rs_test_oom(list_procedures, stmt);
    rs_test_oom(list_parameters, stmt);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

static void sweeps_postgres(void **state)
{
    (void)state;
    sweep(REACH_POSTGRES);
}

static void sweeps_redshift(void **state)
{
    (void)state;
    sweep(REACH_REDSHIFT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_postgres),
        cmocka_unit_test(sweeps_redshift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
