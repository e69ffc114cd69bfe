/* Catalog queries stay prepared on the server: how many, when not, and what becomes of them. */
#include "facebed.h"

/* How many statements of the driver's own the server has; the question is none of them. */
static long kept(void)
{
    char n[32];
    SQLHSTMT ask = t_stmt(&conn);

    OK(ask, SQLExecDirect(ask, SQL("SELECT count(*) FROM pg_prepared_statements"
                                   " WHERE statement LIKE '%pg_catalog.%'")));
    t_rows(ask, n, sizeof n);
    t_free(ask);
    return strtol(n, NULL, 10);
}

/* As an application or a pooler may make the server forget; Redshift has no DEALLOCATE ALL. */
static void forget(void)
{
    char name[64], sql[96];
    SQLHSTMT ask = t_stmt(&conn);

    OK(ask, SQLExecDirect(ask, SQL("SELECT name FROM pg_prepared_statements"
                                   " WHERE statement LIKE '%pg_catalog.%'")));
    t_rows(ask, name, sizeof name);
    t_free(ask);
    snprintf(sql, sizeof sql, "DEALLOCATE %s", name);
    t_run(&conn, sql);
    assert_int_equal(kept(), 0);
}

static long count_rows(void)
{
    long n = 0;

    while (SQLFetch(stmt) == SQL_SUCCESS)
        n++;
    OK(stmt, SQLCloseCursor(stmt));
    return n;
}

static long columns_of(const char *table)
{
    OK(stmt, SQLColumns(stmt, NULL, 0, SQL("pg_catalog"), SQL(table), NULL, 0));
    return count_rows();
}

static void set_autocommit(SQLULEN on)
{
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(on), 0));
}

static void is_prepared_once(void **state)
{
    (void)state;
    assert_int_equal(kept(), 0);
    for (int i = 0; i < 8; i++) { /* the server changes its plan at the sixth */
        assert_int_equal(columns_of("pg_namespace"), 4);
        assert_int_equal(columns_of("pg_cast"), 6);
        assert_int_equal(columns_of("no_such_table"), 0);
    }
    assert_int_equal(kept(), 1);
}

static void is_asked_anew_when_forgotten(void **state)
{
    (void)state;
    assert_int_equal(columns_of("pg_namespace"), 4);
    forget();
    assert_int_equal(columns_of("pg_namespace"), 4);
    assert_int_equal(kept(), 1);
}

/* A statement that is gone would undo the transaction. */
static void transaction_is_not_risked(void **state)
{
    (void)state;
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    assert_int_equal(columns_of("pg_namespace"), 4); /* begins it */
    assert_int_equal(kept(), 0);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    set_autocommit(SQL_AUTOCOMMIT_ON);
    assert_int_equal(columns_of("pg_namespace"), 4);
    set_autocommit(SQL_AUTOCOMMIT_OFF);
    t_run(&conn, "CREATE TEMPORARY TABLE kept_t (a integer)");
    forget();
    assert_int_equal(columns_of("pg_namespace"), 4);
    t_run(&conn, "INSERT INTO kept_t VALUES (1)");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    set_autocommit(SQL_AUTOCOMMIT_ON);
    t_run(&conn, "DROP TABLE kept_t");
}

/* Which arguments are given makes the text: four of each function. */
static void ask_in_many_ways(void)
{
    for (int given = 0; given < 4; given++) {
        SQLCHAR *schema = (given & 1) != 0 ? TEXT("pg_catalog") : NULL;
        SQLCHAR *name = (given & 2) != 0 ? TEXT("pg_cast") : NULL;
        SQLSMALLINT schema_n = schema == NULL ? 0 : SQL_NTS, name_n = name == NULL ? 0 : SQL_NTS;

        OK(stmt, SQLColumns(stmt, NULL, 0, schema, schema_n, name, name_n, NULL, 0));
        count_rows();
        OK(stmt, SQLColumns(stmt, NULL, 0, schema, schema_n, name, name_n, SQL("oid")));
        count_rows();
        OK(stmt, SQLTables(stmt, NULL, 0, schema, schema_n, name, name_n, NULL, 0));
        count_rows();
        OK(stmt, SQLProcedures(stmt, NULL, 0, schema, schema_n, name, name_n));
        count_rows();
        OK(stmt, SQLTablePrivileges(stmt, NULL, 0, schema, schema_n, name, name_n));
        count_rows();
    }
}

static void has_an_end(void **state)
{
    (void)state;
    ask_in_many_ways(); /* 20 texts */
    assert_int_equal(kept(), 16);
    ask_in_many_ways();
    assert_int_equal(columns_of("pg_namespace"), 4);
    assert_int_equal(kept(), 16);
}

static void is_gone_after_reset(void **state)
{
    (void)state;
    assert_int_equal(columns_of("pg_namespace"), 4);
    t_free(stmt);
    stmt = NULL;
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_RESET_CONNECTION,
                                       NUMBER(SQL_RESET_CONNECTION_YES), 0));
    stmt = t_stmt(&conn);
    assert_int_equal(kept(), 0);
    assert_int_equal(columns_of("pg_namespace"), 4);
    assert_int_equal(kept(), 1);
}

static int fresh(void **state)
{
    return face_open(state) + face_stmt(state);
}

static int done(void **state)
{
    return face_drop(state) + face_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_prepared_once, fresh, done),
        cmocka_unit_test_setup_teardown(is_asked_anew_when_forgotten, fresh, done),
        cmocka_unit_test_setup_teardown(transaction_is_not_risked, fresh, done),
        cmocka_unit_test_setup_teardown(has_an_end, fresh, done),
        cmocka_unit_test_setup_teardown(is_gone_after_reset, fresh, done),
    };
    int failed = on_redshift() ? 0 : cmocka_run_group_tests_name("postgres", tests, NULL, NULL);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("redshift", tests, NULL, NULL);
}
