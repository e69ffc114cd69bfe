/*
 * Attributes as applications see them around an execution; odbc.md 2. Each attribute by its rule is
 * a unit test.
 */
#include "facebed.h"

#include "redshift_odbc.h"

static SQLULEN attr(SQLINTEGER id)
{
    SQLULEN value = 0;

    OK(stmt, SQLGetStmtAttr(stmt, id, &value, 0, NULL));
    return value;
}

static void set(SQLINTEGER id, SQLULEN value)
{
    OK(stmt, SQLSetStmtAttr(stmt, id, NUMBER(value), 0));
}

/* What was asked for is what there is, before, while and after a cursor is open. */
static void scrolling_is_read_back(void **state)
{
    (void)state;
    set(SQL_ATTR_CURSOR_SCROLLABLE, SQL_SCROLLABLE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(attr(SQL_ATTR_CURSOR_SCROLLABLE), SQL_SCROLLABLE);
        assert_int_equal(attr(SQL_ATTR_CURSOR_TYPE), SQL_CURSOR_STATIC);
        assert_int_equal(attr(SQL_ATTR_CURSOR_SENSITIVITY), SQL_INSENSITIVE);
        assert_int_equal(attr(SQL_ATTR_CONCURRENCY), SQL_CONCUR_READ_ONLY);
        if (i == 0)
            OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        if (i == 1)
            OK(stmt, SQLCloseCursor(stmt));
    }
    set(SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    assert_int_equal(attr(SQL_ATTR_CURSOR_SCROLLABLE), SQL_NONSCROLLABLE);
    assert_int_equal(attr(SQL_ATTR_CURSOR_TYPE), SQL_CURSOR_FORWARD_ONLY);
}

/* These may be set while a cursor is open, and count from the next execution on. */
static void limits_wait_for_the_next_execution(void **state)
{
    char got[64];

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT repeat('x', n) FROM generate_series(2, 4) AS g(n)")));
    OK(stmt, SQLExecute(stmt));
    set(SQL_ATTR_MAX_ROWS, 2);
    set(SQL_ATTR_QUERY_TIMEOUT, 600);
    set(SQL_ATTR_NOSCAN, SQL_NOSCAN_ON);
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "xx;xxx;xxxx");
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "xx;xxx");
    set(SQL_ATTR_MAX_LENGTH, 1);
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "x;x");
}

static SQLUINTEGER access_mode(void)
{
    SQLUINTEGER mode = 77;

    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, &mode, 0, NULL));
    return mode;
}

/* The mode is the application's word: no execution, error or end of a transaction changes it. */
static void access_mode_is_kept(void **state)
{
    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(SQL_MODE_READ_ONLY), 0));
    assert_int_equal(access_mode(), SQL_MODE_READ_ONLY);
    for (int i = 0; i < 2; i++) {
        ERR(stmt, "42000", SQLExecDirect(stmt, SQL("CREATE TABLE never_made (n integer)")));
        assert_int_equal(access_mode(), SQL_MODE_READ_ONLY);
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
        OK(stmt, SQLCloseCursor(stmt));
        DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
        assert_int_equal(access_mode(), SQL_MODE_READ_ONLY);
    }
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(SQL_MODE_READ_WRITE), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("CREATE TEMP TABLE made (n integer)")));
    assert_int_equal(access_mode(), SQL_MODE_READ_WRITE);
}

/* Clients ask for attributes of other drivers: each is refused, and nothing else happens. */
static void unknown_attributes_are_refused(void **state)
{
    static const SQLINTEGER ids[] = { 1227, 1228, 31000, -5 };
    SQLULEN value = 77;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        ERR(stmt, "HY092", SQLSetStmtAttr(stmt, ids[i], NUMBER(1), 0));
        ERR(stmt, "HY092", SQLGetStmtAttr(stmt, ids[i], &value, 0, NULL));
        DBC_ERR(conn.dbc, "HY092", SQLSetConnectAttr(conn.dbc, ids[i], NUMBER(1), 0));
        DBC_ERR(conn.dbc, "HY092", SQLGetConnectAttr(conn.dbc, ids[i], &value, 0, NULL));
    }
    assert_int_equal(value, 77);
    ERR(stmt, "HY092", SQLSetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, NUMBER(1), 0));
    ERR(stmt, "HY092", SQLSetStmtAttr(stmt, RS_ATTR_QUERY_ID, NUMBER(1), 0));
    DBC_ERR(conn.dbc, "HY092", SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTO_IPD, NUMBER(1), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
}

/* The bench's server has no such function, so the test makes one, and takes it back. */
static void the_query_has_an_id(void **state)
{
    static const SQLWCHAR wide[] = { '4', '7', '1', '1', 0 };
    SQLHSTMT other = t_stmt(&conn);
    SQLCHAR id[16] = "";
    SQLWCHAR got[16];
    SQLINTEGER length = 0;

    (void)state;
    if (server == T_POSTGRES) {
        ERR(stmt, "HYC00", SQLGetStmtAttr(stmt, RS_ATTR_QUERY_ID, id, sizeof id, &length));
        t_free(other);
        return;
    }
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    OK(stmt, SQLGetStmtAttr(stmt, RS_ATTR_QUERY_ID, id, sizeof id, &length));
    assert_string_equal((char *)id, "4711");
    assert_int_equal(length, 4);
    INFO(stmt, "01004", SQLGetStmtAttr(stmt, RS_ATTR_QUERY_ID, id, 3, &length));
    assert_string_equal((char *)id, "47");
    if (RS_DIRECT) { /* the manager takes no attribute of a driver for a text */
        OK(stmt, SQLGetStmtAttrW(stmt, RS_ATTR_QUERY_ID, got, sizeof got, &length));
        assert_memory_equal(got, wide, sizeof wide);
        assert_int_equal(length, 8);
    }
    /* rows on their way would have to move aside */
    OK(other, SQLExecDirect(other, SQL("SELECT generate_series(1, 100000)")));
    ERR(stmt, "HY010", SQLGetStmtAttr(stmt, RS_ATTR_QUERY_ID, id, sizeof id, &length));
    OK(other, SQLCloseCursor(other));
    OK(stmt, SQLGetStmtAttr(stmt, RS_ATTR_QUERY_ID, NULL, 0, &length));
    assert_int_equal(length, 4);
    t_free(other);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(scrolling_is_read_back), EACH(limits_wait_for_the_next_execution),
        EACH(access_mode_is_kept),    EACH(unknown_attributes_are_refused),
        EACH(the_query_has_an_id),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("attributes, PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed +
           cmocka_run_group_tests_name("attributes, Redshift", tests, face_open, face_close);
}
