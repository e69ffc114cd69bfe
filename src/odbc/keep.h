/*
 * Rows of a static cursor: raw bytes in the order they came, any of them again at any time. In
 * memory as far as the connection's budget (ResultMemoryBytes) goes, from there on in an unlinked
 * temporary file. A sparse index costs a quarter of a byte a row.
 *
 * Locked: the connection's. Rows are numbered from 1.
 * Source: odbc.md 8.1, 8.2; dsn-keys.md, ResultMemoryBytes and SpillToDisk.
 */
#ifndef RS_ODBC_KEEP_H
#define RS_ODBC_KEEP_H

#include "../rowstream.h"

struct rs_keep;

RS_NODISCARD struct rs_keep *rs_keep_new(struct rs_store_budget *budget, struct rs_diag *diag);
void rs_keep_free(struct rs_keep *keep); /* NULL is fine */
/* Adds all of the row or nothing. Posts HY001 (no memory; no room and no file allowed), HY000 (the
 * file could not be written). */
RS_NODISCARD bool rs_keep_add(struct rs_keep *keep, struct rs_str row, struct rs_diag *diag);
int64_t rs_keep_count(const struct rs_keep *keep);
/* The bytes of a row that was added, valid until the next call. Posts HY001, HY000. */
RS_NODISCARD bool rs_keep_get(struct rs_keep *keep, int64_t row, struct rs_str *out,
                              struct rs_diag *diag);
bool rs_keep_has_file(const struct rs_keep *keep);

#endif
