/*
 * Several statements of one text, some of which begin or end transactions.
 *
 * The server takes the text as one message, and says how the transaction stands only behind the
 * last statement. What follows a COMMIT or ROLLBACK among them would run by itself; without
 * autocommit it is to be in a transaction like any other statement, so BEGIN is put in front.
 *
 * Pure. Source: odbc.md 16, 18; PostgreSQL, "Multiple Statements in a Simple Query".
 */
#ifndef RS_ODBC_BATCH_H
#define RS_ODBC_BATCH_H

#include "sqlscan.h"

struct rs_batch {
    bool moves_txn; /* it may leave the transaction other than it found it */
    size_t n_begun; /* how many times BEGIN was put in */
};

/* Looks at every statement. begin: BEGIN and a transaction's modes; then the text with it put in is
 * appended to out; NULL: out is not touched. */
struct rs_batch rs_batch_scan(struct rs_str text, bool backslash_escapes, const char *begin,
                              struct rs_buf *out);

#endif
