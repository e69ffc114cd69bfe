/*
 * Bookmarks of static cursors: column 0, SQL_FETCH_BOOKMARK, SQLBulkOperations; odbc.md 8.2, 8.4.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

static void set(SQLINTEGER attribute, SQLULEN value)
{
    OK(stmt, SQLSetStmtAttr(stmt, attribute, NUMBER(value), 0));
}

static void open_rows(SQLULEN bookmarks, const char *sql)
{
    set(SQL_ATTR_USE_BOOKMARKS, bookmarks);
    set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
}

#define TEN "SELECT CAST(i AS integer) FROM generate_series(1, 10) AS g(i)"

static SQLINTEGER number(void)
{
    SQLINTEGER n = -1;

    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    return n;
}

static void forward_only_has_none(void **state)
{
    (void)state;
    set(SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
    ERR(stmt, "HYC00", SQLExecDirect(stmt, SQL(TEN)));
    ERR(stmt, "HYC00", SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    OK(stmt, SQLExecDirect(stmt, SQL(TEN)));
}

static void column_0_wants_bookmarks(void **state)
{
    SQLULEN value;

    (void)state;
    set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    ERR(stmt, "07009", SQLBindCol(stmt, 0, SQL_C_BOOKMARK, &value, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(TEN)));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "07009", SQLGetData(stmt, 0, SQL_C_BOOKMARK, &value, 0, NULL));
    ERR(stmt, "HY106", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0));
}

static void variable_ones_are_bound(void **state)
{
    unsigned char marks[3][8], wanted[8] = { 8 }, one[8], room[64];
    SQLLEN length[3] = { 0 }, n = 0;
    SQLINTEGER value[3];
    SQLULEN fetched = 0;

    (void)state;
    set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    set(SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, marks, sizeof marks[0], length));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, value, 0, NULL));
    open_rows(SQL_UB_VARIABLE, TEN);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 4));
    for (int i = 0; i < 3; i++) {
        const unsigned char want[8] = { (unsigned char)(4 + i) };

        assert_int_equal(length[i], 8);
        assert_memory_equal(marks[i], want, 8);
        assert_int_equal(value[i], 4 + i);
    }
    OK(stmt, SQLSetPos(stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLGetData(stmt, 0, SQL_C_VARBOOKMARK, one, sizeof one, &n));
    assert_int_equal(n, 8);
    assert_int_equal(one[0], 6);
    ERR(stmt, "HY003", SQLGetData(stmt, 0, SQL_C_UBIGINT, one, sizeof one, &n));
    ERR(stmt, "HY090", SQLGetData(stmt, 0, SQL_C_VARBOOKMARK, one, 4, &n));
    OK(stmt, SQLGetData(stmt, 0, SQL_C_VARBOOKMARK, room, sizeof room, &n));
    assert_int_equal(n, 8);
    assert_int_equal(room[0], 6);

    ERR(stmt, "HY111", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0)); /* no pointer */
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, wanted, 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0));
    assert_int_equal(value[0], 8);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, -7));
    assert_int_equal(value[0], 1);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 2));
    assert_int_equal(value[0], 10);
    assert_int_equal(fetched, 1);
    NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 3));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_PRIOR, 0)); /* from after the end */
    assert_int_equal(value[0], 8);
    NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, -8)); /* never 01S06 */
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    assert_int_equal(value[0], 1);
    wanted[0] = 11;
    ERR(stmt, "HY111", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0));
    memset(wanted, 0xff, sizeof wanted);
    ERR(stmt, "HY111", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0));
    memset(wanted, 0, sizeof wanted);
    ERR(stmt, "HY111", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 1));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0)); /* nothing has moved */
    assert_int_equal(value[0], 4);
}

static void fixed_ones_are_numbers(void **state)
{
    SQLULEN marks[2] = { 0 }, wanted = 9, one = 0;
    SQLLEN length[2] = { 0 };

    (void)state;
    open_rows(SQL_UB_ON, TEN);
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_BOOKMARK, marks, 0, length));
    set(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, &wanted, 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, -1));
    assert_int_equal(marks[0], 8);
    assert_int_equal(marks[1], 9);
    assert_int_equal(length[0], sizeof(SQLULEN));
    OK(stmt, SQLGetData(stmt, 0, SQL_C_DEFAULT, &one, 0, NULL));
    assert_int_equal(one, 8);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_GET_BOOKMARK, &one, 0, NULL));
    assert_int_equal(one, 8);
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, marks, 8, length));
    ERR(stmt, "07006", SQLFetch(stmt));
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_BOOKMARK, NULL, 0, NULL));
    OK(stmt, SQLFetch(stmt));
}

static void buffers_have_8_bytes(void **state)
{
    char mark[16];

    (void)state;
    open_rows(SQL_UB_VARIABLE, TEN);
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, mark, 4, NULL));
    ERR(stmt, "HY090", SQLFetch(stmt));
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, mark, 8, NULL));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND)); /* column 0 stays */
    memset(mark, 0x55, sizeof mark);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(mark[0], 3);
}

static void extended_fetch_takes_the_row(void **state)
{
    SQLULEN rows = 0;
    SQLUSMALLINT status[1];

    (void)state;
    open_rows(SQL_UB_ON, TEN);
    OK(stmt, SQLExtendedFetch(stmt, SQL_FETCH_BOOKMARK, 7, &rows, status));
    assert_int_equal(rows, 1);
    assert_int_equal(number(), 7);
    ERR(stmt, "HY111", SQLExtendedFetch(stmt, SQL_FETCH_BOOKMARK, 11, &rows, status));
}

static void column_0_is_described(void **state)
{
    static const struct {
        SQLULEN use;
        SQLSMALLINT type;
        SQLULEN size;
    } kinds[] = { { SQL_UB_VARIABLE, SQL_BINARY, 8 }, { SQL_UB_ON, SQL_INTEGER, 10 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        SQLSMALLINT type = 0, digits = 9, nullable = 9, n = 0;
        SQLULEN size = 0;
        SQLLEN octets = 0;
        SQLCHAR name[16] = "x";

        open_rows(kinds[i].use, TEN);
        OK(stmt,
           SQLDescribeCol(stmt, 0, name, sizeof name, NULL, &type, &size, &digits, &nullable));
        assert_int_equal(type, kinds[i].type);
        assert_int_equal(size, kinds[i].size);
        assert_int_equal(nullable, SQL_NO_NULLS);
        OK(stmt, SQLColAttribute(stmt, 0, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets));
        assert_int_equal(octets, 8);
        OK(stmt, SQLNumResultCols(stmt, &n));
        assert_int_equal(n, 1);
        OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
}

static void many_are_fetched_by_them(void **state)
{
    unsigned char marks[5][8] = { { 7 }, { 1 }, { 10 }, { 11 }, { 7 } };
    SQLINTEGER value[5];
    SQLLEN length[5] = { 8, 8, 8, 8, 8 };
    SQLUSMALLINT status[5];
    SQLUSMALLINT operation[5] = { SQL_ROW_PROCEED, SQL_ROW_PROCEED, SQL_ROW_PROCEED,
                                  SQL_ROW_PROCEED, SQL_ROW_IGNORE };
    SQLULEN fetched = 0;

    (void)state;
    open_rows(SQL_UB_VARIABLE, TEN);
    set(SQL_ATTR_ROW_ARRAY_SIZE, 5);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, value, 0, NULL));
    ERR(stmt, "HY092", SQLBulkOperations(stmt, SQL_FETCH_BY_BOOKMARK)); /* not bound */
    OK(stmt, SQLBindCol(stmt, 0, SQL_C_VARBOOKMARK, marks, 8, length));
    ERR(stmt, "HY092", SQLBulkOperations(stmt, SQL_ADD));
    ERR(stmt, "HY092", SQLBulkOperations(stmt, SQL_UPDATE_BY_BOOKMARK));
    ERR(stmt, "HY092", SQLBulkOperations(stmt, SQL_DELETE_BY_BOOKMARK));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_OPERATION_PTR, operation, 0));
    memset(value, 0x55, sizeof value);
    memset(status, 0x55, sizeof status);
    INFO(stmt, "HY111", SQLBulkOperations(stmt, SQL_FETCH_BY_BOOKMARK));
    assert_int_equal(value[0], 7);
    assert_int_equal(value[1], 1);
    assert_int_equal(value[2], 10);
    assert_int_equal(value[3], 0x55555555);
    assert_int_equal(value[4], 0x55555555);
    assert_int_equal(status[0], SQL_ROW_SUCCESS);
    assert_int_equal(status[3], SQL_ROW_ERROR);
    assert_int_equal(status[4], 0x5555);
    assert_int_equal(fetched, 4);
    marks[3][0] = 2;
    operation[4] = SQL_ROW_PROCEED;
    OK(stmt, SQLBulkOperations(stmt, SQL_FETCH_BY_BOOKMARK));
    assert_int_equal(value[3], 2);
    assert_int_equal(value[4], 7);
    assert_int_equal(fetched, 5);
}

static void bulk_wants_bookmarks(void **state)
{
    (void)state;
    set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    OK(stmt, SQLExecDirect(stmt, SQL(TEN)));
    ERR(stmt, "HY092", SQLBulkOperations(stmt, SQL_FETCH_BY_BOOKMARK));
}

static void catalog_rows_have_them(void **state)
{
    unsigned char wanted[8] = { 2 };
    char first[64], again[64];

    (void)state;
    set(SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
    set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, wanted, 0));
    OK(stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 2));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, first, sizeof first, NULL));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, again, sizeof again, NULL));
    assert_string_equal(first, again);
}

#define WITH_STMT(test) cmocka_unit_test_setup_teardown(test, face_stmt, face_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STMT(forward_only_has_none),   WITH_STMT(column_0_wants_bookmarks),
        WITH_STMT(variable_ones_are_bound), WITH_STMT(fixed_ones_are_numbers),
        WITH_STMT(buffers_have_8_bytes),    WITH_STMT(extended_fetch_takes_the_row),
        WITH_STMT(column_0_is_described),   WITH_STMT(many_are_fetched_by_them),
        WITH_STMT(bulk_wants_bookmarks),    WITH_STMT(catalog_rows_have_them),
    };

    return cmocka_run_group_tests(tests, open_conn, face_close);
}
