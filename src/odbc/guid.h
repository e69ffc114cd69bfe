/*
 * GUIDs as text: 36 characters, braces allowed.
 *
 * Source: ODBC Programmer's Reference, Appendix D, "GUID".
 */
#ifndef RS_ODBC_GUID_H
#define RS_ODBC_GUID_H

#include <sql.h>
#include <sqlext.h>

#include "../attrs.h"
#include "../str.h"

enum { RS_GUID_TEXT = 36 };

RS_NODISCARD bool rs_guid_parse(struct rs_str text, SQLGUID *out);
/* Lower case, no NUL. */
void rs_guid_print(const SQLGUID *guid, char to[RS_GUID_TEXT]);

#endif
