/*
 * The keys that shape types: what each value does to the description, to catalog results, to
 * parameters and to the values themselves. Source: odbc.md 15, redshift.md 7.
 */
#include "reach.h"

#define TEXT_OF(s) (SQLCHAR *)(uintptr_t)(s), SQL_NTS

/* ---- result columns: type, sizes and what SQL_C_DEFAULT, SQL_C_CHAR, SQL_C_BINARY give ---- */

#define WIDE "UseUnicode=1"

static const struct column_case {
    const char *keys, *expression;
    SQLSMALLINT type;
    SQLULEN size;
    SQLLEN octets, display;
    const char *by_default, *text, *bytes; /* bytes, as hex pairs but for the text */
} columns[] = {
    /* MaxVarchar: from where on CHAR and VARCHAR are LONG; 0 and 65535 never */
    { "", "CAST('ab' AS varchar(8000))", SQL_VARCHAR, 8000, 8000, 8000, "6162", "ab", "6162" },
    { "", "CAST('ab' AS varchar(8001))", SQL_LONGVARCHAR, 8001, 8001, 8001, "6162", "ab", "6162" },
    { "MaxVarchar=10", "CAST('ab' AS varchar(10))", SQL_VARCHAR, 10, 10, 10, "6162", "ab", "6162" },
    { "MaxVarchar=10", "CAST('ab' AS varchar(11))", SQL_LONGVARCHAR, 11, 11, 11, "6162", "ab",
      "6162" },
    { "MaxVarchar=1", "CAST('ab' AS char(2))", SQL_LONGVARCHAR, 2, 2, 2, "6162", "ab", "6162" },
    { "MaxVarchar=0", "CAST('ab' AS varchar(65535))", SQL_VARCHAR, 65535, 65535, 65535, "6162",
      "ab", "6162" },
    { "MaxVarchar=65535", "CAST('ab' AS varchar(65535))", SQL_VARCHAR, 65535, 65535, 65535, "6162",
      "ab", "6162" },
    { "MaxVarchar=0", "CAST('ab' AS varchar(100000))", SQL_VARCHAR, 100000, 100000, 100000, "6162",
      "ab", "6162" },
    /* MaxLongVarchar: what LONG types report at most; data is never cut */
    { "", "CAST('{}' AS json)", SQL_LONGVARCHAR, 65535, 65535, 65535, "7b7d", "{}", "7b7d" },
    { "MaxLongVarchar=3", "CAST('\"abcd\"' AS json)", SQL_LONGVARCHAR, 3, 3, 3, "226162636422",
      "\"abcd\"", "226162636422" },
    { "MaxLongVarchar=0", "CAST('{}' AS json)", SQL_LONGVARCHAR, 1073741823, 1073741823, 1073741823,
      "7b7d", "{}", "7b7d" },
    { "MaxVarchar=1;MaxLongVarchar=3", "CAST('abcd' AS varchar(9))", SQL_LONGVARCHAR, 3, 3, 3,
      "61626364", "abcd", "61626364" },
    /* UnknownSizes: where the server tells none */
    { "", "CAST('ab' AS text)", SQL_VARCHAR, 8000, 8000, 8000, "6162", "ab", "6162" },
    { "UnknownSizes=7", "CAST('ab' AS text)", SQL_VARCHAR, 7, 7, 7, "6162", "ab", "6162" },
    { "UnknownSizes=7", "CAST('ab' AS varchar)", SQL_VARCHAR, 7, 7, 7, "6162", "ab", "6162" },
    { "UnknownSizes=1", "CAST('10.0.0.1' AS inet)", SQL_VARCHAR, 1, 1, 1, "31302e302e302e31",
      "10.0.0.1", "31302e302e302e31" },
    { "UnknownSizes=9000", "CAST('ab' AS text)", SQL_LONGVARCHAR, 9000, 9000, 9000, "6162", "ab",
      "6162" },
    { "UnknownSizes=9000", "ARRAY[1,2]", SQL_LONGVARCHAR, 9000, 9000, 9000, "7b312c327d", "{1,2}",
      "7b312c327d" },
    /* BoolsAsChar */
    { "", "CAST('t' AS boolean)", SQL_BIT, 1, 1, 1, "01", "1", "01" },
    { "", "CAST('f' AS boolean)", SQL_BIT, 1, 1, 1, "00", "0", "00" },
    { "BoolsAsChar=1", "CAST('t' AS boolean)", SQL_VARCHAR, 5, 5, 5, "74727565", "true",
      "74727565" },
    { "BoolsAsChar=1", "CAST('f' AS boolean)", SQL_VARCHAR, 5, 5, 5, "66616c7365", "false",
      "66616c7365" },
    { "BoolsAsChar=1;" WIDE, "CAST('t' AS boolean)", SQL_WVARCHAR, 5, 10, 5, "7400720075006500",
      "true", "74727565" },
    /* UseUnicode: sizes in characters, octets of UTF-16 */
    { WIDE, "CAST('ä' AS varchar(10))", SQL_WVARCHAR, 10, 20, 10, "e400", "ä", "c3a4" },
    { WIDE, "CAST('a' AS char(1))", SQL_WCHAR, 1, 2, 1, "6100", "a", "61" },
    { WIDE, "CAST('a' AS varchar(9000))", SQL_WLONGVARCHAR, 9000, 18000, 9000, "6100", "a", "61" },
    { WIDE, "CAST('a' AS text)", SQL_WVARCHAR, 8000, 16000, 8000, "6100", "a", "61" },
    { WIDE, "CAST(1 AS smallint)", SQL_SMALLINT, 5, 2, 6, "0100", "1", "0100" },
    { WIDE ";MaxLongVarchar=0", "CAST('{}' AS jsonb)", SQL_WLONGVARCHAR, 1073741823, 2147483646,
      1073741823, "7b007d00", "{}", "7b7d" },
    /* NumericAsDouble */
    { "", "CAST('12.340' AS numeric(8,3))", SQL_NUMERIC, 8, 10, 10, "31322e333430", "12.340",
      "260301343000000000000000000000000000"
      "00" },
    { "NumericAsDouble=1", "CAST('12.250' AS numeric(8,3))", SQL_DOUBLE, 15, 8, 24,
      "0000000000802840", "12.25", "0000000000802840" },
    { "NumericAsDouble=1", "CAST('12345678901234567890123456789012345678' AS numeric(38,0))",
      SQL_DOUBLE, 15, 8, 24, NULL, "1.2345678901234568e+37", NULL },
    /* TimestampTzText: at UTC */
    { "", "CAST('2024-02-29 12:00:00.5+02' AS timestamptz)", SQL_TYPE_TIMESTAMP, 26, 16, 26,
      "e80702001d000a00000000000065cd1d", "2024-02-29 10:00:00.5",
      "e80702001d000a00000000000065cd1d" },
    { "TimestampTzText=1", "CAST('2024-02-29 12:00:00.5+02' AS timestamptz)", SQL_TYPE_TIMESTAMP,
      32, 16, 32, "e80702001d000a00000000000065cd1d", "2024-02-29 10:00:00.5+00",
      "e80702001d000a00000000000065cd1d" },
    { "", "CAST('12:00:00+05:30' AS timetz)", SQL_TYPE_TIME, 15, 6, 15, "0c0000000000", "12:00:00",
      "0c0000000000" },
    { "TimestampTzText=1", "CAST('12:00:00+05:30' AS timetz)", SQL_TYPE_TIME, 24, 6, 24,
      "0c0000000000", "12:00:00+05:30", "0c0000000000" },
    { "TimestampTzText=1", "CAST('2024-02-29 12:00:00' AS timestamp)", SQL_TYPE_TIMESTAMP, 26, 16,
      26, "e80702001d000c000000000000000000", "2024-02-29 12:00:00",
      "e80702001d000c000000000000000000" },
};

static void as_hex(const unsigned char *p, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", p[i]);
    out[2 * n] = '\0';
}

static void value_is(SQLHSTMT stmt, SQLSMALLINT c_type, const char *want, const char *what)
{
    unsigned char value[256];
    char got[2 * sizeof value + 1];
    SQLLEN length = 0;

    if (want == NULL)
        return;
    stmt_ok(SQLGetData(stmt, 1, c_type, value, sizeof value, &length), stmt);
    assert_true(length >= 0 && (size_t)length < sizeof value);
    if (c_type == SQL_C_CHAR) {
        if (strcmp((char *)value, want) != 0 || (size_t)length != strlen(want))
            fail_msg("%s: text \"%s\", not \"%s\"", what, (char *)value, want);
        return;
    }
    as_hex(value, (size_t)length, got);
    if (strcmp(got, want) != 0)
        fail_msg("%s: C type %d gives %s, not %s", what, c_type, got, want);
}

/* The same by way of a bound column. */
static void bound_value_is(SQLHSTMT stmt, const char *want, const char *what)
{
    unsigned char value[256];
    char got[2 * sizeof value + 1];
    SQLLEN length = 0;

    stmt_ok(SQLBindCol(stmt, 1, SQL_C_DEFAULT, value, sizeof value, &length), stmt);
    stmt_ok(SQLFetch(stmt), stmt);
    assert_true(length >= 0 && (size_t)length < sizeof value);
    as_hex(value, (size_t)length, got);
    if (want != NULL && strcmp(got, want) != 0)
        fail_msg("%s: bound by default gives %s, not %s", what, got, want);
    stmt_ok(SQLFreeStmt(stmt, SQL_UNBIND), stmt);
}

static void check_column(struct reach *reach, const struct column_case *c)
{
    SQLHSTMT stmt = reach_stmt(reach);
    char sql[512];
    SQLSMALLINT type;
    SQLULEN size;
    SQLLEN octets, display;

    snprintf(sql, sizeof sql, "SELECT %s AS a", c->expression);
    stmt_ok(SQLExecDirect(stmt, TEXT_OF(sql)), stmt);
    stmt_ok(SQLDescribeCol(stmt, 1, NULL, 0, NULL, &type, &size, NULL, NULL), stmt);
    stmt_ok(SQLColAttribute(stmt, 1, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets), stmt);
    stmt_ok(SQLColAttribute(stmt, 1, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &display), stmt);
    if (type != c->type || size != c->size || octets != c->octets || display != c->display)
        fail_msg("%s, %s: type %d, size %lu, octets %ld, display %ld", c->keys, c->expression, type,
                 (unsigned long)size, (long)octets, (long)display);
    bound_value_is(stmt, c->by_default, sql);
    value_is(stmt, SQL_C_DEFAULT, c->by_default, sql);
    /* a change of the C type starts the value anew */
    value_is(stmt, SQL_C_BINARY, c->bytes, sql);
    value_is(stmt, SQL_C_CHAR, c->text, sql);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void shape_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char keys[128];
        struct reach reach;

        snprintf(keys, sizeof keys, "TimeZone=UTC;%s", columns[i].keys);
        reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, keys);
        check_column(&reach, &columns[i]);
        reach_close(&reach);
    }
}

/* ---- SQLColumns and catalog results themselves ---- */

static const struct {
    const char *keys, *column;
    const char *want; /* DATA_TYPE, COLUMN_SIZE, BUFFER_LENGTH */
} cataloged[] = {
    { "", "c_bool", "-7 1 1" },
    { "BoolsAsChar=1", "c_bool", "12 5 5" },
    { "", "c_vchar", "12 256 256" },
    { "MaxVarchar=255", "c_vchar", "-1 256 256" },
    { "MaxVarchar=100;MaxLongVarchar=200", "c_vchar", "-1 200 200" },
    { WIDE, "c_vchar", "-9 256 512" },
    { "UnknownSizes=33", "c_text", "12 33 33" },
    { "", "c_num0", "2 18 20" },
    { "NumericAsDouble=1", "c_num0", "8 15 8" },
    { "", "c_tstz", "93 26 16" },
    { "TimestampTzText=1", "c_tstz", "93 32 16" },
};

static void shape_the_catalog(void **state)
{
    static const char *const servers[] = { REACH_POSTGRES, REACH_REDSHIFT };

    (void)state;
    for (size_t i = 0; i < sizeof cataloged / sizeof *cataloged; i++) {
        for (size_t s = 0; s < 2; s++) {
            struct reach reach;
            SQLHSTMT stmt;
            SQLINTEGER value[3];
            char got[64];

            reach_open(&reach, servers[s], SQL_OV_ODBC3, cataloged[i].keys);
            stmt = reach_stmt(&reach);
            stmt_ok(SQLColumns(stmt, NULL, 0, TEXT_OF("public"), TEXT_OF("all\\_types"),
                               TEXT_OF(cataloged[i].column)),
                    stmt);
            stmt_ok(SQLBindCol(stmt, 5, SQL_C_SLONG, &value[0], 0, NULL), stmt);
            stmt_ok(SQLBindCol(stmt, 7, SQL_C_SLONG, &value[1], 0, NULL), stmt);
            stmt_ok(SQLBindCol(stmt, 8, SQL_C_SLONG, &value[2], 0, NULL), stmt);
            stmt_ok(SQLFetch(stmt), stmt);
            snprintf(got, sizeof got, "%d %d %d", (int)value[0], (int)value[1], (int)value[2]);
            if (strcmp(got, cataloged[i].want) != 0)
                fail_msg("%s, %s: %s, not %s", cataloged[i].keys, cataloged[i].column, got,
                         cataloged[i].want);
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
            reach_close(&reach);
        }
    }
}

/* Results of catalog functions are wide too; REMARKS never becomes LONG. */
static void shape_catalog_results(void **state)
{
    static const struct {
        const char *keys;
        SQLUSMALLINT column;
        SQLSMALLINT type;
        SQLULEN size;
    } rows[] = {
        { "", 3, SQL_VARCHAR, 127 },     { WIDE, 3, SQL_WVARCHAR, 127 },
        { "", 5, SQL_VARCHAR, 8000 },    { "MaxVarchar=50", 5, SQL_VARCHAR, 50 },
        { WIDE, 5, SQL_WVARCHAR, 8000 }, { "MaxVarchar=0", 5, SQL_VARCHAR, 65535 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reach reach;
        SQLHSTMT stmt;
        SQLSMALLINT type;
        SQLULEN size;

        reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, rows[i].keys);
        stmt = reach_stmt(&reach);
        stmt_ok(SQLTables(stmt, NULL, 0, NULL, 0, TEXT_OF("demo\\_sales"), NULL, 0), stmt);
        stmt_ok(SQLDescribeCol(stmt, rows[i].column, NULL, 0, NULL, &type, &size, NULL, NULL),
                stmt);
        assert_int_equal(type, rows[i].type);
        assert_int_equal(size, rows[i].size);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        reach_close(&reach);
    }
}

/* ---- SQLDescribeParam ---- */

static void shape_parameters(void **state)
{
    static const struct {
        const char *keys, *type;
        SQLSMALLINT sql;
        SQLULEN size;
    } rows[] = {
        { "", "text", SQL_VARCHAR, 8000 },
        { "UnknownSizes=77", "text", SQL_VARCHAR, 77 },
        { "UnknownSizes=77", "varchar(5)", SQL_VARCHAR, 77 },
        { "UnknownSizes=77", "char(5)", SQL_CHAR, 77 },
        { "UnknownSizes=77;MaxVarchar=10", "char(5)", SQL_LONGVARCHAR, 77 },
        { "UnknownSizes=77;MaxVarchar=10", "text", SQL_LONGVARCHAR, 77 },
        { WIDE, "text", SQL_WVARCHAR, 8000 },
        { WIDE, "char(5)", SQL_WCHAR, 8000 },
        { "", "boolean", SQL_BIT, 1 },
        { "BoolsAsChar=1", "boolean", SQL_VARCHAR, 5 },
        { "", "numeric(5,2)", SQL_NUMERIC, 38 },
        { "NumericAsDouble=1", "numeric(5,2)", SQL_DOUBLE, 15 },
        { "TimestampTzText=1", "timestamptz", SQL_TYPE_TIMESTAMP, 32 },
        { "MaxLongVarchar=500", "json", SQL_LONGVARCHAR, 500 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reach reach;
        SQLHSTMT stmt;
        SQLSMALLINT type;
        SQLULEN size;
        char sql[128];

        reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, rows[i].keys);
        stmt = reach_stmt(&reach);
        snprintf(sql, sizeof sql, "SELECT CAST(? AS %s)", rows[i].type);
        stmt_ok(SQLPrepare(stmt, TEXT_OF(sql)), stmt);
        stmt_ok(SQLDescribeParam(stmt, 1, &type, &size, NULL, NULL), stmt);
        if (type != rows[i].sql || size != rows[i].size)
            fail_msg("%s, %s: type %d, size %lu", rows[i].keys, rows[i].type, type,
                     (unsigned long)size);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        reach_close(&reach);
    }
}

/* What a column shows goes back as it is shown. */
static void take_back_what_they_show(void **state)
{
    static const struct {
        const char *keys, *column, *value;
    } rows[] = {
        { "BoolsAsChar=1", "c_bool", "true" },
        { "BoolsAsChar=1", "c_bool", "false" },
        { "TimestampTzText=1;TimeZone=UTC", "c_tstz", "1970-01-01 00:00:00.000001+00" },
        { "NumericAsDouble=1", "c_num", "1e-10" },
        { WIDE, "c_vchar", "a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reach reach;
        SQLHSTMT stmt;
        SQLSMALLINT type, digits;
        SQLULEN size;
        SQLLEN length = SQL_NTS;
        char sql[128], got[64];

        reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, rows[i].keys);
        stmt = reach_stmt(&reach);
        reach_run(&reach, "CREATE TEMPORARY TABLE rs_back (c_bool boolean, c_tstz timestamptz,"
                          " c_num numeric(38,10), c_vchar varchar(9))");
        snprintf(sql, sizeof sql, "INSERT INTO rs_back (%s) VALUES (?)", rows[i].column);
        stmt_ok(SQLPrepare(stmt, TEXT_OF(sql)), stmt);
        stmt_ok(SQLDescribeParam(stmt, 1, &type, &size, &digits, NULL), stmt);
        if (type == SQL_TYPE_TIMESTAMP) /* with its offset it is text to ODBC */
            type = SQL_VARCHAR;
        stmt_ok(SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, type, size, digits,
                                 (SQLPOINTER)(uintptr_t)rows[i].value, 0, &length),
                stmt);
        stmt_ok(SQLExecute(stmt), stmt);
        snprintf(sql, sizeof sql, "SELECT %s FROM rs_back", rows[i].column);
        stmt_ok(SQLExecDirect(stmt, TEXT_OF(sql)), stmt);
        reach_list(stmt, 1, got, sizeof got);
        assert_string_equal(got, rows[i].value);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        reach_close(&reach);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_columns),
        cmocka_unit_test(shape_the_catalog),
        cmocka_unit_test(shape_catalog_results),
        cmocka_unit_test(shape_parameters),
        cmocka_unit_test(take_back_what_they_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
