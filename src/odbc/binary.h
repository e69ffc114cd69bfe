/*
 * Values in the server's binary form: which are worth asking for so, and how they are converted.
 * What no C type takes as it is becomes the server's text first and goes the usual way, so that
 * both forms give the same.
 *
 * Posts as convert.h, and 22018 for a cell of the wrong size.
 * Source: PostgreSQL's send functions; redshift.md 6.2.
 */
#ifndef RS_ODBC_BINARY_H
#define RS_ODBC_BINARY_H

#include "../session.h"
#include "convert.h"

/* The kinds that may be asked for on that session, a bit for each. */
uint32_t rs_binary_kinds(const struct rs_session *session);
/* True where a value of that kind is cheaper as binary for one who wants that C type. */
bool rs_binary_pays(enum rs_kind kind, enum rs_ctype ctype);
/* As rs_convert_find, for cells in binary. NULL also for a kind that has no binary form here. */
rs_convert_fn *rs_binary_find(enum rs_kind kind, enum rs_ctype ctype);

#endif
