#include "dbc.h"

#include <string.h>

#include "stmt.h"
#include "need.h"
#include "turn.h"

void rs_dbc_init(struct rs_dbc *dbc, struct rs_env *env)
{
    dbc->head.magic = RS_MAGIC_DBC;
    dbc->env = env;
    rs_mutex_init(&dbc->lock);
    rs_mutex_init(&dbc->cancel_lock);
    dbc->autocommit = SQL_AUTOCOMMIT_ON;
    dbc->access_mode = SQL_MODE_READ_WRITE;
    dbc->access_mode_applied = true;
    dbc->disconnect_behavior = SQL_DB_RETURN_TO_POOL;
    dbc->odbc_cursors = SQL_CUR_USE_DRIVER;
    dbc->defaults.retrieve_data = SQL_RD_ON;
}

void rs_dbc_clear(struct rs_dbc *dbc)
{
    rs_dbc_close(dbc);
    rs_free(dbc->current_catalog);
    rs_diag_clear(&dbc->head.diag);
    rs_mutex_destroy(&dbc->lock);
    rs_mutex_destroy(&dbc->cancel_lock);
}

bool rs_dbc_ready(struct rs_dbc *dbc, struct rs_diag *diag)
{
    if (dbc->is_browsing)
        return rs_fail(diag, RS_HY010, 0, "SQLBrowseConnect is under way");
    if (dbc->session == NULL)
        return rs_fail(diag, RS_08003, 0, "the connection is not open");
    return true;
}

bool rs_dbc_is_v2(const struct rs_dbc *dbc)
{
    return dbc->env->odbc_version == SQL_OV_ODBC2;
}

bool rs_dbc_claim(struct rs_dbc *dbc, struct rs_stmt *except, struct rs_diag *diag)
{
    if (!rs_dbc_ready(dbc, diag) || !rs_turn_claim(dbc, except, diag))
        return false;
    for (struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (stmt != except && !rs_stmt_pin(stmt, diag))
            return false;
    if (dbc->call_owner != NULL && dbc->call_owner != except && !rs_dbc_end_call(dbc, diag))
        return false;
    return !rs_session_txn_is_open_question(dbc->session) ||
           rs_session_store_live(dbc->session, diag);
}

bool rs_dbc_know_txn(struct rs_dbc *dbc, struct rs_diag *diag)
{
    return !rs_session_txn_is_open_question(dbc->session) || rs_dbc_claim(dbc, NULL, diag);
}

bool rs_dbc_is_polled(struct rs_dbc *dbc, struct rs_diag *diag)
{
    if (dbc->n_polled == 0)
        return false;
    for (struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (stmt->state == RS_S11_POLLED && !rs_turn_drop_lost(stmt)) {
            rs_fail(diag, RS_HY010, 0, "a statement of the connection is executing asynchronously");
            return true;
        }
    return false;
}

bool rs_dbc_is_busy(struct rs_dbc *dbc, struct rs_diag *diag)
{
    if (rs_dbc_is_polled(dbc, diag))
        return true;
    for (struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (stmt->state == RS_S8_NEED_DATA) {
            rs_fail(diag, RS_HY010, 0, "a statement of the connection waits for parameter data");
            return true;
        }
    return false;
}

/* ---- transactions, odbc.md 16 ---- */

const char *rs_dbc_begin_text(const struct rs_dbc *dbc)
{
    switch (dbc->txn_isolation) {
    case SQL_TXN_READ_UNCOMMITTED:
        return "BEGIN ISOLATION LEVEL READ UNCOMMITTED";
    case SQL_TXN_READ_COMMITTED:
        return "BEGIN ISOLATION LEVEL READ COMMITTED";
    case SQL_TXN_REPEATABLE_READ:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case SQL_TXN_SERIALIZABLE:
        return "BEGIN ISOLATION LEVEL SERIALIZABLE";
    default:
        return "BEGIN";
    }
}

const char *rs_dbc_begin(struct rs_dbc *dbc)
{
    if (dbc->autocommit == SQL_AUTOCOMMIT_ON || rs_session_txn(dbc->session) != RS_TXN_IDLE)
        return NULL;
    return rs_dbc_begin_text(dbc);
}

static struct rs_deadline read_deadline(const struct rs_dbc *dbc)
{
    return rs_deadline_in((int64_t)dbc->connection_timeout_s * 1000);
}

/* Usually its COMMIT went out behind the last FETCH, and reading is all there is to do. */
bool rs_dbc_end_call(struct rs_dbc *dbc, struct rs_diag *diag)
{
    if (dbc->call_owner == NULL)
        return true;
    dbc->call_owner = NULL;
    if (dbc->session == NULL || rs_session_is_dead(dbc->session))
        return true;
    if (!rs_turn_claim(dbc, NULL, diag) || !rs_session_store_live(dbc->session, diag))
        return false;
    if (rs_session_txn(dbc->session) == RS_TXN_IDLE)
        return true;
    rs_cache_drop(&dbc->catalog_cache);
    return rs_session_run(dbc->session,
                          rs_session_txn(dbc->session) == RS_TXN_FAILED ? RS_STR("ROLLBACK")
                                                                        : RS_STR("COMMIT"),
                          read_deadline(dbc), NULL, diag);
}

void rs_dbc_after_error(struct rs_dbc *dbc, struct rs_diag *diag)
{
    struct rs_diag own = { .n = 0 };

    if (dbc->session == NULL || dbc->autocommit == SQL_AUTOCOMMIT_ON ||
        dbc->settings.transaction_error_behavior == 0 ||
        rs_session_txn(dbc->session) != RS_TXN_FAILED || rs_session_is_dead(dbc->session))
        return;
    rs_cache_drop(&dbc->catalog_cache);
    if (rs_session_run(dbc->session, RS_STR("ROLLBACK"), read_deadline(dbc), NULL, &own))
        rs_warn(diag, RS_01000, "the transaction was rolled back because of the error");
    else
        rs_diag_move(diag, &own);
    rs_diag_clear(&own);
}

/* A server error of COMMIT rolled everything back: the state says so. */
static void map_commit_error(struct rs_diag *diag)
{
    for (size_t i = 0; i < diag->n; i++) {
        struct rs_diag_rec *rec = &diag->rec[i];

        if (!rec->is_error)
            continue;
        if (rec->state == RS_08S01)
            rec->state = RS_08007;
        else if (rec->state == RS_23000)
            rec->state = RS_40002;
        else if (rec->from_server && rec->state != RS_40001)
            rec->state = RS_25S03;
    }
}

bool rs_dbc_run_end(struct rs_dbc *dbc, SQLSMALLINT type, struct rs_diag *diag)
{
    struct rs_buf tag = RS_BUF_INIT(64);
    struct rs_str sql = type == SQL_COMMIT ? RS_STR("COMMIT") : RS_STR("ROLLBACK");
    bool ok = rs_turn_claim(dbc, NULL, diag) && rs_session_store_live(dbc->session, diag);

    /* What was still to be read may have ended it. */
    if (ok && rs_session_txn(dbc->session) == RS_TXN_IDLE)
        return true;
    ok = ok && rs_session_run(dbc->session, sql, read_deadline(dbc), &tag, diag);

    if (!ok && type == SQL_COMMIT)
        map_commit_error(diag);
    if (ok && type == SQL_COMMIT && rs_str_eq(rs_buf_str(&tag), RS_STR("ROLLBACK")))
        ok = rs_fail(diag, RS_25S03, 0,
                     "the transaction had failed before; the server rolled it back instead of "
                     "committing");
    rs_buf_clear(&tag);
    if (!ok || type == SQL_ROLLBACK) /* arrays end their transactions here too */
        rs_cache_drop(&dbc->catalog_cache);
    return ok;
}

static bool is_ending(SQLSMALLINT type, struct rs_diag *diag)
{
    return type == SQL_COMMIT || type == SQL_ROLLBACK ||
           rs_fail(diag, RS_HY012, 0, "%d is neither SQL_COMMIT nor SQL_ROLLBACK", type);
}

SQLRETURN rs_dbc_end_tran(struct rs_dbc *dbc, SQLSMALLINT type)
{
    struct rs_diag *diag = &dbc->head.diag;

    if (!is_ending(type, diag) || !rs_dbc_ready(dbc, diag) || rs_dbc_is_busy(dbc, diag))
        return SQL_ERROR;
    if (!rs_dbc_know_txn(dbc, diag)) {
        if (type == SQL_COMMIT)
            map_commit_error(diag);
        return SQL_ERROR;
    }
    if (type == SQL_ROLLBACK) /* also where a kept answer began no transaction */
        rs_cache_drop(&dbc->catalog_cache);
    if (rs_session_txn(dbc->session) == RS_TXN_IDLE)
        return SQL_SUCCESS;
    /* What a dead connection had begun is rolled back by the server. */
    if (rs_session_is_dead(dbc->session) && type == SQL_ROLLBACK)
        return SQL_SUCCESS;
    if (!rs_dbc_claim(dbc, NULL, diag))
        return SQL_ERROR;
    return rs_dbc_run_end(dbc, type, diag) ? SQL_SUCCESS : SQL_ERROR;
}

SQLRETURN rs_env_end_tran(struct rs_env *env, SQLSMALLINT type)
{
    size_t n_good = 0, n_bad = 0;

    if (!is_ending(type, &env->head.diag))
        return SQL_ERROR;
    for (struct rs_dbc *dbc = env->first; dbc != NULL; dbc = dbc->next) {
        SQLRETURN rc;

        rs_lock(&dbc->lock);
        rs_diag_clear(&dbc->head.diag);
        rc = dbc->session == NULL ? SQL_SUCCESS : rs_dbc_end_tran(dbc, type);
        if (SQL_SUCCEEDED(rc))
            n_good++;
        else
            n_bad++;
        dbc->head.last_rc = rc;
        rs_unlock(&dbc->lock);
    }
    if (n_bad == 0)
        return SQL_SUCCESS;
    if (n_good > 0)
        rs_fail(&env->head.diag, RS_25S01, 0,
                "%zu connections ended their transaction and %zu did not; each has its own records",
                n_good, n_bad);
    else
        rs_fail(&env->head.diag, RS_HY000, 0,
                "no connection could end its transaction; each has its own records");
    return SQL_ERROR;
}

/* ---- cancel ---- */

static bool cancel_session(struct rs_dbc *dbc, const void *owner)
{
    bool ok = true;

    rs_lock(&dbc->cancel_lock);
    if (dbc->waiter != NULL && dbc->cancel_session != NULL &&
        (owner == NULL || owner == dbc->waiter)) {
        dbc->waiter_stop = true;
        rs_session_interrupt(dbc->cancel_session);
    }
    if (dbc->cancel_session != NULL)
        ok = rs_session_cancel(dbc->cancel_session, owner);
    rs_unlock(&dbc->cancel_lock);
    return ok;
}

/* The call is the statement's own, so a refusal is posted there. The lock is not held while the
 * server is asked. */
static SQLRETURN cancel_polled(struct rs_dbc *dbc, struct rs_stmt *stmt)
{
    rs_turn_cancel(stmt);
    stmt->head.last_rc = SQL_SUCCESS;
    rs_unlock(&dbc->lock);
    if (cancel_session(dbc, stmt))
        return SQL_SUCCESS;
    if (rs_stmt_enter_keep(stmt) == NULL)
        return SQL_INVALID_HANDLE;
    rs_fail(&stmt->head.diag, RS_HY018, 0, "the cancel request did not reach the server");
    return rs_stmt_leave(stmt, SQL_ERROR);
}

SQLRETURN rs_cancel_stmt(SQLHANDLE handle)
{
    struct rs_stmt *stmt = handle;
    struct rs_dbc *dbc;

    if (stmt == NULL || stmt->head.magic != RS_MAGIC_STMT)
        return SQL_INVALID_HANDLE;
    dbc = stmt->dbc;
    /* Nobody is inside: the call is about the statement itself. */
    if (rs_try_lock(&dbc->lock)) {
        SQLRETURN rc = SQL_SUCCESS;

        rs_diag_clear(&stmt->head.diag);
        if (stmt->state == RS_S11_POLLED && !rs_turn_drop_lost(stmt))
            return cancel_polled(dbc, stmt);
        if (stmt->state == RS_S8_NEED_DATA)
            rs_need_cancel(stmt);
        else if (rs_stmt_is_v2(stmt) && rs_stmt_has_cursor(stmt))
            rs_stmt_close(stmt);
        stmt->head.last_rc = rc;
        rs_unlock(&dbc->lock);
        return rc;
    }
    atomic_store(&stmt->is_cancelled, true);
    return cancel_session(dbc, stmt) ? SQL_SUCCESS : SQL_ERROR;
}

SQLRETURN rs_cancel_dbc(SQLHANDLE handle)
{
    struct rs_dbc *dbc = handle;

    if (dbc == NULL || dbc->head.magic != RS_MAGIC_DBC)
        return SQL_INVALID_HANDLE;
    return cancel_session(dbc, NULL) ? SQL_SUCCESS : SQL_ERROR;
}
