/*
 * ODBC's escapes ({fn ...}, {d '...'}, {call ...}) in the server's SQL. What is no escape, or is
 * not closed, stays as it is: SUPER values and dynamic SQL have braces of their own.
 *
 * Source: ODBC Programmer's Reference, "Escape Sequences in ODBC", Appendix E; odbc.md 12.
 */
#ifndef RS_ODBC_ESCAPE_H
#define RS_ODBC_ESCAPE_H

#include "sqlscan.h"

struct rs_escape_rules {
    bool backslash_escapes; /* in plain literals */
    bool is_redshift;
    bool is_off; /* SQL_ATTR_NOSCAN: no escape is looked for */
};

/* As rs_sql_scan, with the escapes rewritten. Markers have the numbers of their places in the
 * application's text, wherever an escape moves or repeats them. */
RS_NODISCARD bool rs_escape_scan(struct rs_str text, struct rs_escape_rules rules,
                                 struct rs_sql *out, struct rs_diag *diag);

/* Appends the text with escapes rewritten and markers left `?`. Posts HY000 (too many markers,
 * too long), HY001. */
RS_NODISCARD bool rs_escape_native(struct rs_str text, struct rs_escape_rules rules,
                                   struct rs_buf *out, struct rs_diag *diag);

enum rs_escape_set {
    RS_ESCAPE_STRING,
    RS_ESCAPE_NUMERIC,
    RS_ESCAPE_TIMEDATE,
    RS_ESCAPE_SYSTEM,
    RS_ESCAPE_CONVERT,
    RS_ESCAPE_UNITS /* of TIMESTAMPADD and TIMESTAMPDIFF */
};

/* SQLGetInfo's mask of a set. */
uint32_t rs_escape_mask(enum rs_escape_set set, bool is_redshift);

#endif
