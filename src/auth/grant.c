/*
 * AWS credentials, and with them a temporary password: fetched, or those of an earlier sign-in.
 * Source: aws-api.md 10.6, 12; credentials.md 7.
 */
#include "job.h"

#include <string.h>

#include "cachekey.h"
#include "credcache.h"
#include "idctoken.h"
#include "redshift.h"
#include "serverless.h"

/* A key that is set, whatever it says, stands above the claim. */
static bool is_on(const struct rs_job *job, enum rs_key_id id, bool value, enum rs_claim claim)
{
    return rs_settings_is_set(job->set, id) ? value : claim == RS_CLAIM_YES;
}

static struct rs_redshift_ask ask_of(const struct rs_job *job)
{
    const struct rs_settings *set = job->set;

    return (struct rs_redshift_ask){
        .with_iam = set->group_federation,
        .db_user = rs_job_db_user(job),
        .database = set->database,
        .cluster_id = job->cluster_id.len > 0 ? job->cluster_id.p : NULL,
        .custom_domain = set->server,
        .duration_s = rs_settings_is_set(set, RS_KEY_iam_duration) ? set->iam_duration : 0,
        .has_auto_create = rs_settings_is_set(set, RS_KEY_auto_create) ||
                           job->claims.auto_create != RS_CLAIM_ABSENT,
        .auto_create = is_on(job, RS_KEY_auto_create, set->auto_create, job->claims.auto_create),
        .groups = rs_job_has(job, RS_KEY_db_groups) ? set->db_groups : job->groups.p,
        .lower_case_groups =
            is_on(job, RS_KEY_force_lowercase, set->force_lowercase, job->claims.force_lowercase),
    };
}

static struct rs_serverless_ask serverless_ask_of(const struct rs_job *job)
{
    const struct rs_settings *set = job->set;

    return (struct rs_serverless_ask){
        .workgroup = job->workgroup.len > 0 ? job->workgroup.p : NULL,
        .custom_domain = set->server,
        .database = set->database,
        .duration_s = rs_settings_is_set(set, RS_KEY_iam_duration) ? set->iam_duration : 0,
    };
}

static bool needs_address(const struct rs_job *job)
{
    return !rs_job_has(job, RS_KEY_vpc_endpoint_url) && !rs_job_has(job, RS_KEY_server);
}

static bool ask_address(struct rs_job *job, struct rs_grant *out, struct rs_diag *diag)
{
    if (job->is_serverless)
        return rs_serverless_describe(&job->aws, job->workgroup.p, &job->told, &out->host,
                                      &out->port, diag);
    return rs_redshift_describe(&job->aws, job->cluster_id.p, &job->told, &out->host, &out->port,
                                diag);
}

static bool ask_password(struct rs_job *job, struct rs_redshift_password *out, struct rs_diag *diag)
{
    struct rs_serverless_ask serverless = serverless_ask_of(job);
    struct rs_redshift_ask cluster = ask_of(job);

    if (job->is_serverless)
        return rs_serverless_password_get(&job->aws, &serverless, &job->told, out, diag);
    return rs_redshift_password_get(&job->aws, &cluster, &job->told, out, diag);
}

static bool ask_aws(struct rs_job *job, struct rs_grant *out, struct rs_diag *diag)
{
    struct rs_redshift_password password = { 0 };

    job->told = (struct rs_aws_told){ .code = "" };
    if ((needs_address(job) && !ask_address(job, out, diag)) || !ask_password(job, &password, diag))
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
    const struct rs_job *job = ctx;

    return rs_aws_now(&job->aws);
}

/* ---- AWS credentials, those of an earlier sign-in too ---- */

static bool fetch_creds(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct rs_job *job = ctx;
    struct rs_creds creds = { 0 };

    if (!job->fetch(job, &creds, diag))
        return false;
    out->user = creds.access_key_id;
    creds.access_key_id = NULL;
    rs_secret_move(&out->secret, &creds.secret_access_key);
    rs_secret_move(&out->token, &creds.session_token);
    out->expires_at = creds.expires_at;
    out->clock_is_off = creds.clock_is_off;
    rs_claims_move(&out->claims, &job->claims);
    rs_creds_clear(&creds);
    return true;
}

/* Under what they are kept. */
static bool make_creds_key(struct rs_job *job)
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

static bool get_creds(struct rs_job *job, struct rs_diag *diag)
{
    struct rs_credcache_ask ask = { .which = RS_CREDCACHE_AWS,
                                    .is_off = job->set->disable_cache || job->creds_are_nobodys,
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
    rs_claims_move(&job->claims, &grant.claims);
    rs_grant_clear(&grant);
    if (job->creds_are_kept)
        RS_LOG(job->log, RS_LOG_INFO, "auth.cache", "AWS credentials of an earlier sign-in");
    return job->plugin == NULL || (rs_job_take_claims(job) && rs_job_check_db_user(job));
}

static bool is_expired(const struct rs_job *job)
{
    return rs_str_eq(rs_str_of(job->told.code), RS_STR("ExpiredToken")) ||
           rs_str_eq(rs_str_of(job->told.code), RS_STR("ExpiredTokenException"));
}

/* ---- the password, that of an earlier sign-in too ---- */

static bool fetch_password(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct rs_job *job = ctx;
    size_t n = diag->n;

    if (ask_aws(job, out, diag))
        return true;
    if (!job->creds_are_kept || !is_expired(job))
        return false;
    /* AWS says that what was kept has expired: once more with new ones. */
    RS_LOG(job->log, RS_LOG_INFO, "auth.cache", "AWS credentials of an earlier sign-in expired");
    rs_credcache_drop(RS_CREDCACHE_AWS, job->creds_key, &job->creds.secret_access_key);
    rs_diag_cut(diag, n);
    rs_grant_clear(out);
    return get_creds(job, diag) && ask_aws(job, out, diag);
}

/* The credentials themselves are in it: whoever has others never gets the password of these. */
static bool make_password_key(struct rs_job *job, uint8_t key[RS_SHA256_BYTES])
{
    struct rs_buf text = RS_BUF_WIPED(RS_CACHEKEY_MAX_BYTES);
    struct rs_serverless_ask serverless = serverless_ask_of(job);
    struct rs_redshift_ask cluster = ask_of(job);
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
    rs_cachekey_add_int(&text, "serverless", job->is_serverless);
    if (job->is_serverless)
        rs_serverless_body(&serverless, &text);
    else
        rs_redshift_form(&cluster, &text);
    ok = rs_cachekey_end(&text, key, job->diag);
    rs_buf_clear(&text);
    return ok;
}

static bool find_server(struct rs_job *job, struct rs_grant *grant)
{
    job->login.port = job->set->port;
    if (rs_job_has(job, RS_KEY_vpc_endpoint_url))
        return rs_job_use_vpc_endpoint(job);
    if (rs_job_has(job, RS_KEY_server))
        return rs_job_set_text(job, &job->login.host, job->set->server);
    job->login.host = grant->host;
    grant->host = NULL;
    if (!rs_settings_is_set(job->set, RS_KEY_port))
        job->login.port = grant->port;
    RS_LOG(job->log, RS_LOG_INFO, "auth.server", "%s:%d, looked up", job->login.host,
           (int)job->login.port);
    return true;
}

static bool get_password(struct rs_job *job)
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

static void prepare(struct rs_job *job)
{
    job->told = (struct rs_aws_told){ .code = "" };
    job->aws = (struct rs_aws){ .world = job->world,
                                .deadline = job->deadline,
                                .call_timeout_ms = rs_job_call_timeout_ms(job),
                                .log = job->log,
                                .creds = &job->creds,
                                .endpoint = &job->endpoint,
                                .region = job->region.p,
                                .service = job->is_serverless ? "redshift-serverless" : "redshift",
                                .ca_file = job->ca_file.p,
                                .proxy = rs_job_proxy(job) };
}

/* From a way to AWS credentials (job->fetch; NULL: job->creds are there) to a login. */
bool rs_job_sign_in(struct rs_job *job)
{
    prepare(job);
    job->login.kind = RS_LOGIN_PASSWORD;
    job->login.is_iam = true;
    return rs_job_set_text(job, &job->login.database, job->set->database) && make_creds_key(job) &&
           get_creds(job, job->diag) && get_password(job);
}

/* ---- a token in place of the password ---- */

/* The calls name a cluster or a workgroup. Which cluster a domain of one's own is, AWS says. */
static bool find_named(struct rs_job *job)
{
    char *id = NULL;

    if (job->is_serverless ? job->workgroup.len > 0 : job->cluster_id.len > 0)
        return true;
    if (!job->is_serverless && !rs_redshift_domain(&job->aws, job->set->server, &id, job->diag))
        return false;
    rs_buf_adds(&job->cluster_id, id == NULL ? "" : id);
    if (id != NULL) {
        rs_free(id);
        return rs_buf_ok(&job->cluster_id, job->diag);
    }
    return rs_fail(job->diag, RS_28000, 0,
                   "%s is required: Server does not say which %s a token is wanted for",
                   job->is_serverless ? "Workgroup" : "ClusterID",
                   job->is_serverless ? "workgroup" : "cluster");
}

bool rs_job_ask_token(struct rs_job *job, struct rs_secret *token)
{
    struct rs_idctoken_ask ask = { .workgroup = NULL };
    struct rs_idctoken answer = { .expires_at = 0 };
    struct rs_grant grant = { 0 };
    bool ok;

    prepare(job);
    ok = find_named(job);
    ask.workgroup = job->is_serverless ? job->workgroup.p : NULL;
    ask.cluster_id = job->cluster_id.p;
    ok = ok && (!needs_address(job) || ask_address(job, &grant, job->diag)) &&
         rs_idctoken_get(&job->aws, &ask, &job->told, &answer, job->diag) &&
         find_server(job, &grant);
    if (ok) {
        rs_secret_move(token, &answer.token);
        job->login.expires_at = answer.expires_at;
        RS_LOG(job->log, RS_LOG_INFO, "auth.token", "token of IAM Identity Center for %s \"%s\"",
               job->is_serverless ? "workgroup" : "cluster",
               job->is_serverless ? job->workgroup.p : job->cluster_id.p);
    }
    rs_idctoken_clear(&answer);
    rs_grant_clear(&grant);
    return ok;
}
