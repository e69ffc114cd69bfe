/*
 * What SQLDescribeParam says, for those who must tell it from what an application knows.
 */
#ifndef RS_ODBC_DESCRIBE_H
#define RS_ODBC_DESCRIBE_H

#include "stmt.h"

/* Column size reported for a parameter; stmt->param_types must be there. index from 0. */
SQLULEN rs_param_described_size(const struct rs_stmt *stmt, size_t index);

/* A byte for each column of the prepared statement: 1 where it is wanted in binary, by the C type
 * that it is bound to or that SQLGetData asked for last. Empty: text alone. Valid until the next
 * call. */
struct rs_str rs_stmt_forms(struct rs_stmt *stmt);

#endif
