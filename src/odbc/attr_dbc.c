#include "attr.h"

#include <string.h>

#include "errorlog.h"

enum { CATALOG_MAX_BYTES = 4096 };

/* ---- setting ---- */

static bool check_when(const struct rs_dbc *dbc, const struct rs_attr *attr, struct rs_diag *diag)
{
    if (attr->when == RS_ATTR_BEFORE && dbc->session != NULL)
        return rs_fail(diag, RS_HY011, 0, "attribute %ld is set before connecting", (long)attr->id);
    return true;
}

static bool set_autocommit(struct rs_dbc *dbc, SQLUINTEGER value)
{
    bool is_switched_on = value == SQL_AUTOCOMMIT_ON && dbc->autocommit != SQL_AUTOCOMMIT_ON;

    /* What was begun by hand is committed; if that fails nothing has changed. */
    if (is_switched_on && dbc->session != NULL && !rs_dbc_know_txn(dbc, &dbc->head.diag))
        return false;
    if (is_switched_on && dbc->session != NULL && rs_session_txn(dbc->session) != RS_TXN_IDLE &&
        !SQL_SUCCEEDED(rs_dbc_end_tran(dbc, SQL_COMMIT)))
        return false;
    dbc->autocommit = value;
    return true;
}

static bool set_isolation(struct rs_dbc *dbc, SQLUINTEGER value, struct rs_diag *diag)
{
    if ((value & (value - 1)) != 0)
        return rs_fail(diag, RS_HY024, 0, "%lu is no isolation level", (unsigned long)value);
    if (dbc->session != NULL && !rs_dbc_know_txn(dbc, diag))
        return false;
    if (dbc->session != NULL && rs_session_txn(dbc->session) != RS_TXN_IDLE)
        return rs_fail(diag, RS_HY011, 0, "the isolation level cannot change in a transaction");
    if (dbc->session != NULL && rs_session_is_redshift(dbc->session) &&
        value != SQL_TXN_SERIALIZABLE) {
        rs_warn(diag, RS_01S02, "Redshift has one isolation level: serializable");
        value = SQL_TXN_SERIALIZABLE;
    }
    dbc->txn_isolation = value;
    return true;
}

static bool has_open_cursor(const struct rs_dbc *dbc)
{
    for (const struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        if (rs_stmt_has_cursor(stmt))
            return true;
    return false;
}

/* Once connected the database cannot be left: only its own name is accepted. */
static bool keep_catalog(const struct rs_dbc *dbc, struct rs_str name, struct rs_diag *diag)
{
    if (has_open_cursor(dbc))
        return rs_fail(diag, RS_24000, 0,
                       "the database cannot change while a cursor is open on the connection");
    if (rs_str_eq(name, rs_str_of(dbc->database)))
        return true;
    return rs_fail(diag, RS_HYC00, 0,
                   "a connection stays with its database \"%s\"; connect again for another",
                   dbc->database == NULL ? "" : dbc->database);
}

static bool set_catalog(struct rs_dbc *dbc, const struct rs_text *in, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(CATALOG_MAX_BYTES);
    char *name = NULL;
    bool ok = false;

    if (in->p == NULL) {
        rs_fail(diag, RS_HY009, 0, "no database name");
        goto out;
    }
    if (!rs_text_get(*in, &text, diag))
        goto out;
    if (dbc->session != NULL) {
        ok = keep_catalog(dbc, rs_buf_str(&text), diag);
        goto out;
    }
    if (text.len > 0) {
        name = rs_str_dup(rs_buf_str(&text), diag);
        if (name == NULL)
            goto out;
    }
    rs_free(dbc->current_catalog);
    dbc->current_catalog = name;
    ok = true;
out:
    rs_buf_clear(&text);
    return ok;
}

/* For statements that are made later (ODBC leaves it to the driver whether for others too). */
static bool set_async(struct rs_dbc *dbc, SQLULEN value, struct rs_diag *diag)
{
    if (value == SQL_ASYNC_ENABLE_ON && has_open_cursor(dbc))
        return rs_fail(diag, RS_HY011, 0,
                       "asynchronous calls cannot be switched on for the connection while one of "
                       "its statements has an open cursor");
    dbc->defaults.async = value;
    return true;
}

static void set_metadata_id(struct rs_dbc *dbc, bool value)
{
    dbc->defaults.metadata_id = value;
    for (struct rs_stmt *stmt = dbc->stmts; stmt != NULL; stmt = stmt->next)
        stmt->attrs.metadata_id = value ? SQL_TRUE : SQL_FALSE;
}

static bool set_cursors(struct rs_dbc *dbc, SQLUINTEGER value, struct rs_diag *diag)
{
    if (dbc->session != NULL)
        return rs_fail(diag, RS_08002, 0, "the cursor library is chosen before connecting");
    if (value == SQL_CUR_USE_ODBC)
        return rs_fail(diag, RS_HYC00, 0, "the cursor library is the driver manager's");
    dbc->odbc_cursors = value;
    return true;
}

static bool set_special(struct rs_dbc *dbc, const struct rs_attr *attr, SQLULEN value,
                        const struct rs_text *text)
{
    struct rs_diag *diag = &dbc->head.diag;

    switch (attr->id) {
    case SQL_ATTR_ASYNC_ENABLE:
        return set_async(dbc, value, diag);
    case SQL_ATTR_ACCESS_MODE:
        dbc->access_mode = (SQLUINTEGER)value;
        dbc->has_access_mode = true;
        dbc->access_mode_applied = false;
        return true;
    case SQL_ATTR_AUTOCOMMIT:
        return set_autocommit(dbc, (SQLUINTEGER)value);
    case SQL_ATTR_CURRENT_CATALOG:
        return set_catalog(dbc, text, diag);
    case SQL_ATTR_METADATA_ID:
        set_metadata_id(dbc, value == SQL_TRUE);
        return true;
    case SQL_ATTR_ODBC_CURSORS:
        return set_cursors(dbc, (SQLUINTEGER)value, diag);
    case SQL_ATTR_RESET_CONNECTION:
        return rs_dbc_reset(dbc);
    case SQL_ATTR_TRACEFILE: /* the driver manager traces */
        return true;
    case SQL_ATTR_TXN_ISOLATION:
        return set_isolation(dbc, (SQLUINTEGER)value, diag);
    default:
        return rs_fail(diag, RS_HYC00, 0, "attribute %ld is not supported", (long)attr->id);
    }
}

/* What else a stored value sets in motion. */
static void note_stored(struct rs_dbc *dbc, const struct rs_attr *attr)
{
    switch (attr->id) {
    case SQL_ATTR_LOGIN_TIMEOUT:
        dbc->has_login_timeout = true;
        break;
    case SQL_ATTR_CONNECTION_TIMEOUT:
        dbc->has_connection_timeout = true;
        if (dbc->session != NULL)
            rs_session_set_read_timeout(dbc->session, (int64_t)dbc->connection_timeout_s * 1000);
        break;
    case SQL_ATTR_QUERY_TIMEOUT:
        dbc->defaults.has_query_timeout = true;
        break;
    default:
        break;
    }
}

SQLRETURN rs_dbc_set_attr(struct rs_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER length, bool is_wide)
{
    struct rs_diag *diag = &dbc->head.diag;
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_DBC, attribute, diag);
    struct rs_text text = { NULL, 0, false };
    SQLULEN n;

    if (attr == NULL || rs_dbc_is_polled(dbc, diag) || !check_when(dbc, attr, diag) ||
        (attr->type == RS_ATTR_S && !rs_text_of_bytes(value, length, is_wide, &text, diag)))
        return SQL_ERROR;
    n = rs_attr_value(attr, value);
    if (!rs_attr_check(attr, &n, diag))
        return SQL_ERROR;
    if (attr->rule == RS_ATTR_SPECIAL)
        return set_special(dbc, attr, n, &text) ? SQL_SUCCESS : SQL_ERROR;
    if (attr->base == RS_ATTR_IN_DBC)
        rs_slot_put(dbc, attr->slot, (int64_t)n);
    note_stored(dbc, attr);
    return SQL_SUCCESS;
}

/* ---- reading ---- */

static SQLULEN isolation(const struct rs_dbc *dbc)
{
    bool is_postgres = dbc->session != NULL && !rs_session_is_redshift(dbc->session);

    if (dbc->session != NULL && !is_postgres)
        return SQL_TXN_SERIALIZABLE;
    if (dbc->txn_isolation != 0)
        return dbc->txn_isolation;
    return is_postgres ? SQL_TXN_READ_COMMITTED : SQL_TXN_SERIALIZABLE;
}

/* What the application has not set comes from the keys, as far as the connection has any. */
static SQLULEN stored(const struct rs_dbc *dbc, const struct rs_attr *attr)
{
    const struct rs_settings *set = dbc->has_settings ? &dbc->settings : NULL;

    switch (attr->id) {
    case SQL_ATTR_ACCESS_MODE:
        if (!dbc->has_access_mode && set != NULL && set->read_only)
            return SQL_MODE_READ_ONLY;
        break;
    case SQL_ATTR_LOGIN_TIMEOUT:
        if (!dbc->has_login_timeout && set != NULL)
            return (SQLULEN)set->login_timeout;
        break;
    case SQL_ATTR_CONNECTION_TIMEOUT:
        if (!dbc->has_connection_timeout && set != NULL)
            return (SQLULEN)set->read_timeout;
        break;
    case SQL_ATTR_QUERY_TIMEOUT:
        if (!dbc->defaults.has_query_timeout && set != NULL)
            return (SQLULEN)set->query_timeout;
        break;
    case SQL_ATTR_TXN_ISOLATION:
        return isolation(dbc);
    default:
        break;
    }
    return attr->base == RS_ATTR_IN_DBC ? (SQLULEN)rs_slot_get(dbc, attr->slot) : attr->dflt;
}

static bool has_session(struct rs_dbc *dbc, const struct rs_attr *attr)
{
    return dbc->session != NULL ||
           rs_fail(&dbc->head.diag, RS_08003, 0, "attribute %ld needs an open connection",
                   (long)attr->id);
}

/* Answers that only an open connection has. */
static bool of_session(struct rs_dbc *dbc, const struct rs_attr *attr, SQLULEN *out)
{
    if (!has_session(dbc, attr))
        return false;
    switch (attr->id) {
    case SQL_ATTR_CONNECTION_DEAD:
        *out = rs_session_is_dead(dbc->session) ? SQL_CD_TRUE : SQL_CD_FALSE;
        return true;
    case RS_ATTR_SESSION_ID:
        *out = (SQLUINTEGER)rs_session_server_pid(dbc->session);
        return true;
    case RS_ATTR_IS_REDSHIFT:
        *out = rs_session_is_redshift(dbc->session) ? 1 : 0;
        return true;
    default:
        *out = (SQLUINTEGER)rs_session_protocol(dbc->session);
        return true;
    }
}

static SQLRETURN get_text(struct rs_dbc *dbc, const struct rs_attr *attr,
                          const struct rs_text_out *out)
{
    struct rs_diag *diag = &dbc->head.diag;
    char digits[RS_SESSION_TEXT];
    const char *text = "";

    if (attr->id == RS_ATTR_SESSION_TEXT) {
        if (!has_session(dbc, attr))
            return SQL_ERROR;
        text = rs_session_text(dbc, digits);
    }
    if (attr->id == SQL_ATTR_CURRENT_CATALOG) {
        text = dbc->session != NULL ? dbc->database : dbc->current_catalog;
        if (dbc->session == NULL && text == NULL) {
            rs_fail(diag, RS_08003, 0, "the database is known once the connection is open");
            return SQL_ERROR;
        }
    }
    if (out == NULL)
        return SQL_SUCCESS;
    if (!rs_text_out_ok(out, diag))
        return SQL_ERROR;
    rs_text_put(out, rs_str_of(text), diag);
    return SQL_SUCCESS;
}

SQLRETURN rs_dbc_get_attr(struct rs_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                          const struct rs_text_out *text)
{
    struct rs_diag *diag = &dbc->head.diag;
    const struct rs_attr *attr = rs_attr_find(RS_ATTR_OF_DBC, attribute, diag);
    SQLULEN n = 0;

    if (attr == NULL)
        return SQL_ERROR;
    if (attr->rule == RS_ATTR_NONE || attribute == SQL_ATTR_RESET_CONNECTION) {
        rs_fail(diag, RS_HYC00, 0, "attribute %ld is not supported", (long)attribute);
        return SQL_ERROR;
    }
    if (attr->type == RS_ATTR_S)
        return get_text(dbc, attr, text);
    if (attr->when != RS_ATTR_NEVER || attr->rule != RS_ATTR_SPECIAL)
        n = stored(dbc, attr);
    else if (!of_session(dbc, attr, &n))
        return SQL_ERROR;
    rs_attr_write(attr, value, n);
    return SQL_SUCCESS;
}
