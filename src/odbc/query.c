#include "query.h"

static bool read_rows(struct rs_exchange *exchange, const struct rs_shape *shape,
                      const struct rs_query *query, rs_query_row_fn *row, void *ctx,
                      struct rs_diag *diag)
{
    struct rs_cell cells[RS_QUERY_MAX_COLUMNS];

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
    bool keeps = false;

    if (!dbc->policy.is_redshift)
        return true;
    if (dbc->session == NULL || rs_session_txn(dbc->session) == RS_TXN_FAILED)
        return false;
    if (!rs_query_run(&query, take_switch, &keeps, &unseen))
        keeps = false;
    rs_diag_clear(&unseen);
    return keeps;
}
