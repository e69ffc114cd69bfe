/* Server types as ODBC sees them; redshift.md 7 and 8, odbc.md 15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "odbc/type.h"

static const struct rs_policy usual = {
    .max_varchar = 8000, .max_long_varchar = 65535, .unknown_sizes = 8000, .is_redshift = true
};

/* As the columns of the main table: CS, OL, DS, radix, digits (-1: do not apply), default C. */
struct type_case {
    uint32_t oid;
    int32_t typmod;
    SQLSMALLINT sql;
    SQLULEN size;
    SQLLEN octets, display;
    int radix, digits;
    SQLSMALLINT c;
    const char *name;
};

/* clang-format off */
static const struct type_case cases[] = {
    { 16,   -1, SQL_BIT,            1,     1,      1,      0,  0,  SQL_C_BIT, "bool" },
    { 17,   -1, SQL_LONGVARBINARY,  65535, 65535,  131070, 0,  -1, SQL_C_BINARY, "bytea" },
    { 18,   -1, SQL_CHAR,           1,     1,      1,      0,  -1, SQL_C_CHAR, "\"char\"" },
    { 19,   -1, SQL_VARCHAR,        127,   127,    127,    0,  -1, SQL_C_CHAR, "name" },
    { 20,   -1, SQL_BIGINT,         19,    8,      20,     10, 0,  SQL_C_SBIGINT, "int8" },
    { 21,   -1, SQL_SMALLINT,       5,     2,      6,      10, 0,  SQL_C_SSHORT, "int2" },
    { 23,   -1, SQL_INTEGER,        10,    4,      11,     10, 0,  SQL_C_SLONG, "int4" },
    { 24,   -1, SQL_VARCHAR,        255,   255,    255,    0,  -1, SQL_C_CHAR, "regproc" },
    { 25,   -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "text" },
    { 26,   -1, SQL_BIGINT,         10,    8,      10,     10, 0,  SQL_C_SBIGINT, "oid" },
    { 28,   -1, SQL_BIGINT,         19,    8,      20,     10, 0,  SQL_C_SBIGINT, "xid" },
    { 29,   -1, SQL_BIGINT,         10,    8,      10,     10, 0,  SQL_C_SBIGINT, "cid" },
    { 114,  -1, SQL_LONGVARCHAR,    65535, 65535,  65535,  0,  -1, SQL_C_CHAR, "json" },
    { 3802, -1, SQL_LONGVARCHAR,    65535, 65535,  65535,  0,  -1, SQL_C_CHAR, "jsonb" },
    { 700,  -1, SQL_REAL,           7,     4,      14,     10, -1, SQL_C_FLOAT, "float4" },
    { 701,  -1, SQL_DOUBLE,         15,    8,      24,     10, -1, SQL_C_DOUBLE, "float8" },
    { 702,  -1, SQL_VARCHAR,        64,    64,     64,     0,  -1, SQL_C_CHAR, "abstime" },
    { 705,  -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "unknown" },
    { 1042, 14, SQL_CHAR,           10,    10,     10,     0,  -1, SQL_C_CHAR, "char" },
    { 1042, -1, SQL_CHAR,           1,     1,      1,      0,  -1, SQL_C_CHAR, "char" },
    { 1043, 14, SQL_VARCHAR,        10,    10,     10,     0,  -1, SQL_C_CHAR, "varchar" },
    { 1043, -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "varchar" },
    { 1043, 8004, SQL_VARCHAR,      8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "varchar" },
    { 1043, 8005, SQL_LONGVARCHAR,  8001,  8001,   8001,   0,  -1, SQL_C_CHAR, "varchar" },
    { 1043, 65539, SQL_LONGVARCHAR, 65535, 65535,  65535,  0,  -1, SQL_C_CHAR, "varchar" },
    { 1082, -1, SQL_TYPE_DATE,      10,    6,      10,     0,  -1, SQL_C_TYPE_DATE, "date" },
    { 1083, -1, SQL_TYPE_TIME,      15,    6,      15,     0,  6,  SQL_C_TYPE_TIME, "time" },
    { 1114, -1, SQL_TYPE_TIMESTAMP, 26,    16,     26,     0,  6,  SQL_C_TYPE_TIMESTAMP, "timestamp" },
    { 1083, 3,  SQL_TYPE_TIME,      12,    6,      12,     0,  3,  SQL_C_TYPE_TIME, "time" },
    { 1266, 0,  SQL_TYPE_TIME,      8,     6,      8,      0,  0,  SQL_C_TYPE_TIME, "timetz" },
    { 1114, 3,  SQL_TYPE_TIMESTAMP, 23,    16,     23,     0,  3,  SQL_C_TYPE_TIMESTAMP, "timestamp" },
    { 1114, 0,  SQL_TYPE_TIMESTAMP, 19,    16,     19,     0,  0,  SQL_C_TYPE_TIMESTAMP, "timestamp" },
    { 1184, 1,  SQL_TYPE_TIMESTAMP, 21,    16,     21,     0,  1,  SQL_C_TYPE_TIMESTAMP, "timestamptz" },
    { 1184, -1, SQL_TYPE_TIMESTAMP, 26,    16,     26,     0,  6,  SQL_C_TYPE_TIMESTAMP, "timestamptz" },
    { 1186, -1, SQL_VARCHAR,        64,    64,     64,     0,  -1, SQL_C_CHAR, "interval" },
    { 1188, -1, SQL_INTERVAL_YEAR_TO_MONTH, 12, 28, 13,    0,  -1, SQL_C_INTERVAL_YEAR_TO_MONTH, "interval year to month" },
    { 1190, -1, SQL_INTERVAL_DAY_TO_SECOND, 25, 28, 26,    0,  6,  SQL_C_INTERVAL_DAY_TO_SECOND, "interval day to second" },
    { 1190, 3,  SQL_INTERVAL_DAY_TO_SECOND, 25, 28, 26,    0,  3,  SQL_C_INTERVAL_DAY_TO_SECOND, "interval day to second" },
    { 1266, -1, SQL_TYPE_TIME,      15,    6,      15,     0,  6,  SQL_C_TYPE_TIME, "timetz" },
    { 1700, -1, SQL_NUMERIC,        38,    40,     40,     10, 18, SQL_C_CHAR, "numeric" },
    { 1700, (8 << 16 | 2) + 4, SQL_NUMERIC, 8, 10, 10,     10, 2,  SQL_C_CHAR, "numeric" },
    { 1700, (38 << 16 | 37) + 4, SQL_NUMERIC, 38, 40, 40,  10, 37, SQL_C_CHAR, "numeric" },
    { 1790, -1, SQL_VARCHAR,        127,   127,    127,    0,  -1, SQL_C_CHAR, "refcursor" },
    { 2205, -1, SQL_VARCHAR,        255,   255,    255,    0,  -1, SQL_C_CHAR, "regclass" },
    { 2249, -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "record" },
    { 2278, -1, SQL_VARCHAR,        4,     4,      4,      0,  -1, SQL_C_CHAR, "void" },
    { 2935, -1, SQL_LONGVARCHAR,    65535, 65535,  65535,  0,  -1, SQL_C_CHAR, "hllsketch" },
    { 2950, -1, SQL_GUID,           36,    16,     36,     0,  -1, SQL_C_GUID, "uuid" },
    { 3000, -1, SQL_LONGVARBINARY,  1048447, 1048447, 2096894, 0, -1, SQL_C_BINARY, "geometry" },
    { 3001, -1, SQL_LONGVARBINARY,  1048447, 1048447, 2096894, 0, -1, SQL_C_BINARY, "geography" },
    { 4000, -1, SQL_LONGVARCHAR,    65535, 65535,  65535,  0,  -1, SQL_C_CHAR, "super" },
    { 4600, -1, SQL_VARCHAR,        255,   255,    255,    0,  -1, SQL_C_CHAR, "useritem" },
    { 6551, 104, SQL_VARBINARY,     100,   100,    200,    0,  -1, SQL_C_BINARY, "varbyte" },
    { 6551, -1, SQL_LONGVARBINARY,  64000, 64000,  128000, 0,  -1, SQL_C_BINARY, "varbyte" },
    { 17329, -1, SQL_INTEGER,       10,    4,      11,     10, 0,  SQL_C_SLONG, "int4" },
    { 17336, -1, SQL_TYPE_TIMESTAMP, 26,   16,     26,     0,  6,  SQL_C_TYPE_TIMESTAMP, "timestamp" },
    /* arrays and what is not known */
    { 1007, -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "int4[]" },
    { 4601, -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "useritem[]" },
    { 99999, -1, SQL_VARCHAR,       8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "unknown(99999)" },
    { 4294967295u, -1, SQL_VARCHAR, 8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "unknown(4294967295)" },
    { 0,    -1, SQL_VARCHAR,        8000,  8000,   8000,   0,  -1, SQL_C_CHAR, "unknown(0)" },
};
/* clang-format on */

static void check(const struct rs_policy *policy, const struct type_case *c)
{
    struct rs_typed t;

    rs_type_describe(policy, c->oid, c->typmod, &t);
    if (t.concise_type != c->sql || t.column_size != c->size || t.octet_length != c->octets ||
        t.display_size != c->display || t.radix != c->radix || t.default_c != c->c)
        fail_msg("type %u (%d): %d, size %lu, octets %ld, display %ld, radix %d, C %d", c->oid,
                 c->typmod, t.concise_type, (unsigned long)t.column_size, (long)t.octet_length,
                 (long)t.display_size, t.radix, t.default_c);
    assert_int_equal(t.has_digits, c->digits >= 0);
    assert_int_equal(t.decimal_digits, c->digits < 0 ? 0 : c->digits);
    assert_string_equal(t.type_name, c->name);
}

static void main_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        check(&usual, &cases[i]);
}

static void policies(void **state)
{
    /* clang-format off */
    static const struct {
        struct rs_policy policy;
        struct type_case want;
    } rows[] = {
        { { .max_varchar = 0, .unknown_sizes = 8000, .is_redshift = true },
          { 1043, 65539, SQL_VARCHAR, 65535, 65535, 65535, 0, -1, SQL_C_CHAR, "varchar" } },
        { { .max_varchar = 65535, .unknown_sizes = 8000, .is_redshift = true },
          { 1043, 65539, SQL_VARCHAR, 65535, 65535, 65535, 0, -1, SQL_C_CHAR, "varchar" } },
        { { .max_varchar = 255, .max_long_varchar = 1000, .unknown_sizes = 8000, .is_redshift = true },
          { 1043, 2004, SQL_LONGVARCHAR, 1000, 1000, 1000, 0, -1, SQL_C_CHAR, "varchar" } },
        { { .max_varchar = 255, .max_long_varchar = 1000, .unknown_sizes = 8000, .is_redshift = true },
          { 1042, 1004, SQL_LONGVARCHAR, 1000, 1000, 1000, 0, -1, SQL_C_CHAR, "char" } },
        { { .max_varchar = 255, .unknown_sizes = 300, .is_redshift = true },
          { 25, -1, SQL_LONGVARCHAR, 300, 300, 300, 0, -1, SQL_C_CHAR, "text" } },
        { { .max_varchar = 255, .unknown_sizes = 300, .is_redshift = true },
          { 6551, 304, SQL_LONGVARBINARY, 300, 300, 600, 0, -1, SQL_C_BINARY, "varbyte" } },
        { { .max_long_varchar = 0, .unknown_sizes = 1, .is_redshift = true },
          { 4000, -1, SQL_LONGVARCHAR, 16777216, 16777216, 16777216, 0, -1, SQL_C_CHAR, "super" } },
        { { .max_long_varchar = 100, .unknown_sizes = 1, .is_redshift = true },
          { 4000, -1, SQL_LONGVARCHAR, 100, 100, 100, 0, -1, SQL_C_CHAR, "super" } },
        { { .unknown_sizes = 77, .is_redshift = true },
          { 99999, -1, SQL_VARCHAR, 77, 77, 77, 0, -1, SQL_C_CHAR, "unknown(99999)" } },
        { { .max_varchar = 255, .unknown_sizes = 300 },
          { 99999, -1, SQL_LONGVARCHAR, 300, 300, 300, 0, -1, SQL_C_CHAR, "unknown(99999)" } },
        { { .use_unicode = true },
          { 3802, -1, SQL_WLONGVARCHAR, 1073741823, 2147483646, 1073741823, 0, -1, SQL_C_WCHAR,
            "jsonb" } },
        { { .bools_as_char = true, .is_redshift = true },
          { 16, -1, SQL_VARCHAR, 5, 5, 5, 0, -1, SQL_C_CHAR, "bool" } },
        { { .use_unicode = true, .is_redshift = true },
          { 1043, 14, SQL_WVARCHAR, 10, 20, 10, 0, -1, SQL_C_WCHAR, "nvarchar" } },
        { { .use_unicode = true, .is_redshift = true },
          { 1042, 14, SQL_WCHAR, 10, 20, 10, 0, -1, SQL_C_WCHAR, "nchar" } },
        { { .use_unicode = true, .is_redshift = true, .max_long_varchar = 50 },
          { 4000, -1, SQL_WLONGVARCHAR, 50, 100, 50, 0, -1, SQL_C_WCHAR, "super" } },
        { { .use_unicode = true, .is_redshift = false },
          { 1043, 14, SQL_WVARCHAR, 10, 20, 10, 0, -1, SQL_C_WCHAR, "varchar" } },
        { { .use_unicode = true, .is_redshift = true },
          { 23, -1, SQL_INTEGER, 10, 4, 11, 10, 0, SQL_C_SLONG, "int4" } },
        { { .numeric_as_double = true, .is_redshift = true },
          { 1700, (8 << 16 | 2) + 4, SQL_DOUBLE, 15, 8, 24, 10, -1, SQL_C_DOUBLE, "numeric" } },
        { { .timestamp_tz_text = true, .is_redshift = true },
          { 1184, -1, SQL_TYPE_TIMESTAMP, 32, 16, 32, 0, 6, SQL_C_TYPE_TIMESTAMP, "timestamptz" } },
        { { .timestamp_tz_text = true, .is_redshift = true },
          { 1266, -1, SQL_TYPE_TIME, 24, 6, 24, 0, 6, SQL_C_TYPE_TIME, "timetz" } },
        { { .timestamp_tz_text = true },
          { 1184, 0, SQL_TYPE_TIMESTAMP, 25, 16, 25, 0, 0, SQL_C_TYPE_TIMESTAMP, "timestamptz" } },
        { { .timestamp_tz_text = true },
          { 1266, 3, SQL_TYPE_TIME, 21, 6, 21, 0, 3, SQL_C_TYPE_TIME, "timetz" } },
        { { .timestamp_tz_text = true, .is_redshift = true },
          { 1114, -1, SQL_TYPE_TIMESTAMP, 26, 16, 26, 0, 6, SQL_C_TYPE_TIMESTAMP, "timestamp" } },
        { { .is_v2 = true, .is_redshift = true },
          { 1082, -1, SQL_DATE, 10, 6, 10, 0, -1, SQL_C_DATE, "date" } },
        { { .is_v2 = true, .is_redshift = true },
          { 1114, -1, SQL_TIMESTAMP, 26, 16, 26, 0, 6, SQL_C_TIMESTAMP, "timestamp" } },
        /* PostgreSQL */
        { { .unknown_sizes = 8000 },
          { 19, -1, SQL_VARCHAR, 63, 63, 63, 0, -1, SQL_C_CHAR, "name" } },
        { { .unknown_sizes = 8000 },
          { 4600, -1, SQL_VARCHAR, 8000, 8000, 8000, 0, -1, SQL_C_CHAR, "unknown(4600)" } },
        { { .unknown_sizes = 8000 },
          { 17329, -1, SQL_VARCHAR, 8000, 8000, 8000, 0, -1, SQL_C_CHAR, "unknown(17329)" } },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++)
        check(&rows[i].policy, &rows[i].want);
}

static void derived_fields(void **state)
{
    static const struct {
        uint32_t oid;
        SQLSMALLINT verbose, code, precision, scale;
        SQLULEN length;
        SQLINTEGER interval_precision;
        bool is_unsigned, is_case_sensitive;
        SQLSMALLINT searchable;
        const char *prefix, *suffix;
    } rows[] = {
        { 16, SQL_BIT, 0, 0, 0, 1, 0, true, false, SQL_PRED_BASIC, "'", "'" },
        { 23, SQL_INTEGER, 0, 10, 0, 0, 0, false, false, SQL_PRED_BASIC, "", "" },
        { 26, SQL_BIGINT, 0, 10, 0, 0, 0, true, false, SQL_PRED_BASIC, "", "" },
        { 29, SQL_BIGINT, 0, 10, 0, 0, 0, true, false, SQL_PRED_BASIC, "", "" },
        { 28, SQL_BIGINT, 0, 19, 0, 0, 0, false, false, SQL_PRED_BASIC, "", "" },
        { 701, SQL_DOUBLE, 0, 15, 0, 0, 0, false, false, SQL_PRED_BASIC, "", "" },
        { 1700, SQL_NUMERIC, 0, 38, 18, 0, 0, false, false, SQL_PRED_BASIC, "", "" },
        { 1043, SQL_VARCHAR, 0, 0, 0, 8000, 0, true, true, SQL_SEARCHABLE, "'", "'" },
        { 1082, SQL_DATETIME, SQL_CODE_DATE, 0, 0, 10, 0, true, false, SQL_PRED_BASIC, "'", "'" },
        { 1083, SQL_DATETIME, SQL_CODE_TIME, 6, 0, 15, 0, true, false, SQL_PRED_BASIC, "'", "'" },
        { 1114, SQL_DATETIME, SQL_CODE_TIMESTAMP, 6, 0, 26, 0, true, false, SQL_PRED_BASIC, "'",
          "'" },
        { 1188, SQL_INTERVAL, SQL_CODE_YEAR_TO_MONTH, 0, 0, 12, 9, true, false, SQL_PRED_BASIC,
          "interval '", "' year to month" },
        { 1190, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 6, 0, 25, 9, true, false, SQL_PRED_BASIC,
          "interval '", "' day to second" },
        { 6551, SQL_LONGVARBINARY, 0, 0, 0, 64000, 0, true, false, SQL_PRED_BASIC, "'",
          "'::varbyte" },
        { 4000, SQL_LONGVARCHAR, 0, 0, 0, 65535, 0, true, true, SQL_PRED_NONE, "", "" },
        { 2935, SQL_LONGVARCHAR, 0, 0, 0, 65535, 0, true, false, SQL_PRED_NONE, "", "" },
        { 3000, SQL_LONGVARBINARY, 0, 0, 0, 1048447, 0, true, false, SQL_PRED_NONE, "", "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_typed t;

        rs_type_describe(&usual, rows[i].oid, -1, &t);
        if (t.verbose_type != rows[i].verbose || t.datetime_code != rows[i].code ||
            t.precision != rows[i].precision || t.scale != rows[i].scale ||
            t.length != rows[i].length || t.interval_precision != rows[i].interval_precision ||
            t.is_unsigned != rows[i].is_unsigned ||
            t.is_case_sensitive != rows[i].is_case_sensitive || t.searchable != rows[i].searchable)
            fail_msg("type %u", rows[i].oid);
        assert_string_equal(t.literal_prefix, rows[i].prefix);
        assert_string_equal(t.literal_suffix, rows[i].suffix);
    }
}

static void kinds(void **state)
{
    static const struct {
        uint32_t oid;
        enum rs_kind kind;
    } rows[] = {
        { 16, RS_KIND_BOOL },       { 17, RS_KIND_BYTEA },         { 20, RS_KIND_INT },
        { 21, RS_KIND_INT2 },       { 23, RS_KIND_INT4 },          { 25, RS_KIND_TEXT },
        { 700, RS_KIND_FLOAT4 },    { 701, RS_KIND_FLOAT8 },       { 1082, RS_KIND_DATE },
        { 1083, RS_KIND_TIME },     { 1114, RS_KIND_TIMESTAMP },   { 1184, RS_KIND_TIMESTAMPTZ },
        { 1186, RS_KIND_TEXT },     { 1188, RS_KIND_INTERVAL_YM }, { 1190, RS_KIND_INTERVAL_DS },
        { 1266, RS_KIND_TIMETZ },   { 1700, RS_KIND_NUMERIC },     { 2950, RS_KIND_UUID },
        { 3000, RS_KIND_GEOMETRY }, { 3001, RS_KIND_HEX },         { 6551, RS_KIND_HEX },
        { 1007, RS_KIND_TEXT },     { 5, RS_KIND_TEXT },
    };
    struct rs_policy words = usual;
    struct rs_typed t;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        rs_type_describe(&usual, rows[i].oid, -1, &t);
        assert_int_equal(t.kind, rows[i].kind);
        assert_false(t.keep_offset);
    }
    words.bools_as_char = words.timestamp_tz_text = words.numeric_as_double = true;
    rs_type_describe(&words, 16, -1, &t);
    assert_int_equal(t.kind, RS_KIND_BOOL_TEXT);
    rs_type_describe(&words, 1700, -1, &t);
    assert_int_equal(t.kind, RS_KIND_INEXACT);
    rs_type_describe(&words, 1184, -1, &t);
    assert_true(t.keep_offset);
    rs_type_describe(&words, 1114, -1, &t);
    assert_false(t.keep_offset);
}

static void sql_types(void **state)
{
    static const struct {
        SQLSMALLINT type;
        uint32_t redshift, postgres, unspecified;
        SQLSMALLINT c;
    } rows[] = {
        { SQL_CHAR, 1042, 1042, 0, SQL_C_CHAR },
        { SQL_VARCHAR, 1043, 1043, 0, SQL_C_CHAR },
        { SQL_LONGVARCHAR, 1043, 1043, 0, SQL_C_CHAR },
        { SQL_WCHAR, 1042, 1042, 0, SQL_C_WCHAR },
        { SQL_WVARCHAR, 1043, 1043, 0, SQL_C_WCHAR },
        { SQL_WLONGVARCHAR, 1043, 1043, 0, SQL_C_WCHAR },
        { SQL_BIT, 16, 16, 16, SQL_C_BIT },
        { SQL_TINYINT, 21, 21, 21, SQL_C_STINYINT },
        { SQL_SMALLINT, 21, 21, 21, SQL_C_SSHORT },
        { SQL_INTEGER, 23, 23, 23, SQL_C_SLONG },
        { SQL_BIGINT, 20, 20, 20, SQL_C_SBIGINT },
        { SQL_REAL, 700, 700, 700, SQL_C_FLOAT },
        { SQL_FLOAT, 701, 701, 701, SQL_C_DOUBLE },
        { SQL_DOUBLE, 701, 701, 701, SQL_C_DOUBLE },
        { SQL_NUMERIC, 1700, 1700, 1700, SQL_C_CHAR },
        { SQL_DECIMAL, 1700, 1700, 1700, SQL_C_CHAR },
        { SQL_BINARY, 6551, 17, 6551, SQL_C_BINARY },
        { SQL_VARBINARY, 6551, 17, 6551, SQL_C_BINARY },
        { SQL_LONGVARBINARY, 6551, 17, 6551, SQL_C_BINARY },
        { SQL_TYPE_DATE, 1082, 1082, 1082, SQL_C_TYPE_DATE },
        { SQL_DATE, 1082, 1082, 1082, SQL_C_DATE },
        { SQL_TYPE_TIME, 1083, 1083, 1083, SQL_C_TYPE_TIME },
        { SQL_TYPE_TIMESTAMP, 1114, 1114, 1114, SQL_C_TYPE_TIMESTAMP },
        { SQL_TIMESTAMP, 1114, 1114, 1114, SQL_C_TIMESTAMP },
        { SQL_INTERVAL_YEAR, 1188, 1186, 1188, SQL_C_INTERVAL_YEAR },
        { SQL_INTERVAL_DAY_TO_SECOND, 1190, 1186, 1190, SQL_C_INTERVAL_DAY_TO_SECOND },
        { SQL_GUID, 1043, 2950, 1043, SQL_C_GUID },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        assert_true(rs_sql_type_is_known(rows[i].type));
        assert_int_equal(rs_sql_type_oid(rows[i].type, true, false), rows[i].redshift);
        assert_int_equal(rs_sql_type_oid(rows[i].type, false, false), rows[i].postgres);
        assert_int_equal(rs_sql_type_oid(rows[i].type, true, true), rows[i].unspecified);
        assert_int_equal(rs_sql_type_default_c(rows[i].type), rows[i].c);
    }
    assert_false(rs_sql_type_is_known(0));
    assert_false(rs_sql_type_is_known(12345));
    assert_int_equal(rs_sql_type_oid(12345, true, false), 0);
}

/* One line a row of SQLGetTypeInfo. */
struct lines {
    char text[8192];
    size_t n, rows, stop_at;
    SQLSMALLINT last;
    bool is_ordered;
};

static bool add_row(const struct rs_type_row *r, void *ctx)
{
    struct lines *out = ctx;
    int n = snprintf(out->text + out->n, sizeof out->text - out->n,
                     "%s|%d|%d|%s|%s|%s|%d|%d|%d|%d|%d|%d|%d|%d|%d|%d\n", r->name, r->data_type,
                     (int)r->column_size, r->prefix ? r->prefix : "-", r->suffix ? r->suffix : "-",
                     r->params ? r->params : "-", r->case_sensitive, r->searchable, r->is_unsigned,
                     r->auto_unique, r->min_scale, r->max_scale, r->sql_data_type, r->datetime_sub,
                     (int)r->radix, r->interval_precision);

    out->n += (size_t)n;
    out->rows++;
    if (out->rows > 1 && r->data_type < out->last)
        out->is_ordered = false;
    out->last = r->data_type;
    return out->rows != out->stop_at;
}

static size_t rows_of(const struct rs_policy *policy, SQLSMALLINT type, struct lines *out)
{
    *out = (struct lines){ .is_ordered = true };
    assert_true(rs_type_rows(policy, type, add_row, out));
    return out->rows;
}

#define NUL "-32768"

static void type_info(void **state)
{
    static const struct {
        SQLSMALLINT type;
        const char *want;
    } rows[] = {
        { SQL_INTEGER, "int4|4|10|-|-|-|0|2|0|0|0|0|4|" NUL "|10|" NUL "\n"
                       "int4 identity(1,1)|4|10|-|-|-|0|2|0|1|0|0|4|" NUL "|10|" NUL "\n" },
        { SQL_BIT, "bool|-7|1|'|'|-|0|2|" NUL "|" NUL "|0|0|-7|" NUL "|" NUL "|" NUL "\n" },
        { SQL_VARBINARY, "varbyte|-3|8000|'|'::varbyte|length|0|2|" NUL "|" NUL "|" NUL "|" NUL
                         "|-3|" NUL "|" NUL "|" NUL "\n" },
        { SQL_NUMERIC, "numeric|2|38|-|-|precision,scale|0|2|0|0|0|37|2|" NUL "|10|" NUL "\n" },
        { SQL_VARCHAR, "varchar|12|8000|'|'|length|1|3|" NUL "|" NUL "|" NUL "|" NUL "|12|" NUL
                       "|" NUL "|" NUL "\n" },
        { SQL_TYPE_TIMESTAMP,
          "timestamp|93|26|'|'|-|0|2|" NUL "|" NUL "|6|6|9|3|" NUL "|" NUL "\n"
          "timestamptz|93|26|'|'|-|0|2|" NUL "|" NUL "|6|6|9|3|" NUL "|" NUL "\n" },
        { SQL_INTERVAL_DAY_TO_SECOND,
          "interval day to second|110|25|interval '|' day to second|-|0|2|" NUL "|" NUL
          "|0|6|10|10|" NUL "|9\n" },
        { SQL_DOUBLE, "float8|8|15|-|-|-|0|2|0|0|" NUL "|" NUL "|8|" NUL "|10|" NUL "\n" },
        { SQL_TINYINT, "" },
        { SQL_BINARY, "" },
        { SQL_GUID, "" },
        { SQL_INTERVAL_HOUR, "" },
        { SQL_WVARCHAR, "" },
    };
    struct lines out;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        rows_of(&usual, rows[i].type, &out);
        assert_string_equal(out.text, rows[i].want);
    }
    assert_int_equal(rows_of(&usual, SQL_ALL_TYPES, &out), 27);
    assert_true(out.is_ordered);
}

static void type_info_policies(void **state)
{
    struct rs_policy p = usual;
    struct lines out;

    (void)state;
    p.use_unicode = true;
    assert_int_equal(rows_of(&p, SQL_ALL_TYPES, &out), 32);
    assert_true(out.is_ordered);
    assert_int_equal(rows_of(&p, SQL_WLONGVARCHAR, &out), 3);
    p = usual;
    p.bools_as_char = true;
    assert_int_equal(rows_of(&p, SQL_BIT, &out), 0);
    rows_of(&p, SQL_VARCHAR, &out);
    assert_non_null(strstr(out.text, "\nbool|12|5|"));
    p = usual;
    p.max_varchar = 0;
    rows_of(&p, SQL_VARCHAR, &out);
    assert_non_null(strstr(out.text, "varchar|12|65535|"));
    p = usual;
    p.is_v2 = true;
    rows_of(&p, SQL_ALL_TYPES, &out);
    assert_true(out.is_ordered);
    rows_of(&p, SQL_DATE, &out);
    assert_string_equal(out.text, "date|9|10|'|'|-|0|2|" NUL "|" NUL "|" NUL "|" NUL "|9|1|" NUL
                                  "|" NUL "\n");
    rows_of(&p, SQL_TIME, &out);
    assert_non_null(strstr(out.text, "|6|6|9|2|"));
    assert_int_equal(rows_of(&p, SQL_TYPE_TIMESTAMP, &out), 2);
    assert_non_null(strstr(out.text, "timestamptz|11|26|"));
    p = usual;
    p.is_redshift = false;
    rows_of(&p, SQL_ALL_TYPES, &out);
    assert_true(out.is_ordered);
    assert_null(strstr(out.text, "super"));
    assert_null(strstr(out.text, "varbyte"));
    assert_non_null(strstr(out.text, "uuid|-11|36|"));
    assert_non_null(strstr(out.text, "time|92|15|'|'|-|0|2|" NUL "|" NUL "|0|6|9|2|"));
    assert_non_null(strstr(out.text, "numeric|2|1000|-|-|precision,scale|0|2|0|0|-1000|1000|"));
    assert_non_null(strstr(out.text, "bytea|-3|"));
    assert_non_null(strstr(out.text, "bytea|-4|"));
    /* The caller may stop. */
    out = (struct lines){ .stop_at = 3 };
    assert_false(rs_type_rows(&usual, SQL_ALL_TYPES, add_row, &out));
    assert_int_equal(out.rows, 3);
}

/* ---- the two tables against each other ---- */

/* Columns of every type with a row of its own, narrow and as wide as the server makes them. */
static const struct {
    uint32_t oid;
    int32_t typmod[3];
    enum { BOTH, ON_REDSHIFT, ON_POSTGRES } where;
} listed[] = {
    { 16, { -1, -1, -1 }, BOTH },
    { 17, { -1, -1, -1 }, ON_POSTGRES },
    { 20, { -1, -1, -1 }, BOTH },
    { 21, { -1, -1, -1 }, BOTH },
    { 23, { -1, -1, -1 }, BOTH },
    { 700, { -1, -1, -1 }, BOTH },
    { 701, { -1, -1, -1 }, BOTH },
    { 1042, { -1, 5, 4100 }, BOTH },
    { 1042, { 104, 8005, 10485764 }, ON_POSTGRES },
    { 1043, { -1, 5, 65539 }, BOTH },
    { 1043, { 104, 8005, 10485764 }, ON_POSTGRES },
    { 1082, { -1, -1, -1 }, BOTH },
    { 1083, { -1, -1, -1 }, BOTH },
    { 1083, { 0, 3, 6 }, ON_POSTGRES },
    { 1114, { -1, -1, -1 }, BOTH },
    { 1114, { 0, 3, 6 }, ON_POSTGRES },
    { 1184, { -1, -1, -1 }, BOTH },
    { 1184, { 0, 3, 6 }, ON_POSTGRES },
    { 1188, { -1, -1, -1 }, ON_REDSHIFT },
    { 1190, { -1, 0, 6 }, ON_REDSHIFT },
    { 1266, { -1, -1, -1 }, BOTH },
    { 1266, { 0, 3, 6 }, ON_POSTGRES },
    { 1700, { -1, (1 << 16) + 4, (38 << 16 | 37) + 4 }, BOTH },
    { 1700, { (1000 << 16 | 1000) + 4, (2 << 16 | 0x7FD) + 4, -1 }, ON_POSTGRES },
    { 2935, { -1, -1, -1 }, ON_REDSHIFT },
    { 2950, { -1, -1, -1 }, ON_POSTGRES },
    { 3000, { -1, -1, -1 }, ON_REDSHIFT },
    { 3001, { -1, -1, -1 }, ON_REDSHIFT },
    { 4000, { -1, -1, -1 }, ON_REDSHIFT },
    { 6551, { -1, 5, 1024004 }, ON_REDSHIFT },
};

struct agreement {
    const struct rs_typed *typed;
    size_t n; /* rows of its name */
    const char *wrong;
};

static bool same(SQLLEN cell, SQLLEN described, SQLLEN none)
{
    return (cell == RS_NULL_SHORT ? none : cell) == described;
}

static bool same_text(const char *cell, const char *described)
{
    return strcmp(cell != NULL ? cell : "", described) == 0;
}

/* A type with parameters or with seconds has the size that a column of it can have at most. */
static bool same_size(const struct rs_type_row *row, const struct rs_typed *t)
{
    if (row->params == NULL && row->sql_data_type != SQL_DATETIME &&
        t->concise_type != SQL_LONGVARCHAR && t->concise_type != SQL_WLONGVARCHAR)
        return (SQLULEN)row->column_size == t->column_size;
    return (SQLULEN)row->column_size >= t->column_size;
}

static const char *what_differs(const struct rs_type_row *row, const struct rs_typed *t)
{
    SQLSMALLINT lowest = row->min_scale == RS_NULL_SHORT ? 0 : row->min_scale;
    SQLSMALLINT highest = row->max_scale == RS_NULL_SHORT ? 0 : row->max_scale;

    if (!same_size(row, t))
        return "size";
    if (!same_text(row->prefix, t->literal_prefix) || !same_text(row->suffix, t->literal_suffix))
        return "literal";
    if (row->case_sensitive != t->is_case_sensitive)
        return "case";
    if (row->searchable != t->searchable)
        return "searchable";
    if (!same(row->is_unsigned, t->is_unsigned, SQL_TRUE))
        return "unsigned";
    if (t->decimal_digits < lowest || t->decimal_digits > highest ||
        t->has_digits != (row->min_scale != RS_NULL_SHORT))
        return "digits";
    if (row->sql_data_type != t->verbose_type || !same(row->datetime_sub, t->datetime_code, 0))
        return "verbose type";
    if (!same(row->radix, t->radix, 0))
        return "radix";
    return same(row->interval_precision, t->interval_precision, 0) ? NULL : "interval precision";
}

static bool look_at_row(const struct rs_type_row *row, void *ctx)
{
    struct agreement *found = ctx;

    if (row->data_type != found->typed->concise_type ||
        strcmp(row->name, found->typed->type_name) != 0)
        return true;
    found->n++;
    found->wrong = what_differs(row, found->typed);
    return found->wrong == NULL;
}

static void columns_agree(const struct rs_policy *p, uint32_t oid, int32_t typmod)
{
    struct rs_typed t;
    struct agreement found = { &t, 0, NULL };

    rs_type_describe(p, oid, typmod, &t);
    (void)rs_type_rows(p, t.concise_type, look_at_row, &found);
    if (found.n != 1 || found.wrong != NULL)
        fail_msg("%s (%u, %d) as %d: %zu rows, wrong %s; Redshift %d, MaxVarchar %d, v2 %d",
                 t.type_name, oid, typmod, t.concise_type, found.n,
                 found.wrong != NULL ? found.wrong : "nothing", p->is_redshift, p->max_varchar,
                 p->is_v2);
}

/* Every combination of the keys, for both servers and both versions of ODBC. */
static void rows_agree_with_columns(void **state)
{
    static const int32_t sizes[] = { 0, 1, 100, 8000, 65535 };

    (void)state;
    for (unsigned bits = 0; bits < 64; bits++) {
        struct rs_policy p = {
            .max_long_varchar = 65535,
            .unknown_sizes = 8000,
            .bools_as_char = bits & 1,
            .use_unicode = bits >> 1 & 1,
            .numeric_as_double = bits >> 2 & 1,
            .timestamp_tz_text = bits >> 3 & 1,
            .is_redshift = bits >> 4 & 1,
            .is_v2 = bits >> 5 & 1,
        };

        for (size_t s = 0; s < RS_COUNT(sizes); s++) {
            p.max_varchar = sizes[s];
            for (size_t i = 0; i < RS_COUNT(listed); i++) {
                if (listed[i].where == (p.is_redshift ? ON_POSTGRES : ON_REDSHIFT))
                    continue;
                for (size_t m = 0; m < 3; m++)
                    columns_agree(&p, listed[i].oid, listed[i].typmod[m]);
            }
        }
    }
}

static void policy_from_settings(void **state)
{
    static struct rs_settings set;
    struct rs_policy p;

    (void)state;
    set.max_varchar = 1;
    set.max_long_varchar = 2;
    set.unknown_sizes = 3;
    set.bools_as_char = set.numeric_as_double = true;
    rs_policy_from(&p, &set, true);
    assert_true(p.max_varchar == 1 && p.max_long_varchar == 2 && p.unknown_sizes == 3);
    assert_true(p.bools_as_char && p.numeric_as_double && p.is_redshift);
    assert_false(p.use_unicode || p.timestamp_tz_text || p.is_v2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(main_table),
        cmocka_unit_test(policies),
        cmocka_unit_test(derived_fields),
        cmocka_unit_test(kinds),
        cmocka_unit_test(sql_types),
        cmocka_unit_test(type_info),
        cmocka_unit_test(type_info_policies),
        cmocka_unit_test(rows_agree_with_columns),
        cmocka_unit_test(policy_from_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
