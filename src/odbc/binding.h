/*
 * Bound parameters of one set, made ready for the wire.
 *
 * Source: odbc.md 7.2, 7.4; ODBC "Binding Arrays of Parameters".
 */
#ifndef RS_ODBC_BINDING_H
#define RS_ODBC_BINDING_H

#include "param.h"
#include "stmt.h"

/* Where the value of one parameter stands, pointers absolute. */
struct rs_bound {
    const struct rs_desc_rec *apd, *ipd;
    SQLSMALLINT c_type; /* never SQL_C_DEFAULT */
    const char *value;  /* may be NULL */
    SQLLEN len;         /* bytes, SQL_NTS, SQL_NULL_DATA, SQL_DATA_AT_EXEC */
    SQLPOINTER token;   /* what SQLParamData hands out */
};

/* One parameter in all sets: where it begins, how far it is to the next, what becomes of it. */
struct rs_bound_column {
    const struct rs_desc_rec *apd, *ipd;
    const char *value, *ind, *len; /* of set 0, bind offset included; each may be NULL */
    size_t value_step, len_step;   /* bytes from set to set */
    SQLLEN fixed_len;              /* bytes of a C type of fixed size, else 0 */
    SQLLEN no_len;                 /* length when there is no pointer to one */
    bool is_unsent;                /* it only takes a value of a call, or leaves a default */
    struct rs_param_way way;
};

/* 07002 unless every marker is bound. */
RS_NODISCARD bool rs_bound_all(struct rs_stmt *stmt);
/* Parameter `index` (0-based) of set `set` (0-based). Posts HY090, 07S01. */
RS_NODISCARD bool rs_bound_at(struct rs_stmt *stmt, size_t index, SQLULEN set,
                              struct rs_bound *out);
bool rs_bound_is_at_exec(SQLLEN len);
/* Type OIDs declared to the server; types has room for every marker that is
 * sent. Unbound ones are 0. */
void rs_bound_types(const struct rs_stmt *stmt, uint32_t *types);

/* Fills stmt->bound and the types of stmt->wire, unless they are kept; nothing may be bound anew
 * until the sets have run. Posts HY001. */
RS_NODISCARD bool rs_bound_open(struct rs_stmt *stmt);
/* Nothing that rs_bound_all, rs_bound_types and rs_bound_open go by has changed since the last
 * rs_bound_open: neither the descriptors nor, by rs_bound_forget, what is known of the text. */
bool rs_bound_is_kept(const struct rs_stmt *stmt);
void rs_bound_forget(struct rs_stmt *stmt);

enum rs_bound_set {
    RS_BOUND_OK,
    RS_BOUND_WANTS_DATA, /* a value is at execution and `has_data` is false */
    RS_BOUND_FAILED      /* records posted, with set and parameter number */
};
/* Appends the values of one set to stmt->wire_bytes as Bind carries them, with data collected by
 * SQLPutData where it was asked for. Unless OK nothing is appended. Warnings carry the set too. */
RS_NODISCARD enum rs_bound_set rs_bound_add(struct rs_stmt *stmt, SQLULEN set, bool has_data);

#endif
