/*
 * What the installer library keeps of a data source: odbc.ini, or the registry.
 */
#ifndef RS_ODBC_INSTALLER_H
#define RS_ODBC_INSTALLER_H

#include "../diag.h"
#include "../str.h"

/* key NULL: the names of all keys, each ended by a NUL. out is emptied first. Posts HY000 (too
 * long for out), HY001. */
RS_NODISCARD bool rs_installer_read(const char *section, const char *key, struct rs_buf *out,
                                    struct rs_diag *diag);
/* Whether a line of so many bytes, name and value, may be less than what was written. */
bool rs_installer_may_cut(size_t bytes);

#endif
