/*
 * Server types: what a type OID and modifier mean in ODBC terms. One table, type.def.
 *
 * Source: redshift.md 7 and 8; ODBC Programmer's Reference, Appendix D, "Data Types".
 */
#ifndef RS_ODBC_TYPE_H
#define RS_ODBC_TYPE_H

#include <sql.h>
#include <sqlext.h>

#include "../attrs.h"
#include "../rowstream.h"
#include "../settings.h"
#include "../str.h"

/* How the text of a value is to be read: one row of the conversion matrix each. */
enum rs_kind {
    RS_KIND_BOOL,      /* t, f */
    RS_KIND_BOOL_TEXT, /* the same shown as true, false (BoolsAsChar) */
    RS_KIND_INT,       /* signed, up to 64 bits */
    RS_KIND_FLOAT4,
    RS_KIND_FLOAT8,
    RS_KIND_NUMERIC,
    RS_KIND_TEXT,
    RS_KIND_BYTEA, /* \x hex or the old escape form */
    RS_KIND_HEX,   /* two hex digits a byte */
    RS_KIND_DATE,
    RS_KIND_TIME,
    RS_KIND_TIMETZ,
    RS_KIND_TIMESTAMP,
    RS_KIND_TIMESTAMPTZ,
    RS_KIND_INTERVAL_YM,
    RS_KIND_INTERVAL_DS,
    RS_KIND_UUID,
    RS_KIND_INT2, /* as INT; the size is the binary form's */
    RS_KIND_INT4,
    RS_KIND_GEOMETRY, /* as HEX; what is no hex text is bytes as they are */
    RS_KIND_INEXACT,  /* as NUMERIC, but shown as a double (NumericAsDouble) */
    RS_KIND_COUNT
};

/* The keys that shape types, and the server's kind. */
struct rs_policy {
    int32_t max_varchar, max_long_varchar, unknown_sizes;
    bool bools_as_char, use_unicode, numeric_as_double, timestamp_tz_text;
    bool is_redshift;
    bool is_v2; /* ODBC 2 application: dates are 9, 10, 11 */
};
void rs_policy_from(struct rs_policy *policy, const struct rs_settings *set, bool is_redshift);

/* All that ODBC tells about a column of a type. Texts are static unless noted. */
struct rs_typed {
    enum rs_kind kind;
    bool keep_offset;          /* character output keeps the UTC offset (TimestampTzText) */
    SQLSMALLINT concise_type;  /* SQL_VARCHAR, SQL_TYPE_DATE … ; 9/10/11 for ODBC 2 dates */
    SQLSMALLINT verbose_type;  /* SQL_DATETIME, SQL_INTERVAL or the concise one */
    SQLSMALLINT datetime_code; /* SQL_CODE_DATE …, 0 */
    SQLSMALLINT default_c;     /* C type of SQL_C_DEFAULT */
    SQLULEN column_size;
    SQLLEN octet_length, display_size;
    SQLSMALLINT decimal_digits; /* 0 when it does not apply */
    bool has_digits;
    SQLSMALLINT radix;            /* 10 or 0 */
    SQLSMALLINT precision, scale; /* SQL_DESC_PRECISION, SQL_DESC_SCALE */
    SQLULEN length;               /* SQL_DESC_LENGTH */
    SQLINTEGER interval_precision;
    bool is_unsigned, is_case_sensitive;
    SQLSMALLINT searchable;
    const char *type_name, *literal_prefix, *literal_suffix;
    char unknown_name[24]; /* type_name points here for an OID that is not in the table */
};

/* Never fails: an OID that is not in the table is a VARCHAR of UnknownSizes named unknown(<oid>).
 * typmod: the server's type modifier, -1: none. */
void rs_type_describe(const struct rs_policy *policy, uint32_t oid, int32_t typmod,
                      struct rs_typed *out);

/* Type of an ODBC SQL type code, as parameters and SQLDescribeParam see it; false when the code
 * is no ODBC type. */
bool rs_sql_type_is_known(SQLSMALLINT sql_type);
/* OID declared to the server for a parameter of that SQL type (odbc.md 10.4); 0: undeclared. */
uint32_t rs_sql_type_oid(SQLSMALLINT sql_type, bool is_redshift, bool string_is_unspecified);
/* Default C type of an SQL type (odbc.md 10.1). */
SQLSMALLINT rs_sql_type_default_c(SQLSMALLINT sql_type);

/* One row of SQLGetTypeInfo, in ODBC 3 column order; -32768 in a number means NULL. */
struct rs_type_row {
    const char *name;
    SQLSMALLINT data_type;
    SQLINTEGER column_size;
    const char *prefix, *suffix, *params; /* NULL: NULL */
    SQLSMALLINT case_sensitive, searchable, is_unsigned, auto_unique, min_scale, max_scale;
    SQLSMALLINT sql_data_type, datetime_sub;
    SQLINTEGER radix;
    SQLSMALLINT interval_precision;
};
#define RS_NULL_SHORT (-32768)
/* Calls fn for each row that the policy allows, in order (redshift.md 8). */
bool rs_type_rows(const struct rs_policy *policy, SQLSMALLINT data_type,
                  bool (*fn)(const struct rs_type_row *row, void *ctx), void *ctx);

#endif
