/*
 * Every cell of the conversion matrices, odbc.md 10.2 and 10.4: a value that fits gives what it
 * should, one that is malformed its state. The limits of each are in the tests of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "odbc/param.h"
#include "os.h"

/* ---- from the server ---- */

#define ID    "01234567-89ab-cdef-0123-456789abcdef"
#define TODAY "*" /* what is checked elsewhere */

#define TEXTS(text) [RS_CTYPE_CHAR] = (text), [RS_CTYPE_WCHAR] = (text)
#define INTEGERS(text)                                                                             \
    [RS_CTYPE_STINYINT] = (text), [RS_CTYPE_UTINYINT] = (text), [RS_CTYPE_SSHORT] = (text),        \
    [RS_CTYPE_USHORT] = (text), [RS_CTYPE_SLONG] = (text), [RS_CTYPE_ULONG] = (text),              \
    [RS_CTYPE_SBIGINT] = (text), [RS_CTYPE_UBIGINT] = (text)
#define NUMBERS                                                                                    \
    INTEGERS("1"), [RS_CTYPE_BIT] = "1", [RS_CTYPE_FLOAT] = "1", [RS_CTYPE_DOUBLE] = "1",          \
                   [RS_CTYPE_NUMERIC] = "+0:1(38,0)"
#define DAY [RS_CTYPE_INTERVAL] = "3:1 0:0:0.000000"

static const struct {
    enum rs_kind kind;
    const char *text;
    const char *want[RS_CTYPE_COUNT]; /* NULL: not looked at with this text */
    SQLSMALLINT interval;
} good[] = {
    { RS_KIND_BOOL, "t", { TEXTS("1"), NUMBERS, [RS_CTYPE_BINARY] = "01" } },
    { RS_KIND_BOOL_TEXT, "t", { TEXTS("true"), NUMBERS, [RS_CTYPE_BINARY] = "74727565" } },
    { RS_KIND_INT2, "1", { TEXTS("1"), NUMBERS, DAY, [RS_CTYPE_BINARY] = "0100" } },
    { RS_KIND_INT4, "1", { TEXTS("1"), NUMBERS, DAY, [RS_CTYPE_BINARY] = "01000000" } },
    { RS_KIND_INT, "1", { TEXTS("1"), NUMBERS, DAY, [RS_CTYPE_BINARY] = "0100000000000000" } },
    { RS_KIND_FLOAT4, "1", { TEXTS("1"), NUMBERS, [RS_CTYPE_BINARY] = "0000803f" } },
    { RS_KIND_FLOAT8, "1", { TEXTS("1"), NUMBERS, [RS_CTYPE_BINARY] = "000000000000f03f" } },
    { RS_KIND_INEXACT, "1", { TEXTS("1"), NUMBERS, [RS_CTYPE_BINARY] = "000000000000f03f" } },
    { RS_KIND_NUMERIC,
      "1",
      { TEXTS("1"), NUMBERS, DAY, [RS_CTYPE_BINARY] = "26000101000000000000000000000000000000" } },
    { RS_KIND_TEXT, "1", { TEXTS("1"), NUMBERS, DAY, [RS_CTYPE_BINARY] = "31" } },
    { RS_KIND_TEXT, "2024-02-29", { [RS_CTYPE_DATE] = "2024-2-29" } },
    { RS_KIND_TEXT, "10:11:12", { [RS_CTYPE_TIME] = "10:11:12", [RS_CTYPE_TIMESTAMP] = TODAY } },
    { RS_KIND_TEXT, ID, { [RS_CTYPE_GUID] = ID } },
    { RS_KIND_BYTEA, "\\x00ff", { TEXTS("00FF"), [RS_CTYPE_BINARY] = "00ff" } },
    { RS_KIND_HEX, "00ff", { TEXTS("00FF"), [RS_CTYPE_BINARY] = "00ff" } },
    { RS_KIND_GEOMETRY, "00ff", { TEXTS("00FF"), [RS_CTYPE_BINARY] = "00ff" } },
    { RS_KIND_DATE,
      "2024-02-29",
      { TEXTS("2024-02-29"), [RS_CTYPE_BINARY] = "e80702001d00", [RS_CTYPE_DATE] = "2024-2-29",
        [RS_CTYPE_TIMESTAMP] = "2024-2-29 0:0:0.000000000" } },
    { RS_KIND_TIME,
      "10:11:12",
      { TEXTS("10:11:12"), [RS_CTYPE_BINARY] = "0a000b000c00", [RS_CTYPE_TIME] = "10:11:12",
        [RS_CTYPE_TIMESTAMP] = TODAY } },
    { RS_KIND_TIMETZ,
      "10:11:12+02",
      { TEXTS("10:11:12"), [RS_CTYPE_BINARY] = "0a000b000c00", [RS_CTYPE_TIME] = "10:11:12",
        [RS_CTYPE_TIMESTAMP] = TODAY } },
    { RS_KIND_TIMESTAMP,
      "2024-02-29 00:00:00",
      { TEXTS("2024-02-29 00:00:00"), [RS_CTYPE_BINARY] = "e80702001d0000000000000000000000",
        [RS_CTYPE_DATE] = "2024-2-29", [RS_CTYPE_TIME] = "0:0:0",
        [RS_CTYPE_TIMESTAMP] = "2024-2-29 0:0:0.000000000" } },
    { RS_KIND_TIMESTAMPTZ,
      "2024-02-29 00:00:00+00",
      { TEXTS("2024-02-29 00:00:00"), [RS_CTYPE_BINARY] = "e80702001d0000000000000000000000",
        [RS_CTYPE_DATE] = "2024-2-29", [RS_CTYPE_TIME] = "0:0:0",
        [RS_CTYPE_TIMESTAMP] = "2024-2-29 0:0:0.000000000" } },
    { RS_KIND_INTERVAL_YM,
      "1 year",
      { TEXTS("1-0"), [RS_CTYPE_INTERVAL] = "1:1-0",
        [RS_CTYPE_BINARY] = "07000000000000000100000000000000000000000000000000000000" },
      SQL_C_INTERVAL_YEAR },
    { RS_KIND_INTERVAL_DS,
      "1 day",
      { TEXTS("1 00:00:00"),
        DAY, [RS_CTYPE_BINARY] = "0a000000000000000100000000000000000000000000000000000000" } },
    { RS_KIND_UUID,
      ID,
      { TEXTS(ID), [RS_CTYPE_GUID] = ID, [RS_CTYPE_BINARY] = "67452301ab89efcd0123456789abcdef" } },
};

static bool is_interval(enum rs_kind kind)
{
    return kind == RS_KIND_INTERVAL_YM || kind == RS_KIND_INTERVAL_DS;
}

/* Converters that are there for their state alone: no interval of several fields is a number, and
 * no word is a date. */
static bool never(enum rs_kind kind, enum rs_ctype to)
{
    if (kind == RS_KIND_BOOL_TEXT)
        return to >= RS_CTYPE_DATE;
    return is_interval(kind) && to != RS_CTYPE_CHAR && to != RS_CTYPE_WCHAR &&
           to != RS_CTYPE_BINARY && to != RS_CTYPE_INTERVAL;
}

static void every_cell_converts(void **state)
{
    bool seen[RS_KIND_COUNT][RS_CTYPE_COUNT] = { { false } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(good); i++) {
        for (int to = 0; to < RS_CTYPE_COUNT; to++) {
            struct cell_case c = { good[i].kind, good[i].text, (enum rs_ctype)to, good[i].want[to],
                                   NULL };

            if (c.want == NULL)
                continue;
            c.interval = good[i].interval != 0 ? good[i].interval : SQL_C_INTERVAL_DAY;
            seen[c.kind][to] = true;
            if (strcmp(c.want, TODAY) != 0)
                cell_check(&c);
        }
    }
    for (int kind = 0; kind < RS_KIND_COUNT; kind++) {
        for (int to = 0; to < RS_CTYPE_COUNT; to++) {
            bool has = rs_convert_find((enum rs_kind)kind, (enum rs_ctype)to) != NULL;
            bool is_refused = never((enum rs_kind)kind, (enum rs_ctype)to);

            if (seen[kind][to] != (has && !is_refused))
                fail_msg("kind %d to C type %d: %s", kind, to, has ? "no value" : "not allowed");
        }
    }
}

/* Two intervals of several fields are no numbers, 22015; what cannot be read is 22018. */
static void every_cell_refuses(void **state)
{
    (void)state;
    for (int kind = 0; kind < RS_KIND_COUNT; kind++) {
        for (int to = RS_CTYPE_BIT; to < RS_CTYPE_COUNT; to++) {
            struct cell_case c = { (enum rs_kind)kind, "?", (enum rs_ctype)to, NULL, "22018" };

            if (rs_convert_find(c.kind, c.ctype) == NULL)
                continue;
            if (is_interval(c.kind) && to != RS_CTYPE_INTERVAL)
                c.state = "22015";
            c.interval = kind == RS_KIND_INTERVAL_YM ? SQL_C_INTERVAL_YEAR : SQL_C_INTERVAL_DAY;
            cell_check(&c);
        }
    }
}

/* ---- to the server ---- */

enum c_class {
    C_TEXT,
    C_BYTES,
    C_WHOLE,
    C_BIT,
    C_REAL,
    C_NUM,
    C_DATE,
    C_TIME,
    C_TS,
    C_YM,
    C_DS,
    C_ID,
    C_N
};
enum s_class {
    S_TEXT,
    S_BYTES,
    S_WHOLE,
    S_EXACT,
    S_REAL,
    S_BIT,
    S_DATE,
    S_TIME,
    S_TS,
    S_YM,
    S_DS,
    S_ID,
    S_N
};

static const SQLSMALLINT c_types[][9] = {
    [C_TEXT] = { SQL_C_CHAR },
    [C_BYTES] = { SQL_C_BINARY },
    [C_WHOLE] = { SQL_C_STINYINT, SQL_C_UTINYINT, SQL_C_SSHORT, SQL_C_USHORT, SQL_C_SLONG,
                  SQL_C_ULONG, SQL_C_SBIGINT, SQL_C_UBIGINT },
    [C_BIT] = { SQL_C_BIT },
    [C_REAL] = { SQL_C_DOUBLE },
    [C_NUM] = { SQL_C_NUMERIC },
    [C_DATE] = { SQL_C_TYPE_DATE },
    [C_TIME] = { SQL_C_TYPE_TIME },
    [C_TS] = { SQL_C_TYPE_TIMESTAMP },
    [C_YM] = { SQL_C_INTERVAL_YEAR },
    [C_DS] = { SQL_C_INTERVAL_DAY },
    [C_ID] = { SQL_C_GUID },
};
static const SQLSMALLINT sql_types[][7] = {
    [S_TEXT] = { SQL_CHAR, SQL_VARCHAR, SQL_LONGVARCHAR, SQL_WCHAR, SQL_WVARCHAR,
                 SQL_WLONGVARCHAR },
    [S_BYTES] = { SQL_BINARY, SQL_VARBINARY, SQL_LONGVARBINARY },
    [S_WHOLE] = { SQL_TINYINT, SQL_SMALLINT, SQL_INTEGER, SQL_BIGINT },
    [S_EXACT] = { SQL_NUMERIC, SQL_DECIMAL },
    [S_REAL] = { SQL_REAL, SQL_FLOAT, SQL_DOUBLE },
    [S_BIT] = { SQL_BIT },
    [S_DATE] = { SQL_TYPE_DATE },
    [S_TIME] = { SQL_TYPE_TIME },
    [S_TS] = { SQL_TYPE_TIMESTAMP },
    [S_YM] = { SQL_INTERVAL_YEAR },
    [S_DS] = { SQL_INTERVAL_DAY },
    [S_ID] = { SQL_GUID },
};

static const uint64_t whole = 1;
static const double real = 1;
static const SQL_NUMERIC_STRUCT number = { 1, 0, 1, { 1 } };
static const SQL_DATE_STRUCT date = { 2024, 2, 29 };
static const SQL_TIME_STRUCT time_ = { 10, 11, 12 };
static const SQL_TIMESTAMP_STRUCT moment = { 2024, 2, 29, 0, 0, 0, 0 };
static const SQL_INTERVAL_STRUCT year = { SQL_IS_YEAR, 0, { .year_month = { 1, 0 } } };
static const SQL_INTERVAL_STRUCT day = { SQL_IS_DAY, 0, { .day_second = { 1, 0, 0, 0, 0 } } };
static const SQLGUID guid = {
    0x01234567, 0x89ab, 0xcdef, { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef }
};

static const void *const values[C_N] = {
    [C_WHOLE] = &whole, [C_BIT] = &whole, [C_REAL] = &real, [C_NUM] = &number, [C_DATE] = &date,
    [C_TIME] = &time_,  [C_TS] = &moment, [C_YM] = &year,   [C_DS] = &day,     [C_ID] = &guid,
};

/* Text and bytes that the SQL type reads, and what is sent of them; bytes are checked elsewhere. */
static const struct {
    const char *text, *want;
} from_text[S_N] = {
    [S_TEXT] = { "abc", "abc" },
    [S_BYTES] = { "00ff", "00ff" },
    [S_WHOLE] = { "1", "1" },
    [S_EXACT] = { "1", "1" },
    [S_REAL] = { "1", "1" },
    [S_BIT] = { "1", "1" },
    [S_DATE] = { "2024-02-29", "2024-02-29" },
    [S_TIME] = { "10:11:12", "10:11:12" },
    [S_TS] = { "2024-02-29", "2024-02-29 00:00:00" },
    [S_YM] = { "1", "1-0" },
    [S_DS] = { "1", "1 00:00:00" },
    [S_ID] = { ID, ID },
};

#define ONE_NUMBER [S_WHOLE] = "1", [S_EXACT] = "1", [S_REAL] = "1", [S_BIT] = "1", [S_TEXT] = "1"

static const char *const sent[C_N][S_N] = {
    [C_WHOLE] = { ONE_NUMBER, [S_YM] = "1-0", [S_DS] = "1 00:00:00" },
    [C_BIT] = { ONE_NUMBER },
    [C_REAL] = { ONE_NUMBER },
    [C_NUM] = { ONE_NUMBER, [S_YM] = "1-0", [S_DS] = "1 00:00:00" },
    [C_DATE] = { [S_TEXT] = "2024-02-29", [S_DATE] = "2024-02-29", [S_TS] = "2024-02-29 00:00:00" },
    [C_TIME] = { [S_TEXT] = "10:11:12", [S_TIME] = "10:11:12", [S_TS] = TODAY },
    [C_TS] = { [S_TEXT] = "2024-02-29 00:00:00",
               [S_DATE] = "2024-02-29",
               [S_TIME] = "00:00:00",
               [S_TS] = "2024-02-29 00:00:00" },
    [C_YM] = { [S_TEXT] = "1", [S_WHOLE] = "1", [S_EXACT] = "1", [S_YM] = "1-0" },
    [C_DS] = { [S_TEXT] = "1", [S_WHOLE] = "1", [S_EXACT] = "1", [S_DS] = "1 00:00:00" },
    [C_ID] = { [S_TEXT] = ID, [S_ID] = ID },
};

static void check_sent(SQLSMALLINT c_type, SQLSMALLINT sql_type, const void *value,
                       const char *want)
{
    struct rs_param_spec spec = { .c_type = c_type, .sql_type = sql_type, .is_redshift = true };
    struct rs_buf out = RS_BUF_INIT(1000);
    struct rs_diag diag = { 0 };
    bool ok = rs_param_encode(&spec, value, SQL_NTS, &out, &diag);

    if (want == NULL) {
        if (ok || rs_diag_state(&diag) != RS_07006)
            fail_msg("%d to %d: allowed", c_type, sql_type);
    } else if (!ok || diag.n != 0 || (strcmp(want, TODAY) != 0 && strcmp(out.p, want) != 0)) {
        fail_msg("%d to %d: %s, not %s", c_type, sql_type, ok ? out.p : cell_state(&diag), want);
    }
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
}

static void every_parameter_converts(void **state)
{
    (void)state;
    for (int from = 0; from < C_N; from++) {
        for (int to = 0; to < S_N; to++) {
            for (size_t c = 0; c_types[from][c] != 0; c++) {
                for (size_t s = 0; sql_types[to][s] != 0; s++) {
                    if (from == C_TEXT)
                        check_sent(c_types[from][c], sql_types[to][s], from_text[to].text,
                                   from_text[to].want);
                    else if (from != C_BYTES)
                        check_sent(c_types[from][c], sql_types[to][s], values[from],
                                   sent[from][to]);
                }
            }
        }
    }
}

/* Bytes are of the C type of the SQL type's default, and of its size: else 22003. */
static void every_parameter_of_bytes(void **state)
{
    static const struct {
        SQLSMALLINT sql_type;
        const void *value;
        SQLLEN n;
        const char *want;
    } rows[] = {
        { SQL_CHAR, "abc", 3, "abc" },
        { SQL_WLONGVARCHAR, "abc", 3, "abc" },
        { SQL_BINARY, "\x00\xff", 2, "00ff" },
        { SQL_LONGVARBINARY, "\x00\xff", 2, "00ff" },
        { SQL_TINYINT, &whole, 1, "1" },
        { SQL_SMALLINT, &whole, 2, "1" },
        { SQL_INTEGER, &whole, 4, "1" },
        { SQL_BIGINT, &whole, 8, "1" },
        { SQL_BIT, &whole, 1, "1" },
        { SQL_NUMERIC, &number, sizeof number, "1" },
        { SQL_DECIMAL, &number, sizeof number, "1" },
        { SQL_FLOAT, &real, 8, "1" },
        { SQL_DOUBLE, &real, 8, "1" },
        { SQL_TYPE_DATE, &date, sizeof date, "2024-02-29" },
        { SQL_TYPE_TIME, &time_, sizeof time_, "10:11:12" },
        { SQL_TYPE_TIMESTAMP, &moment, sizeof moment, "2024-02-29 00:00:00" },
        { SQL_INTERVAL_YEAR, &year, sizeof year, "1-0" },
        { SQL_INTERVAL_DAY, &day, sizeof day, "1 00:00:00" },
        { SQL_GUID, &guid, sizeof guid, ID },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_param_spec spec = { .c_type = SQL_C_BINARY,
                                      .sql_type = rows[i].sql_type,
                                      .is_redshift = true };
        struct rs_buf out = RS_BUF_INIT(1000);
        struct rs_diag diag = { 0 };
        bool is_fixed = i >= 4;

        if (!rs_param_encode(&spec, rows[i].value, rows[i].n, &out, &diag))
            fail_msg("%d: %s", rows[i].sql_type, cell_state(&diag));
        assert_string_equal(out.p, rows[i].want);
        if (is_fixed) {
            assert_false(rs_param_encode(&spec, rows[i].value, rows[i].n - 1, &out, &diag));
            assert_string_equal(cell_state(&diag), "22003");
        }
        rs_diag_clear(&diag);
        rs_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_converts),
        cmocka_unit_test(every_cell_refuses),
        cmocka_unit_test(every_parameter_converts),
        cmocka_unit_test(every_parameter_of_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
