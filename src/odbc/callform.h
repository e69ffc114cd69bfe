/*
 * A statement that is one call of a procedure or function and nothing else, `CALL name(…)` or, of
 * {?=call …}, `SELECT name(…)`: its parts, and its text when some arguments are not to be sent.
 *
 * Pure; markers have been numbered ($n) before. Source: odbc.md 12.1; redshift.md 14.
 */
#ifndef RS_ODBC_CALLFORM_H
#define RS_ODBC_CALLFORM_H

#include "sqlscan.h"

struct rs_callform_arg {
    struct rs_str text; /* without blanks and comments around it */
    size_t marker;      /* number of the marker that it is; 0: something else */
};

/* Slices of the text that it was found in. All zero is empty. */
struct rs_callform {
    struct rs_str verb; /* up to the name */
    struct rs_str name; /* as written: may be qualified and quoted */
    struct rs_callform_arg *arg;
    size_t n, cap;
    bool is_found;
};

/* out: all zero. A text of another form is no error: is_found says so. Posts HY001. */
RS_NODISCARD bool rs_callform_find(struct rs_str text, bool backslash_escapes,
                                   struct rs_callform *out, struct rs_diag *diag);
void rs_callform_clear(struct rs_callform *form);

enum rs_callform_use {
    RS_ARG_SENT,    /* as it is */
    RS_ARG_NULL,    /* NULL in its place */
    RS_ARG_LEFT_OUT /* not there at all */
};

/*
 * Appends the text with every argument used as use[i] says. number[k - 1] is the marker's number on
 * the wire that is $k in the form; 0 stands for none, which no argument that is sent may have.
 */
void rs_callform_write(const struct rs_callform *form, const unsigned char *use,
                       const uint16_t *number, bool backslash_escapes, struct rs_buf *out);

/* The last part of a name, and the one before it (empty: there is none), unquoted; an unquoted part
 * in lower case. False: another number of parts than one to three, or a failed append. */
RS_NODISCARD bool rs_callform_name(struct rs_str name, struct rs_buf *schema, struct rs_buf *last);

#endif
