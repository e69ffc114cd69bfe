/*
 * What clients that cannot run here call, in their order, with the answers they count on; odbc.md
 * 20. Those that can are in tests/clients.
 */
#include "facebed.h"

/* A query of every kind of column, the long one last; the row's number as text in each. */
#define QUERY(rows)                                                                                \
    "SELECT CAST(n AS integer) AS i, CAST(n AS varchar(20)) AS v, CAST(n + 0.25 AS numeric(10,2))" \
    " AS d, CAST(repeat(CAST(n AS varchar), 5000) AS text) AS t FROM generate_series(1, " rows     \
    ") AS g(n)"

static SQLUINTEGER info_number(SQLUSMALLINT id)
{
    SQLUINTEGER value = 0;

    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, id, &value, 0, NULL));
    return value;
}

static SQLLEN attribute(SQLUSMALLINT column, SQLUSMALLINT id)
{
    SQLLEN value = -7;

    OK(stmt, SQLColAttribute(stmt, column, id, NULL, 0, NULL, &value));
    return value;
}

/*
 * System.Data.Odbc: probes an attribute of another driver, names of base columns, texts in chunks
 * of 4096 bytes with the rest told each time, the state of the connection before it goes to the
 * pool.
 */
static void dotnet(void **state)
{
    SQLWCHAR chunk[2048], name[64];
    SQLUINTEGER dead = 77;
    SQLSMALLINT length;
    SQLLEN left = 0, total = 5000;
    SQLRETURN rc;

    (void)state;
    ERR(stmt, "HY092", SQLSetStmtAttr(stmt, 1227, NUMBER(1), SQL_IS_INTEGER));
    ERR(stmt, "HY092", SQLSetStmtAttr(stmt, 1228, NUMBER(1), SQL_IS_INTEGER));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, NUMBER(30), SQL_IS_INTEGER));
    OK(stmt, SQLExecDirect(stmt, SQL(QUERY("2"))));
    OK(stmt, SQLColAttributeW(stmt, 1, SQL_DESC_BASE_TABLE_NAME, name, sizeof name, &length, NULL));
    OK(stmt,
       SQLColAttributeW(stmt, 1, SQL_DESC_BASE_COLUMN_NAME, name, sizeof name, &length, NULL));
    for (int row = 1; row <= 2; row++) {
        OK(stmt, SQLFetch(stmt));
        for (SQLLEN done = 0;
             (rc = SQLGetData(stmt, 4, SQL_C_WCHAR, chunk, sizeof chunk, &left)) != SQL_NO_DATA;) {
            SQLLEN units = left / 2 < 2047 ? left / 2 : 2047;

            assert_int_equal(left, (total - done) * 2);
            assert_int_equal(rc, units == left / 2 ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
            assert_int_equal(chunk[units - 1], '0' + row);
            done += units;
        }
    }
    NODATA(stmt, SQLFetch(stmt));
    NODATA(stmt, SQLMoreResults(stmt));
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    assert_int_equal(dead, SQL_CD_FALSE);
}

/* MSDASQL, linked servers: ids of ODBC 2, a scrolling cursor, each value asked for its length
 * first, the row fetched again by its place. */
static void msdasql(void **state)
{
    char buf[8192];
    SQLULEN rows = 0;
    SQLUSMALLINT status[2];
    SQLLEN left = 0;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ROWSET_SIZE, NUMBER(2), 0));
    OK(stmt, SQLExecDirect(stmt, SQL(QUERY("3"))));
    for (SQLUSMALLINT column = 1; column <= 4; column++) {
        SQLLEN type = -7;

        OK(stmt, SQLColAttributes(stmt, column, SQL_COLUMN_TYPE, NULL, 0, NULL, &type));
        assert_int_equal(type, attribute(column, SQL_DESC_CONCISE_TYPE));
        /* what is longer than 8000 must be of a long type */
        if (type != SQL_LONGVARCHAR)
            assert_in_range(attribute(column, SQL_COLUMN_PRECISION), 1, 8000);
        assert_true(attribute(column, SQL_COLUMN_LENGTH) > 0);
    }
    OK(stmt, SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &rows, status));
    assert_int_equal(rows, 2);
    OK(stmt, SQLSetPos(stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    INFO(stmt, "01004", SQLGetData(stmt, 4, SQL_C_CHAR, buf, 0, &left));
    assert_int_equal(left, 5000);
    OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, buf, left + 1, &left));
    assert_int_equal(buf[4999], '2');
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &left)); /* back in the row */
    assert_string_equal(buf, "2");
    OK(stmt, SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &rows, status));
    assert_int_equal(rows, 1);
    assert_int_equal(status[1], SQL_ROW_NOROW);
    OK(stmt, SQLExtendedFetch(stmt, SQL_FETCH_ABSOLUTE, 1, &rows, status));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &left));
    assert_string_equal(buf, "1");
}

/* nanodbc: blocks of rows with the short columns bound, the long one left to SQLGetData. */
static void nanodbc(void **state)
{
    enum { BLOCK = 1024 };
    SQLINTEGER *ids = malloc(BLOCK * sizeof *ids);
    SQLLEN *lengths = malloc(BLOCK * sizeof *lengths);
    char text[5001 + 4 * 5000];
    SQLULEN rows = 0;
    SQLLEN left = 0;

    (void)state;
    assert_true(ids != NULL && lengths != NULL);
    assert_int_equal(info_number(SQL_GETDATA_EXTENSIONS) & SQL_GD_BLOCK, SQL_GD_BLOCK);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(BLOCK), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &rows, 0));
    OK(stmt, SQLExecDirect(stmt, SQL(QUERY("1500"))));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, ids, sizeof *ids, lengths));
    for (int first = 1; first <= 1500; first += BLOCK) {
        OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
        assert_int_equal(rows, first == 1 ? BLOCK : 1500 - BLOCK);
        for (SQLULEN i = 0; i < rows; i += 100) {
            assert_int_equal(ids[i], first + (int)i);
            OK(stmt, SQLSetPos(stmt, (SQLSETPOSIROW)(i + 1), SQL_POSITION, SQL_LOCK_NO_CHANGE));
            OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, text, sizeof text, &left));
            assert_int_equal(strtol(text, NULL, 10) > 0, 1);
            assert_int_equal(strtol(text + left - left / 5000, NULL, 10), ids[i]);
        }
    }
    NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    free(ids);
    free(lengths);
}

/* turbodbc, arrow-odbc: every column bound as text, with room for what the description says. */
static void turbodbc(void **state)
{
    enum { ROWS = 10 };
    char *cells[3];
    SQLLEN width[3], lengths[3][ROWS];
    SQLULEN rows = 0;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL(QUERY("10"))));
    for (SQLUSMALLINT i = 0; i < 3; i++) {
        width[i] = attribute((SQLUSMALLINT)(i + 1), SQL_DESC_DISPLAY_SIZE) + 1;
        assert_in_range(width[i], 2, 8001);
        cells[i] = calloc(ROWS, (size_t)width[i]);
        assert_non_null(cells[i]);
        OK(stmt,
           SQLBindCol(stmt, (SQLUSMALLINT)(i + 1), SQL_C_CHAR, cells[i], width[i], lengths[i]));
    }
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(ROWS), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &rows, 0));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLFetch(stmt)); /* nothing was cut */
    assert_int_equal(rows, ROWS);
    assert_string_equal(cells[0] + 9 * width[0], "10");
    assert_string_equal(cells[1] + 9 * width[1], "10");
    assert_string_equal(cells[2] + 9 * width[2], "10.25");
    assert_int_equal(lengths[2][9], 5);
    for (int i = 0; i < 3; i++)
        free(cells[i]);
}

/* Row-wise parameters whose bound pointers are bare offsets, made addresses by the bind offset; the
 * text at execution, its token being the address of the row's cell (fast_executemany). */
static void pyodbc_executemany(void **state)
{
    struct row {
        SQLINTEGER n;
        SQLLEN n_len;
        const char *text; /* what the client puts here for itself */
        SQLLEN text_len;
    } rows[3] = {
        { 1, 0, "one", SQL_DATA_AT_EXEC },
        { 2, 0, "two", SQL_DATA_AT_EXEC },
        { 3, 0, "three", SQL_DATA_AT_EXEC },
    };
    enum { LEAD = 16 }; /* no bound pointer may be NULL, the first member's neither */
    SQLLEN base = (SQLLEN)(intptr_t)rows - LEAD, count = 0;
    SQLPOINTER token = NULL;
    SQLRETURN rc;

    (void)state;
    t_run(&conn, "CREATE TEMP TABLE many (n integer, s varchar(20))");
    OK(stmt, SQLPrepare(stmt, SQL("INSERT INTO many VALUES (?, ?)")));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0,
                              NUMBER(LEAD + offsetof(struct row, n)), 0,
                              (SQLLEN *)(uintptr_t)(LEAD + offsetof(struct row, n_len))));
    OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0,
                              NUMBER(LEAD + offsetof(struct row, text)), sizeof(char *),
                              (SQLLEN *)(uintptr_t)(LEAD + offsetof(struct row, text_len))));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_TYPE, NUMBER(sizeof(struct row)), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &base, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    NEED(stmt, SQLExecute(stmt));
    while ((rc = SQLParamData(stmt, &token)) == SQL_NEED_DATA) {
        const char *text = NULL;

        memcpy(&text, token, sizeof text);
        OK(stmt, SQLPutData(stmt, TEXT(text), (SQLLEN)strlen(text)));
        count++;
    }
    OK(stmt, rc);
    assert_int_equal(count, 3);
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 3);
    t_expect(&conn, "SELECT n, s FROM many ORDER BY n", "1|one;2|two;3|three");
}

/* Power Query: what it folds by must be there before the first query, and be true. */
static void power_query(void **state)
{
    static SQLWCHAR table[] = { 'd', 'e', 'm', 'o', '_', 's', 'a', 'l', 'e', 's' };
    static SQLWCHAR types[] = { 'T', 'A', 'B', 'L', 'E', ',', 'V', 'I', 'E', 'W' };
    SQLUSMALLINT functions[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] = { 0 };
    int found = 0;

    (void)state;
    DBC_OK(conn.dbc, SQLGetFunctions(conn.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, functions));
    assert_true(SQL_FUNC_EXISTS(functions, SQL_API_SQLGETTYPEINFO));
    assert_true(SQL_FUNC_EXISTS(functions, SQL_API_SQLPRIMARYKEYS));
    assert_true((info_number(SQL_CONVERT_VARCHAR) & SQL_CVT_INTEGER) != 0);
    assert_true((info_number(SQL_SQL92_PREDICATES) & SQL_SP_LIKE) != 0);
    assert_true((info_number(SQL_AGGREGATE_FUNCTIONS) & SQL_AF_SUM) != 0);
    OK(stmt, SQLGetTypeInfoW(stmt, SQL_ALL_TYPES));
    while (SQL_SUCCEEDED(SQLFetch(stmt)))
        found++;
    assert_true(found > 10);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLTablesW(stmt, NULL, 0, NULL, 0, table, 10, types, 10));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLColumnsW(stmt, NULL, 0, NULL, 0, table, 10, NULL, 0));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLPrimaryKeysW(stmt, NULL, 0, NULL, 0, table, 10));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt,
       SQLExecDirect(stmt,
                     SQL("select \"v\" from (" QUERY("3") ") \"$Table\" where "
                                                          "{fn convert(\"v\", SQL_INTEGER)} = 2")));
    OK(stmt, SQLFetch(stmt));
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(dotnet),      EACH(msdasql), EACH(nanodbc), EACH(turbodbc), EACH(pyodbc_executemany),
        EACH(power_query),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("clients, PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("clients, Redshift", tests, face_open, face_close);
}
