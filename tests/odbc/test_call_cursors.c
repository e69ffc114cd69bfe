/*
 * Procedures that leave cursors behind: their rows are the results of the call; odbc.md 18,
 * redshift.md 14.
 */
#include "callbed.h"

static void a_cursor_is_the_result(void **state)
{
    char got[128], name[40] = "", text[20];
    SQLINTEGER n = 2;
    SQLLEN name_len = SQL_NULL_DATA;
    SQLSMALLINT columns = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        bool is_manual = i >= 2;

        set_autocommit(is_manual ? SQL_AUTOCOMMIT_OFF : SQL_AUTOCOMMIT_ON);
        if (i % 2 == 0) {
            OK(stmt, run("{call p_cursor(2, NULL)}"));
        } else {
            bind_int(1, SQL_PARAM_INPUT, &n, NULL);
            bind(2, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, name, sizeof name, &name_len);
            OK(stmt, SQLPrepare(stmt, SQL("{call p_cursor(?, ?)}")));
            OK(stmt, SQLExecute(stmt));
            assert_true(name_len > 0); /* the cursor's name comes back as well */
        }
        OK(stmt, SQLNumResultCols(stmt, &columns));
        assert_int_equal(columns, 2);
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
        assert_string_equal(text, "row 1");
        t_rows(stmt, got, sizeof got);
        assert_string_equal(got, "2|row 2");
        session_is(is_manual ? "idle in transaction" : "idle");
        name_len = SQL_NULL_DATA;
        SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT);
    }
}

static void several_cursors_are_several_results(void **state)
{
    char got[128];

    (void)state;
    for (int i = 0; i < 2; i++) {
        OK(stmt, run("{call p_two(NULL, 0, NULL)}"));
        OK(stmt, SQLFetch(stmt));
        if (i == 1) { /* the next one needs the wire */
            t_expect(&conn, "SELECT 1", "1");
            session_is("idle");
        }
        NODATA(stmt, SQLFetch(stmt));
        OK(stmt, SQLMoreResults(stmt));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, got, sizeof got, NULL));
        assert_string_equal(got, "2");
        OK(stmt, SQLFetch(stmt));
        NODATA(stmt, SQLFetch(stmt));
        NODATA(stmt, SQLMoreResults(stmt));
        session_is("idle");
    }
}

/* Values and cursors out of one call. */
static void values_and_cursors(void **state)
{
    char a[40], b[40], got[64];
    SQLINTEGER k = 0;
    SQLLEN a_len = SQL_NULL_DATA, b_len = SQL_NULL_DATA, k_len = 0;

    (void)state;
    bind(1, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, a, sizeof a, &a_len);
    bind_int(2, SQL_PARAM_INPUT_OUTPUT, &k, &k_len);
    bind(3, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, b, sizeof b, &b_len);
    OK(stmt, run("{call p_two(?, ?, ?)}"));
    assert_int_equal(k, 5);
    assert_true(a_len > 0 && b_len > 0);
    OK(stmt, SQLMoreResults(stmt)); /* past the first, unread */
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "2|b;1|b");
    session_is("idle");
}

static void a_cursor_scrolls(void **state)
{
    char text[20];

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, run("{call p_cursor(5, NULL)}"));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    assert_string_equal(text, "row 5");
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    assert_string_equal(text, "row 1");
    OK(stmt, SQLCloseCursor(stmt));
    session_is("idle");
}

/* However the rows are given up, what the driver began is over, and done. */
static void cursors_given_up(void **state)
{
    static const char *const want[] = { "0", "0", "0", "0" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        OK(stmt, run("{call p_cursor(100000, NULL)}"));
        OK(stmt, SQLFetch(stmt));
        switch (i) {
        case 0:
            OK(stmt, SQLCloseCursor(stmt));
            break;
        case 1:
            OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
            break;
        case 2:
            t_free(stmt);
            stmt = t_stmt(&conn);
            break;
        default: /* with autocommit on there is nothing to roll back, or to end */
            DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
            session_is("idle");
            OK(stmt, SQLFetch(stmt));
            OK(stmt, SQLCloseCursor(stmt));
            break;
        }
        session_is("idle");
    }
    OK(stmt, run("{call p_none(NULL)}"));
    no_result();
    session_is("idle");
    t_expect(&maker, "SELECT * FROM log", "1|none");
}

/* A cursor that fails: with autocommit the call is rolled back and the session is as before. */
static void a_cursor_that_fails(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        OK(stmt, run("{call p_broken(NULL, NULL)}"));
        OK(stmt, SQLFetch(stmt));
        if (i == 1) {
            t_expect(&conn, "SELECT 1", "1"); /* not in a failed transaction */
        } else if (i == 2) {
            OK(stmt, SQLCloseCursor(stmt));
        }
        if (i < 2) {
            ERR(stmt, "22012", SQLMoreResults(stmt)); /* FETCH sends no row before the last */
            OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));   /* the manager holds it for open */
        }
        session_is("idle");
        t_expect(&conn, "SELECT 1", "1");
        t_expect(&maker, "SELECT count(*) FROM log", "0");
    }
}

/* FetchRefCursor=0: names, and no transaction. */
static void cursors_left_alone(void **state)
{
    struct t_conn own;
    char got[128];
    SQLHSTMT alone;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "FetchRefCursor=0;");
    use_schema(&own, schema);
    alone = t_stmt(&own);
    OK(alone, SQLExecDirect(alone, SQL("{call p_cursor(1, 'named')}")));
    t_rows(alone, got, sizeof got);
    assert_string_equal(got, "named");
    t_free(alone);
    t_close(&own);
}

/* A procedure that commits by itself is not put into a transaction. */
static void procedures_that_commit(void **state)
{
    SQLINTEGER n = 3, m = 0;
    SQLLEN len = 0;

    (void)state;
    bind_int(1, SQL_PARAM_INPUT, &n, NULL);
    bind_int(2, SQL_PARAM_OUTPUT, &m, &len);
    OK(stmt, run("{call p_own(?, ?)}"));
    assert_int_equal(m, 3);
    t_expect(&maker, "SELECT * FROM log", "3|kept");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, drop_all)
    const struct CMUnitTest tests[] = {
        EACH(a_cursor_is_the_result), EACH(several_cursors_are_several_results),
        EACH(values_and_cursors),     EACH(a_cursor_scrolls),
        EACH(cursors_given_up),       EACH(a_cursor_that_fails),
        EACH(cursors_left_alone),     EACH(procedures_that_commit),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("cursors of calls on PostgreSQL",
                                                             tests, open_all, close_all);

    server = T_REDSHIFT;
    return failed +
           cmocka_run_group_tests_name("cursors of calls on Redshift", tests, open_all, close_all);
}
