/*
 * A session with everything a statement can be, recorded once, then played cut after every byte
 * the server said, and in single bytes. A cut is an error of class 08, never a hang, and never
 * success with less than was asked for.
 */
#include "faultbed.h"

#include <pthread.h>

#include "recorder.h"

enum {
    WORKERS = 3,
    ROWS = 12,
    SETS = 3,
    TLS_STEP = 7, /* the cut is seen record by record: every so many bytes will do */
    MANAGED_STEP = 29
};

/* ---- the session ---- */

struct tour {
    struct t_conn conn;
    bool connected;
    const char *at;  /* what failed */
    char wrong[256]; /* a result that is not right: never, whatever the line does */
    char state[6];   /* of the first failure */
    char text[512];
};

static bool failed(struct tour *t, SQLSMALLINT kind, SQLHANDLE handle, const char *what)
{
    t->at = what;
    if (!t_diag(kind, handle, 1, t->state, t->text, sizeof t->text))
        snprintf(t->wrong, sizeof t->wrong, "%s failed without a record", what);
    return false;
}

static bool wrong(struct tour *t, const char *what, const char *got)
{
    t->at = what;
    snprintf(t->wrong, sizeof t->wrong, "%s gave %s", what, got);
    return false;
}

#define TRY(call)                                                                                  \
    do {                                                                                           \
        if (!SQL_SUCCEEDED(call))                                                                  \
            return failed(t, SQL_HANDLE_STMT, stmt, #call);                                        \
    } while (0)

static bool run(struct tour *t, SQLHSTMT stmt, const char *sql)
{
    SQLRETURN rc = SQLExecDirect(stmt, SQL(sql));

    if (rc != SQL_SUCCESS && rc != SQL_NO_DATA)
        return failed(t, SQL_HANDLE_STMT, stmt, sql);
    return true;
}

static bool count_is(struct tour *t, SQLHSTMT stmt, SQLLEN want, const char *what)
{
    SQLLEN count = -9;

    TRY(SQLRowCount(stmt, &count));
    return count == want || wrong(t, what, "another row count");
}

/* Bound columns; every row that comes must be the right one. */
static bool query(struct tour *t, SQLHSTMT stmt)
{
    SQLINTEGER i = 0;
    char text[32];
    SQLLEN i_is = 0, text_is = 0, null_is = 0;
    SQLRETURN rc;
    int rows = 0;

    if (!run(t, stmt,
             "SELECT i, 'row ' || i, CASE WHEN i > 99 THEN i END FROM generate_series(1, 12) "
             "AS g(i)"))
        return false;
    TRY(SQLBindCol(stmt, 1, SQL_C_SLONG, &i, 0, &i_is));
    TRY(SQLBindCol(stmt, 2, SQL_C_CHAR, text, sizeof text, &text_is));
    TRY(SQLBindCol(stmt, 3, SQL_C_SLONG, &i, 0, &null_is));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        char want[32];

        rows++;
        snprintf(want, sizeof want, "row %d", rows);
        if (i != rows || strcmp(text, want) != 0 || null_is != SQL_NULL_DATA)
            return wrong(t, "a row", text);
    }
    if (rc == SQL_NO_DATA && rows != ROWS)
        return wrong(t, "the query", "too few rows");
    if (rc != SQL_NO_DATA)
        return failed(t, SQL_HANDLE_STMT, stmt, "SQLFetch");
    TRY(SQLFreeStmt(stmt, SQL_UNBIND));
    TRY(SQLFreeStmt(stmt, SQL_CLOSE));
    return true;
}

static bool insert(struct tour *t, SQLHSTMT stmt)
{
    SQLINTEGER a[SETS] = { 1, 2, 3 };
    char b[SETS][16] = { "one", "two", "three" };
    SQLLEN b_is[SETS] = { SQL_NTS, SQL_NTS, SQL_NTS };

    if (!run(t, stmt, "CREATE TEMP TABLE cut_here (a int, b varchar(40))"))
        return false;
    TRY(SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, a, 0, NULL));
    TRY(SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 40, 0, b, sizeof b[0],
                         b_is));
    TRY(SQLPrepare(stmt, SQL("INSERT INTO cut_here VALUES (?, ?)")));
    for (int again = 0; again < 2; again++) {
        TRY(SQLExecute(stmt));
        if (!count_is(t, stmt, 1, "INSERT"))
            return false;
    }
    TRY(SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0));
    TRY(SQLExecute(stmt)); /* several tuples */
    if (!count_is(t, stmt, SETS, "INSERT of many"))
        return false;
    TRY(SQLPrepare(stmt, SQL("UPDATE cut_here SET a = a + ? WHERE b = ?")));
    TRY(SQLExecute(stmt)); /* without waiting in between */
    if (!count_is(t, stmt, 5, "UPDATE"))
        return false;
    TRY(SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(1), 0));
    TRY(SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    return true;
}

static bool server_error(struct tour *t, SQLHSTMT stmt)
{
    char state[6];

    if (SQLExecDirect(stmt, SQL("SELECT 1 / 0")) != SQL_ERROR)
        return wrong(t, "SELECT 1 / 0", "success");
    if (!t_diag(SQL_HANDLE_STMT, stmt, 1, state, NULL, 0) || strcmp(state, "22012") != 0)
        return failed(t, SQL_HANDLE_STMT, stmt, "SELECT 1 / 0");
    return true;
}

static bool next_is(struct tour *t, SQLHSTMT stmt, const char *want)
{
    char text[32] = "";

    TRY(SQLFetch(stmt));
    TRY(SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    return strcmp(text, want) == 0 || wrong(t, "SQLGetData", text);
}

static bool ends(struct tour *t, SQLHSTMT stmt)
{
    SQLRETURN rc = SQLFetch(stmt);

    if (rc == SQL_SUCCESS)
        return wrong(t, "SQLFetch", "a row too many");
    if (rc != SQL_NO_DATA)
        return failed(t, SQL_HANDLE_STMT, stmt, "SQLFetch");
    TRY(SQLCloseCursor(stmt));
    return true;
}

/* One result waits in the store while another statement has the wire. */
static bool two_at_once(struct tour *t, SQLHSTMT stmt, SQLHSTMT other)
{
    return run(t, stmt, "SELECT a FROM cut_here ORDER BY 1") && next_is(t, stmt, "2") &&
           run(t, other, "SELECT 7; SELECT 8") && next_is(t, other, "7") && next_is(t, stmt, "2") &&
           next_is(t, stmt, "2") && next_is(t, stmt, "4") && next_is(t, stmt, "6") &&
           ends(t, stmt) &&
           (SQL_SUCCEEDED(SQLMoreResults(other)) ||
            failed(t, SQL_HANDLE_STMT, other, "SQLMoreResults")) &&
           next_is(t, other, "8") && ends(t, other);
}

static bool transaction(struct tour *t, SQLHSTMT stmt)
{
    SQLHDBC dbc = t->conn.dbc;

    SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0);
    if (!run(t, stmt, "SELECT count(*) FROM cut_here") || !next_is(t, stmt, "5") || !ends(t, stmt))
        return false;
    if (!SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT)))
        return failed(t, SQL_HANDLE_DBC, dbc, "SQLEndTran");
    return true;
}

static bool statements(struct tour *t)
{
    SQLHSTMT stmt = t_stmt(&t->conn), other = t_stmt(&t->conn);
    bool ok = query(t, stmt) && insert(t, stmt) && server_error(t, stmt) &&
              two_at_once(t, stmt, other) && transaction(t, stmt);

    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    SQLFreeHandle(SQL_HANDLE_STMT, other);
    return ok;
}

/* Dead after a failure, and no worse than that. */
static void look_back(struct tour *t)
{
    SQLHDBC dbc = t->conn.dbc;
    SQLUINTEGER dead = 9;
    SQLHSTMT stmt = t_stmt(&t->conn);
    char state[6] = "";

    SQLGetConnectAttr(dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL);
    if (dead != SQL_CD_TRUE)
        wrong(t, "SQL_ATTR_CONNECTION_DEAD", "another value after a cut");
    if (SQLExecDirect(stmt, SQL("SELECT 1")) != SQL_ERROR ||
        !t_diag(SQL_HANDLE_STMT, stmt, 1, state, NULL, 0) || strcmp(state, "08S01") != 0)
        wrong(t, "the next statement after a cut", state);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_ROLLBACK);
}

static bool take(struct tour *t, int port, enum f_mode mode)
{
    char string[2048];
    bool ok;

    f_string(string, sizeof string, port, mode, "PipelineParams=1;");
    t->wrong[0] = '\0';
    ok = SQL_SUCCEEDED(t_try(&t->conn, string));
    if (!ok)
        return failed(t, SQL_HANDLE_DBC, t->conn.dbc, "SQLDriverConnect");
    t->connected = true;
    ok = statements(t);
    if (!ok)
        look_back(t);
    if (!SQL_SUCCEEDED(SQLDisconnect(t->conn.dbc)))
        wrong(t, "SQLDisconnect", "no success");
    SQLSetConnectAttr(t->conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0);
    return ok;
}

static void fresh(struct tour *t)
{
    *t = (struct tour){ .at = "" };
    t_alloc(&t->conn, SQL_OV_ODBC3);
}

static void drop(struct tour *t)
{
    SQLFreeHandle(SQL_HANDLE_DBC, t->conn.dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, t->conn.env);
}

/* ---- recorded ---- */

static struct script recorded;

static void session(int port, void *arg)
{
    if (!take(arg, port, F_CLEAR))
        fail_msg("recording: %s: %s %s%s", ((struct tour *)arg)->at, ((struct tour *)arg)->state,
                 ((struct tour *)arg)->text, ((struct tour *)arg)->wrong);
}

static int record(void **state)
{
    struct tour t;

    (void)state;
    fresh(&t);
    recorder_run((int)strtol(t_server_var(T_REDSHIFT, "_PORT"), NULL, 10), session, &t, &recorded);
    drop(&t);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    script_clear(&recorded);
    return 0;
}

/* The whole recording, its bytes treated so; the bytes that went over the wire. */
static long play_whole(enum f_mode mode, struct player_how how)
{
    struct player *p = f_player();
    struct tour t;
    long sent;

    fresh(&t);
    player_play(p, &recorded, how);
    if (!take(&t, player_port(p), mode))
        fail_msg("%s: %s: %s %s%s", f_mode_names[mode], t.at, t.state, t.text, t.wrong);
    sent = player_sent(p);
    drop(&t);
    player_free(p);
    return sent;
}

static void in_single_bytes(void **state)
{
    struct player_how bytes = PLAYER_PLAIN, records = PLAYER_PLAIN;

    (void)state;
    bytes.piece = 1;
    records.record = 1;
    (void)play_whole(F_CLEAR, bytes);
    (void)play_whole(F_TLS, bytes);
    (void)play_whole(F_TLS, records);
}

/* ---- cut ---- */

struct sweep {
    enum f_mode mode;
    bool borders; /* cuts behind each message, inside TLS */
    long length, step;
    pthread_mutex_t lock;
    long next, done; /* cuts: the next one, how many were made */
    char complaint[1024];
};

/* Where the message ends that begins so far into the recording. */
static long border_after(long at)
{
    const unsigned char *p = recorded.bytes + at;

    return at + 1 + (p[1] << 24 | p[2] << 16 | p[3] << 8 | p[4]);
}

/* The place of the next cut, or -1: each only once. */
static long next_cut(struct sweep *s)
{
    long at = -1;

    pthread_mutex_lock(&s->lock);
    if (s->next < s->length && s->complaint[0] == '\0') {
        at = s->next;
        s->next = s->borders ? border_after(at) : at + s->step;
        s->done++;
    }
    pthread_mutex_unlock(&s->lock);
    return at;
}

static void complain(struct sweep *s, long at, bool reset, const struct tour *t, const char *why)
{
    pthread_mutex_lock(&s->lock);
    if (s->complaint[0] == '\0')
        snprintf(s->complaint, sizeof s->complaint, "%s after %ld of %ld bytes: %s: %s %s %s: %s",
                 reset ? "reset" : "cut", at, s->length, t->at, t->state, t->text, t->wrong, why);
    pthread_mutex_unlock(&s->lock);
}

static const char *state_wanted(const struct tour *t)
{
    if (!t->connected)
        return "08001";
    return strcmp(t->at, "SQLEndTran") == 0 ? "08007" : "08S01"; /* lost while it commits */
}

static void *cut_many(void *arg)
{
    struct sweep *s = arg;
    struct player *p = f_player();
    struct player_how how = PLAYER_PLAIN;
    struct tour t;
    long at;

    fresh(&t);
    while ((at = next_cut(s)) >= 0) {
        int64_t began = t_now_ms();
        bool ok;

        how.cut = at;
        how.inside = s->borders;
        how.reset = at % 4 == 3;
        player_play(p, &recorded, how);
        t.connected = false;
        t.at = "nothing";
        t.state[0] = t.text[0] = '\0';
        ok = take(&t, player_port(p), s->mode);
        if (t.wrong[0] != '\0')
            complain(s, at, how.reset, &t, "wrong result");
        else if (ok)
            complain(s, at, how.reset, &t, "success");
        else if (strcmp(t.state, state_wanted(&t)) != 0)
            complain(s, at, how.reset, &t, "another state was expected");
        else if (t_now_ms() - began > 20000)
            complain(s, at, how.reset, &t, "it took too long");
    }
    drop(&t);
    player_free(p);
    return NULL;
}

static void cut_everywhere(enum f_mode mode, bool borders)
{
    struct sweep s = { .mode = mode, .borders = borders, .lock = PTHREAD_MUTEX_INITIALIZER };
    pthread_t threads[WORKERS];
    int64_t began;
    int open;

    s.length = play_whole(mode, PLAYER_PLAIN);
    if (borders)
        s.length = (long)recorded.n;
    s.step = !RS_DIRECT ? MANAGED_STEP : mode == F_TLS ? TLS_STEP : 1;
    open = f_descriptors();
    began = t_now_ms();
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, cut_many, &s), 0);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    if (s.complaint[0] != '\0')
        fail_msg("%s", s.complaint);
    print_message("%ld cuts in %ld bytes, %ld ms\n", s.done, s.length, (long)(t_now_ms() - began));
    assert_true(s.length > 1500);
    assert_int_equal(f_descriptors(), open);
}

static void cut_in_the_clear(void **state)
{
    (void)state;
    assert_int_equal(play_whole(F_CLEAR, PLAYER_PLAIN), script_length(&recorded));
    cut_everywhere(F_CLEAR, false);
}

static void cut_over_tls(void **state)
{
    (void)state;
    cut_everywhere(F_TLS, false);
    cut_everywhere(F_TLS, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_single_bytes),
        cmocka_unit_test(cut_in_the_clear),
        cmocka_unit_test(cut_over_tls),
    };

    return cmocka_run_group_tests_name("a session cut", tests, record, forget);
}
