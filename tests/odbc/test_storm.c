/*
 * Cancels at random moments, and a crowd of threads: odbc.md 17, 19. No cancel may hit what it was
 * not meant for. RS_STORM_ROUNDS: cancels of each mode (100).
 */
#include "hostbed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { CONNECTIONS = 8, CROWD = 64, CROWD_ROUNDS = 4 };

static uint32_t seed = 20240229;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static void sleep_us(uint32_t us)
{
    struct timespec pause = { 0, (long)us * 1000 };

    nanosleep(&pause, NULL);
}

/* ---- a thread that cancels whenever it is told to ---- */

struct canceller {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    SQLHSTMT stmt;
    uint32_t after_us;
    int asked, done; /* rounds */
    bool stop;
    int failed; /* calls that did not succeed */
};

static void *cancel_on_demand(void *arg)
{
    struct canceller *c = arg;

    pthread_mutex_lock(&c->lock);
    for (;;) {
        uint32_t after;
        SQLRETURN rc;

        while (!c->stop && c->asked == c->done)
            pthread_cond_wait(&c->changed, &c->lock);
        if (c->stop)
            break;
        after = c->after_us;
        pthread_mutex_unlock(&c->lock);
        sleep_us(after);
        rc = SQLCancel(c->stmt);
        pthread_mutex_lock(&c->lock);
        c->failed += rc != SQL_SUCCESS;
        c->done++;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static void canceller_start(struct canceller *c, SQLHSTMT stmt)
{
    memset(c, 0, sizeof *c);
    c->stmt = stmt;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    assert_int_equal(pthread_create(&c->thread, NULL, cancel_on_demand, c), 0);
}

static void ask(struct canceller *c, uint32_t after_us)
{
    pthread_mutex_lock(&c->lock);
    c->after_us = after_us;
    c->asked++;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static void await(struct canceller *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->asked != c->done)
        pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

static void canceller_stop(struct canceller *c)
{
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    assert_int_equal(pthread_join(c->thread, NULL), 0);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    assert_int_equal(c->failed, 0);
}

/* ---- what is cancelled ---- */

static SQLRETURN read_all(SQLHSTMT stmt, SQLRETURN rc)
{
    while (SQL_SUCCEEDED(rc))
        rc = SQLFetch(stmt);
    return rc;
}

/* A wait, many rows, a prepared execution, or a wait that is hard to miss. True: it was cancelled.
 */
static bool victim(SQLHSTMT stmt, SQLHSTMT prepared, int kind)
{
    SQLRETURN rc = kind == 0   ? SQLExecDirect(stmt, SQL("SELECT pg_sleep(0.01)"))
                   : kind == 3 ? SQLExecDirect(stmt, SQL("SELECT pg_sleep(1)"))
                   : kind == 1
                       ? SQLExecDirect(stmt, SQL("SELECT i FROM generate_series(1, 30000) AS g(i)"))
                       : SQLExecute(prepared);
    SQLHSTMT used = kind == 2 ? prepared : stmt;
    char state[6] = "";

    rc = read_all(used, rc);
    if (rc == SQL_NO_DATA) {
        SQLFreeStmt(used, SQL_CLOSE);
        return false;
    }
    assert_true(t_diag(SQL_HANDLE_STMT, used, 1, state, NULL, 0));
    SQLFreeStmt(used, SQL_CLOSE);
    /* the manager takes a cursor for gone when SQLCancel returns, whatever became of it */
    if (!RS_DIRECT && strcmp(state, "HY010") == 0)
        return false;
    assert_string_equal(state, "HY008");
    return true;
}

static void cancels_hit_only_their_own(void **state)
{
    const char *wish = getenv("RS_STORM_ROUNDS");
    int rounds = wish == NULL ? 100 : (int)strtol(wish, NULL, 10), cancelled = 0;
    struct canceller c[2];
    struct t_conn conn;
    SQLHSTMT stmt, prepared, next;
    SQLINTEGER n = 0;

    (void)state;
    h_open(&conn, "");
    stmt = t_stmt(&conn);
    prepared = t_stmt(&conn);
    next = t_stmt(&conn);
    OK(prepared, SQLPrepare(prepared, SQL("SELECT pg_sleep(0.01)")));
    OK(next, SQLPrepare(next, SQL("SELECT CAST(? AS integer) * 7")));
    OK(next,
       SQLBindParameter(next, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    canceller_start(&c[0], stmt);
    canceller_start(&c[1], prepared);
    for (int i = 0; i < rounds; i++) {
        int kind = i % 10 == 9 ? 3 : i % 3;
        struct canceller *who = &c[kind == 2];
        SQLINTEGER got = 0;

        ask(who, random_below(12000));
        cancelled += victim(stmt, prepared, kind);
        n = i;
        OK(next, SQLExecute(next));
        OK(next, SQLFetch(next));
        OK(next, SQLGetData(next, 1, SQL_C_SLONG, &got, 0, NULL));
        assert_int_equal(got, i * 7);
        NODATA(next, SQLFetch(next));
        OK(next, SQLCloseCursor(next));
        await(who);
    }
    canceller_stop(&c[0]);
    canceller_stop(&c[1]);
    print_message("%d of %d were cancelled\n", cancelled, rounds);
    assert_true(cancelled > 0);
    t_free(stmt);
    t_free(prepared);
    t_free(next);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

/* While one statement runs and is read, another of its connection is cancelled all the time. */
static void cancel_of_another_statement_does_nothing(void **state)
{
    struct canceller c;
    struct t_conn conn;
    SQLHSTMT stmt, other;
    SQLINTEGER n = 0;

    (void)state;
    h_open(&conn, "");
    stmt = t_stmt(&conn);
    other = t_stmt(&conn);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    canceller_start(&c, other);
    for (int round = 0; round < 20; round++) {
        int rows = 0;

        ask(&c, random_below(3000));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer), CASE WHEN i = 2500 THEN "
                                         "pg_sleep(0.005) END FROM generate_series(1, 5000) "
                                         "AS g(i)")));
        for (; rows < 5000; rows++) {
            OK(stmt, SQLFetch(stmt));
            assert_int_equal(n, rows + 1);
        }
        NODATA(stmt, SQLFetch(stmt));
        OK(stmt, SQLCloseCursor(stmt));
        await(&c);
    }
    canceller_stop(&c);
    t_free(other);
    t_free(stmt);
    t_close(&conn);
}

/* ---- a crowd ---- */

/* cmocka's checks belong to the main thread: the others note what went wrong. */
struct worker {
    pthread_t thread;
    SQLHDBC dbc;
    int number;
    const char *wrong;
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        if (!SQL_SUCCEEDED(call))                                                                  \
            return #call;                                                                          \
    } while (0)

static const char *query(const struct worker *w, int round)
{
    int want = 200 + w->number + round, rows = 0;
    SQLINTEGER n = 0;
    SQLHSTMT stmt;
    char sql[128];
    SQLRETURN rc;

    TRY(SQLAllocHandle(SQL_HANDLE_STMT, w->dbc, &stmt));
    TRY(SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    snprintf(sql, sizeof sql, "SELECT CAST(i + %d AS integer) FROM generate_series(1, %d) AS g(i)",
             w->number, want);
    TRY(SQLExecDirect(stmt, SQL(sql)));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        rows++;
        if (n != rows + w->number)
            return "wrong row";
    }
    if (rc != SQL_NO_DATA || rows != want)
        return "wrong number of rows";
    TRY(SQLFreeHandle(SQL_HANDLE_STMT, stmt));
    return NULL;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    for (int i = 0; i < CROWD_ROUNDS && w->wrong == NULL; i++)
        w->wrong = query(w, i);
    return NULL;
}

static void crowd_on_few_connections(void **state)
{
    static struct worker workers[CROWD];
    struct t_conn conns[CONNECTIONS];

    (void)state;
    for (int i = 0; i < CONNECTIONS; i++)
        h_open(&conns[i], "");
    for (int i = 0; i < CROWD; i++) {
        workers[i] = (struct worker){ .dbc = conns[i % CONNECTIONS].dbc, .number = i };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (int i = 0; i < CROWD; i++)
        if (workers[i].wrong != NULL)
            fail_msg("thread %d: %s", i, workers[i].wrong);
    for (int i = 0; i < CONNECTIONS; i++)
        t_close(&conns[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancels_hit_only_their_own),
        cmocka_unit_test(cancel_of_another_statement_does_nothing),
        cmocka_unit_test(crowd_on_few_connections),
    };

    return h_run("storm", tests, COUNT_OF(tests));
}
