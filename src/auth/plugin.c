/*
 * Signing in at an identity provider: with what it says AWS is asked for a role's credentials, or
 * the database itself is shown its token.
 * Source: credentials.md 3.8, 6; idp-flows.md 2, 9, 10.
 */
#include "job.h"

#include <regex.h>

#include "../crypto.h"
#include "../idp/jwt.h"
#include "../idp/saml.h"
#include "nativetoken.h"
#include "sts.h"

enum { NAMES_MAX_BYTES = 1024 };

/* ---- groups that the provider names ---- */

/* The system's own words would be in the language of the user's locale. */
static const char *reason_of(int code)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = {
        { REG_BADBR, "what stands in { } is no number of times" },
        { REG_BADPAT, "not a regular expression" },
        { REG_BADRPT, "nothing stands in front of ?, * or +" },
        { REG_EBRACE, "{ without }" },
        { REG_EBRACK, "[ without ]" },
        { REG_ECOLLATE, "an unknown collating element" },
        { REG_ECTYPE, "an unknown class of characters" },
        { REG_EESCAPE, "a backslash at the end" },
        { REG_EPAREN, "( and ) do not match" },
        { REG_ERANGE, "a range that ends before it begins" },
        { REG_ESUBREG, "a reference to a group that is not there" },
    };

    for (size_t i = 0; i < RS_COUNT(reasons); i++)
        if (reasons[i].code == code)
            return reasons[i].reason;
    return "not a regular expression";
}

static bool compile_filter(const struct rs_settings *set, regex_t *out, struct rs_diag *diag)
{
    int failed = regcomp(out, set->dbgroups_filter, REG_EXTENDED);

    if (failed == 0)
        return true;
    if (failed == REG_ESPACE)
        return rs_fail_memory(diag);
    return rs_fail(diag, RS_HY000, 0, "dbgroups_filter: %s", reason_of(failed));
}

static bool check_filter(const struct rs_job *job)
{
    regex_t filter;

    if (!rs_job_has(job, RS_KEY_dbgroups_filter))
        return true;
    if (!compile_filter(job->set, &filter, job->diag))
        return false;
    regfree(&filter);
    return true;
}

/* The leftmost and longest match is all of it, if there is one that is. */
static bool is_filtered(const regex_t *filter, const char *group)
{
    regmatch_t match;

    return regexec(filter, group, 1, &match, 0) == 0 && match.rm_so == 0 &&
           group[match.rm_eo] == '\0';
}

static bool add_group(struct rs_job *job, const regex_t *filter, struct rs_str group)
{
    char *text = rs_str_dup(group, job->diag);

    if (text == NULL)
        return false;
    if (filter == NULL || !is_filtered(filter, text))
        rs_buf_addf(&job->groups, "%s%s", job->groups.len == 0 ? "" : ",", text);
    rs_free(text);
    return true;
}

bool rs_job_take_claims(struct rs_job *job)
{
    bool has_filter = rs_job_has(job, RS_KEY_dbgroups_filter), ok = true, done = false;
    struct rs_str rest = rs_str_of(job->claims.db_groups), part;
    regex_t filter;

    rs_buf_truncate(&job->groups, 0);
    if (has_filter && !compile_filter(job->set, &filter, job->diag))
        return false;
    while (ok && rs_str_split(&rest, ',', &done, &part)) {
        part = rs_str_trim(part);
        ok = part.n == 0 || add_group(job, has_filter ? &filter : NULL, part);
    }
    if (has_filter)
        regfree(&filter);
    return ok && rs_buf_ok(&job->groups, job->diag);
}

/* ---- plugins whose proof AWS is shown ---- */

static struct rs_str revealed(const struct rs_secret *secret)
{
    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

/* An assertion becomes a response. */
static bool wrap(struct rs_secret *text, struct rs_diag *diag)
{
    struct rs_buf xml = RS_BUF_WIPED(RS_SAML_MAX_BYTES);
    bool is_base64 = rs_base64_read(revealed(text), &xml);
    bool ok = rs_buf_ok(&xml, diag) &&
              (is_base64 || rs_fail(diag, RS_28000, 0, "no SAML response in the IdP's answer")) &&
              rs_saml_wrap(rs_buf_str(&xml), text, diag);

    rs_buf_clear(&xml);
    return ok;
}

/* The setting duration as digits; empty: not set. */
static struct rs_str duration_of(const struct rs_settings *set, char digits[24])
{
    if (!rs_settings_is_set(set, RS_KEY_duration))
        return RS_STR_NULL;
    return (struct rs_str){ digits, rs_print_i64(digits, set->duration) };
}

static bool assume_by_saml(struct rs_job *job, struct rs_secret *text, struct rs_creds *out,
                           struct rs_diag *diag)
{
    struct rs_source source = rs_job_source(job);
    struct rs_saml saml = { .n_roles = 0 };
    const struct rs_saml_role *chosen = NULL;
    struct rs_sts_role role;
    char digits[24];
    bool ok = false;

    if (!rs_saml_read(revealed(text), &saml, diag))
        return false;
    chosen = rs_saml_choose(&saml, job->set->preferred_role, job->log, diag);
    if (chosen == NULL || (saml.is_bare && !wrap(text, diag)))
        goto out;
    role = (struct rs_sts_role){ .arn = rs_str_of(chosen->role),
                                 .duration_s = duration_of(job->set, digits) };
    ok = rs_sts_assume_saml(&source, &role, chosen->provider, revealed(text), out, diag);
    if (ok)
        rs_claims_move(&job->claims, &saml.claims);
out:
    rs_saml_clear(&saml);
    return ok;
}

static bool assume_by_jwt(struct rs_job *job, const struct rs_secret *text, struct rs_creds *out,
                          struct rs_diag *diag)
{
    const struct rs_settings *set = job->set;
    struct rs_source source = rs_job_source(job);
    char digits[24];
    struct rs_sts_role role = { .arn = rs_str_trim(rs_str_of(set->role_arn)),
                                .session_name = rs_str_trim(rs_str_of(set->role_session_name)),
                                .duration_s = duration_of(set, digits) };
    struct rs_jwt jwt = { .expires_at = 0 };
    bool ok = rs_jwt_read(revealed(text), &jwt, diag) &&
              rs_sts_assume_web_identity(&source, &role, revealed(text), out, diag);

    if (ok)
        rs_claims_move(&job->claims, &jwt.claims);
    rs_jwt_clear(&jwt);
    return ok;
}

static bool fetch_of_plugin(struct rs_job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_idp_ask ask = { .set = job->set,
                              .world = job->world,
                              .deadline = job->deadline,
                              .log = job->log,
                              .ca_file = job->ca_file.p,
                              .aws_proxy = rs_job_proxy(job),
                              .proxy = job->set->idp_use_https_proxy ? rs_job_proxy(job) : NULL };
    struct rs_idp_proof proof = { .idp_type = NULL };
    bool ok = job->plugin->fetch(&ask, &proof, diag);

    if (ok)
        ok = job->plugin->yields == RS_IDP_SAML ? assume_by_saml(job, &proof.text, out, diag)
                                                : assume_by_jwt(job, &proof.text, out, diag);
    rs_secret_clear(&proof.text);
    return ok;
}

static bool sign_in_by_aws(struct rs_job *job, const struct rs_idp_plugin *plugin)
{
    job->plugin = plugin;
    /* The system's ticket signs in: whose it is may change while no setting does. */
    job->creds_are_nobodys =
        plugin->takes_user && (!rs_job_has(job, RS_KEY_uid) || !rs_job_has(job, RS_KEY_pwd));
    job->fetch = fetch_of_plugin;
    return check_filter(job) && rs_job_find(job) && rs_job_sign_in(job);
}

/* ---- plugins that hand their token to the database (idp-flows.md 10) ---- */

static bool fail_unknown(struct rs_job *job, const char *name)
{
    struct rs_buf names = RS_BUF_INIT(NAMES_MAX_BYTES);

    for (size_t i = 0; rs_idp_at(i) != NULL; i++)
        rs_buf_addf(&names, "%s%s", i == 0 ? "" : ", ", rs_idp_at(i)->name);
    if (rs_buf_ok(&names, job->diag))
        rs_fail(job->diag, RS_HY000, 0, "plugin \"%s\" is not supported; it is one of %s", name,
                names.p);
    rs_buf_clear(&names);
    return false;
}

static bool find_plugin(struct rs_job *job, const struct rs_idp_plugin **out)
{
    const struct rs_settings *set = job->set;

    if (!rs_job_has(job, RS_KEY_plugin_name))
        *out = rs_idp_find_label(rs_str_of(set->auth_type));
    else
        *out = rs_idp_find(rs_str_of(set->plugin_name));
    return *out != NULL || fail_unknown(job, rs_job_has(job, RS_KEY_plugin_name) ? set->plugin_name
                                                                                 : set->auth_type);
}

static bool set_word(struct rs_job *job, char **to, const char *value)
{
    return value == NULL || rs_job_set_text(job, to, value);
}

static bool take_token(struct rs_job *job, struct rs_idp_proof *token)
{
    struct rs_login *login = &job->login;

    rs_secret_move(&login->secret, &token->text);
    login->kind = RS_LOGIN_TOKEN;
    return set_word(job, &login->idp_type, token->idp_type) &&
           set_word(job, &login->provider_name, token->provider_name) &&
           set_word(job, &login->token_type, token->token_type) &&
           set_word(job, &login->identity_namespace, token->identity_namespace);
}

/* Of AWS, with the user's own keys. */
static bool ask_token(struct rs_job *job, struct rs_idp_proof *token)
{
    job->wants_token = true;
    return rs_creds_from_keys(job->set, &job->creds, job->diag) && rs_job_find(job) &&
           rs_job_ask_token(job, &token->text);
}

static bool find_named_server(struct rs_job *job)
{
    job->login.port = job->set->port;
    return rs_job_has(job, RS_KEY_vpc_endpoint_url)
               ? rs_job_use_vpc_endpoint(job)
               : rs_job_set_text(job, &job->login.host, job->set->server);
}

static bool sign_in_natively(struct rs_job *job, const struct rs_idp_plugin *plugin)
{
    const struct rs_settings *set = job->set;
    struct rs_idp_proof token = { .idp_type = NULL };
    bool ok;

    ok = rs_job_get_token(job, plugin, &token) &&
         (token.is_asked_of_aws ? ask_token(job, &token) : find_named_server(job)) &&
         take_token(job, &token) && rs_job_set_text(job, &job->login.database, set->database) &&
         set_word(job, &job->login.user, set->uid);
    rs_secret_clear(&token.text);
    return ok;
}

/* ---- either of them ---- */

bool rs_job_sign_in_with_plugin(struct rs_job *job)
{
    const struct rs_settings *set = job->set;
    const struct rs_idp_plugin *plugin = NULL;
    bool is_native;

    if (!find_plugin(job, &plugin))
        return false;
    is_native = rs_idp_is_native(plugin);
    if (is_native && rs_settings_is_word(set->opener, "libpq"))
        return rs_fail(job->diag, RS_HYC00, 0, "plugin %s needs Opener=native or Opener=auto",
                       plugin->name);
    if (!rs_idp_check_needs(plugin, set, job->diag))
        return false;
    RS_LOG(job->log, RS_LOG_INFO, "auth.plugin", "%s", plugin->name);
    return (is_native ? sign_in_natively(job, plugin) : sign_in_by_aws(job, plugin)) &&
           rs_idp_warn_idle(plugin, set, job->diag);
}

/* ---- an AWS profile, which may name a plugin ---- */

bool rs_job_has_plugin(const struct rs_profile *profile)
{
    return rs_creds_way(profile, NULL) == RS_CREDS_PLUGIN &&
           rs_creds_text(profile, "plugin_name").n > 0;
}

/* What the profile's plugin uses and the user did not set (credentials.md 3.8). */
static bool take_plugin_keys(struct rs_job *job, const struct rs_idp_plugin *plugin)
{
    static const struct {
        const char *name;
        enum rs_key_id id;
    } more[] = { { "uid", RS_KEY_uid }, /* a native plugin knows the first two */
                 { "user", RS_KEY_uid },
                 { "password", RS_KEY_pwd },
                 { "pwd", RS_KEY_pwd },
                 { "dbgroups_filter", RS_KEY_dbgroups_filter },
                 { "allowdbuseroverride", RS_KEY_allow_db_user_override },
                 { "stsendpointurl", RS_KEY_sts_endpoint_url },
                 { "endpointurl", RS_KEY_endpoint_url } };

    for (const enum rs_key_id *id = plugin->uses; *id != RS_KEY_NONE; id++)
        if (!rs_settings_put(job->set, *id, rs_creds_text(job->profile, rs_key(*id)->name),
                             RS_LAYER_PROFILE, job->diag))
            return false;
    for (size_t i = 0; i < (rs_idp_is_native(plugin) ? 2 : RS_COUNT(more)); i++)
        if (!rs_settings_put(job->set, more[i].id, rs_creds_text(job->profile, more[i].name),
                             RS_LAYER_PROFILE, job->diag))
            return false;
    return true;
}

bool rs_job_sign_in_with_profile_plugin(struct rs_job *job)
{
    const struct rs_idp_plugin *plugin = NULL;
    enum rs_key_id access = rs_settings_access_key(job->set);

    if (!rs_settings_put(job->set, RS_KEY_plugin_name, rs_creds_text(job->profile, "plugin_name"),
                         RS_LAYER_PROFILE, job->diag) ||
        !find_plugin(job, &plugin))
        return false;
    if (plugin->takes_access_keys && (job->set->iam || access != RS_KEY_NONE))
        return rs_fail(job->diag, RS_28000, 0,
                       "%s cannot be used together with AWS profile \"%s\", whose plugin is %s",
                       rs_key(job->set->iam ? RS_KEY_iam : access)->name,
                       rs_profile_name(job->profile), plugin->name);
    return take_plugin_keys(job, plugin) &&
           (rs_idp_is_native(plugin) || rs_job_take_profile_keys(job)) &&
           rs_job_sign_in_with_plugin(job);
}
