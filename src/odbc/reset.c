/*
 * SQL_ATTR_RESET_CONNECTION: what a pool asks for before it hands a connection to the next user.
 *
 * Source: odbc.md 2.2; ODBC "Driver-Aware Connection Pooling" and "SQLSetConnectAttr"; PostgreSQL
 * "DISCARD"; Amazon Redshift "RESET", "SET SESSION AUTHORIZATION".
 */
#include "need.h"
#include "query.h"
#include "rows.h"

enum { DROP_TEXT_MAX = 1 << 22 };

/* ---- attributes ---- */

void rs_dbc_remember(struct rs_dbc *dbc)
{
    dbc->at_connect = (struct rs_dbc_kept){
        .autocommit = dbc->autocommit,
        .access_mode = dbc->access_mode,
        .has_access_mode = dbc->has_access_mode,
        .connection_timeout_s = dbc->connection_timeout_s,
        .has_connection_timeout = dbc->has_connection_timeout,
        .txn_isolation = dbc->txn_isolation,
        .disconnect_behavior = dbc->disconnect_behavior,
        .quiet_mode = dbc->quiet_mode,
        .defaults = dbc->defaults,
    };
}

static void restore_attributes(struct rs_dbc *dbc)
{
    const struct rs_dbc_kept *kept = &dbc->at_connect;

    dbc->autocommit = kept->autocommit;
    dbc->access_mode = kept->access_mode;
    dbc->has_access_mode = kept->has_access_mode;
    dbc->connection_timeout_s = kept->connection_timeout_s;
    dbc->has_connection_timeout = kept->has_connection_timeout;
    dbc->txn_isolation = kept->txn_isolation;
    dbc->disconnect_behavior = kept->disconnect_behavior;
    dbc->quiet_mode = kept->quiet_mode;
    dbc->defaults = kept->defaults;
    rs_session_set_read_timeout(dbc->session, (int64_t)kept->connection_timeout_s * 1000);
}

/* ---- statements ---- */

/* The server forgets all prepared statements: the handles make theirs again when executed. */
static void close_statements(struct rs_dbc *dbc)
{
    for (struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next) {
        if (stmt->state == RS_S8_NEED_DATA)
            rs_need_cancel(stmt);
        rs_stmt_close(stmt);
        rs_prepared_free(dbc->session, stmt->prepared);
        stmt->prepared = NULL;
        rs_rows_free(stmt);
    }
    rs_query_cache_clear(&dbc->queries, dbc->session);
}

/* ---- the server ---- */

static bool run(struct rs_dbc *dbc, struct rs_str sql, struct rs_deadline deadline)
{
    return rs_session_run(dbc->session, sql, deadline, NULL, &dbc->head.diag);
}

/* What DISCARD ALL does; that one would need a send of its own. */
static bool reset_postgres(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    return run(dbc,
               RS_STR("CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; "
                      "DEALLOCATE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); "
                      "DISCARD TEMP; DISCARD SEQUENCES"),
               deadline);
}

static struct rs_str text_of(const struct rs_cell *cell)
{
    return (struct rs_str){ cell->p, cell->n > 0 ? (size_t)cell->n : 0 };
}

/* Cells: schema, name, kind. */
static bool add_drop(void *ctx, const struct rs_cell *cells, struct rs_diag *diag)
{
    struct rs_buf *out = ctx;
    bool is_view = cells[2].n == 1 && cells[2].p[0] == 'v';

    rs_buf_adds(out, is_view ? "DROP VIEW IF EXISTS " : "DROP TABLE IF EXISTS ");
    rs_sql_ident(out, text_of(&cells[0]));
    rs_buf_addc(out, '.');
    rs_sql_ident(out, text_of(&cells[1]));
    rs_buf_adds(out, " CASCADE;");
    return rs_buf_ok(out, diag);
}

/* Names are taken as they are written while they are dropped; RESET ALL undoes that. */
static bool drop_temporary(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    struct rs_buf text = RS_BUF_INIT(DROP_TEXT_MAX);
    struct rs_query query = {
        .dbc = dbc,
        .sql = RS_STR("SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c "
                      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                      "WHERE c.relkind IN ('r', 'v') AND n.nspname LIKE 'pg!_temp!_%' ESCAPE '!' "
                      "AND n.nspname = ANY (pg_catalog.current_schemas(true)) ORDER BY 3 DESC"),
        .n_columns = 3,
        .deadline = deadline,
    };
    bool ok = rs_query_run(&query, add_drop, &text, &dbc->head.diag);

    if (ok && text.len > 0)
        ok = run(dbc, RS_STR("SET enable_case_sensitive_identifier TO true"), deadline) &&
             run(dbc, rs_buf_str(&text), deadline);
    rs_buf_clear(&text);
    return ok;
}

/* No DISCARD, and no DEALLOCATE of what is not known by name (redshift.md 10). */
static bool reset_redshift(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    return run(dbc, RS_STR("SET SESSION AUTHORIZATION DEFAULT"), deadline) &&
           drop_temporary(dbc, deadline) && run(dbc, RS_STR("RESET ALL"), deadline);
}

static bool reset_server(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    if (rs_session_txn(dbc->session) != RS_TXN_IDLE && !run(dbc, RS_STR("ROLLBACK"), deadline))
        return false;
    if (!(dbc->policy.is_redshift ? reset_redshift(dbc, deadline) : reset_postgres(dbc, deadline)))
        return false;
    return rs_dbc_set_up(dbc, deadline);
}

bool rs_dbc_reset(struct rs_dbc *dbc)
{
    struct rs_diag *diag = &dbc->head.diag;
    bool ok;

    if (!rs_dbc_ready(dbc, diag))
        return false;
    if (rs_session_is_dead(dbc->session))
        return rs_fail(diag, RS_08S01, 0, "the connection to the server was lost before");
    close_statements(dbc);
    rs_cache_drop(&dbc->catalog_cache);
    dbc->case_known = false;
    restore_attributes(dbc);
    ok = reset_server(dbc, rs_deadline_in((int64_t)dbc->settings.login_timeout * 1000));
    if (!ok) /* a pool must not hand out what the former user may have left */
        rs_session_kill(dbc->session);
    RS_LOG(&dbc->log, ok ? RS_LOG_INFO : RS_LOG_ERROR, "reset",
           ok ? "as if just connected" : "not possible; the connection is given up");
    return ok;
}
