/*
 * escape.def as tables: which text a scalar function becomes. Only escape.c asks.
 */
#ifndef RS_ODBC_ESCAPE_TABLE_H
#define RS_ODBC_ESCAPE_TABLE_H

#include "escape.h"

/* The text of a call with the placeholders of escape.def; NULL when the tables do not have it with
 * these arguments. type is set for CONVERT alone. */
const char *rs_escape_find(struct rs_str name, const struct rs_str *arguments, size_t n,
                           bool is_redshift, const char **type);

#endif
