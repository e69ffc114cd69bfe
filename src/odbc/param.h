/*
 * Bound C values become the text form of wire parameters. Pure like convert.h.
 *
 * Posts 22001, 22003, 22007, 22008, 22015, 22018, 07006, HY090, HY000 (NUL in text), HY001;
 * 01S07 as a warning. Source: odbc.md 10.4; ODBC Appendix D, "C to SQL".
 */
#ifndef RS_ODBC_PARAM_H
#define RS_ODBC_PARAM_H

#include "convert.h"

/* What the application bound (APD and IPD record), pointers already made absolute. */
struct rs_param_spec {
    SQLSMALLINT c_type;   /* never SQL_C_DEFAULT */
    SQLSMALLINT sql_type; /* concise */
    SQLULEN column_size;
    SQLSMALLINT digits;
    SQLSMALLINT c_precision, c_scale; /* SQL_C_NUMERIC: APD's precision and scale */
    bool truncate_nanoseconds;
    bool is_redshift;
    bool string_is_unspecified;
};

/* False: no conversion between the two (07006 is the caller's to post). */
bool rs_param_can(SQLSMALLINT c_type, SQLSMALLINT sql_type);

/* What the spec comes to, looked up once for many values. */
struct rs_param_way {
    struct rs_param_spec spec;
    enum rs_ctype ctype;
    int to; /* class of the SQL type */
    bool can;
};
void rs_param_find_way(const struct rs_param_spec *spec, struct rs_param_way *out);
/* As rs_param_encode. */
RS_NODISCARD bool rs_param_encode_by(const struct rs_param_way *way, const void *value, SQLLEN len,
                                     struct rs_buf *out, struct rs_diag *diag);

/*
 * Appends the text form of one value. value: not NULL unless len is 0. len: bytes of CHAR, WCHAR,
 * BINARY values (SQL_NTS resolved by the callee for CHAR and WCHAR); ignored for fixed sizes.
 */
RS_NODISCARD bool rs_param_encode(const struct rs_param_spec *spec, const void *value, SQLLEN len,
                                  struct rs_buf *out, struct rs_diag *diag);

#endif
