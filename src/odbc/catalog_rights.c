#include "acl.h"
#include "catalog_show.h"

/* What the query says of a table or a column: its names, then its owner and its lists. */
struct rights {
    struct rs_call call; /* first: the row function's ctx */
    struct rs_acl acl;
    size_t n_names; /* catalog, schema, table, perhaps column */
};

/* NULL is no list: the table's own then leaves all to the owner, a column's adds nothing. */
static bool read_lists(struct rights *ctx, const struct rs_cell *owner, struct rs_diag *diag)
{
    const struct rs_cell *of_table = owner + 1, *of_column = owner + 2;

    rs_acl_begin(&ctx->acl, rs_cell_str(owner));
    if (!(of_table->n < 0 ? rs_acl_add_default(&ctx->acl, diag)
                          : rs_acl_add(&ctx->acl, rs_cell_str(of_table), diag)))
        return false;
    return !ctx->acl.of_columns || of_column->n < 0 ||
           rs_acl_add(&ctx->acl, rs_cell_str(of_column), diag);
}

static bool add_rights(void *call, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rights *ctx = call;
    struct rs_made_rows *rows = &ctx->call.rows;

    if (!read_lists(ctx, &cells[ctx->n_names], diag))
        return false;
    rs_acl_sort(&ctx->acl);
    for (size_t i = 0; i < ctx->acl.n; i++) {
        const struct rs_grant *grant = &ctx->acl.grants[i];

        for (size_t name = 0; name < ctx->n_names; name++)
            rs_made_cell(rows, &cells[name]);
        rs_made_text(rows, grant->grantor);
        rs_made_text(rows, grant->grantee);
        rs_made_text(rows, grant->privilege);
        rs_made_text(rows, grant->is_grantable ? "YES" : "NO");
    }
    return rs_made_ok(rows, diag);
}

enum { NAMES_OF_TABLE = 3, NAMES_OF_COLUMN = 4, N_GRANT = 4 };

static void rights_init(struct rights *ctx, struct rs_stmt *stmt, const struct rs_call_arg *is,
                        size_t n_names)
{
    bool of_columns = n_names == NAMES_OF_COLUMN;

    rs_call_init(&ctx->call, stmt, is, n_names, n_names + N_GRANT);
    rs_acl_init(&ctx->acl, stmt->dbc->policy.is_redshift, of_columns);
    ctx->n_names = n_names;
}

/* From the lists. */
static void ask_lists(struct rights *ctx)
{
    ctx->call.row = add_rights;
    ctx->call.n_columns = ctx->n_names + (ctx->n_names == NAMES_OF_COLUMN ? 3 : 2);
}

static void rights_clear(struct rights *ctx)
{
    rs_call_clear(&ctx->call);
    rs_acl_clear(&ctx->acl);
}

/* ---- SHOW GRANTS ---- */

/* A column's row has its name more; what it is granted stands behind the names. */
static bool add_shown(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rights *rights = ctx;
    struct rs_call *call = &rights->call;
    const struct rs_cell *grant = &cells[rights->n_names];
    struct rs_str option = rs_cell_str(&grant[3]);
    bool is_grantable = option.n > 0 && rs_str_starts_nocase(RS_STR("true"), option);

    if (rights->n_names == NAMES_OF_COLUMN &&
        !rs_catalog_arg_takes(&call->arg[NAMES_OF_COLUMN - 1], rs_cell_str(&cells[3])))
        return true;
    for (size_t i = 0; i <= rights->n_names; i++)
        rs_made_cell(&call->rows, &cells[i]);
    if (rs_str_eq_nocase(rs_cell_str(&grant[1]), RS_STR("public")))
        rs_made_text(&call->rows, "PUBLIC");
    else
        rs_made_cell(&call->rows, &grant[1]);
    rs_made_cell(&call->rows, &grant[2]);
    rs_made_text(&call->rows, is_grantable ? "YES" : "NO");
    return rs_made_ok(&call->rows, diag);
}

/* Of the connected database the lists tell more: what is the owner's by itself. */
static enum rs_tried show_rights(struct rights *ctx, struct rs_diag *diag)
{
    static const char *const of_table[] = { "database_name", "schema_name",   "object_name",
                                            "grantor_name",  "identity_name", "privilege_type",
                                            "admin_option" };
    static const char *const of_column[] = { "database_name",  "schema_name",  "table_name",
                                             "column_name",    "grantor_name", "identity_name",
                                             "privilege_type", "admin_option" };
    bool is_column = ctx->n_names == NAMES_OF_COLUMN;
    const struct rs_made_key order[] = { { is_column ? 3 : 5, false },
                                         { is_column ? 6 : 4, false },
                                         { is_column ? 5 : 3, false } };
    enum rs_tried tried;

    ctx->call.only_show = true;
    if (!rs_catalog_source_of(ctx->call.stmt->dbc).may_show || !rs_show_is_far(&ctx->call, 0) ||
        !rs_show_object(&ctx->call,
                        is_column ? "SHOW COLUMN GRANTS ON TABLE " : "SHOW GRANTS ON TABLE ", 0,
                        NAMES_OF_TABLE))
        return RS_TRIED_REFUSED;
    ctx->call.names = is_column ? of_column : of_table;
    ctx->call.n_columns = ctx->n_names + N_GRANT;
    ctx->call.row = add_shown;
    tried = rs_call_try(&ctx->call, "SHOW GRANTS", diag);
    if (tried == RS_TRIED_DONE && !rs_made_sort(&ctx->call.rows, order, RS_COUNT(order), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

/* ---- SQLTablePrivileges ---- */

static const struct rs_call_arg table_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the table name" },
};

static bool find_rights(struct rights *ctx, enum rs_query_id query, struct rs_diag *diag)
{
    enum rs_tried tried = show_rights(ctx, diag);

    if (tried != RS_TRIED_REFUSED)
        return tried == RS_TRIED_DONE;
    ask_lists(ctx);
    rs_call_add_query(&ctx->call, query);
    rs_call_add_tables(&ctx->call);
    if (ctx->n_names == NAMES_OF_COLUMN)
        rs_call_add_condition(&ctx->call, NAMES_OF_COLUMN - 1, "a.attname");
    rs_buf_adds(&ctx->call.sql,
                ctx->n_names == NAMES_OF_COLUMN ? " ORDER BY 1, 2, 3, 4" : " ORDER BY 1, 2, 3");
    return rs_call_run(&ctx->call, diag);
}

SQLRETURN rs_table_privileges(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                              struct rs_text table)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rights ctx;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rights_init(&ctx, stmt, table_args, NAMES_OF_TABLE);
    if (rs_call_get(&ctx.call, (const struct rs_text[]){ catalog, schema, table }, diag) &&
        rs_call_settle(&ctx.call, diag) && find_rights(&ctx, RS_QUERY_TABLE_PRIVILEGES, diag))
        rc = rs_call_open(&ctx.call, RS_RESULT_TABLE_PRIVILEGES);
    rights_clear(&ctx);
    return rc;
}

/* ---- SQLColumnPrivileges ---- */

static const struct rs_call_arg column_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_ORDINARY, "the schema name" },
    { RS_ARG_ORDINARY, "the table name" },
    { RS_ARG_PATTERN, "the column name" },
};
enum { ARG_TABLE = 2 };

SQLRETURN rs_column_privileges(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                               struct rs_text table, struct rs_text column)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rights ctx;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rights_init(&ctx, stmt, column_args, NAMES_OF_COLUMN);
    if (rs_call_get(&ctx.call, (const struct rs_text[]){ catalog, schema, table, column }, diag) &&
        rs_call_need(&ctx.call, ARG_TABLE, diag) && rs_call_settle(&ctx.call, diag) &&
        find_rights(&ctx,
                    stmt->dbc->policy.is_redshift ? RS_QUERY_COLUMN_PRIVILEGES_REDSHIFT
                                                  : RS_QUERY_COLUMN_PRIVILEGES_POSTGRES,
                    diag))
        rc = rs_call_open(&ctx.call, RS_RESULT_COLUMN_PRIVILEGES);
    rights_clear(&ctx);
    return rc;
}
