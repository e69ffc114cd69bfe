#include "source.h"

#include "container.h"
#include "imds.h"
#include "process.h"
#include "sso.h"
#include "sts.h"

enum { CHAIN_MAX_BYTES = 16384 };

/* A profile on the way, and the one that named it as its source. */
struct hop {
    const struct hop *before; /* NULL: the first */
    const struct rs_profile *profile;
};

static bool refuse(const struct rs_profile *profile, const char *need, const char *key,
                   struct rs_diag *diag)
{
    return rs_fail(diag, RS_HYC00, 0,
                   "AWS profile \"%s\" needs %s (%s), which is not in this build; use a profile "
                   "with aws_access_key_id and aws_secret_access_key",
                   rs_profile_name(profile), need, key);
}

/* A profile without a way of its own. */
static bool fail_empty(const struct rs_profile *profile, struct rs_diag *diag)
{
    static const char *const lone[] = { "credential_source", "source_profile",
                                        "web_identity_token_file" };

    for (size_t i = 0; i < RS_COUNT(lone); i++)
        if (rs_profile_get(profile, lone[i]) != NULL)
            return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" has %s but no role_arn",
                           rs_profile_name(profile), lone[i]);
    return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" contains no credentials",
                   rs_profile_name(profile));
}

/* ---- roles ---- */

static bool fetch(const struct rs_source *from, const struct hop *hop, struct rs_creds *out,
                  struct rs_diag *diag);

static void add_names(const struct hop *hop, struct rs_buf *out)
{
    const struct hop *hops[RS_SOURCE_MAX_HOPS];
    size_t n = 0;

    for (; hop != NULL && n < RS_SOURCE_MAX_HOPS; hop = hop->before)
        hops[n++] = hop;
    while (n-- > 0)
        rs_buf_addf(out, "%s -> ", rs_profile_name(hops[n]->profile));
}

static bool fail_loop(const struct hop *hop, const char *name, struct rs_diag *diag)
{
    struct rs_buf chain = RS_BUF_INIT(CHAIN_MAX_BYTES);

    add_names(hop, &chain);
    rs_buf_adds(&chain, name);
    if (rs_buf_ok(&chain, diag))
        rs_fail(diag, RS_28000, 0, "source_profile of AWS profile \"%s\" leads back to it: %s",
                name, chain.p);
    rs_buf_clear(&chain);
    return false;
}

static bool fetch_source_profile(const struct rs_source *from, const struct hop *hop,
                                 const char *name, struct rs_creds *out, struct rs_diag *diag)
{
    const struct rs_profile *profile = rs_profiles_need(from->profiles, name, diag);
    struct hop next = { .before = hop, .profile = profile };
    size_t n = 1;

    if (profile == NULL)
        return false;
    /* A role may stand beside the keys that assume it. */
    if (profile == hop->profile && rs_profile_get(profile, "aws_access_key_id") != NULL)
        return rs_creds_from_profile(profile, out, diag);
    for (const struct hop *old = hop; old != NULL; old = old->before, n++)
        if (old->profile == profile)
            return fail_loop(hop, name, diag);
    if (n > RS_SOURCE_MAX_HOPS)
        return rs_fail(diag, RS_28000, 0,
                       "more than %d AWS profiles name each other as source_profile",
                       RS_SOURCE_MAX_HOPS);
    return fetch(from, &next, out, diag);
}

static bool fetch_credential_source(const struct rs_source *from, const struct rs_profile *profile,
                                    struct rs_str source, struct rs_creds *out,
                                    struct rs_diag *diag)
{
    const char *lacks = NULL;

    if (rs_str_eq(source, RS_STR("EcsContainer")))
        return rs_container_fetch(from, out, diag);
    if (rs_str_eq(source, RS_STR("Ec2InstanceMetadata")))
        return rs_imds_fetch(from, profile, RS_IMDS_EXPLICIT_ATTEMPTS, out, diag);
    if (!rs_str_eq(source, RS_STR("Environment")))
        return rs_fail(diag, RS_28000, 0,
                       "credential_source of AWS profile \"%s\" must be Environment, EcsContainer "
                       "or Ec2InstanceMetadata",
                       rs_profile_name(profile));
    if (!rs_creds_from_env(from->world, out, &lacks, diag))
        return false;
    return lacks == NULL || rs_fail(diag, RS_28000, 0,
                                    "AWS profile \"%s\" has credential_source Environment, but %s "
                                    "is not set",
                                    rs_profile_name(profile), lacks);
}

/* The credentials that assume the role. */
static bool fetch_base(const struct rs_source *from, const struct hop *hop, struct rs_creds *out,
                       struct rs_diag *diag)
{
    const char *name = rs_profile_name(hop->profile);
    struct rs_str profile = rs_creds_text(hop->profile, "source_profile");
    struct rs_str source = rs_creds_text(hop->profile, "credential_source");
    char *copy;
    bool ok;

    if (rs_creds_text(hop->profile, "mfa_serial").n > 0)
        return rs_fail(diag, RS_28000, 0,
                       "AWS profile \"%s\" needs a multi-factor code (mfa_serial), which this "
                       "driver cannot ask for; use credential_process or an SSO profile",
                       name);
    if (profile.n > 0 && source.n > 0)
        return rs_fail(diag, RS_28000, 0,
                       "AWS profile \"%s\" has both source_profile and credential_source", name);
    if (source.n > 0)
        return fetch_credential_source(from, hop->profile, source, out, diag);
    if (profile.n == 0)
        return rs_fail(diag, RS_28000, 0,
                       "role_arn of AWS profile \"%s\" needs source_profile or credential_source",
                       name);
    copy = rs_str_dup(profile, diag);
    ok = copy != NULL && fetch_source_profile(from, hop, copy, out, diag);
    rs_free(copy);
    return ok;
}

static bool read_role(const struct rs_profile *profile, struct rs_sts_role *out,
                      struct rs_diag *diag)
{
    int64_t seconds;

    *out = (struct rs_sts_role){ .arn = rs_creds_text(profile, "role_arn"),
                                 .session_name = rs_creds_text(profile, "role_session_name"),
                                 .external_id = rs_creds_text(profile, "external_id"),
                                 .duration_s = rs_creds_text(profile, "duration_seconds") };
    if (out->external_id.n == 0)
        out->external_id = rs_creds_text(profile, "role_external_id");
    if (out->arn.n == 0)
        return rs_fail(diag, RS_28000, 0, "role_arn of AWS profile \"%s\" is empty",
                       rs_profile_name(profile));
    /* Its range is AWS's to check. */
    if (out->duration_s.n > 0 && (!rs_parse_i64(out->duration_s, &seconds) || seconds < 0))
        return rs_fail(diag, RS_28000, 0,
                       "duration_seconds of AWS profile \"%s\" is not a number of seconds",
                       rs_profile_name(profile));
    return true;
}

/* The file is read anew each time: whoever issues the token renews it there. */
static bool fetch_web_identity(const struct rs_source *from, const struct rs_sts_role *role,
                               struct rs_str file, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_buf token = RS_BUF_WIPED(RS_SOURCE_MAX_TOKEN);
    char *path = rs_str_dup(file, diag);
    bool ok = false;
    enum rs_file found;

    if (path == NULL)
        goto out;
    found = rs_os_read_file(path, &token, NULL, diag);
    if (found == RS_FILE_MISSING)
        rs_fail(diag, RS_28000, 0, "there is no web identity token file \"%s\"", path);
    else if (found == RS_FILE_READ && rs_str_trim(rs_buf_str(&token)).n == 0)
        rs_fail(diag, RS_28000, 0, "the web identity token file \"%s\" is empty", path);
    else if (found == RS_FILE_READ)
        ok = rs_sts_assume_web_identity(from, role, rs_str_trim(rs_buf_str(&token)), out, diag);
out:
    rs_free(path);
    rs_buf_clear(&token);
    return ok;
}

bool rs_source_web_identity(const struct rs_source *from, struct rs_creds *out,
                            struct rs_diag *diag)
{
    const struct rs_world *world = from->world;
    struct rs_sts_role role = {
        .arn = rs_str_trim(rs_str_of(world->env(world->ctx, "AWS_ROLE_ARN"))),
        .session_name = rs_str_trim(rs_str_of(world->env(world->ctx, "AWS_ROLE_SESSION_NAME"))),
    };

    return fetch_web_identity(
        from, &role, rs_str_of(world->env(world->ctx, "AWS_WEB_IDENTITY_TOKEN_FILE")), out, diag);
}

static bool fetch_role(const struct rs_source *from, const struct hop *hop, struct rs_creds *out,
                       struct rs_diag *diag)
{
    struct rs_sts_role role;
    struct rs_creds base = { 0 };
    bool ok;

    if (!read_role(hop->profile, &role, diag))
        return false;
    if (rs_profile_get(hop->profile, "web_identity_token_file") != NULL) {
        role.external_id = RS_STR_NULL;
        return fetch_web_identity(
            from, &role, rs_creds_text(hop->profile, "web_identity_token_file"), out, diag);
    }
    ok = fetch_base(from, hop, &base, diag) && rs_sts_assume_role(from, &role, &base, out, diag);
    rs_creds_clear(&base);
    return ok;
}

static bool fetch(const struct rs_source *from, const struct hop *hop, struct rs_creds *out,
                  struct rs_diag *diag)
{
    const struct rs_profile *profile = hop->profile;
    const char *key = "";
    enum rs_creds_way way = rs_creds_way(profile, &key);

    RS_LOG(from->log, RS_LOG_INFO, "auth.profile", "AWS profile \"%s\", by %s",
           rs_profile_name(profile), key[0] == '\0' ? "nothing" : key);
    switch (way) {
    case RS_CREDS_KEYS:
        return rs_creds_from_profile(profile, out, diag);
    case RS_CREDS_PLUGIN:
        return refuse(profile, "an identity provider plugin", key, diag);
    case RS_CREDS_ROLE:
        return fetch_role(from, hop, out, diag);
    case RS_CREDS_SSO:
        return rs_sso_fetch(from, profile, out, diag);
    case RS_CREDS_PROCESS:
        return rs_process_fetch(from, profile, out, diag);
    case RS_CREDS_NONE:
        break;
    }
    return fail_empty(profile, diag);
}

bool rs_source_profile(const struct rs_source *from, const struct rs_profile *profile,
                       struct rs_creds *out, struct rs_diag *diag)
{
    struct hop first = { .profile = profile };

    return fetch(from, &first, out, diag);
}
