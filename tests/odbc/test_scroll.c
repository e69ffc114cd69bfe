/*
 * Fetch orientations of static cursors: from every place, with every rowset size, over results of
 * every small length, against a model of odbc.md 8.2's table.
 */
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

/* ---- the table ---- */

enum { BEFORE = 0, AFTER = -1 }; /* places; others are the first row of the rowset */

enum { MAX_ROWS = 6, MAX_SIZE = 4, REACH = 7, TOP = MAX_SIZE };

struct move {
    SQLSMALLINT orientation;
    SQLLEN k;
};

struct place {
    SQLLEN at;
    SQLLEN size; /* of the fetch that led there */
    int is_cut;
};

static SQLLEN size_of(SQLLEN k)
{
    return k < 0 ? -k : k;
}

static struct place model_absolute(SQLLEN rows, SQLLEN n, SQLLEN k)
{
    if (k < 0 && size_of(k) <= rows)
        return (struct place){ rows + k + 1, n, 0 };
    if (k < 0 && size_of(k) > rows && size_of(k) > n)
        return (struct place){ BEFORE, n, 0 };
    if (k < 0)
        return (struct place){ 1, n, 1 };
    if (k == 0)
        return (struct place){ BEFORE, n, 0 };
    if (k <= rows)
        return (struct place){ k, n, 0 };
    return (struct place){ AFTER, n, 0 };
}

static struct place model_relative(struct place from, SQLLEN rows, SQLLEN n, SQLLEN k)
{
    SQLLEN s = from.at;

    if ((s == BEFORE && k > 0) || (s == AFTER && k < 0))
        return model_absolute(rows, n, k);
    if ((s == BEFORE && k <= 0) || (s == 1 && k < 0))
        return (struct place){ BEFORE, n, 0 };
    if (s != AFTER && s + k < 1 && size_of(k) > n)
        return (struct place){ BEFORE, n, 0 };
    if (s != AFTER && s + k < 1 && size_of(k) <= n)
        return (struct place){ 1, n, 1 };
    if (s != AFTER && s + k <= rows)
        return (struct place){ s + k, n, 0 };
    return (struct place){ AFTER, n, 0 };
}

static struct place model_prior(struct place from, SQLLEN rows, SQLLEN n)
{
    SQLLEN s = from.at;

    if (s == BEFORE || s == 1)
        return (struct place){ BEFORE, n, 0 };
    if (s == AFTER && rows >= n)
        return (struct place){ rows - n + 1, n, 0 };
    if (s == AFTER)
        return (struct place){ 1, n, 1 };
    if (s <= n)
        return (struct place){ 1, n, 1 };
    return (struct place){ s - n, n, 0 };
}

static struct place model(struct place from, SQLLEN rows, SQLLEN n, struct move move)
{
    SQLLEN s = from.at;

    switch (move.orientation) {
    case SQL_FETCH_NEXT:
        if (s == BEFORE)
            return (struct place){ 1, n, 0 };
        if (s != AFTER && s + from.size <= rows)
            return (struct place){ s + from.size, n, 0 };
        return (struct place){ AFTER, n, 0 };
    case SQL_FETCH_PRIOR:
        return model_prior(from, rows, n);
    case SQL_FETCH_RELATIVE:
        return model_relative(from, rows, n, move.k);
    case SQL_FETCH_ABSOLUTE:
        return model_absolute(rows, n, move.k);
    case SQL_FETCH_FIRST:
        return (struct place){ 1, n, 0 };
    default: /* SQL_FETCH_LAST */
        return (struct place){ n <= rows ? rows - n + 1 : 1, n, 0 };
    }
}

/* ---- one fetch, held against it ---- */

static SQLINTEGER value[TOP];
static SQLLEN ind[TOP];
static SQLUSMALLINT status[TOP];
static SQLULEN fetched;
static bool is_extended;

static SQLRETURN do_fetch(struct move move)
{
    memset(value, 0x55, sizeof value);
    memset(status, 0x55, sizeof status);
    fetched = 77;
    if (is_extended)
        return SQLExtendedFetch(stmt, (SQLUSMALLINT)move.orientation, move.k, &fetched, status);
    return SQLFetchScroll(stmt, move.orientation, move.k);
}

static void set_size(SQLLEN n)
{
    OK(stmt,
       SQLSetStmtAttr(stmt, is_extended ? SQL_ROWSET_SIZE : SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(n), 0));
}

static char told[128]; /* which step is under way */

static void expect_place(SQLRETURN rc, struct place want, SQLLEN rows, SQLLEN n)
{
    SQLLEN there = want.at <= 0 || rows == 0 ? 0 : rows - want.at + 1;
    char state[6] = "";
    SQLULEN number = 0;

    if (there > n)
        there = n;
    if (there == 0) {
        if (rc != SQL_NO_DATA)
            fail_msg("%s: %d instead of SQL_NO_DATA", told, rc);
        if (SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL) != SQL_ERROR)
            fail_msg("%s: there is a current row", told);
    } else {
        if (rc != (want.is_cut ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS))
            fail_msg("%s: %d", told, rc);
        if (want.is_cut &&
            (!t_diag(SQL_HANDLE_STMT, stmt, 1, state, NULL, 0) || strcmp(state, "01S06") != 0))
            fail_msg("%s: \"%s\" instead of 01S06", told, state);
        OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
        if ((SQLLEN)number != want.at)
            fail_msg("%s: row %ld instead of %ld", told, (long)number, (long)want.at);
    }
    if ((SQLLEN)fetched != there)
        fail_msg("%s: %ld rows fetched instead of %ld", told, (long)fetched, (long)there);
    for (SQLLEN i = 0; i < n; i++) {
        SQLINTEGER row = i < there ? (SQLINTEGER)(want.at + i) : 0x55555555;

        if (status[i] != (i < there ? SQL_ROW_SUCCESS : SQL_ROW_NOROW) || value[i] != row)
            fail_msg("%s: element %ld: %d, status %d", told, (long)i, (int)value[i], status[i]);
    }
}

/* Goes to a place that does not depend on what is tested: from the start, row by row. */
static void go_to(SQLLEN rows, struct place from)
{
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecute(stmt));
    if (from.at == BEFORE)
        return;
    set_size(1);
    for (SQLLEN row = 1; row < (from.at == AFTER ? rows + 2 : from.at); row++)
        do_fetch((struct move){ SQL_FETCH_NEXT, 0 });
    if (from.at == AFTER)
        return;
    set_size(from.size);
    assert_true(SQL_SUCCEEDED(do_fetch((struct move){ SQL_FETCH_NEXT, 0 })));
    assert_int_equal(value[0], from.at);
}

static const SQLSMALLINT orientations[] = { SQL_FETCH_NEXT,     SQL_FETCH_PRIOR, SQL_FETCH_RELATIVE,
                                            SQL_FETCH_ABSOLUTE, SQL_FETCH_FIRST, SQL_FETCH_LAST };

/* One move from one place, and then NEXT and PRIOR from where it led. */
static void check_move(SQLLEN rows, struct place from, SQLLEN n, struct move move)
{
    struct place to = model(from, rows, n, move);
    const SQLSMALLINT then[] = { SQL_FETCH_NEXT, SQL_FETCH_PRIOR };

    go_to(rows, from);
    set_size(n);
    snprintf(told, sizeof told, "N %ld, from %ld of %ld, n %ld, orientation %d, k %ld", (long)rows,
             (long)from.at, (long)from.size, (long)n, move.orientation, (long)move.k);
    expect_place(do_fetch(move), to, rows, n);
    for (size_t i = 0; i < COUNT_OF(then) && rows > 0; i++) {
        struct move next = { then[i], 0 };

        to = model(to, rows, n, next);
        strcat(told, i == 0 ? ", NEXT" : ", PRIOR");
        expect_place(do_fetch(next), to, rows, n);
    }
}

static void check_moves(SQLLEN rows, struct place from, SQLLEN n)
{
    for (size_t i = 0; i < COUNT_OF(orientations); i++) {
        struct move move = { orientations[i], 0 };
        bool has_k =
            move.orientation == SQL_FETCH_RELATIVE || move.orientation == SQL_FETCH_ABSOLUTE;

        for (move.k = has_k ? -REACH : 0; move.k <= (has_k ? REACH : 0); move.k++)
            check_move(rows, from, n, move);
    }
}

static void new_stmt(SQLLEN rows)
{
    char sql[128];

    stmt = t_stmt(&conn);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, value, 0, ind));
    if (!is_extended) {
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    }
    snprintf(sql, sizeof sql, "SELECT CAST(i AS integer) FROM generate_series(1, %d) AS g(i)",
             (int)rows);
    OK(stmt, SQLPrepare(stmt, SQL(sql)));
    OK(stmt, SQLExecute(stmt));
}

static void walk_the_table(SQLLEN max_rows, SQLLEN max_size)
{
    for (SQLLEN rows = 0; rows <= max_rows; rows++) {
        new_stmt(rows);
        for (SQLLEN n = 1; n <= max_size; n++) {
            check_moves(rows, (struct place){ BEFORE, 1, 0 }, n);
            check_moves(rows, (struct place){ AFTER, 1, 0 }, n);
            for (SQLLEN s = 1; s <= rows; s++)
                for (SQLLEN last = 1; last <= max_size; last++)
                    check_moves(rows, (struct place){ s, last, 0 }, n);
        }
        t_free(stmt);
    }
}

static void scrolls_as_the_table_says(void **state)
{
    (void)state;
    is_extended = false;
    walk_the_table(MAX_ROWS, MAX_SIZE);
}

static void extended_fetch_scrolls_too(void **state)
{
    (void)state;
    is_extended = true;
    walk_the_table(3, 3);
    is_extended = false;
}

/* ---- around the table ---- */

static void far_offsets_do_not_wrap(void **state)
{
    static const SQLLEN far[] = { INT64_MAX, INT64_MAX - 1, INT64_MIN, INT64_MIN + 1 };

    (void)state;
    new_stmt(4);
    set_size(2);
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 3));
    for (size_t i = 0; i < COUNT_OF(far); i++) {
        NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, far[i]));
        OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 3));
        NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_RELATIVE, far[i]));
        OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 3));
    }
    t_free(stmt);
}

static void max_rows_is_the_end(void **state)
{
    SQLLEN count = 0;

    (void)state;
    stmt = t_stmt(&conn);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(3), 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, value, 0, ind));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i FROM generate_series(1, 100000) AS g(i)")));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    assert_int_equal(value[0], 3);
    NODATA(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, -3));
    assert_int_equal(value[0], 1);
    OK(stmt, SQLRowCount(stmt, &count));
    assert_int_equal(count, 3);
    /* From the next execution on. */
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_MAX_ROWS, NUMBER(1), 0));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_LAST, 0));
    assert_int_equal(value[0], 3);
    t_free(stmt);
}

static void forward_only_goes_forward(void **state)
{
    (void)state;
    stmt = t_stmt(&conn);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 1")));
    for (size_t i = 1; i < COUNT_OF(orientations); i++)
        ERR(stmt, "HY106", SQLFetchScroll(stmt, orientations[i], 1));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    t_free(stmt);
}

static void orientations_are_known(void **state)
{
    (void)state;
    new_stmt(1);
    ERR(stmt, "HY106", SQLFetchScroll(stmt, 77, 1));
    ERR(stmt, "HY106", SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 1));
    t_free(stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrolls_as_the_table_says), cmocka_unit_test(extended_fetch_scrolls_too),
        cmocka_unit_test(far_offsets_do_not_wrap),   cmocka_unit_test(max_rows_is_the_end),
        cmocka_unit_test(forward_only_goes_forward), cmocka_unit_test(orientations_are_known),
    };

    return cmocka_run_group_tests(tests, open_conn, face_close);
}
