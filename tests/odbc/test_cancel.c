/*
 * Cancelling and timing out, and the connection's use afterwards; odbc.md 17, redshift.md 15.
 */
#include "facebed.h"

#include <pthread.h>

static int drop_stmt(void **state)
{
    (void)state;
    SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK);
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
    t_free(stmt);
    return 0;
}

/*
 * Runs to the first row. What the server describes before it is stopped ends the execution well;
 * the fetch says what happened then.
 */
static SQLRETURN to_first_row(SQLHSTMT one, const char *sql)
{
    SQLRETURN rc = sql == NULL ? SQLExecute(one) : SQLExecDirect(one, SQL(sql));

    return rc == SQL_SUCCESS ? SQLFetch(one) : rc;
}

#define SLEEP "SELECT pg_sleep(20)"

struct canceller {
    pthread_t thread;
    SQLSMALLINT kind;
    SQLHANDLE handle;
    long after_ms;
    SQLRETURN rc;
};

static void *cancel_later(void *arg)
{
    struct canceller *c = arg;

    t_sleep_ms(c->after_ms);
    c->rc = c->kind == 0 ? SQLCancel(c->handle) : SQLCancelHandle(c->kind, c->handle);
    return NULL;
}

static void start(struct canceller *c, SQLSMALLINT kind, SQLHANDLE handle, long after_ms)
{
    *c = (struct canceller){ .kind = kind, .handle = handle, .after_ms = after_ms, .rc = -9 };
    assert_int_equal(pthread_create(&c->thread, NULL, cancel_later, c), 0);
}

static void finish(struct canceller *c)
{
    assert_int_equal(pthread_join(c->thread, NULL), 0);
    assert_int_equal(c->rc, SQL_SUCCESS);
}

static void cancels_from_another_thread(void **state)
{
    static const SQLSMALLINT kinds[] = { 0, SQL_HANDLE_STMT, SQL_HANDLE_DBC };
    struct canceller c;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        int64_t began = t_now_ms();

        start(&c, kinds[i], kinds[i] == SQL_HANDLE_DBC ? conn.dbc : stmt, 200);
        ERR(stmt, "HY008", to_first_row(stmt, SLEEP));
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        finish(&c);
        assert_in_range(t_now_ms() - began, 150, 8000);
        t_expect(&conn, "SELECT 1", "1");
    }
}

static void cancels_a_prepared_execution(void **state)
{
    struct canceller c;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT pg_sleep(20)")));
    start(&c, 0, stmt, 200);
    ERR(stmt, "HY008", to_first_row(stmt, NULL));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    finish(&c);
    start(&c, 0, stmt, 200);
    ERR(stmt, "HY008", to_first_row(stmt, NULL));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE)); /* still prepared */
    finish(&c);
}

static void cancels_a_fetch(void **state)
{
    struct canceller c;
    char five[6], text[256];
    SQLRETURN rc;
    int rows = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i, CASE WHEN i > 5000 THEN pg_sleep(0.02) END FROM "
                                     "generate_series(1, 10000) AS g(i)")));
    start(&c, 0, stmt, 500);
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS)
        rows++;
    ERR(stmt, "HY008", rc);
    assert_in_range(rows, 1, 9999);
    finish(&c);
    assert_int_equal(SQLFetch(stmt), SQL_ERROR);
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, text, sizeof text));
    /* For the manager SQLCancel closed the cursor, unless a fetch ended well after it. */
    assert_true(strcmp(five, "24000") == 0 || (!RS_DIRECT && strcmp(five, "HY010") == 0));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    t_expect(&conn, "SELECT 1", "1");
}

static void cancel_of_an_idle_statement_does_nothing(void **state)
{
    SQLHSTMT other = t_stmt(&conn);
    struct canceller c;

    (void)state;
    OK(stmt, SQLCancel(stmt));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1 UNION ALL SELECT 2")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCancel(stmt));
#if RS_DIRECT
    OK(stmt, SQLFetch(stmt)); /* no close */
#endif
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    /* another statement's cancel does not hit the one that runs */
    start(&c, 0, other, 300);
    OK(stmt, to_first_row(stmt, "SELECT pg_sleep(1)"));
    finish(&c);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    t_free(other);
}

static void cancel_closes_for_odbc_2(void **state)
{
    struct t_conn old;
    SQLHSTMT one;

    (void)state;
    t_open(&old, server, SQL_OV_ODBC2, "");
    one = t_stmt(&old);
    OK(one, SQLExecDirect(one, SQL("SELECT 1")));
    OK(one, SQLFetch(one));
    OK(one, SQLCancel(one));
    OK(one, SQLExecDirect(one, SQL("SELECT 2")));
    t_free(one);
    t_close(&old);
}

static void transaction_is_rolled_back_by_a_cancel(void **state)
{
    struct canceller c;

    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    start(&c, 0, stmt, 200);
    ERR(stmt, "HY008", to_first_row(stmt, SLEEP));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    finish(&c);
    t_expect(&conn, "SELECT 1", "1");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

/*
 * A cancel that comes too late must hit nothing: short statements, a cancel at their end each
 * time, and a statement right behind that must never notice.
 */
static void late_cancels_hit_nothing(void **state)
{
    SQLHSTMT next = t_stmt(&conn);
    int cancelled = 0, rounds = server == T_POSTGRES ? 200 : 50;

    (void)state;
    for (int i = 0; i < rounds; i++) {
        struct canceller c;
        SQLRETURN rc;
        char got[6];

        start(&c, 0, stmt, i % 32);
        rc = to_first_row(stmt, "SELECT pg_sleep(0.02)");
        if (rc == SQL_ERROR) {
            assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, NULL, 0));
            /* HY010: the manager's, whose state another thread's SQLCancel changes at any time. */
            if (RS_DIRECT || strcmp(got, "HY010") != 0)
                assert_string_equal(got, "HY008");
            cancelled++;
        }
        OK(next, SQLExecDirect(next, SQL("SELECT 7")));
        OK(next, SQLFetch(next));
        OK(next, SQLCloseCursor(next));
        finish(&c);
        SQLFreeStmt(stmt, SQL_CLOSE);
    }
    t_free(next);
    print_message("%d of %d were cancelled\n", cancelled, rounds);
}

/* ---- timeouts ---- */

static void query_timeout(void **state)
{
    SQLULEN seconds = 0;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    for (int prepared = 0; prepared < 2; prepared++) {
        int64_t began = t_now_ms();

        if (prepared) {
            OK(stmt, SQLPrepare(stmt, SQL("SELECT pg_sleep(20)")));
            ERR(stmt, "HYT00", to_first_row(stmt, NULL));
        } else {
            ERR(stmt, "HYT00", to_first_row(stmt, SLEEP));
        }
        assert_in_range(t_now_ms() - began, 800, 8000);
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        t_expect(&conn, "SELECT 1", "1");
    }
    /* not over: it is a limit for the first row alone */
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT repeat('x', 20000), CASE WHEN i = 4 THEN "
                                     "pg_sleep(1.5) END FROM generate_series(1, 4) AS g(i)")));
    for (int i = 0; i < 4; i++)
        OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    INFO(stmt, "01S02", SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(99999999), 0));
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, &seconds, 0, NULL));
    assert_int_equal(seconds, 4294967);
}

/* By key the time counts for the rows too. */
static void query_timeout_fetch_key(void **state)
{
    struct t_conn own;
    SQLRETURN rc = SQL_SUCCESS;
    int rows = 0;
    SQLHSTMT one;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "QueryTimeoutFetch=1;QueryTimeout=1;");
    one = t_stmt(&own);
    OK(one, SQLExecDirect(one, SQL("SELECT repeat('x', 20000), CASE WHEN i = 40 THEN pg_sleep(20) "
                                   "END FROM generate_series(1, 80) AS g(i)")));
    while (SQL_SUCCEEDED(rc)) {
        rc = SQLFetch(one);
        rows += SQL_SUCCEEDED(rc);
    }
    ERR(one, "HYT00", rc);
    assert_in_range(rows, 1, 39);
    t_free(one);
    t_expect(&own, "SELECT 1", "1");
    t_close(&own);
}

static void statement_timeout_key(void **state)
{
    struct t_conn own;
    SQLHSTMT one;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "StatementTimeout=300;");
    one = t_stmt(&own);
    ERR(one, "HYT00", to_first_row(one, SLEEP));
    t_free(one);
    t_expect(&own, "SELECT 1", "1");
    t_close(&own);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, drop_stmt)
    const struct CMUnitTest tests[] = {
        EACH(cancels_from_another_thread),
        EACH(cancels_a_prepared_execution),
        EACH(cancels_a_fetch),
        EACH(cancel_of_an_idle_statement_does_nothing),
        EACH(cancel_closes_for_odbc_2),
        EACH(transaction_is_rolled_back_by_a_cancel),
        EACH(late_cancels_hit_nothing),
        EACH(query_timeout),
        EACH(query_timeout_fetch_key),
        EACH(statement_timeout_key),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("cancel on PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("cancel on Redshift", tests, face_open, face_close);
}
