/*
 * SQLGetData: pieces, lengths, order, types; odbc.md 9. The conversions' own tables are unit tests.
 */
#include "facebed.h"

/* Executes and stands on the first row. */
static void on_row(const char *sql)
{
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    OK(stmt, SQLFetch(stmt));
}

static void narrow_pieces(void **state)
{
    char buf[8];
    SQLLEN ind;

    (void)state;
    on_row("SELECT 'abcdefghij'");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "abcd");
    assert_int_equal(ind, 10);
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "efgh");
    assert_int_equal(ind, 6); /* what remained before this call */
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "ij");
    assert_int_equal(ind, 2);
    ind = 77;
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_int_equal(ind, 77);
    assert_string_equal(buf, "ij");
}

/* Clients count on BufferLength - 1 bytes in every piece but the last (pyodbc does), so a piece
 * ends wherever the buffer does. */
static void narrow_pieces_fill_the_buffer(void **state)
{
    char buf[8];
    SQLLEN ind;

    (void)state;
    on_row("SELECT 'a€b😀'"); /* 1 + 3 + 1 + 4 bytes */
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 4, &ind));
    assert_string_equal(buf, "a\xe2\x82");
    assert_int_equal(ind, 9);
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 4, &ind));
    assert_string_equal(buf, "\xac"
                             "b\xf0");
    assert_int_equal(ind, 6);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 4, &ind));
    assert_string_equal(buf, "\x9f\x98\x80");
    assert_int_equal(ind, 3);
}

static void wide_pieces(void **state)
{
    SQLWCHAR buf[4] = { 9, 9, 9, 9 };
    SQLLEN ind;

    (void)state;
    on_row("SELECT 'ab😀c'"); /* 5 units */
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_WCHAR, buf, 8, &ind));
    assert_int_equal(ind, 10);
    assert_int_equal(buf[1], 'b');
    assert_int_equal(buf[2], 0xd83d); /* half of the pair: the buffer is full */
    assert_int_equal(buf[3], 0);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, buf, 7, &ind)); /* the odd byte is unused */
    assert_int_equal(ind, 4);
    assert_int_equal(buf[0], 0xde00);
    assert_int_equal(buf[1], 'c');
    assert_int_equal(buf[2], 0);
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, buf, 8, &ind));

    on_row("SELECT '😀'"); /* only one unit fits: the pair is split */
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_WCHAR, buf, 4, &ind));
    assert_int_equal(buf[0], 0xd83d);
    assert_int_equal(buf[1], 0);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, buf, 4, &ind));
    assert_int_equal(buf[0], 0xde00);
    assert_int_equal(ind, 2);
}

static void binary_pieces(void **state)
{
    unsigned char buf[4] = { 9, 9, 9, 9 };
    SQLLEN ind;

    (void)state;
    on_row("SELECT CAST('abcde' AS varchar(10))");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_BINARY, buf, 3, &ind));
    assert_memory_equal(buf, "abc\x09", 4);
    assert_int_equal(ind, 5);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_BINARY, buf, 3, &ind));
    assert_memory_equal(buf, "dec\x09", 4);
    assert_int_equal(ind, 2);
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_BINARY, buf, 3, &ind));
    if (server != T_POSTGRES)
        return;
    on_row("SELECT decode('000102ff', 'hex')");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_BINARY, buf, 3, &ind));
    assert_memory_equal(buf, "\x00\x01\x02\x09", 4);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_BINARY, buf, 3, &ind));
    assert_int_equal(buf[0], 0xff);
    assert_int_equal(ind, 1);
    {
        char hex[8];

        on_row("SELECT decode('00ab1f', 'hex')");
        INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, hex, 4, &ind)); /* whole pairs */
        assert_string_equal(hex, "00");
        assert_int_equal(ind, 6);
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, hex, 8, &ind));
        assert_string_equal(hex, "AB1F");
        assert_int_equal(ind, 4);
    }
}

static void length_first(void **state)
{
    char buf[16] = "untouched";
    SQLWCHAR wide[4];
    SQLLEN ind = -7;

    (void)state;
    on_row("SELECT 'abcdef', '', 12345, CAST('2026-01-02' AS date)");
    for (int i = 0; i < 2; i++) {
        INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 0, &ind));
        assert_int_equal(ind, 6);
        assert_string_equal(buf, "untouched");
    }
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_WCHAR, wide, 0, &ind));
    assert_int_equal(ind, 12);
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_BINARY, buf, 0, &ind));
    assert_int_equal(ind, 6);
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 1, &ind)); /* NUL alone */
    assert_int_equal(ind, 6);
    assert_string_equal(buf, "");
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "abcdef");

    INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 0, &ind));
    assert_int_equal(ind, 0);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 1, &ind));
    assert_int_equal(ind, 0);
    assert_string_equal(buf, "");
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, 1, &ind));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_BINARY, buf, 0, &ind)); /* empty binary fits */
    assert_int_equal(ind, 0);

    INFO(stmt, "01004", SQLGetData(stmt, 3, SQL_C_CHAR, buf, 0, &ind));
    assert_int_equal(ind, 5);
    OK(stmt, SQLGetData(stmt, 3, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "12345");
    INFO(stmt, "01004", SQLGetData(stmt, 4, SQL_C_CHAR, buf, 0, &ind));
    assert_int_equal(ind, 10);
    OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "2026-01-02");
}

static void numbers_keep_their_whole_digits(void **state)
{
    char buf[16] = "untouched";
    SQLLEN ind;

    (void)state;
    on_row("SELECT 12345.678, CAST('2026-01-02 03:04:05.123456' AS timestamp)");
    ERR(stmt, "22003", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "untouched");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 8, &ind));
    assert_string_equal(buf, "12345.6");
    assert_int_equal(ind, 9);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 8, &ind)); /* the rest of a cut fraction */
    assert_string_equal(buf, "78");
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 8, &ind));
    {
        char time[32];

        ERR(stmt, "22003", SQLGetData(stmt, 2, SQL_C_CHAR, time, 19, &ind));
        INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, time, 20, &ind));
        assert_string_equal(time, "2026-01-02 03:04:05");
    }
}

static void nulls(void **state)
{
    char buf[8] = "keep";
    SQLLEN ind = 0;

    (void)state;
    on_row("SELECT CAST(NULL AS varchar(10)), CAST(NULL AS integer)");
    ERR(stmt, "22002", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, NULL));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_int_equal(ind, SQL_NULL_DATA);
    assert_string_equal(buf, "keep");
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, buf, 0, &ind));
    assert_int_equal(ind, SQL_NULL_DATA);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, buf, 0, &ind));
}

static void fixed_targets_once(void **state)
{
    SQLINTEGER n = 0;
    SQLSMALLINT small;
    char buf[16];
    SQLLEN ind = 0;

    (void)state;
    on_row("SELECT 70000, '3.9', 'x'");
    ERR(stmt, "22003", SQLGetData(stmt, 1, SQL_C_SSHORT, &small, 0, &ind));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind)); /* the value was still there */
    assert_int_equal(n, 70000);
    assert_int_equal(ind, 4);
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind)); /* another type: anew */
    assert_string_equal(buf, "70000");
    INFO(stmt, "01S07", SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    assert_int_equal(n, 3);
    NODATA(stmt, SQLGetData(stmt, 2, SQL_C_SLONG, &n, 0, &ind));
    ERR(stmt, "22018", SQLGetData(stmt, 3, SQL_C_SLONG, &n, 0, &ind));
    ERR(stmt, "22018", SQLGetData(stmt, 3, SQL_C_SLONG, &n, 0, &ind));
    OK(stmt, SQLGetData(stmt, 3, SQL_C_CHAR, buf, sizeof buf, &ind));
    ERR(stmt, "07006", SQLGetData(stmt, 1, SQL_C_TYPE_DATE, buf, 0, &ind));
}

static void any_order(void **state)
{
    char buf[8];
    SQLINTEGER bound = -1;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_SLONG, &bound, 0, NULL));
    on_row("SELECT 'first', 22, 'third'");
    assert_int_equal(bound, 22);
    bound = -1;
    OK(stmt, SQLGetData(stmt, 3, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "third");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 4, &ind));
    assert_string_equal(buf, "fir");
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind)); /* bound */
    assert_string_equal(buf, "22");
    assert_int_equal(bound, -1);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind)); /* anew */
    assert_string_equal(buf, "first");
    INFO(stmt, "01004", SQLGetData(stmt, 3, SQL_C_CHAR, buf, 4, &ind));
    {
        SQLWCHAR wide[8];

        OK(stmt, SQLGetData(stmt, 3, SQL_C_WCHAR, wide, sizeof wide, &ind)); /* other type: anew */
        assert_int_equal(ind, 10);
        assert_int_equal(wide[0], 't');
    }
    ERR(stmt, "07009", SQLGetData(stmt, 4, SQL_C_CHAR, buf, sizeof buf, &ind));
    ERR(stmt, "07009", SQLGetData(stmt, 0, SQL_C_CHAR, buf, sizeof buf, &ind));
    ERR(stmt, "HY009", SQLGetData(stmt, 1, SQL_C_CHAR, NULL, 0, &ind));
    ERR(stmt, "HY090", SQLGetData(stmt, 1, SQL_C_CHAR, buf, -1, &ind));
    ERR(stmt, "HY003", SQLGetData(stmt, 1, 777, buf, sizeof buf, &ind));
}

static void over_rowsets(void **state)
{
    char buf[16];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(3), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT i, 'value ' || i, CASE WHEN i = 2 THEN NULL ELSE i "
                                     "END FROM generate_series(1, 5) AS g(i)")));
    for (int first = 1; first < 5; first += 3) {
        OK(stmt, SQLFetch(stmt));
        for (int pass = 0; pass < 2; pass++)
            for (int i = first == 4 ? 2 : 3; i >= 1; i--) {
                char want[24];

                OK(stmt, SQLSetPos(stmt, (SQLSETPOSIROW)i, SQL_POSITION, SQL_LOCK_NO_CHANGE));
                snprintf(want, sizeof want, "value %d", first + i - 1);
                INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 4, &ind));
                assert_string_equal(buf, "val");
                OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
                assert_string_equal(buf, want + 3);
                OK(stmt, SQLGetData(stmt, 3, SQL_C_CHAR, buf, sizeof buf, &ind));
                assert_int_equal(ind, first + i - 1 == 2 ? SQL_NULL_DATA : 1);
            }
        /* without SQLSetPos: row 1 */
        OK(stmt, SQLSetPos(stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_int_equal(strtol(buf, NULL, 10), first);
    }
    NODATA(stmt, SQLFetch(stmt));
}

static void row_in_error(void **state)
{
    SQLINTEGER n[2];
    char buf[8];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(2), 0));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT 'x' UNION ALL SELECT '2'")));
    INFO(stmt, "22018", SQLFetch(stmt));
    ERR(stmt, "HY109", SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    OK(stmt, SQLSetPos(stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
    assert_string_equal(buf, "2");
}

static void all_usual_types(void **state)
{
    union {
        char text[64];
        signed char tiny;
        unsigned char utiny;
        SQLSMALLINT small;
        SQLUSMALLINT usmall;
        SQLINTEGER integer;
        SQLUINTEGER uinteger;
        SQLBIGINT big;
        SQLUBIGINT ubig;
        SQLREAL real;
        SQLDOUBLE dbl;
        SQL_DATE_STRUCT date;
        SQL_TIME_STRUCT time;
        SQL_TIMESTAMP_STRUCT ts;
        SQL_NUMERIC_STRUCT num;
        SQL_INTERVAL_STRUCT interval;
        SQLGUID guid;
    } v;
    SQLLEN ind;

    (void)state;
    on_row("SELECT CAST(-7 AS smallint), CAST(42 AS bigint), CAST(1.5 AS real), "
           "CAST(-2.25 AS double precision), CAST('12345.67' AS numeric(10,2)), "
           "CAST('2026-03-04' AS date), CAST('2026-03-04 05:06:07.000008' AS timestamp), "
           "1 = 1, CAST('05:06:07' AS time), CAST('1 day 2 hours' AS interval)");
    OK(stmt, SQLGetData(stmt, 1, SQL_C_STINYINT, &v, 0, &ind));
    assert_int_equal(v.tiny, -7);
    assert_int_equal(ind, 1);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_SSHORT, &v, 0, &ind));
    assert_int_equal(v.small, -7);
    assert_int_equal(ind, 2);
    ERR(stmt, "22003", SQLGetData(stmt, 1, SQL_C_ULONG, &v, 0, &ind));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_UTINYINT, &v, 0, &ind));
    assert_int_equal(v.utiny, 42);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_USHORT, &v, 0, &ind));
    assert_int_equal(v.usmall, 42);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_ULONG, &v, 0, &ind));
    assert_int_equal(v.uinteger, 42);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_SBIGINT, &v, 0, &ind));
    assert_int_equal(v.big, 42);
    assert_int_equal(ind, 8);
    OK(stmt, SQLGetData(stmt, 2, SQL_C_UBIGINT, &v, 0, &ind));
    assert_int_equal(v.ubig, 42);
    OK(stmt, SQLGetData(stmt, 3, SQL_C_FLOAT, &v, 0, &ind));
    assert_true(v.real == 1.5f);
    OK(stmt, SQLGetData(stmt, 4, SQL_C_DOUBLE, &v, 0, &ind));
    assert_true(v.dbl == -2.25);
    OK(stmt, SQLGetData(stmt, 5, SQL_C_NUMERIC, &v, 0, &ind));
    assert_int_equal(v.num.scale, 2);
    assert_int_equal(v.num.sign, 1);
    assert_memory_equal(v.num.val, "\x87\xd6\x12\x00", 4); /* 1234567 */
    assert_int_equal(ind, sizeof v.num);
    INFO(stmt, "01S07", SQLGetData(stmt, 5, SQL_C_SLONG, &v, 0, &ind));
    assert_int_equal(v.integer, 12345);
    OK(stmt, SQLGetData(stmt, 6, SQL_C_TYPE_DATE, &v, 0, &ind));
    assert_int_equal(v.date.year, 2026);
    assert_int_equal(v.date.day, 4);
    OK(stmt, SQLGetData(stmt, 6, SQL_C_TYPE_TIMESTAMP, &v, 0, &ind));
    assert_int_equal(v.ts.month, 3);
    assert_int_equal(v.ts.hour, 0);
    OK(stmt, SQLGetData(stmt, 7, SQL_C_TYPE_TIMESTAMP, &v, 0, &ind));
    assert_int_equal(v.ts.second, 7);
    assert_int_equal(v.ts.fraction, 8000);
    INFO(stmt, "01S07", SQLGetData(stmt, 7, SQL_C_TYPE_DATE, &v, 0, &ind));
    OK(stmt, SQLGetData(stmt, 8, SQL_C_BIT, &v, 0, &ind));
    assert_int_equal(v.utiny, 1);
    OK(stmt, SQLGetData(stmt, 8, SQL_C_CHAR, &v, 64, &ind));
    assert_string_equal(v.text, "1");
    OK(stmt, SQLGetData(stmt, 9, SQL_C_TYPE_TIME, &v, 0, &ind));
    assert_int_equal(v.time.minute, 6);
    OK(stmt, SQLGetData(stmt, 10, SQL_C_INTERVAL_DAY_TO_SECOND, &v, 0, &ind));
    assert_int_equal(v.interval.intval.day_second.day, 1);
    assert_int_equal(v.interval.intval.day_second.hour, 2);
    /* SQL_C_DEFAULT is the default of the SQL type */
    OK(stmt, SQLGetData(stmt, 2, SQL_C_DEFAULT, &v, 0, &ind));
    assert_int_equal(v.big, 42);
    on_row("SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'");
    OK(stmt, SQLGetData(stmt, 1, SQL_C_GUID, &v, 0, &ind));
    assert_int_equal(v.guid.Data1, 0xa0eebc99);
    assert_int_equal(ind, 16);
}

static void type_of_the_ard(void **state)
{
    SQLHDESC ard;
    SQL_NUMERIC_STRUCT num;
    SQLLEN ind;

    (void)state;
    on_row("SELECT 12.345, 1");
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    SQLSetDescField(ard, 1, SQL_DESC_TYPE, NUMBER(SQL_C_NUMERIC), 0);
    SQLSetDescField(ard, 1, SQL_DESC_PRECISION, NUMBER(10), 0);
    SQLSetDescField(ard, 1, SQL_DESC_SCALE, NUMBER(1), 0);
    INFO(stmt, "01S07", SQLGetData(stmt, 1, SQL_ARD_TYPE, &num, 0, &ind));
    assert_int_equal(num.val[0], 123);
    assert_int_equal(num.scale, 1);
    ERR(stmt, "07009", SQLGetData(stmt, 2, SQL_ARD_TYPE, &num, 0, &ind));
    /* a record that could not be bound names no type */
    SQLSetDescField(ard, 1, SQL_DESC_PRECISION, NUMBER(39), 0);
    ERR(stmt, "07009", SQLGetData(stmt, 1, SQL_ARD_TYPE, &num, 0, &ind));
    SQLSetDescField(ard, 1, SQL_DESC_TYPE, NUMBER(SQL_INTERVAL), 0);
    ERR(stmt, "07009", SQLGetData(stmt, 1, SQL_ARD_TYPE, &num, 0, &ind));
}

/* A megabyte in pieces of 100 bytes: each piece must not cost the whole value. */
static void many_pieces_are_linear(void **state)
{
    char buf[101];
    SQLLEN ind, left = 1000000;
    SQLRETURN rc;
    int64_t start;

    (void)state;
    if (server != T_POSTGRES)
        return;
    on_row("SELECT repeat('0123456789', 100000)");
    start = t_now_ms();
    while ((rc = SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind)) != SQL_NO_DATA) {
        assert_true(SQL_SUCCEEDED(rc));
        assert_int_equal(ind, left);
        left -= 100;
    }
    assert_int_equal(left, 0);
    on_row("SELECT repeat('ä€', 100000)");
    left = 400000;
    {
        SQLWCHAR wide[51];

        while ((rc = SQLGetData(stmt, 1, SQL_C_WCHAR, wide, sizeof wide, &ind)) != SQL_NO_DATA) {
            assert_true(SQL_SUCCEEDED(rc));
            assert_int_equal(ind, left);
            left -= 100;
        }
    }
    assert_int_equal(left, 0);
    assert_in_range(t_now_ms() - start, 0, 20000);
}

/* Another statement takes the wire while a value is read in pieces. */
static void pieces_survive_other_statements(void **state)
{
    char buf[8];
    SQLLEN ind;

    (void)state;
    on_row("SELECT 'abcdefghij' UNION ALL SELECT 'second'");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    t_expect(&conn, "SELECT 'of other length, so that buffers move', 2",
             "of other length, so that buffers move|2");
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "efgh");
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "ij");
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 8, &ind));
    assert_string_equal(buf, "second");
}

/* The column's converter is remembered for the C type asked last; it must not outlive the type. */
static void two_types_in_turn(void **state)
{
    char buf[16];
    SQLINTEGER n;
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer) FROM generate_series(1234, 1237) "
                                     "AS g(i)")));
    for (int row = 1234; row <= 1237; row++) {
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
        assert_int_equal(n, row);
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_int_equal(strtol(buf, NULL, 10), row);
        n = 0;
        OK(stmt, SQLGetData(stmt, 1, SQL_C_DEFAULT, &n, 0, &ind));
        assert_int_equal(n, row);
        NODATA(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind)); /* the same type by name */
        ERR(stmt, "07006", SQLGetData(stmt, 1, SQL_C_TYPE_DATE, buf, 0, &ind));
        ERR(stmt, "HY003", SQLGetData(stmt, 1, 0, buf, 0, &ind));
        NODATA(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    }
}

static void other_columns_under_the_same_call(void **state)
{
    static const struct {
        const char *sql, *want;
    } rows[] = {
        { "SELECT 1 = 1", "1" },
        { "SELECT 't'", "t" },
        { "SELECT CAST('1.50' AS double precision)", "1.5" },
        { "SELECT CAST('1.50' AS numeric(4,2))", "1.50" },
    };
    char buf[16];
    SQLLEN ind;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        on_row(rows[i].sql);
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, rows[i].want);
    }
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    on_row("SELECT 1 = 1 AS v; SELECT 't' AS v; SELECT CAST('1.50' AS double precision) AS v");
    for (size_t i = 0; i < 3; i++) {
        if (i > 0) {
            OK(stmt, SQLMoreResults(stmt));
            OK(stmt, SQLFetch(stmt));
        }
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, rows[i].want);
    }
}

/* SQL_ARD_TYPE is what the record says at that call. */
static void record_type_changes(void **state)
{
    char buf[16] = "";
    SQLINTEGER n = 0;
    SQLLEN ind;

    (void)state;
    on_row("SELECT 77");
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(stmt, SQLGetData(stmt, 1, SQL_ARD_TYPE, &n, 0, &ind));
    assert_int_equal(n, 77);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, buf, sizeof buf, NULL));
    OK(stmt, SQLGetData(stmt, 1, SQL_ARD_TYPE, buf, sizeof buf, &ind));
    assert_string_equal(buf, "77");
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    n = 0;
    OK(stmt, SQLGetData(stmt, 1, SQL_ARD_TYPE, &n, 0, &ind));
    assert_int_equal(n, 77);
}

/* What fits by its length on the wire may still grow: then it comes in pieces like any other. */
static void grows_on_the_way(void **state)
{
    char buf[16];
    SQLLEN ind;

    (void)state;
    if (server != T_POSTGRES)
        return;
    OK(stmt, SQLExecDirect(stmt, SQL("SET bytea_output = 'escape'")));
    on_row("SELECT decode('616263', 'hex')"); /* comes as abc */
    INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "6162");
    assert_int_equal(ind, 6);
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    assert_string_equal(buf, "63");
    assert_int_equal(ind, 2);
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, 5, &ind));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirect(stmt, SQL("RESET bytea_output")));
}

/* The length of a wide value is counted at the first piece, whichever that is. */
static void wide_lengths(void **state)
{
    SQLWCHAR wide[160];
    SQLLEN ind;

    (void)state;
    for (int first = 0; first <= 12; first++) {
        SQLLEN left = 2 * 145, n = first == 0 ? 0 : first - 1; /* units in front of the NUL */

        on_row("SELECT 'é😀' || repeat('x', 70) || '😀' || repeat('y', 70)");
        INFO(stmt, "01004", SQLGetData(stmt, 1, SQL_C_WCHAR, wide, 2 * first, &ind));
        assert_int_equal(ind, 2 * 145);
        left -= 2 * n;
        OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, wide, sizeof wide, &ind));
        assert_int_equal(ind, left);
        assert_int_equal(wide[left / 2], 0);
        assert_int_equal(wide[left / 2 - 1], 'y');
        NODATA(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, wide, sizeof wide, &ind));
    }
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(narrow_pieces),
        EACH(two_types_in_turn),
        EACH(other_columns_under_the_same_call),
        EACH(record_type_changes),
        EACH(grows_on_the_way),
        EACH(wide_lengths),
        EACH(narrow_pieces_fill_the_buffer),
        EACH(wide_pieces),
        EACH(binary_pieces),
        EACH(length_first),
        EACH(numbers_keep_their_whole_digits),
        EACH(nulls),
        EACH(fixed_targets_once),
        EACH(any_order),
        EACH(over_rowsets),
        EACH(row_in_error),
        EACH(all_usual_types),
        EACH(type_of_the_ard),
        EACH(many_pieces_are_linear),
        EACH(pieces_survive_other_statements),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("getdata on PostgreSQL", tests,
                                                             face_open, face_close);

    server = T_REDSHIFT;
    return failed +
           cmocka_run_group_tests_name("getdata on Redshift", tests, face_open, face_close);
}
