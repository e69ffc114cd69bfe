#include "catalog.h"

#include <string.h>

#include "catalog_args.h"
#include "execute.h"
#include "info.h"
#include "query.h"

enum { MAX_ARGS = 4, QUERY_MAX_BYTES = 16384 };

/* ---- result columns ---- */

enum column_type { COLUMN_NAME, COLUMN_REMARKS, COLUMN_DEFAULT, COLUMN_SMALL, COLUMN_INT };

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

enum { OID_INT2 = 21, OID_INT4 = 23, OID_VARCHAR = 1043, TYPMOD_HEADER = 4 };
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

bool rs_catalog_columns(struct rs_columns *columns, enum rs_catalog_result result,
                        const struct rs_dbc *dbc, struct rs_diag *diag)
{
    struct rs_columns made = { .n = 0 };
    bool is_v2 = rs_dbc_is_v2(dbc);

    made.at = rs_alloc(count_columns(result), sizeof *made.at, diag);
    if (made.at == NULL)
        return false;
    for (size_t i = 0; i < RS_COUNT(catalog_columns); i++) {
        const struct catalog_column *from = &catalog_columns[i];
        struct rs_column *column = &made.at[made.n];

        if (from->result != result)
            continue;
        column->label = rs_str_dup(rs_str_of(is_v2 ? from->name2 : from->name), diag);
        if (column->label == NULL) {
            rs_columns_clear(&made);
            return false;
        }
        column->nullable = from->nullable;
        set_type(column, from->type, &dbc->policy);
        made.n++;
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

/* One call: its arguments, its query, its rows. */
struct call {
    struct rs_stmt *stmt;
    struct rs_catalog_arg arg[MAX_ARGS];
    size_t n_args;
    struct rs_buf sql;
    struct rs_param param[MAX_ARGS];
    size_t n_params;
    struct rs_made_rows rows;
    rs_query_row_fn *row; /* its ctx is the call */
    size_t n_columns;     /* of the query */
};

static void call_init(struct call *call, struct rs_stmt *stmt, size_t n_args, size_t made_columns)
{
    *call = (struct call){
        .stmt = stmt,
        .n_args = n_args,
        .sql = RS_BUF_INIT(QUERY_MAX_BYTES),
        .rows = { .n_columns = made_columns },
    };
    for (size_t i = 0; i < n_args; i++)
        call->arg[i] = (struct rs_catalog_arg)RS_CATALOG_ARG_INIT;
}

static void call_clear(struct call *call)
{
    for (size_t i = 0; i < call->n_args; i++)
        rs_catalog_arg_clear(&call->arg[i]);
    rs_buf_clear(&call->sql);
    rs_made_clear(&call->rows);
}

/* Identifiers always fold; patterns and ordinary arguments only where the server folded even
 * quoted names when they were made. */
static struct rs_arg_rules call_rules(struct call *call)
{
    struct rs_dbc *dbc = call->stmt->dbc;
    struct rs_arg_rules rules = {
        .is_identifier = call->stmt->attrs.metadata_id == SQL_TRUE,
        .name_max = rs_name_max(&dbc->policy),
    };
    bool has_upper = false;

    for (size_t i = 0; i < call->n_args; i++)
        has_upper = has_upper || rs_catalog_arg_has_upper(&call->arg[i]);
    rules.folds = dbc->policy.is_redshift && dbc->settings.catalog_fold_case &&
                  !rules.is_identifier && has_upper && !rs_query_keeps_case(dbc, call->stmt);
    return rules;
}

static const char *const arg_names[MAX_ARGS] = { "the catalog name", "the schema name",
                                                 "the table name", "the column name" };

static bool call_settle(struct call *call, enum rs_arg_kind catalog_kind, struct rs_diag *diag)
{
    struct rs_arg_rules rules = call_rules(call);

    for (size_t i = 0; i < call->n_args; i++)
        if (!rs_catalog_arg_settle(&call->arg[i], i == 0 ? catalog_kind : RS_ARG_PATTERN, &rules,
                                   arg_names[i], diag))
            return false;
    return true;
}

/* AND column LIKE $n or = $n, where the argument restricts anything. */
static void add_condition(struct call *call, size_t i, const char *column)
{
    const struct rs_catalog_arg *arg = &call->arg[i];

    if (arg->match == RS_MATCH_ALL)
        return;
    call->param[call->n_params++] = (struct rs_param){
        .type_oid = OID_VARCHAR,
        .p = arg->text.p,
        .n = (int32_t)arg->text.len,
    };
    rs_buf_addf(&call->sql, " AND %s %s $%zu", column, arg->match == RS_MATCH_LIKE ? "LIKE" : "=",
                call->n_params);
}

/* Where tables are looked for, the same in every function. */
static void add_conditions(struct call *call)
{
    const struct rs_policy *policy = &call->stmt->dbc->policy;

    add_condition(call, 0, "current_database()");
    add_condition(call, 1, "n.nspname");
    add_condition(call, 2, "c.relname");
    if (call->n_args > 3)
        add_condition(call, 3, "a.attname");
    if (policy->is_redshift)
        rs_buf_adds(&call->sql, " AND substr(CAST(c.relname AS varchar), 1, 8) <> 'mv_tbl__'");
    else
        rs_buf_adds(&call->sql, " AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)");
}

static bool call_run(struct call *call, struct rs_diag *diag)
{
    struct rs_stmt *stmt = call->stmt;
    int64_t timeout_s =
        stmt->attrs.query_timeout_s > INT32_MAX ? INT32_MAX : (int64_t)stmt->attrs.query_timeout_s;
    struct rs_query query = {
        .dbc = stmt->dbc,
        .stmt = stmt,
        .sql = rs_buf_str(&call->sql),
        .params = call->param,
        .n_params = call->n_params,
        .n_columns = call->n_columns,
        .deadline = rs_deadline_in(timeout_s * 1000),
    };

    /* A read-only wish must reach the server before the transaction that this may begin. */
    if (!rs_buf_ok(&call->sql, diag) || !rs_stmt_before_wire(stmt))
        return false;
    query.begin = rs_dbc_begin(stmt->dbc);
    if (rs_query_run(&query, call->row, call, diag))
        return true;
    rs_dbc_after_error(stmt->dbc, diag);
    return false;
}

static void add_cell(struct rs_made_rows *rows, const struct rs_cell *cell)
{
    rs_made_add(rows, cell->p, cell->n);
}

static const struct {
    struct rs_str text;
} queries[] = {
#define QUERY(id, query) { { query, sizeof(query) - 1 } },
#include "catalog.def"
};
enum query_id {
#define QUERY(id, query) QUERY_##id,
#include "catalog.def"
};

/* ---- SQLTables ---- */

enum { TABLES_COLUMNS = 5 };

static bool add_table(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_made_rows *rows = &((struct call *)ctx)->rows;

    for (size_t i = 0; i < TABLES_COLUMNS; i++)
        add_cell(rows, &cells[i]);
    return rs_made_ok(rows, diag);
}

static void list_types(struct rs_made_rows *rows)
{
    for (unsigned i = 0; i < RS_TT_COUNT; i++)
        for (size_t column = 0; column < TABLES_COLUMNS; column++)
            rs_made_text(rows, column == 3 ? rs_table_type_name((enum rs_table_type)i) : NULL);
}

/* SQL_ALL_CATALOGS and its kin are meant only with empty, not with absent other names. */
static bool is_listing(const struct call *call, size_t which)
{
    for (size_t i = 0; i < 3; i++)
        if (!rs_catalog_arg_is(&call->arg[i], i == which ? RS_STR("%") : RS_STR("")))
            return false;
    return true;
}

/* The names are the driver's own words. */
static void add_types(struct call *call, unsigned bits)
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

static bool search_tables(struct call *call, struct rs_str types, struct rs_diag *diag)
{
    /* ODBC 2 knew no patterns for catalogs. */
    enum rs_arg_kind catalog = rs_stmt_is_v2(call->stmt) ? RS_ARG_ORDINARY : RS_ARG_PATTERN;

    if (!call_settle(call, catalog, diag))
        return false;
    rs_buf_add(&call->sql, queries[QUERY_TABLES].text);
    add_conditions(call);
    add_types(call, rs_table_types_parse(types));
    return call_run(call, diag);
}

static bool find_tables(struct call *call, struct rs_str types, struct rs_diag *diag)
{
    if (is_listing(call, 0))
        rs_buf_add(&call->sql, queries[QUERY_CATALOGS].text);
    else if (is_listing(call, 1))
        rs_buf_add(&call->sql, queries[QUERY_SCHEMAS].text);
    if (call->sql.len > 0)
        return call_run(call, diag);
    if (is_listing(call, 3) && rs_str_eq(rs_str_trim(types), RS_STR("%"))) {
        list_types(&call->rows);
        return rs_made_ok(&call->rows, diag);
    }
    return search_tables(call, types, diag);
}

SQLRETURN rs_tables(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                    struct rs_text table, struct rs_text types)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_buf list = RS_BUF_INIT(65536);
    struct call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    call_init(&call, stmt, 3, TABLES_COLUMNS);
    call.row = add_table;
    call.n_columns = TABLES_COLUMNS;
    if (rs_catalog_arg_get(&call.arg[0], catalog, diag) &&
        rs_catalog_arg_get(&call.arg[1], schema, diag) &&
        rs_catalog_arg_get(&call.arg[2], table, diag) && rs_text_get(types, &list, diag) &&
        find_tables(&call, rs_buf_str(&list), diag)) {
        rc = rs_catalog_open(stmt, RS_RESULT_TABLES, &call.rows);
        call.rows = (struct rs_made_rows){ .n_columns = 0 };
    }
    rs_buf_clear(&list);
    call_clear(&call);
    return rc;
}

/* ---- SQLColumns ---- */

enum { COLUMNS_COLUMNS = 18, COLUMNS_QUERY_COLUMNS = 10 };

/* Columns of the query. */
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
    Q_NUMBER
};

static int64_t cell_int(const struct rs_cell *cell, int64_t otherwise)
{
    int64_t value;

    if (cell->n <= 0 || !rs_parse_i64((struct rs_str){ cell->p, (size_t)cell->n }, &value))
        return otherwise;
    return value;
}

static bool has_char_octets(SQLSMALLINT sql_type)
{
    switch (sql_type) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY:
        return true;
    default:
        return false;
    }
}

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

static void add_default(struct rs_made_rows *rows, const struct rs_cell *cell)
{
    if (cell->n > 0 && is_null_default((struct rs_str){ cell->p, (size_t)cell->n }))
        rs_made_text(rows, "NULL");
    else
        add_cell(rows, cell);
}

static void add_int_if(struct rs_made_rows *rows, bool is_there, int64_t value)
{
    if (is_there)
        rs_made_int(rows, value);
    else
        rs_made_text(rows, NULL);
}

static bool add_column(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct call *call = ctx;
    struct rs_made_rows *rows = &call->rows;
    bool not_null = cell_int(&cells[Q_NOT_NULL], 0) != 0;
    struct rs_typed typed;

    rs_type_describe(&call->stmt->dbc->policy, (uint32_t)cell_int(&cells[Q_OID], 0),
                     (int32_t)cell_int(&cells[Q_TYPMOD], -1), &typed);
    for (size_t i = Q_CATALOG; i <= Q_COLUMN; i++)
        add_cell(rows, &cells[i]);
    rs_made_int(rows, typed.concise_type);
    rs_made_text(rows, typed.type_name);
    rs_made_int(rows, (int64_t)typed.column_size);
    rs_made_int(rows, typed.octet_length);
    add_int_if(rows, typed.has_digits, typed.decimal_digits);
    add_int_if(rows, typed.radix != 0, typed.radix);
    rs_made_int(rows, not_null ? SQL_NO_NULLS : SQL_NULLABLE);
    add_cell(rows, &cells[Q_REMARKS]);
    add_default(rows, &cells[Q_DEFAULT]);
    rs_made_int(rows, typed.verbose_type);
    add_int_if(rows, typed.datetime_code != 0, typed.datetime_code);
    add_int_if(rows, has_char_octets(typed.concise_type), typed.octet_length);
    add_cell(rows, &cells[Q_NUMBER]);
    rs_made_text(rows, not_null ? "NO" : "YES");
    return rs_made_ok(rows, diag);
}

SQLRETURN rs_columns_of(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, struct rs_text column)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    call_init(&call, stmt, 4, COLUMNS_COLUMNS);
    call.row = add_column;
    call.n_columns = COLUMNS_QUERY_COLUMNS;
    if (!rs_catalog_arg_get(&call.arg[0], catalog, diag) ||
        !rs_catalog_arg_get(&call.arg[1], schema, diag) ||
        !rs_catalog_arg_get(&call.arg[2], table, diag) ||
        !rs_catalog_arg_get(&call.arg[3], column, diag) ||
        !call_settle(&call, RS_ARG_ORDINARY, diag))
        goto out;
    rs_buf_add(&call.sql, queries[QUERY_COLUMNS].text);
    add_conditions(&call);
    rs_buf_adds(&call.sql, " ORDER BY 1, 2, 3, 10");
    if (call_run(&call, diag)) {
        rc = rs_catalog_open(stmt, RS_RESULT_COLUMNS, &call.rows);
        call.rows = (struct rs_made_rows){ .n_columns = 0 };
    }
out:
    call_clear(&call);
    return rc;
}
