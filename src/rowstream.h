/*
 * Rows as cells, read in place; and the store that keeps the rest of an exchange when another
 * one needs the wire: raw message bytes in blocks, past a limit in an unlinked temporary file.
 */
#ifndef RS_ROWSTREAM_H
#define RS_ROWSTREAM_H

#include "attrs.h"
#include "diag.h"
#include "inbox.h"
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
    size_t cap; /* bytes of fields and texts its block has room for */
    struct rs_field field[];
};

/* ---- walking a row ---- */

static inline uint32_t rs_be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}
static inline uint16_t rs_be16(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint16_t)(u[0] << 8 | u[1]);
}

/* Lets cells point at the values of one DataRow body. False: it is malformed, or has not exactly n
 * values. No copy, no allocation. */
RS_NODISCARD bool rs_row_walk(struct rs_str body, struct rs_cell *cells, size_t n);
/* The bytes of a row of n > 0 cells where it was walked, for keeping a copy of it; and one cell of
 * such a copy. The copy came from rs_row_walk, so its lengths are right. */
struct rs_str rs_row_bytes(const struct rs_cell *cells, size_t n);
struct rs_cell rs_row_cell(const char *bytes, size_t column);

/* ---- the store ---- */

/* What the stores of one session share. */
struct rs_store_budget {
    size_t limit, used; /* bytes of memory */
    bool may_spill;
    const char *dir; /* for temporary files; borrowed */
};

/* Whole messages in order, added at one end and read at the other. Begins with its inbox. */
struct rs_store;
RS_NODISCARD struct rs_store *rs_store_new(struct rs_store_budget *budget, struct rs_diag *diag);
void rs_store_free(struct rs_store *store); /* NULL is fine */
/* Adds all or nothing. Posts HY001 (no memory; no room and no file allowed), HY000 (the file could
 * not be written). */
RS_NODISCARD bool rs_store_add(struct rs_store *store, struct rs_str messages,
                               struct rs_diag *diag);
static inline struct rs_inbox *rs_store_inbox(struct rs_store *store)
{
    return (struct rs_inbox *)(void *)store;
}
enum rs_more { RS_MORE_OK, RS_MORE_END, RS_MORE_FAILED };
/* Returns OK once the inbox has n bytes; END when everything was read. Posts HY001, HY000. */
RS_NODISCARD enum rs_more rs_store_need(struct rs_store *store, size_t n, struct rs_diag *diag);
bool rs_store_has_file(const struct rs_store *store);

#endif
