/*
 * Values that a prepared query's later executions bring in binary: every C type gets from them what
 * it gets from the text of the first execution.
 */
#include <stdlib.h>

#define FACE_NO_STMT
#include "facebed.h"

static const char *const queries[] = {
    "SELECT x FROM (SELECT i, sin(i)::float8 * power(10::float8, i % 300) AS x FROM "
    "generate_series(1, 310) AS g(i) UNION ALL SELECT 1000 + i, sin(i)::float8 * "
    "power(10::float8, -(i % 320)) FROM generate_series(1, 310) AS g(i) UNION ALL SELECT 2000 + i, "
    "i::float8 / 8 FROM generate_series(-100, 100) AS g(i)) AS all_of_them ORDER BY i",
    "SELECT x::float8 FROM (VALUES ('0'), ('-0'), ('1'), ('-1'), ('0.1'), ('1e15'), ('1e14'), "
    "('123456789012345'), ('999999999999999.9'), ('1e-4'), ('1e-5'), ('5e-324'), "
    "('1.7976931348623157e308'), ('2.2250738585072014e-308'), ('127'), ('128'), ('-129'), "
    "('32768'), ('2147483648'), ('9223372036854775807'), ('-9223372036854775808'), ('1e20'), "
    "('3.5e38'), ('NaN'), ('Infinity'), ('-Infinity'), (NULL)) AS v(x)",
    "SELECT date '2000-01-01' + i * 1409 FROM generate_series(-500, 500) AS g(i)",
    "SELECT x::date FROM (VALUES ('0001-01-01'), ('0001-12-31 BC'), ('0044-03-15 BC'), "
    "('4713-01-01 BC'), ('2000-02-29'), ('1900-02-28'), ('1900-03-01'), ('1999-12-31'), "
    "('2000-01-01'), ('2024-02-29'), ('9999-12-31'), ('10000-01-01'), ('32768-01-01'), "
    "('5874897-12-31'), ('infinity'), ('-infinity'), (NULL)) AS v(x)",
    "SELECT timestamp '2000-01-01' + i * interval '98996639.743 seconds' FROM "
    "generate_series(-400, 400) AS g(i)",
    "SELECT x::timestamp FROM (VALUES ('2000-01-01 00:00:00'), ('1999-12-31 23:59:59.999999'), "
    "('1999-12-31 23:59:59'), ('2024-02-29 12:34:56.789012'), ('2024-02-29 12:34:56.1'), "
    "('2024-02-29 00:00:00.000001'), ('0001-01-01 00:00:00'), ('0001-12-31 23:59:59.5 BC'), "
    "('4713-01-01 00:00:00 BC'), ('9999-12-31 23:59:59.999999'), ('10000-01-01 00:00:00'), "
    "('294276-12-31 23:59:59.999999'), ('infinity'), ('-infinity'), (NULL)) AS v(x)",
    "SELECT time '00:00' + i * interval '719.99 seconds' FROM generate_series(0, 119) AS g(i)",
    "SELECT x::time FROM (VALUES ('00:00:00'), ('00:00:00.000001'), ('00:00:01'), ('12:34:56'), "
    "('12:34:56.789012'), ('12:34:56.7'), ('11:59:59.999999'), ('23:59:59'), ('23:59:59.999999'), "
    "('24:00:00'), (NULL)) AS v(x)",
    "SELECT timetz '00:00+01' + i * interval '719.99 seconds' FROM generate_series(0, 119) AS g(i)",
    "SELECT x::timetz FROM (VALUES ('00:00:00+00'), ('00:00:00.000001-14'), ('12:34:56+05:30'), "
    "('12:34:56-03:30'), ('12:34:56.7+14'), ('23:59:59.999999-15:59:59'), ('12:00:00+15:59:59'), "
    "('24:00:00+00'), ('12:00:00+00:00:01'), ('12:00:00-00:30'), (NULL)) AS v(x)",
    "SELECT (i * i * i * 7919.123456)::numeric(18,4) FROM generate_series(-60, 60) AS g(i)",
    "SELECT x::numeric(38,10) FROM (VALUES ('0'), ('1'), ('-1'), ('0.0000000001'), "
    "('-0.0000000001'), ('127'), ('128.5'), ('-32769'), ('4294967296.25'), "
    "('9223372036854775807'), ('-9223372036854775809'), "
    "('9999999999999999999999999999.9999999999'), "
    "('-9999999999999999999999999999.9999999999'), ('0.1'), (NULL)) AS v(x)",
};

static const SQLSMALLINT c_types[] = {
    SQL_C_CHAR,           SQL_C_WCHAR,          SQL_C_BINARY,  SQL_C_BIT,
    SQL_C_STINYINT,       SQL_C_UTINYINT,       SQL_C_SSHORT,  SQL_C_USHORT,
    SQL_C_SLONG,          SQL_C_ULONG,          SQL_C_SBIGINT, SQL_C_UBIGINT,
    SQL_C_FLOAT,          SQL_C_DOUBLE,         SQL_C_NUMERIC, SQL_C_TYPE_DATE,
    SQL_C_TYPE_TIME,      SQL_C_TYPE_TIMESTAMP, SQL_C_GUID,    SQL_C_INTERVAL_SECOND,
    SQL_C_INTERVAL_MONTH, SQL_C_DEFAULT,
};

/* All that one call gave. */
struct got {
    SQLRETURN rc;
    SQLLEN ind;
    char state[6];
    unsigned char buf[64];
};

enum { ROWS_MAX = 15000 };
static struct got first[ROWS_MAX];

static void take_state(SQLHSTMT stmt, struct got *got)
{
    if (got->rc == SQL_SUCCESS || got->rc == SQL_NO_DATA ||
        !t_diag(SQL_HANDLE_STMT, stmt, 1, got->state, NULL, 0))
        memset(got->state, 0, sizeof got->state);
}

static void fail_at(const char *how, size_t query, SQLSMALLINT c_type, int row,
                    const struct got *text, const struct got *binary)
{
    fail_msg("%s, query %zu, C type %d, row %d: %d %s %ld \"%.20s\", not %d %s %ld \"%.20s\"", how,
             query, c_type, row, binary->rc, binary->state, (long)binary->ind,
             (const char *)binary->buf, text->rc, text->state, (long)text->ind,
             (const char *)text->buf);
}

/* Keeps what the first execution gave; later ones must give the same. */
static void judge(const char *how, size_t query, SQLSMALLINT c_type, int round, int row,
                  const struct got *got)
{
    assert_in_range(row, 0, ROWS_MAX - 1);
    if (round == 0)
        first[row] = *got;
    else if (memcmp(&first[row], got, sizeof *got) != 0)
        fail_at(how, query, c_type, row, &first[row], got);
}

/* The C type that makes the driver ask for binary. */
static SQLSMALLINT own_type(size_t query)
{
    static const SQLSMALLINT types[] = { SQL_C_DOUBLE,    SQL_C_TYPE_DATE, SQL_C_TYPE_TIMESTAMP,
                                         SQL_C_TYPE_TIME, SQL_C_TYPE_TIME, SQL_C_NUMERIC };

    return types[query / 2];
}

/* One execution; wish: a C type for the last row, which the next execution goes by. */
static int get_all(SQLHSTMT stmt, size_t query, SQLSMALLINT c_type, int round, SQLSMALLINT wish)
{
    int rows = 0;

    OK(stmt, SQLExecute(stmt));
    while (SQLFetch(stmt) == SQL_SUCCESS) {
        struct got got;

        memset(&got, 0, sizeof got);
        got.rc = SQLGetData(stmt, 1, c_type, got.buf, sizeof got.buf, &got.ind);
        take_state(stmt, &got);
        judge("SQLGetData", query, c_type, round, rows++, &got);
        (void)SQLGetData(stmt, 1, wish, got.buf, sizeof got.buf, &got.ind);
    }
    OK(stmt, SQLCloseCursor(stmt));
    return rows;
}

/* Bound to `wish` when executed, and to c_type when fetched. */
static int fetch_all(SQLHSTMT stmt, size_t query, SQLSMALLINT c_type, int round, SQLSMALLINT wish)
{
    struct got got;
    int rows = 0;

    memset(&got, 0, sizeof got);
    OK(stmt, SQLBindCol(stmt, 1, wish, got.buf, sizeof got.buf, &got.ind));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLBindCol(stmt, 1, c_type, got.buf, sizeof got.buf, &got.ind));
    for (;;) {
        memset(&got, 0, sizeof got);
        got.rc = SQLFetch(stmt);
        if (got.rc == SQL_NO_DATA)
            break;
        take_state(stmt, &got);
        judge("SQLFetch", query, c_type, round, rows++, &got);
        if (strcmp(got.state, "07006") == 0)
            break;
    }
    OK(stmt, SQLCloseCursor(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    return rows;
}

/* First as text, then twice as binary, then as text again. */
static void both_forms_give_the_same(void **state)
{
    (void)state;
    for (size_t query = 0; query < COUNT_OF(queries); query++) {
        SQLSMALLINT own = own_type(query);

        for (size_t i = 0; i < COUNT_OF(c_types); i++) {
            SQLHSTMT stmt = t_stmt(&conn);
            int rows;

            OK(stmt, SQLPrepare(stmt, SQL(queries[query])));
            rows = get_all(stmt, query, c_types[i], 0, own);
            assert_true(rows > 10);
            assert_int_equal(get_all(stmt, query, c_types[i], 1, own), rows);
            assert_int_equal(get_all(stmt, query, c_types[i], 2, SQL_C_CHAR), rows);
            assert_int_equal(get_all(stmt, query, c_types[i], 3, own), rows);
            t_free(stmt);
            stmt = t_stmt(&conn);
            OK(stmt, SQLPrepare(stmt, SQL(queries[query])));
            rows = fetch_all(stmt, query, c_types[i], 0, own);
            assert_int_equal(fetch_all(stmt, query, c_types[i], 1, own), rows);
            assert_int_equal(fetch_all(stmt, query, c_types[i], 2, SQL_C_CHAR), rows);
            t_free(stmt);
        }
    }
}

/* Text of a binary value in pieces, and another C type in the middle. */
static void pieces_of_binary_values(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    double number = 0;
    char buf[40];
    SQLLEN ind;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT 0.1::float8, timestamp '2024-02-29 12:34:56.789012'")));
    for (int round = 0; round < 3; round++) {
        OK(stmt, SQLExecute(stmt));
        OK(stmt, SQLFetch(stmt));
        INFO(stmt, "01004", SQLGetData(stmt, 2, SQL_C_CHAR, buf, 23, &ind));
        assert_string_equal(buf, "2024-02-29 12:34:56.78");
        assert_int_equal(ind, 26);
        OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, "9012");
        assert_int_equal(ind, 4);
        NODATA(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, buf, sizeof buf, &ind));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_DOUBLE, &number, 0, &ind));
        assert_true(number == 0.1);
        OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, buf, sizeof buf, &ind));
        assert_string_equal(buf, "0.1");
        OK(stmt, SQLGetData(stmt, 2, SQL_C_TYPE_TIMESTAMP, buf, sizeof buf, &ind));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_DOUBLE, &number, 0, &ind));
        OK(stmt, SQLCloseCursor(stmt));
    }
    t_free(stmt);
}

/* Bound columns stay bound while the form changes; a static cursor keeps binary rows too. */
static void bindings_outlive_the_change(void **state)
{
    (void)state;
    for (int is_static = 0; is_static < 2; is_static++) {
        SQLHSTMT stmt = t_stmt(&conn);
        SQL_TIMESTAMP_STRUCT moment;
        double number;
        SQLLEN ind[2];

        if (is_static)
            OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
        OK(stmt, SQLPrepare(stmt, SQL("SELECT i / 8::float8, timestamp '2024-02-29' + i * "
                                      "interval '1 day' FROM generate_series(1, 5) AS g(i)")));
        OK(stmt, SQLBindCol(stmt, 1, SQL_C_DOUBLE, &number, 0, &ind[0]));
        OK(stmt, SQLBindCol(stmt, 2, SQL_C_TYPE_TIMESTAMP, &moment, 0, &ind[1]));
        for (int round = 0; round < 3; round++) {
            OK(stmt, SQLExecute(stmt));
            for (int i = 1; i <= 5; i++) {
                OK(stmt, SQLFetch(stmt));
                assert_true(number == i / 8.0);
                assert_int_equal(moment.day, i);
                assert_int_equal(moment.month, 3);
            }
            if (is_static) {
                OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 2));
                assert_true(number == 0.25);
                assert_int_equal(moment.day, 2);
            }
            OK(stmt, SQLCloseCursor(stmt));
        }
        t_free(stmt);
    }
}

/* What the log in the folder says last of binary columns; the folder goes. */
static void read_log(const char *folder, char *out, size_t cap)
{
    static char text[1 << 16];

    t_take_log(folder, text, sizeof text);
    *out = '\0';
    for (char *at = text; (at = strstr(at, "wire.binary")) != NULL; at++)
        snprintf(out, cap, "%.*s", (int)strcspn(at, "\n"), at);
}

static int level; /* of Redshift's protocol */

/* NUMERIC's default C type is cheaper as text. */
static SQLSMALLINT asked_type(SQLUSMALLINT column)
{
    if (column == 10)
        return SQL_C_DOUBLE;
    return column == 6 || column == 11 ? SQL_C_NUMERIC : SQL_C_DEFAULT;
}

/* Which columns come in binary, and that the key turns it off. */
static void key_decides(void **state)
{
    /* On Redshift the types of days and times, and NUMERIC, from level 2 on. */
    int n = server == T_POSTGRES ? 5 : level < 2 ? 2 : 7;

    (void)state;
    for (int on = 0; on < 2; on++) {
        char folder[] = "/tmp/rs_binary_XXXXXX", keys[200], line[1024], want[40];
        struct t_conn own;
        SQLHSTMT stmt;

        assert_non_null(mkdtemp(folder));
        snprintf(keys, sizeof keys,
                 "LogLevel=6;LogPath=%s;BinaryFetch=%d;ApplicationName=rs-level:%d;", folder, on,
                 level);
        t_open(&own, server, SQL_OV_ODBC3, keys);
        stmt = t_stmt(&own);
        OK(stmt, SQLPrepare(stmt, SQL("SELECT 1, 2::float8, 'x'::varchar(3), now()::timestamp, "
                                      "now(), 1.5::numeric(4,1), date '2024-02-29', "
                                      "time '12:34:56', timetz '12:34:56+01', "
                                      "2.5::numeric(4,1), 3.5::numeric")));
        for (int round = 0; round < 2; round++) {
            char value[40];
            SQLLEN ind;

            OK(stmt, SQLExecute(stmt));
            OK(stmt, SQLFetch(stmt));
            for (SQLUSMALLINT column = 1; column <= 11; column++)
                OK(stmt, SQLGetData(stmt, column, asked_type(column), value, sizeof value, &ind));
            OK(stmt, SQLCloseCursor(stmt));
        }
        t_free(stmt);
        t_close(&own);
        read_log(folder, line, sizeof line);
        snprintf(want, sizeof want, " %d columns of 11", n);
        if (on ? strstr(line, want) == NULL : *line != '\0')
            fail_msg("BinaryFetch=%d: \"%s\"", on, line);
    }
}

/* As face_open, at a level that the server grants. */
static int open_at_level(void **state)
{
    char keys[40];

    (void)state;
    snprintf(keys, sizeof keys, "ApplicationName=rs-level:%d;", level);
    t_open(&conn, server, SQL_OV_ODBC3, keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_give_the_same),
        cmocka_unit_test(pieces_of_binary_values),
        cmocka_unit_test(bindings_outlive_the_change),
        cmocka_unit_test(key_decides),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("binary on PostgreSQL", tests,
                                                             face_open, face_close);

    const struct CMUnitTest forms[] = { cmocka_unit_test(key_decides) };

    server = T_REDSHIFT;
    for (level = 0; level <= 3; level++) {
        if (level % 2 == 0)
            failed +=
                cmocka_run_group_tests_name("binary on Redshift", tests, open_at_level, face_close);
        else
            failed +=
                cmocka_run_group_tests_name("forms on Redshift", forms, open_at_level, face_close);
    }
    return failed;
}
