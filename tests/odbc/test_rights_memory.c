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

static uint32_t wanted; /* what the rows come to; 0: not known yet */

/* What failed without a record of HY001 is a bug. */
static bool judge(SQLHSTMT stmt, SQLRETURN rc)
{
    if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA)
        return true;
    assert_int_equal(rc, SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY001");
    return false;
}

static bool add_row(SQLHSTMT stmt, SQLSMALLINT n_columns, uint32_t *sum)
{
    for (SQLSMALLINT i = 1; i <= n_columns; i++) {
        char cell[256] = "";
        SQLLEN length;

        if (!judge(stmt, SQLGetData(stmt, (SQLUSMALLINT)i, SQL_C_CHAR, cell, sizeof cell, &length)))
            return false;
        for (const char *p = cell; *p != '\0'; p++)
            *sum = (*sum ^ (uint8_t)*p) * 16777619;
        *sum += 1;
    }
    return true;
}

/* A success is one only with all the rows as they are. */
static bool read_rows(SQLHSTMT stmt, SQLRETURN rc)
{
    SQLSMALLINT n_columns = 0;
    uint32_t sum = 1;

    if (!judge(stmt, rc) || !judge(stmt, SQLNumResultCols(stmt, &n_columns)))
        return false;
    for (;;) {
        rc = SQLFetch(stmt);
        if (!judge(stmt, rc) || (rc != SQL_NO_DATA && !add_row(stmt, n_columns, &sum)))
            return false;
        if (rc == SQL_NO_DATA)
            break;
    }
    if (wanted == 0)
        wanted = sum;
    assert_int_equal(sum, wanted);
    return true;
}

static bool all_rows(SQLHSTMT stmt, SQLRETURN rc)
{
    bool ok = read_rows(stmt, rc);

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_procedures(void *stmt)
{
    return all_rows(stmt, SQLProcedures(stmt, NULL, 0, NULL, 0, chars("json\\_%"), SQL_NTS));
}

static bool list_parameters(void *stmt)
{
    return all_rows(stmt, SQLProcedureColumns(stmt, NULL, 0, NULL, 0, chars("json\\_e%"), SQL_NTS,
                                              chars("%"), SQL_NTS));
}

static bool list_table_privileges(void *stmt)
{
    return all_rows(stmt, SQLTablePrivileges(stmt, NULL, 0, NULL, 0, chars("demo\\_%"), SQL_NTS));
}

static bool list_column_privileges(void *stmt)
{
    return all_rows(
        stmt, SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, chars("demo_sales"), SQL_NTS, NULL, 0));
}

static void sweep_one(bool (*scenario)(void *stmt), SQLHSTMT stmt)
{
    wanted = 0;
    assert_true(scenario(stmt));
    assert_int_not_equal(wanted, 1); /* some rows */
    rs_test_oom(scenario, stmt);
}

static void sweep(const char *server)
{
    SQLHSTMT stmt;

    reach_open(&reach, server, SQL_OV_ODBC3, "");
    stmt = reach_stmt(&reach);
    sweep_one(list_procedures, stmt);
    sweep_one(list_parameters, stmt);
    sweep_one(list_table_privileges, stmt);
    sweep_one(list_column_privileges, stmt);
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
