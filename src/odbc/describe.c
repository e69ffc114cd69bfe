/*
 * What the server says of a prepared statement: its columns and parameter types, asked once and
 * only when somebody wants to know. Source: odbc.md 7.1, 7.2.
 */
#include <string.h>

#include "binary.h"
#include "binding.h"
#include "describe.h"
#include "escape.h"
#include "execute.h"
#include "routine.h"
#include "rows.h"

static bool take_params(struct rs_stmt *stmt, const struct rs_reply *reply)
{
    size_t n = stmt->sql.n_markers, place;
    uint32_t *types = NULL;

    if (n > 0) {
        types = rs_alloc(n, sizeof *types, &stmt->head.diag);
        if (types == NULL)
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (rs_stmt_sends(stmt, i, &place) && place < reply->n_params)
            types[i] = reply->param_types[place];
    }
    rs_free(stmt->param_types);
    stmt->param_types = types;
    stmt->n_param_types = n;
    rs_bound_forget(stmt); /* sizes that were described are no limits */
    return true;
}

static bool read_description(struct rs_stmt *stmt, struct rs_exchange *exchange)
{
    struct rs_reply reply;
    bool ok = true;

    while (rs_exchange_next(exchange, &reply, &stmt->head.diag)) {
        if (reply.kind == RS_EVENT_READY)
            return ok;
        if (reply.kind == RS_EVENT_ERROR)
            ok = false;
        if (!ok)
            continue;
        if (reply.kind == RS_EVENT_PARAMS)
            ok = take_params(stmt, &reply);
        else if (reply.kind == RS_EVENT_ROWS) {
            ok = rs_columns_from(&stmt->columns, reply.shape, &stmt->dbc->policy, &stmt->head.diag);
            stmt->columns_change++;
        }
    }
    return false;
}

/* Declares what is bound, leaves the rest to the server. */
static struct rs_param *declared(struct rs_stmt *stmt)
{
    size_t n = rs_stmt_n_sent(stmt), room = n > 0 ? n : 1;
    struct rs_param *params = rs_alloc(room, sizeof *params, &stmt->head.diag);
    uint32_t *types = params == NULL ? NULL : rs_alloc(room, sizeof *types, &stmt->head.diag);

    if (types == NULL) {
        rs_free(params);
        return NULL;
    }
    rs_bound_types(stmt, types);
    for (size_t i = 0; i < n; i++)
        params[i] = (struct rs_param){ .type_oid = types[i], .n = -1 };
    rs_rows_free(stmt);
    rs_free(stmt->parsed_types);
    stmt->parsed_types = types;
    return params;
}

/* Redshift does not know a call with its OUT arguments written. */
static bool plan_call(struct rs_stmt *stmt)
{
    if (stmt->routine == NULL)
        return true;
    return (!stmt->dbc->policy.is_redshift || rs_routine_look(stmt)) && rs_routine_plan_text(stmt);
}

static bool describe(struct rs_stmt *stmt)
{
    struct rs_request request = {
        .kind = RS_REQ_DESCRIBE,
        .prepared = &stmt->prepared,
        .deadline = rs_stmt_deadline(stmt),
        .owner = stmt,
    };
    struct rs_param *params = NULL;
    struct rs_exchange *exchange = NULL;
    size_t before = stmt->head.diag.n;
    bool ok = false, was_idle;

    if (stmt->goes_simply) /* nothing can be asked before it runs */
        return true;
    was_idle = rs_session_txn(stmt->dbc->session) == RS_TXN_IDLE;
    if (!plan_call(stmt) || !rs_stmt_before_wire(stmt))
        return false;
    request.sql = rs_stmt_sent_text(stmt);
    if (stmt->prepared == NULL) {
        params = declared(stmt);
        if (params == NULL)
            return false;
        request.params = params;
        request.n_params = rs_stmt_n_sent(stmt);
    }
    if (rs_exchange_start(stmt->dbc->session, &request, &exchange, &stmt->head.diag)) {
        ok = read_description(stmt, exchange);
        rs_exchange_free(exchange);
    }
    rs_free(params);
    if (!ok && was_idle && rs_stmt_cannot_be_parsed(stmt, before)) {
        rs_diag_cut(&stmt->head.diag, before);
        stmt->goes_simply = true;
        return true;
    }
    if (!ok)
        rs_dbc_after_error(stmt->dbc, &stmt->head.diag);
    stmt->is_described = ok;
    return ok;
}

/* A row that goes to parameters is no result. */
static bool hides_row(const struct rs_stmt *stmt)
{
    return stmt->state == RS_S2_PREPARED && stmt->routine != NULL &&
           (rs_routine_takes_row(stmt) || rs_routine_has_cursors(stmt));
}

bool rs_stmt_need_columns(struct rs_stmt *stmt, size_t *n)
{
    if (stmt->state == RS_S1_ALLOCATED)
        return rs_fail(&stmt->head.diag, RS_HY010, 0, "nothing is prepared or executed");
    /* A text that the server would not describe alone (several statements) has no columns yet. */
    if (stmt->state == RS_S2_PREPARED && !stmt->is_described && stmt->sql.n_statements == 1 &&
        !describe(stmt))
        return false;
    *n = stmt->state == RS_S4_EXECUTED || hides_row(stmt) ? 0 : stmt->columns.n;
    return true;
}

SQLRETURN rs_stmt_num_result_cols(struct rs_stmt *stmt, SQLSMALLINT *out)
{
    size_t n = 0;

    if (!rs_stmt_need_columns(stmt, &n))
        return SQL_ERROR;
    if (out != NULL)
        *out = n > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)n;
    return SQL_SUCCESS;
}

static bool has_text(struct rs_stmt *stmt)
{
    if (stmt->sql.text != NULL)
        return true;
    return rs_fail(&stmt->head.diag, RS_HY010, 0, "nothing is prepared or executed");
}

SQLRETURN rs_stmt_num_params(struct rs_stmt *stmt, SQLSMALLINT *out)
{
    if (!has_text(stmt))
        return SQL_ERROR;
    if (out != NULL)
        *out = (SQLSMALLINT)stmt->sql.n_markers;
    return SQL_SUCCESS;
}

enum { OID_UNKNOWN = 705, OID_TEXT = 25, OID_CHAR = 1042, OID_VARCHAR = 1043, TYPMOD_HEADER = 4 };

/* The types of a call's arguments, where the catalog tells and every marker is an argument. */
static bool take_call_types(struct rs_stmt *stmt)
{
    const struct rs_routine *routine = stmt->routine;
    size_t n = stmt->sql.n_markers, n_args = 0;
    uint32_t *types;

    for (size_t i = 0; i < routine->form.n; i++)
        n_args += routine->form.arg[i].marker > 0;
    if (!routine->facts.types_known || n_args + (routine->is_function ? 1 : 0) != n)
        return true;
    types = rs_alloc(n, sizeof *types, &stmt->head.diag);
    if (types == NULL)
        return false;
    if (routine->is_function)
        types[0] = routine->facts.result;
    for (size_t i = 0; i < routine->form.n; i++) {
        if (routine->form.arg[i].marker > 0)
            types[routine->form.arg[i].marker - 1] = routine->facts.type[i];
    }
    rs_free(stmt->param_types);
    stmt->param_types = types;
    stmt->n_param_types = n;
    rs_bound_forget(stmt);
    return true;
}

/* Of a call the catalog knows more than the server says of the statement; where it does not tell,
 * the value of a function has the type of the one column. */
static bool need_param_types(struct rs_stmt *stmt)
{
    if (stmt->param_types != NULL)
        return true;
    if (stmt->routine != NULL && (!rs_routine_look(stmt) || !take_call_types(stmt)))
        return false;
    if (stmt->param_types != NULL)
        return true;
    if (!describe(stmt))
        return false;
    if (stmt->routine != NULL && stmt->routine->is_function && stmt->columns.n > 0 &&
        stmt->param_types != NULL)
        stmt->param_types[0] = stmt->columns.at[0].type_oid;
    return true;
}

/* The server tells a parameter's type but never its length: texts get the size that is reported
 * where nothing is known. */
static void describe_type(const struct rs_stmt *stmt, size_t index, struct rs_typed *out)
{
    uint32_t oid = index < stmt->n_param_types ? stmt->param_types[index] : 0;

    if (oid == 0 || oid == OID_UNKNOWN || oid == OID_TEXT)
        oid = OID_VARCHAR;
    rs_type_describe(&stmt->dbc->policy, oid,
                     oid == OID_CHAR ? stmt->dbc->policy.unknown_sizes + TYPMOD_HEADER : -1, out);
}

SQLULEN rs_param_described_size(const struct rs_stmt *stmt, size_t index)
{
    struct rs_typed typed;

    describe_type(stmt, index, &typed);
    return typed.column_size;
}

SQLRETURN rs_stmt_describe_param(struct rs_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT *type,
                                 SQLULEN *size, SQLSMALLINT *digits, SQLSMALLINT *nullable)
{
    struct rs_typed typed;

    if (!has_text(stmt))
        return SQL_ERROR;
    if (number < 1 || number > stmt->sql.n_markers) {
        rs_fail(&stmt->head.diag, RS_07009, 0, "the statement has %zu parameters, not %u",
                stmt->sql.n_markers, (unsigned)number);
        return SQL_ERROR;
    }
    if (!stmt->is_prepared) {
        rs_fail(&stmt->head.diag, RS_HY010, 0, "no statement is prepared");
        return SQL_ERROR;
    }
    if (!need_param_types(stmt))
        return SQL_ERROR;
    describe_type(stmt, (size_t)number - 1, &typed);
    if (type != NULL)
        *type = typed.concise_type;
    if (size != NULL)
        *size = typed.column_size;
    if (digits != NULL)
        *digits = typed.decimal_digits;
    if (nullable != NULL)
        *nullable = SQL_NULLABLE_UNKNOWN;
    return SQL_SUCCESS;
}

SQLRETURN rs_dbc_native_sql(struct rs_dbc *dbc, struct rs_text in, const struct rs_text_out *out)
{
    struct rs_buf text = RS_BUF_INIT((size_t)1 << 26), native = RS_BUF_INIT((size_t)1 << 26);
    struct rs_escape_rules rules = { 0 };
    SQLRETURN rc = SQL_ERROR;

    if (!rs_dbc_ready(dbc, &dbc->head.diag) || !rs_text_out_ok(out, &dbc->head.diag))
        return SQL_ERROR;
    rules.backslash_escapes = rs_session_backslash_escapes(dbc->session);
    rules.is_redshift = dbc->policy.is_redshift;
    if (in.p == NULL) {
        rs_fail(&dbc->head.diag, RS_HY009, 0, "no SQL text");
    } else if (rs_text_get(in, &text, &dbc->head.diag) &&
               rs_escape_native(rs_buf_str(&text), rules, &native, &dbc->head.diag)) {
        rs_text_put(out, rs_buf_str(&native), &dbc->head.diag);
        rc = SQL_SUCCESS;
    }
    rs_buf_clear(&native);
    rs_buf_clear(&text);
    return rc;
}

/* ---- the form of the cells ---- */

static bool wants_binary(const struct rs_stmt *stmt, size_t i)
{
    const struct rs_column *column = &stmt->columns.at[i];
    const struct rs_desc_rec *rec = rs_desc_rec(stmt->ard, (SQLSMALLINT)(i + 1));
    SQLSMALLINT c_type = rs_get_c_type(&column->get);

    if ((stmt->dbc->binary_kinds >> column->typed.kind & 1) == 0 || !rs_column_takes_binary(column))
        return false;
    if (rec != NULL && rec->data_ptr != NULL)
        c_type = rec->concise_type == SQL_C_DEFAULT ? column->typed.default_c : rec->concise_type;
    return rs_binary_pays(column->typed.kind, rs_ctype_of(c_type));
}

struct rs_str rs_stmt_forms(struct rs_stmt *stmt)
{
    bool any = false;

    if (!stmt->is_described)
        return (struct rs_str){ NULL, 0 };
    rs_buf_truncate(&stmt->forms, 0);
    for (size_t i = 0; i < stmt->columns.n; i++) {
        bool wanted = wants_binary(stmt, i);

        any = any || wanted;
        rs_buf_addc(&stmt->forms, wanted);
    }
    if (stmt->forms.bad) { /* no memory: text needs none */
        rs_buf_clear(&stmt->forms);
        return (struct rs_str){ NULL, 0 };
    }
    return any ? rs_buf_str(&stmt->forms) : (struct rs_str){ NULL, 0 };
}
