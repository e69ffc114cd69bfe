/*
 * Data at execution: SQLParamData, SQLPutData; odbc.md 7.3.
 */
#include "facebed.h"

static SQLLEN at_exec;

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    t_run(&conn, "CREATE TEMP TABLE t (n integer, s text)");
    return 0;
}

static int new_stmt(void **state)
{
    (void)state;
    stmt = t_stmt(&conn);
    at_exec = SQL_DATA_AT_EXEC;
    return 0;
}

static int drop_stmt(void **state)
{
    (void)state;
    SQLCancel(stmt);
    t_free(stmt);
    return 0;
}

static void bind(SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type, void *token)
{
    OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, c_type, sql_type,
                              sql_type == SQL_LONGVARCHAR ? 1 << 25
                              : sql_type == SQL_NUMERIC   ? 9
                                                          : 100,
                              0, token, 0, &at_exec));
}

/* Starts a statement of one parameter, up to the first piece. */
static void begin(SQLSMALLINT c_type, SQLSMALLINT sql_type, const char *sql)
{
    SQLPOINTER token = NULL;

    bind(1, c_type, sql_type, &at_exec);
    NEED(stmt, SQLExecDirect(stmt, SQL(sql)));
    NEED(stmt, SQLParamData(stmt, &token));
    assert_ptr_equal(token, &at_exec);
}

static void expect(const char *want)
{
    SQLPOINTER token;
    char got[256];

    OK(stmt, SQLParamData(stmt, &token));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, want);
}

#define TEXT_BACK "SELECT CAST(? AS varchar(100))"

static void joins_pieces(void **state)
{
    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT("one "), 4));
    OK(stmt, SQLPutData(stmt, TEXT("two "), SQL_NTS));
    OK(stmt, SQLPutData(stmt, TEXT("x"), 0));
    OK(stmt, SQLPutData(stmt, TEXT("threemore"), 5));
    expect("one two three");
}

static void joins_split_characters(void **state)
{
    static const SQLWCHAR pair[] = { 'a', 0xd83d, 0xde00, 'b' };

    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT("a\xf0\x9f"), 3));
    OK(stmt, SQLPutData(stmt, TEXT("\x98"), 1));
    OK(stmt, SQLPutData(stmt, TEXT("\x80z"), 2));
    expect("a😀z");
    begin(SQL_C_WCHAR, SQL_WVARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, (SQLPOINTER)(uintptr_t)pair, 4));
    OK(stmt, SQLPutData(stmt, (SQLPOINTER)(uintptr_t)(pair + 2), 4));
    expect("a😀b");
}

static void empty_and_null(void **state)
{
    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT(""), 0));
    expect("");
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, NULL, SQL_NULL_DATA));
    expect("<null>");
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, NULL, 0));
    expect("");
    /* NULL neither before nor after another piece */
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, NULL, SQL_NULL_DATA));
    ERR(stmt, "HY020", SQLPutData(stmt, TEXT("x"), 1));
    SQLCancel(stmt);
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT("x"), 1));
    ERR(stmt, BY("HY020", "HY011"), SQLPutData(stmt, NULL, SQL_NULL_DATA));
    SQLCancel(stmt);
    /* nor a default value, which alone is for procedures */
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT("x"), 1));
    ERR(stmt, "HY020", SQLPutData(stmt, NULL, SQL_DEFAULT_PARAM));
    SQLCancel(stmt);
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    ERR(stmt, "07S01", SQLPutData(stmt, NULL, SQL_DEFAULT_PARAM));
}

static void fixed_types_in_one_piece(void **state)
{
    SQLINTEGER n = 4711;

    (void)state;
    begin(SQL_C_SLONG, SQL_INTEGER, "SELECT CAST(? AS integer)");
    OK(stmt, SQLPutData(stmt, &n, 0));
    expect("4711");
    begin(SQL_C_SLONG, SQL_INTEGER, "SELECT CAST(? AS integer)");
    OK(stmt, SQLPutData(stmt, &n, 0));
    ERR(stmt, "HY019", SQLPutData(stmt, &n, 0));
    SQLCancel(stmt);
    begin(SQL_C_CHAR, SQL_INTEGER, "SELECT CAST(? AS integer)"); /* a number as text */
    OK(stmt, SQLPutData(stmt, TEXT("4712"), SQL_NTS));
    expect("4712");
    /* … is no text that could go on */
    begin(SQL_C_CHAR, SQL_INTEGER, "SELECT CAST(? AS integer)");
    OK(stmt, SQLPutData(stmt, TEXT("47"), SQL_NTS));
    ERR(stmt, "HY019", SQLPutData(stmt, TEXT("12"), SQL_NTS));
    SQLCancel(stmt);
    begin(SQL_C_CHAR, SQL_NUMERIC, "SELECT CAST(? AS numeric)");
    OK(stmt, SQLPutData(stmt, TEXT("47"), SQL_NTS));
    ERR(stmt, "HY019", SQLPutData(stmt, TEXT("12"), SQL_NTS));
}

static void checks_lengths(void **state)
{
    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    ERR(stmt, "HY090", SQLPutData(stmt, TEXT("x"), -77));
    SQLCancel(stmt);
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    ERR(stmt, "HY009", SQLPutData(stmt, NULL, 5));
    SQLCancel(stmt);
    /* a type of fixed size has no empty value, whatever the length says */
    begin(SQL_C_SLONG, SQL_INTEGER, "SELECT CAST(? AS integer)");
    ERR(stmt, "HY009", SQLPutData(stmt, NULL, 0));
}

static void several_parameters_in_order(void **state)
{
    SQLINTEGER direct = 5;
    SQLPOINTER token;
    char a, b;

    (void)state;
    at_exec = SQL_LEN_DATA_AT_EXEC(1000); /* a promise that nobody holds */
    bind(1, SQL_C_CHAR, SQL_VARCHAR, &a);
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &direct, 0,
                              NULL));
    bind(3, SQL_C_CHAR, SQL_VARCHAR, &b);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS varchar(9)), CAST(? AS integer), "
                                  "CAST(? AS varchar(9))")));
    for (int i = 0; i < 2; i++) {
        NEED(stmt, SQLExecute(stmt));
        NEED(stmt, SQLParamData(stmt, &token));
        assert_ptr_equal(token, &a);
        OK(stmt, SQLPutData(stmt, TEXT("first"), SQL_NTS));
        NEED(stmt, SQLParamData(stmt, &token));
        assert_ptr_equal(token, &b);
        OK(stmt, SQLPutData(stmt, TEXT("third"), SQL_NTS));
        expect("first|5|third");
    }
}

static void binary_in_pieces(void **state)
{
    (void)state;
    begin(SQL_C_BINARY, SQL_VARBINARY,
          HERE("SELECT CAST(? AS bytea)", "SELECT CAST(? AS varbyte)"));
    OK(stmt, SQLPutData(stmt, TEXT("\x00\x01"), 2));
    OK(stmt, SQLPutData(stmt, TEXT("\xff"), 1));
    expect("0001FF");
}

static void server_errors_end_it(void **state)
{
    SQLPOINTER token;

    (void)state;
    bind(1, SQL_C_CHAR, SQL_VARCHAR, &at_exec);
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(CAST(? AS varchar(10)) AS integer)")));
    for (int i = 0; i < 2; i++) {
        NEED(stmt, SQLExecute(stmt));
        NEED(stmt, SQLParamData(stmt, &token));
        OK(stmt, SQLPutData(stmt, TEXT("x"), 1));
        ERR(stmt, "22018", SQLParamData(stmt, &token));
    }
    NEED(stmt, SQLExecute(stmt));
    NEED(stmt, SQLParamData(stmt, &token));
    OK(stmt, SQLPutData(stmt, TEXT("12"), 2));
    expect("12");
}

static void no_row_is_no_data(void **state)
{
    SQLPOINTER token;

    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, "DELETE FROM t WHERE s = ?");
    OK(stmt, SQLPutData(stmt, TEXT("nobody"), SQL_NTS));
    NODATA(stmt, SQLParamData(stmt, &token));
}

static void twenty_megabytes(void **state)
{
    size_t n = 1 << 20;
    char *piece = malloc(n);

    (void)state;
    assert_non_null(piece);
    memset(piece, 'x', n);
    begin(SQL_C_CHAR, SQL_LONGVARCHAR, "SELECT length(CAST(? AS text))");
    for (int i = 0; i < 20; i++)
        OK(stmt, SQLPutData(stmt, piece, (SQLLEN)n));
    free(piece);
    expect("20971520");
}

static void another_statement_meanwhile(void **state)
{
    (void)state;
    begin(SQL_C_CHAR, SQL_VARCHAR, TEXT_BACK);
    OK(stmt, SQLPutData(stmt, TEXT("kept "), SQL_NTS));
    t_expect(&conn, "SELECT 'other'", "other");
    OK(stmt, SQLPutData(stmt, TEXT("whole"), SQL_NTS));
    expect("kept whole");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, new_stmt, drop_stmt)
    const struct CMUnitTest tests[] = {
        EACH(joins_pieces),
        EACH(joins_split_characters),
        EACH(empty_and_null),
        EACH(fixed_types_in_one_piece),
        EACH(checks_lengths),
        EACH(several_parameters_in_order),
        EACH(binary_in_pieces),
        EACH(server_errors_end_it),
        EACH(no_row_is_no_data),
        EACH(twenty_megabytes),
        EACH(another_statement_meanwhile),
    };

    return cmocka_run_group_tests_name("data at execution", tests, open_conn, face_close);
}
