/*
 * Static cursors beside the fetch orientations: where their rows are kept, other statements in
 * between, SQLGetData and SQLSetPos in any row, errors, limits, catalog functions, closing.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

static SQLHSTMT static_stmt(struct t_conn *on)
{
    SQLHSTMT made = t_stmt(on);

    OK(made, SQLSetStmtAttr(made, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    return made;
}

static int new_stmt(void **state)
{
    (void)state;
    stmt = static_stmt(&conn);
    return 0;
}

static SQLINTEGER number_at(SQLHSTMT of)
{
    SQLINTEGER n = -1;

    OK(of, SQLGetData(of, 1, SQL_C_SLONG, &n, 0, NULL));
    return n;
}

static void scroll_to(SQLHSTMT of, SQLLEN row)
{
    OK(of, SQLFetchScroll(of, SQL_FETCH_ABSOLUTE, row));
    assert_int_equal(number_at(of), row);
}

/* ---- where rows are kept ---- */

/* Row n is n and a text of 1,000 characters that begins with n. */
#define WIDE(n)                                                                                    \
    "SELECT CAST(i AS integer), rpad(CAST(i AS text), 1000, 'x') "                                 \
    "FROM generate_series(1, " #n ") AS g(i) ORDER BY 1"

static void expect_wide(SQLHSTMT of, SQLLEN row)
{
    char text[1100], want[16];

    scroll_to(of, row);
    OK(of, SQLGetData(of, 2, SQL_C_CHAR, text, sizeof text, NULL));
    snprintf(want, sizeof want, "%ldx", (long)row);
    assert_int_equal(strlen(text), 1000);
    if (strncmp(text, want, strlen(want)) != 0)
        fail_msg("row %ld begins \"%.8s\"", (long)row, text);
}

static void walks_both_ways(SQLHSTMT of, SQLLEN rows)
{
    expect_wide(of, rows);
    for (SQLLEN row = rows; row >= 1; row -= 71)
        expect_wide(of, row);
    for (SQLLEN row = 1; row <= rows; row += 89)
        expect_wide(of, row);
    OK(of, SQLFetchScroll(of, SQL_FETCH_FIRST, 0));
    for (SQLLEN row = 2; row <= rows; row++) {
        OK(of, SQLFetch(of));
        assert_int_equal(number_at(of), row);
    }
    NODATA(of, SQLFetch(of));
    for (SQLLEN row = rows; row >= 1; row--) {
        OK(of, SQLFetchScroll(of, SQL_FETCH_PRIOR, 0));
        assert_int_equal(number_at(of), row);
    }
    NODATA(of, SQLFetchScroll(of, SQL_FETCH_PRIOR, 0));
}

static void goes_on_in_a_file(void **state)
{
    struct t_conn small;
    SQLHSTMT of;

    (void)state;
    t_open(&small, T_POSTGRES, SQL_OV_ODBC3, "ResultMemoryBytes=1048576");
    of = static_stmt(&small);
    OK(of, SQLExecDirect(of, SQL(WIDE(6000))));
    walks_both_ways(of, 6000);
    t_free(of);
    t_close(&small);
}

static void memory_is_limited(void **state)
{
    struct t_conn small;
    SQLHSTMT of, other;
    char text[512];
    SQLRETURN rc;
    int rows = 0;

    (void)state;
    t_open(&small, T_POSTGRES, SQL_OV_ODBC3, "ResultMemoryBytes=1048576;SpillToDisk=0");
    of = static_stmt(&small);
    OK(of, SQLExecDirect(of, SQL(WIDE(3000))));
    while (SQL_SUCCEEDED(rc = SQLFetch(of)))
        assert_int_equal(number_at(of), ++rows);
    T_CHECK(SQL_HANDLE_STMT, of, SQL_ERROR, "HY001", rc);
    assert_true(t_diag(SQL_HANDLE_STMT, of, 1, (char[6]){ 0 }, text, sizeof text));
    assert_non_null(strstr(text, "ResultMemoryBytes"));
    assert_true(rows > 900 && rows < 1100);
    ERR(of, "24000", SQLFetch(of));
    /* What it took is given back, and the wire is free. */
    OK(of, SQLFreeStmt(of, SQL_CLOSE));
    other = static_stmt(&small);
    OK(other, SQLExecDirect(other, SQL(WIDE(900))));
    walks_both_ways(other, 900);
    t_free(other);
    t_free(of);
    t_close(&small);
}

/* The rest that another statement pushed off the wire is read from where it was put. */
static void other_statements_come_between(void **state)
{
    SQLHSTMT second = static_stmt(&conn), third = t_stmt(&conn);

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(3000))));
    scroll_to(stmt, 100);
    OK(second, SQLExecDirect(second, SQL(WIDE(2000))));
    scroll_to(second, 50);
    scroll_to(stmt, 200);
    OK(third, SQLExecDirect(
                  third, SQL("SELECT CAST(i AS integer) FROM generate_series(1, 500000) AS g(i)")));
    for (SQLINTEGER i = 1; i <= 100; i++) {
        OK(third, SQLFetch(third));
        assert_int_equal(number_at(third), i);
        scroll_to(stmt, i * 30);
        scroll_to(second, 2001 - i * 20);
        scroll_to(stmt, 3001 - i * 30);
    }
    walks_both_ways(second, 2000);
    walks_both_ways(stmt, 3000);
    OK(third, SQLFetch(third));
    assert_int_equal(number_at(third), 101);
    t_free(third);
    t_free(second);
}

/* A static cursor in a forward-only walk, while its own statement's store is read. */
static void commits_come_between(void **state)
{
    (void)state;
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(0), 0));
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(3000))));
    scroll_to(stmt, 10);
    DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
    scroll_to(stmt, 2990);
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(1), 0));
    walks_both_ways(stmt, 3000);
}

/* ---- counting ---- */

static SQLLEN rows_by_diag(SQLHSTMT of)
{
    SQLLEN count = -7;

    OK(of, SQLGetDiagField(SQL_HANDLE_STMT, of, 0, SQL_DIAG_CURSOR_ROW_COUNT, &count, 0, NULL));
    return count;
}

static void counts_its_rows(void **state)
{
    SQLLEN count = -7;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(700))));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 700);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(number_at(stmt), 1);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(800))));
    scroll_to(stmt, 5);
    /* The header field reads the rest (a manager may answer it by itself). */
    if (BY(true, false))
        assert_int_equal(rows_by_diag(stmt), 800);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(number_at(stmt), 6);
}

static void pieces_go_on_after_counting(void **state)
{
    char text[1001];
    SQLLEN n = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i, lpad(CAST(i AS text), 1000, 'x') "
                                     "FROM generate_series(1, 2000) AS g(i)")));
    OK(stmt, SQLFetch(stmt));
    INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, text, 401, &n));
    assert_int_equal(n, 1000);
    OK(stmt, SQLRowCount(stmt, &n));
    assert_int_equal(n, 2000);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, &n));
    assert_int_equal(n, 600);
    assert_string_equal(text + 597, "xx1"); /* of the row where the cursor stands */
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, &n));
}

static void max_rows_limits_and_frees(void **state)
{
    SQLLEN count = 0;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(10), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) "
                                     "FROM generate_series(1, 100000000) AS g(i)")));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    assert_int_equal(number_at(stmt), 10);
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 10);
    t_expect(&conn, "SELECT 1", "1");
    scroll_to(stmt, 3);
}

/* ---- rows of a rowset ---- */

static void gets_data_in_any_row(void **state)
{
    SQLINTEGER bound[5];
    char text[1100];
    SQLLEN n;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(5), 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, bound, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(1000))));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, -20));
    for (SQLULEN row = 5; row >= 1; row--) {
        SQLULEN number = 0;

        OK(stmt, SQLSetPos(stmt, row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        assert_int_equal(number_at(stmt), 980 + row);
        assert_int_equal(bound[row - 1], 980 + row);
        OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
        assert_int_equal(number, 980 + row);
        INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, text, 4, &n));
        OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, &n));
        assert_int_equal(n, 997);
    }
    ERR(stmt, "HY107", SQLSetPos(stmt, 6, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HY109", SQLSetPos(stmt, 0, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HYC00", SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_EXCLUSIVE));
    ERR(stmt, "HY092", SQLSetPos(stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HY092", SQLSetPos(stmt, 1, SQL_DELETE, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 999));
    ERR(stmt, "HY107", SQLSetPos(stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    ERR(stmt, "24000", SQLSetPos(stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
}

static void refreshes(void **state)
{
    SQLINTEGER bound[3];
    SQLUSMALLINT status[3];
    SQLUSMALLINT operation[3] = { SQL_ROW_PROCEED, SQL_ROW_IGNORE, SQL_ROW_PROCEED };

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(3), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, bound, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(WIDE(10))));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 4));
    memset(bound, 0, sizeof bound);
    memset(status, 0x55, sizeof status);
    OK(stmt, SQLSetPos(stmt, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    assert_int_equal(bound[0], 0);
    assert_int_equal(bound[1], 5);
    assert_int_equal(bound[2], 0);
    assert_int_equal(status[1], SQL_ROW_SUCCESS);
    assert_int_equal(status[0], 0x5555);
    assert_int_equal(number_at(stmt), 5);
    OK(stmt, SQLSetPos(stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    assert_int_equal(bound[0], 4);
    assert_int_equal(bound[2], 6);
    memset(bound, 0, sizeof bound);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_OPERATION_PTR, operation, 0));
    OK(stmt, SQLSetPos(stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    assert_int_equal(bound[0], 4);
    assert_int_equal(bound[1], 0);
    assert_int_equal(bound[2], 6);
}

/* Rows in error count as rows, and stay where they are. */
static void rows_in_error_are_rows(void **state)
{
    static const char sql[] = "SELECT CASE WHEN i = 3 THEN 'x' ELSE CAST(i AS text) END "
                              "FROM generate_series(1, 5) AS g(i)";
    SQLINTEGER bound[5];
    SQLUSMALLINT status[5];
    SQLULEN fetched = 0;
    char text[8];

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(5), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, bound, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    for (int i = 0; i < 3; i++) {
        INFO(stmt, "22018", SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
        assert_int_equal(fetched, 5);
        assert_int_equal(status[2], SQL_ROW_ERROR);
        assert_int_equal(bound[4], 5);
        OK(stmt, SQLSetPos(stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        ERR(stmt, "HY109", SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
        ERR(stmt, "22018", SQLSetPos(stmt, 3, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
        INFO(stmt, "22018", SQLSetPos(stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
        ERR(stmt, "HY109", SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    }
    /* Bound otherwise, the row is good. */
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(1), 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_RELATIVE, 2));
    assert_string_equal(text, "x");
}

/* ---- errors ---- */

/* 1/(4000 - i): the server stops in row 4000. */
#define BREAKS                                                                                     \
    "SELECT CAST(i AS integer), 1 / (4000 - i), rpad('', 100, 'x') "                               \
    "FROM generate_series(1, 5000) AS g(i)"

static void an_error_comes_at_its_place(void **state)
{
    SQLLEN count = 0;
    SQLRETURN rc;
    SQLINTEGER rows = 0;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL(BREAKS)));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, -1);
    if (BY(true, false))
        assert_int_equal(rows_by_diag(stmt), 0);
    while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
        rows++;
        assert_int_equal(number_at(stmt), rows);
        if (rows == 2000)
            scroll_to(stmt, 5);
        if (rows == 2000)
            scroll_to(stmt, 2000);
    }
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, "22012", rc);
    assert_true(rows > 3000 && rows < 4000);
    ERR(stmt, "24000", SQLFetch(stmt));
    ERR(stmt, "24000", SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL(BREAKS)));
    scroll_to(stmt, 7);
    ERR(stmt, "22012", SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    ERR(stmt, "24000", SQLFetch(stmt));
}

static void rows_before_an_error_scroll(void **state)
{
    SQLINTEGER bound[1000];
    SQLULEN fetched = 0;
    SQLRETURN rc;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(1000), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, bound, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL(BREAKS)));
    do
        OK(stmt, SQLFetch(stmt));
    while (fetched == 1000);
    assert_true(fetched > 0); /* the last good rows */
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_PRIOR, 0));
    assert_int_equal(fetched, 1000);
    OK(stmt, SQLFetch(stmt));
    rc = SQLFetch(stmt);
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, "22012", rc);
    ERR(stmt, "24000", SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
}

/* ---- other results ---- */

static void catalog_results_scroll(void **state)
{
    SQLSMALLINT type = 0, first = 0;
    SQLLEN count = 0, seen = 0;

    (void)state;
    OK(stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_true(count > 5);
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SSHORT, &first, 0, NULL));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, -count));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SSHORT, &type, 0, NULL));
    assert_int_equal(type, first);
    for (seen = 1; SQL_SUCCEEDED(SQLFetchScroll(stmt, SQL_FETCH_RELATIVE, 1)); seen++)
        continue;
    assert_int_equal(seen, count);
    OK(stmt,
       SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE) == SQL_ERROR ? SQL_SUCCESS : SQL_ERROR);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(2), 0));
    OK(stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 2);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    NODATA(stmt, SQLFetch(stmt));
}

static void each_result_of_a_batch_scrolls(void **state)
{
    SQLLEN count = 0;

    (void)state;
    OK(stmt,
       SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) FROM generate_series(1, 9) AS g(i);"
                               "SELECT CAST(i AS integer) FROM generate_series(1, 4) AS g(i)")));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    assert_int_equal(number_at(stmt), 9);
    scroll_to(stmt, 2);
    OK(stmt, SQLMoreResults(stmt));
    scroll_to(stmt, 3);
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 4);
    NODATA(stmt, SQLMoreResults(stmt));
}

static void closes_early(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        int64_t before = t_now_ms();

        OK(stmt, SQLExecDirect(stmt, SQL("SELECT generate_series(1, 100000000)")));
        scroll_to(stmt, 3);
        scroll_to(stmt, 1);
        OK(stmt, SQLCloseCursor(stmt));
        assert_true(t_now_ms() - before < 60000);
    }
    t_expect(&conn, "SELECT 1", "1");
}

/* ODBC 2: the type of cursor is a connection's default, rows are numbered by SQL_GET_BOOKMARK. */
static void old_applications_scroll(void **state)
{
    struct t_conn old;
    SQLHSTMT of;
    SQLULEN rows = 0, number = 0;
    SQLUSMALLINT status[1];

    (void)state;
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    if (BY(true, false)) {
        DBC_INFO(old.dbc, "01S02",
                 SQLSetConnectAttr(old.dbc, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_DYNAMIC), 0));
        of = t_stmt(&old);
    } else {
        of = static_stmt(&old);
    }
    OK(of, SQLExecDirect(of, SQL(WIDE(20))));
    OK(of, SQLExtendedFetch(of, SQL_FETCH_LAST, 0, &rows, status));
    assert_int_equal(rows, 1);
    assert_int_equal(number_at(of), 20);
    OK(of, SQLGetStmtAttr(of, SQL_GET_BOOKMARK, &number, 0, NULL));
    assert_int_equal(number, 20);
    t_free(of);
    t_close(&old);
}

#define WITH_STMT(test) cmocka_unit_test_setup_teardown(test, new_stmt, face_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STMT(goes_on_in_a_file),
        WITH_STMT(memory_is_limited),
        WITH_STMT(other_statements_come_between),
        WITH_STMT(commits_come_between),
        WITH_STMT(counts_its_rows),
        WITH_STMT(pieces_go_on_after_counting),
        WITH_STMT(max_rows_limits_and_frees),
        WITH_STMT(gets_data_in_any_row),
        WITH_STMT(refreshes),
        WITH_STMT(rows_in_error_are_rows),
        WITH_STMT(an_error_comes_at_its_place),
        WITH_STMT(rows_before_an_error_scroll),
        WITH_STMT(catalog_results_scroll),
        WITH_STMT(each_result_of_a_batch_scrolls),
        WITH_STMT(closes_early),
        WITH_STMT(old_applications_scroll),
    };

    return cmocka_run_group_tests(tests, open_conn, face_close);
}
