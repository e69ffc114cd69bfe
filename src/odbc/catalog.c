#include "catalog.h"

#include <string.h>

#include "catalog_call.h"
#include "execute.h"

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

/* ---- SQLTables ---- */

enum { TABLES_COLUMNS = 5 };

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
        for (size_t column = 0; column < TABLES_COLUMNS; column++)
            rs_made_text(rows, column == 3 ? rs_table_type_name((enum rs_table_type)i) : NULL);
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

static bool search_tables(struct rs_call *call, struct rs_str types, struct rs_diag *diag)
{
    if (!rs_call_settle(call, diag))
        return false;
    rs_call_add_query(call, RS_QUERY_TABLES);
    rs_call_add_tables(call);
    add_types(call, rs_table_types_parse(types));
    return rs_call_run(call, diag);
}

static bool find_tables(struct rs_call *call, struct rs_str types, struct rs_diag *diag)
{
    if (is_listing(call, 0))
        rs_call_add_query(call, RS_QUERY_CATALOGS);
    else if (is_listing(call, 1))
        rs_call_add_query(call, RS_QUERY_SCHEMAS);
    if (call->sql.len > 0)
        return rs_call_run(call, diag);
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
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, rs_stmt_is_v2(stmt) ? tables_args_v2 : tables_args,
                 RS_COUNT(tables_args), TABLES_COLUMNS);
    call.row = rs_call_copy_row;
    call.n_columns = TABLES_COLUMNS;
    if (rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table }, diag) &&
        rs_text_get(types, &list, diag) && find_tables(&call, rs_buf_str(&list), diag))
        rc = rs_call_open(&call, RS_RESULT_TABLES);
    rs_buf_clear(&list);
    rs_call_clear(&call);
    return rc;
}

/* ---- SQLColumns ---- */

enum { COLUMNS_COLUMNS = 18, COLUMNS_QUERY_COLUMNS = 10 };

static const struct rs_call_arg columns_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the table name" },
    { RS_ARG_PATTERN, "the column name" },
};

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

SQLRETURN rs_columns_of(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text table, struct rs_text column)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, columns_args, RS_COUNT(columns_args), COLUMNS_COLUMNS);
    call.row = add_column;
    call.n_columns = COLUMNS_QUERY_COLUMNS;
    if (!rs_call_get(&call, (const struct rs_text[]){ catalog, schema, table, column }, diag) ||
        !rs_call_settle(&call, diag))
        goto out;
    rs_call_add_query(&call, RS_QUERY_COLUMNS);
    rs_call_add_tables(&call);
    rs_call_add_condition(&call, 3, "a.attname");
    rs_buf_adds(&call.sql, " ORDER BY 1, 2, 3, 10");
    if (rs_call_run(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_COLUMNS);
out:
    rs_call_clear(&call);
    return rc;
}
