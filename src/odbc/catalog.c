#include "catalog.h"

#include <string.h>

#include "catalog_call.h"
#include "catalog_show.h"
#include "execute.h"
#include "typename.h"

/* ---- result columns ---- */

enum column_type {
    COLUMN_NAME,
    COLUMN_REMARKS,
    COLUMN_DEFAULT,
    COLUMN_LETTER,
    COLUMN_SMALL,
    COLUMN_INT
};

static const struct catalog_column {
    enum rs_catalog_result result;
    const char *name, *name2;
    enum column_type type;
    SQLSMALLINT nullable;
} catalog_columns[] = {
#define NULLS_NEVER SQL_NO_NULLS
#define NULLS_MAYBE SQL_NULLABLE
#define COLUMN(result, name, name2, type, nulls)                                                   \
    { RS_RESULT_##result, name, name2, COLUMN_##type, NULLS_##nulls },
#include "catalog.def"
#undef NULLS_NEVER
#undef NULLS_MAYBE
};

enum { OID_INT2 = 21, OID_INT4 = 23, OID_BPCHAR = 1042, OID_VARCHAR = 1043, TYPMOD_HEADER = 4 };
enum { NAME_SIZE = 127, DEFAULT_SIZE = 4000, VARCHAR_MAX = 65535 };

/* Remarks are as wide as they can be without becoming a LONG type. */
static int32_t remarks_size(const struct rs_policy *policy)
{
    return policy->max_varchar > 0 && policy->max_varchar < VARCHAR_MAX ? policy->max_varchar
                                                                        : VARCHAR_MAX;
}

static void set_type(struct rs_column *column, enum column_type type,
                     const struct rs_policy *policy)
{
    column->type_oid = OID_VARCHAR;
    column->typmod = -1;
    switch (type) {
    case COLUMN_NAME:
        column->typmod = NAME_SIZE + TYPMOD_HEADER;
        break;
    case COLUMN_REMARKS:
        column->typmod = remarks_size(policy) + TYPMOD_HEADER;
        break;
    case COLUMN_DEFAULT:
        column->typmod = DEFAULT_SIZE + TYPMOD_HEADER;
        break;
    case COLUMN_LETTER:
        column->type_oid = OID_BPCHAR;
        column->typmod = 1 + TYPMOD_HEADER;
        break;
    case COLUMN_SMALL:
        column->type_oid = OID_INT2;
        break;
    case COLUMN_INT:
        column->type_oid = OID_INT4;
        break;
    }
    rs_type_describe(policy, column->type_oid, column->typmod, &column->typed);
}

static size_t count_columns(enum rs_catalog_result result)
{
    size_t n = 0;

    for (size_t i = 0; i < RS_COUNT(catalog_columns); i++)
        n += catalog_columns[i].result == result;
    return n;
}

size_t rs_catalog_n_extra(const struct rs_dbc *dbc)
{
    return dbc->policy.is_redshift && dbc->settings.extra_catalog_columns ? RS_CATALOG_EXTRA : 0;
}

/* Appends the columns of that result. */
static bool add_columns(struct rs_columns *made, enum rs_catalog_result result,
                        const struct rs_dbc *dbc, struct rs_diag *diag)
{
    bool is_v2 = rs_dbc_is_v2(dbc);

    for (size_t i = 0; i < RS_COUNT(catalog_columns); i++) {
        const struct catalog_column *from = &catalog_columns[i];
        struct rs_column *column = &made->at[made->n];

        if (from->result != result)
            continue;
        column->label = rs_str_dup(rs_str_of(is_v2 ? from->name2 : from->name), diag);
        if (column->label == NULL)
            return false;
        column->nullable = from->nullable;
        set_type(column, from->type, &dbc->policy);
        made->n++;
    }
    return true;
}

bool rs_catalog_columns(struct rs_columns *columns, enum rs_catalog_result result,
                        const struct rs_dbc *dbc, struct rs_diag *diag)
{
    struct rs_columns made = { .n = 0 };
    bool has_extra =
        (result == RS_RESULT_TABLES || result == RS_RESULT_COLUMNS) && rs_catalog_n_extra(dbc) > 0;
    enum rs_catalog_result extra =
        result == RS_RESULT_TABLES ? RS_RESULT_TABLES_EXTRA : RS_RESULT_COLUMNS_EXTRA;

    made.at = rs_alloc(count_columns(result) + (has_extra ? count_columns(extra) : 0),
                       sizeof *made.at, diag);
    if (made.at == NULL)
        return false;
    if (!add_columns(&made, result, dbc, diag) ||
        (has_extra && !add_columns(&made, extra, dbc, diag))) {
        rs_columns_clear(&made);
        return false;
    }
    *columns = made;
    return true;
}

/* ---- what all catalog functions do ---- */

bool rs_catalog_enter(struct rs_stmt *stmt)
{
    if (!rs_stmt_is_idle(stmt) || !rs_stmt_no_cursor(stmt))
        return false;
    rs_stmt_forget(stmt);
    return true;
}

SQLRETURN rs_catalog_open(struct rs_stmt *stmt, enum rs_catalog_result result,
                          struct rs_made_rows *rows)
{
    struct rs_columns columns = { .n = 0 };

    if (!rs_made_ok(rows, &stmt->head.diag) ||
        !rs_catalog_columns(&columns, result, stmt->dbc, &stmt->head.diag)) {
        rs_made_clear(rows);
        return SQL_ERROR;
    }
    return rs_stmt_open_made(stmt, rows, &columns);
}

/* ---- SQLColumns ---- */

enum { COLUMNS_COLUMNS = 18, COLUMNS_QUERY_COLUMNS = 10, COLUMNS_NAMED_COLUMNS = 14 };

static const struct rs_call_arg columns_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the table name" },
    { RS_ARG_PATTERN, "the column name" },
};

/* Columns of the queries; those of Redshift say whether a column may be NULL by a word. */
enum {
    Q_CATALOG,
    Q_SCHEMA,
    Q_TABLE,
    Q_COLUMN,
    Q_OID,
    Q_TYPMOD,
    Q_NOT_NULL,
    Q_REMARKS,
    Q_DEFAULT,
    Q_NUMBER,
    Q_TYPE,
    Q_LENGTH,
    Q_PRECISION,
    Q_SCALE
};

/* NULL::character varying, and the like: a default of NULL is the bare word (ODBC, SQLColumns). */
static bool is_null_default(struct rs_str text)
{
    struct rs_str rest = rs_str_sub(text, 6, text.n);

    if (!rs_str_starts_nocase(text, RS_STR("NULL::")))
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (!rs_is_alnum(rest.p[i]) && memchr("_ (),.\"[]", rest.p[i], 9) == NULL)
            return false;
    return true;
}

static void add_default(struct rs_made_rows *rows, struct rs_cell cell)
{
    if (cell.n > 0 && is_null_default((struct rs_str){ cell.p, (size_t)cell.n }))
        rs_made_text(rows, "NULL");
    else
        rs_made_cell(rows, &cell);
}

void rs_catalog_add_described(struct rs_made_rows *rows, const struct rs_policy *policy,
                              const struct rs_described *of)
{
    struct rs_typed typed;

    rs_type_describe(policy, of->type_oid, of->typmod, &typed);
    rs_made_int(rows, typed.concise_type);
    if (of->type_name.n > 0)
        rs_made_add(rows, of->type_name.p, (int32_t)of->type_name.n);
    else
        rs_made_text(rows, typed.type_name);
    rs_made_int(rows, (int64_t)typed.column_size);
    rs_made_int(rows, typed.octet_length);
    rs_made_int_if(rows, typed.has_digits, typed.decimal_digits);
    rs_made_int_if(rows, typed.radix != 0, typed.radix);
    rs_made_int(rows, of->not_null ? SQL_NO_NULLS : SQL_NULLABLE);
    rs_made_cell(rows, &of->remarks);
    add_default(rows, of->default_text);
    rs_made_int(rows, typed.verbose_type);
    rs_made_int_if(rows, typed.datetime_code != 0, typed.datetime_code);
    rs_made_int_if(rows, rs_has_char_octets(typed.concise_type), typed.octet_length);
    rs_made_int(rows, of->ordinal);
    rs_made_text(rows, of->not_null ? "NO" : "YES");
}

static bool add_column(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_described described = {
        .type_oid = (uint32_t)rs_cell_int(&cells[Q_OID], 0),
        .typmod = (int32_t)rs_cell_int(&cells[Q_TYPMOD], -1),
        .not_null = rs_cell_int(&cells[Q_NOT_NULL], 0) != 0,
        .remarks = cells[Q_REMARKS],
        .default_text = cells[Q_DEFAULT],
        .ordinal = rs_cell_int(&cells[Q_NUMBER], 0),
    };

    for (size_t i = Q_CATALOG; i <= Q_COLUMN; i++)
        rs_made_cell(&call->rows, &cells[i]);
    rs_catalog_add_described(&call->rows, &call->stmt->dbc->policy, &described);
    return rs_made_ok(&call->rows, diag);
}

/* pg_catalog does not know what the extra columns tell. */
static bool add_extra_column(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;

    if (!add_column(ctx, cells, diag))
        return false;
    for (size_t i = 0; i < RS_CATALOG_EXTRA; i++)
        rs_made_text(&call->rows, NULL);
    return rs_made_ok(&call->rows, diag);
}

/* ---- SQLColumns on Redshift ---- */

void rs_described_by_name(struct rs_described *of, struct rs_str name,
                          const struct rs_type_sizes *sizes)
{
    struct rs_type_found found = rs_type_by_name(name, sizes);

    of->type_oid = found.oid;
    of->typmod = found.typmod;
    of->type_name = found.is_known ? RS_STR("") : name;
}

static bool add_redshift_column(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_described described = {
        .type_oid = (uint32_t)rs_cell_int(&cells[Q_OID], 0),
        .typmod = (int32_t)rs_cell_int(&cells[Q_TYPMOD], -1),
        .not_null = rs_str_eq_nocase(rs_cell_str(&cells[Q_NOT_NULL]), RS_STR("no")),
        .remarks = cells[Q_REMARKS],
        .default_text = cells[Q_DEFAULT],
        .ordinal = rs_cell_int(&cells[Q_NUMBER], 0),
    };
    struct rs_type_sizes sizes = {
        .length = rs_cell_int(&cells[Q_LENGTH], -1),
        .precision = rs_cell_int(&cells[Q_PRECISION], -1),
        .scale = rs_cell_int(&cells[Q_SCALE], -1),
    };

    if (!rs_catalog_arg_takes(&call->arg[3], rs_cell_str(&cells[Q_COLUMN])))
        return true;
    if (cells[Q_TYPE].n >= 0)
        rs_described_by_name(&described, rs_cell_str(&cells[Q_TYPE]), &sizes);
    for (size_t i = Q_CATALOG; i <= Q_COLUMN; i++)
        rs_made_cell(&call->rows, &cells[i]);
    rs_catalog_add_described(&call->rows, &call->stmt->dbc->policy, &described);
    for (size_t i = 0; i < rs_catalog_n_extra(call->stmt->dbc); i++)
        if (call->n_columns > COLUMNS_NAMED_COLUMNS)
            rs_made_cell(&call->rows, &cells[COLUMNS_NAMED_COLUMNS + i]);
        else
            rs_made_text(&call->rows, NULL);
    return rs_made_ok(&call->rows, diag);
}

/* Here is all that a view may lack. */
static enum rs_tried show_columns(struct rs_call *call, struct rs_diag *diag)
{
    static const char *const names[] = {
        "database_name",
        "schema_name",
        "table_name",
        "column_name",
        "",
        "",
        "is_nullable",
        "remarks",
        "column_default",
        "ordinal_position",
        "data_type",
        "character_maximum_length",
        "numeric_precision",
        "numeric_scale",
        "sort_key_type",
        "sort_key",
        "dist_key",
        "encoding",
        "collation",
    };
    static const struct rs_made_key order[] = { { 16, true } };
    enum rs_tried tried;

    if (!rs_show_object(call, "SHOW COLUMNS FROM TABLE ", 0, 3))
        return RS_TRIED_REFUSED;
    call->names = names;
    call->n_columns = RS_COUNT(names);
    tried = rs_call_try(call, "SHOW COLUMNS", diag);
    if (tried == RS_TRIED_DONE && !rs_made_sort(&call->rows, order, RS_COUNT(order), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

static void restrict_columns(struct rs_call *call, const char *const column[4])
{
    for (size_t i = 0; i < 4; i++)
        rs_call_add_condition(call, i, column[i]);
}

/* The columns of tables and views of pg_catalog with those of late-bound views; where that schema
 * has none of them it may be an external one. */
static bool local_columns(struct rs_call *call, struct rs_diag *diag)
{
    static const char *const late[] = { "current_database()", "l.view_schema", "l.view_name",
                                        "l.col_name" };
    static const char *const external[] = { "current_database()", "e.schemaname", "e.tablename",
                                            "e.columnname" };

    rs_call_add_query(call, RS_QUERY_LOCAL_COLUMNS);
    rs_call_add_tables(call);
    rs_call_add_condition(call, 3, "a.attname");
    rs_call_add_query(call, RS_QUERY_LATE_COLUMNS);
    restrict_columns(call, late);
    rs_buf_adds(&call->sql, ") AS q ORDER BY 1, 2, 3, 10");
    if (!rs_call_run(call, diag))
        return false;
    if (call->rows.n_rows > 0)
        return true;
    rs_call_restart(call);
    rs_call_add_query(call, RS_QUERY_EXTERNAL_COLUMNS);
    restrict_columns(call, external);
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 10");
    return rs_call_run(call, diag);
}

static bool view_columns(struct rs_call *call, bool is_cross, struct rs_diag *diag)
{
    static const char *const all[] = { "c.database_name", "c.schema_name", "c.table_name",
                                       "c.column_name" };
    static const char *const single[] = { "c.table_catalog", "c.table_schema", "c.table_name",
                                          "c.column_name" };

    rs_call_add_query(call, is_cross ? RS_QUERY_ALL_COLUMNS : RS_QUERY_SINGLE_COLUMNS);
    restrict_columns(call, is_cross ? all : single);
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 10");
    return rs_call_run(call, diag);
}

static bool redshift_columns(struct rs_call *call, const struct rs_catalog_source *source,
                             struct rs_diag *diag)
{
    bool is_cross = source->where == RS_WHERE_CROSS;

    call->row = add_redshift_column;
    call->looks_everywhere = true;
    if (source->may_show &&
        (source->wants_show || is_cross || rs_catalog_n_extra(call->stmt->dbc) > 0)) {
        enum rs_tried tried = show_columns(call, diag);

        if (tried != RS_TRIED_REFUSED)
            return tried == RS_TRIED_DONE;
    }
    rs_call_restart(call);
    call->n_columns = COLUMNS_NAMED_COLUMNS;
    if (is_cross || source->views_only || !rs_catalog_arg_is_one(&call->arg[1]))
        return view_columns(call, is_cross, diag);
    return local_columns(call, diag);
}

static bool find_columns(struct rs_call *call, struct rs_diag *diag)
{
    struct rs_catalog_source source = rs_catalog_source_of(call->stmt->dbc);

    if (source.where != RS_WHERE_CATALOG)
        return redshift_columns(call, &source, diag);
    call->row = rs_catalog_n_extra(call->stmt->dbc) > 0 ? add_extra_column : add_column;
    call->n_columns = COLUMNS_QUERY_COLUMNS;
    rs_call_add_query(call, RS_QUERY_COLUMNS);
    rs_call_add_tables(call);
    rs_call_add_condition(call, 3, "a.attname");
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 10");
    return rs_call_run(call, diag);
}

SQLRETURN rs_columns_of(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, struct rs_text column)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, columns_args, RS_COUNT(columns_args),
                 COLUMNS_COLUMNS + rs_catalog_n_extra(stmt->dbc));
    if (rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table, column }, diag) &&
        rs_call_settle(&call, diag) && find_columns(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_COLUMNS);
    rs_call_clear(&call);
    return rc;
}
