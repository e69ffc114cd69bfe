/*
 * The form of a data source kept in odbc.ini, by the driver manager's installer library.
 *
 * That library has lines of 1000 bytes, trims values and writes the whole file anew each time; so
 * what would not survive is refused before anything is written, and what was written is read again.
 * Source: odbcinst.h; dsn-keys.md 1.
 */
#ifndef RS_DSNFILE_H
#define RS_DSNFILE_H

#include "dsnform.h"

enum rs_dsn_scope { RS_DSN_USER, RS_DSN_SYSTEM };

/* The file of a scope, as the driver reads it. */
void rs_dsnfile_path(enum rs_dsn_scope scope, struct rs_buf *out);
bool rs_dsnfile_exists(struct rs_str name, enum rs_dsn_scope scope);
/* Fills form, which is empty, with what the data source says. What is no key of the driver is left
 * alone and stays in the file. Posts HY000 when a value makes no sense or was cut, HY001. */
RS_NODISCARD bool rs_dsnfile_load(struct rs_dsnform *form, struct rs_str name,
                                  enum rs_dsn_scope scope, struct rs_diag *diag);
struct rs_dsnfile_save {
    const char *driver; /* as odbcinst.ini calls it */
    enum rs_dsn_scope scope;
    bool with_secrets; /* else those of the file are taken away too */
};
/*
 * Makes the data source, or brings an existing one up to date: keys that are set are written, all
 * other keys of the form are taken away, what the form does not know stays. The caller has checked
 * it. With secrets the user's file becomes readable for its owner alone. Posts HY000 (a value that
 * the file cannot keep, a file that is not written), HY001; 01000 when others can read secrets.
 */
RS_NODISCARD bool rs_dsnfile_save(const struct rs_dsnform *form, const struct rs_dsnfile_save *how,
                                  enum rs_key_id *at, struct rs_diag *diag);
/* Posts HY000 when there is none or the file is not written. */
RS_NODISCARD bool rs_dsnfile_remove(struct rs_str name, enum rs_dsn_scope scope,
                                    struct rs_diag *diag);

#endif
