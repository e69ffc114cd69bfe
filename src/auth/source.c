#include "source.h"

#include "process.h"

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

bool rs_source_profile(const struct rs_source *from, const struct rs_profile *profile,
                       struct rs_creds *out, struct rs_diag *diag)
{
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
        return refuse(profile, "to assume a role", key, diag);
    case RS_CREDS_SSO:
        return refuse(profile, "IAM Identity Center", key, diag);
    case RS_CREDS_PROCESS:
        return rs_process_fetch(from, profile, out, diag);
    case RS_CREDS_NONE:
        break;
    }
    return fail_empty(profile, diag);
}
