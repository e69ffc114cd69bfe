/*
 * SQLBrowseConnect: asks level by level for what is missing, then connects.
 *
 * The levels: how one signs in, with target and database; who; the secrets. What was given stays;
 * a value that cannot be is dropped with 01S00 and so asked for again.
 * Source: odbc.md 3.3; ODBC "SQLBrowseConnect Function".
 */
#include <string.h>

#include "dbc.h"
#include "dsn.h"

enum { ANSWER_MAX = 65536, STRING_MAX = 1 << 24 };

/* ---- what a method of signing in wants ---- */

enum level { LEVEL_TARGET, LEVEL_USER, LEVEL_SECRET, LEVEL_COUNT };

#define STANDARD (1u << RS_METHOD_STANDARD)
#define STATIC   (1u << RS_METHOD_STATIC)
#define PROFILE  (1u << RS_METHOD_PROFILE)

static const struct wish {
    enum rs_key_id id;
    const char *prompt;
    const char *choices; /* NULL: any text */
    enum level level;
    unsigned methods;  /* that know it */
    unsigned required; /* that cannot do without */
} wishes[] = {
    { RS_KEY_server, "Server", NULL, LEVEL_TARGET, STANDARD | STATIC | PROFILE, STANDARD },
    { RS_KEY_cluster_id, "Cluster ID", NULL, LEVEL_TARGET, STATIC | PROFILE, 0 },
    { RS_KEY_region, "Region", NULL, LEVEL_TARGET, STATIC | PROFILE, 0 },
    { RS_KEY_database, "Database", NULL, LEVEL_TARGET, STANDARD | STATIC | PROFILE,
      STANDARD | STATIC | PROFILE },
    { RS_KEY_uid, "User", NULL, LEVEL_USER, STANDARD, STANDARD },
    { RS_KEY_profile, "Profile name", NULL, LEVEL_USER, PROFILE, PROFILE },
    { RS_KEY_access_key_id, "AccessKeyID", NULL, LEVEL_USER, STATIC, STATIC },
    { RS_KEY_db_user, "DbUser", NULL, LEVEL_USER, STATIC | PROFILE, STATIC },
    { RS_KEY_pwd, "Password", NULL, LEVEL_SECRET, STANDARD, STANDARD },
    { RS_KEY_secret_access_key, "SecretAccessKey", NULL, LEVEL_SECRET, STATIC, STATIC },
    { RS_KEY_session_token, "SessionToken", NULL, LEVEL_SECRET, STATIC, 0 },
};
/* What this build can do, by the labels of the set-up dialog. */
#define AUTH_TYPES "{Standard,AWS Profile,AWS IAM Credentials}"

static void add_wish(struct rs_buf *out, enum rs_key_id id, const char *prompt, const char *choices,
                     bool is_required)
{
    rs_buf_addf(out, "%s%s%s:%s=%s", out->len > 0 ? ";" : "", is_required ? "" : "*",
                rs_key(id)->name, prompt, choices == NULL ? "?" : choices);
}

/* IAM finds the server by cluster and region: one of the two must be there. */
static bool is_required(const struct rs_settings *set, const struct wish *wish, unsigned method)
{
    if (wish->id == RS_KEY_server && (method & (STATIC | PROFILE)) != 0)
        return !rs_settings_has_text(set, RS_KEY_cluster_id);
    return (wish->required & method) != 0;
}

/* True: something of the level must be asked for, and out says what. */
static bool ask_level(const struct rs_settings *set, enum level level, unsigned method,
                      struct rs_buf *out)
{
    size_t n_required = 0;

    for (size_t i = 0; i < RS_COUNT(wishes); i++) {
        const struct wish *wish = &wishes[i];
        bool must = is_required(set, wish, method);

        if (wish->level != level || (wish->methods & method) == 0 ||
            rs_settings_has_text(set, wish->id))
            continue;
        add_wish(out, wish->id, wish->prompt, wish->choices, must);
        n_required += must ? 1 : 0;
    }
    if (n_required == 0)
        rs_buf_truncate(out, 0);
    return n_required > 0;
}

/* Before it is known how one signs in: that, and what every way needs. */
static bool ask_first(const struct rs_settings *set, struct rs_buf *out)
{
    add_wish(out, RS_KEY_auth_type, "Auth Type", AUTH_TYPES, true);
    if (!rs_settings_has_text(set, RS_KEY_server))
        add_wish(out, RS_KEY_server, "Server", NULL, false);
    if (!rs_settings_has_text(set, RS_KEY_database))
        add_wish(out, RS_KEY_database, "Database", NULL, true);
    return true;
}

static bool says_how(const struct rs_settings *set)
{
    return rs_settings_has_text(set, RS_KEY_auth_type) || rs_settings_is_set(set, RS_KEY_iam) ||
           rs_settings_has_text(set, RS_KEY_uid) ||
           rs_settings_has_text(set, RS_KEY_access_key_id) ||
           rs_settings_has_text(set, RS_KEY_profile) ||
           rs_settings_has_text(set, RS_KEY_plugin_name);
}

/* True: out is the question. False: all is there, or nothing that could be asked is missing. */
static bool ask(const struct rs_settings *set, struct rs_buf *out)
{
    struct rs_diag unseen = { .n = 0 };
    enum rs_method method = RS_METHOD_STANDARD;
    bool is_known = rs_settings_method(set, &method, &unseen);

    rs_diag_clear(&unseen);
    if (!is_known) /* connecting says why */
        return false;
    if (!says_how(set))
        return ask_first(set, out);
    if (method == RS_METHOD_CHAIN) /* a profile that has not been named yet */
        method = RS_METHOD_PROFILE;
    for (int level = 0; level < LEVEL_COUNT; level++)
        if (ask_level(set, (enum level)level, 1u << method, out))
            return true;
    return false;
}

/* ---- what was given ---- */

/* Is that value one that the key can have? */
static bool is_possible(const struct rs_connstr_pair *pair, struct rs_diag *diag)
{
    struct rs_diag unseen = { .n = 0 };
    struct rs_settings set = { .driver = NULL };
    enum rs_method method;
    bool ok, is_bad;

    if (pair->id == RS_KEY_NONE)
        return true;
    ok = rs_settings_init(&set, diag);
    is_bad = ok && (!rs_settings_put(&set, pair->id, rs_str_of(rs_secret_reveal(&pair->value)),
                                     RS_LAYER_STRING, &unseen) ||
                    (pair->id == RS_KEY_auth_type && !rs_settings_method(&set, &method, &unseen)));
    if (is_bad && unseen.n > 0 && unseen.rec[0].state == RS_HY001) {
        rs_diag_move(diag, &unseen);
        ok = false;
    } else if (is_bad) {
        rs_warn(diag, RS_01S00, "the value given for %s cannot be used", rs_key(pair->id)->name);
    }
    rs_settings_clear(&set);
    rs_diag_clear(&unseen);
    return ok && !is_bad;
}

static bool keep_given(struct rs_dbc *dbc, struct rs_text in)
{
    struct rs_diag *diag = &dbc->head.diag;
    struct rs_buf text = RS_BUF_WIPED(STRING_MAX);
    struct rs_connstr given = { .n = 0 };
    bool ok = rs_text_get(in, &text, diag) && rs_connstr_parse(rs_buf_str(&text), &given, diag);

    for (size_t i = 0; ok && i < given.n; i++) {
        const struct rs_connstr_pair *pair = &given.pair[i];

        if (is_possible(pair, diag))
            ok = rs_connstr_add(&dbc->browsed, rs_str_of(pair->key),
                                rs_str_of(rs_secret_reveal(&pair->value)), diag);
        else
            ok = diag->n_error == 0;
    }
    rs_connstr_clear(&given);
    rs_buf_clear(&text);
    return ok;
}

static bool has_source(struct rs_dbc *dbc)
{
    if (rs_connstr_find(&dbc->browsed, RS_KEY_dsn) != NULL ||
        rs_connstr_find(&dbc->browsed, RS_KEY_driver) != NULL)
        return true;
    return rs_fail(&dbc->head.diag, RS_08001, 0,
                   "browsing begins with DSN or DRIVER in the connection string");
}

/* The settings as far as they are known; the warnings come when connecting. */
static bool load(struct rs_dbc *dbc, struct rs_settings *set)
{
    struct rs_diag own = { .n = 0 };
    bool ok = rs_settings_init(set, &own) && rs_dsn_load(set, &dbc->browsed, &own);

    if (!ok)
        rs_diag_move(&dbc->head.diag, &own);
    rs_diag_clear(&own);
    return ok;
}

/* ---- the function ---- */

void rs_browse_end(struct rs_dbc *dbc)
{
    rs_connstr_clear(&dbc->browsed);
    dbc->is_browsing = false;
}

SQLRETURN rs_browse_connect(struct rs_dbc *dbc, struct rs_text in, const struct rs_text_out *out)
{
    struct rs_diag *diag = &dbc->head.diag;
    struct rs_settings set = { .driver = NULL };
    struct rs_buf answer = RS_BUF_INIT(ANSWER_MAX);
    SQLRETURN rc = SQL_ERROR;

    if (dbc->session != NULL) {
        rs_fail(diag, RS_08002, 0, "the connection is open already");
        return SQL_ERROR;
    }
    if (!rs_text_out_ok(out, diag))
        return SQL_ERROR;
    if (keep_given(dbc, in) && has_source(dbc) && load(dbc, &set)) {
        if (!ask(&set, &answer)) {
            rc = rs_connect_pairs(dbc, &dbc->browsed, out);
        } else if (rs_buf_ok(&answer, diag)) {
            rs_text_put(out, rs_buf_str(&answer), diag);
            rc = SQL_NEED_DATA;
        }
    }
    dbc->is_browsing = rc == SQL_NEED_DATA;
    if (!dbc->is_browsing)
        rs_browse_end(dbc);
    rs_settings_clear(&set);
    rs_buf_clear(&answer);
    return rc;
}
