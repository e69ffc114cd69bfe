#include "catalog_show.h"

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

/* DATA_TYPE to DECIMAL_DIGITS. name: the server's, where it counts. */
static void add_type(struct rs_call *call, uint32_t oid, int32_t typmod, struct rs_str name)
{
    struct rs_made_rows *rows = &call->rows;
    struct rs_typed typed;

    rs_type_describe(&call->stmt->dbc->policy, oid, typmod, &typed);
    rs_made_int(rows, typed.concise_type);
    if (name.n > 0)
        rs_made_add(rows, name.p, (int32_t)name.n);
    else
        rs_made_text(rows, typed.type_name);
    rs_made_int(rows, (int64_t)typed.column_size);
    rs_made_int(rows, typed.octet_length);
    rs_made_int_if(rows, typed.has_digits, typed.decimal_digits);
}

static bool add_special(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;
    struct rs_made_rows *rows = &call->rows;

    rs_made_cell(rows, &cells[P_SCOPE]);
    rs_made_cell(rows, &cells[P_NAME]);
    add_type(call, (uint32_t)rs_cell_int(&cells[P_OID], 0),
             (int32_t)rs_cell_int(&cells[P_TYPMOD], -1), RS_STR(""));
    rs_made_cell(rows, &cells[P_PSEUDO]);
    return rs_made_ok(rows, diag);
}

/* ---- of another database: its key, then its columns ---- */

struct shown_key {
    struct rs_call call;      /* first: the row function's ctx */
    struct rs_made_rows keys; /* name, place */
};
enum { K_NAME, K_PLACE, KEY_COLUMNS };

/* Columns of SHOW COLUMNS. */
enum { C_NAME, C_TYPE, C_LENGTH, C_PRECISION, C_SCALE };

static bool add_key(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct shown_key *shown = ctx;

    for (size_t i = 0; i < KEY_COLUMNS; i++)
        rs_made_cell(&shown->keys, &cells[i]);
    return rs_made_ok(&shown->keys, diag);
}

/* The row of SPECIAL_COLUMNS cells, and behind it the place, by which the rows are ordered. */
static bool add_key_column(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct shown_key *shown = ctx;
    struct rs_call *call = &shown->call;
    struct rs_type_sizes sizes = {
        .length = rs_cell_int(&cells[C_LENGTH], -1),
        .precision = rs_cell_int(&cells[C_PRECISION], -1),
        .scale = rs_cell_int(&cells[C_SCALE], -1),
    };
    struct rs_type_found type = rs_type_by_name(rs_cell_str(&cells[C_TYPE]), &sizes);

    for (size_t i = 0; i < shown->keys.n_rows; i++) {
        struct rs_cell name = rs_made_at(&shown->keys, i, K_NAME);

        if (!rs_str_eq(rs_cell_str(&name), rs_cell_str(&cells[C_NAME])))
            continue;
        rs_made_int(&call->rows, SQL_SCOPE_SESSION);
        rs_made_cell(&call->rows, &cells[C_NAME]);
        add_type(call, type.oid, type.typmod,
                 type.is_known ? RS_STR("") : rs_cell_str(&cells[C_TYPE]));
        rs_made_int(&call->rows, SQL_PC_NOT_PSEUDO);
        name = rs_made_at(&shown->keys, i, K_PLACE);
        rs_made_cell(&call->rows, &name);
    }
    return rs_made_ok(&call->rows, diag);
}

static enum rs_tried show_key(struct shown_key *shown, struct rs_diag *diag)
{
    static const char *const of_key[KEY_COLUMNS] = { "column_name", "key_seq" };
    static const char *const of_column[] = { "column_name", "data_type", "character_maximum_length",
                                             "numeric_precision", "numeric_scale" };
    static const struct rs_made_key order[] = { { SPECIAL_COLUMNS, true } };
    struct rs_call *call = &shown->call;
    enum rs_tried tried;

    if (!rs_show_object(call, "SHOW CONSTRAINTS PRIMARY KEYS FROM TABLE ", 0, 3))
        return RS_TRIED_REFUSED;
    call->names = of_key;
    call->n_columns = KEY_COLUMNS;
    call->row = add_key;
    tried = rs_call_try(call, "SHOW CONSTRAINTS", diag);
    if (tried != RS_TRIED_DONE)
        return tried;
    if (!rs_show_object(call, "SHOW COLUMNS FROM TABLE ", 0, 3))
        return RS_TRIED_REFUSED;
    call->names = of_column;
    call->n_columns = RS_COUNT(of_column);
    call->row = add_key_column;
    tried = rs_call_try(call, "SHOW COLUMNS", diag);
    if (tried == RS_TRIED_DONE && !rs_made_sort(&call->rows, order, RS_COUNT(order), diag))
        tried = RS_TRIED_FAILED;
    return tried;
}

/* Without the place. */
static bool drop_place(const struct rs_made_rows *from, struct rs_made_rows *to,
                       struct rs_diag *diag)
{
    for (size_t row = 0; row < from->n_rows; row++)
        for (size_t i = 0; i < SPECIAL_COLUMNS; i++) {
            struct rs_cell cell = rs_made_at(from, row, i);

            rs_made_cell(to, &cell);
        }
    return rs_made_ok(to, diag);
}

static enum rs_tried show_special(struct rs_call *call, struct rs_diag *diag)
{
    struct shown_key shown = { .call = *call, .keys = { .n_columns = KEY_COLUMNS } };
    enum rs_tried tried;

    shown.call.rows = (struct rs_made_rows){ .n_columns = SPECIAL_COLUMNS + 1 };
    shown.call.only_show = true;
    tried = show_key(&shown, diag);
    if (tried == RS_TRIED_DONE && !drop_place(&shown.call.rows, &call->rows, diag))
        tried = RS_TRIED_FAILED;
    rs_made_clear(&shown.call.rows);
    rs_made_clear(&shown.keys);
    call->sql = shown.call.sql; /* the one buffer that may have grown */
    return tried;
}

/* The rows do not tell their table, so there must be one: without a schema it is the one that the
 * name alone means. */
static bool run_special(struct rs_call *call, SQLUSMALLINT kind, struct rs_diag *diag)
{
    enum rs_tried tried = RS_TRIED_REFUSED;

    if (kind == SQL_BEST_ROWID && rs_show_is_far(call, 0) && rs_show_is_needed(call, 0))
        tried = show_special(call, diag);
    if (tried != RS_TRIED_REFUSED)
        return tried == RS_TRIED_DONE;
    rs_buf_truncate(&call->sql, 0);
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
