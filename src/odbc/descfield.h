/*
 * The table of descriptor fields (descfield.def) at run time, and what a result column answers.
 */
#ifndef RS_ODBC_DESCFIELD_H
#define RS_ODBC_DESCFIELD_H

#include "desc.h"
#include "result.h"
#include "slot.h"

enum rs_df_place { RS_DF_HEADER, RS_DF_RECORD, RS_DF_COLATT };
enum rs_df_type { RS_DF_I16, RS_DF_I32, RS_DF_LEN, RS_DF_PTR, RS_DF_TEXT };
enum rs_df_use { RS_DF_N, RS_DF_R, RS_DF_W };

struct rs_desc_field {
    SQLSMALLINT id;
    enum rs_df_place place;
    enum rs_df_type type;
    enum rs_df_use ard, apd, ird, ipd;
    struct rs_slot own, column;
};

/* NULL: no such field. */
const struct rs_desc_field *rs_desc_field_find(SQLSMALLINT id);
enum rs_df_use rs_desc_field_use(const struct rs_desc_field *field, enum rs_desc_kind kind);
/* A field's number or text in a result column. */
int64_t rs_column_number(const struct rs_column *column, const struct rs_desc_field *field);
struct rs_str rs_column_text(const struct rs_column *column, const struct rs_desc_field *field);
/* Writes a number in the size of the field's type; to may be NULL and unaligned. */
void rs_desc_field_write(SQLPOINTER to, enum rs_df_type type, int64_t number);

/* Asked first by all calls on a descriptor; posted on it. HY010 while its statement waits for
 * parameter data; HY091 no field of descriptors; 07009 no such record number for its kind. */
RS_NODISCARD bool rs_desc_is_idle(struct rs_desc *desc);
const struct rs_desc_field *rs_desc_need_field(struct rs_desc *desc, SQLSMALLINT id);
RS_NODISCARD bool rs_desc_check_number(struct rs_desc *desc, SQLSMALLINT number);

/*
 * IRD: column number n (from 1) of the result or prepared statement. FAILED: HY007 (nothing
 * prepared), 07009, or why the server did not tell; NONE: there is no such column. Records go to
 * the statement when diag is its own, else they are moved to diag.
 */
enum rs_ird { RS_IRD_FOUND, RS_IRD_NONE, RS_IRD_FAILED };
RS_NODISCARD enum rs_ird rs_ird_column(struct rs_desc *ird, SQLSMALLINT n,
                                       const struct rs_column **out, struct rs_diag *diag);

#endif
