#include "creds.h"

#include "../os.h"

void rs_creds_clear(struct rs_creds *creds)
{
    rs_free(creds->access_key_id);
    creds->access_key_id = NULL;
    rs_secret_clear(&creds->secret_access_key);
    rs_secret_clear(&creds->session_token);
    creds->expires_at = 0;
}

struct rs_str rs_creds_token(const struct rs_creds *creds)
{
    return (struct rs_str){ rs_secret_reveal(&creds->session_token),
                            rs_secret_len(&creds->session_token) };
}

static struct rs_str trimmed(const struct rs_secret *secret)
{
    if (secret == NULL)
        return RS_STR_NULL;
    return rs_str_trim((struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) });
}

static bool make(struct rs_str id, struct rs_str key, struct rs_str token, struct rs_creds *out,
                 struct rs_diag *diag)
{
    struct rs_creds creds = { 0 };
    bool ok = false;

    creds.access_key_id = rs_str_dup(id, diag);
    if (creds.access_key_id == NULL || !rs_secret_set(&creds.secret_access_key, key, diag) ||
        !rs_secret_set(&creds.session_token, token, diag))
        goto out;
    *out = creds;
    creds = (struct rs_creds){ 0 };
    ok = true;
out:
    rs_creds_clear(&creds);
    return ok;
}

bool rs_creds_from_keys(const struct rs_settings *set, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_str id = rs_str_trim(rs_str_of(set->access_key_id));
    struct rs_str key = trimmed(&set->secret_access_key);
    struct rs_str token = trimmed(&set->session_token);

    if (id.n == 0)
        return rs_fail(diag, RS_28000, 0, "AccessKeyID is required with %s",
                       key.n > 0 ? "SecretAccessKey" : "SessionToken");
    /* Tools that hide only PWD can hide the secret key there. */
    if (key.n == 0)
        key = trimmed(&set->pwd);
    if (key.n == 0)
        return rs_fail(diag, RS_28000, 0, "SecretAccessKey is required with AccessKeyID");
    return make(id, key, token, out, diag);
}

/* First property of a list that has a value. */
static struct rs_str first_of(const struct rs_profile *profile, const char *const *names)
{
    for (; *names != NULL; names++) {
        struct rs_str value = trimmed(rs_profile_get(profile, *names));

        if (value.n > 0)
            return value;
    }
    return RS_STR_NULL;
}

static bool static_keys(const struct rs_profile *profile, struct rs_creds *out,
                        struct rs_diag *diag)
{
    static const char *const token_names[] = { "aws_session_token", "aws_security_token",
                                               "session_token", NULL };
    struct rs_str id = trimmed(rs_profile_get(profile, "aws_access_key_id"));
    struct rs_str key = trimmed(rs_profile_get(profile, "aws_secret_access_key"));

    if (id.n == 0 || key.n == 0)
        return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" has no %s", rs_profile_name(profile),
                       id.n == 0 ? "aws_access_key_id" : "aws_secret_access_key");
    return make(id, key, first_of(profile, token_names), out, diag);
}

bool rs_creds_from_profile(const struct rs_profile *profile, struct rs_creds *out,
                           struct rs_diag *diag)
{
    /* In the order in which they win; NULL need: the static keys. */
    static const struct {
        const char *key, *need;
    } ways[] = {
        { "plugin_name", "an identity provider plugin" },
        { "role_arn", "to assume a role" },
        { "sso_session", "IAM Identity Center" },
        { "sso_account_id", "IAM Identity Center" },
        { "sso_role_name", "IAM Identity Center" },
        { "sso_start_url", "IAM Identity Center" },
        { "aws_access_key_id", NULL },
        { "aws_secret_access_key", NULL },
        { "credential_process", "to run a credential process" },
    };
    static const char *const lone[] = { "credential_source", "source_profile",
                                        "web_identity_token_file" };
    const char *name = rs_profile_name(profile);

    for (size_t i = 0; i < RS_COUNT(ways); i++) {
        if (rs_profile_get(profile, ways[i].key) == NULL)
            continue;
        if (ways[i].need == NULL)
            return static_keys(profile, out, diag);
        return rs_fail(
            diag, RS_HYC00, 0,
            "AWS profile \"%s\" needs %s (%s), which is not in this build; use a profile "
            "with aws_access_key_id and aws_secret_access_key",
            name, ways[i].need, ways[i].key);
    }
    for (size_t i = 0; i < RS_COUNT(lone); i++)
        if (rs_profile_get(profile, lone[i]) != NULL)
            return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" has %s but no role_arn", name,
                           lone[i]);
    return rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" contains no credentials", name);
}
