/*
 * Data sources and the global file: what stands there, as settings below those of the connection
 * string.
 *
 * Source: dsn-keys.md 1, 3; odbc.md 3.1; ODBC "Connection Strings".
 */
#ifndef RS_DSN_H
#define RS_DSN_H

#include "connstr.h"

/*
 * Puts string, then its data source, then the global file below what settings hold already. Without
 * DSN and Driver the data source is DEFAULT, if there is one. set->dsn tells which was read.
 *
 * Posts HY000 (a bad value, dsn-keys.md 6; a file that cannot be read), HY001; 01S00 for unknown
 * keys, an unknown data source and lines that are not key = value; 01000 when the global file
 * holds secrets and others can read it, or REDSHIFTODBCINI names no file.
 */
RS_NODISCARD bool rs_dsn_load(struct rs_settings *set, const struct rs_connstr *string,
                              struct rs_diag *diag);
/* The same for SQLConnect. Empty uid, pwd: the data source's. Empty dsn: DEFAULT. */
RS_NODISCARD bool rs_dsn_load_named(struct rs_settings *set, struct rs_str dsn, struct rs_str uid,
                                    struct rs_str pwd, struct rs_diag *diag);

/* The files that are looked at, in order: for data sources, then for what holds for all. path is
 * borrowed for the call. */
void rs_dsn_places(void (*tell)(void *ctx, bool is_global, const char *path, bool exists),
                   void *ctx);

#endif
