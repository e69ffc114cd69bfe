#include "catalog_call.h"

#include "execute.h"
#include "info.h"

enum { QUERY_MAX_BYTES = 16384, OID_VARCHAR = 1043 };

void rs_call_init(struct rs_call *call, struct rs_stmt *stmt, const struct rs_call_arg *is,
                  size_t n_args, size_t made_columns)
{
    *call = (struct rs_call){
        .stmt = stmt,
        .is = is,
        .n_args = n_args,
        .sql = RS_BUF_INIT(QUERY_MAX_BYTES),
        .rows = { .n_columns = made_columns },
    };
    for (size_t i = 0; i < n_args; i++)
        call->arg[i] = (struct rs_catalog_arg)RS_CATALOG_ARG_INIT;
}

void rs_call_clear(struct rs_call *call)
{
    for (size_t i = 0; i < call->n_args; i++)
        rs_catalog_arg_clear(&call->arg[i]);
    rs_buf_clear(&call->sql);
    rs_made_clear(&call->rows);
}

/* ---- arguments ---- */

bool rs_call_get(struct rs_call *call, const struct rs_text *texts, struct rs_diag *diag)
{
    for (size_t i = 0; i < call->n_args; i++)
        if (!rs_catalog_arg_get(&call->arg[i], texts[i], diag))
            return false;
    return true;
}

bool rs_call_need(const struct rs_call *call, size_t i, struct rs_diag *diag)
{
    return !call->arg[i].is_null ||
           rs_fail(diag, RS_HY009, 0, "%s is NULL, but must be given", call->is[i].name);
}

/* Identifiers always fold; patterns and ordinary arguments only where the server folded even
 * quoted names when they were made. */
static struct rs_arg_rules call_rules(struct rs_call *call)
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

bool rs_call_settle(struct rs_call *call, struct rs_diag *diag)
{
    struct rs_arg_rules rules = call_rules(call);

    for (size_t i = 0; i < call->n_args; i++) {
        struct rs_catalog_arg *arg = &call->arg[i];

        if (arg->is_null && call->optional[i])
            arg->match = RS_MATCH_ALL;
        else if (!rs_catalog_arg_settle(arg, call->is[i].kind, &rules, call->is[i].name, diag))
            return false;
    }
    return true;
}

/* ---- the query ---- */

void rs_call_add_query(struct rs_call *call, enum rs_query_id id)
{
    static const struct {
        struct rs_str text;
    } queries[] = {
#define QUERY(id, query) { { query, sizeof(query) - 1 } },
#include "catalog.def"
    };

    rs_buf_add(&call->sql, queries[id].text);
}

void rs_call_add_condition(struct rs_call *call, size_t i, const char *column)
{
    const struct rs_catalog_arg *arg = &call->arg[i];

    if (arg->match == RS_MATCH_ALL)
        return;
    if (call->number[i] == 0) {
        call->param[call->n_params++] = (struct rs_param){
            .type_oid = OID_VARCHAR,
            .p = arg->text.p,
            .n = (int32_t)arg->text.len,
        };
        call->number[i] = call->n_params;
    }
    rs_buf_addf(&call->sql, " AND %s %s $%zu", column, arg->match == RS_MATCH_LIKE ? "LIKE" : "=",
                call->number[i]);
}

void rs_call_add_seen(struct rs_call *call)
{
    if (call->stmt->dbc->policy.is_redshift)
        rs_buf_adds(&call->sql, " AND substr(CAST(c.relname AS varchar), 1, 8) <> 'mv_tbl__'");
    else
        rs_buf_adds(&call->sql, " AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)");
}

void rs_call_add_tables(struct rs_call *call)
{
    rs_call_add_condition(call, 0, "current_database()");
    rs_call_add_condition(call, 1, "n.nspname");
    rs_call_add_condition(call, 2, "c.relname");
    rs_call_add_seen(call);
}

static bool ask_server(struct rs_call *call, rs_query_row_fn *row, void *ctx, struct rs_diag *diag)
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
        .names = call->names,
        .stays_prepared = call->names == NULL,
        .deadline = rs_deadline_in(timeout_s * 1000),
    };

    /* A read-only wish must reach the server before the transaction that this may begin. */
    if (!rs_buf_ok(&call->sql, diag) || !rs_stmt_before_wire(stmt))
        return false;
    query.begin = call->is_trial ? NULL : rs_dbc_begin(stmt->dbc);
    if (rs_query_run(&query, row, ctx, diag))
        return true;
    rs_dbc_after_error(stmt->dbc, diag);
    return false;
}

/* ---- kept answers ---- */

/* The query's text, and each parameter with its length in front. */
static bool make_key(const struct rs_call *call, struct rs_buf *key)
{
    rs_buf_add(key, rs_buf_str(&call->sql));
    for (size_t i = 0; i < call->n_params; i++) {
        rs_buf_addf(key, " %d ", (int)call->param[i].n);
        rs_buf_add(key, (struct rs_str){ call->param[i].p, (size_t)call->param[i].n });
    }
    return !key->bad;
}

/* What a failed transaction and a lost connection refuse, they refuse with kept answers too. */
static bool may_use_cache(const struct rs_dbc *dbc)
{
    return dbc->settings.metadata_cache_seconds > 0 && dbc->session != NULL &&
           !rs_session_is_dead(dbc->session) && rs_session_txn(dbc->session) != RS_TXN_FAILED;
}

struct keeping {
    struct rs_call *call;
    struct rs_made_rows rows;
};

static bool keep_row(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct keeping *kept = ctx;
    bool is_large =
        kept->rows.bytes.len + kept->rows.n_rows * kept->rows.n_columns * sizeof *kept->rows.cells >
        RS_CACHE_ANSWER_BYTES;

    for (size_t i = 0; i < kept->call->n_columns && !is_large; i++)
        rs_made_cell(&kept->rows, &cells[i]);
    kept->rows.bytes.bad = kept->rows.bytes.bad || is_large;
    return kept->call->row(kept->call, cells, diag);
}

static bool ask_and_keep(struct rs_call *call, struct rs_str key, struct rs_diag *diag)
{
    struct rs_dbc *dbc = call->stmt->dbc;
    struct keeping kept = { call, { .n_columns = call->n_columns } };
    bool ok = ask_server(call, keep_row, &kept, diag);

    if (ok && !kept.rows.bytes.bad)
        rs_cache_keep(&dbc->catalog_cache, key, &kept.rows,
                      rs_now_ms() + (int64_t)dbc->settings.metadata_cache_seconds * 1000);
    rs_made_clear(&kept.rows);
    return ok;
}

static bool play(struct rs_call *call, const struct rs_made_rows *rows, struct rs_diag *diag)
{
    struct rs_cell cells[RS_QUERY_MAX_COLUMNS];

    for (size_t r = 0; r < rows->n_rows; r++) {
        for (size_t i = 0; i < rows->n_columns; i++) {
            const struct rs_made_cell *from = &rows->cells[r * rows->n_columns + i];

            cells[i].n = from->n;
            cells[i].p = rows->bytes.p == NULL ? "" : rows->bytes.p + from->at;
        }
        if (!call->row(call, cells, diag))
            return false;
    }
    return true;
}

bool rs_call_run(struct rs_call *call, struct rs_diag *diag)
{
    struct rs_dbc *dbc = call->stmt->dbc;
    struct rs_buf key = RS_BUF_INIT(2 * QUERY_MAX_BYTES);
    const struct rs_made_rows *rows;
    bool ok;

    if (!may_use_cache(dbc) || !make_key(call, &key)) {
        ok = ask_server(call, call->row, call, diag);
    } else {
        rows = rs_cache_find(&dbc->catalog_cache, rs_buf_str(&key), rs_now_ms());
        ok = rows != NULL ? play(call, rows, diag) : ask_and_keep(call, rs_buf_str(&key), diag);
    }
    rs_buf_clear(&key);
    return ok;
}

void rs_call_restart(struct rs_call *call)
{
    size_t n_columns = call->rows.n_columns;

    rs_buf_truncate(&call->sql, 0);
    rs_made_clear(&call->rows);
    call->rows.n_columns = n_columns;
    call->n_params = 0;
    for (size_t i = 0; i < RS_CALL_MAX_ARGS; i++)
        call->number[i] = 0;
    call->names = NULL;
    call->is_trial = false;
}

enum rs_tried rs_call_try(struct rs_call *call, const char *what, struct rs_diag *diag)
{
    struct rs_diag own = { .n = 0 };
    enum rs_tried tried = RS_TRIED_DONE;

    call->is_trial = true;
    if (!rs_call_run(call, &own))
        tried = rs_catalog_was_refused(call->stmt->dbc, &own) ? RS_TRIED_REFUSED : RS_TRIED_FAILED;
    if (tried == RS_TRIED_REFUSED) {
        if (!rs_catalog_was_missing(&own))
            rs_warn(diag, RS_01000, "%s: %s; another source was asked", what, rs_diag_first(&own));
        rs_call_restart(call);
    } else {
        rs_diag_move(diag, &own);
    }
    rs_diag_clear(&own);
    return tried;
}

SQLRETURN rs_call_open(struct rs_call *call, enum rs_catalog_result result)
{
    SQLRETURN rc = rs_catalog_open(call->stmt, result, &call->rows);

    call->rows = (struct rs_made_rows){ .n_columns = 0 };
    return rc;
}

/* ---- rows and cells ---- */

bool rs_call_copy_row(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_call *call = ctx;

    for (size_t i = 0; i < call->n_columns; i++)
        rs_made_cell(&call->rows, &cells[i]);
    return rs_made_ok(&call->rows, diag);
}

struct rs_str rs_cell_str(const struct rs_cell *cell)
{
    return (struct rs_str){ cell->p, cell->n > 0 ? (size_t)cell->n : 0 };
}

int64_t rs_cell_int(const struct rs_cell *cell, int64_t otherwise)
{
    int64_t value;

    if (cell->n <= 0 || !rs_parse_i64((struct rs_str){ cell->p, (size_t)cell->n }, &value))
        return otherwise;
    return value;
}

void rs_made_cell(struct rs_made_rows *rows, const struct rs_cell *cell)
{
    rs_made_add(rows, cell->p, cell->n);
}

void rs_made_int_if(struct rs_made_rows *rows, bool is_there, int64_t value)
{
    if (is_there)
        rs_made_int(rows, value);
    else
        rs_made_text(rows, NULL);
}

bool rs_has_char_octets(SQLSMALLINT sql_type)
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
