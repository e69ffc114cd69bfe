#include "descfield.h"

#include "bookmark.h"
#include "redshift_odbc.h"
#include "stmt.h"

/* ---- what a column answers ---- */

int64_t rs_column_number(const struct rs_column *column, const struct rs_desc_field *field)
{
    if (field->id == SQL_DESC_UNNAMED)
        return column->label == NULL || column->label[0] == '\0' ? SQL_UNNAMED : SQL_NAMED;
    if (field->id == SQL_DESC_UPDATABLE)
        return SQL_ATTR_READONLY;
    return rs_slot_get(column, field->column);
}

struct rs_str rs_column_text(const struct rs_column *column, const struct rs_desc_field *field)
{
    return rs_str_of(rs_slot_text(column, field->column));
}

enum rs_ird rs_ird_column(struct rs_desc *ird, SQLSMALLINT n, const struct rs_column **out,
                          struct rs_diag *diag)
{
    struct rs_stmt *stmt = ird->stmt;
    size_t count = 0;

    if (stmt->state == RS_S1_ALLOCATED) {
        rs_fail(diag, RS_HY007, 0, "nothing is prepared or executed on the statement");
        return RS_IRD_FAILED;
    }
    if (!rs_stmt_need_columns(stmt, &count)) {
        if (diag != &stmt->head.diag)
            rs_diag_move(diag, &stmt->head.diag);
        return RS_IRD_FAILED;
    }
    if (n == 0 && count > 0 && rs_bookmark_column(stmt) != NULL) {
        *out = rs_bookmark_column(stmt);
        return RS_IRD_FOUND;
    }
    if (n < 1 || (size_t)n > count)
        return RS_IRD_NONE;
    *out = &stmt->columns.at[n - 1];
    return RS_IRD_FOUND;
}

/* ---- SQLDescribeCol, SQLColAttribute ---- */

static const struct rs_column *need_column(struct rs_stmt *stmt, SQLUSMALLINT number, size_t n)
{
    struct rs_diag *diag = &stmt->head.diag;

    if (n == 0)
        rs_fail(diag, RS_07005, 0, "the statement gives no result set");
    else if (number == 0 && rs_bookmark_column(stmt) != NULL)
        return rs_bookmark_column(stmt);
    else if (number == 0)
        rs_fail(diag, RS_07009, 0, "column 0 is the bookmark column, and bookmarks are off");
    else if (number > n)
        rs_fail(diag, RS_07009, 0, "there is no column %u: the result has %zu", (unsigned)number,
                n);
    else
        return &stmt->columns.at[number - 1];
    return NULL;
}

static bool give_text(struct rs_stmt *stmt, const struct rs_text_out *out, struct rs_str text)
{
    if (out == NULL)
        return true;
    if (!rs_text_out_ok(out, &stmt->head.diag))
        return false;
    rs_text_put(out, text, &stmt->head.diag);
    return true;
}

SQLRETURN rs_describe_col(struct rs_stmt *stmt, SQLUSMALLINT column, const struct rs_text_out *name,
                          SQLSMALLINT *type, SQLULEN *size, SQLSMALLINT *digits,
                          SQLSMALLINT *nullable)
{
    const struct rs_column *found;
    size_t n = 0;

    if (!rs_stmt_is_idle(stmt) || !rs_stmt_need_columns(stmt, &n))
        return SQL_ERROR;
    found = need_column(stmt, column, n);
    if (found == NULL || !give_text(stmt, name, rs_str_of(found->label)))
        return SQL_ERROR;
    rs_desc_field_write(type, RS_DF_I16, found->typed.concise_type);
    rs_desc_field_write(size, RS_DF_LEN, (int64_t)found->typed.column_size);
    rs_desc_field_write(digits, RS_DF_I16, found->typed.decimal_digits);
    rs_desc_field_write(nullable, RS_DF_I16, found->nullable);
    return SQL_SUCCESS;
}

static const struct rs_desc_field *need_field(struct rs_stmt *stmt, SQLUSMALLINT id)
{
    const struct rs_desc_field *field = id > SHRT_MAX ? NULL : rs_desc_field_find((SQLSMALLINT)id);

    if (field != NULL && field->place != RS_DF_HEADER && field->ird == RS_DF_R)
        return field;
    rs_fail(&stmt->head.diag, RS_HY091, 0, "a column has no attribute %u", (unsigned)id);
    return NULL;
}

SQLRETURN rs_col_attribute(struct rs_stmt *stmt, SQLUSMALLINT column, SQLUSMALLINT id,
                           const struct rs_text_out *text, SQLLEN *number)
{
    const struct rs_desc_field *field;
    const struct rs_column *found;
    size_t n = 0;

    if (!rs_stmt_is_idle(stmt) || !rs_stmt_need_columns(stmt, &n))
        return SQL_ERROR;
    if (id == SQL_DESC_COUNT || id == SQL_COLUMN_COUNT) {
        rs_desc_field_write(number, RS_DF_LEN, (int64_t)n);
        return SQL_SUCCESS;
    }
    found = need_column(stmt, column, n);
    field = found == NULL ? NULL : need_field(stmt, id);
    if (field == NULL)
        return SQL_ERROR;
    if (field->type == RS_DF_TEXT)
        return give_text(stmt, text, rs_column_text(found, field)) ? SQL_SUCCESS : SQL_ERROR;
    rs_desc_field_write(number, RS_DF_LEN, rs_column_number(found, field));
    return SQL_SUCCESS;
}
