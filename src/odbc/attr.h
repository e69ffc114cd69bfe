/*
 * The table of attributes (attr.def) at run time, and the rules common to all three handles.
 */
#ifndef RS_ODBC_ATTR_H
#define RS_ODBC_ATTR_H

#include "redshift_odbc.h"
#include "slot.h"
#include "stmt.h"

/* Attributes of ODBC 3.8 that headers name only for Windows. */
enum {
    RS_DBC_INFO_TOKEN = 118,
    RS_ASYNC_DBC_EVENT = 119,
    RS_ASYNC_DBC_PCALLBACK = 120,
    RS_ASYNC_DBC_PCONTEXT = 121,
    RS_ASYNC_STMT_PCALLBACK = 30,
    RS_ASYNC_STMT_PCONTEXT = 31
};
#define RS_ANY         SIZE_MAX
#define RS_MAX_SECONDS 4294967 /* as milliseconds it still fits 32 bits */

enum rs_attr_type { RS_ATTR_U, RS_ATTR_UL, RS_ATTR_S, RS_ATTR_P, RS_ATTR_H };
enum rs_attr_when { RS_ATTR_ANY, RS_ATTR_BEFORE, RS_ATTR_FRESH, RS_ATTR_NEVER };
enum rs_attr_rule {
    RS_ATTR_TAKE,
    RS_ATTR_CHANGE,
    RS_ATTR_REFUSE,
    RS_ATTR_CUT,
    RS_ATTR_CURSOR,
    RS_ATTR_SPECIAL,
    RS_ATTR_NONE
};
enum rs_attr_base {
    RS_ATTR_IN_NIL,
    RS_ATTR_IN_ENV,
    RS_ATTR_IN_DBC,
    RS_ATTR_IN_STMT,
    RS_ATTR_IN_ARD,
    RS_ATTR_IN_APD,
    RS_ATTR_IN_IRD,
    RS_ATTR_IN_IPD
};

struct rs_attr {
    SQLINTEGER id;
    enum rs_attr_type type;
    enum rs_attr_when when;
    enum rs_attr_rule rule;
    SQLULEN dflt, lowest, highest;
    enum rs_attr_base base;
    struct rs_slot slot;
};

enum rs_attr_scope { RS_ATTR_OF_ENV, RS_ATTR_OF_DBC, RS_ATTR_OF_STMT };

/* NULL after posting HY092. */
const struct rs_attr *rs_attr_find(enum rs_attr_scope scope, SQLINTEGER id, struct rs_diag *diag);
/* What the application passed in the place of a pointer, in the width of the type. */
SQLULEN rs_attr_value(const struct rs_attr *attr, SQLPOINTER value);
/*
 * Range and rule: HY092 (read-only), HYC00, HY024; 01S02 as a warning, then *value is what is
 * taken instead.
 */
RS_NODISCARD bool rs_attr_check(const struct rs_attr *attr, SQLULEN *value, struct rs_diag *diag);
/* Writes a number or pointer in the width of the type; to may be NULL and unaligned. */
void rs_attr_write(const struct rs_attr *attr, SQLPOINTER to, SQLULEN value);

#endif
