/*
 * SQLConnect, SQLDriverConnect, SQLDisconnect: from a connection string to a live session.
 *
 * Settings are read and checked, the auth layer turns them into a login, the session is opened,
 * what must be set on it is set; then every secret is wiped. A failed connect leaves the handle
 * as it was. Source: odbc.md 3; style of the whole way: docs/architecture.md.
 */
#include <string.h>

#include "../auth/auth.h"
#include "binary.h"
#include "dbc.h"
#include "dsn.h"
#include "options.h"
#include "stmt.h"

enum { SETTINGS_TEXT_MAX = 65536 };

/* ---- what is set on the session after it is open ---- */

static bool run(struct rs_dbc *dbc, struct rs_str sql, struct rs_deadline deadline)
{
    return rs_session_run(dbc->session, sql, deadline, NULL, &dbc->head.diag);
}

static bool set_query_group(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    struct rs_buf sql = RS_BUF_INIT(SETTINGS_TEXT_MAX);
    bool ok;

    rs_buf_adds(&sql, "SET query_group TO ");
    rs_sql_literal(&sql, rs_str_of(dbc->settings.query_group),
                   rs_session_backslash_escapes(dbc->session));
    ok = rs_buf_ok(&sql, &dbc->head.diag) && run(dbc, rs_buf_str(&sql), deadline);
    rs_buf_clear(&sql);
    return ok;
}

bool rs_dbc_set_up(struct rs_dbc *dbc, struct rs_deadline deadline)
{
    const struct rs_settings *set = &dbc->settings;

    if (set->query_group != NULL) {
        if (!dbc->policy.is_redshift)
            rs_warn(&dbc->head.diag, RS_01S00, "QueryGroup is ignored: the server is not Redshift");
        else if (!set_query_group(dbc, deadline))
            return false;
    }
    if (dbc->access_mode == SQL_MODE_READ_ONLY) {
        struct rs_str sql = dbc->policy.is_redshift
                                ? RS_STR("SET readonly TO 1")
                                : RS_STR("SET default_transaction_read_only TO on");

        if (!run(dbc, sql, deadline))
            return false;
    }
    dbc->access_mode_applied = true;
    if (set->initialization_string != NULL)
        return run(dbc, rs_str_of(set->initialization_string), deadline);
    return true;
}

static bool take_identity(struct rs_dbc *dbc, const struct rs_login *login)
{
    const char *user = rs_session_status(dbc->session, "session_authorization");
    struct rs_diag *diag = &dbc->head.diag;

    dbc->user = rs_str_dup(rs_str_of(user != NULL ? user : login->user), diag);
    dbc->server_name = rs_str_dup(rs_str_of(login->host), diag);
    dbc->database = rs_str_dup(rs_str_of(login->database), diag);
    dbc->port = login->port;
    dbc->is_iam = login->is_iam;
    return dbc->user != NULL && dbc->server_name != NULL && dbc->database != NULL;
}

static void publish_session(struct rs_dbc *dbc, struct rs_session *session)
{
    rs_lock(&dbc->cancel_lock);
    dbc->cancel_session = session;
    rs_unlock(&dbc->cancel_lock);
}

/* ---- the way from settings to a session ---- */

static void wipe_secrets(struct rs_settings *set)
{
#define WIPE_TEXT(f)
#define WIPE_INT(f)
#define WIPE_BOOL(f)
#define WIPE_SECRET(f)                                             rs_secret_clear(&set->f);
#define KEY(field, name, type, dflt, min, max, group, state, help) WIPE_##type(field)
#include "../keys.def"
#undef WIPE_TEXT
#undef WIPE_INT
#undef WIPE_BOOL
#undef WIPE_SECRET
}

static void open_log(struct rs_dbc *dbc)
{
    const struct rs_settings *set = &dbc->settings;
    struct rs_buf why = RS_BUF_INIT(8192);
    bool json = set->log_format != NULL && strcmp(set->log_format, "json") == 0;

    if (!rs_log_open(&dbc->log, (enum rs_log_level)set->log_level, set->log_sql, set->log_path,
                     json, set->log_max_bytes, &why))
        rs_warn(&dbc->head.diag, RS_01000, "there is no log: %s",
                why.p != NULL ? why.p : "not enough memory");
    rs_buf_clear(&why);
}

static void log_settings(struct rs_dbc *dbc)
{
    struct rs_buf text = RS_BUF_INIT(SETTINGS_TEXT_MAX);

    if (!rs_log_on(&dbc->log, RS_LOG_INFO))
        return;
    rs_settings_print(&dbc->settings, &text);
    if (!text.bad)
        rs_log_write(&dbc->log, RS_LOG_INFO, "settings", "%s", rs_buf_str(&text).p);
    rs_buf_clear(&text);
}

/* Each key with its source. */
static void log_sources(struct rs_dbc *dbc)
{
    const struct rs_settings *set = &dbc->settings;

    for (int i = 0; rs_log_on(&dbc->log, RS_LOG_DEBUG) && i < RS_KEY_COUNT; i++) {
        struct rs_buf text = RS_BUF_INIT(SETTINGS_TEXT_MAX);

        if (rs_settings_is_set(set, (enum rs_key_id)i)) {
            rs_settings_print_value(set, (enum rs_key_id)i, &text);
            RS_LOG(&dbc->log, RS_LOG_DEBUG, "settings.key", "%s = %s, from %s",
                   rs_key((enum rs_key_id)i)->name, text.p == NULL ? "" : text.p,
                   rs_layer_name((enum rs_layer)set->layer[i]));
        }
        rs_buf_clear(&text);
    }
}

static void log_outcome(struct rs_dbc *dbc, bool ok)
{
    const struct rs_diag *diag = &dbc->head.diag;

    if (ok) {
        RS_LOG(&dbc->log, RS_LOG_INFO, "connect", "connected to %s:%d, database %s, user %s",
               dbc->server_name, (int)dbc->port, dbc->database, dbc->user);
        return;
    }
    for (size_t i = 0; i < diag->n; i++)
        RS_LOG(&dbc->log, RS_LOG_ERROR, "connect", "%s %s",
               rs_state_text(diag->rec[i].state, false), diag->rec[i].text);
}

/* Attributes set before connecting beat the keys; keys are the default of the others. */
static void merge_attributes(struct rs_dbc *dbc)
{
    if (!dbc->has_access_mode)
        dbc->access_mode = dbc->settings.read_only ? SQL_MODE_READ_ONLY : SQL_MODE_READ_WRITE;
    if (!dbc->has_connection_timeout)
        dbc->connection_timeout_s = (SQLUINTEGER)dbc->settings.read_timeout;
}

static bool open_session(struct rs_dbc *dbc, const struct rs_login *login,
                         struct rs_deadline deadline)
{
    struct rs_options options = RS_OPTIONS_INIT;
    bool ok = rs_options_compose(dbc, &options) &&
              rs_session_open(login, &options.session, deadline, &dbc->session, &dbc->head.diag);

    rs_options_clear(&options);
    if (!ok)
        return false;
    rs_policy_from(&dbc->policy, &dbc->settings, rs_session_is_redshift(dbc->session));
    dbc->policy.is_v2 = rs_dbc_is_v2(dbc);
    dbc->binary_kinds = dbc->settings.binary_fetch ? rs_binary_kinds(dbc->session) : 0;
    return true;
}

static bool resolve(struct rs_dbc *dbc, struct rs_deadline deadline, struct rs_login *login)
{
    return rs_auth_resolve(&dbc->settings, &rs_world_real, deadline, &dbc->log, login,
                           &dbc->head.diag);
}

static bool sign_in(struct rs_dbc *dbc)
{
    struct rs_deadline deadline = rs_deadline_in((int64_t)dbc->settings.login_timeout * 1000);
    struct rs_login login = { .host = NULL };
    size_t n = dbc->head.diag.n;
    bool ok = resolve(dbc, deadline, &login) && open_session(dbc, &login, deadline);

    /* A password of an earlier sign-in is no good any more: once more with a new one. */
    if (!ok && rs_diag_state(&dbc->head.diag) == RS_28000 && rs_auth_forget(&login)) {
        RS_LOG(&dbc->log, RS_LOG_INFO, "connect", "the kept password is refused: %s",
               rs_diag_first(&dbc->head.diag));
        rs_diag_cut(&dbc->head.diag, n);
        rs_login_clear(&login);
        ok = resolve(dbc, deadline, &login) && open_session(dbc, &login, deadline);
    }
    ok = ok && take_identity(dbc, &login);
    rs_login_clear(&login);
    if (ok)
        ok = rs_dbc_set_up(dbc, deadline);
    if (ok)
        publish_session(dbc, dbc->session);
    return ok;
}

/* An error inside the session set-up is an error of connecting. */
static void map_set_up_errors(struct rs_diag *diag)
{
    for (size_t i = 0; i < diag->n; i++)
        if (diag->rec[i].is_error && diag->rec[i].state == RS_08S01)
            diag->rec[i].state = RS_08001;
}

static bool finish(struct rs_dbc *dbc, bool ok)
{
    if (!ok && dbc->session != NULL)
        map_set_up_errors(&dbc->head.diag);
    log_outcome(dbc, ok);
    wipe_secrets(&dbc->settings);
    if (ok)
        rs_dbc_remember(dbc);
    else
        rs_dbc_close(dbc);
    return ok;
}

/* What stands before any source is read. */
static bool begin(struct rs_dbc *dbc)
{
    char digits[24] = "";

    rs_dbc_close(dbc);
    if (!rs_settings_init(&dbc->settings, &dbc->head.diag))
        return false;
    dbc->has_settings = true;
    if (!dbc->has_login_timeout)
        return true;
    digits[rs_print_u64(digits, dbc->login_timeout_s)] = '\0';
    return rs_settings_put(&dbc->settings, RS_KEY_login_timeout, rs_str_of(digits),
                           RS_LAYER_ATTRIBUTE, &dbc->head.diag);
}

/* Everything behind the reading of sources. */
static bool go(struct rs_dbc *dbc)
{
    struct rs_settings *set = &dbc->settings;

    if (set->database == NULL && dbc->current_catalog != NULL &&
        !rs_settings_put(set, RS_KEY_database, rs_str_of(dbc->current_catalog), RS_LAYER_ATTRIBUTE,
                         &dbc->head.diag))
        return false;
    open_log(dbc);
    if (!rs_settings_check(set, &dbc->head.diag))
        return false;
    log_settings(dbc);
    log_sources(dbc);
    if (set->dsn != NULL) {
        dbc->dsn = rs_str_dup(rs_str_of(set->dsn), &dbc->head.diag);
        if (dbc->dsn == NULL)
            return false;
    }
    merge_attributes(dbc);
    return sign_in(dbc);
}

/* ---- entry ---- */

/* Refused before anything is touched: the open session stays. */
static bool may_connect(struct rs_dbc *dbc)
{
    if (dbc->session != NULL)
        return rs_fail(&dbc->head.diag, RS_08002, 0, "the connection is open already");
    if (dbc->is_browsing)
        return rs_fail(&dbc->head.diag, RS_HY010, 0,
                       "SQLBrowseConnect is under way; SQLDisconnect ends it");
    return true;
}

SQLRETURN rs_connect(struct rs_dbc *dbc, struct rs_text dsn, struct rs_text uid, struct rs_text pwd)
{
    struct rs_diag *diag = &dbc->head.diag;
    struct rs_buf name = RS_BUF_INIT(4096), user = RS_BUF_INIT(SETTINGS_TEXT_MAX);
    struct rs_buf password = RS_BUF_WIPED(SETTINGS_TEXT_MAX);
    bool ok;

    if (!may_connect(dbc))
        return SQL_ERROR;
    ok = begin(dbc) && rs_text_get(dsn, &name, diag) && rs_text_get(uid, &user, diag) &&
         rs_text_get(pwd, &password, diag) &&
         rs_dsn_load_named(&dbc->settings, rs_buf_str(&name), rs_buf_str(&user),
                           rs_buf_str(&password), diag) &&
         go(dbc);
    rs_buf_clear(&name);
    rs_buf_clear(&user);
    rs_buf_clear(&password);
    return finish(dbc, ok) ? SQL_SUCCESS : SQL_ERROR;
}

static bool check_completion(struct rs_dbc *dbc, SQLHWND window, SQLUSMALLINT completion)
{
    struct rs_diag *diag = &dbc->head.diag;

    switch (completion) {
    case SQL_DRIVER_NOPROMPT:
    case SQL_DRIVER_COMPLETE:
    case SQL_DRIVER_COMPLETE_REQUIRED:
        return true;
    case SQL_DRIVER_PROMPT:
        if (window == NULL)
            return rs_fail(diag, RS_HY092, 0, "SQL_DRIVER_PROMPT needs a window");
        rs_warn(diag, RS_01000, "this platform has no dialog; connecting with what is given");
        return true;
    default:
        return rs_fail(diag, RS_HY110, 0, "%u is no driver completion", (unsigned)completion);
    }
}

static bool put_output(struct rs_dbc *dbc, const struct rs_text_out *out)
{
    struct rs_buf text = RS_BUF_WIPED(1 << 24);
    bool ok;

    rs_connstr_output(&dbc->string, &dbc->settings, &text);
    ok = rs_buf_ok(&text, &dbc->head.diag);
    if (ok)
        rs_text_put(out, rs_buf_str(&text), &dbc->head.diag);
    rs_buf_clear(&text);
    return ok;
}

SQLRETURN rs_driver_connect(struct rs_dbc *dbc, SQLHWND window, struct rs_text in,
                            const struct rs_text_out *out, SQLUSMALLINT completion)
{
    struct rs_diag *diag = &dbc->head.diag;
    struct rs_buf text = RS_BUF_WIPED(1 << 24);
    bool ok;

    if (!may_connect(dbc) || !rs_text_out_ok(out, diag))
        return SQL_ERROR;
    ok = check_completion(dbc, window, completion) && begin(dbc) && rs_text_get(in, &text, diag) &&
         rs_connstr_parse(rs_buf_str(&text), &dbc->string, diag) &&
         rs_dsn_load(&dbc->settings, &dbc->string, diag) && go(dbc) && put_output(dbc, out);
    rs_buf_clear(&text);
    rs_connstr_clear(&dbc->string);
    return finish(dbc, ok) ? SQL_SUCCESS : SQL_ERROR;
}

SQLRETURN rs_connect_pairs(struct rs_dbc *dbc, struct rs_connstr *pairs,
                           const struct rs_text_out *out)
{
    struct rs_connstr taken = *pairs;
    bool ok;

    *pairs = (struct rs_connstr){ .n = 0 };
    ok = begin(dbc);
    dbc->string = taken;
    ok = ok && rs_dsn_load(&dbc->settings, &dbc->string, &dbc->head.diag) && go(dbc) &&
         put_output(dbc, out);
    rs_connstr_clear(&dbc->string);
    return finish(dbc, ok) ? SQL_SUCCESS : SQL_ERROR;
}

/* ---- the end ---- */

void rs_dbc_close(struct rs_dbc *dbc)
{
    while (dbc->stmts != NULL) {
        struct rs_stmt *stmt = dbc->stmts;

        dbc->stmts = stmt->next;
        rs_stmt_clear(stmt);
        stmt->head.magic = RS_MAGIC_DEAD;
        rs_free(stmt);
    }
    while (dbc->descs != NULL) {
        struct rs_desc *desc = dbc->descs;

        dbc->descs = desc->next;
        rs_desc_clear(desc);
        desc->head.magic = RS_MAGIC_DEAD;
        rs_free(desc);
    }
    publish_session(dbc, NULL);
    rs_query_cache_clear(&dbc->queries, dbc->session);
    rs_session_close(dbc->session);
    dbc->session = NULL;
    rs_cache_drop(&dbc->catalog_cache);
    dbc->case_known = false;
    dbc->union_refused = false;
    rs_connstr_clear(&dbc->string);
    rs_browse_end(dbc);
    if (dbc->has_settings)
        rs_settings_clear(&dbc->settings);
    dbc->has_settings = false;
    rs_log_close(&dbc->log);
    rs_free(dbc->dsn);
    rs_free(dbc->server_name);
    rs_free(dbc->database);
    rs_free(dbc->user);
    dbc->dsn = dbc->server_name = dbc->database = dbc->user = NULL;
}

SQLRETURN rs_disconnect(struct rs_dbc *dbc)
{
    struct rs_diag *diag = &dbc->head.diag;

    if (dbc->is_browsing) {
        rs_browse_end(dbc);
        return SQL_SUCCESS;
    }
    if (!rs_dbc_ready(dbc, diag) || rs_dbc_is_busy(dbc, diag))
        return SQL_ERROR;
    if (dbc->autocommit == SQL_AUTOCOMMIT_OFF && !rs_session_is_dead(dbc->session) &&
        !rs_dbc_know_txn(dbc, diag) && !rs_session_is_dead(dbc->session))
        return SQL_ERROR;
    rs_diag_cut(diag, 0); /* a session that is lost can be left */
    /* Work that nobody committed or rolled back is not thrown away in silence. */
    if (dbc->autocommit == SQL_AUTOCOMMIT_OFF && rs_session_txn(dbc->session) == RS_TXN_OPEN &&
        !rs_session_is_dead(dbc->session)) {
        rs_fail(diag, RS_25000, 0, "a transaction is open: commit it or roll it back first");
        return SQL_ERROR;
    }
    RS_LOG(&dbc->log, RS_LOG_INFO, "disconnect", "closing");
    rs_dbc_close(dbc);
    return SQL_SUCCESS;
}
