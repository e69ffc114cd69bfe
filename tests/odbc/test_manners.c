/*
 * Redshift's manners as the application meets them: its errors, its limits, its literals,
 * statements that cannot be prepared, the ids of session and query. Source: redshift.md 9 to 16.
 */
#include <stdlib.h>

#include "facebed.h"

#include "on_redshift.h"
#include "redshift_odbc.h"

enum { MOST_MARKERS = 32767, MOST_BYTES = 16 * 1024 * 1024 };

/* ---- errors ---- */

/* Names of the stand-in's table of errors; has: a part of the record's text. */
static const struct {
    const char *name, *state, *has;
    SQLINTEGER native;
} failures[] = {
    { "1023", "40001", "Serializable isolation violation on table - 108193", 1023 },
    { "conflict", "40001", "conflict with concurrent transaction\n", 0 },
    { "deadlock", "40001", "blocked by process 1.", 0 },
    { "deadlock_xx", "40001", "deadlock detected", 0 },
    { "oid", "HY000", "could not open relation with OID 108193", 0 },
    { "cancelled", "HY008", "cancelled on user's request", 0 },
    { "canceled", "HY008", "canceled on user's request", 0 },
    { "wlm", "HYT00", "Query Monitoring Rule", 0 },
    { "timed_out", "HYT00", "timed out", 0 },
    { "disk", "HY000", "Disk Full", 0 },
    { "memory", "HY001", "out of memory", 0 },
    { "ddl_length", "22001", "varchar(3)", 0 },
    { "too_long", "22001", "character varying(3)", 0 },
    { "too_long_xx", "22001", "character varying(3)", 0 },
    { "numeric", "22003", "128 bit", 0 },
    { "integer", "22003", "Integer overflow", 0 },
    { "zero", "22012", "Divide by zero", 0 },
    { "digit", "HY000", "; Look at stl_load_errors.", 0 },
    { "input", "HY000", "Invalid input syntax", 0 },
    { "missing", "HY000", "Missing data for not-null", 0 },
    { "permission", "42000", "[SQLSTATE 42501]", 0 },
    { "unsupported", "HYC00", "not supported", 0 },
    { "assert", "HY000", "IsA(node, Query)", 0 },
};

static void expect_failure(size_t i, bool prepared)
{
    SQLCHAR state[6], text[4096];
    SQLINTEGER native = 99;
    SQLSMALLINT n;
    char sql[100];

    snprintf(sql, sizeof sql, "SELECT rs.fail('%s')", failures[i].name);
    if (prepared) {
        OK(stmt, SQLPrepare(stmt, SQL(sql)));
        ERR(stmt, failures[i].state, SQLExecute(stmt));
    } else {
        ERR(stmt, failures[i].state, SQLExecDirect(stmt, SQL(sql)));
    }
    assert_int_equal(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, &native, text, sizeof text, &n),
                     SQL_SUCCESS);
    if (strstr((char *)text, failures[i].has) == NULL)
        fail_msg("%s: no \"%s\" in: %s", failures[i].name, failures[i].has, (char *)text);
    assert_int_equal(native, failures[i].native);
    assert_null(strstr((char *)text, "----"));
    assert_null(strstr((char *)text, " \n"));
}

static void errors_by_their_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        expect_failure(i, false);
        expect_failure(i, true);
    }
    t_expect(&conn, "SELECT 1", "1");
}

/* Every line of an internal fault's detail is there, without the rules around it. */
static void details_are_whole(void **state)
{
    static const char *const lines[] = { "error:  Serializable isolation violation on table\n",
                                         "code:      1023\n",
                                         "(pid:9999)\n",
                                         "query:     4711\n",
                                         "location:  tran_ser.cpp:512\n",
                                         "process:   padbmaster [pid=12345])" };
    char got[6], text[4096];

    (void)state;
    ERR(stmt, "40001", SQLExecDirect(stmt, SQL("SELECT rs.fail('1023')")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (strstr(text, lines[i]) == NULL)
            fail_msg("no \"%s\" in: %s", lines[i], text);
    assert_non_null(strstr(text, "[Server]1023 ("));
    assert_non_null(strstr(text, " [SQLSTATE XX000]"));
}

/* A serialization failure ends the transaction, and the driver says so. */
static void a_lost_transaction(void **state)
{
    char got[6], text[4096];

    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    ERR(stmt, "40001", SQLExecDirect(stmt, SQL("SELECT rs.fail('1023')")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 2, got, text, sizeof text));
    assert_string_equal(got, "01000");
    assert_non_null(strstr(text, "the transaction was rolled back"));
    t_expect(&conn, "SELECT 1", "1");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

/* ---- limits ---- */

static char *with_markers(size_t n)
{
    static const char head[] = "SELECT 1 WHERE 7 IN (";
    char *sql = malloc(sizeof head + 2 * n + 1);
    size_t at = sizeof head - 1;

    assert_non_null(sql);
    memcpy(sql, head, at);
    for (size_t i = 0; i < n; i++) {
        sql[at++] = '?';
        sql[at++] = i + 1 < n ? ',' : ')';
    }
    sql[at] = '\0';
    return sql;
}

static void as_many_markers_as_the_protocol_takes(void **state)
{
    SQLINTEGER value = 7;
    char *sql = with_markers(MOST_MARKERS), *more = with_markers(MOST_MARKERS + 1);
    char got[6], text[512];

    (void)state;
    for (int i = 1; i <= MOST_MARKERS; i++)
        OK(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)i, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER,
                                  0, 0, &value, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    for (SQLULEN scan = SQL_NOSCAN_OFF; scan <= SQL_NOSCAN_ON; scan++) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_NOSCAN, NUMBER(scan), 0));
        ERR(stmt, "HY000", SQLExecDirect(stmt, SQL(more)));
        ERR(stmt, "HY000", SQLPrepare(stmt, SQL(more)));
        assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
        assert_non_null(strstr(text, "at most 32767"));
        assert_null(strstr(text, "[Server]"));
    }
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    free(sql);
    free(more);
}

/* A SELECT of one literal, n bytes in all. */
static char *long_text(size_t n)
{
    static const char head[] = "SELECT length('", tail[] = "')";
    char *sql = malloc(n + 1);

    assert_non_null(sql);
    memset(sql, 'x', n);
    memcpy(sql, head, sizeof head - 1);
    memcpy(sql + n - (sizeof tail - 1), tail, sizeof tail);
    return sql;
}

static void texts_as_long_as_the_server_takes(void **state)
{
    char *sql = long_text(MOST_BYTES), *more = long_text(MOST_BYTES + 1);
    char got[6], text[512], rows[40], want[40];

    (void)state;
    snprintf(want, sizeof want, "%d", MOST_BYTES - 17);
    for (SQLULEN scan = SQL_NOSCAN_OFF; scan <= SQL_NOSCAN_ON; scan++) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_NOSCAN, NUMBER(scan), 0));
        OK(stmt, SQLExecDirect(stmt, SQL(sql)));
        t_rows(stmt, rows, sizeof rows);
        assert_string_equal(rows, want);
        ERR(stmt, "HY000", SQLExecDirect(stmt, SQL(more)));
        assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
        assert_null(strstr(text, "[Server]"));
        ERR(stmt, "HY000", SQLPrepare(stmt, SQL(more)));
    }
    free(sql);
    free(more);
}

/* ---- statements ---- */

/* DECLARE cannot be prepared: it goes simply, and cursors work by their own statements. */
static void what_cannot_be_prepared(void **state)
{
    SQLSMALLINT n = 9;

    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    OK(stmt, SQLPrepare(stmt, SQL("DECLARE manners CURSOR FOR SELECT generate_series(1, 3)")));
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 0);
    OK(stmt, SQLExecute(stmt));
    t_expect(&conn, "FETCH ALL FROM manners", "1;2;3");
    t_run(&conn, "CLOSE manners");
    OK(stmt, SQLExecute(stmt)); /* and again */
    t_expect(&conn, "FETCH 2 FROM manners", "1;2");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

/* Of others the server tells only when asked; then the text is sent as it is. */
static void what_turns_out_not_to_be_prepared(void **state)
{
    SQLSMALLINT n = 9;

    (void)state;
    t_run(&conn, "CREATE TEMPORARY TABLE swept (n integer)");
    for (int described = 0; described < 2; described++) {
        OK(stmt, SQLPrepare(stmt, SQL("VACUUM swept")));
        if (described)
            OK(stmt, SQLNumResultCols(stmt, &n));
        OK(stmt, SQLExecute(stmt));
        OK(stmt, SQLExecute(stmt));
    }
    assert_int_equal(n, 0);
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    OK(stmt, SQLPrepare(stmt, SQL("VACUUM swept")));
    ERR(stmt, "25000", SQLExecute(stmt)); /* it went simply, in a transaction of the driver's */
    t_run(&conn, "DELETE FROM swept");
    OK(stmt, SQLPrepare(stmt, SQL("VACUUM swept")));
    ERR(stmt, "HYC00", SQLExecute(stmt)); /* in one that the error has ended */
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

/* COPY tells its rows in a notice alone. */
static void rows_that_were_loaded(void **state)
{
    struct t_conn quiet;
    SQLHSTMT at;
    SQLLEN n = 99;
    char got[6], text[300];

    (void)state;
    INFO(stmt, "01000",
         SQLExecDirect(stmt, SQL("COPY demo_sales FROM 's3://bucket/rows-12' IAM_ROLE default")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, sizeof text));
    assert_non_null(strstr(text, "12 record(s) loaded"));
    OK(stmt, SQLRowCount(stmt, &n));
    assert_int_equal(n, 12);
    t_open(&quiet, T_REDSHIFT, SQL_OV_ODBC3, "ShowNotices=0;");
    at = t_stmt(&quiet);
    OK(at, SQLExecDirect(at, SQL("COPY demo_sales FROM 's3://bucket/rows-0'; "
                                 "COPY demo_sales FROM 's3://bucket/rows-7'")));
    OK(at, SQLRowCount(at, &n));
    assert_int_equal(n, 0);
    OK(at, SQLMoreResults(at));
    OK(at, SQLRowCount(at, &n));
    assert_int_equal(n, 7);
    NODATA(at, SQLMoreResults(at));
    t_free(at);
    t_close(&quiet);
}

/* What Redshift has not is refused in its words, and the session goes on. */
static void refusals(void **state)
{
    static const struct {
        const char *sql, *state;
    } cases[] = {
        { "SAVEPOINT a", "HYC00" },
        { "LISTEN x", "HYC00" },
        { "DISCARD ALL", "HYC00" },
        { "DEALLOCATE ALL", "HYC00" },
        { "SHOW server_version_num", "HYC00" },
        { "SET standard_conforming_strings TO on", "HYC00" },
        { "SET lock_timeout TO 1", "42000" },
        { "COPY demo_sales FROM STDIN", "42000" },
        { "SELECT * FROM demo_sales FOR UPDATE", "42000" },
        { "DELETE FROM demo_sales WHERE sale_id = 0 RETURNING sale_id", "42000" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ERR(stmt, cases[i].state, SQLExecDirect(stmt, SQL(cases[i].sql)));
        OK(stmt, SQLPrepare(stmt, SQL(cases[i].sql)));
        ERR(stmt, cases[i].state, SQLExecute(stmt));
    }
    t_expect(&conn, "SELECT 1", "1");
}

/* ---- rows that come slowly, and many ---- */

/* The timeout runs to the end of the first row; then the server is asked to cancel. */
static void a_first_row_that_does_not_come(void **state)
{
    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    ERR(stmt, "HYT00", SQLExecDirect(stmt, SQL("SELECT * FROM rs.rows(3, 10, 60000)")));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT * FROM rs.rows(3, 10, 60000)")));
    ERR(stmt, "HYT00", SQLExecute(stmt));
    t_expect(&conn, "SELECT 1", "1");
}

/* Rows behind the first have the time they need, unless the key says otherwise. */
static void rows_one_by_one(void **state)
{
    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(1), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT * FROM rs.rows(4, 10, 400)")));
    for (int i = 0; i < 4; i++)
        OK(stmt, SQLFetch(stmt));
    NODATA(stmt, SQLFetch(stmt));
}

/* A result of 100 MB goes through without being held. */
static void rows_without_end(void **state)
{
    enum { ROWS = 100000, WIDTH = 1000, MOST_KIB = 16384 };
    long before = t_peak_kib();
    SQLCHAR number[21], filler[WIDTH + 1];
    char sql[100], want[21];

    (void)state;
    snprintf(sql, sizeof sql, "SELECT * FROM rs.rows(%d, %d)", ROWS, WIDTH);
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, number, sizeof number, NULL));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, filler, sizeof filler, NULL));
    for (int i = 1; i <= ROWS; i++) {
        OK(stmt, SQLFetch(stmt));
        snprintf(want, sizeof want, "%d", i);
        assert_string_equal((char *)number, want);
        assert_int_equal(filler[WIDTH - 1], 'x');
    }
    NODATA(stmt, SQLFetch(stmt));
    assert_in_range(t_peak_kib(), 0, before + MOST_KIB);
}

/* Giving up in the middle cancels, and the session goes on. */
static void rows_nobody_wants(void **state)
{
    (void)state;
    for (int how = 0; how < 2; how++) {
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT * FROM rs.rows(100000000, 1000)")));
        OK(stmt, SQLFetch(stmt));
        if (how == 1)
            OK(stmt, SQLCancel(stmt));
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        t_expect(&conn, "SELECT 1", "1");
    }
}

/* ---- keys ---- */

static void literals_have_backslashes(void **state)
{
    struct t_conn own;

    (void)state;
    t_open(&own, T_REDSHIFT, SQL_OV_ODBC3, "QueryGroup={a\\b'c\\\\};");
    t_expect(&own, "SHOW query_group", "a\\b'c\\\\");
    t_close(&own);
    t_open(&own, T_REDSHIFT, SQL_OV_ODBC3,
           "SearchPath=second,public;InitializationString=SET wlm_query_slot_count TO 3;");
    t_expect(&own, "SHOW wlm_query_slot_count", "3");
    t_expect(&own, "SHOW search_path", "second,public");
    t_expect(&own, "SELECT count(*) FROM regions", "3");
    t_close(&own);
}

static void reading_only(void **state)
{
    struct t_conn own;

    (void)state;
    t_open(&own, T_REDSHIFT, SQL_OV_ODBC3, "ReadOnly=1;");
    t_expect(&own, "SHOW readonly", "on");
    DBC_OK(own.dbc,
           SQLSetConnectAttr(own.dbc, SQL_ATTR_ACCESS_MODE, NUMBER(SQL_MODE_READ_WRITE), 0));
    t_expect(&own, "SHOW readonly", "off");
    t_close(&own);
}

/* ---- ids ---- */

static void session_text(struct t_conn *own, char *out)
{
    SQLCHAR text[64] = "";
    SQLINTEGER n = 0;

    DBC_OK(own->dbc, SQLGetConnectAttr(own->dbc, RS_ATTR_SESSION_TEXT, text, sizeof text, &n));
    assert_int_equal(n, strlen((char *)text));
    strcpy(out, (char *)text);
}

static void the_session_has_an_id(void **state)
{
    struct t_conn own;
    SQLUINTEGER pid = 0;
    SQLCHAR text[64];
    SQLINTEGER n;
    char id[64], want[64];

    (void)state;
    session_text(&conn, id);
    assert_int_equal(strlen(id), 36); /* as the stand-in makes them */
    DBC_INFO(conn.dbc, "01004", SQLGetConnectAttr(conn.dbc, RS_ATTR_SESSION_TEXT, text, 5, &n));
    assert_int_equal(n, 36);
    assert_memory_equal(text, id, 4);
    DBC_ERR(conn.dbc, "HY092", SQLSetConnectAttr(conn.dbc, RS_ATTR_SESSION_TEXT, SQL("x")));
    t_open(&own, T_REDSHIFT, SQL_OV_ODBC3, "ApplicationName=rs-status:session_id;");
    session_text(&own, id);
    DBC_OK(own.dbc, SQLGetConnectAttr(own.dbc, RS_ATTR_SESSION_ID, &pid, 0, NULL));
    snprintf(want, sizeof want, "%u", pid);
    assert_string_equal(id, want);
    t_close(&own);
    if (on_redshift()) /* there is no PostgreSQL */
        return;
    t_open(&own, T_POSTGRES, SQL_OV_ODBC3, "");
    session_text(&own, id);
    t_expect(&own, "SELECT pg_backend_pid()", id);
    t_close(&own);
}

static void expect_lines(const char *log, const char *session)
{
    static const char *const wanted[] = { ", query 4711: 40001 1023 (  error:",
                                          ", query 123: HY008 Query (123) cancelled",
                                          ": 42S02 relation \"no_such\"", ": HYC00 " };

    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        char line[200];

        snprintf(line, sizeof line, "session %s%s", session, wanted[i]);
        if (strstr(log, line) == NULL)
            fail_msg("no \"%s\" in: %s", line, log);
    }
    assert_null(strstr(log, "SELECT rs.fail")); /* no statement at this level */
}

/* At INFO the log has every error, with the session's id and the query's where the server told. */
static void errors_are_logged(void **state)
{
    char keys[200], id[64];
    static char log[1 << 16];

    (void)state;
    for (int level = 3; level <= 4; level++) {
        char folder[] = "/tmp/rs-manners-XXXXXX";
        struct t_conn own;
        SQLHSTMT at;

        assert_non_null(mkdtemp(folder));
        snprintf(keys, sizeof keys, "LogLevel=%d;LogPath=%s;", level, folder);
        t_open(&own, T_REDSHIFT, SQL_OV_ODBC3, keys);
        session_text(&own, id);
        at = t_stmt(&own);
        ERR(at, "40001", SQLExecDirect(at, SQL("SELECT rs.fail('1023')")));
        ERR(at, "HY008", SQLExecDirect(at, SQL("SELECT rs.fail('cancelled')")));
        ERR(at, "42S02", SQLExecDirect(at, SQL("SELECT * FROM no_such")));
        DBC_ERR(own.dbc, "HYC00",
                SQLSetConnectAttr(own.dbc, SQL_ATTR_CURRENT_CATALOG, SQL("other")));
        t_free(at);
        t_close(&own);
        t_take_log(folder, log, sizeof log);
        if (level == 4)
            expect_lines(log, id);
        else
            assert_null(strstr(log, id));
    }
}

static int open_redshift(void **state)
{
    server = T_REDSHIFT;
    return face_open(state);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(errors_by_their_texts),
        EACH(details_are_whole),
        EACH(a_lost_transaction),
        EACH(as_many_markers_as_the_protocol_takes),
        EACH(texts_as_long_as_the_server_takes),
        EACH(what_cannot_be_prepared),
        EACH(what_turns_out_not_to_be_prepared),
        EACH(rows_that_were_loaded),
        EACH(refusals),
        EACH(a_first_row_that_does_not_come),
        EACH(rows_one_by_one),
        EACH(rows_without_end),
        EACH(rows_nobody_wants),
        EACH(literals_have_backslashes),
        EACH(reading_only),
        EACH(the_session_has_an_id),
        EACH(errors_are_logged),
    };

    return cmocka_run_group_tests_name("Redshift's manners", tests, open_redshift, face_close);
}
