/*
 * Shared by param*.c: one value on its way, and the writers by class of the SQL type.
 */
#ifndef RS_ODBC_PARAM_IN_H
#define RS_ODBC_PARAM_IN_H

#include "../os.h"
#include "datetime.h"
#include "number.h"
#include "param.h"
#include "span.h"

enum rs_sql_class {
    RS_SQL_TEXT,
    RS_SQL_INT,
    RS_SQL_NUMERIC,
    RS_SQL_REAL,
    RS_SQL_DOUBLE,
    RS_SQL_BIT,
    RS_SQL_BINARY,
    RS_SQL_DATE,
    RS_SQL_TIME,
    RS_SQL_TIMESTAMP,
    RS_SQL_INTERVAL,
    RS_SQL_GUID,
    RS_SQL_NONE
};

struct rs_param {
    const struct rs_param_spec *spec;
    enum rs_sql_class to;
    bool is_text;        /* the value came as text: its rules differ */
    struct rs_str shown; /* for messages */
    struct rs_buf *out;
    struct rs_diag *diag;
};

enum rs_sql_class rs_sql_class_of(SQLSMALLINT sql_type);

/* Posts the state with the value and the SQL type; false. */
bool rs_param_fail(const struct rs_param *p, enum rs_state state);
/* 01S07 */
void rs_param_cut(const struct rs_param *p);
bool rs_param_add(const struct rs_param *p, const char *text, size_t n);
/* Text into a character type: 22001 by column size, HY000 for a NUL inside. */
bool rs_param_text(const struct rs_param *p, struct rs_str text);
/* Bytes into a binary type. */
bool rs_param_bytes(const struct rs_param *p, struct rs_str bytes);
/* Hex digits into a binary type. */
bool rs_param_hex(const struct rs_param *p, struct rs_str digits);
bool rs_param_number(const struct rs_param *p, const struct rs_number *number);
/* A magnitude with its sign; as rs_param_number, without digits in between where none are needed.
 */
bool rs_param_whole(const struct rs_param *p, bool is_negative, uint64_t whole);
bool rs_param_double(const struct rs_param *p, double value, bool is_single);
bool rs_param_when(const struct rs_param *p, const struct rs_when *when);
bool rs_param_span(const struct rs_param *p, const struct rs_span *span, SQLSMALLINT c_type);
/* Text into any type that is no character type. */
bool rs_param_from_text(const struct rs_param *p, struct rs_str text);
/* DATE, TIME and TIMESTAMP structs; checked. */
bool rs_param_from_when(const struct rs_param *p, enum rs_ctype ctype, const void *value);

#endif
