/*
 * A result set seen as columns and cells, wherever its rows come from: the server (streaming or
 * stored, which the exchange alone knows) or rows that the driver made itself.
 */
#ifndef RS_ODBC_RESULT_H
#define RS_ODBC_RESULT_H

#include "../rowstream.h"
#include "../session.h"
#include "convert.h"

/* How SQLGetData converted a column last; it goes when the column does. The C type outlives a
 * change of form. */
struct rs_column_get {
    rs_convert_fn *convert;
    uint32_t asked;      /* rs_get_asked of the C type, or of SQL_C_DEFAULT; 0: none */
    uint32_t value;      /* column << 16 | C type that is: tells one value of a row from another */
    SQLLEN width;        /* bytes a character or byte takes; 0: a value of fixed size */
    SQLLEN more;         /* 1 where a text's end takes room as well */
    struct rs_target to; /* what does not change from row to row; nothing of the descriptor */
};

/* Never 0, so that a column nobody asked for fits no call. */
static inline uint32_t rs_get_asked(SQLSMALLINT c_type)
{
    return (uint32_t)(uint16_t)c_type | 0x10000u;
}

/* The C type that is; 0: none. */
static inline SQLSMALLINT rs_get_c_type(const struct rs_column_get *get)
{
    return (SQLSMALLINT)(uint16_t)get->value;
}

static inline SQLUSMALLINT rs_get_column(const struct rs_column_get *get)
{
    return (SQLUSMALLINT)(get->value >> 16);
}

/* By the length of the server's text; true says nothing of a cell that is NULL. */
static inline bool rs_get_fits(const struct rs_column_get *get, struct rs_cell cell, SQLLEN cap)
{
    return (SQLLEN)cell.n * get->width + get->more <= cap;
}

static inline void rs_get_into(struct rs_target *to, void *data, SQLLEN cap, SQLLEN *ind,
                               SQLULEN max_length)
{
    to->buf = data;
    to->cap = cap;
    to->len = to->ind = ind;
    to->max_length = max_length;
}

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
    struct rs_column_get get;
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
/* Digits after the point of a NUMERIC column's every value; 0 for another type. */
uint8_t rs_column_scale(const struct rs_column *column);
/* True when the binary form can be read: that of NUMERIC not without the modifier. */
bool rs_column_takes_binary(const struct rs_column *column);

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
