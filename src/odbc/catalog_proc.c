#include <string.h>

#include "catalog_show.h"
#include "pgarray.h"
#include "sqlscan.h"

enum { OID_VOID = 2278, LIST_MAX_BYTES = 1 << 20 };

/* ---- SQLProcedures ---- */

enum { PROCEDURES_COLUMNS = 8, PROCEDURES_QUERY_COLUMNS = 6, UNKNOWN_NUMBER = -1 };

static const struct rs_call_arg procedures_args[] = {
    { RS_ARG_ORDINARY, "the catalog name" },
    { RS_ARG_PATTERN, "the schema name" },
    { RS_ARG_PATTERN, "the procedure name" },
    { RS_ARG_PATTERN, "the column name" },
};
enum { ARG_COLUMN = 3 };

/* Columns that both queries begin with. */
enum { Q_CATALOG, Q_SCHEMA, Q_NAME, Q_KIND, Q_PROCEDURES_REMARKS };

static bool is_function(const struct rs_cell *cells)
{
    return cells[Q_KIND].n != 1 || cells[Q_KIND].p[0] != 'p';
}

/* How many parameters and results there are is left open, as ODBC advises. */
static bool add_procedure(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_made_rows *rows = &((struct rs_call *)ctx)->rows;

    for (size_t i = Q_CATALOG; i <= Q_NAME; i++)
        rs_made_cell(rows, &cells[i]);
    for (int i = 0; i < 3; i++)
        rs_made_int(rows, UNKNOWN_NUMBER);
    rs_made_cell(rows, &cells[Q_PROCEDURES_REMARKS]);
    rs_made_int(rows, is_function(cells) ? SQL_PT_FUNCTION : SQL_PT_PROCEDURE);
    return rs_made_ok(rows, diag);
}

/* Of another database svv_redshift_functions tells, which has no remarks and no names of
 * parameters.
 */
static bool is_far(const struct rs_call *call)
{
    return rs_catalog_source_of(call->stmt->dbc).where == RS_WHERE_CROSS && rs_show_is_far(call, 0);
}

static void add_far_search(struct rs_call *call, enum rs_query_id query)
{
    rs_call_add_query(call, query);
    rs_call_add_condition(call, 0, "f.database_name");
    rs_call_add_condition(call, 1, "f.schema_name");
    rs_call_add_condition(call, 2, "f.function_name");
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 6");
}

static void add_search(struct rs_call *call, enum rs_query_id redshift, enum rs_query_id postgres)
{
    bool is_redshift = call->stmt->dbc->policy.is_redshift;

    rs_call_add_query(call, is_redshift ? redshift : postgres);
    rs_call_add_condition(call, 0, "current_database()");
    rs_call_add_condition(call, 1, "n.nspname");
    rs_call_add_condition(call, 2, "p.proname");
    if (!is_redshift)
        rs_buf_adds(&call->sql, " AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)");
}

SQLRETURN rs_procedures(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                        struct rs_text procedure)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct rs_call call;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    rs_call_init(&call, stmt, procedures_args, 3, PROCEDURES_COLUMNS);
    call.row = add_procedure;
    call.n_columns = PROCEDURES_QUERY_COLUMNS;
    if (!rs_call_get(&call, (const struct rs_text[]){ catalog, schema, procedure }, diag) ||
        !rs_call_settle(&call, diag))
        goto out;
    if (is_far(&call)) {
        add_far_search(&call, RS_QUERY_FAR_PROCEDURES);
    } else {
        add_search(&call, RS_QUERY_PROCEDURES_REDSHIFT, RS_QUERY_PROCEDURES_POSTGRES);
        rs_buf_adds(&call.sql, " ORDER BY 1, 2, 3, 6");
    }
    if (rs_call_run(&call, diag))
        rc = rs_call_open(&call, RS_RESULT_PROCEDURES);
out:
    rs_call_clear(&call);
    return rc;
}

/* ---- SQLProcedureColumns ---- */

enum { PROCEDURE_COLUMNS_COLUMNS = 19, PROCEDURE_COLUMNS_QUERY_COLUMNS = 13, ORDINAL = 17 };

enum {
    Q_RESULT_OID = Q_KIND + 1,
    Q_RESULT_TYPMOD,
    Q_IN_TYPES, /* numbers divided by blanks; stands when there is no list of all types */
    Q_MODES,
    Q_TYPES,
    Q_TYPMODS,
    Q_NAMES,
    Q_DEFAULTS
};

/* One of the arrays that go side by side, an element a parameter. */
struct list {
    struct rs_pgarray array;
    struct rs_buf item;
    bool is_there; /* no list at all: every element is as if it were NULL */
    bool is_null;  /* the present element */
};
enum { N_LISTS = Q_DEFAULTS - Q_MODES + 1 };

struct parameters {
    struct rs_call call;            /* first: the row function's ctx */
    struct rs_made_rows overloads;  /* of another database: what the view tells of each */
    const struct rs_cell *overload; /* whose parameters are shown */
    struct rs_buf types;            /* the array made of Q_IN_TYPES */
    struct list list[N_LISTS];
};

static struct list *list_of(struct parameters *ctx, int column)
{
    return &ctx->list[column - Q_MODES];
}

/* "23 25" as {23,25}. */
static void make_types(struct rs_buf *out, struct rs_str numbers)
{
    rs_buf_truncate(out, 0);
    rs_buf_addc(out, '{');
    for (size_t i = 0; i < numbers.n; i++)
        rs_buf_addc(out, numbers.p[i] == ' ' ? ',' : numbers.p[i]);
    rs_buf_addc(out, '}');
}

static bool begin_lists(struct parameters *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    for (int i = Q_MODES; i <= Q_DEFAULTS; i++) {
        list_of(ctx, i)->is_there = cells[i].n >= 0;
        rs_pgarray_init(&list_of(ctx, i)->array, rs_cell_str(&cells[i]));
    }
    if (list_of(ctx, Q_TYPES)->is_there)
        return true;
    make_types(&ctx->types, rs_cell_str(&cells[Q_IN_TYPES]));
    list_of(ctx, Q_TYPES)->is_there = true;
    rs_pgarray_init(&list_of(ctx, Q_TYPES)->array, rs_buf_str(&ctx->types));
    return rs_buf_ok(&ctx->types, diag);
}

enum step { STEP_PARAMETER, STEP_END, STEP_FAILED };

/* The next parameter, out of every list. The types say how many there are. */
static enum step next_parameter(struct parameters *ctx, struct rs_diag *diag)
{
    for (int i = Q_MODES; i <= Q_DEFAULTS; i++) {
        struct list *list = list_of(ctx, i);
        enum rs_pgarray_item kind;

        list->is_null = true;
        if (!list->is_there)
            continue;
        kind = rs_pgarray_next(&list->array, &list->item);
        if (!rs_buf_ok(&list->item, diag))
            return STEP_FAILED;
        if (kind == RS_PGARRAY_BAD) {
            (void)rs_fail(diag, RS_HY000, 0, "a procedure's list of parameters is no array");
            return STEP_FAILED;
        }
        list->is_null = kind != RS_PGARRAY_ITEM;
        if (i == Q_TYPES && kind == RS_PGARRAY_END)
            return STEP_END;
    }
    return STEP_PARAMETER;
}

static int64_t item_int(const struct list *list, int64_t otherwise)
{
    int64_t value;

    if (list->is_null || !rs_parse_i64(rs_buf_str(&list->item), &value))
        return otherwise;
    return value;
}

static void add_row(struct parameters *ctx, const struct rs_cell *cells, struct rs_str name,
                    SQLSMALLINT column_type, const struct rs_described *of)
{
    struct rs_made_rows *rows = &ctx->call.rows;

    if (!rs_catalog_arg_takes(&ctx->call.arg[ARG_COLUMN], name))
        return;
    for (size_t i = Q_CATALOG; i <= Q_NAME; i++)
        rs_made_cell(rows, &cells[i]);
    rs_made_add(rows, name.p, (int32_t)name.n);
    rs_made_int(rows, column_type);
    rs_catalog_add_described(rows, &ctx->call.stmt->dbc->policy, of);
}

static bool has_mode(struct rs_str modes, const char *any)
{
    for (; *any != '\0'; any++)
        if (rs_str_chr(modes, *any) >= 0)
            return true;
    return false;
}

/* A function with output parameters returns these, and one that returns a table its columns. */
static void add_result(struct parameters *ctx, const struct rs_cell *cells)
{
    struct rs_described described = {
        .type_oid = (uint32_t)rs_cell_int(&cells[Q_RESULT_OID], 0),
        .typmod = (int32_t)rs_cell_int(&cells[Q_RESULT_TYPMOD], -1),
        .remarks.n = -1,
        .default_text.n = -1,
    };

    if (is_function(cells) && described.type_oid != OID_VOID &&
        !has_mode(rs_cell_str(&cells[Q_MODES]), "obt"))
        add_row(ctx, cells, RS_STR(""), SQL_RETURN_VALUE, &described);
}

static SQLSMALLINT column_type_of(const struct list *mode)
{
    switch (mode->is_null || mode->item.len == 0 ? 'i' : mode->item.p[0]) {
    case 'o':
        return SQL_PARAM_OUTPUT;
    case 'b':
        return SQL_PARAM_INPUT_OUTPUT;
    case 't':
        return SQL_RESULT_COL;
    default:
        return SQL_PARAM_INPUT;
    }
}

static void add_parameter(struct parameters *ctx, const struct rs_cell *cells,
                          SQLSMALLINT column_type, int64_t ordinal)
{
    const struct list *name = list_of(ctx, Q_NAMES), *of_default = list_of(ctx, Q_DEFAULTS);
    struct rs_described described = {
        .type_oid = (uint32_t)item_int(list_of(ctx, Q_TYPES), 0),
        .typmod = (int32_t)item_int(list_of(ctx, Q_TYPMODS), -1),
        .remarks.n = -1,
        .default_text = { of_default->item.p,
                          of_default->is_null ? -1 : (int32_t)of_default->item.len },
        .ordinal = ordinal,
    };

    add_row(ctx, cells, name->is_null ? RS_STR("") : rs_buf_str(&name->item), column_type,
            &described);
}

/* Result columns are counted by themselves. */
static bool add_parameters(void *call, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct parameters *ctx = call;
    int64_t n_parameters = 0, n_columns = 0;
    enum step step;

    if (!begin_lists(ctx, cells, diag))
        return false;
    add_result(ctx, cells);
    while ((step = next_parameter(ctx, diag)) == STEP_PARAMETER) {
        SQLSMALLINT column_type = column_type_of(list_of(ctx, Q_MODES));

        add_parameter(ctx, cells, column_type,
                      column_type == SQL_RESULT_COL ? ++n_columns : ++n_parameters);
    }
    return step == STEP_END && rs_made_ok(&ctx->call.rows, diag);
}

/* ---- of another database ---- */

enum { Q_FAR_RESULT = Q_KIND + 1, Q_FAR_TYPES };

static void add_far(struct parameters *ctx, const struct rs_cell *cells, struct rs_str type,
                    SQLSMALLINT column_type, int64_t ordinal)
{
    static const struct rs_type_sizes none = { -1, -1, -1 };
    struct rs_described described = {
        .remarks.n = -1,
        .default_text.n = -1,
        .ordinal = ordinal,
    };

    rs_described_by_name(&described, type, &none);
    add_row(ctx, cells, RS_STR(""), column_type, &described);
}

static void add_far_types(struct parameters *ctx, const struct rs_cell *cells)
{
    struct rs_str types = rs_str_trim(rs_cell_str(&cells[Q_FAR_TYPES])), type;
    int64_t n = 0;

    while (types.n > 0 && rs_type_list_next(&types, &type))
        add_far(ctx, cells, type, SQL_PARAM_INPUT, ++n);
}

static bool keep_overload(void *call, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct parameters *ctx = call;

    for (size_t i = 0; i <= Q_FAR_TYPES; i++)
        rs_made_cell(&ctx->overloads, &cells[i]);
    return rs_made_ok(&ctx->overloads, diag);
}

/* ---- SHOW PARAMETERS, which has their names ---- */

enum { S_NAME, S_NUMBER, S_MODE, S_TYPE, S_LENGTH, S_PRECISION, S_SCALE };

static SQLSMALLINT shown_mode(struct rs_str mode)
{
    if (rs_str_eq_nocase(mode, RS_STR("OUT")))
        return SQL_PARAM_OUTPUT;
    return rs_str_eq_nocase(mode, RS_STR("INOUT")) ? SQL_PARAM_INPUT_OUTPUT : SQL_PARAM_INPUT;
}

static bool add_shown(void *call, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct parameters *ctx = call;
    struct rs_type_sizes sizes = {
        .length = rs_cell_int(&cells[S_LENGTH], -1),
        .precision = rs_cell_int(&cells[S_PRECISION], -1),
        .scale = rs_cell_int(&cells[S_SCALE], -1),
    };
    struct rs_described described = {
        .remarks.n = -1,
        .default_text.n = -1,
        .ordinal = rs_cell_int(&cells[S_NUMBER], 0),
    };

    rs_described_by_name(&described, rs_cell_str(&cells[S_TYPE]), &sizes);
    add_row(ctx, ctx->overload, rs_cell_str(&cells[S_NAME]),
            shown_mode(rs_cell_str(&cells[S_MODE])), &described);
    return rs_made_ok(&ctx->call.rows, diag);
}

/* What stands in the text without quotes is words, numbers and what divides types. */
static bool are_types(struct rs_str types)
{
    for (size_t i = 0; i < types.n; i++)
        if (!rs_is_alnum(types.p[i]) && memchr("_ ,.()", types.p[i], 6) == NULL)
            return false;
    return true;
}

static void write_show(struct parameters *ctx, const struct rs_cell *cells)
{
    struct rs_buf *sql = &ctx->call.sql;

    rs_buf_adds(sql, is_function(cells) ? "SHOW PARAMETERS OF FUNCTION "
                                        : "SHOW PARAMETERS OF PROCEDURE ");
    for (size_t i = Q_CATALOG; i <= Q_NAME; i++) {
        rs_sql_ident(sql, rs_cell_str(&cells[i]));
        rs_buf_addc(sql, i < Q_NAME ? '.' : '(');
    }
    rs_buf_add(sql, rs_cell_str(&cells[Q_FAR_TYPES]));
    rs_buf_addc(sql, ')');
}

/* The rows of the overloads before stand aside meanwhile, since a refused SHOW starts anew. */
static enum rs_tried show_parameters(struct parameters *ctx, const struct rs_cell *cells,
                                     struct rs_diag *diag)
{
    static const char *const names[] = {
        "parameter_name",           "ordinal_position",  "parameter_type", "data_type",
        "character_maximum_length", "numeric_precision", "numeric_scale"
    };
    static const struct rs_made_key order[] = { { ORDINAL, true } };
    struct rs_call *call = &ctx->call;
    struct rs_made_rows before = call->rows;
    enum rs_tried tried;

    call->rows = (struct rs_made_rows){ .n_columns = before.n_columns };
    rs_call_restart(call);
    write_show(ctx, cells);
    ctx->overload = cells;
    call->row = add_shown;
    call->names = names;
    call->n_columns = RS_COUNT(names);
    tried = rs_call_try(call, "SHOW PARAMETERS", diag);
    if (tried == RS_TRIED_DONE && (!rs_made_sort(&call->rows, order, RS_COUNT(order), diag) ||
                                   !rs_made_append(&before, &call->rows, diag)))
        tried = RS_TRIED_FAILED;
    rs_made_clear(&call->rows);
    call->rows = before;
    return tried;
}

static bool add_overload(struct parameters *ctx, const struct rs_cell *cells, bool may_show,
                         struct rs_diag *diag)
{
    struct rs_str result = rs_cell_str(&cells[Q_FAR_RESULT]);
    enum rs_tried tried = RS_TRIED_REFUSED;

    if (is_function(cells) && result.n > 0 && !rs_str_eq_nocase(result, RS_STR("void")))
        add_far(ctx, cells, result, SQL_RETURN_VALUE, 0);
    if (cells[Q_FAR_TYPES].n <= 0)
        return rs_made_ok(&ctx->call.rows, diag);
    if (may_show && are_types(rs_cell_str(&cells[Q_FAR_TYPES])))
        tried = show_parameters(ctx, cells, diag);
    if (tried == RS_TRIED_REFUSED)
        add_far_types(ctx, cells);
    return tried != RS_TRIED_FAILED && rs_made_ok(&ctx->call.rows, diag);
}

/* One statement for all, and one more for each overload of a procedure that is named in full. */
static bool find_far(struct parameters *ctx, struct rs_diag *diag)
{
    struct rs_call *call = &ctx->call;
    bool may_show = rs_catalog_source_of(call->stmt->dbc).may_show &&
                    rs_catalog_arg_is_one(&call->arg[1]) && rs_catalog_arg_is_one(&call->arg[2]);

    call->row = keep_overload;
    call->n_columns = Q_FAR_TYPES + 1;
    add_far_search(call, RS_QUERY_FAR_PROCEDURE_COLUMNS);
    if (!rs_call_run(call, diag))
        return false;
    may_show = may_show && rs_catalog_may_try(call->stmt->dbc);
    for (size_t row = 0; row < ctx->overloads.n_rows; row++) {
        struct rs_cell cells[Q_FAR_TYPES + 1];

        for (size_t i = 0; i <= Q_FAR_TYPES; i++)
            cells[i] = rs_made_at(&ctx->overloads, row, i);
        if (!add_overload(ctx, cells, may_show, diag))
            return false;
    }
    return true;
}

static bool find_near(struct rs_call *call, struct rs_diag *diag)
{
    add_search(call, RS_QUERY_PROCEDURE_COLUMNS_REDSHIFT, RS_QUERY_PROCEDURE_COLUMNS_POSTGRES);
    rs_buf_adds(&call->sql, " ORDER BY 1, 2, 3, 13");
    return rs_call_run(call, diag);
}

static void parameters_init(struct parameters *ctx, struct rs_stmt *stmt)
{
    rs_call_init(&ctx->call, stmt, procedures_args, RS_COUNT(procedures_args),
                 PROCEDURE_COLUMNS_COLUMNS);
    ctx->call.row = add_parameters;
    ctx->call.n_columns = PROCEDURE_COLUMNS_QUERY_COLUMNS;
    ctx->types = (struct rs_buf)RS_BUF_INIT(LIST_MAX_BYTES);
    ctx->overloads = (struct rs_made_rows){ .n_columns = Q_FAR_TYPES + 1 };
    ctx->overload = NULL;
    for (size_t i = 0; i < N_LISTS; i++)
        ctx->list[i] = (struct list){ .item = RS_BUF_INIT(LIST_MAX_BYTES) };
}

static void parameters_clear(struct parameters *ctx)
{
    rs_call_clear(&ctx->call);
    rs_buf_clear(&ctx->types);
    rs_made_clear(&ctx->overloads);
    for (size_t i = 0; i < N_LISTS; i++)
        rs_buf_clear(&ctx->list[i].item);
}

SQLRETURN rs_procedure_columns(struct rs_stmt *stmt, struct rs_text catalog, struct rs_text schema,
                               struct rs_text procedure, struct rs_text column)
{
    struct rs_diag *diag = &stmt->head.diag;
    struct parameters ctx;
    SQLRETURN rc = SQL_ERROR;

    if (!rs_catalog_enter(stmt))
        return SQL_ERROR;
    parameters_init(&ctx, stmt);
    if (rs_call_get(&ctx.call, (const struct rs_text[]){ catalog, schema, procedure, column },
                    diag) &&
        rs_call_settle(&ctx.call, diag) &&
        (is_far(&ctx.call) ? find_far(&ctx, diag) : find_near(&ctx.call, diag)))
        rc = rs_call_open(&ctx.call, RS_RESULT_PROCEDURE_COLUMNS);
    parameters_clear(&ctx);
    return rc;
}
