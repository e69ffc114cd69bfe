#include "catalog_show.h"

enum { TABLES_COLUMNS = 5 };

/* Columns of the result and of the queries. */
enum { T_CATALOG, T_SCHEMA, T_NAME, T_KIND, T_REMARKS };

static const struct rs_call_arg tables_args[] = {
    { RS_ARG_PATTERN, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the table name" },
};
/* ODBC 2 knew no patterns for catalogs. */
static const struct rs_call_arg tables_args_v2[RS_COUNT(tables_args)] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the table name" },
};

static void list_types(struct rs_made_rows *rows)
{
    for (unsigned i = 0; i < RS_TT_COUNT; i++)
        for (size_t column = 0; column < rows->n_columns; column++)
            rs_made_text(rows, column == T_KIND ? rs_table_type_name((enum rs_table_type)i) : NULL);
}

/* SQL_ALL_CATALOGS and its kin are meant only with empty, not with absent other names. */
static bool is_listing(const struct rs_call *call, size_t which)
{
    for (size_t i = 0; i < 3; i++)
        if (!rs_catalog_arg_is(&call->arg[i], i == which ? RS_STR("%") : RS_STR("")))
            return false;
    return true;
}

/* The names are the driver's own words. */
static void add_types(struct rs_call *call, unsigned bits)
{
    const char *before = "";

    rs_buf_adds(&call->sql, ") AS q");
    if (bits == 0) {
        rs_buf_adds(&call->sql, " WHERE 1 = 0");
    } else if (bits != RS_TT_ALL) {
        rs_buf_adds(&call->sql, " WHERE q.kind IN (");
        for (unsigned i = 0; i < RS_TT_COUNT; i++) {
            if ((bits & 1u << i) == 0)
                continue;
            rs_buf_addf(&call->sql, "%s'%s'", before, rs_table_type_name((enum rs_table_type)i));
            before = ", ";
        }
        rs_buf_addc(&call->sql, ')');
    }
    rs_buf_adds(&call->sql, " ORDER BY 4, 1, 2, 3");
}

/* pg_catalog and the views know nothing of what the extra columns tell. */
static bool add_table(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;

    if (!rs_call_copy_row(ctx, cells, diag))
        return false;
    for (size_t i = call->n_columns; i < call->rows.n_columns; i++)
        rs_made_text(&call->rows, NULL);
    return rs_made_ok(&call->rows, diag);
}

/* ---- SHOW TABLES ---- */

static enum rs_table_type kind_of(struct rs_str schema, struct rs_str type)
{
    bool is_view = rs_str_ends_nocase(type, RS_STR("VIEW"));

    if (rs_str_starts_nocase(schema, RS_STR("pg_temp_")))
        return is_view ? RS_TT_TEMPORARY_VIEW : RS_TT_TEMPORARY_TABLE;
    if (rs_str_starts_nocase(type, RS_STR("EXTERNAL")))
        return RS_TT_EXTERNAL_TABLE;
    if (rs_str_starts_nocase(schema, RS_STR("pg_")) ||
        rs_str_eq(schema, RS_STR("information_schema")))
        return is_view ? RS_TT_SYSTEM_VIEW : RS_TT_SYSTEM_TABLE;
    return is_view ? RS_TT_VIEW : RS_TT_TABLE;
}

static bool add_shown(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_str name = rs_cell_str(&cells[T_NAME]);
    enum rs_table_type kind = kind_of(rs_cell_str(&cells[T_SCHEMA]), rs_cell_str(&cells[T_KIND]));

    if (!rs_catalog_arg_takes(&call->arg[T_NAME], name) || (call->kinds & 1u << kind) == 0 ||
        rs_str_starts_nocase(name, RS_STR("mv_tbl__")))
        return true;
    for (size_t i = 0; i < call->rows.n_columns; i++)
        if (i == T_KIND)
            rs_made_text(&call->rows, rs_table_type_name(kind));
        else
            rs_made_cell(&call->rows, &cells[i]);
    return rs_made_ok(&call->rows, diag);
}

static enum rs_tried show_tables(struct rs_call *call, struct rs_diag *diag)
{
    static const char *const names[] = {
        "database_name", "schema_name",       "table_name",         "table_type", "remarks",
        "owner",         "last_altered_time", "last_modified_time", "dist_style", "table_subtype"
    };
    static const struct rs_made_key order[] = {
        { T_KIND, false }, { T_CATALOG, false }, { T_SCHEMA, false }, { T_NAME, false }
    };
    enum rs_tried tried;

    if (!rs_show_object(call, "SHOW TABLES FROM SCHEMA ", 0, 2))
        return RS_TRIED_REFUSED;
    call->names = names;
    call->n_columns = RS_COUNT(names);
    call->row = add_shown;
    tried = rs_call_try(call, "SHOW TABLES", diag);
    if (tried == RS_TRIED_DONE && !rs_made_sort(&call->rows, order, RS_COUNT(order), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

/* ---- searches ---- */

static void restrict_tables(struct rs_call *call, const char *catalog, const char *schema,
                            const char *table)
{
    rs_call_add_condition(call, T_CATALOG, catalog);
    rs_call_add_condition(call, T_SCHEMA, schema);
    rs_call_add_condition(call, T_NAME, table);
}

static bool view_tables(struct rs_call *call, bool is_cross, struct rs_diag *diag)
{
    rs_call_restart(call);
    call->row = add_table;
    call->n_columns = TABLES_COLUMNS;
    rs_call_add_query(call, is_cross ? RS_QUERY_ALL_TABLES : RS_QUERY_SINGLE_TABLES);
    restrict_tables(call, is_cross ? "c.database_name" : "c.table_catalog",
                    is_cross ? "c.schema_name" : "c.table_schema", "c.table_name");
    add_types(call, call->kinds);
    return rs_call_run(call, diag);
}

/* pg_catalog and the external tables in one statement, which a server may refuse to run. */
static enum rs_tried local_tables(struct rs_call *call, struct rs_diag *diag)
{
    struct rs_dbc *dbc = call->stmt->dbc;
    enum rs_tried tried;

    if (dbc->union_refused || !rs_catalog_may_try(dbc))
        return RS_TRIED_REFUSED;
    rs_call_restart(call);
    call->row = add_table;
    call->n_columns = TABLES_COLUMNS;
    rs_call_add_query(call, RS_QUERY_LOCAL_TABLES);
    rs_call_add_tables(call);
    rs_call_add_query(call, RS_QUERY_EXTERNAL_TABLES);
    restrict_tables(call, "current_database()", "e.schemaname", "e.tablename");
    add_types(call, call->kinds);
    tried = rs_call_try(call, "pg_catalog and svv_external_tables", diag);
    dbc->union_refused = tried == RS_TRIED_REFUSED;
    return tried;
}

static bool redshift_tables(struct rs_call *call, const struct rs_catalog_source *source,
                            struct rs_diag *diag)
{
    bool is_cross = source->where == RS_WHERE_CROSS;
    enum rs_tried tried = RS_TRIED_REFUSED;

    call->looks_everywhere = true;
    if (source->may_show && (source->wants_show || rs_catalog_n_extra(call->stmt->dbc) > 0))
        tried = show_tables(call, diag);
    if (tried == RS_TRIED_REFUSED && !is_cross && !source->views_only)
        tried = local_tables(call, diag);
    if (tried == RS_TRIED_REFUSED)
        return view_tables(call, is_cross, diag);
    return tried == RS_TRIED_DONE;
}

static bool search_tables(struct rs_call *call, const struct rs_catalog_source *source,
                          struct rs_str types, struct rs_diag *diag)
{
    if (!rs_call_settle(call, diag))
        return false;
    call->kinds = rs_table_types_parse(types);
    if (source->where != RS_WHERE_CATALOG)
        return redshift_tables(call, source, diag);
    rs_call_add_query(call, RS_QUERY_TABLES);
    rs_call_add_tables(call);
    add_types(call, call->kinds);
    return rs_call_run(call, diag);
}

static bool find_tables(struct rs_call *call, struct rs_str types, struct rs_diag *diag)
{
    struct rs_catalog_source source = rs_catalog_source_of(call->stmt->dbc);

    if (is_listing(call, T_CATALOG))
        rs_call_add_query(call, source.where == RS_WHERE_CROSS ? RS_QUERY_ALL_CATALOGS
                                                               : RS_QUERY_CATALOGS);
    else if (is_listing(call, T_SCHEMA))
        rs_call_add_query(call, source.where == RS_WHERE_CROSS    ? RS_QUERY_ALL_SCHEMAS
                                : source.where == RS_WHERE_SINGLE ? RS_QUERY_SINGLE_SCHEMAS
                                                                  : RS_QUERY_SCHEMAS);
    if (call->sql.len > 0)
        return rs_call_run(call, diag);
    if (is_listing(call, 3) && rs_str_eq(rs_str_trim(types), RS_STR("%"))) {
        list_types(&call->rows);
        return rs_made_ok(&call->rows, diag);
    }
    return search_tables(call, &source, types, diag);
}

SQLRETURN rs_tables(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                    struct rs_text table, struct rs_text types)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_buf list = RS_BUF_INIT(65536);
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, rs_stmt_is_v2(stmt) ? tables_args_v2 : tables_args,
                 RS_COUNT(tables_args), TABLES_COLUMNS + rs_catalog_n_extra(stmt->dbc));
    call.row = rs_catalog_n_extra(stmt->dbc) > 0 ? add_table : rs_call_copy_row;
    call.n_columns = TABLES_COLUMNS;
    if (rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table }, diag) &&
        rs_text_get(types, &list, diag) && find_tables(&call, rs_buf_str(&list), diag))
        rc = rs_call_open(&call, RS_RESULT_TABLES);
    rs_buf_clear(&list);
    rs_call_clear(&call);
    return rc;
}
