#include "catalog_call.h"

/* ---- SQLPrimaryKeys ---- */

enum { PRIMARY_COLUMNS = 6 };

static const struct rs_call_arg primary_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_ORDINARY, "the schema name" },
    { RS_ARG_ORDINARY, "the table name" },
};

SQLRETURN rs_primary_keys(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                          struct rs_text table)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, primary_args, RS_COUNT(primary_args), PRIMARY_COLUMNS);
    call.row = rs_call_copy_row;
    call.n_columns = PRIMARY_COLUMNS;
    if (!rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table }, diag) ||
        !rs_call_need(&call, 2, diag) || !rs_call_settle(&call, diag))
        goto out;
    rs_call_add_query(&call, RS_QUERY_PRIMARYKEYS);
    rs_call_add_tables(&call);
    rs_buf_adds(&call.sql, " ORDER BY 1, 2, 3, 5");
    if (rs_call_run(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_PRIMARYKEYS);
out:
    rs_call_clear(&call);
    return rc;
}
