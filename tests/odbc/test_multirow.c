/*
 * INSERTs of many tuples made of arrays: what they store, their statuses, their limits.
 */
#include "odbctest.h"

enum { MANY = 40000 };

static struct t_conn conn;
static enum t_server server = T_POSTGRES;
static SQLHSTMT stmt;

static SQLINTEGER n[MANY];
static SQLLEN n_ind[MANY];
static SQLWCHAR w[MANY][8];
static SQLLEN w_ind[MANY];
static SQLUSMALLINT status[MANY], operation[MANY];
static SQLULEN processed;

#define GOOD    SQL_PARAM_SUCCESS
#define WARNED  SQL_PARAM_SUCCESS_WITH_INFO
#define BAD     SQL_PARAM_ERROR
#define UNUSED  SQL_PARAM_UNUSED
#define UNKNOWN ((SQLUSMALLINT)SQL_PARAM_DIAG_UNAVAILABLE)

static void open_with(const char *more)
{
    t_open(&conn, server, SQL_OV_ODBC3, more);
    t_run(&conn, "CREATE TEMP TABLE t (n integer PRIMARY KEY CHECK (n >= 0), s varchar(20))");
    stmt = t_stmt(&conn);
    for (int i = 0; i < MANY; i++) {
        n[i] = i;
        n_ind[i] = 0;
        w[i][0] = 0xd83d;
        w[i][1] = 0xde00;
        w[i][2] = (SQLWCHAR)('a' + i % 26);
        w_ind[i] = i % 7 == 3 ? SQL_NULL_DATA : SQL_NTS;
        status[i] = 99;
        operation[i] = SQL_PARAM_PROCEED;
    }
    processed = 99;
}

static int open_conn(void **state)
{
    (void)state;
    open_with("");
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
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, n_ind));
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, w,
                              sizeof w[0], w_ind));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(sets), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
}

#define INSERT "INSERT INTO t (n, s) VALUES (?, ?)"

static void expect_count(SQLLEN want)
{
    SQLLEN count = -2;

    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, want);
}

static void expect_status(const SQLUSMALLINT *want, size_t sets)
{
    for (size_t i = 0; i < sets; i++) {
        if (status[i] != want[i])
            fail_msg("set %zu: status %u, not %u", i + 1, status[i], want[i]);
    }
}

static void expect_all(SQLULEN from, SQLULEN to, SQLUSMALLINT want)
{
    for (SQLULEN i = from; i < to; i++) {
        if (status[i] != want)
            fail_msg("set %lu: status %u, not %u", (unsigned long)i + 1, status[i], want);
    }
}

static SQLLEN row_of(SQLSMALLINT record)
{
    SQLLEN row = -9;

    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    return row;
}

/* Statements the server saw that begin with INSERT, by their texts. */
static void one_statement_for_many(void **state)
{
    (void)state;
    bind(2500);
    OK(stmt, SQLPrepare(stmt, SQL(INSERT)));
    OK(stmt, SQLExecute(stmt));
    expect_count(2500);
    assert_int_equal(processed, 2500);
    expect_all(0, 2500, GOOD);
    t_expect(&conn, "SELECT count(*), sum(n), count(s), min(s) FROM t", "2500|3123750|2143|😀a");
    /* 1,000 tuples twice and 500 once, each prepared once, and kept */
    t_run(&conn, "DELETE FROM t");
    OK(stmt, SQLExecute(stmt));
    if (server == T_POSTGRES)
        t_expect(&conn,
                 "SELECT count(*), max(length(statement)) > 10000 FROM pg_prepared_statements "
                 "WHERE statement LIKE 'INSERT%'",
                 "2|1");
    /* another number of sets replaces the rest */
    t_run(&conn, "DELETE FROM t");
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(1), 0));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(7), 0));
    n[0] = 100000;
    OK(stmt, SQLExecute(stmt));
    t_expect(&conn, "SELECT count(*), sum(n) FROM t", "8|100021");
}

/* A record in every place, alone and among others. */
static void each_place_can_fail(void **state)
{
    enum { SETS = 9 };

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL(INSERT)));
    bind(SETS);
    for (int bad = 0; bad < SETS; bad++) {
        t_run(&conn, "DELETE FROM t");
        n[bad] = -1;
        INFO(stmt, "23000", SQLExecute(stmt));
        assert_int_equal(row_of(1), bad + 1);
        assert_int_equal(processed, SETS);
        expect_count(SETS - 1);
        for (int i = 0; i < SETS; i++)
            assert_int_equal(status[i], i == bad ? BAD : GOOD);
        n[bad] = bad;
    }
    t_expect(&conn, "SELECT count(*) FROM t", "8");
}

/* Only the INSERT with the bad set is run again set by set. */
static void batches_fail_alone(void **state)
{
    (void)state;
    bind(3000);
    n[1500] = 3;
    n[1600] = 4;
    INFO(stmt, "23000", SQLExecDirect(stmt, SQL(INSERT)));
    assert_int_equal(row_of(1), 1501);
    assert_int_equal(row_of(2), 1601);
    expect_all(0, 1500, GOOD);
    assert_int_equal(status[1500], BAD);
    assert_int_equal(status[1600], BAD);
    expect_all(1601, 3000, GOOD);
    expect_count(2998);
    t_expect(&conn, "SELECT count(*) FROM t", "2998");
}

static void all_fail(void **state)
{
    SQLINTEGER records = 0;

    (void)state;
    bind(200);
    t_run(&conn, "DROP TABLE t");
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL(INSERT)));
    expect_all(0, 200, BAD);
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_NUMBER, &records, 0, NULL));
    assert_int_equal(records, 200);
}

static void a_transaction_is_undone(void **state)
{
    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_run(&conn, "DELETE FROM t");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    bind(3000);
    n[1500] = 3;
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, NULL, SQLExecDirect(stmt, SQL(INSERT)));
    expect_all(0, 1000, GOOD);
    expect_all(1000, 2000, UNKNOWN);
    expect_all(2000, 3000, UNUSED);
    assert_int_equal(processed, 2000);
    t_expect(&conn, "SELECT count(*) FROM t", "0");
    n[1500] = 1500;
    OK(stmt, SQLExecDirect(stmt, SQL(INSERT)));
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
    t_expect(&conn, "SELECT count(*) FROM t", "3000");
}

/* Values that cannot be converted leave the others in their statement. */
static void bad_values(void **state)
{
    static const SQLUSMALLINT stopped[] = { GOOD, GOOD, BAD, UNUSED, UNUSED },
                              went_on[] = { GOOD, GOOD, BAD, GOOD, GOOD };

    (void)state;
    bind(5);
    w[2][1] = 'x'; /* half a pair */
    INFO(stmt, "22018", SQLExecDirect(stmt, SQL(INSERT)));
    assert_int_equal(row_of(1), 3);
    expect_status(went_on, 5);
    assert_int_equal(processed, 5);
    t_run(&conn, "DELETE FROM t");
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    INFO(stmt, "22018", SQLExecDirect(stmt, SQL(INSERT)));
    expect_status(stopped, 5);
    assert_int_equal(processed, 3);
    expect_count(2);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    t_expect(&conn, "SELECT count(*) FROM t", "2");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
}

static void stop_and_continue(void **state)
{
    static const SQLUSMALLINT stopped[] = { GOOD, BAD, UNUSED, UNUSED, UNUSED };

    (void)state;
    close_conn(state);
    open_with("ParamErrors=stop");
    bind(5);
    n[1] = -1;
    n[3] = -1;
    INFO(stmt, "23000", SQLExecDirect(stmt, SQL(INSERT)));
    expect_status(stopped, 5);
    assert_int_equal(processed, 2);
    expect_count(1);
    t_expect(&conn, "SELECT n FROM t", "0");
    close_conn(state);
    open_with("ParamErrors=continue");
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_run(&conn, "DELETE FROM t");
    bind(3);
    w[1][1] = 'x';
    INFO(stmt, "22018", SQLExecDirect(stmt, SQL(INSERT)));
    assert_int_equal(status[1], BAD);
    assert_int_equal(status[2], GOOD);
    t_expect(&conn, "SELECT n FROM t ORDER BY n", "0;2");
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
}

static void all_or_nothing(void **state)
{
    (void)state;
    close_conn(state);
    open_with("ArrayTransaction=1;InsertBatchRows=2");
    bind(6);
    n[4] = 1;
    ERR(stmt, "23000", SQLExecDirect(stmt, SQL(INSERT)));
    expect_all(0, 4, GOOD);
    expect_all(4, 6, UNKNOWN);
    t_expect(&conn, "SELECT count(*) FROM t", "0");
    n[4] = 4;
    OK(stmt, SQLExecDirect(stmt, SQL(INSERT)));
    expect_count(6);
    /* the transaction has ended */
    t_run(&conn, "ROLLBACK");
    t_expect(&conn, "SELECT count(*) FROM t", "6");
    /* a value found bad before anything is sent undoes the rest too */
    t_run(&conn, "DELETE FROM t");
    w[5][1] = 'x';
    w_ind[5] = SQL_NTS;
    ERR(stmt, "22018", SQLExecDirect(stmt, SQL(INSERT)));
    t_expect(&conn, "SELECT count(*) FROM t", "0");
    /* UPDATE, set by set */
    t_run(&conn, "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    n[0] = 1;
    n[1] = 2;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(2), 0));
    ERR(stmt, "23000", SQLExecDirect(stmt, SQL("UPDATE t SET n = 1 - n WHERE n = ?")));
    t_expect(&conn, "SELECT n FROM t ORDER BY n", "1;2");
}

static void operations_leave_out(void **state)
{
    (void)state;
    bind(2000);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0));
    for (int i = 0; i < 2000; i++)
        operation[i] = i % 2 == 0 ? SQL_PARAM_IGNORE : SQL_PARAM_PROCEED;
    OK(stmt, SQLExecDirect(stmt, SQL(INSERT)));
    for (int i = 0; i < 2000; i++)
        assert_int_equal(status[i], i % 2 == 0 ? UNUSED : GOOD);
    expect_count(1000);
    assert_int_equal(processed, 2000);
    t_expect(&conn, "SELECT count(*), min(n), max(n) FROM t", "1000|1|1999");
    for (int i = 0; i < 2000; i++)
        operation[i] = SQL_PARAM_IGNORE;
    NODATA(stmt, SQLExecDirect(stmt, SQL(INSERT)));
    assert_int_equal(processed, 2000);
}

/* At the limit of parameters: 16,383 tuples of two. */
static void as_many_as_fit(void **state)
{
    (void)state;
    close_conn(state);
    open_with("InsertBatchRows=32767");
    bind(MANY);
    OK(stmt, SQLPrepare(stmt, SQL(INSERT)));
    OK(stmt, SQLExecute(stmt));
    expect_count(MANY);
    expect_all(0, MANY, GOOD);
    t_expect(&conn, "SELECT count(*), min(n), max(n), count(s) FROM t", "40000|0|39999|34286");
    if (server == T_POSTGRES)
        t_expect(&conn, "SELECT count(*) FROM pg_prepared_statements", "2");
}

static void many_columns(void **state)
{
    enum { COLUMNS = 60, SETS = 700 };
    static SQLINTEGER value[COLUMNS][SETS];
    char sql[2000] = "CREATE TEMP TABLE wide (c0 integer",
         insert[400] = "INSERT INTO wide VALUES (?";

    (void)state;
    for (int c = 0; c < COLUMNS; c++) {
        char more[40];

        for (int i = 0; i < SETS; i++)
            value[c][i] = c * 1000 + i;
        OK(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)(c + 1), SQL_PARAM_INPUT, SQL_C_SLONG,
                                  SQL_INTEGER, 0, 0, value[c], 0, NULL));
        if (c == 0)
            continue;
        snprintf(more, sizeof more, ", c%d integer", c);
        strncat(sql, more, sizeof sql - strlen(sql) - 1);
        strncat(insert, ",?", sizeof insert - strlen(insert) - 1);
    }
    strncat(sql, ")", 2);
    strncat(insert, ")", 2);
    t_run(&conn, sql);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(SETS), 0));
    OK(stmt, SQLExecDirect(stmt, SQL(insert)));
    expect_count(SETS); /* 546 and 154 */
    t_expect(&conn, "SELECT count(*), sum(c0), sum(c59 - c0), max(c30) FROM wide",
             "700|244650|41300000|30699");
    t_run(&conn, "DROP TABLE wide");
}

/* Each type as the INSERT of one set takes it: the same rows, the same refusals. */
static void types_as_alone(void **state)
{
    static const struct {
        const char *column, *expression;
        SQLSMALLINT sql_type;
        SQLULEN size;
        SQLSMALLINT digits;
        const char *value[2];
    } cases[] = {
        { "smallint", "?", SQL_SMALLINT, 5, 0, { "1", "-3" } },
        { "integer", "?", SQL_INTEGER, 10, 0, { "1", "-3" } },
        { "bigint", "?", SQL_BIGINT, 19, 0, { "9007199254740993", "0" } },
        { "bigint", "?", SQL_SMALLINT, 5, 0, { "7", "8" } },
        { "numeric(18,4)", "?", SQL_NUMERIC, 18, 4, { "1.5", "-0.0001" } },
        { "numeric(18,4)", "?", SQL_INTEGER, 10, 0, { "15", "16" } },
        { "numeric(18,4)", "? * 1.5", SQL_NUMERIC, 18, 4, { "1.5", "3" } },
        { "real", "?", SQL_REAL, 7, 0, { "1.5", "0" } },
        { "double precision", "?", SQL_DOUBLE, 15, 0, { "0.1", "1e300" } },
        { "double precision", "?", SQL_INTEGER, 10, 0, { "2", "3" } },
        { "boolean", "?", SQL_BIT, 1, 0, { "1", "0" } },
        { "date", "?", SQL_TYPE_DATE, 10, 0, { "2024-02-29", "1999-12-31" } },
        { "time", "?", SQL_TYPE_TIME, 8, 0, { "12:34:56", "00:00:00" } },
        { "timestamp",
          "?",
          SQL_TYPE_TIMESTAMP,
          26,
          6,
          { "2024-02-29 12:34:56.123456", "1999-12-31 00:00:00" } },
        { "timestamp", "?", SQL_TYPE_DATE, 10, 0, { "2024-02-29", "1999-12-31" } },
        { "char(5)", "?", SQL_CHAR, 5, 0, { "a", "bcdef" } },
        { "varchar(10)", "?", SQL_VARCHAR, 10, 0, { "a", "" } },
        { "varchar(2)", "?", SQL_VARCHAR, 10, 0, { "a", "abc" } },
        { "text", "upper(?)", SQL_VARCHAR, 10, 0, { "a", "b" } },
        { "text", "?", SQL_INTEGER, 10, 0, { "1", "2" } },
        { "text", "?", SQL_TYPE_DATE, 10, 0, { "2024-02-29", "1999-12-31" } },
        { "date", "?", SQL_VARCHAR, 10, 0, { "2024-02-29", "1999-12-31" } },
        { "integer", "?", SQL_VARCHAR, 10, 0, { "1", "2" } },
        { "numeric(10,2)", "?", SQL_VARCHAR, 10, 0, { "1.25", "2" } },
        { "integer", "?", SQL_NUMERIC, 10, 2, { "1.25", "2" } },
        { "timestamp", "?", SQL_VARCHAR, 30, 0, { "2024-02-29 1:02", "1999-12-31" } },
        { "boolean", "?", SQL_VARCHAR, 5, 0, { "true", "f" } },
        { "integer", "coalesce(?, 7)", SQL_INTEGER, 10, 0, { "1", "2" } },
        { "date", "cast(? as date)", SQL_VARCHAR, 10, 0, { "2024-02-29", "x" } },
    };
    static const char *const strings[] = { "varchar", "unspecified" };

    (void)state;
    for (size_t k = 0; k < 2 * COUNT_OF(cases); k++) {
        const size_t i = k / 2;
        char sql[200], keys_of[100], got[2][300];
        SQLRETURN rc[2];
        SQLUSMALLINT how[2][3];

        for (int together = 0; together < 2; together++) {
            static char text[3][40];
            SQLLEN ind[3] = { SQL_NTS, SQL_NULL_DATA, SQL_NTS };

            close_conn(state);
            snprintf(keys_of, sizeof keys_of, "MultiInsertCmdConvertEnable=%d;StringType=%s",
                     together, strings[k % 2]);
            open_with(keys_of);
            snprintf(sql, sizeof sql, "CREATE TEMP TABLE v (n integer, v %s)", cases[i].column);
            t_run(&conn, sql);
            snprintf(text[0], sizeof text[0], "%s", cases[i].value[0]);
            snprintf(text[2], sizeof text[2], "%s", cases[i].value[1]);
            OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n,
                                      0, NULL));
            OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, cases[i].sql_type,
                                      cases[i].size, cases[i].digits, text, sizeof text[0], ind));
            OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
            OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
            snprintf(sql, sizeof sql, "INSERT INTO v VALUES (?, %s)", cases[i].expression);
            rc[together] = SQLExecDirect(stmt, SQL(sql));
            memcpy(how[together], status, sizeof how[0]);
            t_free(stmt);
            stmt = t_stmt(&conn);
            OK(stmt, SQLExecDirect(stmt, SQL("SELECT n, v FROM v ORDER BY n")));
            t_rows(stmt, got[together], sizeof got[0]);
        }
        if (rc[0] != rc[1] || strcmp(got[0], got[1]) != 0 ||
            memcmp(how[0], how[1], sizeof how[0]) != 0)
            fail_msg("%s from type %d as %s, %s: alone %d \"%s\", together %d \"%s\"",
                     cases[i].expression, cases[i].sql_type, cases[i].column, strings[k % 2], rc[0],
                     got[0], rc[1], got[1]);
    }
}

/* A table that takes one row a statement: found once, then set by set without another try. */
static void falls_back(void **state)
{
    (void)state;
    if (server != T_POSTGRES)
        skip();
    t_run(&conn, "CREATE FUNCTION pg_temp.one() RETURNS trigger LANGUAGE plpgsql AS "
                 "'BEGIN IF (SELECT count(*) FROM new) > 1 THEN RAISE ''too many''; END IF; "
                 "PERFORM nextval(''tries''); RETURN NULL; END'");
    t_run(&conn, "CREATE TEMP SEQUENCE tries");
    t_run(&conn, "CREATE TRIGGER one AFTER INSERT ON t REFERENCING NEW TABLE AS new "
                 "FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.one()");
    bind(2500);
    OK(stmt, SQLPrepare(stmt, SQL(INSERT)));
    OK(stmt, SQLExecute(stmt));
    expect_count(2500);
    expect_all(0, 2500, GOOD);
    assert_int_equal(processed, 2500);
    t_run(&conn, "DELETE FROM t");
    OK(stmt, SQLExecute(stmt));
    t_expect(&conn, "SELECT count(*), currval('tries') FROM t", "2500|5000");
    t_expect(&conn, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%$3%'", "1");
}

static void warnings_have_their_set(void **state)
{
    static SQL_TIMESTAMP_STRUCT at[3];

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE moments (n integer PRIMARY KEY, at timestamp)");
    for (int i = 0; i < 3; i++)
        at[i] = (SQL_TIMESTAMP_STRUCT){ 2024, 2, 29, 1, 2, 3, i == 1 ? 1 : 0 };
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP,
                              26, 6, at, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    INFO(stmt, "01S07", SQLExecDirect(stmt, SQL("INSERT INTO moments VALUES (?, ?)")));
    assert_int_equal(row_of(1), 2);
    assert_int_equal(status[0], GOOD);
    assert_int_equal(status[1], WARNED);
    /* and once only when the sets are run again */
    t_run(&conn, "DELETE FROM moments WHERE n = 1");
    INFO(stmt, "23000", SQLExecDirect(stmt, SQL("INSERT INTO moments VALUES (?, ?)")));
    assert_int_equal(status[0], BAD);
    assert_int_equal(status[1], WARNED);
    assert_int_equal(status[2], BAD);
    assert_false(t_diag(SQL_HANDLE_STMT, stmt, 4, (char[6]){ 0 }, (char[1]){ 0 }, 1));
    t_run(&conn, "DROP TABLE moments");
}

/* Sets with data at execution go alone, between INSERTs of many. */
static void data_at_execution_between(void **state)
{
    SQLPOINTER token = NULL;

    (void)state;
    bind(10);
    w_ind[4] = w_ind[5] = SQL_DATA_AT_EXEC;
    NEED(stmt, SQLExecDirect(stmt, SQL(INSERT)));
    assert_int_equal(processed, 5);
    for (int i = 4; i < 6; i++) {
        NEED(stmt, SQLParamData(stmt, &token));
        assert_ptr_equal(token, w[i]);
        OK(stmt, SQLPutData(stmt, TEXT("x\0y\0"), 4));
    }
    OK(stmt, SQLParamData(stmt, &token));
    expect_count(10);
    expect_all(0, 10, GOOD);
    assert_int_equal(processed, 10);
    t_expect(&conn, "SELECT count(*), count(CASE WHEN s = 'xy' THEN 1 END) FROM t", "10|2");
}

/* Types that change are parsed anew. */
static void binds_anew(void **state)
{
    static char text[3][8] = { "10", "11", "12" };

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO t (n) VALUES (?)")));
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_BIGINT, 19, 0, text,
                              sizeof text[0], NULL));
    OK(stmt, SQLExecute(stmt));
    t_expect(&conn, "SELECT n FROM t ORDER BY n", "0;1;2;10;11;12");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, open_conn, close_conn)
    const struct CMUnitTest tests[] = {
        EACH(one_statement_for_many),
        EACH(each_place_can_fail),
        EACH(batches_fail_alone),
        EACH(all_fail),
        EACH(a_transaction_is_undone),
        EACH(bad_values),
        EACH(stop_and_continue),
        EACH(all_or_nothing),
        EACH(operations_leave_out),
        EACH(as_many_as_fit),
        EACH(many_columns),
        EACH(types_as_alone),
        EACH(falls_back),
        EACH(warnings_have_their_set),
        EACH(data_at_execution_between),
        EACH(binds_anew),
    };
    int failed = on_redshift()
                     ? 0
                     : cmocka_run_group_tests_name("many tuples on PostgreSQL", tests, NULL, NULL);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("many tuples on Redshift", tests, NULL, NULL);
}
