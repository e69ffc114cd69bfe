/*
 * SQLDescribeCol, SQLColAttribute, SQLColumns and SQLGetTypeInfo say the same of a type, cell by
 * cell, on both servers, for applications of ODBC 3 and 2 and with every key that shapes types.
 * Source: ODBC Programmer's Reference, pages of the four functions; Appendix D; odbc.md 13.2.
 */
#include "reach.h"

#include <stdbool.h>
#include <unistd.h>

#define TEXT_OF(s) (SQLCHAR *)(uintptr_t)(s), SQL_NTS

static char schema[64]; /* ours alone: the direct twin may run beside us */
static struct reach maker;

static void make(const char *before, const char *after)
{
    char sql[2048];

    snprintf(sql, sizeof sql, "%s %s%s", before, schema, after);
    reach_run(&maker, sql);
}

/* Every type that the driver tells apart, and the modifiers that change it, for both servers; and
 * what Redshift has not. */
static int set_up(void **state)
{
    (void)state;
    reach_open(&maker, REACH_POSTGRES, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_types_%d", (int)getpid());
    make("CREATE SCHEMA", "");
    make("CREATE TABLE",
         ".every_type (c01 boolean NOT NULL, c02 smallint, c03 integer, c04 bigint,"
         " c05 numeric(12,3), c06 numeric, c07 real, c08 double precision, c09 char(8), c10 char,"
         " c11 varchar(255), c12 varchar(9000), c13 varchar, c14 text, c15 bytea, c16 date,"
         " c17 time, c18 timetz, c19 timestamp, c20 timestamptz, c21 interval, c23 json,"
         " c24 jsonb, c25 xml, c26 money, c27 bit(3), c28 varbit(5), c29 oid, c30 name,"
         " c31 \"char\", c32 integer[], c33 text[], c34 inet, c35 xid, c36 tid, c37 regclass,"
         " c38 numeric(38,37), c39 numeric(5,0), c40 char(4096), c41 varchar(65535))");
    make("CREATE TABLE",
         ".postgres_types (c01 time(3), c02 time(0), c03 timetz(0), c04 timestamp(0),"
         " c05 timestamp(6), c06 timestamptz(1), c07 numeric(1000,1000), c08 char(9000),"
         " c09 char(100000), c10 varchar(100000), c11 uuid)");
    make("CREATE TABLE",
         ".redshift_types (c01 super, c02 varbyte(100), c03 varbyte(9000), c04 varbyte,"
         " c05 geometry, c06 geometry_raw, c07 geography, c08 hllsketch, c09 intervaly2m,"
         " c10 intervald2s, c11 abstime, c12 reltime, c13 tinterval, c14 roleitem,"
         " c15 rs_cardinal_number, c16 rs_character_data, c17 rs_sql_identifier,"
         " c18 rs_time_stamp, c19 rs_unknown)");
    make("CREATE DOMAIN", ".d1 AS varchar(20)");
    make("CREATE TABLE", ".domains ()");
    make("ALTER TABLE", ".domains ADD a varchar(20)");
    {
        char sql[1024];

        snprintf(sql, sizeof sql,
                 "CREATE DOMAIN %s.d2 AS %s.d1; CREATE DOMAIN %s.d3 AS %s.d2;"
                 "ALTER TABLE %s.domains ADD b %s.d1, ADD c %s.d2, ADD d %s.d3",
                 schema, schema, schema, schema, schema, schema, schema, schema);
        reach_run(&maker, sql);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    make("DROP SCHEMA", " CASCADE");
    reach_close(&maker);
    return 0;
}

/* ---- what SQLDescribeCol and SQLColAttribute say ---- */

static const struct {
    const char *name;
    SQLUSMALLINT field;
} numbers[] = {
    { "octet length", SQL_DESC_OCTET_LENGTH },
    { "radix", SQL_DESC_NUM_PREC_RADIX },
    { "verbose type", SQL_DESC_TYPE },
    { "datetime code", SQL_DESC_DATETIME_INTERVAL_CODE },
    { "interval precision", SQL_DESC_DATETIME_INTERVAL_PRECISION },
    { "case sensitive", SQL_DESC_CASE_SENSITIVE },
    { "searchable", SQL_DESC_SEARCHABLE },
    { "unsigned", SQL_DESC_UNSIGNED },
    { "auto unique", SQL_DESC_AUTO_UNIQUE_VALUE },
    { "fixed scale", SQL_DESC_FIXED_PREC_SCALE },
    { "concise type", SQL_DESC_CONCISE_TYPE },
};
enum {
    OCTETS,
    RADIX,
    VERBOSE,
    CODE,
    INTERVAL_PRECISION,
    CASE_SENSITIVE,
    SEARCHABLE,
    UNSIGNED,
    AUTO_UNIQUE,
    FIXED_SCALE,
    CONCISE,
    N_NUMBERS
};

struct described {
    SQLSMALLINT type, digits, nullable;
    SQLULEN size;
    SQLLEN number[N_NUMBERS];
    char name[128], type_name[128], local_name[128], prefix[32], suffix[32];
};

static void text_of(SQLHSTMT stmt, SQLUSMALLINT column, SQLUSMALLINT field, char *out,
                    SQLSMALLINT cap)
{
    stmt_ok(SQLColAttribute(stmt, column, field, out, cap, NULL, NULL), stmt);
}

static void describe(SQLHSTMT stmt, SQLUSMALLINT n, struct described *out)
{
    stmt_ok(SQLDescribeCol(stmt, n, (SQLCHAR *)out->name, sizeof out->name, NULL, &out->type,
                           &out->size, &out->digits, &out->nullable),
            stmt);
    for (size_t i = 0; i < N_NUMBERS; i++)
        stmt_ok(SQLColAttribute(stmt, n, numbers[i].field, NULL, 0, NULL, &out->number[i]), stmt);
    text_of(stmt, n, SQL_DESC_TYPE_NAME, out->type_name, sizeof out->type_name);
    text_of(stmt, n, SQL_DESC_LOCAL_TYPE_NAME, out->local_name, sizeof out->local_name);
    text_of(stmt, n, SQL_DESC_LITERAL_PREFIX, out->prefix, sizeof out->prefix);
    text_of(stmt, n, SQL_DESC_LITERAL_SUFFIX, out->suffix, sizeof out->suffix);
    assert_int_equal(out->number[CONCISE], out->type);
}

/* ---- cells of catalog results ---- */

enum { NOTHING = INT32_MIN }; /* SQL's NULL */

static SQLLEN number_at(SQLHSTMT stmt, SQLUSMALLINT column)
{
    SQLINTEGER value = 0;
    SQLLEN length = 0;

    stmt_ok(SQLGetData(stmt, column, SQL_C_SLONG, &value, 0, &length), stmt);
    return length == SQL_NULL_DATA ? NOTHING : value;
}

/* The text of a cell, NULL as the empty one. */
static const char *text_at(SQLHSTMT stmt, SQLUSMALLINT column)
{
    static char value[256];
    SQLLEN length = 0;

    stmt_ok(SQLGetData(stmt, column, SQL_C_CHAR, value, sizeof value, &length), stmt);
    if (length == SQL_NULL_DATA)
        value[0] = '\0';
    return value;
}

/* none: what the description has where the catalog has NULL. */
static void agrees(SQLHSTMT stmt, SQLUSMALLINT column, const struct described *d, SQLLEN described,
                   SQLLEN none)
{
    SQLLEN value = number_at(stmt, column);

    if (value == NOTHING ? described != none : value != described)
        fail_msg("%s, %s (%d): cell %d is %ld, the description says %ld", d->name, d->type_name,
                 d->type, column, (long)value, (long)described);
}

static void agrees_text(SQLHSTMT stmt, SQLUSMALLINT column, const struct described *d,
                        const char *described)
{
    const char *value = text_at(stmt, column);

    if (strcmp(value, described) != 0)
        fail_msg("%s, %s (%d): cell %d is \"%s\", the description says \"%s\"", d->name,
                 d->type_name, d->type, column, value, described);
}

static bool has_char_octets(SQLSMALLINT type)
{
    return type == SQL_CHAR || type == SQL_VARCHAR || type == SQL_LONGVARCHAR ||
           type == SQL_WCHAR || type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR ||
           type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

/* ---- SQLColumns ---- */

static void compare_column(SQLHSTMT columns, const struct described *d)
{
    agrees_text(columns, 4, d, d->name);
    agrees(columns, 5, d, d->type, NOTHING);
    if (strncmp(d->type_name, "unknown(", 8) == 0) /* the views of Redshift have names for them */
        assert_true(text_at(columns, 6)[0] != '\0');
    else
        agrees_text(columns, 6, d, d->type_name);
    agrees(columns, 7, d, (SQLLEN)d->size, NOTHING);
    agrees(columns, 8, d, d->number[OCTETS], NOTHING);
    agrees(columns, 9, d, d->digits, 0);
    agrees(columns, 10, d, d->number[RADIX], 0);
    if (d->nullable != SQL_NULLABLE_UNKNOWN)
        agrees(columns, 11, d, d->nullable, NOTHING);
    agrees(columns, 14, d, d->number[VERBOSE], NOTHING);
    agrees(columns, 15, d, d->number[CODE], 0);
    if (has_char_octets(d->type))
        agrees(columns, 16, d, d->number[OCTETS], NOTHING);
    else
        assert_int_equal(number_at(columns, 16), NOTHING);
}

/* ---- SQLGetTypeInfo ---- */

/* Types that nobody makes a column of by SQLGetTypeInfo, or not on a server that is Redshift. */
static bool is_listed(const char *type_name)
{
    static const char *const listed[] = { "bool",    "int2",    "int4",      "int8",
                                          "numeric", "float4",  "float8",    "char",
                                          "nchar",   "varchar", "nvarchar",  "date",
                                          "time",    "timetz",  "timestamp", "timestamptz" };

    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        if (strcmp(type_name, listed[i]) == 0)
            return true;
    return false;
}

/* What every type with this data type has in common. */
static void compare_data_type(SQLHSTMT types, const struct described *d)
{
    agrees(types, 2, d, d->type, NOTHING);
    agrees(types, 16, d, d->number[VERBOSE], NOTHING);
    agrees(types, 17, d, d->number[CODE], 0);
    agrees(types, 18, d, d->number[RADIX], 0);
    agrees(types, 19, d, d->number[INTERVAL_PRECISION], 0);
}

static void compare_digits(SQLHSTMT types, const struct described *d)
{
    SQLLEN lowest = number_at(types, 14), highest = number_at(types, 15);

    if (lowest == NOTHING && highest == NOTHING)
        lowest = highest = 0;
    if (d->digits < lowest || d->digits > highest)
        fail_msg("%s, %s: %d digits, SQLGetTypeInfo %ld to %ld", d->name, d->type_name, d->digits,
                 (long)lowest, (long)highest);
}

/* The size of a type without parameters is that of its columns, but for seconds; with them it is
 * the largest. LONG types are shown no larger than MaxLongVarchar. */
static void compare_size(SQLHSTMT types, const struct described *d)
{
    SQLLEN size = number_at(types, 3);
    bool varies = text_at(types, 6)[0] != '\0' || d->number[VERBOSE] == SQL_DATETIME ||
                  d->type == SQL_LONGVARCHAR || d->type == SQL_WLONGVARCHAR;

    if (varies ? (SQLLEN)d->size > size : (SQLLEN)d->size != size)
        fail_msg("%s, %s (%d): size %lu, SQLGetTypeInfo %ld", d->name, d->type_name, d->type,
                 (unsigned long)d->size, (long)size);
}

static void compare_type(SQLHSTMT types, const struct described *d)
{
    compare_size(types, d);
    agrees_text(types, 4, d, d->prefix);
    agrees_text(types, 5, d, d->suffix);
    if (d->nullable == SQL_NULLABLE)
        agrees(types, 7, d, SQL_NULLABLE, NOTHING);
    agrees(types, 8, d, d->number[CASE_SENSITIVE], NOTHING);
    agrees(types, 9, d, d->number[SEARCHABLE], NOTHING);
    agrees(types, 10, d, d->number[UNSIGNED], SQL_TRUE);
    agrees(types, 11, d, d->number[FIXED_SCALE], NOTHING);
    agrees(types, 12, d, d->number[AUTO_UNIQUE], SQL_FALSE);
    agrees_text(types, 13, d, d->local_name);
    compare_digits(types, d);
}

static void compare_types(struct reach *reach, const struct described *d)
{
    SQLHSTMT types = reach_stmt(reach);
    int rows = 0, named = 0;

    stmt_ok(SQLGetTypeInfo(types, d->type), types);
    while (SQLFetch(types) == SQL_SUCCESS) {
        compare_data_type(types, d);
        rows++;
        if (strcmp(text_at(types, 1), d->type_name) != 0)
            continue;
        compare_type(types, d);
        named++;
    }
    if (rows == 0 || (named != 1 && (named != 0 || is_listed(d->type_name))))
        fail_msg("%s: SQLGetTypeInfo(%d) has %d rows, %d of %s", d->name, d->type, rows, named,
                 d->type_name);
    SQLFreeHandle(SQL_HANDLE_STMT, types);
}

/* ---- tables ---- */

static void compare_table(struct reach *reach, const char *where, const char *table)
{
    SQLHSTMT rows = reach_stmt(reach), columns = reach_stmt(reach);
    char sql[256];
    SQLSMALLINT n = 0;

    snprintf(sql, sizeof sql, "SELECT * FROM %s.%s WHERE 1 = 0", where, table);
    stmt_ok(SQLExecDirect(rows, TEXT_OF(sql)), rows);
    stmt_ok(SQLNumResultCols(rows, &n), rows);
    stmt_ok(SQLColumns(columns, NULL, 0, TEXT_OF(where), TEXT_OF(table), NULL, 0), columns);
    for (SQLUSMALLINT i = 1; i <= n; i++) {
        struct described d;

        describe(rows, i, &d);
        stmt_ok(SQLFetch(columns), columns);
        agrees_text(columns, 1, &d, "dev");
        agrees_text(columns, 2, &d, where);
        agrees_text(columns, 3, &d, table);
        compare_column(columns, &d);
        agrees(columns, 17, &d, i, NOTHING);
        compare_types(reach, &d);
    }
    assert_int_equal(SQLFetch(columns), SQL_NO_DATA);
    SQLFreeHandle(SQL_HANDLE_STMT, rows);
    SQLFreeHandle(SQL_HANDLE_STMT, columns);
}

static const char *const keys[] = {
    "",
    "UseUnicode=1",
    "UseUnicode=1;BoolsAsChar=1;MaxVarchar=100;UnknownSizes=77;MaxLongVarchar=5000",
    "NumericAsDouble=1;TimestampTzText=1;MaxVarchar=0",
    "BoolsAsChar=1;MaxVarchar=65535;MaxLongVarchar=0;UnknownSizes=65535",
    "MaxVarchar=5;UnknownSizes=8000",
};

static void compare_all(SQLULEN version)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct reach pg, rs;

        reach_open(&pg, REACH_POSTGRES, version, keys[i]);
        reach_open(&rs, REACH_REDSHIFT, version, keys[i]);
        compare_table(&pg, schema, "every_type");
        compare_table(&rs, schema, "every_type");
        compare_table(&rs, schema, "redshift_types");
        compare_table(&pg, schema, "postgres_types");
        compare_table(&rs, "public", "all_types");
        reach_close(&pg);
        reach_close(&rs);
    }
}

static void agrees_for_odbc_3(void **state)
{
    (void)state;
    compare_all(SQL_OV_ODBC3);
}

static void agrees_for_odbc_2(void **state)
{
    (void)state;
    compare_all(SQL_OV_ODBC2);
}

static void follows_domains(void **state)
{
    struct reach pg;

    (void)state;
    reach_open(&pg, REACH_POSTGRES, SQL_OV_ODBC3, "");
    compare_table(&pg, schema, "domains");
    reach_close(&pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_for_odbc_3),
        cmocka_unit_test(agrees_for_odbc_2),
        cmocka_unit_test(follows_domains),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
