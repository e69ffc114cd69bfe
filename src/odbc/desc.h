/*
 * Descriptors: the four of each statement and explicit ones. ARD and APD hold what the application
 * bound, IPD what it said of parameters; the IRD is a view of the present result's columns.
 *
 * Locked: the connection's. Source: odbc.md 6; ODBC "Descriptor Fields".
 */
#ifndef RS_ODBC_DESC_H
#define RS_ODBC_DESC_H

#include "convert.h"
#include "handle.h"
#include "text.h"

enum rs_desc_kind { RS_DESC_ARD, RS_DESC_APD, RS_DESC_IRD, RS_DESC_IPD, RS_DESC_EXPLICIT };

/* One column or parameter as bound (ARD, APD) or declared (IPD). Record 0 is the bookmark's. */
struct rs_desc_rec {
    SQLSMALLINT concise_type, type, datetime_code;
    SQLINTEGER interval_precision;
    bool has_interval_precision; /* it was set by the application */
    bool is_edited;              /* some field is not what the type alone would make it */
    SQLULEN length;
    SQLLEN octet_length;
    SQLSMALLINT precision, scale, radix;
    bool has_scale; /* scale or precision was set by the application */
    SQLPOINTER data_ptr;
    SQLLEN *ind_ptr, *len_ptr;
    /* IPD only */
    SQLSMALLINT parameter_type; /* SQL_PARAM_INPUT … */
    char *name;                 /* owned, or NULL */
    SQLSMALLINT nullable;
};

struct rs_desc {
    struct rs_head head;
    enum rs_desc_kind kind;
    struct rs_dbc *dbc;
    struct rs_stmt *stmt; /* owner of an implicit one, NULL for explicit */
    struct rs_desc *next; /* explicit ones of the connection */
    /* header fields */
    SQLULEN array_size;
    SQLUSMALLINT *array_status_ptr;
    SQLLEN *bind_offset_ptr;
    SQLINTEGER bind_type;
    SQLULEN *rows_processed_ptr;
    SQLSMALLINT count; /* highest record, without record 0; for an IRD see rs_desc_count */
    /* records 0 … count, grown as needed; never shrunk before clear */
    struct rs_desc_rec *rec;
    size_t cap;
    /* Another number after every change that a fetch plan or parameter plan depends on. The number
     * is new on the whole connection, so comparing it alone tells one descriptor from another. */
    uint32_t change;
};

void rs_desc_init(struct rs_desc *desc, enum rs_desc_kind kind, struct rs_dbc *dbc,
                  struct rs_stmt *stmt);
void rs_desc_clear(struct rs_desc *desc);
SQLSMALLINT rs_desc_count(const struct rs_desc *desc); /* IRD: columns of the result */

/* Takes a new change number. */
void rs_desc_touch(struct rs_desc *desc);
/* ODBC 2 date types become today's; all else stays. */
SQLSMALLINT rs_desc_modern_type(SQLSMALLINT concise_type);
bool rs_desc_is_bound(const struct rs_desc_rec *rec);
/* Column size and decimal digits of an IPD record, as SQLBindParameter was given them. */
SQLULEN rs_desc_column_size(const struct rs_desc_rec *rec);
SQLSMALLINT rs_desc_digits(const struct rs_desc_rec *rec);

/* Record n (0 …), made with defaults when it is missing (COUNT grows); NULL: HY001, 07009. */
struct rs_desc_rec *rs_desc_need(struct rs_desc *desc, SQLSMALLINT n, struct rs_diag *diag);
/* Record n or NULL. */
const struct rs_desc_rec *rs_desc_rec(const struct rs_desc *desc, SQLSMALLINT n);
/* COUNT = n: records above are forgotten. */
RS_NODISCARD bool rs_desc_set_count(struct rs_desc *desc, SQLSMALLINT n, struct rs_diag *diag);
/* Verbose type and code of a concise type, with the defaults that follow (odbc.md 6.2). HY021. */
RS_NODISCARD bool rs_desc_set_type(struct rs_desc *desc, struct rs_desc_rec *rec,
                                   SQLSMALLINT concise_type, struct rs_diag *diag);
/* HY021 consistency check of one record. */
RS_NODISCARD bool rs_desc_check(const struct rs_desc *desc, const struct rs_desc_rec *rec,
                                struct rs_diag *diag);

/* SQLBindCol, SQLBindParameter on the statement's present ARD, APD and IPD. */
SQLRETURN rs_bind_col(struct rs_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type,
                      SQLPOINTER data, SQLLEN cap, SQLLEN *ind);
SQLRETURN rs_bind_param(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT direction,
                        SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN column_size,
                        SQLSMALLINT digits, SQLPOINTER data, SQLLEN cap, SQLLEN *ind);

/* SQLGetDescField, SQLSetDescField, SQLGetDescRec, SQLSetDescRec, SQLCopyDesc. */
SQLRETURN rs_desc_get_field(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT field,
                            SQLPOINTER value, const struct rs_text_out *text);
SQLRETURN rs_desc_set_field(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT field,
                            SQLPOINTER value, SQLINTEGER length, bool is_wide);
SQLRETURN rs_desc_get_rec(struct rs_desc *desc, SQLSMALLINT number, const struct rs_text_out *name,
                          SQLSMALLINT *type, SQLSMALLINT *subtype, SQLLEN *length,
                          SQLSMALLINT *precision, SQLSMALLINT *scale, SQLSMALLINT *nullable);
SQLRETURN rs_desc_set_rec(struct rs_desc *desc, SQLSMALLINT number, SQLSMALLINT type,
                          SQLSMALLINT subtype, SQLLEN length, SQLSMALLINT precision,
                          SQLSMALLINT scale, SQLPOINTER data, SQLLEN *len, SQLLEN *ind);
SQLRETURN rs_desc_copy(struct rs_desc *from, struct rs_desc *to); /* records on `to` */

/* SQLDescribeCol, SQLColAttribute(s): the statement's IRD (rs_stmt_need_columns was called). */
SQLRETURN rs_describe_col(struct rs_stmt *stmt, SQLUSMALLINT column, const struct rs_text_out *name,
                          SQLSMALLINT *type, SQLULEN *size, SQLSMALLINT *digits,
                          SQLSMALLINT *nullable);
SQLRETURN rs_col_attribute(struct rs_stmt *stmt, SQLUSMALLINT column, SQLUSMALLINT field,
                           const struct rs_text_out *text, SQLLEN *number);

#endif
