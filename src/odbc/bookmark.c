#include "bookmark.h"

#include "convert_put.h"
#include "scroll.h"

/* ---- column 0 ---- */

static char no_name[] = "";

/* As the manual describes them: SQL_INTEGER of fixed length, SQL_BINARY of variable length. */
static const struct rs_column fixed = {
    .label = no_name,
    .typed = { .concise_type = SQL_INTEGER,
               .verbose_type = SQL_INTEGER,
               .default_c = SQL_C_BOOKMARK,
               .column_size = 10,
               .octet_length = RS_BOOKMARK_BYTES,
               .display_size = 20,
               .radix = 10,
               .precision = 10,
               .length = 10,
               .is_unsigned = true,
               .searchable = SQL_PRED_NONE,
               .type_name = "bookmark",
               .literal_prefix = "",
               .literal_suffix = "" },
    .nullable = SQL_NO_NULLS,
};
static const struct rs_column variable = {
    .label = no_name,
    .typed = { .concise_type = SQL_BINARY,
               .verbose_type = SQL_BINARY,
               .default_c = SQL_C_VARBOOKMARK,
               .column_size = RS_BOOKMARK_BYTES,
               .octet_length = RS_BOOKMARK_BYTES,
               .display_size = 2 * RS_BOOKMARK_BYTES,
               .length = RS_BOOKMARK_BYTES,
               .is_unsigned = true,
               .searchable = SQL_PRED_NONE,
               .type_name = "bookmark",
               .literal_prefix = "",
               .literal_suffix = "" },
    .nullable = SQL_NO_NULLS,
};

const struct rs_column *rs_bookmark_column(const struct rs_stmt *stmt)
{
    if (stmt->attrs.use_bookmarks == SQL_UB_OFF)
        return NULL;
    return stmt->attrs.use_bookmarks == SQL_UB_VARIABLE ? &variable : &fixed;
}

/* ---- values ---- */

void rs_bookmark_put(char to[RS_BOOKMARK_BYTES], int64_t row)
{
    for (int i = 0; i < RS_BOOKMARK_BYTES; i++)
        to[i] = (char)(unsigned char)((uint64_t)row >> 8 * i);
}

static uint64_t from_bytes(const char *from)
{
    uint64_t n = 0;

    for (int i = RS_BOOKMARK_BYTES; i-- > 0;)
        n = n << 8 | (unsigned char)from[i];
    return n;
}

static enum rs_fit to_fixed(struct rs_cell cell, const struct rs_target *to, struct rs_diag *diag)
{
    SQLULEN n = (SQLULEN)from_bytes(cell.p);

    (void)diag;
    return rs_put_fixed(to, &n, sizeof n);
}

static enum rs_fit to_variable(struct rs_cell cell, const struct rs_target *to,
                               struct rs_diag *diag)
{
    if (to->buf != NULL && to->cap != RS_BOOKMARK_BYTES) {
        rs_fail(diag, RS_HY090, 0, "a bookmark has %d bytes, its buffer %ld", RS_BOOKMARK_BYTES,
                (long)to->cap);
        return RS_FIT_FAILED;
    }
    return rs_put_fixed(to, cell.p, RS_BOOKMARK_BYTES);
}

rs_convert_fn *rs_bookmark_convert(const struct rs_stmt *stmt, SQLSMALLINT c_type)
{
    const struct rs_column *column = rs_bookmark_column(stmt);

    if (column == NULL || (c_type != SQL_C_DEFAULT && c_type != column->typed.default_c))
        return NULL;
    return column == &variable ? to_variable : to_fixed;
}

/* ---- going by them ---- */

/* A number that no row can have becomes one that no row has. */
static int64_t row_of(const struct rs_stmt *stmt, const void *from)
{
    SQLULEN fixed_value;
    uint64_t n;

    if (stmt->attrs.use_bookmarks == SQL_UB_VARIABLE) {
        n = from_bytes(from);
    } else {
        memcpy(&fixed_value, from, sizeof fixed_value);
        n = fixed_value;
    }
    return n > INT64_MAX ? 0 : (int64_t)n;
}

bool rs_bookmark_wanted(struct rs_stmt *stmt, int64_t *row)
{
    if (stmt->attrs.fetch_bookmark_ptr == NULL)
        return rs_fail(&stmt->head.diag, RS_HY111, 0, "SQL_ATTR_FETCH_BOOKMARK_PTR is not set");
    *row = row_of(stmt, stmt->attrs.fetch_bookmark_ptr);
    return true;
}

enum rs_row rs_bookmark_check(struct rs_stmt *stmt, int64_t row)
{
    enum rs_row got = row < 1 ? RS_ROW_END : rs_stored_need(stmt, row);

    if (got == RS_ROW_END)
        rs_fail(&stmt->head.diag, RS_HY111, 0, "no row of the result has this bookmark");
    return got;
}

/* ---- SQLGetData ---- */

SQLRETURN rs_bookmark_get(struct rs_stmt *stmt, SQLSMALLINT c_type, SQLPOINTER data, SQLLEN cap,
                          SQLLEN *ind)
{
    struct rs_target to = { .buf = data, .cap = cap, .len = ind, .ind = ind };
    const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, 0);
    struct rs_diag *diag = &stmt->head.diag;
    char bytes[RS_BOOKMARK_BYTES];
    rs_convert_fn *convert;

    if (c_type == SQL_ARD_TYPE)
        c_type = rec == NULL ? SQL_C_DEFAULT : rec->concise_type;
    convert = rs_bookmark_convert(stmt, c_type);
    if (convert == NULL) {
        rs_fail(diag, RS_HY003, 0, "C type %d is not that of the bookmarks in use", c_type);
        return SQL_ERROR;
    }
    /* A bound buffer has just a bookmark's size ("SQLFetch Function", HY090), this one may be
     * larger. */
    if (to.cap > RS_BOOKMARK_BYTES)
        to.cap = RS_BOOKMARK_BYTES;
    rs_bookmark_put(bytes, stmt->row_number + (int64_t)stmt->current);
    return convert((struct rs_cell){ bytes, sizeof bytes }, &to, diag) == RS_FIT_FAILED
               ? SQL_ERROR
               : SQL_SUCCESS;
}

/* ---- SQLBulkOperations ---- */

static bool may_fetch_by(struct rs_stmt *stmt, SQLSMALLINT operation)
{
    const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, 0);
    struct rs_diag *diag = &stmt->head.diag;

    if (stmt->state < RS_S4_EXECUTED)
        return rs_fail(diag, RS_HY010, 0, "the statement has not been executed");
    if (stmt->state == RS_S4_EXECUTED)
        return rs_fail(diag, RS_24000, 0, "the statement gave no rows");
    if (stmt->state == RS_S7_EXTFETCHED)
        return rs_fail(diag, RS_HY010, 0, "SQLBulkOperations does not mix with SQLExtendedFetch");
    if (operation != SQL_FETCH_BY_BOOKMARK)
        return rs_fail(diag, RS_HY092, 0,
                       "the cursor is read-only: SQL_FETCH_BY_BOOKMARK alone is possible");
    if (stmt->attrs.use_bookmarks == SQL_UB_OFF || rec == NULL || rec->data_ptr == NULL)
        return rs_fail(diag, RS_HY092, 0, "bookmarks are off, or column 0 is not bound");
    if (stmt->fetch_failed)
        return rs_fail(diag, RS_24000, 0, "the result ended with an error before");
    if (rs_bookmark_convert(stmt, rec->concise_type) == NULL)
        return rs_fail(diag, RS_07006, 0, "C type %d is not that of the bookmarks in use",
                       rec->concise_type);
    if (stmt->attrs.use_bookmarks == SQL_UB_VARIABLE && rec->octet_length != RS_BOOKMARK_BYTES)
        return rs_fail(diag, RS_HY090, 0, "a bookmark has %d bytes, its buffer %ld",
                       RS_BOOKMARK_BYTES, (long)rec->octet_length);
    return true;
}

/* Where the application put the bookmark of an element. */
static const char *element(const struct rs_stmt *stmt, size_t i)
{
    const struct rs_desc *ard = stmt->ard;
    size_t step = ard->bind_type == SQL_BIND_BY_COLUMN ? RS_BOOKMARK_BYTES : (size_t)ard->bind_type;
    SQLLEN offset = ard->bind_offset_ptr == NULL ? 0 : *ard->bind_offset_ptr;

    return (const char *)rs_desc_rec(ard, 0)->data_ptr + offset + i * step;
}

/* FAILED: the call is over. */
static enum rs_row fetch_element(struct rs_stmt *stmt, const struct rs_rowset_out *out, size_t i,
                                 size_t *n_failed)
{
    int64_t row = row_of(stmt, element(stmt, i));
    size_t before = stmt->head.diag.n;
    enum rs_row got = rs_bookmark_check(stmt, row);
    enum rs_fit fit = RS_FIT_FAILED;

    if (got == RS_ROW_FAILED) {
        (void)rs_fetch_fail(stmt);
    } else if (got == RS_ROW_END) {
        rs_diag_place(&stmt->head.diag, before, (int64_t)i + 1, 0);
        if (out->status != NULL)
            out->status[i] = SQL_ROW_ERROR;
    } else if (!rs_fetch_again(stmt, out, i, row, &fit)) {
        got = RS_ROW_FAILED;
    }
    if (fit == RS_FIT_FAILED)
        ++*n_failed;
    return got;
}

SQLRETURN rs_stmt_bulk_operations(struct rs_stmt *stmt, SQLSMALLINT operation)
{
    const SQLUSMALLINT *wanted = stmt->ard->array_status_ptr;
    struct rs_rowset_out out = {
        .size = stmt->ard->array_size,
        .status = stmt->own_ird.array_status_ptr,
    };
    size_t n = 0, n_failed = 0;

    if (!may_fetch_by(stmt, operation))
        return SQL_ERROR;
    stmt->piece_of = 0;
    for (size_t i = 0; i < out.size; i++) {
        if (wanted != NULL && wanted[i] == SQL_ROW_IGNORE)
            continue;
        if (fetch_element(stmt, &out, i, &n_failed) == RS_ROW_FAILED)
            return SQL_ERROR;
        n++;
    }
    if (stmt->own_ird.rows_processed_ptr != NULL)
        *stmt->own_ird.rows_processed_ptr = n;
    return n > 0 && n_failed == n ? SQL_ERROR : SQL_SUCCESS;
}
