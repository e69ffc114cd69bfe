/*
 * Bound parameters of one set, made ready for the wire.
 *
 * Source: odbc.md 7.2, 7.4; ODBC "Binding Arrays of Parameters".
 */
#ifndef RS_ODBC_BINDING_H
#define RS_ODBC_BINDING_H

#include "stmt.h"

/* Where the value of one parameter stands, pointers absolute. */
struct rs_bound {
    const struct rs_desc_rec *apd, *ipd;
    SQLSMALLINT c_type; /* never SQL_C_DEFAULT */
    const char *value;  /* may be NULL */
    SQLLEN len;         /* bytes, SQL_NTS, SQL_NULL_DATA, SQL_DATA_AT_EXEC */
    SQLPOINTER token;   /* what SQLParamData hands out */
};

/* 07002 unless every marker is bound. */
RS_NODISCARD bool rs_bound_all(struct rs_stmt *stmt);
/* Parameter `index` (0-based) of set `set` (0-based). Posts HY090, 07S01. */
RS_NODISCARD bool rs_bound_at(struct rs_stmt *stmt, size_t index, SQLULEN set,
                              struct rs_bound *out);
bool rs_bound_is_at_exec(SQLLEN len);
/* Type OIDs declared to the server; types has room for sql.n_markers. Unbound ones are 0. */
void rs_bound_types(const struct rs_stmt *stmt, uint32_t *types);
/* Fills stmt->wire for one set, with data collected by SQLPutData where it was asked for. Records
 * carry set and parameter number. */
RS_NODISCARD bool rs_bound_encode(struct rs_stmt *stmt, SQLULEN set);

#endif
