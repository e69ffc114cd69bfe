/*
 * The masks SQL_CONVERT_… of SQLGetInfo against the server: every conversion that is claimed runs
 * as {fn CONVERT(value, SQL_type)} and gives the right answer; what is not claimed is refused, or
 * is nothing ODBC has a name for. Appendix E, "Explicit Data Type Conversion Function";
 * odbc.md 4.4, 12.4.
 */
#define FACE_NO_STMT
#include "facebed.h"

#include <stdbool.h>

enum kind {
    K_TEXT,
    K_INT,
    K_DEC,
    K_FLT,
    K_BIT,
    K_DATE,
    K_TIME,
    K_TS,
    K_BYTES,
    K_YM,
    K_DS,
    K_ID,
    N
};

static const struct source {
    SQLUSMALLINT info;
    enum kind kind;
    const char *type; /* on PostgreSQL */
} sources[] = {
    { SQL_CONVERT_CHAR, K_TEXT, "char" },
    { SQL_CONVERT_VARCHAR, K_TEXT, "varchar(40)" },
    { SQL_CONVERT_LONGVARCHAR, K_TEXT, "varchar(9000)" },
    { SQL_CONVERT_WCHAR, K_TEXT, "char" },
    { SQL_CONVERT_WVARCHAR, K_TEXT, "text" },
    { SQL_CONVERT_WLONGVARCHAR, K_TEXT, "varchar(9000)" },
    { SQL_CONVERT_SMALLINT, K_INT, "smallint" },
    { SQL_CONVERT_INTEGER, K_INT, "integer" },
    { SQL_CONVERT_BIGINT, K_INT, "bigint" },
    { SQL_CONVERT_NUMERIC, K_DEC, "numeric(8,2)" },
    { SQL_CONVERT_DECIMAL, K_DEC, "numeric" },
    { SQL_CONVERT_REAL, K_FLT, "real" },
    { SQL_CONVERT_FLOAT, K_FLT, "double precision" },
    { SQL_CONVERT_DOUBLE, K_FLT, "double precision" },
    { SQL_CONVERT_BIT, K_BIT, "boolean" },
    { SQL_CONVERT_DATE, K_DATE, "date" },
    { SQL_CONVERT_TIME, K_TIME, "time" },
    { SQL_CONVERT_TIMESTAMP, K_TS, "timestamp" },
    { SQL_CONVERT_BINARY, K_BYTES, "bytea" },
    { SQL_CONVERT_VARBINARY, K_BYTES, "bytea" },
    { SQL_CONVERT_LONGVARBINARY, K_BYTES, "bytea" },
    { SQL_CONVERT_INTERVAL_YEAR_MONTH, K_YM, "interval year to month" },
    { SQL_CONVERT_INTERVAL_DAY_TIME, K_DS, "interval day to second" },
    { SQL_CONVERT_GUID, K_ID, "uuid" },
};

static const struct target {
    SQLUINTEGER bit;
    enum kind kind;
    const char *name;
} targets[] = {
    { SQL_CVT_CHAR, K_TEXT, "SQL_CHAR" },
    { SQL_CVT_VARCHAR, K_TEXT, "SQL_VARCHAR" },
    { SQL_CVT_LONGVARCHAR, K_TEXT, "SQL_LONGVARCHAR" },
    { SQL_CVT_WCHAR, K_TEXT, "SQL_WCHAR" },
    { SQL_CVT_WVARCHAR, K_TEXT, "SQL_WVARCHAR" },
    { SQL_CVT_WLONGVARCHAR, K_TEXT, "SQL_WLONGVARCHAR" },
    { SQL_CVT_SMALLINT, K_INT, "SQL_SMALLINT" },
    { SQL_CVT_INTEGER, K_INT, "SQL_INTEGER" },
    { SQL_CVT_BIGINT, K_INT, "SQL_BIGINT" },
    { SQL_CVT_NUMERIC, K_DEC, "SQL_NUMERIC" },
    { SQL_CVT_DECIMAL, K_DEC, "SQL_DECIMAL" },
    { SQL_CVT_REAL, K_FLT, "SQL_REAL" },
    { SQL_CVT_FLOAT, K_FLT, "SQL_FLOAT" },
    { SQL_CVT_DOUBLE, K_FLT, "SQL_DOUBLE" },
    { SQL_CVT_BIT, K_BIT, "SQL_BIT" },
    { SQL_CVT_DATE, K_DATE, "SQL_TYPE_DATE" },
    { SQL_CVT_DATE, K_DATE, "SQL_DATE" },
    { SQL_CVT_TIME, K_TIME, "SQL_TYPE_TIME" },
    { SQL_CVT_TIMESTAMP, K_TS, "SQL_TYPE_TIMESTAMP" },
    { SQL_CVT_BINARY, K_BYTES, "SQL_BINARY" },
    { SQL_CVT_VARBINARY, K_BYTES, "SQL_VARBINARY" },
    { SQL_CVT_LONGVARBINARY, K_BYTES, "SQL_LONGVARBINARY" },
    { SQL_CVT_INTERVAL_YEAR_MONTH, K_YM, "SQL_INTERVAL_YEAR_TO_MONTH" },
    { SQL_CVT_INTERVAL_DAY_TIME, K_DS, "SQL_INTERVAL_DAY_TO_SECOND" },
    { SQL_CVT_GUID, K_ID, "SQL_GUID" },
};

#define ID "01234567-89ab-cdef-0123-456789abcdef"

/* The value that is converted; text is what the target reads. */
static const char *const values[N] = {
    [K_TEXT] = "abc",      [K_INT] = "1",
    [K_DEC] = "1.25",      [K_FLT] = "1.25",
    [K_BIT] = "1",         [K_DATE] = "2024-02-29",
    [K_TIME] = "01:02:03", [K_TS] = "2024-02-29 01:02:03",
    [K_BYTES] = "abc",     [K_YM] = "1-2",
    [K_DS] = "1 02:03:04", [K_ID] = ID,
};

/* The answer as text; NULL: refused. */
static const char *const answers[N][N] = {
    [K_TEXT] = { [K_TEXT] = "abc",
                 [K_INT] = "1",
                 [K_DEC] = "1.25",
                 [K_FLT] = "1.25",
                 [K_BIT] = "1",
                 [K_DATE] = "2024-02-29",
                 [K_TIME] = "01:02:03",
                 [K_TS] = "2024-02-29 01:02:03",
                 [K_BYTES] = "616263",
                 [K_ID] = ID },
    [K_INT] = { [K_TEXT] = "1", [K_INT] = "1", [K_DEC] = "1", [K_FLT] = "1", [K_BIT] = "1" },
    [K_DEC] = { [K_TEXT] = "1.25", [K_INT] = "1", [K_DEC] = "1.25", [K_FLT] = "1.25" },
    [K_FLT] = { [K_TEXT] = "1.25", [K_INT] = "1", [K_DEC] = "1.25", [K_FLT] = "1.25" },
    [K_BIT] = { [K_TEXT] = "true", [K_INT] = "1", [K_BIT] = "1" },
    [K_DATE] = { [K_TEXT] = "2024-02-29", [K_DATE] = "2024-02-29", [K_TS] = "2024-02-29 00:00:00" },
    [K_TIME] = { [K_TEXT] = "01:02:03", [K_TIME] = "01:02:03" },
    [K_TS] = { [K_TEXT] = "2024-02-29 01:02:03",
               [K_DATE] = "2024-02-29",
               [K_TIME] = "01:02:03",
               [K_TS] = "2024-02-29 01:02:03" },
    [K_BYTES] = { [K_BYTES] = "616263" },
    [K_YM] = { [K_TEXT] = "1 year 2 mons", [K_YM] = "1 year 2 mons" },
    [K_DS] = { [K_TEXT] = "1 day 02:03:04", [K_DS] = "1 day 02:03:04" },
    [K_ID] = { [K_TEXT] = ID, [K_ID] = ID },
};

/* What PostgreSQL casts beyond that: its text of bytes is neither they nor their digits, its
 * intervals are one type, which is text to ODBC and mixes with times. */
static const struct {
    enum kind from, to;
} beyond[] = { { K_BYTES, K_TEXT }, { K_TEXT, K_YM }, { K_TEXT, K_DS },
               { K_YM, K_DS },      { K_DS, K_YM },   { K_TIME, K_DS },
               { K_TIME, K_YM },    { K_YM, K_TIME }, { K_DS, K_TIME } };

static bool is_beyond(enum kind from, enum kind to)
{
    for (size_t i = 0; i < COUNT_OF(beyond); i++)
        if (beyond[i].from == from && beyond[i].to == to)
            return true;
    return false;
}

/* True with the answer in got; false when the server refuses. */
static bool convert(const struct source *from, const struct target *to, char *got, size_t cap)
{
    const char *value = values[from->kind == K_TEXT ? to->kind : from->kind];
    SQLHSTMT stmt = t_stmt(&conn);
    char sql[256], length[24] = "";
    SQLRETURN rc;

    if (strcmp(from->type, "char") == 0)
        snprintf(length, sizeof length, "(%zu)", strlen(value)); /* nothing is padded */
    snprintf(sql, sizeof sql, "SELECT {fn CONVERT(CAST('%s' AS %s%s), %s)}", value, from->type,
             length, to->name);
    rc = SQLExecDirect(stmt, TEXT(sql), SQL_NTS);
    if (SQL_SUCCEEDED(rc))
        t_rows(stmt, got, cap);
    t_free(stmt);
    return SQL_SUCCEEDED(rc);
}

static void check(const struct source *from, const struct target *to, bool is_claimed)
{
    const char *want = answers[from->kind][to->kind];
    char got[256] = "";
    bool runs = convert(from, to, got, sizeof got);

    if (is_claimed && (!runs || want == NULL || strcmp(got, want) != 0))
        fail_msg("%s to %s is claimed, gives %s", from->type, to->name, runs ? got : "an error");
    if (!is_claimed && runs && !is_beyond(from->kind, to->kind))
        fail_msg("%s to %s gives %s, but is not claimed", from->type, to->name, got);
}

static void masks_say_what_runs(void **state)
{
    (void)state;
    skip_on_redshift("the stand-in's casts are PostgreSQL's");
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        SQLUINTEGER mask = 0, seen = 0;

        DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, sources[i].info, &mask, 0, NULL));
        for (size_t k = 0; k < COUNT_OF(targets); k++) {
            check(&sources[i], &targets[k], (mask & targets[k].bit) != 0);
            seen |= targets[k].bit;
        }
        if ((mask & ~seen) != 0)
            fail_msg("%u claims %x", sources[i].info, (unsigned)(mask & ~seen));
    }
}

/* No such type on either server. */
static void tinyint_is_no_source(void **state)
{
    SQLUINTEGER mask = 1;

    (void)state;
    DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_CONVERT_TINYINT, &mask, 0, NULL));
    assert_int_equal(mask, 0);
    t_expect(&conn, "SELECT {fn CONVERT('7', SQL_TINYINT)}", "7");
}

/* Nothing is cut on the way: no length of VARCHAR, no scale of NUMERIC. */
static void loses_nothing(void **state)
{
    (void)state;
    skip_on_redshift("VARCHAR has always a length, NUMERIC a scale");
    t_expect(&conn,
             "SELECT LENGTH({fn CONVERT(REPEAT('x', 70000), SQL_VARCHAR)}), "
             "LENGTH({fn CONVERT(REPEAT('x', 70000), SQL_LONGVARCHAR)}), "
             "LENGTH({fn CONVERT(REPEAT('x', 70000), SQL_WCHAR)})",
             "70000|70000|70000");
    t_expect(&conn,
             "SELECT {fn CONVERT('0.00000000000000000000025', SQL_DECIMAL)}, "
             "{fn CONVERT('123456789012345678901234567890', SQL_NUMERIC)}",
             "0.00000000000000000000025|123456789012345678901234567890");
}

/* Other names are not the driver's to rewrite; to the server they are columns. */
static void leaves_other_types_alone(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    ERR(stmt, "42S22", SQLExecDirect(stmt, SQL("SELECT {fn CONVERT('7', SQL_INTERVAL_HOUR)}")));
    t_free(stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_say_what_runs),
        cmocka_unit_test(tinyint_is_no_source),
        cmocka_unit_test(loses_nothing),
        cmocka_unit_test(leaves_other_types_alone),
    };

    return cmocka_run_group_tests(tests, face_open, face_close);
}
