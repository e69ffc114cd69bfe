/*
 * Rows as cells, read in place; and the store that keeps the rest of an exchange when another
 * one needs the wire: raw message bytes in blocks, past a limit in an unlinked temporary file.
 */
#ifndef RS_ROWSTREAM_H
#define RS_ROWSTREAM_H

#include "attrs.h"
#include "diag.h"
#include "str.h"

/* One value of a row: n bytes at p in the wire's format; n is -1 for NULL. */
struct rs_cell {
    const char *p;
    int32_t n;
};

enum rs_row { RS_ROW_OK, RS_ROW_END, RS_ROW_FAILED };

/* One column of a result as the server describes it. */
struct rs_field {
    struct rs_str name;
    uint32_t table_oid;
    int16_t attribute; /* number in the table, 0 if not a plain column */
    uint32_t type_oid;
    int16_t type_len;
    int32_t typmod; /* -1: none */
    int16_t format; /* 0 text, 1 binary */
    /* Protocol level 1 and up; empty before. */
    struct rs_str schema, table, column, catalog;
    uint16_t flags;
};

/* The columns of a result; one block, texts included. */
struct rs_shape {
    size_t n;
    struct rs_field field[];
};

#endif
