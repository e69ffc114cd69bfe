#include "nativetoken.h"

#include <string.h>

#include "cachekey.h"
#include "credcache.h"
#include "locate.h"

enum { NAME_MAX_BYTES = 512 };

/* One fetch, as the cache calls for it. */
struct fetch {
    struct rs_job *job;
    const struct rs_idp_plugin *plugin;
    struct rs_idp_ask ask;
    struct rs_idp_proof *out;
};

static int64_t world_now(void *ctx)
{
    const struct fetch *fetch = ctx;

    return fetch->job->world->utc_s(fetch->job->world->ctx);
}

static bool fetch_token(void *ctx, struct rs_grant *out, struct rs_diag *diag)
{
    struct fetch *fetch = ctx;
    struct rs_idp_proof proof = { .idp_type = NULL };
    bool ok = fetch->plugin->fetch(&fetch->ask, &proof, diag);

    if (ok) {
        out->user = rs_str_dup(rs_str_of(fetch->plugin->name), diag);
        ok = out->user != NULL;
    }
    if (ok) {
        rs_secret_move(&out->secret, &proof.text);
        out->expires_at = proof.expires_at;
    }
    rs_secret_clear(&proof.text);
    return ok;
}

static bool make_key(const struct fetch *fetch, uint8_t key[RS_SHA256_BYTES])
{
    const struct rs_job *job = fetch->job;
    struct rs_buf text = RS_BUF_WIPED(RS_CACHEKEY_MAX_BYTES);
    bool ok;

    rs_cachekey_add_asker(&text, job->world);
    rs_cachekey_add_settings(&text, job->set);
    rs_cachekey_add_profiles(&text, job->profiles);
    rs_cachekey_add(&text, "plugin", rs_str_of(fetch->plugin->name));
    rs_cachekey_add(&text, "ca", rs_buf_str(&job->ca_file));
    rs_cachekey_add(&text, "oidc", rs_str_of(fetch->ask.oidc_url));
    ok = rs_cachekey_end(&text, key, job->diag);
    rs_buf_clear(&text);
    return ok;
}

static bool get_kept(struct fetch *fetch)
{
    struct rs_job *job = fetch->job;
    struct rs_credcache_ask ask = { .which = RS_CREDCACHE_TOKEN,
                                    .is_off = job->set->disable_cache,
                                    .deadline = job->deadline,
                                    .log = job->log,
                                    .now = world_now,
                                    .fetch = fetch_token,
                                    .ctx = fetch };
    struct rs_grant grant = { 0 };
    bool ok =
        make_key(fetch, ask.key) && rs_credcache_get(&ask, &grant, &job->login.is_kept, job->diag);

    if (ok) {
        memcpy(job->login.keep_key, ask.key, sizeof job->login.keep_key);
        job->login.expires_at = grant.expires_at;
        rs_secret_move(&fetch->out->text, &grant.secret);
        rs_idp_describe(fetch->plugin, job->set, fetch->out);
        if (job->login.is_kept)
            RS_LOG(job->log, RS_LOG_INFO, "auth.cache", "the token of an earlier sign-in");
    }
    rs_grant_clear(&grant);
    return ok;
}

/* Where Identity Center is in idc_region. */
static bool find_oidc(struct rs_job *job, struct rs_endpoint *out)
{
    struct rs_locate locate = {
        .world = job->world, .log = job->log, .profiles = job->profiles, .profile = job->profile
    };
    struct rs_buf region = RS_BUF_INIT(NAME_MAX_BYTES);
    size_t n;
    bool ok = false;

    if (!rs_region_clean(rs_str_trim(rs_str_of(job->set->idc_region)), &region))
        rs_fail(job->diag, RS_HY000, 0, "idc_region \"%s\" is not a region name",
                job->set->idc_region);
    else
        ok = rs_buf_ok(&region, job->diag) &&
             rs_locate(&locate, RS_SERVICE_SSO_OIDC, region.p, out, job->diag);
    rs_buf_clear(&region);
    for (n = ok ? strlen(out->url) : 0; n > 0 && out->url[n - 1] == '/'; n--)
        out->url[n - 1] = '\0';
    return ok;
}

bool rs_job_get_token(struct rs_job *job, const struct rs_idp_plugin *plugin,
                      struct rs_idp_proof *out)
{
    struct fetch fetch = { .job = job, .plugin = plugin, .out = out };
    struct rs_endpoint oidc = { 0 };
    bool ok = rs_job_find_way(job);

    fetch.ask = (struct rs_idp_ask){
        .set = job->set, .world = job->world, .deadline = job->deadline, .log = job->log
    };
    if (ok && rs_job_has(job, RS_KEY_idc_region) && plugin->keeps_token)
        ok = find_oidc(job, &oidc);
    if (ok) {
        fetch.ask.ca_file = job->ca_file.p;
        fetch.ask.aws_proxy = rs_job_proxy(job);
        fetch.ask.proxy = job->set->idp_use_https_proxy ? rs_job_proxy(job) : NULL;
        fetch.ask.oidc_url = oidc.url;
        ok = plugin->keeps_token ? get_kept(&fetch) : plugin->fetch(&fetch.ask, out, job->diag);
    }
    rs_endpoint_clear(&oidc);
    return ok;
}
