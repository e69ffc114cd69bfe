/*
 * A result set seen as columns and cells, wherever its rows come from: the server (streaming or
 * stored, which the exchange alone knows) or rows that the driver made itself.
 */
#ifndef RS_ODBC_RESULT_H
#define RS_ODBC_RESULT_H

#include "../rowstream.h"
#include "../session.h"
#include "convert.h"

/* One column; texts are owned. */
struct rs_column {
    char *label;
    struct rs_typed typed;
    SQLSMALLINT nullable; /* SQL_NO_NULLS, SQL_NULLABLE, SQL_NULLABLE_UNKNOWN */
    bool auto_unique;
    bool is_binary; /* cells are in the server's binary form */
    uint32_t type_oid;
    int32_t typmod;
    char *base_column, *base_table, *schema, *catalog; /* NULL: unknown */
    /* How SQLGetData converted the column last; it goes when the column does. c_type outlives a
     * change of form. */
    struct rs_column_get {
        rs_convert_fn *convert;
        uint32_t asked;     /* the C type, or SQL_C_DEFAULT, as getdata.c keeps it; 0: none */
        SQLSMALLINT c_type; /* the C type that is */
        uint8_t width;      /* bytes a character or byte takes; 0: a value of fixed size */
    } get;
};

struct rs_columns {
    size_t n;
    struct rs_column *at;
};

/* Columns from the server's description; the policy decides types. */
RS_NODISCARD bool rs_columns_from(struct rs_columns *columns, const struct rs_shape *shape,
                                  const struct rs_policy *policy, struct rs_diag *diag);
/* True when they are what rs_columns_from would make of that description, but for the form of
 * their cells; that is then taken over. rs_columns_take_forms: true when it changed. */
bool rs_columns_fit(const struct rs_columns *columns, const struct rs_shape *shape);
bool rs_columns_take_forms(struct rs_columns *columns, const struct rs_shape *shape);
void rs_columns_clear(struct rs_columns *columns);
/* The converter for the column's cells; NULL: the pair is not allowed (07006). */
rs_convert_fn *rs_column_convert(const struct rs_column *column, enum rs_ctype ctype);

/* Rows made by the driver: cells of all rows one after the other, texts in `bytes`. */
struct rs_made_rows {
    size_t n_columns, n_rows, cap_cells, next;
    struct rs_made_cell {
        size_t at;
        int32_t n; /* -1: NULL */
    } * cells;
    struct rs_buf bytes;
};
/* Appends one cell; n < 0: NULL. Sticky failure, asked by rs_made_ok. */
void rs_made_add(struct rs_made_rows *rows, const char *p, int32_t n);
void rs_made_text(struct rs_made_rows *rows, const char *text); /* NULL: NULL */
void rs_made_int(struct rs_made_rows *rows, int64_t value);
RS_NODISCARD bool rs_made_ok(const struct rs_made_rows *rows, struct rs_diag *diag);
void rs_made_clear(struct rs_made_rows *rows);

#endif
