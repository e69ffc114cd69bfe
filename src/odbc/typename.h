/*
 * Types by the names that Redshift's catalog views, its SHOW commands and the catalogs of external
 * tables give them: "character varying", "decimal(10,2)", "array<struct<a:int>>".
 *
 * Pure. Source: redshift.md 7.3; type.def.
 */
#ifndef RS_ODBC_TYPENAME_H
#define RS_ODBC_TYPENAME_H

#include "type.h"

/* What a view says besides the name; -1: nothing. */
struct rs_type_sizes {
    int64_t length; /* of characters and bytes */
    int64_t precision, scale;
};

struct rs_type_found {
    uint32_t oid;
    int32_t typmod;
    bool is_known; /* false: a VARCHAR without a size, whose name is the server's own */
};

/* Sizes in the name win over the view's. Never fails. */
struct rs_type_found rs_type_by_name(struct rs_str name, const struct rs_type_sizes *sizes);

/* The next of a list of types, without the blanks around it: divided by commas that are in no
 * brackets. *rest is what follows; false at its end. */
bool rs_type_list_next(struct rs_str *rest, struct rs_str *name);

#endif
