/*
 * Arrays that are no INSERT of many tuples: one by one and without waiting; and what ends any array
 * early: a timeout, a cancel, a lost connection.
 */
#include <pthread.h>

#include "odbctest.h"

enum { MANY = 100000 };

static struct t_conn conn;
static const char *keys;
static SQLHSTMT stmt;
static SQLINTEGER n[MANY];
static SQLUSMALLINT status[MANY];
static SQLULEN processed;

#define GOOD    SQL_PARAM_SUCCESS
#define BAD     SQL_PARAM_ERROR
#define UNUSED  SQL_PARAM_UNUSED
#define UNKNOWN ((SQLUSMALLINT)SQL_PARAM_DIAG_UNAVAILABLE)

static void open_with(const char *more)
{
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, more);
    t_run(&conn, "CREATE TEMP TABLE t (n integer PRIMARY KEY, d integer, s text)");
    stmt = t_stmt(&conn);
    for (int i = 0; i < MANY; i++) {
        n[i] = i + 1;
        status[i] = 99;
    }
    processed = 99;
}

static int open_conn(void **state)
{
    (void)state;
    open_with(keys);
    return 0;
}

static int close_conn(void **state)
{
    (void)state;
    t_free(stmt);
    t_close(&conn);
    return 0;
}

static void bind(SQLULEN sets)
{
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(sets), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
}

static void fill(int rows)
{
    char sql[100];

    snprintf(sql, sizeof sql, "INSERT INTO t SELECT i, i, 'x' FROM generate_series(1, %d) AS g(i)",
             rows);
    t_run(&conn, sql);
}

static void expect_count(SQLLEN want)
{
    SQLLEN count = -2;

    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, want);
}

static void expect_all(SQLULEN from, SQLULEN to, SQLUSMALLINT want)
{
    for (SQLULEN i = from; i < to; i++) {
        if (status[i] != want)
            fail_msg("set %lu: status %u, not %u", (unsigned long)i + 1, status[i], want);
    }
}

static SQLULEN count_of(SQLUSMALLINT want, SQLULEN sets)
{
    SQLULEN count = 0;

    for (SQLULEN i = 0; i < sets; i++)
        count += status[i] == want;
    return count;
}

static SQLLEN row_of(SQLSMALLINT record)
{
    SQLLEN row = -9;

    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    return row;
}

static void autocommit(bool on)
{
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT,
                                       NUMBER(on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF), 0));
}

#define DIVIDE "UPDATE t SET d = 12 / (d - 1500) WHERE n = ?"

static void each_set_stands_alone(void **state)
{
    (void)state;
    fill(3000);
    bind(3000);
    n[10] = 1000000; /* no such row */
    INFO(stmt, "22012", SQLExecDirect(stmt, SQL(DIVIDE)));
    assert_int_equal(row_of(1), 1500);
    expect_all(0, 1499, GOOD);
    assert_int_equal(status[1499], BAD);
    expect_all(1500, 3000, GOOD);
    assert_int_equal(processed, 3000);
    expect_count(2998);
    t_expect(&conn, "SELECT count(*) FROM t WHERE d = n", "2");
}

static void the_first_can_fail(void **state)
{
    (void)state;
    fill(10);
    bind(10);
    OK(stmt, SQLPrepare(stmt, SQL("UPDATE t SET d = 12 / (d - 1) WHERE n = ?")));
    INFO(stmt, "22012", SQLExecute(stmt));
    assert_int_equal(row_of(1), 1);
    assert_int_equal(status[0], BAD);
    expect_all(1, 10, GOOD);
    n[9] = 1; /* and the last */
    n[0] = 20;
    INFO(stmt, "22012", SQLExecute(stmt));
    assert_int_equal(status[9], BAD);
}

static void all_fail(void **state)
{
    (void)state;
    bind(100);
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("UPDATE no_table SET d = 1 WHERE n = ?")));
    expect_all(0, 100, BAD);
    assert_int_equal(processed, 100);
}

static void a_transaction_stops(void **state)
{
    (void)state;
    fill(3000);
    autocommit(false);
    bind(3000);
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, NULL, SQLExecDirect(stmt, SQL(DIVIDE)));
    expect_all(0, 1499, GOOD);
    assert_int_equal(status[1499], BAD);
    expect_all(1500, 3000, UNUSED);
    assert_int_equal(processed, 1500);
    t_expect(&conn, "SELECT count(*) FROM t WHERE d = n", "3000");
    n[1499] = 1;
    OK(stmt, SQLExecDirect(stmt, SQL(DIVIDE)));
    expect_count(3000);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    autocommit(true);
}

static void deferred_errors_count(void **state)
{
    (void)state;
    t_run(&conn, "CREATE TEMP TABLE child (n integer REFERENCES t DEFERRABLE INITIALLY DEFERRED)");
    fill(5);
    bind(8);
    INFO(stmt, "23000", SQLExecDirect(stmt, SQL("INSERT INTO child SELECT ?")));
    expect_all(0, 5, GOOD);
    expect_all(5, 8, BAD);
    t_expect(&conn, "SELECT count(*) FROM child", "5");
}

static void rows_are_passed_over(void **state)
{
    (void)state;
    skip_on_redshift("there is no INSERT ... RETURNING");
    bind(50);
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (?, 1, 'x') RETURNING n, s")));
    expect_all(0, 50, GOOD);
    t_expect(&conn, "SELECT count(*) FROM t", "50");
    NODATA(stmt, SQLMoreResults(stmt));
}

/* More answers than both ends' buffers hold, while the sets are still being sent. */
static void many_with_long_answers(void **state)
{
    const SQLULEN sets = strstr(keys, "PipelineParams=1") != NULL ? MANY : MANY / 20;
    long before = t_peak_kib();

    (void)state;
    skip_on_redshift("there is no INSERT ... RETURNING");
    autocommit(false);
    bind(sets);
    OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO t VALUES (?, 1, 'x') "
                                     "RETURNING repeat('answer ', 100)")));
    expect_all(0, sets, GOOD);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    autocommit(true);
    assert_true(t_peak_kib() - before < 16 * 1024);
}

static void data_at_execution_between(void **state)
{
    static char text[6][16];
    static SQLLEN ind[6];
    SQLPOINTER token;

    (void)state;
    fill(6);
    bind(6);
    for (int i = 0; i < 6; i++) {
        snprintf(text[i], sizeof text[i], "t%d", i);
        ind[i] = i == 3 || i == 5 ? SQL_DATA_AT_EXEC : SQL_NTS;
    }
    OK(stmt, SQLPrepare(stmt, SQL("UPDATE t SET s = ? WHERE n = ?")));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, text,
                              sizeof text[0], ind));
    OK(stmt,
       SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    NEED(stmt, SQLExecute(stmt));
    assert_int_equal(processed, 4);
    for (int i = 3; i < 6; i += 2) {
        NEED(stmt, SQLParamData(stmt, &token));
        assert_ptr_equal(token, text[i]);
        OK(stmt, SQLPutData(stmt, TEXT("put"), 3));
    }
    OK(stmt, SQLParamData(stmt, &token));
    expect_all(0, 6, GOOD);
    t_expect(&conn, "SELECT s FROM t ORDER BY n", "t0;t1;t2;put;t4;put");
}

/* ---- what ends an array early ---- */

#define SLOW "UPDATE t SET s = pg_sleep(0.02)::text WHERE n = ?"

/* The sets before were done, later ones were not (or nobody knows), and the connection works. */
static void expect_cut(SQLULEN sets)
{
    const SQLULEN good = count_of(GOOD, sets);
    char want[80];

    assert_true(good > 0 && good < sets);
    assert_true(count_of(UNUSED, sets) + count_of(UNKNOWN, sets) + count_of(BAD, sets) ==
                sets - good);
    assert_true(count_of(BAD, sets) + count_of(UNKNOWN, sets) > 0);
    assert_true(status[sets - 1] == UNUSED || status[sets - 1] == UNKNOWN);
    /* the one that was under way when the time was up may have come to its end */
    if (count_of(UNKNOWN, sets) == 0) {
        snprintf(want, sizeof want, "SELECT count(*) IN (%lu, %lu) FROM t WHERE s <> 'x'",
                 (unsigned long)good, (unsigned long)good + 1);
        t_expect(&conn, want, "1");
    }
}

static void times_out(void **state)
{
    (void)state;
    fill(300);
    bind(300);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    if (strstr(keys, "PipelineParams=1") != NULL)
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(90), 0));
    ERR(stmt, "HYT00", SQLExecDirect(stmt, SQL(SLOW)));
    expect_cut(strstr(keys, "PipelineParams=1") != NULL ? 90 : 300);
    t_expect(&conn, "SELECT 1", "1");
}

static void *cancel_soon(void *arg)
{
    (void)arg;
    t_sleep_ms(400);
    SQLCancel(stmt);
    return NULL;
}

static void is_cancelled(void **state)
{
    const SQLULEN sets = 150;
    pthread_t thread;
    char want[80];

    (void)state;
    fill((int)sets);
    autocommit(false); /* the server skips what was sent already */
    bind(sets);
    OK(stmt, SQLPrepare(stmt, SQL(SLOW)));
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, NULL, SQLExecute(stmt));
    pthread_join(thread, NULL);
    assert_true(count_of(GOOD, sets) > 0);
    assert_int_equal(status[sets - 1], UNUSED);
    /* it hit a set, or the moment between two: then the transaction goes on */
    snprintf(want, sizeof want, "SELECT count(*) IN (0, %lu) FROM t WHERE s <> 'x'",
             (unsigned long)count_of(GOOD, sets));
    t_expect(&conn, want, "1");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    autocommit(true);
}

static void many_tuples_are_cut(void **state)
{
    const SQLULEN sets = 300;

    (void)state;
    close_conn(state);
    open_with("InsertBatchRows=20");
    t_run(&conn, "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS "
                 "'BEGIN PERFORM pg_sleep(0.01); NEW.s = ''done''; RETURN NEW; END'");
    t_run(&conn, "CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION "
                 "pg_temp.slow()");
    for (int by_cancel = 0; by_cancel < 2; by_cancel++) {
        pthread_t thread;

        t_run(&conn, "DELETE FROM t");
        bind(sets);
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(by_cancel == 0), 0));
        if (by_cancel != 0)
            assert_int_equal(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
        ERR(stmt, by_cancel != 0 ? "HY008" : "HYT00",
            SQLExecDirect(stmt, SQL("INSERT INTO t (n, s) VALUES (?, 'x')")));
        if (by_cancel != 0)
            pthread_join(thread, NULL);
        expect_all(sets - 20, sets, UNUSED);
        assert_true(count_of(GOOD, sets) > 0 && count_of(GOOD, sets) % 20 == 0);
        assert_int_equal(count_of(UNKNOWN, sets) % 20, 0);
        assert_int_equal(count_of(BAD, sets), 0); /* no set was run again */
        {
            char want[80];
            unsigned long good = count_of(GOOD, sets);

            snprintf(want, sizeof want, "SELECT count(*) IN (%lu, %lu) FROM t", good, good + 20);
            t_expect(&conn, want, "1");
        }
    }
}

static void is_lost(void **state)
{
    (void)state;
    fill(200);
    bind(200);
    ERR(stmt, "08S01",
        SQLExecDirect(stmt, SQL("UPDATE t SET d = CASE WHEN n = 120 THEN "
                                "pg_terminate_backend(pg_backend_pid())::int ELSE 0 END "
                                "WHERE n = ?")));
    expect_all(0, 119, GOOD);
    assert_int_equal(status[119], BAD);
    for (int i = 120; i < 200; i++)
        assert_true(status[i] == UNUSED || status[i] == UNKNOWN);
    assert_int_equal(processed, 120);
}

static void stops_when_told(void **state)
{
    char more[100];

    (void)state;
    close_conn(state);
    snprintf(more, sizeof more, "%s;ParamErrors=stop", keys);
    open_with(more);
    fill(3000);
    bind(3000);
    INFO(stmt, "22012", SQLExecDirect(stmt, SQL(DIVIDE)));
    expect_all(0, 1499, GOOD);
    expect_all(1500, 3000, UNUSED);
    t_expect(&conn, "SELECT count(*) FROM t WHERE d = n", "1501");
}

static void all_or_nothing(void **state)
{
    char more[100];

    (void)state;
    close_conn(state);
    snprintf(more, sizeof more, "%s;ArrayTransaction=1", keys);
    open_with(more);
    fill(3000);
    bind(3000);
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL(DIVIDE)));
    expect_all(0, 1499, GOOD);
    assert_int_equal(status[1499], BAD);
    expect_all(1500, 3000, UNUSED);
    t_expect(&conn, "SELECT count(*) FROM t WHERE d = n", "3000");
    n[1499] = 1;
    OK(stmt, SQLExecDirect(stmt, SQL(DIVIDE)));
    t_run(&conn, "ROLLBACK"); /* there is nothing to roll back */
    t_expect(&conn, "SELECT count(*) FROM t WHERE d = n", "1");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, open_conn, close_conn)
    const struct CMUnitTest tests[] = {
        EACH(each_set_stands_alone),
        EACH(the_first_can_fail),
        EACH(all_fail),
        EACH(a_transaction_stops),
        EACH(deferred_errors_count),
        EACH(rows_are_passed_over),
        EACH(many_with_long_answers),
        EACH(data_at_execution_between),
        EACH(times_out),
        EACH(is_cancelled),
        EACH(is_lost),
        EACH(stops_when_told),
        EACH(all_or_nothing),
    };
    const struct CMUnitTest once[] = { EACH(many_tuples_are_cut) };
    int failed = 0;

    keys = "PipelineParams=0";
    failed += cmocka_run_group_tests_name("set by set", tests, NULL, NULL);
    failed += cmocka_run_group_tests_name("many tuples", once, NULL, NULL);
    keys = "PipelineParams=1";
    return failed + cmocka_run_group_tests_name("without waiting", tests, NULL, NULL);
}
