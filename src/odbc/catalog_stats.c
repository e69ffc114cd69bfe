#include "catalog_call.h"

static const struct rs_call_arg table_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_ORDINARY, "the schema name" },
    { RS_ARG_ORDINARY, "the table name" },
};
enum { ARG_TABLE = 2 };

/* ---- SQLStatistics ---- */

enum { STATISTICS_COLUMNS = 13, S_PAGES = 11 };

static bool check_statistics(SQLUSMALLINT unique, SQLUSMALLINT reserved, struct rs_diag *diag)
{
    if (unique != SQL_INDEX_UNIQUE && unique != SQL_INDEX_ALL)
        return rs_fail(diag, RS_HY100, 0, "%u is neither SQL_INDEX_UNIQUE nor SQL_INDEX_ALL",
                       (unsigned)unique);
    if (reserved != SQL_QUICK && reserved != SQL_ENSURE)
        return rs_fail(diag, RS_HY101, 0, "%u is neither SQL_QUICK nor SQL_ENSURE",
                       (unsigned)reserved);
    return true;
}

/* Redshift counts no pages where anybody may look. */
static bool add_statistic(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;

    for (size_t i = 0; i < STATISTICS_COLUMNS; i++)
        if (i == S_PAGES && call->stmt->dbc->policy.is_redshift)
            rs_made_text(&call->rows, NULL);
        else
            rs_made_cell(&call->rows, &cells[i]);
    return rs_made_ok(&call->rows, diag);
}

static void write_statistics(struct rs_call *call, SQLUSMALLINT unique)
{
    const struct rs_dbc *dbc = call->stmt->dbc;

    rs_call_add_query(call, RS_QUERY_TABLESTAT);
    rs_call_add_tables(call);
    if (!dbc->policy.is_redshift) {
        rs_call_add_query(call, RS_QUERY_INDEXES);
        if (unique == SQL_INDEX_UNIQUE)
            rs_buf_adds(&call->sql, " AND x.indisunique");
        rs_call_add_tables(call);
    } else if (dbc->settings.keys_as_indexes) {
        rs_call_add_query(call, RS_QUERY_KEYINDEX);
        rs_call_add_tables(call);
    }
    /* what is told of the table itself has no NON_UNIQUE and comes first */
    rs_buf_adds(&call->sql, ") AS q ORDER BY COALESCE(q.non_unique, -1), q.kind, q.schem, q.idx,"
                            " q.seq");
}

/* SQL_ENSURE is given what SQL_QUICK is: to count would be to read the table. */
SQLRETURN rs_statistics(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, SQLUSMALLINT unique, SQLUSMALLINT reserved)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt) || !check_statistics(unique, reserved, diag))
        return SQL_ERROR;
    rs_call_init(&call, stmt, table_args, RS_COUNT(table_args), STATISTICS_COLUMNS);
    call.row = add_statistic;
    call.n_columns = STATISTICS_COLUMNS;
    if (!rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table }, diag) ||
        !rs_call_need(&call, ARG_TABLE, diag) || !rs_call_settle(&call, diag))
        goto out;
    write_statistics(&call, unique);
    if (rs_call_run(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_STATISTICS);
out:
    rs_call_clear(&call);
    return rc;
}
