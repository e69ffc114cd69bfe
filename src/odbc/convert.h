/*
 * The conversion matrix: a cell as the server sent it becomes a C value in the application's
 * buffer. Converters are pure: cell in, bytes out, a verdict. They know no handle, allocate
 * nothing, read no locale, and write the buffer unaligned (memcpy).
 *
 * Posts (diag): 01004, 01S07 as warnings; 22003, 22018, 22015, 22007, 22008, 22002 as errors.
 * Source: ODBC Programmer's Reference, Appendix D, "SQL to C"; odbc.md 9, 10.
 */
#ifndef RS_ODBC_CONVERT_H
#define RS_ODBC_CONVERT_H

#include "type.h"

/* One per C type; aliases (SQL_C_LONG, SQL_C_SLONG) share one. */
enum rs_ctype {
    RS_CTYPE_CHAR,
    RS_CTYPE_WCHAR,
    RS_CTYPE_BINARY,
    RS_CTYPE_BIT,
    RS_CTYPE_STINYINT,
    RS_CTYPE_UTINYINT,
    RS_CTYPE_SSHORT,
    RS_CTYPE_USHORT,
    RS_CTYPE_SLONG,
    RS_CTYPE_ULONG,
    RS_CTYPE_SBIGINT,
    RS_CTYPE_UBIGINT,
    RS_CTYPE_FLOAT,
    RS_CTYPE_DOUBLE,
    RS_CTYPE_NUMERIC,
    RS_CTYPE_DATE,
    RS_CTYPE_TIME,
    RS_CTYPE_TIMESTAMP,
    RS_CTYPE_GUID,
    RS_CTYPE_INTERVAL, /* all thirteen interval C types; rs_target.interval says which */
    RS_CTYPE_COUNT,
    RS_CTYPE_NONE = RS_CTYPE_COUNT
};

/* RS_CTYPE_NONE when c_type is no C type. SQL_C_DEFAULT and SQL_ARD_TYPE are the caller's. ODBC 2
 * codes (SQL_C_DATE …) are known too. */
enum rs_ctype rs_ctype_of(SQLSMALLINT c_type);
/* Bytes of a fixed-size C type, 0 for CHAR, WCHAR, BINARY. */
size_t rs_ctype_size(enum rs_ctype ctype);

enum rs_fit {
    RS_FIT_EXACT,
    RS_FIT_TRUNCATED, /* a warning was posted */
    RS_FIT_FAILED     /* an error was posted */
};

/* Progress of SQLGetData through one value. All zero: at the start. */
struct rs_piece {
    size_t at;   /* source bytes (text) or output units consumed so far */
    size_t left; /* output units still to come, once is_started: each cell is counted once */
    bool is_started;
    bool is_raw;    /* GEOMETRY: not hex, bytes as they are */
    bool is_done;   /* the whole value was delivered */
    uint8_t n_held; /* units of a split surrogate pair already delivered */
};

/* Where a value goes. Pointers may be unaligned and NULL as said. */
struct rs_target {
    void *buf;                     /* NULL: only the length is written */
    SQLLEN cap;                    /* bytes of buf for CHAR, WCHAR, BINARY */
    SQLLEN *len;                   /* octet length pointer, may be NULL */
    SQLLEN *ind;                   /* indicator pointer, may be NULL, may equal len */
    SQLSMALLINT precision, scale;  /* NUMERIC: from the ARD when set */
    bool has_scale;                /* false: the value's own scale */
    uint8_t source_scale;          /* of the column: what NUMERIC in binary is divided by */
    SQLSMALLINT interval;          /* concise interval C type (SQL_C_INTERVAL_…) */
    SQLINTEGER interval_precision; /* leading digits; 0: 9 */
    SQLULEN max_length;            /* SQL_ATTR_MAX_LENGTH, 0: none */
    bool keep_offset;              /* TIMESTAMPTZ, TIMETZ as text: with the UTC offset */
    bool *bad_utf8; /* set true when a bad sequence became U+FFFD (01000 once, the caller's) */
    struct rs_piece *piece; /* NULL: the whole value in one go (bound column) */
};

/* cell.n >= 0 and cell.p not NULL: NULL values are the caller's (rs_convert_null). */
typedef enum rs_fit rs_convert_fn(struct rs_cell cell, const struct rs_target *to,
                                  struct rs_diag *diag);

/* NULL: the pair is not allowed (07006). */
rs_convert_fn *rs_convert_find(enum rs_kind kind, enum rs_ctype ctype);

/* Writes SQL_NULL_DATA; 22002 when there is no indicator. */
enum rs_fit rs_convert_null(const struct rs_target *to, struct rs_diag *diag);

#endif
