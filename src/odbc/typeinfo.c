#include "catalog.h"

static void add_small(struct rs_made_rows *rows, SQLSMALLINT value)
{
    if (value == RS_NULL_SHORT)
        rs_made_text(rows, NULL);
    else
        rs_made_int(rows, value);
}

static void add_int(struct rs_made_rows *rows, SQLINTEGER value)
{
    if (value == RS_NULL_SHORT)
        rs_made_text(rows, NULL);
    else
        rs_made_int(rows, value);
}

static bool add_row(const struct rs_type_row *row, void *ctx)
{
    struct rs_made_rows *rows = ctx;

    rs_made_text(rows, row->name);
    rs_made_int(rows, row->data_type);
    add_int(rows, row->column_size);
    rs_made_text(rows, row->prefix);
    rs_made_text(rows, row->suffix);
    rs_made_text(rows, row->params);
    rs_made_int(rows, SQL_NULLABLE);
    rs_made_int(rows, row->case_sensitive);
    rs_made_int(rows, row->searchable);
    add_small(rows, row->is_unsigned);
    rs_made_int(rows, SQL_FALSE); /* FIXED_PREC_SCALE: no money type */
    add_small(rows, row->auto_unique);
    rs_made_text(rows, row->name);
    add_small(rows, row->min_scale);
    add_small(rows, row->max_scale);
    rs_made_int(rows, row->sql_data_type);
    add_small(rows, row->datetime_sub);
    add_int(rows, row->radix);
    add_small(rows, row->interval_precision);
    return true;
}

SQLRETURN rs_get_type_info(struct rs_stmt *stmt, SQLSMALLINT data_type)
{
    struct rs_made_rows rows = { .n_columns = 19 };

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    if (data_type != SQL_ALL_TYPES && !rs_sql_type_is_known(data_type)) {
        rs_fail(&stmt->head.diag, RS_HY004, 0, "%d is not an SQL type of ODBC", data_type);
        return SQL_ERROR;
    }
    (void)rs_type_rows(&stmt->dbc->policy, data_type, add_row, &rows);
    return rs_catalog_open(stmt, RS_RESULT_TYPEINFO, &rows);
}
