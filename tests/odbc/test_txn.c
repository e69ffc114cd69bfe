/*
 * Transactions: autocommit, SQLEndTran, errors inside, isolation, read-only; odbc.md 16,
 * redshift.md 13.
 */
#include "odbctest.h"

#include <unistd.h>

static struct t_conn conn, watcher;
static enum t_server server = T_POSTGRES;
static char table[64];

static int open_conn(void **state)
{
    char sql[128];

    (void)state;
    t_open(&conn, server, SQL_OV_ODBC3, "");
    t_open(&watcher, T_POSTGRES, SQL_OV_ODBC3, "");
    snprintf(table, sizeof table, "public.rs_txn_%d_%d", (int)getpid(), (int)server);
    snprintf(sql, sizeof sql, "CREATE TABLE %s (n integer)", table);
    t_run(&watcher, sql);
    return 0;
}

static int close_conn(void **state)
{
    char sql[128];

    (void)state;
    t_close(&conn);
    snprintf(sql, sizeof sql, "DROP TABLE %s", table);
    t_run(&watcher, sql);
    t_close(&watcher);
    return 0;
}

static void set_autocommit(SQLULEN on)
{
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(on), 0));
}

static int autocommit_again(void **state)
{
    char sql[128];

    (void)state;
    SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK);
    set_autocommit(SQL_AUTOCOMMIT_ON);
    snprintf(sql, sizeof sql, "DELETE FROM %s", table);
    t_run(&watcher, sql);
    return 0;
}

static void end(SQLSMALLINT type)
{
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, type));
}

static void insert(int n)
{
    char sql[128];

    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (%d)", table, n);
    t_run(&conn, sql);
}

/* What others see. */
static void committed(const char *want)
{
    char sql[128];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    t_expect(&watcher, sql, want);
}

static void autocommit_is_the_default(void **state)
{
    SQLUINTEGER mode = 9;

    (void)state;
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, &mode, 0, NULL));
    assert_int_equal(mode, SQL_AUTOCOMMIT_ON);
    insert(1);
    committed("1");
    end(SQL_ROLLBACK); /* nothing open: no effect */
    end(SQL_COMMIT);
    committed("1");
}

static void commits_and_rolls_back(void **state)
{
    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    insert(1);
    insert(2);
    committed("0");
    end(SQL_COMMIT);
    committed("2");
    insert(3);
    end(SQL_ROLLBACK);
    committed("2");
    insert(3);
    set_autocommit(SQL_AUTOCOMMIT_ON); /* commits */
    committed("3");
}

static void batches_and_parameters_begin_too(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLINTEGER n = 5;
    char sql[200];

    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (1); INSERT INTO %s VALUES (2)", table, table);
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    OK(stmt, SQLMoreResults(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    committed("0");
    end(SQL_COMMIT);
    committed("2");
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?)", table);
    OK(stmt, SQLPrepare(stmt, SQL(sql)));
    for (int i = 0; i < 3; i++)
        OK(stmt, SQLExecute(stmt));
    committed("2");
    end(SQL_ROLLBACK);
    OK(stmt, SQLExecute(stmt)); /* prepared ones stay prepared */
    end(SQL_COMMIT);
    committed("3");
    t_free(stmt);
}

/* An error of a statement inside a transaction, with the default policy: the driver rolls back. */
static void errors_roll_back(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    char got[6], text[512];
    bool said = false;

    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    insert(1);
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL("SELECT 1 / 0")));
    for (SQLSMALLINT i = 1; t_diag(SQL_HANDLE_STMT, stmt, i, got, text, sizeof text); i++)
        said = said || strstr(text, "rolled back") != NULL;
    assert_true(said);
    insert(2); /* opens a new transaction */
    end(SQL_COMMIT);
    committed("1");
    t_free(stmt);
}

static void errors_leave_the_transaction_to_the_application(void **state)
{
    struct t_conn own;
    SQLHSTMT stmt;
    char sql[128];

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "TransactionErrorBehavior=0;");
    DBC_OK(own.dbc, SQLSetConnectAttr(own.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    stmt = t_stmt(&own);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (1)", table);
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL("SELECT 1 / 0")));
    ERR(stmt, "25000", SQLExecDirect(stmt, SQL("SELECT 1"))); /* 25P02 */
    DBC_ERR(own.dbc, "25S03", SQLEndTran(SQL_HANDLE_DBC, own.dbc, SQL_COMMIT));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL("SELECT 1 / 0")));
    DBC_OK(own.dbc, SQLEndTran(SQL_HANDLE_DBC, own.dbc, SQL_ROLLBACK));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    t_free(stmt);
    t_close(&own);
    committed("0");
}

static void respects_the_users_own_statements(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("BEGIN")));
    insert(1);
    committed("0");
    OK(stmt, SQLExecDirect(stmt, SQL("COMMIT")));
    committed("1");
    OK(stmt, SQLExecDirect(stmt, SQL("BEGIN")));
    insert(2);
    end(SQL_ROLLBACK); /* a user's own block is ended as asked */
    committed("1");
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    OK(stmt, SQLExecDirect(stmt, SQL("BEGIN"))); /* no second one */
    insert(2);
    OK(stmt, SQLExecDirect(stmt, SQL("ROLLBACK")));
    committed("1");
    t_free(stmt);
}

static void ends_all_of_an_environment(void **state)
{
    SQLHDBC second, idle;
    struct t_conn two = { conn.env, NULL };
    char string[2048], sql[128];

    (void)state;
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, conn.env, &second), SQL_SUCCESS);
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, conn.env, &idle), SQL_SUCCESS);
    two.dbc = second;
    t_string(string, sizeof string, server, "");
    DBC_OK(second, t_try(&two, string));
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    DBC_OK(second, SQLSetConnectAttr(second, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    insert(1);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (2)", table);
    t_run(&two, sql);
    committed("0");
    T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_SUCCESS, NULL,
            SQLEndTran(SQL_HANDLE_ENV, conn.env, SQL_COMMIT));
    committed("2");
    insert(3);
    t_run(&two, sql);
    T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_SUCCESS, NULL,
            SQLEndTran(SQL_HANDLE_ENV, conn.env, SQL_ROLLBACK));
    committed("2");
    DBC_OK(second, SQLDisconnect(second));
    SQLFreeHandle(SQL_HANDLE_DBC, second);
    SQLFreeHandle(SQL_HANDLE_DBC, idle);
}

static void refuses_to_disconnect_with_work(void **state)
{
    struct t_conn own;
    SQLHSTMT stmt;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "");
    DBC_OK(own.dbc, SQLSetConnectAttr(own.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    stmt = t_stmt(&own);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    DBC_ERR(own.dbc, "25000", SQLDisconnect(own.dbc));
    OK(stmt, SQLFetch(stmt)); /* nothing was done */
    DBC_OK(own.dbc, SQLEndTran(SQL_HANDLE_DBC, own.dbc, SQL_COMMIT));
    DBC_OK(own.dbc, SQLDisconnect(own.dbc));
    SQLFreeHandle(SQL_HANDLE_DBC, own.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, own.env);
}

static void sets_isolation(void **state)
{
    struct t_conn own;
    SQLUINTEGER level = 0;

    (void)state;
    t_open(&own, server, SQL_OV_ODBC3, "");
    DBC_OK(own.dbc, SQLGetConnectAttr(own.dbc, SQL_ATTR_TXN_ISOLATION, &level, 0, NULL));
    assert_int_equal(level, server == T_POSTGRES ? SQL_TXN_READ_COMMITTED : SQL_TXN_SERIALIZABLE);
    if (server == T_POSTGRES)
        DBC_OK(own.dbc, SQLSetConnectAttr(own.dbc, SQL_ATTR_TXN_ISOLATION,
                                          NUMBER(SQL_TXN_REPEATABLE_READ), 0));
    else
        DBC_INFO(
            own.dbc, "01S02",
            SQLSetConnectAttr(own.dbc, SQL_ATTR_TXN_ISOLATION, NUMBER(SQL_TXN_REPEATABLE_READ), 0));
    DBC_ERR(own.dbc, "HY024", SQLSetConnectAttr(own.dbc, SQL_ATTR_TXN_ISOLATION, NUMBER(77), 0));
    DBC_OK(own.dbc, SQLSetConnectAttr(own.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_expect(&own, "SELECT current_setting('transaction_isolation')",
             server == T_POSTGRES ? "repeatable read" : "serializable");
    DBC_ERR(own.dbc, "HY011",
            SQLSetConnectAttr(own.dbc, SQL_ATTR_TXN_ISOLATION, NUMBER(SQL_TXN_SERIALIZABLE), 0));
    t_close(&own);
}

static void read_only_refuses_writes(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    char sql[128];

    (void)state;
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (1)", table);
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(SQL_MODE_READ_ONLY), 0));
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL(sql)));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(SQL_MODE_READ_WRITE), 0));
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    committed("1");
    t_free(stmt);
}

static void checks_its_arguments(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    DBC_ERR(conn.dbc, "HY012", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, 77));
    T_CHECK(SQL_HANDLE_ENV, conn.env, SQL_ERROR, "HY012", SQLEndTran(SQL_HANDLE_ENV, conn.env, 77));
    ERR(stmt, "HY092", SQLEndTran(SQL_HANDLE_STMT, stmt, SQL_COMMIT));
    t_free(stmt);
    DBC_ERR(conn.dbc, "HY024", SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(7), 0));
}

/* A result that is still being read has opened a transaction all the same. */
static void unread_results_hold_a_transaction(void **state)
{
    static const char *const ends[] = { "COMMIT", "ROLLBACK" };
    SQLHSTMT stmt = t_stmt(&conn), other = t_stmt(&conn);
    SQLUINTEGER pid = 0;
    char sql[128];

    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    for (int i = 0; i < 2; i++) {
        t_expect(&conn, "SELECT 1", "1");
        end(SQL_ROLLBACK);
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT pg_backend_pid() FROM "
                                         "generate_series(1, 100000)")));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_ULONG, &pid, 0, NULL));
        OK(other, SQLExecDirect(other, SQL("SELECT 1"))); /* no second BEGIN: no warning of it */
        OK(other, SQLFetch(other));
        DBC_ERR(
            conn.dbc, "HY011",
            SQLSetConnectAttr(conn.dbc, SQL_ATTR_TXN_ISOLATION, NUMBER(SQL_TXN_SERIALIZABLE), 0));
        end(i == 0 ? SQL_COMMIT : SQL_ROLLBACK);
        snprintf(sql, sizeof sql, "SELECT state, query FROM pg_stat_activity WHERE pid = %u", pid);
        OK(other, SQLCloseCursor(other));
        {
            char want[64];

            snprintf(want, sizeof want, "idle|%s", ends[i]);
            t_expect(&watcher, sql, want);
        }
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLCloseCursor(stmt));
    }
    /* without a fetch, and nothing else in between */
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 100000)")));
    end(SQL_COMMIT);
    t_expect(&watcher, sql, "idle|COMMIT");
    OK(stmt, SQLFetch(stmt));
    t_free(stmt);
    t_free(other);
}

/* A deferred constraint fails when committing: class 23 becomes 40002. */
static void errors_of_commit(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    if (server == T_POSTGRES) {
        t_run(&conn, "CREATE TEMP TABLE deferred (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        set_autocommit(SQL_AUTOCOMMIT_OFF);
        OK(stmt, SQLExecDirect(stmt, SQL("INSERT INTO deferred VALUES (1), (1)")));
        DBC_ERR(conn.dbc, "40002", SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    }
    t_free(stmt);
}

/* BEGIN shares the send of the first statement: no round trip of its own. */
static void begin_travels_with_the_statement(void **state)
{
    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    t_expect(&conn, "SELECT CASE WHEN now() = statement_timestamp() THEN 1 ELSE 0 END", "1");
    t_expect(&conn, "SELECT CASE WHEN now() < statement_timestamp() THEN 1 ELSE 0 END", "1");
}

/* %s stands for the table. */
static void batch(SQLHSTMT stmt, const char *text)
{
    char sql[512], *to = sql;

    for (; *text != '\0'; text++) {
        if (text[0] == '%' && text[1] == 's') {
            to += snprintf(to, sizeof sql - (size_t)(to - sql), "%s", table);
            text++;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
    if (!SQL_SUCCEEDED(SQLExecDirect(stmt, SQL(sql)))) { /* the server may warn of no transaction */
        t_say(SQL_HANDLE_STMT, stmt);
        fail_msg("%s", sql);
    }
}

static void read_all(SQLHSTMT stmt)
{
    while (SQL_SUCCEEDED(SQLMoreResults(stmt)))
        ;
}

/* Without autocommit every statement is in a transaction, that behind a COMMIT of the text too. */
static const struct {
    const char *text, *before, *rolled_back; /* rows committed, then */
} batches[] = {
    { "INSERT INTO %s VALUES (1); COMMIT; INSERT INTO %s VALUES (2)", "1", "1" },
    { "COMMIT; INSERT INTO %s VALUES (1)", "0", "0" },
    { "INSERT INTO %s VALUES (1); ROLLBACK WORK; ; INSERT INTO %s VALUES (2); COMMIT AND NO CHAIN",
      "1", "1" },
    { "INSERT INTO %s VALUES (1); COMMIT; BEGIN; INSERT INTO %s VALUES (2)", "1", "1" },
    { "INSERT INTO %s VALUES (1); COMMIT; ROLLBACK; INSERT INTO %s VALUES (2)", "1", "1" },
    { "INSERT INTO %s VALUES (1); COMMIT -- ;\n; SELECT 'COMMIT'; INSERT INTO %s VALUES (2)", "1",
      "1" },
};

static void batches_that_commit(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    for (size_t i = 0; i < COUNT_OF(batches); i++) {
        char sql[128];

        batch(stmt, batches[i].text);
        read_all(stmt);
        committed(batches[i].before);
        end(SQL_ROLLBACK);
        committed(batches[i].rolled_back);
        snprintf(sql, sizeof sql, "DELETE FROM %s", table);
        t_run(&watcher, sql);
    }
    t_free(stmt);
}

/* How the transaction stands is asked for while results of the batch have not been read. */
static void unread_batches(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn), other = t_stmt(&conn);

    (void)state;
    batch(stmt, "BEGIN; INSERT INTO %s VALUES (1); SELECT generate_series(1, 100000)");
    end(SQL_ROLLBACK);
    committed("0");
    OK(stmt, SQLMoreResults(stmt));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    insert(1); /* by itself again */
    committed("1");

    set_autocommit(SQL_AUTOCOMMIT_OFF);
    insert(2);
    batch(stmt, "SELECT 1; COMMIT");
    insert(3); /* in a new one */
    committed("2");
    end(SQL_ROLLBACK);
    committed("2");
    OK(stmt, SQLCloseCursor(stmt));

    insert(3);
    batch(stmt, "SELECT 1; COMMIT");
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_TXN_ISOLATION, NUMBER(SQL_TXN_SERIALIZABLE), 0));
    end(SQL_ROLLBACK);
    committed("3");
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));

    insert(4);
    batch(stmt, "SELECT 1; COMMIT; SELECT 2");
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLMoreResults(stmt));
    set_autocommit(SQL_AUTOCOMMIT_ON);
    committed("4");
    t_free(other);
    t_free(stmt);
}

/* With a text put in, places in it would be others. */
static void errors_behind_a_commit(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    char five[6], text[512];

    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    insert(1);
    ERR(stmt, "22012", SQLExecDirect(stmt, SQL("COMMIT; SELECT 1 / 0")));
    committed("1");
    insert(2); /* the failed one was rolled back */
    end(SQL_COMMIT);
    committed("2");
    ERR(stmt, "42S22", SQLExecDirect(stmt, SQL("COMMIT; SELECT nope")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, text, sizeof text));
    assert_null(strstr(text, "at character"));
    ERR(stmt, "42S22", SQLExecDirect(stmt, SQL("SELECT nope; SELECT 1")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, text, sizeof text));
    assert_non_null(strstr(text, "at character 8"));
    t_free(stmt);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_teardown(name, autocommit_again)
    const struct CMUnitTest tests[] = {
        EACH(autocommit_is_the_default),
        EACH(commits_and_rolls_back),
        EACH(batches_and_parameters_begin_too),
        EACH(errors_roll_back),
        EACH(errors_leave_the_transaction_to_the_application),
        EACH(respects_the_users_own_statements),
        EACH(ends_all_of_an_environment),
        EACH(refuses_to_disconnect_with_work),
        EACH(sets_isolation),
        EACH(read_only_refuses_writes),
        EACH(checks_its_arguments),
        EACH(unread_results_hold_a_transaction),
        EACH(errors_of_commit),
        EACH(begin_travels_with_the_statement),
        EACH(batches_that_commit),
        EACH(unread_batches),
        EACH(errors_behind_a_commit),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("txn on PostgreSQL", tests, open_conn,
                                                             close_conn);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("txn on Redshift", tests, open_conn, close_conn);
}
