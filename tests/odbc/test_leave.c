/*
 * Programs that leave in the middle, fork in the middle, or whose server leaves: odbc.md 19.
 */
#include "hostbed.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

/* ---- leaving ---- */

enum amid { UNFETCHED, HALF_FETCHED, SPILLED, KEPT, DAE, AMIDS };
static const char *const amid_names[AMIDS] = { "unfetched", "half fetched", "spilled", "kept",
                                               "data at execution" };

#define ROWS "SELECT i, repeat('x', 200) FROM generate_series(1, 30000) AS g(i)"

static void get_amid(struct t_conn *conn, SQLHSTMT stmt, enum amid amid)
{
    static SQLLEN at_exec = SQL_DATA_AT_EXEC;

    if (amid == DAE) {
        SQLPOINTER token;

        OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS varchar)")));
        OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, &amid,
                                  0, &at_exec));
        NEED(stmt, SQLExecute(stmt));
        NEED(stmt, SQLParamData(stmt, &token));
        OK(stmt, SQLPutData(stmt, SQL("half of it")));
        return;
    }
    if (amid == KEPT)
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS)));
    if (amid == KEPT)
        OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 20000));
    if (amid == HALF_FETCHED || amid == SPILLED)
        for (int i = 0; i < 5000; i++)
            OK(stmt, SQLFetch(stmt));
    if (amid == SPILLED)
        t_expect(conn, "SELECT 5", "5");
}

static void server_forgets(const char *name)
{
    struct t_conn conn;
    char sql[128], got[64] = "";

    snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'",
             name);
    h_open(&conn, "");
    for (int i = 0; i < 1000 && strcmp(got, "0") != 0; i++) {
        SQLHSTMT stmt = t_stmt(&conn);

        OK(stmt, SQLExecDirect(stmt, SQL(sql)));
        t_rows(stmt, got, sizeof got);
        t_free(stmt);
        t_sleep_ms(10);
    }
    assert_string_equal(got, "0");
    t_close(&conn);
}

static void leave(enum amid amid, bool free_first)
{
    struct t_conn conn;
    SQLHSTMT stmt;

    h_open(&conn, "ApplicationName=host_leaves;ResultMemoryBytes=1048576;");
    stmt = t_stmt(&conn);
    get_amid(&conn, stmt, amid);
    DBC_ERR(conn.dbc, "HY010", SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc)); /* it is connected */
    if (amid == DAE) { /* it must be ended first */
        if (!free_first)
            DBC_ERR(conn.dbc, "HY010", SQLDisconnect(conn.dbc));
        OK(stmt, SQLCancel(stmt));
    }
    if (free_first) {
        t_free(stmt);
        t_expect(&conn, "SELECT 1", "1");
    }
    DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
}

static void leaves_amid_results(void **state)
{
    int before;

    (void)state;
    leave(UNFETCHED, true); /* what is opened once for the process is open now */
    before = descriptors();
    for (int amid = 0; amid < AMIDS; amid++) {
        for (int free_first = 0; free_first <= 1; free_first++) {
            leave((enum amid)amid, free_first != 0);
            if (descriptors() != before)
                fail_msg("%s: %d descriptors, not %d", amid_names[amid], descriptors(), before);
        }
    }
    server_forgets("host_leaves");
}

/* ---- forking ---- */

enum { FORK_ROWS = 60000 };

enum child { NO_CHILD, CHILD_FREES, CHILD_DISCONNECTS, CHILD_EXITS };

static void child_end(struct t_conn *conn, SQLHSTMT stmt, enum child child)
{
    bool ok = true;

    if (child == CHILD_FREES)
        ok = SQLFreeHandle(SQL_HANDLE_STMT, stmt) == SQL_SUCCESS;
    if (child != CHILD_EXITS)
        ok = ok && SQLDisconnect(conn->dbc) == SQL_SUCCESS &&
             SQLFreeHandle(SQL_HANDLE_DBC, conn->dbc) == SQL_SUCCESS &&
             SQLFreeHandle(SQL_HANDLE_ENV, conn->env) == SQL_SUCCESS;
    _exit(ok ? 0 : 1);
}

static uint64_t checksum(enum child child)
{
    struct t_conn conn;
    SQLHSTMT stmt;
    char text[64];
    SQLLEN n = 0;
    uint64_t sum = 1469598103934665603u;

    h_open(&conn, "");
    stmt = t_stmt(&conn);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, text, sizeof text, &n));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT md5(CAST(i AS varchar)) || i FROM "
                                     "generate_series(1, 60000) AS g(i)")));
    for (int row = 1; row <= FORK_ROWS; row++) {
        OK(stmt, SQLFetch(stmt));
        for (SQLLEN i = 0; i < n; i++)
            sum = (sum ^ (unsigned char)text[i]) * 1099511628211u;
        if (row == 1000 && child != NO_CHILD) {
            int status = -1;
            pid_t pid = fork();

            assert_true(pid >= 0);
            if (pid == 0)
                child_end(&conn, stmt, child);
            assert_int_equal(waitpid(pid, &status, 0), pid);
            assert_int_equal(status, 0);
        }
    }
    NODATA(stmt, SQLFetch(stmt));
    t_free(stmt);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
    return sum;
}

static void parent_reads_on_after_a_fork(void **state)
{
    uint64_t want = checksum(NO_CHILD);

    (void)state;
    for (int child = CHILD_FREES; child <= CHILD_EXITS; child++)
        assert_true(checksum((enum child)child) == want);
}

/* ---- the server goes away while we send: SIGPIPE would end this process ---- */

static void server_is_gone(struct t_conn *conn)
{
    char pid[64], sql[160];
    SQLHSTMT stmt = t_stmt(conn);
    struct t_conn killer;

    OK(stmt, SQLExecDirect(stmt, SQL("SELECT pg_backend_pid()")));
    t_rows(stmt, pid, sizeof pid);
    t_free(stmt);
    h_open(&killer, "");
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s)", pid);
    t_expect(&killer, sql, "1");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid);
    for (int i = 0; i < 1000; i++) {
        char got[8];

        stmt = t_stmt(&killer);
        OK(stmt, SQLExecDirect(stmt, SQL(sql)));
        t_rows(stmt, got, sizeof got);
        t_free(stmt);
        if (strcmp(got, "0") == 0)
            break;
        t_sleep_ms(10);
    }
    t_close(&killer);
}

static void no_signal_when_the_server_goes(void **state)
{
    enum { BIG = 8 << 20 };
    char *sql = malloc(BIG);
    struct t_conn conn;

    (void)state;
    assert_non_null(sql);
    memset(sql, ' ', BIG);
    memcpy(sql, "SELECT 1", 8);
    sql[BIG - 1] = '\0';
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    for (int round = 0; round < 2; round++) {
        h_open(&conn, "");
        server_is_gone(&conn);
        if (round == 0) {
            SQLHSTMT stmt = t_stmt(&conn);

            ERR(stmt, "08S01", SQLExecDirect(stmt, SQL(sql)));
            ERR(stmt, "08S01", SQLExecDirect(stmt, SQL(sql)));
            t_free(stmt);
        }
        DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
        assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
        assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
    }
    free(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_amid_results),
        cmocka_unit_test(parent_reads_on_after_a_fork),
        cmocka_unit_test(no_signal_when_the_server_goes),
    };

    return h_run("leave", tests, COUNT_OF(tests));
}
