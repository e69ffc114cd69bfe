/*
 * Every type of Redshift that a column can have, as SQLDescribeCol, SQLColAttribute and SQLGetData
 * show it, at protocol levels 0 and 2. Source: redshift.md 7.2; ODBC Programmer's Reference,
 * Appendix D, "Data Types". What SQLColumns and SQLGetTypeInfo say of them is compared in
 * test_types.c.
 */
#include "reach.h"

#include <stdbool.h>
#include <unistd.h>

#define KEYS "MaxLongVarchar=50000;"
enum { UNKNOWN_SIZE = 8000, LONG_SIZE = 50000 };

/* value: as it is inserted; text: what SQL_C_CHAR gives of it. Radix 0 and digits 0: none. */
static const struct row {
    const char *type, *value, *text;
    SQLSMALLINT sql;
    SQLULEN size;
    SQLLEN octets, display, radix;
    SQLSMALLINT digits, c_type;
    const char *name;
    SQLLEN searchable;
} rows[] = {
#define BASIC  SQL_PRED_BASIC
#define SEARCH SQL_PRED_SEARCHABLE
#define NONE   SQL_PRED_NONE
#define TEXT(type, value, sql, n, name, searchable)                                                \
    {                                                                                              \
        type, value, value, sql, n, n, n, 0, 0, SQL_C_CHAR, name, searchable                       \
    }
#define VARCHAR(type, value, n, name) TEXT(type, value, SQL_VARCHAR, n, name, SEARCH)
#define LONGER(type, value, name, searchable)                                                      \
    TEXT(type, value, SQL_LONGVARCHAR, LONG_SIZE, name, searchable)
#define BINARY(type, value, text, sql, n, name, searchable)                                        \
    {                                                                                              \
        type, value, text, sql, n, n, 2 * (n), 0, 0, SQL_C_BINARY, name, searchable                \
    }
    /* clang-format off */
    { "boolean", "t", "1", SQL_BIT, 1, 1, 1, 0, 0, SQL_C_BIT, "bool", BASIC },
    BINARY("bytea", "\\x6162ff", "6162FF", SQL_LONGVARBINARY, 65535, "bytea", BASIC),
    TEXT("\"char\"", "x", SQL_CHAR, 1, "\"char\"", SEARCH),
    VARCHAR("name", "a_name", 127, "name"),
    { "int8", "-9000000000", "-9000000000", SQL_BIGINT, 19, 8, 20, 10, 0, SQL_C_SBIGINT, "int8", BASIC },
    { "int2", "-7", "-7", SQL_SMALLINT, 5, 2, 6, 10, 0, SQL_C_SSHORT, "int2", BASIC },
    { "int4", "70000", "70000", SQL_INTEGER, 10, 4, 11, 10, 0, SQL_C_SLONG, "int4", BASIC },
    VARCHAR("int2vector", "1 2", 255, "int2vector"),
    VARCHAR("regproc", "pi", 255, "regproc"),
    VARCHAR("text", "any text", UNKNOWN_SIZE, "text"),
    { "oid", "4294967295", "4294967295", SQL_BIGINT, 10, 8, 10, 10, 0, SQL_C_SBIGINT, "oid", BASIC },
    VARCHAR("tid", "(0,1)", 32, "tid"),
    { "xid", "5", "5", SQL_BIGINT, 19, 8, 20, 10, 0, SQL_C_SBIGINT, "xid", BASIC },
    { "cid", "6", "6", SQL_BIGINT, 10, 8, 10, 10, 0, SQL_C_SBIGINT, "cid", BASIC },
    VARCHAR("oidvector", "1 2", 255, "oidvector"),
    LONGER("json", "[1]", "json", SEARCH),
    { "float4", "1.5", "1.5", SQL_REAL, 7, 4, 14, 10, 0, SQL_C_FLOAT, "float4", BASIC },
    { "float8", "-0.25", "-0.25", SQL_DOUBLE, 15, 8, 24, 10, 0, SQL_C_DOUBLE, "float8", BASIC },
    VARCHAR("abstime", "2024-02-29 12:34:56+00", 64, "abstime"),
    VARCHAR("reltime", "1 day", 64, "reltime"),
    VARCHAR("tinterval", "[a b]", 64, "tinterval"),
    VARCHAR("money", NULL, 32, "money"),
    VARCHAR("aclitem", NULL, 255, "aclitem"),
    TEXT("char(8)", "ab      ", SQL_CHAR, 8, "char", SEARCH),
    TEXT("char(4096)", NULL, SQL_CHAR, 4096, "char", SEARCH),
    VARCHAR("varchar(60)", "sixty", 60, "varchar"),
    VARCHAR("varchar", "any", UNKNOWN_SIZE, "varchar"),
    TEXT("varchar(9000)", "long", SQL_LONGVARCHAR, 9000, "varchar", SEARCH),
    { "date", "2024-02-29", "2024-02-29", SQL_TYPE_DATE, 10, 6, 10, 0, 0, SQL_C_TYPE_DATE, "date", BASIC },
    { "time", "12:34:56", "12:34:56", SQL_TYPE_TIME, 15, 6, 15, 0, 6, SQL_C_TYPE_TIME, "time", BASIC },
    { "timestamp", "2024-02-29 12:34:56.789012", "2024-02-29 12:34:56.789012", SQL_TYPE_TIMESTAMP, 26, 16, 26, 0, 6, SQL_C_TYPE_TIMESTAMP, "timestamp", BASIC },
    { "timestamptz", "2024-02-29 12:34:56+00", "2024-02-29 12:34:56", SQL_TYPE_TIMESTAMP, 26, 16, 26, 0, 6, SQL_C_TYPE_TIMESTAMP, "timestamptz", BASIC },
    VARCHAR("interval", "1 mon", 64, "interval"),
    { "intervaly2m", "1 years 2 mons", "1-2", SQL_INTERVAL_YEAR_TO_MONTH, 12, 28, 13, 0, 0, SQL_C_INTERVAL_YEAR_TO_MONTH, "interval year to month", BASIC },
    { "intervald2s", "1 days 2 hours 3 mins 4.5 secs", "1 02:03:04.5", SQL_INTERVAL_DAY_TO_SECOND, 25, 28, 26, 0, 6, SQL_C_INTERVAL_DAY_TO_SECOND, "interval day to second", BASIC },
    { "timetz", "12:34:56+05:30", "12:34:56", SQL_TYPE_TIME, 15, 6, 15, 0, 6, SQL_C_TYPE_TIME, "timetz", BASIC },
    VARCHAR("bit(3)", "101", 255, "bit"),
    VARCHAR("varbit(5)", "1", 255, "varbit"),
    { "numeric(18,4)", "-1.25", "-1.2500", SQL_NUMERIC, 18, 20, 20, 10, 4, SQL_C_CHAR, "numeric", BASIC },
    { "numeric(38,37)", "9.5", "9.5000000000000000000000000000000000000", SQL_NUMERIC, 38, 40, 40, 10, 37, SQL_C_CHAR, "numeric", BASIC },
    { "numeric", "1.5", "1.5", SQL_NUMERIC, 38, 40, 40, 10, 18, SQL_C_CHAR, "numeric", BASIC },
    VARCHAR("refcursor", "cur", 127, "refcursor"),
    VARCHAR("regclass", "pg_class", 255, "regclass"),
    VARCHAR("regtype", "integer", 255, "regtype"),
    LONGER("hllsketch", "{\"version\":1}", "hllsketch", NONE),
    { "uuid", "00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff", SQL_GUID, 36, 16, 36, 0, 0, SQL_C_GUID, "uuid", BASIC },
    BINARY("geometry_raw", "0101ff", "0101FF", SQL_LONGVARBINARY, 1048447, "geometry", NONE),
    BINARY("geometry", "0101ff", "0101FF", SQL_LONGVARBINARY, 1048447, "geometry", NONE),
    BINARY("geography", "0101ff", "0101FF", SQL_LONGVARBINARY, 1048447, "geography", NONE),
    LONGER("super", "{\"a\":[1,null,\"x\"]}", "super", NONE),
    VARCHAR("roleitem", "role", 255, "roleitem"),
    BINARY("varbyte(100)", "616263", "616263", SQL_VARBINARY, 100, "varbyte", BASIC),
    BINARY("varbyte(9000)", "00", "00", SQL_LONGVARBINARY, 9000, "varbyte", BASIC),
    BINARY("varbyte", "ff", "FF", SQL_LONGVARBINARY, 64000, "varbyte", BASIC),
    { "rs_cardinal_number", "5", "5", SQL_INTEGER, 10, 4, 11, 10, 0, SQL_C_SLONG, "int4", BASIC },
    VARCHAR("rs_character_data", "data", UNKNOWN_SIZE, "varchar"),
    VARCHAR("rs_sql_identifier", "ident", 127, "varchar"),
    { "rs_time_stamp", "2024-02-29 12:34:56", "2024-02-29 12:34:56", SQL_TYPE_TIMESTAMP, 26, 16, 26, 0, 6, SQL_C_TYPE_TIMESTAMP, "timestamp", BASIC },
    VARCHAR("int4[]", "{1,2}", UNKNOWN_SIZE, "int4[]"),
    VARCHAR("text[]", "{a,NULL}", UNKNOWN_SIZE, "text[]"),
    VARCHAR("rs_unknown", "anything", UNKNOWN_SIZE, "unknown(99999)"),
    /* clang-format on */
};
#define N_ROWS (SQLUSMALLINT)(sizeof rows / sizeof *rows)

static char schema[64]; /* ours alone: the direct twin may run beside us */

/* One table with a column of each type, a row of values and one of NULL. */
static int set_up(void **state)
{
    static char sql[16384];
    struct reach maker;
    size_t n;

    (void)state;
    reach_open(&maker, REACH_POSTGRES, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_table_%d", (int)getpid());
    n = (size_t)snprintf(sql, sizeof sql, "CREATE SCHEMA %s; CREATE TABLE %s.t (", schema, schema);
    for (size_t i = 0; i < N_ROWS; i++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, "%sc%zu %s%s", i > 0 ? ", " : "", i,
                              rows[i].type, i == 0 ? " NOT NULL" : "");
    n += (size_t)snprintf(sql + n, sizeof sql - n, "); INSERT INTO %s.t VALUES (", schema);
    for (size_t i = 0; i < N_ROWS; i++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s%s%s", i > 0 ? ", " : "",
                              rows[i].value == NULL ? "" : "'",
                              rows[i].value == NULL ? "NULL" : rows[i].value,
                              rows[i].value == NULL ? "" : "'");
    n += (size_t)snprintf(sql + n, sizeof sql - n,
                          "); INSERT INTO %s.t (c0) VALUES (true);"
                          "GRANT USAGE ON SCHEMA %s TO PUBLIC; GRANT SELECT ON %s.t TO PUBLIC",
                          schema, schema, schema);
    assert_true(n < sizeof sql);
    reach_run(&maker, sql);
    reach_close(&maker);
    return 0;
}

static int tear_down(void **state)
{
    struct reach maker;
    char sql[128];

    (void)state;
    reach_open(&maker, REACH_POSTGRES, SQL_OV_ODBC3, "");
    snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema);
    reach_run(&maker, sql);
    reach_close(&maker);
    return 0;
}

static void is_number(const struct row *row, const char *what, long got, long want)
{
    if (got != want)
        fail_msg("%s: %s is %ld, not %ld", row->type, what, got, want);
}

static void is_text(const struct row *row, const char *what, const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s is \"%s\", not \"%s\"", row->type, what, got, want);
}

static bool is_character(SQLSMALLINT sql)
{
    return sql == SQL_CHAR || sql == SQL_VARCHAR || sql == SQL_LONGVARCHAR;
}

static void attribute_is(SQLHSTMT stmt, SQLUSMALLINT n, SQLUSMALLINT field, const char *what,
                         long want)
{
    SQLLEN got = -77;

    stmt_ok(SQLColAttribute(stmt, n, field, NULL, 0, NULL, &got), stmt);
    is_number(&rows[n - 1], what, (long)got, want);
}

static void text_is(SQLHSTMT stmt, SQLUSMALLINT n, SQLUSMALLINT field, const char *what,
                    const char *want)
{
    char got[128] = "";

    stmt_ok(SQLColAttribute(stmt, n, field, got, sizeof got, NULL, NULL), stmt);
    is_text(&rows[n - 1], what, got, want);
}

static void check_names(SQLHSTMT stmt, SQLUSMALLINT n, int level)
{
    char column[16];

    snprintf(column, sizeof column, "c%d", n - 1);
    text_is(stmt, n, SQL_DESC_BASE_COLUMN_NAME, "base column", level > 0 ? column : "");
    text_is(stmt, n, SQL_DESC_BASE_TABLE_NAME, "base table", level > 0 ? "t" : "");
    text_is(stmt, n, SQL_DESC_TABLE_NAME, "table", level > 0 ? "t" : "");
    text_is(stmt, n, SQL_DESC_SCHEMA_NAME, "schema", level > 0 ? schema : "");
    text_is(stmt, n, SQL_DESC_CATALOG_NAME, "catalog", level > 0 ? "dev" : "");
}

static void check_description(SQLHSTMT stmt, SQLUSMALLINT n, int level)
{
    const struct row *row = &rows[n - 1];
    SQLSMALLINT type = 0, digits = -1, nullable = -1;
    SQLULEN size = 0;
    bool is_id = row->sql == SQL_BIGINT && row->size == 10;

    stmt_ok(SQLDescribeCol(stmt, n, NULL, 0, NULL, &type, &size, &digits, &nullable), stmt);
    is_number(row, "SQL type", type, row->sql);
    is_number(row, "column size", (long)size, (long)row->size);
    is_number(row, "decimal digits", digits, row->digits);
    is_number(row, "nullable", nullable,
              level == 0 ? SQL_NULLABLE_UNKNOWN
              : n == 1   ? SQL_NO_NULLS
                         : SQL_NULLABLE);
    attribute_is(stmt, n, SQL_DESC_CONCISE_TYPE, "concise type", row->sql);
    attribute_is(stmt, n, SQL_DESC_OCTET_LENGTH, "octet length", (long)row->octets);
    attribute_is(stmt, n, SQL_DESC_DISPLAY_SIZE, "display size", (long)row->display);
    attribute_is(stmt, n, SQL_DESC_NUM_PREC_RADIX, "radix", (long)row->radix);
    attribute_is(stmt, n, SQL_DESC_SEARCHABLE, "searchable", (long)row->searchable);
    attribute_is(stmt, n, SQL_DESC_UNSIGNED, "unsigned", row->radix == 0 || is_id);
    attribute_is(stmt, n, SQL_DESC_CASE_SENSITIVE, "case-sensitive",
                 is_character(row->sql) && strcmp(row->name, "hllsketch") != 0);
    text_is(stmt, n, SQL_DESC_TYPE_NAME, "type name", row->name);
    text_is(stmt, n, SQL_DESC_LOCAL_TYPE_NAME, "local type name", row->name);
    check_names(stmt, n, level);
}

enum { VALUE_MAX = 128 };

/* A value as one call gave it; length SQL_NULL_DATA: NULL. */
struct value {
    SQLLEN length;
    unsigned char bytes[VALUE_MAX];
};

static void get_all(SQLHSTMT stmt, SQLSMALLINT (*c_type)(const struct row *row), struct value *out)
{
    memset(out, 0, N_ROWS * sizeof *out);
    for (SQLUSMALLINT n = 1; n <= N_ROWS; n++, out++)
        stmt_ok(SQLGetData(stmt, n, c_type(&rows[n - 1]), out->bytes, VALUE_MAX, &out->length),
                stmt);
}

static SQLSMALLINT as_text(const struct row *row)
{
    (void)row;
    return SQL_C_CHAR;
}

static SQLSMALLINT as_default(const struct row *row)
{
    (void)row;
    return SQL_C_DEFAULT;
}

static SQLSMALLINT as_own(const struct row *row)
{
    return row->c_type;
}

/* SQL_C_DEFAULT gives what the default C type gives, and characters are the text. */
static void check_values(SQLHSTMT stmt)
{
    static struct value text[N_ROWS], by_default[N_ROWS], by_type[N_ROWS];

    get_all(stmt, as_text, text);
    get_all(stmt, as_default, by_default);
    get_all(stmt, as_own, by_type);
    for (size_t i = 0; i < N_ROWS; i++) {
        is_number(&rows[i], "NULL", text[i].length == SQL_NULL_DATA, rows[i].text == NULL);
        if (rows[i].text != NULL)
            is_text(&rows[i], "the text", (const char *)text[i].bytes, rows[i].text);
        if (memcmp(&by_default[i], &by_type[i], sizeof by_type[i]) != 0)
            fail_msg("%s: SQL_C_DEFAULT is not C type %d", rows[i].type, rows[i].c_type);
    }
}

/* Twice: the second execution may be in binary. */
static void check_level(int level)
{
    struct reach rs;
    char text[128], keys[64];
    SQLHSTMT stmt;

    snprintf(keys, sizeof keys, KEYS "ApplicationName=rs-level:%d;", level);
    reach_open(&rs, REACH_REDSHIFT, SQL_OV_ODBC3, keys);
    stmt = reach_stmt(&rs);
    snprintf(text, sizeof text, "SELECT * FROM %s.t ORDER BY c6", schema);
    stmt_ok(SQLPrepare(stmt, (SQLCHAR *)text, SQL_NTS), stmt);
    for (int round = 0; round < 2; round++) {
        stmt_ok(SQLExecute(stmt), stmt);
        for (SQLUSMALLINT n = 1; n <= N_ROWS; n++)
            check_description(stmt, n, level);
        stmt_ok(SQLFetch(stmt), stmt);
        check_values(stmt);
        stmt_ok(SQLFetch(stmt), stmt);
        for (SQLUSMALLINT n = 2; n <= N_ROWS; n++) {
            SQLLEN length = 0;

            stmt_ok(SQLGetData(stmt, n, SQL_C_DEFAULT, text, sizeof text, &length), stmt);
            is_number(&rows[n - 1], "NULL", (long)length, SQL_NULL_DATA);
        }
        assert_int_equal(SQLFetch(stmt), SQL_NO_DATA);
        stmt_ok(SQLCloseCursor(stmt), stmt);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&rs);
}

static void every_type_at_level_0(void **state)
{
    (void)state;
    check_level(0);
}

static void every_type_at_level_1(void **state)
{
    (void)state;
    check_level(1);
}

static void every_type_at_level_2(void **state)
{
    (void)state;
    check_level(2);
}

static void every_type_at_level_3(void **state)
{
    (void)state;
    check_level(3);
}

/* Types that no column has. */
static void types_of_expressions(void **state)
{
    static const struct {
        const char *sql, *name, *text;
        SQLULEN size;
    } cases[] = { { "SELECT ROW(1, 'x')", "record", "(1,x)", UNKNOWN_SIZE },
                  { "SELECT 'x'::cstring", "cstring", "x", UNKNOWN_SIZE },
                  { "SELECT pg_sleep(0)", "void", "", 4 } };
    struct reach rs;

    (void)state;
    reach_open(&rs, REACH_REDSHIFT, SQL_OV_ODBC3, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[64], name[64], text[64];
        SQLHSTMT stmt = reach_stmt(&rs);
        SQLSMALLINT type = 0;
        SQLULEN size = 0;

        snprintf(sql, sizeof sql, "%s", cases[i].sql);
        stmt_ok(SQLExecDirect(stmt, (SQLCHAR *)sql, SQL_NTS), stmt);
        stmt_ok(SQLDescribeCol(stmt, 1, NULL, 0, NULL, &type, &size, NULL, NULL), stmt);
        stmt_ok(SQLColAttribute(stmt, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL, NULL), stmt);
        stmt_ok(SQLFetch(stmt), stmt);
        stmt_ok(SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL), stmt);
        assert_int_equal(type, SQL_VARCHAR);
        assert_int_equal(size, cases[i].size);
        assert_string_equal(name, cases[i].name);
        assert_string_equal(text, cases[i].text);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
    reach_close(&rs);
}

/* SUPER's own limit, and that of the key. */
static void limit_of_super(void **state)
{
    static const struct {
        const char *keys;
        SQLULEN size;
    } cases[] = { { "MaxLongVarchar=0;", 16777216 },
                  { "MaxLongVarchar=20000000;", 16777216 },
                  { "", 65535 },
                  { "MaxLongVarchar=100;", 100 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SQLCHAR text[] = "SELECT '1'::super";
        struct reach rs;
        SQLSMALLINT type = 0;
        SQLULEN size = 0;
        SQLHSTMT stmt;

        reach_open(&rs, REACH_REDSHIFT, SQL_OV_ODBC3, cases[i].keys);
        stmt = reach_stmt(&rs);
        stmt_ok(SQLExecDirect(stmt, text, SQL_NTS), stmt);
        stmt_ok(SQLDescribeCol(stmt, 1, NULL, 0, NULL, &type, &size, NULL, NULL), stmt);
        assert_int_equal(type, SQL_LONGVARCHAR);
        assert_int_equal(size, cases[i].size);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        reach_close(&rs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_at_level_0), cmocka_unit_test(every_type_at_level_1),
        cmocka_unit_test(every_type_at_level_2), cmocka_unit_test(every_type_at_level_3),
        cmocka_unit_test(limit_of_super),        cmocka_unit_test(types_of_expressions),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
