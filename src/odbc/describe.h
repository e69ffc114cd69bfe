/*
 * What SQLDescribeParam says, for those who must tell it from what an application knows.
 */
#ifndef RS_ODBC_DESCRIBE_H
#define RS_ODBC_DESCRIBE_H

#include "stmt.h"

/* Column size reported for a parameter; stmt->param_types must be there. index from 0. */
SQLULEN rs_param_described_size(const struct rs_stmt *stmt, size_t index);

#endif
