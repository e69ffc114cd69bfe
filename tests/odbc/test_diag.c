/*
 * Records and header fields of the handles; odbc.md 14.
 */
#include "facebed.h"

#include <unistd.h>

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMP TABLE t (n integer)");
    return 0;
}

static SQLRETURN field(SQLSMALLINT n, SQLSMALLINT id, void *value, SQLSMALLINT cap,
                       SQLSMALLINT *length)
{
    return SQLGetDiagField(SQL_HANDLE_STMT, stmt, n, id, value, cap, length);
}

static void hands_out_records(void **state)
{
    SQLCHAR five[6], text[512], cut[12];
    SQLINTEGER native = -1;
    SQLSMALLINT length = 0, cut_length = 0;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table")));
    for (int i = 0; i < 2; i++) { /* asking changes nothing */
        OK(stmt,
           SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, five, &native, text, sizeof text, &length));
        assert_string_equal((char *)five, "42S02");
        assert_int_equal(native, 0);
        assert_int_equal(length, strlen((char *)text));
        assert_non_null(strstr((char *)text, "[Redshift][ODBC Driver][Server]"));
        assert_non_null(strstr((char *)text, "no_such_table"));
        assert_non_null(strstr((char *)text, "[SQLSTATE 42P01]"));
        assert_non_null(strstr((char *)text, "at character 15"));
    }
    assert_int_equal(
        SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, five, &native, cut, sizeof cut, &cut_length),
        SQL_SUCCESS_WITH_INFO);
    assert_int_equal(strlen((char *)cut), sizeof cut - 1);
    assert_int_equal(cut_length, length);
    assert_int_equal(
        SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 2, five, &native, text, sizeof text, &length),
        SQL_NO_DATA);
    assert_int_equal(
        SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 0, five, &native, text, sizeof text, &length),
        SQL_ERROR);
    assert_int_equal(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, five, &native, text, -1, &length),
                     SQL_ERROR);
    assert_int_equal(SQLGetDiagRec(SQL_HANDLE_STMT, SQL_NULL_HSTMT, 1, five, &native, text,
                                   sizeof text, &length),
                     SQL_INVALID_HANDLE);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1"))); /* the next call clears */
    assert_int_equal(
        SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, five, &native, text, sizeof text, &length),
        SQL_NO_DATA);
}

static void tells_positions_in_characters(void **state)
{
    char five[6], text[512];

    (void)state;
    ERR(stmt, "42S22", SQLExecDirect(stmt, SQL("SELECT 'ää😀', nope")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, text, sizeof text));
    assert_non_null(strstr(text, "at character 15"));
}

static void record_fields(void **state)
{
    SQLCHAR text[128];
    SQLSMALLINT length;
    SQLLEN row = 0;
    SQLINTEGER number = 0;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table")));
    OK(stmt, field(1, SQL_DIAG_SQLSTATE, text, sizeof text, &length));
    assert_string_equal((char *)text, "42S02");
    assert_int_equal(length, 5);
    OK(stmt, field(1, SQL_DIAG_CLASS_ORIGIN, text, sizeof text, &length));
    assert_string_equal((char *)text, "ISO 9075");
    OK(stmt, field(1, SQL_DIAG_SUBCLASS_ORIGIN, text, sizeof text, &length));
    assert_string_equal((char *)text, "ODBC 3.0");
    OK(stmt, field(1, SQL_DIAG_CONNECTION_NAME, text, sizeof text, &length));
    assert_string_equal((char *)text, "");
    OK(stmt, field(1, SQL_DIAG_SERVER_NAME, text, sizeof text, &length));
    assert_string_equal((char *)text, "");
    OK(stmt, field(1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    assert_int_equal(row, SQL_NO_ROW_NUMBER);
    OK(stmt, field(1, SQL_DIAG_COLUMN_NUMBER, &number, 0, NULL));
    assert_int_equal(number, SQL_NO_COLUMN_NUMBER);
    OK(stmt, field(1, SQL_DIAG_NATIVE, &number, 0, NULL));
    assert_int_equal(number, 0);
    assert_int_equal(field(2, SQL_DIAG_SQLSTATE, text, sizeof text, &length), SQL_NO_DATA);
    assert_int_equal(field(1, 7777, text, sizeof text, &length), SQL_ERROR);
}

static const struct {
    const char *sql, *function;
    SQLINTEGER code;
    SQLLEN rows;
} functions[] = {
    { "CREATE TEMP TABLE d (n integer)", "CREATE TABLE", 77, -1 },
    { "INSERT INTO d VALUES (1), (2)", "INSERT", 50, 2 },
    { "/* c */ UPDATE d SET n = 3", "UPDATE WHERE", 82, 2 },
    { "SELECT * FROM d", "SELECT CURSOR", 85, -2 },
    { "WITH x AS (SELECT 1) SELECT * FROM x", "SELECT CURSOR", 85, -2 },
    { "DELETE FROM d", "DELETE WHERE", 19, 2 },
    { "ALTER TABLE d ADD COLUMN m integer", "ALTER TABLE", 4, -2 },
    { "CREATE TEMP VIEW dv AS SELECT 1 AS one", "CREATE VIEW", 84, -2 },
    { "DROP VIEW dv", "DROP VIEW", 36, -2 },
    { "DROP TABLE d", "DROP TABLE", 32, -2 },
    { "SET DateStyle TO ISO", "", 0, -2 },
    { "CREATE SCHEMA %s", "CREATE SCHEMA", 64, -2 },
    { "GRANT USAGE ON SCHEMA %s TO public", "GRANT", 48, -2 },
    { "REVOKE USAGE ON SCHEMA %s FROM public", "REVOKE", 59, -2 },
    { "DROP SCHEMA %s", "DROP SCHEMA", 31, -2 },
    { "CREATE UNIQUE INDEX ti ON t (n)", "CREATE INDEX", -1, -2 },
    { "DROP INDEX ti", "DROP INDEX", -2, -2 },
    { "CREATE PROCEDURE pg_temp.diag_p() LANGUAGE sql AS 'SELECT 1'", "", 0, -2 },
    { "{call pg_temp.diag_p()}", "CALL", 7, -1 },
};

/* %s becomes a schema that no other program has. */
static void own_schema(const char *text, char *sql, size_t cap)
{
    const char *at = strstr(text, "%s");

    if (at == NULL)
        snprintf(sql, cap, "%s", text);
    else
        snprintf(sql, cap, "%.*srs_diag_%d%s", (int)(at - text), text, (int)getpid(), at + 2);
}

static void header_fields(void **state)
{
    SQLINTEGER n = -1;
    SQLRETURN rc = -9;
    SQLLEN rows = -9;

    (void)state;
    assert_int_equal(field(0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL), SQL_ERROR);
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        SQLCHAR name[32];
        char sql[128];

        own_schema(functions[i].sql, sql, sizeof sql);
        OK(stmt, SQLExecDirect(stmt, SQL(sql)));
        OK(stmt, field(0, SQL_DIAG_NUMBER, &n, 0, NULL));
        assert_int_equal(n, 0);
        OK(stmt, field(0, SQL_DIAG_RETURNCODE, &rc, 0, NULL));
        assert_int_equal(rc, SQL_SUCCESS);
        OK(stmt, field(0, SQL_DIAG_DYNAMIC_FUNCTION, name, sizeof name, NULL));
        assert_string_equal((char *)name, functions[i].function);
        OK(stmt, field(0, SQL_DIAG_DYNAMIC_FUNCTION_CODE, &n, 0, NULL));
        assert_int_equal(n, functions[i].code);
        if (functions[i].rows != -2) {
            OK(stmt, field(0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL));
            assert_int_equal(rows, functions[i].rows);
        }
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELEC")));
    OK(stmt, field(0, SQL_DIAG_NUMBER, &n, 0, NULL));
    assert_int_equal(n, 1);
    OK(stmt, field(0, SQL_DIAG_RETURNCODE, &rc, 0, NULL));
    assert_int_equal(rc, SQL_ERROR);
    OK(stmt, field(-7, SQL_DIAG_NUMBER, &n, 0, NULL)); /* the number means nothing here */
    assert_int_equal(n, 1);
    assert_int_equal(
        SQLGetDiagField(SQL_HANDLE_DBC, conn.dbc, 0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL),
        SQL_ERROR);
}

/* Rows of an open cursor that are known without reading any, and the states that have no count. */
static void counts_of_rows(void **state)
{
    SQLLEN n = -9, at_exec = SQL_DATA_AT_EXEC;
    SQLINTEGER value = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 3)")));
    OK(stmt, field(0, SQL_DIAG_CURSOR_ROW_COUNT, &n, 0, NULL));
    assert_int_equal(n, 0); /* forward-only: not known */
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLGetTypeInfo(stmt, SQL_BIGINT));
    OK(stmt, field(0, SQL_DIAG_CURSOR_ROW_COUNT, &n, 0, NULL));
    assert_int_equal(n, HERE(1, 2));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO t VALUES (?)")));
    assert_int_equal(field(0, SQL_DIAG_ROW_COUNT, &n, 0, NULL), SQL_ERROR);
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0,
                              &at_exec));
    NEED(stmt, SQLExecute(stmt));
    if (RS_DIRECT)
        assert_int_equal(field(0, SQL_DIAG_ROW_COUNT, &n, 0, NULL), SQL_ERROR);
    OK(stmt, SQLCancel(stmt));
}

/* Where conversion fails, and what the server alone knows. */
static void places(void **state)
{
    char text[2][8] = { "1", "x" };
    SQLUSMALLINT status[2];
    SQLINTEGER column = 0;
    SQLLEN row = 0;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTEGER, 0, 0, text[1],
                              sizeof text[0], NULL));
    ERR(stmt, "22018", SQLExecDirect(stmt, SQL("SELECT ?"))); /* one set is the first */
    OK(stmt, field(1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    OK(stmt, field(1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    assert_int_equal(row, 1);
    assert_int_equal(column, 1);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(2), 0));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, text,
                              sizeof text[0], NULL));
    INFO(stmt, "22018",
         SQLExecDirect(stmt, SQL("UPDATE t SET n = CAST(CAST(? AS varchar) "
                                 "AS integer)")));
    OK(stmt, field(1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    OK(stmt, field(1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    assert_int_equal(row, 2);
    assert_int_equal(column, SQL_COLUMN_NUMBER_UNKNOWN);
}

static void many_notices_are_counted(void **state)
{
    SQLINTEGER n = 0;
    char five[6], text[256];

    (void)state;
    INFO(stmt, "01000",
         SQLExecDirect(stmt, SQL("DO $$ BEGIN FOR i IN 1..500 LOOP "
                                 "RAISE NOTICE 'notice %', i; END LOOP; END $$")));
    OK(stmt, field(0, SQL_DIAG_NUMBER, &n, 0, NULL));
    assert_in_range(n, 32, 34);
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, text, sizeof text));
    assert_non_null(strstr(text, "notice 1"));
}

static void errors_come_before_warnings(void **state)
{
    char five[6], text[256];

    (void)state;
    ERR(stmt, "22012",
        SQLExecDirect(stmt, SQL("DO $$ BEGIN RAISE NOTICE 'first a word'; "
                                "PERFORM 1 / 0; END $$")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 2, five, text, sizeof text));
    assert_string_equal(five, "01000");
    assert_non_null(strstr(text, "first a word"));
}

static void long_messages_are_whole(void **state)
{
    SQLCHAR five[6], text[6000];
    SQLSMALLINT length = 0;

    (void)state;
    ERR(stmt, "HY000",
        SQLExecDirect(stmt, SQL("DO $$ BEGIN RAISE EXCEPTION '%', "
                                "repeat('long ', 1000); END $$")));
    assert_true(SQL_SUCCEEDED(
        SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, five, NULL, text, sizeof text, &length)));
    assert_in_range(length, 5000, 6000);
}

static void wide_records(void **state)
{
    SQLWCHAR five[6], text[256];
    SQLINTEGER native;
    SQLSMALLINT length = 0;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM \"größe\"")));
    assert_int_equal(SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, five, &native, text, 256, &length),
                     SQL_SUCCESS);
    assert_int_equal(five[4], '2');
    if (!RS_DIRECT)
        return; /* the manager asked for a narrow text, widens it by the locale, tells the narrow
                   length */
    assert_int_equal(text[length], 0);
    for (SQLSMALLINT i = 0; i <= length; i++) {
        if (i == length)
            fail_msg("no ö in the wide text");
        if (text[i] == 0xf6)
            break;
    }
}

#if !RS_DIRECT
/* ODBC 2: SQLError hands out and removes */
static void old_errors_are_removed(void **state)
{
    SQLCHAR five[6], text[256];
    SQLINTEGER native;
    SQLSMALLINT length;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table")));
    SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table"));
    assert_int_equal(SQLError(conn.env, conn.dbc, stmt, five, &native, text, sizeof text, &length),
                     SQL_SUCCESS);
    assert_int_equal(SQLError(conn.env, conn.dbc, stmt, five, &native, text, sizeof text, &length),
                     SQL_NO_DATA);
}
#endif

static void records_stay_on_their_handle(void **state)
{
    SQLHSTMT other = t_stmt(&conn);
    char five[6];
    SQLHDESC ard;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirect(stmt, SQL("SELECT * FROM no_such_table")));
    OK(other, SQLExecDirect(other, SQL("SELECT 1")));
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0));
    assert_string_equal(five, "42S02");
    assert_false(t_diag(SQL_HANDLE_STMT, other, 1, five, NULL, 0));
    assert_false(t_diag(SQL_HANDLE_DBC, conn.dbc, 1, five, NULL, 0));
    OK(other, SQLGetStmtAttr(other, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    T_CHECK(SQL_HANDLE_DESC, ard, SQL_ERROR, "HY091", SQLSetDescField(ard, 1, 7777, NULL, 0));
    assert_false(t_diag(SQL_HANDLE_STMT, other, 1, five, NULL, 0));
    t_free(other);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(hands_out_records),
        EACH(tells_positions_in_characters),
        EACH(record_fields),
        EACH(header_fields),
        EACH(counts_of_rows),
        EACH(places),
        EACH(many_notices_are_counted),
        EACH(errors_come_before_warnings),
        EACH(long_messages_are_whole),
        EACH(wide_records),
#if !RS_DIRECT
        EACH(old_errors_are_removed),
#endif
        EACH(records_stay_on_their_handle),
    };

    return cmocka_run_group_tests_name("diagnostics", tests, open_conn, face_close);
}
