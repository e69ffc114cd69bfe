/*
 * Connection strings: text to pairs, pairs back to text.
 *
 * The order of use is: rs_settings_init, attributes set before connecting (RS_LAYER_ATTRIBUTE),
 * rs_connstr_parse, rs_dsn_load, rs_settings_check, …, rs_connstr_output.
 *
 * Source: ODBC Programmer's Reference, "SQLDriverConnect Function", "Connection Strings";
 * dsn-keys.md 1, 3; odbc.md 3.1, 3.2.
 */
#ifndef RS_CONNSTR_H
#define RS_CONNSTR_H

#include "../diag.h"
#include "../secret.h"
#include "../settings.h"
#include "../str.h"

struct rs_connstr_pair {
    char *key;              /* as written */
    enum rs_key_id id;      /* RS_KEY_NONE: not a key of ours */
    struct rs_secret value; /* every value: even an unknown key may carry a piece of a password */
};

/* Pairs in the order they were written, each key once. All zero is a valid empty list. */
struct rs_connstr {
    struct rs_connstr_pair *pair;
    size_t n, cap;
};

/*
 * Appends the pairs of a connection string to out (which may hold pairs already: earlier ones
 * win, as SQLBrowseConnect wants it). text may contain secrets; the caller wipes it.
 *
 * Of a repeated key the first wins; of DSN and DRIVER the first wins too; FILEDSN and SAVEFILE,
 * which are the driver manager's, are left out. Parts that are not key=value are skipped with
 * 01S00 naming their number, never their text.
 *
 * Posts HY000 when a value's end cannot be told (a brace that is not closed, text behind a closing
 * brace): to go on would be to connect with a part of a password or of somebody else's key.
 * So it is when a JDBC URL stands among other parts; alone it becomes the value of Url. HY001. On
 * failure out may hold a part.
 */
RS_NODISCARD bool rs_connstr_parse(struct rs_str text, struct rs_connstr *out,
                                   struct rs_diag *diag);
/* Appends one pair unless the key is there. Posts HY000 (more than 1000 keys), HY001. */
RS_NODISCARD bool rs_connstr_add(struct rs_connstr *list, struct rs_str key, struct rs_str value,
                                 struct rs_diag *diag);
/* The pair of a key; NULL when it is not there. */
const struct rs_connstr_pair *rs_connstr_find(const struct rs_connstr *list, enum rs_key_id id);
void rs_connstr_clear(struct rs_connstr *list); /* wipes, frees */

/* The value, good until the list is cleared; it may be a secret. */
struct rs_str rs_connstr_value(const struct rs_connstr_pair *pair);
/* As much of a key as a message shows. */
struct rs_str rs_connstr_shown(struct rs_str key);

/*
 * Appends the completed connection string to out, which must wipe: it holds the secrets of the
 * input string (and no others). DSN or Driver comes first, then the input's keys in canonical
 * spelling and input order, unknown ones as they were written; values in braces where a parser
 * needs them. The caller asks rs_buf_ok.
 */
void rs_connstr_output(const struct rs_connstr *string, const struct rs_settings *set,
                       struct rs_buf *out);

#endif
