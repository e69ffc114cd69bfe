#include "catalog_show.h"

/* ---- SQLPrimaryKeys ---- */

enum { PRIMARY_COLUMNS = 6 };

static const struct rs_call_arg primary_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_ORDINARY, "the schema name" },
    { RS_ARG_ORDINARY, "the table name" },
};

static enum rs_tried show_primary(struct rs_call *call, struct rs_diag *diag)
{
    static const char *const names[PRIMARY_COLUMNS] = { "database_name", "schema_name",
                                                        "table_name",    "column_name",
                                                        "key_seq",       "pk_name" };
    static const struct rs_made_key order[] = { { 4, true } };
    enum rs_tried tried;

    call->only_show = rs_show_is_far(call, 0);
    if (!rs_show_is_needed(call, 0) ||
        !rs_show_object(call, "SHOW CONSTRAINTS PRIMARY KEYS FROM TABLE ", 0, 3))
        return RS_TRIED_REFUSED;
    call->names = names;
    tried = rs_call_try(call, "SHOW CONSTRAINTS", diag);
    if (tried == RS_TRIED_DONE && !rs_made_sort(&call->rows, order, RS_COUNT(order), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

static bool find_primary(struct rs_call *call, struct rs_diag *diag)
{
    enum rs_tried tried = show_primary(call, diag);

    if (tried != RS_TRIED_REFUSED)
        return tried == RS_TRIED_DONE;
    rs_call_add_query(call, RS_QUERY_PRIMARYKEYS);
    rs_call_add_tables(call);
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 5");
    return rs_call_run(call, diag);
}

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
    if (rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table }, diag) &&
        rs_call_need(&call, 2, diag) && rs_call_settle(&call, diag) && find_primary(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_PRIMARYKEYS);
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

/* The side that was not asked for is filtered here. */
static bool add_shown_foreign(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;

    for (size_t i = 0; i <= PK_TABLE; i++)
        if (!rs_catalog_arg_takes(&call->arg[i], rs_cell_str(&cells[i])))
            return true;
    return add_foreign(ctx, cells, diag);
}

static enum rs_tried show_foreign(struct rs_call *call, struct rs_diag *diag)
{
    static const char *const names[FOREIGN_COLUMNS] = {
        "pk_database_name", "pk_schema_name", "pk_table_name", "pk_column_name",
        "fk_database_name", "fk_schema_name", "fk_table_name", "fk_column_name",
        "key_seq",          "update_rule",    "delete_rule",   "fk_name",
        "pk_name",          "deferrability"
    };
    static const struct rs_made_key by_primary[] = { { 0, false },
                                                     { 1, false },
                                                     { 2, false },
                                                     { 8, true },
                                                     { F_FK_NAME, false } },
                                    by_foreign[] = { { 4, false },
                                                     { 5, false },
                                                     { 6, false },
                                                     { 8, true },
                                                     { F_FK_NAME, false } };
    bool is_exported = call->arg[FK_TABLE].is_null;
    size_t first = is_exported ? 0 : 3;
    enum rs_tried tried;

    call->only_show = rs_show_is_far(call, first);
    if (!rs_show_is_needed(call, first) ||
        !rs_show_object(call,
                        is_exported ? "SHOW CONSTRAINTS FOREIGN KEYS EXPORTED FROM TABLE "
                                    : "SHOW CONSTRAINTS FOREIGN KEYS FROM TABLE ",
                        first, 3))
        return RS_TRIED_REFUSED;
    call->names = names;
    call->row = add_shown_foreign;
    tried = rs_call_try(call, "SHOW CONSTRAINTS", diag);
    if (tried == RS_TRIED_DONE &&
        !rs_made_sort(&call->rows, call->arg[PK_TABLE].is_null ? by_primary : by_foreign,
                      RS_COUNT(by_primary), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

static bool find_foreign(struct rs_call *call, struct rs_diag *diag)
{
    enum rs_tried tried = show_foreign(call, diag);

    if (tried != RS_TRIED_REFUSED)
        return tried == RS_TRIED_DONE;
    call->row = add_foreign;
    write_foreign(call);
    return rs_call_run(call, diag);
}

SQLRETURN rs_foreign_keys(struct rs_stmt *stmt, const struct rs_text name[6])
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, foreign_args, RS_COUNT(foreign_args), FOREIGN_COLUMNS);
    call.n_columns = FOREIGN_COLUMNS;
    if (rs_call_get(&call, name, diag) && settle_foreign(&call, diag) && find_foreign(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_FOREIGNKEYS);
    rs_call_clear(&call);
    return rc;
}
