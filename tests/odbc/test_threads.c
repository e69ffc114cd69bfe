/*
 * Many threads, and a forked child; odbc.md 19.
 */
#include "odbctest.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8 };

/* cmocka's checks belong to the main thread: the others note what went wrong. */
struct worker {
    pthread_t thread;
    const char *string;
    SQLHENV env;
    SQLHDBC dbc; /* shared, or NULL: its own */
    int number, rounds;
    char wrong[128];
};

#define TRY(w, call)                                                                               \
    do {                                                                                           \
        if (!SQL_SUCCEEDED(call)) {                                                                \
            snprintf((w)->wrong, sizeof(w)->wrong, "%.*s", (int)sizeof(w)->wrong - 1, #call);      \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static bool query(struct worker *w, SQLHDBC dbc, int i)
{
    SQLHSTMT stmt;
    SQLINTEGER n = 0, sum = 0;
    char sql[128];
    SQLRETURN rc;

    TRY(w, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt));
    snprintf(sql, sizeof sql, "SELECT CAST(n AS integer) FROM generate_series(1, %d) AS g(n)",
             100 + w->number + i);
    TRY(w, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    TRY(w, SQLExecDirect(stmt, SQL(sql)));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS)
        sum += n;
    if (rc != SQL_NO_DATA || sum != (100 + w->number + i) * (101 + w->number + i) / 2) {
        snprintf(w->wrong, sizeof w->wrong, "sum %d, rc %d", sum, rc);
        return false;
    }
    TRY(w, SQLFreeHandle(SQL_HANDLE_STMT, stmt));
    return true;
}

static bool one_round(struct worker *w, int i)
{
    SQLHDBC dbc;

    if (w->dbc != NULL)
        return query(w, w->dbc, i);
    TRY(w, SQLAllocHandle(SQL_HANDLE_DBC, w->env, &dbc));
    TRY(w, SQLDriverConnect(dbc, NULL, SQL(w->string), NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    if (!query(w, dbc, i))
        return false;
    TRY(w, SQLDisconnect(dbc));
    TRY(w, SQLFreeHandle(SQL_HANDLE_DBC, dbc));
    return true;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    for (int i = 0; i < w->rounds; i++)
        if (!one_round(w, i))
            break;
    return NULL;
}

static void run_workers(SQLHENV env, SQLHDBC dbc, const char *string, int rounds)
{
    struct worker workers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){
            .env = env, .dbc = dbc, .string = string, .number = i, .rounds = rounds
        };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_string_equal(workers[i].wrong, "");
}

static void each_its_own_connection(void **state)
{
    struct t_conn conn;
    char string[2048];

    (void)state;
    t_alloc(&conn, SQL_OV_ODBC3);
    t_string(string, sizeof string, T_POSTGRES, "");
    run_workers(conn.env, NULL, string, 5);
    t_string(string, sizeof string, T_REDSHIFT, "");
    run_workers(conn.env, NULL, string, 2);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
}

static void all_on_one_connection(void **state)
{
    struct t_conn conn;

    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    run_workers(conn.env, conn.dbc, NULL, 10);
    t_close(&conn);
}

/* ---- fork ---- */

/* The child must not end the parent's session: neither by freeing nor by disconnecting. */
static void a_child_leaves_the_parents_session(void **state)
{
    struct t_conn conn;
    SQLHSTMT stmt;
    SQLINTEGER n = 0;
    int status = -1;
    pid_t child;

    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    stmt = t_stmt(&conn);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) FROM generate_series(1, 100000) "
                                     "AS g(i)")));
    OK(stmt, SQLFetch(stmt));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        SQLHSTMT other;
        SQLRETURN used = SQLAllocHandle(SQL_HANDLE_STMT, conn.dbc, &other);
        int wrong = 0;

        /* using it is refused before a byte is sent */
        if (SQL_SUCCEEDED(used) && SQL_SUCCEEDED(SQLExecDirect(other, SQL("SELECT 1"))))
            wrong = 1;
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        if (!SQL_SUCCEEDED(SQLDisconnect(conn.dbc)))
            wrong = 2;
        SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc);
        SQLFreeHandle(SQL_HANDLE_ENV, conn.env);
        _exit(wrong);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    for (int i = 2; i <= 100000; i++) {
        OK(stmt, SQLFetch(stmt));
        assert_int_equal(n, i);
    }
    NODATA(stmt, SQLFetch(stmt));
    t_free(stmt);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

static void a_child_connects_itself(void **state)
{
    struct t_conn conn;
    char string[2048];
    int status = -1;
    pid_t child;

    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    t_string(string, sizeof string, T_POSTGRES, "");
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        SQLHDBC dbc;
        bool ok = SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, conn.env, &dbc)) &&
                  SQL_SUCCEEDED(SQLDriverConnect(dbc, NULL, SQL(string), NULL, 0, NULL,
                                                 SQL_DRIVER_NOPROMPT)) &&
                  SQL_SUCCEEDED(SQLDisconnect(dbc));

        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_its_own_connection),
        cmocka_unit_test(all_on_one_connection),
        cmocka_unit_test(a_child_leaves_the_parents_session),
        cmocka_unit_test(a_child_connects_itself),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
