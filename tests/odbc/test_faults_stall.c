/*
 * A server that stops talking, or listening: every wait ends at its deadline, or five seconds
 * later where a cancel request is waited for; odbc.md 17, redshift.md 15. The cases wait side by
 * side, each in a thread of its own.
 */
#include "faultbed.h"

#include <pthread.h>

enum { SLACK_MS = 4000, CANCEL_MS = 5000 };

/* How many times slower than usual the program may be: it runs under a tool. */
static long patience = 1;

struct job {
    const struct waits *what;
    enum f_mode mode;
    struct player *player;
    struct script script;
    struct t_conn conn;
    SQLHSTMT stmt;
    int64_t began;
    char complaint[700];
    pthread_t thread;
};

struct waits {
    const char *name;
    void (*run)(struct job *j);
    int number;
};

static void complain(struct job *j, SQLSMALLINT kind, SQLHANDLE handle, const char *what)
{
    char state[6] = "", text[400] = "", second[6] = "";

    (void)t_diag(kind, handle, 1, state, text, sizeof text);
    (void)t_diag(kind, handle, 2, second, NULL, 0);
    if (j->complaint[0] == '\0')
        snprintf(j->complaint, sizeof j->complaint, "%s, case %d, %s: %s: %s %s (%s) after %ld ms",
                 j->what->name, j->what->number, f_mode_names[j->mode], what, state, text, second,
                 (long)(t_now_ms() - j->began));
}

static bool expect(struct job *j, SQLSMALLINT kind, SQLHANDLE handle, bool holds, const char *what)
{
    if (!holds)
        complain(j, kind, handle, what);
    return holds;
}

#define DBC(call)  expect(j, SQL_HANDLE_DBC, j->conn.dbc, (call) == SQL_SUCCESS, #call)
#define STMT(call) expect(j, SQL_HANDLE_STMT, j->stmt, (call) == SQL_SUCCESS, #call)

/* An error with these states in its first records, within so long. A lost connection comes before
 * what became of the statement (ODBC, "Sequence of Status Records"). */
static bool ended(struct job *j, SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc,
                  const char *first, const char *second, long within_ms)
{
    char state[6] = "";

    return expect(j, kind, handle, rc == SQL_ERROR, "an error") &&
           expect(j, kind, handle,
                  t_diag(kind, handle, 1, state, NULL, 0) && strcmp(state, first) == 0, first) &&
           expect(j, kind, handle,
                  second == NULL ||
                      (t_diag(kind, handle, 2, state, NULL, 0) && strcmp(state, second) == 0),
                  second == NULL ? "" : second) &&
           expect(j, kind, handle, t_now_ms() - j->began < within_ms + SLACK_MS * patience,
                  "in time");
}

static bool is_dead(struct job *j)
{
    SQLUINTEGER dead = 9;

    return DBC(SQLGetConnectAttr(j->conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL)) &&
           dead == SQL_CD_TRUE;
}

static bool opened(struct job *j, struct player_how how, const char *extra)
{
    char string[2048];

    player_play(j->player, &j->script, how);
    f_string(string, sizeof string, player_port(j->player), j->mode, extra);
    if (!DBC(t_try(&j->conn, string)))
        return false;
    j->stmt = t_stmt(&j->conn);
    j->began = t_now_ms();
    return true;
}

static void disconnected(struct job *j, long within_ms)
{
    j->began = t_now_ms();
    if (DBC(SQLDisconnect(j->conn.dbc)))
        (void)expect(j, SQL_HANDLE_DBC, j->conn.dbc,
                     t_now_ms() - j->began < within_ms + SLACK_MS * patience,
                     "SQLDisconnect in time");
}

/* ---- while connecting ---- */

static void login(struct job *j)
{
    /* bytes after which nothing more comes; in the clear: of AuthenticationOk, of the statuses, of
     * ReadyForQuery; over TLS: no answer, S alone, in the handshake, behind it */
    static const long stalls[2][5] = { { 0, 3, 9, 40, -1 }, { 0, 1, 300, 1100, -1 } };
    struct player_how how = PLAYER_PLAIN;
    char string[2048];

    how.stall = stalls[j->mode][j->what->number];
    if (how.stall < 0 && j->mode == F_CLEAR)
        how.stall = (long)script_length(&j->script) - 1;
    else if (how.stall < 0)
        how = (struct player_how){ .cut = PLAYER_NEVER, .stall = PLAYER_NEVER, .tls_stalls = true };
    player_play(j->player, &j->script, how);
    f_string(string, sizeof string, player_port(j->player), j->mode, "");
    (void)DBC(SQLSetConnectAttr(j->conn.dbc, SQL_ATTR_LOGIN_TIMEOUT, NUMBER(1), 0));
    j->began = t_now_ms();
    (void)ended(j, SQL_HANDLE_DBC, j->conn.dbc, t_try(&j->conn, string), "HYT00", NULL, 1000);
}

/* ---- while a statement runs ---- */

static void say_rows(struct script *s, int rows)
{
    static const char *const values[] = { "a value" };

    script_add(s, SCRIPT_AWAIT);
    script_shape(s, 1);
    for (int i = 0; i < rows; i++)
        script_row(s, 1, values);
}

/* The server answers the cancel request (0), does not (1), or the request is swallowed (2). */
static void query_timeout(struct job *j)
{
    int number = j->what->number;
    struct player_how how = PLAYER_PLAIN;

    how.swallow = number == 2;
    script_add(&j->script, SCRIPT_AWAIT);
    if (number == 0) {
        script_add(&j->script, SCRIPT_UNTIL_CANCEL);
        script_report(&j->script, 'E', "ERROR", "57014", "Query (1) cancelled on user's request");
        script_ready(&j->script, 'I');
        script_add(&j->script, SCRIPT_AWAIT);
        script_command(&j->script, "SET");
        script_ready(&j->script, 'I');
    }
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, how, "") ||
        !STMT(SQLSetStmtAttr(j->stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0)) ||
        !ended(j, SQL_HANDLE_STMT, j->stmt, SQLExecDirect(j->stmt, SQL("SELECT 1")),
               number == 0 ? "HYT00" : "08S01", number == 0 ? NULL : "HYT00", 1000 + CANCEL_MS))
        return;
    if (number == 0)
        (void)STMT(SQLExecDirect(j->stmt, SQL("SET a TO b")));
    else
        (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j), "a dead connection");
    disconnected(j, 0);
}

/* In mid-result, by the attribute (0) and the key (1); before a row (2); the cancel request
 * swallowed (3). */
static void read_timeout(struct job *j)
{
    int rows = j->what->number == 2 ? 0 : 3;
    struct player_how how = PLAYER_PLAIN;

    how.swallow = j->what->number == 3;
    say_rows(&j->script, rows);
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, how, j->what->number == 0 ? "" : "ReadTimeout=1;") ||
        (j->what->number == 0 &&
         !DBC(SQLSetConnectAttr(j->conn.dbc, SQL_ATTR_CONNECTION_TIMEOUT, NUMBER(1), 0))))
        return;
    if (rows > 0 && !STMT(SQLExecDirect(j->stmt, SQL("SELECT 1"))))
        return;
    for (int i = 0; i < rows; i++)
        if (!STMT(SQLFetch(j->stmt)))
            return;
    if (ended(j, SQL_HANDLE_STMT, j->stmt,
              rows > 0 ? SQLFetch(j->stmt) : SQLExecDirect(j->stmt, SQL("SELECT 1")), "HYT01", NULL,
              1000 + CANCEL_MS))
        (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j), "a dead connection");
    disconnected(j, 0);
}

/* An open result, and the server neither goes on nor answers the cancel request. */
static void disconnect_in_result(struct job *j)
{
    struct player_how how = PLAYER_PLAIN;

    how.swallow = j->what->number == 1;
    say_rows(&j->script, 3);
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, how, "") || !STMT(SQLExecDirect(j->stmt, SQL("SELECT 1"))) ||
        !STMT(SQLFetch(j->stmt)))
        return;
    disconnected(j, CANCEL_MS);
}

static void *cancel_soon(void *arg)
{
    struct job *j = arg;

    t_sleep_ms(200);
    (void)SQLCancel(j->stmt);
    return NULL;
}

/* SQLCancel of another thread, swallowed: both calls end. */
static void cancel_swallowed(struct job *j)
{
    struct player_how how = PLAYER_PLAIN;
    pthread_t thread;

    how.swallow = true;
    script_add(&j->script, SCRIPT_AWAIT);
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, how, ""))
        return;
    if (pthread_create(&thread, NULL, cancel_soon, j) != 0)
        abort();
    (void)ended(j, SQL_HANDLE_STMT, j->stmt, SQLExecDirect(j->stmt, SQL("SELECT 1")), "08S01",
                "HY008", 200 + CANCEL_MS);
    pthread_join(thread, NULL);
    (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j), "a dead connection");
    disconnected(j, 0);
}

/* A polled call whose cancel request is swallowed: SQLCancel says so on the statement. */
static void polled_cancel_swallowed(struct job *j)
{
    struct player_how how = PLAYER_PLAIN;
    SQLRETURN rc;

    how.swallow = true;
    script_add(&j->script, SCRIPT_AWAIT);
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, how, "") || !STMT(SQLSetStmtAttr(j->stmt, SQL_ATTR_ASYNC_ENABLE, NUMBER(1), 0)))
        return;
    rc = SQLExecDirect(j->stmt, SQL("SELECT 1"));
    if (!expect(j, SQL_HANDLE_STMT, j->stmt, rc == SQL_STILL_EXECUTING, "a polled call") ||
        !ended(j, SQL_HANDLE_STMT, j->stmt, SQLCancel(j->stmt), "HY018", NULL, CANCEL_MS))
        return;
    while ((rc = SQLExecDirect(j->stmt, SQL("SELECT 1"))) == SQL_STILL_EXECUTING)
        t_sleep_ms(1);
    (void)ended(j, SQL_HANDLE_STMT, j->stmt, rc, "08S01", "HY008", CANCEL_MS);
    (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j), "a dead connection");
    disconnected(j, 0);
}

/* The server takes cancel requests, and the first one too early: the second ends it (0), or there
 * is no answer at all (1). */
static void cancel_early(struct job *j)
{
    pthread_t thread;
    bool answers = j->what->number == 0;

    script_add(&j->script, SCRIPT_AWAIT);
    if (answers) {
        script_add(&j->script, SCRIPT_UNTIL_CANCEL);
        script_add(&j->script, SCRIPT_UNTIL_CANCEL);
        script_report(&j->script, 'E', "ERROR", "57014", "Query (1) cancelled on user's request");
        script_ready(&j->script, 'I');
    }
    script_add(&j->script, SCRIPT_HANG);
    if (!opened(j, PLAYER_PLAIN, ""))
        return;
    if (pthread_create(&thread, NULL, cancel_soon, j) != 0)
        abort();
    (void)ended(j, SQL_HANDLE_STMT, j->stmt, SQLExecDirect(j->stmt, SQL("SELECT 1")),
                answers ? "HY008" : "08S01", answers ? NULL : "HY008", 200 + CANCEL_MS);
    pthread_join(thread, NULL);
    (void)expect(j, SQL_HANDLE_STMT, j->stmt, player_cancels(j->player) == 2, "two requests");
    (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j) == !answers, "what became of it");
    disconnected(j, 0);
}

/* ---- while the server does not read ---- */

/* A parameter that no socket buffer holds; the query timeout (0), the read timeout (1), pieces
 * with SQLPutData (2). */
static void deaf(struct job *j)
{
    enum { BIG = 24 << 20 };
    char *big = malloc(BIG);
    SQLLEN is = j->what->number == 2 ? SQL_LEN_DATA_AT_EXEC(BIG) : BIG;
    SQLPOINTER token;
    SQLRETURN rc;

    if (big == NULL)
        abort();
    memset(big, 'x', BIG);
    script_add(&j->script, SCRIPT_DEAF);
    if (opened(j, PLAYER_PLAIN, j->what->number == 1 ? "ReadTimeout=1;" : "") &&
        STMT(SQLSetStmtAttr(j->stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(j->what->number == 1 ? 0 : 1),
                            0)) &&
        STMT(SQLBindParameter(j->stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARCHAR, BIG, 0, big,
                              BIG, &is))) {
        rc = SQLExecDirect(j->stmt, SQL("INSERT INTO t VALUES (?)"));
        if (rc == SQL_NEED_DATA && SQLParamData(j->stmt, &token) == SQL_NEED_DATA &&
            STMT(SQLPutData(j->stmt, big, BIG))) {
            j->began = t_now_ms();
            rc = SQLParamData(j->stmt, &token);
        }
        if (ended(j, SQL_HANDLE_STMT, j->stmt, rc, j->what->number == 1 ? "HYT01" : "08S01",
                  j->what->number == 1 ? NULL : "HYT00", 1000 + CANCEL_MS))
            (void)expect(j, SQL_HANDLE_STMT, j->stmt, is_dead(j), "a dead connection");
        disconnected(j, CANCEL_MS);
    }
    free(big);
}

/* Sets that are sent without waiting for each other. */
static void deaf_pipe(struct job *j)
{
    enum { SETS = 300, WIDTH = 100000 };
    char *big = malloc((size_t)SETS * WIDTH);
    SQLLEN is[SETS];

    if (big == NULL)
        abort();
    memset(big, 'x', (size_t)SETS * WIDTH);
    for (int i = 0; i < SETS; i++)
        is[i] = WIDTH;
    script_add(&j->script, SCRIPT_AWAIT);
    script_message(&j->script, '1', NULL, 0);
    script_message(&j->script, '2', NULL, 0);
    script_message(&j->script, 'n', NULL, 0);
    script_command(&j->script, "UPDATE 1");
    script_ready(&j->script, 'I');
    script_add(&j->script, SCRIPT_DEAF);
    if (opened(j, PLAYER_PLAIN, "PipelineParams=1;") &&
        STMT(SQLPrepare(j->stmt, SQL("UPDATE t SET a = ?"))) &&
        STMT(SQLBindParameter(j->stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, WIDTH, 0, big,
                              WIDTH, is)) &&
        STMT(SQLExecute(j->stmt)) &&
        STMT(SQLSetStmtAttr(j->stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0)) &&
        STMT(SQLSetStmtAttr(j->stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0))) {
        j->began = t_now_ms();
        (void)ended(j, SQL_HANDLE_STMT, j->stmt, SQLExecute(j->stmt), "08S01", "HYT00",
                    1000 + CANCEL_MS);
        disconnected(j, CANCEL_MS);
    }
    free(big);
}

/* ---- all at once ---- */

static const struct waits list[] = {
    { "login", login, 0 },
    { "login", login, 1 },
    { "login", login, 2 },
    { "login", login, 3 },
    { "login", login, 4 },
    { "query timeout", query_timeout, 0 },
    { "query timeout", query_timeout, 1 },
    { "query timeout", query_timeout, 2 },
    { "read timeout", read_timeout, 0 },
    { "read timeout", read_timeout, 1 },
    { "read timeout", read_timeout, 2 },
    { "read timeout", read_timeout, 3 },
    { "disconnect in a result", disconnect_in_result, 0 },
    { "disconnect in a result", disconnect_in_result, 1 },
    { "cancel swallowed", cancel_swallowed, 0 },
    { "polled cancel swallowed", polled_cancel_swallowed, 0 },
    { "cancel too early", cancel_early, 0 },
    { "cancel too early", cancel_early, 1 },
    { "deaf", deaf, 0 },
    { "deaf", deaf, 1 },
    { "deaf", deaf, 2 },
    { "deaf pipe", deaf_pipe, 0 },
};

static void *work(void *arg)
{
    struct job *j = arg;

    j->player = f_player();
    script_welcome(&j->script);
    t_alloc(&j->conn, SQL_OV_ODBC3);
    j->began = t_now_ms();
    j->what->run(j);
    SQLDisconnect(j->conn.dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, j->conn.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, j->conn.env);
    player_free(j->player);
    script_clear(&j->script);
    return NULL;
}

/* Under a tool only a few at a time: it runs one thread after the other. */
static void every_wait_ends(void **state)
{
    enum { JOBS = 2 * COUNT_OF(list) };
    struct job *jobs = calloc(JOBS, sizeof *jobs);
    size_t at_once = patience > 1 ? 4 : JOBS;
    bool complained = false;

    (void)state;
    assert_non_null(jobs);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].what = &list[i / 2];
        jobs[i].mode = i % 2 == 0 ? F_CLEAR : F_TLS;
    }
    for (size_t begin = 0; begin < JOBS; begin += at_once) {
        for (size_t i = begin; i < begin + at_once && i < JOBS; i++)
            assert_int_equal(pthread_create(&jobs[i].thread, NULL, work, &jobs[i]), 0);
        for (size_t i = begin; i < begin + at_once && i < JOBS; i++)
            pthread_join(jobs[i].thread, NULL);
    }
    for (size_t i = 0; i < JOBS; i++) {
        if (jobs[i].complaint[0] != '\0')
            print_error("%s\n", jobs[i].complaint);
        complained = complained || jobs[i].complaint[0] != '\0';
    }
    free(jobs);
    assert_false(complained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wait_ends),
    };
    const char *factor = getenv("RS_TEST_PATIENCE");

    if (factor != NULL && atol(factor) > 1)
        patience = atol(factor);

    return cmocka_run_group_tests_name("a silent server", tests, NULL, NULL);
}
