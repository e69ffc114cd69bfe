#include "auth.h"

#include "../idp/idp.h"
#include "credcache.h"
#include "imds.h"
#include "job.h"
#include "source.h"

enum { PATH_MAX_BYTES = 8192, NAME_MAX_BYTES = 512, GROUPS_MAX_BYTES = 1 << 17 };

static void job_clear(struct rs_job *job)
{
    rs_profiles_free(job->profiles);
    rs_creds_clear(&job->creds);
    rs_claims_clear(&job->claims);
    rs_buf_clear(&job->groups);
    rs_chain_clear(&job->chain);
    rs_buf_clear(&job->cluster_id);
    rs_buf_clear(&job->workgroup);
    rs_buf_clear(&job->region);
    rs_buf_clear(&job->ca_file);
    rs_endpoint_clear(&job->endpoint);
    rs_login_clear(&job->login);
}

bool rs_job_has(const struct rs_job *job, enum rs_key_id id)
{
    return rs_settings_has_text(job->set, id);
}

bool rs_job_set_text(struct rs_job *job, char **to, const char *value)
{
    char *copy = rs_str_dup(rs_str_of(value), job->diag);

    if (copy == NULL)
        return false;
    rs_free(*to);
    *to = copy;
    return true;
}

/* ---- user and password ---- */

static bool sign_in_with_password(struct rs_job *job)
{
    const struct rs_settings *set = job->set;

    if (!rs_job_has(job, RS_KEY_server) || !rs_job_has(job, RS_KEY_database) ||
        !rs_job_has(job, RS_KEY_uid))
        return rs_fail(job->diag, RS_28000, 0, "Server, Database and UID are required");
    job->login.port = set->port;
    job->login.kind = RS_LOGIN_PASSWORD;
    return rs_job_set_text(job, &job->login.host, set->server) &&
           rs_job_set_text(job, &job->login.database, set->database) &&
           rs_job_set_text(job, &job->login.user, set->uid) &&
           rs_secret_copy(&job->login.secret, &set->pwd, job->diag);
}

struct rs_str rs_job_profile_text(const struct rs_profile *profile, const char *key)
{
    const struct rs_secret *value = profile == NULL ? NULL : rs_profile_get(profile, key);

    if (value == NULL)
        return RS_STR_NULL;
    return (struct rs_str){ rs_secret_reveal(value), rs_secret_len(value) };
}

int64_t rs_job_call_timeout_ms(const struct rs_job *job)
{
    return (int64_t)job->set->sts_connection_timeout * 1000;
}

/* ---- AWS credentials ---- */

static bool sign_in_with_keys(struct rs_job *job)
{
    return rs_creds_from_keys(job->set, &job->creds, job->diag) && rs_job_find(job) &&
           rs_job_sign_in(job);
}

/* The few keys a profile may hold for us, below what the user set (credentials.md 3.8, 6). */
bool rs_job_take_profile_keys(struct rs_job *job)
{
    static const struct {
        const char *name;
        enum rs_key_id id;
    } keys[] = { { "dbuser", RS_KEY_db_user },
                 { "dbgroups", RS_KEY_db_groups },
                 { "autocreate", RS_KEY_auto_create },
                 { "forcelowercase", RS_KEY_force_lowercase } };

    for (size_t i = 0; i < RS_COUNT(keys); i++)
        if (!rs_settings_put(job->set, keys[i].id, rs_job_profile_text(job->profile, keys[i].name),
                             RS_LAYER_PROFILE, job->diag))
            return false;
    return true;
}

struct rs_source rs_job_source(const struct rs_job *job)
{
    return (struct rs_source){ .world = job->world,
                               .log = job->log,
                               .deadline = job->deadline,
                               .call_timeout_ms = rs_job_call_timeout_ms(job),
                               .profiles = job->profiles,
                               .profile = job->profile,
                               .region = job->region.p,
                               .ca_file = job->ca_file.p,
                               .proxy = rs_job_proxy(job),
                               .sts_url = job->set->sts_endpoint_url };
}

static bool fetch_of_profile(struct rs_job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_source source = rs_job_source(job);

    return rs_source_profile(&source, job->profile, out, diag);
}

static bool fetch_of_chain(struct rs_job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_source source = rs_job_source(job);

    return rs_chain_fetch(&source, &job->chain, out, diag);
}

static bool sign_in_with_chain(struct rs_job *job)
{
    struct rs_source source = rs_job_source(job);

    if (!rs_chain_choose(&source, &job->profiles, &job->chain, job->diag))
        return false;
    job->profile = job->chain.profile;
    /* Without credentials of its own it may still say the region and the user. */
    if (job->profile == NULL && job->profiles != NULL)
        job->profile = rs_profiles_find(job->profiles, rs_profiles_choose(NULL, job->world));
    if (!rs_job_take_profile_keys(job) || !rs_job_find(job))
        return false;
    job->fetch = fetch_of_chain;
    return rs_job_sign_in(job);
}

static bool fetch_of_instance(struct rs_job *job, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_source source = rs_job_source(job);

    return rs_imds_fetch(&source, job->profile, RS_IMDS_EXPLICIT_ATTEMPTS, out, diag);
}

/* The name of a profile means nothing here, but the usual one may say where the service is. */
static bool sign_in_with_instance(struct rs_job *job)
{
    if (!rs_profiles_load(job->world, &job->profiles, job->log, job->diag))
        return false;
    job->profile = rs_profiles_find(job->profiles, rs_profiles_choose(NULL, job->world));
    if (!rs_job_take_profile_keys(job) || !rs_job_find(job))
        return false;
    job->fetch = fetch_of_instance;
    return rs_job_sign_in(job);
}

/* ---- an AWS profile, which may name a plugin ---- */

static bool sign_in_with_profile(struct rs_job *job)
{
    const char *name = rs_profiles_choose(job->set->profile, job->world);

    if (!rs_profiles_load(job->world, &job->profiles, job->log, job->diag))
        return false;
    job->profile = rs_profiles_need(job->profiles, name, job->diag);
    if (job->profile == NULL)
        return false;
    if (rs_job_has_plugin(job->profile))
        return rs_job_sign_in_with_profile_plugin(job);
    if (!rs_job_take_profile_keys(job) || !rs_job_find(job))
        return false;
    job->fetch = fetch_of_profile;
    return rs_job_sign_in(job);
}

/* ---- which way ---- */

static const struct way {
    enum rs_method method;
    const char *name, *why;
    bool (*sign_in)(struct rs_job *job);
} ways[] = {
    { RS_METHOD_STANDARD, "standard", "IAM is off and no IAM key is set", sign_in_with_password },
    { RS_METHOD_STATIC, "AWS IAM credentials", "AccessKeyID is set", sign_in_with_keys },
    { RS_METHOD_PROFILE, "AWS profile", "Profile is set", sign_in_with_profile },
    { RS_METHOD_INSTANCE, "instance profile", "InstanceProfile is set", sign_in_with_instance },
    { RS_METHOD_CHAIN, "default chain", "IAM is on and nothing else is named", sign_in_with_chain },
    { RS_METHOD_PLUGIN, "plugin", "plugin_name is set", rs_job_sign_in_with_plugin },
};

bool rs_auth_resolve(struct rs_settings *settings, const struct rs_world *world,
                     struct rs_deadline deadline, struct rs_log *log, struct rs_login *out,
                     struct rs_diag *diag)
{
    struct rs_job job = { .set = settings,
                          .world = world,
                          .deadline = deadline,
                          .log = log,
                          .diag = diag,
                          .groups = RS_BUF_INIT(GROUPS_MAX_BYTES),
                          .cluster_id = RS_BUF_INIT(NAME_MAX_BYTES),
                          .workgroup = RS_BUF_INIT(NAME_MAX_BYTES),
                          .region = RS_BUF_INIT(NAME_MAX_BYTES),
                          .ca_file = RS_BUF_INIT(PATH_MAX_BYTES) };
    const struct way *way = NULL;
    enum rs_method method;
    bool ok = false;

    if (!rs_settings_method(settings, &method, diag))
        goto out;
    if (method != RS_METHOD_STANDARD && rs_job_has(&job, RS_KEY_auth_profile) &&
        (!rs_job_take_auth_profile(&job) || !rs_settings_method(settings, &method, diag)))
        goto out;
    for (size_t i = 0; i < RS_COUNT(ways) && way == NULL; i++)
        if (ways[i].method == method)
            way = &ways[i];
    if (way == NULL) {
        rs_fail(diag, RS_HY000, 0, "no way to sign in fits these settings");
        goto out;
    }
    RS_LOG(log, RS_LOG_INFO, "auth.method", "%s, because %s", way->name,
           rs_job_has(&job, RS_KEY_auth_type) && method != RS_METHOD_STANDARD ? "AuthType says so"
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
        rs_credcache_drop(login->kind == RS_LOGIN_TOKEN ? RS_CREDCACHE_TOKEN
                                                        : RS_CREDCACHE_PASSWORD,
                          login->keep_key, &login->secret);
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
