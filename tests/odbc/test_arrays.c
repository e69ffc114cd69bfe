/*
 * Arrays of parameters and data at execution in them; odbc.md 7.4.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMP TABLE t (n integer PRIMARY KEY, s varchar(20))");
    return 0;
}

static int new_stmt(void **state)
{
    (void)state;
    t_run(&conn, "DELETE FROM t");
    stmt = t_stmt(&conn);
    return 0;
}

enum { SETS = 5 };

static SQLINTEGER n[SETS];
static char s[SETS][16];
static SQLLEN n_ind[SETS], s_ind[SETS];
static SQLUSMALLINT status[SETS], operation[SETS];
static SQLULEN processed;

static void fill(void)
{
    for (int i = 0; i < SETS; i++) {
        n[i] = i + 1;
        n_ind[i] = 0;
        snprintf(s[i], sizeof s[i], "s%d", i + 1);
        s_ind[i] = i == 1 ? SQL_NULL_DATA : SQL_NTS;
        status[i] = 99;
        operation[i] = SQL_PARAM_PROCEED;
    }
    processed = 99;
}

static void set(SQLINTEGER attribute, const void *value)
{
    OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)(uintptr_t)value, 0));
}

static void bind_columns(void)
{
    fill();
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, n_ind));
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, s,
                              sizeof s[0], s_ind));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0));
    set(SQL_ATTR_PARAM_STATUS_PTR, status);
    set(SQL_ATTR_PARAMS_PROCESSED_PTR, &processed);
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO t VALUES (?, ?)")));
}

static void expect_status(SQLUSMALLINT a, SQLUSMALLINT b, SQLUSMALLINT c, SQLUSMALLINT d,
                          SQLUSMALLINT e)
{
    const SQLUSMALLINT want[SETS] = { a, b, c, d, e };

    for (int i = 0; i < SETS; i++)
        assert_int_equal(status[i], want[i]);
}

#define GOOD     SQL_PARAM_SUCCESS
#define BAD      SQL_PARAM_ERROR
#define UNUSED   SQL_PARAM_UNUSED
#define UNKNOWN  ((SQLUSMALLINT)SQL_PARAM_DIAG_UNAVAILABLE)
#define ALL_ROWS "SELECT n, s FROM t ORDER BY n"

static void runs_column_wise(void **state)
{
    SQLLEN count = 0;

    (void)state;
    bind_columns();
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, SETS);
    assert_int_equal(processed, SETS);
    expect_status(GOOD, GOOD, GOOD, GOOD, GOOD);
    t_expect(&conn, ALL_ROWS, "1|s1;2|<null>;3|s3;4|s4;5|s5");
    NODATA(stmt, SQLMoreResults(stmt));
}

struct row {
    SQLINTEGER n;
    SQLLEN n_ind;
    SQLWCHAR s[8];
    SQLLEN s_ind;
};

static void runs_row_wise_with_offset(void **state)
{
    static struct row rows[4];
    SQLLEN offset = 2 * sizeof(struct row);

    (void)state;
    for (int i = 0; i < 4; i++) {
        rows[i].n = i + 1;
        rows[i].s[0] = 0xd83d;
        rows[i].s[1] = 0xde00;
        rows[i].s[2] = (SQLWCHAR)('0' + i);
        rows[i].s_ind = i == 3 ? 6 : SQL_NTS;
    }
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &rows[0].n,
                              0, &rows[0].n_ind));
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, rows[0].s,
                              sizeof rows[0].s, &rows[0].s_ind));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_TYPE, NUMBER(sizeof(struct row)), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(2), 0));
    set(SQL_ATTR_PARAM_BIND_OFFSET_PTR, &offset);
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (?, ?)")));
    t_expect(&conn, ALL_ROWS, "3|😀2;4|😀3");
}

static void skips_by_operation(void **state)
{
    SQLLEN count = 0;

    (void)state;
    bind_columns();
    set(SQL_ATTR_PARAM_OPERATION_PTR, operation);
    operation[0] = SQL_PARAM_IGNORE;
    operation[1] = SQL_ROW_ADDED;
    operation[2] = SQL_ROW_UPDATED;
    operation[3] = SQL_ROW_SUCCESS_WITH_INFO;
    operation[4] = SQL_ROW_ERROR;
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 2);
    assert_int_equal(processed, SETS);
    expect_status(UNUSED, GOOD, UNUSED, GOOD, UNUSED);
    t_expect(&conn, ALL_ROWS, "2|<null>;4|s4");
}

static void goes_on_in_autocommit(void **state)
{
    SQLLEN count = 0, row = 0;

    (void)state;
    bind_columns();
    n[2] = 1; /* a duplicate */
    INFO(stmt, "23000", SQLExecute(stmt));
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    assert_int_equal(row, 3);
    expect_status(GOOD, GOOD, BAD, GOOD, GOOD);
    assert_int_equal(processed, SETS);
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 4);
    t_expect(&conn, ALL_ROWS, "1|s1;2|<null>;4|s4;5|s5");
}

static void all_bad_is_an_error(void **state)
{
    SQLLEN row = 0;

    (void)state;
    t_run(&conn, "INSERT INTO t SELECT i, 'x' FROM generate_series(1, 5) AS g(i)");
    bind_columns();
    ERR(stmt, "23000", SQLExecute(stmt));
    expect_status(BAD, BAD, BAD, BAD, BAD);
    assert_int_equal(processed, SETS);
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 5, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    assert_int_equal(row, 5);
}

static void stops_in_a_transaction(void **state)
{
    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    bind_columns();
    n[2] = 1;
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, NULL, SQLExecute(stmt));
    /* one INSERT of five tuples: which of them was at fault cannot be known */
    assert_int_equal(processed, SETS);
    expect_status(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
    t_expect(&conn, ALL_ROWS, "");
}

static void finds_bad_values_by_set_and_parameter(void **state)
{
    static char numbers[3][8] = { "1", "x", "3" };
    SQLLEN row = 0;
    SQLINTEGER column = 0;

    (void)state;
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTEGER, 0, 0, numbers,
                              sizeof numbers[0], NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    set(SQL_ATTR_PARAM_STATUS_PTR, status);
    INFO(stmt, "22018", SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (?, 'x')")));
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    assert_int_equal(row, 2);
    assert_int_equal(column, 1);
    assert_int_equal(status[1], SQL_PARAM_ERROR);
    t_expect(&conn, ALL_ROWS, "1|x;3|x");
}

static void queries_take_no_array(void **state)
{
    char got[32];

    (void)state;
    bind_columns();
    ERR(stmt, "HYC00", SQLExecDirect(stmt, SQL("SELECT s FROM t WHERE n = ? AND s = ?")));
    /* without a marker the size is ignored, and by catalog functions */
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 7")));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "7");
    OK(stmt, SQLTables(stmt, SQL("dev"), SQL("public"), SQL("demo_sales"), NULL, 0));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "HY024", SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(0), 0));
}

static void updates_without_a_row(void **state)
{
    SQLLEN count = -1;

    (void)state;
    fill();
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0));
    NODATA(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t WHERE n = ?")));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 0);
    t_run(&conn, "INSERT INTO t VALUES (3, 'x')");
    OK(stmt, SQLExecDirect(stmt, SQL("DELETE FROM t WHERE n = ?")));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 1);
}

static void data_at_execution_set_by_set(void **state)
{
    SQLPOINTER token;

    (void)state;
    bind_columns();
    for (int i = 0; i < SETS; i++)
        s_ind[i] = i % 2 == 0 ? SQL_DATA_AT_EXEC : SQL_NTS;
    NEED(stmt, SQLExecute(stmt));
    for (int i = 0; i < SETS; i += 2) {
        NEED(stmt, SQLParamData(stmt, &token));
        assert_ptr_equal(token, s[i]); /* the address of this set's value */
        assert_int_equal(processed, i + 1);
        OK(stmt, SQLPutData(stmt, TEXT("piece"), 5));
        OK(stmt, SQLPutData(stmt, TEXT("s"), 1));
    }
    OK(stmt, SQLParamData(stmt, &token));
    expect_status(GOOD, GOOD, GOOD, GOOD, GOOD);
    t_expect(&conn, ALL_ROWS, "1|pieces;2|s2;3|pieces;4|s4;5|pieces");
}

#if !RS_DIRECT
/* ODBC 2: SQLParamOptions, which the manager translates */
static void takes_the_old_option(void **state)
{
    SQLULEN irow = 0;

    (void)state;
    bind_columns();
    OK(stmt, SQLParamOptions(stmt, 2, &irow));
    OK(stmt, SQLExecute(stmt));
    assert_int_equal(irow, 2);
    t_expect(&conn, ALL_ROWS, "1|s1;2|<null>");
}
#endif

static void many_sets(void **state)
{
    enum { MANY = 1000 };
    static SQLINTEGER many[MANY];
    SQLLEN count = 0;

    (void)state;
    for (int i = 0; i < MANY; i++)
        many[i] = i;
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, many, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(MANY), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (?, 'many')")));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, MANY);
    t_expect(&conn, "SELECT count(*), sum(n) FROM t", "1000|499500");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, new_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(runs_column_wise),
        EACH(runs_row_wise_with_offset),
        EACH(skips_by_operation),
        EACH(goes_on_in_autocommit),
        EACH(all_bad_is_an_error),
        EACH(stops_in_a_transaction),
        EACH(finds_bad_values_by_set_and_parameter),
        EACH(queries_take_no_array),
        EACH(updates_without_a_row),
        EACH(data_at_execution_set_by_set),
#if !RS_DIRECT
        EACH(takes_the_old_option),
#endif
        EACH(many_sets),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("arrays on PostgreSQL", tests,
                                                             open_conn, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("arrays on Redshift", tests, open_conn, face_close);
}
