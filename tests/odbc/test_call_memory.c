/* Calls whose values come back and that leave cursors, with allocations that fail: HY001, no
 * transaction is left open, and all goes on after it. */
#include "reach.h"

#include "oom.h"
#include "os.h"

static struct reach reach;
static SQLHSTMT stmt;
static SQLINTEGER k;
static SQLLEN k_len;
static char word[20];

static SQLCHAR *chars(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

/* What failed without a record of HY001 is a bug. */
static bool judge(SQLRETURN rc)
{
    if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA)
        return true;
    assert_int_equal(rc, SQL_ERROR);
    reach_state(SQL_HANDLE_STMT, stmt, "HY001");
    return false;
}

static bool call(const char *sql)
{
    k = 2;
    k_len = 0;
    word[0] = '\0';
    return judge(SQLPrepare(stmt, chars(sql), SQL_NTS)) &&
           judge(SQLBindParameter(stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0,
                                  &k, 0, &k_len)) &&
           judge(SQLBindParameter(stmt, 2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, word,
                                  sizeof word, NULL)) &&
           judge(SQLExecute(stmt));
}

/* The session is not left in a transaction: what is set for one alone is gone. */
static bool is_over(bool ok)
{
    SQLFreeStmt(stmt, SQL_CLOSE);
    SQLFreeStmt(stmt, SQL_RESET_PARAMS);
    return ok;
}

static bool values(void *unused)
{
    bool ok = call("{call pg_temp.m_values(?, ?)}");

    (void)unused;
    if (ok) {
        assert_int_equal(k, 3);
        assert_string_equal(word, "three");
    }
    return is_over(ok);
}

static bool cursors(void *unused)
{
    bool ok = call("{call pg_temp.m_cursors(?, ?, NULL, NULL)}");
    int n = 0;

    (void)unused;
    for (SQLRETURN rc = SQL_SUCCESS; ok && rc != SQL_NO_DATA;) {
        while (ok && (rc = SQLFetch(stmt)) != SQL_NO_DATA) {
            ok = judge(rc);
            n++;
        }
        if (ok) {
            rc = SQLMoreResults(stmt);
            ok = judge(rc);
        }
    }
    if (ok) {
        assert_int_equal(n, 5);
        assert_int_equal(k, 3);
    }
    return is_over(ok);
}

static bool describes(void *unused)
{
    SQLSMALLINT type = 0;
    bool ok = judge(SQLPrepare(stmt, chars("{call pg_temp.m_values(?, ?)}"), SQL_NTS)) &&
              judge(SQLDescribeParam(stmt, 2, &type, NULL, NULL, NULL));

    (void)unused;
    if (ok)
        assert_int_equal(type, SQL_VARCHAR);
    return is_over(ok);
}

static void run(const char *sql)
{
    assert_true(SQL_SUCCEEDED(SQLExecDirect(stmt, chars(sql), SQL_NTS)));
}

static void no_transaction(void)
{
    SQLINTEGER same = 9;

    /* Inside of one the two clocks would differ from the second statement on. */
    for (int i = 0; i < 2; i++) {
        SQLFreeStmt(stmt, SQL_CLOSE);
        run("SELECT CAST(now() = statement_timestamp() AS integer)");
    }
    assert_int_equal(SQLFetch(stmt), SQL_SUCCESS);
    assert_int_equal(SQLGetData(stmt, 1, SQL_C_SLONG, &same, 0, NULL), SQL_SUCCESS);
    assert_int_equal(same, 1);
    SQLFreeStmt(stmt, SQL_CLOSE);
}

static void sweeps(void **state)
{
    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, "");
    stmt = reach_stmt(&reach);
    run("CREATE PROCEDURE pg_temp.m_values(INOUT k integer, OUT w varchar) LANGUAGE plpgsql"
        " AS $$ BEGIN k := k + 1; w := 'three'; END $$");
    run("CREATE PROCEDURE pg_temp.m_cursors(INOUT k integer, OUT w varchar, INOUT a refcursor,"
        " INOUT b refcursor) LANGUAGE plpgsql AS $$ BEGIN k := k + 1; w := 'x';"
        " OPEN a FOR SELECT 'a'::text FROM generate_series(1, 2);"
        " OPEN b FOR SELECT 1, 'b'::text FROM generate_series(1, 3); END $$");
    rs_test_oom(values, NULL);
    no_transaction();
    rs_test_oom(cursors, NULL);
    no_transaction();
    rs_test_oom(describes, NULL);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
