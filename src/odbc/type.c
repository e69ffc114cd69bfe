#include "type.h"

#include <string.h>

#include "wide.h"

enum where { WHERE_ANY, WHERE_REDSHIFT, WHERE_POSTGRES };

/* What the keys must say for a row of SQLGetTypeInfo to be there. */
enum when {
    WHEN_ALWAYS,
    WHEN_UNICODE,
    WHEN_LONG_CHAR, /* CHAR can be wider than MaxVarchar */
    WHEN_LONG_WCHAR,
    WHEN_BOOL_BIT,
    WHEN_BOOL_CHAR,
    WHEN_BOOL_WCHAR,
    WHEN_EXACT, /* not NumericAsDouble */
    WHEN_DOUBLE,
    WHEN_TZ_CUT, /* not TimestampTzText */
    WHEN_TZ_KEPT
};

/* Where the column size comes from. */
enum size_rule {
    SIZE_FIXED,
    SIZE_UNKNOWN, /* UnknownSizes */
    SIZE_LONG,    /* capped by MaxLongVarchar; 0: all of it */
    SIZE_CHAR,    /* modifier; MaxVarchar decides between plain and LONG */
    SIZE_VARCHAR, /* modifier, else UnknownSizes; likewise */
    SIZE_VARBYTE, /* modifier; likewise */
    SIZE_NUMERIC, /* modifier */
    SIZE_NAME,    /* 63 on PostgreSQL */
    SIZE_SECONDS, /* modifier: digits of a second */
    SIZE_ZONED,   /* likewise; display size when the UTC offset is kept */
    SIZE_BOOL,    /* BoolsAsChar */
    SIZE_ID,      /* unsigned 32 bit */
    SIZE_SHORT    /* SQLGetTypeInfo: what no LONG type is */
};

enum literal {
    LITERAL_PLAIN,
    LITERAL_QUOTED,
    LITERAL_VARBYTE,
    LITERAL_BYTEA,
    LITERAL_YM,
    LITERAL_DS
};

enum scales {
    SCALES_NO,
    SCALES_ZERO,
    SCALES_TO6,
    SCALES_TO37,
    SCALES_TO1000,
    SCALES_SECONDS /* Redshift has no modifier for them: always 6 */
};

#define SEARCH_NONE       SQL_PRED_NONE
#define SEARCH_BASIC      SQL_PRED_BASIC
#define SEARCH_SEARCHABLE SQL_SEARCHABLE

enum {
    NUMERIC_NO_MODIFIER_SCALE = 18,
    MODIFIER_HEADER = 4,
    POSTGRES_MAX_SCALE = 1000,
    SECONDS_DIGITS = 6,
    INTERVAL_DIGITS = 9,
    NEVER_LONG = 65535, /* MaxVarchar */
    POSTGRES_NAME_SIZE = 63,
    INTERVAL_STRUCT_SIZE = 28,
    JSON_SIZE = (1 << 30) - 1 /* PostgreSQL's limit of a value; twice that is still an integer */
};

struct server_type {
    uint32_t oid, array_oid;
    enum where where;
    enum rs_kind kind;
    SQLSMALLINT sql_type;
    enum size_rule rule;
    int32_t size, display;
    const char *name;
    enum literal literal;
    SQLSMALLINT searchable;
};

static const struct server_type types[] = {
#define TYPE(oid, array, where, kind, sql, rule, size, display, name, literal, search)             \
    { oid,     array, WHERE_##where,     RS_KIND_##kind, sql, SIZE_##rule, size,                   \
      display, name,  LITERAL_##literal, SEARCH_##search },
#include "type.def"
};

struct info_type {
    const char *name;
    SQLSMALLINT data_type;
    enum size_rule rule;
    int32_t size;
    enum literal literal;
    const char *params;
    SQLSMALLINT searchable, auto_unique;
    enum scales scales;
    enum where where;
    enum when when;
};

static const struct info_type infos[] = {
#define INFO(name, data_type, rule, size, literal, params, search, auto_unique, scales, where,     \
             when)                                                                                 \
    { name,                                                                                        \
      data_type,                                                                                   \
      SIZE_##rule,                                                                                 \
      size,                                                                                        \
      LITERAL_##literal,                                                                           \
      params,                                                                                      \
      SEARCH_##search,                                                                             \
      auto_unique,                                                                                 \
      SCALES_##scales,                                                                             \
      WHERE_##where,                                                                               \
      WHEN_##when },
#include "type.def"
};

static const struct {
    const char *prefix, *suffix;
} literals[] = {
    [LITERAL_PLAIN] = { NULL, NULL },
    [LITERAL_QUOTED] = { "'", "'" },
    [LITERAL_VARBYTE] = { "'", "'::varbyte" },
    [LITERAL_BYTEA] = { "'\\x", "'::bytea" },
    [LITERAL_YM] = { "interval '", "' year to month" },
    [LITERAL_DS] = { "interval '", "' day to second" },
};

/* What ODBC fixes for an SQL type, whatever the server's. */
struct sql_type {
    SQLSMALLINT code, verbose, datetime_code, v2_code, wide_code, default_c;
    int32_t octets; /* 0: by column size */
    bool is_number; /* radix 10, signed */
    bool has_digits, is_text;
    uint32_t oid, postgres_oid; /* of a parameter */
};

/* Ordered by code; those of ODBC 2 stand for the same. */
/* clang-format off */
static const struct sql_type sql_types[] = {
    /* code                verbose            sub v2  wide              default C           octets number digits text   oid   postgres */
    { SQL_GUID,            SQL_GUID,           0,  0, 0,                SQL_C_GUID,           16, false, false, false, 1043, 2950 },
    { SQL_WLONGVARCHAR,    SQL_WLONGVARCHAR,   0,  0, SQL_WLONGVARCHAR, SQL_C_WCHAR,           0, false, false, true,  1043, 1043 },
    { SQL_WVARCHAR,        SQL_WVARCHAR,       0,  0, SQL_WVARCHAR,     SQL_C_WCHAR,           0, false, false, true,  1043, 1043 },
    { SQL_WCHAR,           SQL_WCHAR,          0,  0, SQL_WCHAR,        SQL_C_WCHAR,           0, false, false, true,  1042, 1042 },
    { SQL_BIT,             SQL_BIT,            0,  0, 0,                SQL_C_BIT,             1, false, true,  false, 16,   16 },
    { SQL_TINYINT,         SQL_TINYINT,        0,  0, 0,                SQL_C_STINYINT,        1, true,  true,  false, 21,   21 },
    { SQL_BIGINT,          SQL_BIGINT,         0,  0, 0,                SQL_C_SBIGINT,         8, true,  true,  false, 20,   20 },
    { SQL_LONGVARBINARY,   SQL_LONGVARBINARY,  0,  0, 0,                SQL_C_BINARY,          0, false, false, false, 6551, 17 },
    { SQL_VARBINARY,       SQL_VARBINARY,      0,  0, 0,                SQL_C_BINARY,          0, false, false, false, 6551, 17 },
    { SQL_BINARY,          SQL_BINARY,         0,  0, 0,                SQL_C_BINARY,          0, false, false, false, 6551, 17 },
    { SQL_LONGVARCHAR,     SQL_LONGVARCHAR,    0,  0, SQL_WLONGVARCHAR, SQL_C_CHAR,            0, false, false, true,  1043, 1043 },
    { SQL_CHAR,            SQL_CHAR,           0,  0, SQL_WCHAR,        SQL_C_CHAR,            0, false, false, true,  1042, 1042 },
    { SQL_NUMERIC,         SQL_NUMERIC,        0,  0, 0,                SQL_C_CHAR,            0, true,  true,  false, 1700, 1700 },
    { SQL_DECIMAL,         SQL_DECIMAL,        0,  0, 0,                SQL_C_CHAR,            0, true,  true,  false, 1700, 1700 },
    { SQL_INTEGER,         SQL_INTEGER,        0,  0, 0,                SQL_C_SLONG,           4, true,  true,  false, 23,   23 },
    { SQL_SMALLINT,        SQL_SMALLINT,       0,  0, 0,                SQL_C_SSHORT,          2, true,  true,  false, 21,   21 },
    { SQL_FLOAT,           SQL_FLOAT,          0,  0, 0,                SQL_C_DOUBLE,          8, true,  false, false, 701,  701 },
    { SQL_REAL,            SQL_REAL,           0,  0, 0,                SQL_C_FLOAT,           4, true,  false, false, 700,  700 },
    { SQL_DOUBLE,          SQL_DOUBLE,         0,  0, 0,                SQL_C_DOUBLE,          8, true,  false, false, 701,  701 },
    { SQL_VARCHAR,         SQL_VARCHAR,        0,  0, SQL_WVARCHAR,     SQL_C_CHAR,            0, false, false, true,  1043, 1043 },
    { SQL_TYPE_DATE,       SQL_DATETIME,       SQL_CODE_DATE,      SQL_DATE,      0, SQL_C_TYPE_DATE,       6, false, false, false, 1082, 1082 },
    { SQL_TYPE_TIME,       SQL_DATETIME,       SQL_CODE_TIME,      SQL_TIME,      0, SQL_C_TYPE_TIME,       6, false, true,  false, 1083, 1083 },
    { SQL_TYPE_TIMESTAMP,  SQL_DATETIME,       SQL_CODE_TIMESTAMP, SQL_TIMESTAMP, 0, SQL_C_TYPE_TIMESTAMP, 16, false, true,  false, 1114, 1114 },
#define INTERVAL(name, digits, oid) \
    { SQL_INTERVAL_##name, SQL_INTERVAL, SQL_CODE_##name, 0, 0, SQL_C_INTERVAL_##name, \
      INTERVAL_STRUCT_SIZE, false, digits, false, oid, 1186 },
    INTERVAL(YEAR, false, 1188)
    INTERVAL(MONTH, false, 1188)
    INTERVAL(DAY, false, 1190)
    INTERVAL(HOUR, false, 1190)
    INTERVAL(MINUTE, false, 1190)
    INTERVAL(SECOND, true, 1190)
    INTERVAL(YEAR_TO_MONTH, false, 1188)
    INTERVAL(DAY_TO_HOUR, false, 1190)
    INTERVAL(DAY_TO_MINUTE, false, 1190)
    INTERVAL(DAY_TO_SECOND, true, 1190)
    INTERVAL(HOUR_TO_MINUTE, false, 1190)
    INTERVAL(HOUR_TO_SECOND, true, 1190)
    INTERVAL(MINUTE_TO_SECOND, true, 1190)
#undef INTERVAL
};
/* clang-format on */

_Static_assert(sizeof(SQL_INTERVAL_STRUCT) == INTERVAL_STRUCT_SIZE, "octet length of intervals");

static const struct sql_type *find_sql_type(SQLSMALLINT code)
{
    size_t low = 0, high = RS_COUNT(sql_types);

    if (code >= SQL_DATE && code <= SQL_TIMESTAMP)
        code = (SQLSMALLINT)(code - SQL_DATE + SQL_TYPE_DATE);
    while (high - low > 1) {
        size_t mid = (low + high) / 2;

        if (sql_types[mid].code <= code)
            low = mid;
        else
            high = mid;
    }
    return sql_types[low].code == code ? &sql_types[low] : NULL;
}

void rs_policy_from(struct rs_policy *policy, const struct rs_settings *set, bool is_redshift)
{
    *policy = (struct rs_policy){
        .max_varchar = set->max_varchar,
        .max_long_varchar = set->max_long_varchar,
        .unknown_sizes = set->unknown_sizes,
        .bools_as_char = set->bools_as_char,
        .use_unicode = set->use_unicode,
        .numeric_as_double = set->numeric_as_double,
        .timestamp_tz_text = set->timestamp_tz_text,
        .is_redshift = is_redshift,
    };
}

static bool holds(enum where where, const struct rs_policy *policy)
{
    switch (where) {
    case WHERE_ANY:
        return true;
    case WHERE_REDSHIFT:
        return policy->is_redshift;
    case WHERE_POSTGRES:
        return !policy->is_redshift;
    }
    return false;
}

static bool is_long(const struct rs_policy *policy, int32_t size)
{
    return policy->max_varchar > 0 && policy->max_varchar < NEVER_LONG &&
           size > policy->max_varchar;
}

static bool is_when(enum when when, int32_t size, const struct rs_policy *policy)
{
    switch (when) {
    case WHEN_ALWAYS:
        return true;
    case WHEN_UNICODE:
        return policy->use_unicode;
    case WHEN_LONG_CHAR:
        return is_long(policy, size);
    case WHEN_LONG_WCHAR:
        return policy->use_unicode && is_long(policy, size);
    case WHEN_BOOL_BIT:
        return !policy->bools_as_char;
    case WHEN_BOOL_CHAR:
        return policy->bools_as_char;
    case WHEN_BOOL_WCHAR:
        return policy->bools_as_char && policy->use_unicode;
    case WHEN_EXACT:
        return !policy->numeric_as_double;
    case WHEN_DOUBLE:
        return policy->numeric_as_double;
    case WHEN_TZ_CUT:
        return !policy->timestamp_tz_text;
    case WHEN_TZ_KEPT:
        return policy->timestamp_tz_text;
    }
    return false;
}

/* The table is ordered by OID. */
static const struct server_type *find_type(const struct rs_policy *policy, uint32_t oid)
{
    size_t low = 0, high = RS_COUNT(types);

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (types[mid].oid < oid)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == RS_COUNT(types) || types[low].oid != oid || !holds(types[low].where, policy))
        return NULL;
    return &types[low];
}

static const struct server_type *find_element(const struct rs_policy *policy, uint32_t oid)
{
    for (size_t i = 0; oid != 0 && i < RS_COUNT(types); i++) {
        if (types[i].array_oid == oid && holds(types[i].where, policy))
            return &types[i];
    }
    return NULL;
}

/* Size, scale and SQL type, the parts that policies and modifiers decide. */
struct shape {
    SQLSMALLINT sql_type;
    int32_t size, display;
    SQLSMALLINT scale;
};

static int32_t long_size(const struct rs_policy *policy, int32_t size)
{
    if (size == 0)
        size = policy->max_long_varchar > 0 ? policy->max_long_varchar : JSON_SIZE;
    if (policy->max_long_varchar > 0 && size > policy->max_long_varchar)
        return policy->max_long_varchar;
    return size;
}

static void promote(const struct rs_policy *policy, struct shape *shape, SQLSMALLINT long_type)
{
    if (!is_long(policy, shape->size))
        return;
    shape->sql_type = long_type;
    if (long_type == SQL_LONGVARCHAR)
        shape->size = long_size(policy, shape->size);
}

static void shape_numeric(const struct rs_policy *policy, int32_t typmod, struct shape *shape)
{
    uint32_t bits;

    if (policy->numeric_as_double) {
        *shape = (struct shape){ SQL_DOUBLE, 15, 24, 0 };
        return;
    }
    if (typmod < MODIFIER_HEADER) {
        shape->scale = NUMERIC_NO_MODIFIER_SCALE;
    } else {
        bits = (uint32_t)typmod - MODIFIER_HEADER;
        shape->size = (int32_t)(bits >> 16 & 0xFFFF);
        shape->scale = (SQLSMALLINT)(bits & 0x7FF);
        if (shape->scale >= 0x400) /* eleven bits with sign, PostgreSQL 15 */
            shape->scale = (SQLSMALLINT)(shape->scale - 0x800);
    }
    shape->display = shape->size + 2;
}

/* Digits of a second, and the point before them if there are any. */
static int32_t shape_seconds(int32_t size, int32_t typmod)
{
    if (typmod < 0 || typmod > SECONDS_DIGITS)
        return size;
    return size - SECONDS_DIGITS + typmod - (typmod == 0);
}

static struct shape shape_of(const struct rs_policy *policy, const struct server_type *type,
                             int32_t typmod)
{
    struct shape shape = { type->sql_type, type->size, type->display, 0 };
    int32_t n = typmod >= MODIFIER_HEADER ? typmod - MODIFIER_HEADER : 0;

    switch (type->rule) {
    case SIZE_FIXED:
    case SIZE_ID:
    case SIZE_SHORT:
        break;
    case SIZE_UNKNOWN:
        shape.size = policy->unknown_sizes;
        promote(policy, &shape, SQL_LONGVARCHAR);
        break;
    case SIZE_LONG:
        shape.size = long_size(policy, type->size);
        break;
    case SIZE_CHAR:
        shape.size = n > 0 ? n : type->size;
        promote(policy, &shape, SQL_LONGVARCHAR);
        break;
    case SIZE_VARCHAR:
        shape.size = n > 0 ? n : policy->unknown_sizes;
        promote(policy, &shape, SQL_LONGVARCHAR);
        break;
    case SIZE_VARBYTE:
        shape.size = n > 0 ? n : type->size;
        promote(policy, &shape, SQL_LONGVARBINARY);
        break;
    case SIZE_NUMERIC:
        shape_numeric(policy, typmod, &shape);
        break;
    case SIZE_NAME:
        shape.size = policy->is_redshift ? type->size : POSTGRES_NAME_SIZE;
        break;
    case SIZE_ZONED:
        shape.size = shape.display =
            shape_seconds(policy->timestamp_tz_text ? type->display : type->size, typmod);
        break;
    case SIZE_SECONDS:
        shape.size = shape.display = shape_seconds(type->size, typmod);
        break;
    case SIZE_BOOL:
        if (policy->bools_as_char)
            shape = (struct shape){ SQL_VARCHAR, 5, 5, 0 };
        break;
    }
    return shape;
}

static SQLSMALLINT digits_of(const struct shape *shape, SQLSMALLINT sql_type, int32_t typmod)
{
    switch (sql_type) {
    case SQL_NUMERIC:
        return shape->scale;
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
        return typmod >= 0 && typmod <= SECONDS_DIGITS ? (SQLSMALLINT)typmod : SECONDS_DIGITS;
    case SQL_INTERVAL_DAY_TO_SECOND:
        return typmod >= 0 && (typmod & 0xFFFF) <= SECONDS_DIGITS ? (SQLSMALLINT)(typmod & 0xFFFF)
                                                                  : SECONDS_DIGITS;
    default:
        return 0;
    }
}

/* Sizes that follow from the column size and the SQL type. */
static void fill_sizes(struct rs_typed *out, const struct shape *shape, const struct sql_type *sql)
{
    bool is_binary = sql->default_c == SQL_C_BINARY;

    out->column_size = (SQLULEN)shape->size;
    if (sql->octets > 0)
        out->octet_length = sql->octets;
    else if (sql->is_number)
        out->octet_length = shape->size + 2;
    else
        out->octet_length = shape->size * (sql->default_c == SQL_C_WCHAR ? (SQLLEN)RS_WIDE : 1);
    if (is_binary)
        out->display_size = 2 * (SQLLEN)shape->size;
    else
        out->display_size = shape->display > 0 ? shape->display : shape->size;
    out->length = sql->is_number ? 0 : out->column_size;
}

static void fill_sql(struct rs_typed *out, const struct rs_policy *policy,
                     const struct shape *shape, const struct sql_type *sql, int32_t typmod)
{
    bool is_v2_date = policy->is_v2 && sql->v2_code != 0;

    out->concise_type = is_v2_date ? sql->v2_code : sql->code;
    out->verbose_type = sql->verbose; /* SQL_DATETIME in ODBC 2 too: 10 would be an interval */
    out->datetime_code = sql->datetime_code;
    out->default_c = is_v2_date ? sql->v2_code : sql->default_c;
    out->has_digits = sql->has_digits;
    out->decimal_digits = digits_of(shape, sql->code, typmod);
    out->radix = sql->is_number ? 10 : 0;
    out->is_unsigned = !sql->is_number;
    out->is_case_sensitive = sql->is_text;
    if (sql->is_number)
        out->precision = (SQLSMALLINT)shape->size;
    else
        out->precision = out->decimal_digits;
    out->scale = sql->code == SQL_NUMERIC ? shape->scale : 0;
    out->interval_precision = sql->verbose == SQL_INTERVAL ? INTERVAL_DIGITS : 0;
    fill_sizes(out, shape, sql);
}

static const char *wide_name(const struct rs_policy *policy, const struct server_type *type)
{
    if (!policy->is_redshift || type->kind != RS_KIND_TEXT)
        return type->name;
    if (strcmp(type->name, "varchar") == 0)
        return "nvarchar";
    return strcmp(type->name, "char") == 0 ? "nchar" : type->name;
}

static void name_unknown(struct rs_typed *out, uint32_t oid)
{
    size_t n = 0;

    memcpy(out->unknown_name, "unknown(", 8);
    n = 8 + rs_print_u64(out->unknown_name + 8, oid);
    out->unknown_name[n] = ')';
    out->unknown_name[n + 1] = '\0';
    out->type_name = out->unknown_name;
}

static void name_array(struct rs_typed *out, const struct server_type *element)
{
    size_t n = strlen(element->name);

    if (n > sizeof out->unknown_name - 3)
        n = sizeof out->unknown_name - 3;
    memcpy(out->unknown_name, element->name, n);
    memcpy(out->unknown_name + n, "[]", 3);
    out->type_name = out->unknown_name;
}

void rs_type_describe(const struct rs_policy *policy, uint32_t oid, int32_t typmod,
                      struct rs_typed *out)
{
    static const struct server_type other = {
        0, 0, WHERE_ANY, RS_KIND_TEXT,   SQL_VARCHAR,   SIZE_UNKNOWN,
        0, 0, "",        LITERAL_QUOTED, SQL_SEARCHABLE
    };
    const struct server_type *known = find_type(policy, oid);
    const struct server_type *element = known == NULL ? find_element(policy, oid) : NULL;
    const struct server_type *type = known != NULL ? known : &other;
    struct shape shape = shape_of(policy, type, typmod);
    const struct sql_type *sql = find_sql_type(shape.sql_type);

    memset(out, 0, sizeof *out);
    if (policy->use_unicode && sql->wide_code != 0)
        sql = find_sql_type(sql->wide_code);
    fill_sql(out, policy, &shape, sql, typmod);
    out->kind = type->kind;
    if (type->kind == RS_KIND_BOOL && policy->bools_as_char)
        out->kind = RS_KIND_BOOL_TEXT;
    if (type->kind == RS_KIND_NUMERIC && policy->numeric_as_double)
        out->kind = RS_KIND_INEXACT;
    out->keep_offset = policy->timestamp_tz_text &&
                       (type->kind == RS_KIND_TIMETZ || type->kind == RS_KIND_TIMESTAMPTZ);
    out->is_unsigned = out->is_unsigned || type->rule == SIZE_ID;
    /* SUPER is text and case-sensitive; a sketch is text that is not compared. */
    out->is_case_sensitive = sql->is_text && oid != 2935 && type->rule != SIZE_BOOL;
    out->searchable = type->searchable;
    out->literal_prefix =
        literals[type->literal].prefix != NULL ? literals[type->literal].prefix : "";
    out->literal_suffix =
        literals[type->literal].suffix != NULL ? literals[type->literal].suffix : "";
    out->type_name = policy->use_unicode ? wide_name(policy, type) : type->name;
    if (element != NULL)
        name_array(out, element);
    else if (known == NULL)
        name_unknown(out, oid);
}

bool rs_sql_type_is_known(SQLSMALLINT sql_type)
{
    return find_sql_type(sql_type) != NULL;
}

uint32_t rs_sql_type_oid(SQLSMALLINT sql_type, bool is_redshift, bool string_is_unspecified)
{
    const struct sql_type *sql = find_sql_type(sql_type);

    if (sql == NULL || (sql->is_text && string_is_unspecified))
        return 0;
    return is_redshift ? sql->oid : sql->postgres_oid;
}

SQLSMALLINT rs_sql_type_default_c(SQLSMALLINT sql_type)
{
    const struct sql_type *sql = find_sql_type(sql_type);

    if (sql == NULL)
        return SQL_C_CHAR;
    return sql_type == sql->v2_code ? sql->v2_code : sql->default_c;
}

static void fill_scales(struct rs_type_row *row, enum scales scales, bool is_redshift)
{
    static const SQLSMALLINT range[][2] = {
        [SCALES_NO] = { RS_NULL_SHORT, RS_NULL_SHORT },
        [SCALES_ZERO] = { 0, 0 },
        [SCALES_TO6] = { 0, SECONDS_DIGITS },
        [SCALES_TO37] = { 0, 37 },
        [SCALES_TO1000] = { -POSTGRES_MAX_SCALE, POSTGRES_MAX_SCALE }, /* PostgreSQL 15 */
        [SCALES_SECONDS] = { 0, SECONDS_DIGITS },
    };

    row->min_scale = range[scales][0];
    row->max_scale = range[scales][1];
    if (scales == SCALES_SECONDS && is_redshift)
        row->min_scale = SECONDS_DIGITS;
}

static struct rs_type_row info_row(const struct rs_policy *policy, const struct info_type *info)
{
    const struct sql_type *sql = find_sql_type(info->data_type);
    struct rs_type_row row = {
        .name = info->name,
        .data_type = policy->is_v2 && sql->v2_code != 0 ? sql->v2_code : sql->code,
        .column_size = info->size,
        .prefix = literals[info->literal].prefix,
        .suffix = literals[info->literal].suffix,
        .params = info->params,
        .case_sensitive =
            sql->is_text && strcmp(info->name, "bool") != 0 && strcmp(info->name, "hllsketch") != 0,
        .searchable = info->searchable,
        .is_unsigned = sql->is_number ? 0 : RS_NULL_SHORT,
        .auto_unique = info->auto_unique,
        .sql_data_type = sql->verbose,
        .datetime_sub = sql->datetime_code != 0 ? sql->datetime_code : RS_NULL_SHORT,
        .radix = sql->is_number ? 10 : RS_NULL_SHORT,
        .interval_precision = sql->verbose == SQL_INTERVAL ? INTERVAL_DIGITS : RS_NULL_SHORT,
    };

    if (info->rule == SIZE_SHORT && is_long(policy, info->size))
        row.column_size = policy->max_varchar;
    if (!sql->is_number)
        row.auto_unique = RS_NULL_SHORT;
    fill_scales(&row, info->scales, policy->is_redshift);
    return row;
}

static bool is_wanted(const struct info_type *info, const struct rs_policy *policy,
                      SQLSMALLINT data_type)
{
    const struct sql_type *wanted = find_sql_type(data_type);

    if (data_type != SQL_ALL_TYPES && (wanted == NULL || wanted->code != info->data_type))
        return false;
    return holds(info->where, policy) && is_when(info->when, info->size, policy);
}

/* Where a row comes in the order of the codes that are shown: ODBC 2 has its dates before
 * SQL_VARCHAR, the last of the types that are older than it. */
static int place_of(const struct info_type *info, const struct rs_policy *policy)
{
    if (!policy->is_v2 || info->data_type < SQL_VARCHAR)
        return 0;
    return find_sql_type(info->data_type)->v2_code != 0 ? 1 : 2;
}

bool rs_type_rows(const struct rs_policy *policy, SQLSMALLINT data_type,
                  bool (*fn)(const struct rs_type_row *row, void *ctx), void *ctx)
{
    for (int place = 0; place < 3; place++) {
        for (size_t i = 0; i < RS_COUNT(infos); i++) {
            struct rs_type_row row;

            if (place_of(&infos[i], policy) != place || !is_wanted(&infos[i], policy, data_type))
                continue;
            row = info_row(policy, &infos[i]);
            if (!fn(&row, ctx))
                return false;
        }
    }
    return true;
}
