/*
 * AuthProfile: options that an administrator keeps in Redshift, read with the access keys given and
 * put below what the user set. Source: credentials.md 1, item 4; aws-api.md 4.5.
 */
#include "../json.h"
#include "job.h"
#include "redshift.h"

enum { CONTENT_MAX_BYTES = 1 << 20, NAME_SHOWN = 64 };

/* What somebody else may say: how to sign in and where, not what this computer does meanwhile. */
static bool may_say(enum rs_key_id id)
{
    static const enum rs_key_id basic[] = { RS_KEY_server, RS_KEY_port, RS_KEY_database, RS_KEY_uid,
                                            RS_KEY_pwd };

    for (size_t i = 0; i < RS_COUNT(basic); i++)
        if (basic[i] == id)
            return true;
    return id != RS_KEY_auth_profile && id != RS_KEY_disable_cache && id != RS_KEY_ssl_insecure &&
           (rs_key(id)->group == RS_GROUP_TARGET || rs_key(id)->group == RS_GROUP_CREDENTIALS ||
            rs_key(id)->group == RS_GROUP_PLUGIN);
}

static bool take_options(struct rs_job *job, struct rs_str content)
{
    struct rs_diag cause = { 0 };
    struct rs_json *json = NULL;
    struct rs_str name, value;
    bool ok = rs_json_parse(content, &json, &cause);

    if (!ok && rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(job->diag);
    else if (!ok)
        rs_fail(job->diag, RS_HY000, 0, "authentication profile \"%s\" cannot be used: %s",
                job->set->auth_profile, rs_diag_first(&cause));
    for (size_t i = 0; ok && rs_json_text_at(json, i, &name, &value); i++) {
        enum rs_key_id id = rs_key_find(name);

        if (id == RS_KEY_NONE || !may_say(id))
            rs_warn(job->diag, RS_01S00, "%.*s of the authentication profile is ignored",
                    RS_ARG(rs_str_sub(name, 0, NAME_SHOWN)));
        else
            ok = rs_settings_put(job->set, id, value, RS_LAYER_AUTH_PROFILE, job->diag);
    }
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_job_take_auth_profile(struct rs_job *job)
{
    struct rs_buf content = RS_BUF_WIPED(CONTENT_MAX_BYTES);
    struct rs_creds creds = { 0 };
    bool ok = false;

    if (!rs_creds_from_keys(job->set, &creds, job->diag) || !rs_job_find_endpoint(job))
        goto out;
    job->aws = (struct rs_aws){ .world = job->world,
                                .deadline = job->deadline,
                                .call_timeout_ms = rs_job_call_timeout_ms(job),
                                .log = job->log,
                                .creds = &creds,
                                .endpoint = &job->endpoint,
                                .region = job->region.p,
                                .service = "redshift",
                                .ca_file = job->ca_file.p,
                                .proxy = rs_job_proxy(job) };
    if (!rs_redshift_profile(&job->aws, job->set->auth_profile, &content, job->diag) ||
        !take_options(job, rs_buf_str(&content)))
        goto out;
    /* Region and endpoint may be others now. */
    rs_endpoint_clear(&job->endpoint);
    rs_buf_clear(&job->region);
    rs_buf_clear(&job->ca_file);
    rs_profiles_free(job->profiles);
    job->profiles = NULL;
    job->profile = NULL;
    ok = true;
out:
    job->aws = (struct rs_aws){ .world = NULL };
    rs_creds_clear(&creds);
    rs_buf_clear(&content);
    return ok;
}
