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

/* ---- SQLForeignKeys ---- */

enum { FOREIGN_COLUMNS = 14 };

/* Columns of the query and of the result. */
enum { F_UPDATE_RULE = 9, F_DELETE_RULE, F_FK_NAME, F_PK_NAME, F_DEFERRABILITY };

static const struct rs_call_arg foreign_args[] = {
    { RS_ARG_ORDINARY, "the catalog name of the primary key" },
    { RS_ARG_ORDINARY, "the schema name of the primary key" },
    { RS_ARG_ORDINARY, "the table name of the primary key" },
    { RS_ARG_ORDINARY, "the catalog name of the foreign key" },
    { RS_ARG_ORDINARY, "the schema name of the foreign key" },
    { RS_ARG_ORDINARY, "the table name of the foreign key" },
};
enum { PK_TABLE = 2, FK_TABLE = 5 };

/* RESTRICT was ODBC 2's only word for both it and NO ACTION, and is no word of ODBC 3. Redshift
 * enforces nothing. */
static SQLSMALLINT rule_of(const struct rs_call *call, const struct rs_cell *cell)
{
    SQLSMALLINT none = rs_stmt_is_v2(call->stmt) ? SQL_RESTRICT : SQL_NO_ACTION;

    if (call->stmt->dbc->policy.is_redshift || cell->n != 1)
        return none;
    switch (cell->p[0]) {
    case 'c':
        return SQL_CASCADE;
    case 'n':
        return SQL_SET_NULL;
    case 'd':
        return SQL_SET_DEFAULT;
    default:
        return none;
    }
}

static bool add_foreign(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_made_rows *rows = &call->rows;

    for (size_t i = 0; i < F_UPDATE_RULE; i++)
        rs_made_cell(rows, &cells[i]);
    rs_made_int(rows, rule_of(call, &cells[F_UPDATE_RULE]));
    rs_made_int(rows, rule_of(call, &cells[F_DELETE_RULE]));
    rs_made_cell(rows, &cells[F_FK_NAME]);
    rs_made_cell(rows, &cells[F_PK_NAME]);
    if (call->stmt->dbc->policy.is_redshift)
        rs_made_int(rows, SQL_NOT_DEFERRABLE);
    else
        rs_made_cell(rows, &cells[F_DEFERRABILITY]);
    return rs_made_ok(rows, diag);
}

/* One of the tables may be left open, and then all of its name. */
static bool settle_foreign(struct rs_call *call, struct rs_diag *diag)
{
    if (call->arg[FK_TABLE].is_null && !rs_call_need(call, PK_TABLE, diag))
        return false;
    for (size_t i = 0; i < RS_COUNT(foreign_args); i++)
        call->optional[i] = call->arg[i <= PK_TABLE ? PK_TABLE : FK_TABLE].is_null;
    return rs_call_settle(call, diag);
}

static void write_foreign(struct rs_call *call)
{
    rs_call_add_query(call, RS_QUERY_FOREIGNKEYS);
    rs_call_add_condition(call, 0, "current_database()");
    rs_call_add_condition(call, 1, "m.nspname");
    rs_call_add_condition(call, PK_TABLE, "b.relname");
    rs_call_add_condition(call, 3, "current_database()");
    rs_call_add_condition(call, 4, "n.nspname");
    rs_call_add_condition(call, FK_TABLE, "c.relname");
    rs_call_add_seen(call);
    /* PostgreSQL copies a key to a partitioned table for each partition that it points to. */
    if (!call->stmt->dbc->policy.is_redshift)
        rs_buf_adds(&call->sql, " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS u"
                                " WHERE u.oid = o.conparentid AND u.conrelid = o.conrelid)");
    rs_buf_adds(&call->sql, call->arg[PK_TABLE].is_null ? " ORDER BY 1, 2, 3, 9, 12"
                                                        : " ORDER BY 5, 6, 7, 9, 12");
}

SQLRETURN rs_foreign_keys(struct rs_stmt *stmt, const struct rs_text name[6])
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, foreign_args, RS_COUNT(foreign_args), FOREIGN_COLUMNS);
    call.row = add_foreign;
    call.n_columns = FOREIGN_COLUMNS;
    if (!rs_call_get(&call, name, diag) || !settle_foreign(&call, diag))
        goto out;
    write_foreign(&call);
    if (rs_call_run(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_FOREIGNKEYS);
out:
    rs_call_clear(&call);
    return rc;
}
