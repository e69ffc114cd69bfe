#include "query.h"

enum { NOWHERE = -1 };

static int place_of(const struct rs_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->n && *name != '\0'; i++)
        if (rs_str_eq_nocase(shape->field[i].name, rs_str_of(name)))
            return (int)i;
    return NOWHERE;
}

/* Rows whose columns are found by name. */
static bool read_named(struct rs_exchange *exchange, const struct rs_shape *shape,
                       const struct rs_query *query, rs_query_row_fn *row, void *ctx,
                       struct rs_diag *diag)
{
    struct rs_cell shown[RS_QUERY_MAX_SHOWN], cells[RS_QUERY_MAX_COLUMNS];
    int at[RS_QUERY_MAX_COLUMNS];

    if (shape->n > RS_QUERY_MAX_SHOWN || query->n_columns > RS_QUERY_MAX_COLUMNS)
        return rs_fail(diag, RS_HY000, 0, "the server answered with %zu columns", shape->n);
    for (size_t i = 0; i < query->n_columns; i++)
        at[i] = place_of(shape, query->names[i]);
    for (;;) {
        switch (rs_exchange_row(exchange, shown, diag)) {
        case RS_ROW_OK:
            for (size_t i = 0; i < query->n_columns; i++)
                cells[i] = at[i] == NOWHERE ? (struct rs_cell){ .n = -1 } : shown[at[i]];
            if (!row(ctx, cells, diag))
                return false;
            break;
        case RS_ROW_END:
            return true;
        case RS_ROW_FAILED:
            return false;
        }
    }
}

static bool read_rows(struct rs_exchange *exchange, const struct rs_shape *shape,
                      const struct rs_query *query, rs_query_row_fn *row, void *ctx,
                      struct rs_diag *diag)
{
    struct rs_cell cells[RS_QUERY_MAX_COLUMNS];

    if (query->names != NULL)
        return read_named(exchange, shape, query, row, ctx, diag);
    if (shape->n != query->n_columns || shape->n > RS_QUERY_MAX_COLUMNS)
        return rs_fail(diag, RS_HY000, 0,
                       "the server answered a catalog query with %zu columns "
                       "instead of %zu",
                       shape->n, query->n_columns);
    for (;;) {
        switch (rs_exchange_row(exchange, cells, diag)) {
        case RS_ROW_OK:
            if (!row(ctx, cells, diag))
                return false;
            break;
        case RS_ROW_END:
            return true;
        case RS_ROW_FAILED:
            return false;
        }
    }
}

static bool read_replies(struct rs_exchange *exchange, const struct rs_query *query,
                         rs_query_row_fn *row, void *ctx, struct rs_diag *diag)
{
    bool failed = false;

    for (;;) {
        struct rs_reply reply;

        if (!rs_exchange_next(exchange, &reply, diag))
            return false;
        switch (reply.kind) {
        case RS_EVENT_ROWS:
            if (!read_rows(exchange, reply.shape, query, row, ctx, diag))
                return false;
            break;
        case RS_EVENT_ERROR:
            failed = true;
            break;
        case RS_EVENT_READY:
            return !failed;
        case RS_EVENT_COMMAND:
        case RS_EVENT_EMPTY:
        case RS_EVENT_PARAMS:
        case RS_EVENT_NODATA:
            break;
        }
    }
}

/* Within a transaction a statement that is gone on the server (DEALLOCATE ALL, a pooler in between)
 * would undo the application's work; outside it is prepared anew. */
static bool may_stay(const struct rs_query *query)
{
    return query->stays_prepared && query->begin == NULL && query->dbc->session != NULL &&
           rs_session_txn(query->dbc->session) == RS_TXN_IDLE;
}

bool rs_query_run(const struct rs_query *query, rs_query_row_fn *row, void *ctx,
                  struct rs_diag *diag)
{
    struct rs_request request = {
        .kind = RS_REQ_EXTENDED,
        .sql = query->sql,
        .params = query->params,
        .n_params = query->n_params,
        .begin = query->begin,
        .deadline = query->deadline,
        .owner = query->stmt,
    };
    struct rs_exchange *exchange = NULL;
    bool ok;

    if (!rs_dbc_claim(query->dbc, query->stmt, diag))
        return false;
    if (may_stay(query))
        request.prepared =
            rs_query_cache_find(&query->dbc->queries, query->dbc->session, query->sql);
    if (!rs_exchange_start(query->dbc->session, &request, &exchange, diag))
        return false;
    ok = read_replies(exchange, query, row, ctx, diag);
    rs_exchange_free(exchange);
    return ok;
}

static bool take_switch(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_str value = { cells[0].p, cells[0].n > 0 ? (size_t)cells[0].n : 0 };

    (void)diag;
    *(bool *)ctx = rs_str_eq_nocase(value, RS_STR("on")) ||
                   rs_str_eq_nocase(value, RS_STR("true")) || rs_str_eq(value, RS_STR("1"));
    return true;
}

static const struct rs_str case_setting = { "enable_case_sensitive_identifier", 32 };

bool rs_query_keeps_case(struct rs_dbc *dbc, struct rs_stmt *stmt)
{
    struct rs_query query = {
        .dbc = dbc,
        .stmt = stmt,
        .sql = RS_STR("SHOW enable_case_sensitive_identifier"),
        .n_columns = 1,
        .deadline = rs_deadline_in((int64_t)dbc->connection_timeout_s * 1000),
    };
    struct rs_diag unseen = { .n = 0 };
    bool keeps = false, is_answer;

    if (!dbc->policy.is_redshift)
        return true;
    if (dbc->session == NULL || rs_session_txn(dbc->session) == RS_TXN_FAILED)
        return false;
    if (dbc->case_known)
        return dbc->keeps_case;
    is_answer = rs_query_run(&query, take_switch, &keeps, &unseen);
    rs_diag_clear(&unseen);
    dbc->case_known = is_answer && rs_session_txn(dbc->session) == RS_TXN_IDLE;
    dbc->keeps_case = is_answer && keeps;
    return dbc->keeps_case;
}

static bool has_word(struct rs_str text, struct rs_str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++)
        if (rs_lower(text.p[i]) == word.p[0] &&
            rs_str_eq_nocase((struct rs_str){ text.p + i, word.n }, word))
            return true;
    return false;
}

/* RESET ALL does not name it. */
void rs_query_before(struct rs_dbc *dbc, const struct rs_sql *sql)
{
    struct rs_str text = { sql->text, sql->len };

    if (dbc->case_known && (has_word(text, case_setting) || has_word(text, RS_STR("reset"))))
        dbc->case_known = false;
}
