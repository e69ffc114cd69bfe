/*
 * Bound parameters: types, NULL, lengths, SQLNumParams, SQLDescribeParam; odbc.md 7.2, 10.4.
 */
#include "facebed.h"

#include <strings.h>

static void bind(SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN size,
                 SQLSMALLINT digits, const void *value, SQLLEN cap, SQLLEN *ind)
{
    OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, c_type, sql_type, size, digits,
                              (SQLPOINTER)(uintptr_t)value, cap, ind));
}

/* Runs sql with what is bound; its rows as text. */
static void expect(const char *sql, const char *want)
{
    char got[4096];

    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, want);
    OK(stmt, SQLPrepare(stmt, SQL(sql)));
    for (int i = 0; i < 2; i++) {
        OK(stmt, SQLExecute(stmt));
        t_rows(stmt, got, sizeof got);
        assert_string_equal(got, want);
    }
}

static const signed char tiny = -5;
static const unsigned char utiny = 200, bit = 1;
static const SQLSMALLINT small = -300;
static const SQLUSMALLINT usmall = 60000;
static const SQLINTEGER integer = -70000;
static const SQLUINTEGER uinteger = 4000000000u;
static const SQLBIGINT big = INT64_MIN;
static const SQLUBIGINT ubig = INT64_MAX;
static const SQLREAL real = 1.25f;
static const SQLDOUBLE dbl = -0.1;
static const SQL_DATE_STRUCT date = { 2026, 2, 28 };
static const SQL_TIME_STRUCT time_of_day = { 23, 59, 58 };
static const SQL_TIMESTAMP_STRUCT ts = { 2026, 2, 28, 1, 2, 3, 456789000 };
static const SQL_NUMERIC_STRUCT num = { 10, 2, 0, { 0x87, 0xd6, 0x12 } }; /* -12345.67 */
static const SQLGUID guid = {
    0xa0eebc99, 0x9c0b, 0x4ef8, { 0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38, 0x0a, 0x11 }
};

static const struct {
    SQLSMALLINT c_type, sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    const void *value;
    const char *server_type, *want;
} types[] = {
    { SQL_C_STINYINT, SQL_SMALLINT, 0, 0, &tiny, "smallint", "-5" },
    { SQL_C_UTINYINT, SQL_SMALLINT, 0, 0, &utiny, "smallint", "200" },
    { SQL_C_BIT, SQL_BIT, 0, 0, &bit, "boolean", "1" },
    { SQL_C_SSHORT, SQL_SMALLINT, 0, 0, &small, "smallint", "-300" },
    { SQL_C_USHORT, SQL_INTEGER, 0, 0, &usmall, "integer", "60000" },
    { SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, "integer", "-70000" },
    { SQL_C_ULONG, SQL_BIGINT, 0, 0, &uinteger, "bigint", "4000000000" },
    { SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &big, "bigint", "-9223372036854775808" },
    { SQL_C_UBIGINT, SQL_BIGINT, 0, 0, &ubig, "bigint", "9223372036854775807" },
    { SQL_C_FLOAT, SQL_REAL, 0, 0, &real, "real", "1.25" },
    { SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &dbl, "double precision", "-0.1" },
    { SQL_C_NUMERIC, SQL_NUMERIC, 10, 2, &num, "numeric(10,2)", "-12345.67" },
    { SQL_C_CHAR, SQL_NUMERIC, 10, 2, "123.45", "numeric(10,2)", "123.45" },
    { SQL_C_CHAR, SQL_INTEGER, 0, 0, " 42 ", "integer", "42" },
    { SQL_C_CHAR, SQL_VARCHAR, 40, 0, "a'b\\c\"d", "varchar(40)", "a'b\\c\"d" },
    { SQL_C_CHAR, SQL_VARCHAR, 40, 0, "ä€😀", "varchar(40)", "ä€😀" },
    { SQL_C_CHAR, SQL_VARCHAR, 40, 0, "", "varchar(40)", "" },
    { SQL_C_SLONG, SQL_VARCHAR, 40, 0, &integer, "varchar(40)", "-70000" },
    { SQL_C_TYPE_DATE, SQL_TYPE_DATE, 10, 0, &date, "date", "2026-02-28" },
    { SQL_C_CHAR, SQL_TYPE_DATE, 10, 0, "2026-02-28", "date", "2026-02-28" },
    { SQL_C_TYPE_TIME, SQL_TYPE_TIME, 8, 0, &time_of_day, "time", "23:59:58" },
    { SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26, 6, &ts, "timestamp",
      "2026-02-28 01:02:03.456789" },
    { SQL_C_TYPE_DATE, SQL_TYPE_TIMESTAMP, 26, 6, &date, "timestamp", "2026-02-28 00:00:00" },
    { SQL_C_GUID, SQL_VARCHAR, 36, 0, &guid, "varchar(36)",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
    { SQL_C_GUID, SQL_GUID, 36, 0, &guid, "varchar(36)", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
};

static void sends_all_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        char sql[128], got[256];
        SQLRETURN rc;

        bind(1, types[i].c_type, types[i].sql_type, types[i].size, types[i].digits, types[i].value,
             0, NULL);
        snprintf(sql, sizeof sql, "SELECT CAST(? AS %s)", types[i].server_type);
        rc = SQLExecDirect(stmt, SQL(sql));
        if (rc != SQL_SUCCESS)
            print_error("row %zu\n", i);
        OK(stmt, rc);
        t_rows(stmt, got, sizeof got);
        if (strcasecmp(got, types[i].want) != 0)
            fail_msg("row %zu: got %s, not %s", i, got, types[i].want);
    }
}

static void sends_null(void **state)
{
    SQLLEN null = SQL_NULL_DATA;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        char sql[128];

        bind(1, types[i].c_type, types[i].sql_type, types[i].size, types[i].digits,
             i % 2 == 0 ? NULL : types[i].value, 0, &null);
        snprintf(sql, sizeof sql, "SELECT CAST(? AS %s)", types[i].server_type);
        expect(sql, "<null>");
    }
}

static void sends_wide_text(void **state)
{
    static const SQLWCHAR text[] = { 'a', 0xe4, 0x20ac, 0xd83d, 0xde00, 'z', 0 };
    SQLLEN length = 10; /* bytes: without the z */

    (void)state;
    bind(1, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, text, 0, NULL);
    expect("SELECT CAST(? AS varchar(20))", "aä€😀z");
    bind(1, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, text, 0, &length);
    expect("SELECT CAST(? AS varchar(20))", "aä€😀");
    length = SQL_NTS;
    expect("SELECT CAST(? AS varchar(20))", "aä€😀z");
    length = 0;
    expect("SELECT CAST(? AS varchar(20))", "");
}

static void takes_lengths(void **state)
{
    SQLLEN length = 3;

    (void)state;
    bind(1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, "abcdef", 0, &length);
    expect("SELECT CAST(? AS varchar(20))", "abc");
    length = 0;
    expect("SELECT CAST(? AS varchar(20))", "");
    length = -77;
    ERR(stmt, "HY090", SQLExecDirect(stmt, SQL("SELECT CAST(? AS varchar(20))")));
}

static void sends_binary(void **state)
{
    static const unsigned char bytes[] = { 0, 1, '\\', '\'', 0xff, 0x7f };
    SQLLEN length = sizeof bytes;
    char got[64];

    (void)state;
    if (server != T_POSTGRES)
        return;
    bind(1, SQL_C_BINARY, SQL_VARBINARY, 20, 0, bytes, sizeof bytes, &length);
    expect("SELECT CAST(? AS bytea)", "00015C27FF7F");
    bind(1, SQL_C_BINARY, SQL_VARBINARY, 20, 0, bytes, sizeof bytes, NULL); /* BufferLength */
    expect("SELECT CAST(? AS bytea)", "00015C27FF7F");
    length = 0;
    bind(1, SQL_C_BINARY, SQL_VARBINARY, 20, 0, bytes, sizeof bytes, &length);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT length(CAST(? AS bytea))")));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "0");
}

static void finds_markers(void **state)
{
    static const struct {
        const char *sql;
        SQLSMALLINT n;
    } cases[] = {
        { "SELECT 1", 0 },
        { "SELECT ?", 1 },
        { "INSERT INTO t VALUES (?, ?, ?)", 3 },
        { "SELECT '?', \"?\", ? -- ?\n /* ? /* ? */ ? */, ?", 2 },
        { "SELECT 'it''s ?', ?", 1 },
        { "SELECT $1", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SQLSMALLINT n = -1;

        OK(stmt, SQLPrepare(stmt, SQL(cases[i].sql)));
        OK(stmt, SQLNumParams(stmt, &n));
        if (n != cases[i].n)
            fail_msg("%s: %d markers", cases[i].sql, n);
    }
}

static void wants_all_markers_bound(void **state)
{
    (void)state;
    ERR(stmt, "07002", SQLExecDirect(stmt, SQL("SELECT CAST(? AS integer)")));
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, 0, NULL);
    ERR(stmt, "07002", SQLExecDirect(stmt, SQL("SELECT CAST(? AS integer), CAST(? AS integer)")));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS integer), CAST(? AS integer)")));
    ERR(stmt, "07002", SQLExecute(stmt));
    bind(2, SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, 0, NULL);
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    /* more than the statement has: no harm */
    bind(3, SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, 0, NULL);
    expect("SELECT CAST(? AS integer)", "-70000");
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    ERR(stmt, "07002", SQLExecDirect(stmt, SQL("SELECT CAST(? AS integer)")));
}

static void checks_bindings(void **state)
{
    SQLINTEGER n = 1;

    (void)state;
    ERR(stmt, "07009",
        SQLBindParameter(stmt, 0, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    ERR(stmt, "HY003",
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, 777, SQL_INTEGER, 0, 0, &n, 0, NULL));
    ERR(stmt, "HY004",
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, 777, 0, 0, &n, 0, NULL));
    ERR(stmt, "HY105", SQLBindParameter(stmt, 1, 77, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    ERR(stmt, "HY090",
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, &n, -2, NULL));
    ERR(stmt, "HY009",
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, NULL, 0, NULL));
    ERR(stmt, "07006",
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_TYPE_DATE, SQL_INTEGER, 0, 0, &n, 0,
                         NULL));
}

static void refuses_values(void **state)
{
    static const SQL_DATE_STRUCT no_date = { 2026, 2, 30 };
    static const struct {
        SQLSMALLINT c_type, sql_type;
        SQLULEN size;
        const void *value;
        const char *server_type, *state;
    } cases[] = {
        { SQL_C_TYPE_DATE, SQL_TYPE_DATE, 10, &no_date, "date", "22007" },
        { SQL_C_CHAR, SQL_INTEGER, 0, "x", "integer", "22018" },
        { SQL_C_CHAR, SQL_SMALLINT, 0, "70000", "smallint", "22001" },
        { SQL_C_SLONG, SQL_SMALLINT, 0, &integer, "smallint", "22003" },
        { SQL_C_CHAR, SQL_TYPE_DATE, 10, "no date", "date", "22007" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char sql[128], got[6];
        SQLRETURN rc;

        bind(1, cases[i].c_type, cases[i].sql_type, cases[i].size, 0, cases[i].value, 0, NULL);
        snprintf(sql, sizeof sql, "SELECT CAST(? AS %s)", cases[i].server_type);
        rc = SQLExecDirect(stmt, SQL(sql));
        assert_int_equal(rc, SQL_ERROR);
        assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, NULL, 0));
        if (strcmp(got, cases[i].state) != 0 &&
            !(strcmp(cases[i].state, "22007") == 0 &&
              (strcmp(got, "22008") == 0 || strcmp(got, "22018") == 0)))
            fail_msg("row %zu: %s", i, got);
    }
    t_expect(&conn, "SELECT 1", "1");
}

static void describes_parameters(void **state)
{
    SQLSMALLINT type, digits, nullable;
    SQLULEN size;

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE described (a integer, b varchar(30), c numeric(9,3), d date, "
                 "e timestamp, f bigint, g boolean)");
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO described VALUES (?, ?, ?, ?, ?, ?, ?)")));
    OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, &digits, &nullable));
    assert_int_equal(type, SQL_INTEGER);
    assert_int_equal(size, 10);
    assert_int_equal(nullable, SQL_NULLABLE_UNKNOWN);
    OK(stmt, SQLDescribeParam(stmt, 2, &type, &size, &digits, &nullable));
    assert_int_equal(type, SQL_VARCHAR);
    assert_true(size >= 255);
    OK(stmt, SQLDescribeParam(stmt, 3, &type, &size, &digits, NULL));
    assert_int_equal(type, SQL_NUMERIC);
    OK(stmt, SQLDescribeParam(stmt, 4, &type, NULL, NULL, NULL));
    assert_int_equal(type, SQL_TYPE_DATE);
    OK(stmt, SQLDescribeParam(stmt, 5, &type, &size, &digits, NULL));
    assert_int_equal(type, SQL_TYPE_TIMESTAMP);
    assert_int_equal(digits, 6);
    OK(stmt, SQLDescribeParam(stmt, 6, &type, NULL, NULL, NULL));
    assert_int_equal(type, SQL_BIGINT);
    OK(stmt, SQLDescribeParam(stmt, 7, &type, NULL, NULL, NULL));
    assert_int_equal(type, SQL_BIT);
    ERR(stmt, "07009", SQLDescribeParam(stmt, 0, &type, NULL, NULL, NULL));
    ERR(stmt, "07009", SQLDescribeParam(stmt, 8, &type, NULL, NULL, NULL));
    /* the server has no idea: a text of UnknownSizes */
    OK(stmt, SQLPrepare(stmt, SQL("SELECT ?")));
    OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, &digits, &nullable));
    assert_int_equal(type, SQL_VARCHAR);
    assert_int_equal(size, 8000);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT * FROM no_such_table WHERE a = ?")));
    ERR(stmt, "42S02", SQLDescribeParam(stmt, 1, &type, &size, &digits, &nullable));
    t_run(&conn, "DROP TABLE described");
}

/* Other bindings for the same prepared statement: the declared types follow. */
static void rebinds_with_other_types(void **state)
{
    char got[64];

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS varchar(20))")));
    bind(1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, "text", 0, NULL);
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "text");
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, 0, NULL);
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "-70000");
    bind(1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, "again", 0, NULL);
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "again");
}

static void reads_values_when_executing(void **state)
{
    SQLINTEGER n = 1;
    SQLLEN offset = 0;
    SQLINTEGER two[2] = { 10, 20 };
    char got[64];

    (void)state;
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS integer)")));
    for (n = 1; n <= 3; n++) {
        OK(stmt, SQLExecute(stmt));
        t_rows(stmt, got, sizeof got);
        assert_int_equal(strtol(got, NULL, 10), n);
    }
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, two, 0, NULL);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &offset, 0));
    offset = sizeof two[0];
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "20");
    offset = 0;
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "10");
}

static void executes(const char *want)
{
    char got[64];

    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, want);
}

/* What is bound is looked at once for many executions: each way to change it is seen. */
static void sees_changes_between_executions(void **state)
{
    SQLINTEGER numbers[] = { 1, 2, 3 };
    SQLHDESC apd, ipd, other;

    (void)state;
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &numbers[0], 0, NULL);
    bind(2, SQL_C_CHAR, SQL_VARCHAR, 20, 0, "text", 0, NULL);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT ?::integer")));
    executes("1");
    executes("1");
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_PARAM_DESC, &apd, 0, NULL));
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    T_CHECK(SQL_HANDLE_DESC, apd, SQL_SUCCESS, NULL,
            SQLSetDescField(apd, 1, SQL_DESC_DATA_PTR, &numbers[1], 0));
    executes("2");

    T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_SUCCESS, NULL,
            SQLAllocHandle(SQL_HANDLE_DESC, conn.dbc, &other));
    T_CHECK(SQL_HANDLE_DESC, other, SQL_SUCCESS, NULL, SQLCopyDesc(apd, other));
    T_CHECK(SQL_HANDLE_DESC, other, SQL_SUCCESS, NULL,
            SQLSetDescField(other, 1, SQL_DESC_DATA_PTR, &numbers[2], 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_APP_PARAM_DESC, other, 0));
    executes("3");
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_APP_PARAM_DESC, SQL_NULL_HDESC, 0));
    executes("2");
    T_CHECK(SQL_HANDLE_DESC, other, SQL_SUCCESS, NULL, SQLFreeHandle(SQL_HANDLE_DESC, other));

    OK(stmt, SQLPrepare(stmt, SQL("SELECT ?::integer, ?::varchar(20)")));
    executes("2|text");
    T_CHECK(SQL_HANDLE_DESC, ipd, SQL_SUCCESS, NULL,
            SQLSetDescField(ipd, 2, SQL_DESC_LENGTH, (SQLPOINTER)3, 0));
    ERR(stmt, "22001", SQLExecute(stmt));
    T_CHECK(SQL_HANDLE_DESC, ipd, SQL_SUCCESS, NULL,
            SQLSetDescField(ipd, 2, SQL_DESC_LENGTH, (SQLPOINTER)4, 0));
    executes("2|text");
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    ERR(stmt, "07002", SQLExecute(stmt));
}

/* A size is a limit until the server was asked and turns out to tell none. */
static void takes_a_described_size_for_none(void **state)
{
    static char text[70000];
    SQLULEN size = 0;
    SQLSMALLINT type, digits, nullable;
    SQLHSTMT asked = t_stmt(&conn);

    (void)state;
    OK(asked, SQLPrepare(asked, SQL("SELECT length(?::varchar)")));
    OK(asked, SQLDescribeParam(asked, 1, &type, &size, &digits, &nullable));
    t_free(asked);
    assert_in_range(size, 1, sizeof text - 2);
    memset(text, 'x', size);
    text[size] = '\0';
    bind(1, SQL_C_CHAR, SQL_VARCHAR, size, 0, text, 0, NULL);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT length(?::varchar) > 0")));
    executes("1");
    text[size] = 'x';
    ERR(stmt, "22001", SQLExecute(stmt));
    OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, &digits, &nullable));
    executes("1");
}

static void markers_and_several_statements_do_not_mix(void **state)
{
    (void)state;
    bind(1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &integer, 0, NULL);
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELECT CAST(? AS integer); SELECT 2")));
    t_expect(&conn, "SELECT 1", "1");
}

static void sends_long_text(void **state)
{
    size_t n = 3000000;
    char *text = malloc(n + 1);
    char got[64];

    (void)state;
    assert_non_null(text);
    memset(text, 'x', n);
    text[n] = '\0';
    bind(1, SQL_C_CHAR, SQL_LONGVARCHAR, n, 0, text, 0, NULL);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT length(CAST(? AS text))")));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "3000000");
    free(text);
}

#if !RS_DIRECT
/* ODBC 2 spelling of binding, which the manager translates */
static void binds_the_old_ways(void **state)
{
    SQLINTEGER n = 5;
    SQLLEN ind = 0;

    (void)state;
    OK(stmt, SQLBindParam(stmt, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, &ind));
    expect("SELECT CAST(? AS integer)", "5");
    OK(stmt, SQLSetParam(stmt, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, &ind));
    expect("SELECT CAST(? AS integer)", "5");
}
#endif

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(sends_all_types),
        EACH(sends_null),
        EACH(sends_wide_text),
        EACH(takes_lengths),
        EACH(sends_binary),
        EACH(finds_markers),
        EACH(wants_all_markers_bound),
        EACH(checks_bindings),
        EACH(refuses_values),
        EACH(describes_parameters),
        EACH(rebinds_with_other_types),
        EACH(reads_values_when_executing),
        EACH(sees_changes_between_executions),
        EACH(takes_a_described_size_for_none),
        EACH(markers_and_several_statements_do_not_mix),
        EACH(sends_long_text),
#if !RS_DIRECT
        EACH(binds_the_old_ways),
#endif
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("param on PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("param on Redshift", tests, face_open, face_close);
}
