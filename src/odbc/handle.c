#include "handle.h"

#include <assert.h>
#include <string.h>

#include "../auth/auth.h"
#include "desc.h"
#include "errorlog.h"
#include "stmt.h"
#include "turn.h"

/* ---- enter and leave ---- */

static bool is_kind(SQLHANDLE handle, enum rs_magic magic)
{
    return handle != NULL && ((const struct rs_head *)handle)->magic == (uint32_t)magic;
}

static void clear_records(struct rs_head *head)
{
    if (head->diag.n > 0 || head->diag.n_dropped > 0)
        rs_diag_reset(&head->diag);
}

struct rs_env *rs_env_enter_keep(SQLHANDLE handle)
{
    struct rs_env *env = handle;

    if (!is_kind(handle, RS_MAGIC_ENV))
        return NULL;
    rs_lock(&env->lock);
    return env;
}

struct rs_dbc *rs_dbc_enter_keep(SQLHANDLE handle)
{
    struct rs_dbc *dbc = handle;

    if (!is_kind(handle, RS_MAGIC_DBC))
        return NULL;
    rs_lock(&dbc->lock);
    return dbc;
}

struct rs_stmt *rs_stmt_enter_keep(SQLHANDLE handle)
{
    struct rs_stmt *stmt = handle;

    if (!is_kind(handle, RS_MAGIC_STMT))
        return NULL;
    rs_lock(&stmt->dbc->lock);
    return stmt;
}

struct rs_desc *rs_desc_enter_keep(SQLHANDLE handle)
{
    struct rs_desc *desc = handle;

    if (!is_kind(handle, RS_MAGIC_DESC))
        return NULL;
    rs_lock(&desc->dbc->lock);
    return desc;
}

struct rs_env *rs_env_enter(SQLHANDLE handle)
{
    struct rs_env *env = rs_env_enter_keep(handle);

    if (env != NULL)
        clear_records(&env->head);
    return env;
}

struct rs_dbc *rs_dbc_enter(SQLHANDLE handle)
{
    struct rs_dbc *dbc = rs_dbc_enter_keep(handle);

    if (dbc != NULL)
        clear_records(&dbc->head);
    return dbc;
}

struct rs_stmt *rs_stmt_enter(SQLHANDLE handle)
{
    struct rs_stmt *stmt = rs_stmt_enter_keep(handle);

    if (stmt != NULL)
        clear_records(&stmt->head);
    return stmt;
}

struct rs_desc *rs_desc_enter(SQLHANDLE handle)
{
    struct rs_desc *desc = rs_desc_enter_keep(handle);

    if (desc != NULL)
        clear_records(&desc->head);
    return desc;
}

/* An error without a record would leave the application without a reason. */
static SQLRETURN settle(struct rs_head *head, SQLRETURN rc)
{
    if (rc == SQL_SUCCESS && head->diag.n > 0)
        rc = SQL_SUCCESS_WITH_INFO;
    assert(rc != SQL_ERROR || head->diag.n_error > 0);
    head->last_rc = rc;
    return rc;
}

SQLRETURN rs_env_leave(struct rs_env *env, SQLRETURN rc)
{
    return rs_env_leave_keep(env, settle(&env->head, rc));
}

SQLRETURN rs_dbc_leave(struct rs_dbc *dbc, SQLRETURN rc)
{
    if (dbc->head.diag.n_error > 0)
        rs_log_errors(dbc, &dbc->head.diag);
    return rs_dbc_leave_keep(dbc, settle(&dbc->head, rc));
}

/* Apart, so that the usual way calls nothing it would save registers for. */
static RS_APART SQLRETURN stmt_leave_failed(struct rs_stmt *stmt, SQLRETURN rc)
{
    rs_log_errors(stmt->dbc, &stmt->head.diag);
    return rs_stmt_leave_keep(stmt, settle(&stmt->head, rc));
}

SQLRETURN rs_stmt_leave(struct rs_stmt *stmt, SQLRETURN rc)
{
    if (RS_UNLIKELY(stmt->head.diag.n_error > 0))
        return stmt_leave_failed(stmt, rc);
    return rs_stmt_leave_keep(stmt, settle(&stmt->head, rc));
}

SQLRETURN rs_desc_leave(struct rs_desc *desc, SQLRETURN rc)
{
    return rs_desc_leave_keep(desc, settle(&desc->head, rc));
}

SQLRETURN rs_env_leave_keep(struct rs_env *env, SQLRETURN rc)
{
    rs_unlock(&env->lock);
    return rc;
}

SQLRETURN rs_dbc_leave_keep(struct rs_dbc *dbc, SQLRETURN rc)
{
    rs_unlock(&dbc->lock);
    return rc;
}

SQLRETURN rs_stmt_leave_keep(struct rs_stmt *stmt, SQLRETURN rc)
{
    rs_unlock(&stmt->dbc->lock);
    return rc;
}

SQLRETURN rs_desc_leave_keep(struct rs_desc *desc, SQLRETURN rc)
{
    rs_unlock(&desc->dbc->lock);
    return rc;
}

/* ---- allocate ---- */

SQLRETURN rs_env_new(SQLHANDLE *out)
{
    struct rs_env *env;

    if (out == NULL)
        return SQL_ERROR;
    env = rs_new(struct rs_env, NULL);
    *out = env; /* SQL_NULL_HANDLE when there is no memory: nobody could ask for the reason */
    if (env == NULL)
        return SQL_ERROR;
    env->head.magic = RS_MAGIC_ENV;
    env->cp_match = SQL_CP_STRICT_MATCH;
    rs_mutex_init(&env->lock);
    rs_auth_hold();
    return SQL_SUCCESS;
}

static SQLRETURN new_dbc(SQLHANDLE parent, SQLHANDLE *out)
{
    struct rs_env *env = rs_env_enter(parent);
    struct rs_dbc *dbc;

    if (env == NULL)
        return SQL_INVALID_HANDLE;
    if (out == NULL) {
        rs_fail(&env->head.diag, RS_HY009, 0, "no place for the new handle");
        return rs_env_leave(env, SQL_ERROR);
    }
    *out = SQL_NULL_HANDLE;
    if (env->odbc_version == 0) {
        rs_fail(&env->head.diag, RS_HY010, 0, "SQL_ATTR_ODBC_VERSION must be set first");
        return rs_env_leave(env, SQL_ERROR);
    }
    dbc = rs_new(struct rs_dbc, &env->head.diag);
    if (dbc == NULL)
        return rs_env_leave(env, SQL_ERROR);
    rs_dbc_init(dbc, env);
    dbc->next = env->first;
    env->first = dbc;
    *out = dbc;
    return rs_env_leave(env, SQL_SUCCESS);
}

/* Locked: dbc */
static bool may_have_children(struct rs_dbc *dbc, SQLHANDLE *out)
{
    if (out == NULL)
        return rs_fail(&dbc->head.diag, RS_HY009, 0, "no place for the new handle");
    *out = SQL_NULL_HANDLE;
    return rs_dbc_ready(dbc, &dbc->head.diag);
}

static SQLRETURN new_stmt(SQLHANDLE parent, SQLHANDLE *out)
{
    struct rs_dbc *dbc = rs_dbc_enter(parent);
    struct rs_stmt *stmt = NULL;

    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    if (may_have_children(dbc, out))
        stmt = rs_new(struct rs_stmt, &dbc->head.diag);
    if (stmt == NULL)
        return rs_dbc_leave(dbc, SQL_ERROR);
    rs_stmt_init(stmt, dbc);
    stmt->next = dbc->stmts;
    dbc->stmts = stmt;
    *out = stmt;
    return rs_dbc_leave(dbc, SQL_SUCCESS);
}

static SQLRETURN new_desc(SQLHANDLE parent, SQLHANDLE *out)
{
    struct rs_dbc *dbc = rs_dbc_enter(parent);
    struct rs_desc *desc = NULL;

    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    if (may_have_children(dbc, out))
        desc = rs_new(struct rs_desc, &dbc->head.diag);
    if (desc == NULL)
        return rs_dbc_leave(dbc, SQL_ERROR);
    rs_desc_init(desc, RS_DESC_EXPLICIT, dbc, NULL);
    desc->next = dbc->descs;
    dbc->descs = desc;
    *out = desc;
    return rs_dbc_leave(dbc, SQL_SUCCESS);
}

static SQLRETURN refuse_kind(struct rs_head *head, SQLSMALLINT kind)
{
    rs_fail(&head->diag, RS_HY092, 0, "this function takes no handle of type %d", kind);
    return SQL_ERROR;
}

SQLRETURN rs_handle_fail_kind(SQLSMALLINT kind, SQLHANDLE handle)
{
    struct rs_env *env = rs_env_enter(handle);
    struct rs_dbc *dbc = rs_dbc_enter(handle);
    struct rs_stmt *stmt = rs_stmt_enter(handle);
    struct rs_desc *desc = rs_desc_enter(handle);

    if (env != NULL)
        return rs_env_leave(env, refuse_kind(&env->head, kind));
    if (dbc != NULL)
        return rs_dbc_leave(dbc, refuse_kind(&dbc->head, kind));
    if (stmt != NULL)
        return rs_stmt_leave(stmt, refuse_kind(&stmt->head, kind));
    if (desc != NULL)
        return rs_desc_leave(desc, refuse_kind(&desc->head, kind));
    return SQL_INVALID_HANDLE;
}

SQLRETURN rs_handle_alloc(SQLSMALLINT kind, SQLHANDLE parent, SQLHANDLE *out)
{
    switch (kind) {
    case SQL_HANDLE_ENV:
        return rs_env_new(out);
    case SQL_HANDLE_DBC:
        return new_dbc(parent, out);
    case SQL_HANDLE_STMT:
        return new_stmt(parent, out);
    case SQL_HANDLE_DESC:
        return new_desc(parent, out);
    default:
        return rs_handle_fail_kind(kind, parent);
    }
}

/* ---- free ---- */

static SQLRETURN free_env(SQLHANDLE handle)
{
    struct rs_env *env = rs_env_enter(handle);

    if (env == NULL)
        return SQL_INVALID_HANDLE;
    if (env->first != NULL) {
        rs_fail(&env->head.diag, RS_HY010, 0, "the environment still has connection handles");
        return rs_env_leave(env, SQL_ERROR);
    }
    env->head.magic = RS_MAGIC_DEAD;
    rs_diag_clear(&env->head.diag);
    rs_unlock(&env->lock);
    rs_mutex_destroy(&env->lock);
    rs_free(env);
    rs_auth_release();
    return SQL_SUCCESS;
}

static SQLRETURN free_dbc(SQLHANDLE handle)
{
    struct rs_dbc *dbc = rs_dbc_enter(handle), **at;
    struct rs_env *env;

    if (dbc == NULL)
        return SQL_INVALID_HANDLE;
    if (dbc->session != NULL || dbc->is_browsing) {
        rs_fail(&dbc->head.diag, RS_HY010, 0, "the connection is still open");
        return rs_dbc_leave(dbc, SQL_ERROR);
    }
    env = dbc->env;
    rs_unlock(&dbc->lock); /* the order of locks is environment, then connection */
    rs_lock(&env->lock);
    for (at = &env->first; *at != NULL && *at != dbc; at = &(*at)->next)
        ;
    if (*at == dbc)
        *at = dbc->next;
    rs_unlock(&env->lock);
    dbc->head.magic = RS_MAGIC_DEAD;
    rs_dbc_clear(dbc);
    rs_free(dbc);
    return SQL_SUCCESS;
}

static SQLRETURN free_stmt(SQLHANDLE handle)
{
    struct rs_stmt *stmt = rs_stmt_enter(handle), **at;
    struct rs_dbc *dbc;

    if (stmt == NULL)
        return SQL_INVALID_HANDLE;
    if (!rs_stmt_is_idle(stmt))
        return rs_stmt_leave(stmt, SQL_ERROR);
    dbc = stmt->dbc;
    for (at = &dbc->stmts; *at != stmt; at = &(*at)->next)
        ;
    *at = stmt->next;
    rs_stmt_clear(stmt);
    stmt->head.magic = RS_MAGIC_DEAD;
    rs_free(stmt);
    rs_unlock(&dbc->lock);
    return SQL_SUCCESS;
}

/* Statements that use the descriptor go back to their own. */
static void release_desc(struct rs_desc *desc)
{
    for (struct rs_stmt *stmt = desc->dbc->stmts; stmt != NULL; stmt = stmt->next) {
        if (stmt->ard == desc)
            stmt->ard = &stmt->own_ard;
        if (stmt->apd == desc)
            stmt->apd = &stmt->own_apd;
    }
}

static SQLRETURN free_desc(SQLHANDLE handle)
{
    struct rs_desc *desc = rs_desc_enter(handle), **at;
    struct rs_dbc *dbc;

    if (desc == NULL)
        return SQL_INVALID_HANDLE;
    if (desc->kind != RS_DESC_EXPLICIT) {
        rs_fail(&desc->head.diag, RS_HY017, 0,
                "this descriptor belongs to a statement and goes with it");
        return rs_desc_leave(desc, SQL_ERROR);
    }
    if (!rs_turn_spares(desc, &desc->head.diag))
        return rs_desc_leave(desc, SQL_ERROR);
    dbc = desc->dbc;
    release_desc(desc);
    for (at = &dbc->descs; *at != desc; at = &(*at)->next)
        ;
    *at = desc->next;
    rs_desc_clear(desc);
    desc->head.magic = RS_MAGIC_DEAD;
    rs_free(desc);
    rs_unlock(&dbc->lock);
    return SQL_SUCCESS;
}

SQLRETURN rs_handle_free(SQLSMALLINT kind, SQLHANDLE handle)
{
    switch (kind) {
    case SQL_HANDLE_ENV:
        return free_env(handle);
    case SQL_HANDLE_DBC:
        return free_dbc(handle);
    case SQL_HANDLE_STMT:
        return free_stmt(handle);
    case SQL_HANDLE_DESC:
        return free_desc(handle);
    default:
        return SQL_INVALID_HANDLE;
    }
}
