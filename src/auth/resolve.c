#include "auth.h"

#include <string.h>

#include "../ca.h"
#include "../idp/idp.h"
#include "../url.h"
#include "aws.h"
#include "cachekey.h"
#include "chain.h"
#include "credcache.h"
#include "creds.h"
#include "endpoint.h"
#include "profile.h"
#include "redshift.h"
#include "source.h"
#include "target.h"

enum { PATH_MAX_BYTES = 8192, NAME_MAX_BYTES = 512, DB_USER_MAX_BYTES = 128 };

/* One sign-in on its way. */
struct job {
    struct rs_settings *set;
    const struct rs_world *world;
    struct rs_deadline deadline;
    struct rs_log *log;
    struct rs_diag *diag;

    struct rs_profiles *profiles;
    const struct rs_profile *profile; /* the selected one, or NULL */
    struct rs_creds creds;
    struct rs_host host;      /* what Server says */
    struct rs_buf cluster_id; /* empty: custom domain */
    struct rs_buf region;
    struct rs_buf ca_file;
    struct rs_endpoint endpoint;
    struct rs_aws aws;
    struct rs_aws_told told; /* by the last call */
    struct rs_chain chain;
    /* How to get creds, and under what they are kept. */
    bool (*fetch)(struct job *job, struct rs_creds *out, struct rs_diag *diag);
    uint8_t creds_key[RS_SHA256_BYTES];
    bool creds_are_kept;
    struct rs_login login;
};

static void job_clear(struct job *job)
{
    rs_profiles_free(job->profiles);
    rs_creds_clear(&job->creds);
    rs_buf_clear(&job->cluster_id);
    rs_buf_clear(&job->region);
    rs_buf_clear(&job->ca_file);
    rs_endpoint_clear(&job->endpoint);
    rs_login_clear(&job->login);
}

static bool has(const struct job *job, enum rs_key_id id)
{
    return rs_settings_has_text(job->set, id);
}

static bool set_text(struct job *job, char **to, const char *value)
{
    char *copy = rs_str_dup(rs_str_of(value), job->diag);

    if (copy == NULL)
        return false;
    rs_free(*to);
    *to = copy;
    return true;
}

/* ---- user and password ---- */

static bool sign_in_with_password(struct job *job)
{
    const struct rs_settings *set = job->set;

    if (!has(job, RS_KEY_server) || !has(job, RS_KEY_database) || !has(job, RS_KEY_uid))
        return rs_fail(job->diag, RS_28000, 0, "Server, Database and UID are required");
    job->login.port = set->port;
    job->login.kind = RS_LOGIN_PASSWORD;
    return set_text(job, &job->login.host, set->server) &&
           set_text(job, &job->login.database, set->database) &&
           set_text(job, &job->login.user, set->uid) &&
           rs_secret_copy(&job->login.secret, &set->pwd, job->diag);
}

/* ---- which cluster, where (aws-api.md 11, 12) ---- */

static bool find_kind(struct job *job)
{
    const struct rs_settings *set = job->set;
    bool serverless;

    job->host = rs_host_parse(rs_str_of(set->server));
    serverless =
        rs_settings_is_set(set, RS_KEY_serverless) ? set->serverless : job->host.is_serverless;
    /* A workgroup can be reached through the cluster API when ClusterID names it there. */
    if (serverless && (has(job, RS_KEY_workgroup) || job->host.kind == RS_HOST_WORKGROUP ||
                       !has(job, RS_KEY_cluster_id)))
        return rs_fail(job->diag, RS_HYC00, 0,
                       "Redshift Serverless is not in this build; use a provisioned cluster");
    return true;
}

static bool is_cluster_id(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_alnum(text.p[i]) && text.p[i] != '-')
            return false;
    return text.n >= 1 && text.n <= 128;
}

static bool find_cluster(struct job *job)
{
    struct rs_str id = rs_str_trim(rs_str_of(job->set->cluster_id));

    if (id.n == 0 && job->host.kind == RS_HOST_CLUSTER)
        id = job->host.id;
    if (id.n == 0 && job->host.kind == RS_HOST_VPC_ENDPOINT)
        return rs_fail(job->diag, RS_28000, 0,
                       "ClusterID is required: the name of a VPC endpoint does not say which "
                       "cluster is behind it");
    if (id.n == 0 && !has(job, RS_KEY_server))
        return rs_fail(job->diag, RS_28000, 0, "Server, or ClusterID and Region, is required");
    if (id.n > 0 && !is_cluster_id(id))
        return rs_fail(job->diag, RS_HY000, 0, "ClusterID \"%.*s\" is not a cluster identifier",
                       RS_ARG(id));
    for (size_t i = 0; i < id.n; i++)
        rs_buf_addc(&job->cluster_id, rs_lower(id.p[i]));
    return rs_buf_ok(&job->cluster_id, job->diag);
}

/* Takes a region from one source. *done: it had one. */
static bool take_region(struct job *job, const char *source, struct rs_str value, bool *done)
{
    value = rs_str_trim(value);
    if (*done || value.n == 0)
        return true;
    if (!rs_region_clean(value, &job->region))
        return rs_fail(job->diag, RS_HY000, 0, "%s \"%.*s\" is not a region name", source,
                       RS_ARG(rs_str_sub(value, 0, 64)));
    if (!rs_buf_ok(&job->region, job->diag))
        return false;
    RS_LOG(job->log, RS_LOG_INFO, "auth.region", "%s, from %s", job->region.p, source);
    *done = true;
    return true;
}

static struct rs_str profile_text(const struct rs_profile *profile, const char *key)
{
    const struct rs_secret *value = profile == NULL ? NULL : rs_profile_get(profile, key);

    if (value == NULL)
        return RS_STR_NULL;
    return (struct rs_str){ rs_secret_reveal(value), rs_secret_len(value) };
}

/* With explicit keys the files are read only when nothing before them gave a region. */
static bool take_profile_region(struct job *job, bool *done)
{
    if (!*done && job->profiles == NULL) {
        if (!rs_profiles_load(job->world, &job->profiles, job->log, job->diag))
            return false;
        job->profile =
            rs_profiles_find(job->profiles, rs_profiles_choose(job->set->profile, job->world));
    }
    return take_region(job, "region of the AWS profile", profile_text(job->profile, "region"),
                       done);
}

static bool find_region(struct job *job)
{
    const struct rs_world *world = job->world;
    bool done = false;

    if (!take_region(job, "Region", rs_str_of(job->set->region), &done) ||
        !take_region(job, "the region in Server", job->host.region, &done) ||
        !take_region(job, "AWS_REGION", rs_str_of(world->env(world->ctx, "AWS_REGION")), &done) ||
        !take_region(job, "AWS_DEFAULT_REGION",
                     rs_str_of(world->env(world->ctx, "AWS_DEFAULT_REGION")), &done) ||
        !take_profile_region(job, &done))
        return false;
    if (!done && job->endpoint.name != NULL)
        done = rs_endpoint_region(&job->endpoint, &job->region);
    return done ? rs_buf_ok(&job->region, job->diag)
                : rs_fail(job->diag, RS_28000, 0,
                          "Region is required: neither Server nor AWS_REGION nor the AWS profile "
                          "says which region the cluster is in");
}

static bool find_endpoint(struct job *job)
{
    if (has(job, RS_KEY_endpoint_url) &&
        !rs_endpoint_parse("EndpointUrl", job->set->endpoint_url, &job->endpoint, job->diag))
        return false;
    if (!find_region(job))
        return false;
    return job->endpoint.url != NULL ||
           rs_endpoint_of("redshift", job->region.p, &job->endpoint, job->diag);
}

static bool find_ca_file(struct job *job)
{
    struct rs_str bundle = profile_text(job->profile, "ca_bundle");

    return rs_ca_file_aws(job->set, job->world, bundle.n > 0 ? bundle.p : NULL, &job->ca_file,
                          job->diag);
}

/* ---- the database user ---- */

static const char *db_user_of(const struct job *job)
{
    return has(job, RS_KEY_db_user) ? job->set->db_user : job->set->uid;
}

static bool check_db_user(struct job *job)
{
    struct rs_str user = rs_str_of(db_user_of(job));

    if (job->set->group_federation) /* it follows from the identity */
        return true;
    if (user.n == 0)
        return rs_fail(job->diag, RS_28000, 0, "DbUser is required");
    if (user.n > DB_USER_MAX_BYTES)
        return rs_fail(job->diag, RS_HY000, 0, "DbUser is longer than %d bytes", DB_USER_MAX_BYTES);
    for (size_t i = 0; i < user.n; i++)
        if ((unsigned char)user.p[i] < ' ' || user.p[i] == 127)
            return rs_fail(job->diag, RS_HY000, 0, "DbUser holds a control character");
    return true;
}

/* ---- AWS ---- */

/* Host and port of vpc_endpoint_url: a URL, or host[:port]. */
static bool use_vpc_endpoint(struct job *job)
{
    struct rs_endpoint place = { 0 };
    struct rs_url url;
    bool ok = false;

    if (!rs_endpoint_parse("vpc_endpoint_url", job->set->vpc_endpoint_url, &place, job->diag))
        return false;
    if (rs_url_split(rs_str_of(place.url), &url) && url.port != 0 &&
        !rs_settings_is_set(job->set, RS_KEY_port))
        job->login.port = url.port;
    ok = set_text(job, &job->login.host, place.name);
    rs_endpoint_clear(&place);
    return ok;
}

static struct rs_redshift_ask ask_of(const struct job *job)
{
    const struct rs_settings *set = job->set;

    return (struct rs_redshift_ask){
        .with_iam = set->group_federation,
        .db_user = db_user_of(job),
        .database = set->database,
        .cluster_id = job->cluster_id.len > 0 ? job->cluster_id.p : NULL,
        .custom_domain = set->server,
        .duration_s = rs_settings_is_set(set, RS_KEY_iam_duration) ? set->iam_duration : 0,
        .has_auto_create = rs_settings_is_set(set, RS_KEY_auto_create),
        .auto_create = set->auto_create,
        .groups = set->db_groups,
        .lower_case_groups = set->force_lowercase,
    };
}

static bool needs_address(const struct job *job)
{
    return !has(job, RS_KEY_vpc_endpoint_url) && !has(job, RS_KEY_server);
}

static bool ask_cluster(struct job *job, struct rs_grant *out, struct rs_diag *diag)
{
    struct rs_redshift_ask ask = ask_of(job);
    struct rs_redshift_password password = { 0 };

    job->told = (struct rs_aws_told){ .code = "" };
    if (needs_address(job) && !rs_redshift_describe(&job->aws, job->cluster_id.p, &job->told,
                                                    &out->host, &out->port, diag))
        return false;
    if (!rs_redshift_password_get(&job->aws, &ask, &job->told, &password, diag))
        return false;
    out->user = password.user;
    password.user = NULL;
    rs_secret_move(&out->secret, &password.password);
    out->expires_at = password.expires_at;
    out->clock_is_off = password.clock_is_off;
    rs_redshift_password_clear(&password);
    return true;
}

static int64_t aws_now(void *ctx)
{
    const struct job *job = ctx;

    return rs_aws_now(&job->aws);
}

/* ---- AWS credentials, those of an earlier sign-in too ---- */

static bool fetch_creds(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct job *job = ctx;
    struct rs_creds creds = { 0 };

    if (!job->fetch(job, &creds, diag))
        return false;
    out->user = creds.access_key_id;
    creds.access_key_id = NULL;
    rs_secret_move(&out->secret, &creds.secret_access_key);
    rs_secret_move(&out->token, &creds.session_token);
    out->expires_at = creds.expires_at;
    out->clock_is_off = creds.clock_is_off;
    rs_creds_clear(&creds);
    return true;
}

/* Under what they are kept. */
static bool make_creds_key(struct job *job)
{
    struct rs_buf text = RS_BUF_WIPED(RS_CACHEKEY_MAX_BYTES);
    bool ok;

    rs_cachekey_add_asker(&text, job->world);
    rs_cachekey_add_settings(&text, job->set);
    rs_cachekey_add_profiles(&text, job->profiles);
    rs_cachekey_add(&text, "selected",
                    job->profile == NULL ? RS_STR_NULL : rs_str_of(rs_profile_name(job->profile)));
    rs_cachekey_add(&text, "region", rs_buf_str(&job->region));
    rs_cachekey_add(&text, "ca", rs_buf_str(&job->ca_file));
    ok = rs_cachekey_end(&text, job->creds_key, job->diag);
    rs_buf_clear(&text);
    return ok;
}

static bool get_creds(struct job *job, struct rs_diag *diag)
{
    struct rs_credcache_ask ask = { .which = RS_CREDCACHE_AWS,
                                    .is_off = job->set->disable_cache,
                                    .deadline = job->deadline,
                                    .log = job->log,
                                    .now = aws_now,
                                    .fetch = fetch_creds,
                                    .ctx = job };
    struct rs_grant grant = { 0 };

    if (job->fetch == NULL) /* they stand in the settings */
        return true;
    memcpy(ask.key, job->creds_key, sizeof ask.key);
    rs_creds_clear(&job->creds);
    if (!rs_credcache_get(&ask, &grant, &job->creds_are_kept, diag))
        return false;
    job->creds.access_key_id = grant.user;
    grant.user = NULL;
    rs_secret_move(&job->creds.secret_access_key, &grant.secret);
    rs_secret_move(&job->creds.session_token, &grant.token);
    job->creds.expires_at = grant.expires_at;
    rs_grant_clear(&grant);
    if (job->creds_are_kept)
        RS_LOG(job->log, RS_LOG_INFO, "auth.cache", "AWS credentials of an earlier sign-in");
    return true;
}

static bool is_expired(const struct job *job)
{
    return rs_str_eq(rs_str_of(job->told.code), RS_STR("ExpiredToken")) ||
           rs_str_eq(rs_str_of(job->told.code), RS_STR("ExpiredTokenException"));
}

/* ---- the password, that of an earlier sign-in too ---- */

static bool fetch_password(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct job *job = ctx;
    size_t n = diag->n;

    if (ask_cluster(job, out, diag))
        return true;
    if (!job->creds_are_kept || !is_expired(job))
        return false;
    /* AWS says that what was kept has expired: once more with new ones. */
    RS_LOG(job->log, RS_LOG_INFO, "auth.cache", "AWS credentials of an earlier sign-in expired");
    rs_credcache_drop(RS_CREDCACHE_AWS, job->creds_key, &job->creds.secret_access_key);
    rs_diag_cut(diag, n);
    rs_grant_clear(out);
    return get_creds(job, diag) && ask_cluster(job, out, diag);
}

/* The credentials themselves are in it: whoever has others never gets the password of these. */
static bool make_password_key(struct job *job, uint8_t key[RS_SHA256_BYTES])
{
    struct rs_buf text = RS_BUF_WIPED(RS_CACHEKEY_MAX_BYTES);
    struct rs_redshift_ask ask = ask_of(job);
    bool ok;

    rs_cachekey_add(&text, "source",
                    (struct rs_str){ (const char *)job->creds_key, sizeof job->creds_key });
    rs_cachekey_add(&text, "id", rs_str_of(job->creds.access_key_id));
    rs_cachekey_add_secret(&text, "secret", &job->creds.secret_access_key);
    rs_cachekey_add_secret(&text, "token", &job->creds.session_token);
    rs_cachekey_add(&text, "endpoint", rs_str_of(job->endpoint.url));
    rs_cachekey_add(&text, "region", rs_buf_str(&job->region));
    rs_cachekey_add(&text, "server", rs_str_of(job->set->server));
    rs_cachekey_add_int(&text, "address", needs_address(job));
    rs_redshift_form(&ask, &text);
    ok = rs_cachekey_end(&text, key, job->diag);
    rs_buf_clear(&text);
    return ok;
}

static bool find_server(struct job *job, struct rs_grant *grant)
{
    job->login.port = job->set->port;
    if (has(job, RS_KEY_vpc_endpoint_url))
        return use_vpc_endpoint(job);
    if (has(job, RS_KEY_server))
        return set_text(job, &job->login.host, job->set->server);
    job->login.host = grant->host;
    grant->host = NULL;
    if (!rs_settings_is_set(job->set, RS_KEY_port))
        job->login.port = grant->port;
    RS_LOG(job->log, RS_LOG_INFO, "auth.server", "%s:%d, looked up", job->login.host,
           (int)job->login.port);
    return true;
}

static bool get_password(struct job *job)
{
    struct rs_credcache_ask ask = { .which = RS_CREDCACHE_PASSWORD,
                                    .is_off = job->set->disable_cache,
                                    .deadline = job->deadline,
                                    .log = job->log,
                                    .now = aws_now,
                                    .fetch = fetch_password,
                                    .ctx = job };
    struct rs_grant grant = { 0 };
    bool ok = false;

    if (!make_password_key(job, ask.key) ||
        !rs_credcache_get(&ask, &grant, &job->login.is_kept, job->diag))
        goto out;
    memcpy(job->login.keep_key, ask.key, sizeof job->login.keep_key);
    job->login.user = grant.user;
    grant.user = NULL;
    rs_secret_move(&job->login.secret, &grant.secret);
    job->login.expires_at = grant.expires_at;
    RS_LOG(job->log, RS_LOG_INFO, "auth.password", "temporary password for \"%s\"%s",
           job->login.user, job->login.is_kept ? ", of an earlier sign-in" : "");
    ok = find_server(job, &grant);
out:
    rs_grant_clear(&grant);
    return ok;
}

/* What is asked about, where, and for whom; before any call. */
static bool find_all(struct job *job)
{
    if (!has(job, RS_KEY_database))
        return rs_fail(job->diag, RS_28000, 0, "Database is required");
    return find_kind(job) && find_cluster(job) && find_endpoint(job) && check_db_user(job) &&
           find_ca_file(job);
}

static int64_t call_timeout_ms(const struct job *job)
{
    return (int64_t)job->set->sts_connection_timeout * 1000;
}

/* From a way to AWS credentials (job->fetch; NULL: job->creds are there) to a login. */
static bool sign_in_with_credentials(struct job *job)
{
    job->aws = (struct rs_aws){ .world = job->world,
                                .deadline = job->deadline,
                                .call_timeout_ms = call_timeout_ms(job),
                                .log = job->log,
                                .creds = &job->creds,
                                .endpoint = &job->endpoint,
                                .region = job->region.p,
                                .service = "redshift",
                                .ca_file = job->ca_file.p };
    job->login.kind = RS_LOGIN_PASSWORD;
    job->login.is_iam = true;
    return set_text(job, &job->login.database, job->set->database) && make_creds_key(job) &&
           get_creds(job, job->diag) && get_password(job);
}

static bool sign_in_with_keys(struct job *job)
{
    return rs_creds_from_keys(job->set, &job->creds, job->diag) && find_all(job) &&
           sign_in_with_credentials(job);
}

/* The few keys a profile may hold for us, below what the user set (credentials.md 3.8, 6). */
static bool take_profile_keys(struct job *job)
{
    static const struct {
        const char *name;
        enum rs_key_id id;
    } keys[] = { { "dbuser", RS_KEY_db_user },
                 { "dbgroups", RS_KEY_db_groups },
                 { "autocreate", RS_KEY_auto_create },
                 { "forcelowercase", RS_KEY_force_lowercase } };

    for (size_t i = 0; i < RS_COUNT(keys); i++)
        if (!rs_settings_put(job->set, keys[i].id, profile_text(job->profile, keys[i].name),
                             RS_LAYER_PROFILE, job->diag))
            return false;
    return true;
}

static struct rs_source source_of(const struct job *job)
{
    return (struct rs_source){ .world = job->world,
                               .log = job->log,
                               .deadline = job->deadline,
                               .call_timeout_ms = call_timeout_ms(job),
                               .profiles = job->profiles,
                               .region = job->region.p,
                               .ca_file = job->ca_file.p,
                               .sts_url = job->set->sts_endpoint_url };
}

static bool fetch_of_profile(struct job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_source source = source_of(job);

    return rs_source_profile(&source, job->profile, out, diag);
}

static bool sign_in_with_profile(struct job *job)
{
    const char *name = rs_profiles_choose(job->set->profile, job->world);

    if (!rs_profiles_load(job->world, &job->profiles, job->log, job->diag))
        return false;
    job->profile = rs_profiles_need(job->profiles, name, job->diag);
    if (job->profile == NULL || !take_profile_keys(job) || !find_all(job))
        return false;
    job->fetch = fetch_of_profile;
    return sign_in_with_credentials(job);
}

static bool fetch_of_chain(struct job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_source source = source_of(job);

    return rs_chain_fetch(&source, &job->chain, out, diag);
}

static bool sign_in_with_chain(struct job *job)
{
    struct rs_source source = source_of(job);

    if (!rs_chain_choose(&source, &job->profiles, &job->chain, job->diag))
        return false;
    job->profile = job->chain.profile;
    if (!take_profile_keys(job) || !find_all(job))
        return false;
    job->fetch = fetch_of_chain;
    return sign_in_with_credentials(job);
}

/* ---- what is not in this build ---- */

static bool refuse_instance(struct job *job)
{
    return rs_fail(job->diag, RS_HYC00, 0,
                   "the EC2 instance profile (InstanceProfile) is not in this build; use "
                   "AccessKeyID and SecretAccessKey, or Profile");
}

static bool refuse_plugin(struct job *job, const char *name)
{
    return rs_fail(job->diag, RS_HYC00, 0,
                   "the plugin %s is not in this build; use AccessKeyID and SecretAccessKey, or "
                   "Profile",
                   name);
}

/* ---- plugins that hand their token to the database (idp-flows.md 10) ---- */

static bool find_plugin(struct job *job, const struct rs_idp_plugin **out)
{
    const struct rs_settings *set = job->set;

    if (!has(job, RS_KEY_plugin_name))
        *out = rs_idp_find_label(rs_str_of(set->auth_type));
    else
        *out = rs_idp_find(rs_str_of(set->plugin_name));
    return *out != NULL ||
           rs_fail(job->diag, RS_HY000, 0, "plugin \"%s\" is not supported",
                   has(job, RS_KEY_plugin_name) ? set->plugin_name : set->auth_type);
}

static bool set_word(struct job *job, char **to, const char *value)
{
    return value == NULL || set_text(job, to, value);
}

static bool take_token(struct job *job, struct rs_idp_token *token)
{
    struct rs_login *login = &job->login;

    rs_secret_move(&login->secret, &token->token);
    login->kind = RS_LOGIN_TOKEN;
    return set_word(job, &login->idp_type, token->idp_type) &&
           set_word(job, &login->provider_name, token->provider_name) &&
           set_word(job, &login->token_type, token->token_type) &&
           set_word(job, &login->identity_namespace, token->identity_namespace);
}

static bool sign_in_with_plugin(struct job *job)
{
    const struct rs_settings *set = job->set;
    const struct rs_idp_plugin *plugin = NULL;
    struct rs_idp_token token = { .idp_type = NULL };
    bool ok;

    if (!find_plugin(job, &plugin))
        return false;
    if (plugin->token == NULL)
        return refuse_plugin(job, plugin->name);
    if (rs_settings_is_word(set->opener, "libpq"))
        return rs_fail(job->diag, RS_HYC00, 0, "plugin %s needs Opener=native or Opener=auto",
                       plugin->name);
    if (!rs_idp_check_needs(plugin, set, job->diag))
        return false;
    RS_LOG(job->log, RS_LOG_INFO, "auth.plugin", "%s", plugin->name);
    job->login.port = set->port;
    ok = plugin->token(set, &token, job->diag) && take_token(job, &token) &&
         (has(job, RS_KEY_vpc_endpoint_url) ? use_vpc_endpoint(job)
                                            : set_text(job, &job->login.host, set->server)) &&
         set_text(job, &job->login.database, set->database) &&
         set_word(job, &job->login.user, set->uid) && rs_idp_warn_idle(plugin, set, job->diag);
    rs_secret_clear(&token.token);
    return ok;
}

/* ---- which way ---- */

static const struct way {
    enum rs_method method;
    const char *name, *why;
    bool (*sign_in)(struct job *job);
} ways[] = {
    { RS_METHOD_STANDARD, "standard", "IAM is off and no IAM key is set", sign_in_with_password },
    { RS_METHOD_STATIC, "AWS IAM credentials", "AccessKeyID is set", sign_in_with_keys },
    { RS_METHOD_PROFILE, "AWS profile", "Profile is set", sign_in_with_profile },
    { RS_METHOD_INSTANCE, "instance profile", "InstanceProfile is set", refuse_instance },
    { RS_METHOD_CHAIN, "default chain", "IAM is on and nothing else is named", sign_in_with_chain },
    { RS_METHOD_PLUGIN, "plugin", "plugin_name is set", sign_in_with_plugin },
};

bool rs_auth_resolve(struct rs_settings *settings, const struct rs_world *world,
                     struct rs_deadline deadline, struct rs_log *log, struct rs_login *out,
                     struct rs_diag *diag)
{
    struct job job = { .set = settings,
                       .world = world,
                       .deadline = deadline,
                       .log = log,
                       .diag = diag,
                       .cluster_id = RS_BUF_INIT(NAME_MAX_BYTES),
                       .region = RS_BUF_INIT(NAME_MAX_BYTES),
                       .ca_file = RS_BUF_INIT(PATH_MAX_BYTES) };
    const struct way *way = NULL;
    enum rs_method method;
    bool ok = false;

    if (!rs_settings_method(settings, &method, diag))
        goto out;
    for (size_t i = 0; i < RS_COUNT(ways) && way == NULL; i++)
        if (ways[i].method == method)
            way = &ways[i];
    if (way == NULL) {
        rs_fail(diag, RS_HY000, 0, "no way to sign in fits these settings");
        goto out;
    }
    RS_LOG(log, RS_LOG_INFO, "auth.method", "%s, because %s", way->name,
           has(&job, RS_KEY_auth_type) && method != RS_METHOD_STANDARD ? "AuthType says so"
                                                                       : way->why);
    if (!way->sign_in(&job))
        goto out;
    *out = job.login;
    job.login = (struct rs_login){ 0 };
    ok = true;
out:
    job_clear(&job);
    return ok;
}

bool rs_auth_is_iam(const struct rs_settings *settings)
{
    struct rs_diag ignored = { 0 };
    enum rs_method method = RS_METHOD_STANDARD;
    bool ok = rs_settings_method(settings, &method, &ignored);

    rs_diag_clear(&ignored);
    return ok && method != RS_METHOD_STANDARD;
}

bool rs_auth_forget(const struct rs_login *login)
{
    if (login->is_kept)
        rs_credcache_drop(RS_CREDCACHE_PASSWORD, login->keep_key, &login->secret);
    return login->is_kept;
}

void rs_auth_hold(void)
{
    rs_credcache_hold();
}

void rs_auth_release(void)
{
    rs_credcache_release();
}
