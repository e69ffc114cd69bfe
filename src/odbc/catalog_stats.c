#include "catalog_call.h"

static const struct rs_call_arg table_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_ORDINARY, "the schema name" },
    { RS_ARG_ORDINARY, "the table name" },
};
enum { ARG_SCHEMA = 1, ARG_TABLE };

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

/* ---- SQLSpecialColumns ---- */

enum { SPECIAL_COLUMNS = 8 };

/* Columns of the query. */
enum { P_SCOPE, P_NAME, P_OID, P_TYPMOD, P_PSEUDO, P_PLACE, SPECIAL_QUERY_COLUMNS };

static bool check_special(SQLUSMALLINT kind, SQLUSMALLINT scope, SQLUSMALLINT nullable,
                          struct rs_diag *diag)
{
    if (kind != SQL_BEST_ROWID && kind != SQL_ROWVER)
        return rs_fail(diag, RS_HY097, 0, "%u is neither SQL_BEST_ROWID nor SQL_ROWVER",
                       (unsigned)kind);
    if (scope > SQL_SCOPE_SESSION)
        return rs_fail(diag, RS_HY098, 0, "%u is no scope of a row's identity", (unsigned)scope);
    if (nullable != SQL_NO_NULLS && nullable != SQL_NULLABLE)
        return rs_fail(diag, RS_HY099, 0, "%u is neither SQL_NO_NULLS nor SQL_NULLABLE",
                       (unsigned)nullable);
    return true;
}

static bool add_special(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_made_rows *rows = &call->rows;
    struct rs_typed typed;

    rs_type_describe(&call->stmt->dbc->policy, (uint32_t)rs_cell_int(&cells[P_OID], 0),
                     (int32_t)rs_cell_int(&cells[P_TYPMOD], -1), &typed);
    rs_made_cell(rows, &cells[P_SCOPE]);
    rs_made_cell(rows, &cells[P_NAME]);
    rs_made_int(rows, typed.concise_type);
    rs_made_text(rows, typed.type_name);
    rs_made_int(rows, (int64_t)typed.column_size);
    rs_made_int(rows, typed.octet_length);
    rs_made_int_if(rows, typed.has_digits, typed.decimal_digits);
    rs_made_cell(rows, &cells[P_PSEUDO]);
    return rs_made_ok(rows, diag);
}

/* The rows do not tell their table, so there must be one: without a schema it is the one that the
 * name alone means. */
static bool run_special(struct rs_call *call, SQLUSMALLINT kind, struct rs_diag *diag)
{
    rs_call_add_query(call, kind == SQL_BEST_ROWID ? RS_QUERY_ROWID : RS_QUERY_ROWVER);
    rs_call_add_tables(call);
    if (call->arg[ARG_SCHEMA].is_null)
        rs_buf_adds(&call->sql, " AND pg_catalog.pg_table_is_visible(c.oid)");
    rs_buf_adds(&call->sql, " ORDER BY 6");
    return rs_call_run(call, diag);
}

/*
 * The key lasts as long as anybody may ask for, and its columns are never NULL: neither scope nor
 * nullable leaves anything out. Redshift has no column that changes with the row.
 */
SQLRETURN rs_special_columns(struct rs_stmt *stmt, SQLUSMALLINT kind, const struct rs_text name[3],
                             SQLUSMALLINT scope, SQLUSMALLINT nullable)
{
    struct rs_diag *diag = &stmt->head.diag;
    bool is_empty = kind == SQL_ROWVER && stmt->dbc->policy.is_redshift;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt) || !check_special(kind, scope, nullable, diag))
        return SQL_ERROR;
    rs_call_init(&call, stmt, table_args, RS_COUNT(table_args), SPECIAL_COLUMNS);
    call.row = add_special;
    call.n_columns = SPECIAL_QUERY_COLUMNS;
    if (rs_call_get(&call, name, diag) && rs_call_need(&call, ARG_TABLE, diag) &&
        rs_call_settle(&call, diag) && (is_empty || run_special(&call, kind, diag)))
        rc = rs_call_open(&call, RS_RESULT_SPECIAL);
    rs_call_clear(&call);
    return rc;
}
