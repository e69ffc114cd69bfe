/*
 * Rowsets: SQLFetch, SQLFetchScroll, SQLExtendedFetch, SQLSetPos, bound columns; odbc.md 2.3, 8.
 */
#include "facebed.h"

/* n from 1 on; s is "row n", NULL for every third row */
#define ROWS(n)                                                                                    \
    "SELECT CAST(i AS integer), CASE WHEN i % 3 = 0 THEN NULL ELSE 'row ' || i END "               \
    "FROM generate_series(1, " #n ") AS g(i) ORDER BY 1"

static void set(SQLINTEGER attribute, const void *value)
{
    OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)(uintptr_t)value, 0));
}

static void set_number(SQLINTEGER attribute, SQLULEN value)
{
    OK(stmt, SQLSetStmtAttr(stmt, attribute, NUMBER(value), 0));
}

/* State, row and column of record n. */
static void expect_record(SQLSMALLINT n, const char *state, SQLLEN row, SQLINTEGER column)
{
    char got[6];
    SQLLEN got_row = 0;
    SQLINTEGER got_column = 0;

    assert_true(t_diag(SQL_HANDLE_STMT, stmt, n, got, NULL, 0));
    assert_string_equal(got, state);
    OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, n, SQL_DIAG_ROW_NUMBER, &got_row, 0, NULL));
    OK(stmt,
       SQLGetDiagField(SQL_HANDLE_STMT, stmt, n, SQL_DIAG_COLUMN_NUMBER, &got_column, 0, NULL));
    assert_int_equal(got_row, row);
    assert_int_equal(got_column, column);
}

static void fetches_column_wise(void **state)
{
    SQLINTEGER n[4];
    char s[4][8];
    SQLLEN n_ind[4], s_ind[4];
    SQLUSMALLINT status[4];
    SQLULEN fetched = 99;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, n_ind));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, s, sizeof s[0], s_ind));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set(SQL_ATTR_ROW_STATUS_PTR, status);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(10))));
    for (SQLINTEGER first = 1; first <= 9; first += 4) {
        SQLINTEGER rows = first == 9 ? 2 : 4;

        memset(n, 0x55, sizeof n);
        OK(stmt, SQLFetch(stmt));
        assert_int_equal(fetched, rows);
        for (SQLINTEGER i = 0; i < 4; i++) {
            char want[8];

            assert_int_equal(status[i], i < rows ? SQL_ROW_SUCCESS : SQL_ROW_NOROW);
            if (i >= rows) {
                assert_int_equal(n[i], 0x55555555);
                continue;
            }
            assert_int_equal(n[i], first + i);
            assert_int_equal(n_ind[i], 4);
            snprintf(want, sizeof want, "row %d", first + i);
            if ((first + i) % 3 == 0) {
                assert_int_equal(s_ind[i], SQL_NULL_DATA);
            } else {
                assert_string_equal(s[i], want);
                assert_int_equal(s_ind[i], strlen(want));
            }
        }
    }
    n[0] = -1;
    NODATA(stmt, SQLFetch(stmt));
    assert_int_equal(n[0], -1);
    assert_int_equal(fetched, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(status[i], SQL_ROW_NOROW);
}

struct row {
    SQLINTEGER n;
    SQLLEN n_ind;
    char s[8];
    SQLLEN s_ind;
};

static void fetches_row_wise_with_offset(void **state)
{
    struct row rows[2][3];
    SQLULEN fetched = 0;
    SQLLEN offset = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &rows[0][0].n, 0, &rows[0][0].n_ind));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, rows[0][0].s, sizeof rows[0][0].s, &rows[0][0].s_ind));
    set_number(SQL_ATTR_ROW_BIND_TYPE, sizeof(struct row));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    set(SQL_ATTR_ROW_BIND_OFFSET_PTR, &offset);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(6))));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    offset = sizeof rows[0];
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    for (int set_no = 0; set_no < 2; set_no++)
        for (int i = 0; i < 3; i++) {
            assert_int_equal(rows[set_no][i].n, set_no * 3 + i + 1);
            assert_int_equal(rows[set_no][i].n_ind, 4);
            assert_int_equal(rows[set_no][i].s_ind, i == 2 ? SQL_NULL_DATA : 5);
        }
    assert_string_equal(rows[1][1].s, "row 5");
    NODATA(stmt, SQLFetch(stmt));
}

static void offset_moves_column_wise_binding(void **state)
{
    SQLINTEGER n[6] = { 0 };
    SQLLEN offset = 0;

    (void)state;
    /* the bound address alone may be invalid: the offset makes it valid */
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set(SQL_ATTR_ROW_BIND_OFFSET_PTR, &offset);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(6))));
    for (int i = 0; i < 6; i++) {
        offset = i * (SQLLEN)sizeof n[0];
        OK(stmt, SQLFetch(stmt));
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(n[i], i + 1);
}

static void array_size_changes_between_fetches(void **state)
{
    SQLINTEGER n[5];
    SQLULEN fetched, number;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(10))));
    OK(stmt, SQLFetch(stmt));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 5);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n[0], 3);
    assert_int_equal(n[4], 7);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
    assert_int_equal(number, 3);
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 1);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n[0], 8);
    ERR(stmt, "HY024", SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(0), 0));
}

static void reports_truncation_by_row_and_column(void **state)
{
    char s[3][6];
    SQLLEN ind[3];
    SQLUSMALLINT status[3];

    (void)state;
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, s, sizeof s[0], ind));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    set(SQL_ATTR_ROW_STATUS_PTR, status);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1, 'short' UNION ALL SELECT 2, 'longer one' "
                                     "UNION ALL SELECT 3, 'also too long'")));
    INFO(stmt, "01004", SQLFetch(stmt));
    expect_record(1, "01004", 2, 2);
    expect_record(2, "01004", 3, 2);
    assert_int_equal(status[0], SQL_ROW_SUCCESS);
    assert_int_equal(status[1], SQL_ROW_SUCCESS_WITH_INFO);
    assert_string_equal(s[1], "longe");
    assert_int_equal(ind[1], 10);
    assert_int_equal(ind[2], 13);
}

static void rows_in_error_do_not_stop_the_rowset(void **state)
{
    SQLINTEGER n[4] = { -1, -1, -1, -1 };
    SQLLEN ind[4];
    SQLUSMALLINT status[4];
    SQLULEN fetched = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, ind));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    set(SQL_ATTR_ROW_STATUS_PTR, status);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT '1' UNION ALL SELECT 'x' UNION ALL SELECT 'y' "
                                     "UNION ALL SELECT 'z' UNION ALL SELECT '5'")));
    INFO(stmt, "22018", SQLFetch(stmt)); /* some rows failed */
    expect_record(1, "22018", 2, 1);
    assert_int_equal(status[0], SQL_ROW_SUCCESS);
    assert_int_equal(status[1], SQL_ROW_ERROR);
    assert_int_equal(n[0], 1);
    assert_int_equal(fetched, 2);
    ERR(stmt, "22018", SQLFetch(stmt)); /* all failed */
    assert_int_equal(status[0], SQL_ROW_ERROR);
    assert_int_equal(status[1], SQL_ROW_ERROR);
    expect_record(1, "22018", 3, 1);
    expect_record(2, "22018", 4, 1);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n[0], 5);
    assert_int_equal(fetched, 1);
    assert_int_equal(status[1], SQL_ROW_NOROW);
    NODATA(stmt, SQLFetch(stmt));
}

static void extended_fetch_has_its_own_rules(void **state)
{
    SQLINTEGER n[3];
    SQLUSMALLINT status[3];
    SQLULEN rows = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 2); /* not for SQLExtendedFetch */
    set_number(SQL_ROWSET_SIZE, 3);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT '1' UNION ALL SELECT 'x' UNION ALL SELECT '3.5' "
                                     "UNION ALL SELECT 'z'")));
    INFO(stmt, "01S01", SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &rows, status));
    assert_int_equal(rows, 3);
    assert_int_equal(status[0], SQL_ROW_SUCCESS);
    assert_int_equal(status[1], SQL_ROW_ERROR);
    assert_int_equal(status[2], SQL_ROW_SUCCESS); /* cut: a warning, and yet success */
    expect_record(2, "22018", 2, 1);
    expect_record(3, "01S07", 3, 1);
    INFO(stmt, "01S01", SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &rows, status)); /* all failed */
    assert_int_equal(rows, 1);
    assert_int_equal(status[0], SQL_ROW_ERROR);
    assert_int_equal(status[1], SQL_ROW_NOROW);
    NODATA(stmt, SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &rows, status));
    assert_int_equal(rows, 0);
}

static void null_wants_an_indicator(void **state)
{
    SQLINTEGER n[2] = { -1, -1 };
    SQLUSMALLINT status[2];

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    set(SQL_ATTR_ROW_STATUS_PTR, status);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(NULL AS integer) UNION ALL SELECT 2 ORDER BY 1 "
                                     "NULLS FIRST")));
    INFO(stmt, "22002", SQLFetch(stmt));
    expect_record(1, "22002", 1, 1);
    assert_int_equal(status[0], SQL_ROW_ERROR);
    assert_int_equal(n[1], 2);
}

static void writes_lengths_alone(void **state)
{
    SQLLEN ind[3] = { 0 };

    (void)state;
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, NULL, 0, ind));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(3))));
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_SUCCESS, NULL, SQLFetch(stmt));
    assert_int_equal(ind[0], 5);
    assert_int_equal(ind[2], SQL_NULL_DATA);
}

static void length_and_indicator_may_differ(void **state)
{
    SQLHDESC ard;
    SQLLEN length = -9, ind = -9;
    SQLINTEGER n = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, &length));
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    assert_int_equal(SQLSetDescField(ard, 1, SQL_DESC_INDICATOR_PTR, &ind, 0), SQL_SUCCESS);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 7 UNION ALL SELECT NULL ORDER BY 1")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(length, 4);
    assert_int_equal(ind, 0);
    length = -9;
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(length, -9);
    assert_int_equal(ind, SQL_NULL_DATA);
}

static void limits_rows(void **state)
{
    SQLINTEGER n[4];
    SQLULEN fetched = 0;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set_number(SQL_ATTR_MAX_ROWS, 5);
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) FROM generate_series(1, 200000) "
                                     "AS g(i)")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(fetched, 4);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(fetched, 1);
    assert_int_equal(n[0], 5);
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    t_expect(&conn, "SELECT 1", "1");
    set_number(SQL_ATTR_MAX_ROWS, 0);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(6))));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(fetched, 2);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    /* catalog results too */
    set_number(SQL_ATTR_MAX_ROWS, 1);
    OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 1);
    OK(stmt, SQLTables(stmt, SQL("dev"), SQL("public"), NULL, 0, NULL, 0));
    OK(stmt, SQLFetch(stmt));
    NODATA(stmt, SQLFetch(stmt));
}

static void limits_lengths_without_a_word(void **state)
{
    char s[32];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, s, sizeof s, &ind));
    set_number(SQL_ATTR_MAX_LENGTH, 4);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 'abcdefgh' UNION ALL SELECT 'abcä' UNION ALL "
                                     "SELECT 'äöü'")));
    OK(stmt, SQLFetch(stmt));
    assert_string_equal(s, "abcd");
    assert_int_equal(ind, 4);
    OK(stmt, SQLFetch(stmt));
    assert_string_equal(s, "abc"); /* characters are cut whole */
    assert_int_equal(ind, 3);
    OK(stmt, SQLFetch(stmt));
    assert_string_equal(s, "äö");
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 123456")));
    OK(stmt, SQLFetch(stmt));
    assert_string_equal(s, "123456"); /* numbers are not cut */
}

static void retrieve_data_off_positions_only(void **state)
{
    SQLINTEGER n = -1, got;
    SQLULEN number;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    set_number(SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(3))));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n, -1);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
    assert_int_equal(number, 2);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &got, 0, NULL));
    assert_int_equal(got, 2);
    set_number(SQL_ATTR_RETRIEVE_DATA, SQL_RD_ON);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n, 3);
}

static void bindings_outlive_results(void **state)
{
    SQLINTEGER n = 0, second = -1;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_SLONG, &second, 0, &ind)); /* more than the result has */
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 11")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n, 11);
    assert_int_equal(second, -1);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 12, 13")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n, 12);
    assert_int_equal(second, 13);
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_SLONG, NULL, 0, NULL)); /* unbind in mid-result */
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    second = -1;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 14, 15")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(second, -1);
    OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    n = -1;
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 14, 15")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(n, -1);
}

static void forward_only_knows_next_alone(void **state)
{
    static const SQLSMALLINT others[] = { SQL_FETCH_FIRST, SQL_FETCH_LAST, SQL_FETCH_PRIOR,
                                          SQL_FETCH_ABSOLUTE, SQL_FETCH_RELATIVE };
    SQLUSMALLINT status[1];
    SQLULEN rows;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(3))));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        ERR(stmt, "HY106", SQLFetchScroll(stmt, others[i], 1));
    ERR(stmt, "HY106", SQLFetchScroll(stmt, 77, 1));
    ERR(stmt, "HY106", SQLExtendedFetch(stmt, SQL_FETCH_LAST, 0, &rows, status));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 99));
}

static void sets_positions(void **state)
{
    SQLINTEGER n, bound[4];

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, bound, 0, NULL));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 4);
    OK(stmt, SQLExecDirect(stmt, SQL(ROWS(6))));
    OK(stmt, SQLFetch(stmt));
    for (SQLINTEGER row = 4; row >= 1; row--) {
        OK(stmt, SQLSetPos(stmt, (SQLSETPOSIROW)row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
        assert_int_equal(n, row);
    }
    ERR(stmt, "HY109", SQLSetPos(stmt, 0, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HY107", SQLSetPos(stmt, 5, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HYC00", SQLSetPos(stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HYC00", SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_EXCLUSIVE));
    ERR(stmt, "HY092", SQLSetPos(stmt, 1, SQL_DELETE, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HY092", SQLSetPos(stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    ERR(stmt, "HY092", SQLSetPos(stmt, 1, 77, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLFetch(stmt));
    ERR(stmt, "HY107", SQLSetPos(stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLSetPos(stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    assert_int_equal(n, 6);
}

static void refuses_types_that_do_not_fit(void **state)
{
    SQL_DATE_STRUCT date;
    SQLINTEGER n;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_TYPE_DATE, &date, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    ERR(stmt, "07006", SQLFetch(stmt));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(stmt, SQLFetch(stmt)); /* the position was unchanged */
    assert_int_equal(n, 1);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    ERR(stmt, "HY003", SQLBindCol(stmt, 1, 777, &n, 0, NULL));
    ERR(stmt, "HY090", SQLBindCol(stmt, 1, SQL_C_CHAR, &n, -1, NULL));
}

/* ---- errors of the server behind rows ---- */

static void delivers_rows_before_an_error(void **state)
{
    SQLINTEGER n[4];
    SQLULEN fetched = 0;
    SQLUSMALLINT status[4];

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    set(SQL_ATTR_ROW_STATUS_PTR, status);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 60 / (7 - i) FROM generate_series(1, 20) AS g(i)")));
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(fetched, 4);
    OK(stmt, SQLFetch(stmt));
    assert_int_equal(fetched, 2);
    assert_int_equal(n[1], 60);
    assert_int_equal(status[2], SQL_ROW_NOROW);
    ERR(stmt, "22012", SQLFetch(stmt));
    ERR(stmt, "24000", SQLFetch(stmt));
    OK(stmt, SQLCloseCursor(stmt));
    t_expect(&conn, "SELECT 1", "1");
}

/* ---- memory ---- */

static void million_rows_in_flat_memory(void **state)
{
    static SQLINTEGER n[1000];
    static char s[1000][64];
    static SQLLEN n_ind[1000], s_ind[1000];
    SQLULEN fetched = 0;
    SQLRETURN rc;
    long before;
    int64_t sum = 0, rows = 0;

    (void)state;
    if (server != T_POSTGRES)
        return;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, n_ind));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, s, sizeof s[0], s_ind));
    set_number(SQL_ATTR_ROW_ARRAY_SIZE, 1000);
    set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    before = t_peak_kib();
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer), repeat('x', 40) FROM "
                                     "generate_series(1, 1000000) AS g(i)")));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        for (SQLULEN i = 0; i < fetched; i++)
            sum += n[i];
        rows += (int64_t)fetched;
    }
    NODATA(stmt, rc);
    assert_int_equal(rows, 1000000);
    assert_true(sum == INT64_C(500000500000));
    assert_in_range(t_peak_kib() - before, 0, 16 * 1024);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(fetches_column_wise),
        EACH(fetches_row_wise_with_offset),
        EACH(offset_moves_column_wise_binding),
        EACH(array_size_changes_between_fetches),
        EACH(reports_truncation_by_row_and_column),
        EACH(rows_in_error_do_not_stop_the_rowset),
        EACH(extended_fetch_has_its_own_rules),
        EACH(null_wants_an_indicator),
        EACH(writes_lengths_alone),
        EACH(length_and_indicator_may_differ),
        EACH(limits_rows),
        EACH(limits_lengths_without_a_word),
        EACH(retrieve_data_off_positions_only),
        EACH(bindings_outlive_results),
        EACH(forward_only_knows_next_alone),
        EACH(sets_positions),
        EACH(refuses_types_that_do_not_fit),
        EACH(delivers_rows_before_an_error),
        EACH(million_rows_in_flat_memory),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("fetch on PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("fetch on Redshift", tests, face_open, face_close);
}
