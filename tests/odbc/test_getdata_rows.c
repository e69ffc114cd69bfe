/*
 * SQLGetData row after row: what is kept of a column from one call to the next is right for the
 * next; odbc.md 9.
 */
#include "facebed.h"

static int open_all(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    t_close(&conn);
    return 0;
}

static void no_records(void)
{
    char state[6], text[64];

    assert_false(t_diag(SQL_HANDLE_STMT, stmt, 1, state, text, sizeof text));
}

static void texts(void **state)
{
    char buf[16] = "";
    SQLLEN ind = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("VALUES (1, 'abc'), (2, NULL), (3, ''), (4, 'abcdefghij'), "
                                     "(5, 'abcd'), (6, 'abcde'), (7, 'abcde'), (8, 'xy')")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "abc");
    assert_int_equal(ind, 3);
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_int_equal(ind, SQL_NULL_DATA);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "");
    assert_int_equal(ind, 0);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "abcd");
    assert_int_equal(ind, 10);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "efghij");
    assert_int_equal(ind, 6);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind)); /* with the NUL it just fits */
    assert_string_equal(buf, "abcd");
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "abcd");
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, NULL)); /* a length is not asked for */
    assert_string_equal(buf, "e");
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind)); /* and not the rest */
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "xy");
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
    NODATA(stmt, SQLFetch(stmt));
    ERR(stmt, "24000", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, &ind));
}

/* A NULL without a place for the indicator is an error at every call. */
static void null_without_indicator(void **state)
{
    char buf[16] = "";

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("VALUES (1, 'abc'), (2, NULL)")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, NULL));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "22002", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, NULL));
    ERR(stmt, "22002", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 5, NULL));
}

static SQLINTEGER diag_number(SQLSMALLINT field)
{
    SQLLEN value = 0;
    SQLINTEGER column = 0;

    if (field == SQL_DIAG_COLUMN_NUMBER) {
        SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, field, &column, 0, NULL);
        return column;
    }
    SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, field, &value, 0, NULL);
    return (SQLINTEGER)value;
}

/* Of fixed size: cut or refused, and then the next row. A cut one is done, a refused one is not. */
static void numbers(void **state)
{
    SQLINTEGER n = 0;
    SQLLEN ind = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("VALUES (0, 1.0), (0, 2.5), (0, 3.0), (0, 99999999999.0), "
                                     "(0, 4.0)")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 1);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01S07", SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 2);
    assert_int_equal(diag_number(SQL_DIAG_ROW_NUMBER), 2);
    assert_int_equal(diag_number(SQL_DIAG_COLUMN_NUMBER), 2);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    no_records();
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 3);
    OK(stmt, SQLFetch(stmt));
    for (int i = 0; i < 2; i++) {
        ERR(stmt, "22003", SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
        assert_int_equal(diag_number(SQL_DIAG_ROW_NUMBER), 4);
    }
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind)); /* its record is gone */
    no_records();
    assert_int_equal(n, 0);
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 4);
}

/* The attribute may change while the cursor is open. */
static void max_length(void **state)
{
    static const struct {
        SQLULEN max;
        const char *want;
    } rows[] = { { 0, "abcdef" }, { 2, "ab" }, { 4, "abcd" }, { 0, "abcdef" } };
    char buf[16];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 'abcdef' FROM generate_series(1, 4)")));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_LENGTH, NUMBER(rows[i].max), 0));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, rows[i].want);
    }
}

/* What SQL_ARD_TYPE takes from the record is not for the type by its name. */
static void record_stays_apart(void **state)
{
    SQLHDESC ard;
    SQL_NUMERIC_STRUCT num;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 12.345 FROM generate_series(1, 4)")));
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    SQLSetDescField(ard, 1, SQL_DESC_TYPE, NUMBER(SQL_C_NUMERIC), 0);
    SQLSetDescField(ard, 1, SQL_DESC_PRECISION, NUMBER(10), 0);
    SQLSetDescField(ard, 1, SQL_DESC_SCALE, NUMBER(1), 0);
    for (int i = 0; i < 4; i++) {
        OK(stmt, SQLFetch(stmt));
        if (i % 2 == 0) {
            INFO(stmt, "01S07", SQLGetData(stmt, 1, SQL_ARD_TYPE, &num, 0, &ind));
            assert_int_equal(num.scale, 1);
        } else {
            OK(stmt, SQLGetData(stmt, 1, SQL_C_NUMERIC, &num, 0, &ind));
            assert_int_equal(num.scale, 3);
        }
    }
}

/* Arguments are looked at in the second row as in the first. */
static void arguments(void **state)
{
    char buf[8] = "";
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("VALUES ('a', 1), ('b', 2)")));
    for (int row = 0; row < 2; row++) {
        OK(stmt, SQLFetch(stmt));
        ERR(stmt, "HY090", SQLGetData(stmt, 1, SQL_C_CHAR, buf, -1, &ind));
        ERR(stmt, "HY090", SQLGetData(stmt, 2, SQL_C_SLONG, buf, -1, &ind));
        ERR(stmt, "HY009", SQLGetData(stmt, 1, SQL_C_CHAR, NULL, 8, &ind));
        ERR(stmt, "07009", SQLGetData(stmt, 0, SQL_C_CHAR, buf, sizeof buf, &ind));
        ERR(stmt, "07009", SQLGetData(stmt, 3, SQL_C_CHAR, buf, sizeof buf, &ind));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_int_equal(buf[0], 'a' + row);
        ERR(stmt, "HY090", SQLGetData(stmt, 2, SQL_C_SLONG, buf, -1, &ind)); /* behind no error */
        OK(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, buf, 0, &ind));
        assert_int_equal(buf[0], 1 + row);
    }
}

/* One row at a time, two, one again: the values are those of the row it stands on. */
static void rowsets_of_one_and_two(void **state)
{
    static const struct {
        SQLULEN size, row;
        int want;
    } steps[] = { { 1, 1, 1 }, { 2, 1, 2 }, { 2, 2, 5 }, { 1, 1, 6 }, { 2, 2, 8 } };
    SQLINTEGER n;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i FROM generate_series(1, 8) AS g(i)")));
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(steps[i].size), 0));
        OK(stmt, SQLFetch(stmt));
        if (steps[i].row > 1)
            OK(stmt, SQLSetPos(stmt, steps[i].row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        n = 0;
        OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
        assert_int_equal(n, steps[i].want);
    }
}

/* A row whose bound column failed is a row in error when it is a rowset of its own, too. */
static void row_in_error(void **state)
{
    SQLINTEGER n;
    char buf[8];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL("VALUES ('1', 'a'), ('x', 'b'), ('3', 'c')")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
    ERR(stmt, "22018", SQLFetch(stmt));
    ERR(stmt, "HY109", SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "c");
}

/* The row goes with its result. */
static void no_row(void **state)
{
    char buf[8];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 'a'; SELECT 'b'")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLMoreResults(stmt));
    ERR(stmt, "24000", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "b");
    OK(stmt, SQLCloseCursor(stmt));
    ERR(stmt, "HY010", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 'c'")));
    for (int i = 0; i < 2; i++) { /* the columns outlive the cursor */
        OK(stmt, SQLExecute(stmt));
        ERR(stmt, "24000", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, "c");
        OK(stmt, SQLCloseCursor(stmt));
        ERR(stmt, "HY010", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    }
}

/* Another row of a static cursor is read meanwhile: the cursor has not moved. */
static void stored_row(void **state)
{
    SQLULEN mark = 3;
    SQLINTEGER n = 0, bound = 0;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_USE_BOOKMARKS, NUMBER(SQL_UB_VARIABLE), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i FROM generate_series(1, 3) AS g(i)")));
    for (int row = 1; row <= 2; row++) {
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
        assert_int_equal(n, row);
    }
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, &mark, sizeof mark, NULL));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &bound, 0, NULL));
    OK(stmt, SQLBulkOperations(stmt, SQL_FETCH_BY_BOOKMARK));
    assert_int_equal(bound, 3);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 2);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(texts),
        EACH(null_without_indicator),
        EACH(numbers),
        EACH(max_length),
        EACH(record_stays_apart),
        EACH(arguments),
        EACH(rowsets_of_one_and_two),
        EACH(row_in_error),
        EACH(no_row),
        EACH(stored_row),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
